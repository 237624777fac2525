import {
  type FieldDefinitionNode,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  Kind,
} from 'graphql/index.js'
import { EngineUnsuitedError } from '../errors.ts'
import { type TypePart, keyFieldsOf, ownFields, sharedKey } from './keys.ts'
import { keyDirective, withExternal, withoutKeys } from './write-nodes.ts'

/** What a subgraph is to say of a type. */
export interface Placed {
  readonly subgraph: string
  readonly node: ObjectTypeDefinitionNode | ObjectTypeExtensionNode
}

export interface Placement {
  readonly placed: readonly Placed[]
  /** The subgraph that the engine asks for the type; null when each answers for itself. */
  readonly owner: string | null
  /** What subgraphs that do not own the type add to it. */
  readonly added: readonly { readonly subgraph: string; readonly field: FieldDefinitionNode }[]
}

/**
 * How an object type of one or several subgraphs is said in Federation 1: defined by its owner and extended by the others,
 * or, when subgraphs share its fields, defined by each alike.
 *
 * @throws EngineUnsuitedError
 */
export function placeObject(parts: readonly TypePart[]): Placement {
  const [only] = parts
  if (only && parts.length === 1) return placeAlone(only)
  const isEntity = parts.some(({ type }) => keyFieldsOf(type).length > 0)
  const key = isEntity ? sharedKey(parts) : ''
  const own = parts.map((part) => ownFields(part, key))
  const answering = own.filter((fields) => fields.length > 0)
  const common = commonNames(answering)
  const isShared =
    !isEntity ||
    (answering.length > 1 &&
      common.size > 0 &&
      answering.flat().every(({ name, type }) => common.has(name.value) || type.kind !== Kind.NON_NULL_TYPE))
  return isShared ? placeShared(parts, common, key) : placeEntity(parts, own, key)
}

function placeAlone({ subgraph, type }: TypePart): Placement {
  const [key] = keyFieldsOf(type)
  if (key === undefined) return { placed: [{ subgraph, node: type }], owner: subgraph, added: [] }
  const node = { ...type, directives: [...withoutKeys(type), keyDirective(sharedKey([{ subgraph, type }]))] }
  return { placed: [{ subgraph, node }], owner: subgraph, added: [] }
}

function commonNames([first = [], ...others]: readonly FieldDefinitionNode[][]): Set<string> {
  const names = first.map(({ name }) => name.value)
  return new Set(
    names.filter((name) => others.every((fields) => fields.some((field) => field.name.value === name))),
  )
}

/**
 * Each subgraph answers for what it returns. What one of them adds is null in the answers of the others: it has to be
 * nullable, which for a key that leads nowhere (that of a command's result) is all that there is to be known.
 */
function placeShared(parts: readonly TypePart[], common: ReadonlySet<string>, key: string): Placement {
  const kept = new Set([...common, ...key.split(' ')])
  const added = parts.flatMap(({ subgraph, type }) =>
    (type.fields ?? []).filter(({ name }) => !kept.has(name.value)).map((field) => ({ subgraph, field })),
  )
  for (const { field } of added)
    if (field.type.kind === Kind.NON_NULL_TYPE)
      throw new EngineUnsuitedError(
        `${parts[0]?.type.name.value ?? ''} is not the same in all subgraphs: not all of them have ${field.name.value}`,
      )
  const placed = parts.flatMap(({ subgraph, type }): Placed[] => {
    const fields = (type.fields ?? []).filter(({ name }) => kept.has(name.value))
    const others = added.filter((one) => one.subgraph === subgraph).map(({ field }) => field)
    const node = { ...type, directives: withoutKeys(type), fields }
    if (others.length === 0) return [{ subgraph, node }]
    return [
      { subgraph, node },
      { subgraph, node: { kind: Kind.OBJECT_TYPE_EXTENSION, name: type.name, fields: others } },
    ]
  })
  return { placed, owner: null, added }
}

/** Who knows most of it owns it. */
function placeEntity(
  parts: readonly TypePart[],
  own: readonly FieldDefinitionNode[][],
  key: string,
): Placement {
  const most = Math.max(...own.map(({ length }) => length))
  const owner = own.findIndex(({ length }) => length === most)
  const owned = new Set((own[owner] ?? []).map(({ name }) => name.value))
  const external = new Set([...owned, ...key.split(' ')])
  const placed = parts.map(({ subgraph, type }, place): Placed => {
    const directives = [...withoutKeys(type), keyDirective(key)]
    if (place === owner) return { subgraph, node: { ...type, directives } }
    const fields = (type.fields ?? []).map((field) =>
      external.has(field.name.value) ? withExternal(field) : field,
    )
    return { subgraph, node: { kind: Kind.OBJECT_TYPE_EXTENSION, name: type.name, directives, fields } }
  })
  const added = parts.flatMap(({ subgraph }, place) =>
    place === owner
      ? []
      : (own[place] ?? []).filter(({ name }) => !owned.has(name.value)).map((field) => ({ subgraph, field })),
  )
  return { placed, owner: parts[owner]?.subgraph ?? null, added }
}
