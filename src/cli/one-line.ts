/**
 * A text of others as one line of a terminal: its control characters, with which it could write anywhere, are spaces.
 * @param width longer ones end in "…"
 */
export function oneLine(text: string, width: number): string {
  const line = text.replaceAll(/[\s\p{Cc}]+/gu, ' ')
  return line.length > width ? `${line.slice(0, width - 1)}…` : line
}
