import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { segment, send } from '../api/http.ts'
import { objectQuery } from '../api/queries.ts'
import { bytes, moment } from '../format/format.ts'
import { Ask } from '../shell/Ask.tsx'
import { DetailTitle } from '../shell/DetailTitle.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { useChange } from '../shell/useChange.ts'

/** What is known of one object, and what can be done with it. */
export function ObjectPanel({
  bucket,
  name,
  gone,
}: {
  bucket: string
  name: string
  gone: () => void
}) {
  const { data, error } = useQuery(objectQuery(bucket, name))
  const [isAsking, setIsAsking] = useState(false)
  const change = useChange('r2')
  const path = `/api/r2/${segment(bucket)}/objects/${segment(name)}`
  if (error) return <Trouble error={error} />
  if (!data) return null
  const groups = [
    ['HTTP metadata', data.httpMetadata],
    ['Custom metadata', data.customMetadata],
    ['Checksums', data.checksums],
  ] as const
  return (
    <section className="panel" aria-label={`Object ${name}`}>
      <div className="mb-2 flex items-start gap-2">
        <DetailTitle>{data.key}</DetailTitle>
        <button type="button" className="action" onClick={gone}>
          Close
        </button>
      </div>
      <dl className="facts">
        <div>
          <dt>Size</dt>
          <dd>
            {bytes(data.size)} ({data.size.toLocaleString('en')} bytes)
          </dd>
        </div>
        <div>
          <dt>Written</dt>
          <dd>{moment(data.uploaded)}</dd>
        </div>
        <div>
          <dt>ETag</dt>
          <dd>
            <code>{data.etag}</code>
          </dd>
        </div>
        <div>
          <dt>Storage class</dt>
          <dd>{data.storageClass}</dd>
        </div>
      </dl>
      {groups
        .filter(([, entries]) => Object.keys(entries).length > 0)
        .map(([title, entries]) => (
          <div key={title}>
            <h3 className="mt-3 text-sm text-muted">{title}</h3>
            <dl className="facts">
              {Object.entries(entries).map(([field, value]) => (
                <div key={field}>
                  <dt>{field}</dt>
                  <dd>
                    <code>{value}</code>
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      {change.error && <Trouble error={change.error} />}
      {data.encrypted ? (
        <p className="mt-3 text-muted">
          It is encrypted with a key that only its owner has, so it cannot be read here.
        </p>
      ) : null}
      <div className="mt-3 flex flex-wrap gap-2">
        {!data.encrypted && (
          <a className="action action-main" href={`${path}?download`} download>
            Download
          </a>
        )}
        <button type="button" className="action action-bad" onClick={() => setIsAsking(true)}>
          Delete
        </button>
      </div>
      {isAsking && (
        <Ask
          title={`Delete ${name}?`}
          action="Delete"
          onNo={() => setIsAsking(false)}
          onYes={() => {
            setIsAsking(false)
            // Closed first: what is gone need not be asked for again.
            void change.run(async () => {
              await send('DELETE', path)
              gone()
            })
          }}
        />
      )}
    </section>
  )
}
