// A ledger service in a process of its own, to be killed: `node replica.fixture.ts <nats url> <namespace>`.
import { account } from '../../src/domains/ledger/aggregate.ts'
import { transfer } from '../../src/domains/ledger/transfer.ts'
import { composeCommands } from '../support/compose-commands.ts'
import { openReplicaLog } from '../support/replica-log.ts'

const [, , servers = '', namespace = ''] = process.argv
const { nc, log } = await openReplicaLog(servers, namespace, 'account')
await composeCommands({
  nc,
  namespace,
  log,
  aggregates: [account],
  transactions: [transfer],
  // The time as it is by default: what waits for one that was killed is not to wait longer than it would in service.
  settings: { groupMaxCommands: 128, snapshotEvery: 20, timeoutMs: 5000 },
})
console.log('serving')
