import { useEffect, useRef } from 'react'
import { places } from './keys.ts'

const others = [
  ['/', 'go to the search field'],
  ['j, k', 'the next and the previous request'],
  ['Esc', 'leave the field, close what is open'],
  ['?', 'this list'],
] as const

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog ref={dialog} className="dialog" aria-labelledby="help-title" onClose={onClose}>
      <h2 id="help-title" className="text-lg">
        Keys
      </h2>
      <dl className="facts mt-3">
        {places.map(({ key, label }) => (
          <div key={key}>
            <dt>
              <kbd>g</kbd> <kbd>{key}</kbd>
            </dt>
            <dd>{label}</dd>
          </div>
        ))}
        {others.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <button type="button" className="action mt-4" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  )
}
