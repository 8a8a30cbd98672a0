import { queryOptions } from '@tanstack/react-query'
import { getJSON } from '../api/http.ts'
import { readStatus } from './status.ts'

export const statusQuery = queryOptions({
  queryKey: ['status'],
  queryFn: ({ signal }) => getJSON('/api/v1/status', readStatus, signal),
  refetchInterval: 5000,
  // A failure is news here: it is shown after one more try, not after four.
  retry: 1,
})
