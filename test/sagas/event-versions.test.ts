import { jetstreamManager } from '@nats-io/jetstream'
import { expect, it, onTestFinished } from 'vitest'
import { z } from 'zod'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { type AwaitedEvent, awaitEvent } from '../../src/sagas/await-event.ts'
import { type Saga, defineSaga } from '../../src/sagas/define-saga.ts'
import { eventReactors } from '../../src/sagas/event-reactors.ts'
import { openReactor } from '../../src/sagas/reactors/start-reactor.ts'
import { listParkedOf } from '../../src/streams/follow/overview.ts'
import { quiet, storeOf } from '../follow/support.ts'
import { connectTo, startOwnNats, uniqueName } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { instanceOf } from './machine.ts'
import { startReplica, transitions } from './support.ts'
import { purse, stock } from './trade.ts'

const filled = (name: string) => ({
  name,
  event: awaitEvent(stock, 'stock.filled', ({ aggregateId }) => aggregateId),
})
const input = z.object({})
const agree = { name: 'agree', decision: z.boolean() }
const one = defineSaga({ name: 'wait', input, steps: [filled('first'), agree] })
const two = defineSaga({
  name: 'wait',
  version: 2,
  earlier: [one],
  input,
  steps: [filled('first'), filled('second')],
})

/** A release: it serves one definition of the saga, with the reactors of its steps. */
async function release(saga: Saga, nc: Awaited<ReturnType<typeof connectTo>>, namespace: string) {
  const replica = await startReplica(nc, { namespace, sagas: [saga] })
  const store = await storeOf(nc, namespace)
  const opened = eventReactors(saga).map(
    async (reactor) =>
      await openReactor(
        {
          nc,
          jsm: await jetstreamManager(nc),
          namespace,
          store,
          logs: new Map([['stock', replica.trade]]),
          feedStream: 'none',
          sender: createNatsSender({ nc, namespace, timeoutMs: 300 }),
          logger: quiet,
        },
        reactor,
      ),
  )
  const followers = (await Promise.all(opened)).flat()
  for (const follower of followers) follower.start()
  const stop = async () => {
    await Promise.all(followers.map((follower) => follower.stop()))
    await replica.stop()
  }
  onTestFinished(stop)
  return { replica, followers, store, stop }
}

it('in a rolling deployment an event is parked neither for an instance that is newer than the replica, nor for one without the step', async () => {
  const nc = await connectTo(await startOwnNats())
  const namespace = uniqueName()
  const isDone = async (running: Awaited<ReturnType<typeof release>>, id: string, what: string) =>
    await until(`${what} of ${id}`, async () =>
      (await transitions(running.replica, 'wait', id)).includes(what),
    )

  const before = await release(two, nc, namespace)
  await before.replica.send('wait', 'new', 'start')
  await before.stop()

  const old = await release(one, nc, namespace)
  await old.replica.send('wait', 'old', 'start')
  for (const id of ['old', 'new']) await old.replica.send('stock', id, 'fill', { left: 1 })
  await isDone(old, 'old', 'step-succeeded first')
  await until('it to be tried again', async () => old.followers[0]?.status().retrying === 1)
  await old.stop()

  const after = await release(two, nc, namespace)
  await isDone(after, 'new', 'completed')
  await until('all to be done', async () => after.followers.every((follower) => follower.status().lag === 0))
  const names = ['saga-wait-first', 'saga-wait-second'].map((name) => ({
    kind: 'reactor',
    name,
    stream: after.replica.trade.stream,
  }))
  expect(await listParkedOf(after.store, names)).toEqual([])
})

it('a step that kept its name waits in each version for the event of that version', () => {
  const waiting = (version: number, event: AwaitedEvent, earlier: readonly Saga[] = []) =>
    defineSaga({ name: 'wait', version, earlier, input, steps: [{ name: 'ready', event }] })
  const before = waiting(
    1,
    awaitEvent(stock, 'stock.filled', ({ aggregateId }) => aggregateId),
  )
  const now = waiting(
    2,
    awaitEvent(purse, 'purse.paid', ({ data }) => data.who),
    [before],
  )
  const [reactor, ...others] = eventReactors(now)
  expect(others).toEqual([])
  const heard = (saga: Saga, aggregate: string, type: string) => {
    const ids = { aggregateId: 'w-1', correlationId: 'c', causationId: 'c', commandId: 'c' }
    const data = { left: 1, who: 'w-1', amount: 1 }
    const reaction = reactor?.react({ id: 'e', aggregate, type, version: 1, time: '', data, ...ids })
    const [{ id, data: observed }] = z
      .tuple([z.object({ id: z.string(), data: z.unknown() })])
      .parse(reaction)
    const instance = instanceOf(saga)
    instance.start()
    const all = instanceOf(now)
    all.restore(instance.state)
    return [id, all.say('observe', observed)]
  }
  const succeeds = ['w-1', ['observed ready', 'step-succeeded ready', 'completed']]
  expect(heard(before, 'stock', 'stock.filled')).toEqual(succeeds)
  expect(heard(now, 'purse', 'purse.paid')).toEqual(succeeds)
  // What the other version waits for is nothing to it.
  expect(heard(now, 'stock', 'stock.filled')).toEqual(['w-1', []])
  expect(heard(before, 'purse', 'purse.paid')).toEqual(['w-1', []])
})
