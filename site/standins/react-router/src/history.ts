export type HistoryAction = 'PUSH' | 'REPLACE' | 'BACK' | 'FORWARD' | 'GO'

export interface HistoryEntryState {
  /** Position in the session's history, from 0. */
  __TSR_index: number
  /** Name of the entry, the same whenever it is visited. */
  __TSR_key: string
  [own: string]: unknown
}

export interface HistoryLocation {
  href: string
  pathname: string
  search: string
  /** With its `#`, or empty. */
  hash: string
  state: HistoryEntryState
}

type Listener = (event: { location: HistoryLocation; action: HistoryAction }) => void

export interface RouterHistory {
  readonly location: HistoryLocation
  readonly length: number
  subscribe: (listener: Listener) => () => void
  push: (href: string, state?: object) => void
  replace: (href: string, state?: object) => void
  go: (delta: number) => void
  back: () => void
  forward: () => void
  canGoBack: () => boolean
  createHref: (href: string) => string
  destroy: () => void
}

const newKey = () => Math.random().toString(36).slice(2, 10)

/** Cuts an address without scheme and host into its parts. */
export function parseHref(href: string, state: HistoryEntryState): HistoryLocation {
  const hashAt = href.indexOf('#')
  const beforeHash = hashAt < 0 ? href : href.slice(0, hashAt)
  const searchAt = beforeHash.indexOf('?')
  return {
    href,
    pathname: (searchAt < 0 ? beforeHash : beforeHash.slice(0, searchAt)) || '/',
    search: searchAt < 0 ? '' : beforeHash.slice(searchAt),
    hash: hashAt < 0 ? '' : href.slice(hashAt),
    state,
  }
}

function emitter() {
  const listeners = new Set<Listener>()
  return {
    emit: (location: HistoryLocation, action: HistoryAction) => {
      for (const listener of [...listeners]) listener({ location, action })
    },
    subscribe: (listener: Listener) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

/** The browser's own address bar and back button. */
export function createBrowserHistory(options: { window?: Window } = {}): RouterHistory {
  const win = options.window ?? window
  const { emit, subscribe } = emitter()

  const read = () => {
    const { pathname, search, hash } = win.location
    return parseHref(`${pathname}${search}${hash}`, win.history.state as HistoryEntryState)
  }
  // The entry the visitor arrived on has no state of ours yet.
  if (!(win.history.state as HistoryEntryState | null)?.__TSR_key) {
    win.history.replaceState({ ...win.history.state, __TSR_index: 0, __TSR_key: newKey() }, '')
  }
  let location = read()

  const onPopState = () => {
    const before = location.state.__TSR_index
    // A change of the hash by hand makes an entry that we have not seen.
    if (!(win.history.state as HistoryEntryState | null)?.__TSR_key) {
      win.history.replaceState({ __TSR_index: before + 1, __TSR_key: newKey() }, '')
    }
    location = read()
    const delta = location.state.__TSR_index - before
    emit(location, delta === -1 ? 'BACK' : delta === 1 ? 'FORWARD' : 'GO')
  }
  win.addEventListener('popstate', onPopState)

  return {
    get location() {
      return location
    },
    get length() {
      return win.history.length
    },
    subscribe,
    push(href, state) {
      const index = location.state.__TSR_index + 1
      win.history.pushState({ ...state, __TSR_index: index, __TSR_key: newKey() }, '', href)
      location = read()
      emit(location, 'PUSH')
    },
    replace(href, state) {
      const { __TSR_index } = location.state
      win.history.replaceState({ ...state, __TSR_index, __TSR_key: newKey() }, '', href)
      location = read()
      emit(location, 'REPLACE')
    },
    go: (delta) => win.history.go(delta),
    back: () => win.history.back(),
    forward: () => win.history.forward(),
    canGoBack: () => location.state.__TSR_index > 0,
    createHref: (href) => href,
    destroy: () => win.removeEventListener('popstate', onPopState),
  }
}

/** A history without a browser, for tests and embedding. */
export function createMemoryHistory(
  options: { initialEntries?: string[]; initialIndex?: number } = {},
): RouterHistory {
  const { emit, subscribe } = emitter()
  const initial = options.initialEntries ?? ['/']
  let entries = initial.map((href, index) =>
    parseHref(href, { __TSR_index: index, __TSR_key: newKey() }),
  )
  let index = options.initialIndex ?? entries.length - 1

  const current = () => entries[index] as HistoryLocation
  const go = (delta: number) => {
    index = Math.min(Math.max(index + delta, 0), entries.length - 1)
    emit(current(), delta === -1 ? 'BACK' : delta === 1 ? 'FORWARD' : 'GO')
  }
  return {
    get location() {
      return current()
    },
    get length() {
      return entries.length
    },
    subscribe,
    push(href, state) {
      index += 1
      const location = parseHref(href, { ...state, __TSR_index: index, __TSR_key: newKey() })
      entries = [...entries.slice(0, index), location]
      emit(location, 'PUSH')
    },
    replace(href, state) {
      entries[index] = parseHref(href, { ...state, __TSR_index: index, __TSR_key: newKey() })
      emit(current(), 'REPLACE')
    },
    go,
    back: () => go(-1),
    forward: () => go(1),
    canGoBack: () => index > 0,
    createHref: (href) => href,
    destroy: () => {},
  }
}
