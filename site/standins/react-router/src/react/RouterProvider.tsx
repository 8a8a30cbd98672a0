import { useEffect, useLayoutEffect, useRef } from 'react'
import type { ParsedLocation } from '../location.ts'
import type { AnyRouter, RegisteredRouter } from '../types/routes.ts'
import { RouterContext } from './context.ts'
import { useRouterState } from './hooks.ts'
import { Matches } from './Matches.tsx'

export function RouterProvider<TRouter extends AnyRouter = RegisteredRouter>({
  router,
}: {
  router: TRouter
}) {
  useEffect(() => router.mount(), [router])
  return (
    <RouterContext.Provider value={router}>
      <Matches />
      <Rendered router={router} />
    </RouterContext.Provider>
  )
}

/** Says when a navigation has reached the page: its effect runs after those of everything the router shows. */
function Rendered({ router }: { router: AnyRouter }) {
  const location = useRouterState({ select: (state) => state.resolvedLocation })
  const before = useRef<ParsedLocation | undefined>(undefined)
  useLayoutEffect(() => {
    if (!location || before.current === location) return
    const from = before.current
    before.current = location
    router.emit('onResolved', from, location)
    router.emit('onRendered', from, location)
  }, [router, location])
  return null
}
