import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { sql } from 'kysely'
import { describe, expect, it } from 'vitest'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { defineSqlProjection } from '../../src/projections/definition/define-sql-projection.ts'
import type { PoisonPolicy } from '../../src/projections/definition/definition.ts'
import { listParked, showParked } from '../../src/projections/parking/parked.ts'
import { awaitParked, requestParked } from '../../src/projections/parking/request-parked.ts'
import { TooManyParkedError, loadParkingLot } from '../../src/projections/parking/parking-lot.ts'
import { loadJob, requestJob } from '../../src/projections/jobs/job.ts'
import { readStatus } from '../../src/projections/status/read-status.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { cutInTransaction, type Space, account, eventually, openSpace, withClient } from './support.ts'
import { request } from '../support/requests.ts'

const stack = stackOfFile()

function tooMuch(amount: number): never {
  throw new Error(`${amount} is too much`)
}

/** What a test mends: the amounts that the handler cannot bear. */
function fragile(
  broken: Set<number>,
  onPoison: PoisonPolicy = 'park',
  fail: (amount: number) => unknown = tooMuch,
) {
  const calls: number[] = []
  const projection = defineProjection({
    name: 'fragile',
    version: 1,
    onPoison,
    from: [account],
    columns: { id: column.text().key(), trail: column.text() },
    evolve: {
      'account.moved': (row, { aggregateId, data: { amount } }) => {
        calls.push(amount)
        if (broken.has(amount)) fail(amount)
        return { id: aggregateId, trail: `${row?.trail ?? ''} ${amount}`.trim() }
      },
    },
  })
  return { projection, calls }
}

async function openBank() {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const { db } = space.database
  const ask = async (which: Parameters<typeof requestParked>[2], action: 'retry' | 'drop' = 'retry') =>
    await awaitParked(db, 'fragile', await requestParked(db, 'fragile', which, action))
  const trails = async () => {
    const rows = await space.rows('select id, trail from v_fragile order by id')
    return Object.fromEntries(rows.map(({ id, trail }) => [id, trail]))
  }
  const move = async (id: string, ...amounts: number[]) =>
    await space.commit('account', id, ...amounts.map(moved))
  const applied = async (running: { of(): { positions: Record<string, { applied: number }> } }) => {
    const { last } = await log.bounds()
    await eventually('all is applied', () => running.of().positions[log.stream]?.applied === last)
  }
  return { space, log, db, ask, trails, move, applied }
}

const left = async ({ rows }: Space) =>
  await rows(
    'select sequence, event_index, aggregate_id as id, status, code, cause, attempts, action from tb_parked_event order by 1, 2',
  )

