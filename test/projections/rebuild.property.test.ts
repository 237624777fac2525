import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection } from './accounts.ts'
import {
  type Pen,
  ask,
  ended,
  expectExact,
  jobOf,
  keepReading,
  leftOvers,
  openPen,
} from './rebuild-support.ts'
import { type Space, account, openSpace, withClient } from './support.ts'

const stack = stackOfFile()

type Running = Awaited<ReturnType<Space['start']>>

/** What the world may do to a projection. */
const act = fc.oneof(
  { weight: 4, arbitrary: fc.record({ write: fc.integer({ min: 1, max: 6 }) }) },
  { weight: 2, arbitrary: fc.constant('rebuild' as const) },
  { weight: 3, arbitrary: fc.constant('cut' as const) },
  { weight: 1, arbitrary: fc.constantFrom('restart' as const, 'second' as const) },
)
const world = fc.record({
  acts: fc.array(act, { minLength: 10, maxLength: 18 }),
  batchSize: fc.integer({ min: 1, max: 50 }),
  limits: fc.record({
    rows: fc.integer({ min: 1, max: 200 }),
    batch: fc.integer({ min: 5, max: 150 }),
    flushEveryMs: fc.constantFrom(0, 20, 5000),
  }),
})

it('any sequence of batches, rebuilds, cuts and restarts gives the table of one straight fold (it says how many faults that were)', async () => {
  const did = { runs: 0, rebuild: 0, cut: 0, restart: 0, second: 0, reads: 0 }
  await fc.assert(
    fc.asyncProperty(world, async ({ acts, batchSize, limits }) => {
      const space = await openSpace(stack())
      await space.log('BANK', account)
      const pen: Pen = await openPen(space)
      const start = () => space.start([accountProjection()], { batchSize, retryMaxMs: 100 }, limits)
      const running: Running[] = [await start()]
      await expectExact(space, pen.written)
      const reader = keepReading(space)
      for (const one of acts) {
        if (typeof one === 'object') {
          for (let round = 0; round < one.write; round++) await pen.round()
          continue
        }
        did[one]++
        if (one === 'rebuild') await ask(space)
        if (one === 'cut') await cut()
        if (one === 'restart') {
          await running.shift()?.stop()
          if (running.length === 0) running.push(await start())
        }
        if (one === 'second') running.push(await start())
      }
      if ((await jobOf(space)) !== undefined) expect(await ended(space)).toMatchObject({ state: 'done' })
      await expectExact(space, pen.written)
      expect(await leftOvers(space)).toEqual([])
      did.reads += await reader.stop()
      did.runs++
      await Promise.all(running.map((each) => each.stop()))
    }),
    { numRuns: 5, endOnFailure: true },
  )
  const { runs, rebuild, cut: cuts, restart, second, reads } = did
  expect(cuts).toBeGreaterThan(0)
  console.log(
    `${cuts + restart} faults in ${runs} runs: ${rebuild} rebuilds asked for, ${cuts} times all connections cut, ${restart} restarts, ${second} second processes, ${reads} reads`,
  )
})

/** Ends every connection of runners and jobs, whatever they do: to PostgreSQL it is as if the process were killed. */
async function cut(): Promise<void> {
  await withClient(stack().databaseUrl, async (client) => {
    await client.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'headwater %'`,
    )
  })
}
