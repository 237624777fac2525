import { z } from 'zod'
import { flag, integer, secret } from '../../kinds.ts'
import { limits } from './limits.ts'
import { live } from './live.ts'

export const graph = z
  .strictObject({
    maxPage: integer('The most items of one page of a list.', 1, 10_000).default(100),
    explain: flag(
      'Say beside the data what it comes from: extensions.headwater, federated traces (ftv1), the hash a persisted query has.',
      { productionDefault: false },
    ).default(true),
    jit: integer('After how many runs an operation is compiled; 0 for never.', 0, 10_000).default(1),
    atLeastTimeoutMs: integer(
      'How long a query waits for a projection to reach the position it asks for, in milliseconds.',
      1,
      60_000,
    ).default(2000),
    copyHistory: flag(
      'Keep a copy of each commit in PostgreSQL too, so that histories come with the rows; false: always from the log.',
    ).default(true),
    historyConcurrency: integer('How many event histories are read at a time.', 1, 1000).default(32),
    cursorSecret: secret(
      'What cursors of subscriptions are signed with, and cursors of hidden rows encrypted; unset, one that the replicas share is made and kept.',
      32,
    ).exactOptional(),
    limits: limits.prefault({}),
    live: live.prefault({}),
  })
  .describe('The GraphQL graph.')
