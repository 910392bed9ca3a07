export const id = 273;
export const ids = [273];
export const modules = {

/***/ 5957:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Jj: () => (/* binding */ LARGEST_TEXT),
/* harmony export */   LH: () => (/* binding */ troubleOf),
/* harmony export */   jF: () => (/* binding */ askCacheForFile),
/* harmony export */   yC: () => (/* binding */ askCache)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2518);
/* harmony import */ var _worker_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4425);
/** One file in the Actions cache, through a worker that is ours to end. */




/** The client itself tries for about half a minute before it gives up. */
const WORKER_SECONDS = 60;
/** A text that is bigger than this is none of ours. */
const LARGEST_TEXT = 64 * 1024 * 1024;
/** Saves or restores a text; `content` of the answer is there where one was restored. Never throws. */
async function askCache(cache, task, content) {
    if (task.kind === 'save')
        return askCacheForFile(cache, task, (file) => (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)(file, content ?? ''));
    let found;
    const answer = await askCacheForFile(cache, task, async (file) => {
        const { size } = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.stat)(file).catch(() => ({ size: 0 }));
        if (size <= LARGEST_TEXT)
            found = await readIfThere(file);
    });
    return { ...answer, ...(found === undefined ? {} : { content: found }) };
}
/** Does one task in a new folder, which is gone afterwards. Never throws. */
async function askCacheForFile(cache, task, work) {
    try {
        const folder = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdtemp)(node_path__WEBPACK_IMPORTED_MODULE_1___default().join(cache.temporaryFolder, 'stagegate-cache-'));
        try {
            return await askIn(folder, cache, task, work);
        }
        finally {
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(folder, { recursive: true, force: true });
        }
    }
    catch (error) {
        const code = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .dig */ .rO)(error, 'code')) ?? 'unknown';
        return { result: { kind: 'crashed', reason: `its files could not be written (${code})` }, troubles: [] };
    }
}
async function askIn(folder, cache, task, work) {
    const file = node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, (0,_worker_js__WEBPACK_IMPORTED_MODULE_2__/* .cachedPath */ .cp)(task.name).slice('~/'.length));
    const resultFile = node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, 'result.json');
    if (task.kind === 'save') {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)(node_path__WEBPACK_IMPORTED_MODULE_1___default().dirname(file));
        await work(file);
    }
    const ended = await run(cache, [_worker_js__WEBPACK_IMPORTED_MODULE_2__/* .CACHE_WORKER */ .Mh, JSON.stringify(task), resultFile], folder);
    if (typeof ended === 'string')
        return { result: { kind: 'crashed', reason: ended }, troubles: [] };
    const result = ended.timedOut ? undefined : (0,_worker_js__WEBPACK_IMPORTED_MODULE_2__/* .parseCacheTaskResult */ .Sh)(await readIfThere(resultFile));
    const troubles = readTroubles(ended.stdout, result);
    if (result === undefined) {
        const reason = ended.timedOut
            ? `the cache service took longer than ${cache.seconds ?? WORKER_SECONDS} seconds`
            : `the cache client ended with exit code ${ended.exitCode}`;
        return { result: { kind: 'crashed', reason }, troubles };
    }
    if (result.kind === 'restored')
        await work(file);
    return { result, troubles };
}
async function run(cache, args, folder) {
    const env = { HOME: folder, USERPROFILE: folder, GITHUB_WORKSPACE: folder, RUNNER_TEMP: folder, RUNNER_DEBUG: '' };
    try {
        return await cache.exec({ file: cache.worker.file, args: [...cache.worker.args, ...args] }, { cwd: folder, env, timeoutSeconds: cache.seconds ?? WORKER_SECONDS });
    }
    catch {
        return 'the cache client could not be run';
    }
}
/**
 * The client's complaints are workflow commands: `::warning::Failed to restore: …`. Of a save that failed it may say
 * nothing but why it tried again.
 */
function readTroubles(stdout, result) {
    const lines = stdout.split(/\r?\n/);
    const all = (pattern) => lines.map((line) => pattern.exec(line)?.[1]).filter((message) => message !== undefined);
    const complaints = all(/^::(?:warning|error)(?: [^:]*)?::(.*)$/);
    const attempts = result?.kind === 'failed' ? all(/^Attempt \d+ of \d+ failed with error: (.*)\. Retrying/) : [];
    const found = (complaints.length > 0 ? complaints : attempts).map((message) => withoutQueries(unescaped(message)));
    return [...new Set(found)].slice(0, 3);
}
/** https://docs.github.com/actions/reference/workflow-commands-for-github-actions, as @actions/core escapes. */
function unescaped(message) {
    return message.replaceAll('%0D', ' ').replaceAll('%0A', ' ').replaceAll('%25', '%').slice(0, 300);
}
/** A signed address is a credential for as long as it is valid. */
function withoutQueries(message) {
    return message.replace(/(https?:\/\/[^\s?]+)\?\S*/g, '$1');
}
async function readIfThere(file) {
    try {
        return await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(file, 'utf8');
    }
    catch {
        return '';
    }
}
/** Why there is no answer, as a clause without its full stop. */
function troubleOf({ result, troubles }) {
    if (result.kind === 'crashed')
        return result.reason;
    if (result.kind === 'unavailable')
        return 'this runner offers no Actions cache';
    const [first] = troubles;
    return first === undefined
        ? 'the Actions cache did not take it'
        : `the Actions cache says "${first.replace(/[\s.]+$/, '')}"`;
}


