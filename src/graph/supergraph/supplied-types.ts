import {
  type ConstDirectiveNode,
  type FieldDefinitionNode,
  type InterfaceTypeDefinitionNode,
  type ObjectTypeDefinitionNode,
  Kind,
  parse,
} from 'graphql/index.js'
import { argumentOf, directiveOf, directivesOf } from '../syntax/directives.ts'

/** A type that a subgraph is asked for by itself: an entity by one of its keys, or a root type. */
export interface SuppliedType {
  readonly subgraph: string
  readonly type: string
  /** Its keys there, as the schema writes them; none for a root type. */
  readonly keys: readonly string[]
  /** Which operations a root type is for. */
  readonly root: 'query' | 'mutation' | 'subscription' | undefined
  /** What the subgraph resolves of it; not what it only refers to, or another one has taken over. */
  readonly fields: readonly string[]
}

type Fielded = ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode

/**
 * What each subgraph of a supergraph can be asked for, by subgraph and type in the order of the text.
 *
 * @param supergraphSdl as composition writes it: https://specs.apollo.dev/join/v0.3
 */
export function suppliedTypes(supergraphSdl: string): SuppliedType[] {
  const { definitions } = parse(supergraphSdl, { noLocation: true })
  const graphs = new Map<string, string>()
  const roots = new Map<string, 'query' | 'mutation' | 'subscription'>()
  const types: Fielded[] = []
  for (const node of definitions) {
    if (node.kind === Kind.ENUM_TYPE_DEFINITION && node.name.value === 'join__Graph')
      for (const value of node.values ?? [])
        graphs.set(value.name.value, text(directiveOf(value, 'join__graph'), 'name') ?? value.name.value)
    if (node.kind === Kind.SCHEMA_DEFINITION)
      for (const { operation, type } of node.operationTypes) roots.set(type.name.value, operation)
    if (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.INTERFACE_TYPE_DEFINITION)
      types.push(node)
  }
  return [...graphs].flatMap(([graph, subgraph]) =>
    types.flatMap((node): SuppliedType[] => {
      const here = directivesOf(node, 'join__type').filter((one) => text(one, 'graph') === graph)
      const root = roots.get(node.name.value)
      const keys = here.flatMap((one) =>
        argumentOf(one, 'resolvable') === false ? [] : (text(one, 'key') ?? []),
      )
      if (here.length === 0 || (keys.length === 0 && root === undefined)) return []
      const fields = (node.fields ?? []).filter((field) => isSupplied(field, graph))
      if (fields.length === 0) return []
      return [{ subgraph, type: node.name.value, keys, root, fields: fields.map(({ name }) => name.value) }]
    }),
  )
}

/** A field that says nothing of subgraphs is in all that have its type. */
function isSupplied(field: FieldDefinitionNode, graph: string): boolean {
  const joins = directivesOf(field, 'join__field')
  if (joins.length === 0) return true
  return joins.some(
    (one) =>
      text(one, 'graph') === graph &&
      argumentOf(one, 'external') !== true &&
      argumentOf(one, 'usedOverridden') !== true,
  )
}

/** A text, or the name of an enum's value. */
function text(directive: ConstDirectiveNode | undefined, name: string): string | undefined {
  const value = argumentOf(directive, name)
  return typeof value === 'string' ? value : undefined
}
