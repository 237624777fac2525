import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { isTransient } from '../../src/streams/waiting/transient.ts'
import { connectTo, uniqueName, useNats } from './support.ts'

const nats = useNats()

const caught = async (work: Promise<unknown>): Promise<unknown> =>
  await work.then(
    () => undefined,
    (error: unknown) => error,
  )

test('a publish that no stream takes is tried again: while a cluster elects, its streams take nothing', async () => {
  const nc = await connectTo(nats())
  const error = await caught(jetstream(nc).publish(uniqueName('nobody.takes')))
  expect(error).toBeInstanceOf(Error)
  expect(isTransient(error)).toBe(true)
})

test('what JetStream refuses is not', async () => {
  const jsm = await jetstreamManager(await connectTo(nats()))
  const error = await caught(jsm.streams.info(uniqueName('missing')))
  expect(error).toBeInstanceOf(JetStreamApiError)
  expect(isTransient(error)).toBe(false)
})
