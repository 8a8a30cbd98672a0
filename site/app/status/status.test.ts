import { describe, expect, test } from 'bun:test'
import { formatDuration } from './format.ts'
import { readStatus } from './status.ts'

const answer = {
  version: '0.1.0',
  bundle: null,
  uptimeSeconds: 1.5,
  environment: 'development',
  bindings: [{ name: 'ASSETS', kind: 'assets' }],
}

describe('readStatus', () => {
  test('takes the answer, and leaves what it does not know', () => {
    expect(readStatus({ ...answer, later: true })).toEqual(answer)
    expect(readStatus({ ...answer, bundle: 'ab12' }).bundle).toBe('ab12')
  })

  test('names the field that is not as agreed', () => {
    expect(() => readStatus({ ...answer, uptimeSeconds: '1' })).toThrow('uptimeSeconds')
    expect(() => readStatus({ ...answer, bindings: [{ name: 'A' }] })).toThrow('bindings')
    expect(() => readStatus('<!doctype html>')).toThrow('does not understand')
  })
})

describe('formatDuration', () => {
  const cases: [number, string][] = [
    [0, '0 seconds'],
    [0.9, '0 seconds'],
    [1, '1 second'],
    [59.9, '59 seconds'],
    [60, '1 minute'],
    [61, '1 minute 1 second'],
    [3661, '1 hour 1 minute'],
    [7205, '2 hours'],
    [200_000, '2 days 7 hours'],
  ]
  for (const [seconds, text] of cases) {
    test(`${seconds} s is ${text}`, () => expect(formatDuration(seconds)).toBe(text))
  }
})
