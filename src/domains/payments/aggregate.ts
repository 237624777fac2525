import { randomUUID } from 'node:crypto'
import { defineAggregate } from '../../index.ts'
import { AuthorizePayment, CapturePayment, RefundPayment, VoidPayment } from './commands.ts'
import { PaymentAuthorized, PaymentCaptured, PaymentRefunded, PaymentVoided } from './events.ts'
import type { GatewayAnswer, PaymentGateway } from './gateway.ts'
import { declined } from './refusals.ts'
import { authorizing, capturing, refunding, voiding } from './rules.ts'
import { noPayment, refundable, withRefund } from './state.ts'
import { createTestGateway } from './test-gateway.ts'

/**
 * Money for an order: authorized → captured → refunded, in parts or at once; or voided, before it is captured. The gateway
 * is asked first, and only what it did is recorded. Its refusal is the client's, and leaves no trace in the log: the same
 * payment can be authorized with another method.
 *
 * Who repeats what has happened already is told yes, and nothing happens again.
 */
export const paymentThrough = (gateway: PaymentGateway) =>
  defineAggregate({
    name: 'payment',
    events: {
      'payment.authorized': PaymentAuthorized,
      'payment.captured': PaymentCaptured,
      'payment.refunded': PaymentRefunded,
      'payment.voided': PaymentVoided,
    },
    commands: {
      authorize: AuthorizePayment,
      capture: CapturePayment,
      refund: RefundPayment,
      void: VoidPayment,
    },
    initial: noPayment,
    consult: {
      authorize: async (state, data, { id, commandId, signal }) => {
        if (!authorizing(state, data, id))
          return await gateway.authorize({ ...data, paymentId: id, idempotencyKey: commandId }, signal)
        // Its void overtook it, maybe while the gateway was asked: what that holds by now, nobody else would release. To
        // release is harmless whenever it is repeated, so it is a request of its own each time.
        if (state.status === 'voided')
          await gateway.void(
            { authorization: undefined, method: undefined, paymentId: id, idempotencyKey: randomUUID() },
            signal,
          )
        return undefined
      },
      // A payment is captured once: whoever asks for it, it is the same request to the gateway.
      capture: async (state, _, { id, signal }) => {
        const { authorization } = state
        if (!authorization || capturing(state, id)) return undefined
        const { reference, amount, currency, method } = authorization
        const request = { authorization: reference, amount, currency, method, paymentId: id }
        return await gateway.capture({ ...request, idempotencyKey: `${id}/capture` }, signal)
      },
      refund: async (state, { amount = refundable(state), reason }, { id, commandId, signal }) => {
        const { authorization } = state
        if (!authorization || refunding(state, amount, id) || amount === '0.00') return undefined
        const { reference, currency, method } = authorization
        // With the amount: that of a command which says "the rest" is another one when another refund came first.
        const idempotencyKey = `${commandId}/${amount}`
        return await gateway.refund(
          { authorization: reference, amount, currency, method, reason, paymentId: id, idempotencyKey },
          signal,
        )
      },
      void: async (state, _, { id, signal }) => {
        if (voiding(state, id)) return undefined
        const { reference: authorization, method } = state.authorization ?? {}
        // Of an authorization, too, that this void met after it had found none, and is another request then.
        const idempotencyKey = `${id}/void/${authorization ?? 'none'}`
        return await gateway.void({ authorization, method, paymentId: id, idempotencyKey }, signal)
      },
    },
    decide: {
      authorize: (state, data, { id }, asked) => {
        const foreseen = authorizing(state, data, id)
        if (foreseen) return foreseen
        const answer = given(asked)
        return answer.approved
          ? { type: 'payment.authorized', data: { ...data, reference: answer.reference } }
          : declined('PAYMENT', id, answer.reason)
      },
      capture: (state, _, { id }, asked) => {
        const foreseen = capturing(state, id)
        if (foreseen) return foreseen
        const answer = given(asked)
        const amount = refundable(state)
        return answer.approved
          ? { type: 'payment.captured', data: { amount, reference: answer.reference } }
          : declined('CAPTURE', id, answer.reason)
      },
      refund: (state, { amount, reason }, { id }, asked) => {
        const foreseen = refunding(state, amount, id)
        if (foreseen) return foreseen
        const answer = given(asked)
        const data = { amount: amount ?? refundable(state), reason }
        return answer.approved
          ? { type: 'payment.refunded', data: { ...data, reference: answer.reference } }
          : declined('REFUND', id, answer.reason)
      },
      void: (state, _, { id }, asked) => {
        const foreseen = voiding(state, id)
        if (foreseen) return foreseen
        const answer = given(asked)
        return answer.approved ? { type: 'payment.voided', data: {} } : declined('VOID', id, answer.reason)
      },
    },
    evolve: {
      'payment.authorized': (state, { data }) => ({ ...state, status: 'authorized', authorization: data }),
      'payment.captured': (state) => ({ ...state, status: 'captured' }),
      'payment.refunded': (state, { data }) => withRefund(state, data.amount),
      'payment.voided': (state) => ({ ...state, status: 'voided' }),
    },
  })

/** The built-in one: through the test gateway, which moves no money. */
export const payment = paymentThrough(createTestGateway())

function given(answer: GatewayAnswer | undefined): GatewayAnswer {
  if (!answer) throw new TypeError('A payment is decided with what the gateway says; it was not asked')
  return answer
}
