import { describe, expect, test } from 'bun:test'
import { withRequest } from '../api/live.ts'
import type { LoggedRequest } from '../api/types.ts'
import { matches, narrowed, neighbour } from './filter.ts'

const request = (seq: number, change: Partial<LoggedRequest> = {}): LoggedRequest => ({
  seq,
  time: 0,
  method: 'GET',
  target: '/',
  host: 'localhost',
  status: 200,
  milliseconds: 1,
  bytes: 0,
  completed: true,
  source: 'worker',
  reason: '',
  ray: '',
  client: '',
  cacheStatus: null,
  limits: [],
  logs: [],
  explanation: [],
  ...change,
})

describe('the list of requests', () => {
  test('is narrowed by path, method, status and source', () => {
    const one = request(1, { target: '/api/Users', method: 'POST', status: 404 })
    expect(matches(one, { q: 'users' })).toBe(true)
    expect(matches(one, { q: 'post /api' })).toBe(true)
    expect(matches(one, { q: 'other' })).toBe(false)
    expect(matches(one, { status: '4' })).toBe(true)
    expect(matches(one, { status: '2' })).toBe(false)
    expect(matches(one, { source: 'worker' })).toBe(true)
    expect(matches(request(2, { source: 'assets' }), { source: '-assets' })).toBe(false)
  })

  test('shows the newest first, and goes from one to the next', () => {
    const list = narrowed([request(1), request(2), request(3)], {})
    expect(list.map(({ seq }) => seq)).toEqual([3, 2, 1])
    expect(neighbour(list, undefined, 1)?.seq).toBe(3)
    expect(neighbour(list, 3, 1)?.seq).toBe(2)
    expect(neighbour(list, 3, -1)?.seq).toBe(3)
    expect(neighbour(list, 1, 1)?.seq).toBe(1)
    expect(neighbour([], 1, 1)).toBeUndefined()
  })

  test('keeps a thousand, and takes none twice', () => {
    let list = withRequest(undefined, request(1))
    list = withRequest(list, request(1))
    expect(list.requests).toHaveLength(1)
    for (let seq = 2; seq <= 1200; seq += 1) list = withRequest(list, request(seq))
    expect(list.requests).toHaveLength(1000)
    expect(list.requests[0]?.seq).toBe(201)
    expect(list.last).toBe(1200)
  })
})
