/** What has left, as it is reported: the tags and digests that are really there, and nothing in their place. */
import { describe, expect, test } from '@jest/globals'
import type { OutputEntry } from '../../src/inputs/outputs.js'
import type { Published } from '../../src/publish/publish.js'
import { inFailedRun, reportPublished, type Written } from '../../src/publish/report.js'

const nothing: Published = { tags: [], unknown: [], loaded: [], digest: 'sha256:1', how: [], notes: [] }
const none: Written = { files: [], metadata: [] }

/** Files as typed, each with the digest that the builder names, if it names one. */
function written(...files: readonly (readonly [text: string, digest?: string])[]): Written {
  return {
    files: files.map(([text]) => ({
      entry: { text, type: text.replace(/^type=(\w+).*/, '$1') } as OutputEntry,
      ...{ dest: '', staged: '', names: [], source: 'builder' }
    })),
    metadata: files.map(([, digest]) => ({
      text: digest === undefined ? '{}' : `{"containerimage.digest":"${digest}"}`
    }))
  }
}

const both: Published = { ...nothing, tags: ['r/a:1'], loaded: ['r/a:1', 'here:1'], how: ['push', 'load'] }
const loaded: Published = { ...nothing, loaded: ['r/a:1'], how: ['load'] }
const unknown = ['r/a:2']

describe('tags', () => {
  test.each<[string, Published, boolean, object]>([
    ['of both', both, false, { published: true, tags: ['r/a:1', 'here:1'], how: ['push', 'load'] }],
    ['of an engine', loaded, false, { published: true, tags: ['r/a:1'] }],
    ['of both in a run that failed', both, true, { published: true, tags: ['r/a:1'], digest: 'sha256:1' }],
    ['of an engine in a run that failed', loaded, true, { published: false, kept: { tags: ['r/a:1'], how: ['load'] } }],
    ['that are not known', { ...nothing, unknown }, true, { published: false, unknown }],
    [
      'that are not known, beside an engine',
      { ...loaded, unknown },
      true,
      { published: false, unknown, kept: { tags: ['r/a:1'], how: ['load'] } }
    ],
    ['that are not known, beside others', { ...both, unknown }, true, { published: true, tags: ['r/a:1'], unknown }]
  ])('%s', (_, published, failed, expected) => {
    const told = reportPublished(published, none, failed)
    const report = failed ? inFailedRun(told) : told
    expect(report).toMatchObject(expected)
    if (!report.published) expect(report).not.toHaveProperty('digest')
  })
})

describe('the digest of an archive', () => {
  const [oci, docker, local] = ['type=oci,dest=a.tar', 'type=docker,dest=b.tar', 'type=local,dest=c']

  test.each<[string, readonly string[], Written, object]>([
    ['is that of the tags', ['push', oci], written([oci, 'sha256:1']), { digest: 'sha256:1' }],
    [
      'is another than that of the tags',
      ['push', oci],
      written([oci, 'sha256:2']),
      { digest: 'sha256:1', archives: [{ output: oci, digest: 'sha256:2' }] }
    ],
    ['is not known', ['push', oci], written([oci]), { digest: 'sha256:1', archives: [{ output: oci }] }],
    [
      'alone',
      [oci],
      written([oci, 'sha256:2']),
      { digest: 'sha256:2', archives: [{ output: oci, digest: 'sha256:2' }] }
    ],
    ['alone, as inspected', [oci], written([oci, 'sha256:1']), { digest: 'sha256:1' }],
    ['alone, not known', [oci], written([oci]), { digest: '', archives: [{ output: oci }] }],
    [
      'of which two',
      [oci, docker],
      written([oci, 'sha256:2'], [docker, 'sha256:1']),
      { digest: 'sha256:1', archives: [{ output: oci, digest: 'sha256:2' }] }
    ],
    ['is none of a folder’s', [local], written([local]), { digest: '' }]
  ])('%s', (_, how, files, expected) => {
    const report = reportPublished({ ...nothing, how }, files, false)
    expect(report).toEqual({ published: true, tags: [], how, ...expected })
  })

  test('is that of the inspected image where it is nothing else', () => {
    const { files, metadata } = written([oci], [docker, 'sha256:3'])
    const [first, ...others] = files.map((file) => ({ ...file, names: [] }))
    if (first === undefined) throw new Error('no file')
    const whole: Written = { files: [{ ...first, source: 'image' }, ...others], metadata: metadata.slice(1) }
    const report = reportPublished({ ...nothing, how: [oci, docker] }, whole, false)
    expect(report).toMatchObject({ digest: 'sha256:1', archives: [{ output: docker, digest: 'sha256:3' }] })
  })

  test('is not known where the builder did not answer for each file', () => {
    const files = written([oci, 'sha256:2'], [docker, 'sha256:3'])
    const report = reportPublished(
      { ...nothing, how: [oci, docker] },
      { ...files, metadata: files.metadata.slice(1) },
      false
    )
    expect(report).toMatchObject({ digest: '', archives: [{ output: oci }, { output: docker }] })
  })
})
