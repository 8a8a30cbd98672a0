import type { LoggedRequest } from '../api/types.ts'

/** What the list is narrowed to; as it stands in the address. */
export interface Filter {
  /** Part of the target or of the method. */
  q?: string
  /** `2`, `3`, `4`, `5`: the first digit; `0`: no answer. */
  status?: string
  /** Who answered; `-assets` leaves the assets out. */
  source?: string
}

export function matches(request: LoggedRequest, filter: Filter): boolean {
  if (filter.status && Math.floor(request.status / 100) !== Number(filter.status)) return false
  if (filter.source === '-assets') {
    if (request.source === 'assets') return false
  } else if (filter.source && request.source !== filter.source) return false
  if (!filter.q) return true
  const wanted = filter.q.toLowerCase()
  return `${request.method} ${request.target}`.toLowerCase().includes(wanted)
}

/** Newest first. */
export const narrowed = (requests: readonly LoggedRequest[], filter: Filter) =>
  requests.filter((request) => matches(request, filter)).toReversed()

/** The neighbour of a request in the list; the first one when none is chosen, or it is gone. */
export function neighbour(
  list: readonly LoggedRequest[],
  seq: number | undefined,
  step: number,
): LoggedRequest | undefined {
  const place = list.findIndex((request) => request.seq === seq)
  if (place < 0) return list[0]
  return list[Math.max(0, Math.min(list.length - 1, place + step))]
}
