import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../support/child.ts'
import { type Yaml, isMap, parseYaml } from './yaml.ts'

export const compose = parseYaml(readFileSync(join(root, 'compose.yaml'), 'utf8'))

export const servicesOf: ReadonlyMap<string, { [key: string]: Yaml }> = new Map(
  Object.entries(mapAt('services', compose)).filter((entry): entry is [string, { [key: string]: Yaml }] =>
    isMap(entry[1]),
  ),
)

export function mapAt(key: string, map: { [key: string]: Yaml } | undefined): { [key: string]: Yaml } {
  const value = map?.[key]
  if (!isMap(value)) throw new Error(`compose.yaml has no map ${key}`)
  return value
}

export function listAt(key: string, map: { [key: string]: Yaml } | undefined): string[] {
  const value = map?.[key]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

export function textAt(key: string, map: { [key: string]: Yaml } | undefined): string {
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