/***/ }),

/***/ 8191:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  startSession: () => (/* binding */ startSession)
});

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/actions-cache/cache.ts
var actions_cache_cache = __webpack_require__(5957);
// EXTERNAL MODULE: ./src/buildkit/progress.ts
var progress = __webpack_require__(3826);
// EXTERNAL MODULE: ./src/image/index.ts + 34 modules
var src_image = __webpack_require__(3237);
// EXTERNAL MODULE: ./src/ports.ts
var src_ports = __webpack_require__(6795);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(5497);
// EXTERNAL MODULE: ./src/core/csv.ts
var csv = __webpack_require__(2050);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
;// CONCATENATED MODULE: ./src/mounts/archive.ts
/** What is in an archive of a mount, read once: its digest, and whether it may be stored. */



/** Reads a tar file. Throws an `ImageError` where it is none. */
async function readArchive(file, needles) {
    const entries = [];
    const leaks = (0,src_image.hitStream)(needles);
    let line = '';
    let hash;
    const reader = (0,src_image.tarReader)({
        entry(entry) {
            const { type, mode, uid, gid, deviceMajor, deviceMinor } = entry;
            const names = [entry.path, entry.linkPath].map((name) => name.toString('base64')).join(' ');
            line = `${names} ${type} ${mode} ${uid}:${gid} ${deviceMajor}:${deviceMinor}`;
            hash = undefined;
        },
        content(bytes) {
            hash ??= (0,external_node_crypto_.createHash)('sha256');
            hash.update(bytes);
        },
        entryEnd() {
            entries.push(`${line} ${hash === undefined ? '' : hash.digest('base64')}`);
        }
    }, src_image.defaultLimits);
    for await (const chunk of (0,external_node_fs_.createReadStream)(file, { highWaterMark: 1 << 20 })) {
        leaks.write(chunk);
        reader.write(chunk);
    }
    reader.end();
    const all = (0,external_node_crypto_.createHash)('sha256');
    for (const entry of entries.sort())
        all.update(`${entry}\n`);
    const { hits } = leaks.end();
    return {
        digest: all.digest('hex'),
        empty: entries.length <= 1,
        secrets: [...new Set(hits.flatMap((hit) => (hit.kind === 'secret' ? [hit.secretId] : [])))]
    };
}

// EXTERNAL MODULE: ./src/core/json.ts
var core_json = __webpack_require__(2518);
;// CONCATENATED MODULE: ./src/mounts/mount.ts
/**
 * A cache mount, `RUN --mount=type=cache`, as BuildKit tells it in the name of the step: with variables already
 * expanded and lines joined. A red build leaves no other trace of its mounts.
 * https://docs.docker.com/reference/dockerfile/#run---mounttypecache
 */


