/** What the suite expects to be answered: its "expected data sets". */
export const JANE = { email: 'support@apollographql.com', name: 'Jane Smith', totalProductsCreated: 1337 }

export const DIMENSIONS = { size: 'small', weight: 1, unit: 'kg' }

export const DEPRECATED = {
  sku: 'apollo-federation-v1',
  package: '@apollo/federation-v1',
  reason: 'Migrate to Federation V2',
}

const federationStudy = { study: { caseNumber: '1234', description: 'Federation Study' }, outcome: null }
const studioStudy = { study: { caseNumber: '1235', description: 'Studio Study' }, outcome: null }

export const RESEARCH = [federationStudy, studioStudy]

export const PRODUCTS = [
  {
    id: 'apollo-federation',
    sku: 'federation',
    package: '@apollo/federation',
    variation: { id: 'OSS' },
    research: [federationStudy],
    notes: null,
  },
  {
    id: 'apollo-studio',
    sku: 'studio',
    package: '',
    variation: { id: 'platform' },
    research: [studioStudy],
    notes: null,
  },
]

export type Product = (typeof PRODUCTS)[number]
