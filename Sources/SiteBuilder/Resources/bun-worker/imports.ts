// Plugins for imports that are not plain scripts: assets, stylesheets, modules that stay outside.

import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { basename, dirname, extname, resolve } from 'node:path'
import { root, sitePath, type Plugin } from './build'
import { resolveAlias } from './resolve'

export const assetFile =
  /\.(png|jpe?g|gif|webp|avif|ico|svg|woff2?|ttf|otf|mp4|webm|mp3|wav|ogg|pdf|wasm)$/

/** Images, fonts and the like: what an import of one means. */
export type Assets = { prefix: string; found: Map<string, string> }

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
export function assetPlugin(assets: Assets): Plugin {
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
export function ignorePlugin(paths: string[]): Plugin {
  const ignored = new Set(paths.map((path) => resolve(root, path)))
  return {
    name: 'compiled-elsewhere',
    setup(builder) {
      builder.onResolve({ filter: /\.css$/ }, ({ path, importer }) => {
        const file = path.startsWith('.') ? resolve(dirname(importer), path) : resolveAlias(path)
        return file && ignored.has(file)
          ? { path: sitePath(file), namespace: 'nothing' }
          : undefined
      })
      builder.onLoad({ filter: /.*/, namespace: 'nothing' }, () => ({
        contents: 'export {}',
        loader: 'js',
      }))
    },
  }
}

/**
 * Modules that stay outside: imports of them are left for the import map. Browsers have no `require`, so a CommonJS
 * package that requires one gets a small module that imports it and passes it on. (Bun's own `external` option would
 * leave the `require` in place. It also calls most `require`s imports here, so what counts is who asks.)
 */
export function externalPlugin(external: string[]): Plugin {
  const outside = new Set(external)
  const isCommon = (importer: string) => {
    if (
      !importer.startsWith('/') ||
      /\.(mjs|[mc]?tsx?|jsx)$/.test(importer) ||
      !existsSync(importer)
    )
      return false
    return !/^\s*(import\b(?!\s*\()|export\b)/m.test(readFileSync(importer, 'utf8'))
  }
  return {
    name: 'external',
    setup(builder) {
      if (outside.size === 0) return
      builder.onResolve({ filter: /^[^./]/ }, ({ path, importer }) => {
        if (!outside.has(path)) return undefined
        return isCommon(importer)
          ? { path: `outside/${path}`, namespace: 'required' }
          : { path, external: true }
      })
      builder.onLoad({ filter: /.*/, namespace: 'required' }, ({ path }) => {
        const name = JSON.stringify(path.slice('outside/'.length))
        return {
          contents: `import * as all from ${name}\nmodule.exports = all.default ?? all`,
          loader: 'js',
        }
      })
    },
  }
}
