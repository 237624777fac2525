import { fdwSchemaOf, fdwSetup } from '../../graph/strategies/fdw-setup.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import type { ConfiguredSubgraph } from './chain-plan.ts'
import type { GraphView } from './graph-view.ts'
import { mappingsOf } from './mappings.ts'
import { readSubgraph, subgraphNamed } from './view-schemas.ts'

export interface FdwSqlOptions {
  /** The local role that may read the foreign tables. */
  role?: string
  /** Where they are made: the subgraph's fdw_schema, else a name made of the subgraph's. */
  schema?: string
  showPassword?: boolean
}

/**
 * The SQL that lets this service's PostgreSQL read the tables of a configured subgraph: those that its context's code says,
 * or its `entities`.
 *
 * @throws HeadwaterError UNKNOWN_SUBGRAPH; FEDERATION_INVALID when it has no PostgreSQL, or no table is known;
 *   SUBGRAPH_SCHEMA_UNAVAILABLE when the types of configured columns cannot be read
 */
export async function fdwSql(
  view: GraphView,
  name: string,
  { role, schema, showPassword = false }: FdwSqlOptions,
): Promise<{ sql: string; schema: string; isConfigured: boolean }> {
  const configured = subgraphNamed(view.config.federation.subgraphs, name)
  const { databaseUrl = '', fdwSchema, statementTimeoutMs } = configured
  if (!/^postgres(ql)?:/.test(databaseUrl))
    throw invalid(`fdw needs database_url of the subgraph ${name} to be that of a PostgreSQL: postgres://…`)
  const mappings = mappingsOf(view.config, name, view.known.get(name), await sdlFor(view, configured))
  if (mappings.length === 0)
    throw invalid(
      `No table of the subgraph ${name} is known: it is no context whose code is here; say its tables in federation.subgraphs.entities`,
    )
  const chosen = schema ?? fdwSchema ?? fdwSchemaOf(name)
  const sql = fdwSetup({
    subgraph: name,
    databaseUrl,
    mappings,
    schema: chosen,
    showPassword,
    statementTimeoutMs,
    ...(role !== undefined && { role }),
  })
  return { sql, schema: chosen, isConfigured: chosen === fdwSchema }
}

/** The types of columns that are configured are in the schema; code says them itself. */
async function sdlFor(view: GraphView, configured: ConfiguredSubgraph): Promise<string> {
  if (Object.keys(configured.entities).length === 0) return ''
  return await readSubgraph(view, new Map(), configured.name)
}

function invalid(detail: string): HeadwaterError {
  return new HeadwaterError({ code: 'FEDERATION_INVALID', status: 500, detail })
}
