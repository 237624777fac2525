// A whole service in a process of its own, to be killed: `node replica.fixture.ts <nats url> <database url> <folder>`.
import { customers, inventory, orders, payments, purchases, shipping } from '../../../src/domains/index.ts'
import { loadConfig } from '../../../src/runtime/config/index.ts'
import { startService } from '../../../src/runtime/service.ts'

const [, , nats = '', database = '', cwd = ''] = process.argv
const { config } = loadConfig({
  env: {},
  cwd,
  overrides: {
    http: { port: 0 },
    nats: { url: nats },
    postgres: { url: database },
    log: { level: 'silent' },
    // What is looked at are the logs.
    projections: { run: false },
    gateway: { enabled: false },
  },
})
await startService({ config, contexts: [orders, customers, inventory, payments, shipping, purchases] })
console.log('serving')
