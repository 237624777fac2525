import type { Given, Layer, Origin, Problem } from './given.ts'
import { MOVED } from './moved.ts'
import { quoteKey, snakeCase, under } from './names.ts'
import { isCollection, isSection, settings } from './settings.ts'
import type { Collection, Node, Section, Setting } from './settings.ts'
import { showWrong } from './show.ts'
import { closest, didYouMean } from './suggest.ts'

/** How one place that holds a tree of values (the file, options) is read. */
export interface TreeReader {
  /** How a name in code is written there. */
  readonly nameOf: (name: string) => string
  /** Where a key, by its path as written there, stands. Places in lists are digits. */
  readonly originOf: (path: readonly string[]) => Origin
  /** Makes what was written into what is given, or says what is wrong with it. */
  readonly give: (setting: Setting, value: unknown, origin: Origin) => Given | Problem[]
}

function isTable(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date)
}

/** Where the key is now; else among the names in the same table; else, outside of lists, the same name in another one. */
function meant(name: string, { path, key, children }: Section, nameOf: (name: string) => string) {
  const moved = MOVED.get(under(key, snakeCase(name)))
  const inList = path.some((step) => typeof step === 'number')
  const elsewhere = inList ? undefined : settings.find((one) => one.key.split('.').at(-1) === snakeCase(name))
  return moved ?? closest(name, [...children.keys()].map(nameOf)) ?? elsewhere?.key
}

/** What has to be in a section and is not among the names that are there. */
function missing({ children }: Section, names: ReadonlySet<string>, nameOf: (name: string) => string) {
  return [...children].flatMap(([name, child]) =>
    isSection(child) || !child.required || names.has(nameOf(name)) ? [] : child,
  )
}

/** The entries of a list or a table; undefined when the value is no such thing. */
function entriesOf({ isList }: Collection, value: unknown): [string | number, unknown][] | undefined {
  if (isList) return Array.isArray(value) ? [...value.entries()] : undefined
  return isTable(value) ? Object.entries(value).filter(([, item]) => item !== undefined) : undefined
}

/**
 * Collects the values of known keys, and a problem for each unknown one and each that is missing.
 * @param path of the node, as it is written there
 */
export function readTree(
  node: Node,
  value: unknown,
  reader: TreeReader,
  path: readonly string[] = [],
): Layer {
  const given: Given[] = []
  const problems: Problem[] = []

  /** @param key as settings are named; @param path where it stands */
  function wrong(key: string, path: readonly string[], message: string): void {
    problems.push({ path: key, origin: reader.originOf(path), message })
  }

  function readNode(node: Node, value: unknown, path: readonly string[]): void {
    if (isSection(node)) return readSection(node, value, path)
    if (isCollection(node)) return readCollection(node, value, path)
    readSetting(node, value, path)
  }

  function readSetting(setting: Setting, value: unknown, path: readonly string[]): void {
    const result = reader.give(setting, value, reader.originOf(path))
    if (Array.isArray(result)) problems.push(...result)
    else given.push(result)
  }

  function readSection(section: Section, value: unknown, path: readonly string[]): void {
    const { key, children, shorthand } = section
    if (!isTable(value)) {
      if (shorthand !== undefined && typeof value === 'string')
        return readSection(section, { [reader.nameOf(shorthand)]: value }, path)
      return wrong(key, path, 'is a table of keys, not a single value')
    }
    const known = new Map([...children].map(([name, child]) => [reader.nameOf(name), child]))
    const there = Object.entries(value).filter(([, inner]) => inner !== undefined)
    for (const [name, inner] of there) {
      const here = [...path, name]
      const child = known.get(name)
      if (child !== undefined) readNode(child, inner, here)
      else {
        const hint = didYouMean(meant(name, section, reader.nameOf))
        wrong(under(key, quoteKey(name)), here, `unknown key${hint}`)
      }
    }
    const names = new Set(there.map(([name]) => name))
    for (const child of missing(section, names, reader.nameOf))
      wrong(child.key, path, `is missing: it has to be ${child.notes.type}`)
  }

  /** The entries come after the collection, which puts an end to what other places said of it. */
  function readCollection(collection: Collection, value: unknown, path: readonly string[]): void {
    const { key, notes, isList, isName, entry } = collection
    const entries = entriesOf(collection, value)
    if (entries === undefined) return wrong(key, path, `${showWrong(value, notes)} is not ${notes.type}`)
    readSetting(collection, isList ? [] : {}, path)
    for (const [name, inner] of entries) {
      const here = [...path, `${name}`]
      if (typeof name === 'number' || isName(name)) readNode(entry(name), inner, here)
      else wrong(under(key, quoteKey(name)), here, `is not ${notes.names}`)
    }
  }

  readNode(node, value, path)
  return { given, problems }
}
