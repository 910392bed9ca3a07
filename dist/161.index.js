export const id = 161;
export const ids = [161];
export const modules = {

/***/ 5596:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   AL: () => (/* binding */ keepLargest),
/* harmony export */   Ej: () => (/* binding */ readColumns),
/* harmony export */   Q4: () => (/* binding */ MOST_FILES),
/* harmony export */   f2: () => (/* binding */ byPath),
/* harmony export */   p5: () => (/* binding */ writeColumns),
/* harmony export */   uZ: () => (/* binding */ MOST_BYTES)
/* harmony export */ });
/** The files of a snapshot, and how they are written: sorted, front-coded by folder, a text for each column. */
/** Files of one image's index. */
const MOST_FILES = 200_000;
/** Characters of all paths of an index, written in full. */
const MOST_PATH_TEXT = 32 * 2 ** 20;
/** Characters of a path. Linux allows 4096 bytes. */
const MOST_PATH_LENGTH = 4096;
/** Bytes of anything: beyond, a number is no size. */
const MOST_BYTES = 2 ** 50;
function byPath(a, b) {
    return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}
function bySize(a, b) {
    return b.size - a.size || byPath(a, b);
}
/** The largest files, sorted by path. Holds no more than twice as many at a time. */
function keepLargest(files, most = MOST_FILES) {
    const limit = Math.min(most, MOST_FILES);
    let kept = [];
    let floor = -1; // after a cut, what is smaller than all that were kept has no chance
    const leftOut = { files: 0, size: 0, largest: 0 };
    const leave = ({ size }) => {
        leftOut.files++;
        leftOut.size += size;
        if (size > leftOut.largest)
            leftOut.largest = size;
    };
    const cut = () => {
        kept.sort(bySize);
        kept.slice(limit).forEach(leave);
        kept = kept.slice(0, limit);
        floor = kept.at(-1)?.size ?? Infinity;
    };
    for (const file of files) {
        if (file.path.length > MOST_PATH_LENGTH || file.size < floor)
            leave(file);
        else if (kept.push(file) >= 2 * limit && kept.length > limit)
            cut();
    }
    if (kept.length > limit)
        cut();
    if (kept.reduce((sum, { path }) => sum + path.length, 0) > MOST_PATH_TEXT) {
        kept.sort(bySize);
        let text = 0;
        const end = kept.findIndex(({ path }) => (text += path.length) > MOST_PATH_TEXT);
        kept.slice(end).forEach(leave);
        kept = kept.slice(0, end);
    }
    // Redaction may have made two paths one.
    const list = kept.sort(byPath).filter(({ path }, at) => path !== kept[at - 1]?.path);
    return leftOut.files === 0 ? { list } : { list, leftOut };
}
/** Writes a sorted list as columns. */
function writeColumns(files) {
    const names = [];
    const shared = [];
    let before = [];
    for (const { path } of files) {
        const parts = path.slice(1).split('/');
        let same = 0;
        while (same < parts.length - 1 && parts[same] === before[same])
            same++;
        shared.push(same.toString(36));
        names.push(parts.slice(same).join('/'));
        before = parts;
    }
    return {
        count: files.length,
        names: names.join('//'),
        shared: shared.join(),
        sizes: files.map(({ size }) => size.toString(36)).join(),
        layers: files.map(({ layer }) => layer.toString(36)).join(),
        crcs: files.map(({ crc }) => crc.toString(16).padStart(8, '0')).join('')
    };
}
/** Reads columns that anybody may have written; a text says what is wrong with them. */
function readColumns(columns, layerCount) {
    const { count } = columns;
    if (count > MOST_FILES)
        return `lists ${count} files, more than ${MOST_FILES}`;
    if (columns.crcs.length !== count * 8 || !/^[0-9a-f]*$/.test(columns.crcs))
        return 'has no checksum for each file';
    if (count === 0)
        return [];
    const names = split(columns.names, '//', count);
    const shared = readNumbers(columns.shared, count, MOST_PATH_LENGTH);
    const sizes = readNumbers(columns.sizes, count, MOST_BYTES);
    const layers = readNumbers(columns.layers, count, layerCount - 1);
    if (names === undefined)
        return `has other than ${count} file names`;
    if (shared === undefined)
        return 'has no common part for each path';
    if (sizes === undefined)
        return 'has no size for each file';
    if (layers === undefined)
        return 'has files in layers that are not there';
    const files = [];
    let before = '';
    let text = 0;
    for (const [at, name] of names.entries()) {
        const end = endOfParts(before, shared[at]);
        if (end === undefined)
            return `has a path, number ${at}, that shares more with the one before than that one has`;
        const path = `${before.slice(0, end)}/${name}`;
        text += path.length;
        if (!isPath(name) || path.length > MOST_PATH_LENGTH)
            return `has a path, number ${at}, that is none`;
        if (text > MOST_PATH_TEXT)
            return `has paths of more than ${MOST_PATH_TEXT} characters`;
        if (at > 0 && path <= before)
            return `has paths that are not sorted, at number ${at}`;
        const crc = Number.parseInt(columns.crcs.slice(at * 8, at * 8 + 8), 16);
        files.push({ path, size: sizes[at], crc, layer: layers[at] });
        before = path;
    }
    return files;
}
function isPath(name) {
    return name !== '' && !name.startsWith('/') && !name.endsWith('/');
}
/** Where the first parts of a path end, without the slash; undefined if those would be all of it or more. */
function endOfParts(path, parts) {
    let end = 0;
    for (let part = 0; part < parts; part++) {
        end = path.indexOf('/', end + 1);
        if (end === -1)
            return undefined;
    }
    return end;
}
function split(text, by, count) {
    // One more than wanted is enough to know that it is too many.
    const items = text.split(by, count + 1);
    return items.length === count ? items : undefined;
}
function readNumbers(text, count, most) {
    const items = split(text, ',', count);
    if (items === undefined)
        return undefined;
    const numbers = new Float64Array(count);
    for (const [at, item] of items.entries()) {
        const number = /^[0-9a-z]{1,11}$/.test(item) ? Number.parseInt(item, 36) : Number.NaN;
        if (!(number <= most))
            return undefined;
        numbers[at] = number;
    }
    return numbers;
}


/***/ }),

/***/ 9238:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   AM: () => (/* binding */ readImage),
/* harmony export */   Ad: () => (/* binding */ findSame),
/* harmony export */   C9: () => (/* binding */ indexSteps),
/* harmony export */   Hr: () => (/* binding */ instructionsAbove),
/* harmony export */   JA: () => (/* binding */ argumentName),
/* harmony export */   Ke: () => (/* binding */ instructionIn),
/* harmony export */   L$: () => (/* binding */ isFrom),
/* harmony export */   SK: () => (/* binding */ CONTEXT),
/* harmony export */   YL: () => (/* binding */ shortMark),
/* harmony export */   iu: () => (/* binding */ MOST_TEXT),
/* harmony export */   vw: () => (/* binding */ takeRecord)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8522);
/* harmony import */ var node_zlib__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_zlib__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _dockerfile_index_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5212);
/* harmony import */ var _buildkit_progress_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(4029);
/* harmony import */ var _core_step_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1757);
/* harmony import */ var _compare_files_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(5596);
/**
 * What is remembered of a build: its steps, what they were built from, how long each took when it last ran, the
 * Dockerfile's instructions and the files of its context. Never a file's content, never a build argument's value.
 */






/** How BuildKit names the vertex that sends the files. */
const CONTEXT = '[internal] load build context';
/** Characters kept of a name or an instruction. */
const MOST_TEXT = 2000;
/** Takes the record of a build. `before` lends the durations of steps that came from the cache this time. */
function takeRecord(source, before) {
    const { steps, dockerfile, buildArgs, shape, files, redact } = source;
    const stages = dockerfile === undefined ? [] : readStages(redact(dockerfile));
    const names = new Map(steps.map(({ name }) => [name, nameOf(redact(name), stages, buildArgs.length > 0).slice(0, MOST_TEXT)]));
    // Addresses of downloads and other contexts are left out: arguments are written into them, too.
    const inputOf = (input) => names.get(input) ??
        (input === CONTEXT || readImage(input) !== undefined ? redact(input).slice(0, MOST_TEXT) : undefined);
    const record = {
        steps: steps.map(({ name, state, seconds, inputs = [] }) => ({
            name: names.get(name) ?? '',
            inputs: inputs.map(inputOf).filter((input) => input !== undefined),
            ...(state === 'ran' ? { seconds } : {})
        })),
        stages,
        args: Object.fromEntries(buildArgs.map((argument) => readArgument(argument, redact))),
        ...(shape === undefined ? {} : { shape }),
        ...(files === undefined ? {} : { files: files.map((file) => ({ ...file, path: redact(file.path) })).sort(_compare_files_js__WEBPACK_IMPORTED_MODULE_4__/* .byPath */ .f2) })
    };
    if (before === undefined)
        return record;
    const [now, earlier] = [indexSteps(record), indexSteps(before)];
    return {
        ...record,
        steps: record.steps.map((step, index) => {
            const { seconds } = findSame(now, index, earlier) ?? {};
            return steps[index]?.state !== 'cached' || seconds === undefined ? step : { ...step, seconds };
        })
    };
}
/**
 * BuildKit writes the values of variables into the names of steps. The record has the Dockerfile's words instead, and
 * where it is not known which those are, only that it is the same or another instruction.
 */
function nameOf(name, stages, hasArguments) {
    const { instruction } = (0,_buildkit_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .parseName */ .$)(name) ?? {};
    if (instruction === undefined || isFrom(name))
        return name;
    const place = placeOf(stages, name);
    const text = place === undefined ? undefined : stages[place.stage]?.instructions[place.instruction]?.text;
    const head = name.slice(0, name.length - instruction.length);
    if (text !== undefined)
        return `${head}${instruction.startsWith('LINK ') ? 'LINK ' : ''}${text}`;
    return hasArguments ? `${head}${/^\w*/.exec(instruction)?.[0] ?? ''} … ${shortMark(instruction)}` : name;
}
/** An instruction as it is shown, of a step's name in a record. */
function instructionIn(name) {
    return ((0,_buildkit_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .parseName */ .$)(name)?.instruction ?? name).replace(/ … [0-9a-f]{4}$/, ' …');
}
/** Whether a step is the naming of an image that a stage starts from. */
function isFrom(name) {
    return /^FROM\s/.test((0,_buildkit_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .parseName */ .$)(name)?.instruction ?? name);
}
/** `[base 1/4] FROM python:3.12@sha256:…`, or without brackets where several stages share it. */
function readImage(name) {
    const [, image, digest] = /^(?:\[[^\]]*\] )?FROM (?:--\S+ )*(\S+?)@(sha256:[0-9a-f]{64})$/.exec(name) ?? [];
    return image === undefined || digest === undefined ? undefined : { image, digest };
}
function readStages(text) {
    const { instructions, stages } = (0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_2__/* .parseDockerfile */ .Ai)(text);
    // `ARG NAME` in a stage takes its value from the `ARG NAME=VALUE` above all stages.
    const globals = new Map(instructions
        .filter(({ stage, keyword }) => stage === -1 && keyword === 'ARG')
        .flatMap(({ rest }) => (0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_2__/* .wordsOf */ .Z9)(rest))
        .filter((word) => word.includes('='))
        .map((word) => [argumentName(word), word]));
    const withDefaults = (instruction) => instruction.keyword === 'ARG'
        ? ['ARG', ...(0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_2__/* .wordsOf */ .Z9)(instruction.rest).map((word) => globals.get(word) ?? word)].join(' ')
        : textOf(instruction);
    const byStage = Map.groupBy(instructions, ({ stage }) => stage);
    return stages.map(({ index, name, from }) => ({
        from: from.slice(0, MOST_TEXT),
        instructions: (byStage.get(index) ?? [])
            .filter(({ keyword }) => keyword !== 'FROM')
            .map((instruction) => {
            const whole = withDefaults(instruction);
            return { text: whole.slice(0, MOST_TEXT), mark: markOf(instruction, whole), line: instruction.line };
        }),
        ...(name === undefined ? {} : { name: name.slice(0, MOST_TEXT) })
    }));
}
function textOf({ keyword, flags, rest }) {
    return [keyword, ...flags, rest].filter((part) => part !== '').join(' ');
}
/** To a shell each blank counts, and so does what a heredoc holds; to other instructions blanks mean nothing. */
function markOf({ keyword, rest, written }, whole) {
    const isShell = keyword === 'RUN' && !rest.startsWith('[');
    return checksum(isShell || rest.includes('<<') ? `${keyword} ${written}` : whole);
}
/** `NAME` of `NAME=VALUE`. */
function argumentName(argument) {
    return argument.replace(/=.*$/s, '');
}
/**
 * `NAME=VALUE`; a name alone takes its value from the environment, which is not looked at. A value that is secret, if only by
 * its name, may be a word that is easily guessed: of 256 others one has the same mark.
 */
function readArgument(argument, redact) {
    const mark = shortMark(argument);
    return [argumentName(argument), redact(argument) === argument ? mark : mark.slice(0, 2)];
}
/** Of 65,536 values one has the same mark: who guesses a value finds it confirmed by many others as well. */
function shortMark(text) {
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(text).digest('hex').slice(0, 4);
}
function checksum(text) {
    return (0,node_zlib__WEBPACK_IMPORTED_MODULE_1__.crc32)(text).toString(16).padStart(8, '0');
}
/**
 * What stands above an instruction in its stage, and in all of those that the stage starts from, outermost first. Everything
 * that is no step of its own, such as ENV, shapes what follows.
 */
function instructionsAbove({ stages }, { stage, instruction }) {
    const found = [];
    let limit = stage;
    let above = stages[stage]?.instructions.slice(0, instruction);
    // A stage starts from an earlier one or from an image, so this ends.
    while (above !== undefined) {
        found.unshift(...above);
        const from = stages[limit]?.from.toLowerCase();
        limit = stages.findLastIndex(({ name }, at) => at < limit && name?.toLowerCase() === from);
        above = stages[limit]?.instructions;
    }
    return found;
}
/**
 * The same step in another record. Stages that begin with the same instructions share these steps in BuildKit, and the
 * steps go by the name of now the one and now the other stage.
 */
function findSame(own, index, other) {
    return other.byIdentity.get(own.identities[index] ?? '') ?? other.byChain.get(own.chains[index] ?? '');
}
/** Instructions that are steps of a build; the others only change what follows. */
const LAYERED = /^(?:RUN|COPY|ADD|WORKDIR)\b/;
const indices = new WeakMap();
/** Indexes a record, once. */
function indexSteps(record) {
    const known = indices.get(record);
    if (known !== undefined)
        return known;
    const index = makeIndex(record);
    indices.set(record, index);
    return index;
}
function makeIndex(record) {
    const places = record.steps.map(({ name }) => placeOf(record.stages, name));
    const counts = new Map();
    const texts = record.steps.map(({ name }, index) => {
        const { platform = '', instruction } = (0,_buildkit_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .parseName */ .$)(name) ?? { instruction: name };
        const place = places[index];
        const text = place === undefined ? undefined : record.stages[place.stage]?.instructions[place.instruction];
        return [platform, instruction, text?.mark ?? ''].join('\n');
    });
    const contents = record.steps.map(({ name }, index) => [(0,_buildkit_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .parseName */ .$)(name)?.stage ?? '', texts[index]].join('\n'));
    const identities = contents.map((content) => {
        const nth = (counts.get(content) ?? 0) + 1;
        counts.set(content, nth);
        return `${content}\n${nth}`;
    });
    const chains = chainsOf(record.steps, texts);
    const indexed = (keys) => new Map(record.steps.map((step, index) => [keys[index] ?? '', step]));
    return { places, identities, contents, counts, byIdentity: indexed(identities), chains, byChain: indexed(chains) };
}
/** What each step does together with what it stands on, as a checksum of them all. */
function chainsOf(steps, contents) {
    const byName = new Map(steps.map(({ name }, index) => [name, index]));
    const done = new Map();
    const open = steps.map((_, index) => index);
    const begun = new Set();
    for (let index = open.at(-1); index !== undefined; index = open.at(-1)) {
        const inputs = steps[index]?.inputs ?? [];
        const parents = inputs.flatMap((input) => byName.get(input) ?? []);
        const waiting = begun.has(index) ? [] : parents.filter((parent) => !begun.has(parent));
        begun.add(index); // a circle, which no builder makes, ends here
        if (waiting.length > 0) {
            open.push(...waiting);
            continue;
        }
        open.pop();
        if (!done.has(index)) {
            done.set(index, checksum([contents[index], ...parents.map((parent) => done.get(parent) ?? '').sort()].join('\n')));
        }
    }
    return steps.map((_, index) => `${contents[index] ?? ''}\n${done.get(index) ?? ''}`);
}
/**
 * Counts to where BuildKit's `[stage 3/5]` points. A `FROM` is counted where it names an image and not another stage.
 * Undefined where the numbers disagree: a base image's ONBUILD adds steps of its own.
 */
function placeOf(stages, name) {
    const parsed = (0,_buildkit_progress_js__WEBPACK_IMPORTED_MODULE_3__/* .parseName */ .$)(name);
    const stage = stages.findIndex(({ name: own }, index) => parsed?.stage === undefined
        ? stages.length === 1
        : (0,_core_step_js__WEBPACK_IMPORTED_MODULE_5__/* .sameStage */ .tB)(parsed.stage, own ?? '') || parsed.stage === `stage-${index}`);
    const [position = 0, total = 0] = parsed?.position.split('/').map(Number) ?? [];
    const layered = (stages[stage]?.instructions ?? []).flatMap(({ text }, index) => (LAYERED.test(text) ? [index] : []));
    const extra = total - layered.length;
    const instruction = extra === 0 || extra === 1 ? layered[position - extra - 1] : undefined;
    return instruction === undefined ? undefined : { stage, instruction };
}


/***/ }),

/***/ 4592:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   n: () => (/* binding */ isPush)
/* harmony export */ });
/** A registry failure is a push or a pull; the message tells, and a pull has the line of its `FROM`. */
function isPush(failure) {
    return failure.line === undefined && /\bpush|\b(?:post|put|patch) request/i.test(failure.message);
}


/***/ }),

/***/ 8268:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ko: () => (/* binding */ withLacking),
/* harmony export */   ae: () => (/* binding */ credentialInWords),
/* harmony export */   zb: () => (/* binding */ lackingOf)
/* harmony export */ });
/* harmony import */ var _dockerfile_index_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5212);

/**
 * The secrets and ssh ids that a step mounts and the build was not given, each once.
 * @param supplied `secret:ID`, `ssh:ID`
 */
function lackingOf({ instruction }, supplied) {
    const lacking = new Map();
    for (const mount of (0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_0__/* .mountsIn */ .Ko)(instruction)) {
        const id = (0,_dockerfile_index_js__WEBPACK_IMPORTED_MODULE_0__/* .credentialOf */ .$5)(mount) ?? '';
        const key = `${mount.type}:${id}`;
        if (id === '' || supplied.includes(key))
            continue;
        lacking.set(key, { credential: mount.type === 'ssh' ? 'ssh' : 'secret', id });
    }
    return [...lacking.values()];
}
/** A failure with what its step was not given. */
function withLacking(failure, supplied) {
    if ((failure.kind !== 'test' && failure.kind !== 'build') || failure.step === undefined)
        return failure;
    const lacking = lackingOf(failure.step, supplied);
    return lacking.length === 0 ? failure : { ...failure, lacking };
}
/** A credential in a sentence. */
function credentialInWords({ credential, id }) {
    return `the ${credential === 'ssh' ? 'ssh id' : 'secret'} "${id}"`;
}


/***/ }),

/***/ 674:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _0: () => (/* binding */ editOf),
/* harmony export */   df: () => (/* binding */ looksOther),
/* harmony export */   uf: () => (/* binding */ editWords)
/* harmony export */ });
/* harmony import */ var _instruction_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3020);
/* harmony import */ var _markdown_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(99);
/** What was edited in an instruction, where the whole of it would hide that. */


/** Characters of one side that are shown. */
const MOST_SHOWN = 60;
/**
 * The words between the common beginning and end of two instructions; `undefined` where all words are the same. What the
 * brief form leaves out counts where nothing else differs.
 */
