export const id = 206;
export const ids = [206];
export const modules = {

/***/ 4822:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ib: () => (/* binding */ renderBroken),
/* harmony export */   _y: () => (/* binding */ renderSaved),
/* harmony export */   pu: () => (/* binding */ savedWords)
/* harmony export */ });
/* harmony import */ var _core_step_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(1757);
/* harmony import */ var _explain_record_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9238);
/* harmony import */ var _format_edit_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(674);
/* harmony import */ var _format_instruction_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(3020);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2184);
/** What broke the cache, stage by stage and why; and what it saved all the same. */








/** Files that are named; the others are counted. */
const NAMED = 3;
/** Characters of an instruction where a step is named. */
const STEP_SHOWN = 60;
/** Less is not worth telling. */
const LEAST_SECONDS = 0.5;
/** A list of reasons; `undefined` when everything was cached, or when nothing is known. */
function renderBroken(report, detail) {
    const stages = report.stages.filter((stage) => stage.why !== undefined);
    if (stages.every(({ why }) => why.cause.kind === 'unknown' && why.cause.reason === 'no-record'))
        return undefined;
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(findingsOf(stages, report.steps), detail.rows);
    const since = report.cache.comparedWith;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([
        `**What broke the cache**${since === undefined ? '' : ` since ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(since, 120)}`}`,
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .bullets */ .e5)([
            ...shown.map((finding) => findingWords(report, finding)),
            ...(more > 0 ? [`and ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(more, 'more reason')}`] : [])
        ])
    ]);
}
/** The most expensive first. Stages with the same reason stand together; one that follows another stands with that one. */
function findingsOf(stages, steps) {
    const byName = new Map(stages.map((stage) => [stage.name, stage]));
    const rootOf = (stage) => {
        let root = stage;
        const seen = new Set();
        while (root.why.cause.kind === 'parent' && !seen.has(root)) {
            seen.add(root);
            root = byName.get(root.why.cause.step.stage ?? '') ?? root;
        }
        return root;
    };
    const groups = new Map();
    for (const stage of stages) {
        const root = rootOf(stage);
        const key = keyOf(root);
        const group = groups.get(key) ?? { stages: [], followers: [] };
        groups.set(key, group);
        (root === stage ? group.stages : group.followers).push(stage);
    }
    return [...groups.values()]
        .map((group) => ({ ...group, seconds: secondsOf(group.stages, steps) }))
        .toSorted((a, b) => b.seconds - a.seconds);
}
function keyOf(stage) {
    const { cause } = stage.why;
    const isGeneral = isAboutTheCache(cause) || cause.kind === 'asked';
    return JSON.stringify([isGeneral ? '' : subjectOf(stage)?.instruction, cause]);
}
/** The step that the reason is about. */
function subjectOf({ firstToRun, why }) {
    return why.step ?? firstToRun;
}
function isAboutTheCache({ kind }) {
    return kind === 'cold' || kind === 'no-cache-found';
}
/** What ran because of several stages' first steps is counted once. */
function secondsOf(stages, steps) {
    const most = Math.max(0, ...stages.map(({ why }) => why.seconds));
    const own = stages.flatMap(({ firstToRun, why }) => firstToRun === undefined || why.step !== undefined ? [] : [firstToRun]);
    const together = (0,_core_step_js__WEBPACK_IMPORTED_MODULE_5__/* .ranBecauseOf */ .d1)(steps.filter(({ name, vertex }) => own.some((step) => step.name === name && step.vertex === vertex)), steps);
    return Math.max(most, together.reduce((sum, { seconds }) => sum + seconds, 0));
}
function findingWords(report, { stages, followers, seconds }) {
    const [first] = stages.length > 0 ? stages : followers;
    if (first === undefined)
        return '';
    const { cause, certainty, install } = first.why;
    const names = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(some((stages.length > 0 ? stages : followers).map((stage) => `**${stageCode(stage)}**`)));
    const subject = isAboutTheCache(cause) ? undefined : subjectOf(first);
    const lines = [...new Set(stages.map((stage) => subjectOf(stage)?.line))];
    const others = lines.slice(1).map((line) => (0,_format_links_js__WEBPACK_IMPORTED_MODULE_2__/* .lineLink */ .lz)(report.source, line));
    const isOne = stages.every((stage) => subjectOf(stage)?.instruction === subject?.instruction);
    const step = subject === undefined ? '' : isOne ? stepWords(report, subject, others) : linesOf(report, lines);
    return [
        `${names}${step === '' ? '' : ` at ${step}`}: ${causeWords(report, cause, certainty)}.`,
        costWords(seconds, stages.length > 0 ? followers : []),
        ...(install === undefined
            ? []
            : [
                `${stepWords(report, install)} (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .duration */ .p0)(install.seconds))}) would stay cached above it, behind a \`COPY\` of only the files that it reads.`
            ])
    ]
        .join(' ')
        .trim();
}
/** "`test` had to follow: 44.1 s of steps in all." */
function costWords(seconds, followers) {
    const follow = followers.length === 0
        ? ''
        : `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(some(followers.map(stageCode)))} had to follow${seconds < LEAST_SECONDS ? '' : ': '}`;
    if (seconds < LEAST_SECONDS)
        return follow === '' ? '' : `${follow}.`;
    return `${follow}${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .duration */ .p0)(seconds))} of steps${follow === '' ? '' : ' in all'}.`;
}
function some(names, most = 6) {
    return names.length <= most ? names : [...names.slice(0, most), `${names.length - most} more`];
}
function stageCode({ name }) {
    return name === '' ? '*(unnamed)*' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(name, 60);
}
/** The line, further lines with the same instruction, and the instruction. */
function stepWords(report, { instruction, line }, others = []) {
    const lines = [(0,_format_links_js__WEBPACK_IMPORTED_MODULE_2__/* .lineLink */ .lz)(report.source, line), ...others].filter((part) => part !== '');
    return [(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(some(lines)), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)((0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_6__/* .briefInstruction */ .ZM)(instruction), STEP_SHOWN)]
        .filter((part) => part !== '')
        .join(' ');
}
/** Lines of several instructions; the table of stages has each of them. */
function linesOf(report, lines) {
    return (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(some(lines.map((line) => (0,_format_links_js__WEBPACK_IMPORTED_MODULE_2__/* .lineLink */ .lz)(report.source, line)).filter((link) => link !== '')));
}
function causeWords(report, cause, certainty) {
    const maybe = certainty === 'likely' ? 'most likely ' : '';
    switch (cause.kind) {
        case 'asked':
            if (cause.by === 'no-cache-filters')
                return '`no-cache-filters` names the stage';
            if (cause.by === 'refresh-after')
                return '`refresh-after` asks for it: what the cache had was too old';
            return `\`${cause.by === 'test-cache' ? 'test-cache: rerun' : 'no-cache: true'}\` asks for it`;
        case 'parent':
            return `it is built from ${stepWords(report, cause.step)}, which ran`;
        case 'base':
            return baseWords(cause.before, cause.after);
        case 'instruction':
            return cause.before === undefined ? 'the instruction is new' : changeWords(cause.before, cause.after);
        case 'above':
            return `${maybe}${aboveWords(report, cause)}`;
        case 'argument': {
            const names = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(some(cause.names.map((name) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(name, 60))));
            return cause.names.length === 1
                ? `${maybe}the build argument ${names} has another value`
                : `${maybe}the build arguments ${names} have other values`;
        }
        case 'input':
            return `${maybe}${inputWords(cause.names)}`;
        case 'files':
            return filesWords(cause.changed, cause.more);
        case 'no-cache-found': {
            const references = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(some(cause.references.map((reference) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(reference, 120)), 3));
            return cause.result === 'missing'
                ? `${maybe}the cache had nothing yet: ${references}`
                : `${maybe}the cache could not be read: ${references}`;
        }
        case 'cold':
            return `${maybe}the builder started empty, and no cache is read; with \`cache-image\` a run begins where the last one ended`;
        case 'evicted':
            return `nothing that is recorded has changed; ${maybe}neither the builder nor the cache had kept it`;
        case 'unknown':
            return unknownWords(cause.reason);
    }
}
function unknownWords(reason) {
    switch (reason) {
        case 'no-record':
            return 'not known, as there is no earlier build to compare with';
        case 'not-built':
            return 'not known, as the earlier build did not need it';
        case 'files-unread':
            return 'not known, as the files it reads are not recorded (too many, too big or not on this machine)';
        case 'dockerfile-unread':
            return 'not known, as build arguments have other values, and the Dockerfile’s own words for it are not known';
        case 'source-unread':
            return 'not known, as it reads something from outside the build context';
    }
}
function baseWords(before, after) {
    const [[image, digest], [newImage, newDigest]] = [splitDigest(before), splitDigest(after)];
    return image === newImage
        ? `the base image ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(image, 120)} has changed: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(digest)} → ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(newDigest)}`
        : `the base image was ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(image, 120)}, now ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(newImage, 120)}`;
}
function splitDigest(reference) {
    const at = reference.lastIndexOf('@');
    return at === -1 ? [reference, ''] : [reference.slice(0, at), reference.slice(at + 1, at + 20)];
}
function aboveWords(report, { before, after, line }) {
    const now = after === undefined ? undefined : stepWords(report, { instruction: after, ...(line === undefined ? {} : { line }) });
    if (before !== undefined && after !== undefined && now !== undefined) {
        return (0,_format_edit_js__WEBPACK_IMPORTED_MODULE_7__/* .looksOther */ .df)(before, after, STEP_SHOWN)
            ? `above it, ${instructionCode(before)} became ${now}`
            : `in ${now} above it, ${detailWords(before, after)}`;
    }
    if (before !== undefined)
        return `${instructionCode(before)} above it is gone`;
    return now === undefined ? 'the instructions above it are in another order' : `${now} above it is new`;
}
function changeWords(before, after) {
    return (0,_format_edit_js__WEBPACK_IMPORTED_MODULE_7__/* .looksOther */ .df)(before, after, STEP_SHOWN)
        ? `the instruction was ${instructionCode(before)}`
        : `in the instruction, ${detailWords(before, after)}`;
}
/** What differs where the beginnings do not. A record has the text of an instruction without its heredocs. */
function detailWords(before, after) {
    const edit = (0,_format_edit_js__WEBPACK_IMPORTED_MODULE_7__/* .editOf */ ._0)(before, after);
    if (edit !== undefined)
        return (0,_format_edit_js__WEBPACK_IMPORTED_MODULE_7__/* .editWords */ .uf)(edit);
    if (after.length >= _explain_record_js__WEBPACK_IMPORTED_MODULE_0__/* .MOST_TEXT */ .iu)
        return `what differs is not within the first ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .grouped */ .zD)(_explain_record_js__WEBPACK_IMPORTED_MODULE_0__/* .MOST_TEXT */ .iu)} characters`;
    return after.includes('<<') ? 'only the text of a heredoc or blanks differ' : 'only blanks differ';
}
function instructionCode(instruction) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)((0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_6__/* .briefInstruction */ .ZM)(instruction), 100);
}
function inputWords(names) {
    const values = names.filter((name) => name !== 'namespace').map((name) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(name));
    const words = [
        ...(values.length === 0
            ? []
            : [`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)(values)} ${values.length === 1 ? 'has another value' : 'have other values'}`]),
        ...(names.includes('namespace')
            ? ['its cache mounts are kept in another namespace (`BUILDKIT_CACHE_MOUNT_NS`) than those of the earlier build']
            : [])
    ];
    return words.join(', and ');
}
function filesWords(changed, more) {
    if (changed.every(({ path }) => path === '.git'))
        return '`.git` changed, as it does with every commit; listed in `.dockerignore` it would break nothing';
    const words = { changed: '', added: ' (new)', removed: ' (gone)' };
    const names = changed.slice(0, NAMED).map(({ path, how }) => `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .pathCode */ .N3)(path, 60)}${words[how]}`);
    const rest = changed.length - names.length + more;
    const all = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .enumerated */ .BD)([...names, ...(rest > 0 ? [`${rest} more`] : [])]);
    return `${all} changed`;
}
/** `about 48 s saved`, for lines of facts; `undefined` where it is not known or not worth telling. */
function savedWords(report) {
    const { saved } = report.cache;
    return saved === undefined || saved.seconds < LEAST_SECONDS ? undefined : `${about(saved.seconds)} saved`;
}
/** The estimate and what it rests on. */
function renderSaved(report) {
    const { saved } = report.cache;
    if (saved === undefined || saved.stepSeconds < LEAST_SECONDS)
        return undefined;
    const unknown = saved.unknownSteps === 0 ? '' : `, not counting ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(saved.unknownSteps, 'step')} of which no run is known`;
    const sum = `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .duration */ .p0)(saved.stepSeconds))} of steps came from it`;
    return `**Saved by the cache:** ${about(saved.seconds)}, an estimate: ${sum}, by the times they last took${unknown}.`;
}
/** An estimate is no measurement: whole seconds from ten on. */
function about(seconds) {
    return `about ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(seconds < 9.95 || seconds > 59.5 ? (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .duration */ .p0)(seconds) : `${Math.round(seconds)} s`)}`;
}


/***/ }),

/***/ 7301:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   K3: () => (/* binding */ renderCachePlan),
/* harmony export */   R4: () => (/* binding */ renderMountsLine),
/* harmony export */   bk: () => (/* binding */ renderCacheLine),
/* harmony export */   oR: () => (/* binding */ renderCacheTrouble)
/* harmony export */ });
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2184);


