import * as fc from 'fast-check'
import {
  type GraphQLInputType,
  type GraphQLSchema,
  buildClientSchema,
  getIntrospectionQuery,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  getNamedType,
  isLeafType,
} from 'graphql/index.js'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Served, serveOn } from '../security/serve.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { errorLog, expectGraphql } from './answers.ts'
import { runs } from './fuzzing.ts'
import { oddNumber, oddText, oddValue } from './hostile.ts'

const stack = stackOfFile()
const log = errorLog()
let service: Served
let schema: GraphQLSchema

async function ask(query: string, variables: unknown = {}) {
  const response = await fetch(service.url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  return expectGraphql(await response.text())
}

const Introspected = z.looseObject({ data: z.custom<Parameters<typeof buildClientSchema>[0]>() })

beforeAll(async () => {
  service = await serveOn(stack(), {
    logger: log.logger,
    untilTestEnds: false,
    overrides: { graph: { atLeastTimeoutMs: 20 } },
  })
  schema = buildClientSchema(Introspected.parse(await ask(getIntrospectionQuery())).data)
  const data = { customerId: 'c-1', currency: 'EUR', items: [{ sku: 'tea', quantity: 1, unitPrice: '4.50' }] }
  for (const id of ['a', 'b', 'c'])
    await service.sender.send({ aggregate: 'order', id, command: 'create', data })
  await until('the orders', async () =>
    JSON.stringify(await ask('{ orders { nodes { id } } }')).includes('"c"'),
  )
}, 60_000)
afterAll(async () => {
  await service?.stop()
}, 60_000)

const cursors = async () => {
  const { data } = await ask(
    '{ orders(first: 2) { edges { cursor } pageInfo { endCursor } } order(id: "a") { allEvents { pageInfo { endCursor } } } }',
  )
  return JSON.stringify(data).match(/[A-Za-z0-9_-]{20,}/g) ?? []
}

const time = fc.constantFrom(
  '2026-01-31T10:00:00Z',
  '0000-01-01T00:00:00Z',
  '9999-12-31T23:59:59.999999999Z',
  '+275760-09-13T00:00:00Z',
  '-000001-01-01T00:00:00Z',
  '2026-02-30T00:00:00Z',
  'now',
  '',
)
const page = fc.constantFrom(1, 2, 3, 10, 50, 100, 0, -1, 101, 2 ** 31 - 1, -(2 ** 31))

/** Values for an argument: most of its type, extreme ones. */
function valueOf(type: GraphQLInputType, known: readonly string[]): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return valueOf(type.ofType, known)
  const odd = { weight: 1, arbitrary: fc.oneof(oddValue, fc.constant(null)) }
  if (isListType(type))
    return fc.oneof({ weight: 40, arbitrary: fc.array(valueOf(type.ofType, known), { maxLength: 3 }) }, odd)
  if (isEnumType(type))
    return fc.oneof(
      { weight: 40, arbitrary: fc.constantFrom(...type.getValues().map(({ name }) => name)) },
      odd,
    )
  if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields()).map(
      (field) => [field.name, valueOf(field.type, known)] as const,
    )
    return fc.oneof(
      { weight: 40, arbitrary: fc.record(Object.fromEntries(fields), { requiredKeys: [] }) },
      odd,
    )
  }
  const texts = fc.oneof(
    fc.constantFrom('a', 'b', ...known),
    oddText,
    ...known.map((cursor) => tampered(cursor)),
  )
  const fitting: Record<string, fc.Arbitrary<unknown>> = {
    Int: page,
    Float: oddNumber.filter(Number.isFinite),
    Boolean: fc.boolean(),
    DateTime: fc.oneof(time, oddText),
    Decimal: fc.oneof(fc.constantFrom('1.00', '1e400', 'NaN', `${'9'.repeat(1000)}.1`, '-0'), oddText),
  }
  return fc.oneof({ weight: 40, arbitrary: fitting[type.name] ?? texts }, odd)
}

