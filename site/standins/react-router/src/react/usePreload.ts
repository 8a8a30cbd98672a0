import { useCallback, useEffect, useRef } from 'react'
import type { ParsedLocation } from '../location.ts'
import type { Preload } from '../routerOptions.ts'
import { useRouter } from './context.ts'

/** Loads what a link leads to before it is followed, when `mode` says so. */
export function usePreload(location: ParsedLocation | undefined, mode: Preload, delay: number) {
  const router = useRouter()
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  const element = useRef<HTMLAnchorElement | null>(null)
  const href = location?.href

  const load = useCallback(() => {
    if (href !== undefined) void router.preloadLocation(router.locationOf(href))
  }, [router, href])

  useEffect(() => {
    const pending = timer
    return () => clearTimeout(pending.current)
  }, [timer])

  useEffect(() => {
    if (mode === 'render') load()
    const anchor = element.current
    if (mode !== 'viewport' || !anchor) return undefined
    const observer = new IntersectionObserver(
      (entries) => {
        if (entries.some((entry) => entry.isIntersecting)) load()
      },
      { rootMargin: '100px' },
    )
    observer.observe(anchor)
    return () => observer.disconnect()
  }, [mode, load, element])

  const attach = useCallback((node: HTMLAnchorElement | null) => {
    element.current = node
  }, [])

  const forget = () => clearTimeout(timer.current)
  return {
    attach,
    /** A pointer or the focus has come to the link. */
    intend: () => {
      forget()
      if (mode === 'intent') timer.current = setTimeout(load, delay)
    },
    forget,
    /** A finger is down: no delay. */
    touch: () => {
      if (mode === 'intent') load()
    },
  }
}
