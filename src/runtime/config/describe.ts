import type { LoadedConfig } from './load.ts'
import { settings, type Path } from './settings.ts'
import { showSetting } from './show.ts'

/** One key of the effective configuration, for a table. */
export interface ConfigRow {
  readonly key: string
  /** As an environment variable would hold it, secrets masked; `''` when unset. */
  readonly value: string
  /** `default`, `option`, the file as it was named, or the environment variable. */
  readonly source: string
  /** The line in the file. */
  readonly line?: number
}

/** The effective value of a key. */
export function valueOf({ path }: { path: Path }, config: object): unknown {
  return path.reduce<unknown>((table, name) => {
    const entries = typeof table === 'object' && table !== null ? Object.entries(table) : []
    return entries.find(([key]) => key === `${name}`)?.[1]
  }, config)
}

/** Every key of the effective configuration in the order of the schema, secrets masked. */
export function describeConfig({ config, sources }: LoadedConfig): ConfigRow[] {
  return settings.map((setting) => {
    const { name: source, line } = sources.get(setting.key) ?? { name: 'default' }
    const row = { key: setting.key, value: showSetting(setting, valueOf(setting, config)), source }
    return line === undefined ? row : { ...row, line }
  })
}
