// The JavaScript half of the client build: one long-lived Bun process that answers requests.
//
// Wire format: one JSON object per line on standard input, one per line on standard output, matched by `id`. An answer
// starts with `{"id":N,` (the reader relies on it) and holds either `result` or `errors`. Answers may come in another
// order than their requests. The process ends when its input does, so it cannot outlive whoever started it.
//
// It parses, resolves, splits and minifies. Naming files, hashing them, and writing anything are not its business.

import { existsSync, readFileSync, realpathSync, statSync } from 'node:fs'
import { basename, dirname, extname, join, posix, relative, resolve } from 'node:path'

type Text = Record<string, string>
type Position = { file: string; line: number; column: number; lineText: string } | null
type Log = { message: string; level?: string; position?: Position; code?: string; specifier?: string; name?: string }
type Problem = {
  level: 'error' | 'warning'
  message: string
  file?: string
  line?: number
  column?: number
  lineText?: string
  specifier?: string
}
type SourceMap = { version: 3; sources: string[]; sourcesContent: (string | null)[]; names: string[]; mappings: string }
type Plugin = { name: string; setup(build: PluginBuilder): void }
type ResolveArguments = { path: string; importer: string; kind: string }
type PluginBuilder = {
  onResolve(
    options: { filter: RegExp },
    callback: (a: ResolveArguments) => { path: string; namespace?: string; external?: boolean } | undefined,
  ): void
  onLoad(
    options: { filter: RegExp; namespace?: string },
    callback: (a: { path: string }) => { contents: string; loader: string },
  ): void
}
type Metafile = {
  inputs: Record<string, { format?: string; imports: { path: string; kind: string; external?: boolean; original?: string }[] }>
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
class Refused extends Error {
  constructor(readonly problems: Problem[]) {
    super(problems[0]?.message ?? 'The build failed.')
  }
}

// The working directory is the site folder; with links resolved, because Bun names files by their real path.
const root = realpathSync(process.cwd())

// Packages evaluated for their export names may print; standard output belongs to the protocol.
console.log = console.info = console.debug = console.error

// MARK: Bun.build, with its failures as data

/** Bun's own type lacks some of the options used here, so it is called through this narrower door. */
async function build(options: Record<string, unknown>): Promise<Built> {
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
    throw new Refused([{ level: 'error', message: error instanceof Error ? error.message : String(error) }])
  }
  if (!built.success) throw new Refused(built.logs.map(problem))
  return built
}

