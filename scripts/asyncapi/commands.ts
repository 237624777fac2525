import type { ZodType } from 'zod'
import { idParameter, schemaRef } from './envelopes.ts'
import { jsonSchema, ref } from './json-schema.ts'
import type { Part } from './part.ts'

const ACCEPTED = 'accepted'
const REFUSED = 'refused'

/** Where replies go: NATS makes a subject of its own for each request. */
export const replies: Part = {
  schemas: {},
  messages: {
    [ACCEPTED]: {
      name: ACCEPTED,
      title: 'The command is accepted: its events are in the log',
      contentType: 'application/json',
      payload: schemaRef('accepted'),
    },
    [REFUSED]: {
      name: REFUSED,
      title: 'The command is refused: nothing is stored',
      summary:
        'A problem document (RFC 9457). After a 503 it is not known: send it again with the same `Command-Id`.',
      contentType: 'application/json',
      headers: schemaRef('refusedHeaders'),
      payload: schemaRef('refused'),
    },
  },
  channels: {
    reply: {
      address: null,
      title: 'The inbox that a request names',
      messages: {
        [ACCEPTED]: ref(`components/messages/${ACCEPTED}`),
        [REFUSED]: ref(`components/messages/${REFUSED}`),
      },
    },
  },
  operations: {},
}

/** A command over NATS request/reply, or a transaction: on the wire they are the same. */
export function commandOf(aggregate: string, command: string, data: ZodType, title: string): Part {
  const name = `${aggregate}.${command}`
  const channel = `command.${name}`
  return {
    schemas: { [channel]: jsonSchema(data, 'input') },
    messages: {
      [channel]: {
        name,
        title,
        contentType: 'application/json',
        headers: schemaRef('commandHeaders'),
        payload: ref(`components/schemas/${channel}`),
      },
    },
    channels: {
      [channel]: {
        address: `hw.cmd.${aggregate}.{id}.${command}`,
        title,
        parameters: idParameter,
        messages: { [channel]: ref(`components/messages/${channel}`) },
        tags: [{ name: 'hw-commands' }],
      },
    },
    operations: {
      [name]: {
        action: 'receive',
        channel: ref(`channels/${channel}`),
        messages: [ref(`channels/${channel}/messages/${channel}`)],
        reply: {
          channel: ref('channels/reply'),
          messages: [ACCEPTED, REFUSED].map((one) => ref(`channels/reply/messages/${one}`)),
        },
      },
    },
  }
}
