export const id = 273;
export const ids = [273];
export const modules = {

/***/ 4619:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  oh: () => (/* binding */ readReports),
  reportWriters: () => (/* binding */ reportWriters),
  kQ: () => (/* binding */ runFolder),
  _M: () => (/* binding */ writeIndex)
});

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/core/json.ts
var core_json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/image/index.ts + 39 modules
var src_image = __webpack_require__(7728);
// EXTERNAL MODULE: ./src/test_reports/collect.ts + 2 modules
var collect = __webpack_require__(843);
// EXTERNAL MODULE: ./src/test_reports/place.ts
var test_reports_place = __webpack_require__(8499);
// EXTERNAL MODULE: ./src/test_reports/model.ts
var model = __webpack_require__(433);
;// CONCATENATED MODULE: ./src/test_reports/writers.ts
/**
 * Who wrote a report. A cache mount is one folder for every stage that mounts it, and it outlives the run: a file counts as
 * a step's only where it was written while the step ran. Both times are the builder's own, so that it does not matter what
 * the runner's clock says. Pure.
 */
/** Tar archives hold whole seconds, and the last write of a step may come to the disk after its end. */
const SLACK_SECONDS = 2;
/** The steps that a file may be from: none for what an earlier run has left, several where nothing tells them apart. */
function writersOf(file, writers) {
    const during = writers.filter(({ startedAt, seconds }) => file.seconds >= Math.floor(startedAt / 1000) && file.seconds <= startedAt / 1000 + seconds + SLACK_SECONDS);
    if (new Set(during.map(labelOf)).size < 2)
        return during;
    // What all of them have in common tells none of them from the others.
    const stages = new Set(during.map(({ stage }) => stage)).size > 1;
    const platforms = new Set(during.map(({ platform }) => platform)).size > 1;
    const parts = partsOf(file.path);
    const named = during.filter(({ stage, platform = '' }) => (!stages || holds(parts, stage)) && (!platforms || holds(parts, platform.split('/').slice(1).join('/'))));
    return new Set(named.map(labelOf)).size === 1 ? named : during;
}
/** Stage and platform as one text. */
function labelOf({ stage, platform }) {
    return platform === undefined ? stage : `${stage} ${platform}`;
}
/** `unit/junit.xml`, `junit-unit.xml`, `arm64/unit.xml`: the words of a path, of which a stage's or a platform's name may be one. */
function partsOf(path) {
    return path
        .toLowerCase()
        .split(/[^a-z0-9]+/)
        .filter((part) => part !== '');
}
function holds(parts, name) {
    const wanted = partsOf(name);
    return wanted.length > 0 && wanted.every((part) => parts.includes(part));
}

// EXTERNAL MODULE: ./src/mounts/mount.ts
var mounts_mount = __webpack_require__(8875);
// EXTERNAL MODULE: ./src/mounts/solve.ts
var solve = __webpack_require__(569);
;// CONCATENATED MODULE: ./src/mounts/reports.ts
/**
 * Test reports that a build leaves in a cache mount: the one thing of a failing RUN that outlives it. Read out of the
 * packed mount, in which the files of each run lie in a folder of their own, beside a line that says which steps wrote them.
 */











/**
 * The steps that mount the reports' folder.
 * @param onlyStage name for the steps of a Dockerfile with one stage
 * @param markOf what a step was made of, as one word
 */
