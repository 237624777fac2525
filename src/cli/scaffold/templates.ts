import type { DomainNames } from './names.ts'

/** Where the new files import from: the package by name, or the repository's own sources. */
export interface ImportPaths {
  headwater: string
  testing: string
  aggregateFromTest: string
}

export function aggregateFile(
  { aggregate, variable, type }: DomainNames,
  { headwater }: ImportPaths,
): string {
  const constant = aggregate.toUpperCase().replaceAll('-', '_')
  return `import { defineAggregate, reject, z } from '${headwater}'

const Title = z.string().trim().min(1).max(200)

interface ${type}State {
  status: 'none' | 'open' | 'archived'
  title: string
}
const initial: ${type}State = { status: 'none', title: '' }

/** created → renamed as often as one likes → archived */
export const ${variable} = defineAggregate({
  name: '${aggregate}',
  events: {
    '${aggregate}.created': z.object({ title: Title }),
    '${aggregate}.renamed': z.object({ title: Title }),
    '${aggregate}.archived': z.object({}),
  },
  commands: {
    create: z.object({ title: Title }),
    rename: z.object({ title: Title }),
    archive: z.object({}),
  },
  initial,
  // What a command makes happen: events, or a refusal with a stable code.
  decide: {
    create: ({ status }, { title }, { id }) =>
      status === 'none'
        ? { type: '${aggregate}.created', data: { title } }
        : reject('${constant}_ALREADY_EXISTS', \`There is a ${aggregate} \${id} already\`, 409),
    rename: (state, { title }, { id }) => {
      if (state.status !== 'open') return notOpen(id, state)
      // Nothing changes, so nothing happens: accepted, without an event.
      return state.title === title ? [] : { type: '${aggregate}.renamed', data: { title } }
    },
    archive: (state, _, { id }) =>
      state.status === 'open' ? { type: '${aggregate}.archived', data: {} } : notOpen(id, state),
  },
  // What an event changes in the state that decisions rest on: no more than they need.
  evolve: {
    '${aggregate}.created': (state, { data }) => ({ ...state, status: 'open', title: data.title }),
    '${aggregate}.renamed': (state, { data }) => ({ ...state, title: data.title }),
    '${aggregate}.archived': (state) => ({ ...state, status: 'archived' }),
  },
})

function notOpen(id: string, { status }: ${type}State) {
  return status === 'none'
    ? reject('${constant}_NOT_FOUND', \`There is no ${aggregate} \${id}\`, 404)
    : reject('${constant}_ARCHIVED', \`The ${aggregate} \${id} is archived\`)
}
`
}

export function projectionFile(
  { variable, projection, aggregate }: DomainNames,
  { headwater }: ImportPaths,
): string {
  return `import { column, defineProjection } from '${headwater}'
import { ${variable} } from './aggregate.ts'

/** The table tb_${projection}_projection, one row each, and the view v_${projection} for readers. */
export const ${variable}Projection = defineProjection({
  name: '${projection}',
  version: 1,
  from: [${variable}],
  columns: {
    id: column.text().key(),
    status: column.text(),
    title: column.text(),
    created_at: column.timestamp().index(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    '${aggregate}.created': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      status: 'OPEN',
      title: data.title,
      created_at: time,
      updated_at: time,
      version,
    }),
    '${aggregate}.renamed': (row, { data, time, version }) =>
      row && { ...row, title: data.title, updated_at: time, version },
    '${aggregate}.archived': (row, { time, version }) =>
      row && { ...row, status: 'ARCHIVED', updated_at: time, version },
  },
})
`
}

