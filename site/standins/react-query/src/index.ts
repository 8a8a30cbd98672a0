export { focusManager, onlineManager } from './environment.ts'
export { hashKey, partialMatchKey, replaceEqualDeep } from './keys.ts'
export {
  type MutateOptions,
  Mutation,
  MutationCache,
  type MutationCacheConfig,
  type MutationFunctionContext,
  type MutationOptions,
  type MutationOptions as UseMutationOptions,
  type MutationState,
  type MutationStatus,
} from './mutation.ts'
export { MutationObserver, type MutationObserverResult } from './mutationObserver.ts'
export { Query, type QueryState } from './query.ts'
export {
  matchQuery,
  QueryCache,
  type QueryCacheConfig,
  type QueryCacheNotifyEvent,
} from './queryCache.ts'
export { type DefaultOptions, QueryClient, type QueryClientConfig } from './queryClient.ts'
export { QueryObserver } from './queryObserver.ts'
export {
  QueryClientProvider,
  queryOptions,
  useIsFetching,
  useIsMutating,
  useMutation,
  type UseMutationResult,
  useQuery,
  useQueryClient,
} from './react.tsx'
export type * from './results.ts'
export { CancelledError } from './retryer.ts'
export { keepPreviousData } from './keepPreviousData.ts'
export * from './types.ts'
