import { expect, it } from 'vitest'
import type { CommandAccepted } from '../../src/commands/command.ts'
import type { EventLog } from '../../src/streams/log/event-log.ts'
import { createAwaitEnd } from '../../src/sagas/worker/await-end.ts'
import { type TestLog, connectTo, openTestLog, someEvents, useNats } from '../streams/support.ts'

const nats = useNats()

const command = {
  aggregate: 'thing',
  id: 'a',
  name: 'start',
  data: {},
  bytes: 0,
  commandId: 'c-1',
  correlationId: 'c-1',
  causationId: 'c-1',
  expectedVersion: undefined,
  time: '2026-01-31T10:00:00.000Z',
  traceparent: undefined,
}
const accepted: CommandAccepted = {
  ok: true,
  aggregate: 'thing',
  id: 'a',
  version: 1,
  position: { stream: 'THINGS', sequence: 1 },
  events: [],
  duplicate: true,
}

/** Plants a saga's log, each list of types a commit. */
async function plant({ log, subject }: TestLog, ...commits: string[][]): Promise<void> {
  let version = 1
  for (const types of commits) {
    const events = someEvents(version, types.length).map((event, at) => ({ ...event, type: types[at] ?? '' }))
    await log.append({ subject: subject('a'), expected: await log.leaderSequence(subject('a')), events })
    version += types.length
  }
}

/** The answer to whoever waits, for a short time unless told, with how many times a whole log was read for it. */
async function hear(
  { log, namespace }: TestLog,
  next: () => Promise<void> = () => new Promise((resolve) => setTimeout(resolve, 10)),
  timeoutMs = 200,
) {
  let walks = 0
  const counted: EventLog = {
    ...log,
    read: {
      ...log.read,
      forwards(...args) {
        walks++
        return log.read.forwards(...args)
      },
    },
  }
  const conclude = createAwaitEnd({
    namespace,
    logOf: () => counted,
    ends: { tell() {}, next, close() {} },
    timeoutMs,
    limit: 1,
    signal: new AbortController().signal,
  })
  return { reply: await conclude(command, accepted), walks }
}

it.each([
  ['runs', [['saga.started', 'saga.step-started']], 'running'],
  ['runs on', [['saga.started'], ['saga.step-started'], ['saga.step-succeeded']], 'running'],
  [
    'was undone, and then not quite',
    [['saga.started'], ['saga.compensated'], ['saga.step-doubtful']],
    'running',
  ],
  [
    'goes on after it was parked',
    [['saga.started'], ['saga.parked'], ['saga.resumed', 'saga.step-started']],
    'running',
  ],
  ['ends in the commit that it began with', [['saga.started', 'saga.completed']], 'completed'],
  [
    'ended after it was in doubt',
    [['saga.started'], ['saga.step-doubtful'], ['saga.completed']],
    'completed',
  ],
])('of a saga that %s it is told so', async (_, commits, status) => {
  const things = await openTestLog(await connectTo(nats()))
  await plant(things, ...commits)
  expect((await hear(things)).reply).toMatchObject({ ok: true, saga: { status } })
})

it('so many may wait at a time; the place of one who has heard is free again', async () => {
  const { log, namespace, subject } = await openTestLog(await connectTo(nats()))
  const things = { log, namespace, subject }
  await plant(things, ['saga.started'])
  let notice = Promise.withResolvers<void>()
  const conclude = createAwaitEnd({
    namespace,
    logOf: () => log,
    ends: { tell() {}, next: () => notice.promise, close() {} },
    timeoutMs: 60_000,
    limit: 1,
    signal: new AbortController().signal,
  })
  for (let turn = 1; turn <= 2; turn++) {
    const waiting = conclude(command, accepted)
    // There is no room for another: he is told how it stands.
    expect(await conclude(command, accepted)).toEqual({ ...accepted, saga: { status: 'running' } })
    if (turn === 1) {
      const events = someEvents(2).map((event) => ({ ...event, type: 'saga.completed' }))
      await log.append({ subject: subject('a'), expected: 1, events })
      notice.resolve()
    }
    expect(await waiting).toMatchObject({ version: 2, saga: { status: 'completed' } })
    notice = Promise.withResolvers<void>()
  }
})

it('what is no start of a saga is not waited for', async () => {
  const { log, namespace } = await openTestLog(await connectTo(nats()))
  const options = {
    namespace,
    ends: { tell() {}, next: () => Promise.resolve(), close() {} },
    timeoutMs: 60_000,
    limit: 1,
    signal: new AbortController().signal,
  }
  const signal = { ...command, name: 'signal' }
  expect(await createAwaitEnd({ ...options, logOf: () => log })(signal, accepted)).toBe(accepted)
  expect(await createAwaitEnd({ ...options, logOf: () => undefined })(command, accepted)).toBe(accepted)
})

it('the last commit tells of an end by itself', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await plant(things, ['saga.started'], ['saga.step-started'], ['saga.step-succeeded'], ['saga.completed'])
  const { reply, walks } = await hear(things)
  expect(reply).toMatchObject({ version: 4, saga: { status: 'completed' }, position: { sequence: 4 } })
  expect(walks).toBe(0)
})

it('an end that comes between two looks is heard of, with what else came', async () => {
  const things = await openTestLog(await connectTo(nats()))
  await plant(things, ['saga.started'], ['saga.step-started'])
  let looks = 0
  const next = async () => {
    if (looks++ > 0) return
    const { log, subject } = things
    const append = async (version: number, type: string) => {
      const events = someEvents(version).map((event) => ({ ...event, type }))
      await log.append({ subject: subject('a'), expected: version - 1, events })
    }
    await append(3, 'saga.completed')
    await append(4, 'saga.signalled')
  }
  const { reply } = await hear(things, next, 20_000)
  expect(reply).toMatchObject({ version: 3, saga: { status: 'completed' } })
})
