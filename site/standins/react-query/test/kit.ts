import { jest } from 'bun:test'
import { QueryClient, QueryObserver, type QueryObserverOptions } from '../src/index.ts'

/** Lets everything that is ready run. The clock stands still meanwhile. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await Promise.resolve()
}

/** Moves the clock, then lets what became ready run. */
export async function pass(milliseconds: number): Promise<void> {
  jest.advanceTimersByTime(milliseconds)
  await settle()
}

/** A function for a query that the test answers by hand. */
export function manualFetch<TData>() {
  const calls: {
    signal?: AbortSignal
    answer: (data: TData) => void
    fail: (error: Error) => void
  }[] = []
  return {
    calls,
    queryFn: (context: { readonly signal: AbortSignal }) =>
      new Promise<TData>((answer, fail) =>
        calls.push({
          answer,
          fail,
          get signal() {
            return context.signal
          },
        }),
      ),
  }
}

/** A client with an observer that notes every result it was told. */
export function watch<TData>(
  options: QueryObserverOptions<TData, Error>,
  client = new QueryClient(),
) {
  const observer = new QueryObserver<TData, Error>(client, options)
  const seen: string[] = []
  const stop = observer.subscribe((result) => {
    seen.push(`${result.status}/${result.fetchStatus}`)
  })
  return { client, observer, seen, stop, result: () => observer.getCurrentResult() }
}
