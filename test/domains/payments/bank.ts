import type { GatewayAnswer, PaymentGateway } from '../../../src/domains/payments/gateway.ts'
import { cents } from '../../../src/domains/money.ts'

/** What the bank has of one payment, in hundredths. */
export interface Account {
  held: bigint
  captured: bigint
  refunded: bigint
}

const DECLINED = 'declined-'
const yes = (reference: string): GatewayAnswer => ({ approved: true, reference })
const no = (reason: string): GatewayAnswer => ({ approved: false, reason })

/**
 * A gateway that keeps books, as a provider does: the same key is the same request, money is held once a payment, and no more
 * is given back than was taken. A void releases what is held, and no more: what is authorized later is held again.
 *
 * @param pause is waited for before a request is carried out, and before its answer leaves
 */
export function openBank(pause: (operation: string) => Promise<void> = async () => undefined) {
  const accounts = new Map<string, Account>()
  const answers = new Map<string, GatewayAnswer>()
  const asked: string[] = []

  function account(paymentId: string): Account {
    const known = accounts.get(paymentId) ?? { held: 0n, captured: 0n, refunded: 0n }
    accounts.set(paymentId, known)
    return known
  }

  async function request(
    operation: string,
    { idempotencyKey, paymentId }: { idempotencyKey: string; paymentId: string },
    carryOut: (account: Account) => GatewayAnswer,
  ) {
    asked.push(`${operation} ${idempotencyKey}`)
    await pause(operation)
    const key = `${operation} ${idempotencyKey}`
    const answer = answers.get(key) ?? carryOut(account(paymentId))
    answers.set(key, answer)
    await pause(`${operation} done`)
    return answer
  }

  const gateway: PaymentGateway = {
    authorize: (one) =>
      request('authorize', one, (account) => {
        if (one.method.startsWith(DECLINED)) return no('no money')
        if (account.held > 0n || account.captured > 0n) return no('authorized already')
        account.held = cents(one.amount)
        return yes(`${one.paymentId}/${one.idempotencyKey}`)
      }),
    capture: (one) =>
      request('capture', one, (account) => {
        if (account.held !== cents(one.amount)) return no('not held')
        account.captured = account.held
        account.held = 0n
        return yes('captured')
      }),
    refund: (one) =>
      request('refund', one, (account) => {
        if (account.refunded + cents(one.amount) > account.captured) return no('more than captured')
        account.refunded += cents(one.amount)
        return yes('refunded')
      }),
    void: (one) =>
      request('void', one, (account) => {
        if (account.captured > 0n) return no('captured already')
        account.held = 0n
        return yes('voided')
      }),
  }
  return { gateway, account, asked }
}
