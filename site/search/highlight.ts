import { tokenize } from './search.ts'

export interface TextPart {
  text: string
  isMatch: boolean
}

/** Cuts a text so that what the query matched in it can be marked: whole words, or the beginning of one for the last. */
export function highlight(text: string, query: string): TextPart[] {
  const tokens = tokenize(query)
  const last = tokens.at(-1)
  const parts: TextPart[] = []
  const add = (piece: string, isMatch: boolean) => {
    if (piece !== '') parts.push({ text: piece, isMatch })
  }
  let done = 0
  for (const match of text.matchAll(/[\p{L}\p{N}]+/gu)) {
    const word = match[0].toLowerCase()
    const length = tokens.includes(word)
      ? word.length
      : last !== undefined && word.startsWith(last)
        ? last.length
        : 0
    if (length === 0) continue
    add(text.slice(done, match.index), false)
    add(text.slice(match.index, match.index + length), true)
    done = match.index + length
  }
  add(text.slice(done), false)
  return parts
}
