import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { bucketsQuery, objectsQuery } from '../api/queries.ts'
import { bytes, count, moment } from '../format/format.ts'
import { Find } from '../shell/Find.tsx'
import { PageHead } from '../shell/PageHead.tsx'
import { Pages } from '../shell/Pages.tsx'
import { Split } from '../shell/Split.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { crumbs } from './crumbs.ts'
import { ObjectPanel } from './ObjectPanel.tsx'
import { Uploads } from './Uploads.tsx'

interface Place {
  bucket?: string
  prefix?: string
  q?: string
  key?: string
}

export function R2Page() {
  const search = useSearch({ from: '/r2' })
  const navigate = useNavigate()
  const { data, error, refetch } = useQuery(bucketsQuery)
  const bucket = search.bucket ?? data?.buckets[0]?.name
  const go = (change: Place, replace = false) =>
    void navigate({
      to: '/r2',
      search: { ...search, bucket, ...change },
      replace,
      resetScroll: false,
    })
  return (
    <>
      <PageHead title="R2">
        <label>
          <span className="sr-only">Bucket</span>
          <select
            className="field"
            value={bucket ?? ''}
            onChange={(event) =>
              go({ bucket: event.target.value, prefix: undefined, q: undefined, key: undefined })
            }
          >
            {data?.buckets.map((each) => (
              <option key={each.name} value={each.name}>
                {each.name} ({count(each.objects, 'object')}, {bytes(each.bytes)})
              </option>
            ))}
          </select>
        </label>
      </PageHead>
      {error && <Trouble error={error} retry={() => void refetch()} />}
      {data?.buckets.length === 0 && (
        <p className="empty">
          There is no bucket. Name one in <code>wrangler.toml</code>, under{' '}
          <code>[[r2_buckets]]</code>, or make one with any S3 client.
        </p>
      )}
      {bucket && <Objects key={bucket} bucket={bucket} place={search} go={go} />}
    </>
  )
}

function Objects({
  bucket,
  place,
  go,
}: {
  bucket: string
  place: Place
  go: (change: Place, replace?: boolean) => void
}) {
  const prefix = place.prefix ?? ''
  const text = place.q ?? ''
  const [cursors, setCursors] = useState([''])
  const { data, error } = useQuery(objectsQuery(bucket, prefix, text, cursors.at(-1) ?? ''))
  const enter = (folder: string) => {
    setCursors([''])
    go({ prefix: folder || undefined, key: undefined })
  }
  return (
    <Uploads bucket={bucket} prefix={prefix}>
      <Split
        open={place.key}
        close={() => go({ key: undefined })}
        list={
          <section aria-label="Objects">
            <div className="mb-3 flex flex-wrap gap-2">
              <Find
                label="Part of a key"
                value={text}
                change={(q) => {
                  setCursors([''])
                  go({ q: q || undefined }, true)
                }}
              />
            </div>
            <nav aria-label="Folders" className="mb-2 flex flex-wrap gap-1">
              {crumbs(prefix).map(({ label, path }) => (
                <button key={path} type="button" className="row-link" onClick={() => enter(path)}>
                  {label} /
                </button>
              ))}
            </nav>
            {error && <Trouble error={error} />}
            <table className="rows">
              <thead>
                <tr>
                  <th scope="col">Key</th>
                  <th scope="col" className="number">
                    Size
                  </th>
                  <th scope="col" className="max-sm:hidden">
                    Written
                  </th>
                </tr>
              </thead>
              <tbody>
                {data?.prefixes.map((folder) => (
                  <tr key={folder}>
                    <td colSpan={3}>
                      <button
                        type="button"
                        className="row-link font-semibold"
                        onClick={() => enter(folder)}
                      >
                        {folder.slice(prefix.length)}
                      </button>
                    </td>
                  </tr>
                ))}
                {data?.objects.map((object) => (
                  <tr key={object.key} data-chosen={object.key === place.key ? '' : undefined}>
                    <td>
                      <button
                        type="button"
                        className="row-link"
                        data-row={object.key}
                        aria-expanded={object.key === place.key}
                        onClick={() => go({ key: object.key })}
                      >
                        {text ? object.key : object.key.slice(prefix.length)}
                      </button>
                    </td>
                    <td className="number">{bytes(object.size)}</td>
                    <td className="max-sm:hidden text-muted">{moment(object.uploaded)}</td>
                  </tr>
                ))}
              </tbody>
            </table>
            {data && data.objects.length + data.prefixes.length === 0 && (
              <p className="empty">
                {text
                  ? 'No key fits.'
                  : 'Nothing is here yet. Drop a file on this page to upload it.'}
              </p>
            )}
            <Pages cursors={cursors} setCursors={setCursors} next={data?.cursor ?? null} />
          </section>
        }
        detail={
          place.key !== undefined && (
            <ObjectPanel
              key={place.key}
              bucket={bucket}
              name={place.key}
              gone={() => go({ key: undefined })}
            />
          )
        }
      />
    </Uploads>
  )
}
