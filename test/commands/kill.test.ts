import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createCommandClient } from '../../src/commands/client/client.ts'
import type { CommandAccepted } from '../../src/commands/command.ts'
import { CommandTimeoutError } from '../../src/commands/client/command-timeout.ts'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { openEventLog } from '../../src/streams/event-log.ts'
import { connectTo, eventually, specOf, startOwnNats, uniqueName } from '../streams/support.ts'
import { eventsOf, thing, upTo } from './support.ts'

const fixture = fileURLToPath(new URL('kill.fixture.ts', import.meta.url))
const AGGREGATES = upTo(5).map((n) => `a${n}`)
const CLIENTS = 12

async function startChild(url: string, namespace: string) {
  const child = spawn(process.execPath, [fixture, url, namespace], { stdio: ['ignore', 'pipe', 'ignore'] })
  onTestFinished(() => void child.kill('SIGKILL'))
  await once(child.stdout, 'data')
  return {
    async kill() {
      const exited = once(child, 'exit')
      child.kill('SIGKILL')
      await exited
    },
  }
}

test('while servers and services are killed, what was accepted is in the log once, and nothing else is', async () => {
  const nats = await startOwnNats()
  const namespace = uniqueName('kill')
  const nc = await connectTo(nats)
  const log = await openEventLog({ nc, spec: specOf(namespace), appendTimeoutMs: 5000, onMigration() {} })
  const sender = createNatsSender({ nc, namespace, timeoutMs: 4000 })
  const client = createCommandClient(sender, [thing])
  let service = await startChild(nats.url, namespace)

  const accepted = new Map<string, CommandAccepted>()
  let repeats = 0
  const state = { running: true }
  async function sendOne(id: string, commandId: string): Promise<void> {
    for (;;) {
      try {
        const reply = await client.thing(id).add({ by: 1 }, { commandId })
        if (reply.duplicate) repeats++
        accepted.set(commandId, reply)
        return
      } catch (error) {
        if (
          !(error instanceof CommandTimeoutError) &&
          !(error instanceof Error && 'status' in error && error.status === 503)
        )
          throw error
      }
    }
  }
  const clients = upTo(CLIENTS).map(async (number) => {
    for (let n = 0; state.running; n++) {
      await sendOne(AGGREGATES[(number + n) % AGGREGATES.length] ?? '', `c-${number}-${n}`)
    }
  })

  const faults: string[] = []
  for (const fault of ['service', 'server', 'service', 'server', 'both', 'service']) {
    const before = accepted.size
    await eventually(() => accepted.size > before + 200)
    if (fault !== 'service') await nats.kill()
    if (fault !== 'server') await service.kill()
    if (fault !== 'service') await nats.restart()
    if (fault !== 'server') service = await startChild(nats.url, namespace)
    faults.push(fault)
  }
  const before = accepted.size
  await eventually(() => accepted.size > before + 200)
  state.running = false
  await Promise.all(clients)

  let events = 0
  for (const id of AGGREGATES) {
    const stored = await eventsOf({ log, namespace }, id)
    events += stored.length
    expect(stored.map(({ sequence }) => sequence)).toEqual(upTo(stored.length))
    expect(new Set(stored.map(({ commandid }) => commandid)).size).toBe(stored.length)
    for (const event of stored) {
      expect(accepted.get(event.commandid)).toMatchObject({
        id,
        version: event.sequence,
        position: event.position,
        events: [{ id: event.id }],
      })
    }
  }
  expect(events).toBe(accepted.size)
  expect(faults).toHaveLength(6)
  console.log(
    `${faults.length} faults (${faults.join(', ')}), ${accepted.size} commands accepted, ${repeats} answered as repeated`,
  )
  await service.kill()
  await nc.close()
}, 30_000)
