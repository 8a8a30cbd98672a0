/**
 * JSON as text. Values are laid out by moving white space between their tokens and never by reading and writing them
 * again: numbers keep their digits, members their order and their repetitions.
 */

export interface JSONFault {
  message: string
  /** From 1. */
  line: number
  column: number
}

type Token = { text: string; at: number }
type Wanted = 'value' | 'value or ]' | 'name' | 'name or }' | ':' | ', or end' | 'nothing'
type Scan = { tokens: Token[]; fault?: undefined } | { fault: JSONFault; tokens?: undefined }

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
// oxlint-disable-next-line no-control-regex -- control characters are what a JSON string must not have
const string = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const word = /true|false|null/y
const space = /[ \t\r\n]*/y
const deepest = 512

/** What is wrong with a text as JSON (RFC 8259), or `undefined`. */
export const faultOf = (text: string): JSONFault | undefined => scan(text).fault

/** Laid out with two spaces a level; `undefined` for what is not JSON. */
export function prettyJSON(text: string): string | undefined {
  const { tokens } = scan(text)
  if (!tokens) return undefined
  let result = ''
  let level = 0
  const newLine = () => `\n${'  '.repeat(level)}`
  tokens.forEach((token, index) => {
    const before = tokens[index - 1]?.text
    const opened = before === '{' || before === '['
    if (token.text === '}' || token.text === ']') {
      level -= 1
      result += opened ? token.text : newLine() + token.text
      return
    }
    if (opened || before === ',') result += newLine()
    if (token.text === '{' || token.text === '[') level += 1
    result += token.text === ':' ? ': ' : token.text
  })
  return result
}

/** Whether a text is an object or a list: a number or a word alone is better shown as the text it is. */
export function isStructuredJSON(text: string): boolean {
  const first = /^[ \t\r\n]*([[{])/.exec(text)
  return first !== null && faultOf(text) === undefined
}

function scan(text: string): Scan {
  const tokens: Token[] = []
  /** What may come next. */
  let wanted: Wanted = 'value'
  const open: ('{' | '[')[] = []
  let at = 0
  const fault = (message: string): Scan => ({ fault: { message, ...place(text, at) } })
  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(text)?.[0]
  }
  const afterValue = (): Wanted => (open.length > 0 ? ', or end' : 'nothing')
  for (;;) {
    at += match(space)?.length ?? 0
    const next = text[at]
    if (next === undefined) {
      if (wanted === 'nothing') return { tokens }
      return fault(
        at === 0 || tokens.length === 0 ? 'There is no value' : 'The text ends too early',
      )
    }
    let token: string | undefined
    if (wanted === 'nothing') return fault('Something follows the value')
    if (wanted === ':') {
      if (next !== ':') return fault('A colon is missing')
      token = next
      wanted = 'value'
    } else if (wanted === ', or end') {
      const close = open.at(-1) === '{' ? '}' : ']'
      if (next === ',') wanted = close === '}' ? 'name' : 'value'
      else if (next === close) {
        open.pop()
        wanted = afterValue()
      } else return fault(`Neither a comma nor ${close} is here`)
      token = next
    } else if (
      (next === '}' && wanted === 'name or }') ||
      (next === ']' && wanted === 'value or ]')
    ) {
      open.pop()
      wanted = afterValue()
      token = next
    } else if (wanted === 'name' || wanted === 'name or }') {
      token = match(string)
      if (token === undefined) return fault('A name in quotes is missing')
      wanted = ':'
    } else if (next === '{' || next === '[') {
      if (open.length === deepest) return fault('This is nested too deeply')
      open.push(next)
      wanted = next === '{' ? 'name or }' : 'value or ]'
      token = next
    } else {
      token = match(string) ?? match(number) ?? match(word)
      if (token === undefined)
        return fault(next === '"' ? 'The string is not right' : 'A value is missing')
      wanted = afterValue()
    }
    tokens.push({ text: token, at })
    at += token.length
  }
}

function place(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split('\n')
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 }
}