/** A cursor of an answer of which a character is another one, or more or less. */
function tampered(cursor: string): fc.Arbitrary<string> {
  return fc
    .tuple(fc.nat(cursor.length), fc.constantFrom('', 'A', '_', '-', '%', '=', 'é'), fc.boolean())
    .map(([at, other, cut]) => cursor.slice(0, at) + other + cursor.slice(cut ? cursor.length : at + 1))
}

/** Some leaves of a type, and of what they are in. */
function selection(typeName: string, depth = 0): string {
  const type = schema.getType(typeName)
  if (!type || !('getFields' in type) || isInputObjectType(type)) return ' { __typename }'
  const fields = Object.values(type.getFields()).flatMap((field) => {
    const named = getNamedType(field.type)
    if (isLeafType(named)) return 'args' in field && field.args.length > 0 ? [] : [field.name]
    return depth < 2 && ['nodes', 'pageInfo', 'edges', 'node', 'events'].includes(field.name)
      ? [field.name + selection(named.name, depth + 1)]
      : []
  })
  return ` { __typename ${fields.join(' ')} }`
}

describe('whatever is asked of the graph is answered, with codes', () => {
  it('every field of Query and Mutation, with arguments that are odd', async () => {
    const known = await cursors()
    expect(known.length).toBeGreaterThan(2)
    const fields = [schema.getQueryType(), schema.getMutationType()].flatMap((type) =>
      Object.values(type?.getFields() ?? {}).map((field) => ({
        kind: type === schema.getQueryType() ? 'query' : 'mutation',
        field,
        values: fc.record(
          Object.fromEntries(field.args.map(({ name, type: of }) => [name, valueOf(of, known)])),
          { requiredKeys: field.args.filter(({ type: of }) => isNonNullType(of)).map(({ name }) => name) },
        ),
      })),
    )
    let answered = 0
    await fc.assert(
      fc.asyncProperty(
        fc
          .constantFrom(...fields)
          .chain(({ kind, field, values }) => fc.tuple(fc.constant({ kind, field }), values)),
        async ([{ kind, field }, values]) => {
          const variables = field.args.map(({ name, type }) => `$${name}: ${String(type)}`).join(', ')
          const passed = field.args.map(({ name }) => `${name}: $${name}`).join(', ')
          const named = getNamedType(field.type)
          const selected = isLeafType(named) ? '' : selection(named.name)
          const head = variables === '' ? '' : ` (${variables})`
          const call = passed === '' ? field.name : `${field.name}(${passed})`
          const { data, errors = [] } = await ask(`${kind}${head} { ${call}${selected} }`, values)
          expect(errors.filter(({ extensions }) => extensions.code === 'GRAPHQL_VALIDATION_FAILED')).toEqual(
            [],
          )
          if (data || errors.some(({ path }) => path !== undefined)) answered++
          expect(log.take()).toEqual([])
        },
      ),
      runs(250),
    )
    expect(answered, 'what got as far as a resolver').toBeGreaterThan(25)
  })

  it('documents that are nearly right', async () => {
    const good =
      '{ orders(first: 2, filter: { status: CONFIRMED }) { nodes { id ...f } } } fragment f on Order { total allEvents { nodes { type } } }'
    const pieces = good.split(/\b/)
    await fc.assert(
      fc.asyncProperty(
        fc.nat(pieces.length),
        fc.oneof(
          fc.constantFrom(
            '',
            '{',
            '}',
            '...',
            '@skip(if: true)',
            '@defer',
            '$x',
            '"""',
            '#',
            '\ufeff',
            '__schema',
            '!',
            '(',
            '1e999',
            '"\\ud800"',
            '@include',
          ),
          oddText,
          fc.constantFrom(...pieces),
        ),
        fc.boolean(),
        async (at, other, replaces) => {
          await ask([...pieces.slice(0, at), other, ...pieces.slice(replaces ? at + 1 : at)].join(''))
          expect(log.take()).toEqual([])
        },
      ),
      runs(120),
    )
  })
})
