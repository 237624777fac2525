import { setTimeout as delay } from 'node:timers/promises'
import { DiscardPolicy, jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, it } from 'vitest'
import { cancelJob } from '../../src/projections/jobs/job.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, closed, moved, opened, straightFold } from './accounts.ts'
import { type Written, ask, ended, jobOf } from './rebuild-support.ts'
import { type Space, account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()

/** Commits for many accounts, some closed and opened again. */
async function write(space: Space, count: number, written: Written, from = 0): Promise<void> {
  for (let index = from; index < from + count; index++) {
    const id = `a${index % 37}`
    const known = written.some((one) => one.id === id)
    const events = known ? [index % 11 === 0 ? closed : moved(index)] : [opened(`o${index}`)]
    if (known && index % 12 === 0) events.push(opened('again'))
    await space.commit('account', id, ...events)
    written.push({ id, events })
  }
}

/** Accounts to which so much has happened, and their table as it was when all was applied. */
async function openWritten(count: number) {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const written: Written = []
  await write(space, count, written)
  const running = await space.start([accountProjection()])
  const applied = (last: number) =>
    eventually(`${last} are applied`, () => running.of().positions[log.stream]?.applied === last)
  await applied(count)
  return { space, written, running, applied }
}

const live = (space: Space) => space.rows('select * from tb_account_projection order by id')

describe('a rebuild', () => {
  it('mends a table that was spoilt, while the live one goes on', async () => {
    const { space, written, running, applied } = await openWritten(300)
    await space.rows(`update tb_account_projection set balance = -1 where id < 'a2'`)
    await space.rows(`delete from tb_account_projection where id = 'a30'`)
    await space.rows(`insert into tb_account_projection values ('nobody', 'x', 1, 1, 1)`)
    expect(await ask(space)).toBeTypeOf('string')
    const job = await ended(space)
    expect(job).toMatchObject({ state: 'done', error: null, result: { swapped: true } })
    expect(job.events).toBeGreaterThanOrEqual(300)
    expect(await live(space)).toEqual(straightFold(written))
    expect(await space.rows('select * from v_account order by id')).toEqual(straightFold(written))
    // And the live runner goes on from there.
    await write(space, 100, written, 300)
    await applied(400)
    expect(await live(space)).toEqual(straightFold(written))
    expect(running.of().state).toBe('up')
    expect(running.recorded.error).toEqual([])
    expect(
      await space.rows(
        `select tablename from pg_tables where schemaname = current_schema() and tablename ~ '^(new|old)_account'`,
      ),
    ).toEqual([])
    expect(
      await space.rows(
        `select indexname from pg_indexes where schemaname = current_schema() and tablename = 'tb_account_projection' order by 1`,
      ),
    ).toEqual([{ indexname: 'tb_account_projection_owner_idx' }, { indexname: 'tb_account_projection_pkey' }])
  })

  it('goes on during writes, and readers always find the whole table', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    const written: Written = []
    for (let index = 0; index < 200; index++) {
      const events = [opened(`o${index}`)]
      await space.commit('account', `b${String(index).padStart(3, '0')}`, ...events)
      written.push({ id: `b${String(index).padStart(3, '0')}`, events })
    }
    const running = await space.start([accountProjection()])
    await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 200)
    const stopping = new AbortController()
    let reads = 0
    const last = new Map<string, number>()
    const reader = (async () => {
      while (!stopping.signal.aborted) {
        const rows = await space.rows('select id, version from v_account')
        expect(rows).toHaveLength(200)
        for (const { id, version } of rows) {
          expect(Number(version)).toBeGreaterThanOrEqual(last.get(String(id)) ?? 0)
          last.set(String(id), Number(version))
        }
        reads++
        // The writer and the rebuild are to have the processor, too.
        await delay(5)
      }
    })()
    for (let round = 0; round < 3; round++) {
      await ask(space)
      for (let index = 0; index < 300; index++) {
        const id = `b${String(index % 200).padStart(3, '0')}`
        await space.commit('account', id, moved(index))
        written.push({ id, events: [moved(index)] })
      }
      expect(await ended(space)).toMatchObject({ state: 'done' })
    }
    stopping.abort()
    await reader
    expect(reads).toBeGreaterThan(10)
    await eventually('all is applied', async () => {
      const [row] = await space.rows(`select sequence from tb_projection_checkpoint`)
      return row?.['sequence'] === 1100
    })
    expect(await live(space)).toEqual(straightFold(written))
    expect(running.recorded.error).toEqual([])
  })

  it('is refused while one runs, can be cancelled, and keeps the old table when told to', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    await space.commit('account', 'a', opened('ann'))
    const running = await space.start([accountProjection()])
    await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 1)
    expect(await ask(space, { keepOld: true })).toBeTypeOf('string')
    expect(await ask(space)).toBeUndefined()
    await ended(space)
    expect(await space.rows('select id from old_account_projection')).toEqual([{ id: 'a' }])

    // A reader that keeps the table locked keeps the swap waiting.
    const reader = await space.database.pool.connect()
    try {
      await reader.query('begin')
      await reader.query('select from tb_account_projection')
      await ask(space)
      await eventually('it wants to swap', async () => (await jobOf(space))?.phase === 'swapping')
      expect(await cancelJob(space.database.db, 'account', 'rebuild')).toBe(true)
      expect(await ended(space)).toMatchObject({ state: 'cancelled' })
    } finally {
      await reader.query('rollback')
      reader.release()
    }
    expect(await live(space)).toHaveLength(1)
    expect(
      await space.rows(
        `select tablename from pg_tables where schemaname = current_schema() and tablename ~ '^new_account'`,
      ),
    ).toEqual([])
    expect(await cancelJob(space.database.db, 'account', 'rebuild')).toBe(false)
    // The table that was kept makes room for the next.
    await ask(space)
    expect(await ended(space)).toMatchObject({ state: 'done' })
    expect(
      await space.rows(
        `select tablename from pg_tables where schemaname = current_schema() and tablename ~ '^old_account'`,
      ),
    ).toEqual([])
  })
})

