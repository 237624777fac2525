import { z } from 'zod'
import { commandTo } from '../../src/commands/definition/command-to.ts'
import { reject } from '../../src/commands/definition/decision.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { defineSaga } from '../../src/sagas/define-saga.ts'

const Who = z.object({ who: z.string() })
const Reserved = Who.extend({ quantity: z.int().positive() })
const Paid = Who.extend({ amount: z.int() })

interface StockState {
  left: number
  for: Readonly<Record<string, number>>
  released: readonly string[]
}
const nothing: StockState = { left: 0, for: {}, released: [] }

/** What there is of a thing, and for whom it is set aside. */
export const stock = defineAggregate({
  name: 'stock',
  events: {
    'stock.filled': z.object({ left: z.int() }),
    'stock.reserved': Reserved,
    'stock.released': Reserved,
  },
  commands: { fill: z.object({ left: z.int() }), reserve: Reserved, release: Who },
  initial: nothing,
  decide: {
    fill: (_, { left }) => ({ type: 'stock.filled', data: { left } }),
    reserve: (state, { who, quantity }) => {
      if (state.for[who] !== undefined) return []
      // Whoever has been released already is too late: the compensation was quicker than its step.
      if (state.released.includes(who)) return reject('RELEASED', 'it has been released before')
      return state.left < quantity
        ? reject('OUT_OF_STOCK', `there are only ${state.left}`)
        : { type: 'stock.reserved', data: { who, quantity } }
    },
    release: (state, { who }) => {
      const quantity = state.for[who]
      return quantity === undefined
        ? reject('NOT_RESERVED', 'nothing is set aside', 404)
        : { type: 'stock.released', data: { who, quantity } }
    },
  },
  evolve: {
    'stock.filled': (state, { data: { left } }) => ({ ...state, left }),
    'stock.reserved': (state, { data: { who, quantity } }) => ({
      ...state,
      left: state.left - quantity,
      for: { ...state.for, [who]: quantity },
    }),
    'stock.released': (state, { data: { who, quantity } }) => {
      const { [who]: _, ...others } = state.for
      return { left: state.left + quantity, for: others, released: [...state.released, who] }
    },
  },
})

/** Money: what is paid into it, and back. Nobody with a name in "poor" can pay. */
export const purse = defineAggregate({
  name: 'purse',
  events: { 'purse.paid': Paid, 'purse.repaid': Paid },
  commands: { pay: Paid, repay: Paid },
  initial: { total: 0 },
  decide: {
    pay: (_, data) =>
      data.who.startsWith('poor') ? reject('DECLINED', 'no money') : { type: 'purse.paid', data },
    repay: (_, data) =>
      data.who.startsWith('stuck') ? reject('CLOSED', 'the purse is closed') : { type: 'purse.repaid', data },
  },
  evolve: {
    'purse.paid': ({ total }, { data }) => ({ total: total + data.amount }),
    'purse.repaid': ({ total }, { data }) => ({ total: total - data.amount }),
  },
})

/** Sent once; nothing is sent to a name with "nowhere" in it. */
export const parcel = defineAggregate({
  name: 'parcel',
  events: { 'parcel.sent': Who, 'parcel.noted': Who },
  commands: { send: Who, note: Who },
  initial: { sent: 0 },
  decide: {
    send: (_, { who }) =>
      who.includes('nowhere')
        ? reject('NO_SUCH_PLACE', 'nobody lives there')
        : { type: 'parcel.sent', data: { who } },
    note: (_, { who }) =>
      who.includes('unnoted')
        ? reject('NO_PAPER', 'it cannot be noted')
        : { type: 'parcel.noted', data: { who } },
  },
  evolve: {
    'parcel.sent': ({ sent }) => ({ sent: sent + 1 }),
    'parcel.noted': (state) => state,
  },
})

const Purchase = z.object({
  things: z.array(z.string()).min(1),
  quantity: z.int().positive().default(1),
  amount: z.int().default(10),
})

/** Reserve all, pay and send; then note it, from where there is no way back. */
export const purchase = defineSaga({
  name: 'purchase',
  input: Purchase,
  steps: [
    {
      name: 'reserve',
      invoke: ({ id, input: { things, quantity } }) =>
        things.map((thing) => commandTo(stock, thing, 'reserve', { who: id, quantity })),
      compensate: ({ id, input: { things } }) =>
        things.map((thing) => commandTo(stock, thing, 'release', { who: id })),
      ignore: ['NOT_RESERVED'],
    },
    {
      name: 'pay',
      invoke: ({ id, input: { amount } }) => commandTo(purse, 'till', 'pay', { who: id, amount }),
      compensate: ({ id, input: { amount } }) => commandTo(purse, 'till', 'repay', { who: id, amount }),
    },
    { name: 'send', invoke: ({ id }) => commandTo(parcel, id, 'send', { who: id }), pivot: true },
    { name: 'note', invoke: ({ id }) => commandTo(parcel, id, 'note', { who: id }) },
  ],
})

/** Waits until somebody agrees. */
export const patient = defineSaga({
  name: 'patient',
  input: z.object({}),
  steps: [{ name: 'agree', decision: z.boolean(), accept: Boolean }],
})
