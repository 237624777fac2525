/** Why money goes back and a shipment does not leave. */
export const REASON = 'the purchase failed'
