import { z } from 'zod'
import type { CommandEnvelope } from '../../src/commands/client/command-sender.ts'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { childOptions, serve } from '../support/child.ts'
import { LoadShape, runLoad } from '../support/load.ts'
import { config, connectTo } from '../support/service-parts.ts'
import { ACCOUNTS, BALANCE, SKUS, STOCK, basketOf } from './baskets.ts'

const { url } = childOptions(z.object({ url: z.string() }))
const nc = await connectTo(url)
const sender = createNatsSender({ nc, namespace: config.namespace, timeoutMs: config.sagas.waitTimeoutMs })

const Request = z.union([
  z.literal('prepare'),
  z.object({ what: z.enum(['checkouts', 'transfers', 'deposits']), run: z.string(), shape: LoadShape }),
])

async function send(envelope: CommandEnvelope): Promise<string | undefined> {
  const reply = await sender.send(envelope)
  if (!reply.ok) return reply.code
  return reply.saga === undefined || reply.saga.status === 'completed' ? undefined : reply.saga.status
}

async function prepare(): Promise<void> {
  const product = { name: 'Pen', price: '12.50', currency: 'EUR', stock: STOCK }
  const failures = await Promise.all([
    ...SKUS.map((id) => send({ aggregate: 'product', id, command: 'add', data: product })),
    ...ACCOUNTS.map(async (id) => {
      const opening = { owner: id, currency: 'EUR' }
      return (
        (await send({ aggregate: 'account', id, command: 'open', data: opening })) ??
        (await send({ aggregate: 'account', id, command: 'deposit', data: { amount: BALANCE } }))
      )
    }),
  ])
  const failure = failures.find((one) => one !== undefined)
  if (failure !== undefined) throw new Error(`The preparation failed: ${failure}`)
}

const account = (at: number) => ACCOUNTS[at % ACCOUNTS.length] ?? ''

serve(
  async (message) => {
    const request = Request.parse(message)
    if (request === 'prepare') {
      await prepare()
      return 'ready'
    }
    const { what, run, shape } = request
    let at = 0
    const requests: Record<typeof what, () => CommandEnvelope> = {
      checkouts: () => ({
        aggregate: 'checkout',
        id: `${run}-${at}`,
        command: 'start',
        data: basketOf(at++),
        wait: 'completed',
      }),
      transfers: () => ({
        aggregate: 'account',
        id: account(at),
        command: 'transfer',
        data: { to: account(at++ + 1), amount: '1.00' },
      }),
      deposits: () => ({
        aggregate: 'account',
        id: account(at++),
        command: 'deposit',
        data: { amount: '1.00' },
      }),
    }
    return await runLoad(shape, () => send(requests[what]()))
  },
  () => nc.close(),
)
