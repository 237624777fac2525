import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import { type Database, createDatabase } from '../projections/database/database.ts'
import type { Config } from './config/index.ts'
import { connectNats } from './connect-nats.ts'
import type { Context } from './define-context.ts'
import { removeEndpoints } from './endpoints-file.ts'
import { type Kernel, openKernel } from './kernel.ts'
import type { Shutdown } from './shutdown.ts'
import { type Stack, joinStack, startStack } from './stack.ts'

/** What every part of a service is started with. */
export interface Site {
  config: Config
  known: readonly Context[]
  /** Those of them that this process serves. */
  served: readonly Context[]
  logger: Logger
  shutdown: Shutdown
}

/** What every part of a service stands on: the servers, the connections to them, the logs. */
export interface Ground extends Kernel {
  stack: Stack
  nc: NatsConnection
  database: Database
}

/** Starts the servers where none is configured, connects to them, and opens the logs of all contexts. */
export async function openGround({ config, known, logger, shutdown }: Site): Promise<Ground> {
  const isPart = config.contexts.serve.length > 0
  const stack = await (isPart ? joinStack : startStack)(config, logger)
  shutdown.add('embedded servers', () => stack.stop())
  // Only now: until the stack has its lock, the file may be that of a service that runs here already.
  if (!stack.isGuest) await removeEndpoints(config.dataDir)
  const { nats, postgres } = config
  const nc = await connectNats({ url: stack.natsUrl, settings: nats, name: 'headwater', logger })
  shutdown.add('NATS connection', () => nc.close())
  const database = await createDatabase({ ...postgres, url: stack.databaseUrl, logger })
  shutdown.add('PostgreSQL connections', () => database.close())
  return { stack, nc, database, ...(await openKernel(nc, known, config, logger)) }
}
