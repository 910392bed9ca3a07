/** What a smoke test is asked, plans, sees and advises. The engine's part is in e2e. */
import { describe, expect, test } from '@jest/globals'
import type { Exec, Log } from '../../src/ports.js'
import { createServer, type RequestListener } from 'node:http'
import { parseDuration, parseSmoke, parseVariable } from '../../src/inputs/smoke.js'
import { adviseSmoke, readSockets, type SmokeFacts } from '../../src/smoke/advise.js'
import { isSmokeImage, isSmokeName, planStart } from '../../src/smoke/plan.js'
import { askOnce } from '../../src/smoke/probe.js'
import { checkProbe, smokeImage } from '../../src/smoke/smoke.js'
import { readState, type ContainerState } from '../../src/smoke/state.js'

describe('the input', () => {
  test.each([
    ['healthy', { kind: 'healthy' }],
    ['http://:8080/healthz', { kind: 'http', port: 8080, path: '/healthz' }],
    ['http://:80', { kind: 'http', port: 80, path: '/' }],
    ['http://localhost:8080/a?b=c#d', { kind: 'http', port: 8080, path: '/a?b=c' }],
    ['http://127.0.0.1:3000?x', { kind: 'http', port: 3000, path: '/?x' }],
    ['run --version', { kind: 'arguments', args: ['run', '--version'] }],
    ['-c "import app; print(1)"', { kind: 'arguments', args: ['-c', 'import app; print(1)'] }],
    [`sh -c 'echo "$HOME"'`, { kind: 'arguments', args: ['sh', '-c', 'echo "$HOME"'] }],
    ['a\\ b "c \\"d\\"" e"f"g ""', { kind: 'arguments', args: ['a b', 'c "d"', 'efg', ''] }]
  ])('%s', (text, probe) => {
    expect(parseSmoke(text)).toEqual(probe)
  })

  test.each([
    ['http:///healthz', 'has no port'],
    ['http://localhost/healthz', 'has no port'],
    ['https://:8443/', 'is https'],
    ['http://example.com:80/', 'names the host "example.com"'],
    ['http://:0/', '0 is not a port'],
    ['http://:99999/', '99999 is not a port'],
    ['http://:8080x/', 'is not a URL'],
    ['helthy', 'is not one of the accepted forms'],
    ['sh -c "echo', 'never closed']
  ])('%s is refused', (text, problem) => {
    expect(parseSmoke(text)).toMatchObject({ problem: expect.stringContaining(problem), fix: expect.any(String) })
  })

  test.each([
    ['60s', 60],
    ['90', 90],
    ['2m', 120],
    ['1m30s', 90],
    ['1h', 3600],
    ['0s', undefined],
    ['2h', undefined],
    ['soon', undefined],
    ['', undefined],
    ['-5s', undefined]
  ])('a time of %s', (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds)
  })

  test('variables', () => {
    expect(parseVariable('A=b=c')).toEqual({ name: 'A', value: 'b=c' })
    expect(parseVariable('A=')).toEqual({ name: 'A', value: '' })
    expect(parseVariable('1A=b')).toBeUndefined()
    expect(parseVariable('A')).toBeUndefined()
  })
})

describe('the call', () => {
  const container = {
    name: 'stagegate-smoke-0123456789abcdef0123456789ab',
    image: 'x@sha256:1',
    platform: 'linux/amd64'
  }

  test('publishes the probed port alone, on loopback, and only where one is probed', () => {
    const http = planStart({ ...container, probe: { kind: 'http', port: 8080, path: '/' } }).args
    expect(http.join(' ')).toContain('--publish 127.0.0.1::8080')
    const args = planStart({ ...container, probe: { kind: 'arguments', args: ['--publish', '1:1'] } }).args
    expect(args.indexOf('--publish')).toBeGreaterThan(args.indexOf('x@sha256:1'))
    expect(args).toEqual(expect.arrayContaining(['--init', '--memory', '--pids-limit', '--network']))
  })

  test('asks a HEALTHCHECK each second where the engine can', () => {
    const probe = { kind: 'healthy' } as const
    expect(planStart({ ...container, probe, startSeconds: 60 }).args).toContain('--health-start-interval')
    expect(planStart({ ...container, probe }).args).not.toContain('--health-start-interval')
  })

  test('post knows what is ours', () => {
    expect(isSmokeName('stagegate-smoke-0123456789abcdef0123456789ab')).toBe(true)
    expect(isSmokeImage(`127.0.0.1:4000/stagegate-${'0'.repeat(32)}@sha256:${'a'.repeat(64)}`)).toBe(true)
    expect(isSmokeImage('stagegate-smoke-0123456789abcdef0123456789ab:inspected')).toBe(true)
    for (const name of ['app', 'stagegate-smoke-', 'stagegate-smoke-0123456789abcdef0123456789ab x', '--all']) {
      expect([isSmokeName(name), isSmokeImage(name)]).toEqual([false, false])
    }
  })
})

