// One entry with everything it imports, as finished files.

import { join, posix } from 'node:path'
import {
  build,
  problem,
  Refused,
  root,
  sitePath,
  stripDebugId,
  type Problem,
  type Text,
} from './build'
import { assetPlugin, externalPlugin, ignorePlugin, type Assets } from './imports'
import { composeMaps, siteMap, type SourceMap } from './maps'

type BundleRequest = {
  /** Site-relative. A name listed in `files` need not exist on disk. */
  entrypoint: string
  files: Text
  format: 'esm' | 'iife'
  splitting: boolean
  minify: boolean
  define: Text
  /** Specifiers to leave to the import map; with `packages` all that name a package. */
  external: string[]
  packages: boolean
  assetPrefix: string
  ignoredStyles: string[]
}

type BundledFile = {
  /** What other files import it by: `~/NAME`. */
  name: string
  isEntry: boolean
  entryPoint?: string
  inputs: string[]
  imports: { path: string; kind: string }[]
  exports: string[]
  code: string
  map: SourceMap
}

/**
 * Two passes. Bun's minifier picks its short names by how often letters occur in the *whole* program, so one changed
 * word in one route renames variables in files that did not change. The first pass therefore splits without renaming;
 * the second minifies every file alone, and only then is a file's text a function of its own sources.
 */
