import type { ErrorComponentProps, AnyRoute, NotFoundRouteProps, RouteComponent } from './route.ts'
import type { RouteMatch } from './match.ts'
import type { ParsedLocation } from './location.ts'
import type { NavigateFn } from './types/links.ts'
import type { Expand } from './types/paths.ts'
import type { SearchValidator } from './validate.ts'

/** What the compiler knows of a route. */
export interface RouteTypes {
  id: string
  fullPath: string
  params: unknown
  search: unknown
  searchInput: unknown
  context: unknown
  /** What `createRouter` must be given; known of the root only. */
  routerContext?: unknown
  loaderData: unknown
  loaderDeps: unknown
}

type Merge<TBase, TOwn> = Expand<Omit<TBase, keyof TOwn> & TOwn>
type Cause = 'enter' | 'stay' | 'preload'

interface LoadContextBase<TParent extends AnyRoute, TParams> {
  params: Merge<TParent['types']['params'], TParams>
  location: ParsedLocation
  abortController: AbortController
  /** Fetched ahead of a visit that may never happen. */
  preload: boolean
  cause: Cause
  navigate: NavigateFn
}

export interface BeforeLoadContext<
  TParent extends AnyRoute,
  TSearch,
  TParams,
> extends LoadContextBase<TParent, TParams> {
  search: Merge<TParent['types']['search'], TSearch>
  context: TParent['types']['context']
  matches: RouteMatch[]
}

export interface LoaderContext<
  TParent extends AnyRoute,
  TParams,
  TDeps,
  TBefore,
> extends LoadContextBase<TParent, TParams> {
  /** What `loaderDeps` answered. A loader never sees the search itself, so that only what it uses reloads it. */
  deps: TDeps
  context: Merge<
    TParent['types']['context'],
    Awaited<TBefore> extends object ? Awaited<TBefore> : Record<never, never>
  >
  parentMatchPromise: Promise<RouteMatch | undefined>
}

export interface RouteOptions<
  TParent extends AnyRoute,
  TPath extends string,
  TId extends string,
  TSearchIn,
  TSearch,
  TParams,
  TDeps,
  TBefore,
  TData,
> {
  getParentRoute: () => TParent
  /** `/docs/$page`; `/` is the index of the parent. */
  path?: TPath
  /** Instead of `path`: a layout that adds nothing to the address. */
  id?: TId
  validateSearch?: SearchValidator<TSearchIn, TSearch>
  params?: {
    parse: (raw: Record<string, string>) => TParams
    stringify: (params: TParams) => Record<string, string>
  }
  loaderDeps?: (options: { search: Merge<TParent['types']['search'], TSearch> }) => TDeps
  /** Runs from parent to child before any loader; what it answers joins the context of this route and those below. */
  beforeLoad?: (context: BeforeLoadContext<TParent, TSearch, TParams>) => TBefore
  loader?: (context: LoaderContext<TParent, TParams, TDeps, TBefore>) => TData
  component?: RouteComponent
  pendingComponent?: RouteComponent
  errorComponent?: RouteComponent<ErrorComponentProps> | false
  notFoundComponent?: RouteComponent<NotFoundRouteProps>
  /** Milliseconds before `pendingComponent` shows, and for which it then stays. */
  pendingMs?: number
  pendingMinMs?: number
  /** Milliseconds for which loaded data is not loaded again. */
  staleTime?: number
  preloadStaleTime?: number
  gcTime?: number
  preloadGcTime?: number
  shouldReload?: boolean | ((context: LoaderContext<TParent, TParams, TDeps, TBefore>) => boolean)
  preload?: boolean
  staticData?: object
  onEnter?: (match: RouteMatch) => void
  onStay?: (match: RouteMatch) => void
  onLeave?: (match: RouteMatch) => void
}
