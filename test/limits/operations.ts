import { type DocumentNode, type OperationDefinitionNode, getOperationAST } from 'graphql/index.js'

export function operationIn(document: DocumentNode): OperationDefinitionNode {
  const operation = getOperationAST(document)
  if (!operation) throw new Error('not one operation')
  return operation
}
