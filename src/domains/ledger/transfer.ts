import { createHash } from 'node:crypto'
import { defineTransaction } from '../../index.ts'
import { account } from './aggregate.ts'
import { Transfer } from './commands.ts'
import { cannotGive, cannotTake, currencyMismatch, sameAccount } from './refusals.ts'

/** Moves money from one account to another: both have it in their log, or neither. */
export const transfer = defineTransaction({
  name: 'transfer',
  on: account,
  data: Transfer,
  roles: { from: account, to: account },
  participants: ({ from, to }, id) => (to === (from ?? id) ? sameAccount(to) : { from: from ?? id, to }),
  decide: ({ from, to }, { amount, transferId, reference }, { ids, commandId }) => {
    const refusal = cannotGive(from, ids.from, amount) ?? cannotTake(to, ids.to, amount)
    if (refusal) return refusal
    const { currency = '' } = from
    if (currency !== to.currency) return currencyMismatch(ids.from, currency, ids.to, to.currency ?? '')
    const half = {
      transferId: transferId ?? idOf(commandId, ids),
      amount,
      currency,
      ...(reference !== undefined && { reference }),
    }
    return {
      from: { type: 'account.debited', data: { ...half, to: ids.to } },
      to: { type: 'account.credited', data: { ...half, from: ids.from } },
    }
  },
})

/** The same for the same command; another for one between other accounts, which may have the same command id. */
function idOf(commandId: string, { from, to }: { from: string; to: string }): string {
  return createHash('sha256').update(`${commandId} ${from} ${to}`).digest('hex').slice(0, 32)
}