/** Ids that stand in a generated Dockerfile without any quoting. */
const plainID = /^[\w./:@+=~-]{1,200}$/;
/** The mounts of all steps, each once. */
function findMounts(steps) {
    const mounts = new Map();
    const unsupported = new Map();
    for (const step of steps) {
        const used = step.state === 'ran' || step.state === 'failed' || (step.state === 'cancelled' && step.seconds > 0);
        for (const flag of readMountFlags(step.instruction)) {
            if ('reason' in flag) {
                if (used)
                    unsupported.set(flag.id, flag.reason);
            }
            else {
                const key = mountKey(flag.mount);
                mounts.set(key, { ...flag.mount, used: used || mounts.get(key)?.used === true });
            }
        }
    }
    return {
        mounts: [...mounts.values()],
        unsupported: [...unsupported].map(([id, reason]) => ({ id, reason }))
    };
}
/** Text that is the same for two mentions of one mount. `sharing` is no part of it: BuildKit knows the mount without. */
function mountKey({ id, uid, gid, mode }) {
    return JSON.stringify([id, uid ?? null, gid ?? null, mode ?? null]);
}
/** The mount alone, in an order of its own, so that two records of it are the same text. */
function plainMount({ id, sharing, uid, gid, mode }) {
    return {
        id,
        sharing,
        ...(uid === undefined ? {} : { uid }),
        ...(gid === undefined ? {} : { gid }),
        ...(mode === undefined ? {} : { mode })
    };
}
/** Reads back what `JSON.stringify` made of a mount. Nothing that could not stand in a Dockerfile gets through. */
function parseMount(value) {
    const id = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(value, 'id'));
    const sharing = sharings.find((each) => each === (0,core_json/* dig */.rO)(value, 'sharing'));
    if (id === undefined || !plainID.test(id) || sharing === undefined)
        return undefined;
    const numbers = {};
    for (const name of ['uid', 'gid', 'mode']) {
        const number = (0,core_json/* asNumber */.i)((0,core_json/* dig */.rO)(value, name));
        if (number === undefined)
            continue;
        if (!Number.isSafeInteger(number) || number < 0)
            return undefined;
        numbers[name] = number;
    }
    return { id, sharing, ...numbers };
}
const sharings = ['shared', 'private', 'locked'];
/** The `--mount` flags of a RUN instruction: the words that begin with `--`, up to the first that does not. */
function readMountFlags(instruction) {
    const flags = [];
    let rest = /^RUN(?=\s)/i.test(instruction) ? instruction.slice('RUN'.length) : '';
    for (;;) {
        const word = /^\s+--([a-z]+)(?:=((?:"[^"]*"|'[^']*'|\\.|[^\s"'\\])*))?(?=\s)/.exec(rest);
        if (word === null)
            return flags;
        rest = rest.slice(word[0].length);
        const flag = word[1] === 'mount' ? readMountFlag(unquoted(word[2] ?? '')) : undefined;
        if (flag !== undefined)
            flags.push(flag);
    }
}
/** BuildKit takes quotes and backslashes out of a flag before it looks for commas. */
function unquoted(word) {
    return word.replace(/"([^"]*)"|'([^']*)'|\\(.)/g, (_all, double, single, escaped) => [double, single, escaped].join(''));
}
function readMountFlag(text) {
    const options = new Map();
    for (const field of text.split(',')) {
        const equals = field.indexOf('=');
        const name = (equals < 0 ? field : field.slice(0, equals)).trim().toLowerCase();
        options.set(aliases.get(name) ?? name, equals < 0 ? '' : field.slice(equals + 1));
    }
    if (options.get('type') !== 'cache')
        return undefined;
    const named = options.get('id') ?? '';
    const id = named === '' ? cleaned(options.get('target') ?? '') : named;
    if (options.has('from'))
        return { id, reason: 'it starts from the files of a stage' };
    if (!plainID.test(id))
        return { id, reason: 'its id holds unusual characters' };
    const sharing = options.get('sharing') ?? 'shared';
    const number = (name, pattern, base) => {
        const value = options.get(name) ?? '';
        return pattern.test(value) ? Number.parseInt(value, base) : undefined;
    };
    const uid = number('uid', /^\d{1,10}$/, 10);
    const gid = number('gid', /^\d{1,10}$/, 10);
    const mode = number('mode', /^[0-7]{1,5}$/, 8);
    return {
        mount: plainMount({
            id,
            sharing: sharings.find((each) => each === sharing) ?? 'shared',
            ...(uid === undefined ? {} : { uid }),
            ...(gid === undefined ? {} : { gid }),
            ...(mode === undefined ? {} : { mode })
        })
    };
}
const aliases = new Map([
    ['dst', 'target'],
    ['destination', 'target']
]);
/** Without an id it is the target's path, as written but cleaned; one relative to WORKDIR stays relative. */
function cleaned(target) {
    const normal = external_node_path_default().posix.normalize(target);
    return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}

// EXTERNAL MODULE: ./src/core/source.ts
var source = __webpack_require__(8682);
;// CONCATENATED MODULE: ./src/mounts/record.ts
/**
 * What is stored of a build's cache mounts, and under which keys.
 *
 * Each content is an entry of its own, named by its digest: what did not change is there already, and two jobs that
 * store at once do not meet. Which contents belong to a build is in a record, an entry per run that stored something;
 * the newest is found by the beginning of its key. The cache service keeps the branches apart: a run finds the entries
 * of its own branch or pull request, then those of the base and the default branch, and nobody finds a pull request's.
 */





/** Raised when older versions can't read what is stored. */
const FORMAT = 'v1';
/** Beginnings of record keys, nearest first: of the very same build, then of any build of this Dockerfile. */
function recordPrefixes(inputs, machine) {
    const { context, testTargets, target, buildArgs, platforms } = inputs;
    const where = context.kind === 'local' ? external_node_path_default().posix.normalize(context.path) : context.url;
    const dockerfile = `stagegate-mounts-${FORMAT}-${machine}-${record_short([where, (0,source/* dockerfilePath */.S)(inputs)])}-`;
    const variant = record_short([[...testTargets].sort(), target, [...buildArgs].sort(), [...platforms].sort()]);
    return [`${dockerfile}${variant}-`, dockerfile];
}
/** Key of a content. */
function contentKey(digest) {
    return `stagegate-mount-${FORMAT}-${digest}`;
}
/** The record as text; the same mounts give the same text. */
function writeRecord(mounts) {
    const lines = mounts.map((mount) => ({ ...plainMount(mount), digest: mount.digest, size: mount.size }));
    const sorted = lines.sort((a, b) => (mountKey(a) < mountKey(b) ? -1 : 1));
    return JSON.stringify({ format: FORMAT, mounts: sorted });
}
/** Reads a record; what makes no sense in it is left out. */
function parseRecord(text) {
    const json = (0,core_json/* parseJSON */.Ol)(text);
    if ((0,core_json/* dig */.rO)(json, 'format') !== FORMAT)
        return [];
    return (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'mounts')).flatMap((entry) => {
        const mount = parseMount(entry);
        const digest = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(entry, 'digest'));
        const size = (0,core_json/* asNumber */.i)((0,core_json/* dig */.rO)(entry, 'size'));
        if (mount === undefined || digest === undefined || !/^[0-9a-f]{64}$/.test(digest))
            return [];
        return size === undefined || !(size >= 0) ? [] : [{ ...mount, digest, size }];
    });
}
/**
 * The mounts that the next record holds: those of before with what is stored anew. Mounts that the Dockerfile has no
 * more go only after a whole build (`complete`): a red one has not told all of its steps.
 */
