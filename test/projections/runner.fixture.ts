import { connect } from '@nats-io/transport-node'
import { createDatabase } from '../../src/projections/database/database.ts'
import { startProjections } from '../../src/projections/start-projections.ts'
import { openEventLog } from '../../src/streams/event-log.ts'
import { accountProjection } from './accounts.ts'

/** A process that runs the accounts in batches of two, prints each position, and waits to be killed. */
const [servers = '', url = '', schema = '', namespace = '', stream = ''] = process.argv.slice(2)
const nc = await connect({ servers })
const log = await openEventLog({
  nc,
  spec: {
    name: stream,
    subjects: [`${namespace}.evt.account.*`],
    replicas: 1,
    storage: 'file',
    duplicateWindowMs: 60_000,
  },
  appendTimeoutMs: 5000,
  onMigration: () => {},
})
const database = await createDatabase({ url, schema, poolSize: 1, statementTimeoutMs: 10_000 })
const tell = (fields: object, message: string) => console.error(message, fields)
const projections = await startProjections({
  definitions: [accountProjection()],
  logs: new Map([['account', log]]),
  namespace,
  database,
  settings: {
    batchSize: 2,
    buffer: 10,
    lagThresholdMs: 1000,
    retryMaxMs: 500,
    parkAttempts: 3,
    jobConcurrency: 2,
  },
  logger: { debug: () => {}, info: () => {}, warn: tell, error: tell },
})
projections.onApplied((_, positions) => console.log(positions[stream]))
