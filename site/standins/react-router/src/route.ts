import type { ComponentType } from 'react'
import type { RouteMatch } from './match.ts'
import { joinPaths } from './path.ts'
import * as hooks from './react/hooks.ts'
import type { RouteOptions, RouteTypes } from './routeOptions.ts'
import type { Expand, JoinId, JoinPath, PathParams, RootId } from './types/paths.ts'
import type { SearchSchemaInput } from './validate.ts'

export type AnyRoute = Route<any, any>
/** A component, possibly one whose code arrives later. */
export type RouteComponent<TProps = any> = ComponentType<TProps> & { preload?: () => Promise<void> }

export interface ErrorComponentProps {
  error: Error
  /** Renders the route again as it is. To load it again as well, call `router.invalidate()` instead. */
  reset: () => void
}
export interface NotFoundRouteProps {
  data?: unknown
}

export const rootRouteId = '__root__'

/** One node of the route tree. `types` and the second parameter exist for the compiler only. */
export class Route<TTypes extends RouteTypes = RouteTypes, TChildren = unknown> {
  declare readonly types: TTypes
  declare readonly childTypes: TChildren
  readonly options: RouteOptions<any, any, any, any, any, any, any, any, any>
  children: AnyRoute[] = []
  parentRoute: AnyRoute | undefined
  id!: TTypes['id']
  fullPath!: TTypes['fullPath']

  constructor(options: object) {
    this.options = options as typeof this.options
    if (!('getParentRoute' in options)) {
      this.id = rootRouteId as TTypes['id']
      this.fullPath = '/' as TTypes['fullPath']
    }
  }

  get isRoot(): boolean {
    return this.id === rootRouteId
  }

  addChildren<const TNew extends readonly AnyRoute[] | Record<string, AnyRoute>>(
    children: TNew,
  ): Route<TTypes, TNew> {
    this.children = Array.isArray(children)
      ? [...(children as AnyRoute[])]
      : Object.values(children)
    return this as unknown as Route<TTypes, TNew>
  }

  /** Changes options after the route was made, where its module and the tree's would otherwise need each other. */
  update(
    options: Partial<Pick<typeof this.options, 'component' | 'loader' | 'errorComponent'>>,
  ): this {
    Object.assign(this.options, options)
    return this
  }

  /** Called by the router once the tree is complete. */
  init(): void {
    const { path, id } = this.options
    const parent = this.isRoot ? undefined : (this.options.getParentRoute() as AnyRoute)
    this.parentRoute = parent
    if (parent) {
      const own = path ?? id
      if (own === undefined) throw new Error('A route needs a path or an id')
      const parentId: string = parent.id
      this.id = joinPaths(parentId === rootRouteId ? '' : parentId, own)
      this.fullPath = path === undefined ? parent.fullPath : joinPaths(parent.fullPath, path)
    }
    for (const child of this.children) child.init()
  }

  useMatch = <TSelected = RouteMatch<TTypes>>(options?: {
    select?: (match: RouteMatch<TTypes>) => TSelected
  }): TSelected => hooks.useMatchOf(this.id, options?.select)

  useParams = <TSelected = TTypes['params']>(options?: {
    select?: (params: TTypes['params']) => TSelected
  }): TSelected => hooks.useFieldOf(this.id, 'params', options?.select)

  useSearch = <TSelected = TTypes['search']>(options?: {
    select?: (search: TTypes['search']) => TSelected
  }): TSelected => hooks.useFieldOf(this.id, 'search', options?.select)

  useLoaderData = <TSelected = TTypes['loaderData']>(options?: {
    select?: (data: TTypes['loaderData']) => TSelected
  }): TSelected => hooks.useFieldOf(this.id, 'loaderData', options?.select)

  useLoaderDeps = <TSelected = TTypes['loaderDeps']>(options?: {
    select?: (deps: TTypes['loaderDeps']) => TSelected
  }): TSelected => hooks.useFieldOf(this.id, 'loaderDeps', options?.select)

  useRouteContext = <TSelected = TTypes['context']>(options?: {
    select?: (context: TTypes['context']) => TSelected
  }): TSelected => hooks.useFieldOf(this.id, 'context', options?.select)

  useNavigate = () => hooks.useNavigate({ from: this.fullPath })
}

// Links give what the validator takes, if it says so, else what it answers.
type SearchInput<TInput, TOutput> = TInput extends SearchSchemaInput
  ? Omit<TInput, keyof SearchSchemaInput>
  : TOutput
type Under<TParent extends AnyRoute, TName extends keyof RouteTypes, TOwn> = Expand<
  Omit<TParent['types'][TName], keyof TOwn> & TOwn
>
type OrNothing<T> = T extends object ? T : Record<never, never>

/**
 * A route below another. Give the options in the order validateSearch, loaderDeps, beforeLoad, loader: each one's types
 * follow from those before it.
 */
export function createRoute<
  TParent extends AnyRoute,
  const TPath extends string = '',
  const TId extends string = '',
  TSearchIn = Record<string, unknown>,
  TSearch = Record<never, never>,
  TParams = PathParams<TPath>,
  TDeps = Record<never, never>,
  TBefore = undefined,
  TData = undefined,
>(
  options: RouteOptions<TParent, TPath, TId, TSearchIn, TSearch, TParams, TDeps, TBefore, TData>,
): Route<{
  id: JoinId<TParent['types']['id'], TPath extends '' ? TId : TPath>
  fullPath: JoinPath<TParent['types']['fullPath'], TPath>
  params: Under<TParent, 'params', TParams>
  search: Under<TParent, 'search', TSearch>
  searchInput: Under<TParent, 'searchInput', SearchInput<TSearchIn, TSearch>>
  context: Under<TParent, 'context', OrNothing<Awaited<TBefore>>>
  loaderData: Awaited<TData>
  loaderDeps: TDeps
}> {
  return new Route(options)
}

type RootOptions<TContext, TSearchIn, TSearch, TBefore, TData> = Omit<
  RouteOptions<
    RootParent<TContext>,
    '',
    '',
    TSearchIn,
    TSearch,
    Record<never, never>,
    Record<never, never>,
    TBefore,
    TData
  >,
  'getParentRoute' | 'path' | 'id' | 'params' | 'loaderDeps'
>
type RootParent<TContext> = Route<{
  id: RootId
  fullPath: '/'
  params: Record<never, never>
  search: Record<never, never>
  searchInput: Record<never, never>
  context: TContext
  loaderData: undefined
  loaderDeps: Record<never, never>
}>

function rootRouteFor<TContext>() {
  return <
    TSearchIn = Record<string, unknown>,
    TSearch = Record<never, never>,
    TBefore = undefined,
    TData = undefined,
  >(
    options: RootOptions<TContext, TSearchIn, TSearch, TBefore, TData> = {},
  ): Route<{
    id: RootId
    fullPath: '/'
    params: Record<never, never>
    search: TSearch
    searchInput: SearchInput<TSearchIn, TSearch>
    context: Expand<TContext & OrNothing<Awaited<TBefore>>>
    routerContext: TContext
    loaderData: Awaited<TData>
    loaderDeps: Record<never, never>
  }> => new Route(options)
}

export const createRootRoute = rootRouteFor<Record<never, never>>()

/** A root route whose context, of this type, must be given to `createRouter`. */
export function createRootRouteWithContext<TContext extends object>() {
  return rootRouteFor<TContext>()
}
