import { afterAll, beforeAll, expect, it } from 'vitest'
import { query } from '../support/graphql.ts'
import { compliance as alert } from '../../src/domains/compliance/aggregate.ts'
import { compliance, ledger } from '../../src/domains/index.ts'
import { given } from '../../src/testing/index.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

let service: Awaited<ReturnType<typeof startTestService>>

beforeAll(async () => {
  service = await startTestService({ contexts: [ledger, compliance] })
})
afterAll(() => service.stop())

const send = async (id: string, command: string, data: unknown) => {
  const reply = await service.sender.send({ aggregate: 'account', id, command, data })
  expect(reply).toMatchObject({ ok: true })
}

const ALERTS = '{ complianceAlerts { edges { node { id fromAccount toAccount amount currency limit } } } }'

it('a transfer above the limit raises one alert, by way of the public feed; one at the limit none', async () => {
  await send('a', 'open', { owner: 'ada', currency: 'EUR' })
  await send('b', 'open', { owner: 'bob', currency: 'EUR' })
  await send('a', 'deposit', { amount: '50000.00' })
  await send('a', 'transfer', { to: 'b', amount: '10000.00', transferId: 't-1' })
  await send('a', 'transfer', { to: 'b', amount: '10000.01', transferId: 't-2' })
  await send('a', 'transfer', { to: 'b', amount: '12000.00', transferId: 't-3' })
  const alerts = await until('both alerts', async () => {
    const { data } = await query(service.endpoints.graph, ALERTS)
    return JSON.stringify(data).includes('t-2') && JSON.stringify(data).includes('t-3') && data
  })
  const node = { fromAccount: 'a', toAccount: 'b', currency: 'EUR', limit: '10000.00' }
  expect(alerts).toEqual({
    complianceAlerts: {
      edges: [
        { node: { ...node, id: 't-3', amount: '12000.00' } },
        { node: { ...node, id: 't-2', amount: '10000.01' } },
      ],
    },
  })
})

it('an alert is there from the moment on at which it was raised', async () => {
  const { data, errors } = await query(
    service.endpoints.graph,
    `{
      now: complianceAlert(id: "t-2") { limit allEvents { nodes { type } } }
      first: complianceAlert(id: "t-2", asOfVersion: 1) { limit amount }
      before: complianceAlert(id: "t-2", asOf: "2020-01-01T00:00:00Z") { id }
      none: complianceAlert(id: "t-1") { id }
    }`,
  )
  expect(errors).toBeUndefined()
  expect(data).toEqual({
    now: { limit: '10000.00', allEvents: { nodes: [{ type: 'compliance.alert' }] } },
    first: { limit: '10000.00', amount: '10000.01' },
    before: null,
    none: null,
  })
})

it('a transfer has one alert', () => {
  const data = { from: 'a', to: 'b', amount: '10000.01', currency: 'EUR', limit: '10000.00' }
  const raised = { type: 'compliance.alert', data } as const
  given(alert).when('raise', data).thenEvents(raised)
  given(alert, raised).when('raise', data).thenRejected('COMPLIANCE_ALERT_RAISED', 409)
})
