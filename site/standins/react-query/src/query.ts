import { replaceEqualDeep } from './keys.ts'
import type { QueryCache } from './queryCache.ts'
import type { QueryClient } from './queryClient.ts'
import type { QueryObserver } from './queryObserver.ts'
import { canFetch, CancelledError, Retryer } from './retryer.ts'
import {
  type DefaultError,
  type FetchQueryOptions,
  type FetchStatus,
  type Meta,
  type QueryFunctionContext,
  type QueryKey,
  type QueryStatus,
  skipToken,
} from './types.ts'

export interface QueryState<TData = unknown, TError = DefaultError> {
  data: TData | undefined
  dataUpdateCount: number
  dataUpdatedAt: number
  error: TError | null
  errorUpdateCount: number
  errorUpdatedAt: number
  fetchFailureCount: number
  fetchFailureReason: TError | null
  fetchStatus: FetchStatus
  isInvalidated: boolean
  status: QueryStatus
}

/** Inside the cache the types of a query are no longer known; they come back at the typed doors around it. */
export type AnyOptions = FetchQueryOptions<any, any, any>
type AnyObserver = QueryObserver<any, any, any, any>

const defaultGcTime = 5 * 60 * 1000

/** One entry of the cache: its data, the fetch that is under way, and those who watch. */
export class Query<TData = unknown, TError = DefaultError> {
  readonly queryKey: QueryKey
  readonly queryHash: string
  options: AnyOptions
  state: QueryState<TData, TError>
  readonly observers: AnyObserver[] = []

  readonly #cache: QueryCache
  readonly #client: QueryClient
  readonly #initialState: QueryState<TData, TError>
  #stateBeforeFetch: QueryState<TData, TError> | undefined
  #retryer: Retryer<TData> | undefined
  #signalRead = false
  #gcTime = 0
  #gcTimer: ReturnType<typeof setTimeout> | undefined

  constructor(client: QueryClient, cache: QueryCache, queryHash: string, options: AnyOptions) {
    this.#client = client
    this.#cache = cache
    this.queryKey = options.queryKey
    this.queryHash = queryHash
    this.options = options
    this.#initialState = initialState(options)
    this.state = this.#initialState
    this.setOptions(options)
    this.#scheduleGc()
  }

  get meta(): Meta | undefined {
    return this.options.meta
  }

  setOptions(options: AnyOptions): void {
    this.options = { ...this.options, ...options }
    // The most patient of those who ever asked decides.
    this.#gcTime = Math.max(this.#gcTime, options.gcTime ?? defaultGcTime)
    if (this.state.data === undefined && options.initialData !== undefined) {
      const { data, dataUpdatedAt, status } = initialState<TData, TError>(options)
      if (data !== undefined) this.#update({ data, dataUpdatedAt, status })
    }
  }

