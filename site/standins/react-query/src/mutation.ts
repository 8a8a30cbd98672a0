import type { QueryClient } from './queryClient.ts'
import { canFetch, Retryer } from './retryer.ts'
import { Subscribable } from './subscribable.ts'
import type { DefaultError, Meta, NetworkMode, QueryKey, Retry, RetryDelay } from './types.ts'

export type MutationStatus = 'idle' | 'pending' | 'error' | 'success'

export interface MutationFunctionContext {
  client: QueryClient
  meta: Meta | undefined
  mutationKey: QueryKey | undefined
}

/** The callbacks that `mutate` takes as well. They run in the order: cache, options, `mutate`. */
export interface MutateOptions<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutate = unknown,
> {
  onSuccess?: (
    data: TData,
    variables: TVariables,
    onMutateResult: TOnMutate,
    context: MutationFunctionContext,
  ) => unknown
  onError?: (
    error: TError,
    variables: TVariables,
    onMutateResult: TOnMutate | undefined,
    context: MutationFunctionContext,
  ) => unknown
  onSettled?: (
    data: TData | undefined,
    error: TError | null,
    variables: TVariables,
    onMutateResult: TOnMutate | undefined,
    context: MutationFunctionContext,
  ) => unknown
}

export interface MutationOptions<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutate = unknown,
> extends MutateOptions<TData, TError, TVariables, TOnMutate> {
  mutationFn?: (variables: TVariables, context: MutationFunctionContext) => TData | Promise<TData>
  mutationKey?: QueryKey
  /** Runs first; what it answers reaches the other callbacks, for instance to undo an optimistic change. */
  onMutate?: (
    variables: TVariables,
    context: MutationFunctionContext,
  ) => TOnMutate | Promise<TOnMutate>
  /** Default 0: repeating a write is for the caller to allow. */
  retry?: Retry<TError>
  retryDelay?: RetryDelay<TError>
  networkMode?: NetworkMode
  meta?: Meta
  throwOnError?: boolean | ((error: TError) => boolean)
}

export interface MutationState<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutate = unknown,
> {
  context: TOnMutate | undefined
  data: TData | undefined
  error: TError | null
  failureCount: number
  failureReason: TError | null
  isPaused: boolean
  status: MutationStatus
  submittedAt: number
  variables: TVariables | undefined
}

export const idleMutation: MutationState<never, never, never, never> = {
  context: undefined,
  data: undefined,
  error: null,
  failureCount: 0,
  failureReason: null,
  isPaused: false,
  status: 'idle',
  submittedAt: 0,
  variables: undefined,
}

/** One run of a mutation. */
export class Mutation<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutate = unknown,
> {
  readonly options: MutationOptions<TData, TError, TVariables, TOnMutate>
  state: MutationState<TData, TError, TVariables, TOnMutate> = idleMutation
  readonly #client: QueryClient
  readonly #cache: MutationCache
  readonly #changed: () => void
  #retryer: Retryer<TData> | undefined

  constructor(
    client: QueryClient,
    options: MutationOptions<TData, TError, TVariables, TOnMutate>,
    changed: () => void,
  ) {
    this.#client = client
    this.#cache = client.getMutationCache()
    this.options = options
    this.#changed = changed
  }

  continue(): void {
    this.#retryer?.continue()
  }

  async execute(variables: TVariables): Promise<TData> {
    const { options } = this
    const { config } = this.#cache
    const untyped = this as unknown as Mutation
    const context: MutationFunctionContext = {
      client: this.#client,
      meta: options.meta,
      mutationKey: options.mutationKey,
    }
    const { mutationFn, retry = 0, retryDelay, networkMode } = options
    this.#retryer = new Retryer<TData>({
      run: () => {
        if (!mutationFn) throw new Error('The mutation has no mutationFn')
        return mutationFn(variables, context)
      },
      retry: mutationFn ? (retry as Retry) : false,
      retryDelay: retryDelay as RetryDelay | undefined,
      networkMode,
      onFail: (failureCount, error) =>
        this.#update({ failureCount, failureReason: error as TError }),
      onPause: () => this.#update({ isPaused: true }),
      onContinue: () => this.#update({ isPaused: false }),
    })
    this.#cache.add(untyped)
    this.#update({
      ...idleMutation,
      isPaused: !canFetch(networkMode),
      status: 'pending',
      submittedAt: Date.now(),
      variables,
    })
    try {
      await config.onMutate?.(variables, untyped, context)
      const onMutateResult = await options.onMutate?.(variables, context)
      this.#update({ context: onMutateResult })
      const data = await this.#retryer.start()
      const result = this.state.context as TOnMutate
      await config.onSuccess?.(data, variables, result, untyped, context)
      await options.onSuccess?.(data, variables, result, context)
      await config.onSettled?.(data, null, variables, result, untyped, context)
      await options.onSettled?.(data, null, variables, result, context)
      this.#update({
        data,
        error: null,
        failureCount: 0,
        failureReason: null,
        isPaused: false,
        status: 'success',
      })
      return data
    } catch (thrown) {
      const error = thrown as TError & DefaultError
      const result = this.state.context
      try {
        await config.onError?.(error, variables, result, untyped, context)
        await options.onError?.(error, variables, result, context)
        await config.onSettled?.(undefined, error, variables, result, untyped, context)
        await options.onSettled?.(undefined, error, variables, result, context)
      } finally {
        this.#update({
          data: undefined,
          error,
          failureCount: this.state.failureCount + 1,
          failureReason: error,
          isPaused: false,
          status: 'error',
        })
      }
      throw error
    } finally {
      this.#cache.remove(untyped)
    }
  }

  #update(change: Partial<MutationState<TData, TError, TVariables, TOnMutate>>): void {
    this.state = { ...this.state, ...change }
    this.#changed()
    this.#cache.notify()
  }
}

export interface MutationCacheConfig {
  onMutate?: (variables: unknown, mutation: Mutation, context: MutationFunctionContext) => unknown
  onSuccess?: (
    data: unknown,
    variables: unknown,
    onMutateResult: unknown,
    mutation: Mutation,
    context: MutationFunctionContext,
  ) => unknown
  onError?: (
    error: DefaultError,
    variables: unknown,
    onMutateResult: unknown,
    mutation: Mutation,
    context: MutationFunctionContext,
  ) => unknown
  onSettled?: (
    data: unknown,
    error: DefaultError | null,
    variables: unknown,
    onMutateResult: unknown,
    mutation: Mutation,
    context: MutationFunctionContext,
  ) => unknown
}

/** The mutations that are running. Finished ones live on in their observers only. */
export class MutationCache extends Subscribable<() => void> {
  readonly config: MutationCacheConfig
  #running = new Set<Mutation>()

  constructor(config: MutationCacheConfig = {}) {
    super()
    this.config = config
  }

  getAll(): Mutation[] {
    return [...this.#running]
  }

  add(mutation: Mutation): void {
    this.#running.add(mutation)
  }

  remove(mutation: Mutation): void {
    this.#running.delete(mutation)
    this.notify()
  }

  notify(): void {
    for (const listener of [...this.listeners]) listener()
  }

  resume(): void {
    for (const mutation of this.#running) mutation.continue()
  }
}
