import { describe, expect, test } from 'bun:test'
import { isActive } from '../src/active.ts'
import { parseHref } from '../src/history.ts'
import { isSafeHref, parseLocation } from '../src/location.ts'
import { defaultParseSearch, defaultStringifySearch } from '../src/search.ts'

describe('search', () => {
  test('values come back as what they were', () => {
    const search = {
      text: 'hello & goodbye',
      number: 2,
      flag: true,
      looksLikeNumber: '7',
      looksLikeFlag: 'true',
      list: ['a', 1],
      nested: { from: 1, to: null },
      empty: '',
    }
    expect(defaultParseSearch(defaultStringifySearch(search))).toEqual(search)
  })

  test('strings stay readable, and are quoted only where they would be misread', () => {
    expect(defaultStringifySearch({ q: 'edge cache' })).toBe('?q=edge+cache')
    expect(defaultStringifySearch({ q: '7' })).toBe('?q=%227%22')
    expect(defaultStringifySearch({ q: undefined })).toBe('')
  })

  test('a name given twice is a list', () => {
    expect(defaultParseSearch('?a=1&a=2&a=x')).toEqual({ a: [1, 2, 'x'] })
  })
})

describe('active links', () => {
  const at = (href: string) =>
    parseLocation(parseHref(href, { __TSR_index: 0, __TSR_key: 'k' }), defaultParseSearch)

  test('a link is active on its page and below it, but not beside it', () => {
    expect(isActive(at('/docs/a'), at('/docs'))).toBe(true)
    expect(isActive(at('/docs/a'), at('/docs'), { exact: true })).toBe(false)
    expect(isActive(at('/docsearch'), at('/docs'))).toBe(false)
    expect(isActive(at('/docs/'), at('/docs'), { exact: true })).toBe(true)
  })

  test('the page may say more in its search than the link, unless exact', () => {
    expect(isActive(at('/a?x=1&y=2'), at('/a?x=1'))).toBe(true)
    expect(isActive(at('/a?x=1&y=2'), at('/a?x=1'), { exact: true })).toBe(false)
    expect(isActive(at('/a?x=2'), at('/a?x=1'))).toBe(false)
    expect(isActive(at('/a?x=2'), at('/a?x=1'), { includeSearch: false })).toBe(true)
  })

  test('the hash counts when asked', () => {
    expect(isActive(at('/a#x'), at('/a#y'))).toBe(true)
    expect(isActive(at('/a#x'), at('/a#y'), { includeHash: true })).toBe(false)
  })
})

test('only harmless protocols are followed', () => {
  for (const href of ['https://a.example', 'mailto:a@b.example', 'tel:+1', '/x'])
    expect(isSafeHref(href)).toBe(true)
  for (const href of ['javascript:alert(1)', 'data:text/html,x', 'JaVaScRiPt:x'])
    expect(isSafeHref(href)).toBe(false)
})
