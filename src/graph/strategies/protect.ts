import type { GraphQLFormattedError } from 'graphql/index.js'
import type { Logger } from '../../streams/logger.ts'
import { isProtected, maySeeField, maySeeRow } from '../schema/authorize.ts'
import { ForbiddenError } from '../errors.ts'
import type { EntityMapping } from './entity-mapping.ts'

/** An entity as it is to be shown, before anybody has asked whether it may be. */
export interface Unprotected {
  readonly entity: Record<string, unknown>
  /** What the hooks look at, by field. */
  readonly values: Readonly<Record<string, unknown>>
  /** The fields that are shown, by response key. */
  readonly fields: Iterable<readonly [responseKey: string, field: string]>
  readonly path: readonly (string | number)[]
}

export interface Protected {
  /** Null when the row may not be seen. */
  readonly entity: Record<string, unknown> | null
  readonly errors: readonly GraphQLFormattedError[]
}

/** Takes out of an entity what the caller may not see. A hook that throws hides the row, and the log has the error. */
export function protect(
  { type, authorize }: EntityMapping,
  caller: unknown,
  { entity, values, fields, path }: Unprotected,
  logger: Logger | undefined,
): Protected {
  if (!authorize) return { entity, errors: [] }
  try {
    if (!maySeeRow(authorize, values, caller)) return { entity: null, errors: [] }
    const hidden = [...fields].filter(
      ([, field]) => isProtected(authorize, field) && !maySeeField(authorize, field, values, caller),
    )
    if (hidden.length === 0) return { entity, errors: [] }
    return {
      entity: { ...entity, ...Object.fromEntries(hidden.map(([key]) => [key, null])) },
      errors: hidden.map(([key, field]) => forbidden(`${type}.${field}`, [...path, key])),
    }
  } catch (error) {
    logger?.error({ err: error, type }, 'an authorization hook failed; the row is not shown')
    const extensions = { code: 'INTERNAL', status: 500 }
    const message = 'Whether this may be seen could not be found out'
    return { entity: null, errors: [{ message, path: [...path], extensions }] }
  }
}

function forbidden(what: string, path: (string | number)[]): GraphQLFormattedError {
  const { message, code, status } = new ForbiddenError(what)
  return { message, path, extensions: { code, status } }
}
