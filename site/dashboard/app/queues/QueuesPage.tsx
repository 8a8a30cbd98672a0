import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { queuesQuery } from '../api/queries.ts'
import type { Queue } from '../api/types.ts'
import { PageHead } from '../shell/PageHead.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { Messages } from './Messages.tsx'

export function QueuesPage() {
  const search = useSearch({ from: '/queues' })
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(queuesQuery)
  const go = (change: { queue?: string; state?: string; q?: string }, replace = false) =>
    void navigate({ to: '/queues', search: { ...search, ...change }, replace, resetScroll: false })
  const open = data?.queues.find(({ name }) => name === search.queue) ?? data?.queues[0]
  return (
    <>
      <PageHead title="Queues" />
      {error && <Trouble error={error} retry={() => void refetch()} />}
      {data?.queues.length === 0 && (
        <p className="empty">
          There is no queue. Name one in <code>wrangler.toml</code>, under{' '}
          <code>[[queues.producers]]</code>.
        </p>
      )}
      {data && data.queues.length > 0 && (
        <div className="mb-6 overflow-x-auto">
          <table className="rows">
            <thead>
              <tr>
                <th scope="col">Queue</th>
                <th scope="col" className="number">
                  Waiting
                </th>
                <th scope="col" className="number">
                  Leased
                </th>
                <th scope="col" className="number">
                  Delayed
                </th>
                <th scope="col" className="number">
                  Dead
                </th>
                <th scope="col" className="max-sm:hidden">
                  Consumer
                </th>
              </tr>
            </thead>
            <tbody>
              {data.queues.map((queue) => (
                <Row
                  key={queue.name}
                  queue={queue}
                  isOpen={queue.name === open?.name}
                  choose={(name) => go({ queue: name, q: undefined, state: undefined })}
                />
              ))}
            </tbody>
          </table>
        </div>
      )}
      {open && (
        <Messages
          key={open.name}
          queue={open}
          state={search.state ?? 'all'}
          text={search.q ?? ''}
          go={(change) => go(change, true)}
        />
      )}
    </>
  )
}

function Row({
  queue,
  isOpen,
  choose,
}: {
  queue: Queue
  isOpen: boolean
  choose: (name: string) => void
}) {
  return (
    <tr data-chosen={isOpen ? '' : undefined}>
      <td>
        <button type="button" className="row-link" onClick={() => choose(queue.name)}>
          {queue.name}
        </button>
        {queue.paused && <span className="badge ms-2">paused</span>}
      </td>
      <td className="number">{queue.waiting}</td>
      <td className="number">{queue.leased}</td>
      <td className="number">{queue.delayed}</td>
      <td className="number">
        {queue.deadLetterQueue === null ? (
          <span className="text-muted">–</span>
        ) : (
          <button
            type="button"
            className="row-link"
            onClick={() => choose(queue.deadLetterQueue ?? '')}
          >
            {queue.dead ?? 0}
            <span className="sr-only"> dead, in {queue.deadLetterQueue}</span>
          </button>
        )}
      </td>
      <td className="max-sm:hidden text-muted">
        {queue.consumer ?? (queue.isDeadLetterQueue ? 'none: dead letters' : 'none')}
      </td>
    </tr>
  )
}
