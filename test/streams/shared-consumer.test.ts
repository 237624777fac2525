import { jetstreamManager } from '@nats-io/jetstream'
import { expect, onTestFinished, test } from 'vitest'
import { HeadwaterError } from '../../src/streams/errors.ts'
import type { StoredMessage } from '../../src/streams/events/stored-message.ts'
import { type SharedConsumerOptions, openSharedConsumer } from '../../src/streams/shared-consumer.ts'
import { connectTo, eventually, uniqueName, useNats } from './support.ts'
import { request } from '../support/requests.ts'

const nats = useNats()

type Changes = Partial<SharedConsumerOptions<string>>

/** A stream of texts, and who shares its messages: he says what he was handed, with `again` where it came before. */
async function openWork() {
  const nc = await connectTo(nats())
  const jsm = await jetstreamManager(nc)
  const stream = uniqueName().toUpperCase()
  await jsm.streams.add({ name: stream, subjects: [`${stream}.>`] })
  const told: { level: 'warn' | 'error'; message: string }[] = []
  const tell = (level: 'warn' | 'error') => (_: object, message: string) => void told.push({ level, message })
  const name = `${stream}-work`
  async function share(changes: Changes = {}) {
    const handed: string[] = []
    const consumer = await openSharedConsumer<string>({
      nc,
      stream,
      name,
      subject: `${stream}.>`,
      ackWaitMs: 30_000,
      maxInWork: 100,
      read: (message: StoredMessage) => message.text(),
      putOff: () => Promise.reject(new Error('nobody puts off here')),
      logger: { debug() {}, info() {}, warn: tell('warn'), error: tell('error') },
      ...changes,
      async handle(text, isAgain) {
        handed.push(isAgain ? `${text} again` : text)
        await changes.handle?.(text, isAgain)
      },
    })
    onTestFinished(() => consumer.stop(0))
    return { handed, stop: (graceMs = 10_000) => consumer.stop(graceMs) }
  }
  // Not `num_pending`: a consumer learns of a message some time after its publisher has been answered.
  const left = async () => {
    const { state } = await jsm.streams.info(stream)
    const { ack_floor } = await jsm.consumers.info(stream, name)
    return state.last_seq - ack_floor.stream_seq
  }
  return {
    share,
    left,
    told,
    jsm,
    stream,
    name,
    say: (text: string) => request(nc, `${stream}.a`, text),
  }
}

test('each message is handled by one of those who share them, and is done with then', async () => {
  const { share, left, say } = await openWork()
  const [one, two] = [await share(), await share()]
  for (let n = 0; n < 20; n++) await say(`t-${n}`)
  await eventually(async () => (await left()) === 0)
  expect([...one.handed, ...two.handed].toSorted()).toEqual(
    Array.from({ length: 20 }, (_, n) => `t-${n}`).toSorted(),
  )
})

test('what fails comes again, and says so', async () => {
  const { share, left, told, say } = await openWork()
  let failures = 2
  const { handed } = await share({
    handle: async () => {
      if (failures-- > 0) throw new Error('not yet')
    },
  })
  await say('a')
  await eventually(async () => handed.length === 3 && (await left()) === 0)
  expect(handed).toEqual(['a', 'a again', 'a again'])
  expect(told.filter(({ level }) => level === 'warn')).toHaveLength(2)
})

test('what cannot be read is told once as an error, taken away, and keeps nobody from the others', async () => {
  const { share, left, told, stream, say } = await openWork()
  const discarded: number[] = []
  const { handed } = await share({
    read(message) {
      if (message.text() === 'bad') throw new TypeError('that is no text')
      return message.text()
    },
    discard: async ({ sequence }) => void discarded.push(sequence),
  })
  await say('bad')
  await say('good')
  await eventually(async () => handed.length === 1 && (await left()) === 0)
  expect(handed).toEqual(['good'])
  expect(discarded).toEqual([1])
  expect(told).toEqual([
    {
      level: 'error',
      message: `the message ${stream} 1 on ${stream}.a cannot be read; nothing is done for it, and it does not come again`,
    },
  ])
})

test('what takes longer than others are given stays with whoever is at it', async () => {
  const { share, left, say } = await openWork()
  const gate = Promise.withResolvers<undefined>()
  const ackWaitMs = 12_000
  const first = await share({ ackWaitMs, handle: () => gate.promise })
  await say('long')
  await eventually(() => first.handed.length === 1)
  const second = await share({ ackWaitMs })
  // Without a word it would have come again by then.
  const began = Date.now()
  await eventually(() => Date.now() - began > 1.5 * ackWaitMs)
  gate.resolve(undefined)
  await eventually(async () => (await left()) === 0)
  expect(first.handed).toEqual(['long'])
  expect(second.handed).toEqual([])
})

test('a consumer that somebody deletes is made anew: what there was comes again, and is said to', async () => {
  const { share, left, jsm, stream, name, say } = await openWork()
  const { handed } = await share()
  await say('a')
  await eventually(async () => (await left()) === 0)
  await jsm.consumers.delete(stream, name)
  await eventually(() => handed.length === 2)
  await say('b')
  await eventually(() => handed.length === 3)
  expect(handed).toEqual(['a', 'a again', 'b'])
})

test('a stop takes nothing new, and waits for what is in work', async () => {
  const { share, left, say } = await openWork()
  const gate = Promise.withResolvers<undefined>()
  const { handed, stop } = await share({ handle: () => gate.promise })
  await say('a')
  await eventually(() => handed.length === 1)
  let isStopped = false
  const stopping = stop().then(() => (isStopped = true))
  await say('b')
  await new Promise(setImmediate)
  expect(isStopped).toBe(false)
  gate.resolve(undefined)
  await stopping
  expect(handed).toEqual(['a'])
  await eventually(async () => (await left()) === 1)
})

test('… but no longer than it may', async () => {
  const { share, say } = await openWork()
  const { handed, stop } = await share({ handle: () => new Promise(() => undefined) })
  await say('a')
  await eventually(() => handed.length === 1)
  await stop(100)
})

test('what fails again and again is put off, but not for what is away', async () => {
  const { share, left, told, say } = await openWork()
  const off: string[] = []
  const { handed } = await share({
    handle: async (text) => {
      if (text === 'bad') throw new Error('bad for good')
      throw new HeadwaterError({ code: 'AWAY', status: 503, detail: 'not now' })
    },
    putOff: async (text) => void off.push(text),
  })
  await say('bad')
  await say('waits')
  await eventually(() => off.length === 1 && handed.filter((text) => text.startsWith('waits')).length >= 7)
  await eventually(async () => (await left()) === 1)
  expect(off).toEqual(['bad'])
  expect(handed.filter((text) => text.startsWith('bad'))).toHaveLength(6)
  expect(told.map(({ message }) => message)).toContainEqual(expect.stringMatching(/ 1 is put off$/))
})
