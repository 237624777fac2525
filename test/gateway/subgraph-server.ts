import { type ExecutionArgs, execute, parse, subscribe } from 'graphql/index.js'
import { useServer } from 'graphql-ws/use/ws'
import { once } from 'node:events'
import { type IncomingHttpHeaders, type IncomingMessage, type ServerResponse, createServer } from 'node:http'
import { type AddressInfo } from 'node:net'
import { WebSocketServer } from 'ws'
import { z } from 'zod'
import { type SubgraphDefinition, federatedSchema } from './federated-schema.ts'

const Body = z.object({ query: z.string(), variables: z.record(z.string(), z.unknown()).optional() })

export interface Asked extends z.output<typeof Body> {
  headers: IncomingHttpHeaders
}

type Handler = (request: IncomingMessage, response: ServerResponse) => void

export interface SubgraphServer {
  readonly url: string
  readonly host: string
  readonly sdl: string
  /** Is another subgraph from here on. */
  become(definition: SubgraphDefinition): void
  /** What it has been asked over HTTP, in order. */
  readonly asked: Asked[]
  /** Connections that have been made so far. */
  readonly connections: () => number
  /** Answers in its own way from here on; undefined: as it should. */
  behave(handler: Handler | undefined): void
  /** Waited for before each answer. */
  hold(wait: (() => Promise<void>) | undefined): void
  stop(): Promise<void>
}

const sent = (response: ServerResponse, body: unknown) =>
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))

/** A subgraph on real HTTP and WebSocket, executed by graphql-js. */
export async function startSubgraph(given: SubgraphDefinition): Promise<SubgraphServer> {
  let definition = given
  let schema = federatedSchema(definition)
  const asked: Asked[] = []
  let misbehaviour: Handler | undefined
  let wait: (() => Promise<void>) | undefined
  let connections = 0

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    const { query, variables = {} } = Body.parse(JSON.parse(Buffer.concat(chunks).toString()))
    asked.push({ query, variables, headers: request.headers })
    await wait?.()
    if (misbehaviour) return misbehaviour(request, response)
    sent(response, await execute({ schema, document: parse(query), variableValues: variables }))
  }

  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) =>
      sent(response, { errors: [{ message: String(error) }] }),
    )
  })
  server.on('connection', () => void connections++)
  const sockets = new WebSocketServer({ server })
  const closing = new AbortController()
  const operations = useServer(
    {
      schema: () => schema,
      subscribe: async (args: ExecutionArgs) => {
        const left = new AbortController()
        const events = await subscribe({
          ...args,
          contextValue: { signal: AbortSignal.any([left.signal, closing.signal]) },
        })
        return Symbol.asyncIterator in events ? leaving(events, () => left.abort()) : events
      },
    },
    sockets,
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const host = `127.0.0.1:${portOf(server.address())}`
  return {
    url: `http://${host}/graphql`,
    host,
    get sdl() {
      return definition.sdl
    },
    become(other) {
      schema = federatedSchema(other)
      definition = other
    },
    asked,
    connections: () => connections,
    behave: (handler) => void (misbehaviour = handler),
    hold: (given) => void (wait = given),
    async stop() {
      closing.abort()
      await operations.dispose()
      sockets.close()
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** The same events; `leave` is called when whoever takes them is gone. */
function leaving<Event>(events: AsyncGenerator<Event, void, void>, leave: () => void) {
  const wrapped: AsyncGenerator<Event, void, void> = {
    next: () => events.next(),
    return() {
      leave()
      return events.return()
    },
    throw: (error) => events.throw(error),
    [Symbol.asyncIterator]: () => wrapped,
    [Symbol.asyncDispose]: () => events[Symbol.asyncDispose](),
  }
  return wrapped
}

function portOf(address: AddressInfo | string | null): number {
  if (typeof address !== 'object' || address === null) throw new Error('not listening')
  return address.port
}
