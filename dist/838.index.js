export const id = 838;
export const ids = [838];
export const modules = {

/***/ 8283:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  readBaselineImage: () => (/* binding */ readBaselineImage)
});

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/core/csv.ts
var csv = __webpack_require__(7687);
// EXTERNAL MODULE: ./src/buildkit/builder.ts + 1 modules
var builder = __webpack_require__(1259);
// EXTERNAL MODULE: ./src/buildkit/classify.ts + 1 modules
var classify = __webpack_require__(5724);
// EXTERNAL MODULE: ./src/buildkit/solve.ts
var buildkit_solve = __webpack_require__(5447);
// EXTERNAL MODULE: ./src/buildkit/temporary_tag.ts
var temporary_tag = __webpack_require__(9948);
// EXTERNAL MODULE: ./src/failure/stop.ts
var stop = __webpack_require__(8740);
;// CONCATENATED MODULE: ./src/buildkit/export.ts
/** A solve whose result is put on disk to be looked at: an OCI layout or, from the classic image store, a saved archive. */







/** Runs the solve. Throws a `Stop` that says what failed. */
async function exportImage(ports, options) {
    const { folder, classicStore, timeoutSeconds, signal } = options;
    const layout = external_node_path_default().join(folder, 'image');
    const temporaryTag = (0,temporary_tag/* nameTag */.o)();
    const solve = {
        ...options.solve,
        metadataFile: external_node_path_default().join(folder, 'metadata.json'),
        outputs: classicStore ? ['type=docker'] : [csvOutput('type=oci,tar=false', layout)],
        tags: classicStore ? [temporaryTag] : []
    };
    if (classicStore) {
        await (0,temporary_tag/* removeStaleTags */.b)(ports);
        options.onTag(temporaryTag);
    }
    const result = await (0,buildkit_solve/* runSolve */.tc)(ports, solve, {
        env: { ...options.env, BUILDX_METADATA_PROVENANCE: 'max' },
        listener: options.listener,
        ...(timeoutSeconds === undefined ? {} : { timeoutSeconds }),
        ...(signal === undefined ? {} : { signal })
    });
    if (!result.ok) {
        if (result.timedOut) {
            throw new stop/* Stop */.V({ kind: 'engine', message: `it took longer than ${timeoutSeconds ?? 0} seconds` });
        }
        const onlyStage = options.onlyStage === undefined ? {} : { onlyStage: options.onlyStage };
        throw new stop/* Stop */.V((0,classify/* classifyFailure */.X)({ ...result, testStages: [], ...onlyStage }));
    }
    const { progress, metadata } = result;
    if (!classicStore)
        return { path: layout, progress, metadata, [Symbol.asyncDispose]: () => Promise.resolve() };
    const removeTag = async () => {
        await ports.exec((0,builder/* removeImageCommand */.re)(temporaryTag), { timeoutSeconds: 30 }).catch(() => undefined);
    };
    const archive = external_node_path_default().join(folder, 'image.tar');
    const saved = await ports.exec({ file: 'docker', args: ['image', 'save', '--output', archive, temporaryTag] });
    if (saved.exitCode !== 0) {
        await removeTag();
        throw new stop/* Stop */.V({ kind: 'engine', message: `docker image save failed: ${saved.stderr.trim()}` });
    }
    return { path: archive, progress, metadata, [Symbol.asyncDispose]: removeTag };
}
function csvOutput(attributes, destination) {
    return `${attributes},${(0,csv/* writeField */.YD)(`dest=${destination}`)}`;
}

// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/compare/index.ts + 9 modules
var compare = __webpack_require__(6646);
// EXTERNAL MODULE: ./src/image/index.ts + 39 modules
var src_image = __webpack_require__(7728);
// EXTERNAL MODULE: ./src/inspect/inspect.ts + 2 modules
var inspect = __webpack_require__(8718);
// EXTERNAL MODULE: ./src/builds/build.ts
var builds_build = __webpack_require__(3789);
// EXTERNAL MODULE: ./src/registry/address.ts
var address = __webpack_require__(7187);
// EXTERNAL MODULE: ./src/registry/quickly.ts
var quickly = __webpack_require__(191);
// EXTERNAL MODULE: ./src/registry/sizes.ts
var sizes = __webpack_require__(3049);
;// CONCATENATED MODULE: ./src/baseline/stored.ts
/**
 * The manifest of a baseline as its registry has it. The builder that reads the image writes another: an OCI one in place
 * of Docker's, which has the same layers, and is of another size.
 */