export function graphFile({ variable, type, list }: DomainNames, { headwater }: ImportPaths): string {
  return `import { allEvents, command, connection, defineEntity, defineGraph, defineLive } from '${headwater}'
import type { Condition, ProjectionRow } from '${headwater}'
import { ${variable} } from './aggregate.ts'
import { ${variable}Projection } from './projection.ts'

// Current state from the projection, history from the log: one type of the graph.
const entity = defineEntity({ type: '${type}', aggregate: ${variable}, projection: ${variable}Projection })

type Filter = { status?: string | null }
const where = ({ status }: Filter): Condition<ProjectionRow<typeof ${variable}Projection>>[] => [
  ['status', '=', status],
]

const lists = connection(entity, {
  orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at' },
  where,
})
// The subscriptions ${variable}Changed and ${list}Changed: what is now, then every event, resumed by a cursor.
const live = defineLive(entity, { filter: '${type}Filter', where })

const typeDefs = \`
  extend type Query {
    ${variable}(id: ID!, asOf: DateTime, asOfVersion: Int, atLeast: PositionInput): ${type}
    ${list}(filter: ${type}Filter, orderBy: ${type}Order, first: Int = 20, after: String, atLeast: PositionInput): ${type}Connection!
  }

  extend type CommandResult {
    "After the command; null when the command was for something else"
    ${variable}: ${type}
  }

  type ${type} {
    id: ID!
    status: ${type}Status!
    title: String!
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
    allEvents(first: Int = 100, after: String): EventConnection!
  }

  enum ${type}Status { OPEN ARCHIVED }
  input ${type}Filter { status: ${type}Status }
  input ${type}TitleInput { title: String! }

  extend type Mutation {
    create${type}(id: ID, input: ${type}TitleInput!, commandId: ID, expectedVersion: Int): CommandResult!
    rename${type}(id: ID!, input: ${type}TitleInput!, commandId: ID, expectedVersion: Int): CommandResult!
    archive${type}(id: ID!, commandId: ID, expectedVersion: Int): CommandResult!
  }
\`

export const ${variable}Graph = defineGraph({
  typeDefs: [typeDefs, lists.typeDefs, live.typeDefs],
  entities: [entity],
  resolvers: {
    Query: { ${variable}: entity.one, ${list}: lists.all },
    Subscription: live.subscriptions,
    ...live.types,
    ${type}: { allEvents },
    CommandResult: { ${variable}: entity.changed },
    Mutation: {
      create${type}: command(${variable}, 'create'),
      rename${type}: command(${variable}, 'rename'),
      archive${type}: command(${variable}, 'archive'),
    },
  },
})
`
}

export function contextFile(
  { domain, variable, contextVariable }: DomainNames,
  { headwater }: ImportPaths,
): string {
  return `import { defineContext } from '${headwater}'
import { ${variable} } from './aggregate.ts'
import { ${variable}Graph } from './graph.ts'
import { ${variable}Projection } from './projection.ts'

/** One stream, one aggregate, one table, one part of the graph. */
export const ${contextVariable} = defineContext({
  name: '${domain}',
  aggregates: [${variable}],
  projections: [${variable}Projection],
  graph: ${variable}Graph,
})
`
}

export function testFile(
  { aggregate, variable }: DomainNames,
  { testing, aggregateFromTest }: ImportPaths,
  runner: 'vitest' | 'node:test',
): string {
  const constant = aggregate.toUpperCase().replaceAll('-', '_')
  return `import { describe, it } from '${runner}'
import { given } from '${testing}'
import { ${variable} } from '${aggregateFromTest}'

const created = { type: '${aggregate}.created', data: { title: 'first' } } as const

describe('${aggregate}', () => {
  it('is created once', () => {
    given(${variable}).when('create', { title: 'first' }).thenEvents(created)
    given(${variable}, created).when('create', { title: 'again' }).thenRejected('${constant}_ALREADY_EXISTS', 409)
  })

  it('is renamed, and nothing happens when the title is the same', () => {
    given(${variable}, created)
      .when('rename', { title: 'second' })
      .thenEvents({ type: '${aggregate}.renamed', data: { title: 'second' } })
    given(${variable}, created).when('rename', { title: 'first' }).thenNothing()
  })

  it('takes no more once it is archived', () => {
    const archived = { type: '${aggregate}.archived', data: {} } as const
    given(${variable}, created).when('archive').thenEvents(archived)
    given(${variable}, created, archived).when('rename', { title: 'late' }).thenRejected('${constant}_ARCHIVED')
  })

  it('has to be there', () => {
    given(${variable}).when('archive').thenRejected('${constant}_NOT_FOUND', 404)
  })
})
`
}
