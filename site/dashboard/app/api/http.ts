/** An answer that is not the one we asked for, in the server's own words. */
export class APIError extends Error {
  override name = 'APIError'
  readonly status: number
  readonly code: string
  readonly hint: string | undefined

  constructor(status: number, code: string, message: string, hint?: string) {
    super(message)
    this.status = status
    this.code = code
    this.hint = hint
  }
}

async function refusal(response: Response): Promise<APIError> {
  try {
    const problem = (await response.json()) as { code?: string; detail?: string; hint?: string }
    return new APIError(
      response.status,
      problem.code ?? 'failed',
      problem.detail ?? `The emulator answered ${response.status}.`,
      problem.hint,
    )
  } catch {
    return new APIError(response.status, 'failed', `The emulator answered ${response.status}.`)
  }
}

export async function getJSON<T>(path: string, signal?: AbortSignal): Promise<T> {
  const response = await fetch(path, { signal, headers: { accept: 'application/json' } })
  if (!response.ok) throw await refusal(response)
  return (await response.json()) as T
}

/** Sends a change; answers what the server says of it, if it says anything. */
export async function send<T = void>(method: string, path: string, body?: unknown): Promise<T> {
  const response = await fetch(path, {
    method,
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  if (!response.ok) throw await refusal(response)
  if (response.status === 204) return undefined as T
  const text = await response.text()
  return (text ? JSON.parse(text) : undefined) as T
}

/** What the server says of a refusal, if it says anything. */
function detail(request: XMLHttpRequest): string {
  const standard = `The emulator answered ${request.status}.`
  try {
    return (JSON.parse(request.responseText) as { detail?: string }).detail ?? standard
  } catch {
    return standard
  }
}

/** Uploads a file; fetch cannot tell how far it is, this can. */
export function upload(
  path: string,
  file: Blob,
  progress: (part: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('PUT', path)
    if (file.type) request.setRequestHeader('content-type', file.type)
    request.upload.addEventListener('progress', (event) => {
      if (event.lengthComputable && event.total > 0) progress(event.loaded / event.total)
    })
    request.addEventListener('load', () => {
      if (request.status < 300) return resolve()
      reject(new APIError(request.status, 'failed', detail(request)))
    })
    request.addEventListener('error', () =>
      reject(new APIError(0, 'offline', 'The emulator cannot be reached.')),
    )
    request.addEventListener('abort', () =>
      reject(new APIError(0, 'aborted', 'The upload was cancelled.')),
    )
    signal?.addEventListener('abort', () => request.abort())
    request.send(file)
  })
}

export const segment = (text: string) => encodeURIComponent(text)
