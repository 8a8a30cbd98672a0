import { focusManager, onlineManager } from './environment.ts'
import { hashKey, partialMatchKey } from './keys.ts'
import { MutationCache, type MutationOptions } from './mutation.ts'
import type { Query, QueryState } from './query.ts'
import { QueryCache } from './queryCache.ts'
import type {
  DefaultError,
  FetchQueryOptions,
  InvalidateQueryFilters,
  QueryFilters,
  QueryKey,
  QueryObserverOptions,
  RefetchOptions,
  TaggedData,
} from './types.ts'

export interface DefaultOptions {
  queries?: Partial<Omit<QueryObserverOptions<any, DefaultError, any>, 'queryKey' | 'select'>>
  mutations?: Partial<MutationOptions<any, DefaultError, any, any>>
}

export interface QueryClientConfig {
  queryCache?: QueryCache
  mutationCache?: MutationCache
  defaultOptions?: DefaultOptions
}

type Updater<TData> = TData | undefined | ((previous: TData | undefined) => TData | undefined)
/** The data type a caller names wins over the one its key carries. */
type DataOf<TData, TKey> = unknown extends TData ? TaggedData<TKey> : TData

/** The cache with everything that can be asked of it. */
export class QueryClient {
  #queryCache: QueryCache
  #mutationCache: MutationCache
  #defaultOptions: DefaultOptions
  #queryDefaults = new Map<string, { queryKey: QueryKey; options: DefaultOptions['queries'] }>()
  #mounts = 0
  #stop: (() => void)[] = []

  constructor(config: QueryClientConfig = {}) {
    this.#queryCache = config.queryCache ?? new QueryCache()
    this.#mutationCache = config.mutationCache ?? new MutationCache()
    this.#defaultOptions = config.defaultOptions ?? {}
  }

