import { snakeCase, under } from './names.ts'
import { isCollection, isSection, root, settings } from './settings.ts'
import type { Node, Section, Setting } from './settings.ts'
import { showSetting } from './show.ts'

/** One key, for documentation. */
export interface ReferenceRow {
  readonly key: string
  /** Its names in the environment, the one that wins first. */
  readonly env: readonly string[]
  /** What a right value is, in words. */
  readonly type: string
  /** `''` when the key may stay unset. */
  readonly default: string
  readonly description: string
}

function defaultText(setting: Setting): string {
  const text = showSetting(setting, setting.defaultValue)
  const { productionDefault } = setting.notes
  return productionDefault === undefined ? text : `${text} (${productionDefault} when NODE_ENV=production)`
}

function rowOf(setting: Setting): ReferenceRow {
  const { key, env, notes, required } = setting
  return {
    key,
    env,
    type: notes.type,
    default: defaultText(setting),
    description: required ? `${notes.description} Required.` : notes.description,
  }
}

/** Every key in the order of the schema. */
export function configReference(): ReferenceRow[] {
  return settings.map(rowOf)
}

function sectionsIn(section: Section): { section: string; description: string }[] {
  const inner = [...section.children.values()].filter(isSection)
  return inner.flatMap((one) => [{ section: one.key, description: one.description }, ...sectionsIn(one)])
}

/** Every table in the order of the schema: `{ section: 'nats.tls', description }`. */
export function configSections(): { section: string; description: string }[] {
  return sectionsIn(root)
}

/** A table that stands in a list, or under a name of the user’s own. */
export interface EntryReference {
  /** `[[federation.subgraphs]]` */
  readonly header: string
  readonly description: string
  readonly rows: readonly ReferenceRow[]
}

/** What is in the place of a name of the user’s own. */
const ANY = '<name>'

function entriesIn(node: Node, header: string): EntryReference[] {
  if (isSection(node)) {
    const children = [...node.children]
    return children.flatMap(([name, child]) => entriesIn(child, under(header, snakeCase(name))))
  }
  if (!isCollection(node)) return []
  const entry = node.entry(node.isList ? 0 : ANY)
  const inner = node.isList ? header : under(header, ANY)
  if (!isSection(entry)) return entriesIn(entry, inner)
  const rows = [...entry.children].flatMap(([name, child]) =>
    isSection(child) ? [] : [{ ...rowOf(child), key: snakeCase(name) }],
  )
  const { description } = entry
  return [
    { header: node.isList ? `[[${inner}]]` : `[${inner}]`, description, rows },
    ...entriesIn(entry, inner),
  ]
}

/** The tables in lists and under names of the user’s own, in the order of the schema. */
export function configEntries(): EntryReference[] {
  return entriesIn(root, '')
}
