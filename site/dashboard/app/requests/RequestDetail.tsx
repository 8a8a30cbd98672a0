import type { LoggedRequest } from '../api/types.ts'
import { bytes, duration, moment } from '../format/format.ts'
import { DetailTitle } from '../shell/DetailTitle.tsx'
import { Status } from './Status.tsx'

/** Why a request was answered as it was, and everything that is known of it. */
export function RequestDetail({ request, close }: { request: LoggedRequest; close: () => void }) {
  return (
    <section className="panel" aria-labelledby="detail-title">
      <div className="mb-3 flex items-start gap-2">
        <DetailTitle>
          {request.method} {request.target}
        </DetailTitle>
        <button type="button" className="action" onClick={close}>
          Close
        </button>
      </div>
      <h3>Why this answer</h3>
      {request.explanation.length === 0 ? (
        <p className="text-muted">Nothing more is known of it.</p>
      ) : (
        <ol className="steps" data-testid="explanation">
          {numbered(request.explanation).map(([place, { step, text }]) => (
            <li key={place}>
              <b>{step}</b>
              <span>{text}</span>
            </li>
          ))}
        </ol>
      )}
      <h3 className="mt-4">Facts</h3>
      <dl className="facts">
        <div>
          <dt>Status</dt>
          <dd>
            <Status request={request} />
          </dd>
        </div>
        <div>
          <dt>When</dt>
          <dd>
            {moment(request.time)}, took {duration(request.milliseconds)}
          </dd>
        </div>
        <div>
          <dt>Size</dt>
          <dd>{bytes(request.bytes)}</dd>
        </div>
        <div>
          <dt>From</dt>
          <dd>
            {request.client || 'nobody known'} to {request.host}
          </dd>
        </div>
        {request.ray && (
          <div>
            <dt>CF-Ray</dt>
            <dd>
              <code>{request.ray}</code>
            </dd>
          </div>
        )}
      </dl>
      {request.limits.length > 0 && (
        <>
          <h3 className="mt-4">Limits of the platform</h3>
          <dl className="facts">
            {request.limits.map(({ name, used, limit, unit }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd>
                  {amount(used, unit)} of {amount(limit, unit)}
                </dd>
              </div>
            ))}
          </dl>
        </>
      )}
      <h3 className="mt-4">Log</h3>
      {request.logs.length === 0 ? (
        <p className="text-muted">It logged nothing.</p>
      ) : (
        <ul className="grid gap-1 font-mono text-xs">
          {numbered(request.logs).map(([place, { level, message }]) => (
            <li key={place} className={level === 'info' ? '' : 'text-bloom'}>
              {level} {message}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Each with its place, which is what tells lines with the same words apart. */
const numbered = <T,>(list: readonly T[]) => [...list.entries()]

const amount = (value: number, unit: string) =>
  unit === 'bytes'
    ? bytes(value)
    : `${value.toLocaleString('en', { maximumFractionDigits: 1 })}${unit && ` ${unit}`}`
