import { useState } from 'react'
import { segment, send } from '../api/http.ts'
import { jsonProblem } from '../format/format.ts'
import { Trouble } from '../shell/Trouble.tsx'
import { useChange } from '../shell/useChange.ts'
import { bodyOf } from './body.ts'

/** Puts a message into the queue, as a producer would. */
export function SendForm({ queue }: { queue: string }) {
  const [text, setText] = useState('')
  const [kind, setKind] = useState<'json' | 'text'>('json')
  const [isSent, setIsSent] = useState(false)
  const change = useChange('queues')
  const body = bodyOf(text, kind)
  const problem = kind === 'json' && text !== '' ? (body.problem ?? jsonProblem(text)) : undefined
  return (
    <details className="panel mt-4">
      <summary>Send a message</summary>
      <form
        className="mt-3 grid gap-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (body.problem) return
          void change
            .run(() =>
              send('POST', `/api/queues/${segment(queue)}/messages`, {
                body: body.value,
                contentType: kind,
              }),
            )
            .then((ok) => {
              setIsSent(ok)
              if (ok) setText('')
            })
        }}
      >
        <label>
          Body
          <textarea
            className="field mt-1"
            spellCheck={false}
            value={text}
            onChange={(event) => {
              setIsSent(false)
              setText(event.target.value)
            }}
          />
        </label>
        {problem && <p className="text-bloom">{problem}</p>}
        {change.error && <Trouble error={change.error} />}
        <div className="flex flex-wrap items-center gap-2">
          <select
            className="field"
            aria-label="Content type"
            value={kind}
            onChange={(event) => setKind(event.target.value === 'text' ? 'text' : 'json')}
          >
            <option value="json">JSON</option>
            <option value="text">Text</option>
          </select>
          <button
            type="submit"
            className="action action-main"
            aria-disabled={change.isBusy || body.problem !== undefined}
          >
            Send
          </button>
          <span role="status" className="text-leaf">
            {isSent && 'Sent.'}
          </span>
        </div>
      </form>
    </details>
  )
}
