import { element, panel } from './panel.ts'

let output: HTMLOutputElement | undefined
let fading: ReturnType<typeof setTimeout> | undefined

/**
 * A line in the corner of the page. Screen readers announce it when they have nothing else to say.
 *
 * @param lasting whether it stays until something else is said.
 * @param open what its button does, when it has one.
 */
export function say(
  text: string,
  options: { failed?: boolean; lasting?: boolean; open?: () => void } = {},
): void {
  if (!output?.isConnected) {
    output = element('output', 'badge')
    panel().append(output)
  }
  clearTimeout(fading)
  const badge = output
  badge.className = options.failed ? 'badge failed' : 'badge'
  badge.hidden = false
  badge.replaceChildren(text)
  if (options.open) {
    const button = element('button', '', 'Show')
    button.type = 'button'
    button.onclick = options.open
    badge.append(button)
  }
  if (!options.lasting) {
    fading = setTimeout(() => {
      badge.hidden = true
    }, 2500)
  }
}

export function hush(): void {
  clearTimeout(fading)
  if (output) output.hidden = true
}