/** How many references are named; the others are counted. */
const NAMED = 3;
/** One line of facts: where the cache was read from and written to; `undefined` when nothing of it worked. */
function renderCacheLine(report) {
    const { imports, exports, downloads, broken } = report.cache;
    // A cache that broke the build was of no use, however well its manifest could be read.
    const read = broken === undefined ? imports : imports.filter(({ result }) => result === 'missing');
    const names = [...new Set([...read, ...exports].map((transfer) => transfer.reference))];
    const lines = names.flatMap((name) => {
        const did = [...doneWith(read, name, 'read'), ...doneWith(exports, name, 'written')];
        return did.length === 0 ? [] : [`${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .code */ .aY)(name, 300)} ${did.join(', ')}`];
    });
    if (lines.length === 0)
        return undefined;
    const more = lines.length - NAMED;
    const moved = downloads === undefined
        ? ''
        : ` · ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .bytes */ .ee)(downloads.bytes))} downloaded in ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(downloads.seconds))}`;
    return `**Layer cache:** ${lines.slice(0, NAMED).join(' · ')}${more > 0 ? ` · and ${more} more` : ''}${moved}`;
}
function doneWith(transfers, reference, verb) {
    const transfer = transfers.find((each) => each.reference === reference);
    if (transfer?.result === 'missing')
        return ['was empty before this run'];
    if (transfer?.result === 'unchanged') {
        const { heldBy } = transfer;
        return [
            heldBy === undefined || heldBy === reference
                ? 'holds everything already'
                : `not needed, ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .code */ .aY)(heldBy, 300)} holds everything`
        ];
    }
    if (transfer?.result !== 'ok')
        return [];
    const size = transfer.bytes === undefined ? '' : ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)(`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .bytes */ .ee)(transfer.bytes)} new`)})`;
    return [`${transfer.seconds === undefined ? verb : `${verb} in ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(transfer.seconds))}`}${size}`];
}
/** One line of facts: which cache mounts came from an earlier run and which are kept for a later one. */
function renderMountsLine(report) {
    const mounts = report.cacheMounts ?? [];
    const words = ['restored', 'kept', 'saved', 'unchanged'].flatMap((state) => {
        const those = mounts.filter(({ before, after }) => before === state || after === state);
        if (those.length === 0)
            return [];
        const size = those.reduce((sum, mount) => sum + (mount.size ?? 0), 0);
        const amount = size === 0 ? '' : ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .bytes */ .ee)(size))})`;
        return [`${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)(`${those.length} ${state}`)}${state === 'kept' ? ' by the builder' : ''}${amount}`];
    });
    return words.length === 0 ? undefined : `**Cache mounts:** ${words.join(', ')}`;
}
/** A warning box with each transfer that failed, in the registry's own words; `undefined` when all is well. */
function renderCacheTrouble(report) {
    const { imports, exports, broken } = report.cache;
    const failures = [
        ...imports.map((transfer) => ({ transfer, verb: 'read' })),
        ...exports.map((transfer) => ({ transfer, verb: 'written' }))
    ].filter(({ transfer }) => transfer.result === 'failed');
    if (failures.length === 0 && broken === undefined)
        return undefined;
    const lines = failures.slice(0, NAMED).map(({ transfer, verb }) => {
        const reason = transfer.message === undefined ? '' : `: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .text */ .Qq)(transfer.message, 300)}`;
        return `- ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .code */ .aY)(transfer.reference, 300)} could not be ${verb}${reason}`;
    });
    const more = failures.length - lines.length;
    const rest = more > 0 ? [`- and ${more} more`] : [];
    const again = broken === undefined
        ? []
        : [
            `- A part of it could not be read: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .text */ .Qq)(broken.message, 300)}. The build was started again without it, after ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_1__/* .duration */ .p0)(broken.seconds))}.`
        ];
    const messages = [...failures.map(({ transfer }) => transfer.message ?? ''), broken?.message ?? ''];
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .alert */ .xE)('WARNING', [
        '**The layer cache did not work.**',
        [...again, ...lines, ...rest].join('\n'),
        adviceFor(messages, failures.map(({ transfer }) => transfer.reference), broken !== undefined)
    ]);
}
function adviceFor(messages, references, isBroken) {
    const effect = isBroken
        ? 'The result is the same; it only took longer.'
        : 'This build is not affected; the next one will be slower.';
    const says = (pattern) => messages.some((message) => pattern.test(message));
    if (says(/\b40[13]\b|unauthori[sz]ed|denied|forbidden/i)) {
        const ghcr = references.some((reference) => reference.startsWith('ghcr.io/'))
            ? ' On ghcr.io the job needs `packages: write`, and the package must let this repository write (its settings, *Manage Actions access*).'
            : '';
        return `${effect} Log in to the registry before this step (\`docker/login-action\`), as somebody who may write there.${ghcr}`;
    }
    if (says(/\b429\b|toomanyrequests|too many requests/i)) {
        return `${effect} The registry limits how often it is asked. Log in to it, or use one without that limit.`;
    }
    if (says(/\b507\b|quota|insufficient storage|no space left/i)) {
        return `${effect} The registry is full: remove references that nobody needs (examples/workflows/cache-cleanup.yml).`;
    }
    return effect;
}
/** The plan as a table: what is read, what is written, why. */
function renderCachePlan(report, detail) {
    const { plan } = report.cache;
    if (plan === undefined)
        return undefined;
    const columns = [
        { title: 'Reference', align: 'left' },
        { title: '', align: 'left' },
        { title: 'Why', align: 'left' }
    ];
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .table */ .tp)(columns, plan
        .slice(0, detail.rows)
        .map(({ reference, action, why }) => [
        reference === '' ? '–' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .code */ .aY)(reference, 300),
        action === 'none' ? '' : action,
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_0__/* .text */ .Qq)(why, 300)
    ]));
}


/***/ }),

/***/ 8580:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I: () => (/* binding */ facts)
/* harmony export */ });
/* harmony import */ var _broken_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(4822);
/* harmony import */ var _headline_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8179);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(99);
/* harmony import */ var _model_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(6867);
/* harmony import */ var _published_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3373);
/* harmony import */ var _stages_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(3584);
/* harmony import */ var _tests_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(5614);
/* harmony import */ var _trial_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(6843);
/* harmony import */ var _twice_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(5199);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(2184);
/** The run in one line. */










/** What the gate did, what left the runner, what it cost. */
function facts(report) {
    const { cached, steps } = (0,_stages_js__WEBPACK_IMPORTED_MODULE_3__/* .cachedSteps */ .en)(report);
    const parts = [
        gateFact(report),
        (0,_trial_js__WEBPACK_IMPORTED_MODULE_6__/* .trialFact */ .BI)(report),
        (0,_twice_js__WEBPACK_IMPORTED_MODULE_5__/* .twiceFact */ .pK)(report),
        publishFact(report),
        steps === 0 ? undefined : [`${cached} of ${steps} steps cached`, (0,_broken_js__WEBPACK_IMPORTED_MODULE_0__/* .savedWords */ .pu)(report)].filter(Boolean).join(', '),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_7__/* .unbroken */ .D_)(`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .duration */ .p0)(report.seconds.total)} ${report.own === undefined ? 'in all' : 'for all images'}`)
    ];
    return parts.filter((part) => part !== undefined).join(' · ');
}
/** How many names stand in the line of facts. */
const NAMED = 3;
function gateFact(report) {
    const { gate } = report;
    if (gate.verdict === 'skipped')
        return `**No gate**: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_7__/* .text */ .Qq)(gate.reason ?? 'no `test-target` is set', 200)}`;
    const names = gate.targets.slice(0, NAMED).map((target) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_7__/* .code */ .aY)(target.stage, 60));
    const more = gate.targets.length - names.length;
    const stages = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .enumerated */ .BD)([...names, ...(more > 0 ? [`${more} more`] : [])]);
    const longest = Math.max(0, ...gate.targets.map((target) => target.seconds));
    const tests = (0,_tests_js__WEBPACK_IMPORTED_MODULE_4__/* .testWords */ .Kp)(report);
    const counted = tests === undefined ? '' : `: ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_7__/* .unbroken */ .D_)(tests)}`;
    if ((0,_headline_js__WEBPACK_IMPORTED_MODULE_1__/* .isCachedPass */ .Q0)(report))
        return `**Gate passed** (${stages}, cached: nothing had to run)${counted}`;
    return `**Gate passed** (${stages}${longest > 0 ? `, ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_7__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_8__/* .duration */ .p0)(longest))}` : ''})${counted}`;
}
function publishFact(report) {
    const { publish } = report;
    if (!publish.published) {
        if (report.images.length === 0 || report.outcome.kind === 'red')
            return undefined;
        const reason = report.trusted && publish.reason !== '' ? ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_7__/* .text */ .Qq)(publish.reason, 300)})` : '';
        return `**not published**${reason}`;
    }
    const [first] = publish.tags;
    const more = publish.tags.length - 1;
    const tags = first === undefined ? '' : ` ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_7__/* .code */ .aY)(first, 120)}${more > 0 ? ` and ${more} more` : ''}`;
    return `**${_published_js__WEBPACK_IMPORTED_MODULE_2__/* .reachWords */ .Nc[(0,_model_js__WEBPACK_IMPORTED_MODULE_9__/* .reachOf */ .xw)(publish)]}**${tags}`;
}


/***/ }),

/***/ 9197:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   D: () => (/* binding */ answersAll),
/* harmony export */   cE: () => (/* binding */ tellsComparison),
/* harmony export */   g9: () => (/* binding */ renderFailed)
/* harmony export */ });
/* harmony import */ var _trial_js__WEBPACK_IMPORTED_MODULE_9__ = __webpack_require__(6843);
/* harmony import */ var _twice_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5199);
/* harmony import */ var _core_step_js__WEBPACK_IMPORTED_MODULE_12__ = __webpack_require__(1757);
/* harmony import */ var _budget_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(406);
/* harmony import */ var _format_instruction_js__WEBPACK_IMPORTED_MODULE_11__ = __webpack_require__(3020);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2054);
/* harmony import */ var _leaks_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(3119);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(99);
/* harmony import */ var _remedies_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(985);
/* harmony import */ var _remedy_js__WEBPACK_IMPORTED_MODULE_13__ = __webpack_require__(5863);
/* harmony import */ var _stages_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(3584);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_10__ = __webpack_require__(2184);
/* harmony import */ var _judge_index_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(8067);
/** The red report: what failed, where, its own last words, what to do. Nothing else competes for the eye. */














/** Lines of the log shown open. */
const LAST_WORDS = 20;
/** Lines of a message shown open. */
const MESSAGE_LINES = 20;
/** Where a line of a message is broken. */
const MESSAGE_COLUMNS = 96;
/** The body of a red report, below its heading; `undefined` in a green one. */
function renderFailed(report, detail) {
    if (report.outcome.kind === 'green')
        return undefined;
    const { failure } = report.outcome;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .sections */ .V0)([
        ...story(report, failure, detail),
        folded(report, failure, detail),
        remedies(report, failure),
        gateLine(report, failure)
    ]);
}
/** Whether there is more to tell than the failure: an image that was inspected, and refused for what is in it. */
function answersAll({ outcome, images }) {
    return outcome.kind === 'green' || (images.length > 0 && isAboutImage(outcome.failure));
}
function isAboutImage({ kind }) {
    return kind === 'leak' || kind === 'budget' || kind === 'smoke' || kind === 'verify' || kind === 'irreproducible';
}
/** The story of a budget has the comparison in it. */
function tellsComparison({ outcome }) {
    return outcome.kind === 'red' && outcome.failure.kind === 'budget';
}
function story(report, failure, detail) {
    switch (failure.kind) {
        case 'test':
            return stepStory(report, failure, failure.step, testEnd(failure));
        case 'build':
            if (failure.step === undefined)
                return [where(report, failure.line), message(failure.message)];
            return stepStory(report, failure, failure.step, failure.exitCode === undefined ? 'failed' : `ended with exit code ${failure.exitCode}`, failure.exitCode === undefined ? failure.message : undefined);
        case 'dockerfile':
            return [where(report, failure.line), message(failure.message)];
        case 'registry':
            return [
                [
                    failure.reference === undefined ? '' : `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(failure.reference)}**`,
                    failure.line === undefined ? '' : (0,_format_links_js__WEBPACK_IMPORTED_MODULE_4__/* .placeLink */ .aE)(report.source, failure.line)
                ]
                    .filter((part) => part !== '')
                    .join(' · '),
                message(failure.message)
            ];
        case 'leak':
            return [(0,_leaks_js__WEBPACK_IMPORTED_MODULE_3__/* .leakIntroduction */ .i5)(report), (0,_leaks_js__WEBPACK_IMPORTED_MODULE_3__/* .renderLeaks */ .Z$)(report, detail)];
        case 'budget':
            return (0,_budget_js__WEBPACK_IMPORTED_MODULE_1__/* .budgetStory */ .Hb)(report, (0,_judge_index_js__WEBPACK_IMPORTED_MODULE_7__/* .judgedLimits */ .I9)(failure.broken), detail);
        case 'engine':
        case 'internal':
        case 'unrecognised':
            return [message(failure.message)];
        case 'smoke':
            return [(0,_trial_js__WEBPACK_IMPORTED_MODULE_9__/* .smokeStory */ .tH)(failure.results)];
        case 'verify':
            return [(0,_trial_js__WEBPACK_IMPORTED_MODULE_9__/* .verifyStory */ .HB)(failure.results)];
        case 'irreproducible':
            return [(0,_twice_js__WEBPACK_IMPORTED_MODULE_0__/* .twiceStory */ .Oq)(report, failure, detail)];
        case 'mismatch':
            return ['What the tests saw and what would have left are not the same:', message(failure.cause)];
        case 'credential': {
            const what = failure.credential === 'ssh' ? 'an SSH key with the id' : 'the secret';
            const who = failure.linked === undefined
                ? (0,_format_links_js__WEBPACK_IMPORTED_MODULE_4__/* .placeLink */ .aE)(report.source, failure.line)
                : `The linked target ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(failure.linked, 100)}`;
            return [
                `${who} requires ${what} ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(failure.id, 100)}, and the workflow does not supply it. Nothing was built.`
            ];
        }
        case 'untested':
            return [
                `Not tested: ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .enumerated */ .BD)(failure.stages.map((stage) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(stage, 100)))} ${failure.stages.length === 1 ? 'needs' : 'need'} a secret or key that this run is not given. What could be built without it was built.`
            ];
        case 'input': {
            const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_2__/* .capped */ .uo)(failure.problems, detail.rows);
            return [
                `${report.steps.length === 0 ? 'Nothing was started. ' : ''}Correct these lines of the workflow:`,
                (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .table */ .tp)([
                    { title: 'Input', align: 'left' },
                    { title: 'What is wrong', align: 'left' },
                    { title: 'What to do', align: 'left' }
                ], shown.map((problem) => [
                    (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(problem.input, 60),
                    (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .text */ .Qq)(capital(problem.problem), 500),
                    (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .text */ .Qq)(capital(problem.fix), 500)
                ])),
                more === 0 ? undefined : `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .count */ .U9)(more, 'more problem')}.`
            ];
        }
        case 'cancelled':
            return ['The run was cancelled from outside, and the build was stopped with it.'];
    }
}
/** The verdict of a stage that is exported is in its files: the step itself went well. */
function testEnd({ exitCode, reported }) {
    return reported === true ? `left the exit code ${exitCode} in its report` : `ended with exit code ${exitCode}`;
}
function where(report, line) {
    return line === undefined ? undefined : `**${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_4__/* .placeLink */ .aE)(report.source, line)}**`;
}
function stepStory(report, failure, step, end, words) {
    const { script, line = step.line } = failure;
    const stage = step.stage === undefined ? undefined : `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(step.stage, 100)}**`;
    const place = line === undefined ? undefined : `**${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_4__/* .placeLink */ .aE)(report.source, line)}**`;
    const platform = step.platform === undefined ? '' : ` on ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(step.platform, 60)}`;
    const head = [stage, place].filter((part) => part !== undefined).join(' · ');
    const after = step.seconds > 0 ? ` after ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .duration */ .p0)(step.seconds)}` : '';
    const tail = logOf(step);
    return [
        `${head === '' ? 'The step' : head} ${end}${after}${platform}`,
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .block */ .om)(script === undefined ? (0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_11__/* .instructionLines */ .Ey)(step.instruction) : scriptLines(step, script), 'dockerfile', 400),
        tail.length === 0 ? undefined : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .block */ .om)(tail.slice(-LAST_WORDS), 'text', 400),
        tail.length === 0 && words === undefined ? 'It printed nothing.' : undefined,
        words === undefined ? undefined : message(words)
    ];
}
/** An instruction and its heredocs, as the Dockerfile has them. */
function scriptLines({ instruction }, { lines, more }) {
    const rest = more > 0 ? [`… ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .count */ .U9)(more, 'more line')}`] : [];
    return [(0,_core_step_js__WEBPACK_IMPORTED_MODULE_12__/* .shownRun */ .Ff)(instruction), ...lines, ...rest];
}
/** The log without the empty lines at its end. */
function logOf(step) {
    const lines = step.logTail.map(_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .visibleLine */ .P8);
    return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
}
function message(words) {
    const lines = words
        .trim()
        .split(/\r?\n/)
        .flatMap((line) => wrapped((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .shortened */ .vI)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .visibleLine */ .P8)(line), 2000)));
    const shown = lines.slice(0, MESSAGE_LINES);
    const more = lines.length - shown.length;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .block */ .om)([...shown, ...(more > 0 ? [`… ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .count */ .U9)(more, 'more line')}`] : [])]);
}
/** A code block does not wrap, and the end of an error chain is what matters: `a: b: c` breaks after its colons. */
function wrapped(line) {
    if (line.length <= MESSAGE_COLUMNS)
        return [line];
    const parts = line.split(/(?<=: )|(?<=, )/);
    const rows = [];
    for (const part of parts) {
        const last = rows.at(-1);
        if (last !== undefined && last.length + part.length <= MESSAGE_COLUMNS)
            rows[rows.length - 1] = last + part;
        else
            rows.push(rows.length === 0 ? part : `  ${part}`);
    }
    return rows.map((row) => row.trimEnd());
}
function remedies(report, failure) {
    const list = (0,_remedies_js__WEBPACK_IMPORTED_MODULE_5__/* .remediesFor */ .g)(report, failure);
    if (list.length === 0)
        return undefined;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .sections */ .V0)(['### What to do', (0,_remedy_js__WEBPACK_IMPORTED_MODULE_13__/* .renderRemedies */ .N)(list)]);
}
/** What became of the other stages; only where that says something. */
function gateLine(report, failure) {
    const targets = report.gate.targets.filter((target) => target.result !== 'failed');
    const gates = (list) => list.slice(0, 12).map((target) => `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(target.stage, 60)} ${(0,_stages_js__WEBPACK_IMPORTED_MODULE_6__/* .gateResult */ .xp)(target)}`);
    // The line of facts has it.
    if (report.images.length > 0 && (failure.kind === 'leak' || failure.kind === 'budget'))
        return undefined;
    if (failure.kind === 'registry' ||
        failure.kind === 'mismatch' ||
        failure.kind === 'leak' ||
        failure.kind === 'budget') {
        const judged = gates(targets.filter((target) => target.result === 'ran' || target.result === 'cached'));
        return judged.length === 0 ? undefined : `The gate: ${judged.join(' · ')}`;
    }
    if (failure.kind !== 'test' && failure.kind !== 'build')
        return undefined;
    const stopped = report.steps.filter((step) => step.state === 'cancelled').map((step) => step.stage);
    const others = [...new Set(stopped)]
        .filter((stage) => stage !== undefined)
        .filter((stage) => !report.gate.targets.some((target) => target.stage === stage))
        .map((stage) => `${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .code */ .aY)(stage, 60)} stopped`);
    const beside = [...gates(targets), ...others.slice(0, 5)];
    return beside.length === 0 ? undefined : `Beside it: ${beside.join(' · ')}`;
}
function folded(report, failure, detail) {
    if (failure.kind !== 'test' && failure.kind !== 'build')
        return undefined;
    if (failure.step === undefined || !detail.collapsed)
        return undefined;
    const tail = logOf(failure.step);
    if (tail.length <= LAST_WORDS)
        return undefined;
    const lines = tail.slice(-detail.logLines);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .details */ .zH)(`The last ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .html */ .qy)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_10__/* .count */ .U9)(lines.length, 'line'))} of this step`, (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .sections */ .V0)([(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_8__/* .block */ .om)(lines, 'text', 1000), `All of it is in the ${(0,_format_links_js__WEBPACK_IMPORTED_MODULE_4__/* .logLink */ .P5)(report)}.`]));
}
function capital(sentence) {
    return sentence.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase());
}


/***/ }),

/***/ 5098:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   I: () => (/* binding */ renderNotes),
/* harmony export */   y: () => (/* binding */ renderFewNotes)
/* harmony export */ });
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2054);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(99);
/** Degradations and advice of the run itself; nothing fails because of them. */


/** All of them, in the open. */
function renderNotes(report, detail) {
    const list = listed(report, detail.rows, 1000);
    return list === undefined ? undefined : `### Notes\n\n${list}`;
}
/** The first few, folded where there is room for folds. */
function renderFewNotes(report, detail) {
    const list = listed(report, Math.min(detail.rows, 5), 400);
    if (list === undefined)
        return undefined;
    return detail.collapsed ? (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .details */ .zH)((0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .html */ .qy)(`Notes: ${report.notes.length}`), list) : list;
}
function listed({ notes }, rows, characters) {
    if (notes.length === 0)
        return undefined;
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(notes, rows);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .bullets */ .e5)([...shown.map((note) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .text */ .Qq)(note, characters)), ...(more > 0 ? [`and ${more} more`] : [])]);
}


