/** What `--contexts orders,inventory` names. */
export function contextNames(list: string): string[] {
  return list.split(',').map((name) => name.trim())
}
