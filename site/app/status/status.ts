/** What the edge says of itself. */
export interface Status {
  version: string
  /** SHA-256 over the files it serves, in hex; `null` if it serves none. */
  bundle: string | null
  uptimeSeconds: number
  environment: string
  bindings: Binding[]
}

export interface Binding {
  name: string
  kind: string
}

/** Checks an answer of `/api/v1/status`. */
export function readStatus(json: unknown): Status {
  const { version, bundle, uptimeSeconds, environment, bindings } = record(json)
  if (typeof version !== 'string') throw unexpected('version')
  if (bundle !== null && typeof bundle !== 'string') throw unexpected('bundle')
  if (typeof uptimeSeconds !== 'number') throw unexpected('uptimeSeconds')
  if (typeof environment !== 'string') throw unexpected('environment')
  if (!Array.isArray(bindings)) throw unexpected('bindings')
  return { version, bundle, uptimeSeconds, environment, bindings: bindings.map(readBinding) }
}

function readBinding(json: unknown): Binding {
  const { name, kind } = record(json)
  if (typeof name !== 'string' || typeof kind !== 'string') throw unexpected('bindings')
  return { name, kind }
}

function record(json: unknown): Record<string, unknown> {
  if (typeof json !== 'object' || json === null) throw unexpected('')
  return json as Record<string, unknown>
}

const unexpected = (field: string) =>
  new Error(`The edge answered in a way this page does not understand${field && ` (${field})`}`)
