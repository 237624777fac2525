import type { Node } from 'typescript/unstable/ast'
import {
  isBlock,
  isExpressionWithTypeArguments,
  isIdentifier,
  isTypeReferenceNode,
} from 'typescript/unstable/ast/is'
import { type Checker, SymbolFlags } from 'typescript/unstable/sync'
import { type Program, aliased } from '../program.ts'
import type { Export } from './exports.ts'

/** A type that an export names, and that the package does not export. */
export interface NamedType {
  readonly name: string
  readonly by: string
}

/** The types of the sources that signatures of exports name though they are no exports themselves. */
export function namedTypes({ checker }: Program, exports: readonly Export[]): NamedType[] {
  const known = new Set(exports.map(({ symbol }) => symbol.id))
  return exports
    .filter(({ isOwn }) => isOwn)
    .flatMap(({ name: by, symbol }) =>
      symbol.declarations
        .flatMap((declaration) => declaration.resolve() ?? [])
        .flatMap((node) => [...signatureOf(node)])
        .flatMap((node) => namedBy(checker, node, known))
        .map((name) => ({ name, by })),
    )
}

/** All of a declaration but the bodies of its functions. */
function* signatureOf(node: Node): Generator<Node> {
  if (isBlock(node)) return
  yield node
  const children: Node[] = []
  node.forEachChild((child) => {
    children.push(child)
    return undefined
  })
  for (const child of children) yield* signatureOf(child)
}

function namedBy(checker: Checker, node: Node, known: ReadonlySet<number>): string[] {
  const name = isTypeReferenceNode(node)
    ? node.typeName
    : isExpressionWithTypeArguments(node)
      ? node.expression
      : undefined
  if (!name || !isIdentifier(name)) return []
  const found = checker.getSymbolAtLocation(name)
  const symbol = found && aliased(checker, found)
  if (!symbol || symbol.flags & SymbolFlags.TypeParameter || known.has(symbol.id)) return []
  const isOwn = symbol.declarations.some(
    ({ path }) => path.includes('/src/') && !path.includes('/node_modules/'),
  )
  return isOwn ? [symbol.name] : []
}
