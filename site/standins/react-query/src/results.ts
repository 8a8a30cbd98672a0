import type { FetchStatus, DefaultError, RefetchOptions } from './types.ts'

interface ResultBase<TData, TError> {
  /** When data or error arrived, in milliseconds since 1970; 0 if never. */
  dataUpdatedAt: number
  errorUpdatedAt: number
  errorUpdateCount: number
  /** Failures of the fetch that is running or ran last. */
  failureCount: number
  failureReason: TError | null
  fetchStatus: FetchStatus
  isEnabled: boolean
  isFetched: boolean
  isFetchedAfterMount: boolean
  isFetching: boolean
  isInitialLoading: boolean
  /** Nothing to show yet, and on its way. */
  isLoading: boolean
  isPaused: boolean
  isRefetching: boolean
  isStale: boolean
  refetch: (options?: RefetchOptions) => Promise<QueryObserverResult<TData, TError>>
}

interface Flags {
  isPending: boolean
  isSuccess: boolean
  isError: boolean
  isLoadingError: boolean
  isRefetchError: boolean
  isPlaceholderData: boolean
}
interface NoFlags extends Flags {
  isPending: false
  isSuccess: false
  isError: false
  isLoadingError: false
  isRefetchError: false
  isPlaceholderData: false
}
type Only<TFlags extends Partial<Flags>> = Omit<NoFlags, keyof TFlags> & TFlags

export type QueryObserverPendingResult<TData = unknown, TError = DefaultError> = ResultBase<
  TData,
  TError
> &
  Only<{ isPending: true }> & { status: 'pending'; data: undefined; error: null }

export type QueryObserverLoadingErrorResult<TData = unknown, TError = DefaultError> = ResultBase<
  TData,
  TError
> &
  Only<{ isError: true; isLoadingError: true }> & {
    status: 'error'
    data: undefined
    error: TError
  }

export type QueryObserverRefetchErrorResult<TData = unknown, TError = DefaultError> = ResultBase<
  TData,
  TError
> &
  Only<{ isError: true; isRefetchError: true }> & { status: 'error'; data: TData; error: TError }

export type QueryObserverSuccessResult<TData = unknown, TError = DefaultError> = ResultBase<
  TData,
  TError
> &
  Only<{ isSuccess: true; isPlaceholderData: boolean }> & {
    status: 'success'
    data: TData
    error: null
  }

/** The result of a query that had data from the start. */
export type DefinedQueryObserverResult<TData = unknown, TError = DefaultError> =
  QueryObserverRefetchErrorResult<TData, TError> | QueryObserverSuccessResult<TData, TError>

export type QueryObserverResult<TData = unknown, TError = DefaultError> =
  | DefinedQueryObserverResult<TData, TError>
  | QueryObserverLoadingErrorResult<TData, TError>
  | QueryObserverPendingResult<TData, TError>

export type UseQueryResult<TData = unknown, TError = DefaultError> = QueryObserverResult<
  TData,
  TError
>
export type DefinedUseQueryResult<
  TData = unknown,
  TError = DefaultError,
> = DefinedQueryObserverResult<TData, TError>
