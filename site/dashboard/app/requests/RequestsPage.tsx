import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useDeferredValue, useEffect, useMemo } from 'react'
import { requestsQuery } from '../api/queries.ts'
import { count } from '../format/format.ts'
import { Find } from '../shell/Find.tsx'
import { isTyping } from '../shell/keys.ts'
import { PageHead } from '../shell/PageHead.tsx'
import { Split } from '../shell/Split.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { type Filter, narrowed, neighbour } from './filter.ts'
import { RequestDetail } from './RequestDetail.tsx'
import { RequestRow } from './RequestRow.tsx'

export function RequestsPage() {
  const search = useSearch({ from: '/requests' })
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(requestsQuery)
  const requests = useDeferredValue(data?.requests)
  const { q, status, source } = search
  const list = useMemo(
    () => narrowed(requests ?? [], { q, status, source }),
    [requests, q, status, source],
  )
  const chosen = search.seq === undefined ? undefined : Number(search.seq)
  const open = data?.requests.find((request) => request.seq === chosen)

  const set = (change: Filter & { seq?: string }, replace = true) =>
    void navigate({
      to: '/requests',
      search: { ...search, ...change },
      replace,
      resetScroll: false,
    })

  useEffect(() => {
    const listener = (event: KeyboardEvent) => {
      if (isTyping(event.target) || event.metaKey || event.ctrlKey || event.altKey) return
      if (event.defaultPrevented || document.querySelector('dialog[open]')) return
      const step = { j: 1, k: -1 }[event.key]
      if (step === undefined) return
      event.preventDefault()
      const next = neighbour(list, chosen, step)
      if (!next) return
      set({ seq: String(next.seq) })
      document.getElementById(`request-${next.seq}`)?.scrollIntoView({ block: 'nearest' })
    }
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  })

  return (
    <>
      <PageHead title="Requests">
        <p className="text-muted" aria-live="off">
          {data && `${count(list.length, 'request')} of the last ${data.requests.length}`}
        </p>
      </PageHead>
      <search className="mb-3 flex flex-wrap gap-2">
        <Find
          label="Path or method"
          value={q ?? ''}
          change={(text) => set({ q: text || undefined })}
        />
        <select
          className="field"
          aria-label="Status"
          value={status ?? ''}
          onChange={(event) => set({ status: event.target.value || undefined })}
        >
          <option value="">Any status</option>
          <option value="2">2xx</option>
          <option value="3">3xx</option>
          <option value="4">4xx</option>
          <option value="5">5xx</option>
          <option value="0">No answer</option>
        </select>
        <select
          className="field"
          aria-label="Answered by"
          value={source ?? ''}
          onChange={(event) => set({ source: event.target.value || undefined })}
        >
          <option value="">Anybody</option>
          <option value="-assets">All but assets</option>
          <option value="worker">Worker</option>
          <option value="assets">Assets</option>
          <option value="cache">Cache</option>
          <option value="server">Server</option>
        </select>
      </search>
      {error && <Trouble error={error} retry={() => void refetch()} />}
      <Split
        open={open && String(open.seq)}
        close={() => set({ seq: undefined })}
        detail={
          open && (
            <RequestDetail key={open.seq} request={open} close={() => set({ seq: undefined })} />
          )
        }
        list={
          <>
            <table className="rows">
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  <th scope="col" className="request-target">
                    Request
                  </th>
                  <th scope="col">Status</th>
                  <th scope="col" className="number">
                    Took
                  </th>
                  <th scope="col" className="request-source">
                    Answered by
                  </th>
                </tr>
              </thead>
              <tbody>
                {list.map((request) => (
                  <RequestRow
                    key={request.seq}
                    request={request}
                    isChosen={request.seq === chosen}
                    choose={(seq) => set({ seq: String(seq) }, false)}
                  />
                ))}
              </tbody>
            </table>
            {data && list.length === 0 && (
              <p className="empty">
                {data.requests.length === 0
                  ? 'Nothing has been asked yet. Open the app, and its requests appear here.'
                  : 'No request fits. Loosen the filter.'}
              </p>
            )}
          </>
        }
      />
    </>
  )
}
