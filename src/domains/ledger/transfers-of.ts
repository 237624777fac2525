import { BadUserInputError, defineLoader, sql } from '../../index.ts'
import type { Entity, GraphContext, Position } from '../../index.ts'
import { transferProjection } from './transfer-projection.ts'

interface TransferRow {
  account: string
  id: string
  from: string
  to: string
  amount: string
  currency: string
  reference: string | null
  at: string
}

interface Asked {
  account: string
  first: number
}

const MOST = 100

/** One statement for all accounts of a list. */
const latest = defineLoader(
  async (asked: readonly Asked[], { db }) => {
    const accounts = [...new Set(asked.map(({ account }) => account))]
    const most = Math.max(...asked.map(({ first }) => first))
    const { rows } = await sql<TransferRow>`
      select a.id as account, t.id, t.from_account as "from", t.to_account as "to", t.amount, t.currency, t.reference,
        t.made_at as "at"
      from unnest(${accounts}::text[]) as a(id)
      cross join lateral (
        select * from tb_transfer_projection
        where from_account = a.id or to_account = a.id
        order by made_at desc, id limit ${most}) t`.execute(db)
    const byAccount = Map.groupBy(rows, ({ account }) => account)
    return asked.map(({ account, first }) => (byAccount.get(account) ?? []).slice(0, first))
  },
  ({ account, first }) => `${account} ${first}`,
)

/** The latest transfers from and to an account. */
export async function transfersOf(
  { row }: Entity<{ id: string }>,
  { first, atLeast }: { first: number; atLeast?: Position | null },
  context: GraphContext,
) {
  if (first < 0 || first > MOST) throw new BadUserInputError('first', `must be 0 to ${MOST}`)
  await context.beforeRead(transferProjection, atLeast)
  return await latest(context).load({ account: row.id, first })
}
