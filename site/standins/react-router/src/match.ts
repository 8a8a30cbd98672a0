import { comparePatterns, matchPattern, parsePattern, type Segment, splitPath } from './path.ts'
import type { AnyRoute } from './route.ts'
import type { RouteTypes } from './routeOptions.ts'

export type MatchStatus = 'pending' | 'success' | 'error' | 'notFound'

/** A route as it applies to one address: its parameters, its data, and how far it has come. */
export interface RouteMatch<TTypes extends RouteTypes = any> {
  /** Route, parameters and loader dependencies: the same id means the same data. */
  id: string
  routeId: TTypes['id']
  fullPath: TTypes['fullPath']
  pathname: string
  params: TTypes['params']
  search: TTypes['search']
  context: TTypes['context']
  loaderData: TTypes['loaderData']
  loaderDeps: TTypes['loaderDeps']
  status: MatchStatus
  isFetching: boolean
  error: unknown
  /** When data arrived, in milliseconds since 1970; 0 if never. */
  updatedAt: number
  invalid: boolean
  preload: boolean
  cause: 'enter' | 'stay' | 'preload'
  abortController: AbortController
  staticData: object
  /** The address goes on below this route, but no route answers it. */
  globalNotFound: boolean
}

interface Branch {
  route: AnyRoute
  segments: Segment[]
  isIndex: boolean
}

/** The routes by which an address can end, those to try first in front. */
export class RouteTable {
  readonly #branches: Branch[]
  readonly byId = new Map<string, AnyRoute>()
  readonly #caseSensitive: boolean

  constructor(root: AnyRoute, caseSensitive: boolean) {
    this.#caseSensitive = caseSensitive
    const branches: Branch[] = []
    const visit = (route: AnyRoute) => {
      const { id, fullPath } = route as { id: string; fullPath: string }
      if (this.byId.has(id)) throw new Error(`Two routes have the id ${id}`)
      this.byId.set(id, route)
      if (route.options.path !== undefined) {
        const isIndex = fullPath.endsWith('/')
        branches.push({ route, segments: parsePattern(fullPath), isIndex })
      }
      for (const child of route.children) visit(child)
    }
    visit(root)
    this.#branches = branches.toSorted(
      (a, b) => comparePatterns(a.segments, b.segments) || Number(b.isIndex) - Number(a.isIndex),
    )
    this.root = root
  }

  readonly root: AnyRoute

  /** The routes from the root to the one that answers; without one, to the nearest that can say so. */
  find(pathname: string): {
    routes: AnyRoute[]
    params: Record<string, string>
    notFound: boolean
  } {
    const parts = splitPath(pathname)
    const options = { caseSensitive: this.#caseSensitive }
    for (const { route, segments } of this.#branches) {
      const match = matchPattern(segments, parts, options)
      if (match) return { routes: chain(route), params: match.params, notFound: false }
    }
    let nearest: { route: AnyRoute; params: Record<string, string>; rest: number } | undefined
    for (const { route, segments } of this.#branches) {
      if (route.children.length === 0 || !route.options.notFoundComponent) continue
      const match = matchPattern(segments, parts, { ...options, fuzzy: true })
      if (match && (!nearest || match.rest < nearest.rest)) nearest = { route, ...match }
    }
    return {
      routes: chain(nearest?.route ?? this.root),
      params: nearest?.params ?? {},
      notFound: true,
    }
  }
}

function chain(route: AnyRoute): AnyRoute[] {
  const routes = [route]
  for (let parent = route.parentRoute; parent; parent = parent.parentRoute) routes.unshift(parent)
  return routes
}