test('a HEALTHCHECK that is missing is told before anything starts', () => {
  expect(checkProbe({ kind: 'healthy' }, [])?.problem).toContain('the image has none')
  expect(checkProbe({ kind: 'healthy' }, ['NONE'])).toBeDefined()
  expect(checkProbe({ kind: 'healthy' }, ['CMD-SHELL', 'true'])).toBeUndefined()
  expect(checkProbe({ kind: 'arguments', args: [] }, [])).toBeUndefined()
})

describe('with an engine that is in the way', () => {
  const state = { Status: 'running', Running: true, ExitCode: 0, OOMKilled: false, Error: '' }
  const answers: Readonly<Record<string, string>> = {
    version: 'linux/amd64 1.47\n',
    'container inspect': JSON.stringify([{ State: state, NetworkSettings: { Ports: {} } }])
  }
  /** An engine in which a container says what it likes, for as long as somebody listens. */
  function engine(said: Buffer): { readonly exec: Exec; readonly taken: () => number } {
    let taken = 0
    const exec: Exec = ({ args }, { onStdout, signal } = {}) => {
      const what = args.slice(0, args[0] === 'version' ? 1 : 2).join(' ')
      if (what === 'container logs' || what === 'container exec') {
        for (let left = 10_000; left > 0 && signal?.aborted !== true; left -= 1) {
          taken += said.length
          onStdout?.(said)
        }
        return Promise.resolve({ exitCode: 143, stdout: '', stderr: '', timedOut: false })
      }
      return Promise.resolve({ exitCode: 0, stdout: answers[what] ?? '', stderr: '', timedOut: false })
    }
    return { exec, taken: () => taken }
  }
  const smoke = (exec: Exec) => {
    let now = 0
    const log = { debug: () => undefined } as unknown as Log
    return smokeImage(
      { exec, log, now: () => (now += 1000), signal: new AbortController().signal },
      {
        ...{ probe: { kind: 'arguments', args: ['serve'] }, variables: [], timeoutSeconds: 1, platform: 'linux/amd64' },
        ...{ reference: 'x@y', folder: '/nowhere', writeArchive: () => Promise.reject(new Error('unused')) },
        leftovers: { addSmoke: () => undefined, addImage: () => undefined }
      }
    )
  }

  test('no engine is a failure that says so, not a pass', async () => {
    const exec: Exec = () =>
      Promise.resolve({ exitCode: 1, stdout: '', stderr: 'Cannot connect to the Docker daemon', timedOut: false })
    expect(await smoke(exec)).toMatchObject({
      result: 'failed',
      reason: 'no engine is there to start it',
      log: ['Cannot connect to the Docker daemon']
    })
  })

  test('an engine of another system is a skip that says so', async () => {
    const exec: Exec = () =>
      Promise.resolve({ exitCode: 0, stdout: 'windows/amd64 1.47\n', stderr: '', timedOut: false })
    expect(await smoke(exec)).toMatchObject({ result: 'skipped', reason: 'the engine runs windows only' })
  })

  test.each([
    ['lines', Buffer.from('flood flood flood\n'.repeat(4000))],
    ['one line that never ends', Buffer.alloc(65_536, 'x')]
  ])('a container that floods with %s is heard to a bound', async (_what, said) => {
    const flooding = engine(said)
    const result = await smoke(flooding.exec)
    expect(result).toMatchObject({ result: 'failed', reason: 'it did not end within 1 s' })
    if (result.result !== 'failed') return
    expect(result.log.length).toBeGreaterThan(0)
    expect(result.log.length).toBeLessThanOrEqual(60)
    expect(Math.max(...result.log.map(({ length }) => length))).toBeLessThanOrEqual(500)
    // Its log and its sockets, a bound each, and one piece that was under way.
    expect(flooding.taken()).toBeLessThan(2 * (2 ** 20 + said.length) + 1)
  })
})

test('a state as docker tells it', () => {
  const text = JSON.stringify([
    {
      State: {
        ...{ Status: 'running', Running: true, ExitCode: 0, OOMKilled: false, Error: '' },
        Health: { Status: 'starting', Log: [{ ExitCode: 1, Output: 'no\n' }] }
      },
      NetworkSettings: {
        Ports: { '8080/tcp': [{ HostIp: '127.0.0.1', HostPort: '32768' }], '9/tcp': null },
        Networks: { x: { IPAddress: '172.18.0.2' } }
      }
    }
  ])
  expect(readState(text)).toMatchObject({
    ...{ running: true, published: 32768 },
    health: { status: 'starting', last: { exitCode: 1, output: 'no' } }
  })
  expect(readState('[]')).toBeUndefined()
  expect(readState('nonsense')).toBeUndefined()
})

