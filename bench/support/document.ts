import type { Report } from './results.ts'
import type { Section } from './section.ts'
import { goalText, isMet, ratioText } from './table.ts'

/** A run of all benchmarks as Markdown, ratios first. */
export function documentOf(reports: Report[], versions: { servers: string[]; peers: string[] }): string {
  const sections = reports.flatMap(({ parts }) => parts)
  return [
    '# Benchmarks',
    '<!-- Written by `npm run bench`. What the figures mean, and why some miss their goals: docs/performance.md -->',
    headOf(reports, versions),
    '## In short: every figure with a goal',
    goalsTable(sections),
    ...sections.flatMap(sectionText),
  ].join('\n\n')
}

function headOf(reports: Report[], { servers, peers }: { servers: string[]; peers: string[] }): string {
  const [first] = reports
  if (!first) return 'Nothing was measured.'
  const { cpu, usable, memoryGb, node, platform } = first.machine
  const times = reports.map(({ startedAt }) => startedAt).toSorted()
  const loads = reports.map(({ machine }) => machine.loadBefore)
  return [
    `Taken in one run of \`npm run bench\`, begun at ${times[0]}, its last benchmark at ${times.at(-1)}, on ${usable} cores of ${cpu}, ${memoryGb} GiB, ${platform}; ` +
      `Node ${node}, ${servers.join(', ')}. Client, service and servers share the cores. ` +
      `The load (one minute) before a benchmark began was ${Math.min(...loads).toFixed(1)} to ${Math.max(...loads).toFixed(1)}.`,
    `Peers: ${peers.join(', ')}.`,
    'Ratios count, not rates: both sides of one are measured in one run, in turns, and it is given as the median with the range of its rounds. ' +
      '[bench/README.md](../bench/README.md) says how each is measured, [performance.md](performance.md) where the time goes and why a goal is missed. ' +
      'Repeat all with `npm run bench`, one with `npm run bench -- <name>`.',
  ].join('\n\n')
}

function goalsTable(sections: Section[]): string {
  const rows = sections.flatMap(({ title, comparisons }) =>
    comparisons
      .filter(({ goal }) => goal)
      .map((one) => [
        isMet(one) ? 'met' : '**missed**',
        `${ratioText(one.ratio.median)} ×`,
        goalText(one.goal),
        title,
        one.what,
      ]),
  )
  return markdown([['', 'ratio', 'goal', 'of', 'what'], ...rows])
}

function sectionText({ title, other, comparisons, tables = [], notes = [] }: Section): string[] {
  const rows = comparisons.map((one) => [
    `${ratioText(one.ratio.median)} ×`,
    `${ratioText(one.ratio.min)}–${ratioText(one.ratio.max)}`,
    goalText(one.goal) + (isMet(one) === false ? ', **missed**' : ''),
    one.what,
    one.ours,
    one.other,
    one.note ?? '',
  ])
  return [
    `## ${title}`,
    markdown([['ratio', 'min–max', 'goal', 'what', 'headwater', other, 'note'], ...rows]),
    ...tables.map(markdown),
    ...(notes.length > 0 ? [notes.join('\\\n')] : []),
  ]
}

function markdown([head = [], ...rows]: string[][]): string {
  const line = (cells: string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
