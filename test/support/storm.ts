import type { CommandAccepted, CommandReply } from '../../src/commands/command.ts'
import type { CommandEnvelope, CommandSender } from '../../src/commands/client/command-sender.ts'
import { CommandTimeoutError } from '../../src/commands/client/command-timeout.ts'
import { until } from './until.ts'

/**
 * Sends a command until the service has said something about it that holds, always with the same id: who dies before he
 * answers has perhaps stored it.
 */
export async function insist(
  sender: CommandSender,
  command: CommandEnvelope & { commandId: string },
): Promise<CommandReply> {
  for (;;) {
    const reply = await sender.send(command).catch((error: unknown) => {
      if (error instanceof CommandTimeoutError) return undefined
      throw error
    })
    if (reply && (reply.ok || reply.status !== 503)) return reply
  }
}

/** Clients that send commands to be accepted, one after the other, until they are told to stop. */
export function startClients(
  sender: CommandSender,
  count: number,
  commandOf: (client: number, n: number) => CommandEnvelope & { commandId: string },
) {
  const state = { running: true, repeats: 0 }
  const accepted = new Map<string, CommandAccepted>()
  const clients = Array.from({ length: count }, async (_, client) => {
    for (let n = 0; state.running; n++) {
      const command = commandOf(client, n)
      const reply = await insist(sender, command)
      if (!reply.ok) throw new Error(`${reply.code}: ${reply.detail}`)
      if (reply.duplicate) state.repeats++
      accepted.set(command.commandId, reply)
    }
  })
  return {
    /** By command id: how each was answered. */
    accepted,
    /** How many were answered as repeated. */
    get repeats() {
      return state.repeats
    },
    /** Resolves when what they have begun is answered; rejects when one of them was refused. */
    async stop() {
      state.running = false
      await Promise.all(clients)
    },
  }
}

export type Fault = 'replica' | 'server' | 'both'

export interface FaultOptions {
  faults: readonly Fault[]
  nats: { kill(): Promise<void>; restart(): Promise<void> }
  /** The one that serves the longest is killed; another takes its place at the end. */
  replicas: { end(): Promise<void> }[]
  startReplica: () => Promise<{ end(): Promise<void> }>
  /** What has been accepted by now, and by how much it has to grow before each fault and after the last. */
  accepted: { readonly size: number }
  progress: number
}

/** Kills replicas and the server, one fault after the other, while work goes on. Answers how many faults that were. */
export async function injectFaults(options: FaultOptions): Promise<number> {
  const { faults, nats, replicas, startReplica, accepted, progress } = options
  const goOn = async () => {
    const before = accepted.size
    await until(`${progress} more to be accepted`, async () => accepted.size > before + progress)
  }
  let injected = 0
  for (const fault of faults) {
    await goOn()
    if (fault !== 'replica') await nats.kill()
    if (fault !== 'server') await replicas.shift()?.end()
    if (fault !== 'replica') await nats.restart()
    if (fault !== 'server') replicas.push(await startReplica())
    injected++
  }
  await goOn()
  return injected
}
