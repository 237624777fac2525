import { jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, it } from 'vitest'
import { openTimers } from '../../src/sagas/worker/timers.ts'
import type { StreamDifference } from '../../src/streams/provision/stream-mismatch.ts'
import { quiet } from '../follow/support.ts'
import { connectTo, uniqueName, useNats } from '../streams/support.ts'

const nats = useNats()

async function setUp() {
  const nc = await connectTo(nats())
  const namespace = uniqueName()
  const stream = `${namespace}_TIMERS`
  const reports: StreamDifference[][] = []
  const open = (changes: { replicas?: number; storage?: 'file' | 'memory' } = {}) =>
    openTimers({
      nc,
      namespace,
      stream,
      replicas: 1,
      storage: 'file',
      ...changes,
      onMigration: (differences) => reports.push(differences),
      logger: quiet,
    })
  return { nc, namespace, stream, reports, open, jsm: await jetstreamManager(nc) }
}

describe('the stream of timers', () => {
  it('is made with what timers need, and opened again as it is', async () => {
    const { open, jsm, stream, namespace, reports } = await setUp()
    await open()
    const made = await jsm.streams.info(stream)
    expect(made.config).toMatchObject({
      subjects: [`${namespace}.timer.>`],
      allow_msg_schedules: true,
      allow_msg_ttl: true,
      max_msgs_per_subject: 1,
    })
    await Promise.all([open(), open()])
    expect((await jsm.streams.info(stream)).config).toEqual(made.config)
    expect(reports).toEqual([])
  })

  it('is migrated to other settings, with the timers in it', async () => {
    const { open, jsm, stream, namespace, reports } = await setUp()
    // As another release, or a person, has made it.
    await jsm.streams.add({ name: stream, subjects: [`${namespace}.timer.>`], allow_direct: false })
    const timers = await open()
    expect((await jsm.streams.info(stream)).config).toMatchObject({
      allow_direct: true,
      allow_msg_schedules: true,
      allow_msg_ttl: true,
      discard: 'new',
      max_msgs_per_subject: 1,
    })
    expect(reports.flat().map(({ key }) => key)).toEqual(
      expect.arrayContaining(['allow_direct', 'allow_msg_schedules', 'max_msgs_per_subject', 'discard']),
    )
    const at = new Date(Date.now() + 3_600_000).toISOString()
    await timers.set({ saga: 'nap', id: 'n-1' }, { timer: 'deadline' }, at)
    await jsm.streams.update(stream, { allow_direct: false })
    await open()
    const { config, state } = await jsm.streams.info(stream)
    expect(config.allow_direct).toBe(true)
    expect(state.messages).toBe(1)
  })

  it('is not made of one that holds something else, nor of one with another storage', async () => {
    const { open, jsm, stream, namespace, reports } = await setUp()
    const before = await jsm.streams.add({ name: stream, subjects: [`${namespace}.other.>`] })
    await expect(open()).rejects.toMatchObject({
      code: 'TIMERS_STREAM_MISMATCH',
      status: 500,
      message: expect.stringMatching(/subjects is .*other.*\[streams\.names\] saga_timers/),
    })
    expect((await jsm.streams.info(stream)).config).toEqual(before.config)
    await jsm.streams.delete(stream)
    await open({ storage: 'memory' })
    await expect(open()).rejects.toMatchObject({
      code: 'TIMERS_STREAM_MISMATCH',
      differences: [{ key: 'storage', actual: 'memory', wanted: 'file' }],
    })
    expect(reports).toEqual([])
  })

  it('is not given replicas by a server alone, which would lose it', async () => {
    const { open } = await setUp()
    await open()
    await expect(open({ replicas: 3 })).rejects.toMatchObject({
      code: 'TIMERS_STREAM_MISMATCH',
      differences: [{ key: 'num_replicas', actual: 1, wanted: 3 }],
    })
  })
})
