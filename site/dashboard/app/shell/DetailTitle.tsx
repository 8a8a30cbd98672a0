import { type ReactNode, useEffect, useRef } from 'react'

/** The heading of what was opened beside a list. The focus comes here, so that it is read out and in sight. */
export function DetailTitle({ children }: { children: ReactNode }) {
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  return (
    <h2
      id="detail-title"
      ref={title}
      tabIndex={-1}
      className="min-w-0 grow self-center font-mono text-sm wrap-anywhere"
    >
      {children}
    </h2>
  )
}
