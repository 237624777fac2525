import { defineAggregate, reject, z } from '../../index.ts'
import { Identifier } from '../identifier.ts'
import { Currency, Money } from '../money.ts'

/** What is told of a transfer that is to be looked at, and the limit that it was above. */
const Alert = z.object({
  from: Identifier,
  to: Identifier,
  amount: Money,
  currency: Currency,
  limit: Money,
})

/** An alert about a transfer; its id is the transfer's, so that there is one at most. */
export const compliance = defineAggregate({
  name: 'compliance',
  events: { 'compliance.alert': Alert },
  commands: { raise: Alert },
  initial: { raised: false },
  decide: {
    raise: ({ raised }, data, { id }) =>
      raised
        ? reject('COMPLIANCE_ALERT_RAISED', `The transfer ${id} has an alert already`, 409)
        : { type: 'compliance.alert', data },
  },
  evolve: { 'compliance.alert': () => ({ raised: true }) },
})
