import { defineFeed } from '../../index.ts'
import { order } from './aggregate.ts'

/** What others may know of orders: everything that happens to them. */
export const orderFeed = defineFeed({
  from: order,
  publish: {
    'order.created': true,
    'order.confirmed': true,
    'order.shipped': true,
    'order.delivered': true,
    'order.cancelled': true,
  },
})
