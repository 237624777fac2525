import { commandTo, defineReactor } from '../../../../index.ts'
import { shipment } from '../../../shipping/aggregate.ts'
import { purchase } from '../aggregate.ts'
import { participantOf } from '../participants.ts'
import { failedAt } from './failed-at.ts'
import { REASON } from './reason.ts'

/** What happens to the goods: sent when the money is there, held back when the purchase fails. */
export const purchaseShipping = defineReactor({
  name: 'purchase-shipping',
  from: [purchase],
  on: {
    'purchase.authorized': {
      do: ({ aggregateId, data: { address, items } }) => {
        const id = participantOf(aggregateId)
        return commandTo(shipment, id, 'create', { orderId: id, address, items })
      },
      otherwise: failedAt('create-shipment'),
    },
    'purchase.failed': ({ aggregateId }) =>
      commandTo(shipment, participantOf(aggregateId), 'cancel', { reason: REASON }),
  },
})
