import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { searchDocs } from '../../search/search.ts'
import { PageTitle } from '../shell/PageTitle.tsx'
import { searchIndexQuery } from './queries.ts'
import { SearchResults } from './SearchResults.tsx'

/** Milliseconds without a key before the address follows what is typed. */
const pause = 200

export function SearchPage() {
  const { q = '' } = useSearch({ from: '/search' })
  const navigate = useNavigate()
  const [text, setText] = useState(q)
  const sent = useRef(q)
  const index = useQuery(searchIndexQuery)

  // The address leads: a link or the back button changes the field.
  useEffect(() => {
    if (q === sent.current) return
    sent.current = q
    setText(q)
  }, [q])

  // And it follows: what is being typed can be shared or come back to, and leaves one entry in the history.
  useEffect(() => {
    const wanted = text.trim()
    if (wanted === sent.current) return undefined
    const timer = setTimeout(() => {
      sent.current = wanted
      void navigate({
        to: '/search',
        search: wanted ? { q: wanted } : {},
        replace: true,
        resetScroll: false,
      })
    }, pause)
    return () => clearTimeout(timer)
  }, [text, navigate])

  const query = useDeferredValue(text)
  const results = useMemo(
    () => (index.data ? searchDocs(index.data, query) : []),
    [index.data, query],
  )
  return (
    <div className="page">
      <PageTitle title="Search the documentation" />
      <search className="mt-6 block max-w-3xl">
        <label htmlFor="search-text" className="sr-only">
          Words to look for
        </label>
        <input
          id="search-text"
          type="search"
          className="search-field"
          placeholder="routing, cache, wrangler.toml …"
          autoComplete="off"
          spellCheck={false}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
      </search>
      <SearchResults
        query={query}
        results={results}
        isPending={index.isPending}
        isPaused={index.isPaused}
        error={index.error}
        retry={() => void index.refetch()}
      />
    </div>
  )
}
