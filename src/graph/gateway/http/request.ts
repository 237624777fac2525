import { randomUUID } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { type Identify, anonymous } from '../../context/identify.ts'
import type { GatewayRequest, Resolution } from '../subgraph.ts'

export interface RequestOptions {
  /** The client's headers that subgraphs get, in lower case. */
  readonly forwardHeaders: readonly string[]
  readonly identify?: Identify
}

/** A request as its answer tells of it. */
export interface TracedRequest extends GatewayRequest {
  /** What `resolved` has heard. */
  readonly resolutions: readonly Resolution[]
}

export interface RequestOrigin {
  readonly id?: string
  readonly headers: IncomingHttpHeaders
  readonly signal: AbortSignal
}

/** More of them say no more: an operation with this many fetches is seen through by its first ones. */
const MAX_RESOLUTIONS = 1000

/** Makes out of an HTTP request what the gateway has to know of it. Rejects with what `identify` throws. */
export type RequestReader = (origin: RequestOrigin) => Promise<TracedRequest>

export function createRequestReader({ forwardHeaders, identify = anonymous }: RequestOptions): RequestReader {
  return async ({ id = randomUUID(), headers, signal }) => {
    const forwarded: Record<string, string> = {}
    for (const name of forwardHeaders) {
      const value = headers[name]
      if (value !== undefined) forwarded[name] = Array.isArray(value) ? value.join(', ') : value
    }
    const resolutions: Resolution[] = []
    return {
      id,
      headers: forwarded,
      caller: await identify(headers),
      signal,
      resolutions,
      resolved: (resolution) => void (resolutions.length < MAX_RESOLUTIONS && resolutions.push(resolution)),
    }
  }
}
