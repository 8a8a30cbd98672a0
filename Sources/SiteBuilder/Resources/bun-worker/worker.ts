// The JavaScript half of the client build: one long-lived Bun process that answers requests.
//
// Wire format: one JSON object per line on standard input, one per line on standard output, matched by `id`. An answer
// starts with `{"id":N,` (the reader relies on it) and holds either `result` or `errors`. Answers may come in another
// order than their requests. The process ends when its input does, so it cannot outlive whoever started it.
//
// It parses, resolves, splits and minifies. Naming files, hashing them, and writing anything are not its business.

import { Refused, type Problem } from './build'
import { bundle } from './bundle'
import { exportsOf } from './exports'
import { transform } from './transform'

// Packages evaluated for their export names may print; standard output belongs to the protocol.
console.log = console.info = console.debug = console.error

const operations: Record<string, (request: never) => unknown> = {
  ping: () => ({ version: Bun.version, revision: Bun.revision }),
  bundle,
  exports: exportsOf,
  transform,
}

async function answer(line: string) {
  const { id, op, ...request } = JSON.parse(line) as { id: number; op: string }
  let outcome: { result: unknown } | { errors: Problem[] }
  try {
    const operation = operations[op]
    if (!operation) throw new Error(`There is no operation ${op}.`)
    outcome = { result: await operation(request as never) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    outcome = { errors: error instanceof Refused ? error.problems : [{ level: 'error', message }] }
  }
  process.stdout.write(`${JSON.stringify({ id, ...outcome })}\n`)
}

const decoder = new TextDecoder()
let rest = ''
for await (const bytes of Bun.stdin.stream()) {
  const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) if (line) void answer(line)
}
process.exit(0)
