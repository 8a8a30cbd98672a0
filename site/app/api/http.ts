/** An answer that is not the one we asked for. */
export class HTTPError extends Error {
  override name = 'HTTPError'
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Fetches JSON from our own API. `read` turns the answer into a value we can rely on, or throws. */
export async function getJSON<T>(
  path: string,
  read: (json: unknown) => T,
  signal?: AbortSignal,
): Promise<T> {
  const response = await fetch(path, { signal, headers: { accept: 'application/json' } })
  if (!response.ok) throw new HTTPError(response.status, `${path} answered ${response.status}`)
  const type = response.headers.get('content-type') ?? ''
  // A host that knows only files answers with its page for unknown paths.
  if (!type.includes('json'))
    throw new HTTPError(response.status, `${path} did not answer with JSON`)
  return read(await response.json())
}
