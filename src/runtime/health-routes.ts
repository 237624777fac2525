import type { FastifyInstance } from 'fastify'
import { type HealthSources, readiness } from './health.ts'

/** `/health/live`: this process runs. `/health/ready`: it can do its work, 503 when it cannot. */
export function addHealthRoutes(app: FastifyInstance, sources: HealthSources): void {
  app.get('/health/live', () => ({ status: 'up' }))
  app.get('/health/ready', async (_request, reply) => {
    const state = await readiness(sources)
    const ready = state.status === 'up' || state.status === 'degraded'
    return reply.code(ready ? 200 : 503).send(state)
  })
}
