import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { onTestFinished } from 'vitest'
import { ConfigurationError, loadConfig, type LoadOptions } from '../../src/runtime/config/index.ts'

/** A folder of its own with these files, gone when the test is. */
export function folder(files: Record<string, string> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'headwater-config-'))
  onTestFinished(() => rmSync(path, { recursive: true }))
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true })
    writeFileSync(join(path, name), content)
  }
  return path
}

/** Loads with an empty environment and, when given, this `headwater.toml`. */
export function load({ toml, ...options }: LoadOptions & { toml?: string } = {}) {
  const cwd = options.cwd ?? folder(toml === undefined ? {} : { 'headwater.toml': toml })
  return loadConfig({ env: {}, ...options, cwd })
}

/** The error of a load that must fail. */
export function failure(options: LoadOptions & { toml?: string }): ConfigurationError {
  try {
    load(options)
  } catch (error) {
    if (error instanceof ConfigurationError) return error
    throw error
  }
  throw new Error('the configuration was accepted')
}

/** What is wrong, a line a problem, as on the terminal but without the first line. */
export function problems(options: LoadOptions & { toml?: string }): string[] {
  return failure(options)
    .message.split('\n')
    .slice(1)
    .map((line) => line.trim())
}
