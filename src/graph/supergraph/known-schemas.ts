import type { Logger } from '../../streams/logger.ts'
import type { SubgraphText } from './compose-supergraph.ts'
import { SchemaUnavailableError } from './errors.ts'
import type { SchemaMemory } from './schema-memory.ts'
import type { SchemaSource } from './schema-source.ts'

/** How a subgraph's schema fares. */
export interface SchemaStatus {
  readonly name: string
  /** `remembered`: it could not be asked, and what it said before is used. */
  readonly state: 'current' | 'remembered' | 'unknown'
  /** Why the last look failed. */
  readonly error: string | undefined
}

/** What is known of the schemas of some subgraphs. */
export interface KnownSchemas {
  /** Asks all of them, at the same time. What cannot be read is told once, and stays as it was known. */
  readAll(): Promise<void>
  /** All of them; undefined as long as one is not known. */
  texts(): SubgraphText[] | undefined
  /** Why the first of those that are not known is not; undefined when all are. */
  missing(): Error | undefined
  status(): SchemaStatus[]
}

export interface KnownSchemasOptions {
  sources: readonly SchemaSource[]
  /** Asked for what could not be read and was never known here. */
  memory: SchemaMemory | undefined
  logger: Logger
  /** Ends the looks that are under way. */
  ending: AbortSignal
}

export function createKnownSchemas({ sources, memory, logger, ending }: KnownSchemasOptions): KnownSchemas {
  const known = new Map<string, string>()
  const errors = new Map<string, Error>()
  const remembered = new Set<string>()

  async function readOne({ name, url, read }: SchemaSource): Promise<void> {
    try {
      const sdl = await read(ending)
      if (errors.delete(name)) logger.info({ subgraph: name }, 'the schema of the subgraph can be read again')
      remembered.delete(name)
      known.set(name, sdl)
    } catch (error) {
      if (ending.aborted) return
      const cause = error instanceof Error ? error : new SchemaUnavailableError(name, String(error))
      if (!errors.has(name))
        logger.warn({ subgraph: name, reason: cause.message }, 'the schema of the subgraph cannot be read')
      errors.set(name, cause)
      if (known.has(name)) return
      const before = await memory?.recall(name, url)
      if (before === undefined) return
      known.set(name, before)
      remembered.add(name)
    }
  }

  return {
    async readAll() {
      await Promise.all(sources.map(readOne))
    },
    texts() {
      const all = sources.flatMap(({ name, url, file }) => {
        const sdl = known.get(name)
        return sdl === undefined ? [] : [{ name, url, sdl, file }]
      })
      return all.length === sources.length ? all : undefined
    },
    missing() {
      const first = sources.find(({ name }) => !known.has(name))
      return (
        first && (errors.get(first.name) ?? new SchemaUnavailableError(first.name, 'it has not answered yet'))
      )
    },
    status: () =>
      sources.map(({ name }) => ({
        name,
        state: !known.has(name) ? 'unknown' : remembered.has(name) ? 'remembered' : 'current',
        error: errors.get(name)?.message,
      })),
  }
}
