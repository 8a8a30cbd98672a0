import { useRouterState } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'

/**
 * After a navigation inside the page, does what the browser does after a real one: puts the focus at the start of the new
 * content and has its title read out. The first page is the browser's own affair.
 */
export function RouteAnnouncer() {
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const announced = useRef<string | undefined>(undefined)
  const region = useRef<HTMLParagraphElement>(null)

  useEffect(() => {
    const before = announced.current
    announced.current = pathname
    if (before === undefined || before === pathname) return
    const main = document.getElementById('content')
    const target = main?.querySelector<HTMLElement>('h1[tabindex]') ?? main
    // The router has chosen the scroll position already.
    target?.focus({ preventScroll: true })
    if (region.current) region.current.textContent = document.title
  }, [pathname])

  return <p ref={region} className="sr-only" aria-live="assertive" aria-atomic="true" />
}
