import { z } from 'zod'
import { Spread } from './numbers.ts'

/** Prints rows in columns: the first row is the head. Numbers to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows.reduce<number[]>(
    (all, row) => row.map((cell, at) => Math.max(all[at] ?? 0, cell.length)),
    [],
  )
  const numeric = (text: string) => /^[<≤≥×\d]/.test(text)
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => (numeric(cell) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      .join('  ')
      .trimEnd()
  const [head = [], ...body] = rows
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...body.map(line)].join('\n')
}

/** One comparison of a benchmark: the ratio is what counts, the rest says what it is made of. */
export const Comparison = z.object({
  what: z.string(),
  ratio: Spread,
  goal: z.object({ least: z.number().optional(), most: z.number().optional() }).optional(),
  ours: z.string(),
  other: z.string(),
  note: z.string().optional(),
})
export type Comparison = z.output<typeof Comparison>

export function isMet({ ratio, goal }: Comparison): boolean | undefined {
  if (!goal) return undefined
  return ratio.median >= (goal.least ?? 0) && ratio.median <= (goal.most ?? Number.POSITIVE_INFINITY)
}

/** The ratio first, with its range over the rounds; then the goal, and whether it is met. */
export function comparisonTable(comparisons: readonly Comparison[], other: string): string {
  return table([
    ['ratio', 'min–max', 'goal', 'met', 'what', 'headwater', other, 'note'],
    ...comparisons.map((comparison) => {
      const { ratio, goal, what, ours, note = '' } = comparison
      const met = isMet(comparison)
      return [
        `${ratioText(ratio.median)} ×`,
        `${ratioText(ratio.min)}–${ratioText(ratio.max)}`,
        goalText(goal),
        met === undefined ? '' : met ? 'yes' : 'NO',
        what,
        ours,
        comparison.other,
        note,
      ]
    }),
  ])
}

export function goalText(goal: Comparison['goal']): string {
  const { least, most } = goal ?? {}
  if (least !== undefined && most !== undefined) return `${least}–${most}`
  if (least !== undefined) return `≥ ${least}`
  return most === undefined ? '' : `≤ ${most}`
}

export function ratioText(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export const perSecond = (rate: number) => `${Math.round(rate).toLocaleString('en-US')}/s`
export const seconds = (ms: number) => `${(ms / 1000).toFixed(2)} s`
export const milliseconds = (ms: number) => `${ms.toFixed(ms < 1 ? 3 : ms < 100 ? 2 : 0)} ms`
export const megabytes = (mb: number) => `${mb.toFixed(0)} MB`
