import { z } from 'zod'
import { reject } from '../../src/commands/definition/decision.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'

const By = z.object({ by: z.int().min(1).max(1000) })

/** What the tests of commands command: it counts, and misbehaves when it is told to. */
export const thing = defineAggregate({
  name: 'thing',
  events: {
    'thing.added': By,
    'thing.filled': z.object({ text: z.string() }),
    'thing.odd': z.object({ odd: z.unknown() }),
  },
  commands: {
    add: By.extend({ note: z.string().optional() }),
    'add-twice': By,
    'add-below': By.extend({ limit: z.int() }),
    touch: z.object({}),
    boom: z.object({}),
    fill: z.object({ bytes: z.int() }),
    'be-odd': z.object({}),
    nested: z.object({ list: z.array(z.object({ a: z.string(), b: z.int() })), name: z.string() }),
  },
  initial: { total: 0 },
  decide: {
    add: (_, { by }) => ({ type: 'thing.added', data: { by } }),
    'add-twice': (_, { by }) => [
      { type: 'thing.added', data: { by } },
      { type: 'thing.added', data: { by } },
    ],
    'add-below': ({ total }, { by, limit }) =>
      total + by > limit
        ? reject('THING_FULL', `${total} and ${by} are more than ${limit}`)
        : { type: 'thing.added', data: { by } },
    touch: () => [],
    boom: () => {
      throw new TypeError('the secret inside')
    },
    fill: (_, { bytes }) => ({ type: 'thing.filled', data: { text: 'x'.repeat(bytes) } }),
    'be-odd': () => ({ type: 'thing.odd', data: { odd: 1n } }),
    nested: () => [],
  },
  evolve: {
    'thing.added': ({ total }, { data }) => ({ total: total + data.by }),
    'thing.filled': (state) => state,
    'thing.odd': (state) => state,
  },
})
