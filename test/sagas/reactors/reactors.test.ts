import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { onTestFinished, expect, test } from 'vitest'
import { z } from 'zod'
import {
  commandTo,
  defineAggregate,
  defineContext,
  defineFeed,
  defineReactor,
  reject,
} from '../../../src/index.ts'
import type { ReactorDefinition } from '../../../src/index.ts'
import { requestParked, resetFollower } from '../../../src/streams/follow/request.ts'
import { listParkedOf } from '../../../src/streams/follow/overview.ts'
import { findFollowerStore } from '../../../src/streams/follow/store.ts'
import { eventually } from '../../streams/support.ts'
import { startTestService } from '../../support/service.ts'
import { until } from '../../support/until.ts'
import { request } from '../../support/requests.ts'

const Knock = z.object({ at: z.string() })

const door = defineAggregate({
  name: 'door',
  events: { 'door.knocked': Knock, 'door.opened': z.object({}) },
  commands: { knock: Knock, open: z.object({}) },
  initial: {},
  decide: {
    knock: (_, data) => ({ type: 'door.knocked', data }),
    open: () => ({ type: 'door.opened', data: {} }),
  },
  evolve: { 'door.knocked': (state) => state, 'door.opened': (state) => state },
})

const bell = defineAggregate({
  name: 'bell',
  events: { 'bell.rung': Knock },
  commands: { ring: Knock },
  initial: { rung: 0 },
  decide: {
    ring: ({ rung }, data, { id }) =>
      id === 'broken' || rung > 1000
        ? reject('BELL_BROKEN', 'It does not ring')
        : { type: 'bell.rung', data },
  },
  evolve: { 'bell.rung': ({ rung }) => ({ rung: rung + 1 }) },
})

const doorFeed = defineFeed({ from: door, publish: { 'door.knocked': { as: 'visitor.arrived' } } })

const onLog = (changes: { ignore?: string[] } = {}) =>
  defineReactor({
    name: 'ring',
    from: [door],
    on: {
      'door.knocked': ({ data, aggregateId }) => {
        if (data.at === 'never') throw new Error('there is no never')
        const id = data.at === 'broken' ? 'broken' : aggregateId
        return commandTo(bell, id, 'ring', data)
      },
    },
    ...changes,
  })

const onFeed = defineReactor({
  name: 'listen',
  feed: { 'visitor.arrived': Knock },
  do: ({ data, aggregateId }) => [
    commandTo(bell, `${aggregateId}-1`, 'ring', data),
    commandTo(bell, `${aggregateId}-2`, 'ring', data),
  ],
})

async function setUp(reactors: ReactorDefinition[]) {
  const doors = defineContext({ name: 'doors', aggregates: [door], feed: doorFeed })
  const bells = defineContext({ name: 'bells', aggregates: [bell], reactors })
  const service = await startTestService({ contexts: [doors, bells] })
  onTestFinished(() => service.stop())
  const nc = await connect({ servers: service.endpoints.nats })
  onTestFinished(() => nc.close())
  const rung: { id: string; event: Record<string, unknown> }[] = []
  nc.subscribe('hw.evt.bell.*', {
    callback(_, message) {
      const id = message.subject.split('.').at(-1) ?? ''
      for (const event of message.json<Record<string, unknown>[]>()) {
        // What the log does not confirm in time is published again, and stored once.
        if (!rung.some((known) => known.event['id'] === event['id'])) rung.push({ id, event })
      }
    },
  })
  await nc.flush()
  const store = await findFollowerStore(nc, 'hw_followers')
  const followers = [{ kind: 'reactor', name: 'ring', stream: 'DOORS' }]
  return {
    service,
    rung,
    knock: (id: string, at: string, commandId?: string) =>
      service.sender.send({ aggregate: 'door', id, command: 'knock', data: { at }, commandId }),
    parked: () => listParkedOf(store, followers),
    /** As if it had died before it wrote how far it was. */
    beginAgain: async () => {
      const { created } = await (await jetstreamManager(nc)).streams.info('DOORS')
      const [follower] = followers
      if (follower) await resetFollower(store, follower, { created, sequence: 0 })
    },
    ask: (action: 'retry' | 'drop') => requestParked(store, followers, 'all', action),
  }
}

