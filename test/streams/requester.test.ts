import { connect } from '@nats-io/transport-node'
import { expect, onTestFinished, test } from 'vitest'
import { createRequester } from '../../src/streams/log/requester.ts'
import { eventually, startOwnNats } from './support.ts'

test('what is asked while the connection is away is given up at the next attempt to connect, and not when its time is up (1 fault)', async () => {
  const nats = await startOwnNats()
  const nc = await connect({ servers: nats.url, maxReconnectAttempts: -1, reconnectTimeWait: 100 })
  onTestFinished(() => nc.close())
  const requester = createRequester(nc)
  const longer = 10 * 60_000
  expect(await requester.request('$JS.API.INFO', '', undefined, longer)).toBeDefined()

  const before = requester.request('nobody.answers', '', undefined, longer)
  nc.subscribe('nobody.answers')
  const away = Promise.withResolvers<undefined>()
  void (async () => {
    for await (const { type } of nc.status()) if (type === 'disconnect') away.resolve(undefined)
  })()
  await nats.kill()
  await away.promise
  // The library throws it away as it dials: the server never sees it.
  expect(await requester.request('$JS.API.INFO', '', undefined, longer)).toBeUndefined()
  expect(await before).toBeUndefined()

  await nats.restart()
  await eventually(async () => (await requester.request('$JS.API.INFO', '', undefined, longer)) !== undefined)
})
