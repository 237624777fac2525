import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest'
import type { Authorize } from '../../src/graph/schema/authorize.ts'
import { defineGraph } from '../../src/graph/schema/define-graph.ts'
import type { Subgraph } from '../../src/graph/gateway/subgraph.ts'
import { createChain } from '../../src/graph/strategies/chain.ts'
import type { EntityMapping } from '../../src/graph/strategies/entity-mapping.ts'
import type { Step } from '../../src/graph/strategies/step.ts'
import { type GemStack, SCHEMA, startGemStack } from './gem-stack.ts'
import { gemGraph, gemMapping } from './gems.ts'
import { openPatiently, patient } from './patient.ts'
import { entityAsker, operation, outcomes, requestOf } from './requests.ts'
import { overHttp, serveSubgraph } from './subgraphs.ts'

/** Two more types, that no table of ours has. */
const places = defineGraph({
  typeDefs: `
    type Mine @key(fields: "id") { id: ID!  depth: Int! }
    type Shop @key(fields: "id") { id: ID!  street: String }
  `,
  resolvers: {},
  entities: [
    {
      type: 'Mine',
      resolveReference({ id }) {
        return { id, depth: id === 'deep' ? 1000 : null }
      },
    },
    { type: 'Shop', resolveReference: ({ id }) => ({ id, street: `${String(id)} street` }) },
  ],
})

let stack: GemStack
let subgraph: Awaited<ReturnType<typeof serveSubgraph>>
beforeAll(async () => {
  stack = await startGemStack()
  subgraph = await serveSubgraph(stack.resources, [gemGraph(SCHEMA), places])
})
afterAll(async () => {
  await subgraph.http.close()
  await subgraph.close()
  await stack.stop()
})

const gem = (id: string) => ({ __typename: 'Gem', id })
const mine = (id: string) => ({ __typename: 'Mine', id })
const shop = (id: string) => ({ __typename: 'Shop', id })
const mapping: EntityMapping = { ...gemMapping, schema: SCHEMA }

/** The way to the subgraph, and what it was sent. */
function counted() {
  const http = overHttp(subgraph.url)
  const sent: Readonly<Record<string, unknown>>[] = []
  const way: Subgraph = {
    ...http,
    execute(request) {
      sent.push(request.variables)
      return http.execute(request)
    },
  }
  return { way, sent }
}

async function direct(): Promise<Step> {
  return {
    strategy: 'direct-db',
    driver: await openPatiently({ subgraph: 'gems', url: stack.postgresUrl }),
  }
}

function chainOf(gemSteps: readonly Step[], way: Subgraph, mapped = mapping) {
  const http = { strategy: 'http', subgraph: way } as const
  const chain = createChain({
    name: 'gems',
    transports: [http],
    entities: { Gem: { mapping: mapped, steps: [...gemSteps, http] }, Mine: { steps: [http] } },
    isObjectType: (name) => name === 'Shop',
    settings: patient,
  })
  onTestFinished(() => chain.close())
  return chain
}

