import { type CommandClient, createCommandClient } from '../commands/client/client.ts'
import type { Aggregate } from '../commands/definition/define-aggregate.ts'
import { createNatsSender } from '../commands/client/nats-sender.ts'
import { type ConfigOverrides, loadConfig } from './config/index.ts'
import { connectNats } from './connect-nats.ts'
import { locateNats } from './locate-nats.ts'

/** A typed client with a connection of its own. */
export interface ConnectedClient<Aggregates extends readonly Aggregate[]> {
  client: CommandClient<Aggregates>
  /** Closes the connection. */
  close: () => Promise<void>
}

/**
 * Connects to the NATS system of a service, from any process: `NATS_URL` or headwater.toml say where, else the service
 * that runs in this folder.
 *
 * @example
 * const { client, close } = await connectClient([account])
 * const { version } = await client.account('a-1').deposit({ amount: 10 })
 * await close()
 * @throws ConfigurationError; HeadwaterError NO_SERVICE, NATS_UNAVAILABLE
 */
export async function connectClient<const Aggregates extends readonly Aggregate[]>(
  aggregates: Aggregates,
  { config: overrides }: { config?: ConfigOverrides } = {},
): Promise<ConnectedClient<Aggregates>> {
  const { config } = loadConfig(overrides === undefined ? {} : { overrides })
  const nc = await connectNats({
    url: await locateNats(config),
    settings: config.nats,
    name: 'headwater client',
  })
  const { namespace, commands, sagas } = config
  const { timeoutMs } = commands
  const sender = createNatsSender({ nc, namespace, timeoutMs, waitTimeoutMs: sagas.waitTimeoutMs })
  return { client: createCommandClient(sender, aggregates), close: () => nc.close() }
}
