import { defineAggregate } from '../../index.ts'
import { Deposit, OpenAccount, Withdraw } from './commands.ts'
import {
  AccountCredited,
  AccountDebited,
  AccountDeposited,
  AccountOpened,
  AccountWithdrawn,
} from './events.ts'
import { alreadyOpen, cannotGive, cannotTake } from './refusals.ts'
import { added, noAccount, taken } from './state.ts'

/** An account in one currency. Money comes in and goes out by deposit and withdrawal, and moves between two by `transfer`. */
export const account = defineAggregate({
  name: 'account',
  events: {
    'account.opened': AccountOpened,
    'account.deposited': AccountDeposited,
    'account.withdrawn': AccountWithdrawn,
    'account.debited': AccountDebited,
    'account.credited': AccountCredited,
  },
  commands: { open: OpenAccount, deposit: Deposit, withdraw: Withdraw },
  initial: noAccount,
  decide: {
    open: ({ currency }, data, { id }) =>
      currency === undefined ? { type: 'account.opened', data } : alreadyOpen(id),
    deposit: (state, data, { id }) =>
      cannotTake(state, id, data.amount) ?? { type: 'account.deposited', data },
    withdraw: (state, data, { id }) =>
      cannotGive(state, id, data.amount) ?? { type: 'account.withdrawn', data },
  },
  evolve: {
    'account.opened': (_, { data }) => ({ currency: data.currency, balance: 0 }),
    'account.deposited': (state, { data }) => added(state, data.amount),
    'account.withdrawn': (state, { data }) => taken(state, data.amount),
    'account.debited': (state, { data }) => taken(state, data.amount),
    'account.credited': (state, { data }) => added(state, data.amount),
  },
})
