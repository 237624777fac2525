import { type Tree, isTree } from '../execution/tree.ts'
import { type Guards, hold } from './guards.ts'
import { type Complete, type CompletionRun, NULLED } from './run.ts'

/** A field of the answer. */
export interface AnswerField {
  readonly key: string
  /** One of these has to hold; undefined when it is always there. */
  readonly guards: readonly Guards[] | undefined
  readonly complete: Complete
}

export function completeNonNull(complete: Complete, field: string): Complete {
  return (value, run, parent, key) =>
    value === null || value === undefined
      ? run.missing(parent, key, field)
      : complete(value, run, parent, key)
}

/** What has fallen below ends here, with a null. */
export function completeNullable(complete: Complete): Complete {
  return (value, run, parent, key) => {
    if (value === null || value === undefined) return null
    const completed = complete(value, run, parent, key)
    return completed === NULLED ? null : completed
  }
}

export function completeList(complete: Complete, field: string): Complete {
  return (value, run, parent, key) => {
    if (!Array.isArray(value)) return run.fail(key, `The value of ${field} is no list.`)
    const items: unknown[] = []
    run.path.push(key)
    for (let index = 0; index < value.length; index++) {
      const item = complete(value[index], run, parent, index)
      if (item === NULLED) {
        run.path.pop()
        return NULLED
      }
      items.push(item)
    }
    run.path.pop()
    return items
  }
}

export function completeObject(
  fields: readonly AnswerField[],
  value: unknown,
  run: CompletionRun,
  key: string | number,
  type: string,
): unknown {
  if (!isTree(value)) return run.fail(key, `The value of a field of type ${type} is no object.`)
  const answer: Tree = {}
  run.path.push(key)
  for (const field of fields) {
    if (field.guards && !field.guards.some((guards) => hold(guards, run.execution.variables))) continue
    const completed = field.complete(value[field.key], run, value, field.key)
    if (completed === NULLED) {
      run.path.pop()
      return NULLED
    }
    answer[field.key] = completed
  }
  run.path.pop()
  return answer
}

/**
 * @param possible the types that it may be, by name
 * @param commonFields those of the type itself, worked out when they are needed
 */
export function completeAbstract(
  type: string,
  field: string,
  possible: ReadonlyMap<string, Complete>,
  commonFields: () => AnswerField[],
): Complete {
  let common: AnswerField[] | undefined
  return (value, run, parent, key) => {
    if (!isTree(value)) return run.fail(key, `The value of ${field} is no object.`)
    const { __typename: name } = value
    const complete = typeof name === 'string' ? possible.get(name) : undefined
    if (complete) return complete(value, run, parent, key)
    if (name !== undefined && name !== type) {
      return run.fail(key, `The value of ${field} is none of its type ${type}.`)
    }
    // An interface that a subgraph has as an object (@interfaceObject), and nobody asked what it really is.
    return completeObject((common ??= commonFields()), value, run, key, type)
  }
}

/** The name of an object of which nobody has asked what it really is. */
export function completeUnknownType(type: string): Complete {
  return (_, run, __, key) => run.fail(key, `No subgraph has told which ${type} this is.`)
}
