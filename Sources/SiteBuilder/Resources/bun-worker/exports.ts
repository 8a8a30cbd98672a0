// The names that packages export.

import { join, resolve } from 'node:path'
import { build, root, type Text } from './build'

type ExportsRequest = { specifiers: string[]; define: Text }

/**
 * What installed modules export. An ES module is asked by bundling it. A CommonJS module has to be run to know, so all
 * of these are run together in one function, which also shows where two of them mean different things by one name.
 */
export async function exportsOf(request: ExportsRequest) {
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
    modules.push({
      specifier,
      format,
      names: format === 'esm' ? await esmNames(entry, request.define) : [],
    })
  }
  const common = modules.filter((module) => module.format === 'cjs')
  const conflicts: { name: string; specifiers: string[] }[] = []
  if (common.length > 0) {
    const lines = common.map(
      (module, i) => `import * as m${i} from ${JSON.stringify(module.specifier)}`,
    )
    const text = `${lines.join('\n')}\nexport const all = [${common.map((_, i) => `m${i}`).join(', ')}]`
    const { code } = await one(request.specifiers, 'cjs', text)
    const holder = { exports: {} as { all: Record<string, unknown>[] } }
    new Function('module', 'exports', 'require', code)(holder, holder.exports, require)
    const owners = new Map<string, { specifier: string; value: unknown }>()
    common.forEach((module, i) => {
      const space = holder.exports.all[i]!
      // A function's own properties are not what the package means to export.
      const inherent =
        typeof space.default === 'function'
          ? ['length', 'name', 'prototype', 'arguments', 'caller']
          : []
      module.names = Object.keys(space)
        .filter((name) => !inherent.includes(name))
        .sort()
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
