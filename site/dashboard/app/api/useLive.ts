import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { heard, type RequestList, withRequest } from './live.ts'
import type { LoggedRequest } from './types.ts'

export type Connection = 'connecting' | 'live' | 'lost'

/** Milliseconds until a refused connection is asked for again. */
const pause = 3000

/** Follows the emulator's events for as long as the page is open, and brings what is shown up to date. */
export function useLive(): Connection {
  const client = useQueryClient()
  const [connection, setConnection] = useState<Connection>('connecting')
  useEffect(() => {
    let source: EventSource
    let timer: ReturnType<typeof setTimeout> | undefined
    const connect = () => {
      source = new EventSource('/api/events')
      source.addEventListener('open', () => {
        setConnection('live')
        heard.forget()
        // What happened while nobody listened.
        void client.invalidateQueries()
      })
      source.addEventListener('error', () => {
        setConnection('lost')
        // The browser tries again by itself, except after a refusal: because nobody is signed in, or of too many pages.
        if (source.readyState === EventSource.CLOSED) timer = setTimeout(connect, pause)
      })
      listen(source, client)
    }
    connect()
    return () => {
      clearTimeout(timer)
      source.close()
    }
  }, [client])
  return connection
}

function listen(source: EventSource, client: QueryClient) {
  const on = (name: string, take: (data: unknown) => void) =>
    source.addEventListener(name, (event) => take(JSON.parse((event as MessageEvent<string>).data)))
  on('request', (data) => {
    heard.note(data as LoggedRequest)
    client.setQueryData<RequestList>(['requests'], (list) =>
      list ? withRequest(list, data as LoggedRequest) : list,
    )
  })
  on('queues', (data) => {
    client.setQueryData(['queues'], data)
    void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[2] === 'messages' })
  })
  on('cron', () => void client.invalidateQueries({ queryKey: ['crons'] }))
  on('state', (data) => {
    for (const part of (data as { changed: string[] }).changed) {
      void client.invalidateQueries({ queryKey: [part] })
    }
  })
  on('reload', () => void client.invalidateQueries())
}