function editOf(before, now) {
    const brief = wordsBetween((0,_instruction_js__WEBPACK_IMPORTED_MODULE_0__/* .briefInstruction */ .ZM)(before), (0,_instruction_js__WEBPACK_IMPORTED_MODULE_0__/* .briefInstruction */ .ZM)(now));
    const edit = brief ?? wordsBetween(before, now);
    return edit === undefined || edit.was.slice(0, MOST_SHOWN) !== edit.is.slice(0, MOST_SHOWN) ? edit : narrowed(edit);
}
/** "`b`, was `a`", "`b` was added", "`a` was removed". */
function editWords({ was, is }) {
    if (was === '')
        return `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(is, MOST_SHOWN)} was added`;
    return is === '' ? `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(was, MOST_SHOWN)} was removed` : `${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(is, MOST_SHOWN)}, was ${(0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(was, MOST_SHOWN)}`;
}
/** Whether a reader who is shown the beginnings of both sees that they differ. */
function looksOther(before, now, shown) {
    const start = (instruction) => (0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .inline */ .mG)((0,_instruction_js__WEBPACK_IMPORTED_MODULE_0__/* .briefInstruction */ .ZM)(instruction)).slice(0, shown);
    return start(before) !== start(now);
}
function wordsBetween(before, now) {
    const [old, words] = [before.trim().split(/\s+/), now.trim().split(/\s+/)];
    const least = Math.min(old.length, words.length);
    let start = 0;
    while (start < least && old[start] === words[start])
        start += 1;
    let end = 0;
    while (end < least - start && old.at(-1 - end) === words.at(-1 - end))
        end += 1;
    const part = (list) => list.slice(start, list.length - end).join(' ');
    const edit = { was: part(old), is: part(words) };
    return edit.was === '' && edit.is === '' ? undefined : edit;
}
/** Of long words what stands before the difference is left out. */
function narrowed({ was, is }) {
    let same = 0;
    while (same < Math.min(was.length, is.length) && was[same] === is[same])
        same += 1;
    const from = Math.max(0, same - MOST_SHOWN / 3);
    const cut = (text) => `…${text.slice(from).replace(/^[\udc00-\udfff]/, '')}`;
    return { was: cut(was), is: cut(is) };
}


/***/ }),

/***/ 3020:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ey: () => (/* binding */ instructionLines),
/* harmony export */   ZM: () => (/* binding */ briefInstruction),
/* harmony export */   z9: () => (/* binding */ historyInstruction)
/* harmony export */ });
/** How an instruction is written for the place it stands in. */
/** The words of an image's history without what BuildKit and the classic builder put around them. */
function historyInstruction(createdBy) {
    const plain = createdBy
        .replace(/(?<!\s)\s*# buildkit\s*$/, '')
        .replace(/^\/bin\/sh -c #\(nop\)\s*/, '')
        .replace(/^RUN \|\d+ (?:\S[^\s=]*=\S* )*/, 'RUN ')
        .replace(/^(?:RUN )?\/bin\/sh -c /, 'RUN ')
        .replace(/\b(file|dir|multi):([0-9a-f]{8})[0-9a-f]{8,}/g, '$1:$2…');
    return plain.trim() === '' ? createdBy : plain;
}
/** For tables: what the step does, without where it mounts from. The line's link has the whole. */
function briefInstruction(instruction) {
    return instruction.replace(/^(RUN )\s*(?:--mount=\S+\s+)+(?=\S)/i, '$1');
}
/** For a block of its own. BuildKit joins a multi-line instruction with blanks; a chain reads better with a line each. */
function instructionLines(instruction, most = 20) {
    if (instruction.includes('\n'))
        return instruction.split('\n').slice(0, most);
    const folded = instruction.replace(/\s+/g, ' ').trim();
    if (folded.length <= 90)
        return [folded];
    const parts = folded.split(/ (?=&& |\|\| )/).slice(0, most);
    return parts.map((part, index) => `${index === 0 ? '' : '    '}${part}${index < parts.length - 1 ? ' \\' : ''}`);
}


/***/ }),

/***/ 2054:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   As: () => (/* binding */ renderWithin),
/* harmony export */   Jz: () => (/* binding */ SUMMARY_LIMIT_BYTES),
/* harmony export */   df: () => (/* binding */ COMMENT_LADDER),
/* harmony export */   hY: () => (/* binding */ leftOutSentence),
/* harmony export */   uo: () => (/* binding */ capped)
/* harmony export */ });
/* unused harmony export LADDER */
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2184);
/**
 * Fits a rendering into a limit by rendering again with less detail, never by cutting: a cut ends inside a table, a
 * fence or a `<details>`. GitHub counts bytes in a summary and characters in a comment.
 */

/** Everything: what a report of ordinary size is rendered with. */
const FULL = {
    collapsed: true,
    timeline: true,
    logLines: 200,
    rows: 500,
    layerTables: 20,
    leftOut: []
};
/** From everything to the facts alone. */
const LADDER = [
    FULL,
    { ...FULL, timeline: false, logLines: 100, rows: 100, leftOut: ['the timeline', 'rows after the first 100'] },
    {
        ...FULL,
        collapsed: false,
        timeline: false,
        logLines: 0,
        rows: 30,
        layerTables: 3,
        leftOut: ['the collapsed sections', 'rows after the first 30']
    },
    {
        collapsed: false,
        timeline: false,
        logLines: 0,
        rows: 5,
        layerTables: 0,
        leftOut: ['the layers', 'the collapsed sections', 'rows after the first 5']
    }
];
/** A job summary may have 1 MiB per step (bytes, before masking); peers failed at the exact limit, so there is a margin. */
const SUMMARY_LIMIT_BYTES = 900 * 1024;
/** From what a comment holds at most to the facts alone: the job summary has the rest. */
const COMMENT_LADDER = [
    { collapsed: true, timeline: false, logLines: 0, rows: 30, layerTables: 4, leftOut: [] },
    { collapsed: true, timeline: false, logLines: 0, rows: 12, layerTables: 1, leftOut: ['rows after the first 12'] },
    {
        collapsed: false,
        timeline: false,
        logLines: 0,
        rows: 8,
        layerTables: 0,
        leftOut: ['the collapsed sections', 'rows after the first 8']
    },
    {
        collapsed: false,
        timeline: false,
        logLines: 0,
        rows: 3,
        layerTables: 0,
        leftOut: ['the collapsed sections', 'rows after the first 3']
    }
];
/** The most detailed rendering that fits, or the smallest one there is. */
function renderWithin(render, limit, { ladder = LADDER, lengthOf = bytesOf } = {}) {
    let smallest = '';
    for (const detail of ladder) {
        smallest = render(detail);
        if (lengthOf(smallest) <= limit)
            return smallest;
    }
    return smallest;
}
function bytesOf(rendering) {
    return Buffer.byteLength(rendering, 'utf8');
}
/** The closing sentence of a shortened rendering; `undefined` when nothing is missing. */
function leftOutSentence(detail) {
    if (detail.leftOut.length === 0)
        return undefined;
    return `Shortened to fit GitHub's limit: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_0__/* .enumerated */ .BD)(detail.leftOut)} are left out. The job log has everything.`;
}
/** The first `max` items and how many are left. */
function capped(items, max) {
    return { shown: items.slice(0, max), more: Math.max(0, items.length - max) };
}


/***/ }),

/***/ 5641:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $t: () => (/* binding */ placeOf),
/* harmony export */   P5: () => (/* binding */ logLink),
/* harmony export */   aE: () => (/* binding */ placeLink),
/* harmony export */   ik: () => (/* binding */ place),
/* harmony export */   lz: () => (/* binding */ lineLink),
/* harmony export */   xQ: () => (/* binding */ fileAddress)
/* harmony export */ });
/* harmony import */ var _core_linked_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9358);
/* harmony import */ var _markdown_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(99);
/** Links to the Dockerfile's lines at the commit that was built, and to the run. */


/** The same address stands in many rows: a path without end would leave room for nothing else. */
const LONGEST_ADDRESS = 600;
/** The address of a Dockerfile line on GitHub; `undefined` outside a checkout. */
function lineAddress(source, line) {
    const { dockerfileInRepository: path } = source;
    return path === undefined ? undefined : fileAddress(source, path, line);
}
/** The address of a file of the repository, at the commit that was built. */
function fileAddress(source, path, line) {
    const { serverUrl, repository, sha } = source;
    if (serverUrl === undefined || repository === undefined || sha === undefined)
        return undefined;
    if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || !/^[0-9a-f]{7,64}$/i.test(sha))
        return undefined;
    const names = path.split('/').filter((segment) => segment !== '' && segment !== '.');
    // A browser takes `..` out of an address, and would end up in somebody else's repository.
    if (names.includes('..'))
        return undefined;
    const segments = names.map((segment) => encodeURIComponent(segment.toWellFormed()));
    const anchor = line === undefined ? '' : `#L${Math.max(1, Math.trunc(line))}`;
    const address = `${serverUrl.replace(/\/+$/, '')}/${repository}/blob/${sha}/${segments.join('/')}${anchor}`;
    return address.length > LONGEST_ADDRESS ? undefined : address;
}
/** `Dockerfile:24` as plain text on one line. */
function place(source, line) {
    const dockerfile = (0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .inline */ .mG)(source.dockerfile);
    return line === undefined ? dockerfile : `${dockerfile}:${line}`;
}
/** The same of a step or layer; the stage of one of a linked target, whose Dockerfile is another. */
function placeOf(source, { stage, line }) {
    return stage !== undefined && (0,_core_linked_js__WEBPACK_IMPORTED_MODULE_0__/* .isLinkedStep */ .w4)({ stage }) ? (0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .inline */ .mG)(stage) : place(source, line);
}
/** `[Dockerfile:24](…)`. */
function placeLink(source, line) {
    return (0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .link */ .nf)((0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .text */ .Qq)(place(source, line), 200), lineAddress(source, line));
}
/** `[24](…)`, for tables where the file is known from the heading; empty without a line. */
function lineLink(source, line) {
    return line === undefined ? '' : (0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .link */ .nf)(String(line), lineAddress(source, line));
}
/** `[job log](…)`, or the words alone. */
function logLink(report, label = 'job log') {
    return (0,_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .link */ .nf)(label, report.source.runUrl);
}


/***/ }),

/***/ 99:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D_: () => (/* binding */ unbroken),
/* harmony export */   N3: () => (/* binding */ pathCode),
/* harmony export */   P8: () => (/* binding */ visibleLine),
/* harmony export */   Qq: () => (/* binding */ text),
/* harmony export */   V0: () => (/* binding */ sections),
/* harmony export */   _b: () => (/* binding */ mermaidLabel),
/* harmony export */   aY: () => (/* binding */ code),
/* harmony export */   e5: () => (/* binding */ bullets),
/* harmony export */   h8: () => (/* binding */ htmlCode),
/* harmony export */   mG: () => (/* binding */ inline),
/* harmony export */   nf: () => (/* binding */ link),
/* harmony export */   om: () => (/* binding */ block),
/* harmony export */   qy: () => (/* binding */ html),
/* harmony export */   tp: () => (/* binding */ table),
/* harmony export */   vI: () => (/* binding */ shortened),
/* harmony export */   xE: () => (/* binding */ alert),
/* harmony export */   zH: () => (/* binding */ details)
/* harmony export */ });
/* unused harmony export shorten */
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2184);
/**
 * GitHub-flavoured Markdown from strings that nobody vouches for: layer commands, paths, stage and branch names, tags,
 * log lines. Text from outside enters a rendering only through a function of this file.
 *
 * GitHub turns mentions, issue numbers, commit ids, bare addresses, `:shortcodes:` and `$math$` into something else
 * *after* Markdown is parsed, so a backslash does not stop it; inside code it happens nowhere. Hence: names and
 * commands are code spans, and in prose every word that GitHub would turn into something becomes one.
 * https://github.github.com/gfm/ and https://github.com/gjtorikian/html-pipeline (its filters skip `pre`, `code`, `a`)
 */

/** Colours, cursor movements, titles and links of terminals (ECMA-48 control sequences). */
const TERMINAL = /[\u001b\u009b](?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b\u009b\n]{0,4000}(?:\u0007|\u001b\\)|[PX^_][^\u001b\u009b\n]{0,4000}\u001b\\|[ -/]+[0-~]|[0-Z\\-~])?/g;
/** Characters without a shape: controls, bidirectional marks, zero-width, fillers, tags, lone surrogates. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0\u{e0000}-\u{e0fff}]/gu;
/** The joiner inside an emoji is no trick. */
const EMOJI_JOINER = /(?<=\p{Extended_Pictographic}[\ufe0f\u{1f3fb}-\u{1f3ff}]?)\u200d(?=[\p{Extended_Pictographic}♀♂])/gu;
const JOINER_KEPT = '\ufdd0';
function codePoint(character) {
    const hex = (character.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    return hex.length > 4 ? `\\u{${hex}}` : `\\u${hex}`;
}
/** One line of a log as a terminal would show it in the end; what has no shape is written as `\u202e`. */
function visibleLine(line) {
    const drawn = line.replace(/(?<![\r\n])[\r\n]+$/, '');
    return drawn
        .slice(drawn.lastIndexOf('\r') + 1)
        .replace(TERMINAL, '')
        .replace(EMOJI_JOINER, JOINER_KEPT)
        .replace(INVISIBLE, (character) => (character === '\t' ? character : codePoint(character)))
        .replaceAll(JOINER_KEPT, '\u200d');
}
/** A string on one line, blanks folded, what has no shape written as `\u202e`. Plain text, not yet Markdown. */
function inline(value) {
    return visibleLine(value.replace(/[\s\u0085]+/g, ' ')).trim();
}
/** At most `max` characters; the end says what is missing. Never splits a surrogate pair. */
function shorten(value, max) {
    if (value.length <= max)
        return { head: value, omitted: 0 };
    const head = value.slice(0, max).replace(/[\ud800-\udbff]$/, '');
    return { head, omitted: value.length - head.length };
}
/** Where many characters are missing their number is told; for a few the ellipsis is enough. */
function omission(omitted) {
    return omitted < 200 ? '' : ` (${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_0__/* .grouped */ .zD)(omitted)} more characters)`;
}
/** Shortens plain text: `RUN apt-get install …`. */
function shortened(value, max) {
    const { head, omitted } = shorten(value, max);
    return omitted === 0 ? head : `${head.trimEnd()}…${omission(omitted)}`;
}
/** Stands between two code spans that would otherwise grow together; GitHub drops it. */
const SEAM = '<!-- -->';
/** Joins pieces of Markdown so that neighbouring code spans stay two. */
function sewn(pieces) {
    let whole = '';
    for (const piece of pieces)
        whole += whole.endsWith('`') && piece.startsWith('`') ? SEAM + piece : piece;
    return whole;
}
function span(content) {
    const longest = (content.match(/`+/g) ?? []).reduce((length, run) => Math.max(length, run.length), 0);
    const fence = '`'.repeat(longest + 1);
    const padded = content.startsWith('`') || content.endsWith('`') ? ` ${content} ` : content;
    return fence + padded + fence;
}
/** Characters of a code span in a sentence. */
const MOST_CODE = 200;
/** A code span. Safe in text, in a heading, in a link's label and in a table cell made by `table`. */
function code(value, max = MOST_CODE) {
    const { head, omitted } = shorten(inline(value), max);
    if (head === '')
        return '*(empty)*';
    const content = omitted === 0 ? head : `${head.trimEnd()}…`;
    // Parsers disagree about `\|` in a code span in a table cell; a span that ends at the backslash avoids the question.
    const pieces = content.split(/(?<=\\)(?=\|)/);
    // In a cell of a table, where many stand below each other, the link beside it has the whole.
    return sewn(pieces.map(span)) + (max < MOST_CODE ? '' : omission(omitted));
}
/** Characters of a path. */
const MOST_PATH = 90;
/** A path as code. Its end tells more than its beginning. */
function pathCode(path, most = MOST_PATH) {
    return path.length <= most ? code(path, most) : code(`…${path.slice(-most).toWellFormed()}`, most + 1);
}
/** What GitHub would turn into a link, a mention, an emoji or a formula. */
const ALIVE = /@\S|#\w|:\/\/|www\.|:[\w+-]+:|\$|\bgh-\d|(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{7,64}(?![0-9a-z])/i;
function escaped(word) {
    return word
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replace(/[\\`*[\]~#]/g, '\\$&')
        .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, '\\_')
        .replaceAll('|', '&#124;');
}
function word(value) {
    if (!ALIVE.test(value))
        return escaped(value);
    const [, before = '', core = value, after = ''] = /^([("'[<{]*)(.*?)([)"'\]>},.;:!?]*)$/s.exec(value) ?? [];
    return escaped(before) + code(core, core.length) + escaped(after);
}
/**
 * Prose. Markup is escaped; words that GitHub would bring to life become code spans; pairs of backticks stay code
 * spans, so a message may say "add `packages: write`". One line.
 */
function text(value, max = 2000) {
    const { head, omitted } = shorten(inline(value), max);
    const pieces = head
        .split(/(`[^`]*[^`\s][^`]*`)/)
        .flatMap((piece, index) => (index % 2 === 1 ? [code(piece.slice(1, -1))] : piece.split(/(\s+)/).map(word)));
    const line = sewn(pieces) + (omitted === 0 ? '' : `…${omission(omitted)}`);
    // Nothing at the start of a line may open a heading, a list, a rule or a definition.
    return line.replace(/^(\d{1,9})([.)])/, '$1\\$2').replace(/^[+=:-]/, '\\$&');
}
/** Text inside raw HTML (`<summary>`), where Markdown is not parsed. Untrusted strings go through `htmlCode`. */
function html(value) {
    return inline(value)
        .replaceAll('&', '&amp;')
        .replaceAll('<', '&lt;')
        .replaceAll('>', '&gt;')
        .replaceAll('"', '&quot;');
}
/** Code inside raw HTML. */
function htmlCode(value, max = 120) {
    return `<code>${html(shortened(inline(value), max))}</code>`;
}
/** A fenced block, its fence longer than any in the content. Each line is cleaned and, over `maxLine`, shortened. */
function block(lines, language = 'text', maxLine = 500) {
    const content = lines.map((line) => shortened(visibleLine(line), maxLine));
    const longest = content.reduce((length, line) => Math.max(length, ...(line.match(/`+/g) ?? []).map((run) => run.length)), 0);
    const fence = '`'.repeat(Math.max(3, longest + 1));
    return [fence + language, ...content, fence].join('\n');
}
/** A link to an address that we built. Returns the label alone where the address is not http(s). */
function link(label, address) {
    if (address === undefined || !/^https?:\/\/[^\s<>"\\]+$/.test(address))
        return label;
    return `[${label}](${address.replaceAll('(', '%28').replaceAll(')', '%29')})`;
}
/** A table. Cells are Markdown from this file's functions; a row never has more or fewer cells than the header. */
function table(columns, rows) {
    const line = (cells) => `| ${cells.join(' | ')} |`;
    const cell = (value) => value.replace(/(?<!\s)\s*\n\s*/g, ' ').replaceAll('|', '\\|');
    return [
        line(columns.map((column) => cell(column.title))),
        line(columns.map((column) => (column.align === 'right' ? '--:' : ':--'))),
        ...rows.map((row) => line(columns.map((_, index) => cell(row[index] ?? ''))))
    ].join('\n');
}
/** A collapsed section. `title` is raw HTML (`html`, `htmlCode`), `body` is Markdown. */
function details(title, body) {
    return `<details><summary>${title}</summary>\n\n${body}\n\n</details>`;
}
/** One of GitHub's alerts. */
function alert(kind, paragraphs) {
    const lines = paragraphs.flatMap((paragraph, index) => (index === 0 ? [paragraph] : ['', paragraph]));
    return [`[!${kind}]`, ...lines.flatMap((line) => line.split('\n'))]
        .map((line) => (line === '' ? '>' : `> ${line}`))
        .join('\n');
}
/** A list; an item of several lines is indented. */
function bullets(items) {
    return items.map((item) => `- ${item.replace(/\n(?!\n)/g, '\n  ')}`).join('\n');
}
/** Keeps a number and its unit on one line (in a narrow table cell). */
function unbroken(value) {
    return value.replaceAll(' ', '\u00a0');
}
/** Joins the sections that are there with the blank line Markdown needs. */
function sections(parts) {
    return parts.filter((part) => part !== undefined && part !== '').join('\n\n');
}
/**
 * A label in a mermaid chart: letters, digits and a few signs. Everything else could end the label or open a directive.
 * Never starts with a word of mermaid's own grammar.
 */
function mermaidLabel(value, max = 48) {
    const plain = inline(value)
        .replace(/[^\p{L}\p{N} ./_=+,()@&'!*-]/gu, ' ')
        .replace(/\s+/g, ' ')
        .trim();
    const { head, omitted } = shorten(plain, max);
    const label = omitted === 0 ? head : `${head.trimEnd()}…`;
    const ours = /^(?:RUN|COPY|ADD|FROM|WORKDIR|ENV|ARG|USER|LABEL|SHELL|EXPOSE|VOLUME|CMD|ENTRYPOINT)\b/.test(label);
    return ours ? label : `step ${label}`.trim();
}


/***/ }),

/***/ 6867:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Fh: () => (/* binding */ reachedNames),
/* harmony export */   W6: () => (/* binding */ viewsOf),
/* harmony export */   fD: () => (/* binding */ imageViewsOf),
/* harmony export */   xw: () => (/* binding */ reachOf)
/* harmony export */ });
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6153);
/**
 * The one value that the summary, the annotations, the comment and the JSON are renderings of.
 * It holds numbers and plain strings; every renderer escapes for its own surface. Sizes are bytes, times are seconds.
 */

/** How far it got, by the farthest of its ways. */
function reachOf(publish) {
    const { unknown = [] } = publish;
    const { how = [] } = publish.published ? publish : (publish.kept ?? {});
    if (publish.published && (how.includes('push') || how.length === 0))
        return 'pushed';
    if (unknown.length > 0)
        return 'unknown';
    if (how.length === 0)
        return 'nowhere';
    return how.includes('load') ? 'loaded' : 'exported';
}
/** The names that say how far it got: tags, or names in an engine. */
function reachedNames(publish) {
    if (reachOf(publish) === 'unknown')
        return publish.unknown ?? [];
    return publish.published ? publish.tags : (publish.kept?.tags ?? []);
}
/** The report once for each of its images, what failed first. */
function viewsOf(report) {
    const images = imageViewsOf(report);
    const { outcome, builds } = report;
    if (builds.length === 1 || outcome.kind === 'green' || images[0].bystander !== true)
        return images;
    return [viewOfRun(report), ...images.filter((view) => view.images.length > 0)];
}
/** The images alone, also where what failed is none of them. */
function imageViewsOf(report) {
    const { builds, ...run } = report;
    const [first, ...others] = builds;
    // An only image has the name of the run.
    if (others.length === 0)
        return [{ ...first, ...run }];
    const { outcome } = run;
    const view = (build) => ({
        ...(build.own === undefined ? run : (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .without */ .FF)(run, 'tests', 'cacheMounts')),
        ...build,
        ...build.own,
        seconds: { ...run.seconds, phases: run.seconds.phases.filter(({ image = build.name }) => image === build.name) },
        ...(builds.some((other) => other !== build && hasLeft(other)) ? { othersLeft: true } : {})
    });
    if (outcome.kind === 'green')
        return [view(first), ...others.map(view)];
    const bystander = (build) => ({ ...view(build), bystander: true });
    const failed = builds.find(({ name }) => name === outcome.image);
    if (failed === undefined)
        return [bystander(first), ...others.map(bystander)];
    return [view(failed), ...builds.filter((build) => build !== failed).map(bystander)];
}
/** As far as that is known. */
function hasLeft({ publish }) {
    return ['pushed', 'unknown'].includes(reachOf(publish));
}
/** What failed is no image's. */
function viewOfRun({ builds, ...run }) {
    const reached = (...those) => builds.find(({ publish }) => those.includes(reachOf(publish)));
    const { publish } = reached('pushed') ?? reached('unknown') ?? reached('loaded', 'exported') ?? builds[0];
    return { ...run, images: [], verdict: [], advice: [], publish };
}


/***/ }),

/***/ 8667:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D: () => (/* binding */ adviceLine),
/* harmony export */   x: () => (/* binding */ renderAdvice)
/* harmony export */ });
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2184);
/** Advice on the Dockerfile and the image, ours and BuildKit's, collapsed. Nothing fails because of it. */




/** The section; `undefined` where nobody has any. */
function renderAdvice(report, detail) {
    const { advice } = report;
    const { findings } = report.lint;
    const number = advice.length + findings.length;
    if (number === 0)
        return undefined;
    const title = `Advice: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(number, 'finding')} (nothing fails because of ${number === 1 ? 'it' : 'them'})`;
    if (!detail.collapsed)
        return `${title}.`;
    const own = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(advice, detail.rows);
    const theirs = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(findings, detail.rows);
    const [example] = advice;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .details */ .zH)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .html */ .qy)(title), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([
        listOf(own.shown.map((item) => adviceLine(report, item)), own.more),
        advice.length > 0 && findings.length > 0 ? '**BuildKit’s own checks**' : undefined,
        listOf(theirs.shown.map((finding) => findingLine(report, finding)), theirs.more),
        `To ignore one, name it in the first line of the Dockerfile: \`# check=skip=${ruleName(example?.rule ?? findings[0]?.rule)}\`.`
    ]));
}
function ruleName(rule) {
    return rule !== undefined && /^\w+$/.test(rule) ? rule : 'NAME';
}
function listOf(items, more) {
    return items.length === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .bullets */ .e5)([...items, ...(more > 0 ? [`and ${more} more`] : [])]);
}
/** `**41.2 MB** [Dockerfile:18](…) The cache of pip … Mount it …. `PackageCacheInLayer``. */
function adviceLine(report, item) {
    return [
        item.bytes === undefined || item.bytes <= 0 ? '' : `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(item.bytes))}**`,
        item.line === undefined ? '' : (0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .placeLink */ .aE)(report.source, item.line),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(`${ended(item.message)} ${item.fix}`, 700),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(item.rule, 60)
    ]
        .filter((part) => part !== '')
        .join(' ');
}
function ended(message) {
    return /[.!?:]$/.test(message) ? message : `${message}.`;
}
function findingLine(report, finding) {
    const rule = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .link */ .nf)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(finding.rule, 80), ruleAddress(finding.url));
    return `${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .placeLink */ .aE)(report.source, finding.line)} ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(finding.message, 500)} ${rule}`;
}
/** BuildKit names the page of each rule; a custom frontend could name any page. */
function ruleAddress(url) {
    return url !== undefined && /^https:\/\/docs\.docker\.com\/[\w./-]+$/.test(url) ? url : undefined;
}


