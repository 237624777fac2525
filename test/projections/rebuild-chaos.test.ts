import { setTimeout as delay } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import type { FoldProjection } from '../../src/projections/definition/definition.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection } from './accounts.ts'
import {
  type Pen,
  ask,
  ended,
  expectExact,
  foldedAt,
  jobOf,
  keepReading,
  keepWriting,
  leftOvers,
  openPen,
  savedBetween,
  startProcess,
} from './rebuild-support.ts'
import { slowed } from './slowed.ts'
import { type Space, account, eventually, openSpace, withClient } from './support.ts'

const stack = stackOfFile()

const ROUNDS = 50
/** How long a slow projection takes for an event: a rebuild of all then takes about a second. */
const SLOW = 150
/** Small, so that there are many saved positions. */
const LIMITS = { batch: 200, flushEveryMs: 0 }

async function openBank(): Promise<{ space: Space; pen: Pen; last: () => Promise<number> }> {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const pen = await openPen(space)
  for (let round = 1; round < ROUNDS; round++) await pen.round()
  return { space, pen, last: async () => (await log.bounds()).last }
}

const applied = async (space: Space): Promise<number> => {
  const [row] = await space.rows(`select sequence from tb_projection_checkpoint where projection = 'account'`)
  return Number(row?.['sequence'])
}
const generation = async (space: Space): Promise<number> => {
  const [row] = await space.rows(
    `select generation from tb_projection_checkpoint where projection = 'account'`,
  )
  return Number(row?.['generation'])
}
const caughtUp = (space: Space, last: number) =>
  eventually('it is caught up', async () => (await applied(space)) === last)

describe('kill -9', () => {
  it('in mid-rebuild: the next process, or the standby, takes the rebuild up where it was (2 faults)', async () => {
    const { space, pen, last } = await openBank()
    const total = await last()
    const first = await startProcess(space, { microseconds: SLOW })
    await caughtUp(space, total)
    await space.rows(`update tb_account_projection set balance = -1`)
    const reader = keepReading(space)
    const writer = keepWriting(pen, 100)
    const id = await ask(space)

    // Nobody is there to take over.
    const savedByFirst = await savedBetween(space, total / 5, total)
    await first.kill()
    const atFirst = Object.values((await jobOf(space))?.positions ?? {})[0] ?? 0
    expect(atFirst).toBeGreaterThanOrEqual(savedByFirst)
    // Not through before the third is there.
    const second = await startProcess(space, { microseconds: 10 * SLOW })
    await second.printed(/the rebuild is taken up again/)
    // Now somebody is, who takes the live runner over as well.
    const third = await startProcess(space)
    expect(third.output()).toContain('started as standby')
    await savedBetween(space, atFirst + 500, total)
    await second.kill()
    const job = await ended(space)
    expect(job).toMatchObject({ id, state: 'done', error: null, result: { swapped: true } })
    await third.printed(/the rebuild is taken up again/)
    const { commits } = await writer.stop()
    const folded = await foldedAt(third, 'the rebuild is done')
    // Had it begun anew, it had folded them all. (A commit has up to three events, and the live runner folds the new ones.)
    const events = pen.written.flatMap(({ events }) => events).length
    expect(folded).toBeLessThan(events - atFirst - 500 + 3 * commits)
    await expectExact(space, pen.written)
    const reads = await reader.stop()
    expect(await leftOvers(space)).toEqual([])
    console.log(
      `2 faults (kill -9 in mid-rebuild at ${atFirst} of ${total}, and of its successor), ${reads} reads`,
    )
  })

  it('in mid-batch of the live runner, during a rebuild (2 faults)', async () => {
    const { space, pen, last } = await openBank()
    let runner = await startProcess(space, { microseconds: SLOW })
    await caughtUp(space, await last())
    const reader = keepReading(space)
    await ask(space)
    let faults = 0
    await withClient(stack().databaseUrl, async (client) => {
      for (; faults < 2; faults++) {
        // The lock stops the runner between its checkpoint's update and the write of the rows.
        await client.query(`begin; lock table "${space.schema}".tb_account_projection in share mode`)
        await pen.round()
        await eventually('it is in mid-batch', async () => {
          const { rowCount } = await client.query(
            'select from pg_locks where relation = $1::regclass and not granted and mode = $2',
            [`"${space.schema}".tb_account_projection`, 'RowExclusiveLock'],
          )
          return (rowCount ?? 0) > 0
        })
        await runner.kill()
        await client.query('rollback')
        runner = await startProcess(space, { microseconds: SLOW })
      }
    })
    expect(await ended(space)).toMatchObject({ state: 'done' })
    await pen.round()
    await expectExact(space, pen.written)
    const reads = await reader.stop()
    console.log(`${faults} faults (kill -9 in mid-batch), ${reads} reads`)
  })
})