/***/ }),

/***/ 2129:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   _2: () => (/* binding */ shortPrint),
/* harmony export */   fk: () => (/* binding */ smallPrint),
/* harmony export */   uP: () => (/* binding */ fullReport)
/* harmony export */ });
/* harmony import */ var _difference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9580);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/* harmony import */ var _verdict_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4910);
/** The small print: what was proved, with what it was compared, and how it was measured. Only what this run did. */




/** Of the job summary. */
function smallPrint(report) {
    const line = [...proofs(report), ...(0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .baselineSentence */ .FD)(report), ...versions(report)].join(' ');
    const parts = [
        ...(line === '' ? [] : [(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(line, 700)]),
        ...(report.source.runUrl === undefined ? [] : [(0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .logLink */ .P5)(report)])
    ];
    const how = [...(0,_verdict_js__WEBPACK_IMPORTED_MODULE_2__/* .searchProof */ .hW)(report), ...measures(report)];
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([
        how.length === 0
            ? undefined
            : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .details */ .zH)('How it was measured and searched', (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .bullets */ .e5)(how.map((each) => (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(each, 1000)))),
        parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`
    ]);
}
/** Of a comment: the summary, which the run's page has, tells the rest. */
function shortPrint(report) {
    const words = [...proofs(report), ...(comparesSizes(report) ? (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .baselineSentence */ .FD)(report) : [])].join(' ');
    const parts = [...(words === '' ? [] : [(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)(words, 700)]), ...fullReport(report)];
    return parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`;
}
/** Of other failures the sizes are not the news. */
function comparesSizes({ outcome }) {
    return outcome.kind === 'green' || outcome.failure.kind === 'budget' || outcome.failure.kind === 'leak';
}
/** The run's page has the job summary. */
function fullReport(report) {
    return report.source.runUrl === undefined ? [] : [(0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .logLink */ .P5)(report, 'full report')];
}
function proofs(report) {
    const { outcome, publish, gate } = report;
    if (outcome.kind === 'red' || !publish.published)
        return [];
    const what = publish.tags.length === 0 ? 'What left the builder' : 'What the tags point to';
    const when = gate.verdict === 'passed' ? ', and it left only after the gate had passed' : '';
    return [`${what} is the image that was inspected${when}.`];
}
function measures(report) {
    if (report.outcome.kind === 'red' || report.images.length === 0)
        return [];
    const compressed = report.images.some((image) => image.transferSize !== undefined);
    const transfer = compressed ? '; transfer: the same compressed, as a registry holds it' : '';
    return [
        `Size: bytes of all layers’ content, unpacked${transfer}; read from the manifest and the layers, 1 MB = 1,000,000 bytes.`
    ];
}
function versions(report) {
    const { buildx, buildkit, driver } = report.builder;
    const parts = [
        ...(buildx === '' ? [] : [`buildx ${buildx}`]),
        ...(buildkit === undefined || buildkit === '' ? [] : [`BuildKit ${buildkit}`]),
        ...(driver === '' ? [] : [`${driver} driver`])
    ];
    return parts.length === 0 ? [] : [`Built with ${parts.join(', ')}.`];
}


/***/ }),

/***/ 985:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  g: () => (/* binding */ remediesFor)
});

// EXTERNAL MODULE: ./src/core/linked.ts
var linked = __webpack_require__(9358);
// EXTERNAL MODULE: ./src/core/step.ts
var step = __webpack_require__(1757);
// EXTERNAL MODULE: ./src/dockerfile/index.ts + 9 modules
var dockerfile = __webpack_require__(5212);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(2184);
// EXTERNAL MODULE: ./src/gate/lacking.ts
var gate_lacking = __webpack_require__(8268);
// EXTERNAL MODULE: ./src/ssh/deploy_keys.ts
var deploy_keys = __webpack_require__(1490);
// EXTERNAL MODULE: ./src/report/format/markdown.ts
var markdown = __webpack_require__(99);
;// CONCATENATED MODULE: ./src/report/sections/credentials.ts
/** What to do where a build was not given a secret or an ssh key that its Dockerfile mounts. */





