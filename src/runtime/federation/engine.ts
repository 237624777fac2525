import type { FastifyInstance } from 'fastify'
import { createGateway } from '../../graph/gateway/gateway.ts'
import { createGatewayHttp } from '../../graph/gateway/http/gateway-http.ts'
import type { Servable } from '../../graph/gateway/http/server.ts'
import { EngineUnsuitedError } from '../../graph/mercurius-gateway/errors.ts'
import type { Chain } from '../../graph/strategies/chain.ts'
import type { SubgraphText } from '../../graph/supergraph/compose-supergraph.ts'
import type { Config } from '../config/index.ts'
import { closeAll } from './open-chain.ts'
import type { GatewayParts } from './gateway-parts.ts'

/** One supergraph, in the hands of what plans and executes. */
export interface EngineGateway extends Servable {
  createHttp(): FastifyInstance
}

export interface EngineInput {
  supergraphSdl: string
  /** What it was composed of. */
  subgraphs: readonly SubgraphText[]
  /** The subgraphs, as they are reached: closed with the gateway. */
  chains: readonly Chain[]
}

/** The engine that is configured, over the same subgraphs in any case. */
export async function openEngine(
  { config, settings, identify, logger }: GatewayParts,
  { supergraphSdl, subgraphs, chains }: EngineInput,
): Promise<EngineGateway> {
  const { engine, debug, operationTimeoutMs: timeoutMs, forwardHeaders, planCache } = config.gateway
  const connect = (name: string) => chainNamed(chains, name)
  const report = (error: unknown, subgraph: string) =>
    logger.warn({ err: error, subgraph }, 'a subgraph gave no result')
  const serving = { settings: { ...settings, debug, timeoutMs }, forwardHeaders, identify, logger }
  if (engine === 'mercurius') {
    // Not loaded for those who do not use it.
    const { createMercuriusHttp } = await import('../../graph/mercurius-gateway/mercurius-http.ts')
    return {
      createHttp: () => createMercuriusHttp({ subgraphs, connect, report, ...serving }),
      close: () => closeAll(chains),
    }
  }
  const gateway = await createGateway({
    supergraphSdl,
    subgraphs: connect,
    planCache,
    report,
  })
  return { createHttp: () => createGatewayHttp({ gateway, ...serving }), close: () => gateway.close() }
}

/** @throws EngineUnsuitedError when the engine that is configured needs the subgraphs' own schemas */
export function assertReadsSupergraphs({ gateway: { engine } }: Config): void {
  if (engine === 'mercurius')
    throw new EngineUnsuitedError(
      'it cannot serve gateway.supergraph, only subgraphs that say their schemas; name them in [[federation.subgraphs]] instead',
    )
}

function chainNamed(chains: readonly Chain[], name: string): Chain {
  const chain = chains.find((one) => one.name === name)
  if (chain) return chain
  throw new TypeError(`The supergraph has no subgraph ${name}`)
}
