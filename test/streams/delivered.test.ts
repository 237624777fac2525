import { setImmediate as turn } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { openSharedConsumer } from '../../src/streams/shared-consumer.ts'
import { appendCommits, connectTo, openTestLog, useNats } from './support.ts'

const nats = useNats()

test('a tail that nobody has read is closed all the same, and has nothing for who comes then', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1, 1, 1])
  const tail = await things.log.tail({ startAt: { after: 0 } })
  await tail.close()
  const seen = []
  for await (const delivery of tail) seen.push(delivery)
  expect(seen).toEqual([])
})

test('a shared consumer that is stopped at any moment of its opening stops', async () => {
  const nc = await connectTo(nats())
  const things = await openTestLog(nc)
  await appendCommits(things, 'a', [1, 1, 1])
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const { stream } = things.log
  const STOPS = 60
  let stopped = 0
  for (let turns = 0; turns < STOPS; turns++) {
    const consumer = await openSharedConsumer({
      nc,
      stream,
      name: `shared-${turns}`,
      subject: things.subject('a'),
      ackWaitMs: 1000,
      maxInWork: 10,
      read: (message) => message.sequence,
      handle: () => Promise.resolve(),
      putOff: () => Promise.resolve(),
      logger,
    })
    for (let at = 0; at < turns; at++) await turn()
    await consumer.stop(1000)
    stopped++
  }
  expect(stopped).toBe(STOPS)
})
