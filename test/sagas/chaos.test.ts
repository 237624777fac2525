import { setTimeout as delay } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import type { CloudEvent } from '../../src/streams/events/cloud-event.ts'
import { openEventLog } from '../../src/streams/log/event-log.ts'
import { connectTo, startOwnNats, uniqueName } from '../streams/support.ts'
import { type ReplicaProcess, startReplicaProcess } from '../support/replica-process.ts'
import { until } from '../support/until.ts'

const FAULTS = Number(process.env['HEADWATER_CHAOS_FAULTS'] ?? 4)
const SAGAS_A_FAULT = 20
const THINGS = ['pen', 'ink', 'pad']
const ENDS = new Set(['saga.completed', 'saga.compensated', 'saga.parked', 'saga.abandoned'])
const fixture = new URL('chaos.fixture.ts', import.meta.url)

async function stall(one: ReplicaProcess | undefined): Promise<void> {
  one?.signal('SIGSTOP')
  await delay(2500)
  one?.signal('SIGCONT')
}

const KINDS = ['fine', 'nowhere', 'fine', 'poor', 'fine', 'greedy', 'fine', 'unnoted', 'fine', 'dropped']
const kindOf = (id: string) => id.split('-')[0] ?? ''

test(`over ${FAULTS} faults, killed, stopped and stalled replicas and servers, all adds up and every saga ends or is parked`, async () => {
  const nats = await startOwnNats()
  const namespace = uniqueName('chaos')
  const start = () => startReplicaProcess(fixture, nats.url, namespace)
  const replicas = await Promise.all([start(), start()])
  const nc = await connectTo(nats)
  const sender = createNatsSender({ nc, namespace, timeoutMs: 40_000 })
  for (const thing of THINGS)
    await sender.send({ aggregate: 'shelf', id: thing, command: 'fill', data: { left: 100_000 } })

  const open = async (name: string, aggregates: string[]) =>
    await openEventLog({
      nc,
      spec: {
        name: `${namespace}_${name}`,
        subjects: aggregates.map((one) => `${namespace}.evt.${one}.*`),
        replicas: 1,
        storage: 'file',
        duplicateWindowMs: 120_000,
      },
      appendTimeoutMs: 5000,
      onMigration() {},
    })
  const sagas = await open('SAGAS', ['hasty'])
  const trade = await open('TRADE', ['shelf', 'bill', 'parcel'])

  const ids: string[] = []
  async function startOne(): Promise<void> {
    const number = ids.length
    const kind = KINDS[number % KINDS.length] ?? ''
    const id = `${kind}-${number}`
    ids.push(id)
    const things = [THINGS[number % 3] ?? '', kind === 'greedy' ? 'none' : (THINGS[(number + 1) % 3] ?? '')]
    const first = { aggregate: 'hasty', id, command: 'start', data: { things }, commandId: `start-${id}` }
    expect(await sender.send(first)).toMatchObject({ ok: true })
    if (kind === 'dropped')
      await sender.send({ ...first, command: 'abandon', data: {}, commandId: `drop-${id}` })
  }

  const faults = new Map<string, number>()
  const kinds = ['kill', 'crash', 'stop', 'stall', 'kill both', 'crash and kill'] as const
  for (let number = 0; number < FAULTS; number++) {
    const starting = Promise.all(Array.from({ length: SAGAS_A_FAULT }, startOne))
    await delay(100 + Math.random() * 500)
    const kind = kinds[number % kinds.length] ?? 'kill'
    const victim = number % 2
    const replace = async (one: number, signal: 'SIGKILL' | 'SIGTERM') => {
      await replicas[one]?.end(signal)
      replicas[one] = await start()
    }
    if (kind === 'kill') await replace(victim, 'SIGKILL')
    if (kind === 'stop') await replace(victim, 'SIGTERM')
    if (kind === 'stall') await stall(replicas[victim])
    if (kind === 'crash') await nats.crash()
    if (kind === 'kill both') await Promise.all([replace(0, 'SIGKILL'), replace(1, 'SIGKILL')])
    if (kind === 'crash and kill') await Promise.all([nats.crash(), replace(victim, 'SIGKILL')])
    faults.set(kind, (faults.get(kind) ?? 0) + 1)
    await starting
  }

  const ends = new Map<string, string>()
  await until('the ends of all sagas', async () => {
    for (const id of ids.filter((one) => !ends.has(one))) {
      const end = (await sagas.read.last(`${namespace}.evt.hasty.${id}`))?.events.at(-1)?.type
      if (end !== undefined && ENDS.has(end)) ends.set(id, end.slice('saga.'.length))
    }
    return ends.size === ids.length
  })

  const eventsOf = async (aggregate: string, id: string): Promise<CloudEvent[]> => {
    const events: CloudEvent[] = []
    const subject = `${namespace}.evt.${aggregate}.${id}`
    for await (const commit of trade.read.forwards(subject, 1)) events.push(...commit.events)
    return events
  }
  const onShelves = (await Promise.all(THINGS.map((thing) => eventsOf('shelf', thing)))).flat()
  const balance = new Map<string, number>()
  const add = (who: string, by: number) => balance.set(who, (balance.get(who) ?? 0) + by)
  for (const { type, data } of onShelves) {
    const who = typeof data === 'object' && data !== null && 'who' in data ? String(data.who) : ''
    if (type === 'shelf.reserved') add(who, 1)
    if (type === 'shelf.released') add(who, -1)
  }
  const counts = new Map<string, number>()
  for (const id of ids) {
    const end = ends.get(id) ?? ''
    const key = `${kindOf(id)} ${end}`
    counts.set(key, (counts.get(key) ?? 0) + 1)
    const isThere = end === 'completed' || end === 'parked'
    const types = async (aggregate: string, what: string) =>
      (await eventsOf(aggregate, id)).filter(({ type }) => type === what).length
    expect([id, end, balance.get(id) ?? 0]).toEqual([id, end, isThere ? 2 : 0])
    const paid = await types('bill', 'bill.paid')
    expect([id, end, paid - (await types('bill', 'bill.repaid'))]).toEqual([id, end, isThere ? 1 : 0])
    expect([id, end, await types('parcel', 'parcel.sent')]).toEqual([id, end, isThere ? 1 : 0])
    expect([id, end, await types('parcel', 'parcel.noted')]).toEqual([id, end, end === 'completed' ? 1 : 0])
    if (end === 'parked') expect(kindOf(id)).toBe('unnoted')
    if (['nowhere', 'poor', 'greedy'].includes(kindOf(id))) expect([id, end]).toEqual([id, 'compensated'])
  }
  for (const end of ['completed', 'compensated']) expect([...ends.values()]).toContain(end)
  console.log(
    `${FAULTS} faults (${Array.from(faults, ([what, times]) => `${times} ${what}`).join(', ')}) over ${ids.length} sagas: ${Array.from(counts, ([what, times]) => `${times} ${what}`).join(', ')}`,
  )
}, 600_000)
