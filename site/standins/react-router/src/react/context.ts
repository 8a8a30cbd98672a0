import { createContext, useContext } from 'react'
import type { AnyRouter, RegisteredRouter } from '../types/routes.ts'

export const RouterContext = createContext<AnyRouter | undefined>(undefined)
/** The id of the route whose component we are in. */
export const RouteIdContext = createContext<string | undefined>(undefined)

export function useRouter(): RegisteredRouter {
  const router = useContext(RouterContext)
  if (!router) throw new Error('No router: put a RouterProvider around the application')
  return router as RegisteredRouter
}
