import { focusManager } from './environment.ts'
import { replaceEqualDeep, shallowEqual } from './keys.ts'
import type { Query } from './query.ts'
import type { QueryClient } from './queryClient.ts'
import type { QueryObserverResult } from './results.ts'
import { canFetch } from './retryer.ts'
import { Subscribable } from './subscribable.ts'
import type {
  DefaultError,
  QueryKey,
  QueryObserverOptions,
  QueryStatus,
  RefetchOptions,
} from './types.ts'

type FetchTrigger = 'refetchOnMount' | 'refetchOnWindowFocus' | 'refetchOnReconnect'

/** One watcher of a query: what it wants to know, and when it wants it refreshed. */
export class QueryObserver<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TKey extends QueryKey = QueryKey,
> extends Subscribable<(result: QueryObserverResult<TData, TError>) => void> {
  options: QueryObserverOptions<TQueryFnData, TError, TData, TKey>
  readonly #client: QueryClient
  #query: Query<TQueryFnData, TError>
  /** Counts of the query when this observer came to it: what arrived after is "fetched after mount". */
  #countsAtMount = { data: 0, error: 0 }
  #result: QueryObserverResult<TData, TError>
  #lastQueryWithData: Query<TQueryFnData, TError> | undefined
  #selected: { from: unknown; select: unknown; data?: TData; error?: TError } | undefined
  #tracked = new Set<string>()
  #staleTimer: ReturnType<typeof setTimeout> | undefined
  #intervalTimer: ReturnType<typeof setInterval> | undefined
  #interval: number | false | undefined

  constructor(
    client: QueryClient,
    options: QueryObserverOptions<TQueryFnData, TError, TData, TKey>,
  ) {
    super()
    this.#client = client
    this.options = client.defaultQueryOptions(options)
    this.#query = this.#findQuery(this.options)
    // It may have been made by `setQueryData`, which knows no function.
    this.#query.setOptions(this.options)
    this.#enterQuery()
    this.#result = this.#createResult(this.#query, this.options)
  }

  getCurrentResult(): QueryObserverResult<TData, TError> {
    return this.#result
  }

  getCurrentQuery(): Query<TQueryFnData, TError> {
    return this.#query
  }

  /** The result as it will be once these options are set and their fetch has begun; for use while rendering. */
  getOptimisticResult(
    options: QueryObserverOptions<TQueryFnData, TError, TData, TKey>,
  ): QueryObserverResult<TData, TError> {
    const result = this.#createResult(this.#findQuery(options), options, true)
    // What was rendered is what later changes are compared with.
    if (!shallowEqual(result, this.#result)) this.#result = result
    return result
  }

  /** The result, noting which of its properties are read: only their changes will be told. */
  trackResult(result: QueryObserverResult<TData, TError>): QueryObserverResult<TData, TError> {
    const tracked = {}
    for (const name of Object.keys(result) as (keyof typeof result)[]) {
      Object.defineProperty(tracked, name, {
        enumerable: true,
        get: () => {
          this.#tracked.add(name)
          return result[name]
        },
      })
    }
    return tracked as QueryObserverResult<TData, TError>
  }

  setOptions(options: QueryObserverOptions<TQueryFnData, TError, TData, TKey>): void {
    const before = { query: this.#query, options: this.options, enabled: this.isEnabled() }
    this.options = this.#client.defaultQueryOptions(options)
    this.#changeQuery(this.#findQuery(this.options))
    this.#query.setOptions(this.options)
    const changed = this.#query !== before.query
    if (
      this.hasListeners() &&
      (changed || !before.enabled) &&
      this.#isStale(this.#query, this.options)
    ) {
      this.#fetch()
    }
    this.#updateResult()
    if (!this.hasListeners()) return
    const enabled = this.isEnabled()
    if (
      changed ||
      enabled !== before.enabled ||
      before.options.staleTime !== this.options.staleTime
    ) {
      this.#setStaleTimer()
    }
    if (changed || enabled !== before.enabled || this.#wantedInterval() !== this.#interval) {
      this.#setInterval()
    }
  }

  async refetch(options: RefetchOptions = {}): Promise<QueryObserverResult<TData, TError>> {
    const fetching = this.#query.fetch(this.options, {
      cancelRefetch: options.cancelRefetch ?? true,
    })
    await (options.throwOnError ? fetching : fetching.catch(() => {}))
    this.#updateResult()
    return this.#result
  }

  isEnabled(options = this.options): boolean {
    const { enabled } = options
    return (typeof enabled === 'function' ? enabled(this.#query) : enabled) !== false
  }

  shouldFetchOnWindowFocus(): boolean {
    return this.#shouldFetchOn('refetchOnWindowFocus', this.#query, this.options)
  }

  shouldFetchOnReconnect(): boolean {
    return this.#shouldFetchOn('refetchOnReconnect', this.#query, this.options)
  }

  onQueryUpdate(): void {
    this.#updateResult()
    if (this.hasListeners()) this.#updateTimers()
  }

  protected override onSubscribe(): void {
    if (this.listeners.size !== 1) return
    this.#query.addObserver(this)
    if (this.#shouldFetchOnMount(this.#query, this.options)) this.#fetch()
    else this.#updateResult()
    this.#updateTimers()
  }

  protected override onUnsubscribe(): void {
    if (this.hasListeners()) return
    clearTimeout(this.#staleTimer)
    clearInterval(this.#intervalTimer)
    this.#intervalTimer = undefined
    this.#query.removeObserver(this)
  }

  #findQuery(options: QueryObserverOptions<TQueryFnData, TError, TData, TKey>) {
    const query = this.#client.getQueryCache().build(this.#client, options)
    return query as unknown as Query<TQueryFnData, TError>
  }

  #changeQuery(query: Query<TQueryFnData, TError>): void {
    if (query === this.#query) return
    const previous = this.#query
    this.#query = query
    this.#enterQuery()
    if (!this.hasListeners()) return
    previous.removeObserver(this)
    query.addObserver(this)
  }

  #enterQuery(): void {
    const { dataUpdateCount, errorUpdateCount } = this.#query.state
    this.#countsAtMount = { data: dataUpdateCount, error: errorUpdateCount }
  }

  #fetch(): void {
    // The failure is in the query's state; nobody waits for this promise.
    this.#query.fetch(this.options).catch(() => {})
  }

  #isStale(query: Query<TQueryFnData, TError>, options: typeof this.options): boolean {
    return this.isEnabled(options) && query.isStaleByTime(options.staleTime)
  }

  #shouldFetchOnMount(query: Query<TQueryFnData, TError>, options: typeof this.options): boolean {
    if (query.state.data !== undefined) return this.#shouldFetchOn('refetchOnMount', query, options)
    const gaveUp = query.state.status === 'error' && options.retryOnMount === false
    return this.isEnabled(options) && !gaveUp
  }

  #shouldFetchOn(
    trigger: FetchTrigger,
    query: Query<TQueryFnData, TError>,
    options: typeof this.options,
  ): boolean {
    if (!this.isEnabled(options) || options.staleTime === 'static') return false
    const unset = trigger === 'refetchOnReconnect' ? options.networkMode !== 'always' : true
    const option = options[trigger] ?? unset
    const wanted = typeof option === 'function' ? option(query) : option
    return wanted === 'always' || (wanted && this.#isStale(query, options))
  }

  #createResult(
    query: Query<TQueryFnData, TError>,
    options: typeof this.options,
    optimistic = false,
  ): QueryObserverResult<TData, TError> {
    const { state } = query
    let { fetchStatus } = state
    let status: QueryStatus = state.status
    let error = state.error
    let isPlaceholderData = false
    if (optimistic) {
      const starts = this.hasListeners()
        ? query !== this.#query && this.#isStale(query, options)
        : this.#shouldFetchOnMount(query, options)
      if (starts && fetchStatus === 'idle') {
        fetchStatus = canFetch(options.networkMode) ? 'fetching' : 'paused'
        if (state.data === undefined) {
          status = 'pending'
          error = null
        }
      }
    }
    if (state.data !== undefined) this.#lastQueryWithData = query

    let source: TQueryFnData | undefined = state.data
    if (source === undefined && status === 'pending' && options.placeholderData !== undefined) {
      source = this.#placeholder(options)
      isPlaceholderData = source !== undefined
      if (isPlaceholderData) status = 'success'
    }
    const selected = this.#select(source, options)
    if (selected.error !== undefined) {
      error = selected.error
      status = 'error'
    }
    const isFetching = fetchStatus === 'fetching'
    const isPending = status === 'pending'
    const isError = status === 'error'
    const result = {
      status,
      fetchStatus,
      data: selected.data,
      dataUpdatedAt: state.dataUpdatedAt,
      error,
      errorUpdatedAt: selected.error === undefined ? state.errorUpdatedAt : Date.now(),
      errorUpdateCount: state.errorUpdateCount,
      failureCount: state.fetchFailureCount,
      failureReason: state.fetchFailureReason,
      isEnabled: this.isEnabled(options),
      isError,
      isFetched: state.dataUpdateCount + state.errorUpdateCount > 0,
      isFetchedAfterMount:
        state.dataUpdateCount > this.#countsAtMount.data ||
        state.errorUpdateCount > this.#countsAtMount.error,
      isFetching,
      isInitialLoading: isFetching && isPending,
      isLoading: isFetching && isPending,
      isLoadingError: isError && selected.data === undefined,
      isPaused: fetchStatus === 'paused',
      isPending,
      isPlaceholderData,
      isRefetchError: isError && selected.data !== undefined,
      isRefetching: isFetching && !isPending,
      isStale: this.#isStale(query, options),
      isSuccess: status === 'success',
      refetch: this.#boundRefetch,
    }
    return result as QueryObserverResult<TData, TError>
  }

  #boundRefetch = (options?: RefetchOptions) => this.refetch(options)

  #placeholder(options: typeof this.options): TQueryFnData | undefined {
    const { placeholderData } = options
    if (typeof placeholderData !== 'function') return placeholderData
    const previous = this.#lastQueryWithData
    return (placeholderData as (data: unknown, query: unknown) => TQueryFnData | undefined)(
      previous?.state.data,
      previous,
    )
  }

  #select(
    source: TQueryFnData | undefined,
    options: typeof this.options,
  ): { data?: TData; error?: TError } {
    const { select } = options
    if (!select || source === undefined) return { data: source as TData | undefined }
    if (this.#selected?.from === source && this.#selected.select === select) return this.#selected
    try {
      const data = select(source)
      const sharing = options.structuralSharing !== false
      this.#selected = {
        from: source,
        select,
        data: sharing ? replaceEqualDeep(this.#selected?.data, data) : data,
      }
    } catch (error) {
      this.#selected = { from: source, select, error: error as TError }
    }
    return this.#selected
  }

  #updateResult(): void {
    const previous = this.#result
    const next = this.#createResult(this.#query, this.options)
    if (shallowEqual(previous, next)) return
    this.#result = next
    const { notifyOnChangeProps, throwOnError } = this.options
    const everything =
      notifyOnChangeProps === 'all' || (!notifyOnChangeProps && this.#tracked.size === 0)
    const watched = new Set(
      Array.isArray(notifyOnChangeProps) ? (notifyOnChangeProps as string[]) : this.#tracked,
    )
    if (throwOnError) watched.add('error')
    const changed = (name: string) =>
      previous[name as keyof typeof previous] !== next[name as keyof typeof next]
    if (!everything && ![...watched].some(changed)) return
    for (const listener of [...this.listeners]) listener(next)
  }

  #updateTimers(): void {
    this.#setStaleTimer()
    if (this.#wantedInterval() !== this.#interval || this.#intervalTimer === undefined)
      this.#setInterval()
  }

  #setStaleTimer(): void {
    clearTimeout(this.#staleTimer)
    const { staleTime = 0 } = this.options
    if (this.#result.isStale || staleTime === 'static' || staleTime === Infinity) return
    const left = this.#result.dataUpdatedAt + staleTime - Date.now()
    // Disabled queries are never called stale, however old.
    if (left < 0) return
    // One more, because timers may fire a moment before their time.
    this.#staleTimer = setTimeout(() => this.#updateResult(), left + 1)
  }

  #wantedInterval(): number | false {
    const { refetchInterval } = this.options
    const value =
      typeof refetchInterval === 'function' ? refetchInterval(this.#query) : refetchInterval
    return this.isEnabled() && typeof value === 'number' && value > 0 && value < Infinity && value
  }

  #setInterval(): void {
    clearInterval(this.#intervalTimer)
    this.#intervalTimer = undefined
    this.#interval = this.#wantedInterval()
    if (!this.#interval) return
    this.#intervalTimer = setInterval(() => {
      if (this.options.refetchIntervalInBackground || focusManager.isFocused()) this.#fetch()
    }, this.#interval)
  }
}
