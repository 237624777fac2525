import { z } from 'zod'
import { host, integer, port, text, url } from '../kinds.ts'

const isPostgresUrl = (address: string) => /^postgres(ql)?:\/\/\S+$/.test(address) && URL.canParse(address)

export const postgres = z
  .strictObject({
    url: url(
      'A PostgreSQL of your own; without it an embedded one starts.',
      'an address such as postgres://user:password@host:5432/database',
      'DATABASE_URL',
      isPostgresUrl,
    ).exactOptional(),
    host: host('The address the embedded PostgreSQL listens on.').default('127.0.0.1'),
    port: port('The port of the embedded PostgreSQL; a taken one gets a free one, 0 takes any.').default(
      5432,
    ),
    database: text(
      'The database in the embedded PostgreSQL.',
      'a name of 1 to 63 of A-Z a-z 0-9 _ -',
      /^[A-Za-z0-9_-]{1,63}$/,
    ).default('headwater'),
    schema: text(
      'The schema that holds every table.',
      'an identifier of 1 to 63 of A-Z a-z 0-9 _, no digit first',
      /^[A-Za-z_][A-Za-z0-9_]{0,62}$/,
    ).default('public'),
    poolSize: integer('The most connections a process opens.', 1, 1000).default(10),
    statementTimeoutMs: integer(
      'How long a statement may take, in milliseconds; 0 for no limit.',
      0,
      3_600_000,
    ).default(30_000),
  })
  .describe('The PostgreSQL of the projections, or the embedded one.')
