import { cents } from '../money.ts'

export interface AccountState {
  /** Undefined as long as the account is not open. */
  currency: string | undefined
  /** In hundredths: a whole number, never negative, and never more than MOST_CENTS. */
  balance: number
}

export const noAccount: AccountState = { currency: undefined, balance: 0 }

/** 9,999,999,999,999.99: what an amount can say, and JavaScript counts exactly. */
export const MOST_CENTS = 999_999_999_999_999

export const inCents = (amount: string): number => Number(cents(amount))

export const added = (state: AccountState, amount: string): AccountState => ({
  ...state,
  balance: state.balance + inCents(amount),
})

export const taken = (state: AccountState, amount: string): AccountState => ({
  ...state,
  balance: state.balance - inCents(amount),
})
