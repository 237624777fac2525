import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Export } from '../../../scripts/api/exports.ts'

const PRELUDE = readFileSync(new URL('prelude.ts', import.meta.url), 'utf8')

/** Writes each example as a module that imports what it names, and answers their file names. */
export function writeModules(folder: string, exports: readonly Export[]): string[] {
  writeFileSync(join(folder, 'prelude.ts'), PRELUDE.replaceAll("'../../../src/index.ts'", "'headwater'"))
  const prelude = [...PRELUDE.matchAll(/^export const (\w+)/gm)].map(([, name = '']) => name)
  return exports.flatMap(({ name, examples }) =>
    examples.map((example, index) => {
      const file = `${name}-${index + 1}.ts`
      // Exported, so that what is inferred has to have a name that a project of others can write down.
      const text = example.replaceAll(/^const /gm, 'export const ')
      writeFileSync(join(folder, file), `${importsFor(example, exports, prelude)}\n${text}\nexport {}\n`)
      return file
    }),
  )
}

/** What it uses and does not declare is the package's, or the prelude's. */
function importsFor(example: string, exports: readonly Export[], prelude: readonly string[]): string {
  const declared = new Set(
    Array.from(
      example.matchAll(/\b(?:const|let|class|type|interface|function)\s+(\w+)/g),
      ([, name]) => name,
    ),
  )
  const used = new Set(Array.from(example.matchAll(/[A-Za-z_]\w*/g), ([name]) => name))
  const wanted = (name: string) => used.has(name) && !declared.has(name)
  const ofPackage = Map.groupBy(
    exports.filter(({ name }) => wanted(name) && !prelude.includes(name)),
    ({ entry }) => entry,
  )
  const ofPrelude = prelude.filter(wanted)
  return [
    ...Array.from(ofPackage, ([entry, all]) => {
      const names = all.map(({ name, kind }) => (kind === 'type' ? `type ${name}` : name))
      return `import { ${names.join(', ')} } from '${entry}'`
    }),
    ...(ofPrelude.length > 0 ? [`import { ${ofPrelude.join(', ')} } from './prelude.ts'`] : []),
  ].join('\n')
}
