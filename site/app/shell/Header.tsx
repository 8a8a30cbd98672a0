import { Link } from '@tanstack/react-router'
import { LilypadMark } from './LilypadMark.tsx'
import { ThemeChoice } from './ThemeChoice.tsx'

export function Header() {
  return (
    <header className="site-header">
      <div className="site-header-inner">
        <Link to="/" className="site-brand" activeOptions={{ exact: true }}>
          <LilypadMark />
          Lilypad
        </Link>
        <nav className="site-nav" aria-label="Main">
          <a href="/docs">Docs</a>
          {/* Whatever is being searched for, this is the search page. */}
          <Link to="/search" activeOptions={{ includeSearch: false }}>
            Search
          </Link>
          <Link to="/status">Status</Link>
        </nav>
        <ThemeChoice />
      </div>
    </header>
  )
}
