// Fast Refresh in the page: what transformed modules call, and how a change is taken in. The dev client passes
// `refreshScope` and `injectStyle` on and calls `applyUpdate`.

import * as runtime from 'react-refresh/runtime'

// Before React starts: it looks for the hook once.
runtime.injectIntoGlobalHook(window)

/** The two functions that a module's transformed components call. Their identifiers already name the module. */
export function refreshScope() {
  return {
    $RefreshReg$: (type, id) => runtime.register(type, id),
    $RefreshSig$: runtime.createSignatureFunctionForTransform,
  }
}

/** Puts a stylesheet into the page, or replaces it. */
export function injectStyle(path, css) {
  let element = document.head.querySelector(`style[data-lilypad="${CSS.escape(path)}"]`)
  if (!element) {
    element = document.createElement('style')
    element.dataset.lilypad = path
    document.head.append(element)
  }
  element.textContent = css
}

/**
 * Loads modules anew and refreshes the components that came from them. A module that also exports something else may
 * have handed it to others, who would keep the old one: then the page reloads.
 */
export async function applyUpdate({ modules, styles }) {
  const loaded = await Promise.all(modules.map((url) => import(url)))
  const isComponent = (value) => runtime.isLikelyComponentType(value)
  if (!loaded.every((module) => Object.values(module).every(isComponent))) return location.reload()
  runtime.performReactRefresh()
  if (styles) refreshStylesheet()
}

/** Fetches Tailwind's stylesheet again; the old one stays until the new one is there. */
function refreshStylesheet() {
  const old = [...document.querySelectorAll('link[rel="stylesheet"][href^="/@lilypad/styles.css"]')]
  const link = document.createElement('link')
  link.rel = 'stylesheet'
  link.href = `/@lilypad/styles.css?t=${Date.now()}`
  link.onload = () => old.forEach((element) => element.remove())
  ;(old.at(-1) ?? document.head.lastChild).after(link)
}
