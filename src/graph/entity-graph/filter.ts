import type { Condition } from '../reads/select-rows.ts'

/**
 * A field of a filter: its column and how that compares with what a client gives, as in a `Condition`, and the field's type
 * in SDL. `['created_at', '>=', 'DateTime']`
 */
export type FilterField<Row> = readonly [...condition: ConditionOn<Row>, type: string]
type ConditionOn<Row> = readonly [column: keyof Row & string, operator: Condition<Row>[1]]

/** What a client gives, by field; what it does not give, or gives as null, is not compared. */
export type GivenFilter = Readonly<Record<string, unknown>>

export interface Filter<Row> {
  /** Its input type: `OrderFilter`. */
  readonly name: string
  readonly typeDefs: string
  readonly where: (given: GivenFilter) => Condition<Row>[]
}

/** The filter of an entity's lists and subscriptions, by the names of its fields. */
export function filterOf<Row>(type: string, fields: Readonly<Record<string, FilterField<Row>>>): Filter<Row> {
  const name = `${type}Filter`
  const entries = Object.entries(fields)
  const isRange = entries.some(([, [, operator]]) => operator.startsWith('>') || operator.startsWith('<'))
  return {
    name,
    typeDefs: /* GraphQL */ `
  "What is given has to hold, all of it${isRange ? '; from, to, min and max include their values' : ''}"
  input ${name} {
    ${entries.map(([field, [, , sdl]]) => `${field}: ${sdl}`).join('\n    ')}
  }
`,
    where: (given) => entries.map(([field, [column, operator]]) => [column, operator, given[field]]),
  }
}
