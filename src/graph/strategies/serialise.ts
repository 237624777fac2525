import {
  type GraphQLScalarType,
  GraphQLBoolean,
  GraphQLFloat,
  GraphQLID,
  GraphQLInt,
  GraphQLString,
} from 'graphql/index.js'
import { scalars } from '../schema/scalars.ts'
import type { ValueKind } from './entity-mapping.ts'
import { UnsuitedError } from './errors.ts'

/** As the scalar of its kind writes it in an answer; these are the very scalars that a subgraph has. */
export function serialise(kind: ValueKind, value: unknown): unknown {
  if (value === null || value === undefined) return null
  try {
    return SCALARS[kind].serialize(value)
  } catch {
    throw new UnsuitedError(`a value that the scalar of the kind ${kind} refuses`)
  }
}

const SCALARS: Record<ValueKind, Pick<GraphQLScalarType, 'serialize'>> = {
  text: GraphQLString,
  enum: GraphQLString,
  id: GraphQLID,
  int: GraphQLInt,
  float: GraphQLFloat,
  boolean: GraphQLBoolean,
  long: named('Long'),
  decimal: named('Decimal'),
  datetime: named('DateTime'),
  date: named('Date'),
  json: named('JSON'),
}

function named(name: string): Pick<GraphQLScalarType, 'serialize'> {
  const scalar = scalars.get(name)
  if (!scalar) throw new TypeError(`The base schema has no scalar ${name}`)
  return scalar
}
