/** The folders above a prefix, the bucket first. */
export function crumbs(prefix: string): { label: string; path: string }[] {
  const found = [{ label: 'bucket', path: '' }]
  let path = ''
  for (const part of prefix.split('/').slice(0, -1)) {
    path += `${part}/`
    found.push({ label: part || '∅', path })
  }
  return found
}
