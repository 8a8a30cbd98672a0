import type { LoggedRequest } from '../api/types.ts'

/** The status with its colour, which is never the only sign. */
export function Status({ request }: { request: LoggedRequest }) {
  const { status, completed } = request
  const tone =
    status === 0 || status >= 500 || !completed ? 'bad' : status < 300 ? 'good' : undefined
  return (
    <span className="badge" data-tone={tone}>
      {status === 0 ? 'gone' : status}
      {!completed && status > 0 && ' broken off'}
    </span>
  )
}
