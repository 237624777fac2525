import { z } from 'zod'
import { choice, integer, notesOf, text } from '../kinds.ts'

const STREAM_NAME = /^[A-Za-z0-9_-]{1,255}$/

const replicas = z.literal([1, 3, 5]).register(notesOf, {
  kind: 'number',
  type: '1, 3 or 5',
  description: 'How many servers hold each stream; 3 in production, which takes a cluster.',
})

/** Two contexts in one stream would read each other’s events. */
const distinct = (names: Record<string, string>) =>
  new Set(Object.values(names)).size === Object.keys(names).length

const names = z
  .record(z.string().regex(/^[A-Za-z0-9_-]{1,128}$/), z.string().regex(STREAM_NAME))
  .refine(distinct)
  .register(notesOf, {
    kind: 'table',
    type: 'a table of context = stream name, each name once and of A-Z a-z 0-9 _ -',
    description:
      'The stream of a context. Unset: the context’s name in upper case, after the namespace where that is not hw.',
  })

export const streams = z
  .strictObject({
    replicas: replicas.default(1),
    storage: choice('Where streams are kept; memory is for tests.', ['file', 'memory']).default('file'),
    names: names.default({}),
    snapshotBucket: text(
      'The key-value bucket of the snapshots; unset, it is the namespace with _snapshots.',
      'a name of 1 to 255 of A-Z a-z 0-9 _ -',
      STREAM_NAME,
    ).exactOptional(),
    duplicateWindowMs: integer(
      'How long a stream refuses a message id it has, in milliseconds; about 250 bytes of server memory an id.',
      100,
      86_400_000,
    ).default(30_000),
  })
  .describe('The event streams in JetStream.')
