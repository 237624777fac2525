import type { CommandAccepted } from '../../src/commands/command.ts'
import type { CommandEnvelope, CommandSender } from '../../src/commands/client/command-sender.ts'
import { CommandTimeoutError } from '../../src/commands/client/command-timeout.ts'
import { until } from '../support/until.ts'

const ACCOUNTS = Array.from({ length: 8 }, (_, number) => `a${number}`)
const CLIENTS = 12

/** Clients that move money about until they are told to stop, each command until it is answered. */
export interface Clients {
  /** What was accepted, by command id. */
  accepted: ReadonlyMap<string, CommandAccepted>
  /** How many were answered as repeated: their first answer was lost. */
  repeats(): number
  /** Resolves when so many more were accepted. */
  progress(by: number): Promise<void>
  /** Resolves when the last has its answer. */
  stop(): Promise<void>
}

/** Sends until it is answered, always with the same command id. Throws for a refusal. */
export async function sendUntilAccepted(
  sender: CommandSender,
  envelope: CommandEnvelope & { commandId: string },
): Promise<CommandAccepted> {
  return await until(`${envelope.commandId} is accepted`, async () => {
    const reply = await sender.send(envelope).catch((error: unknown) => {
      if (error instanceof CommandTimeoutError) return undefined
      throw error
    })
    if (!reply || (!reply.ok && reply.status === 503)) return undefined
    if (!reply.ok) throw new Error(`${envelope.commandId}: ${reply.code}: ${reply.detail}`)
    return reply
  })
}

export async function startClients(sender: CommandSender): Promise<Clients> {
  const accepted = new Map<string, CommandAccepted>()
  let repeats = 0
  let failure: { cause: unknown } | undefined
  const send = async (id: string, command: string, data: object, commandId: string) => {
    const envelope = { aggregate: 'account', id, command, data, commandId }
    const reply = await sendUntilAccepted(sender, envelope)
    if (reply.duplicate) repeats++
    accepted.set(commandId, reply)
  }
  for (const id of ACCOUNTS) {
    await send(id, 'open', { owner: 'o', currency: 'EUR' }, `open-${id}`)
    await send(id, 'deposit', { amount: '1000000.00' }, `fill-${id}`)
  }

  const state = { running: true }
  async function work(client: number): Promise<void> {
    for (let n = 0; state.running; n++) {
      const id = ACCOUNTS[(client + n) % ACCOUNTS.length] ?? ''
      const to = ACCOUNTS[(client + n + 1 + (n % (ACCOUNTS.length - 1))) % ACCOUNTS.length] ?? ''
      const commandId = `c-${client}-${n}`
      if (n % 3 > 0) await send(id, 'deposit', { amount: '0.01' }, commandId)
      else await send(id, 'transfer', { to, amount: '0.01', transferId: commandId }, commandId)
    }
  }
  const working = Array.from({ length: CLIENTS }, (_, client) =>
    work(client).catch((cause: unknown) => (failure ??= { cause })),
  )
  return {
    accepted,
    repeats: () => repeats,
    async progress(by) {
      const wanted = accepted.size + by
      await until(`${by} more are accepted`, async () => {
        if (failure) throw failure.cause
        return accepted.size >= wanted
      })
    },
    async stop() {
      state.running = false
      await Promise.all(working)
      if (failure) throw failure.cause
    },
  }
}
