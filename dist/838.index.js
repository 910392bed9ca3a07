export const id = 838;
export const ids = [838];
export const modules = {

/***/ 2199:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ commitsBetween),
/* harmony export */   g: () => (/* binding */ firstParents),
/* harmony export */   mergedBase: () => (/* binding */ mergedBase)
/* harmony export */ });
/* harmony import */ var _github_status_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(957);

/** git answers from disk; a clone on a hanging network file system must not hold up a run. */
const GIT_SECONDS = 20;
/**
 * `sha` and up to `count` first-parent ancestors, nearest first. Just `sha` where the clone does not have it. A branch's
 * own history is its first parents: of a merged branch's commits none was ever built as this branch.
 */
async function firstParents(clone, sha, count) {
    const { exitCode, stdout } = await git(clone, 'rev-list', '--first-parent', `--max-count=${count + 1}`, sha);
    const found = stdout.split('\n').filter(_github_status_js__WEBPACK_IMPORTED_MODULE_0__/* .isCommit */ .WM);
    return exitCode === 0 && found[0] === sha ? found : [sha];
}
/**
 * How many first-parent commits lie between, when `older` is an ancestor of `newer` in this clone. In a shallow clone a
 * path may be missing: then nothing is known.
 */
async function commitsBetween(clone, older, newer) {
    if (!(0,_github_status_js__WEBPACK_IMPORTED_MODULE_0__/* .isCommit */ .WM)(older) || !(0,_github_status_js__WEBPACK_IMPORTED_MODULE_0__/* .isCommit */ .WM)(newer))
        return undefined;
    const ancestor = await git(clone, 'merge-base', '--is-ancestor', older, newer);
    if (ancestor.exitCode !== 0)
        return undefined;
    const { exitCode, stdout } = await git(clone, 'rev-list', '--first-parent', '--count', `${older}..${newer}`);
    return exitCode === 0 && /^\d+\n$/.test(stdout) ? Number(stdout) : undefined;
}
/**
 * The commit of the base branch that a pull request was merged with for this test. The event's `base.sha` is the branch
 * as it was when the pull request was last touched; the checked-out merge names what is in the image. Read from the commit
 * itself: in a shallow clone `HEAD^1` is cut off.
 */
async function mergedBase(clone, headSha) {
    const { exitCode, stdout } = await git(clone, 'cat-file', 'commit', 'HEAD');
    if (exitCode !== 0)
        return undefined;
    const [headers = ''] = stdout.split('\n\n', 1);
    const [first, second, ...more] = [...headers.matchAll(/^parent ([0-9a-f]+)$/gm)].map(([, parent]) => parent);
    return second === headSha && more.length === 0 ? first : undefined;
}
/** Runs git; whatever hinders it counts as an answer that says nothing. */
async function git({ exec, workspace }, ...args) {
    try {
        return await exec({ file: 'git', args }, { cwd: workspace, timeoutSeconds: GIT_SECONDS });
    }
    catch {
        return { exitCode: 128, stdout: '', stderr: '', timedOut: false };
    }
}


/***/ }),

/***/ 6560:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  describeBaseline: () => (/* binding */ describeBaseline),
  restoreBaseline: () => (/* binding */ restoreBaseline),
  saveBaseline: () => (/* binding */ saveBaseline)
});

// EXTERNAL MODULE: ./src/build/json.ts
var json = __webpack_require__(5668);
// EXTERNAL MODULE: ./src/github/status.ts
var github_status = __webpack_require__(957);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/baseline/worker.ts
var worker = __webpack_require__(7593);
;// CONCATENATED MODULE: ./src/baseline/cache.ts
/** One small text file in the Actions cache, through a worker that is ours to end. */




