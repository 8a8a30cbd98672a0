import type { Problem } from './messages.ts'
import { element, panel } from './panel.ts'

let dialog: HTMLDialogElement | undefined
let shown = ''

/** Shows problems over the page. What the developer has closed stays closed until the problems change. */
export function showProblems(problems: Problem[], reopen = false): void {
  const key = JSON.stringify(problems)
  if (key === shown && !reopen) return
  shown = key
  dialog?.remove()
  const count = problems.length === 1 ? 'One problem' : `${problems.length} problems`
  const title = element('h2', '', count)
  title.id = 'title'
  const button = element('button', '', 'Close')
  button.type = 'button'
  const made = element(
    'dialog',
    '',
    element('header', '', title, button),
    element('ol', '', ...problems.map(item)),
    element('footer', '', 'This goes by itself once the problem is fixed. Esc closes it.'),
  )
  made.setAttribute('aria-labelledby', 'title')
  button.onclick = () => made.close()
  dialog = made
  panel().append(made)
  // A modal dialog keeps the focus, closes with Esc, and gives the focus back.
  made.showModal()
}

/** Takes the overlay away: everything is well again. */
export function hideProblems(): void {
  dialog?.close()
  dialog?.remove()
  dialog = undefined
  shown = ''
}

function item(problem: Problem): HTMLLIElement {
  const parts: Node[] = [
    element('div', 'place', problem.place),
    element(
      'p',
      'message',
      problem.severity === 'error' ? problem.message : `${problem.severity}: ${problem.message}`,
    ),
  ]
  if (problem.sourceLine !== undefined) parts.push(excerpt(problem, problem.sourceLine))
  if (problem.hint) parts.push(element('p', 'hint', problem.hint))
  return element('li', '', ...parts)
}

/** The source line with a caret under the place. */
function excerpt(problem: Problem, sourceLine: string): HTMLPreElement {
  const gutter = problem.line === undefined ? '' : `${problem.line} | `
  const code = element('pre', '', gutter + sourceLine)
  if (problem.column !== undefined) {
    // Tabs stay tabs, so that the caret stands under its character.
    const lead =
      gutter.replace(/[^|]/g, ' ') + sourceLine.slice(0, problem.column - 1).replace(/[^\t]/g, ' ')
    code.append(`\n${lead}`, element('span', 'caret', '^'))
  }
  return code
}
