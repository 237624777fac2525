import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { root } from '../support/child.ts'
import { type Block, blocksOf, withoutChance } from '../support/markdown.ts'
import { createReader } from '../support/reader.ts'
import { query } from '../support/graphql.ts'
import { startTestService } from '../support/service.ts'
import { until } from '../support/until.ts'

// What the documents tell their reader to type or to ask is typed and asked here, of one service for all of them, in their order.

const PAGES = [
  'commands',
  'feed',
  'transactions',
  'reactors',
  'sagas',
  'payments-and-shipping',
  'graph',
  'projections',
  'deployment',
]

/** What does not run here, by its first line, and why. */
const NOT_RUN: Record<string, string> = {
  "nats sub 'hw.feed.order.created.>'          # every order that is created, as it happens":
    'the nats command does not come along',
  "nats request hw.cmd.order.o-1.confirm '{}'": 'the nats command does not come along',
  'cp deploy/example.env .env && $EDITOR .env     # the passwords': 'wants a container engine',
  'npx headwater start --contexts orders,inventory --no-gateway --port 4001':
    'three processes: test/federation has them',
  'npx headwater sagas list [--name NAME] [--status STATUS] [--limit N] [--json]': 'a synopsis',
}

/** What goes on until it is stopped. */
const GOES_ON = /^(?:npx headwater tail|curl -N)/

const basket =
  '"customerId":"c-1","currency":"EUR","items":[{"sku":"tea","quantity":2,"unitPrice":"4.50"}],"method":"card-declined","address":{"city":"Porto","postalCode":"4000-001","country":"PT"}'

/** What the documents take for granted: what the README's reader has done. */
const BEFORE = [
  '{"aggregate":"order","id":"o-1","command":"create","data":{"customerId":"c-1","currency":"EUR","items":[{"sku":"tea","quantity":2,"unitPrice":"4.50"}]}}',
  '{"aggregate":"product","id":"tea","command":"add","data":{"name":"Sencha","price":"4.50","currency":"EUR","stock":100}}',
  `{"aggregate":"checkout","id":"c-2","command":"start","data":{${basket}}}`,
]

const blocks = PAGES.flatMap((page) => {
  const all = blocksOf(readFileSync(join(root, `docs/${page}.md`), 'utf8'))
  return all.flatMap((block, index) => {
    const [first = ''] = block.text.split('\n')
    if (!['sh', 'graphql'].includes(block.language)) return []
    const next = all[index + 1]
    const answer = next?.language === 'json' && block.language === 'graphql' ? next : undefined
    return [{ name: `${page}, ${index + 1}: ${first}`, first, block, answer }]
  })
})

describe('the documents', () => {
  const reader = createReader()
  let service: Awaited<ReturnType<typeof startTestService>>
  const there = () => ({ folder: service.folder, graph: service.endpoints.graph })

  beforeAll(async () => {
    service = await startTestService()
    const { code, stderr } = await reader.run(
      `npx headwater send - <<'LINES'\n${BEFORE.join('\n')}\nLINES`,
      there(),
    )
    expect(code, stderr).toBe(0)
  }, 120_000)

  afterAll(async () => {
    await reader.stop()
    await service.stop()
  })

  /** A query whose answer is shown is asked until its rows are there; the reader is slower. */
  async function ask({ text }: Block, answer: Block | undefined): Promise<void> {
    let last: unknown
    const wanted: unknown = answer && JSON.parse(withoutChance(answer.text))
    await until('the answer', async () => {
      const { data, errors } = await query(service.endpoints.graph, text)
      expect(errors).toBeUndefined()
      last = JSON.parse(withoutChance(JSON.stringify(data)))
      return wanted === undefined || JSON.stringify(last) === JSON.stringify(wanted)
    }).catch(() => expect(last).toEqual(wanted))
  }

  /** Hears at least one thing that is no error. */
  async function hear(text: string): Promise<void> {
    const child = reader.listen(text, there())
    const [heard] = await child.printed(/^(?:data: )?\{.*/m)
    expect(heard).not.toContain('"errors"')
  }

  it('names what it does not run, and nothing else', () => {
    expect(blocks.length).toBeGreaterThan(12)
    expect(Object.keys(NOT_RUN).filter((line) => !blocks.some(({ first }) => first === line))).toEqual([])
  })

  it.each(blocks.filter(({ first }) => NOT_RUN[first] === undefined))(
    '$name',
    async ({ block, answer }) => {
      if (block.language === 'graphql' && !block.text.startsWith('subscription')) {
        await ask(block, answer)
      } else if (block.language === 'graphql') {
        const body = JSON.stringify({ query: block.text })
        await hear(
          `curl -N http://127.0.0.1:4000/graphql -H 'accept: text/event-stream' -H 'content-type: application/json' -d '${body}'`,
        )
      } else {
        const lines = block.text.replaceAll('\\\n', ' ').trim().split('\n')
        for (const line of lines) {
          if (GOES_ON.test(line)) {
            await hear(line)
            continue
          }
          const { code, stdout, stderr } = await reader.run(line, there())
          expect(code, `${line}\n${stdout}${stderr}`).toBe(0)
          expect(stdout).not.toContain('"errors":[{')
        }
      }
    },
    120_000,
  )
})
