import { type NatsConnection, headers } from '@nats-io/nats-core'
import { expect, onTestFinished, test } from 'vitest'
import { all, appendCommits, connectTo, openTestLog, useNats, versionsOf } from './support.ts'

const nats = useNats()

/**
 * Joins the queue group that a stream's replicas answer direct gets in, many times over, as a replica that has nothing of
 * the stream yet: of two requests to it and the real one, it gets nearly all.
 */
async function joinAsEmptyReplica(nc: NatsConnection, stream: string): Promise<() => number> {
  let answered = 0
  const notFound = headers(404, 'Message Not Found')
  for (let member = 0; member < 50; member++) {
    for (const subject of [`$JS.API.DIRECT.GET.${stream}`, `$JS.API.DIRECT.GET.${stream}.>`]) {
      nc.subscribe(subject, {
        queue: '_sys_',
        callback: (_, message) => {
          answered++
          message.respond('', { headers: notFound })
        },
      })
    }
  }
  await nc.flush()
  return () => answered
}

test('what a replica that is behind does not have yet is found at the leader', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const { read } = things.log
  const subject = things.subject('a')
  const sequences = await appendCommits(things, 'a', [1, 2, 40, 1])
  const answered = await joinAsEmptyReplica(await connectTo(nats()), things.log.stream)
  for (const sequence of sequences) expect(await read.at(sequence)).toMatchObject({ position: { sequence } })
  expect(await read.at(99)).toBeUndefined()
  const last = sequences.at(-1)
  expect(versionsOf((await all(read.backwards(subject, last))).toReversed())).toHaveLength(44)
  expect(versionsOf(await all(read.since(subject, 0)))).toHaveLength(44)
  expect(answered()).toBeGreaterThan(0)
})

test('a replica that falls behind in the middle of a read leaves no gap in it', async () => {
  const things = await openTestLog(await connectTo(nats()))
  const subject = things.subject('a')
  await appendCommits(
    things,
    'a',
    Array.from({ length: 60 }, () => 1),
  )
  const answered = await joinAsEmptyReplica(await connectTo(nats()), things.log.stream)
  // The last commit has to be seen at all, so the read is made until the real replica answers that one.
  let versions: number[] = []
  for (let attempt = 0; attempt < 2000 && versions.length === 0; attempt++) {
    versions = versionsOf(await all(things.log.read.forwards(subject, 1)))
  }
  expect(versions).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  expect(answered()).toBeGreaterThan(0)
})

test('an answer that lost a message in the middle is asked for again', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await appendCommits(things, 'a', [1, 1, 1, 1])
  const nc = await connectTo(nats())
  // Stands between the reader and the stream and, the first time, keeps the second message for itself.
  let lost = 0
  const wire = await connectTo(nats())
  const between: NatsConnection = new Proxy(nc, {
    get(target, key) {
      if (key === 'publish') {
        return (subject: string, data: string, options: { reply: string }) => {
          if (lost > 0) return target.publish(subject, data, options)
          const tap = wire.subscribe(`tap.${things.namespace}`, {
            callback: (_, message) => {
              if (message.headers?.get('Nats-Sequence') === '2') lost++
              else
                target.publish(
                  options.reply,
                  message.data,
                  message.headers ? { headers: message.headers } : {},
                )
            },
          })
          onTestFinished(() => tap.unsubscribe())
          void wire.flush().then(() => target.publish(subject, data, { reply: `tap.${things.namespace}` }))
        }
      }
      const value: unknown = Reflect.get(target, key)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
  const { log } = await openTestLog(between, { namespace: things.namespace })
  expect(versionsOf(await all(log.read.since(things.subject('a'), 0)))).toEqual([1, 2, 3, 4])
  expect(lost).toBe(1)
})
