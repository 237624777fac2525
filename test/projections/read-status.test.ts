import { expect, it } from 'vitest'
import { readStatus } from '../../src/projections/read-status.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, opened } from './accounts.ts'
import { account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()

it('the status tells what the database has while the logs do not answer', async () => {
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