function reportWriters(steps, onlyStage, markOf) {
    return steps.flatMap((step) => (0,mounts_mount/* mountsOfStep */.Ce)(step)
        .filter(mounts_mount/* holdsReports */.Ad)
        .map((mount) => {
        const mark = markOf(step);
        return {
            mount,
            stage: step.stage ?? onlyStage ?? '',
            ...(step.platform === undefined ? {} : { platform: step.platform }),
            startedAt: step.startedAt ?? 0,
            seconds: step.seconds,
            ran: (0,mounts_mount/* didRun */.D8)(step),
            cached: step.state === 'cached',
            ...(mark === undefined ? {} : { mark })
        };
    }));
}
/** The line that is kept beside the files of a run. */
function writeIndex(writers) {
    const kept = writers.filter(({ ran }) => ran);
    return JSON.stringify({
        format: FORMAT,
        writers: kept.map(({ stage, platform, startedAt, seconds, mark }) => ({
            stage,
            platform,
            startedAt,
            seconds,
            mark
        }))
    });
}
const FORMAT = 'v1';
function parseIndex(text) {
    const json = (0,core_json/* parseJSON */.Ol)(text);
    if ((0,core_json/* dig */.rO)(json, 'format') !== FORMAT)
        return [];
    return (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'writers')).flatMap((entry) => {
        const [stage, platform, mark] = ['stage', 'platform', 'mark'].map((name) => (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(entry, name)));
        const [startedAt, seconds] = [(0,core_json/* asNumber */.i)((0,core_json/* dig */.rO)(entry, 'startedAt')), (0,core_json/* asNumber */.i)((0,core_json/* dig */.rO)(entry, 'seconds'))];
        if (stage === undefined || startedAt === undefined || seconds === undefined)
            return [];
        return [
            {
                ...{ stage, startedAt, seconds },
                ...(platform === undefined ? {} : { platform }),
                ...(mark === undefined ? {} : { mark })
            }
        ];
    });
}
/** Bytes of the line beside the files; a longer one is none. */
const MOST_INDEX = 1 << 20;
/** What a packed mount holds, by the name of the run's folder. Throws an `ImageError` where it is no archive. */
async function readKept(archive) {
    const found = [];
    const indexes = [];
    const reader = (0,src_image/* tarReader */.Rp)({
        entry({ type, path: name, size, storedSize, dataOffset }) {
            const place = placeOf(type, name);
            if (place === undefined || size !== storedSize)
                return;
            const { run, rest } = place;
            if (rest === 'index.json' && size <= MOST_INDEX)
                indexes.push({ run, at: dataOffset, size });
            const file = /^files\/(.+)$/s.exec(rest)?.[1];
            if (file !== undefined)
                found.push({ run, path: file, at: dataOffset, size });
        },
        content: () => undefined,
        entryEnd: () => undefined
    }, src_image/* defaultLimits */.MK);
    for await (const chunk of (0,external_node_fs_.createReadStream)(archive, { highWaterMark: 1 << 20 }))
        reader.write(chunk);
    reader.end();
    const handle = await (0,promises_.open)(archive);
    try {
        const runs = new Map();
        for (const { run, at, size } of indexes) {
            runs.set(run, { files: [], writers: parseIndex((await readAt(handle, at, size)).toString('utf8')) });
        }
        for (const { run, path: name, at, size } of found) {
            const read = () => size === 0 ? (0,external_node_fs_.createReadStream)('/dev/null') : (0,external_node_fs_.createReadStream)(archive, { start: at, end: at + size - 1 });
            const seconds = await modifiedAt(handle, at);
            runs.get(run)?.files.push({ path: name, size, seconds, read });
        }
        return runs;
    }
    finally {
        await handle.close();
    }
}
/** A regular file in one of the runs' folders, whose path stays in there. */
function placeOf(type, name) {
    if (type !== 'file')
        return undefined;
    const [, kept, run, rest] = /^(?:\.\/)?([^/]+)\/([\w.-]{1,200})\/([^\0]{1,1000})$/s.exec(name.toString('utf8')) ?? [];
    if (kept !== solve/* KEPT */.t0 || run === undefined || rest === undefined)
        return undefined;
    const parts = rest.split('/');
    return parts.some((part) => part === '' || part === '.' || part === '..' || part.length > 200)
        ? undefined
        : { run, rest };
}
/** The time of an entry, which stands in the block before its data. */
async function modifiedAt(handle, dataOffset) {
    const field = await readAt(handle, dataOffset - 512 + 136, 12);
    return Number.parseInt(field.toString('latin1').replace(/[\0 ]/g, ''), 8) || 0;
}
async function readAt(handle, position, length) {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, position);
    return buffer.subarray(0, bytesRead);
}
/** Joins what the mounts hold with the steps of this build. */
async function readReports(writers, options) {
    const kept = new Map();
    for (const [key, packed] of options.packed)
        kept.set(key, 'file' in packed ? await readKept(packed.file) : packed);
    const begun = writers.filter(({ ran, cached }) => ran || cached);
    const shares = joinShares([...Map.groupBy(begun, ({ mount }) => (0,mounts_mount/* mountKey */.NY)(mount))].flatMap(([key, own]) => {
        const runs = kept.get(key) ?? { reason: 'it was not looked at' };
        if ('reason' in runs)
            return own.map((writer) => unread(writer, runs.reason));
        const [away, here] = [own.filter(options.elsewhere), own.filter((writer) => !options.elsewhere(writer))];
        return [
            ...away.map((writer) => unread(writer, 'it is on another node of the builder')),
            ...sharesOf(here, runs, options.run)
        ];
    }));
    const stages = [];
    for (const share of shares.toSorted((a, b) => (labelOf(a) < labelOf(b) ? -1 : 1)))
        stages.push(await readShare(share, options));
    const { outcomes } = (0,model/* mergeTests */.Iv)(stages);
    const whole = stages.every((stage) => stage.whole);
    const files = stages.reduce((sum, stage) => sum + stage.files, 0);
    if (files === 0)
        await (0,promises_.rm)(options.folder, { recursive: true, force: true });
    return {
        stages: stages.map((stage) => (0,core_json/* without */.FF)(stage, 'outcomes', 'whole')),
        outcomes,
        complete: whole && begun.length === writers.length,
        ...(files === 0 ? {} : { folder: options.folder })
    };
}
function shareOf({ stage, platform, cached }, files, omissions) {
    return { stage, ...(platform === undefined ? {} : { platform }), cached, files, omissions };
}
function unread(writer, reason) {
    return shareOf(writer, [], [`The report of ${labelOf(writer)} could not be read: ${reason}.`]);
}
/** Divides what is in one mount among the steps that mount it. */
function sharesOf(writers, runs, run) {
    const ran = writers.filter((writer) => writer.ran);
    const own = new Map(ran.map((writer) => [writer, []]));
    const mixed = new Map();
    for (const file of runs.get(run)?.files ?? []) {
        const [first, ...others] = writersOf(file, ran);
        if (first === undefined)
            continue; // an earlier run left it
        const labels = new Set([first, ...others].map(labelOf));
        if (labels.size === 1)
            own.get(first)?.push(file);
        else {
            const key = [...labels].sort().join('\n');
            const group = mixed.get(key) ?? { of: [first, ...others], files: [] };
            group.files.push(file);
            mixed.set(key, group);
        }
    }
    const inMixture = new Set([...mixed.values()].flatMap(({ of }) => of.map(labelOf)));
    return [
        ...[...own].flatMap(([writer, files]) => files.length === 0 && inMixture.has(labelOf(writer)) ? [] : [shareOf(writer, files, [])]),
        ...[...mixed.values()].map(({ of, files }) => mixture(of, files)),
        ...writers.filter(({ cached }) => cached).map((writer) => storedShare(writer, runs))
    ];
}
/** Files that were written while several steps wrote into the one mount. */
function mixture(of, files) {
    const [stages, platforms] = [new Set(of.map(({ stage }) => stage)), new Set(of.map(({ platform }) => platform))];
    const [platform] = platforms.size === 1 ? platforms : [];
    const id = platforms.size > 1 ? 'id=test-reports-$TARGETARCH' : 'id=test-reports-NAME';
    return {
        stage: [...stages].sort().join(', '),
        ...(platform === undefined ? {} : { platform }),
        cached: false,
        files,
        omissions: [
            `${[...new Set(of.map(labelOf))].sort().join(' and ')} wrote to one cache mount at the same time. Of files with the same name only the last is left, and nobody can tell whose it is. Give each a mount of its own (${id}).`
        ]
    };
}
/** The report that belongs to a cached step: that of the run in which it ran, from the very same inputs. */
function storedShare(writer, runs) {
    const { mark } = writer;
    for (const [, { files, writers }] of [...runs].sort(([a], [b]) => (a < b ? 1 : -1))) {
        const same = mark === undefined ? [] : writers.filter((each) => each.mark === mark && labelOf(each) === labelOf(writer));
        if (same.length === 0)
            continue;
        const stored = files.filter((file) => {
            const of = writersOf(file, writers);
            return of.length > 0 && of.every((each) => labelOf(each) === labelOf(writer));
        });
        if (stored.length > 0)
            return shareOf(writer, stored, []);
    }
    return shareOf(writer, [], [
        `${labelOf(writer)} came from the cache, and the report of the run that it was cached from is not on this builder.`
    ]);
}
/** Shares of one stage and platform as one: a stage may have several such steps, and several mounts. */
function joinShares(shares) {
    return [...Map.groupBy(shares, labelOf).values()].map((same) => {
        const [first, ...others] = same;
        return {
            ...(first ?? { stage: '' }),
            cached: first?.cached === true && others.every(({ cached }) => cached),
            files: same.flatMap((share) => share.files),
            omissions: [...new Set(same.flatMap(({ omissions }) => omissions))]
        };
    });
}
async function readShare({ stage, platform, cached, files, omissions }, { folder, redact, exists }) {
    const place = external_node_path_default().join(folder, (0,collect/* folderName */.u)(stage), ...(platform === undefined ? [] : [(0,collect/* folderName */.u)(platform)]));
    const { tests, files: read } = await (0,collect/* collectTests */.A)(files, { folder: place, redact });
    const own = platform === undefined ? { stage } : { stage, platform };
    const known = [...omissions, ...tests.omissions];
    const missing = read === 0 ? 'ran, and left no JUnit file in its cache mount' : 'left no test in its JUnit files';
    return {
        ...tests,
        ...{ ...own, cached, files: read, whole: read > 0 && known.length === 0 },
        failing: tests.failing.map((test) => (0,test_reports_place/* located */.t4)(test, exists)),
        omissions: known.length > 0 || (0,model/* totalOf */.e6)(tests.counts) > 0 ? known : [`${labelOf(own)} ${missing}.`]
    };
}
/** The name of this run's folder: of two, the later sorts after the earlier. */
function runFolder(milliseconds, unique) {
    return `${new Date(milliseconds).toISOString().replaceAll(':', '-')}-${unique.replace(/[^\w.-]/g, '-').slice(-100)}`;
}


/***/ }),

/***/ 7043:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  startSession: () => (/* binding */ startSession)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/buildkit/builder.ts + 1 modules
var builder = __webpack_require__(1259);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(2184);
// EXTERNAL MODULE: ./src/mounts/mount.ts
var mounts_mount = __webpack_require__(8875);
// EXTERNAL MODULE: ./src/core/csv.ts
var csv = __webpack_require__(7687);
// EXTERNAL MODULE: ./src/mounts/solve.ts
var solve = __webpack_require__(569);
;// CONCATENATED MODULE: ./src/mounts/pack.ts
/** Taking cache mounts out of a builder, packed, each in an archive. */





