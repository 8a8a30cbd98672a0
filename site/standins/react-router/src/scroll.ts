import type { AnyRouter } from './types/routes.ts'

const storageKey = 'tsr-scroll-positions'
type Positions = Record<string, { x: number; y: number }>

/**
 * Scrolls after each navigation: back to where the entry was left, to the element the hash names, or to the top. Positions
 * live in the session's storage, so a reload finds them too.
 */
export function setUpScroll(router: AnyRouter): void {
  if (typeof window === 'undefined') return
  const restores = router.options.scrollRestoration === true
  const positions: Positions = restores ? read() : {}
  const remember = () => {
    const entry = router.state.resolvedLocation?.state.__TSR_key
    if (entry) positions[entry] = { x: window.scrollX, y: window.scrollY }
  }
  if (restores) {
    window.history.scrollRestoration = 'manual'
    router.subscribe('onBeforeNavigate', remember)
    window.addEventListener('pagehide', () => {
      remember()
      write(positions)
    })
  }

  router.subscribe('onRendered', ({ fromLocation, toLocation, hrefChanged }) => {
    const { resetScroll = true, hashScrollIntoView = true, traversed } = router.scrollIntent
    router.scrollIntent = {}
    if (!hrefChanged) return
    const known = positions[toLocation.state.__TSR_key]
    if (restores && known && (traversed || !fromLocation)) {
      window.scrollTo(known.x, known.y)
      return
    }
    const target = toLocation.hash && document.getElementById(toLocation.hash)
    if (target && hashScrollIntoView !== false) target.scrollIntoView(hashScrollIntoView)
    else if (resetScroll && fromLocation) window.scrollTo(0, 0)
  })
}

function read(): Positions {
  try {
    return JSON.parse(sessionStorage.getItem(storageKey) ?? '{}') as Positions
  } catch {
    return {}
  }
}

function write(positions: Positions): void {
  try {
    sessionStorage.setItem(storageKey, JSON.stringify(positions))
  } catch {
    // Storage may be full or forbidden; then pages open at their top.
  }
}
