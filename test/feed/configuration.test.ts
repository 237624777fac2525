import { jetstreamManager } from '@nats-io/jetstream'
import { connect } from '@nats-io/transport-node'
import { expect, onTestFinished, test } from 'vitest'
import { customers } from '../../src/domains/index.ts'
import { defineAggregate, defineContext, defineFeed, z } from '../../src/index.ts'
import { distinct } from '../../src/runtime/load-contexts.ts'
import { startTestService } from '../support/service.ts'

async function streamsOf(overrides: Parameters<typeof startTestService>[0]) {
  const service = await startTestService({ contexts: [customers], ...overrides })
  onTestFinished(() => service.stop())
  const nc = await connect({ servers: service.endpoints.nats })
  onTestFinished(() => nc.close())
  const streams = new Map<string, { subjects: string[]; max_age: number }>()
  for await (const { config } of (await jetstreamManager(nc)).streams.list()) streams.set(config.name, config)
  return streams
}

test('without the feed there is no stream of it', async () => {
  const streams = await streamsOf({ overrides: { feed: { enabled: false } } })
  expect([...streams.keys()]).toContain('CUSTOMERS')
  expect([...streams.keys()].filter((name) => name.includes('FEED'))).toEqual([])
})

test('under another namespace it has another name, and it keeps messages as long as it is told', async () => {
  const streams = await streamsOf({ overrides: { namespace: 'shop', feed: { maxAgeHours: 1 } } })
  expect(streams.get('shop_FEED')).toMatchObject({ subjects: ['shop.feed.>'], max_age: 3600 * 1e9 })
})

test('a public type is of one aggregate alone, and a context publishes what is its own', () => {
  const make = (name: string) => {
    const aggregate = defineAggregate({
      name,
      events: { [`${name}.done`]: z.object({}) },
      commands: {},
      initial: {},
      decide: {},
      evolve: { [`${name}.done`]: (state) => state },
    })
    return {
      aggregate,
      feed: defineFeed({ from: aggregate, publish: { [`${name}.done`]: { as: 'work.done' } } }),
    }
  }
  const [one, two] = [make('one'), make('two')]
  const context = (name: string, { aggregate, feed }: typeof one) =>
    defineContext({ name, aggregates: [aggregate], feed })
  expect(() => distinct([context('a', one), context('b', two)])).toThrow('two public event types')
  expect(() => defineContext({ name: 'a', aggregates: [one.aggregate], feed: two.feed })).toThrow(
    'none of its aggregates',
  )
})
