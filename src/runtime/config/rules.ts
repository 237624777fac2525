import type { z } from 'zod'
import type { Given, Problem } from './given.ts'
import { nodeAt, type Path } from './settings.ts'

/** Whether a path is another one or leads on from it. */
export function isWithin(path: Path, outer: Path): boolean {
  return outer.every((name, at) => name === path[at])
}

function isUnder(key: string, outer: string): boolean {
  return key === outer || key.startsWith(`${outer}.`) || key.startsWith(`${outer}[`)
}

const isStep = (name: PropertyKey) => typeof name !== 'symbol'

/** The key that a rule speaks of, and the entry of the outermost list around it: what is wrong there already may be why. */
function placeOf(path: Path) {
  const entry = path.findIndex((name) => typeof name === 'number')
  const key = nodeAt(path)?.key ?? path.join('.')
  return { key, around: entry < 0 ? key : (nodeAt(path.slice(0, entry + 1))?.key ?? key) }
}

/** What rules over several keys found; what is wrong with a key alone is known by then. */
export function ruleProblems(
  error: z.ZodError,
  effective: Iterable<Given>,
  known: readonly Problem[],
): Problem[] {
  const given = [...effective]
  return error.issues.flatMap((issue): Problem[] => {
    const path = issue.path.filter(isStep)
    const { key, around } = placeOf(path)
    if (known.some((problem) => isUnder(problem.path, around))) return []
    // The innermost: what is in a collection was given after it.
    const found = given.findLast(({ setting }) => isWithin(path, setting.path))
    if (found === undefined) return known.length > 0 ? [] : [{ path: key, message: issue.message }]
    return [{ path: key, origin: found.origin, message: issue.message }]
  })
}