test('an event of a log becomes a command, once, with the event as its cause', async () => {
  const { rung, service } = await setUp([onLog()])
  const reply = await service.sender.send({
    aggregate: 'door',
    id: 'd-1',
    command: 'knock',
    data: { at: 'noon' },
    correlationId: 'visit-1',
  })
  await until('the bell to ring', async () => rung.length > 0)
  expect(rung).toMatchObject([
    {
      id: 'd-1',
      event: {
        type: 'bell.rung',
        data: { at: 'noon' },
        correlationid: 'visit-1',
        causationid: reply.ok ? reply.events[0]?.id : '',
      },
    },
  ])
})

test('a reactor on several aggregates of a log hears each event once, and nothing of others there', async () => {
  const window = defineAggregate({
    name: 'window',
    events: { 'window.shut': z.object({}) },
    commands: { shut: z.object({}) },
    initial: {},
    decide: { shut: () => ({ type: 'window.shut', data: {} }) },
    evolve: { 'window.shut': (state) => state },
  })
  const gate = defineAggregate({
    name: 'gate',
    events: { 'door.knocked': Knock },
    commands: { knock: Knock },
    initial: {},
    decide: { knock: (_, data) => ({ type: 'door.knocked', data }) },
    evolve: { 'door.knocked': (state) => state },
  })
  const echo = defineReactor({
    name: 'echo',
    from: [door, window],
    on: {
      'door.knocked': ({ data, aggregate, aggregateId }) =>
        commandTo(bell, `${aggregate}-${aggregateId}`, 'ring', data),
      'window.shut': ({ aggregate, aggregateId }) =>
        commandTo(bell, `${aggregate}-${aggregateId}`, 'ring', { at: 'shut' }),
    },
  })
  const house = defineContext({ name: 'house', aggregates: [door, window, gate] })
  const bells = defineContext({ name: 'bells', aggregates: [bell], reactors: [echo] })
  const service = await startTestService({ contexts: [house, bells] })
  onTestFinished(() => service.stop())
  const send = (aggregate: string, command: string, data: object) =>
    service.sender.send({ aggregate, id: 'a', command, data })
  await send('gate', 'knock', { at: 'one' })
  await send('window', 'shut', {})
  await send('door', 'knock', { at: 'two' })
  const nc = await connect({ servers: service.endpoints.nats })
  onTestFinished(() => nc.close())
  const { streams } = await jetstreamManager(nc)
  const rung = async () => {
    const info = await streams.info('BELLS', { subjects_filter: '>' })
    return info.state.subjects
  }
  await until('both to ring', async () => Object.keys((await rung()) ?? {}).length >= 2)
  const parked = await listParkedOf(await findFollowerStore(nc, 'hw_followers'), [
    { kind: 'reactor', name: 'echo', stream: 'HOUSE' },
  ])
  expect({ rung: await rung(), parked }).toEqual({
    rung: { 'hw.evt.bell.door-a': 1, 'hw.evt.bell.window-a': 1 },
    parked: [],
  })
})

test('a public event becomes several', async () => {
  const { rung, knock } = await setUp([onFeed])
  await knock('d-1', 'noon')
  await until('both bells to ring', async () => rung.length === 2)
  expect(rung.map(({ id }) => id)).toEqual(['d-1-1', 'd-1-2'])
})

test('what another program publishes in the feed has to be what is expected; else it is parked', async () => {
  const { service, rung } = await setUp([onFeed])
  const nc = await connect({ servers: service.endpoints.nats })
  onTestFinished(() => nc.close())
  await request(nc, 'hw.feed.visitor.arrived.d-1', '{}')
  const store = await findFollowerStore(nc, 'hw_followers')
  const parked = () => listParkedOf(store, [{ kind: 'reactor', name: 'listen', stream: 'FEED' }])
  await until('it to be parked', async () => (await parked()).length > 0)
  expect(await parked()).toMatchObject([{ code: 'MALFORMED_FEED_MESSAGE', sequence: 1 }])
  expect(rung).toEqual([])
})

