import type { DomainNames } from './names.ts'

/** Where the new files import from: the package by name, or the repository's own sources. */
export interface ImportPaths {
  headwater: string
  testing: string
  aggregateFromTest: string
}

export function aggregateFile(
  { aggregate, words, variable, type }: DomainNames,
  { headwater }: ImportPaths,
): string {
  const constant = constantOf(aggregate)
  return `import { defineAggregate, reject, z } from '${headwater}'

const Title = z.string().trim().min(1).max(200)

/** What decisions rest on, and no more: what is shown is in the projection. */
interface ${type}State {
  status: 'none' | 'open' | 'archived'
  title: string
}
const initial: ${type}State = { status: 'none', title: '' }

/** created → renamed as often as one likes → archived */
export const ${variable} = defineAggregate({
  name: '${aggregate}',
  // What has happened, in the past tense. It stays in the log for ever: one that has shipped never changes.
  events: {
    '${aggregate}.created': z.object({ title: z.string() }),
    '${aggregate}.renamed': z.object({ title: z.string() }),
    '${aggregate}.archived': z.object({}),
  },
  // What can be asked for, with the rules of today: what does not fit is refused before it is decided.
  commands: {
    create: z.object({ title: Title }),
    rename: z.object({ title: Title }),
    archive: z.object({}),
  },
  initial,
  // What a command makes happen: events, nothing, or a refusal with a stable code.
  decide: {
    create: ({ status }, { title }, { id }) =>
      status === 'none'
        ? { type: '${aggregate}.created', data: { title } }
        : reject('${constant}_ALREADY_EXISTS', \`The ${words} \${id} is there already; take another id\`, 409),
    rename: (state, { title }, { id }) => {
      if (state.status !== 'open') return notOpen(id, state)
      // Nothing changes, so nothing happens: accepted, without an event.
      return state.title === title ? [] : { type: '${aggregate}.renamed', data: { title } }
    },
    archive: (state, _, { id }) =>
      state.status === 'open' ? { type: '${aggregate}.archived', data: {} } : notOpen(id, state),
  },
  // What an event changes in the state.
  evolve: {
    '${aggregate}.created': (state, { data }) => ({ ...state, status: 'open', title: data.title }),
    '${aggregate}.renamed': (state, { data }) => ({ ...state, title: data.title }),
    '${aggregate}.archived': (state) => ({ ...state, status: 'archived' }),
  },
})

/** Why nothing more can be done with it: it is not there, or it is archived. */
function notOpen(id: string, { status }: ${type}State) {
  return status === 'none'
    ? reject('${constant}_NOT_FOUND', \`There is no ${words} \${id}\`, 404)
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

/** The current state of each, in tb_${projection}_projection; for readers there is the view v_${projection}. */
export const ${variable}Projection = defineProjection({
  name: '${projection}',
  // Raise it when rows come out differently: they are then built anew from the log, while the old ones are read.
  version: 1,
  from: [${variable}],
  columns: {
    id: column.text().key(),
    // Lists are filtered by the first of these and ordered by the others: each wants an index.
    status: column.text().index(),
    created_at: column.timestamp().index(),
    updated_at: column.timestamp().index(),
    title: column.text(),
    version: column.bigint(),
  },
  evolve: {
    '${aggregate}.created': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      status: 'OPEN',
      created_at: time,
      updated_at: time,
      title: data.title,
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
  return `import { defineEntityGraph } from '${headwater}'
import { ${variable} } from './aggregate.ts'
import { ${variable}Projection } from './projection.ts'

const typeDefs = \`
  type ${type} {
    id: ID!
    status: ${type}Status!
    title: String!
    createdAt: DateTime!
    updatedAt: DateTime!
    version: Int!
  }

  enum ${type}Status { OPEN ARCHIVED }
  input ${type}TitleInput { title: String! }
\`

/**
 * Current state from the projection, history from the log, as one type of the graph. What every entity has is made for it:
 *
 * - ${variable}(id, asOf, asOfVersion): one, as it is or as it was
 * - ${list}(filter, orderBy, first, after): lists of them, page by page
 * - ${variable}Changed(id), ${list}Changed(filter): subscriptions, which a cursor resumes
 * - allEvents: how it came to be what it is
 *
 * A field of the type that is no column of the projection goes into \`fields\`, beside \`mutations\`.
 */
export const ${variable}Graph = defineEntityGraph({
  type: '${type}',
${
  list === `${variable}s`
    ? ''
    : `  plural: '${list}',
`
}  aggregate: ${variable},
  projection: ${variable}Projection,
  lists: {
    orderBy: { CREATED_AT: 'created_at', UPDATED_AT: 'updated_at' },
    // By name: the column, how it compares with what a client gives, and the type of that.
    filter: {
      status: ['status', '=', '${type}Status'],
      createdFrom: ['created_at', '>=', 'DateTime'],
      createdTo: ['created_at', '<=', 'DateTime'],
    },
  },
  live: true,
  mutations: {
    create${type}: { command: 'create', input: '${type}TitleInput!', creates: true },
    rename${type}: { command: 'rename', input: '${type}TitleInput!' },
    archive${type}: { command: 'archive' },
  },
  typeDefs,
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
  { aggregate, words, variable }: DomainNames,
  { testing, aggregateFromTest }: ImportPaths,
  runner: 'vitest' | 'node:test',
): string {
  const constant = constantOf(aggregate)
  return `import { describe, it } from '${runner}'
import { given } from '${testing}'
import { ${variable} } from '${aggregateFromTest}'

// What has happened before; no server is needed to test what a command makes of it.
const created = { type: '${aggregate}.created', data: { title: 'first' } } as const
const renamed = { type: '${aggregate}.renamed', data: { title: 'second' } } as const
const archived = { type: '${aggregate}.archived', data: {} } as const

describe('${words}', () => {
  it('is created once', () => {
    given(${variable}).when('create', { title: 'first' }).thenEvents(created)
    given(${variable}, created).when('create', { title: 'again' }).thenRejected('${constant}_ALREADY_EXISTS', 409)
  })

  it('has to have a title', () => {
    given(${variable}).when('create', { title: '  ' }).thenRejected('INVALID_COMMAND', 400)
  })

  it('is renamed; to the title that it has, nothing happens', () => {
    given(${variable}, created).when('rename', { title: 'second' }).thenEvents(renamed)
    given(${variable}, created).when('rename', { title: 'first' }).thenNothing()
    // evolve has put the new title into the state.
    given(${variable}, created, renamed).when('rename', { title: 'second' }).thenNothing()
    given(${variable}, created, renamed)
      .when('rename', { title: 'first' })
      .thenEvents({ ...renamed, data: { title: 'first' } })
  })

  it('takes no more once it is archived', () => {
    given(${variable}, created).when('archive').thenEvents(archived)
    given(${variable}, created, archived).when('rename', { title: 'late' }).thenRejected('${constant}_ARCHIVED')
  })

  it('has to be there', () => {
    given(${variable}).when('archive').thenRejected('${constant}_NOT_FOUND', 404)
  })
})
`
}

function constantOf(aggregate: string): string {
  return aggregate.toUpperCase().replaceAll('-', '_')
}
