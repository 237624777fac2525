/**
 * The most reservations of a product that may be open at a time, and how many ended ones it remembers. Both stand in its
 * state, and so in every snapshot: with the longest ids they come to some 900 KB, which one NATS message still holds.
 */
export const MOST_OPEN = 5000
export const ENDED_REMEMBERED = 1000

interface Open {
  id: string
  quantity: number
}

/** A reservation that is over, kept so that the command that ended it can be repeated. */
interface Ended {
  id: string
  how: 'released' | 'shipped'
}

export interface ProductState {
  exists: boolean
  /** Pieces on hand, the reserved ones among them. */
  stock: number
  reserved: number
  /** Lists, not tables by id: a fold copies them for every event, which for lists is a copy of memory. */
  open: readonly Open[]
  /** Oldest first. */
  ended: readonly Ended[]
}

export const noProduct: ProductState = { exists: false, stock: 0, reserved: 0, open: [], ended: [] }

export const available = ({ stock, reserved }: ProductState) => stock - reserved

export const openIn = ({ open }: ProductState, reservationId: string) =>
  open.find(({ id }) => id === reservationId)

/** How a reservation ended; undefined when it is open, was never there, or is forgotten. */
export const endOf = ({ ended }: ProductState, reservationId: string) =>
  ended.findLast(({ id }) => id === reservationId)?.how

export function opened(state: ProductState, id: string, quantity: number): ProductState {
  return { ...state, reserved: state.reserved + quantity, open: [...state.open, { id, quantity }] }
}

/** Of what ended longest ago, it forgets all but the last so many. */
export function ended(state: ProductState, id: string, quantity: number, how: Ended['how']): ProductState {
  return {
    ...state,
    stock: how === 'shipped' ? state.stock - quantity : state.stock,
    reserved: state.reserved - quantity,
    open: state.open.filter((one) => one.id !== id),
    ended: [...state.ended.slice(1 - ENDED_REMEMBERED), { id, how }],
  }
}
