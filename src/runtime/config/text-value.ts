import type { Kind } from './kinds.ts'

const BOOLEANS = new Map([
  ['true', true],
  ['1', true],
  ['false', false],
  ['0', false],
])

function items(text: string): string[] {
  return text.split(',').flatMap((item) => item.trim() || [])
}

/**
 * Text from an environment variable as the value it stands for: lists as `a,b`, tables as `a=1,b=2`. Text that stands for
 * none is handed back as it is, for the schema to refuse.
 */
export function textValue(text: string, kind: Kind): unknown {
  if (kind === 'number') return /^-?\d{1,16}(\.\d{1,16})?$/.test(text) ? Number(text) : text
  if (kind === 'boolean') return BOOLEANS.get(text.toLowerCase()) ?? text
  if (kind === 'list') return items(text)
  if (kind === 'table') {
    const pairs = items(text).map((item) => item.split(/=(.*)/s, 2).map((part) => part.trim()))
    return pairs.every((pair) => pair.length === 2) ? Object.fromEntries(pairs) : text
  }
  return text
}
