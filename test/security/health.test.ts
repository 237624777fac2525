import { expect, it } from 'vitest'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { readiness } from '../../src/runtime/health.ts'

/** What the port says while the gateway does not take the subgraphs as they are now. */
async function told(rejection: Error) {
  const watch = {
    status: () => [],
    rejected: () => rejection,
    look: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  }
  const gateway = { chains: () => [], watch }
  const { status, schemaRejected } = await readiness({
    gateway,
    projections: () => [],
    draining: () => false,
  })
  expect(status).toBe('degraded')
  return schemaRejected
}

it('of an error that nobody has thrown on purpose the port says that it happened, not what', async () => {
  const text = await told(
    new TypeError("Cannot read properties of undefined (reading 'x') at /srv/app/src/y.ts"),
  )
  expect(text).toMatch(/the log of the gateway says why$/)
  expect(text).not.toMatch(/TypeError|properties|src/)
})

it('of one that was, what is wrong, without the log-in of an address in it', async () => {
  const detail = 'The subgraphs do not compose: @link(url: "http://user:hidden@elsewhere/v1") is not known'
  const text = await told(new HeadwaterError({ code: 'COMPOSITION_FAILED', status: 500, detail }))
  expect(text).toContain('The subgraphs do not compose')
  expect(text).toContain('http://user:***@elsewhere/v1')
})