describe('a partial rebuild', () => {
  it('derives the rows of what has changed since, from their whole history, and leaves the others', async () => {
    const { space, written, applied } = await openWritten(200)
    await space.rows(`update tb_account_projection set balance = -1`)
    // The last ten commits: ten aggregates.
    await ask(space, { from: { sequence: 191 } })
    expect(await ended(space)).toMatchObject({ state: 'done', result: { partial: true, aggregates: 10 } })
    const rows = await live(space)
    const touched = new Set(written.slice(190).map(({ id }) => id))
    const expected = straightFold(written).map((row) =>
      touched.has(String(row['id'])) ? row : { ...row, balance: -1 },
    )
    expect(rows).toEqual(expected)
    // By time: everything.
    await ask(space, { from: { time: new Date(0).toISOString() } })
    expect(await ended(space)).toMatchObject({ state: 'done' })
    expect(await live(space)).toEqual(straightFold(written))
    await write(space, 50, written, 200)
    await applied(250)
    expect(await live(space)).toEqual(straightFold(written))
  })

  it('is refused where rows are not those of one aggregate', async () => {
    const space = await openSpace(stack())
    await space.log('BANK', account)
    const byOwner = { ...accountProjection(), keyedByAggregate: false }
    await space.start([byOwner])
    await ask(space, { from: { sequence: 1 } })
    expect(await ended(space)).toMatchObject({
      state: 'failed',
      error: expect.stringContaining('without --from'),
    })
  })
})

describe('what cannot be exact', () => {
  it('is refused: a log that has lost its beginning', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    await write(space, 20, [])
    const running = await space.start([accountProjection()])
    await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 20)
    const manager = await jetstreamManager(stack().nc)
    const { config } = await manager.streams.info(log.stream)
    // deny_purge cannot be taken back: a limit is how a log loses its beginning.
    await manager.streams.update(log.stream, { ...config, discard: DiscardPolicy.Old, max_msgs: 15 })
    await ask(space)
    expect(await ended(space)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/begins at 6, what was before is lost/),
    })
    expect(await live(space)).not.toEqual([])
  })

  it('is refused: an event that no schema knows', async () => {
    const space = await openSpace(stack())
    const log = await space.log('BANK', account)
    await space.commit('account', 'a', opened('ann'))
    const running = await space.start([accountProjection()])
    await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 1)
    await space.commit('account', 'b', { type: 'account.unheard_of', data: {} })
    await ask(space)
    expect(await ended(space)).toMatchObject({
      state: 'failed',
      error: expect.stringMatching(/unheard_of/),
    })
    expect(await live(space)).toHaveLength(1)
  })
})

describe('verify', () => {
  const verify = async (space: Space) => {
    await ask(space, {}, 'verify')
    return (await ended(space, 'verify')).result
  }

  it('finds every row that differs from the log, during writes, and none when there is none', async () => {
    const { space, written, applied } = await openWritten(300)
    const [same] = await Promise.all([verify(space), write(space, 100, written, 300)])
    expect(same).toMatchObject({ differences: 0 })
    // What is spoilt from here on is not to be mended by what is still to be applied.
    await applied(400)
    expect(await verify(space)).toMatchObject({ differences: 0, rows: straightFold(written).length })
    const [first, second] = straightFold(written).map(({ id }) => String(id))
    await space.rows(`update tb_account_projection set balance = -1 where id = '${first}'`)
    await space.rows(`delete from tb_account_projection where id = '${second}'`)
    await space.rows(`insert into tb_account_projection values ('Ünicode', 'x', 1, 1, 1)`)
    const result = await verify(space)
    expect(result).toMatchObject({ differences: 3 })
    expect(result?.['sample']).toEqual([
      {
        table: 'tb_account_projection',
        live: expect.objectContaining({ id: first, balance: -1 }),
        expected: expect.objectContaining({ id: first }),
      },
      { table: 'tb_account_projection', live: null, expected: expect.objectContaining({ id: second }) },
      { table: 'tb_account_projection', live: expect.objectContaining({ id: 'Ünicode' }), expected: null },
    ])
    expect(
      await space.rows(`select from pg_tables where schemaname = current_schema() and tablename ~ '^chk'`),
    ).toEqual([])
  })
})
