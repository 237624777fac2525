import { expect, onTestFinished, test } from 'vitest'
import { stackOfFile, uniqueName } from '../support/stack.ts'
import { type Told, EVENTS_OF, overEventStream, overWebSocket, wsClient } from './clients.ts'
import { type Replica, openReplica, writerOf } from './replica.ts'

const stack = stackOfFile()

/** Follows all orders from the first event on, at one replica and over one transport after the other. */
function follower(all = new Array<string>()) {
  let after: string | undefined
  let told: Told | undefined
  return {
    all,
    connect({ url, wsUrl }: Pick<Replica, 'url' | 'wsUrl'>, transport: 'ws' | 'sse'): Told {
      const variables = { aggregate: 'order', after, fromStart: true }
      told =
        transport === 'ws'
          ? overWebSocket(wsClient(wsUrl), EVENTS_OF, variables)
          : overEventStream(url, EVENTS_OF, variables)
      return told
    },
    /** What was told after this is not heard any more. */
    leave() {
      if (!told) return
      told.stop()
      all.push(...told.ids())
      after = told.lastCursor ?? after
      told = undefined
    },
  }
}

async function replicaIn(namespace: string): Promise<Replica> {
  const replica = await openReplica(stack(), { namespace })
  let stopped: Promise<void> | undefined
  const stop = () => (stopped ??= replica.stop())
  onTestFinished(stop)
  return { ...replica, stop }
}

test('nothing is left out and nothing comes twice, when a client goes from replica to replica while others write', async () => {
  const namespace = uniqueName()
  const replicas = [await replicaIn(namespace), await replicaIn(namespace)] as const
  const writers = replicas.map((replica) => writerOf(replica, namespace))
  const stops = writers.map((writer, index) => writer.keepWriting([`o-${index}`, `o-${index}-b`]))
  const client = follower()
  for (let round = 0; round < 12; round++) {
    const replica = replicas[round % 2] ?? replicas[0]
    const told = client.connect(replica, round % 3 === 0 ? 'sse' : 'ws')
    await told.came(1 + ((round * 37) % 90))
    expect(told.errors).toEqual([])
    client.leave()
  }
  await Promise.all(stops.map((stop) => stop()))
  const written = (await writers[0]?.written()) ?? []
  const last = client.connect(replicas[1], 'ws')
  await last.came(written.length - client.all.length)
  client.leave()
  expect(client.all).toEqual(written)
})

test('who stays connected hears everything once, when the nats-server is restarted under load (2 faults)', async () => {
  const namespace = uniqueName()
  const replica = await replicaIn(namespace)
  const writer = writerOf(replica, namespace)
  const stop = writer.keepWriting(['o-1', 'o-2'])
  const wide = overWebSocket(wsClient(replica.wsUrl), EVENTS_OF, { aggregate: 'order', fromStart: true })
  const narrow = overEventStream(replica.url, EVENTS_OF, { aggregate: 'order', id: 'o-2', fromStart: true })
  let faults = 0
  while (faults < 2) {
    const before = wide.payloads.length
    await wide.came(before + 100)
    await stack().stopNats()
    faults++
    await stack().startNats()
  }
  await wide.came(wide.payloads.length + 100)
  await stop()
  const written = await writer.written()
  await wide.came(written.length)
  expect(wide.ids()).toEqual(written)
  const ofOne = wide.payloads.flatMap(({ aggregateId, event }) =>
    aggregateId === 'o-2' && event ? [event.id] : [],
  )
  await narrow.came(ofOne.length)
  expect(narrow.ids()).toEqual(ofOne)
  expect([...wide.errors, ...narrow.errors]).toEqual([])
  expect(faults).toBe(2)
})

test('a client goes on after its cursor when the service, and the nats-server, have been restarted (6 faults)', async () => {
  const namespace = uniqueName()
  const client = follower()
  const expected: string[] = []
  const faults = { service: 0, server: 0 }
  for (let life = 0; life < 3; life++) {
    const replica = await replicaIn(namespace)
    const { write } = writerOf(replica, namespace)
    const told = client.connect(replica, life % 2 === 0 ? 'ws' : 'sse')
    for (let count = 0; count < 10; count++)
      expected.push(...(await write(`o-${count % 3}`, 1 + (count % 2))))
    await told.came(expected.length - client.all.length)
    // What is written when nobody listens comes first in the next life.
    await Promise.all([replica.stop(), told.ending()])
    faults.service++
    client.leave()
    await stack().stopNats()
    faults.server++
    await stack().startNats()
    const other = await replicaIn(namespace)
    expected.push(...(await writerOf(other, namespace).write(`late-${life}`, 3)))
    await other.stop()
  }
  const replica = await replicaIn(namespace)
  const told = client.connect(replica, 'ws')
  await told.came(expected.length - client.all.length)
  client.leave()
  expect(client.all).toEqual(expected)
  expect(faults).toEqual({ service: 3, server: 3 })
})
