import { headers } from '@nats-io/nats-core'
import type { ServiceMsg } from '@nats-io/services'
import { headersOf } from '../../streams/events/message-headers.ts'
import type { CommandReply } from '../command.ts'
import type { Problem } from '../problem.ts'
import { type CommandRequest, CommandRequestError } from './parse-command.ts'

/**
 * A NATS request as one for a command.
 * @param prefix of its subject, before the aggregate
 * @throws CommandRequestError when its headers cannot be read
 */
export function requestOf(message: ServiceMsg, prefix: string): CommandRequest {
  const head = headersOf(message)
  if (head === null)
    throw new CommandRequestError({
      status: 400,
      code: 'INVALID_HEADER',
      detail: 'The headers cannot be read: a name or a value has characters in it that none may have',
    })
  return {
    path: message.subject.slice(prefix.length).split('.'),
    header: (name) => (head?.has(name) ? head.get(name) : undefined),
    body: message.data,
  }
}

/**
 * Sends the reply; a problem with the headers of NATS's services, too. Never throws.
 * @param namespace whose subjects nobody is answered on
 */
export function respond(
  message: ServiceMsg,
  reply: CommandReply,
  namespace: string,
  onError: (error: unknown, what: string) => void,
): void {
  try {
    if (!isInbox(message.reply ?? '', namespace))
      throw new TypeError(`${message.subject} asks for it elsewhere`)
    const body = JSON.stringify(reply)
    if (reply.ok) message.respond(body)
    else message.respond(body, { headers: errorHeaders(reply) })
  } catch (error) {
    onError(error, 'a reply could not be sent')
  }
}

/**
 * The server checks where a client may publish, and not where it wants its answer: on the subject of an event the answer would be
 * stored, on that of a command it would be sent as one, with the rights of this service.
 */
function isInbox(subject: string, namespace: string): boolean {
  return !subject.startsWith(`${namespace}.`) && !subject.startsWith('$')
}

function errorHeaders({ status, code, title, retryAfterMs }: Problem) {
  const head = headers()
  head.set('Nats-Service-Error-Code', `${status}`)
  head.set('Nats-Service-Error', `${code}: ${title}`)
  if (retryAfterMs !== undefined) head.set('Retry-After', `${Math.ceil(retryAfterMs / 1000)}`)
  return head
}
