import type { Logger } from '../../streams/logger.ts'
import { pause } from '../../streams/waiting/pause.ts'
import { type SubgraphText, composeSupergraph } from './compose-supergraph.ts'
import { type SchemaStatus, createKnownSchemas } from './known-schemas.ts'
import type { SchemaMemory } from './schema-memory.ts'
import type { SchemaSource } from './schema-source.ts'

export interface WatchOptions {
  sources: readonly SchemaSource[]
  memory: SchemaMemory | undefined
  /** Between two looks, in milliseconds; 0 for none after the first. */
  pollMs: number
  /** How long the first look waits for subgraphs that are not there yet, in milliseconds. */
  patienceMs: number
  /** Puts a supergraph into force, with what it was composed of. What it throws leaves the one before in force. */
  install: (supergraphSdl: string, subgraphs: readonly SubgraphText[]) => Promise<void>
  logger: Logger
  /** Ends it as `stop` does, also while the first look still waits. */
  signal?: AbortSignal | undefined
}

export interface SupergraphWatch {
  status(): SchemaStatus[]
  /** Why the subgraphs as they are now are not in force; undefined when they are. */
  rejected(): Error | undefined
  /** Looks now, besides the looks in turn. */
  look(): Promise<void>
  stop(): Promise<void>
}

const RETRY_MS = 500

/**
 * Composes the subgraphs, and composes them anew whenever the schema of one has changed. What does not compose, or cannot be
 * installed, is told once and changes nothing: the last good supergraph stays.
 *
 * @throws CompositionError, SchemaUnavailableError or what `install` throws when the first one cannot be put into force; the
 *   signal's reason when it is aborted before
 */
export async function watchSupergraph({
  sources,
  memory,
  pollMs,
  patienceMs,
  install,
  logger,
  signal,
}: WatchOptions): Promise<SupergraphWatch> {
  const stopping = new AbortController()
  const ending = signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal
  const schemas = createKnownSchemas({ sources, memory, logger, ending })
  /** What was composed last, whether it went well or not: the same schemas need no second try. */
  let tried = ''
  let rejection: Error | undefined

  async function compose(): Promise<void> {
    const subgraphs = schemas.texts()
    if (!subgraphs) return
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

  /** After a restart there is no supergraph to stay with, but the schemas of the last good one. */
  async function composeRemembered(cause: unknown): Promise<void> {
    const subgraphs = await Promise.all(
      (schemas.texts() ?? []).map(async (one) => ({
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

  async function first(): Promise<void> {
    const deadline = performance.now() + patienceMs
    for (;;) {
      await schemas.readAll()
      ending.throwIfAborted()
      const missing = schemas.missing()
      if (!missing) return
      if (performance.now() >= deadline) throw missing
      await pause(RETRY_MS, ending)
    }
  }

  let looking: Promise<void> = Promise.resolve()
  /** One after another: two looks at once could install the older schema last. */
  function look(): Promise<void> {
    looking = lookAfter(looking)
    return looking
  }

  async function lookAfter(previous: Promise<void>): Promise<void> {
    await previous
    await schemas.readAll()
    try {
      await compose()
    } catch (error) {
      const message = 'the changed schema of a subgraph is not taken; the supergraph stays as it was'
      logger.error({ err: error }, message)
    }
  }

  async function loop(): Promise<void> {
    while (!ending.aborted) {
      await pause(pollMs, ending)
      if (!ending.aborted) await look()
    }
  }

  await first()
  await compose().catch((error: unknown) => composeRemembered(error))
  const looping = pollMs > 0 ? loop() : Promise.resolve()
  return {
    status: () => schemas.status(),
    rejected: () => rejection,
    look,
    async stop() {
      stopping.abort()
      await looping
      await looking
    },
  }
}