/** It is asked beside the build, which does not wait for long. */
const SECONDS = 5;
/** The snapshots with digest and transfer size of the registry's manifests; as they are where it does not tell. Never throws. */
async function withStoredManifests(asking, { reference, digest, env }, snapshots) {
    const repository = (0,address/* repositoryAt */.u)(reference);
    // The classic image store tells no transfer size, and what has the digest of the root is the manifest itself.
    const others = snapshots.filter((each) => each.transferSize !== undefined && each.manifestDigest !== digest);
    if (repository === undefined || others.length === 0)
        return snapshots;
    const platforms = others.map(({ platform }) => platform);
    const read = await (0,quickly/* quickly */.Z)(asking, env, SECONDS, (client) => (0,sizes/* readTransferSizes */.U)(client, repository, digest, platforms));
    if (typeof read === 'string')
        return snapshots;
    return snapshots.map((snapshot) => {
        const stored = others.includes(snapshot) ? read.find(({ platform }) => platform === snapshot.platform) : undefined;
        return stored === undefined ? snapshot : { ...snapshot, transferSize: stored.bytes, manifestDigest: stored.digest };
    });
}

// EXTERNAL MODULE: ./src/buildkit/command.ts
var command = __webpack_require__(593);
;// CONCATENATED MODULE: ./src/baseline/image.ts
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
 * The baseline from a registry: an image that the workflow names. The run's own builder reads it, with the builder's
 * logins and content store, as the only instruction of a Dockerfile that is built beside the gate.
 */











