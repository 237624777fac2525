import type { NatsConnection } from '@nats-io/transport-node'
import { type CommandSender } from '../commands/client/command-sender.ts'
import { createNatsSender } from '../commands/client/nats-sender.ts'
import { type Config, loadConfig } from '../runtime/config/index.ts'
import { connectNats } from '../runtime/connect-nats.ts'
import { readEndpoints } from '../runtime/endpoints-file.ts'
import { locateNats } from '../runtime/locate-nats.ts'

/** What a subcommand that talks to a running service works with. */
export interface Session {
  config: Config
  nc: NatsConnection
  sender: CommandSender
}

/** Where PostgreSQL is, likewise; undefined when neither configuration nor a running service tells. */
export async function databaseUrl(config: Config): Promise<string | undefined> {
  return config.postgres.url ?? (await readEndpoints(config.dataDir))?.postgres
}

/**
 * Connects to the NATS system of the service, does the work, and closes whatever happens.
 * @throws ConfigurationError, NatsUnavailableError, NO_SERVICE
 */
export async function withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
  const { config } = loadConfig({})
  const nc = await connectNats({
    url: await locateNats(config),
    settings: config.nats,
    name: 'headwater cli',
  })
  const sender = createNatsSender({
    nc,
    namespace: config.namespace,
    timeoutMs: config.commands.timeoutMs,
    waitTimeoutMs: config.sagas.waitTimeoutMs,
  })
  try {
    return await work({ config, nc, sender })
  } finally {
    await nc.close()
  }
}
