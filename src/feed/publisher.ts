import type { MsgHdrs, NatsConnection } from '@nats-io/nats-core'
import type { Commit } from '../streams/events/commit.ts'
import { HeadwaterError } from '../streams/errors.ts'
import type { Handle } from '../streams/follow/handler.ts'
import { LogUnavailableError } from '../streams/log-errors.ts'
import { parsePublishReply } from '../streams/log/publish-reply.ts'
import { recordedEvent } from '../streams/events/recorded-event.ts'
import type { Requester } from '../streams/log/requester.ts'
import type { FeedDefinition } from './define-feed.ts'
import { publicHeaders } from './feed-message.ts'
import { feedSubject } from './feed-subjects.ts'
import { publicBody } from './public-data.ts'
import { type FeedLookup, isPublished } from './published.ts'

/** The public event does not fit into one message of this server (`max_payload`), or the feed's stream refuses it. */
class FeedRefusedError extends HeadwaterError {
  constructor(type: string, why: string) {
    super({
      code: 'FEED_REFUSED',
      status: 500,
      detail: `The public event ${type} cannot be published: ${why}`,
    })
  }
}

export interface PublisherOptions {
  nc: NatsConnection
  requester: Requester
  namespace: string
  lookup: FeedLookup
  /** By the aggregate's name. */
  feeds: ReadonlyMap<string, FeedDefinition>
  /** Up to here an event may be in the feed already, and the server may have forgotten its id. */
  doubtfulUpTo: number
  epoch: number
}

const PUBLISH_TIMEOUT_MS = 3000
const HEADERS_ALLOWANCE = 1024

/** Publishes one event of a commit, unless it is private or the feed has it already. */
export function createPublisher({
  nc,
  requester,
  namespace,
  lookup,
  feeds,
  doubtfulUpTo,
  epoch,
}: PublisherOptions): Handle<Commit> {
  async function publish(subject: string, body: string, head: MsgHdrs): Promise<void> {
    const reply = await requester.request(subject, body, head, PUBLISH_TIMEOUT_MS)
    const answer = reply && parsePublishReply(reply)
    if (answer?.ok) return
    if (!answer || answer.transient) {
      const why = answer ? `: ${answer.description}` : ''
      throw new LogUnavailableError('unknown', `The feed did not confirm ${subject}${why}`)
    }
    throw new FeedRefusedError(subject, answer.description)
  }

  return async (commit, index, { again, isActive }) => {
    if (commit.malformed) throw commit.malformed
    const event = commit.events[index]
    const feed = feeds.get(commit.aggregate)
    const publication = event && feed?.publications.get(event.type)
    if (!event || !feed || !publication) return
    const body = publicBody(publication, recordedEvent(feed.from.types, event, commit))
    if (body === undefined) return
    const { as, isAsItIs } = publication
    const bytes = Buffer.byteLength(body) + HEADERS_ALLOWANCE
    const limit = nc.info?.max_payload ?? Number.POSITIVE_INFINITY
    if (bytes > limit)
      throw new FeedRefusedError(
        as,
        `it takes ${bytes} bytes, and the server takes messages of at most ${limit}`,
      )
    const subject = feedSubject(namespace, as, commit.id)
    if (again || commit.position.sequence <= doubtfulUpTo) {
      const sought = { subject, id: event.id, version: event.sequence, epoch }
      if (await isPublished(lookup, sought)) return
    }
    // A replica that was paused for longer than the server remembers ids would publish what another has long published.
    if (!isActive()) throw new LogUnavailableError('refused', 'The lease was not renewed in time')
    await publish(subject, body, publicHeaders(event, commit, { type: as, isAsItIs, epoch }))
  }
}
