// What docs/payments-and-shipping.md takes for granted.
export { createTestGateway as createMyGateway } from '../../../src/domains/index.ts'