describe('an operation with several types and fetches', () => {
  const asked = operation(`query ($a: [_Any!]!, $b: [_Any!]!, $c: [_Any!]!) {
    first: _entities(representations: $a) { ... on Gem { count } ... on Mine { id depth } ... on Shop { street } }
    second: _entities(representations: $b) { ... on Gem { called: name } }
    third: _entities(representations: $c) { ... on Mine { depth } }
  }`)
  const variables = {
    a: [mine('deep'), gem('zero'), shop('s'), gem('nobody'), mine('flat'), gem('most')],
    b: [gem('zero')],
    c: [mine('deep')],
  }

  it('answers each in its place: tables by table, and the rest in one request to the subgraph', async () => {
    const { way, sent } = counted()
    const chain = chainOf([await direct()], way)
    const request = requestOf(asked, variables)
    const { data, errors } = await chain.execute(request)
    expect(data).toEqual({
      first: [
        { id: 'deep', depth: 1000 },
        { count: 0 },
        { street: 's street' },
        null,
        null,
        { count: 2_147_483_647 },
      ],
      second: [{ called: '' }],
      third: [{ depth: 1000 }],
    })
    // The error of the mine that has no depth is where the client's mine is, not where the subgraph had it.
    expect(errors?.map(({ path }) => path)).toEqual([['first', 4, 'depth']])
    expect(sent).toEqual([{ a: [mine('deep'), shop('s'), mine('flat')], b: [], c: [mine('deep')] }])
    expect(outcomes(request.tried).toSorted()).toEqual(['direct-db served', 'http served', 'http served'])
  })

  it('answers as the subgraph alone does', async () => {
    const chain = chainOf([await direct()], counted().way)
    const alone = await subgraph.http.execute(requestOf(asked, variables))
    const { data } = await chain.execute(requestOf(asked, variables))
    expect(data).toEqual(alone.data)
  })

  it('goes to the subgraph as it is when no table can help', async () => {
    const { way, sent } = counted()
    await chainOf([], way).execute(requestOf(asked, variables))
    expect(sent).toEqual([variables])
  })

  it('leaves null with an error what one type could not be found for, and the others as they are', async () => {
    const gone = await serveSubgraph(stack.resources, [])
    await gone.close()
    const chain = chainOf([await direct()], overHttp(gone.url))
    const { data, errors } = await chain.execute(
      requestOf(asked, { a: [mine('m'), gem('zero')], b: [], c: [] }),
    )
    expect(data).toEqual({ first: [null, { count: 0 }], second: [], third: [] })
    expect(errors).toEqual([
      {
        message: 'The subgraph gems could not be reached',
        path: ['first', 0],
        extensions: { code: 'SUBGRAPH_UNAVAILABLE', status: 503 },
      },
    ])
  })

  it('heeds @include and @skip, whose variables change', async () => {
    const chain = chainOf([await direct()], counted().way)
    const conditional = operation(`query ($r: [_Any!]!, $more: Boolean!) {
      _entities(representations: $r) { ... on Gem { id ... @include(if: $more) { count } active @skip(if: $more) } }
    }`)
    const ask = async (more: boolean) => {
      const request = requestOf(conditional, { r: [gem('zero')], more })
      const { data } = await chain.execute(request)
      return [data?.['_entities'], outcomes(request.tried)]
    }
    expect(await ask(true)).toEqual([[{ id: 'zero', count: 0 }], ['direct-db served']])
    expect(await ask(false)).toEqual([[{ id: 'zero', active: false }], ['direct-db served']])
  })

  it('tells whoever counts how long each step took', async () => {
    const heard: unknown[] = []
    const http = { strategy: 'http', subgraph: counted().way } as const
    const chain = createChain({
      name: 'gems',
      transports: [http],
      entities: { Gem: { mapping, steps: [await direct(), http] } },
      settings: patient,
      onResolution: (resolution) => void heard.push(resolution),
    })
    onTestFinished(() => chain.close())
    await entityAsker(chain, '... on Gem { id }')([gem('zero')])
    const resolution = { subgraph: 'gems', type: 'Gem', strategy: 'direct-db', outcome: 'served' }
    expect(heard).toEqual([{ ...resolution, durationMs: expect.any(Number) }])
    expect(chain.status()[1]).toMatchObject({ type: 'Gem', strategy: 'direct-db', lastOutcome: 'served' })
    expect(await chain.ping()).toMatchObject([{ subgraph: 'gems', strategy: 'direct-db', ok: true }])
  })
})

interface Caller {
  name: string
  staff: boolean
}

