import { expect, expectTypeOf, test } from 'vitest'
import { CommandRefusedError, createCommandClient } from '../../src/commands/client/client.ts'
import type { CommandAccepted } from '../../src/commands/command.ts'
import { CommandTimeoutError } from '../../src/commands/client/command-timeout.ts'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { customer } from '../../src/domains/customers/aggregate.ts'
import { connectTo, startOwnNats, uniqueName, useNats } from '../streams/support.ts'
import { eventsOf, startService, thing, upTo } from './support.ts'

const nats = useNats()

async function clientOf(at: { port: number }, namespace: string, timeoutMs = 10_000) {
  const sender = createNatsSender({ nc: await connectTo(at), namespace, timeoutMs })
  return { sender, client: createCommandClient(sender, [thing, customer]) }
}

test('commands are methods, in camel case and typed', async () => {
  const service = await startService(await connectTo(nats()))
  const { client } = await clientOf(nats(), service.namespace)
  const reply = await client.thing('a').addTwice({ by: 2 }, { commandId: 'c-1', expectedVersion: 0 })
  expect(reply).toMatchObject({ ok: true, version: 2, duplicate: false })
  expect(await client.thing('a').addTwice({ by: 2 }, { commandId: 'c-1' })).toEqual({
    ...reply,
    duplicate: true,
  })

  expectTypeOf(client.thing('a').addBelow).parameter(0).toEqualTypeOf<{ by: number; limit: number }>()
  expectTypeOf(client.thing('a').touch).returns.resolves.toEqualTypeOf<CommandAccepted>()
  expectTypeOf<Parameters<ReturnType<typeof client.customer>['changeAddress']>[0]>().toEqualTypeOf<{
    city: string
    state: string
    postalCode: string
  }>()
  expectTypeOf<keyof ReturnType<typeof client.customer>>().toEqualTypeOf<'register' | 'changeAddress'>()
})

test('what the options say stands in the log', async () => {
  const service = await startService(await connectTo(nats()))
  const { client } = await clientOf(nats(), service.namespace)
  await client
    .thing('a')
    .add(
      { by: 1 },
      { commandId: 'c', correlationId: 'cor', causationId: 'cau', occurredAt: '2020-01-01T00:00:00Z' },
    )
  expect(await eventsOf(service, 'a')).toMatchObject([
    { commandid: 'c', correlationid: 'cor', causationid: 'cau', time: '2020-01-01T00:00:00.000Z' },
  ])
})

test('a refusal is thrown with its problem', async () => {
  const service = await startService(await connectTo(nats()))
  const { client, sender } = await clientOf(nats(), service.namespace)
  const failure = await client
    .thing('a')
    .addBelow({ by: 5, limit: 4 })
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(CommandRefusedError)
  expect(failure).toMatchObject({
    code: 'THING_FULL',
    status: 422,
    message: '0 and 5 are more than 4',
    problem: { ok: false, code: 'THING_FULL' },
  })
  await expect(client.thing('a.b').touch({})).rejects.toMatchObject({ code: 'INVALID_ID' })
  await expect(sender.send({ aggregate: 'thing', id: 'a', command: 'a.b', data: {} })).rejects.toMatchObject({
    status: 404,
  })
})

test('more than a message of the server is refused at once', async () => {
  // It does not wait for its time to be up: that would be after the test's.
  const { client } = await clientOf(nats(), uniqueName(), 600_000)
  const sent = client.thing('a').add({ by: 1, note: 'x'.repeat(5_000_000) })
  await expect(sent).rejects.toMatchObject({ code: 'COMMAND_TOO_LARGE', status: 413 })
})

test('when nobody serves it says so, with the id to repeat', async () => {
  const { client } = await clientOf(nats(), uniqueName(), 300)
  const failure = await client
    .thing('a')
    .touch({}, { commandId: 'c-9' })
    .catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(CommandTimeoutError)
  expect(failure).toMatchObject({ code: 'COMMAND_TIMEOUT', status: 503, commandId: 'c-9' })
})

test('a command waits for a service that starts later, and for one that restarts (1 fault)', async () => {
  const namespace = uniqueName()
  const { client } = await clientOf(nats(), namespace, 30_000)
  const early = client.thing('a').add({ by: 1 })
  const one = await startService(await connectTo(nats()), { namespace })
  expect(await early).toMatchObject({ version: 1 })
  const many = upTo(100).map((n) => client.thing(`b${n}`).add({ by: 1 }))
  await one.nc.close()
  const two = await startService(await connectTo(nats()), { namespace })
  for (const reply of await Promise.all(many)) expect(reply).toMatchObject({ version: 1 })
  expect((await two.log.bounds()).last).toBe(101)
})

test('commands in flight while the server is killed (1 fault) are applied once', async () => {
  const own = await startOwnNats()
  const service = await startService(await connectTo(own))
  const { client } = await clientOf(own, service.namespace, 60_000)
  const replies = upTo(200).map((n) => client.thing(`a${n % 3}`).add({ by: 1 }, { commandId: `c-${n}` }))
  await Promise.race(replies)
  await own.crash()
  await Promise.all(replies)
  const events = (await Promise.all(['a0', 'a1', 'a2'].map((id) => eventsOf(service, id)))).flat()
  expect(events.map(({ commandid }) => commandid).toSorted()).toEqual(
    upTo(200)
      .map((n) => `c-${n}`)
      .toSorted(),
  )
  await service.close()
})
