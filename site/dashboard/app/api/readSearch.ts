/** Parameters of a page's address, each a text or absent: `?q=7` reads as a number and is still a text. */
export function readSearch<const Name extends string>(...names: Name[]) {
  return (search: Record<string, unknown>): { [N in Name]?: string } => {
    const found: { [N in Name]?: string } = {}
    for (const name of names) {
      const value = search[name]
      if (value !== undefined && value !== null && typeof value !== 'object' && value !== '') {
        found[name] = String(value)
      }
    }
    return found
  }
}
