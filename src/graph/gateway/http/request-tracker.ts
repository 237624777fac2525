import type { FastifyReply, FastifyRequest } from 'fastify'
import { abandonment } from './abort.ts'
import {
  type RequestOptions,
  type RequestReader,
  type TracedRequest,
  createRequestReader,
} from './request.ts'

/** A request over HTTP, from its headers on. */
export interface PendingRequest {
  readonly signal: AbortSignal
  /** Once it is known who asks. */
  request: TracedRequest | undefined
  /** How far the projections were that subgraphs have read, by name. */
  projections: Readonly<Record<string, unknown>> | undefined
}

/** What a gateway knows of the requests that it answers, whichever engine does. */
export interface RequestTracker {
  /** For those that do not come over Mercurius' route as well. */
  readonly read: RequestReader
  /** From here on the client may go away, and the time runs. */
  begin(request: FastifyRequest, reply: FastifyReply): void
  of(request: FastifyRequest): PendingRequest | undefined
  /** Reads the headers. Answers what resolvers get: nothing, since none of ours are called. */
  context(request: FastifyRequest): Promise<object>
  /** `extensions.headwater` of the answer; nothing when undefined. */
  report(request: FastifyRequest): Record<string, unknown> | undefined
}

export interface TrackerOptions {
  /** How long a whole operation may take, in milliseconds. */
  timeoutMs: number
  /** Tells which step served what. */
  debug: boolean
  /** Tells how far the projections were. */
  explain: boolean
}

export function createRequestTracker(
  reading: RequestOptions,
  { timeoutMs, debug, explain }: TrackerOptions,
): RequestTracker {
  const read = createRequestReader(reading)
  const pending = new WeakMap<FastifyRequest, PendingRequest>()

  return {
    read,
    begin(request, { raw }) {
      const signal = abandonment(raw, timeoutMs)
      pending.set(request, { signal, request: undefined, projections: undefined })
    },
    of: (request) => pending.get(request),
    async context(request) {
      const { id, headers } = request
      const known = pending.get(request)
      if (known) known.request = await read({ id, headers, signal: known.signal })
      return {}
    },
    report(request) {
      const known = pending.get(request)
      const projections = explain ? known?.projections : undefined
      const resolution = debug ? known?.request?.resolutions : undefined
      if (!projections && !resolution) return undefined
      return { ...(projections && { projections }), ...(resolution && { resolution }) }
    },
  }
}
