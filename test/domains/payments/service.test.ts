import { connect } from '@nats-io/transport-node'
import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { paymentsContext } from '../../../src/domains/index.ts'
import { query } from '../../support/graphql.ts'
import { startTestService } from '../../support/service.ts'
import { openBank } from './bank.ts'
import { request } from '../../support/requests.ts'

type TestService = Awaited<ReturnType<typeof startTestService>>

const terms = (method: string, amount = '20.00') => ({ orderId: 'o-1', amount, currency: 'EUR', method })
const authorize = ({ sender }: TestService, data: object, commandId: string = randomUUID()) =>
  sender.send({ aggregate: 'payment', id: `p-${commandId}`, command: 'authorize', data, commandId })

/** As a client sends it that does not try again by itself. */
async function once({ endpoints, config }: TestService, data: object): Promise<unknown> {
  const nc = await connect({ servers: endpoints.nats })
  const subject = `${config.namespace}.cmd.payment.p-${randomUUID()}.authorize`
  const reply = await request(nc, subject, JSON.stringify(data))
  await nc.close()
  return reply.json()
}

describe('the built-in payments', () => {
  let service: TestService
  beforeAll(
    async () =>
      void (service = await startTestService({
        overrides: { commands: { consultTimeoutMs: 1000, timeoutMs: 50_000 } },
      })),
  )
  afterAll(() => service.stop())

  it('go through the test gateway, which declines and delays as the method says', async () => {
    expect(await authorize(service, terms('card-1'))).toMatchObject({ ok: true })
    expect(await authorize(service, terms('card-slow-100'))).toMatchObject({ ok: true })
    const declined = { ok: false, status: 422, code: 'PAYMENT_DECLINED' }
    expect(await authorize(service, terms('card-declined'))).toMatchObject(declined)
    expect(await authorize(service, terms('card-1', '100000.01'))).toMatchObject(declined)
  })

  it('are tried again while the gateway is not there, and made once it is', async () => {
    expect(await authorize(service, terms('card-flaky-2'))).toMatchObject({ ok: true, version: 1 })
    expect(await once(service, terms('card-unavailable'))).toMatchObject({
      ok: false,
      status: 503,
      code: 'PAYMENT_GATEWAY_UNAVAILABLE',
    })
  })

  it('are given up for now when the gateway takes longer than the configuration allows', async () => {
    expect(await once(service, terms('card-slow-60000'))).toMatchObject({
      ok: false,
      status: 503,
      code: 'CONSULT_TIMEOUT',
      retryAfterMs: 1000,
    })
  })
})

describe('payments through a gateway of one’s own', () => {
  it('are asked there, and served like the built-in ones', async () => {
    const bank = openBank()
    const service = await startTestService({ contexts: [paymentsContext({ gateway: bank.gateway })] })
    try {
      expect(await authorize(service, terms('card-declined'), 'a')).toMatchObject({ ok: true, version: 1 })
      expect(bank.account('p-a').held).toBe(2000n)
      const { data, errors } = await query(
        service.endpoints.graph,
        'mutation { capturePayment(id: "p-a") { payment { status reference } } }',
      )
      expect(errors).toBeUndefined()
      expect(data).toEqual({ capturePayment: { payment: { status: 'CAPTURED', reference: 'p-a/a' } } })
      expect(bank.account('p-a')).toEqual({ held: 0n, captured: 2000n, refunded: 0n })
    } finally {
      await service.stop()
    }
  })
})
