import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { defineSqlProjection } from '../../src/projections/definition/define-sql-projection.ts'
import type { ProjectionRow } from '../../src/projections/definition/definition.ts'
import { account, parcel } from './support.ts'

const Tag = z.object({ kind: z.enum(['red', 'blue']) })

describe('a fold definition', () => {
  it('infers rows from columns and events from the sources', () => {
    const projection = defineProjection({
      name: 'inferred',
      version: 1,
      from: [account, parcel],
      columns: {
        id: column.text().key(),
        note: column.text().nullable().index(),
        total: column.numeric(),
        tag: column.json(Tag),
        at: column.timestamp(),
        version: column.bigint(),
        flag: column.boolean(),
        count: column.integer().nullable(),
      },
      key: (event) => {
        expectTypeOf(event.type).toEqualTypeOf<
          'account.opened' | 'account.moved' | 'account.closed' | 'account.noted' | 'parcel.sent'
        >()
        return event.type === 'parcel.sent' ? event.data.to : event.aggregateId
      },
      evolve: {
        'account.opened': (row, event) => {
          expectTypeOf(event.data).toEqualTypeOf<{ owner: string }>()
          expectTypeOf(event.type).toEqualTypeOf<'account.opened'>()
          expectTypeOf(row).toEqualTypeOf<Readonly<ProjectionRow<typeof projection>> | null>()
          const { aggregateId: id, time: at, version } = event
          return {
            id,
            note: null,
            total: '0.00',
            tag: { kind: 'red' },
            at,
            version,
            flag: false,
            count: null,
          }
        },
        'parcel.sent': (row, { data }) => row && { ...row, note: data.to, tag: { kind: 'blue' } },
        // @ts-expect-error no source has such an event
        'parcel.lost': () => null,
      },
    })
    expectTypeOf<ProjectionRow<typeof projection>>().toEqualTypeOf<{
      id: string
      note: string | null
      total: string
      tag: { kind: 'red' | 'blue' }
      at: string
      version: number
      flag: boolean
      count: number | null
    }>()
    expect(projection.handles('account.opened')).toBe(true)
    expect(projection.handles('account.moved')).toBe(false)
  })

  it('does not compile with rows that do not fit', () => {
    const columns = { id: column.text().key(), tag: column.json(Tag) }
    const options = { name: 'wrong', version: 1, from: [account], columns } as const
    defineProjection({
      ...options,
      // @ts-expect-error the kind is none of the schema's
      evolve: { 'account.opened': (_, { aggregateId }) => ({ id: aggregateId, tag: { kind: 'green' } }) },
    })
    defineProjection({
      ...options,
      // @ts-expect-error a column is missing
      evolve: { 'account.opened': (_, { aggregateId }) => ({ id: aggregateId }) },
    })
  })

  it('is refused when its names or its key cannot be', () => {
    const define = (given: {
      name?: string
      version?: number
      columns?: Parameters<typeof defineProjection>[0]['columns']
    }) =>
      defineProjection({
        name: 'x',
        version: 1,
        from: [account],
        columns: { id: column.text().key() },
        evolve: {},
        ...given,
      })
    expect(() => define({ name: 'drop table' })).toThrow(/projection name "drop table" is not valid/)
    expect(() => define({ name: 'x'.repeat(41) })).toThrow(TypeError)
    expect(() => define({ name: 'a_projection_b' })).toThrow(/without "projection"/)
    expect(() => define({ columns: { id: column.text().key(), 'a"b': column.text() } })).toThrow(
      /column name/,
    )
    expect(() => define({ columns: { id: column.text() } })).toThrow(/exactly one key/)
    expect(() => define({ columns: { id: column.text().key(), b: column.text().key() } })).toThrow(
      /exactly one key/,
    )
    expect(() => define({ columns: { id: column.bigint().key() } })).toThrow(/has to be a text/)
    expect(() => define({ version: 0 })).toThrow(/whole number/)
    expect(() =>
      defineProjection({ name: 'x', version: 1, from: [], columns: { id: column.text().key() }, evolve: {} }),
    ).toThrow(/reads from nothing/)
  })
})

it('an SQL definition infers the events of its handlers', () => {
  const projection = defineSqlProjection({
    name: 'sums',
    version: 1,
    from: [account],
    migrate: async (schema, table) => {
      expectTypeOf(table).toEqualTypeOf<string>()
      await schema.schema.createTable(table).addColumn('owner', 'text').execute()
    },
    on: {
      'account.opened': async (event, tx, table) => {
        expectTypeOf(event.data).toEqualTypeOf<{ owner: string }>()
        await tx.insertInto(table).values({ owner: event.data.owner }).execute()
      },
      // @ts-expect-error no source has such an event
      'account.lost': async () => {},
    },
  })
  expect(projection.handles('account.opened')).toBe(true)
})