/***/ }),

/***/ 406:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Bg: () => (/* binding */ budgetSentence),
/* harmony export */   Hb: () => (/* binding */ budgetStory),
/* harmony export */   k1: () => (/* binding */ budgetHeadline)
/* harmony export */ });
/* harmony import */ var _advice_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8667);
/* harmony import */ var _contents_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5229);
/* harmony import */ var _difference_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9580);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2054);
/* harmony import */ var _layers_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6905);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(2184);
/* harmony import */ var _judge_index_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(8067);
/* harmony import */ var _verdict_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(4910);
/* harmony import */ var _why_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(6441);
/* harmony import */ var _format_instruction_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(3020);
/** The red report of an image over its budget: by how much, and what to shrink first. */












/** Rows of what to shrink. */
const FIRST = 5;
/** Part of the image below which a layer is not worth looking at. */
const WORTH = 0.005;
/** The parts of the story, below the heading. */
function budgetStory(report, broken, detail) {
    const image = report.images.find(({ platform }) => platform === broken[0]?.platform) ?? (0,_verdict_js__WEBPACK_IMPORTED_MODULE_7__/* .heaviest */ .iS)(report.images);
    const platform = report.images.length > 1 && image !== undefined ? ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .code */ .aY)(image.platform, 60)})` : '';
    return [
        introduction(report, broken),
        ruleTable(report, broken, detail),
        (0,_difference_js__WEBPACK_IMPORTED_MODULE_2__/* .renderNotCompared */ .pz)(report),
        (0,_why_js__WEBPACK_IMPORTED_MODULE_8__/* .renderWhy */ .f)(report, detail),
        wayOut(broken),
        image === undefined || broken.every(({ leads }) => leads.every((lead) => lead === 'growth'))
            ? undefined
            : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .sections */ .V0)([`### What to shrink first${platform}`, ...shrink(report, image, broken, detail)])
    ];
}
/** Of growth, a reader wants to see both sizes. */
function introduction(report, broken) {
    const compared = (0,_difference_js__WEBPACK_IMPORTED_MODULE_2__/* .comparedIn */ .ZN)(report);
    const sizes = broken.flatMap((rule) => {
        const difference = compared?.differences.find(({ platform }) => platform === rule.platform);
        return leadsTo(rule, 'growth') && difference !== undefined ? [difference.size] : [];
    });
    const [size] = sizes;
    if (compared === undefined || size === undefined || broken.length > 1) {
        return 'The image was built, but not within its budget.';
    }
    const name = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .text */ .Qq)((0,_difference_js__WEBPACK_IMPORTED_MODULE_2__/* .baselineTitle */ .mi)(compared), 100);
    return `The image was built, but it has grown too much: **${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .bytes */ .ee)(size.now))}**, and ${name} has **${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .bytes */ .ee)(size.before))}**.`;
}
/** What else can be done: growth can be wanted, and then the way out must be there. */
function wayOut(broken) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .sections */ .V0)([...new Set(broken.map((limit) => limit.wayOut))]);
}
function leadsTo({ leads }, lead) {
    return leads.includes(lead);
}
function ruleTable(report, broken, detail) {
    const passed = (0,_judge_index_js__WEBPACK_IMPORTED_MODULE_6__/* .judgedLimits */ .I9)(report.verdict).filter((limit) => limit.passed);
    const several = report.images.length > 1;
    const columns = [
        { title: 'Rule', align: 'left' },
        { title: 'Measured', align: 'right' },
        { title: 'Limit', align: 'right' },
        { title: 'Too much', align: 'left' },
        ...(several ? [{ title: 'Platform', align: 'left' }] : [])
    ];
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_3__/* .capped */ .uo)([...broken, ...passed], detail.rows);
    const rows = shown.map((rule) => {
        const strong = (words) => (rule.passed ? words : `**${words}**`);
        return [
            `${rule.title} (\`${rule.rule}\`)`,
            strong((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)(rule.measured)),
            (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)(rule.limit),
            rule.passed
                ? 'kept'
                : `${strong((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)(rule.over))}${rule.proportion === undefined ? '' : `, ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)(rule.proportion)}`}`,
            (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .code */ .aY)(rule.platform, 60)
        ];
    });
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .sections */ .V0)([(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .table */ .tp)(columns, rows), more === 0 ? undefined : `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .count */ .U9)(more, 'more rule')}.`]);
}
/** What to look at first: the sections that the broken rules lead to. */
function shrink(report, image, broken, detail) {
    const leading = (lead) => broken.find((limit) => leadsTo(limit, lead) && limit.platform === image.platform);
    const base = leading('base');
    const costly = report.advice
        .filter(({ bytes: cost = 0, rule }) => leading('advice') === undefined
        ? leading('copies') !== undefined && rule.startsWith('FilesCopiedBy')
        : (0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .share */ .uM)(cost, image.size) >= WORTH)
        .slice(0, FIRST);
    const led = (lead, section) => leading(lead) === undefined ? undefined : section();
    return [
        bulleted([
            ...(base === undefined ? [] : baseRemark(image, base)),
            ...costly.map((item) => (0,_advice_js__WEBPACK_IMPORTED_MODULE_0__/* .adviceLine */ .D)(report, item))
        ]),
        led('joinable', () => joinable(report, image)),
        led('reclaimable', () => titled('Bytes that no container sees', (0,_contents_js__WEBPACK_IMPORTED_MODULE_1__/* .reclaimable */ .qQ)(report, image, detail, FIRST))),
        led('largest-layers', () => titled('Your largest layers', largestLayers(report, image, detail))),
        led('largest-files', () => titled('Your largest files', (0,_contents_js__WEBPACK_IMPORTED_MODULE_1__/* .biggestFiles */ .lQ)(report, image, detail, FIRST))),
        detail.collapsed ? (0,_contents_js__WEBPACK_IMPORTED_MODULE_1__/* .contentsOf */ .KD)(report, image, detail) : undefined
    ];
}
function bulleted(items) {
    return items.length === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .bullets */ .e5)(items);
}
function titled(title, body) {
    return body === undefined ? undefined : `**${title}**\n\n${body}`;
}
/** Where the base alone is over the limit, nothing in the Dockerfile's own lines helps. */
function baseRemark(image, rule) {
    const base = image.layers.filter((layer) => layer.base).reduce((sum, layer) => sum + layer.size, 0);
    // The excess and more would have to come from the base.
    if (base < image.size - rule.excess)
        return [];
    const name = image.base === undefined ? 'The base image' : `The base image ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .code */ .aY)(image.base, 100)}`;
    return [
        `${name} alone has **${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .bytes */ .ee)(base))}**: only a smaller one (\`-slim\`, distroless, \`scratch\`) helps.`
    ];
}
function largestLayers(report, image, detail) {
    const [largest, ...others] = ownBySize(image);
    const own = [
        ...(largest === undefined ? [] : [largest]),
        ...others.filter(({ size }) => (0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .share */ .uM)(size, image.size) >= WORTH)
    ].slice(0, Math.min(detail.rows, FIRST));
    if (own.length === 0)
        return undefined;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .table */ .tp)([
        { title: 'Size', align: 'right' },
        { title: 'Made by', align: 'left' },
        { title: 'Share', align: 'right' }
    ], own.map((layer) => [
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .bytes */ .ee)(layer.size)),
        (0,_layers_js__WEBPACK_IMPORTED_MODULE_4__/* .layerCode */ .TE)(report, layer),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .percent */ .KN)(layer.size, image.size))
    ]));
}
function ownBySize(image) {
    return image.layers.filter(({ base, size }) => !base && size > 0).sort((a, b) => b.size - a.size);
}
/** Neighbours of one kind that one instruction could do. */
function joinable(report, image) {
    const groups = [];
    for (const layer of image.layers.filter(({ base }) => !base)) {
        const last = groups.at(-1);
        const before = last?.at(-1);
        const same = before !== undefined && keywordOf(before) === keywordOf(layer) && before.stage === layer.stage;
        if (same && /^(?:RUN|COPY)$/.test(keywordOf(layer)))
            last?.push(layer);
        else
            groups.push([layer]);
    }
    const items = groups
        .filter((group) => group.length > 1)
        .sort((a, b) => b.length - a.length)
        .slice(0, FIRST)
        .map((group) => {
        const lines = group.flatMap(({ line }) => (line === undefined ? [] : [(0,_format_links_js__WEBPACK_IMPORTED_MODULE_5__/* .lineLink */ .lz)(report.source, line)]));
        const where = lines.length === 0 ? '' : `Lines ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .enumerated */ .BD)(lines.slice(0, 12))}: `;
        return `${where}${group.length} \`${keywordOf(group[0])}\` steps in a row can be one, with one layer`;
    });
    return items.length === 0 ? undefined : titled('Layers that can be one', (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .bullets */ .e5)(items));
}
function keywordOf(layer) {
    return /^[A-Z]+/i.exec(layer?.instruction ?? '')?.[0].toUpperCase() ?? '';
}
/** `the image is 62.4 MB over its limit of 250 MB`. Plain text. */
function budgetHeadline(broken) {
    const names = new Set(broken.map(({ rule }) => rule));
    const [first] = broken.toSorted((a, b) => b.excess - a.excess);
    if (first === undefined || names.size > 1)
        return `the image breaks ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .count */ .U9)(names.size, 'limit')} of its budget`;
    return first.headline;
}
/** One broken rule as a plain sentence, and the line of the layer to look at first. */
function budgetSentence(report, rule) {
    const image = report.images.find(({ platform }) => platform === rule.platform);
    if (leadsTo(rule, 'growth'))
        return growthSentence(report, rule, image);
    const [largest, ...others] = image === undefined ? [] : ownBySize(image).slice(0, 3);
    const on = report.images.length > 1 ? ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .inline */ .mG)(rule.platform)})` : '';
    const head = `${rule.title}${on}: ${rule.measured}, limit: ${rule.limit}, ${rule.over} over.`;
    if (largest === undefined)
        return { message: head };
    const layers = [largest, ...others].map((layer) => `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .bytes */ .ee)(layer.size)} ${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_5__/* .placeOf */ .$t)(report.source, layer)} ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .shortened */ .vI)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .inline */ .mG)((0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_11__/* .briefInstruction */ .ZM)(layer.instruction)), 120)}`);
    return {
        message: [head, 'Your largest layers:', ...layers].join('\n'),
        layer: largest
    };
}
/** What grew is what to look at, not what is large. */
function growthSentence(report, rule, image) {
    const difference = image === undefined ? undefined : (0,_difference_js__WEBPACK_IMPORTED_MODULE_2__/* .differenceOf */ .Pq)(report, image);
    const on = report.images.length > 1 ? ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .inline */ .mG)(rule.platform)})` : '';
    const head = `${rule.title}${on}: ${rule.measured}, limit: ${rule.limit}, ${rule.over} over.`;
    const grown = (difference?.byInstruction ?? []).flatMap((change) => change.kind === 'removed' || change.size <= 0 ? [] : [{ size: change.size, layer: change.layer }]);
    const below = difference?.baseUnknown === true ? 'the layers below your own' : 'the base image';
    const base = difference === undefined || difference.base <= 0 ? [] : [`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .signedBytes */ .Sq)(difference.base)} ${below}`];
    const layers = grown
        .slice(0, 3)
        .map(({ size, layer }) => `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .signedBytes */ .Sq)(size)} ${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_5__/* .placeOf */ .$t)(report.source, layer)} ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .shortened */ .vI)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_9__/* .inline */ .mG)((0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_11__/* .briefInstruction */ .ZM)(layer.instruction)), 120)}`);
    const layer = grown[0]?.layer;
    const what = [...layers, ...base];
    return {
        message: what.length === 0 ? head : [head, 'What grew:', ...what].join('\n'),
        ...(layer === undefined ? {} : { layer })
    };
}


/***/ }),

/***/ 5229:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   KD: () => (/* binding */ contentsOf),
/* harmony export */   lQ: () => (/* binding */ biggestFiles),
/* harmony export */   qQ: () => (/* binding */ reclaimable),
/* harmony export */   ze: () => (/* binding */ renderContents)
/* harmony export */ });
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2054);
/* harmony import */ var _layers_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6905);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2184);
/** What is in an image, collapsed: its biggest files, what it ships without any use, and what brought it in. */




