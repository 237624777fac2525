/** What every request to a gateway has. */
interface GatewayRequest {
  /** The same for the same request, however often it is made: a gateway does it once, and answers what it answered first. */
  idempotencyKey: string
  /** The merchant's reference, under which the gateway keeps all that belongs to this payment. */
  paymentId: string
}

/** Money is a decimal text with two decimals; `method` is the gateway's token for a card or an account. */
export interface AuthorizeRequest extends GatewayRequest {
  orderId: string
  amount: string
  currency: string
  method: string
}

/** To take money that was authorized. */
export interface CaptureRequest extends GatewayRequest {
  /** What the gateway called the authorization. */
  authorization: string
  amount: string
  currency: string
  method: string
}

/** To give money back, in parts or at once. */
export interface RefundRequest extends CaptureRequest {
  reason: string
}

/** To release money that was authorized, or may have been. */
export interface VoidRequest extends GatewayRequest {
  /** Undefined when nobody here knows of one: release then whatever is held for the payment, if anything is. */
  authorization: string | undefined
  method: string | undefined
}

/** What a gateway says: done, with its name for it, or no, with a reason that the client may read. */
export type GatewayAnswer = { approved: true; reference: string } | { approved: false; reason: string }

/**
 * Where payments are made: what a team implements for its provider.
 *
 * An answer is final: under the same idempotency key it stays. What is not known yet (no connection, a time-out, "try again
 * later") is thrown, a HeadwaterError with the status 503 or whatever it is, and the command is asked again. `signal` aborts
 * when nobody waits any more.
 *
 * A gateway holds money at most once for a payment, and never refunds more than it captured: two replicas may ask at the
 * same moment, and only one of them gets to write. After `void` it should hold nothing for that payment any more, whatever
 * arrives later.
 */
export interface PaymentGateway {
  authorize(request: AuthorizeRequest, signal: AbortSignal): Promise<GatewayAnswer>
  capture(request: CaptureRequest, signal: AbortSignal): Promise<GatewayAnswer>
  refund(request: RefundRequest, signal: AbortSignal): Promise<GatewayAnswer>
  /** Nothing to release is no failure: it is approved. */
  void(request: VoidRequest, signal: AbortSignal): Promise<GatewayAnswer>
}
