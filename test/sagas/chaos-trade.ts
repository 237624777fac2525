import { z } from 'zod'
import { commandTo } from '../../src/commands/definition/command-to.ts'
import { reject } from '../../src/commands/definition/decision.ts'
import { defineAggregate } from '../../src/commands/definition/define-aggregate.ts'
import { defineSaga } from '../../src/sagas/define-saga.ts'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { parcel } from './trade.ts'

const Who = z.object({ who: z.string() })
const Fill = z.object({ left: z.int() })

interface ShelfState {
  left: number
  /** Who has something, and who never will again. */
  for: Readonly<Record<string, 'reserved' | 'released'>>
}
const empty: ShelfState = { left: 0, for: {} }

/** Pieces of a thing, one for each. A release that comes before what it releases is remembered: then that is refused. */
const shelf = defineAggregate({
  name: 'shelf',
  events: { 'shelf.filled': Fill, 'shelf.reserved': Who, 'shelf.released': Who, 'shelf.barred': Who },
  commands: { fill: Fill, reserve: Who, release: Who },
  initial: empty,
  decide: {
    fill: (_, data) => ({ type: 'shelf.filled', data }),
    reserve: ({ left, for: whom }, { who }) => {
      if (whom[who] === 'reserved') return []
      if (whom[who] === 'released') return reject('RELEASED', 'it has been released before')
      return left === 0 ? reject('OUT_OF_STOCK', 'there are none') : { type: 'shelf.reserved', data: { who } }
    },
    release: ({ for: whom }, { who }) => {
      if (whom[who] === 'released') return []
      return { type: whom[who] === 'reserved' ? 'shelf.released' : 'shelf.barred', data: { who } }
    },
  },
  evolve: {
    'shelf.filled': (state, { data: { left } }) => ({ ...state, left }),
    'shelf.reserved': ({ left, for: whom }, { data: { who } }) => ({
      left: left - 1,
      for: { ...whom, [who]: 'reserved' },
    }),
    'shelf.released': ({ left, for: whom }, { data: { who } }) => ({
      left: left + 1,
      for: { ...whom, [who]: 'released' },
    }),
    'shelf.barred': ({ left, for: whom }, { data: { who } }) => ({
      left,
      for: { ...whom, [who]: 'released' },
    }),
  },
})

const Pay = Who.extend({ amount: z.int() })
interface BillState {
  status: 'none' | 'paid' | 'repaid'
  amount: number
}
const initial: BillState = { status: 'none', amount: 0 }

/** A bill, which is paid once. The bank that it is paid through cannot be reached every third time. */
const bill = defineAggregate({
  name: 'bill',
  events: { 'bill.paid': Pay, 'bill.repaid': Pay, 'bill.barred': Who },
  commands: { pay: Pay, repay: Who },
  initial,
  consult: {
    pay: () => bank(),
    repay: () => bank(),
  },
  decide: {
    pay: ({ status }, data) => {
      if (data.who.startsWith('poor')) return reject('DECLINED', 'no money')
      if (status === 'repaid') return reject('REPAID', 'it has been repaid before')
      return status === 'paid' ? reject('PAID_TWICE', 'it is paid') : { type: 'bill.paid', data }
    },
    repay: ({ status, amount }, { who }) => {
      if (status === 'repaid') return []
      return status === 'paid'
        ? { type: 'bill.repaid', data: { who, amount } }
        : { type: 'bill.barred', data: { who } }
    },
  },
  evolve: {
    'bill.paid': (_, { data: { amount } }) => ({ status: 'paid' as const, amount }),
    'bill.repaid': () => ({ status: 'repaid' as const, amount: 0 }),
    'bill.barred': () => ({ status: 'repaid' as const, amount: 0 }),
  },
})

async function bank(): Promise<void> {
  if (Math.random() < 0.35)
    throw new HeadwaterError({ status: 503, code: 'BANK_CLOSED', detail: 'try later' })
}

export const chaosAggregates = [shelf, bill, parcel]

const impatient = { timeoutMs: 300, retry: { attempts: 40, pauseMs: 50, maxPauseMs: 500 } }

/** As the purchase of the trade, in a hurry: who is not through in its time is undone. */
export const hasty = defineSaga({
  name: 'hasty',
  input: z.object({ things: z.array(z.string()) }),
  deadlineMs: 8000,
  steps: [
    [
      {
        name: 'reserve',
        invoke: ({ id, input: { things } }) =>
          things.map((thing) => commandTo(shelf, thing, 'reserve', { who: id })),
        compensate: ({ id, input: { things } }) =>
          things.map((thing) => commandTo(shelf, thing, 'release', { who: id })),
        ...impatient,
      },
      {
        name: 'pay',
        invoke: ({ id }) => commandTo(bill, id, 'pay', { who: id, amount: 10 }),
        compensate: ({ id }) => commandTo(bill, id, 'repay', { who: id }),
        ...impatient,
      },
    ],
    { name: 'pause', pauseMs: () => 100 },
    {
      name: 'send',
      invoke: ({ id }) => commandTo(parcel, id, 'send', { who: id }),
      pivot: true,
      ...impatient,
    },
    { name: 'note', invoke: ({ id }) => commandTo(parcel, id, 'note', { who: id }), ...impatient },
  ],
})
