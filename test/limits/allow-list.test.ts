import { createHash } from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { readManifest } from '../../src/graph/limits/manifest.ts'
import { persisted, serve } from './serving.ts'

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const HELLO = 'query Hello { hello }'
const DEEP = '{ row { parent { id } } }'
const hash = sha256(HELLO)
const world = { status: 200, data: { hello: 'world' } }

async function manifest(content: unknown): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-manifest-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'operations.json')
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content))
  return path
}

const serveOnly = async (content: unknown, limits = {}) =>
  await serve({
    persistedQueries: 'only',
    operations: await readManifest(await manifest(content)),
    ...limits,
  })

const apollo = {
  format: 'apollo-persisted-query-manifest',
  version: 1,
  operations: [{ id: hash, name: 'Hello', type: 'query', body: HELLO }],
}

it.each([
  ['ids and texts', { [hash]: HELLO }],
  ['Apollo’s manifest', apollo],
])('only what is listed is run, by id or by text: %s', async (_, content) => {
  const { post, get } = await serveOnly(content)
  for (const parameters of [
    { query: HELLO },
    { id: hash },
    { documentId: hash },
    { documentId: `sha256:${hash}` },
    { extensions: persisted(hash) },
    { query: HELLO, extensions: persisted(hash) },
    { documentId: hash, operationName: 'Hello' },
  ])
    expect(await post(parameters)).toMatchObject(world)
  expect(await get({ id: hash })).toMatchObject(world)
  for (const accept of ['application/json', 'application/graphql-response+json'])
    expect(await post({ query: `${HELLO} ` }, accept)).toMatchObject({
      status: 400,
      extensions: { code: 'OPERATION_NOT_ALLOWED', status: 400, measured: sha256(`${HELLO} `) },
    })
})

it('what is not listed cannot be registered', async () => {
  const { post } = await serveOnly({ [hash]: HELLO })
  const query = '{ hello }'
  const extensions = persisted(sha256(query))
  expect(await post({ query, extensions })).toMatchObject({
    status: 400,
    extensions: { code: 'OPERATION_NOT_ALLOWED' },
  })
  expect(await post({ extensions })).toMatchObject({
    status: 400,
    extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
  })
  expect(await post({ query: HELLO, extensions })).toMatchObject({
    status: 400,
    extensions: { code: 'PERSISTED_QUERY_MISMATCH' },
  })
  for (const parameters of [{ id: '__proto__' }, { documentId: 'toString' }, { id: sha256('') }])
    expect(await post(parameters)).toMatchObject({
      status: 400,
      extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
    })
})

it('introspection is refused like anything else, unless it is listed', async () => {
  const query = '{ __schema { queryType { name } } }'
  expect(await (await serveOnly({ [hash]: HELLO })).post({ query })).toMatchObject({
    status: 400,
    extensions: { code: 'OPERATION_NOT_ALLOWED' },
  })
  expect(await (await serveOnly({ schema: query })).post({ query })).toMatchObject({ status: 200 })
})

it('ids may be any names, and what is listed keeps to the limits', async () => {
  const { post } = await serveOnly({ hello: HELLO, deep: DEEP }, { depth: 2 })
  expect(await post({ id: 'hello' })).toMatchObject(world)
  expect(await post({ id: 'deep' })).toMatchObject({ status: 400, extensions: { code: 'QUERY_TOO_DEEP' } })
})

it.each([
  ['is not JSON', '{'],
  ['must be {"<id>": "<text>"}', ['query']],
  ['must be {"<id>": "<text>"}', { format: 'apollo-persisted-query-manifest', version: 2, operations: [] }],
  ['has an operation that was changed', { [hash]: `${HELLO}\n` }],
])('a manifest that cannot be used says why: %s', async (why, content) => {
  const path = await manifest(content)
  await expect(readManifest(path)).rejects.toMatchObject({
    code: 'INVALID_MANIFEST',
    message: expect.stringContaining(`The operation manifest ${path} ${why}`),
  })
})

it('nor can one that is not there', async () => {
  await expect(readManifest('/nowhere/operations.json')).rejects.toThrow(
    '/nowhere/operations.json cannot be read',
  )
})
