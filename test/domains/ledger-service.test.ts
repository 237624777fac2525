import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ledger } from '../../src/domains/index.ts'
import { overWebSocket, wsClient } from '../live/clients.ts'
import { runCli } from '../support/child.ts'
import { query } from '../support/graphql.ts'
import { startTestService } from '../support/service.ts'

let service: Awaited<ReturnType<typeof startTestService>>
beforeAll(async () => {
  service = await startTestService({ contexts: [ledger] })
})
afterAll(() => service.stop())

const ask = async (source: string) => await query(service.endpoints.graph, source)
async function answered(source: string): Promise<unknown> {
  const { data, errors } = await ask(source)
  expect(errors).toBeUndefined()
  return data
}
async function open(id: string, { owner = 'c-1', currency = 'EUR', amount = '100.00' } = {}): Promise<void> {
  await answered(`mutation {
    openAccount(id: "${id}", input: { owner: "${owner}", currency: "${currency}" }) { version }
    deposit(id: "${id}", input: { amount: "${amount}" }) { version }
  }`)
}
const transferring = (from: string, input: string, more = '') =>
  `transfer(from: "${from}", input: { ${input} } ${more}) { id version duplicate events { type version } account { id balance } }`

describe('a transfer by GraphQL', () => {
  it('answers the account that it was taken from, and both are so in the next query', async () => {
    await open('a')
    await open('b', { amount: '0.50' })
    const input = 'to: "b", amount: "30.25", reference: "rent", transferId: "t-1"'
    const mutation = `mutation { ${transferring('a', input, 'commandId: "c-1"')} }`
    const transfer = {
      id: 'a',
      version: 3,
      duplicate: false,
      events: [
        { type: 'account.debited', version: 3 },
        { type: 'account.credited', version: 3 },
      ],
      account: { id: 'a', balance: '69.75' },
    }
    expect(await answered(mutation)).toEqual({ transfer })
    expect(await answered(mutation)).toEqual({ transfer: { ...transfer, duplicate: true } })

    const one = { id: 't-1', from: 'a', to: 'b', amount: '30.25', currency: 'EUR', reference: 'rent' }
    const position = `{ stream: "LEDGER", sequence: 6 }`
    expect(
      await answered(`{
        account(id: "a", asOfVersion: 2) { balance }
        accounts(filter: { owner: "c-1", balanceMax: "50" }, atLeast: ${position}) {
          nodes { id balance transfers(atLeast: ${position}) { id from to amount currency reference }
            allEvents { nodes { type data } } }
        }
      }`),
    ).toEqual({
      account: { balance: '100.00' },
      accounts: {
        nodes: [
          {
            id: 'b',
            balance: '30.75',
            transfers: [one],
            allEvents: {
              nodes: [
                { type: 'account.opened', data: { owner: 'c-1', currency: 'EUR' } },
                { type: 'account.deposited', data: { amount: '0.50' } },
                {
                  type: 'account.credited',
                  data: {
                    transferId: 't-1',
                    from: 'a',
                    amount: '30.25',
                    currency: 'EUR',
                    reference: 'rent',
                  },
                },
              ],
            },
          },
        ],
      },
    })
  })

  it('is refused with the code of the domain', async () => {
    await open('poor', { amount: '1.00' })
    await open('dollars', { currency: 'USD' })
    const codeOf = async (from: string, input: string) =>
      (await ask(`mutation { ${transferring(from, input)} }`)).errors?.[0]?.extensions
    const refusals = [
      ['poor', 'to: "dollars", amount: "1.01"', { code: 'INSUFFICIENT_FUNDS', status: 422 }],
      ['poor', 'to: "dollars", amount: "1.00"', { code: 'CURRENCY_MISMATCH', status: 422 }],
      ['poor', 'to: "poor", amount: "1.00"', { code: 'SAME_ACCOUNT', status: 422 }],
      ['poor', 'to: "nobody", amount: "1.00"', { code: 'ACCOUNT_NOT_FOUND', status: 404 }],
      ['poor', 'to: "dollars", amount: "0.00"', { code: 'INVALID_COMMAND', status: 400 }],
    ] as const
    for (const [from, input, extensions] of refusals)
      expect(await codeOf(from, input)).toMatchObject(extensions)
  })
})

describe('accounts', () => {
  it('can be followed: each half of a transfer is an event of its account', async () => {
    await open('left')
    await open('right')
    const told = overWebSocket(
      wsClient(service.endpoints.graph.replace('http', 'ws')),
      `subscription ($id: ID!) { accountChanged(id: $id) { type cursor event { id type version } order: account { balance } } }`,
      { id: 'right' },
    )
    await told.came(1)
    await answered(`mutation { ${transferring('left', 'to: "right", amount: "5.00"')} }`)
    await told.came(2)
    expect(told.payloads.at(-1)).toMatchObject({
      event: { type: 'account.credited' },
      order: { balance: '105.00' },
    })
  })

  it('take a page of transfers of at most a hundred', async () => {
    await open('page')
    const { errors } = await ask(
      'mutation { deposit(id: "page", input: { amount: "1.00" }) { account { transfers(first: 101) { id } } } }',
    )
    expect(errors).toMatchObject([{ extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('the command line', () => {
  it('sends a transfer as any other command', async () => {
    await open('from')
    await open('to')
    const { folder: cwd, env } = service
    expect(readFileSync(join(cwd, '.headwater', 'endpoints.json'), 'utf8')).toContain('nats')
    const command = (amount: string) =>
      runCli(['command', 'account', 'from', 'transfer', `{"to":"to","amount":"${amount}"}`], { cwd, env })
    expect((await command('1.00')).code).toBe(0)
    const refused = await command('1000.00')
    expect(refused.code).toBe(1)
    expect(refused.stdout + refused.stderr).toContain('INSUFFICIENT_FUNDS')
  })
})
