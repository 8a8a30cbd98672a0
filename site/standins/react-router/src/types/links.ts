import type { RoutePath, RouteTypesByPath } from './routes.ts'

export type ToPath = RoutePath | '.' | '..' | `./${string}` | `../${string}`

/** Data of one's own on a history entry. Augment to type it. */
// oxlint-disable-next-line typescript/no-empty-object-type -- filled by the application
export interface HistoryState {}

/** A value, the present one (`true`), or what a function makes of the present one. */
type Changing<TValue> = TValue | true | ((current: any) => TValue)

// A key may be left out exactly if the empty object would do for it.
type Key<TName extends 'params' | 'search', TValue> =
  // oxlint-disable-next-line typescript/no-empty-object-type -- the question is whether it is assignable
  {} extends TValue ? { [K in TName]?: Changing<TValue> } : { [K in TName]: Changing<TValue> }

type Target<TTo extends ToPath> = TTo extends RoutePath
  ? Key<'params', RouteTypesByPath<TTo>['params']> &
      Key<'search', RouteTypesByPath<TTo>['searchInput']>
  : { params?: Changing<Record<string, unknown>>; search?: Changing<Record<string, unknown>> }

/** Where to go. `to` may be left out to stay on the path and change only search or hash. */
export type ToOptions<TTo extends ToPath = '.'> = {
  to?: TTo
  /** Where relative paths start; the present page unless said. */
  from?: string
  hash?: string | true | ((current: string) => string)
  state?: HistoryState | true | ((current: HistoryState) => HistoryState)
} & Target<TTo>

export interface CommitOptions {
  /** Take the place of the present history entry. Default `false`. */
  replace?: boolean
  /** Go to the top of the page. Default `true`. */
  resetScroll?: boolean
  hashScrollIntoView?: boolean | ScrollIntoViewOptions
}

export type NavigateOptions<TTo extends ToPath = '.'> = ToOptions<TTo> &
  CommitOptions & {
    /** A finished address instead of `to`. */
    href?: string
    reloadDocument?: boolean
  }

export type NavigateFn = <const TTo extends ToPath = '.'>(
  options: NavigateOptions<TTo>,
) => Promise<void>

/** The same without the types, as the inside of the router sees it. */
export interface LooseNavigateOptions extends CommitOptions {
  to?: string
  from?: string
  href?: string
  params?: unknown
  search?: unknown
  hash?: string | true | ((current: string) => string)
  state?: unknown
  reloadDocument?: boolean
}
