import { buildLocation } from './buildLocation.ts'
import {
  createBrowserHistory,
  createMemoryHistory,
  parseHref,
  type RouterHistory,
} from './history.ts'
import { loadMatches, type LoadRun } from './load.ts'
import { hasProtocol, isSafeHref, parseLocation, type ParsedLocation } from './location.ts'
import { type RouteMatch, RouteTable } from './match.ts'
import { interpolatePath } from './path.ts'
import type { AnyRoute } from './route.ts'
import { defaultRouterOptions, type RouterOptions } from './routerOptions.ts'
import { setUpScroll } from './scroll.ts'
import { isRedirect } from './signals.ts'
import type {
  LooseNavigateOptions,
  NavigateFn,
  NavigateOptions,
  ToOptions,
  ToPath,
} from './types/links.ts'
import { validateSearch } from './validate.ts'

export interface RouterState {
  status: 'pending' | 'idle'
  isLoading: boolean
  /** Where the address bar is. */
  location: ParsedLocation
  /** What is on screen. */
  resolvedLocation: ParsedLocation | undefined
  matches: RouteMatch[]
  loadedAt: number
  statusCode: number
}

export interface NavigationEvent {
  type: 'onBeforeNavigate' | 'onLoad' | 'onResolved' | 'onRendered'
  fromLocation: ParsedLocation | undefined
  toLocation: ParsedLocation
  pathChanged: boolean
  hrefChanged: boolean
  hashChanged: boolean
}

/** Keeps the address and what is on screen together. */
export class Router<TTree extends AnyRoute> {
  declare readonly routeTree: TTree
  readonly options: RouterOptions<TTree> & typeof defaultRouterOptions
  readonly history: RouterHistory
  readonly routesById: ReadonlyMap<string, AnyRoute>
  state: RouterState
  /** How the newest navigation wants to scroll. */
  scrollIntent: Pick<NavigateOptions, 'resetScroll' | 'hashScrollIntoView'> & {
    traversed?: boolean
  } = {}
  readonly #table: RouteTable
  #listeners = new Set<() => void>()
  #eventListeners = new Set<(event: NavigationEvent) => void>()
  #pending: RouteMatch[] = []
  #cache = new Map<string, RouteMatch>()
  #preloads = new Map<string, Promise<void>>()
  #run = 0
  #loading: Promise<void> = Promise.resolve()
  #mounts = 0

  constructor(options: RouterOptions<TTree>) {
    this.options = { ...defaultRouterOptions, ...options }
    this.history =
      options.history ??
      (typeof window === 'undefined' ? createMemoryHistory() : createBrowserHistory())
    options.routeTree.init()
    ;(this as { routeTree: TTree }).routeTree = options.routeTree
    this.#table = new RouteTable(options.routeTree, this.options.caseSensitive)
    this.routesById = this.#table.byId
    this.state = {
      status: 'idle',
      isLoading: false,
      location: this.#readLocation(),
      resolvedLocation: undefined,
      matches: [],
      loadedAt: 0,
      statusCode: 200,
    }
    setUpScroll(this)
  }

  /** Follows the history until the answered function is called; the provider does both. */
  mount(): () => void {
    this.#mounts += 1
    const stop = this.history.subscribe(({ action }) => {
      const traversed = action === 'BACK' || action === 'FORWARD' || action === 'GO'
      if (traversed) this.scrollIntent = { traversed }
      this.#loading = this.load()
    })
    if (!this.state.resolvedLocation && !this.state.isLoading) this.#loading = this.load()
    return () => {
      this.#mounts -= 1
      stop()
    }
  }

