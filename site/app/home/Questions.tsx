const questions = [
  [
    'What happened in this call?',
    'Traces as a tree and on a time line, with the messages readable.',
  ],
  ['Which code did it?', 'Every function version by its source, and the difference between two.'],
  ['What did it cost?', 'Tokens and money per call, per version, per model.'],
  ['Was the answer good?', 'Pass or fail with a reason, beside the trace it is about.'],
] as const

export function Questions() {
  return (
    <section aria-labelledby="questions">
      <h2 id="questions" className="text-2xl">
        What it is being built to answer
      </h2>
      <p className="mt-2 max-w-[44rem] text-muted">
        None of this is here yet. It comes on top of what stands above, one working piece at a time.
      </p>
      <dl className="mt-6 divide-y divide-line border-y border-line">
        {questions.map(([question, answer]) => (
          <div key={question} className="grid gap-x-8 gap-y-1 py-4 sm:grid-cols-[16rem_1fr]">
            <dt className="font-semibold">{question}</dt>
            <dd className="text-muted">{answer}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
