import type { Message } from './messages.ts'

/**
 * The stream of events from the dev server.
 *
 * A browser opens six connections to a host, for all of its tabs together, so a hidden tab lets go of its own. It says
 * which event it has seen last when it comes back, and the server repeats the rest.
 */
export function connect(after: string, receive: (message: Message) => void): void {
  let last = after
  let source: EventSource | undefined
  let retry: ReturnType<typeof setTimeout> | undefined
  let wait = 250

  const open = () => {
    clearTimeout(retry)
    retry = undefined
    if (source || document.visibilityState === 'hidden') return
    source = new EventSource(`/@lilypad/events?after=${encodeURIComponent(last)}`)
    source.onopen = () => {
      wait = 250
    }
    source.onmessage = (event: MessageEvent<string>) => {
      if (event.lastEventId) last = event.lastEventId
      receive(JSON.parse(event.data) as Message)
    }
    source.onerror = () => {
      close()
      retry = setTimeout(open, wait)
      wait = Math.min(wait * 2, 4000)
    }
  }
  const close = () => {
    source?.close()
    source = undefined
  }

  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') close()
    else open()
  })
  // A page in the back-forward cache must not hold a connection either.
  addEventListener('pagehide', close)
  addEventListener('pageshow', open)
  open()
}
