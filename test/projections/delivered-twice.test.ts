import { expect, it, onTestFinished } from 'vitest'
import { applyBatch } from '../../src/projections/runner/apply-batch.ts'
import { CheckpointConflictError } from '../../src/projections/errors.ts'
import { tableOf } from '../../src/projections/definition/identifiers.ts'
import { createParkingLot } from '../../src/projections/parking/parking-lot.ts'
import { openSession } from '../../src/projections/database/session.ts'
import { sourcesByName } from '../../src/projections/sources/source-streams.ts'
import { createWriter } from '../../src/projections/batch/writer.ts'
import { stackOfFile } from '../support/stack.ts'
import { accountProjection, moved, opened } from './accounts.ts'
import { account, eventually, openSpace } from './support.ts'

const stack = stackOfFile()

it('commits that are delivered twice are applied once: the second time nothing is written', async () => {
  const space = await openSpace(stack())
  const log = await space.log('BANK', account)
  const projection = accountProjection()
  const running = await space.start([projection])
  await space.commit('account', 'a', opened())
  await eventually('the first is applied', () => running.of().positions[log.stream]?.applied === 1)
  await running.stop()
  await space.commit('account', 'a', moved(5))
  const commit = await log.read.at(2)
  if (!commit) throw new Error('the commit is not there')

  const session = await openSession(space.database, 'account')
  onTestFinished(() => session.end())
  const apply = (from: number) =>
    applyBatch(
      {
        session,
        projection,
        sources: sourcesByName(projection),
        standing: { projection: 'account', generation: 1, schema: space.schema },
        write: createWriter(projection, tableOf('account')),
        lot: createParkingLot({ projection: 'account', target: 'live' }),
      },
      new Map([[log.stream, from]]),
      [commit],
    )
  const balance = async () => (await space.rows('select balance from tb_account_projection'))[0]?.['balance']
  await apply(1)
  expect(await balance()).toBe(5)
  await expect(apply(1)).rejects.toThrow(CheckpointConflictError)
  expect(await balance()).toBe(5)
})
