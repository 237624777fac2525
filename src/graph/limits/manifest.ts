import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { HeadwaterError } from '../../streams/errors.ts'
import { sha256 } from './persisted-queries.ts'

const Texts = z.record(z.string(), z.string())
/** https://www.apollographql.com/docs/graphos/platform/security/persisted-queries#manifest-format */
const Apollo = z.object({
  format: z.literal('apollo-persisted-query-manifest'),
  version: z.literal(1),
  operations: z.array(z.object({ id: z.string(), body: z.string() })),
})

/** A file of listed operations that cannot be used: the service does not start with it. */
class ManifestError extends HeadwaterError {
  constructor(path: string, what: string, cause?: unknown) {
    super({ code: 'INVALID_MANIFEST', status: 500, detail: `The operation manifest ${path} ${what}`, cause })
  }
}

/**
 * Reads a list of operations: `{"<id>": "query …"}`, or Apollo's manifest `{format, version: 1, operations: [{id, body, …}]}`.
 *
 * @returns the texts by their ids
 * @throws ManifestError when there is none, it has another shape, or an id that is a SHA-256 is not that of its text
 */
export async function readManifest(path: string): Promise<ReadonlyMap<string, string>> {
  const operations = parseManifest(path, await read(path))
  for (const [id, text] of operations) {
    if (/^[0-9a-f]{64}$/.test(id) && sha256(text) !== id)
      throw new ManifestError(path, `has an operation that was changed: its SHA-256 is no longer ${id}`)
  }
  return operations
}

async function read(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new ManifestError(path, 'cannot be read', error)
  })
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new ManifestError(path, 'is not JSON', error)
  }
}

function parseManifest(path: string, content: unknown): Map<string, string> {
  const apollo = Apollo.safeParse(content)
  if (apollo.success) return new Map(apollo.data.operations.map(({ id, body }) => [id, body]))
  const texts = Texts.safeParse(content)
  if (texts.success) return new Map(Object.entries(texts.data))
  throw new ManifestError(path, 'must be {"<id>": "<text>"}, or a manifest of Apollo’s, version 1')
}