const image_SECONDS = 300;
const LACKING = 'it has no image for this platform';
/** Reads the image on the run's platforms. Never throws: an image that cannot be had is no baseline. */
async function readBaselineImage(ports, request) {
    const { reference, base, redact } = request;
    const platforms = base.build.shape.platforms.length === 0 ? [undefined] : base.build.shape.platforms;
    const snapshots = new Map();
    const troubles = [];
    let digest;
    // One platform at a time: an image that lacks one of them would fail the build of all.
    for (const [index, platform] of platforms.entries()) {
        if (request.signal.aborted)
            break;
        try {
            const read = await readPlatform(ports, request, external_node_path_default().join(request.folder, `baseline-${index}`), platform);
            digest ??= read.digest;
            for (const snapshot of read.snapshots)
                snapshots.set(snapshot.platform, snapshot);
        }
        catch (error) {
            troubles.push(redact(explain(error, reference)));
        }
    }
    if (snapshots.size === 0) {
        const reason = `${reference} could not be read: ${troubles[0] ?? 'it has no image'}`;
        return { kind: 'none', reason, notes: [`The baseline ${reason}.`] };
    }
    const { env, signal } = request;
    const exported = [...snapshots.values()];
    return {
        kind: 'image',
        reference,
        snapshots: digest === undefined
            ? exported
            : await withStoredManifests({ exec: ports.exec, signal }, { reference, digest, env }, exported),
        // That it lacks a platform is told where the platforms are compared.
        notes: troubles
            .filter((trouble) => trouble !== LACKING)
            .map((trouble) => `The baseline ${reference} could not be read on every platform: ${trouble}.`),
        ...(digest === undefined ? {} : { digest })
    };
}
async function readPlatform(ports, { reference, base, classicStore, onTag, redact, signal, seconds = image_SECONDS }, folder, platform) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const context = external_node_path_default().join(folder, 'context');
        await (0,promises_.mkdir)(context, { recursive: true });
        await (0,promises_.writeFile)(external_node_path_default().join(context, 'Dockerfile'), `FROM ${reference}\n`);
        const exported = __addDisposableResource(env_1, await exportImage(ports, {
            solve: { ...base, build: baselineBuild(context, platform), credentials: command/* noCredentials */.gT, target: '' },
            ...{
                env: { BUILDX_METADATA_WARNINGS: '1' },
                folder,
                classicStore,
                onTag,
                listener: {},
                timeoutSeconds: seconds,
                signal
            }
        }), true);
        const { steps } = exported.progress;
        if (isOfAnotherPlatform(exported.metadata.text))
            throw new Error(LACKING);
        if (steps.some(({ instruction }) => !instruction.startsWith('FROM '))) {
            throw new Error('it has ONBUILD instructions, which make it a different image from the one in the registry');
        }
        const { images } = await (0,src_image/* readImages */.H)(exported.path, { signal });
        const snapshots = [];
        for (const image of images) {
            // Which layers are its base's nobody knows here; the image that is compared tells of those that both have.
            const analysis = await (0,src_image/* analyseImage */.lT)(image, { baseDiffIDs: [], signal });
            const report = (0,inspect/* reportImage */.o7)(analysis, { steps: [], provenance: [], hasTransferSize: !classicStore });
            snapshots.push((0,compare/* takeSnapshot */.W9)(analysis, report, { redact }));
        }
        const digest = digestOf(steps);
        return { snapshots, ...(digest === undefined ? {} : { digest }) };
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
/** Nothing of the run's but the platform: a build argument or a named context could make another image of it. */
function baselineBuild(context, platform) {
    const build = (0,builds_build/* plainBuild */.x)('baseline', context);
    return {
        ...build,
        shape: { ...build.shape, platforms: platform === undefined ? [] : [platform] },
        // The registry's, also where the engine has an image of this name.
        fresh: { ...build.fresh, pull: true }
    };
}
/** Of an image without an index BuildKit takes what there is, and only warns. The metadata has warnings in base64. */
function isOfAnotherPlatform(metadata) {
    return (0,json/* asArray */._j)((0,json/* dig */.rO)((0,json/* parseJSON */.Ol)(metadata), 'buildx.build.warnings')).some((warning) => Buffer.from((0,json/* asString */.oJ)((0,json/* dig */.rO)(warning, 'short')) ?? '', 'base64')
        .toString()
        .startsWith('InvalidBaseImagePlatform'));
}
/** BuildKit names the image that it resolved in the step: `FROM busybox:1@sha256:…`. */
function digestOf(steps) {
    return steps.map(({ instruction }) => /^FROM \S+@(sha256:[0-9a-f]{64})\b/.exec(instruction)?.[1]).find(Boolean);
}
/** What the builder or the registry said, without the reference that the sentence has already. A clause. */
function explain(error, reference) {
    const said = error instanceof stop/* Stop */.V && 'message' in error.failure ? error.failure.message : reasonOf(error);
    const message = said
        .replaceAll(`${reference}: `, '')
        .replace(/^failed to (?:resolve source metadata|load metadata) for (?:\S+: )?/, '')
        .replace(/^failed to do request: /, '')
        .replace(/[\s.]+$/, '')
        .slice(0, 300);
    if (message.includes('no match for platform'))
        return LACKING;
    if (/\b401\b|\b403\b|denied|unauthorized|authorization failed|insufficient_scope|authentication required/i.test(message)) {
        return `the registry refused it (${message}); log in before this step, with docker/login-action`;
    }
    if (/connection refused|no such host|timeout|TLS handshake|deadline exceeded|EOF$|\b50[0234]\b|certificate/i.test(message)) {
        return `the registry returned an error (${message})`;
    }
    if (/not found|manifest unknown|does not exist/i.test(message))
        return `there is no such image (${message})`;
    return message === '' ? 'the builder gave no reason' : message;
}
function reasonOf(error) {
    if (error instanceof stop/* Stop */.V && error.failure.kind === 'input') {
        return error.failure.problems.map(({ problem }) => problem).join('; ');
    }
    return error instanceof Error ? error.message : String(error);
}


