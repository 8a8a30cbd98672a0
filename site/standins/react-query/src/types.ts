import type { QueryClient } from './queryClient.ts'
import type { Query } from './query.ts'

export type QueryKey = readonly unknown[]
export type DefaultError = Register extends { defaultError: infer TError } ? TError : Error
export type Meta = Record<string, unknown>

/** Augment this to change the error type of every query: `interface Register { defaultError: Problem }`. */
// oxlint-disable-next-line no-empty-interface -- filled by the application
export interface Register {}

/** `online` waits for a network, `always` never does, `offlineFirst` tries once before it waits. */
export type NetworkMode = 'online' | 'always' | 'offlineFirst'
export type FetchStatus = 'fetching' | 'paused' | 'idle'
export type QueryStatus = 'pending' | 'error' | 'success'

/** As a `queryFn`: this query cannot run yet. Unlike `enabled: false` it keeps the types honest. */
export const skipToken: unique symbol = Symbol('skipToken')
export type SkipToken = typeof skipToken

export interface QueryFunctionContext<TKey extends QueryKey = QueryKey> {
  client: QueryClient
  queryKey: TKey
  /** Reading it opts in: the fetch is then cancelled when the last observer goes. */
  signal: AbortSignal
  meta: Meta | undefined
}
export type QueryFunction<TData = unknown, TKey extends QueryKey = QueryKey> = (
  context: QueryFunctionContext<TKey>,
) => TData | Promise<TData>

/** `true` for ever, `false` never, a number of attempts after the first, or a decision for each failure (from 0). */
export type Retry<TError = DefaultError> =
  boolean | number | ((failureCount: number, error: TError) => boolean)
/** Milliseconds before the next attempt. */
export type RetryDelay<TError = DefaultError> =
  number | ((failureCount: number, error: TError) => number)

/** Fixes data to its key, so that `getQueryData(options.queryKey)` knows what it answers. */
declare const dataTag: unique symbol
export type DataTag<TKey, TData> = TKey & { [dataTag]: TData }
export type TaggedData<TKey> = TKey extends { [dataTag]: infer TData } ? TData : unknown

/** What a query needs to be fetched, whether or not anybody watches it. */
export interface FetchQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TKey extends QueryKey = QueryKey,
> {
  queryKey: TKey
  queryFn?: QueryFunction<TQueryFnData, TKey> | SkipToken
  /** Milliseconds for which data counts as fresh; `Infinity` until invalidated, `'static'` even then. */
  staleTime?: number | 'static'
  /** Milliseconds for which data that nobody watches is kept. */
  gcTime?: number
  retry?: Retry<TError>
  retryDelay?: RetryDelay<TError>
  networkMode?: NetworkMode
  structuralSharing?: boolean | ((previous: unknown, next: unknown) => unknown)
  initialData?: TQueryFnData | (() => TQueryFnData | undefined)
  initialDataUpdatedAt?: number | (() => number | undefined)
  meta?: Meta
}

type Refetch<TData, TError> =
  boolean | 'always' | ((query: Query<TData, TError>) => boolean | 'always')

/** What a component may ask of a query. */
export interface QueryObserverOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TKey extends QueryKey = QueryKey,
> extends FetchQueryOptions<TQueryFnData, TError, TKey> {
  enabled?: boolean | ((query: Query<TQueryFnData, TError>) => boolean)
  /** Data as this observer wants it. Runs when the data or the function itself changes. */
  select?: (data: TQueryFnData) => TData
  /** Shown while there is no data; unlike `initialData` it never enters the cache. */
  placeholderData?:
    | TQueryFnData
    | ((
        previous: TQueryFnData | undefined,
        query: Query<TQueryFnData, TError> | undefined,
      ) => TQueryFnData | undefined)
  refetchInterval?:
    number | false | ((query: Query<TQueryFnData, TError>) => number | false | undefined)
  refetchIntervalInBackground?: boolean
  refetchOnMount?: Refetch<TQueryFnData, TError>
  refetchOnWindowFocus?: Refetch<TQueryFnData, TError>
  refetchOnReconnect?: Refetch<TQueryFnData, TError>
  retryOnMount?: boolean
  /** Which changes wake the component. By default those of the properties it has read. */
  notifyOnChangeProps?: 'all' | readonly string[]
  throwOnError?: boolean | ((error: TError, query: Query<TQueryFnData, TError>) => boolean)
}

export type UseQueryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  TKey extends QueryKey = QueryKey,
> = QueryObserverOptions<TQueryFnData, TError, TData, TKey>

export interface QueryFilters {
  /** Matches every query whose key begins with it. */
  queryKey?: QueryKey
  exact?: boolean
  type?: 'all' | 'active' | 'inactive'
  stale?: boolean
  fetchStatus?: FetchStatus
  predicate?: (query: Query) => boolean
}

export interface RefetchOptions {
  throwOnError?: boolean
  /** Default `true`: a running fetch is abandoned for a new one. */
  cancelRefetch?: boolean
}

export interface InvalidateQueryFilters extends QueryFilters {
  /** Which of the matches are fetched at once; the others wait until somebody watches them. */
  refetchType?: 'all' | 'active' | 'inactive' | 'none'
}
