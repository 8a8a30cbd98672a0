import { useCallback, useContext, useRef, useSyncExternalStore } from 'react'
import type { ParsedLocation } from '../location.ts'
import type { RouteMatch } from '../match.ts'
import type { RouterState } from '../router.ts'
import type { LooseNavigateOptions, NavigateFn } from '../types/links.ts'
import type { Loose, RegisteredRoutes, RouteId, RouteTypesById } from '../types/routes.ts'
import { RouteIdContext, useRouter } from './context.ts'

/** What `select` takes from the router's state; renders again only when that changes. */
export function useRouterState<TSelected = RouterState>(
  options: { select?: (state: RouterState) => TSelected } = {},
): TSelected {
  const router = useRouter()
  const last = useRef<{ value: TSelected } | undefined>(undefined)
  const read = () => {
    const { select } = options
    const value = select ? select(router.state) : (router.state as TSelected)
    // A selector may build a new object each time: equal ones must count as the same, or we would never come to rest.
    if (!last.current || !equal(last.current.value, value)) last.current = { value }
    return last.current.value
  }
  return useSyncExternalStore(
    useCallback((changed) => router.listen(changed), [router]),
    read,
    read,
  )
}

export function useLocation<TSelected = ParsedLocation>(
  options: { select?: (location: ParsedLocation) => TSelected } = {},
): TSelected {
  const { select } = options
  return useRouterState({
    select: (state) => (select ? select(state.location) : (state.location as TSelected)),
  })
}

/** The match of a route, or a part of it. Throws outside of that route. */
export function useMatchOf<TSelected>(
  routeId: string,
  select?: (match: RouteMatch) => TSelected,
): TSelected {
  const found = useRouterState({
    select: (state): { value: TSelected } | undefined => {
      const match = state.matches.find((each) => each.routeId === routeId)
      return match && { value: select ? select(match) : (match as TSelected) }
    },
  })
  if (!found) throw new Error(`The route ${routeId} is not on screen`)
  return found.value
}

type Field = 'params' | 'search' | 'loaderData' | 'loaderDeps' | 'context'

export function useFieldOf<TSelected>(
  routeId: string,
  field: Field,
  select?: (value: any) => TSelected,
): TSelected {
  return useMatchOf(routeId, (match) =>
    select ? select(match[field]) : (match[field] as TSelected),
  )
}

function useNearestRouteId(): string {
  const routeId = useContext(RouteIdContext)
  if (routeId === undefined) throw new Error('This hook works inside of a route’s component only')
  return routeId
}

type RegisteredTypes = RegisteredRoutes['types']

/** A hook that reads one field of the route it names with `from`, or of the nearest one with `strict: false`. */
interface FieldHook<TField extends Field> {
  <const TFrom extends RouteId, TSelected = RouteTypesById<TFrom>[TField]>(options: {
    from: TFrom
    select?: (value: RouteTypesById<TFrom>[TField]) => TSelected
  }): TSelected
  <TSelected = Loose<RegisteredTypes[TField]>>(options: {
    strict: false
    select?: (value: Loose<RegisteredTypes[TField]>) => TSelected
  }): TSelected
}

function fieldHook<TField extends Field>(field: TField): FieldHook<TField> {
  return function useField(options: { from?: string; select?: (value: never) => unknown }) {
    const nearest = useContext(RouteIdContext)
    return useFieldOf(
      options.from ?? nearest ?? '',
      field,
      options.select as (value: unknown) => unknown,
    )
  } as FieldHook<TField>
}

export const useParams = fieldHook('params')
export const useSearch = fieldHook('search')
export const useLoaderData = fieldHook('loaderData')
export const useLoaderDeps = fieldHook('loaderDeps')
export const useRouteContext = fieldHook('context')

export function useMatch<
  const TFrom extends RouteId,
  TSelected = RouteMatch<RouteTypesById<TFrom>>,
>(options: {
  from: TFrom
  select?: (match: RouteMatch<RouteTypesById<TFrom>>) => TSelected
}): TSelected {
  return useMatchOf(options.from, options.select)
}

export function useMatches<TSelected = RouteMatch[]>(
  options: { select?: (matches: RouteMatch[]) => TSelected } = {},
): TSelected {
  const { select } = options
  return useRouterState({
    select: (state) => (select ? select(state.matches) : (state.matches as TSelected)),
  })
}

/** The match of the route whose component asks. */
export function useNearestMatch(): RouteMatch | undefined {
  const routeId = useNearestRouteId()
  return useRouterState({
    select: (state) => state.matches.find((match) => match.routeId === routeId),
  })
}

export function useNavigate(defaults: { from?: string } = {}): NavigateFn {
  const router = useRouter()
  const { from } = defaults
  return useCallback(
    (options) => router.navigateLoosely({ from, ...(options as LooseNavigateOptions) }),
    [router, from],
  )
}

export function useCanGoBack(): boolean {
  return useRouterState({ select: (state) => state.location.state.__TSR_index > 0 })
}

/** Identical, or plain objects and arrays of identical things, one level deep. */
function equal(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (!isPlain(a) || !isPlain(b)) return false
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => Object.hasOwn(b, name) && Object.is(a[name], b[name]))
  )
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === Array.prototype
}
