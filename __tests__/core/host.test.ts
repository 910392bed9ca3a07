/** Whose machine a host is, and which list it is in. */
import { expect, test } from '@jest/globals'
import { hostname, isLoopback, matchesHost, namesLoopback } from '../../src/core/host.js'

test.each([
  ['r.example.com', 'r.example.com'],
  ['r.example.com:5000', 'r.example.com'],
  ['10.0.0.5:5000', '10.0.0.5'],
  ['[::1]:5000', '::1'],
  ['[fd00::5]', 'fd00::5'],
  ['fd00::5', 'fd00::5'],
  ['::1', '::1']
])('%s is the host %s', (host, name) => expect(hostname(host)).toBe(name))

test.each([
  ['127.0.0.1:5000', true],
  ['127.8.9.1', true],
  ['localhost:80', true],
  ['[::1]:5000', true],
  ['::1', true],
  ['::', false],
  ['0.0.0.0', false],
  ['127.example.com', false],
  ['localhost.example.com', false],
  ['10.0.0.1', false]
])('%s is this machine: %s', (host, expected) => expect(isLoopback(host)).toBe(expected))

test.each([
  ['registry.local:5000', ['registry.local:5000'], true],
  ['registry.local:5000', ['registry.local'], true],
  ['registry.local:5000', ['registry.local:5001'], false],
  ['10.1.2.3:5000', ['10.0.0.0/8'], true],
  ['10.1.2.3:5000', ['11.0.0.0/8', '::1/128', '10.0.0.0/x'], false],
  ['10.0.0.5:5000', ['10.0.0.5'], true],
  ['10.0.0.5:5000', ['10.0.0.5/32'], true],
  ['8.8.8.8:5000', ['0.0.0.0/0'], true],
  ['8.8.8.8', ['10.0.0.5', '10.0.0.5/', '/', '10.0.0.5/33', '10.0.0.5/-1', '10.0.0.5/1e0', '10.0.0.5/0/0'], false],
  ['8.8.8.8', ['10.0.0.5/0.5', '10.0.0.5/ ', '999.0.0.0/0', '::/0'], false],
  ['999.0.0.1', ['0.0.0.0/0'], false],
  ['[fd00::5]:5000', ['fd00::/8'], true],
  ['fd00::5', ['fe00::/8', 'fd00::/129'], false]
])('%s is in %j: %s', (host, list, expected) => expect(matchesHost(host, list)).toBe(expected))

test.each([
  ['localhost:5000/app:1', true],
  ['127.0.0.1:5000/app', true],
  ['type=registry,ref=localhost:5000/cache:1', true],
  ['base=docker-image://[::1]:5000/base', true],
  ['FROM alpine\nRUN pip install -i http://127.0.0.1:3141/simple x\n', true],
  ['INDEX=http://localhost/simple', true],
  ['FROM localhost/app', true],
  ['ghcr.io/owner/localhost-app:1', false],
  ['registry.localhost.example.com/app', false],
  ['10.127.0.0.1/app', false],
  ['FROM alpine', false]
])('%s names the runner itself: %s', (text, names) => {
  expect(namesLoopback(text)).toBe(names)
})
