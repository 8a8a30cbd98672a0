import { queryOptions } from '@tanstack/react-query'
import { fetchSearchIndex } from '../../search/searchIndex.ts'

export const searchIndexQuery = queryOptions({
  queryKey: ['docs', 'search-index'],
  queryFn: ({ signal }) => fetchSearchIndex(signal),
  // The index changes with a release, and a release is a new page.
  staleTime: Infinity,
  retry: 1,
})
