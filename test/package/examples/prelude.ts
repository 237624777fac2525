// What the examples in doc comments take for granted. Copied beside them, with the package in place of the sources.
import {
  column,
  defineAggregate,
  defineContext,
  defineEntity,
  defineProjection,
  defineTransaction,
  reject,
  z,
} from '../../../src/index.ts'

const Id = z.string()
const Amount = z.int().positive()

export const counter = defineAggregate({
  name: 'counter',
  events: { 'counter.added': z.object({ by: z.number() }) },
  commands: { add: z.object({ by: z.number() }) },
  initial: { total: 0 },
  decide: { add: (_, { by }) => ({ type: 'counter.added', data: { by } }) },
  evolve: { 'counter.added': (state, { data }) => ({ total: state.total + data.by }) },
})

export const counters = defineContext({ name: 'counters', aggregates: [counter] })

const noOrder: { status: 'none' | 'created' | 'confirmed' | 'shipped' | 'cancelled' } = { status: 'none' }

export const order = defineAggregate({
  name: 'order',
  events: {
    'order.created': z.object({ customerId: Id }),
    'order.confirmed': z.object({}),
    'order.shipped': z.object({ carrier: z.string() }),
    'order.cancelled': z.object({ reason: z.string() }),
  },
  commands: {
    create: z.object({ customerId: Id }),
    confirm: z.object({}),
    ship: z.object({ carrier: z.string() }),
    cancel: z.object({ reason: z.string() }),
  },
  initial: noOrder,
  decide: {
    create: ({ status }, data, { id }) =>
      status === 'none'
        ? { type: 'order.created', data }
        : reject('ORDER_ALREADY_EXISTS', `The order ${id} exists already`, 409),
    confirm: ({ status }, data, { id }) =>
      status === 'none'
        ? reject('ORDER_NOT_FOUND', `There is no order ${id}`, 404)
        : { type: 'order.confirmed', data },
    ship: (_, data) => ({ type: 'order.shipped', data }),
    cancel: (_, data) => ({ type: 'order.cancelled', data }),
  },
  evolve: {
    'order.created': (state) => ({ ...state, status: 'created' }),
    'order.confirmed': (state) => ({ ...state, status: 'confirmed' }),
    'order.shipped': (state) => ({ ...state, status: 'shipped' }),
    'order.cancelled': (state) => ({ ...state, status: 'cancelled' }),
  },
})

export const orderProjection = defineProjection({
  name: 'order',
  version: 1,
  from: [order],
  columns: {
    id: column.text().key(),
    version: column.bigint(),
    customer_id: column.text(),
    status: column.text(),
    created_at: column.timestamp(),
  },
  evolve: {
    'order.created': (_, { aggregateId, version, data, time }) => ({
      id: aggregateId,
      version,
      customer_id: data.customerId,
      status: 'created',
      created_at: time,
    }),
  },
})

export const orderEntity = defineEntity({ type: 'Order', aggregate: order, projection: orderProjection })

export const orderTypeDefs = 'type Order @key(fields: "id") { id: ID!  status: String! }'

const none = { balance: 0 }

export const account = defineAggregate({
  name: 'account',
  events: {
    'account.opened': z.object({ owner: Id }),
    'account.debited': z.object({ amount: Amount }),
    'account.credited': z.object({ amount: Amount }),
  },
  commands: { open: z.object({ owner: Id }), deposit: z.object({ amount: Amount }) },
  initial: none,
  decide: {
    open: (_, data) => ({ type: 'account.opened', data }),
    deposit: (_, data) => ({ type: 'account.credited', data }),
  },
  evolve: {
    'account.opened': () => none,
    'account.debited': ({ balance }, { data }) => ({ balance: balance - data.amount }),
    'account.credited': ({ balance }, { data }) => ({ balance: balance + data.amount }),
  },
})

export const transfer = defineTransaction({
  name: 'transfer',
  on: account,
  data: z.object({ to: Id, amount: Amount }),
  roles: { from: account, to: account },
  participants: ({ to }, id) => ({ from: id, to }),
  decide: (_, { amount }) => ({
    from: { type: 'account.debited', data: { amount } },
    to: { type: 'account.credited', data: { amount } },
  }),
})

const Reservation = z.object({ reservationId: Id })

export const product = defineAggregate({
  name: 'product',
  events: { 'product.reserved': Reservation.extend({ quantity: z.int() }), 'product.released': Reservation },
  commands: { reserve: Reservation.extend({ quantity: z.int() }), release: Reservation },
  initial: {},
  decide: {
    reserve: (_, data) => ({ type: 'product.reserved', data }),
    release: (_, data) => ({ type: 'product.released', data }),
  },
  evolve: { 'product.reserved': (state) => state, 'product.released': (state) => state },
})

export const message = defineAggregate({
  name: 'message',
  events: { 'message.sent': z.object({ text: z.string() }) },
  commands: { send: z.object({ text: z.string() }) },
  initial: {},
  decide: { send: (_, data) => ({ type: 'message.sent', data }) },
  evolve: { 'message.sent': (state) => state },
})

/** What the service that runs the examples serves. */
export const contexts = [
  counters,
  defineContext({ name: 'orders', aggregates: [order], projections: [orderProjection] }),
  defineContext({ name: 'ledger', aggregates: [account], transactions: [transfer] }),
  defineContext({ name: 'inventory', aggregates: [product] }),
  defineContext({ name: 'messages', aggregates: [message] }),
]
