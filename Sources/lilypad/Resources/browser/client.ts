/**
 * The browser's side of `lilypad dev`: loaded by every page that the dev server makes, before the application.
 */
import { hush, say } from './badge.ts'
import { connect } from './connection.ts'
import { concerns, type Message } from './messages.ts'
import { hideProblems, showProblems } from './overlay.ts'
import { update } from './refresh.ts'
import { swapStyles } from './styles.ts'

export { refreshScope } from './refresh.ts'
export { injectStyle } from './styles.ts'

/** The newest event when this script was served; what came later is repeated. */
const after = (globalThis as { __lilypadAfter?: string }).__lilypadAfter ?? ''
let problemCount = 0
let turn = Promise.resolve()

// One event after the other: an update that loads modules must not be overtaken by the next.
connect(after, (message) => {
  turn = turn.then(() => handle(message)).catch((error: unknown) => console.error(error))
})

async function handle(message: Message): Promise<void> {
  switch (message.type) {
    case 'hello':
      break
    case 'update': {
      const reason = await update(message.modules)
      if (reason) reload(reason)
      break
    }
    case 'css':
      for (const { from, to } of message.styles) swapStyles(from, to)
      break
    case 'reload':
      if (concerns(message.pages, location.pathname)) reload('the page changed')
      break
    case 'error':
      problemCount = message.problems.length
      showProblems(message.problems)
      say(`${problemCount} to fix`, {
        failed: true,
        lasting: true,
        open: () => showProblems(message.problems, true),
      })
      break
    case 'ok':
      if (problemCount > 0) hush()
      problemCount = 0
      hideProblems()
      // A page that stood in for the site while there was none.
      if (document.documentElement.dataset.lilypadOutage !== undefined) location.reload()
      break
    case 'edge':
      if (message.state === 'ready' && document.documentElement.dataset.lilypadOutage !== undefined)
        location.reload()
      // What is to be fixed is worth more room than what goes on.
      if (problemCount === 0)
        say(message.text, {
          lasting: message.state !== 'ready',
          failed: message.state === 'failed',
        })
      break
  }
}

function reload(reason: string): void {
  console.info(`[lilypad] reload: ${reason}`)
  location.reload()
}
