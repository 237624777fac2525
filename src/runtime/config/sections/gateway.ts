import { z } from 'zod'
import { KB, MB } from '../bytes.ts'
import { bytes, choice, decimal, flag, integer, notesOf, path } from '../kinds.ts'

const HEADER = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/
/** What one hop says to the next (RFC 9110, section 7.6.1), or what the gateway says itself. */
const OWN = new Set(
  'accept accept-encoding connection content-encoding content-length content-type expect host keep-alive proxy-authenticate proxy-authorization proxy-connection te trailer transfer-encoding upgrade'.split(
    ' ',
  ),
)

const forwardHeaders = z
  .array(
    z
      .string()
      .regex(HEADER)
      .refine((name) => !OWN.has(name.toLowerCase()))
      .toLowerCase(),
  )
  .register(notesOf, {
    kind: 'list',
    type: 'a list of names of headers, none of them of one connection or body alone (host, content-type, …)',
    description: 'The headers of a client’s request that subgraphs get.',
  })

const breaker = z
  .strictObject({
    consecutiveFailures: integer('So many failures in a row open it.', 1, 100_000).default(5),
    failureRatio: decimal('So does this share of failures of the calls in the window.', 0.01, 1).default(0.5),
    windowMs: integer('How far back calls count for the share, in milliseconds.', 100, 3_600_000).default(
      10_000,
    ),
    minimumCalls: integer('With fewer calls in the window the share does not count.', 1, 1_000_000).default(
      20,
    ),
    openMs: integer(
      'How long it stays open before it lets a few calls through to try, in milliseconds.',
      10,
      3_600_000,
    ).default(5000),
    halfOpenCalls: integer('So many of these have to succeed, all of them, to close it.', 1, 1000).default(3),
  })
  .describe('The circuit breaker of each step: while it is open, the next step is tried at once.')

/** As src/graph/strategies/limits.ts has them: StepSettings. */
const steps = z
  .strictObject({
    timeoutMs: integer(
      'How long a step may take before the next one is tried, in milliseconds; unset, 2000 for direct-db and fdw, 10000 for local and http.',
      10,
      600_000,
    ).exactOptional(),
    maxConcurrent: integer(
      'The most calls of a step at a time; one more goes to the next step at once.',
      1,
      100_000,
    ).default(200),
    breaker: breaker.prefault({}),
  })
  .describe('What each step of a strategy chain is held to: a step per subgraph, entity type and strategy.')

export const gateway = z
  .strictObject({
    enabled: flag(
      '/graphql is the public graph; false: it is a Federation 2 subgraph for a gateway elsewhere.',
    ).default(true),
    engine: choice(
      'What plans and executes operations; mercurius is for platforms without the native planner.',
      ['hive', 'mercurius'],
    ).default('hive'),
    debug: flag('Say in extensions.headwater.resolution which step served what.').default(false),
    supergraph: path(
      'A composed supergraph (SDL) to serve; without it one is composed of the subgraphs.',
      'file',
    ).exactOptional(),
    pollMs: integer(
      'How often subgraphs are asked for their schema, in milliseconds; 0 for at start alone.',
      0,
      86_400_000,
    ).default(10_000),
    patienceMs: integer(
      'How long a start waits for subgraphs that do not answer yet, in milliseconds.',
      0,
      3_600_000,
    ).default(30_000),
    planCache: integer('How many plans of operations are kept.', 1, 1_000_000).default(1000),
    operationTimeoutMs: integer(
      'How long a whole operation may take, in milliseconds: what has not come by then is missing in its answer.',
      10,
      600_000,
    ).default(30_000),
    timeoutMs: integer('How long one request to a subgraph may take, in milliseconds.', 10, 600_000).default(
      10_000,
    ),
    maxResponseBytes: bytes('The largest response of a subgraph, in bytes.', KB, 1024 * MB).default(64 * MB),
    connections: integer('The most connections to one subgraph.', 1, 10_000).default(64),
    maxSubscriptions: integer(
      'The most subscriptions to one subgraph, each with a connection of its own.',
      0,
      1_000_000,
    ).default(1000),
    forwardHeaders: forwardHeaders.default([
      'authorization',
      'headwater-at-least',
      'correlation-id',
      'traceparent',
      'tracestate',
    ]),
    steps: steps.prefault({}),
  })
  .describe('The gateway: one graph over all subgraphs.')
