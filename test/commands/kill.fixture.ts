// A command service in a process of its own, to be killed: `node kill.fixture.ts <nats url> <namespace>`.
import { connect } from '@nats-io/transport-node'
import { createActors } from '../../src/commands/actors.ts'
import { openEndpoint } from '../../src/commands/endpoint/endpoint.ts'
import { openEventLog } from '../../src/streams/event-log.ts'
import { openSnapshots } from '../../src/streams/snapshots.ts'
import { defaults, thing } from './thing.ts'

const [, , servers = '', namespace = ''] = process.argv
const nc = await connect({ servers, maxReconnectAttempts: -1, reconnectTimeWait: 50, noAsyncTraces: true })
const log = await openEventLog({
  nc,
  spec: {
    name: namespace.toUpperCase(),
    subjects: [`${namespace}.evt.thing.*`],
    replicas: 1,
    storage: 'file',
    duplicateWindowMs: 120_000,
  },
  appendTimeoutMs: 5000,
  onMigration() {},
})
const snapshots = await openSnapshots({ nc, bucket: `${namespace}_snapshots`, replicas: 1, storage: 'file' })
const onError = (error: unknown, what: string) => console.error(what, error)
const actors = createActors({
  namespace,
  homes: new Map([['thing', { aggregate: thing, context: 'things', log }]]),
  snapshots,
  settings: { ...defaults, snapshotEvery: 50 },
  onError,
})
await openEndpoint({
  nc,
  namespace,
  version: '0.0.0',
  aggregates: new Map([['thing', thing]]),
  actors,
  settings: { bodyLimit: 100_000, drainTimeoutMs: 5000 },
  onError,
})
console.log('serving')
