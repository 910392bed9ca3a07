import { describe, expect, test } from '@jest/globals'
import { inputsOf, problemsOf, type Given } from './support.js'

test('quoted entries are taken by every list', () => {
  const inputs = inputsOf({
    'build-args': '"VERSION=26.04"\n# a comment\n"C=line1\nline2"\nD=a,b',
    labels: '"org.opencontainers.image.title=My, app"',
    annotations: '"org.opencontainers.image.title=My, app"',
    'build-contexts': '"src=app"',
    'secret-files': '"id=Dockerfile"',
    'secret-envs': '"id2=VARIABLE"',
    tags: '"a:1","b:2"',
    'cache-from': '"type=registry,ref=a/b:c"',
    attests: '"type=sbom,generator=x"'
  })
  expect(inputs).toMatchObject({
    buildArgs: ['VERSION=26.04', 'C=line1\nline2', 'D=a,b'],
    labels: ['org.opencontainers.image.title=My, app'],
    annotations: ['org.opencontainers.image.title=My, app'],
    buildContexts: ['src=app'],
    tags: ['a:1', 'b:2'],
    cacheFrom: ['type=registry,ref=a/b:c'],
    attests: ['type=sbom,generator=x']
  })
  expect(inputs.secrets.map(({ id }) => id)).toEqual(['id2', 'id'])
})

describe('what buildx would refuse late, or lose', () => {
  test.each<[string, Given, string]>([
    [
      'a YAML list',
      { 'build-args': '- A=one' },
      'build-args: "- A" is not the name of a build argument. The input is text, not a YAML list: write "A=VALUE".'
    ],
    [
      'a YAML map',
      { 'build-args': 'A: one' },
      'build-args: "A: one" is not the name of a build argument. The input is text, not a YAML list: write "A=VALUE".'
    ],
    [
      'options',
      { 'build-args': '"A=one --build-arg B=two"' },
      'build-args: entry 1 has "--build-arg" in it. Write each build argument on a line of its own, without the option.'
    ],
    [
      'an option',
      { 'build-args': '--build-arg A=1' },
      'build-args: "--build-arg A" is not the name of a build argument. The input is text, not a YAML list: write "A=VALUE".'
    ],
    [
      'a name',
      { 'build-args': 'A-B' },
      'build-args: "A-B" is not the name of a build argument. A name has letters, digits, "_", "-" and ".". Write each build argument on a line of its own, as NAME=VALUE.'
    ],
    [
      'an option with its value',
      { 'build-args': '--build-arg=A=1' },
      'build-args: "--build-arg" is not the name of a build argument. The input is text, not a YAML list: write "A=VALUE".'
    ],
    [
      'JSON that an expression has left on several lines',
      { 'build-args': 'A=1\nCONFIG={\n  "a": "b=c",\n  "list": [\n    1,\n    2\n  ]\n}' },
      'build-args: entry 3 has no name, as a line of JSON has none. If it belongs to the value of "CONFIG", write "CONFIG" alone, and give the value in the env: of this step.'
    ],
    [
      'a secret as for docker build',
      { 'secret-envs': 'a=A,id=npm,env=NPM_TOKEN' },
      'secret-envs: entry 2 is written as for "docker build --secret". Write ID=VARIABLE in one line.'
    ],
    [
      'a quote',
      { labels: 'a=b\n"c=d' },
      'labels: the double quote that opens in line 2 is not closed. Close it at the end of the entry; inside of it, write a double quote twice.'
    ],
    [
      'a type of attestation',
      { attests: 'type=foo' },
      'attests: "foo" is not a type of attestation. Use sbom or provenance.'
    ],
    [
      'an entitlement',
      { allow: 'network-host' },
      'allow: "network-host" is not an entitlement. Use network.host, security.insecure, device. Did you mean "network.host"?'
    ],
    [
      'a context in upper case',
      { 'build-contexts': 'Alpine=docker-image://b' },
      'build-contexts: "Alpine" cannot be the name of a context: repository names are lower case. Write "alpine".'
    ],
    [
      'a layout',
      { 'build-contexts': 'x=oci-layout://./nope' },
      'build-contexts: "x": there is no OCI layout at "./nope". Make it in an earlier step, or write a URL such as docker-image://NAME:TAG. A path is relative to the working directory.'
    ],
    [
      'a context that only a bake file can have',
      { 'build-contexts': 'x=target:base' },
      'build-contexts: "x": there is no target "base" without a bake file. Name the file in bake-files, and the target to build in bake-targets; its contexts may be other targets.'
    ],
    [
      'a folder',
      { 'build-contexts': 'x=../nope' },
      'build-contexts: "x": there is no folder at "../nope". Make it in an earlier step, or write a URL such as docker-image://NAME:TAG. A path is relative to the working directory.'
    ],
    [
      'a context without a scheme',
      { context: 'github.com/o/r#main:dir' },
      'context: "github.com/o/r#main:dir" has no scheme. Write "https://github.com/o/r.git#main:dir".'
    ],
    [
      'an annotation of no index',
      { provenance: 'false', annotations: 'manifest,index:a=b' },
      'annotations: "manifest,index:a" is for an index, and one platform with provenance: false has none. Write "manifest:" for the level, or remove provenance: false.'
    ],
    [
      'an annotation of an index that will not be, in other words',
      { attests: 'type=provenance,disabled=1', annotations: 'index:a=b' },
      'annotations: "index:a" is for an index, and one platform with provenance: false has none. Write "manifest:" for the level, or remove provenance: false.'
    ]
  ])('%s', (_, given, expected) => {
    expect(problemsOf(given)).toEqual([expected])
  })

  test.each<[string, Given]>([
    [
      'several platforms have an index',
      { provenance: 'false', platforms: 'linux/amd64,linux/arm64', annotations: 'index:a=b' }
    ],
    ['an attestation makes an index', { provenance: 'false', sbom: 'true', annotations: 'index:a=b' }],
    ['an annotation of the manifest', { provenance: 'false', annotations: 'manifest:a=b' }],
    ['entitlements', { allow: 'network.host,security.insecure\ndevice=vendor/x' }]
  ])('%s', (_, given) => {
    expect(problemsOf(given)).toEqual([])
  })
})
