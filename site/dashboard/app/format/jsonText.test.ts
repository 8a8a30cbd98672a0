import { describe, expect, test } from 'bun:test'
import { faultOf, isStructuredJSON, prettyJSON } from './jsonText.ts'

describe('faultOf', () => {
  const good = [
    '1',
    '-0.5e+10',
    '"a\\u00e9"',
    'null',
    '[]',
    '{}',
    ' {"a" : [1, {"b":null}] } ',
    '[[[]]]',
  ]
  for (const text of good) {
    test(`takes ${text}`, () => {
      expect(faultOf(text)).toBeUndefined()
      JSON.parse(text)
    })
  }

  const bad: [string, number, number][] = [
    ['', 1, 1],
    ['{', 1, 2],
    ['{"a":1,}', 1, 8],
    ['[1 2]', 1, 4],
    ['{"a"\n 1}', 2, 2],
    ['01', 1, 2],
    ["{'a':1}", 1, 2],
    ['"a\nb"', 1, 1],
    ['[1]]', 1, 4],
    ['{"a":1]', 1, 7],
    ['tru', 1, 1],
    ['"\\x"', 1, 1],
    ['\u00a01', 1, 1],
  ]
  for (const [text, line, column] of bad) {
    test(`refuses ${JSON.stringify(text)} at ${line}:${column}`, () => {
      expect(faultOf(text)).toMatchObject({ line, column })
      expect(() => JSON.parse(text)).toThrow()
    })
  }

  test('does not go down for ever', () => {
    expect(faultOf('['.repeat(100_000))?.message).toBe('This is nested too deeply')
  })
})

describe('layout', () => {
  test('keeps digits, order and repeated names', () => {
    const text = '{"b":12345678901234567890,"a":[1.0,{}],"b":"x, {y}: \\" z","c":[]}'
    const pretty = prettyJSON(text)
    expect(pretty).toBe(
      '{\n  "b": 12345678901234567890,\n  "a": [\n    1.0,\n    {}\n  ],\n  "b": "x, {y}: \\" z",\n  "c": []\n}',
    )
  })

  test('is nothing for what is not JSON', () => {
    expect(prettyJSON('{')).toBeUndefined()
  })
})

test('only objects and lists count as structured', () => {
  expect(isStructuredJSON(' {"a":1}')).toBe(true)
  expect(isStructuredJSON('[1]')).toBe(true)
  expect(isStructuredJSON('42')).toBe(false)
  expect(isStructuredJSON('"text"')).toBe(false)
  expect(isStructuredJSON('{oops')).toBe(false)
})
