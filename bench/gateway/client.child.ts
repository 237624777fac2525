import { Pool } from 'undici'
import { z } from 'zod'
import { childOptions, serve } from '../support/child.ts'
import { LoadShape, runLoad } from '../support/load.ts'
import { EXPECTED, QUERY } from './data.ts'

/** Asks one gateway after another, over connections that stay open, and reads every answer. */
childOptions(z.object({}))
const pools = new Map<string, Pool>()
const body = JSON.stringify({ query: QUERY })
const Answer = z.object({ data: z.unknown() })

function poolOf(origin: string): Pool {
  const known = pools.get(origin) ?? new Pool(origin, { connections: 64 })
  pools.set(origin, known)
  return known
}

async function ask(pool: Pool, path: string): Promise<string | undefined> {
  const answer = await pool.request({
    path,
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body,
  })
  const text = await answer.body.text()
  const data = JSON.stringify(Answer.parse(JSON.parse(text)).data)
  return data === EXPECTED ? undefined : `another answer: ${text.slice(0, 200)}`
}

const Request = z.object({ url: z.string(), shape: LoadShape })

serve(
  async (message) => {
    const { url, shape } = Request.parse(message)
    const { origin, pathname } = new URL(url)
    const pool = poolOf(origin)
    return await runLoad(shape, () => ask(pool, pathname))
  },
  () => Promise.all([...pools.values()].map((pool) => pool.close())),
)
