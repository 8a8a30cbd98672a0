import { element } from './element.ts'

/** Gives every block of code a button that copies it. Without a clipboard (plain HTTP) there is none. */
export function addCopyButtons(root: ParentNode): void {
  const { clipboard } = navigator as { clipboard?: Clipboard }
  if (!clipboard) return
  for (const block of root.querySelectorAll<HTMLElement>('pre.code')) {
    const button = element(
      'button',
      { type: 'button', class: 'copy-code', 'aria-live': 'polite' },
      'Copy',
    )
    button.addEventListener('click', () => {
      clipboard.writeText(block.textContent.replace(/\n$/, '')).then(
        () => say(button, 'Copied'),
        () => say(button, 'Not allowed'),
      )
    })
    const frame = element('div', { class: 'code-block' })
    block.replaceWith(frame)
    frame.append(block, button)
  }
}

function say(button: HTMLButtonElement, word: string): void {
  button.textContent = word
  button.dataset['copied'] = ''
  setTimeout(() => {
    button.textContent = 'Copy'
    delete button.dataset['copied']
  }, 2000)
}