function problem(log: Log): Problem {
  const found: Problem = { level: log.level === 'error' || !log.level ? 'error' : 'warning', message: log.message }
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
function sitePath(path: string): string {
  const inside = relative(root, path.startsWith('/') ? path : resolve(root, path))
  if (!inside.startsWith('../')) return inside
  const packages = inside.indexOf('node_modules/')
  return packages >= 0 ? inside.slice(packages) : inside.replace(/^(\.\.\/)+/, '')
}

const stripDebugId = (code: string) => code.replace(/\n*\/\/# debugId=[0-9A-F]+\s*$/, '\n')

// MARK: Source maps

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'
const valueOf = new Map([...digits].map((digit, value) => [digit, value]))

/** Lines of segments `[column, source, line, column]`, all absolute; segments without a source are left out. */
type Segment = [number, number, number, number]

function decodeMappings(mappings: string): Segment[][] {
  let [source, line, column] = [0, 0, 0]
  return mappings.split(';').map((text) => {
    let generated = 0
    const segments: Segment[] = []
    for (const part of text.split(',')) {
      if (!part) continue
      const numbers: number[] = []
      let [value, shift] = [0, 0]
      for (const digit of part) {
        const bits = valueOf.get(digit) ?? 0
        value |= (bits & 31) << shift
        if (bits & 32) {
          shift += 5
        } else {
          numbers.push(value & 1 ? -(value >>> 1) : value >>> 1)
          value = shift = 0
        }
      }
      generated += numbers[0]!
      if (numbers.length < 4) continue
      source += numbers[1]!
      line += numbers[2]!
      column += numbers[3]!
      segments.push([generated, source, line, column])
    }
    return segments
  })
}

function encodeMappings(lines: Segment[][]): string {
  let [source, line, column] = [0, 0, 0]
  const number = (value: number) => {
    let rest = value < 0 ? (-value << 1) | 1 : value << 1
    let text = ''
    do {
      const bits = rest & 31
      rest >>>= 5
      text += digits[rest ? bits | 32 : bits]
    } while (rest)
    return text
  }
  return lines
    .map((segments) => {
      let generated = 0
      return segments
        .map((s) => {
          const text = number(s[0] - generated) + number(s[1] - source) + number(s[2] - line) + number(s[3] - column)
          ;[generated, source, line, column] = s
          return text
        })
        .join(',')
    })
    .join(';')
}

/** The map from the twice-transformed text to the original, given the maps of the two transformations. */
function composeMaps(outer: SourceMap, inner: SourceMap): SourceMap {
  const innerLines = decodeMappings(inner.mappings)
  const lines = decodeMappings(outer.mappings).map((segments) => {
    const traced: Segment[] = []
    for (const [generated, , line, column] of segments) {
      const candidates = innerLines[line] ?? []
      let [low, high] = [0, candidates.length]
      while (low < high) {
        const middle = (low + high) >> 1
        if (candidates[middle]![0] <= column) low = middle + 1
        else high = middle
      }
      const found = candidates[low - 1]
      if (found) traced.push([generated, found[1], found[2], found[3]])
    }
    return traced
  })
  return { ...inner, mappings: encodeMappings(lines) }
}

function siteMap(text: string): SourceMap {
  const map = JSON.parse(text) as SourceMap
  const sources = map.sources.map((source) => (source.includes(':') ? source : sitePath(source)))
  return { version: 3, sources, sourcesContent: map.sourcesContent, names: [], mappings: map.mappings }
}

// MARK: Imports that are not scripts

const assetFile = /\.(png|jpe?g|gif|webp|avif|ico|svg|woff2?|ttf|otf|mp4|webm|mp3|wav|ogg|pdf|wasm)$/

/** Images, fonts and the like: what an import of one means. */
type Assets = { prefix: string; found: Map<string, string> }

/** The file that an import of a non-script means, if there is one. */
function locate(specifier: string, importer: string): string | undefined {
  if (specifier.startsWith('.')) {
    const path = resolve(dirname(importer), specifier)
    return existsSync(path) ? realpathSync(path) : undefined
  }
  const alias = resolveAlias(specifier)
  if (alias) return alias
  try {
    return Bun.resolveSync(specifier, dirname(importer))
  } catch {
    return undefined
  }
}

/** `NAME-HASH.EXT`: the first 16 hex digits of the SHA-256 of the bytes, as all published files are named. */
function assetURL(file: string, prefix: string): string {
  const hash = new Bun.CryptoHasher('sha256').update(readFileSync(file)).digest('hex').slice(0, 16)
  const name = basename(file, extname(file)).replace(/[^A-Za-z0-9._-]+/g, '-')
  return `${prefix}${name}-${hash}${extname(file)}`
}

/**
 * An asset imported by a script becomes a module that exports its URL. One used by a stylesheet keeps a marked
 * site path in `url(…)`, which the caller rewrites together with Tailwind's own output.
 */
function assetPlugin(assets: Assets): Plugin {
  return {
    name: 'assets',
    setup(builder) {
      builder.onResolve({ filter: assetFile }, ({ path, importer }) => {
        if (/^(data|https?):|^\//.test(path)) return { path, external: true }
        const file = locate(path, importer)
        if (!file) return undefined
        if (importer.endsWith('.css')) return { path: `~asset/${sitePath(file)}`, external: true }
        return { path: sitePath(file), namespace: 'asset' }
      })
      builder.onLoad({ filter: /.*/, namespace: 'asset' }, ({ path }) => {
        const file = resolve(root, path)
        const url = assetURL(file, assets.prefix)
        assets.found.set(url, path)
        return { contents: `export default ${JSON.stringify(url)}`, loader: 'js' }
      })
      // With packages left external, a stylesheet out of a package would stay an import that no browser can follow.
      builder.onResolve({ filter: /^[^./].*\.css$/ }, ({ path, importer }) => {
        const file = locate(path, importer)
        return file ? { path: file } : undefined
      })
    },
  }
}

/** Stylesheets that Tailwind compiles apart: importing one in a script (as other tools want it) means nothing here. */
function ignorePlugin(paths: string[]): Plugin {
  const ignored = new Set(paths.map((path) => resolve(root, path)))
  return {
    name: 'compiled-elsewhere',
    setup(builder) {
      builder.onResolve({ filter: /\.css$/ }, ({ path, importer }) => {
        const file = path.startsWith('.') ? resolve(dirname(importer), path) : resolveAlias(path)
        return file && ignored.has(file) ? { path: sitePath(file), namespace: 'nothing' } : undefined
      })
      builder.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({ contents: 'export {}', loader: 'js' }))
    },
  }
}

/**
 * Modules that stay outside: imports of them are left for the import map. Browsers have no `require`, so a CommonJS
 * package that requires one gets a small module that imports it and passes it on. (Bun's own `external` option would
 * leave the `require` in place. It also calls most `require`s imports here, so what counts is who asks.)
 */
function externalPlugin(external: string[]): Plugin {
  const outside = new Set(external)
  const isCommon = (importer: string) => {
    if (!importer.startsWith('/') || /\.(mjs|[mc]?tsx?|jsx)$/.test(importer) || !existsSync(importer)) return false
    return !/^\s*(import\b(?!\s*\()|export\b)/m.test(readFileSync(importer, 'utf8'))
  }
  return {
    name: 'external',
    setup(builder) {
      if (outside.size === 0) return
      builder.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
        if (!outside.has(path)) return undefined
        return isCommon(importer) ? { path: `outside/${path}`, namespace: 'required' } : { path, external: true }
      })
      builder.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => {
        const name = JSON.stringify(path.slice('outside/'.length))
        return { contents: `import * as all from ${name}\nmodule.exports = all.default ?? all`, loader: 'js' }
      })
    },
  }
}

