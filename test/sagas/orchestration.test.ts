import { describe, expect, it } from 'vitest'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { stackOfFile } from '../support/stack.ts'
import { until } from '../support/until.ts'
import { uniqueName } from '../streams/support.ts'
import { type Replica, startReplica, transitions } from './support.ts'
import { purchase } from './trade.ts'

const stack = stackOfFile()

async function openTrade(): Promise<Replica> {
  const replica = await startReplica(stack().nc, { namespace: uniqueName(), sagas: [purchase] })
  for (const thing of ['pen', 'ink']) await replica.send('stock', thing, 'fill', { left: 10 })
  return replica
}

async function ended(replica: Replica, id: string): Promise<string[]> {
  return await until(`the end of ${id}`, async () => {
    const all = await transitions(replica, 'purchase', id)
    return /completed|compensated$|parked|abandoned/.test(all.at(-1) ?? '') ? all : undefined
  })
}

describe('a saga', () => {
  it('sends the commands of its steps, one step after another, and completes', async () => {
    const replica = await openTrade()
    const reply = await replica.send('purchase', 'p-1', 'start', { things: ['pen', 'ink'] })
    expect(reply).toMatchObject({ ok: true, aggregate: 'purchase', id: 'p-1' })
    expect(await ended(replica, 'p-1')).toEqual([
      'started',
      'step-started reserve',
      'step-succeeded reserve',
      'step-started pay',
      'step-succeeded pay',
      'step-started send',
      'step-succeeded send',
      'step-started note',
      'step-succeeded note',
      'completed',
    ])
    expect((await replica.eventsOf('stock', 'ink')).map(({ type }) => type)).toEqual([
      'stock.filled',
      'stock.reserved',
    ])
    expect(replica.problems).toEqual([])
  })

  it('undoes what was done when a step is refused, the last first', async () => {
    const replica = await openTrade()
    await replica.send('purchase', 'nowhere', 'start', { things: ['pen', 'ink'] })
    expect(await ended(replica, 'nowhere')).toEqual([
      'started',
      'step-started reserve',
      'step-succeeded reserve',
      'step-started pay',
      'step-succeeded pay',
      'step-started send',
      'step-failed send',
      'compensating send',
      'compensation-started pay',
      'compensation-succeeded pay',
      'compensation-started reserve',
      'compensation-succeeded reserve',
      'compensated',
    ])
    expect((await replica.eventsOf('purse', 'till')).map(({ type }) => type)).toEqual([
      'purse.paid',
      'purse.repaid',
    ])
  })

  it('undoes the accepted commands of a step of which others were refused', async () => {
    const replica = await openTrade()
    await replica.send('purchase', 'p-2', 'start', { things: ['pen', 'none'] })
    expect((await ended(replica, 'p-2')).slice(-4)).toEqual([
      'compensating reserve',
      'compensation-started reserve',
      'compensation-succeeded reserve',
      'compensated',
    ])
    expect((await replica.eventsOf('stock', 'pen')).map(({ type }) => type)).toEqual([
      'stock.filled',
      'stock.reserved',
      'stock.released',
    ])
  })

  it('undoes nothing when its first step is refused', async () => {
    const replica = await openTrade()
    await replica.send('purchase', 'p-3', 'start', { things: ['none'] })
    expect((await ended(replica, 'p-3')).slice(-3)).toEqual([
      'step-failed reserve',
      'compensating reserve',
      'compensated',
    ])
  })
})

it('takes its time from the clock: a business time of its own would move its deadlines', async () => {
  const replica = await openTrade()
  const sender = createNatsSender({ nc: replica.nc, namespace: replica.namespace, timeoutMs: 5000 })
  const start = { aggregate: 'purchase', id: 'p-4', command: 'start', data: { things: ['pen'] } }
  expect(await sender.send({ ...start, occurredAt: '1970-01-01T00:00:00Z' })).toMatchObject({
    status: 400,
    errors: [{ path: 'Occurred-At' }],
  })
})

describe('a parked saga', () => {
  it('whose compensation is refused goes on when it is resumed, or what it was parked for is done by hand', async () => {
    const replica = await openTrade()
    await replica.send('purchase', 'stuck-nowhere', 'start', { things: ['pen'] })
    expect((await ended(replica, 'stuck-nowhere')).slice(-2)).toEqual([
      'compensation-failed pay',
      'parked pay',
    ])
    await until('the alert', async () => replica.problems.some(({ fields }) => 'alert' in fields))
    expect(replica.problems.map(({ fields }) => fields)).toContainEqual(
      expect.objectContaining({ alert: true, code: 'COMPENSATION_FAILED', step: 'pay' }),
    )
    await replica.send('purchase', 'stuck-nowhere', 'resume')
    const again = await until('it is parked again', async () => {
      const all = await transitions(replica, 'purchase', 'stuck-nowhere')
      return all.filter((one) => one === 'parked pay').length === 2 ? all : undefined
    })
    expect(again.slice(-4)).toEqual([
      'resumed',
      'compensation-started pay',
      'compensation-failed pay',
      'parked pay',
    ])
    expect(await replica.send('purchase', 'stuck-nowhere', 'resume', { done: true })).toMatchObject({
      ok: true,
    })
    expect((await ended(replica, 'stuck-nowhere')).at(-1)).toBe('compensated')
  })

  it('that has passed its pivot is never undone', async () => {
    const replica = await openTrade()
    await replica.send('purchase', 'unnoted', 'start', { things: ['pen'] })
    expect((await ended(replica, 'unnoted')).slice(-2)).toEqual(['step-failed note', 'parked note'])
    await replica.send('purchase', 'unnoted', 'abandon', { reason: 'so be it' })
    expect((await ended(replica, 'unnoted')).at(-1)).toBe('abandoned')
    expect((await replica.eventsOf('purse', 'till')).map(({ type }) => type)).toEqual(['purse.paid'])
  })
})
