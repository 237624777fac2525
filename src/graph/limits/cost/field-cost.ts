import {
  type GraphQLArgument,
  type GraphQLField,
  getNamedType,
  getNullableType,
  isCompositeType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql/index.js'
import { listSizeOf, weightOf } from './directives.ts'

/** What a field costs but for its arguments and what is selected in it. */
export interface FieldCost {
  /** Once, whatever it has. */
  readonly base: number
  /** For each object that it has. */
  readonly each: number
  /** True when it has `size` objects, false when it has one, whose lists have that size. */
  readonly isList: boolean
  /** The arguments that give the size; the largest of them counts. */
  readonly slicing: readonly GraphQLArgument[]
  readonly requireOne: boolean
  /** The size when no argument says. */
  readonly assumed: number
  /** The arguments that read history when they are given. */
  readonly moments: readonly GraphQLArgument[]
  readonly weights: readonly (readonly [GraphQLArgument, number])[]
}

/** How long a list is of which nothing is known. */
export const ASSUMED_SIZE = 10
/** Reading a history is a request to the log, or a scan of it: about as much as ten rows of a batch. */
export const HISTORY_COST = 10
/** A command is decided and appended. */
const MUTATION_COST = 10

const SLICING = new Set(['first', 'last', 'limit'])
const MOMENTS = new Set(['asOf', 'asOfVersion'])
const HISTORY = /(^h|H)istory$|(^e|E)vents$/

/** The rules of thumb, and the author's `@cost` and `@listSize` where they say otherwise. */
export function fieldCost(field: GraphQLField<unknown, unknown>, isMutation: boolean): FieldCost {
  const type = getNamedType(field.type)
  const size = listSizeOf(field)
  const weight = weightOf(field)
  const slicing = size
    ? field.args.filter(({ name }) => size.slicingArguments.includes(name))
    : field.args.filter(isSlicing)
  return {
    base: weight !== undefined ? 0 : isMutation ? MUTATION_COST : readsHistory(field) ? HISTORY_COST : 0,
    each: weight ?? weightOf(type) ?? (isCompositeType(type) ? 1 : 0),
    isList: isListType(getNullableType(field.type)) && !size?.sizedFields.length,
    slicing,
    requireOne: size !== undefined && size.requireOneSlicingArgument && slicing.length > 0,
    assumed: size?.assumedSize ?? ASSUMED_SIZE,
    moments: field.args.filter(({ name }) => MOMENTS.has(name)),
    weights: field.args.flatMap((argument) => {
      const own = weightOf(argument)
      return own === undefined ? [] : [[argument, own] as const]
    }),
  }
}

/** Pages are numbers; those of `_entities` are as long as the list of what is asked for. */
function isSlicing({ name, type }: GraphQLArgument): boolean {
  const nullable = getNullableType(type)
  if (name === 'representations') return isListType(nullable)
  return SLICING.has(name) && getNamedType(type).name === 'Int' && !isListType(nullable)
}

function readsHistory({ name, type }: GraphQLField<unknown, unknown>): boolean {
  const named = getNamedType(type)
  if (named.name === 'EventConnection') return true
  return (isObjectType(named) || isInterfaceType(named)) && HISTORY.test(name)
}
