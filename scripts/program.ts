import { fileURLToPath } from 'node:url'
import type { Node, SourceFile } from 'typescript/unstable/ast'
import { API, type Checker, type Symbol, SymbolFlags } from 'typescript/unstable/sync'

/** The sources of the package as the compiler knows them. */
export interface Program {
  readonly checker: Checker
  /** Every file of `src`, by its path from there. */
  readonly files: ReadonlyMap<string, SourceFile>
}

const root = fileURLToPath(new URL('..', import.meta.url))

/** Opens the program of tsconfig.build.json for as long as `use` runs. Takes a second; its compiler is a process of its own. */
export function withProgram<T>(use: (program: Program) => T): T {
  const api = new API({ cwd: root })
  try {
    const config = `${root}tsconfig.build.json`
    const project = api.updateSnapshot({ openProjects: [config] }).getProject(config)
    if (!project) throw new Error(`${config} is no project of the compiler`)
    const own = project.program.getSourceFileNames().filter((name) => name.startsWith(`${root}src/`))
    const files = own.flatMap((name) => {
      const file = project.program.getSourceFile(name)
      return file ? [[name.slice(`${root}src/`.length), file] as const] : []
    })
    return use({ checker: project.checker, files: new Map(files) })
  } finally {
    api.close()
  }
}

/** The node and all that is in it, from the outside in. */
export function* nodesIn(node: Node): Generator<Node> {
  yield node
  const children: Node[] = []
  node.forEachChild((child) => {
    children.push(child)
    return undefined
  })
  for (const child of children) yield* nodesIn(child)
}

/** What an import or an export stands for. */
export function aliased(checker: Checker, symbol: Symbol): Symbol {
  return symbol.flags & SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
}
