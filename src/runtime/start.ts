import type { Identify } from '../graph/context/identify.ts'
import { type ConfigOverrides, loadConfig } from './config/index.ts'
import type { Context } from './define-context.ts'
import { type Service, startService } from './service.ts'

/** What `start` takes. */
export interface StartOptions {
  /** What to serve. */
  contexts: readonly Context[]
  /** Wins over environment and headwater.toml, key by key. */
  config?: ConfigOverrides
  /** Who sends a request of the graph, by its headers: what authorization hooks get as `caller`. */
  identify?: Identify
}

/**
 * Starts a service of one's own: NATS and PostgreSQL too where none is configured. Ctrl-C and SIGTERM stop it in order.
 *
 * @example
 * const service = await start({ contexts: [counters] })
 * console.log(service.endpoints.graph)
 * await service.stop()
 * @throws ConfigurationError with everything that is wrong; HeadwaterError with what to do about it
 */
export async function start({ contexts, config: overrides, identify }: StartOptions): Promise<Service> {
  const { config } = loadConfig(overrides === undefined ? {} : { overrides })
  const service = await startService({ config, contexts, ...(identify && { identify }) })
  const onSignal = () => void stop()
  const stop = async () => {
    process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
    await service.stop()
  }
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal)
  return { ...service, stop }
}