/** What is smaller is not worth a row. */
const LEAST_BYTES = 1000;
/** Rows of each table. */
const ROWS = 10;
const SIZE = { title: 'Size', align: 'right' };
const MADE_BY = { title: 'Made by', align: 'left' };
/** What is in the image on each platform. */
function renderContents(report, detail) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)(report.images.slice(0, detail.layerTables).map((image) => contentsOf(report, image, detail)));
}
/** The collapsed section of one; `undefined` where there is nothing to tell. */
function contentsOf(report, image, detail) {
    const parts = [
        part('Biggest files of your own layers', biggestFiles(report, image, detail)),
        part('Biggest directories of your own', biggestDirectories(image, detail)),
        part('Reclaimable: bytes that no container sees', reclaimable(report, image, detail)),
        part('Shipped twice with the same content', copies(report, image, detail)),
        part('The same content under several names', duplicates(report, image, detail)),
        part('Caches of package managers', packageCaches(report, image, detail))
    ].filter((each) => each !== undefined);
    if (parts.length === 0)
        return undefined;
    const { own } = image.figures.reclaimable;
    const facts = `biggest files, ${own > 0 ? `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(own)} reclaimable` : 'nothing reclaimable'}`;
    const title = report.images.length > 1 ? `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .htmlCode */ .h8)(image.platform)}: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .html */ .qy)(facts)}` : `Contents: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .html */ .qy)(facts)}`;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .details */ .zH)(title, (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)(parts));
}
function part(title, body) {
    return body === undefined ? undefined : `**${title}**\n\n${body}`;
}
/** The largest files that a container sees, of own layers. */
function biggestFiles(report, image, detail, most = ROWS) {
    const own = image.figures.biggestFiles.own.filter(({ size }) => size >= LEAST_BYTES);
    if (own.length === 0)
        return undefined;
    return listed([SIZE, { title: 'File', align: 'left' }, MADE_BY], own, Math.min(detail.rows, most), ({ path, size, layer }) => [(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(size)), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .pathCode */ .N3)(path), madeBy(report, image, layer)]);
}
function biggestDirectories(image, detail) {
    const own = image.figures.biggestDirectories.own.filter((directory) => directory.own >= LEAST_BYTES);
    if (own.length === 0)
        return undefined;
    const columns = [SIZE, { title: 'Directory', align: 'left' }];
    return listed(columns, own, Math.min(detail.rows, ROWS), (directory) => [
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(directory.own)),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .pathCode */ .N3)(directory.path)
    ]);
}
/** What own layers hold without any use: each path with the layers that have a copy. */
function reclaimable(report, image, detail, most = ROWS) {
    const { own, base, paths } = image.figures.reclaimable;
    const inBase = base > 0 ? `The base image has ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(base)} more of it; only another base image changes that.` : undefined;
    const mine = paths.filter((path) => path.own >= LEAST_BYTES).sort((a, b) => b.own - a.own);
    if (mine.length === 0)
        return own === 0 ? inBase : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)([`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(own)} in small pieces.`, inBase]);
    const columns = [
        SIZE,
        { title: 'Path', align: 'left' },
        { title: 'In layers', align: 'left' },
        { title: 'Made useless by', align: 'left' }
    ];
    const rows = listed(columns, mine, Math.min(detail.rows, most), (path) => [
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(path.own)),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .pathCode */ .N3)(path.path),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .unbroken */ .D_)(heldBy(path.layers)),
        path.deleted ? deletedBy(report, image, path.deletedBy) : replacedBy(report, image, path)
    ]);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)([rows, inBase]);
}
function deletedBy(report, image, layer) {
    const by = madeBy(report, image, layer);
    return by === '' ? 'a later layer deletes it' : `${by} deletes it`;
}
/** What made the copy that is left, or the folder or link that is there instead. */
function replacedBy(report, image, { layers, replacedBy: other }) {
    const by = madeBy(report, image, layers.findLast(({ live }) => live)?.index ?? other);
    return by === '' ? 'a later layer replaces it' : by;
}
/** `5, 6 and 7`, counted from 1 as in the layer table. */
function heldBy(layers) {
    const numbers = layers.map(({ index }) => String(index + 1));
    return numbers.length > 6 ? `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(numbers.length, 'layer')}` : (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .enumerated */ .BD)(numbers);
}
function copies(report, image, detail) {
    const copied = image.layers
        .filter(({ base, copies: { size } }) => !base && size >= LEAST_BYTES)
        .sort((a, b) => b.copies.size - a.copies.size);
    if (copied.length === 0)
        return undefined;
    const columns = [
        SIZE,
        MADE_BY,
        { title: 'Files', align: 'right' },
        { title: 'Changed', align: 'left' },
        { title: 'Largest', align: 'left' }
    ];
    return listed(columns, copied, Math.min(detail.rows, ROWS), (layer) => {
        const { size, files, chown, chmod, attributes, paths } = layer.copies;
        const changed = [
            ...(chown.files > 0 ? ['owner'] : []),
            ...(chmod.files > 0 ? ['mode'] : []),
            ...(attributes === undefined ? [] : ['extended attributes (capabilities)'])
        ];
        const [largest] = paths;
        return [
            (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(size)),
            (0,_layers_js__WEBPACK_IMPORTED_MODULE_1__/* .layerCode */ .TE)(report, layer),
            (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .grouped */ .zD)(files),
            changed.length === 0 ? 'nothing but times' : (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .enumerated */ .BD)(changed),
            largest === undefined ? '' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .pathCode */ .N3)(largest.path)
        ];
    });
}
/** What is smaller in all is chance: empty packages, licences. */
const LEAST_DUPLICATES = 100_000;
function duplicates(report, image, detail) {
    const found = image.figures.duplicates;
    if (found === undefined || found.size < LEAST_DUPLICATES)
        return undefined;
    const columns = [
        SIZE,
        { title: 'Copies', align: 'right' },
        { title: 'Paths', align: 'left' },
        { title: 'Last one by', align: 'left' }
    ];
    const rows = listed(columns, found.contents, Math.min(detail.rows, ROWS), ({ size, copies, paths, layer }) => [
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(size)),
        (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .grouped */ .zD)(copies),
        `${paths.map((path) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .pathCode */ .N3)(path)).join('<br>')}${copies > paths.length ? '<br>…' : ''}`,
        madeBy(report, image, layer)
    ]);
    const words = `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(found.size)} in ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(found.files, 'file')} that a link, or one copy, would save.`;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)([words, rows]);
}
function packageCaches(report, image, detail) {
    const caches = image.figures.packageCaches.filter(({ size }) => size >= LEAST_BYTES);
    if (caches.length === 0)
        return undefined;
    const columns = [SIZE, { title: 'Path', align: 'left' }, { title: 'Of', align: 'left' }, MADE_BY];
    return listed(columns, caches, Math.min(detail.rows, ROWS), ({ size, live, path, kind, layers }) => [
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(size)),
        `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .pathCode */ .N3)(path)}${live === 0 ? ' (deleted, but in the image)' : ''}`,
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(kind, 40),
        madeBy(report, image, layers[0])
    ]);
}
/** What made a layer: the line and the instruction. */
function madeBy(report, image, index) {
    const layer = index === undefined ? undefined : image.layers[index];
    return layer === undefined ? '' : (0,_layers_js__WEBPACK_IMPORTED_MODULE_1__/* .layerCode */ .TE)(report, layer, 44);
}
function listed(columns, items, most, row) {
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(items, most);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)([(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .table */ .tp)(columns, shown.map(row)), more === 0 ? undefined : `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .grouped */ .zD)(more)} more.`]);
}


/***/ }),

/***/ 9580:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   FD: () => (/* binding */ baselineSentence),
/* harmony export */   IV: () => (/* binding */ changedLayer),
/* harmony export */   Pq: () => (/* binding */ differenceOf),
/* harmony export */   Ri: () => (/* binding */ baselineName),
/* harmony export */   ZN: () => (/* binding */ comparedIn),
/* harmony export */   mF: () => (/* binding */ changeWords),
/* harmony export */   m_: () => (/* binding */ isSameImage),
/* harmony export */   mi: () => (/* binding */ baselineTitle),
/* harmony export */   pz: () => (/* binding */ renderNotCompared)
/* harmony export */ });
/* harmony import */ var _format_instruction_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3020);
/* harmony import */ var _increase_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8423);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2184);






/** Names in a sentence. */
const SENTENCES = 5;
/** The comparison, where there is one. */
function comparedIn(report) {
    return report.comparison?.kind === 'compared' ? report.comparison : undefined;
}
/** The difference on an image's platform. */
function differenceOf(report, image) {
    return comparedIn(report)?.differences.find(({ platform }) => platform === image.platform);
}
/** `main @ 3f2c1a9`: heads a column. Plain text. */
function baselineTitle({ baseline }) {
    if (baseline.kind === 'commit')
        return `${baseline.branch} @ ${short(baseline.sha)}`;
    const digest = baseline.digest?.replace(/^sha256:/, '').slice(0, 12);
    return digest === undefined ? nameOf(baseline.reference) : `${nameOf(baseline.reference)} @ ${digest}`;
}
/** `main`. Plain text. */
function baselineName({ baseline }) {
    return baseline.kind === 'commit' ? baseline.branch : nameOf(baseline.reference);
}
/** A reference without its digest. */
function nameOf(reference) {
    return reference.replace(/@.*$/s, '');
}
function short(sha) {
    return sha.slice(0, 7);
}
/** How the baseline is related to the change, as a clause. */
function relationOf({ baseline }) {
    if (baseline.kind === 'image') {
        return baseline.digest === undefined ? 'read from the registry' : `read from the registry as ${baseline.digest}`;
    }
    const { relation } = baseline;
    if (relation.kind === 'base')
        return 'the commit this change is based on';
    if (relation.base === undefined)
        return 'the newest stored report of that branch';
    const base = `(${short(relation.base)})`;
    if (relation.behind === undefined) {
        return `the newest stored report of that branch: the commit this change is based on ${base} has none, and how far apart they are is not known here (a deeper checkout, \`fetch-depth\`, may tell)`;
    }
    const before = `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(relation.behind, 'commit')} before the one this change is based on ${base}`;
    return relation.kind === 'ancestor'
        ? `${before}, which has no stored report`
        : `${before}; no nearer one has a stored report`;
}
/** Neither a figure nor a layer differs, on any platform. */
function isSameImage(report) {
    const compared = comparedIn(report);
    if (compared === undefined || compared.differences.length === 0)
        return false;
    return compared.added.length === 0 && compared.removed.length === 0 && compared.differences.every(({ same }) => same);
}
/** `14.1 MB smaller than main`, for the headline; `undefined` where nothing was compared. Plain text. */
function changeWords(report) {
    const compared = comparedIn(report);
    if (compared === undefined || compared.differences.length === 0)
        return undefined;
    const name = baselineName(compared);
    if (isSameImage(report))
        return `same image as ${name}`;
    const changes = compared.differences.map(({ size }) => size.change);
    const [least, most] = [Math.min(...changes), Math.max(...changes)];
    if (least === 0 && most === 0)
        return `same size as ${name}`;
    if (least < 0 && most > 0)
        return `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(-least)} smaller to ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(most)} larger than ${name}`;
    const [near, far] = most > 0 ? [(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(least), (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(most)] : [(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(-most), (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(-least)];
    const words = near === far ? far : least === 0 || most === 0 ? `up to ${far}` : `${near} to ${far}`;
    return `${words} ${most > 0 ? 'larger' : 'smaller'} than ${name}`;
}
/** Why nothing was compared, or which platforms were not; `undefined` where there is nothing to say. */
function renderNotCompared(report) {
    const { comparison } = report;
    if (comparison === undefined)
        return undefined;
    if (comparison.kind === 'none') {
        const reason = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .text */ .Qq)(comparison.reason.replace(/\.$/, ''), 300);
        return warned(report, `**Not compared with a baseline**: ${reason}.`);
    }
    const name = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .text */ .Qq)(baselineName(comparison), 100);
    const named = (platforms) => {
        const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(platforms, SENTENCES);
        return (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .enumerated */ .BD)([...shown.map((each) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .code */ .aY)(each, 60)), ...(more > 0 ? [`${more} more`] : [])]);
    };
    const { added, removed } = comparison;
    const sentences = [
        ...(added.length === 0 ? [] : [`Not compared: ${named(added)}, which ${name} does not have.`]),
        ...(removed.length === 0 ? [] : [`No longer built: ${named(removed)}, which ${name} has.`])
    ];
    return sentences.length === 0 ? undefined : warned(report, sentences.join(' '));
}
/** Where a limit depends on the comparison, that there was none must not be overlooked. */
function warned(report, sentence) {
    const consequence = (0,_increase_js__WEBPACK_IMPORTED_MODULE_0__/* .unjudgedWords */ .wz)(report);
    return consequence === '' ? sentence : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .alert */ .xE)('WARNING', [`${sentence}${consequence}`]);
}
/** For the small print: which baseline was used, and how far behind it is. Plain text. */
function baselineSentence(report) {
    const compared = comparedIn(report);
    return compared === undefined ? [] : [`Baseline: ${baselineTitle(compared)}, ${relationOf(compared)}.`];
}
/** `[31](…) COPY ./app /app`. A layer that is gone has no line in this Dockerfile. */
function changedLayer(report, change, max = 64) {
    const layer = change.kind === 'removed' ? change.before : change.layer;
    const words = layer.base ? (0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_5__/* .historyInstruction */ .z9)(layer.instruction) : (0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_5__/* .briefInstruction */ .ZM)(layer.instruction);
    const line = change.kind === 'removed' ? '' : (0,_format_links_js__WEBPACK_IMPORTED_MODULE_2__/* .lineLink */ .lz)(report.source, layer.line);
    return [line, (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .code */ .aY)(words, max)].filter((part) => part !== '').join(' ');
}


/***/ }),

/***/ 8179:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   L4: () => (/* binding */ stateOf),
/* harmony export */   Ni: () => (/* binding */ failureHeadline),
/* harmony export */   PF: () => (/* binding */ SYMBOL),
/* harmony export */   Pl: () => (/* binding */ headline),
/* harmony export */   Q0: () => (/* binding */ isCachedPass),
/* harmony export */   R_: () => (/* binding */ heading),
/* harmony export */   Vj: () => (/* binding */ verdictOf),
/* harmony export */   Wv: () => (/* binding */ headingWithin),
/* harmony export */   ZA: () => (/* binding */ isContradicted),
/* harmony export */   ay: () => (/* binding */ stateOfRun),
/* harmony export */   pJ: () => (/* binding */ endOf)
/* harmony export */ });
/* harmony import */ var _tests_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5614);
/* harmony import */ var _trial_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(6843);
/* harmony import */ var _twice_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5199);
/* harmony import */ var _failure_failure_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(4592);
/* harmony import */ var _budget_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(406);
/* harmony import */ var _difference_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(9580);
/* harmony import */ var _leaks_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(3119);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(99);
/* harmony import */ var _model_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6867);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(2184);
/* harmony import */ var _judge_index_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(8067);
/** The verdict in one line: the summary's heading, the last line of the log, later a commit status. Plain text. */











/** Told apart by shape, not only by colour. */
const SYMBOL = {
    green: '✅',
    warning: '⚠️',
    red: '❌',
    neutral: '⚪\ufe0f'
};
/** A handed-on report says green, and GitHub says that its run did not succeed: a report can be made up. */
function isContradicted({ outcome, relayed }) {
    return outcome.kind === 'green' && relayed !== undefined && relayed.conclusion !== 'success';
}
/** How a run ended: `failed`, `timed out`. */
function endOf({ conclusion }) {
    switch (conclusion) {
        case 'success':
            return 'succeeded';
        case 'failure':
        case 'startup_failure':
            return 'failed';
        case 'cancelled':
            return 'was cancelled';
        case 'timed_out':
            return 'timed out';
        default:
            return `ended as "${conclusion.replaceAll('_', ' ')}"`;
    }
}
/** The worst first. */
const STATES = ['red', 'warning', 'neutral', 'green'];
/** The state of a run: the worst of its images. */
function stateOfRun(report) {
    const states = (0,_model_js__WEBPACK_IMPORTED_MODULE_6__/* .viewsOf */ .W6)(report).map(stateOf);
    return STATES.find((state) => states.includes(state)) ?? 'neutral';
}
/** The state of an image, for the symbol beside its headline. */
function stateOf(report) {
    if (report.bystander === true)
        return 'neutral';
    if (report.outcome.kind === 'red')
        return report.outcome.failure.kind === 'cancelled' ? 'neutral' : 'red';
    if (leaksOf(report).length > 0 || (0,_tests_js__WEBPACK_IMPORTED_MODULE_0__/* .failsBesideGate */ .zm)(report) || isContradicted(report))
        return 'warning';
    return report.gate.verdict === 'passed' ? 'green' : 'neutral';
}
/** `app: tests passed, 201.3 MB`. Not escaped: each surface escapes for itself. */
function headlineOf(report) {
    return `${report.name}: ${verdictOf(report)}`;
}
/** The same without the name. */
function verdictOf(report) {
    const { outcome } = report;
    if (outcome.kind === 'green')
        return greenVerdict(report);
    return report.bystander === true ? withheldVerdict(report, outcome) : redVerdict(report, outcome.failure);
}
/** The same of a whole run. */
function headline(report) {
    return (0,_model_js__WEBPACK_IMPORTED_MODULE_6__/* .viewsOf */ .W6)(report).map(headlineOf).join('; ');
}
/** As it heads a summary or a comment. */
function heading(report) {
    return headingWithin(report, 400);
}
/** Of at most so many characters. */
function headingWithin(report, max) {
    return `## ${SYMBOL[stateOf(report)]} ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_7__/* .text */ .Qq)(headlineOf(report), max)}`;
}
function leaksOf(report) {
    return report.images.flatMap(({ figures }) => figures.leaks);
}
function greenVerdict(report) {
    const leaks = leaksOf(report);
    const tested = testedVerdict(report);
    const verdict = leaks.length === 0 ? tested : `${(0,_leaks_js__WEBPACK_IMPORTED_MODULE_4__/* .leakHeadline */ .mx)(leaks)}; ${tested}`;
    if (report.relayed === undefined || !isContradicted(report))
        return verdict;
    return `the workflow run ${endOf(report.relayed)}; its report says: ${verdict}`;
}
function testedVerdict(report) {
    const weight = weightOf(report);
    if (report.gate.verdict !== 'passed')
        return weight === undefined ? 'nothing was built' : `${weight}, not tested`;
    const passed = passedWords(report);
    return weight === undefined ? `${passed}, no image was asked for` : `${passed}, ${weight}`;
}
/** Never that tests passed where their own report names some that did not. */
function passedWords(report) {
    if ((0,_tests_js__WEBPACK_IMPORTED_MODULE_0__/* .failsBesideGate */ .zm)(report))
        return `tests failed (${(0,_tests_js__WEBPACK_IMPORTED_MODULE_0__/* .testWords */ .Kp)(report) ?? ''}), and the gate passed`;
    return isCachedPass(report) ? 'tests passed (cached)' : 'tests passed';
}
/** True when no test ran now: every test stage came from the cache. */
function isCachedPass(report) {
    const { targets } = report.gate;
    return targets.length > 0 && targets.every((target) => target.result === 'cached');
}
/** `201.3 MB, 14.1 MB smaller than main`. */
function weightOf(report) {
    const parts = [sizesOf(report), (0,_difference_js__WEBPACK_IMPORTED_MODULE_3__/* .changeWords */ .mF)(report)].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join(', ');
}
function sizesOf(report) {
    const [first] = report.images;
    if (first === undefined)
        return undefined;
    if (report.images.length === 1)
        return (0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .bytes */ .ee)(first.size);
    if (report.images.length === 2) {
        return (0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .enumerated */ .BD)(report.images.map((image) => `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .bytes */ .ee)(image.size)} (${image.platform})`));
    }
    const sizes = report.images.map((image) => image.size);
    return `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .bytes */ .ee)(Math.min(...sizes))} to ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .bytes */ .ee)(Math.max(...sizes))} on ${report.images.length} platforms`;
}
function redVerdict(report, failure) {
    const what = failureHeadline(report, failure);
    const { publish, othersLeft = false } = report;
    switch ((0,_model_js__WEBPACK_IMPORTED_MODULE_6__/* .reachOf */ .xw)(publish)) {
        case 'nowhere':
            return `${what}, ${othersLeft ? 'and this image was not published' : 'nothing was published'}`;
        case 'pushed':
            return `${what} after tags had been published`;
        case 'unknown':
            return `${what}, and whether ${othersLeft ? 'this image' : 'the image'} was published is not known`;
        case 'loaded':
            return `${what}, only the local engine has the image`;
        case 'exported':
            return `${what}, only files have the image`;
    }
}
/** An image that nothing is wrong with, in a run that failed. */
function withheldVerdict(report, { image, failure }) {
    const why = failure.kind === 'cancelled' ? 'the run was cancelled' : `${image ?? 'the run'} failed`;
    const ends = {
        nowhere: `not published, since ${why}`,
        pushed: `published before ${why}`,
        unknown: `whether it was published is not known, since ${why}`,
        loaded: `only the local engine has it, since ${why}`,
        exported: `only files have it, since ${why}`
    };
    const end = ends[(0,_model_js__WEBPACK_IMPORTED_MODULE_6__/* .reachOf */ .xw)(report.publish)];
    if (report.gate.verdict === 'failed')
        return `the tests failed, too; ${end}`;
    if (report.images.length > 0)
        return `${testedVerdict(report)}; ${end}`;
    // Asked for or not: the run ended before it was looked into.
    return report.gate.verdict === 'passed' ? `${passedWords(report)}; ${end}` : end;
}
/** What went wrong, in a few words: `the tests failed`. */
function failureHeadline(report, failure) {
    switch (failure.kind) {
        case 'input':
            return failure.problems.length === 1
                ? 'an input is wrong'
                : `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .count */ .U9)(failure.problems.length, 'input')} are wrong`;
        case 'test':
            return testHeadline(report, failure.step.stage);
        case 'build':
            return failure.step?.stage === undefined ? 'the build failed' : `the build failed (${failure.step.stage})`;
        case 'dockerfile':
            return 'the Dockerfile has an error';
        case 'registry':
            return (0,_failure_failure_js__WEBPACK_IMPORTED_MODULE_9__/* .isPush */ .n)(failure) ? 'the push failed' : 'an image could not be pulled';
        case 'engine':
            return 'the Docker engine failed';
        case 'unrecognised':
            return 'the build ended with an error that is not known';
        case 'mismatch':
            return 'the image is not the one that was tested';
        case 'credential':
            return failure.credential === 'ssh' ? `no SSH key for "${failure.id}"` : `the secret "${failure.id}" is missing`;
        case 'untested':
            return 'the tests could not be built without credentials';
        case 'leak':
            return (0,_leaks_js__WEBPACK_IMPORTED_MODULE_4__/* .leakHeadline */ .mx)(failure.findings);
        case 'budget':
            return (0,_budget_js__WEBPACK_IMPORTED_MODULE_2__/* .budgetHeadline */ .k1)((0,_judge_index_js__WEBPACK_IMPORTED_MODULE_5__/* .judgedLimits */ .I9)(failure.broken));
        case 'smoke':
            return (0,_trial_js__WEBPACK_IMPORTED_MODULE_10__/* .smokeHeadline */ .s6)(failure.results, report.smoke?.length ?? 1);
        case 'verify':
            return (0,_trial_js__WEBPACK_IMPORTED_MODULE_10__/* .verifyHeadline */ .Qh)(failure.results, report.verify?.length ?? 1);
        case 'irreproducible':
            return (0,_twice_js__WEBPACK_IMPORTED_MODULE_1__/* .twiceHeadline */ .lf)(failure, report.images.length);
        case 'cancelled':
            return 'cancelled';
        case 'internal':
            return 'Stagegate itself failed';
    }
}
/** `the tests failed (unit: 142 passed, 2 failed)`. */
function testHeadline(report, stage) {
    const parts = [report.gate.targets.length > 1 ? stage : undefined, (0,_tests_js__WEBPACK_IMPORTED_MODULE_0__/* .testWords */ .Kp)(report)].filter((part) => part !== undefined);
    return parts.length === 0 ? 'the tests failed' : `the tests failed (${parts.join(': ')})`;
}