describe('an event that cannot be applied', () => {
  it('is parked also when what its handler threw has a code of the operating system', async () => {
    const { space, trails, move, applied } = await openBank()
    const { projection } = fragile(new Set([13]), 'park', () => readFileSync('/nowhere/at-all'))
    const running = await space.start([projection])
    await move('a', 13)
    await move('b', 5)
    await applied(running)
    expect(await trails()).toEqual({ b: '5' })
    expect(await left(space)).toMatchObject([
      { id: 'a', status: 'parked', cause: expect.stringContaining('ENOENT') },
    ])
  })

  it('is parked; its aggregate queues, others flow; a retry applies them in order', async () => {
    const { space, log, ask, trails, move, applied } = await openBank()
    const broken = new Set([13])
    const running = await space.start([fragile(broken).projection])
    await move('a', 1, 13, 2)
    await move('b', 5)
    await move('a', 3)
    await applied(running)
    expect(await trails()).toEqual({ a: '1', b: '5' })
    expect(await left(space)).toEqual([
      {
        sequence: 1,
        event_index: 1,
        id: 'a',
        status: 'parked',
        code: 'PROJECTION_EVENT_FAILED',
        cause: '13 is too much',
        attempts: 3,
        action: null,
      },
      expect.objectContaining({ sequence: 1, event_index: 2, status: 'queued', attempts: 0, cause: null }),
      expect.objectContaining({ sequence: 3, event_index: 0, status: 'queued' }),
    ])
    expect(running.of()).toMatchObject({ state: 'up', parked: 1, queued: 2, lastError: null })
    expect(running.recorded.warn.join()).toContain('13 is too much')
    const [recorded] = await readStatus(space.database.db, space.logs.values())
    expect(recorded).toMatchObject({ parked: 1, queued: 2 })

    expect(await ask({ aggregate: 'account', id: 'a' })).toMatchObject({
      cleared: 0,
      stayed: 1,
      parked: [{ sequence: 1, index: 1, attempts: 4, queued: 2, action: null }],
    })
    expect(await trails()).toEqual({ a: '1', b: '5' })
    broken.clear()
    expect(await ask({ stream: log.stream, sequence: 1 })).toEqual({ cleared: 1, stayed: 0, parked: [] })
    expect(await trails()).toEqual({ a: '1 13 2 3', b: '5' })
    await eventually('it knows', () => running.of().parked === 0 && running.of().queued === 0)
    await move('a', 4)
    await applied(running)
    expect(await trails()).toEqual({ a: '1 13 2 3 4', b: '5' })
    await expect(ask('all')).rejects.toMatchObject({ code: 'PARKED_EVENT_NOT_FOUND' })
  })

  it('is left out for good when it is dropped; what waits behind it follows, up to the next', async () => {
    const { space, log, db, ask, trails, move, applied } = await openBank()
    const running = await space.start([fragile(new Set([13])).projection])
    await move('a', 1, 13, 2)
    await move('a', 13)
    await move('a', 3)
    await applied(running)
    await expect(ask({ stream: log.stream, sequence: 2 }, 'drop')).rejects.toMatchObject({
      code: 'PARKED_EVENT_QUEUED',
    })
    expect(
      await showParked(db, space.logs.values(), 'fragile', { stream: log.stream, sequence: 1 }),
    ).toMatchObject({
      aggregate: 'account',
      id: 'a',
      queued: 3,
      event: { type: 'account.moved', data: { amount: 13 } },
    })
    expect(await ask({ stream: log.stream, sequence: 1 }, 'drop')).toMatchObject({
      stayed: 1,
      parked: [{ sequence: 2, attempts: 1, queued: 1, cause: '13 is too much' }],
    })
    expect(await trails()).toEqual({ a: '1 2' })
    expect(await ask({ stream: log.stream, sequence: 2 }, 'drop')).toMatchObject({ cleared: 1 })
    expect(await trails()).toEqual({ a: '1 2 3' })
    expect(await left(space)).toEqual([])
  })

  it('is tried again before it is parked, all of a batch together', async () => {
    const { space, trails, move, applied } = await openBank()
    const broken = new Set([13, 14])
    const { projection, calls } = fragile(broken)
    for (const id of ['a', 'b', 'c']) await move(id, 13, 1)
    await move('d', 14)
    const running = await space.start([projection], { parkAttempts: 2 })
    await applied(running)
    expect(calls).toEqual([13, 13, 13, 14, 13, 13, 13, 14])
    expect((await left(space)).filter(({ status }) => status === 'parked')).toHaveLength(4)
    expect(await trails()).toEqual({})
  })

  it('stays parked over a restart, under the other policy too', async () => {
    const { space, ask, trails, move, applied } = await openBank()
    const broken = new Set([13])
    const first = await space.start([fragile(broken).projection])
    await move('a', 13)
    await applied(first)
    await first.stop()
    const second = await space.start([fragile(broken, 'halt').projection])
    await move('a', 1)
    await move('b', 2)
    await applied(second)
    expect(second.of()).toMatchObject({ state: 'up', parked: 1, queued: 1 })
    expect(await trails()).toEqual({ b: '2' })
    await move('b', 13)
    await eventually('it halts', () => second.of().state === 'down')
    broken.clear()
    await applied(second)
    await ask('all')
    expect(await trails()).toEqual({ a: '13 1', b: '2 13' })
  })
})

