export const id = 845;
export const ids = [845];
export const modules = {

/***/ 4029:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ parseName),
/* harmony export */   g: () => (/* binding */ readProgress)
/* harmony export */ });
/* harmony import */ var node_string_decoder__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6193);
/* harmony import */ var node_string_decoder__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_string_decoder__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6153);
/* harmony import */ var _core_linked_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(9358);
/* harmony import */ var _core_step_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1757);
/**
 * BuildKit's progress stream (`--progress=rawjson` on standard error): one JSON status a line, then plain text when the
 * build failed. A reader folds it into steps while it runs and tells a listener what a person would want to see.
 * https://pkg.go.dev/github.com/moby/buildkit/client#SolveStatus
 */




/** Lines of a step's log that are kept for the report. */
const LOG_TAIL_LINES = 200;
/**
 * Makes a reader of one build's stream.
 * @param isHidden names of stages whose steps are ours, not the user's
 * @param targets of a bake call: buildx writes their names before those of vertices
 */
function readProgress(listener = {}, isHidden = () => false, targets = new Map()) {
    const vertices = new Map();
    const plain = [];
    const decoder = new node_string_decoder__WEBPACK_IMPORTED_MODULE_0__.StringDecoder('utf8');
    const spread = [];
    /** Pieces of a line that has not ended: a status with hundreds of findings has the Dockerfile in each. */
    let rest = [];
    /** By what they say: each target of a call tells of the same. */
    const findings = new Map();
    let contextBytes = 0;
    const layers = new Map();
    /** A download hangs on the step it is for; the layers of a base image hang on its FROM. */
    const stepDownloads = () => [...layers.values()].filter(({ vertex }) => {
        const step = parseName(vertexOf(vertex).name);
        return step !== undefined && (0,_core_step_js__WEBPACK_IMPORTED_MODULE_2__/* .isWork */ .cD)(step);
    });
    const readDownload = (json, digest) => {
        const known = layers.get(digest);
        const started = milliseconds(json.started) ?? known?.started;
        const ended = milliseconds(json.completed) ?? known?.ended;
        layers.set(digest, {
            vertex: (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(json.vertex) ?? '',
            bytes: Math.max(known?.bytes ?? 0, (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asNumber */ .i)(json.current) ?? 0),
            latest: milliseconds(json.timestamp) ?? 0,
            ...(started === undefined ? {} : { started }),
            ...(ended === undefined ? {} : { ended })
        });
    };
    const vertexOf = (digest) => {
        const known = vertices.get(digest);
        if (known !== undefined)
            return known;
        const made = {
            digest,
            name: '',
            rank: Infinity,
            told: new Map(),
            inputs: [],
            intervals: new Map(),
            announced: 'no',
            logTail: [],
            layers: new Set(),
            pending: new Map(),
            heard: new Set()
        };
        vertices.set(digest, made);
        return made;
    };
    /** An image that a hidden stage starts from is the user's all the same: it goes without a stage. */
    const withoutHidden = (name) => {
        const { stage, instruction } = parseName(name) ?? { instruction: '' };
        return stage !== undefined && isHidden(stage) && !(0,_core_step_js__WEBPACK_IMPORTED_MODULE_2__/* .isWork */ .cD)({ instruction }) ? instruction : name;
    };
    const isLinked = (target) => targets.get(target)?.linked !== undefined;
    /** Whether something is told of linked targets alone, whose Dockerfiles are not the build's own. */
    const isTheirs = ({ told }) => told.size > 0 && [...told.keys()].every(isLinked);
    const readVertex = (json) => {
        const vertex = vertexOf((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(json.digest) ?? '');
        const { target, name: given } = withoutTarget((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(json.name) ?? vertex.name, targets);
        const name = withoutHidden(given);
        // What two targets share goes by the name that it was first given.
        const linked = targets.get(target)?.linked;
        const rank = linked?.rank ?? Infinity;
        if (vertex.name === '' || target === '' || rank < vertex.rank)
            vertex.name = name;
        if (linked !== undefined && rank < vertex.rank)
            vertex.linked = linked.name;
        vertex.rank = Math.min(vertex.rank, rank);
        const told = vertex.told.get(target) ?? { cached: false, completed: false };
        vertex.told.set(target, told);
        if (json.cached === true)
            told.cached = true;
        if (Array.isArray(json.inputs))
            vertex.inputs = json.inputs.filter((input) => typeof input === 'string');
        const error = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(json.error);
        // Of several nodes that run it one fails, which cancels it on the others.
        if (error !== undefined && error !== '' && !hasFailed(vertex))
            vertex.error = error;
        const started = milliseconds(json.started);
        const completed = milliseconds(json.completed);
        if (started !== undefined) {
            vertex.firstStart ??= started;
            if (completed !== undefined)
                vertex.intervals.set(started, completed);
        }
        if (completed !== undefined) {
            told.completed = true;
            flushLog(vertex);
        }
        announce(vertex, started !== undefined, completed !== undefined);
    };
    const announce = (vertex, started, completed) => {
        const step = parseName(vertex.name);
        if (step?.stage !== undefined && isHidden(step.stage))
            return;
        const tell = (event) => {
            vertex.announced = event;
            if (step === undefined)
                listener.onInternal?.(toInternal(vertex), event);
            else
                listener.onStep?.(toStep(vertex), event);
        };
        if (started && vertex.announced === 'no')
            tell('started');
        // A step that never began has nothing to tell; the builder's own work can have failed before it began.
        if (completed && (vertex.announced === 'started' || (step === undefined && vertex.announced === 'no')))
            tell('finished');
    };
    const readLog = (json) => {
        const vertex = vertexOf((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(json.vertex) ?? '');
        const stream = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asNumber */ .i)(json.stream) ?? 1;
        const data = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(json.data) ?? '';
        if (targets.size > 1) {
            const chunk = `${stream} ${(0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(json.timestamp) ?? ''} ${data.length}`;
            if (vertex.heard.has(chunk))
                return;
            vertex.heard.add(chunk);
        }
        const pending = vertex.pending.get(stream) ?? { decoder: new node_string_decoder__WEBPACK_IMPORTED_MODULE_0__.StringDecoder('utf8'), text: '' };
        vertex.pending.set(stream, pending);
        pending.text += pending.decoder.write(Buffer.from(data, 'base64'));
        const lines = pending.text.split('\n');
        pending.text = lines.pop() ?? '';
        for (const line of lines)
            keepLog(vertex, line);
    };
    const keepLog = (vertex, line) => {
        const clean = lastRedraw(line);
        vertex.logTail.push(clean);
        if (vertex.logTail.length > LOG_TAIL_LINES)
            vertex.logTail.shift();
        if (listener.onLog !== undefined)
            listener.onLog(toStep(vertex), clean);
    };
    /** A last line without its newline is complete when the step is. */
    const flushLog = (vertex) => {
        for (const pending of vertex.pending.values())
            if (pending.text !== '')
                keepLog(vertex, pending.text);
        vertex.pending.clear();
    };
    const readLine = (line) => {
        // buildx 0.13 spreads a status over several lines, from a lone "{" to a lone "}".
        if (spread.length === 0 && line !== '{')
            return readText(line);
        spread.push(line);
        if (line === '}')
            readText(spread.splice(0).join('\n'));
    };
    const readText = (text) => {
        const status = text.startsWith('{') ? (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .parseJSON */ .Ol)(text)) : undefined;
        if (status === undefined) {
            plain.push(...text.split('\n').filter((line) => line.trim() !== ''));
            return;
        }
        for (const json of (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asArray */ ._j)(status.vertexes))
            readVertex((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asObject */ .eB)(json) ?? {});
        for (const json of (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asArray */ ._j)(status.logs))
            readLog((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asObject */ .eB)(json) ?? {});
        for (const json of (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asArray */ ._j)(status.warnings)) {
            const warning = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asObject */ .eB)(json) ?? {};
            const finding = isTheirs(vertexOf((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(warning.vertex) ?? '')) ? undefined : readFinding(warning);
            if (finding !== undefined)
                findings.set(JSON.stringify(finding), finding);
        }
        for (const json of (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asArray */ ._j)(status.statuses)) {
            const transfer = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asObject */ .eB)(json) ?? {};
            if (transfer.id === 'transferring context:') {
                contextBytes = Math.max(contextBytes, (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asNumber */ .i)(transfer.current) ?? 0);
            }
            const id = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(transfer.id) ?? '';
            if (/^sha256:[0-9a-f]{64}$/.test(id))
                readDownload(transfer, id);
            const written = /^writing layer (sha256:[0-9a-f]{64})$/.exec(id)?.[1];
            if (written !== undefined)
                vertexOf((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(transfer.vertex) ?? '').layers.add(written);
        }
    };
    return {
        feed(chunk) {
            const [first = '', ...others] = decoder.write(chunk).split('\n');
            rest.push(first);
            for (const line of others) {
                readLine(rest.join(''));
                rest = [line];
            }
        },
        end() {
            if (rest.some((piece) => piece !== ''))
                readLine(rest.join(''));
            rest = [];
            if (spread.length > 0)
                readText(spread.splice(0).join('\n'));
            for (const vertex of vertices.values())
                flushLog(vertex);
            const named = [...vertices.values()].filter((vertex) => vertex.name !== '');
            const fetches = findFetches(named, vertices);
            const isStep = (vertex) => parseName(vertex.name) !== undefined && !fetches.has(vertex);
            const visible = ({ stage }) => stage === undefined || !isHidden(stage);
            return {
                steps: named
                    .filter(isStep)
                    .map((vertex) => withFetches(vertex, { ...toStep(vertex), inputs: inputsOf(vertex, vertices) }, fetches))
                    .filter(visible),
                internals: named.filter((vertex) => !isStep(vertex)).map(toInternal),
                plain,
                contextBytes,
                findings: [...findings.values()].sort((a, b) => (a.line ?? 0) - (b.line ?? 0)),
                downloads: sumDownloads(stepDownloads()),
                loads: named.flatMap((vertex) => loadOf(vertex, named)),
                builtFor: new Map(named.map(({ digest, told }) => [digest, [...told.keys()].filter((name) => name !== '')])),
                graph: new Map(named.flatMap(({ digest, name, inputs }) => (visible(parseName(name) ?? {}) ? [[digest, inputs]] : [])))
            };
        },
        downloading() {
            const downloads = stepDownloads();
            return {
                bytes: downloads.reduce((sum, { bytes }) => sum + bytes, 0),
                open: downloads.some(({ ended }) => ended === undefined)
            };
        }
    };
}
/**
 * What `--call=check` would have said: a build is checked, too, and says so in warnings, `RULE: message (line N)`.
 * https://github.com/moby/buildkit/blob/master/frontend/dockerfile/linter/linter.go
 */
function readFinding(warning) {
    const said = Buffer.from((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(warning.short) ?? '', 'base64').toString();
    const [, rule, text = ''] = /^([A-Z][A-Za-z]+): ([^]+)$/.exec(said) ?? [];
    const url = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(warning.url);
    if (rule === undefined || url?.includes('/dockerfile/rule/') !== true)
        return undefined;
    const line = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asNumber */ .i)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .dig */ .rO)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asArray */ ._j)(warning.range)[0], 'start', 'line'));
    const end = ` (line ${line ?? 0})`;
    const message = text.endsWith(end) ? text.slice(0, -end.length) : text;
    return { rule, message, url, ...(line === undefined ? {} : { line }) };
}
/** The reading that a vertex is; https://github.com/moby/buildkit/tree/master/frontend/dockerui has their names. */
function loadOf({ digest, name, linked }, all) {
    const [isLoad, context] = /^\[(?:\S+ )?(?:internal\] load build context|context (\S+)\] load from client)$/.exec(name) ?? [];
    if (isLoad === undefined)
        return [];
    return [
        {
            vertex: digest,
            readers: all.filter(({ inputs }) => inputs.includes(digest)).map((reader) => reader.digest),
            ...(context === undefined ? {} : { context }),
            ...(linked === undefined ? {} : { linked })
        }
    ];
}
function sumDownloads(downloads) {
    const spans = downloads.flatMap(({ started, ended, latest }) => started === undefined ? [] : [{ start: started, end: ended ?? latest }]);
    return { bytes: downloads.reduce((sum, { bytes }) => sum + bytes, 0), seconds: totalOf(spans) / 1000 };
}
/** Milliseconds that are in at least one of the spans: two targets of a call may tell of the same work. */
function totalOf(spans) {
    let total = 0;
    let until = -Infinity;
    for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
        total += Math.max(0, end - Math.max(start, until));
        until = Math.max(until, end);
    }
    return total;
}
/**
 * Takes a vertex name apart; `undefined` for internal work such as `[internal] load build context`. From ten steps on
 * the numbers are aligned: `[ 2/12] RUN`.
 */
