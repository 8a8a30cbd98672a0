import type { RouteId, RouteTypesById } from '../types/routes.ts'
import type { RouteMatch } from '../match.ts'
import * as hooks from './hooks.ts'

/** A route's hooks by its id, for components in files that the route tree itself imports. */
export function getRouteApi<const TId extends RouteId>(id: TId) {
  type Types = RouteTypesById<TId>
  return {
    id,
    useMatch: <TSelected = RouteMatch<Types>>(options?: {
      select?: (match: RouteMatch<Types>) => TSelected
    }): TSelected => hooks.useMatchOf(id, options?.select),
    useParams: <TSelected = Types['params']>(options?: {
      select?: (params: Types['params']) => TSelected
    }): TSelected => hooks.useFieldOf(id, 'params', options?.select),
    useSearch: <TSelected = Types['search']>(options?: {
      select?: (search: Types['search']) => TSelected
    }): TSelected => hooks.useFieldOf(id, 'search', options?.select),
    useLoaderData: <TSelected = Types['loaderData']>(options?: {
      select?: (data: Types['loaderData']) => TSelected
    }): TSelected => hooks.useFieldOf(id, 'loaderData', options?.select),
    useLoaderDeps: <TSelected = Types['loaderDeps']>(options?: {
      select?: (deps: Types['loaderDeps']) => TSelected
    }): TSelected => hooks.useFieldOf(id, 'loaderDeps', options?.select),
    useRouteContext: <TSelected = Types['context']>(options?: {
      select?: (context: Types['context']) => TSelected
    }): TSelected => hooks.useFieldOf(id, 'context', options?.select),
    useNavigate: () => hooks.useNavigate(),
  }
}
