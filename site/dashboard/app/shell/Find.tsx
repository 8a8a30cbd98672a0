import { useEffect, useRef, useState } from 'react'

/** Milliseconds without a key before the address follows what is typed. */
const pause = 200

/** A search field whose text stands in the address. */
export function Find({
  label,
  value,
  change,
}: {
  label: string
  value: string
  change: (text: string) => void
}) {
  const [text, setText] = useState(value)
  const sent = useRef(value)
  const latest = useRef(change)
  // The address leads: the back button changes the field.
  useEffect(() => {
    if (value === sent.current) return
    sent.current = value
    setText(value)
  }, [value])
  useEffect(() => {
    latest.current = change
  }, [change])
  useEffect(() => {
    if (text === sent.current) return undefined
    const timer = setTimeout(() => {
      sent.current = text
      latest.current(text)
    }, pause)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <input
      type="search"
      data-find=""
      className="field grow"
      aria-label={label}
      placeholder={label}
      autoComplete="off"
      spellCheck={false}
      value={text}
      onChange={(event) => setText(event.target.value)}
    />
  )
}
