import type { AnyAuthorize } from './authorize.ts'
import type { EntityResolver, GraphContext } from '../context/context.ts'

/** An entity's type as other graphs refer to it. */
export type EntityType = KeyedEntity | ReferencedEntity

/** An entity whose key is one field; the SDL need not say so. */
export interface KeyedEntity {
  readonly type: string
  readonly authorize?: AnyAuthorize
  /** The field that is its key: what `_entities` is asked with. */
  readonly key: string
  /** The object with this value of its key, or null. */
  readonly resolve: EntityResolver
  /** The same for several at a time, in their order: quicker, and not remembered for the rest of the request. */
  readonly resolveAll?: (values: readonly string[], context: GraphContext) => Promise<readonly unknown[]>
  /** The aggregate whose state and history it shows, if it is one of the log. */
  readonly aggregate?: string
  /** The same where it is one of several types that are shown alike. */
  readonly aggregates?: readonly string[]
}

/** An entity whose SDL says what its keys are: several, of several fields, or of fields of other objects. */
export interface ReferencedEntity {
  readonly type: string
  readonly authorize?: AnyAuthorize
  /** The object that a representation is of, or null when there is none. What it throws concerns this one alone. */
  resolveReference(representation: Representation, context: GraphContext): unknown
}

/**
 * What a gateway knows of an entity: `__typename`, the fields of one of its keys, and those that `@requires` names. It is
 * input: nothing but `__typename` has been checked.
 *
 * https://www.apollographql.com/docs/graphos/reference/federation/subgraph-spec#scalar-_any
 */
export type Representation = Readonly<Record<string, unknown>>
