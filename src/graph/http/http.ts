import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError, OperationTypeNode, getOperationAST, parse } from 'graphql/index.js'
import { parseAtLeast, AT_LEAST_HEADER } from '../freshness/at-least.ts'
import { VariablesError } from './coerce-variables.ts'
import { RequestError } from '../errors.ts'
import { formatError } from '../format-error.ts'
import { sendGraphiql } from './graphiql.ts'
import type { Limits } from '../limits/create-limits.ts'
import { LimitError } from '../limits/limit-error.ts'
import { JSON_TYPE, RESPONSE_JSON, negotiate, wantsHtml } from './media-type.ts'
import { type RequestParameters, checkParameters, parseQueryString } from './request-parameters.ts'

/**
 * GraphQL over HTTP, https://graphql.github.io/graphql-over-http/draft/: what Mercurius' route leaves open, as hooks of it.
 * Before the body is read: may it be? Before it is executed: is it a request?
 */
export async function checkContentType(request: FastifyRequest): Promise<void> {
  if (request.method !== 'POST') return
  const [type = '', ...parameters] = (request.headers['content-type'] ?? '')
    .split(';')
    .map((part) => part.trim().toLowerCase())
  const charset = parameters.find((parameter) => parameter.startsWith('charset='))?.slice('charset='.length)
  // Any other type would also let a page of another site send commands: browsers ask first only for JSON.
  if (type !== JSON_TYPE || (charset !== undefined && charset.replaceAll('"', '') !== 'utf-8')) {
    throw new RequestError({
      code: 'UNSUPPORTED_MEDIA_TYPE',
      status: 415,
      detail: 'The content type must be application/json, in UTF-8',
    })
  }
}

/** Settles the answer's media type and the request's parameters; a browser that asks for a page gets GraphiQL. */
export function prepareRequest({ graphiql, limits }: { graphiql: boolean; limits: Limits }) {
  return async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
    const isGet = request.method !== 'POST'
    const given = isGet ? parseQueryString(request.query) : request.body
    if (isGet && graphiql && !hasQuery(request.query) && wantsHtml(request.headers.accept)) {
      return await sendGraphiql(request, reply)
    }
    const type = negotiate(request.headers.accept)
    if (type === undefined) {
      throw new RequestError({
        code: 'NOT_ACCEPTABLE',
        status: 406,
        detail: `There are answers in ${JSON_TYPE} and ${RESPONSE_JSON}`,
      })
    }
    reply.type(`${type}; charset=utf-8`).header('vary', 'accept')
    if (!parseAtLeast(request.headers[AT_LEAST_HEADER])) {
      throw new RequestError({
        code: 'INVALID_HEADER',
        status: 400,
        detail:
          'Headwater-At-Least must be streams and sequences, such as ORDERS=42 or ORDERS=42, CUSTOMERS=7',
      })
    }
    const parameters = checkParameters(given, limits)
    if (isGet) refuseMutation(parameters, reply, limits.maxTokens)
    if (isGet) request.query = { ...parameters, ...textsOf(parameters, request.query) }
    else request.body = parameters
    return undefined
  }
}

const hasQuery = (query: unknown) =>
  typeof query === 'object' &&
  query !== null &&
  ['query', 'extensions', 'documentId', 'id'].some((name) => name in query)

/** As Mercurius reads them again: the texts as they came, since JSON can be read that is too deep to be written. */
function textsOf({ variables, extensions }: RequestParameters, given: unknown) {
  const textOf = (name: string): unknown =>
    typeof given === 'object' && given !== null ? Reflect.get(given, name) : undefined
  return {
    variables: variables ? textOf('variables') : '{}',
    extensions: extensions ? textOf('extensions') : '{}',
  }
}

function refuseMutation(
  { query, operationName }: { query: string; operationName?: string | null },
  reply: FastifyReply,
  maxTokens: number,
): void {
  const operation = getOperationAST(parse(query, { maxTokens }), operationName)
  if (!operation) throw new GraphQLError(`Unknown operation named ${JSON.stringify(operationName)}`)
  if (operation.operation === OperationTypeNode.QUERY) return
  reply.header('allow', 'POST')
  throw new RequestError({
    code: 'METHOD_NOT_ALLOWED',
    status: 405,
    detail: 'Only queries can be sent with GET; send this with POST',
  })
}

/** Answers a request that got no result: not well formed, or refused before anything of it was executed. */
export function errorSender(limits: Pick<Limits, 'explain'>) {
  return async (error: FastifyError, request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const failures = requestErrors(error).map((one) => limits.explain(one))
    const report = (cause: unknown) => request.log.error({ err: cause }, 'a request failed')
    const errors = failures.map((one) => formatError(one, request.id, report))
    if (!reply.hasHeader('content-type')) {
      reply.type(`${negotiate(request.headers.accept) ?? JSON_TYPE}; charset=utf-8`)
    }
    const status = errors[0]?.extensions?.['status']
    const isGraphql = failures.every((one) => one instanceof GraphQLError && !(one instanceof LimitError))
    reply.code(isGraphql ? requestErrorStatus(reply) : typeof status === 'number' ? status : 500)
    await reply.send({ errors })
  }
}

/**
 * The status for a document or variables that are refused: an intermediary may have answered a 4xx in `application/json`,
 * so that there it is 200 when the answer is GraphQL's own.
 * https://graphql.github.io/graphql-over-http/draft/#sec-Processing-the-response
 */
export function requestErrorStatus(reply: FastifyReply): number {
  return String(reply.getHeader('content-type')).startsWith(RESPONSE_JSON) ? 400 : 200
}

const FASTIFY_CODES = new Map([
  ['FST_ERR_CTP_BODY_TOO_LARGE', 'BODY_TOO_LARGE'],
  ['FST_ERR_CTP_EMPTY_JSON_BODY', 'BAD_REQUEST'],
  ['FST_ERR_CTP_INVALID_JSON_BODY', 'BAD_REQUEST'],
  ['FST_ERR_CTP_INVALID_CONTENT_LENGTH', 'BAD_REQUEST'],
  ['FST_ERR_CTP_INVALID_MEDIA_TYPE', 'UNSUPPORTED_MEDIA_TYPE'],
])

/** What is behind an error of the framework: Mercurius carries a list, Fastify a code for what was wrong with the body. */
function requestErrors(error: FastifyError): unknown[] {
  if (error instanceof VariablesError) return [...error.errors]
  if (error.code === 'MER_ERR_GQL_VALIDATION' && 'errors' in error && Array.isArray(error.errors))
    return error.errors
  const code = FASTIFY_CODES.get(error.code)
  if (code === undefined || error.statusCode === undefined) return [error]
  return [new RequestError({ code, status: error.statusCode, detail: error.message })]
}
