/** What a message's body is, from what was typed. */
export function bodyOf(text: string, kind: 'json' | 'text'): { value?: unknown; problem?: string } {
  if (kind === 'text') return { value: text }
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { problem: `This is no JSON: ${error instanceof Error ? error.message : error}` }
  }
}
