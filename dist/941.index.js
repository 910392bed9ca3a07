export const id = 941;
export const ids = [941];
export const modules = {

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

/***/ 6153:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   ED: () => (/* binding */ asSize),
/* harmony export */   FF: () => (/* binding */ without),
/* harmony export */   Ol: () => (/* binding */ parseJSON),
/* harmony export */   _j: () => (/* binding */ asArray),
/* harmony export */   eB: () => (/* binding */ asObject),
/* harmony export */   i: () => (/* binding */ asNumber),
/* harmony export */   o0: () => (/* binding */ asPositive),
/* harmony export */   oJ: () => (/* binding */ asString),
/* harmony export */   rO: () => (/* binding */ dig)
/* harmony export */ });
/** Reading JSON that other programs wrote: a value is what its checks say, never what a cast says. */
/** The object, or `undefined` for anything else. */
function asObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined;
}
/** The elements of an array; none for anything else. */
function asArray(value) {
    return Array.isArray(value) ? value : [];
}
function asString(value) {
    return typeof value === 'string' ? value : undefined;
}
function asNumber(value) {
    return typeof value === 'number' ? value : undefined;
}
/** A number as GitHub counts pull requests and runs. */
function asPositive(value) {
    const number = asNumber(value);
    return number !== undefined && Number.isSafeInteger(number) && number > 0 ? number : undefined;
}
/** A number of bytes. */
function asSize(value) {
    const size = asNumber(value);
    return size !== undefined && Number.isSafeInteger(size) && size >= 0 ? size : undefined;
}
/** Follows keys down nested objects. */
function dig(value, ...keys) {
    return keys.reduce((inner, key) => asObject(inner)?.[key], value);
}
/** Parses JSON text; `undefined` where it is none. */
function parseJSON(text) {
    try {
        return JSON.parse(text);
    }
    catch {
        return undefined;
    }
}
/** An object without some of its members. */
function without(value, ...names) {
    const left = new Set(names);
    return Object.fromEntries(Object.entries(value).filter(([name]) => !left.has(name)));
}


/***/ })

};

//# sourceMappingURL=941.index.js.map