import { describe, expect, test } from 'bun:test'
import { highlight } from './highlight.ts'
import { searchDocs, type SearchIndex, tokenize } from './search.ts'

/** An index like the build's: words of the title weigh 8, of headings 4, of the text 1. */
function indexOf(pages: { title: string; headings?: string[]; text?: string }[]): SearchIndex {
  const weights = new Map<string, Map<number, number>>()
  for (const [page, { title, headings = [], text = '' }] of pages.entries()) {
    const count = (words: string, weight: number) => {
      for (const word of tokenize(words)) {
        const ofWord = weights.get(word) ?? new Map<number, number>()
        ofWord.set(page, (ofWord.get(page) ?? 0) + weight)
        weights.set(word, ofWord)
      }
    }
    count(title, 8)
    count(headings.join(' '), 4)
    count(text, 1)
  }
  const terms = [...weights.keys()].toSorted((a, b) => (a < b ? -1 : 1))
  return {
    version: 1,
    pages: pages.map(({ title, headings = [] }, at) => ({
      url: `/docs/${at}`,
      title,
      section: '',
      description: '',
      headings: headings.map((text) => [text.toLowerCase().replaceAll(' ', '-'), text]),
    })),
    terms,
    postings: terms.map((term) => [...(weights.get(term) ?? [])].flat()),
  }
}

const index = indexOf([
  {
    title: 'Routing',
    headings: ['Static files', 'Edge cache'],
    text: 'how a request finds its answer',
  },
  { title: 'Edge cache', headings: ['What is cached'], text: 'cache rules and the request' },
  { title: 'Écriture', headings: ['Zürich 2026'], text: 'edges of the alphabet' },
])
const urls = (query: string) => searchDocs(index, query).map((result) => result.url)

describe('tokenize', () => {
  test('letters and digits of any script make words, everything else parts them', () => {
    expect(tokenize('Cache-Control: s-maxage=60, É2E 東京')).toEqual([
      'cache',
      'control',
      'maxage',
      '60',
      'é2e',
      '東京',
    ])
  })

  test('words of one character or more than 32 do not count', () => {
    expect(tokenize(`a ${'x'.repeat(33)} ${'y'.repeat(32)}`)).toEqual(['y'.repeat(32)])
  })
})

describe('searchDocs', () => {
  test('every word must be there', () => {
    expect(urls('request cache')).toEqual(['/docs/1', '/docs/0#edge-cache'])
    expect(urls('request alphabet')).toEqual([])
  })

  test('only the last word may be unfinished', () => {
    expect(urls('req')).toEqual(['/docs/0', '/docs/1'])
    expect(urls('req cache')).toEqual([])
    expect(urls('request cac')).toEqual(['/docs/1', '/docs/0#edge-cache'])
  })

  test('titles weigh more than headings, headings more than text', () => {
    expect(urls('edge')).toEqual(['/docs/1', '/docs/0#edge-cache', '/docs/2'])
  })

  test('the link leads to the heading that has the most words, or to the page when its title does', () => {
    expect(searchDocs(index, 'static files')[0]).toMatchObject({
      url: '/docs/0#static-files',
      heading: 'Static files',
    })
    expect(searchDocs(index, 'edge cache')[0]).toMatchObject({ url: '/docs/1', heading: undefined })
  })

  test('letters with marks are found as they are written', () => {
    expect(urls('écri')).toEqual(['/docs/2'])
    expect(urls('ZÜRICH')).toEqual(['/docs/2#zürich-2026'])
  })

  test('nothing asked, nothing answered', () => {
    expect(urls('')).toEqual([])
    expect(urls(' - a')).toEqual([])
    expect(searchDocs(index, 'edge', 1)).toHaveLength(1)
  })
})

test('highlight marks whole words and the beginning that is still being typed', () => {
  const marked = (text: string, query: string) =>
    highlight(text, query)
      .map((part) => (part.isMatch ? `[${part.text}]` : part.text))
      .join('')
  expect(marked('Edge caching: the edge cache', 'edge cach')).toBe(
    '[Edge] [cach]ing: the [edge] [cach]e',
  )
  expect(marked('Edges', 'edge cache')).toBe('Edges')
  expect(marked('plain', '')).toBe('plain')
})
