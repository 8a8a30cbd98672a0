import { highlight } from '../../search/highlight.ts'

/** Text with what the query matched in it marked. */
export function Highlighted({ text, query }: { text: string; query: string }) {
  let at = 0
  return highlight(text, query).map((part) => {
    const key = at
    at += part.text.length
    return part.isMatch ? <mark key={key}>{part.text}</mark> : <span key={key}>{part.text}</span>
  })
}
