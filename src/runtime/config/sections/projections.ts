import { z } from 'zod'
import { flag, integer } from '../kinds.ts'

export const projections = z
  .strictObject({
    run: flag('Run projections in this process.').default(true),
    batchSize: integer('The most commits one transaction applies.', 1, 100_000).default(1000),
    buffer: integer('How many commits are read ahead; batch_size at least.', 1, 1_000_000).default(4000),
    lagThresholdMs: integer(
      'From what lag on a projection counts as behind, in milliseconds.',
      1,
      86_400_000,
    ).default(10_000),
    jobConcurrency: integer('How many rebuilds and verifications one process does at a time.', 1, 64).default(
      2,
    ),
    retryMaxMs: integer('The longest pause between two attempts, in milliseconds.', 1, 3_600_000).default(
      10_000,
    ),
    parkAttempts: integer('How often an event that fails is tried before it is parked.', 1, 20).default(3),
  })
  .superRefine(({ batchSize, buffer }, context) => {
    if (buffer < batchSize)
      context.addIssue({
        code: 'custom',
        path: ['buffer'],
        message: `${buffer} is less than projections.batch_size (${batchSize})`,
      })
  })
  .describe('The projections into PostgreSQL.')
