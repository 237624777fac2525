import type { JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/nats-core'
import type { CommandSender } from '../../commands/client/command-sender.ts'
import { type PublicEvent, readPublicEvent } from '../../feed/feed-message.ts'
import { feedSource } from '../../feed/feed-source.ts'
import type { Commit } from '../../streams/events/commit.ts'
import type { StoredMessage } from '../../streams/events/stored-message.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { EventLog } from '../../streams/log/event-log.ts'
import { type Follower, openFollower } from '../../streams/follow/follower.ts'
import type { Handle } from '../../streams/follow/handler.ts'
import { logSource } from '../../streams/follow/log-source.ts'
import type { Logger } from '../../streams/logger.ts'
import type { FollowerStore } from '../../streams/follow/store.ts'
import type { EventSources } from '../../streams/events/event-sources.ts'
import { recordedEvent } from '../../streams/events/recorded-event.ts'
import type { ReactorDefinition } from './definition.ts'
import { react } from './react.ts'

export interface ReactorsOptions {
  nc: NatsConnection
  jsm: JetStreamManager
  namespace: string
  store: FollowerStore
  /** The logs by aggregate. */
  logs: ReadonlyMap<string, EventLog>
  /** The stream of the feed; it is there when a reactor is on the feed. */
  feedStream: string
  sender: CommandSender
  logger: Logger
}

/** What the followers of reactors are known by in the store. */
export const REACTOR = 'reactor'

/**
 * Prepares a reactor: one follower for each stream that it looks at. Nothing that happens from now on is missed.
 * @throws HeadwaterError REACTOR_INVALID when it is on an aggregate that no context here has
 */
export async function openReactor(options: ReactorsOptions, reactor: ReactorDefinition): Promise<Follower[]> {
  const { source } = reactor
  return source.kind === 'feed'
    ? [await openOnFeed(options, reactor, [...source.schemas.keys()])]
    : await openOnLogs(options, reactor, source.from)
}

async function openOnLogs(options: ReactorsOptions, reactor: ReactorDefinition, from: EventSources) {
  const { nc, namespace, sender } = options
  const sources = new Map(from.map((source) => [source.name, source]))
  return await Promise.all(
    [...byLog(options, reactor, from)].map(async ([log, aggregates]) => {
      const source = await logSource({ nc, namespace, log, aggregates })
      const handle: Handle<Commit> = async (commit, index) => {
        if (commit.malformed) throw commit.malformed
        const event = commit.events[index]
        const types = sources.get(commit.aggregate)?.types
        if (!event || !types || !reactor.handles(event.type)) return
        await react(reactor, recordedEvent(types, event, commit), sender)
      }
      return await openFollower({ ...common(options, reactor), source, handler: () => handle })
    }),
  )
}

async function openOnFeed(options: ReactorsOptions, reactor: ReactorDefinition, types: readonly string[]) {
  const { nc, jsm, namespace, feedStream, sender } = options
  const source = feedSource({ nc, jsm, namespace, stream: feedStream, types })
  const handle: Handle<StoredMessage> = async (message) => {
    const event = fitting(reactor, readPublicEvent(message))
    if (event) await react(reactor, event, sender)
  }
  return await openFollower({ ...common(options, reactor), source, handler: () => handle })
}

function common({ store, logger }: ReactorsOptions, { name, startAt, order }: ReactorDefinition) {
  return { store, kind: REACTOR, name, beginning: startAt, order, logger }
}

/** The event with its data as the reactor expects it; undefined for a type that it does not. */
function fitting({ name, source }: ReactorDefinition, event: PublicEvent): PublicEvent | undefined {
  const schema = source.kind === 'feed' ? source.schemas.get(event.type) : undefined
  if (!schema) return undefined
  const result = schema.safeParse(event.data)
  if (result.success) return { ...event, data: result.data }
  throw new HeadwaterError({
    code: 'REACTOR_INPUT_INVALID',
    status: 500,
    detail: `The public event ${event.type} ${event.id} is not what the reactor ${name} expects: ${result.error.message}`,
  })
}

function byLog({ logs }: ReactorsOptions, { name }: ReactorDefinition, from: EventSources) {
  const found = new Map<EventLog, string[]>()
  for (const source of from) {
    const log = logs.get(source.name)
    if (!log) {
      throw new HeadwaterError({
        code: 'REACTOR_INVALID',
        status: 500,
        detail: `The reactor ${name} reacts to ${source.name}, which no context here has: load the context that it is of`,
      })
    }
    const aggregates = found.get(log) ?? []
    found.set(log, aggregates)
    if (!aggregates.includes(source.name)) aggregates.push(source.name)
  }
  return found
}
