import { describe, expect, test } from 'bun:test'
import { bytes, count, distance, duration, jsonProblem, pretty } from './format.ts'

describe('format', () => {
  test('bytes', () => {
    const given = [0, 999, 1000, 99_949, 999_949, 999_951, 123_456_789, 5e12]
    expect(given.map(bytes)).toEqual([
      '0 B',
      '999 B',
      '1.0 kB',
      '99.9 kB',
      '1.0 MB',
      '1.0 MB',
      '123 MB',
      '5.0 TB',
    ])
  })

  test('milliseconds', () => {
    expect([0.25, 3.14, 42.4, 2500].map(duration)).toEqual(['250 µs', '3.1 ms', '42 ms', '2.5 s'])
  })

  test('distances in time', () => {
    expect(distance(1000, 0)).toBe('now')
    expect(distance(60_000, 0)).toBe('in 60 s')
    expect(distance(0, 600_000)).toBe('10 min ago')
    expect(distance(0, 7_200_000)).toBe('2 h ago')
    expect(distance(864_000_000, 0)).toBe('in 10 days')
  })

  test('counts', () => {
    expect(count(1, 'key')).toBe('1 key')
    expect(count(1200, 'entry', 'entries')).toBe('1,200 entries')
  })

  test('JSON is made easy to read, other texts stay', () => {
    expect(pretty('{"a":1}')).toBe('{\n  "a": 1\n}')
    expect(pretty('plain {')).toBe('plain {')
    expect(pretty('12')).toBe('12')
  })

  test('only what means to be JSON has something wrong with it', () => {
    expect(typeof jsonProblem('{"a":')).toBe('string')
    expect(jsonProblem('{"a":1}')).toBeUndefined()
    expect(jsonProblem('hello')).toBeUndefined()
  })
})