/***/ }),

/***/ 8423:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Eb: () => (/* binding */ increaseWarnings),
/* harmony export */   Qi: () => (/* binding */ renderGrowth),
/* harmony export */   dD: () => (/* binding */ renderUnjudged),
/* harmony export */   eh: () => (/* binding */ renderBaseUnknown),
/* harmony export */   wz: () => (/* binding */ unjudgedWords)
/* harmony export */ });
/* unused harmony export unjudged */
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2184);
/* harmony import */ var _judge_index_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8067);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(99);
/* harmony import */ var _model_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6867);
/* harmony import */ var _published_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3373);
/** Limits that did not stop the run: not judged and why, or exceeded where that only warns. */





/** The limits that were not judged, on each platform. */
function unjudged(report) {
    return report.verdict.flatMap((result) => {
        const told = (0,_judge_index_js__WEBPACK_IMPORTED_MODULE_0__/* .tell */ .qz)(result);
        return told.kind === 'unjudged' ? [{ ...told, rule: result.rule, platform: result.platform }] : [];
    });
}
/** The limits that were exceeded in an event where that stops nothing. */
function warned(report) {
    return report.verdict.flatMap((result) => {
        const told = (0,_judge_index_js__WEBPACK_IMPORTED_MODULE_0__/* .tell */ .qz)(result);
        return told.kind === 'warned' ? [{ ...told, rule: result.rule, platform: result.platform }] : [];
    });
}
/** Behind the words that nothing was compared: what that means for the budget. Empty where nothing was to be judged. */
function unjudgedWords(report) {
    const [first] = unjudged(report).filter(({ lacks }) => lacks === 'baseline');
    if (first === undefined)
        return '';
    const where = report.comparison?.kind === 'compared' ? ' there' : '';
    return ` ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(first.rule)} was not judged${where}. ${first.consequence}`;
}
/** What else was not judged and why, one sentence for each rule and reason; Markdown. */
function renderUnjudged(report) {
    const those = unjudged(report).filter(({ lacks }) => lacks !== 'baseline');
    const groups = [...Map.groupBy(those, ({ rule, reason }) => `${rule} ${reason}`).values()];
    if (groups.length === 0)
        return undefined;
    const sentences = groups.flatMap(([first, ...others]) => first === undefined
        ? []
        : [
            `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(first.rule)} was not judged**${on(report, [first, ...others])}: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .text */ .Qq)(ended(first.reason), 400)} ${first.consequence}`
        ]);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .alert */ .xE)('WARNING', sentences);
}
/** Figures of own layers hold the base's, too, where the builder does not tell them apart. */
function renderBaseUnknown({ images }) {
    const those = images.filter(({ baseUnknown }) => baseUnknown !== undefined);
    const [first] = those;
    if (first === undefined)
        return undefined;
    const where = those.length === images.length ? '' : ` (${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .enumerated */ .BD)(those.map(({ platform }) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(platform, 60)))})`;
    return `Base layers could not be told apart${where}: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .text */ .Qq)(ended(first.baseUnknown ?? ''), 300)} What is called yours below may be the base image’s.`;
}
/** Beyond the limit where that stops nothing: nothing to refuse any more, and yet the reader must know. */
function renderGrowth(report) {
    const those = warned(report);
    const [first] = those;
    if (first === undefined)
        return undefined;
    const several = report.images.length > 1;
    const sizes = those.map(({ words, platform }) => `**${words.measured}${several ? ` on ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(platform, 60)}` : ''}**`);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .alert */ .xE)('WARNING', [
        `**The image ${first.what}**: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .enumerated */ .BD)(sizes)}, limit: ${first.words.limit}. ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .text */ .Qq)(warnReason(report, first), 400)}`
    ]);
}
function on(report, those) {
    return those.length === report.images.length
        ? ''
        : ` on ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .enumerated */ .BD)(those.map(({ platform }) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(platform, 60)))}`;
}
function warnReason(report, { why }) {
    const reach = (0,_model_js__WEBPACK_IMPORTED_MODULE_4__/* .reachOf */ .xw)(report.publish);
    return `${reach === 'nowhere' ? 'That stops nothing here' : `It was ${_published_js__WEBPACK_IMPORTED_MODULE_1__/* .reachWords */ .Nc[reach]} all the same`}: ${why}.`;
}
/** Both as plain sentences, for annotations. */
function increaseWarnings(report) {
    const several = report.images.length > 1;
    const plain = (words) => words.replaceAll('`', '');
    const reasons = new Map(unjudged(report).map((each) => [`${each.rule} ${each.reason}`, each]));
    return [
        ...warned(report).map((told) => ({
            title: plain(told.what),
            message: `${several ? `${told.platform}: ` : ''}${told.words.measured}, limit: ${told.words.limit}, ${told.words.over} over. ${plain(warnReason(report, told))}`
        })),
        ...[...reasons.values()].map(({ rule, reason, consequence }) => ({
            title: `${rule} was not judged`,
            message: `${capital(ended(reason))} ${plain(consequence)}`
        }))
    ];
}
function ended(clause) {
    return `${clause.replace(/\.$/, '')}.`;
}
function capital(words) {
    return words.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}


/***/ }),

/***/ 6905:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   PZ: () => (/* binding */ layersSummary),
/* harmony export */   TE: () => (/* binding */ layerCode),
/* harmony export */   r2: () => (/* binding */ renderLayers)
/* harmony export */ });
/* harmony import */ var _format_instruction_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3020);
/* harmony import */ var _difference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9580);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2184);






/** Up to this many own layers each has a row in the open table; beyond, the small ones are grouped. */
const OWN_ROWS = 14;
/** How many of the largest own layers may keep a row of their own then, and what part of the image each must be. */
const LARGEST = 10;
const LARGEST_SHARE = 0.005;
/** Base layers in a row of their own only when there is one or two of them. */
const BASE_ROWS = 2;
/** A phone shows the first columns: what a layer weighs, what became of it, and what made it. */
function columnsOf(compared) {
    return [
        { title: 'Size', align: 'right' },
        ...(compared ? [CHANGE] : []),
        { title: 'Made by', align: 'left' },
        { title: 'Share', align: 'left' },
        { title: 'Files', align: 'left' },
        { title: 'Stage', align: 'left' },
        { title: 'Layer', align: 'right' }
    ];
}
const CHANGE = { title: 'Change', align: 'right' };
/** Layers that are gone, named below the table. */
const GONE = 5;
/** Cells of a bar: enough to compare by, and room for the instruction. */
const BAR_CELLS = 12;
/** The title of the section with its facts: `70.4 MB of your own in 4 layers, on a base of 130.9 MB`. */
function layersTitle(image) {
    const own = image.layers.filter((layer) => !layer.base);
    const base = image.layers.filter((layer) => layer.base);
    const yours = `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(total(own))} in ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(own.length, 'layer')}`;
    if (image.baseUnknown !== undefined)
        return `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(total(own))} in ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(own.length, 'layer')}`;
    return base.length === 0 ? yours : `${yours}, on a base of ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(total(base))}`;
}
/** The layers of the image, or those of each platform. */
function renderLayers(report, detail) {
    const [first] = report.images;
    if (first === undefined || detail.layerTables === 0)
        return undefined;
    if (report.images.length === 1)
        return layersOfOne(report, first, detail);
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(report.images, detail.layerTables);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .sections */ .V0)([
        ...shown.map((image) => layersOfPlatform(report, image, detail)),
        more === 0 ? undefined : `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(more, 'more platform')}.`
    ]);
}
/** For the title of the section where it is folded; HTML. */
function layersSummary({ images }) {
    const [first] = images;
    return images.length === 1 && first !== undefined
        ? `Layers: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .html */ .qy)(layersTitle(first))}`
        : `Layers of ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .html */ .qy)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(images.length, 'platform'))}`;
}
/** The open table, and the complete one collapsed where rows were grouped. */
function layersOfOne(report, image, detail) {
    const rows = groupRows(image.layers);
    const grouped = rows.some((row) => row.layers.length > 1);
    const every = image.layers.map((layer, index) => ({ first: index + 1, layers: [layer] }));
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .sections */ .V0)([
        layerTable(report, image, rows, detail),
        renderRemoved(report, image, detail),
        grouped && detail.collapsed
            ? (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .details */ .zH)(`All ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .html */ .qy)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(image.layers.length, 'layer'))} and their digests`, fullTable(report, image, every, detail))
            : undefined
    ]);
}
/** The same, collapsed, for one platform of several. */
function layersOfPlatform(report, image, detail) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .details */ .zH)(`${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .htmlCode */ .h8)(image.platform)}: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .html */ .qy)(layersTitle(image))}`, (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .sections */ .V0)([layerTable(report, image, groupRows(image.layers), detail), renderRemoved(report, image, detail)]));
}
function total(layers) {
    return layers.reduce((sum, layer) => sum + layer.size, 0);
}
function groupRows(layers) {
    const own = layers.filter((layer) => !layer.base);
    const bases = layers.length - own.length;
    const whole = total(layers);
    const alone = new Set(own.length <= OWN_ROWS
        ? own
        : own
            .filter((layer) => (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .share */ .uM)(layer.size, whole) >= LARGEST_SHARE)
            .sort((a, b) => b.size - a.size)
            .slice(0, LARGEST));
    const joins = (layer) => (layer.base ? bases > BASE_ROWS : !alone.has(layer));
    const rows = [];
    layers.forEach((layer, index) => {
        const last = rows.at(-1);
        const joined = last?.layers.some((before) => before.base === layer.base && joins(before)) === true && joins(layer);
        if (joined)
            last?.layers.push(layer);
        else
            rows.push({ first: index + 1, layers: [layer] });
    });
    return rows;
}
function layerTable(report, image, rows, detail) {
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(rows, detail.rows);
    const difference = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .differenceOf */ .Pq)(report, image);
    const cells = shown.map((row) => {
        const size = total(row.layers);
        return [
            (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(size)),
            ...(difference === undefined ? [] : [layerMark(difference, row.first - 1, row.layers.length)]),
            madeBy(report, image, row),
            shareCell(size, image.size),
            filesCell(row.layers.filter(({ base }) => !base)),
            stageCell(row),
            number(row)
        ];
    });
    const compared = difference !== undefined;
    const rest = more === 0 ? [] : [['', ...(compared ? [''] : []), `*and ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(more, 'more row')}*`]];
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .table */ .tp)(columnsOf(compared), [...cells, ...rest]);
}
/** `1–5`, not to be broken after the dash. */
function number(row) {
    const last = row.first + row.layers.length - 1;
    return last === row.first ? String(row.first) : `${row.first}–&NoBreak;${last}`;
}
/** `+187 ~3 −1`: files added, changed and removed. */
function filesCell(layers) {
    const sum = (of) => layers.reduce((total, { files }) => total + of(files), 0);
    const parts = [
        { sign: '+', number: sum(({ added }) => added) },
        { sign: '~', number: sum(({ changed }) => changed) },
        { sign: '−', number: sum(({ removed }) => removed) }
    ];
    // A tilde between two others would strike out what is between them.
    return parts
        .filter(({ number }) => number > 0)
        .map(({ sign, number }) => `${sign === '~' ? '\\~' : sign}${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .grouped */ .zD)(number)}`)
        .join('\u00a0');
}
function shareCell(size, whole) {
    const cells = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bar */ .M0)(size, whole, BAR_CELLS);
    const words = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .percent */ .KN)(size, whole));
    // An empty bar is a grey box that seems to say something.
    return cells.trim() === '' ? words : `\`${cells}\`\u00a0${words}`;
}
function madeBy(report, image, row) {
    const [layer] = row.layers;
    if (layer === undefined)
        return '';
    if (row.layers.length === 1) {
        return layerCode(report, layer);
    }
    if (!layer.base)
        return (0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(row.layers.length, 'smaller layer');
    const name = image.base === undefined ? 'the base image' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .code */ .aY)(image.base, 100);
    return `${name}, ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(row.layers.length, 'layer')}`;
}
function stageCell(row) {
    const [layer] = row.layers;
    if (layer === undefined)
        return '';
    if (layer.base)
        return '*base*';
    const stages = [...new Set(row.layers.map((each) => each.stage ?? ''))].filter((stage) => stage !== '');
    return stages.length > 2 ? '' : stages.map((stage) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .code */ .aY)(stage, 60)).join(', ');
}
/** What made a layer: `[31](…) COPY ./app /app`. */
function layerCode(report, layer, max = 64) {
    return [(0,_format_links_js__WEBPACK_IMPORTED_MODULE_2__/* .lineLink */ .lz)(report.source, layer.line), instructionCode(layer, max)].filter((part) => part !== '').join(' ');
}
function instructionCode(layer, max = 64) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .code */ .aY)(layer.base ? (0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_5__/* .historyInstruction */ .z9)(layer.instruction) : (0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_5__/* .briefInstruction */ .ZM)(layer.instruction), max);
}
function fullTable(report, image, rows, detail) {
    const transfer = image.layers.some((layer) => layer.transferSize !== undefined);
    const difference = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .differenceOf */ .Pq)(report, image);
    const columns = [
        { title: '#', align: 'right' },
        { title: 'Size', align: 'right' },
        ...(difference === undefined ? [] : [CHANGE]),
        ...(transfer ? [{ title: 'Transfer', align: 'right' }] : []),
        { title: 'Digest', align: 'left' },
        { title: 'Made by', align: 'left' },
        { title: 'Files', align: 'left' },
        { title: 'Stage', align: 'left' }
    ];
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(rows, detail.rows);
    const cells = shown.flatMap((row) => row.layers.map((layer) => [
        number(row),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(layer.size)),
        ...(difference === undefined ? [] : [layerMark(difference, row.first - 1, 1)]),
        ...(transfer ? [layer.transferSize === undefined ? '' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .bytes */ .ee)(layer.transferSize))] : []),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .code */ .aY)(shortDigest(layer.digest)),
        layerCode(report, layer),
        filesCell([layer]),
        stageCell(row)
    ]));
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .sections */ .V0)([(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .table */ .tp)(columns, cells), more === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .text */ .Qq)(`And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(more, 'more layer')}.`)]);
}
/** `sha256:9f86d081884c`: enough to find it again. */
function shortDigest(digest) {
    return digest.replace(/^(\w+:[0-9a-f]{12})[0-9a-f]+$/, '$1');
}
/** What became of the layers of a row of the layer table: `same`, `new`, `−14.5 MB`, `only times`. */
function layerMark(difference, first, number) {
    const changes = difference.layers.filter((change) => change.kind !== 'removed' && change.layer.index >= first && change.layer.index < first + number);
    const [only] = changes;
    if (only === undefined)
        return '';
    if (changes.length === 1)
        return markOf(only);
    const size = changes.reduce((sum, change) => sum + change.size, 0);
    const of = (kind) => changes.filter((change) => change.kind === kind).length;
    const [added, changed] = [of('added'), of('changed')];
    if (added === 0 && changed === 0)
        return 'same';
    const parts = [
        ...(size === 0 ? [] : [(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .signedBytes */ .Sq)(size)]),
        ...(added === 0 ? [] : [`${added} new`]),
        ...(changed === 0 ? [] : [`${changed} changed`])
    ];
    return parts.map(_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .unbroken */ .D_).join(', ');
}
function markOf(change) {
    switch (change.kind) {
        case 'added':
            return '**new**';
        case 'removed':
            return 'gone';
        case 'reused':
            return change.moved ? 'moved' : change.recompressed ? 'recompressed' : 'same';
        case 'changed':
            if (change.size !== 0)
                return `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .signedBytes */ .Sq)(change.size))}**`;
            return change.timestampsOnly ? (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .unbroken */ .D_)('only times') : 'changed';
    }
}
/** Layers that only the baseline has, below the table of those that are there. */
function renderRemoved(report, image, detail) {
    const removed = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .differenceOf */ .Pq)(report, image)?.layers.filter((change) => change.kind === 'removed') ?? [];
    if (removed.length === 0)
        return undefined;
    const compared = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .comparedIn */ .ZN)(report);
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(removed.toSorted((a, b) => a.size - b.size), Math.min(detail.rows, GONE));
    const names = shown.map((change) => [change.size === 0 ? '' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .signedBytes */ .Sq)(change.size)), (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .changedLayer */ .IV)(report, change, 64)]
        .filter((part) => part !== '')
        .join(' '));
    const name = compared === undefined ? 'the baseline' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_4__/* .text */ .Qq)((0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .baselineName */ .Ri)(compared), 60);
    return `Gone (in ${name} only): ${[...names, ...(more > 0 ? [`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(more, 'more layer')}`] : [])].join(' · ')}`;
}


/***/ }),

/***/ 3119:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B1: () => (/* binding */ leakRows),
/* harmony export */   JC: () => (/* binding */ ENCODINGS),
/* harmony export */   To: () => (/* binding */ leakSentence),
/* harmony export */   U: () => (/* binding */ renderLeakWarning),
/* harmony export */   Z$: () => (/* binding */ renderLeaks),
/* harmony export */   cu: () => (/* binding */ leakRemedies),
/* harmony export */   i5: () => (/* binding */ leakIntroduction),
/* harmony export */   mx: () => (/* binding */ leakHeadline)
/* harmony export */ });
/* harmony import */ var _format_instruction_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(3020);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/* harmony import */ var _remedy_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(5863);
/* harmony import */ var _model_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(6867);
/* harmony import */ var _published_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3373);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(2184);








