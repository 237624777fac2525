import DataLoader from 'dataloader'
import type { GraphContext } from '../context/context.ts'

/** Answers the loader of a request. */
export type Loader<Key, Value> = (context: GraphContext) => DataLoader<Key, Value, string>

/**
 * Declares how many things are loaded in one go: what the resolvers of a request ask for in the same moment arrives as
 * one list of keys, each key once. The loader belongs to the request, so that nothing is remembered beyond it, and is made
 * anew after a command that the request has sent.
 *
 * @param batch answers one value a key, in the order of the keys
 * @param keyOf what makes two keys the same, when they are not texts
 *
 * @example
 * const statusOf = defineLoader(async (ids: readonly string[], { db }) => {
 *   const { rows } = await sql<{ id: string; status: string }>`
 *     select id, status from tb_order_projection where id = any(${ids})`.execute(db)
 *   const byId = new Map(rows.map(({ id, status }) => [id, status]))
 *   return ids.map((id) => byId.get(id) ?? null)
 * })
 * const resolvers = { Parcel: { orderStatus: ({ orderId }: { orderId: string }, _: unknown, context: GraphContext) => statusOf(context).load(orderId) } }
 */
export function defineLoader<Key, Value>(
  batch: (keys: readonly Key[], context: GraphContext) => Promise<Value[]>,
  keyOf: (key: Key) => string = String,
): Loader<Key, Value> {
  const loaders = new WeakMap<object, DataLoader<Key, Value, string>>()
  return (context) => {
    const known = loaders.get(context.moment)
    if (known) return known
    const created = new DataLoader<Key, Value, string>((keys) => batch(keys, context), { cacheKeyFn: keyOf })
    loaders.set(context.moment, created)
    return created
  }
}
