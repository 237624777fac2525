/** `headwater/testing`: tests of deciders, without a server and with any test framework. */
export { given } from './given.ts'
export type { Given, Then, WhenOptions } from './given.ts'
export { givenAll } from './given-all.ts'
export type { GivenAll, PastOf, ThenAll } from './given-all.ts'
