import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { segment, send } from '../api/http.ts'
import { valueQuery } from '../api/queries.ts'
import type { KVValue } from '../api/types.ts'
import { bytes, jsonProblem, pretty } from '../format/format.ts'
import { Ask } from '../shell/Ask.tsx'
import { DetailTitle } from '../shell/DetailTitle.tsx'
import { Trouble } from '../shell/Trouble.tsx'
import { useChange } from '../shell/useChange.ts'
import { draftOf, type KVDraft, metadataOf } from './draft.ts'

/** One value to read and to change; without a name, a new one. */
export function ValueEditor({
  namespace,
  name,
  done,
  close,
}: {
  namespace: string
  name: string | undefined
  done: (key: string | undefined) => void
  close: () => void
}) {
  const { data, error } = useQuery({
    ...valueQuery(namespace, name ?? ''),
    enabled: name !== undefined,
  })
  if (name === undefined)
    return <Form namespace={namespace} value={undefined} done={done} close={close} />
  if (error) return <Trouble error={error} />
  return data ? <Form namespace={namespace} value={data} done={done} close={close} /> : null
}

function Form({
  namespace,
  value,
  done,
  close,
}: {
  namespace: string
  value: KVValue | undefined
  done: (key: string | undefined) => void
  close: () => void
}) {
  // Nothing typed: what somebody else writes is shown at once.
  const [edited, setEdited] = useState<KVDraft | null>(null)
  const draft = edited ?? draftOf(value)
  const [isAsking, setIsAsking] = useState(false)
  const [isSaved, setIsSaved] = useState(false)
  const change = useChange('kv')
  const path = `/api/kv/${segment(namespace)}/values/${segment(draft.name)}`
  const metadata = metadataOf(draft.metadata)
  const problem = value?.base64 ? undefined : jsonProblem(draft.text)
  const isReadOnly = value?.truncated ?? false
  const edit = (part: Partial<KVDraft>) => {
    setIsSaved(false)
    setEdited({ ...draft, ...part })
  }
  const save = async () => {
    if (metadata.problem || isReadOnly || draft.name === '') return
    const ok = await change.run(() =>
      send('PUT', path, {
        value: draft.text,
        base64: value?.base64 ?? false,
        metadata: metadata.value,
        expiration: draft.expiration ? Math.floor(Date.parse(draft.expiration) / 1000) : null,
      }),
    )
    if (!ok) return
    setEdited(null)
    setIsSaved(true)
    if (value === undefined) done(draft.name)
  }
  return (
    <>
      <form
        className="panel"
        aria-label={value ? `Value of ${value.name}` : 'New key'}
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <div className="flex items-start gap-2">
          <DetailTitle>{value ? value.name : 'New key'}</DetailTitle>
          <button type="button" className="action" onClick={close}>
            Close
          </button>
        </div>
        {!value && (
          <label className="mt-2 block">
            Key
            <input
              className="field mt-1 w-full"
              required
              autoComplete="off"
              value={draft.name}
              onChange={(event) => edit({ name: event.target.value })}
            />
          </label>
        )}
        <label className="mt-2 block">
          Value{value && `, ${bytes(value.size)}`}
          {value?.base64 && ', not text: shown in base64'}
          {isReadOnly && ', too long to be edited here: only its beginning is shown'}
          <textarea
            className="field mt-1"
            spellCheck={false}
            readOnly={isReadOnly}
            value={draft.text}
            onChange={(event) => edit({ text: event.target.value })}
          />
        </label>
        {problem && <p className="mt-1 text-bloom">As JSON this is not complete: {problem}</p>}
        <div className="mt-3 grid gap-3 sm:grid-cols-2">
          <label className="block">
            Metadata, as JSON
            <input
              className="field mt-1 w-full font-mono"
              autoComplete="off"
              value={draft.metadata}
              onChange={(event) => edit({ metadata: event.target.value })}
            />
          </label>
          <label className="block">
            Expires
            <input
              className="field mt-1 w-full"
              type="datetime-local"
              value={draft.expiration}
              onChange={(event) => edit({ expiration: event.target.value })}
            />
          </label>
        </div>
        {metadata.problem && <p className="mt-1 text-bloom">{metadata.problem}</p>}
        {change.error && <Trouble error={change.error} />}
        <div className="mt-3 flex flex-wrap items-center gap-2">
          <button
            type="submit"
            className="action action-main"
            aria-disabled={change.isBusy || isReadOnly || metadata.problem !== undefined}
          >
            Save
          </button>
          {!value?.base64 && (
            <button
              type="button"
              className="action"
              onClick={() => edit({ text: pretty(draft.text) })}
            >
              Tidy JSON
            </button>
          )}
          {value && (
            <a className="action" href={`${path}?download`} download>
              Download
            </a>
          )}
          {value && (
            <button type="button" className="action action-bad" onClick={() => setIsAsking(true)}>
              Delete
            </button>
          )}
          <span role="status" className="text-leaf">
            {isSaved && 'Saved.'}
          </span>
        </div>
      </form>
      {isAsking && (
        <Ask
          title={`Delete ${draft.name}?`}
          action="Delete"
          onNo={() => setIsAsking(false)}
          onYes={() => {
            setIsAsking(false)
            // Closed first: what is gone need not be asked for again.
            void change.run(async () => {
              await send('DELETE', path)
              done(undefined)
            })
          }}
        />
      )}
    </>
  )
}
