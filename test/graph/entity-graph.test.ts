import { printSchema } from 'graphql/index.js'
import { describe, expect, expectTypeOf, it } from 'vitest'
import type { History } from '../../src/index.ts'
import { composeSchema } from '../../src/graph/compose.ts'
import {
  column,
  defineAggregate,
  defineEntityGraph,
  defineProjection,
  reference,
  z,
} from '../../src/index.ts'

const ticket = defineAggregate({
  name: 'help-ticket',
  events: { 'help-ticket.opened': z.object({ title: z.string(), owner: z.string() }) },
  commands: {
    open: z.object({ title: z.string(), owner: z.string() }),
    close: z.object({}),
  },
  initial: { open: false },
  decide: { open: (_, data) => ({ type: 'help-ticket.opened', data }), close: () => [] },
  evolve: { 'help-ticket.opened': () => ({ open: true }) },
})
const ticketProjection = defineProjection({
  name: 'help_ticket',
  version: 1,
  from: [ticket],
  columns: {
    id: column.text().key(),
    title: column.text(),
    owner_id: column.text().nullable().index(),
    weight: column.integer(),
    created_at: column.timestamp().index(),
    version: column.bigint(),
  },
  evolve: {
    'help-ticket.opened': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      title: data.title,
      owner_id: data.owner,
      weight: 1,
      created_at: time,
      version,
    }),
  },
})
const parts = { type: 'HelpTicket', aggregate: ticket, projection: ticketProjection } as const
const OWN = 'type HelpTicket { id: ID!  title: String! }'

function schemaOf(graph: ReturnType<typeof defineEntityGraph>): string {
  return printSchema(composeSchema([graph]))
}

describe('defineEntityGraph', () => {
  it('makes of a type alone the field of one, and its history', () => {
    const schema = schemaOf(defineEntityGraph({ ...parts, typeDefs: OWN }))
    expect(schema).toContain(
      'The help ticket as it is, or as it was: at a moment of the business, or at a version. Null when there is none, or was none yet.',
    )
    expect(schema).toContain(
      'helpTicket(id: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): HelpTicket',
    )
    expect(schema).toMatch(/type HelpTicket \{[^}]*allEvents\(first: Int = 100, after: String\)/)
    expect(schema).not.toMatch(/helpTickets|HelpTicketChange|type Mutation/)
  })

  it('makes lists, subscriptions and mutations of what is said of them', () => {
    const schema = schemaOf(
      defineEntityGraph({
        ...parts,
        key: 'number',
        plural: 'helpDesk',
        lists: {
          orderBy: { CREATED_AT: 'created_at', WEIGHT: 'weight' },
          filter: { owner: ['owner_id', '=', 'ID'], idIn: ['id', 'in', '[ID!]'] },
          of: { Owner: { column: 'owner_id', description: 'Those of "this" one' } },
        },
        live: true,
        mutations: {
          openTicket: { command: 'open', input: 'OpenInput!', creates: true, description: 'Opens.' },
          closeTicket: { command: 'close' },
        },
        descriptions: { all: 'All of the desk', changed: 'The ticket then' },
        typeDefs: 'type HelpTicket { number: ID! }  input OpenInput { title: String! }',
        references: { Owner: 'id' },
      }),
    )
    expect(schema).toContain(`"""All of the desk"""
  helpDesk(filter: HelpTicketFilter, orderBy: HelpTicketOrder, first: Int = 20, after: String, atLeast: PositionInput): HelpTicketConnection!`)
    expect(schema).toContain(`"""Those of "this" one"""
  helpDesk(first: Int = 20, after: String, atLeast: PositionInput): HelpTicketConnection!`)
    expect(schema).toContain('enum HelpTicketOrderField {\n  CREATED_AT\n  WEIGHT\n}')
    expect(schema).toContain(`"""What is given has to hold, all of it"""
input HelpTicketFilter {
  owner: ID
  idIn: [ID!]
}`)
    expect(schema).toContain('helpTicketChanged(number: ID!, after: Cursor): HelpTicketChange!')
    expect(schema).toContain('helpDeskChanged(filter: HelpTicketFilter, after: Cursor): HelpTicketChange!')
    expect(schema).toContain(`  """
  Opens.
  Without an id one is made up; from the commandId, if there is one, so that repeating it is safe
  """
  openTicket(number: ID, input: OpenInput!, commandId: ID, expectedVersion: Int): CommandResult!
  closeTicket(number: ID!, commandId: ID, expectedVersion: Int): CommandResult!`)
    expect(schema).toContain('"""The ticket then"""\n  helpTicket: HelpTicket')
  })

  it('keeps what an author writes beside it, and refuses a second resolver of what it has made', () => {
    const own = {
      ...parts,
      typeDefs: `${OWN} extend type HelpTicket { loud: String! } extend type Query { desk: String! }`,
      fields: { loud: () => 'LOUD' },
    }
    const graph = defineEntityGraph({ ...own, resolvers: { Query: { desk: () => 'the desk' } } })
    expect(schemaOf(graph)).toContain('loud: String!')
    expect(graph.resolvers['Query']).toHaveProperty('desk')
    expect(() => defineEntityGraph({ ...own, resolvers: { Query: { helpTicket: () => null } } })).toThrow(
      'Query.helpTicket has two resolvers',
    )
    expect(() => defineEntityGraph({ ...own, fields: { allEvents: () => null } })).toThrow(
      'HelpTicket.allEvents has two resolvers',
    )
  })
})

describe('its author', () => {
  it('gets the types of rows and commands', () => {
    defineEntityGraph({
      ...parts,
      typeDefs: `${OWN} extend type HelpTicket { owner: Owner  heavy: Boolean! }`,
      references: { Owner: 'id' },
      fields: {
        owner: reference('Owner', ({ row }) => {
          expectTypeOf(row.owner_id).toEqualTypeOf<string | null>()
          return row.owner_id
        }),
        heavy: ({ row, history }, _: unknown, { caller }) => {
          expectTypeOf(row.weight).toEqualTypeOf<number>()
          expectTypeOf(history).toEqualTypeOf<History>()
          expectTypeOf(caller).toEqualTypeOf<unknown>()
          return row.weight > 10
        },
      },
    })
  })

  it('is told of columns and commands that are not there', () => {
    defineEntityGraph({
      ...parts,
      typeDefs: OWN,
      // @ts-expect-error there is no such column
      lists: { orderBy: { HEIGHT: 'height' } },
    })
    defineEntityGraph({
      ...parts,
      typeDefs: OWN,
      // @ts-expect-error there is no such column
      lists: { orderBy: { WEIGHT: 'weight' }, filter: { height: ['height', '=', 'Int'] } },
    })
    defineEntityGraph({
      ...parts,
      typeDefs: OWN,
      // @ts-expect-error nothing is compared like that
      lists: { orderBy: { WEIGHT: 'weight' }, filter: { weight: ['weight', '~', 'Int'] } },
    })
    defineEntityGraph({
      ...parts,
      typeDefs: OWN,
      // @ts-expect-error there is no such command
      mutations: { loseTicket: { command: 'lose' } },
    })
    defineEntityGraph({
      ...parts,
      typeDefs: OWN,
      // @ts-expect-error a row has no such column
      fields: { tall: ({ row }) => row.height },
    })
  })
})
