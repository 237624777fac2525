import type { ErrorTable } from './entry.ts'

export const graphErrors = {
  BAD_REQUEST: {
    status: 400,
    where: ['graph'],
    when: 'The request is no GraphQL request: its body is no JSON, or `query`, `variables`, `extensions` are of another kind.',
    remedy: 'Correct what `errors` names; https://graphql.github.io/graphql-over-http/draft/ tells the form.',
  },
  GRAPHQL_PARSE_FAILED: {
    status: 400,
    where: ['graph'],
    when: 'The document is no GraphQL.',
    remedy: 'Correct it at the line and column in `locations`.',
  },
  GRAPHQL_VALIDATION_FAILED: {
    status: 400,
    where: ['graph'],
    when: 'The document does not fit the schema: a field, an argument or a type that there is not.',
    remedy: 'Correct it; GraphiQL and `headwater graph print --public` show the schema.',
  },
  BAD_USER_INPUT: {
    status: 400,
    where: ['graph'],
    when: 'A variable or argument cannot be taken: its type, its size, or two that exclude each other.',
    remedy: 'Correct what `errors` names.',
  },
  FORBIDDEN: {
    status: 403,
    where: ['graph'],
    when: 'Whoever asks may not see what is asked for, as `authorize` of its type says.',
    remedy: 'Ask as somebody who may.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    where: ['graph'],
    when: 'A mutation was sent with GET, or anything with PUT, PATCH or DELETE.',
    remedy: 'Send it with POST.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    where: ['graph'],
    when: 'The `Accept` header names no media type that the graph answers in.',
    remedy: 'Accept `application/json` or `application/graphql-response+json`.',
  },
  BODY_TOO_LARGE: {
    status: 413,
    where: ['graph'],
    when: 'The body is larger than `http.body_limit`.',
    remedy: 'Send less, or raise the limit.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    status: 415,
    where: ['graph'],
    when: 'The body is not said to be JSON in UTF-8.',
    remedy: 'Send `content-type: application/json`.',
  },
} as const satisfies ErrorTable
