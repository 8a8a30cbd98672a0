import { Link, Outlet, useRouterState } from '@tanstack/react-router'
import { useCallback, useEffect, useRef, useState } from 'react'
import { useLive } from '../api/useLive.ts'
import { Help } from './Help.tsx'
import { places } from './keys.ts'
import { Mark } from './Mark.tsx'
import { ThemeChoice } from './ThemeChoice.tsx'
import { useKeys } from './useKeys.ts'

const words = { connecting: 'Connecting', live: 'Live', lost: 'Emulator not reached' }

export function Shell() {
  const connection = useLive()
  const [hasHelp, setHasHelp] = useState(false)
  useKeys(useCallback(() => setHasHelp(true), []))
  useFocusAfterNavigation()
  return (
    <div className="frame">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <header className="bar">
        <Link to="/" className="brand" activeOptions={{ exact: true }}>
          <Mark />
          Lilypad <span className="text-muted">local</span>
        </Link>
        <p className="connection" data-state={connection} role="status">
          {words[connection]}
        </p>
        <ThemeChoice />
        <button type="button" className="action" onClick={() => setHasHelp(true)}>
          <span className="sr-only">Show the </span>
          <span aria-hidden="true">?</span> <span className="max-sm:sr-only">Keys</span>
        </button>
      </header>
      <nav className="places" aria-label="Pages">
        {places.map(({ to, label }) => (
          <Link key={to} to={to} activeOptions={{ exact: to === '/', includeSearch: false }}>
            {label}
          </Link>
        ))}
      </nav>
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
      {hasHelp && <Help onClose={() => setHasHelp(false)} />}
    </div>
  )
}

/** After a navigation the focus is at the start of the new page, as it would be without a script. */
function useFocusAfterNavigation() {
  const pathname = useRouterState({ select: (state) => state.resolvedLocation?.pathname })
  const before = useRef<string | undefined>(undefined)
  useEffect(() => {
    const last = before.current
    before.current = pathname
    // On a narrow screen the row of links is longer than what is seen of it.
    document
      .querySelector('.places [aria-current]')
      ?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
    if (last === undefined || last === pathname) return
    document.querySelector<HTMLElement>('#content h1')?.focus({ preventScroll: true })
  }, [pathname])
}
