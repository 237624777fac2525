import { keyOf } from './names.ts'
import { isSection, root, settings, type Section, type Setting } from './settings.ts'
import { showRight } from './show.ts'

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

function defaultText({ defaultValue, notes }: Setting): string {
  const text = showRight(defaultValue, notes)
  const { productionDefault } = notes
  return productionDefault === undefined ? text : `${text} (${productionDefault} when NODE_ENV=production)`
}

/** Every key in the order of the schema. */
export function configReference(): ReferenceRow[] {
  return settings.map((setting) => ({
    key: setting.key,
    env: setting.env,
    type: setting.notes.type,
    default: defaultText(setting),
    description: setting.notes.description,
  }))
}

function sectionsIn(section: Section): { section: string; description: string }[] {
  const inner = [...section.children.values()].filter(isSection)
  return inner.flatMap((one) => [
    { section: keyOf(one.path), description: one.description },
    ...sectionsIn(one),
  ])
}

/** Every table in the order of the schema: `{ section: 'nats.tls', description }`. */
export function configSections(): { section: string; description: string }[] {
  return sectionsIn(root)
}