/** Bytes of an archive, uncompressed; documented in docs/cache-mounts.md. */
const MOST_EACH = 256_000_000;
const PACK_SECONDS = 120;
/** Packs mounts in one solve; returns them by their keys. Throws a `Trouble`. */
async function packMounts({ solver, folder, unique }, chosen, mounts) {
    const packed = packedFolder(folder);
    const tool = await solver.tools();
    const plan = (0,solve/* planPack */.F7)(mounts, tool, { nonce: unique, mostBytes: MOST_EACH });
    const words = await solver.solve(chosen, plan, {
        output: `type=local,${(0,csv/* writeField */.YD)(`dest=${packed}`)}`,
        seconds: PACK_SECONDS
    });
    const archives = new Map();
    for (const [index, mount] of mounts.entries()) {
        const file = external_node_path_default().join(packed, `${index}.tar`);
        const word = words.get(index) ?? 'failed';
        archives.set((0,mounts_mount/* mountKey */.NY)(mount), { mount, file, word, size: word === 'saved' ? (await (0,promises_.stat)(file)).size : 0 });
    }
    return archives;
}
/** Where the archives lie. */
function packedFolder(folder) {
    return external_node_path_default().join(folder, 'packed');
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: ./src/core/json.ts
var core_json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/core/source.ts
var source = __webpack_require__(2858);
// EXTERNAL MODULE: ./src/builds/shape.ts
var shape = __webpack_require__(3144);
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
function recordPrefixes(build, machine) {
    const { context } = build.source;
    const where = context.kind === 'local' ? external_node_path_default().posix.normalize(context.path) : context.url;
    const dockerfile = `stagegate-mounts-${FORMAT}-${machine}-${record_short([where, (0,source/* dockerfileName */.EJ)(build.source)])}-`;
    return [`${dockerfile}${record_short((0,shape/* mountsVariant */.Mf)(build))}-`, dockerfile];
}
/** Key of a content. */
function contentKey(digest) {
    return `stagegate-mount-${FORMAT}-${digest}`;
}
/** The record as text; the same mounts give the same text. */
function writeRecord(mounts) {
    const lines = mounts.map((mount) => ({ ...(0,mounts_mount/* plainMount */.aG)(mount), digest: mount.digest, size: mount.size }));
    const sorted = lines.sort((a, b) => ((0,mounts_mount/* mountKey */.NY)(a) < (0,mounts_mount/* mountKey */.NY)(b) ? -1 : 1));
    return JSON.stringify({ format: FORMAT, mounts: sorted });
}
/** Reads a record; what makes no sense in it is left out. */
function parseRecord(text) {
    const json = (0,core_json/* parseJSON */.Ol)(text);
    if ((0,core_json/* dig */.rO)(json, 'format') !== FORMAT)
        return [];
    return (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'mounts')).flatMap((entry) => {
        const mount = (0,mounts_mount/* parseMount */.zt)(entry);
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
    const keys = new Set(present.map(mounts_mount/* mountKey */.NY));
    const kept = complete ? before.filter((mount) => keys.has((0,mounts_mount/* mountKey */.NY)(mount))) : before;
    return [...new Map([...kept, ...anew].map((mount) => [(0,mounts_mount/* mountKey */.NY)(mount), mount])).values()];
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

// EXTERNAL MODULE: ./src/mounts/reports.ts + 1 modules
var reports = __webpack_require__(4619);
// EXTERNAL MODULE: ./src/actions-cache/cache.ts
var actions_cache_cache = __webpack_require__(3542);
// EXTERNAL MODULE: ./src/buildkit/progress.ts
var progress = __webpack_require__(4029);
;// CONCATENATED MODULE: ./src/mounts/toolbox.ts
/**
 * The runner's own `sh` and `tar`, with the libraries they need, as files that run in an empty image. The cache client
 * needs tar on the runner, so it is always there. Where reports are taken out of a mount, what moves files comes too.
 */


const usualFolders = ['/bin', '/usr/bin', '/usr/local/bin', '/run/current-system/sw/bin'];
/** Copies the programs and their libraries into `folder`; a reason, as a clause, where that cannot be done. */
async function packTools(exec, folder, { programs = ['sh', 'tar'], searchPath = usualFolders } = {}) {
    const loader = {};
    try {
        await (0,promises_.mkdir)(folder, { recursive: true });
        for (const name of programs) {
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
        return { reason: `this runner's ${programs.join(', ')} cannot be used in a build` };
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

;// CONCATENATED MODULE: ./src/mounts/solver.ts
/** Runs the solves that carry files in and out of a builder's cache mounts. */





/** A reason, as a clause. */
class Trouble extends Error {
    name = 'Trouble';
}
/** A solver with its context in `context`. */
function createSolver({ exec, log }, options) {
    const { context, argumentsFor, programs } = options;
    let toolbox;
    return {
        context,
        tools: () => (toolbox ??= pack()),
        async solve(chosen, { files }, { output, seconds }) {
            for (const [name, text] of Object.entries(files))
                await (0,promises_.writeFile)(external_node_path_default().join(context, name), text);
            const words = new Map();
            const reader = (0,progress/* readProgress */.g)({
                onLog(_step, line) {
                    const outcome = (0,solve/* readOutcome */.ns)(line);
                    if (outcome === undefined)
                        log.debug(line);
                    else
                        words.set(outcome.index, outcome.word);
                }
            });
            const command = (0,solve/* planMountsBuild */.Cw)({
                folder: context,
                output,
                buildArgs: argumentsFor(chosen),
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
    };
    async function pack() {
        const packed = await packTools(exec, external_node_path_default().join(context, 'tools'), { programs });
        if ('reason' in packed)
            throw new Trouble(packed.reason);
        return packed;
    }
}

;// CONCATENATED MODULE: ./src/mounts/restore.ts
/** What is stored of cache mounts: fetched while the run gets ready, and filled into the builder before the gate. */









/** Nothing is stored. */
const nothingStored = { mounts: [], archives: new Map(), unreachable: false };
/** Before the build everything waits for these, for the sake of a help: a service that is slow has none to give. */
const RECORD_SECONDS = 15;
const DOWNLOAD_SECONDS = 60;
const FILL_SECONDS = 60;
const USAGE_SECONDS = 10;
/**
 * Fetches what is stored, and the contents that the builder lacks. Never throws.
 * @param prefixes keys under which an earlier run may have left its record, the best first
 * @param flag the builder that is likely to be chosen
 */
async function fetchStored(restoring, prefixes, flag) {
    const { cache, solver, told } = restoring;
    const fetched = await told.harmless('restored', async () => {
        const task = { kind: 'restore', name: 'mounts.json', keys: prefixes };
        const answer = await (0,actions_cache_cache/* askCache */.yC)(cache, task, { seconds: RECORD_SECONDS });
        const { result, troubles } = answer;
        if (result.kind === 'missed' && troubles.length === 0)
            return nothingStored;
        if (result.kind !== 'restored')
            throw new Trouble((0,actions_cache_cache/* troubleOf */.LH)(answer));
        const mounts = parseRecord(answer.content ?? '');
        if (mounts.length === 0)
            return nothingStored;
        solver.tools().catch(() => undefined); // meanwhile; its trouble is told where it is needed
        // A builder that has the mounts keeps them: its own are newer, and need no download.
        const there = (0,solve/* readUsage */.k9)((await askUsage(restoring, flag)) ?? '', mounts, restoring.buildArgs);
        const lacking = mounts.filter((mount) => !there.includes(mount));
        const stored = await download(restoring, { ...nothingStored, mounts }, lacking);
        for (const mount of there)
            told.tell(mount, { before: 'kept' });
        return stored;
    });
    return fetched ?? { ...nothingStored, unreachable: true };
}
/** What a builder says of its mounts; `undefined` where it says nothing. */
async function askUsage({ exec }, flag) {
    const { exitCode, stdout } = await exec((0,solve/* planUsage */.x4)(flag), { timeoutSeconds: USAGE_SECONDS });
    return exitCode === 0 ? stdout : undefined;
}
/**
 * Fills into a builder what it lacks. Never throws.
 * @param unique differs in each run, and in each job and step of it
 * @returns what is stored, without what turned out to be gone
 */
async function fillBuilder(restoring, stored, chosen, unique) {
    let known = stored;
    await restoring.told.harmless('restored', async () => {
        // A new one has none of those that another was thought to have.
        const lacking = chosen.created ? known.mounts.filter((mount) => !known.archives.has((0,mounts_mount/* mountKey */.NY)(mount))) : [];
        known = await download(restoring, known, lacking);
        await fill(restoring, known, chosen, unique);
    });
    return known;
}
/** Downloads contents, side by side. One that is gone is as if it had never been stored. */
async function download({ cache, folder, told }, stored, wanted) {
    const archives = new Map(stored.archives);
    const gone = new Set();
    await Promise.all(wanted.map(async (mount) => {
        const archive = external_node_path_default().join(folder, `${(0,external_node_crypto_.randomUUID)()}.tar`); // two mounts may hold the same
        const take = async (file) => {
            await (0,promises_.mkdir)(folder, { recursive: true });
            await (0,promises_.rename)(file, archive);
        };
        const task = { kind: 'restore', name: 'mount.tar', keys: [contentKey(mount.digest)] };
        const answer = await cache.ask(task, take, DOWNLOAD_SECONDS);
        if (answer.result.kind === 'restored') {
            archives.set((0,mounts_mount/* mountKey */.NY)(mount), archive);
            return;
        }
        gone.add(mount);
        if (answer.result.kind !== 'missed' || answer.troubles.length > 0) {
            told.note(mount, `was not restored: ${(0,actions_cache_cache/* troubleOf */.LH)(answer)}.`);
        }
    }));
    return { ...stored, archives, mounts: stored.mounts.filter((mount) => !gone.has(mount)) };
}
/** Writes the archives into the mounts of a builder, in one solve. */
async function fill({ log, solver, told }, { mounts: all, archives }, chosen, unique) {
    const mounts = all.filter((mount) => archives.has((0,mounts_mount/* mountKey */.NY)(mount)));
    if (mounts.length === 0)
        return;
    const startedAt = performance.now();
    const tool = await solver.tools();
    const files = mounts.map((_mount, index) => external_node_path_default().join(solver.context, `${index}.tar`));
    for (const [index, mount] of mounts.entries()) {
        await (0,promises_.rename)(archives.get((0,mounts_mount/* mountKey */.NY)(mount)) ?? '', files[index] ?? '');
    }
    const words = await solver.solve(chosen, (0,solve/* planFill */.Z3)(mounts, tool, unique), {
        output: 'type=cacheonly',
        seconds: FILL_SECONDS
    });
    for (const file of files)
        await (0,promises_.rm)(file);
    for (const [index, mount] of mounts.entries()) {
        const word = words.get(index);
        if (word === 'restored')
            told.tell(mount, { before: 'restored', size: mount.size });
        else if (word === 'kept')
            told.tell(mount, { before: 'kept' });
        else
            told.note(mount, 'was not restored: its files could not be written.');
        if (word !== undefined)
            log.untrusted(`${mount.id} · ${word} · ${(0,units/* bytes */.ee)(mount.size)}`);
    }
    log.info(`Cache mounts filled in ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
}

// EXTERNAL MODULE: ./src/image/index.ts + 39 modules
var src_image = __webpack_require__(7728);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
;// CONCATENATED MODULE: ./src/mounts/archive.ts
/** What is in an archive of a mount, read once: its digest, and whether it may be stored. */



/** Reads a tar file. Throws an `ImageError` where it is none. */
async function readArchive(file, needles) {
    const entries = [];
    const leaks = (0,src_image/* hitStream */.UK)(needles);
    let line = '';
    let hash;
    const reader = (0,src_image/* tarReader */.Rp)({
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
    }, src_image/* defaultLimits */.MK);
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

;// CONCATENATED MODULE: ./src/mounts/store.ts
/** Storing what a run has left in cache mounts, for the runs to come. */









/** Bytes of all archives, uncompressed; documented in docs/cache-mounts.md. */
const MOST_TOTAL = 512_000_000;
const UPLOAD_SECONDS = 120;
/** Uploads the contents that changed, which takes their files away. Returns what is stored of each. */
async function storeContents(storing, packed) {
    const { told, sensitive } = storing;
    const leaveOut = (mount, reason) => {
        told.tell(mount, { after: 'too-large' });
        told.note(mount, `was not stored: ${reason}. The next run starts from what was stored before.`);
    };
    for (const { mount, word } of packed) {
        if (word === 'too-large')
            leaveOut(mount, `it is larger than ${(0,units/* bytes */.ee)(MOST_EACH)}`);
        else if (word !== 'saved')
            told.note(mount, 'was not stored: it could not be read.');
    }
    const { within, beyond } = fitInto(packed.filter(({ word }) => word === 'saved'), MOST_TOTAL);
    for (const { mount } of beyond)
        leaveOut(mount, `with the others it is larger than ${(0,units/* bytes */.ee)(MOST_TOTAL)}`);
    const needles = await (0,src_image.planNeedles)(sensitive);
    const uploads = new Map();
    const stored = await Promise.all(within.map((archive) => storeOne(storing, archive, needles, uploads)));
    return stored.filter((mount) => mount !== undefined);
}
async function storeOne({ told, cache, before }, { mount, file, size }, needles, 
/** By digest: of two mounts that hold the same, one is sent. */
uploads) {
    const { digest, empty, secrets } = await readArchive(file, needles);
    if (empty)
        return undefined;
    if (secrets.length > 0) {
        const which = secrets.map((id) => `"${id}"`).join(', ');
        told.tell(mount, { after: 'withheld' });
        told.note(mount, `was not stored: it holds the value of ${which}, and whoever can open a pull request can read what is stored. Have the command keep it out of its cache, or set cache-mounts to false.`);
        return undefined;
    }
    const entry = { ...(0,mounts_mount/* plainMount */.aG)(mount), digest, size };
    if (before.some((each) => (0,mounts_mount/* mountKey */.NY)(each) === (0,mounts_mount/* mountKey */.NY)(mount) && each.digest === digest)) {
        told.tell(mount, { after: 'unchanged', size });
        return entry;
    }
    const sent = uploads.get(digest);
    const task = { kind: 'save', name: 'mount.tar', key: contentKey(digest) };
    const sending = sent ?? cache.ask(task, (to) => (0,promises_.rename)(file, to), UPLOAD_SECONDS);
    uploads.set(digest, sending);
    const answer = await sending;
    const isThere = answer.result.kind === 'exists';
    if (answer.result.kind !== 'saved' && !isThere) {
        told.note(mount, `was not stored: ${(0,actions_cache_cache/* troubleOf */.LH)(answer)}.`);
        return undefined;
    }
    told.tell(mount, { after: isThere || sent !== undefined ? 'unchanged' : 'saved', size });
    return entry;
}
/** Stores which contents belong to the build, if that is news. Throws a `Trouble`. */
async function storeRecord({ cache, before }, key, anew, known) {
    const text = writeRecord(nextRecord(before, anew, known));
    if (anew.length === 0 || text === writeRecord(before))
        return;
    const answer = await (0,actions_cache_cache/* askCache */.yC)(cache, { kind: 'save', name: 'mounts.json', key }, { content: text });
    if (answer.result.kind !== 'saved')
        throw new Trouble((0,actions_cache_cache/* troubleOf */.LH)(answer));
}

// EXTERNAL MODULE: ./src/ports.ts
var ports = __webpack_require__(6467);
;// CONCATENATED MODULE: ./src/mounts/told.ts
/** What is told of cache mounts while they are carried. A mount is only ever a help, so whatever goes wrong is a note. */



/** Nothing is told yet. */
function openTold({ debug }) {
    const mounts = new Map();
    const notes = [];
    return {
        tell(mount, change) {
            const key = (0,mounts_mount/* mountKey */.NY)(mount);
            mounts.set(key, { id: mount.id, ...mounts.get(key), ...change });
        },
        note: ({ id }, sentence) => void notes.push(`The cache mount "${id}" ${sentence}`),
        async harmless(verb, work) {
            try {
                return await work();
            }
            catch (error) {
                const reason = reasonOf(error, debug);
                if (reason !== undefined)
                    notes.push(`The cache mounts were not ${verb}: ${reason}.`);
                return undefined;
            }
        },
        all: () => ({ mounts: [...mounts.values()], notes })
    };
}
/** Why something could not be done, as a clause; `undefined` where the run was cancelled. */
function reasonOf(error, debug) {
    if (error instanceof ports/* Cancelled */.cJ)
        return undefined;
    if (error instanceof Trouble)
        return error.message;
    debug(String(error));
    return 'their files could not be read or written';
}

;// CONCATENATED MODULE: ./src/mounts/session.ts
/**
 * The cache mounts of one run: what is stored of them is fetched while the run gets ready, filled into the builder
 * before the gate, and stored anew after it, also after a red one.
 */













/** Where a solve that names no platform runs. */
const ownPlatform = `linux/${process.arch === 'x64' ? 'amd64' : process.arch}`;
/** Begins at once to fetch what is stored. */
function startSession(ports, options) {
    const { log } = ports;
    const { argumentsFor, cache, folder, unique, carries } = options;
    const stores = options.stores && carries;
    const told = openTold(log);
    const solver = createSolver(ports, {
        ...{ context: external_node_path_default().join(folder, 'context'), argumentsFor },
        programs: ['sh', 'tar', 'mkdir', 'mv', 'rm']
    });
    const restoring = { ...ports, solver, told, cache, folder, buildArgs: argumentsFor() };
    const prefixes = recordPrefixes(options.build, options.machine);
    const fetching = carries
        ? fetchStored(restoring, prefixes, (0,builder/* builderFlag */.cg)(options.builder))
        : Promise.resolve(nothingStored);
    let filling = fetching.then((stored) => ({ stored }));
    let reading = Promise.resolve(undefined);
    let saving = Promise.resolve();
    return {
        reportIDs: options.reportIDs,
        async restore(chosen) {
            filling = fillChosen(chosen);
            await filling;
        },
        save(steps, complete, writers = []) {
            const packed = takeOut(steps, writers);
            reading = packed.then((found) => read(found, writers));
            saving = told.harmless('stored', async () => store(await packed, complete));
        },
        reports: () => reading,
        async end() {
            await filling;
            await reading;
            await saving;
            return told.all();
        }
    };
    async function fillChosen(chosen) {
        const stored = await fetching;
        if (!mayBringAlong(chosen)) {
            return { builder: chosen, stored: await fillBuilder(restoring, stored, chosen, unique) };
        }
        const had = await told.harmless('restored', async () => {
            const usage = await askUsage(ports, chosen.flag);
            if (usage === undefined)
                throw new Trouble('the builder does not say which it had before');
            return usage;
        });
        if (had === undefined)
            return { stored };
        return { builder: chosen, had, stored: await fillBuilder(restoring, stored, chosen, unique) };
    }
    /** A builder that outlives jobs may hold what any of them has left in a mount of this name. */
    function mayBringAlong(chosen) {
        return stores && !options.isApart(chosen) && !(0,builder/* isOfTheJob */.yz)(chosen, options.freshMachine);
    }
    /** What is to be stored, and what may hold reports, packed in one solve. Never throws. */
    async function takeOut(steps, writers) {
        const filled = await filling;
        const found = (0,mounts_mount/* findMounts */.mk)(steps);
        const ours = (await told.harmless('stored', () => Promise.resolve(mountsToStore(found, filled)))) ?? [];
        const mounts = new Map(ours.map((mount) => [(0,mounts_mount/* mountKey */.NY)(mount), mount]));
        const run = (0,reports/* runFolder */.kQ)(Date.now(), unique);
        for (const [key, own] of Map.groupBy(writers, ({ mount }) => (0,mounts_mount/* mountKey */.NY)(mount))) {
            const [first] = own;
            const taken = { folder: run, index: (0,reports/* writeIndex */._M)(own) };
            // What lies there while no step ran is not this run's.
            if (first !== undefined)
                mounts.set(key, { ...first.mount, ...(own.some(({ ran }) => ran) ? { taken } : {}) });
        }
        const packed = { found, run, ours: new Set(ours.map(mounts_mount/* mountKey */.NY)) };
        if (mounts.size === 0)
            return { ...packed, archives: new Map() };
        try {
            const { builder } = filled;
            if (builder === undefined)
                throw new Trouble('the builder is not known');
            return { ...packed, archives: await packMounts({ solver, folder, unique }, builder, [...mounts.values()]) };
        }
        catch (error) {
            const trouble = reasonOf(error, log.debug);
            return { ...packed, archives: new Map(), ...(trouble === undefined ? {} : { trouble }) };
        }
    }
    /** The mounts whose contents this run stores. Throws a `Trouble`. */
    function mountsToStore(found, { builder, had, stored }) {
        if (carries)
            for (const mount of found.unsupported)
                told.note(mount, `is not kept: ${mount.reason}.`);
        const used = found.mounts.filter((mount) => mount.used);
        if (!stores || builder === undefined || used.length === 0)
            return [];
        if (stored.unreachable)
            throw new Trouble('the Actions cache could not be asked what it has');
        const brought = had === undefined ? [] : (0,solve/* readUsage */.k9)(had, used, argumentsFor(builder));
        for (const { id } of brought) {
            log.info(`The cache mount "${id}" is not stored: the builder had it before this run, and from elsewhere.`);
        }
        return used.filter((mount) => !brought.includes(mount));
    }
    async function store({ found, ours, archives, trouble }, complete) {
        if (ours.size === 0)
            return;
        if (trouble !== undefined)
            throw new Trouble(trouble);
        await reading; // it reads the files that an upload takes away
        const { stored } = await filling;
        const storing = { told, cache, sensitive: options.sensitive, before: stored.mounts };
        const own = [...archives.values()].filter(({ mount }) => ours.has((0,mounts_mount/* mountKey */.NY)(mount)));
        const anew = await storeContents(storing, own);
        await (0,promises_.rm)(packedFolder(folder), { recursive: true, force: true });
        await storeRecord(storing, `${prefixes[0] ?? ''}${unique}`, anew, { present: found.mounts, complete });
    }
    /** The test reports in what was packed. */
    async function read(packed, writers) {
        if (writers.length === 0)
            return undefined;
        const { builder } = await filling;
        const how = {
            ...{ run: packed.run, folder: options.reportsFolder, redact: options.redact },
            packed: new Map(writers.map(({ mount }) => [(0,mounts_mount/* mountKey */.NY)(mount), placeOf(packed, mount)])),
            elsewhere: ({ platform }) => (builder?.nodes.length ?? 0) > 1 && platform !== undefined && platform !== ownPlatform,
            exists: options.exists
        };
        try {
            return await (0,reports/* readReports */.oh)(writers, how);
        }
        catch (error) {
            log.debug(String(error));
            const reason = { reason: 'its cache mount could not be read' };
            return (0,reports/* readReports */.oh)(writers, { ...how, packed: new Map(writers.map(({ mount }) => [(0,mounts_mount/* mountKey */.NY)(mount), reason])) });
        }
    }
}
/** The archive with the reports in a mount, or why there is none. */
function placeOf({ archives, trouble }, mount) {
    const archive = archives.get((0,mounts_mount/* mountKey */.NY)(mount));
    if (archive === undefined)
        return { reason: trouble ?? 'it was not looked at' };
    if (archive.word === 'saved')
        return { file: archive.file };
    const isLarge = archive.word === 'too-large';
    return { reason: isLarge ? `its cache mount is larger than ${(0,units/* bytes */.ee)(MOST_EACH)}` : 'it could not be packed' };
}


/***/ }),

/***/ 569:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Cw: () => (/* binding */ planMountsBuild),
/* harmony export */   F7: () => (/* binding */ planPack),
/* harmony export */   Z3: () => (/* binding */ planFill),
/* harmony export */   k9: () => (/* binding */ readUsage),
/* harmony export */   ns: () => (/* binding */ readOutcome),
/* harmony export */   t0: () => (/* binding */ KEPT),
/* harmony export */   x4: () => (/* binding */ planUsage)
/* harmony export */ });
/* harmony import */ var _core_pair_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5735);
/* harmony import */ var _builds_mount_namespace_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7808);
/**
 * The two solves that carry mounts in and out of a builder. Their Dockerfile starts `FROM scratch` and runs the runner's
 * own sh and tar, so no image is pulled and the user's stages need no shell. One RUN per mount: two in one would lock
 * two at once, and could wait for a build that holds the second and wants the first.
 */


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
    const takes = mounts.some(({ taken }) => taken !== undefined);
    const script = [
        `cd ${MOUNT} || exit 1`,
        ...(takes ? takeScript(toolbox) : []),
        `ulimit -f ${Math.ceil(mostBytes / 512)}`,
        `message=$(${program('tar', toolbox).join(' ')} --numeric-owner -cf "/$1.tar" . 2>&1)`,
        'status=$?',
        'if [ "$status" -le 1 ]; then echo "stagegate-mount $1 saved"; exit 0; fi',
        ': > "/$1.tar"',
        ...(takes ? [`if [ -f "${CONTEXT}/$1.take" ]; then ${program('rm', toolbox).join(' ')} -rf ${KEPT}; fi`] : []),
        // 128 and SIGXFSZ, or the error where that signal is ignored.
        'case "$status $message" in',
        '153*|*"too large"*) echo "stagegate-mount $1 too-large";;',
        '*) echo "$message"; echo "stagegate-mount $1 failed";;',
        'esac'
    ];
    const { files } = dockerfile(mounts, toolbox, nonce, script);
    const taken = mounts.flatMap((mount, index) => mount.taken === undefined ? [] : [[`${index}.take`, `${mount.taken.folder}\n${mount.taken.index}\n`]]);
    return { files: { ...files, ...Object.fromEntries(taken) } };
}
/** The folder of a mount in which files are set aside. */
const KEPT = '.stagegate';
/** Runs whose files are kept there. */
const KEPT_RUNS = 3;
/** Moves whatever the user's steps have left into a folder of its own, beside those of earlier runs. */
function takeScript(toolbox) {
    const run = (name) => program(name, toolbox).join(' ');
    return [
        `if [ -f "${CONTEXT}/$1.take" ]; then`,
        `  { IFS= read -r name; IFS= read -r text; } < "${CONTEXT}/$1.take"`,
        `  own="${KEPT}/$name"`,
        `  ${run('rm')} -rf "$own"`,
        '  for entry in * .[!.]* ..?*; do',
        `    if [ "$entry" = ${KEPT} ]; then continue; fi`,
        '    if [ -e "$entry" ] || [ -L "$entry" ]; then',
        `      ${run('mkdir')} -p "$own/files" && ${run('mv')} "./$entry" "$own/files/"`,
        '    fi',
        '  done',
        '  if [ -d "$own" ]; then printf "%s\\n" "$text" > "$own/index.json"; fi',
        '  kept=0',
        `  for each in ${KEPT}/*; do kept=$((kept + 1)); done`,
        `  for each in ${KEPT}/*; do`,
        `    if [ "$kept" -gt ${KEPT_RUNS} ]; then ${run('rm')} -rf "$each"; kept=$((kept - 1)); fi`,
        '  done',
        'fi'
    ];
}
/** The `docker buildx` call. */
function planMountsBuild(options) {
    const { folder, output, builder, buildArgs } = options;
    const namespace = buildArgs.filter((argument) => (0,_core_pair_js__WEBPACK_IMPORTED_MODULE_0__/* .splitPair */ .T)(argument).name === _builds_mount_namespace_js__WEBPACK_IMPORTED_MODULE_1__/* .NAMESPACE_ARGUMENT */ .i);
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
    const namespace = (0,_builds_mount_namespace_js__WEBPACK_IMPORTED_MODULE_1__/* .namespaceIn */ .j)(buildArgs);
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


/***/ }),

/***/ 843:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  A: () => (/* binding */ collectTests),
  u: () => (/* binding */ folderName)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(7975);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(2184);
;// CONCATENATED MODULE: ./src/test_reports/clean.ts
/**
 * Copies of reports without secrets: they may be uploaded, where nothing masks them. A secret may be in a path, and in XML its
 * halves may stand apart in the text and be one again for whoever reads it. Pure.
 */
/** What opens a section that is no element, and what closes it. */
const SECTIONS = { '<!--': '-->', '<![CDATA[': ']]>', '<?': '?>' };
/**
 * The document without secrets, also those that comments, CDATA sections or references to characters take apart: where there
 * are such, it is written anew without these. Undefined where it declares entities, of which anything may be put together.
 */
function cleanXML(text, redact) {
    const prolog = text.slice(0, /<[A-Za-z_]/.exec(text)?.index);
    if (prolog.includes('<!ENTITY'))
        return undefined;
    const cleaned = redact(text);
    const plain = plainXML(text);
    if (plain === text)
        return cleaned;
    const cleanedPlain = redact(plain);
    return plainXML(cleaned) === cleanedPlain ? cleaned : cleanedPlain;
}
/** The path without secrets, as one that no other file has. Artifacts take no `*` in a name. */
function cleanPath(path, redact, taken) {
    const clean = redact(path).replaceAll('***', 'redacted');
    const [, stem = '', extension = ''] = /^([^]*?)(\.[A-Za-z]+)?$/.exec(clean) ?? [];
    let free = clean;
    for (let number = 2; taken.has(free); number++)
        free = `${stem}-${number}${extension}`;
    return free;
}
/** A document as its readers see it: without comments and instructions, CDATA as text, and each character written in one way. */
function plainXML(text) {
    const pieces = [];
    /** What nobody closes is not looked for again. */
    const unclosed = new Set();
    const opening = /<!--|<!\[CDATA\[|<\?(?!xml\s)/g;
    let at = 0;
    for (let match = opening.exec(text); match !== null; match = opening.exec(text)) {
        const [mark] = match;
        const close = SECTIONS[mark] ?? '';
        pieces.push(withPlainReferences(text.slice(at, match.index)));
        at = opening.lastIndex;
        const end = unclosed.has(mark) ? -1 : text.indexOf(close, at);
        if (end === -1) {
            unclosed.add(mark);
            continue;
        }
        if (mark === '<![CDATA[')
            pieces.push(escaped(text.slice(at, end)));
        at = end + close.length;
        opening.lastIndex = at;
    }
    pieces.push(withPlainReferences(text.slice(at)));
    return pieces.join('');
}
function escaped(text) {
    return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
const NAMED = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' };
/** References to characters by number as the characters, where these have nothing to say in XML, and else by name. */
function withPlainReferences(text) {
    return text.replace(/&#(?:x0*([0-9a-f]{1,6})|0*(\d{1,7}));/gi, (all, hex, decimal) => {
        const code = typeof hex === 'string' ? parseInt(hex, 16) : Number(decimal);
        if (code < 0x20)
            return `&#${code};`;
        return code > 0x10ffff ? all : (NAMED[String.fromCodePoint(code)] ?? String.fromCodePoint(code));
    });
}

// EXTERNAL MODULE: ./node_modules/sax/lib/sax.js
var sax = __webpack_require__(2560);
var sax_default = /*#__PURE__*/__webpack_require__.n(sax);
// EXTERNAL MODULE: ./src/test_reports/place.ts
var test_reports_place = __webpack_require__(8499);
// EXTERNAL MODULE: ./src/test_reports/model.ts
var model = __webpack_require__(433);
;// CONCATENATED MODULE: ./src/test_reports/junit.ts
/**
 * JUnit XML as test runners write it: nobody's standard, and everybody's. Read as a stream, so that the memory it takes
 * does not depend on the report. There are no entities but XML's own: sax resolves none that a document declares.
 * https://github.com/testmoapp/junitxml
 */




/** Strict, and without HTML's entities, which `@types/sax` does not know of. */
const options = { position: true, strictEntities: true };
/** Characters of a failure's text that are kept to find message and place in. */
const TEXT_LENGTH = 20_000;
/**
 * What a test says of itself in an attribute: GoogleTest and CTest write a test that did not run without an element for it.
 * https://google.github.io/googletest/advanced.html#generating-an-xml-report
 */
const states = {
    ...{ failed: 'failed', failure: 'failed', fail: 'failed', error: 'failed' },
    ...{ notrun: 'skipped', suppressed: 'skipped', skipped: 'skipped', disabled: 'skipped', ignored: 'skipped' }
};
/** Elements of a test that make it fail. A `flakyFailure` of Surefire does not: the test passed when it was run again. */
const failures = new Set(['failure', 'error']);
/**
 * Reads one report; `name` is how its omissions call it.
 * @param redact half of a secret, where a text is cut, would not be known for one later
 */
function readJUnit(name, redact = (text) => text) {
    const cut = (text, length) => (text.length > length ? redact(text).slice(0, length) : text);
    const counts = { passed: 0, failed: 0, skipped: 0 };
    const failing = [];
    const outcomes = new Map();
    const omissions = [];
    const suites = [];
    let seconds = 0;
    let depth = 0;
    let tests = 0;
    let declared = 0;
    let declaredTests = 0;
    let isLoose = false;
    let testDepth = 0;
    let isReport = false;
    let open;
    let inFailure = false;
    let done = false;
    const stop = (omission) => {
        if (!done)
            omissions.push(omission);
        done = true;
    };
    const parser = sax_default().parser(true, options);
    parser.onopentag = ({ name: element, attributes }) => {
        if (done)
            return;
        depth += 1;
        if (depth > model/* MOST_DEPTH */.ol)
            return stop(`${name} nests elements deeper than ${model/* MOST_DEPTH */.ol}: what follows is left out.`);
        const value = (attribute) => {
            const found = Object.hasOwn(attributes, attribute) ? attributes[attribute] : undefined;
            return typeof found === 'string' && found !== '' ? found : undefined;
        };
        if (depth === 1) {
            isReport = element === 'testsuites' || element === 'testsuite';
            if (!isReport)
                return stop(`${name} is not a JUnit report: its root element is <${cut(element, 60)}>.`);
        }
        // What the heading counts, a suite counts again.
        if (depth === 1 || (depth === 2 && element === 'testsuite')) {
            declared = Math.max(declared, wholeNumber(value('failures')) + wholeNumber(value('errors')));
            declaredTests = Math.max(declaredTests, wholeNumber(value('tests')));
        }
        if (element === 'testsuite')
            suites.push({ name: value('name') ?? '', file: value('file') ?? value('filepath') });
        else if (element === 'testcase' && open === undefined) {
            tests += 1;
            testDepth = depth;
            if (tests > model/* MOST_TESTS */.q4)
                return stop(`${name} has more than ${model/* MOST_TESTS */.q4} tests: the others are not counted.`);
            const around = suites.at(-1);
            open = {
                suite: cut(value('classname') ?? value('class') ?? around?.name ?? '', 500),
                name: cut(value('name') ?? '', 500),
                file: value('file') ?? around?.file,
                line: wholeNumber(value('line')) || undefined,
                outcome: outcomeOf(value('status')) ?? outcomeOf(value('result')) ?? 'passed',
                message: '',
                text: ''
            };
            seconds += decimal(value('time'));
        }
        else if (open !== undefined && failures.has(element)) {
            open.outcome = 'failed';
            inFailure = open.text === '';
            if (open.message === '')
                open.message = cut(value('message') ?? '', TEXT_LENGTH);
        }
        else if (failures.has(element))
            isLoose = true;
        else if (open?.outcome === 'passed' && (element === 'skipped' || element === 'disabled'))
            open.outcome = 'skipped';
    };
    const take = (text) => {
        if (done || !inFailure || open === undefined)
            return;
        if (open.text.length < TEXT_LENGTH)
            open.text += text.slice(0, TEXT_LENGTH - open.text.length);
    };
    parser.ontext = take;
    parser.oncdata = take;
    parser.onclosetag = (element) => {
        if (done)
            return;
        const isTest = depth === testDepth;
        depth -= 1;
        if (element === 'testsuite')
            suites.pop();
        else if (failures.has(element))
            inFailure = false;
        else if (isTest && open !== undefined) {
            counts[open.outcome] += 1;
            const id = (0,model/* testID */.sT)(open);
            if (outcomes.get(id) !== 'failed')
                outcomes.set(id, open.outcome);
            if (open.outcome === 'failed' && failing.length < model/* MOST_FAILING */.lU)
                failing.push(failingTest(open, cut));
            open = undefined;
        }
    };
    parser.onerror = (error) => {
        parser.resume(); // else it is thrown at the next piece
        // XML has no control characters, and some runners write their references all the same: `&#27;[31m`.
        if (error.message.startsWith('Invalid character entity') && /^#(?:\d+|x[\da-f]+)$/i.test(entityOf(parser)))
            return;
        stop(`${name} is broken (${error.message.split('\n')[0] ?? ''}, line ${parser.line + 1}): what follows is left out.`);
    };
    return {
        write(text) {
            if (!done)
                parser.write(text);
            return !done;
        },
        end() {
            if (!done)
                parser.close();
            if (!done && !isReport)
                omissions.push(`${name} is empty.`);
            if (counts.failed > failing.length) {
                omissions.push(`Of ${counts.failed} failing tests in ${name} the first ${failing.length} are shown.`);
            }
            if (isLoose)
                omissions.push(`${name} has a failure that belongs to no test.`);
            if (declared > 0 && counts.failed === 0) {
                omissions.push(`${name} says that ${declared} failed, and names none of them.`);
            }
            if (omissions.length === 0 && declaredTests > 0 && tests === 0) {
                omissions.push(`${name} counts ${(0,units/* count */.U9)(declaredTests, 'test')}, and names none of them.`);
            }
            return { counts, seconds, failing, outcomes, omissions };
        }
    };
}
function outcomeOf(state) {
    const word = state?.toLowerCase() ?? '';
    return Object.hasOwn(states, word) ? states[word] : undefined;
}
/** The entity at which the parser is, which its types do not know of. */
function entityOf(parser) {
    return 'entity' in parser && typeof parser.entity === 'string' ? parser.entity : '';
}
function failingTest({ suite, name, file, line, message, text }, cut) {
    const place = (0,test_reports_place/* failurePlace */.Sw)({ suite, file, line, text: `${message}\n${text}` });
    return { suite, name, message: cut(failureWords(message, text), model/* MESSAGE_LENGTH */.Xh), ...place };
}
/** The message, unless it says no more than that there is one; then the text, without a Go test's own frame. */
function failureWords(message, text) {
    const says = /^(?:failed|failure|error|test failure.*)?$/is.test(message.trim()) ? text : message;
    const lines = says
        .replace(/&#(?:27|x1b);\[[\d;]*[A-Za-z]/gi, '')
        .split(/\r?\n/)
        .filter((line) => !/^(?:=== (?:RUN|PAUSE|CONT|NAME)|\s*--- FAIL:)/.test(line))
        .map((line) => line.trimEnd());
    const from = lines.findIndex((line) => line !== '');
    const kept = from < 0 ? [] : lines.slice(from, from + model/* MESSAGE_LINES */.WC);
    return kept.join('\n').trimEnd();
}
function wholeNumber(text) {
    return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : 0;
}
/** Seconds of one test that are taken for true: a week. */
const MOST_SECONDS = 604_800;
/** Some write `1,234.5`, and some `0,123`. */
function decimal(text) {
    const number = Number((text ?? '').replace(/^(\d+),(\d+)$/, decimalComma).replaceAll(',', ''));
    return number > 0 && number <= MOST_SECONDS ? number : 0;
}
function decimalComma(text, whole, rest) {
    return rest.length === 3 && whole !== '0' ? text : `${whole}.${rest}`;
}

;// CONCATENATED MODULE: ./src/test_reports/collect.ts
/**
 * JUnit files of one stage, as a report and as files for others to read. Each is read as a stream, within the bounds of
 * `model.ts`: what is beyond them is said, and never counts as passed.
 */







/** JUnit files of one stage beyond this number are left out. */
const MOST_FILES = 2000;
/** Characters of a path that are left below the folder on the runner, whose own limit is 4,096 bytes. */
const MOST_PATH = 800;
/**
 * Reads the JUnit files among `files` and writes them into `folder`, which is made when there is one.
 * @param redact what is written may be uploaded, where nothing masks it
 */
async function collectTests(files, { folder, redact }) {
    const reports = files.filter((file) => /\.xml$/i.test(file.path)).sort((a, b) => (a.path < b.path ? -1 : 1));
    const all = [];
    const omissions = [];
    let room = model/* MOST_BYTES */.uZ;
    let read = 0;
    const taken = new Set();
    for (const file of reports.slice(0, MOST_FILES)) {
        const name = redact(file.path).slice(-200);
        if (file.path.length > MOST_PATH) {
            omissions.push(`…${name} is not read: its path is too long.`);
            continue;
        }
        if (file.size > room) {
            omissions.push(`${name} (${(0,units/* bytes */.ee)(file.size)}) is not read: the reports of a stage may have ${(0,units/* bytes */.ee)(model/* MOST_BYTES */.uZ)}.`);
            continue;
        }
        room -= file.size;
        const text = await textOf(file);
        const reader = readJUnit(name, redact);
        reader.write(text);
        all.push(reader.end());
        read += 1;
        await (0,promises_.mkdir)(folder, { recursive: true });
        const clean = cleanXML(text, redact);
        if (clean === undefined) {
            omissions.push(`${name} is read and not copied: it declares entities, of which a secret could be put together.`);
            continue;
        }
        const place = cleanPath(file.path, redact, taken);
        taken.add(place);
        const target = external_node_path_default().join(folder, place);
        await (0,promises_.mkdir)(external_node_path_default().dirname(target), { recursive: true });
        await (0,promises_.writeFile)(target, clean);
    }
    if (reports.length > MOST_FILES)
        omissions.push(`Of ${(0,units/* count */.U9)(reports.length, 'file')} the first ${MOST_FILES} are read.`);
    const tests = (0,model/* mergeTests */.Iv)(all);
    return { tests: { ...tests, omissions: [...omissions, ...tests.omissions] }, files: read };
}
/** In the encoding it has, which need not be the one it names: .NET writes "utf-16" into files of UTF-8. Names UTF-8 then. */
async function textOf(file) {
    const chunks = [];
    for await (const chunk of file.read())
        chunks.push(chunk);
    const all = Buffer.concat(chunks);
    const declaration = /^(\s*<\?xml\b[^>]*?\bencoding\s*=\s*["'])([\w.:-]+)/;
    const named = declaration.exec(all.toString('latin1', 0, 200).replace(/^\xef\xbb\xbf/, ''))?.[2] ?? 'utf-8';
    const text = decoderFor(all, named).decode(all);
    return text.replace(declaration, '$1UTF-8');
}
function decoderFor(bytes, named) {
    const [first, second] = bytes;
    if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0))
        return new external_node_util_.TextDecoder('utf-16le');
    if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c))
        return new external_node_util_.TextDecoder('utf-16be');
    if (/^(?:utf-?16|ucs-?2|iso-10646-ucs-2)/i.test(named) || (first === 0xef && second === 0xbb))
        return new external_node_util_.TextDecoder();
    try {
        return new external_node_util_.TextDecoder(named);
    }
    catch {
        return new external_node_util_.TextDecoder(); // of a name that nobody knows; what is not UTF-8 then has marks in it
    }
}
/** The name of a stage or platform as a folder's. */
function folderName(name) {
    const plain = name.replace(/[^\w.-]+/g, '-').slice(0, 100);
    return /^\.*$/.test(plain) ? 'stage' : plain;
}


/***/ }),

/***/ 4913:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   joinFindings: () => (/* binding */ joinFindings),
/* harmony export */   readExported: () => (/* binding */ readExported)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6153);
/* harmony import */ var _collect_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(843);
/* harmony import */ var _model_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(433);
/* harmony import */ var _place_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8499);
/** The JUnit files that a stage has exported (`test-report-target`), as a report; and the findings of both ways as one. */






/** Reads them; `undefined` where no stage was to export any. */
async function readExported(exports, { folder, redact, exists }) {
    if (exports.length === 0)
        return undefined;
    const stages = [];
    let complete = true;
    for (const { stage, platform, cached, files } of exports) {
        const place = node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, (0,_collect_js__WEBPACK_IMPORTED_MODULE_2__/* .folderName */ .u)(stage), ...(platform === '' ? [] : [(0,_collect_js__WEBPACK_IMPORTED_MODULE_2__/* .folderName */ .u)(platform)]));
        const { tests, files: read } = await (0,_collect_js__WEBPACK_IMPORTED_MODULE_2__/* .collectTests */ .A)(files, { folder: place, redact });
        // A whole file without a test is known in full: there was none.
        complete &&= read > 0 && tests.omissions.length === 0;
        const missing = read === 0 ? 'exported no JUnit file' : 'exported JUnit files without a test';
        stages.push({
            ...tests,
            ...{ stage, cached, files: read },
            ...(platform === '' ? {} : { platform }),
            failing: tests.failing.map((test) => (0,_place_js__WEBPACK_IMPORTED_MODULE_4__/* .located */ .t4)(test, exists)),
            omissions: tests.omissions.length > 0 || (0,_model_js__WEBPACK_IMPORTED_MODULE_3__/* .totalOf */ .e6)(tests.counts) > 0 ? tests.omissions : [`${stage} ${missing}.`]
        });
    }
    const files = stages.reduce((sum, stage) => sum + stage.files, 0);
    if (files === 0)
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(folder, { recursive: true, force: true });
    return {
        stages: stages.map((stage) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_5__/* .without */ .FF)(stage, 'outcomes')),
        outcomes: (0,_model_js__WEBPACK_IMPORTED_MODULE_3__/* .mergeTests */ .Iv)(stages).outcomes,
        complete,
        ...(files === 0 ? {} : { folder })
    };
}
/** What was read in either way, as one: the files of the other are copied beside those of the first. */
async function joinFindings(one, other) {
    if (one === undefined || other === undefined)
        return one ?? other;
    const folder = one.folder ?? other.folder;
    if (one.folder !== undefined && other.folder !== undefined)
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.cp)(other.folder, one.folder, { recursive: true });
    const { outcomes } = (0,_model_js__WEBPACK_IMPORTED_MODULE_3__/* .mergeTests */ .Iv)([one, other].map(({ outcomes }) => ({ ..._model_js__WEBPACK_IMPORTED_MODULE_3__/* .noTests */ .Vl, outcomes })));
    return {
        stages: [...one.stages, ...other.stages],
        outcomes,
        complete: one.complete && other.complete,
        ...(folder === undefined ? {} : { folder })
    };
}


/***/ }),

/***/ 8499:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Sw: () => (/* binding */ failurePlace),
/* harmony export */   t4: () => (/* binding */ located)
/* harmony export */ });
/* unused harmony export locateInRepository */
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/** Where a test failed: attributes where the runner gives them, else the first place in its own file that the text names. */

/** Frames of a runner or a library, which say nothing about the test. */
const foreign = /(?:^|\/)(?:node_modules|site-packages|dist-packages|vendor|\.cargo|rustc|\.m2)\/|^node:|^\/usr\/(?:lib|local\/(?:lib|go))\/|^internal\//;
const patterns = [
    // .NET: `at Acme.CalcTests.Adds() in /src/CalcTests.cs:line 12`
    /\bin (?<file>[^\n]{1,300}?):line (?<line>\d{1,7})/g,
    // Java: `at com.acme.CalcTest.adds(CalcTest.java:14)`
    /\bat (?:[\w.-]+\/)?(?<owner>[\w.$]{1,300})\.[\w$<>]+\((?<file>[\w$]+\.\w+):(?<line>\d{1,7})\)/g,
    // Everybody else: `tests/test_app.py:12: AssertionError`, `src/lib.rs:12:9`, `(/app/a.test.js:5:17)`, `calc_test.go:9:`
    /(?<file>(?:[A-Za-z]:)?[\w./@+~\\-]{1,300}\.[A-Za-z]{1,5}):(?<line>\d{1,7})(?![\w.])/g
];
/** The place of a failure as the report tells it; empty where it tells none. */
function failurePlace({ suite, file, line, text }) {
    const places = patterns.flatMap((pattern) => [...text.matchAll(pattern)].map(placeOf));
    const own = places.filter((place) => !foreign.test(place.file));
    // In the test's own file the line of the assertion is better than that of the test.
    const named = file === undefined ? undefined : own.find((place) => sameFile(place.file, file));
    if (file !== undefined)
        return named ?? (line === undefined ? { file } : { file, line });
    return (own.find((place) => belongsTo(place.file, suite)) ??
        own.find((place) => /(?:^|[/._-])(?:test|spec)s?(?:[/._-]|$)|Tests?\.\w+$/i.test(place.file)) ??
        own[0] ??
        {});
}
function placeOf({ groups = {} }) {
    const { owner, file = '', line = '' } = groups;
    // A Java frame has the file's name only; its folder is the package.
    const folder = owner?.split('.').slice(0, -1).join('/') ?? '';
    const plain = file.replaceAll('\\', '/');
    return { file: folder === '' ? plain : `${folder}/${plain}`, line: Number(line) };
}
function sameFile(one, other) {
    const [a, b] = [node_path__WEBPACK_IMPORTED_MODULE_0___default().posix.normalize(one), node_path__WEBPACK_IMPORTED_MODULE_0___default().posix.normalize(other.replaceAll('\\', '/'))];
    return a === b || a.endsWith(`/${b}`) || b.endsWith(`/${a}`);
}
/** pytest's `tests.test_app.TestLogin`, Vitest's `src/a.test.ts`, Java's and .NET's `com.acme.CalcTest`. */
function belongsTo(file, suite) {
    if (suite === '')
        return false;
    if (sameFile(file, suite))
        return true;
    const bare = file.replace(/\.\w+$/, '').replace(/^\/+/, '');
    const dotted = bare.replaceAll('/', '.');
    return (suite === dotted || suite.startsWith(`${dotted}.`) || dotted.endsWith(`.${suite}`) || suite.endsWith(`.${dotted}`));
}
/** Folders in which the sources of a JVM project lie. */
const sourceFolders = ['src/test/java', 'src/test/kotlin', 'src/test/groovy', 'src/test/scala', 'src/test'];
/**
 * The file of the repository that a path of a report means: the longest end of the path that exists there. A Go test
 * names its file alone, and its package has the folder.
 * @param exists whether a path, from the repository's root and with `/`, is a file
 */
function locateInRepository(file, suite, exists) {
    const parts = node_path__WEBPACK_IMPORTED_MODULE_0___default().posix
        .normalize(file.replaceAll('\\', '/'))
        .split('/')
        .filter((part) => part !== '' && part !== '..');
    const ends = parts.map((_part, index) => parts.slice(index).join('/')).slice(0, 20);
    const folders = suite.includes('/') ? suite.split('/').map((_part, index, all) => all.slice(index).join('/')) : [];
    const name = parts.at(-1) ?? '';
    const candidates = [
        ...ends.slice(0, -1),
        ...folders.slice(0, 20).map((folder) => `${folder}/${name}`),
        ...sourceFolders.flatMap((folder) => ends.map((end) => `${folder}/${end}`)),
        ...ends.slice(-1)
    ];
    return candidates.find((candidate) => !candidate.startsWith('.git/') && exists(candidate));
}
/** A failing test with the file of the repository that it is in, where there is one. */
function located(test, exists) {
    const found = test.file === undefined ? undefined : locateInRepository(test.file, test.suite, exists);
    return found === undefined ? test : { ...test, fileInRepository: found };
}


/***/ })

};

//# sourceMappingURL=273.index.js.map