import type { ParsedLocation } from './location.ts'
import { trimTrailingSlash } from './path.ts'

export interface ActiveOptions {
  /** The path must be the same, not only begin alike. */
  exact?: boolean
  /** The page's search must contain the link's. Default `true`. */
  includeSearch?: boolean
  includeHash?: boolean
  /** A property that is `undefined` in the link must be absent on the page. */
  explicitUndefined?: boolean
}

/** Does a link lead to where we are, or (unless `exact`) to something above it? */
export function isActive(
  here: ParsedLocation,
  link: ParsedLocation,
  options: ActiveOptions = {},
): boolean {
  const {
    exact = false,
    includeSearch = true,
    includeHash = false,
    explicitUndefined = false,
  } = options
  const path = trimTrailingSlash(here.pathname)
  const target = trimTrailingSlash(link.pathname)
  const below = target === '/' || path.startsWith(`${target}/`)
  if (path !== target && (exact || !below)) return false
  if (includeHash && here.hash !== link.hash) return false
  return !includeSearch || contains(here.search, link.search, { exact, explicitUndefined })
}

function contains(
  whole: unknown,
  part: unknown,
  options: { exact: boolean; explicitUndefined: boolean },
): boolean {
  if (Object.is(whole, part)) return true
  if (typeof whole !== 'object' || typeof part !== 'object' || !whole || !part) return false
  const significant = (value: object) =>
    Object.entries(value).filter(([, each]) => options.explicitUndefined || each !== undefined)
  const entries = significant(part)
  if (options.exact && entries.length !== significant(whole).length) return false
  return entries.every(([name, value]) =>
    contains((whole as Record<string, unknown>)[name], value, options),
  )
}
