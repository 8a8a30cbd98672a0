import { PageTitle } from '../shell/PageTitle.tsx'
import { formatTime } from './format.ts'
import { StatusDetails } from './StatusDetails.tsx'
import { StatusHeadline } from './StatusHeadline.tsx'
import { useStatus } from './useStatus.ts'

export function StatusPage() {
  const { state, data, problem, isFetching, dataUpdatedAt, refetch } = useStatus()
  return (
    <div className="page">
      <PageTitle title="Status" />
      <p className="lede mt-3">
        What the edge that served this page says of itself. Asked again every five seconds while the
        page is in front of you.
      </p>

      <section className="mt-8 rounded-xl border border-line bg-raised p-5 sm:p-7">
        <div className="flex flex-wrap items-center gap-x-6 gap-y-4">
          <div className="min-w-0">
            <StatusHeadline state={state} problem={problem} />
            {dataUpdatedAt > 0 && (
              <p className="mt-1 text-sm text-muted">
                {state === 'up' ? 'Last answer at ' : 'Below is its last answer, from '}
                <time dateTime={new Date(dataUpdatedAt).toISOString()}>
                  {formatTime(dataUpdatedAt)}
                </time>
              </p>
            )}
          </div>
          <button
            type="button"
            className="button button-quiet sm:ms-auto"
            aria-disabled={isFetching}
            onClick={() => void refetch()}
          >
            {problem ? 'Try again' : 'Ask now'}
          </button>
        </div>
        {data && <StatusDetails status={data} />}
      </section>
    </div>
  )
}
