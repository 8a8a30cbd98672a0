import { Subscribable } from './subscribable.ts'

type Setup = (changed: (value?: boolean) => void) => (() => void) | undefined

/**
 * A yes-or-no fact about the surroundings. It listens to the browser only while somebody listens to it, and a test (or a
 * platform without these events) can state the fact itself.
 */
abstract class Fact extends Subscribable<(value: boolean) => void> {
  #stop: (() => void) | undefined
  #setup: Setup
  protected stated: boolean | undefined

  constructor(setup: Setup) {
    super()
    this.#setup = setup
  }

  setEventListener(setup: Setup): void {
    this.#setup = setup
    this.#stop?.()
    this.#stop = setup((value) => this.heard(value))
  }

  protected override onSubscribe(): void {
    this.#stop ??= this.#setup((value) => this.heard(value))
  }

  protected override onUnsubscribe(): void {
    if (this.hasListeners()) return
    this.#stop?.()
    this.#stop = undefined
  }

  protected abstract heard(value: boolean | undefined): void

  protected tell(value: boolean): void {
    for (const listener of [...this.listeners]) listener(value)
  }
}

/** Is the page in front of somebody? Follows `visibilitychange` only: window focus also changes with every dialog. */
export class FocusManager extends Fact {
  constructor() {
    super((changed) => {
      if (typeof document === 'undefined') return undefined
      const listener = () => changed()
      document.addEventListener('visibilitychange', listener)
      return () => document.removeEventListener('visibilitychange', listener)
    })
  }

  /** States the fact; `undefined` asks the document again. */
  setFocused(focused?: boolean): void {
    if (this.stated === focused) return
    this.stated = focused
    this.tell(this.isFocused())
  }

  isFocused(): boolean {
    if (this.stated !== undefined) return this.stated
    return typeof document === 'undefined' || document.visibilityState !== 'hidden'
  }

  protected override heard(value: boolean | undefined): void {
    if (value === undefined) this.tell(this.isFocused())
    else this.setFocused(value)
  }
}

/**
 * Is there a network? Starts with yes and believes the `online` and `offline` events; `navigator.onLine` has too many
 * false negatives to start from.
 */
export class OnlineManager extends Fact {
  protected override stated = true

  constructor() {
    super((changed) => {
      if (typeof window === 'undefined' || !window.addEventListener) return undefined
      const online = () => changed(true)
      const offline = () => changed(false)
      window.addEventListener('online', online)
      window.addEventListener('offline', offline)
      return () => {
        window.removeEventListener('online', online)
        window.removeEventListener('offline', offline)
      }
    })
  }

  setOnline(online: boolean): void {
    if (this.stated === online) return
    this.stated = online
    this.tell(online)
  }

  isOnline(): boolean {
    return this.stated
  }

  protected override heard(value: boolean | undefined): void {
    if (value !== undefined) this.setOnline(value)
  }
}

export const focusManager = new FocusManager()
export const onlineManager = new OnlineManager()
