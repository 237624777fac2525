import { type DirectiveNode, type DocumentNode, type TypeNode, Kind, visit } from 'graphql/index.js'
import { EngineUnsuitedError } from '../errors.ts'

export function namedTypeOf(type: TypeNode): string {
  return type.kind === Kind.NAMED_TYPE ? type.name.value : namedTypeOf(type.type)
}

const PREFIX = 'federation__'

/**
 * The document with the directives of Federation under their plain names.
 * @throws EngineUnsuitedError for those that have been imported under other names
 */
export function withPlainNames(document: DocumentNode, subgraph: string): DocumentNode {
  return visit(document, {
    Directive(node) {
      const { value } = node.name
      if (value === 'link') refuseAliases(node, subgraph)
      return value.startsWith(PREFIX)
        ? { ...node, name: { ...node.name, value: value.slice(PREFIX.length) } }
        : undefined
    },
  })
}

function refuseAliases({ arguments: given }: DirectiveNode, subgraph: string): void {
  const imported = given?.find(({ name }) => name.value === 'import')?.value
  if (imported?.kind === Kind.LIST && imported.values.some(({ kind }) => kind === Kind.OBJECT))
    throw new EngineUnsuitedError(`the subgraph ${subgraph} imports directives under other names`)
}
