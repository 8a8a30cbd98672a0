import { type ReactNode, useEffect, useRef, useState } from 'react'

/**
 * A question before something is lost. The dialog is the browser's own: it keeps the focus, and Escape closes it.
 *
 * With `word`, the person types it before the button works.
 */
export function Ask({
  title,
  action,
  word,
  children,
  onYes,
  onNo,
}: {
  title: string
  action: string
  word?: string
  children?: ReactNode
  onYes: () => void
  onNo: () => void
}) {
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  useEffect(() => dialog.current?.showModal(), [])
  const isReady = word === undefined || typed === word
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="ask-title" onClose={onNo}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault()
          if (isReady) onYes()
        }}
      >
        <h2 id="ask-title" className="text-lg">
          {title}
        </h2>
        {children}
        {word !== undefined && (
          <label className="mt-3 block">
            Type <strong>{word}</strong> to go on
            <input
              className="field mt-1 w-full"
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.target.value)}
            />
          </label>
        )}
        <div className="mt-4 flex justify-end gap-2">
          <button type="button" className="action" onClick={() => dialog.current?.close()}>
            Cancel
          </button>
          <button type="submit" className="action action-bad" aria-disabled={!isReady}>
            {action}
          </button>
        </div>
      </form>
    </dialog>
  )
}
