import { describe, expect, test } from 'bun:test'
import { keyStep, places } from './keys.ts'

describe('keys', () => {
  test('g and a letter go to a page', () => {
    expect(keyStep('g', false)).toEqual({ kind: 'prefix' })
    expect(keyStep('q', true)).toEqual({ kind: 'go', to: '/queues' })
    expect(keyStep('z', true)).toEqual({ kind: 'none' })
  })

  test('each page has a letter of its own', () => {
    expect(new Set(places.map(({ key }) => key)).size).toBe(places.length)
  })

  test('a slash finds, a question mark helps', () => {
    expect(keyStep('/', false)).toEqual({ kind: 'find' })
    expect(keyStep('?', false)).toEqual({ kind: 'help' })
    expect(keyStep('x', false)).toEqual({ kind: 'none' })
  })
})
