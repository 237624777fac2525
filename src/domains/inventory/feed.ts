import { defineFeed } from '../../index.ts'
import { product } from './aggregate.ts'

/** What others may know of products: everything that happens to their stock. */
export const productFeed = defineFeed({
  from: product,
  publish: {
    'product.added': true,
    'product.received': true,
    'product.reserved': true,
    'product.released': true,
    'product.shipped': true,
  },
})