  /** Listens to every change of `state`. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  subscribe(type: NavigationEvent['type'], listener: (event: NavigationEvent) => void): () => void {
    const filtered = (event: NavigationEvent) => {
      if (event.type === type) listener(event)
    }
    this.#eventListeners.add(filtered)
    return () => void this.#eventListeners.delete(filtered)
  }

  emit(type: NavigationEvent['type'], from: ParsedLocation | undefined, to: ParsedLocation): void {
    const event: NavigationEvent = {
      type,
      fromLocation: from,
      toLocation: to,
      pathChanged: from?.pathname !== to.pathname,
      hrefChanged: from?.href !== to.href,
      hashChanged: from?.hash !== to.hash,
    }
    for (const listener of [...this.#eventListeners]) listener(event)
  }

  routeOf = (match: RouteMatch): AnyRoute =>
    this.routesById.get(match.routeId as string) as AnyRoute

  /** The address that a link with these options leads to. */
  buildLocation<const TTo extends ToPath = '.'>(options: ToOptions<TTo>): ParsedLocation {
    return this.buildLooseLocation(options as LooseNavigateOptions)
  }

  buildLooseLocation(options: LooseNavigateOptions): ParsedLocation {
    const here = this.state.location
    const found = this.#table.find(here.pathname)
    const search = this.state.matches.at(-1)?.search as Record<string, unknown> | undefined
    return buildLocation(options, {
      location: here,
      path: found.notFound ? here.pathname : (found.routes.at(-1)?.fullPath as string),
      params: found.params,
      search: search ?? here.search,
      routes: [...this.routesById.values()],
      stringifySearch: this.options.stringifySearch,
    })
  }

  /** A finished address of this site, taken apart. */
  locationOf(href: string): ParsedLocation {
    return parseLocation(parseHref(href, this.state.location.state), this.options.parseSearch)
  }

  navigate: NavigateFn = (options) => this.navigateLoosely(options as LooseNavigateOptions)

