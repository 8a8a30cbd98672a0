import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { segment, send } from '../api/http.ts'
import { stateQuery } from '../api/queries.ts'
import { bytes, count, moment } from '../format/format.ts'
import { Ask } from '../shell/Ask.tsx'
import { PageHead } from '../shell/PageHead.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { useChange } from '../shell/useChange.ts'
import { SeedForm } from './SeedForm.tsx'

type Question = { kind: 'clear' } | { kind: 'restore' | 'delete'; name: string }

export function StatePage() {
  const { data, error, refetch } = useQuery(stateQuery)
  const change = useChange('state', 'kv', 'r2', 'queues', 'overview')
  const [question, setQuestion] = useState<Question | null>(null)
  const [name, setName] = useState('')
  const [done, setDone] = useState('')
  const run = (what: string, work: () => Promise<unknown>) => {
    setQuestion(null)
    setDone('')
    void change.run(work).then((ok) => ok && setDone(what))
  }
  return (
    <>
      <PageHead title="State" />
      {error && <Trouble error={error} retry={() => void refetch()} />}
      {change.error && <Trouble error={change.error} />}
      <p role="status" className="mb-2 min-h-6 text-leaf">
        {change.isBusy ? 'Working …' : done}
      </p>
      {data && (
        <div className="grid gap-4 lg:grid-cols-2">
          <section className="panel">
            <h2>What is kept</h2>
            <p className="text-muted">
              In <code>{data.folder}</code>
            </p>
            <table className="rows mt-2">
              <thead>
                <tr>
                  <th scope="col">Part</th>
                  <th scope="col" className="number">
                    Entries
                  </th>
                  <th scope="col" className="number">
                    Size
                  </th>
                </tr>
              </thead>
              <tbody>
                {data.parts.map((part) => (
                  <tr key={part.name}>
                    <td>{part.name}</td>
                    <td className="number">{count(part.entries, 'entry', 'entries')}</td>
                    <td className="number">{bytes(part.bytes)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            <button
              type="button"
              className="action action-bad mt-3"
              onClick={() => setQuestion({ kind: 'clear' })}
            >
              Clear everything
            </button>
          </section>
          <section className="panel">
            <h2>Snapshots</h2>
            <form
              className="flex flex-wrap gap-2"
              onSubmit={(event) => {
                event.preventDefault()
                run('The snapshot is taken.', () =>
                  send('POST', '/api/state/snapshots', name ? { name } : {}),
                )
                setName('')
              }}
            >
              <input
                className="field grow"
                aria-label="Name of the snapshot"
                placeholder="Name, or none for the time"
                autoComplete="off"
                value={name}
                onChange={(event) => setName(event.target.value)}
              />
              <button type="submit" className="action action-main" aria-disabled={change.isBusy}>
                Take a snapshot
              </button>
            </form>
            {data.snapshots.length === 0 ? (
              <p className="empty">There is none yet.</p>
            ) : (
              <ul className="mt-3 grid gap-2">
                {data.snapshots.map((snapshot) => (
                  <li key={snapshot.name} className="flex flex-wrap items-center gap-2">
                    <span className="grow">
                      <strong>{snapshot.name}</strong>{' '}
                      <span className="text-muted">
                        {moment(snapshot.created)}, {bytes(snapshot.bytes)}
                      </span>
                    </span>
                    <button
                      type="button"
                      className="action"
                      onClick={() => setQuestion({ kind: 'restore', name: snapshot.name })}
                    >
                      Restore<span className="sr-only"> {snapshot.name}</span>
                    </button>
                    <button
                      type="button"
                      className="action action-bad"
                      onClick={() => setQuestion({ kind: 'delete', name: snapshot.name })}
                    >
                      Delete<span className="sr-only"> {snapshot.name}</span>
                    </button>
                  </li>
                ))}
              </ul>
            )}
          </section>
          <SeedForm
            seed={(text) =>
              run('The entries of the file are in.', () =>
                send('POST', '/api/state/seed', JSON.parse(text) as unknown),
              )
            }
          />
        </div>
      )}
      {question?.kind === 'clear' && (
        <Ask
          title="Clear everything?"
          action="Clear"
          word="clear"
          onNo={() => setQuestion(null)}
          onYes={() =>
            run('Everything is cleared.', () => send('POST', '/api/state/clear', { parts: null }))
          }
        >
          <p className="mt-2">
            KV, R2, queues and caches are emptied. Snapshots stay, and can bring them back.
          </p>
        </Ask>
      )}
      {question?.kind === 'restore' && (
        <Ask
          title={`Restore ${question.name}?`}
          action="Restore"
          word={question.name}
          onNo={() => setQuestion(null)}
          onYes={() =>
            run(`${question.name} is restored.`, () =>
              send('POST', '/api/state/restore', { name: question.name }),
            )
          }
        >
          <p className="mt-2">
            What is kept now is replaced. Take a snapshot first if you need it.
          </p>
        </Ask>
      )}
      {question?.kind === 'delete' && (
        <Ask
          title={`Delete the snapshot ${question.name}?`}
          action="Delete"
          onNo={() => setQuestion(null)}
          onYes={() =>
            run(`${question.name} is deleted.`, () =>
              send('DELETE', `/api/state/snapshots/${segment(question.name)}`),
            )
          }
        />
      )}
    </>
  )
}
