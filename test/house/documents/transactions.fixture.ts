// What docs/transactions.md and docs/feed.md take for granted: accounts, shorter than those of the ledger.
import { defineAggregate, defineTransaction, z } from '../../../src/index.ts'

export const Identifier = z.string()
export const Money = z.string().regex(/^\d+\.\d\d$/)
export const cents = (amount: string): number => Math.round(Number(amount) * 100)

const none = { balance: 0 }

export const account = defineAggregate({
  name: 'account',
  events: {
    'account.opened': z.object({ owner: Identifier }),
    'account.deposited': z.object({ amount: Money }),
    'account.debited': z.object({ amount: Money, to: Identifier }),
    'account.credited': z.object({ amount: Money, from: Identifier }),
  },
  commands: { open: z.object({ owner: Identifier }), deposit: z.object({ amount: Money }) },
  initial: none,
  decide: {
    open: (_, data) => ({ type: 'account.opened', data }),
    deposit: (_, data) => ({ type: 'account.deposited', data }),
  },
  evolve: {
    'account.opened': () => none,
    'account.deposited': ({ balance }, { data }) => ({ balance: balance + cents(data.amount) }),
    'account.debited': ({ balance }, { data }) => ({ balance: balance - cents(data.amount) }),
    'account.credited': ({ balance }, { data }) => ({ balance: balance + cents(data.amount) }),
  },
})

export const transfer = defineTransaction({
  name: 'transfer',
  on: account,
  data: z.object({ to: Identifier, amount: Money }),
  roles: { from: account, to: account },
  participants: ({ to }, id) => ({ from: id, to }),
  decide: (_, { amount }, { ids }) => ({
    from: { type: 'account.debited', data: { amount, to: ids.to } },
    to: { type: 'account.credited', data: { amount, from: ids.from } },
  }),
})

const event = <const T extends string, D>(type: T, data: D) => ({ type, data })
export const opened = event('account.opened', { owner: 'ada' })
export const deposited = event('account.deposited', { amount: '5.00' })
export const debited = event('account.debited', { amount: '1.00', to: 'a-2' })
export const credited = event('account.credited', { amount: '1.00', from: 'a-1' })

export const TransferCompleted = z.object({ from: Identifier, to: Identifier, amount: Money })
