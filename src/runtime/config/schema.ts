import { z } from 'zod'
import { path, text } from './kinds.ts'
import { commands } from './sections/commands.ts'
import { contexts } from './sections/contexts.ts'
import { federation } from './sections/federation/federation.ts'
import { feed } from './sections/feed.ts'
import { gateway } from './sections/gateway.ts'
import { graph } from './sections/graph/graph.ts'
import { http } from './sections/http.ts'
import { log } from './sections/log.ts'
import { nats } from './sections/nats.ts'
import { postgres } from './sections/postgres.ts'
import { projections } from './sections/projections.ts'
import { sagas } from './sections/sagas.ts'
import { streams } from './sections/streams.ts'

/** The whole configuration. Names are camelCase here; TOML’s snake_case and the environment’s names are derived. */
export const configSchema = z.strictObject({
  namespace: text(
    'The first token of every NATS subject, so that a NATS system can be shared.',
    'a name of 1 to 32 of A-Z a-z 0-9 _ -',
    /^[A-Za-z0-9_-]{1,32}$/,
  ).default('hw'),
  dataDir: path('The folder of the embedded servers’ data and of endpoints.json.', 'folder').default(
    '.headwater',
  ),
  http: http.prefault({}),
  nats: nats.prefault({}),
  postgres: postgres.prefault({}),
  streams: streams.prefault({}),
  commands: commands.prefault({}),
  projections: projections.prefault({}),
  feed: feed.prefault({}),
  sagas: sagas.prefault({}),
  graph: graph.prefault({}),
  gateway: gateway.prefault({}),
  federation: federation.prefault({}),
  log: log.prefault({}),
  contexts: contexts.prefault({}),
})

type DeepReadonly<T> = T extends object ? { readonly [K in keyof T]: DeepReadonly<T[K]> } : T

/** Every key with its effective value: sizes in bytes, paths absolute. Frozen. */
export type Config = DeepReadonly<z.output<typeof configSchema>>

type Override<T> = T extends string | number | boolean
  ? T | string
  : T extends readonly unknown[]
    ? T
    : { readonly [K in keyof T]?: Override<T[K]> | undefined }

/** Any part of the configuration, given in code. Text is read as in an environment variable: `port: '0'`. */
export type ConfigOverrides = Override<z.input<typeof configSchema>>
