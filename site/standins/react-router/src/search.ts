export type SearchParser = (text: string) => Record<string, unknown>
export type SearchSerializer = (search: Record<string, unknown>) => string

/**
 * Search as JSON values: `?page=2&open=true&tags=["a"]` is a number, a boolean and a list. What is not JSON is a string.
 * A name that occurs more than once becomes a list.
 */
export function parseSearchWith(parse: (text: string) => unknown): SearchParser {
  return (text) => {
    const values: Record<string, unknown> = {}
    for (const [name, raw] of new URLSearchParams(text)) {
      const value = parsed(raw, parse)
      if (!Object.hasOwn(values, name)) values[name] = value
      else if (Array.isArray(values[name])) (values[name] as unknown[]).push(value)
      else values[name] = [values[name], value]
    }
    return values
  }
}

/** The other way. A string that would read back as something else is quoted: `{ q: '7' }` becomes `?q=%227%22`. */
export function stringifySearchWith(
  stringify: (value: unknown) => string,
  parse?: (text: string) => unknown,
): SearchSerializer {
  return (search) => {
    const parameters = new URLSearchParams()
    for (const [name, value] of Object.entries(search)) {
      if (value === undefined) continue
      const ambiguous = typeof value === 'string' && parse && parsed(value, parse) !== value
      const plain = typeof value === 'string' && !ambiguous
      parameters.append(name, plain ? value : stringify(value))
    }
    const text = parameters.toString()
    return text ? `?${text}` : ''
  }
}

export const defaultParseSearch = parseSearchWith(JSON.parse)
export const defaultStringifySearch = stringifySearchWith(JSON.stringify, JSON.parse)

function parsed(raw: string, parse: (text: string) => unknown): unknown {
  try {
    return parse(raw)
  } catch {
    return raw
  }
}
