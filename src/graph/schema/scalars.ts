import { type ValueNode, GraphQLScalarType, Kind, valueFromASTUntyped } from 'graphql/index.js'
import { z } from 'zod'
import { BadUserInputError } from '../errors.ts'

const DECIMAL = /^-?\d{1,1000}(\.\d{1,1000})?$/
const DateTime = z.iso.datetime({ offset: true })
const Day = z.iso.date()

/** What the scalars of the base schema do; by name. The first three are strings on the wire, in and out. */
export const scalars = new Map([
  [
    'Decimal',
    text('Decimal', (value) => DECIMAL.test(value), 'must be a decimal number as a string, such as "12.50"'),
  ],
  [
    'DateTime',
    text(
      'DateTime',
      (value) => DateTime.safeParse(value).success,
      'must be an ISO 8601 time with its offset, such as "2026-01-31T10:00:00Z"',
    ),
  ],
  [
    'Date',
    text(
      'Date',
      // PostgreSQL, and the calendar, know no year 0.
      (value) => Day.safeParse(value).success && !value.startsWith('0000'),
      'must be a day of the calendar as a string, such as "2026-01-31"',
    ),
  ],
  [
    'JSON',
    new GraphQLScalarType({ name: 'JSON', parseValue: (value) => value, parseLiteral: valueFromASTUntyped }),
  ],
  ['Cursor', text('Cursor', (value) => value !== '', 'must be a cursor from a payload, a string')],
  ['Long', new GraphQLScalarType({ name: 'Long', serialize: long, parseValue: long })],
])

function text(
  name: string,
  isValid: (value: string) => boolean,
  rule: string,
): GraphQLScalarType<string, string> {
  function parse(value: unknown): string {
    if (typeof value === 'string' && isValid(value)) return value
    throw new BadUserInputError(name, rule)
  }
  return new GraphQLScalarType({
    name,
    parseValue: parse,
    parseLiteral: (node: ValueNode) => parse(node.kind === Kind.STRING ? node.value : undefined),
    serialize: String,
  })
}

function long(value: unknown): number {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value
  throw new BadUserInputError('Long', 'must be a whole number up to 2^53')
}
