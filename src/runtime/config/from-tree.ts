import type { Given, Layer, Origin, Problem } from './given.ts'
import { quoteKey, snakeCase } from './names.ts'
import { isSection, root, settings, type Section, type Setting } from './settings.ts'
import { closest, didYouMean } from './suggest.ts'

/** How one place that holds a tree of values (the file, options) is read. */
export interface TreeReader {
  /** How a name in code is written there. */
  readonly nameOf: (name: string) => string
  /** Where a key, by its path as written there, stands. */
  readonly originOf: (path: readonly string[]) => Origin
  /** Makes what was written into what is given, or says what is wrong with it. */
  readonly give: (setting: Setting, value: unknown, origin: Origin) => Given | Problem[]
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** Among the names in the same table; else the same name in another one. */
function meant(name: string, names: string[]): string | undefined {
  const elsewhere = settings.find(({ key }) => key.split('.').at(-1) === snakeCase(name))
  return closest(name, names) ?? elsewhere?.key
}

/** Collects the values of known keys, and a problem for each unknown one. */
export function readTree(values: object, reader: TreeReader): Layer {
  const given: Given[] = []
  const problems: Problem[] = []

  function readSection(section: Section, table: object, path: readonly string[]): void {
    const children = new Map([...section.children].map(([name, child]) => [reader.nameOf(name), child]))
    for (const [name, value] of Object.entries(table)) {
      if (value === undefined) continue
      const here = [...path, name]
      const origin = reader.originOf(here)
      const child = children.get(name)
      const shown = here.map(quoteKey).join('.')
      if (child === undefined) {
        const message = `unknown key${didYouMean(meant(name, [...children.keys()]))}`
        problems.push({ path: shown, origin, message })
      } else if (!isSection(child)) {
        const result = reader.give(child, value, origin)
        if (Array.isArray(result)) problems.push(...result)
        else given.push(result)
      } else if (isTable(value)) readSection(child, value, here)
      else problems.push({ path: shown, origin, message: `is a table of keys, not a single value` })
    }
  }

  readSection(root, values, [])
  return { given, problems }
}
