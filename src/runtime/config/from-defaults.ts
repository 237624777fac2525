import type { Given, Layer } from './given.ts'
import { settings, type Setting } from './settings.ts'
import type { Environment } from './substitute.ts'

function defaultOf({ notes, defaultValue }: Setting, env: Environment): unknown {
  const production = env['NODE_ENV'] === 'production' ? notes.productionDefault : undefined
  return production ?? defaultValue
}

export function fromDefaults(env: Environment, cwd: string): Layer {
  const given = settings.flatMap((setting): Given[] => {
    const value = defaultOf(setting, env)
    return value === undefined ? [] : [{ setting, value, origin: { name: 'default' }, base: cwd }]
  })
  return { given, problems: [] }
}
