import {
  type GraphQLLeafType,
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  isSpecifiedScalarType,
} from 'graphql/index.js'
import type { Complete } from './run.ts'

const MAX_INT = 2_147_483_647
const MIN_INT = -2_147_483_648

/** Values that are as they should be; anything else has to be looked at by the type itself. */
const SOUND = new Map<GraphQLLeafType, (value: unknown) => boolean>([
  [GraphQLString, (value) => typeof value === 'string'],
  [GraphQLID, (value) => typeof value === 'string'],
  [GraphQLBoolean, (value) => typeof value === 'boolean'],
  [GraphQLFloat, (value) => typeof value === 'number' && Number.isFinite(value)],
  [
    GraphQLInt,
    (value) => typeof value === 'number' && Number.isInteger(value) && value <= MAX_INT && value >= MIN_INT,
  ],
])

/**
 * Scalars of GraphQL's own are checked, and coerced where the specification allows it. Custom ones pass as they are. An enum
 * has to have the value: one that is inaccessible must not be seen.
 */
export function completeLeaf(type: GraphQLLeafType, field: string): Complete {
  if (!isEnumType(type) && !isSpecifiedScalarType(type)) return (value) => value
  const message = `The value of ${field} is none of its type ${type.name}.`
  const isSound = isEnumType(type) ? isValueOf(type.getValues().map(({ name }) => name)) : SOUND.get(type)
  if (isSound === undefined || isEnumType(type)) {
    return (value, run, _, key) => (isSound?.(value) === true ? value : run.fail(key, message))
  }
  return (value, run, _, key) => {
    if (isSound(value)) return value
    try {
      return type.serialize(value)
    } catch {
      return run.fail(key, message)
    }
  }
}

function isValueOf(names: readonly string[]): (value: unknown) => boolean {
  const known = new Set<unknown>(names)
  return (value) => known.has(value)
}
