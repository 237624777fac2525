/** Licences that ask for no more than to be named. Another one is looked at by a person before its package is taken in. */
const ALLOWED: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
  'PostgreSQL',
  'Python-2.0',
  // Public domain: tweetnacl, of the NATS client.
  'Unlicense',
])

/** Whether an SPDX expression can be met: one side of OR, both of AND. No brackets within brackets. */
export function isAllowed(expression: string): boolean {
  return expression
    .replace(/^\((.*)\)$/, '$1')
    .split(' OR ')
    .some((side) => side.split(' AND ').every((licence) => ALLOWED.has(licence.trim())))
}
