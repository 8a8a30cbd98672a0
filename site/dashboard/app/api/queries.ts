import { queryOptions } from '@tanstack/react-query'
import { getJSON, segment } from './http.ts'
import { heard, type RequestList } from './live.ts'
import type {
  Cron,
  KVKey,
  KVValue,
  Overview,
  Queue,
  QueueMessage,
  R2Details,
  R2Entry,
  StateReport,
} from './types.ts'

const parameters = (values: Record<string, string | undefined>) => {
  const query = new URLSearchParams()
  for (const [name, value] of Object.entries(values)) if (value) query.set(name, value)
  const text = query.toString()
  return text ? `?${text}` : ''
}

export const overviewQuery = queryOptions({
  queryKey: ['overview'],
  queryFn: ({ signal }) => getJSON<Overview>('/api/overview', signal),
  refetchInterval: 10_000,
})

export const requestsQuery = queryOptions({
  queryKey: ['requests'],
  queryFn: async ({ signal }) => heard.added(await getJSON<RequestList>('/api/requests', signal)),
  staleTime: Number.POSITIVE_INFINITY,
})

export const namespacesQuery = queryOptions({
  queryKey: ['kv'],
  queryFn: ({ signal }) =>
    getJSON<{ namespaces: { id: string; title: string; keys: number }[] }>('/api/kv', signal),
})

export const keysQuery = (namespace: string, search: string, cursor: string) =>
  queryOptions({
    queryKey: ['kv', namespace, 'keys', search, cursor],
    queryFn: ({ signal }) =>
      getJSON<{ keys: KVKey[]; cursor: string | null }>(
        `/api/kv/${segment(namespace)}/keys${parameters({ search, cursor })}`,
        signal,
      ),
  })

export const valueQuery = (namespace: string, key: string) =>
  queryOptions({
    queryKey: ['kv', namespace, 'value', key],
    queryFn: ({ signal }) =>
      getJSON<KVValue>(`/api/kv/${segment(namespace)}/values/${segment(key)}`, signal),
  })

export const bucketsQuery = queryOptions({
  queryKey: ['r2'],
  queryFn: ({ signal }) =>
    getJSON<{ buckets: { name: string; created: number; objects: number; bytes: number }[] }>(
      '/api/r2',
      signal,
    ),
})

export const objectsQuery = (bucket: string, prefix: string, search: string, cursor: string) =>
  queryOptions({
    queryKey: ['r2', bucket, 'objects', prefix, search, cursor],
    queryFn: ({ signal }) =>
      getJSON<{ objects: R2Entry[]; prefixes: string[]; cursor: string | null }>(
        `/api/r2/${segment(bucket)}/objects${parameters({ prefix, search, cursor })}`,
        signal,
      ),
  })

export const objectQuery = (bucket: string, key: string) =>
  queryOptions({
    queryKey: ['r2', bucket, 'object', key],
    queryFn: ({ signal }) =>
      getJSON<R2Details>(`/api/r2/${segment(bucket)}/objects/${segment(key)}`, signal),
  })

export const queuesQuery = queryOptions({
  queryKey: ['queues'],
  queryFn: ({ signal }) => getJSON<{ queues: Queue[] }>('/api/queues', signal),
})

export const messagesQuery = (queue: string, state: string, search: string, cursor: string) =>
  queryOptions({
    queryKey: ['queues', queue, 'messages', state, search, cursor],
    queryFn: ({ signal }) =>
      getJSON<{ messages: QueueMessage[]; cursor: string | null }>(
        `/api/queues/${segment(queue)}/messages${parameters({ state, search, cursor })}`,
        signal,
      ),
  })

export const cronsQuery = queryOptions({
  queryKey: ['crons'],
  queryFn: ({ signal }) => getJSON<{ crons: Cron[] }>('/api/crons', signal),
})

export const stateQuery = queryOptions({
  queryKey: ['state'],
  queryFn: ({ signal }) => getJSON<StateReport>('/api/state', signal),
})
