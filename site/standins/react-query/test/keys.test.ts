import { describe, expect, test } from 'bun:test'
import { hashKey, partialMatchKey, replaceEqualDeep } from '../src/keys.ts'

describe('hashKey', () => {
  test('the order of properties does not matter, the order of elements does', () => {
    expect(hashKey(['a', { x: 1, y: { p: 1, q: 2 } }])).toBe(
      hashKey(['a', { y: { q: 2, p: 1 }, x: 1 }]),
    )
    expect(hashKey(['a', 'b'])).not.toBe(hashKey(['b', 'a']))
  })

  test('a property that is undefined counts as missing', () => {
    expect(hashKey(['a', { x: undefined }])).toBe(hashKey(['a', {}]))
  })
})

describe('partialMatchKey', () => {
  test('a key matches its beginnings', () => {
    expect(partialMatchKey(['a', 1, 'b'], ['a', 1])).toBe(true)
    expect(partialMatchKey(['a', 1], ['a', 1, 'b'])).toBe(false)
  })

  test('objects may name fewer properties', () => {
    expect(partialMatchKey(['a', { x: 1, y: 2 }], ['a', { x: 1 }])).toBe(true)
    expect(partialMatchKey(['a', { x: 1 }], ['a', { x: 2 }])).toBe(false)
  })
})

describe('replaceEqualDeep', () => {
  test('equal data keeps its identity', () => {
    const before = { list: [{ id: 1 }, { id: 2 }], count: 2 }
    expect(replaceEqualDeep(before, { list: [{ id: 1 }, { id: 2 }], count: 2 })).toBe(before)
  })

  test('equal parts of changed data keep theirs', () => {
    const before = { list: [{ id: 1 }, { id: 2 }], same: { deep: true } }
    const after = replaceEqualDeep(before, { list: [{ id: 1 }, { id: 3 }], same: { deep: true } })
    expect(after).toEqual({ list: [{ id: 1 }, { id: 3 }], same: { deep: true } })
    expect(after.same).toBe(before.same)
    expect(after.list[0]).toBe(before.list[0])
    expect(after.list).not.toBe(before.list)
  })

  test('added, removed and merely undefined properties are changes', () => {
    const before = { a: 1, b: undefined }
    expect(replaceEqualDeep<object>(before, { a: 1 })).toEqual({ a: 1 })
    expect(replaceEqualDeep<object>({ a: 1 }, before)).not.toBe(before.a)
    expect(Object.keys(replaceEqualDeep<object>(before, { a: 1, c: undefined }))).toEqual([
      'a',
      'c',
    ])
    expect(replaceEqualDeep([1, 2, 3], [1, 2])).toEqual([1, 2])
  })

  test('only plain data is looked into', () => {
    const date = new Date(0)
    expect(replaceEqualDeep(new Date(0), date)).toBe(date)
    expect(replaceEqualDeep<unknown>([1], { 0: 1 })).toEqual({ 0: 1 })
  })
})
