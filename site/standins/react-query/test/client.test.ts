import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import {
  MutationObserver,
  onlineManager,
  QueryCache,
  QueryClient,
  queryOptions,
} from '../src/index.ts'
import { manualFetch, settle, watch } from './kit.ts'

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }))
afterEach(() => {
  onlineManager.setOnline(true)
  jest.useRealTimers()
})

describe('QueryClient', () => {
  test('query answers fresh data from the cache and does not retry', async () => {
    let calls = 0
    const client = new QueryClient()
    const options = queryOptions({ queryKey: ['a'], queryFn: () => (calls += 1), staleTime: 1000 })
    expect(await client.query(options)).toBe(1)
    expect(await client.query({ ...options, select: (n) => `n=${n}` })).toBe('n=1')
    const failing = client.query({
      queryKey: ['b'],
      queryFn: () => {
        calls += 1
        throw new Error('no')
      },
    })
    await expect(failing).rejects.toThrow('no')
    expect(calls).toBe(2)
  })

  test('prefetchQuery fills the cache and swallows failures; ensureQueryData takes what is there', async () => {
    const client = new QueryClient()
    await client.prefetchQuery({ queryKey: ['a'], queryFn: () => Promise.reject(new Error('no')) })
    client.setQueryData(['b'], 'old')
    expect(await client.ensureQueryData({ queryKey: ['b'], queryFn: () => 'new' })).toBe('old')
    expect(await client.ensureQueryData({ queryKey: ['c'], queryFn: () => 'new' })).toBe('new')
  })

  test('the type of the data travels with the key', () => {
    const client = new QueryClient()
    const options = queryOptions({ queryKey: ['n'], queryFn: () => 1 })
    client.setQueryData(options.queryKey, 41)
    client.setQueryData(options.queryKey, (n) => (n ?? 0) + 1)
    const n: number | undefined = client.getQueryData(options.queryKey)
    expect(n).toBe(42)
  })

  test('invalidateQueries refetches what is watched and marks the rest', async () => {
    const calls: string[] = []
    const options = (name: string) => ({
      queryKey: ['list', name],
      queryFn: () => calls.push(name),
      staleTime: Infinity,
    })
    const { client } = watch(options('seen'))
    await client.query(options('unseen'))
    await settle()
    calls.length = 0
    await client.invalidateQueries({ queryKey: ['list'] })
    expect(calls).toEqual(['seen'])
    expect(client.getQueryState(['list', 'unseen'])?.isInvalidated).toBe(true)
    await client.query(options('unseen'))
    expect(calls).toEqual(['seen', 'unseen'])
  })

  test('refetchType none only marks, exact spares the longer keys, and a predicate decides freely', async () => {
    const client = new QueryClient()
    for (const key of [['a'], ['a', 1], ['b']]) client.setQueryData(key, 0)
    await client.invalidateQueries({ queryKey: ['a'], exact: true, refetchType: 'none' })
    await client.invalidateQueries({ predicate: (query) => query.queryKey[0] === 'b' })
    const invalid = client.getQueryCache().findAll({ stale: true })
    expect(invalid.map((query) => query.queryKey)).toEqual([['a'], ['b']])
  })

  test('isFetching counts, removeQueries forgets, defaults reach every query under a key', async () => {
    const client = new QueryClient()
    client.setQueryDefaults(['api'], { staleTime: Infinity })
    const { calls, queryFn } = manualFetch<number>()
    const fetching = client.query({ queryKey: ['api', 1], queryFn })
    expect(client.isFetching()).toBe(1)
    calls[0]!.answer(1)
    await fetching
    expect(client.isFetching()).toBe(0)
    await client.query({ queryKey: ['api', 1], queryFn })
    expect(calls).toHaveLength(1)
    client.removeQueries({ queryKey: ['api'] })
    expect(client.getQueryData(['api', 1])).toBeUndefined()
  })

  test('the cache hears of every success and failure', async () => {
    const heard: string[] = []
    const client = new QueryClient({
      queryCache: new QueryCache({
        onSuccess: (data, query) => heard.push(`${query.queryHash} ${String(data)}`),
        onError: (error, query) => heard.push(`${query.queryHash} ${error.message}`),
      }),
    })
    await client.query({ queryKey: ['a'], queryFn: () => 1 })
    await client.prefetchQuery({ queryKey: ['b'], queryFn: () => Promise.reject(new Error('no')) })
    expect(heard).toEqual(['["a"] 1', '["b"] no'])
  })
})

describe('mutations', () => {
  test('callbacks run in order: onMutate, onSuccess, onSettled, then those of the call', async () => {
    const client = new QueryClient()
    const order: unknown[] = []
    const observer = new MutationObserver(client, {
      mutationFn: (n: number) => n * 2,
      onMutate: (n) => {
        order.push(['onMutate', n])
        return 'rollback'
      },
      onSuccess: (data, n, result) => order.push(['onSuccess', data, n, result]),
      onSettled: (data, error) => order.push(['onSettled', data, error]),
    })
    observer.subscribe(() => {})
    const data = await observer.mutate(2, { onSuccess: () => order.push('call') })
    expect(data).toBe(4)
    expect(order).toEqual([
      ['onMutate', 2],
      ['onSuccess', 4, 2, 'rollback'],
      ['onSettled', 4, null],
      'call',
    ])
    expect(observer.getCurrentResult()).toMatchObject({ status: 'success', data: 4, variables: 2 })
    observer.reset()
    expect(observer.getCurrentResult()).toMatchObject({ status: 'idle', data: undefined })
  })

  test('a failure is not retried and reaches onError with what onMutate answered', async () => {
    let calls = 0
    const errors: unknown[] = []
    const observer = new MutationObserver(new QueryClient(), {
      mutationFn: (): Promise<number> => {
        calls += 1
        return Promise.reject(new Error('no'))
      },
      onMutate: () => 'undo',
      onError: (error, _variables, undo) => errors.push(error.message, undo),
    })
    await expect(observer.mutate()).rejects.toThrow('no')
    expect(calls).toBe(1)
    expect(errors).toEqual(['no', 'undo'])
    expect(observer.getCurrentResult()).toMatchObject({ status: 'error', failureCount: 1 })
  })

  test('callbacks of a call are for the newest run only', async () => {
    const heard: number[] = []
    const observer = new MutationObserver(new QueryClient(), { mutationFn: (n: number) => n })
    observer.subscribe(() => {})
    const callbacks = { onSuccess: (n: number) => heard.push(n) }
    await Promise.all([observer.mutate(1, callbacks), observer.mutate(2, callbacks)])
    expect(heard).toEqual([2])
  })

  test('offline, a mutation waits', async () => {
    const client = new QueryClient()
    client.mount()
    onlineManager.setOnline(false)
    const observer = new MutationObserver(client, { mutationFn: () => 'done' })
    const run = observer.mutate()
    await settle()
    expect(observer.getCurrentResult()).toMatchObject({ isPaused: true, status: 'pending' })
    onlineManager.setOnline(true)
    expect(await run).toBe('done')
    client.unmount()
  })
})