/** The words of ssh and git where a host takes none of the keys. */
const KEY_REFUSED = /Permission denied \(publickey|Could not read from remote repository/i;
/** ssh did not come to its keys. */
const NOT_REACHED = /Host key verification failed|Could not resolve host|Connection (?:refused|timed out|reset|closed)|No route to host|Network is unreachable/i;
/** The words of package managers, git and HTTP clients where a server wants a login, or another one. */
const LOGIN_REFUSED = /\b40[13] (?:Client Error|Unauthorized|Forbidden)|\b401 Error|\b(?:HTTP(?:\/[\d.]+)?|error|status(?: code)?|code):? E?40[13]\b|\bENEEDAUTH\b|could not read (?:Username|Password) for|Authentication (?:failed for|(?:is )?required)|Unable to authenticate|Could not authenticate|Unable to locate credentials/i;
/** What a host that takes no key asks for: the mount, or another key. */
function keyRefusedRemedy(instruction) {
    const deployKeys = 'A deploy key belongs to one repository: several of them need the secret `git_ssh`.';
    return (0,dockerfile/* mountsIn */.Ko)(instruction).some(({ type }) => type === 'ssh')
        ? {
            sentence: `The host refused the SSH key. Check that the key in \`ssh-private-key\` may read this repository. ${deployKeys}`
        }
        : {
            sentence: `The host got no SSH key, as the step has no \`--mount=type=ssh\`. The key in \`ssh-private-key\` must be one that may read this repository. ${deployKeys}`,
            lines: { language: 'dockerfile', text: ['RUN --mount=type=ssh \\', '    …'] }
        };
}
/** What a server that takes no login asks for: the mount, or another secret. */
function loginRefusedRemedy(instruction) {
    const ids = (0,dockerfile/* mountsIn */.Ko)(instruction).flatMap((mount) => mount.type === 'secret' && (0,dockerfile/* credentialOf */.$5)(mount) !== 'known_hosts' ? ((0,dockerfile/* credentialOf */.$5)(mount) ?? []) : []);
    return {
        sentence: ids.length === 0
            ? 'A server refused the login. The step mounts no secret: if the server wants one, mount it (`--mount=type=secret,id=…`).'
            : `A server refused the login. Check that ${(0,units/* enumerated */.BD)(ids.map((id) => `"${(0,markdown/* inline */.mG)(id)}"`))} ${ids.length === 1 ? 'is the secret' : 'are the secrets'} that it wants, and still valid.`
    };
}
/**
 * What to do about what a failed step mounts and was not given. What its last words say is missing leaves no other cause; of a
 * server that refused a login nobody knows which it wanted, so it comes before the other hints only where the step had none.
 */
function lackingRemedies(report, { instruction, words, lacking }, hints) {
    const step = { words, mounts: (0,dockerfile/* mountsIn */.Ko)(instruction), lacking };
    const of = Object.groupBy(lacking, (credential) => weigh(credential, step));
    const told = (those = [], certainty) => those.length === 0 ? [] : [lackingRemedy(report, those, certainty)];
    // To look at the login itself is no use where there was none.
    const login = of.likely === undefined ? undefined : loginRefusedRemedy(instruction).sentence;
    return [
        ...told(of.certain, 'certain'),
        ...told(of.likely, 'likely'),
        ...(of.certain === undefined ? hints.filter(({ sentence }) => sentence !== login) : []),
        ...told(of.possible, 'likely')
    ];
}
/** How much speaks for it that a step failed for want of a credential. */
function weigh(credential, step) {
    const { words } = step;
    if (isKey(credential)) {
        const isRefused = (KEY_REFUSED.test(words) && !NOT_REACHED.test(words)) || /authentication agent|SSH_AUTH_SOCK/.test(words);
        return isRefused && hasNone('ssh', step) ? 'certain' : 'possible';
    }
    if (isSaidMissing(credential, step))
        return 'certain';
    return LOGIN_REFUSED.test(words) && hasNone('secret', step) ? 'likely' : 'possible';
}
/** Whether a step was given none of its mounts of a type. */
function hasNone(type, { mounts, lacking }) {
    return mounts
        .filter((mount) => mount.type === type)
        .every((mount) => lacking.some(({ credential, id }) => credential === type && id === (0,dockerfile/* credentialOf */.$5)(mount)));
}
const MISSING = /no such file|can(?:no|')t open|does not exist|not found|ENOENT|unbound variable|not set|parameter null/i;
/** Whether a line says that the file or the variable of a secret is not there. One that a shell prints of a command says nothing. */
function isSaidMissing({ id }, { words, mounts }) {
    const names = mounts
        .filter((mount) => mount.type === 'secret' && (0,dockerfile/* credentialOf */.$5)(mount) === id)
        .flatMap(({ options }) => {
        const variable = options.get('env');
        // Without either it is a file: https://docs.docker.com/reference/dockerfile/#run---mounttypesecret
        const file = options.get('target') ?? (variable === undefined ? `/run/secrets/${id}` : undefined);
        return [file, variable].filter((name) => name !== undefined && name.length > 2);
    });
    const lines = words.split('\n').filter((line) => MISSING.test(line) && !/^\++ /.test(line));
    return names.some((name = '') => lines.some((line) => holdsWord(line, name)));
}
function holdsWord(text, name) {
    return new RegExp(`(?<![\\w./-])${RegExp.escape(name)}(?![\\w/-])`).test(text);
}
function lackingRemedy({ trusted }, lacking, certainty) {
    const what = (0,units/* enumerated */.BD)(lacking.map(({ credential, id }) => (0,gate_lacking/* credentialInWords */.ae)({ credential, id: (0,markdown/* inline */.mG)(id) })));
    const it = lacking.length === 1 ? 'it' : 'them';
    const fault = certainty === 'certain' ? `, and failed for want of ${it}` : '';
    if (!trusted)
        return { sentence: `The step mounts ${what}, which this run is not given${fault}. ${WITHHELD}` };
    const cause = certainty === 'certain' ? fault : `: if it needs ${it}, that is the likely cause`;
    return {
        sentence: `The step mounts ${what}, which the workflow does not supply${cause}. Add ${it} to this step of the workflow, and to the repository’s secrets if not there yet:`,
        lines: supplyLines(lacking)
    };
}
const WITHHELD = 'GitHub gives no secrets to this kind of run. A maintainer can push the commits to a branch of this repository and let it run there.';
/** What comes with a key: a secret of ours, too. */
function isKey({ credential, id }) {
    return credential === 'ssh' || id === deploy_keys/* GIT_SSH_ID */.c4;
}
/** What to do about one that is required. */
function credentialRemedies(report, failure) {
    const id = (0,markdown/* inline */.mG)(failure.id);
    const optional = {
        sentence: `Or, if the build can do without it, leave \`required=true\` out of the mount of "${id}".`
    };
    if (!report.trusted)
        return [{ sentence: WITHHELD }, optional];
    const lines = supplyLines([failure]);
    if (isKey(failure)) {
        const agent = {
            sentence: `The key in \`ssh-private-key\` has the id \`default\`: with \`--mount=type=ssh\` and no id, it is used.`
        };
        const isOther = failure.credential === 'ssh' && id !== 'default';
        return [{ sentence: 'Add the key to this step of the workflow:', lines }, ...(isOther ? [agent] : []), optional];
    }
    return [
        {
            sentence: 'Add the secret to this step of the workflow, and to the repository’s secrets if it is not there yet:',
            lines
        },
        optional
    ];
}
/** The lines of a workflow that supply them. */
function supplyLines(credentials) {
    const keys = credentials.filter(isKey);
    const others = keys.flatMap(({ credential, id }) => (credential === 'ssh' && id !== 'default' ? [(0,markdown/* inline */.mG)(id)] : []));
    const secrets = credentials.filter((credential) => !isKey(credential)).map(({ id }) => (0,markdown/* inline */.mG)(id));
    const text = [
        'with:',
        ...(keys.length > others.length ? ['  ssh-private-key: ${{ secrets.SSH_PRIVATE_KEY }}'] : []),
        ...(others.length === 0 ? [] : ['  ssh: |']),
        ...others.map((id) => `    ${id}=…   # the path of a key or of an agent's socket`),
        ...(secrets.length === 0 ? [] : ['  secrets: |']),
        ...secrets.map((id) => `    ${id}=\${{ secrets.${variableOf(id)} }}`)
    ];
    return { language: 'yaml', text };
}
/** A name that GitHub takes for a secret. */
function variableOf(id) {
    return id
        .toUpperCase()
        .replace(/[^A-Z0-9]+/g, '_')
        .replace(/^_+|_+$/g, '')
        .replace(/^(?=\d|GITHUB_|$)/, 'SECRET_');
}

// EXTERNAL MODULE: ./src/report/sections/leaks.ts
var leaks = __webpack_require__(3119);
;// CONCATENATED MODULE: ./src/report/sections/not_found.ts
/** What to do about a program that a step did not find, and about a script that has Windows line ends. */

const LINE_ENDS = 'Windows line ends (CRLF)';
const TO_UNIX = '`*.sh text eol=lf` in `.gitattributes` and `git add --renormalize .` take them away.';
/**
 * The words of bash, dash, busybox, zsh and env where a carriage return is a part of a name. The one behind `Illegal option -`
 * ends the line, and is not seen.
 */
const CARRIAGE_RETURN = /\^M: bad interpreter|bad interpreter: \S*\^M|\\r['"’`]?: (?:No such file|not found|invalid option)|\$'[^'\n]{0,500}\\r'|illegal option -$/im;
/** What to do about a step whose words show that a script has carriage returns; `undefined` for all others. */
function lineEndRemedy(words) {
    if (!CARRIAGE_RETURN.test(words))
        return undefined;
    return { sentence: `A script has ${LINE_ENDS}: the shell takes the carriage return for a part of a name. ${TO_UNIX}` };
}
/** A path, and what was not found: the file, or, where it is there, the program in its first line. */
const NOT_FOUND = [
    // runc looks for the file first. https://github.com/opencontainers/runc
    [/exec: "([^"\n]+)": stat [^:\n]+: no such file or directory/, 'file'],
    [/^exec ([^\s:]+): no such file or directory$/m, 'program'],
    [/(?:^|\s)([^\s:]+): cannot execute: required file not found/, 'program'],
    [/(?:^|\s)(\.{0,2}\/[^\s:]*): (?:not found|No such file or directory)$/m, 'either']
];
/** What to do about a file that could not be run as it, or the program in its first line, is not there. */
function notFoundRemedy({ steps }, exitCode, words) {
    const wasCopied = steps.some(({ instruction }) => /^(?:COPY|ADD)\s/i.test(instruction));
    for (const [text, what] of NOT_FOUND) {
        const path = text.exec(words)?.[1];
        if (path === undefined || (what === 'either' && exitCode !== 127))
            continue;
        const file = `\`${(0,markdown/* inline */.mG)(path).replaceAll('`', '')}\``;
        if (what === 'file')
            return { sentence: `${file} is not in this stage. Check the path, and the step that makes it.` };
        const crlf = wasCopied
            ? ` A script that was copied may have ${LINE_ENDS}, which make that another name; ${TO_UNIX}`
            : '';
        return {
            sentence: what === 'program'
                ? `${file} is there, but not the program that its first line names, or the loader it is linked with. Is it installed in this stage?${crlf}`
                : `Exit code 127: ${file} was not found. Is it in this stage, and the program that its first line names?${crlf}`
        };
    }
    return undefined;
}

// EXTERNAL MODULE: ./src/core/reference.ts
var core_reference = __webpack_require__(5378);
// EXTERNAL MODULE: ./src/failure/failure.ts
var failure_failure = __webpack_require__(4592);
;// CONCATENATED MODULE: ./src/report/sections/registry_remedies.ts
/** What to do about a registry that gives no image or takes none. */



/** What to do, most likely first. */
function registryRemedies(report, failure) {
    return [...stageRemedies(failure), ...causeRemedies(report, failure)];
}
/** BuildKit knows the stages, and says which of them a name comes near to. */
function stageRemedies({ message }) {
    const stage = / \(did you mean (\S+)\?\)$/.exec(message)?.[1];
    if (stage === undefined)
        return [];
    const name = (0,markdown/* inline */.mG)(stage);
    return [
        { sentence: `If the stage \`${name}\` is meant, correct its name: one that no stage has is taken for an image.` }
    ];
}
function causeRemedies(report, failure) {
    if (failure.fix !== undefined)
        return [{ sentence: failure.fix }];
    const push = (0,failure_failure/* isPush */.n)(failure);
    const { message } = failure;
    const host = registryHost(failure.reference);
    if (/toomanyrequests|rate limit|\b429\b/i.test(message)) {
        return [
            {
                sentence: 'The registry limits pulls, and those without a login most. Log in before this step:',
                lines: login(host)
            },
            { sentence: 'If it is logged in already: run the job later, or take the image from a mirror.' }
        ];
    }
    if (/\b40[13]\b|unauthori[sz]ed|denied|forbidden|authentication required|insufficient_scope|no basic auth/i.test(message)) {
        return accessRemedies(report, message, { host, push });
    }
    const unknown = /\blookup (\S+?)(?: on \S+)?: no such host\b/.exec(message)?.[1];
    if (unknown !== undefined && unknown === host?.replace(/:\d+$/, '')) {
        return [
            {
                sentence: `There is no host \`${(0,markdown/* inline */.mG)(unknown)}\`, as far as the builder can see. Check it in the reference, and the DNS of the builder.`
            }
        ];
    }
    if (noAnswer.test(message)) {
        const quick = push ? ' The build is done and in the builder’s cache, so it will be quick.' : '';
        return [
            { sentence: `The registry could not be reached or returned an error. Run the job again.${quick}` },
            { sentence: 'If it happens again: check the address, and whether the builder may reach it.' }
        ];
    }
    if (!push && /not found|manifest unknown|does not exist/i.test(message)) {
        return [{ sentence: `No such image. Check the name and the tag; ${MISSPELLED_STAGE}` }];
    }
    return [{ sentence: 'Run the job again; if it persists, the message above is the registry’s own.' }];
}
const MISSPELLED_STAGE = 'a `COPY --from=` or `FROM` that misspells a stage is taken for an image too.';
/** A server or a network that did not do what it usually does. */
const noAnswer = /connection re(?:fused|set)|no such host|server misbehaving|name resolution|i\/o timeout|no route to host|network is unreachable|TLS handshake|deadline exceeded|EOF$|\b50[0234]\b|\b52\d\b|certificate/i;
/** Access was refused: to somebody without a login, with one that is not taken, or to an image that is not there at all. */
function accessRemedies(report, message, { host, push }) {
    if (!report.trusted)
        return [{ sentence: 'This run has no credentials, and the image is not public.' }];
    if (!push && /does not exist|may not exist/i.test(message)) {
        return [
            { sentence: `There is no such image, or this run may not read it. Check the name; ${MISSPELLED_STAGE}` },
            { sentence: 'If it is private, log in before this step:', lines: login(host) }
        ];
    }
    const sentence = /anonymous token|no basic auth/i.test(message)
        ? 'The registry asks for a login, and the builder has none for it. Log in before this step:'
        : /oauth token|incorrect username/i.test(message)
            ? 'The registry does not accept the login that this runner has for it: is its token still valid? Log in before this step:'
            : 'The registry refused access. Log in before this step, as somebody who may do this:';
    return [
        { sentence, lines: login(host) },
        ...(host === 'ghcr.io' && push
            ? [
                {
                    sentence: 'The job also needs the right to write packages:',
                    lines: { language: 'yaml', text: ['permissions:', '  contents: read', '  packages: write'] }
                }
            ]
            : [])
    ];
}
/** The registry's host, as Docker reads a reference. */
function registryHost(reference) {
    if (reference === undefined)
        return undefined;
    const reading = (0,core_reference/* parseReference */.F2)((0,markdown/* inline */.mG)(reference));
    return reading.ok ? (reading.reference.domain ?? core_reference/* dockerHub */.UD.name) : undefined;
}
function login(host) {
    const lines = [
        ...(host === undefined || host === core_reference/* dockerHub */.UD.name ? [] : [`    registry: ${host}`]),
        ...credentialsFor(host ?? '').map((line) => `    ${line}`)
    ];
    return { language: 'yaml', text: ['- uses: docker/login-action@v4', '  with:', ...lines] };
}
/** What docker/login-action takes for it: https://github.com/docker/login-action#usage */
function credentialsFor(host) {
    if (host === 'ghcr.io')
        return ['username: ${{ github.actor }}', 'password: ${{ github.token }}'];
    if (/\.dkr\.ecr[.-].*\.amazonaws\.com/.test(host)) {
        return ['username: ${{ secrets.AWS_ACCESS_KEY_ID }}', 'password: ${{ secrets.AWS_SECRET_ACCESS_KEY }}'];
    }
    if (/-docker\.pkg\.dev$|(?:^|\.)gcr\.io$/.test(host)) {
        return ['username: _json_key', 'password: ${{ secrets.GAR_JSON_KEY }}'];
    }
    return ['username: ${{ vars.REGISTRY_USER }}', 'password: ${{ secrets.REGISTRY_TOKEN }}'];
}

// EXTERNAL MODULE: ./src/report/sections/twice.ts
var twice = __webpack_require__(5199);
;// CONCATENATED MODULE: ./src/report/sections/remedies.ts
/**
 * What to do about a failure. One list per kind, the most likely first, written for the person whose build is red at
 * 18:00: each sentence is something to do or to look at, and workflow lines are given ready to paste.
 */








/** What to do about a failure, most likely first. */
function remediesFor(report, failure) {
    switch (failure.kind) {
        case 'test':
            return [
                ...stepRemedies(report, failure),
                failure.reported === true ? exportItYourself(report) : runItYourself(report, failure.step.stage)
            ];
        case 'build':
            return buildRemedies(report, failure);
        case 'dockerfile':
            return failure.fix === undefined
                ? [
                    {
                        sentence: failure.line === undefined
                            ? 'Correct the Dockerfile. Nothing was published.'
                            : 'Correct the Dockerfile at the line above. Nothing was published.'
                    }
                ]
                : [{ sentence: failure.fix }];
        case 'registry':
            return registryRemedies(report, failure);
        case 'engine':
            return engineRemedies(failure);
        case 'unrecognised':
            return [
                {
                    sentence: `These are the words of ${failure.speaker}, and Stagegate does not know them: it cannot say whether the workflow, the Dockerfile or the builder has to change.`
                },
                { sentence: 'What the build did just before it ended is at the end of its log.' }
            ];
        case 'mismatch':
            return [
                {
                    sentence: failure.fix ??
                        'Something that the build reads changed while it ran, or gives another result each time: a file of the workspace, a branch, a tag, an address. Run the job again.'
                }
            ];
        case 'credential':
            return credentialRemedies(report, failure);
        case 'untested':
            return untestedRemedies;
        case 'cancelled':
            return [{ sentence: 'Nothing is wrong with the code. Run the job again when you want the result.' }];
        case 'internal':
            return [
                { sentence: 'This is a defect of Stagegate, not of your build. Please report it with the message above.' },
                { sentence: 'Run the job again with debug logging switched on: the log then holds what we need.' }
            ];
        case 'irreproducible':
            return (0,twice/* twiceRemedies */.V1)(failure);
        case 'leak':
            return (0,leaks/* leakRemedies */.cu)(report);
        case 'budget':
        case 'smoke':
        case 'verify':
        case 'input':
            return [];
    }
}
function buildRemedies(report, failure) {
    if (failure.exitCode === undefined && /: not found$|\bl?stat(?:at)? \S+: no such file/.test(failure.message)) {
        return missingFile(report, failure);
    }
    return [...stepRemedies(report, failure), runItYourself(report, failure.step?.stage)];
}
/** What a step's own words mean, and what it was not given: whichever they speak of first. */
function stepRemedies(report, failure) {
    const { step, exitCode, lacking = [] } = failure;
    const instruction = step?.instruction ?? '';
    const words = wordsOf(step, 'message' in failure ? failure.message : '');
    return lackingRemedies(report, { instruction, words, lacking }, hintsFor(report, instruction, { exitCode, words }));
}
/** The end of a step's log, and the error. */
function wordsOf(step, message) {
    return [...(step?.logTail ?? []).slice(-60), message].join('\n');
}
/** A file that COPY or a bind mount did not find: in the context, or in what `from` names. */
function missingFile(report, failure) {
    const instruction = failure.step?.instruction ?? '';
    const from = /\bfrom=([^\s,]+)/i.exec(instruction)?.[1];
    if (from === undefined) {
        return [
            {
                sentence: 'The file is not in the build context. Check its spelling, the `context` input and `.dockerignore`.'
            },
            { sentence: 'If an earlier step should have made it, copy it from that stage: `COPY --from=…`.' }
        ];
    }
    const file = /"([^"]+)": not found|l?stat(?:at)? (\S+?): no such file/.exec(failure.message);
    const name = (0,markdown/* inline */.mG)(file?.[1] ?? file?.[2] ?? 'The file');
    const source = (0,markdown/* inline */.mG)(from);
    if (/^\d+$/.test(from) || report.steps.some(({ stage }) => (0,step/* sameStage */.tB)(stage, from))) {
        return [
            {
                sentence: `\`${name}\` is not in the stage \`${source}\`. Check the path, and that the step which makes it ran and wrote it there.`
            }
        ];
    }
    return [
        {
            sentence: `\`${name}\` is not in \`${source}\`. Check the path there; a \`from=\` that names no stage is taken for an image or a build context.`
        }
    ];
}
/** What a step's last words usually mean. The first column is looked for in the log and the error text. */
const HINTS = [
    [
        /REMOTE HOST IDENTIFICATION HAS CHANGED/i,
        {
            sentence: 'The host shows another key than the known one. If its key was really changed, put the new line into `ssh-known-hosts`; if not, somebody may have come between.'
        }
    ],
    [
        /Host key verification failed/i,
        {
            sentence: 'SSH does not know the host. Offer the known hosts that Stagegate supplies to this step:',
            lines: {
                language: 'dockerfile',
                text: [
                    'RUN --mount=type=ssh \\',
                    '    --mount=type=secret,id=known_hosts,target=/etc/ssh/ssh_known_hosts,mode=0444 \\',
                    '    …'
                ]
            }
        }
    ],
    [
        /No space left on device|ENOSPC/i,
        { sentence: 'The runner has no disk space left. Free some before this step, or use a larger runner.' }
    ],
    [
        /Could not resolve host|Temporary failure in name resolution|getaddrinfo (?:EAI_AGAIN|ENOTFOUND)/i,
        {
            sentence: 'The step could not resolve a host name. Run the job again; if it persists, look at the `network` input.'
        }
    ],
    [KEY_REFUSED, keyRefusedRemedy],
    [LOGIN_REFUSED, loginRefusedRemedy],
    [
        /exec format error/i,
        {
            sentence: 'The program is made for another platform than the builder’s. Run docker/setup-qemu-action before this step, or give the builder a node of this platform.'
        }
    ],
    [
        /unable to find (?:user|group) |no matching entries in (?:passwd|group) file|invalid user index/i,
        {
            sentence: '`USER` or `--chown` names a user or group that this stage does not have. Make it in an earlier step (`useradd`, `adduser`), or give its number.'
        }
    ],
    [
        /executable file not found/i,
        { sentence: 'A command was not found. Is it installed in this stage, and on `PATH`?' }
    ],
    [
        /cannot (?:copy to non-directory|replace to directory)/i,
        {
            sentence: 'One of the two is a folder and the other a file or a link. Put what lies in the way into .dockerignore, or remove it in an earlier step.'
        }
    ],
    [/cannot allocate memory|out of memory|ENOMEM|heap out of memory/i, { sentence: 'The step ran out of memory.' }]
];
const PYTEST_NO_TESTS = 5;
/** What the words of a step mean, or else its exit code: one remedy, if any. */
function hintsFor(report, instruction, { exitCode, words }) {
    const hint = lineEndRemedy(words) ??
        unknownHost(words, instruction) ??
        wordsMeaning(words, instruction) ??
        notFoundRemedy(report, exitCode, words) ??
        exitCodeMeaning(exitCode, instruction);
    return hint === undefined ? [] : [hint];
}
function wordsMeaning(words, instruction) {
    const remedy = HINTS.find(([pattern]) => pattern.test(words))?.[1];
    return typeof remedy === 'function' ? remedy(instruction) : remedy;
}
/** A host whose key is not among the known hosts, though the step has them. */
function unknownHost(words, instruction) {
    if (!/Host key verification failed/i.test(words) || /IDENTIFICATION HAS CHANGED/i.test(words))
        return undefined;
    if (!/\bid=known_hosts\b/.test(instruction))
        return undefined;
    const seen = /host key is known for (\[[^\]\s]+\]:\d+|[\w.-]+)/i.exec(words)?.[1];
    const [, address, port] = /^\[([^\]]+)\]:(\d+)$/.exec(seen ?? '') ?? [undefined, seen, undefined];
    const scan = `ssh-keyscan${port === undefined ? '' : ` -p ${port}`} ${address ?? 'HOST'}`;
    return {
        sentence: `${seen === undefined ? 'The host' : `\`${(0,markdown/* inline */.mG)(seen)}\``} is not among the known hosts of this step. Add its line to \`ssh-known-hosts\` (GitHub, GitLab and Bitbucket are known already). This prints it; compare the fingerprint with the one that its administrators publish:`,
        lines: { language: 'shell', text: [scan] }
    };
}
/** What a shell's exit code says by itself. https://tldp.org/LDP/abs/html/exitcodes.html */
const EXIT_CODES = new Map([
    [
        126,
        'Exit code 126: the command was found but may not be executed. Check its mode (`chmod +x`) and its first line.'
    ],
    [127, 'Exit code 127: a command was not found. Is it installed in this stage, and on `PATH`?'],
    [
        137,
        'Exit code 137: the process was killed, nearly always because memory ran out. Use a larger runner or fewer parallel jobs.'
    ],
    [139, 'Exit code 139: the process crashed (segmentation fault).']
]);
function exitCodeMeaning(exitCode, instruction) {
    if (exitCode === undefined)
        return undefined;
    const sentence = exitCode === PYTEST_NO_TESTS && /\bpytest\b/.test(instruction)
        ? 'pytest collected no tests: are they copied into this stage?'
        : EXIT_CODES.get(exitCode);
    return sentence === undefined ? undefined : { sentence };
}
/** The same stage on one's own machine. */
function runItYourself(report, stage) {
    const { buildArguments, bake } = report.source;
    const hint = buildArguments === undefined && bake === undefined ? ' (add `--ssh` and `--secret` if the build uses them)' : '';
    return (withCommand(report, { stage }, `See it fail on your machine${hint}:`) ?? {
        sentence: 'Build the stage on your machine to see it fail there.'
    });
}
/** The stage of `test-report-target` builds green however its tests end: what it exports has the verdict. */
function exportItYourself(report) {
    const stage = report.gate.targets.find(({ result }) => result === 'failed')?.stage;
    const sentence = 'The stage builds green, also when its tests fail: the exit code is in its files. Export them on your machine';
    return (withCommand(report, { stage, output: 'type=local,dest=test-report' }, `${sentence}:`) ?? {
        sentence: `${sentence}.`
    });
}
/** A sentence, and the command that builds a stage as the run did; `undefined` where it cannot be typed in. */
function withCommand(report, { stage, output }, sentence) {
    const { dockerfile, buildArguments, bake } = report.source;
    const command = bake === undefined ? 'docker buildx build' : 'docker buildx bake';
    const target = nameableStage(report, stage);
    const words = bake === undefined
        ? [
            ...(dockerfile === 'Dockerfile' || dockerfile === './Dockerfile' ? [] : ['--file', dockerfile]),
            ...(target === undefined ? [] : ['--target', target]),
            ...(output === undefined ? [] : ['--output', output]),
            ...(buildArguments ?? ['.'])
        ]
        : bakeWords(bake, stage, output);
    // What cannot be typed in as it is would be pasted by somebody all the same.
    if (words.some((word) => /[^\x20-\x7e]/.test(word)))
        return undefined;
    return { sentence, lines: { language: 'shell', text: commandLines([command, ...pairsOf(words)]) } };
}
/** BuildKit has a name for a stage without one, and does not take it: what is built from it brings it along. */
function nameableStage(report, stage) {
    const wanted = isUnnamed(stage) ? report.stages.find(({ role }) => role === 'target')?.name : stage;
    return isUnnamed(wanted) ? undefined : wanted;
}
function isUnnamed(stage) {
    return stage !== undefined && /^stage-\d+$/.test(stage);
}
/** The stage of the image's target, or of the linked target that it belongs to. */
function bakeWords({ files, target: own, set }, shown = '', output = 'type=cacheonly') {
    const { target, stage = '' } = (0,linked/* readLinkedStage */.AO)(shown) ?? { target: own, stage: shown };
    return [
        ...files.flatMap((file) => ['--file', file]),
        ...set.flatMap((entry) => ['--set', entry]), // what is set later goes before it
        ...(stage === '' || isUnnamed(stage) ? [] : ['--set', `${target}.target=${stage}`]),
        ...['--set', `${target}.output=${output}`, target]
    ];
}
/** Each option with its value, as the shell takes them. An option's value never begins with a hyphen. */
function pairsOf(words) {
    const pairs = [];
    for (const [at, word] of words.entries()) {
        const isValue = words[at - 1]?.startsWith('--') === true && !word.startsWith('--') && at < words.length - 1;
        if (isValue)
            pairs[pairs.length - 1] += ` ${shellWord(word)}`;
        else
            pairs.push(shellWord(word));
    }
    return pairs;
}
/** One line where it is short, else a line for each option: nothing of it may be cut, since it is pasted. */
function commandLines(parts) {
    const line = parts.join(' ');
    return line.length <= 90
        ? [line]
        : parts.map((part, at) => `${at === 0 ? '' : '  '}${part}${at < parts.length - 1 ? ' \\' : ''}`);
}
/** A word as a POSIX shell takes it. */
function shellWord(word) {
    if (/^id=[\w.-]+,src=\$HOME\/[\w./-]+$/.test(word))
        return `"${word}"`;
    return /^[\w./@%+=:,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
function engineRemedies(failure) {
    if (failure.fix !== undefined)
        return [{ sentence: failure.fix }];
    if (/no space left/i.test(failure.message)) {
        return [{ sentence: 'The runner’s disk is full. Free some space before this step, or use a larger runner.' }];
    }
    return [{ sentence: '`docker info` as a step before this one shows whether the engine is up.' }];
}
const untestedRemedies = [
    {
        sentence: 'A maintainer who has read the change can push its commits to a branch of this repository: there the tests run with all credentials.'
    },
    {
        sentence: 'Or let the tests do without: move what needs the secret or key to a stage that they are not built from, or leave out `required=true` where the step can go on without it.'
    },
    {
        sentence: 'To let such runs pass untested, set:',
        lines: { language: 'yaml', text: ['with:', '  untested: pass'] }
    }
];


/***/ }),

