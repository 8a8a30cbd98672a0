import { describe, expect, test } from 'bun:test'
import { draftOf, localTime, metadataOf } from './draft.ts'

describe('a value in the form', () => {
  test('begins with what is stored', () => {
    const draft = draftOf({
      name: 'k',
      value: 'v',
      base64: false,
      size: 1,
      truncated: false,
      metadata: { a: 1 },
      expiration: null,
    })
    expect(draft).toEqual({ name: 'k', text: 'v', metadata: '{"a":1}', expiration: '' })
    expect(draftOf(undefined)).toEqual({ name: '', text: '', metadata: '', expiration: '' })
  })

  test('has metadata that is JSON, or says what is wrong', () => {
    expect(metadataOf('')).toEqual({ value: null })
    expect(metadataOf('[1]')).toEqual({ value: [1] })
    expect(metadataOf('{').problem).toContain('Metadata is no JSON')
  })

  test('shows moments where the reader is', () => {
    const time = 1_795_515_600_000
    expect(new Date(localTime(time)).getTime()).toBe(time)
  })
})
