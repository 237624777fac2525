import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as headwater from '../../../src/index.ts'
import { root } from '../../support/child.ts'
import { blocksOf } from '../../support/markdown.ts'

/** Blocks that show a part of a definition, by their first line: what stands around them. */
const AROUND: Record<string, [before: string, after: string]> = {
  'on: {': [
    "export const purchaseInventory = defineReactor({ name: 'purchase-inventory', from: [order],",
    '})',
  ],
  'consult: {': [
    `export const payment = defineAggregate({
       name: 'payment', events: { 'payment.authorized': Authorize }, commands: { authorize: Authorize }, initial,
       evolve: { 'payment.authorized': (state) => ({ ...state, status: 'authorized' }) },`,
    '})',
  ],
}

/** A page whose blocks take the same for granted as another's. */
const TAKES: Record<string, string> = { feed: 'transactions' }

/** Writes each ts block of a page as a module that imports what it names, and answers their file names. */
export function writeBlocks(folder: string, page: string): string[] {
  const prelude = join(root, `test/house/documents/${TAKES[page] ?? page}.fixture.ts`)
  const faces: Record<string, string> = {
    headwater: join(root, 'src/index.ts'),
    'headwater/testing': join(root, 'src/testing/index.ts'),
    'headwater/domains': join(root, 'src/domains/index.ts'),
    './aggregates.ts': prelude,
  }
  const blocks = blocksOf(readFileSync(join(root, `docs/${page}.md`), 'utf8'))
  return blocks
    .filter(({ language }) => language === 'ts')
    .map(({ text }, index) => {
      const [first = ''] = text.split('\n')
      const [before, after] = AROUND[first] ?? ['', '']
      const whole = `${before}\n${text}\n${after}`
      const source = whole.replaceAll(/from '([^']+)'/g, (all, name: string) =>
        faces[name] === undefined ? all : `from '${faces[name]}'`,
      )
      const file = join(folder, `${page}-${index + 1}.ts`)
      writeFileSync(file, `${importsFor(whole, prelude, faces)}\n${source}\nexport {}\n`)
      return file
    })
}

/** What a block uses and neither imports nor declares is what its page takes for granted, or the package's. */
function importsFor(text: string, prelude: string, faces: Record<string, string>): string {
  const declared = text.matchAll(/\b(?:const|let|class|type|interface|function)\s+(\w+)/g)
  const imported = text.matchAll(/^import \{([^}]*)\}/gm)
  const known = new Set([
    ...Array.from(declared, ([, name = '']) => name),
    ...Array.from(imported, ([, names = '']) => names.split(',').map((name) => name.trim())).flat(),
  ])
  const used = new Set(Array.from(text.matchAll(/[A-Za-z_]\w*/g), ([name]) => name))
  const isWanted = (name: string) => used.has(name) && !known.has(name)
  const granted = existsSync(prelude) ? exportsOf(readFileSync(prelude, 'utf8')).filter(isWanted) : []
  const own = Object.keys(headwater).filter((name) => isWanted(name) && !granted.includes(name))
  return [
    // Types among them: whoever only compiles need not tell the two apart.
    `import { ${granted.join(', ')} } from '${prelude}'`,
    `import { ${own.join(', ')} } from '${faces['headwater']}'`,
  ].join('\n')
}

function exportsOf(prelude: string): string[] {
  const declared = Array.from(
    prelude.matchAll(/^export (?:const|interface) (\w+)/gm),
    ([, name = '']) => name,
  )
  const passedOn = Array.from(prelude.matchAll(/^export \{([^}]*)\}/gm), ([, names = '']) =>
    names.split(',').map((name) => name.trim().split(' as ').at(-1) ?? ''),
  )
  return [...declared, ...passedOn.flat()]
}