/** The client itself tries for about half a minute before it gives up. */
const WORKER_SECONDS = 60;
/** A baseline that is bigger than this is none of ours. */
const LARGEST_BASELINE = 64 * 1024 * 1024;
/** Does one task in a new folder, which is gone afterwards. Never throws. */
async function askCache(cache, task, content) {
    try {
        const folder = await (0,promises_.mkdtemp)(external_node_path_default().join(cache.temporaryFolder, 'stagegate-baseline-'));
        try {
            return await askIn(folder, cache, task, content);
        }
        finally {
            await (0,promises_.rm)(folder, { recursive: true, force: true });
        }
    }
    catch (error) {
        const code = (0,json/* asString */.oJ)((0,json/* dig */.rO)(error, 'code')) ?? 'unknown';
        return { result: { kind: 'crashed', reason: `its files could not be written (${code})` }, troubles: [] };
    }
}
async function askIn(folder, cache, task, content) {
    const file = external_node_path_default().join(folder, worker/* CACHED_FILE */.sE.slice('~/'.length));
    const resultFile = external_node_path_default().join(folder, 'result.json');
    if (content !== undefined) {
        await (0,promises_.mkdir)(external_node_path_default().dirname(file));
        await (0,promises_.writeFile)(file, content);
    }
    const ended = await run(cache, [worker/* CACHE_WORKER */.Mh, JSON.stringify(task), resultFile], folder);
    if (typeof ended === 'string')
        return { result: { kind: 'crashed', reason: ended }, troubles: [] };
    const result = ended.timedOut ? undefined : (0,worker/* parseCacheTaskResult */.Sh)(await readIfThere(resultFile));
    const troubles = readTroubles(ended.stdout, result);
    if (result === undefined) {
        const reason = ended.timedOut
            ? `the cache service took longer than ${cache.seconds ?? WORKER_SECONDS} seconds`
            : `the cache client ended with exit code ${ended.exitCode}`;
        return { result: { kind: 'crashed', reason }, troubles };
    }
    if (result.kind !== 'restored')
        return { result, troubles };
    const { size } = await (0,promises_.stat)(file).catch(() => ({ size: 0 }));
    return { result, troubles, ...(size > LARGEST_BASELINE ? {} : { content: await readIfThere(file) }) };
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
        return await (0,promises_.readFile)(file, 'utf8');
    }
    catch {
        return '';
    }
}

// EXTERNAL MODULE: ./src/baseline/history.ts
var baseline_history = __webpack_require__(2199);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./src/baseline/key.ts
/**
 * Under which key a baseline is stored. Names and branches are hashed: a key may have 512 characters and no comma, and
 * is looked for by its beginning, so `main` must not find `main-2`.
 */

/** Raised when older versions can't read what is stored. */
const FORMAT = 'v1';
/** The beginning of all keys of a series. It ends in a hyphen, so it is no beginning of another series' keys. */
function seriesKey({ name, target, branch }) {
    return `stagegate-baseline-${FORMAT}-${[name, target, branch].map(hashed).join('-')}-`;
}
/** The key of one commit's baseline. */
function baselineKey(series, sha) {
    return `${seriesKey(series)}${sha}`;
}
/** The commit in a key of the series; `undefined` for a key of another one. */
function commitOfKey(series, key) {
    const start = seriesKey(series);
    return key.startsWith(start) ? key.slice(start.length) : undefined;
}
function hashed(part) {
    return (0,external_node_crypto_.createHash)('sha256').update(part).digest('hex').slice(0, 20);
}

;// CONCATENATED MODULE: ./src/baseline/store.ts
/** The report of an earlier commit, kept in the Actions cache, to compare with. Needs no service and no permission. */





/** The service takes ten keys at once: the commit, these, and the series. */
const MOST_ANCESTORS = 8;
/** Stores the baseline of a commit. For trusted runs of a branch only. Never throws. */
async function saveBaseline(cache, request) {
    const { sha, text, redact } = request;
    const refused = (reason) => ({
        kind: 'not-saved',
        notes: [`The baseline was not stored: ${reason}.`]
    });
    if (!(0,github_status/* isCommit */.WM)(sha))
        return refused('the commit is not known');
    const envelope = { series: seriesKey(request), sha, text: redact(text) };
    const content = JSON.stringify(envelope);
    if (content.length > LARGEST_BASELINE)
        return refused('the report is too big');
    const answer = await askCache(cache, { kind: 'save', key: baselineKey(request, sha) }, content);
    if (answer.result.kind === 'saved' || answer.result.kind === 'exists')
        return { kind: answer.result.kind, notes: [] };
    return refused(redact(troubleOf(answer)));
}
/**
 * Finds the baseline: of the very commit the change is based on, else of the nearest of its first-parent ancestors,
 * else the newest of the branch. Never throws: what hinders it is in the notes, and "none" is an answer.
 */
