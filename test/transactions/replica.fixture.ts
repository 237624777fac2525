// A ledger service in a process of its own, to be killed: `node replica.fixture.ts <nats url> <namespace>`.
import { connect } from '@nats-io/transport-node'
import { createActors } from '../../src/commands/actors.ts'
import { transactionsByAggregate } from '../../src/commands/definition/define-transaction.ts'
import { openEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { account } from '../../src/domains/ledger/aggregate.ts'
import { transfer } from '../../src/domains/ledger/transfer.ts'
import { openEventLog } from '../../src/streams/event-log.ts'
import { openSnapshots } from '../../src/streams/snapshots.ts'
import { defaults } from '../commands/thing.ts'

const [, , servers = '', namespace = ''] = process.argv
const nc = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50, noAsyncTraces: true })
const log = await openEventLog({
  nc,
  spec: {
    name: namespace.toUpperCase(),
    subjects: [`${namespace}.evt.account.*`],
    replicas: 1,
    storage: 'file',
    duplicateWindowMs: 120_000,
  },
  appendTimeoutMs: 5000,
  onMigration() {},
})
const snapshots = await openSnapshots({ nc, bucket: `${namespace}_snapshots`, replicas: 1, storage: 'file' })
const onError = (error: unknown, what: string) => console.error(what, error)
const transactions = transactionsByAggregate([transfer])
const own = transactions.get('account')
const home = { aggregate: account, context: 'ledger', log, ...(own && { transactions: own }) }
const actors = createActors({
  namespace,
  homes: new Map([['account', home]]),
  snapshots,
  settings: { ...defaults, groupMaxCommands: 128, snapshotEvery: 20 },
  onError,
})
await openEndpoint({
  nc,
  namespace,
  version: '0.0.0',
  aggregates: new Map([['account', account]]),
  transactions,
  actors,
  settings: { bodyLimit: 100_000, drainTimeoutMs: 5000 },
  onError,
})
console.log('serving')