const quoted = (value) => `"${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .shortened */ .vI)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .inline */ .mG)(value), 200)}"`;
const spanned = (value) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(value, 160);
/** How a value was written. Its length is the number of encodings that are searched for. */
const WRITTEN = {
    raw: '',
    base64: 'in base64',
    base64url: 'in base64url',
    url: 'URL-encoded',
    json: 'escaped as in JSON',
    xml: 'escaped as in XML',
    quoted: 'escaped between quotes',
    utf16: 'in UTF-16',
    hex: 'in hex'
};
/** How many ways of writing a value are searched for. */
const ENCODINGS = Object.keys(WRITTEN).length;
/** All findings of a report by place, those of several platforms together. */
function leakRows(report) {
    const { outcome, images } = report;
    const perImage = images.flatMap((image) => image.figures.leaks.map((finding) => ({ finding, image })));
    const orphans = outcome.kind === 'red' && outcome.failure.kind === 'leak' ? outcome.failure.findings : [];
    const findings = perImage.length > 0 ? perImage : orphans.map((finding) => ({ finding }));
    const rows = new Map();
    for (const { finding, image } of findings) {
        const { place } = finding;
        const layer = 'layer' in place ? image?.layers[place.layer.index] : undefined;
        const key = JSON.stringify('layer' in place
            ? [place.in, place.path, place.live, layer?.line ?? layer?.instruction ?? place.layer.createdBy]
            : place.in === 'attestation'
                ? [place.in, place.predicateType]
                : place);
        const row = rows.get(key) ?? { place, found: [], platforms: [], ...(layer === undefined ? {} : { layer }) };
        rows.set(key, row);
        if (!row.found.some((before) => nameOf(before, quoted) === nameOf(finding, quoted)))
            row.found.push(finding);
        if (image !== undefined && !row.platforms.includes(image.platform))
            row.platforms.push(image.platform);
    }
    return [...rows.values()].map((row) => ({
        ...row,
        platforms: row.platforms.length === images.length ? [] : row.platforms
    }));
}
/** `secret "pip_token", in base64`. */
function nameOf(identity, quote) {
    const written = WRITTEN[identity.encoding];
    const how = written === '' ? '' : `, ${written}`;
    if (identity.kind === 'private-key') {
        const format = FORMATS[identity.format] ?? quote(identity.format);
        return `a private key (${format}${identity.encrypted ? ', encrypted' : ''})${how}`;
    }
    const owner = `${ownName(identity.secretId)} ${quote(identity.secretId)}`;
    if (identity.extent === 'whole')
        return `the ${owner}${how}`;
    return `a part of the ${owner}${identity.part === undefined ? '' : partOf(identity.part, quote)}${how}`;
}
/** ` (the value after "_authToken=")`: the name is the file's, the words are ours. */
function partOf(part, quote) {
    const [, words, name] = /^([a-z ]{1,40}?)(?: `([^`]+)`)?$/.exec(part) ?? [];
    if (words === undefined)
        return '';
    return ` (${words}${name === undefined ? '' : ` ${quote(name)}`})`;
}
const FORMATS = {
    OPENSSH: 'OpenSSH',
    RSA: 'RSA',
    EC: 'EC',
    DSA: 'DSA',
    PKCS8: 'PKCS#8',
    ENCRYPTED: 'PKCS#8',
    PGP: 'PGP',
    PuTTY: 'PuTTY'
};
/** Inputs whose values are searched for under the input's own name. */
function ownName(secretID) {
    switch (secretID) {
        case 'ssh-private-key':
            return 'SSH key';
        case 'ssh-passphrase':
            return 'passphrase';
        case 'github-token':
            return 'token';
        default:
            return 'secret';
    }
}
/** Where it was found, without the layer. */
function whereOf(place, quote) {
    switch (place.in) {
        case 'file':
            return `${quote(place.path)}${place.live ? '' : ', which a later layer deletes or replaces: it is in the image all the same'}`;
        case 'name':
            return `the name of ${quote(place.path)}${place.live ? '' : ', which a later layer deletes or replaces'}`;
        case 'outside':
            return 'bytes of the layer that belong to no file';
        case 'env':
            return `the variable ${quote(place.name)} in the image’s config`;
        case 'label':
            return `the label ${quote(place.name)}`;
        case 'history':
            return `line ${place.line + 1} of the image’s history`;
        case 'config':
            return place.member === 'other' ? 'the image’s config' : `the image’s config (${quote(place.member)})`;
        case 'annotation':
            return `the annotation ${quote(place.name)}${ANNOTATED[place.on]}`;
        case 'manifest':
            return 'a manifest that is published with the image';
        case 'attestation':
            return attestationOf(place.predicateType, quote);
    }
}
/** The manifest's are the ones people mean. */
const ANNOTATED = {
    manifest: '',
    index: ' of the index',
    descriptor: ' of a descriptor in the index',
    layer: ' of a layer'
};
function attestationOf(predicateType, quote) {
    if (predicateType.startsWith('https://slsa.dev/provenance/'))
        return 'the provenance attestation';
    return predicateType.startsWith('https://spdx.dev/')
        ? 'the SBOM attestation'
        : `the attestation ${quote(predicateType)}`;
}
/** Found, and published all the same: the first thing a reader sees. */
function renderLeakWarning(report, detail) {
    const warning = leakWarning(report);
    if (warning === undefined)
        return undefined;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([warning, renderLeaks(report, detail), '**What to do**', (0,_remedy_js__WEBPACK_IMPORTED_MODULE_4__/* .renderRemedies */ .N)(leakRemedies(report))]);
}
/** Secrets in an image that was published all the same (`leak-check: warn`). */
function leakWarning(report) {
    const places = leakRows(report).length;
    if (places === 0)
        return undefined;
    const reach = (0,_model_js__WEBPACK_IMPORTED_MODULE_5__/* .reachOf */ .xw)(report.publish);
    const went = reach === 'nowhere' ? 'It would be published all the same' : `It was ${_published_js__WEBPACK_IMPORTED_MODULE_2__/* .reachWords */ .Nc[reach]} all the same`;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .alert */ .xE)('WARNING', [
        `**${capital((0,_core_units_js__WEBPACK_IMPORTED_MODULE_6__/* .count */ .U9)(places, 'place'))} of this image ${places === 1 ? 'holds' : 'hold'} a secret or a private key.** ${went}, because \`leak-check\` is \`warn\`.`
    ]);
}
/** The findings as a table: what, where, and what put it there. */
function renderLeaks(report, detail) {
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(leakRows(report), Math.min(detail.rows, 50));
    const columns = [
        { title: 'Found', align: 'left' },
        { title: 'In', align: 'left' },
        { title: 'Put there by', align: 'left' },
        ...(shown.some(({ platforms }) => platforms.length > 0) ? [{ title: 'Platform', align: 'left' }] : [])
    ];
    const rows = shown.map((row) => [
        capital((0,_core_units_js__WEBPACK_IMPORTED_MODULE_6__/* .enumerated */ .BD)(row.found.map((identity) => nameOf(identity, spanned)))),
        whereOf(row.place, spanned),
        putThereBy(report, row),
        row.platforms.length === 0 ? '' : row.platforms.map((platform) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(platform, 60)).join(', ')
    ]);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .table */ .tp)(columns, rows), more === 0 ? undefined : `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_6__/* .count */ .U9)(more, 'more place')}.`]);
}
function putThereBy(report, row) {
    const configured = configuredBy(row.place);
    if (configured !== undefined)
        return configured;
    if (row.place.in === 'attestation')
        return `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)('build-args')}, most likely`;
    const instruction = instructionOf(row);
    const line = row.layer?.line;
    return [
        line === undefined ? '' : (0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .placeLink */ .aE)(report.source, line),
        instruction === undefined ? '' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(instruction, 100)
    ]
        .filter((part) => part !== '')
        .join(' ');
}
/** Instructions that make no layer: nobody tells their line. */
function configuredBy(place) {
    switch (place.in) {
        case 'env':
            return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)('ENV');
        case 'label':
            return `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)('LABEL')}, or the input ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)('labels')}`;
        case 'history':
            return `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)('ARG')}, ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)('RUN')} or another instruction`;
        case 'annotation':
            return `the input ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)('annotations')}`;
        case 'config':
        case 'manifest':
            return '';
        case 'file':
        case 'name':
        case 'outside':
        case 'attestation':
            return undefined;
    }
}
function instructionOf({ place, layer }) {
    if (layer !== undefined)
        return (0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_7__/* .briefInstruction */ .ZM)(layer.instruction);
    return 'layer' in place && place.layer.createdBy !== undefined ? (0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_7__/* .historyInstruction */ .z9)(place.layer.createdBy) : undefined;
}
/** One finding as a plain sentence, for annotations. */
function leakSentence(report, row) {
    const instruction = instructionOf(row);
    const by = instruction === undefined
        ? ''
        : `, put there by ${row.layer?.line === undefined ? '' : `${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .place */ .ik)(report.source, row.layer.line)} `}${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .shortened */ .vI)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .inline */ .mG)(instruction), 200)}`;
    const on = row.platforms.length === 0 ? '' : ` (${row.platforms.map(_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .inline */ .mG).join(', ')})`;
    return `${capital((0,_core_units_js__WEBPACK_IMPORTED_MODULE_6__/* .enumerated */ .BD)(row.found.map((identity) => nameOf(identity, quoted))))}: in ${whereOf(row.place, quoted)}${by}${on}.`;
}
/** `the secret "pip_token" is in the image`. Plain text. */
function leakHeadline(findings) {
    const ids = [...new Set(findings.flatMap((each) => (each.kind === 'secret' ? [each.secretId] : [])))];
    const [first = ''] = ids;
    if (ids.length === 0)
        return 'a private key is in the image';
    return ids.length === 1
        ? `the ${ownName(first)} "${first}" is in the image`
        : `${ids.length} secrets are in the image`;
}
/** What to do, the most urgent first. */
function leakRemedies(report) {
    const rows = leakRows(report);
    const ids = [
        ...new Set(rows.flatMap(({ found }) => found.flatMap((each) => (each.kind === 'secret' ? [each.secretId] : []))))
    ];
    const remedies = [
        rotate(report, ids),
        ...ids.flatMap((id) => mounts(report, id, rows)),
        ...(rows.some(({ found }) => found.every(({ kind }) => kind === 'private-key'))
            ? [keyFile(rows), ignoring(rows)]
            : []),
        ...(rows.some(({ place }) => 'live' in place && !place.live)
            ? [{ sentence: 'A later `rm` does not help: a layer, once made, is part of the image with all its files.' }]
            : [])
    ];
    return remedies.slice(0, 8);
}
/** Whether it got out, and so has to be changed, as far as this run can tell. */
function rotate(report, ids) {
    const names = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_6__/* .enumerated */ .BD)(ids.slice(0, 6).map((id) => `\`${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .inline */ .mG)(id).replaceAll('`', "'")}\``));
    const what = names === '' ? 'Replace the key' : `Rotate ${names}${ids.length > 6 ? ' and the others' : ''}`;
    const reach = (0,_model_js__WEBPACK_IMPORTED_MODULE_5__/* .reachOf */ .xw)(report.publish);
    const it = ids.length > 1 ? 'them' : 'it';
    if (reach === 'pushed' || reach === 'unknown') {
        const left = reach === 'pushed' ? 'was' : 'may have been';
        return { sentence: `${what} now: the image ${left} published with ${it}, and layers of it may have been pulled.` };
    }
    const cached = report.cache?.exports.find(({ result }) => result === 'ok');
    if (cached !== undefined) {
        return {
            sentence: `${what} now: this run wrote the layer cache ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(cached.reference, 200)}, which may hold ${it}.`
        };
    }
    const stayed = reach === 'nowhere' ? 'published nothing' : `only ${_published_js__WEBPACK_IMPORTED_MODULE_2__/* .reachWords */ .Nc[reach].replace(/^\w+/, '$& the image')}`;
    return {
        sentence: `${what} if an earlier run published or cached these layers. This run ${stayed} and wrote no layer cache.`
    };
}
/** Why a secret got in, once for each way, and the mount that keeps it out. */
function mounts(report, id, rows) {
    const own = rows.filter(({ found }) => found.some((each) => each.kind === 'secret' && each.secretId === id));
    const [first] = own;
    if (first === undefined)
        return [];
    const name = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .inline */ .mG)(id).replaceAll('`', "'");
    const causes = [...new Set(own.map((row) => causeOf(report, row)))]
        .slice(0, 4)
        .map((cause, index) => (index === 0 ? cause : capital(cause)))
        .join(' ');
    if (id === 'ssh-private-key') {
        return [
            {
                sentence: `\`${name}\`: ${causes} The build can use the key through the agent, and never sees the key itself:`,
                lines: { language: 'dockerfile', text: ['RUN --mount=type=ssh \\', '    git clone git@github.com:…'] }
            }
        ];
    }
    const ready = /^[\w.-]+$/.test(name) ? name : '…';
    const target = copiedTo(first) ?? `env=${variableName(name)}`;
    const then = own.every(isMounted)
        ? 'As a variable it makes no file by itself:'
        : 'Mount it in the step that needs it:';
    return [
        {
            sentence: `\`${name}\`: ${causes} ${then}`,
            lines: { language: 'dockerfile', text: [`RUN --mount=type=secret,id=${ready},${target} \\`, '    …'] }
        }
    ];
}
/** The step had the mount, and yet. */
function isMounted({ layer }) {
    return layer?.instruction.includes('--mount=type=secret') === true;
}
function isCopied(row) {
    return /^(?:COPY|ADD)\s/i.test(instructionOf(row) ?? '');
}
/** A file that was copied with the secret in it can be mounted at the same path instead. */
function copiedTo(row) {
    const { place } = row;
    if (!isCopied(row) || place.in !== 'file' || !/^\/[\w./@+-]+$/.test(place.path))
        return undefined;
    return `target=${place.path}`;
}
function causeOf(report, row) {
    const { place, layer } = row;
    const at = layer?.line === undefined ? 'the step' : `the step at \`${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .place */ .ik)(report.source, layer.line)}\``;
    if (place.in === 'attestation')
        return 'build arguments are written into the provenance, so none may be a secret.';
    if (['env', 'label', 'history', 'config'].includes(place.in))
        return '`ARG` and `ENV` stay in the image’s config and history, so none may be a secret.';
    if (place.in === 'annotation' || place.in === 'manifest')
        return 'annotations are published with the image, so none may hold a secret.';
    if (isCopied(row))
        return `leave the file out of what ${at} copies, in \`.dockerignore\` or by copying less.`;
    if (isMounted(row)) {
        return `${at} mounts a secret, and what it runs writes it into a file that stays. Let the tool read the mount, or delete the file in the same \`RUN\`.`;
    }
    return `${at} writes it into a file that stays.`;
}
function keyFile(rows) {
    const copied = rows.some((row) => /^(?:COPY|ADD)\s/i.test(instructionOf(row) ?? ''));
    const leave = copied ? 'Leave the key out of what is copied (`.dockerignore`)' : 'Do not make the key in the image';
    return {
        sentence: `${leave}; a program that needs one gets it when the container starts. For \`git\` in the build there is \`RUN --mount=type=ssh\`.`
    };
}
/** A key that is meant to be there, a test's: what to write. */
function ignoring(rows) {
    const entries = rows
        .filter(({ found }) => found.every(({ kind }) => kind === 'private-key'))
        .flatMap(({ place, found }) => {
        const prints = found.flatMap((each) => (each.kind === 'private-key' ? [each.fingerprint] : []));
        return place.in === 'file' && /^\/[\w./@+-]+$/.test(place.path)
            ? [place.path, ...prints.map((print) => `# or ${print}`)]
            : prints;
    });
    const shown = [...new Set(entries)].slice(0, 8);
    return {
        sentence: 'A key that is no secret, a test’s say, may stay if the step names its path or its fingerprint:',
        lines: { language: 'yaml', text: ['leak-ignore: |', ...shown.map((entry) => `  ${entry}`)] }
    };
}
function variableName(id) {
    return id
        .toUpperCase()
        .replace(/[^A-Z0-9]+/g, '_')
        .replace(/^_+|_+$/g, '')
        .replace(/^(?=\d|$)/, 'SECRET_');
}
/** The sentences that open the story of a leak: what is at stake, and what has left the runner all the same. */
function leakIntroduction(report) {
    const places = leakRows(report).length;
    const left = 'Nothing left the runner, not even to the layer cache.';
    return `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_6__/* .count */ .U9)(places, 'place')} in the image ${places === 1 ? 'holds' : 'hold'} what must not be there. ${left}`;
}
function capital(words) {
    return words.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}


/***/ }),

/***/ 3373:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Nc: () => (/* binding */ reachWords),
/* harmony export */   l8: () => (/* binding */ renderPublished),
/* harmony export */   lt: () => (/* binding */ digestLine)
/* harmony export */ });
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2054);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(99);
/* harmony import */ var _model_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6867);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2184);
/** What left the runner, and that it is what was inspected. */




/** What was done with an image: `loaded into the engine`. */
const reachWords = {
    pushed: 'published',
    unknown: 'perhaps published',
    loaded: 'loaded into the engine',
    exported: 'exported',
    nowhere: 'not published'
};
/** Every tag and the digest, and those that archives have besides. */
function renderPublished(report, detail) {
    const { publish } = report;
    if (!publish.published)
        return undefined;
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(publish.tags, detail.rows);
    const tags = [...shown.map((tag) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(tag, 200)), ...(more > 0 ? [`and ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(more, 'more tag')}`] : [])];
    const title = reachWords[(0,_model_js__WEBPACK_IMPORTED_MODULE_3__/* .reachOf */ .xw)(publish)];
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .sections */ .V0)([
        `### ${title[0]?.toUpperCase() ?? ''}${title.slice(1)}`,
        tags.length === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .bullets */ .e5)(tags),
        ...digestsOf(report.images, publish, detail)
    ]);
}
function digestsOf(images, { digest, how, archives = [] }, detail) {
    const ways = how.filter((way) => archives.every(({ output }) => output !== way));
    const isOfArchive = how.length > 0 && ways.length === 0;
    const others = archives.flatMap(({ output, digest: own }) => own === undefined ? [] : [`Digest ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(own)} in ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(output, 120)}.`]);
    return [
        digest === '' || isOfArchive ? undefined : publishedDigest(images, digest, wayWords(ways), detail),
        ...others.slice(0, detail.rows)
    ];
}
/** What was inspected is a platform's manifest; what a tag names may be an index around it. */
function publishedDigest(images, digest, ways, detail) {
    if (images.some((image) => image.manifestDigest === digest || image.configDigest === digest)) {
        return `Digest ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(digest)}${ways}, the one that was inspected.`;
    }
    const inspected = images.flatMap(({ platform, manifestDigest }) => manifestDigest === undefined ? [] : [`${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(platform, 60)} ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(manifestDigest)}`]);
    if (inspected.length === 0)
        return `Digest ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(digest)}${ways}.`;
    return `Digest ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(digest)}${ways}, an index of what was inspected:\n\n${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .bullets */ .e5)(inspected.slice(0, detail.rows))}`;
}
function wayWords(ways) {
    const words = ways.map((way) => (way === 'push' ? 'pushed' : way === 'load' ? 'loaded' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(way, 120)));
    return words.length === 0 ? '' : ` (${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .enumerated */ .BD)(words.slice(0, 6))})`;
}
/** The digest alone, for where the tags are named already. */
function digestLine({ publish }) {
    return publish.published && publish.digest !== '' ? `Digest: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .code */ .aY)(publish.digest)}` : undefined;
}


/***/ }),

/***/ 5863:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   N: () => (/* binding */ renderRemedies)
/* harmony export */ });
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(99);
/** What to do about a failure: a sentence, and lines to paste. */

/** Characters of a line to paste: it is of no use when cut. */
const MOST_PASTED = 20_000;
/** A list of things to do, each with its lines to paste. */
function renderRemedies(list) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .bullets */ .e5)(list.map(item));
}
function item({ sentence, lines }) {
    return lines === undefined ? (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .text */ .Qq)(sentence) : `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .text */ .Qq)(sentence)}\n\n${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .block */ .om)(lines.text, lines.language, MOST_PASTED)}`;
}


/***/ }),

/***/ 5614:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Cd: () => (/* binding */ renderTests),
/* harmony export */   Kp: () => (/* binding */ testWords),
/* harmony export */   N3: () => (/* binding */ testsAreNews),
/* harmony export */   e0: () => (/* binding */ renderFailingTests),
/* harmony export */   oT: () => (/* binding */ testSentence),
/* harmony export */   zm: () => (/* binding */ failsBesideGate)
/* harmony export */ });
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2184);
/* harmony import */ var _test_reports_model_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(433);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/** What the tests themselves say: how many there were, which failed and where, and what is different from the baseline. */