/***/ 8485:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  p4: () => (/* binding */ composed),
  TM: () => (/* binding */ folded),
  J2: () => (/* binding */ ifRoom),
  oR: () => (/* binding */ joined),
  ig: () => (/* binding */ leftOut),
  pj: () => (/* binding */ plain),
  dJ: () => (/* binding */ titled),
  _M: () => (/* binding */ where)
});

// EXTERNAL MODULE: ./src/report/format/ladder.ts
var ladder = __webpack_require__(2054);
// EXTERNAL MODULE: ./src/report/format/markdown.ts
var markdown = __webpack_require__(99);
// EXTERNAL MODULE: ./src/report/model.ts
var model = __webpack_require__(6867);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(2184);
// EXTERNAL MODULE: ./src/report/sections/headline.ts
var headline = __webpack_require__(8179);
// EXTERNAL MODULE: ./src/report/sections/published.ts
var published = __webpack_require__(3373);
;// CONCATENATED MODULE: ./src/report/sections/overview.ts
/** Several images at a glance, above the first of them. */





/** A row for each image, what failed first; `undefined` for a run of one. */
function renderOverview(report) {
    // Where nothing was built, what failed is told once.
    if ((0,model/* viewsOf */.W6)(report).length < 2)
        return undefined;
    const views = (0,model/* imageViewsOf */.fD)(report);
    return (0,markdown/* sections */.V0)([
        `## ${headline/* SYMBOL */.PF[(0,headline/* stateOfRun */.ay)(report)]} ${(0,markdown/* text */.Qq)(`${report.name}: ${overall(report, views)}`, 400)}`,
        (0,markdown/* table */.tp)([
            { title: 'Image', align: 'left' },
            { title: 'How it went', align: 'left' },
            { title: 'Published', align: 'left' }
        ], views.map((view) => [
            `${headline/* SYMBOL */.PF[(0,headline/* stateOf */.L4)(view)]} **${(0,markdown/* text */.Qq)(view.name, 100)}**`,
            (0,markdown/* text */.Qq)(howItWent(view), 300),
            publishedAs(view)
        ]))
    ]);
}
function overall({ outcome, builds }, views) {
    if (outcome.kind === 'green') {
        const tested = views.filter(({ gate }) => gate.verdict === 'passed').length;
        const how = tested === views.length ? 'tests passed' : tested === 0 ? 'not tested' : `${tested} of them tested`;
        return `${(0,units/* count */.U9)(builds.length, 'image')}, ${how}`;
    }
    const reached = builds.map(({ publish }) => (0,model/* reachOf */.xw)(publish));
    const what = outcome.failure.kind === 'cancelled' ? 'cancelled' : `${outcome.image ?? 'the run'} failed`;
    if (reached.includes('pushed'))
        return `${what} after images had been published`;
    if (reached.includes('unknown'))
        return `${what}, and whether images were published is not known`;
    if (reached.includes('loaded'))
        return `${what}, only the local engine has images`;
    return reached.includes('exported') ? `${what}, only files have images` : `${what}, nothing was published`;
}
function howItWent(view) {
    const { outcome, bystander = false } = view;
    return outcome.kind === 'red' && !bystander ? (0,headline/* failureHeadline */.Ni)(view, outcome.failure) : (0,headline/* verdictOf */.Vj)(view);
}
function publishedAs({ publish }) {
    const reach = (0,model/* reachOf */.xw)(publish);
    if (reach === 'nowhere')
        return '–';
    const way = published/* reachWords */.Nc[reach];
    const [first, ...more] = (0,model/* reachedNames */.Fh)(publish);
    if (first === undefined)
        return way === 'published' ? 'yes' : way;
    const names = `${(0,markdown/* code */.aY)(first, 120)}${more.length > 0 ? ` and ${more.length} more` : ''}`;
    return way === 'published' ? names : `${names}, ${way}`;
}

;// CONCATENATED MODULE: ./src/report/sections/section.ts
/** What a report is made of: a section is one function of the report, and a surface (summary, comment) is a list of them. */




/** Several images at a glance, sections of one after another, and what is said once. */
function composed(report, detail, { listOf, closing }) {
    const views = (0,model/* viewsOf */.W6)(report);
    const render = (list, view) => (0,markdown/* sections */.V0)(list.map((part) => part(view, detail)));
    const images = views.flatMap((view) => (view.bystander === true ? [] : view.images));
    const all = views.map((view) => render(listOf(view), view));
    return `${(0,markdown/* sections */.V0)([renderOverview(report), ...all, render(closing, { ...views[0], images })])}\n`;
}
/** Sections one below the other. */
function joined(list) {
    return (report, detail) => {
        const body = (0,markdown/* sections */.V0)(list.map((part) => part(report, detail)));
        return body === '' ? undefined : body;
    };
}
/** A section below a heading of its own, which is Markdown. */
function titled(heading, section) {
    return (report, detail) => {
        const body = section(report, detail);
        return body === undefined ? undefined : (0,markdown/* sections */.V0)([heading, body]);
    };
}
/** A section folded away, where there is room for that at all. The title is raw HTML. */
function folded(title, section) {
    return ifRoom((report, detail) => {
        const body = section(report, detail);
        return body === undefined ? undefined : (0,markdown/* details */.zH)(typeof title === 'string' ? title : title(report), body);
    });
}
/** The sections where a condition holds. */
function where(condition, section) {
    return (report, detail) => (condition(report) ? section(report, detail) : undefined);
}
/** Only where the rendering has its collapsed sections. */
function ifRoom(section) {
    return (report, detail) => (detail.collapsed ? section(report, detail) : undefined);
}
/** With everything in sight: nothing inside is collapsed once more. */
function plain(section) {
    return (report, detail) => section(report, { ...detail, collapsed: false });
}
/** What did not fit. */
const leftOut = (_, detail) => (0,ladder/* leftOutSentence */.hY)(detail);


/***/ }),

/***/ 861:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   h: () => (/* binding */ renderSizes)
/* harmony export */ });
/* harmony import */ var _difference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9580);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2054);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2184);




