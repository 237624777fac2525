import { type DocumentNode, type ExecutionResult, type GraphQLSchema, execute } from 'graphql/index.js'
import { createRequire } from 'node:module'
import type { SubgraphOperation } from '../subgraph.ts'

type Run = (
  context: object,
  variables: Readonly<Record<string, unknown>>,
) => ExecutionResult | Promise<ExecutionResult>

interface Compiled {
  query(
    root: unknown,
    context: object,
    variables: Readonly<Record<string, unknown>>,
  ): ExecutionResult | Promise<ExecutionResult>
}

interface Jit {
  compileQuery(schema: GraphQLSchema, document: DocumentNode): unknown
}

/** To compile takes some milliseconds: it is for operations that come again. */
const RUNS_BEFORE = 2

/** Operations as functions of their variables: compiled with Mercurius' own graphql-jit, when they come again. */
export function createCompiler(schema: GraphQLSchema): (operation: SubgraphOperation) => Run {
  const jit = loadJit()
  const known = new WeakMap<SubgraphOperation, { runs: number; run: Run }>()

  function interpret({ document }: SubgraphOperation): Run {
    return (contextValue, variableValues) => execute({ schema, document, contextValue, variableValues })
  }

  return (operation) => {
    const entry = known.get(operation)
    if (!entry) {
      const run = interpret(operation)
      known.set(operation, { runs: 1, run })
      return run
    }
    if (jit && entry.runs++ === RUNS_BEFORE) entry.run = compiled(jit, operation.document) ?? entry.run
    return entry.run
  }

  function compiled(jit: Jit, document: DocumentNode): Run | undefined {
    const query = jit.compileQuery(schema, document)
    // What it cannot compile it answers with the errors; graphql-js then says what is wrong with it.
    return isCompiled(query) ? (context, variables) => query.query(undefined, context, variables) : undefined
  }
}

function loadJit(): Jit | undefined {
  const require = createRequire(import.meta.url)
  try {
    const jit: unknown = createRequire(require.resolve('mercurius'))('graphql-jit')
    return isJit(jit) ? jit : undefined
  } catch {
    // A Mercurius that brings another compiler, or none: graphql-js serves as well.
    return undefined
  }
}

function isJit(value: unknown): value is Jit {
  return (
    typeof value === 'object' &&
    value !== null &&
    'compileQuery' in value &&
    typeof value.compileQuery === 'function'
  )
}

function isCompiled(value: unknown): value is Compiled {
  return typeof value === 'object' && value !== null && 'query' in value && typeof value.query === 'function'
}