function parseName(name) {
    const match = /^\[(?:([^\s\]/]*\/[^\s\]]*) )?(?:([^\s/\]]+) )? *(\d+\/\d+)\] ([^]*)$/.exec(name);
    if (match === null)
        return undefined;
    const [, platform, stage, position = '', instruction = ''] = match;
    return {
        position,
        instruction,
        ...(platform === undefined ? {} : { platform }),
        ...(stage === undefined ? {} : { stage })
    };
}
/**
 * Takes a target's name off: `[app base 2/3] RUN`, `[app linux/arm64 base 2/3] RUN`, `[app] exporting …`. A step of a
 * target that has a platform is named for it, as BuildKit does in a solve of several platforms; one of a linked target is named
 * for that, as it may have stages of the same names.
 */
function withoutTarget(name, targets) {
    const [, first = '', end = '', rest = ''] = /^\[([A-Za-z0-9_-]+)([ \]])([^]*)$/.exec(name) ?? [];
    const isNamed = targets.has(first);
    // Of a call with one target buildx names none.
    const [only = ''] = targets.size === 1 ? targets.keys() : [];
    const target = isNamed ? first : only;
    const plain = isNamed ? (end === ']' ? rest.trimStart() : `[${rest}`) : name;
    const { platform, linked } = targets.get(target) ?? {};
    const step = parseName(plain);
    if (step === undefined || (platform === undefined && linked === undefined))
        return { target, name: plain };
    if (linked === undefined) {
        return { target, name: step.platform !== undefined ? plain : `[${platform ?? ''} ${plain.slice(1)}` };
    }
    const place = [step.platform ?? platform, (0,_core_linked_js__WEBPACK_IMPORTED_MODULE_1__/* .linkedStage */ .kW)(linked.name, step.stage), step.position];
    return { target, name: `[${place.filter((part) => part !== undefined).join(' ')}] ${step.instruction}` };
}
function toStep(vertex) {
    const { platform, stage, instruction } = parseName(vertex.name) ?? { instruction: vertex.name };
    return {
        vertex: vertex.digest,
        name: vertex.name,
        instruction,
        state: stateOf(vertex),
        seconds: isCached(vertex) ? 0 : secondsOf(vertex),
        logTail: vertex.logTail,
        ...(stage === undefined ? {} : { stage }),
        ...(platform === undefined ? {} : { platform }),
        ...(vertex.firstStart === undefined ? {} : { startedAt: vertex.firstStart }),
        ...(vertex.error === undefined ? {} : { error: vertex.error })
    };
}
function stateOf(vertex) {
    if (vertex.error !== undefined)
        return hasFailed(vertex) ? 'failed' : 'cancelled';
    if (isCached(vertex))
        return 'cached';
    return vertex.intervals.size > 0 ? 'ran' : vertex.firstStart === undefined ? 'waiting' : 'cancelled';
}
function hasFailed({ error }) {
    return error !== undefined && !/context canceled/i.test(error);
}
/** A step that ran for one target is there already when another asks for it. */
function isCached({ told }) {
    const all = [...told.values()];
    return all.some(({ cached }) => cached) && !all.some(({ cached, completed }) => completed && !cached);
}
/**
 * What an `ADD` fetches goes by the name of its step and asks its server each time, cached or not: it is a part of the
 * step. One that failed speaks for the step, which never started.
 */
