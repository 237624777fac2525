import { z } from 'zod'
import { choice, flag, integer, path } from '../../kinds.ts'

/** As src/graph/limits/settings.ts has them. */
export const limits = z
  .strictObject({
    depth: integer('The deepest operation that is run, in levels.', 1, 100).default(12),
    cost: integer(
      'The most an operation may cost, before it is run: about the objects in its largest answer.',
      1,
      100_000_000,
    ).default(20_000),
    tokens: integer(
      'The most tokens of an operation, and the most fields with its fragments opened.',
      1,
      1_000_000,
    ).default(5000),
    aliases: integer('The most aliased fields of an operation, its fragments opened.', 0, 100_000).default(
      100,
    ),
    representations: integer('The most entities that _entities is asked for at once.', 1, 100_000).default(
      1000,
    ),
    introspection: flag('Answer GraphQL introspection, and propose names in errors (“Did you mean …?”).', {
      productionDefault: false,
    }).default(true),
    persistedQueries: choice(
      'automatic: clients register operations by their hash. only: nothing runs that is not in manifest.',
      ['off', 'automatic', 'only'],
    ).default('automatic'),
    manifest: path(
      'The operations that may be run (JSON: texts by id, or Apollo’s manifest), for persisted_queries = "only".',
      'file',
    ).exactOptional(),
  })
  .superRefine(({ persistedQueries, manifest }, context) => {
    if (persistedQueries === 'only' && manifest === undefined)
      context.addIssue({
        code: 'custom',
        path: ['persistedQueries'],
        message: '"only" needs graph.limits.manifest too',
      })
    if (persistedQueries !== 'only' && manifest !== undefined)
      context.addIssue({
        code: 'custom',
        path: ['manifest'],
        message: 'limits nothing without graph.limits.persisted_queries = "only"',
      })
  })
  .describe('What an operation may take, over HTTP and WebSocket alike; more is refused before it is run.')
