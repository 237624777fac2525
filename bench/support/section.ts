import { z } from 'zod'
import { Comparison } from './table.ts'

/** A part of a benchmark that is shown by itself. */
export const Section = z.object({
  title: z.string(),
  /** What the rows of `comparisons` are compared with: the head of their column. */
  other: z.string(),
  comparisons: z.array(Comparison),
  /** Further tables; the first row of each is the head. */
  tables: z.array(z.array(z.array(z.string()))).default([]),
  notes: z.array(z.string()).default([]),
})
export type Section = z.input<typeof Section>

/** What a benchmark measured: what is shown of it, and everything, the rounds included. */
export interface Part extends Section {
  measured: unknown
}
