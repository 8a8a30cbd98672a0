import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { overviewQuery } from '../api/queries.ts'
import type { Overview } from '../api/types.ts'
import { count, distance, moment } from '../format/format.ts'
import { PageHead } from '../shell/PageHead.tsx'
import { Trouble } from '../shell/Trouble.tsx'

export function OverviewPage() {
  const { data, error, refetch } = useQuery(overviewQuery)
  return (
    <>
      <PageHead title="Overview" />
      {error && <Trouble error={error} retry={() => void refetch()} />}
      {data && <Report data={data} />}
    </>
  )
}

function Report({ data }: { data: Overview }) {
  const { counts } = data
  return (
    <div className="grid items-start gap-4 lg:grid-cols-2">
      <section className="panel">
        <h2>This emulator</h2>
        <dl className="facts">
          <div>
            <dt>Version</dt>
            <dd>{data.version}</dd>
          </div>
          <div>
            <dt>Started</dt>
            <dd>
              <time dateTime={new Date(data.startedAt).toISOString()}>
                {moment(data.startedAt)}
              </time>
              , {distance(data.startedAt, data.now)}
            </dd>
          </div>
          <div>
            <dt>State</dt>
            <dd>
              <code>{data.stateFolder}</code>
            </dd>
          </div>
          <div>
            <dt>Clock</dt>
            <dd>
              {data.clock.movable
                ? `movable, ${data.clock.offsetSeconds} s ahead`
                : 'that of this machine'}
            </dd>
          </div>
          {data.urls.map(({ what, url }) => (
            <div key={what}>
              <dt>{what}</dt>
              <dd>
                {what === 'app' ? (
                  <a className="row-link" href={url}>
                    {url}
                  </a>
                ) : (
                  <code>{url}</code>
                )}
              </dd>
            </div>
          ))}
        </dl>
      </section>
      <section className="panel">
        <h2>What is in it</h2>
        <ul className="grid gap-1">
          <li>
            <Link className="row-link" to="/requests">
              {count(counts.requests, 'request')}
            </Link>
          </li>
          <li>
            <Link className="row-link" to="/kv">
              {count(counts.kvNamespaces, 'KV namespace')}
            </Link>
          </li>
          <li>
            <Link className="row-link" to="/r2">
              {count(counts.r2Buckets, 'R2 bucket')}
            </Link>
          </li>
          <li>
            <Link className="row-link" to="/queues">
              {count(counts.queues, 'queue')}
            </Link>
          </li>
        </ul>
      </section>
      {data.workers.map((worker) => (
        <section className="panel" key={worker.name}>
          <h2>Worker {worker.name}</h2>
          {worker.bindings.length === 0 ? (
            <p className="text-muted">It has no bindings.</p>
          ) : (
            <table className="rows">
              <thead>
                <tr>
                  <th scope="col">Binding</th>
                  <th scope="col">Kind</th>
                  <th scope="col">Resource</th>
                </tr>
              </thead>
              <tbody>
                {worker.bindings.map(({ kind, name, resource }) => (
                  <tr key={name}>
                    <td>
                      <code>{name}</code>
                    </td>
                    <td>{kind.replaceAll('_', ' ')}</td>
                    <td>{resource}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
          {worker.vars.length > 0 && (
            <p className="mt-2 text-muted">Variables: {worker.vars.join(', ')}</p>
          )}
          {worker.crons.length > 0 && (
            <p className="mt-2 text-muted">
              Cron triggers:{' '}
              <Link className="row-link" to="/crons">
                {worker.crons.join(', ')}
              </Link>
            </p>
          )}
        </section>
      ))}
    </div>
  )
}
