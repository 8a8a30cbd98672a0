import type { HistoryEntryState, HistoryLocation } from './history.ts'
import type { SearchParser } from './search.ts'

/** An address with its search read. `hash` has no `#`. */
export interface ParsedLocation {
  href: string
  pathname: string
  search: Record<string, unknown>
  searchStr: string
  hash: string
  state: HistoryEntryState
}

export function parseLocation(
  location: HistoryLocation,
  parseSearch: SearchParser,
): ParsedLocation {
  return {
    href: location.href,
    pathname: location.pathname,
    search: parseSearch(location.search),
    searchStr: location.search,
    hash: location.hash.replace(/^#/, ''),
    state: location.state,
  }
}

const allowedProtocols = new Set(['http:', 'https:', 'mailto:', 'tel:'])

/** An address of another site or kind. `javascript:` and its like are refused by `isSafeHref`. */
export const hasProtocol = (href: string) => /^([a-z][a-z0-9+.-]*:|\/\/)/i.test(href)

export function isSafeHref(href: string): boolean {
  try {
    return allowedProtocols.has(new URL(href, 'http://base').protocol)
  } catch {
    return false
  }
}
