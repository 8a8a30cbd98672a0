/** What the dev server says, one JSON object an event. Its other half is `DevMessage.swift`. */
export type Message =
  | { type: 'hello'; session: string }
  /** Modules to load again, each under a new URL. */
  | { type: 'update'; modules: { path: string; url: string }[] }
  /** Stylesheets that have moved from one URL to another. */
  | { type: 'css'; styles: { from: string; to: string }[] }
  /** Pages to load again; all of them where `pages` is missing. `/docs/*` means everything below. */
  | { type: 'reload'; pages?: string[] }
  | { type: 'error'; problems: Problem[] }
  | { type: 'ok' }
  | { type: 'edge'; state: 'building' | 'swapping' | 'ready' | 'failed'; text: string }

export type Problem = {
  /** `error` or `warning`. */
  severity: string
  /** `file:line:column`, as far as known. */
  place: string
  message: string
  line?: number
  column?: number
  sourceLine?: string
  hint?: string
}

/** Whether a message about pages means the one at `path`. Both spellings of a page, with and without `/`, are one. */
export function concerns(pages: string[] | undefined, path: string): boolean {
  if (!pages) return true
  const here = withoutSlash(path)
  return pages.some((page) =>
    page.endsWith('/*') ? `${here}/`.startsWith(page.slice(0, -1)) : withoutSlash(page) === here,
  )
}

const withoutSlash = (path: string) =>
  path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
