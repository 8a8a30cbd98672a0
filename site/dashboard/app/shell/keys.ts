export interface Place {
  key: string
  to: '/' | '/requests' | '/kv' | '/r2' | '/queues' | '/crons' | '/state'
  label: string
}

/** The pages in their order, each with the key that follows `g`. */
export const places: readonly Place[] = [
  { key: 'o', to: '/', label: 'Overview' },
  { key: 'r', to: '/requests', label: 'Requests' },
  { key: 'k', to: '/kv', label: 'KV' },
  { key: 'b', to: '/r2', label: 'R2' },
  { key: 'q', to: '/queues', label: 'Queues' },
  { key: 'c', to: '/crons', label: 'Crons' },
  { key: 's', to: '/state', label: 'State' },
]

export type KeyStep =
  | { kind: 'go'; to: Place['to'] }
  | { kind: 'prefix' }
  | { kind: 'find' }
  | { kind: 'help' }
  | { kind: 'none' }

/** What a key means on any page. `g` waits for the letter of a page. */
export function keyStep(key: string, afterPrefix: boolean): KeyStep {
  if (afterPrefix) {
    const place = places.find((candidate) => candidate.key === key)
    return place ? { kind: 'go', to: place.to } : { kind: 'none' }
  }
  if (key === 'g') return { kind: 'prefix' }
  if (key === '/') return { kind: 'find' }
  if (key === '?') return { kind: 'help' }
  return { kind: 'none' }
}

/** Whether a key is meant for a field rather than for the page. */
export const isTyping = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
