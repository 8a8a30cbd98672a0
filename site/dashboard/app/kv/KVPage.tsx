import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { keysQuery, namespacesQuery } from '../api/queries.ts'
import { bytes, count, distance } from '../format/format.ts'
import { Find } from '../shell/Find.tsx'
import { PageHead } from '../shell/PageHead.tsx'
import { Pages } from '../shell/Pages.tsx'
import { Split } from '../shell/Split.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { useNow } from '../shell/useNow.ts'
import { ValueEditor } from './ValueEditor.tsx'

export function KVPage() {
  const search = useSearch({ from: '/kv' })
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(namespacesQuery)
  const namespace = search.namespace ?? data?.namespaces[0]?.id
  const go = (change: { namespace?: string; q?: string; key?: string }, replace = false) =>
    void navigate({ to: '/kv', search: { ...search, ...change }, replace, resetScroll: false })
  return (
    <>
      <PageHead title="KV">
        <label>
          <span className="sr-only">Namespace</span>
          <select
            className="field"
            value={namespace ?? ''}
            onChange={(event) =>
              go({ namespace: event.target.value, q: undefined, key: undefined })
            }
          >
            {data?.namespaces.map(({ id, title, keys }) => (
              <option key={id} value={id}>
                {title} ({count(keys, 'key')})
              </option>
            ))}
          </select>
        </label>
      </PageHead>
      {error && <Trouble error={error} retry={() => void refetch()} />}
      {data?.namespaces.length === 0 && (
        <p className="empty">
          There is no namespace. Name one in <code>wrangler.toml</code>, under{' '}
          <code>[[kv_namespaces]]</code>.
        </p>
      )}
      {namespace && (
        <Keys
          key={namespace}
          namespace={namespace}
          text={search.q ?? ''}
          chosen={search.key}
          find={(q) => go({ q: q || undefined }, true)}
          choose={(key) => go({ key })}
        />
      )}
    </>
  )
}

function Keys({
  namespace,
  text,
  chosen,
  find,
  choose,
}: {
  namespace: string
  text: string
  chosen: string | undefined
  find: (text: string) => void
  choose: (key: string | undefined) => void
}) {
  const [cursors, setCursors] = useState([''])
  const [isNew, setIsNew] = useState(false)
  const { data, error } = useQuery(keysQuery(namespace, text, cursors.at(-1) ?? ''))
  const now = useNow()
  const close = () => {
    setIsNew(false)
    choose(undefined)
  }
  return (
    <Split
      open={isNew ? '' : chosen}
      close={close}
      list={
        <section aria-label="Keys">
          <div className="mb-3 flex gap-2">
            <Find
              label="Part of a key"
              value={text}
              change={(value) => {
                setCursors([''])
                find(value)
              }}
            />
            <button
              type="button"
              className="action"
              onClick={() => {
                choose(undefined)
                setIsNew(true)
              }}
            >
              New key
            </button>
          </div>
          {error && <Trouble error={error} />}
          <table className="rows">
            <thead>
              <tr>
                <th scope="col">Key</th>
                <th scope="col" className="number">
                  Size
                </th>
                <th scope="col" className="max-sm:hidden">
                  Expires
                </th>
              </tr>
            </thead>
            <tbody>
              {data?.keys.map((key) => (
                <tr key={key.name} data-chosen={key.name === chosen ? '' : undefined}>
                  <td>
                    <button
                      type="button"
                      className="row-link"
                      data-row={key.name}
                      aria-expanded={key.name === chosen}
                      onClick={() => {
                        setIsNew(false)
                        choose(key.name)
                      }}
                    >
                      {key.name}
                    </button>
                  </td>
                  <td className="number">{bytes(key.size)}</td>
                  <td className="max-sm:hidden text-muted">
                    {key.expiration === null ? 'never' : distance(key.expiration * 1000, now)}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
          {data?.keys.length === 0 && (
            <p className="empty">{text ? 'No key fits.' : 'There are no keys yet.'}</p>
          )}
          <Pages cursors={cursors} setCursors={setCursors} next={data?.cursor ?? null} />
        </section>
      }
      detail={
        <ValueEditor
          key={`${namespace}/${chosen ?? ''}`}
          namespace={namespace}
          name={chosen}
          done={(key) => {
            setIsNew(false)
            choose(key)
          }}
          close={close}
        />
      }
    />
  )
}
