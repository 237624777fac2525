import { expect } from 'vitest'
import { z } from 'zod'

const GraphError = z.object({
  message: z.string(),
  path: z.array(z.union([z.string(), z.number()])).optional(),
  extensions: z.looseObject({
    code: z.string(),
    status: z.number(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  }),
})
const Body = z.object({ data: z.unknown().optional(), errors: z.array(GraphError).optional() })

export interface AskOptions {
  variables?: Record<string, unknown>
  operationName?: string
  headers?: Record<string, string>
}

export interface Answer extends z.output<typeof Body> {
  status: number
  /** Of the first error. */
  code: string | undefined
  /** A value in the data: `order.items.0.sku`. */
  at(path: string): unknown
}

/**
 * Sends operations to a graph, each error of the answer checked to have a code and a status. Queries are sent again, when
 * they have been compiled, and have to answer the same.
 */
export function thoroughAsker(url: string) {
  const once = asker(url)
  return async (query: string, options?: AskOptions): Promise<Answer> => {
    const answer = await once(query, options)
    if (/^\s*mutation/.test(query)) return answer
    for (let run = 0; run < 2; run++) {
      const { status, data, errors } = await once(query, options)
      expect({ status, data, errors: withoutIds(errors) }).toEqual({
        status: answer.status,
        data: answer.data,
        errors: withoutIds(answer.errors),
      })
    }
    return answer
  }
}

const withoutIds = (errors: Answer['errors']) =>
  errors?.map((error) => ({ ...error, extensions: { ...error.extensions, requestId: undefined } }))

/** Sends operations to a graph, once. */
export function asker(url: string) {
  return async (query: string, { headers = {}, ...parameters }: AskOptions = {}): Promise<Answer> => {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'application/graphql-response+json',
        ...headers,
      },
      body: JSON.stringify({ query, ...parameters }),
    })
    const body = Body.parse(await response.json())
    return {
      ...body,
      status: response.status,
      code: body.errors?.[0]?.extensions.code,
      at: (path) => path.split('.').reduce<unknown>(property, body.data),
    }
  }
}

/** The extensions of an answer. */
export async function extensionsOf(url: string, query: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query }),
  })
  return z
    .object({ extensions: z.unknown() })
    .partial()
    .parse(await response.json()).extensions
}

function property(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined
}
