/**
 * The public Federation gateway audit (https://github.com/graphql-hive/federation-gateway-audit, MIT) against our gateway.
 *
 *   git clone https://github.com/graphql-hive/federation-gateway-audit && cd federation-gateway-audit && npm install
 *   node bench/audit/main.ts <that folder> [test suite …]
 *
 * It starts the audit's own subgraphs, and a gateway for the supergraph of each suite, and sends it the suite's operations
 * over HTTP, as the audit's own runner does: `data` has to be the same, and errors have to be there exactly where they are
 * expected. Prints what failed, then `passed` and `failed`; exits with 1 when anything failed.
 */
import { argv, exit, stdout } from 'node:process'
import { isDeepStrictEqual } from 'node:util'
import { z } from 'zod'
import { startAudit } from './audit-server.ts'
import { startGateway } from './gateway.ts'

const Tests = z.array(
  z.object({
    query: z.string(),
    expected: z.object({ data: z.unknown().optional(), errors: z.boolean().optional() }),
  }),
)
const Answer = z.object({ data: z.unknown().optional(), errors: z.array(z.unknown()).optional() })

type Test = z.output<typeof Tests>[number]

async function ask(url: string, query: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
    signal: AbortSignal.timeout(10_000),
  })
  return Answer.parse(await response.json())
}

/** What was answered instead, when it is not what is expected. Where a test does not say, errors may be or not. */
async function run(url: string, { query, expected }: Test): Promise<string | undefined> {
  const { data = null, errors } = await ask(url, query)
  const isSame = isDeepStrictEqual(data, expected.data ?? null)
  const hasErrors = (errors?.length ?? 0) > 0
  if (isSame && (expected.errors === undefined || expected.errors === hasErrors)) return undefined
  return JSON.stringify({ expected, data, errors }, null, 2)
}

const [, , folder, ...wanted] = argv
if (folder === undefined) {
  console.error('Usage: node bench/audit/main.ts <checkout of the federation-gateway-audit> [test suite …]')
  exit(2)
}
const audit = await startAudit(folder)
let passed = 0
let failed = 0
try {
  const suites = z.array(z.string()).parse(await audit.json('ids'))
  for (const suite of wanted.length > 0 ? wanted : suites) {
    const tests = Tests.parse(await audit.json(`${suite}/tests`))
    const gateway = await startGateway(await audit.text(`${suite}/supergraph`))
    const before = failed
    for (const test of tests) {
      const wrong = await run(gateway.url, test)
      if (wrong === undefined) passed++
      else {
        failed++
        stdout.write(`\n${suite}: ${test.query}\n${wrong}\n`)
      }
    }
    stdout.write(`${suite.padEnd(44)} ${tests.length - (failed - before)}/${tests.length}\n`)
    await gateway.stop()
  }
} finally {
  await audit.stop()
}
stdout.write(`\npassed ${passed}, failed ${failed}\n`)
exit(failed > 0 ? 1 : 0)
