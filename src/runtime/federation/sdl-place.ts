import { readFileSync } from 'node:fs'
import { type ASTNode, Kind, getLocation, parse } from 'graphql/index.js'

/**
 * Where a file of SDL defines a type, or a field of it, as editors open it: ` (reviews.graphql:12)`, to be put to an error. The
 * file alone where it does not; nothing when there is no file, since the subgraph has told its SDL itself.
 */
export function placeInFile(file: string | undefined, type: string, field?: string): string {
  if (file === undefined) return ''
  const node = find(file, type, field)
  const line = node?.loc && getLocation(node.loc.source, node.loc.start).line
  return ` (${line === undefined ? file : `${file}:${line}`})`
}

function find(file: string, type: string, field: string | undefined): ASTNode | undefined {
  try {
    const found = parse(readFileSync(file, 'utf8')).definitions.flatMap((node) =>
      (node.kind === Kind.OBJECT_TYPE_DEFINITION || node.kind === Kind.OBJECT_TYPE_EXTENSION) &&
      node.name.value === type
        ? [node]
        : [],
    )
    const fields = found.flatMap((node) => node.fields ?? [])
    return fields.find(({ name }) => name.value === field)?.name ?? found[0]?.name
  } catch {
    // It was read a moment ago; the error that is told matters more than where it is.
    return undefined
  }
}
