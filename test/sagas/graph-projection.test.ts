import { expect, it } from 'vitest'
import type { ProjectionDefinition } from '../../src/projections/definition/definition.ts'
import { sagaProjection } from '../../src/runtime/sagas/projection.ts'
import { type Space, eventually, openSpace } from '../projections/support.ts'
import { loadJob, requestJob } from '../../src/projections/jobs/job.ts'
import { stackOfFile } from '../support/stack.ts'
import { approval } from './graph-support.ts'
import { purchase } from './trade.ts'

const stack = stackOfFile()
const failure = { status: 422, code: 'NO', detail: 'not today' }
const step = 'pay'

const started = { type: 'saga.started', data: { version: 1, input: { amount: 1 } } }
/** A whole life, with every kind of event. */
const LIFE = [
  started,
  {
    type: 'saga.step-waiting',
    data: { step: 'approve', for: 'decision', until: '2027-01-01T00:00:00.000Z' },
  },
  { type: 'saga.signalled', data: { step: 'approve', data: { by: 'Ana' } } },
  { type: 'saga.observed', data: { step: 'later', data: 1 } },
  { type: 'saga.step-succeeded', data: { step: 'approve', attempt: 1, heard: { by: 'Ana' } } },
  { type: 'saga.step-started', data: { step, attempt: 1, commands: [] } },
  { type: 'saga.step-failed', data: { step, attempt: 1, failure, retryAt: '2027-01-01T00:00:01.000Z' } },
  { type: 'saga.step-started', data: { step, attempt: 2, commands: [] } },
  { type: 'saga.cancelled', data: { reason: failure } },
  { type: 'saga.step-failed', data: { step, attempt: 2, failure, doubtful: true } },
  { type: 'saga.step-doubtful', data: { step } },
  { type: 'saga.compensating', data: { reason: failure, step } },
  { type: 'saga.compensation-started', data: { step, attempt: 1, commands: [] } },
  { type: 'saga.compensation-failed', data: { step, attempt: 1, failure } },
  { type: 'saga.parked', data: { code: 'COMPENSATION_FAILED', step, failure } },
  { type: 'saga.resumed', data: { done: true } },
  { type: 'saga.compensation-succeeded', data: { step, attempt: 2, replies: [] } },
  { type: 'saga.compensation-started', data: { step: 'approve', attempt: 1, commands: [] } },
  { type: 'saga.compensation-succeeded', data: { step: 'approve', attempt: 1, replies: [] } },
  { type: 'saga.compensated', data: { reason: failure } },
]
const ROWS = 'select * from tb_saga_projection order by id'

const known = (...sagas: (typeof purchase | typeof approval)[]): ProjectionDefinition[] => [
  sagaProjection(sagas.map(({ aggregate }) => aggregate)),
]

async function lived(space: Space): Promise<void> {
  for (const event of LIFE) await space.commit('purchase', 'same', event)
  await space.commit('purchase', 'other', ...LIFE.slice(0, 7))
}

it('the table of sagas is the same event by event, commit by commit, and built anew', async () => {
  const space = await openSpace(stack())
  const log = await space.log('SAGAS', purchase)
  const running = await space.start(known(purchase), { batchSize: 1 })
  await lived(space)
  const all = LIFE.length + 1
  await eventually('all to be applied', () => running.of().positions[log.stream]?.applied === all)
  const rows = await space.rows(ROWS)
  expect(rows).toMatchObject([
    {
      id: 'purchase.other',
      current_step: step,
      steps: [
        { name: 'approve' },
        { name: step, status: 'RETRYING', waitsFor: 'RETRY', until: '2027-01-01T00:00:01.000Z' },
      ],
    },
    {
      id: 'purchase.same',
      saga_id: 'same',
      name: 'purchase',
      status: 'COMPENSATED',
      current_step: null,
      failure_code: 'NO',
      version: LIFE.length,
      steps: [
        { name: 'approve', status: 'SUCCEEDED', waitsFor: null },
        { name: step, status: 'FAILED', attempts: 2, error: failure },
      ],
      compensations: [
        { name: step, status: 'SUCCEEDED', attempts: 1 },
        { name: 'approve', status: 'SUCCEEDED' },
      ],
    },
  ])
  const { db } = space.database
  await requestJob(db, { projection: 'saga', kind: 'rebuild', options: {} })
  await eventually(
    'the rebuild to be done',
    async () => (await loadJob(db, 'saga', 'rebuild'))?.state === 'done',
  )
  expect(await space.rows(ROWS)).toEqual(rows)
})

it('a release with one more saga builds nothing anew, and loses none of what began while an older one ran', async () => {
  const space = await openSpace(stack())
  const log = await space.log('SAGAS', purchase)
  const older = await space.start(known(purchase))
  await space.commit('purchase', 'same', started)
  await eventually('it to be applied', () => older.of().positions[log.stream]?.applied === 1)
  // A newer replica serves another saga already, while the older one still has the projection.
  await space.log('SAGAS', purchase, approval)
  await space.commit('approval', 'same', started)
  await space.commit('purchase', 'same', ...LIFE.slice(1, 3))
  await eventually('all to be applied', () => older.of().positions[log.stream]?.applied === 3)
  const ids = async () => (await space.rows(ROWS)).map(({ id, version }) => [id, version])
  expect(await ids()).toEqual([
    ['approval.same', 1],
    ['purchase.same', 3],
  ])
  await older.stop()
  const newer = await space.start(known(purchase, approval))
  await space.commit('approval', 'same', ...LIFE.slice(1, 2))
  await eventually('all to be applied', () => newer.of().positions[log.stream]?.applied === 4)
  expect(newer.recorded.warn).toEqual([])
  expect(newer.of().state).not.toBe('superseded')
  const back = await space.start(known(purchase))
  await newer.stop()
  await space.commit('approval', 'same', ...LIFE.slice(2, 3))
  await eventually('the older one again to apply it', () => back.of().positions[log.stream]?.applied === 5)
  expect(await ids()).toEqual([
    ['approval.same', 3],
    ['purchase.same', 3],
  ])
  expect([...newer.recorded.warn, ...back.recorded.warn]).toEqual([])
})
