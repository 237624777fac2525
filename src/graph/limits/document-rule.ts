import {
  type ASTNode,
  type DocumentNode,
  type OperationDefinitionNode,
  type FragmentDefinitionNode,
  type ValidationRule,
  Kind,
} from 'graphql/index.js'
import { fragmentsOf } from '../syntax/fragments.ts'
import { type LimitCode, LimitError } from './limit-error.ts'
import { type OperationSize, measureSelections } from './measure-operation.ts'
import { countRepetitions } from './repetitions.ts'
import type { LimitSettings } from './settings.ts'
import { MAX_NESTING } from './text-limits.ts'

/** 140 times the same field. Each costs graphql-js 0.3 to 10 µs. */
const MAX_REPETITIONS = 10_000

type DocumentLimits = Pick<LimitSettings, 'depth' | 'tokens' | 'aliases' | 'introspection'>

/**
 * A validation rule for what a document is, whatever the schema. It throws at once and does not report, so that the other
 * rules, some of which take quadratic time, never see a document that is too large for them.
 *
 * @throws LimitError (from `validate`)
 */
export const documentRule =
  (limits: DocumentLimits): ValidationRule =>
  () => ({ Document: (document) => assertDocument(document, limits) })

/** Every operation is measured, and every fragment that none of them uses: all are validated, whichever is run. */
function assertDocument(
  document: DocumentNode,
  { depth, tokens, aliases, introspection }: DocumentLimits,
): void {
  const fragments = fragmentsOf(document)
  const known = new Map<string, OperationSize>()
  let fields = 0

  function measure(node: OperationDefinitionNode | FragmentDefinitionNode): void {
    const size = measureSelections(node.selectionSet, fragments, known)
    fields += size.fields
    const most = (code: LimitCode, measured: number, limit: number, unit: string) =>
      assertAtMost(code, { measured, limit, unit, node })
    most('QUERY_TOO_DEEP', size.levels, depth, 'levels')
    most('QUERY_TOO_DEEP', size.nesting, MAX_NESTING, 'selections and fragments in each other')
    // Thirty fragments that each use the next one twice are a billion fields; graphql-jit (0.8) opens them all.
    most('QUERY_TOO_LARGE', fields, tokens, 'fields')
    most('TOO_MANY_ALIASES', size.aliases, aliases, 'aliases')
    most(
      'QUERY_TOO_LARGE',
      countRepetitions(node.selectionSet, fragments),
      MAX_REPETITIONS,
      'repetitions of fields',
    )
    if (introspection || size.introspection === 0) return
    throw new LimitError('INTROSPECTION_DISABLED', {
      message: 'Introspection is switched off here; ask for the schema where this service is developed',
      measured: size.introspection,
      limit: 0,
      node,
    })
  }

  for (const one of document.definitions) if (one.kind === Kind.OPERATION_DEFINITION) measure(one)
  for (const one of document.definitions)
    if (one.kind === Kind.FRAGMENT_DEFINITION && !isUsed(one)) measure(one)

  /** Of two with one name graphql-js takes the last, but it reads both. */
  function isUsed(fragment: FragmentDefinitionNode): boolean {
    return known.has(fragment.name.value) && fragments.get(fragment.name.value) === fragment
  }
}

interface Measured {
  measured: number
  limit: number
  unit: string
  node: ASTNode
}

function assertAtMost(code: LimitCode, { measured, limit, unit, node }: Measured): void {
  if (measured <= limit) return
  const message = `The operation has ${Number.isFinite(measured) ? measured : 'endless'} ${unit}; at most ${limit} are run`
  throw new LimitError(code, { message, measured, limit, node })
}
