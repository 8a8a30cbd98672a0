import { Link } from '@tanstack/react-router'

export function Footer() {
  return (
    <footer className="site-footer">
      <div className="site-footer-inner">
        <p>Lilypad: see what your model calls did, which code did it, and what it cost.</p>
        <p className="flex flex-wrap gap-x-5">
          <a href="/docs">Documentation</a>
          <a href="/llms.txt">llms.txt</a>
          <Link to="/status" activeProps={{}}>
            Status
          </Link>
        </p>
      </div>
    </footer>
  )
}
