import { type ReactNode, useEffect, useRef } from 'react'
import { isTyping } from './keys.ts'

/**
 * A list, and beside it what is open of it; on a narrow screen one in place of the other. Escape closes, and the focus
 * goes back to the row: the element with `data-row` of that name.
 */
export function Split({
  open,
  close,
  list,
  detail,
}: {
  /** The name of the row that is open. */
  open: string | undefined
  close: () => void
  list: ReactNode
  detail: ReactNode
}) {
  const before = useRef<string | undefined>(undefined)
  useEffect(() => {
    const last = before.current
    before.current = open
    if (open !== undefined || last === undefined) return
    // A dialog that asked before the row went has given the focus back to nobody.
    for (const row of document.querySelectorAll<HTMLElement>('[data-row]')) {
      if (row.dataset['row'] === last) row.focus()
    }
  }, [open])

  const latest = useRef(close)
  useEffect(() => {
    latest.current = close
  })
  useEffect(() => {
    if (open === undefined) return undefined
    const listener = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || isTyping(event.target)) return
      if (document.querySelector('dialog[open]')) return
      event.preventDefault()
      latest.current()
    }
    document.addEventListener('keydown', listener)
    return () => document.removeEventListener('keydown', listener)
  }, [open])

  return (
    <div className="split" data-open={open === undefined ? undefined : ''}>
      <div className="split-list">{list}</div>
      {open !== undefined && <div className="split-detail">{detail}</div>}
    </div>
  )
}
