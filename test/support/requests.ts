import { type Msg, type NatsConnection, headers } from '@nats-io/nats-core'
import type { CommandReply } from '../../src/commands/command.ts'
import type { EventLog } from '../../src/streams/log/event-log.ts'

export type Heads = Record<string, string>

/** Asks over NATS as any client would, with a command or with what is none, and answers the raw message. */
export async function request(
  nc: NatsConnection,
  subject: string,
  body: string | Uint8Array = '',
  heads: Heads = {},
): Promise<Msg> {
  const head = headers()
  for (const [name, value] of Object.entries(heads)) head.set(name, value)
  return await nc.request(subject, body, { headers: head, timeout: 50_000 })
}

/** Sends a command over NATS, and answers what the service said. */
export async function sendTo(
  { nc, namespace }: { nc: NatsConnection; namespace: string },
  path: `${string}.${string}.${string}`,
  data: unknown = {},
  heads: Heads = {},
): Promise<CommandReply> {
  return (await request(nc, `${namespace}.cmd.${path}`, JSON.stringify(data), heads)).json()
}

/** The events of one aggregate in the log, in order, each with where it stands. */
export async function eventsAt({ log, namespace }: { log: EventLog; namespace: string }, path: string) {
  const commits = await Array.fromAsync(log.read.forwards(`${namespace}.evt.${path}`, 1))
  return commits.flatMap(({ events, position }) => events.map((event) => ({ ...event, position })))
}