describe('a retry', () => {
  it('of a long queue, while events arrive and its connection is cut (1 fault), keeps the order', async () => {
    const { space, db, trails, move, applied } = await openBank()
    const broken = new Set([13])
    const running = await space.start([fragile(broken).projection], { retryMaxMs: 100 })
    const amounts = [13]
    await move('a', 13)
    for (let part = 0; part < 4; part++) {
      const some = Array.from({ length: 400 }, (_, index) => 100 + part * 400 + index)
      await move('a', ...some)
      amounts.push(...some)
    }
    await applied(running)
    expect(running.of()).toMatchObject({ parked: 1, queued: 1600 })
    broken.clear()
    await withClient(stack().databaseUrl, async (client) => {
      const table = `"${space.schema}".tb_fragile_projection`
      const ask = () => requestParked(db, 'fragile', 'all', 'retry')
      expect(await cutInTransaction(client, table, ask)).toBe(1)
    })
    for (let amount = 1; amount <= 10; amount++) {
      await move('a', amount)
      amounts.push(amount)
    }
    await applied(running)
    await eventually('nothing waits', async () => (await left(space)).length === 0)
    await eventually('it knows', () => running.of().parked === 0)
    expect(await trails()).toEqual({ a: amounts.join(' ') })
  })

  it('finds what came with a table that was swapped in, though no event comes', async () => {
    const { space, db, ask, trails, move, applied } = await openBank()
    const broken = new Set([13])
    const running = await space.start([fragile(broken).projection])
    await move('a', 1)
    await move('b', 13)
    await applied(running)
    await ask({ aggregate: 'account', id: 'b' }, 'drop')
    // As a rebuild leaves it: another generation, and what it has parked itself.
    await space.rows(`
      begin;
      update tb_projection_checkpoint set generation = generation + 1;
      insert into tb_parked_event (projection, target, stream, sequence, event_index, aggregate, aggregate_id, event_id, type,
        status, code, cause, attempts)
      select projection, 'live', stream, 2, 0, 'account', 'b', 'b-1', 'account.moved', 'parked', 'X', 'x', 3
      from tb_projection_checkpoint;
      commit`)
    broken.clear()
    expect(await listParked(db, 'fragile')).toMatchObject([{ sequence: 2, attempts: 3 }])
    expect(await ask('all')).toMatchObject({ cleared: 1 })
    expect(await trails()).toEqual({ a: '1', b: '13' })
    expect(running.recorded.error).toEqual([])
  })

  it('says when no service runs the projection', async () => {
    const { space, db, move, applied } = await openBank()
    const running = await space.start([fragile(new Set([13])).projection])
    await move('a', 13)
    await applied(running)
    await running.stop()
    const asked = await requestParked(db, 'fragile', 'all', 'retry')
    await expect(awaitParked(db, 'fragile', asked, 300)).rejects.toMatchObject({ code: 'PROJECTION_NOT_RUN' })
  })
})

it('what nobody can read is parked: a type of another release, a message that is no commit', async () => {
  const { space, log, db, ask, trails, move, applied } = await openBank()
  const running = await space.start([fragile(new Set()).projection])
  await move('a', 1)
  await space.commit('account', 'b', { type: 'account.frozen', data: {} })
  await move('b', 2)
  await request(stack().nc, `${space.namespace}.evt.account.x`, 'no commit')
  await move('a', 3)
  await request(stack().nc, `${space.namespace}.evt.account.x`, '[{}]')
  await applied(running)
  expect(await trails()).toEqual({ a: '1 3' })
  expect(await left(space)).toMatchObject([
    { sequence: 2, id: 'b', status: 'parked', code: 'UNKNOWN_EVENT' },
    { sequence: 3, id: 'b', status: 'queued' },
    { sequence: 4, id: 'x', status: 'parked', code: 'MALFORMED_COMMIT' },
    { sequence: 6, id: 'x', status: 'queued' },
  ])
  const [status] = await readStatus(db, space.logs.values())
  expect(status).toMatchObject({ parked: 2, queued: 2, pending: 0 })
  const garbage = { stream: log.stream, sequence: 4 }
  expect(await showParked(db, space.logs.values(), 'fragile', garbage)).toMatchObject({
    type: '',
    unreadable: expect.stringContaining('is not a commit'),
  })
  expect(await ask('all')).toMatchObject({ cleared: 0, stayed: 2 })
  expect(await ask(garbage, 'drop')).toMatchObject({ stayed: 1, parked: [{ sequence: 6 }] })
  expect(await ask({ stream: log.stream, sequence: 6 }, 'drop')).toMatchObject({ cleared: 1 })
  expect(await ask({ stream: log.stream, sequence: 2 }, 'drop')).toMatchObject({ cleared: 1 })
  expect(await trails()).toEqual({ a: '1 3', b: '2' })
})

