import { describe, expect, test } from 'vitest'
import { HeadwaterError } from '../../src/streams/errors.ts'
import { failure, folder, problems } from './workspace.ts'

describe('what is wrong', () => {
  test('is told all at once, by a typed error that reads well on a terminal', () => {
    const error = failure({
      toml: 'namespace = "a b"\n[http]\nport = 70000\nprot = 1\n',
      env: { HEADWATER_LOG_LEVEL: 'loud', HEADWATER_GRAPH_JITS: '1' },
      overrides: { graph: { maxPage: 0 } },
    })
    expect(error).toBeInstanceOf(HeadwaterError)
    expect(error).toMatchObject({ code: 'CONFIGURATION_INVALID', name: 'ConfigurationError', status: 500 })
    expect(error.message).toMatchInlineSnapshot(`
      "The configuration is not valid, 6 problems:
        http.prot (headwater.toml:4): unknown key, did you mean port?
        HEADWATER_GRAPH_JITS: unknown environment variable, did you mean HEADWATER_GRAPH_JIT?
        namespace (headwater.toml:1): "a b" is not a name of 1 to 32 of A-Z a-z 0-9 _ -
        http.port (headwater.toml:3): 70000 is not a whole number from 0 to 65535
        log.level (HEADWATER_LOG_LEVEL): "loud" is not one of trace, debug, info, warn, error, fatal, silent
        graph.max_page (option): 0 is not a whole number from 1 to 10000"
    `)
    expect(error.errors?.find(({ path }) => path === 'http.port')).toEqual({
      path: 'http.port',
      message: '70000 is not a whole number from 0 to 65535 (headwater.toml:3)',
    })
  })

  test('is one problem in the singular', () => {
    expect(failure({ overrides: { http: { port: -1 } } }).message).toContain('not valid, 1 problem:\n')
  })

  test('is cut when it is long, and has no control characters', () => {
    const [problem = ''] = problems({ env: { HEADWATER_NAMESPACE: `\u001b[31m${'x'.repeat(10_000)}` } })
    expect(problem).not.toContain('\u001b')
    expect(problem.length).toBeLessThan(250)
  })

  test.each([
    ['[nats]\nuser = "u"', 'nats.user (headwater.toml:2): needs nats.password too'],
    ['[nats]\npassword = "p"', 'nats.password (headwater.toml:2): needs nats.user too'],
    [
      '[nats]\nuser = "u"\npassword = "p"\ntoken = "t"',
      'nats.token (headwater.toml:4): is a second way to log in: set one of credentials_file, user with password, or token',
    ],
    ['[nats.tls]\ncert_file = "c"', 'nats.tls.cert_file (headwater.toml:2): needs nats.tls.key_file too'],
    ['[nats.tls]\nkey_file = "c"', 'nats.tls.key_file (headwater.toml:2): needs nats.tls.cert_file too'],
    [
      'graph.limits.persisted_queries = "only"',
      'graph.limits.persisted_queries (headwater.toml:1): "only" needs graph.limits.manifest too',
    ],
    [
      'graph.limits.manifest = "c"',
      'graph.limits.manifest (headwater.toml:1): limits nothing without graph.limits.persisted_queries = "only"',
    ],
    [
      '[projections]\nbatch_size = 5000',
      'projections.buffer (default): 4000 is less than projections.batch_size (5000)',
    ],
  ])('may be two keys that do not go together: %j', (toml, problem) => {
    expect(problems({ cwd: folder({ 'headwater.toml': toml, c: '' }) })).toEqual([problem])
  })

  test('may be a file that is not there', () => {
    const cwd = folder({ 'headwater.toml': '[contexts]\nmodules = ["here.ts", "gone.ts"]', 'here.ts': '' })
    expect(problems({ cwd })).toEqual([
      `contexts.modules (headwater.toml:2): there is no file "${cwd}/gone.ts"`,
    ])
  })

  test.each(['http://h', 'h h', 'nats://', 'nats://a,,nats://b', 'nats://h:99999'])('NATS_URL=%s', (url) => {
    expect(problems({ env: { NATS_URL: url } })[0]).toContain('is not an address such as nats://host:4222')
  })

  test.each(['mysql://h/d', 'postgres//h', 'h:5432'])('DATABASE_URL=%s', (url) => {
    expect(problems({ env: { DATABASE_URL: url } })[0]).toContain('is not an address such as postgres://')
  })

  test.each([
    ['[commands]\nidempotency_window_ms = 1000', 'a whole number from 86400000 to 2592000000'],
    [
      '[commands]\nbody_limit = "1XB"',
      '"1XB" is not a size from 1KB to 64MB, such as 65536, "512KB" or "1MB"',
    ],
    ['[commands]\nbody_limit = 1', '1 is not a size from 1KB to 64MB'],
    ['[commands]\nbody_limit = 1e400', 'is not a size'],
    ['gateway.steps.breaker.failure_ratio = 1.5', '1.5 is not a number from 0.01 to 1'],
    ['[graph]\ncursor_secret = "short"', 'the value (***) is not text of 32 to 4096 characters'],
    ['[contexts]\nserve = ["a", "a"]', 'this list is not a list of names of contexts, each once'],
    ['[contexts]\nserve = ["a.b"]', 'this list is not a list of names of contexts, each once'],
    ['[gateway]\nforward_headers = ["Host"]', 'this list is not a list of names of headers'],
    ['[gateway]\nforward_headers = ["a b"]', 'this list is not a list of names of headers'],
    ['[http]\nport = nan', 'NaN is not a whole number'],
    ['[http]\nport = 1979-05-27', 'is not a whole number'],
  ])('may be a number out of its range: %j', (toml, text) => {
    expect(problems({ toml })[0]).toContain(text)
  })
})
