import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { PageTitle } from '../shell/PageTitle.tsx'

/** In place of a page that failed. The header stays, so there is always a way on. */
export function ErrorPage({ error }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <div className="page" role="alert">
      <PageTitle title="This page did not open" />
      <p className="lede mt-4">
        Something it needs did not arrive or did not work. Often a second try helps; after a new
        release, loading the page again does.
      </p>
      <pre className="mt-6 whitespace-pre-wrap rounded-xl border border-line bg-raised p-4 text-sm">
        {error.message}
      </pre>
      <p className="mt-8 flex flex-wrap gap-3">
        <button type="button" className="button" onClick={() => void router.invalidate()}>
          Try again
        </button>
        <button
          type="button"
          className="button button-quiet"
          onClick={() => window.location.reload()}
        >
          Load the page again
        </button>
      </p>
    </div>
  )
}
