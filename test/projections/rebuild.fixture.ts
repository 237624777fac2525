import { createDatabase } from '../../src/projections/database/database.ts'
import { startProjections } from '../../src/projections/start-projections.ts'
import { openReplicaLog } from '../support/replica-log.ts'
import { accountProjection } from './accounts.ts'
import { slowed } from './slowed.ts'
import { SETTINGS, eventually } from './support.ts'

/** A process that runs the accounts and their rebuilds, slowly, tells what it logs, and waits to be killed. */
const [servers = '', url = '', schema = '', namespace = '', stream = '', version = '1', microseconds = '0'] =
  process.argv.slice(2)
const { log } = await openReplicaLog(servers, namespace, 'account', stream)
const database = await createDatabase({ url, schema, poolSize: 2, statementTimeoutMs: 10_000 })
const { definition, counted } = slowed(accountProjection({ version: Number(version) }), Number(microseconds))
const tell = (_: object, message: string) => console.log(`${message} | ${counted.events} events folded`)
const projections = await startProjections({
  definitions: [definition],
  logs: new Map([['account', log]]),
  namespace,
  database,
  settings: SETTINGS,
  limits: { batch: 200, flushEveryMs: 0 },
  logger: { debug: () => {}, info: tell, warn: tell, error: tell },
})
const state = () => projections.status()[0]?.state
await eventually('it has found its place', () => state() !== 'starting')
console.log(`started as ${state()}`)
