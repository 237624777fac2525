import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { defineContext } from '../../src/runtime/define-context.ts'
import { asker } from '../graph/ask.ts'
import { overEventStream } from '../live/clients.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'
import { approval } from './graph-support.ts'
import { parcel, purchase, purse, stock } from './trade.ts'

const Input = z.looseObject({ amount: z.number() })
const isStaff = (caller: string) => caller === 'staff'

/** Only staff sees purchases of much, and what any of them was started with; approvals are for everybody. */
const guarded = defineContext({
  name: 'trade',
  aggregates: [stock, purse, parcel],
  sagas: [purchase],
  authorizeSagas: {
    needs: ['input'],
    row: ({ input }, caller: string) => isStaff(caller) || Input.parse(input).amount < 100,
    fields: { input: (_, caller: string) => isStaff(caller) },
  },
})
const open = defineContext({ name: 'offices', sagas: [approval] })

let service: Awaited<ReturnType<typeof startTestService>>
beforeAll(async () => {
  service = await startTestService({
    contexts: [guarded, open],
    identify: (headers) => String(headers['caller'] ?? 'nobody'),
  })
  await send('stock', 'pen', 'fill', { left: 100 })
  await send('purchase', 'little', 'start', { things: ['pen'], amount: 1 })
  await send('purchase', 'much', 'start', { things: ['pen'], amount: 500 })
  await send('approval', 'any', 'start', { amount: 500 })
  await until('all to be there', async () => {
    const answer = await ask('staff', '{ sagas { totalCount } }')
    return answer.at('sagas.totalCount') === 3
  })
})
afterAll(() => service.stop())

const send = (aggregate: string, id: string, command: string, data: object) =>
  service.sender.send({ aggregate, id, command, data })
const ask = (caller: string, query: string) => asker(service.endpoints.graph)(query, { headers: { caller } })

const ALL =
  '{ much: saga(id: "much") { id } little: saga(id: "little") { id } any: saga(id: "any") { id } sagas { nodes { id } } }'

it('who may not see a saga finds none; each context judges its own alone', async () => {
  const seen = await ask('nobody', ALL)
  expect(seen.errors).toBeUndefined()
  expect(seen.data).toMatchObject({ much: null, little: { id: 'little' }, any: { id: 'any' } })
  expect(seen.at('sagas.nodes')).toHaveLength(2)
  const all = await ask('staff', ALL)
  expect(all.data).toMatchObject({ much: { id: 'much' } })
  expect(all.at('sagas.nodes')).toHaveLength(3)
})

it('fields have their own hooks', async () => {
  const refused = await ask('nobody', '{ saga(id: "little") { id input } }')
  expect(refused).toMatchObject({ data: { saga: { id: 'little', input: null } }, code: 'FORBIDDEN' })
  expect((await ask('nobody', '{ saga(id: "any") { input } }')).at('saga.input')).toEqual({ amount: 500 })
  expect((await ask('staff', '{ saga(id: "little") { input } }')).at('saga.input.amount')).toBe(1)
})

it('the bare events are no way round, nor is the result of a command, nor a subscription', async () => {
  const events = await ask('nobody', '{ eventsOf(aggregate: "purchase", id: "much") { nodes { data } } }')
  expect(events.code).toBe('FORBIDDEN')
  const result = await ask('nobody', 'mutation { abandonSaga(id: "any") { saga { id } } }')
  expect(result.at('abandonSaga.saga.id')).toBe('any')
  const query = 'subscription { sagaChanged(id: "much") { type cursor saga { id } } }'
  const told = overEventStream(service.endpoints.graph, query, {}, { caller: 'nobody' })
  expect(await told.came(1)).toMatchObject([{ type: 'STATE', saga: null }])
  told.stop()
  const staff = overEventStream(service.endpoints.graph, query, {}, { caller: 'staff' })
  expect(await staff.came(1)).toMatchObject([{ type: 'STATE', saga: { id: 'much' } }])
  staff.stop()
})
