import type { Kysely } from 'kysely'
import { loadCheckpoints } from '../positions/checkpoint.ts'
import type { ProjectionDefinition } from '../definition/definition.ts'
import { SupersededError } from '../errors.ts'
import type { KernelTables } from '../database/kernel-tables.ts'
import { shapeOf } from '../definition/shape.ts'
import type { SourceStream } from '../sources/source-streams.ts'

/**
 * How the live table of a projection stands to a definition: `absent`; `current`; `outdated` when it was made from an older
 * version, another shape or other streams, and has to be built anew. With `hold` that stays so to the end of the transaction: a
 * swap that is under way is waited for.
 *
 * @throws SupersededError when it is that of a newer definition
 */
export async function tableState(
  db: Kysely<KernelTables>,
  projection: ProjectionDefinition,
  streams: readonly SourceStream[],
  hold?: 'hold',
): Promise<'absent' | 'current' | 'outdated'> {
  const { name, version } = projection
  const recorded = await db
    .selectFrom('tb_projection')
    .selectAll()
    .where('name', '=', name)
    .$if(hold !== undefined, (query) => query.forShare())
    .executeTakeFirst()
  if (!recorded) return 'absent'
  const shape = shapeOf(projection)
  // A shape that this version had before is an older release's, whose author forgot to raise the version.
  if (
    recorded.version > version ||
    (recorded.version === version && recorded.retired_shapes.includes(shape))
  ) {
    throw new SupersededError(name, version, recorded.version)
  }
  if (recorded.version < version || recorded.shape !== shape) return 'outdated'
  return (await sameStreams(db, name, streams)) ? 'current' : 'outdated'
}

/** A stream under another name begins at its first commit again, and the rows have those already. */
async function sameStreams(
  db: Kysely<KernelTables>,
  projection: string,
  streams: readonly SourceStream[],
): Promise<boolean> {
  const recorded = (await loadCheckpoints(db, projection)).map(({ stream }) => stream)
  const wanted = streams.map(({ log }) => log.stream)
  return recorded.toSorted().join() === wanted.toSorted().join()
}
