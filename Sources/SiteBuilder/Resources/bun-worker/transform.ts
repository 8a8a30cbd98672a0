// One file of the site for a browser that loads modules singly.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  build,
  Refused,
  root,
  sitePath,
  stripDebugId,
  type Plugin,
  type Problem,
  type Text,
} from './build'
import { assetFile, assetPlugin, type Assets } from './imports'
import { siteMap, type SourceMap } from './maps'
import { resolveModule } from './resolve'

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
export async function transform(request: TransformRequest) {
  const file = join(root, request.path)
  if (assetFile.test(request.path)) {
    const url = request.fileBase + encodeURI(request.path)
    return {
      code: `export default ${JSON.stringify(url)}\n`,
      imports: [],
      packages: [],
      refresh: false,
    }
  }
  const source = readFileSync(file, 'utf8')
  if (request.path.endsWith('.css')) return transformStyles(request, file, source)
  const attempt = (text: string) => transformScript(request, file, text)
  const built = await attempt(source)
  // Bun 1.4.4 emits `const Name … var Name = Name` for `export default function Name` with hooks. Written as a
  // declaration and an export it is right; the blanks keep every column where it was.
  const doubled = /^var ([A-Za-z_$][\w$]*) = \1;$/m
  if (!doubled.test(built.code)) return withMap(built, source, request)
  for (const match of source.matchAll(
    /\bexport(\s+)default(?=\s+(?:async\s+)?function\b\s*\*?\s*([A-Za-z_$][\w$]*))/g,
  )) {
    const before = source.slice(0, match.index)
    const after = source.slice(match.index + match[0].length)
    const again = await attempt(
      `${before}${match[0].replace(/\S/g, ' ')}${after}\nexport default ${match[2]};`,
    )
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

async function transformScript(
  request: TransformRequest,
  file: string,
  text: string,
): Promise<Transformed> {
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
function withMap(
  { code, map, imports, packages }: Transformed,
  source: string,
  request: TransformRequest,
) {
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
  return {
    code: text,
    imports: imports.filter(({ url }) => text.includes(url)),
    packages,
    refresh: uses,
  }
}

/** A stylesheet imported by a script: a module that puts it into the page and replaces it on change. */
async function transformStyles(request: TransformRequest, file: string, source: string) {
  if (request.ignoredStyles.includes(request.path))
    return { code: 'export {}\n', imports: [], packages: [], refresh: false }
  const assets: Assets = { prefix: request.fileBase, found: new Map() }
  const built = await build({
    entrypoints: [file],
    files: { [file]: source },
    root,
    plugins: [assetPlugin(assets)],
  })
  let css = ''
  let exported = 'export {}'
  for (const output of built.outputs) {
    if (output.path.endsWith('.css')) css += await output.text()
    else if (file.endsWith('.module.css')) exported = stripDebugId(await output.text())
  }
  css = css.replaceAll('~asset/', request.fileBase)
  const call = `injectStyle(${JSON.stringify(request.path)}, ${JSON.stringify(css)});`
  return {
    code: `import { injectStyle } from ${JSON.stringify(request.client)};\n${call}\n${exported}\n`,
    imports: [],
    packages: [],
    refresh: false,
  }
}

function unresolved(specifier: string, file: string, text: string): Problem {
  const found: Problem = {
    level: 'error',
    message: `Could not resolve: "${specifier}"`,
    specifier,
    file: sitePath(file),
  }
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
