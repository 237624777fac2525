import { createDatabase } from '../../src/projections/database/database.ts'
import { startProjections } from '../../src/projections/start-projections.ts'
import { openReplicaLog } from '../support/replica-log.ts'
import { accountProjection } from './accounts.ts'
import { eventually } from './support.ts'

/** A process that runs the accounts in batches of two, prints the position that it starts from and each that follows, and waits to be killed. */
const [servers = '', url = '', schema = '', namespace = '', stream = ''] = process.argv.slice(2)
const { log } = await openReplicaLog(servers, namespace, 'account', stream)
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
const status = () => projections.status()[0]
await eventually('it works', () => status()?.state === 'up')
console.log(status()?.positions[stream]?.applied)
