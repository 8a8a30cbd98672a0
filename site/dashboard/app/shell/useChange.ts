import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'

/** Does something that changes the emulator, says whether it is under way or has failed, and refreshes what is shown. */
export function useChange(...keys: string[]) {
  const client = useQueryClient()
  const [error, setError] = useState<Error | null>(null)
  const [isBusy, setIsBusy] = useState(false)
  const names = keys.join(' ')
  const run = useCallback(
    async (work: () => Promise<unknown>) => {
      setIsBusy(true)
      setError(null)
      try {
        await work()
        // What is shown afterwards is what is there.
        const shown = names.split(' ').map((name) => client.invalidateQueries({ queryKey: [name] }))
        await Promise.all(shown)
        return true
      } catch (problem) {
        setError(problem instanceof Error ? problem : new Error(String(problem)))
        return false
      } finally {
        setIsBusy(false)
      }
    },
    [client, names],
  )
  return { run, error, isBusy, clear: () => setError(null) }
}
