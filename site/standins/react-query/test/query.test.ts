import { afterEach, beforeEach, describe, expect, jest, test } from 'bun:test'
import {
  focusManager,
  keepPreviousData,
  onlineManager,
  QueryClient,
  QueryObserver,
  skipToken,
} from '../src/index.ts'
import { manualFetch, pass, settle, watch } from './kit.ts'

beforeEach(() => jest.useFakeTimers({ now: 1_000_000 }))
afterEach(() => {
  focusManager.setFocused(undefined)
  onlineManager.setOnline(true)
  jest.useRealTimers()
})

describe('fetching', () => {
  test('goes from pending to success and tells each step', async () => {
    const { seen, result } = watch({ queryKey: ['a'], queryFn: () => 1 })
    expect(result()).toMatchObject({ status: 'pending', isLoading: true, data: undefined })
    await settle()
    expect(result()).toMatchObject({
      status: 'success',
      isFetching: false,
      data: 1,
      isFetchedAfterMount: true,
    })
    expect(seen).toEqual(['pending/fetching', 'success/idle'])
  })

  test('two watchers share one request', async () => {
    let calls = 0
    const options = { queryKey: ['a'], queryFn: () => (calls += 1) }
    const first = watch(options)
    const second = watch(options, first.client)
    await settle()
    expect(calls).toBe(1)
    expect(second.result().data).toBe(1)
  })

  test('fails three times again before it gives up, waiting 1, 2 and 4 seconds', async () => {
    let calls = 0
    const { result } = watch({
      queryKey: ['a'],
      queryFn: () => {
        calls += 1
        throw new Error(`no ${calls}`)
      },
    })
    await settle()
    expect(result()).toMatchObject({ status: 'pending', failureCount: 1 })
    await pass(999)
    expect(calls).toBe(1)
    await pass(1)
    expect(calls).toBe(2)
    await pass(2000)
    await pass(4000)
    expect(calls).toBe(4)
    expect(result()).toMatchObject({
      status: 'error',
      isLoadingError: true,
      failureCount: 4,
      isFetching: false,
    })
    expect(result().error?.message).toBe('no 4')
  })

  test('keeps the data it has when a refetch fails', async () => {
    let fail = false
    const { result } = watch({
      queryKey: ['a'],
      retry: false,
      queryFn: () => {
        if (fail) throw new Error('gone')
        return 'data'
      },
    })
    await settle()
    fail = true
    await result().refetch()
    expect(result()).toMatchObject({ status: 'error', isRefetchError: true, data: 'data' })
  })

  test('undefined is not data', async () => {
    const { result } = watch({ queryKey: ['a'], queryFn: () => undefined, retry: false })
    await settle()
    expect(result().status).toBe('error')
  })

  test('a refetch that brings the same keeps the same object', async () => {
    const { result } = watch({ queryKey: ['a'], queryFn: () => ({ list: [1, 2] }) })
    await settle()
    const before = result().data
    await result().refetch()
    expect(result().data).toBe(before)
  })

  test('enabled: false waits until it is true', async () => {
    let calls = 0
    const options = { queryKey: ['a'], queryFn: () => (calls += 1) }
    const { observer, result } = watch({ ...options, enabled: false })
    await settle()
    expect(result()).toMatchObject({ status: 'pending', fetchStatus: 'idle', isEnabled: false })
    observer.setOptions({ ...options, enabled: true })
    await settle()
    expect(calls).toBe(1)
  })

  test('a skipped query fails only when it is asked to fetch', async () => {
    const client = new QueryClient()
    const skipped = client.query({ queryKey: ['a'], queryFn: skipToken })
    await expect(skipped).rejects.toThrow('has no queryFn')
  })
})

describe('cancelling', () => {
  test('the last watcher to leave aborts a fetch that reads its signal', async () => {
    const { calls, queryFn } = manualFetch<number>()
    const { client, stop } = watch({ queryKey: ['a'], queryFn })
    const { signal } = calls[0]!
    expect(signal?.aborted).toBe(false)
    stop()
    await settle()
    expect(signal?.aborted).toBe(true)
    expect(client.getQueryState(['a'])).toMatchObject({
      status: 'pending',
      fetchStatus: 'idle',
      error: null,
    })
  })

  test('a fetch that ignores its signal is kept', async () => {
    const { calls, queryFn } = manualFetch<number>()
    const { client, stop } = watch({ queryKey: ['a'], queryFn })
    stop()
    calls[0]!.answer(5)
    await settle()
    expect(client.getQueryData(['a'])).toBe(5)
  })

  test('a forced refetch replaces the running one, and both callers get its answer', async () => {
    const { calls, queryFn } = manualFetch<string>()
    const { client, result } = watch({ queryKey: ['a'], queryFn, initialData: 'old' })
    const first = result().refetch()
    const second = result().refetch()
    calls.at(-1)!.answer('new')
    calls[0]!.answer('late')
    expect((await first).data).toBe('new')
    expect((await second).data).toBe('new')
    expect(client.getQueryData(['a'])).toBe('new')
  })
})