function nextRecord(before, anew, { present, complete }) {
    const keys = new Set(present.map(mountKey));
    const kept = complete ? before.filter((mount) => keys.has(mountKey(mount))) : before;
    return [...new Map([...kept, ...anew].map((mount) => [mountKey(mount), mount])).values()];
}
/** The archives that fit into `bytes` together, the small ones first: so most of them do. */
function fitInto(archives, bytes) {
    const sorted = [...archives].sort((a, b) => a.size - b.size);
    let total = 0;
    const end = sorted.findIndex(({ size }) => (total += size) > bytes);
    return end < 0 ? { within: sorted, beyond: [] } : { within: sorted.slice(0, end), beyond: sorted.slice(end) };
}
function record_short(parts) {
    return (0,external_node_crypto_.createHash)('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 20);
}

// EXTERNAL MODULE: ./src/mounts/namespace.ts
var mounts_namespace = __webpack_require__(5608);
;// CONCATENATED MODULE: ./src/mounts/solve.ts

/** Where the context is in a step, and where its mount. */
const CONTEXT = '/stagegate';
const MOUNT = '/mount';
function readOutcome(line) {
    const match = /^stagegate-mount (\d+) ([a-z-]+)$/.exec(line.trim());
    return match === null ? undefined : { index: Number(match[1]), word: match[2] ?? '' };
}
/**
 * Fills mounts from `0.tar`, `1.tar`, … of the context; one that has anything in it is `kept` as it is.
 * @param nonce differs in each run: a cached step fills nothing
 */
function planFill(mounts, toolbox, nonce) {
    const script = [
        `cd ${MOUNT} || exit 1`,
        'for entry in * .[!.]* ..?*; do',
        '  if [ -e "$entry" ] || [ -L "$entry" ]; then echo "stagegate-mount $1 kept"; exit 0; fi',
        'done',
        `if ${program('tar', toolbox).join(' ')} --numeric-owner -xpf "${CONTEXT}/$1.tar"`,
        'then echo "stagegate-mount $1 restored"',
        'else echo "stagegate-mount $1 failed"',
        'fi'
    ];
    return dockerfile(mounts, toolbox, nonce, script);
}
/**
 * Packs mounts into `/0.tar`, `/1.tar`, … of the result. tar ends with 1 when a file changed meanwhile, which is no harm.
 * @param mostBytes an archive that would be larger is `too-large`, and left empty
 */
function planPack(mounts, toolbox, { nonce, mostBytes }) {
    const script = [
        `cd ${MOUNT} || exit 1`,
        `ulimit -f ${Math.ceil(mostBytes / 512)}`,
        `message=$(${program('tar', toolbox).join(' ')} --numeric-owner -cf "/$1.tar" . 2>&1)`,
        'status=$?',
        'if [ "$status" -le 1 ]; then echo "stagegate-mount $1 saved"; exit 0; fi',
        ': > "/$1.tar"',
        // 128 and SIGXFSZ, or the error where that signal is ignored.
        'case "$status $message" in',
        '153*|*"too large"*) echo "stagegate-mount $1 too-large";;',
        '*) echo "$message"; echo "stagegate-mount $1 failed";;',
        'esac'
    ];
    return dockerfile(mounts, toolbox, nonce, script);
}
/** The `docker buildx` call. */
function planMountsBuild(options) {
    const { folder, output, builder, buildArgs } = options;
    const namespace = buildArgs.filter((argument) => argument.split('=')[0] === mounts_namespace/* namespaceArgument */.Lm);
    return {
        file: 'docker',
        args: [
            ...['buildx', 'build', '--progress', 'rawjson', '--file', `${folder}/Dockerfile`],
            ...(builder === undefined ? [] : ['--builder', builder]),
            ...namespace.flatMap((argument) => ['--build-arg', argument]),
            ...['--output', output, folder]
        ]
    };
}
/** The records of cache mounts that a builder has. */
function planUsage(builder) {
    const chosen = builder === undefined ? [] : ['--builder', builder];
    return { file: 'docker', args: ['buildx', 'du', '--verbose', '--filter', 'type=exec.cachemount', ...chosen] };
}
/** Which of the mounts `docker buildx du --verbose` lists. */
function readUsage(text, mounts, buildArgs) {
    const namespace = (0,mounts_namespace/* namespaceIn */.j_)(buildArgs);
    const ids = new Set([...text.matchAll(/^Description:.* with id "(.*)"$/gm)].map(([, id]) => id));
    return mounts.filter(({ id }) => ids.has(`${namespace}/${id}`));
}
function dockerfile(mounts, toolbox, nonce, script) {
    const steps = mounts.map((mount, index) => {
        const command = [...program('sh', toolbox), `${CONTEXT}/step.sh`, String(index), nonce];
        const flags = ['--network=none', `--mount=type=bind,target=${CONTEXT}`, mountFlag(mount)];
        return `RUN ${flags.join(' ')} ${JSON.stringify(command)}`;
    });
    return { files: { Dockerfile: ['FROM scratch', ...steps, ''].join('\n'), 'step.sh': `${script.join('\n')}\n` } };
}
/** The same options as the user's: owner and mode are part of what BuildKit knows a mount by. */
function mountFlag({ id, sharing, uid, gid, mode }) {
    const options = [
        ...['type=cache', `id=${id}`, `target=${MOUNT}`, `sharing=${sharing}`],
        ...(uid === undefined ? [] : [`uid=${uid}`]),
        ...(gid === undefined ? [] : [`gid=${gid}`]),
        ...(mode === undefined ? [] : [`mode=${mode.toString(8).padStart(4, '0')}`])
    ];
    return `--mount=${options.join(',')}`;
}
function program(name, { loader }) {
    const own = `${CONTEXT}/tools/${name}`;
    const loaded = loader[name];
    return loaded === undefined ? [own] : [`${CONTEXT}/tools/${loaded}`, '--library-path', `${CONTEXT}/tools`, own];
}

;// CONCATENATED MODULE: ./src/mounts/toolbox.ts
/**
 * The runner's own `sh` and `tar`, with the libraries they need, as files that run in an empty image. The cache client
 * needs tar on the runner, so it is always there.
 */


/** Copies the programs and their libraries into `folder`; a reason, as a clause, where that cannot be done. */
async function packTools(exec, folder, searchPath = ['/bin', '/usr/bin', '/usr/local/bin', '/run/current-system/sw/bin']) {
    const loader = {};
    try {
        await (0,promises_.mkdir)(folder, { recursive: true });
        for (const name of ['sh', 'tar']) {
            const program = await findProgram(name, searchPath);
            if (program === undefined)
                return { reason: `this runner has no ${name}` };
            const { stdout } = await exec({ file: 'ldd', args: [program] }, { env: { LC_ALL: 'C' }, timeoutSeconds: 20 });
            const linkage = parseLinkage(stdout);
            const files = [...linkage.libraries, ...(linkage.loader === undefined ? [] : [linkage.loader])];
            for (const file of files)
                await take(file, external_node_path_default().join(folder, external_node_path_default().basename(file)));
            // An Alpine runner's programs are one, which goes by the name it is started with.
            await take(program, external_node_path_default().join(folder, name));
            if (linkage.loader !== undefined)
                loader[name] = external_node_path_default().basename(linkage.loader);
        }
        return { loader };
    }
    catch {
        return { reason: "this runner's sh and tar cannot be used in a build" };
    }
}
/** Reads what `ldd` prints, glibc's and musl's. A static program has neither loader nor libraries. */
function parseLinkage(text) {
    const files = text.split('\n').flatMap((line) => {
        const [, name = '', target] = /^\s+(\S+)(?: => (\S+))? \(0x[0-9a-f]+\)$/.exec(line) ?? [];
        const file = target ?? name;
        return file.startsWith('/') ? [{ file, isLoader: /(?:^|\/)ld(?:64)?[-.][^/]*so\.\d+$/.test(name || file) }] : [];
    });
    const loader = files.find(({ isLoader }) => isLoader)?.file ?? files.find(({ file }) => file.includes('/ld-musl-'))?.file;
    return {
        libraries: [...new Set(files.map(({ file }) => file))].filter((file) => file !== loader),
        ...(loader === undefined ? {} : { loader })
    };
}
async function findProgram(name, folders) {
    for (const folder of folders) {
        const file = external_node_path_default().join(folder, name);
        if ((await (0,promises_.stat)(file).catch(() => undefined))?.isFile() === true)
            return file;
    }
    return undefined;
}
async function take(from, to) {
    await (0,promises_.copyFile)(from, to);
    await (0,promises_.chmod)(to, 0o755);
}

;// CONCATENATED MODULE: ./src/mounts/session.ts
/**
 * The cache mounts of one run: what is stored of them is fetched while the run gets ready, filled into the builder
 * before the gate, and stored anew after it, also after a red one. A mount is only ever a help, so whatever goes wrong
 * is a note.
 */














/** Bytes of archives, uncompressed; documented in docs/cache-mounts.md. */
const MOST_EACH = 256_000_000;
const MOST_TOTAL = 512_000_000;
/** Before the build everything waits for these, for the sake of a help: a service that is slow has none to give. */
const RECORD_SECONDS = 15;
const DOWNLOAD_SECONDS = 60;
const FILL_SECONDS = 60;
const USAGE_SECONDS = 10;
const PACK_SECONDS = 120;
const UPLOAD_SECONDS = 120;
/** Begins at once to fetch what is stored. */
function startSession(ports, options) {
    const { exec, log } = ports;
    const { inputs, buildArgs, cache, folder, unique, stores, sensitive, machine } = options;
    const notes = [];
    const reports = new Map();
    const tell = (mount, change) => {
        const key = mountKey(mount);
        reports.set(key, { id: mount.id, ...reports.get(key), ...change });
    };
    let builder;
    /** What the builder says of its mounts before this run touches any; `undefined` where it does not matter. */
    let had;
    let before = [];
    /** Who could not be asked could not be told either, and would take half a minute to say so. */
    let unreachable = false;
    let filling = Promise.resolve();
    let saving = Promise.resolve();
    /** Archives that were downloaded and not filled in yet, by mount. */
    const archives = new Map();
    const prefixes = recordPrefixes(inputs, machine);
    const asked = inputs.builder === 'auto' ? undefined : inputs.builder;
    /** The build context of both solves: what the second has in common with the first is not sent again. */
    const context = external_node_path_default().join(folder, 'context');
    let toolbox;
    const packing = () => (toolbox ??= tools());
    const fetching = harmless('restored', async () => {
        const task = { kind: 'restore', name: 'mounts.json', keys: prefixes };
        const answer = await (0,actions_cache_cache/* askCache */.yC)({ ...cache, seconds: RECORD_SECONDS }, task);
        const { result, troubles } = answer;
        if (result.kind === 'missed' && troubles.length === 0)
            return;
        if (result.kind !== 'restored') {
            unreachable = true;
            throw new Trouble((0,actions_cache_cache/* troubleOf */.LH)(answer));
        }
        before = parseRecord(answer.content ?? '');
        if (before.length === 0)
            return;
        packing().catch(() => undefined); // meanwhile; its trouble is told where it is needed
        // A builder that has the mounts keeps them: its own are newer, and need no download.
        const usage = await exec(planUsage(asked), { timeoutSeconds: USAGE_SECONDS });
        const there = usage.exitCode === 0 ? readUsage(usage.stdout, before, buildArgs) : [];
        await fetch(before.filter((mount) => !there.includes(mount)));
        for (const mount of there)
            tell(mount, { before: 'kept' });
    });
    return {
        restore(chosen) {
            builder = chosen;
            filling = harmless('restored', async () => {
                await fetching;
                had = mayBringAlong(chosen) ? await askUsage(chosen) : undefined;
                if (chosen.created)
                    await fetch(before.filter((mount) => !archives.has(mountKey(mount))));
                const mounts = before.filter((mount) => archives.has(mountKey(mount)));
                if (mounts.length > 0)
                    await fill(chosen, mounts);
            });
            return filling;
        },
        save(steps, complete) {
            saving = harmless('stored', () => store(steps, complete));
        },
        async end() {
            await fetching;
            await filling;
            await saving;
            return { mounts: [...reports.values()], notes };
        }
    };
    /** A builder that outlives jobs may hold what any of them has left in a mount of this name. */
    function mayBringAlong({ created, driver }) {
        const isOfTheJob = created || (options.freshMachine && ['docker', 'docker-container'].includes(driver));
        return stores && !options.ownNamespace && !isOfTheJob;
    }
    async function askUsage({ flag }) {
        const usage = await exec(planUsage(flag), { timeoutSeconds: USAGE_SECONDS });
        if (usage.exitCode === 0)
            return usage.stdout;
        builder = undefined; // nothing is stored of a builder that does not say what it had
        throw new Trouble('the builder does not say which it had before');
    }
    /** Downloads contents, side by side. One that is gone is as if it had never been stored. */
    async function fetch(mounts) {
        await Promise.all(mounts.map(async (mount) => {
            const archive = external_node_path_default().join(folder, `${(0,external_node_crypto_.randomUUID)()}.tar`); // two mounts may hold the same
            const answer = await (0,actions_cache_cache/* askCacheForFile */.jF)({ ...cache, seconds: DOWNLOAD_SECONDS }, { kind: 'restore', name: 'mount.tar', keys: [contentKey(mount.digest)] }, async (file) => {
                await (0,promises_.mkdir)(folder, { recursive: true });
                await (0,promises_.rename)(file, archive);
            });
            if (answer.result.kind === 'restored')
                archives.set(mountKey(mount), archive);
            else {
                before = before.filter((each) => each !== mount);
                if (answer.result.kind !== 'missed' || answer.troubles.length > 0) {
                    notes.push(`The cache mount "${mount.id}" was not restored: ${(0,actions_cache_cache/* troubleOf */.LH)(answer)}.`);
                }
            }
        }));
    }
    async function fill(chosen, mounts) {
        const startedAt = performance.now();
        const tool = await packing();
        const filled = mounts.map((_mount, index) => external_node_path_default().join(context, `${index}.tar`));
        for (const [index, mount] of mounts.entries()) {
            await (0,promises_.rename)(archives.get(mountKey(mount)) ?? '', filled[index] ?? '');
        }
        const words = await solve(chosen, planFill(mounts, tool, unique), {
            output: 'type=cacheonly',
            seconds: FILL_SECONDS
        });
        for (const file of filled)
            await (0,promises_.rm)(file);
        for (const [index, mount] of mounts.entries()) {
            const word = words.get(index);
            if (word === 'restored')
                tell(mount, { before: 'restored', size: mount.size });
            else if (word === 'kept')
                tell(mount, { before: 'kept' });
            else
                notes.push(`The cache mount "${mount.id}" was not restored: its files could not be written.`);
            if (word !== undefined)
                log.untrusted(`${mount.id} · ${word} · ${(0,units/* bytes */.ee)(mount.size)}`);
        }
        log.info(`Cache mounts filled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
    }
    async function store(steps, complete) {
        const found = findMounts(steps);
        for (const { id, reason } of found.unsupported)
            notes.push(`The cache mount "${id}" is not kept: ${reason}.`);
        const used = found.mounts.filter((mount) => mount.used);
        if (!stores || builder === undefined || used.length === 0)
            return;
        await fetching;
        if (unreachable)
            throw new Trouble('the Actions cache could not be asked what it has');
        const brought = had === undefined ? [] : readUsage(had, used, buildArgs);
        const ours = used.filter((mount) => !brought.includes(mount));
        for (const { id } of brought) {
            log.info(`The cache mount "${id}" is not stored: the builder had it before this run, and not from here.`);
        }
        const anew = ours.length === 0 ? [] : await pack(builder, ours);
        const record = nextRecord(before, anew, { present: found.mounts, complete });
        const text = writeRecord(record);
        if (anew.length === 0 || text === writeRecord(before))
            return;
        const key = `${prefixes[0] ?? ''}${unique}`;
        const answer = await (0,actions_cache_cache/* askCache */.yC)(cache, { kind: 'save', name: 'mounts.json', key }, text);
        if (answer.result.kind !== 'saved')
            throw new Trouble((0,actions_cache_cache/* troubleOf */.LH)(answer));
    }
    /** Packs the mounts and uploads the contents that changed. Returns what is stored of each. */
    async function pack(chosen, mounts) {
        const packed = external_node_path_default().join(folder, 'packed');
        const tool = await packing();
        const plan = planPack(mounts, tool, { nonce: unique, mostBytes: MOST_EACH });
        const words = await solve(chosen, plan, {
            output: `type=local,${(0,csv/* writeField */.Y)(`dest=${packed}`)}`,
            seconds: PACK_SECONDS
        });
        const archives = [];
        for (const [index, mount] of mounts.entries()) {
            const file = external_node_path_default().join(packed, `${index}.tar`);
            const word = words.get(index);
            if (word === 'saved')
                archives.push({ mount, file, size: (await (0,promises_.stat)(file)).size });
            else if (word === 'too-large')
                leaveOut(mount, `it is larger than ${(0,units/* bytes */.ee)(MOST_EACH)}`);
            else
                notes.push(`The cache mount "${mount.id}" was not stored: it could not be read.`);
        }
        const { within, beyond } = fitInto(archives, MOST_TOTAL);
        for (const { mount } of beyond)
            leaveOut(mount, `with the others it is larger than ${(0,units/* bytes */.ee)(MOST_TOTAL)}`);
        const needles = (0,src_image.planNeedles)(sensitive);
        const uploads = new Map();
        const stored = await Promise.all(within.map((archive) => upload(archive, needles, uploads)));
        await (0,promises_.rm)(packed, { recursive: true, force: true });
        return stored.filter((mount) => mount !== undefined);
    }
    async function upload({ mount, file, size }, needles, 
    /** By digest: of two mounts that hold the same, one is sent. */
    uploads) {
        const { digest, empty, secrets } = await readArchive(file, needles);
        if (empty)
            return undefined;
        if (secrets.length > 0) {
            tell(mount, { after: 'withheld' });
            const which = secrets.map((id) => `"${id}"`).join(', ');
            notes.push(`The cache mount "${mount.id}" was not stored: it holds the value of ${which}, and whoever can open a pull request can read what is stored. Have the command keep it out of its cache, or set cache-mounts to false.`);
            return undefined;
        }
        const entry = { ...plainMount(mount), digest, size };
        if (before.some((each) => mountKey(each) === mountKey(mount) && each.digest === digest)) {
            tell(mount, { after: 'unchanged', size });
            return entry;
        }
        const sent = uploads.get(digest);
        const answer = await (sent ?? send());
        const isThere = answer.result.kind === 'exists';
        if (answer.result.kind !== 'saved' && !isThere) {
            notes.push(`The cache mount "${mount.id}" was not stored: ${(0,actions_cache_cache/* troubleOf */.LH)(answer)}.`);
            return undefined;
        }
        tell(mount, { after: isThere || sent !== undefined ? 'unchanged' : 'saved', size });
        return entry;
        function send() {
            const task = { kind: 'save', name: 'mount.tar', key: contentKey(digest) };
            const sending = (0,actions_cache_cache/* askCacheForFile */.jF)({ ...cache, seconds: UPLOAD_SECONDS }, task, (to) => (0,promises_.rename)(file, to));
            uploads.set(digest, sending);
            return sending;
        }
    }
    function leaveOut(mount, reason) {
        tell(mount, { after: 'too-large' });
        notes.push(`The cache mount "${mount.id}" was not stored: ${reason}. The next builder starts without its news.`);
    }
    async function tools() {
        const packed = await packTools(exec, external_node_path_default().join(context, 'tools'));
        if ('reason' in packed)
            throw new Trouble(packed.reason);
        return packed;
    }
    async function solve(chosen, { files }, { output, seconds }) {
        for (const [name, text] of Object.entries(files))
            await (0,promises_.writeFile)(external_node_path_default().join(context, name), text);
        const words = new Map();
        const reader = (0,progress/* readProgress */.g)({
            onLog(_step, line) {
                const outcome = readOutcome(line);
                if (outcome === undefined)
                    log.debug(line);
                else
                    words.set(outcome.index, outcome.word);
            }
        });
        const command = planMountsBuild({
            folder: context,
            output,
            buildArgs,
            ...(chosen.flag === undefined ? {} : { builder: chosen.flag })
        });
        const { exitCode, timedOut } = await exec(command, {
            env: { BUILDX_NO_DEFAULT_ATTESTATIONS: '1' },
            onStderr: reader.feed,
            timeoutSeconds: seconds
        });
        const { plain } = reader.end();
        if (timedOut)
            throw new Trouble(`the builder took longer than ${seconds} seconds`);
        if (exitCode !== 0) {
            const said = plain.findLast((line) => line.startsWith('ERROR: '))?.slice('ERROR: '.length);
            throw new Trouble(said === undefined ? 'the builder could not do it' : `the builder says "${said}"`);
        }
        return words;
    }
    /** Does what may fail: trouble becomes a note. A cancelled run says so elsewhere. */
    async function harmless(verb, work) {
        try {
            await work();
        }
        catch (error) {
            if (error instanceof src_ports/* Cancelled */.c)
                return;
            const reason = error instanceof Trouble ? error.message : 'their files could not be read or written';
            if (!(error instanceof Trouble))
                log.debug(String(error));
            notes.push(`The cache mounts were not ${verb}: ${reason}.`);
        }
    }
}
/** A reason, as a clause. */
class Trouble extends Error {
    name = 'Trouble';
}


/***/ })

};

//# sourceMappingURL=273.index.js.map