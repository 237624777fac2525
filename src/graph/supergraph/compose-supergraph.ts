import { composeServices } from '@theguild/federation-composition'
import { GraphQLError, parse } from 'graphql/index.js'
import { CompositionError, type CompositionProblem } from './errors.ts'
import { oneOfEach } from './one-of-each.ts'
import { withoutLogins } from './without-logins.ts'

/** A subgraph as composition sees it. */
export interface SubgraphText {
  readonly name: string
  /** What the supergraph says where it is, but for a log-in in it; empty for one that is not reached over HTTP. */
  readonly url: string
  /** Federation 2, or 1 when it names no specification. */
  readonly sdl: string
  /** The file that it is in, for errors. */
  readonly file?: string | undefined
}

/**
 * The supergraph SDL of the subgraphs.
 * @throws CompositionError with every reason, each with the name of its subgraph where it is of one
 */
export function composeSupergraph(subgraphs: readonly SubgraphText[]): string {
  const services = subgraphs.map(({ name, url, sdl, file }) => {
    try {
      return { name, url, typeDefs: parse(sdl) }
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      const [{ line } = { line: 1 }] = error.locations ?? []
      const place = file === undefined ? `line ${line}` : `${file}:${line}`
      const message = `${error.message} (${place})`
      throw new CompositionError([{ code: 'INVALID_GRAPHQL', subgraph: name, message }])
    }
  })
  const { supergraphSdl, errors } = composeServices(oneOfEach(services))
  if (supergraphSdl !== undefined) return withoutLogins(supergraphSdl)
  throw new CompositionError(errors.map(problem))
}

function problem({ message, extensions }: GraphQLError): CompositionProblem {
  const { code, subgraphName } = extensions
  const subgraph = typeof subgraphName === 'string' ? subgraphName : undefined
  const prefix = `[${subgraph}] `
  return {
    code: typeof code === 'string' ? code : 'INVALID',
    subgraph,
    message: subgraph !== undefined && message.startsWith(prefix) ? message.slice(prefix.length) : message,
  }
}
