import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { defineAggregate } from '../../index.ts'
import { CancelShipment, CreateShipment, DeliverShipment, DispatchShipment } from './commands.ts'
import { ShipmentCancelled, ShipmentCreated, ShipmentDelivered, ShipmentDispatched } from './events.ts'
import { type Status, cancelledBefore, createdOtherwise, notServed, refuse } from './refusals.ts'
import { isServed } from './served.ts'

interface ShipmentState {
  status: Status
  /** What it is, and how it goes: to tell a repeated command from another one. */
  created: z.infer<typeof ShipmentCreated> | null
  dispatched: z.infer<typeof ShipmentDispatched> | null
}
const initial: ShipmentState = { status: 'none', created: null, dispatched: null }

/** As JSON has it: without what is undefined. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value))
const same = (one: object | null, other: object) =>
  one !== null && isDeepStrictEqual(plain(one), plain(other))

/**
 * created → dispatched → delivered; cancelled only before it is dispatched. A shipment that is not there can be cancelled
 * too, and is then never created: a compensation may arrive before what it compensates.
 *
 * Who repeats what has happened already is told yes, and nothing happens again.
 */
export const shipment = defineAggregate({
  name: 'shipment',
  events: {
    'shipment.created': ShipmentCreated,
    'shipment.dispatched': ShipmentDispatched,
    'shipment.delivered': ShipmentDelivered,
    'shipment.cancelled': ShipmentCancelled,
  },
  commands: {
    create: CreateShipment,
    dispatch: DispatchShipment,
    deliver: DeliverShipment,
    cancel: CancelShipment,
  },
  initial,
  decide: {
    create: ({ status, created }, data, { id }) => {
      if (status === 'cancelled') return cancelledBefore(id)
      if (status !== 'none') return same(created, data) ? [] : createdOtherwise(id)
      return isServed(data.address) ? { type: 'shipment.created', data } : notServed(id)
    },
    dispatch: ({ status, dispatched }, { carrier, trackingNumber }, { id }) => {
      const data = { carrier, trackingNumber: trackingNumber ?? id }
      if (status === 'created') return { type: 'shipment.dispatched', data }
      return status === 'dispatched' && same(dispatched, data) ? [] : refuse(id, status, 'dispatched')
    },
    deliver: ({ status }, _, { id }) => {
      if (status === 'delivered') return []
      return status === 'dispatched'
        ? { type: 'shipment.delivered', data: {} }
        : refuse(id, status, 'delivered')
    },
    cancel: ({ status }, data, { id }) => {
      if (status === 'cancelled') return []
      return status === 'none' || status === 'created'
        ? { type: 'shipment.cancelled', data }
        : refuse(id, status, 'cancelled')
    },
  },
  evolve: {
    'shipment.created': (state, { data }) => ({ ...state, status: 'created', created: data }),
    'shipment.dispatched': (state, { data }) => ({ ...state, status: 'dispatched', dispatched: data }),
    'shipment.delivered': (state) => ({ ...state, status: 'delivered' }),
    'shipment.cancelled': (state) => ({ ...state, status: 'cancelled' }),
  },
})
