// A replica in a process of its own, to be killed: `node chaos.fixture.ts <nats url> <namespace>`. SIGTERM stops it in order.
import { connect } from '@nats-io/transport-node'
import { chaosAggregates, hasty } from './chaos-trade.ts'
import { composeReplica } from './compose.ts'

const [, , servers = '', namespace = ''] = process.argv
const nc = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50, noAsyncTraces: true })
const replica = await composeReplica(nc, {
  namespace,
  sagas: [hasty],
  aggregates: chaosAggregates,
  settings: { takeOverMs: 1000 },
})
process.once('SIGTERM', () => void replica.stop().then(() => process.exit(0)))
console.log('serving')