/** The sizes; `undefined` where there is no image. */
function renderSizes(report, detail) {
    const [only] = report.images;
    if (only === undefined)
        return undefined;
    if (report.images.length > 1) {
        return (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .comparedIn */ .ZN)(report) === undefined ? sizesOfSeveral(report, detail) : platformsCompared(report, detail);
    }
    const difference = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .differenceOf */ .Pq)(report, only);
    if (difference === undefined)
        return sizesOfOne(only);
    return sizesCompared(report, only, difference, detail.collapsed ? percentOf(only.figures.efficiency) : undefined);
}
/** One figure a row, so that a comparison can stand beside it. */
function sizesOfOne(image) {
    const { reclaimable, efficiency } = image.figures;
    const base = reclaimable.base > 0 ? `in your layers; the base has ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(reclaimable.base)} more` : 'in your layers';
    const rows = [
        ['Size', `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(image.size))}**`, `${layerWords(image, false)}, ${layerWords(image, true)}`],
        ...(image.transferSize === undefined
            ? []
            : [['Transfer', (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(image.transferSize)), 'compressed, to a host that has none of it']]),
        ['Reclaimable', (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(reclaimable.own)), base],
        ['Efficiency', (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(percentOf(efficiency)), 'of the size is what a container sees']
    ];
    const columns = [
        { title: (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(image.platform, 60), align: 'left' },
        { title: 'This build', align: 'right' },
        { title: '', align: 'left' }
    ];
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .table */ .tp)(columns, rows);
}
function layerWords(image, base) {
    const own = image.layers.filter((layer) => layer.base === base);
    const size = own.reduce((sum, layer) => sum + layer.size, 0);
    if (image.baseUnknown !== undefined)
        return base ? 'base not known' : `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(size)} in ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(own.length, 'layer')}`;
    if (own.length === 0)
        return base ? 'no base image' : 'nothing of your own';
    return `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(size)} in ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(own.length, base ? 'base layer' : 'own layer')}`;
}
/** 98.3 %: one decimal, since the last percent is what an image is worked on for. Never rounded up to the whole. */
function percentOf(share) {
    return `${(Math.floor(share * 1000) / 10).toFixed(1).replace(/\.0$/, '')} %`;
}
function sizesOfSeveral(report, detail) {
    const transfer = report.images.some((image) => image.transferSize !== undefined);
    const columns = [
        { title: 'Platform', align: 'left' },
        { title: 'Size', align: 'right' },
        ...(transfer ? [{ title: 'Transfer', align: 'right' }] : []),
        { title: 'Own layers', align: 'right' },
        { title: 'Base layers', align: 'right' },
        { title: 'Reclaimable', align: 'right' },
        { title: 'Efficiency', align: 'right' }
    ];
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(report.images, detail.rows);
    const rows = shown.map((image) => [
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(image.platform, 60),
        `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(image.size))}**`,
        ...(transfer ? [image.transferSize === undefined ? '' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(image.transferSize))] : []),
        layerFact(image, false),
        layerFact(image, true),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(image.figures.reclaimable.own)),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(percentOf(image.figures.efficiency))
    ]);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .table */ .tp)(columns, rows), more === 0 ? undefined : `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(more, 'more platform')}.`]);
}
function layerFact(image, base) {
    const layers = image.layers.filter((layer) => layer.base === base);
    if (layers.length === 0)
        return '–';
    const size = layers.reduce((sum, layer) => sum + layer.size, 0);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(size)} in ${layers.length}`);
}
/** One figure a row: this build, the baseline, what lies between. `efficiency` stands alone, a baseline has none. */
function sizesCompared(report, image, difference, efficiency) {
    const compared = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .comparedIn */ .ZN)(report);
    const columns = [
        { title: (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(image.platform, 60), align: 'left' },
        { title: 'This build', align: 'right' },
        // A phone shows the first columns.
        { title: 'Change', align: 'right' },
        { title: compared === undefined ? 'Baseline' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)((0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .baselineTitle */ .mi)(compared), 60), align: 'right' }
    ];
    const { size, transferSize, reclaimable, layerCount } = difference;
    const own = image.layers.filter(({ base }) => !base).length;
    const rows = [
        ['Size (unpacked)', `**${sizeText(size.now)}**`, sizeChange(size), sizeText(size.before)],
        ...(transferSize === undefined
            ? image.transferSize === undefined
                ? []
                : [['Transfer (compressed)', sizeText(image.transferSize), '', '']]
            : [
                [
                    'Transfer (compressed)',
                    sizeText(transferSize.now),
                    plainChange(transferSize),
                    sizeText(transferSize.before)
                ]
            ]),
        ...pullRow(report, image, difference),
        ['Reclaimable, own layers', sizeText(reclaimable.now), plainChange(reclaimable), sizeText(reclaimable.before)],
        ...(efficiency === undefined ? [] : [['Efficiency', (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(efficiency), '', '']]),
        [
            'Layers',
            (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .grouped */ .zD)(layerCount.now)} (${own} own)`),
            (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .signedCount */ .c3)(layerCount.change)),
            (0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .grouped */ .zD)(layerCount.before)
        ]
    ];
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .table */ .tp)(columns, rows);
}
function pullRow(report, image, { pullCost }) {
    const compared = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .comparedIn */ .ZN)(report);
    if (pullCost === undefined || compared === undefined)
        return [];
    const name = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)((0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .baselineName */ .Ri)(compared), 60);
    return [[`Pull on a host that has ${name}`, sizeText(pullCost.bytes), newLayers(pullCost.layers, image), '']];
}
function newLayers(lacking, image) {
    const all = image.layers.length;
    if (lacking === 0)
        return 'no layer is new';
    return `${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .grouped */ .zD)(lacking)} of ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(all, 'layer')} ${lacking === 1 ? 'is' : 'are'} new`;
}
function sizeText(size) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .bytes */ .ee)(size));
}
/** The number that the reader came for. */
function sizeChange({ change, share }) {
    const percent = (0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .signedPercent */ .wu)(share);
    if (change === 0)
        return 'none';
    return `**${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .signedBytes */ .Sq)(change))}**${percent === undefined ? '' : ` (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(percent)})`}`;
}
function plainChange({ change }) {
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .signedBytes */ .Sq)(change));
}
/** `74.2 MB (−5.8 MB)`. */
function withChange(now, change) {
    return change === undefined || change === 0 ? sizeText(now) : `${sizeText(now)} (${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)((0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .signedBytes */ .Sq)(change))})`;
}
/** One platform a row. What the changes are against stands below: the table is wide enough. */
function platformsCompared(report, detail) {
    const compared = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .comparedIn */ .ZN)(report);
    const transfer = report.images.some(({ transferSize }) => transferSize !== undefined);
    const pulled = compared?.differences.some(({ pullCost }) => pullCost !== undefined) === true;
    // In a comment there is room for it only where it changed.
    const reclaimable = detail.collapsed || compared?.differences.some((each) => each.reclaimable.change !== 0) === true;
    const columns = [
        { title: 'Platform', align: 'left' },
        { title: 'Size', align: 'right' },
        { title: 'Change', align: 'right' },
        ...(transfer ? [{ title: 'Transfer', align: 'right' }] : []),
        ...(pulled
            ? [{ title: 'Pull', align: 'right' }, { title: (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)('New layers'), align: 'right' }]
            : []),
        ...(reclaimable ? [{ title: 'Reclaimable', align: 'right' }] : [])
    ];
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_1__/* .capped */ .uo)(report.images, detail.rows);
    const rows = shown.map((image) => {
        const difference = (0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .differenceOf */ .Pq)(report, image);
        const pull = difference?.pullCost;
        return [
            (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(image.platform, 60),
            `**${sizeText(image.size)}**`,
            difference === undefined ? 'not compared' : sizeChange(difference.size),
            ...(transfer
                ? [image.transferSize === undefined ? '' : withChange(image.transferSize, difference?.transferSize?.change)]
                : []),
            ...(pulled
                ? pull === undefined
                    ? ['–', '–']
                    : [sizeText(pull.bytes), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(`${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .grouped */ .zD)(pull.layers)} of ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .grouped */ .zD)(image.layers.length)}`)]
                : []),
            ...(reclaimable ? [withChange(image.figures.reclaimable.own, difference?.reclaimable.change)] : [])
        ];
    });
    const against = compared === undefined
        ? undefined
        : `Changes are against ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .text */ .Qq)((0,_difference_js__WEBPACK_IMPORTED_MODULE_0__/* .baselineTitle */ .mi)(compared), 100)}${pulled ? '; pull: what a host that has it downloads' : ''}.`;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .table */ .tp)(columns, rows), more === 0 ? undefined : `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_2__/* .count */ .U9)(more, 'more platform')}.`, against]);
}


/***/ }),

/***/ 3584:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   QY: () => (/* binding */ renderStages),
/* harmony export */   en: () => (/* binding */ cachedSteps),
/* harmony export */   fR: () => (/* binding */ buildSummary),
/* harmony export */   iZ: () => (/* binding */ stepCode),
/* harmony export */   xp: () => (/* binding */ gateResult)
/* harmony export */ });
/* harmony import */ var _format_instruction_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(3020);
/* harmony import */ var _format_ladder_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2054);
/* harmony import */ var _format_links_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5641);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(99);
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(2184);
/* harmony import */ var _tests_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(5614);






/** All steps of the run and how many of them came from the cache. */
function cachedSteps(report) {
    return {
        cached: report.stages.reduce((sum, stage) => sum + stage.cached, 0),
        steps: report.stages.reduce((sum, stage) => sum + stage.steps, 0)
    };
}
/** For the title where the build is folded; HTML. */
function buildSummary(report) {
    const { cached, steps } = cachedSteps(report);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .html */ .qy)(`Build: ${cached} of ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(steps, 'step')} from cache`);
}
/** The table of stages; `undefined` when there is none to show. */
function renderStages(report, detail) {
    if (report.stages.length === 0)
        return undefined;
    const { shown, more } = (0,_format_ladder_js__WEBPACK_IMPORTED_MODULE_0__/* .capped */ .uo)(report.stages, detail.rows);
    const columns = [
        { title: 'Stage', align: 'left' },
        { title: 'Result', align: 'left' },
        { title: 'Ran', align: 'right' },
        { title: 'Cached', align: 'right' },
        ...(shown.some((stage) => stage.firstToRun !== undefined)
            ? [{ title: 'First to run', align: 'left' }]
            : [])
    ];
    const rows = shown.map((stage) => [
        stageName(stage),
        stageResult(report, stage),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(stage.seconds > 0 ? (0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .duration */ .p0)(stage.seconds) : '–'),
        (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .unbroken */ .D_)(`${stage.cached} of ${stage.steps}`),
        stage.firstToRun === undefined ? '' : stepCode(report, stage.firstToRun)
    ]);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .sections */ .V0)([(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .table */ .tp)(columns, rows), more === 0 ? undefined : `And ${(0,_core_units_js__WEBPACK_IMPORTED_MODULE_4__/* .count */ .U9)(more, 'more stage')}.`]);
}
function stageName(stage) {
    const name = stage.name === '' ? '*(unnamed)*' : (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)(stage.name, 60);
    return stage.role === 'other' ? name : `**${name}**\u00a0${stage.role === 'test' ? 'gate' : 'image'}`;
}
function stageResult(report, stage) {
    const target = report.gate.targets.find((each) => each.stage === stage.name);
    const tests = (0,_tests_js__WEBPACK_IMPORTED_MODULE_2__/* .testWords */ .Kp)(report, stage.name);
    if (stage.role === 'test' && target !== undefined) {
        return [gateResult(target), ...(tests === undefined ? [] : [tests])].join(': ');
    }
    // What failed, was stopped or never began is not built, whatever of it came from the cache.
    const states = report.steps.flatMap((step) => ((step.stage ?? '') === stage.name ? [step.state] : []));
    if (states.includes('failed'))
        return 'failed';
    if (states.includes('cancelled'))
        return 'not built';
    if (states.includes('waiting'))
        return endedWell(report) ? 'built or from cache' : 'not built';
    return stage.cached === stage.steps ? 'from cache' : 'built';
}
/** Whether all that was asked for was built, whatever became of it: then what nobody has told of was there as well. */
function endedWell({ steps, images, outcome }) {
    if (steps.some(({ state }) => state === 'failed' || state === 'cancelled'))
        return false;
    return images.length > 0 || outcome.kind === 'green';
}
/** The result of a test target in words. */
function gateResult(target) {
    switch (target.result) {
        case 'ran':
            return 'passed';
        case 'cached':
            return 'passed (cached)';
        case 'failed':
            return 'failed';
        case 'cancelled':
            return 'stopped';
        case 'skipped':
            return 'not run';
    }
}
/** `[41](…) COPY ./app /app`. */
function stepCode(report, step, max = 44) {
    return [(0,_format_links_js__WEBPACK_IMPORTED_MODULE_1__/* .lineLink */ .lz)(report.source, step.line), (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_3__/* .code */ .aY)((0,_format_instruction_js__WEBPACK_IMPORTED_MODULE_5__/* .briefInstruction */ .ZM)(step.instruction), max)]
        .filter((part) => part !== '')
        .join(' ');
}


/***/ }),

/***/ 1565:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   JT: () => (/* binding */ renderRelayed),
/* harmony export */   sX: () => (/* binding */ untrustedSentence),
/* harmony export */   zF: () => (/* binding */ renderUntrusted)
/* harmony export */ });
/* harmony import */ var _headline_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8179);
/* harmony import */ var _format_markdown_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(99);
/** Whose run it is: what it may not do, and who vouches for what it says. */


/** Why an untrusted run wrote nothing. `trustReason` is a clause: `pull request #7 comes from the fork x/app`. */
function untrustedSentence(report) {
    const reason = (report.trustReason ?? 'GitHub gives it no credentials').replace(/\.$/, '');
    return `This run is untrusted: ${reason}. It builds, tests and reports; it gets nothing of the runner’s own, and writes neither tags nor cache.`;
}
/** For the run's own report; a handed-on one says it above everything. */
function renderUntrusted(report) {
    if (report.trusted || report.relayed !== undefined)
        return undefined;
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .alert */ .xE)('NOTE', [(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .text */ .Qq)(untrustedSentence(report), 800)]);
}
/** Whose word a handed-on report is, and how its run ended by GitHub's. Stands before everything that it could say. */
function renderRelayed(report) {
    if (report.relayed === undefined)
        return undefined;
    const whose = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .text */ .Qq)(`The words and figures below are an untrusted run’s own: ${report.trustReason ?? 'unknown'}.`, 800);
    const end = (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .link */ .nf)(`the workflow run ${(0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .text */ .Qq)((0,_headline_js__WEBPACK_IMPORTED_MODULE_0__/* .endOf */ .pJ)(report.relayed), 100)}`, report.source.runUrl);
    return (0,_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .alert */ .xE)((0,_headline_js__WEBPACK_IMPORTED_MODULE_0__/* .isContradicted */ .ZA)(report) ? 'WARNING' : 'NOTE', [`${whose} GitHub says that ${end}.`]);
}


/***/ }),

/***/ 3081:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  tell: () => (/* binding */ tell)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
var external_node_os_default = /*#__PURE__*/__webpack_require__.n(external_node_os_);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/failure/of.ts
var of = __webpack_require__(4737);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/core/step.ts
var core_step = __webpack_require__(1757);
;// CONCATENATED MODULE: ./src/outputs.ts
/** The action's outputs from a run's result. Pure; names and meanings as in action.yml. */


/**
 * Every output that has a value; sizes are plain byte counts.
 * @param bakeTarget the target of an only image, where a bake file has it
 */
function planOutputs({ report, metadata }, bakeTarget) {
    const images = report.builds.flatMap((build) => build.images);
    const [image] = images;
    // A build of tests alone has no image that could leave.
    const leaving = report.builds.filter((build) => build.images.length > 0);
    const isOnly = images.length === 1 && image !== undefined;
    const differences = report.builds.flatMap(({ comparison }) => comparison?.kind === 'compared' ? comparison.differences : []);
    const folders = report.builds.flatMap(({ own = report }) => own.tests?.folder ?? []);
    const work = report.steps.filter((step) => (0,core_step/* isWork */.cD)(step) && step.state !== 'waiting');
    return present({
        gate: report.gate.verdict,
        published: String(leaving.length > 0 && leaving.every(({ publish }) => publish.published)),
        ...describeMetadata(report, metadata, bakeTarget),
        images: JSON.stringify(report.builds.flatMap((build) => describe(build, metadata.get(build.name)?.digest))),
        size: total(images, ({ size }) => size),
        'transfer-size': total(images, ({ transferSize }) => transferSize),
        'size-diff': totalOf(differences.map(({ size }) => size.change)),
        'transfer-size-diff': totalOf(differences.map(({ transferSize }) => transferSize?.change)),
        'pull-cost': totalOf(differences.map(({ pullCost }) => pullCost?.bytes)),
        layers: isOnly ? String(image.layers.length) : undefined,
        reclaimable: total(images, ({ figures }) => figures.reclaimable.own),
        efficiency: isOnly ? image.figures.efficiency.toFixed(4) : undefined,
        leaks: total(images, ({ figures }) => (figures.leakSearch === undefined ? undefined : figures.leaks.length)),
        'test-reports': folders.length === 0 ? undefined : folders.join('\n'),
        steps: String(work.length),
        'cached-steps': String(work.filter(({ state }) => state === 'cached').length)
    });
}
/** As docker/build-push-action has it of one image, and docker/bake-action of several; one of a bake file can be read as either. */
function describeMetadata({ builds }, metadata, bakeTarget) {
    const known = builds.flatMap(({ name }) => {
        const found = metadata.get(name);
        return found === undefined ? [] : [{ name, ...found }];
    });
    const [first] = known;
    if (first === undefined)
        return { imageid: undefined, digest: undefined, metadata: undefined };
    if (builds.length === 1) {
        return { imageid: first.imageID, digest: first.digest, metadata: underTarget(first.text, bakeTarget) };
    }
    // Below a name of the step stands that of the target.
    const all = known.map(({ name, text }) => `${JSON.stringify(name.split('/').at(-1))}: ${text.trim()}`);
    return { imageid: undefined, digest: undefined, metadata: `{\n${all.join(',\n')}\n}` };
}
function underTarget(text, target) {
    const known = (0,json/* asObject */.eB)((0,json/* parseJSON */.Ol)(text));
    if (target === undefined || known === undefined)
        return text;
    return JSON.stringify({ ...known, [target]: known }, undefined, 2);
}
/** What is known of an image, all its platforms together; nothing of one that was not built. */
function describe({ name, images, publish }, digest) {
    if (images.length === 0)
        return [];
    const { tags, digest: published } = publish.published ? publish : { tags: [] };
    const sizes = {
        size: sum(images.map(({ size }) => size)),
        transferSize: sum(images.map((image) => image.transferSize))
    };
    return [{ name, tags, digest: digest ?? published, ...sizes }];
}
function total(images, sizeOf) {
    return totalOf(images.map(sizeOf));
}
function totalOf(sizes) {
    const bytes = sum(sizes);
    return bytes === undefined ? undefined : String(bytes);
}
/** Over all platforms; `undefined` where there is none or one of them is not known. */
function sum(sizes) {
    const known = sizes.filter((size) => size !== undefined);
    if (known.length === 0 || known.length < sizes.length)
        return undefined;
    return known.reduce((all, size) => all + size, 0);
}
function present(outputs) {
    return Object.fromEntries(Object.entries(outputs).filter((entry) => entry[1] !== undefined));
}

