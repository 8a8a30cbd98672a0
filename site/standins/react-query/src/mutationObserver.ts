import {
  type MutateOptions,
  Mutation,
  type MutationOptions,
  type MutationState,
  idleMutation,
} from './mutation.ts'
import type { QueryClient } from './queryClient.ts'
import { Subscribable } from './subscribable.ts'
import type { DefaultError } from './types.ts'

interface MutationActions<TData, TError, TVariables, TOnMutate> {
  mutate: (
    ...args: undefined extends TVariables
      ? [variables?: TVariables, options?: MutateOptions<TData, TError, TVariables, TOnMutate>]
      : [variables: TVariables, options?: MutateOptions<TData, TError, TVariables, TOnMutate>]
  ) => void
  /** Forgets the last run. */
  reset: () => void
}

interface Idle {
  status: 'idle'
  data: undefined
  error: null
  isIdle: true
  isPending: false
  isError: false
  isSuccess: false
}
interface Pending extends Omit<Idle, 'status' | 'isIdle' | 'isPending'> {
  status: 'pending'
  isIdle: false
  isPending: true
}
interface Failed<TError> extends Omit<Idle, 'status' | 'error' | 'isIdle' | 'isError'> {
  status: 'error'
  error: TError
  isIdle: false
  isError: true
}
interface Succeeded<TData> extends Omit<Idle, 'status' | 'data' | 'isIdle' | 'isSuccess'> {
  status: 'success'
  data: TData
  isIdle: false
  isSuccess: true
}

export type MutationObserverResult<
  TData = unknown,
  TError = DefaultError,
  TVariables = unknown,
  TOnMutate = unknown,
> = Omit<MutationState<TData, TError, TVariables, TOnMutate>, 'status' | 'data' | 'error'> &
  MutationActions<TData, TError, TVariables, TOnMutate> &
  (Idle | Pending | Failed<TError> | Succeeded<TData>)

/** Follows the newest run that one place in the program started. */
export class MutationObserver<
  TData = unknown,
  TError = DefaultError,
  TVariables = void,
  TOnMutate = unknown,
> extends Subscribable<() => void> {
  options: MutationOptions<TData, TError, TVariables, TOnMutate>
  readonly #client: QueryClient
  #mutation: Mutation<TData, TError, TVariables, TOnMutate> | undefined
  #result: MutationObserverResult<TData, TError, TVariables, TOnMutate>

  constructor(client: QueryClient, options: MutationOptions<TData, TError, TVariables, TOnMutate>) {
    super()
    this.#client = client
    this.options = options
    this.#result = this.#createResult()
  }

  setOptions(options: MutationOptions<TData, TError, TVariables, TOnMutate>): void {
    this.options = options
  }

  getCurrentResult(): MutationObserverResult<TData, TError, TVariables, TOnMutate> {
    return this.#result
  }

  reset(): void {
    this.#mutation = undefined
    this.#publish()
  }

  /** Runs the mutation. The callbacks given here are called only if this is still the newest run and somebody listens. */
  async mutate(
    variables: TVariables,
    callbacks: MutateOptions<TData, TError, TVariables, TOnMutate> = {},
  ): Promise<TData> {
    const options = this.#client.defaultMutationOptions(this.options)
    const mutation = new Mutation<TData, TError, TVariables, TOnMutate>(
      this.#client,
      options,
      () => {
        if (this.#mutation === mutation) this.#publish()
      },
    )
    this.#mutation = mutation
    const wanted = () => this.#mutation === mutation && this.hasListeners()
    const context = { client: this.#client, meta: options.meta, mutationKey: options.mutationKey }
    try {
      const data = await mutation.execute(variables)
      const result = mutation.state.context as TOnMutate
      if (wanted()) {
        void callbacks.onSuccess?.(data, variables, result, context)
        void callbacks.onSettled?.(data, null, variables, result, context)
      }
      return data
    } catch (error) {
      const result = mutation.state.context
      if (wanted() && mutation.state.status === 'error') {
        void callbacks.onError?.(error as TError, variables, result, context)
        void callbacks.onSettled?.(undefined, error as TError, variables, result, context)
      }
      throw error
    }
  }

  #publish(): void {
    this.#result = this.#createResult()
    for (const listener of [...this.listeners]) listener()
  }

  #createResult(): MutationObserverResult<TData, TError, TVariables, TOnMutate> {
    const state: MutationState<TData, TError, TVariables, TOnMutate> =
      this.#mutation?.state ?? idleMutation
    const result = {
      ...state,
      isIdle: state.status === 'idle',
      isPending: state.status === 'pending',
      isError: state.status === 'error',
      isSuccess: state.status === 'success',
      mutate: this.#boundMutate,
      reset: this.#boundReset,
    }
    return result as MutationObserverResult<TData, TError, TVariables, TOnMutate>
  }

  #boundMutate = (
    variables: TVariables,
    options?: MutateOptions<TData, TError, TVariables, TOnMutate>,
  ) => {
    // The failure is in the result; who wants the promise calls mutateAsync.
    this.mutate(variables, options).catch(() => {})
  }

  #boundReset = () => this.reset()
}
