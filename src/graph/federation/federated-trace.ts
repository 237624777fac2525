import type { GraphQLError, GraphQLSchema } from 'graphql/index.js'

/** With this value of it a gateway asks for a trace, in `extensions.ftv1`. */
const TRACE_HEADER = 'apollo-federation-include-trace'

/** Numbers of fields in the message `Trace`, and in those that it has in it. */
const TRACE = { end: 3, start: 4, duration: 11, root: 14 }
const TIMESTAMP = { seconds: 1, nanos: 2 }
const NODE = { error: 11 }
const ERROR = { message: 1, location: 2 }
const LOCATION = { line: 1, column: 2 }

export interface Traced {
  headers: Readonly<Record<string, unknown>>
  /** How long the request has taken so far, in milliseconds. */
  elapsedMs: number
  errors: readonly GraphQLError[]
}

/** Whether gateways send requests to it: clients are told nothing of how it fares. */
export const isTraced = (schema: GraphQLSchema): boolean =>
  schema.getQueryType()?.getFields()['_service'] !== undefined

/**
 * A federated trace of an operation: when it began and ended, and where its errors are. There are no times of single fields, as
 * for any operation that is compiled, and the texts of errors are not in it, for they may be meant for the log alone.
 *
 * https://www.apollographql.com/docs/graphos/routing/observability/federated-trace-data, and `reports.proto` in
 * https://github.com/apollographql/apollo-server/tree/main/packages/usage-reporting-protobuf
 *
 * @returns a `Trace` in base64; undefined when none was asked for
 */
export function federatedTrace({ headers, elapsedMs, errors }: Traced): string | undefined {
  if (headers[TRACE_HEADER] !== 'ftv1') return undefined
  const now = Date.now()
  const message = [
    ...bytes(TRACE.end, timestamp(now)),
    ...bytes(TRACE.start, timestamp(now - elapsedMs)),
    ...integer(TRACE.duration, Math.round(elapsedMs * 1e6)),
    ...bytes(
      TRACE.root,
      errors.flatMap((error) => bytes(NODE.error, traceError(error))),
    ),
  ]
  return Buffer.from(message).toString('base64')
}

function timestamp(ms: number): number[] {
  const seconds = Math.floor(ms / 1000)
  return [
    ...integer(TIMESTAMP.seconds, seconds),
    ...integer(TIMESTAMP.nanos, Math.floor((ms - seconds * 1000) * 1e6)),
  ]
}

function traceError({ locations = [] }: GraphQLError): number[] {
  return [
    ...bytes(ERROR.message, [...Buffer.from('<masked>')]),
    ...locations.flatMap(({ line, column }) =>
      bytes(ERROR.location, [...integer(LOCATION.line, line), ...integer(LOCATION.column, column)]),
    ),
  ]
}

/** https://protobuf.dev/programming-guides/encoding/: a field of the wire type VARINT. */
const integer = (field: number, value: number): number[] => [...varint(field << 3), ...varint(value)]

/** A field of the wire type LEN: a text, or a message in the message. */
const bytes = (field: number, value: readonly number[]): number[] => [
  ...varint((field << 3) | 2),
  ...varint(value.length),
  ...value,
]

/** Seven bits a byte, the lowest first. Not with the operators for bits, which know 32 of them. */
function varint(value: number): number[] {
  return value < 0x80 ? [value] : [(value % 0x80) | 0x80, ...varint(Math.floor(value / 0x80))]
}
