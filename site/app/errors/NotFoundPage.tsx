import { Link } from '@tanstack/react-router'
import { PageTitle } from '../shell/PageTitle.tsx'

export function NotFoundPage() {
  return (
    <div className="page">
      <p className="mb-3 font-mono text-sm text-bloom">404</p>
      <PageTitle title="Page not found" />
      <p className="lede mt-4">
        Nothing is at this address. It may have moved, or the link to it has a mistake.
      </p>
      <p className="mt-8 flex flex-wrap gap-3">
        <Link to="/" className="button" activeProps={{}}>
          Go to the start
        </Link>
        <Link to="/search" className="button button-quiet">
          Search the documentation
        </Link>
      </p>
    </div>
  )
}
