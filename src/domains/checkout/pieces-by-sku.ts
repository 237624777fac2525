/** How many pieces of each product: one may stand in a basket twice, but is set aside once. */
export function piecesBySku(
  items: readonly { sku: string; quantity: number }[],
): { sku: string; quantity: number }[] {
  const pieces = new Map<string, number>()
  for (const { sku, quantity } of items) pieces.set(sku, (pieces.get(sku) ?? 0) + quantity)
  return Array.from(pieces, ([sku, quantity]) => ({ sku, quantity }))
}
