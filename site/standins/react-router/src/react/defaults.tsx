import type { ErrorComponentProps } from '../route.ts'

/** What a failure looks like where the application brings nothing of its own. */
export function ErrorComponent({ error, reset }: ErrorComponentProps) {
  return (
    <div role="alert">
      <p>Something went wrong: {error.message}</p>
      <button type="button" onClick={reset}>
        Try again
      </button>
    </div>
  )
}

export function NotFound() {
  return <p>Not found</p>
}
