import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
} from '@tanstack/react-router'
import { readSearch } from './api/readSearch.ts'
import { OverviewPage } from './overview/OverviewPage.tsx'
import { Shell } from './shell/Shell.tsx'
import { Trouble } from './shell/Trouble.tsx'

const rootRoute = createRootRoute({ component: Shell, notFoundComponent: OverviewPage })

const overviewRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/',
  component: OverviewPage,
})

const requestsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/requests',
  validateSearch: readSearch('q', 'status', 'source', 'seq'),
  component: lazyRouteComponent(() => import('./requests/RequestsPage.tsx'), 'RequestsPage'),
})

const kvRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/kv',
  validateSearch: readSearch('namespace', 'q', 'key'),
  component: lazyRouteComponent(() => import('./kv/KVPage.tsx'), 'KVPage'),
})

const r2Route = createRoute({
  getParentRoute: () => rootRoute,
  path: '/r2',
  validateSearch: readSearch('bucket', 'prefix', 'q', 'key'),
  component: lazyRouteComponent(() => import('./r2/R2Page.tsx'), 'R2Page'),
})

const queuesRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/queues',
  validateSearch: readSearch('queue', 'state', 'q'),
  component: lazyRouteComponent(() => import('./queues/QueuesPage.tsx'), 'QueuesPage'),
})

const cronsRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/crons',
  component: lazyRouteComponent(() => import('./crons/CronsPage.tsx'), 'CronsPage'),
})

const stateRoute = createRoute({
  getParentRoute: () => rootRoute,
  path: '/state',
  component: lazyRouteComponent(() => import('./state/StatePage.tsx'), 'StatePage'),
})

export const router = createRouter({
  routeTree: rootRoute.addChildren([
    overviewRoute,
    requestsRoute,
    kvRoute,
    r2Route,
    queuesRoute,
    cronsRoute,
    stateRoute,
  ]),
  defaultPreload: 'intent',
  defaultErrorComponent: ({ error }: { error: Error }) => <Trouble error={error} />,
  scrollRestoration: true,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
