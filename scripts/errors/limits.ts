import type { ErrorTable } from './entry.ts'

/** Each says in `extensions` what was `measured`, and the `limit`. */
export const limitErrors = {
  QUERY_TOO_DEEP: {
    status: 400,
    where: ['graph'],
    when: 'The operation has more levels than `graph.limits.depth`, or selections nested too far.',
    remedy: 'Ask in several operations, or raise the limit.',
  },
  QUERY_TOO_LARGE: {
    status: 400,
    where: ['graph'],
    when: 'The document has more tokens or fields than `graph.limits.tokens`, or too many directives.',
    remedy: 'Ask in several operations, or raise the limit.',
  },
  QUERY_TOO_COSTLY: {
    status: 400,
    where: ['graph'],
    when: 'The operation costs more than is run, by the rules of docs/graph.md.',
    remedy: 'Ask for shorter lists (`first`) or fewer fields, or raise the limit.',
  },
  SLICING_ARGUMENT_REQUIRED: {
    status: 400,
    where: ['graph'],
    when: 'A list is asked for without the argument that says how long it may be.',
    remedy: 'Give exactly one of the arguments that say so, such as `first`.',
  },
  TOO_MANY_ALIASES: {
    status: 400,
    where: ['graph'],
    when: 'The operation has more aliases than is taken.',
    remedy: 'Ask in several operations, or raise the limit.',
  },
  TOO_MANY_REPRESENTATIONS: {
    status: 400,
    where: ['graph'],
    when: 'A gateway asks `_entities` for more at once than is taken.',
    remedy: 'Ask for shorter lists, or raise the limit.',
  },
  INTROSPECTION_DISABLED: {
    status: 400,
    where: ['graph'],
    when: 'The operation asks for the schema, which is not told here (in production, unless configured).',
    remedy: '`headwater graph print --public` prints it; `graph.limits.introspection = true` tells it.',
  },
  PERSISTED_QUERY_NOT_FOUND: {
    status: 400,
    where: ['graph'],
    when: 'An operation was asked for by its id alone, and is not known here.',
    remedy: 'Send its text along, as clients of automatic persisted queries do by themselves.',
  },
  PERSISTED_QUERY_NOT_SUPPORTED: {
    status: 400,
    where: ['graph'],
    when: 'Persisted queries are off here, or the version of the protocol is not 1.',
    remedy: 'Send the text of the operation.',
  },
  PERSISTED_QUERY_MISMATCH: {
    status: 400,
    where: ['graph'],
    when: 'The id of a persisted query is not the SHA-256 of its text.',
    remedy: 'Send the hash of the very text, in hexadecimal.',
  },
  OPERATION_NOT_ALLOWED: {
    status: 400,
    where: ['graph'],
    when: 'Only listed operations are run here (`graph.limits.persisted_queries = "only"`), and this one is not in the list.',
    remedy: 'Put it into the manifest.',
  },
} as const satisfies ErrorTable
