import { LRUCache } from 'lru-cache'
import {
  type FieldNode,
  type OperationDefinitionNode,
  type VariableDefinitionNode,
  Kind,
  getOperationAST,
  parse,
  print,
  visit,
} from 'graphql/index.js'
import type { SubgraphOperation } from '../gateway/subgraph.ts'

/** An operation as the engine has written it, made good. */
export interface EngineOperation {
  readonly operation: SubgraphOperation
  /** The root field that is asked for; undefined when entities are. */
  readonly field: string | undefined
  /** The one field of entities that is asked for, as what a subgraph adds to them is; undefined for anything else. */
  readonly addedField: string | undefined
  /** Variables of the client that the engine has used without declaring them. */
  readonly missing: readonly string[]
}

/** Together at most this many, whose texts have this many characters. */
const KEPT = 1000
const KEPT_SIZE = 4_000_000

/**
 * Reads what the engine would send. It does not see variables in named fragments and in lists, so that their definitions are
 * added here, from the client's operation.
 */
export function createOperationReader() {
  const known = new LRUCache<string, EngineOperation>({
    max: KEPT,
    maxSize: KEPT_SIZE,
    sizeCalculation: (_, key) => key.length,
  })
  return (text: string, client: OperationDefinitionNode): EngineOperation => {
    const definitions = client.variableDefinitions ?? []
    // The same text of clients that have declared a variable differently is not the same operation.
    const key = `${text}\n#${definitions.map((one) => print(one)).join()}`
    const read = known.get(key) ?? readOperation(text, definitions)
    known.set(key, read)
    return read
  }
}

function readOperation(text: string, given: readonly VariableDefinitionNode[]): EngineOperation {
  const parsed = parse(text, { noLocation: true })
  const written = getOperationAST(parsed)
  if (!written) throw new TypeError('The engine has asked for no operation')
  const declared = new Set((written.variableDefinitions ?? []).map(({ variable }) => variable.name.value))
  const used = new Set<string>()
  visit(parsed, { Variable: ({ name }) => void used.add(name.value) })
  const missing = given.filter(({ variable: { name } }) => used.has(name.value) && !declared.has(name.value))
  const document =
    missing.length === 0
      ? parsed
      : visit(parsed, {
          OperationDefinition: (node) => ({
            ...node,
            variableDefinitions: [...(node.variableDefinitions ?? []), ...missing],
          }),
        })
  const [first] = written.selectionSet.selections
  const root = first?.kind === Kind.FIELD ? first : undefined
  const isOfEntities = root?.name.value === '_entities'
  return {
    operation: {
      text: document === parsed ? text : print(document),
      kind: written.operation,
      name: written.name?.value,
      document,
    },
    field: isOfEntities ? undefined : root?.name.value,
    addedField: isOfEntities ? addedField(root) : undefined,
    missing: missing.map(({ variable }) => variable.name.value),
  }
}

/** Of a reference there is always the type's name asked for besides. */
function addedField({ selectionSet }: FieldNode): string | undefined {
  const entity = selectionSet?.selections.find((one) => one.kind === Kind.INLINE_FRAGMENT)
  const [only, more] = entity?.selectionSet.selections ?? []
  return only?.kind === Kind.FIELD && !more ? only.name.value : undefined
}
