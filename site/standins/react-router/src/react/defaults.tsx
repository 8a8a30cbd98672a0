import type { ErrorComponentProps } from '../route.ts'
import { useRouter } from './context.ts'

/** What a failure looks like where the application brings nothing of its own. */
export function ErrorComponent({ error }: ErrorComponentProps) {
  const router = useRouter()
  return (
    <div role="alert">
      <p>Something went wrong: {error.message}</p>
      <button type="button" onClick={() => void router.invalidate()}>
        Try again
      </button>
    </div>
  )
}

export function NotFound() {
  return <p>Not found</p>
}
