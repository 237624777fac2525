import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { root } from '../support/child.ts'

const YamlMap = z.record(z.string(), z.unknown())
type YamlMap = z.output<typeof YamlMap>

/** Every scalar as the text that stands there: whether `on` is a text or a truth differs from one version of YAML to the next. */
export const compose = YamlMap.parse(
  parse(readFileSync(join(root, 'compose.yaml'), 'utf8'), { schema: 'failsafe', merge: true }),
)

export const servicesOf: ReadonlyMap<string, YamlMap> = new Map(
  Object.entries(mapAt('services', compose)).map(([name, service]) => [name, YamlMap.parse(service)]),
)

export function mapAt(key: string, map: YamlMap | undefined): YamlMap {
  const { success, data } = YamlMap.safeParse(map?.[key])
  if (!success) throw new Error(`compose.yaml has no map ${key}`)
  return data
}

export function listAt(key: string, map: YamlMap | undefined): string[] {
  return z.array(z.string()).safeParse(map?.[key]).data ?? []
}

export function textAt(key: string, map: YamlMap | undefined): string {
  const value = map?.[key]
  if (typeof value !== 'string') throw new Error(`compose.yaml has no text ${key}`)
  return value
}

/** The environment of a service, with what is to stand for `${NAME:?}`. Throws for a variable that is not given. */
export function environmentOf(service: string, variables: Record<string, string>): Record<string, string> {
  const environment = mapAt('environment', servicesOf.get(service))
  return Object.fromEntries(
    Object.keys(environment).map((name) => [
      name,
      textAt(name, environment).replace(/\$\{(\w+):\?\}/g, (_, variable: string) => {
        const given = variables[variable]
        if (given === undefined) throw new Error(`compose.yaml asks for ${variable}`)
        return given
      }),
    ]),
  )
}
