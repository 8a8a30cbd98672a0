// Source maps: reading, joining two, and naming their sources.

import { sitePath } from './build'

export type SourceMap = {
  version: 3
  sources: string[]
  sourcesContent: (string | null)[]
  names: string[]
  mappings: string
}

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const valueOf = new Map([...digits].map((digit, value) => [digit, value]))

/** Lines of segments `[column, source, line, column]`, all absolute; segments without a source are left out. */
type Segment = [number, number, number, number]

function decodeMappings(mappings: string): Segment[][] {
  let [source, line, column] = [0, 0, 0]
  return mappings.split(';').map((text) => {
    let generated = 0
    const segments: Segment[] = []
    for (const part of text.split(',')) {
      if (!part) continue
      const numbers: number[] = []
      let [value, shift] = [0, 0]
      for (const digit of part) {
        const bits = valueOf.get(digit) ?? 0
        value |= (bits & 31) << shift
        if (bits & 32) {
          shift += 5
        } else {
          numbers.push(value & 1 ? -(value >>> 1) : value >>> 1)
          value = shift = 0
        }
      }
      generated += numbers[0]!
      if (numbers.length < 4) continue
      source += numbers[1]!
      line += numbers[2]!
      column += numbers[3]!
      segments.push([generated, source, line, column])
    }
    return segments
  })
}

function encodeMappings(lines: Segment[][]): string {
  let [source, line, column] = [0, 0, 0]
  const number = (value: number) => {
    let rest = value < 0 ? (-value << 1) | 1 : value << 1
    let text = ''
    do {
      const bits = rest & 31
      rest >>>= 5
      text += digits[rest ? bits | 32 : bits]
    } while (rest)
    return text
  }
  return lines
    .map((segments) => {
      let generated = 0
      return segments
        .map((s) => {
          const text =
            number(s[0] - generated) +
            number(s[1] - source) +
            number(s[2] - line) +
            number(s[3] - column)
          ;[generated, source, line, column] = s
          return text
        })
        .join(',')
    })
    .join(';')
}

/** The map from the twice-transformed text to the original, given the maps of the two transformations. */
export function composeMaps(outer: SourceMap, inner: SourceMap): SourceMap {
  const innerLines = decodeMappings(inner.mappings)
  const lines = decodeMappings(outer.mappings).map((segments) => {
    const traced: Segment[] = []
    for (const [generated, , line, column] of segments) {
      const candidates = innerLines[line] ?? []
      let [low, high] = [0, candidates.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if (candidates[middle]![0] <= column) low = middle + 1
        else high = middle
      }
      const found = candidates[low - 1]
      if (found) traced.push([generated, found[1], found[2], found[3]])
    }
    return traced
  })
  return { ...inner, mappings: encodeMappings(lines) }
}

export function siteMap(text: string): SourceMap {
  const map = JSON.parse(text) as SourceMap
  const sources = map.sources.map((source) => (source.includes(':') ? source : sitePath(source)))
  return {
    version: 3,
    sources,
    sourcesContent: map.sourcesContent,
    names: [],
    mappings: map.mappings,
  }
}
