import { type EntityMapping, type FieldMapping, type ValueKind, keyKind } from './entity-mapping.ts'
import { DatabaseUrlError } from './errors.ts'

export interface FdwSetupOptions {
  /** The remote subgraph's. */
  subgraph: string
  /** `postgres://…` of the remote database, as the service's own PostgreSQL reaches it. */
  databaseUrl: string
  mappings: readonly EntityMapping[]
  /** Where the foreign tables are made: `fdw_<subgraph>` unless given. */
  schema?: string
  /** Where the remote tables are that name no schema; `public` unless given. */
  remoteSchema?: string
  /** The local role that may read them; whoever runs the SQL unless given. */
  role?: string
  /** How many rows come at a time; 1,000 unless given. */
  fetchSize?: number
  /** How long the remote database may work on a statement; 2,000 unless given. */
  statementTimeoutMs?: number
  /** Writes user and password into the text. Otherwise they are `:'remote_user'` and `:'remote_password'`, variables of psql. */
  showPassword?: boolean
}

/** The schema of a subgraph's foreign tables, unless it is said otherwise. */
export function fdwSchemaOf(subgraph: string): string {
  return `fdw_${subgraph.toLowerCase().replace(/[^a-z0-9]+/g, '_')}`.slice(0, 63)
}

/**
 * The SQL that lets a service read a remote subgraph's tables through its own PostgreSQL. It can be run again: it replaces
 * what it has made before, in one transaction. It needs the rights to create extensions and servers.
 *
 * https://www.postgresql.org/docs/current/postgres-fdw.html
 *
 * @example
 * psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -v remote_user="$CUSTOMERS_USER" -v remote_password="$CUSTOMERS_PASSWORD" -f setup.sql
 * @throws DatabaseUrlError when the address is not one of a PostgreSQL
 */
export function fdwSetup(options: FdwSetupOptions): string {
  const { subgraph, databaseUrl, mappings, schema = fdwSchemaOf(subgraph), role, fetchSize = 1000 } = options
  const address = URL.parse(databaseUrl)
  if (!address || !/^postgres(ql)?:$/.test(address.protocol)) throw new DatabaseUrlError(subgraph)
  const server = name(schema)
  const local = role === undefined ? 'current_user' : name(role)
  const remoteOptions = `-c statement_timeout=${options.statementTimeoutMs ?? 2000} -c default_transaction_read_only=on`
  const sslmode = address.searchParams.get('sslmode')
  const serverOptions = {
    host: decodeURIComponent(address.hostname).replace(/^\[(.*)\]$/, '$1'),
    port: address.port || '5432',
    dbname: decodeURIComponent(address.pathname.slice(1)),
    ...(sslmode !== null && { sslmode }),
    connect_timeout: '5',
    fetch_size: String(fetchSize),
    // A reader's; and nothing that a gateway sends may write.
    updatable: 'false',
    options: remoteOptions,
  }
  const user = options.showPassword ? literal(decodeURIComponent(address.username)) : `:'remote_user'`
  const password = options.showPassword ? literal(decodeURIComponent(address.password)) : `:'remote_password'`
  return [
    `-- The tables of the subgraph ${subgraph.replace(/[^ -~]/g, '?')} in this database, read through postgres_fdw.`,
    'begin;',
    'create extension if not exists postgres_fdw;',
    `drop server if exists ${server} cascade;`,
    `create server ${server} foreign data wrapper postgres_fdw options (${optionList(serverOptions)});`,
    `create user mapping for ${local} server ${server} options (user ${user}, password ${password});`,
    `create schema if not exists ${name(schema)};`,
    ...mappings.map((mapping) => foreignTable(mapping, schema, options.remoteSchema ?? 'public')),
    ...(role === undefined
      ? []
      : [
          `grant usage on schema ${name(schema)} to ${name(role)};`,
          `grant select on all tables in schema ${name(schema)} to ${name(role)};`,
        ]),
    'commit;',
    '',
  ].join('\n')
}

function foreignTable(mapping: EntityMapping, schema: string, remoteSchema: string): string {
  const { table, fields } = mapping
  const columns = new Map<string, string>()
  for (const [field, column] of Object.entries(mapping.key))
    columns.set(column, TYPES[keyKind(mapping, field)])
  for (const field of Object.values(fields)) columns.set(field.column, typeOf(field))
  const list = [...columns].map(([column, type]) => `  ${name(column)} ${type}`).join(',\n')
  const remote = optionList({ schema_name: mapping.schema ?? remoteSchema, table_name: table })
  return `create foreign table ${name(schema)}.${name(table)} (\n${list}\n) server ${name(schema)} options (${remote});`
}

const TYPES: Record<ValueKind, string> = {
  text: 'text',
  id: 'text',
  enum: 'text',
  int: 'integer',
  long: 'bigint',
  decimal: 'numeric',
  float: 'double precision',
  boolean: 'boolean',
  datetime: 'timestamptz',
  date: 'date',
  json: 'jsonb',
}

function typeOf({ kind, sqlType }: FieldMapping): string {
  if (sqlType === undefined) return TYPES[kind]
  if (!/^[A-Za-z][A-Za-z0-9_ ]{0,62}(\(\d{1,4}(, ?\d{1,4})?\))?(\[\])?$/.test(sqlType)) {
    throw new TypeError(`${JSON.stringify(sqlType)} is no SQL type`)
  }
  return sqlType
}

function optionList(options: Readonly<Record<string, string>>): string {
  return Object.entries(options)
    .map(([option, value]) => `${option} ${literal(value)}`)
    .join(', ')
}

function name(identifier: string): string {
  return `"${identifier.replaceAll('"', '""')}"`
}

function literal(text: string): string {
  const quoted = `'${text.replaceAll("'", "''").replaceAll('\\', '\\\\')}'`
  return text.includes('\\') ? ` E${quoted}` : quoted
}
