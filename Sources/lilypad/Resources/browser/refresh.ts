import * as runtime from 'react-refresh/runtime'
import { hasStyle } from './styles.ts'

/**
 * Puts new code of components into the running page with their state kept.
 *
 * The hook has to be in place before react-dom starts; this script stands before the application's in the page, and
 * module scripts run in the order they stand in.
 */
runtime.injectIntoGlobalHook(window)

type Exports = Record<string, unknown>

/** Modules with components that this page has run, with the URL of the newest. */
const running = new Map<string, string>()

/**
 * Called by every module with components before its first statement: what the transform's calls go to.
 *
 * @param url the module's own, which tells one version from the next.
 */
export function refreshScope(path: string, url: string) {
  if (!running.has(path)) running.set(path, url)
  return {
    $RefreshReg$: (type: unknown, name: string) => runtime.register(type, `${path} ${name}`),
    $RefreshSig$: runtime.createSignatureFunctionForTransform,
  }
}

/**
 * Loads the new code of modules.
 *
 * @returns a reason why the page has to be loaded again, or `undefined` when the page is up to date.
 */
export async function update(
  modules: { path: string; url: string }[],
): Promise<string | undefined> {
  let refreshes = false
  for (const { path, url } of modules) {
    if (hasStyle(path)) {
      await import(url)
      continue
    }
    const old = running.get(path)
    // Never loaded here: it will be new when it is.
    if (old === undefined) continue
    let before: Exports
    let after: Exports
    try {
      before = (await import(old)) as Exports
      after = (await import(url)) as Exports
    } catch (error) {
      console.error(error)
      return `${path} could not be loaded`
    }
    const reason = whyNotReplaceable(path, before, after)
    if (reason) return reason
    running.set(path, url)
    refreshes = true
  }
  if (!refreshes) return undefined
  await refreshSoon()
  return runtime.hasUnrecoverableErrors()
    ? 'a component failed and cannot be repaired in place'
    : undefined
}

/**
 * Other modules hold what a module exported when they were loaded. React finds a component's newest code by itself, for
 * anything else they would go on with the old.
 */
function whyNotReplaceable(path: string, before: Exports, after: Exports): string | undefined {
  const names = Object.keys(after)
  if (names.length === 0) return `${path} exports nothing`
  const others = names.filter((name) => !runtime.isLikelyComponentType(after[name]))
  if (others.length > 0) return `${path} exports ${others.join(', ')} beside components`
  if (names.sort().join() !== Object.keys(before).sort().join())
    return `${path} exports other names than before`
  for (const name of names) {
    const family = runtime.getFamilyByType(before[name])
    if (!family || family !== runtime.getFamilyByType(after[name]))
      return `${path} exports another ${name}`
  }
  return undefined
}

let pending: Promise<void> | undefined

/** One refresh for everything that comes within a frame. */
function refreshSoon(): Promise<void> {
  pending ??= new Promise((done, failed) => {
    setTimeout(() => {
      pending = undefined
      try {
        runtime.performReactRefresh()
        done()
      } catch (error) {
        failed(error as Error)
      }
    }, 16)
  })
  return pending
}