/** Counts over all stages and platforms; `undefined` where no test is known. */
function testWords(report, stage) {
    const counts = countsOf(report, stage);
    return (0,_test_reports_model_js__WEBPACK_IMPORTED_MODULE_0__/* .totalOf */ .e6)(counts) === 0 ? undefined : (0,_test_reports_model_js__WEBPACK_IMPORTED_MODULE_0__/* .countWords */ .rj)(counts);
}
function countsOf({ tests }, stage) {
    const own = (tests?.stages ?? []).filter((each) => stage === undefined || each.stage === stage);
    const sum = (of) => own.reduce((total, { counts }) => total + counts[of], 0);
    return { passed: sum('passed'), failed: sum('failed'), skipped: sum('skipped') };
}
/** Whether a test is reported as failed beside a gate that passed: the command ended with 0 all the same. */
function failsBesideGate(report) {
    return report.gate.verdict === 'passed' && countsOf(report).failed > 0;
}
/** Whether there is anything about the tests that a reader of a quiet run has to know. */
function testsAreNews(report) {
    const { newlyPassing = [], disappeared = 0 } = report.tests?.changes ?? {};
    return (countsOf(report).failed > 0 ||
        newlyPassing.length > 0 ||
        disappeared > 0 ||
        (report.tests?.stages ?? []).some(({ omissions }) => omissions.length > 0));
}
/** The failing tests, which come before everything else; `undefined` where none is known. */
function renderFailingTests(report, detail) {
    const failing = (report.tests?.stages ?? []).flatMap((stage) => stage.failing.map((test) => ({ test, stage })));
    const total = countsOf(report).failed;
    if (total === 0)
        return undefined;
    const { shown } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(failing, Math.min(detail.rows, detail.collapsed ? MOST_SHOWN : MOST_BRIEF));
    const several = (report.tests?.stages ?? []).length > 1;
    const fresh = new Set(report.tests?.changes?.newlyFailing ?? []);
    const more = total - shown.length;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([
        failsBesideGate(report)
            ? (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .alert */ .xE)('WARNING', [
                `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(total, 'test'))} failed by the tests’ own report, and the stage passed all the same: its command ended with exit code 0.`
            ])
            : undefined,
        `### ${failing.length === 1 && total === 1 ? 'The failing test' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .html */ .qy)(`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(total, 'failing test')}`)}`,
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .bullets */ .e5)([
            ...shown.map(({ test, stage }) => failingItem(report, test, several ? stage : undefined, fresh.has((0,_test_reports_model_js__WEBPACK_IMPORTED_MODULE_0__/* .testID */ .sT)(test)))),
            ...(more > 0 ? [`and ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(more, 'more failing test')}`] : [])
        ])
    ]);
}
/** Failing tests that are listed, and in a report that is short of room. */
const MOST_SHOWN = 30;
const MOST_BRIEF = 8;
/** Lines of a message that are shown. */
const MESSAGE_LINES = 10;
function failingItem(report, test, stage, isNew) {
    const { file, fileInRepository, line, message } = test;
    const shown = fileInRepository ?? file;
    const place = shown === undefined
        ? undefined
        : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .link */ .nf)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(line === undefined ? shown : `${shown}:${line}`, 200), fileInRepository === undefined ? undefined : (0,_format_links_js__WEBPACK_IMPORTED_MODULE_2__/* .fileAddress */ .xQ)(report.source, fileInRepository, line));
    const of = stage === undefined
        ? undefined
        : [(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(stage.stage, 60), ...(stage.platform === undefined ? [] : [(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(stage.platform, 60)])].join(' ');
    const head = [`**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)((0,_test_reports_model_js__WEBPACK_IMPORTED_MODULE_0__/* .testID */ .sT)(test), 200)}**`, place, of, isNew ? 'newly failing' : undefined]
        .filter((part) => part !== undefined)
        .join(' · ');
    const lines = message.split('\n').slice(0, MESSAGE_LINES);
    return message.trim() === '' ? head : `${head}\n\n${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .block */ .om)(lines, 'text', 300)}`;
}
/** What is different from the baseline, and what could not be read; `undefined` where there is nothing to tell. */
function renderTests(report, detail) {
    const { stages = [], changes } = report.tests ?? {};
    if (stages.length === 0)
        return undefined;
    const cached = stages.filter(({ cached, files }) => cached && files > 0);
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(stages.flatMap(({ omissions }) => omissions), detail.rows);
    const sentences = [
        ...(cached.length === 0
            ? []
            : [
                `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(cached.map(stageWords))} came from the cache: the report is that of the run which tested these very files.`
            ]),
        ...changeSentences(changes),
        ...shown.map((omission) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(omission, 500)),
        ...(more > 0 ? [`and ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(more, 'more sentence')} of what is left out`] : [])
    ];
    const passing = detail.collapsed ? renderNames('Passes again', changes?.newlyPassing ?? []) : undefined;
    if (sentences.length === 0 && passing === undefined)
        return undefined;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)(['### Tests', sentences.length === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .bullets */ .e5)(sentences), passing]);
}
function changeSentences(changes) {
    if (changes === undefined)
        return [];
    const { newlyFailing, newlyPassing, added, disappeared = 0 } = changes;
    // A test with a new name is one gone and one new.
    const shrank = disappeared > added;
    const parts = [
        ...(newlyFailing.length > 0 ? [`${newlyFailing.length} newly failing`] : []),
        ...(newlyPassing.length > 0 ? [`${newlyPassing.length} passing again`] : []),
        ...(added > 0 ? [`${added} new`] : []),
        ...(disappeared > 0 && !shrank ? [`${disappeared} gone`] : [])
    ];
    return [
        ...(parts.length === 0 ? [] : [`Against the baseline: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(parts)}.`]),
        ...(shrank
            ? [
                `**The test suite shrank**: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(disappeared, 'test')} of the baseline ${disappeared === 1 ? 'is' : 'are'} not in this run.`
            ]
            : [])
    ];
}
function renderNames(title, names) {
    return names.length === 0
        ? undefined
        : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .details */ .zH)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .html */ .qy)(`${title}: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(names.length, 'test')}`), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .bullets */ .e5)(names.map((name) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(name, 200))));
}
function stageWords({ stage, platform }) {
    return platform === undefined ? (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(stage, 60) : `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(stage, 60)} ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(platform, 60)}`;
}
/** A failing test in plain text, for an annotation. */
function testSentence(test) {
    const said = test.message.trim();
    return { title: (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .inline */ .mG)((0,_test_reports_model_js__WEBPACK_IMPORTED_MODULE_0__/* .testID */ .sT)(test)), message: said === '' ? 'The test failed and said nothing.' : said };
}


/***/ }),

/***/ 6843:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BI: () => (/* binding */ trialFact),
/* harmony export */   HB: () => (/* binding */ verifyStory),
/* harmony export */   Ip: () => (/* binding */ trialWords),
/* harmony export */   Qh: () => (/* binding */ verifyHeadline),
/* harmony export */   s6: () => (/* binding */ smokeHeadline),
/* harmony export */   tH: () => (/* binding */ smokeStory)
/* harmony export */ });
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2184);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(99);


/** Lines of a log that are shown at once; what is before them is folded. */
const LAST_LINES = 12;
/** For the line of facts of an image that passed: `**Started** (2.1 s) · **verified**`. */
function trialFact({ smoke = [], verify = [] }) {
    const started = smoke.filter(({ result }) => result === 'passed');
    const passed = verify.filter(({ exitCode }) => exitCode === 0);
    const longest = Math.max(0, ...started.map(({ seconds }) => seconds));
    const parts = [
        started.length === 0 || started.length < smoke.filter(({ result }) => result !== 'skipped').length
            ? undefined
            : `**started** (${[...platforms(started, smoke.length), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(longest))].join(', ')})`,
        passed.length === 0 || passed.length < verify.length ? undefined : '**verified**'
    ];
    return parts.some((part) => part !== undefined) ? parts.filter((part) => part !== undefined).join(' · ') : undefined;
}
function platforms(some, all) {
    return all > 1 ? some.map(({ platform }) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .code */ .aY)(platform, 60)) : [];
}
/** `the image did not start`, for the heading. */
function smokeHeadline(results, all) {
    return `the image did not pass its smoke test${named(results, all)}`;
}
function verifyHeadline(results, all) {
    const [first] = results;
    const how = first?.timedOut === true ? 'took too long' : `said no (exit code ${first?.exitCode ?? 1})`;
    return `verify ${how}${named(results, all)}`;
}
function named(results, all) {
    return all > 1 ? ` (${results.map(({ platform }) => platform).join(', ')})` : '';
}
/** What was seen of each platform that failed. */
function smokeStory(results) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .sections */ .V0)(results.map((result) => result.result !== 'failed'
        ? undefined
        : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .sections */ .V0)([
            `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .code */ .aY)(result.platform, 60)}: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .text */ .Qq)(result.reason, 500)} (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(result.seconds))}).`,
            logOf(result.log, 'It printed nothing.'),
            result.advice.length === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .bullets */ .e5)(result.advice.map((sentence) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .text */ .Qq)(sentence)))
        ])));
}
function verifyStory(results) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .sections */ .V0)(results.map(({ platform, exitCode, timedOut, seconds, log }) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .sections */ .V0)([
        `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .code */ .aY)(platform, 60)}: ${timedOut ? 'it was ended' : `exit code ${exitCode}`} after ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(seconds))}.`,
        logOf(log, 'It printed nothing.')
    ])));
}
function logOf(log, nothing) {
    const lines = log.map(_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .visibleLine */ .P8);
    if (lines.length === 0)
        return nothing;
    const before = lines.slice(0, -LAST_LINES);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .sections */ .V0)([
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .block */ .om)(lines.slice(-LAST_LINES)),
        before.length === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .details */ .zH)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .html */ .qy)(`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .count */ .U9)(before.length, 'line')} before`), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .block */ .om)(before))
    ]);
}
/** For an annotation, in plain text. */
function trialWords(results) {
    return results
        .flatMap((result) => {
        if ('exitCode' in result && 'timedOut' in result) {
            const how = result.timedOut ? 'took too long and was ended' : `ended with exit code ${result.exitCode}`;
            return [`${result.platform}: verify ${how}`, ...result.log.slice(-LAST_LINES)];
        }
        if (result.result !== 'failed')
            return [];
        return [`${result.platform}: ${result.reason}`, ...result.log.slice(-LAST_LINES), ...result.advice];
    })
        .map(_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .inline */ .mG)
        .join('\n');
}


/***/ }),

/***/ 5199:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   OM: () => (/* binding */ twiceWords),
/* harmony export */   Oq: () => (/* binding */ twiceStory),
/* harmony export */   V1: () => (/* binding */ twiceRemedies),
/* harmony export */   lf: () => (/* binding */ twiceHeadline),
/* harmony export */   pK: () => (/* binding */ twiceFact)
/* harmony export */ });
/* harmony import */ var _core_step_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1757);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(2184);
/* harmony import */ var _format_instruction_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(3020);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(99);






/** For the line of facts. */
function twiceFact({ builtTwice }) {
    return builtTwice === undefined ? undefined : '**reproducible**: built twice, same digest';
}
/** For the heading. */
function twiceHeadline({ differences }, all) {
    const platforms = all > 1 ? ` (${differences.map(({ platform }) => platform).join(', ')})` : '';
    return `a second build made a different image${platforms}`;
}
/** Platform by platform, what differs first: what lies above may only follow from it. */
function twiceStory(report, { differences }, detail) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)(differences.map(({ platform, first, second, layer, config }) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)([
        `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(platform, 60)} was ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(first.slice(0, 19))} first, and ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(second.slice(0, 19))} when it was built again.`,
        ...(layer === undefined ? [configWords(config)] : layerStory(report, layer, detail))
    ])));
}
function configWords(config) {
    if (config.length === 0)
        return 'All layers and the config are the same: the manifests differ.';
    return `All layers are the same. The config differs in ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .enumerated */ .BD)(config.slice(0, 10).map((name) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(name, 60)))}.`;
}
function layerStory(report, layer, detail) {
    const { instruction, line, stage, base, files } = layer;
    const parts = [
        stage === undefined ? undefined : `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(stage, 100)}**`,
        line === undefined ? undefined : `**${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .placeLink */ .aE)(report.source, line)}**`
    ].filter((part) => part !== undefined);
    const whose = parts.length === 0 ? `number ${layer.index + 1} from the bottom` : parts.join(' · ');
    const { shown } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(files, detail.rows);
    const more = layer.count - shown.length;
    return [
        base ? 'The first layer that differs is the base image’s.' : `The first layer that differs: ${whose}`,
        instruction === '' ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .block */ .om)((0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_4__/* .instructionLines */ .Ey)(instruction), 'dockerfile', 400),
        copiedWords(report, layer),
        files.length === 0
            ? `${unlistedWords(layer)}.`
            : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .table */ .tp)([
                { title: 'File', align: 'left' },
                { title: 'What differs', align: 'left' }
            ], shown.map(({ path, differs }) => [(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .pathCode */ .N3)(path), WORDS[differs]])),
        more > 0 && files.length > 0 ? `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(more, 'more file')}.` : undefined,
        layer.madeBefore ? MADE_BEFORE : undefined
    ];
}
const MADE_BEFORE = 'The first build took this step from a cache. It was made before the time that the image has: BuildKit lowers newer times to that, and leaves older ones.';
const WORDS = {
    content: 'content',
    presence: 'only one of the builds has it',
    attributes: 'mode, owner or extended attributes',
    time: 'only its time'
};
function unlistedWords({ reordered }) {
    return reordered ? 'Its files are the same, in another order' : 'Its files are the same, packed in another way';
}
/** Commands of a stage that are named. */
const COMMANDS = 5;
/** What is copied from a stage is another because one of its commands made it so, or what the stage starts from. */
function copiedWords({ steps, source }, layer) {
    const from = (0,_core_step_js__WEBPACK_IMPORTED_MODULE_5__/* .copiedFrom */ .nR)(layer);
    if (from === undefined)
        return undefined;
    const commands = steps.filter((step) => (0,_core_step_js__WEBPACK_IMPORTED_MODULE_5__/* .sameStage */ .tB)(step.stage, from) && /^RUN\b/i.test(step.instruction));
    if (commands.length === 0)
        return `It copies from ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(from, 100)}: look there first.`;
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(commands, COMMANDS);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .sections */ .V0)([
        `It copies from the stage ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(from, 100)}. Look at its commands first:`,
        [
            ...shown.map((step) => ['-', (0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .lineLink */ .lz)(source, step.line), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)((0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_4__/* .briefInstruction */ .ZM)(step.instruction), 100)]
                .filter((part) => part !== '')
                .join(' ')),
            ...(more === 0 ? [] : [`- and ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_3__/* .count */ .U9)(more, 'more command')}`])
        ].join('\n')
    ]);
}
/** For an annotation, in plain text. */
function twiceWords(report, { differences }) {
    return differences.map((difference) => `${difference.platform}: ${mismatchWords(report, difference)}`).join('\n');
}
function mismatchWords(report, { layer, config }) {
    if (layer === undefined)
        return `the layers are the same, and the config is not (${config.map(_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .inline */ .mG).join(', ')}).`;
    const where = layer.line === undefined ? '' : ` (${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .place */ .ik)(report.source, layer.line)})`;
    const named = layer.files.slice(0, 5).map(({ path, differs }) => `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .inline */ .mG)(path)} (${WORDS[differs]})`);
    const what = named.length === 0 ? unlistedWords(layer) : named.join(', ');
    const why = layer.madeBefore ? ` ${MADE_BEFORE}` : '';
    return `the layer of ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .shortened */ .vI)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .inline */ .mG)(layer.instruction), 300)}${where} differs: ${what}.${why}`;
}
/** Files that are known to differ, and what helps: https://reproducible-builds.org/docs/ */
const CULPRITS = [
    [
        /^\/var\/log\/(?:apt\/|dpkg|alternatives|bootstrap)/,
        'The logs of apt and dpkg tell when they ran. End the RUN with `rm -rf /var/log/apt /var/log/dpkg.log /var/log/alternatives.log`.'
    ],
    [
        /^\/var\/cache\/ldconfig\/aux-cache/,
        'ldconfig keeps times and inodes in a cache of its own. End the RUN with `rm -f /var/cache/ldconfig/aux-cache`.'
    ],
    [
        /\.pyc$/,
        'Python writes the time of the source into a `.pyc`. Set `ENV PYTHONDONTWRITEBYTECODE=1`, and install with `pip install --no-compile`.'
    ],
    [/\/machine-id$/, 'The machine id is random. End the RUN with `truncate -s 0 /etc/machine-id`.'],
    [
        /^\/etc\/shadow-?$/,
        '`/etc/shadow` has the day on which a user was added. Declare `ARG SOURCE_DATE_EPOCH` in the stage: `useradd` takes the day from it.'
    ],
    [/\/\.wget-hsts$/, 'wget notes when it saw a server. Call it with `--no-hsts`.'],
    [
        /^\/(?:usr\/)?lib\/apk\/db\//,
        'apk writes the time into the version of a virtual package, and its database lists the versions of the day. `apk del` the virtual package in the RUN that adds it, and pin versions.'
    ],
    [
        /^\/var\/lib\/(?:dpkg|rpm|apt)\//,
        'The packages are those of the day of the build. Pin their versions, or install from a snapshot of the distribution.'
    ]
];
/** What to do about it, most likely first. */
function twiceRemedies({ differences, timed }) {
    const layers = differences.flatMap(({ layer }) => layer ?? []);
    const files = layers.filter(({ base }) => !base).flatMap((layer) => layer.files);
    const isKnown = ({ path }) => CULPRITS.some(([pattern]) => pattern.test(path));
    const culprits = CULPRITS.filter(([pattern]) => files.some(({ path }) => pattern.test(path)));
    const before = layers.find(({ base, madeBefore }) => madeBefore && !base);
    const config = differences.flatMap((difference) => difference.config);
    const found = [
        ...(timed ? [] : [TIMES]),
        ...(layers.some(({ base }) => base) ? [{ sentence: 'Pin the base image: `FROM name:tag@sha256:…`.' }] : []),
        ...culprits.map(([, sentence]) => ({ sentence })),
        ...(before === undefined ? [] : madeBeforeRemedies(before)),
        ...(config.some((name) => name !== 'created' && name !== 'history') ? [CONFIG] : [])
    ];
    const isOpen = files.some((file) => file.differs !== 'time' && !isKnown(file));
    return isOpen || found.length === 0 ? [...found, CHANCE] : found;
}
/** The step is made anew with each commit, or its time is older than any that a cache has. */
function madeBeforeRemedies(layer) {
    const from = (0,_core_step_js__WEBPACK_IMPORTED_MODULE_5__/* .copiedFrom */ .nR)(layer);
    const stage = from === undefined ? 'its stage' : `the stage ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_2__/* .code */ .aY)(from, 100)}`;
    const anew = 'each commit then makes that, and what comes after it in the stage, anew';
    const isOfContext = /^(?:COPY|ADD)\b/i.test(layer.instruction) && from === undefined;
    return [
        // An argument is part of a command, and of no COPY. The folder that WORKDIR makes has the time of the image.
        isOfContext
            ? { sentence: `Put a \`WORKDIR\` above it in its stage: ${anew}.` }
            : { sentence: `Declare \`ARG SOURCE_DATE_EPOCH\` in ${stage}, above the \`RUN\`: ${anew}.` },
        FIXED
    ];
}
const FIXED = {
    sentence: 'Or keep what is cached, and give the image a time that is older than every build. Steps from a cache and new ones then have the same times:',
    lines: { language: 'yaml', text: ['env:', '  SOURCE_DATE_EPOCH: 0'] }
};
const TIMES = {
    sentence: 'The image has the times of its build. Give it those of the commit:',
    lines: { language: 'yaml', text: ['with:', '  reproducible: true'] }
};
const CONFIG = {
    sentence: 'Look for a build argument, a label or an `ENV` that has another value each time, such as the time or a number.'
};
const CHANCE = {
    sentence: 'What a command writes may depend on the clock, on chance, on the network or on the order of files. Many tools take the clock from `SOURCE_DATE_EPOCH`, if the stage declares `ARG SOURCE_DATE_EPOCH`.'
};


/***/ }),

/***/ 4910:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   MT: () => (/* binding */ verdictLine),
/* harmony export */   hW: () => (/* binding */ searchProof),
/* harmony export */   iS: () => (/* binding */ heaviest),
/* harmony export */   jf: () => (/* binding */ omissionSentence),
/* harmony export */   pw: () => (/* binding */ renderOmissions)
/* harmony export */ });
/* harmony import */ var _judge_index_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8067);
/* harmony import */ var _leaks_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(3119);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2054);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2184);
/** The verdict in words: what was within its limits, what was searched for secrets, and what could not be. */





/** One line under the facts: the budget and the search for leaks; `undefined` where nothing was judged. */
function verdictLine(report) {
    const parts = [budgetFact(report), searchFact(report)].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join(' · ').replace(/^\*\*[a-z]/, (start) => start.toUpperCase());
}
function budgetFact(report) {
    const kept = report.verdict.filter((result) => (0,_judge_index_js__WEBPACK_IMPORTED_MODULE_0__/* .tell */ .qz)(result).kind === 'kept');
    const limits = (0,_judge_index_js__WEBPACK_IMPORTED_MODULE_0__/* .judgedLimits */ .I9)(kept);
    if (limits.length === 0)
        return undefined;
    const areSeveral = report.images.length > 1;
    // The nearest platform speaks for all.
    const parts = [...Map.groupBy(limits, ({ rule }) => rule).values()].flatMap((those) => those
        .toSorted((a, b) => b.used - a.used)
        .slice(0, 1)
        .map(({ within, nearest = `up to ${within}` }) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(areSeveral ? nearest : within)));
    return `**Within budget** (${parts.join(', ')})`;
}
/** What the search found and, in numbers, where it looked. Nothing found is only said where something was searched. */
function searchFact(report) {
    const { images } = report;
    if (images.length === 0)
        return undefined;
    const searched = images.flatMap(({ figures }) => (figures.leakSearch === undefined ? [] : [figures.leakSearch]));
    if (searched.length < images.length)
        return '**not searched** for secrets and keys (`leak-check: off`)';
    const places = (0,_leaks_js__WEBPACK_IMPORTED_MODULE_1__/* .leakRows */ .B1)(report).length;
    const gaps = images.flatMap(({ figures }) => figures.omissions).length;
    const what = places > 0 ? `**${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(places, 'place')} with a secret or a key**` : foundNothing(report);
    const where = `in ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(ownLayers(report), 'own layer')}, config and provenance`;
    const values = new Set(searched.flatMap(({ secretIds }) => secretIds)).size;
    const how = values === 0 ? '' : ` (${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(values, 'value')}, ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(_leaks_js__WEBPACK_IMPORTED_MODULE_1__/* .ENCODINGS */ .JC, 'encoding')})`;
    const but = gaps === 0 ? '' : `, **but ${gaps === 1 ? 'one thing' : `${gaps} things`} could not be examined**`;
    return `${what} ${where}${how}${but}`;
}
function foundNothing(report) {
    const values = report.images.some(({ figures }) => (figures.leakSearch?.secretIds.length ?? 0) > 0);
    return values ? '**no secret or private key** found' : '**no private key** found';
}
function ownLayers(report) {
    return Math.max(0, ...report.images.map(({ figures }) => figures.leakSearch?.layers.length ?? 0));
}
/** Exactly what was searched, for the small print; empty where nothing was. */
function searchProof(report) {
    const searches = report.images.flatMap(({ figures }) => figures.leakSearch === undefined ? [] : [figures.leakSearch]);
    if (report.images.length === 0)
        return [];
    if (searches.length === 0)
        return ['Nothing was searched for secrets and keys (`leak-check: off`).'];
    const ids = [...new Set(searches.flatMap(({ secretIds }) => secretIds))];
    const total = searches.reduce((sum, search) => sum + search.bytes, 0);
    const named = ids.slice(0, 12).map((id) => `"${id}"`);
    const more = ids.length > named.length ? [`${ids.length - named.length} more`] : [];
    const values = ids.length === 0
        ? 'Searched for private-key blocks'
        : `Searched for ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)([...named, ...more])} (as they are, in base64 and base64url at all offsets, URL-, JSON- and XML-encoded, in hex, and line by line) and for private-key blocks`;
    return [
        `${values}: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .bytes */ .ee)(total)} of own layers with their file names, deleted files included, and the config (variables, labels, history), annotations and attestations. Base layers are not searched.`
    ];
}
/** What could not be examined, never passed over in silence. Values too short to search for are the user's to judge. */
function renderOmissions(report, detail) {
    const all = report.images.flatMap((image) => image.figures.omissions.map((omission) => ({ omission, platform: image.platform })));
    const grouped = [...Map.groupBy(all, ({ omission }) => omissionSentence(omission)).values()];
    if (grouped.length === 0)
        return undefined;
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_2__/* .capped */ .uo)(grouped, Math.min(detail.rows, 10));
    const items = shown.flatMap((on) => {
        const [first] = on;
        if (first === undefined)
            return [];
        const where = on.length === report.images.length ? '' : ` (${on.map(({ platform }) => platform).join(', ')})`;
        return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(`${omissionSentence(first.omission)}${where}.`, 400);
    });
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .alert */ .xE)(all.every(({ omission }) => omission.kind === 'value') ? 'NOTE' : 'WARNING', [
        '**Not everything could be examined.**',
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .bullets */ .e5)([...items, ...(more > 0 ? [`and ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(more, 'more thing')}`] : [])])
    ]);
}
/** Layers count from 0 in an analysis and from 1 in every table. */
function omissionSentence(omission) {
    return omission.kind === 'layer' ? `Layer ${omission.layer + 1} ${omission.words}` : capital(omission.words);
}
/** The heaviest image: where there are several, it is the one worth looking at first. */
function heaviest(images) {
    return [...images].sort((a, b) => b.size - a.size)[0];
}
function capital(words) {
    return words.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}


