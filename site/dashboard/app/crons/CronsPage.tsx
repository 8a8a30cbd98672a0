import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { send } from '../api/http.ts'
import { cronsQuery, overviewQuery } from '../api/queries.ts'
import type { Cron } from '../api/types.ts'
import { distance, duration, moment } from '../format/format.ts'
import { PageHead } from '../shell/PageHead.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { useNow } from '../shell/useNow.ts'
import { useChange } from '../shell/useChange.ts'

export function CronsPage() {
  const { data, error, refetch } = useQuery(cronsQuery)
  const overview = useQuery(overviewQuery)
  const now = useNow() + (overview.data?.clock.offsetSeconds ?? 0) * 1000
  return (
    <>
      <PageHead title="Crons" />
      {error && <Trouble error={error} retry={() => void refetch()} />}
      {overview.data && <Clock now={now} isMovable={overview.data.clock.movable} />}
      {data?.crons.length === 0 && (
        <p className="empty">
          No Worker has a trigger. Name one in <code>wrangler.toml</code>, under{' '}
          <code>[triggers]</code>.
        </p>
      )}
      <div className="grid gap-4">
        {data?.crons.map((cron) => (
          <CronPanel key={`${cron.worker} ${cron.cron}`} cron={cron} now={now} />
        ))}
      </div>
    </>
  )
}

function CronPanel({ cron, now }: { cron: Cron; now: number }) {
  const change = useChange('crons')
  return (
    <section className="panel">
      <div className="flex flex-wrap items-center gap-3">
        <h2 className="font-mono">{cron.cron}</h2>
        <span className="text-muted">
          Worker {cron.worker}
          {cron.next !== null && `, next ${distance(cron.next, now)}, at ${moment(cron.next)}`}
        </span>
        <button
          type="button"
          className="action ms-auto"
          aria-disabled={change.isBusy}
          onClick={() =>
            void change.run(() =>
              send('POST', '/api/crons/run', { worker: cron.worker, cron: cron.cron }),
            )
          }
        >
          Run now
          <span className="sr-only"> {cron.cron}</span>
        </button>
      </div>
      {change.error && <Trouble error={change.error} />}
      {cron.runs.length === 0 ? (
        <p className="mt-2 text-muted">It has not run since the start.</p>
      ) : (
        <table className="rows mt-2">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Outcome</th>
              <th scope="col" className="number">
                Took
              </th>
              <th scope="col">By</th>
            </tr>
          </thead>
          <tbody>
            {cron.runs.map((run) => (
              <tr key={run.time}>
                <td>{moment(run.time)}</td>
                <td>
                  <span className="badge" data-tone={run.outcome === 'ok' ? 'good' : 'bad'}>
                    {run.outcome}
                  </span>{' '}
                  {run.error}
                </td>
                <td className="number">{duration(run.milliseconds)}</td>
                <td>{run.trigger === 'manual' ? 'hand' : 'schedule'}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  )
}

function Clock({ now, isMovable }: { now: number; isMovable: boolean }) {
  const [minutes, setMinutes] = useState('60')
  const change = useChange('overview', 'crons')
  const seconds = Number(minutes) * 60
  const isGood = Number.isFinite(seconds) && seconds > 0
  return (
    <section className="panel mb-4">
      <h2>Clock</h2>
      <p>
        It is <time dateTime={new Date(now).toISOString()}>{moment(now)}</time> for the Workers.
      </p>
      {isMovable ? (
        <form
          className="mt-2 flex flex-wrap items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            if (isGood)
              void change.run(() => send('POST', '/api/clock', { advanceSeconds: seconds }))
          }}
        >
          <label>
            Minutes to move it forward
            <input
              className="field ms-2 w-24"
              inputMode="decimal"
              value={minutes}
              onChange={(event) => setMinutes(event.target.value)}
            />
          </label>
          <button type="submit" className="action" aria-disabled={!isGood}>
            Move
          </button>
        </form>
      ) : (
        <p className="text-muted">
          Start the emulator with <code>--movable-clock</code> to move it: triggers fire, delays end
          and entries expire as if the time had passed.
        </p>
      )}
      {change.error && <Trouble error={change.error} />}
    </section>
  )
}
