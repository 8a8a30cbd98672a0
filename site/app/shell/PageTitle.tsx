import { type ReactNode, useEffect } from 'react'

const siteTitle = 'Lilypad'

/** The heading of a page, which names the document too. Focus comes here after a navigation. */
export function PageTitle({ title, children }: { title: string; children?: ReactNode }) {
  useEffect(() => {
    document.title = title === siteTitle ? siteTitle : `${title} · ${siteTitle}`
  }, [title])
  return (
    <h1 className="page-title" tabIndex={-1}>
      {children ?? title}
    </h1>
  )
}