export async function bundle(request: BundleRequest) {
  const entry = join(root, request.entrypoint)
  const virtual = Object.fromEntries(
    Object.entries(request.files).map(([path, text]) => [join(root, path), text]),
  )
  const assets: Assets = { prefix: request.assetPrefix, found: new Map() }
  const first = await build({
    entrypoints: [entry],
    files: virtual,
    root,
    splitting: request.splitting,
    minify: request.minify ? { syntax: true, whitespace: false, identifiers: false } : false,
    sourcemap: 'external',
    packages: request.packages ? 'external' : 'bundle',
    define: request.define,
    publicPath: '~/',
    modulePreload: false,
    naming: {
      entry: '[name]-[hash].[ext]',
      chunk: '[name]-[hash].[ext]',
      asset: '[name]-[hash].[ext]',
    },
    plugins: [
      ignorePlugin(request.ignoredStyles),
      externalPlugin(request.external),
      assetPlugin(assets),
    ],
  })

  const texts = new Map<string, string>()
  for (const output of first.outputs) texts.set(posix.normalize(output.path), await output.text())
  const outputs = Object.entries(first.metafile.outputs)
    .map(([path, output]) => ({ path: posix.normalize(path), ...output }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const names = stableNames(outputs.filter((output) => output.path.endsWith('.js')))

  const scripts = outputs.filter((output) => output.path.endsWith('.js') && texts.has(output.path))
  const isEntry = (output: { entryPoint?: string }) =>
    output.entryPoint !== undefined && sitePath(output.entryPoint) === request.entrypoint
  const files: BundledFile[] = await Promise.all(
    scripts.map(async (output) => {
      const text = stripDebugId(renameChunks(texts.get(output.path)!, names))
      const map = siteMap(
        texts.get(`${output.path}.map`) ?? '{"sources":[],"sourcesContent":[],"mappings":""}',
      )
      const finished = await finish(text, map, request)
      return {
        name: `~/${names.get(output.path)}`,
        isEntry: isEntry(output),
        entryPoint: output.entryPoint === undefined ? undefined : sitePath(output.entryPoint),
        inputs: Object.keys(output.inputs).map(inputPath).sort(),
        imports: finished.imports,
        exports: [...output.exports].sort(),
        code: finished.code,
        map: finished.map,
      }
    }),
  )
  // Bun merges the styles of lazy routes into the entry's and emits them again apart; nothing loads the latter.
  const sheet = outputs.find((output) => output.path.endsWith('.css') && isEntry(output))
  const styles = sheet ? await finishStyles(texts.get(sheet.path) ?? '', request.minify) : ''
  files.sort((a, b) => Number(b.isEntry) - Number(a.isEntry) || (a.name < b.name ? -1 : 1))
  const inputs = Object.entries(first.metafile.inputs)
    .map(([path, input]) => ({
      path: inputPath(path),
      format: input.format ?? '',
      imports: input.imports.map(({ path, kind, external, original }) => ({
        path: external ? path : inputPath(path),
        kind,
        external: external ?? false,
        original: original ?? path,
      })),
    }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const found = [...assets.found]
    .map(([url, file]) => ({ url, file }))
    .sort((a, b) => (a.url < b.url ? -1 : 1))
  const warnings = [...first.logs.map(problem), ...unknownVariables(files)]
  return { files, styles, assets: found, inputs, warnings }
}

/** Reads of `process.env` that no definition has replaced: browsers have no `process`. */
function unknownVariables(files: BundledFile[]): Problem[] {
  const found: Problem[] = []
  for (const file of files) {
    const names = new Set(
      [...file.code.matchAll(/\bprocess\.env\.([A-Za-z_]\w*)/g)].map((match) => match[0]),
    )
    file.map.sources.forEach((source, i) => {
      if (source.includes('node_modules/')) return
      for (const [index, lineText] of (file.map.sourcesContent[i] ?? '').split('\n').entries()) {
        for (const name of names) {
          const column = lineText.indexOf(name) + 1
          const message = `${name} does not exist in the browser`
          if (column > 0)
            found.push({
              level: 'warning',
              message,
              file: source,
              line: index + 1,
              column,
              lineText,
            })
        }
      }
    })
  }
  return found
}

/** A metafile's name of an input, without its namespace: `asset:app/logo.png` is `app/logo.png`. */
function inputPath(path: string): string {
  const bare = path.replace(/^[a-z-]+:/, '')
  return bare === path || bare.startsWith('/') ? sitePath(bare) : bare
}

/**
 * Chunk names that depend on which modules a chunk holds, not on what is in them. They are as long as Bun's, so that
 * putting them in its place moves no column of the source map.
 */
function stableNames(
  chunks: { path: string; entryPoint?: string; inputs: Record<string, unknown> }[],
) {
  const names = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const chunk of chunks) {
    const inputs = Object.keys(chunk.inputs).map(inputPath).sort()
    const identity = JSON.stringify([
      chunk.entryPoint === undefined ? null : sitePath(chunk.entryPoint),
      inputs,
    ])
    const hash = new Bun.CryptoHasher('sha256').update(identity).digest('hex').slice(0, 8)
    const name = chunk.path.replace(/-[0-9a-z]{8}\.js$/, `-${hash}.js`)
    if (name.length !== chunk.path.length || taken.has(name)) {
      throw new Refused([
        { level: 'error', message: `Two files of the bundle would both be called ${name}.` },
      ])
    }
    taken.set(name, chunk.path)
    names.set(chunk.path, name)
  }
  return names
}

function renameChunks(text: string, names: Map<string, string>): string {
  let renamed = text
  for (const [path, name] of names) renamed = renamed.replaceAll(`"~/${path}"`, `"~/${name}"`)
  return renamed
}

/** The second pass over one file. Everything it imports stays as it is. */
async function finish(code: string, map: SourceMap, request: BundleRequest) {
  const path = join(root, 'file.js')
  const second = await build({
    entrypoints: [path],
    files: { [path]: code },
    root,
    minify: request.minify,
    format: request.format,
    sourcemap: 'external',
    external: ['*'],
  })
  const texts = new Map<string, string>()
  for (const output of second.outputs) texts.set(output.kind, await output.text())
  const outer = JSON.parse(texts.get('sourcemap') ?? 'null') as SourceMap
  const imports = second.metafile.inputs['file.js']?.imports ?? []
  return {
    code: stripDebugId(texts.get('entry-point') ?? ''),
    map: composeMaps(outer, map),
    imports: imports.map(({ path, kind }) => ({ path, kind })),
  }
}

async function finishStyles(text: string, minify: boolean): Promise<string> {
  const path = join(root, 'file.css')
  const second = await build({
    entrypoints: [path],
    files: { [path]: text },
    root,
    minify,
    external: ['*'],
  })
  return await second.outputs[0]!.text()
}
