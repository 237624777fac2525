// A process of its own that starts the servers it is told to and then waits to be ended: `owner.fixture.ts DIR nats postgres`.
import { startEmbeddedNats, startEmbeddedPostgres } from '../../src/runtime/embedded/index.ts'
import type { EmbeddedServer } from '../../src/runtime/embedded/index.ts'
import { quietPort } from '../support/ports.ts'

const [dataDir = '', ...wanted] = process.argv.slice(2)
const quiet = (): void => undefined
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet }
const host = '127.0.0.1'

const servers: EmbeddedServer[] = []
for (const name of wanted) {
  const port = await quietPort(host)
  const server =
    name === 'nats'
      ? await startEmbeddedNats({ dataDir, host, port, logger })
      : await startEmbeddedPostgres({ dataDir, host, port, database: 'headwater', logger })
  servers.push(server)
  console.log(`${name} ${server.pid} ${server.url}`)
}
console.log('ready')

const waiting = setInterval(quiet, 60_000)
process.once('SIGTERM', () => {
  clearInterval(waiting)
  void Promise.all(servers.map((server) => server.stop()))
})
