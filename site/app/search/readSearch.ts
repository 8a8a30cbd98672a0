/** `?q=…` of the search page. `?q=7` reads as a number and is still something to look for. */
export function readSearch(search: Record<string, unknown>): { q?: string } {
  const { q } = search
  return { q: q === undefined || typeof q === 'object' ? undefined : String(q) }
}
