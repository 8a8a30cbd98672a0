/** One page of the documentation, as the index knows it. */
export interface SearchPage {
  url: string
  title: string
  /** The navigation's section, or empty. */
  section: string
  description: string
  /** Anchor and text of each heading, in page order. */
  headings: [anchor: string, text: string][]
}

/** `/docs/search-index.json`, written by the build. */
export interface SearchIndex {
  version: 1
  pages: SearchPage[]
  /** Sorted by UTF-16 code unit, so that a beginning is found by halving. */
  terms: string[]
  /** For each term: page, weight, page, weight, … */
  postings: number[][]
}

export interface SearchResult {
  page: SearchPage
  /** The page's address, with the anchor of the heading that fits best. */
  url: string
  /** That heading's text; missing when the page as a whole fits best. */
  heading: string | undefined
  score: number
}

/** The words of a text as the index counts them: runs of letters and digits, lower-cased, 2 to 32 characters long. */
export function tokenize(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
  return words.filter((word) => {
    const length = [...word].length
    return length >= 2 && length <= 32
  })
}

/**
 * Pages that have every word of the query, best first. The last word may be the beginning of one, since it may still be
 * in the typing.
 */
export function searchDocs(index: SearchIndex, query: string, limit = 20): SearchResult[] {
  const tokens = tokenize(query)
  const last = tokens.length - 1
  const [first, ...others] = tokens.map((token, at) => weightsOf(index, token, at === last))
  if (!first) return []

  const results: SearchResult[] = []
  for (const [pageIndex, weight] of first) {
    const page = index.pages[pageIndex]
    if (!page || !others.every((weights) => weights.has(pageIndex))) continue
    const score = others.reduce((sum, weights) => sum + (weights.get(pageIndex) ?? 0), weight)
    const [anchor, heading] = bestHeading(page, tokens) ?? []
    results.push({ page, url: anchor ? `${page.url}#${anchor}` : page.url, heading, score })
  }
  return results
    .toSorted((a, b) => b.score - a.score || (a.page.url < b.page.url ? -1 : 1))
    .slice(0, limit)
}

/** Which pages have the word, and how much it weighs there. A beginning counts as the heaviest word it begins. */
function weightsOf(index: SearchIndex, token: string, asPrefix: boolean): Map<number, number> {
  const weights = new Map<number, number>()
  for (let at = firstNotBelow(index.terms, token); at < index.terms.length; at += 1) {
    const term = index.terms[at] as string
    if (asPrefix ? !term.startsWith(token) : term !== token) break
    const postings = index.postings[at] ?? []
    for (let pair = 0; pair + 1 < postings.length; pair += 2) {
      const page = postings[pair] as number
      weights.set(page, Math.max(weights.get(page) ?? 0, postings[pair + 1] as number))
    }
  }
  return weights
}

/** The first heading with the most of the words, unless the title has as many. */
function bestHeading(page: SearchPage, tokens: readonly string[]): [string, string] | undefined {
  let most = countMatches(page.title, tokens)
  let best: [string, string] | undefined
  for (const heading of page.headings) {
    const count = countMatches(heading[1], tokens)
    if (count > most) {
      most = count
      best = heading
    }
  }
  return best
}

function countMatches(text: string, tokens: readonly string[]): number {
  const words = tokenize(text)
  const last = tokens.length - 1
  return tokens.filter((token, at) =>
    words.some((word) => (at === last ? word.startsWith(token) : word === token)),
  ).length
}

function firstNotBelow(terms: readonly string[], token: string): number {
  let low = 0
  let high = terms.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((terms[middle] as string) < token) low = middle + 1
    else high = middle
  }
  return low
}
