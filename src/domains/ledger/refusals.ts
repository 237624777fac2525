import { reject } from '../../index.ts'
import { money } from '../money.ts'
import { type AccountState, MOST_CENTS, inCents } from './state.ts'

export const alreadyOpen = (id: string) =>
  reject('ACCOUNT_ALREADY_EXISTS', `The account ${id} exists already`, 409)

export const sameAccount = (id: string) =>
  reject('SAME_ACCOUNT', `A transfer goes from one account to another; both are ${id}`)

export const currencyMismatch = (from: string, ofFrom: string, to: string, ofTo: string) =>
  reject('CURRENCY_MISMATCH', `The account ${from} is in ${ofFrom}, the account ${to} in ${ofTo}`)

/** Why so much cannot be taken from an account; undefined when it can. */
export function cannotGive({ currency, balance }: AccountState, id: string, amount: string) {
  if (currency === undefined) return notThere(id)
  if (inCents(amount) <= balance) return undefined
  return reject(
    'INSUFFICIENT_FUNDS',
    `The account ${id} has ${money(BigInt(balance))} ${currency}, less than ${amount}`,
  )
}

/** Why so much cannot be added to an account; undefined when it can. */
export function cannotTake({ currency, balance }: AccountState, id: string, amount: string) {
  if (currency === undefined) return notThere(id)
  if (inCents(amount) <= MOST_CENTS - balance) return undefined
  return reject(
    'BALANCE_LIMIT_EXCEEDED',
    `The account ${id} has ${money(BigInt(balance))} ${currency}; with ${amount} more it would be over ${money(BigInt(MOST_CENTS))}`,
  )
}

const notThere = (id: string) => reject('ACCOUNT_NOT_FOUND', `There is no account ${id}`, 404)
