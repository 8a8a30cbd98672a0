import type { LoggedRequest } from './types.ts'

/** How many requests are kept; the emulator keeps as many. */
export const most = 1000

export interface RequestList {
  requests: LoggedRequest[]
  last: number
}

/** The list with one more request. One that is there already, after a reconnection, changes nothing. */
export function withRequest(list: RequestList | undefined, request: LoggedRequest): RequestList {
  const before = list ?? { requests: [], last: 0 }
  if (request.seq <= before.last) return before
  const requests = [...before.requests, request]
  if (requests.length > most) requests.splice(0, requests.length - most)
  return { requests, last: request.seq }
}

/**
 * The requests that events have told of since the connection was made. An answer that was on its way meanwhile does not have
 * them, and would otherwise take them off the list.
 */
export class Heard {
  #requests: LoggedRequest[] = []

  note(request: LoggedRequest): void {
    this.#requests.push(request)
    if (this.#requests.length > most) this.#requests.shift()
  }

  /** For a new connection: what is asked for from now on has them, and a restarted emulator counts from one again. */
  forget(): void {
    this.#requests = []
  }

  /** An answer with what came after it. */
  added(to: RequestList): RequestList {
    return this.#requests.reduce<RequestList>(withRequest, to)
  }
}

export const heard = new Heard()
