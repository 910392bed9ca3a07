/**
 * JUnit files of one stage, as a report and as files for others to read. Each is read as a stream, within the bounds of
 * `model.ts`: what is beyond them is said, and never counts as passed.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { TextDecoder } from 'node:util'
import { bytes, count } from '../core/units.js'
import { cleanPath, cleanXML } from './clean.js'
import { readJUnit } from './junit.js'
import { mergeTests, MOST_BYTES, type ParsedTests } from './model.js'

/** A file as it was found. */
export type FoundFile = {
  /** Relative, with `/`; nothing in it leads out of the folder. */
  readonly path: string
  readonly size: number
  readonly read: () => AsyncIterable<Buffer>
}

/** JUnit files of one stage beyond this number are left out. */
const MOST_FILES = 2000

/** Characters of a path that are left below the folder on the runner, whose own limit is 4,096 bytes. */
const MOST_PATH = 800

/**
 * Reads the JUnit files among `files` and writes them into `folder`, which is made when there is one.
 * @param redact what is written may be uploaded, where nothing masks it
 */
export async function collectTests(
  files: readonly FoundFile[],
  { folder, redact }: { readonly folder: string; readonly redact: (text: string) => string }
): Promise<{ readonly tests: ParsedTests; readonly files: number }> {
  const reports = files.filter((file) => /\.xml$/i.test(file.path)).sort((a, b) => (a.path < b.path ? -1 : 1))
  const all: ParsedTests[] = []
  const omissions: string[] = []
  let room = MOST_BYTES
  let read = 0
  const taken = new Set<string>()
  for (const file of reports.slice(0, MOST_FILES)) {
    const name = redact(file.path).slice(-200)
    if (file.path.length > MOST_PATH) {
      omissions.push(`…${name} is not read: its path is too long.`)
      continue
    }
    if (file.size > room) {
      omissions.push(`${name} (${bytes(file.size)}) is not read: the reports of a stage may have ${bytes(MOST_BYTES)}.`)
      continue
    }
    room -= file.size
    const text = await textOf(file)
    const reader = readJUnit(name, redact)
    reader.write(text)
    all.push(reader.end())
    read += 1
    await mkdir(folder, { recursive: true })
    const clean = cleanXML(text, redact)
    if (clean === undefined) {
      omissions.push(`${name} is read and not copied: it declares entities, of which a secret could be put together.`)
      continue
    }
    const place = cleanPath(file.path, redact, taken)
    taken.add(place)
    const target = path.join(folder, place)
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, clean)
  }
  if (reports.length > MOST_FILES)
    omissions.push(`Of ${count(reports.length, 'file')} the first ${MOST_FILES} are read.`)
  const tests = mergeTests(all)
  return { tests: { ...tests, omissions: [...omissions, ...tests.omissions] }, files: read }
}

/** In the encoding it has, which need not be the one it names: .NET writes "utf-16" into files of UTF-8. Names UTF-8 then. */
async function textOf(file: FoundFile): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of file.read()) chunks.push(chunk)
  const all = Buffer.concat(chunks)
  const declaration = /^(\s*<\?xml\b[^>]*?\bencoding\s*=\s*["'])([\w.:-]+)/
  const named = declaration.exec(all.toString('latin1', 0, 200).replace(/^\xef\xbb\xbf/, ''))?.[2] ?? 'utf-8'
  const text = decoderFor(all, named).decode(all)
  return text.replace(declaration, '$1UTF-8')
}

function decoderFor(bytes: Buffer, named: string): TextDecoder {
  const [first, second] = bytes
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return new TextDecoder('utf-16le')
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return new TextDecoder('utf-16be')
  if (/^(?:utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(named) || (first === 0xef && second === 0xbb))
    return new TextDecoder()
  try {
    return new TextDecoder(named)
  } catch {
    return new TextDecoder() // of a name that nobody knows; what is not UTF-8 then has marks in it
  }
}

/** The name of a stage or platform as a folder's. */
export function folderName(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').slice(0, 100)
  return /^\.*$/.test(plain) ? 'stage' : plain
}
