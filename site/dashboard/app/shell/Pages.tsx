/** To the page before and the page behind, by the cursors that led there. */
export function Pages({
  cursors,
  setCursors,
  next,
}: {
  cursors: string[]
  setCursors: (cursors: string[]) => void
  next: string | null
}) {
  if (cursors.length === 1 && next === null) return null
  return (
    <div className="mt-3 flex gap-2">
      <button
        type="button"
        className="action"
        aria-disabled={cursors.length === 1}
        onClick={() => cursors.length > 1 && setCursors(cursors.slice(0, -1))}
      >
        Back
      </button>
      <button
        type="button"
        className="action"
        aria-disabled={next === null}
        onClick={() => next !== null && setCursors([...cursors, next])}
      >
        More
      </button>
    </div>
  )
}
