// Runs the examples that are named on the command line one after another, beside a service that serves what they take for granted.
import { start } from 'headwater'
import { contexts } from './prelude.ts'

const service = await start({
  contexts,
  config: { http: { port: 0 }, nats: { port: 0 }, postgres: { port: 0 }, log: { level: 'warn' } },
})
// Where the clients in the examples find it.
process.env.NATS_URL = service.endpoints.nats
process.env.DATABASE_URL = service.endpoints.postgres
process.env.HEADWATER_HTTP_PORT = '0'
let failed = 0
for (const file of process.argv.slice(2)) {
  try {
    await import(`./${file}`)
    console.log(`RAN ${file}`)
  } catch (error) {
    failed++
    console.log(`FAILED ${file}`, error)
  }
}
await service.stop()
process.exit(failed === 0 ? 0 : 1)
