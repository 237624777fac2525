import {
  type DocumentNode,
  type FieldDefinitionNode,
  type InputValueDefinitionNode,
  type TypeDefinitionNode,
  Kind,
  isTypeDefinitionNode,
  parse,
  visit,
} from 'graphql/index.js'
import { argumentOf, directiveOf } from '../../syntax/directives.ts'
import { asDefinition, joined } from '../../syntax/join-definitions.ts'
import { EngineUnsuitedError } from '../errors.ts'
import { namedTypeOf, withPlainNames } from './nodes.ts'

export interface SubgraphSdl {
  readonly name: string
  readonly sdl: string
}

/** The types of a subgraph by name, each once, without what clients must not see and without subscriptions. */
export interface SubgraphTypes {
  readonly name: string
  readonly types: ReadonlyMap<string, TypeDefinitionNode>
}

const ROOT_NAMES = { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' }

/** Of the specification, not of the graph; `Subscription` is what the engine cannot resume. */
const LEFT_OUT = /^(_|link__|federation__|Subscription$|FieldSet$)/

/** @throws EngineUnsuitedError, GraphQLError when the SDL cannot be parsed */
export function readSubgraph({ name, sdl }: SubgraphSdl): SubgraphTypes {
  const document = withPlainNames(parse(sdl, { noLocation: true }), name)
  refuseOtherRoots(document, name)
  const types = new Map<string, TypeDefinitionNode>()
  for (const definition of withoutInaccessible(document).definitions) {
    const own = asDefinition(definition)
    if (!own || LEFT_OUT.test(own.name.value)) continue
    const before = types.get(own.name.value)
    types.set(own.name.value, before ? joined(before, own) : own)
  }
  return { name, types }
}

function refuseOtherRoots({ definitions }: DocumentNode, subgraph: string): void {
  for (const definition of definitions) {
    if (definition.kind !== Kind.SCHEMA_DEFINITION && definition.kind !== Kind.SCHEMA_EXTENSION) continue
    const other = definition.operationTypes?.find(
      ({ operation, type }) => type.name.value !== ROOT_NAMES[operation],
    )
    if (other)
      throw new EngineUnsuitedError(
        `the subgraph ${subgraph} calls its root type for a ${other.operation} ${other.type.name.value}`,
      )
  }
}

function withoutInaccessible(document: DocumentNode): DocumentNode {
  const hidden = new Set(
    document.definitions
      .filter(isTypeDefinitionNode)
      .filter((type) => directiveOf(type, 'inaccessible'))
      .map(({ name }) => name.value),
  )
  const isHidden = (node: FieldDefinitionNode | InputValueDefinitionNode) =>
    directiveOf(node, 'inaccessible') !== undefined || hidden.has(namedTypeOf(node.type))
  return visit(document, {
    enter(node) {
      if (isTypeDefinitionNode(node)) return hidden.has(node.name.value) ? null : undefined
      if (node.kind === Kind.FIELD_DEFINITION || node.kind === Kind.INPUT_VALUE_DEFINITION)
        return isHidden(node) ? null : undefined
      if (node.kind === Kind.ENUM_VALUE_DEFINITION)
        return directiveOf(node, 'inaccessible') ? null : undefined
      return undefined
    },
  })
}

/** The fields that another subgraph has taken over (`@override(from:)`), as `Type.field`. */
export function overridden(subgraphs: readonly SubgraphTypes[], name: string): Set<string> {
  const taken = new Set<string>()
  for (const { types } of subgraphs)
    for (const type of types.values()) {
      if (type.kind !== Kind.OBJECT_TYPE_DEFINITION) continue
      for (const field of type.fields ?? [])
        if (argumentOf(directiveOf(field, 'override'), 'from') === name)
          taken.add(`${type.name.value}.${field.name.value}`)
    }
  return taken
}
