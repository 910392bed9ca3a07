export const id = 165;
export const ids = [165];
export const modules = {

/***/ 1916:
/***/ ((__unused_webpack_module, exports) => {

var __webpack_unused_export__;

__webpack_unused_export__ = true;
exports.Io = __webpack_unused_export__ = void 0;
var peq = new Uint32Array(0x10000);
var myers_32 = function (a, b) {
    var n = a.length;
    var m = b.length;
    var lst = 1 << (n - 1);
    var pv = -1;
    var mv = 0;
    var sc = n;
    var i = n;
    while (i--) {
        peq[a.charCodeAt(i)] |= 1 << i;
    }
    for (i = 0; i < m; i++) {
        var eq = peq[b.charCodeAt(i)];
        var xv = eq | mv;
        eq |= ((eq & pv) + pv) ^ pv;
        mv |= ~(eq | pv);
        pv &= eq;
        if (mv & lst) {
            sc++;
        }
        if (pv & lst) {
            sc--;
        }
        mv = (mv << 1) | 1;
        pv = (pv << 1) | ~(xv | mv);
        mv &= xv;
    }
    i = n;
    while (i--) {
        peq[a.charCodeAt(i)] = 0;
    }
    return sc;
};
var myers_x = function (b, a) {
    var n = a.length;
    var m = b.length;
    var mhc = [];
    var phc = [];
    var hsize = Math.ceil(n / 32);
    var vsize = Math.ceil(m / 32);
    for (var i = 0; i < hsize; i++) {
        phc[i] = -1;
        mhc[i] = 0;
    }
    var j = 0;
    for (; j < vsize - 1; j++) {
        var mv_1 = 0;
        var pv_1 = -1;
        var start_1 = j * 32;
        var vlen_1 = Math.min(32, m) + start_1;
        for (var k = start_1; k < vlen_1; k++) {
            peq[b.charCodeAt(k)] |= 1 << k;
        }
        for (var i = 0; i < n; i++) {
            var eq = peq[a.charCodeAt(i)];
            var pb = (phc[(i / 32) | 0] >>> i) & 1;
            var mb = (mhc[(i / 32) | 0] >>> i) & 1;
            var xv = eq | mv_1;
            var xh = ((((eq | mb) & pv_1) + pv_1) ^ pv_1) | eq | mb;
            var ph = mv_1 | ~(xh | pv_1);
            var mh = pv_1 & xh;
            if ((ph >>> 31) ^ pb) {
                phc[(i / 32) | 0] ^= 1 << i;
            }
            if ((mh >>> 31) ^ mb) {
                mhc[(i / 32) | 0] ^= 1 << i;
            }
            ph = (ph << 1) | pb;
            mh = (mh << 1) | mb;
            pv_1 = mh | ~(xv | ph);
            mv_1 = ph & xv;
        }
        for (var k = start_1; k < vlen_1; k++) {
            peq[b.charCodeAt(k)] = 0;
        }
    }
    var mv = 0;
    var pv = -1;
    var start = j * 32;
    var vlen = Math.min(32, m - start) + start;
    for (var k = start; k < vlen; k++) {
        peq[b.charCodeAt(k)] |= 1 << k;
    }
    var score = m;
    for (var i = 0; i < n; i++) {
        var eq = peq[a.charCodeAt(i)];
        var pb = (phc[(i / 32) | 0] >>> i) & 1;
        var mb = (mhc[(i / 32) | 0] >>> i) & 1;
        var xv = eq | mv;
        var xh = ((((eq | mb) & pv) + pv) ^ pv) | eq | mb;
        var ph = mv | ~(xh | pv);
        var mh = pv & xh;
        score += (ph >>> (m - 1)) & 1;
        score -= (mh >>> (m - 1)) & 1;
        if ((ph >>> 31) ^ pb) {
            phc[(i / 32) | 0] ^= 1 << i;
        }
        if ((mh >>> 31) ^ mb) {
            mhc[(i / 32) | 0] ^= 1 << i;
        }
        ph = (ph << 1) | pb;
        mh = (mh << 1) | mb;
        pv = mh | ~(xv | ph);
        mv = ph & xv;
    }
    for (var k = start; k < vlen; k++) {
        peq[b.charCodeAt(k)] = 0;
    }
    return score;
};
var distance = function (a, b) {
    if (a.length < b.length) {
        var tmp = b;
        b = a;
        a = tmp;
    }
    if (b.length === 0) {
        return a.length;
    }
    if (a.length <= 32) {
        return myers_32(a, b);
    }
    return myers_x(a, b);
};
exports.Io = distance;
var closest = function (str, arr) {
    var min_distance = Infinity;
    var min_index = 0;
    for (var i = 0; i < arr.length; i++) {
        var dist = distance(str, arr[i]);
        if (dist < min_distance) {
            min_distance = dist;
            min_index = i;
        }
    }
    return arr[min_index];
};
__webpack_unused_export__ = closest;


/***/ }),

/***/ 3542:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Jj: () => (/* binding */ LARGEST_TEXT),
/* harmony export */   LH: () => (/* binding */ troubleOf),
/* harmony export */   bp: () => (/* binding */ openCache),
/* harmony export */   yC: () => (/* binding */ askCache)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7075);
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_3___default = /*#__PURE__*/__webpack_require__.n(node_stream__WEBPACK_IMPORTED_MODULE_3__);
/* harmony import */ var node_string_decoder__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6193);
/* harmony import */ var node_string_decoder__WEBPACK_IMPORTED_MODULE_4___default = /*#__PURE__*/__webpack_require__.n(node_string_decoder__WEBPACK_IMPORTED_MODULE_4__);
/* harmony import */ var _core_cache_worker_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(1690);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6153);
/* harmony import */ var _worker_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5288);
/** Files in the Actions cache, through workers that are ours to end. */








/** The client itself tries for about half a minute before it gives up. */
const TASK_SECONDS = 60;
/** A text that is bigger than this is none of ours. */
const LARGEST_TEXT = 64 * 1024 * 1024;
/**
 * How many workers there may be for a task to have one of its own. A worker takes longer to start than most texts take to
 * come; contents of mounts are worth it.
 */
const mostWorkers = { 'baseline.json': 1, 'mounts.json': 1, 'mount.tar': 4 };
/** Saves or restores a text; `content` of the answer is there where one was restored. Never throws. */
async function askCache(cache, task, { content, seconds } = {}) {
    if (task.kind === 'save')
        return cache.ask(task, (file) => (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)(file, content ?? ''), seconds);
    let found;
    const read = async (file) => {
        const { size } = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.stat)(file);
        if (size <= LARGEST_TEXT)
            found = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(file, 'utf8');
    };
    const answer = await cache.ask(task, (file) => read(file).catch(() => undefined), seconds);
    return { ...answer, ...(found === undefined ? {} : { content: found }) };
}
/** What is answered once the cache is disposed of. */
const OVER = { result: { kind: 'crashed', reason: 'the run was over' }, troubles: [] };
/** Starts nothing before it is asked, or told to begin, and nothing after it is disposed of, which ends the workers. */
function openCache(options) {
    const idle = [];
    const all = new Set();
    const waiting = [];
    let isOver = false;
    function start() {
        const worker = startWorker(options);
        all.add(worker);
        return worker;
    }
    /** `undefined` where the cache is disposed of before there is one. */
    function take(most) {
        if (isOver)
            return undefined;
        return idle.pop() ?? (all.size < most ? start() : new Promise((resolve) => waiting.push(resolve)));
    }
    /** Whoever waits gets it, or a new one in its place. */
    async function giveBack(worker) {
        if (worker.hasEnded()) {
            all.delete(worker);
            waiting.shift()?.(start());
            await worker.end();
        }
        else {
            const next = waiting.shift();
            if (next === undefined)
                idle.push(worker);
            else
                next(worker);
        }
    }
    return {
        begin() {
            if (!isOver)
                idle.push(start());
        },
        async ask(task, work, seconds) {
            const worker = await take(mostWorkers[task.name]);
            if (worker === undefined)
                return OVER;
            try {
                return await worker.perform(task, work, seconds ?? TASK_SECONDS);
            }
            catch (error) {
                const code = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .dig */ .rO)(error, 'code')) ?? 'unknown';
                return { result: { kind: 'crashed', reason: `its files could not be written (${code})` }, troubles: [] };
            }
            finally {
                await giveBack(worker);
            }
        },
        async [Symbol.asyncDispose]() {
            isOver = true;
            for (const settle of waiting.splice(0))
                settle(undefined);
            await Promise.all([...all].map((worker) => worker.end()));
        }
    };
}
function startWorker({ exec, worker, folder: parent }) {
    const input = new node_stream__WEBPACK_IMPORTED_MODULE_3__.PassThrough();
    const ending = new AbortController();
    const decoder = new node_string_decoder__WEBPACK_IMPORTED_MODULE_4__.StringDecoder();
    let printed = '';
    /** How it ended. */
    let end;
    let listen = () => undefined;
    let making;
    const running = serve().catch(() => 'the cache client could not be run');
    void running.then((how) => {
        end = how;
        listen();
    });
    function home() {
        return (making ??= parent.then((folder) => (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdtemp)(node_path__WEBPACK_IMPORTED_MODULE_2___default().join(folder, 'stagegate-cache-'))));
    }
    async function serve() {
        const onStdout = (chunk) => {
            printed += decoder.write(chunk);
            listen();
        };
        const command = { file: worker.file, args: [...worker.args, _core_cache_worker_js__WEBPACK_IMPORTED_MODULE_7__/* .CACHE_WORKER */ .M] };
        const env = { RUNNER_DEBUG: '' };
        const { exitCode } = await exec(command, { cwd: '/', env, input, onStdout, signal: ending.signal });
        return `the cache client ended with exit code ${exitCode}`;
    }
    function answerTo(mark, seconds) {
        return new Promise((resolve) => {
            const settle = (heard) => {
                clearTimeout(timer);
                listen = () => undefined;
                resolve(heard);
            };
            const timer = setTimeout(() => {
                ending.abort();
                settle(`the cache service took longer than ${seconds} seconds`);
            }, seconds * 1000);
            listen = () => {
                const heard = (0,_worker_js__WEBPACK_IMPORTED_MODULE_5__/* .readCacheAnswer */ .ZV)(mark, printed) ?? end;
                if (heard !== undefined)
                    settle(heard);
            };
            listen();
        });
    }
    return {
        async perform(task, work, seconds) {
            const folder = await home();
            const file = node_path__WEBPACK_IMPORTED_MODULE_2___default().join(folder, (0,_worker_js__WEBPACK_IMPORTED_MODULE_5__/* .cachedPath */ .cp)(task.name).slice('~/'.length));
            try {
                if (task.kind === 'save') {
                    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdir)(node_path__WEBPACK_IMPORTED_MODULE_2___default().dirname(file));
                    await work(file);
                }
                printed = '';
                const mark = `${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomUUID)()} `;
                input.write((0,_worker_js__WEBPACK_IMPORTED_MODULE_5__/* .writeCacheTask */ .DM)({ mark, task, folder }));
                const heard = await answerTo(mark, seconds);
                if (typeof heard === 'string') {
                    return { result: { kind: 'crashed', reason: heard }, troubles: readTroubles(printed) };
                }
                const { result } = heard;
                if (result.kind === 'restored')
                    await work(file);
                return { result, troubles: readTroubles(heard.printed, result) };
            }
            finally {
                await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(node_path__WEBPACK_IMPORTED_MODULE_2___default().dirname(file), { recursive: true, force: true });
            }
        },
        hasEnded: () => end !== undefined || ending.signal.aborted,
        async end() {
            ending.abort();
            await running;
            await making?.then((folder) => (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true })).catch(() => undefined);
        }
    };
}
/**
 * The client's complaints are workflow commands: `::warning::Failed to restore: …`. Of a save that failed it may say
 * nothing but why it tried again.
 */
function readTroubles(printed, result) {
    const lines = printed.split(/\r?\n/);
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

/***/ 5288:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   DM: () => (/* binding */ writeCacheTask),
/* harmony export */   ZV: () => (/* binding */ readCacheAnswer),
/* harmony export */   cp: () => (/* binding */ cachedPath),
/* harmony export */   runCacheWorker: () => (/* binding */ runCacheWorker)
/* harmony export */ });
/* harmony import */ var node_readline__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(481);
/* harmony import */ var node_readline__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_readline__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6153);
/**
 * The Actions cache client in a process of its own. The client takes its folders from the environment, talks to the job
 * log, turns its failures into annotations there and can't be stopped. In a child it gets an empty folder as home,
 * workspace and scratch, what it prints is ours to judge, and a timeout ends it.
 *
 * The child does one task after another: a line of its input each. What the client prints meanwhile is followed by a
 * line that begins with the task's mark.
 */


/**
 * The path given to the client. Entries are found only by the same text, and lie in the archive relative to the
 * workspace: with home and workspace in one folder both are alike on every runner and in every container.
 */
function cachedPath(name) {
    return `~/stagegate/${name}`;
}
const fileNames = ['baseline.json', 'mounts.json', 'mount.tar'];
const SLOW_MILLISECONDS = 10_000;
/** Does the tasks that come in until there are no more. */
async function runCacheWorker() {
    const cache = await Promise.all(/* import() | cache */[__webpack_require__.e(457), __webpack_require__.e(779), __webpack_require__.e(521), __webpack_require__.e(759)]).then(__webpack_require__.bind(__webpack_require__, 8521));
    for await (const line of (0,node_readline__WEBPACK_IMPORTED_MODULE_0__.createInterface)(process.stdin)) {
        const request = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .parseJSON */ .Ol)(line);
        moveTo((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(request, 'folder')));
        const result = await work(cache, parseCacheTask((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(request, 'task')));
        process.stdout.write(`\n${(0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(request, 'mark')) ?? ''}${JSON.stringify(result)}\n`);
    }
}
/** The line that a worker gets: a task, the mark of its answer, and the folder to be at home in. */
function writeCacheTask(request) {
    return `${JSON.stringify(request)}\n`;
}
/** The client looks for its folders in the environment each time. */
function moveTo(folder) {
    if (folder === undefined)
        return;
    for (const name of ['HOME', 'USERPROFILE', 'GITHUB_WORKSPACE', 'RUNNER_TEMP'])
        process.env[name] = folder;
    process.chdir(folder);
}
/** Finds the line that ends a task, and what the client has printed until then. */
function readCacheAnswer(mark, printed) {
    const start = printed.indexOf(mark);
    const end = start === -1 ? -1 : printed.indexOf('\n', start);
    const result = end === -1 ? undefined : parseCacheTaskResult(printed.slice(start + mark.length, end));
    return result === undefined ? undefined : { result, printed: printed.slice(0, start) };
}
async function work(cache, task) {
    if (task === undefined || !cache.isFeatureAvailable())
        return { kind: 'unavailable' };
    const paths = [cachedPath(task.name)];
    if (task.kind === 'save') {
        const startedAt = performance.now();
        const id = await cache.saveCache(paths, task.key);
        if (id !== -1)
            return { kind: 'saved' };
        // That took retries: the service is down, and would be for the next question.
        if (performance.now() - startedAt > SLOW_MILLISECONDS)
            return { kind: 'failed' };
        // The client says -1 to everything from "there already" to "the service is down".
        const found = await cache.restoreCache(paths, task.key, [], { lookupOnly: true });
        return { kind: found === task.key ? 'exists' : 'failed' };
    }
    const [key = '', ...others] = task.keys;
    const found = await cache.restoreCache(paths, key, others);
    return found === undefined ? { kind: 'missed' } : { kind: 'restored', key: found };
}
function parseCacheTask(value) {
    const name = fileNames.find((each) => each === (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(value, 'name'));
    if (name === undefined)
        return undefined;
    const key = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(value, 'key'));
    if ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(value, 'kind') === 'save' && key !== undefined)
        return { kind: 'save', name, key };
    const keys = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(value, 'keys')).filter((entry) => typeof entry === 'string');
    return (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(value, 'kind') === 'restore' && keys.length > 0 ? { kind: 'restore', name, keys } : undefined;
}
function parseCacheTaskResult(text) {
    const value = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .parseJSON */ .Ol)(text);
    const kind = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(value, 'kind');
    const key = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(value, 'key'));
    if (kind === 'restored')
        return key === undefined ? undefined : { kind, key };
    return kind === 'saved' || kind === 'exists' || kind === 'failed' || kind === 'missed' || kind === 'unavailable'
        ? { kind }
        : undefined;
}


/***/ }),

/***/ 7781:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Q: () => (/* binding */ readEnvironment),
/* harmony export */   Y: () => (/* binding */ inCheckout)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _core_docker_config_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4500);
/**
 * The environment as this program and its children see it. The code of a pull request is checked out where the step
 * starts, so nothing that is looked for relative to that folder, or in it, may be run or read as configuration.
 */



/** Names of folders and files; an empty one would stand for the working directory. */
const pathVariables = [
    'HOME',
    'DOCKER_CONFIG',
    'BUILDX_CONFIG',
    'XDG_CONFIG_HOME',
    'XDG_CACHE_HOME',
    'XDG_RUNTIME_DIR',
    'TMPDIR',
    'RUNNER_TEMP',
    'GITHUB_WORKSPACE',
    'GITHUB_EVENT_PATH',
    'GITHUB_STEP_SUMMARY',
    'SSH_AUTH_SOCK'
];
/** Where programs are without a PATH. */
const defaultPath = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/**
 * Empty names of folders are unset, as they are to docker; `PATH` holds absolute folders outside of the checkout alone;
 * and there is a home in any case, since docker would look for `.docker` in the working directory without one.
 */
function readEnvironment(env) {
    const set = Object.fromEntries(Object.entries(env).filter(([name, value]) => value !== '' || !pathVariables.includes(name)));
    const isChecked = inCheckout(set);
    const folders = (set.PATH ?? '')
        .split((node_path__WEBPACK_IMPORTED_MODULE_1___default().delimiter))
        .filter((folder) => node_path__WEBPACK_IMPORTED_MODULE_1___default().isAbsolute(folder) && !isChecked(folder));
    const temporary = [set.RUNNER_TEMP].find((folder) => folder !== undefined && node_path__WEBPACK_IMPORTED_MODULE_1___default().isAbsolute(folder));
    return {
        ...set,
        HOME: (0,_core_docker_config_js__WEBPACK_IMPORTED_MODULE_2__/* .homeFolder */ .Wx)(set) ?? temporary ?? '/',
        PATH: (folders.length > 0 ? folders : defaultPath).join((node_path__WEBPACK_IMPORTED_MODULE_1___default().delimiter))
    };
}
/** Tells whether a path is in the checkout (`GITHUB_WORKSPACE`), symbolic links followed. */
function inCheckout({ GITHUB_WORKSPACE: workspace = '' }) {
    const checkout = workspace === '' ? '/' : followed(workspace);
    // Nothing is checked out into the root; and everything would be in it.
    if (checkout === node_path__WEBPACK_IMPORTED_MODULE_1___default().parse(checkout).root)
        return () => false;
    return (place) => `${followed(place)}${(node_path__WEBPACK_IMPORTED_MODULE_1___default().sep)}`.startsWith(`${checkout}${(node_path__WEBPACK_IMPORTED_MODULE_1___default().sep)}`);
}
function followed(place) {
    try {
        return (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.realpathSync)(place);
    }
    catch {
        return node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(place);
    }
}


/***/ }),

/***/ 6788:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   g: () => (/* binding */ inTurns),
/* harmony export */   i: () => (/* binding */ holdLog)
/* harmony export */ });
/** Holds a log. */
function holdLog(log) {
    const waiting = [];
    let isHeld = true;
    const later = (write) => {
        if (!isHeld)
            return write();
        waiting.push(write);
    };
    const held = (write) => (...args) => void later(() => write(...args));
    return {
        log: {
            info: held(log.info),
            untrusted: held(log.untrusted),
            notice: held(log.notice),
            warning: held(log.warning),
            error: held(log.error),
            debug: held(log.debug),
            async group(title, body) {
                const over = Promise.withResolvers();
                let written = Promise.resolve();
                void later(() => void (written = log.group(title, () => over.promise)));
                try {
                    return await body();
                }
                finally {
                    await later(() => {
                        over.resolve();
                        return written;
                    });
                }
            }
        },
        async release() {
            for (let write = waiting.shift(); write !== undefined; write = waiting.shift())
                await write();
            isHeld = false;
        }
    };
}
/** A log in parts, one an item, that stand one after the other: each is held until those before it have nothing more to say. */
function inTurns(log, items) {
    const parts = items.map((item, nth) => ({ item, held: nth === 0 ? undefined : holdLog(log), isDone: false }));
    const rest = parts.values();
    let current = rest.next().value;
    let turning = Promise.resolve();
    const turn = async () => {
        while (current?.isDone === true) {
            current = rest.next().value;
            await current?.held?.release();
        }
    };
    return parts.map((part) => ({
        item: part.item,
        log: part.held?.log ?? log,
        async done() {
            part.isDone = true;
            // What ends while another part is written out does not begin in the middle of it.
            await (turning = turning.then(turn));
        }
    }));
}


/***/ }),

/***/ 8701:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  j: () => (/* binding */ createRunner),
  R: () => (/* binding */ readInput)
});

// EXTERNAL MODULE: ./node_modules/@actions/core/lib/core.js + 7 modules
var core = __webpack_require__(3838);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
;// CONCATENATED MODULE: ./src/adapters/commands.ts
/**
 * What the runner could take for a workflow command, by the rules of its parser: `::name …::` at the start of a line,
 * after white space, and the older `##[name …]` anywhere in it. It compares as .NET does by default, which passes over
 * characters without width, and it ends lines at a lone carriage return, too.
 * https://github.com/actions/runner/blob/main/src/Runner.Common/ActionCommand.cs
 */
/** Whatever is not a visible character of ASCII: more than the runner passes over, in every version of Unicode. */
const passedOver = '[^\\x21-\\x7e]*';
const v2 = new RegExp(`:${passedOver}:`);
const v1 = new RegExp(`#${passedOver}#${passedOver}\\[`);
const v1s = new RegExp(`(#${passedOver}#${passedOver})\\[`, 'g');
/** Whether text could be, or hold, a command. In doubt it could: `a::b` is none, and yet stopping commands does no harm. */
function mayCommand(text) {
    return v2.test(text) || v1.test(text);
}
/**
 * Text for inside of a command of ours, such as an annotation's message. There the runner reads the older form only if it
 * does not know our command, as an old one may not know `notice`; so the mark is broken up.
 */
function breakMarks(text) {
    return text.replace(v1s, '$1\\[');
}

;// CONCATENATED MODULE: ./src/adapters/runner.ts
/** The job log and the runner's services, on top of @actions/core. */





/** An input of the step as it was written; the empty text for one that is not there. */
function readInput(name) {
    return core/* getInput */.V4(name, { trimWhitespace: false });
}
/**
 * The log and the runner share one thing: while a build's own output is printed, workflow commands are stopped with a
 * random token, and every command of ours resumes them first.
 * https://docs.github.com/actions/reference/workflow-commands-for-github-actions#stopping-and-starting-workflow-commands
 */
function createRunner(summaryFile) {
    let stopToken;
    const resume = () => {
        if (stopToken === undefined)
            return;
        process.stdout.write(`::${stopToken}::\n`);
        stopToken = undefined;
    };
    const untrusted = (line) => {
        if (stopToken === undefined) {
            stopToken = (0,external_node_crypto_.randomBytes)(16).toString('hex');
            process.stdout.write(`::stop-commands::${stopToken}\n`);
        }
        process.stdout.write(`${line}\n`);
    };
    const annotate = (write) => (message, { title, file, line }) => {
        resume();
        write(breakMarks(message), {
            title: breakMarks(title),
            ...(file === undefined ? {} : { file: breakMarks(file) }),
            ...(line === undefined ? {} : { startLine: line })
        });
    };
    const log = {
        info(line) {
            // Our own words quote names, of secrets, stages and reports, that a stranger chose.
            if (mayCommand(line))
                untrusted(line);
            else {
                resume();
                core/* info */.pq(line);
            }
        },
        untrusted,
        notice: annotate(core/* notice */.lm),
        warning: annotate(core/* warning */.$e),
        error: annotate(core/* error */.z3),
        debug(line) {
            if (!core/* isDebug */._o())
                return;
            resume();
            core/* debug */.Yz(breakMarks(line));
        },
        async group(title, body) {
            resume();
            core/* startGroup */.Oh(breakMarks(title));
            try {
                return await body();
            }
            finally {
                resume();
                core/* endGroup */.N4();
            }
        }
    };
    const runner = {
        mask(value) {
            resume();
            core/* setSecret */.Pq(value);
        },
        saveState(name, value) {
            resume();
            core/* saveState */.LZ(name, value);
        },
        setOutput(name, value) {
            resume();
            core/* setOutput */.uH(name, value);
        },
        exportVariable(name, value) {
            resume();
            core/* exportVariable */.dN(name, value);
        },
        async writeSummary(markdown) {
            if (summaryFile === undefined || summaryFile === '')
                return;
            try {
                await (0,promises_.appendFile)(summaryFile, `${markdown}\n`);
            }
            catch (error) {
                const why = (0,json/* asString */.oJ)((0,json/* dig */.rO)(error, 'message')) ?? 'unknown error';
                log.warning(`The job summary could not be written: ${why}.`, { title: 'Stagegate wrote no summary' });
            }
        }
    };
    return { log, runner };
}


/***/ }),

/***/ 2199:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $q: () => (/* binding */ commitsBetween),
/* harmony export */   bX: () => (/* binding */ commitTime),
/* harmony export */   gs: () => (/* binding */ firstParents),
/* harmony export */   mergedBase: () => (/* binding */ mergedBase)
/* harmony export */ });
/* harmony import */ var _occasion_place_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7024);

/** git answers from disk; a clone on a hanging network file system must not hold up a run. */
const GIT_SECONDS = 20;
/**
 * `sha` and up to `count` first-parent ancestors, nearest first. Just `sha` where the clone does not have it. A branch's
 * own history is its first parents: of a merged branch's commits none was ever built as this branch.
 */
async function firstParents(clone, sha, count) {
    const { exitCode, stdout } = await git(clone, 'rev-list', '--first-parent', `--max-count=${count + 1}`, sha);
    const found = stdout.split('\n').filter(_occasion_place_js__WEBPACK_IMPORTED_MODULE_0__/* .isCommit */ .W);
    return exitCode === 0 && found[0] === sha ? found : [sha];
}
/**
 * How many first-parent commits lie between, when `older` is an ancestor of `newer` in this clone. In a shallow clone a
 * path may be missing: then nothing is known.
 */
async function commitsBetween(clone, older, newer) {
    if (!(0,_occasion_place_js__WEBPACK_IMPORTED_MODULE_0__/* .isCommit */ .W)(older) || !(0,_occasion_place_js__WEBPACK_IMPORTED_MODULE_0__/* .isCommit */ .W)(newer))
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
/** Seconds since 1970 at which the commit was made that is checked out in a folder, or why that cannot be had. */
async function commitTime(exec, folder) {
    const { exitCode, stdout, stderr } = await git({ exec, workspace: folder }, 'cat-file', 'commit', 'HEAD');
    const [headers = ''] = stdout.split('\n\n', 1);
    const seconds = /^committer .* (\d+) [+-]\d{4}$/m.exec(headers)?.[1];
    if (exitCode === 0 && seconds !== undefined)
        return { seconds };
    const [said = ''] = stderr.trim().split('\n', 1);
    return { problem: said === '' ? 'git does not answer' : `git says: ${said}` };
}
/** A folder of the checkout that looks like a repository is none: its configuration would be the change's own. */
const OWN_REPOSITORY = ['-c', 'safe.bareRepository=explicit'];
/** Runs git; whatever hinders it counts as an answer that says nothing. */
async function git({ exec, workspace }, ...args) {
    try {
        return await exec({ file: 'git', args: [...OWN_REPOSITORY, ...args] }, { cwd: workspace, timeoutSeconds: GIT_SECONDS });
    }
    catch {
        return { exitCode: 128, stdout: '', stderr: '', timedOut: false };
    }
}


/***/ }),

/***/ 2913:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   O: () => (/* binding */ readEngineRegistries),
/* harmony export */   k8: () => (/* binding */ makeBuilder),
/* harmony export */   uU: () => (/* binding */ planAutoBuilder)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8500);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_3___default = /*#__PURE__*/__webpack_require__.n(node_timers_promises__WEBPACK_IMPORTED_MODULE_3__);
/* harmony import */ var _core_host_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(393);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6153);
/* harmony import */ var _builder_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1259);
/* harmony import */ var _plain_error_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(8297);
/**
 * The docker-container builder that `builder: auto` makes where the current one cannot do what is asked. It is as near
 * to the runner as the one it stands in for: its network where that is needed, and the engine's ways to registries.
 * https://docs.docker.com/build/builders/drivers/docker-container/
 */








/** Reads `docker info --format json`. */
function readEngineRegistries(text) {
    const registries = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .dig */ .rO)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .parseJSON */ .Ol)(text), 'RegistryConfig');
    const strings = (value) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .asArray */ ._j)(value).flatMap((item) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .asString */ .oJ)(item) ?? []);
    const indices = Object.entries((0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .dig */ .rO)(registries, 'IndexConfigs')) ?? {});
    return {
        mirrors: strings((0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .dig */ .rO)(registries, 'Mirrors')),
        insecure: indices.flatMap(([host, index]) => ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .dig */ .rO)(index, 'Secure') === false ? [host] : [])),
        insecureNetworks: strings((0,_core_json_js__WEBPACK_IMPORTED_MODULE_6__/* .dig */ .rO)(registries, 'InsecureRegistryCIDRs'))
    };
}
/** Plans a builder. Pure. */
function planAutoBuilder({ job, networks, allow, texts, registries }) {
    const hostNetwork = networks.includes('host') || allow.includes('network.host') || texts.some(_core_host_js__WEBPACK_IMPORTED_MODULE_4__/* .namesLoopback */ .qz);
    const flags = allow.includes('security.insecure')
        ? '--allow-insecure-entitlement network.host --allow-insecure-entitlement security.insecure'
        : '';
    const configuration = writeConfiguration(registries, texts);
    const identity = [job, String(hostNetwork), flags, configuration].join('\n');
    return {
        name: `stagegate-${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(identity).digest('hex').slice(0, 12)}`,
        hostNetwork,
        flags,
        configuration
    };
}
/** buildkitd.toml: https://docs.docker.com/build/buildkit/toml-configuration/ */
function writeConfiguration({ mirrors, insecure, insecureNetworks }, texts) {
    const hosts = mirrors.flatMap((mirror) => (URL.canParse(mirror) ? [new URL(mirror)] : []));
    const plain = hosts.filter(({ protocol }) => protocol === 'http:').map(({ host }) => host);
    const inNetworks = texts.flatMap(addresses).filter((address) => (0,_core_host_js__WEBPACK_IMPORTED_MODULE_4__/* .matchesHost */ .qC)(address, insecureNetworks));
    const open = [...new Set([...insecure, ...plain, ...inNetworks])].sort();
    const names = hosts.map(({ host, pathname }) => `${host}${pathname.replace(/\/+$/, '')}`);
    return [
        ...(names.length === 0 ? [] : ['[registry."docker.io"]', `  mirrors = [${names.map(quoted).join(', ')}]`]),
        // As the engine does: TLS without a look at the certificate, and without TLS where there is none.
        ...open.flatMap((host) => [`[registry.${quoted(host)}]`, '  http = true', '  insecure = true'])
    ]
        .map((line) => `${line}\n`)
        .join('');
}
/** A string of TOML. */
function quoted(text) {
    return JSON.stringify(text);
}
/** Hosts of a text that are IPv4 addresses, with their ports; those of the runner itself need no leave. */
function addresses(text) {
    return [...text.matchAll(/(?:^|[\s=/@"'])(\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?)(?=\/)/g)]
        .map(([, address = '']) => address)
        .filter((address) => !(0,_core_host_js__WEBPACK_IMPORTED_MODULE_4__/* .isLoopback */ .U9)(address));
}
const PAUSES = [1000, 4000];
/** Makes the builder, or finds the one that another step of the job has made, and starts it. */
async function makeBuilder(ports, plan, options) {
    const { name } = plan;
    const isThere = async () => (await (0,_builder_js__WEBPACK_IMPORTED_MODULE_5__/* .askDocker */ .ad)(ports, ['buildx', 'inspect', name])).exitCode === 0;
    let own = false;
    if (!(await isThere())) {
        options.onCreate(name);
        const reason = await create(ports, plan, options);
        // Two steps that start at once: the builder is the other's, and so is its end.
        own = reason === undefined;
        if (!own) {
            if (!(await isThere()))
                return { reason: reason ?? '' };
            options.onShared(name);
        }
    }
    const { tries, seconds, reason } = await boot(ports, name, options.pauses ?? PAUSES);
    if (reason !== undefined) {
        if (own)
            await ports.show((0,_builder_js__WEBPACK_IMPORTED_MODULE_5__/* .removeBuilderCommand */ .TX)(name));
        return { reason };
    }
    const notes = tries > 1 ? [`The builder started at the ${ordinal(tries)} try, after ${seconds.toFixed(1)} s.`] : [];
    return { builder: { ...(await (0,_builder_js__WEBPACK_IMPORTED_MODULE_5__/* .inspectBuilder */ .IK)(ports, name)), created: own }, notes };
}
async function create(ports, { name, hostNetwork, flags, configuration }, { buildx, folder }) {
    const own = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.mkdtemp)(node_path__WEBPACK_IMPORTED_MODULE_2___default().join(folder, 'stagegate-builder-'));
    try {
        const file = node_path__WEBPACK_IMPORTED_MODULE_2___default().join(own, 'buildkitd.toml');
        if (configuration !== '')
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.writeFile)(file, configuration);
        const configFlag = (0,_builder_js__WEBPACK_IMPORTED_MODULE_5__/* .isOlder */ .tW)(buildx, { major: 0, minor: 14 }) ? '--config' : '--buildkitd-config';
        const args = [
            ...['buildx', 'create', '--name', name, '--driver', 'docker-container'],
            // A container of its own does not reach what listens on the runner's loopback address.
            ...(hostNetwork ? ['--driver-opt', 'network=host'] : []),
            ...(flags === '' ? [] : ['--buildkitd-flags', flags]),
            ...(configuration === '' ? [] : [configFlag, file])
        ];
        ports.log.info(`docker ${args.join(' ')}`);
        const { exitCode, stderr } = await (0,_builder_js__WEBPACK_IMPORTED_MODULE_5__/* .askDocker */ .ad)(ports, args);
        if (exitCode === 0)
            return undefined;
        ports.log.untrusted(stderr.trim());
        return (0,_plain_error_js__WEBPACK_IMPORTED_MODULE_7__/* .lastError */ .V)(stderr);
    }
    finally {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(own, { recursive: true, force: true });
    }
}
/** Seconds that the image of BuildKit may take to come. */
const BOOT_SECONDS = 300;
async function boot({ exec, log }, name, pauses) {
    const start = performance.now();
    for (let tries = 1;; tries += 1) {
        const { exitCode, stderr, timedOut } = await exec({ file: 'docker', args: ['buildx', 'inspect', '--bootstrap', name] }, { timeoutSeconds: BOOT_SECONDS });
        const seconds = (performance.now() - start) / 1000;
        if (exitCode === 0)
            return { tries, seconds };
        log.untrusted(stderr.trim());
        const reason = timedOut ? `it did not start within ${BOOT_SECONDS} s` : (0,_plain_error_js__WEBPACK_IMPORTED_MODULE_7__/* .lastError */ .V)(stderr);
        const pause = pauses[tries - 1];
        if (pause === undefined || timedOut || !isPassing(stderr))
            return { tries, seconds, reason };
        log.info(`The builder did not start. It is tried again in ${pause / 1000} s.`);
        await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_3__.setTimeout)(pause);
    }
}
/** Whether a builder that did not start may do so a moment later: networks, registries, another step's container. */
function isPassing(stderr) {
    return (/timeout|timed out|deadline exceeded|connection (?:refused|reset)|EOF|no such host|temporary failure|\b(?:429|50[0234])\b|toomanyrequests|already in use|is not running|failed to list workers|Unavailable/i.test(stderr) && !/denied|unauthori[sz]ed|manifest unknown/i.test(stderr));
}
function ordinal(count) {
    return count === 2 ? 'second' : count === 3 ? 'third' : `${count}th`;
}


/***/ }),

/***/ 3791:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Nm: () => (/* binding */ planPrint),
/* harmony export */   QR: () => (/* binding */ targetsOf),
/* harmony export */   Tm: () => (/* binding */ planBake),
/* harmony export */   kk: () => (/* binding */ planResolve),
/* harmony export */   r$: () => (/* binding */ linkedBuilds)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _builds_shape_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3144);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6153);
/* harmony import */ var _core_linked_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9358);
/* harmony import */ var _core_pair_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5735);
/* harmony import */ var _core_source_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2858);
/**
 * Several targets in one `docker buildx bake` call: one session, one look at the context, the bases and the URLs, and each
 * step that targets share is one vertex with one result. Pure: targets in, a definition and a command out.
 * https://docs.docker.com/build/bake/reference/
 */






/** The targets that are built: where no cache is read there is nothing to help with. */
function targetsOf({ targets, cache }) {
    if ((cache?.from ?? []).length > 0)
        return targets;
    return targets.filter(({ helper }) => helper === undefined).map((target) => ({ ...target, after: [] }));
}
/** The linked targets of a call: each once for all targets of the same platforms. */
function linkedBuilds({ build: { linked }, ...bake }) {
    const sets = [...new Map(targetsOf(bake).map(({ platforms }) => [platforms.join(), platforms])).values()];
    return sets.flatMap((platforms, at) => linked.map((target, nth) => ({ name: `_linked${nth}-${at}`, target, rank: nth, platforms })));
}
/** Plans the call. Paths of the definition are absolute, since it lies in no folder. */
function planBake(bake) {
    const { build, metadataFile, builder } = bake;
    return {
        file: 'docker',
        args: [
            ...['buildx', 'bake', '--file', '-', '--progress', 'rawjson', '--metadata-file', metadataFile],
            ...(builder === undefined ? [] : ['--builder', builder]),
            ...build.shape.allow.flatMap((entitlement) => ['--allow', entitlement])
        ],
        input: JSON.stringify(planDefinition(bake, targetsOf(bake))),
        // bake asks before it reads or writes outside the working directory; a workflow has said what it wants.
        env: { BUILDX_BAKE_ENTITLEMENTS_FS: '0' }
    };
}
/** The resolved definition, as buildx of this machine understands it: what it does not know is missing there. */
function planPrint(bake) {
    const { input, env } = planBake(bake);
    return { file: 'docker', args: ['buildx', 'bake', '--file', '-', '--print'], input, env };
}
/** The resolved definition of a user's file. Nothing is built, but bake looks for the secrets and agents it names. */
function planResolve({ files, targets, set }) {
    return {
        file: 'docker',
        args: [
            ...['buildx', 'bake', '--print'],
            ...files.flatMap((file) => ['--file', file]),
            ...set.flatMap((value) => ['--set', value]),
            ...targets
        ]
    };
}
function planDefinition(bake, targets) {
    const linked = linkedBuilds(bake);
    const names = new Map(linked.map(({ name, target, platforms }) => [linkKey(target.name, platforms), name]));
    return {
        group: { default: { targets: targets.map(({ name }) => name) } },
        target: Object.fromEntries([
            ...targets.map((target) => [target.name, literal(attributesOf(bake, target, names))]),
            ...linked.map((each) => [each.name, literal(linkedAttributesOf(bake, each, names))])
        ])
    };
}
function linkKey(target, platforms) {
    return [target, ...platforms].join();
}
function attributesOf(bake, target, names) {
    const { build, credentials, cache, fresh } = bake;
    const { source, shape, image } = build;
    const { annotations, helper, after = [] } = target;
    const { context } = source;
    const file = target.dockerfile ?? (0,_core_source_js__WEBPACK_IMPORTED_MODULE_3__/* .dockerfilePath */ .Se)(source);
    const shaped = (0,_builds_shape_js__WEBPACK_IMPORTED_MODULE_1__/* .shapeAttributes */ .H0)({ ...shape, platforms: target.platforms });
    return {
        context: context.kind === 'local' ? node_path__WEBPACK_IMPORTED_MODULE_0___default().resolve(context.path) : context.url,
        ...(context.kind === 'local' ? { dockerfile: node_path__WEBPACK_IMPORTED_MODULE_0___default().resolve(file) } : source.file === '' ? {} : { dockerfile: file }),
        ...(target.stage === '' ? {} : { target: target.stage }),
        ...shaped,
        ...contextsOf(names, target.platforms, { ...(0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .asObject */ .eB)(shaped.contexts), ...linksTo(after) }),
        output: target.outputs,
        ...list('tags', target.tags),
        ...list('secret', credentials.secrets),
        ...list('ssh', credentials.ssh),
        ...list('cache-from', helper?.imports === false ? [] : cache?.from),
        ...list('cache-to', target.cacheTo),
        ...(build.fresh.pull ? { pull: true } : {}),
        // The same of every target: a step they share must be the same step.
        ...(fresh?.noCache === true ? { 'no-cache': true } : list('no-cache-filter', fresh?.noCacheFilters)),
        ...(annotations !== undefined
            ? {
                ...(image.labels.length === 0 ? {} : { labels: pairs(image.labels) }),
                ...list('annotations', annotations),
                ...list('attest', target.attestations)
            }
            : {})
    };
}
/** The same bases, credentials and imports as what is built upon it; the rest is as the user's file has it. */
function linkedAttributesOf(bake, { target, platforms }, names) {
    const { 'no-cache': noCache, 'no-cache-filter': filters, pull, ...attributes } = target.attributes;
    const { build, credentials, cache, fresh } = bake;
    return {
        ...attributes,
        ...contextsOf(names, platforms, (0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .asObject */ .eB)(attributes.contexts) ?? {}),
        ...list('platforms', platforms),
        ...list('secret', credentials.secrets),
        ...list('ssh', credentials.ssh),
        ...list('cache-from', cache?.from),
        ...(build.fresh.pull || pull === true ? { pull: true } : {}),
        // Later solves find in the builder what the first has made of it.
        ...(fresh === undefined ? {} : { 'no-cache': fresh.noCache || noCache === true, 'no-cache-filter': filters })
    };
}
/** Named contexts, with each linked target under the name that it has in this call. */
function contextsOf(names, platforms, contexts) {
    const entries = Object.entries(contexts).map(([alias, place]) => {
        const target = typeof place === 'string' ? (0,_core_linked_js__WEBPACK_IMPORTED_MODULE_2__/* .linkedName */ .F$)(place) : undefined;
        const found = target === undefined ? undefined : names.get(linkKey(target, platforms));
        return [alias, found === undefined ? place : `target:${found}`];
    });
    return entries.length === 0 ? {} : { contexts: Object.fromEntries(entries) };
}
/** buildx builds a target that is named as a context first, whether or not the Dockerfile reads it. */
function linksTo(targets) {
    return Object.fromEntries(targets.map((name) => [`stagegate${name}`, `target:${name}`]));
}
function list(name, values) {
    return values === undefined || values.length === 0 ? {} : { [name]: values };
}
function pairs(values) {
    return Object.fromEntries((0,_core_pair_js__WEBPACK_IMPORTED_MODULE_5__/* .splitPairs */ ._)(values));
}
/** Every string of a bake file is a template, in names as in values: what looks like one is written so that it is none. */
function literal(value) {
    if (typeof value === 'string')
        return value.replace(/([$%])\{/g, '$1$1{');
    if (Array.isArray(value))
        return value.map(literal);
    if (typeof value !== 'object' || value === null)
        return value;
    return Object.fromEntries(Object.entries(value).map(([name, member]) => [literal(name), literal(member)]));
}


/***/ }),

/***/ 593:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   OF: () => (/* binding */ planCall),
/* harmony export */   gT: () => (/* binding */ noCredentials),
/* harmony export */   gb: () => (/* binding */ planAnswer),
/* harmony export */   jO: () => (/* binding */ planManifest),
/* harmony export */   nx: () => (/* binding */ planSolve)
/* harmony export */ });
/* harmony import */ var _builds_shape_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3144);
/* harmony import */ var _core_linked_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9358);
/* harmony import */ var _core_pair_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5735);
/* harmony import */ var _core_source_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2858);




const noCredentials = { secrets: [], ssh: [] };
/** A solve with `--progress=rawjson` on standard error and its metadata in a file; of a build without linked targets. */
function planSolve(solve) {
    const { build, fresh, cache, credentials } = solve;
    return {
        file: 'docker',
        args: [
            ...['buildx', 'build', '--progress', 'rawjson', '--metadata-file', solve.metadataFile],
            ...common(solve, solve.target, solve.dockerfile),
            ...many('--secret', credentials.secrets),
            // No CSV here: a comma separates key files.
            ...many('--ssh', credentials.ssh),
            ...many('--cache-from', cache?.from ?? []),
            ...many('--cache-to', cache?.to ?? []),
            ...(fresh?.noCache === true ? ['--no-cache'] : many('--no-cache-filter', fresh?.noCacheFilters ?? [])),
            ...many('--tag', solve.tags ?? []),
            ...many('--output', solve.outputs),
            (0,_core_source_js__WEBPACK_IMPORTED_MODULE_2__/* .contextArgument */ .jm)(build.source)
        ]
    };
}
/**
 * A question to the Dockerfile (`--call`), answered as JSON on standard output. Nothing is built. The secrets that it names
 * for a remote context need the environment of a solve.
 */
function planCall(base, call, target, dockerfile) {
    const { credentials, build } = base;
    const isRemote = build.source.context.kind === 'remote';
    return {
        file: 'docker',
        args: [
            ...['buildx', 'build', `--call=${call},format=json`],
            ...common(base, target, dockerfile),
            // Without a login a private repository has no Dockerfile to ask; a folder needs none.
            ...(isRemote ? [...many('--secret', credentials.secrets), ...many('--ssh', credentials.ssh)] : []),
            (0,_core_source_js__WEBPACK_IMPORTED_MODULE_2__/* .contextArgument */ .jm)(build.source)
        ]
    };
}
/** The same question for a person: buildx's own text on standard output, and its exit code. */
function planAnswer(base, call, target) {
    const { file, args } = planCall(base, call, target);
    return {
        file,
        args: args.map((argument) => (argument === `--call=${call},format=json` ? `--call=${call}` : argument))
    };
}
/** The manifest or index under a reference, as its registry has it, on standard output. */
function planManifest({ builder }, reference) {
    const args = ['buildx', 'imagetools', 'inspect', '--raw', ...some('--builder', builder ?? ''), reference];
    return { file: 'docker', args };
}
function common(base, target, dockerfile) {
    const { build, builder } = base;
    const { source, fresh, shape } = build;
    const file = dockerfile ?? (0,_core_source_js__WEBPACK_IMPORTED_MODULE_2__/* .dockerfilePath */ .Se)(source);
    return [
        ...some('--builder', builder ?? ''),
        ...(source.context.kind === 'remote' && source.file === '' ? [] : ['--file', file]),
        ...some('--target', target),
        ...(fresh.pull ? ['--pull'] : []),
        ...(0,_builds_shape_js__WEBPACK_IMPORTED_MODULE_0__/* .shapeFlags */ .zF)({ ...shape, buildContexts: shape.buildContexts.map(withoutLink) })
    ];
}
/** Other targets are known to bake alone, see `planBake`. What is asked of a Dockerfile depends on none of them. */
function withoutLink(context) {
    const { name, value = '' } = (0,_core_pair_js__WEBPACK_IMPORTED_MODULE_3__/* .splitPair */ .T)(context);
    return (0,_core_linked_js__WEBPACK_IMPORTED_MODULE_1__/* .linkedName */ .F$)(value) === undefined ? context : `${name}=docker-image://scratch`;
}
function many(flag, values) {
    return values.flatMap((value) => [flag, value]);
}
function some(flag, value) {
    return value === '' ? [] : [flag, value];
}


/***/ }),

/***/ 8297:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   V: () => (/* binding */ lastError),
/* harmony export */   l: () => (/* binding */ readPlainError)
/* harmony export */ });
/** The plain text that buildx prints behind its stream when a build has failed. Pure. */
/** Lines kept of a message that goes on below its first line. */
const MOST_LINES = 20;
/** Reads the plain text that follows the stream of a failed build. */
function readPlainError(plain) {
    const at = plain.findLastIndex((line) => line.startsWith('ERROR: '));
    const crash = at < 0 ? findCrash(plain) : undefined;
    if (crash !== undefined)
        return { message: crash, speaker: 'buildx', isCrash: true };
    // A flag that buildx does not take is told before its usage, and without "ERROR".
    const first = plain[at] ?? plain.find((line) => /^(?:unknown flag|invalid argument)/.test(line)) ?? plain.at(-1) ?? '';
    const full = at >= 0 && /(?:stderr|output): *$/.test(first) ? [first, ...rest(plain.slice(at + 1))].join('\n') : first;
    const unprefixed = full
        .replace(/^ERROR: /, '')
        .replace(/^target \S+: /, '')
        .replace(/^failed to build: /, '');
    const message = unprefixed.replace(/^failed to solve: /, '').replace(/^failed to run Build function: /, '');
    const speaker = message === unprefixed ? 'buildx' : 'BuildKit';
    const placeAt = plain.findIndex((line, index) => /^\S.*:\d+$/.test(line) && /^-{10,}$/.test(plain[index + 1] ?? ''));
    if (placeAt < 0)
        return { message, speaker };
    const line = Number(/:(\d+)$/.exec(plain[placeAt] ?? '')?.[1]);
    return { message, speaker, line };
}
/** The error that buildx ended with, where nothing else of its text is of interest: without "ERROR". */
function lastError(text) {
    const lines = text.trim().split('\n');
    const told = lines.findLast((line) => line.startsWith('ERROR:')) ?? findCrash(lines) ?? lines.at(-1) ?? '';
    return told.replace(/^ERROR: */, '');
}
/** Why a program in Go crashed, which it says above the traces of its goroutines. */
function findCrash(lines) {
    const trace = lines.findIndex((line) => /^goroutine \d+ [^[]*\[[^\]]+\]:$/.test(line));
    if (trace < 0)
        return undefined;
    return lines.slice(0, trace).find((line) => /^(?:panic|fatal error): /.test(line)) ?? lines[trace];
}
/** What another program said, quoted below the line that ends in a colon: git's own words, with its exit status. */
function rest(lines) {
    const end = lines.findIndex((line) => /^: exit status \d+/.test(line));
    return lines.slice(0, end < 0 ? MOST_LINES : Math.min(end + 1, MOST_LINES));
}


/***/ }),

/***/ 6043:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Cv: () => (/* binding */ listStages),
/* harmony export */   HO: () => (/* binding */ namesStage),
/* harmony export */   WK: () => (/* binding */ findMissingStage),
/* harmony export */   bu: () => (/* binding */ mountsCredentials),
/* harmony export */   nT: () => (/* binding */ findUnusedSecrets),
/* harmony export */   pm: () => (/* binding */ readOutline),
/* harmony export */   rq: () => (/* binding */ findMissingCredential),
/* harmony export */   u8: () => (/* binding */ lint)
/* harmony export */ });
/* harmony import */ var _inputs_grammar_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6088);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6153);
/**
 * Pre-flight: what can be said about a Dockerfile before anything is built. BuildKit itself answers (`--call`), so a
 * missing stage and a secret nobody supplied are known in a second, with their lines; and what its checks find, where
 * nothing is to be built.
 */


/** Asks for the stages; `undefined` where the builder cannot say (the build itself will then tell why). */
async function listStages(exec, command) {
    const json = answer(await exec(command, { timeoutSeconds: 120 }));
    const targets = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(json, 'targets');
    if (!Array.isArray(targets))
        return undefined;
    return (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asArray */ ._j)(targets).map((target, index) => {
        const name = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(target, 'name'));
        return {
            index,
            isDefault: (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(target, 'default') === true,
            ...(name === undefined || name === '' ? {} : { name })
        };
    });
}
/** Asks which secrets and ssh ids a target mounts, in all stages it is built from. */
async function readOutline(exec, command) {
    const json = answer(await exec(command, { timeoutSeconds: 120 }));
    if (json === undefined || ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(json, 'name') === undefined && (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(json, 'sources') === undefined))
        return undefined;
    return { secrets: mounts((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(json, 'secrets')), ssh: mounts((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(json, 'ssh')) };
}
/** Asks for the findings of BuildKit's checks. A build tells them itself (progress.ts). */
async function lint(exec, command) {
    const json = answer(await exec(command, { timeoutSeconds: 120 }));
    return (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(json, 'warnings')).flatMap((warning) => {
        const rule = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(warning, 'ruleName')) ?? '';
        const url = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(warning, 'url'));
        const line = firstLineOf((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(warning, 'location'));
        const detail = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(warning, 'detail')) ?? '';
        const message = detail === '' ? ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(warning, 'description')) ?? rule) : detail;
        if (rule === '')
            return [];
        return [{ rule, message, ...(url === undefined ? {} : { url }), ...(line === undefined ? {} : { line }) }];
    });
}
/**
 * Whether the Dockerfile's text names a stage literally, so that nobody needs to be asked. Misses are not proof: only
 * `listStages` can say that a stage is not there.
 */
function namesStage(dockerfile, stage) {
    return new RegExp(`^[ \\t]*FROM[ \\t].*[ \\t]AS[ \\t]+${RegExp.escape(stage)}[ \\t]*\\r?$`, 'im').test(dockerfile);
}
/** Whether the text can mount a secret or an ssh agent at all; if not, there is no outline to ask for. */
function mountsCredentials(dockerfile) {
    return (/type=(?:secret|ssh|\$)/i.test(dockerfile) ||
        (/^#\s*syntax\s*=/im.test(dockerfile) && dockerfile.includes('--mount=')));
}
/** The first stage that was asked for and is not there, as a failure that lists the ones that are. */
function findMissingStage(stages, wanted) {
    const names = stages.flatMap(({ name }) => (name === undefined ? [] : [name]));
    const known = new Set([...names.map((name) => name.toLowerCase()), ...stages.map(({ index }) => String(index))]);
    const areSeveral = (stage) => stage.split(/\s+/).every((one) => known.has(one.toLowerCase()));
    const problems = wanted
        .filter(({ stage }) => !known.has(stage.toLowerCase()))
        .map(({ input, stage }) => ({
        input,
        problem: `the Dockerfile has no stage "${stage}"`,
        fix: names.length === 0
            ? 'No stage has a name: add "AS NAME" to its FROM line.'
            : areSeveral(stage)
                ? 'Put a comma between two stages, or each on a line of its own.'
                : `Its stages are ${names.join(', ')}.${(0,_inputs_grammar_js__WEBPACK_IMPORTED_MODULE_0__/* .didYouMean */ .au)(stage, names)}`
    }));
    return problems.length === 0 ? undefined : { kind: 'input', problems };
}
/** The first mount that is required and that nobody supplies. */
function findMissingCredential(outline, supplied) {
    for (const credential of ['secret', 'ssh']) {
        const [needed, given] = credential === 'secret' ? [outline.secrets, supplied.secrets] : [outline.ssh, supplied.ssh];
        const missing = needed.find(({ id, required }) => required && !given.includes(id));
        if (missing !== undefined) {
            return {
                kind: 'credential',
                credential,
                id: missing.id,
                ...(missing.line === undefined ? {} : { line: missing.line })
            };
        }
    }
    return undefined;
}
/** Ids that were supplied and that no stage mounts: a typing error, or left over. */
function findUnusedSecrets(outline, supplied) {
    return supplied.filter((id) => !outline.secrets.some((mount) => mount.id === id));
}
/** The answer of a `--call`; buildx prints it even when it exits with 1 because there are findings. */
function answer({ stdout }) {
    return (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .parseJSON */ .Ol)(stdout));
}
function mounts(list) {
    return (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asArray */ ._j)(list).map((mount) => {
        const line = firstLineOf((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(mount, 'location'));
        return {
            id: (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(mount, 'name')) ?? '',
            required: (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(mount, 'required') === true,
            ...(line === undefined ? {} : { line })
        };
    });
}
function firstLineOf(location) {
    return (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asNumber */ .i)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(location, 'ranges'))[0], 'start', 'line'));
}


/***/ }),

/***/ 8873:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   a: () => (/* binding */ dockerfileInRepository),
/* harmony export */   d: () => (/* binding */ filesInRepository)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _core_source_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2858);
/** Where in the workspace the repository lies: `path` of actions/checkout puts it into a folder, and others beside it. */



/** Characters of a git configuration that are read. */
const MOST_CONFIGURATION = 1_000_000;
/** Path of the Dockerfile from the repository's root; `undefined` where it is none of its files. */
function dockerfileInRepository(source, workspace) {
    if (source.context.kind === 'remote' || source.inlineIn !== undefined)
        return undefined;
    const file = node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve((0,_core_source_js__WEBPACK_IMPORTED_MODULE_2__/* .dockerfilePath */ .Se)(source));
    const root = repositoryRoot(node_path__WEBPACK_IMPORTED_MODULE_1___default().dirname(file), workspace);
    if (root === undefined)
        return undefined;
    const inRepository = node_path__WEBPACK_IMPORTED_MODULE_1___default().relative(root, file);
    return inRepository.startsWith('..') || node_path__WEBPACK_IMPORTED_MODULE_1___default().isAbsolute(inRepository) ? undefined : inRepository;
}
/** Whether a path, from the root of the repository that is built and with `/`, is a file. */
function filesInRepository({ context }, workspace) {
    const root = repositoryRoot(context.kind === 'local' ? context.path : workspace.workspace, workspace);
    if (root === undefined)
        return () => false;
    return (file) => (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(node_path__WEBPACK_IMPORTED_MODULE_1___default().join(root, file), { throwIfNoEntry: false })?.isFile() === true;
}
/**
 * The nearest folder upwards with `.git`, or the workspace where there is none; `undefined` where what is checked out there
 * is another repository, as far as its remote can be read.
 */
function repositoryRoot(folder, { workspace, repository, pullRequest }) {
    const top = node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(workspace);
    for (let place = node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(folder); place === top || place.startsWith(top + (node_path__WEBPACK_IMPORTED_MODULE_1___default().sep)); place = node_path__WEBPACK_IMPORTED_MODULE_1___default().dirname(place)) {
        const git = node_path__WEBPACK_IMPORTED_MODULE_1___default().join(place, '.git');
        if ((0,node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(git, { throwIfNoEntry: false }) === undefined)
            continue;
        const remote = remoteOf(git)?.toLowerCase();
        // A fork's commits can be seen in the repository of the pull request, too.
        const ours = [repository, pullRequest?.headRepository].map((name) => name?.toLowerCase());
        return remote === undefined || repository === '' || ours.includes(remote) ? place : undefined;
    }
    return top;
}
/** `owner/name` of the remote `origin`. */
function remoteOf(git) {
    // Of a submodule or a worktree it is a file that names the folder.
    const [, elsewhere] = /^gitdir: (.+)$/m.exec(readText(git)) ?? [];
    const folder = elsewhere === undefined ? git : node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(node_path__WEBPACK_IMPORTED_MODULE_1___default().dirname(git), elsewhere);
    const common = node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(folder, readText(node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, 'commondir')).trim());
    const lines = readText(node_path__WEBPACK_IMPORTED_MODULE_1___default().join(common, 'config')).split(/\r?\n/);
    const begin = lines.findIndex((line) => /^\s*\[remote "origin"\]/.test(line));
    if (begin < 0)
        return undefined;
    const section = lines.slice(begin + 1);
    const end = section.findIndex((line) => /^\s*\[/.test(line));
    const urls = (end < 0 ? section : section.slice(0, end)).flatMap((line) => /^\s*url\s*=\s*"?([^"\s]+)/.exec(line)?.[1] ?? []);
    return /^(?:(?:https?|ssh|git):\/\/[^/]+\/|[^/:]+@[^/:]+:)([^/]+\/[^/]+?)(?:\.git)?\/?$/i.exec(urls[0] ?? '')?.[1];
}
/** The text of a file; empty where it is none, or cannot be read. */
function readText(file) {
    try {
        const found = (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(file);
        return found.isFile() && found.size <= MOST_CONFIGURATION ? (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)(file, 'utf8') : '';
    }
    catch {
        return '';
    }
}


/***/ }),

/***/ 4429:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   AL: () => (/* binding */ buildName),
/* harmony export */   c6: () => (/* binding */ buildFromInputs),
/* harmony export */   hv: () => (/* binding */ groupName)
/* harmony export */ });
/* harmony import */ var _inputs_inputs_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8028);
/* harmony import */ var _core_linked_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9358);
/* harmony import */ var _core_reference_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5378);
/* harmony import */ var _core_source_date_epoch_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8919);




/**
 * Makes the build.
 * @param name its identity among the builds of the run
 * @param environment values for build arguments that are given by name alone, as far as the build may have them
 */
function buildFromInputs(inputs, name, environment) {
    const { links, bake } = inputs;
    const buildArgs = inputs.buildArgs.flatMap((argument) => fromEnvironment(argument, environment));
    return {
        name,
        source: {
            ...{ context: inputs.context, file: inputs.file },
            ...(bake?.isInline === true ? { inlineIn: bake.target } : {})
        },
        target: inputs.target,
        tests: inputs.testTargets,
        testReport: inputs.testReportTarget,
        gateOnly: (0,_inputs_inputs_js__WEBPACK_IMPORTED_MODULE_2__/* .isGateOnly */ .I)(inputs),
        shape: {
            buildArgs,
            buildContexts: [...inputs.buildContexts, ...links.contexts],
            platforms: inputs.platforms,
            network: inputs.network,
            addHosts: inputs.addHosts,
            allow: inputs.allow,
            shmSize: inputs.shmSize,
            ulimit: inputs.ulimit
        },
        linked: links.targets.map((target) => atTheSameTime(target, buildArgs)),
        image: {
            labels: inputs.labels,
            annotations: inputs.annotations,
            provenance: inputs.provenance,
            sbom: inputs.sbom,
            attests: inputs.attests,
            rewriteTimestamps: inputs.reproducible
        },
        fresh: {
            pull: inputs.pull,
            noCache: inputs.noCache,
            noCacheFilters: inputs.noCacheFilters,
            rerunTests: inputs.testCache === 'rerun'
        },
        cache: {
            image: inputs.cacheImage,
            mode: inputs.cacheMode,
            from: inputs.cacheFrom,
            to: inputs.cacheTo,
            mounts: inputs.cacheMounts,
            variant: inputs.reportName
        }
    };
}
/** What is written into the image has one time, whichever target writes it. */
function atTheSameTime(target, buildArgs) {
    const [own, time] = [(0,_core_linked_js__WEBPACK_IMPORTED_MODULE_0__/* .argumentsOf */ .aX)(target), buildArgs.filter(_core_source_date_epoch_js__WEBPACK_IMPORTED_MODULE_3__/* .isSourceDateEpoch */ .z)];
    return time.length === 0 || own.some(_core_source_date_epoch_js__WEBPACK_IMPORTED_MODULE_3__/* .isSourceDateEpoch */ .z) ? target : (0,_core_linked_js__WEBPACK_IMPORTED_MODULE_0__/* .withArguments */ .$I)(target, [...own, ...time]);
}
/** The image's name in headings: what the user said, else the last part of what is published, else the repository's. */
function buildName(inputs, occasion) {
    if (inputs !== undefined && inputs.reportName !== '')
        return inputs.reportName;
    const reading = (0,_core_reference_js__WEBPACK_IMPORTED_MODULE_1__/* .parseReference */ .F2)(inputs?.tags[0] ?? '');
    return lastPart(reading.ok ? reading.reference.path : occasion.repository);
}
/** What several images of a run go by together. */
function groupName({ reportName }, { repository }) {
    return reportName === '' ? lastPart(repository) : reportName;
}
function lastPart(path) {
    const name = path.split('/').at(-1) ?? '';
    return name === '' ? 'image' : name;
}
/** `docker buildx build` reads them so; a bake file cannot, and one that is not set counts as not given. */
function fromEnvironment(argument, environment) {
    if (argument.includes('='))
        return [argument];
    const value = environment[argument];
    return value === undefined ? [] : [`${argument}=${value}`];
}


/***/ }),

/***/ 1967:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   ZI: () => (/* binding */ sixteenDigits),
/* harmony export */   cu: () => (/* binding */ identityOf),
/* harmony export */   et: () => (/* binding */ subjectOf),
/* harmony export */   gc: () => (/* binding */ buildMark),
/* harmony export */   x2: () => (/* binding */ jointIdentity)
/* harmony export */ });
/* harmony import */ var _core_pair_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5735);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _core_source_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2858);
/* harmony import */ var _shape_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3144);
/** What tells an image from another one that goes by the same name: two services, two legs of a matrix, two steps of a job. */




/** The Dockerfile and the context, as the workflow writes them. Two of one name are never one image. */
function subjectOf(source) {
    const { context, file, inlineIn } = source;
    const where = context.kind === 'local' ? context.path : context.kind;
    return `${file === '' && inlineIn === undefined ? 'Dockerfile' : (0,_core_source_js__WEBPACK_IMPORTED_MODULE_1__/* .dockerfileName */ .EJ)(source)} in ${where}`;
}
/**
 * Which stage is built for which platforms from which build arguments, as a mark of sixteen digits. The arguments of one image change
 * from commit to commit, so two marks tell of two images only where both are of one run or of one commit. An argument
 * that names the commit, the run or the time says nothing of the image: its value is left out.
 */
function identityOf(build, occasion) {
    const { source, tests, target, gateOnly } = build;
    const { platforms, buildArgs, buildContexts } = build.shape;
    const commits = [occasion.sha, occasion.pullRequest?.headSha ?? ''].filter((sha) => sha !== '');
    const written = buildArgs.map((argument) => {
        const { name, value = '' } = (0,_core_pair_js__WEBPACK_IMPORTED_MODULE_3__/* .splitPair */ .T)(argument);
        return isOfTheRun(value, commits, occasion.runID) ? name : argument;
    });
    const parts = [
        subjectOf(source),
        gateOnly ? ['gate', ...[...tests].sort()] : ['target', target],
        ...[platforms, written, buildContexts].map((list) => [...list].sort())
    ];
    return sixteenDigits(parts);
}
/** Sixteen digits of what is built and where it is kept: the same in each run, and others for another image of the same run. */
function buildMark(build) {
    return sixteenDigits([...(0,_shape_js__WEBPACK_IMPORTED_MODULE_2__/* .cacheIdentity */ .vk)(build), build.name, build.cache.image, build.cache.variant]);
}
/** One mark for all images of a run; that of an only one is its own. */
function jointIdentity(identities) {
    return identities.length === 1 ? identities[0] : sixteenDigits(identities);
}
/** Sixteen hexadecimal digits that differ where the parts do. */
function sixteenDigits(parts) {
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16);
}
function isOfTheRun(value, commits, runID) {
    const isTime = /\b\d{4}-?\d{2}-?\d{2}(?!\d)|^\d{10,13}$/.test(value);
    const namesRun = runID.length >= 6 && value.includes(runID);
    return isTime || namesRun || commits.some((sha) => value.includes(sha.slice(0, 7)));
}


/***/ }),

/***/ 7808:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   i: () => (/* binding */ NAMESPACE_ARGUMENT),
/* harmony export */   j: () => (/* binding */ namespaceIn)
/* harmony export */ });
/** The build argument that says in which namespace the builder looks for the cache mounts of a build. */
const NAMESPACE_ARGUMENT = 'BUILDKIT_CACHE_MOUNT_NS';
/** The namespace that build arguments name; empty for none. */
function namespaceIn(buildArgs) {
    const prefix = `${NAMESPACE_ARGUMENT}=`;
    return buildArgs.findLast((argument) => argument.startsWith(prefix))?.slice(prefix.length) ?? '';
}


/***/ }),

/***/ 3144:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   H0: () => (/* binding */ shapeAttributes),
/* harmony export */   Mf: () => (/* binding */ mountsVariant),
/* harmony export */   N$: () => (/* binding */ reproduction),
/* harmony export */   vk: () => (/* binding */ cacheIdentity),
/* harmony export */   zF: () => (/* binding */ shapeFlags)
/* harmony export */ });
/* harmony import */ var _core_source_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2858);
/* harmony import */ var _core_source_date_epoch_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8919);


const rows = {
    buildArgs: {
        flags: (values) => many('--build-arg', values),
        bake: (values) => (values.length === 0 ? {} : { args: record(values, '=') }),
        // One that changes with each commit would give each commit an empty cache.
        ownCache: false,
        ownMounts: true
    },
    buildContexts: {
        flags: (values) => many('--build-context', values),
        bake: (values) => (values.length === 0 ? {} : { contexts: record(values, '=') }),
        ownCache: false,
        ownMounts: false
    },
    platforms: {
        flags: (values) => (values.length === 0 ? [] : ['--platform', values.join(',')]),
        bake: (values) => (values.length === 0 ? {} : { platforms: values }),
        ownCache: true,
        ownMounts: true
    },
    network: { ...text('--network', 'network'), ownCache: false, ownMounts: false },
    addHosts: {
        flags: (values) => many('--add-host', values),
        bake: (values) => (values.length === 0 ? {} : { 'extra-hosts': record(values.map(colonFirst), ':') }),
        ownCache: false,
        ownMounts: false
    },
    allow: {
        flags: (values) => many('--allow', values),
        bake: (values) => (values.length === 0 ? {} : { entitlements: values }),
        ownCache: false,
        ownMounts: false
    },
    shmSize: { ...text('--shm-size', 'shm-size'), ownCache: false, ownMounts: false },
    ulimit: {
        flags: (values) => many('--ulimit', values),
        bake: (values) => (values.length === 0 ? {} : { ulimits: values }),
        ownCache: false,
        ownMounts: false
    }
};
/** The shape as arguments of `docker buildx build`. */
function shapeFlags(shape) {
    return each(shape, (row, value) => row.flags(value)).flat();
}
/** The shape as attributes of a bake target. */
function shapeAttributes(shape) {
    return Object.assign({}, ...each(shape, (row, value) => row.bake(value)));
}
/** What tells this build's layer cache from another's, in an order of no meaning. */
function cacheIdentity({ source, tests, target, shape }) {
    return [
        ...place(source),
        sorted(tests),
        target,
        ...each(shape, (row, value) => (row.ownCache ? [sorted(value)] : [])).flat()
    ];
}
/** What tells this build's cache mounts from those of another build of the same Dockerfile. */
function mountsVariant({ tests, target, shape: { buildArgs, ...rest } }) {
    // The time of a commit would give each commit empty mounts.
    const shape = { ...rest, buildArgs: buildArgs.filter((argument) => !(0,_core_source_date_epoch_js__WEBPACK_IMPORTED_MODULE_1__/* .isSourceDateEpoch */ .z)(argument)) };
    return [sorted(tests), target, ...each(shape, (row, value) => (row.ownMounts ? [sorted(value)] : [])).flat()];
}
/**
 * What a person adds to `docker buildx build` to see the same on another machine, the context last.
 * @param credentials ids of the secrets, whose values buildx looks for in variables or files of these names, and of agents
 */
function reproduction({ source, shape }, credentials) {
    return [
        ...shapeFlags(shape),
        ...many('--secret', credentials.secrets.map((id) => `id=${id}`)),
        // What this action supplies by itself; a Dockerfile that mounts it fails without it before it gets to the tests.
        ...many('--secret', credentials.ssh.length === 0 ? [] : ['id=known_hosts,src=$HOME/.ssh/known_hosts']),
        ...many('--ssh', credentials.ssh),
        (0,_core_source_js__WEBPACK_IMPORTED_MODULE_0__/* .contextArgument */ .jm)(source)
    ];
}
function place(source) {
    return [(0,_core_source_js__WEBPACK_IMPORTED_MODULE_0__/* .contextArgument */ .jm)(source), (0,_core_source_js__WEBPACK_IMPORTED_MODULE_0__/* .dockerfileName */ .EJ)(source)];
}
function each(shape, use) {
    const keys = Object.keys(rows);
    // A row fits the value of its own key, which the type of a union of keys cannot say.
    return keys.map((key) => use(rows[key], shape[key]));
}
function text(flag, attribute) {
    return {
        flags: (value) => (value === '' ? [] : [flag, value]),
        bake: (value) => (value === '' ? {} : { [attribute]: value })
    };
}
function many(flag, values) {
    return values.flatMap((value) => [flag, value]);
}
/** `NAME=VALUE` as an object; a name alone has the value `null`. */
function record(values, separator) {
    return Object.fromEntries(values.map((value) => {
        const at = value.indexOf(separator);
        return at < 0 ? [value, null] : [value.slice(0, at), value.slice(at + 1)];
    }));
}
/** Docker takes `HOST=IP` beside `HOST:IP`: https://docs.docker.com/reference/cli/docker/buildx/build/#add-host */
function colonFirst(host) {
    return host.includes(':') && !/^[^:]*=/.test(host) ? host : host.replace('=', ':');
}
function sorted(value) {
    return typeof value === 'string' ? value : [...value].sort();
}


/***/ }),

/***/ 6211:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   G7: () => (/* binding */ forExport),
/* harmony export */   JF: () => (/* binding */ readOne),
/* harmony export */   Mq: () => (/* binding */ forRetry),
/* harmony export */   Xi: () => (/* binding */ candidates),
/* harmony export */   Zd: () => (/* binding */ cacheForm),
/* harmony export */   _s: () => (/* binding */ planCache),
/* harmony export */   hW: () => (/* binding */ forImage),
/* harmony export */   jS: () => (/* binding */ tabulateCache),
/* harmony export */   y_: () => (/* binding */ testPart),
/* harmony export */   z4: () => (/* binding */ isPlannedExport)
/* harmony export */ });
/* harmony import */ var _builds_identity_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1967);
/* harmony import */ var _builds_shape_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3144);
/* harmony import */ var _inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7237);



/** The references that `cache-image` has a run read, best first: it reads one of them. */
function candidates({ from, retry }, { cache, fresh }) {
    const planned = from.filter((value) => !cache.from.includes(value)).map(_inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__/* .cacheReference */ .Kh);
    return [...(retry === undefined || fresh.noCache ? [] : [retry]), ...planned];
}
/**
 * The plan with the one reference that is read, beside those that the user names: the best that is there. Of several
 * BuildKit takes now the one's and now the other's result of a step (https://github.com/moby/buildkit/issues/6418), and
 * the tests would run on other layers than the image has. A retry cache that is there is written with the next whole one,
 * so that it is never older than that.
 */
function readOne(plan, build, presenceOf) {
    const possible = candidates(plan, build);
    const whole = possible.filter((reference) => reference !== plan.retry);
    const best = possible.find((reference) => presenceOf(reference) === 'there') ??
        whole.find((reference) => presenceOf(reference) === 'unknown') ??
        whole.find((reference) => presenceOf(reference) === 'missing'); // the builder says so in the report
    const hasRetry = plan.retry !== undefined && presenceOf(plan.retry) === 'there';
    return {
        ...plan,
        from: [
            ...plan.from.filter((value) => build.cache.from.includes(value)),
            ...(best === undefined ? [] : [`type=registry,ref=${best}`])
        ],
        to: [...plan.to, ...(hasRetry && plan.to.length > 0 ? [exportTo(plan.retry)] : [])]
    };
}
/** The plan for a solve of the image: an inline cache is a part of it, and so of what is inspected and published. */
function forImage({ from, to }) {
    return { from, to: to.filter(_inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__/* .isInlineCache */ .Sn) };
}
/** The plan for saving what a red run has built; `undefined` where there is nowhere to put it. */
function forRetry({ from, retry }) {
    return retry === undefined ? undefined : { from, to: [exportTo(retry)] };
}
/** The plan for a solve that writes the cache: all but what is in the image. */
function forExport({ from, to }) {
    return { from, to: to.filter((value) => !(0,_inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__/* .isInlineCache */ .Sn)(value)) };
}
/**
 * Plans the cache references of a run.
 * @param part set for a solve of its own beside the main one, whose reference it must not overwrite
 */
function planCache(build, occasion, plan, part) {
    const { reads, write } = planReferences(build, occasion, part);
    return {
        // What was built of no cache must not meet what is in one: the tests would see the one, and the image have the other.
        from: plan.cacheRead && !build.fresh.noCache
            ? [...build.cache.from, ...reads.map(({ reference }) => `type=registry,ref=${reference}`)]
            : [],
        to: plan.cacheWrite
            ? [
                ...(part === undefined ? build.cache.to.map(neverFatal) : []),
                ...('reference' in write ? [exportTo(write.reference)] : [])
            ]
            : [],
        ...(plan.cacheWrite && part === undefined && 'retry' in write ? { retry: write.retry } : {})
    };
}
/** The part of the name for a test target's own references, where each test has some. */
function testPart({ tests }, stage) {
    return tests.length === 1 ? 'tests' : `tests-${[...tests].sort().indexOf(stage) + 1}`;
}
/** The plan as a table. Empty where the run has no layer cache. */
function tabulateCache(build, occasion, { cacheRead, cacheWrite, trust }) {
    const { reads, write } = planReferences(build, occasion);
    const none = (why) => ({ reference: '', action: 'none', why });
    const { image, mode, from, to } = build.cache;
    if (image === '' && from.length === 0 && to.length === 0)
        return [];
    if (!cacheRead)
        return [none(`cache-mode is ${mode}`)];
    const raw = (value, action) => ({
        ...{ reference: (0,_inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__/* .cacheReference */ .Kh)(value), action },
        why: action === 'read' ? 'cache-from' : 'cache-to'
    });
    const planned = [
        ...(cacheWrite && 'retry' in write ? [{ reference: write.retry, why: 'what the last red run had built' }] : []),
        ...reads
    ];
    const reading = build.fresh.noCache
        ? [none('nothing is read: no-cache is true')]
        : [
            ...from.map((value) => raw(value, 'read')),
            ...planned.map((row, index) => ({ ...row, action: index === 0 ? 'read' : 'else' }))
        ];
    const nothing = (why) => none(`nothing is written: ${why}`);
    if (!trust.trusted)
        return [...reading, nothing(trust.reason)];
    if (mode === 'read')
        return [...reading, nothing('cache-mode is read')];
    if (image !== '' && 'reason' in write)
        return [...reading, nothing(write.reason)];
    const writing = to.map((value) => raw(value, 'write'));
    if ('reason' in write)
        return [...reading, ...(writing.length > 0 ? writing : [nothing('cache-to is not set')])];
    return [
        ...reading,
        ...writing,
        { reference: write.reference, action: 'write', why: `${write.why}; once everything has passed` },
        { reference: write.retry, action: 'write', why: 'instead, if the run is red: what has been built by then' }
    ];
}
/** Whether a value is one of the plan's own, which say all of the form that a cache has. */
function isPlannedExport(value) {
    return value === exportTo((0,_inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__/* .cacheReference */ .Kh)(value));
}
/** `mode=max`: every stage, not only the layers of the last one. As an image manifest, which every registry takes. */
const cacheForm = 'mode=max,image-manifest=true,oci-mediatypes=true';
function exportTo(reference) {
    return `type=registry,ref=${reference},${cacheForm},ignore-error=true`;
}
function planReferences(build, { scopes, repository, ref }, part) {
    const { image } = build.cache;
    if (image === '')
        return { reads: [], write: { reason: 'cache-image is not set' } };
    const { reads, write } = scopes;
    const reference = (scope, of = build, ...suffix) => {
        const parts = [...(part === undefined ? [] : [part]), ...suffix];
        return `${image}:${[slug(scope, 56), ...stagesPart(of), identity(scope, of, repository), ...parts].join('-')}`;
    };
    // "Test on every commit, build on tags": a tag's build finds the tests in what the branch's gate-only runs wrote.
    const gateOnly = ref.startsWith('refs/tags/') && build.tests.length > 0 && build.target !== '';
    const ofTests = { ...build, target: '' };
    return {
        reads: reads.flatMap(({ scope, why }) => [
            { reference: reference(scope), why },
            ...(gateOnly ? [{ reference: reference(scope, ofTests), why: `${why}: the tests alone` }] : [])
        ]),
        write: 'scope' in write
            ? { reference: reference(write.scope), retry: reference(write.scope, build, 'retry'), why: write.why }
            : write
    };
}
/** A cache that cannot be written is a warning, never a failed build; backends without the attribute ignore it. */
function neverFatal(cacheTo) {
    if ((0,_inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__/* .isInlineCache */ .Sn)(cacheTo) || /(^|,)ignore-error=/.test(cacheTo))
        return cacheTo;
    const attributes = (0,_inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__/* .isShortCache */ .b1)(cacheTo) ? `type=registry,ref=${cacheTo}` : cacheTo;
    return `${attributes},ignore-error=true`;
}
/** The stages as a readable part of the tag; none where only the last stage is built. */
function stagesPart({ tests, target }) {
    const stages = [...tests, ...(target === '' ? [] : [target])];
    return stages.length === 0 ? [] : [slug(stages.join('-'), 40)];
}
/**
 * Sixteen hexadecimal digits that differ for another branch or pull request, another repository and another build: what is
 * readable of them is shortened and cleaned, and could be made to look alike. An explicit `report-name` counts, since it
 * tells the legs of a matrix apart.
 */
function identity(scope, build, repository) {
    const parts = [scope, repository.toLowerCase(), ...(0,_builds_shape_js__WEBPACK_IMPORTED_MODULE_1__/* .cacheIdentity */ .vk)(build), build.cache.variant];
    return (0,_builds_identity_js__WEBPACK_IMPORTED_MODULE_0__/* .sixteenDigits */ .ZI)(parts);
}
/** Text as a part of a registry tag (https://github.com/opencontainers/distribution-spec: `[a-zA-Z0-9_.-]`). */
function slug(text, longest) {
    return text.replace(/[^A-Za-z0-9_.-]+/g, '-').slice(0, longest);
}


/***/ }),

/***/ 2958:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  rA: () => (/* binding */ intendCache),
  TW: () => (/* binding */ keepIf),
  M7: () => (/* binding */ settleCache)
});

// EXTERNAL MODULE: ./src/inputs/cache_value.ts
var cache_value = __webpack_require__(7237);
// EXTERNAL MODULE: ./src/cache/plan.ts
var cache_plan = __webpack_require__(6211);
// EXTERNAL MODULE: ./src/registry/address.ts
var address = __webpack_require__(7187);
// EXTERNAL MODULE: ./src/registry/client.ts + 5 modules
var registry_client = __webpack_require__(1936);
// EXTERNAL MODULE: ./src/registry/explain.ts
var explain = __webpack_require__(1400);
// EXTERNAL MODULE: ./src/registry/quickly.ts
var quickly = __webpack_require__(191);
;// CONCATENATED MODULE: ./src/registry/permission.ts
/**
 * Whether a repository may be written, asked before hours of work depend on it: an upload is begun and at once given up.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-blobs
 */




/** Seconds until the answer. It is asked for while the build goes on, and waited for at its end. */
const QUESTION_SECONDS = 20;
/**
 * Why docker's login may not write to a repository, in the registry's words; `undefined` where it may, and where it is not
 * known: then the attempt will tell. Never throws.
 */
async function findRefusal(asking, env, reference, limitSeconds = QUESTION_SECONDS) {
    const repository = (0,address/* repositoryAt */.u)(reference);
    if (repository === undefined)
        return undefined;
    const answer = await (0,quickly/* quickly */.Z)(asking, env, limitSeconds, (client) => beginUpload(client, repository));
    return typeof answer === 'object' ? refusalOf(answer) : undefined;
}
/** `undefined` where a login is wanted that docker has and cannot give. */
async function beginUpload(client, repository) {
    const purpose = { repository, actions: 'pull,push' };
    const answer = await client.ask(repository, { ...purpose, method: 'POST', at: 'blobs/uploads/' });
    if (answer.status === 401 && client.loginFor(purpose)?.kind === 'unusable')
        return undefined;
    const upload = (0,registry_client/* resolveLocation */.K)(answer.headers.location ?? '', answer.url);
    // Where it leads elsewhere, the registry ends it by itself after a while.
    if (answer.status === 202 && upload?.origin === answer.url.origin) {
        await client.ask(repository, { ...purpose, method: 'DELETE', at: upload });
    }
    return answer;
}
/** A registry without the repository says 404 where it does not make repositories by itself. */
function refusalOf({ status, bytes }) {
    if (status !== 401 && status !== 403 && status !== 404)
        return undefined;
    const words = (0,explain/* registryWords */.lz)(bytes);
    const name = { 401: 'Unauthorized', 403: 'Forbidden', 404: 'Not Found' }[status];
    return [`${status} ${name}`, ...(words === '' ? [] : [words])].join(': ');
}

// EXTERNAL MODULE: ./src/registry/manifest.ts
var manifest = __webpack_require__(506);
;// CONCATENATED MODULE: ./src/registry/presence.ts
/**
 * What is known of cache references before they are read: which are there, and whether their registry answers at all.
 * BuildKit waits without end for one that takes a connection and then says nothing, and a builder that waits like this
 * cannot be used for anything else.
 */



/** Seconds after which a registry is taken for silent; one that works answers in a tenth of one. */
const SILENCE_SECONDS = 10;
/** Asks for each reference, with docker's login where the registry wants one. Never throws. */
async function findPresence(asking, env, references, limitSeconds = SILENCE_SECONDS) {
    const asked = [...new Set(references)].map(async (reference) => [reference, await presenceOf(asking, env, reference, limitSeconds)]);
    return new Map(await Promise.all(asked));
}
async function presenceOf(asking, env, reference, limitSeconds) {
    const repository = (0,address/* repositoryAt */.u)(reference);
    if (repository === undefined)
        return 'unknown';
    const answer = await (0,quickly/* quickly */.Z)(asking, env, limitSeconds, (client) => client.ask(repository, {
        method: 'HEAD',
        at: `manifests/${repository.digest ?? repository.tag}`,
        actions: 'pull',
        headers: { Accept: manifest/* manifestTypes */.Fm }
    }));
    if (answer === 'late')
        return 'silent';
    if (answer === 'failed')
        return 'unknown';
    return answer.status === 200 ? 'there' : answer.status === 404 ? 'missing' : 'unknown';
}

;// CONCATENATED MODULE: ./src/cache/settle.ts





/** Plans the layer cache, prints the plan as a table, and asks the registries what they think of it. */
function intendCache({ log, ...asking }, { build, occasion, trustPlan, env, after }) {
    const rows = (0,cache_plan/* tabulateCache */.jS)(build, occasion, trustPlan);
    if (rows.length > 0)
        log.info('Layer cache:');
    const width = Math.min(120, Math.max(0, ...rows.map(({ reference }) => reference.length)));
    for (const { reference, action, why } of rows) {
        log.info(action === 'none' ? `  ${why}` : `  ${action.padEnd(5)}  ${reference.padEnd(width)}  ${why}`);
    }
    const plan = (0,cache_plan/* planCache */._s)(build, occasion, trustPlan);
    const look = (references) => findPresence(asking, env, references);
    const known = [...registryReferences(plan), ...(plan.retry === undefined ? [] : [plan.retry])];
    const presence = after.then(() => look(known));
    return { plan, rows, look, presence, refused: after.then(() => findRefused(plan, asking, env, log)) };
}
function registryReferences({ from, to }) {
    return [...from, ...to].filter(cache_value/* isRegistryCache */.or).map(cache_value/* cacheReference */.Kh);
}
/** Nobody waits for the answers before there is something to write; the log has them as soon as they come. */
async function findRefused({ to }, asking, env, log) {
    const refused = new Map();
    // It is a repository that may be written or not, whatever the tag.
    const repositories = new Map();
    const ask = async (reference) => {
        const repository = (0,address/* repositoryAt */.u)(reference)?.name ?? reference;
        const answer = repositories.get(repository) ?? findRefusal(asking, env, reference);
        repositories.set(repository, answer);
        const words = await answer;
        if (words === undefined)
            return;
        refused.set(reference, words);
        log.info(`The layer cache cannot be written to ${reference}: ${words}. Before this step, log in with an account that may write there.`);
    };
    await Promise.all(to.filter(cache_value/* isRegistryCache */.or).map(cache_value/* cacheReference */.Kh).map(ask));
    return refused;
}
/** Settles the plan for a builder: what is there is read, and what does not answer is left alone. */
async function settleCache(intent, settling) {
    const { build, driver, plan } = settling;
    const drafts = draftParts(settling);
    const unknown = drafts.flatMap(({ cache, testCaches, build: own }) => [...(cache === plan ? [] : [cache]), ...testCaches].flatMap((each) => (0,cache_plan/* candidates */.Xi)(each, own)));
    const known = await intent.presence;
    const seen = new Map([...known, ...(await intent.look(unknown.filter((reference) => !known.has(reference))))]);
    // A builder elsewhere has a network of its own.
    const isHere = /^docker(?:-container)?$/.test(driver);
    const presenceOf = (reference) => {
        const found = seen.get(reference) ?? 'unknown';
        return found === 'silent' && !isHere ? 'unknown' : found;
    };
    const isSilent = (value) => (0,cache_value/* isRegistryCache */.or)(value) && presenceOf((0,cache_value/* cacheReference */.Kh)(value)) === 'silent';
    const answers = (value) => !isSilent(value);
    const settle = (each, own) => (0,cache_plan/* readOne */.JF)(keepIf(each, answers, answers), own, presenceOf);
    const parts = drafts.map(({ platform, cache, testCaches, build: own }) => ({
        ...(platform === undefined ? {} : { platform }),
        cache: settle(cache, own),
        testCaches: testCaches.map((each) => settle(each, own))
    }));
    const cache = together(parts.map((part) => part.cache));
    const silent = together(drafts.map((draft) => keepIf(draft.cache, isSilent, isSilent)));
    const perNode = drafts.flatMap(({ platform, build: own }) => platform === undefined
        ? []
        : (0,cache_plan/* tabulateCache */.jS)(own, settling.occasion, settling.trustPlan).map((row) => ({
            ...row,
            why: `${platform}: ${row.why}`
        })));
    const shared = parts.length > 1 ? build.cache.to.filter((value) => cache.to.some((to) => to.startsWith(value))) : [];
    return {
        cache,
        parts,
        refused: isHere ? intent.refused : Promise.resolve(new Map()),
        planned: { from: [...silent.from, ...cache.from], to: [...silent.to, ...cache.to] },
        outcomes: [
            ...silent.from.map((value) => silence(value, 'read')),
            ...silent.to.map((value) => silence(value, 'write'))
        ],
        rows: perNode.length === 0 ? intent.rows : perNode,
        notes: shared.map((value) => `Each node of the builder writes the cache-to "${(0,cache_value/* cacheReference */.Kh)(value)}", so only the last one's layers remain. With cache-image each platform has a reference of its own.`)
    };
}
/** The plans of all parts. A reference has its platforms in its name, so each part has others. */
function draftParts({ build, occasion, trustPlan, plan, perTest, perPlatform = [] }) {
    const allowed = { ...trustPlan, cacheWrite: plan.to.length > 0 };
    const draft = (own, cache) => ({
        build: own,
        cache,
        testCaches: perTest ? own.tests.map((stage) => (0,cache_plan/* planCache */._s)(own, occasion, allowed, (0,cache_plan/* testPart */.y_)(own, stage))) : []
    });
    if (perPlatform.length < 2)
        return [draft(build, plan)];
    return perPlatform.map((platform) => {
        const own = { ...build, shape: { ...build.shape, platforms: [platform] } };
        return { ...draft(own, (0,cache_plan/* planCache */._s)(own, occasion, allowed)), platform };
    });
}
/** Several plans as one. A retry cache is one part's alone. */
function together(plans) {
    const [first, ...others] = plans;
    if (first !== undefined && others.length === 0)
        return first;
    return {
        from: [...new Set(plans.flatMap(({ from }) => from))],
        to: [...new Set(plans.flatMap(({ to }) => to))]
    };
}
function silence(value, way) {
    const message = `the registry did not answer within ${SILENCE_SECONDS} s, and was not asked again`;
    return { reference: (0,cache_value/* cacheReference */.Kh)(value), way, result: 'failed', seconds: SILENCE_SECONDS, message };
}
/** A plan with those values alone that may be read, and those that may be written; the retry cache is both. */
function keepIf({ from, to, retry }, mayRead, mayWrite) {
    const keepsRetry = retry !== undefined && mayRead(retry) && mayWrite(retry);
    return { from: from.filter(mayRead), to: to.filter(mayWrite), ...(keepsRetry ? { retry } : {}) };
}


/***/ }),

/***/ 8040:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   E: () => (/* binding */ fromBase64),
/* harmony export */   u: () => (/* binding */ decodedBase64)
/* harmony export */ });
/* harmony import */ var node_buffer__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4573);
/* harmony import */ var node_buffer__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_buffer__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _secret_encodings_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9330);
/** Values that are handed over in base64 and decoded by the build: a keystore, or a file that a variable could not hold. */


/**
 * Bytes from which on a value counts as base64 of a text, and of other bytes. A word or a password decodes to a text by a rare
 * chance alone, and then to one that stands nowhere. Any letters decode to some bytes: these have to be many, and their base64
 * has to have what a machine's has.
 */
const SHORTEST_TEXT = 8;
const SHORTEST_BYTES = 16;
/** A line of base64 that is followed by others is at least so long. */
const SHORTEST_LINE = 16;
/** Everybody has it, also in base64. */
const PUBLIC = /^-----BEGIN (?:[A-Z0-9]+ ){0,3}(?:CERTIFICATE|PUBLIC KEY)/;
/**
 * What a value stands for that is base64 from its first to its last character, in either alphabet, with or without padding, in
 * one line or in lines of one length. Undefined for what only looks like it: a word, hex digits, what has bits left over; and
 * for certificates and public keys.
 */
function decodedBase64(value) {
    const bytes = fromBase64(value);
    if (bytes === undefined || bytes.length < SHORTEST_TEXT)
        return undefined;
    const one = value.replace(/[\s=]+/g, '');
    const again = bytes.toString(/[-_]/.test(one) ? 'base64url' : 'base64').replace(/=+$/, '');
    if (again !== one)
        return undefined;
    const text = readableText(bytes);
    if (text !== undefined)
        return PUBLIC.test(text) && !text.includes('PRIVATE KEY') ? undefined : { bytes, text };
    const isMachineMade = /[A-Z]/.test(one) && /[a-z]/.test(one) && /[0-9+/_-]/.test(one);
    return bytes.length >= SHORTEST_BYTES && isMachineMade ? { bytes, text } : undefined;
}
/** The text of UTF-8, or of UTF-16 with a mark: in any other encoding any bytes are a text. */
function readableText(bytes) {
    const isMarked = /^(?:\xff\xfe|\xfe\xff)/.test(bytes.toString('latin1', 0, 2));
    const text = (0,node_buffer__WEBPACK_IMPORTED_MODULE_0__.isUtf8)(bytes) || isMarked ? (0,_secret_encodings_js__WEBPACK_IMPORTED_MODULE_1__/* .textOf */ .b6)(bytes) : undefined;
    return text === undefined || /[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f\ufffd]/.test(text) ? undefined : text;
}
/** The bytes where the file itself says that it is base64, as `auth` of a docker configuration does: whatever they are. */
function fromBase64(text) {
    if (!/^[A-Za-z0-9+/_=\s-]{8,}$/.test(text))
        return undefined;
    const lines = text
        .trim()
        .split(/\r\n|\r|\n/)
        .map((line) => line.trim());
    const [first = ''] = lines;
    const last = lines.length - 1;
    if (last > 0 && first.length < SHORTEST_LINE)
        return undefined;
    const isEven = lines.every(({ length }, at) => length === first.length || (at === last && length < first.length));
    const one = lines.join('');
    return isEven && /^(?:[A-Za-z0-9+/]+|[A-Za-z0-9_-]+)={0,2}$/.test(one) ? Buffer.from(one, 'base64') : undefined;
}


/***/ }),

/***/ 2148:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ag: () => (/* binding */ searchSlices),
/* harmony export */   LY: () => (/* binding */ pieceOffsets),
/* harmony export */   zh: () => (/* binding */ searchStream)
/* harmony export */ });
const HASH_BITS = 17;
/** Of so many small things one is a place to be interrupted at. */
const BREATH = 512;
/** Wider windows skip no further in practice: the table fills up with what is in them. */
const WIDEST_WINDOW = 32;
/** A line end with its quotes, its backslash and the next line's margin. */
const WIDEST_BREAK = 24;
/** A pattern that wraps is recognised by pieces of this length, of which one lies whole within any line of 15 and more. */
const PIECE_LENGTH = 12;
const PIECE_STEP = 4;
/** Of pieces that are the same in many patterns, so many are kept. The rest of each pattern tells them apart. */
const MOST_ALIKE = 64;
/** Pieces of all patterns together. Beyond that a pattern has two, so that lines of 64 and more hide nothing. */
const MOST_PIECES = 150_000;
/**
 * All patterns at once, skipping: Wu and Manber's algorithm ("A fast algorithm for multi-pattern searching", 1994) with blocks
 * of three bytes. A window as long as the shortest piece slides over the text; a table says for its last three bytes how far it
 * may jump without passing a match, so most bytes are never looked at. What ends in a known block is looked up by a hash of the
 * window, and patterns with the same beginning are narrowed down byte by byte, so that many patterns cost no more than a few.
 * Figures are in docs/analysis.md. Patterns have at least 3 bytes. In slices, since tens of thousands of patterns take seconds.
 */
function* searchSlices(patterns) {
    const pieces = yield* piecesOf(patterns);
    const window = pieces.shortest;
    if (window < 3)
        throw new RangeError('a pattern needs at least three bytes');
    const shifts = new Uint8Array(1 << HASH_BITS).fill(window - 2);
    for (let piece = 0; piece < pieces.count; piece++) {
        if (piece % BREATH === 0)
            yield;
        const { bytes } = patterns[pieces.pattern[piece]];
        const offset = pieces.offset[piece];
        for (let last = 2; last < window; last++) {
            const block = blockOf(bytes, offset + last);
            shifts[block] = Math.min(shifts[block], window - 1 - last);
        }
    }
    const plain = yield* lookupOf(patterns, pieces, { window, mayWrap: false });
    const wrapping = yield* lookupOf(patterns, pieces, { window, mayWrap: true });
    for (let group = 0; group + 1 < plain.borders.length; group++) {
        if (group % BREATH === 0)
            yield;
        const [low, high] = plain.borders.subarray(group);
        if (high - low < 2)
            continue;
        const bytesAt = (piece) => patterns[pieces.pattern[piece]].bytes;
        plain.pieces.subarray(low, high).sort((a, b) => Buffer.compare(bytesAt(a), bytesAt(b)));
    }
    return { longest: patterns.reduce((longest, pattern) => Math.max(longest, longestMatch(pattern)), 0), find };
    function find(text, length, visit) {
        /** Where the last match of a wrapping pattern ended: its other pieces are found as well. */
        const ends = new Map();
        /** Up to where marks have been looked at. */
        const done = new Map();
        let last = window - 1;
        while (last < length) {
            const shift = shifts[blockOf(text, last)];
            if (shift > 0) {
                last += shift;
                continue;
            }
            const place = { text, start: last - window + 1, length };
            const hash = hashOf(text, place.start, window);
            const same = plain.group(hash);
            if (same !== -1)
                narrow(plain.borders[same], plain.borders[same + 1], place, { done, visit });
            const like = wrapping.group(hash);
            if (like !== -1)
                wrapped(like, place, { ends, visit });
            last++;
        }
    }
    /** Reports those of the sorted patterns that stand at a place: the range that still agrees shrinks with each byte. */
    function narrow(low, high, place, { done, visit }) {
        const { text, start, length } = place;
        const indexAt = (position) => pieces.pattern[plain.pieces[position]];
        for (let depth = 0; low < high; depth++) {
            // Those that end here stand first.
            while (low < high && patterns[indexAt(low)].bytes.length === depth) {
                const index = indexAt(low++);
                const { confirm } = patterns[index];
                if (confirm === undefined)
                    visit(index, start, start + depth);
                else
                    marked(index, confirm, { place, done, visit });
            }
            if (low === high || start + depth >= length)
                return;
            const byte = text[start + depth];
            const at = (position) => patterns[indexAt(position)].bytes[depth];
            if (at(low) !== byte)
                low = firstWhere(low, high, (position) => at(position) >= byte);
            if (low < high && at(high - 1) !== byte)
                high = firstWhere(low, high, (position) => at(position) > byte);
        }
    }
    function wrapped(group, place, { ends, visit }) {
        const first = wrapping.borders[group];
        const end = Math.min(wrapping.borders[group + 1], first + MOST_ALIKE);
        for (let position = first; position < end; position++) {
            const piece = wrapping.pieces[position];
            const index = pieces.pattern[piece];
            if (place.start < (ends.get(index) ?? 0))
                continue;
            const match = wrappedMatch(patterns[index].bytes, pieces.offset[piece], place);
            if (match === undefined)
                continue;
            ends.set(index, match.end);
            visit(index, match.start, match.end);
        }
    }
}
/**
 * Looks around a mark. What is looked at is so wide that marks near this one have nothing to add, so that a text which is full of
 * them takes no longer than others.
 */
function marked(index, confirm, { place, done, visit }) {
    const { text, start, length } = place;
    if (start < (done.get(confirm) ?? 0))
        return;
    const { reach, find } = confirm;
    const from = Math.max(0, start - reach);
    const found = find(text.subarray(from, Math.min(length, start + 3 * reach)));
    done.set(confirm, found === undefined ? start + reach : from + found.end);
    if (found !== undefined)
        visit(index, from + found.start, from + found.end);
}
/** A search over a text that arrives in chunks of any size: reports each match once, when its last byte has come. */
function searchStream({ find, longest }, visit) {
    const reach = Math.max(0, longest - 1);
    const seam = new Uint8Array(2 * reach);
    let carried = 0; // bytes at the start of the seam that belong to earlier chunks
    let offset = 0; // of the chunk
    return (chunk) => {
        const head = Math.min(reach, chunk.length);
        seam.set(head === chunk.length ? chunk : chunk.subarray(0, head), carried);
        if (carried > 0) {
            const border = carried;
            find(seam, carried + head, (pattern, start, end) => {
                if (start < border && end > border)
                    visit(pattern, offset - border + start, offset - border + end);
            });
        }
        find(chunk, chunk.length, (pattern, start, end) => {
            visit(pattern, offset + start, offset + end);
        });
        offset += chunk.length;
        if (chunk.length >= reach) {
            seam.set(chunk.subarray(chunk.length - reach));
            carried = reach;
        }
        else {
            const filled = carried + chunk.length;
            const kept = Math.min(filled, reach);
            seam.copyWithin(0, filled - kept, filled);
            carried = kept;
        }
    };
}
/** Offsets in a text of `length` characters of the pieces by which it is recognised, however it is broken into lines, and their length. */
function pieceOffsets(length) {
    const half = Math.floor(length / 2);
    const size = Math.min(length, Math.max(6, Math.min(PIECE_LENGTH, half - 2)));
    const step = Math.max(1, Math.min(PIECE_STEP, half - size + 1));
    const offsets = [];
    for (let at = 0; at + size <= length; at += step)
        offsets.push(at);
    if (offsets.at(-1) !== length - size)
        offsets.push(length - size);
    return { size, offsets };
}
function* piecesOf(patterns) {
    const pattern = [];
    const offset = [];
    let shortest = WIDEST_WINDOW;
    for (const [index, { bytes, mayWrap }] of patterns.entries()) {
        if (index % BREATH === 0)
            yield;
        if (!mayWrap) {
            shortest = Math.min(shortest, bytes.length);
            pattern.push(index);
            offset.push(0);
            continue;
        }
        const { size, offsets } = pieceOffsets(bytes.length);
        shortest = Math.min(shortest, size);
        const few = pattern.length > MOST_PIECES ? [0, ...(bytes.length >= 48 ? [32] : [])] : offsets;
        for (const at of few) {
            pattern.push(index);
            offset.push(at);
        }
    }
    return { count: pattern.length, pattern: Int32Array.from(pattern), offset: Int32Array.from(offset), shortest };
}
function* lookupOf(patterns, { count, pattern, offset }, { window, mayWrap }) {
    // Hash and number in one: a double holds 53 bits, and there are fewer than 2^21 pieces.
    const keys = new Float64Array(count);
    let length = 0;
    for (let piece = 0; piece < count; piece++) {
        if (piece % BREATH === 0)
            yield;
        const { bytes, mayWrap: wraps } = patterns[pattern[piece]];
        if (wraps === mayWrap)
            keys[length++] = (hashOf(bytes, offset[piece], window) >>> 0) * 2 ** 21 + piece;
    }
    const sorted = keys.subarray(0, length).sort();
    const hashAt = (position) => Math.floor(sorted[position] / 2 ** 21);
    const starts = [];
    for (let position = 0; position < length; position++) {
        if (position % BREATH === 0)
            yield;
        if (position === 0 || hashAt(position) !== hashAt(position - 1))
            starts.push(position);
    }
    const borders = Uint32Array.from([...starts, length]);
    const bits = Math.max(4, Math.ceil(Math.log2(starts.length + 1)) + 1);
    const mask = (1 << bits) - 1;
    const table = new Int32Array(1 << bits).fill(-1);
    for (let group = 0; group < starts.length; group++) {
        let slot = hashAt(borders[group]) & mask;
        while (table[slot] !== -1)
            slot = (slot + 1) & mask;
        table[slot] = group;
    }
    return {
        pieces: Uint32Array.from(sorted, (key) => key % 2 ** 21),
        borders,
        group: (hash) => {
            const wanted = hash >>> 0;
            for (let slot = wanted & mask; table[slot] !== -1; slot = (slot + 1) & mask) {
                if (hashAt(borders[table[slot]]) === wanted)
                    return table[slot];
            }
            return -1;
        }
    };
}
/** The first position in `low` to `high` - 1 for which something holds that holds for all after it; `high` if there is none. */
function firstWhere(low, high, holds) {
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (holds(middle))
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
/** Where a wrapping pattern begins and ends whose piece at `offset` begins at `start`, or undefined if the rest of it isn't there. */
function wrappedMatch(bytes, offset, { text, start, length }) {
    let breaks = Math.floor(bytes.length / PIECE_LENGTH) + 1;
    let begin = start;
    for (let index = offset - 1; index >= 0; index--) {
        if (text[begin - 1] !== bytes[index]) {
            const before = beforeBreak(text, begin, length, bytes[index]);
            if (before === undefined || breaks-- === 0)
                return undefined;
            begin = before;
        }
        begin--;
    }
    let at = start;
    for (let index = offset; index < bytes.length; index++, at++) {
        if (text[at] !== bytes[index] && at > begin) {
            const next = afterBreak(text, at, length);
            if (next !== at && breaks-- === 0)
                return undefined;
            at = next;
        }
        if (at >= length || text[at] !== bytes[index])
            return undefined;
    }
    return { start: begin, end: at };
}
/**
 * Past a line end, written as itself or as a literal `\n`, with what languages put around it: a closing quote, a plus, a backslash,
 * the next line's margin, mark of a comment and opening quote. The same place if there is none.
 */
function afterBreak(text, start, length) {
    const limit = Math.min(length, start + WIDEST_BREAK);
    let at = start;
    let ended = false;
    while (at < limit) {
        const byte = text[at];
        if (byte === 0x0a || byte === 0x0d)
            ended = true;
        else if (byte === 0x5c) {
            const next = text[at + 1];
            if ((next === 0x6e || next === 0x72) && at + 1 < limit) {
                ended = true;
                at++;
            }
        }
        else if (byte === 0x2b) {
            // A plus belongs to base64 as well: as a sign it has a blank or a quote beside it.
            const beside = ended ? text[at + 1] : at === start ? undefined : text[at - 1];
            if (beside === undefined || !isPadding(beside))
                break;
        }
        else if (!isPadding(byte) && !(ended && (byte === 0x23 || byte === 0x3e || byte === 0x2a)))
            break;
        at++;
    }
    return ended ? at : start;
}
/** Where a text ends, with `byte`, before the line end that ends at `end`. */
function beforeBreak(text, end, length, byte) {
    const limit = Math.max(1, end - WIDEST_BREAK);
    for (let at = end - 1; at >= limit; at--) {
        if (text[at - 1] === byte && afterBreak(text, at, length) === end)
            return at;
    }
    return undefined;
}
/** A blank, a tab, a quote, or what ends or joins a line in some language. */
function isPadding(byte) {
    return (byte === 0x20 ||
        byte === 0x09 ||
        byte === 0x22 ||
        byte === 0x27 ||
        byte === 0x60 ||
        byte === 0x2c ||
        byte === 0x2e ||
        byte === 0x3b ||
        byte === 0x26);
}
function longestMatch({ bytes, mayWrap, confirm }) {
    if (confirm !== undefined)
        return bytes.length + 2 * confirm.reach;
    return mayWrap ? bytes.length + (Math.floor(bytes.length / PIECE_LENGTH) + 1) * WIDEST_BREAK : bytes.length;
}
/** The table's place for the three bytes that end at `last`: a multiplicative hash, because text uses few of the 2^24 triples. */
function blockOf(text, last) {
    return Math.imul(text[last - 2] | (text[last - 1] << 8) | (text[last] << 16), 0x9e3779b1) >>> (32 - HASH_BITS);
}
/** FNV-1a of a window. https://datatracker.ietf.org/doc/html/draft-eastlake-fnv */
function hashOf(text, start, window) {
    let hash = 0x811c9dc5;
    for (let at = start; at < start + window; at++)
        hash = Math.imul(hash ^ text[at], 0x01000193);
    return hash;
}


/***/ }),

/***/ 7687:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   YD: () => (/* binding */ writeField),
/* harmony export */   qU: () => (/* binding */ readFields),
/* harmony export */   s: () => (/* binding */ attributeKey)
/* harmony export */ });
/** One line of CSV (RFC 4180), the form of buildx's `--output`, `--cache-to`, `--secret` and of a RUN's `--mount`. */
/** The fields of a line. A quote counts at the start of a field alone; one that is not closed reaches to the end. */
function readFields(line) {
    const fields = [];
    for (let at = 0; at <= line.length;) {
        const quoted = /^"((?:[^"]|"")*)(?:"|$)/.exec(line.slice(at));
        const start = at + (quoted?.[0].length ?? 0);
        const comma = line.indexOf(',', start);
        const end = comma < 0 ? line.length : comma;
        fields.push((quoted?.[1] ?? '').replaceAll('""', '"') + line.slice(start, end));
        at = end + 1;
    }
    return fields;
}
/**
 * The name of a `KEY=VALUE` as buildx, BuildKit and bake read it: whatever its case, and without the blanks of Go, for which
 * U+0085 is one.
 */
function attributeKey(written) {
    return written.replace(/^[\s\u0085]+|[\s\u0085]+$/g, '').toLowerCase();
}
/** A field as it is written in a line of CSV: in quotes where it must be. */
function writeField(field) {
    return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}


/***/ }),

/***/ 393:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   OI: () => (/* binding */ hostname),
/* harmony export */   U9: () => (/* binding */ isLoopback),
/* harmony export */   qC: () => (/* binding */ matchesHost),
/* harmony export */   qz: () => (/* binding */ namesLoopback)
/* harmony export */ });
/* harmony import */ var node_net__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7030);
/* harmony import */ var node_net__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_net__WEBPACK_IMPORTED_MODULE_0__);
/** Hosts as registries are named by: whether one is this machine, or in a list of insecure ones. Pure. */

/** `host`, `host:port` and `[::1]:port` without the port and the brackets. */
function hostname(host) {
    // Node's pattern of an IPv6 address takes ten milliseconds to compile.
    return /:.*:/.test(host) && (0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIP)(host) === 6 ? host : host.replace(/:\d+$/, '').replace(/^\[(.*)\]$/, '$1');
}
/** Whether a host is this machine: docker speaks plain HTTP with such a one if it does not speak TLS. */
function isLoopback(host) {
    return matchesHost(host, ['localhost', '127.0.0.0/8', '::1/128']);
}
/** Whether a text names the runner's own address, as the address of a registry, a package index or a service. */
function namesLoopback(text) {
    return /(?:^|[\s=/@"',(])(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d+)?(?:[/\s"',:)]|$)/im.test(text);
}
/**
 * Whether a host is in a list as docker writes its insecure registries: `registry.example.com`, `10.0.0.5:5000`,
 * `10.0.0.0/8`.
 */
function matchesHost(host, list) {
    const bare = hostname(host);
    return list.some((entry) => {
        if (!entry.includes('/'))
            return entry === host || entry === bare;
        const [, network = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(entry) ?? [];
        return bits !== '' && isWithin(bare, network, Number(bits));
    });
}
function isWithin(address, network, bits) {
    if (address.includes(':') !== network.includes(':'))
        return false;
    const family = (0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIP)(network);
    if (family === 0 || (0,node_net__WEBPACK_IMPORTED_MODULE_0__.isIP)(address) !== family || bits > (family === 4 ? 32 : 128))
        return false;
    const name = family === 4 ? 'ipv4' : 'ipv6';
    const block = new node_net__WEBPACK_IMPORTED_MODULE_0__.BlockList();
    block.addSubnet(network, bits, name);
    return block.check(address, name);
}


/***/ }),

/***/ 9358:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $I: () => (/* binding */ withArguments),
/* harmony export */   AO: () => (/* binding */ readLinkedStage),
/* harmony export */   F$: () => (/* binding */ linkedName),
/* harmony export */   aX: () => (/* binding */ argumentsOf),
/* harmony export */   dH: () => (/* binding */ noLinks),
/* harmony export */   kW: () => (/* binding */ linkedStage),
/* harmony export */   w4: () => (/* binding */ isLinkedStep)
/* harmony export */ });
/* harmony import */ var _json_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6153);
/* harmony import */ var _pair_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5735);
/**
 * Other targets of a bake file that a build starts or copies from: named contexts that say `target:NAME`. They are handed back to
 * bake as it has resolved them, and are built in the same call as what needs them.
 * https://docs.docker.com/build/bake/contexts/#use-another-target-as-base
 */


/** Of a build that stands by itself. */
const noLinks = { contexts: [], targets: [] };
const SCHEME = 'target:';
/** The target that a named context stands for; `undefined` where it is none. */
function linkedName(place) {
    return place.startsWith(SCHEME) ? place.slice(SCHEME.length) : undefined;
}
/**
 * How the steps of a linked target are told from those of the build's own stages: by the target, and by their stage in it.
 * @param stage absent in a Dockerfile with one stage
 */
function linkedStage(target, stage) {
    return stage === undefined ? `${SCHEME}${target}` : `${SCHEME}${target}:${stage}`;
}
/** What `linkedStage` was made of; `undefined` for a stage of the build's own. */
function readLinkedStage(shown) {
    const [, target, stage] = /^target:([^:]+)(?::(.+))?$/.exec(shown) ?? [];
    return target === undefined ? undefined : { target, ...(stage === undefined ? {} : { stage }) };
}
/** Whether a step is one of a linked target: its line is in another Dockerfile than the build's own. */
function isLinkedStep({ stage }) {
    return stage?.startsWith(SCHEME) === true;
}
/** Build arguments of a linked target, `NAME=VALUE`. */
function argumentsOf({ attributes }) {
    return Object.entries((0,_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asObject */ .eB)(attributes.args) ?? {}).flatMap(([name, value]) => typeof value === 'string' ? [`${name}=${value}`] : []);
}
/** The target with other build arguments. */
function withArguments(target, buildArgs) {
    const args = Object.fromEntries((0,_pair_js__WEBPACK_IMPORTED_MODULE_1__/* .splitPairs */ ._)(buildArgs));
    return { ...target, attributes: { ...target.attributes, args } };
}


/***/ }),

/***/ 9789:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   p: () => (/* binding */ redacted)
/* harmony export */ });
/* unused harmony export OWN_WORDS */
/**
 * The words in a report that are its own. Redacting them would not hide a secret, only break what reads them: a user may be called
 * `registry`, and a password may be `passed`.
 */
/** What a member of a report or of a call may say of its own, by its name. Every `enum` and `const` of docs/report.schema.json is in here. */
const OWN_WORDS = {
    action: ['else', 'none', 'read', 'write'],
    after: ['saved', 'too-large', 'unchanged', 'withheld'],
    baseline: ['found', 'none'],
    before: ['kept', 'restored'],
    by: ['no-cache', 'no-cache-filters', 'refresh-after', 'test-cache'],
    certainty: ['certain', 'likely', 'unknown'],
    credential: ['secret', 'ssh'],
    differs: ['attributes', 'content', 'presence', 'time'],
    driver: ['cloud', 'docker', 'docker-container', 'kubernetes', 'remote'],
    encoding: ['base64', 'base64url', 'hex', 'json', 'quoted', 'raw', 'url', 'utf16', 'xml'],
    extent: ['part', 'whole'],
    how: ['added', 'changed', 'removed'],
    in: ['annotation', 'attestation', 'config', 'env', 'file', 'history', 'label', 'manifest', 'name', 'outside'],
    kind: [
        'above',
        'added',
        'ancestor',
        'argument',
        'asked',
        'base',
        'budget',
        'build',
        'cancelled',
        'changed',
        'cold',
        'commit',
        'compared',
        'credential',
        'dockerfile',
        'engine',
        'evicted',
        'files',
        'green',
        'image',
        'input',
        'instruction',
        'internal',
        'irreproducible',
        'layer',
        'leak',
        'mismatch',
        'newest',
        'no-cache-found',
        'none',
        'parent',
        'private-key',
        'red',
        'registry',
        'removed',
        'reused',
        'secret',
        'smoke',
        'test',
        'unknown',
        'unrecognised',
        'untested',
        'value',
        'verify'
    ],
    base: ['unknown'],
    mode: ['fail', 'warn'],
    names: ['add-hosts', 'namespace', 'network', 'platforms', 'shm-size', 'ulimit'],
    on: ['descriptor', 'index', 'layer', 'manifest'],
    reason: ['dockerfile-unread', 'files-unread', 'no-record', 'not-built', 'source-unread'],
    result: [
        'cached',
        'cancelled',
        'failed',
        'missing',
        'not-run',
        'ok',
        'passed',
        'ran',
        'skipped',
        'unchanged',
        'withheld'
    ],
    role: ['other', 'target', 'test'],
    rule: ['leak-check', 'max-increase', 'max-layers', 'max-reclaimable', 'max-size'],
    speaker: ['BuildKit', 'buildx'],
    state: [
        'cached',
        'cancelled',
        'error',
        'failed',
        'failure',
        'green',
        'neutral',
        'pending',
        'ran',
        'red',
        'success',
        'waiting',
        'warning'
    ],
    verdict: ['failed', 'passed', 'skipped']
};
/** Members that GitHub gives and everybody knows: links would break without them. */
const OPEN_MEMBERS = new Set(['serverUrl', 'repository', 'sha', 'runUrl']);
const digest = /^sha(?:256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;
/**
 * The same value with every text in it redacted. Member names stay, and so do digests and the report's own words. Redact the model, not
 * the rendering: a renderer escapes characters, and an escaped secret is not found any more.
 */
function redacted(value, redact) {
    const walk = (part, name) => {
        if (typeof part === 'string') {
            return isOwn(part, name) ? part : redact(part);
        }
        if (Array.isArray(part))
            return part.map((item) => walk(item, name));
        if (typeof part !== 'object' || part === null)
            return part;
        return Object.fromEntries(Object.entries(part).map(([key, entry]) => [key, walk(entry, key)]));
    };
    // Texts become texts, and everything else keeps its shape.
    return walk(value, '');
}
function isOwn(text, name) {
    return (digest.test(text) ||
        OPEN_MEMBERS.has(name) ||
        (Object.hasOwn(OWN_WORDS, name) && OWN_WORDS[name]?.includes(text) === true));
}


/***/ }),

/***/ 5735:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   T: () => (/* binding */ splitPair),
/* harmony export */   _: () => (/* binding */ splitPairs)
/* harmony export */ });
/** `NAME=VALUE`, as build arguments, contexts, environments and the fields of CSV have it. */
/** Takes a pair apart at its first "=". A text without one is a name alone; what that means, each list says for itself. */
function splitPair(text) {
    const at = text.indexOf('=');
    return at < 0 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
}
/** Names and values of some pairs; the value of a name alone is empty. */
function splitPairs(texts) {
    return texts.map(splitPair).map(({ name, value = '' }) => [name, value]);
}


/***/ }),

/***/ 4664:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   L7: () => (/* binding */ addDownloads),
/* harmony export */   QN: () => (/* binding */ noImports),
/* harmony export */   q3: () => (/* binding */ addImports)
/* harmony export */ });
/** Nothing was read yet. */
const noImports = { downloads: { bytes: 0, seconds: 0 } };
/** Imports of two solves, the earlier first. */
function addImports(one, other) {
    const broken = one.broken ?? other.broken;
    return { downloads: addDownloads(one.downloads, other.downloads), ...(broken === undefined ? {} : { broken }) };
}
function addDownloads(one, other) {
    return { bytes: one.bytes + other.bytes, seconds: one.seconds + other.seconds };
}


/***/ }),

/***/ 4819:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   DQ: () => (/* binding */ loginOf),
/* harmony export */   d_: () => (/* binding */ readProxyRefusal),
/* harmony export */   nM: () => (/* binding */ readProxy)
/* harmony export */ });
/** The address of a proxy, as variables of the environment hold it. */
/** Reads what the variable holds; without a scheme it is `http://`, as for docker. */
function readProxy(variable, text) {
    const proxy = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    if (proxy === null)
        return { ok: false, problem: `${variable} is not the address of a proxy` };
    if (!/^https?:$/.test(proxy.protocol)) {
        return { ok: false, problem: `${variable} names a proxy that is neither http:// nor https://` };
    }
    try {
        loginOf(proxy);
    }
    catch {
        return { ok: false, problem: `the user or the password in ${variable} is not percent-encoded` };
    }
    return { ok: true, proxy };
}
/** `user:password` in clear; `:` where there is none. Throws where a `%` begins no escape. */
function loginOf({ username, password }) {
    return `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
}
/** Reads the status with which a proxy has refused to lead to a host. */
function readProxyRefusal({ variable, address }, status) {
    if (status === 407) {
        const hasLogin = address.username !== '' || address.password !== '';
        return {
            kind: 'login',
            problem: hasLogin
                ? `the proxy does not accept the login in ${variable} (407)`
                : `the proxy requires a login, which ${variable} does not have (407)`
        };
    }
    if (status >= 400 && status < 500 && ![408, 425, 429].includes(status)) {
        return { kind: 'denied', problem: `the proxy in ${variable} does not let this host through (${status})` };
    }
    return { kind: 'passing', problem: `the proxy in ${variable} answers ${status}` };
}


/***/ }),

/***/ 5378:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ew: () => (/* binding */ canonicalName),
/* harmony export */   F2: () => (/* binding */ parseReference),
/* harmony export */   JA: () => (/* binding */ canonicalRepository),
/* harmony export */   UD: () => (/* binding */ dockerHub),
/* harmony export */   WC: () => (/* binding */ BEYOND_A_REFERENCE),
/* harmony export */   _M: () => (/* binding */ repositoryOf),
/* harmony export */   gr: () => (/* binding */ isDockerHub),
/* harmony export */   hG: () => (/* binding */ familiarName)
/* harmony export */ });
/**
 * Image references as the distribution project defines them:
 * https://github.com/distribution/reference/blob/main/reference.go
 */
const DOMAIN_COMPONENT = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainPattern = new RegExp(`^(?:${DOMAIN_COMPONENT}(?:\\.${DOMAIN_COMPONENT})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);
const pathComponentPattern = /^[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$/;
const digestPattern = /^(?:sha256:[0-9a-f]{64}|sha384:[0-9a-f]{96}|sha512:[0-9a-f]{128})$/;
const LONGEST_PATH = 255;
/** More characters than a reference can have: a host's 253, a path's, a tag's 128 and those of a digest. */
const BEYOND_A_REFERENCE = 1_000;
/** Parses an image reference. */
function parseReference(text) {
    if (/\s/.test(text))
        return wrong('it contains white space', 'Write one reference per line.');
    if (/^[a-z]+:\/\//i.test(text))
        return wrong('it starts with a URL scheme', 'Leave out "https://".');
    const [beforeDigest = '', digest] = splitOnce(text, '@');
    if (digest !== undefined && !digestPattern.test(digest)) {
        return wrong(`"${digest}" is not a digest`, 'Write the digest as "sha256:" and 64 hexadecimal characters.');
    }
    const lastSlash = beforeDigest.lastIndexOf('/');
    const colon = beforeDigest.indexOf(':', lastSlash + 1);
    const name = colon < 0 ? beforeDigest : beforeDigest.slice(0, colon);
    const tag = colon < 0 ? undefined : beforeDigest.slice(colon + 1);
    if (tag !== undefined && !tagPattern.test(tag)) {
        return wrong(tag === '' ? 'the tag after ":" is empty' : `"${tag}" is not a valid tag`, 'A tag has 1 to 128 letters, digits, "_", "." and "-", and starts with a letter, digit or "_".');
    }
    const { domain, path } = splitDomain(name);
    // `app:${{ github.ref_name }}` on a branch such as feature/x.
    const slashed = /^[^:]+:(?![0-9]+$)[^:]*$/.test(domain ?? '') || path.includes(':');
    if (slashed && !/^\[|::/.test(name)) {
        return wrong('the tag after ":" has a "/"', 'Leave it out or replace it by "-"; docker/metadata-action makes tags of branch names.');
    }
    if (domain !== undefined && !domainPattern.test(domain)) {
        return wrong(`"${domain}" is not a registry host`, 'Write the host as "ghcr.io" or "registry.example.com:5000".');
    }
    if (path === '')
        return wrong('the repository name is empty', 'Write it as "registry/name:tag".');
    if (path.length > LONGEST_PATH)
        return wrong(`the name is longer than ${LONGEST_PATH} characters`, 'Shorten it.');
    if (path !== path.toLowerCase()) {
        const lower = repositoryOf({ ...(domain === undefined ? {} : { domain }), path: path.toLowerCase() });
        return wrong('repository names are lower case', `Write "${lower}${text.slice(name.length)}".`);
    }
    if (domain === undefined && /^[0-9a-f]{64}$/.test(path)) {
        return wrong('64 hexadecimal digits are the id of an image, not a name', 'Write it as "registry/name:tag".');
    }
    const badComponent = path.split('/').find((component) => !pathComponentPattern.test(component));
    if (badComponent !== undefined) {
        return wrong(badComponent === '' ? 'a part of the name between two "/" is empty' : `"${badComponent}" is not a valid name`, 'Name parts have lower-case letters and digits, separated by ".", "_", "__" or "-".');
    }
    return {
        ok: true,
        reference: {
            ...(domain === undefined ? {} : { domain }),
            path,
            ...(tag === undefined ? {} : { tag }),
            ...(digest === undefined ? {} : { digest })
        }
    };
}
/** The repository a reference belongs to, as written: `domain/path`. */
function repositoryOf(reference) {
    return reference.domain === undefined ? reference.path : `${reference.domain}/${reference.path}`;
}
/** Docker Hub under its names: those in references, the host that answers, and the key that logins are kept under. */
const dockerHub = {
    name: 'docker.io',
    oldName: 'index.docker.io',
    host: 'registry-1.docker.io',
    loginKey: 'https://index.docker.io/v1/'
};
/** Whether a host is one of Docker Hub's names. */
function isDockerHub(host) {
    return [dockerHub.name, dockerHub.oldName, dockerHub.host].some((name) => name === host);
}
/**
 * The repository in the one form that all ways of writing it have: Docker Hub's name and `library/` are often left out.
 * The host that answers is another one to docker, so it stays.
 */
function canonicalRepository({ domain = dockerHub.name, path }) {
    const host = domain === dockerHub.oldName ? dockerHub.name : domain;
    return `${host}/${host === dockerHub.name && !path.includes('/') ? `library/${path}` : path}`;
}
/** The name with tag in that form: `docker.io/library/app:latest` of `app`; `undefined` for a text that is no reference. */
function canonicalName(text) {
    const reading = parseReference(text);
    return reading.ok ? `${canonicalRepository(reading.reference)}:${reading.reference.tag ?? 'latest'}` : undefined;
}
/**
 * The name under which BuildKit looks for a context in the place of an image: without Docker Hub's host and without `latest`.
 * A text that is no reference stays as it is. https://github.com/moby/buildkit/blob/master/frontend/dockerui/namedcontext.go
 */
function familiarName(text) {
    const reading = parseReference(text);
    if (!reading.ok)
        return text;
    const { domain = dockerHub.name, path, tag, digest } = reading.reference;
    const isHub = domain === dockerHub.name || domain === dockerHub.oldName;
    const name = isHub ? path.replace(/^library\/(?=[^/]+$)/, '') : `${domain}/${path}`;
    if (digest !== undefined)
        return `${name}${tag === undefined ? '' : `:${tag}`}@${digest}`;
    return tag === undefined || tag === 'latest' ? name : `${name}:${tag}`;
}
/** The first part is a host if it looks like one: it has a dot or a port, is `localhost`, or has upper-case letters. */
function splitDomain(name) {
    const [first = '', rest] = splitOnce(name, '/');
    const isHost = rest !== undefined && (/[.:[]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
    return isHost ? { domain: first, path: rest } : { path: name };
}
function splitOnce(text, separator) {
    const at = text.indexOf(separator);
    return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}
function wrong(problem, fix) {
    return { ok: false, problem, fix };
}


/***/ }),

/***/ 9330:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   E_: () => (/* binding */ withoutMark),
/* harmony export */   G0: () => (/* binding */ rawForms),
/* harmony export */   Ye: () => (/* binding */ SHORTEST_FORM),
/* harmony export */   a_: () => (/* binding */ encodingsOf),
/* harmony export */   b6: () => (/* binding */ textOf),
/* harmony export */   qE: () => (/* binding */ percentEncoded),
/* harmony export */   zE: () => (/* binding */ base64At)
/* harmony export */ });
/* harmony import */ var node_buffer__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4573);
/* harmony import */ var node_buffer__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_buffer__WEBPACK_IMPORTED_MODULE_0__);
/** The ways in which builds write a value down. The README and docs/analysis.md claim exactly these. */

/** A form of fewer bytes is not looked for: it would be found by chance. */
const SHORTEST_FORM = 6;
/** Every form of a value but the value itself, each once. */
function encodingsOf(value) {
    const forms = [];
    const seen = new Set([value.toString('latin1')]);
    const add = (encoding, form) => {
        const bytes = typeof form === 'string' ? Buffer.from(form, 'utf8') : form;
        const key = bytes.toString('latin1');
        if (seen.has(key) || bytes.length < SHORTEST_FORM)
            return;
        seen.add(key);
        forms.push({ encoding, bytes, mayWrap: ['base64', 'base64url', 'hex'].includes(encoding) });
    };
    for (const form of rawForms(value))
        add('raw', form);
    const text = textOf(value);
    // PowerShell makes base64 of UTF-16.
    for (const bytes of [value, ...(text === undefined ? [] : [Buffer.from(text, 'utf16le')])]) {
        for (const skew of [0, 1, 2]) {
            const form = base64At(bytes, skew);
            add('base64', form);
            add('base64url', form.replaceAll('+', '-').replaceAll('/', '_'));
        }
    }
    add('hex', value.toString('hex'));
    add('hex', value.toString('hex').toUpperCase());
    for (const form of urlForms(value))
        add('url', form);
    if (text !== undefined) {
        for (const form of jsonForms(text))
            add('json', form);
        for (const form of xmlForms(text))
            add('xml', form);
        for (const form of quotedForms(text))
            add('quoted', form);
        for (const form of utf16Forms(text))
            add('utf16', form);
    }
    return forms;
}
/**
 * The value as tools hand it on that work on text: with line ends of one kind, from Latin-1 to UTF-8 and back, and what a
 * program makes of it that takes it for UTF-8 when it is not.
 */
function rawForms(value) {
    const wide = fromUTF16(value);
    if (wide !== undefined)
        return [value, ...rawForms(Buffer.from(wide.trim()))];
    const bytes = value.toString('latin1');
    const lineFeeds = bytes.replace(/\r\n?/g, '\n');
    const forms = /[\r\n]/.test(bytes) ? [bytes, lineFeeds, lineFeeds.replaceAll('\n', '\r\n')] : [bytes];
    return forms.flatMap((form) => {
        const plain = Buffer.from(form, 'latin1');
        if (/^[\0-\x7f]*$/.test(form))
            return [plain];
        const text = textOf(plain);
        if ((0,node_buffer__WEBPACK_IMPORTED_MODULE_0__.isUtf8)(plain)) {
            return text !== undefined && /^[\0-\xff]*$/.test(text) ? [plain, Buffer.from(text, 'latin1')] : [plain];
        }
        const broken = plain.toString('utf8');
        const telling = broken.replaceAll('\ufffd', '').length >= SHORTEST_FORM;
        return [
            plain,
            ...(text === undefined ? [] : [Buffer.from(text, 'utf8')]),
            ...(telling ? [Buffer.from(broken, 'utf8')] : [])
        ];
    });
}
/**
 * A value as text, without a mark at its start: UTF-16 with its mark, UTF-8, or else Latin-1 where it has nothing but letters and
 * signs of it. Undefined for other bytes.
 */
function textOf(value) {
    const wide = fromUTF16(value);
    if (wide !== undefined)
        return wide;
    const bare = withoutMark(value);
    if ((0,node_buffer__WEBPACK_IMPORTED_MODULE_0__.isUtf8)(bare))
        return bare.includes(0) ? undefined : bare.toString('utf8');
    const text = bare.toString('latin1');
    return /^[\t\r\n\x20-\x7e\xa0-\xff]*$/.test(text) ? text : undefined;
}
/** A value without the byte order mark of UTF-8, which programs take off before they read on. */
function withoutMark(value) {
    return value[0] === 0xef && value[1] === 0xbb && value[2] === 0xbf ? value.subarray(3) : value;
}
/** The text of a file that PowerShell wrote: UTF-16 with a mark at its start. */
function fromUTF16(value) {
    const mark = value.length > 2 ? value.readUInt16BE() : 0;
    if (mark !== 0xfffe && mark !== 0xfeff)
        return undefined;
    // A last line end may have been taken off, of which one byte is left.
    const even = Buffer.from(value.subarray(0, value.length & ~1));
    const text = (mark === 0xfffe ? even : even.swap16()).toString('utf16le').slice(1);
    return /^[^\0-\x08\ufffd\ufffe]*$/.test(text) ? text : undefined;
}
/**
 * The characters of a base64 text that depend on nothing but the value, when `skew` bytes (modulo 3) come before it and
 * anything after. https://www.rfc-editor.org/rfc/rfc4648#section-4
 */
function base64At(value, skew) {
    const text = Buffer.concat([Buffer.alloc(skew), value]).toString('base64');
    const first = Math.ceil((skew * 8) / 6);
    const last = Math.floor(((skew + value.length) * 8) / 6);
    return text.slice(first, last);
}
/** What each way of percent-encoding leaves as it is, besides letters, digits, `-`, `_` and `.`. */
const unescaped = [
    "~!*'()", // encodeURIComponent
    '~', // RFC 3986
    '~/', // Python's quote
    "~!*'();/?:@&=+$,#", // encodeURI
    '*' // HTML forms
].map((others) => new Set(Buffer.from(`ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.${others}`)));
/** Percent-encoded byte by byte, with upper- and lower-case hex digits; in form style a blank is a plus. */
function urlForms(value) {
    const forms = unescaped.map((kept) => percentEncoded(value, kept));
    return [...forms, ...forms.slice(-1).map((form) => form.replaceAll('%20', '+'))].flatMap((upper) => [
        upper,
        upper.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
    ]);
}
/** Every byte of a value that is not kept as `%XX`. */
function percentEncoded(value, kept) {
    return Array.from(value, (byte) => kept.has(byte) ? String.fromCharCode(byte) : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join('');
}
const ascii = /[\u007f-\uffff]/g;
/**
 * Inside a JSON string as JavaScript, Go and Rails (which escape <, > and &), Gson (= and ' as well), .NET (+, `, quotes and all
 * beyond ASCII), PHP (which escapes /) and ASCII-only writers do it, and JSON inside JSON.
 */
function jsonForms(text) {
    const plain = JSON.stringify(text).slice(1, -1);
    const html = escaped(plain, /[<>&\u2028\u2029]/g);
    const gson = escaped(plain, /[<>&='\u2028\u2029]/g);
    const onlyASCII = escaped(plain, ascii);
    const net = escaped(escaped(plain.replaceAll('\\"', '\\u0022'), /[<>&+'`]/g), ascii);
    const php = escaped(escaped(plain.replaceAll('\\"', '\\u0022'), /[<>&']/g), ascii);
    const forms = [plain, html, gson, onlyASCII, net, php];
    return [...forms, ...forms.map((form) => form.replaceAll('/', '\\/'))].flatMap((form) => {
        const upper = form.replace(/\\u[0-9a-f]{4}/g, (code) => `\\u${code.slice(2).toUpperCase()}`);
        return [form, upper, JSON.stringify(form).slice(1, -1), JSON.stringify(upper).slice(1, -1)];
    });
}
function escaped(form, characters) {
    return form.replace(characters, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
/**
 * In XML and HTML, as text and in an attribute, as Java, Python, Go, .NET and browsers write it: a settings.xml, a JUnit report.
 * Quotes have a name or a number, and the blanks of an attribute a number. https://www.w3.org/TR/xml/#syntax
 */
function xmlForms(text) {
    const asText = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
    const both = asText.replaceAll('>', '&gt;');
    const double = both.replaceAll('"', '&quot;');
    const quoted = [
        double,
        double.replaceAll("'", '&apos;'),
        double.replaceAll("'", '&#39;'),
        double.replaceAll("'", '&#x27;'),
        both.replaceAll('"', '&#34;').replaceAll("'", '&#39;')
    ];
    const decimal = quoted.map((form) => form.replace(/[\t\r\n]/g, (blank) => `&#${blank.charCodeAt(0)};`));
    const hex = decimal.map((form) => form.replaceAll('&#9;', '&#x9;').replaceAll('&#10;', '&#xA;').replaceAll('&#13;', '&#xD;'));
    return [asText, both, ...quoted, ...decimal, ...hex];
}
/**
 * In a file of settings or a script: as shells write it (`printf %q`, `export -p`, `${value@Q}`, Python's shlex), in YAML and SQL
 * between single quotes, in Python and JavaScript, and as Java's properties do it.
 */
function quotedForms(text) {
    const onOneLine = (form) => form.replaceAll('\r', '\\r').replaceAll('\n', '\\n');
    return [
        text.replaceAll("'", "'\\''"),
        text.replaceAll("'", `'"'"'`),
        text.replaceAll("'", "''"),
        text.replace(/[\\"$`]/g, '\\$&'),
        text.replace(/[ !"$&'()*,;<>?[\\\]^`{|}]/g, '\\$&'),
        onOneLine(text.replace(/[\\']/g, '\\$&')),
        onOneLine(text.replace(/[\\=:#!]/g, '\\$&'))
    ];
}
/** As PowerShell and other programs of Windows write files, in either order of bytes. */
function utf16Forms(text) {
    return [Buffer.from(text, 'utf16le'), Buffer.from(text, 'utf16le').swap16()];
}


/***/ }),

/***/ 3591:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   FZ: () => (/* binding */ maskedLines),
/* harmony export */   Gz: () => (/* binding */ bareValue),
/* harmony export */   MD: () => (/* binding */ commonWord),
/* harmony export */   c3: () => (/* binding */ SHORTEST_SECRET),
/* harmony export */   eo: () => (/* binding */ secretForms)
/* harmony export */ });
/* harmony import */ var _units_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2184);
/* harmony import */ var node_buffer__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4573);
/* harmony import */ var node_buffer__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_buffer__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _base64_text_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8040);
/* harmony import */ var _secret_encodings_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9330);
/* harmony import */ var _secret_parts_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4912);
/**
 * What of a secret is looked for: the one list for everything that looks for secrets, in images, layer caches, cache mounts,
 * logs and reports. Each piece is then looked for in the encodings of secret_encodings.ts.
 */





/** Bytes from which on a value, a line of it or a part of it is looked for: what the runner masks. */
const SHORTEST_SECRET = _secret_encodings_js__WEBPACK_IMPORTED_MODULE_2__/* .SHORTEST_FORM */ .Ye;
/** Below this length a value is not looked for in an image if it is a word, a number or a few hex digits. */
const SHORTEST_WORD = 12;
const SHORTEST_HEX = 8;
/** A piece is made of at least so many different bytes: `xxxxxx` and `------` stand in any file. */
const FEWEST_BYTES = 4;
/** The first and the last line of a key file are the same for everyone. */
const PEM_BOUNDARY = /^-----(?:BEGIN|END) [A-Z0-9 ]+-----$/;
/** All pieces of a value, each once, the whole first; and of what it stands for, where it is base64. */
function secretForms(given) {
    const whole = bareValue(given);
    const reason = tooPlain(whole);
    if (reason !== undefined)
        return { pieces: [], unsearched: reason };
    const word = commonWord(whole);
    const pieces = [{ extent: 'whole', bytes: whole, common: word !== undefined }];
    const seen = new Set([whole.toString('latin1')]);
    const add = (piece) => {
        const key = piece.bytes.toString('latin1');
        if (seen.has(key) || tooPlain(piece.bytes) !== undefined)
            return;
        seen.add(key);
        pieces.push({ extent: 'part', ...piece });
    };
    let value = whole;
    for (let depth = 0; value !== undefined && depth <= _secret_parts_js__WEBPACK_IMPORTED_MODULE_3__/* .DEEPEST_BASE64 */ .np; depth++) {
        if (depth > 0)
            add({ part: (0,_secret_parts_js__WEBPACK_IMPORTED_MODULE_3__/* .decodedWords */ .Iq)('the value'), bytes: value, common: commonWord(value) !== undefined });
        addTexts(value);
        const decoded = (0,_base64_text_js__WEBPACK_IMPORTED_MODULE_1__/* .decodedBase64 */ .u)((0,_secret_encodings_js__WEBPACK_IMPORTED_MODULE_2__/* .textOf */ .b6)(value) ?? '');
        value = decoded === undefined ? undefined : bareValue(decoded.bytes);
    }
    return { pieces, ...(word === undefined ? {} : { unsearched: word }) };
    function addTexts(value) {
        const text = (0,_secret_encodings_js__WEBPACK_IMPORTED_MODULE_2__/* .textOf */ .b6)(value);
        if (text === undefined)
            return;
        const encoding = (0,node_buffer__WEBPACK_IMPORTED_MODULE_0__.isUtf8)(value) || /[^\0-\xff]/.test(text) ? 'utf8' : 'latin1';
        for (const { part, text: own } of (0,_secret_parts_js__WEBPACK_IMPORTED_MODULE_3__/* .secretParts */ .Bm)(text)) {
            add({ part, bytes: Buffer.from(own, encoding), common: false });
            const decoded = (0,_base64_text_js__WEBPACK_IMPORTED_MODULE_1__/* .decodedBase64 */ .u)(own);
            // Of a text the parts know.
            if (decoded !== undefined && decoded.text === undefined) {
                add({ part: (0,_secret_parts_js__WEBPACK_IMPORTED_MODULE_3__/* .decodedWords */ .Iq)(part), bytes: decoded.bytes, common: false });
            }
        }
        for (const line of maskedLines(text)) {
            add({ bytes: Buffer.from(line, encoding), common: !(0,_secret_parts_js__WEBPACK_IMPORTED_MODULE_3__/* .looksLikeToken */ .NM)(line) && !(0,_secret_parts_js__WEBPACK_IMPORTED_MODULE_3__/* .looksLikePassword */ .Dp)(line) });
        }
    }
}
/**
 * The lines of a value that the runner is told to mask, and so all other texts hide. It masks every line of a value that it is
 * given, even a lone `{`, so it gets them one by one.
 * https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs (AddMaskCommandExtension)
 */
function maskedLines(value) {
    const lines = value
        .split(/\r\n|\r|\n/)
        .map((line) => line.trim())
        .filter((line) => line.length >= SHORTEST_SECRET && new Set(line).size >= FEWEST_BYTES && !PEM_BOUNDARY.test(line));
    return [...new Set(lines)];
}
/** Why a piece is never looked for, or undefined. */
function tooPlain(bytes) {
    if (bytes.length < SHORTEST_SECRET)
        return `it has ${(0,_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(bytes.length, 'byte')}, fewer than ${SHORTEST_SECRET}`;
    const distinct = new Set(bytes.subarray(0, 512)).size;
    return distinct < FEWEST_BYTES ? `it is made of ${distinct} different characters` : undefined;
}
/** Why a value would be found in any image, or undefined. */
function commonWord(bytes) {
    if (bytes.length >= SHORTEST_WORD)
        return undefined;
    const text = bytes.toString('latin1');
    if (/^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+)$/.test(text))
        return 'it is a single word, which any image may have';
    if (/^[0-9]+$/.test(text))
        return 'it is a short number, which any image may have';
    return bytes.length < SHORTEST_HEX && /^[0-9a-f]+$/i.test(text)
        ? 'it is a few hex digits, which any image may have'
        : undefined;
}
/** A value without the blanks around it, and without a mark of UTF-8 before it. */
function bareValue(marked) {
    const value = (0,_secret_encodings_js__WEBPACK_IMPORTED_MODULE_2__/* .withoutMark */ .E_)(marked);
    const isBlank = (byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
    let start = 0;
    let end = value.length;
    while (start < end && isBlank(value[start]))
        start++;
    while (end > start && isBlank(value[end - 1]))
        end--;
    return value.subarray(start, end);
}


/***/ }),

/***/ 4912:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  np: () => (/* binding */ DEEPEST_BASE64),
  FF: () => (/* binding */ addressPasswords),
  Iq: () => (/* binding */ decodedWords),
  eh: () => (/* binding */ isSecretName),
  Dp: () => (/* binding */ looksLikePassword),
  NM: () => (/* binding */ looksLikeToken),
  Bm: () => (/* binding */ secretParts)
});

// EXTERNAL MODULE: ./src/core/base64_text.ts
var base64_text = __webpack_require__(8040);
// EXTERNAL MODULE: ./src/core/secret_encodings.ts
var secret_encodings = __webpack_require__(9330);
;// CONCATENATED MODULE: ./src/core/xml_values.ts
/** Names and values of an XML document, read forgivingly and in one pass: a settings.xml, a nuget.config. */
const ATTRIBUTE = /\s*([^\s=<>"'/]{1,64})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;
const TAG = /<([A-Za-z_][\w:.-]{0,63})/y;
/** Members that name what stands in a `value` beside them. */
const NAMING = /^(?:key|name|id)$/i;
/** The values of a document in their order. One that stands in `value` has the name that stands beside it. */
function xmlValues(text) {
    const values = [];
    let open;
    /** What a `<name>` said last, for the `<value>` behind it. */
    let said;
    const take = (end, at) => {
        if (open !== undefined)
            open.text += unescapedXML(text.slice(at, end));
    };
    /** Past a section that is closed by `mark`; one that nobody closes goes on to the end. */
    const past = (mark, from) => {
        const end = text.indexOf(mark, from);
        return end === -1 ? text.length : end;
    };
    for (let at = 0; at < text.length;) {
        const start = past('<', at);
        take(start, at);
        at = start;
        if (text.startsWith('<!--', at))
            at = past('-->', at + 4) + 3;
        else if (text.startsWith('<![CDATA[', at)) {
            const end = past(']]>', at + 9);
            if (open !== undefined)
                open.text += text.slice(at + 9, end);
            at = end + 3;
        }
        else if (text.startsWith('</', at)) {
            if (open !== undefined) {
                const { name, text: value } = open;
                values.push({ name: name === 'value' ? (said ?? name) : name, value });
                if (NAMING.test(name))
                    said = value.trim();
                open = undefined;
            }
            at = past('>', at) + 1;
        }
        else {
            TAG.lastIndex = at;
            const name = TAG.exec(text)?.[1];
            at = name === undefined ? at + 1 : openTag(name, TAG.lastIndex);
        }
    }
    return values;
    /** Where a tag ends, whose attributes begin at `from`. */
    function openTag(name, from) {
        const own = [];
        let at = from;
        for (;;) {
            ATTRIBUTE.lastIndex = at;
            const found = ATTRIBUTE.exec(text);
            if (found === null)
                break;
            own.push({ name: found[1] ?? '', value: unescapedXML(found[2] ?? found[3] ?? '') });
            at = ATTRIBUTE.lastIndex;
        }
        const naming = own.find((each) => NAMING.test(each.name))?.value;
        for (const { name: attribute, value } of own) {
            values.push({ name: attribute === 'value' ? (naming ?? attribute) : attribute, value });
        }
        const next = /[<>]/g;
        next.lastIndex = at;
        const end = next.exec(text)?.index ?? text.length;
        const isEmpty = text[end - 1] === '/';
        open = isEmpty ? open : { name, text: '' };
        return text[end] === '<' ? end : end + 1;
    }
}
const NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** A text without XML's own references, and those to characters by number. https://www.w3.org/TR/xml/#sec-references */
function unescapedXML(text) {
    return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (all, name, decimal, hex) => {
        if (typeof name === 'string')
            return NAMED[name.toLowerCase()] ?? all;
        const code = typeof decimal === 'string' ? Number(decimal) : parseInt(String(hex), 16);
        return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : all;
    });
}

;// CONCATENATED MODULE: ./src/core/yaml_entries.ts
/** What of YAML one line alone does not tell: values in several lines, values that a line beside them names, and Kubernetes' secrets. */
const LINE = /^( *)(- +)?["']?([\w./-]{1,200})["']?:(?: +(.*))?$/;
const BLOCK = /^[|>][-+0-9]{0,2}(?: +#.*)?$/;
/** The entries of a text that a look at each of its lines would miss. */
function yamlEntries(lines) {
    const entries = [];
    const hasSecret = lines.some((line) => /^ *(?:- +)?["']?kind["']?: *["']?Secret["']? *$/.test(line));
    let data;
    /** The item of a list that is open, with the column of its names. */
    let item;
    for (let at = 0; at < lines.length; at++) {
        const [, margin = '', dash = '', name = '', rest = ''] = LINE.exec(lines[at] ?? '') ?? [];
        if (name === '')
            continue;
        const depth = margin.length + dash.length;
        const block = BLOCK.test(rest) ? blockAfter(lines, at, margin.length) : undefined;
        if (block !== undefined)
            at += block.length;
        const value = block?.join('\n').trim() ?? rest.trim();
        if (data !== undefined && depth <= data)
            data = undefined;
        const isData = data !== undefined;
        if (block !== undefined || isData)
            entries.push({ name, value, isData });
        if (hasSecret && name === 'data' && rest.trim() === '')
            data = depth;
        if (dash !== '')
            item = { depth };
        if (item?.depth !== depth)
            continue;
        if (/^(?:name|key)$/i.test(name))
            item.name = value.replace(/^(["'])(.*)\1$/, '$2');
        else if (/^value$/i.test(name))
            item.value = value;
        if (item.name === undefined || item.value === undefined)
            continue;
        entries.push({ name: item.name, value: item.value, isData: false });
        item = undefined;
    }
    return entries;
}
/** The lines after `at` that stand deeper than its name. */
function blockAfter(lines, at, margin) {
    const from = at + 1;
    let end = from;
    while (end < lines.length && (/^\s*$/.test(lines[end] ?? '') || /\S/.exec(lines[end] ?? '').index > margin))
        end++;
    return lines.slice(from, end).map((line) => line.trim());
}

;// CONCATENATED MODULE: ./src/core/secret_parts.ts
/**
 * The secrets inside a secret: a `.npmrc` has one token, a service account's JSON one key. What is written elsewhere is often
 * only that. A part has to look like a secret, by its name or by itself: `registry=https://registry.example.com/` is no leak.
 */




/** Values longer than this are not taken apart: nobody writes such a file by hand. */
const LONGEST_STRUCTURE = 128 * 1024;
const MOST_PARTS = 256;
/** A part with such a name is one from the floor on, unless it is an ordinary word. */
const SECRET_NAME = /token|passw|passphrase|\bpass\b|_pass\b|^pass|secret|pwd|credential|api[_-]?key|auth|(?:^|[_.-])keys?(?=$|[_.-])|signature|^sig$/i;
/** A name that speaks of a secret and is not its own. */
const HARMLESS_NAME = /(?:_|-|\b)(?:name|id|ids|uri|url|urls|file|path|dir|type|alg|algorithm|method|host|user|username|email|expir\w*|issuer|scope|scopes|mode|version|enabled)$/i;
/** What is public, or is there to be compared: a certificate authority, the public half of a key, an author. */
const PUBLIC_NAME = /public|authorit|authors?$|authored|authorized|known[_-]?hosts|fingerprint|checksum|integrity/i;
/** Base64 in base64 is taken apart so far: a Kubernetes Secret holds a docker configuration, which holds passwords. */
const DEEPEST_BASE64 = 3;
/** The parts of a value that are secrets of their own. A value that is nothing but one token has none. */
function secretParts(given) {
    const text = given.trim();
    const parts = new Map();
    const tried = new Set();
    takeApart(text, 0);
    return [...parts.values()];
    function takeApart(whole, depth) {
        if (whole.length > LONGEST_STRUCTURE)
            return;
        const add = (part, value, named) => {
            const own = value?.trim() ?? '';
            if (own === '' || own === whole || own === text || parts.size >= MOST_PARTS)
                return;
            const isSecret = named ? !isOrdinary(own) : looksLikeToken(own);
            if (isSecret && !parts.has(own))
                parts.set(own, { part, text: own });
            const seen = `${named} ${own}`;
            if (depth === DEEPEST_BASE64 || tried.has(seen))
                return;
            tried.add(seen);
            const inside = (0,base64_text/* decodedBase64 */.u)(own)?.text;
            if (inside === undefined)
                return;
            add(decodedWords(part), inside, named);
            takeApart(inside.trim(), depth + 1);
        };
        // Pasted as it stood in a script.
        for (const each of readings(whole))
            add('what is between quotes', each, true);
        addURLs(whole, add);
        addNetrc(whole, add);
        if (addJSON(whole, add))
            return;
        addXML(whole, add);
        addLines(whole, add);
    }
}
/** What a part is called that was in base64. */
function decodedWords(part) {
    return part.startsWith('the value') ? `the decoded ${part.slice(4)}` : 'a decoded value';
}
/** The passwords of the addresses in a text: as they stand, and decoded. */
function addressPasswords(text) {
    const found = new Set();
    addURLs(text, (_, value) => {
        if (value !== undefined && !isOrdinary(value))
            found.add(value);
    });
    return [...found];
}
/** Passwords of addresses: as they stand, and decoded, as programs send them. */
function addURLs(text, add) {
    for (const [, user = '', password = ''] of text.matchAll(/[a-z][a-z0-9+.-]{1,20}:\/\/([^\s:@/?#"']*)(?::([^\s@/?#"']*))?@/gi)) {
        // `https://TOKEN@host` and `https://TOKEN:x-oauth-basic@host` have the token as their user.
        const values = [password, ...(password === '' || looksLikeToken(user) ? [user] : [])];
        for (const value of values.filter((each) => each !== '' && each !== 'x-oauth-basic')) {
            const what = value === password ? 'the password of an address' : 'the user of an address';
            add(what, value, true);
            add(what, decoded(value), true);
        }
    }
}
function decoded(value) {
    try {
        return decodeURIComponent(value);
    }
    catch {
        return undefined;
    }
}
/** A value whose name was read, as it stands and as programs read it: without quotes, and decoded where it is part of an address. */
function addValue(part, written, { add, named }) {
    for (const value of readings(written)) {
        add(part, value, named);
        if (!named || !/%[0-9a-f]{2}/i.test(value))
            continue;
        add(part, decoded(value), true);
        add(part, decoded(value.replaceAll('+', ' ')), true);
    }
}
/** https://www.gnu.org/software/inetutils/manual/html_node/The-_002enetrc-file.html: a login is no secret, a password is. */
function addNetrc(text, add) {
    if (!/(?:^|\s)(?:machine\s+\S|default\s)/.test(text))
        return;
    for (const [, word = '', value] of text.matchAll(/(?:^|\s)(password|account)\s+(\S+)/g)) {
        add(`the ${word} of a machine`, value?.replace(/^"(.*)"$/, '$1'), true);
    }
}
/** The string values of a JSON document, and of JSON in them. False where the text is none. */
function addJSON(text, add, above = 0) {
    if (!/^\s*[[{]/.test(text))
        return false;
    let json;
    try {
        json = JSON.parse(text);
    }
    catch {
        return false;
    }
    const walk = (value, name, depth) => {
        if (typeof value === 'string') {
            const part = `the value of ${shown(name)}`;
            if (isBasic(name))
                add(`the password in ${shown(name)}`, passwordOf(value), true);
            if (!/^[a-z][a-z0-9+.-]*:\/\//i.test(value))
                add(part, value, isSecretName(name));
            if (depth < 32 && addJSON(value, add, depth + 1))
                return;
            addURLs(value, add);
            addPairs(value, add);
            const lines = value.includes('\n') ? value.split(/\r?\n/) : [];
            // A list of variables, as `docker inspect` prints it.
            if (/^[\w.-]+=/.test(value) && lines.length === 0)
                addSetting(value, add);
            for (const line of lines)
                add(`a line of ${shown(name)}`, line, false);
        }
        else if (Array.isArray(value)) {
            if (depth < 32)
                for (const item of value)
                    walk(item, name, depth + 1);
        }
        else if (typeof value === 'object' && value !== null && depth < 32) {
            const members = Object.entries(value);
            // `{"name": "DB_PASSWORD", "value": "…"}`, and `{"DB_PASSWORD": {"value": "…"}}`.
            const naming = members.find(([key, item]) => /^(?:name|key)$/i.test(key) && typeof item === 'string')?.[1];
            const above = typeof naming === 'string' ? naming : name;
            for (const [key, item] of members)
                walk(item, /^value$/i.test(key) && above !== '' ? above : key, depth + 1);
            if (members.some(([key, item]) => key === 'kind' && item === 'Secret'))
                addData(value, add);
        }
    };
    walk(json, '', above);
    return true;
}
/** `data` of a Kubernetes Secret. https://kubernetes.io/docs/concepts/configuration/secret/ */
function addData(manifest, add) {
    const data = 'data' in manifest ? manifest.data : undefined;
    if (typeof data !== 'object' || data === null)
        return;
    for (const [name, value] of Object.entries(data))
        if (typeof value === 'string')
            addEncoded(name, value, add);
}
/** A value that is known to be in base64, and so may be short. Longer ones are decoded wherever they stand. */
function addEncoded(name, base64, add) {
    const text = textIn(base64)?.trim() ?? '';
    if (text.length < secret_encodings/* SHORTEST_FORM */.Ye || /[\0-\x08\ufffd]/.test(text))
        return;
    add(decodedWords(`the value of ${shown(name)}`), text, isSecretName(name) || looksLikePassword(text));
}
/** Elements and attributes of a settings.xml or a nuget.config: by their own name, or by the one that stands beside a `value`. */
function addXML(text, add) {
    if (!/^\s*</.test(text))
        return;
    for (const { name, value } of xmlValues(text)) {
        add(`the value of ${shown(name)}`, value, isSecretName(name));
        addURLs(value, add);
        addPairs(value, add);
    }
}
const withEquals = /^\s*(?:export\s+|-\s+|set\s+)?["']?([^\s="'][^=\s"']{0,200}?)["']?\s*(=)\s*(.+)$/;
const withColon = /^\s*(?:-\s+)?["']?([^\s:"'][^:\s"']{0,200}?)["']?\s*(:)(?!\/\/)\s*(.+)$/;
/** The settings of a text that has one in a line, and what the lines around a name say. */
function addLines(text, add) {
    const lines = text.split(/\r\n|\r|\n/);
    for (const line of lines) {
        addSetting(line, add);
        addPairs(line, add);
        addWords(line, add);
        // A list of settings has each of them between quotes: `- "DB_PASSWORD=…"`.
        const item = /^\s*-\s+("(?:[^"\\]|\\.)+"|'(?:[^']|'')+')\s*$/.exec(line)?.[1];
        for (const each of item === undefined ? [] : readings(item))
            addSetting(each, add);
    }
    for (const { name, value, isData } of yamlEntries(lines)) {
        addValue(`the value of ${shown(name)}`, value, { add, named: isSecretName(name) });
        if (isData)
            addEncoded(name, unquoted(value), add);
    }
}
/** What follows the first `=` of a line, or else its first `:`; and for `//host/:_authToken=…` what follows the last name. */
function addSetting(line, add) {
    const match = withEquals.exec(line) ?? withColon.exec(line);
    if (match === null || /^[#;]|^\/\/\s/.test(line.trim()))
        return;
    const [, full = '', sign = '', rest = ''] = match;
    const name = /[\w.-]+$/.exec(full)?.[0] ?? '';
    const written = rest.replace(/[,;]\s*$/, '');
    const value = unquoted(written).replace(/^(?:proxy-)?authorization:\s*/i, '');
    if (/^[a-z][a-z0-9+.-]*:\/\//i.test(value))
        return; // its password, if any, is a part already
    const part = `the value after ${shown(name, sign)}`;
    const bearer = /^(?:bearer|token)\s+(\S+)$/i.exec(value)?.[1];
    const basic = /^basic\s+(\S+)$/i.exec(value)?.[1];
    const own = bearer ?? basic ?? (value === unquoted(written) ? written : value);
    if (basic !== undefined || isBasic(name))
        add(`the password in ${shown(name, sign)}`, passwordOf(basic ?? value), true);
    if (name === '_password')
        add(`the password in ${shown(name, sign)}`, textIn(value), true);
    addValue(part, own, { add, named: isSecretName(name) || bearer !== undefined });
}
/** Pairs that stand anywhere in a text: a connection string, an address with a query, a map of YAML or TOML, a command line. */
function addPairs(text, add) {
    const pairs = [
        ...text.matchAll(/([A-Za-z_][\w.-]{0,60})["']?\s{0,20}([=:])\s{0,20}(?!\/\/)b?("[^"\\]*(?:\\[^][^"\\]*)*"|"[^"]*"|'[^']*(?:''[^']*)*'|[^\s;&,"'{}[\]()<>]+)/g),
        ...text.matchAll(/--([a-z][\w-]{0,60})( )("[^"\\]*(?:\\[^][^"\\]*)*"|"[^"]*"|'[^']*'|[^\s"']+)/g)
    ];
    for (const [, name = '', sign = '', value = ''] of pairs) {
        if (isSecretName(name))
            addValue(`the value after ${shown(name, sign)}`, value, { add, named: true });
    }
    // https://learn.microsoft.com/en-us/sql/connect/jdbc/building-the-connection-url#escape-values-in-the-connection-url
    for (const [, name = '', value = ''] of text.matchAll(/([A-Za-z_]\w{0,60})=\{((?:[^}]|\}\}){1,512})\}/g)) {
        if (!isSecretName(name))
            continue;
        for (const each of [value.replaceAll('}}', '}'), value])
            add(`the value after ${shown(name, '=')}`, each, true);
    }
    // https://www.postgresql.org/docs/current/libpq-pgpass.html
    add('the password of a server', /^[^\s:]+:(?:\d+|\*):[^\s:]*:[^\s:]*:(\S+)$/.exec(text)?.[1], true);
}
/** A word beyond this length is no token, but a key on one line, say. */
const LONGEST_WORD = 512;
/** Words that were made by a machine: the columns of a list, the path of a webhook. A line of a key is none, nor an SSH key's public half. */
function addWords(line, add) {
    if (/^\s*[A-Za-z0-9+/]+={0,2}\s*$/.test(line))
        return;
    const hasPath = /[:@]\/\//.test(line);
    // A digest is a name for something, and anybody's.
    const own = line.replace(/\bsha\d{1,3}[:-][A-Za-z0-9+/=]+/g, '');
    for (const word of own.split(/[\s,;|"'<>(){}[\]=:@?&]+/)) {
        if (word.length > LONGEST_WORD || /^AAAA[BCE]3NzaC|^AAAAE2Vj/.test(word))
            continue;
        add('a word of a line', word, false);
        for (const step of hasPath ? word.split('/') : [])
            if (step.length >= 16)
                add('a word of a line', step, false);
    }
}
function unquoted(value) {
    const text = value.trim();
    return /^(["'])([^]*)\1$/.exec(text)?.[2] ?? text;
}
/** A value that may stand between quotes: what is between them, as it stands there, and as shells, dotenv and YAML read it. */
function readings(written) {
    const value = unquoted(written);
    return value === written.trim() ? [value] : [...new Set([value, unescaped(value, written.trim()[0] ?? '')])];
}
function unescaped(text, quote) {
    if (quote === "'")
        return text.replace(/'\\''|'"'"'|''/g, "'");
    const signs = { n: '\n', r: '\r', t: '\t' };
    return text.replace(/\\([^])/g, (_, sign) => signs[sign] ?? sign);
}
/** `auth` of a docker configuration and `_auth` of npm's hold `user:password` in base64, and yarn's as it is, too. */
function isBasic(name) {
    return /^(?:_?auth|npmAuthIdent)$/i.test(name);
}
function textIn(base64) {
    const bytes = (0,base64_text/* fromBase64 */.E)(base64);
    return bytes === undefined ? undefined : (0,secret_encodings/* textOf */.b6)(bytes);
}
function passwordOf(value) {
    const text = /^[^\s{}[\]:]+:\S+$/.test(value) ? value : (textIn(value) ?? '');
    return /^[^\0-\x1f:\ufffd]*:([^\0-\x1f\ufffd]+)$/.exec(text)?.[1];
}
/** Whether a name says that what it names is a secret: `NPM_TOKEN`, and not `TOKEN_URL`. */
function isSecretName(name) {
    return (SECRET_NAME.test(name) || /[a-z]Key$/.test(name)) && !HARMLESS_NAME.test(name) && !PUBLIC_NAME.test(name);
}
/** A name between backticks, if it is one and not itself a secret. */
function shown(name, sign = '') {
    const plain = /^[A-Za-z_][\w.-]{0,39}$/.test(name) && !looksLikeToken(name);
    return plain ? `\`${name}${sign}\`` : sign === '' ? 'a member' : `\`${sign}\``;
}
/** A word, a number, a path or a reference to a variable: nothing that is secret, whatever its name says. */
function isOrdinary(text) {
    if (/^(?:\$|%[A-Z_]+%$|\{\{)/.test(text))
        return true;
    return text.length < 12 && /^(?:[a-z]+|[A-Z][a-z]+|[A-Z]+|[0-9]+|[a-z]+[-_.][a-z]+)$/.test(text);
}
/**
 * Whether a text was most likely made by a machine: it has a run of twelve letters and digits, with letters and two digits, as tokens and
 * lines of keys have.
 */
function looksLikeToken(text) {
    if (text.startsWith('-----'))
        return false;
    const isMixed = (run) => /[A-Za-z]/.test(run) && /[0-9][^0-9]*[0-9]/.test(run);
    if ((text.match(/[A-Za-z0-9+]{12,}/g) ?? []).some(isMixed))
        return true;
    return (text.match(/[A-Za-z0-9+/_-]{20,}/g) ?? []).some((run) => isMixed(run) && /[a-z]/.test(run) && /[A-Z]/.test(run) && !/[a-z]{8}/.test(run));
}
/** Whether a text is one word of eight characters or more as people choose passwords: letters and two digits, or all four kinds of signs. */
function looksLikePassword(text) {
    if (!/^[\x21-\x7e]{8,}$/.test(text) || /[=:/\\{}[\]()<>,;"']/.test(text))
        return false;
    const has = (kind) => kind.test(text);
    if (has(/[a-z]/) && has(/[A-Z]/) && has(/[0-9]/) && has(/[^A-Za-z0-9._-]/))
        return true;
    return has(/[A-Za-z]/) && has(/[0-9].*[0-9]/) && !has(/[._-]/);
}


/***/ }),

/***/ 5940:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ inSlices)
/* harmony export */ });
/* unused harmony export atOnce */
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8500);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_timers_promises__WEBPACK_IMPORTED_MODULE_0__);
/** Long work of the processor in slices, so that signals and what else is under way need not wait for it. */

/** Milliseconds of work between two looks at the rest of the program. */
const SLICE = 20;
/** Does the work, and lets others work meanwhile. */
async function inSlices(work) {
    for (let until = performance.now() + SLICE;;) {
        const { done, value } = work.next();
        if (done === true)
            return value;
        if (performance.now() < until)
            continue;
        await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setImmediate)();
        until = performance.now() + SLICE;
    }
}
/** Does all of the work at once. */
function atOnce(work) {
    for (;;) {
        const { done, value } = work.next();
        if (done === true)
            return value;
    }
}


/***/ }),

/***/ 2858:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   EJ: () => (/* binding */ dockerfileName),
/* harmony export */   N$: () => (/* binding */ localPlace),
/* harmony export */   Se: () => (/* binding */ dockerfilePath),
/* harmony export */   f2: () => (/* binding */ dockerfilePlaces),
/* harmony export */   jm: () => (/* binding */ contextArgument)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/** Where a build reads from. */

/** Path of the Dockerfile, as buildx resolves it: from the working directory, or in the remote context. */
function dockerfilePath({ file, context }) {
    if (file !== '')
        return file;
    return context.kind === 'local' ? node_path__WEBPACK_IMPORTED_MODULE_0___default().join(context.path, 'Dockerfile') : 'Dockerfile';
}
/** What the Dockerfile goes by, for people and from run to run. */
function dockerfileName(source) {
    return source.inlineIn === undefined ? dockerfilePath(source) : `dockerfile-inline of ${source.inlineIn}`;
}
/** Where buildx looks for the Dockerfile of a local context: `dockerfile` is taken where there is no `Dockerfile`. */
function dockerfilePlaces(source) {
    const file = dockerfilePath(source);
    return node_path__WEBPACK_IMPORTED_MODULE_0___default().basename(file) === 'Dockerfile' ? [file, node_path__WEBPACK_IMPORTED_MODULE_0___default().join(node_path__WEBPACK_IMPORTED_MODULE_0___default().dirname(file), 'dockerfile')] : [file];
}
/** The context as `docker buildx build` takes it. */
function contextArgument({ context }) {
    return context.kind === 'local' ? context.path : context.url;
}
/**
 * The folder that a named context stands for: an OCI layout may be one, with a tag or a digest behind it as buildx cuts them
 * off, and `cwd://` is where bake is run.
 */
function localPlace(context) {
    const [, layout] = /^oci-layout:\/\/([^@:]*)/.exec(context) ?? [];
    return layout ?? context.replace(/^cwd:\/\//, '');
}


/***/ }),

/***/ 8919:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   d: () => (/* binding */ SOURCE_DATE_EPOCH),
/* harmony export */   z: () => (/* binding */ isSourceDateEpoch)
/* harmony export */ });
/* harmony import */ var _pair_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5735);
/** The variable, and the build argument, with the one time that is written into an image. https://reproducible-builds.org/docs/source-date-epoch/ */

const SOURCE_DATE_EPOCH = 'SOURCE_DATE_EPOCH';
/** Whether a build argument, `NAME=VALUE` or `NAME`, is that time. */
function isSourceDateEpoch(argument) {
    return (0,_pair_js__WEBPACK_IMPORTED_MODULE_0__/* .splitPair */ .T)(argument).name === SOURCE_DATE_EPOCH;
}


/***/ }),

/***/ 1757:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D6: () => (/* binding */ stageInWords),
/* harmony export */   Ff: () => (/* binding */ shownRun),
/* harmony export */   Ho: () => (/* binding */ withoutLink),
/* harmony export */   cD: () => (/* binding */ isWork),
/* harmony export */   d1: () => (/* binding */ ranBecauseOf),
/* harmony export */   nR: () => (/* binding */ copiedFrom),
/* harmony export */   tB: () => (/* binding */ sameStage),
/* harmony export */   tk: () => (/* binding */ tellingMost)
/* harmony export */ });
/**
 * Whether BuildKit's name of a stage is the one an input means. Stage names are case-insensitive (BuildKit shows them in
 * lower case), and an unnamed stage, meant by its index, is shown as `stage-2`.
 */
function sameStage(shown, meant) {
    const lower = meant.toLowerCase();
    return shown?.toLowerCase() === lower || (/^\d+$/.test(meant) && shown === `stage-${meant}`);
}
/** A stage in a sentence; its name is empty for the last one. */
function stageInWords(name) {
    return name === '' ? 'the last stage' : `stage ${name}`;
}
/** The stage, image or context that an instruction copies from; `undefined` where it is none of these. */
function copiedFrom({ instruction }) {
    return /^(?:COPY|ADD)\s+(?:--\S+\s+)*?--from=(\S+)/i.exec(instruction)?.[1];
}
/** Whether a step is work that can be cached: everything but naming the image a stage starts from. */
function isWork({ instruction }) {
    return !/^FROM\s/i.test(instruction);
}
const TELLING = ['failed', 'ran', 'cached', 'cancelled', 'waiting'];
/** Of steps that are the same work the one that tells most of it. */
function tellingMost(same) {
    return same.toSorted((one, other) => TELLING.indexOf(one.state) - TELLING.indexOf(other.state))[0];
}
/** Steps that ran, and every other that ran and is built from them, directly or not. */
function ranBecauseOf(first, steps) {
    const users = new Map();
    for (const step of steps) {
        if (step.state === 'cached')
            continue;
        for (const input of step.inputs ?? []) {
            const known = users.get(input);
            if (known === undefined)
                users.set(input, [step]);
            else
                known.push(step);
        }
    }
    const found = new Set(first);
    // A set is walked through to its end, and what is added on the way belongs to it.
    for (const { name } of found)
        for (const user of users.get(name) ?? [])
            found.add(user);
    return [...found];
}
/** `COPY --link` is what it is called; `LINK COPY --link` is BuildKit's word for one half of it. */
function withoutLink(instruction) {
    return instruction.replace(/^LINK (?=(?:COPY|ADD)\s)/i, '');
}
/** A RUN as BuildKit shows it, with single blanks; of one with a heredoc what announces it. */
function shownRun(instruction) {
    const [shown = ''] = instruction.replace(/^ONBUILD\s+/i, '').split(/(?<=<<\S+) \(/);
    return shown.replace(/\s+/g, ' ').trim();
}


/***/ }),

/***/ 2184:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BD: () => (/* binding */ enumerated),
/* harmony export */   KN: () => (/* binding */ percent),
/* harmony export */   M0: () => (/* binding */ bar),
/* harmony export */   Sq: () => (/* binding */ signedBytes),
/* harmony export */   U9: () => (/* binding */ count),
/* harmony export */   c3: () => (/* binding */ signedCount),
/* harmony export */   ee: () => (/* binding */ bytes),
/* harmony export */   p0: () => (/* binding */ duration),
/* harmony export */   uM: () => (/* binding */ share),
/* harmony export */   wu: () => (/* binding */ signedPercent),
/* harmony export */   zD: () => (/* binding */ grouped)
/* harmony export */ });
/** Numbers as people read them. Sizes are decimal, as registries count: 1 MB = 1 000 000 bytes. */
const SIZE_UNITS = ['kB', 'MB', 'GB', 'TB'];
/** `201.3 MB`, `0 B`. What is not a count of bytes (negative, NaN) reads as `0 B`. */
function bytes(count) {
    if (!Number.isFinite(count) || count <= 0)
        return '0 B';
    if (count < 1000)
        return `${Math.round(count)} B`;
    let value = count / 1000;
    let unit = 0;
    // 999.95 would be written as "1000.0": it belongs to the next unit.
    while (value >= 999.95 && unit < SIZE_UNITS.length - 1) {
        value /= 1000;
        unit += 1;
    }
    return `${value.toFixed(1)} ${SIZE_UNITS[unit] ?? 'TB'}`;
}
/** A change: `−14.1 MB`, `+0.4 MB`, `none`. The minus is a minus, as wide as the plus. */
function signedBytes(change) {
    return signed(change, bytes);
}
/** A change in a number: `+2`, `−1`, `none`. */
function signedCount(change) {
    return signed(change, grouped);
}
function signed(change, words) {
    if (!Number.isFinite(change) || change === 0)
        return 'none';
    return `${change < 0 ? '−' : '+'}${words(Math.abs(change))}`;
}
/** A change as a part of what was before: `−6.5 %`, `+0.1 %`; `undefined` where it would read as nothing. */
function signedPercent(share) {
    if (share === undefined || !Number.isFinite(share) || Math.abs(share) < 0.0005)
        return undefined;
    const value = Math.abs(share) * 100;
    return `${share < 0 ? '−' : '+'}${value < 99.95 ? value.toFixed(1) : grouped(value)} %`;
}
/** `0 s`, `<0.1 s`, `0.4 s`, `12.4 s`, `1 min 40 s`, `2 h 5 min`. (`<` before a digit opens no tag in Markdown.) */
function duration(seconds) {
    if (!Number.isFinite(seconds) || seconds <= 0)
        return '0 s';
    if (seconds < 0.05)
        return '<0.1 s';
    if (seconds < 59.95)
        return `${seconds.toFixed(1)} s`;
    const whole = Math.round(seconds);
    if (whole < 3600)
        return `${Math.floor(whole / 60)} min ${whole % 60} s`;
    const minutes = Math.round(seconds / 60);
    return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
/** The part of the whole between 0 and 1; 0 when there is no whole, so that no NaN is ever shown. */
function share(part, whole) {
    if (!(whole > 0) || !(part > 0))
        return 0;
    return Math.min(1, part / whole);
}
/** `65 %`; below one percent with a decimal, `0.3 %` and `<0.1 %`, so that something small does not read as nothing. */
function percent(part, whole) {
    const value = share(part, whole) * 100;
    if (value === 0)
        return '0 %';
    if (value < 0.05)
        return '<0.1 %';
    return value < 0.95 ? `${value.toFixed(1)} %` : `${Math.round(value)} %`;
}
/** A bar of `width` cells. It always stands beside its number. What is empty looks empty on any background. */
function bar(part, whole, width = 20) {
    const filled = Math.round(share(part, whole) * width);
    return '█'.repeat(filled) + '\u00a0'.repeat(width - filled);
}
/** `1 layer`, `4 layers`, `1,204 layers`. */
function count(number, one, many = `${one}s`) {
    return `${grouped(number)} ${number === 1 ? one : many}`;
}
/** `12,345`. */
function grouped(number) {
    return String(Math.round(number)).replace(/\B(?=(\d{3})+$)/g, ',');
}
/** `a`, `a and b`, `a, b and c`. */
function enumerated(items) {
    if (items.length < 2)
        return items[0] ?? '';
    return `${items.slice(0, -1).join(', ')} and ${items.at(-1) ?? ''}`;
}


/***/ }),

/***/ 218:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   t: () => (/* binding */ secretArguments)
/* harmony export */ });
/* harmony import */ var _core_pair_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5735);
/* harmony import */ var _core_secret_parts_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4912);
/**
 * Build arguments that somebody took for secrets. To BuildKit they are none, and they stay in the image's history; what is told and kept of a
 * run has them out all the same, since more people read it than can pull the image.
 */


/**
 * The values of arguments whose names say token, password, secret, key, auth or credential, and passwords of addresses.
 * @param environment has the values of arguments that are given by name alone
 */
function secretArguments(buildArgs, environment = {}) {
    return buildArgs.flatMap((argument) => {
        const { name: id, value = environment[id] } = (0,_core_pair_js__WEBPACK_IMPORTED_MODULE_1__/* .splitPair */ .T)(argument);
        if (id === '' || value === undefined)
            return [];
        return ((0,_core_secret_parts_js__WEBPACK_IMPORTED_MODULE_0__/* .isSecretName */ .eh)(id) ? [value] : (0,_core_secret_parts_js__WEBPACK_IMPORTED_MODULE_0__/* .addressPasswords */ .FF)(value)).map((secret) => ({ id, value: secret }));
    });
}


/***/ }),

/***/ 5212:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  dR: () => (/* reexport */ chainOf),
  A9: () => (/* reexport */ contextPaths),
  $5: () => (/* reexport */ credentialOf),
  V6: () => (/* reexport */ declaredArguments),
  U9: () => (/* reexport */ findStage),
  mU: () => (/* reexport */ hasCommand),
  ec: () => (/* reexport */ ignoredRules),
  hr: () => (/* reexport */ imagesRead),
  qd: () => (/* reexport */ isToldByContent),
  Dx: () => (/* reexport */ linesOf),
  g5: () => (/* reexport */ mountOptions),
  wL: () => (/* reexport */ mountSources),
  LU: () => (/* reexport */ mountedCredentials),
  Ko: () => (/* reexport */ mountsIn),
  cS: () => (/* reexport */ mountsOf),
  Ai: () => (/* reexport */ parseDockerfile),
  lR: () => (/* reexport */ readArguments),
  Vl: () => (/* reexport */ readDirectives),
  ir: () => (/* reexport */ readStages),
  Hz: () => (/* reexport */ readsContext),
  u0: () => (/* reexport */ sourcesOf),
  g0: () => (/* reexport */ splitFlags),
  x7: () => (/* reexport */ splitRaw),
  Eu: () => (/* reexport */ stageNeeds),
  B_: () => (/* reexport */ stepsOf),
  Ae: () => (/* reexport */ targetStage),
  Uj: () => (/* reexport */ valueOfText),
  Z9: () => (/* reexport */ wordsOf)
});

// UNUSED EXPORTS: parentOf

// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./src/core/csv.ts
var csv = __webpack_require__(7687);
// EXTERNAL MODULE: ./src/core/pair.ts
var pair = __webpack_require__(5735);
;// CONCATENATED MODULE: ./src/dockerfile/words.ts
/** The words of an instruction: flags, the operands of COPY, and text that a shell would split. */
/**
 * The flags that begin an instruction's arguments, and what follows them. Quotes and backslashes belong to the
 * spelling of a flag, not to its value: `--mount="type=bind,from=a b"`.
 */
function splitFlags(text) {
    const flags = [];
    let at = 0;
    for (;;) {
        while (/\s/.test(text[at] ?? ''))
            at += 1;
        if (!text.startsWith('--', at))
            break;
        const word = readWord(text, at);
        at = word.end;
        if (word.value === '--')
            break;
        flags.push(word.value);
    }
    return { flags, rest: text.slice(at).trim() };
}
function readWord(text, start) {
    let value = '';
    let quote = '';
    let at = start;
    for (; at < text.length; at += 1) {
        const character = text[at] ?? '';
        if (quote === '' && /\s/.test(character))
            break;
        if (character === quote)
            quote = '';
        else if (quote === '' && (character === '"' || character === "'"))
            quote = character;
        else if (character === '\\' && at + 1 < text.length)
            value += text[(at += 1)] ?? '';
        else
            value += character;
    }
    return { value, end: at };
}
/** Splits at blanks that are not quoted; quotes and backslashes stay. A quote that is not closed reaches to the end. */
function splitRaw(text) {
    return text.match(/(?:\\[^]|'[^']*(?:'|$)|"(?:\\[^]|[^"\\])*(?:"|$)|[^\s'"\\]|\\$)+/g) ?? [];
}
/** A word as a shell reads it, without variables. */
function unquote(word) {
    return word.replace(/\\([^])|'([^']*)'|"((?:\\[^]|[^"\\])*)"/g, (_all, escaped, single, double) => escaped ?? single ?? (double ?? '').replace(/\\(["\\$`])/g, '$1'));
}
/** The words of `COPY` or `ADD`, in either form. */
function wordsOf(rest) {
    if (rest.startsWith('[')) {
        // One that is not closed is taken to its end as well, or each quote in it would be tried as another beginning.
        const found = [...rest.matchAll(/"((?:[^"\\]|\\.)*)("?)/g)];
        const strings = found.flatMap(([, string = '', end]) => (end === '' ? [] : [string]));
        if (strings.length > 0)
            return strings;
    }
    return rest.split(/\s+/).filter((word) => word !== '');
}
/** Whether a text is the exec form: a JSON array of strings. */
function isExecForm(rest) {
    if (!rest.startsWith('['))
        return false;
    try {
        const value = JSON.parse(rest);
        return Array.isArray(value) && value.every((word) => typeof word === 'string');
    }
    catch {
        return false;
    }
}

;// CONCATENATED MODULE: ./src/dockerfile/mounts.ts
/** `RUN --mount=…`: https://docs.docker.com/reference/dockerfile/#run---mount */



/** The mounts of a RUN, also of one below `ONBUILD`. */
function mountsOf({ flags }) {
    return flags.flatMap((flag) => {
        const value = /^--mount=(.*)$/s.exec(flag)?.[1];
        if (value === undefined)
            return [];
        const options = mountOptions((0,csv/* readFields */.qU)(value));
        return [{ type: options.get('type')?.toLowerCase() ?? 'bind', options }];
    });
}
/** The mounts of a RUN, also of one below `ONBUILD`, as BuildKit shows it in the name of a step; none of another instruction. */
function mountsIn(instruction) {
    const [, rest = ''] = /^(?:ONBUILD\s+)?RUN\s+([^]*)$/i.exec(instruction) ?? [];
    return mountsOf(splitFlags(rest));
}
/** Other names of options. */
const aliases = new Map([
    ['src', 'source'],
    ['dst', 'target'],
    ['destination', 'target']
]);
/** The fields of a mount by their keys, in lower case and by one name each. Of two the last counts, as it does for BuildKit. */
function mountOptions(fields) {
    return new Map(fields.map((field) => {
        const { name, value = '' } = (0,pair/* splitPair */.T)(field);
        const key = name.trim().toLowerCase();
        return [aliases.get(key) ?? key, value];
    }));
}

// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
;// CONCATENATED MODULE: ./src/dockerfile/directives.ts
/** Parser directives, the comments at the very top: https://docs.docker.com/reference/dockerfile/#parser-directives */

/** The lines of a Dockerfile, without the mark of UTF-8 before the first: one character, or three where each byte is one. */
function linesOf(text) {
    return text.replace(/^(?:\ufeff|\u00ef\u00bb\u00bf)/, '').split(/\r?\n/);
}
/**
 * The first line that is no directive ends them. `#!` may go before. Only the frontend is also told in the ways of other
 * languages, behind `//` and as a member of a JSON document.
 * https://github.com/moby/buildkit/blob/master/frontend/dockerfile/parser/directives.go
 */
function readDirectives(lines) {
    const own = lines[0]?.startsWith('#!') === true ? lines.slice(1) : lines;
    const directives = directivesBehind(/^\s*#/, own);
    const syntax = (directives.get('syntax') ?? directivesBehind(/^\s*\/\//, own).get('syntax'))?.split(/\s/, 1)[0] ??
        (0,json/* asString */.oJ)((0,json/* dig */.rO)((0,json/* parseJSON */.Ol)(own.join('\n')), 'syntax'));
    return {
        check: directives.get('check') ?? '',
        escape: directives.get('escape') === '`' ? '`' : '\\',
        ...(syntax === undefined ? {} : { syntax })
    };
}
/** Of two directives with one name the first counts. */
function directivesBehind(mark, lines) {
    const directives = new Map();
    for (const line of lines) {
        const comment = mark.test(line) ? line.replace(mark, '') : '';
        const [, name, value = ''] = /^\s*([A-Za-z][A-Za-z0-9]*)\s*=([^]+)$/.exec(comment) ?? [];
        if (name === undefined)
            break;
        if (!directives.has(name.toLowerCase()))
            directives.set(name.toLowerCase(), value.trim());
    }
    return directives;
}
/**
 * The rules that a Dockerfile says to ignore, as BuildKit reads it: names as written, `all` for every one. The build
 * argument BUILDKIT_DOCKERFILE_CHECK takes the directive's place. Unknown names are no error to BuildKit.
 * https://docs.docker.com/reference/dockerfile/#check
 */
function ignoredRules(check) {
    const values = check.split(';').map((part) => /^\s*skip\s*=(.*)$/i.exec(part)?.[1] ?? '');
    return new Set(values.flatMap((value) => value.split(',').map((name) => name.trim())).filter((name) => name !== ''));
}

;// CONCATENATED MODULE: ./src/dockerfile/heredoc.ts
/** Heredocs of RUN, COPY and ADD: https://docs.docker.com/reference/dockerfile/#here-documents */

/** The heredocs that an instruction announces, in their order: `RUN <<EOF`, `COPY <<"A" <<-B /x/`, `ONBUILD RUN <<EOF`. */
function heredocsOf(text) {
    const [, arguments_] = /^\s*(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s+([^]*)$/i.exec(text) ?? [];
    if (arguments_ === undefined || !text.includes('<<') || isExecForm(splitFlags(arguments_).rest))
        return [];
    return splitRaw(arguments_).flatMap((word) => {
        const [, dash, quoted = ''] = /^\d*<<(-?)([^<]+)$/.exec(word) ?? [];
        if (dash === undefined)
            return [];
        const name = unquote(quoted);
        return [{ name, chomp: dash === '-', expand: name === quoted }];
    });
}
/**
 * Whether a RUN has a command. BuildKit runs one that has only mounts, a comment or an empty heredoc, and a shell that is given
 * nothing, or `:`, ends well.
 */
function hasCommand({ rest, heredocs }) {
    if (isExecForm(rest))
        return true;
    const isScript = heredocs.length > 0 &&
        rest
            .trim()
            .split(/\s+/)
            .every((word) => /^\d*<<[^]/.test(word));
    const lines = isScript ? heredocs.flatMap(({ content }) => content.split('\n')) : [rest];
    return lines.some((line) => !/^\s*(?:#.*|:\s*)?$/.test(line));
}

;// CONCATENATED MODULE: ./src/dockerfile/parse.ts
/**
 * A Dockerfile as a value: its stages, and which lines hold which instruction. Lines, continuations, comments, flags and
 * heredocs are told apart as BuildKit's parser does. It guesses nothing: what only the builder knows (the value of a
 * variable, what a base image holds) comes from the builder.
 * https://docs.docker.com/reference/dockerfile/
 */



/** Reads a Dockerfile. What it cannot read it leaves out: BuildKit says what is wrong with it. */
function parseDockerfile(bytes) {
    const lines = linesOf(typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8'));
    const { syntax, check, escape } = readDirectives(lines);
    const endOf = findEnds(lines);
    const instructions = [];
    const heads = [];
    for (let at = 0; at < lines.length; at += 1) {
        const line = at + 1;
        const read = readInstruction(lines, at, { escape, endOf });
        at = read.last;
        const [, word = '', arguments_ = ''] = /^\s*([A-Za-z]+)(?:\s+([^]*))?$/.exec(read.text) ?? [];
        if (word === '')
            continue;
        const keyword = word.toUpperCase();
        const { flags, rest } = splitFlags(arguments_);
        if (keyword === 'FROM') {
            const [from = '', as, name] = rest.split(/\s+/, 3);
            const named = as?.toLowerCase() === 'as' && name !== undefined && name !== '' ? { name } : {};
            heads.push({ index: heads.length, from, line, ...named });
        }
        instructions.push({
            keyword,
            flags,
            text: read.text.trim(),
            rest,
            line,
            endLine: read.last + 1,
            heredocs: read.heredocs,
            written: read.written.replace(/^\s*[A-Za-z]+\s*/, ''),
            stage: heads.length - 1
        });
    }
    const byStage = Map.groupBy(instructions, ({ stage }) => stage);
    const stages = heads.map((head) => ({ ...head, instructions: (byStage.get(head.index) ?? []).slice(1) }));
    return { stages, instructions, check, escape, ...(syntax === undefined ? {} : { syntax }) };
}
/** The instruction that starts on a line. */
function readInstruction(lines, first, { escape, endOf }) {
    const isNothing = (line) => /^\s*(?:#|$)/.test(line);
    if (isNothing(lines[first] ?? ''))
        return { text: '', written: '', heredocs: [], last: first };
    const parts = [];
    let last = first;
    for (let at = first; at < lines.length; at += 1) {
        const line = lines[at] ?? '';
        if (at > first && isNothing(line))
            continue;
        last = at;
        const kept = withoutContinuation(line, escape);
        parts.push(kept ?? line);
        if (kept === undefined)
            break;
    }
    const written = parts.join('');
    const own = last;
    const heredocs = [];
    for (const heredoc of heredocsOf(written)) {
        const end = endOf(heredoc, last);
        if (end === undefined)
            break;
        heredocs.push({ ...heredoc, line: last + 2, content: lines.slice(last + 1, end).join('\n') });
        last = end;
    }
    const below = lines.slice(own + 1, last + 1);
    return { text: joinBlanks(parts), written: [written.trim(), ...below].join('\n'), heredocs, last };
}
/** A line without the escape character at its end; `undefined` where the next line does not continue it. */
function withoutContinuation(line, escape) {
    const trimmed = line.replace(/(?<![ \t])[ \t]+$/, '');
    if (!trimmed.endsWith(escape) || trimmed.endsWith(escape + escape))
        return undefined;
    return trimmed.slice(0, -1);
}
/** Joins the lines of one instruction; indentation at a joint becomes one blank, and no blank stays none. */
function joinBlanks(parts) {
    const words = [];
    let isApart = false;
    for (const part of parts) {
        const core = part.trim();
        isApart ||= /^\s/.test(part);
        if (core === '')
            continue;
        words.push(words.length > 0 && isApart ? ` ${core}` : core);
        isApart = part.trimEnd() !== part;
    }
    return words.join('');
}
/** Looks up the line where a heredoc ends, in a time that does not grow with the number of heredocs. */
function findEnds(lines) {
    const exact = Map.groupBy(lines.keys(), (at) => lines[at] ?? '');
    const chomped = Map.groupBy(lines.keys(), (at) => (lines[at] ?? '').replace(/^\t+/, ''));
    return ({ name, chomp }, after) => firstAfter((chomp ? chomped : exact).get(name) ?? [], after);
}
/** The first of ascending numbers that is larger. */
function firstAfter(numbers, limit) {
    let low = 0;
    for (let high = numbers.length; low < high;) {
        const middle = (low + high) >> 1;
        if ((numbers[middle] ?? 0) > limit)
            high = middle;
        else
            low = middle + 1;
    }
    return numbers[low];
}

// EXTERNAL MODULE: ./src/core/reference.ts
var reference = __webpack_require__(5378);
;// CONCATENATED MODULE: ./src/dockerfile/variables.ts
/** Variables of `FROM`: they take the values of the `ARG`s above the first stage, which `build-args` can set. */



/** Reads `NAME=VALUE` entries; one without a value takes it from the environment, so it is not known here. */
function readArguments(entries) {
    return new Map(entries.flatMap((entry) => {
        const { name, value } = (0,pair/* splitPair */.T)(entry);
        return value === undefined ? [] : [[name, value]];
    }));
}
/** The names that `ARG` declares, above all stages and in them. */
function declaredArguments({ instructions }) {
    return new Set(instructions
        .filter(({ keyword }) => keyword === 'ARG')
        .flatMap(({ rest }) => wordsOf(rest))
        .map((word) => (0,pair/* splitPair */.T)(word).name));
}
/**
 * Tells whether a name, in whatever case, is one that a `FROM` can mean. It is the very text where all values are known;
 * where the builder alone knows one (TARGETARCH), that place fits anything.
 */
function meaningOf(text, dockerfile, given) {
    const pieces = [''];
    for (const part of split(text, globalValues(dockerfile, given))) {
        if (part === undefined)
            pieces.push('');
        else
            pieces.push(`${pieces.pop() ?? ''}${part.toLowerCase()}`);
    }
    return (name) => hasPieces(name.toLowerCase(), pieces);
}
/** A text of `FROM` with the values of its variables; `undefined` where one is not known here. */
function valueOfText(text, dockerfile, given) {
    return expand(text, globalValues(dockerfile, given));
}
const known = new WeakMap();
/** The values above the first stage, found once: each stage of a file can ask for them. */
function globalValues(dockerfile, given) {
    const values = known.get(dockerfile)?.get(given) ?? readValues(dockerfile, given);
    known.set(dockerfile, (known.get(dockerfile) ?? new WeakMap()).set(given, values));
    return values;
}
/** `undefined` is a value that is not known here; a name that is absent is an empty value to BuildKit. */
function readValues({ instructions }, given) {
    const values = new Map(platformVariables.map((name) => [name, undefined]));
    for (const { keyword, rest, stage } of instructions) {
        if (stage >= 0)
            break;
        if (keyword !== 'ARG')
            continue;
        for (const word of wordsOf(rest)) {
            const { name, value } = (0,pair/* splitPair */.T)(word);
            const set = given.get(name);
            if (set !== undefined)
                values.set(name, set);
            else if (value !== undefined)
                values.set(name, expand(unquote(value), values));
            else if (!values.has(name))
                values.set(name, '');
        }
    }
    return values;
}
/** `undefined` where it has a variable that is not known. */
function expand(text, values) {
    const parts = split(text, values);
    return parts.every((part) => part !== undefined) ? parts.join('') : undefined;
}
/** Whether a text is made of pieces in their order, with anything between two of them. */
function hasPieces(text, [first, ...others]) {
    const last = others.pop();
    if (last === undefined)
        return text === first;
    if (!text.startsWith(first))
        return false;
    let at = first.length;
    for (const piece of others) {
        const found = text.indexOf(piece, at);
        if (found < 0)
            return false;
        at = found + piece.length;
    }
    return text.length - at >= last.length && text.endsWith(last);
}
/**
 * The text in pieces: literal ones, and `undefined` for each that is not known. Values are put together from values, and
 * can double in each line: one piece that is not known is all there is of a text that grows beyond what a `FROM` can mean.
 */
function split(text, values) {
    // Behind the last brace that closes, "${" begins no variable; its end would be looked for from each of them.
    const end = text.lastIndexOf('}') + 1;
    const most = Math.max(text.length, reference/* BEYOND_A_REFERENCE */.WC);
    const parts = [];
    let length = 0;
    for (const [variable, half] of [
        [/(\$\{[^}]*\}|\$\w+)/, text.slice(0, end)],
        [/(\$\w+)/, text.slice(end)]
    ]) {
        for (const [index, written] of half.split(variable).entries()) {
            const part = index % 2 === 0 ? written : variables_valueOf(written, values);
            length += part?.length ?? 0;
            if (length > most)
                return [undefined];
            parts.push(part);
        }
    }
    return parts;
}
/** The value of `$NAME`, `${NAME}` or `${NAME:-word}`. */
function variables_valueOf(variable, values) {
    const [, name = '', rest = ''] = /^\$\{?(\w+)([^}]*)\}?$/.exec(variable) ?? [];
    const value = values.has(name) ? values.get(name) : '';
    if (rest === '')
        return value;
    const [, operator = '', word = ''] = /^(:?[-+])(.*)$/s.exec(rest) ?? [];
    if (operator === '' || (value === undefined && values.has(name)))
        return undefined;
    const isSet = operator.startsWith(':') ? value !== '' : values.has(name);
    if (operator.endsWith('-'))
        return isSet ? value : expand(word, values);
    return isSet ? expand(word, values) : '';
}
/** https://docs.docker.com/reference/dockerfile/#automatic-platform-args-in-the-global-scope */
const platformVariables = ['BUILD', 'TARGET']
    .flatMap((side) => ['PLATFORM', 'OS', 'ARCH', 'VARIANT'].map((what) => `${side}${what}`))
    .concat('TARGETSTAGE');

;// CONCATENATED MODULE: ./src/dockerfile/stages.ts
/** How the stages of a Dockerfile hang together, as BuildKit resolves them. */



/** The stage that an input means: a name, the last of two with one name, or an index. */
function findStage({ stages }, meant) {
    const lower = meant.toLowerCase();
    return (stages.findLast(({ name }) => name?.toLowerCase() === lower) ??
        (/^\d+$/.test(meant) ? stages[Number(meant)] : undefined));
}
/** The stage that an input names; empty means the last one. */
function targetStage(dockerfile, target) {
    return target === '' ? dockerfile.stages.at(-1) : findStage(dockerfile, target);
}
/**
 * Every stage that some stages are built from, through FROM, COPY and mounts, themselves included, in the order of the
 * file. An empty name means the last stage; a name that is no stage adds none. Where a FROM has a variable whose value
 * the builder alone knows (TARGETARCH), every stage that it can mean is needed.
 */
function stageNeeds(dockerfile, wanted, given = new Map()) {
    // A set that grows is gone through to its end.
    const needed = new Set([wanted].flat().flatMap((name) => targetStage(dockerfile, name) ?? []));
    for (const stage of needed) {
        for (const { stages } of readStages(dockerfile, stage, given))
            for (const read of stages)
                needed.add(read);
    }
    return dockerfile.stages.filter((stage) => needed.has(stage));
}
/** The stage and those it starts from, topmost first. */
function chainOf(dockerfile, target, given = new Map()) {
    const chain = [];
    for (let stage = targetStage(dockerfile, target); stage !== undefined; stage = parentOf(dockerfile, stage, given)) {
        chain.push(stage);
    }
    return chain;
}
/** Where a stage reads from, its FROM first; what its parent's ONBUILD adds is its own. */
function sourcesOf(dockerfile, stage, given = new Map()) {
    return [
        { way: 'from', reference: stage.from, line: stage.line },
        ...stepsOf(dockerfile, stage, given).flatMap((instruction) => readsOf(instruction))
    ];
}
/** Where a stage reads from, each with the stages that it can mean; without any it is an image. */
function readStages(dockerfile, stage, given = new Map()) {
    return sourcesOf(dockerfile, stage, given).map((source) => ({
        source,
        stages: resolve(dockerfile, stage, source, given)
    }));
}
/** The instructions that run in a stage: what its parent's ONBUILD holds for it, and its own but for ONBUILD. */
function stepsOf(dockerfile, stage, given = new Map()) {
    const parent = parentOf(dockerfile, stage, given);
    return [
        ...(parent === undefined ? [] : triggersOf(parent)),
        ...stage.instructions.filter(({ keyword }) => keyword !== 'ONBUILD')
    ];
}
const triggers = new WeakMap();
/** What a stage's ONBUILD holds for those that start from it, read once for all of them. */
function triggersOf(stage) {
    const known = triggers.get(stage);
    if (known !== undefined)
        return known;
    const read = stage.instructions
        .filter(({ keyword }) => keyword === 'ONBUILD')
        .flatMap(({ rest, line, endLine }) => parseDockerfile(rest).instructions.map((instruction) => ({ ...instruction, line, endLine })));
    triggers.set(stage, read);
    return read;
}
/** The stage that a stage starts from; none where it starts from an image, or where it cannot be known which. */
function parentOf(dockerfile, stage, given = new Map()) {
    const [parent, ...others] = resolve(dockerfile, stage, { way: 'from', reference: stage.from, line: stage.line }, given);
    return others.length > 0 ? undefined : parent;
}
function readsOf(instruction) {
    const { keyword, flags, line } = instruction;
    if (keyword === 'RUN') {
        return mountsOf(instruction).flatMap(({ options }) => {
            const reference = options.get('from');
            return reference === undefined ? [] : [{ way: 'mount', reference, line }];
        });
    }
    if (keyword !== 'COPY')
        return [];
    const reference = flags.findLast((flag) => flag.startsWith('--from='))?.slice('--from='.length);
    return reference === undefined ? [] : [{ way: 'copy', reference, line }];
}
/** Only stages above can be meant. An index is one to COPY alone, and variables are replaced in FROM alone. */
function resolve(dockerfile, stage, { way, reference }, given) {
    const isAbove = ({ index }) => index < stage.index;
    const { named, byName } = namesOf(dockerfile);
    if (way === 'from' && reference.includes('$')) {
        const isMeant = meaningOf(reference, dockerfile, given);
        return named
            .filter(({ name, found, until }) => isAbove(found) && until >= stage.index && isMeant(name))
            .map(({ found }) => found);
    }
    const found = byName.get(reference.toLowerCase())?.findLast(isAbove);
    const byIndex = way === 'copy' && /^\d+$/.test(reference) ? dockerfile.stages[Number(reference)] : undefined;
    const one = found ?? byIndex;
    return one !== undefined && isAbove(one) ? [one] : [];
}
const names = new WeakMap();
/** The names of a file's stages, found once: each stage of a file can ask for all of them. */
function namesOf(dockerfile) {
    const known = names.get(dockerfile);
    if (known !== undefined)
        return known;
    const withName = dockerfile.stages.filter(({ name }) => name !== undefined);
    const byName = Map.groupBy(withName, ({ name = '' }) => name.toLowerCase());
    const named = [...byName].flatMap(([name, stages]) => stages.map((found, at) => ({ name, found, until: stages[at + 1]?.index ?? Infinity })));
    const made = { byName, named: named.sort((a, b) => a.found.index - b.found.index) };
    names.set(dockerfile, made);
    return made;
}

;// CONCATENATED MODULE: ./src/dockerfile/credentials.ts
/** The secrets and ssh agents that a build mounts, as far as its Dockerfile says so by itself. */




/**
 * What some stages and all that they need mount. `undefined` where BuildKit alone can tell: a mount with a variable, a type
 * that is not known, a stage that hangs on a value that the builder has. What a base image holds for those who start from it
 * (ONBUILD) is not seen.
 * https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
 */
function mountedCredentials(dockerfile, targets, given = new Map()) {
    const secrets = new Set();
    const ssh = new Set();
    for (const stage of stageNeeds(dockerfile, targets, given)) {
        for (const { source, stages } of readStages(dockerfile, stage, given)) {
            if (!source.reference.includes('$'))
                continue;
            if (source.way !== 'from' ||
                (stages.length > 0 && valueOfText(source.reference, dockerfile, given) === undefined))
                return undefined;
        }
        for (const mount of stepsOf(dockerfile, stage, given).flatMap(mountsOf)) {
            const id = credentialOf(mount);
            if (id === undefined)
                return undefined;
            if (mount.type === 'secret')
                secrets.add(id);
            if (mount.type === 'ssh')
                ssh.add(id);
        }
    }
    return { secrets, ssh };
}
/** The id of the secret or the ssh agent that a mount is of: empty for any other, `undefined` where it has a form that is not read here. */
function credentialOf({ type, options }) {
    if (['bind', 'cache', 'tmpfs'].includes(type))
        return '';
    if ([...options.values()].some((value) => !/^[\x20-\x7e]*$/.test(value) || /[$\\]/.test(value)))
        return undefined;
    const [id = '', source = '', target = ''] = ['id', 'source', 'target'].map((key) => options.get(key));
    if (type === 'ssh')
        return source === '' ? id || 'default' : undefined;
    if (type !== 'secret')
        return undefined;
    if (id !== '' && source !== '')
        return undefined;
    return id || source || external_node_path_.posix.basename(target) || undefined;
}

;// CONCATENATED MODULE: ./src/dockerfile/reads.ts
/** What a build reads from outside its Dockerfile: files of the context, and images. */



/**
 * The files and folders of the context that a stage and all it needs read, sorted; `.` alone where one of them reads all of
 * it. BuildKit sends a target these and no others (`followpaths`), so two targets with the same list share what they copy.
 */
function contextPaths(dockerfile, target, given = new Map()) {
    const needed = stageNeeds(dockerfile, target, given);
    const paths = needed.flatMap((stage) => stepsOf(dockerfile, stage, given).flatMap(pathsOf)).map(normalise);
    return paths.includes('.') ? ['.'] : [...new Set(paths)].sort();
}
/** Whether an instruction reads files of the context: all but what comes from a stage or an image. */
function readsContext(instruction) {
    const { keyword, flags } = instruction;
    if (keyword === 'RUN')
        return contextMounts(instruction).length > 0;
    return (keyword === 'COPY' || keyword === 'ADD') && !flags.some((flag) => flag.startsWith('--from='));
}
/** Whether BuildKit tells a step by the content of files, and not by its instruction and what it is built on alone. */
function isToldByContent(instruction) {
    const { keyword } = instruction;
    if (keyword === 'RUN')
        return mountsOf(instruction).some(({ type }) => !WITHOUT_CONTENT.includes(type));
    return keyword === 'COPY' || keyword === 'ADD';
}
/** Mounts whose files are none of the build's. */
const WITHOUT_CONTENT = ['cache', 'secret', 'ssh', 'tmpfs'];
/** The mounts of a RUN that hold files of the context. One whose type is a variable may be of any. */
function contextMounts(instruction) {
    return mountsOf(instruction).filter(({ type, options }) => !WITHOUT_CONTENT.includes(type) && !options.has('from'));
}
/** What of the context a RUN has mounted. */
function mountSources(instruction) {
    return contextMounts(instruction).map(({ options }) => options.get('source') ?? '.');
}
function pathsOf(instruction) {
    if (!readsContext(instruction))
        return [];
    if (instruction.keyword === 'RUN')
        return mountSources(instruction);
    const sources = wordsOf(instruction.rest).slice(0, -1);
    return sources.filter((word) => !/^(?:<<|[a-z][a-z+]*:\/\/|git@)/i.test(word));
}
function normalise(path) {
    return path.replace(/^(?:\.?\/)+/, '').replace(/(?<!\/)\/+(?:\.\/*)?$/, '') || '.';
}
/** The images that some stages and all they need read, each once. */
function imagesRead(dockerfile, targets, given = new Map()) {
    const reads = stageNeeds(dockerfile, targets, given).flatMap((stage) => {
        const platform = dockerfile.instructions
            .find(({ keyword, line }) => keyword === 'FROM' && line === stage.line)
            ?.flags.findLast((flag) => flag.startsWith('--platform='))
            ?.slice('--platform='.length);
        return readStages(dockerfile, stage, given).flatMap(({ source, stages }) => stages.length > 0 || source.reference === 'scratch' || source.reference === ''
            ? []
            : [{ reference: source.reference, ...(source.way !== 'from' || platform === undefined ? {} : { platform }) }]);
    });
    return [...new Map(reads.map((read) => [`${read.platform ?? ''} ${read.reference}`, read])).values()];
}

;// CONCATENATED MODULE: ./src/dockerfile/index.ts
/** The door of this room: a Dockerfile, read once. */











/***/ }),

/***/ 2525:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   C: () => (/* binding */ checkTemporaryFolder),
/* harmony export */   j: () => (/* binding */ diskFailure)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6153);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2184);
/* harmony import */ var _stop_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8740);
/** The runner's disk: whether a run can begin on it, and what it means when it ends a run. */





/** Less is not worth beginning: a report, and the smallest of images. */
const LEAST_BYTES = 16_000_000;
const PROBE_BYTES = 64 * 1024;
/** Stops a run whose temporary folder cannot hold what it makes: the image is written there before it is looked at. */
async function checkTemporaryFolder(folder) {
    let probe;
    try {
        probe = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdtemp)(node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, 'stagegate-'));
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)(node_path__WEBPACK_IMPORTED_MODULE_1___default().join(probe, 'probe'), Buffer.alloc(PROBE_BYTES, 1));
        const { bavail, bsize } = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.statfs)(probe);
        const left = bavail * bsize;
        if (left >= LEAST_BYTES)
            return;
        const message = `the temporary folder of the runner (RUNNER_TEMP, ${folder}) has ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(left)} left`;
        throw new _stop_js__WEBPACK_IMPORTED_MODULE_2__/* .Stop */ .V({ kind: 'engine', message, fix: MAKE_ROOM });
    }
    catch (error) {
        if (error instanceof _stop_js__WEBPACK_IMPORTED_MODULE_2__/* .Stop */ .V)
            throw error;
        const why = reasonOf(error);
        if (why === undefined)
            throw error;
        const message = `the temporary folder of the runner (RUNNER_TEMP, ${folder}) cannot be used: ${why.what}`;
        throw new _stop_js__WEBPACK_IMPORTED_MODULE_2__/* .Stop */ .V({ kind: 'engine', message, fix: why.fix }, { cause: error });
    }
    finally {
        if (probe !== undefined)
            await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(probe, { recursive: true, force: true }).catch(() => undefined);
    }
}
/** The failure that an error of the file system stands for, wherever in a run it came up. */
function diskFailure(error) {
    const why = reasonOf(error);
    // That a file is not there, or not ours to read, is a defect of ours wherever nobody saw it coming.
    if (why === undefined || !['ENOSPC', 'EDQUOT', 'EROFS'].includes((0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .dig */ .rO)(error, 'code')) ?? ''))
        return undefined;
    const file = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .dig */ .rO)(error, 'path'));
    const place = file === undefined ? '' : ` (${file})`;
    return { kind: 'engine', message: `the runner could not write a file${place}: ${why.what}`, fix: why.fix };
}
const MAKE_ROOM = 'Make room on its disk, or set RUNNER_TEMP to a folder on a larger one: an image takes twice its size there.';
function reasonOf(error) {
    switch ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .dig */ .rO)(error, 'code')) {
        case 'ENOSPC':
            return { what: 'no space, or no inode, is left on its disk', fix: MAKE_ROOM };
        case 'EDQUOT':
            return { what: "the user's quota is used up", fix: MAKE_ROOM };
        case 'EROFS':
            return { what: 'its file system is read-only', fix: 'Give the runner a temporary folder that it may write to.' };
        case 'EACCES':
        case 'EPERM':
            return {
                what: 'the runner may not write there',
                fix: 'Give the folder to the user that the runner runs as: a step of a container that ran as root may have taken it.'
            };
        case 'ENOENT':
        case 'ENOTDIR':
            return { what: 'it is not there', fix: 'The runner makes it for each job: no step may remove it.' };
        default:
            return undefined;
    }
}


/***/ }),

/***/ 4737:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   A: () => (/* binding */ reasonOf),
/* harmony export */   g: () => (/* binding */ failureOf)
/* harmony export */ });
/* harmony import */ var _ports_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6467);
/* harmony import */ var _disk_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2525);
/* harmony import */ var _stop_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8740);
/** What a thrown error means for a run. */



/** How many errors may lie in one another. */
const DEEPEST = 20;
/** The failure that whatever was thrown stands for. */
function failureOf(thrown) {
    const error = firstOf(thrown);
    if (error instanceof _stop_js__WEBPACK_IMPORTED_MODULE_2__/* .Stop */ .V)
        return error.failure;
    if (error instanceof _ports_js__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ)
        return { kind: 'cancelled' };
    if (error instanceof _ports_js__WEBPACK_IMPORTED_MODULE_0__/* .ProgramMissing */ .Xh) {
        return { kind: 'engine', message: error.message, fix: `Install ${error.program} on the runner.` };
    }
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return (0,_disk_js__WEBPACK_IMPORTED_MODULE_1__/* .diskFailure */ .j)(error) ?? { kind: 'internal', message };
}
/** The same in a few words. */
function reasonOf(thrown) {
    const failure = failureOf(thrown);
    return 'message' in failure ? failure.message : failure.kind;
}
/** What ended the run, where cleaning up after it failed, too. */
function firstOf(error) {
    let first = error;
    for (let depth = 0; depth < DEEPEST && first instanceof SuppressedError; depth += 1)
        first = first.suppressed;
    return first;
}


/***/ }),

/***/ 1001:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I_: () => (/* binding */ nothingBuilt),
/* harmony export */   Z8: () => (/* binding */ addNotes),
/* harmony export */   fQ: () => (/* binding */ addLearned),
/* harmony export */   lb: () => (/* binding */ openFindings)
/* harmony export */ });
/* harmony import */ var _core_progress_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4664);

/** What is known before anything has happened. */
function openFindings(occasion) {
    return { occasion, builds: new Map(), notes: [], phases: [] };
}
/** What is known of a build before anything has happened to it. */
const nothingBuilt = {
    cache: { planned: { from: [], to: [] }, outcomes: [], imports: _core_progress_js__WEBPACK_IMPORTED_MODULE_0__/* .noImports */ .QN, rows: [] },
    roles: { testTargets: [], target: undefined },
    gate: { verdict: 'skipped', reason: 'the run ended before the gate', targets: [] },
    refreshed: [],
    steps: [],
    provenance: [],
    images: [],
    lint: [],
    advice: [],
    verdict: [],
    publish: { published: false, reason: 'the run ended before it' }
};
/** The findings with what a phase has learned of the build of that name. */
function addLearned(findings, name, { notes = [], cache, ...changed }) {
    const known = findings.builds.get(name) ?? nothingBuilt;
    const builds = new Map(findings.builds).set(name, { ...known, ...changed, cache: addCache(known.cache, cache) });
    return {
        ...findings,
        builds,
        notes: [...findings.notes, ...notes.map((text) => ({ text, build: name }))]
    };
}
/** The findings with notes that are of no image. */
function addNotes(findings, notes) {
    return { ...findings, notes: [...findings.notes, ...notes.map((text) => ({ text }))] };
}
function addCache(known, { outcomes = [], imports = _core_progress_js__WEBPACK_IMPORTED_MODULE_0__/* .noImports */ .QN, ...planned } = {}) {
    return {
        ...known,
        ...planned,
        outcomes: [...known.outcomes, ...outcomes],
        imports: (0,_core_progress_js__WEBPACK_IMPORTED_MODULE_0__/* .addImports */ .q3)(known.imports, imports)
    };
}


/***/ }),

/***/ 6629:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   U: () => (/* binding */ placeDockerfile),
/* harmony export */   x: () => (/* binding */ writeGateFile)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _builds_identity_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1967);
/* harmony import */ var _core_source_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2858);
/* harmony import */ var _gate_stage_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(3802);
/**
 * The generated Dockerfile in which one stage stands for all: the questions to the Dockerfile are asked of it, and the layer
 * cache of both chains is exported from it. What is built and published comes from the user's own file (build.ts).
 */





/**
 * Writes the gate Dockerfile into `folder`; a reason where the user's cannot take the stage.
 * @param text the user's bytes; absent where they are not on this machine
 */
async function writeGateFile(build, text, { stages, folder }) {
    if (text === undefined)
        return { reason: 'the context is remote' };
    const dockerfile = (0,_core_source_js__WEBPACK_IMPORTED_MODULE_3__/* .dockerfilePath */ .Se)(build.source);
    const planned = (0,_gate_stage_js__WEBPACK_IMPORTED_MODULE_4__/* .planGateDockerfile */ .F)(text, stages, (0,_builds_identity_js__WEBPACK_IMPORTED_MODULE_2__/* .buildMark */ .gc)(build));
    if (!planned.ok)
        return { reason: planned.reason };
    const target = await placeDockerfile(planned.text, dockerfile, node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, 'gate'));
    return { path: target, stage: planned.stage, lastUserLine: planned.firstLine - 1 };
}
/** Writes a generated Dockerfile under the name of the one it comes from; returns its path. */
async function placeDockerfile(text, source, folder) {
    const target = node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, node_path__WEBPACK_IMPORTED_MODULE_1___default().basename(source));
    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.mkdir)(folder, { recursive: true });
    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.writeFile)(target, text);
    // BuildKit looks for the ignore file of a Dockerfile beside it, before the context's own.
    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.copyFile)(`${source}.dockerignore`, `${target}.dockerignore`).catch(() => undefined);
    return target;
}


/***/ }),

/***/ 3802:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   F: () => (/* binding */ planGateDockerfile),
/* harmony export */   y: () => (/* binding */ appendStages)
/* harmony export */ });
/* harmony import */ var _dockerfile_index_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5212);
/**
 * The gate Dockerfile: the user's text with one stage appended that copies nothing from the test targets and from the
 * target, so that it stands for all of them. The gate itself is one bake call with the user's own stages (targets.ts). The
 * stage is for what takes one target: the outline tells what any of them mounts, and a layer cache that is exported from it
 * holds every chain in one reference.
 *
 * A wildcard COPY that matches no file is legal and needs no shell in the stages. What it copies nothing by is marked for the
 * build: of two solves at the same time BuildKit takes steps of the same content, such as nothing, for one and the same, and
 * would write the layers of both into the cache of each. The user's bytes stay as they are and
 * come first, so every line keeps its number.
 */

/**
 * Appends the gate stage.
 * @param dockerfile the user's bytes
 * @param stages what the gate depends on: names, or indices of unnamed stages
 * @param mark as in `Appendix`
 */
function planGateDockerfile(dockerfile, stages, mark) {
    const planned = appendStages(dockerfile, {
        ...{ name: 'stagegate-gate', mark },
        stages: [{ from: 'scratch', copies: stages }]
    });
    if (!planned.ok)
        return planned;
    const { text, firstLine } = planned;
    return { ok: true, text, firstLine, stage: planned.stages[0] ?? '' };
}
/** Appends stages of ours to the user's bytes, which stay as they are. */
function appendStages(dockerfile, appendix) {
    const text = dockerfile.toString('latin1'); // one character a byte: nothing is lost on the way back
    const { syntax, escape } = (0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_0__/* .readDirectives */ .Vl)((0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_0__/* .linesOf */ .Dx)(text));
    if (syntax !== undefined && !/dockerfile/i.test(syntax)) {
        return { ok: false, reason: `its "# syntax=${syntax}" is not a Dockerfile frontend` }; // it may parse anything, even YAML
    }
    if (endsInContinuation(text, escape))
        return { ok: false, reason: 'its last line ends in a line continuation' };
    const free = freeName(text.toLowerCase(), appendix.name);
    const names = appendix.stages.map((_, index) => (appendix.stages.length === 1 ? free : `${free}-at-${index}`));
    const cased = usesLowerCase(text) ? (word) => word.toLowerCase() : (word) => word;
    const newline = text.includes('\r\n') ? '\r\n' : '\n';
    const own = appendix.stages.flatMap(({ from, copies }, at) => [
        `${cased('FROM')} ${from} ${cased('AS')} ${names[at] ?? ''}`,
        ...copies.map((name, index) => `${cased('COPY')} --from=${name} /${free}-${appendix.mark}-no-such-file-* /${index}/`)
    ]);
    const complete = text === '' || text.endsWith('\n');
    const appended = (complete ? '' : newline) + own.join(newline) + newline;
    const linesBefore = text.split('\n').length - (complete ? 1 : 0);
    return {
        ok: true,
        text: Buffer.concat([dockerfile, Buffer.from(appended, 'latin1')]),
        stages: names,
        firstLine: linesBefore + 1
    };
}
/** A stage name that occurs nowhere in the text, the same for the same text. */
function freeName(lowerCaseText, wanted) {
    if (!lowerCaseText.includes(wanted))
        return wanted;
    // Where 12 follows, 1 occurs as well. No text is so long that it has all numbers of eight digits.
    const taken = new Set(lowerCaseText
        .split(`${wanted}-`)
        .slice(1)
        .flatMap((after) => {
        const [digits = ''] = /^[0-9]{1,8}/.exec(after) ?? [];
        return Array.from(digits, (_, at) => digits.slice(0, at + 1));
    }));
    let attempt = 1;
    while (taken.has(String(attempt)))
        attempt += 1;
    return `${wanted}-${attempt}`;
}
/** BuildKit joins the next line to one that ends in the escape character, so an appended FROM would be swallowed. */
function endsInContinuation(text, escape) {
    const meaningful = text
        .split('\n')
        .map((line) => line.trimEnd())
        .filter((line) => line !== '' && !/^\s*#/.test(line));
    return meaningful.at(-1)?.endsWith(escape) ?? false;
}
/** BuildKit's check ConsistentInstructionCasing goes with the majority; a generated line must not be the odd one out. */
function usesLowerCase(text) {
    const words = [...text.matchAll(/^[^\S\r\n]*([A-Za-z]+)[ \t]/gm)].map((match) => match[1] ?? '');
    const instructions = words.filter((word) => instructionNames.has(word.toUpperCase()));
    const lower = instructions.filter((word) => word === word.toLowerCase()).length;
    return lower > instructions.length - lower;
}
const instructionNames = new Set('ADD ARG CMD COPY ENTRYPOINT ENV EXPOSE FROM HEALTHCHECK LABEL MAINTAINER ONBUILD RUN SHELL STOPSIGNAL USER VOLUME WORKDIR'.split(' '));


/***/ }),

/***/ 7198:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Dk: () => (/* binding */ findForeignLinks),
/* harmony export */   UO: () => (/* binding */ isWithin),
/* harmony export */   pq: () => (/* binding */ findLinksOut)
/* harmony export */ });
/* harmony import */ var _core_pair_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(5735);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _core_source_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2858);
/** The files that are read here before BuildKit reads them: it follows no link out of a build's folder, and neither do we. */




/**
 * Links that lead out of the workspace or, for a file that a workflow keeps elsewhere, out of its folder. Whoever wrote the
 * checkout would see in the log what the runner has there. The folders of contexts, and the places of outputs, may be links
 * that the workflow has made, unless strangers wrote the checkout.
 */
function findForeignLinks({ context, file, buildContexts, outputs }, workspace, trusted) {
    const dockerfile = (0,_core_source_js__WEBPACK_IMPORTED_MODULE_2__/* .dockerfilePath */ .Se)({ context, file });
    const named = buildContexts.map((entry) => (0,_core_source_js__WEBPACK_IMPORTED_MODULE_2__/* .localPlace */ .N$)((0,_core_pair_js__WEBPACK_IMPORTED_MODULE_3__/* .splitPair */ .T)(entry).value ?? ''));
    const local = context.kind === 'local' ? context.path : undefined;
    const places = [
        ...(local === undefined
            ? []
            : [
                { input: 'file', place: dockerfile },
                { input: 'file', place: `${dockerfile}.dockerignore` },
                { input: 'context', place: node_path__WEBPACK_IMPORTED_MODULE_1___default().join(local, '.dockerignore') }
            ]),
        ...(trusted || local === undefined ? [] : [{ input: 'context', place: local }]),
        ...(trusted ? [] : named.map((place) => ({ input: 'build-contexts', place }))),
        // What is built would be written over the runner's own.
        ...(trusted
            ? []
            : outputs.flatMap(({ dest }) => dest === undefined ? [] : [{ input: 'outputs', place: dest, written: true }]))
    ];
    return findLinksOut(places, workspace);
}
/** Which of the paths lead out of the workspace or, elsewhere, out of their folder. */
async function findLinksOut(places, workspace) {
    const root = await followed(workspace);
    const isOurs = (place) => [workspace, root].some((folder) => isWithin(node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(place), node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(folder)));
    const problems = await Promise.all(places.map(async ({ input, place, written = false }) => {
        const folder = await followed(node_path__WEBPACK_IMPORTED_MODULE_1___default().dirname(node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(place)));
        const real = written ? await followed(place) : await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.realpath)(place).catch(() => undefined);
        if (real === undefined || isWithin(real, isOurs(place) ? root : folder))
            return [];
        const problem = `"${place}" is, or lies behind, a link that leads out of ${isOurs(place) ? 'the workspace' : 'its folder'}`;
        return [{ input, problem, fix: 'Put the file or folder itself there.' }];
    }));
    return problems.flat();
}
/** More links than this on the way are a loop. */
const MOST_LINKS = 255;
/** Where a path leads, also one that is not there yet: it is made behind the links on its way. */
async function followed(place, depth = 0) {
    const whole = node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(place);
    const real = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.realpath)(whole).catch(() => undefined);
    const parent = node_path__WEBPACK_IMPORTED_MODULE_1___default().dirname(whole);
    if (real !== undefined || parent === whole || depth > MOST_LINKS)
        return real ?? whole;
    const folder = await followed(parent, depth + 1);
    const link = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readlink)(whole).catch(() => undefined);
    return link === undefined ? node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, node_path__WEBPACK_IMPORTED_MODULE_1___default().basename(whole)) : followed(node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(folder, link), depth + 1);
}
/** Whether a path is a folder or lies in it. Both are absolute; no link is followed. */
function isWithin(place, folder) {
    return place === folder || place.startsWith(folder.endsWith((node_path__WEBPACK_IMPORTED_MODULE_1___default().sep)) ? folder : `${folder}${(node_path__WEBPACK_IMPORTED_MODULE_1___default().sep)}`);
}


/***/ }),

/***/ 8860:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   S: () => (/* binding */ scriptsOf),
/* harmony export */   _: () => (/* binding */ withScript)
/* harmony export */ });
/* harmony import */ var _core_linked_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9358);
/* harmony import */ var _dockerfile_index_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5212);
/** The lines of a step's heredocs: BuildKit names such a step by what announces them, and the first of the lines. */


const MOST_LINES = 20;
const LONGEST_LINE = 500;
/** The instructions of a Dockerfile that have heredocs. */
function scriptsOf(dockerfile) {
    return (0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_1__/* .parseDockerfile */ .Ai)(dockerfile).instructions.flatMap(({ line, endLine, heredocs, written }) => {
        if (heredocs.length === 0)
            return [];
        const lines = written.split('\n').slice(1);
        const shown = lines.slice(0, MOST_LINES).map(shownLine);
        return [{ first: line, last: endLine, script: { lines: shown, more: lines.length - shown.length } }];
    });
}
/** Whole, since a part of a secret is not found any more. */
function shownLine(line) {
    return line.length <= LONGEST_LINE ? line : `… (${line.length} characters)`;
}
/**
 * A failure with the lines of its step's heredocs, where the Dockerfile tells them.
 * @param lineOf line of a step in the build's own Dockerfile, by its vertex
 */
function withScript(failure, scripts, lineOf) {
    if ((failure.kind !== 'test' && failure.kind !== 'build') || failure.step === undefined)
        return failure;
    const { step, line = lineOf(step.vertex) } = failure;
    if (line === undefined || (0,_core_linked_js__WEBPACK_IMPORTED_MODULE_0__/* .isLinkedStep */ .w4)(step) || !step.instruction.includes('<<'))
        return failure;
    const script = scripts.find(({ first, last }) => first <= line && line <= last)?.script;
    return script === undefined ? failure : { ...failure, script };
}


/***/ }),

/***/ 7853:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   KM: () => (/* binding */ annotationAttribute),
/* harmony export */   iS: () => (/* binding */ planTargets)
/* harmony export */ });
/* unused harmony exports annotationsOn, attributesOn */
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _core_csv_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7687);
/* harmony import */ var _inputs_attestations_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6222);
/**
 * The targets of a run's one bake call: each test on each platform, built and not exported, and the image of each platform,
 * exported into a folder of its own, so that several nodes work like one; and each file of the user's. Pure.
 */



/** Plans the targets. Their names are no names of stages: stages of a Dockerfile begin with a letter. */
function planTargets({ tests, testReport, target, platforms, annotations, exporting, lookup }) {
    const each = platforms.length === 0 ? [''] : platforms;
    const on = (platform) => (platform === '' ? [] : [platform]);
    const several = each.length > 1;
    const images = target === undefined ? [] : each;
    const basesOn = (at) => lookup?.images.map((_, index) => `_base${index}-${at}`) ?? [];
    const begin = (names) => (names.length === 0 ? {} : { after: names });
    return [
        ...each.flatMap((platform, at) => planHelpers(lookup, platform, at)),
        ...tests.flatMap((stage, index) => each.map((platform, at) => {
            const exported = stage === testReport ? node_path__WEBPACK_IMPORTED_MODULE_0___default().join(exporting.folder, `test-report-${at}.tar`) : undefined;
            return {
                ...{ role: 'test', platform, stage, platforms: on(platform) },
                outputs: [
                    exported === undefined ? 'type=cacheonly' : ['type=tar', `dest=${exported}`].map(_core_csv_js__WEBPACK_IMPORTED_MODULE_1__/* .writeField */ .YD).join(',')
                ],
                name: `_test${index}-${at}`,
                ...begin(basesOn(at)),
                ...(exported === undefined ? {} : { exported })
            };
        })),
        ...images.map((platform, at) => {
            const layout = node_path__WEBPACK_IMPORTED_MODULE_0___default().join(exporting.folder, several ? `image-${at}` : 'image');
            const place = { platform, several, attested: exporting.attestations.some(_inputs_attestations_js__WEBPACK_IMPORTED_MODULE_2__/* .isEnabled */ .Ol) };
            const attributes = attributesOn(exporting.attributes, place);
            return {
                ...{ role: 'image', platform, layout, stage: target ?? '', platforms: on(platform) },
                name: `_image-${at}`,
                ...begin(basesOn(at)),
                outputs: [exporting.classicTag === undefined ? layoutOutput(layout, attributes) : 'type=docker'],
                annotations: annotationsOn(annotations, place),
                attestations: exporting.attestations,
                cacheTo: exporting.cacheTo,
                tags: exporting.classicTag === undefined ? exporting.names : [exporting.classicTag]
            };
        }),
        ...(target === undefined ? [] : exporting.files).map((output, index) => {
            // A docker archive holds no index, and so no attestations.
            const isArchive = output.startsWith('type=docker,') && exporting.attestations.length > 0;
            const attestations = isArchive ? ['type=provenance,disabled=true'] : exporting.attestations;
            const place = { platform: '', several: false, attested: several || attestations.some(_inputs_attestations_js__WEBPACK_IMPORTED_MODULE_2__/* .isEnabled */ .Ol) };
            return {
                ...{ role: 'files', name: `_files-${index}`, stage: target ?? '', platforms, attestations },
                ...begin(each.flatMap((_, at) => basesOn(at))),
                annotations: annotationsOn(annotations, place),
                outputs: [output],
                tags: exporting.tags
            };
        })
    ];
}
/** The targets that look an imported cache up for one platform (lookup.ts). */
function planHelpers(lookup, platform, at) {
    if (lookup === undefined)
        return [];
    const plan = (name, stage, imports) => ({
        ...{ role: 'helper', name: `${name}-${at}`, platform, stage, platforms: platform === '' ? [] : [platform] },
        outputs: ['type=cacheonly'],
        ...{ dockerfile: lookup.dockerfile, helper: { imports } }
    });
    return [
        ...lookup.groups.map((stage, index) => plan(`_lookup${index}`, stage, true)),
        ...lookup.images.map((stage, index) => plan(`_base${index}`, stage, false))
    ];
}
/** The annotations of one platform's image, without those that are for another or have no place in its export. */
function annotationsOn(annotations, place) {
    return annotations.flatMap((annotation) => {
        const [, levels, pair = ''] = levelled.exec(annotation) ?? [];
        if (levels === undefined)
            return [annotation];
        const kept = levels.split(',').flatMap((level) => {
            const [, name = '', only] = /^([a-z-]+)(?:\[([^\]]*)\])?$/.exec(level) ?? [];
            return hasPlace(name, only, place) ? [place.platform === '' ? level : name] : [];
        });
        return kept.length === 0 ? [] : [`${kept.join(',')}:${pair}`];
    });
}
/** The same of an output's attributes: `annotation-index.NAME=VALUE`, `annotation[linux/arm64].NAME=VALUE`. */
function attributesOn(attributes, place) {
    return attributes.flatMap((attribute) => {
        const annotation = annotationAttribute(attribute);
        if (annotation === undefined)
            return [attribute];
        const { level, only, rest } = annotation;
        if (!hasPlace(level, only, place))
            return [];
        return [place.platform === '' ? attribute : `annotation-${level}.${rest}`];
    });
}
/** An output's attribute, or its key alone, taken apart where it is an annotation; `rest` is its name, with the value if there is one. */
function annotationAttribute(text) {
    const [, level = 'manifest', only, rest] = /^annotation(?:-([a-z-]+))?(?:\[([^\]]*)\])?\.([^]*)$/.exec(text) ?? [];
    return rest === undefined ? undefined : { level, only, rest };
}
const levelled = /^((?:(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?,?)+):([^]*)$/;
function hasPlace(level, only, { platform, several, attested }) {
    if (only !== undefined && platform !== '' && only !== platform)
        return false;
    return level === 'manifest' || (attested && (!several || level === 'manifest-descriptor'));
}
function layoutOutput(layout, attributes) {
    return ['type=oci', 'tar=false', ...attributes, `dest=${layout}`].map(_core_csv_js__WEBPACK_IMPORTED_MODULE_1__/* .writeField */ .YD).join(',');
}


/***/ }),

/***/ 6222:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ol: () => (/* binding */ isEnabled),
/* harmony export */   WX: () => (/* binding */ isProvenance),
/* harmony export */   cF: () => (/* binding */ askedAttestations)
/* harmony export */ });
/* harmony import */ var _core_csv_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7687);
/* harmony import */ var _core_pair_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5735);
/** Attestations: what provenance, sbom and attests ask for, as values of `--attest`. */


/**
 * What is asked for, or asked not to be there; what is added of nobody's accord is not among it. The input of its own goes
 * before a provenance in the list.
 */
function askedAttestations({ provenance, sbom, attests }) {
    return [
        ...(provenance === '' ? [] : [attestation('provenance', provenance)]),
        ...(sbom === '' ? [] : [attestation('sbom', sbom)]),
        ...(provenance === '' ? attests : attests.filter((attest) => !isProvenance(attest)))
    ];
}
/** Whether it is about a provenance. */
function isProvenance(attest) {
    return attributesOf(attest).some(({ key, value }) => key === 'type' && value === 'provenance');
}
/** Whether it asks for an attestation, rather than for none. */
function isEnabled(attest) {
    return !attributesOf(attest).some(({ key, value }) => key === 'disabled' && isOn(value));
}
function attributesOf(attest) {
    return (0,_core_csv_js__WEBPACK_IMPORTED_MODULE_0__/* .readFields */ .qU)(attest).map((field) => {
        const { name, value = '' } = (0,_core_pair_js__WEBPACK_IMPORTED_MODULE_1__/* .splitPair */ .T)(field);
        return { key: (0,_core_csv_js__WEBPACK_IMPORTED_MODULE_0__/* .attributeKey */ .s)(name), value: value.trim() };
    });
}
/** A boolean as Go reads it, or attributes. */
function attestation(type, value) {
    if (isOn(value))
        return `type=${type}`;
    return /^(?:0|f|false)$/i.test(value) ? `type=${type},disabled=true` : `type=${type},${value}`;
}
function isOn(value) {
    return /^(?:1|t|true)$/i.test(value);
}


/***/ }),

/***/ 7237:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Kh: () => (/* binding */ cacheReference),
/* harmony export */   NW: () => (/* binding */ cacheType),
/* harmony export */   Sn: () => (/* binding */ isInlineCache),
/* harmony export */   b1: () => (/* binding */ isShortCache),
/* harmony export */   or: () => (/* binding */ isRegistryCache)
/* harmony export */ });
/** Reading a `--cache-from` or `--cache-to` value: https://docs.docker.com/build/cache/backends/ */
/** The reference in a value, for messages; its type where it has none. */
function cacheReference(value) {
    return /(?:^|,)ref=([^,]+)/.exec(value)?.[1] ?? /(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? value;
}
/** A reference alone is short for a registry. */
function isShortCache(value) {
    return !value.includes('=');
}
/** The backend of a value: `registry`, `gha`, `s3`, `azblob`, `local`, `inline`, or another that BuildKit may know. */
function cacheType(value) {
    return isShortCache(value) ? 'registry' : (/(?:^|,)type=([^,]+)/.exec(value)?.[1] ?? '');
}
/** Whether a value means a reference in a registry. */
function isRegistryCache(value) {
    return cacheType(value) === 'registry';
}
/** Whether the cache becomes a part of the image. */
function isInlineCache(value) {
    return cacheType(value) === 'inline';
}


/***/ }),

/***/ 7127:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   W: () => (/* binding */ declaredInputs)
/* harmony export */ });
/** The inputs that action.yml declares, for "did you mean". A test holds the two against each other. */
const declaredInputs = [
    'context',
    'file',
    'target',
    'test-target',
    'test-report-target',
    'test-cache',
    'untested',
    'bake-files',
    'bake-targets',
    'bake-set',
    'tags',
    'push',
    'load',
    'outputs',
    'ssh-private-key',
    'ssh-passphrase',
    'ssh-known-hosts',
    'ssh-agent-scope',
    'ssh',
    'secrets',
    'secret-envs',
    'secret-files',
    'github-token',
    'cache-image',
    'cache-mode',
    'cache-from',
    'cache-to',
    'cache-mounts',
    'builder',
    'platforms',
    'build-args',
    'build-contexts',
    'labels',
    'annotations',
    'pull',
    'no-cache',
    'no-cache-filters',
    'refresh-after',
    'network',
    'add-hosts',
    'allow',
    'shm-size',
    'ulimit',
    'cgroup-parent',
    'provenance',
    'sbom',
    'attests',
    'reproducible',
    'verify-reproducible',
    'call',
    'max-size',
    'max-layers',
    'max-reclaimable',
    'max-increase',
    'leak-check',
    'leak-ignore',
    'smoke',
    'smoke-env',
    'smoke-timeout',
    'verify',
    'verify-env',
    'report-name',
    'compare-to',
    'comment',
    'commit-status'
];


/***/ }),

/***/ 6088:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  wI: () => (/* binding */ createGrammar),
  au: () => (/* binding */ didYouMean),
  WL: () => (/* binding */ leftOver)
});

// EXTERNAL MODULE: ./node_modules/fastest-levenshtein/mod.js
var mod = __webpack_require__(1916);
// EXTERNAL MODULE: ./src/core/reference.ts
var reference = __webpack_require__(5378);
;// CONCATENATED MODULE: ./src/inputs/lists.ts
/**
 * Lists as docker/build-push-action reads them: CSV in which a quoted entry may span lines and `""` is one quote. A quote
 * elsewhere than around a whole field belongs to the entry, so that JSON needs no rules. Lines that begin with `#` are
 * comments.
 */
/**
 * Reads a list.
 * @param commas whether a comma separates entries, or belongs to one
 */
function readList(text, commas) {
    const entries = [];
    let at = 0;
    while (at < text.length) {
        const line = /[ \t]*(#[^\n]*)?/y;
        line.lastIndex = at;
        const [lead = '', comment] = line.exec(text) ?? [];
        if (comment === undefined) {
            const record = readRecord(text, at + lead.length);
            if (record === undefined)
                return { ok: false, line: text.slice(0, at).split('\n').length };
            entries.push(...(commas === 'separate' ? separate(record.fields) : [record.fields.join(',')]));
            at = record.end;
        }
        else
            at += lead.length;
        at += 1; // the line end
    }
    return { ok: true, entries: entries.map((entry) => entry.trim()).filter((entry) => entry !== '') };
}
/** One field alone is split once more: `"a,b"` on a line of its own is two entries to build-push-action. */
function separate(fields) {
    return fields.length === 1 ? (fields[0] ?? '').split(',') : fields;
}
/** The fields up to the end of the line; `end` is where its line end stands. */
function readRecord(text, start) {
    const fields = [];
    for (let at = start;; at += 1) {
        const quoted = /"((?:[^"]|"")*)"[ \t]*(?=,|\r?\n|\r?$)/y;
        quoted.lastIndex = at;
        const [whole, inner] = text[at] === '"' ? (quoted.exec(text) ?? []) : [];
        if (whole !== undefined && inner !== undefined) {
            fields.push(inner.replaceAll('""', '"').replaceAll('\r\n', '\n'));
            at += whole.length;
        }
        else {
            if (text[at] === '"' && !closes(text, at))
                return undefined;
            const plain = /[^,\r\n]*/y;
            plain.lastIndex = at;
            const field = plain.exec(text)?.[0] ?? '';
            fields.push(field);
            at += field.length;
        }
        if (text[at] === '\r' && text[at + 1] !== ',')
            at += text[at + 1] === '\n' ? 1 : 0;
        if (text[at] !== ',')
            return { fields, end: at };
    }
}
function closes(text, at) {
    return text.includes('"', at + 1);
}

;// CONCATENATED MODULE: ./src/inputs/platforms.ts
/** Platforms as buildx reads them: https://github.com/containerd/platforms */
/** Operating systems, and architectures, that may stand alone. A mistyped one would be a platform that nothing has. */
const SYSTEMS = 'aix android darwin dragonfly freebsd illumos ios js linux netbsd openbsd plan9 solaris wasi wasip1 windows zos'.split(' ');
const ARCHITECTURES = '386 amd64 arm arm64 loong64 mips mips64 mips64le mipsle ppc64 ppc64le riscv64 s390x sparc64 wasm'.split(' ');
/** Architectures whose variants are numbers; others have names for them, such as power9 and rva23u64. */
const NUMBERED = /^(?:amd64|arm|arm64)$/;
/** Other names, each with the variant that it implies. */
const OTHER_NAMES = {
    i386: ['386', ''],
    x86_64: ['amd64'],
    'x86-64': ['amd64'],
    aarch64: ['arm64'],
    armhf: ['arm', 'v7'],
    armel: ['arm', 'v6']
};
/** What is offered in place of a mistyped one. */
const commonPlatforms = 'linux/amd64 linux/arm64 linux/arm/v7 linux/arm/v6 linux/386 linux/ppc64le linux/riscv64 linux/s390x windows/amd64'.split(' ');
/**
 * The one form that all ways of writing a platform have, `linux/arm64` for `aarch64` and `linux/arm64/v8`; `undefined` for a
 * text that is none. What is left out is that of the machine where buildx runs, as is all of `local`.
 */
function parsePlatform(text, machine) {
    const lower = text.toLowerCase();
    if (lower === 'local')
        return `${systemOf(machine)}/${withVariant(architectureOf(machine))}`;
    const [first = '', second, variant = '', ...more] = lower.split('/');
    const [, name = '', version = ''] = /^([a-z0-9_-]+)(\([a-z0-9_.-]*\))?$/.exec(first) ?? [];
    const system = name === 'macos' ? 'darwin' : name;
    if (more.length > 0 || (variant === '' && lower.split('/').length > 2))
        return undefined;
    if (second === undefined) {
        if (SYSTEMS.includes(system))
            return `${system}${version}/${withVariant(architectureOf(machine))}`;
        const alone = normalArchitecture(first, '');
        return alone === undefined ? undefined : `${systemOf(machine)}/${alone}`;
    }
    const architecture = normalArchitecture(second, variant);
    return SYSTEMS.includes(system) && architecture !== undefined ? `${system}${version}/${architecture}` : undefined;
}
/** With its variant, where that is not the one that goes without saying. */
function normalArchitecture(written, given) {
    const [name, implied = given] = OTHER_NAMES[written] ?? [written];
    if (!ARCHITECTURES.includes(name) ||
        !(NUMBERED.test(name) ? /^(?:v?\d+(?:\.\d+)?)?$/ : /^[a-z0-9_.-]*$/).test(implied)) {
        return undefined;
    }
    const isArm = name.startsWith('arm') && /^\d|\.0$/.test(implied);
    const variant = isArm ? `v${implied.replace(/^v|\.0$/g, '')}` : implied;
    return withVariant(name, variant === { amd64: 'v1', arm64: 'v8' }[name] ? '' : variant);
}
function withVariant(architecture, variant = '') {
    const known = architecture === 'arm' && variant === '' ? 'v7' : variant;
    return known === '' ? architecture : `${architecture}/${known}`;
}
function systemOf({ platform }) {
    return platform === 'win32' ? 'windows' : platform;
}
function architectureOf({ arch }) {
    return { x64: 'amd64', ia32: '386', mipsel: 'mipsle', ppc64: 'ppc64le' }[arch] ?? arch;
}

;// CONCATENATED MODULE: ./src/inputs/grammar.ts
/** The grammars of the inputs: strings to values, with every problem collected instead of thrown. */




function createGrammar(read, problems) {
    const report = (input, problem, fix) => {
        problems.push({ input, problem, fix });
    };
    const text = (name) => read(name).trim();
    const isNot = (judge, name, entry) => {
        const found = judge(entry);
        if (found !== undefined)
            report(name, found.problem, found.fix);
        return found === undefined;
    };
    /** Whether an entry was written, and is not what an expression leaves. */
    const isWritten = (name, entry) => isNot(leftOver, name, entry);
    const entries = (name, commas) => {
        const reading = readList(read(name), commas);
        if (reading.ok)
            return reading.entries.filter((entry) => isWritten(name, entry));
        report(name, `the double quote that opens in line ${reading.line} is not closed`, 'Close it at the end of the entry; inside of it, write a double quote twice.');
        return [];
    };
    /** One entry per line, which may be in quotes; commas belong to the entry. */
    const lines = (name) => entries(name, 'keep');
    /** Entries separated by new lines or commas. */
    const list = (name) => entries(name, 'separate').filter((entry) => isNot(entryElsewhere, name, entry));
    /** One entry per line, in which quotes are CSV's and buildx's to read. */
    const records = (name) => read(name)
        .split(/\r?\n/)
        .map((line) => line.trim())
        .filter((line) => line !== '' && !line.startsWith('#') && isWritten(name, line));
    /** The same, but for an entry that is in quotes as a whole. */
    const unquotedRecords = (name) => records(name).map((line) => (/^"(?:[^"]|"")*"$/.test(line) ? line.slice(1, -1).replaceAll('""', '"') : line));
    /** One of a few words; empty means `fallback`. */
    const word = (name, words, fallback) => {
        const value = text(name);
        if (value === '')
            return fallback;
        const found = words.find((candidate) => candidate === value);
        if (found !== undefined)
            return found;
        report(name, `"${value}" is not one of the accepted values`, `Use ${oneOf(words)}.${didYouMean(value, words)}`);
        return fallback;
    };
    /** A boolean by the YAML 1.2 core schema, as every action reads them; empty means `undefined`. */
    const optionalFlag = (name) => {
        const value = text(name);
        if (value === '')
            return undefined;
        if (['true', 'True', 'TRUE'].includes(value))
            return true;
        if (['false', 'False', 'FALSE'].includes(value))
            return false;
        report(name, `"${value}" is neither true nor false`, `Use true or false.${didYouMean(value, ['true', 'false'])}`);
        return undefined;
    };
    const flag = (name) => optionalFlag(name) ?? false;
    /** Lines of `KEY=VALUE`; only the first `=` separates. `alone` matches a key that needs no value. */
    const pairs = (name, what, alone) => lines(name).filter((line) => {
        if (!isNot(entryElsewhere, name, line))
            return false;
        if (/^[^=\s][^=]*=/.test(line) || (!line.includes('=') && alone?.test(line) === true))
            return true;
        report(name, `"${line}" has no "="`, `Write each ${what} on a line of its own, as NAME=VALUE.`);
        return false;
    });
    /** Lines of attributes, one of which is the type. They can hold credentials, so a problem does not repeat them. */
    const typed = (name, example, accepts = () => false) => unquotedRecords(name).filter((line, index) => {
        if (/(^|,)\s*"?type=/.test(line) || accepts(line))
            return true;
        report(name, `entry ${index + 1} has no "type="`, `Write the type and its attributes, as in "${example}".`);
        return false;
    });
    const references = (name) => list(name).filter((entry) => {
        const reading = (0,reference/* parseReference */.F2)(entry);
        if (!reading.ok)
            report(name, `"${entry}": ${reading.problem}`, reading.fix);
        else if (reading.reference.digest !== undefined) {
            report(name, `"${entry}" has a digest`, 'A tag to publish is written as "registry/name:tag".');
        }
        else
            return true;
        return false;
    });
    const platforms = (name) => {
        const parsed = list(name).flatMap((entry) => {
            const platform = parsePlatform(entry, process);
            if (platform !== undefined)
                return [platform];
            const isSeveral = entry.split(/\s+/).every((one) => parsePlatform(one, process) !== undefined);
            report(name, `"${entry.replace(/\s+/g, ' ')}" is ${isSeveral ? 'more than one platform' : 'not a platform'}`, isSeveral
                ? 'Put a comma between two platforms, or each on a line of its own.'
                : `Write it as os/architecture, for example linux/amd64.${didYouMean(entry, commonPlatforms)}`);
            return [];
        });
        return [...new Set(parsed)];
    };
    return {
        report,
        text,
        lines,
        list,
        records,
        unquotedRecords,
        word,
        flag,
        optionalFlag,
        pairs,
        typed,
        references,
        platforms
    };
}
/** An entry of a list as YAML and JSON have it: inputs are text, and what is a list elsewhere is one entry of it. */
function entryElsewhere(entry) {
    const format = entry.startsWith('- ') ? 'YAML' : /^\[ *"/.test(entry) ? 'JSON' : undefined;
    if (format === undefined)
        return undefined;
    // The entry may be a secret that stands in the wrong place.
    return {
        problem: `an entry is written as in a list of ${format}, and the input is text`,
        fix: 'Write one entry per line, without anything around it.'
    };
}
/** What GitHub writes for an expression that has no text: https://docs.github.com/actions/reference/workflows-and-actions/expressions */
function leftOver(entry) {
    if (entry === 'false') {
        return {
            problem: `"false" is no entry: an expression such as "a && b" leaves it where a does not hold`,
            fix: `Have it leave nothing there: "a && b || ''".`
        };
    }
    if (entry !== 'Array' && entry !== 'Object')
        return undefined;
    return {
        problem: `"${entry}" is no entry: it is what an expression leaves of a list or a map`,
        fix: 'Use an output that is text, such as those of docker/metadata-action, or join() in the expression.'
    };
}
/** ` Did you mean "x"?` for the nearest candidate that is near enough, or the empty string. */
function didYouMean(value, candidates) {
    const folded = value.toLowerCase();
    const [nearest] = candidates
        .map((candidate) => ({ candidate, distance: (0,mod/* distance */.Io)(folded, candidate.toLowerCase()) }))
        .sort((a, b) => a.distance - b.distance);
    const limit = Math.max(2, Math.floor(value.length / 3));
    return nearest !== undefined && nearest.distance <= limit ? ` Did you mean "${nearest.candidate}"?` : '';
}
function oneOf(words) {
    const quoted = words.map((candidate) => `"${candidate}"`);
    return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1) ?? ''}`;
}


/***/ }),

/***/ 8028:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I: () => (/* binding */ isGateOnly),
/* harmony export */   e: () => (/* binding */ wantsExport)
/* harmony export */ });
/** Whether anything is to leave the builder: a push, a load, or an output of the user's. */
function wantsExport(inputs) {
    return inputs.push || inputs.load || inputs.outputs.length > 0;
}
/**
 * Tests, and nothing that asks for an image: no target, nothing to publish, no tags that another event would publish, no
 * limit that only an image can keep, and nobody to try it. "Run the tests on every commit."
 */
function isGateOnly(inputs) {
    const isLimited = Object.entries(inputs.budget).some(([rule, limit]) => rule !== 'leakCheck' && limit !== undefined);
    const names = inputs.target !== '' || inputs.tags.length > 0;
    const isTried = inputs.trial.smoke !== undefined || inputs.trial.verify !== '';
    return inputs.testTargets.length > 0 && !names && !isLimited && !isTried && !wantsExport(inputs);
}


/***/ }),

/***/ 8067:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  S4: () => (/* binding */ judge),
  I9: () => (/* binding */ judgedLimits),
  OW: () => (/* binding */ readBudget),
  qz: () => (/* binding */ tell)
});

;// CONCATENATED MODULE: ./src/judge/rule.ts
/** Makes a rule of its parts. What it returns takes the whole budget and any result, and knows which is its own. */
function rule(definition) {
    const { name, key, otherwise } = definition;
    const isOwn = (result) => result.rule === name;
    const budgetOf = (limit) => {
        const budget = {};
        if (limit !== undefined)
            budget[key] = limit;
        return budget;
    };
    return {
        name,
        key,
        /** Whether it is a limit that somebody sets; else it is always applied. */
        isLimit: otherwise === undefined,
        /** The rule's part of the budget, from the text of its input. */
        read: (text) => {
            const written = text.trim();
            const limit = written === '' ? otherwise : definition.parse(written);
            return written !== '' && limit === undefined
                ? { ok: false, problem: `"${written}" is not valid`, fix: definition.fix }
                : { ok: true, budget: budgetOf(limit) };
        },
        judge: (evidence, budget) => {
            const limit = budget[key];
            return limit === undefined ? undefined : definition.judge(evidence, limit);
        },
        /** The result in words; `undefined` where it is another rule's. */
        tell: (result) => (isOwn(result) ? definition.tell(result) : undefined)
    };
}

;// CONCATENATED MODULE: ./src/judge/leak_check.ts
/** The rule `leak-check`: no secret and no private key in the image. */

const MODES = ['fail', 'warn', 'off'];
const leakCheck = rule({
    name: 'leak-check',
    key: 'leakCheck',
    parse: (text) => MODES.find((mode) => mode === text),
    otherwise: 'fail',
    fix: 'Use fail, warn or off.',
    judge: ({ analysis: { platform, leaks } }, mode) => mode === 'off'
        ? undefined
        : {
            rule: 'leak-check',
            platform,
            measured: leaks.length,
            mode,
            passed: leaks.length === 0 || mode === 'warn'
        },
    tell: () => ({ kind: 'findings' })
});

;// CONCATENATED MODULE: ./src/core/limit.ts
/** Limits as people write them: `250MB`, `1.5GiB`, `5%`, or a size and a percentage together. */
const units = {
    '': 1,
    b: 1,
    kb: 1e3,
    mb: 1e6,
    gb: 1e9,
    tb: 1e12,
    kib: 2 ** 10,
    mib: 2 ** 20,
    gib: 2 ** 30,
    tib: 2 ** 40
};
/** Bytes of a size such as `250MB` (10^6) or `1.5GiB` (2^30); `undefined` if it is none. */
function parseSize(text) {
    const match = /^(\d+(?:\.\d+)?)\s*([A-Za-z]*)$/.exec(text.trim());
    const name = (match?.[2] ?? '?').toLowerCase();
    const unit = Object.hasOwn(units, name) ? units[name] : undefined;
    return match === null || unit === undefined ? undefined : Math.round(Number(match[1]) * unit);
}
/** A limit of one or two parts, separated by a comma, "and" or white space; `undefined` if a part is neither. */
function parseLimit(text) {
    const parts = text
        .replace(/(\d)\s+([KMGT]?i?B)\b/gi, '$1$2')
        .split(/\s*(?:,|\band\b|\s)\s*/)
        .filter((part) => part !== '');
    let limit = {};
    for (const part of parts) {
        const percent = /^(\d+(?:\.\d+)?)%$/.exec(part);
        const bytes = percent === null ? parseSize(part) : undefined;
        if (percent !== null && limit.share === undefined)
            limit = { ...limit, share: Number(percent[1]) / 100 };
        else if (bytes !== undefined && limit.bytes === undefined)
            limit = { ...limit, bytes };
        else
            return undefined;
    }
    return parts.length === 0 ? undefined : limit;
}

// EXTERNAL MODULE: ./src/core/units.ts
var core_units = __webpack_require__(2184);
;// CONCATENATED MODULE: ./src/judge/limits.ts

/** Whether a measurement breaks a limit; where the limit has two parts, it must break both. */
function exceeds(limit, measured, share) {
    const breaks = [
        ...(limit.bytes === undefined ? [] : [measured > limit.bytes]),
        ...(limit.share === undefined ? [] : [share > limit.share])
    ];
    return breaks.length > 0 && breaks.every(Boolean);
}
/** How many bytes have to go for the limit to be kept. Keeping one of two parts is enough. */
function bytesOver({ measured, share = 0, limit }) {
    const whole = share > 0 ? measured / share : 0;
    const limits = [
        ...(limit.bytes === undefined ? [] : [limit.bytes]),
        ...(limit.share === undefined ? [] : [limit.share * whole])
    ];
    return limits.length === 0 ? 0 : Math.max(0, measured - Math.max(...limits));
}
/** `250 MB`: a size as somebody wrote it, as far as a number can tell. */
function limitBytes(limit) {
    return (0,core_units/* bytes */.ee)(limit).replace(/\.0 /, ' ');
}
/** `5 MB or 3 %`. */
function limitOfParts(limit) {
    return [
        ...(limit.bytes === undefined ? [] : [limitBytes(limit.bytes)]),
        ...(limit.share === undefined ? [] : [shareText(limit.share)])
    ].join(' or ');
}
/** `5 MB or 3 %, whichever is larger`: for a sentence that says what is allowed. */
function wholeLimit(limit) {
    const several = limit.bytes !== undefined && limit.share !== undefined;
    return `${limitOfParts(limit)}${several ? ', whichever is larger' : ''}`;
}
/** `3.4 %`: with what a comparison needs. */
function shareText(share) {
    return `${Number((share * 100).toFixed(share < 0.001 ? 2 : 1))} %`;
}

;// CONCATENATED MODULE: ./src/judge/max_increase.ts




/**
 * Judges the change in size, or says why it cannot be judged. A limit of two parts is broken when both are. An image that
 * was empty has grown by more than any share.
 */
function judgeIncrease(platform, growth, { limit, mode }) {
    const result = { rule: 'max-increase', platform, limit };
    if ('reason' in growth)
        return { ...result, baseline: 'none', reason: growth.reason, passed: true };
    const { size } = growth;
    const exceeded = grewBeyond(limit, size);
    return {
        ...result,
        baseline: 'found',
        measured: size.change,
        exceeded,
        mode,
        passed: !exceeded || mode === 'warn',
        ...(size.share === undefined ? {} : { share: size.share })
    };
}
function grewBeyond({ bytes, share }, size) {
    if (size.change <= 0 || (bytes === undefined && share === undefined))
        return false;
    return ((bytes === undefined || size.change > bytes) &&
        (share === undefined || size.share === undefined || size.share > share));
}
const maxIncrease = rule({
    name: 'max-increase',
    key: 'maxIncrease',
    parse: parseLimit,
    fix: 'Write a size (10MB), a share of the baseline (5%), or both (5%, 10MB).',
    judge: ({ analysis: { platform }, growth, growthMode }, limit) => judgeIncrease(platform, growth, { limit, mode: growthMode }),
    tell: (result) => {
        if (result.baseline === 'none') {
            return {
                kind: 'unjudged',
                lacks: 'baseline',
                reason: result.reason,
                consequence: 'Without a baseline it passes; it counts again as soon as there is one.'
            };
        }
        const { measured, share, limit, exceeded, passed } = result;
        const excess = bytesOver(result);
        const percent = (0,core_units/* signedPercent */.wu)(share);
        const text = `${(0,core_units/* signedBytes */.Sq)(measured)}${percent === undefined ? '' : ` (${percent})`}`;
        const grew = (upTo) => measured <= 0 ? 'not larger than before' : `grew by ${upTo}${grownText(result)} of ${limitOfParts(limit)}`;
        const words = {
            title: 'Increase',
            measured: text,
            limit: limitOfParts(limit),
            excess,
            over: (0,core_units/* bytes */.ee)(excess),
            headline: `the image grew by ${text.replaceAll('+', '')}, limit: ${wholeLimit(limit)}`,
            within: grew(''),
            nearest: grew('up to '),
            used: measured,
            leads: ['growth'],
            wayOut: '**Is it meant to grow?** Then raise `max-increase` in this very change. Once it is merged, the larger image is the baseline, and the limit can go back.'
        };
        if (!exceeded)
            return { kind: 'kept', words };
        if (!passed)
            return { kind: 'broken', words };
        const why = '`max-increase` stops a pull request, not what a branch has already';
        return { kind: 'warned', words, what: 'grew by more than `max-increase` allows', why };
    }
});
/** In the limit's unit where it has one. */
function grownText({ measured, share, limit }) {
    if (limit.bytes === undefined && share !== undefined)
        return shareText(share);
    return `${(0,core_units/* bytes */.ee)(measured)}${limit.share === undefined || share === undefined ? '' : ` (${shareText(share)})`}`;
}

;// CONCATENATED MODULE: ./src/judge/max_layers.ts
/** The rule `max-layers`: layers of the image, those of its base included. */


const maxLayers = rule({
    name: 'max-layers',
    key: 'maxLayers',
    parse: (text) => (/^\d+$/.test(text) ? Number(text) : undefined),
    fix: 'Write a whole number.',
    judge: ({ analysis: { platform, layers } }, limit) => ({
        rule: 'max-layers',
        platform,
        measured: layers.length,
        limit,
        passed: layers.length <= limit
    }),
    tell: ({ measured, limit, passed }) => {
        const excess = Math.max(0, measured - limit);
        return {
            kind: passed ? 'kept' : 'broken',
            words: {
                title: 'Layers',
                measured: (0,core_units/* count */.U9)(measured, 'layer'),
                limit: (0,core_units/* count */.U9)(limit, 'layer'),
                excess,
                over: (0,core_units/* count */.U9)(excess, 'layer'),
                headline: `the image has ${(0,core_units/* count */.U9)(excess, 'layer')} more than its budget allows`,
                within: `${measured} of ${(0,core_units/* count */.U9)(limit, 'layer')}`,
                used: limit === 0 ? measured : measured / limit,
                leads: ['joinable']
            }
        };
    }
});

;// CONCATENATED MODULE: ./src/judge/max_reclaimable.ts
/** The rule `max-reclaimable`: bytes of the own layers that no container sees. */




const maxReclaimable = rule({
    name: 'max-reclaimable',
    key: 'maxReclaimable',
    parse: parseLimit,
    fix: 'Write a size (10MB), a share of the image (5%), or both (5%, 10MB).',
    judge: ({ analysis: { platform, size, reclaimable }, baseUnknown }, limit) => {
        const result = { rule: 'max-reclaimable', platform, limit };
        if (baseUnknown !== undefined)
            return { ...result, base: 'unknown', reason: baseUnknown, passed: true };
        const share = size === 0 ? 0 : reclaimable.own / size;
        return { ...result, measured: reclaimable.own, share, passed: !exceeds(limit, reclaimable.own, share) };
    },
    tell: (result) => {
        if (result.base === 'unknown') {
            return {
                kind: 'unjudged',
                lacks: 'base',
                reason: result.reason,
                consequence: 'It counts your own layers only, and those cannot be told from the base image’s.'
            };
        }
        const { measured, share, limit, passed } = result;
        const excess = bytesOver(result);
        return {
            kind: passed ? 'kept' : 'broken',
            words: {
                title: 'Reclaimable',
                measured: `${(0,core_units/* bytes */.ee)(measured)} (${shareText(share)})`,
                limit: limitOfParts(limit),
                excess,
                over: (0,core_units/* bytes */.ee)(excess),
                headline: `${(0,core_units/* bytes */.ee)(excess)} too much of the image is reclaimable`,
                within: `${limit.bytes === undefined ? shareText(share) : `${(0,core_units/* bytes */.ee)(measured)} (${shareText(share)})`} of ${limitOfParts(limit)} reclaimable`,
                used: share,
                leads: ['copies', 'reclaimable']
            }
        };
    }
});

;// CONCATENATED MODULE: ./src/judge/max_size.ts
/** The rule `max-size`: bytes of content, uncompressed. */




const maxSize = rule({
    name: 'max-size',
    key: 'maxSize',
    parse: parseSize,
    fix: 'Write a size such as 250MB or 1.5GiB.',
    judge: ({ analysis: { platform, size } }, limit) => ({
        rule: 'max-size',
        platform,
        measured: size,
        limit,
        passed: size <= limit
    }),
    tell: ({ measured, limit, passed }) => {
        const excess = Math.max(0, measured - limit);
        return {
            kind: passed ? 'kept' : 'broken',
            words: {
                title: 'Size',
                measured: (0,core_units/* bytes */.ee)(measured),
                limit: limitBytes(limit),
                excess,
                over: (0,core_units/* bytes */.ee)(excess),
                ...(limit === 0 ? {} : { proportion: proportionOf(measured, limit) }),
                headline: `the image is ${(0,core_units/* bytes */.ee)(excess)} over its budget of ${limitBytes(limit)}`,
                within: `${(0,core_units/* bytes */.ee)(measured)} of ${limitBytes(limit)}`,
                used: limit === 0 ? measured : measured / limit,
                leads: ['base', 'advice', 'largest-layers', 'largest-files']
            }
        };
    }
});
function proportionOf(measured, limit) {
    const times = measured / limit;
    return times >= 2 ? `${times.toFixed(1)} times the limit` : `${(0,core_units/* percent */.KN)(measured - limit, limit)} of the limit`;
}

;// CONCATENATED MODULE: ./src/judge/rules.ts
/** Every rule, in the order of the promise: leaks before budgets. A new one is a file like these and a line here. */





const RULES = [leakCheck, maxSize, maxLayers, maxReclaimable, maxIncrease];

;// CONCATENATED MODULE: ./src/judge/index.ts

/** Judges every platform by every rule, in the order of the rules. */
function judge(images, budget, growth = { comparison: undefined, mode: 'fail' }) {
    return images.flatMap((analysis) => {
        const evidence = {
            analysis,
            baseUnknown: analysis.baseUnknown,
            growth: growthOn(analysis.platform, growth),
            growthMode: growth.mode
        };
        return RULES.flatMap((rule) => {
            const result = rule.judge(evidence, budget);
            return result === undefined ? [] : [result];
        });
    });
}
function growthOn(platform, { comparison }) {
    if (comparison === undefined)
        return { reason: 'there is nothing to compare with' };
    if (comparison.kind === 'none')
        return { reason: comparison.reason };
    const found = comparison.differences.find((difference) => difference.platform === platform);
    return found ?? { reason: `the baseline has no ${platform}` };
}
/** Reads the budget from the texts of the inputs, all problems at once. */
function readBudget(read) {
    const problems = [];
    let budget = {};
    for (const rule of RULES) {
        const setting = rule.read(read(rule.name));
        if (setting.ok)
            budget = { ...budget, ...setting.budget };
        else
            problems.push({ input: rule.name, problem: setting.problem, fix: setting.fix });
    }
    return { budget, problems };
}
/** A result in words. Results of rules that this version does not know say nothing. */
function tell(result) {
    for (const rule of RULES) {
        const told = rule.tell(result);
        if (told !== undefined)
            return told;
    }
    return { kind: 'findings' };
}
/** The limits that were judged, without those that were not and without the search for leaks. */
function judgedLimits(results) {
    return results.flatMap((result) => {
        const told = tell(result);
        const { rule, platform, passed } = result;
        return 'words' in told ? [{ ...told.words, rule, platform, passed }] : [];
    });
}


/***/ }),

/***/ 8875:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ad: () => (/* binding */ holdsReports),
/* harmony export */   Ce: () => (/* binding */ mountsOfStep),
/* harmony export */   D8: () => (/* binding */ didRun),
/* harmony export */   HY: () => (/* binding */ reportIDs),
/* harmony export */   NY: () => (/* binding */ mountKey),
/* harmony export */   SS: () => (/* binding */ haveReportsInCommon),
/* harmony export */   aG: () => (/* binding */ plainMount),
/* harmony export */   mk: () => (/* binding */ findMounts),
/* harmony export */   zt: () => (/* binding */ parseMount)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6153);
/* harmony import */ var _dockerfile_index_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5212);
/**
 * A cache mount, `RUN --mount=type=cache`, as BuildKit tells it in the name of the step: with variables already
 * expanded and lines joined. A red build leaves no other trace of its mounts.
 * https://docs.docker.com/reference/dockerfile/#run---mounttypecache
 */



/** Ids that stand in a generated Dockerfile without any quoting. */
const plainID = /^[\w./:@+=~-]{1,200}$/;
/** The mounts of one step that can be looked into. */
function mountsOfStep({ instruction }) {
    return readMountFlags(instruction).flatMap((flag) => ('mount' in flag ? [flag.mount] : []));
}
/** The id that makes a cache mount the test reports' own. Stages and platforms may each have one: `test-reports-unit`. */
function holdsReports({ id }) {
    return /^test-reports(?:[-/.].+)?$/.test(id);
}
/** What the ids of such mounts can be in a Dockerfile. One that ends in `$` has a variable. */
function reportIDs(text) {
    return [...new Set(text.match(/test-reports[\w./:@+~-]*\$?/g))];
}
/** Whether two Dockerfiles can have such a mount in common, as far as the ids in them tell. */
function haveReportsInCommon(one, other) {
    return one.some((a) => other.some((b) => a === b || a.endsWith('$') || b.endsWith('$')));
}
/** Whether a step did anything in this run, however it ended. */
function didRun({ state, seconds }) {
    return state === 'ran' || state === 'failed' || (state === 'cancelled' && seconds > 0);
}
/** The mounts of all steps, each once. */
function findMounts(steps) {
    const mounts = new Map();
    const unsupported = new Map();
    for (const step of steps) {
        const used = didRun(step);
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
    const id = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .dig */ .rO)(value, 'id'));
    const sharing = sharings.find((each) => each === (0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .dig */ .rO)(value, 'sharing'));
    if (id === undefined || !plainID.test(id) || sharing === undefined)
        return undefined;
    const numbers = {};
    for (const name of ['uid', 'gid', 'mode']) {
        const number = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .asNumber */ .i)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .dig */ .rO)(value, name));
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
    const options = (0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_1__/* .mountOptions */ .g5)(text.split(','));
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
/** Without an id it is the target's path, as written but cleaned; one relative to WORKDIR stays relative. */
function cleaned(target) {
    const normal = node_path__WEBPACK_IMPORTED_MODULE_0___default().posix.normalize(target);
    return normal.length > 1 ? normal.replace(/\/$/, '') : normal;
}


/***/ }),

/***/ 7880:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   PC: () => (/* binding */ givenInputs),
/* harmony export */   hp: () => (/* binding */ isOfItsRef),
/* harmony export */   m0: () => (/* binding */ queuedBranch),
/* harmony export */   yI: () => (/* binding */ readContext)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
/** The only reader of the environment and of the event file: what GitHub says about this run, as one value. */


const cacheServiceModes = ['none', 'read', 'write', 'write-only'];
/** Reads the context. Outside a workflow every field has a harmless value. */
function readContext(env) {
    const event = readEvent(env.GITHUB_EVENT_PATH);
    const pullRequest = readPullRequest(event);
    const defaultBranch = stringAt(event, 'repository', 'default_branch');
    const sshAuthSock = env.SSH_AUTH_SOCK;
    const cacheServiceMode = cacheServiceModes.find((mode) => mode === env.ACTIONS_CACHE_MODE?.trim().toLowerCase());
    const cacheServiceURL = [env.ACTIONS_RESULTS_URL, env.ACTIONS_CACHE_URL].find((url) => url !== undefined && url !== '');
    return {
        eventName: env.GITHUB_EVENT_NAME ?? '',
        repository: env.GITHUB_REPOSITORY ?? '',
        sha: env.GITHUB_SHA ?? '',
        ref: env.GITHUB_REF ?? '',
        actor: env.GITHUB_ACTOR ?? '',
        serverUrl: env.GITHUB_SERVER_URL ?? 'https://github.com',
        apiUrl: env.GITHUB_API_URL ?? 'https://api.github.com',
        payload: event,
        workflow: env.GITHUB_WORKFLOW ?? '',
        // OWNER/NAME/.github/workflows/ci.yml@refs/heads/main
        workflowFile: /^[^/]*\/[^/]*\/([^@]+)@/.exec(env.GITHUB_WORKFLOW_REF ?? '')?.[1] ?? env.GITHUB_WORKFLOW ?? '',
        job: env.GITHUB_JOB ?? '',
        runID: env.GITHUB_RUN_ID ?? '',
        runAttempt: env.GITHUB_RUN_ATTEMPT ?? '',
        runnerName: env.RUNNER_NAME ?? '',
        workspace: env.GITHUB_WORKSPACE ?? process.cwd(),
        temporaryFolder: env.RUNNER_TEMP ?? node_os__WEBPACK_IMPORTED_MODULE_1___default().tmpdir(),
        isHosted: env.RUNNER_ENVIRONMENT === 'github-hosted',
        hasCacheService: cacheServiceURL !== undefined && cacheServiceMode !== 'none',
        ...(cacheServiceMode === undefined ? {} : { cacheServiceMode }),
        ...(defaultBranch === undefined ? {} : { defaultBranch }),
        ...(pullRequest === undefined ? {} : { pullRequest }),
        ...(sshAuthSock === undefined || sshAuthSock === '' ? {} : { sshAuthSock })
    };
}
/**
 * Whether an event is about the very branch or tag that its run is on. Others run on the default branch with all rights,
 * and are made for workflows that check out something else, such as the head of a pull request.
 * https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
 */
function isOfItsRef(eventName) {
    return ['push', 'schedule', 'workflow_dispatch', 'create', 'release'].includes(eventName);
}
/** The branch that a merge queue's run is about to change, from its ref: `gh-readonly-queue/BRANCH/pr-N-SHA`. */
function queuedBranch(ref) {
    return /^refs\/heads\/gh-readonly-queue\/(.+)\/pr-\d+-[0-9a-f]+$/.exec(ref)?.[1];
}
/** Names of the inputs the workflow set, as the runner hands them over in `INPUT_*`. */
function givenInputs(env) {
    return Object.keys(env)
        .filter((name) => name.startsWith('INPUT_') && env[name] !== '')
        .map((name) => name.slice('INPUT_'.length).toLowerCase());
}
function readEvent(file) {
    if (file === undefined || file === '')
        return undefined;
    try {
        return JSON.parse((0,node_fs__WEBPACK_IMPORTED_MODULE_0__.readFileSync)(file, 'utf8'));
    }
    catch {
        return undefined; // Some self-hosted setups name a file that is not there; the variables alone are enough to go on.
    }
}
function readPullRequest(event) {
    const pull = at(event, 'pull_request');
    const number = at(pull, 'number');
    const headRepository = stringAt(pull, 'head', 'repo', 'full_name');
    if (typeof number !== 'number')
        return undefined;
    return {
        number,
        headSha: stringAt(pull, 'head', 'sha') ?? '',
        headRef: stringAt(pull, 'head', 'ref') ?? '',
        baseRef: stringAt(pull, 'base', 'ref') ?? '',
        author: stringAt(pull, 'user', 'login') ?? '',
        ...(headRepository === undefined ? {} : { headRepository })
    };
}
function at(value, key) {
    return typeof value === 'object' && value !== null ? value[key] : undefined;
}
function stringAt(value, ...keys) {
    const found = keys.reduce(at, value);
    return typeof found === 'string' ? found : undefined;
}


/***/ }),

/***/ 7024:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ placeOf),
/* harmony export */   W: () => (/* binding */ isCommit)
/* harmony export */ });
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6153);
/* harmony import */ var _context_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7880);
/**
 * Where a run's report belongs: which commit gets the status, which pull request the comment, what to compare with.
 * Pure functions over event payloads.
 */


/** Reads the place of a report from the event. */
function placeOf(event) {
    const { payload, sha, ref } = event;
    const defaultBranch = branchNamed((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(payload, 'repository', 'default_branch')));
    if ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(payload, 'pull_request') !== undefined)
        return placeOfPullRequest((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(payload, 'pull_request'));
    switch (event.eventName) {
        case 'merge_group':
            return placeOfMergeGroup((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(payload, 'merge_group'), event);
        case 'workflow_run':
            return placeOfWorkflowRun((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(payload, 'workflow_run'));
        case 'push':
            return placeOfPush(event, defaultBranch);
        default: {
            const branch = branchOf(ref);
            if (branch === undefined)
                return { ...commitAt(sha), ...withBase(defaultBranch) };
            return { ...commitAt(sha), ...withBase(branch), ...((0,_context_js__WEBPACK_IMPORTED_MODULE_0__/* .isOfItsRef */ .hp)(event.eventName) ? { baselineOf: branch } : {}) };
        }
    }
}
function placeOfPullRequest(pull) {
    const number = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asPositive */ .o0)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(pull, 'number'));
    const branch = branchNamed((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(pull, 'base', 'ref')));
    return {
        ...commitAt((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(pull, 'head', 'sha'))),
        ...(number === undefined ? {} : { pullRequest: number }),
        ...withBase(branch, (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(pull, 'base', 'sha')))
    };
}
/** A group can hold several pull requests, and its payload names none: a status, no comment. */
function placeOfMergeGroup(group, { sha, ref }) {
    const branch = branchOf((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(group, 'base_ref')) ?? '') ?? (0,_context_js__WEBPACK_IMPORTED_MODULE_0__/* .queuedBranch */ .m0)(ref);
    return {
        ...commitAt((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(group, 'head_sha')) ?? sha),
        ...withBase(branch, (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(group, 'base_sha')))
    };
}
/**
 * `workflow_run.pull_requests` is empty for forks, and names any pull request of the branch otherwise, so it is not
 * looked at. https://github.com/actions/runner/issues/3444
 */
function placeOfWorkflowRun(run) {
    const headSha = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(run, 'head_sha'));
    const headRepository = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(run, 'head_repository', 'full_name'));
    const headBranch = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(run, 'head_branch'));
    const commit = commitAt(headSha);
    const isOfPullRequest = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(run, 'event'))?.startsWith('pull_request') === true;
    if (commit.commit === undefined || !isOfPullRequest || headRepository === undefined || headBranch === undefined) {
        return commit;
    }
    return { ...commit, search: { headSha: commit.commit, headRepository, headBranch } };
}
function placeOfPush({ payload, sha, ref }, defaultBranch) {
    if ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(payload, 'deleted') === true)
        return {};
    const branch = branchOf(ref);
    // `after` of an annotated tag is the tag, not a commit; GITHUB_SHA always is one.
    if (branch === undefined)
        return { ...commitAt(sha), ...withBase(defaultBranch) };
    const before = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .dig */ .rO)(payload, 'before'));
    const base = before !== undefined && isCommit(before) ? withBase(branch, before) : withBase(defaultBranch);
    return { ...commitAt(sha), ...base, baselineOf: branch };
}
function withBase(branch, sha) {
    if (branch === undefined)
        return {};
    return { base: { branch, ...(sha === undefined || !isCommit(sha) ? {} : { sha }) } };
}
function commitAt(sha) {
    return sha !== undefined && isCommit(sha) ? { commit: sha } : {};
}
function branchOf(ref) {
    return ref.startsWith('refs/heads/') ? branchNamed(ref.slice('refs/heads/'.length)) : undefined;
}
function branchNamed(name) {
    return name === undefined || name === '' ? undefined : name;
}
/** A commit's name: SHA-1 or SHA-256 in hex. */
function isCommit(sha) {
    return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(sha) && !/^0+$/.test(sha);
}


/***/ }),

/***/ 7872:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Be: () => (/* binding */ findExports),
/* harmony export */   Bs: () => (/* binding */ leavesInFiles),
/* harmony export */   FQ: () => (/* binding */ leaves),
/* harmony export */   MX: () => (/* binding */ withMediaTypes),
/* harmony export */   N$: () => (/* binding */ annotatedLater),
/* harmony export */   Re: () => (/* binding */ planAttestations),
/* harmony export */   WW: () => (/* binding */ planPublication),
/* harmony export */   Yq: () => (/* binding */ stagedOutput),
/* harmony export */   Z6: () => (/* binding */ withSources),
/* harmony export */   eZ: () => (/* binding */ namesOf)
/* harmony export */ });
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _buildkit_builder_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1259);
/* harmony import */ var _core_csv_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(7687);
/* harmony import */ var _gate_targets_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7853);
/* harmony import */ var _inputs_attestations_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6222);
/**
 * What is to be published of a build, and how that shapes its export: the image that is inspected has the compression, the
 * annotations and the attestations of the one that leaves, since it is the one that leaves. Pure.
 */





/** Attributes of an image output that say where it goes, or how an engine keeps it; the export has its own. */
const placing = new Set([
    ...[
        'name',
        'push',
        'push-by-digest',
        'name-canonical',
        'registry.insecure',
        'store',
        'unpack',
        'dangling-name-prefix'
    ],
    ...['tar', 'danging-name-prefix', 'context']
]);
/** Whether anything is to leave the builder. `type=cacheonly` leaves nothing. */
function leaves({ push, load, outputs }) {
    return push || load || outputs.some(({ type }) => type !== 'cacheonly');
}
/**
 * Plans it as `docker buildx build` does: where there is an image output, `push: true` and `load: true` mean that one, and
 * tags take the place of its name.
 * @param folder private
 */
function planPublication({ push, load, outputs }, { tags, image, folder }) {
    const images = outputs.filter(({ type }) => type === 'image');
    const toEngine = outputs.filter(({ type, dest }) => type === 'docker' && dest === undefined);
    const files = outputs.filter(({ dest }) => dest !== undefined);
    const named = (entry) => (tags.length > 0 ? tags : entry.names);
    const isImage = push || load || images.length + toEngine.length > 0;
    // An archive that leaves alone is what is inspected, in its own form.
    const shaping = isImage ? [...images, ...toEngine] : files.filter(({ type }) => type === 'oci').slice(0, 1);
    const pushed = images.filter((entry) => push || entry.push);
    const kept = images.filter((entry) => !push && !entry.push);
    return {
        attributes: [
            ...new Set([
                ...shaping.flatMap(({ attributes }) => shapeOf(attributes)),
                ...(image.rewriteTimestamps ? [rewriting] : [])
            ])
        ],
        pushes: [
            ...pushed.map((entry) => ({ references: named(entry), byDigest: entry.pushByDigest })),
            ...(push && images.length === 0 ? [{ references: tags, byDigest: false }] : [])
        ],
        loads: joinLoads([
            ...(load && toEngine.length === 0 ? [{ names: tags }] : []),
            ...toEngine.map((entry) => ({ ...contextOf(entry), names: named(entry) })),
            ...kept.filter((entry) => named(entry).length > 0).map((entry) => ({ names: named(entry) }))
        ]),
        files: files.map((entry, index) => ({
            entry: image.rewriteTimestamps ? withOwnTimes(entry) : entry,
            dest: entry.dest ?? '',
            staged: node_path__WEBPACK_IMPORTED_MODULE_0___default().join(folder, `output-${index}`, node_path__WEBPACK_IMPORTED_MODULE_0___default().basename(node_path__WEBPACK_IMPORTED_MODULE_0___default().resolve(entry.dest ?? ''))),
            ...{ names: named(entry), source: 'builder' }
        })),
        indexAnnotations: indexAnnotationsOf(image.annotations, isImage ? images : shaping)
    };
}
/** Whether all that leaves is files: their image has the media types of an archive, whichever builder makes it. */
function leavesInFiles({ pushes, loads, files }) {
    return pushes.length + loads.length === 0 && files.some(({ entry }) => entry.type === 'oci');
}
/**
 * The files, with those that have nothing but the inspected image in them.
 * @param attributes of its export
 * @param annotations as in the input: those of descriptors stand around the image, where the builder puts them
 */
function withSources(files, attributes, annotations) {
    const around = [...annotations, ...attributes.map((attribute) => attribute.replace(/^annotation-/, ''))];
    if (around.some((annotation) => /^(?:[\w[\]/-]+,)*(?:index|manifest)-descriptor\b/.test(annotation)))
        return files;
    const shape = new Set(attributes);
    return files.map((file) => {
        const own = shapeOf(file.entry.attributes);
        const isSame = file.entry.type === 'oci' && own.length === shape.size && own.every((each) => shape.has(each));
        return isSame ? { ...file, source: 'image' } : file;
    });
}
/** The names under which the image leaves. */
function namesOf({ pushes, loads }) {
    return [...new Set([...pushes.flatMap(({ references }) => references), ...loads.flatMap(({ names }) => names)])];
}
/** An attribute of exports: times after `SOURCE_DATE_EPOCH` become that time. */
const rewriting = 'rewrite-timestamp=true';
/** Files and tars without an image in them have the time of `SOURCE_DATE_EPOCH` anyway. */
function withOwnTimes(entry) {
    if (entry.type !== 'oci' && entry.type !== 'docker')
        return entry;
    return { ...entry, attributes: new Map([...entry.attributes, ['rewrite-timestamp', 'true']]) };
}
/** What an engine makes of every image that it has in a classic store, whether one asks for it or not. */
const classicShape = ['compression=gzip', 'oci-mediatypes=false', 'force-compression=false', 'rewrite-timestamp=false'];
/**
 * What only an export gives, and so not an engine with a classic image store, which would leave it out in silence: each with
 * its input.
 */
function findExports({ outputs, annotations, reproducible, verifyReproducible }) {
    const isBeyond = ({ type, dest, attributes, pushByDigest }) => {
        if (type === 'oci')
            return true;
        if (type === 'docker' && (dest !== undefined || attributes.has('context')))
            return true;
        if (type !== 'image' && type !== 'docker')
            return false;
        return pushByDigest || shapeOf(attributes).some((attribute) => !classicShape.includes(attribute));
    };
    return [
        ...(annotations.length === 0 ? [] : [{ input: 'annotations', what: 'annotations' }]),
        ...(reproducible ? [{ input: 'reproducible', what: 'rewriting the times of files' }] : []),
        ...(verifyReproducible ? [{ input: 'verify-reproducible', what: 'exporting what is compared' }] : []),
        ...outputs.filter(isBeyond).map(({ text }) => ({ input: 'outputs', what: `the output "${text}"` }))
    ];
}
function shapeOf(attributes) {
    return [...attributes].filter(([key]) => !placing.has(key)).map(([key, value]) => `${key}=${value}`);
}
function contextOf({ attributes }) {
    const context = attributes.get('context') ?? '';
    return context === '' ? {} : { context };
}
/** One an engine, with all the names that it gets. */
function joinLoads(loads) {
    return [...Map.groupBy(loads, ({ context }) => context).values()].map((own) => ({
        ...own[0],
        names: [...new Set(own.flatMap(({ names }) => names))]
    }));
}
/** BuildKit's image exporter has OCI media types for everything since then: https://github.com/moby/buildkit/pull/6824 */
const ociSince = { major: 0, minor: 31 };
/**
 * The attributes with the media types that a bare push would have: docker's own in a BuildKit that is older, unless there
 * is something around the image that only an OCI image can have.
 */
function withMediaTypes(attributes, image) {
    const version = (0,_buildkit_builder_js__WEBPACK_IMPORTED_MODULE_1__/* .parseVersion */ .ot)(`buildkit ${image.buildkit ?? ''}`);
    // The engine of a distribution does not say which BuildKit is in it. A container that was not started yet will be new.
    const isOld = version === undefined ? image.driver === 'docker' : (0,_buildkit_builder_js__WEBPACK_IMPORTED_MODULE_1__/* .isOlder */ .tW)(version, ociSince);
    const needsOCI = image.attestations.some(_inputs_attestations_js__WEBPACK_IMPORTED_MODULE_3__/* .isEnabled */ .Ol) || Object.keys(image.indexAnnotations).length > 0;
    const isSaid = attributes.some((attribute) => attribute.startsWith('oci-mediatypes='));
    return isOld && !needsOCI && !isSaid && !image.inFiles ? [...attributes, 'oci-mediatypes=false'] : attributes;
}
/** The entry for `--output`, with the private place. */
function stagedOutput({ entry, staged }) {
    const attributes = [...entry.attributes].map(([key, value]) => `${key}=${value}`);
    return [`type=${entry.type}`, ...attributes, `dest=${staged}`].map(_core_csv_js__WEBPACK_IMPORTED_MODULE_4__/* .writeField */ .YD).join(',');
}
/** Annotations that no inspected layout has. */
function annotatedLater({ indexAnnotations, files }) {
    const ofFiles = files.flatMap(({ entry }) => [...entry.attributes].flatMap(([key, value]) => {
        const { level, rest: name = '' } = (0,_gate_targets_js__WEBPACK_IMPORTED_MODULE_2__/* .annotationAttribute */ .KM)(key) ?? {};
        if (name === '')
            return [];
        const on = level === 'index' || level === 'manifest' ? level : 'descriptor';
        return [{ on, annotations: { [name]: value } }];
    }));
    return [{ on: 'index', annotations: indexAnnotations }, ...ofFiles];
}
/** `index:NAME=VALUE` of the input, and `annotation-index.NAME=VALUE` of the outputs that shape the image. */
function indexAnnotationsOf(annotations, images) {
    const levels = /^((?:[a-z-]+(?:\[[^\]]*\])?)(?:,[a-z-]+(?:\[[^\]]*\])?)*):([^=]+)=([^]*)$/;
    return Object.fromEntries([
        ...annotations.flatMap((annotation) => {
            const [, level = '', name = '', value = ''] = levels.exec(annotation) ?? [];
            return level.split(',').includes('index') ? [[name, value]] : [];
        }),
        ...images.flatMap(({ attributes }) => [...attributes].flatMap(([key, value]) => {
            const { level, rest: name = '' } = (0,_gate_targets_js__WEBPACK_IMPORTED_MODULE_2__/* .annotationAttribute */ .KM)(key) ?? {};
            return level === 'index' && name !== '' ? [[name, value]] : [];
        }))
    ]);
}
/**
 * Values of `--attest`, as docker/build-push-action chooses them: without a word of the user's, the provenance of a public
 * repository in full and with the run's address as builder, that of a private one without what it could give away.
 */
function planAttestations(wishes, { keeps, loads, can, isPrivate, noDefault, runUrl }) {
    const byDefault = isPrivate || loads || runUrl === '' ? 'type=provenance,mode=min' : `type=provenance,mode=max,builder-id=${runUrl}`;
    const asked = (0,_inputs_attestations_js__WEBPACK_IMPORTED_MODULE_3__/* .askedAttestations */ .cF)(wishes).map((attest) => withBuilder(attest, runUrl));
    if (!can || asked.some(_inputs_attestations_js__WEBPACK_IMPORTED_MODULE_3__/* .isProvenance */ .WX))
        return asked;
    // buildx adds one of its own accord where nothing is said.
    return [keeps && !noDefault ? byDefault : 'type=provenance,disabled=true', ...asked];
}
/** A provenance that is asked for names the run, as docker/build-push-action has it. */
function withBuilder(value, runUrl) {
    const says = /(?:^|,)\s*builder-id\s*=/i.test(value) || !(0,_inputs_attestations_js__WEBPACK_IMPORTED_MODULE_3__/* .isEnabled */ .Ol)(value);
    return runUrl === '' || says || !(0,_inputs_attestations_js__WEBPACK_IMPORTED_MODULE_3__/* .isProvenance */ .WX)(value) ? value : `${value},builder-id=${runUrl}`;
}


/***/ }),

/***/ 7187:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   u: () => (/* binding */ repositoryAt)
/* harmony export */ });
/* harmony import */ var _core_reference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5378);
/** Where a registry's web interface is: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#endpoints */

/** Reads a reference; `undefined` for one that is none. */
function repositoryAt(text) {
    const reading = (0,_core_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .parseReference */ .F2)(text);
    if (!reading.ok)
        return undefined;
    const { reference } = reading;
    const { domain = _core_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .dockerHub */ .UD.name, path, tag = 'latest', digest } = reference;
    const isHub = (0,_core_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .isDockerHub */ .gr)(domain);
    const name = (0,_core_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .canonicalRepository */ .JA)(isHub ? { path } : reference);
    return {
        name,
        host: isHub ? _core_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .dockerHub */ .UD.host : domain,
        path: name.slice(name.indexOf('/') + 1),
        tag,
        ...(digest === undefined ? {} : { digest })
    };
}


/***/ }),

/***/ 8611:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Y4: () => (/* binding */ isCertificateError),
/* harmony export */   c2: () => (/* binding */ isUnknownAuthority),
/* harmony export */   jZ: () => (/* binding */ readCertificates),
/* harmony export */   lL: () => (/* binding */ isNotTLS)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _core_docker_config_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4500);
/** Certificates for a registry: https://docs.docker.com/engine/security/certificates/ */



/** Reads `certs.d/HOST` of the engine, of a rootless engine and of docker's configuration. Never throws. */
async function readCertificates(env, host) {
    const configHome = env.XDG_CONFIG_HOME ?? '';
    const rootless = configHome === '' ? node_path__WEBPACK_IMPORTED_MODULE_1___default().join((0,_core_docker_config_js__WEBPACK_IMPORTED_MODULE_2__/* .homeFolder */ .Wx)(env) ?? '/', '.config') : configHome;
    const bases = ['/etc/docker', (0,_core_docker_config_js__WEBPACK_IMPORTED_MODULE_2__/* .dockerConfigFolder */ .Pe)(env), node_path__WEBPACK_IMPORTED_MODULE_1___default().join(rootless, 'docker')];
    const folders = await Promise.all(bases.map(async (base) => {
        const folder = node_path__WEBPACK_IMPORTED_MODULE_1___default().join(base, 'certs.d', host);
        const names = (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readdir)(folder).catch(() => [])).sort();
        const read = (name) => (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(node_path__WEBPACK_IMPORTED_MODULE_1___default().join(folder, name), 'utf8').catch(() => '');
        const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read));
        const pair = names.find((name) => name.endsWith('.cert') && names.includes(name.replace(/cert$/, 'key')));
        if (pair === undefined)
            return { authorities };
        return { authorities, client: { certificate: await read(pair), key: await read(pair.replace(/cert$/, 'key')) } };
    }));
    const client = folders.find((folder) => folder.client !== undefined)?.client;
    return {
        authorities: folders.flatMap(({ authorities }) => authorities).filter((text) => text.trim() !== ''),
        ...(client === undefined ? {} : { client })
    };
}
/** Whether a failed handshake says that an authority is not known: the system may know it. */
function isUnknownAuthority(code) {
    return [
        'UNABLE_TO_GET_ISSUER_CERT',
        'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
        'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
        'SELF_SIGNED_CERT_IN_CHAIN',
        'DEPTH_ZERO_SELF_SIGNED_CERT'
    ].includes(code);
}
/** Whether a failed connection is about certificates, which no other attempt will mend. */
function isCertificateError(code) {
    return (isUnknownAuthority(code) ||
        /^(?:CERT_|ERR_TLS_CERT|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|ERR_SSL_.*(?:CERTIFICATE|UNKNOWN_CA))/.test(code));
}
/** Whether the other side answered a TLS handshake with something that is no TLS. */
function isNotTLS(code) {
    return /^(?:EPROTO|ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNSUPPORTED_PROTOCOL))$/.test(code);
}


/***/ }),

/***/ 1936:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  H: () => (/* binding */ createRegistryClient),
  K: () => (/* binding */ resolveLocation)
});

// EXTERNAL MODULE: ./src/core/host.ts
var core_host = __webpack_require__(393);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
;// CONCATENATED MODULE: ./src/registry/challenge.ts
/** What a registry wants to see: https://distribution.github.io/distribution/spec/auth/token/ */
/** Reads the header; of several challenges the one that says most. `undefined` where there is none we could answer. */
function readChallenge(header) {
    const starts = [...header.matchAll(/(?:^|,)\s*(basic|bearer)(?=\s|,|$)/gi)];
    const challenges = starts.map((start, at) => ({
        scheme: (start[1] ?? '').toLowerCase(),
        text: header.slice(start.index + start[0].length, starts[at + 1]?.index)
    }));
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    const parameters = readParameters(bearer?.text ?? '');
    const realm = parameters.get('realm');
    if (realm !== undefined && URL.canParse(realm)) {
        const service = parameters.get('service');
        return {
            scheme: 'bearer',
            realm,
            ...(service === undefined ? {} : { service }),
            scopes: (parameters.get('scope') ?? '').split(' ').filter((scope) => scope !== '')
        };
    }
    return challenges.some(({ scheme }) => scheme === 'basic') ? { scheme: 'basic' } : undefined;
}
function readParameters(text) {
    const pairs = text.matchAll(/(?<![\w-])([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g);
    return new Map([...pairs].map(([, name = '', quoted, bare = '']) => [name.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? bare]));
}
/** Scopes with those of one repository made one, so that a token service is asked for each once. */
function mergeScopes(scopes) {
    const merged = new Map();
    for (const scope of scopes) {
        const end = scope.lastIndexOf(':');
        const actions = merged.get(scope.slice(0, end)) ?? new Set();
        for (const action of scope.slice(end + 1).split(','))
            actions.add(action);
        merged.set(scope.slice(0, end), actions);
    }
    return [...merged].map(([resource, actions]) => `${resource}:${[...actions].sort().join(',')}`);
}

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/core/docker_config.ts
var docker_config = __webpack_require__(4500);
// EXTERNAL MODULE: ./src/ports.ts
var ports = __webpack_require__(6467);
// EXTERNAL MODULE: ./src/core/reference.ts
var reference = __webpack_require__(5378);
;// CONCATENATED MODULE: ./src/registry/login.ts
/** The login that docker has for a repository: https://docs.docker.com/reference/cli/docker/login/#credential-stores */






/** Seconds that a credential helper may take; those of cloud providers ask their cloud. */
const HELPER_SECONDS = 20;
/** What helpers have said in a run, which has one environment: a helper knows registries, and nothing of repositories. */
const asked = new WeakMap();
/**
 * Looks where docker and buildx look: a configuration for this very repository (docker/login-action's `scope`), then
 * `DOCKER_AUTH_CONFIG`, then docker's configuration with the helpers that it names. The most specific key of `auths` wins:
 * `ghcr.io/acme` before `ghcr.io`. Rejects with `Cancelled` alone.
 */
async function findLogin(exec, env, question) {
    const { repository, actions, since = 0 } = question;
    const ask = (helper, key) => askOnce(exec, env, { helper, key, since });
    const scoped = await findScoped(env, repository, actions);
    if (scoped !== undefined)
        return loginIn(ask, await readConfig(scoped), repository);
    const variable = parseConfig(env.DOCKER_AUTH_CONFIG ?? '', 'DOCKER_AUTH_CONFIG');
    const fromVariable = inlineLogin(variable, repository);
    if (fromVariable !== undefined && fromVariable.kind !== 'none')
        return fromVariable;
    const login = await loginIn(ask, await readConfig((0,docker_config/* dockerConfigFolder */.Pe)(env)), repository);
    if (login.kind !== 'none')
        return login;
    // Hardened images and Scout are behind Docker Hub's logins.
    if (repository.host === 'dhi.io' || repository.host === 'registry.scout.docker.com')
        return findLogin(exec, env, { ...question, repository: { ...repository, host: reference/* dockerHub */.UD.host } });
    return withFault(login, variable.fault ?? fromVariable?.fault);
}
async function readConfig(folder) {
    const source = external_node_path_default().join(folder, 'config.json');
    try {
        return parseConfig(await (0,promises_.readFile)(source, 'utf8'), source);
    }
    catch (error) {
        const code = (0,json/* asString */.oJ)((0,json/* dig */.rO)(error, 'code')) ?? 'unknown';
        const isThere = code !== 'ENOENT' && code !== 'ENOTDIR';
        return { source, content: undefined, ...(isThere ? { fault: `${source} cannot be read (${code})` } : {}) };
    }
}
function parseConfig(text, source) {
    const content = (0,json/* parseJSON */.Ol)(text);
    // An empty one is none to docker, and so is `null`.
    if (text.trim() === '' || content === null || (0,json/* asObject */.eB)(content) !== undefined)
        return { source, content };
    const fault = content === undefined ? `${source} is cut off or not JSON` : `${source} is not a JSON object`;
    return { source, content: undefined, fault };
}
/** The first thing that is broken is enough to begin with. */
function withFault(login, fault) {
    return fault === undefined || login.fault !== undefined ? login : { ...login, fault };
}
async function loginIn(ask, config, repository) {
    const { source, content, fault } = config;
    const named = mostSpecific((0,json/* dig */.rO)(content, 'credHelpers'), repository) ?? (0,json/* dig */.rO)(content, 'credsStore') ?? '';
    const inline = inlineLogin(config, repository) ?? withFault({ kind: 'none', source }, fault);
    if (typeof named !== 'string') {
        const misnamed = `in ${source} the credential helper is not named by a text`;
        return inline.kind === 'none' ? withFault(inline, misnamed) : inline;
    }
    if (named === '')
        return inline;
    const login = await ask(named, (0,reference/* isDockerHub */.gr)(repository.host) ? reference/* dockerHub */.UD.loginKey : repository.host);
    if (login.kind !== 'none')
        return login;
    return inline.kind === 'none' ? withFault(login, inline.fault) : inline;
}
/** A login that stands in the text itself; `undefined` where none does. */
function inlineLogin({ source, content }, repository) {
    const entry = mostSpecific((0,json/* dig */.rO)(content, 'auths'), repository);
    const member = (name) => (0,json/* asString */.oJ)((0,json/* dig */.rO)(entry, name)) ?? '';
    if (member('identitytoken') !== '')
        return { kind: 'identity', token: member('identitytoken'), source };
    if (member('registrytoken') !== '')
        return { kind: 'bearer', token: member('registrytoken'), source };
    const decoded = Buffer.from(member('auth'), 'base64').toString();
    const colon = decoded.indexOf(':');
    // Old docker padded with zero bytes, and the new one still takes them off.
    const password = colon < 0 ? member('password') : decoded.slice(colon + 1).replace(/^\0+|\0+$/g, '');
    const user = colon < 0 ? member('username') : decoded.slice(0, colon);
    if (user !== '' || password !== '')
        return { kind: 'basic', user, password, source };
    const auth = (0,json/* dig */.rO)(entry, 'auth') ?? '';
    if (auth === '')
        return undefined;
    return {
        kind: 'none',
        source,
        fault: `the "auth" for ${repository.host} in ${source} is not USER:PASSWORD in base64`
    };
}
/** The member whose key says most of the repository: `host/acme/app`, `host/acme`, `host`; also written as URLs. */
function mostSpecific(members, { host, path: name }) {
    const byPlace = new Map();
    for (const [key, value] of Object.entries((0,json/* asObject */.eB)(members) ?? {})) {
        const place = placeOf(key);
        if (!byPlace.has(place) || key === place)
            byPlace.set(place, value);
    }
    const parts = name.split('/');
    const base = (0,reference/* isDockerHub */.gr)(host) ? reference/* dockerHub */.UD.name : host;
    for (let length = parts.length; length >= 0; length -= 1) {
        const place = [base, ...parts.slice(0, length)].join('/');
        if (byPlace.has(place))
            return byPlace.get(place);
    }
    return undefined;
}
/** `https://index.docker.io/v1/` is `docker.io`, and `https://host/v2/acme` is `host/acme`. */
function placeOf(key) {
    const [host = '', ...rest] = key
        .replace(/^https?:\/\//, '')
        .replace(/\/+$/, '')
        .split('/');
    const names = rest[0] === 'v1' || rest[0] === 'v2' ? rest.slice(1) : rest;
    return [(0,reference/* isDockerHub */.gr)(host) ? reference/* dockerHub */.UD.name : host, ...names].join('/');
}
/** Asks a helper, unless it was asked for the same registry. A failure is nobody's answer but that of who met it. */
async function askOnce(exec, env, { helper, key, since }) {
    const memory = asked.get(env) ?? new Map();
    asked.set(env, memory);
    const place = `${helper} ${key}`;
    const known = memory.get(place);
    const login = known === undefined || known.at < since ? undefined : await known.login.catch(() => undefined);
    if (login !== undefined && login.kind !== 'unusable')
        return login;
    const asking = askHelper(exec, helper, key);
    memory.set(place, { login: asking, at: Date.now() });
    return asking;
}
async function askHelper(exec, helper, key) {
    const source = `docker-credential-${helper}`;
    const unusable = (why) => ({ kind: 'unusable', why: `${source} ${why}`, source });
    if (!/^[\w.-]+$/.test(helper))
        return { kind: 'unusable', why: 'the name of the credential helper is not valid', source };
    try {
        const options = { input: key, timeoutSeconds: HELPER_SECONDS };
        const { exitCode, stdout, timedOut } = await exec({ file: source, args: ['get'] }, options);
        if (timedOut)
            return unusable(`did not answer within ${HELPER_SECONDS} s`);
        if (exitCode !== 0) {
            // The helpers' own words: https://github.com/docker/docker-credential-helpers/blob/master/credentials/error.go
            return /credentials not found|no credentials/i.test(stdout)
                ? { kind: 'none', source }
                : unusable(`ended with exit code ${exitCode}`);
        }
        if (stdout.trim() === '')
            return unusable('gave no answer');
        const answer = (0,json/* asObject */.eB)((0,json/* parseJSON */.Ol)(stdout));
        if (answer === undefined)
            return unusable('gave an answer that is cut off or not a JSON object');
        const [user, secret] = [answer.Username ?? '', answer.Secret ?? ''];
        if (typeof user !== 'string' || typeof secret !== 'string')
            return unusable('gave an answer whose Username or Secret is not a text');
        if (secret === '')
            return user === '' ? { kind: 'none', source } : unusable('gave no secret');
        return user === '<token>'
            ? { kind: 'identity', token: secret, source }
            : { kind: 'basic', user, password: secret, source };
    }
    catch (error) {
        if (error instanceof ports/* Cancelled */.cJ)
            throw error;
        return unusable('could not be started');
    }
}
/**
 * The folder of a configuration that is for this repository alone, or for its registry and these actions.
 * https://docs.docker.com/build/building/registry-auth/#select-credentials-by-repository-and-scope
 */
async function findScoped(env, { host, path: name }, actions) {
    const wanted = actions.split(',');
    const base = external_node_path_default().join((0,docker_config/* buildxConfigFolder */.$)(env), 'config');
    const read = async (folder) => (0,promises_.readdir)(folder).catch(() => []);
    // A folder for the repository goes before one for the registry, and the one with more actions before the others.
    for (const place of [external_node_path_default().join(host, name), host]) {
        const [parent, last] = [external_node_path_default().dirname(place), external_node_path_default().basename(place)];
        const found = (await read(external_node_path_default().join(base, parent)))
            .flatMap((entry) => {
            const [key, list = ''] = entry.split('@');
            const needed = list.split(',').filter((action) => action !== '');
            return key === last && needed.every((action) => wanted.includes(action)) ? [{ entry, needed }] : [];
        })
            .sort((a, b) => b.needed.length - a.needed.length);
        for (const { entry } of found) {
            const folder = external_node_path_default().join(base, parent, entry);
            if ((await read(folder)).includes('config.json'))
                return folder;
        }
    }
    return undefined;
}

// EXTERNAL MODULE: ./src/registry/retry.ts
var retry = __webpack_require__(1521);
;// CONCATENATED MODULE: ./src/registry/authorize.ts
/** What a request shows of who asks: https://distribution.github.io/distribution/spec/auth/ */





/** Helpers hand out logins that end after some minutes, the shortest after five. */
const LOGIN_MILLISECONDS = 290_000;
/** What a token without an end of its own is good for: https://distribution.github.io/distribution/spec/auth/token/ */
const SHORTEST_TOKEN = 60;
const TOKEN_BYTES = 256 * 1024;
function createAuthorizer({ exec, env, now, send, patience }) {
    const challenges = new Map();
    const logins = new Map();
    const notes = new Map();
    const granted = new Map();
    const loginFor = async ({ repository, actions }, again) => {
        const key = `${repository.host}/${repository.path} ${actions}`;
        const known = logins.get(key);
        if (known !== undefined && !again && now() - known.at < LOGIN_MILLISECONDS)
            return known.login;
        const since = again ? (known?.at ?? now()) + 1 : now() - LOGIN_MILLISECONDS;
        const login = await findLogin(exec, env, { repository, actions, since }).catch((error) => {
            // A run that is cancelled may still ask what became of it.
            if (known === undefined)
                throw error;
            return known.login;
        });
        logins.set(key, { login, at: now() });
        return login;
    };
    const obtain = async (purpose, challenge, spent, signal) => {
        const login = await loginFor(purpose, spent !== undefined);
        const note = (why) => {
            notes.set(keyOf(purpose), {
                kind: login.kind,
                source: login.source,
                ...(login.kind === 'basic' ? { user: login.user } : {}),
                ...(login.kind === 'none' && login.fault !== undefined ? { fault: login.fault } : {}),
                ...(why === undefined ? {} : { why })
            });
        };
        // Written when it is decided: others may be told of the last answer meanwhile.
        if (login.kind === 'unusable') {
            note(login.why);
            return { kind: 'none' };
        }
        if (login.kind === 'bearer' || challenge.scheme === 'basic')
            note();
        if (login.kind === 'bearer')
            return { kind: 'header', header: `Bearer ${login.token}`, until: Infinity };
        if (challenge.scheme === 'basic') {
            return login.kind === 'basic' ? { kind: 'header', header: basic(login), until: Infinity } : { kind: 'none' };
        }
        const realm = new URL(challenge.realm);
        if (realm.protocol !== 'https:' && !(0,core_host/* isLoopback */.U9)(realm.host) && login.kind !== 'none') {
            note(`the token service ${realm.host} is not an https address, so the login was not sent there`);
            return { kind: 'none' };
        }
        const answer = await send({
            ...askForToken(realm, challenge, purpose, login),
            patience,
            signal,
            limitBytes: TOKEN_BYTES
        });
        if ((0,retry/* isTransient */.dg)(answer))
            return { kind: 'later', answer };
        const body = (0,json/* parseJSON */.Ol)(answer.bytes.toString());
        const token = [(0,json/* asString */.oJ)((0,json/* dig */.rO)(body, 'token')), (0,json/* asString */.oJ)((0,json/* dig */.rO)(body, 'access_token'))].find((text) => text);
        if (answer.status !== 200 || token === undefined) {
            note(`the token service ${realm.host} answers ${answer.status}`);
            return { kind: 'none' };
        }
        note();
        const seconds = Math.max(SHORTEST_TOKEN, (0,json/* asNumber */.i)((0,json/* dig */.rO)(body, 'expires_in')) ?? 0);
        return { kind: 'header', header: `Bearer ${token}`, until: now() + (seconds - 10) * 1000 };
    };
    const shared = (purpose, challenge, spent, signal) => {
        const key = keyOf(purpose);
        const asked = obtain(purpose, challenge, spent, signal);
        granted.set(key, asked);
        const forget = () => {
            if (granted.get(key) === asked)
                granted.delete(key);
        };
        asked.then(({ kind }) => (kind === 'header' ? undefined : forget()), forget);
        return asked;
    };
    return {
        known: async (purpose, signal) => {
            const held = await granted.get(keyOf(purpose));
            if (held?.kind === 'header' && held.until > now())
                return held;
            const challenge = challenges.get(purpose.repository.host);
            return challenge === undefined ? undefined : shared(purpose, withoutScopes(challenge), undefined, signal);
        },
        answer: async (purpose, challenge, spent, signal) => {
            challenges.set(purpose.repository.host, challenge);
            const held = await granted.get(keyOf(purpose))?.catch(() => undefined);
            // Somebody else was refused with the same header and has a new one by now.
            if (held?.kind === 'header' && held.header !== spent && held.until > now())
                return held;
            return shared(purpose, challenge, spent, signal);
        },
        noteFor: (purpose) => notes.get(keyOf(purpose))
    };
}
function keyOf({ repository, actions, mountFrom = '' }) {
    return `${repository.host}/${repository.path} ${actions} ${mountFrom}`;
}
function withoutScopes(challenge) {
    return challenge.scheme === 'bearer' ? { ...challenge, scopes: [] } : challenge;
}
function basic({ user, password }) {
    return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
/** https://distribution.github.io/distribution/spec/auth/oauth/ for identity tokens, and the token protocol for the rest. */
function askForToken(realm, { service, scopes }, { repository, actions, mountFrom }, login) {
    const wanted = mergeScopes([
        `repository:${repository.path}:${actions}`,
        ...(mountFrom === undefined ? [] : [`repository:${mountFrom}:pull`]),
        ...scopes
    ]);
    const fields = service === undefined ? [] : [['service', service]];
    if (login.kind === 'identity') {
        const form = new URLSearchParams([
            ['grant_type', 'refresh_token'],
            ...fields,
            ['client_id', 'stagegate'],
            ['scope', wanted.join(' ')],
            ['refresh_token', login.token]
        ]);
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
        return { method: 'POST', url: realm, headers, body: { kind: 'bytes', bytes: Buffer.from(form.toString()) } };
    }
    const url = new URL(realm);
    for (const [name, value] of [...fields, ...wanted.map((scope) => ['scope', scope])]) {
        url.searchParams.append(name, value);
    }
    return { method: 'GET', url, headers: login.kind === 'basic' ? { Authorization: basic(login) } : {} };
}

// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
var external_node_http_default = /*#__PURE__*/__webpack_require__.n(external_node_http_);
// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: ./src/registry/certificates.ts
var registry_certificates = __webpack_require__(8611);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
// EXTERNAL MODULE: ./src/core/proxy.ts
var core_proxy = __webpack_require__(4819);
// EXTERNAL MODULE: ./src/registry/transport.ts
var transport = __webpack_require__(670);
;// CONCATENATED MODULE: ./src/registry/proxy.ts
/** The proxy between us and a registry, as Go's programs choose it: https://pkg.go.dev/golang.org/x/net/http/httpproxy */





/**
 * The proxy for an address; `undefined` where it is asked directly. This machine never goes through one. Throws `NoAnswer`
 * where the address of the proxy cannot be used.
 */
function proxyFor(url, env) {
    if ((0,core_host/* isLoopback */.U9)(url.host) || isExcepted(url, either(env, 'no_proxy').text))
        return undefined;
    const { name, text } = either(env, url.protocol === 'https:' ? 'https_proxy' : 'http_proxy');
    if (text === '')
        return undefined;
    const reading = (0,core_proxy/* readProxy */.nM)(name, text);
    if (!reading.ok)
        throw new transport/* NoAnswer */.W_('failed', 'PROXY', reading.problem);
    return { variable: name, address: reading.proxy };
}
/** What a variable holds, and how its name is written where it is set. */
function either(env, name) {
    const variables = [name.toUpperCase(), name].map((each) => ({ name: each, text: env[each]?.trim() ?? '' }));
    return variables.find(({ text }) => text !== '') ?? { name, text: '' };
}
/** `example.com` stands for itself and all below it, `.example.com` for what is below; also addresses, networks and ports. */
function isExcepted(url, list) {
    const host = (0,core_host/* hostname */.OI)(url.host);
    const port = url.port || (url.protocol === 'https:' ? '443' : '80');
    const entries = list
        .toLowerCase()
        .split(/[,\s]+/)
        .filter((entry) => entry !== '');
    return entries.some((entry) => {
        if (entry === '*')
            return true;
        if (entry.includes('/'))
            return (0,core_host/* matchesHost */.qC)(host, [entry]);
        const [, name = '', wanted] = /^(.*?)(?::(\d+))?$/.exec((0,external_node_net_.isIP)(entry) === 6 ? `[${entry}]` : entry) ?? [];
        if (wanted !== undefined && wanted !== port)
            return false;
        const bare = (0,core_host/* hostname */.OI)(name).replace(/^\*/, '');
        return bare.startsWith('.') ? host.endsWith(bare) : host === bare || host.endsWith(`.${bare}`);
    });
}
/** As `NoAnswer` has them. */
const PROXY_CODES = { login: 'PROXY', denied: 'PROXY_DENIES' };
/** Opens a tunnel through a proxy (RFC 9110, section 9.3.6). Rejects when the proxy does not make one, for good with `NoAnswer`. */
function openTunnel(proxy, target, seconds) {
    const { address } = proxy;
    const place = `${target.hostname}:${target.port || 443}`;
    const login = (0,core_proxy/* loginOf */.DQ)(address);
    const headers = {
        Host: place,
        ...(login === ':' ? {} : { 'Proxy-Authorization': `Basic ${Buffer.from(login).toString('base64')}` })
    };
    return new Promise((resolve, reject) => {
        const begin = async () => {
            const options = { host: address.hostname, method: 'CONNECT', path: place, headers, timeout: seconds * 1000 };
            if (address.protocol === 'http:')
                return external_node_http_default().request({ ...options, port: address.port || 80 });
            const { default: https } = await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 4708, 23));
            return https.request({ ...options, port: address.port || 443 });
        };
        begin().then((request) => {
            request.once('connect', ({ statusCode = 0 }, socket) => {
                if (statusCode === 200)
                    resolve(socket);
                else {
                    socket.destroy();
                    const { kind, problem } = (0,core_proxy/* readProxyRefusal */.d_)(proxy, statusCode);
                    reject(kind === 'passing' ? new Error(problem) : new transport/* NoAnswer */.W_('failed', PROXY_CODES[kind], problem));
                }
            });
            request.once('timeout', () => request.destroy(new Error(`the proxy ${address.host} does not answer`)));
            request.once('error', reject);
            request.end();
        }, reject);
    });
}

;// CONCATENATED MODULE: ./src/registry/connections.ts
/** Which connections lead to a registry: TLS or not, with which certificates, through which proxy. */






/** Connections kept to one host; more would be no faster. */
const MOST_CONNECTIONS = 8;
/** Seconds for the question whether TLS is spoken. */
const HANDSHAKE_SECONDS = 5;
/** @param insecure registries as docker's `insecure-registries` names them */
function openConnections(env, insecure) {
    const agents = new Map();
    const schemes = new Map();
    const certificates = new Map();
    const isInsecure = (host) => (0,core_host/* isLoopback */.U9)(host) || (0,core_host/* matchesHost */.qC)(host, insecure);
    const certificatesFor = (host) => remember(certificates, host, () => (0,registry_certificates/* readCertificates */.jZ)(env, host));
    /** Nobody has vouched for an insecure registry; a certificate in certs.d does. */
    const mustVerify = async (host) => !isInsecure(host) || (await certificatesFor(host)).authorities.length > 0;
    const agentFor = async (url, system) => {
        const key = `${url.origin} ${system ? 'system' : ''}`;
        const known = agents.get(key);
        if (known !== undefined)
            return known;
        const settings = { keepAlive: true, maxSockets: MOST_CONNECTIONS };
        const agent = url.protocol === 'http:' ? new (external_node_http_default()).Agent(settings) : await secureAgent(url, system, settings);
        // Two may have asked at once.
        return remember(agents, key, () => agent);
    };
    const secureAgent = async (url, system, settings) => {
        const [{ default: https }, tls] = await Promise.all([Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 4708, 23)), Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 1692, 23))]);
        const { authorities, client } = await certificatesFor(url.host);
        const always = tls.getCACertificates('default');
        const ca = [...always, ...authorities, ...(system ? tls.getCACertificates('system') : [])];
        const secureContext = tls.createSecureContext({
            ...(authorities.length > 0 || system ? { ca } : {}),
            ...(client === undefined ? {} : { cert: client.certificate, key: client.key })
        });
        const secure = { ...settings, secureContext, rejectUnauthorized: await mustVerify(url.host) };
        const proxy = proxyFor(url, env);
        const agent = new https.Agent(secure);
        if (proxy === undefined)
            return agent;
        const servername = (0,core_host/* hostname */.OI)(url.host);
        agent.createConnection = (_options, done) => {
            openTunnel(proxy, url, HANDSHAKE_SECONDS * 4).then((socket) => done?.(null, tls.connect({ ...secure, socket, servername })), (error) => done?.(error, undefined));
            return undefined;
        };
        return agent;
    };
    const sendWith = async (request, system) => {
        const agent = await agentFor(request.url, system);
        if (request.url.protocol === 'http:')
            return (0,transport/* exchange */.cv)(request, agent);
        const { default: https } = await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 4708, 23));
        return (0,transport/* exchange */.cv)(request, agent, https.request);
    };
    const needSystem = new Set();
    const sendTrusting = async (request) => {
        const { origin } = request.url;
        try {
            return await sendWith(request, needSystem.has(origin));
        }
        catch (error) {
            // Node brings authorities of its own; reading the system's takes a fifth of a second, so only where it helps.
            if (!(error instanceof transport/* NoAnswer */.W_) || !(0,registry_certificates/* isUnknownAuthority */.c2)(error.code) || needSystem.has(origin))
                throw error;
            needSystem.add(origin);
            return sendWith(request, true);
        }
    };
    return {
        schemeFor: (host) => remember(schemes, host, async () => (!isInsecure(host) || (await speaksTLS(host)) ? 'https' : 'http')),
        send: (request) => sendTrusting(request).catch((error) => {
            throw error instanceof transport/* NoAnswer */.W_ ? error.of(request.url.host) : error;
        }),
        [Symbol.dispose]: () => {
            for (const agent of agents.values())
                agent.destroy();
        }
    };
}
/** Asks in a way that plain HTTP does not understand. */
async function speaksTLS(host) {
    const tls = await Promise.resolve(/* import() */).then(__webpack_require__.t.bind(__webpack_require__, 1692, 23));
    const { port } = new URL(`https://${host}`);
    const socket = tls.connect({ host: (0,core_host/* hostname */.OI)(host), port: Number(port || 443), rejectUnauthorized: false });
    socket.setTimeout(HANDSHAKE_SECONDS * 1000, () => socket.destroy(new Error('no handshake')));
    try {
        await (0,external_node_events_.once)(socket, 'secureConnect');
        return true;
    }
    catch (error) {
        const code = error instanceof Error && 'code' in error ? String(error.code) : '';
        // A server that wants our certificate speaks TLS, too.
        return code.startsWith('ERR_SSL') && !(0,registry_certificates/* isNotTLS */.lL)(code);
    }
    finally {
        socket.destroy();
    }
}
function remember(memory, key, find) {
    const known = memory.get(key);
    if (known !== undefined)
        return known;
    const found = find();
    memory.set(key, found);
    return found;
}

;// CONCATENATED MODULE: ./src/registry/client.ts





const defaultPatience = { idle: 60, answer: 60 };
const ANSWER_BYTES = 64 * 1024;
const MOST_REDIRECTS = 5;
function createRegistryClient(ports, options) {
    const { exec, now = Date.now, sleep = retry/* sleep */.yy } = ports;
    const { env, insecure = [], patience = defaultPatience, attempts = 4, onRetry } = options;
    const connections = openConnections(env, insecure);
    const { send } = connections;
    const authorizer = createAuthorizer({ exec, env, now, send, patience });
    const ask = async (repository, question) => {
        const { signal = ports.signal, actions, mountFrom } = question;
        const home = new URL(`${await connections.schemeFor(repository.host)}://${repository.host}`);
        const url = typeof question.at === 'string' ? new URL(`/v2/${repository.path}/${question.at}`, home) : question.at;
        const purpose = { repository, actions, ...(mountFrom === undefined ? {} : { mountFrom }) };
        const isHome = url.origin === home.origin;
        // No login leaves for another host, and a challenge of one is none of the registry's.
        let authorization = isHome ? await authorizer.known(purpose, signal) : undefined;
        for (let attempt = 1;; attempt += 1) {
            if (authorization?.kind === 'later')
                return authorization.answer;
            const header = authorization?.kind === 'header' ? authorization.header : undefined;
            const answer = await follow(question, { url, header, signal });
            if (answer.status !== 401 || answer.url.origin !== home.origin || attempt > 2)
                return answer;
            const challenge = readChallenge(answer.headers['www-authenticate'] ?? '');
            if (challenge === undefined)
                return answer;
            authorization = await authorizer.answer(purpose, challenge, header, signal);
            if (authorization.kind === 'none')
                return answer;
            if (authorization.kind === 'header' && authorization.header === header)
                return answer;
        }
    };
    const follow = async ({ method, headers = {}, body, onSent, limitBytes = ANSWER_BYTES, slow = false }, { url: start, header, signal }) => {
        let url = start;
        for (let redirects = 0;; redirects += 1) {
            const authorized = header === undefined || url.origin !== start.origin ? {} : { Authorization: header };
            const answer = await send({
                ...{ method, url, limitBytes, signal, patience: slow ? slowly(patience) : patience },
                headers: { ...headers, ...authorized },
                ...(body === undefined ? {} : { body }),
                ...(onSent === undefined ? {} : { onSent })
            });
            const isRead = method === 'GET' || method === 'HEAD';
            const leads = isRead ? [301, 302, 303, 307, 308] : [307, 308];
            const { location } = answer.headers;
            if (!leads.includes(answer.status) || location === undefined || redirects === MOST_REDIRECTS)
                return answer;
            const next = resolveLocation(location, url);
            if (next === undefined)
                return answer;
            url = next;
        }
    };
    const retrying = async (what, attempt, { failed, signal = ports.signal }) => {
        for (let count = 1;; count += 1) {
            const { outcome, end } = await attempt().then((result) => ({ outcome: failed(result), end: () => result }), (error) => {
                if (!(error instanceof transport/* NoAnswer */.W_))
                    throw error;
                return {
                    outcome: error,
                    end: () => {
                        throw error;
                    }
                };
            });
            const wait = outcome === undefined || count === attempts ? undefined : (0,retry/* planWait */.Ho)(outcome, count, now());
            if (outcome === undefined || wait === undefined)
                return end();
            const why = outcome instanceof transport/* NoAnswer */.W_ ? outcome.message : `status ${outcome.status}`;
            onRetry?.({ what, why, milliseconds: wait });
            await sleep(wait, signal);
        }
    };
    return {
        ask,
        askAgain: (repository, question) => retrying(`${question.method} ${repository.name}`, () => ask(repository, question), {
            failed: (answer) => answer,
            ...(question.signal === undefined ? {} : { signal: question.signal })
        }),
        retrying,
        loginFor: (purpose) => authorizer.noteFor(purpose),
        [Symbol.dispose]: () => connections[Symbol.dispose]()
    };
}
function slowly({ idle, answer }) {
    return { idle: idle * 2, answer: answer * 5 };
}
/**
 * Where a `Location` leads: it may be relative, absolute, on another host, and has a query of its own. A registry behind a
 * proxy that ends TLS often takes itself for plain HTTP: we stay in TLS. `undefined` where it would leave TLS.
 */
function resolveLocation(location, from) {
    const url = URL.parse(location, from.href);
    if (url === null || !/^https?:$/.test(url.protocol))
        return undefined;
    if (from.protocol === 'http:' || url.protocol === 'https:')
        return url;
    return url.hostname === from.hostname ? new URL(url.pathname + url.search, from.origin) : undefined;
}


/***/ }),

/***/ 1400:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   iJ: () => (/* binding */ explainAnswer),
/* harmony export */   lz: () => (/* binding */ registryWords),
/* harmony export */   n3: () => (/* binding */ explainNoAnswer)
/* harmony export */ });
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6153);
/* harmony import */ var _certificates_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8611);
/* harmony import */ var _retry_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1521);
/** What an answer of a registry means, and what to do about it. Pure. */



/** The registry's own words, in one line; empty where it has none. https://distribution.github.io/distribution/spec/api/#errors */
function registryWords(bytes) {
    const body = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .parseJSON */ .Ol)(bytes.toString());
    const error = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .dig */ .rO)(body, 'errors'))[0];
    const words = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .dig */ .rO)(error, 'message')) ?? (0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .dig */ .rO)(body, 'message')) ?? '';
    return words.replace(/\s+/g, ' ').trim().slice(0, 200);
}
function codeOf(bytes) {
    return (0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .dig */ .rO)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .dig */ .rO)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_2__/* .parseJSON */ .Ol)(bytes.toString()), 'errors'))[0], 'code')) ?? '';
}
/** Explains an answer that is not the one hoped for. */
function explainAnswer(answer, doing) {
    const { status, bytes } = answer;
    const words = registryWords(bytes);
    const code = codeOf(bytes);
    const said = [`status ${status}`, ...(code === '' ? [] : [code]), ...(words === '' ? [] : [words])].join(': ');
    const problem = (kind, message, fix) => ({
        ...{ kind, reference: doing.reference, message, fix, status }
    });
    const { part } = doing;
    const { host, isElsewhere } = askedOf(answer.url.host, doing.host);
    if (isElsewhere && isRefusal(status) && !isFull(status, words)) {
        return problem('refused', `${host} does not accept it (${said})`, ELSEWHERE_FIX);
    }
    const sent = sentLogin(doing);
    const lacksRights = sent !== undefined && isShortOfRights(answer, words);
    if ((status === 401 && !lacksRights) || /token has expired/i.test(words))
        return explainLogin(said, doing, status);
    if (status === 407) {
        return problem('refused', `the proxy on the way to ${host} requires a login (${said})`, 'Put it in the proxy’s address: HTTPS_PROXY=http://USER:PASSWORD@HOST:PORT, from a secret.');
    }
    const isAttested = (part === 'attestation' || part === 'index') && doing.attests !== undefined;
    if (isFull(status, words)) {
        return problem('quota', `${host} has no room for it (${said})`, 'Delete images that nobody needs, or raise the quota of the project or account.');
    }
    if (isImmutable(part, status, code, words)) {
        return problem('immutable-tag', `the tag already has another image, and ${host} does not let it be moved (${said})`, 'Push a tag that is new, such as one with the commit in it, or allow tags of this repository to be overwritten.');
    }
    if (status === 429 || code === 'TOOMANYREQUESTS') {
        const after = (0,_retry_js__WEBPACK_IMPORTED_MODULE_1__/* .readRetryAfter */ .D$)(answer.headers['retry-after'], Date.now());
        const when = after === undefined ? 'later' : `in ${Math.ceil(after / 1000)} s`;
        return problem('rate-limit', `${host} accepts no more requests for now (${said})`, `Run the job again ${when}. A login has a higher limit than none.`);
    }
    if ((status === 405 && part !== 'manifest') || /read.?only mode/i.test(words)) {
        return problem('refused', `${host} accepts no uploads there (${said})`, 'It is a mirror or read-only, or the repository or tag is locked. Name another, or see what the registry says.');
    }
    if (status === 403 || code === 'DENIED' || lacksRights) {
        // It may be the answer to nobody in particular: a login would have been sent, had it been readable.
        if (doing.login?.fault !== undefined || doing.login?.kind === 'unusable')
            return explainLogin(said, doing, status);
        const what = sent === undefined ? `${host} allows no push without a login` : `${loginWords(sent)} may not push there`;
        return problem('forbidden', `${what} (${said})`, rightsFix(host, words, sent));
    }
    if (/^(?:BLOB_UPLOAD|BLOB|MANIFEST_BLOB)_UNKNOWN$/.test(code) && !isAttested) {
        return problem('broken', `${host} no longer knows a part that it had accepted (${said})`, 'Run the job again. If it comes back, see whether several instances of the registry share their storage and their http.secret.');
    }
    if (isMissing(status, code) && !isAttested) {
        return problem('no-repository', `the repository is not there, and ${host} does not create it by itself (${said})`, /\.ecr\..*amazonaws\.com/.test(host)
            ? 'Make it first: aws ecr create-repository --repository-name NAME.'
            : 'Make the repository first, check its spelling, and check that the login may see it.');
    }
    if (status === 413) {
        return problem('too-large', `${host}, or a proxy in front of it, does not accept requests of this size (${said})`, 'Raise the limit of the proxy (client_max_body_size in nginx), or make the largest layer smaller.');
    }
    if (isAttested && status >= 400 && status < 500 && status !== 408)
        return explainAttestation(said, doing, status);
    if (status >= 500 || status === 408 || status === 425) {
        return problem('broken', `${host} failed at every attempt (${said})`, 'Run the job again later.');
    }
    return problem('refused', `${host} does not accept it (${said})`, words === '' && code === ''
        ? 'Check what answers there: it may not be a registry, or something stands in front of it.'
        : 'See what the registry says.');
}
/**
 * Who was asked, as it is told. A registry may have its blobs and its tokens elsewhere: what goes wrong there is not for its
 * login or its rights to mend. No more than the host is named, for the address may be signed.
 */
function askedOf(asked, registry) {
    const own = ['https:', 'http:'].map((scheme) => URL.parse(`${scheme}//${registry}`)?.host);
    if (asked === undefined || own.includes(asked))
        return { host: registry, isElsewhere: false };
    return { host: `${asked}, to which ${registry} sends,`, isElsewhere: true };
}
const ELSEWHERE_FIX = 'See what keeps this runner from there: the network of the runner, a proxy on the way, or how the registry is set up.';
/** What a registry would mean by it, such as a login that it wants, a storage does not mean. */
function isRefusal(status) {
    return status >= 400 && status < 500 && ![407, 408, 413, 425, 429].includes(status);
}
/** Distribution and Docker Hub tell it in the challenge, Harbor and Quay in words. */
function isShortOfRights({ status, headers }, words) {
    const challenge = headers['www-authenticate'] ?? '';
    return (status === 401 && (challenge.includes('insufficient_scope') || /unauthorized to access|not authorized/i.test(words)));
}
/** Harbor says 412, Azure 403, ECR 400: the words tell. */
function isFull(status, words) {
    return ([402, 507].includes(status) ||
        /quota|storage limit|insufficient storage|no space|storage resource.*exceed|LimitExceeded/i.test(words));
}
/** ECR, Docker Hub, Harbor, Quay, Artifact Registry, Nexus and Artifactory say it in these words. */
function isImmutable(part, status, code, words) {
    if (part !== 'tag')
        return false;
    return (/IMMUTABLE|ImageTagAlreadyExists|TAG_ALREADY_EXISTS/i.test(code) ||
        /immutab|tag.*already exists|cannot be overwritten|overwrite|not allow updating/i.test(words) ||
        status === 409 ||
        status === 412);
}
function isMissing(status, code) {
    return status === 404 || code === 'NAME_UNKNOWN' || code === 'NAME_INVALID';
}
/** GitLab, Harbor and distribution before they knew OCI artifacts: https://github.com/moby/buildkit/issues/7007 */
function explainAttestation(said, doing, status) {
    const { reference, host, part } = doing;
    const artifact = doing.attests === 'artifact';
    const what = part === 'index' ? 'the index with attestations' : 'an attestation';
    return {
        kind: 'attestation-refused',
        reference,
        status,
        message: artifact
            ? `${host} does not accept ${what} as BuildKit 0.32 and later write it, as an OCI artifact (${said})`
            : `${host} does not accept ${what} (${said})`,
        fix: artifact
            ? 'Set BUILDX_NO_DEFAULT_OCI_ARTIFACT=true in the environment of the step for the older form, update the registry, or leave attestations out with provenance: false and no sbom.'
            : 'Leave attestations out with provenance: false and no sbom, or update the registry.'
    };
}
function explainLogin(said, doing, status) {
    const { reference, host, login } = doing;
    const problem = (kind, message, fix) => ({
        ...{ kind, reference, message, fix, status }
    });
    if (login?.kind === 'unusable') {
        return problem('login-missing', `${host} requires a login, and none is available: ${login.why ?? login.source} (${said})`, `See why the credential helper fails: it is asked by "echo ${host} | ${login.source} get".`);
    }
    if (login === undefined || login.kind === 'none') {
        const looked = login === undefined ? '' : ` in ${login.source}`;
        const why = login?.why === undefined ? '' : `; ${login.why}`;
        if (login?.fault !== undefined) {
            return problem('login-missing', `${host} requires a login, and none could be read: ${login.fault} (${said}${why})`, `Mend or remove what is broken, and log in before this step, for example with docker/login-action and registry: ${host}.`);
        }
        return problem('login-missing', `${host} requires a login, and there is none for it${looked} (${said}${why})`, loginFix(host));
    }
    const why = login.why === undefined ? said : `${said}; ${login.why}`;
    return problem('login-refused', `${loginWords(login)} is not accepted (${why})`, /\.ecr\..*amazonaws\.com/.test(host)
        ? 'Log in shortly before this step: a password of ECR holds for 12 hours, and for one region.'
        : 'Check the password or token: whether it is complete, still valid, and for this registry.');
}
function loginFix(host) {
    return `Log in before this step, for example with docker/login-action and registry: ${host}.`;
}
/** The login that was sent, if there is one. */
function sentLogin({ login }) {
    return login === undefined || login.kind === 'none' || login.kind === 'unusable' ? undefined : login;
}
function loginWords({ user, source }) {
    return `the login${user === undefined ? '' : ` of ${user}`} from ${source}`;
}
function rightsFix(host, words, sent) {
    if (/client with IP|firewall/i.test(words)) {
        return 'Let the runner’s address through the firewall of the registry, or run the job where it is let through.';
    }
    if (/API has not been used|is disabled/i.test(words))
        return 'Switch it on in the project of the registry.';
    if (sent === undefined)
        return loginFix(host);
    if (host === 'ghcr.io') {
        return 'Give the job the permission packages: write, and the repository access to the package (Package settings, Manage Actions access).';
    }
    return 'Give this login the right to push to the repository, or log in with another.';
}
/** Explains that no answer came. */
function explainNoAnswer({ reason, code, message, host: asked }, { reference, host: registry }) {
    const { host, isElsewhere } = askedOf(asked, registry);
    const bare = isElsewhere ? (asked ?? registry) : registry;
    const problem = (kind, seen, fix) => ({
        ...{ kind, reference, message: seen, fix }
    });
    if (code === 'FILE') {
        return problem('layout', `the image on the disk cannot be read: ${message}`, 'See what else cleans up on this runner.');
    }
    if (code === 'PROXY') {
        return problem('unreachable', `${host} cannot be reached: ${message}`, 'Write it as http://HOST:PORT or http://USER:PASSWORD@HOST:PORT. In user and password "%" is %25, "@" %40, "/" %2F, ":" %3A.');
    }
    if (code === 'PROXY_DENIES') {
        return problem('unreachable', `${host} cannot be reached: ${message}`, 'Have the host let through by the proxy, or name it in NO_PROXY where the runner reaches it without.');
    }
    if ((0,_certificates_js__WEBPACK_IMPORTED_MODULE_0__/* .isCertificateError */ .Y4)(code)) {
        return problem('certificate', `the certificate of ${host} is not valid (${code}: ${message})`, `Put the authority that signed it into /etc/docker/certs.d/${bare}/ca.crt or ~/.docker/certs.d/${bare}/ca.crt, as for docker.`);
    }
    if ((0,_certificates_js__WEBPACK_IMPORTED_MODULE_0__/* .isNotTLS */ .lL)(code)) {
        return problem('certificate', `${host} does not speak TLS (${code})`, "Let the registry speak TLS, or name it in insecure-registries of the engine's daemon.json.");
    }
    if (reason === 'silent') {
        return problem('silent', `${host} accepts connections and does not answer`, 'Check that the registry is healthy, and run the job again.');
    }
    if (reason === 'too-long')
        return problem('refused', `${host}: ${message}`, 'Check what answers there: it may not be a registry.');
    const seen = code === '' ? message : `${code}: ${message}`;
    return problem('unreachable', `${host} cannot be reached (${seen})`, isElsewhere
        ? ELSEWHERE_FIX
        : code === 'ENOTFOUND'
            ? 'Check the host in the reference, and the DNS of the runner.'
            : 'See whether the runner reaches the registry: its address, firewall and proxy (HTTPS_PROXY, NO_PROXY).');
}


/***/ }),

/***/ 506:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Fm: () => (/* binding */ manifestTypes),
/* harmony export */   WI: () => (/* binding */ readManifest),
/* harmony export */   ms: () => (/* binding */ MANIFEST_BYTES),
/* harmony export */   u$: () => (/* binding */ findDigest)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/** Manifests and indexes in a registry: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests */

/** What a manifest may be: without these a registry says 404 for an OCI manifest. */
const manifestTypes = [
    'application/vnd.oci.image.manifest.v1+json',
    'application/vnd.oci.image.index.v1+json',
    'application/vnd.docker.distribution.manifest.v2+json',
    'application/vnd.docker.distribution.manifest.list.v2+json'
].join(', ');
/** Bytes of a manifest; the most that a registry has to take. */
const MANIFEST_BYTES = 4 * 2 ** 20;
/**
 * What a tag or digest stands for: its digest, `undefined` where there is nothing, or the answer that tells neither.
 * Some registries do not take HEAD, and some give no digest with it: then the manifest itself is read.
 */
async function findDigest(client, repository, reference, options = {}) {
    const head = await client.askAgain(repository, { ...question(reference, options), method: 'HEAD' });
    const named = head.headers['docker-content-digest'];
    if (head.status === 200 && typeof named === 'string')
        return { digest: named };
    if (head.status === 404)
        return { digest: undefined };
    if (head.status !== 200 && head.status !== 405)
        return { answer: head };
    const read = await readManifest(client, repository, reference, options);
    return 'answer' in read ? (read.answer.status === 404 ? { digest: undefined } : read) : { digest: read.digest };
}
/** Reads a manifest; the answer where it is not to be had. */
async function readManifest(client, repository, reference, options = {}) {
    const answer = await client.askAgain(repository, {
        ...question(reference, options),
        method: 'GET',
        limitBytes: MANIFEST_BYTES
    });
    if (answer.status !== 200)
        return { answer };
    const digest = `sha256:${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(answer.bytes).digest('hex')}`;
    return { digest, mediaType: answer.headers['content-type'] ?? '', bytes: answer.bytes };
}
function question(reference, { actions = 'pull', signal }) {
    return {
        at: `manifests/${reference}`,
        actions,
        headers: { Accept: manifestTypes },
        ...(signal === undefined ? {} : { signal })
    };
}


/***/ }),

/***/ 8676:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   H: () => (/* binding */ inParallel)
/* harmony export */ });
/* harmony import */ var _ports_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6467);
/** Work of which some goes on at once. */

/** Blobs on their way at once. More are no faster, fewer are where answers take long. */
const AT_ONCE = 4;
/**
 * Some at a time, each until it is done; the first that fails ends the others, which have come to rest when this rejects.
 * @param work may say by `sent` that it only waits for an answer: another one begins then, and waits no longer than for it
 */
async function inParallel(items, signal, work) {
    const failed = new AbortController();
    const stop = AbortSignal.any([signal, failed.signal]);
    const rest = items.values();
    let first;
    const perform = async (item, sent) => {
        try {
            await work(item, stop, sent);
        }
        catch (error) {
            first ??= { error };
            failed.abort();
        }
    };
    const worker = async () => {
        let before;
        for (const item of rest) {
            if (stop.aborted)
                break;
            const { promise: sending, resolve } = Promise.withResolvers();
            const done = perform(item, resolve);
            await Promise.race([sending, done]);
            await before;
            before = done;
        }
        await before;
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (first !== undefined)
        throw first.error;
    if (signal.aborted)
        throw new _ports_js__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ();
}


/***/ }),

/***/ 191:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ quickly)
/* harmony export */ });
/* harmony import */ var _ports_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6467);
/* harmony import */ var _client_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1936);
/* harmony import */ var _transport_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(670);
var __addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
/** A question whose answer is only good to have: it is asked once, and not waited for any longer than it is worth. */



/**
 * Asks, and comes to an end within its time, its connections closed. Never throws.
 * @returns what `body` does; 'late' when it took too long, 'failed' when there was no answer
 */
async function quickly({ exec, signal }, env, seconds, body) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const late = AbortSignal.timeout(seconds * 1000);
        const over = signal === undefined ? late : AbortSignal.any([late, signal]);
        const helped = (command, options) => exec(command, { ...options, signal: over });
        const client = __addDisposableResource(env_1, (0,_client_js__WEBPACK_IMPORTED_MODULE_1__/* .createRegistryClient */ .H)({ exec: helped, signal: over }, { env, attempts: 1 }), false);
        try {
            return await body(client);
        }
        catch (error) {
            const isLate = late.aborted && error instanceof _ports_js__WEBPACK_IMPORTED_MODULE_0__/* .Cancelled */ .cJ;
            return isLate || (error instanceof _transport_js__WEBPACK_IMPORTED_MODULE_2__/* .NoAnswer */ .W_ && error.reason === 'silent') ? 'late' : 'failed';
        }
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        __disposeResources(env_1);
    }
}


/***/ }),

/***/ 1521:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D$: () => (/* binding */ readRetryAfter),
/* harmony export */   Ho: () => (/* binding */ planWait),
/* harmony export */   dg: () => (/* binding */ isTransient),
/* harmony export */   yy: () => (/* binding */ sleep)
/* harmony export */ });
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8500);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_timers_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _ports_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6467);
/* harmony import */ var _certificates_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8611);
/* harmony import */ var _transport_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(670);
/** Whether and when a registry is asked once more. */




const sleep = async (milliseconds, signal) => {
    try {
        await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_0__.setTimeout)(milliseconds, undefined, { signal });
    }
    catch {
        throw new _ports_js__WEBPACK_IMPORTED_MODULE_1__/* .Cancelled */ .cJ();
    }
};
/** Seconds that a registry may ask us to wait; who asks for more is not waited for. */
const LONGEST_WAIT_SECONDS = 60;
/** Whether another attempt may come to something else: overload, a broken proxy in between, a cut connection. */
function isTransient(outcome) {
    if (!(outcome instanceof _transport_js__WEBPACK_IMPORTED_MODULE_3__/* .NoAnswer */ .W_))
        return [408, 425, 429, 500, 502, 503, 504].includes(outcome.status);
    if (outcome.reason === 'too-long' || ['FILE', 'PROXY', 'PROXY_DENIES'].includes(outcome.code))
        return false;
    return !(0,_certificates_js__WEBPACK_IMPORTED_MODULE_2__/* .isCertificateError */ .Y4)(outcome.code) && !(0,_certificates_js__WEBPACK_IMPORTED_MODULE_2__/* .isNotTLS */ .lL)(outcome.code) && outcome.code !== 'ENOTFOUND';
}
/**
 * Milliseconds until the next attempt; `undefined` where another would come to the same, or comes too late.
 * @param attempt 1 after the first
 */
function planWait(outcome, attempt, now) {
    if (!isTransient(outcome))
        return undefined;
    const backoff = 500 * 3 ** (attempt - 1);
    if (outcome instanceof _transport_js__WEBPACK_IMPORTED_MODULE_3__/* .NoAnswer */ .W_)
        return outcome.fresh ? backoff : 0;
    const asked = readRetryAfter(outcome.headers['retry-after'], now);
    if (asked === undefined)
        return backoff;
    return asked > LONGEST_WAIT_SECONDS * 1000 ? undefined : Math.max(asked, backoff);
}
/** Seconds or a date (RFC 9110, section 10.2.3), as milliseconds from now. */
function readRetryAfter(value, now) {
    if (value === undefined)
        return undefined;
    if (/^\d{1,9}$/.test(value.trim()))
        return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}


/***/ }),

/***/ 670:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   W_: () => (/* binding */ NoAnswer),
/* harmony export */   cv: () => (/* binding */ exchange)
/* harmony export */ });
/* unused harmony export sizeOf */
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_http__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7067);
/* harmony import */ var node_http__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_http__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _ports_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6467);
var __addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
/** One HTTP request and its answer, over connections that are kept. Knows nothing of logins and repositories. */



/** Bytes of a file that are read and sent at once. */
const PIECE_BYTES = 2 ** 20;
/** No answer came. `fresh` is false for a kept connection that the server had closed meanwhile: try again at once. */
class NoAnswer extends Error {
    name = 'NoAnswer';
    reason;
    /**
     * The system's code, such as `ECONNRESET`, or one of ours: `FILE`, `PROXY` for a proxy whose variable is wrong, `PROXY_DENIES`
     * for one that does not lead there; empty where there is none.
     */
    code;
    fresh;
    /** Who was asked, as in an address; absent before it is known. */
    host;
    constructor(reason, code, message, fresh = true, host) {
        super(message);
        this.reason = reason;
        this.code = code;
        this.fresh = fresh;
        if (host !== undefined)
            this.host = host;
    }
    /** The same, of a host. */
    of(host) {
        return new NoAnswer(this.reason, this.code, this.message, this.fresh, host);
    }
}
/** How many bytes a body has. */
function sizeOf(body) {
    return body.kind === 'bytes' ? body.bytes.length : body.size;
}
/** Sends a request over an agent. Rejects with `NoAnswer`, and with `Cancelled` when the signal is aborted. */
function exchange({ method, url, headers, body, onSent, limitBytes, patience, signal }, agent, request = (node_http__WEBPACK_IMPORTED_MODULE_1___default().request)) {
    return new Promise((resolve, reject) => {
        if (signal.aborted)
            return void reject(new _ports_js__WEBPACK_IMPORTED_MODULE_2__/* .Cancelled */ .cJ());
        const length = body === undefined ? (method === 'POST' || method === 'PUT' ? 0 : undefined) : sizeOf(body);
        const outgoing = request(url, {
            method,
            agent,
            headers: { 'User-Agent': 'stagegate', ...headers, ...(length === undefined ? {} : { 'Content-Length': length }) }
        });
        let deadline;
        let answered = false;
        const settle = () => {
            clearTimeout(deadline);
            signal.removeEventListener('abort', cancel);
        };
        const fail = (error) => {
            settle();
            outgoing.destroy();
            reject(error);
        };
        const cancel = () => fail(new _ports_js__WEBPACK_IMPORTED_MODULE_2__/* .Cancelled */ .cJ());
        const silence = () => fail(new NoAnswer('silent', 'ETIMEDOUT', 'no answer in time'));
        const waitForAnswer = () => void (deadline ??= setTimeout(silence, patience.answer * 1000));
        const broken = (error) => fail(error instanceof NoAnswer
            ? error
            : new NoAnswer('failed', error.code ?? '', error.message, !outgoing.reusedSocket || answered));
        signal.addEventListener('abort', cancel, { once: true });
        outgoing.setTimeout(patience.idle * 1000, () => {
            // Once all is sent, the deadline counts.
            if (deadline === undefined)
                silence();
        });
        outgoing.once('finish', waitForAnswer);
        if (onSent !== undefined)
            outgoing.once('finish', onSent);
        outgoing.on('error', broken);
        outgoing.once('response', (incoming) => {
            answered = true;
            waitForAnswer();
            readAll(incoming, limitBytes).then((bytes) => {
                settle();
                // What answers before it has everything does not want the rest.
                if (!outgoing.writableFinished)
                    outgoing.destroy();
                resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, bytes, url });
            }, broken);
        });
        if (body?.kind !== 'file' || body.size === 0) {
            outgoing.end(body?.kind === 'bytes' ? body.bytes : undefined);
            return;
        }
        // Errors of the connection come by the request itself; those of the file only here.
        sendFile(outgoing, body).catch((error) => {
            fail(new NoAnswer('failed', 'FILE', error instanceof Error ? error.message : String(error)));
        });
    });
}
/**
 * Sends a file from two buffers in turn: one is read while the other is on its way. A stream would make a new buffer for each
 * piece, which costs a third of all the work. Resolves also when the connection ends before; rejects for the file alone.
 */
async function sendFile(outgoing, { path, offset, size }) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const ended = new Promise((resolve) => outgoing.once('close', () => resolve('ended')));
        const send = (piece) => {
            const sent = new Promise((resolve) => {
                outgoing.write(piece, (error) => resolve(error == null ? 'sent' : 'ended'));
            });
            return Promise.race([sent, ended]);
        };
        const file = __addDisposableResource(env_1, await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.open)(path), true);
        const pieceBytes = Math.min(PIECE_BYTES, size);
        let [read, onItsWay] = [Buffer.allocUnsafeSlow(pieceBytes), Buffer.allocUnsafeSlow(pieceBytes)];
        let before = Promise.resolve('sent');
        for (let at = 0; at < size;) {
            const { bytesRead } = await file.read(read, 0, Math.min(pieceBytes, size - at), offset + at);
            if (bytesRead === 0)
                throw new Error(`${path} has become shorter meanwhile`);
            if ((await before) === 'ended')
                return;
            before = send(read.subarray(0, bytesRead));
            at += bytesRead;
            [read, onItsWay] = [onItsWay, read];
        }
        if ((await before) === 'sent')
            outgoing.end();
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = __disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
async function readAll(incoming, limit) {
    const chunks = [];
    let bytes = 0;
    for await (const chunk of incoming) {
        bytes += chunk.length;
        if (bytes > limit)
            throw new NoAnswer('too-long', '', `the answer is longer than ${limit} bytes`);
        chunks.push(chunk);
    }
    return Buffer.concat(chunks);
}


/***/ }),

/***/ 1490:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Kb: () => (/* binding */ writeGitSSH),
/* harmony export */   Ub: () => (/* binding */ repositoriesOf),
/* harmony export */   c4: () => (/* binding */ GIT_SSH_ID)
/* harmony export */ });
/** Secret with the program; one of the user's under this id takes its place. */
const GIT_SSH_ID = 'git_ssh';
/** A word of a comment that is an address: `git@github.com:acme/app.git`, `https://github.com/acme/app`, `github.com/acme/app`. */
const address = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/:]+@)?((?:[a-z0-9-]+\.)+[a-z0-9-]+|localhost)(?::\d+(?=\/))?[:/]\/*([a-z0-9_.~-]+(?:\/[a-z0-9_.~-]+)+)\/*$/i;
const LONGEST_ADDRESS = 500;
/** The repositories that a key names in its comment: host and path in lower case, without `.git`. */
function repositoriesOf({ comment }) {
    const words = comment.split(/\s+/).filter(({ length }) => length <= LONGEST_ADDRESS);
    return words.flatMap((word) => {
        const [, host, path] = address.exec(word) ?? [];
        return host === undefined || path === undefined ? [] : [`${host}/${path.replace(/\.git$/, '')}`.toLowerCase()];
    });
}
/**
 * The program, for `GIT_SSH_COMMAND`: as a file, or its text in the variable itself. Then git puts `"$@"` behind it, and Git LFS
 * the arguments themselves; the number before them tells which it was. It holds public keys alone, and leaves no file in a layer.
 * A command is `git-upload-pack 'acme/app.git'`, or `git-lfs-authenticate acme/app.git download`, with quotes or without.
 * https://github.com/git-lfs/git-lfs/blob/main/docs/api/server-discovery.md#ssh
 */
function writeGitSSH(keys) {
    const named = keys.flatMap((key) => repositoriesOf(key).map((repository) => ({ repository, key })));
    // The first key that names a repository is the one for it.
    const first = new Map(named.toReversed().map(({ repository, key }) => [repository, key]));
    const cases = [...first].map(([repository, { publicKey }]) => `  ${repository}) key='${publicKey}' ;;`);
    return [
        '#!/bin/sh',
        '# ssh for git, with the key that belongs to the repository.',
        'git_ssh() {',
        'count=$1; shift',
        'if [ $# -gt "$count" ]; then shift "$count"; fi',
        'before= last=',
        'for argument; do before=$last last=$argument; done',
        `repository=$(printf '%s\\n' "$before/$last" | tr '[:upper:]' '[:lower:]' |`,
        `  sed "s|^[^/]*@||; s| download\\$||; s| upload\\$||; s|/git[ -][a-z-]* '*/*|/|; s|'\\$||; s|/*\\$||; s|\\.git\\$||")`,
        'case $repository in',
        ...cases,
        '  *) key= ;;',
        'esac',
        'if [ -z "$key" ]; then ssh "$@"; return; fi',
        'file=$(mktemp) || return',
        `trap 'rm -f "$file"' EXIT`,
        `trap 'exit 130' HUP INT TERM`,
        `printf '%s\\n' "$key" >"$file"`,
        'ssh -o IdentitiesOnly=yes -i "$file" "$@"',
        '}',
        'git_ssh $# "$@"'
    ].join('\n');
}


/***/ }),

/***/ 7223:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  step: () => (/* binding */ step_step)
});

// EXTERNAL MODULE: ./src/adapters/disk.ts
var disk = __webpack_require__(9963);
// EXTERNAL MODULE: ./src/adapters/runner.ts + 1 modules
var runner = __webpack_require__(8701);
// EXTERNAL MODULE: ./src/inputs/declared.ts
var declared = __webpack_require__(7127);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/actions-cache/cache.ts
var actions_cache_cache = __webpack_require__(3542);
// EXTERNAL MODULE: ./src/buildkit/builder.ts + 1 modules
var buildkit_builder = __webpack_require__(1259);
// EXTERNAL MODULE: ./src/cache/settle.ts + 2 modules
var settle = __webpack_require__(2958);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/core/own_words.ts
var own_words = __webpack_require__(9789);
// EXTERNAL MODULE: ./src/core/csv.ts
var csv = __webpack_require__(7687);
// EXTERNAL MODULE: ./src/core/secret_encodings.ts
var secret_encodings = __webpack_require__(9330);
// EXTERNAL MODULE: ./src/core/secret_forms.ts
var secret_forms = __webpack_require__(3591);
;// CONCATENATED MODULE: ./src/credentials/secrets.ts
var __addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var __disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
/**
 * Secrets on their way to the build: from the workflow's values to `--secret` arguments that name environment variables.
 * A value is never on a command line; it is on disk only where the environment cannot hold it, in a private folder that
 * lives as long as the handover.
 */





/** BuildKit refuses more: `secret X too big. max size 500KiB`. */
const LARGEST_SECRET = 500 * 1024;
/** Linux caps one `NAME=value` at 128 KiB (MAX_ARG_STRLEN), beyond which every exec of the process fails. */
const LARGEST_VARIABLE = 96 * 1024;
/** All variables and arguments share about 2 MiB (a quarter of the stack limit); leave most of it to the job. */
const LARGEST_ENVIRONMENT = 512 * 1024;
/**
 * Reads the values behind the inputs. An empty or missing one is a problem in a trusted run: to BuildKit it would be an
 * empty file that satisfies even `required=true`. In an untrusted run, where GitHub hands out none, it is a note.
 */
async function readSecrets(sources, env, trusted) {
    const secrets = [];
    const problems = [];
    const notes = [];
    for (const source of sources) {
        const value = await readValue(source, env);
        if (Buffer.isBuffer(value) && value.length > LARGEST_SECRET) {
            problems.push({
                input: source.input,
                problem: `the secret "${source.id}" has ${value.length} bytes, and BuildKit takes ${LARGEST_SECRET} at most`,
                fix: 'Hand over something smaller, for example a token that fetches the rest.'
            });
        }
        else if (Buffer.isBuffer(value) && value.length > 0) {
            secrets.push({ id: source.id, value });
        }
        else {
            const seen = Buffer.isBuffer(value) ? `the secret "${source.id}" is empty` : value;
            if (trusted)
                problems.push({ input: source.input, problem: seen, fix: fixFor(source) });
            else
                notes.push(`${seen}: this run is not trusted, so the build goes on without it.`);
        }
    }
    return { secrets, problems, notes };
}
/**
 * Hands the secrets over for the build: the very bytes that were read, masked and are searched for. A file of the workflow may be another
 * by the time that the build opens it. Dispose when the last build has ended.
 * @param onFolder told the private folder for values that the environment cannot hold, before anything is written there,
 *   so that `post` can remove it if we cannot
 */
async function handOverSecrets(secrets, temporaryFolder, onFolder) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const flags = [];
        const env = {};
        let folder;
        let room = LARGEST_ENVIRONMENT;
        // Where one cannot be written, those before it go at once.
        const written = __addDisposableResource(env_1, new AsyncDisposableStack(), true);
        for (const [index, { id, value }] of secrets.entries()) {
            const variable = `STAGEGATE_SECRET_${index}`;
            if (fitsEnvironment(value) && value.length <= room) {
                env[variable] = value.toString();
                room -= value.length;
                flags.push(`id=${id},env=${variable}`);
            }
            else {
                if (folder === undefined) {
                    const made = await (0,promises_.mkdtemp)(external_node_path_default().join(temporaryFolder, 'stagegate-secrets-')); // mkdtemp makes it 0700
                    written.defer(() => (0,promises_.rm)(made, { recursive: true, force: true }));
                    onFolder(made);
                    folder = made;
                }
                const target = external_node_path_default().join(folder, String(index));
                await (0,promises_.writeFile)(target, value, { mode: 0o600 });
                flags.push(`id=${id},${(0,csv/* writeField */.YD)(`src=${target}`)}`);
            }
        }
        const kept = written.move();
        return { flags, env, [Symbol.asyncDispose]: () => kept.disposeAsync() };
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = __disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
/**
 * What to mask in the log for a value: its lines and the secrets inside it. Bytes that are no text are shown as U+FFFD, so of them
 * the lines are masked that have enough else.
 */
function planMasks(value) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value;
    const text = (0,secret_encodings/* textOf */.b6)(bytes);
    const shown = bytes.toString('utf8');
    const lines = [
        ...(0,secret_forms/* maskedLines */.FZ)(text ?? ''),
        ...(0,secret_forms/* secretForms */.eo)(bytes).pieces.flatMap((piece) => (0,secret_forms/* maskedLines */.FZ)((0,secret_encodings/* textOf */.b6)(piece.bytes) ?? '')),
        ...(0,secret_forms/* maskedLines */.FZ)(shown).filter((line) => line.replaceAll('\ufffd', '').length >= secret_forms/* SHORTEST_SECRET */.c3)
    ];
    return [...new Set(lines)];
}
function fitsEnvironment(value) {
    if (value.length > LARGEST_VARIABLE || value.includes(0))
        return false;
    return Buffer.from(value.toString()).equals(value); // the environment is text to Node: other bytes need a file
}
async function readValue(source, env) {
    switch (source.input) {
        case 'secrets':
            return Buffer.from(source.value);
        case 'secret-envs': {
            const value = env[source.variable];
            return value === undefined
                ? `the secret "${source.id}" names the environment variable ${source.variable}, which is not set`
                : Buffer.from(value);
        }
        case 'secret-files':
            try {
                return await (0,promises_.readFile)(source.path);
            }
            catch {
                return `the secret "${source.id}" names the file "${source.path}", which cannot be read`;
            }
    }
}
function fixFor(source) {
    switch (source.input) {
        case 'secrets':
            return 'Check that the repository, organisation or environment secret behind it exists and that this job may read it.';
        case 'secret-envs':
            return `Set it on this step: env: { ${source.variable}: "\${{ secrets.NAME }}" }, and check that this secret exists.`;
        case 'secret-files':
            return 'Write the file in an earlier step; the path is relative to the working directory.';
    }
}

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
var external_node_os_default = /*#__PURE__*/__webpack_require__.n(external_node_os_);
// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./src/failure/stop.ts
var stop = __webpack_require__(8740);
// EXTERNAL MODULE: ./src/adapters/processes.ts
var processes = __webpack_require__(7877);
// EXTERNAL MODULE: ./src/ssh/deploy_keys.ts
var deploy_keys = __webpack_require__(1490);
// EXTERNAL MODULE: ./src/ssh/end.ts
var ssh_end = __webpack_require__(467);
;// CONCATENATED MODULE: ./src/ssh/failed.ts

/** An error of the machine: OpenSSH is not there, may not run or does not do as it should. */
function machineFailed(message, fix, cause) {
    return new stop/* Stop */.V({ kind: 'engine', message, fix }, { cause });
}
/** What to do where a program of OpenSSH is not on PATH. */
const INSTALL_OPENSSH = 'Install the OpenSSH client on the runner: `apt-get install openssh-client` (Debian, Ubuntu), `apk add openssh-client` (Alpine) or `dnf install openssh-clients` (Fedora, RHEL).';

// EXTERNAL MODULE: ./src/ports.ts
var src_ports = __webpack_require__(6467);
;// CONCATENATED MODULE: ./src/ssh/passphrases.ts
/**
 * Pairs the input `ssh-passphrase` with the keys. One line is the passphrase of every encrypted key; several lines
 * belong to the encrypted keys in their order, one each. Spaces in a line count; empty lines don't.
 */
function planPassphrases(keys, text) {
    const lines = text.split(/\r\n|\r|\n/).filter((line) => line !== '');
    const encrypted = keys.flatMap((key, index) => (key.encrypted ? [index] : []));
    const none = keys.map(() => undefined);
    if (encrypted.length === 0)
        return { passphrases: none, problems: [] };
    if (lines.length === 0) {
        return { passphrases: none, problems: encrypted.map((index) => missing(nameKey(index, keys.length))) };
    }
    if (lines.length > 1 && lines.length !== encrypted.length) {
        return { passphrases: none, problems: [miscounted(lines.length, encrypted.length)] };
    }
    return {
        passphrases: keys.map((key, index) => (key.encrypted ? (lines[encrypted.indexOf(index)] ?? lines[0]) : undefined)),
        problems: []
    };
}
/** How messages call a key: by its place, when there are several. */
function nameKey(index, count) {
    return count > 1 ? `Key ${index + 1} of ${count}` : 'The key';
}
function missing(key) {
    return {
        input: 'ssh-passphrase',
        problem: `${key} in ssh-private-key is encrypted, and no passphrase was given.`,
        fix: 'Add `ssh-passphrase: ${{ secrets.SSH_PASSPHRASE }}` to the step, or store a key without passphrase (`ssh-keygen -p -N "" -f <file>` removes it).'
    };
}
function miscounted(lines, encrypted) {
    return {
        input: 'ssh-passphrase',
        problem: `There are ${lines} passphrases (one a line) for ${encrypted} encrypted ${encrypted === 1 ? 'key' : 'keys'}.`,
        fix: 'Give one line, used for all encrypted keys, or one line for each encrypted key, in the order of the keys.'
    };
}

;// CONCATENATED MODULE: ./src/ssh/wire.ts
/**
 * The SSH wire encoding (RFC 4251, section 5): strings and integers with a 32-bit big-endian length in front, and the
 * public key blobs made of them. https://www.rfc-editor.org/rfc/rfc4251#section-5
 */

/** Reads a 32-bit number; undefined where the blob ends too early. */
function readNumber(blob, at) {
    return at + 4 > blob.length ? undefined : { value: blob.readUInt32BE(at), next: at + 4 };
}
/** Reads one length-prefixed string; undefined where the blob is shorter than the length says. */
function readString(blob, at) {
    const length = readNumber(blob, at);
    if (length === undefined || length.next + length.value > blob.length)
        return undefined;
    const next = length.next + length.value;
    return { value: blob.subarray(length.next, next), next };
}
/** Reads strings to the very end of the blob; undefined when the last one is cut or bytes are left over. */
function readAllStrings(blob) {
    const values = [];
    let at = 0;
    while (at < blob.length) {
        const read = readString(blob, at);
        if (read === undefined)
            return undefined;
        values.push(read.value);
        at = read.next;
    }
    return values;
}
/** The key type a public blob names first, e.g. `ssh-ed25519`; undefined when there is no readable name. */
function blobType(blob) {
    const name = readString(blob, 0)?.value.toString('latin1');
    return name !== undefined && /^[a-z0-9@.-]{3,64}$/.test(name) ? name : undefined;
}
/** The fingerprint as `ssh-keygen -l` prints it: `SHA256:` and unpadded base64. */
function fingerprint(blob) {
    return `SHA256:${(0,external_node_crypto_.createHash)('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}
/** The SSH public blob of an RSA, NIST EC or Ed25519 key; undefined for a kind that SSH has no name for. */
function publicBlob(key) {
    const jwk = (0,external_node_crypto_.createPublicKey)(key).export({ format: 'jwk' });
    const part = (name) => Buffer.from(jwk[name] ?? '', 'base64url');
    if (jwk.kty === 'RSA')
        return writeStrings('ssh-rsa', integer(part('e')), integer(part('n')));
    if (jwk.crv === 'Ed25519')
        return writeStrings('ssh-ed25519', part('x'));
    const curve = CURVES.get(jwk.crv ?? '');
    if (curve === undefined)
        return undefined;
    return writeStrings(`ecdsa-sha2-${curve}`, curve, Buffer.concat([Buffer.of(4), part('x'), part('y')]));
}
const CURVES = new Map([
    ['P-256', 'nistp256'],
    ['P-384', 'nistp384'],
    ['P-521', 'nistp521']
]);
/** Writes length-prefixed strings one after the other. */
function writeStrings(...values) {
    return Buffer.concat(values.flatMap((value) => {
        const bytes = typeof value === 'string' ? Buffer.from(value) : value;
        const length = Buffer.alloc(4);
        length.writeUInt32BE(bytes.length);
        return [length, bytes];
    }));
}
/** An `mpint` is signed: a leading zero byte keeps a set top bit from meaning "negative". */
function integer(bytes) {
    return (bytes[0] ?? 0) >= 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes;
}

;// CONCATENATED MODULE: ./src/ssh/load.ts
/** Puts keys into a running agent. Key text goes in on standard input; a passphrase in one `ssh-add`'s environment. */







/**
 * Answers one question for a passphrase and no second one: OpenSSH asks again for ever while the answer is wrong.
 * `printf` is built into sh, so the passphrase is on nobody's command line.
 */
const ASKPASS = `#!/bin/sh
[ -n "$STAGEGATE_PASSPHRASE" ] || exit 1
mkdir "$STAGEGATE_ASKED" 2>/dev/null || { mkdir "$STAGEGATE_ASKED-again"; exit 1; }
printf '%s\\n' "$STAGEGATE_PASSPHRASE"
`;
/** Loads every key, then asks the agent what it holds. Throws one error with the problems of all keys. */
async function loadKeys(loading, keys, passphrases) {
    const askpass = (0,external_node_path_.join)(loading.folder, 'askpass');
    await (0,promises_.writeFile)(askpass, ASKPASS);
    await (0,promises_.chmod)(askpass, 0o700);
    if (passphrases.some((passphrase) => passphrase !== undefined))
        await checkExecutable(askpass);
    const problems = [];
    for (const [index, key] of keys.entries()) {
        const asked = (0,external_node_path_.join)(loading.folder, `asked-${index}`);
        const passphrase = passphrases[index];
        const result = await sshAdd(loading, ['-q', '-t', String(loading.lifetimeSeconds), '-'], {
            input: key.text,
            env: {
                SSH_ASKPASS: askpass,
                SSH_ASKPASS_REQUIRE: 'force',
                // OpenSSH before 8.4 knows no SSH_ASKPASS_REQUIRE and asks only where DISPLAY is set. Nothing connects to it.
                DISPLAY: 'none',
                STAGEGATE_ASKED: asked,
                ...(passphrase === undefined ? {} : { STAGEGATE_PASSPHRASE: passphrase })
            }
        });
        const problem = await explainRefusal(result, { key, asked, name: nameKey(index, keys.length) });
        if (problem !== undefined)
            problems.push(problem);
    }
    (0,stop/* stopOnProblems */.g)(problems);
    const loaded = await listKeys(loading);
    confirmLoaded(keys, loaded);
    return loaded;
}
/** `ssh-add` starts the script, which a file system that is mounted `noexec` does not let it. */
async function checkExecutable(file) {
    await (0,promises_.access)(file, promises_.constants.X_OK).catch((error) => {
        throw machineFailed(`No program can be started from the temporary folders of the runner (${file}): they are mounted noexec.`, 'A key with a passphrase needs one, which asks for it. Mount RUNNER_TEMP or /tmp without noexec, or store the key without a passphrase.', error);
    });
}
/** What the agent holds, as `ssh-add -L` lists it. */
async function listKeys(loading) {
    const { stdout } = await sshAdd(loading, ['-L'], {});
    return stdout.split('\n').flatMap((line) => {
        const [type, base64, ...comment] = line.trim().split(' ');
        const blob = Buffer.from(base64 ?? '', 'base64');
        if (type === undefined || blobType(blob) !== type)
            return [];
        const publicKey = `${type} ${blob.toString('base64')}`;
        return [{ type, fingerprint: fingerprint(blob), comment: comment.join(' '), publicKey }];
    });
}
function confirmLoaded(keys, loaded) {
    const held = new Set(loaded.map((key) => key.fingerprint));
    const lacking = keys.filter((key) => key.fingerprint !== undefined && !held.has(key.fingerprint));
    if (lacking.length === 0 && (held.size > 0 || keys.length === 0))
        return;
    throw machineFailed(`ssh-add reported success, but the agent holds ${held.size} of ${keys.length} keys.`, 'Run `ssh-add -V` and `ssh -V` on the runner: the agent and ssh-add may come from different installations.');
}
async function sshAdd(loading, args, options) {
    const { exec, socketPath, timeoutSeconds } = loading;
    try {
        const env = { ...options.env, SSH_AUTH_SOCK: socketPath };
        const result = await exec({ file: 'ssh-add', args }, { ...options, env, timeoutSeconds });
        if (!result.timedOut)
            return result;
    }
    catch (error) {
        if (!(error instanceof src_ports/* ProgramMissing */.Xh))
            throw error;
        throw machineFailed('ssh-add was not found on PATH.', INSTALL_OPENSSH, error);
    }
    throw machineFailed(`ssh-add did not end within ${timeoutSeconds} seconds.`, 'Check the load of the runner, and that nothing else uses the agent of this step.');
}
/** Why `ssh-add` refused a key: the traces that the askpass left tell a wrong passphrase from a key it cannot read. */
async function explainRefusal(result, attempt) {
    const { key, asked, name } = attempt;
    if (result.exitCode === 0)
        return undefined;
    if (/agent refused operation|communication with agent/i.test(result.stderr)) {
        throw machineFailed(`The agent refused ${name.toLowerCase()}.`, 'The agent and ssh-add on this runner may come from different installations; check `ssh -V`.');
    }
    if (await exists(`${asked}-again`)) {
        return {
            input: 'ssh-passphrase',
            problem: `The passphrase does not open ${lowerFirst(name)} in ssh-private-key.`,
            fix: 'Check it with `ssh-keygen -y -f <file>`. One line is used for all encrypted keys; several lines belong to the encrypted keys in their order. Spaces at the ends of a line count.'
        };
    }
    if (key.encrypted && !(await exists(asked)) && /askpass|permission denied/i.test(result.stderr)) {
        throw machineFailed('ssh-add could not run the script that hands it the passphrase.', 'The temporary folder of the runner (RUNNER_TEMP) must not be mounted with "noexec".');
    }
    return {
        input: 'ssh-private-key',
        problem: `${name} looks complete, but ssh-add on this runner cannot read it${reasonOf(result.stderr)}.`,
        fix: "Rewrite it in OpenSSH's own format with `ssh-keygen -p -f <file>` (a new passphrase or none), check it with `ssh-keygen -y -f <file>`, and store it again."
    };
}
/** OpenSSH's fixed words alone; the rest of its message may hold the key's comment. */
function reasonOf(stderr) {
    const words = /Error loading key "\(stdin\)": ([a-z ]{3,60})\s*$/m.exec(stderr)?.[1];
    return words === undefined ? '' : ` (it says: ${words})`;
}
function lowerFirst(text) {
    return text.charAt(0).toLowerCase() + text.slice(1);
}
async function exists(path) {
    return (0,promises_.stat)(path).then(() => true, () => false);
}

;// CONCATENATED MODULE: ./src/ssh/agent.ts
/**
 * A private ssh-agent in a folder of its own. The user's ~/.ssh and any agent that runs already stay untouched.
 *
 * The agent is started in its command form, `ssh-agent … sh -c WATCH`: OpenSSH ends it within ten seconds after that
 * command has ended (`check_parent_exists` in ssh-agent.c), so even a SIGKILL of the action leaves nothing for long. The
 * folder is made by the process that becomes the agent's: at no moment is there one without somebody who removes it.
 * https://github.com/openssh/openssh-portable/blob/master/ssh-agent.c
 */













const SIX_HOURS = 6 * 60 * 60;
const START_LIMIT_MS = 10_000;
/** sockaddr_un holds 104 bytes on macOS and 108 on Linux, the final NUL included. */
const SOCKET_PATH_LIMIT = 103;
const SOCKET_NAME = 'agent.sock';
/** `EX_CANTCREAT` of sysexits.h. */
const NO_FOLDER = 73;
/** The exit codes of a shell for a program that may not run, and for one that is not there. */
const [MAY_NOT_RUN, NOT_FOUND] = [126, 127];
/** RUNNER_TRACKING_ID lets the runner end what is left of a job. */
const AGENT_ENVIRONMENT = ['PATH', 'LANG', 'LD_LIBRARY_PATH', 'RUNNER_TRACKING_ID'];
/**
 * Makes the folder in the first of the places, and becomes the agent. Where there are passphrases, what asks for them is a
 * program in there: a place in which none can be started (mounted `noexec`) is passed over, but for the last. Says `place`
 * before it tries one.
 * Nobody may be there to read that any more: without the trap, whoever says something would end, and leave the folder.
 */
const LAUNCH = `
trap '' PIPE
name=$1 socket=$2 watched=$3 seconds=$4 watch=$5 programs=$6
shift 6
umask 077
while :; do
  folder=$1/$name
  echo place
  mkdir -- "$folder" || exit ${NO_FOLDER}
  [ "$programs" = yes ] || break
  printf '#!/bin/sh\\n' >"$folder/probe"
  chmod 700 "$folder/probe"
  if "$folder/probe" 2>/dev/null || [ $# -eq 1 ]; then
    rm -f -- "$folder/probe"
    break
  fi
  rm -rf -- "$folder"
  shift
done
cd /
exec ssh-agent -a "$folder/$socket" -t "$seconds" \\
  sh -c "$watch" stagegate-ssh-watch "$folder/$socket" "$watched" "$seconds" "$folder"
`;
/** Lives as long as the watched process, the agent and the limit; then ends the agent and removes its folder. */
const WATCH = `
socket=$1 watched=$2 seconds=$3 folder=$4
echo "agent $SSH_AGENT_PID"
exec </dev/null >/dev/null 2>&1
while [ "$seconds" -gt 0 ] && kill -0 "$SSH_AGENT_PID"; do
  [ "$watched" -eq 0 ] || kill -0 "$watched" || break
  sleep 1
  seconds=$((seconds - 1))
done
kill "$SSH_AGENT_PID"
rm -rf -- "$folder"
`;
/** Starts an agent and loads the keys. Throws `Stop`, and leaves nothing behind then. */
async function startAgent(ports, options) {
    const plan = planPassphrases(options.keys, options.passphrase);
    (0,stop/* stopOnProblems */.g)(plan.problems);
    const lifetimeSeconds = options.lifetimeSeconds ?? SIX_HOURS;
    const asksForPassphrases = plan.passphrases.some((passphrase) => passphrase !== undefined);
    const started = await launch(options, lifetimeSeconds, asksForPassphrases);
    const { leftovers } = started;
    const { socketPath, agentPid, folder } = leftovers;
    const end = endOnce(ports.exec, started);
    try {
        options.onStarted?.(leftovers);
        const timeoutSeconds = options.timeoutSeconds ?? 30;
        const loading = { exec: ports.exec, socketPath, folder, lifetimeSeconds, timeoutSeconds };
        const keys = await loadKeys(loading, options.keys, plan.passphrases);
        for (const key of keys) {
            const named = (0,deploy_keys/* repositoriesOf */.Ub)(key);
            const use = named.length === 0 ? '' : `; with ${deploy_keys/* GIT_SSH_ID */.c4} it is the key for ${named.join(', ')}`;
            ports.log.info(`Loaded ${key.type} ${key.fingerprint} into the agent${use}.`);
        }
        return { socketPath, pid: agentPid, leftovers, keys, [Symbol.asyncDispose]: end };
    }
    catch (error) {
        await end();
        throw error;
    }
}
/**
 * The process whose end ends the agent: this one, or the runner's worker above it. 0, for "only the lifetime counts",
 * where there is none to be seen (in a container the worker is outside) or it belongs to another user.
 */
function watchedProcess(scope) {
    const pid = scope === 'build' ? process.pid : process.ppid;
    return pid > 1 && (0,processes/* send */.tN)(pid, 0) ? pid : 0;
}
/** Where a folder of that name can be: the given one and the system's, where the socket's path can be used, and /tmp. */
function placesFor(name, given) {
    // `--ssh id=PATH` takes a comma for the end of the path, and knows no quotes.
    const fits = (place) => !place.includes(',') && Buffer.byteLength((0,external_node_path_.join)(place, name, SOCKET_NAME)) <= SOCKET_PATH_LIMIT;
    return [...new Set([given, (0,external_node_os_.tmpdir)(), '/tmp'])].filter((place) => place === '/tmp' || fits(place));
}
async function launch(options, lifetimeSeconds, asksForPassphrases) {
    const name = `${ssh_end/* FOLDER_PREFIX */.kE}${(0,external_node_crypto_.randomBytes)(6).toString('base64url')}`;
    const places = placesFor(name, options.folder);
    const watched = String(watchedProcess(options.scope));
    const programs = asksForPassphrases ? 'yes' : 'no';
    const settings = [name, SOCKET_NAME, watched, String(lifetimeSeconds), WATCH, programs];
    const watcher = (0,external_node_child_process_.spawn)('sh', ['-c', LAUNCH, 'stagegate-ssh-launch', ...settings, ...places], {
        cwd: '/',
        detached: true,
        env: {
            ...Object.fromEntries(AGENT_ENVIRONMENT.flatMap((known) => options.environment[known] === undefined ? [] : [[known, options.environment[known]]])),
            LC_ALL: 'C'
        },
        stdio: ['ignore', 'pipe', 'pipe']
    });
    try {
        const { place, agentPid } = await hear(watcher, places);
        watcher.unref();
        const folder = (0,external_node_path_.join)(place, name);
        const socketPath = (0,external_node_path_.join)(folder, SOCKET_NAME);
        return { watcher, leftovers: { socketPath, agentPid, watcherPid: watcher.pid ?? 0, folder } };
    }
    catch (error) {
        if (watcher.pid !== undefined)
            (0,processes/* send */.tN)(-watcher.pid, 'SIGKILL');
        await Promise.allSettled(places.map((place) => (0,promises_.rm)((0,external_node_path_.join)(place, name), { recursive: true, force: true })));
        throw error;
    }
    finally {
        watcher.stdout.destroy();
        watcher.stderr.destroy();
    }
}
/** Where the folder is, and the agent's pid; the socket is there by then. */
async function hear(watcher, places) {
    const { promise, resolve, reject } = Promise.withResolvers();
    let [stdout, stderr] = ['', ''];
    const place = () => places[[...stdout.matchAll(/^place$/gm)].length - 1] ?? '/tmp';
    watcher.stdout?.on('data', (chunk) => {
        stdout += chunk.toString('latin1');
        const pid = /^agent (\d+)\n/m.exec(stdout)?.[1];
        if (pid !== undefined)
            resolve({ place: place(), agentPid: Number(pid) });
    });
    watcher.stderr?.on('data', (chunk) => (stderr += chunk.toString('latin1')));
    watcher.once('error', (error) => {
        reject(machineFailed(`A shell (sh) could not be started${codeOf(error)}.`, 'Check the PATH of the runner.', error));
    });
    watcher.once('close', (code) => {
        reject(endedEarly(code, stderr.trim().split('\n').at(-1) ?? '', place()));
    });
    const limit = new AbortController();
    const late = (0,external_node_timers_promises_.setTimeout)(START_LIMIT_MS, undefined, { signal: limit.signal }).then(() => {
        throw machineFailed(`ssh-agent did not start within ${START_LIMIT_MS / 1000} seconds.`, 'Check the load of the runner.');
    });
    try {
        return await Promise.race([promise, late]);
    }
    finally {
        limit.abort();
        late.catch(() => undefined);
    }
}
/** Why there is no agent, from how the shell that was to become one has ended. */
function endedEarly(code, said, place) {
    if (code === NOT_FOUND)
        return machineFailed('ssh-agent was not found on PATH.', INSTALL_OPENSSH);
    // "mkdir: cannot create directory '…': No such file or directory", "sh: exec: ssh-agent: Permission denied"
    const reason = said.split(': ').at(-1) ?? said;
    if (code === MAY_NOT_RUN)
        return machineFailed(`ssh-agent could not be started: ${reason}.`, 'Check that the runner may run it.');
    if (code !== NO_FOLDER)
        return machineFailed(`ssh-agent ended at once with exit code ${code ?? 'unknown'}: ${said}`, INSTALL_OPENSSH);
    return machineFailed(`No folder for the ssh-agent could be made in ${place}: ${reason}.`, 'The temporary folder of the runner (RUNNER_TEMP) must exist and be writable.');
}
/**
 * While the watcher, our own child, has not ended, both pids are ours for certain: the agent is its child, and the
 * watcher ends within a second after the agent. Once it has ended, they are checked as `post` checks them.
 */
function endOnce(exec, { watcher, leftovers }) {
    let ended;
    const end = async () => {
        const running = watcher.exitCode === null && watcher.signalCode === null;
        await (0,ssh_end/* endAgent */.xj)({ exec }, leftovers, running);
    };
    return () => (ended ??= end());
}
function codeOf(error) {
    const known = typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
    return known ? ` (${String(error.code)})` : '';
}

;// CONCATENATED MODULE: ./src/ssh/explain.ts
const SECRET_FROM_FILE = '`gh secret set SSH_PRIVATE_KEY < ~/.ssh/id_ed25519` stores a key file without losing a byte.';
const WHOLE_FILE = `Store the whole private key file again, from its -----BEGIN line to its -----END line. ${SECRET_FROM_FILE}`;
const WORDS = {
    empty: {
        problem: 'is empty',
        fix: 'Check that the secret exists, that its name is spelled as in the workflow, and that this event may read it (a workflow run from a fork or by Dependabot gets no secrets).'
    },
    public: {
        problem: 'is the public half of a key; the private half is needed',
        fix: `Give the content of the file without ".pub" (e.g. ~/.ssh/id_ed25519); the public half belongs to the Git host, as a deploy key. ${SECRET_FROM_FILE}`
    },
    certificate: {
        problem: 'is an SSH certificate, not a private key',
        fix: 'Give the private key alone, and register its public half with the Git host: SSH certificates are not loaded into the agent.'
    },
    x509: {
        problem: 'is an X.509 (TLS) certificate or request, not a private key',
        fix: 'Give an SSH private key; make one with `ssh-keygen -t ed25519 -f deploy_key`.'
    },
    putty: {
        problem: 'is a PuTTY key (.ppk), which OpenSSH cannot read',
        fix: 'Convert it: `puttygen key.ppk -O private-openssh -o id_key`, or in PuTTYgen "Conversions > Export OpenSSH key"; then store the converted file.'
    },
    'ssh2-private': {
        problem: 'is a private key in the format of ssh.com (SSH2), which the agent cannot read',
        fix: 'Convert it: `ssh-keygen -i -f key > id_key`; then store the converted file.'
    },
    pgp: {
        problem: 'is a PGP key, not an SSH key',
        fix: 'Give an SSH private key; make one with `ssh-keygen -t ed25519 -f deploy_key`.'
    },
    truncated: {
        problem: 'is cut off: its end is missing',
        fix: WHOLE_FILE
    },
    headless: {
        problem: 'has no -----BEGIN line: its beginning is missing',
        fix: WHOLE_FILE
    },
    garbage: {
        problem: 'holds characters that are not base64 between its BEGIN and END lines, or decodes to something that is not a key',
        fix: WHOLE_FILE
    },
    damaged: {
        problem: 'looks complete but does not parse: some of it was changed or lost',
        fix: `Check the original with \`ssh-keygen -y -f <file>\`, then store the file again. ${SECRET_FROM_FILE}`
    },
    masked: {
        problem: 'holds "***": it was copied from a log in which the runner had hidden the secret',
        fix: `Take the key from its file instead. ${SECRET_FROM_FILE}`
    },
    path: {
        problem: "is the path of a file; the key's content is needed",
        fix: `Store the content of that file as a secret and give \${{ secrets.SSH_PRIVATE_KEY }}. ${SECRET_FROM_FILE}`
    },
    expression: {
        problem: 'is a workflow expression that was never evaluated',
        fix: 'Write it as `ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}` in the `with:` of the workflow itself; inside a secret, a script or another string expressions stay text.'
    },
    variable: {
        problem: 'is the name of a variable that was never expanded',
        fix: 'Inputs of an action are not run by a shell. Write `ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}` (or `${{ env.NAME }}`).'
    },
    hardware: {
        problem: 'belongs to a FIDO security key (sk-…): it only works with that hardware plugged in',
        fix: 'Make a key for this workflow: `ssh-keygen -t ed25519 -f deploy_key`, and register its public half with the Git host.'
    },
    dsa: {
        problem: 'is a DSA key, which OpenSSH and the Git hosts no longer accept',
        fix: 'Make a new key: `ssh-keygen -t ed25519 -f deploy_key`, and register its public half with the Git host.'
    },
    unsupported: {
        problem: 'is of a type that SSH cannot use',
        fix: 'Use an Ed25519, ECDSA (P-256, P-384, P-521) or RSA (2048 bits or more) key; make one with `ssh-keygen -t ed25519 -f deploy_key`.'
    },
    unknown: {
        problem: 'is not a private key: no -----BEGIN … PRIVATE KEY----- line was found',
        fix: WHOLE_FILE
    }
};
/** Explains one unusable key; `position` tells which one when several were given, e.g. `Key 2 of 3`. */
function explain(reason, position) {
    const { problem, fix } = WORDS[reason];
    return { input: 'ssh-private-key', problem: `${position ?? 'The value'} ${problem}.`, fix };
}

;// CONCATENATED MODULE: ./src/ssh/format.ts
/**
 * What is inside one private key: OpenSSH's own container, the old PEM forms and PKCS#8.
 * OpenSSH's format: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key
 */


const MAGIC = Buffer.from('openssh-key-v1\0');
const LOADABLE = new Set([
    'ssh-ed25519',
    'ssh-rsa',
    'ecdsa-sha2-nistp256',
    'ecdsa-sha2-nistp384',
    'ecdsa-sha2-nistp521'
]);
/** How many strings follow the type in the private section, before the comment. */
const PRIVATE_FIELDS = {
    'ssh-ed25519': 2,
    'ssh-rsa': 6,
    'ecdsa-sha2-nistp256': 3,
    'ecdsa-sha2-nistp384': 3,
    'ecdsa-sha2-nistp521': 3
};
/** Whether these bytes are OpenSSH's own container, whatever the label says. */
function isOpenSsh(body) {
    return body.subarray(0, MAGIC.length).equals(MAGIC);
}
/** Writes a key as OpenSSH and OpenSSL write it: lines of 70 or 64 characters and a final newline. */
function writeArmour({ label, headers }, body) {
    const width = label === 'OPENSSH PRIVATE KEY' ? /.{1,70}/g : /.{1,64}/g;
    const lines = body.toString('base64').match(width) ?? [];
    const head = headers.length === 0 ? [] : [...headers, ''];
    return [`-----BEGIN ${label}-----`, ...head, ...lines, `-----END ${label}-----`, ''].join('\n');
}
/** Parses one private key. */
function parseKey(armour, body) {
    if (body.length === 0)
        return { unusable: 'truncated' };
    if (isOpenSsh(body))
        return parseOpenSsh(body);
    if (armour.label === 'OPENSSH PRIVATE KEY') {
        return { unusable: MAGIC.subarray(0, body.length).equals(body) ? 'truncated' : 'damaged' };
    }
    if (armour.headers.length > 0)
        return parseEncryptedPem(body);
    if (derLength(body) > body.length)
        return { unusable: 'truncated' };
    if (armour.label === 'ENCRYPTED PRIVATE KEY')
        return { facts: format_hidden('pkcs8') };
    return parsePlainPem(armour, body);
}
function parseOpenSsh(body) {
    const cipher = readString(body, MAGIC.length);
    const kdf = cipher && readString(body, cipher.next);
    const kdfOptions = kdf && readString(body, kdf.next);
    const count = kdfOptions && readNumber(body, kdfOptions.next);
    if (count !== undefined && count.value !== 1)
        return { unusable: 'damaged' };
    const publicKey = count && readString(body, count.next);
    const privateKey = publicKey && readString(body, publicKey.next);
    if (cipher === undefined || kdf === undefined || publicKey === undefined || privateKey === undefined) {
        return { unusable: 'truncated' };
    }
    const type = blobType(publicKey.value);
    if (type === undefined)
        return { unusable: 'damaged' };
    if (!LOADABLE.has(type))
        return { unusable: whyNot(type) };
    const encrypted = cipher.value.toString('latin1') !== 'none' || kdf.value.toString('latin1') !== 'none';
    const facts = { format: 'openssh', type, fingerprint: fingerprint(publicKey.value), encrypted };
    if (encrypted)
        return { facts: { ...facts, comment: undefined } };
    const comment = readComment(privateKey.value, type);
    return comment === undefined
        ? { unusable: 'damaged' }
        : { facts: { ...facts, comment: comment === '' ? undefined : comment } };
}
/** The comment ends the private section; undefined when the two check numbers differ or a field is cut. */
function readComment(section, type) {
    const first = readNumber(section, 0);
    const second = first && readNumber(section, first.next);
    if (second === undefined || first?.value !== second.value)
        return undefined;
    let read = readString(section, second.next);
    if (read?.value.toString('latin1') !== type)
        return undefined;
    for (let left = (PRIVATE_FIELDS[type] ?? 0) + 1; left > 0 && read !== undefined; left--) {
        read = readString(section, read.next);
    }
    return read?.value.toString('utf8');
}
function whyNot(type) {
    if (type.includes('-cert-v'))
        return 'certificate';
    if (type.startsWith('sk-'))
        return 'hardware';
    return type === 'ssh-dss' ? 'dsa' : 'unsupported';
}
/** Traditional PEM encryption is a block cipher in CBC mode: a length that is no multiple of the block was cut. */
function parseEncryptedPem(body) {
    return body.length % 8 === 0 ? { facts: format_hidden('pem') } : { unusable: 'truncated' };
}
function parsePlainPem(armour, body) {
    const key = openPem(writeArmour(armour, body));
    if (key === undefined)
        return { unusable: 'damaged' };
    const kind = key.asymmetricKeyType;
    if (kind === 'dsa')
        return { unusable: 'dsa' };
    // OpenSSH refuses RSA keys below 1024 bits (SSH_RSA_MINIMUM_MODULUS_SIZE).
    if (kind === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) < 1024)
        return { unusable: 'unsupported' };
    if (kind !== 'rsa' && kind !== 'ec' && kind !== 'ed25519')
        return { unusable: 'unsupported' };
    const blob = publicBlob(key);
    if (blob === undefined)
        return { unusable: 'unsupported' };
    const facts = {
        format: armour.label === 'PRIVATE KEY' ? 'pkcs8' : 'pem',
        type: blobType(blob),
        fingerprint: fingerprint(blob),
        comment: undefined,
        encrypted: false
    };
    return kind === 'ed25519' ? { facts, rewritten: writeEd25519(key, blob) } : { facts };
}
/**
 * OpenSSH reads Ed25519 in PKCS#8 (what `openssl genpkey` writes) only from 9.6 on, and answers "invalid format" before.
 * https://www.openssh.com/txt/release-9.6
 */
function writeEd25519(key, blob) {
    const jwk = key.export({ format: 'jwk' });
    const [seed, publicKey] = [Buffer.from(jwk.d ?? '', 'base64url'), Buffer.from(jwk.x ?? '', 'base64url')];
    const check = (0,external_node_crypto_.randomBytes)(4);
    const fields = writeStrings('ssh-ed25519', publicKey, Buffer.concat([seed, publicKey]), '');
    const section = Buffer.concat([check, check, fields]);
    const padding = Buffer.from([1, 2, 3, 4, 5, 6, 7].slice(0, (8 - (section.length % 8)) % 8));
    return Buffer.concat([
        MAGIC,
        writeStrings('none', 'none', ''),
        Buffer.of(0, 0, 0, 1),
        writeStrings(blob, Buffer.concat([section, padding]))
    ]);
}
function openPem(text) {
    try {
        return (0,external_node_crypto_.createPrivateKey)(text);
    }
    catch {
        return undefined; // OpenSSL's reason is a code for its own source lines; "damaged" says all a reader can use.
    }
}
function format_hidden(format) {
    return { format, type: undefined, fingerprint: undefined, comment: undefined, encrypted: true };
}
/** The whole length that a DER SEQUENCE declares for itself, header included (X.690, 8.1.3). */
function derLength(body) {
    const first = body[1] ?? 0;
    if (body[0] !== 0x30 || first < 0x80)
        return first + 2;
    const size = first & 0x7f;
    return size > 4 || body.length < 2 + size ? Number.POSITIVE_INFINITY : body.readUIntBE(2, size) + 2 + size;
}

;// CONCATENATED MODULE: ./src/ssh/pieces.ts


// Lenient on dashes and on line breaks within the label; SSH2 public keys have four dashes and a space.
const MARKER = /-{2,}\s?(BEGIN|END)\s+([A-Z0-9][A-Z0-9\s]*?)\s?-{2,}/g;
const PUBLIC_LINE = /((?:sk-)?(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+)(-cert-v01)?(?:@openssh\.com)?)\s+(AAAA[\w+/=]*)/g;
const BASE64_BEGIN = 'LS0tLS1CRUdJTi'; // "-----BEGIN" as base64 shows it
/** Cuts the text into its pieces, in their order. No piece means that there is nothing but white space and quotes. */
function splitText(text, depth = 0) {
    const markers = findMarkers(text);
    const pieces = [];
    let at = 0;
    for (let index = 0; index < markers.length; index++) {
        const marker = markers[index];
        if (marker === undefined)
            break;
        const outside = text.slice(at, marker.start);
        const around = splitOutside(outside, depth, markers.length > 0);
        pieces.push(...around);
        at = marker.end;
        if (marker.word === 'END') {
            // An END without its BEGIN: fine where the body before it could be read, else the head is what is missing.
            if (!around.some((piece) => piece.kind === 'body'))
                replaceLast(pieces, around.length, 'headless');
            continue;
        }
        const end = markers[index + 1];
        if (end?.word !== 'END') {
            pieces.push(unterminated(marker.label));
            at = end?.start ?? text.length;
            continue;
        }
        index++;
        at = end.end;
        if (end.label !== marker.label)
            pieces.push({ kind: 'unusable', reason: 'damaged' });
        else
            pieces.push(cutBlock(text, { begin: marker, end, outside }));
    }
    return [...pieces, ...splitOutside(text.slice(at), depth, markers.length > 0)];
}
function findMarkers(text) {
    return [...text.matchAll(MARKER)].map((match) => ({
        word: match[1] === 'BEGIN' ? 'BEGIN' : 'END',
        label: (match[2] ?? '').replace(/\s+/g, ' '),
        start: match.index,
        end: match.index + match[0].length
    }));
}
function replaceLast(pieces, count, reason) {
    pieces.splice(pieces.length - count, count, { kind: 'unusable', reason });
}
function unterminated(label) {
    if (label.endsWith('PUBLIC KEY'))
        return { kind: 'public', fingerprint: undefined };
    return { kind: 'unusable', reason: 'truncated' };
}
function cutBlock(text, { begin, end, outside }) {
    const repairs = [];
    const dashes = [text.slice(begin.start, begin.end), text.slice(end.start, end.end)];
    if (!dashes.every((line) => /^-{5}\S[^-]*\S-{5}$/.test(line)))
        repairs.push('completed the BEGIN and END lines');
    const after = text.slice(end.end);
    if (/["'`]\s*$/.test(outside) || /^(?:\s|\\+[rn])*["'`]/.test(after))
        repairs.push('removed quotes');
    if (/(?:^|[\r\n])[ \t]+$/.test(outside) && /[\r\n]/.test(text))
        repairs.push('removed indentation');
    if (isLeftOut(outside) || isLeftOut(after.split(/-{2,}\s?BEGIN/)[0] ?? ''))
        repairs.push('left out text beside the key');
    if (!/^[ \t"'`,]*(?:\r?\n|\\+[rn])/.test(after))
        repairs.push('added the missing final newline');
    return { kind: 'block', label: begin.label, content: text.slice(begin.end, end.start), repairs };
}
function isLeftOut(outside) {
    const rest = tidy(outside);
    return rest !== '' && classify(rest) === 'unknown' && !isBase64(rest);
}
/** Comments, white space, quotes and list punctuation around keys mean nothing. */
function tidy(outside) {
    return outside
        .replace(/[\uFEFF\u200B]/g, '')
        .replace(/\u00A0/g, ' ')
        .replace(/\\+[rn]/g, '\n')
        .replace(/^\s*#.*$/gm, '')
        .replace(/^[\s"'`,[\]]+|[\s"'`,[\]]+$/g, '');
}
/** What stands outside of blocks. Unknown text beside a key is no problem of its own; alone it is. */
function splitOutside(outside, depth, besideKeys) {
    const rest = tidy(outside);
    if (rest === '')
        return [];
    const publicLines = [...rest.matchAll(PUBLIC_LINE)];
    if (publicLines.length > 0)
        return publicLines.map((match) => publicPiece(match[2], match[3] ?? ''));
    const reason = classify(rest);
    if (reason === 'unknown' && isBase64(rest))
        return splitBase64(rest, depth, besideKeys);
    return reason === 'unknown' && besideKeys ? [] : [{ kind: 'unusable', reason }];
}
function publicPiece(certificate, base64) {
    if (certificate !== undefined)
        return { kind: 'unusable', reason: 'certificate' };
    return { kind: 'public', fingerprint: fingerprint(Buffer.from(base64, 'base64')) };
}
function classify(text) {
    if (text.includes('${{') || /^secrets\.\w+$/.test(text))
        return 'expression';
    if (/PuTTY-User-Key-File-\d/.test(text))
        return 'putty';
    if (text.includes('***'))
        return 'masked';
    if (/^\$\{?[A-Za-z_]\w*\}?$/.test(text) || /^%\w+%$/.test(text))
        return 'variable';
    if (isPath(text))
        return 'path';
    return 'unknown';
}
function isPath(text) {
    if (text.length > 250 || /[\n=]/.test(text))
        return false;
    return (/^(?:~|\.{1,2}[\\/]|\/|[A-Za-z]:\\|\$HOME\b|file:)/.test(text) ||
        /(?:^|[\\/])id_\w+$|\.(?:pem|key|ppk|pub)$/.test(text));
}
function isBase64(text) {
    return /^[A-Za-z0-9+/=\s]+$/.test(text);
}
/** Each key may be encoded for itself: a new one starts behind padding, or where "-----BEGIN" shows again. */
function splitBase64(text, depth, besideKeys) {
    const chunks = text.replace(/\s+/g, '').split(new RegExp(`(?<==)(?!=)|(?=${BASE64_BEGIN})`));
    return chunks
        .filter((chunk) => chunk !== '')
        .flatMap((chunk) => {
        const bytes = Buffer.from(chunk, 'base64');
        if (isOpenSsh(bytes))
            return [{ kind: 'body', body: bytes, repairs: ['added the missing BEGIN and END lines'] }];
        if (/^AAAA[A-Z]3NzaC1|^AAAAE2VjZHNh/.test(chunk))
            return [{ kind: 'public', fingerprint: fingerprint(bytes) }];
        if (bytes[0] === 0x30 && chunk.length > 64)
            return [{ kind: 'unusable', reason: 'headless' }];
        const decoded = bytes.toString('utf8');
        const telling = /^[\t\r\n\x20-\x7e\u00a0-\uffff]+$/.test(decoded) && !decoded.includes('\ufffd');
        if (telling && depth < 2)
            return splitText(decoded, depth + 1).map(fromBase64);
        if (chunk.length < 64)
            return besideKeys ? [] : [{ kind: 'unusable', reason: 'unknown' }];
        return [{ kind: 'unusable', reason: 'garbage' }];
    });
}
function fromBase64(piece) {
    if (piece.kind !== 'block' && piece.kind !== 'body')
        return piece;
    return { ...piece, repairs: ['decoded base64', ...piece.repairs] };
}

;// CONCATENATED MODULE: ./src/ssh/keys.ts



/** Finds, repairs and parses every private key in the text. */
function readPrivateKeys(text) {
    const findings = splitText(text).flatMap(examine);
    const keys = withoutRepeats(findings.flatMap((finding) => (finding.kind === 'key' ? [finding.key] : [])));
    const known = new Set(keys.map((key) => key.fingerprint));
    const unusable = findings.flatMap((finding) => {
        if (finding.kind === 'key')
            return [];
        if (finding.kind === 'unusable')
            return [[finding, finding.reason]];
        return finding.fingerprint !== undefined && known.has(finding.fingerprint) ? [] : [[finding, 'public']];
    });
    if (findings.length === 0)
        return { keys: [], problems: [explain('empty', undefined)] };
    const several = findings.length > 1;
    const problems = unusable.map(([finding, reason]) => explain(reason, several ? `Key ${findings.indexOf(finding) + 1} of ${findings.length}` : undefined));
    return { keys, problems };
}
/** The agent holds a key once however often it is given. */
function withoutRepeats(keys) {
    return keys.filter((key, index) => keys.findIndex((other) => isSame(other, key)) === index);
}
function isSame(one, other) {
    return one.text === other.text || (one.fingerprint !== undefined && one.fingerprint === other.fingerprint);
}
function examine(piece) {
    switch (piece.kind) {
        case 'unusable':
            return [{ kind: 'unusable', reason: piece.reason }];
        case 'public':
            return [{ kind: 'public', fingerprint: piece.fingerprint }];
        case 'body':
            return [examineBody(OPENSSH, piece.body, piece.repairs)];
        case 'block':
            return examineBlock(piece);
    }
}
function examineBlock(block) {
    const { label } = block;
    // `openssl ecparam -genkey` writes the curve in front of the key; ssh-add does not want it.
    if (label === 'EC PARAMETERS')
        return [];
    const foreign = foreignLabel(label);
    if (foreign !== undefined)
        return [foreign];
    const lines = keys_unescape(block.content);
    const repairs = [...block.repairs, ...layoutRepairs(block.content)];
    const { headers, rest } = takeHeaders(lines);
    const base64 = rest.replace(/[\s"'`,\\\uFEFF\u200B\u00A0]/g, '');
    if (base64.includes('***'))
        return [{ kind: 'unusable', reason: 'masked' }];
    if (!/^[A-Za-z0-9+/]*={0,2}$/.test(base64))
        return [{ kind: 'unusable', reason: 'garbage' }];
    return [examineBody({ label, headers }, Buffer.from(base64, 'base64'), repairs)];
}
function examineBody(given, body, repairs) {
    const parsed = parseKey(given, body);
    if ('unusable' in parsed)
        return { kind: 'unusable', reason: parsed.unusable };
    const { facts, rewritten } = parsed;
    const openssh = isOpenSsh(rewritten ?? body);
    const armour = openssh ? OPENSSH : given;
    const all = new Set(repairs);
    if (rewritten !== undefined)
        all.add("rewrote PKCS#8 in OpenSSH's own format, which every version reads");
    else if (openssh && given.label !== OPENSSH.label)
        all.add('corrected the label of the BEGIN and END lines');
    return { kind: 'key', key: { ...facts, text: writeArmour(armour, rewritten ?? body), repairs: [...all] } };
}
const OPENSSH = { label: 'OPENSSH PRIVATE KEY', headers: [] };
const PRIVATE_LABELS = new Set([
    'OPENSSH PRIVATE KEY',
    'RSA PRIVATE KEY',
    'EC PRIVATE KEY',
    'DSA PRIVATE KEY',
    'PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY'
]);
function foreignLabel(label) {
    if (PRIVATE_LABELS.has(label))
        return undefined;
    if (label.endsWith('PUBLIC KEY'))
        return { kind: 'public', fingerprint: undefined };
    if (label.startsWith('PGP '))
        return { kind: 'unusable', reason: 'pgp' };
    if (label.includes('CERTIFICATE'))
        return { kind: 'unusable', reason: 'x509' };
    if (label.startsWith('SSH2 '))
        return { kind: 'unusable', reason: 'ssh2-private' };
    return { kind: 'unusable', reason: 'unknown' };
}
/** Base64 holds no backslash, so every `\n` and `\r` in a key is an escape that nobody undid. */
function keys_unescape(content) {
    return content.replace(/\\+[rn]/g, '\n');
}
function layoutRepairs(content) {
    const repairs = [];
    if (content.includes('\r'))
        repairs.push('turned CRLF line ends into LF');
    if (/\\+[rn]/.test(content))
        repairs.push('turned literal \\n into line ends');
    const lines = keys_unescape(content);
    if (!/[\r\n]/.test(lines))
        repairs.push('split a key folded to one line');
    else if (/[\r\n][ \t]+\S/.test(lines))
        repairs.push('removed indentation');
    if (/["'`]/.test(content))
        repairs.push('removed quotes');
    return repairs;
}
/** The two headers of an encrypted traditional PEM (RFC 1421), wherever folding has put them. */
function takeHeaders(content) {
    const match = /^\s*Proc-Type:\s*4,\s*ENCRYPTED\s+DEK-Info:\s*([A-Z0-9-]+),\s*([0-9A-Fa-f]+)\s/.exec(content);
    if (match === null)
        return { headers: [], rest: content };
    const headers = ['Proc-Type: 4,ENCRYPTED', `DEK-Info: ${match[1] ?? ''},${match[2] ?? ''}`];
    return { headers, rest: content.slice(match[0].length) };
}

;// CONCATENATED MODULE: ./src/ssh/host_keys.ts
/**
 * The host keys of the public Git hosts, as these publish them. `__tests__/ssh/known_hosts.test.ts` holds each line
 * against the published fingerprint; change the two together.
 */
/** GitHub, GitLab and Bitbucket, on port 22 and on the port 443 that each offers behind firewalls. */
const PINNED_HOSTS = [
    {
        names: 'github.com,[ssh.github.com]:443',
        source: 'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints',
        keys: [
            'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl',
            'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg=',
            'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCj7ndNxQowgcQnjshcLrqPEiiphnt+VTTvDP6mHBL9j1aNUkY4Ue1gvwnGLVlOhGeYrnZaMgRK6+PKCUXaDbC7qtbW8gIkhL7aGCsOr/C56SJMy/BCZfxd1nWzAOxSDPgVsmerOBYfNqltV9/hWCqBywINIR+5dIg6JTJ72pcEpEjcYgXkE2YEFXV1JHnsKgbLWNlhScqb2UmyRkQyytRLtL+38TGxkxCflmO+5Z8CSSNY7GidjMIZ7Q4zMjA2n1nGrlTDkzwDCsw+wqFPGQA179cnfGWOWRVruj16z6XyvxvjJwbz0wQZ75XK5tKSb7FNyeIEs4TT4jk+S4dhPeAUC5y+bDYirYgM4GC7uEnztnZyaVWQ7B381AK4Qdrwt51ZqExKbQpTUNn+EjqoTwvqNj4kqx5QUCI0ThS/YkOxJCXmPUWZbhjpCg56i+2aB6CmK2JGhn57K5mj0MNdBXA4/WnwH6XoPWJzK5Nyu2zB3nAZp+S5hpQs+p1vN1/wsjk='
        ]
    },
    {
        names: 'gitlab.com,[altssh.gitlab.com]:443',
        source: 'https://docs.gitlab.com/user/gitlab_com/#ssh-host-keys-fingerprints',
        keys: [
            'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf',
            'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFSMqzJeV9rUzU4kWitGjeR4PWSa29SPqJ1fVkhtj3Hw9xjLVXVYrU9QlYWrOLXBpQ6KWjbjTDTdDkoohFzgbEY=',
            'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCsj2bNKTBSpIYDEGk9KxsGh3mySTRgMtXL583qmBpzeQ+jqCMRgBqB98u3z++J1sKlXHWfM9dyhSevkMwSbhoR8XIq/U0tCNyokEi/ueaBMCvbcTHhO7FcwzY92WK4Yt0aGROY5qX2UKSeOvuP4D6TPqKF1onrSzH9bx9XUf2lEdWT/ia1NEKjunUqu1xOB/StKDHMoX4/OKyIzuS0q/T1zOATthvasJFoPrAjkohTyaDUz2LN5JoH839hViyEG82yB+MjcFV5MU3N1l1QL3cVUCh93xSaua1N85qivl+siMkPGbO5xR/En4iEY6K2XPASUEMaieWVNTRCtJ4S8H+9'
        ]
    },
    {
        // Bitbucket moves SSH to ssh.bitbucket.org by 12 November 2026:
        // https://community.atlassian.com/forums/Bitbucket-articles/Upcoming-change-to-Bitbucket-Cloud-SSH-access-move-from/ba-p/3234032
        // Only Bitbucket can answer to these keys, so a further name for them lets nobody else in.
        names: 'bitbucket.org,ssh.bitbucket.org,[altssh.bitbucket.org]:443',
        source: 'https://bitbucket.org/site/ssh',
        keys: [
            'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO',
            'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPIQmuzMBuKdWeF4+a2sjSSpBK0iqitSQ+5BM9KhpexuGt20JpTVM7u5BDZngncgrqDMbWdxMWWOGtZ9UgbqgZE=',
            'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDQeJzhupRu0u0cdegZIa8e86EG2qOCsIsD1Xw0xSeiPDlCr7kq97NLmMbpKTX6Esc30NuoqEEHCuc7yWtwp8dI76EEEB1VqY9QJq6vk+aySyboD5QF61I/1WeTwu+deCbgKMGbUijeXhtfbxSxm6JwGrXrhBdofTsbKRUsrN1WoNgUa8uqN1Vx6WAJw1JHPhglEGGHea6QICwJOAr/6mrui/oB7pkaWKHj3z7d1IC4KWLtY47elvjbaTlkN04Kc/5LFEirorGYVbt15kAUlqGM65pk6ZBxtaO3+30LVlORZkxOh+LKL/BvbZ/iRNhItLqNyieoQj/uh/7Iv4uyH/cV/0b4WDSd3DptigWq84lJubb9t/DnZlrJazxyDCulTmKdOR7vs9gMTo+uoIrPSb8ScTtvw65+odKAlBj59dhnVp9zd7QUojOpXlL62Aw56U4oO+FALuevvMjiWeavKhJqlR7i5n9srYcrNV7ttmDw7kf/97P5zauIhxcjX+xHv4M='
        ]
    }
];

;// CONCATENATED MODULE: ./src/ssh/known_hosts.ts


const KEYSCAN = 'Give lines as `ssh-keyscan <host>` prints them (`host type base64`), after comparing their fingerprints (`ssh-keygen -lf <file>`) with those the host publishes.';
/** Joins the pinned hosts with the user's lines. A wrong line is a problem and is left out of the text. */
function planKnownHosts(userLines) {
    const pinned = PINNED_HOSTS.flatMap(({ names, keys }) => keys.map((key) => `${names} ${key}`));
    if (/BEGIN [A-Z0-9 ]*PRIVATE KEY|PuTTY-User-Key-File/.test(userLines)) {
        return {
            text: writeLines(pinned),
            problems: [toProblem('The value is a private key, not a list of hosts.', PRIVATE)]
        };
    }
    const lines = userLines
        .replace(/^\uFEFF/, '')
        .replace(/\\r\\n|\\n/g, '\n')
        .split(/\r\n|\r|\n/)
        .map((line) => line.trim());
    const checked = lines.map((line) => (line === '' || line.startsWith('#') ? undefined : checkLine(line)));
    const problems = checked.flatMap((reason, index) => reason === undefined ? [] : [toProblem(`Line ${index + 1} ${reason.problem}.`, reason.fix)]);
    const kept = lines.filter((line, index) => line !== '' && checked[index] === undefined);
    return { text: writeLines([...pinned, ...kept]), problems };
}
const PRIVATE = `Move it to the input ssh-private-key. ${KEYSCAN}`;
function toProblem(problem, fix) {
    return { input: 'ssh-known-hosts', problem, fix };
}
function writeLines(lines) {
    return lines.map((line) => `${line}\n`).join('');
}
/** What is wrong with one line that is neither empty nor a comment; undefined for a good one. */
function checkLine(line) {
    const fields = line.split(/[ \t]+/);
    const marker = fields[0]?.startsWith('@') === true ? fields.shift() : undefined;
    if (marker !== undefined && marker !== '@cert-authority' && marker !== '@revoked') {
        return { problem: 'starts with an unknown marker', fix: 'The markers are @cert-authority and @revoked.' };
    }
    const [hosts, type, base64] = fields;
    if (/(?:SHA256|MD5):[\w+/:]{20,}/.test(fields.slice(0, 3).join(' '))) {
        return { problem: 'holds the fingerprint of a key; the key itself is needed', fix: KEYSCAN };
    }
    if (hosts !== undefined && isKeyType(hosts)) {
        return {
            problem: 'has a key without a host name before it',
            fix: 'Put the host in front: `git.example.com ssh-ed25519 AAAA…`. A public key of your own does not belong here; host keys do.'
        };
    }
    if (type === undefined || base64 === undefined)
        return { problem: 'is not a `host type base64` triple', fix: KEYSCAN };
    return checkHosts(hosts ?? '') ?? checkKey(type, base64);
}
function isKeyType(text) {
    return /^(?:ssh-(?:rsa|dss|ed25519)|ecdsa-sha2-nistp\d+|sk-[a-z0-9@.-]+)$/.test(text);
}
function checkHosts(hosts) {
    if (hosts.startsWith('|')) {
        return /^\|1\|[A-Za-z0-9+/]{27}=\|[A-Za-z0-9+/]{27}=$/.test(hosts)
            ? undefined
            : {
                problem: 'has a hashed host name that is damaged',
                fix: 'Hashed names look like `|1|salt|hash`, each of 28 characters; `ssh-keygen -H` makes them.'
            };
    }
    for (const pattern of hosts.split(',')) {
        const reason = checkPattern(pattern);
        if (reason !== undefined)
            return reason;
    }
    return undefined;
}
function checkPattern(pattern) {
    if (/^[a-z]+:\/\//i.test(pattern) || pattern.includes('@') || pattern.includes('/')) {
        return {
            problem: 'has an address where the host name belongs',
            fix: 'Write the bare name, e.g. `git.example.com`: no scheme, user or path.'
        };
    }
    if (/^[^[\]:]+:\d+$/.test(pattern)) {
        return {
            problem: 'has a port that is not in the form of known_hosts',
            fix: 'Write `[git.example.com]:2222` for a port other than 22.'
        };
    }
    // Names, wildcards, IPv4, IPv6 (with a zone), `!` for "not these", and any of them as [host]:port.
    if (/^!?(?:\[[\w.:*?%-]+\]:\d{1,5}|[\w.:*?%-]+)$/.test(pattern))
        return undefined;
    return { problem: 'has a host name with characters that no host name has', fix: KEYSCAN };
}
function checkKey(type, base64) {
    const blob = /^[A-Za-z0-9+/]+={0,2}$/.test(base64) ? Buffer.from(base64, 'base64') : Buffer.alloc(0);
    const inner = blobType(blob);
    if (inner === undefined)
        return { problem: 'has no key in its third field', fix: KEYSCAN };
    if (inner !== type) {
        return {
            problem: 'names another type than the key itself does',
            fix: `Write \`${inner}\` before the key, or scan the host again. ${KEYSCAN}`
        };
    }
    const complete = (readAllStrings(blob)?.length ?? 0) > 1;
    return complete ? undefined : { problem: 'holds a key that is cut off', fix: KEYSCAN };
}

// EXTERNAL MODULE: ./src/core/pair.ts
var pair = __webpack_require__(5735);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(2184);
// EXTERNAL MODULE: ./src/inputs/inputs.ts
var inputs_inputs = __webpack_require__(8028);
;// CONCATENATED MODULE: ./src/occasion/trust_plan.ts
/** The trust plan: what this run may do of what it is asked for, printed as one table. Pure. */



/** Plans what the run may do. */
function planTrust({ trust, scopes }, inputs) {
    const publish = {
        push: inputs.push && trust.trusted,
        load: inputs.load,
        outputs: inputs.outputs.filter((output) => trust.trusted || stays(output))
    };
    const caching = plansCache(inputs);
    const cacheRead = caching && inputs.cacheMode !== 'off';
    const cacheWrite = cacheRead &&
        trust.trusted &&
        inputs.cacheMode !== 'read' &&
        ((inputs.cacheImage !== '' && 'scope' in scopes.write) || inputs.cacheTo.length > 0);
    return { trust, publish, cacheRead, cacheWrite };
}
/**
 * The plan as a table: what, the decision, and why.
 * @param supplied ids of the secrets that have a value in this run
 */
function tabulateTrust({ trust, publish, cacheRead, cacheWrite }, occasion, inputs, supplied) {
    const caching = plansCache(inputs);
    const untrusted = trust.trusted ? '' : trust.reason;
    const withheld = !trust.trusted && trust.withholds;
    const keys = inputs.sshPrivateKey.trim() !== '';
    return [
        { what: 'Trusted', decision: yesNo(trust.trusted), why: trust.trusted ? trustedBecause(occasion) : untrusted },
        {
            what: 'SSH key',
            decision: !keys ? 'none' : withheld ? 'withheld' : 'loaded into a private agent',
            why: !keys ? 'ssh-private-key is empty' : withheld ? untrusted : `ssh-private-key, scope ${inputs.sshAgentScope}`
        },
        secretsRow(inputs, supplied, withheld, untrusted),
        ...(trust.trusted ? [] : runnersOwnRow(occasion, inputs, untrusted)),
        { what: 'Cache read', decision: yesNo(cacheRead), why: cacheReason(inputs, caching) },
        {
            what: 'Cache write',
            decision: yesNo(cacheWrite),
            why: cacheWriteReason({ trust, cacheRead, cacheWrite }, occasion, inputs)
        },
        ...cacheServiceRow(occasion),
        publishRow(inputs, publish, untrusted)
    ];
}
/** Said only where GitHub withholds something: baselines and cache mounts then stay away for no other reason. */
function cacheServiceRow({ cacheServiceMode }) {
    if (cacheServiceMode === undefined || cacheServiceMode === 'write')
        return [];
    const decision = { none: 'none', read: 'read only', 'write-only': 'write only' }[cacheServiceMode];
    const why = `GitHub set ACTIONS_CACHE_MODE=${cacheServiceMode} for this job: baselines and cache mounts, not cache-mode`;
    return [{ what: 'Actions cache', decision, why }];
}
/** Whether an entry of `outputs` is known to stay on the runner. */
function stays({ type, push, attributes }) {
    // The engine of another docker context may be anywhere.
    return !push && !(type === 'docker' && attributes.has('context'));
}
function plansCache(inputs) {
    return inputs.cacheImage !== '' || inputs.cacheFrom.length > 0 || inputs.cacheTo.length > 0;
}
function secretsRow(inputs, supplied, withheld, untrusted) {
    const what = 'Secrets';
    if (inputs.secrets.length === 0)
        return { what, decision: 'none', why: 'no secrets, secret-envs or secret-files' };
    if (withheld)
        return { what, decision: 'withheld', why: untrusted };
    const present = inputs.secrets.map(({ id }) => id).filter((id) => supplied.includes(id));
    const absent = inputs.secrets.length - present.length;
    const handed = 'handed to the build as mounts';
    if (absent === 0)
        return { what, decision: present.join(', '), why: handed };
    return {
        what,
        decision: present.join(', ') || 'none',
        why: `${absent} of ${inputs.secrets.length} are not handed over: ${untrusted}`
    };
}
/** What a step could have of the runner's own, and an untrusted one has not. */
function runnersOwn({ sshAuthSock }, inputs) {
    const ids = (input) => inputs.secrets.flatMap((source) => (source.input === input ? [source.id] : [])).join(', ');
    const [files, variables] = [ids('secret-files'), ids('secret-envs')];
    const paths = inputs.ssh.filter(({ path }) => path !== undefined).map(({ id }) => id);
    const named = inputs.buildArgs.map(pair/* splitPair */.T).flatMap(({ name, value }) => (value === undefined ? [name] : []));
    const wantsAgent = inputs.ssh.length > paths.length && inputs.sshPrivateKey.trim() === '';
    return [
        ...(files === '' ? [] : [`the files of ${files}`]),
        ...(variables === '' ? [] : [`the variables of ${variables}`]),
        ...(named.length === 0 ? [] : [`the variables of the build arguments ${named.join(', ')}`]),
        ...(paths.length === 0 ? [] : [`the sockets and key files of ${paths.join(', ')}`]),
        ...(wantsAgent && sshAuthSock !== undefined ? ['its agent'] : []),
        ...inputs.allow.filter((entitlement) => ENTITLED.test(entitlement.trim()))
    ];
}
/** Entitlements by which a step is root on the machine that builds. */
const ENTITLED = /^(?:security\.insecure|device)(?:$|[=.,])/;
/** What of `allow` a run may use: a stranger's step would have the runner's disk, and whatever lies there. */
function allowedTo(trust, allow) {
    return trust.trusted ? allow : allow.filter((entitlement) => !ENTITLED.test(entitlement.trim()));
}
function runnersOwnRow(occasion, inputs, untrusted) {
    const own = runnersOwn(occasion, inputs);
    return own.length === 0 ? [] : [{ what: "The runner's own", decision: `withheld: ${own.join('; ')}`, why: untrusted }];
}
function publishRow(inputs, publish, untrusted) {
    const parts = [
        ...(publish.push ? [`push ${inputs.tags.join(', ')}`] : []),
        ...(publish.load ? ['load'] : []),
        ...(publish.outputs.length > 0 ? [(0,units/* count */.U9)(publish.outputs.length, 'output')] : [])
    ];
    const held = (inputs.push && !publish.push) || publish.outputs.length < inputs.outputs.length;
    const why = held
        ? untrusted
        : (0,inputs_inputs/* wantsExport */.e)(inputs)
            ? 'only after the gate has passed'
            : 'push, load and outputs are not set';
    return { what: 'Publish', decision: parts.length > 0 ? parts.join('; ') : 'no', why };
}
function trustedBecause({ eventName, pullRequest }) {
    if (eventName === '')
        return 'not in a workflow';
    return pullRequest === undefined ? `event ${eventName}` : `pull request #${pullRequest.number} from this repository`;
}
function cacheReason(inputs, caching) {
    if (!caching)
        return 'cache-image, cache-from and cache-to are not set';
    if (inputs.cacheMode !== 'auto')
        return `cache-mode is ${inputs.cacheMode}`;
    return inputs.cacheImage === '' ? 'cache-from and cache-to' : `cache-image ${inputs.cacheImage}`;
}
function cacheWriteReason({ trust, cacheRead, cacheWrite }, { scopes: { write } }, inputs) {
    if (cacheRead && !trust.trusted)
        return trust.reason;
    if (cacheRead && !cacheWrite && inputs.cacheMode !== 'read' && 'reason' in write)
        return write.reason;
    return cacheReason(inputs, plansCache(inputs));
}
function yesNo(value) {
    return value ? 'yes' : 'no';
}

;// CONCATENATED MODULE: ./src/credentials/credentials.ts
var credentials_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var credentials_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});







/** Secrets under these ids come from us; the user's own secret of the same id takes their place. */
const KNOWN_HOSTS_ID = 'known_hosts';
/**
 * BuildKit's names for what it fetches from git with: `GIT_AUTH_TOKEN` for every host, `GIT_AUTH_TOKEN.HOST` for one.
 * https://docs.docker.com/build/concepts/context/#authentication
 */
const gitIDs = ['GIT_AUTH_TOKEN', 'GIT_AUTH_HEADER'];
/**
 * Reads keys, secrets and known hosts. Problems are returned, so that they are reported with all others.
 * @param contexts of all images, where there are several
 */
async function readCredentials(inputs, occasion, env, contexts = [inputs.context]) {
    const { trust } = occasion;
    const withheld = !trust.trusted && trust.withholds;
    // An input of several `${{ secrets.… }}` lines is blank, not absent, where GitHub gives none.
    const noKey = inputs.sshPrivateKey === '' || (!trust.trusted && inputs.sshPrivateKey.trim() === '');
    const keyReading = noKey ? { keys: [], problems: [] } : readPrivateKeys(inputs.sshPrivateKey);
    const passphrases = planPassphrases(keyReading.keys, inputs.sshPassphrase);
    const knownHosts = planKnownHosts(inputs.sshKnownHosts);
    const reading = await readSecrets(inputs.secrets, env, trust.trusted);
    // Files and variables are the runner's, not of GitHub's giving: no untrusted run gets them. They are masked all the same.
    const runners = new Set(trust.trusted ? [] : inputs.secrets.flatMap(({ id, input }) => (input === 'secrets' ? [] : [id])));
    const given = new Set(inputs.secrets.map(({ id }) => id).filter((id) => !runners.has(id)));
    const own = [];
    if (!given.has(KNOWN_HOSTS_ID))
        own.push({ id: KNOWN_HOSTS_ID, value: Buffer.from(knownHosts.text) });
    const host = withheld
        ? undefined
        : contexts.map((context) => hostOnServer(context, occasion.serverUrl)).find((found) => found !== undefined);
    const hasOwnLogin = gitIDs.some((id) => given.has(id) || given.has(`${id}.${host ?? ''}`));
    // Without the host in its id BuildKit would send it to whatever server a Dockerfile fetches from.
    if (host !== undefined && inputs.githubToken !== '' && !hasOwnLogin) {
        own.push({ id: `GIT_AUTH_TOKEN.${host}`, value: Buffer.from(inputs.githubToken) });
    }
    const typed = (id, value, kind = 'secret') => ({
        id,
        value: Buffer.from(value),
        kind
    });
    const sensitive = [
        ...reading.secrets.map(({ id, value }) => ({ id, value, kind: 'secret' })),
        ...keyReading.keys.map(({ text }) => typed('ssh-private-key', text, 'ssh-key')),
        typed('ssh-private-key', inputs.sshPrivateKey),
        ...inputs.sshPassphrase.split(/\r?\n/).map((value) => typed('ssh-passphrase', value)),
        typed('github-token', inputs.githubToken)
    ].filter(({ value }) => !isBlank(value));
    if (withheld) {
        const kept = [
            ...(inputs.sshPrivateKey.trim() === '' && inputs.ssh.length === 0 ? [] : ['SSH keys']),
            ...(inputs.secrets.length === 0 ? [] : ['secrets'])
        ];
        const notes = kept.length === 0
            ? []
            : [`The build gets none of the ${kept.join(' and ')} of this step, because ${trust.reason}.`];
        const offered = given.has(KNOWN_HOSTS_ID) ? [] : own;
        return {
            credentials: { secrets: offered, keys: [], sensitive, notes, withheld, usesRunners: false },
            problems: knownHosts.problems
        };
    }
    return {
        credentials: {
            secrets: [...reading.secrets.filter(({ id }) => !runners.has(id)), ...own],
            keys: keyReading.keys,
            sensitive,
            notes: [...reading.notes, ...withheldNotes(inputs, occasion)],
            withheld,
            usesRunners: trust.trusted
        },
        problems: [
            ...keyReading.problems,
            ...(keyReading.problems.length === 0 ? passphrases.problems : []),
            ...knownHosts.problems,
            ...checkSSH(inputs, occasion),
            ...reading.problems
        ]
    };
}
function isBlank(value) {
    return value.every((byte) => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d));
}
/** Masks every sensitive value in the log. Done before anything else is printed. */
function maskCredentials(sensitive, mask) {
    const masks = new Set(sensitive.flatMap(({ value }) => planMasks(value)));
    for (const value of masks)
        mask(value);
}
/** Starts the agent and puts the secrets where the build finds them. */
async function supplyCredentials(ports, { secrets, keys, withheld, usesRunners }, { inputs, occasion, env, leftovers }) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const stack = credentials_addDisposableResource(env_1, new AsyncDisposableStack(), true);
        for (const [index, { repairs }] of keys.entries()) {
            if (repairs.length > 0)
                ports.log.info(`ssh-private-key, key ${index + 1} was repaired: ${repairs.join('; ')}.`);
        }
        const agent = keys.length === 0
            ? undefined
            : await startAgent(ports, {
                keys,
                passphrase: inputs.sshPassphrase,
                scope: inputs.sshAgentScope,
                folder: occasion.temporaryFolder,
                environment: env,
                onStarted: leftovers.addAgent
            });
        if (agent !== undefined && inputs.sshAgentScope === 'build')
            stack.use(agent);
        if (agent !== undefined && inputs.sshAgentScope === 'job') {
            ports.runner.exportVariable('SSH_AUTH_SOCK', agent.socketPath);
            ports.runner.exportVariable('SSH_AGENT_PID', String(agent.pid));
        }
        const socket = agent?.socketPath ?? (usesRunners ? occasion.sshAuthSock : undefined);
        const asked = inputs.ssh.length === 0 && agent !== undefined ? [{ id: 'default' }] : inputs.ssh;
        const entries = withheld ? [] : asked;
        const usable = entries.flatMap(({ id, path }) => {
            const source = usesRunners ? (path ?? socket) : path === undefined ? socket : undefined;
            return source === undefined ? [] : [{ id, source }];
        });
        const isGiven = secrets.some(({ id }) => id === deploy_keys/* GIT_SSH_ID */.c4);
        const gitSSH = { id: deploy_keys/* GIT_SSH_ID */.c4, value: Buffer.from((0,deploy_keys/* writeGitSSH */.Kb)(agent?.keys ?? [])) };
        const offered = usable.length === 0 || isGiven ? secrets : [...secrets, gitSSH];
        const handover = stack.use(await handOverSecrets(offered, occasion.temporaryFolder, leftovers.addFolder));
        const kept = stack.move();
        return {
            flags: { secrets: handover.flags, ssh: usable.map(({ id, source }) => `${id}=${source}`) },
            // To a git context over SSH buildx forwards the runner's agent of its own accord.
            env: usesRunners ? handover.env : { ...handover.env, SSH_AUTH_SOCK: '' },
            secretIDs: offered.map(({ id }) => id),
            sshIDs: usable.map(({ id }) => id),
            [Symbol.asyncDispose]: () => kept.disposeAsync()
        };
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = credentials_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
/** What an untrusted run that keeps what GitHub gave it does without, in a sentence. */
function withheldNotes(inputs, occasion) {
    const { trust } = occasion;
    const own = trust.trusted ? [] : runnersOwn(occasion, inputs);
    if (trust.trusted || own.length === 0)
        return [];
    return [`The build gets nothing of the runner's own (${own.join('; ')}), because ${trust.reason}.`];
}
/**
 * Host and port of a git context on the server that the token is for, as BuildKit writes them; `undefined` for any other:
 * nobody else may see the token. Read strictly, since this and BuildKit must not read one address in two ways. An address
 * with a login of its own needs none of ours.
 */
function hostOnServer(context, serverUrl) {
    if (context.kind === 'local')
        return undefined;
    const address = context.url.startsWith('github.com/') ? `https://${context.url}` : context.url;
    const match = /^(https?):\/\/((?:[a-z0-9.-]+|\[[0-9a-f:.]+\])(?::\d+)?)(?:[/?#]|$)/i.exec(address);
    const [, scheme = '', host = ''] = match ?? [];
    return host !== '' && URL.parse(`${scheme}://${host}`)?.origin === URL.parse(serverUrl)?.origin ? host : undefined;
}
function checkSSH(inputs, { sshAuthSock, trust }) {
    if (inputs.sshPrivateKey !== '' || sshAuthSock !== undefined || !trust.trusted)
        return [];
    return inputs.ssh
        .filter(({ path }) => path === undefined)
        .map(({ id }) => ({
        input: 'ssh',
        problem: `the ssh id "${id}" has no agent behind it: ssh-private-key is empty and SSH_AUTH_SOCK is not set`,
        fix: 'Set ssh-private-key, for example to ${{ secrets.DEPLOY_KEY }}, and check that this secret exists.'
    }));
}

// EXTERNAL MODULE: ./src/failure/disk.ts
var failure_disk = __webpack_require__(2525);
// EXTERNAL MODULE: ./src/failure/of.ts
var of = __webpack_require__(4737);
// EXTERNAL MODULE: ./src/findings.ts
var src_findings = __webpack_require__(1001);
// EXTERNAL MODULE: ./src/guard.ts
var src_guard = __webpack_require__(578);
// EXTERNAL MODULE: ./src/leftovers.ts
var src_leftovers = __webpack_require__(1739);
// EXTERNAL MODULE: ./src/occasion/context.ts
var occasion_context = __webpack_require__(7880);
// EXTERNAL MODULE: ./src/occasion/place.ts
var place = __webpack_require__(7024);
;// CONCATENATED MODULE: ./src/occasion/scopes.ts
/** Whose cache a run reads and writes: its own, and those of the branches that its change is based on. Pure. */


/**
 * Whose references a run reads, nearest first, and which one it writes. `pr-`, `branch-` and `tags` never meet, whatever
 * a branch is called; a pull request is known by its number alone, which nobody can choose.
 */
function planScopes(context) {
    const { pullRequest, ref, defaultBranch } = context;
    const fallback = defaultBranch === undefined
        ? []
        : [{ scope: `branch-${defaultBranch}`, why: `the default branch, ${defaultBranch}` }];
    const readsOf = (...nearest) => distinct([...nearest, ...fallback]);
    if (pullRequest !== undefined) {
        const own = { scope: `pr-${pullRequest.number}`, why: `pull request #${pullRequest.number} itself` };
        const { baseRef } = pullRequest;
        return {
            reads: readsOf(own, { scope: `branch-${baseRef}`, why: `the branch it merges into, ${baseRef}` }),
            write: own
        };
    }
    const queue = (0,occasion_context/* queuedBranch */.m0)(ref);
    if (queue !== undefined) {
        return {
            reads: readsOf({ scope: `branch-${queue}`, why: `the branch of the merge queue, ${queue}` }),
            write: { reason: 'nobody reads what a merge queue writes' }
        };
    }
    if (ref.startsWith('refs/heads/')) {
        const branch = ref.slice('refs/heads/'.length);
        const own = { scope: `branch-${branch}`, why: `the branch itself, ${branch}` };
        const foreign = mayBuildAnother(context);
        return { reads: readsOf(own), write: foreign === undefined ? own : { reason: foreign } };
    }
    if (ref.startsWith('refs/tags/')) {
        // What a tag is put on has mostly just been built on the default branch; the tag before it is older.
        const own = { scope: 'tags', why: 'all git tags together' };
        return { reads: [...fallback, own], write: own };
    }
    if (context.eventName !== '') {
        return { reads: fallback, write: { reason: `${context.eventName} is about no branch, tag or pull request` } };
    }
    const own = { scope: 'local', why: 'runs outside of a workflow' };
    return { reads: readsOf(own), write: own };
}
/**
 * Why a run on a branch may be building something else than that branch: what it then wrote, the branch would be built
 * from. A `workflow_run` is on the default branch whatever the workflow before it was about, and is mostly made to check
 * that out. So it counts as the branch's own only where that workflow ran on this very branch of this very repository, and
 * for an event that is about its branch; one `workflow_run` after another tells nothing.
 */
function mayBuildAnother({ eventName, payload, ref, repository }) {
    if (eventName === '' || (0,occasion_context/* isOfItsRef */.hp)(eventName))
        return undefined;
    if (eventName !== 'workflow_run')
        return `${eventName} started it, so it may have checked out something else than the branch`;
    const before = (...keys) => (0,json/* asString */.oJ)((0,json/* dig */.rO)(payload, 'workflow_run', ...keys));
    const origin = before('event');
    if (origin === undefined || !(0,occasion_context/* isOfItsRef */.hp)(origin))
        return `the workflow before it was started by ${origin ?? 'an unknown event'}, so it may have checked out something else`;
    const branch = before('head_branch');
    const from = before('head_repository', 'full_name');
    if (`refs/heads/${branch ?? ''}` === ref && from?.toLowerCase() === repository.toLowerCase())
        return undefined;
    const where = from === undefined || from.toLowerCase() === repository.toLowerCase() ? '' : ` of ${from}`;
    return `the workflow before it ran on ${branch ?? 'an unknown branch'}${where}, so it may have checked out something else`;
}
/**
 * Who has the cache mounts of a run to itself, where it may build somebody else's change; `undefined` for one that builds its
 * own branch or tag. Mounts belong to the builder, not to the ref: shared, what a pull request leaves in a mount of a builder
 * that lives on would be found there by the next run of `main`.
 */
function ownerOfMounts(context, { trusted }) {
    const { pullRequest, ref, eventName } = context;
    if (pullRequest !== undefined)
        return `pr-${pullRequest.number}`;
    if (!trusted)
        return `untrusted-${ref}`;
    const isOfBranch = (0,occasion_context/* queuedBranch */.m0)(ref) === undefined && ref.startsWith('refs/heads/');
    return isOfBranch && mayBuildAnother(context) !== undefined ? `event-${eventName}` : undefined;
}
function distinct(scopes) {
    return scopes.filter(({ scope }, index) => scopes.findIndex((other) => other.scope === scope) === index);
}

;// CONCATENATED MODULE: ./src/occasion/trust.ts
/**
 * Events in which GitHub runs a workflow for Dependabot with a read-only token and with Dependabot's secrets only.
 * https://docs.github.com/code-security/dependabot/working-with-dependabot/automating-dependabot-with-github-actions
 */
const dependabotEvents = [
    'push',
    'create',
    'pull_request',
    'pull_request_review',
    'pull_request_review_comment',
    'deployment',
    'deployment_status'
];
/** Events for which GitHub itself keeps the repository's credentials from a fork. */
const forkEvents = ['pull_request', 'pull_request_review', 'pull_request_review_comment'];
const DEPENDABOT = 'dependabot[bot]';
/** Whether the code being built comes from someone who may hold the repository's credentials. */
function judgeTrust(context) {
    const { pullRequest, repository, actor, eventName } = context;
    if (pullRequest === undefined && eventName.startsWith('pull_request')) {
        const reason = 'the event file (GITHUB_EVENT_PATH) does not tell where the pull request comes from';
        return { trusted: false, reason, withholds: true };
    }
    if (pullRequest !== undefined && pullRequest.headRepository !== repository) {
        const from = pullRequest.headRepository ?? 'a deleted repository';
        return {
            trusted: false,
            reason: `pull request #${pullRequest.number} comes from the fork ${from}`,
            withholds: !forkEvents.includes(eventName)
        };
    }
    if (pullRequest !== undefined &&
        eventName === 'pull_request_target' &&
        [actor, pullRequest.author].includes(DEPENDABOT)) {
        return {
            trusted: false,
            reason: `pull request #${pullRequest.number} is Dependabot's`,
            withholds: true // GitHub gives this event everything, whoever opened the pull request
        };
    }
    if (actor === DEPENDABOT && dependabotEvents.includes(eventName)) {
        return {
            trusted: false,
            reason: 'Dependabot started it, and GitHub gives such a run a read-only token',
            withholds: false
        };
    }
    return { trusted: true };
}

;// CONCATENATED MODULE: ./src/occasion/occasion.ts
/**
 * What event this is, and what follows from it, decided once: nobody else looks at the event. What a run was asked for comes
 * in later (see `trust_plan.ts`). Pure but for reading.
 */





/** Reads the environment and the event file, and decides. */
function readOccasion(env) {
    return occasionOf((0,occasion_context/* readContext */.yI)(env));
}
/** What follows from what GitHub says. */
function occasionOf({ payload, ...facts }) {
    const context = { payload, ...facts };
    const { eventName, pullRequest, serverUrl, repository, runID } = facts;
    const trust = judgeTrust(context);
    const scopes = planScopes(context);
    const owner = ownerOfMounts(context, trust);
    return {
        ...facts,
        ...{ trust, scopes, place: (0,place/* placeOf */.$)(context), storesMounts: storesMounts(context, trust, scopes) },
        refusesGrowth: pullRequest !== undefined ? 'always' : eventName === 'merge_group' ? 'over-its-very-base' : 'never',
        isPrivate: (0,json/* dig */.rO)(payload, 'repository', 'private') !== false,
        ...(owner === undefined ? {} : { ownerOfMounts: owner }),
        ...(repository === '' || runID === '' ? {} : { runUrl: `${serverUrl}/${repository}/actions/runs/${runID}` }),
        ...(eventName === 'workflow_run' ? { otherRun: readOtherRun((0,json/* dig */.rO)(payload, 'workflow_run')) } : {})
    };
}
/**
 * An untrusted run stores nothing. Nor does a pull request that runs on its base branch (`pull_request_target`): the entry
 * would be the branch's. Nor one whose entries nobody would ever read, since the cache service shows them to the same ref
 * only: that of a tag or of a merge queue.
 */
function storesMounts({ cacheServiceMode, ref, pullRequest }, { trusted }, { write }) {
    if (!trusted || cacheServiceMode === 'read' || 'reason' in write)
        return false;
    return ref.startsWith(pullRequest === undefined ? 'refs/heads/' : 'refs/pull/');
}
function readOtherRun(run) {
    const [id, event, conclusion] = [
        (0,json/* asPositive */.o0)((0,json/* dig */.rO)(run, 'id')),
        (0,json/* asString */.oJ)((0,json/* dig */.rO)(run, 'event')),
        (0,json/* asString */.oJ)((0,json/* dig */.rO)(run, 'conclusion'))
    ];
    return {
        ...(id === undefined ? {} : { id }),
        ...(event === undefined ? {} : { event }),
        ...(conclusion === undefined ? {} : { conclusion })
    };
}

// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
// EXTERNAL MODULE: ./src/adapters/environment.ts
var environment = __webpack_require__(7781);
// EXTERNAL MODULE: ./src/buildkit/bake.ts
var bake = __webpack_require__(3791);
// EXTERNAL MODULE: ./src/buildkit/plain_error.ts
var plain_error = __webpack_require__(8297);
;// CONCATENATED MODULE: ./src/builds/compose.ts
/**
 * A stranger's bake or compose file, judged by its text. Of compose, bake reads what the file names, wherever it lies: values of `env_file` and of the `env_file` of an
 * `include` become build arguments, and `extends` takes over another file's service. https://docs.docker.com/reference/compose-file/
 */
/** What bake looks for where no file is named: https://docs.docker.com/build/bake/reference/#file-lookup-order */
const BAKE_FILES = [
    ...['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml'],
    ...['docker-bake.json', 'docker-bake.hcl', 'docker-bake.override.json', 'docker-bake.override.hcl']
];
const READERS = /(?<![\w-])(?:env_file|include|extends)(?![\w-])/;
/**
 * How YAML can write a word that does not stand there: an escape with a number, a line that is continued, a tag such as
 * `!!binary`, and UTF-16.
 */
const DISGUISES = /\\(?:[xuU]|\r?\n)|(?:^|[\s,:?[{-])!\S|\0/m;
/** Whether a file may have bake read others. It is read as text: in doubt it does. */
function readsOthers(name, text) {
    // Bake takes no such file for compose.
    if (/\.(?:hcl|json)$/.test(name))
        return false;
    return READERS.test(text) || DISGUISES.test(text);
}
/** Outputs that write no file, where that stands there in so many words and the value ends there. */
const HARMLESS = /(?<![\w.-])"?output"?\s*[=:]\s*\[\s*(?:(?:"type=(?:cacheonly|registry|image)(?:,push=(?:true|false))?"|\{\s*"?type"?\s*[=:]\s*"(?:cacheonly|registry|image)"\s*\})\s*,?\s*)*\](?=[ \t]*(?:\r?\n|$|[,}]))/g;
/** Whether a file may have bake create or empty others, which it does with those that outputs name: in doubt it does. */
function writesOthers(name, text) {
    return /output/i.test(text.replace(HARMLESS, '')) || (!name.endsWith('.hcl') && DISGUISES.test(text));
}

// EXTERNAL MODULE: ./src/core/linked.ts
var core_linked = __webpack_require__(9358);
// EXTERNAL MODULE: ./src/core/source.ts
var core_source = __webpack_require__(2858);
;// CONCATENATED MODULE: ./src/builds/bake_definition.ts
/**
 * What `docker buildx bake --print` writes, and the inputs that a target's attributes stand for.
 * https://docs.docker.com/build/bake/reference/
 */






/** Parses what `--print` writes. Anything that is no definition has no targets. */
function parseDefinition(text) {
    const { group, target } = (0,json/* asObject */.eB)((0,json/* parseJSON */.Ol)(text)) ?? {};
    const members = (value) => Object.entries((0,json/* asObject */.eB)(value) ?? {});
    return {
        groups: Object.fromEntries(members(group).map(([name, value]) => [name, words((0,json/* asObject */.eB)(value)?.targets)])),
        targets: Object.fromEntries(members(target).map(([name, value]) => [name, plain((0,json/* asObject */.eB)(value) ?? {})]))
    };
}
/** What `--print` writes so that bake could read it once more: in these, what looks like a template is escaped. */
const printed = ['args', 'labels', 'annotations', 'dockerfile-inline'];
function plain(target) {
    return Object.fromEntries(Object.entries(target).map(([key, value]) => [key, printed.includes(key) ? unescaped(value) : value]));
}
function unescaped(value) {
    if (typeof value === 'string')
        return value.replace(/([$%])\1\{/g, '$1{');
    if (Array.isArray(value))
        return value.map(unescaped);
    const members = (0,json/* asObject */.eB)(value);
    if (members === undefined)
        return value;
    return Object.fromEntries(Object.entries(members).map(([key, one]) => [key, unescaped(one)]));
}
/** The targets that were asked for, groups resolved; each group once, as they may be nested many times over. */
function askedTargets({ groups, targets }) {
    const found = new Set();
    const seen = new Set();
    const open = ['default'];
    for (let name = open.pop(); name !== undefined; name = open.pop()) {
        if (targets[name] !== undefined)
            found.add(name);
        else if (!seen.has(name))
            open.push(...(groups[name] ?? []).toReversed());
        seen.add(name);
    }
    return [...found];
}
/** What decides nothing of a build. */
const silent = ['description', 'name', 'inherits', 'matrix'];
/** One row for each attribute: the inputs that it stands for. */
const rows = {
    context: (value) => ({ context: local(bake_definition_text(value)) || '.' }),
    dockerfile: (value, target) => inlineOf(target) === undefined ? { file: besideContext(local(bake_definition_text(target.context)), bake_definition_text(value)) } : {},
    target: (value) => ({ target: bake_definition_text(value) }),
    args: (value) => ({ 'build-args': lines(pairs(value, '=')) }),
    // Other targets of the file are read elsewhere.
    contexts: (value) => ({
        'build-contexts': lines(Object.entries(object(value)).flatMap(([name, place]) => (0,core_linked/* linkedName */.F$)(place) === undefined ? [`${name}=${place}`] : []))
    }),
    labels: (value) => ({ labels: lines(pairs(value, '=')) }),
    annotations: (value) => ({ annotations: lines(words(value)) }),
    tags: (value) => ({ tags: words(value).join('\n') }),
    platforms: (value) => ({ platforms: words(value).join('\n') }),
    output: (value) => ({ outputs: records(value) }),
    'cache-from': (value) => ({ 'cache-from': records(value) }),
    'cache-to': (value) => ({ 'cache-to': records(value) }),
    pull: (value) => ({ pull: value === true ? 'true' : '' }),
    'no-cache': (value) => ({ 'no-cache': value === true ? 'true' : '' }),
    'no-cache-filter': (value) => ({ 'no-cache-filters': words(value).join('\n') }),
    network: (value) => ({ network: bake_definition_text(value) }),
    'shm-size': (value) => ({ 'shm-size': bake_definition_text(value) }),
    ulimits: (value) => ({ ulimit: lines(words(value)) }),
    // All in one line that has an end of its own: an entry alone in its line is split at its commas, quotes or not.
    'extra-hosts': (value) => ({ 'add-hosts': [...pairs(value, ':').map(quoted), ''].join(',') }),
    attest: attestations,
    // Checked and read elsewhere.
    'dockerfile-inline': () => ({}),
    entitlements: () => ({}),
    secret: () => ({}),
    ssh: () => ({})
};
/** The inputs that a target stands for, but for what it is given: secrets and agents. */
function textsOf(target) {
    return Object.assign({}, ...Object.entries(rows).map(([key, row]) => read(row, target[key], target)));
}
/** Attributes that are read nowhere, and decide something. */
function unreadIn(target) {
    return Object.keys(target).filter((key) => !silent.includes(key) && rows[key] === undefined);
}
function read(row, value, target) {
    return value === undefined || value === null ? {} : row(value, target);
}
/**
 * The inputs that give some targets their secrets and agents.
 * @param hasVariable whether a variable is set, for secrets that name neither a variable nor a file
 */
function credentialTexts(targets, hasVariable) {
    const secrets = attributesOf(targets.flatMap(({ secret }) => (0,json/* asArray */._j)(secret)));
    const agents = attributesOf(targets.flatMap(({ ssh }) => (0,json/* asArray */._j)(ssh)));
    const variables = secrets.flatMap(({ id = '', env, src }) => {
        if (env !== undefined)
            return [`${id}=${env}`];
        return src === undefined && hasVariable(id) ? [`${id}=${id}`] : [];
    });
    const files = secrets.flatMap(({ id = '', env, src }) => {
        if (env !== undefined || (src === undefined && hasVariable(id)))
            return [];
        return [`${id}=${src ?? id}`];
    });
    const sockets = agents.map(({ id = 'default', paths }) => (paths === undefined ? id : `${id}=${paths}`));
    return {
        'secret-envs': unique(variables).join('\n'),
        'secret-files': lines(unique(files)),
        ssh: lines(unique(sockets))
    };
}
function attestations(value) {
    const texts = {};
    const others = [];
    for (const { type = '', disabled, ...rest } of attributesOf((0,json/* asArray */._j)(value))) {
        const given = Object.entries(rest).map(([key, one]) => (0,csv/* writeField */.YD)(`${key}=${one}`));
        if (type !== 'provenance' && type !== 'sbom')
            others.push([`type=${type}`, ...given].join(','));
        else
            texts[type] = disabled === 'true' ? 'false' : given.join(',') || 'true';
    }
    return { ...texts, attests: others.join('\n') };
}
/** The text of a Dockerfile that is written in the bake file; an empty one is none. */
function inlineOf(target) {
    const inline = bake_definition_text(target['dockerfile-inline']);
    return inline === '' ? undefined : inline;
}
/** Where a target is built from. */
function sourceOf({ context, dockerfile }) {
    const place = local(bake_definition_text(context)) || '.';
    return {
        context: isRemote(place) ? { kind: 'remote', url: place } : { kind: 'local', path: place },
        file: besideContext(place, bake_definition_text(dockerfile))
    };
}
/** Files, and not folders, that the outputs of a definition are written to. */
function outputFiles({ targets }) {
    return Object.values(targets).flatMap(({ output }) => attributesOf((0,json/* asArray */._j)(output)).flatMap(({ type = '', dest }) => dest !== undefined && ['oci', 'docker', 'tar'].includes(type) ? [dest] : []));
}
/** Paths that the target reads from or writes to. */
function places(target) {
    const { context = '.', file = '' } = textsOf(target);
    const found = [
        context,
        file,
        ...Object.values(object(target.contexts)).map(core_source/* localPlace */.N$),
        ...attributesOf([
            ...(0,json/* asArray */._j)(target.output),
            ...(0,json/* asArray */._j)(target['cache-to']),
            ...(0,json/* asArray */._j)(target['cache-from'])
        ]).flatMap((attributes) => Object.entries(attributes).flatMap(([key, one]) => (['dest', 'src'].includes((0,csv/* attributeKey */.s)(key)) ? [one] : []))),
        ...(0,json/* asArray */._j)(target.output).flatMap((output) => typeof output === 'string' && !output.includes('=') && output !== '-' ? [output] : [])
    ];
    return found.filter((place) => place !== '' && !isRemote(place));
}
/** A Dockerfile is named from its context, other than in `docker buildx build`. */
function besideContext(context, file) {
    if (isRemote(context))
        return file === 'Dockerfile' ? '' : file;
    if (local(file) !== file)
        return local(file);
    return file === '' || external_node_path_default().isAbsolute(file) ? file : external_node_path_default().join(context, file);
}
function isRemote(place) {
    return /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|target:)/i.test(place);
}
/** `cwd://` is the folder that bake is run in. */
function local(place) {
    return place.replace(/^cwd:\/\//, '');
}
/** Lists of buildx up to 0.19 hold CSV, later ones objects. */
function attributesOf(values) {
    return values.map((value) => {
        if (typeof value !== 'string')
            return object(value);
        if (!value.includes('='))
            return { id: value };
        return Object.fromEntries((0,pair/* splitPairs */._)((0,csv/* readFields */.qU)(value)));
    });
}
/** A list as an input has it whose entries have a type. */
function records(value) {
    return (0,json/* asArray */._j)(value)
        .map((item) => {
        if (typeof item === 'string')
            return item;
        const { type, ...rest } = object(item);
        const fields = Object.entries({ ...(type === undefined ? {} : { type }), ...rest });
        return fields.map(([key, one]) => (0,csv/* writeField */.YD)(`${key}=${one}`)).join(',');
    })
        .join('\n');
}
/** Entries, each in quotes. */
function lines(entries) {
    return entries.map(quoted).join('\n');
}
function quoted(entry) {
    return `"${entry.replaceAll('"', '""')}"`;
}
function pairs(value, separator) {
    return Object.entries(object(value)).map(([key, one]) => `${key}${separator}${one}`);
}
/** A map of scalars, or of lists, as texts. */
function object(value) {
    const entries = Object.entries((0,json/* asObject */.eB)(value) ?? {}).filter(([, one]) => one !== null && one !== undefined);
    return Object.fromEntries(entries.map(([key, one]) => [key, Array.isArray(one) ? one.map(bake_definition_text).join(',') : bake_definition_text(one)]));
}
/** A list of scalars as texts. */
function words(value) {
    return (0,json/* asArray */._j)(value).map(bake_definition_text);
}
/** A scalar as text; empty for anything else. */
function bake_definition_text(value) {
    return typeof value === 'string' ? value : typeof value === 'number' || typeof value === 'boolean' ? `${value}` : '';
}
function unique(values) {
    return [...new Set(values)];
}
/** Whether two attributes say the same, in whichever order. */
function same(one, other) {
    const sorted = (value) => JSON.stringify(Object.entries((0,json/* asObject */.eB)(value) ?? { value }).sort(([a], [b]) => (a < b ? -1 : 1)));
    return sorted(one) === sorted(other);
}

;// CONCATENATED MODULE: ./src/core/problem.ts
/** A mistake of the user's, in terms of the inputs. */
/** Each once: what is wrong with an input of the step is wrong with each of its images. */
function onceEach(problems) {
    return [...new Map(problems.map((each) => [JSON.stringify(each), each])).values()];
}

;// CONCATENATED MODULE: ./src/builds/bake_links.ts
/**
 * Targets of a bake file that others are built upon: what they are to bake, which is given them back as it has resolved them.
 * https://docs.docker.com/build/bake/contexts/#use-another-target-as-base
 */




/** Some targets, and all that they are linked to, directly or not: each once, and behind all that it needs itself. */
function withLinked(names, targets) {
    const found = new Set();
    const seen = new Set();
    const open = names.toReversed().map((name) => ({ name, isDone: false }));
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
        const { name, isDone } = next;
        if (isDone)
            found.add(name);
        if (seen.has(name))
            continue;
        seen.add(name);
        const linked = Object.values(object(targets[name]?.contexts)).map(core_linked/* linkedName */.F$);
        const there = linked.filter((each) => each !== undefined && targets[each] !== undefined);
        open.push({ name, isDone: true }, ...there.map((each = '') => ({ name: each, isDone: false })));
    }
    return [...found];
}
/** What links a target to others. */
function linksOf(name, targets) {
    const [, ...linked] = withLinked([name], targets).toReversed();
    return {
        contexts: Object.entries(object(targets[name]?.contexts)).flatMap(([alias, place]) => (0,core_linked/* linkedName */.F$)(place) === undefined ? [] : [`${alias}=${place}`]),
        targets: linked.toReversed().map((each) => {
            const target = targets[each] ?? {};
            return { name: each, source: sourceOf(target), attributes: linkedAttributes(target) };
        })
    };
}
/** What decides nothing of a target that only others are built upon, or is not its own to decide. */
const notLinked = [
    ...['output', 'tags', 'annotations', 'attest', 'cache-from', 'cache-to', 'secret', 'ssh', 'platforms', 'call'],
    ...silent
];
/** A target as bake takes it for one that others are built upon: by itself it writes nothing. Paths are absolute. */
function linkedAttributes(target) {
    const { context } = sourceOf(target);
    const kept = Object.entries(target).filter(([key]) => !notLinked.includes(key));
    const contexts = Object.entries(object(target.contexts)).map(([name, place]) => [name, absolute(place)]);
    return {
        ...Object.fromEntries(kept),
        ...(context.kind === 'local' ? { context: external_node_path_default().resolve(context.path) } : {}),
        ...(contexts.length === 0 ? {} : { contexts: Object.fromEntries(contexts) })
    };
}
function absolute(place) {
    const layout = /^oci-layout:\/\/(?!\/)(.*)$/s.exec(place)?.[1];
    if (layout !== undefined)
        return `oci-layout://${external_node_path_default().resolve(layout)}`;
    return isRemote(place) ? place : external_node_path_default().resolve(local(place));
}
/** Folders and Dockerfiles of linked targets that are not there. What the image itself is built from is looked for as an input. */
function findMissing({ targets }, look) {
    return targets.flatMap(({ name, source, attributes }) => {
        const { context } = source;
        if (context.kind === 'remote')
            return [];
        const input = 'bake-files';
        if (look(context.path) !== 'folder') {
            const seen = look(context.path) === 'file' ? 'is a file' : 'does not exist';
            const problem = `"${context.path}", the context of the target "${name}", ${seen}`;
            return [{ input, problem, fix: 'Give the folder that holds its sources, relative to the working directory.' }];
        }
        if (inlineOf(attributes) !== undefined || (0,core_source/* dockerfilePlaces */.f2)(source).some((place) => look(place) === 'file'))
            return [];
        const problem = `there is no Dockerfile at "${(0,core_source/* dockerfilePath */.Se)(source)}", for the target "${name}"`;
        return [{ input, problem, fix: 'In a bake file its path is relative to the context.' }];
    });
}

;// CONCATENATED MODULE: ./src/builds/from_bake.ts
/**
 * A bake file as the inputs it stands for: what a target says is read by the same grammars, and checked by the same rules, as
 * what a step says. The definition is bake's own resolved one (`docker buildx bake --print`), so inheritance, variables,
 * functions, matrices and compose files are bake's to understand.
 * https://docs.docker.com/build/bake/reference/
 */




/** Each is built and inspected on its own, and nothing leaves before the last has passed. */
const MOST_IMAGES = 20;
/** Attributes that a test shares with the image: both are stages of one Dockerfile, built once for both. */
const shared = ['context', 'dockerfile', 'dockerfile-inline', 'args', 'contexts'];
/** Inputs of which the step's own value counts, whatever the file says: bake has flags for them. */
const switches = ['pull', 'no-cache', 'provenance', 'sbom'];
/** What action.yml gives where the step gives nothing. */
const defaults = { context: '.', pull: 'false', 'no-cache': 'false' };
/** Inputs whose entries add up. */
const sums = ['secret-envs', 'secret-files', 'ssh'];
/** Outputs that have no image in them. */
const fileTypes = ['local', 'tar', 'cacheonly'];
/** What asks for an image, and stands in the step for all of them: a build of tests alone has none of it. */
const ofImages = [
    ...['push', 'load', 'smoke', 'verify', 'verify-reproducible'],
    ...['max-size', 'max-increase', 'max-layers', 'max-reclaimable']
];
/**
 * Reads the images that the definition is of, each with the test targets that belong to it. A target that is asked for and
 * writes nothing (`type=cacheonly`) is a test, whether it is called one or not.
 */
function readDefinition(definition, question) {
    const { targets } = definition;
    const named = [...question.tests, ...(question.testReport === '' ? [] : [question.testReport])];
    const asked = askedTargets(definition).filter((name) => !named.includes(name));
    const checks = asked.filter((name) => isCheck(targets[name]));
    const images = asked.filter((name) => !checks.includes(name));
    const given = [...new Set(named)].filter((name) => targets[name] !== undefined);
    // Tests that are of no image are a build by themselves. Those that are called tests are of one, if there is any.
    const gates = [];
    for (const test of images.length > 0 ? checks : [...given, ...checks]) {
        const isOf = (name) => differences(targets[test], targets[name]).length === 0;
        if (![...images, ...gates].some(isOf))
            gates.push(test);
    }
    const names = [...images, ...gates];
    if (names.length === 0) {
        const fix = 'Name a target in bake-targets.';
        return { images: [], problems: [{ input: 'bake-files', problem: 'no target was found', fix }] };
    }
    if (names.length > MOST_IMAGES) {
        const problem = `${names.length} images are asked for, and a step takes up to ${MOST_IMAGES}`;
        return { images: [], problems: [{ input: 'bake-targets', problem, fix: 'Name some of them in bake-targets.' }] };
    }
    const about = { ...question, targets, names, gates, checks, targetTests: [...given, ...checks] };
    const readings = names.map((name) => readImage(name, about));
    const problems = [
        ...findStrayTests(about),
        ...findClashingSecrets(about),
        ...readings.flatMap((reading) => reading.problems)
    ];
    return problems.length > 0
        ? { images: [], problems: onceEach(problems) }
        : { images: readings.map((reading) => (0,json/* without */.FF)(reading, 'problems')), problems };
}
/** Secrets that two targets take from different places under one id: all that a step builds has one set of them. */
function findClashingSecrets({ targets, names, targetTests }) {
    const uses = withLinked([...names, ...targetTests], targets).flatMap((target) => attributesOf((0,json/* asArray */._j)(targets[target]?.secret)).map(({ id = '', env, src }) => ({
        ...{ target, id },
        source: env === undefined ? `src ${src ?? id}` : `env ${env}`
    })));
    return [...Map.groupBy(uses, ({ id }) => id)].flatMap(([id, of]) => {
        const [first, ...others] = of;
        const other = others.find(({ source, target }) => source !== first?.source && target !== first?.target);
        if (first === undefined || other === undefined)
            return [];
        const problem = `the targets "${first.target}" and "${other.target}" take the secret "${id}" from different places`;
        return [{ input: 'bake-files', problem, fix: 'All of a step have one set of secrets: give each an id of its own.' }];
    });
}
/** Whether a target builds a stage of its Dockerfile, and writes nothing. */
function isCheck(target = {}) {
    const outputs = records(target.output).split('\n');
    return bake_definition_text(target.target) !== '' && outputs.every((output) => output === 'type=cacheonly');
}
function readImage(name, question) {
    const target = question.targets[name] ?? {};
    const links = linksOf(name, question.targets);
    const all = [name, ...links.targets.map((each) => each.name)];
    const { texts, problems } = besideStep(name, textsOfImage(all, question), question);
    const inline = inlineOf(target);
    return {
        ...{ name, links },
        texts: { ...texts, ...testTexts(name, question) },
        problems: [
            ...findUnfitTests(name, question),
            ...findUnread(all, question),
            ...findEntitlements(all, question),
            ...findOutside(all, question),
            ...problems,
            ...(inline === undefined ? [] : findInlineElsewhere(name, target))
        ],
        ...(inline === undefined ? {} : { inline })
    };
}
/** What the file says of an image, whose target comes first, and of what it is built upon. */
function textsOfImage(all, question) {
    const { targets, names, gates, targetTests } = question;
    const [name = ''] = all;
    const target = targets[name] ?? {};
    // The step has one agent and one set of secrets, for all that it builds.
    const supplied = withLinked([...names, ...targetTests], targets).map((each) => targets[each] ?? {});
    const texts = {
        ...textsOf(target),
        ...flagTexts(target),
        ...cacheTexts(all.map((each) => targets[each] ?? {})),
        ...credentialTexts(supplied, question.hasVariable)
    };
    if (!gates.includes(name))
        return texts;
    const ofNone = gates.length < names.length ? Object.fromEntries(ofImages.map((input) => [input, ''])) : {};
    return { ...(0,json/* without */.FF)(texts, 'target', 'tags', 'outputs'), ...ofNone };
}
/** What the file says, where the step says something, too. */
function besideStep(name, said, { given }) {
    const texts = { ...said };
    const problems = [];
    for (const [input, value] of Object.entries(said)) {
        const ours = given(input).trim();
        if (value === '' || ours === '' || ours === defaults[input])
            continue;
        if (sums.includes(input))
            texts[input] = `${ours}\n${value}`;
        else if (switches.includes(input))
            texts[input] = ours;
        else {
            const fix = `Remove it, or set it with bake-set: ${name}.….`;
            problems.push({ input, problem: 'the bake file sets it too', fix });
        }
    }
    return { texts, problems };
}
/** The tests that are of an image, by their stages. */
function testTexts(name, question) {
    const { names, tests, checks, testReport } = question;
    const stages = [...tests, ...checks]
        .filter((test) => belongs(test, name, question))
        .map((test) => stageOf(test, question));
    const report = testReport !== '' && belongs(testReport, name, question) ? stageOf(testReport, question) : '';
    return {
        ...(names.length > 1 || stages.length > 0 ? { 'test-target': [...new Set(stages)].join('\n') } : {}),
        ...(testReport === '' ? {} : { 'test-report-target': report })
    };
}
/** Targets that are to be tests, and cannot be tests of this image. */
function findUnfitTests(name, question) {
    const { targets, names, targetTests } = question;
    const others = (names.length > 1 ? [] : targetTests).flatMap((test) => differences(targets[test], targets[name]).map((attribute) => ({
        input: inputOf(test, question),
        problem: `the targets "${test}" and "${name}" have different ${attribute}`,
        fix: 'Tests and image are stages of one Dockerfile, built together: let one target inherit from the other.'
    })));
    const unnamed = targetTests
        .filter((test) => bake_definition_text(targets[test]?.target) === '')
        .map((test) => ({
        input: inputOf(test, question),
        problem: `the target "${test}" names no stage`,
        fix: 'Give it target = "STAGE".'
    }));
    return [...others, ...unnamed];
}
/** Attributes that have no input. A target that others are built upon is asked nothing. */
function findUnread(all, { targets }) {
    return all.flatMap((each, index) => unreadIn(targets[each] ?? {})
        .filter((attribute) => attribute !== 'call' || index === 0)
        .map((attribute) => ({
        input: 'bake-files',
        problem: `the target "${each}" has ${attribute}, which this action does not read`,
        fix: attribute === 'call'
            ? 'Leave it out of bake-targets, and ask in a step of its own, with the input call.'
            : 'Remove it, or reset it with bake-set.'
    })));
}
/** Entitlements that the step does not give. */
function findEntitlements(all, { targets, given }) {
    const allowed = given('allow').split(/[\s,"]+/);
    return all.flatMap((each) => words(targets[each]?.entitlements)
        .filter((entitlement) => !allowed.includes(entitlement))
        .map((entitlement) => ({
        input: 'allow',
        problem: `the target "${each}" asks for ${entitlement}`,
        fix: `Write allow: ${entitlement}, if it may have it.`
    })));
}
/** Places of the runner that this run may not use. */
function findOutside(all, { targets, mayUse }) {
    return all
        .flatMap((each) => places(targets[each] ?? {}))
        .filter((place) => !mayUse(place))
        .map((place) => ({
        input: 'bake-files',
        problem: `"${place}" is outside of the checkout`,
        fix: 'In an untrusted run, a bake file may use paths in the checkout only.'
    }));
}
/** A Dockerfile in the bake file is put beside a context that lies on the runner. */
function findInlineElsewhere(name, target) {
    if (sourceOf(target).context.kind !== 'remote')
        return [];
    const problem = `the target "${name}" has dockerfile-inline, and a context that is not on the runner`;
    const fix = 'Write the Dockerfile to a file of that context, or check the context out.';
    return [{ input: 'bake-files', problem, fix }];
}
/** Bake's flags, and tags, make no image of what is written to files, or nowhere. */
function flagTexts({ output }) {
    const types = attributesOf((0,json/* asArray */._j)(output)).map(({ type = '' }) => type);
    const areAll = (...wanted) => types.length > 0 && types.every((type) => wanted.includes(type));
    return {
        ...(areAll(...fileTypes, 'oci') ? { push: '' } : {}),
        ...(types.some((type) => fileTypes.includes(type)) ? { load: '' } : {}),
        ...(areAll(...fileTypes) ? { tags: '' } : {})
    };
}
/** What linked targets read and write of the layer cache is a part of what the image does. */
function cacheTexts(all) {
    const texts = ['cache-from', 'cache-to'].map((attribute) => {
        const entries = all.flatMap((target) => records(target[attribute]).split('\n')).filter((entry) => entry !== '');
        return [attribute, [...new Set(entries)].join('\n')];
    });
    return Object.fromEntries(texts.filter(([, entries]) => entries !== ''));
}
function inputOf(test, { tests }) {
    return tests.includes(test) ? 'test-target' : 'test-report-target';
}
function stageOf(test, { targets }) {
    return targets[test] === undefined ? test : bake_definition_text(targets[test].target);
}
/** Attributes in which a test differs from an image whose Dockerfile it would have to share. */
function differences(test = {}, image = {}) {
    return shared.filter((attribute) => !same(test[attribute], image[attribute]));
}
/**
 * Whether a test is one of an image: a target that is built from the same Dockerfile or, where the name is a stage's, a stage of
 * it. What nobody has, and what cannot be known here, is looked for before the build.
 */
function belongs(test, image, question) {
    const { targets, names, hasStage } = question;
    if (names.length === 1)
        return true;
    if (targets[test] !== undefined)
        return differences(targets[test], targets[image]).length === 0;
    const isNowhere = names.every((name) => hasStage(name, test) === false);
    return isNowhere ? image === names[0] : hasStage(image, test) !== false;
}
/** Tests of the file that are built from the Dockerfile of none of several images. */
function findStrayTests(question) {
    const { targets, names, targetTests } = question;
    if (names.length === 1)
        return [];
    return targetTests.flatMap((test) => {
        if (names.some((name) => belongs(test, name, question)))
            return [];
        const nearest = names.map((name) => `"${name}" has another ${differences(targets[test], targets[name]).join(' and ')}`);
        const problem = `the target "${test}" belongs to none of the images: ${nearest.join(', ')}`;
        const fix = 'Tests and image are stages of one Dockerfile, built together: let the test inherit from the image that it is of.';
        return [{ input: inputOf(test, question), problem, fix }];
    });
}

// EXTERNAL MODULE: ./src/dockerfile/index.ts + 9 modules
var src_dockerfile = __webpack_require__(5212);
// EXTERNAL MODULE: ./src/gate/links.ts
var gate_links = __webpack_require__(7198);
;// CONCATENATED MODULE: ./src/inputs/bake.ts
/** Whether a bake file says what to build. */
function namesBake({ text }) {
    return ['bake-files', 'bake-targets', 'bake-set'].some((input) => text(input) !== '');
}
/** Reads them; `undefined` where the step names no bake file. */
function parseBakeSource({ list, unquotedRecords }) {
    const source = { files: list('bake-files'), targets: list('bake-targets'), set: unquotedRecords('bake-set') };
    return Object.values(source).some((values) => values.length > 0) ? source : undefined;
}

// EXTERNAL MODULE: ./src/inputs/grammar.ts + 2 modules
var inputs_grammar = __webpack_require__(6088);
;// CONCATENATED MODULE: ./src/phases/bake.ts
var bake_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var bake_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
/** A bake file in the place of inputs: asked of bake itself, before anything else is read. */


















/**
 * Reads the file that `bake-files`, `bake-targets` and `bake-set` name; without them the inputs are as they are.
 * @param kept what removes what is written for the run
 */
async function readBake(ports, { read, env }, { trust, workspace, temporaryFolder }, kept) {
    const problems = [];
    const grammar = (0,inputs_grammar/* createGrammar */.wI)(read, problems);
    const source = parseBakeSource(grammar);
    const asGiven = (problems) => ({ images: [{ read }], problems });
    if (source === undefined || problems.length > 0)
        return asGiven(problems);
    const tests = grammar.list('test-target');
    const testReport = grammar.text('test-report-target');
    const remote = source.files.filter((file) => /^(?:(?!cwd:)[a-z][a-z0-9+.-]*:\/\/|git@)/i.test(file));
    if (remote.length > 0) {
        const problem = `${remote.map((file) => `"${file.replace(/\/\/[^/]*@/, '//')}"`).join(', ')} is not on the runner`;
        const fix = 'Check its repository out before this step, with actions/checkout, and name the file in it.';
        return asGiven([{ input: 'bake-files', problem, fix }]);
    }
    const places = (source.files.length > 0 ? source.files : BAKE_FILES).map((file) => (0,core_source/* localPlace */.N$)(file));
    const links = trust.trusted ? [] : await findLinks(places, workspace);
    if (links.length > 0)
        return asGiven(links);
    // The workflow's own are read by bake alone.
    const unfit = await findUnfit(places, trust.trusted ? Infinity : MOST_BYTES);
    if (unfit.length > 0)
        return asGiven(unfit);
    const strangers = trust.trusted ? [] : await Promise.all(places.map(readText));
    const strange = strangers.flatMap(findStrange);
    if (strange.length > 0)
        return asGiven(strange);
    // What does not leave has no outputs. Those that write nothing tell a test from an image.
    const step = { env, trust, seesOutputs: !strangers.some(({ file, text }) => writesOthers(file, text)) };
    const asked = await resolve(ports, source, step);
    if ('error' in asked) {
        // Bake's words seldom tell whose value it is.
        const plain = source.set.length === 0 ? asked : await resolve(ports, { ...source, set: [] }, step);
        return asGiven([refusal(source, asked.error, 'error' in plain ? 'bake-files' : 'bake-set')]);
    }
    let { definition } = asked;
    const members = new Map();
    for (const test of new Set([...tests, ...(testReport === '' ? [] : [testReport])])) {
        if (definition.targets[test] !== undefined)
            continue;
        const other = await resolve(ports, { ...source, targets: [test] }, step);
        // Where the file has nothing of that name it is a stage, which the pre-flight looks for.
        if ('error' in other)
            continue;
        members.set(test, askedTargets(other.definition));
        definition = { ...definition, targets: { ...other.definition.targets, ...definition.targets } };
    }
    const isInside = (0,environment/* inCheckout */.Y)(env);
    const mayUse = (place) => trust.trusted || isInside(place);
    const reading = readDefinition(definition, {
        // A group stands for all in it.
        tests: tests.flatMap((test) => members.get(test) ?? [test]),
        testReport,
        given: read,
        hasStage: await readStages(definition, mayUse),
        hasVariable: (name) => env[name] !== undefined,
        mayUse
    });
    const [first, ...others] = reading.images;
    if (first === undefined)
        return asGiven(reading.problems);
    const inlineFiles = await placeInline(reading.images, temporaryFolder, kept);
    const of = ({ name, texts: said, links, inline }) => {
        const file = inlineFiles.get(name);
        const texts = file === undefined ? said : { ...said, file };
        return {
            read: (input) => texts[input] ?? read(input),
            from: { bake: { files: source.files, target: name, set: source.set, isInline: inline !== undefined }, links },
            ...(others.length === 0 ? {} : { name })
        };
    };
    const names = reading.images.map(({ name }) => name).join(', ');
    ports.log.info(`${others.length === 0 ? 'Target' : 'Targets'} ${names} of ${source.files.join(', ') || 'the bake file'}`);
    return { images: [of(first), ...others.map(of)], problems: [] };
}
/** Writes the Dockerfiles that stand in a bake file, each into a folder of its own; returns their paths by image. */
async function placeInline(images, temporaryFolder, { cleanup, leftovers }) {
    const texts = images.flatMap(({ name, inline }) => (inline === undefined ? [] : [{ name, text: inline }]));
    if (texts.length === 0)
        return new Map();
    await (0,failure_disk/* checkTemporaryFolder */.C)(temporaryFolder);
    const folder = await (0,promises_.mkdtemp)(external_node_path_default().join(temporaryFolder, 'stagegate-'));
    leftovers.addFolder(folder);
    cleanup.defer(() => (0,promises_.rm)(folder, { recursive: true, force: true }));
    const placed = texts.map(async ({ name, text }, nth) => {
        const file = external_node_path_default().join(folder, String(nth), 'Dockerfile');
        await (0,promises_.mkdir)(external_node_path_default().dirname(file));
        await (0,promises_.writeFile)(file, text);
        return [name, file];
    });
    return new Map(await Promise.all(placed));
}
/** Dockerfiles; of more it is not known which stages they have. */
const MOST_READ = 100;
/** The stages of the Dockerfiles that several images are built from; what cannot be read here is not known. */
async function readStages(definition, mayUse) {
    const names = Object.keys(definition.targets);
    const read = async (name) => {
        const target = definition.targets[name] ?? {};
        const [source, inline] = [sourceOf(target), inlineOf(target)];
        if (inline !== undefined)
            return [name, (0,src_dockerfile/* parseDockerfile */.Ai)(inline)];
        const file = source.context.kind === 'local' ? (0,core_source/* dockerfilePath */.Se)(source) : undefined;
        if (file === undefined || !mayUse(file) || (await findUnfit([file], MOST_BYTES)).length > 0)
            return undefined;
        const text = await (0,promises_.readFile)(file).catch(() => undefined);
        return text === undefined ? undefined : [name, (0,src_dockerfile/* parseDockerfile */.Ai)(text)];
    };
    const found = names.length < 2 ? [] : await Promise.all(names.slice(0, MOST_READ).map(read));
    const dockerfiles = new Map(found.filter((each) => each !== undefined));
    return (target, stage) => {
        const dockerfile = dockerfiles.get(target);
        return dockerfile === undefined ? undefined : (0,src_dockerfile/* findStage */.U9)(dockerfile, stage) !== undefined;
    };
}
/** What would have bake read the runner's own, and show it in an error. */
function findLinks(places, workspace) {
    // Compose files have values of `.env` of the working directory.
    return (0,gate_links/* findLinksOut */.pq)([...places, '.env'].map((place) => ({ input: 'bake-files', place })), workspace);
}
/** More than anybody writes by hand. */
const MOST_BYTES = 4_000_000;
/** What has no end, as a pipe or a device may, and what is too large. What is not there bake itself tells. */
async function findUnfit(places, mostBytes) {
    const fix = 'Name a bake or compose file of the checkout.';
    const problems = await Promise.all(places.map(async (place) => {
        const found = await (0,promises_.stat)(place).catch(() => undefined);
        if (found === undefined || (found.isFile() && found.size <= mostBytes))
            return [];
        const problem = found.isFile() ? `is larger than ${(0,units/* bytes */.ee)(mostBytes)}` : 'is not a regular file';
        return [{ input: 'bake-files', problem: `"${place}" ${problem}`, fix }];
    }));
    return problems.flat();
}
async function readText(file) {
    return { file, text: await (0,promises_.readFile)(file, 'latin1').catch(() => '') };
}
/** What of a stranger's file would have bake read the runner's own, and show it to their Dockerfile. */
function findStrange({ file, text }) {
    if (!readsOthers(file, text))
        return [];
    const problem = `"${file}" has env_file, include or extends, or is written in a way that may hide them`;
    const fix = "In an untrusted run, a compose file may not have other files read: write out what the image's build needs.";
    return [{ input: 'bake-files', problem, fix }];
}
/** What docker itself needs: a stranger's file sees none of the step's variables. */
const plainVariables = [
    ...['PATH', 'HOME', 'TMPDIR', 'XDG_CONFIG_HOME', 'XDG_RUNTIME_DIR', 'BUILDX_CONFIG', 'BUILDX_BUILDER'],
    ...['DOCKER_HOST', 'DOCKER_CONFIG', 'DOCKER_CONTEXT', 'DOCKER_CERT_PATH', 'DOCKER_TLS_VERIFY']
];
async function resolve({ exec }, source, { env, trust, seesOutputs }) {
    const plain = Object.entries(env).flatMap(([name, value]) => value !== undefined && plainVariables.includes(name) ? [[name, value]] : []);
    const ask = (set, given = {}) => exec((0,bake/* planResolve */.kk)({ ...source, set: [...source.set, ...set] }), {
        timeoutSeconds: 60,
        ...(trust.trusted ? { env: given } : { env: Object.fromEntries(plain), alone: true })
    });
    // Bake looks for what secrets and agents name. An untrusted run has none of it, and the step's own agent starts later.
    const left = [...(trust.trusted ? [] : ['*.ssh=', '*.secrets=']), ...(seesOutputs ? [] : ['*.output='])];
    let answer = await ask(left);
    if (trust.trusted && answer.exitCode !== 0 && answer.stderr.includes('agent config')) {
        answer = await withStandIn((socket) => ask([], { SSH_AUTH_SOCK: socket }));
    }
    if (answer.exitCode === 0) {
        const definition = parseDefinition(answer.stdout);
        for (const file of outputFiles(definition))
            await removeEmpty(file);
        return { definition };
    }
    return { error: (0,plain_error/* lastError */.V)(answer.stderr) };
}
/** Removes what bake has made of an output's file: it is there when the image may leave, and not before. */
async function removeEmpty(file) {
    const found = await (0,promises_.lstat)(file).catch(() => undefined);
    if (found?.isFile() === true && found.size === 0)
        await (0,promises_.rm)(file).catch(() => undefined);
}
/** A socket in the place of the agent that the step starts later: bake only looks whether there is one. */
async function withStandIn(body) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const stack = bake_addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const folder = await (0,promises_.mkdtemp)(external_node_path_default().join(external_node_os_default().tmpdir(), 'stagegate-bake-'));
        stack.defer(() => (0,promises_.rm)(folder, { recursive: true, force: true }));
        const socket = external_node_path_default().join(folder, 'agent');
        const server = (0,external_node_net_.createServer)((connection) => connection.destroy()).listen(socket);
        stack.defer(() => void server.close());
        await (0,external_node_events_.once)(server, 'listening');
        return await body(socket);
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = bake_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
/** @param input whose value is at fault */
function refusal({ targets }, error, input) {
    const [, target] = /^failed to find target (\S+)/.exec(error) ?? [];
    if (target === 'default' && targets.length === 0) {
        const problem = 'the file has no group "default"'; // what bake builds where nothing is named
        return { input: 'bake-targets', problem, fix: 'Name a target or group of the file.' };
    }
    if (target !== undefined) {
        const problem = `there is no target "${target}"`;
        return targets.includes(target)
            ? { input: 'bake-targets', problem, fix: 'Name a target or group of the file.' }
            : {
                input,
                problem,
                fix: 'What a group, "inherits" or a context "target:NAME" names has to be in one of the files.'
            };
    }
    const fix = input === 'bake-set'
        ? 'Write TARGET.KEY=VALUE, such as app.args.VERSION=1.2 or *.platform=linux/amd64, one per line.'
        : /no such file|stat /.test(error)
            ? 'Paths are relative to the working directory; check that actions/checkout runs before this step.'
            : 'Try it with "docker buildx bake --print".';
    return { input, problem: `bake says: ${error}`, fix };
}

// EXTERNAL MODULE: ./src/builds/from_inputs.ts
var from_inputs = __webpack_require__(4429);
;// CONCATENATED MODULE: ./src/dockerfile/read.ts
/** The one place where the Dockerfile is read from disk. */


/**
 * What is wrong with how it is written. BuildKit reads UTF-8 alone, and the program that reads the Dockerfile ends over the
 * mark with which a text of UTF-16 begins.
 */
function encodingProblem(text) {
    const mark = text?.toString('hex', 0, 2);
    return mark === 'fffe' || mark === 'feff' ? 'is encoded as UTF-16' : undefined;
}
/** What lies on the runner; `undefined` for a remote context, whose Dockerfile only the builder sees. */
async function readDockerfile(source) {
    return source.context.kind === 'local' ? (0,promises_.readFile)((0,core_source/* dockerfilePath */.Se)(source)) : undefined;
}

// EXTERNAL MODULE: ./src/buildkit/command.ts
var command = __webpack_require__(593);
// EXTERNAL MODULE: ./src/gate/gate_file.ts
var gate_file = __webpack_require__(6629);
// EXTERNAL MODULE: ./src/builds/identity.ts
var identity = __webpack_require__(1967);
// EXTERNAL MODULE: ./src/core/reference.ts
var core_reference = __webpack_require__(5378);
// EXTERNAL MODULE: ./src/gate/gate_stage.ts
var gate_stage = __webpack_require__(3802);
;// CONCATENATED MODULE: ./src/gate/lookup.ts
/**
 * Looking up an imported layer cache once for all targets of a call.
 *
 * BuildKit imports a cache for each target by itself. A step that two targets share takes its result from the import of the
 * target that came first, and what the other one builds upon it is then not found in the other's import: it runs again
 * (docker/buildx#3878, moby/buildkit#4674). It happens to steps that are told by content, that is from the first `COPY` on.
 *
 * So a target of ours comes first. It needs everything that such targets need, which makes every step theirs and its own;
 * and they start when the images are resolved that it starts from, by when it has looked up what they share. Nothing but
 * time depends on that order: each target still imports the cache for itself.
 */









/**
 * The stages of the lookup: none where no two targets read the same files of the context, as then every step that is told by
 * content has a vertex of its own for each, and its own import; and none where they share no such step. Where several are built
 * upon linked targets, whose steps are the same for all of them, there is one stage for all. Pure.
 * @param stages what the call builds: names, or indices of unnamed stages
 */
function planLookup(dockerfile, stages, { shape }) {
    const given = (0,src_dockerfile/* readArguments */.lR)(shape.buildArgs);
    const contexts = new Map((0,pair/* splitPairs */._)(shape.buildContexts));
    const isLinked = ({ reference }) => (0,core_linked/* linkedName */.F$)(contexts.get((0,core_reference/* familiarName */.hG)(reference)) ?? '') !== undefined;
    const uponLinked = contexts.size === 0 ? [] : stages.filter((stage) => (0,src_dockerfile/* imagesRead */.hr)(dockerfile, [stage], given).some(isLinked));
    const groups = uponLinked.length > 1
        ? [stages]
        : [...Map.groupBy(stages, (stage) => (0,src_dockerfile/* contextPaths */.A9)(dockerfile, stage, given).join('\n')).values()].filter((group) => sharesContent(dockerfile, group, given));
    const images = (0,src_dockerfile/* imagesRead */.hr)(dockerfile, groups.flat(), given).filter((image) => isLinked(image) || !contexts.has((0,core_reference/* familiarName */.hG)(image.reference)));
    return {
        groups: groups.map((copies) => ({ from: 'scratch', copies })),
        images: images.map(({ reference, platform }) => ({
            from: platform === undefined ? reference : `--platform=${platform} ${reference}`,
            copies: []
        }))
    };
}
/** Whether a stage that at least two targets need has a step that is told by content. */
function sharesContent(dockerfile, targets, given) {
    const needed = targets.flatMap((target) => (0,src_dockerfile/* stageNeeds */.Eu)(dockerfile, target, given));
    const shared = new Set(needed.filter((stage, index) => needed.indexOf(stage) < index));
    return [...shared].some((stage) => (0,src_dockerfile/* stepsOf */.B_)(dockerfile, stage, given).some(src_dockerfile/* isToldByContent */.qd));
}
/** Writes the Dockerfile of the lookup into `folder`; `undefined` where none is needed, or none can be made. */
async function writeLookupFile(build, { text, dockerfile }, { stages, folder }) {
    const { groups, images } = planLookup(dockerfile, stages, build);
    if (groups.length === 0)
        return undefined;
    const planned = (0,gate_stage/* appendStages */.y)(text, {
        name: 'stagegate-lookup',
        mark: (0,identity/* buildMark */.gc)(build),
        stages: [...groups, ...images]
    });
    if (!planned.ok)
        return undefined;
    return {
        dockerfile: await (0,gate_file/* placeDockerfile */.U)(planned.text, (0,core_source/* dockerfilePath */.Se)(build.source), external_node_path_default().join(folder, 'lookup')),
        groups: planned.stages.slice(0, groups.length),
        images: planned.stages.slice(groups.length)
    };
}

// EXTERNAL MODULE: ./src/gate/script.ts
var script = __webpack_require__(8860);
// EXTERNAL MODULE: ./src/buildkit/preflight.ts
var preflight = __webpack_require__(6043);
// EXTERNAL MODULE: ./src/core/step.ts
var step = __webpack_require__(1757);
;// CONCATENATED MODULE: ./src/inputs/stages.ts
/** What a Dockerfile says about the inputs: mistakes that would let tests be skipped, and names that nothing uses. Pure. */





/** Looks at a Dockerfile. One that another frontend reads is not judged. */
function checkStages(dockerfile, roles) {
    if (dockerfile.syntax !== undefined && !/dockerfile/i.test(dockerfile.syntax))
        return { problems: [], notes: [] };
    const given = (0,src_dockerfile/* readArguments */.lR)(roles.shape.buildArgs);
    const names = dockerfile.stages.map(({ name }) => name);
    return {
        problems: [
            ...findReplaced(names, roles),
            ...roles.tests.flatMap((test) => isTheTarget(test, dockerfile, roles)),
            ...roles.tests.flatMap((test) => runsNothing(test, dockerfile, roles, given))
        ],
        notes: [...unusedContexts(contextNames(roles), dockerfile), ...unusedArguments(roles.shape.buildArgs, dockerfile)]
    };
}
/**
 * Stages that a named context would replace: BuildKit takes it before a stage of that name, and its steps, tests among them,
 * would not run.
 * @param stages names by index, which are all that is known of a Dockerfile elsewhere
 */
function findReplaced(stages, roles) {
    return contextNames(roles).flatMap((name) => replaced(name, stages, roles));
}
function contextNames({ shape }) {
    return shape.buildContexts.map((entry) => (0,pair/* splitPair */.T)(entry).name);
}
function replaced(name, stages, { tests }) {
    const input = 'build-contexts';
    const fix = 'Give the context a name that is no stage; to replace a base image, name it as FROM does.';
    if (/^stagegate-gate/i.test(familiar(name))) {
        return [{ input, problem: `"${name}" is a name that Stagegate uses for a stage of its own`, fix }];
    }
    const index = stages.findIndex((stage) => stage?.toLowerCase() === familiar(name));
    if (index < 0)
        return [];
    const isTest = tests.some((test) => (0,step/* sameStage */.tB)(stages[index], test) || test === String(index));
    const what = isTest
        ? 'a test target and also a named context: no test would run'
        : 'a stage and also a named context, which would take its place';
    return [{ input, problem: `"${name}" is ${what}`, fix }];
}
/** By which input a test is named. */
function stages_inputOf(test, { testReport }) {
    return test === testReport ? 'test-report-target' : 'test-target';
}
function isTheTarget(test, dockerfile, roles) {
    const { target, gateOnly } = roles;
    const stage = (0,src_dockerfile/* findStage */.U9)(dockerfile, test);
    if (gateOnly || stage === undefined || stage !== (0,src_dockerfile/* targetStage */.Ae)(dockerfile, target))
        return [];
    if (test.toLowerCase() === target.toLowerCase())
        return []; // said of the inputs alone
    const what = target === '' ? 'the last stage, which is the image' : `the stage that the target "${target}" means`;
    return [
        {
            input: stages_inputOf(test, roles),
            problem: `"${test}" is ${what}`,
            fix: 'Name the stage to ship in target, and the stage that tests it in test-target.'
        }
    ];
}
/**
 * A test stage tests something if it has a RUN with a command, or if it needs a stage with one that the image does without, as a stage
 * does that only collects (`COPY --from=lint`).
 */
function runsNothing(test, dockerfile, roles, given) {
    const stage = (0,src_dockerfile/* findStage */.U9)(dockerfile, test);
    if (stage === undefined || /onbuild/i.test(stage.from))
        return [];
    const image = roles.gateOnly && stage === dockerfile.stages.at(-1) ? [] : (0,src_dockerfile/* stageNeeds */.Eu)(dockerfile, roles.target, given);
    const own = (0,src_dockerfile/* stageNeeds */.Eu)(dockerfile, String(stage.index), given).filter((one) => !image.includes(one));
    const steps = [stage, ...own].flatMap((one) => (0,src_dockerfile/* stepsOf */.B_)(dockerfile, one, given));
    const runs = steps.filter(({ keyword }) => keyword === 'RUN');
    if (runs.some(src_dockerfile/* hasCommand */.mU))
        return [];
    const collected = collectedWithImage(stage, dockerfile, image, given);
    if (collected.length > 0) {
        const problem = `the stage "${test}" (line ${stage.line}) has no RUN, and the image needs all that it collects`;
        return [
            { input: stages_inputOf(test, roles), problem, fix: `Name the stages that run the tests: ${collected.join(', ')}.` }
        ];
    }
    const has = runs.length === 0 ? 'it has no RUN' : 'its RUN has no command';
    return [
        {
            input: stages_inputOf(test, roles),
            problem: `the stage "${test}" (line ${stage.line}) runs nothing: ${has}, and a build does not run CMD`,
            fix: `Write the test as a step of that stage: "RUN ${commandOf(stage)}".`
        }
    ];
}
/** Stages with a command that a stage only collects from, and that the image needs as well. */
function collectedWithImage(stage, dockerfile, image, given) {
    const { instructions } = stage;
    if (instructions.some(({ keyword }) => keyword !== 'COPY' && keyword !== 'ADD'))
        return [];
    const collected = (0,src_dockerfile/* readStages */.ir)(dockerfile, stage, given).flatMap(({ source, stages }) => source.way === 'from' ? [] : stages);
    const running = collected.filter((one) => image.includes(one) && (0,src_dockerfile/* stepsOf */.B_)(dockerfile, one, given).some((step) => step.keyword === 'RUN' && (0,src_dockerfile/* hasCommand */.mU)(step)));
    return [...new Set(running.flatMap(({ name }) => name ?? []))];
}
/** What the stage was meant to run, if it says so. */
function commandOf({ instructions }) {
    const last = instructions.findLast(({ keyword }) => keyword === 'CMD' || keyword === 'ENTRYPOINT');
    const words = last === undefined ? [] : (0,src_dockerfile/* wordsOf */.Z9)(last.rest);
    return words.length === 0 ? 'COMMAND' : words.join(' ').slice(0, 120);
}
function unusedContexts(contexts, dockerfile) {
    const sources = dockerfile.stages.flatMap((stage) => (0,src_dockerfile/* sourcesOf */.u0)(dockerfile, stage).map(({ reference }) => reference));
    if (sources.some((reference) => reference.includes('$')))
        return []; // it can mean any of them
    const used = new Set(sources.map(core_reference/* familiarName */.hG));
    return contexts
        .filter((name) => !/^stagegate-gate/i.test(familiar(name)) && (0,src_dockerfile/* findStage */.U9)(dockerfile, familiar(name)) === undefined)
        .flatMap((name) => {
        const known = familiar(name);
        const nothing = `build-contexts: nothing in the Dockerfile uses the named context "${name}".`;
        if (!used.has(known))
            return [nothing + (0,inputs_grammar/* didYouMean */.au)(name, sources)];
        return name.replace(/::.*$/s, '') === known ? [] : [`${nothing} BuildKit looks for "${known}".`];
    });
}
/** The same for all ways of writing it. What follows `::` is the platform that a context is for. */
function familiar(name) {
    return (0,core_reference/* familiarName */.hG)(name.replace(/::.*$/s, '').toLowerCase());
}
function unusedArguments(buildArgs, dockerfile) {
    const declared = (0,src_dockerfile/* declaredArguments */.V6)(dockerfile);
    const names = [...new Set(buildArgs.map((entry) => (0,pair/* splitPair */.T)(entry).name))];
    return names
        .filter((name) => !declared.has(name) && !predefined.test(name) && !name.startsWith(GIVEN_TO_ALL))
        .map((name) => `build-args: no ARG of the Dockerfile takes "${name}".${(0,inputs_grammar/* didYouMean */.au)(name, [...declared])}`);
}
/** docker/metadata-action gives them to every target of its bake file. */
const GIVEN_TO_ALL = 'DOCKER_META_';
/** https://docs.docker.com/reference/dockerfile/#predefined-args and #buildkit-built-in-build-args */
const predefined = /^(?:(?:HTTP|HTTPS|FTP|NO|ALL)_PROXY|BUILDKIT_\w+|SOURCE_DATE_EPOCH|(?:BUILD|TARGET)(?:PLATFORM|OS|ARCH|VARIANT|STAGE))$/i;

;// CONCATENATED MODULE: ./src/gate/plan.ts














/** Looks at the Dockerfile and plans the solves. Stops the run when a stage that was asked for is not there. */
async function planBuild(ports, base, options) {
    const { build } = base;
    const { log } = ports;
    const exec = (command, more) => ports.exec(command, { ...more, env: { ...options.supplied?.env, ...more?.env } });
    const { dockerfile: bytes } = options;
    const text = bytes?.toString('latin1');
    const dockerfile = (0,src_dockerfile/* parseDockerfile */.Ai)(text ?? '');
    if (options.ownFrontend === false) {
        refuseFrontend(build.shape.buildArgs, bytes);
        for (const target of build.linked)
            refuseFrontend((0,core_linked/* argumentsOf */.aX)(target), await readLinked(target), target.name);
    }
    const stages = await findStages(exec, base, options, text);
    const isKnown = stages !== undefined || (text !== undefined && namesAll(text, build));
    // An index and the name of the same stage are one: BuildKit reports the name.
    const nameOf = (stage) => stages?.find(({ index }) => String(index) === stage)?.name ?? stage;
    const testTargets = build.tests.map(nameOf);
    const isLast = (stage) => stages?.some(({ index, name, isDefault }) => String(index) === stage && name === undefined && isDefault) === true;
    const target = build.gateOnly ? undefined : isLast(build.target) ? '' : nameOf(build.target);
    refuseUnnamed('test-cache', build.fresh.rerunTests ? testTargets : [], 'to run it again by');
    if (stages !== undefined)
        refuseUnnamed('test-target', testTargets);
    if (stages !== undefined && target !== undefined)
        refuseNumber(build, target, testTargets);
    const checked = checkStages(dockerfile, build);
    // Of a Dockerfile elsewhere the names of its stages are all that is known.
    const named = text === undefined ? (stages ?? []).toSorted((a, b) => a.index - b.index).map(({ name }) => name) : [];
    (0,stop/* stopOnProblems */.g)([...checked.problems, ...findReplaced(named, build)]);
    const inGate = target === '' ? defaultStage(stages) : target;
    const place = { stages: [...testTargets, ...(inGate === undefined ? [] : [inGate])], folder: options.folder };
    const file = isKnown && (target === undefined || inGate !== undefined)
        ? await (0,gate_file/* writeGateFile */.x)(build, bytes, place)
        : { reason: 'its stages cannot be listed' };
    const standIn = testTargets.length > 0 && 'path' in file ? file : undefined;
    const lookup = standIn === undefined || bytes === undefined
        ? undefined
        : await writeLookupFile(build, { text: bytes, dockerfile }, place);
    if (testTargets.length > 0 && 'reason' in file) {
        log.info(`In the layer cache each test has a reference of its own, because no stage can be added to the Dockerfile: ${file.reason}.`);
    }
    const hasScripts = dockerfile.instructions.some(({ heredocs }) => heredocs.length > 0);
    const scripts = bytes === undefined || !hasScripts ? [] : (0,script/* scriptsOf */.S)(bytes);
    const onlyStage = onlyStageOf(stages, text, build);
    const only = onlyStage === undefined ? {} : { onlyStage };
    // What comes after is generated.
    const lastLine = standIn?.lastUserLine ?? Infinity;
    const built = [...testTargets, ...(target === undefined ? [] : [target])];
    // One stage stands for all; else each is asked on its own.
    const asked = standIn === undefined ? built : [standIn.stage];
    const ask = (stage) => (0,command/* planCall */.OF)(base, 'outline', stage, standIn?.path);
    let outlining;
    const readOutlines = async () => {
        // What linked targets mount stands in other Dockerfiles.
        if (!options.calls || build.linked.length > 0)
            return undefined;
        if (text !== undefined && !(0,preflight/* mountsCredentials */.bu)(text))
            return undefined;
        if (text !== undefined && fits(dockerfile, built, build, options.supplied))
            return undefined;
        const outlines = await Promise.all(asked.map((stage) => (0,preflight/* readOutline */.pm)(exec, ask(stage))));
        return joinOutlines(outlines.filter((outline) => outline !== undefined));
    };
    return {
        base,
        gate: {
            ...{ testTargets, target, ...only },
            ...(build.testReport === '' ? {} : { testReport: nameOf(build.testReport) }),
            ...(standIn === undefined ? {} : { file: standIn }),
            ...(lookup === undefined ? {} : { lookup }),
            ...(scripts.length === 0 ? {} : { scripts }),
            ...(text === undefined
                ? {}
                : { ownRuns: new Map(testTargets.map((test) => [test, runsOf(dockerfile, test, build)])) })
        },
        roles: { testTargets, target: target === '' ? (inGate ?? lastStageOf(text)) : target, ...only },
        notes: [
            ...(options.calls
                ? []
                : ['This buildx has no --call (added in 0.15): stages and mounted secrets were not checked before the build.']),
            ...unknownFilters(build, stages),
            ...(text === undefined ? [] : checked.notes)
        ],
        outline: () => (outlining ??= readOutlines()),
        ownFindings: (findings) => findings.filter(({ line = 0 }) => text !== undefined && line <= lastLine)
    };
}
/** The commands that a stage runs itself. */
function runsOf(dockerfile, test, { shape }) {
    const stage = (0,src_dockerfile/* findStage */.U9)(dockerfile, test);
    const steps = stage === undefined ? [] : (0,src_dockerfile/* stepsOf */.B_)(dockerfile, stage, (0,src_dockerfile/* readArguments */.lR)(shape.buildArgs));
    const commands = steps.filter((step) => step.keyword === 'RUN' && (0,src_dockerfile/* hasCommand */.mU)(step));
    return new Set(commands.map(({ text }) => (0,step/* shownRun */.Ff)(text)));
}
/**
 * Whether what the Dockerfile mounts is, to its own words, just what is supplied: then BuildKit, which knows better, has
 * nothing else to say, and a process of buildx is spared.
 */
function fits(dockerfile, stages, { shape: { buildArgs } }, supplied) {
    const frontend = frontendOf(buildArgs, dockerfile);
    if (supplied === undefined || (frontend !== undefined && !readsAsWeDo(frontend)))
        return false;
    const mounted = (0,src_dockerfile/* mountedCredentials */.LU)(dockerfile, stages, (0,src_dockerfile/* readArguments */.lR)(buildArgs));
    if (mounted === undefined)
        return false;
    const [secrets, ssh] = [new Set(supplied.secretIDs), new Set(supplied.sshIDs)];
    return (mounted.secrets.isSubsetOf(secrets) &&
        mounted.ssh.isSubsetOf(ssh) &&
        supplied.secretIDs.every((id) => isOurs(id) || mounted.secrets.has(id)));
}
/** Docker's own frontend since it reads heredocs: `docker/dockerfile:1`, `:1.4` and later, `:1-labs`. */
function readsAsWeDo(syntax) {
    return mayServeStrangers(syntax) && !/:(?:0|1\.[0-3](?!\d)|[^1])/.test(syntax.replace(/@.*/, ''));
}
/** Whether a frontend is Docker's own, which keeps to the namespace of mounts that it is given. */
function mayServeStrangers(syntax) {
    return /^(?:docker\.io\/)?docker\/dockerfile(?:-upstream)?(?:[:@]\S*)?$/.test(syntax);
}
/**
 * A frontend writes the build's instructions to BuildKit: it could have any cache mount of the builder, and any name for it.
 * @param text of the Dockerfile; `undefined` where only the builder sees it
 */
function refuseFrontend(buildArgs, text, linked) {
    const syntax = frontendOf(buildArgs, (0,src_dockerfile/* parseDockerfile */.Ai)(text ?? ''));
    if (syntax === undefined ? text !== undefined : mayServeStrangers(syntax))
        return;
    const whose = linked === undefined ? '' : ` of the linked target "${linked}"`;
    const [input, what] = syntax === undefined
        ? ['context', `the Dockerfile${whose} is not on the runner, and may name`]
        : ['file', `the "# syntax"${whose}, or BUILDKIT_SYNTAX, names`];
    const problem = `${what} another frontend than docker/dockerfile, on a builder that other runs share`;
    const fix = 'Build the changes of strangers on a runner or a builder of their own.';
    throw new stop/* Stop */.V({ kind: 'input', problems: [{ input, problem, fix }] });
}
async function readLinked({ source, attributes }) {
    const inline = inlineOf(attributes);
    if (inline !== undefined || source.context.kind === 'remote')
        return inline;
    for (const file of (0,core_source/* dockerfilePlaces */.f2)(source)) {
        const text = await readDockerfile({ ...source, file }).catch(() => undefined);
        if (text !== undefined)
            return text;
    }
    // One that is not there is the build's to tell.
    return '';
}
/** The frontend that a Dockerfile is read by; `undefined` for the builder's own. */
function frontendOf(buildArgs, { syntax }) {
    return buildArgs.findLast((argument) => argument.startsWith(SYNTAX_ARGUMENT))?.slice(SYNTAX_ARGUMENT.length) ?? syntax;
}
/** https://docs.docker.com/build/buildkit/frontend/: it counts before the `# syntax` of the file. */
const SYNTAX_ARGUMENT = 'BUILDKIT_SYNTAX=';
/** The stages that the build names, and by which input. */
function wantedStages({ tests, testReport, target }) {
    return [
        ...tests.map((stage) => ({ input: stage === testReport ? 'test-report-target' : 'test-target', stage })),
        ...(target === '' ? [] : [{ input: 'target', stage: target }])
    ];
}
/** Asks for the stages where the Dockerfile's text alone does not settle it. Stops the run when one is missing. */
async function findStages(exec, base, { calls }, text) {
    const { build } = base;
    const needsDefault = build.target === '' && !build.gateOnly && build.tests.length > 0;
    const settled = text !== undefined && namesAll(text, build) && !needsDefault && build.fresh.noCacheFilters.length === 0;
    if (!calls || settled)
        return undefined;
    const stages = await (0,preflight/* listStages */.Cv)(exec, (0,command/* planCall */.OF)(base, 'targets', ''));
    const missing = stages === undefined ? undefined : (0,preflight/* findMissingStage */.WK)(stages, wantedStages(build));
    if (missing !== undefined)
        throw new stop/* Stop */.V(missing);
    return stages;
}
/** Whether the text names every stage that was asked for. A heredoc may hold lines that only look like FROM. */
function namesAll(text, build) {
    return !text.includes('<<') && wantedStages(build).every(({ stage }) => (0,preflight/* namesStage */.HO)(text, stage));
}
/** A number is a stage to `COPY --from` alone; `docker buildx build` knows names, as target and to run a stage again. */
function refuseUnnamed(input, stages, what = 'to build it by') {
    const unnamed = stages.find(isNumber);
    if (unnamed === undefined)
        return;
    const problem = `stage ${unnamed} has no name ${what}`;
    throw new stop/* Stop */.V({ kind: 'input', problems: [{ input, problem, fix: 'Add "AS NAME" to its FROM line.' }] });
}
/** A target that is told by its number, and is a test. */
function refuseNumber(build, target, testTargets) {
    if (!isNumber(build.target))
        return;
    refuseUnnamed('target', [target]);
    if (!testTargets.some((test) => (0,step/* sameStage */.tB)(test, target)))
        return;
    const problem = `stage ${build.target} is "${target}", which is also a test target`;
    const fix = 'The target is the stage to ship, test-target the stage to pass.';
    throw new stop/* Stop */.V({ kind: 'input', problems: [{ input: 'target', problem, fix }] });
}
function isNumber(stage) {
    return /^\d+$/.test(stage);
}
function unknownFilters({ fresh }, stages) {
    if (stages === undefined)
        return [];
    return fresh.noCacheFilters
        .filter((filter) => !stages.some(({ name }) => (0,step/* sameStage */.tB)(name, filter)))
        .map((filter) => `no-cache-filters names the stage "${filter}", which the Dockerfile does not have: it has no effect.`);
}
function joinOutlines(outlines) {
    if (outlines.length === 0)
        return undefined;
    const once = (mounts) => [
        ...new Map(mounts.map((mount) => [`${mount.id} ${mount.line ?? ''}`, mount])).values()
    ];
    return {
        secrets: once(outlines.flatMap(({ secrets }) => secrets)),
        ssh: once(outlines.flatMap(({ ssh }) => ssh))
    };
}
/** Holds the mounts against what is supplied. Returns notes; stops a trusted run where something required is missing. */
function checkOutline(outline, supplied, trust) {
    if (outline === undefined)
        return [];
    const missing = (0,preflight/* findMissingCredential */.rq)(outline, { secrets: supplied.secretIDs, ssh: supplied.sshIDs });
    if (missing !== undefined && trust.trusted)
        throw new stop/* Stop */.V(missing);
    const unused = (0,preflight/* findUnusedSecrets */.nT)(outline, supplied.secretIDs.filter((id) => !isOurs(id)));
    const absent = [
        ...outline.secrets
            .filter(({ id, required }) => !required && !supplied.secretIDs.includes(id))
            .map(({ id, line }) => ({ what: 'secret', id, line })),
        ...outline.ssh
            .filter(({ id, required }) => !required && !supplied.sshIDs.includes(id))
            .map(({ id, line }) => ({ what: 'ssh id', id, line }))
    ];
    return [
        ...unused.map((id) => `The secret "${id}" is supplied, but no stage that is built mounts it.`),
        ...absent.map(({ what, id, line }) => `The Dockerfile mounts the ${what} "${id}"${line === undefined ? '' : ` (line ${line})`}, which is not supplied: the step runs without it.`)
    ];
}
/** Secrets that a build is offered whether or not a stage mounts them; BuildKit itself uses some of them for git. */
function isOurs(id) {
    return id === 'known_hosts' || id === deploy_keys/* GIT_SSH_ID */.c4 || /^GIT_AUTH_(?:TOKEN|HEADER)(?:\.|$)/.test(id);
}
/** The last stage as `COPY --from` takes it: its name or its index. */
function defaultStage(stages) {
    const last = stages?.find(({ isDefault }) => isDefault) ?? stages?.at(-1);
    return last === undefined ? undefined : (last.name ?? String(last.index));
}
/** In a Dockerfile with one stage, whose steps BuildKit does not name: that stage's name as the inputs know it. */
function onlyStageOf(stages, text, build) {
    const count = stages?.length ?? (text === undefined ? undefined : fromLines(text).length);
    if (count !== 1)
        return undefined;
    return build.tests[0] ?? (build.target || (stages?.[0]?.name ?? nameIn(fromLines(text ?? '')[0]) ?? 'image'));
}
/** The last stage as BuildKit names its steps, read off the text; for headings only, since a heredoc can deceive it. */
function lastStageOf(text) {
    const lines = fromLines(text ?? '');
    return nameIn(lines.at(-1)) ?? `stage-${Math.max(0, lines.length - 1)}`;
}
function fromLines(text) {
    return [...text.matchAll(/^[ \t]*FROM[ \t].*$/gim)].map(([line]) => line);
}
function nameIn(line) {
    return /[ \t]AS[ \t]+(\S+)/i.exec(line ?? '')?.[1];
}

// EXTERNAL MODULE: ./src/builds/checkout.ts
var checkout = __webpack_require__(8873);
// EXTERNAL MODULE: ./src/builds/mount_namespace.ts
var mount_namespace = __webpack_require__(7808);
;// CONCATENATED MODULE: ./src/mounts/namespace.ts
/** Where in a builder the cache mounts of a build are. BuildKit knows a mount as `NAMESPACE/ID`. */



function withNamespace(buildArgs, namespace) {
    const others = buildArgs.filter((argument) => (0,pair/* splitPair */.T)(argument).name !== mount_namespace/* NAMESPACE_ARGUMENT */.i);
    return [...others, `${mount_namespace/* NAMESPACE_ARGUMENT */.i}=${namespace}`];
}
/**
 * The namespace that keeps the cache mounts of a run apart; `undefined` where it need not be. To BuildKit a step with a mount
 * in another namespace is another step, which no layer cache of another run has: a run of the repository itself is kept apart
 * only in a builder that outlives it.
 * @param builder where it is known; until then GitHub's own machines are taken to have one of their own
 */
function ownNamespace({ ownerOfMounts, repository, trust, isHosted }, builder) {
    const isAlone = builder === undefined ? isHosted : (0,buildkit_builder/* isOfTheJob */.yz)(builder, isHosted);
    if (ownerOfMounts === undefined || (trust.trusted && isAlone))
        return undefined;
    return [repository, ownerOfMounts].filter((part) => part !== '').join('-');
}
/** Build arguments with that namespace, in which what the user chose comes first. */
function inMountNamespace(buildArgs, whose, builder) {
    const own = ownNamespace(whose, builder);
    if (own === undefined)
        return buildArgs;
    const parts = [(0,mount_namespace/* namespaceIn */.j)(buildArgs), own].filter((part) => part !== '');
    return withNamespace(buildArgs, parts.join('-').replaceAll('/', '-'));
}

// EXTERNAL MODULE: ./src/mounts/mount.ts
var mount = __webpack_require__(8875);
;// CONCATENATED MODULE: ./src/mounts/mounts.ts
/** Cache mounts between runs, for Dockerfiles that have any: the rest is loaded only then. */





/** Begins to fetch what is stored of the mounts; `undefined` where none can be carried, or shall be, and none holds reports. */
async function openMounts(ports, { build, dockerfile, builder, occasion, credentials, cache, folder, redact }) {
    const text = dockerfile?.toString('latin1');
    const carries = build.cache.mounts && occasion.hasCacheService && mayMount(text);
    // A remote one may have any.
    const reports = text === undefined ? ['$'] : (0,mount/* reportIDs */.HY)(`${text}\n${build.shape.buildArgs.join('\n')}`);
    if (!carries && reports.length === 0)
        return undefined;
    const { startSession } = await Promise.all(/* import() | mounts */[__webpack_require__.e(560), __webpack_require__.e(845), __webpack_require__.e(728), __webpack_require__.e(273)]).then(__webpack_require__.bind(__webpack_require__, 7043));
    return startSession(ports, {
        ...{ build, builder, freshMachine: occasion.isHosted },
        isApart: (chosen) => ownNamespace(occasion, chosen) !== undefined,
        argumentsFor: (chosen) => inMountNamespace(build.shape.buildArgs, occasion, chosen),
        cache,
        folder: external_node_path_default().join(folder, 'mounts'),
        unique: [occasion.runID, occasion.runAttempt, (0,external_node_crypto_.randomUUID)()].join('-'),
        stores: occasion.storesMounts,
        sensitive: credentials.sensitive,
        machine: `${process.platform}-${process.arch}`,
        ...{ carries, redact, reportIDs: reports, exists: (0,checkout/* filesInRepository */.d)(build.source, occasion) },
        reportsFolder: external_node_path_default().join(occasion.temporaryFolder, `stagegate-test-reports-${(0,external_node_crypto_.randomUUID)()}`)
    });
}
/** Whether a Dockerfile can have a cache mount at all; a remote one is not known before the build. */
function mayMount(text) {
    return text === undefined || /type=["']?(?:cache|\$)/i.test(text);
}

// EXTERNAL MODULE: ./src/buildkit/nodes.ts
var buildkit_nodes = __webpack_require__(5713);
// EXTERNAL MODULE: ./src/inputs/attestations.ts
var inputs_attestations = __webpack_require__(6222);
// EXTERNAL MODULE: ./src/cache/plan.ts
var plan = __webpack_require__(6211);
// EXTERNAL MODULE: ./src/buildkit/auto_builder.ts
var auto_builder = __webpack_require__(2913);
;// CONCATENATED MODULE: ./src/buildkit/load.ts
/** Whether an image can be loaded into the engine at all: known before anything is built. Pure. */

/** Why an image for these platforms cannot be loaded into the engine, as a problem of the input `load`. */
function findLoadProblem(answer, platforms) {
    const info = (0,json/* asObject */.eB)((0,json/* parseJSON */.Ol)(answer.stdout));
    const [trouble] = (0,json/* asArray */._j)((0,json/* dig */.rO)(info, 'ServerErrors')).flatMap((error) => (0,json/* asString */.oJ)(error) ?? []);
    const version = (0,json/* asString */.oJ)((0,json/* dig */.rO)(info, 'ServerVersion')) ?? '';
    if (info === undefined || trouble !== undefined || version === '') {
        const words = trouble ?? answer.stderr.trim().split('\n').at(-1) ?? '';
        return {
            input: 'load',
            problem: `there is no Docker engine to load the image into${words === '' ? '' : `: ${words.replace(/^ERROR: /, '')}`}`,
            fix: 'Start Docker before this step, or leave load out: push and outputs need no engine.'
        };
    }
    if (platforms.length < 2 || hasContainerdStore(info))
        return undefined;
    return {
        input: 'load',
        problem: `an image for several platforms (${platforms.join(', ')}) cannot be loaded into this engine, which has the classic image store`,
        fix: 'Turn on the containerd image store of the engine, load one platform, or leave load out.'
    };
}
/** https://docs.docker.com/engine/storage/containerd/ */
function hasContainerdStore(info) {
    return (0,json/* asArray */._j)((0,json/* dig */.rO)(info, 'DriverStatus')).some((entry) => {
        const [name, value] = (0,json/* asArray */._j)(entry);
        return name === 'driver-type' && (0,json/* asString */.oJ)(value)?.startsWith('io.containerd.snapshotter') === true;
    });
}

// EXTERNAL MODULE: ./src/publish/plan.ts
var publish_plan = __webpack_require__(7872);
;// CONCATENATED MODULE: ./src/phases/choose.ts
/** Which builder a run gets, and what has to be left out where none can do it all. */









/**
 * Keeps the builder if it can do what is asked. Else, with `builder: auto`, a docker-container builder is created for
 * the job. Where that cannot be had, a cache that cannot be written is a note; anything more stops the run.
 */
async function chooseBuilder(ports, seen, wishes) {
    const { inputs, cache } = wishes;
    await checkLoad(ports, seen, wishes);
    const dockerfile = wishes.dockerfile === undefined ? {} : { dockerfile: wishes.dockerfile.toString('utf8') };
    const cacheExport = (0,plan/* forExport */.G7)(cache).to.length > 0;
    const attested = (0,inputs_attestations/* askedAttestations */.cF)(inputs).some(inputs_attestations/* isEnabled */.Ol);
    const exports = [
        ...(attested ? [{ input: 'provenance', what: 'attestations (provenance, sbom, attests)' }] : []),
        ...(0,publish_plan/* findExports */.Be)(inputs)
    ];
    const lacks = (0,buildkit_builder/* findLacks */.sF)(seen, { cacheExport, platforms: inputs.platforms, exports });
    // A builder that is about to be made instead has nodes of its own.
    const nodes = lacks.length === 0 ? (0,buildkit_nodes/* judgeNodes */.dK)(seen, { platforms: inputs.platforms, ...dockerfile }) : { notes: [] };
    if (nodes.failure !== undefined)
        throw new stop/* Stop */.V(nodes.failure);
    const { notes } = nodes;
    if (inputs.reproducible)
        refuseOldTimes(seen);
    if (lacks.length === 0)
        return { builder: seen, cache, notes };
    const what = lacks.map(({ what }) => what).join(', ');
    const why = `The builder "${seen.name}" (driver docker, classic image store) cannot do: ${what}.`;
    ports.log.info(why);
    const fix = 'Turn on the containerd image store of the engine, or run docker/setup-buildx-action before this step, or name a builder in the input builder.';
    const made = inputs.builder === 'auto' ? await create(ports, seen, wishes) : undefined;
    if (made?.builder !== undefined) {
        const verdict = (0,buildkit_nodes/* judgeNodes */.dK)(made.builder, { platforms: inputs.platforms, ...dockerfile });
        if (verdict.failure !== undefined)
            throw new stop/* Stop */.V(verdict.failure);
        return { builder: made.builder, cache, notes: [...notes, ...made.notes, ...verdict.notes] };
    }
    if (cacheExport && lacks.length === 1) {
        const left = `The cache was not written. ${why} ${fix}`;
        return { builder: seen, cache: { from: cache.from, to: [] }, notes: [...notes, left] };
    }
    if (made === undefined) {
        // The workflow names the builder, so it is the workflow that asks too much of it.
        const asked = lacks.filter(({ input }) => input !== 'cache-to');
        throw new stop/* Stop */.V({ kind: 'input', problems: asked.map((lack) => refuseLack(seen, lack)) });
    }
    throw new stop/* Stop */.V({ kind: 'engine', message: `${why} No builder that can do it was available: ${made.reason}`, fix });
}
/** A BuildKit that does not know the attribute takes it without a word. */
function refuseOldTimes({ name, buildkit, classicStore }) {
    const version = buildkit === undefined ? undefined : (0,buildkit_builder/* parseVersion */.ot)(`buildkit ${buildkit}`);
    // Instead of a classic image store another builder is made.
    if (classicStore || version === undefined || !(0,buildkit_builder/* isOlder */.tW)(version, rewritesSince))
        return;
    const problem = `the builder "${name}" has BuildKit ${version.text}, which does not rewrite the times of files`;
    const fix = 'Use BuildKit 0.13 or newer (docker/setup-buildx-action makes such a builder), or remove reproducible.';
    throw new stop/* Stop */.V({ kind: 'input', problems: [{ input: 'reproducible', problem, fix }] });
}
const rewritesSince = { major: 0, minor: 13 };
function refuseLack(builder, { input, what }) {
    return {
        input,
        problem: `the builder "${builder.name}" (driver docker, classic image store) cannot do this: ${what}`,
        fix: 'Leave `builder` empty, and a suitable builder is made, or turn on the containerd image store of the engine.'
    };
}
async function create(ports, { buildx }, { uses, occasion, leftovers }) {
    const { stdout } = await (0,buildkit_builder/* askDocker */.ad)(ports, ['info', '--format', '{{json .}}']);
    const plan = (0,auto_builder/* planAutoBuilder */.uU)({
        job: [occasion.repository, occasion.runID, occasion.runAttempt, occasion.job, occasion.runnerName].join('/'),
        networks: uses.map(({ inputs }) => inputs.network),
        allow: uses.flatMap(({ inputs }) => inputs.allow),
        texts: uses.flatMap(({ inputs, dockerfile, cache }) => [
            ...inputs.tags,
            ...cache.from,
            ...cache.to,
            ...inputs.buildContexts,
            ...inputs.buildArgs,
            ...inputs.outputs.map(({ text }) => text),
            (0,core_source/* contextArgument */.jm)(inputs),
            // What a stranger's Dockerfile names does not bring its steps into the runner's network.
            occasion.trust.trusted ? (dockerfile?.toString('utf8') ?? '') : ''
        ]),
        registries: (0,auto_builder/* readEngineRegistries */.O)(stdout)
    });
    return ports.log.group('Create a docker-container builder', () => (0,auto_builder/* makeBuilder */.k8)(ports, plan, {
        buildx,
        folder: occasion.temporaryFolder,
        onCreate: leftovers.addBuilder,
        onShared: leftovers.dropBuilder
    }));
}
/** Stops the run where an image cannot be loaded, which docker says only after everything was built and inspected. */
async function checkLoad(ports, seen, { inputs }) {
    const loads = inputs.load || inputs.outputs.some(({ type, dest }) => type === 'docker' && dest === undefined);
    if (!loads || (seen.driver === 'docker' && !(seen.classicStore && inputs.platforms.length > 1)))
        return;
    const { exitCode, stdout, stderr } = await (0,buildkit_builder/* askDocker */.ad)(ports, ['info', '--format', '{{json .}}']);
    const problem = findLoadProblem({ stdout, stderr, exitCode }, inputs.platforms);
    if (problem !== undefined)
        throw new stop/* Stop */.V({ kind: 'input', problems: [problem] });
}

;// CONCATENATED MODULE: ./src/phases/prepare.ts










/** Chooses the builder, and plans the build and the layer cache for it. */
async function prepare(ports, inspecting, { workflow, build, dockerfile, occasion, supplied, intent, leftovers, folder, uses }) {
    const { inputs, trustPlan } = workflow;
    const { trusted } = trustPlan.trust;
    const allow = allowedTo(trustPlan.trust, build.shape.allow);
    const planFor = ({ flag, calls, ownFrontend, builder }, exec = ports.exec) => {
        const inNamespace = (own) => inMountNamespace(own, occasion, builder);
        const buildArgs = inNamespace(build.shape.buildArgs);
        const linked = build.linked.map((target) => confined(target, inNamespace, allow));
        const base = {
            build: { ...build, linked, shape: { ...build.shape, buildArgs, allow } },
            credentials: supplied.flags,
            ...(flag === undefined ? {} : { builder: flag })
        };
        return planBuild({ ...ports, exec }, base, { folder, dockerfile, calls, ownFrontend, supplied });
    };
    // Two questions at once: whether the builder will do, and what it says of the Dockerfile if it does.
    const asked = (0,buildkit_builder/* builderFlag */.cg)(inputs.builder);
    const guess = trusted
        ? planAhead(ports.exec, (exec) => planFor({ flag: asked, calls: true, ownFrontend: true }, exec))
        : undefined;
    let chosen;
    try {
        const wishes = { inputs, dockerfile, occasion, cache: intent.plan, leftovers, uses };
        chosen = await chooseBuilder(ports, await inspecting, wishes);
    }
    catch (error) {
        await guess?.drop();
        throw error;
    }
    const { builder } = chosen;
    const calls = (0,buildkit_builder/* knowsCall */.Vl)(builder);
    const isRight = calls && builder.flag === asked && ownNamespace(occasion) === ownNamespace(occasion, builder);
    if (!isRight)
        await guess?.drop();
    // Another frontend than Docker's can name the mounts of other runs, whatever namespace it is told.
    const ownFrontend = trusted || (0,buildkit_builder/* isOfTheJob */.yz)(builder, occasion.isHosted);
    const plan = await ((isRight ? guess?.plan : undefined) ??
        planFor({ flag: builder.flag, calls, ownFrontend, builder }));
    const { driver, nodes } = builder;
    const cache = await (0,settle/* settleCache */.M7)(intent, {
        ...{ build, occasion, trustPlan, driver, plan: chosen.cache },
        perTest: plan.gate.file === undefined,
        perPlatform: nodes.filter((node) => !(0,buildkit_nodes/* isDead */.XU)(driver, node)).length > 1 ? inputs.platforms : []
    });
    const { planned, outcomes, rows } = cache;
    return {
        ...{ builder, plan, cache },
        learned: {
            ...{ builder, roles: plan.roles, cache: { planned, outcomes, rows } },
            notes: [...chosen.notes, ...cache.notes, ...plan.notes]
        }
    };
}
/** A linked target with the cache mounts and the entitlements that the run may have. */
function confined(target, inNamespace, allow) {
    const { attributes } = target;
    const entitlements = words(attributes.entitlements).filter((entitlement) => allow.includes(entitlement));
    return (0,core_linked/* withArguments */.$I)({ ...target, attributes: { ...attributes, entitlements } }, inNamespace((0,core_linked/* argumentsOf */.aX)(target)));
}
/** Plans before it is known whether the plan is wanted. Dropping it ends what was begun for it. */
function planAhead(exec, plan) {
    const unwanted = new AbortController();
    const planning = plan((0,src_ports/* endedBy */.mr)(unwanted.signal, exec));
    const asking = planning.then((ready) => ready.outline());
    asking.catch(noop);
    return {
        plan: planning,
        async drop() {
            unwanted.abort();
            await asking.then(noop, noop);
        }
    };
}
function noop() {
    // Whoever wants the plan is told what is wrong with it.
}

;// CONCATENATED MODULE: ./src/phases/image.ts
/** An image on its way through a run, as far as the gate: what is asked for, what it has ready, and who builds it. */








/** Resolves when all cache mounts of some images are filled; `undefined` where they have none. */
function lastFilling(images) {
    return images.at(-1)?.filling;
}
/**
 * The builds that the images of a step are. One of several goes by its target's name, below the step's own if it has one.
 * @param images with the inputs of the workflow of the same place
 */
function openBuilds(workflows, images, { occasion, env }) {
    return workflows.map((workflow, index) => {
        const { inputs, trustPlan } = workflow;
        const variables = trustPlan.trust.trusted ? env : {}; // they are the runner's own
        const target = images[index]?.name;
        if (target === undefined)
            return { workflow, build: (0,from_inputs/* buildFromInputs */.c6)(inputs, (0,from_inputs/* buildName */.AL)(inputs, occasion), variables) };
        const name = [inputs.reportName, target].filter((part) => part !== '').join('/');
        const build = (0,from_inputs/* buildFromInputs */.c6)(inputs, name, variables);
        // Two targets may differ in nothing but their arguments, as those of a matrix do.
        return { workflow, build: { ...build, cache: { ...build.cache, variant: name } } };
    });
}
/**
 * Reads the Dockerfile, and begins to fetch the cache mounts.
 * @param nth counts the images of the run from 0; each of several has a folder of its own
 */
async function equip(image, nth, { ports, occasion, cache, cleanup, folder, isOne }) {
    const { build, workflow, phase, know } = image;
    const own = isOne ? folder : external_node_path_default().join(folder, `image-${nth + 1}`);
    // It lies in the run's, which is guarded and removed.
    if (!isOne)
        await (0,promises_.mkdir)(own);
    const dockerfile = await readDockerfile(build.source);
    const wrong = encodingProblem(dockerfile);
    if (wrong !== undefined) {
        const problem = `"${(0,core_source/* dockerfileName */.EJ)(build.source)}" ${wrong}`;
        image.learn({ failure: { kind: 'input', problems: [{ input: 'file', problem, fix: 'Save it as UTF-8.' }] } });
    }
    const { credentials, redact, inputs } = workflow;
    const options = { build, dockerfile, occasion, credentials, cache, redact, folder: own };
    const mounts = await openMounts(ports, { ...options, builder: inputs.builder });
    if (mounts !== undefined) {
        cleanup.defer(() => phase('keep cache mounts', async () => {
            const ended = await mounts.end();
            know({ notes: ended.notes, ...(ended.mounts.length === 0 ? {} : { cacheMounts: ended.mounts }) });
        }));
    }
    return { ...image, dockerfile, mounts, folder: own };
}
/**
 * The pre-flight: the builder, the stages, and what they mount.
 * @param images all of the run, and those before this one, which are ready: they may have cache mounts in common, which
 * are filled in turn
 */
async function getReady(image, inspecting, shared, { all, before }) {
    const { learn, phase, mounts } = image;
    const { ports, occasion, supplied } = shared;
    const uses = all.map(({ workflow: { inputs }, dockerfile, intent }) => ({ inputs, dockerfile, cache: intent.plan }));
    const prepared = await phase('pre-flight', () => prepare(ports, inspecting, { ...shared, ...image, uses }));
    learn(prepared.learned);
    const { builder, plan } = prepared;
    const others = lastFilling(before);
    const filling = others === undefined ? mounts?.restore(builder) : others.then(() => mounts?.restore(builder));
    await phase('outline', async () => learn({ notes: checkOutline(await plan.outline(), supplied, occasion.trust) }));
    return { ...image, prepared, filling };
}

;// CONCATENATED MODULE: ./src/phases/report_turns.ts
/**
 * A mount for test reports is one folder of the builder for all images of a run. Of what two of them leave there at once nobody
 * can tell whose it is, and whoever takes it out first takes out both: those that have one in common are built in turn.
 */


/** The turns of some images, which are begun in their order. */
function reportTurns(images) {
    const ends = new Map(images.map((image) => [image, Promise.withResolvers()]));
    return async (image, { log, unwanted }, build) => {
        const own = image.mounts?.reportIDs ?? [];
        const before = images
            .slice(0, images.indexOf(image))
            .filter(({ mounts }) => (0,mount/* haveReportsInCommon */.SS)(mounts?.reportIDs ?? [], own));
        if (before.length > 0) {
            const names = before.map((other) => other.build.name).join(', ');
            log.info(`${image.build.name} is built after ${names}: their test reports may be in one cache mount.`);
            await Promise.all(before.flatMap((other) => ends.get(other)?.promise ?? []));
            if (unwanted.aborted)
                throw new src_ports/* Cancelled */.cJ();
        }
        try {
            return await build();
        }
        finally {
            const read = image.mounts?.reports() ?? Promise.resolve();
            void read.then(() => ends.get(image)?.resolve());
        }
    };
}

// EXTERNAL MODULE: ./src/adapters/held_log.ts
var held_log = __webpack_require__(6788);
// EXTERNAL MODULE: ./src/registry/parallel.ts
var parallel = __webpack_require__(8676);
;// CONCATENATED MODULE: ./src/phases/side_by_side.ts
/** Images of one run that are built side by side, until all of them are there or one of them is red. */


/**
 * Builds some at a time, each in its part of the log. The first that is red ends the others: this rejects with what it failed
 * with, when all have come to rest.
 */
async function sideBySide(images, { log, signal }, build) {
    const ended = new AbortController();
    const built = new Map();
    let red;
    const turnRed = (image) => {
        red ??= image;
        ended.abort();
    };
    await (0,parallel/* inParallel */.H)((0,held_log/* inTurns */.g)(log, images), signal, async ({ item: image, log, done }, stop) => {
        const unwanted = AbortSignal.any([stop, ended.signal]);
        try {
            built.set(image, await build(image, { log, unwanted, onRed: () => turnRed(image) }));
        }
        catch (error) {
            turnRed(image);
            // However another one ends, it is ended for the sake of the first, which fails as well.
            if (red !== image)
                return;
            image.turn();
            throw error;
        }
        finally {
            await done();
        }
    });
    // What leaves is all of them, or none: whatever may have become of one that is missing.
    if (built.size < images.length)
        throw new Error('an image was not built, and nothing has said why');
    return images.flatMap((image) => built.get(image) ?? []);
}

// EXTERNAL MODULE: ./src/credentials/arguments.ts
var credentials_arguments = __webpack_require__(218);
;// CONCATENATED MODULE: ./src/inputs/environment.ts
/** Variables that docker/build-push-action or `docker buildx build` reads, for workflows that move over. */
const withoutEffect = {
    DOCKER_BUILD_SUMMARY: 'the summary is always written',
    DOCKER_BUILD_CHECKS_ANNOTATIONS: "findings of BuildKit's checks are annotations, and only those on lines of the change",
    DOCKER_BUILD_RECORD_UPLOAD: 'no build record is uploaded',
    DOCKER_BUILD_RECORD_RETENTION_DAYS: 'no build record is uploaded',
    DOCKER_BUILD_EXPORT_RETENTION_DAYS: 'no build record is uploaded',
    DOCKER_BUILD_NO_SUMMARY: 'the summary is always written',
    BUILDX_METADATA_PROVENANCE: 'the metadata has the provenance whole, since the report is made of it'
};
/** A sentence for each variable that is set and has no effect. Other `BUILDX_` and `BUILDKIT_` variables reach buildx. */
function environmentNotes(env) {
    return Object.entries(withoutEffect)
        .filter(([name]) => (env[name] ?? '') !== '')
        .map(([name, why]) => `${name} has no effect: ${why}.`);
}

// EXTERNAL MODULE: ./src/judge/index.ts + 9 modules
var judge = __webpack_require__(8067);
;// CONCATENATED MODULE: ./src/inputs/annotations.ts
/** Levels of an annotation: https://docs.docker.com/build/metadata/annotations/#specify-annotation-level */
/** `index,manifest[linux/amd64]:key=value` has two; an entry without levels is for the manifest. */
function annotationLevels(entry) {
    const [, levels] = /^((?:(?:index|manifest)(?:-descriptor)?(?:\[[^\]]*\])?,?)+):/.exec(entry) ?? [];
    return levels === undefined ? ['manifest'] : levels.split(',').map((level) => level.replace(/\[.*$/, ''));
}

;// CONCATENATED MODULE: ./src/inputs/build_values.ts
/** Inputs that go to buildx as they are, and what it would refuse about them only after the tests. */







/** `NAME=VALUE`, or `NAME` for the value of the environment variable of that name. */
function parseBuildArgs({ lines, report }) {
    let above = '';
    let isRest = false;
    return lines('build-args').filter((entry, index) => {
        const { name, value } = (0,pair/* splitPair */.T)(entry);
        const refuse = (problem, fix) => {
            report('build-args', problem, fix);
            return false;
        };
        if (name === '') {
            return refuse('the name before "=" is empty', 'Write each build argument on a line of its own, as NAME=VALUE.');
        }
        if (/\s--build-arg\b/.test(value ?? '')) {
            return refuse(`entry ${index + 1} has "--build-arg" in it`, 'Write each build argument on a line of its own, without the option.');
        }
        // BuildKit takes any name. One alone, with a hyphen, is rather the rest of a value that lost its quotes.
        if ((value !== undefined ? /^\w[\w.-]*$/ : /^[A-Za-z_]\w*$/).test(name)) {
            above = name;
            return true;
        }
        // What stands for an expression may be JSON, of which one line is told.
        if (isRest)
            return false;
        isRest = above !== '' && /^["{}[\]]/.test(entry);
        if (isRest) {
            return refuse(`entry ${index + 1} has no name, as a line of JSON has none`, `If it belongs to the value of "${above}", write "${above}" alone, and give the value in the env: of this step.`);
        }
        const [, listed] = /^(?:-\s+|--build-arg[ =])\s*(.*)$/.exec(entry) ?? [];
        const [, mapped] = /^([A-Za-z_][A-Za-z0-9_]*):(?:\s|$)/.exec(entry) ?? [];
        const shown = listed === undefined ? (mapped ?? 'NAME') : (0,pair/* splitPair */.T)(listed).name;
        return refuse(`"${name.slice(0, 80)}" is not the name of a build argument`, listed === undefined && mapped === undefined
            ? 'A name has letters, digits, "_", "-" and ".". Write each build argument on a line of its own, as NAME=VALUE.'
            : `The input is text, not a YAML list: write "${shown}=VALUE".`);
    });
}
const entitlements = ['network.host', 'security.insecure', 'device'];
/** Entitlements of the build. What bake asks for itself (`fs.read=…`) is not asked here, and left out. */
function parseAllow(grammar) {
    const { list, report } = grammar;
    const isBake = namesBake(grammar);
    const entries = list('allow').filter((entry) => !isBake || !/^(?:fs(?:\.read|\.write)?|ssh)(?:=|$)/.test(entry));
    return entries.filter((entry) => {
        if (entitlements.includes((0,pair/* splitPair */.T)(entry).name))
            return true;
        report('allow', `"${entry}" is not an entitlement`, `Use ${entitlements.join(', ')}.${(0,inputs_grammar/* didYouMean */.au)(entry, entitlements)}`);
        return false;
    });
}
/** Entries of `--attest`. They can name registries and tokens, so a problem shows the type alone. */
function parseAttests({ typed, report }) {
    return typed('attests', 'type=sbom,generator=docker/scout-sbom-indexer').filter((entry) => {
        const type = /(?:^|,)\s*"?type=([^",]*)/.exec(entry)?.[1] ?? '';
        if (type === 'sbom' || type === 'provenance')
            return true;
        report('attests', `"${type}" is not a type of attestation`, `Use sbom or provenance.${(0,inputs_grammar/* didYouMean */.au)(type, ['sbom', 'provenance'])}`);
        return false;
    });
}
/** Named contexts, `NAME=SOURCE`, under the names that BuildKit looks for. A source on the disk has to be there. */
function parseBuildContexts(grammar, look) {
    const { pairs, report } = grammar;
    // bake hands on any name, also one that nothing finds: that of a file is told in a note.
    const isBake = namesBake(grammar);
    const entries = pairs('build-contexts', 'named context').flatMap((entry) => {
        const { name, value = '' } = (0,pair/* splitPair */.T)(entry);
        const known = isBake ? name : contextName(name, report);
        return known === undefined ? [] : [`${known}=${value}`];
    });
    return entries.filter((entry) => {
        const { name, value: source = '' } = (0,pair/* splitPair */.T)(entry);
        const [, layout] = /^oci-layout:\/\/(.*?)(?:@sha256:[0-9a-f]+)?$/.exec(source) ?? [];
        const isElsewhere = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@)/i.test(source);
        if (layout === undefined && isElsewhere)
            return true;
        const linked = (0,core_linked/* linkedName */.F$)(source);
        if (linked !== undefined) {
            report('build-contexts', `"${name}": there is no target "${linked}" without a bake file`, 'Name the file in bake-files, and the target to build in bake-targets; its contexts may be other targets.');
            return false;
        }
        const place = layout === undefined ? source : layoutFolder(layout, look);
        if (place !== '' && look(place) === 'folder')
            return true;
        const what = layout === undefined ? 'folder' : 'OCI layout';
        report('build-contexts', place === '' ? `nothing follows "${name}="` : `"${name}": there is no ${what} at "${place}"`, 'Make it in an earlier step, or write a URL such as docker-image://NAME:TAG. A path is relative to the working directory.');
        return false;
    });
}
/** As `docker buildx build` reads it. What follows `::` is the platform that the context is for, and bake's alone. */
function contextName(text, report) {
    const [name = '', ...platform] = text.split('::');
    const reading = (0,core_reference/* parseReference */.F2)(name);
    if (reading.ok)
        return [(0,core_reference/* familiarName */.hG)(name), ...platform].join('::');
    report('build-contexts', `"${text}" cannot be the name of a context: ${reading.problem}`, reading.fix);
    return undefined;
}
/** `path`, or `path:tag`. */
function layoutFolder(text, look) {
    return look(text) === 'folder' ? text : text.replace(/:[^:/]*$/, '');
}
/** A context that buildx would read as a folder or refuse, although a repository is meant. */
function checkContext(text, report) {
    const [isDefault, folder = ''] = /^\{\{\s*defaultContext\s*\}\}:?(.*)$/.exec(text) ?? [];
    if (isDefault !== undefined) {
        const place = folder.replace(/^\.?\//, '');
        const fix = place === '' ? 'Leave context out' : `Write "./${place}"`;
        return report('context', `"${text}" is not expanded here`, `${fix}, and run actions/checkout before this step.`);
    }
    const [, repository = ''] = /^github\.com\/([^#?]+)/.exec(text) ?? [];
    if (repository === '')
        return;
    report('context', `"${text}" has no scheme`, `Write "https://${text.replace(/^(github\.com\/[^#?/]+\/[^#?/]+?)(?:\.git)?(?=[#?/]|$)/, '$1.git')}".`);
}
/** Annotations of an index need one, and one platform without attestations has none. */
function checkAnnotations(inputs, report) {
    const asked = (0,inputs_attestations/* askedAttestations */.cF)(inputs);
    // Where nothing is said of a provenance there may be one.
    const isSingle = inputs.platforms.length <= 1 && asked.some(inputs_attestations/* isProvenance */.WX) && !asked.some(inputs_attestations/* isEnabled */.Ol);
    const onIndex = inputs.annotations.find((entry) => annotationLevels(entry).some((level) => level !== 'manifest'));
    if (!isSingle || onIndex === undefined)
        return;
    report('annotations', `"${(0,pair/* splitPair */.T)(onIndex).name}" is for an index, and one platform with provenance: false has none`, 'Write "manifest:" for the level, or remove provenance: false.');
}

// EXTERNAL MODULE: ./src/inputs/cache_value.ts
var cache_value = __webpack_require__(7237);
// EXTERNAL MODULE: ./src/core/source_date_epoch.ts
var source_date_epoch = __webpack_require__(8919);
;// CONCATENATED MODULE: ./src/inputs/outputs.ts
/** The input `outputs`: entries of `--output`, read as buildx does. https://docs.docker.com/build/exporters/ */





const outputTypes = ['image', 'docker', 'oci', 'tar', 'local', 'cacheonly'];
const compressions = ['uncompressed', 'gzip', 'estargz', 'zstd'];
/** The names that an image leaves under. As in buildx, tags take the place of the names in outputs. */
function namesToLeave({ tags, outputs }) {
    if (tags.length > 0)
        return tags.map((name) => ({ input: 'tags', name }));
    return outputs.flatMap((entry) => entry.names.map((name) => ({ input: 'outputs', name, entry })));
}
/** Attributes that are true or false. https://docs.docker.com/build/exporters/image-registry/#synopsis */
const outputs_switches = [
    ...['push', 'push-by-digest', 'name-canonical', 'registry.insecure', 'store', 'unpack', 'tar', 'force-compression'],
    ...['rewrite-timestamp', 'oci-mediatypes', 'oci-artifact', 'attestation-inline', 'platform-split'],
    'prefer-nondist-layers'
];
/** The others; what is neither one of them nor nearly one is for BuildKit to read. */
const knownAttributes = [
    ...outputs_switches,
    ...['type', 'dest', 'name', 'compression', 'compression-level', 'dangling-name-prefix', 'context', 'mode'],
    'attestation-prefix'
];
/** A line of CSV as Go reads it: a quote stands at both ends of a field, and twice inside of it. */
const WELL_QUOTED = /^(?:"(?:[^"]|"")*"|[^",]*)(?:,(?:"(?:[^"]|"")*"|[^",]*))*$/;
/** Reads the entries; what is wrong with one is reported, and it is left out. */
function parseOutputs({ records, report }) {
    return records('outputs').flatMap((text) => parseOutput(text, report) ?? []);
}
/** Reads one entry as buildx's `ParseExports` does: a path alone is a folder, `-` is a tar on standard output. */
function parseOutput(text, report) {
    const refuse = (problem, fix) => {
        report('outputs', `"${text}": ${problem}`, fix);
    };
    if (!WELL_QUOTED.test(text) || /^"(?:[^"]|"")*"$/.test(text)) {
        return refuse('a quote in it is not where CSV has one', 'Put a single field in quotes: type=local,"dest=a,b".');
    }
    const fields = (0,csv/* readFields */.qU)(text);
    // `dest=out` alone is a folder of that name to buildx; nobody means that.
    if (fields.length === 1 && fields[0] === text && !/^[a-z-]+\s*=/i.test(text)) {
        if (text === '-')
            return refuse('standard output belongs to the log', 'Name a file: "type=tar,dest=image.tar".');
        return entryOf(text, 'local', new Map([['dest', text]]));
    }
    const attributes = new Map();
    for (const field of fields) {
        const { name, value } = (0,pair/* splitPair */.T)(field);
        if (value === undefined)
            return refuse(`"${field}" has no "="`, 'Write it as KEY=VALUE, separated by commas.');
        const key = (0,csv/* attributeKey */.s)(name);
        if (attributes.has(key)) {
            const fix = key === 'name' ? 'Write several names as one field: "name=a,b", in quotes.' : 'Keep one of them.';
            return refuse(`"${key}" is given twice`, fix);
        }
        attributes.set(key, value);
    }
    const written = attributes.get('type') ?? '';
    if (written === '')
        return refuse('it has no "type="', 'Write the type and its attributes, as in "type=local,dest=out".');
    if (written === 'registry')
        attributes.set('push', 'true');
    const type = outputTypes.find((known) => known === (written === 'registry' ? 'image' : written));
    if (type !== undefined)
        return entryOf(text, type, attributes);
    const all = [...outputTypes, 'registry'];
    return refuse(`"${written}" is not a type of output`, `Use ${all.join(', ')}.${(0,inputs_grammar/* didYouMean */.au)(written, all)}`);
}
function entryOf(text, type, given) {
    const dest = given.get('dest');
    const pushByDigest = isTrue(given.get('push-by-digest'));
    return {
        text,
        type,
        attributes: new Map([...given].filter(([key]) => key !== 'type' && key !== 'dest')),
        isFolder: type === 'local' || ((type === 'oci' || type === 'docker') && isFalse(given.get('tar'))),
        names: (given.get('name') ?? '').split(',').filter((name) => name !== ''),
        push: pushByDigest || isTrue(given.get('push')),
        pushByDigest,
        ...(dest === undefined ? {} : { dest })
    };
}
/** BuildKit takes an attribute without a value for true, and what it cannot read is in doubt. */
function isTrue(value) {
    return value !== undefined && !isFalse(value);
}
function isFalse(value) {
    return value !== undefined && ['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value);
}
/** A boolean as BuildKit reads it. */
function isBoolean(value) {
    return isFalse(value) || ['', '1', 't', 'T', 'true', 'TRUE', 'True'].includes(value);
}
/** Checks what can be known of the outputs before anything is built. */
function checkOutputs(entries, context, report) {
    for (const entry of entries) {
        const refuse = (problem, fix) => {
            report('outputs', `"${entry.text}": ${problem}`, fix);
        };
        checkAttributes(entry, refuse);
        if (entry.type === 'image')
            checkNames(entry, context, refuse);
        if (entry.type !== 'image' && entry.type !== 'cacheonly')
            checkDestination(entry, context, refuse);
        else if (entry.dest !== undefined) {
            refuse(`type=${entry.type} writes no file`, 'Remove its dest, or take type=oci for an image in a file.');
        }
    }
    checkOneShape(entries, report);
    const writes = entries.flatMap(({ dest, isFolder }) => dest === undefined ? [] : [{ dest: external_node_path_default().resolve(dest), isFolder }]);
    const twice = writes.find(({ dest }, index) => writes.findIndex((other) => other.dest === dest) !== index);
    if (twice !== undefined) {
        report('outputs', `two outputs are written to "${external_node_path_default().relative('.', twice.dest)}"`, 'Give each a place of its own.');
    }
    const inside = writes.find(({ dest }) => writes.some((other) => other.isFolder && dest.startsWith(`${other.dest}${(external_node_path_default()).sep}`)));
    if (inside !== undefined) {
        const problem = `the output "${external_node_path_default().relative('.', inside.dest)}" lies in the folder of another one`;
        report('outputs', problem, 'Give each a place of its own.');
    }
    const isNamed = entries.some(({ type, names }) => type === 'image' && names.length > 0);
    if (context.push && context.tags.length === 0 && !isNamed)
        checkPush(context, report);
}
/** Bake files that are for nothing else, where docker/bake-action looks for them. */
const bakeFiles = ['docker-bake.hcl', 'docker-bake.json'];
/** There is nothing to push it as. */
function checkPush({ isBake, look }, report) {
    if (isBake) {
        const problem = 'push is true, and a target of the bake file has no tags';
        return report('push', problem, 'Give it tags. If it is a test, name it in test-target.');
    }
    const file = bakeFiles.find((name) => look(name) === 'file');
    const fix = 'Add the tags to publish, for example "ghcr.io/owner/app:1.2.3".';
    const meant = file === undefined ? '' : ` If ${file} has them, write bake-files: ${file}.`;
    report('push', 'push is true but tags is empty', `${fix}${meant}`);
}
/** One image is built, inspected and sent to all of them, so two cannot want it otherwise. */
function checkOneShape(entries, report) {
    const images = entries.filter(({ type, dest }) => type === 'image' || (type === 'docker' && dest === undefined));
    const placing = [
        'name',
        'push',
        'push-by-digest',
        'name-canonical',
        'registry.insecure',
        'store',
        'unpack',
        'context'
    ];
    const shapes = knownAttributes.filter((key) => !placing.includes(key));
    const differs = shapes.find((key) => new Set(images.flatMap(({ attributes }) => attributes.get(key) ?? [])).size > 1);
    if (differs === undefined)
        return;
    report('outputs', `two image outputs differ in "${differs}", and one image is tested and leaves`, 'Give both the same, or publish the other one in a step of its own.');
}
function checkAttributes({ attributes }, refuse) {
    const compression = attributes.get('compression');
    if (compression !== undefined && !compressions.includes(compression)) {
        refuse(`"${compression}" is not a compression`, `Use ${compressions.join(', ')}.${(0,inputs_grammar/* didYouMean */.au)(compression, compressions)}`);
    }
    const level = attributes.get('compression-level');
    const [lowest, highest] = compression === 'zstd' ? [0, 22] : [-2, 9];
    if (level !== undefined && !(/^-?\d{1,2}$/.test(level) && Number(level) >= lowest && Number(level) <= highest)) {
        refuse(`"${level}" is not a compression level`, 'Write a whole number: 0 to 9 for gzip, 0 to 22 for zstd.');
    }
    for (const [key, value] of attributes) {
        if (outputs_switches.includes(key) && !isBoolean(value)) {
            refuse(`"${key}=${value}" is neither true nor false`, `Write "${key}=true" or "${key}=false".`);
        }
        const near = knownAttributes.includes(key) || key.startsWith('annotation') ? '' : (0,inputs_grammar/* didYouMean */.au)(key, knownAttributes);
        if (near !== '')
            refuse(`it has no attribute "${key}"`, `Correct it.${near}`);
    }
}
function checkNames({ names, push, pushByDigest }, { tags }, refuse) {
    for (const name of tags.length > 0 ? [] : names) {
        const reading = (0,core_reference/* parseReference */.F2)(name);
        if (!reading.ok)
            refuse(`"${name}": ${reading.problem}`, reading.fix);
        else if (reading.reference.digest !== undefined) {
            refuse(`"${name}" has a digest`, 'A name to publish is written as "registry/name:tag".');
        }
    }
    const used = tags.length > 0 ? tags : names; // as in buildx, tags take the place of a name
    if (push && used.length === 0) {
        refuse('it pushes, but it has no name', 'Add "name=REGISTRY/NAME", or give the tags in the input tags.');
    }
    const tagged = pushByDigest ? used.find((name) => isTagged(name)) : undefined;
    if (tagged !== undefined) {
        refuse(`push-by-digest cannot push the tag of "${tagged}"`, `Write "${tagged.replace(/:[^:/]+$/, '')}" without a tag; a later job adds the tags to the digest.`);
    }
}
function isTagged(name) {
    const reading = (0,core_reference/* parseReference */.F2)(name);
    return reading.ok && reading.reference.tag !== undefined;
}
function checkDestination(entry, { platforms, look, folders }, refuse) {
    const { type, dest, isFolder } = entry;
    if (dest === undefined || dest === '') {
        if (type === 'docker' && !isFolder)
            return;
        const example = isFolder ? `type=${type},dest=out` : `type=${type},dest=image.tar`;
        return refuse('it has no destination', `Add "dest=" and a ${isFolder ? 'folder' : 'file'}, as in "${example}".`);
    }
    if (/^~(?:\/|$)|\$\{?[A-Z_]/.test(dest)) {
        return refuse(`nothing replaces the "${dest.startsWith('~') ? '~' : '$'}" in "${dest}"`, 'No shell reads it: write the path in full, as with ${{ github.workspace }} or ${{ runner.temp }}.');
    }
    if (dest === '-')
        return refuse('standard output belongs to the log', 'Name a file or folder after "dest=".');
    if (type === 'docker' && platforms.length > 1) {
        return refuse('a docker archive holds one platform, and several are built', 'Use type=oci, or build one platform.');
    }
    const found = look(dest);
    if (isFolder && found === 'file')
        return refuse(`"${dest}" is a file`, 'Name a folder.');
    if (!isFolder && found === 'folder')
        return refuse(`"${dest}" is a folder`, `Name a file, as in "${external_node_path_default().join(dest, 'image.tar')}".`);
    if (isFolder && found === 'folder' && !folders.isEmpty(dest)) {
        return refuse(`the folder "${dest}" is not empty`, 'Name a new folder, or empty it in an earlier step: what is in it could be taken for a part of the result.');
    }
    const parent = found === 'folder' ? dest : isFolder ? nearest(dest, look) : external_node_path_default().dirname(dest);
    if (look(parent) !== 'folder')
        return refuse(`there is no folder "${parent}"`, 'Create it in an earlier step.');
    if (!folders.isWritable(parent)) {
        refuse(`"${parent}" cannot be written by the runner's user`, 'Give it to this user, or name another folder.');
    }
}
/** The nearest folder above a path that is there: BuildKit makes the ones between. */
function nearest(dest, look) {
    let parent = external_node_path_default().dirname(dest);
    while (look(parent) === undefined && external_node_path_default().dirname(parent) !== parent)
        parent = external_node_path_default().dirname(parent);
    return parent;
}

;// CONCATENATED MODULE: ./src/inputs/combinations.ts






const contradictions = [
    timesKept,
    nothingToBuildTwice,
    timesInImage,
    agesUnknown,
    cgroupUnsettable,
    severalReportStages,
    nothingToRerun,
    testAsTarget,
    twoCachePlans,
    cacheAmongImages,
    noBaseline,
    cacheOverImage,
    passphraseWithoutKey
];
/** Reports what contradicts each other, or would undo each other. */
function checkCombinations(inputs, report) {
    for (const contradiction of contradictions) {
        const found = contradiction(inputs);
        if (found !== undefined)
            report(found.input, found.problem, found.fix);
    }
}
function timesKept({ reproducible, outputs }) {
    const kept = outputs.find(({ attributes }) => (attributes.get('rewrite-timestamp') ?? 'true') !== 'true');
    if (!reproducible || kept === undefined)
        return undefined;
    return {
        input: 'reproducible',
        problem: `the output "${kept.text}" keeps the times of the build`,
        fix: 'Remove its rewrite-timestamp, or reproducible.'
    };
}
function nothingToBuildTwice(inputs) {
    if (!inputs.verifyReproducible || !(0,inputs_inputs/* isGateOnly */.I)(inputs))
        return undefined;
    return {
        input: 'verify-reproducible',
        problem: 'only the tests are built: there is no image to build twice',
        fix: 'Name the stage of the image in target, or remove verify-reproducible.'
    };
}
function timesInImage({ verifyReproducible, cacheTo }) {
    if (!verifyReproducible || !cacheTo.some((entry) => /(?:^|,)\s*type=inline/.test(entry)))
        return undefined;
    return {
        input: 'verify-reproducible',
        problem: 'cache-to has type=inline, which writes the time of each step into the image',
        fix: 'Use another type of cache, such as cache-image, or remove verify-reproducible.'
    };
}
/** The times of the layers are then no times of a build. */
function agesUnknown({ refreshAfter, reproducible, buildArgs }) {
    const timed = reproducible
        ? 'reproducible: true'
        : (0,src_dockerfile/* readArguments */.lR)(buildArgs).has(source_date_epoch/* SOURCE_DATE_EPOCH */.d)
            ? `${source_date_epoch/* SOURCE_DATE_EPOCH */.d} in build-args`
            : undefined;
    if (refreshAfter === undefined || timed === undefined)
        return undefined;
    return {
        input: 'refresh-after',
        problem: `${timed} sets the times in the image, so that nothing tells how old a cached layer is`,
        fix: 'Remove it, and build with no-cache or no-cache-filters on a schedule of your own.'
    };
}
function cgroupUnsettable({ cgroupParent }) {
    if (cgroupParent === '')
        return undefined;
    return {
        input: 'cgroup-parent',
        problem: 'tests and image are built in one bake call, which cannot set it',
        fix: 'Set it on the builder: docker/setup-buildx-action with driver-opts "cgroup-parent=…".'
    };
}
function severalReportStages({ testReportTarget }) {
    if (!/[\s,]/.test(testReportTarget))
        return undefined;
    return {
        input: 'test-report-target',
        problem: `"${testReportTarget.replace(/\s+/g, ' ')}" is more than one stage`,
        fix: 'Name one stage, and let it collect the files of the others with COPY --from.'
    };
}
function nothingToRerun({ testCache, testTargets }) {
    if (testCache !== 'rerun' || testTargets.length > 0)
        return undefined;
    return { input: 'test-cache', problem: 'rerun has no test to run again', fix: 'Name the test stage in test-target.' };
}
function testAsTarget({ target, testTargets }) {
    if (!testTargets.some((test) => test.toLowerCase() === target.toLowerCase()))
        return undefined;
    return {
        input: 'target',
        problem: `"${target}" is also a test target`,
        fix: 'The target is the stage to ship, test-target the stage to pass.'
    };
}
function twoCachePlans({ cacheImage, cacheTo }) {
    if (cacheImage === '' || cacheTo.length === 0)
        return undefined;
    return {
        input: 'cache-to',
        problem: 'cache-image already plans where the cache is written',
        fix: 'Remove either cache-to or cache-image.'
    };
}
function cacheAmongImages(inputs) {
    const repository = repositoryOf(inputs.cacheImage);
    if (repository === undefined)
        return undefined;
    const published = publishedNames(inputs).find(({ name }) => repositoryOf(name) === repository);
    if (published === undefined)
        return undefined;
    return {
        input: 'cache-image',
        problem: `it is the repository that "${published.name}" is published to`,
        fix: `Use a repository of its own, for example "${inputs.cacheImage}-cache": cache and image tags must not collide.`
    };
}
function repositoryOf(text) {
    const reading = (0,core_reference/* parseReference */.F2)(text);
    return reading.ok ? (0,core_reference/* canonicalRepository */.JA)(reading.reference) : undefined;
}
function noBaseline({ budget, compareTo }) {
    if (budget.maxIncrease === undefined || compareTo.kind !== 'none')
        return undefined;
    return {
        input: 'max-increase',
        problem: 'compare-to is none, so there is no baseline to grow from',
        fix: 'Remove compare-to, or limit the image itself with max-size.'
    };
}
/** A registry holds one thing under a reference: whichever is written last, an image or its cache. */
function cacheOverImage(inputs) {
    const written = inputs.cacheTo.filter(cache_value/* isRegistryCache */.or).map((value) => (0,core_reference/* canonicalName */.Ew)((0,cache_value/* cacheReference */.Kh)(value)));
    const clash = publishedNames(inputs).find(({ name, entry }) => entry?.pushByDigest !== true && written.includes((0,core_reference/* canonicalName */.Ew)(name)));
    if (clash === undefined)
        return undefined;
    return {
        input: 'cache-to',
        problem: `it writes the cache to "${clash.name}", which is also published`,
        fix: 'Give the cache a tag or a repository of its own: one would overwrite the other.'
    };
}
/** The names that a registry is to have the image under, or the repository alone where it is pushed by digest. */
function publishedNames(inputs) {
    return namesToLeave(inputs).filter(({ entry }) => entry === undefined || (entry.type === 'image' && (entry.push || inputs.push)));
}
function passphraseWithoutKey({ sshPassphrase, sshPrivateKey }) {
    if (sshPassphrase.trim() === '' || sshPrivateKey.trim() !== '')
        return undefined;
    return {
        input: 'ssh-passphrase',
        problem: 'there is no ssh-private-key to open with it',
        fix: 'Remove it or add ssh-private-key.'
    };
}

;// CONCATENATED MODULE: ./src/inputs/compare_to.ts
/** The input `compare-to`: where the baseline comes from. */


/** Parses `compare-to`. A bare word is no image here: it is a mistyped `auto`, or a branch. */
function parseCompareTo({ text, report }) {
    const value = text('compare-to');
    if (value === '' || value === 'auto')
        return { kind: 'auto' };
    if (value === 'none')
        return { kind: 'none' };
    if (/^[\w.-]+$/.test(value)) {
        report('compare-to', `"${value}" is neither auto nor none nor a reference with a tag`, `Write an image as "${value.toLowerCase()}:TAG". The base branch is compared with by itself (auto).${(0,inputs_grammar/* didYouMean */.au)(value, ['auto', 'none'])}`);
        return { kind: 'auto' };
    }
    const reading = (0,core_reference/* parseReference */.F2)(value);
    if (reading.ok)
        return { kind: 'image', reference: value };
    report('compare-to', `"${value}": ${reading.problem}`, reading.fix);
    return { kind: 'auto' };
}

;// CONCATENATED MODULE: ./src/inputs/leak_ignore.ts
/** Absolute paths, folders as `/folder/**`, and fingerprints as the report gives them. */
function parseLeakIgnore({ list, report }) {
    return list('leak-ignore').filter((entry) => {
        if (/^sha256:[0-9a-f]{64}$/.test(entry))
            return true;
        const path = entry.endsWith('/**') ? entry.slice(0, -3) : entry;
        if (/^\/[^*?]+$/.test(path))
            return true;
        // A line of a key is not shown.
        const shown = /^[\w./:*?@+-]{1,80}$/.test(entry) ? `"${entry}"` : 'an entry';
        report('leak-ignore', `${shown} is neither a path in the image nor a fingerprint`, 'Write a path such as /etc/ssl/private/test.key, a folder such as /opt/app/tests/**, or sha256: and 64 hex digits, as the report has them.');
        return false;
    });
}

;// CONCATENATED MODULE: ./src/inputs/run_values.ts
/** What a RUN finds around it: hosts, limits, memory that is shared. buildx would refuse it only when the build begins. */


/** `HOST:ADDRESS` or `HOST=ADDRESS`; an address is `host-gateway`, or one or more of IP, which may be in brackets. */
function parseAddHosts({ list, report }) {
    return list('add-hosts').filter((entry) => {
        const [, host = '', address = ''] = /^([^=]*)=(.*)$/s.exec(entry) ?? /^([^:]*):(.*)$/s.exec(entry) ?? [];
        if (host !== '' && (address === 'host-gateway' || address.split(',').every(isAddress)))
            return true;
        report('add-hosts', `"${entry.replace(/\s+/g, ' ')}" is not a host and its address`, 'Write each as HOST:IP, with a comma or a new line between two: "db:10.0.0.2", "db:[::1]" or "db:host-gateway".');
        return false;
    });
}
function isAddress(text) {
    const bare = /^\[(.+)\]$/.exec(text)?.[1] ?? text;
    return (0,external_node_net_.isIP)(bare) > 0 && !bare.includes('%');
}
/** As docker has them: https://github.com/docker/go-units/blob/master/ulimit.go */
const ULIMITS = 'core cpu data fsize locks memlock msgqueue nice nofile nproc rss rtprio rttime sigpending stack'.split(' ');
/** `NAME=SOFT` or `NAME=SOFT:HARD`; -1 is no limit. */
function parseUlimits({ lines, report }) {
    return lines('ulimit').filter((entry) => {
        const [, name = '', soft = '', hard = soft] = /^([^=]*)=([+-]?\d+)(?::([+-]?\d+))?$/.exec(entry) ?? [];
        const refuse = (problem, fix) => {
            report('ulimit', `"${entry}" ${problem}`, fix);
            return false;
        };
        if (soft === '')
            return refuse('is not a limit', 'Write each on a line of its own, as in "nofile=1024:2048".');
        if (!ULIMITS.includes(name)) {
            return refuse('limits nothing that there is', `Use ${ULIMITS.join(', ')}.${(0,inputs_grammar/* didYouMean */.au)(name, ULIMITS)}`);
        }
        const isOver = Number(hard) !== -1 && (Number(soft) === -1 || Number(soft) > Number(hard));
        return (!isOver || refuse('has a soft limit above the hard one', 'Write the soft limit first, as in "nofile=1024:2048".'));
    });
}
/** A number of bytes with a unit; empty for what the builder has. */
function parseShmSize({ text, report }) {
    const value = text('shm-size');
    if (value === '' || /^(?:\d+\.?\d*|\.\d+) ?(?:b|[kmgtp](?:i?b)?)?$/i.test(value))
        return value;
    report('shm-size', `"${value}" is not a size`, 'Write a number and its unit, as in "64m" or "2g".');
    return '';
}

;// CONCATENATED MODULE: ./src/inputs/secrets.ts
/**
 * The grammar of `secrets`, `secret-envs` and `secret-files`.
 *
 * `secrets` is byte-exact and knows no quoting. Three forms, each starting on a line of its own:
 *
 *     ID=VALUE                 the value is the rest of the line, as it is
 *     ID<<END                  the value is every line up to a line that is just END (as in GITHUB_OUTPUT)
 *     "ID=VALUE"               build-push-action's form: the value may span lines, a quote is written twice
 *
 * A value that starts with `-----BEGIN ` goes on to its `-----END` line, and over all such blocks that follow at once, so
 * that a key or a chain of certificates can be pasted in as it is.
 */

// BuildKit takes any id, but ids outside ASCII never reach the mount, and "," and quotes end the CSV field.
const idPattern = /^[A-Za-z0-9_.@:/ -]+$/;
/** For a line that is the rest of a value: what an expression stands for may have any number of them. */
const severalLines = 'If the value above it spans several lines, give it as secret-envs (ID=VARIABLE, with the value in env:) or between ID<<END and END.';
/** Parses the text of `secrets`. Problems name the line and the id, never a value. */
function parseSecrets(text) {
    const sources = [];
    const problems = [];
    const lines = text.split('\n');
    let at = 0;
    const wrong = (problem, fix) => {
        problems.push({ input: 'secrets', problem, fix });
    };
    const add = (id, value, number) => {
        if (checkID('secrets', id, `line ${number}`, problems))
            sources.push({ id, input: 'secrets', value });
    };
    while (at < lines.length) {
        const number = at + 1;
        const line = (lines[at] ?? '').replace(/^[ \t]+/, '');
        at += 1;
        if (line.trim() === '')
            continue;
        if (line.startsWith('"')) {
            const quoted = readQuoted([line, ...lines.slice(at)]);
            if (quoted === undefined) {
                const fix = number === 1 ? 'Close it, or use the form ID<<END.' : `Close it. ${severalLines}`;
                wrong(`the quote opened on line ${number} is never closed`, fix);
                break;
            }
            at += quoted.lines - 1;
            const entry = /^([^=]+)=([^]*)$/.exec(quoted.text);
            if (entry === null)
                wrong(`line ${number} has no "=" inside its quotes`, 'Write it as "ID=VALUE".');
            else
                add(entry[1] ?? '', entry[2] ?? '', number);
            continue;
        }
        const heredoc = /^([^=<]+)<<(\S+)\r?$/.exec(line);
        if (heredoc !== null) {
            const [, id = '', end = ''] = heredoc;
            const close = lines.findIndex((candidate, index) => index >= at && candidate.replace(/\r$/, '') === end);
            if (close < 0) {
                // Not quoted here: what looks like ID<<END may be a line of somebody's value.
                wrong(`the value that opens with "<<" on line ${number} is never closed`, 'End it with a line that is just the word after "<<".');
                break;
            }
            add(id, lines.slice(at, close).join('\n'), number);
            at = close + 1;
            continue;
        }
        const plain = /^([^=]+)=([^]*)$/.exec(line);
        const strange = strangeForm(line, number);
        if (strange !== undefined) {
            wrong(strange.problem, strange.fix);
            break;
        }
        if (plain === null || !idPattern.test(plain[1] ?? '') || looksLikeBase64(line)) {
            wrong(`line ${number} is not ID=VALUE`, `An id has only A-Z a-z 0-9 _ . @ : / -. ${severalLines}`);
            break; // What follows is probably the rest of that value, and no part of it may be taken for an id and shown.
        }
        const [, id = '', first = ''] = plain;
        const close = first.startsWith('-----BEGIN ') && !first.includes('-----END ') ? endOfBlocks(lines, at) : undefined;
        if (close === undefined) {
            add(id, first, number);
            continue;
        }
        // A key's file ends with a new line; text pasted through an expression has lost it.
        add(id, `${[first, ...lines.slice(at, close)].join('\n')}\n`, number);
        at = close;
    }
    return { sources, problems };
}
/** A line that means something elsewhere: a comment, an entry of a YAML list, an attribute list of `docker build`. */
function strangeForm(line, number) {
    if (/^#(?:\s|$)/.test(line)) {
        return {
            problem: `line ${number} is a comment`,
            fix: 'Remove it: values are taken as they are, so the input has no comments.'
        };
    }
    if (line.startsWith('- ')) {
        return { problem: `line ${number} is an entry of a YAML list`, fix: 'The input is text: write ID=VALUE.' };
    }
    if (!hasAttributes(line))
        return undefined;
    return {
        problem: `line ${number} is written as for "docker build --secret"`,
        fix: 'Write ID=VALUE here, ID=VARIABLE in secret-envs or ID=PATH in secret-files.'
    };
}
/** `id=npm,src=.npmrc` or `id=npm,env=TOKEN`. */
function hasAttributes(entry) {
    return /^(?:type=(?:file|env),)?id=[^,=]+,(?:src|source|env)=[^,=]+\r?$/.test(entry);
}
/** The comma of `id=npm,env=TOKEN` separates entries in `secret-envs`, where nobody means secrets called "id" and "env". */
function rejoin(entries) {
    return entries.reduce((before, entry) => {
        const both = `${before.at(-1) ?? ''},${entry}`;
        return hasAttributes(both) ? [...before.slice(0, -1), both] : [...before, entry];
    }, []);
}
/** Index after the `-----END` line of the block that began before `at`, and of blocks that follow it at once. */
function endOfBlocks(lines, at) {
    const close = lines.findIndex((line, index) => index >= at && line.startsWith('-----END '));
    if (close < 0)
        return undefined;
    return lines[close + 1]?.startsWith('-----BEGIN ') === true ? (endOfBlocks(lines, close + 2) ?? close + 1) : close + 1;
}
/** The last line of some base64, whose padding would pass for the "=" of `ID=`. */
function looksLikeBase64(line) {
    return /^(?=.*[a-z])(?=.*[A-Z])(?=.*\d)[A-Za-z0-9+/]{16,}={1,2}\r?$/.test(line);
}
/** Parses `secret-envs` (`ID=VARIABLE`, or `ID` for a variable of the same name) and `secret-files` (`ID=PATH`). */
function parseSecretList(input, entries) {
    const sources = [];
    const problems = [];
    for (const [index, entry] of (input === 'secret-envs' ? rejoin(entries) : entries).entries()) {
        const { name: id, value } = (0,pair/* splitPair */.T)(entry);
        if (hasAttributes(entry)) {
            const problem = `entry ${index + 1} is written as for "docker build --secret"`;
            problems.push({
                input,
                problem,
                fix: `Write ${input === 'secret-envs' ? 'ID=VARIABLE' : 'ID=PATH'} in one line.`
            });
            continue;
        }
        if (!checkID(input, id, `entry ${index + 1}`, problems))
            continue;
        if (input === 'secret-envs') {
            const variable = value ?? id;
            if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(variable))
                sources.push({ id, input, variable });
            else {
                problems.push({
                    input,
                    problem: `"${id}": what follows "=" is not the name of an environment variable`,
                    fix: "Write ID=VARIABLE and put the value into the step's env: block. The value itself does not belong here."
                });
            }
        }
        else if (value === undefined || value === '') {
            problems.push({ input, problem: `"${id}" names no file`, fix: 'Write ID=PATH.' });
        }
        else
            sources.push({ id, input, path: value });
    }
    return { sources, problems };
}
/** The id itself is not shown: where something is wrong with it, it may be a part of a value. */
function checkID(input, id, where, problems) {
    if (idPattern.test(id) && id.trim() === id && id !== '')
        return true;
    const problem = id.trim() === ''
        ? 'the id before "=" is empty'
        : idPattern.test(id)
            ? 'there is white space around the id'
            : 'the id has characters outside A-Z a-z 0-9 _ . @ : / -';
    problems.push({
        input,
        problem: `${where}: ${problem}`,
        fix: 'The id is the name in RUN --mount=type=secret,id=NAME.'
    });
    return false;
}
/** A double-quoted field at the start of the lines, and how many it takes; a doubled quote stands for one. */
function readQuoted(lines) {
    const parts = [];
    for (const [index, line] of lines.entries()) {
        const part = index === 0 ? line.slice(1) : line;
        const closed = /^((?:[^"]|"")*)"\s*$/.exec(part);
        parts.push(closed?.[1] ?? part);
        if (closed !== null)
            return { text: parts.join('\n').replaceAll('""', '"'), lines: index + 1 };
    }
    return undefined;
}

;// CONCATENATED MODULE: ./src/inputs/ssh.ts
/** The input `ssh`: which agents and keys a build may use. */

/** Entries of `--ssh`. What could be a part of a key is not shown. */
function parseSSH({ lines, report }) {
    const entries = lines('ssh');
    // Nothing of a key may be shown, and its lines look like anything.
    if (entries.some((entry) => /-----BEGIN|^ssh-|PRIVATE KEY/.test(entry))) {
        report('ssh', 'it holds a key', 'Put the key into ssh-private-key; ssh takes ids, as in "default".');
        return [];
    }
    return entries.flatMap(separateSSH).flatMap((entry) => {
        const { name: id, value } = (0,pair/* splitPair */.T)(entry);
        if (!/^[A-Za-z0-9_.-]+$/.test(id)) {
            report('ssh', `"${id}" is not an ssh id`, 'Write one entry per line: ID, ID=SOCKET or ID=KEYFILE.');
            return [];
        }
        if (/^[^=]*=(?:.*,)?~[^/]*\//.test(entry)) {
            report('ssh', `nothing replaces the "~" of "${id}" by a folder`, 'Write the whole path, or put the key into ssh-private-key.');
            return [];
        }
        if (value === '') {
            report('ssh', `nothing follows "${id}="`, `Write "${id}" alone for the agent, or the path of a socket or key file.`);
            return [];
        }
        return [value === undefined ? { id } : { id, path: value }];
    });
}
/** A comma begins another entry, as it does for build-push-action, unless a further key file follows it. */
function separateSSH(entry) {
    const [first = ''] = entry.split(',');
    const entries = first.includes('=') ? entry.split(/,(?=\s*[A-Za-z0-9_.-]+=)/) : entry.split(',');
    return entries.map((one) => one.trim()).filter((one) => one !== '');
}

;// CONCATENATED MODULE: ./src/inputs/smoke.ts
/** The grammars of `smoke`, `smoke-env` and `smoke-timeout`. */

/** Reads `smoke`. */
function parseSmoke(text) {
    const value = text.trim();
    if (value === 'healthy')
        return { kind: 'healthy' };
    if (/^https?:/i.test(value))
        return parseURL(value);
    const forms = 'Use "healthy", a URL or arguments.';
    // A program of that name would pass whatever the image is.
    if (isSwitch(value))
        return { problem: `"${value}" does not say how to test the image`, fix: forms };
    if (/^\w+:\/\/|^\/*:\d+(?:\/\S*)?$/.test(value)) {
        return { problem: `"${value}" is not an http URL`, fix: `${forms} ${EXAMPLE}` };
    }
    if (/^healthy\s/.test(value))
        return { problem: 'more follows "healthy"', fix: 'Write "healthy" alone, or one other form.' };
    const near = /^[A-Za-z]+$/.test(value) ? (0,inputs_grammar/* didYouMean */.au)(value, ['healthy']) : '';
    if (near !== '')
        return { problem: `"${value}" is not one of the accepted forms`, fix: `${forms}${near}` };
    return parseWords(value);
}
/** What YAML or a person takes for yes or no. */
function isSwitch(value) {
    return /^(?:true|false|yes|no|on|off|none|null|~)$/i.test(value);
}
const EXAMPLE = 'Write port and path, as in "http://:8080/healthz".';
function parseURL(value) {
    if (/^https:/i.test(value)) {
        return { problem: `"${value}" is https`, fix: `The probe reaches the container's own port, over http. ${EXAMPLE}` };
    }
    if (/\s/.test(value))
        return { problem: 'the URL has a space or a line end in it', fix: `Write one URL, and a space as %20. ${EXAMPLE}` };
    const [, host, port = '', path = ''] = /^http:\/\/([^/:?#@]*)(?::(\d+))?([/?#].*)?$/i.exec(value) ?? [];
    if (host === undefined)
        return { problem: 'it is not a URL with a port and a path', fix: EXAMPLE };
    if (port === '')
        return { problem: `"${value}" has no port`, fix: EXAMPLE };
    if (!['', 'localhost', '127.0.0.1', '0.0.0.0'].includes(host)) {
        return { problem: `"${value}" names the host "${host}"`, fix: `The host is always the container. ${EXAMPLE}` };
    }
    const number = Number(port);
    if (number < 1 || number > 65535)
        return { problem: `${port} is not a port`, fix: EXAMPLE };
    // As a browser sends it: `ä` as %C3%A4, without what follows `#`.
    const { pathname, search } = new URL(`http://localhost${path}`);
    return { kind: 'http', port: number, path: `${pathname}${search}` };
}
/** Words as a shell splits them: quotes and backslashes, no variables, no globs and no operators. */
function parseWords(text) {
    const words = [];
    let rest = text.replaceAll(/\\\r?\n/g, ' ').trim();
    const shell = `To run a shell, write sh -c and put the command in quotes.`;
    while (rest !== '') {
        const [word = ''] = /^(?:"(?:[^"\\]|\\[^])*"|'[^']*'|\\[^]|[^\s"'\\])+/.exec(rest) ?? [];
        const next = rest.slice(word.length);
        if (word === '' || (next !== '' && !/^\s/.test(next))) {
            return { problem: 'a quote in it is never closed', fix: 'Close it, or write a backslash before it.' };
        }
        // The image would get them as arguments, which most programs leave unread.
        if (/^(?:[|&;<>]+|\d?>{1,2}(?:&\d|\S*))$|[^\\];$/.test(word)) {
            return {
                problem: `${word} means nothing without a shell`,
                fix: `Give the arguments of one program. ${shell}`
            };
        }
        if (/^[^\S\n]*\n/.test(next)) {
            return {
                problem: 'it has several lines',
                fix: `Give the arguments of one program, with a backslash before a line end. ${shell}`
            };
        }
        words.push(unquoted(word));
        rest = next.trimStart();
    }
    return { kind: 'arguments', args: words };
}
function unquoted(word) {
    return word.replace(/"((?:[^"\\]|\\[^])*)"|'([^']*)'|\\([^])/g, (_all, double, single, escaped) => double?.replace(/\\(["\\$`\n])/g, '$1') ?? single ?? escaped ?? '');
}
/** Seconds of a duration such as `90s`, `2m`, `1m30s` or `1h`; `undefined` if it is none or longer than an hour. */
function parseDuration(text) {
    const [whole = '', hours = '0', minutes = '0', seconds = '0'] = /^(?:(\d{1,5})h)?\s*(?:(\d{1,5})m)?\s*(?:(\d{1,5})s?)?$/.exec(text.trim()) ?? [];
    const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
    return whole === '' || total < 1 || total > 3600 ? undefined : total;
}
/** One line of `smoke-env`: `NAME=VALUE`; the value is taken as it is. `undefined` if the name is none. */
function parseVariable(line) {
    const [, name, value] = /^([A-Za-z_][\w.-]*)=(.*)$/s.exec(line) ?? [];
    return name === undefined || value === undefined ? undefined : { name, value };
}

;// CONCATENATED MODULE: ./src/inputs/trial.ts

const SMOKE_SECONDS = 60;
function parseTrial(read, { text, lines, list, report }) {
    const smoke = text('smoke') === '' ? undefined : parseSmoke(text('smoke'));
    if (smoke !== undefined && 'problem' in smoke)
        report('smoke', smoke.problem, smoke.fix);
    const smokeEnv = lines('smoke-env').flatMap((line, index) => {
        const variable = parseVariable(line);
        // The line may hold a value that is nobody's business.
        if (variable === undefined)
            report('smoke-env', `line ${index + 1} is not NAME=VALUE`, 'Write one NAME=VALUE a line.');
        return variable ?? [];
    });
    const timeout = text('smoke-timeout');
    const seconds = timeout === '' ? SMOKE_SECONDS : parseDuration(timeout);
    if (seconds === undefined) {
        report('smoke-timeout', `"${timeout}" is not a duration of up to an hour`, 'Write it as "90s", "2m" or "1m30s".');
    }
    const verify = read('verify').trim() === '' ? '' : read('verify');
    if (verify !== '' && (isSwitch(verify.trim()) || saysNothing(verify))) {
        const problem = saysNothing(verify) ? 'it has no command' : `"${verify.trim()}" does not look at the image`;
        report('verify', problem, 'Write the command that says whether the image may leave, or leave verify out.');
    }
    const verifyEnv = list('verify-env').filter((name) => {
        if (/^[A-Za-z_]\w*$/.test(name))
            return true;
        report('verify-env', 'an entry is not the name of a variable', "Write names alone; the values are in the step's env:.");
        return false;
    });
    if (text('smoke') === '' && smokeEnv.length > 0) {
        report('smoke-env', 'there is no smoke to use it', 'Set smoke, or remove smoke-env.');
    }
    if (verify === '' && verifyEnv.length > 0) {
        report('verify-env', 'there is no verify to use it', 'Set verify, or remove verify-env.');
    }
    return {
        ...(smoke === undefined || 'problem' in smoke ? {} : { smoke }),
        ...{ smokeEnv, verify, verifyEnv, smokeTimeoutSeconds: seconds ?? SMOKE_SECONDS }
    };
}
/** Whether a script is nothing but comments: a shell ends that with 0. */
function saysNothing(script) {
    return script.split('\n').every((line) => /^\s*(?:#.*)?$/.test(line));
}

;// CONCATENATED MODULE: ./src/inputs/parse.ts
/**
 * The inputs of action.yml as values. Everything is parsed and checked here, once, with all problems reported together;
 * the rest of the program trusts what it gets.
 */

















/** Folders nobody looked at. */
const anyFolder = { isEmpty: () => true, isWritable: () => true };
/** Parses every input. `problems` is empty when all of them can be used. */
function parseInputs(read, look, folders = anyFolder) {
    const problems = [];
    const grammar = (0,inputs_grammar/* createGrammar */.wI)(read, problems);
    const { text, lines, list, word, flag, pairs } = grammar;
    const secrets = parseSecrets(read('secrets'));
    const secretEnvs = parseSecretList('secret-envs', list('secret-envs'));
    const secretFiles = parseSecretList('secret-files', lines('secret-files'));
    for (const reading of [secrets, secretEnvs, secretFiles])
        problems.push(...reading.problems);
    const allSecrets = [...secrets.sources, ...secretEnvs.sources, ...secretFiles.sources];
    const typed = {
        call: parseCall(grammar),
        context: parseContext(text('context')),
        file: text('file'),
        target: text('target'),
        testTargets: withReport(list('test-target'), text('test-report-target')),
        testReportTarget: text('test-report-target'),
        testCache: word('test-cache', ['reuse', 'rerun'], 'reuse'),
        untested: word('untested', ['fail', 'pass'], 'fail'),
        tags: grammar.references('tags'),
        push: flag('push'),
        load: flag('load'),
        outputs: parseOutputs(grammar),
        buildArgs: parseBuildArgs(grammar),
        buildContexts: parseBuildContexts(grammar, look),
        links: core_linked/* noLinks */.dH,
        // As with buildx, a name alone is an empty label; a sentence is one that lost its beginning.
        labels: pairs('labels', 'label', /^\S+$/).map((line) => (line.includes('=') ? line : `${line}=`)),
        annotations: pairs('annotations', 'annotation'),
        platforms: grammar.platforms('platforms'),
        pull: flag('pull'),
        noCache: flag('no-cache'),
        noCacheFilters: list('no-cache-filters'),
        refreshAfter: parseAge(grammar),
        network: text('network'),
        addHosts: parseAddHosts(grammar),
        allow: parseAllow(grammar),
        shmSize: parseShmSize(grammar),
        ulimit: parseUlimits(grammar),
        cgroupParent: text('cgroup-parent'),
        provenance: parseAttestation(grammar, 'provenance'),
        sbom: parseAttestation(grammar, 'sbom'),
        attests: parseAttests(grammar),
        reproducible: flag('reproducible'),
        verifyReproducible: flag('verify-reproducible'),
        builder: text('builder') || 'auto',
        cacheImage: parseCacheImage(grammar),
        cacheMode: word('cache-mode', ['auto', 'read-write', 'read', 'off'], 'auto'),
        cacheFrom: grammar.typed('cache-from', 'type=registry,ref=ghcr.io/owner/app-cache:main', cache_value/* isShortCache */.b1),
        cacheTo: grammar.typed('cache-to', 'type=registry,ref=ghcr.io/owner/app-cache:main,mode=max', cache_value/* isShortCache */.b1),
        cacheMounts: grammar.optionalFlag('cache-mounts') ?? true,
        secrets: allSecrets,
        ssh: parseSSH(grammar),
        sshPrivateKey: read('ssh-private-key'),
        sshPassphrase: read('ssh-passphrase'),
        sshKnownHosts: read('ssh-known-hosts'),
        sshAgentScope: word('ssh-agent-scope', ['build', 'job'], 'build'),
        githubToken: text('github-token'),
        budget: parseBudget(grammar),
        leakIgnore: parseLeakIgnore(grammar),
        reportName: text('report-name'),
        compareTo: parseCompareTo(grammar),
        comment: word('comment', ['auto', 'true', 'false'], 'auto'),
        trial: parseTrial(read, grammar),
        commitStatus: text('commit-status')
    };
    const inputs = withoutBuild(withFoundFile(typed, look));
    checkPaths(inputs, look, grammar);
    const { tags, push, platforms } = inputs;
    // A tag that was refused is told of once.
    const meant = tags.length === 0 && text('tags') !== '' ? ['refused'] : tags;
    checkOutputs(inputs.outputs, { tags: meant, push, platforms, look, folders, isBake: namesBake(grammar) }, grammar.report);
    checkContext(text('context'), grammar.report);
    checkAnnotations(inputs, grammar.report);
    checkCombinations(inputs, grammar.report);
    checkOnce('secrets', 'secret id', allSecrets.map(({ id }) => id), grammar);
    checkOnce('ssh', 'ssh id', inputs.ssh.map(({ id }) => id), grammar);
    return { inputs, problems };
}
/** The Dockerfile where buildx finds it. */
function withFoundFile(inputs, look) {
    const [file = '', lower] = (0,core_source/* dockerfilePlaces */.f2)(inputs);
    if (inputs.context.kind === 'remote' || lower === undefined || look(file) !== undefined)
        return inputs;
    return look(lower) === 'file' ? { ...inputs, file: lower } : inputs;
}
/** A question leaves nothing behind: no cache, no comment and no status that speak of a build. */
function withoutBuild(inputs) {
    if (inputs.call === 'build')
        return inputs;
    return {
        ...inputs,
        ...{ cacheImage: '', cacheFrom: [], cacheTo: [], cacheMounts: false, comment: 'false', commitStatus: '' }
    };
}
function parseContext(text) {
    const context = text === '' ? '.' : text;
    // What buildx takes for a remote context: https://docs.docker.com/build/concepts/context/
    const remote = /^(?:https?:\/\/|git:\/\/|git@|ssh:\/\/|github\.com\/)/.test(context);
    return remote ? { kind: 'remote', url: context } : { kind: 'local', path: context };
}
function parseCacheImage({ text, report }) {
    const value = text('cache-image');
    if (value === '')
        return '';
    const refuse = (problem, fix) => {
        report('cache-image', problem, fix);
        return '';
    };
    const left = (0,inputs_grammar/* leftOver */.WL)(value);
    if (left !== undefined)
        return refuse(left.problem, left.fix);
    const shown = value.replace(/\s+/g, ' ');
    if (shown.includes(' '))
        return refuse(`"${shown}" is more than one word`, 'Name one repository.');
    if (value.endsWith('/'))
        return refuse(`"${value}" ends in a slash`, `Write "${value.replace(/\/+$/, '')}".`);
    // To docker a name without a slash is one on Docker Hub.
    if (/^(?:localhost|[^/]*\.[^/]*)(?::\d+)?$/.test(value)) {
        return refuse(`"${value}" is a registry without a repository`, `Write it as "${value}/owner/app-cache".`);
    }
    const reading = (0,core_reference/* parseReference */.F2)(value);
    if (!reading.ok)
        return refuse(`"${value}": ${reading.problem}`, reading.fix);
    const { reference } = reading;
    if (reference.tag === undefined && reference.digest === undefined)
        return value;
    return refuse(`"${value}" has a tag or digest`, `Give the repository alone ("${(0,core_reference/* repositoryOf */._M)(reference)}"): the tags are planned per branch and target.`);
}
/** A boolean as Go reads it, or attributes: `mode=max,version=v1`. */
function parseAttestation({ text, report }, input) {
    const value = text(input);
    if (value === '' ||
        /^(?:1|t|true|0|f|false)$/i.test(value) ||
        value.split(',').every((field) => field.includes('='))) {
        return value;
    }
    const example = input === 'provenance' ? 'mode=max' : 'generator=docker/scout-sbom-indexer';
    report(input, `"${value}" is neither true nor false nor an attribute`, `Write it as true, false or "${example}".`);
    return '';
}
const SECONDS_OF = { h: 3600, d: 86_400, w: 604_800 };
/** An age as in `7d`, in seconds. */
function parseAge({ text, report }) {
    const value = text('refresh-after');
    if (value === '')
        return undefined;
    const [, number = '', unit = ''] = /^([1-9]\d{0,3})([hdw])$/.exec(value) ?? [];
    if (unit !== '')
        return Number(number) * (SECONDS_OF[unit] ?? 0);
    report('refresh-after', `"${value}" is not an age`, 'Write a whole number from 1 to 9999 and its unit, h, d or w, as in "7d"; leave it empty for any age.');
    return undefined;
}
/** buildx asks for `lint` where it is given `check`, and takes either. */
function parseCall({ text, word }) {
    return text('call') === 'lint' ? 'check' : word('call', ['build', 'check', 'outline', 'targets'], 'build');
}
function parseBudget({ text, report }) {
    const { budget, problems } = (0,judge/* readBudget */.OW)(text);
    for (const { input, problem, fix } of problems)
        report(input, problem, fix);
    return budget;
}
function checkPaths(inputs, look, { report }) {
    const { context, file } = inputs;
    if (/^https?:\/\//.test(file)) {
        report('file', `"${file}" is a URL`, 'Download it in an earlier step, and give its path.');
        return;
    }
    if (context.kind === 'remote' || context.path.startsWith('{{'))
        return; // said by checkContext
    if (context.path === '-' || file === '-') {
        const input = file === '-' ? 'file' : 'context';
        report(input, 'standard input ("-") cannot be used in a workflow step', 'Give a path.');
        return;
    }
    if (look(context.path) !== 'folder') {
        const seen = look(context.path) === 'file' ? 'is a file' : 'does not exist';
        report('context', `"${context.path}" ${seen} (looked from ${external_node_path_default().resolve('.')})`, 'Give the folder that holds the sources, and check that actions/checkout runs before this step.');
        return;
    }
    const dockerfile = (0,core_source/* dockerfilePath */.Se)(inputs);
    if (look(dockerfile) === 'file')
        return;
    report('file', look(dockerfile) === 'folder' ? `"${dockerfile}" is a folder` : `there is no Dockerfile at "${dockerfile}"`, file === ''
        ? 'Name it in the input file; its path is relative to the working directory, not to the context.'
        : 'The path is relative to the working directory, not to the context.');
}
/** The tests, with the stage that has their report. */
function withReport(tests, report) {
    const isNamed = tests.some((test) => test.toLowerCase() === report.toLowerCase());
    return report === '' || isNamed ? tests : [...tests, report];
}
function checkOnce(input, what, ids, { report }) {
    const twice = new Set(ids.filter((id, index) => ids.indexOf(id) !== index));
    for (const id of twice)
        report(input, `the ${what} "${id}" is given more than once`, 'Keep one of them.');
}

;// CONCATENATED MODULE: ./src/inputs/unknown.ts

/**
 * Inputs the workflow set that action.yml does not declare. One that is nearly a known name is a problem: a mistyped
 * `test-target` would publish what was never tested. Anything else has no effect.
 */
function findUnknownInputs(given, declared) {
    const unknown = given.filter((name) => !declared.includes(name));
    // Of four letters two may differ, and nothing is meant: `call` is not a mistyped `pull`.
    const suggest = (name) => (name.length <= 4 ? '' : (0,inputs_grammar/* didYouMean */.au)(name, declared));
    const fixOf = (name) => {
        const meant = otherNames[name];
        if (meant !== undefined)
            return `The input is called "${meant}".`;
        const renamed = bakeActionNames[name];
        if (renamed !== undefined)
            return `What docker/bake-action calls "${name}" is "${renamed}" here.`;
        if (bakeActionFixes[name] !== undefined)
            return bakeActionFixes[name];
        return suggest(name) === '' ? '' : `Correct its name.${suggest(name)}`;
    };
    return {
        mistyped: unknown
            .filter((name) => fixOf(name) !== '')
            .map((name) => ({ input: name, problem: 'there is no such input', fix: fixOf(name) })),
        foreign: unknown.filter((name) => fixOf(name) === '')
    };
}
/** What people call inputs of ours, and would miss in silence. */
const otherNames = {
    ...{ tag: 'tags', test: 'test-target', tests: 'test-target' },
    ...{ dockerfile: 'file', path: 'context', 'build-arg': 'build-args' }
};
/** Nearly names of ours, and meant otherwise. */
const bakeActionNames = {
    files: 'bake-files',
    targets: 'bake-targets',
    set: 'bake-set'
};
/** Whether an input that does not exist means a bake file, of which nothing is known then. */
function meansBake({ input }) {
    return bakeActionNames[input] !== undefined;
}
/** Without these, docker/bake-action's own, another image would be built. */
const bakeActionFixes = {
    source: 'Leave it out, and run actions/checkout before this step: bake-files are paths in the checkout.',
    workdir: 'Leave it out, and write bake-files and the contexts of the bake file relative to the checkout.',
    vars: 'Leave it out, and give the variables of the bake file in the env: of this step.'
};

;// CONCATENATED MODULE: ./src/inputs/together.ts
/** What the images of one step may not have in common, since the last of them would take the place of the others. */





/** Names and places that two images would have, and an image that all of them would be compared with. */
function findShared(images) {
    const refuse = (input, { who, value }) => ({
        input,
        problem: `the images ${who} would all have "${value}"`,
        fix: `Give each target ${input} of its own in the bake file, or name one of them in bake-targets if they are one image.`
    });
    const files = images.flatMap(({ name, inputs }) => inputs.outputs.flatMap(({ dest, text, isFolder }) => dest === undefined ? [] : [{ image: name, value: text, place: external_node_path_default().resolve(dest), isFolder }]));
    const inside = files.flatMap(({ image, value, place }) => {
        const around = files.find((other) => other.image !== image && other.isFolder && place.startsWith(`${other.place}/`));
        if (around === undefined)
            return [];
        const problem = `the output "${value}" of "${image}" lies in the folder of "${around.image}"`;
        return [{ input: 'outputs', problem, fix: 'Give each target outputs of its own in the bake file.' }];
    });
    return [
        ...sharedOf(images.flatMap(namesOf)).map((shared) => refuse(shared.input, shared)),
        ...sharedOf(files).map((shared) => refuse('outputs', shared)),
        ...inside,
        ...findOneForAll(images)
    ];
}
/** The step names one image, and cannot mean it of several. */
function findOneForAll([first, ...others]) {
    if (first?.inputs.compareTo.kind !== 'image' || others.length === 0)
        return [];
    const { reference } = first.inputs.compareTo;
    const problem = `"${reference}" is one image, and cannot be what ${others.length + 1} images are compared with`;
    return [{ input: 'compare-to', problem, fix: 'Leave it out: each is compared with what the base branch has of it.' }];
}
/** Caches that two images would write. That costs time and nothing else, so it is a note. */
function tellSharedCaches(images) {
    const written = images.flatMap(({ name, inputs }) => inputs.cacheTo
        .filter((value) => !(0,cache_value/* isInlineCache */.Sn)(value))
        .map((value) => ({ image: name, value: (0,cache_value/* cacheReference */.Kh)(value), place: placeOfCache(value) })));
    return sharedOf(written).map(({ who, value }) => `The images ${who} all write the cache "${value}", and only what the last of them writes is kept. Give each target a cache-to of its own, or use cache-image, which has one for each.`);
}
/** The first of those that have one place, with the images that they are of. */
function sharedOf(claims) {
    return [...Map.groupBy(claims, ({ place }) => place).values()].flatMap((those) => {
        const who = [...new Set(those.map(({ image }) => `"${image}"`))];
        const [first] = those;
        return first === undefined || who.length < 2 ? [] : [{ ...first, who: who.join(', ') }];
    });
}
/** What is pushed by digest has a repository, and no name in it. */
function namesOf({ name: image, inputs }) {
    return namesToLeave(inputs)
        .filter(({ entry }) => entry?.pushByDigest !== true)
        .map(({ input, name }) => ({ image, input, value: name, place: (0,core_reference/* canonicalName */.Ew)(name) ?? name }));
}
/** The type of a cache, and what tells it from another of the type. */
function placeOfCache(value) {
    if ((0,cache_value/* isRegistryCache */.or)(value))
        return `registry ${(0,core_reference/* canonicalName */.Ew)((0,cache_value/* cacheReference */.Kh)(value)) ?? (0,cache_value/* cacheReference */.Kh)(value)}`;
    const where = (0,csv/* readFields */.qU)(value).filter((field) => /^(?:dest|scope|name|bucket|prefix)=/.test(field));
    return [(0,cache_value/* cacheType */.NW)(value), ...where.sort()].join(' ');
}

// EXTERNAL MODULE: ./src/core/byte_search.ts
var byte_search = __webpack_require__(2148);
// EXTERNAL MODULE: ./src/core/slices.ts
var slices = __webpack_require__(5940);
;// CONCATENATED MODULE: ./src/report/redact.ts
/**
 * Takes injected secrets out of texts that leave the run by a way the runner does not mask (API calls, files), and out
 * of the log stream before anything else sees it. Knows the values, so it needs no guesses.
 */




/** What stands in the place of a secret. */
const REDACTED = '***';
/** Pieces of base64 and hex that are hidden on their own: a fold may be anywhere. Shorter ones are found by chance. */
const SHORTEST_PIECE = 8;
/** Characters of base64 and hex that are looked for as a whole, however it is broken into lines. */
const LONGEST_WHOLE = 100;
/** Values beyond this length are not looked for in pieces, and beyond the next only as they are and line by line. */
const LONGEST_IN_PIECES = 8192;
const LONGEST_ENCODED = 64 * 1024;
/** Parts of one value that are also looked for encoded, and forms of all values. */
const MOST_ENCODED = 256;
const MOST_FORMS = 120_000;
/** A redactor that replaces every secret, in each form it may have taken, by `***`. One pass over the text whatever their number. */
function createRedactor(secrets) {
    return atOnce(redactorSlices(secrets));
}
/** The same, and other things go on meanwhile: many large secrets take seconds. */
function prepareRedactor(secrets) {
    return (0,slices/* inSlices */.Z)(redactorSlices(secrets));
}
function* redactorSlices(secrets) {
    const all = yield* redactorOf(secrets);
    const unusual = secrets.filter(({ value }) => (0,secret_forms/* commonWord */.MD)((0,secret_forms/* bareValue */.Gz)(bytesOf(value))) === undefined);
    return Object.assign((text) => all(text), {
        again: unusual.length === secrets.length ? all : yield* redactorOf(unusual)
    });
}
function* redactorOf(secrets) {
    const forms = yield* hiddenForms(secrets.map(({ value }) => bytesOf(value)));
    if (forms.length === 0)
        return (text) => text;
    const search = yield* (0,byte_search/* searchSlices */.Ag)(forms);
    const spansOf = (text) => {
        const bytes = Buffer.from(text, 'utf8');
        const spans = [];
        search.find(bytes, bytes.length, (_, start, end) => spans.push([start, end]));
        return { bytes, spans: united(spans) };
    };
    return (text) => {
        const shapeless = withoutShapeless(text);
        const seen = spansOf(text);
        if (shapeless === undefined)
            return replaceSpans(seen);
        // What is between the characters of a secret goes with it, and the rest of the text keeps its colours.
        const hidden = spansOf(shapeless.text).spans.map(([start, end]) => [
            shapeless.offsets[start] ?? 0,
            (shapeless.offsets[end - 1] ?? 0) + 1
        ]);
        return replaceSpans({
            bytes: seen.bytes,
            spans: united([...seen.spans, ...hidden].map(([start, end]) => [start, end]))
        });
    };
}
/** Every form of the values that is looked for: all of them as they are, and then encoded as far as there is room. */
function* hiddenForms(values) {
    /** Each with whether it is also found where it is broken into lines. */
    const seen = new Map();
    const add = (bytes, mayWrap = false) => {
        if (bytes.length < secret_forms/* SHORTEST_SECRET */.c3)
            return;
        const form = bytes.toString('latin1');
        seen.set(form, mayWrap || seen.get(form) === true);
    };
    const planned = [];
    for (const value of values) {
        yield;
        const pieces = (0,secret_forms/* secretForms */.eo)(value).pieces.map(({ extent, bytes }) => ({ extent, bytes }));
        // A file ends with a line end, and so does what is printed of it.
        const [whole] = pieces;
        planned.push(whole === undefined || whole.bytes.length === value.length
            ? pieces
            : [{ extent: 'whole', bytes: value }, ...pieces]);
    }
    for (const { bytes } of planned.flat()) {
        yield;
        for (const form of (0,secret_encodings/* rawForms */.G0)(bytes))
            add(form);
    }
    for (const { extent, bytes } of planned.flatMap((pieces) => pieces.slice(0, MOST_ENCODED))) {
        yield;
        if (seen.size > MOST_FORMS || bytes.length > LONGEST_ENCODED)
            continue;
        const padded = bytes.toString('base64');
        const urlSafe = padded.replaceAll('+', '-').replaceAll('/', '_');
        const wrapping = (0,secret_encodings/* encodingsOf */.a_)(bytes)
            .filter((form) => {
            add(form.bytes);
            return form.mayWrap;
        })
            .map((form) => form.bytes);
        for (const form of [padded, urlSafe, urlSafe.replace(/=+$/, '')])
            add(Buffer.from(form));
        if (extent === 'part' || bytes.length > LONGEST_IN_PIECES)
            continue;
        for (const form of [...wrapping, Buffer.from(padded)]) {
            const { size, offsets } = (0,byte_search/* pieceOffsets */.LY)(form.length);
            if (size >= SHORTEST_PIECE)
                for (const at of offsets)
                    add(form.subarray(at, at + size));
            // A short one is found whole, over the line ends in it: a line of it may hold less than a piece.
            if (form.length <= LONGEST_WHOLE)
                add(form, true);
        }
    }
    return [...seen].map(([form, mayWrap]) => ({ bytes: Buffer.from(form, 'latin1'), mayWrap }));
}
function bytesOf(value) {
    return typeof value === 'string' ? Buffer.from(value, 'utf8') : value;
}
/** Colours, cursor movements, titles and links of terminals (ECMA-48), and characters that nobody sees. Blanks and line ends are none. */
const SHAPELESS = /[\u001b\u009b](?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\n]{0,4000}(?:\u0007|\u001b\\)|[PX^_][^\u001b\n]{0,4000}\u001b\\|[ -/]+[0-~]|[0-Z\\-~])?|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\ufe00-\ufe0f\uffa0\u{e0000}-\u{e0fff}]/gu;
/**
 * A text without what has no shape, and for each of its bytes where that was. Undefined where there is nothing of it. The offsets
 * count bytes of UTF-8, as the search does.
 */
function withoutShapeless(text) {
    let rest = '';
    let from = 0;
    const kept = [];
    let at = 0; // in bytes of the whole text
    for (const { 0: match, index } of text.matchAll(SHAPELESS)) {
        const part = text.slice(from, index);
        const length = Buffer.byteLength(part);
        if (length > 0)
            kept.push([at, length]);
        rest += part;
        at += length + Buffer.byteLength(match);
        from = index + match.length;
    }
    if (from === 0)
        return undefined;
    const last = text.slice(from);
    kept.push([at, Buffer.byteLength(last)]);
    rest += last;
    const offsets = new Float64Array(Buffer.byteLength(rest));
    let filled = 0;
    for (const [start, length] of kept)
        for (let byte = 0; byte < length; byte++)
            offsets[filled++] = start + byte;
    return { text: rest, offsets };
}
/** Overlapping and touching finds are one: a half-covered secret would show its other half. */
function united(spans) {
    spans.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
    const joined = [];
    for (const span of spans) {
        const open = joined.at(-1);
        if (open !== undefined && span[0] <= open[1])
            open[1] = Math.max(open[1], span[1]);
        else
            joined.push(span);
    }
    return joined;
}
function replaceSpans({ bytes, spans }) {
    if (spans.length === 0)
        return bytes.toString('utf8');
    const pieces = [];
    let from = 0;
    for (const [start, end] of spans) {
        pieces.push(bytes.toString('utf8', from, start), REDACTED);
        from = end;
    }
    return pieces.join('') + bytes.toString('utf8', from);
}

// EXTERNAL MODULE: ./src/baseline/history.ts
var baseline_history = __webpack_require__(2199);
;// CONCATENATED MODULE: ./src/phases/epoch.ts
/** `reproducible`: which time is written into an image. */



/** Finds the time: what the workflow says of it comes before that of the commit. */
async function settleTime({ exec }, inputs, { env, workspace }) {
    if (!inputs.reproducible || inputs.call !== 'build')
        return { inputs, notes: [], problems: [] };
    const own = (0,src_dockerfile/* readArguments */.lR)(inputs.buildArgs).get(source_date_epoch/* SOURCE_DATE_EPOCH */.d);
    const said = own ?? env[source_date_epoch/* SOURCE_DATE_EPOCH */.d] ?? '';
    const withTime = (time) => ({
        ...inputs,
        buildArgs: [...inputs.buildArgs.filter((argument) => !(0,source_date_epoch/* isSourceDateEpoch */.z)(argument)), `${source_date_epoch/* SOURCE_DATE_EPOCH */.d}=${time}`]
    });
    const refuse = (input, problem, fix) => ({
        ...{ inputs, notes: [], problems: [{ input, problem, fix }] }
    });
    if (said !== '') {
        const where = own === undefined ? "the step's environment" : 'build-args';
        const note = `The times in the image are not the commit's: ${where} has ${source_date_epoch/* SOURCE_DATE_EPOCH */.d}=${said}.`;
        if (/^(?:\d+|context)$/.test(said))
            return { inputs: withTime(said), notes: [note], problems: [] };
        const input = own === undefined ? 'reproducible' : 'build-args';
        return refuse(input, `${source_date_epoch/* SOURCE_DATE_EPOCH */.d} in ${where} is not a time`, 'Write seconds since 1970, or leave it to the commit.');
    }
    if (inputs.context.kind === 'remote') {
        return refuse('reproducible', 'the context is not on the runner, so the time of its commit is not known', `Set ${source_date_epoch/* SOURCE_DATE_EPOCH */.d} in the step's env: to that time in seconds since 1970, or, with a git context and BuildKit 0.30 or newer, to "context".`);
    }
    const answers = [];
    for (const folder of [inputs.context.path, workspace]) {
        const answer = await (0,baseline_history/* commitTime */.bX)(exec, folder);
        if ('seconds' in answer)
            return { inputs: withTime(answer.seconds), notes: [], problems: [] };
        answers.push(answer.problem);
    }
    return refuse('reproducible', `the time of the commit cannot be read: ${answers[0] ?? ''}`, `Run actions/checkout before this step, with git on the runner, or set ${source_date_epoch/* SOURCE_DATE_EPOCH */.d} in the step's env.`);
}

;// CONCATENATED MODULE: ./src/phases/names.ts

/**
 * Names with a secret in them. The host of a registry may well be one: who reads the name has it already.
 * @param redact to know in a moment that there is none
 */
async function findNamedSecrets({ tags, outputs, cacheImage }, sensitive, redact) {
    const named = [
        ...tags.map((name) => ({ input: 'tags', name })),
        ...outputs.flatMap(({ names }) => names.map((name) => ({ input: 'outputs', name }))),
        ...(cacheImage === '' ? [] : [{ input: 'cache-image', name: cacheImage }])
    ].filter(({ name }) => redact(name) !== name);
    if (named.length === 0)
        return [];
    const { planNeedles, searchText } = await Promise.all(/* import() | later */[__webpack_require__.e(845), __webpack_require__.e(728), __webpack_require__.e(161), __webpack_require__.e(707)]).then(__webpack_require__.bind(__webpack_require__, 7728));
    const needles = await planNeedles(sensitive);
    return named.flatMap(({ input, name }) => {
        const reading = (0,core_reference/* parseReference */.F2)(name);
        const text = reading.ok ? [reading.reference.path, reading.reference.tag ?? ''].join(':') : name;
        const [leak] = searchText(needles, text).filter(({ kind }) => kind === 'secret');
        if (leak?.kind !== 'secret')
            return [];
        const problem = `the name "${redact(name)}" holds the secret "${leak.secretId}"`;
        return [{ input, problem, fix: 'Use a name without it: whoever sees the registry can read it.' }];
    });
}

;// CONCATENATED MODULE: ./src/phases/start.ts
/** The start: what the workflow asks for, and what it may have. */
















/** Reads and checks the inputs and the credentials, and masks these in the log. */
async function readWorkflows({ runner, exec }, { env, declaredInputs, look, folders }, occasion, images) {
    const type = async ({ read, from }) => {
        const typed = parseInputs(from === undefined ? withDefaultPlatform(read, env) : read, look, folders);
        const { inputs, notes, problems } = await settleTime({ exec }, { ...typed.inputs, ...from }, { env, workspace: occasion.workspace });
        const missing = from === undefined ? [] : findMissing(from.links, look);
        // Whoever left platforms out looks for the mistake elsewhere.
        const isGiven = from !== undefined || read('platforms').trim() !== '';
        const told = typed.problems.map((problem) => isGiven || problem.input !== 'platforms' ? problem : { ...problem, input: 'DOCKER_DEFAULT_PLATFORM' });
        return { inputs, notes, problems: [...told, ...missing, ...problems] };
    };
    const [one, ...rest] = images;
    const [first, ...others] = await Promise.all([type(one), ...rest.map(type)]);
    const typed = [first, ...others];
    const all = typed.map(({ inputs }) => inputs);
    const contexts = all.map(({ context }) => context);
    const { credentials, problems: credentialProblems } = await readCredentials(first.inputs, occasion, env, contexts);
    maskCredentials(credentials.sensitive, runner.mask);
    const buildArgs = all.flatMap(({ buildArgs, links }) => [buildArgs, ...links.targets.map(core_linked/* argumentsOf */.aX)].flatMap((each) => (0,credentials_arguments/* secretArguments */.t)(each, env)));
    const redact = await prepareRedactor([...credentials.sensitive, ...buildArgs]);
    const workflow = (inputs) => ({
        ...{ inputs, trustPlan: planTrust(occasion, inputs), credentials, redact }
    });
    const workflows = [workflow(first.inputs), ...others.map(({ inputs }) => workflow(inputs))];
    const found = await Promise.all(workflows.map(async ({ inputs, trustPlan }) => [
        ...(await (0,gate_links/* findForeignLinks */.Dk)(inputs, occasion.workspace, trustPlan.trust.trusted)),
        ...(await findLinkedStrangers(inputs, occasion.workspace, trustPlan.trust.trusted)),
        ...(inputs.budget.leakCheck === 'fail' ? await findNamedSecrets(inputs, credentials.sensitive, redact) : [])
    ]));
    const named = workflows.flatMap((workflow, index) => {
        const name = images[index]?.name;
        return name === undefined ? [] : [{ ...workflow, name }];
    });
    const { mistyped, foreign } = findUnknownInputs((0,occasion_context/* givenInputs */.PC)(env), declaredInputs);
    return {
        workflows,
        notes: [
            ...environmentNotes(env),
            ...new Set(typed.flatMap(({ notes }) => notes)),
            ...credentials.notes,
            ...tellSharedCaches(named.filter(({ trustPlan }) => trustPlan.cacheWrite)),
            ...foreign.map((name) => `There is no input "${name}": it has no effect.`)
        ],
        problems: onceEach([
            ...[
                ...mistyped,
                ...(mistyped.some(meansBake) ? [] : typed.flatMap(({ problems }) => problems)),
                ...findShared(named)
            ],
            ...[...found.flat(), ...credentialProblems]
        ])
    };
}
/** As `docker buildx build` has it. Bake, which builds here, does not read it. */
function withDefaultPlatform(read, { DOCKER_DEFAULT_PLATFORM = '' }) {
    return (name) => {
        const given = read(name);
        return name === 'platforms' && given.trim() === '' ? DOCKER_DEFAULT_PLATFORM : given;
    };
}
/** The same of the Dockerfiles and contexts of linked targets. */
async function findLinkedStrangers({ links }, workspace, trusted) {
    const found = await Promise.all(links.targets.flatMap(({ source }) => (0,core_source/* dockerfilePlaces */.f2)(source).map((file) => (0,gate_links/* findForeignLinks */.Dk)({ ...source, file, buildContexts: [], outputs: [] }, workspace, trusted))));
    return onceEach(found.flat().map((problem) => ({ ...problem, input: 'bake-files' })));
}
/** The log with every line cleansed: what a build prints may hold what it was given. */
function redactLog(log, redact) {
    return {
        info: (line) => log.info(redact(line)),
        untrusted: (line) => log.untrusted(redact(line)),
        notice: (message, place) => log.notice(redact(message), place),
        warning: (message, place) => log.warning(redact(message), place),
        error: (message, place) => log.error(redact(message), place),
        debug: (line) => log.debug(redact(line)),
        group: (title, body) => log.group(title, body)
    };
}
/** Prints what the run may do, as a table. */
function printTrust(log, { inputs, trustPlan, credentials }, occasion) {
    const supplied = credentials.secrets.map(({ id }) => id);
    const rows = tabulateTrust(trustPlan, occasion, inputs, supplied);
    const width = (column) => Math.min(48, Math.max(...rows.map((row) => row[column].length)));
    for (const { what, decision, why } of rows) {
        log.info(`${what.padEnd(width('what'))}  ${decision.padEnd(width('decision'))}  ${why}`);
    }
}

;// CONCATENATED MODULE: ./src/run.ts
var run_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
    if (value !== null && value !== void 0) {
        if (typeof value !== "object" && typeof value !== "function") throw new TypeError("Object expected.");
        var dispose, inner;
        if (async) {
            if (!Symbol.asyncDispose) throw new TypeError("Symbol.asyncDispose is not defined.");
            dispose = value[Symbol.asyncDispose];
        }
        if (dispose === void 0) {
            if (!Symbol.dispose) throw new TypeError("Symbol.dispose is not defined.");
            dispose = value[Symbol.dispose];
            if (async) inner = dispose;
        }
        if (typeof dispose !== "function") throw new TypeError("Object not disposable.");
        if (inner) dispose = function() { try { inner.call(this); } catch (e) { return Promise.reject(e); } };
        env.stack.push({ value: value, dispose: dispose, async: async });
    }
    else if (async) {
        env.stack.push({ async: true });
    }
    return value;
};
var run_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
    return function (env) {
        function fail(e) {
            env.error = env.hasError ? new SuppressedError(e, env.error, "An error was suppressed during disposal.") : e;
            env.hasError = true;
        }
        var r, s = 0;
        function next() {
            while (r = env.stack.pop()) {
                try {
                    if (!r.async && s === 1) return s = 0, env.stack.push(r), Promise.resolve().then(next);
                    if (r.dispose) {
                        var result = r.dispose.call(r.value);
                        if (r.async) return s |= 2, Promise.resolve(result).then(next, function(e) { fail(e); return next(); });
                    }
                    else s |= 1;
                }
                catch (e) {
                    fail(e);
                }
            }
            if (s === 1) return env.hasError ? Promise.reject(env.error) : Promise.resolve();
            if (env.hasError) throw env.error;
        }
        return next();
    };
})(typeof SuppressedError === "function" ? SuppressedError : function (error, suppressed, message) {
    var e = new Error(message);
    return e.name = "SuppressedError", e.error = error, e.suppressed = suppressed, e;
});
/** The run, phase by phase. Read it top to bottom, and `phases/pass.ts` for what each image goes through: this is the product. */






















/** What comes from the build on, loaded once. */
const loadLater = () => Promise.all(/* import() | later */[__webpack_require__.e(845), __webpack_require__.e(728), __webpack_require__.e(161), __webpack_require__.e(707)]).then(__webpack_require__.bind(__webpack_require__, 5839));
/** Runs everything and never throws: a failure is a red report of what was learned until then. */
async function run(ports, world) {
    const startedAt = ports.now();
    const occasion = readOccasion(world.env);
    let findings = (0,src_findings/* openFindings */.lb)(occasion);
    let image;
    const timeOf = () => ({ startedAt, seconds: (ports.now() - startedAt) / 1000 });
    let ending;
    try {
        await story(ports, world, occasion, {
            update: (change) => void (findings = change(findings)),
            soFar: async () => (await loadLater()).makeReport(findings, undefined, timeOf()),
            turnTo: (name) => void (image = name)
        });
    }
    catch (error) {
        ending = { failure: (0,of/* failureOf */.g)(error), ...(image === undefined ? {} : { image }) };
    }
    const { makeReport } = await loadLater();
    const report = makeReport(findings, ending, timeOf());
    const builds = [...findings.builds];
    const { inputs, redact } = builds[0]?.[1].workflow ?? {};
    const cleanse = redact ?? ((text) => text);
    const metadata = builds.flatMap(([name, build], index) => {
        // Of what a run that failed has not published nobody is to use a digest.
        const isWithheld = ending !== undefined && report.builds[index]?.publish.published !== true;
        return build.metadata === undefined || isWithheld
            ? []
            : [[cleanse(name), (0,own_words/* redacted */.p)(build.metadata, cleanse)]];
    });
    return {
        report: (0,own_words/* redacted */.p)(report, cleanse),
        metadata: new Map(metadata),
        occasion,
        redact: redact?.again ?? cleanse,
        ...(inputs === undefined ? {} : { inputs })
    };
}
async function story(plain, world, occasion, { update, soFar, turnTo }) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { env, look, cacheWorker } = world;
        const cleanup = run_addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const ownFolder = Promise.withResolvers();
        const cache = cleanup.use((0,actions_cache_cache/* openCache */.bp)({ exec: plain.exec, worker: cacheWorker, folder: ownFolder.promise }));
        // What an earlier run has left is asked for by nearly every run.
        if (occasion.hasCacheService)
            cache.begin();
        const guard = cleanup.use((0,src_guard/* startGuard */.mC)(env));
        const leftovers = (0,src_leftovers/* keepLeftovers */.W)(plain.runner, guard.watch);
        // 1 and 2. Inputs, image by image, some of which a bake file may stand for, and trust.
        const baked = await readBake(plain, world, occasion, { cleanup, leftovers });
        const { workflows, notes, problems } = await readWorkflows(plain, world, occasion, baked.images);
        const asked = openBuilds(workflows, baked.images, { occasion, env });
        for (const { build, workflow } of asked)
            update((known) => (0,src_findings/* addLearned */.fQ)(known, build.name, { workflow }));
        update((known) => (0,src_findings/* addNotes */.Z8)(known, notes));
        // What else is wrong can only be known with the file.
        (0,stop/* stopOnProblems */.g)(baked.problems.length > 0 ? baked.problems : problems);
        // What is not an image's own is the same in each of them.
        const [{ inputs, credentials, redact }] = workflows;
        const isOne = asked.length === 1;
        const ports = { ...plain, log: redactLog(plain.log, redact) };
        const { log } = ports;
        // A run that ends before it wants to know does not wait for the answer.
        const unwanted = new AbortController();
        cleanup.defer(() => unwanted.abort());
        const asking = {
            ...ports,
            exec: (0,src_ports/* endedBy */.mr)(unwanted.signal, ports.exec),
            signal: AbortSignal.any([ports.signal, unwanted.signal])
        };
        const inspecting = (0,buildkit_builder/* inspectBuilder */.IK)(asking, inputs.builder, env);
        inspecting.catch(run_noop); // reported where it is awaited
        for (const { build, workflow } of asked) {
            const title = isOne ? 'Trust plan' : `Trust plan: ${build.name}`;
            await log.group(title, () => Promise.resolve(printTrust(log, workflow, occasion)));
        }
        // What is waited for longer than for the registries is begun before they are asked.
        const begun = Promise.withResolvers();
        const images = asked.map((each) => {
            const { build, workflow } = each;
            const know = (learned) => update((known) => (0,src_findings/* addLearned */.fQ)(known, build.name, learned));
            return {
                ...each,
                intent: (0,settle/* intendCache */.rA)(asking, { build, occasion, trustPlan: workflow.trustPlan, env, after: begun.promise }),
                know,
                learn(learned) {
                    know(learned);
                    if (learned.failure !== undefined)
                        throw new stop/* Stop */.V(learned.failure);
                },
                phase: timePhases(ports.now, update, isOne ? {} : { image: build.name }),
                titled: (title) => (isOne ? title : `${title}: ${build.name}`),
                turn: () => turnTo(isOne ? undefined : build.name)
            };
        });
        const phase = timePhases(ports.now, update);
        for (const { know, intent } of images)
            know({ cache: { rows: intent.rows } });
        await (0,failure_disk/* checkTemporaryFolder */.C)(occasion.temporaryFolder);
        const folder = await (0,promises_.mkdtemp)(external_node_path_default().join(occasion.temporaryFolder, 'stagegate-'));
        leftovers.addFolder(folder);
        cleanup.defer(async () => {
            await cache[Symbol.asyncDispose](); // its client makes a folder wherever it needs one
            await (0,disk/* removeFolder */.v$)(folder).catch((error) => update((known) => (0,src_findings/* addNotes */.Z8)(known, [tellRemains(error)])));
        });
        ownFolder.resolve(folder);
        // 3 and 4. The SSH agent and the secrets, while docker is asked about its builder and the cache mounts are fetched.
        const supplying = phase('credentials', () => supplyCredentials(ports, credentials, { inputs, occasion, env, leftovers }));
        supplying.catch(run_noop); // told where it is awaited
        const equipped = [];
        try {
            for (const [nth, image] of images.entries()) {
                equipped.push(await equip(image, nth, { ports, occasion, cache, cleanup, folder, isOne }));
            }
        }
        finally {
            // They go before anything is kept, and an agent that is still starting goes, too.
            cleanup.defer(async () => (await supplying.catch(run_noop))?.[Symbol.asyncDispose]());
        }
        begun.resolve();
        const loading = loadLater(); // after the agent's start, which it would hold up
        const supplied = await supplying;
        const { answerCall, nothingToBuild, tidyEngine, build, examine, keepOthers, release } = await loading;
        if (inputs.call !== 'build') {
            for (const { build, workflow, learn, phase, turn } of images) {
                turn();
                await phase('call', async () => {
                    const builder = await inspecting;
                    learn(nothingToBuild(inputs, builder));
                    if (!isOne)
                        log.info(`${build.name}:`);
                    learn(await answerCall(ports, builder, { inputs: workflow.inputs, build, supplied }));
                });
            }
            return;
        }
        // 5. Pre-flight, of all images before any is built: the builder, the stages, what they mount.
        const shared = { ports, asking, occasion, env, look, supplied, leftovers, cache, cleanup };
        const ready = [];
        for (const image of equipped) {
            image.turn();
            // One that was made for an image before it is there for this one, too.
            const chosen = ready.at(-1)?.prepared.builder;
            ready.push(await getReady(image, chosen === undefined ? inspecting : Promise.resolve(chosen), shared, {
                all: equipped,
                before: ready
            }));
        }
        turnTo();
        const tidying = tidyEngine(ports, inputs);
        cleanup.defer(() => tidying);
        // 6 and 7. The gate, and the target beside it, some images at a time. One that is red ends the others.
        // What one image mounts may be what another one has filled.
        const filling = lastFilling(ready);
        const inTurn = reportTurns(ready);
        const done = [];
        const built = await sideBySide(ready, ports, (image, { log, ...side }) => inTurn(image, { log, ...side }, async () => {
            const one = await build({ ...image, filling }, { ...shared, ...side, ports: { ...ports, log } });
            done.push(one);
            return one;
        })).catch((red) => keepOthers(ports, done, red));
        // 8 and 9. A look inside, the verdict, and a trial.
        const passed = [];
        for (const [nth, image] of built.entries()) {
            image.turn();
            const examined = examine(image, { ...shared, soFar });
            passed.push(await examined.catch((red) => keepOthers(ports, [...passed, ...built.slice(nth + 1)], red)));
        }
        // 10. Publish, when the last one has passed, and write the caches beside it.
        turnTo();
        const left = await phase('publish', () => log.group('Publish', () => release(ports, passed.map((image) => ({ ...shared, ...image })))));
        for (const [nth, { know }] of passed.entries())
            know(left[nth] ?? {});
        for (const [nth, { learn, turn }] of passed.entries()) {
            const failure = left[nth]?.failure;
            if (failure === undefined)
                continue;
            turn();
            learn({ failure });
        }
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = run_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
/** Times each phase; a phase that fails is timed too. */
function timePhases(now, update, of = {}) {
    const runStart = now();
    return async (name, body) => {
        const start = now();
        try {
            return await body();
        }
        finally {
            const time = { ...of, name, start: (start - runStart) / 1000, seconds: (now() - start) / 1000 };
            update((known) => ({ ...known, phases: [...known.phases, time] }));
        }
    };
}
/** A run is what it is, even where something it started has made a mess of its folder. */
function tellRemains(error) {
    const code = (0,json/* asString */.oJ)((0,json/* dig */.rO)(error, 'code')) ?? 'unknown';
    return `The private folder of the run could not be removed (${code}). The end of the job tries it once more.`;
}
function run_noop() {
    // Awaited only so that nothing outlives the run; what it says was read elsewhere.
}

;// CONCATENATED MODULE: ./src/step.ts
/** The step itself: the run, and everything that it has to say. */




/**
 * Runs the step to its end and tells what came of it.
 * @param env as `readEnvironment` gives it
 * @returns whether the step is green
 */
async function step_step(ports, env) {
    const result = await run(ports, {
        env,
        declaredInputs: declared/* declaredInputs */.W,
        look: disk/* look */.Op,
        folders: disk/* folders */.oW,
        cacheWorker: { file: process.execPath, args: [process.argv[1] ?? ''] },
        read: runner/* readInput */.R
    });
    const { tell } = await Promise.all(/* import() | tell */[__webpack_require__.e(845), __webpack_require__.e(161), __webpack_require__.e(206)]).then(__webpack_require__.bind(__webpack_require__, 3081));
    const isTold = await tell(ports, env, result);
    return isTold && result.report.outcome.kind === 'green';
}


/***/ })

};

//# sourceMappingURL=165.index.js.map