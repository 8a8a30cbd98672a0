/** Marks in the outline which section is being read: the last whose heading has passed the upper part of the window. */
export function followReading(outline: HTMLElement): void {
  const sections = [...outline.querySelectorAll<HTMLAnchorElement>('a[href^="#"]')].flatMap(
    (link) => {
      const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)))
      return heading ? [{ link, heading }] : []
    },
  )
  if (sections.length === 0) return

  let scheduled = false
  const mark = () => {
    scheduled = false
    const line = window.innerHeight * 0.25
    const atEnd = window.innerHeight + window.scrollY >= document.documentElement.scrollHeight - 2
    const passed = sections.filter(({ heading }) => heading.getBoundingClientRect().top <= line)
    // A short last section never reaches the line.
    const current = atEnd && window.scrollY > 0 ? sections.at(-1) : passed.at(-1)
    for (const { link } of sections) {
      if (link === current?.link) link.setAttribute('aria-current', 'true')
      else link.removeAttribute('aria-current')
    }
  }
  const schedule = () => {
    if (scheduled) return
    scheduled = true
    requestAnimationFrame(mark)
  }
  document.addEventListener('scroll', schedule, { passive: true })
  window.addEventListener('resize', schedule)
  mark()
}
