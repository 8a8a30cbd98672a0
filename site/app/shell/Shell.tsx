import { Outlet } from '@tanstack/react-router'
import { Footer } from './Footer.tsx'
import { Header } from './Header.tsx'
import { RouteAnnouncer } from './RouteAnnouncer.tsx'

/** The frame of every page. The announcer comes last, so that the page has set its title before it reads it. */
export function Shell() {
  return (
    <div className="flex min-h-full flex-col">
      <a className="skip-link" href="#content">
        Skip to content
      </a>
      <Header />
      <main id="content" tabIndex={-1} className="flex min-h-[60vh] flex-col">
        <Outlet />
      </main>
      <Footer />
      <RouteAnnouncer />
    </div>
  )
}
