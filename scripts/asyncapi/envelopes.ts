import { type JsonSchema, instant, object, ref, text, whole } from './json-schema.ts'

const id = { type: 'string', pattern: '^[A-Za-z0-9_-]{1,128}$' } satisfies JsonSchema
const traceparent = text('https://www.w3.org/TR/trace-context/#traceparent-header')

/** The attributes that every event in the log has; docs/errors.md and README tell of the rest. */
const cloudEvent = object(
  {
    specversion: { const: '1.0' },
    id: text('Unique.'),
    source: text('`/<namespace>/<context>/<aggregate>`'),
    type: text(),
    subject: { ...id, description: "The aggregate's id." },
    time: instant('When it happened in the business, in UTC.'),
    datacontenttype: { const: 'application/json' },
    sequence: whole(1, "The aggregate's version after this event: 1, 2, 3 … without a gap."),
    dataversion: whole(1, 'The version of the schema that `data` was written with.'),
    correlationid: text('What all that followed from one request has in common.'),
    causationid: text('What made it happen: a command, or another event.'),
    commandid: text('The command that it was decided by.'),
    traceparent,
    data: {},
  },
  [
    'specversion',
    'id',
    'source',
    'type',
    'subject',
    'time',
    'datacontenttype',
    'sequence',
    'dataversion',
    'correlationid',
    'causationid',
    'commandid',
    'data',
  ],
)

const commitHeaders = object(
  {
    'Content-Type': { const: 'application/cloudevents-batch+json' },
    'Nats-Msg-Id': text('Of the commit.'),
    'Nats-Expected-Last-Subject-Sequence': text(
      "The sequence of the aggregate's commit before this one; 0 for the first.",
    ),
  },
  ['Content-Type', 'Nats-Msg-Id'],
)

const feedHeaders = object(
  {
    'Content-Type': { const: 'application/json' },
    'Nats-Msg-Id': text('That of the event: a message that comes twice has it twice.'),
    'ce-specversion': { const: '1.0' },
    'ce-id': text('Unique.'),
    'ce-source': text('`/<namespace>/<context>/<aggregate>`'),
    'ce-type': text('The public type.'),
    'ce-subject': { ...id, description: "The aggregate's id." },
    'ce-time': instant('When it happened in the business, in UTC.'),
    'ce-sequence': text(
      "The aggregate's version after the event. There are gaps: not every event is public.",
    ),
    'ce-correlationid': text(),
    'ce-causationid': text(),
    'ce-dataversion': text('Of data that is as it stands in the log: the version of its schema.'),
    'ce-traceparent': traceparent,
    'Headwater-Position': text('Where the event stands in the log of its context: `ORDERS 42`.'),
    'Headwater-Epoch': text('How often somebody has said anew where publishing goes on; absent for never.'),
  },
  [
    'Content-Type',
    'Nats-Msg-Id',
    'ce-specversion',
    'ce-id',
    'ce-source',
    'ce-type',
    'ce-subject',
    'ce-time',
    'ce-sequence',
    'Headwater-Position',
  ],
)

const commandHeaders = object(
  {
    'Command-Id': text(
      '1 to 200 visible ASCII characters. The same again gets the first answer, and does nothing twice.',
    ),
    'Correlation-Id': text('The `Command-Id` unless given.'),
    'Causation-Id': text('The `Command-Id` unless given.'),
    'Expected-Version': {
      type: 'string',
      pattern: '^\\d{1,15}$',
      description: 'Refuse it unless the aggregate has this version; 0: no events.',
    },
    'Occurred-At': instant('Business time of imported facts; now unless given.'),
    Wait: { const: 'completed', description: 'Of the start of a saga: answer when it has ended.' },
    traceparent,
  },
  [],
)

const position = object({ stream: text(), sequence: whole(0) }, ['stream', 'sequence'])
const event = object(
  { id: text(), type: text(), version: whole(1), time: instant('When it happened in the business, in UTC.') },
  ['id', 'type', 'version', 'time'],
)

const accepted = object(
  {
    ok: { const: true },
    aggregate: text(),
    id,
    version: whole(0, "The aggregate's version after the command."),
    position: { ...position, description: 'Where its events stand in the log.' },
    events: { type: 'array', items: event },
    duplicate: {
      type: 'boolean',
      description: 'This command id was accepted before: the first answer again.',
    },
    saga: { ...object({ status: text() }, ['status']), description: 'Of a saga that was waited for.' },
  },
  ['ok', 'aggregate', 'id', 'version', 'position', 'events', 'duplicate'],
)

const refused = object(
  {
    ok: { const: false },
    status: whole(400, 'As in HTTP.'),
    code: { type: 'string', pattern: '^[A-Z][A-Z0-9_]*$', description: 'Stable; docs/errors.md lists them.' },
    title: text(),
    detail: text('What was wrong and what to do, for a person.'),
    errors: { type: 'array', items: object({ path: text(), message: text() }, ['path', 'message']) },
    retryAfterMs: whole(0, 'When the same command is worth another try, in milliseconds.'),
    actualVersion: whole(0, 'With WRONG_EXPECTED_VERSION: the version that the aggregate has.'),
    saga: {
      ...object({ status: text(), step: text(), compensated: { type: 'array', items: text() } }, [
        'status',
        'compensated',
      ]),
      description: 'Of a saga that was waited for and did not complete.',
    },
  },
  ['ok', 'status', 'code', 'title', 'detail', 'errors'],
)

const refusedHeaders = object(
  { 'Nats-Service-Error-Code': text('The status.'), 'Nats-Service-Error': text('The code.') },
  ['Nats-Service-Error-Code', 'Nats-Service-Error'],
)

/** What is the same for all events and commands. */
export const schemas = {
  cloudEvent,
  commitHeaders,
  feedHeaders,
  commandHeaders,
  accepted,
  refused,
  refusedHeaders,
}

export const schemaRef = (name: keyof typeof schemas) => ref(`components/schemas/${name}`)

/** The parameter of every address. */
export const idParameter = {
  id: { description: "The aggregate's id: 1 to 128 characters out of `A-Z a-z 0-9 _ -`." },
}
