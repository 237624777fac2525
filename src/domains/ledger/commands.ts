import { z } from 'zod'
import { Identifier } from '../identifier.ts'
import { Currency, Money } from '../money.ts'
import { Reference } from './events.ts'

const Amount = Money.refine((amount) => /[1-9]/.test(amount), 'must be more than 0.00')

export const OpenAccount = z.object({ owner: Identifier, currency: Currency })
export const Deposit = z.object({ amount: Amount, reference: Reference.exactOptional() })
export const Withdraw = z.object({ amount: Amount, reference: Reference.exactOptional() })
export const Transfer = z.object({
  /** The account that is addressed unless given. */
  from: Identifier.exactOptional(),
  to: Identifier,
  amount: Amount,
  /** Made from the command's id unless given. */
  transferId: Identifier.exactOptional(),
  reference: Reference.exactOptional(),
})
