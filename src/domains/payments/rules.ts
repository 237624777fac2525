import type { Rejection } from '../../index.ts'
import { cents } from '../money.ts'
import {
  alreadyCaptured,
  alreadyVoided,
  authorizedOtherwise,
  notCaptured,
  notThere,
  tooMuch,
} from './refusals.ts'
import { type Authorization, type PaymentState, refundable } from './state.ts'

/**
 * What a payment's state alone makes of a command: nothing to do (it has happened already), or a refusal. Undefined when
 * the gateway has to be asked. Consultation and decider share it, so that the gateway is asked exactly where its answer is
 * needed.
 */
export type Foreseen = [] | Rejection | undefined

type Terms = Omit<Authorization, 'reference'>

const sameTerms = (one: Terms, other: Terms) =>
  one.orderId === other.orderId &&
  cents(one.amount) === cents(other.amount) &&
  one.currency === other.currency &&
  one.method === other.method

export function authorizing({ status, authorization }: PaymentState, terms: Terms, id: string): Foreseen {
  if (status === 'voided') return alreadyVoided(id)
  if (!authorization) return undefined
  return sameTerms(authorization, terms) ? [] : authorizedOtherwise(id)
}

export function capturing({ status }: PaymentState, id: string): Foreseen {
  if (status === 'none') return notThere(id)
  if (status === 'voided') return alreadyVoided(id)
  return status === 'captured' ? [] : undefined
}

/** @param amount all that is left unless given; of nothing nothing is given back */
export function refunding(state: PaymentState, amount: string | undefined, id: string): Foreseen {
  if (state.status === 'none') return notThere(id)
  if (state.status === 'voided') return alreadyVoided(id)
  if (state.status === 'authorized') return notCaptured(id)
  const left = refundable(state)
  if (amount === undefined) return cents(left) === 0n ? [] : undefined
  return cents(amount) > cents(left) ? tooMuch(id, amount, left) : undefined
}

/** A payment that is not there can be voided too: a compensation may arrive before what it compensates. */
export function voiding({ status }: PaymentState, id: string): Foreseen {
  if (status === 'captured') return alreadyCaptured(id)
  return status === 'voided' ? [] : undefined
}
