import { jetstreamManager } from '@nats-io/jetstream'
import { expect, it } from 'vitest'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { type Written, ask, ended, expectExact, jobOf, leftOvers } from './rebuild-support.ts'
import { type Space, account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()
const COMMITS = 40

async function write(space: Space, written: Written, count: number, amount: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    const id = `a${index % 7}`
    const events = [index < 7 ? opened(`owner ${amount}`) : moved(amount)]
    await space.commit('account', id, ...events)
    written.push({ id, events })
  }
}

/** The accounts, and how many of their events were folded. */
function counted() {
  const count = { folded: 0 }
  const plain = accountProjection()
  const evolve: typeof plain.evolve = (row, event) => {
    count.folded++
    return plain.evolve(row, event)
  }
  return { count, projection: { ...plain, evolve } }
}

/** A table whose rebuild was interrupted when all that was left was the swap. */
async function openInterrupted() {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  const written: Written = []
  await write(space, written, COMMITS, 1)
  const running = await space.start([accountProjection()])
  const { stream } = space.logOf('account')
  await eventually('it is applied', () => running.of().positions[stream]?.applied === COMMITS)
  const reader = await space.database.pool.connect()
  await reader.query('begin; select from tb_account_projection')
  await ask(space)
  await eventually('a reader keeps it from the swap', () =>
    running.recorded.info.includes('the swap is tried again'),
  )
  await running.stop()
  await reader.query('rollback')
  reader.release()
  expect(await jobOf(space)).toMatchObject({ state: 'running', positions: { [stream]: COMMITS } })
  return { space, stream, written }
}

/** The same names, with a stream that was deleted and has come further than the one before. */
async function openAnew({ space: before, stream }: { space: Space; stream: string }) {
  const space = await openSpace(stack(), before)
  // Last, so that nobody finds it missing for long.
  await (await jetstreamManager(stack().nc)).streams.delete(stream)
  await space.log('BANK', account)
  const written: Written = []
  await write(space, written, COMMITS + 10, 100)
  return { space, written }
}

const asOlderReleasesLeaveIt = 'update tb_projection_job set result = null'

it.each([
  ['by this release', 'select'],
  ['by one that did not say of which streams', asOlderReleasesLeaveIt],
])('what was interrupted %s begins anew when a stream was', async (_, left) => {
  const interrupted = await openInterrupted()
  await interrupted.space.rows(left)
  const { space, written } = await openAnew(interrupted)
  const running = await space.start([accountProjection()])
  expect(await ended(space)).toMatchObject({ state: 'done' })
  await expectExact(space, written)
  await eventually('it goes on', () => running.of().state === 'up')
  expect(await leftOvers(space)).toEqual([])
})

it.each([
  ['by this release', 'select'],
  ['by one that did not say of which streams', asOlderReleasesLeaveIt],
])('what was interrupted %s goes on where the streams are the same', async (_, left) => {
  const { space, written } = await openInterrupted()
  await space.rows(left)
  const { count, projection } = counted()
  await space.start([projection])
  expect(await ended(space)).toMatchObject({ state: 'done' })
  expect(count.folded).toBe(0)
  await expectExact(space, written)
})

it('what had come further than its stream now reaches begins anew', async () => {
  const { space, stream, written } = await openInterrupted()
  await space.rows(`update tb_projection_job set positions = '{"${stream}": ${COMMITS + 1}}'`)
  const { count, projection } = counted()
  await space.start([projection])
  expect(await ended(space)).toMatchObject({ state: 'done' })
  expect(count.folded).toBe(COMMITS)
  await expectExact(space, written)
})

it('a stream that is made anew under a rebuild is not put behind what was read of the one before', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  await write(space, [], COMMITS, 1)
  const running = await space.start([accountProjection()])
  await eventually('it is applied', () => running.of().positions[log.stream]?.applied === COMMITS)
  const reader = await space.database.pool.connect()
  await reader.query('begin; select from tb_account_projection')
  await ask(space)
  await eventually('a reader keeps it from the swap', () =>
    running.recorded.info.includes('the swap is tried again'),
  )
  const { space: anew, written } = await openAnew({ space, stream: log.stream })
  await reader.query('rollback')
  reader.release()
  expect(await ended(anew)).toMatchObject({
    state: 'failed',
    error: expect.stringMatching(/BANK was made anew while it was read; ask again/),
  })
  await ask(anew)
  expect(await ended(anew)).toMatchObject({ state: 'done' })
  await expectExact(anew, written)
})
