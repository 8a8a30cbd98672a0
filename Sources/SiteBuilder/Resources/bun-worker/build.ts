// Calls to Bun.build, its failures as data, and the names of files.

import { realpathSync } from 'node:fs'
import { relative, resolve } from 'node:path'

export type Text = Record<string, string>
type Position = { file: string; line: number; column: number; lineText: string } | null
type Log = {
  message: string
  level?: string
  position?: Position
  code?: string
  specifier?: string
  name?: string
}
export type Problem = {
  level: 'error' | 'warning'
  message: string
  file?: string
  line?: number
  column?: number
  lineText?: string
  specifier?: string
}
export type Plugin = { name: string; setup(build: PluginBuilder): void }
type ResolveArguments = { path: string; importer: string; kind: string }
type PluginBuilder = {
  onResolve(
    options: { filter: RegExp },
    callback: (
      a: ResolveArguments,
    ) => { path: string; namespace?: string; external?: boolean } | undefined,
  ): void
  onLoad(
    options: { filter: RegExp; namespace?: string },
    callback: (a: { path: string }) => { contents: string; loader: string },
  ): void
}
type Metafile = {
  inputs: Record<
    string,
    {
      format?: string
      imports: { path: string; kind: string; external?: boolean; original?: string }[]
    }
  >
  outputs: Record<
    string,
    {
      entryPoint?: string
      inputs: Record<string, unknown>
      imports: { path: string; kind: string }[]
      exports: string[]
      cssBundle?: string
    }
  >
}
type Built = {
  success: boolean
  logs: Log[]
  outputs: { path: string; kind: string; text(): Promise<string> }[]
  metafile: Metafile
}

/** Thrown with everything that is wrong, already as data. */
export class Refused extends Error {
  constructor(readonly problems: Problem[]) {
    super(problems[0]?.message ?? 'The build failed.')
  }
}

// The working directory is the site folder; with links resolved, because Bun names files by their real path.
export const root = realpathSync(process.cwd())

/** Bun's own type lacks some of the options used here, so it is called through this narrower door. */
export async function build(options: Record<string, unknown>): Promise<Built> {
  let built: Built
  try {
    built = (await (Bun.build as unknown as (o: unknown) => Promise<Built>)({
      target: 'browser',
      format: 'esm',
      metafile: true,
      throw: false,
      ...options,
    })) as Built
  } catch (error) {
    throw new Refused([
      { level: 'error', message: error instanceof Error ? error.message : String(error) },
    ])
  }
  if (!built.success) throw new Refused(built.logs.map(problem))
  return built
}

export function problem(log: Log): Problem {
  const found: Problem = {
    level: log.level === 'error' || !log.level ? 'error' : 'warning',
    message: log.message,
  }
  if (log.specifier) found.specifier = log.specifier
  if (log.position?.file) {
    found.file = sitePath(log.position.file)
    if (log.position.line > 0) {
      found.line = log.position.line
      found.column = log.position.column
      found.lineText = log.position.lineText
    }
  }
  return found
}

/**
 * A file's name without the place of the checkout: relative to the site, or from the package's name on for an
 * installed package wherever it is really stored.
 */
export function sitePath(path: string): string {
  const inside = relative(root, path.startsWith('/') ? path : resolve(root, path))
  if (!inside.startsWith('../')) return inside
  const packages = inside.indexOf('node_modules/')
  return packages >= 0 ? inside.slice(packages) : inside.replace(/^(\.\.\/)+/, '')
}

export const stripDebugId = (code: string) => code.replace(/\n*\/\/# debugId=[0-9A-F]+\s*$/, '\n')