test('a public event whose data is not what the reactor expects is parked, with what is wrong in it', async () => {
  const numbered = defineReactor({
    name: 'listen',
    feed: { 'visitor.arrived': z.object({ at: z.int() }) },
    do: ({ aggregateId }) => commandTo(bell, aggregateId, 'ring', { at: 'any' }),
  })
  const { service, rung, knock } = await setUp([numbered])
  await knock('d-1', 'noon')
  const nc = await connect({ servers: service.endpoints.nats })
  onTestFinished(() => nc.close())
  const store = await findFollowerStore(nc, 'hw_followers')
  const parked = () => listParkedOf(store, [{ kind: 'reactor', name: 'listen', stream: 'FEED' }])
  await until('it to be parked', async () => (await parked()).length > 0)
  expect(await parked()).toMatchObject([
    {
      code: 'REACTOR_INPUT_INVALID',
      id: 'd-1',
      cause: expect.stringContaining('expected number, received string'),
    },
  ])
  expect(rung).toEqual([])
})

test('a reactor on an aggregate that no context has keeps the service from starting', async () => {
  const bells = defineContext({ name: 'bells', aggregates: [bell], reactors: [onLog()] })
  await expect(startTestService({ contexts: [bells] })).rejects.toMatchObject({
    code: 'REACTOR_INVALID',
    message: expect.stringContaining('door'),
  })
})

test('a command that is refused, and a function that throws, park their event; the reason is said', async () => {
  const { rung, knock, parked, ask } = await setUp([onLog()])
  await knock('d-1', 'broken')
  await knock('d-1', 'later')
  await knock('d-2', 'never')
  await knock('d-3', 'noon')
  await until(
    'both to be parked, and the other to ring',
    async () => (await parked()).length === 2 && rung.length === 1,
  )
  expect(await parked()).toMatchObject([
    { sequence: 1, id: 'd-1', code: 'BELL_BROKEN', cause: expect.stringContaining('It does not ring') },
    { sequence: 3, id: 'd-2', code: 'REACTOR_FAILED', cause: expect.stringContaining('there is no never') },
  ])
  expect(rung).toMatchObject([{ id: 'd-3' }])
  expect(await ask('drop')).toMatchObject({ cleared: 2, stayed: [] })
  await eventually(() => rung.length === 2)
  expect(rung[1]).toMatchObject({ id: 'd-1', event: { data: { at: 'later' } } })
})

test('a refusal that it says is fine parks nothing', async () => {
  const { rung, knock, parked } = await setUp([onLog({ ignore: ['BELL_BROKEN'] })])
  await knock('d-1', 'broken')
  await knock('d-1', 'later')
  await until('the later one to ring', async () => rung.length === 1)
  expect(await parked()).toEqual([])
})

test('an event that is handled again gives the same commands, and each is applied once', async () => {
  const { rung, knock, beginAgain } = await setUp([onLog()])
  for (const id of ['d-1', 'd-2', 'd-3']) await knock(id, 'noon')
  await until('all to ring', async () => rung.length === 3)
  await beginAgain()
  // In order per door: when the later one rings, the earlier one was sent a second time.
  for (const id of ['d-1', 'd-2', 'd-3']) await knock(id, 'midnight')
  await until('the later ones to ring', async () => rung.length >= 6)
  expect(rung.map(({ id, event }) => `${id} ${JSON.stringify(event['data'])}`).toSorted()).toEqual(
    ['d-1', 'd-2', 'd-3'].flatMap((id) => [`${id} {"at":"midnight"}`, `${id} {"at":"noon"}`]),
  )
})

test('a refusal becomes other commands, each applied once, however often the event is handled', async () => {
  const instead = defineReactor({
    name: 'ring',
    from: [door],
    on: {
      'door.knocked': {
        do: ({ data, aggregateId }) => [
          commandTo(bell, aggregateId, 'ring', data),
          ...(data.at === 'broken' ? [commandTo(bell, 'broken', 'ring', data)] : []),
        ],
        otherwise: (_, { code, before }) =>
          before.map(({ id }) => commandTo(bell, `${id}-spare`, 'ring', { at: code })),
      },
    },
  })
  const { rung, knock, parked, beginAgain } = await setUp([instead])
  await knock('d-1', 'broken')
  await until('the spare one to ring', async () => rung.length === 2)
  await beginAgain()
  await knock('d-1', 'noon')
  await until('the later one to ring', async () => rung.length >= 3)
  expect(rung.map(({ id, event }) => `${id} ${JSON.stringify(event['data'])}`)).toEqual([
    'd-1 {"at":"broken"}',
    'd-1-spare {"at":"BELL_BROKEN"}',
    'd-1 {"at":"noon"}',
  ])
  expect(await parked()).toEqual([])
})
