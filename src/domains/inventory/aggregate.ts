import { defineAggregate } from '../../index.ts'
import { AddProduct, ReceiveProduct, ReleaseProduct, ReserveProduct, ShipReserved } from './commands.ts'
import {
  MOST_STOCK,
  ProductAdded,
  ProductReceived,
  ProductReleased,
  ProductReserved,
  ProductShipped,
} from './events.ts'
import {
  alreadyThere,
  notReserved,
  notThere,
  outOfStock,
  over,
  overfull,
  reservedOtherwise,
  tooManyOpen,
} from './refusals.ts'
import { MOST_OPEN, available, endOf, ended, noProduct, openIn, opened } from './state.ts'

/**
 * What is on hand of a product, its id the sku, and for whom it is set aside. A reservation is made once and ends once, by
 * release or by shipping. Who repeats what has happened already is told yes, and nothing happens again; of the reservations
 * that are over this holds for the last thousand of a product.
 */
export const product = defineAggregate({
  name: 'product',
  events: {
    'product.added': ProductAdded,
    'product.received': ProductReceived,
    'product.reserved': ProductReserved,
    'product.released': ProductReleased,
    'product.shipped': ProductShipped,
  },
  commands: {
    add: AddProduct,
    receive: ReceiveProduct,
    reserve: ReserveProduct,
    release: ReleaseProduct,
    'ship-reserved': ShipReserved,
  },
  initial: noProduct,
  decide: {
    add: ({ exists }, data, { id }) => (exists ? alreadyThere(id) : { type: 'product.added', data }),
    receive: ({ exists, stock }, { quantity }, { id }) => {
      if (!exists) return notThere(id)
      return stock + quantity > MOST_STOCK
        ? overfull(id, stock, quantity)
        : { type: 'product.received', data: { quantity } }
    },
    reserve: (state, { reservationId, quantity }, { id }) => {
      if (!state.exists) return notThere(id)
      const known = openIn(state, reservationId)
      if (known?.quantity === quantity) return []
      if (known) return reservedOtherwise(id, reservationId, known.quantity)
      const how = endOf(state, reservationId)
      if (how) return over(id, reservationId, how)
      if (available(state) < quantity) return outOfStock(id, available(state), quantity)
      if (state.open.length >= MOST_OPEN) return tooManyOpen(id)
      return { type: 'product.reserved', data: { reservationId, quantity } }
    },
    release: (state, { reservationId, final }, { id }) => {
      if (!state.exists) return notThere(id)
      const known = openIn(state, reservationId)
      if (known) return { type: 'product.released', data: { reservationId, quantity: known.quantity } }
      const how = endOf(state, reservationId)
      if (how === 'released') return []
      if (how) return over(id, reservationId, how)
      return final === true
        ? { type: 'product.released', data: { reservationId, quantity: 0 } }
        : notReserved(id, reservationId)
    },
    'ship-reserved': (state, { reservationId }, { id }) => {
      if (!state.exists) return notThere(id)
      const known = openIn(state, reservationId)
      if (known) return { type: 'product.shipped', data: { reservationId, quantity: known.quantity } }
      const how = endOf(state, reservationId)
      if (how === 'shipped') return []
      return how ? over(id, reservationId, how) : notReserved(id, reservationId)
    },
  },
  evolve: {
    'product.added': (state, { data }) => ({ ...state, exists: true, stock: data.stock }),
    'product.received': (state, { data }) => ({ ...state, stock: state.stock + data.quantity }),
    'product.reserved': (state, { data }) => opened(state, data.reservationId, data.quantity),
    'product.released': (state, { data }) => ended(state, data.reservationId, data.quantity, 'released'),
    'product.shipped': (state, { data }) => ended(state, data.reservationId, data.quantity, 'shipped'),
  },
})
