import { connect } from '@nats-io/transport-node'
import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { sharedCursorKey } from '../../src/graph/live/cursor-key.ts'
import { type Service, request, startService } from '../commands/support.ts'
import { someEvents } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { type NatsCluster, type User, startNatsCluster } from './nats-cluster.ts'

// What deploy/nats/accounts.conf lets whom do, asked of the servers that run it.

let cluster: NatsCluster
let own: NatsConnection
beforeAll(async () => {
  cluster = await startNatsCluster()
  own = await cluster.connectAs('service')
})
afterAll(async () => {
  await own.close()
  await cluster.stop()
})

/** A connection, and what the server refuses it. */
async function connectedAs(user: User, inboxPrefix?: string) {
  const nc = await cluster.connectAs(user, inboxPrefix === undefined ? {} : { inboxPrefix })
  onTestFinished(() => nc.close())
  const violations: string[] = []
  const listen = async () => {
    for await (const status of nc.status()) if (status.type === 'error') violations.push(status.error.message)
  }
  void listen()
  return {
    nc,
    /** Resolves when the server says that this may not be published, or subscribed to. */
    refused: async (way: 'publish' | 'subscription', subject: string) =>
      await until(`${way} of ${subject} is refused`, async () =>
        violations.some((text) =>
          text.toLowerCase().includes(`permissions violation for ${way} to "${subject.toLowerCase()}"`),
        ),
      ),
  }
}

const storedIn = async ({ log }: Service) => (await log.bounds()).last
const add = JSON.stringify({ by: 2 })
const forged = JSON.stringify(someEvents(1))

test('a client sends commands, and writes nothing into the log, whatever it tries', async () => {
  const service = await startService(own, { namespace: 'hw' })
  const { nc, refused } = await connectedAs('client')
  // It is on another server perhaps, which has yet to hear of the service.
  const added = await until('a command is answered', async () => {
    return await request(nc, 'hw.cmd.thing.t-1.add', add).catch(() => undefined)
  })
  expect(added.json()).toMatchObject({ ok: true, version: 1 })
  const before = await storedIn(service)

  nc.publish('hw.evt.thing.t-1', forged)
  await refused('publish', 'hw.evt.thing.t-1')
  // Nor by way of JetStream, nor in the service's place, nor in its hearing.
  nc.publish('$JS.API.STREAM.PURGE.HW')
  await refused('publish', '$JS.API.STREAM.PURGE.HW')
  nc.publish('$KV.hw_snapshots.thing.t-1', '{}')
  await refused('publish', '$KV.hw_snapshots.thing.t-1')
  nc.publish('hw.feed.order.created.o-1', '{}')
  await refused('publish', 'hw.feed.order.created.o-1')
  for (const subject of ['hw.cmd.>', 'hw.evt.>', '>']) {
    nc.subscribe(subject, { callback() {} })
    await refused('subscription', subject)
  }
  expect(await storedIn(service)).toBe(before)
})

test('a client hears the feed, and what it may not send is not sent', async () => {
  const { nc } = await connectedAs('client')
  const heard: string[] = []
  nc.subscribe('hw.feed.>', { callback: (_, { subject }) => void heard.push(subject) })
  await nc.flush()
  await until('the feed is heard', async () => {
    own.publish('hw.feed.order.created.o-1', '{}')
    return heard.includes('hw.feed.order.created.o-1')
  })

  const shop = await connectedAs('shop', '_INBOX_shop')
  shop.nc.publish('hw.cmd.thing.t-1.add', add)
  await shop.refused('publish', 'hw.cmd.thing.t-1.add')
  shop.nc.subscribe('_INBOX.>', { callback() {} })
  await shop.refused('subscription', '_INBOX.>')
})

test('an operator reads the log, and changes nothing; the keys are not for him either', async () => {
  await sharedCursorKey({ nc: own, bucket: 'hw_keys', replicas: 3, storage: 'file' })
  const service = await startService(own, { namespace: 'hw' })
  await request(own, 'hw.cmd.thing.t-2.add', add)
  const { nc, refused } = await connectedAs('operator', '_INBOX_operator')
  const jsm = await jetstreamManager(nc, { checkAPI: false })
  const { subject } = (await jsm.streams.getMessage('HW', { last_by_subj: 'hw.evt.thing.t-2' })) ?? {}
  expect(subject).toBe('hw.evt.thing.t-2')
  const before = await storedIn(service)

  for (const forbidden of [
    'hw.evt.thing.t-2',
    'hw.cmd.thing.t-2.add',
    '$JS.API.STREAM.DELETE.HW',
    '$JS.API.STREAM.MSG.GET.KV_hw_keys',
    '$JS.API.DIRECT.GET.KV_hw_keys.$KV.hw_keys.cursors',
  ]) {
    nc.publish(forbidden, forged)
    await refused('publish', forbidden)
  }
  expect(await storedIn(service)).toBe(before)
})

test('nobody comes in without a password', async () => {
  const servers = cluster.url.split(',')
  await expect(connect({ servers, reconnect: false })).rejects.toThrow(/authorization/i)
  await expect(connect({ servers, user: 'service', pass: 'wrong', reconnect: false })).rejects.toThrow(
    /authorization/i,
  )
})
