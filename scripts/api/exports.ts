import { type Symbol, SymbolFlags } from 'typescript/unstable/sync'
import { type Program, aliased } from '../program.ts'

/** The entries of the package: the specifier, the module of the sources, and what it is for. */
const ENTRIES = [
  ['headwater', 'index.ts'],
  ['headwater/testing', 'testing/index.ts'],
  ['headwater/domains', 'domains/index.ts'],
] as const

/** Something that the package exports. */
export interface Export {
  readonly entry: string
  readonly name: string
  readonly symbol: Symbol
  readonly kind: 'function' | 'class' | 'value' | 'type'
  /** Declared here, and not in a package that is handed on. */
  readonly isOwn: boolean
  readonly documentation: string
  readonly examples: readonly string[]
  readonly throws: readonly string[]
}

/** Everything that the package exports, in the order of its modules. */
export function exportsOf({ checker, files }: Program): Export[] {
  return ENTRIES.flatMap(([entry, file]) => {
    const source = files.get(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) throw new Error(`${file} is no module`)
    return checker.getExportsOfModule(module).map((exported) => {
      const symbol = aliased(checker, exported)
      const tags = symbol.getJsDocTags(checker)
      const texts = (tag: string) => tags.filter(({ name }) => name === tag).map(({ text }) => `${text}`)
      return {
        entry,
        name: exported.name,
        symbol,
        kind: kindOf(symbol),
        isOwn: symbol.declarations.some(({ path }) => !path.includes('/node_modules/')),
        documentation: symbol.getDocumentationComment(checker),
        examples: texts('example'),
        throws: texts('throws'),
      }
    })
  })
}

function kindOf({ flags }: Symbol): Export['kind'] {
  if (flags & SymbolFlags.Class) return 'class'
  if (flags & SymbolFlags.Function) return 'function'
  return flags & SymbolFlags.Value ? 'value' : 'type'
}