  async navigateLoosely(options: LooseNavigateOptions): Promise<void> {
    const href = options.href ?? options.to
    if (href && hasProtocol(href)) {
      if (isSafeHref(href)) window.location[options.replace ? 'replace' : 'assign'](href)
      return
    }
    const location = options.href === undefined ? this.buildLooseLocation(options) : undefined
    const target = location?.href ?? (options.href as string)
    if (options.reloadDocument) {
      window.location[options.replace ? 'replace' : 'assign'](target)
      return
    }
    this.scrollIntent = {
      resetScroll: options.resetScroll,
      hashScrollIntoView: options.hashScrollIntoView,
    }
    // Following a link to where one already is loads again and adds no entry.
    const same = target === this.history.location.href
    if (!same || options.state)
      this.history[options.replace || same ? 'replace' : 'push'](target, location?.state)
    if (same || this.#mounts === 0) this.#loading = this.load()
    await this.#loading
  }

  /** Brings what the address says on screen. */
  async load(): Promise<void> {
    this.#run += 1
    const run = this.#run
    const isCurrent = () => run === this.#run
    const from = this.state.resolvedLocation
    const location = this.#readLocation()
    for (const match of this.#pending) match.abortController.abort()
    this.emit('onBeforeNavigate', from, location)
    this.#set({ location, status: 'pending', isLoading: true })
    const matches = this.matchRoutes(location)
    this.#pending = matches
    // At the start there is nothing to keep on screen, and the frame of the page need not wait for its inside.
    if (this.state.matches.length === 0)
      this.#set({ matches: matches.map((match) => ({ ...match })) })

    const pending = this.#showPendingLater(matches, isCurrent)
    let later: (() => Promise<RouteMatch>)[]
    try {
      later = await loadMatches(this.#loadRun(matches, location, false))
    } catch (error) {
      if (!isCurrent()) return
      if (!isRedirect(error)) throw error
      await this.navigateLoosely({ replace: true, ...error.options })
      return
    } finally {
      clearTimeout(pending.timer)
    }
    if (isCurrent()) await pending.shown
    if (!isCurrent()) return
    this.#commit(matches, location)
    this.emit('onLoad', from, location)
    for (const job of later) void this.#reload(job, isCurrent)
  }

  /** Declares all loaded data stale and loads what is on screen again. */
  async invalidate(): Promise<void> {
    const invalid = (match: RouteMatch): RouteMatch => ({
      ...match,
      invalid: true,
      ...(match.status !== 'success' && { status: 'pending', error: undefined }),
    })
    for (const [id, match] of this.#cache) this.#cache.set(id, invalid(match))
    this.#set({ matches: this.state.matches.map(invalid) })
    this.#loading = this.load()
    await this.#loading
  }

  /** Loads code and data of an address without going there. */
  async preloadRoute<const TTo extends ToPath = '.'>(options: ToOptions<TTo>): Promise<void> {
    await this.preloadLocation(this.buildLocation(options))
  }

  async preloadLocation(location: ParsedLocation): Promise<void> {
    const running = this.#preloads.get(location.href)
    if (running) return running
    const matches = this.matchRoutes(location, true)
    const job = loadMatches(this.#loadRun(matches, location, true))
      .then(() => {
        const shown = new Set(this.state.matches.map((match) => match.id))
        for (const match of matches) {
          if (match.status === 'success' && !shown.has(match.id)) this.#cache.set(match.id, match)
        }
      })
      // The visit itself will meet the same failure and show it.
      .catch(() => {})
      .finally(() => this.#preloads.delete(location.href))
    this.#preloads.set(location.href, job)
    return job
  }

  /** The matches of an address, with whatever is still known of each. */
  matchRoutes(location: ParsedLocation, preload = false): RouteMatch[] {
    const found = this.#table.find(location.pathname)
    let params: Record<string, unknown> = found.params
    let search = location.search
    return found.routes.map((route, index) => {
      const { options, id, fullPath } = route as AnyRoute & { id: string; fullPath: string }
      let error: unknown
      try {
        if (options.params)
          params = { ...params, ...(options.params.parse(found.params) as object) }
        search = { ...search, ...validateSearch(options.validateSearch, search) }
      } catch (thrown) {
        error = thrown
      }
      const loaderDeps = (options.loaderDeps?.({ search }) ?? {}) as object
      const pathname = found.notFound ? location.pathname : interpolatePath(fullPath, found.params)
      const matchId = `${id}|${pathname}|${JSON.stringify(loaderDeps)}`
      const onScreen = this.state.matches.find((match) => match.routeId === id)
      const last = onScreen?.id === matchId ? onScreen : this.#cache.get(matchId)
      // What failed is tried again, as if it had never been here.
      const known = last?.status === 'success' ? last : undefined
      return {
        ...(known ?? fresh),
        ...(error !== undefined && { error }),
        id: matchId,
        routeId: id,
        fullPath,
        pathname,
        params: sameIfEqual(onScreen?.params, params),
        search: sameIfEqual(onScreen?.search, search),
        loaderDeps,
        abortController: new AbortController(),
        staticData: options.staticData ?? {},
        cause: preload ? 'preload' : onScreen ? 'stay' : 'enter',
        preload: preload || (known?.preload ?? false),
        globalNotFound: found.notFound && index === found.routes.length - 1,
      } satisfies RouteMatch
    })
  }

  #loadRun(matches: RouteMatch[], location: ParsedLocation, preload: boolean): LoadRun {
    const { defaultPreloadStaleTime, defaultStaleTime } = this.options
    return {
      matches,
      location,
      preload,
      context: (this.options as { context?: object }).context ?? {},
      routeOf: this.routeOf,
      navigate: this.navigate,
      staleTime: (match, { options }) =>
        match.preload
          ? (options.preloadStaleTime ?? defaultPreloadStaleTime)
          : (options.staleTime ?? defaultStaleTime),
    }
  }

  #commit(matches: RouteMatch[], location: ParsedLocation): void {
    const before = this.state.matches
    const ids = new Set(matches.map((match) => match.id))
    for (const match of before) {
      if (!ids.has(match.id) && match.status === 'success') this.#cache.set(match.id, match)
    }
    for (const id of ids) this.#cache.delete(id)
    this.#forgetOld()
    this.#pending = []
    const shown = matches.map((match) => ({ ...match, preload: false }))
    const missing = shown.some((match) => match.globalNotFound || match.status === 'notFound')
    const failed = shown.some((match) => match.status === 'error')
    this.#set({
      matches: shown,
      resolvedLocation: location,
      status: 'idle',
      isLoading: false,
      loadedAt: Date.now(),
      statusCode: missing ? 404 : failed ? 500 : 200,
    })
    for (const match of before) {
      if (!ids.has(match.id)) this.routeOf(match).options.onLeave?.(match)
    }
    for (const match of shown) {
      const { onEnter, onStay } = this.routeOf(match).options
      if (match.cause === 'stay') onStay?.(match)
      else onEnter?.(match)
    }
  }

  /** After `pendingMs` shows the pending components, and then for `pendingMinMs` at least. */
  #showPendingLater(matches: RouteMatch[], isCurrent: () => boolean) {
    const { defaultPendingComponent, defaultPendingMs, defaultPendingMinMs } = this.options
    const waiting = matches.filter((match) => {
      const pending = this.routeOf(match).options.pendingComponent ?? defaultPendingComponent
      return match.status === 'pending' && pending
    })
    const options = waiting.map((match) => this.routeOf(match).options)
    const after = Math.min(...options.map((each) => each.pendingMs ?? defaultPendingMs))
    const atLeast = Math.max(0, ...options.map((each) => each.pendingMinMs ?? defaultPendingMinMs))
    const result: { timer?: ReturnType<typeof setTimeout>; shown?: Promise<void> } = {}
    if (waiting.length === 0 || after === Infinity) return result
    result.timer = setTimeout(() => {
      if (!isCurrent()) return
      this.#set({ matches: matches.map((match) => ({ ...match })) })
      result.shown = new Promise((resolve) => {
        setTimeout(resolve, atLeast)
      })
    }, after)
    return result
  }

  /** Replaces data that was stale when it was shown. */
  async #reload(job: () => Promise<RouteMatch>, isCurrent: () => boolean): Promise<void> {
    try {
      const { id, loaderData, updatedAt } = await job()
      const matches = this.state.matches.map((match) =>
        match.id === id
          ? { ...match, loaderData: loaderData as unknown, updatedAt, invalid: false }
          : match,
      )
      this.#set({ matches })
    } catch (error) {
      if (isRedirect(error) && isCurrent())
        await this.navigateLoosely({ replace: true, ...error.options })
      // Any other failure leaves the older data where it is; the next visit asks again.
    }
  }

  #forgetOld(): void {
    const { defaultGcTime, defaultPreloadGcTime } = this.options
    for (const [id, match] of this.#cache) {
      const { gcTime = defaultGcTime, preloadGcTime = defaultPreloadGcTime } =
        this.routeOf(match).options
      const keep = match.preload ? preloadGcTime : gcTime
      if (Date.now() - match.updatedAt >= keep) this.#cache.delete(id)
    }
  }

  #readLocation(): ParsedLocation {
    return parseLocation(this.history.location, this.options.parseSearch)
  }

  #set(change: Partial<RouterState>): void {
    this.state = { ...this.state, ...change }
    for (const listener of [...this.#listeners]) listener()
  }
}

export function createRouter<TTree extends AnyRoute>(options: RouterOptions<TTree>): Router<TTree> {
  return new Router(options)
}

const fresh = {
  status: 'pending' as const,
  context: {},
  error: undefined as unknown,
  invalid: false,
  isFetching: false,
  loaderData: undefined as unknown,
  updatedAt: 0,
}

/** The older object if both say the same, so that nothing that depends on it runs again. */
function sameIfEqual<T extends object>(before: T | undefined, next: T): T {
  return before && JSON.stringify(before) === JSON.stringify(next) ? before : next
}
