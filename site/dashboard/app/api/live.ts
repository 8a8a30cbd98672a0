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
