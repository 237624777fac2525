import { parse } from 'smol-toml'

function parsed(text: string): object | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

function pathsIn(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return []
  return Object.entries(value).flatMap(([name, child]) => {
    const here = [...path, name]
    return [here, ...pathsIn(child, here)]
  })
}

const idOf = (path: readonly string[]) => JSON.stringify(path)

/**
 * The line of each key in a TOML document that parses. The parser keeps no positions, so the statements are found by
 * parsing lines until they make one: whatever the parser understands (quoted keys, inline tables), this does too.
 * @returns finds the line, from 1, of a key, else of the table around it
 */
export function tomlLines(document: string): (path: readonly string[]) => number | undefined {
  const lines = new Map<string, number>()
  let table: string[] = []
  let statement = ''
  let start = 1
  for (const [index, line] of document.split(/\r?\n/).entries()) {
    if (statement === '') start = index + 1
    statement += `${line}\n`
    const content = parsed(statement)
    if (content === undefined) continue
    const isHeader = statement.trimStart().startsWith('[')
    // An array table is a list under its name; its keys belong to no setting, its name is all that matters.
    const found = pathsIn(content, isHeader ? [] : table)
    if (isHeader) table = found.at(-1) ?? []
    for (const path of found) if (!lines.has(idOf(path))) lines.set(idOf(path), start)
    statement = ''
  }
  return (path) => {
    for (let length = path.length; length > 0; length--) {
      const line = lines.get(idOf(path.slice(0, length)))
      if (line !== undefined) return line
    }
    return undefined
  }
}
