import type { ReactNode } from 'react'
import { formatDuration, shortHash } from './format.ts'
import type { Status } from './status.ts'

export function StatusDetails({ status }: { status: Status }) {
  const { version, bundle, environment, uptimeSeconds, bindings } = status
  return (
    <>
      <dl className="mt-6 grid gap-x-8 gap-y-5 border-t border-line pt-6 sm:grid-cols-2 lg:grid-cols-4">
        <Fact name="Version">{version}</Fact>
        <Fact name="Up for">{formatDuration(uptimeSeconds)}</Fact>
        <Fact name="Environment">{environment}</Fact>
        <Fact name="Bundle">
          {bundle === null ? 'none' : <code title={bundle}>{shortHash(bundle)}</code>}
        </Fact>
      </dl>
      <h2 className="mt-8 text-base">Bindings</h2>
      {bindings.length === 0 ? (
        <p className="mt-2 text-muted">The Worker has none.</p>
      ) : (
        <table className="mt-3 w-full text-start">
          <caption className="sr-only">What the Worker may use</caption>
          <thead>
            <tr className="border-b border-line text-sm text-muted">
              <th scope="col" className="py-2 pe-4 text-start font-normal">
                Name
              </th>
              <th scope="col" className="py-2 text-start font-normal">
                Kind
              </th>
            </tr>
          </thead>
          <tbody>
            {bindings.map(({ name, kind }) => (
              <tr key={name} className="border-b border-line last:border-0">
                <th scope="row" className="py-2.5 pe-4 text-start font-normal">
                  <code className="wrap-anywhere">{name}</code>
                </th>
                <td className="py-2.5 wrap-anywhere">{kind}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt className="text-sm text-muted">{name}</dt>
      <dd className="mt-0.5 text-lg">{children}</dd>
    </div>
  )
}
