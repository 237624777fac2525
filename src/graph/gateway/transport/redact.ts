import type { GraphQLFormattedError } from 'graphql/index.js'
import { isTree } from '../execution/tree.ts'
import type { SubgraphResult } from '../subgraph.ts'

/**
 * Takes the address of a subgraph out of what its errors say, at any depth: a framework may put it there.
 *
 * @param url of the subgraph
 */
export function createRedactor(url: URL, name: string): (result: SubgraphResult) => SubgraphResult {
  // The longest first, so that nothing is left of it. A host that is a word, and may be one of the text, stays.
  const secrets = [url.href, url.origin, url.host, url.hostname].filter((secret) => /[.:]/.test(secret))
  const redact = (text: string) => secrets.reduce((left, secret) => left.replaceAll(secret, name), text)

  function redactAny(value: unknown): unknown {
    if (typeof value === 'string') return redact(value)
    if (Array.isArray(value)) return value.map(redactAny)
    return isTree(value) ? redactIn(value) : value
  }

  function redactIn(tree: Readonly<Record<string, unknown>>): Record<string, unknown> {
    return Object.fromEntries(Object.entries(tree).map(([key, value]) => [redact(key), redactAny(value)]))
  }

  const redactError = ({ message, path, extensions }: GraphQLFormattedError): GraphQLFormattedError => ({
    message: redact(message),
    ...(path && { path }),
    ...(extensions && { extensions: redactIn(extensions) }),
  })

  return (result) => (result.errors ? { ...result, errors: result.errors.map(redactError) } : result)
}
