import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createDatabase } from '../../src/projections/database/database.ts'
import { createColumns, dropTables } from '../../src/projections/tables/prepare-table.ts'
import { openFoldShadow } from '../../src/projections/rebuild/fold-shadow.ts'
import { exactIntake } from '../../src/projections/rebuild/intake.ts'
import { openSession } from '../../src/projections/database/session.ts'
import type { Commit } from '../../src/streams/events/commit.ts'
import { stackOfFile, uniqueName } from '../support/stack.ts'
import { accountProjection, closed, moved, opened, straightFold } from './accounts.ts'
import { type NewEvent, cloudEvent } from './support.ts'

const stack = stackOfFile()
const TABLE = 'new_account_projection'
const projection = accountProjection()

const newEvent = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -9, max: 9 }).map(moved) },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom('ann', 'bob', 'tab\there', 'line\nbreak', String.raw`back\slash\N`, '')
      .map(opened),
  },
  { weight: 1, arbitrary: fc.constant(closed) },
)
const commit = fc.record({ id: fc.integer({ min: 0, max: 14 }).map((n) => `a${n}`), event: newEvent })
/** What is folded in one go, and what happens then: nothing, what is in memory is made durable, or it is lost in a crash. */
const step = fc.record({
  commits: fc.array(commit, { minLength: 1, maxLength: 25 }),
  after: fc.constantFrom('go on', 'go on', 'flush', 'crash'),
})
const limits = fc.record({ rows: fc.integer({ min: 1, max: 20 }), bytes: fc.integer({ min: 1, max: 4000 }) })

it('any small memory makes the table that a large one makes: spilled, read back, deleted, made again, resumed', async () => {
  const database = await createDatabase({
    url: stack().databaseUrl,
    schema: uniqueName(),
    poolSize: 1,
    statementTimeoutMs: 10_000,
  })
  const session = await openSession(database, 'account', 'rebuild')
  const seen = { crashes: 0, flushes: 0, runs: 0 }

  async function fill(steps: Step[], { rows, bytes }: { rows: number; bytes: number }): Promise<unknown[]> {
    await session.db.transaction().execute(async (tx) => {
      await dropTables(tx, [TABLE])
      await createColumns(tx, projection, TABLE)
    })
    const open = (resumed: boolean) =>
      openFoldShadow({
        session,
        projection,
        table: TABLE,
        intake: exactIntake(projection),
        expectedRows: 20,
        resumed,
        limits: { rows, bytes },
      })
    let shadow = await open(false)
    let durable = 0
    const write = async (at: number, finish = false) => {
      await session.db.transaction().execute(async (tx) => {
        await shadow.flush({ client: session.client, tx })
        if (finish) await shadow.finish({ client: session.client, tx })
      })
      durable = at
      seen.flushes++
    }
    const crashed = new Set<number>()
    for (let at = 0; at < steps.length;) {
      const { commits = [], after } = steps[at] ?? {}
      await shadow.take(commits)
      at++
      if (shadow.isFull || after === 'flush') await write(at)
      if (after !== 'crash' || crashed.has(at)) continue
      crashed.add(at)
      seen.crashes++
      at = durable
      shadow = await open(durable > 0)
      if (durable > 0) continue
      await session.db.transaction().execute(async (tx) => {
        await dropTables(tx, [TABLE])
        await createColumns(tx, projection, TABLE)
      })
    }
    await write(steps.length, true)
    const found = await session.client.query(`select * from ${TABLE} order by id collate "C"`)
    return found.rows
  }

  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 12 }), limits, async (given, small) => {
      const commits = given.flatMap((one) => one.commits).map(({ id, event }) => ({ id, events: [event] }))
      const steps = numbered(given)
      seen.runs++
      const expected = straightFold(commits)
      expect(await fill(steps, small)).toEqual(expected)
      expect(await fill(steps, { rows: 1_000_000, bytes: 1_000_000 })).toEqual(expected)
    }),
    { numRuns: 40 },
  )
  console.log(`${seen.runs} runs, ${seen.flushes} flushes, ${seen.crashes} crashes`)
  await session.end()
  await database.close()
})

interface Step {
  commits: Commit[]
  after: string
}

/** The commits as they come from the log: each event with its version. */
function numbered(given: { commits: { id: string; event: NewEvent }[]; after: string }[]): Step[] {
  const versions = new Map<string, number>()
  let sequence = 0
  return given.map(({ commits, after }) => ({
    after,
    commits: commits.map(({ id, event }) => {
      const version = (versions.get(id) ?? 0) + 1
      versions.set(id, version)
      return committed(id, version, event, ++sequence)
    }),
  }))
}

function committed(id: string, version: number, event: NewEvent, sequence: number): Commit {
  return {
    position: { stream: 'BANK', sequence },
    aggregate: 'account',
    id,
    recordedAt: 0,
    previous: undefined,
    size: 100,
    events: [cloudEvent('account', id, version, event)],
  }
}
