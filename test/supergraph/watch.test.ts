import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished } from 'vitest'
import { customerGraph } from '../../src/domains/customers/graph.ts'
import { productGraph } from '../../src/domains/inventory/graph.ts'
import { composeSubgraph } from '../../src/graph/compose.ts'
import { CompositionError } from '../../src/graph/supergraph/errors.ts'
import { composeSupergraph } from '../../src/graph/supergraph/compose-supergraph.ts'
import { schemaMemory } from '../../src/graph/supergraph/schema-memory.ts'
import { remoteSchema, schemaFile } from '../../src/graph/supergraph/schema-source.ts'
import { type SupergraphWatch, watchSupergraph } from '../../src/graph/supergraph/watch-supergraph.ts'
import { keepingLogger } from '../embedded/support.ts'

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key", "@shareable"])'
const people = `${LINK} type Query { person(id: ID!): Person } type Person @key(fields: "id") { id: ID! name: String }`
const ages = `${LINK} type Query { oldest: Person } type Person @key(fields: "id") { id: ID! age: Int }`
const clash = `${LINK} type Query { oldest: Person } type Person @key(fields: "id") { id: ID! name: String }`

/** A subgraph that tells a schema, which can be changed, and can be away. */
async function subgraph(sdl: string) {
  const told = { sdl, status: 200 }
  const server = createServer((_, response) => {
    response.statusCode = told.status
    response.end(JSON.stringify({ data: { _service: { sdl: told.sdl } } }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const port = typeof address === 'object' && address ? address.port : 0
  onTestFinished(() => void server.close())
  return { told, url: `http://127.0.0.1:${port}/graphql` }
}

const remote = (name: string, url: string) =>
  remoteSchema({ name, url, timeoutMs: 60_000, maxBytes: 100_000 })

async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'headwater-schemas-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  return folder
}

let watch: SupergraphWatch | undefined
afterEach(() => watch?.stop())

async function open(
  sources: ReturnType<typeof remote>[],
  { folder, patienceMs = 0, signal }: { folder?: string; patienceMs?: number; signal?: AbortSignal } = {},
) {
  const installed: string[] = []
  watch = await watchSupergraph({
    sources,
    memory: folder === undefined ? undefined : schemaMemory(folder),
    pollMs: 0,
    patienceMs,
    install: async (sdl) => void installed.push(sdl),
    logger: keepingLogger(),
    signal,
  })
  return { watch, installed }
}

describe('composition', () => {
  it('joins subgraphs of Federation 2', () => {
    const sdl = composeSupergraph([
      { name: 'people', url: 'http://p', sdl: people },
      { name: 'ages', url: 'http://a', sdl: ages },
    ])
    expect(sdl).toMatch(/PEOPLE @join__graph\(name: "people", url: "http:\/\/p"\)/)
  })

  it('says every reason, with the subgraph', () => {
    const compose = () =>
      composeSupergraph([
        { name: 'people', url: '', sdl: people },
        { name: 'clash', url: '', sdl: clash },
      ])
    expect(compose).toThrow(CompositionError)
    expect(compose).toThrow(/Person\.name.*(people|clash)/)
    expect(() => composeSupergraph([{ name: 'people', url: '', sdl: 'type {' }])).toThrow(/\[people\] Syntax/)
  })
})

it('two services of different code may each have the subscription to bare events', () => {
  const of = (graph: typeof customerGraph) => composeSubgraph([graph], { isHost: true }).sdl
  const sdl = composeSupergraph([
    { name: 'inventory', url: '', sdl: of(productGraph) },
    { name: 'customers', url: '', sdl: of(customerGraph) },
  ])
  expect(sdl).toMatch(/eventsOf\(.*\): LoggedEvent! @join__field\(graph: CUSTOMERS\)\n/)
  expect(sdl).toMatch(/type LoggedEvent @join__type\(graph: CUSTOMERS\) \{/)
  expect(sdl).toMatch(/productChanged\(.*\): ProductChange! @join__field\(graph: INVENTORY\)\n/)
})

describe('a watch', () => {
  it('installs a changed schema, once', async () => {
    const one = await subgraph(people)
    const { watch, installed } = await open([remote('people', one.url)])
    await watch.look()
    expect(installed).toHaveLength(1)
    one.told.sdl = people.replace('name: String', 'name: String nick: String')
    await watch.look()
    await watch.look()
    expect(installed).toHaveLength(2)
    expect(installed[1]).toContain('nick')
  })

  it('keeps the last good one when a schema does not compose, says why, and takes the next good one', async () => {
    const one = await subgraph(people)
    const other = await subgraph(ages)
    const { watch, installed } = await open([remote('people', one.url), remote('ages', other.url)])
    other.told.sdl = clash
    await watch.look()
    expect(installed).toHaveLength(1)
    expect(watch.rejected()?.message).toContain('Person.name')
    other.told.sdl = ages.replace('age: Int', 'age: Int born: Int')
    await watch.look()
    expect(installed).toHaveLength(2)
    expect(watch.rejected()).toBeUndefined()
  })

  it('goes on with what it knows while a subgraph is away', async () => {
    const one = await subgraph(people)
    const { watch, installed } = await open([remote('people', one.url)])
    one.told.status = 503
    one.told.sdl = ''
    await watch.look()
    expect(installed).toHaveLength(1)
    const [status] = watch.status()
    expect(status).toMatchObject({ name: 'people', state: 'current' })
    expect(status?.error).toContain('answered 503')
    expect(status?.error).not.toContain('127.0.0.1')
  })

  it('starts with what a subgraph said before, when it is away or does not compose any more', async () => {
    const folder = await tempFolder()
    const one = await subgraph(people)
    const other = await subgraph(ages)
    const sources = [remote('people', one.url), remote('ages', other.url)]
    await (await open(sources, { folder })).watch.stop()
    expect(await readdir(folder)).toHaveLength(2)

    one.told.status = 500
    one.told.sdl = ''
    const away = await open(sources, { folder })
    expect(away.installed).toHaveLength(1)
    expect(away.watch.status()[0]).toMatchObject({ state: 'remembered' })
    await away.watch.stop()

    one.told.sdl = people
    other.told.sdl = clash
    const broken = await open(sources, { folder })
    expect(broken.installed).toHaveLength(1)
    expect(broken.watch.rejected()?.message).toContain('Person.name')
  })

  it('serves all the same when what it knows cannot be kept', async () => {
    const file = join(await tempFolder(), 'a-file')
    await writeFile(file, '')
    const one = await subgraph(people)
    const { watch, installed } = await open([remote('people', one.url)], { folder: join(file, 'schemas') })
    expect(installed).toHaveLength(1)
    expect(watch.rejected()).toBeUndefined()
  })

  it('waits for a subgraph that starts late, and names the one that does not', async () => {
    const one = await subgraph('')
    await expect(open([remote('people', one.url)])).rejects.toMatchObject({
      code: 'SUBGRAPH_SCHEMA_UNAVAILABLE',
      message: expect.stringContaining('people'),
    })
    const opening = open([remote('people', one.url)], { patienceMs: 20_000 })
    one.told.sdl = people
    expect((await opening).installed).toHaveLength(1)
  })

  it('stops waiting for a subgraph, and for its answer, when it is told to', async () => {
    const waiting = await subgraph('')
    waiting.told.status = 503
    const silent = createServer(() => undefined)
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
    onTestFinished(() => void silent.close())
    onTestFinished(() => silent.closeAllConnections())
    const address = silent.address()
    const port = typeof address === 'object' && address ? address.port : 0
    const hanging = { name: 'people', url: `http://127.0.0.1:${port}/graphql` }
    for (const source of [
      remote('people', waiting.url),
      remoteSchema({ ...hanging, timeoutMs: 600_000, maxBytes: 1000 }),
    ]) {
      const stopping = new AbortController()
      const asked = Promise.withResolvers<void>()
      const read: typeof source.read = (signal) => {
        asked.resolve()
        return source.read(signal)
      }
      const opening = open([{ ...source, read }], { patienceMs: 600_000, signal: stopping.signal })
      const ended = expect(opening).rejects.toThrow('enough')
      await asked.promise
      stopping.abort(new Error('enough'))
      await ended
    }
  })

  it('reads files', async () => {
    await expect(open([schemaFile('people', 'http://p', '/nowhere/at/all')])).rejects.toThrow(
      'file cannot be read',
    )
  })

  it('refuses what is not the answer of a subgraph, or too large', async () => {
    const one = await subgraph('x'.repeat(200_000))
    await expect(open([remote('people', one.url)])).rejects.toMatchObject({
      code: 'SUBGRAPH_SCHEMA_UNAVAILABLE',
    })
  })
})
