import { type ReactNode, useEffect } from 'react'

/** The heading of a page, which names the document too. Focus comes here after a navigation. */
export function PageHead({ title, children }: { title: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = `${title} · Lilypad, local`
  }, [title])
  return (
    <div className="page-head">
      <h1 tabIndex={-1}>{title}</h1>
      {children}
    </div>
  )
}
