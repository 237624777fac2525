import type { NatsConnection } from '@nats-io/nats-core'
import * as fc from 'fast-check'
import { connect } from '@nats-io/transport-node'
import { expect, test } from 'vitest'
import type { Actors } from '../../src/commands/actors.ts'
import type { Command, CommandReply } from '../../src/commands/command.ts'
import { type EventLog, openEventLog } from '../../src/streams/log/event-log.ts'
import { connectTo, specOf, uniqueName, useNats } from '../streams/support.ts'
import { aCommand } from '../support/a-command.ts'
import { composeActors } from '../support/compose-commands.ts'
import { eventsOf, upTo } from './support.ts'
import { thing } from './thing.ts'

const nats = useNats()
const LIMIT = 12

/** The command that an id stands for: whoever repeats the id repeats all of it. */
function commandOf(aggregate: number, number: number): Command {
  const by = (number % 3) + 1
  const name = (['add', 'add-twice', 'add-below'] as const)[number % 4 === 3 ? 2 : number % 2] ?? 'add'
  const data = name === 'add-below' ? { by, limit: LIMIT } : { by }
  return aCommand(`thing.a${aggregate}.${name}`, data, { commandId: `c-${aggregate}-${number}` })
}

interface Replica {
  nc: NatsConnection
  actors: Actors
}

async function startReplica(namespace: string): Promise<Replica> {
  const nc = await connect({ servers: nats().url, noAsyncTraces: true })
  const log = await openEventLog({ nc, spec: specOf(namespace), appendTimeoutMs: 4000, onMigration() {} })
  const settings = { actors: 2, groupMaxCommands: 5, conflictRetries: 100, snapshotEvery: 7 }
  const onError = () => {}
  return { nc, ...(await composeActors({ nc, namespace, log, aggregates: [thing], settings, onError })) }
}

const replica = fc.nat(1)
const step = fc.oneof(
  {
    weight: 12,
    arbitrary: fc.record({
      kind: fc.constant('send' as const),
      replica,
      aggregate: fc.nat(2),
      number: fc.nat(15),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('crash' as const), replica }) },
)

type Step = typeof step extends fc.Arbitrary<infer One> ? One : never

interface Answered {
  command: Command
  reply: CommandReply
}

async function run(steps: readonly Step[], namespace: string): Promise<Answered[]> {
  const replicas = [await startReplica(namespace), await startReplica(namespace)]
  const answered: Answered[] = []
  let waiting: Promise<void>[] = []
  for (const one of steps) {
    if (one.kind === 'settle') await Promise.all(waiting.splice(0))
    else if (one.kind === 'send') {
      const command = commandOf(one.aggregate, one.number)
      const answer = new Promise<void>((resolve) =>
        replicas[one.replica]?.actors.submit(command, (reply) => {
          answered.push({ command, reply })
          resolve()
        }),
      )
      waiting.push(answer)
    } else {
      // The process is gone: what it had in work is answered by nobody, and may or may not be in the log.
      await replicas[one.replica]?.nc.close()
      replicas[one.replica] = await startReplica(namespace)
      waiting = []
    }
  }
  await Promise.all(waiting)
  await Promise.all(replicas.map(({ nc }) => nc.close()))
  return answered
}

function check(answered: Answered[], events: Awaited<ReturnType<typeof eventsOf>>, id: string): void {
  expect(events.map(({ sequence }) => sequence)).toEqual(upTo(events.length))
  // The sequential fold: at its turn each command's events are what its decider makes of what came before.
  let total = 0
  const stored = new Map<string, typeof events>()
  for (const event of events) stored.set(event.commandid, [...(stored.get(event.commandid) ?? []), event])
  for (const event of events) {
    const by = Number(Object.values(event.data ?? {})[0])
    const number = Number(event.commandid.split('-')[2])
    const command = commandOf(Number(id.slice(1)), number)
    expect(by).toBe((number % 3) + 1)
    total += by
    if (command.name === 'add-below') expect(total).toBeLessThanOrEqual(LIMIT)
  }
  for (const [commandId, own] of stored) {
    const { name } = commandOf(Number(id.slice(1)), Number(commandId.split('-')[2]))
    expect(own, commandId).toHaveLength(name === 'add-twice' ? 2 : 1)
    expect(new Set(own.map(({ position }) => position.sequence)).size).toBe(1)
  }
  for (const { command, reply } of answered.filter((one) => one.command.id === id)) {
    const own = stored.get(command.commandId)
    if (reply.ok) {
      expect(own?.map((event) => event.id)).toEqual(reply.events.map((event) => event.id))
      expect(own?.at(-1)).toMatchObject({ sequence: reply.version, position: reply.position })
    } else if (reply.status === 422) expect(own).toBeUndefined()
    else expect(reply.status).toBe(503)
  }
}

test('the log is a sequential fold of the accepted commands, whatever is repeated, interleaved or crashes', async () => {
  const nc = await connectTo(nats())
  let accepted = 0
  let repeated = 0
  let crashes = 0
  const property = fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
    const namespace = uniqueName()
    crashes += steps.filter(({ kind }) => kind === 'crash').length
    const answered = await run(steps, namespace)
    const log: EventLog = await openEventLog({
      nc,
      spec: specOf(namespace),
      appendTimeoutMs: 4000,
      onMigration() {},
    })
    for (const id of ['a0', 'a1', 'a2']) check(answered, await eventsOf({ log, namespace }, id), id)
    accepted += answered.filter(({ reply }) => reply.ok && !reply.duplicate).length
    repeated += answered.filter(({ reply }) => reply.ok && reply.duplicate).length
  })
  await fc.assert(property, { numRuns: 30, seed: 42, endOnFailure: true })
  console.log(`${crashes} faults (a replica's connection ends), ${accepted} accepted, ${repeated} repeated`)
  expect(crashes).toBeGreaterThan(30)
  expect(accepted).toBeGreaterThan(300)
  expect(repeated).toBeGreaterThan(100)
})