/***/ }),

/***/ 6441:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   f: () => (/* binding */ renderWhy)
/* harmony export */ });
/* harmony import */ var _format_edit_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(674);
/* harmony import */ var _difference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9580);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2184);






/** Rows in sight; the others are collapsed. */
const INSTRUCTIONS = 5;
const PATHS = 8;
const SENTENCES = 5;
/** Part of the largest change from which on another is worth as much attention, and from which on it is worth a row. */
const BOLD_SHARE = 0.1;
const ROW_SHARE = 0.01;
/** "Why it changed": by instruction and by path; `undefined` where nothing did. */
function renderWhy(report, detail) {
    const compared = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .comparedIn */ .ZN)(report);
    if (compared === undefined || (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .isSameImage */ .m_)(report))
        return undefined;
    // The platform that changed most stands open.
    const changed = report.images
        .flatMap((image) => {
        const difference = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .differenceOf */ .Pq)(report, image);
        return difference === undefined || difference.same ? [] : [{ image, difference }];
    })
        .sort((a, b) => Math.abs(b.difference.size.change) - Math.abs(a.difference.size.change));
    const [first, ...others] = changed;
    if (first === undefined)
        return undefined;
    const several = compared.differences.length > 1;
    const rest = detail.collapsed ? others.slice(0, Math.max(0, detail.layerTables - 1)) : [];
    const more = others.length - rest.length;
    const why = first.difference.size.change === 0 ? 'What changed' : 'Why it changed';
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([
        `### ${why}${several ? ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(first.image.platform, 60)})` : ''}`,
        ...storyOf(report, first.image, first.difference, detail),
        ...rest.map(({ image, difference }) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .details */ .zH)(`${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .htmlCode */ .h8)(image.platform)}: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .html */ .qy)(platformWords(difference))}`, (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)(storyOf(report, image, difference, { ...detail, collapsed: false })))),
        more === 0 ? undefined : `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(more, 'more platform')} changed.`
    ]);
}
function platformWords({ size }) {
    const percent = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .signedPercent */ .wu)(size.share);
    if (size.change === 0)
        return 'the same size';
    return `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .signedBytes */ .Sq)(size.change)}${percent === undefined ? '' : ` (${percent})`}`;
}
function storyOf(report, image, difference, detail) {
    const instructions = instructionRows(report, image, difference);
    const paths = pathRows(report, difference);
    const openInstructions = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(instructions, Math.min(detail.rows, INSTRUCTIONS));
    const openPaths = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(paths, Math.min(detail.rows, PATHS));
    const shownPaths = new Set(difference.byPath.rows.slice(0, openPaths.shown.length).map(({ path }) => path));
    return [
        sameSizeSentence(report, difference),
        listed(INSTRUCTION_COLUMNS, openInstructions.shown, openInstructions.more, 'instruction'),
        listed(PATH_COLUMNS, openPaths.shown, openPaths.more, 'path'),
        remarks({ report, image, difference }, detail, shownPaths),
        detail.collapsed && (openInstructions.more > 0 || openPaths.more > 0)
            ? (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .details */ .zH)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .html */ .qy)(`All ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)([
                ...(openInstructions.more > 0 ? [(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(instructions.length, 'instruction')] : []),
                ...(openPaths.more > 0 ? [(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(paths.length, 'path')] : [])
            ])}`), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([
                openInstructions.more === 0 ? undefined : limited(INSTRUCTION_COLUMNS, instructions, detail, 'instruction'),
                openPaths.more === 0 ? undefined : limited(PATH_COLUMNS, paths, detail, 'path')
            ]))
            : undefined
    ];
}
const INSTRUCTION_COLUMNS = [
    { title: 'Change', align: 'right' },
    { title: 'By instruction', align: 'left' },
    { title: '', align: 'left' }
];
const PATH_COLUMNS = [
    { title: 'Change', align: 'right' },
    { title: 'By path', align: 'left' },
    { title: '', align: 'left' }
];
function limited(columns, rows, detail, what) {
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(rows, detail.rows);
    return listed(columns, shown, more, what);
}
function listed(columns, rows, more, what) {
    if (rows.length === 0)
        return undefined;
    const rest = more === 0 ? [] : [['', `*and ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(more, `more ${what}`)}*`]];
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .table */ .tp)(columns, [...rows, ...rest]);
}
function instructionRows(report, image, difference) {
    const changeCell = changeCells(difference);
    const own = difference.byInstruction.map((change) => ({
        size: change.size,
        cells: [changeCell(change.size), (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .changedLayer */ .IV)(report, change), instructionWords(change)]
    }));
    const base = difference.base === 0
        ? []
        : [
            {
                size: difference.base,
                cells: [changeCell(difference.base), ...baseWords(image, difference)]
            }
        ];
    return [...own, ...base].sort((a, b) => Math.abs(b.size) - Math.abs(a.size)).map(({ cells }) => cells);
}
/** Writes sizes of a difference. Bold is what makes up a good part of the change. */
function changeCells({ byInstruction, base }) {
    const largest = byInstruction.reduce((most, { size }) => Math.max(most, Math.abs(size)), Math.abs(base));
    return (size) => {
        const words = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .signedBytes */ .Sq)(size));
        return Math.abs(size) >= largest * BOLD_SHARE ? `**${words}**` : words;
    };
}
function baseWords({ base }, { baseUnknown }) {
    if (baseUnknown)
        return ['the layers below your own', 'the base image is known of only one of the two'];
    return [base === undefined ? 'the base image' : `\`FROM\` ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(base, 100)}`, 'the base image has changed'];
}
function instructionWords(change) {
    switch (change.kind) {
        case 'added':
            return 'new';
        case 'removed':
            return change.before.line === undefined ? 'gone' : `gone (was line ${change.before.line})`;
        case 'reused':
            return '';
        case 'changed': {
            const [now, before] = [(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .bytes */ .ee)(change.layer.size), (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .bytes */ .ee)(change.before.size)];
            const sizes = now === before ? [] : [`${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(now)}, was ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(before)}`];
            const words = [
                ...sizes,
                ...(change.edited ? [layerEdit(change.before.instruction, change.layer.instruction)] : [])
            ];
            return words.length === 0 ? 'changed' : words.join('; ');
        }
    }
}
function layerEdit(before, now) {
    const edit = (0,_format_edit_js__WEBPACK_IMPORTED_MODULE_5__/* .editOf */ ._0)(before, now);
    return edit === undefined ? 'the line was edited' : (0,_format_edit_js__WEBPACK_IMPORTED_MODULE_5__/* .editWords */ .uf)(edit);
}
function pathRows(report, difference) {
    const { byPath } = difference;
    const changeCell = changeCells(difference);
    const rows = byPath.rows.map((change) => [
        changeCell(change.size),
        [
            isGone(change) ? '' : (0,_format_links_js__WEBPACK_IMPORTED_MODULE_2__/* .lineLink */ .lz)(report.source, change.layer?.line),
            change.rest ? `the rest of ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .pathCode */ .N3)(change.path)}` : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .pathCode */ .N3)(change.path)
        ]
            .filter((part) => part !== '')
            .join(' '),
        pathWords(change)
    ]);
    const { other, hidden } = byPath;
    const largest = Math.max(0, ...byPath.rows.map(({ size }) => Math.abs(size)));
    return [
        ...rows,
        ...(other.size === 0 ? [] : [[changeCell(other.size), `*${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(other.files, 'other file')}*`]]),
        ...(hidden === 0 || Math.abs(hidden) < largest * ROW_SHARE || rows.length === 0
            ? []
            : [[changeCell(hidden), '*no path*', 'overwritten or deleted by a later layer, or too small for the index']])
    ];
}
/** Then the layer is the baseline's, and its line is of another Dockerfile. */
function isGone({ kind, files }) {
    return kind === 'removed' || files.added + files.changed === 0;
}
function pathWords(change) {
    if (change.package !== undefined)
        return packageWords(change.package);
    if (change.from !== undefined) {
        const files = change.directory ? `; ${fileWords(change.files)}` : '';
        return `was ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .pathCode */ .N3)(change.from, 60)}${files}`;
    }
    const { added, changed, removed } = change.files;
    const all = added + changed + removed;
    if (change.kind === 'added')
        return change.directory ? `new, ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(all, 'file')}` : 'new';
    if (change.kind === 'removed')
        return change.directory ? `gone, ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(all, 'file')}` : 'gone';
    return change.directory ? fileWords(change.files) : 'changed';
}
/** `3 files new, 12 changed, 1 gone`. */
function fileWords(files) {
    const parts = [
        { number: files.added, word: 'new' },
        { number: files.changed, word: 'changed' },
        { number: files.removed, word: 'gone' },
        { number: files.moved ?? 0, word: 'moved' }
    ].filter(({ number }) => number > 0);
    return parts
        .map(({ number, word }, index) => `${index === 0 ? (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(number, 'file') : (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .grouped */ .zD)(number)} ${word}`)
        .join(', ');
}
/** `boto3 1.35.0, was 1.34.1`. Other versions may be there beside one that is gone. */
function packageWords({ name, from, to }) {
    const versions = (all) => {
        const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(all, SENTENCES);
        return (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)([...shown.map((version) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(version, 40)), ...(more > 0 ? [`${more} more`] : [])]);
    };
    const subject = `package ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(name, 60)}`;
    if (to === undefined)
        return `${subject}${from === undefined ? '' : ` ${versions(from)}`} is gone`;
    if (from === undefined)
        return `${subject} ${versions(to)} is new`;
    return `${subject} ${versions(to)}, was ${versions(from)}`;
}
/** Where no byte was won or lost, and yet layers are others. */
function sameSizeSentence(report, difference) {
    if (difference.byInstruction.length > 0 || difference.base !== 0)
        return undefined;
    const others = difference.layers.filter((change) => change.kind !== 'reused');
    if (others.length === 0) {
        const kept = difference.layers.filter((change) => change.kind === 'reused');
        const moved = kept.filter((change) => change.kind === 'reused' && change.moved).length;
        const again = kept.filter((change) => change.kind === 'reused' && change.recompressed).length;
        const parts = [
            ...(moved === 0 ? [] : [`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(moved, 'layer')} in another order`]),
            ...(again === 0 ? [] : [`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(again, 'layer')} compressed anew`])
        ];
        return `All layers hold the same files${parts.length === 0 ? '' : `; ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(parts)}`}.`;
    }
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(others.filter((change) => change.kind !== 'changed' || !change.timestampsOnly), SENTENCES);
    if (shown.length === 0)
        return undefined;
    const number = shown.length + more;
    const names = shown.map((change) => (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .changedLayer */ .IV)(report, change, 44));
    const sizes = others.every(({ size }) => size === 0)
        ? 'No layer is larger or smaller.'
        : 'In all, the size is the same.';
    return `${sizes} ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(number, 'layer')} ${number === 1 ? 'is' : 'are'} not the same: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)([...names, ...(more > 0 ? [`${more} more`] : [])])}.`;
}
/** What a table of sizes cannot say: counts, packages without a size, moves, times, and what was not compared. */
function remarks({ report, image, difference }, detail, shownPaths) {
    const { byPath } = difference;
    // One row has said it.
    const files = byPath.rows.length > 1 || byPath.files.moved > 0 ? fileWords(byPath.files) : '';
    const most = Math.min(detail.rows, SENTENCES);
    const packages = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(byPath.packages.filter(({ path }) => !shownPaths.has(path)), most);
    const moves = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(byPath.moves, most);
    const omissions = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(difference.omissions, most);
    const items = [
        ...baseGrowth(image, difference),
        ...(files === '' ? [] : [`In all: ${files}.`]),
        ...(packages.shown.length === 0
            ? []
            : [
                `Packages besides: ${[
                    ...packages.shown.map((each) => besideWords(each)),
                    ...(packages.more > 0 ? [`${packages.more} more`] : [])
                ].join('; ')}.`
            ]),
        ...moves.shown.map(moveWords),
        ...(moves.more > 0 ? [`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(moves.more, 'more move')}.`] : []),
        ...timesOnly(report, difference),
        ...omissions.shown.map((omission) => `Not compared in full: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(omission.replace(/\.$/, ''), 300)}.`),
        ...(omissions.more > 0 ? [`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(omissions.more, 'more thing')} could not be compared.`] : [])
    ];
    return items.length === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .bullets */ .e5)(items);
}
/** Growth of the base image, and how it is kept apart from the change that is looked at. */
function baseGrowth({ base }, { base: grown, baseBefore, baseUnknown, size }) {
    if (baseUnknown || grown <= 0 || grown * 2 < size.change)
        return [];
    const more = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .bytes */ .ee)(grown));
    const apart = 'A new base in a change of its own keeps the two apart.';
    if (base !== undefined && baseBefore !== undefined && base !== baseBefore) {
        return [
            `The base image was ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(baseBefore, 100)}, now ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(base, 100)}: **${more}** more, not of your layers. ${apart}`
        ];
    }
    if (base !== undefined && base === baseBefore && !base.includes('@sha256:')) {
        return [
            `The base image ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(base, 100)} grew by **${more}**, not your layers. A tag may move at any time; pinned by its digest, the base changes only in a change of its own.`
        ];
    }
    // Whether the tag moved or another base was written is not known.
    const name = base === undefined ? 'The base image' : `The base image ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(base, 100)}`;
    return [`${name} has **${more}** more than the baseline's, not of your layers. ${apart}`];
}
function besideWords(change) {
    const size = change.size === undefined || change.size === 0 ? '' : ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .signedBytes */ .Sq)(change.size))})`;
    return `${packageWords(change).replace(/^package /, '')}${size}`;
}
/** Moves change no size; they are said so that nobody takes them for growth. */
function moveWords({ from, to, files, size }) {
    const folder = (path) => path.slice(0, path.lastIndexOf('/'));
    const verb = files === 1 && folder(from) === folder(to) ? 'Renamed' : 'Moved';
    const what = files === 1 ? '' : `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(files, 'file')}, `;
    return `${verb}: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .pathCode */ .N3)(from, 60)} is now ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .pathCode */ .N3)(to, 60)} (${what}${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .bytes */ .ee)(size))}, no change in size).`;
}
function timesOnly(report, { layers, timestampsOnly }) {
    if (timestampsOnly === 0)
        return [];
    const all = layers.filter((change) => change.kind === 'changed' && change.timestampsOnly && !change.base);
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(all, 3);
    const names = [...shown.map((change) => (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .changedLayer */ .IV)(report, change, 44)), ...(more > 0 ? [`${more} more`] : [])];
    const [subject, it] = timestampsOnly === 1
        ? ['1 layer differs in nothing but timestamps, and yet it', 'it']
        : [`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .grouped */ .zD)(timestampsOnly)} layers differ in nothing but timestamps, and yet they`, 'them'];
    const verb = timestampsOnly === 1 ? 'is' : 'are';
    return [
        `${subject} ${verb} pulled again${names.length === 0 ? '' : `: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(names)}`}. \`SOURCE_DATE_EPOCH\` and \`rewrite-timestamp=true\` would keep ${it} the same.`
    ];
}


/***/ }),

/***/ 6913:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   U2: () => (/* binding */ toJSON)
/* harmony export */ });
/* unused harmony exports REPORT_SCHEMA, fromJSON */
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6153);
/* harmony import */ var _sections_headline_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8179);


/** Raised when a reader of the previous version would misread the new one. New members do not raise it. */
const REPORT_SCHEMA = 2;
/** The report as data for `JSON.stringify`. Holds what the Report holds: redact that, not this. */
function toJSON(report) {
    const { outcome, startedAt, builds } = report;
    const [first, ...others] = builds;
    return {
        schema: REPORT_SCHEMA,
        headline: (0,_sections_headline_js__WEBPACK_IMPORTED_MODULE_0__/* .headline */ .Pl)(report),
        state: (0,_sections_headline_js__WEBPACK_IMPORTED_MODULE_0__/* .stateOfRun */ .ay)(report),
        ...(0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .without */ .FF)(report, 'relayed', 'startedAt'),
        outcome: outcome.kind === 'green' ? outcome : { ...outcome, failure: failureJSON(outcome.failure) },
        ...(startedAt === undefined ? {} : { startedAt: new Date(startedAt).toISOString() }),
        ...withoutLogs(report),
        builds: [buildJSON(first), ...others.map(buildJSON)]
    };
}
function buildJSON({ own, ...build }) {
    return own === undefined ? build : { ...build, own: { ...own, ...withoutLogs(own) } };
}
function withoutLogs({ stages, steps }) {
    return {
        stages: stages.map(({ firstToRun, ...stage }) => ({
            ...stage,
            ...(firstToRun === undefined ? {} : { firstToRun: withoutLog(firstToRun) })
        })),
        steps: steps.map(withoutLog)
    };
}
/**
 * The Report again: what `toJSON` was given, but for the logs that it leaves out. Headline and state are not taken over,
 * since every rendering makes them anew. Goes by the types: what others wrote is held against the schema before.
 */
function fromJSON(json) {
    const { startedAt, builds } = json;
    const [first, ...others] = builds;
    return {
        ...without(json, 'schema', 'headline', 'state', 'startedAt'),
        ...(startedAt === undefined ? {} : { startedAt: Date.parse(startedAt) }),
        ...withEmptyLogs(json),
        builds: [buildOf(first), ...others.map(buildOf)]
    };
}
function buildOf({ own, ...build }) {
    return own === undefined ? build : { ...build, own: { ...own, ...withEmptyLogs(own) } };
}
function withEmptyLogs({ stages, steps }) {
    return {
        stages: stages.map(({ firstToRun, ...stage }) => ({
            ...stage,
            ...(firstToRun === undefined ? {} : { firstToRun: { ...firstToRun, logTail: [] } })
        })),
        steps: steps.map((step) => ({ ...step, logTail: [] }))
    };
}
/** Lines of the failed step's log. */
const LOG_LINES = 100;
function failureJSON(failure) {
    if ((failure.kind !== 'test' && failure.kind !== 'build') || failure.step === undefined)
        return failure;
    return { ...failure, step: { ...failure.step, logTail: failure.step.logTail.slice(-LOG_LINES) } };
}
function withoutLog(step) {
    return (0,_core_json_js__WEBPACK_IMPORTED_MODULE_1__/* .without */ .FF)(step, 'logTail');
}


/***/ })

};

//# sourceMappingURL=161.index.js.map