import { memo } from 'react'
import type { LoggedRequest } from '../api/types.ts'
import { clock, duration } from '../format/format.ts'
import { Status } from './Status.tsx'

/** One line. A thousand of them stay quick because a line that has not changed is not drawn again. */
export const RequestRow = memo(
  function RequestRow({
    request,
    isChosen,
    choose,
  }: {
    request: LoggedRequest
    isChosen: boolean
    choose: (seq: number) => void
  }) {
    return (
      <tr id={`request-${request.seq}`} data-chosen={isChosen ? '' : undefined}>
        <td className="whitespace-nowrap text-muted">{clock(request.time)}</td>
        <td>
          <button
            type="button"
            className="row-link"
            data-row={String(request.seq)}
            aria-expanded={isChosen}
            onClick={() => choose(request.seq)}
          >
            {request.method} {request.target}
          </button>
        </td>
        <td>
          <Status request={request} />
        </td>
        <td className="number">{duration(request.milliseconds)}</td>
        <td className="request-source text-muted">
          {request.source} {request.reason && <span>· {request.reason}</span>}
        </td>
      </tr>
    )
  },
  (before, after) => before.request === after.request && before.isChosen === after.isChosen,
)
