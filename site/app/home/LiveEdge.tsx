import { useQuery } from '@tanstack/react-query'
import { Beacon } from '../status/Beacon.tsx'
import { formatDuration } from '../status/format.ts'
import { statusQuery } from '../status/queries.ts'

/** One line about the edge that served the page. Not read out as it changes: the status page is for that. */
export function LiveEdge() {
  const { data, error, isPaused } = useQuery(statusQuery)
  return (
    <p className="mt-10 flex min-h-7 items-center gap-3.5 text-sm text-muted">
      <Beacon state={error && !isPaused ? 'down' : data && !isPaused ? 'up' : 'unknown'} />
      {isPaused
        ? 'You are offline.'
        : error
          ? 'The edge does not answer right now.'
          : data
            ? `Edge ${data.version}, up for ${formatDuration(data.uptimeSeconds)}`
            : 'Asking the edge…'}
    </p>
  )
}
