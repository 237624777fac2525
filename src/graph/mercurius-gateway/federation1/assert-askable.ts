import { type ObjectTypeExtensionNode, type TypeDefinitionNode, Kind, print, visit } from 'graphql/index.js'
import { EngineUnsuitedError } from '../errors.ts'
import { namedTypeOf } from './nodes.ts'
import type { Placement } from './place-object.ts'

type Kinds = ReadonlyMap<string, TypeDefinitionNode['kind']>

/**
 * The engine asks the owner of a field's type for the field, whoever adds it, and nobody for a field that is an enum.
 * @throws EngineUnsuitedError for what would be null in silence
 */
export function assertAskable(
  type: string,
  { added, owner }: Placement,
  placements: ReadonlyMap<string, Placement>,
  kinds: Kinds,
): void {
  for (const { subgraph, field } of added) {
    const named = namedTypeOf(field.type)
    const where = `${type}.${field.name.value} of the subgraph ${subgraph}`
    const isEnum = kinds.get(named) === Kind.ENUM_TYPE_DEFINITION
    if (isEnum && owner !== null) throw new EngineUnsuitedError(`${where} is an enum in a type of another`)
    const fieldType = placements.get(named)
    if (fieldType && fieldType.owner !== subgraph)
      throw new EngineUnsuitedError(
        `${where} is added to a type of another, and ${named} is not of ${subgraph} alone`,
      )
    const isAbstract =
      kinds.get(named) === Kind.INTERFACE_TYPE_DEFINITION || kinds.get(named) === Kind.UNION_TYPE_DEFINITION
    if (isAbstract) throw new EngineUnsuitedError(`${where} is an interface or union in a type of another`)
  }
}

/** @throws EngineUnsuitedError for root fields that the engine asks nobody for */
export function assertRootFieldsAskable({ name, fields = [] }: ObjectTypeExtensionNode, kinds: Kinds): void {
  for (const field of fields)
    if (kinds.get(namedTypeOf(field.type)) === Kind.ENUM_TYPE_DEFINITION)
      throw new EngineUnsuitedError(`${name.value}.${field.name.value} is an enum`)
}

/**
 * Of a type that is no object the engine takes the last definition that it sees.
 * @throws EngineUnsuitedError when the subgraphs have different ones
 */
export function assertSame(parts: readonly { type: TypeDefinitionNode }[]): void {
  if (new Set(parts.map(({ type }) => signatureOf(type))).size > 1)
    throw new EngineUnsuitedError(`${parts[0]?.type.name.value ?? ''} is not the same in all subgraphs`)
}

/** The type without what it says to people and in whatever order. */
function signatureOf(type: TypeDefinitionNode): string {
  const bare = visit(type, {
    Directive: () => null,
    enter: (node) => ('description' in node ? { ...node, description: undefined } : undefined),
  })
  return print(bare).split('\n').toSorted().join('\n')
}