describe('a server restarts in mid-rebuild', () => {
  async function through(fault: (reader: ReturnType<typeof keepReading>) => Promise<void>): Promise<string> {
    const { space, pen, last } = await openBank()
    const total = await last()
    const { definition } = slowed(accountProjection(), SLOW)
    const running = await space.start([definition], {}, LIMITS)
    await caughtUp(space, total)
    const reader = keepReading(space)
    const id = await ask(space)
    await savedBetween(space, total / 5, total)
    await fault(reader)
    await pen.round()
    expect(await ended(space)).toMatchObject({ id, state: 'done', error: null, result: { swapped: true } })
    await expectExact(space, pen.written)
    await eventually('it is up', () => running.of().state === 'up')
    expect(await leftOvers(space)).toEqual([])
    return `${await reader.stop()} reads; ${running.recorded.info.filter((text) => text.includes('taken up again')).length} resumed`
  }

  it('PostgreSQL (1 fault)', async () => {
    const told = await through(async () => {
      await stack().stopPostgres()
      await stack().startPostgres()
    })
    expect(told).toContain('1 resumed')
    console.log(`1 fault (PostgreSQL restarted), ${told}`)
  })

  it('PostgreSQL, which crashes (1 fault)', async () => {
    const told = await through(async (reader) => {
      await stack().crashPostgres()
      reader.forgive()
      await stack().startPostgres()
      reader.forgive()
    })
    expect(told).toContain('1 resumed')
    console.log(`1 fault (PostgreSQL crashed), ${told}`)
  })

  it('nats-server (1 fault)', async () => {
    const told = await through(async () => {
      await stack().stopNats()
      await stack().startNats()
    })
    console.log(`1 fault (nats-server restarted), ${told}`)
  })
})

/** The same version and columns, but another shape. */
function withoutIndex(): FoldProjection {
  const projection = accountProjection()
  const { columns } = projection
  return { ...projection, columns: { ...columns, owner: { ...columns.owner, isIndexed: false } } }
}

describe('during a rolling deploy', () => {
  it.each([
    ['another version', accountProjection({ version: 2 })],
    ['the same version with another shape', withoutIndex()],
  ])(
    'to %s, the old process serves and applies until the swap, and then leaves the table alone',
    async (what, changed) => {
      const { space, pen, last } = await openBank()
      const before = await space.start([accountProjection()])
      await caughtUp(space, await last())
      const reader = keepReading(space)
      const writer = keepWriting(pen, 200)
      const { definition } = slowed(changed, SLOW)
      const after = await space.start([definition], {}, LIMITS)
      await eventually('the new one waits for its table', () => after.of().state === 'rebuilding')
      const from = await applied(space)
      await savedBetween(space, 1000, await last())
      expect(await applied(space)).toBeGreaterThan(from)
      expect(before.of().state).toBe('up')
      expect(await ended(space)).toMatchObject({ state: 'done', options: { reason: 'definition' } })
      await eventually('the new one has taken over', () => after.of().state === 'up')
      await eventually('the old one has seen it', () => before.of().state === 'superseded')
      expect(before.of()).toMatchObject({ state: 'superseded', lastError: { code: 'PROJECTION_SUPERSEDED' } })
      expect(await generation(space)).toBe(2)
      // They do not fight: nothing is rebuilt any more while both look at the table for a while.
      const until = performance.now() + 2500
      while (performance.now() < until) {
        expect(await generation(space)).toBe(2)
        expect((await jobOf(space))?.state).toBe('done')
        await delay(50)
      }
      expect([before.of().state, after.of().state]).toEqual(['superseded', 'up'])
      const { commits } = await writer.stop()
      await expectExact(space, pen.written)
      const reads = await reader.stop()
      console.log(`0 faults (deployed: ${what}), ${commits} commits meanwhile, ${reads} reads`)
    },
  )

  it.each([
    ['whose processes are gone in mid-rebuild, the next one takes its place (1 fault)', true],
    ['the next one takes its place also when nobody else is left to clean up (1 fault)', false],
  ])('%s', async (_, isFirstThere) => {
    const { space, pen, last } = await openBank()
    const first = await space.start([accountProjection()])
    const total = await last()
    await caughtUp(space, total)
    if (!isFirstThere) await first.stop()
    const reader = keepReading(space)
    const second = await startProcess(space, { version: 2, microseconds: 10 * SLOW })
    await savedBetween(space, 1000, total)
    await second.kill()
    const third = await space.start([accountProjection({ version: 3 })])
    await pen.round()
    await eventually('version 3 is there', async () => {
      const [row] = await space.rows(`select version from tb_projection where name = 'account'`)
      return row?.['version'] === 3
    })
    expect(await ended(space)).toMatchObject({ state: 'done', version: 3 })
    await pen.round()
    await eventually('it has taken over', () => third.of().state === 'up')
    await expectExact(space, pen.written)
    expect(await leftOvers(space)).toEqual([])
    console.log(`1 fault (kill -9 of the only process of version 2), ${await reader.stop()} reads`)
  })
})

it('about 1,000 commits a second: rebuilds catch up with them and swap', async () => {
  const { space, pen, last } = await openBank()
  const running = await space.start([accountProjection()])
  await caughtUp(space, await last())
  const reader = keepReading(space)
  const writer = keepWriting(pen, 1000)
  for (let rebuilds = 1; rebuilds <= 2; rebuilds++) {
    await ask(space)
    expect(await ended(space)).toMatchObject({ state: 'done', error: null })
    expect(await generation(space)).toBe(rebuilds + 1)
  }
  const { commits, perSecond } = await writer.stop()
  await expectExact(space, pen.written)
  const reads = await reader.stop()
  expect(running.recorded.error).toEqual([])
  // As many as the machine has made of them: when it is slow, the rebuilds take longer, too.
  expect(commits).toBeGreaterThan(1000)
  console.log(`2 rebuilds during ${commits} commits at ${perSecond}/s, ${reads} reads`)
})
