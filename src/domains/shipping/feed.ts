import { defineFeed } from '../../index.ts'
import { shipment } from './aggregate.ts'
import { Address, ShipmentCreated } from './events.ts'

const PublicShipment = ShipmentCreated.pick({ orderId: true, items: true }).extend({
  destination: Address.pick({ city: true, state: true, postalCode: true, country: true }),
})

/** What others may know of a shipment. Of the address no more than where to: who lives there is private. */
export const shipmentFeed = defineFeed({
  from: shipment,
  publish: {
    'shipment.created': {
      data: ({
        data: {
          orderId,
          items,
          address: { city, state, postalCode, country },
        },
      }) => ({ orderId, items, destination: { city, state, postalCode, country } }),
      schema: PublicShipment,
    },
    'shipment.dispatched': true,
    'shipment.delivered': true,
    'shipment.cancelled': true,
  },
})
