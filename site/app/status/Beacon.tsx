/** The light beside a sentence about the edge. */
export function Beacon({ state }: { state: 'up' | 'down' | 'unknown' }) {
  return <span className="beacon" data-state={state} aria-hidden="true" />
}
