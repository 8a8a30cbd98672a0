/**
 * Where overlay and badge live: a shadow tree that the page's styles do not reach, styled by a constructed stylesheet,
 * which a `style-src 'self'` policy allows.
 */
const css = `
:host { all: initial; }
* { box-sizing: border-box; }
dialog, output { font: 14px/1.5 ui-monospace, 'SF Mono', 'DejaVu Sans Mono', monospace; color: #e9efe9; }
dialog {
  width: min(60rem, calc(100vw - 2rem)); max-height: calc(100vh - 4rem); margin: 2rem auto; padding: 0;
  border: 1px solid #d4574e; border-top-width: 4px; border-radius: 8px; background: #131a17; overflow: auto;
}
dialog::backdrop { background: rgb(0 0 0 / 0.55); }
header {
  display: flex; gap: 1rem; align-items: center; justify-content: space-between; padding: 0.75rem 1rem;
  position: sticky; top: 0; background: #131a17;
}
h2 { font: inherit; font-weight: 700; margin: 0; color: #ff9a91; }
button {
  font: inherit; color: inherit; background: #24302b; border: 1px solid #52665d; border-radius: 6px;
  padding: 0.2rem 0.7rem; cursor: pointer;
}
button:focus-visible, dialog:focus-visible { outline: 2px solid #8fd3ae; outline-offset: 2px; }
ol { list-style: none; margin: 0; padding: 0 1rem 1rem; }
li { border-top: 1px solid #2f3b36; padding: 0.75rem 0; }
.place { color: #8fd3ae; overflow-wrap: anywhere; }
.message { white-space: pre-wrap; overflow-wrap: anywhere; margin: 0.25rem 0; }
pre { font: inherit; margin: 0.5rem 0; padding: 0.5rem 0.75rem; background: #0b100e; border-radius: 6px; overflow-x: auto; }
.caret { color: #ff9a91; font-weight: 700; }
.hint { color: #e3c878; margin: 0.25rem 0 0; }
footer { padding: 0 1rem 0.75rem; color: #a7b5ae; }
.badge {
  position: fixed; right: 0.75rem; bottom: 0.75rem; z-index: 2147483647; display: flex; gap: 0.5rem; align-items: center;
  font-size: 12px; background: #131a17; border: 1px solid #52665d; border-radius: 999px; padding: 0.2rem 0.8rem;
}
.badge[hidden] { display: none; }
.badge.failed { border-color: #d4574e; }
.badge button { padding: 0 0.5rem; border-radius: 999px; }
`

let root: ShadowRoot | undefined

export function panel(): ShadowRoot {
  if (root?.host.isConnected) return root
  const host = document.createElement('lilypad-dev')
  root = host.attachShadow({ mode: 'open' })
  const sheet = new CSSStyleSheet()
  sheet.replaceSync(css)
  root.adoptedStyleSheets = [sheet]
  document.documentElement.append(host)
  return root
}

/** An element with its text. Text is set as text, never as HTML: messages quote the source. */
export function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className: string,
  ...content: (string | Node)[]
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name)
  if (className) made.className = className
  made.append(...content)
  return made
}
