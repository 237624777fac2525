import type { Given, Layer, Origin, Problem } from './given.ts'
import { readTree } from './from-tree.ts'
import { MOVED } from './moved.ts'
import { ENVIRONMENT_PREFIX, environmentName, quoteKey, snakeCase } from './names.ts'
import { isCollection, settings, type Setting } from './settings.ts'
import type { Environment } from './substitute.ts'
import { closest, didYouMean } from './suggest.ts'
import { textValue } from './text-value.ts'

/** The path of the TOML file: the one variable that is no key. */
export const FILE_VARIABLE = 'HEADWATER_CONFIG'

const settingOf = new Map(settings.flatMap((setting) => setting.env.map((name) => [name, setting])))

const MOVED_VARIABLES = new Map([...MOVED].map(([old, key]) => [environmentName(old.split('.')), key]))

function unknownVariable(name: string): Problem {
  const moved = settings.find(({ key }) => key === MOVED_VARIABLES.get(name))
  if (moved)
    return { path: quoteKey(name), message: `unknown environment variable${didYouMean(moved.env[0])}` }
  const short = (known: string) => known.replace(ENVIRONMENT_PREFIX, '')
  const meant = closest(short(name), [...settingOf.keys(), FILE_VARIABLE].map(short))
  const full = [...settingOf.keys(), FILE_VARIABLE].find(
    (known) => meant !== undefined && short(known) === meant,
  )
  return { path: quoteKey(name), message: `unknown environment variable${didYouMean(full)}` }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // The parser’s own words quote the text, which may hold a secret.
    return undefined
  }
}

/** A collection is JSON, with the names that it has in TOML. */
function readVariable(setting: Setting, text: string, name: string, base: string): Layer {
  const origin: Origin = { name }
  const give = (one: Setting, value: unknown): Given => ({ setting: one, value, origin, base })
  if (!isCollection(setting))
    return { given: [give(setting, textValue(text, setting.notes.kind))], problems: [] }
  const value = parsed(text)
  if (value !== undefined)
    return readTree(setting, value, { nameOf: snakeCase, originOf: () => origin, give })
  const message = `this text is not JSON, ${setting.notes.type}`
  return { given: [], problems: [{ path: setting.key, origin, message }] }
}

/** The variables that are keys; every other one under `HEADWATER_` is a problem. An empty one counts as not set. */
export function fromEnvironment(env: Environment, cwd: string): Layer {
  const set = (name: string) => Object.hasOwn(env, name) && Boolean(env[name])
  const layers = settings.flatMap((setting): Layer[] => {
    const name = setting.env.find(set)
    const text = name === undefined ? undefined : env[name]
    return name === undefined || text === undefined ? [] : [readVariable(setting, text, name, cwd)]
  })
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith(ENVIRONMENT_PREFIX) && !settingOf.has(name) && name !== FILE_VARIABLE,
  )
  return {
    given: layers.flatMap(({ given }) => given),
    problems: [...layers.flatMap(({ problems }) => problems), ...unknown.filter(set).map(unknownVariable)],
  }
}
