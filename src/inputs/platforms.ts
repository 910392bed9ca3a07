/** Platforms as buildx reads them: https://github.com/containerd/platforms */

/** Operating systems, and architectures, that may stand alone. A mistyped one would be a platform that nothing has. */
const SYSTEMS =
  'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasi wasip1 windows zos'.split(
    ' '
  )
const ARCHITECTURES =
  '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x sparc64 wasm'.split(' ')

/** Architectures whose variants are numbers; others have names for them, such as power9 and rva23u64. */
const NUMBERED = /^(?:amd64|arm|arm64)$/

/** Other names, each with the variant that it implies. */
const OTHER_NAMES: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  i386: ['386', ''],
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6']
}

/** What is offered in place of a mistyped one. */
export const commonPlatforms: readonly string[] =
  'linux/amd64 linux/arm64 linux/arm/v7 linux/arm/v6 linux/386 linux/ppc64le linux/riscv64 linux/s390x windows/amd64'.split(
    ' '
  )

/** A machine in the words of Node: `linux` and `x64`. */
export type Machine = { readonly platform: string; readonly arch: string }

/**
 * The one form that all ways of writing a platform have, `linux/arm64` for `aarch64` and `linux/arm64/v8`; `undefined` for a
 * text that is none. What is left out is that of the machine where buildx runs, as is all of `local`.
 */
export function parsePlatform(text: string, machine: Machine): string | undefined {
  const lower = text.toLowerCase()
  if (lower === 'local') return `${systemOf(machine)}/${withVariant(architectureOf(machine))}`
  const [first = '', second, variant = '', ...more] = lower.split('/')
  const [, name = '', version = ''] = /^([a-z0-9_-]+)(\([a-z0-9_.-]*\))?$/.exec(first) ?? []
  const system = name === 'macos' ? 'darwin' : name
  if (more.length > 0 || (variant === '' && lower.split('/').length > 2)) return undefined
  if (second === undefined) {
    if (SYSTEMS.includes(system)) return `${system}${version}/${withVariant(architectureOf(machine))}`
    const alone = normalArchitecture(first, '')
    return alone === undefined ? undefined : `${systemOf(machine)}/${alone}`
  }
  const architecture = normalArchitecture(second, variant)
  return SYSTEMS.includes(system) && architecture !== undefined ? `${system}${version}/${architecture}` : undefined
}

/** With its variant, where that is not the one that goes without saying. */
function normalArchitecture(written: string, given: string): string | undefined {
  const [name, implied = given] = OTHER_NAMES[written] ?? [written]
  if (
    !ARCHITECTURES.includes(name) ||
    !(NUMBERED.test(name) ? /^(?:v?\d+(?:\.\d+)?)?$/ : /^[a-z0-9_.-]*$/).test(implied)
  ) {
    return undefined
  }
  const isArm = name.startsWith('arm') && /^\d|\.0$/.test(implied)
  const variant = isArm ? `v${implied.replace(/^v|\.0$/g, '')}` : implied
  return withVariant(name, variant === { amd64: 'v1', arm64: 'v8' }[name] ? '' : variant)
}

function withVariant(architecture: string, variant = ''): string {
  const known = architecture === 'arm' && variant === '' ? 'v7' : variant
  return known === '' ? architecture : `${architecture}/${known}`
}

function systemOf({ platform }: Machine): string {
  return platform === 'win32' ? 'windows' : platform
}

function architectureOf({ arch }: Machine): string {
  return { x64: 'amd64', ia32: '386', mipsel: 'mipsle', ppc64: 'ppc64le' }[arch] ?? arch
}
