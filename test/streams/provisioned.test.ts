import { JetStreamApiError, jetstreamManager } from '@nats-io/jetstream'
import { errors } from '@nats-io/nats-core'
import { setTimeout as delay } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { openEventLog } from '../../src/streams/log/event-log.ts'
import { provisioned } from '../../src/streams/provision/provisioned.ts'
import { openSnapshots } from '../../src/streams/snapshots.ts'
import { startProxy } from '../support/tcp-proxy.ts'
import { connectTo, specOf, uniqueName, useNats } from './support.ts'

const nats = useNats()

/** Longer than the client waits for an answer of JetStream. */
const SILENCE_MS = 5500

test('a start waits for a server that does not answer yet (1 fault)', async () => {
  const proxy = await startProxy(nats())
  onTestFinished(() => proxy.close())
  const nc = await connectTo(proxy)
  const namespace = uniqueName()
  await jetstreamManager(nc)
  proxy.stall()
  const opening = Promise.all([
    openEventLog({ nc, spec: specOf(namespace), appendTimeoutMs: 5000, onMigration() {} }),
    openSnapshots({ nc, bucket: `${namespace}_snapshots`, replicas: 1, storage: 'file' }),
  ])
  await Promise.race([opening, delay(SILENCE_MS)])
  proxy.sever()
  const [log] = await opening
  expect(log.stream).toBe(namespace.toUpperCase())
})

test('what does not answer for too long is an error that says what was asked for', async () => {
  let attempts = 0
  const stall = async () => {
    attempts++
    throw new errors.TimeoutError()
  }
  await expect(provisioned('the stream PENS', stall, 400)).rejects.toMatchObject({
    code: 'LOG_UNAVAILABLE',
    message: expect.stringMatching(/^JetStream did not answer when the stream PENS was asked for\. /),
    cause: expect.any(errors.TimeoutError),
  })
  // With pauses that grow: 50 to 100 ms, then twice that, and so on.
  expect(attempts).toBeGreaterThan(1)
  expect(attempts).toBeLessThan(8)
})

test('what is refused for too long is an error with what the server says', async () => {
  const refuse = async () => {
    throw new JetStreamApiError({
      code: 400,
      err_code: 10005,
      description: 'no suitable peers for placement',
    })
  }
  await expect(provisioned('the stream PENS', refuse, 0)).rejects.toMatchObject({
    code: 'LOG_UNAVAILABLE',
    message: expect.stringMatching(
      /^JetStream does not make the stream PENS now: no suitable peers for placement\. Is the NATS cluster complete/,
    ),
  })
})

test('what does not pass is told at once', async () => {
  let attempts = 0
  const refuse = async () => {
    attempts++
    throw new errors.NoRespondersError('$JS.API.INFO')
  }
  await expect(provisioned('a stream', refuse)).rejects.toThrow(errors.NoRespondersError)
  expect(attempts).toBe(1)
})
