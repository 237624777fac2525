import { chmod, cp, lchown, lstat, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { failedWith } from './errors.ts'

export interface Owner {
  uid: number
  gid: number
}

/**
 * Gives a folder and all in it to a user. Never follows a link, and leaves files alone that have other names too. The
 * folder itself comes last: its owner says that all in it is given.
 */
export async function giveTree(root: string, { uid, gid }: Owner): Promise<void> {
  for (const path of [...(await pathsIn(root)), root]) {
    const entry = await lstat(path)
    // A hard link could be another user's file, put there to have root give it away.
    if (entry.isFile() && entry.nlink > 1) continue
    if (entry.uid !== uid || entry.gid !== gid) await lchown(path, uid, gid)
  }
}

/** Lets every user read a tree, and run what is to be run in it. Only for copies of public files in folders of our own. */
export async function openToAll(root: string): Promise<void> {
  for (const path of [root, ...(await pathsIn(root))]) {
    const entry = await lstat(path)
    if (entry.isSymbolicLink()) continue
    await chmod(path, entry.isDirectory() || (entry.mode & 0o100) !== 0 ? 0o755 : 0o644)
  }
}

/** Moves a folder, across file systems too: there the copy is complete before it gets its name and the original goes. */
export async function moveTree(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!failedWith(error, 'EXDEV')) throw error
    const copy = `${to}.copy`
    await rm(copy, { recursive: true, force: true })
    await cp(from, copy, { recursive: true, verbatimSymlinks: true, preserveTimestamps: true })
    await rename(copy, to)
    await rm(from, { recursive: true, force: true })
  }
}

async function pathsIn(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries.map((entry) => join(entry.parentPath, entry.name))
}
