import { hashKey, partialMatchKey } from './keys.ts'
import { type AnyOptions, Query } from './query.ts'
import type { QueryClient } from './queryClient.ts'
import { Subscribable } from './subscribable.ts'
import type { DefaultError, QueryFilters, QueryKey } from './types.ts'

export interface QueryCacheConfig {
  onError?: (error: DefaultError, query: Query) => void
  onSuccess?: (data: unknown, query: Query) => void
  onSettled?: (data: unknown, error: DefaultError | null, query: Query) => void
}

export interface QueryCacheNotifyEvent {
  type: 'added' | 'removed' | 'updated'
  query: Query
}

/** All queries by the hash of their key. */
export class QueryCache extends Subscribable<(event: QueryCacheNotifyEvent) => void> {
  readonly config: QueryCacheConfig
  #queries = new Map<string, Query>()

  constructor(config: QueryCacheConfig = {}) {
    super()
    this.config = config
  }

  /** The query for these options, made if it is not there yet. */
  build(client: QueryClient, options: AnyOptions): Query {
    const queryHash = hashKey(options.queryKey)
    const found = this.#queries.get(queryHash)
    if (found) return found
    const query = new Query(client, this, queryHash, client.defaultQueryOptions(options))
    this.#queries.set(queryHash, query)
    this.notify({ type: 'added', query })
    return query
  }

  get(queryHash: string): Query | undefined {
    return this.#queries.get(queryHash)
  }

  getAll(): Query[] {
    return [...this.#queries.values()]
  }

  find(filters: QueryFilters & { queryKey: QueryKey }): Query | undefined {
    return this.getAll().find((query) => matchQuery({ exact: true, ...filters }, query))
  }

  findAll(filters: QueryFilters = {}): Query[] {
    return this.getAll().filter((query) => matchQuery(filters, query))
  }

  remove(query: Query): void {
    if (this.#queries.get(query.queryHash) !== query) return
    query.destroy()
    this.#queries.delete(query.queryHash)
    this.notify({ type: 'removed', query })
  }

  clear(): void {
    for (const query of this.getAll()) this.remove(query)
  }

  notify(event: QueryCacheNotifyEvent): void {
    for (const listener of [...this.listeners]) listener(event)
  }

  onFocus(): void {
    for (const query of this.getAll()) query.onFocus()
  }

  onOnline(): void {
    for (const query of this.getAll()) query.onOnline()
  }
}

export function matchQuery(filters: QueryFilters, query: Query): boolean {
  const { queryKey, exact, type = 'all', stale, fetchStatus, predicate } = filters
  if (queryKey && exact && query.queryHash !== hashKey(queryKey)) return false
  if (queryKey && !exact && !partialMatchKey(query.queryKey, queryKey)) return false
  if (type !== 'all' && query.isActive() !== (type === 'active')) return false
  if (stale !== undefined && query.isStale() !== stale) return false
  if (fetchStatus && query.state.fetchStatus !== fetchStatus) return false
  return predicate?.(query) ?? true
}
