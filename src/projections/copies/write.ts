import type { ClientBase } from 'pg'
import { type Commit, lastVersion } from '../../streams/events/commit.ts'
import { textLiteral } from '../tables/array-literal.ts'
import type { Claim } from './claim.ts'

// One statement, so all or nothing: where the standing does not move, nothing is copied either. A copy that is there already is
// the same: a commit at a sequence never changes.
const WRITE = `
  with moved as (
    update tb_copied_stream set sequence = $8 where id = $1 and sequence = $7 returning id),
  copied as (
    insert into tb_commit_copy (stream_id, aggregate, aggregate_id, version, sequence, events)
    select moved.id, commits.*
    from moved cross join unnest($2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::text[]) as commits
    on conflict do nothing)
  select from moved`

/** About as much as one statement may carry, in characters of commits; one that is larger goes by itself. */
const MOST_CHARACTERS = 4_000_000

/** The copies are no longer where this process left them: another one has written, or begun them anew. */
class CopiesMovedError extends Error {
  override readonly name = 'CopiesMovedError'
}

/**
 * Writes copies of commits, in the order of the log, and moves the standing of the copies behind them. A message that is no
 * commit is left out: who reads the history finds a version missing there, and asks the log.
 *
 * @returns how many of the commits are done
 * @throws CopiesMovedError when the standing is not what the claim says
 */
export async function writeCopies(
  client: ClientBase,
  claim: Claim,
  commits: readonly Commit[],
): Promise<{ done: number; claim: Claim }> {
  const part = bounded(commits)
  const end = part.at(-1)
  if (!end) return { done: 0, claim }
  const copied = part.filter(({ malformed }) => !malformed)
  const { rowCount } = await client.query(WRITE, [
    claim.id,
    textLiteral(copied.map(({ aggregate }) => aggregate)),
    textLiteral(copied.map(({ id }) => id)),
    numbers(copied.map(lastVersion)),
    numbers(copied.map(({ position }) => position.sequence)),
    textLiteral(copied.map(({ events }) => JSON.stringify(events))),
    claim.sequence,
    end.position.sequence,
  ])
  if (rowCount !== 1) throw new CopiesMovedError(`the copies are no longer at ${claim.sequence}`)
  return { done: part.length, claim: { ...claim, sequence: end.position.sequence } }
}

const numbers = (values: number[]) => `{${values.join(',')}}`

function bounded(commits: readonly Commit[]): readonly Commit[] {
  let characters = 0
  const tooMuch = commits.findIndex(({ size }, at) => (characters += size) > MOST_CHARACTERS && at > 0)
  return tooMuch === -1 ? commits : commits.slice(0, tooMuch)
}
