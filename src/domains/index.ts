/** The commerce domain, context by context, `headwater/domains` in the package: what `headwater start` serves unless told otherwise. */
export { orders } from './orders/index.ts'
export { customers } from './customers/index.ts'
export { inventory } from './inventory/index.ts'
export { payments, paymentsContext } from './payments/index.ts'
export { shipping } from './shipping/index.ts'
export { ledger } from './ledger/index.ts'
export { compliance, complianceContext } from './compliance/index.ts'
export { purchases } from './checkout/index.ts'

export type {
  AuthorizeRequest,
  CaptureRequest,
  GatewayAnswer,
  PaymentGateway,
  RefundRequest,
  VoidRequest,
} from './payments/gateway.ts'
export { createTestGateway } from './payments/test-gateway.ts'
export type { TestGatewayRules } from './payments/test-gateway.ts'
