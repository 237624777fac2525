import type { Logger } from '../../streams/logger.ts'
import { pause } from '../../streams/waiting/pause.ts'
import { type KnownSchemas, type SchemaStatus, createKnownSchemas } from './known-schemas.ts'
import type { SchemaMemory } from './schema-memory.ts'
import type { SchemaSource } from './schema-source.ts'
import { type Install, createSupergraphInForce } from './supergraph-in-force.ts'

export interface WatchOptions {
  sources: readonly SchemaSource[]
  memory: SchemaMemory | undefined
  /** Between two looks, in milliseconds; 0 for none after the first. */
  pollMs: number
  /** How long the first look waits for subgraphs that are not there yet, in milliseconds. */
  patienceMs: number
  install: Install
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
export async function watchSupergraph(options: WatchOptions): Promise<SupergraphWatch> {
  const { sources, memory, pollMs, patienceMs, install, logger, signal } = options
  const stopping = new AbortController()
  const ending = signal ? AbortSignal.any([signal, stopping.signal]) : stopping.signal
  const schemas = createKnownSchemas({ sources, memory, logger, ending })
  const supergraph = createSupergraphInForce({ memory, install, logger })
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
      const subgraphs = schemas.texts()
      if (subgraphs) await supergraph.become(subgraphs)
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

  await supergraph.begin(await firstTexts(schemas, patienceMs, ending))
  const looping = pollMs > 0 ? loop() : Promise.resolve()
  return {
    status: () => schemas.status(),
    rejected: () => supergraph.rejected(),
    look,
    async stop() {
      stopping.abort()
      await looping
      await looking
    },
  }
}

/** Reads the schemas until all are known: the subgraphs may be starting, too. */
async function firstTexts(schemas: KnownSchemas, patienceMs: number, ending: AbortSignal) {
  const deadline = performance.now() + patienceMs
  for (;;) {
    await schemas.readAll()
    ending.throwIfAborted()
    const subgraphs = schemas.texts()
    if (subgraphs) return subgraphs
    const missing = schemas.missing()
    if (missing && performance.now() >= deadline) throw missing
    await pause(RETRY_MS, ending)
  }
}