// MARK: bundle

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
async function bundle(request: BundleRequest) {
  const entry = join(root, request.entrypoint)
  const virtual = Object.fromEntries(Object.entries(request.files).map(([path, text]) => [join(root, path), text]))
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
    naming: { entry: '[name]-[hash].[ext]', chunk: '[name]-[hash].[ext]', asset: '[name]-[hash].[ext]' },
    plugins: [ignorePlugin(request.ignoredStyles), externalPlugin(request.external), assetPlugin(assets)],
  })

  const texts = new Map<string, string>()
  for (const output of first.outputs) texts.set(posix.normalize(output.path), await output.text())
  const outputs = Object.entries(first.metafile.outputs)
    .map(([path, output]) => ({ path: posix.normalize(path), ...output }))
    .sort((a, b) => (a.path < b.path ? -1 : 1))
  const names = stableNames(outputs.filter((output) => output.path.endsWith('.js')))

  let styles = ''
  const files: BundledFile[] = []
  for (const output of outputs) {
    const text = texts.get(output.path)
    if (text === undefined) continue
    const isEntry = output.entryPoint !== undefined && sitePath(output.entryPoint) === request.entrypoint
    if (output.path.endsWith('.css')) {
      // Bun merges the styles of lazy routes into the entry's and emits them again apart; nothing loads the latter.
      if (isEntry) styles = await finishStyles(text, request.minify)
      continue
    }
    if (!output.path.endsWith('.js')) continue
    const map = siteMap(texts.get(`${output.path}.map`) ?? '{"sources":[],"sourcesContent":[],"mappings":""}')
    const finished = await finish(stripDebugId(renameChunks(text, names)), map, request)
    files.push({
      name: `~/${names.get(output.path)}`,
      isEntry,
      entryPoint: output.entryPoint === undefined ? undefined : sitePath(output.entryPoint),
      inputs: Object.keys(output.inputs).map(inputPath).sort(),
      imports: finished.imports,
      exports: [...output.exports].sort(),
      code: finished.code,
      map: finished.map,
    })
  }
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
  const found = [...assets.found].map(([url, file]) => ({ url, file })).sort((a, b) => (a.url < b.url ? -1 : 1))
  return { files, styles, assets: found, inputs, warnings: first.logs.map(problem) }
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
function stableNames(chunks: { path: string; entryPoint?: string; inputs: Record<string, unknown> }[]) {
  const names = new Map<string, string>()
  const taken = new Map<string, string>()
  for (const chunk of chunks) {
    const inputs = Object.keys(chunk.inputs).map(inputPath).sort()
    const identity = JSON.stringify([chunk.entryPoint === undefined ? null : sitePath(chunk.entryPoint), inputs])
    const hash = new Bun.CryptoHasher('sha256').update(identity).digest('hex').slice(0, 8)
    const name = chunk.path.replace(/-[0-9a-z]{8}\.js$/, `-${hash}.js`)
    if (name.length !== chunk.path.length || taken.has(name)) {
      throw new Refused([{ level: 'error', message: `Two files of the bundle would both be called ${name}.` }])
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
  const second = await build({ entrypoints: [path], files: { [path]: text }, root, minify, external: ['*'] })
  return await second.outputs[0]!.text()
}

// MARK: exports

type ExportsRequest = { specifiers: string[]; define: Text }

/**
 * What installed modules export. An ES module is asked by bundling it. A CommonJS module has to be run to know, so all
 * of these are run together in one function, which also shows where two of them mean different things by one name.
 */
async function exportsOf(request: ExportsRequest) {
  const path = join(root, 'exports.js')
  const one = async (specifiers: string[], format: 'esm' | 'cjs', text: string) => {
    const built = await build({
      entrypoints: [path],
      files: { [path]: text },
      root,
      format,
      define: request.define,
    })
    return { code: await built.outputs[0]!.text(), metafile: built.metafile, specifiers }
  }
  const modules: { specifier: string; format: string; names: string[] }[] = []
  for (const specifier of request.specifiers) {
    const quoted = JSON.stringify(specifier)
    const built = await one([specifier], 'esm', `import * as all from ${quoted}\nexport { all }`)
    const entry = built.metafile.inputs['exports.js']?.imports[0]?.path ?? ''
    const format = built.metafile.inputs[entry]?.format === 'cjs' ? 'cjs' : 'esm'
    modules.push({ specifier, format, names: format === 'esm' ? await esmNames(entry, request.define) : [] })
  }
  const common = modules.filter((module) => module.format === 'cjs')
  const conflicts: { name: string; specifiers: string[] }[] = []
  if (common.length > 0) {
    const lines = common.map((module, i) => `import * as m${i} from ${JSON.stringify(module.specifier)}`)
    const text = `${lines.join('\n')}\nexport const all = [${common.map((_, i) => `m${i}`).join(', ')}]`
    const { code } = await one(request.specifiers, 'cjs', text)
    const holder = { exports: {} as { all: Record<string, unknown>[] } }
    new Function('module', 'exports', 'require', code)(holder, holder.exports, require)
    const owners = new Map<string, { specifier: string; value: unknown }>()
    common.forEach((module, i) => {
      const space = holder.exports.all[i]!
      // A function's own properties are not what the package means to export.
      const inherent = typeof space.default === 'function' ? ['length', 'name', 'prototype', 'arguments', 'caller'] : []
      module.names = Object.keys(space).filter((name) => !inherent.includes(name)).sort()
      for (const name of module.names) {
        if (name === 'default') continue
        const owner = owners.get(name)
        if (!owner) owners.set(name, { specifier: module.specifier, value: space[name] })
        else if (!Object.is(owner.value, space[name])) {
          conflicts.push({ name, specifiers: [owner.specifier, module.specifier] })
        }
      }
    })
  }
  return { modules, conflicts }
}

async function esmNames(entry: string, define: Text): Promise<string[]> {
  const file = resolve(process.cwd(), entry)
  const built = await build({ entrypoints: [file], packages: 'external', define })
  return [...(Object.values(built.metafile.outputs)[0]?.exports ?? [])].sort()
}

// MARK: transform

type TransformRequest = {
  /** Site-relative. */
  path: string
  define: Text
  moduleBase: string
  fileBase: string
  client: string
  ignoredStyles: string[]
}

/** One module as a browser can load it by itself: relative imports are URLs, packages are left to the import map. */
async function transform(request: TransformRequest) {
  const file = join(root, request.path)
  if (assetFile.test(request.path)) {
    const url = request.fileBase + encodeURI(request.path)
    return { code: `export default ${JSON.stringify(url)}\n`, imports: [], packages: [], refresh: false }
  }
  const source = readFileSync(file, 'utf8')
  if (request.path.endsWith('.css')) return transformStyles(request, file, source)
  const attempt = (text: string) => transformScript(request, file, text)
  const built = await attempt(source)
  // Bun 1.4.4 emits `const Name … var Name = Name` for `export default function Name` with hooks. Written as a
  // declaration and an export it is right; the blanks keep every column where it was.
  const doubled = /^var ([A-Za-z_$][\w$]*) = \1;$/m
  if (!doubled.test(built.code)) return withMap(built, source, request)
  for (const match of source.matchAll(/\bexport(\s+)default(?=\s+(?:async\s+)?function\b\s*\*?\s*([A-Za-z_$][\w$]*))/g)) {
    const before = source.slice(0, match.index)
    const after = source.slice(match.index + match[0].length)
    const again = await attempt(`${before}${match[0].replace(/\S/g, ' ')}${after}\nexport default ${match[2]};`)
    if (!doubled.test(again.code)) return withMap(again, source, request)
  }
  return withMap(built, source, request)
}

type Transformed = {
  code: string
  map: SourceMap | null
  imports: { url: string; path: string; kind: string }[]
  packages: string[]
}

async function transformScript(request: TransformRequest, file: string, text: string): Promise<Transformed> {
  const imports: Transformed['imports'] = []
  const packages: string[] = []
  const missing: { path: string; kind: string }[] = []
  const refresh = /\.[jt]sx$/.test(file)
  const external: Plugin = {
    name: 'modules-as-urls',
    setup(builder) {
      builder.onResolve({ filter: /.*/ }, ({ path, kind }) => {
        if (kind.startsWith('entry-point')) return undefined
        const target = resolveModule(path, file)
        if (target === null) {
          packages.push(path)
          return { path, external: true }
        }
        if (target === undefined) {
          missing.push({ path, kind })
          return { path, external: true }
        }
        const site = sitePath(target)
        const url = request.moduleBase + encodeURI(site)
        imports.push({ url, path: site, kind })
        return { path: url, external: true }
      })
    },
  }
  const built = await build({
    entrypoints: [file],
    files: { [file]: text },
    root,
    reactFastRefresh: refresh,
    sourcemap: 'external',
    define: request.define,
    plugins: [external],
  })
  if (missing.length > 0) throw new Refused(missing.map(({ path }) => unresolved(path, file, text)))
  const texts = new Map<string, string>()
  for (const output of built.outputs) texts.set(output.kind, await output.text())
  const map = texts.has('sourcemap') ? siteMap(texts.get('sourcemap')!) : null
  return { code: stripDebugId(texts.get('entry-point') ?? ''), map, imports, packages }
}

/** Adds what Fast Refresh calls, on one line of its own, and the map, shifted by that line. */
function withMap({ code, map, imports, packages }: Transformed, source: string, request: TransformRequest) {
  const uses = code.includes('$RefreshReg$(') || code.includes('$RefreshSig$(')
  const head = uses
    ? `import { refreshScope as __lilypadScope } from ${JSON.stringify(request.client)}; ` +
      `const { $RefreshReg$, $RefreshSig$ } = __lilypadScope(${JSON.stringify(request.path)}, import.meta.url);\n`
    : ''
  let text = head + code
  if (map) {
    const shifted = { ...map, sourcesContent: [source], mappings: (uses ? ';' : '') + map.mappings }
    text += `//# sourceMappingURL=data:application/json;base64,${Buffer.from(JSON.stringify(shifted)).toString('base64')}\n`
  }
  return { code: text, imports: imports.filter(({ url }) => text.includes(url)), packages, refresh: uses }
}

/** A stylesheet imported by a script: a module that puts it into the page and replaces it on change. */
async function transformStyles(request: TransformRequest, file: string, source: string) {
  if (request.ignoredStyles.includes(request.path)) return { code: 'export {}\n', imports: [], packages: [], refresh: false }
  const assets: Assets = { prefix: request.fileBase, found: new Map() }
  const built = await build({ entrypoints: [file], files: { [file]: source }, root, plugins: [assetPlugin(assets)] })
  let css = ''
  let exported = 'export {}'
  for (const output of built.outputs) {
    if (output.path.endsWith('.css')) css += await output.text()
    else if (file.endsWith('.module.css')) exported = stripDebugId(await output.text())
  }
  css = css.replaceAll('~asset/', request.fileBase)
  const call = `injectStyle(${JSON.stringify(request.path)}, ${JSON.stringify(css)});`
  return { code: `import { injectStyle } from ${JSON.stringify(request.client)};\n${call}\n${exported}\n`, imports: [], packages: [], refresh: false }
}

function unresolved(specifier: string, file: string, text: string): Problem {
  const found: Problem = { level: 'error', message: `Could not resolve: "${specifier}"`, specifier, file: sitePath(file) }
  const lines = text.split('\n')
  const quoted = [`'${specifier}'`, `"${specifier}"`]
  lines.forEach((line, i) => {
    const column = Math.max(...quoted.map((q) => line.indexOf(q)))
    if (column < 0 || found.line) return
    found.line = i + 1
    found.column = column + 1
    found.lineText = line
  })
  return found
}

// MARK: Resolving as the bundler does, without its cache

const extensions = ['.tsx', '.ts', '.jsx', '.js', '.mjs', '.json', '.css']

/** A file, `null` for a package (the import map's business), `undefined` when nothing is there. */
function resolveModule(specifier: string, importer: string): string | null | undefined {
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
  if (spelled) for (const ending of ['.ts', '.tsx', '.mts']) if (isFile(spelled[1] + ending)) return spelled[1] + ending
  for (const extension of extensions) if (isFile(path + extension)) return path + extension
  for (const extension of extensions) if (isFile(join(path, `index${extension}`))) return join(path, `index${extension}`)
  return undefined
}

/** `paths` of the site's tsconfig.json, read anew each time because it is small and may change. */
function resolveAlias(specifier: string): string | undefined {
  let options: { baseUrl?: string; paths?: Record<string, string[]> } | undefined
  try {
    const text = readFileSync(join(root, 'tsconfig.json'), 'utf8')
    options = (Bun as unknown as { JSONC: { parse(text: string): { compilerOptions?: typeof options } } }).JSONC.parse(text)
      .compilerOptions
  } catch {
    return undefined
  }
  const base = resolve(root, options?.baseUrl ?? '.')
  for (const [pattern, targets] of Object.entries(options?.paths ?? {})) {
    const [head, tail] = pattern.split('*')
    const wild = tail !== undefined
    if (wild ? !specifier.startsWith(head!) || !specifier.endsWith(tail) : specifier !== pattern) continue
    const middle = wild ? specifier.slice(head!.length, specifier.length - tail.length) : ''
    for (const target of targets) {
      const file = resolveFile(resolve(base, target.replace('*', middle)))
      if (file) return file
    }
  }
  return undefined
}

// MARK: The loop

const operations: Record<string, (request: never) => unknown> = {
  ping: () => ({ version: Bun.version, revision: Bun.revision }),
  bundle,
  exports: exportsOf,
  transform,
}

async function answer(line: string) {
  const { id, op, ...request } = JSON.parse(line) as { id: number; op: string }
  let outcome: { result: unknown } | { errors: Problem[] }
  try {
    const operation = operations[op]
    if (!operation) throw new Error(`There is no operation ${op}.`)
    outcome = { result: await operation(request as never) }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    outcome = { errors: error instanceof Refused ? error.problems : [{ level: 'error', message }] }
  }
  process.stdout.write(`${JSON.stringify({ id, ...outcome })}\n`)
}

const decoder = new TextDecoder()
let rest = ''
for await (const bytes of Bun.stdin.stream()) {
  const lines = (rest + decoder.decode(bytes, { stream: true })).split('\n')
  rest = lines.pop() ?? ''
  for (const line of lines) if (line) void answer(line)
}
process.exit(0)
