/**
 * JUnit files of one stage, as a report and as files for others to read. Each is read as a stream, within the bounds of
 * `model.ts`: what is beyond them is said, and never counts as passed.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import { bytes, count } from '../core/units.js'
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
  for (const file of reports.slice(0, MOST_FILES)) {
    const name = file.path.slice(-200)
    if (file.size > room) {
      omissions.push(`${name} (${bytes(file.size)}) is not read: the reports of a stage may have ${bytes(MOST_BYTES)}.`)
      continue
    }
    room -= file.size
    const text = await textOf(file)
    const reader = readJUnit(name)
    reader.write(text)
    all.push(reader.end())
    read += 1
    const target = path.join(folder, file.path)
    await mkdir(path.dirname(target), { recursive: true })
    await writeFile(target, redact(text))
  }
  if (reports.length > MOST_FILES)
    omissions.push(`Of ${count(reports.length, 'file')} the first ${MOST_FILES} are read.`)
  const tests = mergeTests(all)
  return { tests: { ...tests, omissions: [...omissions, ...tests.omissions] }, files: read }
}

/** As UTF-8, or as UTF-16 where it says so; .NET writes either. */
async function textOf(file: FoundFile): Promise<string> {
  let decoder: StringDecoder | undefined
  let text = ''
  for await (const chunk of file.read()) {
    decoder ??= new StringDecoder(chunk[0] === 0xff && chunk[1] === 0xfe ? 'utf16le' : 'utf8')
    text += decoder.write(chunk)
  }
  return `${text}${decoder?.end() ?? ''}`.replace(/^\ufeff/, '')
}

/** The name of a stage or platform as a folder's. */
export function folderName(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, '-').slice(0, 100)
  return /^\.*$/.test(plain) ? 'stage' : plain
}
