export * from './types/register.ts'
export * from './types/links.ts'
export type { AnyRouter, RegisteredRouter } from './types/routes.ts'
export type { ActiveOptions } from './active.ts'
export {
  createBrowserHistory,
  createMemoryHistory,
  type HistoryLocation,
  type RouterHistory,
} from './history.ts'
export type { ParsedLocation } from './location.ts'
export type { RouteMatch } from './match.ts'
export { useRouter } from './react/context.ts'
export { ErrorComponent } from './react/defaults.tsx'
export { getRouteApi } from './react/getRouteApi.ts'
export {
  useCanGoBack,
  useLoaderData,
  useLoaderDeps,
  useLocation,
  useMatch,
  useMatches,
  useNavigate,
  useParams,
  useRouteContext,
  useRouterState,
  useSearch,
} from './react/hooks.ts'
export { lazyRouteComponent } from './react/lazy.ts'
export { Link, type LinkProps } from './react/Link.tsx'
export { Outlet } from './react/Matches.tsx'
export { Navigate } from './react/Navigate.tsx'
export { RouterProvider } from './react/RouterProvider.tsx'
export {
  type AnyRoute,
  createRootRoute,
  createRootRouteWithContext,
  createRoute,
  type ErrorComponentProps,
  type NotFoundRouteProps,
  Route,
  type RouteComponent,
  rootRouteId,
} from './route.ts'
export { createRouter, Router, type RouterState } from './router.ts'
export type { RouterOptions } from './routerOptions.ts'
export {
  defaultParseSearch,
  defaultStringifySearch,
  parseSearchWith,
  stringifySearchWith,
} from './search.ts'
export { isNotFound, isRedirect, notFound, NotFoundError, redirect } from './signals.ts'
export { type SearchSchemaInput, SearchParamError } from './validate.ts'
