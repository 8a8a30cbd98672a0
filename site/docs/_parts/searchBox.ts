import { highlight } from '../../search/highlight.ts'
import { searchDocs, type SearchIndex, type SearchResult } from '../../search/search.ts'
import { fetchSearchIndex } from '../../search/searchIndex.ts'
import { element } from './element.ts'

const shown = 8

let loading: Promise<SearchIndex> | undefined

/** The index, fetched when somebody first reaches for a search box, and again after a failure. */
function loadIndex(): Promise<SearchIndex> {
  loading ??= fetchSearchIndex().catch((error: unknown) => {
    loading = undefined
    throw error
  })
  return loading
}

/**
 * Fills `place` with a field and a list of results under it. The arrow keys walk through field and results, Escape
 * closes the list, Enter in the field opens the first result.
 */
export function addSearchBox(place: HTMLElement, name: string): void {
  const panelId = `docs--results-${name}`
  const input = element('input', {
    id: `docs--search-${name}`,
    type: 'search',
    class: 'search-field',
    placeholder: 'Search the docs',
    'aria-label': 'Search the docs',
    'aria-controls': panelId,
    'aria-expanded': 'false',
    autocomplete: 'off',
    spellcheck: 'false',
  })
  const note = element('p', { class: 'docs-results-note', role: 'status' })
  const list = element('ul')
  const panel = element('div', { id: panelId, class: 'docs-results' }, note, list)
  panel.hidden = true
  place.append(element('search', {}, input), panel)

  const open = (isOpen: boolean) => {
    panel.hidden = !isOpen
    input.setAttribute('aria-expanded', String(isOpen))
  }
  const links = () => [...list.querySelectorAll('a')]

  async function update(): Promise<void> {
    const query = input.value
    if (query.trim().length < 2) {
      open(false)
      return
    }
    try {
      const results = searchDocs(await loadIndex(), query, shown + 1)
      // Typing goes on while the index is on its way.
      if (query !== input.value) return
      list.replaceChildren(...results.slice(0, shown).map((result) => resultItem(result, query)))
      if (results.length > shown) list.append(allResults(query))
      note.textContent = results.length === 0 ? 'No page has all of these words.' : countOf(results)
    } catch (error) {
      list.replaceChildren()
      note.textContent = error instanceof Error ? error.message : String(error)
    }
    open(true)
  }

  input.addEventListener('focus', () => void loadIndex().catch(() => {}))
  input.addEventListener('input', () => void update())
  input.addEventListener('click', () => void update())
  place.addEventListener('focusout', (event) => {
    if (!place.contains(event.relatedTarget as Node | null)) open(false)
  })
  place.addEventListener('keydown', (event) => {
    const stops: HTMLElement[] = [input, ...links()]
    const at = stops.indexOf(document.activeElement as HTMLElement)
    if (event.key === 'Escape' && !panel.hidden) {
      event.preventDefault()
      input.focus()
      open(false)
    } else if (event.key === 'Enter' && at === 0) {
      links()[0]?.click()
    } else if ((event.key === 'ArrowDown' || event.key === 'ArrowUp') && !panel.hidden) {
      event.preventDefault()
      stops.at((at + (event.key === 'ArrowDown' ? 1 : -1)) % stops.length)?.focus()
    }
  })
}

const countOf = (results: readonly SearchResult[]) =>
  results.length > shown
    ? `The first ${shown} pages`
    : `${results.length} ${results.length === 1 ? 'page' : 'pages'}`

function resultItem({ page, url, heading }: SearchResult, query: string): HTMLLIElement {
  const link = element(
    'a',
    { href: url },
    element('span', { class: 'docs-results-title' }, ...marked(page.title, query)),
  )
  if (heading) link.append(' › ', ...marked(heading, query))
  if (page.description) {
    link.append(
      element('span', { class: 'docs-results-description' }, ...marked(page.description, query)),
    )
  }
  return element('li', {}, link)
}

const allResults = (query: string) =>
  element(
    'li',
    {},
    element('a', { href: `/search?${new URLSearchParams({ q: query })}` }, 'All results'),
  )

const marked = (text: string, query: string) =>
  highlight(text, query).map((part) => (part.isMatch ? element('mark', {}, part.text) : part.text))
