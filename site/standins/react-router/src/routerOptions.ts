import type { RouterHistory } from './history.ts'
import type { AnyRoute, ErrorComponentProps, NotFoundRouteProps, RouteComponent } from './route.ts'
import {
  defaultParseSearch,
  defaultStringifySearch,
  type SearchParser,
  type SearchSerializer,
} from './search.ts'

export type Preload = false | 'intent' | 'viewport' | 'render'

interface CommonOptions<TTree extends AnyRoute> {
  routeTree: TTree
  history?: RouterHistory
  caseSensitive?: boolean
  parseSearch?: SearchParser
  stringifySearch?: SearchSerializer
  /** When links load what they lead to. */
  defaultPreload?: Preload
  /** Milliseconds for which a pointer must rest on a link. */
  defaultPreloadDelay?: number
  defaultPreloadStaleTime?: number
  defaultPreloadGcTime?: number
  defaultStaleTime?: number
  defaultGcTime?: number
  defaultPendingMs?: number
  defaultPendingMinMs?: number
  defaultComponent?: RouteComponent
  defaultPendingComponent?: RouteComponent
  defaultErrorComponent?: RouteComponent<ErrorComponentProps>
  defaultNotFoundComponent?: RouteComponent<NotFoundRouteProps>
  defaultOnCatch?: (error: Error) => void
  /** Remember how far each history entry was scrolled. */
  scrollRestoration?: boolean
}

type ContextOf<TTree extends AnyRoute> = TTree['types']['routerContext']

/** `context` must be given when the root route was made with one. */
export type RouterOptions<TTree extends AnyRoute> = CommonOptions<TTree> &
  // oxlint-disable-next-line typescript/no-empty-object-type -- the question is whether it is assignable
  ({} extends ContextOf<TTree> ? { context?: ContextOf<TTree> } : { context: ContextOf<TTree> })

const fiveMinutes = 5 * 60 * 1000

export const defaultRouterOptions = {
  caseSensitive: false,
  parseSearch: defaultParseSearch,
  stringifySearch: defaultStringifySearch,
  defaultPreload: false as Preload,
  defaultPreloadDelay: 50,
  defaultPreloadStaleTime: 30_000,
  defaultPreloadGcTime: fiveMinutes,
  defaultStaleTime: 0,
  defaultGcTime: fiveMinutes,
  defaultPendingMs: 1000,
  defaultPendingMinMs: 500,
}
