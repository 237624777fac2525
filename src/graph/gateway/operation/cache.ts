import {
  type DocumentNode,
  type OperationDefinitionNode,
  GraphQLError,
  getOperationAST,
  print,
} from 'graphql/index.js'
import { LRUCache } from 'lru-cache'
import { UnplannableError, UnservableKeyError } from '../errors.ts'
import type { PreparedOperation } from './prepare.ts'

/** Operations that have been prepared, by their text and name: each once, whoever asks for it at the same time. */
export function createOperationCache(
  max: number,
  prepare: (document: DocumentNode, operation: OperationDefinitionNode) => Promise<PreparedOperation>,
) {
  const cache = new LRUCache<string, Promise<PreparedOperation>>({ max })
  const keys = new WeakMap<DocumentNode, Map<string | undefined, string>>()

  /** @throws GraphQLError when the document has no such operation */
  return (document: DocumentNode, operationName: string | undefined): Promise<PreparedOperation> => {
    const key = keyOf(document, operationName)
    const known = cache.get(key)
    if (known) return known
    const operation = getOperationAST(document, operationName)
    if (!operation) {
      const which =
        operationName === undefined
          ? 'Must provide operation name'
          : `Unknown operation named "${operationName}"`
      return Promise.reject(new GraphQLError(`${which}.`))
    }
    const prepared = prepare(document, operation)
    cache.set(key, prepared)
    // What cannot be planned today cannot be tomorrow; anything else may have been a passing failure.
    prepared.catch((error: unknown) => {
      if (
        !(error instanceof UnplannableError || error instanceof UnservableKeyError) &&
        cache.peek(key) === prepared
      )
        cache.delete(key)
    })
    return prepared
  }

  /** Remembered, for a text that is put together anew has to be hashed anew. */
  function keyOf(document: DocumentNode, operationName: string | undefined): string {
    const names = keys.get(document) ?? new Map<string | undefined, string>()
    const known = names.get(operationName)
    if (known !== undefined) return known
    const key = `${operationName ?? ''}\n${document.loc?.source.body ?? print(document)}`
    keys.set(document, names.set(operationName, key))
    return key
  }
}
