import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { ErrorPage } from './errors/ErrorPage.tsx'
import { NotFoundPage } from './errors/NotFoundPage.tsx'
import { readSearch } from './search/readSearch.ts'
import { Shell } from './shell/Shell.tsx'

// Routes stand here and components in their own files, which export nothing else: so a changed component is swapped in
// the browser with its state kept.
const rootRoute = createRootRoute({
  component: Shell,
  notFoundComponent: NotFoundPage,
})

const homeRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: lazyRouteComponent(() => import('./home/HomePage.tsx'), 'HomePage'),
})

const statusRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/status',
  component: lazyRouteComponent(() => import('./status/StatusPage.tsx'), 'StatusPage'),
})

const searchRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/search',
  validateSearch: readSearch,
  component: lazyRouteComponent(() => import('./search/SearchPage.tsx'), 'SearchPage'),
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([homeRoute, statusRoute, searchRoute]),
  defaultPreload: 'intent',
  defaultErrorComponent: ErrorPage,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
