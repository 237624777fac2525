import { formatBytes } from './bytes.ts'
import type { Notes } from './kinds.ts'
import { MASK, maskUrl } from './mask.ts'
import { snakeCase } from './names.ts'
import { isCollection, isSection, type Node, type Setting } from './settings.ts'

const LONGEST = 100

/** A value for an error message: masked, quoted, short. It may be of any type, and a secret in the wrong place. */
export function showWrong(value: unknown, { secret }: Notes): string {
  if (secret === 'value') return `the value (${MASK})`
  if (typeof value === 'string') {
    // What is not even like an address may be a password in the wrong place.
    if (secret === 'url' && !value.includes('://')) return `the value (${MASK})`
    const masked = secret === 'url' || value.includes('@') ? maskUrl(value) : value
    return JSON.stringify(masked.length > LONGEST ? `${masked.slice(0, LONGEST)}…` : masked)
  }
  if (typeof value === 'number' || typeof value === 'boolean' || typeof value === 'bigint') return `${value}`
  if (Array.isArray(value)) return 'this list'
  return typeof value === 'object' && value !== null ? 'this table' : 'this value'
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A right value as text, masked: what an environment variable would hold. `''` when there is none. */
function showRight(value: unknown, { secret, kind }: Notes): string {
  if (value === undefined) return ''
  if (secret === 'value') return MASK
  if (secret === 'url') return maskUrl(plain(value))
  if (kind === 'bytes' && typeof value === 'number') return formatBytes(value)
  if (Array.isArray(value)) return value.map(plain).join(',')
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([name, one]) => `${name}=${plain(one)}`)
      .join(',')
  return plain(value)
}

/** A right value with the names it has in TOML, its secrets masked. */
export function maskedTree(node: Node, value: unknown): unknown {
  if (!isSection(node) && !isCollection(node)) {
    const { secret, kind } = node.notes
    return secret !== undefined || kind === 'bytes' ? showRight(value, node.notes) : value
  }
  if (Array.isArray(value) && isCollection(node))
    return value.map((item, place) => maskedTree(node.entry(place), item))
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  const masked = entries.flatMap(([name, item]): [string, unknown][] => {
    const inner = isSection(node) ? node.children.get(name) : node.entry(name)
    return inner === undefined ? [] : [[isSection(node) ? snakeCase(name) : name, maskedTree(inner, item)]]
  })
  return Object.fromEntries(masked)
}

/** The right value of a key as text, masked: what an environment variable would hold. `''` when there is none. */
export function showSetting(setting: Setting, value: unknown): string {
  if (value === undefined || !isCollection(setting)) return showRight(value, setting.notes)
  return JSON.stringify(maskedTree(setting, value))
}
