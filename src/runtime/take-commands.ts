import { createActors } from '../commands/actors.ts'
import type { CommandSender } from '../commands/client/command-sender.ts'
import { createLocalSender } from '../commands/client/local-sender.ts'
import { createNatsSender } from '../commands/client/nats-sender.ts'
import { transactionsByAggregate } from '../commands/definition/define-transaction.ts'
import { openEndpoint } from '../commands/endpoint/endpoint.ts'
import type { Ground, Site } from './ground.ts'
import { openFollowers } from './open-followers.ts'
import { version } from './package-info.ts'
import { openSagas } from './sagas/open-sagas.ts'

/**
 * Opens the actors, takes commands for them, and starts what sends commands by itself: sagas, the feed, reactors.
 * @returns what sends commands over the service's own NATS system
 */
export async function takeCommands(site: Site, ground: Ground): Promise<CommandSender> {
  const { config, known, served, logger, shutdown } = site
  const { nc, homes, snapshots } = ground
  const { namespace, commands: settings } = config
  const { bodyLimit, timeoutMs } = settings
  const onError = (error: unknown, what: string) => logger.error({ err: error }, what)
  const aggregates = new Map(
    served.flatMap((context) => context.aggregates.map((aggregate) => [aggregate.name, aggregate])),
  )
  const transactions = transactionsByAggregate(served.flatMap((context) => context.transactions))
  const actors = createActors({ namespace, homes, snapshots, settings, onError })
  const { waitTimeoutMs } = config.sagas
  const sender = createNatsSender({ nc, namespace, timeoutMs, waitTimeoutMs })
  const own = { actors, aggregates, transactions }
  const reacting = createLocalSender({ ...own, bodyLimit, timeoutMs, remote: sender })
  // Before the first command is taken: what it makes happen is not to be missed by a reactor that is new.
  const followers = await openFollowers({ nc, config, served, homes, sender: reacting, logger })
  const sagas = await openSagas({ ...own, nc, config, known, served, homes, logger })
  const endpoint = await openEndpoint({
    ...own,
    nc,
    namespace,
    version,
    isPart: config.contexts.serve.length > 0,
    settings,
    onError,
    ...(sagas && { conclude: sagas.conclude }),
  })
  shutdown.add('commands', async () => {
    const left = await endpoint.close()
    if (left > 0) logger.warn({ left }, 'commands were left unanswered when the time to drain was up')
  })

  if (sagas) {
    // Before it starts: of several sagas one may fail to.
    shutdown.add('sagas', () => sagas.stop())
    await sagas.start()
  }
  followers.start()
  shutdown.add('feed and reactors', () => followers.stop())
  return sender
}
