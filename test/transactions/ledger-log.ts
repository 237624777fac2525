import type { NatsConnection } from '@nats-io/nats-core'
import { z } from 'zod'
import { messagesOf } from '../cluster/stored.ts'

const Amount = z.object({ amount: z.string(), transferId: z.string().optional(), to: z.string().optional() })
const Batch = z.array(
  z.object({ type: z.string(), commandid: z.string(), sequence: z.number(), data: z.unknown() }),
)

export interface Half {
  account: string
  cents: bigint
  commandId: string
  /** Of the message in the stream. */
  sequence: number
}

/** What a ledger's log says, folded by nothing of Headwater: from the raw messages of the stream. */
export interface LedgerLog {
  balances: Map<string, bigint>
  /** By transferId. */
  debits: Map<string, Half[]>
  credits: Map<string, Half[]>
  deposited: bigint
  withdrawn: bigint
  /** What is wrong with it: balances below nothing at some version, versions that are missing or twice. */
  faults: string[]
}

const SIGNS = new Map([
  ['account.deposited', 1n],
  ['account.withdrawn', -1n],
  ['account.debited', -1n],
  ['account.credited', 1n],
])

/** Reads the whole stream, and folds it. */
export async function readLedger(nc: NatsConnection, stream: string): Promise<LedgerLog> {
  const ledger: LedgerLog = {
    balances: new Map(),
    debits: new Map(),
    credits: new Map(),
    deposited: 0n,
    withdrawn: 0n,
    faults: [],
  }
  const versions = new Map<string, number>()
  for (const { subject, sequence, body } of await messagesOf(nc, stream)) {
    const [, , aggregate, id = ''] = subject.split('.')
    if (aggregate !== 'account') continue
    for (const event of Batch.parse(body)) {
      const version = (versions.get(id) ?? 0) + 1
      if (event.sequence !== version)
        ledger.faults.push(`${id}: version ${event.sequence} where ${version} should be`)
      versions.set(id, version)
      apply(ledger, id, event, sequence)
    }
  }
  return ledger
}

function apply(
  ledger: LedgerLog,
  account: string,
  event: z.infer<typeof Batch>[number],
  sequence: number,
): void {
  const sign = SIGNS.get(event.type)
  if (sign === undefined) return
  const { amount, transferId = '' } = Amount.parse(event.data)
  const cents = BigInt(amount.replace('.', ''))
  const balance = (ledger.balances.get(account) ?? 0n) + sign * cents
  if (balance < 0n) ledger.faults.push(`${account}: ${balance} at version ${event.sequence}`)
  ledger.balances.set(account, balance)
  if (event.type === 'account.deposited') ledger.deposited += cents
  if (event.type === 'account.withdrawn') ledger.withdrawn += cents
  const halves =
    event.type === 'account.debited'
      ? ledger.debits
      : event.type === 'account.credited'
        ? ledger.credits
        : undefined
  const half = { account, cents, commandId: event.commandid, sequence }
  halves?.set(transferId, [...(halves.get(transferId) ?? []), half])
}

/** What does not add up: transfers that are half there, or there twice, or a sum that is not what came in and went out. */
export function auditLedger(ledger: LedgerLog): string[] {
  const faults = [...ledger.faults]
  for (const id of new Set([...ledger.debits.keys(), ...ledger.credits.keys()])) {
    const [debit, ...moreDebits] = ledger.debits.get(id) ?? []
    const [credit, ...moreCredits] = ledger.credits.get(id) ?? []
    const isWhole =
      debit &&
      credit &&
      moreDebits.length + moreCredits.length === 0 &&
      debit.cents === credit.cents &&
      debit.commandId === credit.commandId &&
      debit.account !== credit.account
    if (!isWhole) faults.push(`the transfer ${id} is not there once and whole`)
  }
  const sum = [...ledger.balances.values()].reduce((total, balance) => total + balance, 0n)
  if (sum !== ledger.deposited - ledger.withdrawn)
    faults.push(`${sum} is on the accounts, ${ledger.deposited - ledger.withdrawn} came in`)
  return faults
}
