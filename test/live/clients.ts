import { type Client, createClient } from 'graphql-ws'
import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { until } from '../support/until.ts'

const Formatted = z.object({
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])).optional(),
  extensions: z.looseObject({ code: z.string() }).optional(),
})
const Result = z.object({
  data: z.record(z.string(), z.looseObject({})).nullish(),
  errors: z.array(Formatted).optional(),
})

/** The payload of a subscription's one field, with whatever was selected of it. */
const Payload = z.looseObject({
  type: z.enum(['STATE', 'EVENT', 'BOOKMARK']),
  cursor: z.string().nullish(),
  event: z.looseObject({ id: z.string(), version: z.number() }).nullish(),
  order: z.looseObject({}).nullish(),
})
export type Payload = z.output<typeof Payload>
export type GraphError = z.output<typeof Formatted>

/** What a client was told, in order. */
export interface Told {
  readonly payloads: Payload[]
  readonly errors: GraphError[]
  /** True when the server has said that there is no more. */
  readonly ended: boolean
  readonly lastCursor: string | undefined
  /** The ids of the events. */
  ids(): string[]
  /** Waits until so many payloads have come. */
  came(count: number): Promise<Payload[]>
  ending(): Promise<void>
  stop(): void
}

function recorder(stop: () => void) {
  const payloads: Payload[] = []
  const errors: GraphError[] = []
  let ended = false
  const told: Told = {
    payloads,
    errors,
    get ended() {
      return ended
    },
    get lastCursor() {
      return payloads.findLast(({ cursor }) => typeof cursor === 'string')?.cursor ?? undefined
    },
    ids: () => payloads.flatMap(({ event }) => event?.id ?? []),
    async came(count) {
      await until(
        `${count} payloads; there are ${payloads.length} and ${JSON.stringify(errors)}`,
        async () => payloads.length >= count,
      )
      return payloads
    },
    async ending() {
      await until('the end', async () => ended)
    },
    stop,
  }
  return {
    told,
    take: (result: unknown) => {
      const { data, errors: failures = [] } = Result.parse(result)
      errors.push(...failures)
      for (const payload of Object.values(data ?? {})) payloads.push(Payload.parse(payload))
    },
    fail: (failure: unknown) => {
      const parsed = z.array(Formatted).safeParse(failure)
      if (parsed.success) errors.push(...parsed.data)
      else errors.push({ message: `connection: ${String(failure)}` })
      ended = true
    },
    end: () => {
      ended = true
    },
  }
}

export type Variables = Record<string, unknown>

/**
 * A graphql-ws client that never connects again by itself.
 * @param sockets gets those that it opens, for a test to do to them what a network does
 */
export function wsClient(url: string, sockets: WebSocket[] = []): Client {
  class Observed extends WebSocket {
    constructor(address: string, protocol: string) {
      super(address, protocol)
      sockets.push(this)
    }
  }
  const client = createClient({ url, webSocketImpl: Observed, retryAttempts: 0, lazy: true })
  onTestFinished(async () => {
    await client.dispose()
  })
  return client
}

export function overWebSocket(client: Client, query: string, variables: Variables = {}): Told {
  let unsubscribe = () => undefined as void
  const { told, take, fail, end } = recorder(() => unsubscribe())
  unsubscribe = client.subscribe({ query, variables }, { next: take, error: fail, complete: end })
  return told
}

/** Over a connection of its own: fetch would keep one, with nothing on it, that a closing server waits a minute for. */
export function overEventStream(
  url: string,
  query: string,
  variables: Variables = {},
  headers: Record<string, string> = {},
): Told {
  const sending = request(url, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': 'application/json', accept: 'text/event-stream', ...headers },
  })
  const { told, take, fail, end } = recorder(() => sending.destroy())
  onTestFinished(() => void sending.destroy())

  function takeBlock(block: string): void {
    const [, kind = ''] = /^event: (\w+)$/m.exec(block) ?? []
    const [, data = ''] = /^data: (.*)$/m.exec(block) ?? []
    if (kind === 'next') take(JSON.parse(data))
    if (kind === 'complete') end()
  }

  sending.on('error', fail)
  sending.on('response', (response) => {
    const isStream = response.headers['content-type']?.startsWith('text/event-stream') === true
    let text = ''
    response.setEncoding('utf8').on('error', fail)
    response.on('data', (chunk: string) => {
      text += chunk
      const blocks = isStream ? text.split('\n\n') : [text]
      text = blocks.pop() ?? ''
      for (const block of blocks) takeBlock(block)
    })
    response.on('end', () => {
      if (!isStream) take(JSON.parse(text))
      if (!isStream) end()
      else if (!told.ended) fail('ended without complete')
    })
  })
  sending.end(JSON.stringify({ query, variables }))
  return told
}

export const ORDER_CHANGED = `subscription ($id: ID!, $after: Cursor) {
  orderChanged(id: $id, after: $after) { type cursor event { id type version } order { id status version total } }
}`
export const ORDERS_CHANGED = `subscription ($filter: OrderFilter, $after: Cursor) {
  ordersChanged(filter: $filter, after: $after) { type cursor event { id type version } order { id status version total } }
}`
export const EVENTS_OF = `subscription ($aggregate: String!, $id: ID, $after: Cursor, $fromStart: Boolean) {
  eventsOf(aggregate: $aggregate, id: $id, after: $after, fromStart: $fromStart) { type cursor aggregateId event { id type version } }
}`
