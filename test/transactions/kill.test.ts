import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { type CommandAccepted } from '../../src/commands/command.ts'
import { CommandTimeoutError } from '../../src/commands/client/command-timeout.ts'
import { createNatsSender } from '../../src/commands/client/nats-sender.ts'
import { connectTo, eventually, startOwnNats, uniqueName } from '../streams/support.ts'
import { auditLedger, readLedger } from './ledger-log.ts'
import { upTo } from './support.ts'

const fixture = fileURLToPath(new URL('replica.fixture.ts', import.meta.url))
const ACCOUNTS = upTo(12).map((n) => `a${n}`)
const CLIENTS = 16

async function startChild(url: string, namespace: string) {
  const child = spawn(process.execPath, [fixture, url, namespace], { stdio: ['ignore', 'pipe', 'inherit'] })
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

test('while replicas and the server are killed, each transfer is there once, with both its halves, and as it was answered', async () => {
  const nats = await startOwnNats()
  const namespace = uniqueName('kill')
  const nc = await connectTo(nats)
  const sender = createNatsSender({ nc, namespace, timeoutMs: 4000 })
  const replicas = [await startChild(nats.url, namespace), await startChild(nats.url, namespace)]
  for (const id of ACCOUNTS) {
    const send = async (command: string, data: object) =>
      expect(await sender.send({ aggregate: 'account', id, command, data })).toMatchObject({ ok: true })
    await send('open', { owner: 'o', currency: 'EUR' })
    await send('deposit', { amount: '1000000.00' })
  }

  const accepted = new Map<string, CommandAccepted>()
  let repeats = 0
  /** Goes on until it is answered, always with the same command id. */
  async function sendOne(id: string, to: string, commandId: string): Promise<void> {
    const data = { to, amount: '0.01', transferId: commandId }
    for (;;) {
      const reply = await sender
        .send({ aggregate: 'account', id, command: 'transfer', data, commandId })
        .catch((error: unknown) => {
          if (error instanceof CommandTimeoutError) return undefined
          throw error
        })
      if (!reply || (!reply.ok && reply.status === 503)) continue
      if (!reply.ok) throw new Error(`${reply.code}: ${reply.detail}`)
      if (reply.duplicate) repeats++
      accepted.set(commandId, reply)
      return
    }
  }
  const state = { running: true }
  const clients = upTo(CLIENTS).map(async (number) => {
    for (let n = 0; state.running; n++) {
      const from = ACCOUNTS[(number + n) % ACCOUNTS.length] ?? ''
      const to = ACCOUNTS[(number + n + 1 + (n % (ACCOUNTS.length - 1))) % ACCOUNTS.length] ?? ''
      await sendOne(from, to, `t-${number}-${n}`)
    }
  })
  const progress = async (by: number) => {
    const before = accepted.size
    await eventually(() => accepted.size > before + by, 50_000)
  }

  for (const fault of ['replica', 'server', 'replica', 'server', 'both', 'replica']) {
    await progress(150)
    if (fault !== 'replica') await nats.kill()
    if (fault !== 'server') await replicas.shift()?.kill()
    if (fault !== 'replica') await nats.restart()
    if (fault !== 'server') replicas.push(await startChild(nats.url, namespace))
  }
  await progress(150)
  state.running = false
  await Promise.all(clients)

  const ledger = await readLedger(nc, namespace.toUpperCase())
  expect(auditLedger(ledger)).toEqual([])
  expect([...ledger.debits.keys()].toSorted()).toEqual([...accepted.keys()].toSorted())
  for (const [id, { position, events }] of accepted) {
    const [debit] = ledger.debits.get(id) ?? []
    expect(position.sequence).toBe(debit?.sequence)
    expect(events.map(({ type }) => type)).toEqual(['account.debited', 'account.credited'])
  }
  console.log(`6 faults, ${accepted.size} transfers, ${repeats} answered as repeated`)
  for (const replica of replicas) await replica.kill()
}, 300_000)
