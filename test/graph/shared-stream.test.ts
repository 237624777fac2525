import { expect, it, onTestFinished } from 'vitest'
import {
  column,
  defineAggregate,
  defineContext,
  defineEntityGraph,
  defineProjection,
  z,
} from '../../src/index.ts'
import { startTestService } from '../support/service.ts'
import { asker } from './ask.ts'

const shelf = defineAggregate({
  name: 'shelf',
  events: { 'shelf.filled': z.object({ boxes: z.int() }) },
  commands: { fill: z.object({ boxes: z.int() }) },
  initial: {},
  decide: { fill: (_, data) => ({ type: 'shelf.filled', data }) },
  evolve: { 'shelf.filled': (state) => state },
})
const van = defineAggregate({
  name: 'van',
  events: { 'van.loaded': z.object({ boxes: z.int() }) },
  commands: { load: z.object({ boxes: z.int() }) },
  initial: {},
  decide: { load: (_, data) => ({ type: 'van.loaded', data }) },
  evolve: { 'van.loaded': (state) => state },
})
const columns = { id: column.text().key(), boxes: column.integer(), version: column.bigint() }
const shelves = defineProjection({
  name: 'shelf',
  version: 1,
  from: [shelf],
  columns,
  evolve: { 'shelf.filled': (_, { aggregateId: id, data, version }) => ({ id, boxes: data.boxes, version }) },
})
const vans = defineProjection({
  name: 'van',
  version: 1,
  from: [van],
  columns,
  evolve: { 'van.loaded': (_, { aggregateId: id, data, version }) => ({ id, boxes: data.boxes, version }) },
})
const typeDefs = (type: string) => `type ${type} { id: ID! boxes: Int! }  input ${type}Input { boxes: Int! }`
const depot = defineContext({
  name: 'depot',
  aggregates: [shelf, van],
  projections: [shelves, vans],
  graph: [
    defineEntityGraph({
      type: 'Shelf',
      aggregate: shelf,
      projection: shelves,
      mutations: {
        fillShelf: { command: 'fill', input: 'ShelfInput!', creates: true, description: 'Fills it.' },
      },
      typeDefs: typeDefs('Shelf'),
    }),
    defineEntityGraph({
      type: 'Van',
      aggregate: van,
      projection: vans,
      mutations: {
        loadVan: { command: 'load', input: 'VanInput!', creates: true, description: 'Loads it.' },
      },
      typeDefs: typeDefs('Van'),
    }),
  ],
})

it('rows that no later commit of the stream concerns need not wait for one', async () => {
  const service = await startTestService({
    contexts: [depot],
    overrides: { graph: { atLeastTimeoutMs: 10_000 } },
  })
  onTestFinished(() => service.stop())
  const ask = asker(service.endpoints.graph)
  const filled = await ask('mutation { fillShelf(id: "s-1", input: { boxes: 3 }) { shelf { boxes } } }')
  expect(filled.data).toEqual({ fillShelf: { shelf: { boxes: 3 } } })
  const loaded = await ask(
    'mutation { loadVan(id: "v-1", input: { boxes: 2 }) { position { stream sequence } van { boxes } } }',
  )
  expect(loaded.data).toEqual({
    loadVan: { position: { stream: 'DEPOT', sequence: 2 }, van: { boxes: 2 } },
  })
  const shelf = (at: number) =>
    `{ shelf(id: "s-1", atLeast: { stream: "DEPOT", sequence: ${at} }) { boxes } }`
  expect(await ask(shelf(2))).toMatchObject({ data: { shelf: { boxes: 3 } } })
  const header = { 'headwater-at-least': 'DEPOT=2' }
  expect(
    await ask('{ shelf(id: "s-1") { boxes } van(id: "v-1") { boxes } }', { headers: header }),
  ).toMatchObject({
    data: { shelf: { boxes: 3 }, van: { boxes: 2 } },
  })
  expect((await ask(shelf(3))).errors).toMatchObject([
    { extensions: { code: 'PROJECTION_BEHIND', wanted: { stream: 'DEPOT', sequence: 3 } } },
  ])
})
