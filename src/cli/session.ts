import type { NatsConnection } from '@nats-io/transport-node'
import { type CommandSender } from '../commands/command-sender.ts'
import { createNatsSender } from '../commands/nats-sender.ts'
import { type Config, loadConfig } from '../runtime/config/index.ts'
import { connectNats } from '../runtime/connect-nats.ts'
import { readEndpoints } from '../runtime/endpoints-file.ts'

/** What a subcommand that talks to a running service works with. */
export interface Session {
  config: Config
  nc: NatsConnection
  sender: CommandSender
}

/**
 * Where NATS is: as configured, else where the service that was started in this folder wrote it, else the default port.
 */
export async function natsUrl(config: Config): Promise<string> {
  const endpoints = config.nats.url === undefined ? await readEndpoints(config.dataDir) : undefined
  return config.nats.url ?? endpoints?.nats ?? `nats://${config.nats.host}:${config.nats.port || 4222}`
}

/** Where PostgreSQL is, likewise; undefined when neither configuration nor a running service tells. */
export async function databaseUrl(config: Config): Promise<string | undefined> {
  return config.postgres.url ?? (await readEndpoints(config.dataDir))?.postgres
}

/**
 * Connects to the NATS system of the service, does the work, and closes whatever happens.
 * @throws ConfigurationError, NatsUnavailableError
 */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const { config } = loadConfig({})
  const nc = await connectNats({ url: await natsUrl(config), settings: config.nats, name: 'headwater cli' })
  const sender = createNatsSender({ nc, namespace: config.namespace, timeoutMs: config.commands.timeoutMs })
  try {
    return await work({ config, nc, sender })
  } finally {
    await nc.close()
  }
}
