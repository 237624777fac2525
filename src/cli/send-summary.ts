import type { CommandReply } from '../commands/command.ts'

/** Counts what became of the commands of a bulk file. */
export interface Tally {
  accepted: number
  duplicates: number
  /** What the domain or the contract refused, by code: an answer, not a failure. */
  refused: Map<string, number>
  /** What should not have happened (lines that cannot be read, 5xx, no answer), by code. */
  failed: Map<string, number>
}

export function createTally(): Tally {
  return { accepted: 0, duplicates: 0, refused: new Map(), failed: new Map() }
}

/** Counts a reply; true when it is to be kept in the file of refusals. */
export function count(tally: Tally, reply: CommandReply): boolean {
  if (reply.ok) {
    if (reply.duplicate) tally.duplicates++
    else tally.accepted++
    return false
  }
  increment(reply.status >= 500 ? tally.failed : tally.refused, reply.code)
  return true
}

export function increment(counts: Map<string, number>, code: string): void {
  counts.set(code, (counts.get(code) ?? 0) + 1)
}

export function total(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((sum, one) => sum + one, 0)
}

/** The summary as lines: what was accepted, what was there already, what was refused and why, what failed. */
export function summary(tally: Tally, ms: number): string[] {
  const refused = total(tally.refused)
  const failed = total(tally.failed)
  const sent = tally.accepted + tally.duplicates + refused + failed
  const rate = Math.round(sent / Math.max(ms / 1000, 0.001))
  const codes = (counts: ReadonlyMap<string, number>) =>
    [...counts].toSorted(([, a], [, b]) => b - a).map(([code, times]) => `    ${number(times)}  ${code}`)
  return [
    `${sent.toLocaleString('en')} commands in ${(ms / 1000).toFixed(1)} s (${rate.toLocaleString('en')}/s)`,
    `  ${number(tally.accepted)}  accepted`,
    `  ${number(tally.duplicates)}  duplicates (accepted before, nothing done twice)`,
    `  ${number(refused)}  refused`,
    ...codes(tally.refused),
    `  ${number(failed)}  failed`,
    ...codes(tally.failed),
  ]
}

const number = (value: number) => value.toLocaleString('en').padStart(9)
