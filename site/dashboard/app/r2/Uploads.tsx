import { type ReactNode, useId, useState } from 'react'
import { segment, upload } from '../api/http.ts'
import { Trouble } from '../shell/Trouble.tsx'
import { useChange } from '../shell/useChange.ts'

/** Takes files, chosen or dropped, into the folder that is open. */
export function Uploads({
  bucket,
  prefix,
  children,
}: {
  bucket: string
  prefix: string
  children: ReactNode
}) {
  const change = useChange('r2')
  const [progress, setProgress] = useState<{ name: string; part: number } | null>(null)
  const [isOver, setIsOver] = useState(false)
  const [done, setDone] = useState('')
  const field = useId()

  const take = (files: FileList | null) => {
    if (!files || files.length === 0) return
    const list = [...files]
    setDone('')
    void change
      .run(async () => {
        for (const file of list) {
          setProgress({ name: file.name, part: 0 })
          const path = `/api/r2/${segment(bucket)}/objects/${segment(prefix + file.name)}`
          await upload(path, file, (part) => setProgress({ name: file.name, part }))
        }
      })
      .then((ok) => {
        setProgress(null)
        if (ok)
          setDone(
            list.length === 1
              ? `${list[0]?.name} is uploaded.`
              : `${list.length} files are uploaded.`,
          )
      })
  }
  return (
    <div
      className="drop"
      data-over={isOver ? '' : undefined}
      onDragOver={(event) => {
        event.preventDefault()
        setIsOver(true)
      }}
      onDragLeave={() => setIsOver(false)}
      onDrop={(event) => {
        event.preventDefault()
        setIsOver(false)
        take(event.dataTransfer.files)
      }}
    >
      <div className="mb-3 flex flex-wrap items-center gap-3">
        <label htmlFor={field} className="text-muted">
          Upload to {prefix || 'the bucket'}
        </label>
        <input
          id={field}
          type="file"
          multiple
          className="field max-w-full"
          onChange={(event) => {
            take(event.target.files)
            event.target.value = ''
          }}
        />
        {progress && (
          <span className="flex items-center gap-2">
            <progress value={progress.part} max={1} aria-label={`Upload of ${progress.name}`} />
            {progress.name}
          </span>
        )}
        <span role="status" className="text-leaf">
          {done}
        </span>
      </div>
      {change.error && <Trouble error={change.error} />}
      {children}
    </div>
  )
}
