import type { ParsedLocation } from './location.ts'
import { interpolatePath, resolvePath, trimTrailingSlash } from './path.ts'
import type { AnyRoute } from './route.ts'
import type { SearchSerializer } from './search.ts'
import type { LooseNavigateOptions } from './types/links.ts'

/** What a link may refer to without saying it. */
export interface Surroundings {
  location: ParsedLocation
  /** The pattern of the present page; its address where no route answers. */
  path: string
  params: Record<string, string>
  search: Record<string, unknown>
  routes: readonly AnyRoute[]
  stringifySearch: SearchSerializer
}

/** The address that link options lead to, seen from where we are. */
export function buildLocation(options: LooseNavigateOptions, here: Surroundings): ParsedLocation {
  const base = options.from ?? here.path
  const pattern = options.to === undefined ? base : resolvePath(base, options.to)
  const params = { ...here.params, ...(changed(options.params, here.params, true) as object) }
  const texts = stringified(pattern, params, here.routes)
  const pathname = trimTrailingSlash(interpolatePath(pattern, texts))

  const search = changed(options.search, here.search, {}) as Record<string, unknown>
  const searchStr = here.stringifySearch(search)
  const hash = (changed(options.hash, here.location.hash, '') as string).replace(/^#/, '')
  const state = changed(options.state, here.location.state, {}) as ParsedLocation['state']
  const href = pathname + searchStr + (hash && `#${hash}`)
  return { href, pathname, search, searchStr, hash, state }
}

/** `true` keeps the present value, a function changes it, leaving it out gives what is usual for the field. */
function changed(option: unknown, present: unknown, unset: unknown): unknown {
  const wanted = option ?? unset
  if (wanted === true) return present
  return typeof wanted === 'function' ? (wanted as (present: unknown) => unknown)(present) : wanted
}

/** Parameters as they stand in a path, by the routes that convert them. */
function stringified(
  pattern: string,
  params: Record<string, unknown>,
  routes: readonly AnyRoute[],
): Record<string, unknown> {
  let texts = params
  for (const route of routes) {
    const fullPath = route.fullPath as string
    const applies = pattern === trimTrailingSlash(fullPath) || pattern.startsWith(`${fullPath}/`)
    const converter = route.options.params
    if (converter && applies) texts = { ...texts, ...converter.stringify(texts) }
  }
  return texts
}