function findFetches(named, vertices) {
    return new Map(named.flatMap((step) => step.inputs.flatMap((digest) => {
        const input = vertices.get(digest);
        return input?.name === step.name && input.error === undefined ? [[input, step]] : [];
    })));
}
/** The step with the time of its fetches, if it ran. */
function withFetches(vertex, step, fetches) {
    if (step.state === 'cached')
        return step;
    const own = [...fetches].flatMap(([fetch, user]) => (user === vertex ? [fetch] : []));
    return own.reduce((sum, fetch) => ({ ...sum, seconds: sum.seconds + secondsOf(fetch) }), step);
}
/** What a step is built from, by name. What stands between two steps, like an image's source, is walked through. */
function inputsOf(vertex, vertices) {
    const names = new Set();
    const seen = new Set([vertex.digest]);
    const open = [...vertex.inputs];
    for (let digest = open.pop(); digest !== undefined; digest = open.pop()) {
        const input = vertices.get(digest);
        if (input === undefined || seen.has(digest))
            continue;
        seen.add(digest);
        names.add(input.name);
        if (parseName(input.name) === undefined || input.name === vertex.name)
            open.push(...input.inputs);
    }
    names.delete('');
    names.delete(vertex.name);
    return [...names];
}
function toInternal(vertex) {
    const [target] = [...vertex.told.keys()].filter((name) => name !== '');
    return {
        name: vertex.name,
        ...(target === undefined ? {} : { target }),
        seconds: secondsOf(vertex),
        done: vertex.intervals.size > 0,
        ...(vertex.layers.size === 0 ? {} : { layers: [...vertex.layers] }),
        ...(vertex.error === undefined ? {} : { error: vertex.error })
    };
}
function secondsOf(vertex) {
    const intervals = [...vertex.intervals].map(([start, end]) => ({ start, end }));
    return totalOf(intervals) / 1000;
}
function milliseconds(time) {
    const parsed = typeof time === 'string' ? Date.parse(time) : NaN;
    return Number.isNaN(parsed) ? undefined : parsed;
}
/**
 * What a terminal would show of a line that redraws itself with carriage returns. One at the end of a name that a line quotes
 * (`sh\r: not found`) is the name's, and says why it was not found.
 */
