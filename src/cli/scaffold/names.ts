import { composeSchema } from '../../graph/compose.ts'
import { SAGAS } from '../../runtime/define-context.ts'
import { HeadwaterError } from '../../streams/errors.ts'

/** The names that a new domain needs, all from the one that was typed. */
export interface DomainNames {
  /** The folder and the context: `gift-cards`. */
  domain: string
  /** The aggregate, singular: `gift-card`. */
  aggregate: string
  /** The same in a sentence: `gift card`. */
  words: string
  /** A variable: `giftCard`. */
  variable: string
  /** The variable of the context: `giftCards`. */
  contextVariable: string
  /** The GraphQL type: `GiftCard`. */
  type: string
  /** The GraphQL list field: `giftCards`. */
  list: string
  /** The projection, a part of a table's name: `gift_card`. */
  projection: string
}

const NAME = /^[a-z][a-z0-9]*(-[a-z0-9]+)*$/

/** The words that no variable can be called, as far as a domain could be. */
const RESERVED = new Set(
  'await break case catch class const continue debugger default delete do else enum export extends false finally for function if implements import in instanceof interface let new null package private protected public return static super switch this throw true try typeof var void while with yield'.split(
    ' ',
  ),
)

/** @throws HeadwaterError INVALID_NAME when the name does not fit subjects, tables, variables and the graph alike */
export function domainNames(domain: string): DomainNames {
  if (!NAME.test(domain) || domain.length > 40) {
    throw invalid(
      domain,
      'lower case letters, digits and single hyphens, a letter first, 40 at most, such as gift-cards',
    )
  }
  const aggregate = singular(domain)
  const variable = camel(aggregate)
  const list = plural(variable)
  const names = {
    domain,
    aggregate,
    words: aggregate.replaceAll('-', ' '),
    variable,
    contextVariable: list,
    type: variable.charAt(0).toUpperCase() + variable.slice(1),
    list,
    projection: aggregate.replaceAll('-', '_'),
  }
  if (RESERVED.has(variable) || RESERVED.has(list))
    throw invalid(domain, `${variable} is a word of JavaScript; take another, such as our-${domain}`)
  if (domain === SAGAS || isTaken(names))
    throw invalid(domain, `${names.type} is a type of every graph; take another, such as our-${domain}`)
  return names
}

/** Whether every graph has that type already, or such a field. */
function isTaken({ type, variable, list }: DomainNames): boolean {
  const schema = composeSchema([])
  const fields = Object.keys(schema.getQueryType()?.getFields() ?? {})
  return schema.getType(type) !== undefined || fields.includes(variable) || fields.includes(list)
}

function invalid(domain: string, why: string): HeadwaterError {
  const detail = `${JSON.stringify(domain)} cannot be a domain's name: ${why}`
  return new HeadwaterError({ code: 'INVALID_NAME', status: 400, detail })
}

/** One of them, as far as the ending tells: gift-cards, categories, addresses and boxes; anything else stays as it is. */
function singular(name: string): string {
  if (/[^aeiou]ies$/.test(name) && name.length > 4) return `${name.slice(0, -3)}y`
  if (/(ss|sh|ch|x)es$/.test(name)) return name.slice(0, -2)
  return name.length > 2 && /[^su]s$/.test(name) ? name.slice(0, -1) : name
}

function plural(name: string): string {
  if (/[^aeiou]y$/.test(name)) return `${name.slice(0, -1)}ies`
  return /(s|sh|ch|x)$/.test(name) ? `${name}es` : `${name}s`
}

function camel(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
