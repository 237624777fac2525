import { cents, money } from '../money.ts'

/** Σ quantity × unitPrice + shippingCost */
export function totalOf(
  items: readonly { quantity: number; unitPrice: string }[],
  shippingCost: string,
): string {
  const goods = items.reduce((sum, { quantity, unitPrice }) => sum + BigInt(quantity) * cents(unitPrice), 0n)
  return money(goods + cents(shippingCost))
}
