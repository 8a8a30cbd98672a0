/** A set of listeners that knows when it gains its first and loses its last. */
export class Subscribable<TListener extends (...args: never[]) => void> {
  protected listeners = new Set<TListener>()

  /** Adds `listener` and answers the function that removes it again. */
  subscribe(listener: TListener): () => void {
    this.listeners.add(listener)
    this.onSubscribe()
    return () => {
      this.listeners.delete(listener)
      this.onUnsubscribe()
    }
  }

  hasListeners(): boolean {
    return this.listeners.size > 0
  }

  protected onSubscribe(): void {}
  protected onUnsubscribe(): void {}
}
