import { column, defineProjection } from '../../index.ts'
import { compliance } from './aggregate.ts'

/** Every alert, in tb_compliance_alert_projection, by the id of its transfer. */
export const complianceAlertProjection = defineProjection({
  name: 'compliance_alert',
  version: 1,
  from: [compliance],
  columns: {
    id: column.text().key(),
    from_account: column.text().index(),
    to_account: column.text().index(),
    amount: column.numeric(),
    currency: column.text(),
    limit_amount: column.numeric(),
    raised_at: column.timestamp().index(),
    version: column.bigint(),
  },
  evolve: {
    'compliance.alert': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      from_account: data.from,
      to_account: data.to,
      amount: data.amount,
      currency: data.currency,
      limit_amount: data.limit,
      raised_at: time,
      version,
    }),
  },
})
