import { defineContext } from '../../index.ts'
import { account } from './aggregate.ts'
import { accountFeed } from './feed.ts'
import { accountGraph } from './graph.ts'
import { accountProjection } from './projection.ts'
import { transferProjection } from './transfer-projection.ts'
import { transfer } from './transfer.ts'

/** Accounts, and money that moves between them. */
export const ledger = defineContext({
  name: 'ledger',
  aggregates: [account],
  transactions: [transfer],
  projections: [accountProjection, transferProjection],
  graph: accountGraph,
  feed: accountFeed,
})
