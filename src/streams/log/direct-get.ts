import { headersOf } from '../events/message-headers.ts'
import type { Requester } from './requester.ts'
import { type StoredMessage, fromDirect } from '../events/stored-message.ts'

/** One message of a stream: by its sequence, or the last one of a subject. */
export type DirectQuery = { seq: number } | { last_by_subj: string }

const TIMEOUT_MS = 2000

/**
 * One message by a direct get, from any replica (https://docs.nats.io/nats-concepts/jetstream/streams, `allow_direct`). The client
 * library's own costs the service three times as much: see `createRequester`. Histories are read with these, several for each.
 *
 * @returns undefined when that replica has no such message; `unreadable` when its headers, with what was asked for, are: the
 *   leader tells it in another way
 * @throws an Error when no answer comes within two seconds, or it is none
 */
export async function directGet(
  requester: Requester,
  stream: string,
  query: DirectQuery,
): Promise<StoredMessage | 'unreadable' | undefined> {
  // The subject stands in the request's, where a server can permit it or not.
  const [subject, payload] =
    'seq' in query
      ? [`$JS.API.DIRECT.GET.${stream}`, JSON.stringify(query)]
      : [`$JS.API.DIRECT.GET.${stream}.${query.last_by_subj}`, '']
  const answer = await requester.request(subject, payload, undefined, TIMEOUT_MS)
  if (!answer) throw new Error(`no answer to a direct get from ${stream}`)
  const headers = headersOf(answer)
  if (headers === null) return 'unreadable'
  if (!headers) throw new Error(`the answer to a direct get from ${stream} is no stored message`)
  if (headers.code === 404) return undefined
  if (headers.code !== 0) throw new Error(`${headers.code} ${headers.description}`)
  return fromDirect(headers, answer.data)
}
