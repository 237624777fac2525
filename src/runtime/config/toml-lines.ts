import { parse } from 'smol-toml'

function parsed(text: string): object | undefined {
  try {
    return parse(text)
  } catch {
    return undefined
  }
}

/** Places in lists are digits. */
function pathsIn(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, child]) => {
    const here = [...path, name]
    return [here, ...pathsIn(child, here)]
  })
}

const prefixesOf = (path: readonly string[]) => path.map((_, at) => path.slice(0, at + 1))

const idOf = (path: readonly string[]) => JSON.stringify(path)

/**
 * The line of each key in a TOML document that parses. The parser keeps no positions, so the statements are found by
 * parsing lines until they make one: whatever the parser understands (quoted keys, inline tables), this does too.
 * @returns finds the line, from 1, of a key, else of the table around it; places in lists are digits
 */
export function tomlLines(document: string): (path: readonly string[]) => number | undefined {
  const lines = new Map<string, number>()
  /** How many tables each list of tables has so far. */
  const counts = new Map<string, number>()
  let table: string[] = []
  let statement = ''
  let start = 1

  /** A header’s names with the places of the tables that they mean: the last ones so far. */
  function tableOf(names: readonly string[], isList: boolean): string[] {
    const path: string[] = []
    for (const [at, name] of names.entries()) {
      path.push(name)
      const id = idOf(path)
      const isNew = isList && at === names.length - 1
      if (isNew) counts.set(id, (counts.get(id) ?? 0) + 1)
      const count = counts.get(id)
      if (count === undefined) continue
      path.push(`${count - 1}`)
    }
    return path
  }

  for (const [index, line] of document.split(/\r?\n/).entries()) {
    if (statement === '') start = index + 1
    statement += `${line}\n`
    const content = parsed(statement)
    if (content === undefined) continue
    const header = /^\s*(\[\[?)/.exec(statement)?.[1]
    if (header !== undefined) {
      const isList = header === '[['
      // A list of tables parses to a list with one, whose place is not the right one yet.
      const names = pathsIn(content).at(-1) ?? []
      table = tableOf(isList ? names.slice(0, -1) : names, isList)
    }
    const found = header === undefined ? pathsIn(content, table) : prefixesOf(table)
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
