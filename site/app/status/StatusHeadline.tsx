import { Beacon } from './Beacon.tsx'
import type { EdgeState } from './useStatus.ts'

const sentences: Record<EdgeState, string> = {
  asking: 'Asking the edge…',
  up: 'The edge is answering',
  down: 'The edge does not answer',
  offline: 'You are offline',
}

/** One sentence on how things stand. It is read out when it changes, and only then. */
export function StatusHeadline({ state, problem }: { state: EdgeState; problem: Error | null }) {
  const detail =
    state === 'offline' ? 'The page asks again when the network is back.' : problem?.message
  return (
    <div role="status">
      <p className="flex items-center gap-3.5 text-lg font-semibold">
        <Beacon state={state} />
        {sentences[state]}
      </p>
      {detail && <p className="mt-1 text-sm text-muted">{detail}</p>}
    </div>
  )
}
