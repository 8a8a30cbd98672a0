import { focusManager, onlineManager } from './environment.ts'
import type { DefaultError, NetworkMode, Retry, RetryDelay } from './types.ts'

/** Why a fetch ended without an answer of its own. */
export class CancelledError extends Error {
  override name = 'CancelledError'
  /** Put the query back as it was before the fetch. */
  readonly revert: boolean
  /** Tell nobody. */
  readonly silent: boolean

  constructor(options: { revert?: boolean; silent?: boolean } = {}) {
    super('the fetch was cancelled')
    this.revert = options.revert ?? false
    this.silent = options.silent ?? false
  }
}

export const defaultRetryDelay = (failureCount: number) =>
  Math.min(1000 * 2 ** failureCount, 30_000)

export const canFetch = (mode: NetworkMode | undefined) =>
  (mode ?? 'online') !== 'online' || onlineManager.isOnline()

export interface RetryerConfig<TData> {
  run: () => TData | Promise<TData>
  retry: Retry
  retryDelay: RetryDelay | undefined
  networkMode: NetworkMode | undefined
  onFail?: (failureCount: number, error: Error) => void
  onPause?: () => void
  onContinue?: () => void
}

/** One request with its repetitions: attempts, waits between them, and waits for network and attention. */
export class Retryer<TData> {
  readonly promise: Promise<TData>
  #config: RetryerConfig<TData>
  #resolve!: (data: TData) => void
  #reject!: (error: unknown) => void
  #wake: (() => void) | undefined
  #timer: ReturnType<typeof setTimeout> | undefined
  #failures = 0
  #mayRetry = true
  settled = false

  constructor(config: RetryerConfig<TData>) {
    this.#config = config
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve
      this.#reject = reject
    })
    // Every reader of the promise handles the failure itself; without any, it is not an unhandled rejection.
    this.promise.catch(() => {})
  }

  start(): Promise<TData> {
    if (canFetch(this.#config.networkMode)) void this.#attempt()
    else void this.#pause(() => canFetch(this.#config.networkMode)).then(() => this.#attempt())
    return this.promise
  }

  cancel(error = new CancelledError()): void {
    clearTimeout(this.#timer)
    this.#settle(() => this.#reject(error))
  }

  /** The network or the visitor came back: go on if that was what we waited for. */
  continue(): void {
    this.#wake?.()
  }

  /** Let the running attempt be the last one; used when the last observer leaves. */
  cancelRetry(): void {
    this.#mayRetry = false
  }

  continueRetry(): void {
    this.#mayRetry = true
  }

  async #attempt(): Promise<void> {
    if (this.settled) return
    try {
      const data = await this.#config.run()
      this.#settle(() => this.#resolve(data))
    } catch (error) {
      await this.#failed(error as DefaultError)
    }
  }

  async #failed(error: DefaultError): Promise<void> {
    if (this.settled) return
    const { retry, retryDelay = defaultRetryDelay, onFail } = this.#config
    const failure = this.#failures
    const again =
      typeof retry === 'function'
        ? retry(failure, error)
        : retry === true || failure < Number(retry)
    if (!again || !this.#mayRetry) {
      this.#settle(() => this.#reject(error))
      return
    }
    this.#failures += 1
    onFail?.(this.#failures, error)
    const delay = typeof retryDelay === 'function' ? retryDelay(failure, error) : retryDelay
    await new Promise<void>((resolve) => {
      this.#timer = setTimeout(resolve, delay)
    })
    // A retry nobody looks at can wait; the first attempt was asked for and cannot.
    const mayContinue = () =>
      focusManager.isFocused() &&
      (this.#config.networkMode === 'always' || onlineManager.isOnline())
    if (!this.settled && !mayContinue()) await this.#pause(mayContinue)
    if (!this.#mayRetry) this.#settle(() => this.#reject(error))
    else await this.#attempt()
  }

  async #pause(mayContinue: () => boolean): Promise<void> {
    this.#config.onPause?.()
    await new Promise<void>((resolve) => {
      this.#wake = () => {
        if (this.settled || mayContinue()) resolve()
      }
    })
    this.#wake = undefined
    if (!this.settled) this.#config.onContinue?.()
  }

  #settle(finish: () => void): void {
    if (this.settled) return
    this.settled = true
    this.#wake?.()
    finish()
  }
}
