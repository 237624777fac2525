import { defineFeed } from '../../index.ts'
import { shipment } from './aggregate.ts'

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
    },
    'shipment.dispatched': true,
    'shipment.delivered': true,
    'shipment.cancelled': true,
  },
})
