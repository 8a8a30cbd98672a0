import type { SearchIndex } from './search.ts'

export const searchIndexURL = '/docs/search-index.json'

/** Fetches the index the build wrote beside the documentation. */
export async function fetchSearchIndex(signal?: AbortSignal): Promise<SearchIndex> {
  const response = await fetch(searchIndexURL, { signal })
  if (!response.ok) throw new Error(`The search index answered ${response.status}`)
  const index = (await response.json()) as SearchIndex
  // A page left open over a release may meet the next release's file.
  if (index.version !== 1) throw new Error('The search index is newer than this page: reload it')
  return index
}
