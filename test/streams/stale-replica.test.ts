import { type Msg, type NatsConnection, headers } from '@nats-io/nats-core'
import { expect, test } from 'vitest'
import { all, appendCommits, connectTo, openTestLog, uniqueName, useNats, versionsOf } from './support.ts'

const nats = useNats()

type Send = NatsConnection['publish'] & NatsConnection['request']

/** A connection whose direct gets, those that `which` picks, are answered by another program: a replica that is behind. */
async function throughReplica(which: (payload: string) => boolean, answer: (request: Msg) => void) {
  const nc = await connectTo(nats())
  const replica = uniqueName('replica')
  nc.subscribe(replica, { callback: (_, request) => answer(request) })
  const reroute = (send: Send) => (subject: string, payload: string, options: object) =>
    send(subject.startsWith('$JS.API.DIRECT.GET') && which(payload) ? replica : subject, payload, options)
  return new Proxy(nc, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      const method = value.bind(target)
      return key === 'publish' || key === 'request' ? reroute(method) : method
    },
  })
}

const notFound = headers(404, 'Message Not Found')
const isBatch = (payload: string) => payload.includes('"batch"')

test('what a replica that is behind does not have yet is found at the leader', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const sequences = await appendCommits(things, 'a', [1, 2, 40, 1])
  const behind = await throughReplica(
    () => true,
    (request) => request.respond('', { headers: notFound }),
  )
  const { read } = (await openTestLog(behind, { namespace: things.namespace })).log
  for (const sequence of sequences) expect(await read.at(sequence)).toMatchObject({ position: { sequence } })
  expect(await read.at(99)).toBeUndefined()
  const backwards = await all(read.backwards(things.subject('a'), sequences.at(-1)))
  expect(versionsOf(backwards.toReversed())).toHaveLength(44)
  expect(versionsOf(await all(read.since(things.subject('a'), 0)))).toHaveLength(44)
})

test.each([
  ['of many commits', Array.from({ length: 60 }, () => 1)],
  ['of large commits', [1, 1, 50, 1]],
])('a replica that falls behind in the middle of a read %s leaves no gap in it', async (_, sizes) => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', sizes)
  const behind = await throughReplica(isBatch, (request) => request.respond('', { headers: notFound }))
  const { read } = (await openTestLog(behind, { namespace: things.namespace })).log
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const versions = versionsOf(await all(read.forwards(things.subject('a'), 1)))
  expect(versions).toEqual(Array.from({ length: total }, (__, index) => index + 1))
})

test('an answer that lost a message in the middle is asked for again', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1, 1, 1, 1])
  const { log } = things
  const wire = await connectTo(nats())
  const inbox = uniqueName('inbox')
  let reader = ''
  let lost = 0
  wire.subscribe(inbox, {
    callback: (_, message) => {
      if (message.headers?.get('Nats-Sequence') === '2' && lost === 0) lost++
      else wire.publish(reader, message.data, message.headers ? { headers: message.headers } : {})
    },
  })
  const lossy = await throughReplica(isBatch, (request) => {
    reader = request.reply ?? ''
    wire.publish(`$JS.API.DIRECT.GET.${log.stream}`, request.data, { reply: inbox })
  })
  const { read } = (await openTestLog(lossy, { namespace: things.namespace })).log
  expect(versionsOf(await all(read.since(things.subject('a'), 0)))).toEqual([1, 2, 3, 4])
  expect(lost).toBe(1)
})

test('a tail from a time does not skip what a replica that is behind does not have yet', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1, 1, 1])
  let asked = 0
  const behind = await throughReplica(
    (payload) => payload.includes('"start_time"') && asked++ === 0,
    (request) => request.respond('', { headers: notFound }),
  )
  const { log } = await openTestLog(behind, { namespace: things.namespace })
  const tail = await log.tail({ startAt: { time: new Date(0) } })
  for await (const { commit } of tail) {
    expect(commit.position.sequence).toBe(1)
    break
  }
  await tail.close()
  expect(asked).toBe(2)
})

test('a commit is asked for again when no answer comes', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const sequences = await appendCommits(things, 'a', [1, 1])
  let lost = 0
  const silent = await throughReplica(
    () => lost++ === 0,
    () => undefined,
  )
  const { read } = (await openTestLog(silent, { namespace: things.namespace })).log
  expect(await read.at(sequences[1] ?? 0)).toMatchObject({ position: { sequence: 2 } })
  expect(lost).toBeGreaterThan(1)
})

test('what answers a direct get with something else is not taken for a commit', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1])
  const refusals = [headers(408, 'Bad Request'), undefined]
  let refused = 0
  const wrong = await throughReplica(
    () => refused < refusals.length,
    (request) => {
      const head = refusals[refused++]
      request.respond('[]', head ? { headers: head } : {})
    },
  )
  const { read } = (await openTestLog(wrong, { namespace: things.namespace })).log
  expect(await read.last(things.subject('a'))).toMatchObject({ position: { sequence: 1 } })
  expect(refused).toBe(2)
})
