import type { FieldDefinitionNode, ObjectTypeDefinitionNode } from 'graphql/index.js'
import { argumentOf, directiveOf, directivesOf } from '../../syntax/directives.ts'
import { EngineUnsuitedError } from '../errors.ts'

/** A type as one subgraph has it. */
export interface TypePart {
  readonly subgraph: string
  readonly type: ObjectTypeDefinitionNode
}

/** The keys of a type, each as its fields in order of their names: `aggregate id`. */
export function keyFieldsOf(type: ObjectTypeDefinitionNode): string[] {
  return directivesOf(type, 'key')
    .map((key) => argumentOf(key, 'fields'))
    .filter((fields) => typeof fields === 'string')
    .map((fields) =>
      fields
        .trim()
        .split(/[\s,]+/)
        .toSorted()
        .join(' '),
    )
}

/**
 * The one key that all subgraphs know the type by: the engine uses the first it finds.
 * @throws EngineUnsuitedError when there is none, or it has fields of objects in it
 */
export function sharedKey(parts: readonly TypePart[]): string {
  const [first, ...others] = parts.map(({ type }) => keyFieldsOf(type))
  const name = parts[0]?.type.name.value ?? ''
  const key = first?.find((one) => others.every((keys) => keys.includes(one)))
  if (key === undefined)
    throw new EngineUnsuitedError(
      `the subgraphs know ${name} by different keys, of which it follows only one`,
    )
  if (key.includes('{')) throw new EngineUnsuitedError(`the key of ${name} has fields of an object in it`)
  return key
}

/** The fields that a subgraph resolves itself, beside the key's. */
export function ownFields({ type }: TypePart, key: string): FieldDefinitionNode[] {
  const keyFields = new Set(key.split(' '))
  return (type.fields ?? []).filter(
    (field) => !keyFields.has(field.name.value) && !directiveOf(field, 'external'),
  )
}
