/** Stylesheets that scripts import, by the module that asks for them. The policy of the page forbids `<style>`. */
const sheets = new Map<string, CSSStyleSheet>()

/** Puts a stylesheet into the page, or takes its new text. Called by the modules that stand for stylesheets. */
export function injectStyle(path: string, text: string): void {
  let sheet = sheets.get(path)
  if (!sheet) {
    sheet = new CSSStyleSheet()
    sheets.set(path, sheet)
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet]
  }
  sheet.replaceSync(text)
}

export const hasStyle = (path: string) => sheets.has(path)

/**
 * Lets a stylesheet of the page give way to a newer one. The old one stays until the new one is there, so the page is
 * never without.
 *
 * @returns whether the page has such a stylesheet.
 */
export function swapStyles(from: string, to: string): boolean {
  const links = [...document.querySelectorAll<HTMLLinkElement>('link[rel="stylesheet"]')]
  const matches = links.filter(
    (link) => new URL(link.href).pathname === from && !link.dataset.lilypadOld,
  )
  for (const old of matches) {
    const fresh = document.createElement('link')
    fresh.rel = 'stylesheet'
    fresh.href = to
    // Loaded or not, one of the two goes: a broken stylesheet shows itself in the next event.
    fresh.onload = () => old.remove()
    fresh.onerror = () => fresh.remove()
    old.dataset.lilypadOld = ''
    old.after(fresh)
  }
  return matches.length > 0
}
