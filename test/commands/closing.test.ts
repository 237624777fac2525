import { expect, test } from 'vitest'
import { connectTo, startOwnNats, useNats } from '../streams/support.ts'
import { eventsOf, request, send, startService, upTo } from './support.ts'

const nats = useNats()

test('closing answers everything it took, and takes no more', async () => {
  const client = await connectTo(nats())
  const service = await startService(await connectTo(nats()))
  const { namespace } = service
  const asking = upTo(500).map((n) =>
    request(client, `${namespace}.cmd.thing.a${n % 7}.add`, '{"by":1}').then(
      () => 'answered',
      () => 'not taken',
    ),
  )
  await client.flush()
  expect(await service.close()).toBe(0)
  const answers = await Promise.all(asking)
  expect(answers.filter((answer) => answer === 'answered')).toHaveLength(500)
  const versions = await Promise.all(upTo(7).map((n) => eventsOf(service, `a${n % 7}`)))
  expect(versions.flat()).toHaveLength(500)
  await expect(request(client, `${namespace}.cmd.thing.a.add`, '{"by":1}')).rejects.toThrow(/no responders/)
})

test('a second replica takes over while the first closes, and no command is lost', async () => {
  const client = await connectTo(nats())
  const one = await startService(await connectTo(nats()))
  const two = await startService(await connectTo(nats()), { namespace: one.namespace })
  const sending = { nc: client, namespace: one.namespace }
  const before = upTo(200).map((n) => send(sending, `a${n % 5}.add`, { by: 1 }))
  await client.flush()
  const closing = one.close()
  const after = upTo(200).map((n) => send(sending, `a${n % 5}.add`, { by: 1 }))
  expect(await closing).toBe(0)
  const answers = await Promise.all([...before, ...after])
  expect(answers.every(({ ok }) => ok)).toBe(true)
  expect(two.actors.inFlight).toBe(0)
})

test('closing without a server (1 fault) ends in time', async () => {
  const own = await startOwnNats()
  const service = await startService(await connectTo(own), { drainTimeoutMs: 300 })
  await send(service, 'a.add', { by: 1 })
  await own.kill()
  const startedAt = performance.now()
  expect(await service.close()).toBe(0)
  expect(performance.now() - startedAt).toBeLessThan(3000)
})
