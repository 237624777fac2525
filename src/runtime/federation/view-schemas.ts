import { readFile } from 'node:fs/promises'
import { type SubgraphText, composeSupergraph } from '../../graph/supergraph/compose-supergraph.ts'
import { CompositionError, SchemaUnavailableError } from '../../graph/supergraph/errors.ts'
import { withoutLogins } from '../../graph/supergraph/without-logins.ts'
import { type SchemaSource, schemaFile } from '../../graph/supergraph/schema-source.ts'
import { HeadwaterError } from '../../streams/errors.ts'
import { maskUrl } from '../config/index.ts'
import type { GraphView } from './graph-view.ts'
import { schemaSources } from './sources.ts'

/** Something for which there is no graph. */
export interface GraphProblem {
  code: string
  /** Null when it is of no subgraph by itself. */
  subgraph: string | null
  message: string
}

/** A supergraph, and what it was composed of: nothing, when it is served as it is. */
export type Composed =
  { supergraphSdl: string; subgraphs: readonly SubgraphText[] } | { problems: GraphProblem[] }

/**
 * Where a gateway would have its schemas from.
 *
 * @param changed files with the SDL of subgraphs, by name, that are taken instead
 * @throws HeadwaterError UNKNOWN_SUBGRAPH for one that there is not, FEDERATION_INVALID for one whose schema is nowhere, or when there is none
 */
function viewSources({ config, served }: GraphView, changed: ReadonlyMap<string, string>): SchemaSource[] {
  const subgraphs = config.federation.subgraphs.map((one) => {
    const file = changed.get(one.name)
    return file === undefined ? one : { ...one, schema: file }
  })
  const sources = schemaSources({ ...config, federation: { subgraphs } }, served).map((source) => {
    const file = changed.get(source.name)
    return file === undefined ? source : schemaFile(source.name, source.url, file)
  })
  for (const name of changed.keys()) subgraphNamed(sources, name)
  return sources
}

/** @throws HeadwaterError UNKNOWN_SUBGRAPH, with those that there are */
export function subgraphNamed<One extends { readonly name: string }>(all: readonly One[], name: string): One {
  const one = all.find((each) => each.name === name)
  if (one) return one
  throw new HeadwaterError({
    code: 'UNKNOWN_SUBGRAPH',
    status: 404,
    detail: `There is no subgraph ${JSON.stringify(name)}; there are ${all.map((each) => each.name).join(', ') || 'none'}`,
  })
}

/**
 * The supergraph that a gateway would serve now, or all that is in the way. What a gateway remembers of subgraphs that are
 * away counts for nothing here.
 *
 * @throws as viewSources
 */
export async function composeView(view: GraphView, changed: ReadonlyMap<string, string>): Promise<Composed> {
  const { supergraph } = view.config.gateway
  if (supergraph !== undefined) {
    if (changed.size === 0)
      return { supergraphSdl: withoutLogins(await readFile(supergraph, 'utf8')), subgraphs: [] }
    throw new HeadwaterError({
      code: 'FEDERATION_INVALID',
      status: 500,
      detail: 'A composed supergraph is served, and nothing is composed here: leave out gateway.supergraph',
    })
  }
  const read = await Promise.all(viewSources(view, changed).map(readSource))
  const problems = read.flatMap((one) => ('problem' in one ? one.problem : []))
  if (problems.length > 0) return { problems }
  const subgraphs = read.flatMap((one) => ('sdl' in one ? one : []))
  try {
    return { supergraphSdl: composeSupergraph(subgraphs), subgraphs }
  } catch (error) {
    if (!(error instanceof CompositionError)) throw error
    return { problems: error.problems.map((one) => ({ ...one, subgraph: one.subgraph ?? null })) }
  }
}

/**
 * The SDL of one subgraph.
 * @throws as viewSources; SchemaUnavailableError
 */
export async function readSubgraph(
  view: GraphView,
  changed: ReadonlyMap<string, string>,
  name: string,
): Promise<string> {
  return await subgraphNamed(viewSources(view, changed), name).read(new AbortController().signal)
}

/** With the address for whoever reads the supergraph, which may be anybody: what is secret in it is the configuration's. */
async function readSource({
  name,
  url,
  file,
  read,
}: SchemaSource): Promise<SubgraphText | { problem: GraphProblem }> {
  try {
    return { name, url: url && maskUrl(url), sdl: await read(new AbortController().signal), file }
  } catch (error) {
    if (!(error instanceof SchemaUnavailableError)) throw error
    return { problem: { code: error.code, subgraph: name, message: error.message } }
  }
}