function lastRedraw(line) {
    const parts = line
        .replace(/(?<!\r)\r+$/, '')
        .replace(/(?<=\S)\r(?=['"’`]?: )/g, '\\r')
        .split('\r');
    return parts.at(-1) ?? '';
}


/***/ }),

/***/ 433:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Iv: () => (/* binding */ mergeTests),
/* harmony export */   Vl: () => (/* binding */ noTests),
/* harmony export */   WC: () => (/* binding */ MESSAGE_LINES),
/* harmony export */   Xh: () => (/* binding */ MESSAGE_LENGTH),
/* harmony export */   e6: () => (/* binding */ totalOf),
/* harmony export */   lU: () => (/* binding */ MOST_FAILING),
/* harmony export */   ol: () => (/* binding */ MOST_DEPTH),
/* harmony export */   q4: () => (/* binding */ MOST_TESTS),
/* harmony export */   rj: () => (/* binding */ countWords),
/* harmony export */   sT: () => (/* binding */ testID),
/* harmony export */   uZ: () => (/* binding */ MOST_BYTES)
/* harmony export */ });
/** What the test reports of a run say: counts, and the tests that failed. Plain data. */
/** A bound of what is read of one run's reports; docs/test-reports.md names them. */
const MOST_BYTES = 50 * 2 ** 20;
const MOST_TESTS = 100_000;
const MOST_FAILING = 200;
const MOST_DEPTH = 64;
const MESSAGE_LINES = 20;
const MESSAGE_LENGTH = 2000;
/** No test at all. */
const noTests = {
    counts: { passed: 0, failed: 0, skipped: 0 },
    seconds: 0,
    failing: [],
    outcomes: new Map(),
    omissions: []
};
/** All tests that were counted. */
function totalOf({ passed, failed, skipped }) {
    return passed + failed + skipped;
}
/** `142 passed, 2 failed, 1 skipped`: what is zero is left out, but for the passed of an empty report. */
function countWords({ passed, failed, skipped }) {
    const parts = [
        ...(passed > 0 || failed + skipped === 0 ? [`${passed} passed`] : []),
        ...(failed > 0 ? [`${failed} failed`] : []),
        ...(skipped > 0 ? [`${skipped} skipped`] : [])
    ];
    return parts.join(', ');
}
/** Several as one. What is beyond the bounds is left out, and said. */
function mergeTests(all) {
    const failing = all.flatMap((each) => each.failing);
    const outcomes = new Map();
    for (const each of all) {
        for (const [id, outcome] of each.outcomes) {
            // Of two tests of one name the failing one counts.
            if (outcomes.size < MOST_TESTS && outcomes.get(id) !== 'failed')
                outcomes.set(id, outcome);
        }
    }
    const sum = (of) => all.reduce((total, { counts }) => total + counts[of], 0);
    return {
        counts: { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') },
        seconds: all.reduce((total, { seconds }) => total + seconds, 0),
        failing: failing.slice(0, MOST_FAILING),
        outcomes,
        omissions: [...new Set(all.flatMap(({ omissions }) => omissions))]
    };
}
/** What a test is known by from one run to the next. */
function testID({ suite, name }) {
    return suite === '' || name === suite ? name : `${suite} › ${name}`;
}


/***/ })

};

//# sourceMappingURL=845.index.js.map