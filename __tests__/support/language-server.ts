/**
 * GitHub's own language server for workflows and action.yml: what it says about a file is what its editor would show.
 * It speaks the Language Server Protocol on standard input and output: https://microsoft.github.io/language-server-protocol/
 */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const SERVER = fileURLToPath(new URL('../../node_modules/@actions/languageserver/dist/cli.bundle.cjs', import.meta.url))

/** A message of the server about a place in a file; the line counts from 1. */
export type Diagnostic = { readonly line: number; readonly message: string }

/** A running server. */
export type LanguageServer = AsyncDisposable & {
  /** Checks a text. The name decides how it is read: `action.yml`, or a path under `.github/workflows/`. */
  readonly check: (name: string, text: string) => Promise<readonly Diagnostic[]>
}

type Message = { readonly id?: number; readonly method?: string; readonly params?: unknown }
type Published = {
  readonly uri: string
  readonly diagnostics: readonly {
    readonly message: string
    readonly range: { readonly start: { readonly line: number } }
  }[]
}

/** Starts the server; dispose it when the last text is checked. */
export async function startLanguageServer(): Promise<LanguageServer> {
  const child = spawn(process.execPath, [SERVER, '--stdio'], { stdio: ['pipe', 'pipe', 'ignore'] })
  const ended = new Promise<never>((_resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code) => reject(new Error(`the language server ended with exit code ${code ?? 'unknown'}`)))
  })
  ended.catch(() => undefined) // Whoever waits for an answer is told.
  const answers = new Map<number, () => void>()
  const checks = new Map<string, (diagnostics: readonly Diagnostic[]) => void>()

  const send = (message: object): void => {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    child.stdin.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  }
  const receive = ({ id, method, params }: Message): void => {
    if (method === undefined) answers.get(id ?? -1)?.()
    else if (method === 'textDocument/publishDiagnostics') {
      const { uri, diagnostics } = params as Published
      checks.get(uri)?.(diagnostics.map(({ message, range }) => ({ message, line: range.start.line + 1 })))
    } else if (id !== undefined) send({ id, result: null })
  }
  readMessages(child.stdout, receive)

  const initialized = new Promise<void>((resolve) => answers.set(1, resolve))
  send({ id: 1, method: 'initialize', params: { processId: process.pid, rootUri: null, capabilities: {} } })
  await Promise.race([initialized, ended])
  send({ method: 'initialized', params: {} })

  return {
    async check(name, text) {
      const uri = `file:///repository/${name}`
      const diagnostics = new Promise<readonly Diagnostic[]>((resolve) => checks.set(uri, resolve))
      send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text } } })
      return Promise.race([diagnostics, ended])
    },
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended.catch(() => undefined)
    }
  }
}

function readMessages(stream: NodeJS.ReadableStream, receive: (message: Message) => void): void {
  let buffer = Buffer.alloc(0)
  stream.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk])
    for (;;) {
      const head = buffer.indexOf('\r\n\r\n')
      const length = Number(/Content-Length: (\d+)/i.exec(buffer.toString('latin1', 0, Math.max(head, 0)))?.[1])
      if (head < 0 || Number.isNaN(length) || buffer.length < head + 4 + length) return
      const body = buffer.toString('utf8', head + 4, head + 4 + length)
      buffer = buffer.subarray(head + 4 + length)
      receive(JSON.parse(body) as Message)
    }
  })
}
