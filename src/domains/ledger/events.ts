import { z } from 'zod'
import { Identifier } from '../identifier.ts'
import { Currency, Money } from '../money.ts'

/** What it is for, in the words of whoever makes it. */
export const Reference = z.string().trim().min(1).max(200)

/** One half of a transfer; both halves have the same `transferId`, amount and currency. */
const Half = z.object({
  transferId: Identifier,
  amount: Money,
  currency: Currency,
  reference: Reference.exactOptional(),
})

export const AccountOpened = z.object({ owner: Identifier, currency: Currency })
export const AccountDeposited = z.object({ amount: Money, reference: Reference.exactOptional() })
export const AccountWithdrawn = z.object({ amount: Money, reference: Reference.exactOptional() })
/** Of the account that it was taken from. */
export const AccountDebited = Half.extend({ to: Identifier })
/** Of the account that it went to. */
export const AccountCredited = Half.extend({ from: Identifier })
