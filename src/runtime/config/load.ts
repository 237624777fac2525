import { checkFiles, checkValue, resolvePaths } from './check.ts'
import { ConfigurationError } from './error.ts'
import { fromDefaults } from './from-defaults.ts'
import { FILE_VARIABLE, fromEnvironment } from './from-environment.ts'
import { fromFile } from './from-file.ts'
import { fromOptions } from './from-options.ts'
import type { Given, Origin } from './given.ts'
import { isWithin, ruleProblems } from './rules.ts'
import { configSchema, type Config, type ConfigOverrides } from './schema.ts'
import { isCollection } from './settings.ts'
import type { Environment } from './substitute.ts'

export interface LoadOptions {
  env?: Environment
  /** Where `headwater.toml` is looked for, and where relative paths outside of it start. */
  cwd?: string
  /** The TOML file, which then must be there; before `HEADWATER_CONFIG`. */
  file?: string | undefined
  /** Wins over everything. */
  overrides?: ConfigOverrides
}

export interface LoadedConfig {
  readonly config: Config
  /** Where each key that has a value got it, by key (`http.port`). */
  readonly sources: ReadonlyMap<string, Origin>
}

type Tree = { [name: string | number]: unknown }

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null
}

function assemble(given: Iterable<Given>): Tree {
  const tree: Tree = {}
  for (const { setting, value } of given) {
    let table = tree
    for (const name of setting.path.slice(0, -1)) {
      const inner = table[name]
      const next: Tree = isTree(inner) ? inner : {}
      table[name] = next
      table = next
    }
    // What is given for a collection is empty, and is filled here: it must not be the default itself.
    table[setting.path.at(-1) ?? ''] = isCollection(setting) ? (setting.isList ? [] : {}) : value
  }
  return tree
}

/** The value of each key that wins; of a collection, all or nothing of what one place says. */
function effectiveOf(given: readonly Given[]): Map<string, Given> {
  const effective = new Map<string, Given>()
  for (const one of given) {
    const { setting } = one
    if (isCollection(setting))
      for (const [key, other] of effective)
        if (key !== setting.key && isWithin(other.setting.path, setting.path)) effective.delete(key)
    effective.set(setting.key, one)
  }
  return effective
}

function freeze<T>(value: T): T {
  if (isTree(value)) Object.values(value).forEach(freeze)
  return Object.freeze(value)
}

/**
 * The effective configuration: options win over the environment, the environment over the file, the file over defaults.
 * @throws ConfigurationError with everything that is wrong, wherever it stands
 */
export function loadConfig(options: LoadOptions = {}): LoadedConfig {
  const { env = process.env, cwd = process.cwd(), overrides = {} } = options
  const file = options.file ?? (env[FILE_VARIABLE] || undefined)
  const layers = [
    fromDefaults(env, cwd),
    fromFile(file, cwd, env),
    fromEnvironment(env, cwd),
    fromOptions(overrides, cwd),
  ]
  const given = layers.flatMap((layer) => layer.given).map(resolvePaths)
  const effective = effectiveOf(given)
  const problems = [...layers.flatMap((layer) => layer.problems), ...given.flatMap(checkValue)]
  const result = configSchema.safeParse(assemble(effective.values()))
  if (!result.success) problems.push(...ruleProblems(result.error, effective.values(), problems))
  problems.push(...[...effective.values()].flatMap(checkFiles))
  if (problems.length > 0 || !result.success) throw new ConfigurationError(problems)
  return {
    config: freeze(result.data),
    sources: new Map([...effective].map(([key, { origin }]) => [key, origin])),
  }
}
