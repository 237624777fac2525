import { stringify } from 'smol-toml'
import { valueOf } from './describe.ts'
import { originText } from './given.ts'
import type { LoadedConfig } from './load.ts'
import { keyOf } from './names.ts'
import { settings, type Setting } from './settings.ts'
import { showRight } from './show.ts'

/** `stringify` writes whole documents, and a table only under a header: a table goes inline here. */
function tomlValue(value: unknown): string {
  if (typeof value === 'string') return one(value.replaceAll('${', () => '$${'))
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return one(value)
  const pairs = Object.entries(value).map(([name, item]) => `${JSON.stringify(name)} = ${tomlValue(item)}`)
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`
}

function one(value: unknown): string {
  return stringify({ v: value }).trim().replace(/^v = /, '')
}

function line(setting: Setting, { config, sources }: LoadedConfig): string {
  const name = keyOf(setting.path.slice(-1))
  const value = valueOf(setting, config)
  if (value === undefined) return `# ${name} =`
  const { secret, kind } = setting.notes
  const shown = secret !== undefined || kind === 'bytes' ? showRight(value, setting.notes) : value
  const origin = originText(sources.get(setting.key) ?? { name: 'default' })
  // The name of a file may hold anything; a comment may not.
  return `${name} = ${tomlValue(shown)} # ${origin.replace(/\p{Cc}/gu, ' ')}`
}

/** The effective configuration as a `headwater.toml`: the source of each value behind it, secrets masked. */
export function configToml(loaded: LoadedConfig): string {
  const sectionOf = ({ path }: Setting) => keyOf(path.slice(0, -1))
  const sections = [...new Set(settings.map(sectionOf))]
  const blocks = sections.map((section) => {
    const lines = settings.filter((one) => sectionOf(one) === section).map((one) => line(one, loaded))
    return [...(section === '' ? [] : [`[${section}]`]), ...lines].join('\n')
  })
  return `${blocks.join('\n\n')}\n`
}
