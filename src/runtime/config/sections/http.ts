import { z } from 'zod'
import { KB, MB } from '../bytes.ts'
import { bytes, flag, host, integer, port } from '../kinds.ts'

export const http = z
  .strictObject({
    host: host('The address the HTTP server listens on; 0.0.0.0 or :: for every one.').default('127.0.0.1'),
    port: port('The port of GraphQL and health; 0 takes any free one.').default(4000),
    graphiql: flag('Serve the GraphiQL page for browsers.', { productionDefault: false }).default(true),
    bodyLimit: bytes('The largest request body, in bytes.', KB, 64 * MB).default(MB),
    requestTimeoutMs: integer(
      'How long a request may take to arrive, its body included, in milliseconds; then its connection ends.',
      100,
      3_600_000,
    ).default(30_000),
    maxConnections: integer(
      'The most connections, WebSocket and SSE among them; one more is closed at once.',
      1,
      1_000_000,
    ).default(25_000),
  })
  .describe('The HTTP server: GraphQL and health.')
