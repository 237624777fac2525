import { startChild } from '../support/child.ts'
import { LoadResult, type LoadShape } from '../support/load.ts'
import type { Bench } from '../support/stack.ts'
import { serviceFlags } from '../support/service-flags.ts'
import { runOn } from './run.ts'

/** One side of a comparison with a peer, in one setting of its durability. */
export interface Contender {
  name: string
  /** What has happened when a command is answered. */
  durability: string
  orders(run: string, shape: LoadShape): Promise<LoadResult>
}

/** Headwater as it runs: client, service and server, each a process. */
export async function headwater(bench: Bench, sync: 'default' | 'always'): Promise<Contender> {
  const { url } = await bench.nats(sync)
  bench.closing(await startChild(new URL('service.child.ts', import.meta.url), { url }, serviceFlags()))
  const client = bench.closing(await startChild(new URL('client.child.ts', import.meta.url), { url }))
  return {
    name: sync === 'default' ? 'headwater' : 'headwater, sync always',
    durability: sync === 'default' ? 'written, not fsynced' : 'fsynced',
    orders: (run, shape) => runOn(client, { way: 'commands', traffic: 'orders', run, shape }),
  }
}

/** A peer whose client is a module of `bench/peers`. */
export async function peerClient(
  bench: Bench,
  module: string,
  options: { name: string; durability: string; url: string },
): Promise<Contender> {
  const { name, durability, url } = options
  const child = bench.closing(await startChild(new URL(`../peers/${module}`, import.meta.url), { url }))
  return {
    name,
    durability,
    orders: async (run, shape) => LoadResult.parse(await child.call({ run, shape })),
  }
}
