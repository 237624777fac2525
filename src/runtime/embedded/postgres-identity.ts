import { readFile, stat } from 'node:fs/promises'
import { userInfo } from 'node:os'
import type { Owner } from './file-tree.ts'
import type { Command } from './run-command.ts'

/** As whom PostgreSQL's programs run. They refuse to as root; `initdb` also refuses a user without an account. */
export interface Identity {
  name: string
  /** Whose the data folder must be, in this process's own view of users. */
  owner: Owner
  /** The same command, run that way. */
  as(command: Command): Command
}

/**
 * The ways there are on this machine, best first; whether one really works only a try can tell.
 *
 * For root: first a user without rights, which is what PostgreSQL's refusal is for: the owner of the folder (root in
 * somebody's checkout), then the accounts `postgres` and `nobody`. Last a user namespace, where the server has the file
 * rights of root's own files but a user id that PostgreSQL takes: the way into folders that only root may enter.
 * For all others: as they are, and in a namespace where their id has no account (containers run with any `--user`).
 */
export async function identities(folder: string): Promise<Identity[]> {
  const uid = process.getuid?.() ?? 0
  const gid = process.getgid?.() ?? 0
  const accounts = await readAccounts()
  const named = ['postgres', '_postgres', 'nobody'].flatMap((name) =>
    accounts.filter((one) => one.name === name),
  )
  const inNamespace = named[0] ?? accounts[0]
  const namespaces = inNamespace === undefined ? [] : [namespace(inNamespace, { uid, gid })]
  if (uid !== 0) return hasAccount() ? [itself({ uid, gid }), ...namespaces] : namespaces

  const { uid: owner } = await stat(folder)
  const folderOwner = accounts.filter((one) => one.uid === owner)
  const users = [...folderOwner, ...named.filter((one) => !folderOwner.includes(one))]
  return [...users.map(user), ...namespaces]
}

function itself(owner: Owner): Identity {
  return { name: 'this user', owner, as: (command) => command }
}

function user(account: Account): Identity {
  const { name, uid, gid } = account
  return { name: `user ${name}`, owner: { uid, gid }, as: (command) => ({ ...command, uid, gid }) }
}

function namespace(inside: Account, owner: Owner): Identity {
  const options = ['--user', `--map-user=${inside.uid}`, `--map-group=${inside.gid}`, '--']
  return {
    name: `user namespace as ${inside.name}`,
    owner,
    as: (command) => ({ ...command, file: 'unshare', args: [...options, command.file, ...command.args] }),
  }
}

interface Account extends Owner {
  name: string
}

/** The accounts of `/etc/passwd` but root's. Others (LDAP and the like) are not ones to run a server under. */
async function readAccounts(): Promise<Account[]> {
  const text = await readFile('/etc/passwd', 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    const [name, , uid, gid] = line.split(':')
    const account = { name: name ?? '', uid: Number(uid), gid: Number(gid) }
    return account.name !== '' && account.uid > 0 && account.gid > 0 ? [account] : []
  })
}

function hasAccount(): boolean {
  try {
    userInfo()
    return true
  } catch {
    return false
  }
}
