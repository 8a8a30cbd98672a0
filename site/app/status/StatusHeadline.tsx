import { Beacon } from './Beacon.tsx'

interface Props {
  isPaused: boolean
  error: Error | null
  hasData: boolean
}

/** One sentence on how things stand. It is read out when it changes, and only then. */
export function StatusHeadline({ isPaused, error, hasData }: Props) {
  const [state, sentence, detail] = isPaused
    ? (['unknown', 'You are offline', 'The page asks again when the network is back.'] as const)
    : error
      ? (['down', 'The edge does not answer', error.message] as const)
      : hasData
        ? (['up', 'The edge is answering', undefined] as const)
        : (['unknown', 'Asking the edge…', undefined] as const)
  return (
    <div role="status" className="min-w-0">
      <p className="flex items-center gap-3.5 text-lg font-semibold">
        <Beacon state={state} />
        {sentence}
      </p>
      {detail && <p className="mt-1 text-sm text-muted">{detail}</p>}
    </div>
  )
}
