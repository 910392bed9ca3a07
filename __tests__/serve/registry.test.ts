/** The registry on loopback, asked as clients ask, and as nobody should. */
import { describe, expect, test } from '@jest/globals'
import { spawnSync } from 'node:child_process'
import { connect } from 'node:net'
import { processMark } from '../../src/core/process_mark.js'
import { findForsaken } from '../../src/serve/name.js'
import { readRangeHeader, SERVED_TAG, serveImage } from '../../src/serve/registry.js'
import { imageOnDisk, sha256 } from './support.js'

async function served() {
  const image = await imageOnDisk()
  const registry = await serveImage(image.shelf)
  const [host = '', name = ''] = registry.repository.split('/')
  return {
    ...image,
    ...{ registry, host, name },
    ask: (place: string, init?: RequestInit) => fetch(`http://${host}${place}`, init),
    [Symbol.asyncDispose]: async () => {
      await registry[Symbol.asyncDispose]()
      await image[Symbol.asyncDispose]()
    }
  }
}

test('every document and blob is there by its digest, and has it', async () => {
  await using given = await served()
  const { shelf, name, ask } = given
  for (const { digest, mediaType, bytes } of shelf.documents) {
    const answer = await ask(`/v2/${name}/manifests/${digest}`)
    expect(answer.status).toBe(200)
    expect(answer.headers.get('docker-content-digest')).toBe(digest)
    expect(answer.headers.get('content-type')).toBe(mediaType)
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(bytes)
  }
  for (const { digest, size } of shelf.blobs) {
    const head = await ask(`/v2/${name}/blobs/${digest}`, { method: 'HEAD' })
    expect([head.status, head.headers.get('content-length'), head.headers.get('accept-ranges')]).toEqual([
      ...[200, String(size), 'bytes']
    ])
    const answer = await ask(`/v2/${name}/blobs/${digest}`)
    expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(digest)
  }
})

test('the tag is what will be published', async () => {
  await using given = await served()
  const { shelf, name, ask } = given
  expect((await ask('/v2/')).status).toBe(200)
  expect(await (await ask(`/v2/${name}/tags/list`)).json()).toEqual({ name, tags: [SERVED_TAG] })
  const head = await ask(`/v2/${name}/manifests/${SERVED_TAG}`, { method: 'HEAD' })
  expect(head.headers.get('docker-content-digest')).toBe(shelf.root.digest)
  expect(head.headers.get('content-length')).toBe(String(shelf.root.bytes.length))
})

test('a part of a blob', async () => {
  await using given = await served()
  const { shelf, name, ask } = given
  const blob = shelf.blobs.reduce((a, b) => (b.size > a.size ? b : a))
  const whole = Buffer.from(await (await ask(`/v2/${name}/blobs/${blob.digest}`)).arrayBuffer())
  const part = await ask(`/v2/${name}/blobs/${blob.digest}`, { headers: { range: 'bytes=3-9' } })
  expect([part.status, part.headers.get('content-range')]).toEqual([206, `bytes 3-9/${blob.size}`])
  expect(Buffer.from(await part.arrayBuffer())).toEqual(whole.subarray(3, 10))
  const beyond = await ask(`/v2/${name}/blobs/${blob.digest}`, { headers: { range: `bytes=${blob.size}-` } })
  expect([beyond.status, beyond.headers.get('content-range')]).toEqual([416, `bytes */${blob.size}`])
})

test.each([
  ['bytes=0-0', { start: 0, end: 0 }],
  ['bytes=5-', { start: 5, end: 9 }],
  ['bytes=5-100', { start: 5, end: 9 }],
  ['bytes=-3', { start: 7, end: 9 }],
  ['bytes=-30', { start: 0, end: 9 }],
  ['bytes=-0', 'unsatisfiable'],
  ['bytes=10-', 'unsatisfiable'],
  ['bytes=7-3', undefined],
  ['bytes=0-1,4-5', undefined],
  ['bytes=-', undefined],
  ['lines=1-2', undefined],
  [undefined, undefined]
])('range %s of ten bytes', (header, expected) => {
  expect(readRangeHeader(header, 10)).toEqual(expected)
})

describe('nothing else', () => {
  test.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('no %s', async (method) => {
    await using given = await served()
    const answer = await given.ask(`/v2/${given.name}/blobs/uploads/`, { method })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  test('no other name, no other place, nothing of the disk', async () => {
    await using given = await served()
    const { name, shelf, host } = given
    const digest = shelf.root.digest
    for (const place of [
      '/',
      '/v2/_catalog',
      `/v2/other/manifests/${digest}`,
      `/v2/${name}/manifests/latest`,
      `/v2/${name}/blobs/sha256:${'0'.repeat(64)}`,
      `/v2/${name}/blobs/..%2f..%2fetc%2fpasswd`,
      `/v2/${name}/blobs/__proto__`,
      `/v2/${name}/../${name}x/manifests/${digest}`
    ]) {
      // fetch would tidy the path up before it is sent.
      expect([place, await statusOf(host, place)]).toEqual([place, 404])
    }
  })

  test('nothing once it is gone, also for a client that still holds on', async () => {
    const given = await served()
    const [, port = ''] = given.host.split(':')
    const idle = connect(Number(port), '127.0.0.1')
    await new Promise((resolve) => idle.once('connect', resolve))
    const ended = new Promise((resolve) => idle.once('close', resolve))
    idle.on('error', () => undefined)
    await given[Symbol.asyncDispose]()
    await ended
    await expect(given.ask('/v2/')).rejects.toThrow()
  })
})

function statusOf(host: string, place: string): Promise<number> {
  const [name = '', port = ''] = host.split(':')
  return new Promise((resolve, reject) => {
    let text = ''
    const socket = connect(Number(port), name, () => {
      socket.end(`GET ${place} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`)
    })
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')))
    socket.on('error', reject)
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(text)?.[1])))
  })
}

test('a client that tries TLS first is told in HTTP, so that it comes back without', async () => {
  await using given = await served()
  const socket = connect(Number(given.host.split(':')[1]), '127.0.0.1')
  socket.write(Buffer.from('160301000501000001000303', 'hex'))
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  expect(Buffer.concat(chunks).toString()).toMatch(/^HTTP\/1\.1 400 /)
})

test('what is left of a registry whose process has ended is known by its name', async () => {
  await using given = await served()
  const digest = `sha256:${'a'.repeat(64)}`
  const ended = `127.0.0.1:32768/stagegate-${processMark(spawnSync('true').pid)}0123456789abcdef@${digest}`
  const others = [
    `${given.registry.repository}@${digest}`,
    ended.replace('127.0.0.1', '10.0.0.1'),
    ended.replace('/stagegate-', '/acme/stagegate-'),
    ended.replace(digest, '<none>'),
    'busybox@<none>'
  ]
  expect(findForsaken([...others, ended, ''].join('\n'))).toEqual([ended])
})
