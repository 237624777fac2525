import type { OpenGateway } from './open-gateway.ts'

/** How a subgraph is reached at this moment. */
export interface SubgraphHealth {
  name: string
  /** `degraded`: a way to it fails, and another one serves. Nothing of it makes the gateway itself unfit. */
  status: 'up' | 'degraded'
  /** Whether its schema was read, or is the one that it had before. */
  schema: 'current' | 'remembered' | 'unknown' | 'fixed'
  /** Why it could not be read the last time. */
  schemaError?: string
  /** Its databases that are read directly or through foreign tables. */
  databases: { strategy: string; status: 'up' | 'down' }[]
  /** Ways that are closed for the time being, since they have failed. */
  open: { type: string | null; strategy: string; breaker: string }[]
}

/** @param timeoutMs how long a database may take to answer */
export async function subgraphHealth(
  { chains, watch }: Pick<OpenGateway, 'chains' | 'watch'>,
  timeoutMs: number,
): Promise<SubgraphHealth[]> {
  const schemas = new Map(watch?.status().map((status) => [status.name, status]))
  return await Promise.all(
    chains().map(async (chain) => {
      const databases = (await chain.ping(timeoutMs)).map(({ strategy, ok }) => ({
        strategy,
        status: ok ? ('up' as const) : ('down' as const),
      }))
      const open = chain
        .status()
        .filter(({ breaker }) => breaker !== 'closed')
        .map(({ type, strategy, breaker }) => ({ type: type ?? null, strategy, breaker }))
      const status = schemas.get(chain.name)
      const schema = watch ? (status?.state ?? 'unknown') : 'fixed'
      const isSound =
        open.length === 0 &&
        databases.every((database) => database.status === 'up') &&
        status?.error === undefined
      return {
        name: chain.name,
        status: isSound ? 'up' : 'degraded',
        schema,
        ...(status?.error !== undefined && { schemaError: status.error }),
        databases,
        open,
      }
    }),
  )
}
