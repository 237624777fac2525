import { expect, it } from 'vitest'
import { column } from '../../src/projections/definition/column.ts'
import { defineProjection } from '../../src/projections/definition/define-projection.ts'
import { awaitParked, requestParked } from '../../src/projections/parking/request-parked.ts'
import { type JobKind, loadJob, requestJob } from '../../src/projections/jobs/job.ts'
import { stackOfFile } from '../support/stack.ts'
import { moved, opened } from './accounts.ts'
import { type Space, account, eventually, openSpace } from './support.ts'
import { request } from '../support/requests.ts'

const stack = stackOfFile()

/** A fold that cannot take some amounts, until it is mended. */
function pickyProjection(faults: { refused: number }, version = 1) {
  return defineProjection({
    name: 'account',
    version,
    from: [account],
    columns: { id: column.text().key(), balance: column.bigint() },
    evolve: {
      'account.opened': (_, { aggregateId }) => ({ id: aggregateId, balance: 0 }),
      'account.moved': (row, { data }) => {
        if (data.amount === faults.refused) throw new Error(`cannot take ${data.amount}`)
        return row && { ...row, balance: row.balance + data.amount }
      },
    },
  })
}

async function runJob(space: Space, kind: JobKind, options: Record<string, unknown> = {}) {
  await requestJob(space.database.db, { projection: 'account', kind, options })
  const job = () => loadJob(space.database.db, 'account', kind)
  await eventually(`the ${kind} ends`, async () => ['done', 'failed'].includes((await job())?.state ?? ''))
  return await job()
}

const waiting = (space: Space) =>
  space.rows(
    'select target, aggregate_id as id, sequence, status from tb_parked_event order by target, sequence',
  )
const table = (space: Space) => space.rows('select * from tb_account_projection order by id')

it('what is parked stays out of a verification, and is parked again, or mended, by a rebuild', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const faults = { refused: 13 }
  for (const id of ['a', 'b']) await space.commit('account', id, opened())
  await space.commit('account', 'a', moved(13))
  await space.commit('account', 'a', moved(1))
  await space.commit('account', 'b', moved(2))
  // A foreign program's garbage, of an account of its own.
  await request(stack().nc, `${space.namespace}.evt.account.z`, 'garbage')
  const running = await space.start([pickyProjection(faults)], { parkAttempts: 1 })
  await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 6)
  const parked = [
    { target: 'live', id: 'a', sequence: 3, status: 'parked' },
    { target: 'live', id: 'a', sequence: 4, status: 'queued' },
    { target: 'live', id: 'z', sequence: 6, status: 'parked' },
  ]
  const rows = [
    { id: 'a', balance: 0 },
    { id: 'b', balance: 2 },
  ]
  expect(await waiting(space)).toEqual(parked)
  expect(await runJob(space, 'verify')).toMatchObject({ state: 'done', result: { differences: 0, rows: 2 } })

  // In part: the accounts with parked events are left to the runner, and the garbage ends nothing.
  await space.rows('update tb_account_projection set balance = -1')
  expect(await runJob(space, 'rebuild', { from: { sequence: 1 } })).toMatchObject({
    state: 'done',
    result: { aggregates: 3, rows: 1 },
  })
  expect(await table(space)).toEqual([
    { id: 'a', balance: -1 },
    { id: 'b', balance: 2 },
  ])

  expect(await runJob(space, 'rebuild')).toMatchObject({ state: 'done' })
  expect(await waiting(space)).toEqual(parked)
  expect(await table(space)).toEqual(rows)
  await space.commit('account', 'a', moved(3))
  await eventually('it queues', async () => (await waiting(space)).length === 4)
  expect(await table(space)).toEqual(rows)

  faults.refused = 0
  expect(await runJob(space, 'rebuild')).toMatchObject({ state: 'done' })
  expect(await waiting(space)).toEqual([parked[2]])
  expect(await table(space)).toEqual([
    { id: 'a', balance: 17 },
    { id: 'b', balance: 2 },
  ])
  await space.commit('account', 'a', moved(4))
  await eventually('it flows', async () => (await table(space))[0]?.['balance'] === 21)
  expect(await runJob(space, 'verify')).toMatchObject({ state: 'done', result: { differences: 0, rows: 2 } })
})

it('a projection that halts is not rebuilt past what it cannot apply', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const faults = { refused: 13 }
  const halting = { ...pickyProjection(faults), onPoison: 'halt' as const }
  await space.commit('account', 'a', opened())
  const running = await space.start([halting])
  await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 1)
  await space.commit('account', 'a', moved(13))
  expect(await runJob(space, 'rebuild')).toMatchObject({
    state: 'failed',
    error: expect.stringMatching(/account.moved at .* 2 cannot be applied .*cannot take 13/),
  })
  expect(await table(space)).toEqual([{ id: 'a', balance: 0 }])
})

it('what is parked while a rebuild in part reads its history is left to the runner', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  let meanwhile: (() => Promise<void>) | undefined
  space.logs.set('account', {
    ...log,
    read: {
      ...log.read,
      async leaderLast(subject) {
        const now = meanwhile
        meanwhile = undefined
        await now?.()
        return await log.read.leaderLast(subject)
      },
    },
  })
  for (const id of ['a', 'b']) await space.commit('account', id, opened(), moved(1))
  const running = await space.start([pickyProjection({ refused: 13 })], { parkAttempts: 1 })
  const applied = (sequence: number) =>
    eventually('it is applied', () => running.of().positions[log.stream]?.applied === sequence)
  await applied(2)
  meanwhile = async () => {
    await space.commit('account', 'a', moved(13))
    await applied(3)
  }
  await space.rows('update tb_account_projection set balance = -1')
  const job = await runJob(space, 'rebuild', { from: { sequence: 1 } })
  expect(job?.result).toEqual({ partial: true, aggregates: 2, rows: 1 })
  expect(await table(space)).toEqual([
    { id: 'a', balance: -1 },
    { id: 'b', balance: 1 },
  ])
})

it('what was dropped keeps no other row from being derived again, and its own stays and is told of', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  for (const id of ['a', 'b', 'c', 'd']) await space.commit('account', id, opened(), moved(1))
  await space.commit('account', 'a', moved(13), moved(2))
  await request(stack().nc, `${space.namespace}.evt.account.d`, 'garbage')
  const running = await space.start([pickyProjection({ refused: 13 })], { parkAttempts: 1 })
  await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 6)
  const { db } = space.database
  for (const sequence of [5, 6]) {
    const place = { stream: log.stream, sequence }
    await awaitParked(db, 'account', await requestParked(db, 'account', place, 'drop'))
  }
  // What PostgreSQL does not take is no other row's failure either.
  await space.rows(`update tb_account_projection set balance = -1`)
  await space.rows(`alter table tb_account_projection add check (id <> 'c' or balance < 0)`)
  const job = await runJob(space, 'rebuild', { from: { sequence: 1 } })
  expect(job).toMatchObject({ state: 'done', error: null })
  expect(job?.result).toEqual({ partial: true, aggregates: 4, rows: 1, failed: 3 })
  expect(await table(space)).toEqual([
    { id: 'a', balance: -1 },
    { id: 'b', balance: 1 },
    { id: 'c', balance: -1 },
    { id: 'd', balance: -1 },
  ])
  expect(running.recorded.warn.filter((text) => text.startsWith('rows whose events'))).toEqual([
    expect.stringMatching(/left as they are: a: .*cannot take 13/),
  ])
})
