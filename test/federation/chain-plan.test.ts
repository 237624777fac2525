import { expect, it } from 'vitest'
import type { EntityMapping } from '../../src/graph/strategies/entity-mapping.ts'
import { loadConfig } from '../../src/runtime/config/index.ts'
import { type ChainPlanOptions, planChain, strategiesFor } from '../../src/runtime/federation/chain-plan.ts'

const { config } = loadConfig({
  env: {},
  overrides: {
    federation: {
      subgraphs: [
        {
          name: 'gems',
          graphqlUrl: 'http://gems/graphql',
          databaseUrl: 'postgres://gems/gems',
          fdwSchema: 'fdw_gems',
          strategies: { Ring: ['http'] },
        },
      ],
    },
  },
})
const [configured] = config.federation.subgraphs

const gem: EntityMapping = {
  type: 'Gem',
  table: 'gem',
  key: { id: 'id' },
  fields: { id: { column: 'id', kind: 'id' }, name: { column: 'name', kind: 'text' } },
}

function plan(given: Partial<ChainPlanOptions>) {
  return planChain({
    name: 'gems',
    url: 'http://composed/graphql',
    configured,
    isLocal: false,
    hasOwnDatabase: true,
    mappings: [gem],
    ...given,
  })
}

it('derives: in this process; else its database, foreign tables and HTTP, as far as there are', () => {
  const strategies = (given: Partial<ChainPlanOptions>) => plan(given).types.get('Gem')?.strategies
  expect(strategies({ isLocal: true })).toEqual(['local'])
  expect(strategies({})).toEqual(['direct-db', 'fdw', 'http'])
  expect(strategies({ configured: undefined })).toEqual(['http'])
  expect(strategies({ mappings: [] })).toBeUndefined()
  expect(plan({}).types.get('Ring')?.strategies).toEqual(['http'])
  expect(plan({}).address).toBe('http://gems/graphql')
  expect(plan({ configured: undefined }).address).toBe('http://composed/graphql')
  expect(plan({ configured: undefined, url: '' }).transports).toEqual([])
})

it('has tables serve what is mapped alone, and a subscription stay where it began', () => {
  const both = plan({ isLocal: true })
  expect(strategiesFor(both, { type: 'Query', root: 'query' }, 'gem')).toEqual(['local', 'http'])
  expect(strategiesFor(both, { type: 'Subscription', root: 'subscription' }, 'gem')).toEqual(['local'])
  const remote = plan({})
  expect(strategiesFor(remote, { type: 'Gem', root: undefined }, 'name')).toEqual([
    'direct-db',
    'fdw',
    'http',
  ])
  expect(strategiesFor(remote, { type: 'Gem', root: undefined }, 'toString')).toEqual(['http'])
  expect(strategiesFor(remote, { type: 'Box', root: undefined }, 'name')).toEqual(['http'])
})

it('refuses fdw without a PostgreSQL of its own, and hooks that need what HTTP cannot be asked for', () => {
  expect(() => plan({ hasOwnDatabase: false })).toThrow(/DATABASE_URL/)
  const hooked: EntityMapping = {
    ...gem,
    authorize: { needs: ['owner'], row: () => true },
    row: { owner: { column: 'owner', kind: 'text' } },
  }
  expect(() => plan({ mappings: [hooked] })).toThrow(/hooks of Gem/)
  expect(() => plan({ mappings: [hooked], isLocal: true })).not.toThrow()
})
