import type { Command } from 'commander'
import type { FdwSqlOptions } from '../runtime/federation/fdw-sql.ts'
import { openView } from './graph-options.ts'
import { print } from './print.ts'

/** `headwater graph fdw-setup customers`: the SQL that makes foreign tables of a subgraph's. */
export function registerFdwSetup(group: Command): void {
  group
    .command('fdw-setup')
    .description(
      'print the SQL with which this service’s own PostgreSQL reads the tables of a subgraph (postgres_fdw), for the strategy fdw',
    )
    .argument('<subgraph>', 'the subgraph, which has a database_url in headwater.toml: customers')
    .option('--role <role>', 'the role that the service connects as, when another one runs the SQL')
    .option('--schema <schema>', 'where the foreign tables are made; its fdw_schema unless given')
    .option(
      '--show-password',
      'write user and password into the SQL; without it they are the variables remote_user and remote_password of psql',
    )
    .addHelpText(
      'after',
      `
Example:
  headwater graph fdw-setup customers > setup.sql
  psql "$DATABASE_URL" -v ON_ERROR_STOP=1 -v remote_user="$CUSTOMERS_USER" -v remote_password="$CUSTOMERS_PASSWORD" -f setup.sql`,
    )
    .action(async (subgraph: string, options: FdwSqlOptions) => {
      const view = await openView({ gateway: true })
      const { fdwSql } = await import('../runtime/federation/fdw-sql.ts')
      const { sql, schema, isConfigured } = await fdwSql(view, subgraph, options)
      print(sql.trimEnd())
      if (!isConfigured)
        process.stderr.write(
          `Give the subgraph ${subgraph} in headwater.toml: fdw_schema = ${JSON.stringify(schema)}\n`,
        )
    })
}
