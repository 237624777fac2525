import { z } from 'zod'
import { choice, table, text } from '../../kinds.ts'

/** A name in GraphQL (https://spec.graphql.org/October2021/#sec-Names) that is not reserved. */
export const GRAPHQL_NAME = /^(?!__)[_A-Za-z][_0-9A-Za-z]{0,127}$/
/** PostgreSQL cuts longer names at 63 bytes; others have 64 or 128 characters. */
const SQL_NAME = /^[^\p{Cc}]{1,128}$/u

const column = (description: string) => text(description, 'the name of a column', SQL_NAME)

/** The kinds of src/graph/strategies/entity-mapping.ts. */
const KINDS = [
  'text',
  'id',
  'int',
  'long',
  'decimal',
  'float',
  'boolean',
  'datetime',
  'date',
  'json',
  'enum',
] as const

const field = z
  .strictObject({
    column: column('The column that holds it.'),
    kind: choice(
      'What its value is in the graph; unset, what its type in the schema says.',
      KINDS,
    ).exactOptional(),
    sqlType: text(
      'The column’s type in a foreign table, such as uuid; unset, that of its kind.',
      'a type of PostgreSQL',
      /^[A-Za-z][A-Za-z0-9_ ]{0,62}(\(\d{1,4}(, ?\d{1,4})?\))?(\[\])?$/,
    ).exactOptional(),
  })
  .meta({ shorthand: 'column' })
  .describe('A field; its column alone can be written as a text.')

const entity = z
  .strictObject({
    table: text('The table or view that its rows are in.', 'the name of a table', SQL_NAME),
    schema: text(
      'The schema of the table; unset, the connection’s own.',
      'the name of a schema',
      SQL_NAME,
    ).exactOptional(),
    key: table(
      'The fields of the entity’s key, and their columns.',
      { type: 'a table of field = column', names: 'the name of a field', pattern: GRAPHQL_NAME },
      column('The column of a key’s field.'),
    ).superRefine((columns, context) => {
      if (Object.keys(columns).length === 0)
        context.addIssue({ code: 'custom', message: 'names no field, and without one no row can be found' })
    }),
    fields: table(
      'The fields that the table can answer, and their columns.',
      { type: 'a table of field = column', names: 'the name of a field', pattern: GRAPHQL_NAME },
      field,
    ).default({}),
  })
  .describe('How an entity type lies in a table of the database, for subgraphs not written with Headwater.')

export const entities = table(
  'How entity types lie in tables, for subgraphs that are not written with Headwater.',
  { type: 'a table of entity types', names: 'the name of an entity type', pattern: GRAPHQL_NAME },
  entity,
)
