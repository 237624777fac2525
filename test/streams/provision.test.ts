import { jetstreamManager } from '@nats-io/jetstream'
import { expect, test } from 'vitest'
import { isClustered } from '../../src/streams/provision/ensure-stream.ts'
import { provisionLog } from '../../src/streams/provision/provision-log.ts'
import { type StreamDifference, StreamMismatchError } from '../../src/streams/provision/stream-mismatch.ts'
import { connectTo, specOf, uniqueName, useNats } from './support.ts'

const nats = useNats()

async function setUp() {
  const nc = await connectTo(nats())
  const jsm = await jetstreamManager(nc)
  const reports: StreamDifference[][] = []
  const namespace = uniqueName()
  return {
    jsm,
    namespace,
    reports,
    provision: (changes: Parameters<typeof specOf>[1] = {}) =>
      provisionLog(jsm, specOf(namespace, changes), (differences) => reports.push(differences)),
  }
}

test('a log keeps everything, and nobody takes anything out of it', async () => {
  const { jsm, provision, namespace, reports } = await setUp()
  const { config } = await provision()
  expect(config).toMatchObject({
    name: namespace.toUpperCase(),
    subjects: [`${namespace}.evt.thing.*`],
    storage: 'file',
    retention: 'limits',
    discard: 'new',
    max_age: 0,
    max_msgs: -1,
    max_bytes: -1,
    duplicate_window: 120_000_000_000,
    allow_direct: true,
    allow_atomic: true,
    deny_delete: true,
    deny_purge: true,
  })
  await expect(jsm.streams.purge(config.name)).rejects.toThrow(/not permitted/)
  expect(reports).toEqual([])
})

test('provisioning again changes and reports nothing', async () => {
  const { provision, reports } = await setUp()
  const first = await provision()
  expect((await provision()).config).toEqual(first.config)
  expect(reports).toEqual([])
})

test('another duplicate window and added subjects are migrated, and reported', async () => {
  const { provision, reports, namespace } = await setUp()
  await provision()
  const subjects = [`${namespace}.evt.thing.*`, `${namespace}.evt.other.*`]
  const { config } = await provision({ subjects, duplicateWindowMs: 60_000 })
  expect(config.duplicate_window).toBe(60_000_000_000)
  expect(config.subjects).toEqual(subjects.toSorted())
  expect(reports).toEqual([
    [
      { key: 'subjects', actual: [`${namespace}.evt.thing.*`], wanted: subjects.toSorted() },
      { key: 'duplicate_window', actual: 120_000_000_000, wanted: 60_000_000_000 },
    ],
  ])
})

test('an older release does not take the subjects of a newer one away', async () => {
  const { provision, reports, namespace } = await setUp()
  const subjects = [`${namespace}.evt.other.*`, `${namespace}.evt.thing.*`]
  await provision({ subjects })
  expect((await provision()).config.subjects).toEqual(subjects)
  expect(reports).toEqual([])
})

test('a protection that somebody turned off is turned on again', async () => {
  const { jsm, provision, reports, namespace } = await setUp()
  const name = namespace.toUpperCase()
  await jsm.streams.add({ name, subjects: [`${namespace}.evt.thing.*`], max_msgs: 5 })
  const { config } = await provision()
  expect(config).toMatchObject({ max_msgs: -1, discard: 'new', allow_direct: true, deny_purge: true })
  expect(reports.flat().map(({ key }) => key)).toEqual(
    expect.arrayContaining(['max_msgs', 'discard', 'deny_purge']),
  )
})

test('another storage is refused with the difference, and nothing is changed', async () => {
  const { jsm, provision, reports, namespace } = await setUp()
  await provision({ storage: 'memory' })
  const failure = await provision({ duplicateWindowMs: 1000 }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(StreamMismatchError)
  expect(failure).toMatchObject({
    code: 'STREAM_MISMATCH',
    differences: [{ key: 'storage', actual: 'memory', wanted: 'file' }],
  })
  expect(String(failure)).toContain('storage is "memory", should be "file"')
  expect(String(failure)).toContain('name another stream in the configuration ([streams.names])')
  expect(reports).toEqual([])
  expect((await jsm.streams.info(namespace.toUpperCase())).config.duplicate_window).toBe(120_000_000_000)
})

test('a server without a cluster is not given a stream with replicas, which it would lose at its next start', async () => {
  const { provision } = await setUp()
  await provision()
  await expect(provision({ replicas: 3 })).rejects.toMatchObject({
    code: 'STREAM_MISMATCH',
    differences: [{ key: 'num_replicas', actual: 1, wanted: 3 }],
  })
})

test.each([
  ['a server alone', {}, false],
  ['a server alone that says where its stream is', { cluster: { leader: 'one' } }, false],
  ['one of a cluster', { cluster: { name: 'three', leader: 'one' } }, true],
])('replicas are possible on %s: %o', (_, info, is) => {
  expect(isClustered(info)).toBe(is)
})

test('a stream that holds something else is left alone, and said so', async () => {
  const { jsm, provision, reports, namespace } = await setUp()
  const name = namespace.toUpperCase()
  const before = await jsm.streams.add({ name, subjects: [`${namespace}.orders.>`] })
  await expect(provision()).rejects.toMatchObject({
    code: 'STREAM_MISMATCH',
    differences: [
      { key: 'subjects', actual: [`${namespace}.orders.>`], wanted: [`${namespace}.evt.thing.*`] },
    ],
  })
  expect((await jsm.streams.info(name)).config).toEqual(before.config)
  expect(reports).toEqual([])
})

test('a stream that the server does not make is an error that says why', async () => {
  const { jsm, provision, namespace } = await setUp()
  await jsm.streams.add({ name: `${namespace}_OTHER`, subjects: [`${namespace}.evt.>`] })
  await expect(provision()).rejects.toMatchObject({
    code: 'STREAM_MISMATCH',
    message: expect.stringMatching(/cannot be made: subjects overlap/),
  })
})

test('replicas that start at the same moment agree', async () => {
  const { provision, reports } = await setUp()
  const infos = await Promise.all(Array.from({ length: 10 }, () => provision()))
  expect(new Set(infos.map(({ created }) => created)).size).toBe(1)
  expect(reports).toEqual([])
})

test('replicas of two releases that start at the same moment get all their subjects', async () => {
  for (let round = 0; round < 5; round++) {
    const { jsm, provision, namespace } = await setUp()
    const newer = [`${namespace}.evt.other.*`, `${namespace}.evt.thing.*`]
    await Promise.all([
      provision(),
      provision({ subjects: newer }),
      provision(),
      provision({ subjects: newer }),
    ])
    expect((await jsm.streams.info(namespace.toUpperCase())).config.subjects).toEqual(newer)
  }
})
