import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react'
import type { MutateOptions, MutationOptions } from './mutation.ts'
import { MutationObserver, type MutationObserverResult } from './mutationObserver.ts'
import type { Query } from './query.ts'
import type { QueryClient } from './queryClient.ts'
import { QueryObserver } from './queryObserver.ts'
import type { DefinedUseQueryResult, UseQueryResult } from './results.ts'
import type {
  DataTag,
  DefaultError,
  QueryFilters,
  QueryKey,
  QueryObserverOptions,
  UseQueryOptions,
} from './types.ts'

const QueryClientContext = createContext<QueryClient | undefined>(undefined)

export function QueryClientProvider({
  client,
  children,
}: {
  client: QueryClient
  children?: ReactNode
}) {
  useEffect(() => {
    client.mount()
    return () => client.unmount()
  }, [client])
  return <QueryClientContext.Provider value={client}>{children}</QueryClientContext.Provider>
}

/** The client of the nearest provider, or the one that is given. */
export function useQueryClient(queryClient?: QueryClient): QueryClient {
  const fromContext = useContext(QueryClientContext)
  const client = queryClient ?? fromContext
  if (!client) throw new Error('No QueryClient: put a QueryClientProvider around the application')
  return client
}

type WithInitialData<TQueryFnData> = { initialData: TQueryFnData | (() => TQueryFnData) }

/** Ties a key to its fetch; the key then also carries the type of the data. */
export function queryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  const TKey extends QueryKey = QueryKey,
>(
  options: UseQueryOptions<TQueryFnData, TError, TData, TKey> & WithInitialData<TQueryFnData>,
): UseQueryOptions<TQueryFnData, TError, TData, TKey> &
  WithInitialData<TQueryFnData> & { queryKey: DataTag<TKey, TQueryFnData> }
export function queryOptions<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  const TKey extends QueryKey = QueryKey,
>(
  options: UseQueryOptions<TQueryFnData, TError, TData, TKey>,
): UseQueryOptions<TQueryFnData, TError, TData, TKey> & { queryKey: DataTag<TKey, TQueryFnData> }
export function queryOptions(options: unknown): unknown {
  return options
}

/** Watches one query: fetches it when it is missing or stale, and renders again when what was read changes. */
export function useQuery<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  const TKey extends QueryKey = QueryKey,
>(
  options: UseQueryOptions<TQueryFnData, TError, TData, TKey> & WithInitialData<TQueryFnData>,
  queryClient?: QueryClient,
): DefinedUseQueryResult<TData, TError>
export function useQuery<
  TQueryFnData = unknown,
  TError = DefaultError,
  TData = TQueryFnData,
  const TKey extends QueryKey = QueryKey,
>(
  options: UseQueryOptions<TQueryFnData, TError, TData, TKey>,
  queryClient?: QueryClient,
): UseQueryResult<TData, TError>
export function useQuery<TQueryFnData, TError, TData, TKey extends QueryKey>(
  options: QueryObserverOptions<TQueryFnData, TError, TData, TKey>,
  queryClient?: QueryClient,
): UseQueryResult<TData, TError> {
  const client = useQueryClient(queryClient)
  const [observer] = useState(() => new QueryObserver(client, options))
  const result = observer.getOptimisticResult(client.defaultQueryOptions(options))

  useSyncExternalStore(
    useCallback((changed) => observer.subscribe(changed), [observer]),
    () => observer.getCurrentResult(),
    () => observer.getCurrentResult(),
  )
  useEffect(() => observer.setOptions(options), [observer, options])

  const query = observer.getCurrentQuery()
  if (
    result.isError &&
    !result.isFetching &&
    shouldThrow(options.throwOnError, result.error, query)
  ) {
    throw result.error
  }
  return options.notifyOnChangeProps ? result : observer.trackResult(result)
}

function shouldThrow<TError, TQuery extends Query<any, TError>>(
  option: boolean | ((error: TError, query: TQuery) => boolean) | undefined,
  error: TError,
  query: TQuery,
): boolean {
  return typeof option === 'function' ? option(error, query) : (option ?? false)
}

export type UseMutationResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutate = unknown,
> = MutationObserverResult<TData, TError, TVariables, TOnMutate> & {
  mutateAsync: (
    variables: TVariables,
    options?: MutateOptions<TData, TError, TVariables, TOnMutate>,
  ) => Promise<TData>
}

export function useMutation<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutate = unknown,
>(
  options: MutationOptions<TData, TError, TVariables, TOnMutate>,
  queryClient?: QueryClient,
): UseMutationResult<TData, TError, TVariables, TOnMutate> {
  const client = useQueryClient(queryClient)
  const [observer] = useState(
    () => new MutationObserver<TData, TError, TVariables, TOnMutate>(client, options),
  )
  useEffect(() => observer.setOptions(options), [observer, options])
  const result = useSyncExternalStore(
    useCallback((changed) => observer.subscribe(changed), [observer]),
    () => observer.getCurrentResult(),
    () => observer.getCurrentResult(),
  )
  const { throwOnError } = client.defaultMutationOptions(options)
  if (result.error !== null) {
    const thrown = typeof throwOnError === 'function' ? throwOnError(result.error) : throwOnError
    if (thrown) throw result.error
  }
  const mutateAsync = useCallback<
    UseMutationResult<TData, TError, TVariables, TOnMutate>['mutateAsync']
  >((variables, callbacks) => observer.mutate(variables, callbacks), [observer])
  return { ...result, mutateAsync }
}

/** How many queries are being fetched right now. */
export function useIsFetching(filters?: QueryFilters, queryClient?: QueryClient): number {
  const client = useQueryClient(queryClient)
  const cache = client.getQueryCache()
  return useSyncExternalStore(
    useCallback((changed) => cache.subscribe(changed), [cache]),
    () => client.isFetching(filters),
    () => client.isFetching(filters),
  )
}

/** How many mutations are running right now. */
export function useIsMutating(queryClient?: QueryClient): number {
  const client = useQueryClient(queryClient)
  const cache = client.getMutationCache()
  return useSyncExternalStore(
    useCallback((changed) => cache.subscribe(changed), [cache]),
    () => client.isMutating(),
    () => client.isMutating(),
  )
}
