import { Link } from '@tanstack/react-router'
import { LilypadMark } from '../shell/LilypadMark.tsx'
import { PageTitle } from '../shell/PageTitle.tsx'
import { LiveEdge } from './LiveEdge.tsx'
import { Questions } from './Questions.tsx'
import { RequestPath } from './RequestPath.tsx'
import { WorksToday } from './WorksToday.tsx'

export function HomePage() {
  return (
    <>
      <div className="ripples border-b border-line">
        <div className="ripples-pad" aria-hidden="true">
          <LilypadMark />
        </div>
        <div className="page pb-10">
          <PageTitle title="Lilypad">
            <span className="block max-w-[18ch] text-[clamp(2.1rem,1.4rem+3.4vw,3.75rem)] leading-[1.08]">
              Know what your model calls did
            </span>
          </PageTitle>
          <p className="lede mt-5 max-w-[38rem]!">
            Lilypad will trace every call a program makes to a language model: which version of the
            code made it, what it cost, and whether the answer was any good. Its ground is laid
            first: a build tool and an edge runtime in Swift. Both work today, and they made and
            served this page.
          </p>
          <p className="mt-7 flex flex-wrap gap-3">
            <a href="/docs" className="button">
              Read the docs
            </a>
            <Link to="/status" className="button button-quiet">
              See the edge at work
            </Link>
          </p>
          <LiveEdge />
        </div>
      </div>
      <div className="page grid grid-cols-1 gap-16">
        <WorksToday />
        <RequestPath />
        <Questions />
        <section aria-labelledby="run-it">
          <h2 id="run-it" className="text-2xl">
            Run it
          </h2>
          <p className="mt-2 max-w-[44rem] text-muted">
            On Debian 12 with Swift 6.3, in a clone of the repository. The first run installs what
            is missing; the second has nothing left to do.
          </p>
          <pre className="mt-4 max-w-[44rem] rounded-xl border border-line bg-raised p-5 leading-7 whitespace-pre-wrap">
            <code>
              {'make dev    '}
              <span className="text-muted"># the site at http://127.0.0.1:8787</span>
              {'\nmake test   '}
              <span className="text-muted"># every test, in a real browser too</span>
            </code>
          </pre>
        </section>
      </div>
    </>
  )
}
