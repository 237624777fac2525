import type { FastifyReply, FastifyRequest } from 'fastify'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'

interface Page {
  html: string
  compressed: Buffer
  etag: string
}

/** The page has everything in it; should it ever ask for something from elsewhere, the browser refuses. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'unsafe-inline' 'unsafe-eval' blob:",
  'worker-src blob:',
  "style-src 'unsafe-inline'",
  'img-src data:',
  'font-src data:',
  "connect-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const DEFAULT_QUERY = `# Current state and how it came about, in one query.
query Order($id: ID!) {
  order(id: $id) {
    id
    status
    total
    statusHistory { status at version }
    allEvents { nodes { type version time data } }
  }
}
`

let page: Promise<Page> | undefined

/**
 * Answers with the GraphiQL page. It comes out of the npm package, 9 MB in one piece, and needs no other server; it is
 * loaded and compressed for the first one who asks.
 */
export async function sendGraphiql(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
  const { html, compressed, etag } = await (page ??= render())
  reply
    .header('content-security-policy', CONTENT_SECURITY_POLICY)
    .header('x-content-type-options', 'nosniff')
    .header('referrer-policy', 'no-referrer')
    .header('cache-control', 'no-cache')
    .header('vary', 'accept, accept-encoding')
    .header('etag', etag)
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  reply.type('text/html; charset=utf-8')
  const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
  return takesGzip ? reply.header('content-encoding', 'gzip').send(compressed) : reply.send(html)
}

async function render(): Promise<Page> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql')
  const html = renderGraphiQL({ title: 'Headwater', endpoint: '/graphql', defaultQuery: DEFAULT_QUERY })
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`
  return { html, compressed: await promisify(gzip)(html), etag }
}
