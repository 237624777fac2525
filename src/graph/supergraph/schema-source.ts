import { readFile } from 'node:fs/promises'
import { request } from 'undici'
import { z } from 'zod'
import { SchemaUnavailableError } from './errors.ts'

/** Where the schema of a subgraph comes from. */
export interface SchemaSource {
  readonly name: string
  readonly url: string
  /** The file that it is read from, if it is. */
  readonly file?: string
  /** @throws SchemaUnavailableError, without an address in its text */
  readonly read: (signal: AbortSignal) => Promise<string>
}

export interface RemoteSchema {
  name: string
  url: string
  headers?: Readonly<Record<string, string>>
  timeoutMs: number
  /** The largest answer, in bytes. */
  maxBytes: number
}

const Answer = z.object({ data: z.object({ _service: z.object({ sdl: z.string().min(1) }) }) })

/** A subgraph that says so itself: https://www.apollographql.com/docs/graphos/schema-design/federated-schemas/reference/subgraph-spec */
export function remoteSchema({ name, url, headers = {}, timeoutMs, maxBytes }: RemoteSchema): SchemaSource {
  return {
    name,
    url,
    async read(signal) {
      try {
        const { body, statusCode } = await request(url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json', accept: 'application/json' },
          body: JSON.stringify({ query: 'query HeadwaterSchema { _service { sdl } }' }),
          signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        })
        const text = await bounded(body, maxBytes)
        const answer = Answer.safeParse(parsed(text))
        if (answer.success) {
          const { ['_service']: service } = answer.data.data
          return service.sdl
        }
        throw new SchemaUnavailableError(
          name,
          `it answered ${statusCode}, and not with an SDL for \`{ _service { sdl } }\``,
        )
      } catch (error) {
        if (error instanceof SchemaUnavailableError) throw error
        throw new SchemaUnavailableError(name, 'it does not answer', error)
      }
    },
  }
}

/** A subgraph whose SDL is in a file, since it does not tell it or is not there yet. */
export function schemaFile(name: string, url: string, file: string): SchemaSource {
  return {
    name,
    url,
    file,
    async read() {
      try {
        return await readFile(file, 'utf8')
      } catch (error) {
        throw new SchemaUnavailableError(name, 'its file cannot be read', error)
      }
    },
  }
}

/** A subgraph of this process. */
export function ownSchema(name: string, sdl: string): SchemaSource {
  return { name, url: '', read: () => Promise.resolve(sdl) }
}

async function bounded(body: AsyncIterable<Buffer>, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > maxBytes) throw new RangeError(`more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
