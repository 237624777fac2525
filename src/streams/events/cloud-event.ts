/**
 * An event as it stands in the log: a CloudEvent 1.0 in JSON format, with Headwater's extensions.
 * https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md
 */
export interface CloudEvent {
  specversion: '1.0'
  id: string
  /** `/<namespace>/<context>/<aggregate>` */
  source: string
  type: string
  /** The aggregate's id. */
  subject: string
  /** ISO 8601 in UTC, milliseconds: when it happened in the business; when it was recorded is the message's own time. */
  time: string
  datacontenttype: 'application/json'
  /** The aggregate's version after this event: 1, 2, 3 … without a gap. */
  sequence: number
  /** The version of the schema that `data` was written with. */
  dataversion: number
  correlationid: string
  causationid: string
  commandid: string
  traceparent?: string
  data: unknown
}

export const COMMIT_CONTENT_TYPE = 'application/cloudevents-batch+json'
