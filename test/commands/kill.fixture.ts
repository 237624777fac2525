// A command service in a process of its own, to be killed: `node kill.fixture.ts <nats url> <namespace>`.
import { composeCommands } from '../support/compose-commands.ts'
import { openReplicaLog } from '../support/replica-log.ts'
import { thing } from './thing.ts'

const [, , servers = '', namespace = ''] = process.argv
const { nc, log } = await openReplicaLog(servers, namespace, 'thing')
await composeCommands({ nc, namespace, log, aggregates: [thing], settings: { snapshotEvery: 50 } })
console.log('serving')
