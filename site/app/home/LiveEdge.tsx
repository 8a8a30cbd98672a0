import { Beacon } from '../status/Beacon.tsx'
import { formatDuration } from '../status/format.ts'
import { useStatus } from '../status/useStatus.ts'

/** One line about the edge that served the page. Not read out as it changes: the status page is for that. */
export function LiveEdge() {
  const { state, data } = useStatus()
  const sentence = {
    asking: 'Asking the edge…',
    up: data && `Edge ${data.version}, up for ${formatDuration(data.uptimeSeconds)}`,
    down: 'The edge does not answer right now.',
    offline: 'You are offline.',
  }[state]
  return (
    <p className="mt-10 flex min-h-7 items-center gap-3.5 text-sm text-muted">
      <Beacon state={state} />
      {sentence}
    </p>
  )
}
