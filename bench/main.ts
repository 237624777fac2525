import { parseArgs } from 'node:util'
import { benchCommands } from './commands/index.ts'
import { benchGateway } from './gateway/index.ts'
import { benchHybrid } from './hybrid/index.ts'
import { benchLatency } from './latency/index.ts'
import { benchRebuild } from './rebuild/index.ts'
import { benchSagas } from './sagas/index.ts'
import { benchStrategies } from './strategies/index.ts'
import { shareTwoCores } from './support/machine.ts'

const USAGE = `npm run bench -- <benchmark> [--quick] [--json FILE]

  commands                  our commands against a bare publish; memory; loading an aggregate
  commands --peer emmett    the same orders on Emmett with PostgreSQL
  commands --peer restate   the same orders on Restate virtual objects
  latency                   from a command's reply to the projected row
  hybrid                    an order and its history in one query, over a log of a million events
  gateway                   two subgraphs through our gateway, and through others'
  strategies                an entity of another subgraph: over HTTP, from its database, in the same process
  sagas                     checkouts a second beside the same steps on Restate; transfers beside single commands
  rebuild                   a projection from a log of 100,000 and a million events, against bare consume and COPY
  rebuild --peer emmett     the same on Emmett with PostgreSQL

  --quick       a fraction of the time and of the numbers: to see that it works
  --only PART   of commands: throughput, memory or loading; of rebuild: thousand-rows or row-an-event
  --json FILE   where the results go as JSON, besides the table; bench/results/ unless given

bench/README.md says what is measured, and how to read the tables.`

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    quick: { type: 'boolean', default: false },
    peer: { type: 'string' },
    only: { type: 'string' },
    json: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})
const [name] = positionals
if (name === undefined || options.help) {
  console.log(USAGE)
} else {
  shareTwoCores()
  if (name === 'commands') await benchCommands(options)
  else if (name === 'latency') await benchLatency(options)
  else if (name === 'gateway') await benchGateway(options)
  else if (name === 'hybrid') await benchHybrid(options)
  else if (name === 'strategies') await benchStrategies(options)
  else if (name === 'sagas') await benchSagas(options)
  else if (name === 'rebuild') await benchRebuild(options)
  else {
    console.error(`There is no benchmark ${name}.\n\n${USAGE}`)
    process.exitCode = 2
  }
}
