/** What a column is called in the graph, unless it is said otherwise: `customer_id` is `customerId`. */
export function propertyOf(column: string): string {
  return column.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
}
