import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Machine } from './machine.ts'

export interface Report {
  benchmark: string
  quick: boolean
  startedAt: string
  machine: Machine
  /** Everything that was measured, the rounds included. */
  results: Record<string, unknown>
}

/** Writes a report as JSON to a file, `bench/results/<benchmark>-<time>.json` unless given, and answers its path. */
export function saveReport(report: Report, file: string | undefined): string {
  const name = `${report.benchmark}-${report.startedAt.replaceAll(/[:.]/g, '-')}.json`
  const path = file ?? fileURLToPath(new URL(`../results/${name}`, import.meta.url))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`)
  return path
}
