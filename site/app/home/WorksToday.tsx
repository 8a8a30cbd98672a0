const parts = [
  {
    name: 'Build',
    command: 'lilypad build',
    text: 'Bundles this application and the documentation into files named by their content. Change one word on one page and one file gets a new name, so a returning visitor loads little more than that word. The same commit gives the same bytes on every machine.',
  },
  {
    name: 'Edge',
    command: 'lilypad-edge emulate',
    text: 'Serves the bundle by Cloudflare’s rules for static assets, headers and redirects, each checked against recorded cases. Answers are packed, conditional and in ranges where a browser asks for it. Handlers are plain Swift.',
  },
  {
    name: 'Documentation',
    command: '/docs',
    text: 'Markdown becomes static pages that read well without JavaScript. Code is coloured at build time, links are checked, and the full-text search runs in your browser on an index of the same build.',
  },
  {
    name: 'Development',
    command: 'lilypad dev',
    text: 'A saved component is swapped in the open page and keeps its state. A mistake appears over the page with its place in the source, and goes when it is fixed. Changed Swift is rebuilt behind the running edge.',
  },
]

export function WorksToday() {
  return (
    <section aria-labelledby="works-today">
      <h2 id="works-today" className="text-2xl">
        What works today
      </h2>
      <ul className="mt-6 grid gap-x-12 gap-y-9 sm:grid-cols-2">
        {parts.map(({ name, command, text }) => (
          <li key={name} className="border-t-2 border-leaf pt-4">
            <h3 className="flex flex-wrap items-baseline justify-between gap-x-4 text-lg">
              {name}
              <code className="text-sm font-normal text-muted">{command}</code>
            </h3>
            <p className="mt-2 text-muted">{text}</p>
          </li>
        ))}
      </ul>
    </section>
  )
}
