import { z } from 'zod'
import { KB, MB } from '../bytes.ts'
import { bytes, flag, host, port } from '../kinds.ts'

export const http = z
  .strictObject({
    host: host('The address the HTTP server listens on; 0.0.0.0 or :: for every one.').default('127.0.0.1'),
    port: port('The port of GraphQL and health; 0 takes any free one.').default(4000),
    graphiql: flag('Serve the GraphiQL page for browsers.', { productionDefault: false }).default(true),
    bodyLimit: bytes('The largest request body, in bytes.', KB, 64 * MB).default(MB),
  })
  .describe('The HTTP server: GraphQL and health.')
