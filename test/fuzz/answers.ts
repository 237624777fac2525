import { pino } from 'pino'
import { expect } from 'vitest'
import { z } from 'zod'
import { until } from '../support/until.ts'

const Problem = z.looseObject({
  ok: z.literal(false),
  status: z.int().min(400).max(599),
  code: z.string().regex(/^[A-Z][A-Z0-9_]{2,}$/),
  detail: z.string().min(1),
})
const Accepted = z.looseObject({ ok: z.literal(true), version: z.int() })

/** What tells of the inside: a stack, a path of the sources, an address, a statement. */
const INSIDE =
  /\n\s+at |node_modules|\/src\/|node:internal|127\.0\.0\.1|localhost|select .* from |TypeError|RangeError/i

/** An answer that a client may get: of the service’s making, and nothing of its inside. */
export function expectTyped(text: string | undefined): z.output<typeof Problem> | z.output<typeof Accepted> {
  expect(text, 'an answer').toBeDefined()
  const reply = z.union([Accepted, Problem]).parse(JSON.parse(text ?? ''))
  if (!reply.ok) {
    expect(reply.code).not.toBe('INTERNAL')
    expect(JSON.stringify(reply)).not.toMatch(INSIDE)
  }
  return reply
}

const GraphqlError = z.looseObject({
  message: z.string().min(1),
  extensions: z.looseObject({ code: z.string().regex(/^[A-Z][A-Z0-9_]{2,}$/) }),
})
const GraphqlAnswer = z.looseObject({ errors: z.array(GraphqlError).optional() })

/**
 * The same of an answer of the graph, whatever its status.
 * @param subgraph whose own words may be in it: what it says of its inside is no word of the gateway's
 */
export function expectGraphql(text: string, subgraph?: string) {
  const answer = GraphqlAnswer.parse(JSON.parse(text))
  for (const { extensions, message } of answer.errors ?? []) {
    const isOwn = subgraph === undefined || extensions['subgraph'] !== subgraph
    if (isOwn) expect(['INTERNAL', 'DATABASE_UNAVAILABLE']).not.toContain(extensions.code)
    expect(message).not.toMatch(INSIDE)
  }
  return answer
}

/** What a service says of itself when it is ready: its servers have a second to answer, which a busy machine may not keep. */
export async function untilReady(origin: string): Promise<string> {
  return await until('it to be ready', async () => {
    const response = await fetch(`${origin}/health/ready`)
    const text = await response.text()
    return response.status === 200 && text
  })
}

/** A log that keeps what is an error in it. */
export function errorLog() {
  const lines: string[] = []
  const logger = pino({ level: 'error' }, { write: (line: string) => void lines.push(line) })
  return {
    logger,
    /** What has come since it was asked the last time: the beginnings of the first ones. */
    take: () =>
      lines
        .splice(0)
        .slice(0, 3)
        .map((line) => line.slice(0, 1500)),
  }
}