  /** Begins to follow focus and network; the provider calls it. */
  mount(): void {
    this.#mounts += 1
    if (this.#mounts > 1) return
    const onFocus = focusManager.subscribe((focused) => {
      if (focused) this.#cameBack(() => this.#queryCache.onFocus())
    })
    const onOnline = onlineManager.subscribe((online) => {
      if (online) this.#cameBack(() => this.#queryCache.onOnline())
    })
    this.#stop = [onFocus, onOnline]
  }

  unmount(): void {
    this.#mounts -= 1
    if (this.#mounts > 0) return
    for (const stop of this.#stop.splice(0)) stop()
  }

  getQueryCache(): QueryCache {
    return this.#queryCache
  }

  getMutationCache(): MutationCache {
    return this.#mutationCache
  }

  getQueryData<TData = unknown, TKey extends QueryKey = QueryKey>(
    queryKey: TKey,
  ): DataOf<TData, TKey> | undefined {
    return this.getQueryState(queryKey)?.data as DataOf<TData, TKey> | undefined
  }

  getQueryState(queryKey: QueryKey): QueryState | undefined {
    return this.#queryCache.get(hashKey(queryKey))?.state
  }

  getQueriesData<TData = unknown>(filters: QueryFilters): [QueryKey, TData | undefined][] {
    return this.#queryCache
      .findAll(filters)
      .map((query) => [query.queryKey, query.state.data as TData | undefined])
  }

  /** Stores data, or what a function makes of the present data; `undefined` changes nothing. */
  setQueryData<TData = unknown, TKey extends QueryKey = QueryKey>(
    queryKey: TKey,
    updater: Updater<DataOf<TData, TKey>>,
    options: { updatedAt?: number } = {},
  ): DataOf<TData, TKey> | undefined {
    type Data = DataOf<TData, TKey>
    const previous = this.getQueryState(queryKey)?.data as Data | undefined
    const data =
      typeof updater === 'function'
        ? (updater as (previous: Data | undefined) => Data | undefined)(previous)
        : updater
    if (data === undefined) return undefined
    const query = this.#queryCache.build(this, { queryKey })
    return query.setData(data, { ...options, manual: true }) as Data
  }

  /** Cached data while it is fresh, else fetched; throws what the fetch throws. Does not retry unless told to. */
  async query<
    TQueryFnData,
    TError = DefaultError,
    TData = TQueryFnData,
    TKey extends QueryKey = QueryKey,
  >(
    options: FetchQueryOptions<TQueryFnData, TError, TKey> & {
      select?: (data: TQueryFnData) => TData
    },
  ): Promise<TData> {
    const data = await this.fetchQuery(options)
    return options.select ? options.select(data) : (data as unknown as TData)
  }

  /** @deprecated `query` does the same. */
  async fetchQuery<TQueryFnData, TError = DefaultError, TKey extends QueryKey = QueryKey>(
    options: FetchQueryOptions<TQueryFnData, TError, TKey>,
  ): Promise<TQueryFnData> {
    const defaulted = this.defaultQueryOptions(options)
    const query = this.#queryCache.build(this, defaulted)
    if (!query.isStaleByTime(defaulted.staleTime)) return query.state.data as TQueryFnData
    return (await query.fetch({ ...defaulted, retry: defaulted.retry ?? false })) as TQueryFnData
  }

  /** @deprecated `query`, with its failure ignored, does the same. */
  async prefetchQuery<TQueryFnData, TError = DefaultError, TKey extends QueryKey = QueryKey>(
    options: FetchQueryOptions<TQueryFnData, TError, TKey>,
  ): Promise<void> {
    await this.fetchQuery(options).catch(() => {})
  }

  /** @deprecated `query` with `staleTime: 'static'` does the same. */
  async ensureQueryData<TQueryFnData, TError = DefaultError, TKey extends QueryKey = QueryKey>(
    options: FetchQueryOptions<TQueryFnData, TError, TKey> & { revalidateIfStale?: boolean },
  ): Promise<TQueryFnData> {
    const cached = this.getQueryState(options.queryKey)?.data as TQueryFnData | undefined
    if (cached === undefined) return this.fetchQuery(options)
    if (options.revalidateIfStale) void this.prefetchQuery(options)
    return cached
  }

  /** Marks the matches as stale and fetches those that are on screen. */
  async invalidateQueries(
    filters: InvalidateQueryFilters = {},
    options: RefetchOptions = {},
  ): Promise<void> {
    for (const query of this.#queryCache.findAll(filters)) query.invalidate()
    if (filters.refetchType === 'none') return
    const type = filters.refetchType ?? filters.type ?? 'active'
    await this.refetchQueries({ ...filters, type }, options)
  }

  async refetchQueries(filters: QueryFilters = {}, options: RefetchOptions = {}): Promise<void> {
    const { cancelRefetch = true, throwOnError = false } = options
    const fetches = this.#queryCache
      .findAll(filters)
      .filter((query) => !query.isDisabled() && !query.isStatic())
      .map((query) => {
        const fetching = query.fetch(undefined, { cancelRefetch })
        const quiet = throwOnError ? fetching : fetching.catch(() => {})
        // A paused query may wait for hours; the caller shall not.
        return query.state.fetchStatus === 'paused' ? undefined : quiet
      })
    await Promise.all(fetches)
  }

  async cancelQueries(
    filters: QueryFilters = {},
    options: { revert?: boolean; silent?: boolean } = {},
  ): Promise<void> {
    await Promise.all(
      this.#queryCache.findAll(filters).map((query) => query.cancel({ revert: true, ...options })),
    )
  }

  removeQueries(filters: QueryFilters = {}): void {
    for (const query of this.#queryCache.findAll(filters)) this.#queryCache.remove(query)
  }

  async resetQueries(filters: QueryFilters = {}, options: RefetchOptions = {}): Promise<void> {
    for (const query of this.#queryCache.findAll(filters)) query.reset()
    await this.refetchQueries({ ...filters, type: 'active' }, options)
  }

  isFetching(filters: QueryFilters = {}): number {
    return this.#queryCache.findAll({ ...filters, fetchStatus: 'fetching' }).length
  }

  isMutating(): number {
    return this.#mutationCache.getAll().length
  }

  clear(): void {
    this.#queryCache.clear()
  }

  getDefaultOptions(): DefaultOptions {
    return this.#defaultOptions
  }

  setDefaultOptions(options: DefaultOptions): void {
    this.#defaultOptions = options
  }

  /** Options for every query whose key begins with `queryKey`. */
  setQueryDefaults(queryKey: QueryKey, options: DefaultOptions['queries']): void {
    this.#queryDefaults.set(hashKey(queryKey), { queryKey, options })
  }

  defaultQueryOptions<TOptions extends { queryKey: QueryKey }>(options: TOptions): TOptions {
    const matching = [...this.#queryDefaults.values()].filter((entry) =>
      partialMatchKey(options.queryKey, entry.queryKey),
    )
    return Object.assign(
      {},
      this.#defaultOptions.queries,
      ...matching.map((entry) => entry.options),
      options,
    ) as TOptions
  }

  defaultMutationOptions<TOptions extends object>(options: TOptions): TOptions {
    return { ...this.#defaultOptions.mutations, ...options } as TOptions
  }

  #cameBack(tellQueries: () => void): void {
    this.#mutationCache.resume()
    tellQueries()
  }
}

export type { Query }
