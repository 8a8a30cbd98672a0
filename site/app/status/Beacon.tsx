import type { EdgeState } from './useStatus.ts'

/** The light beside a sentence about the edge. */
export function Beacon({ state }: { state: EdgeState }) {
  return <span className="beacon" data-state={state} aria-hidden="true" />
}
