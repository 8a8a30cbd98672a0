const steps = [
  {
    name: 'Limits',
    text: 'Address, headers and time are bounded before anything looks at the request.',
  },
  {
    name: 'Assets',
    text: 'A path that names a file is answered from memory, packed as the browser prefers.',
  },
  {
    name: 'Worker',
    text: 'Everything under /api is Swift: a function from a request to a response.',
  },
  {
    name: 'Bindings',
    text: 'What the Worker may use is named in wrangler.toml, the same on every host.',
  },
]

export function RequestPath() {
  return (
    <section aria-labelledby="request-path">
      <h2 id="request-path" className="text-2xl">
        How a request travels
      </h2>
      <ol className="mt-6 grid gap-px overflow-hidden rounded-xl border border-line bg-line sm:grid-cols-2 lg:grid-cols-4">
        {steps.map(({ name, text }, index) => (
          <li key={name} className="bg-raised p-5">
            <p className="font-mono text-sm text-leaf" aria-hidden="true">
              {index + 1}
            </p>
            <h3 className="mt-1 text-base">{name}</h3>
            <p className="mt-1.5 text-[0.95rem] text-muted">{text}</p>
          </li>
        ))}
      </ol>
    </section>
  )
}