it('a row that PostgreSQL refuses is found among those of its batch, and parked alone', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  // An index takes no more than a third of a page, compressed; a random text does not get smaller.
  const owners = { ann: 'Ann', bob: 'Bob', long: randomBytes(6000).toString('base64'), eve: 'Eve' }
  for (const [id, owner] of Object.entries(owners)) await space.commit('account', id, opened(owner))
  await space.commit('account', 'ann', moved(1))
  await space.commit('account', 'long', moved(2))
  const running = await space.start([accountProjection()])
  await eventually('all is applied', () => running.of().positions[log.stream]?.applied === 6)
  expect(await space.rows('select id, balance from v_account order by id')).toEqual([
    { id: 'ann', balance: 1 },
    { id: 'bob', balance: 0 },
    { id: 'eve', balance: 0 },
  ])
  expect(await left(space)).toMatchObject([
    { sequence: 3, status: 'parked', cause: expect.stringMatching(/index row (size|requires)/) },
    { sequence: 6, status: 'queued' },
  ])
})

describe('an SQL projection', () => {
  function ledger(on: { broken: boolean; down: number }) {
    const calls: number[] = []
    const projection = defineSqlProjection({
      name: 'fragile',
      version: 1,
      from: [account],
      migrate: async (db, table) => {
        await db.schema
          .createTable(table)
          .addColumn('id', 'text', (c) => c.primaryKey())
          .addColumn('trail', 'text')
          .execute()
        await sql`create table ${sql.table(`${table}_once`)} (amount int unique deferrable initially deferred)`.execute(
          db,
        )
      },
      on: {
        'account.moved': async ({ aggregateId, data: { amount } }, tx, table) => {
          calls.push(amount)
          if (on.down-- > 0) throw Object.assign(new Error('deadlock'), { code: '40P01' })
          if (on.broken && amount === 13) throw new Error('thirteen')
          if (on.broken && amount === 14) await sql`select 1 / 0`.execute(tx)
          // Swallowed: the transaction has failed all the same.
          if (on.broken && amount === 15) await sql`select 1 / 0`.execute(tx).catch(() => undefined)
          if (amount >= 1000)
            await sql`insert into ${sql.table(`${table}_once`)} values (${amount})`.execute(tx)
          else
            await sql`
              insert into ${sql.table(table)} values (${aggregateId}, ${`${amount}`})
              on conflict (id) do update set trail = ${sql.table(table)}.trail || ' ' || excluded.trail`.execute(
              tx,
            )
        },
      },
    })
    return { projection, calls }
  }

  it('parks what its handlers fail on, at the price of one more pass', async () => {
    const { space, ask, trails, move, applied } = await openBank()
    for (const [id, amount] of [
      ['a', 13],
      ['b', 14],
      ['c', 15],
    ] as const)
      await move(id, 1, amount, 2)
    for (let amount = 20; amount < 40; amount++) await move('d', amount)
    const on = { broken: true, down: 0 }
    const { projection, calls } = ledger(on)
    const running = await space.start([projection])
    await applied(running)
    const all = Array.from({ length: 20 }, (_, index) => 20 + index).join(' ')
    expect(await trails()).toEqual({ a: '1', b: '1', c: '1', d: all })
    expect(await left(space)).toMatchObject([
      { sequence: 1, event_index: 1, status: 'parked', cause: 'thirteen', attempts: 3 },
      { sequence: 1, event_index: 2, status: 'queued' },
      { sequence: 2, event_index: 1, status: 'parked', cause: 'division by zero' },
      { sequence: 2, event_index: 2, status: 'queued' },
      { sequence: 3, event_index: 1, status: 'parked' },
      { sequence: 3, event_index: 2, status: 'queued' },
    ])
    // Two of them in the first attempt; then 26 in each.
    expect(calls).toHaveLength(2 + 26 + 26)
    on.broken = false
    expect(await ask('all')).toMatchObject({ cleared: 3 })
    expect(await trails()).toEqual({ a: '1 13 2', b: '1 14 2', c: '1 15 2', d: all })
  })

  it('parks them in a rebuild, too, and mends all when the handler is mended', async () => {
    const { space, trails, move, applied } = await openBank()
    await move('a', 1, 13, 2)
    await move('b', 14)
    await move('c', 1, 2)
    const on = { broken: true, down: 0 }
    const running = await space.start([ledger(on).projection])
    await applied(running)
    const parked = await left(space)
    expect(parked).toHaveLength(3)
    const rebuilt = async () => {
      await requestJob(space.database.db, { projection: 'fragile', kind: 'rebuild', options: {} })
      const job = () => loadJob(space.database.db, 'fragile', 'rebuild')
      await eventually('the rebuild ends', async () => (await job())?.finished_at !== null)
      expect(await job()).toMatchObject({ state: 'done' })
    }
    await space.rows(`update tb_fragile_projection set trail = 'spoilt'`)
    await rebuilt()
    expect(await trails()).toEqual({ a: '1', c: '1 2' })
    expect(await left(space)).toMatchObject([
      { sequence: 1, event_index: 1, status: 'parked', cause: 'thirteen' },
      { sequence: 1, event_index: 2, status: 'queued' },
      { sequence: 2, event_index: 0, status: 'parked', cause: 'division by zero' },
    ])
    on.broken = false
    await rebuilt()
    expect(await trails()).toEqual({ a: '1 13 2', b: '14', c: '1 2' })
    expect(await left(space)).toEqual([])
  })

  it('parks the commit whose end fails, when that is all that can be said', async () => {
    const { space, trails, move, applied } = await openBank()
    await move('a', 1000)
    await move('b', 1)
    await move('c', 1000, 2)
    await move('d', 3)
    const running = await space.start([ledger({ broken: false, down: 0 }).projection])
    await applied(running)
    expect(await trails()).toEqual({ b: '1', d: '3' })
    expect(await left(space)).toMatchObject([
      { sequence: 3, event_index: 0, status: 'parked', cause: expect.stringContaining('duplicate key') },
      { sequence: 3, event_index: 1, status: 'queued' },
    ])
  })

  it('parks nothing for what is of the server: it is tried until it passes', async () => {
    const { space, trails, move, applied } = await openBank()
    await move('a', 1, 2)
    const running = await space.start([ledger({ broken: false, down: 5 }).projection], { retryMaxMs: 50 })
    await applied(running)
    expect(await trails()).toEqual({ a: '1 2' })
    expect(await left(space)).toEqual([])
    expect(running.recorded.error).toHaveLength(5)
  })
})

