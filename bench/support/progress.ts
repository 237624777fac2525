/** Shows on a terminal what is going on; the next line of it, and the table, take its place. */
export function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}
