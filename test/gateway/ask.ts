import { z } from 'zod'

const Answer = z.object({
  data: z.unknown().optional(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).optional(),
        extensions: z.looseObject({ code: z.string(), subgraph: z.string().optional() }),
      }),
    )
    .optional(),
  extensions: z.unknown().optional(),
})

export type Answer = z.output<typeof Answer> & { status: number; text: string }

export interface Operation {
  query: string
  variables?: Record<string, unknown>
  operationName?: string
}

/** Sends an operation to a gateway over HTTP. */
export async function ask(
  url: string,
  operation: Operation | string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', ...headers },
    body: JSON.stringify(typeof operation === 'string' ? { query: operation } : operation),
  })
  const text = await response.text()
  return { ...Answer.parse(JSON.parse(text)), status: response.status, text }
}
