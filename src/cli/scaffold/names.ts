import { HeadwaterError } from '../../streams/errors.ts'

/** The names that a new domain needs, all from the one that was typed. */
export interface DomainNames {
  /** The folder and the context: `gift-cards`. */
  domain: string
  /** The aggregate, singular: `gift-card`. */
  aggregate: string
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

/** @throws HeadwaterError INVALID_NAME when the name does not fit subjects, tables and variables alike */
export function domainNames(domain: string): DomainNames {
  if (!NAME.test(domain) || domain.length > 40) {
    throw new HeadwaterError({
      code: 'INVALID_NAME',
      status: 400,
      detail: `${JSON.stringify(domain)} cannot be a domain's name: lower case letters, digits and single hyphens, a letter first, 40 at most, such as gift-cards`,
    })
  }
  const aggregate =
    domain.length > 2 && domain.endsWith('s') && !domain.endsWith('ss') ? domain.slice(0, -1) : domain
  const variable = camel(aggregate)
  const plural = aggregate === domain ? `${variable}s` : camel(domain)
  return {
    domain,
    aggregate,
    variable,
    contextVariable: plural,
    type: variable.charAt(0).toUpperCase() + variable.slice(1),
    list: plural,
    projection: aggregate.replaceAll('-', '_'),
  }
}

function camel(name: string): string {
  return name.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
}
