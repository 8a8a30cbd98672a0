import { useState } from 'react'
import { bodyOf } from '../queues/body.ts'

const example = `{
  "kv": { "ENTRIES": { "greeting": "hello" } },
  "r2": { "uploads": { "a.txt": { "text": "hello" } } },
  "queues": { "jobs": [{ "id": 1 }] }
}`

/** Entries from a file, put in beside what is there. */
export function SeedForm({ seed }: { seed: (text: string) => void }) {
  const [text, setText] = useState('')
  const problem = text === '' ? undefined : bodyOf(text, 'json').problem
  return (
    <section className="panel lg:col-span-2">
      <h2>Seed</h2>
      <form
        className="grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (text !== '' && !problem) seed(text)
        }}
      >
        <label>
          From a file
          <input
            type="file"
            accept="application/json,.json"
            className="field ms-2 max-w-full"
            onChange={(event) => {
              const file = event.target.files?.[0]
              if (file) void file.text().then(setText)
              event.target.value = ''
            }}
          />
        </label>
        <label>
          Or as JSON
          <textarea
            className="field mt-1"
            spellCheck={false}
            placeholder={example}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        </label>
        {problem && <p className="text-bloom">{problem}</p>}
        <div>
          <button
            type="submit"
            className="action action-main"
            aria-disabled={text === '' || problem !== undefined}
          >
            Put these in
          </button>
        </div>
      </form>
    </section>
  )
}
