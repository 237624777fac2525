import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { z } from 'zod'
import type { Given, Problem } from './given.ts'
import { isCollection } from './settings.ts'
import { showWrong } from './show.ts'
import { closest, didYouMean } from './suggest.ts'

const SQLITE = /^sqlite:(?:\/\/(?=\/))?(?!\/\/)(.+)$/s

/** With every path in the value absolute. */
export function resolvePaths(given: Given): Given {
  const { setting, value, base } = given
  if (setting.notes.path === undefined) return given
  const absolute = (one: unknown): unknown => {
    if (typeof one !== 'string' || one === '') return one
    if (setting.notes.path !== 'sqlite') return resolve(base, one)
    return one.replace(SQLITE, (_, path: string) => `sqlite:${resolve(base, path)}`)
  }
  return { ...given, value: Array.isArray(value) ? value.map(absolute) : absolute(value) }
}

/** Whether a value is one its key may have, whatever the values of others. */
export function checkValue({ setting, value, origin, written }: Given): Problem[] {
  // The entries of a collection are checked by themselves, rules over them with the whole.
  if (isCollection(setting)) return []
  const { notes, schema, key } = setting
  if (z.safeParse(schema, value).success) return []
  const shown = showWrong(written ?? value, notes)
  const meant = typeof value === 'string' ? closest(value, notes.choices ?? []) : undefined
  return [{ path: key, origin, message: `${shown} is not ${notes.type}${didYouMean(meant)}` }]
}

/** Whether the files a value names are there. */
export function checkFiles({ setting, value, origin, written }: Given): Problem[] {
  if (setting.notes.path !== 'file') return []
  const missing = [value].flat().filter((file) => typeof file === 'string' && !existsSync(file))
  return missing.map((file) => ({
    path: setting.key,
    origin,
    message: `there is no file ${showWrong(written ?? file, setting.notes)}`,
  }))
}
