import { expect, test } from 'bun:test'
import { Heard, most, withRequest } from './live.ts'
import type { LoggedRequest } from './types.ts'

const request = (seq: number) => ({ seq }) as LoggedRequest
const list = (...seqs: number[]) => ({ requests: seqs.map(request), last: seqs.at(-1) ?? 0 })

test('a request is added once, and the list stays as long as it may be', () => {
  expect(withRequest(list(1, 2), request(3))).toEqual(list(1, 2, 3))
  expect(withRequest(list(1, 2), request(2))).toEqual(list(1, 2))
  expect(withRequest(undefined, request(7))).toEqual(list(7))
  const full = list(...Array.from({ length: most }, (_, index) => index + 1))
  expect(withRequest(full, request(most + 1)).requests).toHaveLength(most)
})

test('what was heard while an answer was on its way is not lost', () => {
  const heard = new Heard()
  heard.note(request(3))
  heard.note(request(4))
  expect(heard.added(list(1, 2, 3))).toEqual(list(1, 2, 3, 4))
  expect(heard.added(list())).toEqual(list(3, 4))
  heard.forget()
  expect(heard.added(list(1))).toEqual(list(1))
})
