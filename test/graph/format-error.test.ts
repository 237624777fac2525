import { Client } from 'pg'
import { expect, it } from 'vitest'
import { formatError } from '../../src/graph/format-error.ts'
import { quietPort } from '../support/ports.ts'

it('a database that is away is worth another attempt, and its address is nobody’s business', async () => {
  const port = await quietPort('127.0.0.1')
  const client = new Client({ host: '127.0.0.1', port })
  const cause: unknown = await client.connect().catch((error: unknown) => error)
  const reported: unknown[] = []
  const { message, extensions } = formatError(cause, 'r-1', (error) => reported.push(error))
  expect(extensions).toEqual({ code: 'DATABASE_UNAVAILABLE', status: 503, retryAfterMs: 1000, errors: [] })
  expect(message).not.toContain(`${port}`)
  expect(reported).toEqual([cause])
})
