import { Pool } from 'undici'
import { SubgraphError } from '../errors.ts'
import type { Subgraph, SubgraphOperation, SubgraphRequest, SubgraphResult } from '../subgraph.ts'
import { basicAuthorization } from './basic-authorization.ts'
import { readResult } from './graphql-response.ts'
import { createRedactor } from './redact.ts'
import { type HttpResponse, RequestAbandonedError, send } from './send.ts'
import { subscribeOver } from './ws-subscription.ts'

export interface HttpSubgraphOptions {
  readonly name: string
  readonly url: string
  /** For subscriptions; the same with ws or wss unless given. */
  readonly subscriptionsUrl?: string
  /** For the whole of a request, 10 s unless given. */
  readonly timeoutMs?: number
  /** 64 MiB unless given. */
  readonly maxResponseBytes?: number
  /** At a time; what comes more waits for one to be free, no longer than its time-out. 64 unless given. */
  readonly connections?: number
  /** Subscriptions at a time, each with a connection of its own. 1,000 unless given. */
  readonly maxSubscriptions?: number
}

const BASE_HEADERS = [
  'content-type',
  'application/json',
  'accept',
  'application/graphql-response+json, application/json',
] as const

/**
 * A subgraph that is asked over HTTP (https://graphql.github.io/graphql-over-http/draft/), and over WebSocket for
 * subscriptions. Connections are kept; redirects are not followed.
 *
 * @throws TypeError when the URL is none of HTTP
 */
export function createHttpSubgraph({
  name,
  url: given,
  subscriptionsUrl,
  timeoutMs = 10_000,
  maxResponseBytes: maxBytes = 64 * 1024 * 1024,
  connections = 64,
  maxSubscriptions = 1000,
}: HttpSubgraphOptions): Subgraph {
  const url = httpUrl(name, given)
  const path = `${url.pathname}${url.search}`
  const login = basicAuthorization(url)
  const authorization = login === undefined ? [] : ['authorization', login]
  const pool = new Pool(url.origin, {
    connections,
    connectTimeout: timeoutMs,
    headersTimeout: 0,
    bodyTimeout: 0,
  })
  const redact = createRedactor(url, name)
  const bodyOf = rememberedBodies()
  const socketUrl = subscriptionsUrl ?? url.href.replace(/^http/, 'ws')
  let subscriptions = 0

  async function ask({ operation, variables, request }: SubgraphRequest): Promise<HttpResponse> {
    const { signal } = request
    const body = `${bodyOf(operation)}${JSON.stringify(variables)}}`
    const headers = [...BASE_HEADERS, ...authorization, ...Object.entries(request.headers).flat()]
    const options = { path, method: 'POST', headers, body } as const
    return await send(pool, options, { maxBytes, timeoutMs, signal })
  }

  return {
    name,
    async execute(asked): Promise<SubgraphResult> {
      try {
        return redact(readResult(await ask(asked)))
      } catch (cause) {
        const isLate = cause instanceof RequestAbandonedError
        throw new SubgraphError(name, isLate ? 'SUBGRAPH_TIMEOUT' : 'SUBGRAPH_UNAVAILABLE', cause)
      }
    },
    async *subscribe(asked) {
      if (subscriptions >= maxSubscriptions) throw new SubgraphError(name, 'SUBGRAPH_UNAVAILABLE')
      subscriptions++
      try {
        const { headers } = asked.request
        const options = { name, url: socketUrl, headers, timeoutMs, maxMessageBytes: maxBytes }
        for await (const result of subscribeOver(options, asked)) yield redact(result)
      } finally {
        subscriptions--
      }
    },
    close: () => pool.close(),
  }
}

/** The part of a request's body that is always the same. */
function rememberedBodies(): (operation: SubgraphOperation) => string {
  const bodies = new WeakMap<SubgraphOperation, string>()
  return (operation) => {
    const known = bodies.get(operation)
    if (known !== undefined) return known
    const { text: query, name: operationName } = operation
    const body = `${JSON.stringify({ query, operationName }).slice(0, -1)},"variables":`
    bodies.set(operation, body)
    return body
  }
}

function httpUrl(name: string, given: string): URL {
  if (!URL.canParse(given)) throw new TypeError(`The URL of the subgraph ${name} is none`)
  const url = new URL(given)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new TypeError(`The URL of the subgraph ${name} has to begin with http:// or https://`)
  }
  return url
}
