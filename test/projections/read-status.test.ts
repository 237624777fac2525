import { expect, it } from 'vitest'
import { readStatus } from '../../src/projections/status/read-status.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, opened } from './accounts.ts'
import { account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()

it('the status tells what the database has while the logs do not answer (1 fault)', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const running = await space.start([accountProjection()])
  await space.commit('account', 'a', opened())
  await eventually('it is applied', () => running.of().positions[log.stream]?.applied === 1)
  await running.stop()
  const position = async () => {
    const [status] = await readStatus(space.database.db, [log])
    return status?.positions[log.stream]
  }
  expect(await position()).toMatchObject({ applied: 1, last: 1 })
  await stack().stopNats()
  expect(await position()).toMatchObject({ applied: 1, last: undefined })
  await stack().startNats()
  await eventually('the log answers again', async () => (await position())?.last === 1)
})

it('the status tells how fast a runner is, to any process, and stops when nothing new is heard', async () => {
  const space = await openSpace(stack())
  await space.log('BANK', account)
  const running = await space.start([accountProjection()])
  await space.commit('account', 'a', opened())
  const figures = async () => {
    const [status] = await readStatus(space.database.db, new Set(space.logs.values()))
    return status
  }
  await eventually('the runner has said it', async () => ((await figures())?.ratePerSecond ?? 0) > 0)
  expect((await figures())?.batchSize).toBe(1)
  await running.stop()
  await space.rows(`update tb_projection set figures_at = now() - interval '11 seconds'`)
  expect(await figures()).toMatchObject({ ratePerSecond: null, batchSize: null })
})
