import { defineAggregate } from '../../../index.ts'
import { cents } from '../../money.ts'
import { totalOf } from '../../orders/total.ts'
import { CompletePurchase, FailPurchase, NoteAuthorized, NoteReserved, PlacePurchase } from './commands.ts'
import {
  PurchaseAuthorized,
  PurchaseCompleted,
  PurchaseFailed,
  PurchaseItemReserved,
  PurchasePlaced,
  PurchaseReserved,
} from './events.ts'
import { LONGEST_ID } from './participants.ts'
import { existsAlready, idTooLong, notAnItem, notAuthorized, notReserved, otherAmount } from './refusals.ts'
import { going, isPast, noPurchase, piecesOf } from './state.ts'

/**
 * The purchase of what is in a basket, as far as it has come: placed → reserved → authorized → completed, or failed. It commands
 * nobody. It is told what has happened, and says what that means: which of all the reservations was the last, and which of all
 * the refusals the first. Who comes after the failure is refused, and that is how he knows.
 *
 * Who repeats what it knows already is told yes, and nothing happens again.
 */
export const purchase = defineAggregate({
  name: 'purchase',
  events: {
    'purchase.placed': PurchasePlaced,
    'purchase.item_reserved': PurchaseItemReserved,
    'purchase.reserved': PurchaseReserved,
    'purchase.authorized': PurchaseAuthorized,
    'purchase.completed': PurchaseCompleted,
    'purchase.failed': PurchaseFailed,
  },
  commands: {
    place: PlacePurchase,
    'note-reserved': NoteReserved,
    'note-authorized': NoteAuthorized,
    complete: CompletePurchase,
    fail: FailPurchase,
  },
  initial: noPurchase,
  decide: {
    place: ({ placed }, data, { id }) => {
      if (id.length > LONGEST_ID) return idTooLong()
      if (placed) return existsAlready(id)
      return { type: 'purchase.placed', data: { ...data, total: totalOf(data.items, data.shippingCost) } }
    },
    'note-reserved': (state, { sku, quantity }, { id }) => {
      const placed = going(state, id)
      if ('rejected' in placed) return placed
      if (!piecesOf(state).some((one) => one.sku === sku && one.quantity === quantity))
        return notAnItem(id, sku, quantity)
      if (!state.missing.includes(sku)) return []
      const item = { sku, quantity }
      if (state.missing.length > 1) return { type: 'purchase.item_reserved', data: item }
      const { total: amount, currency, method } = placed
      return [
        { type: 'purchase.item_reserved', data: item },
        { type: 'purchase.reserved', data: { amount, currency, method } },
      ]
    },
    'note-authorized': (state, { amount, currency }, { id }) => {
      const placed = going(state, id)
      if ('rejected' in placed) return placed
      if (cents(amount) !== cents(placed.total) || currency !== placed.currency)
        return otherAmount(id, `${placed.total} ${placed.currency}`)
      if (state.status === 'placed') return notReserved(id)
      return state.status === 'reserved'
        ? { type: 'purchase.authorized', data: { address: placed.address, items: piecesOf(state) } }
        : []
    },
    complete: (state, _, { id }) => {
      const placed = going(state, id)
      if ('rejected' in placed) return placed
      if (state.status === 'completed') return []
      return state.status === 'authorized' ? { type: 'purchase.completed', data: {} } : notAuthorized(id)
    },
    fail: (state, { step, code, detail }, { id }) => {
      const placed = going(state, id)
      if ('rejected' in placed) return state.status === 'failed' ? [] : placed
      if (isPast(state, step)) return []
      const skus = piecesOf(state).map(({ sku }) => sku)
      return { type: 'purchase.failed', data: { step, code, detail, skus } }
    },
  },
  evolve: {
    'purchase.placed': (_, { data }) => ({
      status: 'placed',
      placed: data,
      missing: [...new Set(data.items.map(({ sku }) => sku))],
    }),
    'purchase.item_reserved': (state, { data }) => ({
      ...state,
      missing: state.missing.filter((sku) => sku !== data.sku),
    }),
    'purchase.reserved': (state) => ({ ...state, status: 'reserved' }),
    'purchase.authorized': (state) => ({ ...state, status: 'authorized' }),
    'purchase.completed': (state) => ({ ...state, status: 'completed' }),
    'purchase.failed': (state) => ({ ...state, status: 'failed' }),
  },
})
