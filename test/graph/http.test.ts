import { auditServer } from 'graphql-http'
import { Script } from 'node:vm'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Servers, startServers } from './servers.ts'
import { openShop } from './shop.ts'

let servers: Servers
beforeAll(async () => void (servers = await startServers()))
afterAll(() => servers.stop())

const json = { 'content-type': 'application/json' }

async function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = json,
) {
  const response = await fetch(url, { method: 'POST', headers, body })
  return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
}

const codeOf = (body: string) => /"code":"(\w+)"/.exec(body)?.[1]

describe('/graphql', () => {
  it('follows GraphQL over HTTP: every audit of graphql-http passes', async () => {
    const { url } = await openShop(servers)
    const results = await auditServer({ url, fetchFn: fetch })
    const failed = results.filter(({ status }) => status !== 'ok')
    expect(failed.map(({ id, name, status }) => ({ id, name, status }))).toEqual([])
    expect(results).toHaveLength(61)
  })

  it('takes JSON in UTF-8 and nothing else, so that no page of another site can send commands', async () => {
    const { url } = await openShop(servers)
    const body = '{"query":"{ __typename }"}'
    const types = [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
      'application/graphql',
      'application/json; charset=utf-16',
      'application/jsonp',
    ]
    for (const type of types) {
      const refused = await post(url, body, { 'content-type': type })
      expect({ status: refused.status, code: codeOf(refused.body) }).toEqual({
        status: 415,
        code: 'UNSUPPORTED_MEDIA_TYPE',
      })
    }
    expect((await post(url, body, { 'content-type': 'Application/JSON; Charset="UTF-8"' })).status).toBe(200)
  })

  it('refuses a body that is too large, or no request', async () => {
    const { url } = await openShop(servers, { settings: { bodyLimit: 2000 } })
    const large = await post(url, JSON.stringify({ query: `{ __typename } # ${'x'.repeat(3000)}` }))
    expect({ status: large.status, code: codeOf(large.body) }).toEqual({
      status: 413,
      code: 'BODY_TOO_LARGE',
    })
    for (const body of [
      '',
      'null',
      '[]',
      '[{"query":"{ __typename }"}]',
      '"x"',
      '{',
      '{"query":7}',
      '{"query":"","variables":[]}',
    ]) {
      const refused = await post(url, body)
      expect({ body, status: refused.status, code: codeOf(refused.body) }).toEqual({
        body,
        status: 400,
        code: 'BAD_REQUEST',
      })
    }
  })

  it('answers in the type that the client prefers', async () => {
    const { url } = await openShop(servers)
    const types = {
      'application/graphql-response+json, application/json;q=0.9':
        'application/graphql-response+json; charset=utf-8',
      'application/json, application/graphql-response+json': 'application/json; charset=utf-8',
      'application/graphql-response+json;q=0.1, */*': 'application/json; charset=utf-8',
      'application/*': 'application/json; charset=utf-8',
    }
    for (const [accept, type] of Object.entries(types)) {
      expect((await post(url, '{"query":"{ __typename }"}', { ...json, accept })).type).toBe(type)
    }
    const refused = await post(url, '{"query":"{ __typename }"}', { ...json, accept: 'text/plain' })
    expect({ status: refused.status, code: codeOf(refused.body) }).toEqual({
      status: 406,
      code: 'NOT_ACCEPTABLE',
    })
  })

  it('answers queries over GET, and only queries', async () => {
    const { url } = await openShop(servers)
    const get = async (parameters: Record<string, string>) => {
      const response = await fetch(`${url}?${new URLSearchParams(parameters).toString()}`)
      return { status: response.status, allow: response.headers.get('allow'), body: await response.text() }
    }
    const variables = JSON.stringify({ name: 'Order' })
    const type = await get({ query: 'query ($name: String!) { __type(name: $name) { name } }', variables })
    expect(JSON.parse(type.body)).toEqual({ data: { __type: { name: 'Order' } } })
    const mutation = await get({ query: 'mutation { confirmOrder(id: "o-1") { version } }' })
    expect({ ...mutation, body: codeOf(mutation.body) }).toEqual({
      status: 405,
      allow: 'POST',
      body: 'METHOD_NOT_ALLOWED',
    })
    expect(
      (await get({ query: 'query A { __typename } mutation B { __typename }', operationName: 'B' })).status,
    ).toBe(405)
    expect(codeOf((await get({ query: 'query A { __typename } query B { __typename }' })).body)).toBe(
      'GRAPHQL_VALIDATION_FAILED',
    )
    expect((await get({ query: '{ __typename }', variables: '{' })).status).toBe(400)
    expect((await get({})).status).toBe(400)
  })

  it('knows no other methods', async () => {
    const { url } = await openShop(servers)
    const response = await fetch(url, { method: 'DELETE' })
    expect({ status: response.status, allow: response.headers.get('allow') }).toEqual({
      status: 405,
      allow: 'GET, POST',
    })
    expect(codeOf(await response.text())).toBe('METHOD_NOT_ALLOWED')
  })
})

describe('GraphiQL', () => {
  it('is one page with everything in it', async () => {
    const { url } = await openShop(servers)
    const response = await fetch(url.replace('/graphql', '/graphiql'))
    const html = await response.text()
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(response.headers.get('content-security-policy')).toContain("connect-src 'self'")
    expect(html).toMatch(/^\s*<!doctype html>/)
    expect(html).toContain('"endpoint":"/graphql"')
    expect(html.length).toBeGreaterThan(5_000_000)
    const scripts = [...html.matchAll(/<script([^>]*)>([\s\S]*?)<\/script>/g)]
    expect(scripts.length).toBeGreaterThan(0)
    for (const [, attributes, code = ''] of scripts) {
      expect(attributes).not.toContain('src')
      // Throws a SyntaxError when the bundle was cut off in its middle.
      expect(new Script(code)).toBeInstanceOf(Script)
    }
    const head =
      html.slice(0, html.indexOf('<style>')) +
      html.slice(html.lastIndexOf('</style>'), html.indexOf('<script>'))
    expect(head.replace(/href="data:[^"]*"/g, '')).not.toMatch(/\b(src|href)=/)
    expect(html.slice(html.indexOf('<style>'), html.indexOf('</style>'))).not.toMatch(
      /@import|url\(\s*["']?(https?:)?\/\//,
    )
  })

  it('comes to browsers at /graphql too, compressed, and is not sent twice', async () => {
    const { url } = await openShop(servers)
    const headers = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }
    const page = await fetch(url, { headers })
    expect(page.headers.get('content-encoding')).toBe('gzip')
    expect(await page.text()).toContain('<title>Headwater</title>')
    const again = await fetch(url, {
      headers: { ...headers, 'if-none-match': page.headers.get('etag') ?? '' },
    })
    expect(again.status).toBe(304)
    const query = await fetch(`${url}?query={__typename}`, { headers })
    expect(await query.json()).toEqual({ data: { __typename: 'Query' } })
  })

  it('is not there when it is off', async () => {
    const { url } = await openShop(servers, { settings: { graphiql: false } })
    expect((await fetch(url.replace('/graphql', '/graphiql'))).status).toBe(404)
    expect((await fetch(url, { headers: { accept: 'text/html' } })).status).toBe(406)
  })
})
