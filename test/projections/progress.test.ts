import { onTestFinished, expect, it } from 'vitest'
import { cancelJob, loadJob, requestJob, updateJob } from '../../src/projections/jobs/job.ts'
import { startProgress } from '../../src/projections/jobs/run.ts'
import { migrateKernel } from '../../src/projections/database/kernel-migrations.ts'
import { stackOfFile } from '../support/stack.ts'
import { eventually, openSpace } from './support.ts'

const stack = stackOfFile()

async function openJob() {
  const { database } = await openSpace(stack())
  await migrateKernel(database)
  await requestJob(database.db, { projection: 'account', kind: 'rebuild', options: {} })
  const load = async () => {
    const job = await loadJob(database.db, 'account', 'rebuild')
    if (!job) throw new Error('there is no job')
    return job
  }
  return { database, load, waiting: await load() }
}

async function startJob() {
  const { database, load, waiting } = await openJob()
  await updateJob(database.db, waiting, { state: 'running', started: true })
  const told: unknown[] = []
  const note = (fields: object, message: string) => void told.push({ ...fields, message })
  const cancelled: Error[] = []
  const job = await load()
  const progress = startProgress(
    database.db,
    job,
    { debug: note, info: note, warn: note, error: note },
    (reason) => void cancelled.push(reason),
  )
  onTestFinished(() => progress.stop())
  return { database, load, progress, told, cancelled }
}

it('what is reported stands in the row of the job a little later, and each phase in the log once', async () => {
  const { load, progress, told } = await startJob()
  progress.report({ phase: 'replaying' })
  progress.report({ phase: 'replaying', events: 30, left: 100 })
  progress.report({ events: 20, left: 50 })
  await eventually('it is saved', async () => (await load()).events === 50)
  const { phase, events_total, rate } = await load()
  expect({ phase, events_total, isMoving: rate > 0 }).toEqual({
    phase: 'replaying',
    events_total: 100,
    isMoving: true,
  })
  expect(progress.events()).toBe(50)
  expect(told).toEqual([
    { projection: 'account', phase: 'replaying', events: 0, message: 'the rebuild is replaying' },
  ])
})

it('what was cancelled before anybody took it up stays so', async () => {
  const { database, load, waiting: job } = await openJob()
  expect(await cancelJob(database.db, 'account', 'rebuild')).toBe(true)
  // Whoever had read it a moment before.
  expect(await updateJob(database.db, job, { state: 'running', started: true })).toBeUndefined()
  expect(await load()).toMatchObject({ state: 'cancelled', started_at: null })
})

it('who wants it cancelled is heard, and from its end on it writes nothing', async () => {
  const { database, load, progress, cancelled } = await startJob()
  await cancelJob(database.db, 'account', 'rebuild')
  await eventually('it is told', () => cancelled.length > 0)
  expect(cancelled[0]).toMatchObject({ name: 'JobCancelledError' })
  await progress.stop()
  const before = await load()
  progress.report({ events: 7 })
  // As long as two of its turns.
  await eventually('a second passes in PostgreSQL', async () => {
    const { rows } = await database.pool.query<{ past: boolean }>(
      "select now() > $1::timestamptz + interval '1.1 seconds' as past",
      [before.updated_at],
    )
    return rows[0]?.past === true
  })
  expect(await load()).toEqual(before)
})
