import { type ComponentType, createElement, type ReactNode, use } from 'react'
import type { RouteComponent } from '../route.ts'

type PropsOf<T> = T extends (props: infer TProps) => any ? TProps : never

/**
 * A component whose code arrives on demand: `lazyRouteComponent(() => import('./Page'), 'Page')`. The router loads it with
 * the route's data; a component rendered before that suspends.
 */
export function lazyRouteComponent<
  TModule extends Record<string, any>,
  TName extends keyof TModule = 'default',
>(importer: () => Promise<TModule>, exportName?: TName): RouteComponent<PropsOf<TModule[TName]>> {
  const name = exportName ?? ('default' as TName)
  let loading: Promise<ComponentType> | undefined
  let loaded: ComponentType | undefined

  const load = () => {
    loading ??= importer().then(
      (module) => (loaded = module[name] as ComponentType),
      (error: unknown) => {
        // A lost connection is not for ever: the next visit asks again.
        loading = undefined
        throw error
      },
    )
    return loading
  }
  function Lazy(props: object): ReactNode {
    return createElement(loaded ?? use(load()), props)
  }
  Lazy.preload = async () => {
    await load()
  }
  return Lazy as RouteComponent<PropsOf<TModule[TName]>>
}