describe('authorization hooks', () => {
  const authorize: Authorize<{ status: string | null; active: boolean | null; count: number | null }> = {
    needs: ['status', 'active'],
    row: ({ status }, caller: Caller) => caller.staff || status === 'CUT',
    fields: { count: ({ active }, caller: Caller) => caller.staff || active === false },
  }
  const guarded = { ...mapping, authorize }
  const selection = '... on Gem { id count of: count }'
  const asked = [gem('zero'), gem('most'), gem('nobody')]
  const visitor: Caller = { name: 'v', staff: false }
  const forbidden = (field: string) => ({
    message: 'You may not see Gem.count',
    path: ['_entities', 1, field],
    extensions: { code: 'FORBIDDEN', status: 403 },
  })

  it.for(['direct-db', 'http'])('hide rows and fields, whichever way they came: %s', async (strategy) => {
    const steps = strategy === 'direct-db' ? [await direct()] : []
    const ask = entityAsker(chainOf(steps, counted().way, guarded), selection)
    const { entities, result, tried } = await ask(asked, { caller: visitor })
    expect(tried).toEqual([`${strategy} served`])
    // `zero` is ROUGH, `most` is CUT and active; neither column is shown.
    expect(entities).toEqual([null, { id: 'most', count: null, of: null }, null])
    expect(result.errors).toEqual([forbidden('count'), forbidden('of')])
    const all = await ask(asked, { caller: { name: 's', staff: true } })
    expect(all.entities).toEqual([
      { id: 'zero', count: 0, of: 0 },
      { id: 'most', count: 2_147_483_647, of: 2_147_483_647 },
      null,
    ])
    expect(all.result.errors).toBeUndefined()
  })

  it('are left to a subgraph that has them itself', async () => {
    const { way } = counted()
    const http = { strategy: 'http', subgraph: way, enforcesAuthorization: true } as const
    const chain = createChain({
      name: 'gems',
      transports: [http],
      entities: { Gem: { mapping: guarded, steps: [http] } },
    })
    onTestFinished(() => chain.close())
    const { entities } = await entityAsker(chain, selection)(asked, { caller: visitor })
    expect(entities).toMatchObject([{ id: 'zero' }, { id: 'most', count: 2_147_483_647 }, null])
  })

  it.for(['direct-db', 'http'])(
    'show nothing when they fail, and say so to the log alone: %s',
    async (strategy) => {
      const lines: unknown[] = []
      const log = (fields: object) => void lines.push(fields)
      const failing = {
        row: () => {
          throw new Error('the secret reason')
        },
      }
      const http = { strategy: 'http', subgraph: counted().way } as const
      const chain = createChain({
        name: 'gems',
        transports: [http],
        entities: {
          Gem: {
            mapping: { ...mapping, authorize: failing },
            steps: strategy === 'direct-db' ? [await direct()] : [http],
          },
        },
        settings: patient,
        logger: { debug: log, info: log, warn: log, error: log },
      })
      onTestFinished(() => chain.close())
      const { entities, result } = await entityAsker(chain, selection)([gem('zero')], { caller: visitor })
      expect(entities).toEqual([null])
      expect(result.errors).toMatchObject([{ path: ['_entities', 0], extensions: { code: 'INTERNAL' } }])
      expect(JSON.stringify(result)).not.toContain('secret')
      expect(lines).toMatchObject([{ err: { message: 'the secret reason' } }])
    },
  )

  it('let nothing through but true itself', async () => {
    const late = { row: (): boolean => JSON.parse('"yes"') }
    const chain = chainOf([await direct()], counted().way, { ...mapping, authorize: late })
    expect((await entityAsker(chain, selection)([gem('zero')])).entities).toEqual([null])
  })
})

describe('the hooks of an entity of Headwater', () => {
  const secret = { row: { hidden: { column: 'status', kind: 'text' } } } as const

  it('see columns that the graph shows nothing of', async () => {
    const hooks = { needs: ['hidden'], row: ({ hidden }: { hidden?: unknown }) => hidden === 'CUT' }
    const steps = [await direct()]
    const chain = createChain({
      name: 'gems',
      transports: [],
      entities: { Gem: { mapping: { ...mapping, ...secret, authorize: hooks }, steps } },
      settings: patient,
    })
    onTestFinished(() => chain.close())
    const { entities } = await entityAsker(chain, '... on Gem { id }')([gem('zero'), gem('most')])
    expect(entities).toEqual([null, { id: 'most' }])
  })

  it('have to be applied by the subgraph when it does not give what they need', () => {
    const http = { strategy: 'http', subgraph: counted().way } as const
    const authorize = { row: () => true }
    const open = (enforcesAuthorization: boolean) =>
      createChain({
        name: 'gems',
        transports: [http],
        entities: {
          Gem: {
            mapping: { ...mapping, ...secret, authorize },
            steps: [{ ...http, enforcesAuthorization }],
          },
        },
      })
    expect(() => open(false)).toThrow('its subgraph has to apply them')
    onTestFinished(() => open(true).close())
  })
})
