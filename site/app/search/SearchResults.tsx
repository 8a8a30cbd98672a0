import type { SearchResult } from '../../search/search.ts'
import { Highlighted } from './Highlighted.tsx'

interface Props {
  query: string
  results: readonly SearchResult[]
  isPending: boolean
  isPaused: boolean
  error: Error | null
  retry: () => void
}

export function SearchResults({ query, results, isPending, isPaused, error, retry }: Props) {
  return (
    <div className="mt-6 max-w-3xl">
      <div role="status" className="text-sm text-muted">
        {error ? (
          <p>{error.message}</p>
        ) : (
          <p>{summary(query, results.length, isPending, isPaused)}</p>
        )}
      </div>
      {error && (
        <button type="button" className="button button-quiet mt-4" onClick={retry}>
          Try again
        </button>
      )}
      {results.length > 0 && (
        <ol className="mt-2 divide-y divide-line">
          {results.map(({ page, url, heading }) => (
            <li key={page.url}>
              <a href={url} className="group block rounded-md py-4">
                {page.section && <span className="block text-sm text-muted">{page.section}</span>}
                <span className="text-lg font-semibold text-leaf group-hover:underline">
                  <Highlighted text={page.title} query={query} />
                </span>
                {heading && (
                  <span className="text-lg">
                    {' › '}
                    <Highlighted text={heading} query={query} />
                  </span>
                )}
                {page.description && (
                  <span className="mt-1 block text-muted">
                    <Highlighted text={page.description} query={query} />
                  </span>
                )}
              </a>
            </li>
          ))}
        </ol>
      )}
    </div>
  )
}

function summary(query: string, count: number, isPending: boolean, isPaused: boolean): string {
  if (isPending && isPaused)
    return 'You are offline. The search works again when the network is back.'
  if (isPending) return 'Loading the index…'
  if (query.trim().length < 2) return 'Type two letters or more. Every word must be on the page.'
  if (count === 0) return `No page has “${query.trim()}”. Fewer or other words may help.`
  return count === 1 ? '1 page' : `${count} pages`
}
