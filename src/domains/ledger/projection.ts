import { column, defineProjection } from '../../index.ts'
import { cents, money } from '../money.ts'
import { account } from './aggregate.ts'

const plus = (balance: string, amount: string) => money(cents(balance) + cents(amount))
const minus = (balance: string, amount: string) => money(cents(balance) - cents(amount))

/** What is on every account, in tb_account_projection. */
export const accountProjection = defineProjection({
  name: 'account',
  version: 1,
  from: [account],
  columns: {
    id: column.text().key(),
    owner: column.text().index(),
    currency: column.text(),
    balance: column.numeric(),
    created_at: column.timestamp().index(),
    updated_at: column.timestamp(),
    version: column.bigint(),
  },
  evolve: {
    'account.opened': (_, { aggregateId, data, time, version }) => ({
      id: aggregateId,
      owner: data.owner,
      currency: data.currency,
      balance: '0.00',
      created_at: time,
      updated_at: time,
      version,
    }),
    'account.deposited': (row, { data, time, version }) =>
      row && { ...row, balance: plus(row.balance, data.amount), updated_at: time, version },
    'account.withdrawn': (row, { data, time, version }) =>
      row && { ...row, balance: minus(row.balance, data.amount), updated_at: time, version },
    'account.debited': (row, { data, time, version }) =>
      row && { ...row, balance: minus(row.balance, data.amount), updated_at: time, version },
    'account.credited': (row, { data, time, version }) =>
      row && { ...row, balance: plus(row.balance, data.amount), updated_at: time, version },
  },
})
