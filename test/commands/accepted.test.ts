import { expect, test } from 'vitest'
import { jetstreamManager } from '@nats-io/jetstream'
import { connectTo, useNats } from '../streams/support.ts'
import { request, send, startService } from './support.ts'

const nats = useNats()
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/)

test('the reply and the log are exactly those of the wire contract', async () => {
  const nc = await connectTo(nats())
  const service = await startService(nc)
  const { namespace, log } = service
  await send(service, 'a.add', { by: 1 })
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
  const message = await request(nc, `${namespace}.cmd.thing.a.add-twice`, '{"by":2}', {
    'Command-Id': 'cmd-1',
    'Correlation-Id': 'cor-1',
    'Causation-Id': 'cau-1',
    'Occurred-At': '2020-05-01T12:00:00+02:00',
    'Expected-Version': '1',
    traceparent,
  })
  const time = '2020-05-01T10:00:00.000Z'
  const reply: { events: { id: string }[] } = message.json()
  expect(message.headers?.has('Nats-Service-Error') ?? false).toBe(false)
  expect(reply).toEqual({
    ok: true,
    aggregate: 'thing',
    id: 'a',
    version: 3,
    position: { stream: log.stream, sequence: 2 },
    events: [
      { id: uuid, type: 'thing.added', version: 2, time },
      { id: uuid, type: 'thing.added', version: 3, time },
    ],
    duplicate: false,
  })

  const raw = await (await jetstreamManager(nc)).streams.getMessage(log.stream, { seq: 2 })
  expect(raw?.subject).toBe(`${namespace}.evt.thing.a`)
  expect(Object.fromEntries(raw?.header ?? [])).toEqual({
    'Content-Type': ['application/cloudevents-batch+json'],
    'Nats-Msg-Id': [uuid],
    'Nats-Expected-Last-Subject-Sequence': ['1'],
  })
  const event = (index: number) => ({
    specversion: '1.0',
    id: reply.events[index]?.id,
    source: `/${namespace}/things/thing`,
    type: 'thing.added',
    subject: 'a',
    time,
    datacontenttype: 'application/json',
    sequence: index + 2,
    dataversion: 1,
    correlationid: 'cor-1',
    causationid: 'cau-1',
    commandid: 'cmd-1',
    traceparent,
    data: { by: 2 },
  })
  expect(raw?.json()).toEqual([event(0), event(1)])
})

test('what was not given is made up', async () => {
  const service = await startService(await connectTo(nats()))
  const before = Date.now()
  await send(service, 'a.add', { by: 1 }, { traceparent: 'nonsense' })
  const [event] = (await service.log.read.at(1))?.events ?? []
  expect(event?.commandid).toEqual(uuid)
  expect(event).toMatchObject({ correlationid: event?.commandid, causationid: event?.commandid })
  expect(event).not.toHaveProperty('traceparent')
  expect(Date.parse(event?.time ?? '')).toBeGreaterThanOrEqual(before)
})

test('a command that makes nothing happen is accepted, and stores nothing', async () => {
  const service = await startService(await connectTo(nats()))
  const none = { ok: true, events: [], duplicate: false }
  expect(await send(service, 'a.touch')).toMatchObject({ ...none, version: 0, position: { sequence: 0 } })
  await send(service, 'a.add', { by: 1 })
  expect(await send(service, 'a.touch')).toMatchObject({ ...none, version: 1, position: { sequence: 1 } })
  expect((await service.log.bounds()).last).toBe(1)
})

test('no body is an empty object', async () => {
  const nc = await connectTo(nats())
  const { namespace } = await startService(nc)
  expect((await request(nc, `${namespace}.cmd.thing.a.touch`)).json()).toMatchObject({ ok: true })
})

test('the service is seen by nats micro', async () => {
  const nc = await connectTo(nats())
  const service = await startService(nc)
  const { namespace } = service
  await send(service, 'a.add', { by: 1 }, { 'Command-Id': 'one' })
  await send(service, 'a.add', { by: 1 }, { 'Command-Id': 'one' })
  await send(service, 'a.add-below', { by: 1, limit: 0 })
  const info = (await request(nc, `$SRV.INFO.${namespace}-commands`)).json()
  expect(info).toMatchObject({
    name: `${namespace}-commands`,
    version: '1.2.3',
    description: 'Headwater commands: thing',
    metadata: { namespace },
    endpoints: [{ name: 'commands', subject: `${namespace}.cmd.>`, queue_group: `${namespace}-commands` }],
  })
  const stats: { endpoints: { data: unknown }[] } = (
    await request(nc, `$SRV.STATS.${namespace}-commands`)
  ).json()
  expect(stats.endpoints[0]?.data).toMatchObject({
    accepted: 1,
    duplicates: 1,
    refused: { THING_FULL: 1 },
    inFlight: 0,
    residentAggregates: 1,
  })
})
