import { z } from 'zod'
import { integer } from '../kinds.ts'

export const sagas = z
  .strictObject({
    takeOverMs: integer(
      'After how long others go on with what a process that is gone had in work, in milliseconds.',
      500,
      60_000,
    ).default(3000),
    maxInWork: integer(
      'The most transitions of a saga that all replicas work on at a time.',
      1,
      100_000,
    ).default(1000),
    waitTimeoutMs: integer(
      'How long `Wait: completed` waits for the end of a saga at most, in milliseconds.',
      100,
      600_000,
    ).default(30_000),
    waitLimit: integer('How many of a process wait for the end of a saga at a time.', 1, 1_000_000).default(
      10_000,
    ),
    stopTimeoutMs: integer(
      'How long a shutdown waits for transitions in work, in milliseconds; what is left goes to others.',
      0,
      600_000,
    ).default(5000),
  })
  .describe('Sagas: the work on their transitions, and those who wait for their ends.')
