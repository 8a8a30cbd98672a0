import { type ReactNode, Suspense, useContext } from 'react'
import type { RouteMatch } from '../match.ts'
import { isNotFound, isRedirect } from '../signals.ts'
import { CatchBoundary } from './CatchBoundary.tsx'
import { RouteIdContext, useRouter } from './context.ts'
import { ErrorComponent, NotFound } from './defaults.tsx'
import { useRouterState } from './hooks.ts'

/** The place where a route's component shows the route below it. */
export function Outlet(): ReactNode {
  const router = useRouter()
  const parentId = useContext(RouteIdContext)
  const child = useRouterState({
    select: ({ matches }) => {
      const at = matches.findIndex((match) => match.routeId === parentId)
      return { parent: matches[at], routeId: matches[at + 1]?.routeId as string | undefined }
    },
  })
  if (child.routeId !== undefined) return <Match key={child.routeId} routeId={child.routeId} />
  if (!child.parent?.globalNotFound) return null
  const { notFoundComponent } = router.routeOf(child.parent).options
  const Missing = notFoundComponent ?? router.options.defaultNotFoundComponent ?? NotFound
  return <Missing />
}

/** The matched routes from the root on. */
export function Matches(): ReactNode {
  const rootId = useRouterState({
    select: (state) => state.matches[0]?.routeId as string | undefined,
  })
  return rootId === undefined ? null : <Match routeId={rootId} />
}

function Match({ routeId }: { routeId: string }): ReactNode {
  const router = useRouter()
  const loadedAt = useRouterState({ select: (state) => state.loadedAt })
  const route = router.routesById.get(routeId)
  if (!route) return null
  const { errorComponent, notFoundComponent, pendingComponent } = route.options
  const Pending = pendingComponent ?? router.options.defaultPendingComponent
  const Failed = errorComponent ?? router.options.defaultErrorComponent ?? ErrorComponent
  return (
    <RouteIdContext.Provider value={routeId}>
      <CatchBoundary
        resetKey={loadedAt}
        onCatch={(error) => {
          if (!isNotFound(error)) router.options.defaultOnCatch?.(error)
        }}
        fallback={(error, reset) => {
          if (isRedirect(error)) return null
          if (isNotFound(error)) {
            const Missing =
              notFoundComponent ??
              (route.isRoot ? router.options.defaultNotFoundComponent : undefined)
            return Missing && <Missing data={error.data} />
          }
          // A route that says `errorComponent: false` leaves its errors to the one above.
          return Failed ? <Failed error={error} reset={reset} /> : undefined
        }}
      >
        <Suspense fallback={Pending ? <Pending /> : null}>
          <MatchContent routeId={routeId} />
        </Suspense>
      </CatchBoundary>
    </RouteIdContext.Provider>
  )
}

function MatchContent({ routeId }: { routeId: string }): ReactNode {
  const router = useRouter()
  const match = useRouterState({
    select: ({ matches }) => {
      const found = matches.find((each) => each.routeId === routeId)
      return found && { status: found.status, error: found.error, id: found.id }
    },
  }) as Pick<RouteMatch, 'status' | 'error' | 'id'> | undefined
  const { component, notFoundComponent, pendingComponent } =
    router.routesById.get(routeId)?.options ?? {}
  if (!match) return null
  if (match.status === 'error') throw match.error
  if (match.status === 'notFound') {
    const Missing = notFoundComponent ?? router.options.defaultNotFoundComponent ?? NotFound
    return <Missing data={isNotFound(match.error) ? match.error.data : undefined} />
  }
  const Component = component ?? router.options.defaultComponent ?? Outlet
  // A component that is there, with no loader to wait for, is shown at once: the frame of the page on the first visit.
  const ready = match.status === 'success' || !needsLoading(router.routesById.get(routeId)?.options)
  if (ready) return <Component />
  const Pending = pendingComponent ?? router.options.defaultPendingComponent
  return Pending ? <Pending /> : null
}

function needsLoading(
  options: { loader?: unknown; beforeLoad?: unknown; component?: { preload?: unknown } } = {},
) {
  return Boolean(options.loader ?? options.beforeLoad ?? options.component?.preload)
}
