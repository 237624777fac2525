import { jetstreamManager } from '@nats-io/jetstream'
import { setTimeout as delay } from 'node:timers/promises'
import { onTestFinished, expect, it } from 'vitest'
import { z } from 'zod'
import { commandTo } from '../../src/commands/definition/command-to.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import { type DueTimer, openTimers } from '../../src/sagas/worker/timers.ts'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { quiet } from '../follow/support.ts'
import { connectTo, startOwnNats, uniqueName } from '../streams/support.ts'
import { until } from '../support/until.ts'
import { startReplica, transitions } from './support.ts'

const storage = { replicas: 1, storage: 'file' } as const

async function openOwnTimers({ replicas = 1, ackWaitMs = 1000 } = {}) {
  const nats = await startOwnNats()
  const namespace = uniqueName()
  const stream = `${namespace}_TIMERS`
  const open = async () => {
    const nc = await connectTo(nats)
    return {
      nc,
      timers: await openTimers({ nc, namespace, stream, ...storage, onMigration() {}, logger: quiet }),
    }
  }
  const opened = await Promise.all(Array.from({ length: replicas }, open))
  const woken: { id: string; timer: DueTimer; at: number }[] = []
  for (const { timers } of opened) {
    const due = await timers.listen(
      'nap',
      ({ id }, timer) => {
        woken.push({ id, timer, at: Date.now() })
        return Promise.resolve()
      },
      { ackWaitMs, maxInWork: 500 },
    )
    onTestFinished(() => due.stop(0))
  }
  const [first] = opened
  if (!first) throw new Error('none is open')
  return { ...first, nats, stream, woken }
}

function latenessOf(late: number[]): string {
  late.sort((a, b) => a - b)
  const at = (share: number) => Math.round(late[Math.floor((late.length - 1) * share)] ?? 0)
  return `${at(0.5)} ms late (median), ${at(0.99)} ms (99 of 100), ${at(1)} ms at most`
}

it('a thousand timers that are due around a kill of the server are all heard, by one of two who listen (1 fault)', async () => {
  const { nats, timers, woken, nc, stream } = await openOwnTimers({ replicas: 2 })
  const dues = new Map<string, number>()
  const from = Date.now() + 2500
  await Promise.all(
    Array.from({ length: 1000 }, async (_, index) => {
      const id = `n-${index}`
      const at = from + index * 4
      dues.set(id, at)
      const retry = { timer: 'retry', step: 'a', attempt: 1, way: 'forth' } as const
      const timer: DueTimer = index % 2 === 0 ? { timer: 'wait', step: 'a' } : retry
      await timers.set({ saga: 'nap', id }, timer, new Date(at).toISOString())
    }),
  )
  await until('some are due', () => Promise.resolve(woken.length > 100))
  await nats.kill()
  await delay(1000)
  await nats.restart()
  const backAt = Date.now()
  await until('all are heard', () => Promise.resolve(new Set(woken.map(({ id }) => id)).size === 1000))
  const before: number[] = []
  const over: number[] = []
  const after: number[] = []
  for (const { id, at } of woken) {
    const due = dues.get(id) ?? 0
    expect(at).toBeGreaterThanOrEqual(due)
    if (due > backAt) after.push(at - due)
    else if (at > backAt) over.push(at - backAt)
    else before.push(at - due)
  }
  console.log(
    `1000 timers, ${woken.length - 1000} heard twice; ${before.length} before the kill: ${latenessOf(before)}; ${over.length} due while the server was down, from when it was back: ${latenessOf(over)}; ${after.length} after: ${latenessOf(after)}`,
  )
  // What was taken is gone.
  await until('nothing is left', async () => {
    const { state } = await (await jetstreamManager(nc, { timeout: 50_000 })).streams.info(stream)
    return state.messages === 0
  })
})

it('a timer that is set when its time has passed is due at once, and one that is set again once', async () => {
  // Whoever is slow to say that he has heard it is not told again.
  const { timers, woken } = await openOwnTimers({ ackWaitMs: 60_000 })
  const whose = { saga: 'nap', id: 'n-1' }
  await timers.set(whose, { timer: 'wait', step: 'a' }, new Date(Date.now() - 60_000).toISOString())
  const soon = new Date(Date.now() + 20_000).toISOString()
  for (let again = 0; again < 3; again++) await timers.set(whose, { timer: 'wait', step: 'b' }, soon)
  await timers.set(whose, { timer: 'deadline' }, soon)
  await timers.cancelDeadline(whose)
  await timers.set(
    { saga: 'nap', id: 'n-2' },
    { timer: 'wait', step: 'c' },
    new Date(Date.now() + 22_000).toISOString(),
  )
  await until('the last', () => Promise.resolve(woken.some(({ id }) => id === 'n-2')))
  expect(woken.map(({ timer }) => ('step' in timer ? timer.step : timer.timer))).toEqual(['a', 'b', 'c'])
})

it('sagas that pause and try again over a kill of the server go on (1 fault)', async () => {
  const nats = await startOwnNats()
  const nc = await connectTo(nats)
  const tried = new Set<string>()
  const clock = defineAggregate({
    name: 'clock',
    events: { 'clock.struck': z.object({}) },
    commands: { strike: z.object({}) },
    initial: {},
    consult: {
      strike: (_, __, { id }) => {
        // The first time it cannot; then it can.
        if (tried.has(id)) return Promise.resolve()
        tried.add(id)
        throw new HeadwaterError({ status: 503, code: 'NOT_NOW', detail: 'later' })
      },
    },
    decide: { strike: () => ({ type: 'clock.struck', data: {} }) },
    evolve: { 'clock.struck': (state) => state },
  })
  const nap = defineSaga({
    name: 'nap',
    input: z.object({ ms: z.int() }),
    steps: [
      { name: 'pause', pauseMs: ({ input }) => z.object({ ms: z.int() }).parse(input).ms },
      {
        name: 'strike',
        invoke: ({ id }) => commandTo(clock, id, 'strike', {}),
        // Less than the sender's own second attempt takes.
        timeoutMs: 20,
        retry: { attempts: 30, pauseMs: 1000, maxPauseMs: 2000 },
      },
    ],
  })
  const replica = await startReplica(nc, { namespace: uniqueName(), sagas: [nap], aggregates: [clock] })
  const ids = Array.from({ length: 150 }, (_, index) => `n-${index}`)
  await Promise.all(ids.map((id, index) => replica.send('nap', id, 'start', { ms: 500 + index * 20 })))
  await until('some try again', () => Promise.resolve(tried.size > 20))
  await nats.crash()
  for (const id of ids) {
    const all = await until(`the end of ${id}`, async () => {
      const events = await transitions(replica, 'nap', id).catch(() => [])
      return events.at(-1) === 'completed' ? events : undefined
    })
    expect(all.filter((one) => one === 'step-succeeded pause')).toHaveLength(1)
    expect(all).toContain('step-failed strike')
    expect((await replica.eventsOf('clock', id)).map(({ type }) => type)).toEqual(['clock.struck'])
  }
})
