import { type FieldNode, type GraphQLArgument, type ValueNode, Kind } from 'graphql/index.js'
import type { ReadVariable } from '../../syntax/inclusion.ts'

/** What an argument says of a size: a number, the length of a list; undefined when it is not given, or null. */
export function argumentSize(
  node: FieldNode,
  { name, defaultValue }: GraphQLArgument,
  read: ReadVariable,
): number | undefined {
  const value = node.arguments?.find((one) => one.name.value === name)?.value
  return sizeOfValue(value ? valueOf(value, read) : undefined, defaultValue)
}

/** Whether an argument is given, with something else than null. */
export function isGiven(node: FieldNode, { name }: GraphQLArgument, read: ReadVariable): boolean {
  const value = node.arguments?.find((one) => one.name.value === name)?.value
  if (!value || value.kind === Kind.NULL) return false
  return value.kind !== Kind.VARIABLE || (read(value.name.value) ?? null) !== null
}

/** As much of a value as sizes need: numbers and lists. */
function valueOf(value: ValueNode, read: ReadVariable): unknown {
  if (value.kind === Kind.VARIABLE) return read(value.name.value)
  if (value.kind === Kind.INT) return Number(value.value)
  return value.kind === Kind.LIST ? value.values : undefined
}

/** Less than none is none: the field itself refuses it. */
function sizeOfValue(value: unknown, standard: unknown): number | undefined {
  if (Array.isArray(value)) return value.length
  const size = value ?? standard
  return typeof size === 'number' ? Math.max(size, 0) : undefined
}