/***/ }),

/***/ 5364:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  restoreBaseline: () => (/* binding */ restoreBaseline),
  saveBaseline: () => (/* binding */ saveBaseline)
});

// EXTERNAL MODULE: ./src/actions-cache/cache.ts
var actions_cache_cache = __webpack_require__(3542);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/occasion/place.ts
var place = __webpack_require__(7024);
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
const FORMAT = 'v2';
/** The beginning of all keys of a series. It ends in a hyphen, so it is no beginning of another series' keys. */
function seriesKey({ name, target, branch }) {
    return `stagegate-baseline-${FORMAT}-${[name, target, branch].map(hashed).join('-')}-`;
}
/** The beginning of the keys of one commit's baselines: every run of it stores its own, and the newest is found. */
function commitKey(series, sha) {
    return `${seriesKey(series)}${sha}-`;
}
/** The key of what one run stores. @param run the run and its attempt: `9876543210-1` */
function baselineKey(series, sha, run) {
    return `${commitKey(series, sha)}${run}`;
}
/** The commit in a key of the series; `undefined` for a key of another one. */
function commitOfKey(series, key) {
    const start = seriesKey(series);
    return key.startsWith(start) ? key.slice(start.length).split('-', 1)[0] : undefined;
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
    const { sha, text, build, tests, trend, redact } = request;
    const refused = (reason) => ({
        kind: 'not-saved',
        notes: [`The baseline was not stored: ${reason}.`]
    });
    if (!(0,place/* isCommit */.W)(sha))
        return refused('the commit is not known');
    const envelope = {
        ...{ series: seriesKey(request), sha, text: redact(text), subject: redact(request.subject) },
        identity: request.identity,
        ...(build === undefined ? {} : { build: redact(build) }),
        ...(tests === undefined ? {} : { tests: redact(tests) }),
        ...(trend === undefined ? {} : { trend: redact(trend) })
    };
    const content = JSON.stringify(envelope);
    if (content.length > actions_cache_cache/* LARGEST_TEXT */.Jj)
        return refused('the report is too big');
    const save = (key, content) => (0,actions_cache_cache/* askCache */.yC)(cache, { kind: 'save', name: 'baseline.json', key }, { content });
    const key = baselineKey(request, sha, request.run);
    const answer = await save(key, content);
    const { kind } = answer.result;
    if (kind === 'exists' && (await isOfAnother(cache, request, key))) {
        // What is stored last is found first, so whoever compares with either learns that there are two.
        await save(`${key}-${request.identity}`, JSON.stringify({ ...envelope, shared: true }));
        return { kind, notes: [keepApart(request.name)] };
    }
    return kind === 'saved' || kind === 'exists' ? { kind, notes: [] } : refused(redact((0,actions_cache_cache/* troubleOf */.LH)(answer)));
}
/** Whether what this run has stored already is another image. One that is being stored at this moment is another job's. */
async function isOfAnother(cache, request, key) {
    const { result, content } = await (0,actions_cache_cache/* askCache */.yC)(cache, { kind: 'restore', name: 'baseline.json', keys: [key] });
    if (result.kind !== 'restored')
        return result.kind === 'missed';
    const stored = readEnvelope(content, request, result.key);
    return stored?.identity !== undefined && stored.identity !== request.identity;
}
/**
 * Finds the baseline: of the very commit the change is based on, else of the nearest of its first-parent ancestors,
 * else the newest of the branch. Never throws: what hinders it is in the notes, and "none" is an answer.
 */