it('too many parked halt: what is parked fits into memory', async () => {
  const { space, db, move, applied } = await openBank()
  const running = await space.start([fragile(new Set([13])).projection])
  await move('a', 13)
  await applied(running)
  const client = await space.database.pool.connect()
  try {
    const lot = await loadParkingLot(client, 'fragile', 'live', 2)
    expect([lot.parked, lot.blocks('account', 'a'), lot.blocks('account', 'b')]).toEqual([1, true, false])
    const entry = (aggregateId: string, sequence: number) => ({
      stream: 'BANK',
      sequence,
      index: 0,
      aggregate: 'account',
      aggregateId,
      eventId: 'e',
      type: 't',
      status: 'parked' as const,
      code: 'X',
      cause: 'x',
      attempts: 1,
    })
    await expect(lot.insert(client, [entry('b', 2), entry('c', 3)])).rejects.toThrow(TooManyParkedError)
    await lot.insert(client, [entry('b', 2)])
    lot.add([entry('b', 2)])
    await expect(lot.insert(client, [entry('c', 3)])).rejects.toMatchObject({
      code: 'PROJECTION_TOO_MANY_PARKED',
      position: { stream: 'BANK', sequence: 3 },
    })
  } finally {
    client.release()
  }
  expect(await listParked(db, 'fragile')).toHaveLength(2)
})
