import type { Aggregate } from '../../src/commands/definition/define-aggregate.ts'
import type { FeedDefinition } from '../../src/feed/define-feed.ts'
import type { EventDefinition } from '../../src/streams/events/event-types.ts'
import { idParameter, schemaRef } from './envelopes.ts'
import { type JsonSchema, jsonSchema, ref } from './json-schema.ts'
import type { Part } from './part.ts'

const stored = (event: EventDefinition): { version: number; data: JsonSchema } =>
  'upcast' in event
    ? { version: event.version, data: jsonSchema(event.schema, 'output') }
    : { version: 1, data: jsonSchema(event, 'output') }

/** The log of an aggregate: a message is a commit, with one event or more. */
export function logOf({ name, events }: Aggregate, stream: string): Part {
  const own = Object.entries(events).map(([type, event]) => {
    const { version, data } = stored(event)
    const properties = { type: { const: type }, dataversion: { type: 'integer', maximum: version }, data }
    return [`${name}.${type}`, { title: type, allOf: [schemaRef('cloudEvent'), { properties }] }] as const
  })
  const payload = {
    type: 'array',
    minItems: 1,
    items: { oneOf: own.map(([key]) => ref(`components/schemas/${key}`)) },
  }
  const channel = `log.${name}`
  return {
    schemas: Object.fromEntries(own),
    messages: {
      [channel]: {
        name: channel,
        title: `A commit of ${name}`,
        summary: `What one command, or several that waited together, made happen to a ${name}: all of it or nothing.`,
        contentType: 'application/cloudevents-batch+json',
        headers: schemaRef('commitHeaders'),
        payload,
      },
    },
    channels: {
      [channel]: {
        address: `hw.evt.${name}.{id}`,
        title: `The log of ${name}`,
        description: `In the JetStream stream \`${stream}\`. Older events have the shape of their \`dataversion\`.`,
        parameters: idParameter,
        messages: { [channel]: ref(`components/messages/${channel}`) },
        tags: [{ name: stream }],
      },
    },
    operations: {
      [`append.${name}`]: {
        action: 'send',
        channel: ref(`channels/${channel}`),
        messages: [ref(`channels/${channel}/messages/${channel}`)],
      },
    },
  }
}

/** What is public of an aggregate: a message is an event. */
export function feedOf({ from, publications }: FeedDefinition): Part[] {
  return Array.from(publications, ([type, { as, schema, isAsItIs }]): Part => {
    const event = from.events[type]
    const own = isAsItIs && event ? stored(event).data : { type: 'object' }
    const channel = `feed.${as}`
    return {
      schemas: { [channel]: schema ? jsonSchema(schema, 'output') : own },
      messages: {
        [channel]: {
          name: as,
          title: as,
          contentType: 'application/json',
          headers: {
            allOf: [schemaRef('feedHeaders'), { properties: { 'ce-type': { const: as } } }],
          },
          payload: ref(`components/schemas/${channel}`),
        },
      },
      channels: {
        [channel]: {
          address: `hw.feed.${as}.{id}`,
          title: `Public: ${as}`,
          description: `In the JetStream stream \`FEED\`. Of \`${type}\` in the log of ${from.name}.`,
          parameters: idParameter,
          messages: { [channel]: ref(`components/messages/${channel}`) },
          tags: [{ name: 'FEED' }],
        },
      },
      operations: {
        [`publish.${as}`]: {
          action: 'send',
          channel: ref(`channels/${channel}`),
          messages: [ref(`channels/${channel}/messages/${channel}`)],
        },
      },
    }
  })
}
