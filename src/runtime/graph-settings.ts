import { readManifest } from '../graph/limits/manifest.ts'
import type { ServeSettings } from '../graph/serve.ts'
import type { Config } from './config/index.ts'

export interface GraphHttpSettings extends ServeSettings {
  live: Config['graph']['live']
}

/**
 * What the HTTP part of a graph is held to.
 * @throws ManifestError when the list of allowed operations cannot be read
 */
export async function graphHttpSettings({ http, graph }: Config): Promise<GraphHttpSettings> {
  const { manifest, ...limits } = graph.limits
  return {
    graphiql: http.graphiql,
    bodyLimit: http.bodyLimit,
    jit: graph.jit,
    live: graph.live,
    introspection: limits.introspection,
    explain: graph.explain,
    connections: { requestTimeoutMs: http.requestTimeoutMs, maxConnections: http.maxConnections },
    queryDepth: limits.depth,
    limits: { ...limits, ...(manifest !== undefined && { operations: await readManifest(manifest) }) },
  }
}
