/**
 * Deploy keys: which key of the agent belongs to which repository. A Git host takes the first key that it knows, also where
 * that key may not read the repository, so of several deploy keys only the first would be of use. A key names its
 * repository in its comment, as for webfactory/ssh-agent, and git gets a program in the place of ssh that picks it.
 * https://git-scm.com/docs/git#Documentation/git.txt-GITSSHCOMMAND
 */
import type { LoadedKey } from './load.js'

/** Secret with the program; one of the user's under this id takes its place. */
export const GIT_SSH_ID = 'git_ssh'

/** A word of a comment that is an address: `git@github.com:acme/app.git`, `https://github.com/acme/app`, `github.com/acme/app`. */
const address =
  /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/:]+@)?((?:[a-z0-9-]+\.)+[a-z0-9-]+|localhost)(?::\d+(?=\/))?[:/]\/*([a-z0-9_.~-]+(?:\/[a-z0-9_.~-]+)+)\/*$/i

const LONGEST_ADDRESS = 500

/** The repositories that a key names in its comment: host and path in lower case, without `.git`. */
export function repositoriesOf({ comment }: Pick<LoadedKey, 'comment'>): readonly string[] {
  const words = comment.split(/\s+/).filter(({ length }) => length <= LONGEST_ADDRESS)
  return words.flatMap((word) => {
    const [, host, path] = address.exec(word) ?? []
    return host === undefined || path === undefined ? [] : [`${host}/${path.replace(/\.git$/, '')}`.toLowerCase()]
  })
}

/**
 * The program, for `GIT_SSH_COMMAND`: as a file, or its text in the variable itself. Then git puts `"$@"` behind it, and Git LFS
 * the arguments themselves; the number before them tells which it was. It holds public keys alone, and leaves no file in a layer.
 * A command is `git-upload-pack 'acme/app.git'`, or `git-lfs-authenticate acme/app.git download`, with quotes or without.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md#ssh
 */
export function writeGitSSH(keys: readonly LoadedKey[]): string {
  const named = keys.flatMap((key) => repositoriesOf(key).map((repository) => ({ repository, key })))
  // The first key that names a repository is the one for it.
  const first = new Map(named.toReversed().map(({ repository, key }) => [repository, key]))
  const cases = [...first].map(([repository, { publicKey }]) => `  ${repository}) key='${publicKey}' ;;`)
  return [
    '#!/bin/sh',
    '# ssh for git, with the key that belongs to the repository.',
    'git_ssh() {',
    'count=$1; shift',
    'if [ $# -gt "$count" ]; then shift "$count"; fi',
    'before= last=',
    'for argument; do before=$last last=$argument; done',
    `repository=$(printf '%s\\n' "$before/$last" | tr '[:upper:]' '[:lower:]' |`,
    `  sed "s|^[^/]*@||; s| download\\$||; s| upload\\$||; s|/git[ -][a-z-]* '*/*|/|; s|'\\$||; s|/*\\$||; s|\\.git\\$||")`,
    'case $repository in',
    ...cases,
    '  *) key= ;;',
    'esac',
    'if [ -z "$key" ]; then ssh "$@"; return; fi',
    'file=$(mktemp) || return',
    `trap 'rm -f "$file"' EXIT`,
    `trap 'exit 130' HUP INT TERM`,
    `printf '%s\\n' "$key" >"$file"`,
    'ssh -o IdentitiesOnly=yes -i "$file" "$@"',
    '}',
    'git_ssh $# "$@"'
  ].join('\n')
}
