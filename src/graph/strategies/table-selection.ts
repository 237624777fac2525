import type { FieldNode } from 'graphql/index.js'
import type { CollectedFields } from './collect-fields.ts'
import type { EntityMapping, FieldMapping, JsonShape } from './entity-mapping.ts'
import type { EntityFetch, EntityOperation } from './entity-operation.ts'
import { UnsuitedError } from './errors.ts'
import { serialise } from './serialise.ts'

/** A field of an entity's answer. */
export interface SelectedField {
  readonly responseKey: string
  /** Undefined for `__typename`. */
  readonly field: string | undefined
  /** Where its value is; undefined for `__typename`. */
  readonly mapped: FieldMapping | undefined
  /** From the field's value to what is shown of it. */
  readonly show: Show
}

type Show = (value: unknown) => unknown

/**
 * What a fetch asks of a type, when a table can answer all of it. Undefined when it cannot: a field that is not mapped or
 * has arguments, an object's field that no column has, a fragment on an interface.
 */
export function tableSelection(
  operation: EntityOperation,
  fetch: EntityFetch,
  mapping: EntityMapping,
): readonly SelectedField[] | undefined {
  const { type, fields } = mapping
  return each(operation.fieldsOf(fetch, type), (responseKey, nodes, name) => {
    if (name === '__typename') return { responseKey, field: undefined, mapped: undefined, show: () => type }
    const mapped = Object.hasOwn(fields, name) ? fields[name] : undefined
    if (!mapped) return undefined
    const show = mapped.shape ? shapeShow(operation, mapped.shape, nodes) : leafShow(nodes)
    return show && { responseKey, field: name, mapped, show }
  })
}

/** Undefined as soon as one field is: half of an answer is none. */
function each<T>(
  { fields, isCertain }: CollectedFields,
  made: (responseKey: string, nodes: readonly FieldNode[], name: string) => T | undefined,
): T[] | undefined {
  const all: T[] = []
  for (const [responseKey, nodes] of fields) {
    const [first] = nodes
    const hasArguments = nodes.some((node) => node.arguments?.length)
    const one = first && !hasArguments ? made(responseKey, nodes, first.name.value) : undefined
    if (one === undefined) return undefined
    all.push(one)
  }
  return isCertain ? all : undefined
}

function leafShow(nodes: readonly FieldNode[]): Show | undefined {
  return nodes.some(({ selectionSet }) => selectionSet) ? undefined : (value) => value
}

function shapeShow(
  operation: EntityOperation,
  shape: JsonShape,
  nodes: readonly FieldNode[],
): Show | undefined {
  const show = withoutNull(operation, shape, nodes)
  if (!show) return undefined
  return (value) => {
    if (value !== null && value !== undefined) return show(value)
    if (shape.required) throw new UnsuitedError('a null in JSON where the graph has none')
    return null
  }
}

function withoutNull(
  operation: EntityOperation,
  shape: JsonShape,
  nodes: readonly FieldNode[],
): Show | undefined {
  if ('list' in shape) {
    const item = shapeShow(operation, shape.list, nodes)
    return item && ((value) => (Array.isArray(value) ? value.map(item) : wrong('list')))
  }
  if ('kind' in shape) {
    const { kind, values } = shape
    if (!leafShow(nodes)) return undefined
    return (value) => {
      const isKnown = !values || values.some((name) => name === value)
      return isKnown ? serialise(kind, value) : wrong('enum')
    }
  }
  const { type, fields } = shape
  const shown = each(operation.fieldsBelow(nodes, type), (responseKey, below, name) => {
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined
    const show = name === '__typename' ? () => type : field && shapeShow(operation, field, below)
    return show && { responseKey, name, show }
  })
  return (
    shown &&
    ((value) => {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return wrong('object')
      const own = new Map(Object.entries(value))
      return Object.fromEntries(
        shown.map(({ responseKey, name, show }) => [responseKey, show(own.get(name))]),
      )
    })
  )
}

function wrong(expected: string): never {
  throw new UnsuitedError(`a value in JSON that is no ${expected}`)
}