describe('advice', () => {
  const state = (change: Partial<ContainerState>): ContainerState => ({
    ...{ status: 'exited', running: false, exitCode: 1, outOfMemory: false, error: '' },
    ...change
  })
  const http = { kind: 'http', port: 8080, path: '/healthz' } as const
  const up = state({ running: true, status: 'running' })
  const facts = (change: Partial<SmokeFacts>): SmokeFacts => ({ probe: http, text: '', state: state({}), ...change })

  test.each<[string, Partial<SmokeFacts>, string]>([
    ['out of memory', { state: state({ outOfMemory: true, exitCode: 137 }) }, 'took more than the 2g of memory'],
    ['exec format error', { text: '[FATAL tini (7)] exec /app failed: Exec format error' }, 'for another platform'],
    ['not there', { state: state({ exitCode: 127 }) }, 'is not in the image'],
    ['not executable', { state: state({ exitCode: 126 }) }, 'COPY --chmod=0755'],
    ["Python's missing variable", { text: "KeyError: 'DATABASE_URL'" }, 'DATABASE_URL: give it a value in smoke-env'],
    ["Node's", { text: 'Error: DATABASE_URL is not set' }, 'DATABASE_URL'],
    ["Go's", { text: 'required environment variable "API_BASE" missing' }, 'API_BASE'],
    ['read-only', { text: "OSError: [Errno 30] Read-only file system: '/x'" }, 'nothing may be written'],
    ['permission', { text: "PermissionError: [Errno 13] Permission denied: '/x'" }, 'compare USER with the owner'],
    ['another service', { text: 'getaddrinfo ENOTFOUND db' }, 'looks for another service'],
    ['localhost only', { state: up, listeners: [{ address: '127.0.0.1', port: 8080 }] }, 'bind it to 0.0.0.0'],
    ['localhost only, in IPv6', { state: up, listeners: [{ address: '::1', port: 8080 }] }, 'bind it to 0.0.0.0'],
    [
      'another port',
      { state: up, listeners: [{ address: '0.0.0.0', port: 3000 }] },
      'It listens on port 3000, not on 8080'
    ],
    ['no port', { state: up, listeners: [] }, 'It listens on no port yet'],
    ['no such path', { state: up, httpStatus: 404 }, 'Nothing is at /healthz'],
    ['does not end', { state: up, probe: { kind: 'arguments', args: [] } }, 'It is still running'],
    [
      'no curl',
      {
        probe: { kind: 'healthy' },
        state: { ...up, health: { status: 'starting', last: { exitCode: 127, output: 'sh: curl: not found' } } }
      },
      'The program that HEALTHCHECK calls'
    ]
  ])('for %s', (_name, change, words) => {
    expect(adviseSmoke(facts(change)).join('\n')).toContain(words)
  })

  test('none where nothing is known', () => {
    expect(adviseSmoke(facts({}))).toEqual([])
    expect(adviseSmoke(facts({ state: up }))).toEqual([])
  })
})

test('listening sockets, without the name server of docker', () => {
  const text = `  sl  local_address rem_address   st
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000
   1: 0B00007F:A1B2 00000000:0000 0A 00000000:00000000
   2: 00000000:0050 0100007F:1234 01 00000000:00000000
   3: 00000000000000000000000000000000:0BB8 00000000000000000000000000000000:0000 0A 0
   4: 0000000000000000FFFF00000100007F:0BB9 00000000000000000000000000000000:0000 0A 0`
  expect(readSockets(text)).toEqual([
    { address: '127.0.0.1', port: 8080 },
    { address: '::', port: 3000 },
    { address: '127.0.0.1', port: 3001 }
  ])
})

describe('one request', () => {
  async function serving(listener: RequestListener) {
    const server = createServer(listener)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    return {
      port: typeof address === 'object' && address !== null ? address.port : 0,
      [Symbol.asyncDispose]: async () => {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      }
    }
  }

  test('tells the status, and follows no redirect', async () => {
    await using server = await serving((request, response) => {
      response.writeHead(request.url === '/a' ? 302 : 500, { Location: 'http://127.0.0.1:1/' }).end()
    })
    expect(await askOnce({ port: server.port, path: '/a' })).toEqual({ status: 302 })
    expect(await askOnce({ port: server.port, path: '/b' })).toEqual({ status: 500 })
  })

  test('is ended by a signal, though nobody answers', async () => {
    const cancelling = new AbortController()
    await using server = await serving(() => cancelling.abort())
    expect(await askOnce({ port: server.port, path: '/' }, cancelling.signal)).toEqual({
      problem: 'gave no answer in HTTP (ABORT_ERR)'
    })
  })

  test('tells what became of it otherwise', async () => {
    await using server = await serving((request) => void request.socket.destroy())
    expect(await askOnce({ port: server.port, path: '/' })).toEqual({ problem: 'closed the connection' })
    const { port } = server
    await server[Symbol.asyncDispose]()
    expect(await askOnce({ port, path: '/' })).toEqual({ problem: 'refused the connection' })
  })
})

test.each(['tini ', 'no such file or directory '])('a log that is full of %j is read once', (words) => {
  const text = words.repeat(400_000)
  expect(adviseSmoke({ probe: { kind: 'http', port: 80, path: '/' }, text })).toEqual([])
})
