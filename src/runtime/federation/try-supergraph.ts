import { transformSupergraphToPublicSchema } from '@theguild/federation-composition'
import { parse, print, printSchema } from 'graphql/index.js'
import { PlannerUnavailableError } from '../../graph/gateway/errors.ts'
import { createHivePlanner } from '../../graph/gateway/plan/hive-planner.ts'
import { buildPublicSchema } from '../../graph/gateway/public-schema.ts'
import { readSupergraph } from '../../graph/gateway/supergraph.ts'

export interface TriedSupergraph {
  /** What clients see. */
  publicSdl: string
  /** False where the planner is not installed: whether it takes the supergraph is not known. */
  isPlanned: boolean
}

/**
 * Whether a gateway would take the supergraph, without one.
 * @throws InvalidSupergraphError
 */
export async function trySupergraph(supergraphSdl: string): Promise<TriedSupergraph> {
  readSupergraph(supergraphSdl)
  const planned = await publicSdlOfPlanner(supergraphSdl)
  const sdl = planned ?? print(transformSupergraphToPublicSchema(parse(supergraphSdl)))
  return { publicSdl: printSchema(buildPublicSchema(sdl)), isPlanned: planned !== undefined }
}

async function publicSdlOfPlanner(supergraphSdl: string): Promise<string | undefined> {
  try {
    return (await createHivePlanner(supergraphSdl)).publicSdl
  } catch (error) {
    if (error instanceof PlannerUnavailableError) return undefined
    throw error
  }
}