async function restoreBaseline({ cache, clone }, request) {
    const { base, branch, fallbackBranch } = request;
    const commits = base === undefined || !(0,place/* isCommit */.W)(base) ? [] : await (0,baseline_history/* firstParents */.gs)(clone, base, MOST_ANCESTORS);
    const branches = [branch, ...(fallbackBranch === undefined || fallbackBranch === branch ? [] : [fallbackBranch])];
    for (const each of branches) {
        const series = { name: request.name, target: request.target, branch: each };
        const keys = [...commits.map((sha) => commitKey(series, sha)), seriesKey(series)];
        const answer = await (0,actions_cache_cache/* askCache */.yC)(cache, { kind: 'restore', name: 'baseline.json', keys });
        const { result } = answer;
        if (result.kind === 'restored') {
            const found = readEnvelope(answer.content, series, result.key);
            if (found?.subject !== undefined && found.subject !== request.subject)
                return otherImage(request, found.subject);
            const shared = found?.shared === true;
            if (shared && found.identity !== request.identity)
                return otherImage(request);
            if (found !== undefined) {
                const notes = shared ? [keepApart(request.name)] : [];
                return { baseline: await store_place(clone, found, { commits, branch: each }), notes };
            }
            const reason = `the stored report of ${each} is damaged`;
            return { baseline: { kind: 'none', reason }, notes: [noteOf(reason)] };
        }
        if (result.kind === 'unavailable') {
            return { baseline: { kind: 'none', reason: 'this runner offers no Actions cache' }, notes: [] };
        }
        if (result.kind !== 'missed' || answer.troubles.length > 0) {
            const reason = (0,actions_cache_cache/* troubleOf */.LH)(answer);
            return { baseline: { kind: 'none', reason }, notes: [noteOf(reason)] };
        }
    }
    return { baseline: { kind: 'none', reason: `no report of ${branches.join(' or ')} is stored (yet)` }, notes: [] };
}
/** Two images under one name: neither is judged by the other, and whoever reads it is told how to keep them apart. */
function otherImage({ name, subject }, other) {
    const differs = other === undefined ? 'with other build arguments, platforms or stages' : `${other}; this one is ${subject}`;
    const reason = `what is stored as "${name}" is another image (${differs})`;
    return { baseline: { kind: 'none', reason }, notes: [keepApart(name)] };
}
function keepApart(name) {
    return `Two images share the name "${name}": give each its own \`report-name\`, or they overwrite each other’s baseline and comment.`;
}
async function store_place(clone, { sha, text, build, tests, trend }, { commits, branch }) {
    const [base] = commits;
    const behind = commits.indexOf(sha);
    const stored = {
        ...{ branch, sha, text },
        ...(build === undefined ? {} : { build }),
        ...(tests === undefined ? {} : { tests }),
        ...(trend === undefined ? {} : { trend })
    };
    const found = (relation) => ({ kind: 'commit', ...stored, relation });
    if (base === undefined)
        return found({ kind: 'newest' });
    if (behind === 0)
        return found({ kind: 'base' });
    if (behind > 0)
        return found({ kind: 'ancestor', base, behind });
    const between = await (0,baseline_history/* commitsBetween */.$q)(clone, sha, base);
    return found({ kind: 'newest', base, ...(between === undefined ? {} : { behind: between }) });
}
function readEnvelope(content, series, key) {
    const value = (0,json/* parseJSON */.Ol)(content ?? '');
    const sha = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'sha'));
    const text = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'text'));
    const build = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'build'));
    if (sha === undefined || text === undefined || !(0,place/* isCommit */.W)(sha))
        return undefined;
    if (commitOfKey(series, key) !== sha || (0,json/* dig */.rO)(value, 'series') !== seriesKey(series))
        return undefined;
    const tests = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'tests'));
    const subject = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'subject'));
    const identity = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'identity'));
    const trend = (0,json/* asString */.oJ)((0,json/* dig */.rO)(value, 'trend'));
    return {
        ...{ series: seriesKey(series), sha, text },
        ...(build === undefined ? {} : { build }),
        ...(tests === undefined ? {} : { tests }),
        ...(trend === undefined ? {} : { trend }),
        ...(subject === undefined ? {} : { subject }),
        ...(identity === undefined ? {} : { identity }),
        ...((0,json/* dig */.rO)(value, 'shared') === true ? { shared: true } : {})
    };
}
function noteOf(reason) {
    return `The baseline could not be read: ${reason}.`;
}


/***/ })

};

//# sourceMappingURL=838.index.js.map