import { readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { parse, TomlError } from 'smol-toml'
import { hasLiteralCredential, writeInstead } from './credentials.ts'
import { readTree } from './from-tree.ts'
import type { Given, Layer, Origin, Problem } from './given.ts'
import { snakeCase } from './names.ts'
import { root, type Setting } from './settings.ts'
import { substitute, type Environment } from './substitute.ts'
import { textValue } from './text-value.ts'
import { tomlLines } from './toml-lines.ts'

const DEFAULT_FILE = 'headwater.toml'

/** What the message says after the parser’s own first line is a part of the file, which may hold a secret. */
function syntaxProblem(name: string, error: TomlError): Layer {
  const [first = ''] = error.message.split('\n')
  const message = `column ${error.column}: ${first}`
  return { given: [], problems: [{ path: name, origin: { name, line: error.line }, message }] }
}

/** The same value with every text in it replaced. */
function mapText(value: unknown, replace: (text: string) => string): unknown {
  if (typeof value === 'string') return replace(value)
  if (Array.isArray(value)) return value.map((item) => mapText(item, replace))
  if (typeof value !== 'object' || value === null || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, mapText(item, replace)]))
}

function readDocument(document: string, name: string, base: string, env: Environment): Layer {
  const lineOf = tomlLines(document)
  function give(setting: Setting, value: unknown, origin: Origin): Given | Problem[] {
    const wrong: string[] = []
    const filled = mapText(value, (text) => {
      const result = substitute(text, env)
      wrong.push(...result.wrong)
      return result.text
    })
    if (setting.notes.credentialsFromEnvironment && hasLiteralCredential(value))
      wrong.push(writeInstead(setting))
    if (wrong.length > 0) return wrong.map((message) => ({ path: setting.key, origin, message }))
    if (typeof value !== 'string' || filled === value) return { setting, value: filled, origin, base }
    const substituted = typeof filled === 'string' ? textValue(filled, setting.notes.kind) : filled
    return { setting, value: substituted, origin, base, written: value }
  }
  const originOf = (path: readonly string[]): Origin => {
    const line = lineOf(path)
    return line === undefined ? { name } : { name, line }
  }
  return readTree(root, parse(document), { nameOf: snakeCase, originOf, give })
}

/**
 * What `headwater.toml` says. `name` is the file when somebody named one, which then must be there; otherwise the one in
 * `cwd`, if there is one.
 */
export function fromFile(name: string | undefined, cwd: string, env: Environment): Layer {
  const shown = name ?? DEFAULT_FILE
  try {
    const file = resolve(cwd, shown)
    return readDocument(readFileSync(file, 'utf8'), shown, dirname(file), env)
  } catch (error) {
    if (error instanceof TomlError) return syntaxProblem(shown, error)
    const code = error instanceof Error && 'code' in error ? String(error.code) : undefined
    if (code === undefined) throw error
    if (code === 'ENOENT' && name === undefined) return { given: [], problems: [] }
    const message = code === 'ENOENT' ? 'there is no such file' : `the file cannot be read (${code})`
    return { given: [], problems: [{ path: shown, message }] }
  }
}
