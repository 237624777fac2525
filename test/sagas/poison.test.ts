import { jetstreamManager } from '@nats-io/jetstream'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Saga, defineSaga } from '../../src/sagas/define-saga.ts'
import { connectTo, someEvents, startOwnNats, uniqueName } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { type Replica, startReplica, transitions } from './support.ts'

/** Two may be in work at a time: what stays there would soon be all. Nobody takes over, so that what is told twice was given twice. */
const settings = { takeOverMs: 20_000, maxInWork: 2 }

const nap = (version = 1, earlier: readonly Saga[] = []) =>
  defineSaga({
    name: 'nap',
    version,
    earlier,
    input: z.object({}),
    steps: [{ name: 'pause', pauseMs: () => 300 }],
  })

async function setUp() {
  const nats = await startOwnNats()
  const nc = await connectTo(nats)
  const namespace = uniqueName()
  const jsm = await jetstreamManager(nc, { timeout: 50_000 })
  const replica = await startReplica(nc, { namespace, sagas: [nap()], settings })
  return { nc, namespace, jsm, replica }
}

async function nowRuns(replica: Replica, id: string) {
  await replica.send('nap', id, 'start', {})
  return await until(`the end of ${id}`, async () => {
    const events = await transitions(replica, 'nap', id)
    return events.at(-1) === 'completed' ? events : undefined
  })
}

/** Resolves when the server waits for nobody's word. */
async function nothingInWork({ jsm, namespace }: Awaited<ReturnType<typeof setUp>>) {
  for (const [stream, consumer] of [
    [`${namespace}_SAGAS`, `${namespace}-saga-nap`],
    [`${namespace}_TIMERS`, `${namespace}-timers-nap`],
  ] as const) {
    await until(`nothing in work of ${consumer}`, async () => {
      const { num_ack_pending, num_pending, num_redelivered } = await jsm.consumers.info(stream, consumer)
      return num_ack_pending + num_pending + num_redelivered === 0
    })
  }
}

const unreadable = (replica: Replica) =>
  replica.problems.filter(({ message }) => message.includes('cannot be read'))

describe('a message of another program', () => {
  it('in the log of sagas is told once with its position, and holds up nobody', async () => {
    const all = await setUp()
    const { nc, namespace, replica } = all
    const subject = `${namespace}.evt.nap.foreign`
    const [event] = someEvents(1)
    const bodies = [
      'no JSON',
      '[]',
      '[{"id":1}]',
      JSON.stringify([{ ...event, type: 'saga.step-started', data: { step: 7 } }]),
      JSON.stringify([{ ...event, type: 'saga.started', data: null }]),
    ]
    for (const body of bodies) nc.publish(subject, body)
    await nc.flush()
    await nowRuns(replica, 'n-1')
    await nothingInWork(all)
    const told = unreadable(replica)
    expect(told).toHaveLength(bodies.length)
    expect(told[0]?.fields).toMatchObject({ stream: `${namespace}_SAGAS`, sequence: 1, subject })
    // It stays where it is: nobody takes anything out of a log.
    expect((await all.jsm.streams.info(`${namespace}_SAGAS`)).state.first_seq).toBe(1)
  })

  it('among the timers is told once with its position, taken out, and holds up nobody', async () => {
    const all = await setUp()
    const { nc, namespace, replica, jsm } = all
    const due = `${namespace}.timer.due.nap`
    nc.publish(`${due}.a.deadline`, 'no JSON')
    nc.publish(`${due}.b.deadline`, '{"timer":"alarm"}')
    nc.publish(`${due}.c.retry`, '{"timer":"retry","step":"pause"}')
    nc.publish(`${due}.d$.deadline`, '{"timer":"deadline"}')
    nc.publish(`${due}.${'e'.repeat(200)}.deadline`, '{"timer":"deadline"}')
    await nc.flush()
    await nowRuns(replica, 'n-1')
    await nothingInWork(all)
    const told = unreadable(replica)
    expect(told).toHaveLength(5)
    expect(told[0]?.fields).toMatchObject({ stream: `${namespace}_TIMERS`, sequence: 1 })
    expect((await jsm.streams.info(`${namespace}_TIMERS`)).state.messages).toBe(0)
  })
})

describe('a saga whose version is not in the release', () => {
  it('is put off, so that it takes no room from others, and goes on in a release that has it', async () => {
    const nats = await startOwnNats()
    const nc = await connectTo(nats)
    const namespace = uniqueName()
    const jsm = await jetstreamManager(nc, { timeout: 50_000 })
    const options = { namespace, settings }
    // Whatever it is told, it cannot do: its transitions stay in work.
    const before = await startReplica(nc, {
      ...options,
      sagas: [nap()],
      between: { timers: (timers) => ({ ...timers, set: () => Promise.reject(new Error('never')) }) },
    })
    const stuck = ['s-1', 's-2', 's-3']
    for (const id of stuck) await before.send('nap', id, 'start', {})
    await until('nobody else has room', async () => {
      const { num_ack_pending } = await jsm.consumers.info(`${namespace}_SAGAS`, `${namespace}-saga-nap`)
      return num_ack_pending === 2
    })
    await before.stop()

    const without = await startReplica(nc, { ...options, sagas: [nap(2)] })
    await nowRuns(without, 'n-1')
    const putOff = without.problems.filter(({ message }) => message.includes('is put off'))
    expect(putOff.length).toBeGreaterThan(0)
    expect(putOff[0]?.fields).toMatchObject({ err: { code: 'SAGA_VERSION_UNKNOWN' } })
    // The transitions that were in work, and the timer of the one that had not been.
    const putOffTo = await until('all are put off', async () => {
      const filter = `${namespace}.timer.set.nap.>`
      const { state } = await jsm.streams.info(`${namespace}_TIMERS`, { subjects_filter: filter })
      const subjects = Object.keys(state.subjects ?? {})
      return subjects.length === stuck.length ? subjects : undefined
    })
    expect(putOffTo.filter((subject) => subject.includes('.commit-')).length).toBeGreaterThan(1)
    await without.stop()

    const after = await startReplica(nc, { ...options, sagas: [nap(3, [nap(2), nap()])] })
    // A minute is long: as if it were over.
    for (const subject of putOffTo) {
      const set = await jsm.streams.getMessage(`${namespace}_TIMERS`, { last_by_subj: subject })
      nc.publish(subject.replace('.set.', '.due.'), set?.data)
    }
    for (const id of stuck)
      await until(
        `the end of ${id}`,
        async () => (await transitions(after, 'nap', id)).at(-1) === 'completed',
      )
  })
})