// EXTERNAL MODULE: ./src/report/format/markdown.ts
var markdown = __webpack_require__(99);
// EXTERNAL MODULE: ./src/report/model.ts
var model = __webpack_require__(6867);
// EXTERNAL MODULE: ./src/report/sections/headline.ts
var headline = __webpack_require__(8179);
// EXTERNAL MODULE: ./src/report/sections/published.ts
var published = __webpack_require__(3373);
// EXTERNAL MODULE: ./src/report/sections/tests.ts
var tests = __webpack_require__(5614);
// EXTERNAL MODULE: ./src/report/sections/trial.ts
var trial = __webpack_require__(6843);
// EXTERNAL MODULE: ./src/report/sections/twice.ts
var twice = __webpack_require__(5199);
// EXTERNAL MODULE: ./src/core/linked.ts
var linked = __webpack_require__(9358);
// EXTERNAL MODULE: ./src/report/sections/budget.ts
var budget = __webpack_require__(406);
// EXTERNAL MODULE: ./src/report/sections/increase.ts
var increase = __webpack_require__(8423);
// EXTERNAL MODULE: ./src/report/sections/leaks.ts
var leaks = __webpack_require__(3119);
// EXTERNAL MODULE: ./src/report/format/links.ts
var links = __webpack_require__(5641);
// EXTERNAL MODULE: ./src/report/sections/remedies.ts + 3 modules
var remedies = __webpack_require__(985);
// EXTERNAL MODULE: ./src/report/sections/untrusted.ts
var untrusted = __webpack_require__(1565);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(2184);
// EXTERNAL MODULE: ./src/judge/index.ts + 9 modules
var judge = __webpack_require__(8067);
// EXTERNAL MODULE: ./src/report/sections/verdict.ts
var verdict = __webpack_require__(4910);
;// CONCATENATED MODULE: ./src/report/surfaces/annotations.ts
/**
 * Report -> annotations, most important first. GitHub shows 10 of each level per step and cuts a message at 4096
 * characters; what is beyond that is counted in the last one instead of vanishing.
 */
















/** Limits of the runner: `ExecutionContext.cs` in actions/runner. */
const ANNOTATIONS_PER_LEVEL = 10;
const MESSAGE_CHARACTERS = 4096;
/** Last lines of a failed step's log that go into its annotation. */
const LAST_WORDS = 12;
/** What is of one image. */
const OF_IMAGE = [
    ...[errorsOf, leakWarnings, growthWarnings, omissionWarnings],
    ...[testAnnotations, cacheWarnings, lintWarnings]
];
/** The annotations of a run, errors first. */
function annotations(report) {
    const views = (0,model/* viewsOf */.W6)(report);
    const all = [...OF_IMAGE.flatMap((part) => views.flatMap(part)), ...notices(views[0], report.name)];
    // Two images of one Dockerfile have its findings in common.
    const unique = [...new Map(all.map((annotation) => [JSON.stringify(annotation), annotation])).values()];
    return ['error', 'warning', 'notice'].flatMap((level) => limited(unique.filter((annotation) => annotation.level === level).map(cut), level));
}
function limited(list, level) {
    if (list.length <= ANNOTATIONS_PER_LEVEL)
        return list;
    const shown = list.slice(0, ANNOTATIONS_PER_LEVEL - 1);
    const more = list.length - shown.length;
    return [...shown, { level, title: `${more} more`, message: `${(0,units/* count */.U9)(more, `more ${level}`)}: see the job summary.` }];
}
function cut(annotation) {
    // Room for the words that say how much is missing.
    const message = (0,markdown/* shortened */.vI)(annotation.message, MESSAGE_CHARACTERS - 60);
    return { ...annotation, message, title: (0,markdown/* shortened */.vI)((0,markdown/* inline */.mG)(annotation.title), 200) };
}
/** Only a file of the repository can be annotated, and only what is of the image's own Dockerfile. */
function at(report, { line, stage }) {
    const file = report.source.dockerfileInRepository;
    if (file === undefined || (stage !== undefined && (0,linked/* isLinkedStep */.w4)({ stage })))
        return {};
    return line === undefined ? { file } : { file, line };
}
function errorsOf(report) {
    if (report.outcome.kind === 'green' || report.bystander === true)
        return [];
    const { failure } = report.outcome;
    const title = `${report.name}: ${(0,headline/* failureHeadline */.Ni)(report, failure)}`;
    if (failure.kind === 'input') {
        return failure.problems.map(({ input, problem, fix }) => ({
            level: 'error',
            title: `${report.name}: input ${input}`,
            message: `${sentence((0,markdown/* inline */.mG)(problem))} ${(0,markdown/* inline */.mG)(fix)}`
        }));
    }
    const [first] = (0,remedies/* remediesFor */.g)(report, failure);
    const remedy = first === undefined ? [] : [(0,markdown/* inline */.mG)(first.sentence), ...(first.lines?.text ?? []).map(markdown/* visibleLine */.P8)].join('\n');
    if (failure.kind === 'leak')
        return leakAnnotations(report, 'error', title, [remedy].flat());
    if (failure.kind === 'budget') {
        return (0,judge/* judgedLimits */.I9)(failure.broken).map((rule) => {
            const { message, layer = {} } = (0,budget/* budgetSentence */.Bg)(report, rule);
            return { level: 'error', title: `${report.name}: over budget (${rule.rule})`, message, ...at(report, layer) };
        });
    }
    const message = [whatHappened(report, failure), unknownTags(report), remedy].flat().join('\n\n');
    if (failure.kind === 'irreproducible') {
        return [{ level: 'error', title, message, ...at(report, failure.differences[0]?.layer ?? {}) }];
    }
    return [{ level: 'error', title, message, ...('line' in failure ? at(report, failure) : {}) }];
}
/** The tags of which nobody can say whether they have the image. */
function unknownTags({ publish }) {
    const { unknown = [] } = publish;
    return unknown.length === 0
        ? []
        : [`Whether these tags have the image is not known: ${unknown.map((tag) => (0,markdown/* inline */.mG)(tag)).join(', ')}.`];
}
/** Each failing test on its own file, where that is in the repository; a warning where the gate passed all the same. */
function testAnnotations(report) {
    const level = report.gate.verdict === 'failed' ? 'error' : 'warning';
    return (report.tests?.stages ?? []).flatMap(({ failing }) => failing.map((test) => {
        const { title, message } = (0,tests/* testSentence */.oT)(test);
        const { line, fileInRepository } = test;
        // A name with line ends in it is no place that GitHub could show.
        const file = fileInRepository === (0,markdown/* inline */.mG)(fileInRepository ?? '') ? fileInRepository : undefined;
        return {
            ...{ level, title: `${report.name}: ${title}` },
            message: message.split('\n').map(markdown/* visibleLine */.P8).join('\n'),
            ...(file === undefined ? {} : { file }),
            ...(file === undefined || line === undefined ? {} : { line })
        };
    }));
}
/** One for each place, at the line that put it there. */
function leakAnnotations(report, level, title, remedy) {
    return (0,leaks/* leakRows */.B1)(report).map((row) => ({
        level,
        title,
        message: [(0,leaks/* leakSentence */.To)(report, row), ...remedy].join('\n\n'),
        ...at(report, row.layer ?? {})
    }));
}
/** `leak-check: warn`: the run is green, and this is the loudest thing in it. */
function leakWarnings(report) {
    if (report.outcome.kind === 'red')
        return [];
    return leakAnnotations(report, 'warning', `${report.name}: a secret or private key is in the image`, []);
}
/** `max-increase` where it did not judge, or did not stop: the reader of a green run must not miss it. */
function growthWarnings(report) {
    return (0,increase/* increaseWarnings */.Eb)(report).map(({ title, message }) => ({
        level: 'warning',
        title: `${report.name}: ${title}`,
        message: (0,markdown/* inline */.mG)(message)
    }));
}
/** A part of the image that nobody could look into: what the search says about the rest is not the whole. */
function omissionWarnings(report) {
    const omissions = report.images.flatMap(({ figures }) => figures.omissions).filter(({ kind }) => kind !== 'value');
    return [...new Set(omissions.map(verdict/* omissionSentence */.jf))].map((omission) => ({
        level: 'warning',
        title: `${report.name}: not everything could be examined`,
        message: sentence((0,markdown/* inline */.mG)(omission))
    }));
}
/** A clause that another sentence follows. */
function sentence(words) {
    return /[.!?:]$/.test(words) ? words : `${words}.`;
}
function whatHappened(report, failure) {
    switch (failure.kind) {
        case 'test':
            return stepStory(report, failure.step, failure.exitCode, failure.line);
        case 'build':
            return failure.step === undefined
                ? (0,markdown/* inline */.mG)(failure.message)
                : stepStory(report, failure.step, failure.exitCode, failure.line, failure.message);
        case 'dockerfile':
        case 'registry':
        case 'engine':
        case 'unrecognised':
        case 'internal':
            return failure.message.split('\n').map(markdown/* visibleLine */.P8).join('\n');
        case 'smoke':
        case 'verify':
            return (0,trial/* trialWords */.Ip)(failure.results);
        case 'irreproducible':
            return (0,twice/* twiceWords */.OM)(report, failure);
        case 'mismatch':
            return `What the tests saw and what would have left are not the same: ${(0,markdown/* inline */.mG)(failure.cause)}.`;
        case 'credential':
            return `${failure.linked === undefined ? (0,links/* place */.ik)(report.source, failure.line) : `the linked target "${(0,markdown/* inline */.mG)(failure.linked)}"`} requires the ${failure.credential === 'ssh' ? 'SSH key' : 'secret'} "${(0,markdown/* inline */.mG)(failure.id)}" and nobody supplied it.`;
        case 'untested':
            return `Not tested: ${(0,units/* enumerated */.BD)(failure.stages.map((stage) => (0,markdown/* inline */.mG)(stage)))} could not be built without a secret or key that this run is not given.`;
        case 'cancelled':
            return 'The run was cancelled from outside.';
    }
}
function stepStory(report, step, exitCode, line, message) {
    const stage = step.stage === undefined ? '' : ` in stage ${(0,markdown/* inline */.mG)(step.stage)}`;
    const where = (0,linked/* isLinkedStep */.w4)(step) ? '' : ` (${(0,links/* place */.ik)(report.source, line ?? step.line)})`;
    const end = exitCode === undefined ? (0,markdown/* inline */.mG)(message ?? 'failed') : `exit code ${exitCode} after ${(0,units/* duration */.p0)(step.seconds)}`;
    const head = `${(0,markdown/* shortened */.vI)((0,markdown/* inline */.mG)(step.instruction), 300)}${stage}${where}: ${end}`;
    const words = step.logTail.map(markdown/* visibleLine */.P8).slice(-LAST_WORDS);
    return words.length === 0 ? head : `${head}\n\n${words.map((word) => (0,markdown/* shortened */.vI)(word, 250)).join('\n')}`;
}
function cacheWarnings(report) {
    const warn = (verb) => (transfer) => transfer.result === 'failed'
        ? [
            {
                level: 'warning',
                title: `${report.name}: layer cache not ${verb}`,
                message: `${(0,markdown/* inline */.mG)(transfer.reference)}: ${(0,markdown/* inline */.mG)(transfer.message ?? 'no reason was given')}. The build does not fail because of it.`
            }
        ]
        : [];
    const { imports, exports, broken } = report.cache;
    const again = broken === undefined
        ? []
        : [
            {
                level: 'warning',
                title: `${report.name}: layer cache broke the build`,
                message: `${(0,markdown/* inline */.mG)(broken.message)}. The build was started again without it.`
            }
        ];
    return [...again, ...imports.flatMap(warn('read')), ...exports.flatMap(warn('written'))];
}
function lintWarnings(report) {
    return report.lint.findings.map((finding) => ({
        level: 'warning',
        title: finding.rule,
        message: finding.url === undefined ? (0,markdown/* inline */.mG)(finding.message) : `${(0,markdown/* inline */.mG)(finding.message)}\n${(0,markdown/* inline */.mG)(finding.url)}`,
        ...at(report, finding)
    }));
}
/** A note says itself whose it is, unless it is of all images. */
function notices(report, title) {
    const trust = report.trusted ? [] : [(0,untrusted/* untrustedSentence */.sX)(report)];
    return [...trust, ...report.notes].map((note) => ({ level: 'notice', title, message: (0,markdown/* inline */.mG)(note) }));
}

// EXTERNAL MODULE: ./src/report/surfaces/json.ts
var surfaces_json = __webpack_require__(6913);
// EXTERNAL MODULE: ./src/report/sections/advice.ts
var advice = __webpack_require__(8667);
// EXTERNAL MODULE: ./src/report/sections/broken.ts
var broken = __webpack_require__(4822);
// EXTERNAL MODULE: ./src/report/sections/cache.ts
var cache = __webpack_require__(7301);
// EXTERNAL MODULE: ./src/report/sections/contents.ts
var contents = __webpack_require__(5229);
// EXTERNAL MODULE: ./src/report/sections/difference.ts
var difference = __webpack_require__(9580);
// EXTERNAL MODULE: ./src/report/sections/facts.ts
var facts = __webpack_require__(8580);
// EXTERNAL MODULE: ./src/report/sections/failure.ts
var failure = __webpack_require__(9197);
// EXTERNAL MODULE: ./src/report/format/ladder.ts
var ladder = __webpack_require__(2054);
// EXTERNAL MODULE: ./src/report/sections/layers.ts
var sections_layers = __webpack_require__(6905);
// EXTERNAL MODULE: ./src/report/sections/notes.ts
var notes = __webpack_require__(5098);
// EXTERNAL MODULE: ./src/report/sections/proof.ts
var proof = __webpack_require__(2129);
// EXTERNAL MODULE: ./src/report/sections/section.ts + 1 modules
var section = __webpack_require__(8485);
// EXTERNAL MODULE: ./src/report/sections/sizes.ts
var sizes = __webpack_require__(861);
;// CONCATENATED MODULE: ./src/report/sections/trend.ts


/** Builds before this one that make a trend. */
const FEWEST = 2;
/** The trend of each platform; `undefined` where there are too few builds to speak of one. */
function renderTrend(report, detail) {
    const { trend, images } = report;
    if (trend === undefined)
        return undefined;
    const shown = images.slice(0, detail.layerTables).flatMap((image) => {
        const series = trend.series.find(({ platform }) => platform === image.platform);
        return series === undefined || series.points.length < FEWEST ? [] : [{ image, series }];
    });
    if (shown.length === 0)
        return undefined;
    const several = images.length > 1;
    const lines = shown.map(({ image, series }) => {
        const sizes = [...series.points.map(({ size }) => size), image.size];
        const [first = 0, least, most] = [sizes[0], Math.min(...sizes), Math.max(...sizes)];
        const where = several ? ` on ${(0,markdown/* code */.aY)(image.platform, 60)}` : '';
        const range = least === most ? 'no change' : `smallest ${(0,units/* bytes */.ee)(least)}, largest ${(0,units/* bytes */.ee)(most)}`;
        const builds = `${(0,units/* count */.U9)(series.points.length, 'build')} of ${(0,markdown/* text */.Qq)(trend.branch, 60)} and this one`;
        return `**Trend**${where}: \`${sparkline(sizes)}\` ${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(first))} → ${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(image.size))} in ${builds} (${range})`;
    });
    const tables = shown.map(({ image, series }) => (0,markdown/* details */.zH)(several ? `The builds in numbers, ${(0,markdown/* code */.aY)(image.platform, 60)}` : 'The builds in numbers', points(series)));
    return (0,markdown/* sections */.V0)([lines.join('<br>'), ...(detail.collapsed ? tables : [])]);
}
/** Newest first. */
function points({ points: all }) {
    const rows = all.map(({ sha, at, size, transferSize }, index) => {
        const before = all[index - 1];
        return [
            (0,markdown/* code */.aY)(sha.slice(0, 7), 7),
            (0,markdown/* text */.Qq)(at.slice(0, 10), 10),
            (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size)),
            before === undefined ? '' : (0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(size - before.size)),
            transferSize === undefined ? '' : (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(transferSize))
        ];
    });
    return (0,markdown/* table */.tp)([
        { title: 'Commit', align: 'left' },
        { title: 'Stored', align: 'left' },
        { title: 'Size', align: 'right' },
        { title: 'Change', align: 'right' },
        { title: 'Transfer', align: 'right' }
    ], rows.reverse());
}
const STEPS = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/** One character a value, from the least to the most; in the middle where all are the same. */
function sparkline(values) {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const at = (value) => most === least ? 3 : Math.round(((value - least) / (most - least)) * (STEPS.length - 1));
    return values.map((value) => STEPS[at(value)] ?? '').join('');
}

