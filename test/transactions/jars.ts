import { z } from 'zod'
import { reject } from '../../src/commands/definition/decision.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { defineTransaction } from '../../src/commands/definition/define-transaction.ts'

const Count = z.object({ count: z.int() })

/** What a jar waits for when it is told to `ask`, by its id. */
export const outside = new Map<string, Promise<void>>()

/** What the tests of transactions move things between. */
export const jar = defineAggregate({
  name: 'jar',
  events: {
    'jar.filled': Count,
    'jar.labelled': z.object({ text: z.string() }),
    'jar.odd': z.object({ odd: z.unknown() }),
  },
  commands: { fill: Count, label: z.object({ bytes: z.int() }), ask: z.object({}) },
  initial: { count: 0 },
  consult: { ask: async (_state, _data, { id }) => await outside.get(id) },
  decide: {
    fill: (_, data) => ({ type: 'jar.filled', data }),
    ask: (_state, _data, _context, answer) => {
      if (answer !== undefined) throw new TypeError('nothing is answered')
      return []
    },
    label: (_, { bytes }) => ({ type: 'jar.labelled', data: { text: 'x'.repeat(bytes) } }),
  },
  evolve: {
    'jar.filled': ({ count }, { data }) => ({ count: count + data.count }),
    'jar.labelled': (state) => state,
    'jar.odd': (state) => state,
  },
})

export const shelf = defineAggregate({
  name: 'shelf',
  events: { 'shelf.limited': z.object({ limit: z.int() }), 'shelf.touched': z.object({}) },
  commands: { limit: z.object({ limit: z.int() }) },
  initial: { limit: Number.MAX_SAFE_INTEGER },
  decide: { limit: (_, data) => ({ type: 'shelf.limited', data }) },
  evolve: {
    'shelf.limited': (_, { data }) => ({ limit: data.limit }),
    'shelf.touched': (state) => state,
  },
})

const To = z.object({ to: z.string(), count: z.int().default(1) })

/** From the addressed jar to another; never below nothing. */
export const pour = defineTransaction({
  name: 'pour',
  on: jar,
  data: To.extend({ from: z.string().optional() }),
  roles: { from: jar, to: jar },
  participants: ({ from, to }, id) => ({ from: from ?? id, to }),
  decide: ({ from }, { count }) =>
    from.count < count
      ? reject('JAR_EMPTY', `there are ${from.count}`)
      : {
          from: { type: 'jar.filled', data: { count: -count } },
          to: { type: 'jar.filled', data: { count } },
        },
})

/** Looks at a shelf, to which nothing happens, and at most fills the jar up to its limit. */
export const fillUpTo = defineTransaction({
  name: 'fill-up-to',
  on: jar,
  data: z.object({ shelf: z.string(), count: z.int() }),
  roles: { jar, shelf },
  participants: (data, id) => ({ jar: id, shelf: data.shelf }),
  decide: (states, { count }) =>
    states.jar.count + count > states.shelf.limit
      ? reject('SHELF_FULL', `at most ${states.shelf.limit}`)
      : { jar: { type: 'jar.filled', data: { count } } },
})

/** Does what the tests of faults need. */
export const mischief = defineTransaction({
  name: 'mischief',
  on: jar,
  data: z.object({ to: z.string(), how: z.enum(['throw', 'bigint', 'nothing', 'participants']) }),
  roles: { from: jar, to: jar },
  participants: ({ to, how }, id) => {
    if (how === 'participants') throw new TypeError('the secret inside')
    return { from: id, to }
  },
  decide: (_, { how }) => {
    if (how === 'throw') throw new TypeError('the secret inside')
    return how === 'nothing'
      ? {}
      : { from: { type: 'jar.filled', data: { count: 1 } }, to: { type: 'jar.odd', data: { odd: 1n } } }
  },
})