  /** Stores data as if it had been fetched. */
  setData(data: TData, options: { updatedAt?: number; manual?: boolean } = {}): TData {
    const sharing = this.options.structuralSharing ?? true
    const stored =
      typeof sharing === 'function'
        ? (sharing(this.state.data, data) as TData)
        : sharing
          ? replaceEqualDeep(this.state.data, data)
          : data
    this.#update({
      data: stored,
      dataUpdateCount: this.state.dataUpdateCount + 1,
      dataUpdatedAt: options.updatedAt ?? Date.now(),
      error: null,
      isInvalidated: false,
      status: 'success',
      ...(!options.manual && {
        fetchStatus: 'idle',
        fetchFailureCount: 0,
        fetchFailureReason: null,
      }),
    })
    return stored
  }

  /** Fetches, or joins the fetch that is already running. */
  async fetch(options?: AnyOptions, { cancelRefetch = false } = {}): Promise<TData> {
    if (this.#retryer && !this.#retryer.settled) {
      if (!cancelRefetch || this.state.data === undefined) {
        this.#retryer.continueRetry()
        return this.#retryer.promise
      }
      this.cancel({ silent: true })
    }
    if (options) this.setOptions(options)
    const retryer = this.#createRetryer()
    this.#retryer = retryer
    this.#stateBeforeFetch = this.state
    this.#update({
      fetchFailureCount: 0,
      fetchFailureReason: null,
      fetchStatus: canFetch(this.options.networkMode) ? 'fetching' : 'paused',
      ...(this.state.data === undefined && { error: null, status: 'pending' }),
    })
    try {
      const data = await retryer.start()
      if (data === undefined) throw new Error(`The query ${this.queryHash} answered undefined`)
      const stored = this.setData(data)
      this.#cache.config.onSuccess?.(stored, this as unknown as Query)
      this.#cache.config.onSettled?.(stored, null, this as unknown as Query)
      return stored
    } catch (error) {
      return this.#failed(error as TError, retryer)
    } finally {
      this.#scheduleGc()
    }
  }

  cancel(options?: { revert?: boolean; silent?: boolean }): Promise<void> {
    const promise = this.#retryer?.promise
    this.#retryer?.cancel(new CancelledError(options))
    return promise ? promise.then(noop, noop) : Promise.resolve()
  }

  invalidate(): void {
    if (!this.state.isInvalidated) this.#update({ isInvalidated: true })
  }

  /** Back to how it was created. */
  reset(): void {
    this.destroy()
    this.#update(this.#initialState)
  }

  destroy(): void {
    clearTimeout(this.#gcTimer)
    void this.cancel({ silent: true })
  }

  isActive(): boolean {
    return this.observers.some((observer) => observer.isEnabled())
  }

  isDisabled(): boolean {
    if (this.observers.length > 0) return !this.isActive()
    const { dataUpdateCount, errorUpdateCount } = this.state
    return this.options.queryFn === skipToken || dataUpdateCount + errorUpdateCount === 0
  }

  isStatic(): boolean {
    return this.observers.some((observer) => observer.options.staleTime === 'static')
  }

  isStale(): boolean {
    if (this.observers.length > 0) {
      return this.observers.some((observer) => observer.getCurrentResult().isStale)
    }
    return this.state.data === undefined || this.state.isInvalidated
  }

  isStaleByTime(staleTime: number | 'static' = 0): boolean {
    if (this.state.data === undefined) return true
    if (staleTime === 'static') return false
    return this.state.isInvalidated || Date.now() - this.state.dataUpdatedAt >= staleTime
  }

  addObserver(observer: AnyObserver): void {
    if (this.observers.includes(observer)) return
    this.observers.push(observer)
    clearTimeout(this.#gcTimer)
  }

  removeObserver(observer: AnyObserver): void {
    const index = this.observers.indexOf(observer)
    if (index < 0) return
    this.observers.splice(index, 1)
    if (this.observers.length > 0) return
    // A function that never looked at `signal` cannot be stopped, so its answer may as well be kept.
    if (this.#signalRead) void this.cancel({ revert: true })
    else this.#retryer?.cancelRetry()
    this.#scheduleGc()
  }

  onFocus(): void {
    const observer = this.observers.find((each) => each.shouldFetchOnWindowFocus())
    void observer?.refetch({ cancelRefetch: false })
    this.#retryer?.continue()
  }

  onOnline(): void {
    const observer = this.observers.find((each) => each.shouldFetchOnReconnect())
    void observer?.refetch({ cancelRefetch: false })
    this.#retryer?.continue()
  }

  #createRetryer(): Retryer<TData> {
    const abort = new AbortController()
    this.#signalRead = false
    const markRead = () => {
      this.#signalRead = true
    }
    const context: QueryFunctionContext = {
      client: this.#client,
      queryKey: this.queryKey,
      meta: this.meta,
      get signal() {
        markRead()
        return abort.signal
      },
    }
    const { queryFn, retry = 3, retryDelay, networkMode } = this.options
    const retryer = new Retryer<TData>({
      run: () => {
        if (!queryFn || queryFn === skipToken) {
          throw new Error(`The query ${this.queryHash} has no queryFn`)
        }
        return queryFn(context)
      },
      retry: !queryFn || queryFn === skipToken ? false : retry,
      retryDelay,
      networkMode,
      onFail: (fetchFailureCount, error) =>
        this.#update({ fetchFailureCount, fetchFailureReason: error as TError }),
      onPause: () => this.#update({ fetchStatus: 'paused' }),
      onContinue: () => this.#update({ fetchStatus: 'fetching' }),
    })
    retryer.promise.catch((error: unknown) => {
      if (error instanceof CancelledError) abort.abort()
    })
    return retryer
  }

  #failed(error: TError, retryer: Retryer<TData>): TData | Promise<TData> {
    if (error instanceof CancelledError) {
      // Silent means that a newer fetch took over: its answer is the answer.
      if (error.silent && this.#retryer && this.#retryer !== retryer) return this.#retryer.promise
      if (error.revert && this.#stateBeforeFetch) {
        this.#update({ ...this.#stateBeforeFetch, fetchStatus: 'idle' })
      } else if (!error.silent) {
        this.#update({ fetchStatus: 'idle' })
      }
      if (this.state.data === undefined) throw error
      return this.state.data
    }
    this.#update({
      error,
      errorUpdateCount: this.state.errorUpdateCount + 1,
      errorUpdatedAt: Date.now(),
      fetchFailureCount: this.state.fetchFailureCount + 1,
      fetchFailureReason: error,
      fetchStatus: 'idle',
      // What could not be refreshed is not to be trusted for the rest of its staleTime.
      isInvalidated: true,
      status: 'error',
    })
    this.#cache.config.onError?.(error as DefaultError, this as unknown as Query)
    this.#cache.config.onSettled?.(undefined, error as DefaultError, this as unknown as Query)
    throw error
  }

  #update(change: Partial<QueryState<TData, TError>>): void {
    this.state = { ...this.state, ...change }
    for (const observer of [...this.observers]) observer.onQueryUpdate()
    this.#cache.notify({ type: 'updated', query: this as unknown as Query })
  }

  #scheduleGc(): void {
    clearTimeout(this.#gcTimer)
    if (this.#gcTime === Infinity) return
    this.#gcTimer = setTimeout(() => {
      if (this.observers.length === 0 && this.state.fetchStatus === 'idle') {
        this.#cache.remove(this as unknown as Query)
      }
    }, this.#gcTime)
  }
}

function initialState<TData, TError>(options: AnyOptions): QueryState<TData, TError> {
  const { initialData, initialDataUpdatedAt } = options
  const data = (typeof initialData === 'function' ? initialData() : initialData) as
    TData | undefined
  const updatedAt =
    typeof initialDataUpdatedAt === 'function' ? initialDataUpdatedAt() : initialDataUpdatedAt
  return {
    data,
    dataUpdateCount: 0,
    dataUpdatedAt: data === undefined ? 0 : (updatedAt ?? Date.now()),
    error: null,
    errorUpdateCount: 0,
    errorUpdatedAt: 0,
    fetchFailureCount: 0,
    fetchFailureReason: null,
    fetchStatus: 'idle',
    isInvalidated: false,
    status: data === undefined ? 'pending' : 'success',
  }
}

function noop(): void {}
