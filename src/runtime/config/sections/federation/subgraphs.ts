import { z } from 'zod'
import { choice, integer, list, path, table, text } from '../../kinds.ts'
import { snakeCase } from '../../names.ts'
import { databaseUrl, subgraphUrl } from './addresses.ts'
import { entities, GRAPHQL_NAME } from './entities.ts'

const STRATEGIES = ['local', 'direct-db', 'fdw', 'http'] as const

/** What a step cannot do without. */
const NEEDS = new Map<string, 'databaseUrl' | 'fdwSchema' | 'graphqlUrl'>([
  ['direct-db', 'databaseUrl'],
  ['fdw', 'fdwSchema'],
  ['http', 'graphqlUrl'],
])

const chain = list(
  'The steps that are tried for a type, in this order.',
  `a list of ${STRATEGIES.join(', ')}`,
  choice('A step.', STRATEGIES),
).superRefine((steps, context) => {
  if (steps.length === 0)
    context.addIssue({ code: 'custom', message: 'names no strategy: leave it out to have one derived' })
  for (const [at, step] of steps.entries())
    if (steps.indexOf(step) < at)
      context.addIssue({ code: 'custom', path: [at], message: `"${step}" is there already` })
})

const subgraph = z
  .strictObject({
    name: text(
      'Its name: of a context that is served here, or of a service elsewhere.',
      'a name of 1 to 128 of A-Z a-z 0-9 _ -',
      /^[A-Za-z0-9_-]{1,128}$/,
    ),
    graphqlUrl: subgraphUrl('Where it answers GraphQL over HTTP.', ['http', 'https']).exactOptional(),
    subscriptionsUrl: subgraphUrl('Where it answers subscriptions; unset, at graphql_url.', [
      'ws',
      'wss',
      'http',
      'https',
    ]).exactOptional(),
    schema: path('Its schema (SDL); unset, it is asked for it with _service.', 'file').exactOptional(),
    databaseUrl: databaseUrl('Its database, for direct-db.').exactOptional(),
    fdwSchema: text(
      'The schema of its foreign tables in the PostgreSQL of this service, for fdw.',
      'an identifier of 1 to 63 of A-Z a-z 0-9 _, no digit first',
      /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    ).exactOptional(),
    strategies: table(
      'The steps for a type; for others they are derived.',
      {
        type: 'a table of type = list of strategies',
        names: 'the name of an entity type',
        pattern: GRAPHQL_NAME,
      },
      chain,
    ).default({}),
    poolSize: integer('The most connections to its database.', 1, 1000).default(10),
    statementTimeoutMs: integer(
      'How long its database may work on a statement, in milliseconds.',
      1,
      600_000,
    ).default(2000),
    entities: entities.default({}),
  })
  .superRefine((given, context) => {
    for (const [type, steps] of Object.entries(given.strategies))
      for (const [at, step] of steps.entries()) {
        const needed = NEEDS.get(step)
        if (needed !== undefined && given[needed] === undefined)
          context.addIssue({
            code: 'custom',
            path: ['strategies', type, at],
            message: `"${step}" needs ${snakeCase(needed)} too`,
          })
      }
  })
  .describe(
    'A subgraph: one for each service, or context that is served here and needs more than its name says.',
  )

export const subgraphs = list(
  'The subgraphs of services elsewhere; contexts that are served here need not be named.',
  'a list of tables [[federation.subgraphs]]',
  subgraph,
).superRefine((all, context) => {
  const names = all.map(({ name }) => name)
  for (const [at, name] of names.entries())
    if (names.indexOf(name) < at)
      context.addIssue({
        code: 'custom',
        path: [at, 'name'],
        message: `there is a subgraph "${name}" already, at ${names.indexOf(name)}`,
      })
})
