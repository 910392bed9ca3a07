import { describe, expect, test } from '@jest/globals'
import type { OutputEntry } from '../../src/inputs/outputs.js'
import { inputsOf, problemsOf, type Given } from './support.js'

describe('an output', () => {
  test.each<[string, Partial<OutputEntry>]>([
    ['out', { type: 'local', dest: 'out', isFolder: true, push: false }],
    ['type=local,dest=out', { type: 'local', dest: 'out', isFolder: true, push: false }],
    ['type=tar,dest=out.tar', { type: 'tar', dest: 'out.tar', isFolder: false }],
    ['type=oci,dest=empty,tar=false', { type: 'oci', dest: 'empty', isFolder: true }],
    ['type=docker', { type: 'docker', isFolder: false, push: false }],
    ['type=cacheonly', { type: 'cacheonly', push: false }],
    ['type=registry,name=a/b', { type: 'image', push: true, names: ['a/b'] }],
    ['Type =image,NAME=a/b, push=true', { type: 'image', push: true, names: ['a/b'] }],
    ['type=image,"name=a/b,c/d:1",push=true', { type: 'image', push: true, names: ['a/b', 'c/d:1'] }],
    ['type=image,push-by-digest=true,name-canonical=true,push=true,name=a/b', { push: true, pushByDigest: true }],
    ['type=image,name=a,push=false', { push: false }],
    ['type=image,name=a,push=0', { push: false }],
    ['type=image,name=a,push=', { push: true }],
    ['type=image,name=a', { push: false, pushByDigest: false }],
    [
      'type=image,name=a,compression=zstd,compression-level=3,force-compression=true,oci-mediatypes=true,annotation.x=y',
      {
        attributes: new Map([
          ['name', 'a'],
          ['compression', 'zstd'],
          ['compression-level', '3'],
          ['force-compression', 'true'],
          ['oci-mediatypes', 'true'],
          ['annotation.x', 'y']
        ])
      }
    ]
  ])('%s', (text, expected) => {
    expect(inputsOf({ outputs: text }).outputs).toMatchObject([{ text, ...expected }])
  })

  test('several, with a comment', () => {
    const { outputs } = inputsOf({ outputs: '# for a later job\ntype=oci,dest=a.tar\n\ntype=local,dest=b' })
    expect(outputs.map(({ type }) => type)).toEqual(['oci', 'local'])
  })

  test.each<[string, Given]>([
    ['push without tags where an output has the name', { push: 'true', outputs: 'type=image,name=ghcr.io/a/b' }],
    [
      'by digest, with a repository in tags',
      { tags: 'ghcr.io/a/b', outputs: 'type=image,push-by-digest=true,name-canonical=true,push=true' }
    ],
    ['a name that tags replace', { tags: 'a/b', outputs: 'type=image,name=X,push=true' }],
    ['an empty folder', { outputs: 'empty' }],
    ['a folder in one that is not there', { outputs: 'type=local,dest=out/a/b' }],
    ['a file that is there', { outputs: 'type=tar,dest=Dockerfile' }],
    [
      'several of one kind',
      { outputs: 'type=tar,dest=a.tar\ntype=tar,dest=b.tar\ntype=oci,dest=c.tar\ntype=oci,dest=d.tar' }
    ],
    ['several names', { outputs: 'type=image,push=true,"name=r.io/a:1,r.io/b:1"' }],
    [
      'two pushes of one shape',
      { outputs: 'type=image,push=true,name=r.io/a:1\ntype=registry,name=r.io/b:1,compression=zstd' }
    ],
    ['canonical names with tags', { tags: 'r.io/a:1', outputs: 'type=image,name-canonical=true,push=true' }],
    [
      'the highest levels',
      { outputs: 'type=oci,dest=a.tar,compression=zstd,compression-level=22\ntype=oci,dest=b.tar,compression-level=9' }
    ],
    [
      'zstd with docker’s media types',
      { tags: 'r.io/a:1', outputs: 'type=image,push=true,compression=zstd,oci-mediatypes=false' }
    ],
    ['a comma and a quote in a path', { outputs: 'type=local,"dest=a,""b"""' }],
    ['annotations', { outputs: 'type=oci,dest=x.tar,annotation.a=b,annotation-index[linux/amd64].c=d' }],
    ['an attribute that only BuildKit knows', { outputs: 'type=oci,dest=x.tar,brand-new=1' }],
    ['a push that waits for push: true', { tags: 'r.io/a:1', push: 'true', outputs: 'type=image,push=false' }]
  ])('%s is fine', (_, given) => {
    expect(problemsOf(given)).toEqual([])
  })

  test.each<[string, Given, string]>([
    [
      'no type',
      { outputs: 'dest=out' },
      'outputs: "dest=out": it has no "type=". Write the type and its attributes, as in "type=local,dest=out".'
    ],
    [
      'an unknown type',
      { outputs: 'type=regstry,name=a' },
      'outputs: "type=regstry,name=a": "regstry" is not a type of output. Use image, docker, oci, tar, local, cacheonly, registry. Did you mean "registry"?'
    ],
    [
      'no value',
      { outputs: 'type=local,out' },
      'outputs: "type=local,out": "out" has no "=". Write it as KEY=VALUE, separated by commas.'
    ],
    [
      'no destination',
      { outputs: 'type=local' },
      'outputs: "type=local": it has no destination. Add "dest=" and a folder, as in "type=local,dest=out".'
    ],
    [
      'no destination of an archive',
      { outputs: 'type=oci' },
      'outputs: "type=oci": it has no destination. Add "dest=" and a file, as in "type=oci,dest=image.tar".'
    ],
    [
      'standard output',
      { outputs: '-' },
      'outputs: "-": standard output belongs to the log. Name a file: "type=tar,dest=image.tar".'
    ],
    [
      'standard output by dest',
      { outputs: 'type=tar,dest=-' },
      'outputs: "type=tar,dest=-": standard output belongs to the log. Name a file or folder after "dest=".'
    ],
    [
      'a folder that is not there',
      { outputs: 'type=docker,dest=no/x.tar' },
      'outputs: "type=docker,dest=no/x.tar": there is no folder "no". Create it in an earlier step.'
    ],
    [
      'a folder for a file',
      { outputs: 'type=tar,dest=app' },
      'outputs: "type=tar,dest=app": "app" is a folder. Name a file, as in "app/image.tar".'
    ],
    ['a file for a folder', { outputs: 'Dockerfile' }, 'outputs: "Dockerfile": "Dockerfile" is a file. Name a folder.'],
    [
      'a folder that is not empty',
      { outputs: 'app' },
      'outputs: "app": the folder "app" is not empty. Name a new folder, or empty it in an earlier step: what is in it could be taken for a part of the result.'
    ],
    [
      'a folder that is closed',
      { outputs: 'type=tar,dest=locked/x.tar' },
      `outputs: "type=tar,dest=locked/x.tar": "locked" cannot be written by the runner's user. Give it to this user, or name another folder.`
    ],
    [
      'two at one place',
      { outputs: 'type=tar,dest=x.tar\ntype=oci,dest=./x.tar' },
      'outputs: two outputs are written to "x.tar". Give each a place of its own.'
    ],
    [
      'a compression',
      { outputs: 'type=image,name=a,compression=gz' },
      'outputs: "type=image,name=a,compression=gz": "gz" is not a compression. Use uncompressed, gzip, estargz, zstd. Did you mean "gzip"?'
    ],
    [
      'a level',
      { outputs: 'type=image,name=a,compression-level=high' },
      'outputs: "type=image,name=a,compression-level=high": "high" is not a compression level. Write a whole number: 0 to 9 for gzip, 0 to 22 for zstd.'
    ],
    [
      'a name',
      { outputs: 'type=image,name=a/B,push=true' },
      'outputs: "type=image,name=a/B,push=true": "a/B": repository names are lower case. Write "a/b".'
    ],
    [
      'a push without a name',
      { outputs: 'type=registry' },
      'outputs: "type=registry": it pushes, but it has no name. Add "name=REGISTRY/NAME", or give the tags in the input tags.'
    ],
    [
      'by digest with a tag',
      { outputs: 'type=image,name=a/b:1,push-by-digest=true,push=true' },
      'outputs: "type=image,name=a/b:1,push-by-digest=true,push=true": push-by-digest cannot push the tag of "a/b:1". Write "a/b" without a tag; a later job adds the tags to the digest.'
    ],
    [
      'several platforms in a docker archive',
      { platforms: 'linux/amd64,linux/arm64', outputs: 'type=docker,dest=x.tar' },
      'outputs: "type=docker,dest=x.tar": a docker archive holds one platform, and several are built. Use type=oci, or build one platform.'
    ],
    [
      'a push without tags',
      { push: 'true', outputs: 'type=local,dest=out' },
      'push: push is true but tags is empty. Add the tags to publish, for example "ghcr.io/owner/app:1.2.3".'
    ]
  ])('%s is refused', (_, given, expected) => {
    expect(problemsOf(given)).toEqual([expected])
  })

  const level = 'is not a compression level. Write a whole number: 0 to 9 for gzip, 0 to 22 for zstd.'
  const quote = 'a quote in it is not where CSV has one. Put a single field in quotes: type=local,"dest=a,b".'
  test.each<[string, string]>([
    [
      'type=image,push=true,name=r.io/a:1,name=r.io/b:1',
      '"name" is given twice. Write several names as one field: "name=a,b", in quotes.'
    ],
    ['type=local,dest=a,dest=b', '"dest" is given twice. Keep one of them.'],
    ['type=local,type=tar,dest=a', '"type" is given twice. Keep one of them.'],
    ['"type=image,push=true,name=r.io/a:1"', quote],
    ['type=local,dest="a"', quote],
    ['type=local,dest="a,b"', quote],
    ['type=local,"dest=a', quote],
    ['type=local, "dest=a"', quote],
    ['type=local,dest=out,', '"" has no "=". Write it as KEY=VALUE, separated by commas.'],
    ['type=oci,dest=x.tar,compression-level=10', `"10" ${level}`],
    ['type=oci,dest=x.tar,compression=gzip,compression-level=22', `"22" ${level}`],
    ['type=oci,dest=x.tar,compression=zstd,compression-level=23', `"23" ${level}`],
    ['type=oci,dest=x.tar,compression=zstd,compression-level=-5', `"-5" ${level}`],
    ['type=oci,dest=x.tar,compression-level=1.5', `"1.5" ${level}`],
    [
      'type=oci,dest=x.tar,compresion=zstd',
      'it has no attribute "compresion". Correct it. Did you mean "compression"?'
    ],
    ['type=image,name=r.io/a,push=maybe', '"push=maybe" is neither true nor false. Write "push=true" or "push=false".'],
    [
      'type=oci,dest=x.tar,rewrite-timestamp=yes',
      '"rewrite-timestamp=yes" is neither true nor false. Write "rewrite-timestamp=true" or "rewrite-timestamp=false".'
    ],
    ['type=oci,dest=x.tar,tar=no', '"tar=no" is neither true nor false. Write "tar=true" or "tar=false".'],
    [
      'type=image,name=r.io/a,dest=x.tar',
      'type=image writes no file. Remove its dest, or take type=oci for an image in a file.'
    ],
    [
      'type=cacheonly,dest=x',
      'type=cacheonly writes no file. Remove its dest, or take type=oci for an image in a file.'
    ],
    ['type=local,dest=Dockerfile/sub', 'there is no folder "Dockerfile". Create it in an earlier step.'],
    [
      'type=local,dest=~/out',
      'nothing replaces the "~" in "~/out". No shell reads it: write the path in full, as with ${{ github.workspace }} or ${{ runner.temp }}.'
    ],
    [
      'type=tar,dest=$HOME/x.tar',
      'nothing replaces the "$" in "$HOME/x.tar". No shell reads it: write the path in full, as with ${{ github.workspace }} or ${{ runner.temp }}.'
    ],
    [
      `type=registry,name=r.io/a@sha256:${'a'.repeat(64)}`,
      `"r.io/a@sha256:${'a'.repeat(64)}" has a digest. A name to publish is written as "registry/name:tag".`
    ]
  ])('%s is refused', (outputs, expected) => {
    expect(problemsOf({ outputs })).toEqual([`outputs: "${outputs}": ${expected}`])
  })

  test.each<[string, string]>([
    [
      'type=local,dest=a\ntype=local,dest=a/b',
      'the output "a/b" lies in the folder of another one. Give each a place of its own.'
    ],
    [
      'type=image,push=true,name=r.io/a:1,compression=gzip\ntype=image,push=true,name=r.io/b:1,compression=zstd',
      'two image outputs differ in "compression", and one image is tested and leaves. Give both the same, or publish the other one in a step of its own.'
    ],
    [
      'type=registry,name=r.io/a:1,oci-mediatypes=true\ntype=docker,name=b:1,oci-mediatypes=false',
      'two image outputs differ in "oci-mediatypes", and one image is tested and leaves. Give both the same, or publish the other one in a step of its own.'
    ]
  ])('%s are refused', (outputs, expected) => {
    expect(problemsOf({ outputs })).toEqual([`outputs: ${expected}`])
  })
})
