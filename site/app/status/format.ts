const units = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** A length of time in its two largest units: `2 days 3 hours`, `12 seconds`. */
export function formatDuration(seconds: number): string {
  let left = Math.max(0, Math.floor(seconds))
  const parts: string[] = []
  const largest = units.findIndex(([, size]) => left >= size)
  for (const [unit, size] of units.slice(largest < 0 ? -1 : largest).slice(0, 2)) {
    const count = Math.floor(left / size)
    left -= count * size
    if (count > 0 || parts.length === 0) parts.push(`${count} ${unit}${count === 1 ? '' : 's'}`)
  }
  return parts.join(' ')
}

/** Enough of a hash to tell two apart by eye. */
export const shortHash = (hash: string) => hash.slice(0, 12)

export const formatTime = (milliseconds: number) =>
  new Date(milliseconds).toLocaleTimeString(undefined, { timeStyle: 'medium' })
