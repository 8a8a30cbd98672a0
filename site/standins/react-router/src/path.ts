/** One part of a route's path between slashes. Parameters may have fixed text around them: `v{$version}.json`. */
export type Segment =
  | { kind: 'static'; value: string }
  | { kind: 'param' | 'optional' | 'splat'; name: string; prefix: string; suffix: string }

const braced = /^(.*?)\{(-?)\$([^}]*)\}(.*)$/

export const splitPath = (path: string) => path.split('/').filter((part) => part !== '')

/** `/docs/$section/{-$page}` → static, parameter, optional parameter. `$` takes all the rest. */
export function parsePattern(path: string): Segment[] {
  return splitPath(path).map((part): Segment => {
    const match = braced.exec(part)
    if (match) {
      const [, prefix = '', optional, name = '', suffix = ''] = match
      if (!name) return { kind: 'splat', name: '_splat', prefix, suffix }
      return { kind: optional ? 'optional' : 'param', name, prefix, suffix }
    }
    if (part === '$') return { kind: 'splat', name: '_splat', prefix: '', suffix: '' }
    if (part.startsWith('$')) return { kind: 'param', name: part.slice(1), prefix: '', suffix: '' }
    return { kind: 'static', value: part }
  })
}

export interface PathMatch {
  params: Record<string, string>
  /** Parts of the path beyond the pattern; only a fuzzy match leaves any. */
  rest: number
}

/** Fits a path, already cut into parts, to a pattern. A fuzzy match may leave parts over. */
export function matchPattern(
  pattern: readonly Segment[],
  parts: readonly string[],
  options: { fuzzy?: boolean; caseSensitive?: boolean } = {},
): PathMatch | undefined {
  const [segment, ...others] = pattern
  if (!segment)
    return parts.length === 0 || options.fuzzy ? { params: {}, rest: parts.length } : undefined

  if (segment.kind === 'splat') {
    const value = inner(parts.join('/'), segment)
    return value === undefined ? undefined : { params: { _splat: decoded(value) }, rest: 0 }
  }
  const [part, ...remaining] = parts
  if (segment.kind === 'static') {
    const fold = (text: string) => (options.caseSensitive ? text : text.toLowerCase())
    if (part === undefined || fold(decoded(part)) !== fold(segment.value)) return undefined
    return matchPattern(others, remaining, options)
  }
  const value = part === undefined ? undefined : inner(part, segment)
  if (value) {
    const found = matchPattern(others, remaining, options)
    if (found) return { ...found, params: { [segment.name]: decoded(value), ...found.params } }
  }
  return segment.kind === 'optional' ? matchPattern(others, parts, options) : undefined
}

/** Which of two patterns is tried first: negative for `a`. More exact parts win, from left to right. */
export function comparePatterns(a: readonly Segment[], b: readonly Segment[]): number {
  for (let at = 0; at < Math.max(a.length, b.length); at += 1) {
    const difference = rank(b[at]) - rank(a[at])
    if (difference !== 0) return difference
  }
  return 0
}

/** Puts parameters into a pattern. Missing ones leave out optional segments and are an error elsewhere. */
export function interpolatePath(path: string, params: Record<string, unknown>): string {
  const parts: string[] = []
  for (const segment of parsePattern(path)) {
    if (segment.kind === 'static') {
      parts.push(segment.value)
      continue
    }
    const { kind, name, prefix, suffix } = segment
    const value = params[name]
    if (value === undefined || value === null || value === '') {
      if (kind === 'param') throw new Error(`The path ${path} needs the parameter ${name}`)
      if (kind === 'splat' && (prefix || suffix)) parts.push(prefix + suffix)
      continue
    }
    const text = String(value as string | number)
    const encoded =
      kind === 'splat'
        ? text.split('/').map(encodeURIComponent).join('/')
        : encodeURIComponent(text)
    parts.push(prefix + encoded + suffix)
  }
  return `/${parts.join('/')}`
}

/** `resolvePath('/a/b', '../c')` is `/a/c`; an absolute path stays what it is. */
export function resolvePath(from: string, to: string): string {
  const parts = to.startsWith('/') ? [] : splitPath(from)
  for (const part of splitPath(to)) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

export const joinPaths = (a: string, b: string) =>
  b === '' ? a : `${a.replace(/\/+$/, '')}/${b.replace(/^\/+/, '')}`

export const trimTrailingSlash = (path: string) =>
  path.length > 1 ? path.replace(/\/+$/, '') || '/' : path

function rank(segment: Segment | undefined): number {
  // A pattern that ends is more exact than one that may go on, less than one that must.
  if (!segment) return 2.5
  if (segment.kind === 'static') return 6
  const fixed = segment.prefix.length + segment.suffix.length > 0
  if (segment.kind === 'param') return fixed ? 5 : 4
  if (segment.kind === 'optional') return fixed ? 2 : 1.5
  return fixed ? 1 : 0
}

function inner(
  part: string,
  { prefix, suffix }: { prefix: string; suffix: string },
): string | undefined {
  const long = part.length >= prefix.length + suffix.length
  if (!long || !part.startsWith(prefix) || !part.endsWith(suffix)) return undefined
  return part.slice(prefix.length, part.length - suffix.length)
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    // A stray percent sign is the visitor's, not ours.
    return text
  }
}
