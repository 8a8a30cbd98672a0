import { expect, test } from 'bun:test'
import { bodyOf } from './body.ts'

test('a body is JSON, or any text', () => {
  expect(bodyOf('{"a":1}', 'json')).toEqual({ value: { a: 1 } })
  expect(bodyOf('hello', 'text')).toEqual({ value: 'hello' })
  expect(bodyOf('hello', 'json').problem).toContain('no JSON')
})
