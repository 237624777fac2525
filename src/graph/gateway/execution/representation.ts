import type { Conditions, Requirement, Rewrite } from '../plan/nodes.ts'
import type { TypeConditions } from '../supergraph.ts'
import { compileRewrites } from './rewrite.ts'
import { type Tree, isTree } from './tree.ts'

export type Variables = Readonly<Record<string, unknown>>

/** What a subgraph is told of an entity to find it; undefined when a part of that is not known. */
export type Represent = (entity: Tree, variables: Variables) => Tree | undefined

type RequiredField = Extract<Requirement, { key: string }>

/** @param requires fields by the type of the entity, as the plan has them */
export function compileRepresentation(
  requires: readonly Requirement[],
  input: readonly Rewrite[],
  types: TypeConditions,
): Represent {
  const fieldsOf = createFieldFinder(requires, types)
  const rewrite = compileRewrites(input, types)
  return (entity, variables) => {
    const fields = fieldsOf(entity, variables)
    // Only its name would be left of an object that no condition fits.
    if (fields.length === 0) return undefined
    const representation = project(entity, fields, types, variables)
    if (representation) rewrite?.(representation)
    return representation
  }
}

/** The same for two representations of the same content. */
export function keyOf(representation: Tree): string {
  let key = ''
  for (const name in representation) {
    const value = representation[name]
    // The length says where a text ends: no two contents come to the same key.
    key +=
      typeof value === 'string' ? `${name}:${value.length}"${value}` : `${name}=${JSON.stringify(value)};`
  }
  return key
}

/** Which fields are required of an object: looked up by its type where no variable has a say. */
function createFieldFinder(requires: readonly Requirement[], types: TypeConditions) {
  const known = new Map<unknown, RequiredField[]>()
  const isFixed = !requires.some(isConditional)
  return (object: Tree, variables: Variables): RequiredField[] => {
    if (!isFixed) return requiredOf(requires, object['__typename'], variables, types)
    const found = known.get(object['__typename'])
    if (found) return found
    const fields = requiredOf(requires, object['__typename'], variables, types)
    known.set(object['__typename'], fields)
    return fields
  }
}

function isConditional(requirement: Requirement): boolean {
  if ('key' in requirement) return false
  const { skipIf, includeIf } = requirement.unless
  return skipIf !== undefined || includeIf !== undefined || requirement.of.some(isConditional)
}

function requiredOf(
  requires: readonly Requirement[],
  typename: unknown,
  variables: Variables,
  types: TypeConditions,
): RequiredField[] {
  return requires.flatMap((requirement) => {
    if ('key' in requirement) return [requirement]
    if (typeof typename === 'string' && !types.fits(requirement.type, typename)) return []
    if (!holds(requirement.unless, variables)) return []
    return requiredOf(requirement.of, typename, variables, types)
  })
}

function holds({ skipIf, includeIf }: Conditions, variables: Variables): boolean {
  return (
    (skipIf === undefined || variables[skipIf] !== true) &&
    (includeIf === undefined || variables[includeIf] === true)
  )
}

function project(
  object: Tree,
  fields: readonly RequiredField[],
  types: TypeConditions,
  variables: Variables,
): Tree | undefined {
  const projected: Tree = {}
  for (const { key, as, of } of fields) {
    const value = object[key]
    if (value === undefined) return undefined
    const part = of ? projectAny(value, of, types, variables) : value
    if (part === undefined) return undefined
    projected[as] = part
  }
  return projected
}

function projectAny(
  value: unknown,
  requires: readonly Requirement[],
  types: TypeConditions,
  variables: Variables,
): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item) => projectAny(item, requires, types, variables))
    return items.includes(undefined) ? undefined : items
  }
  if (!isTree(value)) return value
  return project(value, requiredOf(requires, value['__typename'], variables, types), types, variables)
}
