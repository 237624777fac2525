import { stringify } from 'smol-toml'
import { valueOf } from './describe.ts'
import { originText } from './given.ts'
import type { LoadedConfig } from './load.ts'
import { snakeCase, tomlName } from './names.ts'
import { isCollection, isSection, root, type Node, type Section, type Setting } from './settings.ts'
import { maskedTree } from './show.ts'

/** `stringify` writes whole documents, and a table only under a header: a table goes inline here. */
function tomlValue(value: unknown): string {
  if (typeof value === 'string') return one(value.replaceAll('${', () => '$${'))
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`
  if (typeof value !== 'object' || value === null) return one(value)
  const pairs = Object.entries(value).map(([name, item]) => `${tomlName(name)} = ${tomlValue(item)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

function one(value: unknown): string {
  return stringify({ v: value }).trim().replace(/^v = /, '')
}

function line(setting: Setting, { config, sources }: LoadedConfig): string {
  const name = snakeCase(`${setting.path.at(-1)}`)
  const value = valueOf(setting, config)
  if (value === undefined) return `# ${name} =`
  const origin = originText(sources.get(setting.key) ?? { name: 'default' })
  // The name of a file may hold anything; a comment may not.
  return `${name} = ${tomlValue(maskedTree(setting, value))} # ${origin.replace(/\p{Cc}/gu, ' ')}`
}

/** The tables of a list that is not empty; none for whatever else. */
function tablesOf(node: Node, { config }: LoadedConfig): Section[] {
  const value = isCollection(node) && node.isList ? valueOf(node, config) : undefined
  if (!isCollection(node) || !Array.isArray(value)) return []
  return value.map((_, place) => node.entry(place)).filter(isSection)
}

/** A table under its header, and after it those within, since a header ends what stands before it. */
function blocks(section: Section, header: string, loaded: LoadedConfig): string[] {
  const lines = header === '' ? [] : [header]
  const inner: string[] = []
  for (const child of section.children.values()) {
    const tables = tablesOf(child, loaded)
    if (isSection(child)) inner.push(...blocks(child, `[${child.key}]`, loaded))
    else if (tables.length === 0) lines.push(line(child, loaded))
    else inner.push(...tables.flatMap((table) => blocks(table, `[[${child.key}]]`, loaded)))
  }
  return [lines.join('\n'), ...inner]
}

/** The effective configuration as a `headwater.toml`: the source of each value behind it, secrets masked. */
export function configToml(loaded: LoadedConfig): string {
  return `${blocks(root, '', loaded).join('\n\n')}\n`
}
