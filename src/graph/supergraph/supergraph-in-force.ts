import type { Logger } from '../../streams/logger.ts'
import { type SubgraphText, composeSupergraph } from './compose-supergraph.ts'
import type { SchemaMemory } from './schema-memory.ts'

/** Puts a supergraph into force, with what it was composed of. What it throws leaves the one before in force. */
export type Install = (supergraphSdl: string, subgraphs: readonly SubgraphText[]) => Promise<void>

/** The supergraph that queries are answered with. */
export interface SupergraphInForce {
  /**
   * Puts what these make into force, unless they are the same as the last time.
   * @throws CompositionError, or what installing throws; the one before stays
   */
  become(subgraphs: readonly SubgraphText[]): Promise<void>
  /**
   * The first: there is none to stay with, but the schemas of the last good one, which may be of a process before.
   * @throws as `become` does, when those are not taken either
   */
  begin(subgraphs: readonly SubgraphText[]): Promise<void>
  /** Why what the subgraphs said last is not in force; undefined when it is. */
  rejected(): Error | undefined
}

export interface SupergraphInForceOptions {
  memory: SchemaMemory | undefined
  install: Install
  logger: Logger
}

export function createSupergraphInForce(options: SupergraphInForceOptions): SupergraphInForce {
  const { memory, install, logger } = options
  /** What was composed last, whether it went well or not: the same schemas need no second try. */
  let tried = ''
  let rejection: Error | undefined

  async function become(subgraphs: readonly SubgraphText[]): Promise<void> {
    const key = JSON.stringify(subgraphs)
    if (key === tried) return
    tried = key
    try {
      await install(composeSupergraph(subgraphs), subgraphs)
      rejection = undefined
    } catch (error) {
      rejection = error instanceof Error ? error : new Error(String(error))
      throw error
    }
    await keep(subgraphs)
  }

  /** What composed: a gateway that starts while a subgraph is away, or has a bad schema, goes on with it. */
  async function keep(subgraphs: readonly SubgraphText[]): Promise<void> {
    try {
      for (const { name, url, sdl } of subgraphs) if (url !== '') await memory?.keep(name, url, sdl)
    } catch (error) {
      // It serves all the same: only a start without that subgraph would lack it.
      logger.warn({ err: error }, 'the schemas of the subgraphs cannot be kept')
    }
  }

  async function becomeRemembered(current: readonly SubgraphText[], cause: unknown): Promise<void> {
    const subgraphs = await Promise.all(
      current.map(async (one) => ({
        ...one,
        sdl: (one.url === '' ? undefined : await memory?.recall(one.name, one.url)) ?? one.sdl,
      })),
    )
    if (JSON.stringify(subgraphs) === tried) throw cause
    await install(composeSupergraph(subgraphs), subgraphs)
    logger.error(
      { err: cause },
      'the schemas of the subgraphs are not taken; the gateway starts with those of before',
    )
  }

  return {
    become,
    begin: (subgraphs) => become(subgraphs).catch((cause: unknown) => becomeRemembered(subgraphs, cause)),
    rejected: () => rejection,
  }
}
