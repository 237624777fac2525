import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'

const Endpoints = z.object({ graph: z.string(), nats: z.string(), postgres: z.string() })

/** What runs where: URLs for clients and tools. PostgreSQL's holds its password, so only the owner may read the file. */
export type Endpoints = z.output<typeof Endpoints>

const fileIn = (dataDir: string) => join(dataDir, 'endpoints.json')

/** Writes the file in one step: a reader sees the old one or the new one. */
export async function writeEndpoints(dataDir: string, endpoints: Endpoints): Promise<void> {
  await mkdir(dataDir, { recursive: true })
  const file = fileIn(dataDir)
  await writeFile(`${file}.${process.pid}`, `${JSON.stringify(endpoints, null, 2)}\n`, { mode: 0o600 })
  await rename(`${file}.${process.pid}`, file)
}

/** What the service that runs (or ran last) with this data folder wrote; undefined when there is nothing readable. */
export async function readEndpoints(dataDir: string): Promise<Endpoints | undefined> {
  try {
    return Endpoints.parse(JSON.parse(await readFile(fileIn(dataDir), 'utf8')))
  } catch {
    return undefined
  }
}

export async function removeEndpoints(dataDir: string): Promise<void> {
  await rm(fileIn(dataDir), { force: true })
}
