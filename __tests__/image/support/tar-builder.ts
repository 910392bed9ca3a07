/** Writes tar archives byte by byte, with every oddity a test may want. Shares no code with the reader under test. */
export type TarInput = {
  readonly path: string | Buffer
  /** The type flag, `0` by default; `5` for a path that ends in a slash. */
  readonly flag?: string
  readonly content?: string | Buffer
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly mtime?: number
  readonly link?: string
  /** How the size is written, whatever the content. */
  readonly sizeField?: string | Buffer
  readonly prefix?: string
  readonly pax?: Readonly<Record<string, string>>
  readonly device?: readonly [major: number, minor: number]
  /** Overwrites the finished header block. */
  readonly patch?: (block: Buffer) => void
  /** Sums the header's bytes as signed ones, as some old Unix tars did. */
  readonly signedChecksum?: boolean
  /** Blocks between header and content, for old sparse maps. */
  readonly mapBlocks?: readonly Buffer[]
}

const blockSize = 512

export const endBlocks = Buffer.alloc(2 * blockSize)

/** A whole archive. */
export function tar(inputs: readonly TarInput[], end: Buffer = endBlocks): Buffer {
  return Buffer.concat([...inputs.map(tarEntry), end])
}

export function file(path: string, content: string | Buffer = '', more: Partial<TarInput> = {}): TarInput {
  return { path, content, ...more }
}

export function folder(path: string, more: Partial<TarInput> = {}): TarInput {
  return { path: path.endsWith('/') ? path : `${path}/`, flag: '5', mode: 0o755, ...more }
}

export function symlink(path: string, link: string): TarInput {
  return { path, flag: '2', link, mode: 0o777 }
}

export function hardLink(path: string, link: string): TarInput {
  return { path, flag: '1', link }
}

export function tarEntry(input: TarInput): Buffer {
  const content = Buffer.from(input.content ?? '')
  const pieces: Buffer[] = []
  if (input.pax !== undefined) pieces.push(tarEntry({ path: 'PaxHeaders/x', flag: 'x', content: paxBody(input.pax) }))
  pieces.push(header(input, content.length), ...(input.mapBlocks ?? []), content, padding(content.length))
  return Buffer.concat(pieces)
}

/** A PAX body: each record begins with its own length, digits included. */
export function paxBody(records: Readonly<Record<string, string>>): Buffer {
  return Buffer.concat(
    Object.entries(records).map(([key, value]) => {
      const rest = Buffer.from(` ${key}=${value}\n`)
      let length = rest.length + 1
      while (String(length).length + rest.length !== length) length++
      return Buffer.concat([Buffer.from(String(length)), rest])
    })
  )
}

/** A name too long for a header, as GNU tar writes it. */
export function gnuLongName(path: string, flag: 'L' | 'K' = 'L'): TarInput {
  return { path: '././@LongLink', flag, content: `${path}\0` }
}

/** A number in base 256, as GNU tar writes what octal can't hold. */
export function base256(value: number, length: number): Buffer {
  const field = Buffer.alloc(length)
  let rest = BigInt(value)
  for (let at = length - 1; at > 0; at--) {
    field[at] = Number(rest & 0xffn)
    rest >>= 8n
  }
  field[0] = 0x80
  return field
}

function header(input: TarInput, length: number): Buffer {
  const block = Buffer.alloc(blockSize)
  const path = Buffer.from(input.path)
  const flag = input.flag ?? (path.at(-1) === 0x2f ? '5' : '0')
  path.copy(block, 0, 0, 100)
  block.write(octal(input.mode ?? 0o644, 8), 100, 'latin1')
  block.write(octal(input.uid ?? 0, 8), 108, 'latin1')
  block.write(octal(input.gid ?? 0, 8), 116, 'latin1')
  Buffer.from(input.sizeField ?? octal(length, 12)).copy(block, 124)
  block.write(octal(input.mtime ?? 1_700_000_000, 12), 136, 'latin1')
  block.write(flag, 156, 'latin1')
  block.write(input.link ?? '', 157, 100, 'utf8')
  block.write('ustar\0' + '00', 257, 'latin1')
  const [major, minor] = input.device ?? [0, 0]
  block.write(octal(major, 8), 329, 'latin1')
  block.write(octal(minor, 8), 337, 'latin1')
  block.write(input.prefix ?? '', 345, 155, 'utf8')
  input.patch?.(block)
  return withChecksum(block, input.signedChecksum)
}

function withChecksum(block: Buffer, signed = false): Buffer {
  block.write('        ', 148, 'latin1')
  const sum = block.reduce((total, byte) => total + (signed && byte >= 0x80 ? byte - 256 : byte), 0)
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
  return block
}

export function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`
}

function padding(length: number): Buffer {
  return Buffer.alloc((blockSize - (length % blockSize)) % blockSize)
}
