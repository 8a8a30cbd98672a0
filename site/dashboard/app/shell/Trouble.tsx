import { APIError } from '../api/http.ts'

/** What went wrong, in a sentence, and what to do about it. */
export function Trouble({ error, retry }: { error: Error; retry?: () => void }) {
  const hint =
    error instanceof APIError
      ? error.hint
      : 'Is the emulator still running? The page comes back by itself when it is.'
  return (
    <div role="alert" className="notice notice-bad">
      <p className="font-semibold">{error.message}</p>
      {hint && <p>{hint}</p>}
      {retry && (
        <button type="button" className="action mt-2" onClick={retry}>
          Try again
        </button>
      )}
    </div>
  )
}
