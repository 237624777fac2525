import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { Machine } from './machine.ts'
import { Section } from './section.ts'

/** What a run of a benchmark leaves behind, as JSON. */
export const Report = z.object({
  benchmark: z.string(),
  peer: z.string().optional(),
  quick: z.boolean(),
  startedAt: z.iso.datetime(),
  machine: Machine,
  /** Each also has `measured`: everything, the rounds included. */
  parts: z.array(Section),
})
export type Report = z.output<typeof Report>

/** Writes a report as JSON to a file, `bench/results/<benchmark>-<time>.json` unless given, and answers its path. */
export function saveReport(report: z.input<typeof Report>, file: string | undefined): string {
  const { benchmark, peer, startedAt } = report
  const name = [benchmark, peer, startedAt.replaceAll(/[:.]/g, '-')].filter(Boolean).join('-')
  const path = file ?? fileURLToPath(new URL(`../results/${name}.json`, import.meta.url))
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, `${JSON.stringify(report, undefined, 2)}\n`)
  return path
}

/** Reads what `saveReport` wrote. */
export function readReport(file: string): Report {
  return Report.parse(JSON.parse(readFileSync(file, 'utf8')))
}
