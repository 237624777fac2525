import { expect, test } from 'vitest'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { COMPLETED, addProducts, basket, openLogs, startHeadwater, tracesOf } from './checkouts.ts'

const CHECKOUTS = 40
const ROUNDS = Number(process.env['HEADWATER_FAILOVER_ROUNDS'] ?? 1)

const stack = stackOfFile()

test(`what a killed service had in work, another one goes on with within seconds (faults: ${ROUNDS})`, async () => {
  const { nc } = stack()
  let [stays, goes] = await Promise.all([startHeadwater(stack()), startHeadwater(stack())])
  const sender = createNatsSender({ nc, namespace: 'hw', timeoutMs: 4000 })
  await addProducts(sender)
  const logs = await openLogs(nc)
  for (let round = 0; round < ROUNDS; round++) {
    const ids = Array.from({ length: CHECKOUTS }, (_, index) => `f-${round}-${index}`)
    const starts = ids.map((id) =>
      until(`${id} is started`, async () => {
        const start = {
          aggregate: 'checkout',
          id,
          command: 'start',
          commandId: `start-${id}`,
          data: basket(),
        }
        const reply = await sender.send(start).catch(() => undefined)
        return reply?.ok === true
      }),
    )
    const ended = async () => (await Promise.all(ids.map((id) => logs.endOf(id)))).filter(Boolean).length
    await until('the first has ended', async () => (await ended()) > 0)
    goes.process.kill('SIGKILL')
    await goes.exited
    const killedAt = performance.now()
    const left = CHECKOUTS - (await ended())
    await Promise.all(starts)
    await until('all have ended', async () => (await ended()) === CHECKOUTS)
    console.log(
      `${left} checkouts were left; they were through in ${Math.round(performance.now() - killedAt)} ms`,
    )
    for (const id of ids) expect([id, await tracesOf(logs, id)]).toEqual([id, COMPLETED])
    ;[goes, stays] = [stays, await startHeadwater(stack())]
  }
}, 600_000)