describe('time', () => {
  test('fresh data is not fetched by a second watcher, stale data is', async () => {
    let calls = 0
    const options = { queryKey: ['a'], queryFn: () => (calls += 1), staleTime: 1000 }
    const { client, result } = watch(options)
    await settle()
    watch(options, client)
    expect(calls).toBe(1)
    expect(result().isStale).toBe(false)
    await pass(1001)
    expect(result().isStale).toBe(true)
    watch(options, client)
    await settle()
    expect(calls).toBe(2)
  })

  test('data that nobody watches is dropped after gcTime', async () => {
    const { client, stop } = watch({ queryKey: ['a'], queryFn: () => 1, gcTime: 5000 })
    await settle()
    stop()
    await pass(4999)
    expect(client.getQueryData(['a'])).toBe(1)
    await pass(1)
    expect(client.getQueryData(['a'])).toBeUndefined()
  })

  test('an interval refetches, stops in the background and changes with the options', async () => {
    let calls = 0
    const options = {
      queryKey: ['a'],
      queryFn: () => (calls += 1),
      refetchInterval: 1000 as number | false,
    }
    const { observer } = watch(options)
    await settle()
    await pass(1000)
    await pass(1000)
    expect(calls).toBe(3)
    focusManager.setFocused(false)
    await pass(1000)
    expect(calls).toBe(3)
    focusManager.setFocused(true)
    observer.setOptions({ ...options, refetchInterval: false })
    await pass(5000)
    expect(calls).toBe(3)
  })
})

test('an observer that stops and starts again goes on with its interval', async () => {
  let calls = 0
  const { observer, stop } = watch({
    queryKey: ['a'],
    queryFn: () => (calls += 1),
    refetchInterval: 1000,
    staleTime: Infinity,
  })
  await settle()
  stop()
  await pass(3000)
  expect(calls).toBe(1)
  observer.subscribe(() => {})
  await pass(1000)
  expect(calls).toBe(2)
})

describe('focus and network', () => {
  test('coming back to the page refetches what is stale', async () => {
    let calls = 0
    const { client } = watch({ queryKey: ['a'], queryFn: () => (calls += 1) })
    client.mount()
    await settle()
    focusManager.setFocused(false)
    focusManager.setFocused(true)
    await settle()
    expect(calls).toBe(2)
    client.unmount()
  })

  test('offline pauses, online goes on', async () => {
    onlineManager.setOnline(false)
    const { client, result } = watch({ queryKey: ['a'], queryFn: () => 1 })
    client.mount()
    await settle()
    expect(result()).toMatchObject({ fetchStatus: 'paused', isPaused: true, status: 'pending' })
    onlineManager.setOnline(true)
    await settle()
    expect(result()).toMatchObject({ status: 'success', data: 1 })
    client.unmount()
  })

  test('networkMode always does not care', async () => {
    onlineManager.setOnline(false)
    const { result } = watch({ queryKey: ['a'], queryFn: () => 1, networkMode: 'always' })
    await settle()
    expect(result().data).toBe(1)
  })
})

describe('what a watcher sees', () => {
  test('select changes the data for this watcher only, and remembers', async () => {
    let runs = 0
    const select = (list: number[]) => {
      runs += 1
      return { sum: list.reduce((a, b) => a + b, 0) }
    }
    const client = new QueryClient()
    const observer = new QueryObserver(client, { queryKey: ['a'], queryFn: () => [1, 2], select })
    observer.subscribe(() => {})
    await settle()
    expect(observer.getCurrentResult().data).toEqual({ sum: 3 })
    expect(client.getQueryData(['a'])).toEqual([1, 2])
    await observer.refetch()
    expect(runs).toBe(1)
  })

  test('keepPreviousData shows the last key while the next loads', async () => {
    const options = (page: number) => ({
      queryKey: ['page', page],
      queryFn: () => `page ${page}`,
      placeholderData: keepPreviousData<string>,
    })
    const { observer, result } = watch(options(1))
    await settle()
    observer.setOptions(options(2))
    expect(result()).toMatchObject({ data: 'page 1', isPlaceholderData: true, isFetching: true })
    await settle()
    expect(result()).toMatchObject({ data: 'page 2', isPlaceholderData: false })
  })

  test('the options of a new key do not reach the query of the old one', async () => {
    const options = (name: string) => ({ queryKey: [name], queryFn: () => name })
    const { client, observer } = watch(options('a'))
    await settle()
    observer.setOptions(options('b'))
    await settle()
    await client.refetchQueries()
    expect(client.getQueryData(['a'])).toBe('a')
    expect(client.getQueryData(['b'])).toBe('b')
  })

  test('initialData is cached, placeholderData is not', () => {
    const { client } = watch({
      queryKey: ['a'],
      queryFn: () => 'new',
      initialData: 'first',
      staleTime: 10,
    })
    expect(client.getQueryData(['a'])).toBe('first')
    const other = watch({ queryKey: ['b'], queryFn: () => 'new', placeholderData: 'shown' }, client)
    expect(other.result()).toMatchObject({ data: 'shown', status: 'success' })
    expect(client.getQueryData(['b'])).toBeUndefined()
  })

  test('only changes of what was read are told', async () => {
    const { observer, seen, result } = watch({ queryKey: ['a'], queryFn: () => ({ same: true }) })
    await settle()
    const { data } = observer.trackResult(result())
    seen.length = 0
    await observer.refetch()
    expect(data).toEqual({ same: true })
    expect(seen).toEqual([])
  })
})
