/** `BENCH_CPU_PROF=<folder>` writes a CPU profile of a process of ours there: flags for Node. */
export function profiling(): string[] {
  const folder = process.env['BENCH_CPU_PROF']
  return folder ? ['--cpu-prof', `--cpu-prof-dir=${folder}`] : []
}
