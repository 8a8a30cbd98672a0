import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { segment, send } from '../api/http.ts'
import { messagesQuery } from '../api/queries.ts'
import type { Queue, QueueMessage } from '../api/types.ts'
import { clock, count, distance, pretty } from '../format/format.ts'
import { Ask } from '../shell/Ask.tsx'
import { Find } from '../shell/Find.tsx'
import { Pages } from '../shell/Pages.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { useChange } from '../shell/useChange.ts'
import { useNow } from '../shell/useNow.ts'
import { SendForm } from './SendForm.tsx'

/** The messages of one queue, and what can be done with them. */
export function Messages({
  queue,
  state,
  text,
  go,
}: {
  queue: Queue
  state: string
  text: string
  go: (change: { state?: string; q?: string }) => void
}) {
  const [cursors, setCursors] = useState([''])
  const { data, error } = useQuery(messagesQuery(queue.name, state, text, cursors.at(-1) ?? ''))
  const change = useChange('queues')
  const path = `/api/queues/${segment(queue.name)}`
  const total = queue.waiting + queue.delayed + queue.leased
  return (
    <section aria-label={`Messages of ${queue.name}`}>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <h2 className="text-lg">{queue.name}</h2>
        <Find label="Part of a message" value={text} change={(q) => go({ q: q || undefined })} />
        <select
          className="field"
          aria-label="State"
          value={state}
          onChange={(event) => {
            setCursors([''])
            go({ state: event.target.value === 'all' ? undefined : event.target.value })
          }}
        >
          <option value="all">All</option>
          <option value="waiting">Waiting</option>
          <option value="leased">Leased</option>
          <option value="delayed">Delayed</option>
        </select>
        {total > 0 && (
          <button
            type="button"
            className="action"
            aria-disabled={change.isBusy}
            onClick={() => void change.run(() => send('POST', `${path}/redeliver`))}
          >
            Redeliver all {total}
          </button>
        )}
      </div>
      {error && <Trouble error={error} />}
      {change.error && <Trouble error={change.error} />}
      <ul className="grid gap-2">
        {data?.messages.map((message) => (
          <Message
            key={message.id}
            message={message}
            isDead={queue.isDeadLetterQueue}
            redeliver={() =>
              void change.run(() => send('POST', `${path}/messages/${message.id}/redeliver`))
            }
            remove={() => void change.run(() => send('DELETE', `${path}/messages/${message.id}`))}
          />
        ))}
      </ul>
      {data?.messages.length === 0 && (
        <p className="empty">
          {text || state !== 'all' ? 'No message fits.' : 'No message is waiting here.'}
        </p>
      )}
      <Pages cursors={cursors} setCursors={setCursors} next={data?.cursor ?? null} />
      <SendForm queue={queue.name} />
      <p className="sr-only" role="status">
        {data && count(data.messages.length, 'message')}
      </p>
    </section>
  )
}

function Message({
  message,
  isDead,
  redeliver,
  remove,
}: {
  message: QueueMessage
  isDead: boolean
  redeliver: () => void
  remove: () => void
}) {
  const [isAsking, setIsAsking] = useState(false)
  const now = useNow()
  return (
    <li className="panel">
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <span className="badge" data-tone={isDead ? 'bad' : undefined}>
          {isDead ? 'dead' : message.state}
        </span>
        <code className="text-muted">{message.id.slice(0, 8)}</code>
        <span className="text-muted">
          sent {clock(message.sentAt)}
          {message.attempts > 0 && `, failed ${count(message.attempts, 'time')}`}
          {message.visibleAt !== null && `, due ${distance(message.visibleAt, now)}`}
          {message.origin && `, died in ${message.origin}`}
        </span>
        <span className="ms-auto flex gap-2">
          <button type="button" className="action" onClick={redeliver}>
            Redeliver
            <span className="sr-only"> message {message.id.slice(0, 8)}</span>
          </button>
          <button type="button" className="action action-bad" onClick={() => setIsAsking(true)}>
            Delete
            <span className="sr-only"> message {message.id.slice(0, 8)}</span>
          </button>
        </span>
      </div>
      <pre className="mt-2 max-h-64 overflow-auto text-xs whitespace-pre-wrap">
        {message.contentType === 'json' ? pretty(message.body) : message.body}
      </pre>
      {isAsking && (
        <Ask
          title="Delete this message?"
          action="Delete"
          onNo={() => setIsAsking(false)}
          onYes={() => {
            setIsAsking(false)
            remove()
          }}
        />
      )}
    </li>
  )
}
