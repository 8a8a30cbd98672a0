type Properties = Record<string, string | ((event: Event) => void)>

/** An element with attributes, listeners (`onclick`, …) and children. Text stays text: nothing is read as HTML. */
export function element<TName extends keyof HTMLElementTagNameMap>(
  name: TName,
  properties: Properties = {},
  ...children: (Node | string)[]
): HTMLElementTagNameMap[TName] {
  const made = document.createElement(name)
  for (const [key, value] of Object.entries(properties)) {
    if (typeof value === 'function') made.addEventListener(key.slice(2), value)
    else made.setAttribute(key, value)
  }
  made.append(...children)
  return made
}
