// Resolving as the bundler does, without its cache.

import { readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { root } from './build'

const extensions = ['.tsx', '.ts', '.jsx', '.js', '.mjs', '.json', '.css']

/** A file, `null` for a package (the import map's business), `undefined` when nothing is there. */
export function resolveModule(specifier: string, importer: string): string | null | undefined {
  if (/^(data|https?|blob):/.test(specifier)) return null
  if (specifier.startsWith('/')) return undefined
  if (specifier.startsWith('.')) return resolveFile(resolve(dirname(importer), specifier))
  return resolveAlias(specifier) ?? null
}

function resolveFile(path: string): string | undefined {
  const isFile = (name: string) => statSync(name, { throwIfNoEntry: false })?.isFile() ?? false
  if (isFile(path)) return path
  // TypeScript lets an import say `.js` for a file that is `.ts`.
  const spelled = path.match(/^(.*)\.(m?)jsx?$/)
  if (spelled)
    for (const ending of ['.ts', '.tsx', '.mts'])
      if (isFile(spelled[1] + ending)) return spelled[1] + ending
  for (const extension of extensions) if (isFile(path + extension)) return path + extension
  for (const extension of extensions)
    if (isFile(join(path, `index${extension}`))) return join(path, `index${extension}`)
  return undefined
}

/** `paths` of the site's tsconfig.json, read anew each time because it is small and may change. */
export function resolveAlias(specifier: string): string | undefined {
  let options: { baseUrl?: string; paths?: Record<string, string[]> } | undefined
  try {
    const text = readFileSync(join(root, 'tsconfig.json'), 'utf8')
    options = (
      Bun as unknown as { JSONC: { parse(text: string): { compilerOptions?: typeof options } } }
    ).JSONC.parse(text).compilerOptions
  } catch {
    return undefined
  }
  const base = resolve(root, options?.baseUrl ?? '.')
  for (const [pattern, targets] of Object.entries(options?.paths ?? {})) {
    const [head, tail] = pattern.split('*')
    const wild = tail !== undefined
    if (wild ? !specifier.startsWith(head!) || !specifier.endsWith(tail) : specifier !== pattern)
      continue
    const middle = wild ? specifier.slice(head!.length, specifier.length - tail.length) : ''
    for (const target of targets) {
      const file = resolveFile(resolve(base, target.replace('*', middle)))
      if (file) return file
    }
  }
  return undefined
}
