import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { statusQuery } from './queries.ts'

export type EdgeState = 'asking' | 'up' | 'down' | 'offline'

/** How things stand with the edge, without wavering: a failure lasts until the next answer, not until the next question. */
export function useStatus() {
  const { data, error, errorUpdateCount, isPaused, isFetching, dataUpdatedAt, refetch } =
    useQuery(statusQuery)
  const [lastError, setLastError] = useState(error)
  if (error && error !== lastError) setLastError(error)

  // With nothing to show, each new question first clears the error of the last one.
  const failed = error !== null || (data === undefined && errorUpdateCount > 0)
  const state: EdgeState = isPaused ? 'offline' : failed ? 'down' : data ? 'up' : 'asking'
  return { state, data, problem: failed ? lastError : null, isFetching, dataUpdatedAt, refetch }
}
