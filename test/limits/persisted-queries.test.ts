import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { persisted, serve } from './serving.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const QUERY = 'query Hello { hello }'
const hash = sha256(QUERY)
const inUrl = (extensions: object) => ({ extensions: JSON.stringify(extensions) })
const world = { status: 200, data: { hello: 'world' } }
const refusal = (code: string, message?: string) => ({
  status: 400,
  data: undefined,
  extensions: { code, status: 400 },
  ...(message !== undefined && { message }),
})

it('a client sends the hash, then once the text with it, and from then on the hash alone: over POST', async () => {
  const { post, get } = await serve()
  const extensions = persisted(hash)
  for (const accept of ['application/json', 'application/graphql-response+json'])
    expect(await post({ extensions }, accept)).toMatchObject({
      message: 'PersistedQueryNotFound',
      status: 400,
      extensions: { code: 'PERSISTED_QUERY_NOT_FOUND', status: 400, measured: hash },
    })
  expect(await post({ query: QUERY, extensions })).toMatchObject(world)
  for (let run = 0; run < 3; run++) expect(await post({ extensions })).toMatchObject(world)
  expect(await post({ extensions, query: '', operationName: 'Hello' })).toMatchObject(world)
  expect(await get(inUrl(extensions))).toMatchObject(world)
  expect(await get({ documentId: `sha256:${hash}` })).toMatchObject(world)
})

it('over GET as well, also for a browser that would get GraphiQL', async () => {
  const { get, url } = await serve()
  expect(await get(inUrl(persisted(hash)))).toMatchObject(refusal('PERSISTED_QUERY_NOT_FOUND'))
  expect(await get({ query: QUERY, ...inUrl(persisted(hash)) })).toMatchObject(world)
  expect(await get(inUrl(persisted(hash)))).toMatchObject(world)
  const page = await fetch(`${url}?${new URLSearchParams(inUrl(persisted(hash)))}`, {
    headers: { accept: 'text/html, */*' },
  })
  expect(await page.json()).toEqual({ data: { hello: 'world' } })
})

it('a GET by hash runs no mutation', async () => {
  const { get, post } = await serve()
  const query = 'mutation { change { id } }'
  const extensions = persisted(sha256(query))
  expect(await post({ query, extensions })).toMatchObject({ status: 200 })
  expect(await get(inUrl(extensions))).toMatchObject({
    status: 405,
    extensions: { code: 'METHOD_NOT_ALLOWED' },
  })
})

it('a text of another hash is refused, and not kept', async () => {
  const { post } = await serve()
  const extensions = persisted(sha256('{ other }'))
  const refused = await post({ query: QUERY, extensions })
  expect(refused).toMatchObject(refusal('PERSISTED_QUERY_MISMATCH', 'provided sha does not match query'))
  expect(refused.extensions).toMatchObject({ measured: hash })
  expect(await post({ extensions })).toMatchObject(refusal('PERSISTED_QUERY_NOT_FOUND'))
})

it('a text that is registered keeps to the limits', async () => {
  const { post } = await serve({ depth: 1 })
  const query = '{ row { id } }'
  const extensions = persisted(sha256(query))
  expect(await post({ query, extensions })).toMatchObject({
    status: 400,
    extensions: { code: 'QUERY_TOO_DEEP' },
  })
  expect(await post({ extensions })).toMatchObject({ status: 400, extensions: { code: 'QUERY_TOO_DEEP' } })
})

it('what is kept has bounds: none that is very long, and not more than a thousand', async () => {
  const { post } = await serve()
  const register = async (query: string) => {
    expect(await post({ query, extensions: persisted(sha256(query)) })).toMatchObject(world)
    return { extensions: persisted(sha256(query)) }
  }
  const long = await register(`{ hello } # ${'x'.repeat(60_000)}`)
  expect(await post(long)).toMatchObject(refusal('PERSISTED_QUERY_NOT_FOUND'))
  const first = await register('{ hello }')
  expect(await post(first)).toMatchObject(world)
  for (let round = 0; round < 10; round++)
    await Promise.all(Array.from({ length: 100 }, (_, n) => register(`{ hello } # ${round} ${n}`)))
  expect(await post(first)).toMatchObject(refusal('PERSISTED_QUERY_NOT_FOUND'))
})

it.each([
  { persistedQuery: { version: 1 } },
  { persistedQuery: { version: 1, sha256Hash: 7 } },
  { persistedQuery: { version: 1, sha256Hash: null } },
])('a hash is a text: %j', async (extensions) => {
  const { post } = await serve()
  expect(await post({ extensions })).toMatchObject({ status: 400, extensions: { code: 'BAD_REQUEST' } })
})

it('another version of the protocol is not supported', async () => {
  const { post } = await serve()
  for (const persistedQuery of [{ version: 2, sha256Hash: hash }, { sha256Hash: hash }, 'x'])
    expect(await post({ extensions: { persistedQuery } })).toMatchObject(
      refusal('PERSISTED_QUERY_NOT_SUPPORTED'),
    )
  const { extensions } = await post({ extensions: { persistedQuery: { version: 2, sha256Hash: hash } } })
  expect(extensions).toMatchObject({ measured: 2 })
})

it('of an id that is no hash, the beginning is said back, however long it is', async () => {
  const { post } = await serve()
  const { extensions } = await post({ documentId: 'x'.repeat(50_000) })
  expect(extensions).toEqual({
    code: 'PERSISTED_QUERY_NOT_FOUND',
    status: 400,
    measured: 'x'.repeat(128),
  })
})

it('switched off, a hash alone is not supported; a text is run', async () => {
  const { post } = await serve({ persistedQueries: 'off' })
  expect(await post({ extensions: persisted(hash) })).toMatchObject(
    refusal('PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported'),
  )
  const refused = await post({ documentId: hash })
  expect(refused).toMatchObject(refusal('PERSISTED_QUERY_NOT_SUPPORTED'))
  expect(refused.extensions).toMatchObject({ measured: hash })
  expect(await post({ query: QUERY, extensions: persisted(hash) })).toMatchObject(world)
})
