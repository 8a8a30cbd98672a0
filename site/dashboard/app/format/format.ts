import { faultOf, isStructuredJSON, prettyJSON } from './jsonText.ts'

const units = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes in decimal units, with one digit behind the point where it says something: `1.2 kB`. */
export function bytes(count: number): string {
  let unit = 0
  let value = count
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000
    unit += 1
  }
  const text = unit === 0 || value >= 99.95 ? Math.round(value).toString() : value.toFixed(1)
  return `${text} ${units[unit]}`
}

/** A duration as people say it: `0.8 ms`, `12 ms`, `3.4 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 1) return `${Math.round(milliseconds * 1000)} µs`
  if (milliseconds < 10) return `${milliseconds.toFixed(1)} ms`
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  return `${(milliseconds / 1000).toFixed(1)} s`
}

/** The time of day to the second, where the reader is. */
export const clock = (time: number) => new Date(time).toLocaleTimeString([], { hour12: false })

/** Day and time, where the reader is. */
export const moment = (time: number) =>
  new Date(time).toLocaleString([], { dateStyle: 'medium', timeStyle: 'medium', hour12: false })

/** How far away a moment is: `in 3 min`, `2 h ago`, `now`. */
export function distance(time: number, now: number): string {
  const seconds = Math.round(Math.abs(time - now) / 1000)
  if (seconds < 2) return 'now'
  const text =
    seconds < 90
      ? `${seconds} s`
      : seconds < 5400
        ? `${Math.round(seconds / 60)} min`
        : seconds < 129_600
          ? `${Math.round(seconds / 3600)} h`
          : `${Math.round(seconds / 86_400)} days`
  return time > now ? `in ${text}` : `${text} ago`
}

export const count = (number: number, one: string, many = `${one}s`) =>
  `${number.toLocaleString('en')} ${number === 1 ? one : many}`

/** An object or a list in JSON made easy to read, with every digit it has; any other text as it is. */
export const pretty = (text: string): string =>
  (isStructuredJSON(text) ? prettyJSON(text) : undefined) ?? text

/** What is wrong with a text that begins like JSON; `undefined` where nothing is, or nobody meant JSON. */
export function jsonProblem(text: string): string | undefined {
  if (!/^\s*[{[]/.test(text)) return undefined
  const fault = faultOf(text)
  return fault && `line ${fault.line}, column ${fault.column}: ${fault.message}.`
}
