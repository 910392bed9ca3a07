/** Which commands install packages and need no more of the project than the files that choose these. */
import { splitFlags, splitRaw } from '../dockerfile/index.js'

/** Characters of an instruction that are looked at. */
const MOST_INSTRUCTION = 4000

/** Commands that fetch packages, without variables, wrappers and the folders that they are in. */
const INSTALLS =
  /^(?:(?:python[\d.]*\s+-m\s+)?(?:pip[\d.]*|pipx|poetry|uv(?:\s+pip)?|pdm|npm|pnpm|bundle|composer|apt-get|apt|apk|dnf|yum|microdnf|gem|conda|mix|nuget)\s+(?:-\S+\s+)*(?:install|ci|sync|add|restore|deps\.get)\b|yarn(?:\s+install\b|(?:\s+-\S+)*$)|go\s+mod\s+download\b|cargo\s+(?:fetch|chef\s+cook)\b|dotnet\s+restore\b|mvnw?\s.*dependency:|gradlew?\s.*\bdependencies\b)/

/** They install the project itself, unless they are told not to. */
const OF_PROJECTS: readonly { readonly command: RegExp; readonly without: RegExp }[] = [
  { command: /^poetry\s/, without: /\s--no-root\b/ },
  { command: /^uv\s+(?:-\S+\s+)*(?:sync|add)\b/, without: /\s--no-install-(?:project|workspace)\b/ },
  { command: /^pdm\s/, without: /\s--no-self\b/ }
]

/** What prepares an installation or clears up behind it: it takes no time, and reads nothing of the project. */
const BESIDE =
  /^(?:set|export|unset|cd|mkdir|rm|rmdir|ln|true|:|echo|printf|test|\[|umask|ldconfig|corepack)(?:\s|$)|^(?:apt-get|apt|apk|dnf|yum|microdnf)\s+(?:-\S+\s+)*(?:update|clean|autoclean|autoremove|makecache|upgrade)\b|^(?:npm|yarn|pnpm|pip[\d.]*|conda|uv|composer|gem|bundle)\s+(?:-\S+\s+)*(?:cache|clean|config|set)\b/

/** Options whose value is the path of a file by which packages are chosen, or of a place that is written to. */
const PATH_OPTIONS =
  /^(?:-r|-c|--requirement|--constraint|--file|--lockfile|--target|--prefix|--root|--cache-dir|--modules-folder|-t)$/

/** Whether all of a RUN is the installation of packages from elsewhere, so that another file of the project is nothing to it. */
export function isInstall(instruction: string): boolean {
  if (!/^RUN\s/i.test(instruction) || instruction.length > MOST_INSTRUCTION) return false
  const { rest } = splitFlags(instruction.replace(/^RUN\s+/i, ''))
  const commands = rest
    .split(/&&|\|\||;|\n/)
    .map((command) => bare(command.trim()))
    .filter((command) => command !== '')
  const installs = commands.filter((command) => INSTALLS.test(command))
  return (
    installs.length > 0 &&
    installs.every((command) => !readsProject(command)) &&
    commands.every((command) => installs.includes(command) || BESIDE.test(command))
  )
}

/** `DEBIAN_FRONTEND=x sudo /usr/bin/apt-get …` as `apt-get …`. */
function bare(command: string): string {
  return command
    .replace(/^(?:\w+=(?:"[^"]*"|'[^']*'|[^\s"'$`]*)\s+|(?:sudo|env|exec|time)\s+)*/, '')
    .replace(/^(?:[\w.-]*\/)+(?=\w)/, '')
}

/** It installs what lies in the project: `pip install -e .`, `apt-get install ./tool.deb`. */
function readsProject(command: string): boolean {
  if (OF_PROJECTS.some((each) => each.command.test(command) && !each.without.test(command))) return true
  const words = splitRaw(command).map((word) => word.replace(/^["']|["']$/g, ''))
  const isLocal = /\bpip[\d.]*\s/.test(command) ? isLocalToPip : isPath
  return words.some((word, at) => !PATH_OPTIONS.test(words[at - 1] ?? '') && isLocal(word))
}

/** A path, a file, or a variable, which may be either. */
function isPath(word: string): boolean {
  if (word.includes('://')) return false
  return /^\.{0,2}(?:\/|$|\[)|^(?:file|link|portal):|\.(?:deb|rpm|apk|whl|tgz|tar(?:\.\w+)?|zip|gem|nupkg)(?:\[|$)|[$`]/.test(
    word
  )
}

/** To pip anything with a slash is a path: https://pip.pypa.io/en/stable/cli/pip_install/#argument-handling */
function isLocalToPip(word: string): boolean {
  if (/^(?:-e|--editable|-f|--find-links)(?:=|$)/.test(word)) return true
  return isPath(word) || (!word.startsWith('-') && word.includes('/') && !word.includes('://'))
}
