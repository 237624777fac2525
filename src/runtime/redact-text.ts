import { MASK } from './config/mask.ts'

// A log line is JSON, where a `"` in a text is `\"`; a `/` in a password must be escaped in an address, so it ends there.
const URL_PASSWORD = /:\/\/([^\s"\\/@:]*):(?:[^\s"\\/]|\\.)*@/g
const NATS_TOKEN = /\b(nats|tls|wss?):\/\/[^\s"\\/@:]+@/g
const BEARER = /\b(Bearer|Basic) [\w.~+/=-]+/g
const PARAMETER = /([?&;][^=&;\s"'\\]*(?:pass|pwd|secret|token|credential)[^=&;\s"'\\]*=)[^&;\s"'\\]+/gi

/** A text with the passwords and tokens of addresses, and what follows `Bearer` and `Basic`, masked. */
export function redactText(text: string): string {
  return text
    .replace(URL_PASSWORD, `://$1:${MASK}@`)
    .replace(NATS_TOKEN, `$1://${MASK}@`)
    .replace(BEARER, `$1 ${MASK}`)
    .replace(PARAMETER, `$1${MASK}`)
}
