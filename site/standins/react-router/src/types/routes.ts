import type { AnyRoute, Route } from '../route.ts'
import type { RouteTypes } from '../routeOptions.ts'
import type { Router } from '../router.ts'
import type { LinkPath } from './paths.ts'
import type { Register } from './register.ts'

export type AnyRouter = Router<any>
export type RegisteredRouter = Register extends { router: infer TRouter extends AnyRouter }
  ? TRouter
  : AnyRouter

/** A route and all that lie below it, as a union. */
export type RouteUnion<TRoute extends AnyRoute> = TRoute | Below<TRoute>
type Below<TRoute> =
  TRoute extends Route<any, infer TChildren>
    ? TChildren extends readonly AnyRoute[]
      ? RouteUnion<TChildren[number]>
      : TChildren extends Record<string, AnyRoute>
        ? RouteUnion<TChildren[keyof TChildren]>
        : never
    : never

export type RegisteredRoutes = RouteUnion<RegisteredRouter['routeTree']>

type TypesById<TRoutes extends AnyRoute> = {
  [R in TRoutes as R['types']['id'] & string]: R['types']
}
type TypesByPath<TRoutes extends AnyRoute> = {
  [R in TRoutes as LinkPath<R['types']['fullPath'] & string>]: R['types']
}
type Entry<TMap, TName> = TMap[TName & keyof TMap] extends infer T extends RouteTypes ? T : never

type ById = TypesById<RegisteredRoutes>
type ByPath = TypesByPath<RegisteredRoutes>

/** The ids that hooks take as `from`. */
export type RouteId = `${RegisteredRoutes['types']['id']}`
export type RouteTypesById<TId extends string> = Entry<ById, TId>

/** The paths that links take as `to`. */
export type RoutePath = `${LinkPath<RegisteredRoutes['types']['fullPath']>}`
export type RouteTypesByPath<TPath extends string> = Entry<ByPath, TPath>

type AllKeys<T> = T extends unknown ? keyof T : never
/** What a union of objects may have, whichever it is. For hooks that do not say where they are. */
export type Loose<T> = {
  [K in AllKeys<T>]?: T extends unknown ? (K extends keyof T ? T[K] : never) : never
}
