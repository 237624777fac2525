/** The processor's time of this process so far, in milliseconds: a loaded machine does not change what something takes of it. */
export function workedMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}
