import type { QueryKey } from './types.ts'

/** The text a key is filed under: JSON in which the order of an object's properties does not matter. */
export function hashKey(key: QueryKey): string {
  return JSON.stringify(key, (_, value: unknown) => {
    if (!isPlainObject(value)) return value
    return Object.fromEntries(Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  })
}

/** Does `key` begin with `part`? Objects inside are compared in the same way: `part` may name fewer properties. */
export function partialMatchKey(key: unknown, part: unknown): boolean {
  if (key === part) return true
  if (typeof key !== 'object' || typeof part !== 'object' || !key || !part) return false
  return Object.keys(part).every((name) =>
    partialMatchKey(
      (key as Record<string, unknown>)[name],
      (part as Record<string, unknown>)[name],
    ),
  )
}

/**
 * `next`, with every part that equals its counterpart in `previous` replaced by that very object. A refetch that brought
 * nothing new then answers the old reference, and nothing that memoises on it runs again. Only plain objects and arrays
 * are looked into.
 */
export function replaceEqualDeep<T>(previous: unknown, next: T): T {
  if (Object.is(previous, next)) return previous as T
  const bothArrays = Array.isArray(previous) && Array.isArray(next)
  if (!bothArrays && !(isPlainObject(previous) && isPlainObject(next))) return next

  const before = previous as Record<string, unknown>
  const after = next as Record<string, unknown>
  const names = Object.keys(after)
  const merged: Record<string, unknown> = (bothArrays ? [] : {}) as Record<string, unknown>
  let equal = names.length === Object.keys(before).length
  for (const name of names) {
    merged[name] = replaceEqualDeep(before[name], after[name])
    // A property that is `undefined` on one side and missing on the other is a difference.
    if (!Object.is(merged[name], before[name]) || !Object.hasOwn(before, name)) equal = false
  }
  return (equal ? before : merged) as T
}

/** Do both have the same properties with identical values? */
export function shallowEqual(a: object, b: object): boolean {
  const names = Object.keys(a)
  return (
    names.length === Object.keys(b).length &&
    names.every((name) =>
      Object.is((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
    )
  )
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}
