import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The schemas that subgraphs had, so that a gateway can start while one of them is away. */
export interface SchemaMemory {
  recall(subgraph: string, url: string): Promise<string | undefined>
  keep(subgraph: string, url: string, sdl: string): Promise<void>
}

/** @param folder made when something is kept */
export function schemaMemory(folder: string): SchemaMemory {
  // With the address: another subgraph under the same name is not believed to have the same schema.
  const fileOf = (subgraph: string, url: string) =>
    join(folder, `${subgraph}-${createHash('sha256').update(url).digest('hex').slice(0, 12)}.graphql`)
  return {
    async recall(subgraph, url) {
      try {
        const sdl = await readFile(fileOf(subgraph, url), 'utf8')
        // A machine that went away while it was written may have left nothing in it.
        return sdl === '' ? undefined : sdl
      } catch {
        return undefined
      }
    },
    async keep(subgraph, url, sdl) {
      const file = fileOf(subgraph, url)
      await mkdir(folder, { recursive: true })
      await writeFile(`${file}.${process.pid}`, sdl)
      await rename(`${file}.${process.pid}`, file)
    },
  }
}
