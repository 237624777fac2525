import type { NatsConnection } from '@nats-io/transport-node'
import type { Logger } from 'pino'
import type { AggregateHome } from '../commands/actors.ts'
import { transactionsByAggregate } from '../commands/definition/define-transaction.ts'
import { type EventLog, openEventLog } from '../streams/log/event-log.ts'
import type { BucketSpec } from '../streams/provision/provision-bucket.ts'
import { type Snapshots, openSnapshots } from '../streams/snapshots.ts'
import { type StreamDifference, describeDifferences } from '../streams/provision/stream-mismatch.ts'
import { eventSubjects } from '../streams/events/subjects.ts'
import type { Config } from './config/index.ts'
import type { Context } from './define-context.ts'

/** The contexts on a NATS system: their logs, and where each aggregate is at home. */
export interface Kernel {
  homes: ReadonlyMap<string, AggregateHome>
  snapshots: Snapshots
}

const DEFAULT_NAMESPACE = 'hw'

/** The stream of a context: configured, or its name in upper case, told apart by the namespace where that is not the default. */
export function streamName(context: string, { namespace, streams }: Config): string {
  const name = context.toUpperCase()
  return streams.names[context] ?? (namespace === DEFAULT_NAMESPACE ? name : `${namespace}_${name}`)
}

/** Says in the log what is about to be changed of a stream. */
export function migrationOf(stream: string, logger: Logger) {
  return (differences: StreamDifference[]): void =>
    logger.warn(
      { stream, differences },
      `migrating the stream ${stream}: ${describeDifferences(differences)}`,
    )
}

/** A bucket as the configuration wants it. */
export function bucketSpec(nc: NatsConnection, bucket: string, config: Config, logger: Logger): BucketSpec {
  const { replicas, storage } = config.streams
  return { nc, bucket, replicas, storage, onMigration: migrationOf(`KV_${bucket}`, logger) }
}

/** Opens (and where needed provisions) the logs and the snapshots of the contexts. */
export async function openKernel(
  nc: NatsConnection,
  contexts: readonly Context[],
  config: Config,
  logger: Logger,
): Promise<Kernel> {
  const { namespace, streams, commands } = config
  const { replicas, storage, snapshotBucket, duplicateWindowMs } = streams
  const open = async ({ name, aggregates }: Context): Promise<[string, EventLog]> => {
    const stream = streamName(name, config)
    const log = await openEventLog({
      nc,
      spec: {
        name: stream,
        subjects: aggregates.map((aggregate) => eventSubjects(namespace, aggregate.name)),
        replicas,
        storage,
        duplicateWindowMs,
      },
      appendTimeoutMs: commands.timeoutMs,
      onMigration: migrationOf(stream, logger),
    })
    return [name, log]
  }
  const [logs, snapshots] = await Promise.all([
    Promise.all(contexts.filter(({ aggregates }) => aggregates.length > 0).map(open)).then(
      (entries) => new Map(entries),
    ),
    openSnapshots(bucketSpec(nc, snapshotBucket ?? `${namespace}_snapshots`, config, logger)),
  ])
  const homes = new Map<string, AggregateHome>()
  for (const { name, aggregates, transactions } of contexts) {
    const log = logs.get(name)
    const over = transactionsByAggregate(transactions)
    for (const aggregate of aggregates) {
      const own = over.get(aggregate.name)
      if (log) homes.set(aggregate.name, { aggregate, context: name, log, ...(own && { transactions: own }) })
    }
  }
  return { homes, snapshots }
}
