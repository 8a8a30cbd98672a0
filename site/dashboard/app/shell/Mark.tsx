/** A leaf on the water, from above. */
export function Mark() {
  return (
    <svg viewBox="0 0 32 32" aria-hidden="true" focusable="false" className="mark">
      <path fill="currentColor" d="M16 17 26.6 5.6A15 15 0 1 1 20.9 1.8Z" />
      <circle className="mark-flower" cx="24.6" cy="2.9" r="2.4" />
    </svg>
  )
}
