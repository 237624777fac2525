import type { Given, Layer, Problem } from './given.ts'
import { ENVIRONMENT_PREFIX, quoteKey } from './names.ts'
import { settings } from './settings.ts'
import type { Environment } from './substitute.ts'
import { closest, didYouMean } from './suggest.ts'
import { textValue } from './text-value.ts'

/** The path of the TOML file: the one variable that is no key. */
export const FILE_VARIABLE = 'HEADWATER_CONFIG'

const settingOf = new Map(settings.flatMap((setting) => setting.env.map((name) => [name, setting])))

function unknownVariable(name: string): Problem {
  const short = (known: string) => known.replace(ENVIRONMENT_PREFIX, '')
  const meant = closest(short(name), [...settingOf.keys(), FILE_VARIABLE].map(short))
  const full = [...settingOf.keys(), FILE_VARIABLE].find(
    (known) => meant !== undefined && short(known) === meant,
  )
  return { path: quoteKey(name), message: `unknown environment variable${didYouMean(full)}` }
}

/** The variables that are keys; every other one under `HEADWATER_` is a problem. An empty one counts as not set. */
export function fromEnvironment(env: Environment, cwd: string): Layer {
  const set = (name: string) => Object.hasOwn(env, name) && Boolean(env[name])
  const given = settings.flatMap((setting): Given[] => {
    const name = setting.env.find(set)
    const text = name === undefined ? undefined : env[name]
    if (name === undefined || text === undefined) return []
    return [{ setting, value: textValue(text, setting.notes.kind), origin: { name }, base: cwd }]
  })
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith(ENVIRONMENT_PREFIX) && !settingOf.has(name) && name !== FILE_VARIABLE,
  )
  return { given, problems: unknown.filter(set).map(unknownVariable) }
}