async function restoreBaseline({ cache, clone }, request) {
    const { base, branch, fallbackBranch } = request;
    const commits = base === undefined || !(0,github_status/* isCommit */.WM)(base) ? [] : await (0,baseline_history/* firstParents */.g)(clone, base, MOST_ANCESTORS);
    const branches = [branch, ...(fallbackBranch === undefined || fallbackBranch === branch ? [] : [fallbackBranch])];
    for (const each of branches) {
        const series = { name: request.name, target: request.target, branch: each };
        const keys = [...commits.map((sha) => baselineKey(series, sha)), seriesKey(series)];
        const answer = await askCache(cache, { kind: 'restore', keys });
        const { result } = answer;
        if (result.kind === 'restored') {
            const found = readEnvelope(answer.content, series, result.key);
            if (found !== undefined)
                return { baseline: await place(clone, found, { commits, branch: each }), notes: [] };
            const reason = `the stored report of ${each} is damaged`;
            return { baseline: { kind: 'none', reason }, notes: [noteOf(reason)] };
        }
        if (result.kind === 'unavailable') {
            return { baseline: { kind: 'none', reason: 'this runner offers no Actions cache' }, notes: [] };
        }
        if (result.kind !== 'missed' || answer.troubles.length > 0) {
            const reason = troubleOf(answer);
            return { baseline: { kind: 'none', reason }, notes: [noteOf(reason)] };
        }
    }
    return { baseline: { kind: 'none', reason: `no report of ${branches.join(' or ')} is stored (yet)` }, notes: [] };
}
/** Which baseline is compared with, and how far it is from the change: one sentence, plain text. */
function describeBaseline(baseline) {
    if (baseline.kind === 'none')
        return `Compared with nothing: ${baseline.reason}.`;
    const { branch, sha } = baseline;
    const at = `${branch} at ${store_short(sha)}`;
    switch (baseline.kind) {
        case 'exact':
            return `Compared with ${at}, the commit this change is based on.`;
        case 'ancestor':
            return `Compared with ${at}, ${commitsBefore(baseline.behind)} the one this change is based on (${store_short(baseline.base)}), which has no stored report.`;
        case 'latest': {
            if (baseline.base === undefined)
                return `Compared with ${at}, the newest stored report of that branch.`;
            if (baseline.behind !== undefined) {
                return `Compared with ${at}, ${commitsBefore(baseline.behind)} the one this change is based on (${store_short(baseline.base)}); no nearer one has a stored report.`;
            }
            return `Compared with ${at}, the newest stored report of that branch: the commit this change is based on (${store_short(baseline.base)}) has none, and how far apart they are is not known here (a deeper checkout, \`fetch-depth\`, may tell).`;
        }
    }
}
async function place(clone, { sha, text }, { commits, branch }) {
    const [base] = commits;
    const behind = commits.indexOf(sha);
    if (base === undefined)
        return { kind: 'latest', branch, sha, text };
    if (behind === 0)
        return { kind: 'exact', branch, sha, text };
    if (behind > 0)
        return { kind: 'ancestor', branch, sha, text, base, behind };
    const between = await (0,baseline_history/* commitsBetween */.$)(clone, sha, base);
    return { kind: 'latest', branch, sha, text, base, ...(between === undefined ? {} : { behind: between }) };
}
function readEnvelope(content, series, key) {
    const value = (0,json/* parseJSON */.Ol)(content ?? '');
    const sha = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'sha'));
    const text = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'text'));
    if (sha === undefined || text === undefined || !(0,github_status/* isCommit */.WM)(sha))
        return undefined;
    if (commitOfKey(series, key) !== sha || (0,json/* dig */.rO)(value, 'series') !== seriesKey(series))
        return undefined;
    return { series: seriesKey(series), sha, text };
}
/** A clause, without its full stop. */
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
function noteOf(reason) {
    return `The baseline could not be read: ${reason}.`;
}
function store_short(sha) {
    return sha.slice(0, 7);
}
function commitsBefore(count) {
    return `${count} ${count === 1 ? 'commit' : 'commits'} before`;
}


/***/ })

};

//# sourceMappingURL=838.index.js.map