;// CONCATENATED MODULE: ./src/report/sections/releases.ts



/** The releases of each platform; `undefined` where none is known, and where this image has no compressed form. */
function renderReleases(report, detail) {
    const { releases: known, images } = report;
    if (known === undefined)
        return undefined;
    const several = images.length > 1;
    const shown = images.slice(0, detail.layerTables).flatMap(({ platform, transferSize }) => {
        const releases = known.series.find((series) => series.platform === platform)?.releases ?? [];
        return transferSize === undefined
            ? []
            : releases.slice(0, 1).map((first) => ({ platform, transferSize, first, releases }));
    });
    if (shown.length === 0)
        return undefined;
    const lines = shown.map(({ platform, transferSize, first, releases }) => {
        const where = several ? ` on ${(0,markdown/* code */.aY)(platform, 60)}` : '';
        const line = sparkline([...releases.map((release) => release.transferSize), transferSize]);
        const change = `${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(first.transferSize))} → ${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(transferSize))}`;
        return `**Releases**${where}: \`${line}\` ${change} to transfer, from ${(0,markdown/* code */.aY)(first.tag, 60)} to this build (${(0,units/* count */.U9)(releases.length, 'release')})`;
    });
    const tables = shown.map(({ platform, transferSize, releases }) => (0,markdown/* details */.zH)(several ? `The releases in numbers, ${(0,markdown/* code */.aY)(platform, 60)}` : 'The releases in numbers', numbers(releases, transferSize)));
    return (0,markdown/* sections */.V0)([lines.join('<br>'), ...(detail.collapsed ? tables : [])]);
}
/** Newest first. */
function numbers(releases, now) {
    const sizes = releases.map(({ transferSize }) => transferSize);
    const names = [...releases.map(({ tag }) => (0,markdown/* code */.aY)(tag, 60)), 'this build'];
    const rows = [...sizes, now].map((size, index) => {
        const before = sizes[index - 1];
        return [names[index] ?? '', (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size)), before === undefined ? '' : (0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(size - before))];
    });
    return (0,markdown/* table */.tp)([
        { title: 'Release', align: 'left' },
        { title: 'Transfer', align: 'right' },
        { title: 'Change', align: 'right' }
    ], rows.reverse());
}

// EXTERNAL MODULE: ./src/report/sections/stages.ts
var stages = __webpack_require__(3584);
// EXTERNAL MODULE: ./src/report/format/instruction.ts
var format_instruction = __webpack_require__(3020);
;// CONCATENATED MODULE: ./src/report/sections/timeline.ts





/** Bars in the picture; more cannot be read. */
const MOST_BARS = 30;
/** What takes less is not drawn: it would be a hairline with a label. */
const SHORTEST_BAR_SECONDS = 0.05;
/** Rows of the table beside it. */
const SLOWEST = 10;
/** The body of the timeline section; `undefined` when nothing ran. */
function renderTimeline(report, detail) {
    const ran = report.steps.filter(isTimed);
    if (ran.length === 0 && report.seconds.phases.length === 0)
        return undefined;
    return (0,markdown/* sections */.V0)([detail.timeline ? gantt(report, ran) : undefined, slowest(report, ran), phaseList(report)]);
}
/** For the title of its fold; HTML. */
function timelineTitle({ steps }) {
    return steps.some(isTimed) ? 'Timeline and slowest steps' : 'Timeline';
}
/** Whether a step ran long enough to have a place in the timeline. */
function isTimed(step) {
    return step.startedAt !== undefined && step.state !== 'cached' && step.seconds >= SHORTEST_BAR_SECONDS;
}
/**
 * The oldest grammar of mermaid's gantt: no ids, no tags, start and end as milliseconds. `%s` is seconds since the
 * epoch and the epoch is the start of the run, so the axis reads right in every time zone.
 */
function gantt(report, ran) {
    const longest = [...ran].sort((a, b) => b.seconds - a.seconds).slice(0, MOST_BARS);
    const drawn = longest.sort((a, b) => a.startedAt - b.startedAt);
    const zero = origin(report, ran);
    const stages = [...new Set(drawn.map((step) => step.stage ?? ''))];
    const bar = (label, start, seconds) => {
        const from = Math.max(0, Math.round(start * 1000));
        return `    ${label} :${from}, ${from + Math.max(1, Math.round(seconds * 1000))}`;
    };
    const stageLines = stages.flatMap((stage) => [
        `    section ${sectionName(stage)}`,
        ...drawn
            .filter((step) => (step.stage ?? '') === stage)
            .map((step) => bar(stepLabel(report, step), (step.startedAt - zero) / 1000, step.seconds))
    ]);
    const phases = report.seconds.phases.filter((phase) => phase.seconds >= SHORTEST_BAR_SECONDS);
    const phaseLines = phases.map((phase) => bar((0,markdown/* mermaidLabel */._b)(phase.name, 24).replace(/^step /, ''), phase.start, phase.seconds));
    return [
        '```mermaid',
        'gantt',
        '    dateFormat x',
        '    axisFormat %s s',
        ...stageLines,
        ...(phaseLines.length === 0 ? [] : ['    section the run', ...phaseLines]),
        '```'
    ].join('\n');
}
/** The start of the run; without it, the steps are put at the start of the phase that holds them. */
function origin(report, ran) {
    if (report.startedAt !== undefined)
        return report.startedAt;
    const first = ran.reduce((earliest, step) => Math.min(earliest, step.startedAt), Infinity);
    const build = report.seconds.phases.find((phase) => /build|gate/i.test(phase.name));
    return Number.isFinite(first) ? first - (build?.start ?? 0) * 1000 : 0;
}
function sectionName(stage) {
    const label = (0,markdown/* mermaidLabel */._b)(stage, 24).replace(/^step ?/, '');
    return label === '' ? 'build' : label;
}
function stepLabel(report, step) {
    const instruction = (0,format_instruction/* briefInstruction */.ZM)(step.instruction);
    if (!several(report) || step.platform === undefined)
        return (0,markdown/* mermaidLabel */._b)(instruction);
    return `${(0,markdown/* mermaidLabel */._b)(instruction, 36)} ${(0,markdown/* mermaidLabel */._b)(step.platform, 24).replace(/^step ?/, '')}`;
}
function slowest(report, ran) {
    if (ran.length === 0)
        return undefined;
    const ordered = [...ran].sort((a, b) => b.seconds - a.seconds);
    const { shown, more } = (0,ladder/* capped */.uo)(ordered, SLOWEST);
    const rows = shown.map((step) => [
        (0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(step.seconds)),
        (0,stages/* stepCode */.iZ)(report, step),
        step.stage === undefined ? '' : (0,markdown/* code */.aY)(step.stage, 60),
        ...(several(report) ? [step.platform === undefined ? '' : (0,markdown/* code */.aY)(step.platform, 40)] : [])
    ]);
    const columns = [
        { title: 'Ran', align: 'right' },
        { title: 'Step', align: 'left' },
        { title: 'Stage', align: 'left' },
        ...(several(report) ? [{ title: 'Platform', align: 'left' }] : [])
    ];
    return (0,markdown/* sections */.V0)([(0,markdown/* table */.tp)(columns, rows), more === 0 ? undefined : `And ${(0,units/* count */.U9)(more, 'quicker step')}.`]);
}
function several(report) {
    return report.images.length > 1;
}
function phaseList(report) {
    const phases = report.seconds.phases;
    if (phases.length === 0)
        return undefined;
    const parts = phases.map((phase) => `${(0,markdown/* text */.Qq)(phase.name, 60)} ${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(phase.seconds))}`);
    return `The run: ${parts.join(' · ')}`;
}

// EXTERNAL MODULE: ./src/report/sections/why.ts
var why = __webpack_require__(6441);
;// CONCATENATED MODULE: ./src/report/surfaces/summary.ts
/** The job summary: verdict, facts, sizes, layers, build, details collapsed, and what was proved. */

























const build = (0,section/* where */._M)(({ stages }) => stages.length > 0, (0,section/* joined */.oR)([
    stages/* renderStages */.QY,
    broken/* renderBroken */.Ib,
    broken/* renderSaved */._y,
    cache/* renderCacheLine */.bk,
    cache/* renderMountsLine */.R4,
    (0,section/* folded */.TM)('What the layer cache reads and writes', cache/* renderCachePlan */.K3),
    (0,section/* folded */.TM)(timelineTitle, renderTimeline)
]));
const titledBuild = (0,section/* titled */.dJ)('### Build', build);
const foldedBuild = (0,section/* folded */.TM)('Build', build);
/** A run that passed. */
const PASSED = [
    headline/* heading */.R_,
    tests/* renderFailingTests */.e0,
    facts/* facts */.I,
    verdict/* verdictLine */.MT,
    leaks/* renderLeakWarning */.U,
    increase/* renderGrowth */.Qi,
    increase/* renderUnjudged */.dD,
    increase/* renderBaseUnknown */.eh,
    untrusted/* renderUntrusted */.zF,
    verdict/* renderOmissions */.pw,
    cache/* renderCacheTrouble */.oR,
    sizes/* renderSizes */.h,
    renderTrend,
    renderReleases,
    difference/* renderNotCompared */.pz,
    why/* renderWhy */.f,
    tests/* renderTests */.Cd,
    (0,section/* titled */.dJ)('### Layers', sections_layers/* renderLayers */.r2),
    (0,section/* ifRoom */.J2)(contents/* renderContents */.ze),
    titledBuild,
    published/* renderPublished */.l8,
    advice/* renderAdvice */.x
];
const isAlone = (report) => !(0,failure/* tellsComparison */.cE)(report);
/** An image that was inspected and refused: how large it is, what a pull costs and what was cached has an answer, too. */
const REFUSED = [
    headline/* heading */.R_,
    tests/* renderFailingTests */.e0,
    facts/* facts */.I,
    verdict/* verdictLine */.MT,
    failure/* renderFailed */.g9,
    (0,section/* titled */.dJ)('### The image', (0,section/* joined */.oR)([sizes/* renderSizes */.h, renderTrend, renderReleases, (0,section/* where */._M)(isAlone, difference/* renderNotCompared */.pz), (0,section/* where */._M)(isAlone, why/* renderWhy */.f)])),
    (0,section/* folded */.TM)('Layers', sections_layers/* renderLayers */.r2),
    foldedBuild,
    tests/* renderTests */.Cd,
    untrusted/* renderUntrusted */.zF
];
/** Nothing else competes for the eye; but who waits for it again wants to know why it was not cached. */
const FAILED = [
    headline/* heading */.R_,
    tests/* renderFailingTests */.e0,
    failure/* renderFailed */.g9,
    tests/* renderTests */.Cd,
    untrusted/* renderUntrusted */.zF,
    (0,section/* folded */.TM)('What ran, and why it was not cached', broken/* renderBroken */.Ib)
];
const CLOSING = [notes/* renderNotes */.I, section/* leftOut */.ig, proof/* smallPrint */.fk];
function listOf(report) {
    if (report.bystander === true)
        return []; // its line at a glance says it all
    if (report.outcome.kind === 'green')
        return PASSED;
    return (0,failure/* answersAll */.D)(report) ? REFUSED : FAILED;
}
/** The summary of a run as GitHub-flavoured Markdown, within GitHub's limit for a step. */
function renderSummary(report, limitBytes = ladder/* SUMMARY_LIMIT_BYTES */.Jz) {
    return (0,ladder/* renderWithin */.As)((detail) => (0,section/* composed */.p4)(report, detail, { listOf, closing: CLOSING }), limitBytes);
}

;// CONCATENATED MODULE: ./src/tell.ts
/** What a step says at its end: summary, annotations, outputs, report files, and what GitHub is told. */












/**
 * Writes everything a run has to say, before the step ends in success or failure.
 * @returns whether the steps after this one get its outputs
 */
async function tell(ports, env, result) {
    const { report } = result;
    const { log, runner } = ports;
    // What a job does next depends on them, so no other file of the runner may keep them back.
    const isSet = setOutputs(ports, result);
    const summary = renderSummary(report);
    await runner.writeSummary(summary);
    for (const { level, message, title, file, line } of annotations(report)) {
        log[level](message, {
            title,
            ...(file === undefined ? {} : { file }),
            ...(line === undefined ? {} : { line })
        });
    }
    await writeReport(ports.runner, env, { summary, report }).catch((error) => {
        const warning = `The outputs report and summary-file are not set: ${(0,of/* reasonOf */.A)(error)}.`;
        log.warning(warning, { title: 'Stagegate wrote no report' });
    });
    for (const note of await tellOthers(ports, result))
        log.warning(note, { title: 'Stagegate could not update the pull request' });
    log.info((0,markdown/* inline */.mG)((0,headline/* headline */.Pl)(report)));
    return isSet;
}
/** Sets all outputs but those of files. Where that is not possible, an error says what has left. */
function setOutputs({ log, runner }, result) {
    const { report, inputs, redact } = result;
    const target = inputs?.bake?.target;
    try {
        const outputs = planOutputs(result, target === undefined ? undefined : redact(target));
        for (const [name, value] of Object.entries(outputs))
            runner.setOutput(name, value);
        return true;
    }
    catch (error) {
        const reached = report.builds.map(reachSentence).join(' ');
        const message = `The outputs could not be written, so the steps after this one do not get them: ${(0,of/* reasonOf */.A)(error)}. ${reached}`;
        log.error(message, { title: 'Stagegate could not write its outputs' });
        return false;
    }
}
/** `app is published: ghcr.io/acme/app:1, sha256:….` */
function reachSentence({ name, publish }) {
    const digest = publish.published ? publish.digest : '';
    const names = [...(0,model/* reachedNames */.Fh)(publish), digest].filter((known) => known !== '');
    const named = names.length === 0 ? '' : `: ${names.join(', ')}`;
    return (0,markdown/* inline */.mG)(`${name} is ${published/* reachWords */.Nc[(0,model/* reachOf */.xw)(publish)]}${named}.`);
}
/** The files behind the outputs `summary-file` and `report`; in the system's folder where the runner's cannot be written to. */
async function writeReport(runner, env, { summary, report }) {
    const places = [env.RUNNER_TEMP ?? external_node_os_default().tmpdir(), external_node_os_default().tmpdir()];
    for (const [index, place] of places.entries()) {
        try {
            const folder = await (0,promises_.mkdtemp)(external_node_path_default().join(place, 'stagegate-report-'));
            const summaryFile = external_node_path_default().join(folder, 'summary.md');
            await (0,promises_.writeFile)(summaryFile, summary);
            const reportFile = external_node_path_default().join(folder, 'report.json');
            await (0,promises_.writeFile)(reportFile, JSON.stringify((0,surfaces_json/* toJSON */.U2)(report)));
            runner.setOutput('summary-file', summaryFile);
            runner.setOutput('report', reportFile);
            return;
        }
        catch (error) {
            if (index + 1 === places.length)
                throw error;
        }
    }
}
/** The comment and the status, where anybody wants them; what is needed for them is loaded only then. */
async function tellOthers(ports, { report, inputs, occasion, redact }) {
    if (inputs === undefined || (report.outcome.kind === 'red' && report.outcome.failure.kind === 'cancelled'))
        return [];
    const { tellGitHub, wantsTelling } = await Promise.all(/* import() | github */[__webpack_require__.e(779), __webpack_require__.e(326)]).then(__webpack_require__.bind(__webpack_require__, 3743));
    return wantsTelling({ report, inputs, occasion }) ? tellGitHub(ports, { report, inputs, occasion, redact }) : [];
}


/***/ })

};

//# sourceMappingURL=206.index.js.map