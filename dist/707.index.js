export const id = 707;
export const ids = [707];
export const modules = {

/***/ 7911:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   FO: () => (/* binding */ exitCodeOf),
/* harmony export */   Qc: () => (/* binding */ childEnvironment),
/* harmony export */   Y3: () => (/* binding */ createShow),
/* harmony export */   k7: () => (/* binding */ createExec),
/* harmony export */   z0: () => (/* binding */ releasePipes)
/* harmony export */ });
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1421);
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_child_process__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7075);
/* harmony import */ var node_stream__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_stream__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _ports_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6467);
/* harmony import */ var _processes_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7877);
/** Running other programs. */




/** How long a child, and then what it leaves behind, may take to end after SIGTERM before it gets SIGKILL. */
const graceMilliseconds = 500;
/** How long what a child has printed last may take to come after its exit. */
const lastOutputMilliseconds = 200;
/**
 * The environment for children: ours without the inputs and the saved state, which hold what no other program needs.
 */
function childEnvironment(env) {
    const clean = {};
    for (const [name, value] of Object.entries(env)) {
        if (value !== undefined && !name.startsWith('INPUT_') && !name.startsWith('STATE_'))
            clean[name] = value;
    }
    return clean;
}
/**
 * Runs commands so that a cancel ends them at once. @actions/exec offers neither a signal nor its child's pid, so
 * whatever may wait for a network or a person is spawned here. Each leads a process group of its own: what is left of it
 * ends with a command that is ended or that fails, and not with one that succeeds.
 */
function createExec(env, signal) {
    return (command, options = {}) => new Promise((resolve, reject) => {
        if (signal.aborted) {
            reject(new _ports_js__WEBPACK_IMPORTED_MODULE_2__/* .Cancelled */ .cJ());
            return;
        }
        const child = (0,node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)(command.file, command.args, {
            env: options.alone === true ? { ...options.env } : { ...env, ...options.env },
            stdio: ['pipe', 'pipe', 'pipe'],
            detached: true,
            ...(options.cwd === undefined ? {} : { cwd: options.cwd })
        });
        let timedOut = false;
        let ending;
        const end = () => {
            ending ??= endChild(child);
        };
        const timer = options.timeoutSeconds === undefined
            ? undefined
            : setTimeout(() => {
                timedOut = true;
                end();
            }, options.timeoutSeconds * 1000);
        signal.addEventListener('abort', end, { once: true });
        options.signal?.addEventListener('abort', end, { once: true });
        if (options.signal?.aborted === true)
            end();
        const release = () => {
            clearTimeout(timer);
            signal.removeEventListener('abort', end);
            options.signal?.removeEventListener('abort', end);
        };
        const stdout = collect(options.onStdout);
        const stderr = collect(options.onStderr);
        child.stdout.on('data', stdout.take);
        child.stderr.on('data', stderr.take);
        child.stdin.on('error', () => undefined); // A child that ends without reading closes the pipe; its exit code says why.
        if (options.input instanceof node_stream__WEBPACK_IMPORTED_MODULE_1__.Readable)
            options.input.pipe(child.stdin);
        else
            child.stdin.end(options.input ?? '');
        child.once('error', (error) => {
            release();
            reject(error.code === 'ENOENT' ? new _ports_js__WEBPACK_IMPORTED_MODULE_2__/* .ProgramMissing */ .Xh(command.file) : error);
        });
        child.once('close', (code, ended) => {
            release();
            const settle = () => {
                if (signal.aborted)
                    reject(new _ports_js__WEBPACK_IMPORTED_MODULE_2__/* .Cancelled */ .cJ());
                else
                    resolve({ exitCode: exitCodeOf(code, ended), stdout: stdout.text(), stderr: stderr.text(), timedOut });
            };
            if (ending === undefined && code === 0)
                settle();
            else
                void (ending ?? (0,_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .endGroup */ .N4)(child.pid, graceMilliseconds)).then(settle);
        });
    });
}
/** Runs a command with its output in the log, line by line, as what a program printed. */
function createShow(exec, log) {
    return async (command) => {
        const { exitCode, stdout, stderr } = await exec(command);
        for (const line of `${stdout}${stderr}`.split('\n'))
            if (line.trim() !== '')
                log.untrusted(line);
        return exitCode;
    };
}
/** The signal goes to the child alone, which may have to tell others in an orderly way; what it leaves behind ends after it. */
async function endChild(child) {
    releasePipes(child);
    if (child.pid === undefined)
        return; // It could not be started.
    if (child.exitCode === null && child.signalCode === null) {
        const exited = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), graceMilliseconds).unref();
        await exited;
        clearTimeout(timer);
    }
    await (0,_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .endGroup */ .N4)(child.pid, graceMilliseconds);
}
/**
 * Lets go of a child's pipes a moment after its exit, so that `close` comes then at the latest. A process that the child has
 * started may hold them for long after it.
 */
function releasePipes(child) {
    const release = () => {
        const timer = setTimeout(() => {
            child.stdout?.destroy();
            child.stderr?.destroy();
        }, lastOutputMilliseconds);
        child.once('close', () => clearTimeout(timer));
    };
    if (child.exitCode === null && child.signalCode === null)
        child.once('exit', release);
    else
        release();
}
function collect(listener) {
    const chunks = [];
    let kept = 0;
    const keep = (chunk) => {
        const part = chunk.subarray(0, MOST_KEPT - kept);
        kept += part.length;
        if (part.length > 0)
            chunks.push(part);
    };
    return { take: listener ?? keep, text: () => Buffer.concat(chunks).toString() };
}
/** Bytes that are kept of what a program prints: of one that prints without end the beginning says enough. */
const MOST_KEPT = 64 * 2 ** 20;
/** The exit code of a child; for one ended by a signal, the code that a shell would give. */
function exitCodeOf(code, signal) {
    return code ?? (signal === 'SIGINT' ? 130 : signal === 'SIGTERM' ? 143 : 137);
}


/***/ }),

/***/ 5724:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  X: () => (/* binding */ classifyFailure)
});

// EXTERNAL MODULE: ./src/core/step.ts
var core_step = __webpack_require__(1757);
// EXTERNAL MODULE: ./src/buildkit/causes.ts
var causes = __webpack_require__(874);
// EXTERNAL MODULE: ./src/buildkit/plain_error.ts
var plain_error = __webpack_require__(8297);
// EXTERNAL MODULE: ./src/inputs/declared.ts
var declared = __webpack_require__(7127);
;// CONCATENATED MODULE: ./src/buildkit/refusals.ts
/**
 * What buildx and BuildKit say about a value they were given, and which input the value comes from. Such a run fails the
 * same way each time, whatever the builder: it is the workflow that has to change. Texts of buildx 0.13 to 0.37. Pure.
 */

const CACHE_VALUE = 'Write the type and all attributes that it needs, as in "type=registry,ref=ghcr.io/owner/app-cache:main".';
const NO_ACTIONS_CACHE = 'type=gha needs the cache service of GitHub Actions, which this runner does not offer to the step. Use a registry cache: the input cache-image.';
const refusals = [
    // The context, and what is given by name beside it
    { text: /^unable to prepare context: /, input: 'context', fix: 'Give the folder that holds the sources.' },
    {
        text: /^unknown protocol$/,
        input: 'context',
        fix: 'Give a folder, or a git repository by its whole URL, as in "https://github.com/owner/repository.git#main".'
    },
    {
        text: /^failed to read downloaded context: /,
        input: 'context',
        fix: 'Check the address: it must answer with an archive or a Dockerfile.'
    },
    { text: /^failed to get build context /, input: 'build-contexts', fix: 'Check the path or URL behind this name.' },
    {
        text: /^(?:oci-layout reference "|invalid OCI layout|invalid context value)/,
        input: 'build-contexts',
        fix: 'Write NAME=SOURCE. After "oci-layout://" comes the folder of an OCI layout that an earlier step wrote.'
    },
    {
        text: /^failed to read dockerfile: read \S+: is a directory/,
        input: 'file',
        fix: 'Give the path of the Dockerfile, not of its folder.'
    },
    // Network, limits, rights
    { text: /^invalid host /, input: 'add-hosts', fix: 'Write HOST:IP.' },
    { text: /^network mode "/, input: 'network', fix: 'Use default, none or host.' },
    { text: /^invalid value .+ for membytes key shm-size/, input: 'shm-size', fix: 'Write it as in "64m".' },
    {
        text: /^(?:invalid ulimit|strconv\.ParseInt: parsing ")/,
        input: 'ulimit',
        fix: 'Write NAME=SOFT or NAME=SOFT:HARD.'
    },
    {
        text: /^unknown entitlement /,
        input: 'allow',
        fix: 'BuildKit knows "network.host", "security.insecure" and "device".'
    },
    {
        text: /^granting entitlement \S+ is not allowed by build daemon configuration/,
        input: 'allow',
        fix: 'This builder does not grant it. Make one that does: docker/setup-buildx-action with "buildkitd-flags: --allow-insecure-entitlement …".'
    },
    // Attestations and annotations
    {
        text: /^unknown attestation type "/,
        input: 'attests',
        fix: 'BuildKit knows "type=provenance" and "type=sbom".'
    },
    {
        text: /^(?:invalid mode "|invalid SLSA|invalid provenance)/,
        input: 'provenance',
        fix: 'Write "mode=min" or "mode=max", true or false.'
    },
    {
        text: /^index annotations not supported for single platform export/,
        input: 'annotations',
        fix: 'An index is made for several platforms or with attestations. Write "manifest:NAME=VALUE", or ask for provenance.'
    },
    {
        text: /^(?:parse annotations: |invalid annotation |unknown annotation type )/,
        input: 'annotations',
        fix: 'Write NAME=VALUE, or a level before it, as in "index:NAME=VALUE".'
    },
    // Cache
    {
        text: /^(?:failed to configure )?gha cache exporter: .*(?:token|url)/,
        input: 'cache-to',
        fix: NO_ACTIONS_CACHE
    },
    {
        text: /^(?:failed to configure )?gha cache importer: .*(?:token|url)/,
        input: 'cache-from',
        fix: NO_ACTIONS_CACHE
    },
    {
        text: /^(?:failed to configure )?\w+ cache exporter(?: requires|: )|^unknown cache exporter: "/,
        input: 'cache-to',
        fix: CACHE_VALUE
    },
    {
        text: /^(?:failed to configure )?\w+ cache importer(?: requires|: )|^unknown cache importer: "/,
        input: 'cache-from',
        fix: CACHE_VALUE
    },
    // Outputs
    {
        text: /^cannot overwrite .* when split option is disabled/s,
        input: 'outputs',
        fix: 'With "platform-split=false" the files of all platforms go to one place. Leave it out for a folder a platform, give each file a name of its own for each platform (TARGETARCH), or export one platform.'
    },
    {
        text: /^(?:exporter "[^"]*" could not be found|unknown output type|invalid output|multiple outputs currently unsupported)/,
        input: 'outputs',
        fix: 'BuildKit knows the types image, registry, docker, oci, tar, local and cacheonly.'
    },
    {
        text: /^(?:dest is required for \w+ exporter|output directory is required for|destination directory \S+ is a file)/,
        input: 'outputs',
        fix: 'Say where it goes, as in "type=local,dest=out".'
    },
    {
        text: /^(?:dest file is required|failed to open open |destination file \S+ is a directory)/,
        input: 'outputs',
        fix: 'The folder of this file must already exist: create it in an earlier step.'
    },
    {
        text: /^(?:unsupported compression type |non-(?:bool|integer) value \S+ specified for |non-bool value specified for )/,
        input: 'outputs',
        fix: 'BuildKit knows the compressions uncompressed, gzip, estargz and zstd, and takes true or false for a switch.'
    },
    {
        text: /^exporter option "rewrite-timestamp" conflicts with "unpack"/,
        input: 'outputs',
        fix: 'The engine unpacks what it stores. Add "store=false" to this output, or take "type=oci".'
    },
    {
        text: /^(?:push-by-digest is currently not implemented|can't push tagged ref .* by digest)/,
        input: 'outputs',
        fix: 'Leave "push-by-digest" out: with push, the image goes by its digest first, and the tags come last.'
    },
    { text: /^tag is needed when pushing to registry/, input: 'tags', fix: 'Name at least one tag to push.' },
    { text: /^invalid tag /, input: 'tags', fix: 'Write it as "registry/name:tag".' },
    // The rest
    {
        text: /^--no-cache and --no-cache-filter cannot currently be used together/,
        input: 'no-cache',
        fix: 'Leave out no-cache or no-cache-filters (with test-cache: rerun, the test stages are a filter).'
    },
    {
        text: /^(?:failed to parse platform \S+ )?"[^"]*": (?:cannot parse platform specifier|unknown operating system or architecture)/,
        input: 'platforms',
        fix: 'Write it as os/architecture, for example linux/amd64.'
    },
    {
        text: /^failed to load LLB: runtime execution on platform \S+ not supported/,
        input: 'platforms',
        fix: 'The builder cannot run programs of this platform. Run docker/setup-qemu-action before this step, give the builder a node of this platform, or leave it out.'
    },
    {
        text: /^invalid SOURCE_DATE_EPOCH/,
        input: 'build-args or env',
        fix: 'SOURCE_DATE_EPOCH is a number of seconds since 1970, or, with BuildKit 0.30 or newer, "context".'
    },
    { text: /^invalid key-value pair "/, input: 'labels', fix: 'Write NAME=VALUE.' },
    {
        // bake asks for it by itself where a context is a repository by SSH.
        text: /^failed to convert agent config \{\S+ \[\] \w+\}: invalid empty ssh agent socket/,
        input: 'ssh-private-key',
        problem: 'the build reads something by SSH, and there is neither a key nor an agent (SSH_AUTH_SOCK)',
        fix: 'Give a key that may read it. A repository can be read by its https address instead.'
    },
    {
        text: /^failed to convert agent config /,
        input: 'ssh',
        fix: 'Check the path behind this id: it must be a socket of an agent or a private key without a passphrase.'
    },
    {
        text: /^(?:failed to stat |secret \S+ too big)/,
        input: 'secret-files',
        fix: 'Write the file in an earlier step, of 500 KiB at most; the path is relative to the working directory.'
    },
    { text: /^(?:unsupported secret type |secret missing ID)/, input: 'secrets', fix: 'Write ID=VALUE, one a line.' },
    {
        text: /^invalid value /,
        input: 'provenance, sbom or attests',
        fix: 'Write true, false or the attributes of the attestation, as in "mode=max".'
    }
];
/**
 * The input behind a text of buildx or BuildKit, for values that only they can judge.
 * @param failed names of the builder's own work that failed
 */
function refusedInput(message, failed = []) {
    const argument = /^invalid argument .* for "(?:-\w, )?--([a-z-]+)" flag: (.*)$/.exec(message);
    if (argument !== null) {
        const [, flag = '', problem = ''] = argument;
        const input = declared/* declaredInputs */.W.find((name) => name === flag || name === `${flag}s`) ?? flag;
        return { input, problem, fix: `Look at docker buildx build --${flag} in Docker's documentation.` };
    }
    const particular = namedContext(message) ?? unreadableFile(message) ?? refusedGit(message, failed);
    if (particular !== undefined)
        return particular;
    const refusal = refusals.find(({ text }) => text.test(message));
    return refusal && { input: refusal.input, problem: refusal.problem ?? message, fix: refusal.fix };
}
/** A context of docker in the place of a builder: buildx inspects it, and does not build with it unless it is the current one. */
function namedContext(message) {
    const name = /^use `docker --context=(\S+) buildx` to switch to /.exec(message)?.[1];
    if (name === undefined)
        return undefined;
    return {
        input: 'builder',
        problem: `"${name}" is a context of docker, and not the current one`,
        fix: `Set DOCKER_CONTEXT: ${name} in the env of this step, without a DOCKER_HOST, and leave builder (and BUILDX_BUILDER) empty.`
    };
}
/** A file of the context that could not be sent: somebody else's (databases on a self-hosted runner), or gone meanwhile. */
function unreadableFile(message) {
    const file = /error from sender: (?:open|lstat|read|readlink|stat)? ?(\S+?): permission denied/.exec(message)?.[1];
    if (file !== undefined) {
        return {
            input: 'context',
            problem: `the runner's user may not read "${file}"`,
            fix: `Put it into .dockerignore, or give it to the runner's user.`
        };
    }
    const gone = /error from sender: (?:open|lstat|read|readlink|stat)? ?(\S+?): no such file or directory/.exec(message)?.[1] ??
        /(?:^|: )invalid file request (\S+)$/.exec(message)?.[1];
    if (gone === undefined)
        return undefined;
    return {
        input: 'context',
        problem: `"${gone}" was there when the context was listed, and could not be sent`,
        fix: 'Something writes into the context while it is read. Put such files into .dockerignore, or end what writes them in an earlier step.'
    };
}
/** A repository that the builder cannot have as a context, in git's own words. `ADD` of one fails with a step instead. */
function refusedGit(message, failed) {
    if (/^failed to (?:read dockerfile|stat policy file \S+): /.test(message))
        return gitProblem(message, 'context');
    const isNamed = failed.some((name) => /\binternal\] load git source /.test(name));
    return isNamed ? gitProblem(message, 'build-contexts') : undefined;
}
function gitProblem(message, input) {
    const moved = /expected checksum to match ([0-9a-f]{7,64}), got ([0-9a-f]{7,64})/.exec(message);
    if (moved !== null) {
        const [, wanted = '', found = ''] = moved;
        return {
            input,
            problem: `its branch or tag is at commit ${found.slice(0, 12)}, not at ${wanted.slice(0, 12)}`,
            fix: 'It has moved since. Put the commit after the "#" of the address, or run the workflow for the newer commit.'
        };
    }
    const ref = /repository does not contain ref (.*?)(?:, output: .*)?$/m.exec(message)?.[1];
    if (ref?.startsWith('refs/pull/') === true) {
        return {
            input,
            problem: `the repository has no "${ref}" any more`,
            fix: 'The pull request was closed, or has conflicts. Put the commit after the "#" of the address: "#${{ github.sha }}".'
        };
    }
    if (ref !== undefined) {
        return {
            input,
            problem: `the repository has no branch, tag or commit "${ref}"`,
            fix: 'Check what follows the "#" of the address.'
        };
    }
    const subdirectory = /invalid subdir (\S+): /.exec(message)?.[1];
    if (subdirectory !== undefined) {
        return {
            input,
            problem: `the repository has no folder "${subdirectory.replace(/^\//, '')}"`,
            fix: 'Check what follows the ":" of the address.'
        };
    }
    const empty = /could not find default branch for repository: (\S+)/.exec(message)?.[1];
    if (empty !== undefined) {
        return {
            input,
            problem: `${empty} has no default branch`,
            fix: 'The repository is empty, or its HEAD names a branch that is not there. Push to it first, or put a branch after a "#".'
        };
    }
    // Without a "#", BuildKit first asks which branch it is.
    const words = /(?:failed to fetch remote|error fetching default branch for repository) (\S+): git stderr:\n([^]*)$/.exec(message);
    if (words === null)
        return undefined;
    const [, remote = '', stderr = ''] = words;
    const said = stderr.replace(/\n?: exit status \d+\s*$/, '').trim();
    return { ...gitAdvice(said, input), problem: `${remote} cannot be fetched; git says: ${said.replaceAll('\n', ' ')}` };
}
function gitAdvice(said, input) {
    if (/could not read (?:Username|Password)|Authentication failed|\b40[13]\b|Repository not found|invalid credentials/i.test(said)) {
        return {
            input: 'github-token',
            fix: `Give a token that may read this repository (the default one reads only its own; another server than GitHub takes the secret "GIT_AUTH_TOKEN.HOST"), or check the address in ${input}.`
        };
    }
    if (/Permission denied \(publickey|Host key verification failed/i.test(said)) {
        return { input: 'ssh-private-key', fix: 'Give a key that may read this repository, or use its https address.' };
    }
    if (/not found|does not appear to be a git repository|Unable to find|couldn't find remote ref/i.test(said)) {
        return { input, fix: 'Check the address, and what follows its "#".' };
    }
    return { input, fix: 'Check the address, and whether the builder may reach this host.' };
}

// EXTERNAL MODULE: ./src/buildkit/registry_causes.ts
var registry_causes = __webpack_require__(6255);
;// CONCATENATED MODULE: ./src/buildkit/classify.ts





/** The stage has no such command or user, or one for another machine: the Dockerfile's affair, though nothing ran. */
const cannotStart = /unable to find (?:user|group) |no matching entries in (?:passwd|group) file|exec format error|executable file not found|exec: (?:(?!exec: ).)*(?:no such file or directory|permission denied)/;
const CRASH_FIX = 'This is a fault of buildx, not of the build. Run the job again; if it comes back, use another version of buildx: docker/setup-buildx-action installs the one that its input version names.';
/** A meaning: what it is known by, and the failure that it is then. */
function known(when, failure) {
    return (told) => {
        const found = when(told);
        return found === undefined ? undefined : failure(told, found);
    };
}
/** Known by the message. */
function says(text) {
    return ({ message }) => text.exec(message) ?? undefined;
}
/** Known by whatever is true of it. */
function is(judge) {
    return (told) => (judge(told) ? true : undefined);
}
/** A stage that an input names: a buildx that cannot list the stages leaves the finding to BuildKit. A linked one's is in the bake file. */
function missingStage({ message, testStages, isLinked = false }) {
    const stage = /^target stage "(.*)" could not be found$/.exec(message)?.[1];
    if (stage === undefined || isLinked)
        return undefined;
    const isTest = testStages.some((test) => (0,core_step/* sameStage */.tB)(stage, test));
    return {
        input: isTest ? 'test-target' : 'target',
        problem: `the Dockerfile has no stage "${stage}"`,
        fix: 'Name a stage as its FROM line does, after AS.'
    };
}
/** Names of the builder's own work that failed. */
function failedWork({ internals }) {
    return internals.flatMap(({ name, error }) => (error === undefined ? [] : [name]));
}
/** Each as it is where none before it is. */
const meanings = [
    known(is(({ exitCode }) => exitCode === 130), () => ({ kind: 'cancelled' })),
    known(is(({ isCrash }) => isCrash), ({ message }) => ({ kind: 'engine', message: `docker buildx crashed: ${message}`, fix: CRASH_FIX })),
    known(says(/^unknown flag: (--\S+)/), (_, [, flag = '']) => ({
        kind: 'engine',
        message: `this buildx does not know ${flag}`,
        fix: 'Use a newer buildx; docker/setup-buildx-action installs one.'
    })),
    // What its image or its engine says on the way is not about an image of the build.
    known(is(endedBooting), ({ message, builder }) => ({ kind: 'engine', message, fix: (0,causes/* bootFix */.oh)(message, builder) })),
    known(missingStage, (_, problem) => ({ kind: 'input', problems: [problem] })),
    known(({ shown, message, progress }) => (shown === undefined ? refusedInput(message, failedWork(progress)) : undefined), (_, refused) => ({ kind: 'input', problems: [refused] })),
    // What the workflow does not supply
    known(({ message }) => missingSecret(message), ({ at }, id) => ({ kind: 'credential', credential: 'secret', id, ...at })),
    known(says(/unset ssh forward key (\S+)/), ({ at }, [, id = '']) => ({
        ...{ kind: 'credential', credential: 'ssh', id, ...at }
    })),
    // A command that ran, or could not
    known(testThatEnded, ({ at }, { step, exitCode }) => ({ kind: 'test', step, exitCode, ...at })),
    known(({ message }) => commandEnd(message)?.exitCode, ({ message, at, behind }, exitCode) => ({ kind: 'build', message, exitCode, ...behind, ...at })),
    known(({ message }) => commandEnd(message)?.words, ({ builder, behind, at }, words) => cannotStart.test(words)
        ? { kind: 'build', message: `the command could not be started: ${words}`, ...behind, ...at }
        : {
            kind: 'engine',
            message: `a command could not be started or was ended: ${words}`,
            fix: (0,causes/* engineFix */.gY)(words, builder) ?? 'Look at the builder: its network, disk and memory.'
        }),
    known(is(({ message }) => (0,causes/* isEngineFault */.ls)(message)), engineFailure),
    // The Dockerfile, and what it copies
    known(says(/lint violation found/), ({ message, at }) => ({
        ...{ kind: 'dockerfile', message, ...at },
        fix: 'The Dockerfile says "# check=error=true". Fix the finding, or skip the rule there.'
    })),
    known(says(/dockerfile parse error|Dockerfile cannot be empty|file with no instructions|dockerfile syntax error|unknown instruction|could not be found|failed to read dockerfile|circular dependency|invalid (?:name|from flag|reference format)|no build stage in current context/i), ({ message, at }) => ({ kind: 'dockerfile', message, ...at })),
    // COPY found no file, or ADD could not download.
    known(says(/failed to calculate checksum|failed to (?:compute|load) cache key|lstat (?:(?!lstat ).)*no such file/), ({ message, behind, at }) => ({ kind: 'build', message, ...behind, ...at })),
    known(says(/(?:denied|not allowed) by policy/), ({ message, at }) => ({
        ...{ kind: 'dockerfile', message, ...at },
        fix: 'A source policy of this builder or repository (`EXPERIMENTAL_BUILDKIT_SOURCE_POLICY`, `Dockerfile.rego`) refuses it. Change the policy, or use a source that it allows.'
    })),
    // Registries
    known(pushedByDocker, ({ message, builder }, reference) => registryFailure(`failed to push ${reference}: ${message}`, { reference }, builder)),
    known(says(/failed to push|failed to resolve source metadata|failed to authorize|failed to fetch(?! remote)|error writing (?:layer|manifest) blob|unexpected status from|pull access denied|TLS handshake|no such host|no match for platform in manifest|failed to do request|failed to copy: (?!write )(?!.*closed pipe)/), ({ message, at, builder }) => {
        const reference = /^(?:failed to push |failed to resolve source metadata for )?(\S+?): /.exec(message)?.[1];
        return registryFailure(message, { ...(reference === undefined ? {} : { reference }), ...at }, builder);
    }),
    known(is(({ message }) => /privileged|entitlement|is not allowed/.test(message) && message.includes('failed to load LLB')), ({ message, at }) => ({
        ...{ kind: 'dockerfile', message, ...at },
        fix: 'Grant it with the input allow, for example "network.host".'
    })),
    // The less that is said, the less it means
    known(is(({ message }) => message === ''), silentFailure),
    known(is(({ exitCode, message, builder }) => exitCode === 137 || (0,causes/* engineFix */.gY)(message, builder) !== undefined), engineFailure),
    known(({ behind }) => behind.step, ({ message, at }, step) => ({ kind: 'build', message, step, ...at })),
    known(({ shown }) => shown, ({ message, at }) => ({ kind: 'dockerfile', message, ...at }))
];
/** Tells a failed build's kind. */
function classifyFailure(build) {
    const { progress, isLinked = false } = build;
    const { message, line: shown, speaker, isCrash = false } = (0,plain_error/* readPlainError */.l)(progress.plain);
    const step = failedStep(progress.steps, message);
    const told = {
        ...{ ...build, message, speaker, isCrash, shown },
        at: shown === undefined || isLinked ? {} : { line: shown },
        behind: step === undefined ? {} : { step }
    };
    for (const meaning of meanings) {
        const failure = meaning(told);
        if (failure !== undefined)
            return failure;
    }
    return { kind: 'unrecognised', message, speaker };
}
/** Whether its builder did not come up. */
function endedBooting({ progress }) {
    return progress.internals.some(({ name, error }) => error !== undefined && name.endsWith(' booting buildkit'));
}
/** How a command ended, with which a message ends: its exit code, or words about why it has none. */
function commandEnd(message) {
    const [, code, words] = /did not complete successfully: (?:exit code: (\d+)|(.*))$/s.exec(message) ?? [];
    if (code !== undefined)
        return { exitCode: Number(code) };
    return words === undefined ? undefined : { words };
}
/** The step of a test target whose command ended with an exit code. */
function testThatEnded({ message, behind: { step }, testStages, onlyStage }) {
    const exitCode = commandEnd(message)?.exitCode;
    if (exitCode === undefined || step === undefined)
        return undefined;
    const stage = step.stage ?? onlyStage;
    return testStages.some((test) => (0,core_step/* sameStage */.tB)(stage, test)) ? { step, exitCode } : undefined;
}
/** The classic image store pushes the way `docker push` does; only the name of the work says that it is a push. */
function pushedByDocker({ progress }) {
    return progress.internals
        .flatMap(({ name, error }) => (error === undefined ? [] : (/^pushing (\S+) with docker/.exec(name)?.[1] ?? [])))
        .at(0);
}
/** The id in `secret ID: not found`, with which a message ends. */
function missingSecret(message) {
    const ending = ': not found';
    if (!message.endsWith(ending))
        return undefined;
    const line = message
        .slice(0, -ending.length)
        .split(/[\r\n]/)
        .at(-1) ?? '';
    return /(?:^|\s)secret ([^]+)$/.exec(line)?.[1];
}
function engineFailure({ message, builder }) {
    const fix = (0,causes/* engineFix */.gY)(message, builder);
    return { kind: 'engine', message, ...(fix === undefined ? {} : { fix }) };
}
function registryFailure(message, place, builder) {
    const fix = (0,registry_causes/* registryFix */.X)(message, builder);
    return { kind: 'registry', message, ...place, ...(fix === undefined ? {} : { fix }) };
}
function silentFailure({ exitCode, builder }) {
    return exitCode === 137
        ? engineFailure({ message: 'the docker command was killed', builder })
        : { kind: 'engine', message: `docker buildx ended with exit code ${exitCode} and said nothing` };
}
/** The step behind the final message: others that carry an error were cancelled because of it. */
function failedStep(steps, message) {
    const failed = steps.filter((step) => step.state === 'failed');
    const its = failed.find((step) => step.error !== undefined && message.endsWith(step.error));
    return its ?? failed.at(0) ?? missingCopy(steps, message);
}
/** The step that wanted a file which is not there. BuildKit may end before it has told which one it was. */
function missingCopy(steps, message) {
    const [, quoted, plain] = /"\/([^"]+)": not found$|lstat \/(\S+): no such file or directory$/.exec(message) ?? [];
    const file = quoted ?? plain;
    if (file === undefined)
        return undefined;
    const wanting = steps.filter(({ state, instruction }) => state !== 'ran' && state !== 'cached' && /^(?:COPY|ADD)\s/i.test(instruction) && instruction.includes(file));
    return wanting.length === 1 ? wanting[0] : undefined;
}


/***/ }),

/***/ 8514:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B: () => (/* binding */ defaultPatience),
/* harmony export */   Ch: () => (/* binding */ findBrokenImport),
/* harmony export */   fP: () => (/* binding */ usableCache),
/* harmony export */   nz: () => (/* binding */ watchDownloads)
/* harmony export */ });
/* harmony import */ var _core_reference_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(5378);
/* harmony import */ var _inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(7237);
/* harmony import */ var _plain_error_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8297);
/**
 * Imported cache that breaks a build. BuildKit takes a reference that cannot be read for an empty one, but a layer that
 * is missing, damaged or refused ends the build, and one that never arrives holds it up for ever. Then the solve is run
 * once more without imports, and so is every later one of the run.
 */



/** Half a megabyte a minute: at that pace even a small layer takes longer than any step that could be run instead. */
const defaultPatience = { seconds: 60, bytes: 500_000 };
/** What a solve is to read after those before it: nothing any more, where a cache has broken one of them. */
function usableCache(cache, { broken }) {
    return broken === undefined ? cache : { ...cache, from: [] };
}
/**
 * BuildKit's texts for a layer that it could not fetch or that is not what its digest says. They name the address, if
 * any; a base image fails with the same texts, from an address that is no cache's.
 */
function findBrokenImport(progress, cacheFrom) {
    const { message } = (0,_plain_error_js__WEBPACK_IMPORTED_MODULE_1__/* .readPlainError */ .l)(progress.plain);
    const fetching = /failed to copy: |httpReadSeeker|could not fetch content descriptor|unexpected commit digest|failed commit on ref "(?:layer|unknown)-|failed size validation|failed to get reader from content store|missing descriptor handlers|invalid tar header|(?:gzip|zstd): invalid|error decompressing|failed to extract layer|unexpected EOF/;
    if (!fetching.test(message) || message.includes('did not complete successfully'))
        return undefined;
    const address = /https?:\/\/([^/\s]+)\/v2\/(\S+?)\/(?:blobs|manifests)\//.exec(message);
    if (address === null)
        return message;
    const repository = `${address[1] ?? ''}/${address[2] ?? ''}`;
    return cacheFrom.some((value) => sameRepository((0,_inputs_cache_value_js__WEBPACK_IMPORTED_MODULE_2__/* .cacheReference */ .Kh)(value), repository)) ? message : undefined;
}
/** Docker Hub is asked under another name than it is written, and it is written in several ways. */
function sameRepository(reference, repository) {
    const [one, other] = [reference, repository].map((text) => {
        const reading = (0,_core_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .parseReference */ .F2)(text);
        if (!reading.ok)
            return undefined;
        const { domain, ...rest } = reading.reference;
        return (0,_core_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .canonicalRepository */ .JA)(domain === undefined || (0,_core_reference_js__WEBPACK_IMPORTED_MODULE_0__/* .isDockerHub */ .gr)(domain) ? rest : reading.reference);
    });
    return one !== undefined && one === other;
}
/** Watches the downloads of a solve. `signal` aborts when one is given up, and `reason` then says why. */
function watchDownloads(reader, { seconds, bytes }) {
    const stop = new AbortController();
    let since = performance.now();
    let seen = 0;
    const timer = setInterval(() => {
        const { bytes: now, open } = reader.downloading();
        if (!open || now - seen >= bytes) {
            since = performance.now();
            seen = now;
        }
        else if (performance.now() - since >= seconds * 1000)
            stop.abort();
    }, Math.min(1000, seconds * 250));
    return {
        signal: stop.signal,
        reason: () => stop.signal.aborted
            ? `a layer of the cache came too slowly: less than ${bytes / 1000} kB in ${seconds} s`
            : undefined,
        [Symbol.dispose]: () => clearInterval(timer)
    };
}


/***/ }),

/***/ 8801:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   BI: () => (/* binding */ chainKey),
/* harmony export */   Jh: () => (/* binding */ noMetadata),
/* harmony export */   eK: () => (/* binding */ parseBakeMetadata),
/* harmony export */   jR: () => (/* binding */ parseMetadata)
/* harmony export */ });
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(6153);
/**
 * The metadata file of a build: the image's digests and, from the provenance in it, which Dockerfile line made which
 * step and which layer. The builder says this itself, so nothing here parses a Dockerfile.
 * https://docs.docker.com/build/metadata/attestations/slsa-definitions/ (mode=max)
 */

/** A layer by its digest and those of the layers below it, lowest first. */
function chainKey(digests) {
    return digests.join(' ');
}
const IMAGE_SCHEME = 'docker-image://';
const BUILDKIT_METADATA = 'https://mobyproject.org/buildkit@v1#metadata';
/** Reads the text of a metadata file; unusable text gives empty metadata. */
function parseMetadata(text) {
    return readMetadata((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .parseJSON */ .Ol)(text), text);
}
/** Reads the metadata of each target of a bake call. */
function parseBakeMetadata(text) {
    const targets = Object.entries((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .parseJSON */ .Ol)(text)) ?? {});
    return new Map(targets.map(([name, json]) => [name, readMetadata(json, JSON.stringify(json, undefined, 2))]));
}
/** What nothing was written of. */
const noMetadata = readMetadata(undefined, '');
function readMetadata(value, text) {
    const json = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asObject */ .eB)(value) ?? {};
    const digest = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)(json['containerimage.digest']);
    const mediaType = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(json['containerimage.descriptor'], 'mediaType'));
    const config = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)(json['containerimage.config.digest']);
    // Docker 26 gives an index's own digest here.
    const configDigest = config === digest && mediaType !== undefined ? undefined : config;
    const provenances = Object.keys(json)
        .filter((key) => key.startsWith('buildx.build.provenance')) // one per platform, "…/linux/amd64", where there are several
        .map((key) => json[key]);
    return {
        text,
        provenance: readProvenances(provenances),
        ...(digest === undefined ? {} : { digest }),
        ...(configDigest === undefined ? {} : { configDigest }),
        ...(mediaType === undefined ? {} : { mediaType })
    };
}
function readProvenances(provenances) {
    const lines = new Map();
    const layerSteps = new Map();
    const baseImages = new Map();
    const stepLayers = new Map();
    const materials = new Map();
    const layerSizes = new Map();
    const results = [];
    for (const provenance of provenances) {
        for (const material of (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(provenance, 'materials'))) {
            const [digest] = Object.values((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(material, 'digest')) ?? {});
            const uri = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(material, 'uri'));
            if (uri !== undefined && typeof digest === 'string')
                materials.set(uri, digest);
        }
        const stepVertices = new Map();
        for (const [vertex, step] of Object.entries((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(provenance, 'buildConfig', 'digestMapping')) ?? {})) {
            if (typeof step === 'string')
                stepVertices.set(step, vertex);
        }
        const metadata = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(provenance, 'metadata', BUILDKIT_METADATA);
        const locations = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(metadata, 'source', 'locations')) ?? {};
        for (const [step, location] of Object.entries(locations)) {
            const vertex = stepVertices.get(step);
            const line = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asNumber */ .i)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(location, 'locations'))[0], 'ranges'))[0], 'start', 'line'));
            if (vertex !== undefined && line !== undefined)
                lines.set(vertex, line);
        }
        const parents = new Map();
        /** The output that was asked for: the last definition does nothing but name it. */
        let asked;
        /** How many layers a step adds to its first input. */
        const adding = new Map();
        const sources = new Map();
        for (const definition of (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(provenance, 'buildConfig', 'llbDefinition'))) {
            const id = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(definition, 'id')) ?? '';
            const inputs = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(definition, 'inputs'));
            const parent = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)(inputs[0]);
            if (parent !== undefined)
                parents.set(id, parent);
            const op = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(definition, 'op', 'Op');
            if (Object.keys((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asObject */ .eB)(op) ?? {}).length === 0)
                asked = parent;
            if ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(op, 'exec') !== undefined || (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(op, 'file') !== undefined)
                adding.set(id, 1);
            // COPY --link: the files of each further input are a layer of their own upon the first.
            if ((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(op, 'merge') !== undefined)
                adding.set(id, inputs.length - 1);
            const source = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(definition, 'op', 'Op', 'source', 'identifier'));
            if (source?.startsWith(IMAGE_SCHEME) === true)
                sources.set(id, source.slice(IMAGE_SCHEME.length).replace(/@.*$/, ''));
        }
        const chains = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(metadata, 'layers')) ?? {};
        const chainOf = (output) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j)(chains[output])[0]).map((layer) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(layer, 'digest')) ?? '');
        if (asked !== undefined)
            results.push(chainOf(asked));
        for (const layer of Object.values(chains).flatMap((outputs) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j)(outputs).flatMap(_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asArray */ ._j))) {
            const size = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asNumber */ .i)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(layer, 'size'));
            if (size !== undefined)
                layerSizes.set((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(layer, 'digest')) ?? '', size);
        }
        for (const output of Object.keys(chains)) {
            const step = output.slice(0, output.lastIndexOf(':'));
            const chain = chainOf(output);
            const maker = stepVertices.get(step);
            if (maker !== undefined)
                stepLayers.set(maker, chain);
            const source = sources.get(step);
            if (source !== undefined) {
                baseImages.set(chainKey(chain), source);
                continue;
            }
            // A step that comes from a cache needs no base image, and the builder then does not know its layers. They are all
            // but those that the step adds.
            const parent = parents.get(step) ?? '';
            const base = sources.get(parent.replace(/:\d+$/, ''));
            const own = adding.get(step) ?? 0;
            if (base !== undefined && own > 0 && chain.length > own && chainOf(parent).length === 0) {
                baseImages.set(chainKey(chain.slice(0, -own)), base);
            }
            // A step's chain is its parent's with at most one layer more: its own.
            const added = chain.length > chainOf(parent).length;
            const vertex = stepVertices.get(step);
            const key = chainKey(chain);
            if (added && vertex !== undefined && !layerSteps.has(key))
                layerSteps.set(key, vertex);
        }
    }
    const [result] = results.length === 1 ? results : [];
    return {
        ...{ lines, layerSteps, stepLayers, baseImages, layerSizes, materials },
        ...(result === undefined ? {} : { result })
    };
}


/***/ }),

/***/ 6255:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   X: () => (/* binding */ registryFix)
/* harmony export */ });
/* harmony import */ var _core_host_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(393);
/** What lies behind the words of a registry, and what to do, as far as a login or a name does not mend it. Pure. */

/** What a registry's words mean beyond a login or a name; `undefined` where nothing more is known. */
function registryFix(message, builder) {
    if (message.includes('connection refused') && (0,_core_host_js__WEBPACK_IMPORTED_MODULE_0__/* .namesLoopback */ .qz)(message) && hasOwnNetwork(builder)) {
        const made = builder?.driver === 'docker-container';
        return made
            ? 'The builder is a container with a network of its own: the runner’s 127.0.0.1 is not its. Give docker/setup-buildx-action "driver-opts: network=host".'
            : `127.0.0.1 is, for this builder (driver ${builder?.driver ?? 'unknown'}), its own machine. Give the registry an address that the builder can reach.`;
    }
    if (message.includes('x509: '))
        return registryCertificateAdvice(builder);
    return registryCauses.find(({ text }) => text.test(message))?.fix;
}
const registryCauses = [
    {
        text: /error getting credentials/,
        fix: 'The credential helper that docker’s config.json names (`credsStore`, `credHelpers`) failed, so no login was tried. Log in with docker/login-action on this runner, or take the helper out of config.json.'
    },
    {
        // GitLab: `blob unknown to registry`; Aliyun, older Harbor and distribution: the media type of the empty config.
        text: /blob unknown to registry|application\/vnd\.oci\.empty\.v1\+json|vnd\.docker\.attestation\.manifest/,
        fix: 'The registry may not take attestations as OCI artifacts, which BuildKit 0.32 makes of them. Set `BUILDX_NO_DEFAULT_OCI_ARTIFACT: true` in the `env` of this step (buildx 0.36), or `provenance: false`.'
    },
    {
        text: /no match(?:ing manifest)? for (?:platform in manifest|\S+\/\S+ in the manifest list)/,
        fix: 'The image exists, but not for this platform. Use a base image that has it, or leave the platform out of `platforms`.'
    },
    {
        text: /http: server gave HTTP response to HTTPS client/,
        fix: 'The registry speaks plain HTTP. Allow it to the builder: `insecure-registries` of the engine, or `[registry."HOST"] http = true` in buildkitd.toml.'
    },
    {
        text: /manifest\.v1\+prettyjws|schema ?1\b|docker image format v1/i,
        fix: 'The image is stored in a format (schema 1) that today’s engines no longer read. Use a newer tag of it, or have it pushed again by a newer Docker.'
    },
    {
        text: /Proxy Authentication Required/,
        fix: 'The builder goes through a proxy that requires a login, or does not accept the one it gets. The proxy of the engine or the builder (`HTTPS_PROXY`) has a setting of its own: `http://USER:PASSWORD@HOST:PORT`.'
    },
    {
        text: /proxyconnect /,
        fix: 'The builder goes through a proxy that did not answer. Check the proxy of the engine or the builder (`HTTPS_PROXY`, `NO_PROXY`), which has a setting of its own.'
    },
    {
        text: /status from (?:HEAD|GET) request to \S+: 412\b|due to configured policy/,
        fix: 'A rule of the registry keeps it from giving this image out: in Harbor, the project’s policy for unsigned or vulnerable images.'
    },
    {
        text: /\b413\b(?:(?!\b413\b).)*(?:Entity|Content) Too Large|error parsing HTTP 413/i,
        fix: 'The registry, or a proxy in front of it, does not take requests of this size. Raise the limit of the proxy (`client_max_body_size` in nginx), or make the largest layer smaller.'
    },
    {
        text: /immutab|cannot be overwritten/i,
        fix: 'The tag has another image, and may not be moved there. Push a tag that is new, such as one with the commit in it.'
    },
    {
        text: /token has expired/i,
        fix: 'The login of this runner has expired: ECR’s holds for 12 hours. Log in shortly before this step.'
    },
    {
        text: /name unknown: |repository with name \S+ does not exist/i,
        fix: 'The repository is not there, and this registry does not make it by itself. Make it first (in ECR: `aws ecr create-repository`), and check its spelling.'
    },
    {
        text: /storage resource(?:(?!storage resource).)*exceed|(?:quota|storage limit) (?:(?!(?:quota|storage limit) ).)*(?:exceed|reach)|exceed(?:(?!exceed)\w)* (?:(?!exceed(?:(?!exceed)\w)* ).)*quota|insufficient storage/i,
        fix: 'The registry has no room for it. Delete images that nobody needs, or raise the quota of the project or account.'
    },
    {
        text: /content at \S+ not found/,
        fix: 'The registry names a part of the image that it no longer has. Push the image there again, or take another tag.'
    },
    {
        text: /failed size validation|unexpected commit digest/,
        fix: 'What arrived is not what the registry had announced: the download was cut off or changed on its way. Run the job again; if it comes back, look at the proxy or mirror in between.'
    },
    {
        text: /error writing (?:layer|manifest) blob/,
        fix: 'The layer cache could not be written: check the login, the rights and the place that `cache-to` or `cache-image` names.'
    }
];
function registryCertificateAdvice(builder) {
    const own = 'in the `buildkitd.toml` of the builder (`[registry."HOST"] ca = […]`)';
    const engine = "in `/etc/docker/certs.d/HOST/ca.crt` on the engine's machine";
    const where = builder === undefined ? `${engine}, or ${own}` : builder.driver === 'docker' ? engine : own;
    return `The registry's certificate was refused: check the authority that signed it, the names in it, and its expiry date. An authority of your own belongs ${where}.`;
}
function hasOwnNetwork(builder) {
    if (builder === undefined || builder.driver === 'docker')
        return false;
    return !(builder.nodes ?? []).some(({ options }) => options?.network === 'host');
}


/***/ }),

/***/ 5447:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   LS: () => (/* binding */ runBake),
/* harmony export */   sc: () => (/* binding */ logProgress),
/* harmony export */   tc: () => (/* binding */ runSolve)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _command_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(593);
/* harmony import */ var _bake_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(3791);
/* harmony import */ var _imports_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(8514);
/* harmony import */ var _provenance_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(8801);
/* harmony import */ var _core_progress_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(4664);
/* harmony import */ var _progress_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(4029);
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
/** Running a planned solve: its progress goes to the log as it comes, its metadata is read when it is done. */







/**
 * Runs a solve to its end; once more without its imports, where one of them broke it: a cache may cost time, never a
 * build. `progress.broken` then says so, for the solves that come after it.
 */
async function runSolve(ports, solve, options) {
    if (solve.build.linked.length > 0)
        return solveLinked(ports, solve, options);
    const plan = (from) => Promise.resolve({
        command: (0,_command_js__WEBPACK_IMPORTED_MODULE_1__/* .planSolve */ .nx)(solve.cache === undefined ? solve : { ...solve, cache: { ...solve.cache, from } }),
        metadataFile: solve.metadataFile,
        parse: _provenance_js__WEBPACK_IMPORTED_MODULE_4__/* .parseMetadata */ .jR,
        targets: new Map(),
        hidden: options.hiddenStage === undefined ? [] : [options.hiddenStage]
    });
    return withoutBrokenCache(ports, solve.cache?.from ?? [], plan, options);
}
/** A solve of a build with linked targets, which only bake knows: a call with one target. */
async function solveLinked(ports, { target, dockerfile, outputs, tags, cache, ...solve }, options) {
    const name = '_solve';
    const only = {
        ...{ name, stage: target, platforms: solve.build.shape.platforms, outputs },
        ...(tags === undefined ? {} : { tags }),
        ...(cache === undefined ? {} : { cacheTo: cache.to }),
        ...(dockerfile === undefined ? {} : { dockerfile })
    };
    const result = await runBake(ports, { ...solve, targets: [only], cache: { from: cache?.from ?? [] } }, options);
    return result.ok ? { ...result, metadata: result.metadata.get(name) ?? _provenance_js__WEBPACK_IMPORTED_MODULE_4__/* .noMetadata */ .Jh } : result;
}
/** Runs a bake call in the same way. */
function runBake(ports, bake, options) {
    const plan = async (from, isAgain) => {
        const targets = (isAgain ? await options.planAgain?.() : undefined) ?? bake.targets;
        const call = { ...bake, targets, cache: { from } };
        const { file, args, input, env } = (0,_bake_js__WEBPACK_IMPORTED_MODULE_2__/* .planBake */ .Tm)(call);
        return {
            ...{ command: { file, args }, input, env, metadataFile: bake.metadataFile, parse: _provenance_js__WEBPACK_IMPORTED_MODULE_4__/* .parseBakeMetadata */ .eK },
            targets: new Map([
                ...(0,_bake_js__WEBPACK_IMPORTED_MODULE_2__/* .targetsOf */ .QR)(call).map(({ name }) => [name, told(options.platforms?.[name])]),
                ...(0,_bake_js__WEBPACK_IMPORTED_MODULE_2__/* .linkedBuilds */ .r$)(call).map(({ name, target, rank, platforms }) => {
                    const [only, ...others] = options.platforms === undefined ? [] : platforms;
                    return [
                        name,
                        { ...told(others.length === 0 ? only : undefined), linked: { name: target.name, rank } }
                    ];
                })
            ]),
            hidden: [
                ...targets.flatMap(({ helper, stage }) => (helper === undefined ? [] : [stage])),
                ...(options.hiddenStage === undefined ? [] : [options.hiddenStage])
            ]
        };
    };
    return withoutBrokenCache(ports, bake.cache?.from ?? [], plan, options);
}
function told(platform) {
    return platform === undefined ? {} : { platform };
}
async function withoutBrokenCache(ports, from, plan, options) {
    if (from.length === 0)
        return callOnce(ports, await plan(from, false), options, false);
    const start = performance.now();
    const first = await callOnce(ports, await plan(from, false), options, true);
    const message = first.ok ? undefined : (first.stalled ?? (0,_imports_js__WEBPACK_IMPORTED_MODULE_3__/* .findBrokenImport */ .Ch)(first.progress, from));
    if (message === undefined)
        return first;
    const seconds = (performance.now() - start) / 1000;
    ports.log.info(`The layer cache broke the build after ${seconds.toFixed(1)} s. It is built again without it.`);
    const { timeoutSeconds } = options;
    const left = timeoutSeconds === undefined ? {} : { timeoutSeconds: Math.max(1, timeoutSeconds - seconds) };
    const second = await callOnce(ports, await plan([], true), { ...options, ...left }, false);
    const { progress } = second;
    // The same trouble again: it was not the cache's.
    if (!second.ok && (0,_imports_js__WEBPACK_IMPORTED_MODULE_3__/* .findBrokenImport */ .Ch)(progress, from) !== undefined)
        return second;
    return {
        ...second,
        progress: {
            ...progress,
            internals: [...first.progress.internals, ...progress.internals],
            downloads: (0,_core_progress_js__WEBPACK_IMPORTED_MODULE_5__/* .addDownloads */ .L7)(first.progress.downloads, progress.downloads),
            broken: { message, seconds }
        }
    };
}
async function callOnce(ports, { command, input, env, metadataFile, parse, targets, hidden }, options, isImporting) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.rm)(metadataFile, { force: true }); // a failed build leaves an older file in place
        const reader = (0,_progress_js__WEBPACK_IMPORTED_MODULE_6__/* .readProgress */ .g)(options.listener, (stage) => hidden.includes(stage), targets);
        const watch = __addDisposableResource(env_1, isImporting ? (0,_imports_js__WEBPACK_IMPORTED_MODULE_3__/* .watchDownloads */ .nz)(reader, options.patience ?? _imports_js__WEBPACK_IMPORTED_MODULE_3__/* .defaultPatience */ .B) : undefined, false);
        const signals = [watch?.signal, options.signal].filter((signal) => signal !== undefined);
        ports.log.debug(`${command.file} ${command.args.join(' ')}`);
        const { exitCode, stdout, timedOut } = await ports.exec(command, {
            env: { ...options.env, ...env },
            onStderr: reader.feed,
            ...(input === undefined ? {} : { input }),
            ...(signals.length === 0 ? {} : { signal: AbortSignal.any(signals) }),
            ...(options.timeoutSeconds === undefined ? {} : { timeoutSeconds: options.timeoutSeconds })
        });
        if (stdout.trim() !== '')
            ports.log.debug(stdout);
        const progress = reader.end();
        const stalled = watch?.reason();
        if (exitCode !== 0 || timedOut) {
            return { ok: false, progress, exitCode, timedOut, ...(stalled === undefined ? {} : { stalled }) };
        }
        const text = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(metadataFile, 'utf8').catch(() => '');
        return { ok: true, progress, metadata: parse(text) };
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        __disposeResources(env_1);
    }
}
/**
 * A listener that writes a build into the job log: steps as they start and end, their output behind their name.
 * Where an earlier solve has shown the steps already, only what is new is written: the ones that have something to say or have
 * run, and the transfers.
 */
function logProgress(log, { again = false } = {}) {
    const labelOf = (name) => {
        const { platform, stage, position = '' } = (0,_progress_js__WEBPACK_IMPORTED_MODULE_6__/* .parseName */ .$)(name) ?? {};
        return [platform, stage, position].filter((part) => part !== undefined).join(' ');
    };
    const told = new Set();
    const tell = ({ vertex, name }) => {
        if (!told.has(vertex))
            log.untrusted(name);
        told.add(vertex);
    };
    return {
        onStep(step, event) {
            if (again) {
                // What is begun may still be found in the builder, or not be wanted any more.
                const isNew = event === 'finished' && (step.state === 'ran' || step.state === 'failed');
                if (step.instruction.startsWith('FROM ') || !(isNew || told.has(step.vertex)))
                    return;
                tell(step);
            }
            if (step.state === 'cached') {
                if (event === 'finished')
                    log.untrusted(`${step.name} · cached`);
            }
            else if (event === 'started')
                tell(step);
            else if (step.state === 'failed')
                log.untrusted(`${labelOf(step.name)} │ failed after ${step.seconds.toFixed(1)} s: ${step.error ?? ''}`);
            else if (step.state === 'cancelled')
                log.untrusted(`${labelOf(step.name)} │ cancelled`);
            else if (step.seconds >= 0.1)
                log.untrusted(`${labelOf(step.name)} │ done in ${step.seconds.toFixed(1)} s`);
        },
        onInternal(internal, event) {
            if (event === 'started')
                return;
            if (internal.error !== undefined && !internal.error.includes('context canceled')) {
                log.untrusted(`${internal.name}: ${internal.error}`);
            }
            else if (internal.seconds >= (again ? 0.1 : 1))
                log.untrusted(`${internal.name} · ${internal.seconds.toFixed(1)} s`);
        },
        onLog(step, line) {
            if (again)
                tell(step);
            log.untrusted(`${labelOf(step.name)} │ ${line}`);
        }
    };
}


/***/ }),

/***/ 9948:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   b: () => (/* binding */ removeStaleTags),
/* harmony export */   o: () => (/* binding */ nameTag)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _core_process_mark_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5316);
/* harmony import */ var _builder_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(1259);
/** Names in an engine of the classic image store, which exports no layout: an image is there for as long as it is looked at. */



const TEMPORARY_REPOSITORY = 'stagegate-inspect';
/** A tag of this process on this machine, so that a later run can tell whether anybody still needs it. */
function nameTag() {
    return `${TEMPORARY_REPOSITORY}:${(0,_core_process_mark_js__WEBPACK_IMPORTED_MODULE_1__/* .processMark */ .t)()}-${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(6).toString('hex')}`;
}
/** Removes the tags of runs on this machine that were killed before they could. Trouble with it is nobody's. */
async function removeStaleTags({ exec }) {
    const list = ['image', 'ls', '--filter', `reference=${TEMPORARY_REPOSITORY}`, '--format', '{{.Tag}}'];
    const listed = await exec({ file: 'docker', args: list }, { timeoutSeconds: 30 });
    for (const tag of listed.stdout.split('\n')) {
        if (!/^[0-9a-f]{16}-[0-9a-f]{12}$/.test(tag.trim()) || !(0,_core_process_mark_js__WEBPACK_IMPORTED_MODULE_1__/* .isOfEndedProcess */ .B)(tag))
            continue;
        await exec((0,_builder_js__WEBPACK_IMPORTED_MODULE_2__/* .removeImageCommand */ .re)(`${TEMPORARY_REPOSITORY}:${tag.trim()}`), { timeoutSeconds: 30 });
    }
}


/***/ }),

/***/ 3789:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   o: () => (/* binding */ allArguments),
/* harmony export */   x: () => (/* binding */ plainBuild)
/* harmony export */ });
/* harmony import */ var _core_linked_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(9358);

/** Build arguments of all that is built, `NAME=VALUE`; the build's own last. */
function allArguments({ shape, linked }) {
    return [...linked.flatMap(_core_linked_js__WEBPACK_IMPORTED_MODULE_0__/* .argumentsOf */ .aX), ...shape.buildArgs];
}
const plainShape = {
    ...{ buildArgs: [], buildContexts: [], platforms: [], network: '', addHosts: [], allow: [], shmSize: '', ulimit: [] }
};
/** A build of a folder's Dockerfile in which nothing is asked for: what `docker buildx build FOLDER` would build. */
function plainBuild(name, folder) {
    return {
        name,
        source: { context: { kind: 'local', path: folder }, file: '' },
        target: '',
        tests: [],
        testReport: '',
        gateOnly: false,
        shape: plainShape,
        linked: [],
        image: { labels: [], annotations: [], provenance: '', sbom: '', attests: [], rewriteTimestamps: false },
        fresh: { pull: false, noCache: false, noCacheFilters: [], rerunTests: false },
        cache: { image: '', mode: 'auto', from: [], to: [], mounts: false, variant: '' }
    };
}


/***/ }),

/***/ 6646:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  qJ: () => (/* reexport */ compareImages),
  Jq: () => (/* reexport */ parseSnapshots),
  W9: () => (/* reexport */ takeSnapshot),
  $n: () => (/* reexport */ writeSnapshots)
});

// UNUSED EXPORTS: compare

;// CONCATENATED MODULE: ./src/compare/base.ts
/**
 * Sets the base image's layers apart. Where one image doesn't know its base and the other's has layers that it lacks, any layer that
 * only the first has may be what these replaced, up to the lowest own layer of both: beside the other's they are one net figure.
 */
function shareOfBase(layers) {
    const unknown = sideWithoutBase(layers);
    const below = unknown === undefined ? 0 : lowestOwn(layers, unknown);
    const isBase = (change) => {
        if (change.base)
            return true;
        if (change.kind === 'removed')
            return unknown === 'before' && change.before.index < below;
        return change.kind === 'added' && unknown === 'layer' && change.layer.index < below;
    };
    return {
        size: layers.reduce((sum, change) => sum + (isBase(change) ? change.size : 0), 0),
        own: layers.filter((change) => !isBase(change)),
        known: unknown === undefined
    };
}
function sideWithoutBase(layers) {
    const here = layers.some((change) => change.kind !== 'removed' && change.layer.base);
    const there = layers.some((change) => change.kind !== 'added' && change.before.base);
    const isShared = layers.every(({ kind, base }) => !base || kind === 'reused');
    if (here === there || isShared)
        return undefined;
    return here ? 'before' : 'layer';
}
/** The lowest place of an own layer that both have, in their order; an empty one may be any instruction's. */
function lowestOwn(layers, side) {
    return layers.reduce((lowest, change) => {
        if (change.kind === 'added' || change.kind === 'removed' || change.base || change.moved)
            return lowest;
        return change[side].size === 0 ? lowest : Math.min(lowest, change[side].index);
    }, Infinity);
}

;// CONCATENATED MODULE: ./src/compare/layers.ts
/** Share of words that two instructions at the same place must have in common to be one that was edited. */
const EDITED_SHARE = 0.5;
/** How many removed layers an instruction is likened to. */
const EDITED_REACH = 20;
/**
 * Matches layers: by diffID, by content, by instruction and stage, by instruction alone, and what is left between two matches by
 * likeness. Current layers bottom up, each removed one after the one it stood on.
 */
function matchLayers(currentLayers, baselineLayers) {
    const current = currentLayers.map((layer, index) => ({ ...layer, index }));
    const baseline = baselineLayers.map((layer, index) => ({ ...layer, index }));
    const partners = current.map(() => undefined);
    const taken = new Set();
    const pair = (layer, before) => {
        partners[layer.index] = before;
        taken.add(before.index);
    };
    for (const key of keys)
        pairByKey(current, baseline, key);
    pairEdited();
    const inOrder = increasing(partners.map((before) => before?.index ?? -1));
    const changes = current.map((layer, index) => changeOf(layer, partners[index], !inOrder.has(index)));
    return withRemoved(changes, baseline.filter(({ index }) => !taken.has(index)));
    /** Pairs free layers with equal keys, first with first. */
    function pairByKey(layers, before, key) {
        const waiting = new Map();
        for (const layer of before) {
            const name = taken.has(layer.index) ? undefined : key(layer);
            if (name === undefined)
                continue;
            const queue = waiting.get(name);
            if (queue === undefined)
                waiting.set(name, [layer]);
            else
                queue.push(layer);
        }
        for (const layer of layers) {
            const name = partners[layer.index] === undefined ? key(layer) : undefined;
            const match = name === undefined ? undefined : waiting.get(name)?.shift();
            if (match !== undefined)
                pair(layer, match);
        }
    }
    /** Between two matches that follow each other on both sides, pairs instructions that are alike, in order. */
    function pairEdited() {
        const anchors = partners.flatMap((before, index) => (before === undefined ? [] : [{ index, before: before.index }]));
        const edges = [{ index: -1, before: -1 }, ...anchors, { index: current.length, before: baseline.length }];
        for (const [at, edge] of edges.entries()) {
            const next = edges[at + 1];
            if (next === undefined || next.before < edge.before)
                continue;
            const free = baseline
                .slice(edge.before + 1, next.before)
                .filter(({ index }) => !taken.has(index))
                .map((layer) => ({ layer, words: wordsOf(layer) }));
            let from = 0;
            for (const layer of current.slice(edge.index + 1, next.index)) {
                const words = wordsOf(layer);
                const found = free.slice(from, from + EDITED_REACH).findIndex((before) => areAlike(words, before.words));
                if (found === -1)
                    continue;
                pair(layer, free[from + found].layer);
                from += found + 1;
            }
        }
    }
}
/** In the order in which they are tried. Among equal layers (all empty ones are) the instruction decides. */
const keys = [
    (layer) => [layer.diffID, layer.stage, normaliseInstruction(layer.instruction)].join('\0'),
    ({ diffID }) => diffID,
    ({ contentDigest, instruction }) => contentDigest === undefined ? undefined : [contentDigest, normaliseInstruction(instruction)].join('\0'),
    ({ contentDigest }) => contentDigest,
    ({ instruction, stage }) => (instruction === '' ? undefined : [stage, normaliseInstruction(instruction)].join('\0')),
    ({ instruction }) => (instruction === '' ? undefined : normaliseInstruction(instruction))
];
/** An instruction without what builders put around it and without digests, so that two builds of one line are equal. */
function normaliseInstruction(instruction) {
    return instruction
        .replace(/\s+/g, ' ')
        .trim()
        .replace(/ ?# buildkit$/, '')
        .replace(/^\/bin\/sh -c #\(nop\) ?/, '')
        .replace(/^RUN \|\d+ (?:\S[^\s=]*=\S* )*/, 'RUN ')
        .replace(/^(?:RUN )?\/bin\/sh -c /, 'RUN ')
        .replace(/\b(file|dir|multi):[0-9a-f]{8,}…?/g, '$1:')
        .replace(/\bsha256:[0-9a-f]{64}\b/g, 'sha256:')
        .replace(/^[a-z]+/i, (word) => word.toUpperCase());
}
function wordsOf({ instruction, base }) {
    const [first = '', ...rest] = normaliseInstruction(instruction).split(/[ =]/);
    return { first, rest: new Set(rest), base };
}
function areAlike(one, other) {
    if (one.base !== other.base || one.first === '' || one.first !== other.first)
        return false;
    return 2 * one.rest.intersection(other.rest).size >= EDITED_SHARE * (one.rest.size + other.rest.size);
}
function changeOf(layer, before, moved) {
    if (before === undefined)
        return { kind: 'added', layer, base: layer.base, ...bytesOf(layer, undefined) };
    const both = { layer, before, moved, base: layer.base || before.base, ...bytesOf(layer, before) };
    if (layer.diffID === before.diffID)
        return { kind: 'reused', ...both, recompressed: layer.transferSize !== undefined && layer.digest !== before.digest };
    return {
        kind: 'changed',
        ...both,
        timestampsOnly: layer.contentDigest !== undefined && layer.contentDigest === before.contentDigest,
        edited: normaliseInstruction(layer.instruction) !== normaliseInstruction(before.instruction)
    };
}
function bytesOf(layer, before) {
    const size = (layer?.size ?? 0) - (before?.size ?? 0);
    const known = [layer, before].every((side) => side === undefined || side.transferSize !== undefined);
    return known ? { size, transferSize: (layer?.transferSize ?? 0) - (before?.transferSize ?? 0) } : { size };
}
/** Puts each removed layer behind the layer that it stood on, as far as that is still there. */
function withRemoved(changes, removed) {
    const result = [...changes];
    for (const before of removed) {
        const below = result.findLastIndex((change) => change.kind !== 'added' && change.before.index < before.index);
        result.splice(below + 1, 0, { kind: 'removed', before, base: before.base, ...bytesOf(undefined, before) });
    }
    return result;
}
/** The places of a longest increasing run among the numbers from 0 on: what kept its order. */
function increasing(numbers) {
    const lengths = [];
    const previous = [];
    let last = -1;
    for (const [at, number] of numbers.entries()) {
        lengths.push(0);
        previous.push(-1);
        if (number < 0)
            continue;
        lengths[at] = 1;
        for (let below = 0; below < at; below++) {
            if (numbers[below] < 0 || numbers[below] >= number || lengths[below] < lengths[at])
                continue;
            lengths[at] = lengths[below] + 1;
            previous[at] = below;
        }
        if (last === -1 || lengths[at] > lengths[last])
            last = at;
    }
    const kept = new Set();
    for (let at = last; at !== -1; at = previous[at])
        kept.add(at);
    return kept;
}

// EXTERNAL MODULE: ./src/compare/files.ts
var compare_files = __webpack_require__(5596);
;// CONCATENATED MODULE: ./src/compare/changes.ts
/** Two indexes of files, and what became of each file: changed, added, removed, or only moved. */

/** Compares two sorted lists. `isCertain` says of a file that only one of them has whether the other would list it. */
function diffFiles(current, baseline, isCertain) {
    const changes = [];
    let added = [];
    let removed = [];
    let here = 0;
    let there = 0;
    while (here < current.length || there < baseline.length) {
        const after = current[here];
        const before = baseline[there];
        if (before === undefined || (after !== undefined && after.path < before.path)) {
            if (isCertain.added(after))
                added.push(after);
            here++;
        }
        else if (after === undefined || before.path < after.path) {
            if (isCertain.removed(before))
                removed.push(before);
            there++;
        }
        else {
            if (after.size !== before.size || after.crc !== before.crc)
                changes.push(changes_changeOf(before, after));
            here++;
            there++;
        }
    }
    const newPaths = added.map(({ path }) => path);
    const gonePaths = removed.map(({ path }) => path);
    // The more of the path's end stays, the surer it is that this very file moved.
    const moves = [];
    for (const parts of [3, 2, 1, 0]) {
        const key = ({ path, size, crc }) => (size === 0 ? undefined : `${size}:${crc}:${endOf(path, parts)}`);
        ({ added, removed } = pairFiles(added, removed, key, (before, after) => moves.push({ before, after })));
    }
    ;
    ({ added, removed } = pairFiles(added, removed, versionless, (before, after) => changes.push(changes_changeOf(before, after))));
    for (const after of added)
        changes.push({ kind: 'added', path: after.path, size: after.size, after });
    for (const before of removed)
        changes.push({ kind: 'removed', path: before.path, size: -before.size, before });
    return { changes: changes.sort(compare_files/* byPath */.f2), moves, newPaths, gonePaths };
}
function changes_changeOf(before, after) {
    return { kind: 'changed', path: after.path, size: after.size - before.size, before, after };
}
/** Pairs files with equal keys, first with first, and returns those that are left. */
function pairFiles(added, removed, key, onPair) {
    if (added.length === 0 || removed.length === 0)
        return { added: [...added], removed: [...removed] };
    const waiting = new Map();
    for (const file of removed) {
        const name = key(file);
        if (name === undefined)
            continue;
        const queue = waiting.get(name);
        if (queue === undefined)
            waiting.set(name, { files: [file], next: 0 });
        else
            queue.files.push(file);
    }
    const paired = new Set();
    const left = added.filter((after) => {
        const name = key(after);
        const queue = name === undefined ? undefined : waiting.get(name);
        const before = queue?.files[queue.next];
        if (queue === undefined || before === undefined)
            return true;
        queue.next++;
        paired.add(before);
        onPair(before, after);
        return false;
    });
    return { added: left, removed: removed.filter((file) => !paired.has(file)) };
}
/** The last parts of a path. */
function endOf(path, parts) {
    let start = path.length;
    for (let part = 0; part < parts && start > 0; part++)
        start = path.lastIndexOf('/', start - 1);
    return path.slice(Math.max(start, 0));
}
/** A path with its versions and hashes blanked out; undefined for one that has none. */
function versionless({ path }) {
    const blank = path.replace(/(?<!\d)\d+(?:\.\d+)+|(?<![0-9a-z])(?=[a-f]*\d)[0-9a-f]{6,}(?![0-9a-z])/gi, '*');
    return blank === path ? undefined : blank;
}

;// CONCATENATED MODULE: ./src/compare/packages.ts
/** Packages, as far as paths tell: their directories, and their versions where a path has them. */

/** Each child of one of these is a thing of its own: a package, or the cache of one program. */
const homes = new Set(['site-packages', 'dist-packages', 'node_modules', 'gems', '.cache', 'cache']);
/** A thing of its own wherever it is. */
const wholes = new Set(['.git', '.npm', '_cacache']);
/** Characters of a file name that a pattern may look at. Linux allows 255 bytes. */
const MOST_NAME = 255;
const pythonMetadata = /^(.+?)-(\d[^-]*?)(?:-py\d[^-]*)?\.(?:dist|egg)-info$/;
const pnpmPackage = /^(@?[^@]+)@(\d[^_(]*)/;
const nameAndVersion = /^(.+?)-(\d.*)$/;
/** The directory that speaks for a file, if it belongs to a package or a cache. */
function packageFolder(path, hasFolder) {
    return placeOf(path, hasFolder)?.folder;
}
/** The packages whose version directories came or went. `sizeOf` knows the change in bytes below a package's directory. */
function packageChanges(newPaths, gonePaths, { hasFolder, sizeOf }) {
    const [now, before] = [versionsIn(newPaths, hasFolder), versionsIn(gonePaths, hasFolder)];
    const groups = [...new Set([...before.keys(), ...now.keys()])].map((key) => {
        return { before: before.get(key) ?? [], now: now.get(key) ?? [] };
    });
    return withoutMoves(joinHomes(groups)).flatMap(({ before, now }) => {
        const [from, to] = [versionsOf(before, now), versionsOf(now, before)];
        if (from.length > 0 && to.length > 0)
            return [changeOf(before, now)];
        // What came or went beside others is one of its own, each directory of it.
        return [
            ...from.flatMap((version) => before.filter(isOf(version)).map((one) => changeOf([one], []))),
            ...to.flatMap((version) => now.filter(isOf(version)).map((one) => changeOf([], [one])))
        ];
    });
    function changeOf(before, now) {
        const [from, to] = [versionsOf(before, now), versionsOf(now, before)];
        const last = [...now, ...before].find(isOf(to.at(-1) ?? from.at(-1) ?? ''));
        const folders = new Set([...before, ...now].flatMap(({ folder, package: { known } }) => (known ? [folder] : [])));
        const size = [...folders].reduce((sum, folder) => sum + (sizeOf(folder) ?? 0), 0);
        const change = {
            name: last.package.name,
            path: last.folder,
            ...(from.length === 0 ? {} : { from }),
            ...(to.length === 0 ? {} : { to }),
            ...(folders.size === 0 ? {} : { size })
        };
        return { change, folders: last.package.known ? [...folders] : [] };
    }
}
function isOf(version) {
    return (one) => one.package.version === version;
}
/** The versions that the other side lacks, lowest first. */
function versionsOf(side, other) {
    const there = new Set(other.map((one) => one.package.version));
    const versions = new Set(side.map((one) => one.package.version).filter((version) => !there.has(version)));
    return [...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
}
/** A package that went from one home and came to another of the same path but for a version is one: Python's, of another Python. */
function joinHomes(groups) {
    const whole = groups.filter(({ before, now }) => before.length > 0 && now.length > 0);
    const half = groups.filter(({ before, now }) => before.length === 0 || now.length === 0);
    const joined = Map.groupBy(half, ({ before, now }) => {
        const { home, name } = (now[0] ?? before[0]).package;
        return keyOf(versionless({ path: home }) ?? home, name);
    });
    return [
        ...whole,
        ...[...joined.values()].flatMap((same) => {
            const [gone, came] = [same.filter(({ before }) => before.length > 0), same.filter(({ now }) => now.length > 0)];
            // Of several nobody knows which became which.
            return gone.length === 1 && came.length === 1 ? [{ before: gone[0].before, now: came[0].now }] : same;
        })
    ];
}
/** The same version at another home has moved. */
function withoutMoves(groups) {
    const keyed = ({ package: { name, version } }) => keyOf(version, name);
    const half = groups.filter(({ before, now }) => before.length === 0 || now.length === 0);
    const gone = new Set(half.flatMap(({ before }) => before.map(keyed)));
    const moved = new Set(half.flatMap(({ now }) => now.map(keyed))).intersection(gone);
    return groups.map((group) => {
        if (group.before.length > 0 && group.now.length > 0)
            return group;
        const isLeft = (one) => !moved.has(keyed(one));
        return { before: group.before.filter(isLeft), now: group.now.filter(isLeft) };
    });
}
function keyOf(place, name) {
    return `${place}\0${name.toLowerCase().replace(/[-_.]+/g, '-')}`;
}
/** The versions of each package, by its home and name. */
function versionsIn(paths, hasFolder) {
    const versions = new Map();
    for (const path of paths) {
        const place = placeOf(path, hasFolder);
        if (place?.package === undefined)
            continue;
        const { folder, package: found } = place;
        const key = keyOf(found.home, found.name);
        const own = versions.get(key) ?? new Map();
        versions.set(key, own.set(`${found.version}\0${folder}`, { folder, package: found }));
    }
    return new Map([...versions].map(([key, own]) => [key, [...own.values()]]));
}
/** Sources of packages that are there by version: Go's modules, Cargo's crates, NuGet's packages. */
const versioned = [
    ['/pkg/mod/', /^(?=[^@]*@v\d[^/]*\/)([^@]*\/pkg\/mod)\/(?!cache\/)([^@]+)@(v\d[^/]*)\//],
    ['/registry/src/', /^(.*?\/registry\/src\/[^/]+)\/(?=[^/]*\/)([^/]+?)-(\d[^/]*)\//],
    ['/.nuget/packages/', /^(.*?\/\.nuget\/packages)\/([^/]+)\/(\d[^/]*)\//]
];
function versionedPlace(path) {
    for (const [part, pattern] of versioned) {
        const [folder, home, name, version] = path.includes(part) ? (pattern.exec(path) ?? []) : [];
        if (folder === undefined || home === undefined || name === undefined || version === undefined)
            continue;
        return { folder: folder.slice(0, -1), package: { name, version, home, known: true } };
    }
    return undefined;
}
function placeOf(path, hasFolder) {
    const exact = versionedPlace(path);
    if (exact !== undefined)
        return exact;
    const parts = path.split('/');
    const upTo = (end) => parts.slice(0, end).join('/');
    for (const [at, part] of parts.entries()) {
        const inner = parts[at + 1];
        if (inner === undefined)
            break;
        if (wholes.has(part))
            return { folder: upTo(at + 1) };
        // A folder may hold the one that is meant: `usr/lib/ruby/gems/3.2.0/gems/rack-3.1.0`.
        if (part === 'gems' && /^\d+(?:\.\d+)+$/.test(inner) && parts[at + 2] !== undefined)
            continue;
        if (!homes.has(part))
            continue;
        const home = upTo(at + 1);
        if (part === 'node_modules') {
            const isNested = (inner.startsWith('@') || inner === '.pnpm' || inner === '.store') && at + 2 < parts.length;
            const folder = upTo(isNested ? at + 3 : at + 2);
            const found = inner === '.pnpm' ? matchName(pnpmPackage, parts[at + 2]) : undefined;
            if (found === undefined)
                return { folder };
            return { folder, package: { ...found, name: found.name.replace('+', '/'), home, known: true } };
        }
        const folder = upTo(at + 2);
        if (part === 'gems') {
            const found = matchName(nameAndVersion, inner);
            return found === undefined ? { folder } : { folder, package: { ...found, home, known: true } };
        }
        const found = part.endsWith('-packages') ? matchName(pythonMetadata, inner) : undefined;
        if (found === undefined)
            return { folder };
        const module = moduleNames(found.name).find((name) => hasFolder(`${home}/${name}`));
        return {
            folder: module === undefined ? folder : `${home}/${module}`,
            package: { ...found, home, known: module !== undefined }
        };
    }
    const jar = path.endsWith('.jar') ? matchName(nameAndVersion, parts.at(-1)?.slice(0, -4)) : undefined;
    return jar === undefined
        ? undefined
        : { folder: path, package: { ...jar, home: upTo(parts.length - 1), known: true } };
}
function matchName(pattern, text = '') {
    const match = text.length > MOST_NAME ? null : pattern.exec(text);
    return match?.[1] === undefined || match[2] === undefined ? undefined : { name: match[1], version: match[2] };
}
/** Python writes a project's name in its metadata's path in one way and its module's in another. */
function moduleNames(name) {
    return [...new Set([name, name.toLowerCase(), name.toLowerCase().replace(/[-.]+/g, '_')])];
}

;// CONCATENATED MODULE: ./src/compare/rollup.ts
/** From thousands of changed files to the few directories and files that explain them. */
/** The heaviest items get a place in the tree of their own, the others their directory's. Bounds the tree's memory. */
const MOST_LEAVES = 50_000;
/** Parts of a path that the tree tells apart, and those that are kept of a light item's. */
const DEEPEST = 24;
const DEEPEST_LIGHT = 4;
/** A directory that came or went whole is one row where it has this many parts, and none of them more than this share. */
const MANY_PARTS = 8;
const LARGE_PART = 0.3;
/**
 * Finds the smallest weight at which at most so many rows have it: going up from the leaves, a directory becomes a row where what its
 * own rows leave of it still weighs that much. Rows never overlap, so their sum and what no row speaks of is the whole.
 */
function rollUp(items, { rows, isWhole, isHome }) {
    const paths = ['/'];
    const parents = [-1];
    const numbers = new Map([['/', 0]]);
    const wholes = new Map();
    const leaves = new Int32Array(items.length);
    const light = lightBelow(items);
    for (const [at, { path, weight }] of items.entries()) {
        leaves[at] = nodeOf(cutPath(path, weight < light ? DEEPEST_LIGHT : DEEPEST));
    }
    const count = paths.length;
    const own = new Float64Array(count);
    for (const [at, { weight }] of items.entries())
        own[leaves[at]] += weight;
    const folded = foldedNodes();
    const total = own.reduce((sum, weight) => sum + weight, 0);
    let chosen = [];
    for (let threshold = Math.max(1, total / rows);; threshold = Math.max(1, threshold / 2)) {
        const next = choose(threshold);
        if (next.length > rows)
            break;
        chosen = next;
        if (threshold === 1)
            break;
    }
    return rowsOf(chosen);
    function nodeOf(path) {
        const known = numbers.get(path);
        if (known !== undefined)
            return known;
        const parent = nodeOf(parentOf(path));
        const added = paths.length;
        numbers.set(path, added);
        paths.push(path);
        parents.push(parent);
        return added;
    }
    /** Directories that are one row or none, and all below them: 1 where a node is in one. */
    function foldedNodes() {
        const weights = own.slice();
        const parts = new Uint32Array(count);
        const largest = new Float64Array(count);
        for (let node = count - 1; node > 0; node--) {
            const parent = parents[node];
            const weight = weights[node];
            weights[parent] += weight;
            if (weight > 0)
                parts[parent]++;
            if (weight > largest[parent])
                largest[parent] = weight;
        }
        const inside = new Uint8Array(count);
        for (let node = 1; node < count; node++) {
            const parent = parents[node];
            const folds = parent !== 0 &&
                parts[parent] >= MANY_PARTS &&
                largest[parent] < weights[parent] * LARGE_PART &&
                !isHome(paths[parent]) &&
                isWholeOnce(parent);
            if (inside[parent] === 1 || folds)
                inside[node] = 1;
        }
        return inside;
    }
    function isWholeOnce(node) {
        const known = wholes.get(node) ?? isWhole(paths[node]);
        wholes.set(node, known);
        return known;
    }
    function choose(threshold) {
        const left = own.slice();
        const found = [];
        for (let node = count - 1; node > 0; node--) {
            if (folded[node] === 0 && left[node] >= threshold)
                found.push(node);
            else
                left[parents[node]] += left[node];
        }
        return found;
    }
    function rowsOf(nodes) {
        const places = new Int32Array(count).fill(-1);
        for (const [place, node] of nodes.entries())
            places[node] = place;
        const hasRows = new Uint8Array(count);
        for (let node = count - 1; node > 0; node--) {
            if (places[node] !== -1 || hasRows[node] === 1)
                hasRows[parents[node]] = 1;
        }
        const rowOf = new Int32Array(items.length);
        for (const at of items.keys()) {
            let node = leaves[at];
            while (node > 0 && places[node] === -1)
                node = parents[node];
            rowOf[at] = places[node];
        }
        return { rows: nodes.map((node) => ({ path: paths[node], rest: hasRows[node] === 1 })), rowOf };
    }
}
function parentOf(path) {
    const end = path.lastIndexOf('/');
    return end <= 0 ? '/' : path.slice(0, end);
}
/** The first parts of a path. */
function cutPath(path, parts) {
    let end = 0;
    for (let part = 0; part < parts; part++) {
        end = path.indexOf('/', end + 1);
        if (end === -1)
            return path;
    }
    return path.slice(0, end);
}
/** The weight below which an item is a light one; 0 where there are few enough. */
function lightBelow(items) {
    if (items.length <= MOST_LEAVES)
        return 0;
    const weights = Float64Array.from(items, ({ weight }) => weight).sort();
    return weights[weights.length - MOST_LEAVES];
}

;// CONCATENATED MODULE: ./src/compare/paths.ts



/** Files renamed from one directory to another, each in its own way, up to which each has a row. */
const FEW_RENAMES = 3;
/** Compares the live files of own layers and accounts for every byte of the change in size. */
function comparePaths(current, baseline, { layers, base: { size: base, known }, top }) {
    const change = current.size - baseline.size;
    // The one index has the files of a base image, and the other has not.
    if (!known) {
        const nothing = { added: 0, changed: 0, removed: 0, moved: 0 };
        return {
            rows: [],
            other: { files: 0, size: 0 },
            listed: 0,
            base,
            hidden: change - base,
            files: nothing,
            moves: [],
            packages: [],
            omission: 'the base image is known of only one of the two images, so their files were not compared'
        };
    }
    const here = ownFiles(current, placesInBase(layers, 'layer'));
    const there = ownFiles(baseline, placesInBase(layers, 'before'));
    const { changes, moves, newPaths, gonePaths } = diffFiles(here, there, {
        added: ({ size }) => size > (baseline.files.leftOut?.largest ?? -1),
        removed: ({ size }) => size > (current.files.leftOut?.largest ?? -1)
    });
    const hasFolder = remembered((folder) => hasFilesBelow(here, folder) || hasFilesBelow(there, folder));
    const places = changes.map(({ path }) => packageFolder(path, hasFolder) ?? path);
    const sizes = new Map();
    for (const [at, { size }] of changes.entries())
        sizes.set(places[at], (sizes.get(places[at]) ?? 0) + size);
    const found = packageChanges(newPaths, gonePaths, { hasFolder, sizeOf: (folder) => sizes.get(folder) });
    const packages = found.map(({ change }) => change);
    // The versions that became others are one row with these.
    const rowFolders = new Map(found.flatMap(({ change, folders }) => folders.map((folder) => [folder, change.path])));
    const folders = places.map((place) => rowFolders.get(place) ?? place);
    const versions = new Map(packages.map((change) => [change.path, change]));
    const weighed = changes.map(({ size }, at) => ({ path: folders[at], weight: Math.abs(size) }));
    const homes = new Set(folders.flatMap((folder, at) => (folder === changes[at].path ? [] : [paths_parentOf(folder)])));
    const { rows, rowOf } = rollUp(weighed, {
        rows: top,
        isWhole: (folder) => !hasFilesBelow(here, folder) || !hasFilesBelow(there, folder),
        isHome: (folder) => homes.has(folder)
    });
    const members = rows.map(() => []);
    const others = [];
    for (const [at, row] of rowOf.entries())
        (members[row] ?? others).push(changes[at]);
    const shown = rows.map(({ path, rest: hasRows }, at) => {
        const files = members[at];
        const directory = files.length > 1 || files[0].path !== path;
        // A file may have been where now is a directory that has rows.
        const rest = hasRows && directory;
        const layer = mainLayer(files, current, baseline);
        const version = versions.get(path);
        const only = directory ? undefined : files[0];
        const from = only === undefined ? folderBefore(path, files) : pathBefore(only);
        return {
            path,
            kind: only?.kind ?? (rest ? 'changed' : kindOf(path, files)),
            size: sum(files.map(({ size }) => size)),
            directory,
            rest,
            files: countFiles(files),
            ...(from === undefined ? {} : { from }),
            ...(layer === undefined ? {} : { layer }),
            ...(version === undefined ? {} : { package: version })
        };
    });
    const listed = sum(changes.map(({ size }) => size));
    return {
        rows: shown
            .filter(({ size }) => size !== 0)
            .sort((a, b) => Math.abs(b.size) - Math.abs(a.size) || (a.path < b.path ? -1 : 1)),
        other: { files: others.length, size: sum(others.map(({ size }) => size)) },
        listed,
        base,
        hidden: change - base - listed,
        files: { ...countFiles(changes), moved: moves.length },
        moves: groupMoves(moves)
            .sort((a, b) => b.size - a.size)
            .slice(0, top),
        packages: packages.toSorted((a, b) => Math.abs(b.size ?? 0) - Math.abs(a.size ?? 0)).slice(0, top)
    };
    /** A file that was replaced by one of another version counts at its new path, and was somewhere before. */
    function kindOf(path, files) {
        if (!hasFilesAt(there, path) && files.every(({ kind }) => kind === 'added'))
            return 'added';
        return hasFilesAt(here, path) || files.some(({ kind }) => kind !== 'removed') ? 'changed' : 'removed';
    }
    /** The directory that this one replaced as a whole; undefined where either is in both images. */
    function folderBefore(path, files) {
        const depth = path.split('/').length;
        const from = new Set(files.flatMap((file) => (file.kind === 'changed' ? [file.before.path.split('/').slice(0, depth).join('/')] : [])));
        const [folder] = from;
        if (folder === undefined || from.size > 1 || folder === path)
            return undefined;
        return hasFilesAt(there, path) || hasFilesAt(here, folder) ? undefined : folder;
    }
}
/** The path that a file had under another version. */
function pathBefore(change) {
    return change.kind === 'changed' && change.before.path !== change.path ? change.before.path : undefined;
}
/** The places of base layers on one side; a layer that is base in one image counts as base in both. */
function placesInBase(layers, side) {
    const places = layers.flatMap((change) => {
        if (!change.base)
            return [];
        if (side === 'layer')
            return change.kind === 'removed' ? [] : [change.layer.index];
        return change.kind === 'added' ? [] : [change.before.index];
    });
    return new Set(places);
}
function ownFiles({ files }, base) {
    return base.size === 0 ? files.list : files.list.filter(({ layer }) => !base.has(layer));
}
function hasFilesBelow(files, folder) {
    const prefix = folder === '/' ? '/' : `${folder}/`;
    return files[firstFrom(files, prefix)]?.path.startsWith(prefix) === true;
}
function hasFilesAt(files, path) {
    return files[firstFrom(files, path)]?.path === path || hasFilesBelow(files, path);
}
/** The place of the first file whose path is not before a text. */
function firstFrom(files, text) {
    let low = 0;
    let high = files.length;
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (files[middle].path < text)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}
/** The layer that most of the changed bytes are due to; a removal's is the baseline's. */
function mainLayer(changes, current, baseline) {
    const here = new Map();
    const there = new Map();
    for (const change of changes) {
        const [weights, { layer }] = change.kind === 'removed' ? [there, change.before] : [here, change.after];
        weights.set(layer, (weights.get(layer) ?? 0) + Math.abs(change.size));
    }
    const weights = here.size > 0 ? here : there;
    const index = [...weights].sort(([, a], [, b]) => b - a)[0]?.[0];
    const layer = index === undefined ? undefined : (here.size > 0 ? current : baseline).layers[index];
    return index === undefined || layer === undefined ? undefined : { ...layer, index };
}
function countFiles(changes) {
    const counts = { added: 0, changed: 0, removed: 0 };
    for (const { kind } of changes)
        counts[kind]++;
    return counts;
}
/** Moves that a directory's move explains become one. Those that only follow a new version's directory are left out. */
function groupMoves(moves) {
    const folders = groupBy(moves.filter(({ before, after }) => versionless(before) === undefined || versionless(before) !== versionless(after)), ({ before, after }) => movedRoot(before.path, after.path));
    const isRename = ([from, to]) => nameOf(from) !== nameOf(to);
    const single = folders.filter(({ files, pair }) => files.length === 1 && isRename(pair) && files[0].after.path === pair[1]);
    const many = groupBy(single.flatMap(({ files }) => files), ({ before, after }) => [paths_parentOf(before.path), paths_parentOf(after.path)]).filter(({ files }) => files.length > FEW_RENAMES);
    const renamed = new Set(many.flatMap(({ files }) => files));
    return [...folders.filter(({ files }) => !renamed.has(files[0])), ...many].map(({ pair, files }) => {
        const [from, to] = files.length === 1 ? [files[0].before.path, files[0].after.path] : pair;
        return { from, to, files: files.length, size: sum(files.map(({ after }) => after.size)) };
    });
}
function groupBy(moves, pairOf) {
    const groups = new Map();
    for (const move of moves) {
        const pair = pairOf(move);
        const group = groups.get(pair.join('\0'));
        if (group === undefined)
            groups.set(pair.join('\0'), { pair, files: [move] });
        else
            group.files.push(move);
    }
    return [...groups.values()];
}
/** The directories that moved: both paths without the parts that they end in alike. A renamed file is itself. */
function movedRoot(from, to) {
    const [one, other] = [from.split('/'), to.split('/')];
    let same = 0;
    while (same < Math.min(one.length, other.length) - 1 && one.at(-1 - same) === other.at(-1 - same))
        same++;
    const root = (parts) => parts.slice(0, parts.length - same).join('/') || '/';
    return [root(one), root(other)];
}
function nameOf(path) {
    return path.slice(path.lastIndexOf('/') + 1);
}
function paths_parentOf(path) {
    return path.slice(0, Math.max(path.lastIndexOf('/'), 1)).replace(/^[^/]$/, '/');
}
function sum(numbers) {
    return numbers.reduce((total, number) => total + number, 0);
}
function remembered(ask) {
    const answers = new Map();
    return (text) => {
        const answer = answers.get(text) ?? ask(text);
        answers.set(text, answer);
        return answer;
    };
}

;// CONCATENATED MODULE: ./src/compare/difference.ts
/** Two images, one platform: what a reviewer wants to know of the difference. Pure; every figure is defined in docs/difference.md. */



/** Compares what two builds have, platform by platform, in the current build's order. */
function compareImages(current, baseline, options = {}) {
    const before = new Map(baseline.map((snapshot) => [snapshot.platform, snapshot]));
    const now = new Set(current.map(({ platform }) => platform));
    return {
        differences: current.flatMap((snapshot) => {
            const match = before.get(snapshot.platform);
            return match === undefined ? [] : [compare(snapshot, match, options)];
        }),
        added: current.flatMap(({ platform }) => (before.has(platform) ? [] : [platform])),
        removed: baseline.flatMap(({ platform }) => (now.has(platform) ? [] : [platform]))
    };
}
/** Compares an image with its baseline. Both are of one platform. */
function compare(current, baseline, { top = 20 } = {}) {
    const layers = matchLayers(current.layers, baseline.layers);
    const base = shareOfBase(layers);
    const { own } = base;
    const byPath = comparePaths(current, baseline, { layers, base, top: Math.max(1, top) });
    const cost = pullCost(current, baseline);
    const transferSize = current.transferSize === undefined || baseline.transferSize === undefined
        ? undefined
        : delta(current.transferSize, baseline.transferSize);
    const figures = {
        size: delta(current.size, baseline.size),
        reclaimable: delta(current.reclaimable, baseline.reclaimable),
        layerCount: delta(current.layers.length, baseline.layers.length),
        ...(transferSize === undefined ? {} : { transferSize })
    };
    return {
        platform: current.platform,
        same: layers.every((layer) => layer.kind === 'reused' && !layer.moved && !layer.recompressed) &&
            Object.values(figures).every(({ change }) => change === 0),
        ...figures,
        ...(cost === undefined ? {} : { pullCost: cost }),
        layers,
        byInstruction: own.filter(({ size }) => size !== 0).sort((a, b) => Math.abs(b.size) - Math.abs(a.size)),
        base: base.size,
        ...(base.known ? {} : { baseUnknown: true }),
        ...(baseline.base === undefined ? {} : { baseBefore: baseline.base }),
        byPath,
        timestampsOnly: own.filter((layer) => layer.kind === 'changed' && layer.timestampsOnly).length,
        omissions: [
            ...current.omissions.map((omission) => `this image: ${omission}`),
            ...baseline.omissions.map((omission) => `the baseline: ${omission}`),
            ...(byPath.omission === undefined ? [] : [byPath.omission])
        ]
    };
}
/** A figure's two values and what lies between them. */
function delta(now, before) {
    const change = now - before;
    return before === 0 ? { before, now, change } : { before, now, change, share: change / before };
}
/**
 * A host keeps blobs by digest, and unpacked layers by the chain of diffIDs below and with them: what it has under either name it
 * does not fetch again. https://github.com/opencontainers/image-spec/blob/main/config.md#layer-chainid
 */
function pullCost(current, baseline) {
    if (current.transferSize === undefined)
        return undefined;
    const blobs = new Map();
    for (const { digest, transferSize } of current.layers) {
        if (transferSize === undefined)
            return undefined;
        blobs.set(digest, transferSize);
    }
    const documents = Math.max(0, current.transferSize - [...blobs.values()].reduce((sum, size) => sum + size, 0));
    const sameManifest = current.manifestDigest !== undefined && current.manifestDigest === baseline.manifestDigest;
    const present = new Set(baseline.layers.map(({ digest }) => digest));
    const shared = sharedChain(current.layers, baseline.layers);
    const lacking = current.layers.filter(({ digest }, index) => index >= shared && !present.has(digest));
    const wanted = new Set(lacking.map(({ digest }) => digest));
    const bytes = [...wanted].reduce((sum, digest) => sum + (blobs.get(digest) ?? 0), 0);
    return { bytes: bytes + (sameManifest ? 0 : documents), layers: wanted.size };
}
/** How many layers from the bottom on are the same. */
function sharedChain(current, baseline) {
    const differs = current.findIndex(({ diffID }, at) => diffID !== baseline[at]?.diffID);
    return differs === -1 ? current.length : differs;
}

// EXTERNAL MODULE: ./src/image/index.ts + 39 modules
var src_image = __webpack_require__(7728);
;// CONCATENATED MODULE: ./src/compare/record.ts
/** What a baseline keeps of an image: its figures, its layers, and the live files of its own layers. */


/** Layers of a snapshot. The engines allow 127. */
const MOST_LAYERS = 1000;
/** Characters kept of an instruction. */
const MOST_INSTRUCTION = 2000;
/** Stands for the content of a layer that is not in the layout. */
const unread = `sha256:${'0'.repeat(64)}`;
/** Takes what is kept of an image. Walks all its files once, twice where there are hard links. */
function takeSnapshot(analysis, shown, options = {}) {
    const redact = options.redact ?? ((text) => text);
    const omissions = [];
    const layers = analysis.layers.slice(0, MOST_LAYERS).map((layer, index) => {
        const { instruction = '', line, stage, transferSize } = shown.layers[index] ?? {};
        return {
            digest: layer.digest,
            diffID: layer.diffID,
            size: layer.size,
            instruction: redact(instruction).slice(0, MOST_INSTRUCTION),
            base: layer.base,
            ...(layer.contentDigest === unread ? {} : { contentDigest: layer.contentDigest }),
            ...(transferSize === undefined ? {} : { transferSize }),
            ...(line === undefined ? {} : { line }),
            ...(stage === undefined ? {} : { stage: redact(stage).slice(0, MOST_INSTRUCTION) })
        };
    });
    if (analysis.layers.length > MOST_LAYERS) {
        omissions.push(`the image has ${analysis.layers.length} layers, of which the lowest ${MOST_LAYERS} are kept`);
    }
    const files = (0,compare_files/* keepLargest */.AL)(record_ownFiles(analysis, layers.length, redact), options.files);
    if (files.leftOut !== undefined)
        omissions.push(leftOutSentence(files.leftOut.files));
    return {
        platform: analysis.platform,
        size: analysis.size,
        reclaimable: analysis.reclaimable.own,
        layers,
        files,
        omissions,
        ...(shown.transferSize === undefined ? {} : { transferSize: shown.transferSize }),
        ...(shown.manifestDigest === undefined ? {} : { manifestDigest: shown.manifestDigest }),
        ...(shown.base === undefined ? {} : { base: redact(shown.base).slice(0, MOST_INSTRUCTION) })
    };
}
/** The same snapshot with no more than so many files, the largest. */
function withFewerFiles(snapshot, most) {
    if (snapshot.files.list.length <= most)
        return snapshot;
    const kept = (0,compare_files/* keepLargest */.AL)(snapshot.files.list, most);
    const before = snapshot.files.leftOut ?? { files: 0, size: 0, largest: 0 };
    const now = kept.leftOut ?? { files: 0, size: 0, largest: 0 };
    const leftOut = {
        files: before.files + now.files,
        size: before.size + now.size,
        largest: Math.max(before.largest, now.largest)
    };
    const others = snapshot.omissions.filter((omission) => omission !== leftOutSentence(before.files));
    return { ...snapshot, files: { ...kept, leftOut }, omissions: [...others, leftOutSentence(leftOut.files)] };
}
function leftOutSentence(files) {
    return `${files} of the smallest files are not in the index of files`;
}
/** The live files of the own layers, with content that several hard links show counted at one of them. */
function* record_ownFiles({ tree, layers }, layerCount, redact) {
    const isOwn = ({ layer }) => layer >= 0 && layer < layerCount && layers[layer]?.base === false;
    const links = [];
    for (const record of (0,src_image/* mergedFiles */.CG)(tree)) {
        if (!isOwn(record))
            continue;
        if (record.type === 'file')
            yield fileOf(record, record.size, redact);
        else if (record.type === 'hard-link')
            links.push(record);
    }
    if (links.length === 0)
        return;
    const shown = new Set();
    const wanted = new Set(links.map(({ link }) => link));
    for (const record of (0,src_image/* mergedFiles */.CG)(tree)) {
        if (record.type === 'file' && wanted.has(record.path))
            shown.add(`${record.path}\0${record.crc}`);
    }
    for (const record of links) {
        const content = `${record.link}\0${record.crc}`;
        yield fileOf(record, shown.has(content) ? 0 : record.size, redact);
        shown.add(content);
    }
}
function fileOf({ path, crc, layer }, size, redact) {
    const shown = redact(path);
    return { path: shown.startsWith('/') ? shown : `/${shown}`, size, crc: Number.parseInt(crc ?? '0', 16), layer };
}

;// CONCATENATED MODULE: ./src/compare/store.ts
/** Snapshots as text, and back. What is read may have been written by anybody: it is parsed, within bounds, or rejected with the reason. */



/** Characters of the whole text. */
const MOST_TEXT = 32 * 2 ** 20;
/** Platforms of one text. */
const MOST_PLATFORMS = 64;
/** Characters of a name, and sentences of omissions. */
const store_MOST_NAME = 200;
const MOST_OMISSIONS = 100;
/** JSON values of the whole text: columns are one string each, so there are few, and a hostile text can't blow up when parsed. */
const MOST_VALUES = 500_000;
const FORMAT = 'stagegate-snapshots';
const VERSION = 1;
/** Writes one snapshot per platform as JSON, never longer than `MOST_TEXT`: the smallest files go first. */
function writeSnapshots(snapshots) {
    for (let most = compare_files/* MOST_FILES */.Q4;; most = Math.floor(most / 2)) {
        const images = snapshots.slice(0, MOST_PLATFORMS).map((snapshot) => imageOf(withFewerFiles(snapshot, most)));
        const text = JSON.stringify({ format: FORMAT, version: VERSION, images });
        if (text.length <= MOST_TEXT || most === 0)
            return text;
    }
}
function imageOf(snapshot) {
    const { files, layers, ...image } = snapshot;
    return {
        ...image,
        layers: layers.map(({ base, ...layer }) => (base ? { ...layer, base } : layer)),
        files: { ...(0,compare_files/* writeColumns */.p5)(files.list), ...(files.leftOut === undefined ? {} : { leftOut: files.leftOut }) }
    };
}
/** Reads what `writeSnapshots` wrote. Never throws; memory is bounded by `MOST_TEXT` and `MOST_FILES`. */
function parseSnapshots(text) {
    if (text.length > MOST_TEXT)
        return { ok: false, reason: `is longer than ${MOST_TEXT} characters` };
    if (countValues(text) > MOST_VALUES)
        return { ok: false, reason: `has more than ${MOST_VALUES} values` };
    try {
        const json = JSON.parse(text);
        return { ok: true, snapshots: readDocument(json) };
    }
    catch (caught) {
        if (caught instanceof Rejection)
            return { ok: false, reason: caught.message };
        if (caught instanceof SyntaxError)
            return { ok: false, reason: 'is not JSON' };
        throw caught;
    }
}
/** Inside this file alone: what is wrong with a text, on its way to `parseSnapshots`. */
class Rejection extends Error {
}
function reject(reason) {
    throw new Rejection(reason);
}
/** An upper bound of the values in a JSON text: what begins one, outside of strings. */
function countValues(text) {
    let values = 1;
    let inString = false;
    for (let at = 0; at < text.length; at++) {
        const character = text.charCodeAt(at);
        if (inString) {
            if (character === 0x5c)
                at++;
            else if (character === 0x22)
                inString = false;
        }
        else if (character === 0x22)
            inString = true;
        else if (character === 0x2c || character === 0x5b || character === 0x7b || character === 0x3a)
            values++;
    }
    return values;
}
function readDocument(json) {
    const document = objectAt(json, 'the document');
    if (document.format !== FORMAT)
        reject('is not a stored baseline');
    if (document.version !== VERSION)
        reject('was written by another version of this action');
    const images = arrayAt(document.images, 'images', MOST_PLATFORMS);
    const snapshots = images.map((image, at) => readImage(objectAt(image, `images[${at}]`), `images[${at}]`));
    const platforms = new Set(snapshots.map(({ platform }) => platform));
    if (platforms.size !== snapshots.length)
        reject('has two images of one platform');
    return snapshots;
}
function readImage(image, where) {
    const layers = arrayAt(image.layers, `${where}: layers`, MOST_LAYERS).map((layer, at) => readLayer(objectAt(layer, `${where}: layers[${at}]`), `${where}: layers[${at}]`));
    const files = objectAt(image.files, `${where}: files`);
    const list = (0,compare_files/* readColumns */.Ej)(readFileColumns(files, `${where}: files`), layers.length);
    if (typeof list === 'string')
        reject(`${where} ${list}`);
    const { leftOut } = files;
    const { transferSize, manifestDigest, base } = image;
    return {
        platform: textAt(image.platform, `${where}: platform`, store_MOST_NAME),
        size: bytesAt(image.size, `${where}: size`),
        reclaimable: bytesAt(image.reclaimable, `${where}: reclaimable`),
        layers,
        files: leftOut === undefined ? { list } : { list, leftOut: readLeftOut(leftOut, `${where}: leftOut`) },
        omissions: arrayAt(image.omissions, `${where}: omissions`, MOST_OMISSIONS).map((omission) => textAt(omission, `${where}: omissions`, MOST_INSTRUCTION)),
        ...(transferSize === undefined ? {} : { transferSize: bytesAt(transferSize, `${where}: transferSize`) }),
        ...(manifestDigest === undefined ? {} : { manifestDigest: digestAt(manifestDigest, `${where}: manifestDigest`) }),
        ...(base === undefined ? {} : { base: textAt(base, `${where}: base`, MOST_INSTRUCTION) })
    };
}
function readLayer(layer, where) {
    const { contentDigest, transferSize, line, stage, base } = layer;
    if (base !== undefined && typeof base !== 'boolean')
        reject(`${where}: base is neither true nor false`);
    return {
        digest: digestAt(layer.digest, `${where}: digest`),
        diffID: digestAt(layer.diffID, `${where}: diffID`),
        size: bytesAt(layer.size, `${where}: size`),
        instruction: textAt(layer.instruction, `${where}: instruction`, MOST_INSTRUCTION),
        base: base === true,
        ...(contentDigest === undefined ? {} : { contentDigest: digestAt(contentDigest, `${where}: contentDigest`) }),
        ...(transferSize === undefined ? {} : { transferSize: bytesAt(transferSize, `${where}: transferSize`) }),
        ...(line === undefined ? {} : { line: bytesAt(line, `${where}: line`) }),
        ...(stage === undefined ? {} : { stage: textAt(stage, `${where}: stage`, MOST_INSTRUCTION) })
    };
}
function readFileColumns(files, where) {
    return {
        count: bytesAt(files.count, `${where}: count`),
        names: textAt(files.names, `${where}: names`),
        shared: textAt(files.shared, `${where}: shared`),
        sizes: textAt(files.sizes, `${where}: sizes`),
        layers: textAt(files.layers, `${where}: layers`),
        crcs: textAt(files.crcs, `${where}: crcs`)
    };
}
function readLeftOut(value, where) {
    const leftOut = objectAt(value, where);
    return {
        files: bytesAt(leftOut.files, `${where}: files`),
        size: bytesAt(leftOut.size, `${where}: size`),
        largest: bytesAt(leftOut.largest, `${where}: largest`)
    };
}
function objectAt(value, where) {
    return (0,src_image/* isObject */.Gv)(value) ? value : reject(`${where} is not an object`);
}
function arrayAt(value, where, most) {
    if (!Array.isArray(value))
        reject(`${where} is not a list`);
    if (value.length > most)
        reject(`${where} has more than ${most} items`);
    return value;
}
function textAt(value, where, most = MOST_TEXT) {
    if (typeof value !== 'string')
        reject(`${where} is not a string`);
    if (value.length > most)
        reject(`${where} is longer than ${most} characters`);
    return value;
}
function bytesAt(value, where) {
    if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= compare_files/* MOST_BYTES */.uZ)
        return value;
    return reject(`${where} is not a whole number of 0 or more`);
}
function digestAt(value, where) {
    return typeof value === 'string' && (0,src_image/* isDigest */.Bc)(value) ? value : reject(`${where} is not a digest`);
}

;// CONCATENATED MODULE: ./src/compare/index.ts
/**
 * Two images in, their difference out. Pure; knows nothing of GitHub or of where a baseline is kept.
 *
 *     const now = analyses.map((analysis, at) => takeSnapshot(analysis, images[at]))
 *     const parsed = parseSnapshots(stored)
 *     const { differences } = compareImages(now, parsed.ok ? parsed.snapshots : [])
 */





/***/ }),

/***/ 5039:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Z: () => (/* binding */ nextPage)
/* harmony export */ });
/** The target of `rel="next"` in a Link header (RFC 8288), by which a server tells where a list goes on. */
function nextPage(link) {
    return link
        ?.split(',')
        .map((part) => /^\s*<([^>]*)>(.*)$/.exec(part))
        .find((match) => match?.[2] !== undefined && /;\s*rel="?next"?(?:\s|;|$)/.test(match[2]))?.[1];
}


/***/ }),

/***/ 8718:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  w: () => (/* binding */ layersOf),
  Oj: () => (/* binding */ openInspector),
  HD: () => (/* binding */ readable),
  o7: () => (/* binding */ reportImage)
});

// EXTERNAL MODULE: ./src/buildkit/provenance.ts
var buildkit_provenance = __webpack_require__(8801);
// EXTERNAL MODULE: ./src/core/linked.ts
var linked = __webpack_require__(9358);
// EXTERNAL MODULE: ./src/core/step.ts
var core_step = __webpack_require__(1757);
// EXTERNAL MODULE: ./src/failure/stop.ts
var stop = __webpack_require__(8740);
// EXTERNAL MODULE: ./src/image/index.ts + 39 modules
var src_image = __webpack_require__(7728);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
;// CONCATENATED MODULE: ./src/inspect/landing.ts
/**
 * A layout while its builder still writes it: buildx keeps its blobs in containerd's content store.
 * https://github.com/containerd/containerd/tree/main/plugins/content/local
 */





/** Milliseconds between two looks, and how many there are: some hours. */
const LOOK_MILLISECONDS = 15;
const MOST_LOOKS = 1_000_000;
/** Milliseconds between two looks for the index. */
const INDEX_MILLISECONDS = 5;
/** Tells layers that are being written, and blobs that are there, until `signal`; one may be told both ways. */
async function watchBlobs(layout, signal, onBlob) {
    const seen = new Set();
    for (let look = 0; look < MOST_LOOKS && !signal.aborted; look += 1) {
        for (const find of [findGrowing, findComplete]) {
            for (const [place, found] of await find(layout, seen)) {
                seen.add(place);
                if (found !== undefined)
                    onBlob(found.digest, found.blob);
            }
        }
        await (0,external_node_timers_promises_.setTimeout)(LOOK_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined);
    }
}
/**
 * Waits for the index of a layout, until `signal`. buildx writes it when the builder has answered, which of an image of
 * hundreds of layers is many seconds after it has said that all is exported.
 */
async function untilComplete(place, signal) {
    while (!signal.aborted && (await readIndex(place)) === undefined) {
        await (0,external_node_timers_promises_.setTimeout)(INDEX_MILLISECONDS, undefined, { signal, ref: false }).catch(() => undefined);
    }
}
/** The text of a layout's index; `undefined` where it is not there in full, and empty for an archive, which has none to wait for. */
async function readIndex(place) {
    if ((await (0,promises_.stat)(place).catch(() => undefined))?.isFile() === true)
        return '';
    const text = await (0,promises_.readFile)(external_node_path_default().join(place, 'index.json'), 'utf8').catch(() => '');
    return (0,json/* parseJSON */.Ol)(text) === undefined ? undefined : text;
}
/** A blob that has its name is complete: it is written elsewhere and renamed. */
async function findComplete(layout, seen) {
    const folder = external_node_path_default().join(layout, 'blobs', 'sha256');
    const found = new Map();
    for (const name of await namesIn(folder, seen)) {
        const digest = `sha256:${name}`;
        const file = external_node_path_default().join(folder, name);
        const { size } = (await (0,promises_.stat)(file).catch(() => undefined)) ?? {};
        found.set(name, size === undefined || !(0,src_image/* isDigest */.Bc)(digest) ? undefined : { digest, blob: { path: file, offset: 0, size } });
    }
    return found;
}
/** What is being written has a folder with its name and size in full before its first byte. */
async function findGrowing(layout, seen) {
    const folder = external_node_path_default().join(layout, 'ingest');
    const found = new Map();
    for (const name of await namesIn(folder, seen)) {
        const textOf = (file) => (0,promises_.readFile)(external_node_path_default().join(folder, name, file), 'utf8').catch(() => '');
        const reference = await textOf('ref');
        const digest = reference.slice('layer-'.length);
        if (!reference.startsWith('layer-') || !(0,src_image/* isDigest */.Bc)(digest)) {
            if (reference !== '')
                found.set(name, undefined);
            continue;
        }
        const size = Number(await textOf('total'));
        if (!Number.isSafeInteger(size) || size <= 0)
            continue;
        const later = external_node_path_default().join(layout, (0,src_image/* blobName */.PF)(digest));
        found.set(name, { digest, blob: { path: external_node_path_default().join(folder, name, 'data'), later, size } });
    }
    return found;
}
async function namesIn(folder, seen) {
    return (await (0,promises_.readdir)(folder).catch(() => [])).filter((name) => !seen.has(name));
}

;// CONCATENATED MODULE: ./src/inspect/told.ts
/**
 * The digests of an image's layers as its provenance has them. With `rewrite-timestamp` they are not those of the image:
 * BuildKit changes the times in the layers as it exports them, one by one, when the provenance is written already. So they
 * are those of the result that the image was made of, if that has as many.
 * @param own the image's own provenance: a test's result may have as many layers
 */
function toldDigests(layers, own) {
    const { result } = own ?? {};
    return result?.length === layers.length ? result : layers.map(({ descriptor }) => descriptor.digest);
}

;// CONCATENATED MODULE: ./src/inspect/inspect.ts
/**
 * Inspect before publish: what is in the layouts that the build exported, and that are published once they have passed.
 */







/** Opens an inspector. Disposing it ends what is under way. */
function openInspector({ signal }, options) {
    const stopping = new AbortController();
    const either = AbortSignal.any([signal, stopping.signal]);
    const readings = new Map();
    let planning;
    /** Not before the builder builds: then nobody else needs the processor here. */
    const plan = () => (planning ??= options.sensitive === undefined ? Promise.resolve(undefined) : (0,src_image.planNeedles)(options.sensitive));
    const expected = new Map();
    const expect = ({ path }) => {
        if (expected.has(path))
            return;
        const whole = new AbortController();
        const watched = AbortSignal.any([either, whole.signal]);
        const ahead = plan().then((needles) => {
            const layers = (0,src_image/* scanAhead */.fL)({ needles, signal: either });
            void watchBlobs(path, watched, layers.begin);
            return layers;
        });
        ahead.catch(() => undefined); // what is looked for is planned once, and told where the image is read
        expected.set(path, { ahead, stop: () => whole.abort() });
    };
    const read = async (path, { told, signal, whole }) => {
        await untilComplete(path, AbortSignal.any([signal, whole]));
        signal.throwIfAborted();
        const index = await readIndex(path);
        expected.get(path)?.stop();
        const { images, others, strayAttestations } = await (0,src_image/* readImages */.H)(path, { signal });
        const [unknown] = [...others, ...strayAttestations];
        if (unknown !== undefined && options.sensitive !== undefined) {
            throw new src_image/* ImageError */.C8('unsupported', `${unknown.digest} belongs to no image of it, and would leave unsearched`);
        }
        const needles = await plan();
        const ahead = await expected.get(path)?.ahead;
        const analyses = [];
        for (const image of images) {
            const baseDiffIDs = told.then((provenance) => {
                const { count } = findBase(toldDigests(image.layers, provenance[0]), provenance);
                return image.layers.slice(0, count).map(({ diffID }) => diffID);
            });
            const { annotated = [], ignoredKeys } = options;
            const published = { ...image, annotated: [...image.annotated, ...annotated] };
            analyses.push(await (0,src_image/* analyseImage */.lT)(published, { baseDiffIDs, needles, ahead, signal, ignoredKeys }));
        }
        const [own] = await told;
        return { index, images, analyses, told: images.map(({ layers }) => toldDigests(layers, own)) };
    };
    const begin = ({ path }) => {
        if (readings.has(path))
            return;
        const told = Promise.withResolvers();
        const [forsaken, whole] = [new AbortController(), new AbortController()];
        const signal = AbortSignal.any([either, forsaken.signal]);
        const done = read(path, { told: told.promise, signal, whole: whole.signal });
        done.catch(() => undefined); // looked at where it is awaited
        const conclude = (provenance) => {
            told.resolve(provenance);
            whole.abort();
            return done;
        };
        const stop = () => {
            forsaken.abort();
            told.resolve([]);
        };
        readings.set(path, { conclude, stop });
    };
    /** What lies there at the end of the call. A look before that may have found a layout that was not whole. */
    const conclude = async ({ path, provenance }) => {
        const early = await readings
            .get(path)
            ?.conclude(provenance)
            .catch(() => undefined);
        if (early !== undefined && early.index === (await readIndex(path)))
            return early;
        return read(path, { told: Promise.resolve(provenance), signal: either, whole: AbortSignal.abort() });
    };
    return {
        expect,
        begin,
        async conclude(built) {
            // Of a call that was made once more there may be others, which nobody waits for.
            for (const { stop } of expected.values())
                stop();
            for (const [place, { stop }] of readings)
                if (!built.some(({ path }) => path === place))
                    stop();
            const all = [];
            for (const image of built) {
                all.push(await conclude(image).catch(readable('the image that the builder exported cannot be read')));
            }
            return {
                images: all.flatMap(({ images }) => images),
                analyses: all.flatMap(({ analyses }) => analyses),
                told: all.flatMap(({ told }) => told)
            };
        },
        [Symbol.dispose]: () => stopping.abort()
    };
}
/**
 * Throws the failure of a run that cannot go on with an image, where that is what an error is about; else the error.
 * @param what a clause, before the words about the image
 */
function readable(what) {
    return (error) => {
        if (!(error instanceof src_image/* ImageError */.C8))
            throw error;
        throw new stop/* Stop */.V({ kind: 'engine', message: `${what}: ${error.message}` }, { cause: error });
    };
}
/** Digests of all layers that were analysed, and so searched for leaks. */
function layersOf(analyses) {
    return analyses.flatMap(({ layers }) => layers.map(({ digest }) => digest));
}
/** One platform's part of the report: the layers joined with the steps that made them. */
function reportImage(analysis, { steps, provenance, told, hasTransferSize }) {
    const byVertex = new Map(steps.map((step) => [step.vertex, step]));
    const digests = told ?? analysis.layers.map(({ digest }) => digest);
    const { base } = findBase(digests, provenance);
    const baseUnknown = isBaseKnown(digests, provenance) ? undefined : BASE_UNKNOWN;
    const layers = analysis.layers.map((layer, index) => {
        const chain = (0,buildkit_provenance/* chainKey */.BI)(digests.slice(0, index + 1));
        const vertex = provenance.map(({ layerSteps }) => layerSteps.get(chain)).find((found) => found !== undefined);
        const step = vertex === undefined ? undefined : byVertex.get(vertex);
        const line = vertex === undefined || (step !== undefined && (0,linked/* isLinkedStep */.w4)(step))
            ? undefined
            : provenance.map(({ lines }) => lines.get(vertex)).find((found) => found !== undefined);
        return {
            digest: layer.digest,
            diffID: layer.diffID,
            size: layer.size,
            base: layer.base,
            empty: layer.empty,
            files: layer.files,
            copies: layer.copies,
            instruction: step === undefined ? readableHistory(layer.createdBy ?? '') : (0,core_step/* withoutLink */.Ho)(step.instruction),
            ...(hasTransferSize ? { transferSize: layer.transferSize } : {}),
            ...(line === undefined ? {} : { line }),
            ...(step?.stage === undefined ? {} : { stage: step.stage })
        };
    });
    return {
        platform: analysis.platform,
        configDigest: analysis.configDigest,
        size: analysis.size,
        layers,
        figures: figuresOf(analysis),
        ...(base === undefined ? {} : { base }),
        ...(baseUnknown === undefined ? {} : { baseUnknown }),
        ...(hasTransferSize ? { transferSize: analysis.transferSize } : {}),
        ...(hasTransferSize && analysis.manifestDigest !== undefined ? { manifestDigest: analysis.manifestDigest } : {})
    };
}
/** How many of the lowest layers are the base image's, and the reference it was named by. */
function findBase(digests, provenance) {
    for (let count = digests.length; count > 0; count -= 1) {
        const chain = (0,buildkit_provenance/* chainKey */.BI)(digests.slice(0, count));
        const base = provenance.map(({ baseImages }) => baseImages.get(chain)).find((found) => found !== undefined);
        if (base !== undefined)
            return { count, base };
    }
    return { count: 0 };
}
/** Why a rule that goes by own layers does not judge. */
const BASE_UNKNOWN = 'the builder did not tell which layers are the base image’s';
/** Whether base layers are told apart: an image was found at the bottom, or a step is known to have made the lowest layer. */
function isBaseKnown(digests, provenance) {
    const [lowest] = digests;
    if (lowest === undefined || findBase(digests, provenance).count > 0)
        return true;
    return provenance.some(({ layerSteps }) => layerSteps.has((0,buildkit_provenance/* chainKey */.BI)([lowest])));
}
/** The analysis as far as it is reported: plain data, without the tree of files. */
function figuresOf(analysis) {
    const { reclaimable, efficiency, biggestFiles, biggestDirectories, packageCaches, duplicates, modes, clients, leaks, leakSearch, omissions } = analysis;
    return {
        reclaimable,
        efficiency,
        biggestFiles,
        biggestDirectories,
        packageCaches,
        modes,
        clients,
        leaks,
        leakSearch,
        omissions,
        ...(duplicates === undefined ? {} : { duplicates })
    };
}
/** A history entry's `created_by` as the instruction it came from: `RUN |1 A=b /bin/sh -c pip install # buildkit`. */
function readableHistory(createdBy) {
    return createdBy
        .replace(/(?<!\s)\s*# buildkit\s*$/, '')
        .replace(/^\/bin\/sh -c #\(nop\)\s+/, '')
        .replace(/^RUN \|\d+ .*?(?=\/bin\/sh -c )/s, 'RUN ')
        .replace(/^RUN \/bin\/sh -c /, 'RUN ')
        .replace(/^\/bin\/sh -c /, 'RUN ')
        .trim();
}


/***/ }),

/***/ 5839:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  answerCall: () => (/* reexport */ answerCall),
  build: () => (/* reexport */ build),
  examine: () => (/* reexport */ examine),
  keepOthers: () => (/* reexport */ keepOthers),
  makeReport: () => (/* reexport */ makeReport),
  nothingToBuild: () => (/* reexport */ nothingToBuild),
  release: () => (/* reexport */ release),
  tidyEngine: () => (/* reexport */ tidyEngine)
});

// EXTERNAL MODULE: ./src/buildkit/builder.ts + 1 modules
var buildkit_builder = __webpack_require__(1259);
// EXTERNAL MODULE: ./src/buildkit/command.ts
var command = __webpack_require__(593);
// EXTERNAL MODULE: ./src/buildkit/preflight.ts
var preflight = __webpack_require__(6043);
;// CONCATENATED MODULE: ./src/phases/call.ts
/** The input `call`: a question to the Dockerfile, as `docker buildx build --call` answers it. Nothing is built. */



/** What is known of a run that only asks, before it has. */
function nothingToBuild({ call }, builder) {
    const reason = `call is ${call}, which builds nothing`;
    return { builder, gate: { verdict: 'skipped', reason, targets: [] }, publish: { published: false, reason } };
}
/** Prints the answer. It is a failure where buildx says that something is wrong, as its exit code does. */
async function answerCall(ports, builder, { inputs, build, supplied }) {
    const { call } = inputs;
    const { target } = build;
    if (call === 'build')
        return {};
    if (!(0,buildkit_builder/* knowsCall */.Vl)(builder)) {
        const problem = `buildx ${builder.buildx.text} cannot answer "${call}"`;
        const fix = 'Use buildx 0.15 or newer, for example by docker/setup-buildx-action.';
        return { failure: { kind: 'input', problems: [{ input: 'call', problem, fix }] } };
    }
    const base = {
        build,
        credentials: supplied.flags,
        ...(builder.flag === undefined ? {} : { builder: builder.flag })
    };
    const options = { env: supplied.env, timeoutSeconds: 300 };
    const { exitCode, stdout, stderr } = await ports.exec((0,command/* planAnswer */.gb)(base, call, target), options);
    for (const line of stdout.trimEnd().split('\n'))
        ports.log.untrusted(line);
    if (exitCode === 0)
        return {};
    const findings = call === 'check' ? await (0,preflight/* lint */.u8)(ports.exec, (0,command/* planCall */.OF)(base, 'check', target)) : [];
    const said = /^ERROR: (.*)$/m.exec(stderr)?.[1] ?? `docker buildx build --call=${call} ended with ${exitCode}`;
    if (findings.length === 0)
        return { lint: findings, failure: { kind: 'dockerfile', message: said } };
    return {
        lint: findings,
        failure: {
            kind: 'dockerfile',
            message: `BuildKit's checks found ${findings.length === 1 ? 'a problem' : `${findings.length} problems`}`,
            fix: 'The log and the annotations name each line. "# check=skip=RULE" on top of the Dockerfile turns a rule off.'
        }
    };
}

// EXTERNAL MODULE: external "node:events"
var external_node_events_ = __webpack_require__(8474);
// EXTERNAL MODULE: ./src/adapters/held_log.ts
var held_log = __webpack_require__(6788);
// EXTERNAL MODULE: ./src/ports.ts
var src_ports = __webpack_require__(6467);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/image/index.ts + 39 modules
var src_image = __webpack_require__(7728);
// EXTERNAL MODULE: ./src/cache/plan.ts
var cache_plan = __webpack_require__(6211);
// EXTERNAL MODULE: ./src/core/csv.ts
var csv = __webpack_require__(7687);
// EXTERNAL MODULE: ./src/buildkit/plain_error.ts
var plain_error = __webpack_require__(8297);
// EXTERNAL MODULE: ./src/buildkit/solve.ts
var buildkit_solve = __webpack_require__(5447);
;// CONCATENATED MODULE: ./src/cache/search.ts
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
 * Searching a layer cache before it leaves the runner: nobody has inspected the layers of stages that are not the image.
 * The builder writes the cache to disk first, without the layers that need no search: where a file with a layer's digest
 * lies already, BuildKit takes the layer for written, and neither sends it nor downloads what it has not unpacked.
 */







/** Writes what is new in the cache of a solve to disk and searches it; `undefined` where nobody looks for anything. */
async function searchCache(ports, { cache, ...solve }, { sensitive, ignoredKeys = [], known, env, folder, timeoutSeconds, hiddenStage }) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        if (sensitive === undefined)
            return undefined;
        const stack = __addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const layout = external_node_path_default().join(folder, 'searched-cache');
        // What stays goes with the run's folder.
        stack.defer(() => (0,promises_.rm)(layout, { recursive: true, force: true }).catch(() => undefined));
        await leaveOut(layout, known);
        const local = { from: cache.from, to: [`type=local,${cache_plan/* cacheForm */.Zd},${(0,csv/* writeField */.YD)(`dest=${layout}`)}`] };
        const result = await (0,buildkit_solve/* runSolve */.tc)(ports, { ...solve, cache: local, outputs: ['type=cacheonly'] }, {
            env: { ...env, BUILDX_METADATA_PROVENANCE: 'max' },
            listener: (0,buildkit_solve/* logProgress */.sc)(ports.log, { again: true }),
            timeoutSeconds,
            ...(hiddenStage === undefined ? {} : { hiddenStage })
        });
        const why = result.ok
            ? await findSecret(layout, await (0,src_image.planNeedles)(sensitive), {
                leftOut: new Set([...known, ...baseLayers([result.metadata.provenance])]),
                ignoredKeys
            })
            : notWritten(result);
        const kept = stack.move();
        return {
            ...(why === undefined ? {} : { why }),
            ...{ layout, progress: result.progress },
            [Symbol.asyncDispose]: () => kept.disposeAsync()
        };
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
/** Why there is nothing to search, as a clause. What ends such a solve is seldom the cache: the step that ran again, say. */
function notWritten({ progress, timedOut }) {
    if (timedOut)
        return 'it could not be searched for secrets in time';
    const { message } = (0,plain_error/* readPlainError */.l)(progress.plain);
    return `it could not be searched for secrets, since it could not be built once more${message === '' ? '' : ` (${message})`}`;
}
/** Digests of all layers of base images: what is in them was public, or somebody's, before this run. */
function baseLayers(provenance) {
    return provenance.flatMap(({ baseImages }) => [...baseImages.keys()].flatMap((chain) => chain.split(' ')));
}
/** Empty files in the place of layers that need not be written. */
async function leaveOut(folder, digests) {
    const blobs = blobsOf(folder);
    await (0,promises_.mkdir)(blobs, { recursive: true });
    const names = [...digests].flatMap((digest) => (/^sha256:[0-9a-f]{64}$/.test(digest) ? [digest.slice(7)] : []));
    await Promise.all(names.map((name) => (0,promises_.writeFile)(external_node_path_default().join(blobs, name), '')));
}
function blobsOf(folder) {
    return external_node_path_default().join(folder, 'blobs', 'sha256');
}
/** Where packages put their files. The keys in them are for tests and examples, and anybody can download them. */
const ofPackages = /(?:^|\/)(?:node_modules|site-packages|dist-packages|pkg\/mod|gems|\.cargo\/registry|\.m2\/repository)\/|^\/usr\/(?:lib|lib64|libexec|share|include)\//;
/** What is found first in the blobs of a local cache, without those left out, as a clause; never a value. */
async function findSecret(folder, needles, { leftOut, ignoredKeys }) {
    const blobs = blobsOf(folder);
    for (const name of await (0,promises_.readdir)(blobs)) {
        if (leftOut.has(`sha256:${name}`))
            continue;
        const file = external_node_path_default().join(blobs, name);
        const { size } = await (0,promises_.stat)(file);
        const hits = await (0,src_image/* searchBlob */.ax)(file, size, needles);
        const secret = hits.find((hit) => hit.kind === 'secret');
        if (secret?.kind === 'secret')
            return `a layer of it holds the secret "${secret.secretId}"`;
        if (hits.length === 0)
            continue;
        const paths = (await (0,src_image/* pathsOfHits */.qG)(file, size, hits)).map((each) => each?.replace(/^(?:\.?\/)?/, '/') ?? '');
        const own = hits.findIndex((hit, index) => {
            const at = paths[index] ?? '';
            return hit.kind === 'private-key' && !ofPackages.test(at) && !(0,src_image/* isIgnored */.pi)(ignoredKeys, hit.fingerprint, at);
        });
        if (own !== -1)
            return ['a layer of it holds a private key', paths[own] ?? ''].filter((part) => part !== '').join(', ');
    }
    return undefined;
}

;// CONCATENATED MODULE: ./src/cache/ahead.ts
/**
 * The search of a layer cache, begun before it is known whether the cache may be written: while the image is tried, the builder
 * has nothing else to do. What it writes lies in the run's private folder, and goes unless somebody takes it.
 */




/** Opens it. */
function openSearchAhead({ exec, log }) {
    const unwanted = new AbortController();
    const held = (0,held_log/* holdLog */.i)(log);
    const ports = { exec: (0,src_ports/* endedBy */.mr)(unwanted.signal, exec), log: held.log };
    /** Whoever ends it does not wait for a registry that has nothing to say. */
    const over = (0,external_node_events_.once)(unwanted.signal, 'abort').then(noop, noop);
    let begun = Promise.resolve(undefined);
    let isTaken = false;
    const search = (planned) => {
        if (planned === undefined || unwanted.signal.aborted)
            return undefined;
        const searched = searchCache(ports, planned.solve, planned.searching);
        searched.catch(noop);
        return { key: keyOf(planned.solve), searched };
    };
    return {
        begin(planning) {
            begun = Promise.race([planning.then(search, noop), over]);
        },
        async take(solve) {
            const found = await begun;
            if (isTaken || found?.key !== keyOf(solve))
                return undefined;
            isTaken = true;
            await held.release();
            return await found.searched;
        },
        async [Symbol.asyncDispose]() {
            unwanted.abort();
            const searched = await (await begun)?.searched.catch(noop);
            if (!isTaken)
                await searched?.[Symbol.asyncDispose]();
        }
    };
}
/** All of a solve that decides what is in its cache. */
function keyOf({ target, dockerfile, cache, build }) {
    return JSON.stringify([target, dockerfile, cache.from, build.shape.platforms]);
}
function noop() {
    // Whoever takes it is told; what cannot be planned is searched where it is written.
}

// EXTERNAL MODULE: ./src/inputs/cache_value.ts
var cache_value = __webpack_require__(7237);
// EXTERNAL MODULE: ./src/builds/identity.ts
var builds_identity = __webpack_require__(1967);
// EXTERNAL MODULE: ./src/buildkit/imports.ts
var buildkit_imports = __webpack_require__(8514);
// EXTERNAL MODULE: ./src/core/source.ts
var core_source = __webpack_require__(2858);
// EXTERNAL MODULE: ./src/gate/gate_stage.ts
var gate_stage = __webpack_require__(3802);
;// CONCATENATED MODULE: ./src/cache/cut.ts
/**
 * The Dockerfile that keeps what a red build has built: the user's text, cut before the step that failed, with one stage
 * appended that copies nothing from all that is complete. BuildKit exports no cache for a build that fails, but it does
 * for this one, in which nothing is left to run.
 */

/**
 * Plans the file; a reason where there is nothing to keep or no way to keep it.
 * @param mark of the build, as in `Appendix` of the gate
 */
function planRetryDockerfile(dockerfile, { complete, failed }, mark) {
    const cut = failed === undefined ? undefined : cutBefore(dockerfile, failed.line);
    const stages = [...complete, ...(cut === undefined || failed === undefined ? [] : [failed.stage])];
    if (stages.length === 0)
        return { ok: false, reason: 'no stage is complete' };
    return (0,gate_stage/* planGateDockerfile */.F)(cut ?? dockerfile, stages, mark);
}
/**
 * Ends a stage before a line: from there on its steps belong to a stage that nobody asks for. All other text stays, so
 * stages further down are still there. `undefined` where a stage is meant by its index, which would be another then, and
 * where no step starts on that line.
 */
function cutBefore(dockerfile, line) {
    const text = dockerfile.toString('latin1');
    if (/\bfrom=\d+(?![\w.:/-])|^[ \t]*FROM[ \t]+\d+(?![\w.:/-])/im.test(text))
        return undefined;
    const lines = text.split('\n');
    const step = lines[line - 1];
    if (step === undefined || !/^[ \t]*(?:RUN|COPY|ADD|WORKDIR)\b/i.test(step))
        return undefined;
    const end = step.endsWith('\r') ? '\r' : '';
    return Buffer.from([...lines.slice(0, line - 1), `FROM scratch${end}`, ...lines.slice(line - 1)].join('\n'), 'latin1');
}

// EXTERNAL MODULE: ./src/failure/of.ts
var of = __webpack_require__(4737);
// EXTERNAL MODULE: ./src/core/json.ts
var core_json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/registry/address.ts
var address = __webpack_require__(7187);
// EXTERNAL MODULE: ./src/registry/manifest.ts
var manifest = __webpack_require__(506);
// EXTERNAL MODULE: ./src/registry/quickly.ts
var quickly = __webpack_require__(191);
// EXTERNAL MODULE: ./src/core/host.ts
var core_host = __webpack_require__(393);
;// CONCATENATED MODULE: ./src/cache/near.ts
/** Registries that the runner may be asked instead of the builder: a process less, and an answer that we can read. */


/**
 * Whether the runner sees the registry of a reference as the builder does. A builder elsewhere has a network of its own,
 * and one in a container has a loopback address of its own.
 */
function seesAsBuilder({ driver }, reference) {
    const host = (0,address/* repositoryAt */.u)(reference)?.host;
    return host !== undefined && (driver === 'docker' || (driver === 'docker-container' && !(0,core_host/* isLoopback */.U9)(host)));
}

;// CONCATENATED MODULE: ./src/cache/layers.ts
/** What a registry holds under a cache reference. */






const LIMIT_SECONDS = 20;
/** Reads the layers of a cache reference; `undefined` where the registry or the text of its answer does not tell. */
async function readCacheLayers(asking, base, reference, near) {
    const repository = (0,address/* repositoryAt */.u)(reference);
    if (repository !== undefined && seesAsBuilder(near, reference)) {
        const name = repository.digest ?? repository.tag;
        const read = await (0,quickly/* quickly */.Z)(asking, near.env, LIMIT_SECONDS, (client) => (0,manifest/* readManifest */.WI)(client, repository, name));
        if (typeof read === 'object' && 'bytes' in read)
            return parseCacheLayers(read.bytes.toString());
    }
    if (asking.signal?.aborted === true)
        return undefined;
    // The builder's client may know the registry better: where it speaks no TLS, or has a certificate of its own.
    const { exitCode, stdout } = await asking.exec((0,command/* planManifest */.jO)(base, reference), { timeoutSeconds: LIMIT_SECONDS });
    return exitCode === 0 ? parseCacheLayers(stdout) : undefined;
}
/** The layers in a cache's manifest. In its older form the layers stand in an index, as if they were images. */
function parseCacheLayers(text) {
    const manifest = (0,core_json/* parseJSON */.Ol)(text);
    const layers = (0,core_json/* dig */.rO)(manifest, 'layers') ?? (0,core_json/* dig */.rO)(manifest, 'manifests');
    if (!Array.isArray(layers))
        return undefined;
    return new Map((0,core_json/* asArray */._j)(layers).flatMap((layer) => {
        const digest = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(layer, 'digest'));
        return digest === undefined ? [] : [[digest, (0,core_json/* asNumber */.i)((0,core_json/* dig */.rO)(layer, 'size')) ?? 0]];
    }));
}

;// CONCATENATED MODULE: ./src/cache/outcome.ts


/** BuildKit's names for the writing of a cache, by its type; before 0.11 a registry's had none of its own. */
const exportNames = [
    [/^exporting cache to registry$/, 'registry'],
    [/^exporting (?:cache )?to GitHub (?:Actions )?Cache$/i, 'gha'],
    [/^exporting cache to client directory$/, 'local'],
    [/^exporting cache to Amazon S3$/, 's3'],
    [/^exporting cache to Azure Blob Storage$/, 'azblob'],
    [/^(?:exporting|preparing layers for) inline cache$/, 'inline'],
    [/^exporting (?:content )?cache(?: to .*)?$/, '']
];
const IMPORTING = 'importing cache manifest from ';
/** The type of cache that a part of the builder's own work writes; empty where its name does not tell. */
function exportedType({ name }) {
    return exportNames.find(([pattern]) => pattern.test(name))?.[1];
}
/**
 * What became of each cache of a solve, in the order of its values.
 * @param internals the builder's own work in the solve, or in several with the same values
 * @param sizes compressed bytes of layers by digest, as far as they are known
 */
function readOutcomes({ from, to }, internals, sizes = new Map()) {
    const read = from.map((value) => ({
        way: 'read',
        ...transferOf((0,cache_value/* cacheReference */.Kh)(value), importsOf(value, internals))
    }));
    const written = to.map((value) => {
        const own = exportsOf(value, to, internals);
        const bytes = (0,cache_value/* cacheType */.NW)(value) === 'registry' ? undefined : bytesOf(own, sizes); // a registry may have had them before
        const transfer = transferOf((0,cache_value/* cacheReference */.Kh)(value), own);
        return {
            way: 'write',
            ...transfer,
            ...(bytes === undefined || transfer.result !== 'ok' ? {} : { bytes })
        };
    });
    return [...read, ...written];
}
/** An import names its reference; one of another type than registry has a number: `local:5607003162800035581`. */
function importsOf(value, internals) {
    const reference = (0,cache_value/* cacheReference */.Kh)(value);
    const exact = internals.filter(({ name }) => name === IMPORTING + reference);
    return exact.length > 0
        ? exact
        : internals.filter(({ name }) => name.startsWith(`${IMPORTING}${(0,cache_value/* cacheType */.NW)(value)}:`) && (0,cache_value/* cacheType */.NW)(value) !== 'registry');
}
/** An export names only its type, but its failure may hold the address. */
function exportsOf(value, all, internals) {
    const type = (0,cache_value/* cacheType */.NW)(value);
    const likely = internals.filter((internal) => [type, ''].includes(exportedType(internal) ?? 'none'));
    const named = likely.filter((internal) => concerns(internal, value));
    if (named.length > 0)
        return named;
    return likely.filter((internal) => !all.some((other) => other !== value && concerns(internal, other)));
}
/**
 * Whether a failure is about the cache of a value: it holds the reference itself, an address in its repository, or the scope
 * of a token for it.
 */
function concerns({ error }, value) {
    const reference = (0,cache_value/* cacheReference */.Kh)(value);
    const repository = (0,cache_value/* isRegistryCache */.or)(value) ? (0,address/* repositoryAt */.u)(reference) : undefined;
    if (error === undefined || repository === undefined)
        return false;
    const { host, path } = repository;
    return ((reference.includes('/') && error.includes(reference)) ||
        error.includes(`//${host}/v2/${path}/`) ||
        error.includes(`scope=${encodeURIComponent(`repository:${path}:`)}`));
}
function transferOf(reference, own) {
    const failed = own.find(({ error }) => error !== undefined);
    if (failed?.error !== undefined) {
        // A blob that is not there is another matter: the cache was there, and is damaged.
        const missing = failed.error.endsWith(`${reference}: not found`);
        return { reference, result: missing ? 'missing' : 'failed', message: failed.error };
    }
    const finished = own.find(({ done }) => done);
    return finished === undefined
        ? { reference, result: 'not-run' }
        : { reference, result: 'ok', seconds: finished.seconds };
}
function bytesOf(own, sizes) {
    const known = own.flatMap(({ layers = [] }) => layers).map((digest) => sizes.get(digest));
    const complete = known.filter((size) => size !== undefined);
    return complete.length < known.length || known.length === 0
        ? undefined
        : complete.reduce((sum, size) => sum + size, 0);
}
/** The one that tells most: what went wrong in any solve, else what the first solve that tried it said. */
const telling = ['failed', 'withheld', 'missing', 'ok', 'unchanged', 'not-run'];
/** One outcome for each reference and way, in the order in which they first appear. */
function mergeOutcomes(outcomes) {
    const rank = ({ result }) => telling.indexOf(result);
    const groups = Map.groupBy(outcomes, ({ way, reference }) => `${way} ${reference}`);
    return [...groups.values()].flatMap((same) => same.toSorted((one, other) => rank(one) - rank(other)).slice(0, 1));
}

// EXTERNAL MODULE: ./src/core/progress.ts
var core_progress = __webpack_require__(4664);
;// CONCATENATED MODULE: ./src/registry/assemble.ts
/**
 * One index over the images of several layouts, as BuildKit writes it for several platforms: images first, then their
 * attestations. https://github.com/opencontainers/image-spec/blob/main/image-index.md
 */

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
/** Whether a descriptor is that of an attestation: https://github.com/moby/buildkit/blob/master/docs/attestations/attestation-storage.md */
function describesAttestation({ annotations, artifactType }) {
    return (annotations?.['vnd.docker.reference.type'] === 'attestation-manifest' ||
        artifactType === 'application/vnd.docker.attestation.manifest.v1+json');
}
/** Writes the index. The same plan gives the same bytes: members in the order that Go's structs have, maps sorted. */
function assembleIndex({ manifests, annotations, mediaType = fitting(manifests) }) {
    const distinct = [...new Map(manifests.map((manifest) => [assemble_keyOf(manifest), manifest])).values()];
    const ordered = [
        ...distinct.filter((manifest) => !describesAttestation(manifest)),
        ...distinct.filter(describesAttestation)
    ];
    const index = {
        schemaVersion: 2,
        mediaType,
        manifests: ordered.map(writeDescriptor),
        ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations: sorted(annotations) })
    };
    const bytes = Buffer.from(escapeAsGo(JSON.stringify(index, undefined, 2)));
    return { mediaType, digest: (0,src_image/* sha256Of */.Bj)(bytes), bytes };
}
/** Two platforms may have the very same manifest. */
function assemble_keyOf({ digest, platform }) {
    return `${digest} ${JSON.stringify(platform)}`;
}
function fitting(manifests) {
    return manifests.length > 0 && manifests.every((manifest) => manifest.mediaType === DOCKER_MANIFEST)
        ? DOCKER_LIST
        : OCI_INDEX;
}
function writeDescriptor({ mediaType, digest, size, annotations, platform, artifactType }) {
    return {
        ...{ mediaType, digest, size },
        ...(annotations === undefined || Object.keys(annotations).length === 0 ? {} : { annotations: sorted(annotations) }),
        ...(platform === undefined ? {} : { platform: writePlatform(platform) }),
        ...(artifactType === undefined ? {} : { artifactType })
    };
}
function writePlatform(platform) {
    const names = ['architecture', 'os', 'os.version', 'os.features', 'variant'];
    return Object.fromEntries(names.flatMap((name) => (platform[name] === undefined ? [] : [[name, platform[name]]])));
}
/** In the order of bytes, as Go sorts the keys of a map. */
function sorted(annotations) {
    const entries = Object.entries(annotations);
    return Object.fromEntries(entries.sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
}
/** Go's encoder keeps text from being taken for HTML or for the end of a line of JavaScript. */
function escapeAsGo(json) {
    return json.replace(/[<>&\u2028\u2029]/g, (character) => {
        return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
    });
}

;// CONCATENATED MODULE: ./src/registry/content.ts
/** What has to be in a registry for an image to be there: read from OCI layouts on the disk, each document verified. */




const MOST_DOCUMENTS = 1000;
const DEEPEST = 8;
const CONFIG_BYTES = 32 * 2 ** 20;
/** What BuildKit and containerd write into a layout's `index.json` for their own use. */
const ownAnnotations = /^(?:org\.opencontainers\.image\.(?:ref\.name|created)$|io\.containerd\.|containerd\.io\/|config\.digest$)/;
/**
 * Reads one image from the layouts of its platforms. The index or manifest of a single layout is pushed as it is; several
 * layouts get an index over all their images and attestations.
 *
 * @param annotations of the index that is made for several layouts, beside those of the indexes in them
 * Throws `ImageError`.
 */
async function readContent(layouts, annotations = {}) {
    const { blobs, ...rest } = await read(layouts, annotations, findThere);
    return { ...rest, blobs: blobs.filter((blob) => blob.file !== undefined) };
}
/**
 * Reads one image, or what has the form of one, from a layout in which blobs are missing or have another size: such ones
 * are taken from elsewhere, or have no file. Throws `ImageError`.
 */
function readPartialContent(layout, elsewhere) {
    return read([layout], {}, async (files, { digest, size }) => {
        const file = await files.find((0,src_image/* blobName */.PF)(digest));
        return file?.size === size ? file : elsewhere.get(digest);
    });
}
async function read(layouts, annotations, locate) {
    const reading = { documents: new Map(), blobs: new Map(), platforms: new Map(), locate };
    const roots = [];
    for (const layout of layouts) {
        const files = (0,src_image/* folderFiles */.kf)(layout);
        const found = await readRoots(files, layout);
        for (const root of found)
            await descend(reading, files, root, 0);
        roots.push(...found);
    }
    const distinct = [...new Map(roots.map((root) => [(0,core_json/* asString */.oJ)(root.digest), root])).values()];
    const [only] = distinct;
    if (only === undefined)
        throw new src_image/* ImageError */.C8('not-an-image', `${layouts.join(', ')}: there is no image in it`);
    const root = distinct.length === 1 ? documentOf(reading, (0,core_json/* asString */.oJ)(only.digest) ?? '') : assemble(reading, distinct, annotations);
    if (root === undefined)
        throw new src_image/* ImageError */.C8('not-an-image', `${layouts.join(', ')}: the image is not in it`);
    const others = [...reading.documents.values()].filter(({ digest, abandoned }) => digest !== root.digest && !(abandoned ?? false));
    const inOrder = ['manifest', 'attestation', 'index'].flatMap((part) => others.filter((document) => document.part === part));
    return {
        root,
        ...(distinct.length === 1 ? { described: describedIn(only) } : {}),
        documents: [...inOrder, root],
        blobs: [...reading.blobs.values()]
    };
}
/** Without names, which each that writes a layout gives itself. */
function describedIn(descriptor) {
    const platform = (0,core_json/* asObject */.eB)(descriptor.platform);
    const annotations = (0,core_json/* without */.FF)((0,core_json/* asObject */.eB)(descriptor.annotations) ?? {}, 'io.containerd.image.name', 'org.opencontainers.image.ref.name');
    return {
        ...(platform === undefined ? {} : { platform }),
        ...(Object.keys(annotations).length === 0 ? {} : { annotations })
    };
}
async function readRoots(files, layout) {
    const index = await files.find('index.json');
    if (index === undefined)
        throw new src_image/* ImageError */.C8('not-an-image', `${layout} is not an OCI layout: it has no index.json`);
    const json = (0,core_json/* parseJSON */.Ol)((await (0,src_image/* readRange */.qX)(index, manifest/* MANIFEST_BYTES */.ms, 'index.json')).toString());
    return (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'manifests')).flatMap((entry) => [(0,core_json/* asObject */.eB)(entry)].filter((object) => object !== undefined));
}
/** Reads a document and what it needs, inner ones first. */
async function descend(reading, files, raw, depth) {
    const digest = (0,core_json/* asString */.oJ)(raw.digest) ?? '';
    if (!(0,src_image/* isDigest */.Bc)(digest))
        throw new src_image/* ImageError */.C8('corrupt-document', 'index.json has an entry without a digest');
    if (reading.documents.has(digest))
        return;
    if (reading.documents.size >= MOST_DOCUMENTS || depth > DEEPEST) {
        throw new src_image/* ImageError */.C8('limit', `more than ${MOST_DOCUMENTS} manifests, or more than ${DEEPEST} indexes in each other`);
    }
    const what = `manifest ${digest}`;
    const known = { mediaType: (0,core_json/* asString */.oJ)(raw.mediaType) ?? '', digest, size: (0,core_json/* asNumber */.i)(raw.size) ?? -1 };
    const descriptor = {
        ...known,
        annotations: annotationsOf(raw),
        platform: undefined,
        artifactType: (0,core_json/* asString */.oJ)(raw.artifactType),
        urls: []
    };
    const bytes = await (0,src_image/* readBlob */.gm)(files, descriptor, manifest/* MANIFEST_BYTES */.ms, what);
    const json = (0,src_image/* parseJSONObject */.z1)(bytes, what);
    const document = (0,src_image/* readDocument */.u0)(json, what);
    const mediaType = (0,core_json/* asString */.oJ)(json.mediaType) ?? known.mediaType;
    if (document.kind === 'index') {
        for (const child of (0,core_json/* asArray */._j)(json.manifests))
            await descend(reading, files, (0,core_json/* asObject */.eB)(child) ?? {}, depth + 1);
        const children = document.manifests.map((child) => reading.documents.get(child.digest)?.attests);
        reading.documents.set(digest, { part: 'index', mediaType, digest, bytes, ...attestsOf(children) });
        return;
    }
    const parts = [{ ...document.config, layer: false }, ...document.layers.map((layer) => ({ ...layer, layer: true }))];
    for (const part of parts)
        await addBlob(reading, files, part, what);
    const isArtifact = document.subject !== undefined || document.artifactType !== undefined;
    if ((0,src_image/* isAttestation */.H3)(descriptor, document) || document.subject !== undefined) {
        const attests = isArtifact ? 'artifact' : 'annotated';
        reading.documents.set(digest, { part: 'attestation', mediaType, digest, bytes, attests });
        return;
    }
    reading.documents.set(digest, { part: 'manifest', mediaType, digest, bytes });
    if (depth > 0 || raw.platform !== undefined)
        return;
    const config = await (0,src_image/* readBlob */.gm)(files, document.config, CONFIG_BYTES, `config ${document.config.digest}`);
    const platform = platformOf((0,core_json/* parseJSON */.Ol)(config.toString()));
    if (platform !== undefined)
        reading.platforms.set(digest, platform);
}
function attestsOf(forms) {
    const attests = forms.includes('artifact') ? 'artifact' : forms.find((form) => form !== undefined);
    return attests === undefined ? {} : { attests };
}
async function addBlob({ blobs, locate }, files, descriptor, what) {
    const { digest, size, layer } = descriptor;
    if (blobs.has(digest))
        return;
    const file = await locate(files, descriptor, what);
    if (file !== 'nowhere')
        blobs.set(digest, { digest, size, layer, ...(file === undefined ? {} : { file }) });
}
async function findThere(files, { digest, size, urls, mediaType }, what) {
    const file = await files.find((0,src_image/* blobName */.PF)(digest));
    // Layers that may not be distributed stay where their URLs say.
    if (file === undefined && (urls.length > 0 || /foreign|nondistributable/.test(mediaType)))
        return 'nowhere';
    if (file === undefined)
        throw new src_image/* ImageError */.C8('missing-blob', `${digest} of ${what} is not in the layout`);
    if (file.size !== size) {
        throw new src_image/* ImageError */.C8('wrong-size', `${digest} of ${what} has ${file.size} bytes, its descriptor says ${size}`);
    }
    return file;
}
function documentOf({ documents }, digest) {
    return (0,src_image/* isDigest */.Bc)(digest) ? documents.get(digest) : undefined;
}
/** The index over all images; those that held them per platform are not pushed. */
function assemble(reading, roots, annotations) {
    const around = {};
    const entries = roots.flatMap((root) => {
        const document = documentOf(reading, (0,core_json/* asString */.oJ)(root.digest) ?? '');
        if (document?.part !== 'index')
            return [rootDescriptor(reading, root)];
        const json = (0,src_image/* parseJSONObject */.z1)(document.bytes, 'index');
        Object.assign(around, annotationsOf(json));
        reading.documents.set(document.digest, { ...document, abandoned: true });
        return (0,core_json/* asArray */._j)(json.manifests).map((entry) => describe((0,core_json/* asObject */.eB)(entry) ?? {}));
    });
    const index = assembleIndex({ manifests: entries, annotations: { ...around, ...annotations } });
    const children = entries.map(({ digest }) => reading.documents.get(digest)?.attests);
    return { ...index, part: 'index', ...attestsOf(children) };
}
/** A manifest that stands alone in its layout has no platform beside it, and annotations that are for the layout. */
function rootDescriptor(reading, root) {
    const described = describe(root);
    const annotations = Object.fromEntries(Object.entries(described.annotations ?? {}).filter(([name]) => !ownAnnotations.test(name)));
    const platform = described.platform ?? reading.platforms.get(described.digest);
    return { ...described, annotations, ...(platform === undefined ? {} : { platform }) };
}
function describe(raw) {
    const digest = (0,core_json/* asString */.oJ)(raw.digest) ?? '';
    if (!(0,src_image/* isDigest */.Bc)(digest))
        throw new src_image/* ImageError */.C8('corrupt-document', 'an index has an entry without a digest');
    const artifactType = (0,core_json/* asString */.oJ)(raw.artifactType);
    const platform = platformOf(raw.platform);
    const annotations = annotationsOf(raw);
    return {
        ...{ mediaType: (0,core_json/* asString */.oJ)(raw.mediaType) ?? '', digest, size: (0,core_json/* asNumber */.i)(raw.size) ?? 0 },
        ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
        ...(platform === undefined ? {} : { platform }),
        ...(artifactType === undefined ? {} : { artifactType })
    };
}
function annotationsOf(raw) {
    const entries = Object.entries((0,core_json/* asObject */.eB)(raw.annotations) ?? {});
    return Object.fromEntries(entries.filter((entry) => typeof entry[1] === 'string'));
}
/** The same members in a descriptor and in an image's config. */
function platformOf(raw) {
    const [os, architecture] = [(0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(raw, 'os')), (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(raw, 'architecture'))];
    if (os === undefined || architecture === undefined)
        return undefined;
    const [variant, version] = [(0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(raw, 'variant')), (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(raw, 'os.version'))];
    const features = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(raw, 'os.features')).filter((feature) => typeof feature === 'string');
    return {
        ...{ os, architecture },
        ...(variant === undefined ? {} : { variant }),
        ...(version === undefined ? {} : { 'os.version': version }),
        ...(features.length === 0 ? {} : { 'os.features': features })
    };
}

// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./src/registry/client.ts + 5 modules
var registry_client = __webpack_require__(1936);
// EXTERNAL MODULE: ./src/registry/parallel.ts
var parallel = __webpack_require__(8676);
// EXTERNAL MODULE: ./src/registry/explain.ts
var explain = __webpack_require__(1400);
;// CONCATENATED MODULE: ./src/registry/problem.ts
/** What went wrong with a registry, as a value: what was seen, and what to do about it. Never holds a secret. */
/** Thrown where there is no answer to give back. */
class RegistryError extends Error {
    name = 'RegistryError';
    problem;
    constructor(problem, options) {
        super(`${problem.reference}: ${problem.message}`, options);
        this.problem = problem;
    }
}

// EXTERNAL MODULE: ./src/registry/transport.ts
var transport = __webpack_require__(670);
;// CONCATENATED MODULE: ./src/registry/told.ts



/** What came out, or the problem that stands against it, thrown. */
async function told(client, repository, doing, run) {
    try {
        const outcome = await run();
        if (typeof outcome === 'string')
            return outcome;
        const login = client.loginFor({ repository, actions: 'pull,push' });
        throw new RegistryError((0,explain/* explainAnswer */.iJ)(outcome, { ...doing, ...(login === undefined ? {} : { login }) }));
    }
    catch (error) {
        if (!(error instanceof transport/* NoAnswer */.W_))
            throw error;
        throw new RegistryError((0,explain/* explainNoAnswer */.n3)(error, doing), { cause: error });
    }
}
/** The repository as a whole, for `Doing`. */
function placeOf({ name, host }) {
    return { reference: name, host };
}

;// CONCATENATED MODULE: ./src/registry/upload.ts

/** Bytes of a piece, unless the registry wants larger ones. */
const PIECE_BYTES = 32 * 2 ** 20;
/** Other repositories that are asked for a blob. */
const MOST_MOUNTS = 2;
/** The way, or the answer that stands against it after some attempts. Rejects with `NoAnswer` and `Cancelled`. */
async function ensureBlob(task) {
    const { client, repository, blob, signal } = task;
    return client.retrying(`${blob.digest.slice(0, 19)} to ${repository.name}`, () => attempt(task), {
        failed: (outcome) => (typeof outcome === 'string' ? undefined : outcome),
        signal
    });
}
/** All of it anew: an upload that was cut off cannot be trusted, and the blob may have arrived all the same. */
async function attempt(task) {
    const { blob, inPieces, repository } = task;
    const head = await ask(task, { method: 'HEAD', at: `blobs/${blob.digest}` });
    if (head.status === 200)
        return 'present';
    if (isBusy(head))
        return head;
    const begun = await mountOrBegin(task);
    if (begun === 'mounted')
        return begun;
    if (begun === undefined)
        return head;
    if (begun.status !== 202)
        return begun;
    const least = Number(begun.headers['oci-chunk-min-length'] ?? 0);
    if (inPieces.has(repository.host))
        return sendInPieces(task, begun, least);
    const sent = await sendWhole(task, begun);
    if (sent === 'uploaded' || ![404, 405, 411, 413, 501].includes(sent.status))
        return sent;
    // Behind a proxy with a limit, or a registry that knows no upload in one request.
    const again = await begin(task);
    if (again.status !== 202)
        return again;
    const pieces = await sendInPieces(task, again, least);
    if (pieces === 'uploaded')
        inPieces.add(repository.host);
    return pieces === 'uploaded' || sent.status === 404 ? pieces : sent;
}
/** Some registries answer a HEAD with 403, 404 or 405 whatever they have; the upload tells then. */
function isBusy({ status }) {
    return status === 401 || status === 408 || status === 429 || status >= 500;
}
/** `undefined`: it was not taken over, and there is nothing to upload. */
async function mountOrBegin(task) {
    const { blob, repository, mountFrom } = task;
    const sources = mountFrom.filter((path) => path !== repository.path).slice(0, MOST_MOUNTS);
    for (const source of sources) {
        const at = `blobs/uploads/?${new URLSearchParams({ mount: blob.digest, from: source }).toString()}`;
        const answer = await ask(task, { method: 'POST', at, mountFrom: source });
        if (answer.status === 201)
            return 'mounted';
        if (answer.status === 202 && source === sources.at(-1) && blob.file !== undefined)
            return answer;
        if (answer.status === 202)
            await giveUp(task, answer);
        // Whatever else it says of the other repository is no reason not to upload.
    }
    return blob.file === undefined ? undefined : begin(task);
}
function begin(task) {
    return ask(task, { method: 'POST', at: 'blobs/uploads/' });
}
/** An upload that nobody goes on with; the registry would end it by itself after days. */
async function giveUp(task, begun) {
    const upload = (0,registry_client/* resolveLocation */.K)(begun.headers.location ?? '', begun.url);
    if (upload?.origin === begun.url.origin)
        await ask(task, { method: 'DELETE', at: upload });
}
async function sendWhole(task, begun) {
    const { file } = task.blob;
    const at = withDigest(begun, task.blob);
    if (at === undefined || file === undefined)
        return begun;
    const { path, offset, size } = file;
    const onSent = task.onSent === undefined ? {} : { onSent: task.onSent };
    const answer = await ask(task, { method: 'PUT', at, ...onSent, ...sending({ kind: 'file', path, offset, size }) });
    return isDone(answer) ? 'uploaded' : answer;
}
async function sendInPieces(task, begun, least) {
    const { file } = task.blob;
    if (file === undefined)
        return begun;
    const { path, offset, size } = file;
    const piece = Math.max(PIECE_BYTES, Number.isSafeInteger(least) ? least : 0);
    let last = begun;
    for (let from = 0; from < size; from += piece) {
        const at = (0,registry_client/* resolveLocation */.K)(last.headers.location ?? '', last.url);
        if (at === undefined)
            return last;
        const length = Math.min(piece, size - from);
        const body = { kind: 'file', path, offset: offset + from, size: length };
        const range = { 'Content-Range': `${from}-${from + length - 1}` };
        last = await ask(task, { method: 'PATCH', at, ...sending(body, range) });
        if (last.status !== 202 && last.status !== 204)
            return last;
    }
    const at = withDigest(last, task.blob);
    if (at === undefined)
        return last;
    const answer = await ask(task, { method: 'PUT', at, slow: true });
    return isDone(answer) ? 'uploaded' : answer;
}
function sending(body, headers = {}) {
    return { body, slow: true, headers: { 'Content-Type': 'application/octet-stream', ...headers } };
}
/** Where the blob ends: the address that the registry gave, with all that it says already. */
function withDigest(begun, { digest }) {
    const at = (0,registry_client/* resolveLocation */.K)(begun.headers.location ?? '', begun.url);
    // The rest of the query stays as it is, to the byte: it may be signed.
    if (at !== undefined)
        at.search = `${at.search === '' ? '' : `${at.search}&`}digest=${encodeURIComponent(digest)}`;
    return at;
}
function isDone({ status }) {
    return status === 201 || status === 204;
}
function ask({ client, repository, signal }, question) {
    return client.ask(repository, { ...question, actions: 'pull,push', signal });
}

;// CONCATENATED MODULE: ./src/registry/held.ts
/** What of an image is in a registry already: nothing of it is asked for or sent again. */





/**
 * Asks for each manifest by its digest: what a registry has it keeps with all that it names, so that nothing more need be
 * asked. Not so of an index: clean-up by age removes what stands in it, since that has no tag of its own.
 */
async function findHeld(client, places, signal) {
    const held = new Map();
    await (0,parallel/* inParallel */.H)(places, signal, async ({ repository, content: { root, documents } }, stop) => {
        const digests = held.get(repository.name) ?? new Set();
        held.set(repository.name, digests);
        const ask = async (document) => {
            if (!(await hasManifest(client, repository, document, stop)))
                return;
            for (const digest of [document.digest, ...held_blobsOf(document)])
                digests.add(digest);
        };
        // The root alone: a login that is wanted is asked for once.
        await ask(root);
        await (0,parallel/* inParallel */.H)(documents.filter(({ digest }) => digest !== root.digest), stop, ask);
    });
    return held;
}
async function hasManifest(client, repository, { digest, part }, signal) {
    const answer = await told(client, repository, { ...placeOf(repository), part }, async () => {
        const head = await client.askAgain(repository, {
            ...{ method: 'HEAD', at: `manifests/${digest}`, actions: 'pull,push', headers: { Accept: manifest/* manifestTypes */.Fm }, signal }
        });
        if (head.status === 200)
            return head.headers['docker-content-digest'] === digest ? 'present' : 'absent';
        return isBusy(head) ? head : 'absent';
    });
    return answer === 'present';
}
/** Digests of the config and the layers that a manifest names; none for an index. */
function held_blobsOf({ bytes }) {
    const json = (0,core_json/* parseJSON */.Ol)(bytes.toString());
    return [(0,core_json/* dig */.rO)(json, 'config'), ...(0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'layers'))].flatMap((blob) => (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(blob, 'digest')) ?? []);
}

;// CONCATENATED MODULE: ./src/registry/push.ts
var push_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
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
var push_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
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
 * Pushing images as they lie in OCI layouts (content.ts): what a registry has is left out, blobs come first, then manifests by
 * digest, and tags last, when everything else is in every registry. https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */










/** Seconds for the question which tags have the image, after a failure or a cancel. */
const QUESTION_SECONDS = 10;
/** Never rejects: whatever happens is told, with what is in the registries then. */
async function pushImages(ports, options) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const retries = [];
        const onRetry = (retry) => {
            retries.push(retry);
            options.onRetry?.(retry);
        };
        const ways = {
            present: { blobs: 0, bytes: 0 },
            mounted: { blobs: 0, bytes: 0 },
            uploaded: { blobs: 0, bytes: 0 }
        };
        const states = new Map();
        const begun = new Set();
        let works = [];
        const client = push_addDisposableResource(env_1, (0,registry_client/* createRegistryClient */.H)(ports, { ...options, onRetry }), false);
        let problem;
        try {
            works = options.images.filter(({ references }) => references.length > 0).map(planWork);
            const held = await findHeld(client, placesOf(works), ports.signal);
            await pushBlobs(client, works, { held, ways }, ports.signal);
            await pushDocuments(client, works, { held, begun }, ports.signal);
            await pushTags(client, works, { states, begun }, ports.signal);
        }
        catch (error) {
            problem = problemOf(error, options.images);
            const asked = works.flatMap(({ content, targets }) => targets.map((target) => ({ content, target })));
            await findStates(client, asked.filter(({ target }) => states.get(target) !== 'pushed'), states);
            if (problem.kind === 'cancelled') {
                await findLate(client, asked.filter(({ target }) => begun.has(target)), states);
            }
        }
        const references = works.flatMap(({ content, targets }) => targets.map((target) => {
            const state = states.get(target) ?? 'unknown';
            const isUntouched = state === 'unknown' && !begun.has(target);
            return {
                reference: target.reference,
                digest: content.root.digest,
                state: isUntouched ? 'untouched' : state
            };
        }));
        return { ok: problem === undefined, references, ...ways, retries, ...(problem === undefined ? {} : { problem }) };
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        push_disposeResources(env_1);
    }
}
function planWork({ content, references, byDigest = false, mountFrom }) {
    const targets = references.map((reference) => {
        const repository = (0,address/* repositoryAt */.u)(reference);
        if (repository === undefined) {
            const fix = 'Write it as "registry/name:tag".';
            throw new RegistryError({ kind: 'refused', reference, message: 'it is not an image reference', fix });
        }
        return { reference, repository, ...(byDigest ? {} : { tag: repository.tag }) };
    });
    const sources = (mountFrom ?? []).flatMap((reference) => (0,address/* repositoryAt */.u)(reference) ?? []);
    return { content, targets, sources };
}
/** Each repository of each image once. */
function placesOf(works) {
    return works.flatMap(({ content, targets }) => {
        const repositories = new Map(targets.map(({ repository }) => [repository.name, repository]));
        return [...repositories.values()].map((repository) => ({ repository, content }));
    });
}
/** Each blob goes to each repository once; a second repository of a registry takes it over from the first. */
async function pushBlobs(client, works, { held, ways }, signal) {
    const count = (way, { size }) => {
        const { blobs, bytes } = ways[way];
        ways[way] = { blobs: blobs + 1, bytes: bytes + size };
    };
    const jobs = new Map();
    for (const { content, targets, sources } of works) {
        for (const { repository } of targets) {
            for (const blob of content.blobs) {
                const key = `${repository.host} ${blob.digest}`;
                const job = jobs.get(key) ?? { blob, repositories: new Map(), sources: new Set() };
                job.repositories.set(repository.path, repository);
                // A config is the image's own.
                if (blob.layer)
                    for (const { host, path } of sources)
                        if (host === repository.host)
                            job.sources.add(path);
                jobs.set(key, job);
            }
        }
    }
    const inPieces = new Set();
    // The largest first, so that none is left over at the end.
    const inOrder = [...jobs.values()].sort((a, b) => b.blob.size - a.blob.size);
    await (0,parallel/* inParallel */.H)(inOrder, signal, async ({ blob, repositories, sources }, stop, sent) => {
        const isHeld = ({ name }) => held.get(name)?.has(blob.digest) === true;
        const done = [...repositories.values()].filter(isHeld).map(({ path }) => path);
        done.forEach(() => count('present', blob));
        for (const repository of repositories.values()) {
            if (isHeld(repository))
                continue;
            const doing = { ...placeOf(repository), part: 'blob' };
            const mountFrom = [...done, ...sources];
            // The others are taken over from the first.
            const onSent = repositories.size > 1 ? {} : { onSent: sent };
            const task = { client, repository, blob, mountFrom, inPieces, signal: stop, ...onSent };
            const way = await told(client, repository, doing, () => ensureBlob(task));
            count(way, blob);
            done.push(repository.path);
        }
    });
}
/**
 * Images before what speaks of them, since some registries look: https://github.com/moby/buildkit/issues/7007. Those of a
 * kind go together, but for indexes: one may hold another.
 */
async function pushDocuments(client, works, { held, begun }, signal) {
    // Where there is no tag, it is the digest that is published.
    const put = (repository, document, stop) => {
        for (const { content, targets } of works) {
            if (content.root.digest !== document.digest || stop.aborted)
                continue;
            for (const target of targets) {
                if (target.tag === undefined && target.repository.name === repository.name)
                    begun.add(target);
            }
        }
        return putDocument(client, repository, document, document.digest, stop);
    };
    const jobs = placesOf(works).map(({ repository, content }) => ({
        repository,
        documents: content.documents.filter(({ digest }) => held.get(repository.name)?.has(digest) !== true)
    }));
    for (const part of ['manifest', 'attestation']) {
        const puts = jobs.flatMap(({ repository, documents }) => documents.filter((document) => document.part === part).map((document) => ({ repository, document })));
        await (0,parallel/* inParallel */.H)(puts, signal, ({ repository, document }, stop) => put(repository, document, stop));
    }
    await (0,parallel/* inParallel */.H)(jobs, signal, async ({ repository, documents }, stop) => {
        const indexes = documents.filter((document) => document.part === 'index');
        for (const index of indexes)
            await put(repository, index, stop);
    });
}
async function putDocument(client, repository, document, reference, signal) {
    const isTag = reference !== document.digest;
    const doing = {
        reference: isTag ? `${repository.name}:${reference}` : repository.name,
        host: repository.host,
        part: isTag ? 'tag' : document.part,
        ...(document.attests === undefined ? {} : { attests: document.attests })
    };
    await told(client, repository, doing, async () => {
        const answer = await client.askAgain(repository, {
            method: 'PUT',
            at: `manifests/${reference}`,
            actions: 'pull,push',
            headers: { 'Content-Type': document.mediaType, Accept: manifest/* manifestTypes */.Fm },
            body: { kind: 'bytes', bytes: document.bytes },
            signal
        });
        if (!TAKEN.includes(answer.status))
            return answer;
        await expectTaken(client, { repository, document, reference, named: answer.headers['docker-content-digest'] }, doing, signal);
        return 'pushed';
    });
}
/** As containerd reads them; 202 is what some answer that take it a moment later. */
const TAKEN = [200, 201, 202, 204];
/**
 * Makes sure that the registry has what it says that it took: by the digest in its answer or, where it names none, by asking. What
 * answers in its place, a portal or a proxy, may say yes to everything.
 */
async function expectTaken(client, { repository, document, reference, named }, { reference: shown, host }, signal) {
    const found = typeof named === 'string'
        ? { digest: named }
        : await (0,manifest/* findDigest */.u$)(client, repository, reference, { actions: 'pull,push', signal });
    const digest = 'answer' in found ? undefined : found.digest;
    if (digest === document.digest)
        return;
    const what = digest === undefined ? 'does not have it' : `has ${digest} instead of ${document.digest}`;
    throw new RegistryError({
        kind: 'refused',
        reference: shown,
        message: `${host} answered as if it had taken it, and ${what}`,
        fix: 'See what stands between the runner and the registry: a proxy or a portal may answer in its place.'
    });
}
/** One after the other: when one is refused, those after it are as they were. */
async function pushTags(client, works, { states, begun }, signal) {
    for (const { content, targets } of works) {
        for (const target of targets) {
            const { repository, tag } = target;
            if (!signal.aborted)
                begun.add(target);
            try {
                if (tag !== undefined)
                    await putDocument(client, repository, content.root, tag, signal);
            }
            catch (error) {
                // A tag that may not be moved does not have to be where it stands for this image already.
                if (!(error instanceof RegistryError) || error.problem.status === undefined)
                    throw error;
                await findStates(client, [{ content, target }], states);
                if (states.get(target) !== 'there')
                    throw error;
                continue;
            }
            states.set(target, 'pushed');
        }
    }
}
/** Asks which references have the image. Never throws, and does not listen to a cancel: it has a time of its own. */
async function findStates(client, asked, states) {
    const signal = AbortSignal.timeout(QUESTION_SECONDS * 1000);
    const ask = async ({ content, target }) => {
        const { repository, tag = content.root.digest } = target;
        const found = await (0,manifest/* findDigest */.u$)(client, repository, tag, { actions: 'pull,push', signal });
        if ('answer' in found)
            return 'unknown';
        return found.digest === content.root.digest ? 'there' : 'without';
    };
    await Promise.all(asked.map(async (each) => {
        states.set(each.target, await ask(each).catch(() => 'unknown'));
    }));
}
/** What was on its way when the run was cancelled may arrive yet: it is looked for some more times, and then unknown. */
async function findLate(client, begun, states) {
    const missing = () => begun.filter(({ target }) => states.get(target) === 'without');
    for (let look = 0; look < LATE_LOOKS && missing().length > 0; look += 1) {
        await (0,external_node_timers_promises_.setTimeout)(LATE_MILLISECONDS);
        await findStates(client, missing(), states);
    }
    for (const { target } of missing())
        states.set(target, 'unknown');
}
/** Two seconds: a job that is cancelled has little more than seven. */
const LATE_LOOKS = 4;
const LATE_MILLISECONDS = 500;
function problemOf(error, images) {
    if (error instanceof RegistryError)
        return error.problem;
    const reference = images.flatMap(({ references }) => references)[0] ?? '';
    if (error instanceof src_ports/* Cancelled */.cJ) {
        return { kind: 'cancelled', reference, message: 'the run was cancelled', fix: 'Run the job again.' };
    }
    const message = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', reference, message, fix: 'Run the job again.' };
}

;// CONCATENATED MODULE: ./src/cache/carry.ts
/**
 * Pushing a searched cache: the very files that were searched go to the registry, so that nothing else can, and BuildKit
 * need not write it a second time. What lies in a layer that needed no search comes from the image beside it, or is in the
 * registry already; where it is neither, BuildKit has to do it.
 */







/**
 * Pushes the cache in a layout to all its references. Throws `Cancelled`.
 * @param to values of `--cache-to`
 * @returns its layers; 'late' where the time is up, `undefined` where not all of it could be pushed, or not everywhere
 */
async function carryCache(ports, layout, { to, limitSeconds, ...carrying }) {
    const references = to.map(cache_value/* cacheReference */.Kh);
    if (!to.every(cache_plan/* isPlannedExport */.z4) || !references.every((each) => seesAsBuilder(carrying, each)))
        return undefined;
    const cache = await readCache(layout, carrying.layers);
    if (cache === undefined)
        return undefined;
    const signal = AbortSignal.any([ports.signal, AbortSignal.timeout(limitSeconds * 1000)]);
    const { env, mountFrom } = carrying;
    // BuildKit tries it again, should it fail.
    const { ok, problem } = await pushImages({ exec: ports.exec, signal }, { env, attempts: 2, images: [{ content: cache.content, references, mountFrom }] });
    if (ports.signal.aborted)
        throw new src_ports/* Cancelled */.cJ();
    if (!ok && signal.aborted)
        return 'late';
    if (problem !== undefined)
        ports.log.debug(`The layer cache was not pushed from here: ${problem.message}`);
    return ok ? cache.layers : undefined;
}
/** The cache in a layout as it is pushed; `undefined` for one in BuildKit's older form, an index of layers. */
async function readCache(layout, others) {
    try {
        const elsewhere = new Map(others.map(({ digest, file }) => [digest, file]));
        const content = await readPartialContent(layout, elsewhere);
        if (content.root.part !== 'manifest')
            return undefined;
        const layers = content.blobs.filter(({ layer }) => layer);
        // What had to be searched lies in the layout itself and is new: no other repository is asked for it.
        const blobs = content.blobs.map((blob) => ({
            ...blob,
            layer: blob.layer && blob.file === elsewhere.get(blob.digest)
        }));
        return {
            content: { ...content, blobs },
            layers: new Map(layers.map(({ digest, size }) => [digest, size]))
        };
    }
    catch (error) {
        if (error instanceof src_image/* ImageError */.C8)
            return undefined;
        throw error;
    }
}

// EXTERNAL MODULE: ./src/core/step.ts
var core_step = __webpack_require__(1757);
;// CONCATENATED MODULE: ./src/cache/write.ts
var write_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
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
var write_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
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
 * Writing the layer cache. It comes after the verdict, in calls of its own beside the publish, so that the whole cache is
 * of builds that have passed (see retry.ts for the others), and a registry that refuses it cannot spoil a push.
 */













const nothingWritten = { outcomes: [], notes: [], imports: core_progress/* noImports */.QN };
/** Several writings as one; what is true of each is said once. */
function mergeWritings(all) {
    return {
        outcomes: all.flatMap(({ outcomes }) => outcomes),
        notes: [...new Set(all.flatMap(({ notes }) => notes))],
        imports: all.reduce((sum, { imports }) => (0,core_progress/* addImports */.q3)(sum, imports), core_progress/* noImports */.QN)
    };
}
const SEARCH_LIMIT_SECONDS = 600;
/** As long as BuildKit gives its own GitHub cache: https://docs.docker.com/build/cache/backends/gha/#timeout */
const EXPORT_LIMIT_SECONDS = 600;
/** Builds everything once more, which is all there already, and exports it. Never fails a run; throws `Cancelled`. */
async function writeCache(ports, options) {
    const { plan, cache, testCaches, built } = options;
    const written = [];
    const exports = planExports(plan, cache, testCaches);
    for (const [index, planned] of exports.entries()) {
        const imports = mergeWritings([{ ...nothingWritten, imports: built.imports }, ...written]).imports;
        const { solve, holders } = settleExport(planned, { ...options, index, imports });
        if (solve === undefined) {
            const outcomes = [...holders].map(([reference, heldBy]) => ({
                ...{ reference, way: 'write', result: 'unchanged', heldBy }
            }));
            written.push({ ...nothingWritten, outcomes });
            continue;
        }
        const { limitSeconds = SEARCH_LIMIT_SECONDS + EXPORT_LIMIT_SECONDS } = options;
        const whose = exports.length > 1 ? ` of ${(0,core_step/* stageInWords */.D6)(planned.target)}` : '';
        const withheldNote = (why) => `The layer cache${whose} was not written: ${why}.`;
        const searching = { ...options, ...hiddenIn(plan), limitSeconds, withheldNote };
        written.push(await settleWriting(solve.cache, () => writeSearched(ports, solve, searching)));
    }
    return mergeWritings(written);
}
/**
 * What came of writing to the references of a plan. Whatever ends it, a full disk as well, is a failure of theirs, and none
 * of the run. Throws `Cancelled`.
 */
async function settleWriting(cache, write) {
    try {
        return await write();
    }
    catch (error) {
        const failure = (0,of/* failureOf */.g)(error);
        if (failure.kind === 'cancelled')
            throw error;
        const message = 'message' in failure ? failure.message : `it was not written (${failure.kind})`;
        return { ...nothingWritten, outcomes: cache.to.map((value) => outcomeOf(value, 'failed', message)) };
    }
}
/** What writing a cache will search, where that is one solve; `undefined` where it is several, or none. */
function planOnlySearch(options) {
    const { plan, cache, testCaches, built } = options;
    const [only, ...others] = planExports(plan, cache, testCaches);
    if (only === undefined || others.length > 0)
        return undefined;
    const { solve } = settleExport(only, { ...options, index: 0, imports: built.imports });
    if (solve === undefined)
        return undefined;
    return { solve, searching: planSearch({ ...options, ...hiddenIn(plan), timeoutSeconds: SEARCH_LIMIT_SECONDS }) };
}
/** An export as a solve, and the references that need none of it; no solve where that is all of them. */
function settleExport(planned, { index, imports, ...options }) {
    const { base, folder } = options;
    const holders = imports.broken === undefined ? findHolders(planned.cache, options) : new Map();
    if (holders.size === planned.cache.to.length)
        return { holders };
    const metadataFile = external_node_path_default().join(folder, `cache-${index}.json`);
    return { solve: { ...base, ...planned, cache: (0,buildkit_imports/* usableCache */.fP)(planned.cache, imports), metadataFile }, holders };
}
function hiddenIn({ file }) {
    return file === undefined ? {} : { hiddenStage: file.stage };
}
/**
 * Searches what a solve would write for what must not leave the runner, and writes it: the very files that were searched
 * where they can be pushed from here, else in a solve of its own.
 */
async function writeSearched(ports, solve, { ahead, carrying, limitSeconds, withheldNote, ...options }) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { env, hiddenStage, imported } = options;
        const start = performance.now();
        const searching = planSearch({ ...options, timeoutSeconds: Math.min(limitSeconds, SEARCH_LIMIT_SECONDS) });
        const searched = write_addDisposableResource(env_1, (await ahead?.take(solve)) ?? (await searchCache(ports, solve, searching)), true);
        const secondsLeft = () => {
            const spent = (performance.now() - start) / 1000;
            return Math.min(EXPORT_LIMIT_SECONDS, Math.max(1, Math.round(limitSeconds - spent)));
        };
        if (searched?.why !== undefined) {
            const { why } = searched;
            const outcomes = solve.cache.to.map((value) => outcomeOf(value, 'withheld', why));
            return { ...nothingWritten, outcomes, notes: [withheldNote(why)] };
        }
        if (searched !== undefined) {
            const { layout, progress } = searched;
            const left = secondsLeft();
            const began = performance.now();
            const layers = await carryCache(ports, layout, { ...carrying, to: solve.cache.to, limitSeconds: left });
            if (layers === 'late')
                return notInTime(solve.cache, left);
            if (layers !== undefined) {
                const seconds = (performance.now() - began) / 1000;
                const bytes = freshBytes(layers, imported);
                const reads = readOutcomes({ ...solve.cache, to: [] }, progress.internals);
                const writes = solve.cache.to.map((value) => ({
                    ...{ reference: (0,cache_value/* cacheReference */.Kh)(value), way: 'write', result: 'ok', seconds, bytes }
                }));
                return { outcomes: [...reads, ...writes], notes: [], imports: (0,core_progress/* addImports */.q3)(core_progress/* noImports */.QN, progress) };
            }
        }
        return await exportCache(ports, solve, {
            ...{ env, imported, near: carrying, limitSeconds: secondsLeft() },
            ...(hiddenStage === undefined ? {} : { hiddenStage })
        });
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = write_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
function planSearch({ built, imported, searched, ...options }) {
    return { ...options, known: knownLayers({ built, imported, ...(searched === undefined ? {} : { searched }) }) };
}
/** Layers that need no search before they are written: of base images, of the inspected image, of references that were read. */
function knownLayers({ built, imported, searched = [] }) {
    const read = [...imported.values()].flatMap((layers) => [...layers.keys()]);
    return new Set([...baseLayers(built.provenance), ...searched, ...read]);
}
/** One export and what came of it, within its time. */
async function exportCache(ports, solve, options) {
    const { env, hiddenStage, imported, near, limitSeconds } = options;
    const result = await (0,buildkit_solve/* runSolve */.tc)(ports, { ...solve, outputs: ['type=cacheonly'] }, {
        env: { ...env, BUILDX_METADATA_PROVENANCE: 'max' }, // it tells how large the layers are
        listener: (0,buildkit_solve/* logProgress */.sc)(ports.log, { again: true }),
        timeoutSeconds: limitSeconds,
        ...(hiddenStage === undefined ? {} : { hiddenStage })
    });
    const { internals, plain } = result.progress;
    const imports = (0,core_progress/* addImports */.q3)(core_progress/* noImports */.QN, result.progress);
    if (result.ok) {
        const outcomes = readOutcomes(solve.cache, internals, result.metadata.provenance.layerSizes);
        const told = outcomes.map((outcome, index) => tellLeftOut(outcome, solve.cache.to[index - solve.cache.from.length]));
        return { outcomes: await measureUploads(ports, solve, told, { imported, near }), notes: [], imports };
    }
    if (result.timedOut)
        return { ...notInTime(solve.cache, limitSeconds), imports };
    // What ends a solve before it begins, such as a value that BuildKit does not take, is no export's own failure.
    const { message } = (0,plain_error/* readPlainError */.l)(plain);
    const outcomes = readOutcomes(solve.cache, internals).map((outcome) => outcome.way === 'write' && outcome.result !== 'failed'
        ? { ...outcome, result: 'failed', message }
        : outcome);
    return { outcomes, notes: [], imports };
}
function notInTime({ to }, limitSeconds) {
    const message = `it was not written within ${limitSeconds} s, and the export was stopped`;
    return { ...nothingWritten, outcomes: to.map((value) => outcomeOf(value, 'failed', message)) };
}
function outcomeOf(value, result, message) {
    return { reference: (0,cache_value/* cacheReference */.Kh)(value), way: 'write', result, message };
}
/** Without the variables of GitHub's cache service buildx leaves its cache out, and says nothing. */
function tellLeftOut(outcome, value = '') {
    if (outcome.way === 'read' || outcome.result !== 'not-run' || (0,cache_value/* cacheType */.NW)(value) !== 'gha')
        return outcome;
    return outcomeOf(value, 'failed', 'buildx left it out, since there is no cache service here (ACTIONS_RUNTIME_TOKEN and ACTIONS_RESULTS_URL are not set)');
}
/**
 * What is in the references that a run has read, before it overwrites one of them. Nothing where it writes none.
 * @param outcomes what became of the reading
 */
async function readImported(asking, base, { from, to }, { outcomes, near }) {
    if ((0,cache_plan/* forExport */.G7)({ from, to }).to.length === 0)
        return new Map();
    const imported = from
        .filter(cache_value/* isRegistryCache */.or)
        .map(cache_value/* cacheReference */.Kh)
        .filter((reference) => outcomes.some((each) => each.way === 'read' && each.result === 'ok' && each.reference === reference));
    const layers = await Promise.all(imported.map((reference) => readCacheLayers(asking, base, reference, near)));
    return new Map(imported.flatMap((reference, index) => {
        const found = layers[index];
        return found === undefined ? [] : [[reference, found]];
    }));
}
/**
 * References that need not be written, each with the one that holds all of the build: itself, or one that every later run
 * reads as well. A reference that the user names is written unless it is whole itself: who reads it is not known.
 */
function findHolders({ from, to }, { base, built, imported }) {
    const whole = from.map(cache_value/* cacheReference */.Kh).filter((reference) => holdsEverything(imported.get(reference), built));
    const isPlanned = base.build.cache.image !== '';
    return new Map(to.map(cache_value/* cacheReference */.Kh).flatMap((reference) => {
        const holder = whole.includes(reference) ? reference : isPlanned ? whole[0] : undefined;
        return holder === undefined ? [] : [[reference, holder]];
    }));
}
/**
 * Whether a reference holds all of a build: nothing ran, and each step's layers are in it. A step that is cached need not
 * be: the builder may know it from an earlier build of the same machine.
 */
function holdsEverything(reference, { steps, provenance }) {
    const work = steps.filter(core_step/* isWork */.cD);
    if (reference === undefined || work.length === 0)
        return false;
    return work.every((step) => {
        if (step.state !== 'cached')
            return false;
        const layers = provenance.map(({ stepLayers }) => stepLayers.get(step.vertex)).find((found) => found !== undefined);
        return layers !== undefined && layers.length > 0 && layers.every((digest) => reference.has(digest));
    });
}
/** The outcomes with the bytes of the layers that the references read and written did not have before. */
async function measureUploads(ports, { cache, ...base }, outcomes, { imported, near }) {
    const written = new Set(cache.to.filter(cache_value/* isRegistryCache */.or).map(cache_value/* cacheReference */.Kh));
    return Promise.all(outcomes.map(async (outcome) => {
        if (outcome.way === 'read' || outcome.result !== 'ok' || !written.has(outcome.reference))
            return outcome;
        const layers = await readCacheLayers(ports, base, outcome.reference, near);
        return layers === undefined ? outcome : { ...outcome, bytes: freshBytes(layers, imported) };
    }));
}
/** Bytes of the layers that the references which were read did not have. */
function freshBytes(layers, imported) {
    const before = new Set([...imported.values()].flatMap((each) => [...each.keys()]));
    return [...layers].filter(([digest]) => !before.has(digest)).reduce((sum, [, size]) => sum + size, 0);
}
/** One solve where one stage stands for all; else each test under a reference of its own, since a reference holds one solve. */
function planExports(plan, cache, testCaches) {
    const { file, testTargets, target } = plan;
    const all = file !== undefined
        ? [{ target: file.stage, cache, dockerfile: file.path }]
        : [
            ...testTargets.flatMap((stage, index) => {
                const own = testCaches[index];
                return own === undefined ? [] : [{ target: stage, cache: own }];
            }),
            ...(target === undefined ? [] : [{ target, cache }])
        ];
    return all.map((solve) => ({ ...solve, cache: (0,cache_plan/* forExport */.G7)(solve.cache) })).filter((solve) => solve.cache.to.length > 0);
}

// EXTERNAL MODULE: ./src/gate/gate_file.ts
var gate_file = __webpack_require__(6629);
;// CONCATENATED MODULE: ./src/cache/retry.ts
/**
 * After a red build: what has been built goes into the layer cache, under a reference of its own, so that a retry on
 * another builder starts at the step that failed. Nothing of the image has been inspected by then, so the layers are
 * searched for what must not leave the runner; one that holds it keeps all of them back.
 */










/** Search and export together. A red run has its answer: whoever waits for it does not wait long for a cache. */
const RETRY_LIMIT_SECONDS = 300;
/** Exports what a red build had built; `undefined` where there is nothing to keep, or no place for it. Never fails a run; throws `Cancelled`. */
async function writeForRetry(ports, options) {
    const { base, built, cache, dockerfile: text, failure, folder, plan } = options;
    const retry = (0,cache_plan/* forRetry */.Mq)((0,buildkit_imports/* usableCache */.fP)(cache, built.imports));
    const { source } = base.build;
    // Where nothing has come to an end now, what is in the registry already is worth more than less of the same.
    const isNew = built.steps.some((step) => step.state === 'ran' && (0,core_step/* isWork */.cD)(step));
    if (retry === undefined || !isNew || text === undefined)
        return undefined;
    if (failure.kind !== 'test' && failure.kind !== 'build')
        return undefined;
    const file = (0,core_source/* dockerfilePath */.Se)(source);
    const progressed = readProgressed({ ...options, failure }, text.toString('latin1'), plan.onlyStage);
    const planned = planRetryDockerfile(text, progressed, (0,builds_identity/* buildMark */.gc)(base.build));
    if (!planned.ok)
        return undefined;
    const writing = await settleWriting(retry, async () => {
        const dockerfile = await (0,gate_file/* placeDockerfile */.U)(planned.text, file, external_node_path_default().join(folder, 'retry'));
        const solve = { ...base, dockerfile, target: planned.stage, metadataFile: external_node_path_default().join(folder, 'retry.json') };
        return writeSearched(ports, { ...solve, cache: retry }, {
            ...options,
            ...{ hiddenStage: planned.stage, limitSeconds: RETRY_LIMIT_SECONDS },
            withheldNote: (why) => `What the failed run had built was not written to the layer cache: ${why}.`
        });
    });
    const isWritten = writing.outcomes.some(({ way, result }) => way === 'write' && result === 'ok');
    return isWritten
        ? { ...writing, notes: [...writing.notes, 'What had been built is in the layer cache: the next run starts there.'] }
        : writing;
}
/**
 * How far a red build got. Stages that the text does not name are left out: the cut gives those after it another index,
 * and BuildKit shows a base image under a name of its own.
 */
function readProgressed({ base, built, failure, platform }, text, onlyStage) {
    const stages = Map.groupBy(built.steps, ({ stage }) => stage ?? '');
    const complete = [...stages].flatMap(([stage, own]) => (0,preflight/* namesStage */.HO)(text, stage) && own.every(({ state }) => state === 'ran' || state === 'cached') ? [stage] : []);
    // Of another platform the steps above the one that failed may not have run: keeping them would run them now.
    if (base.build.shape.platforms.length > 1)
        return { complete };
    if (platform !== undefined && failure.step?.platform !== undefined && failure.step.platform !== platform)
        return { complete };
    const stage = failure.step?.stage?.replace(/^stage-(?=\d+$)/, '') ?? onlyStage;
    if (stage === undefined || failure.line === undefined)
        return { complete };
    return { complete, failed: { stage, line: failure.line } };
}

// EXTERNAL MODULE: ./src/cache/settle.ts + 2 modules
var settle = __webpack_require__(2958);
;// CONCATENATED MODULE: ./src/cache/keep.ts





/**
 * Returns what tells what is in the references that were read. It looks when it is first asked, and once. Never fails.
 * @param known what became of the reading, and where the run stands
 */
function lookAtImported(asking, base, { cache }, known) {
    let looking;
    return () => (looking ??= readImported(asking, base, cache, known).catch(() => new Map()));
}
/** Writes the layer cache of a run that has passed. Never fails a run; throws `Cancelled`. */
async function keepCache(ports, { settled, ...options }) {
    const { parts, outcomes } = await withoutRefused(settled);
    const imported = await options.imported();
    const written = [{ ...nothingWritten, outcomes }];
    for (const part of parts) {
        written.push(await writeCache(ports, { ...options, ...part, ...ofPart(options, part), imported }));
    }
    return mergeWritings(written);
}
/** Begins what writing the layer cache takes before anything of it leaves the runner, where that is one search. */
function prepareCache({ settled, ahead, ...options }) {
    const plan = async () => {
        const { parts } = await withoutRefused(settled);
        const [part] = parts;
        if (part === undefined || parts.length > 1 || options.sensitive === undefined)
            return undefined;
        const imported = await options.imported();
        return planOnlySearch({ ...options, ...part, ...ofPart(options, part), imported });
    };
    ahead.begin(plan());
}
/** Keeps what a run has built whose image may not leave, as it is too big or another one is red: the next try need not build it all again. Throws `Cancelled`. */
async function keepUnpublished(ports, { settled, ...options }) {
    const parts = settled.parts.flatMap((part) => {
        const cache = (0,cache_plan/* forRetry */.Mq)(part.cache);
        const testCaches = part.testCaches.map(({ from }) => ({ from, to: [] }));
        return cache === undefined ? [] : [{ ...part, cache, testCaches }];
    });
    return keepCache(ports, { ...options, settled: { ...settled, parts }, limitSeconds: RETRY_LIMIT_SECONDS });
}
/** Keeps what a red build has built for the next run. Throws `Cancelled`. */
async function keepForRetry(ports, { settled, failure, ...options }) {
    const { parts, outcomes } = await withoutRefused(settled);
    const imported = await options.imported();
    const written = [{ ...nothingWritten, outcomes }];
    for (const part of parts) {
        const own = ofPart(options, part);
        const retrying = { ...options, ...own, failure, imported, cache: part.cache };
        const platform = part.platform === undefined ? {} : { platform: part.platform };
        const writing = await writeForRetry(ports, { ...retrying, ...platform });
        if (writing !== undefined)
            written.push(writing);
    }
    return mergeWritings(written);
}
/** The build as the node of a part has it. */
function ofPart({ base, built }, { platform }) {
    if (platform === undefined)
        return { base, built };
    const steps = built.steps.filter((step) => step.platform === undefined || step.platform === platform);
    return {
        base: { ...base, build: { ...base.build, shape: { ...base.build.shape, platforms: [platform] } } },
        built: { ...built, steps }
    };
}
/** The parts without what may not be written, and what becomes of that: an export that failed. */
async function withoutRefused({ parts, refused }) {
    const words = new Map([...(await refused)].map(([reference, why]) => [withoutTag(reference), why]));
    const whyNot = (value) => words.get(withoutTag((0,cache_value/* cacheReference */.Kh)(value)));
    const any = () => true;
    const isAllowed = (value) => whyNot(value) === undefined;
    return {
        parts: parts.map(({ cache, testCaches, ...part }) => ({
            ...part,
            cache: (0,settle/* keepIf */.TW)(cache, any, isAllowed),
            testCaches: testCaches.map((each) => (0,settle/* keepIf */.TW)(each, any, isAllowed))
        })),
        outcomes: parts.flatMap(({ cache }) => cache.to.flatMap((value) => {
            const message = whyNot(value);
            return message === undefined
                ? []
                : [{ reference: (0,cache_value/* cacheReference */.Kh)(value), way: 'write', result: 'failed', seconds: 0, message }];
        }))
    };
}
function withoutTag(reference) {
    return reference.replace(/:[^/:]+$/, '');
}

// EXTERNAL MODULE: ./src/inspect/inspect.ts + 2 modules
var inspect = __webpack_require__(8718);
;// CONCATENATED MODULE: ./src/phases/keep.ts
/** The layer cache of a run, written once it has an end: all of a green one, what was built of a red one. */





/** What writing the layer cache takes, in whichever phase it is written. */
function planKeeping(ports, { workflow, dockerfile, prepared, supplied, built, env, folder }) {
    const { plan, cache } = prepared;
    const { steps, provenance, cache: read } = built.learned;
    const { inputs, credentials } = workflow;
    const near = { env, driver: prepared.builder.driver };
    const outcomes = [...cache.outcomes, ...(read?.outcomes ?? [])];
    return {
        ...{ base: plan.base, plan: plan.gate, settled: cache, dockerfile, env: supplied.env, folder },
        ahead: openSearchAhead(ports),
        imported: lookAtImported(ports, plan.base, cache, { outcomes, near }),
        built: { steps, provenance, imports: built.run.progress },
        carrying: { ...near, layers: [], mountFrom: [] },
        ...(inputs.budget.leakCheck === 'fail' ? { sensitive: credentials.sensitive, ignoredKeys: inputs.leakIgnore } : {})
    };
}
/** Keeps what a red build has built for the next run. The failure stays what it was. */
async function keepRed(ports, options, failure) {
    return { ...(await besideRed(ports, keepForRetry(ports, { ...options, failure }))), failure };
}
/** Keeps an image of a red run that was built whole, and may not leave. */
async function keepWhole(ports, { keeping, inspected }) {
    const searched = (0,inspect/* layersOf */.w)(inspected?.inspection.analyses ?? []);
    return besideRed(ports, keepUnpublished(ports, { ...keeping, searched }));
}
/** A run is red for what it is red for, also where it is cancelled meanwhile. */
async function besideRed({ log }, writing) {
    try {
        return learnedOfCache(await writing);
    }
    catch (error) {
        log.debug(`The layer cache of a red run was not written: ${String(error)}`);
        return {};
    }
}
/** These are said of one image; whatever else ends a run may be wrong with the builder, too. */
const OF_ONE_IMAGE = new Set([
    ...['test', 'build', 'dockerfile', 'credential', 'untested'],
    ...['leak', 'budget', 'smoke', 'verify', 'irreproducible']
]);
/**
 * Keeps what the other images of a red run have built: the next try need not build them again.
 * @throws what the run is red for, when that is done
 */
async function keepOthers(ports, others, red) {
    const kept = OF_ONE_IMAGE.has((0,of/* failureOf */.g)(red).kind) ? others.filter(mayKeep) : [];
    if (kept.length > 0) {
        await ports.log.group('Keep what the other images have built', async () => {
            const begin = performance.now();
            for (const each of kept) {
                if (performance.now() - begin > RETRY_LIMIT_SECONDS * 1000)
                    break;
                await each.phase('keep layers', async () => each.know(await keepWhole(ports, each)));
            }
        });
    }
    throw red;
}
/** What leaves has been searched: an image that was not looked into leaves it to the search of its cache, which has to be made. */
function mayKeep({ keeping, inspected }) {
    const isClean = inspected === undefined
        ? keeping.sensitive !== undefined
        : inspected.inspection.analyses.every(({ leaks }) => leaks.length === 0);
    return isClean && keeping.settled.parts.some(({ cache }) => cache.retry !== undefined);
}
/** What came of writing the cache, as a part of the findings. */
function learnedOfCache({ outcomes, imports, notes }) {
    return { cache: { outcomes, imports }, notes };
}

// EXTERNAL MODULE: ./src/failure/stop.ts
var stop = __webpack_require__(8740);
// EXTERNAL MODULE: ./src/dockerfile/index.ts + 9 modules
var src_dockerfile = __webpack_require__(5212);
;// CONCATENATED MODULE: ./src/gate/judge.ts


/**
 * BuildKit names a step that a test shares with the image for one of their stages, by chance: then it is the test's own where its
 * instruction stands in the test's stage, too.
 */
function openOwnSteps({ onlyStage, ownRuns }, builtFor) {
    return (step, stage, targets) => (0,core_step/* sameStage */.tB)(step.stage ?? onlyStage, stage) ||
        (ownRuns?.get(stage)?.has((0,core_step/* shownRun */.Ff)(step.instruction)) === true &&
            builtFor.get(step.vertex)?.some((name) => targets.includes(name)) === true);
}
/** How a test target went, from the steps of its own stage. */
function judgeTarget(stage, own, ok) {
    const seconds = own.reduce((sum, step) => sum + step.seconds, 0);
    const has = (state) => own.some((step) => step.state === state);
    if (has('failed'))
        return { stage, result: 'failed', seconds };
    if (!ok && (own.length === 0 || has('cancelled') || has('waiting')))
        return { stage, result: 'cancelled', seconds };
    // Of one that waits to the end of a build that went well the result was there already, and nobody has told how.
    const isThere = ({ state }) => state === 'cached' || state === 'waiting';
    return { stage, result: own.every(isThere) ? 'cached' : 'ran', seconds };
}
/**
 * The verdict over all of them.
 * @param leftOut stages, empty for the last one
 */
function judgeGate(targets, failure, { leftOut, untested }) {
    if (failure?.kind === 'test')
        return { verdict: 'failed', targets };
    const skipped = (reason) => ({ verdict: 'skipped', reason, targets });
    if (untested.length > 0)
        return skipped(`${untested.map(core_step/* stageInWords */.D6).join(', ')} ran no command`);
    if (targets.some(({ result }) => result === 'skipped')) {
        return skipped(`${leftOut.map(core_step/* stageInWords */.D6).join(', ')} could not be built without credentials`);
    }
    if (failure === undefined || targets.every(({ result }) => result === 'ran' || result === 'cached')) {
        return { verdict: 'passed', targets };
    }
    return skipped('the build ended before the tests did');
}
/**
 * Test targets that ran no command: neither their own stage has one, nor a stage that they need and the image does not. A
 * build does not run CMD or ENTRYPOINT.
 * @param lineOf the line of a step in the Dockerfile, as a target of the call has it: a step that two share can stand in two places
 */
function findUntested(tests, images, { steps, builtFor }, { isOwn, lineOf }) {
    return tests
        .filter(({ stage, name }) => {
        const own = steps.filter((step) => {
            if (isOwn(step, stage, [name]))
                return true;
            const targets = builtFor.get(step.vertex) ?? [];
            if (!targets.includes(name))
                return false;
            const line = lineOf(name, step.vertex);
            return images
                .filter((image) => targets.includes(image))
                .every((image) => line !== undefined && (lineOf(image, step.vertex) ?? line) !== line);
        });
        return !own.some(({ instruction }) => isCommand(instruction));
    })
        .map(({ stage }) => stage);
}
/** Whether a step has a command. BuildKit names one with a heredoc by its first line: `RUN <<EOF (pytest...)`. */
function isCommand(instruction) {
    if (!/^(?:ONBUILD\s+)?RUN\s/i.test(instruction))
        return false;
    const [shown = '', only] = instruction.replace(/^ONBUILD\s+/i, '').split(/(?<=<<\S+) \((.*)\)$/s);
    if (only !== undefined)
        return only.endsWith('...') || (0,src_dockerfile/* hasCommand */.mU)({ rest: only, heredocs: [] });
    const [run] = (0,src_dockerfile/* parseDockerfile */.Ai)(shown).instructions;
    return run !== undefined && (0,src_dockerfile/* hasCommand */.mU)({ rest: run.rest, heredocs: [] });
}
/**
 * The failure that it is when tests could not be built for want of a credential: a check that is green then would say that
 * they passed. `undefined` where they were built, where there is no gate, or where the workflow accepts it.
 */
function judgeUntested({ verdict, targets }, untested) {
    if (untested === 'pass' || verdict !== 'skipped')
        return undefined;
    const stages = targets.flatMap(({ stage, result }) => (result === 'skipped' ? [stage] : []));
    return stages.length === 0 ? undefined : { kind: 'untested', stages };
}

// EXTERNAL MODULE: ./src/registry/sizes.ts
var registry_sizes = __webpack_require__(3049);
;// CONCATENATED MODULE: ./src/baseline/releases.ts
/**
 * The sizes of an image's last releases, as its registry has them: its version tags, a manifest each. They are remembered
 * with the baseline, so that each is asked for once, since Docker Hub counts it as a pull, and a pull request shows them
 * without asking anybody.
 */




/** Releases of a platform that are asked for, kept and shown. */
const MOST_RELEASES = 6;
/** The image is pushed meanwhile, and does not wait for long. */
const SECONDS = 2;
const MOST_PLATFORMS = 4;
/** Asks the registry for what is not known yet; what is known where it does not answer. Never throws. */
async function readReleases(exec, env, { references, platforms, known }) {
    const named = references.flatMap((reference) => (0,address/* repositoryAt */.u)(reference) ?? []);
    const [repository] = named;
    if (repository === undefined)
        return undefined;
    const before = known?.repository === repository.name ? known.series : [];
    const own = named.filter(({ name }) => name === repository.name).map(({ tag }) => tag);
    const asked = platforms.slice(0, MOST_PLATFORMS);
    const read = await (0,quickly/* quickly */.Z)({ exec }, env, SECONDS, async (client) => {
        const tags = await (0,registry_sizes/* listTags */.c)(client, repository);
        if (tags === undefined)
            return undefined;
        const isKnown = (tag) => before.some(({ releases }) => releases.some((one) => one.tag === tag));
        const wanted = lastReleases(tags, own);
        const sizes = await Promise.all(wanted.map(async (tag) => ({
            tag,
            sizes: isKnown(tag) ? [] : await (0,registry_sizes/* readTransferSizes */.U)(client, repository, tag, asked)
        })));
        return asked.map((platform) => ({
            platform,
            releases: sizes.flatMap(({ tag, sizes }) => {
                const remembered = before.find((one) => one.platform === platform)?.releases.find((one) => one.tag === tag);
                if (remembered !== undefined)
                    return [remembered];
                const bytes = sizes.find((one) => one.platform === platform)?.bytes;
                return bytes === undefined ? [] : [{ tag, transferSize: bytes }];
            })
        }));
    });
    const series = typeof read === 'object' ? read : before;
    const some = series.filter(({ releases }) => releases.length > 0);
    return some.length === 0 ? undefined : { repository: repository.name, series: some };
}
/** A version, and what stands behind it: `1.8.0`, `v1.8.0-alpine`. */
const version = /^v?(\d{1,9})\.(\d{1,9})\.(\d{1,9})(-[a-z].*)?$/;
/** What stands behind a version that is no release yet. */
const preview = /^-(?:alpha|beta|canary|dev|edge|nightly|next|pre|preview|rc|snapshot)\b/;
/**
 * The last version tags of a list, lowest version first, without those of this run. Where all of a run's tags end alike,
 * and releases do, too, as `1.8.0-alpine` does, these are meant.
 */
function lastReleases(tags, own) {
    const releases = [...new Set(tags)].flatMap((tag) => {
        const [, major, minor, patch, behind = ''] = version.exec(tag) ?? [];
        if (major === undefined || preview.test(behind))
            return [];
        return [{ tag, behind, numbers: [major, minor, patch].map(Number) }];
    });
    const endings = new Set(releases.map(({ behind }) => behind).filter((behind) => behind !== ''));
    const [ending = ''] = [...endings]
        .filter((behind) => own.length > 0 && own.every((tag) => tag.endsWith(behind)))
        .sort((one, other) => other.length - one.length);
    // One release often has two names, `1.8.0` and `v1.8.0`.
    const named = new Map(releases.filter(({ behind }) => behind === ending).map((one) => [one.numbers.join('.'), one]));
    for (const tag of own)
        named.delete(tag.replace(/^v/, '').slice(0, ending === '' ? undefined : -ending.length));
    return [...named.values()]
        .sort((one, other) => compareNumbers(one.numbers, other.numbers))
        .slice(-MOST_RELEASES)
        .map(({ tag }) => tag);
}
function compareNumbers(one, other) {
    const at = one.findIndex((number, index) => number !== other[index]);
    return (one[at] ?? 0) - (other[at] ?? 0);
}
/** Reads what was stored; what is no release is left out, and `undefined` stands for nothing left. */
function readStoredReleases(value) {
    const repository = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(value, 'repository'));
    const series = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(value, 'series'))
        .slice(0, MOST_PLATFORMS)
        .flatMap((entry) => {
        const platform = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(entry, 'platform'));
        const releases = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(entry, 'releases')).flatMap((release) => {
            const [tag, transferSize] = [(0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(release, 'tag')), (0,core_json/* asSize */.ED)((0,core_json/* dig */.rO)(release, 'transferSize'))];
            return tag === undefined || !version.test(tag) || transferSize === undefined ? [] : [{ tag, transferSize }];
        });
        return platform === undefined || releases.length === 0
            ? []
            : [{ platform, releases: releases.slice(-MOST_RELEASES) }];
    });
    return repository === undefined || series.length === 0 ? undefined : { repository, series };
}

;// CONCATENATED MODULE: ./src/baseline/trend.ts
/** How the size of a branch's image went: the last points, carried from baseline to baseline. No service, and no permission. Pure. */


/** Points of a platform that are kept, and shown with this build. */
const MOST_POINTS = 20;
const trend_MOST_PLATFORMS = 64;
/** What was stored, with the images of this build at its end. Platforms that are no longer built are left out. */
function extendTrend(earlier, images, { sha, at }) {
    return images.slice(0, trend_MOST_PLATFORMS).map(({ platform, size, transferSize }) => {
        const before = earlier.find((series) => series.platform === platform)?.points ?? [];
        const point = { sha, at, size, ...(transferSize === undefined ? {} : { transferSize }) };
        // A run that was started again is no other build, unless it weighs something else.
        const last = before.at(-1);
        const isAgain = last?.sha === sha && last.size === size;
        return { platform, points: [...(isAgain ? before.slice(0, -1) : before), point].slice(-MOST_POINTS) };
    });
}
function writeTrend(trend) {
    return JSON.stringify(trend);
}
/** Reads back what `writeTrend` wrote; what is no series, no point and no release is left out. */
function parseTrend(text) {
    const stored = (0,core_json/* parseJSON */.Ol)(text);
    const series = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(stored, 'series'))
        .slice(0, trend_MOST_PLATFORMS)
        .flatMap((entry) => {
        const platform = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(entry, 'platform'));
        const points = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(entry, 'points')).flatMap((point) => readPoint(point) ?? []);
        return platform === undefined || points.length === 0 ? [] : [{ platform, points: points.slice(-MOST_POINTS) }];
    });
    const releases = readStoredReleases((0,core_json/* dig */.rO)(stored, 'releases'));
    return { series, ...(releases === undefined ? {} : { releases }) };
}
function readPoint(value) {
    const [sha, at] = [(0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(value, 'sha')), (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(value, 'at'))];
    const [size, transferSize] = [(0,core_json/* asSize */.ED)((0,core_json/* dig */.rO)(value, 'size')), (0,core_json/* asSize */.ED)((0,core_json/* dig */.rO)(value, 'transferSize'))];
    if (sha === undefined || !/^[0-9a-f]{40,64}$/.test(sha) || size === undefined)
        return undefined;
    if (at === undefined || !/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(at))
        return undefined;
    return { sha, at, size, ...(transferSize === undefined ? {} : { transferSize }) };
}

// EXTERNAL MODULE: ./src/compare/index.ts + 9 modules
var compare = __webpack_require__(6646);
;// CONCATENATED MODULE: ./src/baseline/comparison.ts



/** Fetches the baseline; `undefined` where nothing is to be compared. Never throws. */
async function fetchBaseline(ports, options) {
    const { compareTo, redact, reading } = options;
    switch (compareTo.kind) {
        case 'none':
            return undefined;
        case 'auto':
            return restore(ports, options);
        case 'image': {
            const { readBaselineImage } = await __webpack_require__.e(/* import() | baseline */ 838).then(__webpack_require__.bind(__webpack_require__, 8283));
            const { reference } = compareTo;
            const baseline = await readBaselineImage(ports, { ...reading, reference, redact });
            return { baseline, notes: baseline.notes };
        }
    }
}
async function restore({ exec }, options) {
    const { build, occasion } = options;
    const { base } = occasion.place;
    const none = (reason) => ({ baseline: { kind: 'none', reason }, notes: [] });
    if (base === undefined)
        return none('this event has no base to compare with');
    if (!occasion.hasCacheService)
        return none('this runner offers no Actions cache');
    const { restoreBaseline } = await __webpack_require__.e(/* import() | baseline */ 838).then(__webpack_require__.bind(__webpack_require__, 5364));
    const { mergedBase } = await __webpack_require__.e(/* import() | baseline */ 838).then(__webpack_require__.bind(__webpack_require__, 2199));
    const clone = { exec, workspace: occasion.workspace };
    const { pullRequest, defaultBranch } = occasion;
    // The merge commit that is checked out knows the true base; the event's may be older.
    const merged = pullRequest === undefined ? undefined : await mergedBase(clone, pullRequest.headSha);
    const sha = merged ?? base.sha;
    return restoreBaseline({ cache: options.cache, clone }, {
        name: build.name,
        target: seriesTarget(build),
        branch: base.branch,
        subject: (0,builds_identity/* subjectOf */.et)(build.source),
        identity: (0,builds_identity/* identityOf */.cu)(build, occasion),
        ...(sha === undefined ? {} : { base: sha }),
        ...(defaultBranch === undefined ? {} : { fallbackBranch: defaultBranch })
    });
}
/** Snapshots of the images, for the comparison and to be kept. */
function takeSnapshots(analyses, images, redact) {
    return analyses.flatMap((analysis, index) => {
        const image = images[index];
        return image === undefined ? [] : [(0,compare/* takeSnapshot */.W9)(analysis, image, { redact })];
    });
}
/** Holds the images against the baseline. A baseline that cannot be read is none, and says why. */
function compareWith(fetched, snapshots) {
    const { baseline } = fetched;
    if (baseline.kind === 'none')
        return { kind: 'none', reason: baseline.reason };
    if (baseline.kind === 'image') {
        const { reference, digest } = baseline;
        const image = { kind: 'image', reference, ...(digest === undefined ? {} : { digest }) };
        return { kind: 'compared', baseline: image, ...(0,compare/* compareImages */.qJ)(snapshots, baseline.snapshots) };
    }
    const parsed = (0,compare/* parseSnapshots */.Jq)(baseline.text);
    if (!parsed.ok)
        return { kind: 'none', reason: `the stored baseline ${parsed.reason}` };
    const { branch, sha, relation } = baseline;
    return {
        kind: 'compared',
        baseline: { kind: 'commit', branch, sha, relation },
        ...(0,compare/* compareImages */.qJ)(snapshots, parsed.snapshots)
    };
}
/** What the builds of the baseline's branch weighed, and what an earlier run has learned of releases; each where it is known. */
function sizesBefore(fetched) {
    const baseline = fetched?.baseline;
    if (baseline?.kind !== 'commit')
        return {};
    const { series, releases } = parseTrend(baseline.trend ?? '');
    return {
        ...(series.length === 0 ? {} : { trend: { branch: baseline.branch, series } }),
        ...(releases === undefined ? {} : { releases })
    };
}
/** Whether growth beyond `max-increase` stops this run, compared with what was found. */
function growthMode({ refusesGrowth }, fetched) {
    const baseline = fetched?.baseline;
    const isVeryBase = baseline?.kind === 'image' || (baseline?.kind === 'commit' && baseline.relation.kind === 'base');
    return refusesGrowth === 'always' || (refusesGrowth === 'over-its-very-base' && isVeryBase) ? 'fail' : 'warn';
}
/** Whether this run may compare with what an earlier one kept, or keep something for later ones. */
function usesBaseline({ compareTo, occasion }) {
    const { base, baselineOf } = occasion.place;
    return compareTo.kind === 'auto' && occasion.hasCacheService && (base !== undefined || baselineOf !== undefined);
}
/**
 * Keeps the snapshots and the records of build and tests as the branch's baseline, where this run makes one. Returns sentences
 * about what was in the way.
 */
async function keepBaseline({ now }, options, { snapshots, build: record, tests, releases, baseline }) {
    const { build, compareTo, occasion, redact } = options;
    const { baselineOf } = occasion.place;
    if (compareTo.kind !== 'auto' || baselineOf === undefined || !occasion.hasCacheService)
        return [];
    const { saveBaseline } = await __webpack_require__.e(/* import() | baseline */ 838).then(__webpack_require__.bind(__webpack_require__, 5364));
    const { trend: before } = sizesBefore(baseline);
    const point = { sha: occasion.sha, at: new Date(now()).toISOString() };
    const { notes } = await saveBaseline(options.cache, {
        name: build.name,
        target: seriesTarget(build),
        branch: baselineOf,
        sha: occasion.sha,
        run: `${occasion.runID}-${occasion.runAttempt}`,
        subject: (0,builds_identity/* subjectOf */.et)(build.source),
        identity: (0,builds_identity/* identityOf */.cu)(build, occasion),
        text: (0,compare/* writeSnapshots */.$n)(snapshots),
        redact,
        ...(record === undefined ? {} : { build: record }),
        ...(tests === undefined ? {} : { tests }),
        // A branch begins with its own builds, not with those of the one it was made from.
        trend: writeTrend({
            series: extendTrend(before?.branch === baselineOf ? before.series : [], snapshots, point),
            releases
        })
    });
    return notes;
}
/**
 * Which series of baselines is meant. A run of the gate alone has no image to keep: it must not stand in the way of the
 * job that builds the last stage of the same commit. No stage is called with a blank.
 */
function seriesTarget({ gateOnly, tests, target }) {
    return gateOnly ? `gate ${tests.join(' ')}` : target;
}

// EXTERNAL MODULE: ./src/buildkit/progress.ts
var progress = __webpack_require__(4029);
// EXTERNAL MODULE: ./src/core/source_date_epoch.ts
var source_date_epoch = __webpack_require__(8919);
// EXTERNAL MODULE: ./src/explain/record.ts
var explain_record = __webpack_require__(9238);
// EXTERNAL MODULE: ./src/builds/mount_namespace.ts
var mount_namespace = __webpack_require__(7808);
// EXTERNAL MODULE: ./src/core/linked.ts
var core_linked = __webpack_require__(9358);
;// CONCATENATED MODULE: ./src/explain/shape.ts





/** Inputs that are part of every RUN. */
const OF_RUNS = ['network', 'add-hosts', 'shm-size', 'ulimit'];
/** Takes the marks of a build and of the targets that it is linked to. */
function markShape({ shape, linked }) {
    const { network, addHosts, shmSize, ulimit, platforms, buildArgs } = shape;
    const own = { network, 'add-hosts': addHosts, 'shm-size': shmSize, ulimit, platforms, buildArgs };
    return Object.fromEntries([
        ...marksOf('', own),
        ...linked.flatMap((target) => marksOf(target.name, valuesOf(target)))
    ]);
}
/** Build arguments without the one that is no argument of any step. */
function withoutNamespace(buildArgs) {
    return buildArgs.filter((argument) => !argument.startsWith(`${mount_namespace/* NAMESPACE_ARGUMENT */.i}=`));
}
/** What of the marks is part of a step, by the name of the input. Where cache mounts are is no part of it here. */
function partsOf(step, marks) {
    return inputsOf(step).flatMap((name) => {
        const mark = marks[shape_keyOf(step, name)];
        return mark === undefined ? [] : [`${name} ${mark}`];
    });
}
/** The inputs that are part of a step and have another value than before. */
function changedShape(step, now, before) {
    const differs = (name) => now[shape_keyOf(step, name)] !== before[shape_keyOf(step, name)];
    const isKnown = (name) => now[shape_keyOf(step, name)] !== undefined && before[shape_keyOf(step, name)] !== undefined;
    return [
        ...inputsOf(step).filter(differs),
        // Without one it is the builder's own, which is not known.
        ...(isKnown('platforms') && differs('platforms') ? ['platforms'] : []),
        ...(hasCacheMount(step) && differs('namespace') ? ['namespace'] : [])
    ];
}
function inputsOf({ instruction }) {
    if (!/^RUN\b/i.test(instruction))
        return [];
    const { flags } = (0,src_dockerfile/* splitFlags */.g0)(instruction.replace(/^\w+\s+/, ''));
    const hasOwnNetwork = flags.some((flag) => /^--network=(?!default$)/.test(flag));
    return OF_RUNS.filter((name) => name !== 'network' || !hasOwnNetwork);
}
function hasCacheMount({ instruction }) {
    return /^RUN\b/i.test(instruction) && (0,src_dockerfile/* mountsIn */.Ko)(instruction).some(({ type }) => type === 'cache');
}
function shape_keyOf({ stage = '' }, name) {
    const target = (0,core_linked/* readLinkedStage */.AO)(stage)?.target ?? '';
    return target === '' ? name : `${target} ${name}`;
}
function marksOf(target, values) {
    const texts = {
        network: values.network === 'default' ? '' : values.network,
        'add-hosts': [...new Set(values['add-hosts'].map((host) => host.replace(/[=:].*$/s, '')))].sort().join(' '),
        'shm-size': bytesIn(values['shm-size']),
        ulimit: [...values.ulimit].sort().join(' '),
        // Of several each step has its own in its name.
        platforms: values.platforms.length === 1 ? values.platforms.join() : '',
        namespace: (0,mount_namespace/* namespaceIn */.j)(values.buildArgs)
    };
    return Object.entries(texts).flatMap(([name, text]) => text === '' ? [] : [[target === '' ? name : `${target} ${name}`, (0,explain_record/* shortMark */.YL)(text)]]);
}
/** The same for `64m` and `65536k`. */
function bytesIn(size) {
    const [, number, unit = ''] = /^([\d.]+) ?([kmgtp]?)(?:i?b)?$/i.exec(size) ?? [];
    const power = ['', 'k', 'm', 'g', 't', 'p'].indexOf(unit.toLowerCase());
    return number === undefined ? size : String(Number(number) * 1024 ** power);
}
/** As bake has them: https://docs.docker.com/build/bake/reference/ */
function valuesOf(target) {
    const { attributes } = target;
    const text = (name) => (0,core_json/* asString */.oJ)(attributes[name]) ?? '';
    const list = (name) => (0,core_json/* asArray */._j)(attributes[name]).flatMap((each) => (0,core_json/* asString */.oJ)(each) ?? []);
    return {
        ...{ network: text('network'), 'shm-size': text('shm-size') },
        ...{ ulimit: list('ulimits'), platforms: list('platforms') },
        'add-hosts': Object.keys((0,core_json/* asObject */.eB)(attributes['extra-hosts']) ?? {}),
        buildArgs: (0,core_linked/* argumentsOf */.aX)(target)
    };
}

;// CONCATENATED MODULE: ./src/explain/sources.ts
/** What a step reads of the build context, and which of it has changed. */

/** Reads `COPY`, `ADD` and the bind mounts of `RUN`; what comes from another stage or the network is left out. */
function readSources(instruction) {
    const flags = /^\w+((?:\s+--[a-z][a-z-]*(?:=\S*)?)*)\s*/.exec(instruction);
    const rest = instruction.slice(flags?.[0].length ?? 0);
    const options = (flags?.[1] ?? '').split(/\s+/).filter((flag) => flag !== '');
    if (/^RUN\b/i.test(instruction))
        return { wanted: options.flatMap(boundFrom), excluded: [] };
    if (options.some((flag) => flag.startsWith('--from=')))
        return { wanted: [], excluded: [] };
    const words = rest.startsWith('[') && !rest.includes('"') ? rest.slice(1, -1).split(', ') : (0,src_dockerfile/* wordsOf */.Z9)(rest);
    const own = words.slice(0, -1).filter((word) => !/^<<|:\/\/|^git@/.test(word));
    // Only with `--parents` two stars mean any number of folders; `./` keeps a name from being taken for a rule.
    const plain = (word) => (options.includes('--parents') ? word : word.replace(/\*\*+/g, '*'));
    return {
        wanted: own.map((word) => (/^[#!]/.test(word) ? `./${plain(word)}` : plain(word))),
        excluded: options.flatMap((flag) => /^--exclude=(.+)$/.exec(flag)?.[1] ?? [])
    };
}
/** The source of a `--mount` that binds a folder of the context, as most bind mounts do. */
function boundFrom(flag) {
    return (0,src_dockerfile/* mountsOf */.cS)({ flags: [flag] }).flatMap(({ type, options }) => type !== 'bind' || options.has('from') ? [] : [options.get('source') ?? '.']);
}
/** Stars in one pattern; the time that it takes to search for more of them grows with each. */
const MOST_STARS = 6;
/** Whether patterns can be searched for in reasonable time. */
function isSearchable(patterns) {
    return patterns.every((pattern) => [...pattern.matchAll(/\*+/g)].length <= MOST_STARS);
}
/** Which of the files that a step reads differ; sorted by path. */
function changedFiles(before, now, sources, matcher) {
    const everything = sources.wanted.some((pattern) => /^\.?\/*$/.test(pattern));
    const wanted = everything ? () => true : matcher(sources.wanted);
    const excluded = sources.excluded.length === 0 ? () => false : matcher(sources.excluded);
    const older = new Map(before.map((file) => [file.path, file]));
    const changes = [];
    const note = (path, how) => {
        const relative = path.slice(1);
        if (wanted(relative) && !excluded(relative))
            changes.push({ path: relative, how });
    };
    for (const { path, crc, size } of now) {
        const known = older.get(path);
        older.delete(path);
        if (known === undefined)
            note(path, 'added');
        else if (known.crc !== crc || known.size !== size)
            note(path, 'changed');
    }
    for (const path of older.keys())
        note(path, 'removed');
    return changes.sort((a, b) => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0));
}

;// CONCATENATED MODULE: ./src/explain/difference.ts
/** What of a step differs from an earlier build: its base, its instruction, its files, what it stands on and runs in. */






/** Names of files in one explanation. */
const MOST_FILES = 20;
/** Files by which packages are chosen: after a change in one of them an installation has to run again. */
const MANIFEST = /(?:^|\/)(?:[\w.-]*requirements[\w.-]*\.(?:txt|in)|constraints[\w.-]*\.txt|pyproject\.toml|setup\.(?:py|cfg)|Pipfile|environment\.ya?ml|package\.json|\.npmrc|pnpm-[\w.-]+\.yaml|package-lock\.json|go\.(?:mod|sum)|Cargo\.toml|Gemfile|[\w.-]+\.gemspec|composer\.json|pom\.xml|[\w.-]+\.gradle(?:\.kts)?|gradle\.properties|libs\.versions\.toml|[\w.-]+\.(?:cs|fs|vb)proj|[\w.-]+\.(?:sln|props)|mix\.exs|[\w.-]*\.lock|[\w.-]+\.lockb)$/;
/** What of a step is another than in an earlier build; `undefined` where nothing is seen. */
function findDifference(step, before, { steps, now, matcher }) {
    const index = indexOf(step, steps);
    const own = now.steps[index];
    if (own === undefined)
        return undefined;
    const views = { now, nowIndex: (0,explain_record/* indexSteps */.C9)(now), before, beforeIndex: (0,explain_record/* indexSteps */.C9)(before) };
    const earlier = (0,explain_record/* findSame */.Ad)(views.nowIndex, index, views.beforeIndex);
    const base = changedBase(own, earlier, before);
    if (base !== undefined)
        return base;
    if (earlier === undefined)
        return changedInstruction(step, index, views);
    if (isDownload(step) && own.inputs.length === 0)
        return undefined; // the download itself, which failed
    const files = earlier.inputs.includes(explain_record/* CONTEXT */.SK) ? changedSources(step, now, before, matcher) : undefined;
    const surroundings = changedSurroundings(index, earlier, views);
    // With another value in a path, the step reads other files than before, whether they changed or not.
    const variable = isNamed(surroundings, textAt(now, views.nowIndex, index)) ? surroundings : undefined;
    return variable ?? files ?? changedOrder(index, earlier, views) ?? surroundings ?? changedInputs(step, now, before);
}
function changedBase(own, earlier, before) {
    const imagesOf = (inputs) => inputs.map(explain_record/* readImage */.AM).filter((image) => image !== undefined);
    const everything = before.steps.flatMap(({ name, inputs }) => imagesOf([name, ...inputs]));
    const older = earlier === undefined ? everything : imagesOf(earlier.inputs);
    for (const { image, digest } of imagesOf(own.inputs)) {
        if (older.some((each) => each.digest === digest))
            continue;
        const others = older.filter((each) => earlier !== undefined || each.image === image);
        const other = others.find((each) => each.image === image) ?? (others.length === 1 ? others[0] : undefined);
        if (other !== undefined) {
            return { kind: 'base', before: `${other.image}@${other.digest}`, after: `${image}@${digest}` };
        }
    }
    return undefined;
}
/** Whether what changed is a variable that the instruction names; a command has them all anyway. */
function isNamed(cause, instruction) {
    if (instruction === undefined || isRun(instruction.text))
        return false;
    const named = new Set([...instruction.text.matchAll(/\$\{?(\w+)/g)].map(([, name]) => name));
    if (cause?.kind === 'argument')
        return cause.names.some((name) => named.has(name));
    if (cause?.kind !== 'above')
        return false;
    return named.has(/^(?:ARG|ENV)\s+(\w+)/.exec(cause.after ?? cause.before ?? '')?.[1]);
}
/** The step is not in the earlier build: its text is another, it is new, or that build had no need of it. */
function changedInstruction(step, index, { now, nowIndex, before, beforeIndex }) {
    const parsed = (0,progress/* parseName */.$)(now.steps[index]?.name ?? '');
    if (parsed === undefined)
        return undefined;
    const after = textAt(now, nowIndex, index);
    const stageName = now.stages[nowIndex.places[index]?.stage ?? -1]?.name ?? parsed.stage ?? '';
    const stageBefore = before.stages.find(({ name }) => (0,core_step/* sameStage */.tB)(stageName, name ?? ''));
    if (after !== undefined && stageBefore?.instructions.some(({ mark }) => mark === after.mark)) {
        return { kind: 'unknown', reason: 'not-built' };
    }
    const sameChain = (other) => {
        const { platform, stage } = (0,progress/* parseName */.$)(other) ?? {};
        return (0,progress/* parseName */.$)(other) !== undefined && platform === parsed.platform && stage === parsed.stage;
    };
    const stage = before.steps.flatMap((each, at) => (sameChain(each.name) && !(0,explain_record/* isFrom */.L$)(each.name) ? [at] : []));
    const known = new Set(nowIndex.identities);
    const gone = stage.filter((at) => !known.has(beforeIndex.identities[at] ?? ''));
    const byPosition = gone.find((at) => (0,progress/* parseName */.$)(before.steps[at]?.name ?? '')?.position === parsed.position);
    const replaced = byPosition ?? gone[0];
    // Without the Dockerfile's words, the value of an argument that stands in an instruction makes it look like another one.
    const keyword = /^\w*/.exec(parsed.instruction)?.[0] ?? '';
    const isAlike = replaced !== undefined && (0,explain_record/* instructionIn */.Ke)(before.steps[replaced]?.name ?? '').startsWith(`${keyword} `);
    if (after === undefined && isAlike && !sameMarks(now.args, before.args)) {
        return { kind: 'unknown', reason: 'dockerfile-unread' };
    }
    return {
        kind: 'instruction',
        after: after?.text ?? step.instruction,
        ...(replaced === undefined ? {} : { before: shownText(before, beforeIndex, replaced) })
    };
}
function sameMarks(one, other) {
    return [...Object.keys(one), ...Object.keys(other)].every((name) => one[name] === other[name]);
}
/** The same step, but built from another one: that it is cached today says nothing about the earlier build. */
function changedOrder(index, earlier, { now, nowIndex, before, beforeIndex }) {
    const own = parentsOf(now, now.steps[index]);
    const older = parentsOf(before, earlier);
    // A step that two stages share goes by the name of now the one and now the other: then what it stands on is the same.
    const isSame = (now, earlier) => nowIndex.identities[now] === beforeIndex.identities[earlier] || nowIndex.chains[now] === beforeIndex.chains[earlier];
    const gone = older.find((at) => !own.some((each) => isSame(each, at)));
    const added = own.find((at) => !older.some((each) => isSame(at, each)));
    if (gone === undefined && added === undefined)
        return undefined;
    // Of instructions that a stage has several times only their number tells whether one is gone.
    const isGone = (at) => isFewer(nowIndex, beforeIndex, beforeIndex.contents[at]);
    const isNew = (at) => isFewer(beforeIndex, nowIndex, nowIndex.contents[at]);
    const direct = {
        gone: [gone].find((at) => at !== undefined && isGone(at)),
        new: [added].find((at) => at !== undefined && isNew(at))
    };
    const found = direct.gone !== undefined || direct.new !== undefined
        ? direct
        : {
            gone: allAbove(before, lastLike(before, earlier, beforeIndex)).find(isGone),
            new: allAbove(now, now.steps[index]).find(isNew)
        };
    const line = found.new === undefined ? undefined : textAt(now, nowIndex, found.new)?.line;
    return {
        kind: 'above',
        ...(found.gone === undefined ? {} : { before: shownText(before, beforeIndex, found.gone) }),
        ...(found.new === undefined ? {} : { after: shownText(now, nowIndex, found.new) }),
        ...(line === undefined ? {} : { line })
    };
}
/** The last of the steps with the same words: what stands above any of them stands above it. */
function lastLike({ steps }, step, { contents }) {
    const content = contents[steps.indexOf(step)];
    return steps.findLast((_, at) => contents[at] === content) ?? step;
}
function isFewer(here, there, content = '') {
    return (here.counts.get(content) ?? 0) < (there.counts.get(content) ?? 0);
}
/** Steps that a step is built from, directly or not, by index, the lowest first. */
function allAbove(record, step) {
    const found = new Set(parentsOf(record, step));
    // A set is walked through to its end, and what is added on the way belongs to it.
    for (const at of found)
        for (const parent of parentsOf(record, record.steps[at]))
            found.add(parent);
    return [...found].sort((a, b) => a - b);
}
/** Steps that a step is built from, by index. */
function parentsOf({ steps }, step) {
    const inputs = new Set(step?.inputs);
    return steps.flatMap(({ name }, at) => (inputs.has(name) && !(0,explain_record/* isFrom */.L$)(name) ? [at] : []));
}
/**
 * What a command runs in: `ENV`, `ARG` and their like above it in its stage and in those it starts from, and build
 * arguments. Other instructions have it only in the variables of their text.
 */
function changedSurroundings(index, earlier, { now, nowIndex, before, beforeIndex }) {
    const { text = '' } = textAt(now, nowIndex, index) ?? {};
    if (!isRun(text) && !text.includes('$'))
        return undefined;
    const after = settingsAbove(now, nowIndex, index);
    const older = settingsAbove(before, beforeIndex, before.steps.indexOf(earlier));
    const lacks = (settings, { key, isEmpty }) => !isEmpty && !settings.some((each) => each.key === key);
    const added = after.filter((setting) => lacks(older, setting));
    const gone = older.filter((setting) => lacks(after, setting));
    const isArgument = (others, { name, isGiven }) => name !== undefined && others.some((other) => other.name === name && (isGiven || other.isGiven));
    const newSetting = added.find((setting) => !isArgument(older, setting));
    const oldSetting = gone.find((setting) => !isArgument(after, setting));
    if (newSetting !== undefined || oldSetting !== undefined) {
        const isPair = newSetting === undefined || oldSetting === undefined || newSetting.about === oldSetting.about;
        return {
            kind: 'above',
            ...(oldSetting === undefined || !isPair ? {} : { before: oldSetting.text }),
            ...(newSetting === undefined ? {} : { after: newSetting.text, line: newSetting.line })
        };
    }
    const names = [...new Set([...added, ...gone].map(({ name }) => name))].filter((name) => name !== undefined);
    return names.length === 0 ? undefined : { kind: 'argument', names: names.sort() };
}
/** Instructions that change what later commands run in. */
const SETTING = /^(?:ENV|ARG|USER|SHELL)\b/;
function settingsAbove(record, { places }, index) {
    const place = places[index];
    if (place === undefined)
        return [];
    const settings = (0,explain_record/* instructionsAbove */.Hr)(record, place).filter(({ text }) => SETTING.test(text));
    return settings.flatMap((instruction) => readSettings(instruction, record.args));
}
function readSettings({ text, mark, line }, args) {
    const [keyword = '', ...words] = text.split(/\s+/);
    if (keyword !== 'ARG') {
        const about = keyword === 'ENV' ? `ENV ${(0,explain_record/* argumentName */.JA)(words[0] ?? '')}` : keyword;
        return [{ key: mark, about, text, line, isGiven: false, isEmpty: false }];
    }
    return words.map((word) => {
        const name = (0,explain_record/* argumentName */.JA)(word);
        const given = Object.hasOwn(args, name) ? args[name] : undefined;
        return {
            key: given === undefined ? `ARG ${word}` : `ARG ${name} ${given}`,
            ...{ about: `ARG ${name}`, text: `ARG ${word}`, line, name },
            isGiven: given !== undefined,
            isEmpty: given === undefined && !word.includes('=')
        };
    });
}
/** Build arguments that need no `ARG` to be part of a step: https://docs.docker.com/reference/dockerfile/#buildkit-built-in-build-args */
const BUILT_IN = [
    { name: 'BUILDKIT_SANDBOX_HOSTNAME', keyword: /^RUN\b/ },
    // The time of the folder that it makes, in newer versions.
    { name: source_date_epoch/* SOURCE_DATE_EPOCH */.d, keyword: /^WORKDIR\b/ }
];
function changedInputs(step, now, before) {
    if (now.shape !== undefined && before.shape !== undefined) {
        const names = changedShape(step, now.shape, before.shape);
        if (names.length > 0)
            return { kind: 'input', names };
    }
    const names = BUILT_IN.filter(({ keyword }) => keyword.test(step.instruction))
        .map(({ name }) => name)
        .filter((name) => now.args[name] !== before.args[name]);
    return names.length === 0 ? undefined : { kind: 'argument', names };
}
function changedSources(step, now, before, matcher) {
    if (now.files === undefined || before.files === undefined)
        return undefined;
    const sources = readSources(step.instruction);
    if (!isSearchable([...sources.wanted, ...sources.excluded]))
        return { kind: 'unknown', reason: 'source-unread' };
    const changes = foldRepository(changedFiles(before.files, now.files, sources, matcher));
    if (changes.length === 0)
        return undefined;
    const telling = changes.toSorted((a, b) => Number(MANIFEST.test(b.path)) - Number(MANIFEST.test(a.path)));
    return {
        kind: 'files',
        changed: telling.slice(0, MOST_FILES),
        more: Math.max(0, changes.length - MOST_FILES)
    };
}
/** Git's own files change with every commit: they are one thing, and the last to be named. */
function foldRepository(changes) {
    const others = changes.filter(({ path }) => !path.startsWith('.git/'));
    return others.length === changes.length ? changes : [...others, { path: '.git', how: 'changed' }];
}
/** Place of a step among others. By name and vertex: a download that failed goes by the name of the step that it is for. */
function indexOf({ name, vertex }, steps) {
    return steps.findIndex((each) => each.name === name && each.vertex === vertex);
}
/** `ADD` of an address or a Git repository. */
function isDownload({ instruction }) {
    return /^(?:LINK )?ADD\s(?:.*[\s["])?(?:[a-z][a-z+]*:\/\/|git@)/i.test(instruction);
}
/** A command. */
function isRun(instruction) {
    return /^RUN\b/.test(instruction);
}
/** The Dockerfile's words for a step of a record, by its index. */
function textAt(record, { places }, index) {
    const place = places[index];
    return place === undefined ? undefined : record.stages[place.stage]?.instructions[place.instruction];
}
function shownText(record, index, at) {
    return textAt(record, index, at)?.text ?? (0,explain_record/* instructionIn */.Ke)(record.steps[at]?.name ?? '');
}

;// CONCATENATED MODULE: ./src/explain/installs.ts
/** Which commands install packages and need no more of the project than the files that choose these. */

/** Characters of an instruction that are looked at. */
const MOST_INSTRUCTION = 4000;
/** Commands that fetch packages, without variables, wrappers and the folders that they are in. */
const INSTALLS = /^(?:(?:python[\d.]*\s+-m\s+)?(?:pip[\d.]*|pipx|poetry|uv(?:\s+pip)?|pdm|npm|pnpm|bundle|composer|apt-get|apt|apk|dnf|yum|microdnf|gem|conda|mix|nuget)\s+(?:-\S+\s+)*(?:install|ci|sync|add|restore|deps\.get)\b|yarn(?:\s+install\b|(?:\s+-\S+)*$)|go\s+mod\s+download\b|cargo\s+(?:fetch|chef\s+cook)\b|dotnet\s+restore\b|mvnw?\s.*dependency:|gradlew?\s.*\bdependencies\b)/;
/** They install the project itself, unless they are told not to. */
const OF_PROJECTS = [
    { command: /^poetry\s/, without: /\s--no-root\b/ },
    { command: /^uv\s+(?:-\S+\s+)*(?:sync|add)\b/, without: /\s--no-install-(?:project|workspace)\b/ },
    { command: /^pdm\s/, without: /\s--no-self\b/ }
];
/** What prepares an installation or clears up behind it: it takes no time, and reads nothing of the project. */
const BESIDE = /^(?:set|export|unset|cd|mkdir|rm|rmdir|ln|true|:|echo|printf|test|\[|umask|ldconfig|corepack)(?:\s|$)|^(?:apt-get|apt|apk|dnf|yum|microdnf)\s+(?:-\S+\s+)*(?:update|clean|autoclean|autoremove|makecache|upgrade)\b|^(?:npm|yarn|pnpm|pip[\d.]*|conda|uv|composer|gem|bundle)\s+(?:-\S+\s+)*(?:cache|clean|config|set)\b/;
/** Options whose value is the path of a file by which packages are chosen, or of a place that is written to. */
const PATH_OPTIONS = /^(?:-r|-c|--requirement|--constraint|--file|--lockfile|--target|--prefix|--root|--cache-dir|--modules-folder|-t)$/;
/** Whether all of a RUN is the installation of packages from elsewhere, so that another file of the project is nothing to it. */
function isInstall(instruction) {
    if (!/^RUN\s/i.test(instruction) || instruction.length > MOST_INSTRUCTION)
        return false;
    const { rest } = (0,src_dockerfile/* splitFlags */.g0)(instruction.replace(/^RUN\s+/i, ''));
    const commands = rest
        .split(/&&|\|\||;|\n/)
        .map((command) => bare(command.trim()))
        .filter((command) => command !== '');
    const installs = commands.filter((command) => INSTALLS.test(command));
    return (installs.length > 0 &&
        installs.every((command) => !readsProject(command)) &&
        commands.every((command) => installs.includes(command) || BESIDE.test(command)));
}
/** `DEBIAN_FRONTEND=x sudo /usr/bin/apt-get …` as `apt-get …`. */
function bare(command) {
    return command
        .replace(/^(?:\w+=(?:"[^"]*"|'[^']*'|[^\s"'$`]*)\s+|(?:sudo|env|exec|time)\s+)*/, '')
        .replace(/^(?:[\w.-]*\/)+(?=\w)/, '');
}
/** It installs what lies in the project: `pip install -e .`, `apt-get install ./tool.deb`. */
function readsProject(command) {
    if (OF_PROJECTS.some((each) => each.command.test(command) && !each.without.test(command)))
        return true;
    const words = (0,src_dockerfile/* splitRaw */.x7)(command).map((word) => word.replace(/^["']|["']$/g, ''));
    const isLocal = /\bpip[\d.]*\s/.test(command) ? isLocalToPip : isPath;
    return words.some((word, at) => !PATH_OPTIONS.test(words[at - 1] ?? '') && isLocal(word));
}
/** A path, a file, or a variable, which may be either. */
function isPath(word) {
    if (word.includes('://'))
        return false;
    return /^\.{0,2}(?:\/|$|\[)|^(?:file|link|portal):|\.(?:deb|rpm|apk|whl|tgz|tar(?:\.\w+)?|zip|gem|nupkg)(?:\[|$)|[$`]/.test(word);
}
/** To pip anything with a slash is a path: https://pip.pypa.io/en/stable/cli/pip_install/#argument-handling */
function isLocalToPip(word) {
    if (/^(?:-e|--editable|-f|--find-links)(?:=|$)/.test(word))
        return true;
    return isPath(word) || (!word.startsWith('-') && word.includes('/') && !word.includes('://'));
}

;// CONCATENATED MODULE: ./src/explain/causes.ts
/** Why a step had to run although there is a cache: what the run itself shows, then what differs from an earlier build. */





/** How BuildKit names what a heredoc holds; the Dockerfile has it. */
const INLINE = '[internal] preparing inline document';
/** Less than this is not worth a hint. */
const LEAST_INSTALL_SECONDS = 2;
/** Explains one step, which is the first of its stage that ran. */
function causes_explain(step, circumstances) {
    const shared = sharedParent(step, circumstances);
    const subject = shared ?? step;
    const cause = findCause(subject, circumstances);
    const after = (0,core_step/* ranBecauseOf */.d1)([subject], circumstances.steps);
    const isCode = cause.kind === 'files' && !cause.changed.some(({ path }) => MANIFEST.test(path));
    const install = isCode ? longestInstall(after) : undefined;
    return {
        cause,
        ...(shared === undefined ? {} : { step: placeIn(shared) }),
        certainty: certaintyOf(cause, subject),
        seconds: after.reduce((sum, { seconds }) => sum + seconds, 0),
        ...(install === undefined ? {} : { install: { ...placeIn(install), seconds: install.seconds } })
    };
}
function findCause(step, circumstances) {
    const asked = askedFor(step, circumstances);
    if (asked !== undefined)
        return { kind: 'asked', by: asked };
    const parent = parentThatRan(step, circumstances.steps);
    if (parent !== undefined)
        return { kind: 'parent', step: placeIn(parent) };
    const { before } = circumstances;
    const different = before === undefined ? undefined : findDifference(step, before, circumstances);
    return different ?? withoutDifference(step, circumstances);
}
function askedFor(step, { steps, now, noCache, noCacheFilters, refreshed, rerun, onlyStage }) {
    if (noCache)
        return 'no-cache';
    if (refreshed === 'all')
        return 'refresh-after';
    if (noCacheFilters.length === 0 && refreshed.length === 0 && rerun.length === 0)
        return undefined;
    const own = [step.stage ?? onlyStage, ...stagesSharing(step, steps, now)];
    const names = (stage) => own.some((shown) => (0,core_step/* sameStage */.tB)(shown, stage));
    if (noCacheFilters.some(names))
        return 'no-cache-filters';
    if (refreshed.some(names))
        return 'refresh-after';
    return rerun.some(names) ? 'test-cache' : undefined;
}
/** Further stages that have the same instruction, and no step of their own for it. */
function stagesSharing(step, steps, now) {
    const index = (0,explain_record/* indexSteps */.C9)(now);
    const mark = textAt(now, index, indexOf(step, steps))?.mark;
    const hasOwnStep = (stage, at) => index.places.some((place) => place?.stage === stage && place.instruction === at);
    return now.stages.flatMap(({ name, instructions }, stage) => instructions.some((each, at) => each.mark === mark && !hasOwnStep(stage, at)) ? [name ?? `stage-${stage}`] : []);
}
/** A step that this one is built from and that was no cached result either; of several the one that took longest. */
function parentThatRan(step, steps) {
    const inputs = new Set(step.inputs);
    return steps
        .filter((each) => inputs.has(each.name) && each.state !== 'cached' && (0,core_step/* isWork */.cD)(each))
        .toSorted((a, b) => b.seconds - a.seconds)[0];
}
/**
 * The first step to run of this step's own stage that goes by the name of another stage, which has the same instruction
 * on top of the same; undefined where what the step is built from is no part of its stage.
 */
function sharedParent(step, { steps, now }) {
    const index = (0,explain_record/* indexSteps */.C9)(now);
    const place = index.places[indexOf(step, steps)];
    if (place === undefined)
        return undefined;
    const hasOwnStep = (at) => index.places.some((each) => each?.stage === place.stage && each.instruction === at);
    const nameless = (now.stages[place.stage]?.instructions ?? [])
        .slice(0, place.instruction)
        .filter((_, at) => !hasOwnStep(at))
        .map(({ mark }) => mark);
    let found;
    for (let left = nameless.length, next = parentThatRan(step, steps); left > 0 && next !== undefined; left -= 1) {
        const mark = next.stage === step.stage ? undefined : textAt(now, index, indexOf(next, steps))?.mark;
        if (mark === undefined || !nameless.includes(mark))
            break;
        found = next;
        next = parentThatRan(next, steps);
    }
    return found;
}
function longestInstall(steps) {
    return steps
        .filter(({ instruction, seconds }) => seconds >= LEAST_INSTALL_SECONDS && isInstall(instruction))
        .toSorted((a, b) => b.seconds - a.seconds)[0];
}
function placeIn({ stage, instruction, line }) {
    return { instruction, ...(stage === undefined ? {} : { stage }), ...(line === undefined ? {} : { line }) };
}
/** Nothing is seen that changed: then it is about where results are kept. */
function withoutDifference(step, { steps, imports, before, now }) {
    const cached = steps.some((each) => each.state === 'cached' && (0,core_step/* isWork */.cD)(each));
    const failed = imports.filter(({ result }) => result === 'missing' || result === 'failed');
    const read = imports.some(({ result }) => result === 'ok');
    if (!read && failed.length > 0 && (before !== undefined || !cached)) {
        return {
            kind: 'no-cache-found',
            references: failed.map(({ reference }) => reference),
            result: failed.some(({ result }) => result === 'failed') ? 'failed' : 'missing'
        };
    }
    if (imports.length === 0 && !cached)
        return { kind: 'cold' };
    if (before === undefined)
        return { kind: 'unknown', reason: 'no-record' };
    const inputs = step.inputs ?? [];
    if (inputs.includes(explain_record/* CONTEXT */.SK) && (now.files === undefined || before.files === undefined)) {
        return { kind: 'unknown', reason: 'files-unread' };
    }
    if (isDownload(step))
        return { kind: 'unknown', reason: 'source-unread' };
    // Named contexts, and images whose digest the builder does not tell.
    const isSeen = (name) => (0,progress/* parseName */.$)(name) !== undefined || name === explain_record/* CONTEXT */.SK || name === INLINE || (0,explain_record/* readImage */.AM)(name) !== undefined;
    return inputs.every(isSeen) && !inputs.some((name) => (0,explain_record/* isFrom */.L$)(name) && (0,explain_record/* readImage */.AM)(name) === undefined)
        ? { kind: 'evicted' }
        : { kind: 'unknown', reason: 'source-unread' };
}
function certaintyOf(cause, { instruction }) {
    switch (cause.kind) {
        case 'asked':
        case 'parent':
        case 'base':
        case 'instruction':
        case 'files':
            return 'certain';
        // A command has all of it in its environment. Of a variable in another text it is not known which one it is.
        case 'argument':
            return isRun(instruction) ? 'certain' : 'likely';
        case 'above':
            return isRun(instruction) || !SETTING.test(cause.after ?? cause.before ?? '') ? 'certain' : 'likely';
        // A stage may have a platform of its own, and newer builders look for a step whatever namespace its mounts are in.
        case 'input':
            return cause.names.every((name) => name === 'platforms' || name === 'namespace') ? 'likely' : 'certain';
        case 'no-cache-found':
        case 'cold':
        case 'evicted':
            return 'likely';
        case 'unknown':
            return 'unknown';
    }
}

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
// EXTERNAL MODULE: ./src/compare/files.ts
var compare_files = __webpack_require__(5596);
;// CONCATENATED MODULE: ./src/explain/context.ts
/** The files of a local build context, as BuildKit would be sent them, each with a checksum. */






/** Files that are looked at; a context of more is not. */
const MOST_CONTEXT_FILES = 20_000;
/** Bytes that are read; a context of more is not. */
const MOST_CONTEXT_BYTES = 256_000_000;
/** Files that are read at a time. */
const AT_A_TIME = 16;
/** What fits into memory many times. */
const WHOLE_BYTES = 4_000_000;
/** Characters of the longest path that Linux opens, so of the longest pattern that matches any. */
const LONGEST_PATTERN = 4096;
/** Makes the matcher by the rules of `.dockerignore`. */
async function loadMatcher() {
    const { default: dockerignore } = await __webpack_require__.e(/* import() | dockerignore */ 121).then(__webpack_require__.t.bind(__webpack_require__, 4158, 23));
    return (patterns) => {
        const short = patterns.filter((pattern) => pattern.length <= LONGEST_PATTERN);
        const rules = dockerignore.default({ ignorecase: false }).add(short.map(escapeOthers));
        return (relative) => rules.ignores(relative);
    };
}
/**
 * The library makes a regular expression of a pattern, and escapes only some of what has a meaning there alone. A bracket
 * that is not closed stands for itself, as does all behind it.
 */
function escapeOthers(pattern) {
    return pattern.replace(/\\[^]|\[\^?\]?(?:\\[^]|[^\]\\])*(\]?)|[+(){}|^\]]/g, (part, end) => {
        if (part.startsWith('\\') || end === ']')
            return part;
        return part.replace(/\\[^]|[+(){}|^[\]]/g, (sign) => (sign.length === 1 ? `\\${sign}` : sign));
    });
}
/**
 * Reads the files that are not ignored, sorted by path; `undefined` where there are too many, they are too big, or one
 * cannot be read. The checksum covers content and mode, as BuildKit's does; times and owners it leaves out, too.
 * @param dockerfile path of the Dockerfile, whose own ignore file goes before the context's
 */
async function readContextFiles(folder, dockerfile, signal, limits = { files: MOST_CONTEXT_FILES, bytes: MOST_CONTEXT_BYTES }) {
    const patterns = await readPatterns(folder, dockerfile);
    if (!isSearchable(patterns))
        return undefined;
    const isIgnored = patterns.length === 0 ? () => false : (await loadMatcher())(patterns);
    const exceptions = patterns.map((pattern) => pattern.trim()).filter((pattern) => pattern.startsWith('!'));
    const found = [];
    try {
        const folders = [''];
        for (let at = folders.pop(); at !== undefined; at = folders.pop()) {
            signal.throwIfAborted();
            for (const entry of await (0,promises_.readdir)(external_node_path_default().join(folder, at), { withFileTypes: true })) {
                const relative = at === '' ? entry.name : `${at}/${entry.name}`;
                const ignored = isIgnored(relative);
                if (entry.isDirectory()) {
                    if (!ignored || exceptions.some((pattern) => mayHold(relative, pattern.slice(1))))
                        folders.push(relative);
                }
                else if (!ignored && (entry.isFile() || entry.isSymbolicLink())) {
                    if (found.push(relative) > limits.files)
                        return undefined;
                }
            }
        }
        return await readAll(folder, found, limits.bytes, signal);
    }
    catch {
        return undefined; // Files come and go, and some belong to others: what cannot be read is not explained.
    }
}
async function readPatterns(folder, dockerfile) {
    const read = (file) => (0,promises_.readFile)(file, 'utf8').catch(() => undefined);
    const own = dockerfile === undefined ? undefined : await read(`${dockerfile}.dockerignore`);
    const rules = own ?? (await read(external_node_path_default().join(folder, '.dockerignore'))) ?? '';
    return rules
        .replace(/^\ufeff/, '')
        .split(/\r?\n/)
        .filter((line) => line.trim() !== '');
}
/**
 * Loads what tells the paths of a context that are ignored: none where that takes too long to tell.
 * @param dockerfile path of the Dockerfile, whose own ignore file goes before the folder's; a named context has none
 */
async function loadIgnored(folder, dockerfile) {
    const patterns = await readPatterns(folder, dockerfile);
    return patterns.length === 0 || !isSearchable(patterns) ? () => false : (await loadMatcher())(patterns);
}
/** Whether a pattern may match something in a folder, so that a folder that is ignored has to be looked into. */
function mayHold(folder, pattern) {
    const parts = pattern.split('/').filter((part) => part !== '' && part !== '.');
    for (const [index, name] of folder.split('/').entries()) {
        const part = parts[index];
        if (part !== undefined && /[*?[\\]/.test(part))
            return true;
        if (part !== name)
            return false;
    }
    return true;
}
async function readAll(folder, paths, mostBytes, signal) {
    const files = [];
    let bytes = 0;
    let next = 0;
    const work = async () => {
        while (next < paths.length && bytes <= mostBytes && !signal.aborted) {
            const relative = paths[next++] ?? '';
            const absolute = external_node_path_default().join(folder, relative);
            const facts = await (0,promises_.lstat)(absolute);
            bytes += facts.size;
            if (bytes > mostBytes)
                return;
            const start = (0,external_node_zlib_.crc32)(String(facts.mode & 0o7777));
            const crc = facts.isSymbolicLink()
                ? (0,external_node_zlib_.crc32)(await (0,promises_.readlink)(absolute), start)
                : await checksumOf(absolute, facts.size, start);
            files.push({ path: `/${relative}`, size: facts.size, crc, layer: 0 });
        }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, work));
    return bytes > mostBytes || signal.aborted ? undefined : files.sort(compare_files/* byPath */.f2);
}
async function checksumOf(file, size, start) {
    if (size <= WHOLE_BYTES)
        return (0,external_node_zlib_.crc32)(await (0,promises_.readFile)(file), start);
    let crc = start;
    for await (const chunk of (0,external_node_fs_.createReadStream)(file))
        crc = (0,external_node_zlib_.crc32)(chunk, crc);
    return crc;
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
;// CONCATENATED MODULE: ./src/explain/mark.ts
/**
 * What a step was made of, as one word: the instructions that it stands on, the base images, the files of the context that
 * they read, the build arguments that they can see. Two runs with the same word have done the same, so that what the one has
 * left behind tells what the other took from the cache. Pure.
 */






/** `undefined` where something that it is made of is not known: another repository, a download, files that were not read. */
function markOf(step, { steps, record, matcher, redact }) {
    const { places } = (0,explain_record/* indexSteps */.C9)(record);
    const byName = Map.groupBy(steps, ({ name }) => name);
    const chain = new Set([step]);
    // A set is walked through to its end, and what is added on the way belongs to it.
    for (const { inputs } of chain) {
        if (inputs === undefined)
            return undefined;
        for (const input of inputs) {
            const parents = byName.get(input) ?? [];
            if (parents.length === 0 && input !== explain_record/* CONTEXT */.SK && (0,explain_record/* readImage */.AM)(input) === undefined)
                return undefined;
            for (const parent of parents)
                chain.add(parent);
        }
    }
    const parts = new Set();
    for (const each of chain) {
        const place = places[steps.indexOf(each)];
        const text = place === undefined ? undefined : record.stages[place.stage]?.instructions[place.instruction];
        if (text === undefined && each.instruction.includes('<<'))
            return undefined; // a heredoc is not in the name
        const below = (each.inputs ?? []).map((input) => redact(bareName(input))).sort();
        parts.add(JSON.stringify(['step', redact(bareName(each.name)), text?.mark ?? '', below]));
        for (const part of partsOf(each, record.shape ?? {}))
            parts.add(JSON.stringify(['shape', part]));
        if ((0,explain_record/* isFrom */.L$)(each.name))
            continue;
        if (place !== undefined) {
            for (const { mark } of (0,explain_record/* instructionsAbove */.Hr)(record, place))
                parts.add(JSON.stringify(['setting', mark]));
        }
        const declared = place === undefined ? undefined : namesDeclared(record, place.stage);
        for (const [name, mark] of Object.entries(record.args)) {
            if (declared === undefined || declared.has(name))
                parts.add(JSON.stringify(['argument', name, mark]));
        }
        if (each.inputs?.includes(explain_record/* CONTEXT */.SK) !== true)
            continue;
        const sources = readSources((0,core_step/* withoutLink */.Ho)(each.instruction));
        if (record.files === undefined || !isSearchable([...sources.wanted, ...sources.excluded]))
            return undefined;
        const read = new Set(changedFiles([], record.files, sources, matcher).map(({ path }) => path));
        for (const { path, crc, size } of record.files) {
            if (read.has(path.slice(1)))
                parts.add(JSON.stringify(['file', path, crc, size]));
        }
    }
    return (0,external_node_crypto_.createHash)('sha256')
        .update([...parts].sort().join('\n'))
        .digest('hex')
        .slice(0, 32);
}
/** Stages that begin alike share their steps, which go by the name of now the one and now the other. */
function bareName(name) {
    const { platform = '', instruction } = (0,progress/* parseName */.$)(name) ?? { instruction: name };
    return `${platform} ${instruction}`;
}
/** Arguments that a stage declares. One that it does not is no part of its steps. */
function namesDeclared(record, stage) {
    const texts = record.stages[stage]?.instructions ?? [];
    return new Set(texts.flatMap(({ text }) => (/^ARG\s/.test(text) ? text.split(/\s+/).slice(1).map(explain_record/* argumentName */.JA) : [])));
}

;// CONCATENATED MODULE: ./src/explain/saved.ts
/** How long the build would have taken without what was cached: an estimate from how long the same steps took before. */

/** `undefined` where nothing was cached, or where no run of any cached step is known. */
function estimateSaving(steps, record) {
    const cached = steps.filter((step) => step.state === 'cached' && (0,core_step/* isWork */.cD)(step));
    // By position: names in the record are redacted and cut short.
    const took = new Map(steps.map((step, index) => [step.name, record.steps[index]?.seconds]));
    const known = cached.map(({ name }) => took.get(name)).filter((seconds) => seconds !== undefined);
    if (known.length === 0)
        return undefined;
    const isCached = new Set(cached.map(({ name }) => name));
    const without = longestWay(steps, ({ name, seconds }) => (isCached.has(name) ? (took.get(name) ?? 0) : seconds));
    const actual = longestWay(steps, ({ seconds }) => seconds);
    return {
        seconds: Math.max(0, without - actual),
        stepSeconds: known.reduce((sum, seconds) => sum + seconds, 0),
        unknownSteps: cached.length - known.length
    };
}
/** The longest sum along the steps that wait for one another. */
function longestWay(steps, cost) {
    const byName = new Map(steps.map((step) => [step.name, step]));
    const done = new Map();
    // Parents before children; a step that is met again while its parents are looked at would be a circle: it ends there.
    for (const { name: start } of steps) {
        const open = [start];
        for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
            const step = byName.get(name);
            if (step === undefined || (done.get(name) ?? -1) >= 0) {
                open.pop();
                continue;
            }
            const parents = (step.inputs ?? []).filter((input) => byName.has(input));
            const waiting = parents.filter((parent) => !done.has(parent));
            if (waiting.length > 0 && !done.has(name)) {
                done.set(name, -1);
                open.push(...waiting);
                continue;
            }
            open.pop();
            done.set(name, cost(step) + Math.max(0, ...parents.map((parent) => done.get(parent) ?? 0)));
        }
    }
    return Math.max(0, ...done.values());
}

;// CONCATENATED MODULE: ./src/explain/store.ts
/** The record of a build as text, and back. Anybody may have written what is read: it is parsed within bounds, or is none. */




/** Characters of the whole text. */
const MOST_RECORD = 8 * 2 ** 20;
/** Steps of one build, over all platforms; names, stages, instructions and arguments are as many at most. */
const MOST_STEPS = 5000;
/** Inputs of all steps together. */
const MOST_INPUTS = 50_000;
const FORMAT = 'stagegate-build';
const VERSION = 1;
/** Writes the record; `undefined` where it would be too long even without the files. */
function writeRecord(record) {
    const { steps, stages, args, shape, files } = record;
    const names = [...new Set(steps.flatMap(({ name, inputs }) => [name, ...inputs]))];
    const indexOf = new Map(names.map((name, index) => [name, index]));
    const inputCount = steps.reduce((sum, { inputs }) => sum + inputs.length, 0);
    if (names.length > MOST_STEPS * 2 || steps.length > MOST_STEPS || inputCount > MOST_INPUTS)
        return undefined;
    const document = {
        ...{ format: FORMAT, version: VERSION, names },
        // A name, how long it took (-1: not known), what it is built from.
        steps: steps.map(({ name, seconds = -1, inputs }) => [
            indexOf.get(name),
            Math.round(seconds * 1000) / 1000,
            ...inputs.map((input) => indexOf.get(input))
        ]),
        stages: stages.map(({ instructions, ...stage }) => ({
            ...stage,
            instructions: instructions.map(({ text, mark, line }) => [text, mark, line])
        })),
        args,
        ...(shape === undefined ? {} : { shape })
    };
    const whole = files === undefined ? undefined : JSON.stringify({ ...document, files: (0,compare_files/* writeColumns */.p5)(files) });
    if (whole !== undefined && whole.length <= MOST_RECORD)
        return whole;
    const bare = JSON.stringify(document);
    return bare.length <= MOST_RECORD ? bare : undefined;
}
/** Reads what `writeRecord` wrote; `undefined` for anything else. Never throws. */
function parseRecord(text) {
    if (text.length > MOST_RECORD || countOf(text, ',') > 300_000)
        return undefined;
    const json = (0,core_json/* parseJSON */.Ol)(text);
    if ((0,core_json/* dig */.rO)(json, 'format') !== FORMAT || (0,core_json/* dig */.rO)(json, 'version') !== VERSION)
        return undefined;
    const names = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'names')).map((name) => ((0,core_json/* asString */.oJ)(name) ?? '').slice(0, explain_record/* MOST_TEXT */.iu));
    const steps = store_readAll((0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'steps')), (step) => readStep(step, names));
    const stages = store_readAll((0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'stages')), readStage);
    const args = (0,core_json/* asObject */.eB)((0,core_json/* dig */.rO)(json, 'args'));
    if (steps === undefined || stages === undefined || args === undefined || steps.length > MOST_STEPS)
        return undefined;
    const files = readFiles((0,core_json/* dig */.rO)(json, 'files'));
    const shape = (0,core_json/* asObject */.eB)((0,core_json/* dig */.rO)(json, 'shape'));
    return {
        ...{ steps, stages },
        args: readMarks(args),
        ...(shape === undefined ? {} : { shape: readMarks(shape) }),
        ...(files === undefined ? {} : { files })
    };
}
function store_readAll(values, read) {
    const all = values.map(read);
    return all.every((value) => value !== undefined) ? all : undefined;
}
function readMarks(values) {
    return Object.fromEntries(Object.entries(values).flatMap(([name, mark]) => (typeof mark === 'string' ? [[name, mark]] : [])));
}
function readStep(value, names) {
    const [name, seconds, ...inputs] = (0,core_json/* asArray */._j)(value).map((number) => (0,core_json/* asNumber */.i)(number) ?? NaN);
    const nameOf = (index) => names[index ?? NaN];
    const own = nameOf(name);
    const from = inputs.map(nameOf).filter((input) => input !== undefined);
    if (own === undefined || seconds === undefined || from.length !== inputs.length)
        return undefined;
    return { name: own, inputs: from, ...(seconds >= 0 && seconds < 1e7 ? { seconds } : {}) };
}
function readStage(value) {
    const from = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(value, 'from'));
    const name = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(value, 'name'));
    const instructions = store_readAll((0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(value, 'instructions')), (entry) => {
        const [text, mark, line] = (0,core_json/* asArray */._j)(entry);
        if (typeof text !== 'string' || typeof mark !== 'string' || typeof line !== 'number')
            return undefined;
        return { text: text.slice(0, explain_record/* MOST_TEXT */.iu), mark, line };
    });
    if (from === undefined || instructions === undefined)
        return undefined;
    return { from, instructions, ...(name === undefined ? {} : { name }) };
}
function readFiles(value) {
    const columns = (0,core_json/* asObject */.eB)(value);
    if (columns === undefined)
        return undefined;
    const text = (name) => (0,core_json/* asString */.oJ)(columns[name]) ?? '';
    const count = (0,core_json/* asNumber */.i)(columns.count) ?? -1;
    if (!Number.isSafeInteger(count) || count < 0 || count > Math.min(MOST_CONTEXT_FILES, compare_files/* MOST_FILES */.Q4))
        return undefined;
    const files = (0,compare_files/* readColumns */.Ej)({
        count,
        ...{ names: text('names'), shared: text('shared'), sizes: text('sizes') },
        ...{ layers: text('layers'), crcs: text('crcs') }
    }, 1);
    return typeof files === 'string' ? undefined : files;
}
function countOf(text, sign) {
    let count = 0;
    for (let at = text.indexOf(sign); at !== -1; at = text.indexOf(sign, at + 1))
        count += 1;
    return count;
}

// EXTERNAL MODULE: ./src/builds/build.ts
var builds_build = __webpack_require__(3789);
;// CONCATENATED MODULE: ./src/explain/explain.ts
/**
 * What was cached and why not more: the build of this run is recorded while it goes on, held against the record in the
 * baseline, and kept with the next one. See docs/what-was-cached.md.
 */










/** What a report says that has no explanation. */
const UNEXPLAINED = 'Why steps ran again is not known: this build could not be compared with the earlier one.';
/** A red run tells what it knows by then, and waits no longer for what it is compared with. */
const RED_RUN_SECONDS = 3;
/** The files were read while the build went on. Where that takes longer than the build, no step is marked. */
const FILES_SECONDS = 5;
/** Begins to record. */
function startRecorder({ build, dockerfile, redact, fetching, files }) {
    const stopping = new AbortController();
    const { context } = build.source;
    const reading = files && context.kind === 'local'
        ? readContextFiles(context.path, (0,core_source/* dockerfilePath */.Se)(build.source), stopping.signal)
        : Promise.resolve(undefined);
    const known = {
        redact,
        buildArgs: withoutNamespace((0,builds_build/* allArguments */.o)(build)),
        shape: markShape(build),
        ...(dockerfile === undefined ? {} : { dockerfile: dockerfile.toString('utf8') })
    };
    const lookBack = async (steps, patience) => {
        const timer = patience === 'waits' ? undefined : setTimeout(() => stopping.abort(), RED_RUN_SECONDS * 1000);
        const stopped = new Promise((resolve) => {
            stopping.signal.addEventListener('abort', () => resolve(undefined));
        });
        try {
            const [matcher, contextFiles, fetched] = await Promise.all([
                loadMatcher(),
                reading,
                Promise.race([fetching.catch(() => undefined), stopped])
            ]);
            const baseline = fetched?.baseline;
            const stored = baseline === undefined || baseline.kind === 'none' || baseline.kind === 'image' ? undefined : baseline;
            const before = stored?.build === undefined ? undefined : parseRecord(stored.build);
            const now = (0,explain_record/* takeRecord */.vw)({ ...known, steps, ...(contextFiles === undefined ? {} : { files: contextFiles }) }, before);
            if (before === undefined || stored === undefined)
                return { now, matcher };
            return { now, before, since: `${stored.branch} @ ${stored.sha.slice(0, 7)}`, matcher };
        }
        finally {
            clearTimeout(timer);
        }
    };
    const marks = async (steps) => {
        const patience = new AbortController();
        const late = (0,external_node_timers_promises_.setTimeout)(FILES_SECONDS * 1000, undefined, { signal: patience.signal }).catch(() => undefined);
        const [matcher, contextFiles] = await Promise.all([loadMatcher(), Promise.race([reading, late])]);
        patience.abort();
        const record = (0,explain_record/* takeRecord */.vw)({ ...known, steps, ...(contextFiles === undefined ? {} : { files: contextFiles }) }, undefined);
        return (step) => markOf(step, { steps, record, matcher, redact });
    };
    return { lookBack, marks, stop: () => stopping.abort() };
}
/** Steps with the Dockerfile lines that only its text told: after a red build the builder tells none. */
function locateByText(steps, { now }) {
    const { places } = (0,explain_record/* indexSteps */.C9)(now);
    return steps.map((step, index) => {
        const place = places[index];
        const line = place === undefined ? undefined : now.stages[place.stage]?.instructions[place.instruction]?.line;
        return step.line !== undefined || line === undefined ? step : { ...step, line };
    });
}
/** Why the first step of each stage ran, by the stage's name. Pure. */
function explainStages(stages, steps, { now, before, matcher }, { build, cache, refreshed, onlyStage }) {
    const imports = cache.imports
        .filter(({ result }) => result !== 'not-run')
        .map(({ reference, result }) => ({ reference, result: cache.broken === undefined ? result : 'failed' }));
    const circumstances = {
        ...{ steps, now, matcher, imports, refreshed },
        ...{ noCache: build.fresh.noCache, noCacheFilters: build.fresh.noCacheFilters },
        rerun: build.fresh.rerunTests ? build.tests : [],
        ...(before === undefined ? {} : { before }),
        ...(onlyStage === undefined ? {} : { onlyStage })
    };
    return new Map(stages.flatMap(({ name, firstToRun }) => firstToRun === undefined ? [] : [[name, causes_explain(firstToRun, circumstances)]]));
}
/** The cache report with what it saved, where that is known. Pure. */
function withSaving(cache, steps, { now, since }) {
    const saved = estimateSaving(steps, now);
    return {
        ...cache,
        ...(saved === undefined ? {} : { saved }),
        ...(since === undefined ? {} : { comparedWith: since })
    };
}

;// CONCATENATED MODULE: ./src/phases/earlier.ts



/** Begins to fetch it, and to read the build context for the runs to come. */
function fetchEarlier(ports, { workflow, build, dockerfile, occasion, prepared, env, leftovers, cache, folder, readsReports }) {
    const { inputs, redact } = workflow;
    const { builder, plan } = prepared;
    const unwanted = new AbortController();
    const comparison = {
        ...{ build, compareTo: inputs.compareTo, occasion, cache, redact },
        reading: {
            ...{ base: plan.base, classicStore: builder.classicStore, env },
            ...{ folder, onTag: leftovers.addImage, signal: unwanted.signal }
        }
    };
    // Who reads an image has the signal already, and cleans up after it.
    const readsImage = inputs.compareTo.kind === 'image';
    const asking = readsImage ? ports : { ...ports, exec: (0,src_ports/* endedBy */.mr)(unwanted.signal, ports.exec) };
    const looksBack = usesBaseline(comparison);
    const buildsImage = plan.gate.target !== undefined;
    const baseline = buildsImage || looksBack ? fetchBaseline(asking, comparison) : Promise.resolve(undefined);
    const recorder = startRecorder({
        ...{ build: plan.base.build, dockerfile, fetching: baseline, redact },
        files: looksBack || readsReports
    });
    let looking;
    const lookBack = async (steps, patience) => {
        if (steps.length === 0)
            return {};
        try {
            return { history: await recorder.lookBack(steps, patience) };
        }
        catch {
            return { notes: [UNEXPLAINED] }; // the report has it, the run does not depend on it
        }
    };
    return {
        comparison,
        baseline,
        marks: recorder.marks,
        lookBack: (steps, patience) => (looking ??= lookBack(steps, patience)),
        async [Symbol.asyncDispose]() {
            recorder.stop();
            unwanted.abort();
            const ended = baseline.then(earlier_noop, earlier_noop);
            // A red run does not wait for the cache service: the worker that asks it ends with the cache.
            if (readsImage)
                await ended;
        }
    };
}
function earlier_noop() {
    // What it says was read elsewhere.
}

// EXTERNAL MODULE: ./src/buildkit/temporary_tag.ts
var temporary_tag = __webpack_require__(9948);
// EXTERNAL MODULE: external "node:stream/promises"
var external_node_stream_promises_ = __webpack_require__(6466);
// EXTERNAL MODULE: ./src/failure/disk.ts
var disk = __webpack_require__(2525);
// EXTERNAL MODULE: ./src/core/reference.ts
var core_reference = __webpack_require__(5378);
;// CONCATENATED MODULE: ./src/serve/layout.ts
/**
 * The inspected image as files for other programs: OCI layouts, of one platform or of all that is published, and a tar that
 * `docker load` and the readers of docker archives take. All have the manifests that are published, byte for byte.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */







/** A name as an archive has it: in full, since containerd knows no short ones. */
function archiveNames(name) {
    const reading = (0,core_reference/* parseReference */.F2)(name);
    if (!reading.ok)
        return { refName: 'latest', tag: name };
    const { tag: refName = 'latest' } = reading.reference;
    return { refName, tag: `${(0,core_reference/* canonicalRepository */.JA)(reading.reference)}:${refName}` };
}
const LAYOUT_FILE = JSON.stringify({ imageLayoutVersion: '1.0.0' });
/** Writes a layout with exactly this image. Blobs are hard links where the file system has them. */
async function writeSingleLayout(folder, image, refName) {
    await fillLayout(folder, shelfOf(image), [{ refName, tag: refName }], placeBlob);
}
/**
 * Writes all of an image as a layout that leaves the runner: copies, and held against their digests, since others have had
 * links to the blobs. Throws `ImageError` where one is not what it was.
 */
async function writeLayout(folder, image, names, signal) {
    await fillLayout(folder, image, names, (blob, to) => (0,external_node_stream_promises_.pipeline)(checkedBytes(blob, signal), (0,external_node_fs_.createWriteStream)(to)));
}
async function fillLayout(folder, image, names, place) {
    await (0,promises_.mkdir)(external_node_path_default().join(folder, 'blobs', 'sha256'), { recursive: true });
    await (0,promises_.writeFile)(external_node_path_default().join(folder, 'oci-layout'), LAYOUT_FILE);
    await (0,promises_.writeFile)(external_node_path_default().join(folder, 'index.json'), layout_indexOf(image, names));
    for (const { digest, bytes } of documentsOf(image))
        await (0,promises_.writeFile)(await layout_placeOf(folder, digest), bytes);
    for (const blob of image.blobs)
        await place(blob, await layout_placeOf(folder, blob.digest));
}
/** Writes the same layout into a tar. */
async function writeLayoutArchive(file, image, names, signal) {
    await writeTar(file, entriesOf(image, names), (blob) => checkedBytes(blob, signal));
}
/** A folder for a platform, in which no tool finds a `:`, `@` or `,` to cut the path at: `linux-arm-v7`. */
function platformFolder(platform) {
    return platform.replace(/[^A-Za-z0-9.]+/g, '-');
}
async function layout_placeOf(folder, digest) {
    const file = external_node_path_default().join(folder, (0,src_image/* blobName */.PF)(digest));
    await (0,promises_.mkdir)(external_node_path_default().dirname(file), { recursive: true });
    return file;
}
async function placeBlob({ file, size }, to) {
    const isWhole = file.offset === 0 && (await (0,promises_.stat)(file.path)).size === size;
    if (isWhole) {
        try {
            await (0,promises_.link)(file.path, to);
            return;
        }
        catch {
            await (0,promises_.copyFile)(file.path, to); // another file system, or one without links
            return;
        }
    }
    await (0,external_node_stream_promises_.pipeline)((0,src_image/* streamRange */.y1)(file), (0,external_node_fs_.createWriteStream)(to));
}
/**
 * Writes an archive as `docker image save` of Docker 25 and later does: an OCI layout, and beside it the `manifest.json`
 * of old. Layers stay as they are, compressed too; docker, skopeo, go-containerregistry and dive look at their bytes.
 * @param options absent for an image without a name
 * @param whole what the layout holds: all platforms and attestations, or that image alone
 */
async function writeArchive(file, image, options, whole = shelfOf(image)) {
    const manifest = Buffer.from(dockerManifest(image, options?.tag));
    const [layout, index, ...rest] = entriesOf(whole, options === undefined ? [] : [options]);
    await writeTar(file, [layout, index, { name: 'manifest.json', bytes: manifest }, ...rest].filter((entry) => entry !== undefined));
}
function entriesOf(image, names) {
    return [
        { name: 'oci-layout', bytes: Buffer.from(LAYOUT_FILE) },
        { name: 'index.json', bytes: Buffer.from(layout_indexOf(image, names)) },
        ...documentsOf(image).map(({ digest, bytes }) => ({ name: (0,src_image/* blobName */.PF)(digest), bytes })),
        ...image.blobs.map((blob) => ({ name: (0,src_image/* blobName */.PF)(blob.digest), blob }))
    ];
}
/** The bytes of a blob, in pieces. Throws `wrong-digest` at its end where they are others. */
async function* checkedBytes(blob, signal) {
    const hash = (0,src_image/* hashFor */.Og)(blob.digest);
    for await (const piece of plainBytes(blob)) {
        signal?.throwIfAborted();
        hash.update(piece);
        yield piece;
    }
    (0,src_image/* checkDigest */.H2)(hash, blob.digest, 'a layer or config of the image');
}
async function* plainBytes({ size, file }) {
    if (size > 0)
        for await (const piece of (0,src_image/* streamRange */.y1)(file))
            yield piece;
}
async function writeTar(file, entries, bytesOf = plainBytes) {
    const out = (0,external_node_fs_.createWriteStream)(file, { highWaterMark: 1 << 20 });
    const failed = (0,external_node_stream_promises_.finished)(out);
    failed.catch(() => undefined); // awaited below
    const write = async (chunk) => {
        if (!out.write(chunk))
            await Promise.race([(0,external_node_events_.once)(out, 'drain'), failed]);
    };
    try {
        for (const entry of entries) {
            const size = 'blob' in entry ? entry.blob.size : entry.bytes.length;
            await write(tarHeader(entry.name, size));
            if ('bytes' in entry)
                await write(entry.bytes);
            else
                for await (const chunk of bytesOf(entry.blob))
                    await write(chunk);
            await write(padding(size));
        }
        await write(Buffer.alloc(2 * BLOCK));
    }
    finally {
        out.end();
    }
    await failed;
}
/** Of an image with several names it has an entry for each, as BuildKit and containerd write it. */
function layout_indexOf({ root, described = {} }, names) {
    const { mediaType, digest, bytes } = root;
    const descriptor = { mediaType, digest, size: bytes.length, ...described };
    return JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: names.length === 0
            ? [descriptor]
            : names.map((each) => ({ ...descriptor, annotations: { ...described.annotations, ...namesIn(each) } }))
    });
}
function namesIn({ refName, tag }) {
    return {
        // Containerd knows no short names.
        ...(tag === refName ? {} : { 'io.containerd.image.name': (0,core_reference/* canonicalName */.Ew)(tag) ?? tag }),
        'org.opencontainers.image.ref.name': refName
    };
}
function dockerManifest({ config, layers }, tag) {
    return JSON.stringify([
        {
            Config: (0,src_image/* blobName */.PF)(config.digest),
            RepoTags: tag === undefined ? null : [tag],
            Layers: layers.map(({ digest }) => (0,src_image/* blobName */.PF)(digest))
        }
    ]);
}
function shelfOf(image) {
    return { root: image.manifest, documents: [], blobs: distinctBlobs(image) };
}
function documentsOf({ root, documents }) {
    return [...new Map([root, ...documents].map((document) => [document.digest, document])).values()];
}
function distinctBlobs({ config, layers }) {
    return [...new Map([config, ...layers].map((blob) => [blob.digest, blob])).values()];
}
const BLOCK = 512;
/** A plain file's header; the names here are short and the numbers fit, up to 8 GiB in octal and beyond it in base 256. */
function tarHeader(name, size) {
    const block = Buffer.alloc(BLOCK);
    const octal = (value, at, length) => {
        block.write(`${value.toString(8).padStart(length - 1, '0')}\0`, at, 'latin1');
    };
    block.write(name, 0, 'latin1');
    octal(0o644, 100, 8);
    octal(0, 108, 8);
    octal(0, 116, 8);
    if (size < 8 ** 11)
        octal(size, 124, 12);
    else {
        block[124] = 0x80;
        block.writeBigUInt64BE(BigInt(size), 128);
    }
    octal(0, 136, 12);
    block.write('0', 156, 'latin1');
    block.write('ustar\x0000', 257, 'latin1');
    block.fill(' ', 148, 156);
    const sum = block.reduce((total, byte) => total + byte, 0);
    block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    return block;
}
function padding(size) {
    return Buffer.alloc((BLOCK - (size % BLOCK)) % BLOCK);
}

;// CONCATENATED MODULE: ./src/publish/files.ts
/** Files and folders of the user's `outputs`: from the private place to their own. */










/**
 * Writes an archive of the inspected image to its private place. Throws a `Stop` where the disk is full, or a blob has changed,
 * and `Cancelled`.
 */
async function writeImage({ entry, staged, names }, content, signal) {
    if (content === undefined)
        throw new Error('an engine with a classic image store has no layout');
    try {
        await (entry.isFolder ? writeLayout : writeLayoutArchive)(staged, content, names.map(archiveNames), signal);
    }
    catch (error) {
        if (signal.aborted)
            throw new src_ports/* Cancelled */.cJ();
        const full = (0,disk/* diskFailure */.j)(error);
        if (full !== undefined)
            throw new stop/* Stop */.V(full, { cause: error });
        if (!(error instanceof src_image/* ImageError */.C8))
            throw error;
        const cause = `the image was changed after it had been inspected: ${error.message}`;
        const fix = 'A command of `verify`, or another program on the runner, has written into the files that it was to read. Have it work on a copy.';
        throw new stop/* Stop */.V({ kind: 'mismatch', cause, fix }, { cause: error });
    }
}
/** Moves one; what was written of it stays where not all of it can be. Throws a `Stop` then. */
async function placeFile({ dest, staged, entry }) {
    try {
        await (0,promises_.mkdir)(external_node_path_default().dirname(external_node_path_default().resolve(dest)), { recursive: true });
        if (entry.isFolder) {
            await (0,promises_.mkdir)(dest, { recursive: true });
            for (const name of await (0,promises_.readdir)(staged))
                await move(external_node_path_default().join(staged, name), external_node_path_default().join(dest, name));
        }
        else
            await move(staged, dest);
    }
    catch (error) {
        const full = (0,disk/* diskFailure */.j)(error);
        if (full !== undefined)
            throw new stop/* Stop */.V(full, { cause: error });
        const reason = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(error, 'code')) ?? 'unknown';
        const problem = `"${entry.text}" was built, and could not be put in its place (${reason})`;
        const fix = 'It was free when the run began: see what lies there now, and whether the file system takes all that is in the image.';
        throw new stop/* Stop */.V({ kind: 'input', problems: [{ input: 'outputs', problem, fix }] }, { cause: error });
    }
}
/** Makes the folders that BuildKit writes into, without what an earlier call has left there. */
async function prepareFiles(files) {
    for (const { staged, entry } of files) {
        await (0,promises_.rm)(external_node_path_default().dirname(staged), { recursive: true, force: true });
        await (0,promises_.mkdir)(entry.isFolder ? staged : external_node_path_default().dirname(staged), { recursive: true });
    }
}
/** A file goes through a link, and into a device, as buildx writes it: neither is replaced. */
async function move(from, to) {
    const there = await (0,promises_.lstat)(to).catch(() => undefined);
    const isOther = there !== undefined && !there.isFile() && !there.isDirectory();
    try {
        if (isOther && (await (0,promises_.lstat)(from)).isFile()) {
            await (0,external_node_stream_promises_.pipeline)((0,external_node_fs_.createReadStream)(from), (0,external_node_fs_.createWriteStream)(to));
            return await (0,promises_.rm)(from);
        }
        await (0,promises_.rename)(from, to);
    }
    catch (error) {
        if (isOther)
            throw error;
        // Another file system.
        await (0,promises_.cp)(from, to, { recursive: true, preserveTimestamps: true, verbatimSymlinks: true });
        await (0,promises_.rm)(from, { recursive: true, force: true });
    }
}

// EXTERNAL MODULE: ./src/publish/plan.ts
var publish_plan = __webpack_require__(7872);
;// CONCATENATED MODULE: ./src/phases/content.ts
/** What was inspected, as the parts that a registry or an archive is made of. */




/**
 * Reads it when it is first asked for, and once.
 * @param places folders of layouts, one a platform; or the one archive that docker has saved of a classic image store
 * @param annotations of the index over several platforms
 */
function openContent(ports, places, annotations = {}) {
    let reading;
    return () => (reading ??= content_read(ports, places, annotations));
}
async function content_read(ports, places, annotations) {
    const [archive] = places.filter((place) => place.endsWith('.tar'));
    const reading = archive === undefined ? readContent(places, annotations) : readContent([await unpack(ports, archive)]);
    return reading.catch((0,inspect/* readable */.HD)(UNUSABLE));
}
const UNUSABLE = 'the image cannot be handed on';
/** Unpacks an archive beside it; returns the folder. */
async function unpack({ exec }, archive) {
    const layout = archive.replace(/\.tar$/, '-saved');
    await (0,promises_.mkdir)(layout, { recursive: true });
    const { exitCode, stderr } = await exec({ file: 'tar', args: ['-xf', archive, '-C', layout] });
    if (exitCode === 0)
        return layout;
    // It has a line for each file that it could not write.
    const lines = stderr.trim().split('\n');
    const words = lines.find((line) => /no space left/i.test(line)) ?? lines[0] ?? '';
    const message = `${UNUSABLE}: tar ended with exit code ${exitCode}${words === '' ? '' : `, ${words}`}`;
    throw new stop/* Stop */.V({ kind: 'engine', message });
}

// EXTERNAL MODULE: ./src/buildkit/provenance.ts
var buildkit_provenance = __webpack_require__(8801);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(2184);
// EXTERNAL MODULE: ./src/buildkit/bake.ts
var buildkit_bake = __webpack_require__(3791);
// EXTERNAL MODULE: ./src/buildkit/classify.ts + 1 modules
var classify = __webpack_require__(5724);
// EXTERNAL MODULE: ./src/buildkit/causes.ts
var causes = __webpack_require__(874);
;// CONCATENATED MODULE: ./src/buildkit/transient.ts



/** Work of BuildKit that reads from elsewhere, and changes nothing there. */
const READING = /load metadata for|resolve image config|importing cache manifest|load remote build context|^FROM /;
/** Texts of a server or a network that did not do what it usually does. */
const PASSING = /unexpected status(?:(?!unexpected status).)*: (?:429|50[0234]|52\d)\b|\b(?:429 Too Many Requests|50[0234] [A-Z])|invalid response status (?:429|50[0234])|failed size validation|unexpected commit digest|toomanyrequests|i\/o timeout|TLS handshake timeout|context deadline exceeded|connection reset by peer|connection timed out|temporary failure in name resolution|no such host|server misbehaving|unexpected EOF|: EOF$|Could not resolve host|The requested URL returned error: 50[0234]|early EOF|RPC failed/i;
/** Docker Hub counts pulls by the hour: a second try only counts as one more. */
const LASTING = /\bpull rate limit\b/;
/**
 * What may be tried once more, in BuildKit's own words; `undefined` where the failure would come back, where a step of a
 * test has begun (a test that is run until it passes proves nothing), or where something may have left the builder.
 */
function findTransient({ progress, testStages, onlyStage }) {
    const { message, speaker } = (0,plain_error/* readPlainError */.l)(progress.plain);
    const stumbles = causes/* cacheFault */.n4.test(message);
    if (speaker !== 'BuildKit' || message.includes('did not complete successfully'))
        return undefined;
    if (!stumbles && (!PASSING.test(message) || LASTING.test(message)))
        return undefined;
    if (/failed to push|error writing (?:layer|manifest) blob/.test(message))
        return undefined;
    const isTest = (stage) => testStages.some((test) => (0,core_step/* sameStage */.tB)(stage, test));
    const began = progress.steps.some((step) => (0,core_step/* isWork */.cD)(step) && isTest(step.stage ?? onlyStage) && step.state !== 'cached' && step.state !== 'waiting');
    if (began)
        return undefined;
    const reads = stumbles ||
        /failed to resolve source metadata|failed to read dockerfile|failed to load cache key|failed to authorize|failed to copy|failed to fetch/.test(message) ||
        progress.internals.some(({ name, error }) => error !== undefined && READING.test(name));
    return reads ? message : undefined;
}

// EXTERNAL MODULE: ./src/core/pair.ts
var pair = __webpack_require__(5735);
;// CONCATENATED MODULE: ./src/gate/contexts.ts
/** The folders on the runner that a build reads from: its context and its named contexts, and those of linked targets. */





/** Finds the folder that a load is of. */
function openContexts({ source, shape, linked }, load) {
    const folderAt = (place, dockerfile) => {
        let loading;
        const folder = external_node_path_default().resolve(place);
        if (load === undefined)
            return { folder };
        return { folder, loadIgnored: () => (loading ??= load(folder, dockerfile)) };
    };
    const contextsOf = (own, named) => ({
        own: own.context.kind === 'local' ? folderAt(own.context.path, own) : undefined,
        named: new Map(named.map(([name, place]) => [contexts_keyOf(name), folderAt((0,core_source/* localPlace */.N$)(place))]))
    });
    const build = contextsOf(source, (0,pair/* splitPairs */._)(shape.buildContexts));
    const targets = new Map(linked.map(({ name, source, attributes }) => {
        const named = Object.entries((0,core_json/* asObject */.eB)(attributes.contexts) ?? {});
        return [
            name,
            contextsOf(source, named.map(([name, place]) => [name, (0,core_json/* asString */.oJ)(place) ?? '']))
        ];
    }));
    return ({ linked, context }) => {
        const contexts = linked === undefined ? build : targets.get(linked);
        if (context === undefined)
            return contexts?.own;
        // One that is for all platforms is shown for each.
        return contexts?.named.get(contexts_keyOf(context)) ?? contexts?.named.get(contexts_keyOf(context.replace(/::.*$/s, '')));
    };
}
/** The name as BuildKit has it, and the platform that it is for. */
function contexts_keyOf(name) {
    const [plain = '', ...platform] = name.split('::');
    return [(0,core_reference/* familiarName */.hG)(plain), ...platform].join('::');
}

// EXTERNAL MODULE: ./src/gate/lacking.ts
var lacking = __webpack_require__(8268);
// EXTERNAL MODULE: ./src/gate/links.ts
var links = __webpack_require__(7198);
;// CONCATENATED MODULE: ./src/gate/readings.ts
/**
 * What the targets of a call have read of folders on the runner. BuildKit reads of a folder only what a target copies, so two
 * selections of one folder are two readings of it, a moment apart; the same selection is read once for all who share it.
 */





/** All readings of known folders. */
async function findReadings(told, contextOf) {
    const byVertex = new Map(told.steps.map((step) => [step.vertex, step]));
    const readings = allLoads(told).map(async (load) => {
        const context = contextOf(load);
        if (context === undefined)
            return [];
        // A stage that starts from a folder, and ends there, has all of it. What generated stages read is not the user's.
        const readers = load.readers.flatMap((vertex) => byVertex.get(vertex) ?? []);
        const sources = load.readers.length === 0 ? ['.'] : readers.flatMap((step) => sourcesOf(step, load, told.loads));
        const targets = told.builtFor.get(load.vertex) ?? [];
        const { vertex } = load;
        return [{ vertex, context, places: await readings_placesOf(context.folder, sources), readers: load.readers, targets }];
    });
    return (await Promise.all(readings)).flat();
}
/** The loads; a step that reads the context without one is a reading by itself. */
function allLoads({ steps, loads, builtFor }) {
    const loaded = new Set(loads.flatMap(({ readers }) => readers));
    const others = steps.filter(wasDone).flatMap((step) => {
        if (loaded.has(step.vertex) || readerOf(step) === undefined)
            return [];
        const linked = (0,core_linked/* readLinkedStage */.AO)(step.stage ?? '')?.target;
        return [{ vertex: step.vertex, readers: [step.vertex], ...(linked === undefined ? {} : { linked }) }];
    });
    return [...loads.filter(({ vertex }) => builtFor.has(vertex)), ...others];
}
/** Whether a step is work, and somebody wanted it done. */
function wasDone(step) {
    return (0,core_step/* isWork */.cD)(step) && step.state !== 'waiting';
}
/** The instruction of a step that reads the context; `undefined` for any other. */
function readerOf({ instruction }) {
    return (0,src_dockerfile/* parseDockerfile */.Ai)(instruction).instructions.slice(0, 1).find(src_dockerfile/* readsContext */.Hz);
}
/** What a step reads of a load; all of it where its words do not tell. */
function sourcesOf(step, { context, vertex }, loads) {
    if (context === undefined)
        return contextSources(step);
    // A stage that starts from a folder may mount a part of it, too.
    const several = loads.some((other) => other.vertex !== vertex && other.context === context && other.readers.includes(step.vertex));
    const [reader] = (0,src_dockerfile/* parseDockerfile */.Ai)(step.instruction).instructions;
    if (several || reader === undefined)
        return ['.'];
    if (reader.keyword !== 'RUN')
        return reader.flags.some((flag) => flag.startsWith('--from=')) ? copied(step) : ['.'];
    const mounts = (0,src_dockerfile/* mountsOf */.cS)(reader).filter(({ options }) => options.has('from'));
    return mounts.length === 0 ? ['.'] : mounts.map(({ options }) => known(options.get('source') ?? '.'));
}
/** What a step reads of the build context. */
function contextSources(step) {
    const reader = readerOf(step);
    if (reader === undefined)
        return ['.'];
    return reader.keyword === 'RUN' ? (0,src_dockerfile/* mountSources */.wL)(reader).map(known) : copied(step);
}
function copied({ instruction }) {
    if (/<<|\[/.test(instruction))
        return ['.'];
    const words = instruction.split(/\s+/).slice(1);
    return words
        .filter((word) => !word.startsWith('--'))
        .slice(0, -1)
        .map(known);
}
/** A path; all of the folder for one that a variable decides. */
function known(source) {
    return source.includes('$') ? '.' : source;
}
/** Where sources of COPY and of mounts lie, and what links on the way to them lead to. */
async function readings_placesOf(context, sources) {
    const found = [...new Set(sources)].map(async (source) => {
        const named = await namesOf(context, source);
        return (await Promise.all(named.map((relative) => follow(context, relative)))).flat();
    });
    return [...new Set((await Promise.all(found)).flat())];
}
/** The paths that a source stands for; of a pattern, everything in its folder that begins like it. */
async function namesOf(context, source) {
    const plain = external_node_path_default().posix.join('/', source).slice(1);
    const at = plain.search(/[*?[]/);
    if (at < 0)
        return [plain];
    const start = `${plain.slice(0, at)}x`;
    const [above, begins] = [external_node_path_default().posix.dirname(start), external_node_path_default().posix.basename(start).slice(0, -1)];
    const names = await (0,promises_.readdir)(external_node_path_default().join(context, above)).catch(() => []);
    return names.filter((name) => name.startsWith(begins)).map((name) => external_node_path_default().posix.join(above, name));
}
const MOST_LINKS = 40;
/** A path and the links on the way to it: BuildKit sends what they lead to as well, and takes none for a way out. */
async function follow(context, relative) {
    const links = [];
    let at = context;
    const open = readings_partsOf(relative);
    for (let part = open.shift(); part !== undefined && links.length < MOST_LINKS; part = open.shift()) {
        if (part === '..') {
            if (at !== context)
                at = external_node_path_default().dirname(at);
            continue;
        }
        const place = external_node_path_default().join(at, part);
        const target = await (0,promises_.readlink)(place).catch(() => undefined);
        if (target === undefined)
            at = place;
        else {
            links.push(place);
            if (external_node_path_default().isAbsolute(target))
                at = context;
            open.unshift(...readings_partsOf(target));
        }
    }
    return [...links, at];
}
function readings_partsOf(text) {
    return text.split('/').filter((part) => part !== '' && part !== '.');
}

;// CONCATENATED MODULE: ./src/gate/proof.ts
/**
 * The proof that the image is what was tested. One bake call makes it so: what image and test share is one vertex, with one
 * exception. Of a folder on the runner each may have a reading of its own (readings.ts). They are the same as long as nothing
 * that both read has changed since the call began.
 */



/** Holds an image and a test against each other. */
async function compareBuilds(evidence) {
    const split = findSplitSteps(evidence);
    const names = new Set(split.map(({ name }) => name));
    const readers = new Set(evidence.readings.flatMap((reading) => reading.readers));
    const isExplained = (step) => readers.has(step.vertex) || (step.inputs ?? []).some((input) => names.has(input));
    const odd = split.find((step) => !isExplained(step));
    if (odd !== undefined)
        return different(`the step ${odd.name} was built twice, from different inputs`);
    const { changed, isWhole } = await findChanged(evidence);
    if (changed !== undefined)
        return different(`${changed} changed while the build ran`);
    const material = findOtherMaterial(evidence.provenance.image, evidence.provenance.test);
    if (material !== undefined)
        return different(material);
    if (!isWhole)
        return { kind: 'unsure', why: 'the context has too many files, or too many that changed, to look at each' };
    const unknown = findUnknownLoad(evidence);
    return unknown === undefined ? { kind: 'same' } : { kind: 'unsure', why: `it is not known where ${unknown} lies` };
}
function different(cause) {
    return { kind: 'different', cause };
}
/** Steps of both that have one vertex for the image and another for the test. */
function findSplitSteps({ steps, builtFor, targets }) {
    return [...Map.groupBy(steps.filter(wasDone), ({ name }) => name).values()].flatMap((own) => {
        const of = (target) => own.filter(({ vertex }) => builtFor.get(vertex)?.includes(target) === true);
        const [forImage, forTest] = [of(targets.image), of(targets.test)];
        const isShared = forImage.length === 0 || forTest.length === 0 || forImage.some((step) => forTest.includes(step));
        return isShared ? [] : forImage;
    });
}
/** What image or test alone have read of a folder that is not known. */
function findUnknownLoad({ loads, builtFor, targets, contextOf }) {
    const own = loads.find((load) => {
        const readers = builtFor.get(load.vertex) ?? [];
        return readers.includes(targets.image) !== readers.includes(targets.test) && contextOf(load) === undefined;
    });
    if (own === undefined)
        return undefined;
    return own.context === undefined ? 'the build context' : `the context "${own.context}"`;
}
/** The first of the files and folders that changed since the call began, and of which image and test have a reading each. */
async function findChanged(evidence) {
    const { targets, contextOf, findWritten, readings } = evidence;
    const isOf = ({ targets }, target) => targets.includes(target);
    const pairs = readings
        .filter((one) => isOf(one, targets.image))
        .flatMap((one) => readings
        .filter((other) => other.vertex !== one.vertex && isOf(other, targets.test))
        // What both have of both is the same in the test and in the image.
        .filter((other) => !isOf(one, targets.test) || !isOf(other, targets.image))
        .map((other) => [one, other]));
    const shared = pairs.flatMap(([{ places: own }, { places: theirs }]) => [
        ...within(own, theirs),
        ...within(theirs, own)
    ]);
    if (shared.length === 0)
        return { isWhole: true };
    const { places, isWhole } = await findWritten([...new Set(shared)]);
    for (const place of places) {
        for (const pair of pairs) {
            const [isRead, isTested] = [await reads(pair[0], place), await reads(pair[1], place)];
            if (isRead && isTested)
                return { changed: shownIn(contextOf({})?.folder ?? pair[0].context.folder, place), isWhole };
        }
    }
    return { isWhole };
}
/** Whether a reading has a place in it, and BuildKit does not pass it over. */
async function reads({ context: { folder, loadIgnored }, places }, place) {
    if (within([place], places).length === 0)
        return false;
    const isIgnored = await loadIgnored?.();
    return isIgnored?.(external_node_path_default().relative(folder, place)) !== true;
}
/** As the workflow would write it: relative to the context, or with its whole path where it lies elsewhere. */
function shownIn(context, place) {
    return (0,links/* isWithin */.UO)(place, context) ? external_node_path_default().relative(context, place) : place;
}
/** Those of some places that are, or lie in, one of others. */
function within(places, others) {
    return places.filter((place) => others.some((other) => (0,links/* isWithin */.UO)(place, other)));
}
/** Something that both were built from, and that changed between them. */
function findOtherMaterial(image, test) {
    for (const [uri, digest] of image.materials) {
        const other = test.materials.get(uri);
        if (other !== undefined && other !== digest)
            return `${uri} was ${other} for the tests and ${digest} for the image`;
    }
    return undefined;
}

;// CONCATENATED MODULE: ./src/gate/report_target.ts
/**
 * A stage whose files are exported although the tests failed (`test-report-target`): JUnit files, and a file with the exit code
 * of the tests. The build of such a stage never fails by itself, so this file has the verdict: without it nothing passed.
 */





/** How the file with the exit code may be called. */
const CODE_FILE = /(?:^|\/)exit[-_]?code(?:\.txt)?$/i;
/** An export that is larger holds more than reports. */
const MOST_BYTES = 256 * 2 ** 20;
/** A number needs no more. */
const CODE_BYTES = 64;
/** Reads what the report stages of a call have exported. Of a red call the ones that had come to their end. */
async function readExports(targets, ok) {
    const read = [];
    for (const target of targets) {
        if (target.role !== 'test' || target.exported === undefined)
            continue;
        try {
            const { stage, platform, name, exported } = target;
            read.push({ stage, platform, target: name, ...(await readExport(exported)) });
        }
        catch (error) {
            if (ok)
                throw error; // a build that went well has written them whole
        }
    }
    return read;
}
async function readExport(archive) {
    const { size } = await (0,promises_.stat)(archive);
    if (size > MOST_BYTES)
        return { files: [], verdict: { kind: 'too-large', bytes: size } };
    const places = [];
    const reader = (0,src_image/* tarReader */.Rp)({
        entry({ type, path, size: length, storedSize, dataOffset }) {
            const name = path.toString('utf8').replace(/^(?:\.?\/)+/, '');
            const leaves = name.split('/').some((part) => part === '' || part === '..' || part.length > 200);
            if (type === 'file' && length === storedSize && !leaves)
                places.push({ path: name, at: dataOffset, size: length });
        },
        content: () => undefined,
        entryEnd: () => undefined
    }, src_image/* defaultLimits */.MK);
    for await (const chunk of (0,external_node_fs_.createReadStream)(archive, { highWaterMark: 1 << 20 }))
        reader.write(chunk);
    reader.end();
    const files = places.map(({ path, at, size: length }) => ({
        path,
        size: length,
        read: () => length === 0 ? (0,external_node_fs_.createReadStream)('/dev/null') : (0,external_node_fs_.createReadStream)(archive, { start: at, end: at + length - 1 })
    }));
    const isCode = ({ path }) => CODE_FILE.test(path);
    return { files: files.filter((file) => !isCode(file)), verdict: await readVerdict(files.filter(isCode)) };
}
async function readVerdict(files) {
    if (files.length === 0)
        return { kind: 'missing' };
    let verdict = { kind: 'passed' };
    for (const file of files) {
        const text = file.size > CODE_BYTES ? '' : (await textOf(file)).trim();
        if (!/^\d{1,3}$/.test(text))
            return { kind: 'unreadable' };
        if (verdict.kind === 'passed' && Number(text) !== 0)
            verdict = { kind: 'failed', exitCode: Number(text) };
    }
    return verdict;
}
async function textOf(file) {
    let text = '';
    for await (const chunk of file.read())
        text += chunk.toString('utf8');
    return text;
}
/** The failure that the exit codes tell of; `undefined` where all are 0. */
function judgeExports(exports, images, progress) {
    const write = 'Write it where the tests run, "RUN pytest --junitxml=/out/junit.xml; echo $? > /out/exit-code", and copy';
    for (const { stage, verdict, target } of exports) {
        const refuse = (problem, fix) => ({
            kind: 'input',
            problems: [{ input: 'test-report-target', problem: `the stage "${stage}" ${problem}`, fix }]
        });
        switch (verdict.kind) {
            case 'passed':
                break;
            case 'missing':
                return refuse('exports no file "exit-code", so it is not known whether the tests passed', `${write} the folder here.`);
            case 'unreadable':
                return refuse('has an exit-code file that holds no exit code', `${write} that file alone.`);
            case 'too-large':
                return refuse(`exports ${(0,units/* bytes */.ee)(verdict.bytes)} of files`, 'Let it begin with "FROM scratch", and copy nothing but the reports into it.');
            case 'failed': {
                const { exitCode } = verdict;
                const step = testStep(stage, target, images, progress);
                if (step === undefined)
                    return refuse(`says that the tests ended with ${exitCode}`, 'Mend the tests.');
                return { kind: 'test', step, exitCode, reported: true };
            }
        }
    }
    return undefined;
}
/** The step that ran the tests: the last command that the stage needs and the image does not. */
function testStep(stage, target, images, progress) {
    const own = ownSteps(target, images, progress);
    const isRun = ({ instruction }) => /^RUN\s/i.test(instruction);
    return (own.findLast((step) => isRun(step) && step.state !== 'cached') ??
        own.findLast(isRun) ??
        own.findLast((step) => (0,core_step/* sameStage */.tB)(step.stage ?? '', stage)) ??
        own.at(-1));
}
/** Whether no command of the tests ran now: a stage that only collects is copied anew at times, and cached at others. */
function isCachedExport({ target }, images, progress) {
    return ownSteps(target, images, progress).every(({ state }) => state === 'cached');
}
function ownSteps(target, images, { steps, builtFor }) {
    return steps.filter((step) => {
        const targets = builtFor.get(step.vertex) ?? [];
        return (0,core_step/* isWork */.cD)(step) && targets.includes(target) && !images.some((image) => targets.includes(image));
    });
}
/** The stages whose tests did not pass by their exit code. */
function failedStages(exports) {
    return exports.flatMap(({ stage, verdict }) => (verdict.kind === 'passed' ? [] : [stage]));
}

// EXTERNAL MODULE: ./src/gate/script.ts
var script = __webpack_require__(8860);
;// CONCATENATED MODULE: ./src/gate/twins.ts
/** Steps that have one vertex for the image and another for a test, though they are the same work. Pure. */

/**
 * One step for each: BuildKit runs the work for one of the vertices, and finds it done for the other. It goes by the vertex
 * of the image, which the layers are told of by.
 * @param isOfImage whether a vertex was built for the image
 */
function joinTwins(steps, isOfImage) {
    const groups = Map.groupBy(steps, ({ name, vertex }) => (name === '' ? vertex : name));
    const joined = new Map();
    for (const own of groups.values()) {
        const [first] = own;
        if (first === undefined || own.length === 1 || !(0,core_step/* isWork */.cD)(first))
            continue;
        const kept = own.find(({ vertex }) => isOfImage(vertex)) ?? first;
        const telling = (0,core_step/* tellingMost */.tk)(own) ?? kept;
        const { state, seconds, logTail } = telling;
        joined.set(kept.name, {
            ...kept,
            ...{ state, seconds, logTail },
            ...(telling.startedAt === undefined ? {} : { startedAt: telling.startedAt }),
            ...(telling.error === undefined ? {} : { error: telling.error })
        });
    }
    const seen = new Set();
    return steps.flatMap((step) => {
        const twin = joined.get(step.name);
        if (twin === undefined || !(0,core_step/* isWork */.cD)(step))
            return [step];
        if (seen.has(step.name))
            return [];
        seen.add(step.name);
        return [twin];
    });
}

;// CONCATENATED MODULE: ./src/gate/untold.ts

/**
 * The steps of a call that ended well, with what is known of those that wait to its end. What ran for a vertex of another build
 * ran for this one, and what nothing but cached steps are built from came with them. The others stay as they are.
 */
function settleUntold({ steps, graph, builtFor }) {
    const twins = findTold(steps, graph);
    const users = usersIn(graph);
    const foreign = findForeign(twins, users, builtFor);
    const known = new Map(steps.map((step) => [step.vertex, twins.has(step) ? likeTwin(step, twins.get(step)) : step]));
    const isCached = new Map();
    /** Whether it came with steps that are cached, all of them; what is no step is walked through. */
    const cameCached = (vertex) => {
        const found = isCached.get(vertex);
        if (found !== undefined)
            return found;
        const above = users.get(vertex) ?? [];
        const came = above.length > 0 &&
            above.every((user) => {
                const state = known.get(user)?.state ?? 'waiting';
                return state === 'cached' || (state === 'waiting' && cameCached(user));
            });
        isCached.set(vertex, came);
        return came;
    };
    return steps.flatMap((each) => {
        if (foreign.has(each.vertex))
            return [];
        const step = known.get(each.vertex) ?? each;
        return [step.state === 'waiting' && cameCached(step.vertex) ? { ...step, state: 'cached' } : step];
    });
}
/** They have the same name; and what two such are built from is the same, input by input, whatever BuildKit calls it. */
function findTold(steps, graph) {
    const byVertex = new Map(steps.map((step) => [step.vertex, step]));
    const twins = new Map();
    for (const own of Map.groupBy(steps.filter(core_step/* isWork */.cD), ({ name }) => name).values()) {
        const telling = (0,core_step/* tellingMost */.tk)(own);
        if (telling === undefined || telling.state === 'waiting')
            continue;
        for (const step of own)
            if (step.state === 'waiting')
                twins.set(step, telling);
    }
    // A map is walked through to its end, and what is added on the way belongs to it.
    for (const [step, twin] of twins) {
        const [inputs, others] = [graph.get(step.vertex) ?? [], graph.get(twin.vertex) ?? []];
        if (inputs.length !== others.length)
            continue;
        for (const [at, vertex] of inputs.entries()) {
            const [input, other] = [byVertex.get(vertex), byVertex.get(others[at] ?? '')];
            if (input?.state !== 'waiting' || other === undefined || other.state === 'waiting')
                continue;
            if (input.instruction === other.instruction && !twins.has(input))
                twins.set(input, other);
        }
    }
    return twins;
}
/** Vertices of another build that are told once more by those that wait for them. */
function findForeign(twins, users, builtFor) {
    const foreign = new Set();
    for (const [step, twin] of twins) {
        const targets = builtFor.get(step.vertex) ?? [];
        // A target of this call may wait for another of it, whose step is no less its own.
        if (!(builtFor.get(twin.vertex) ?? []).every((target) => targets.includes(target)))
            continue;
        const above = users.get(twin.vertex) ?? [];
        if (step.name === twin.name || above.every((user) => foreign.has(user)))
            foreign.add(twin.vertex);
    }
    return foreign;
}
function usersIn(graph) {
    const users = new Map();
    for (const [vertex, inputs] of graph) {
        for (const input of inputs) {
            const known = users.get(input);
            if (known === undefined)
                users.set(input, [vertex]);
            else
                known.push(vertex);
        }
    }
    return users;
}
function likeTwin(step, twin) {
    if (twin === undefined)
        return step;
    const { state, seconds, logTail, startedAt } = twin;
    return { ...step, state, seconds, logTail, ...(startedAt === undefined ? {} : { startedAt }) };
}

;// CONCATENATED MODULE: ./src/gate/written.ts
/** What was written in a context since a moment. */



/** Entries that are looked at for one question. Some seconds of work. */
const MOST_ENTRIES = 1_000_000;
/** Changes that are told. Most are of files that the builder is not sent, and who asks tells them apart. */
const MOST_CHANGES = 100_000;
/** Entries until somebody else has a turn. A look at the disk that is waited for one by one takes ten times as long. */
const AT_ONCE = 2000;
/**
 * One look for all who ask: a place that was looked at is not looked at again. Git's own folder is nobody's source unless it is
 * named: asking git anything writes into it.
 * @param since milliseconds since the epoch
 * @param limits for tests
 */
function openWritten(since, { entries, changes } = {}) {
    const [mostEntries, mostChanges] = [entries ?? MOST_ENTRIES, changes ?? MOST_CHANGES];
    const known = new Map();
    const look = async (start) => {
        const places = [];
        const open = [start];
        for (let seen = 1; open.length > 0; seen += 1) {
            if (seen > mostEntries || places.length >= mostChanges)
                return { places, isWhole: false };
            if (seen % AT_ONCE === 0)
                await (0,external_node_timers_promises_.setImmediate)();
            const place = open.pop() ?? '';
            const facts = lstatOf(place);
            if (facts === undefined)
                continue;
            const isGit = external_node_path_default().basename(place) === '.git';
            if (facts.ctimeMs >= since && !isGit)
                places.push(place);
            if (!facts.isDirectory())
                continue;
            for (const name of written_namesIn(place)) {
                const isNoise = name === '.git' || (isGit && /^index$|\.lock$/.test(name));
                if (!isNoise)
                    open.push(external_node_path_default().join(place, name));
            }
        }
        return { places, isWhole: true };
    };
    return async (places) => {
        const found = [];
        for (const place of places) {
            const looking = known.get(place) ?? look(place);
            known.set(place, looking);
            found.push(await looking);
        }
        return { places: found.flatMap((each) => each.places), isWhole: found.every(({ isWhole }) => isWhole) };
    };
}
function lstatOf(place) {
    try {
        return (0,external_node_fs_.lstatSync)(place, { throwIfNoEntry: false });
    }
    catch {
        return undefined;
    }
}
function written_namesIn(folder) {
    try {
        return (0,external_node_fs_.readdirSync)(folder);
    }
    catch {
        return [];
    }
}

// EXTERNAL MODULE: ./src/gate/targets.ts
var targets = __webpack_require__(7853);
;// CONCATENATED MODULE: ./src/gate/build.ts
/**
 * The build of a run: the tests and the image in one bake call, the image exported while the tests still run. A red test
 * cancels the rest; what had been exported by then lies in a private folder and goes with it.
 */

























/** Builds it. In an untrusted run a target that lacks a credential is left out, and the others are built without it. */
async function runBuild(ports, options) {
    const calls = openCalls(ports, options);
    await refuseUnknown(ports, bakeOf(options, calls.targets));
    let wanted = calls.targets;
    const leftOut = [];
    const interruptions = [];
    const since = Date.now();
    // Each round leaves out at least one target.
    for (let round = 0; round <= calls.targets.length; round += 1) {
        const tried = await callPatiently(ports, options, calls, wanted);
        const { result } = tried;
        interruptions.push(...tried.notes);
        wanted = tried.targets;
        const failure = result.ok ? undefined : failureOf(result, options, wanted);
        const lacking = failure === undefined ? undefined : withheldCredential(failure, options);
        const without = lacking === undefined ? wanted : withoutFailed(result, wanted);
        if (lacking === undefined || without.length === wanted.length) {
            return readRun(result, failure, { options, targets: wanted, leftOut, interruptions, since });
        }
        const stages = new Set(wanted.filter((target) => !without.includes(target)).map(({ stage }) => stage));
        for (const stage of stages)
            leftOut.push({ stage, lacking });
        wanted = without.length === 0 ? without : await calls.again(without);
        if (wanted.length === 0)
            return readRun(result, undefined, { options, targets: wanted, leftOut, interruptions, since });
        ports.log.info(`The build needs ${lacking}, which this run is not given. What can be built without it is built now.`);
    }
    throw new Error(`the build was not settled in ${calls.targets.length} rounds`);
}
/**
 * Each call gets a folder of its own, since an OCI layout that is written into again keeps the image that was there. A cache
 * that has broken one is read by none that comes after it.
 */
function openCalls(ports, options) {
    const { base, plan, exporting } = options;
    const { platforms } = base.build.shape;
    const planCall = (call) => (0,targets/* planTargets */.iS)({
        ...{ tests: plan.testTargets, testReport: plan.testReport, target: plan.target },
        exporting: call === 0 ? exporting : { ...exporting, folder: external_node_path_default().join(exporting.folder, `call-${call}`) },
        platforms,
        annotations: base.build.image.annotations,
        ...(call > 0 || options.looksUp !== true || plan.lookup === undefined ? {} : { lookup: plan.lookup })
    });
    let calls = 0;
    let imports = core_progress/* noImports */.QN;
    const again = async (targets) => {
        await options.beforeAgain?.();
        calls += 1;
        await (0,promises_.mkdir)(external_node_path_default().join(exporting.folder, `call-${calls}`), { recursive: true });
        const names = new Set(targets.map(({ name }) => name));
        return planCall(calls).filter(({ name }) => names.has(name));
    };
    return {
        targets: planCall(0),
        again,
        async call(first) {
            let targets = first;
            const usable = (0,buildkit_imports/* usableCache */.fP)({ from: options.cacheFrom, to: [] }, imports);
            const result = await (0,buildkit_solve/* runBake */.LS)(ports, bakeOf({ ...options, cacheFrom: usable.from }, targets), {
                env: { ...options.env, BUILDX_METADATA_PROVENANCE: 'max' },
                listener: listen(ports, () => targets, options),
                platforms: platformNames(targets, platforms),
                planAgain: async () => (targets = await again(targets))
            });
            imports = (0,core_progress/* addImports */.q3)(imports, result.progress);
            const { broken } = imports;
            const progress = broken === undefined ? result.progress : { ...result.progress, broken };
            return { result: { ...result, progress }, targets };
        }
    };
}
/** The call, and once more where a registry or the network was in the way and no test had run. */
async function callPatiently(ports, { plan }, calls, targets) {
    const start = performance.now();
    const first = await calls.call(targets);
    const { result } = first;
    if (isHelpersFailure(result, first.targets)) {
        // What went wrong is told best by a target of the user's.
        return { ...(await calls.call(await calls.again(targets))), notes: [] };
    }
    const only = plan.onlyStage === undefined ? {} : { onlyStage: plan.onlyStage };
    const text = result.ok
        ? undefined
        : findTransient({ progress: result.progress, testStages: plan.testTargets, ...only });
    if (text === undefined)
        return { ...first, notes: [] };
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    ports.log.info(`The build was interrupted (${text}). It is tried once more.`);
    return {
        ...(await calls.call(await calls.again(targets))),
        notes: [`The build was interrupted after ${seconds} s and tried once more: ${text}.`]
    };
}
/** Whether the call ended at a target that only looks the cache up, before a step failed. */
function isHelpersFailure(result, targets) {
    if (result.ok || result.progress.steps.some(({ state }) => state === 'failed'))
        return false;
    const failed = failedTarget(result);
    return targets.some(({ name, role }) => name === failed && role === 'helper');
}
/** The target that the message of a failed call names. */
function failedTarget({ progress }) {
    return progress.plain.map((line) => /^ERROR: target ([\w-]+): /.exec(line)?.[1]).findLast(Boolean);
}
function bakeOf({ base, plan, cacheFrom, metadataFile }, targets) {
    const { fresh } = base.build;
    const rerun = fresh.rerunTests ? plan.testTargets : [];
    return {
        ...base,
        targets,
        metadataFile,
        cache: { from: cacheFrom },
        fresh: { noCache: fresh.noCache, noCacheFilters: [...fresh.noCacheFilters, ...rerun] }
    };
}
/** What an old buildx does not know of a bake file it passes over in silence. It is asked where that would matter. */
async function refuseUnknown(ports, bake) {
    const { addHosts, allow } = bake.build.shape;
    const asked = [
        ...(addHosts.length === 0 ? [] : [{ input: 'add-hosts', attribute: 'extra-hosts' }]),
        ...(allow.length === 0 ? [] : [{ input: 'allow', attribute: 'entitlements' }])
    ];
    const [first] = bake.targets;
    if (asked.length === 0 || first === undefined)
        return;
    const { exitCode, stdout } = await ports.exec((0,buildkit_bake/* planPrint */.Nm)(bake), { input: (0,buildkit_bake/* planPrint */.Nm)(bake).input, timeoutSeconds: 30 });
    if (exitCode !== 0)
        return; // the build itself will say why
    const problems = asked
        .filter(({ attribute }) => (0,core_json/* dig */.rO)((0,core_json/* parseJSON */.Ol)(stdout), 'target', first.name, attribute) === undefined)
        .map(({ input }) => ({
        input,
        problem: 'this buildx cannot set it in the one call that builds the tests and the image',
        fix: 'Use a newer buildx; docker/setup-buildx-action installs one.'
    }));
    if (problems.length > 0)
        throw new stop/* Stop */.V({ kind: 'input', problems });
}
/** @param targetsOf those that are built now */
function listen({ log }, targetsOf, { onExporting, onExported }) {
    const listener = (0,buildkit_solve/* logProgress */.sc)(log);
    return {
        ...listener,
        onInternal(internal, event) {
            listener.onInternal?.(internal, event);
            if (!internal.name.startsWith('exporting to oci image format') || internal.error !== undefined)
                return;
            const targets = targetsOf();
            const isMeant = ({ name }) => targets.length === 1 || name === internal.target;
            const image = targets.filter(({ role }) => role === 'image').find(isMeant);
            const tell = event === 'started' ? onExporting : onExported;
            if (image?.role === 'image')
                tell?.({ platform: image.platform, layout: image.layout });
        }
    };
}
/** How steps of a target are named for its platform, where there are several: as BuildKit does in one solve for all. */
function platformNames(targets, platforms) {
    if (platforms.length < 2)
        return {};
    return Object.fromEntries(targets.flatMap((target) => (target.role === 'files' ? [] : [[target.name, target.platform]])));
}
function failureOf(result, { base, plan, cacheFrom, builder }, targets) {
    const linked = (0,buildkit_bake/* linkedBuilds */.r$)({ ...base, targets, cache: { from: cacheFrom } });
    const failed = linked.find(({ name }) => name === failedTarget(result))?.target.name;
    const step = result.progress.steps.find((each) => each.state === 'failed' && (0,core_linked/* isLinkedStep */.w4)(each));
    const whose = failed ?? (0,core_linked/* readLinkedStage */.AO)(step?.stage ?? '')?.target;
    const isOwn = openOwnSteps(plan, result.progress.builtFor);
    const steps = result.progress.steps.map((each) => {
        // A step of a test may go by the name of a stage of the image, which it is a step of, too.
        const test = plan.testTargets.find((stage) => each.state === 'failed' && isOwn(each, stage, build_namesOf(targets, stage)));
        return test === undefined ? each : { ...each, stage: test };
    });
    const failure = (0,classify/* classifyFailure */.X)({
        ...result,
        progress: { ...result.progress, steps },
        testStages: plan.testTargets,
        isLinked: whose !== undefined,
        ...(plan.onlyStage === undefined ? {} : { onlyStage: plan.onlyStage }),
        ...(builder === undefined ? {} : { builder })
    });
    if (failure.kind === 'credential')
        return { ...failure, ...(whose === undefined ? {} : { linked: whose }) };
    // A step is told by its stage.
    const isTold = failed === undefined || !('message' in failure) || ('step' in failure && failure.step !== undefined);
    return isTold ? failure : { ...failure, message: `${failure.message} (in the linked target "${failed}")` };
}
/** The targets without those of the stage that failed: the message names one, or the failed step tells whose it is. */
function withoutFailed(result, targets) {
    const { steps, builtFor } = result.progress;
    const step = steps.find(({ state }) => state === 'failed');
    const named = [failedTarget(result), ...(builtFor.get(step?.vertex ?? '') ?? [])];
    const failed = named
        .map((name) => targets.find((target) => target.name === name && target.role !== 'helper'))
        .find((target) => target !== undefined) ?? (targets.length === 1 ? targets[0] : undefined);
    if (failed === undefined)
        return targets;
    const isImage = failed.role !== 'test';
    return targets.filter((target) => isImage ? target.role === 'test' : target.stage !== failed.stage || target.role !== 'test');
}
async function readRun(result, failure, settled) {
    const { options, targets, leftOut, interruptions } = settled;
    const { plan, untrusted } = options;
    const { progress } = result;
    const metadata = result.ok ? result.metadata : new Map();
    const isLeftOut = (stage) => leftOut.some((left) => left.stage === stage);
    const ofImages = targets.filter(({ role }) => role === 'image').map(({ name }) => name);
    const told = result.ok && failure === undefined ? { ...progress, steps: settleUntold(progress) } : progress;
    const exports = (await readExports(targets, result.ok)).map((each) => ({
        ...each,
        cached: isCachedExport(each, ofImages, told)
    }));
    const proof = result.ok && failure === undefined
        ? await prove(progress, metadata, settled, ofImages)
        : { notes: [], untested: [] };
    const broken = failure ?? proof.failure ?? judgeExports(exports, ofImages, told);
    const failed = result.ok ? failedStages(exports) : [];
    const isOwn = openOwnSteps(plan, progress.builtFor);
    const tests = plan.testTargets.map((stage) => {
        if (isLeftOut(stage) || proof.untested.includes(stage))
            return { stage, result: 'skipped', seconds: 0 };
        const names = build_namesOf(targets, stage);
        const own = told.steps.filter((step) => (0,core_step/* isWork */.cD)(step) && isOwn(step, stage, names));
        const judged = judgeTarget(stage, own, failure === undefined);
        return failed.includes(stage) ? { ...judged, result: 'failed' } : judged;
    });
    const images = result.ok && failure === undefined
        ? targets.flatMap((target) => target.role === 'image'
            ? [{ platform: target.platform, layout: target.layout, metadata: metadata.get(target.name) ?? buildkit_provenance/* noMetadata */.Jh }]
            : [])
        : [];
    const isOfImage = (vertex) => progress.builtFor.get(vertex)?.some((name) => ofImages.includes(name)) === true;
    const ofTests = targets.filter(({ role }) => role === 'test').map(({ name }) => name);
    return {
        gate: plan.testTargets.length === 0
            ? { verdict: 'skipped', reason: 'no test-target is set', targets: [] }
            : judgeGate(tests, broken, { leftOut: leftOut.map(({ stage }) => stage), untested: proof.untested }),
        images: broken === undefined ? images : [],
        exports,
        files: targets.flatMap(({ role, name }) => (role === 'files' ? (metadata.get(name) ?? []) : [])),
        progress: { ...progress, steps: joinTwins(told.steps, isOfImage) },
        provenance: [...ofImages, ...ofTests].flatMap((name) => metadata.get(name)?.provenance ?? []),
        notes: [
            ...interruptions,
            ...proof.notes,
            ...leftOut.map(({ stage, lacking }) => `${(0,core_step/* stageInWords */.D6)(stage)} was left out: it needs ${lacking}, and ${untrusted ?? ''}.`)
        ],
        ...(broken === undefined ? {} : { failure: detailed(broken, options, metadata) })
    };
}
/** A failure with what is known of its step beside its words. */
function detailed(failure, { plan, supplied }, metadata) {
    const lines = [...metadata.values()].map(({ provenance }) => provenance.lines);
    return (0,script/* withScript */._)((0,lacking/* withLacking */.Ko)(failure, supplied), plan.scripts ?? [], (vertex) => lines.map((each) => each.get(vertex)).find((line) => line !== undefined));
}
/** Names of the targets that build a test, one a platform. */
function build_namesOf(targets, stage) {
    return targets.flatMap((target) => (target.role === 'test' && target.stage === stage ? [target.name] : []));
}
/** What a build that went well may not be: tests that ran nothing, or an image that is not what was tested. */
async function prove({ steps, loads, builtFor }, metadata, { options, targets, since }, images) {
    const { plan } = options;
    const contextOf = openContexts(options.base.build, options.loadIgnored);
    const tests = targets.filter(({ role }) => role === 'test');
    const provenanceOf = (name) => (metadata.get(name) ?? buildkit_provenance/* noMetadata */.Jh).provenance;
    const untested = findUntested(tests, images, { steps, builtFor }, {
        isOwn: openOwnSteps(plan, builtFor),
        lineOf: (target, vertex) => provenanceOf(target).lines.get(vertex)
    });
    const [first] = untested;
    if (first !== undefined) {
        const problem = `stage ${first} runs no command while it is built: a build does not run CMD or ENTRYPOINT`;
        const fix = 'Write the tests as a RUN in this stage, for example "RUN pytest".';
        return { failure: { kind: 'input', problems: [{ input: 'test-target', problem, fix }] }, notes: [], untested };
    }
    const notes = new Set();
    const findWritten = openWritten(since);
    const readings = tests.length === 0 ? [] : await findReadings({ steps, loads, builtFor }, contextOf);
    for (const image of targets) {
        if (image.role !== 'image')
            continue;
        for (const test of targets) {
            if (test.role !== 'test' || test.platform !== image.platform)
                continue;
            const agreement = await compareBuilds({
                ...{ steps, loads, builtFor, contextOf, readings, findWritten },
                targets: { image: image.name, test: test.name },
                provenance: { image: provenanceOf(image.name), test: provenanceOf(test.name) }
            });
            if (agreement.kind === 'different') {
                return { failure: { kind: 'mismatch', cause: agreement.cause }, notes: [...notes], untested };
            }
            if (agreement.kind === 'unsure') {
                notes.add(`Whether a file changed between its reading for the tests and for the image is not known: ${agreement.why}.`);
            }
        }
    }
    return { notes: [...notes], untested };
}
/** The credential a failed step asked for and was not given: in BuildKit's words, or in the step's own mounts. */
function withheldCredential(failure, { untrusted, supplied }) {
    if (untrusted === undefined)
        return undefined;
    if (failure.kind === 'credential')
        return (0,lacking/* credentialInWords */.ae)(failure);
    // A test that ran and failed is red, whatever it mounts.
    if (failure.kind !== 'build' || failure.step === undefined)
        return undefined;
    const [first] = (0,lacking/* lackingOf */.zb)(failure.step, supplied);
    return first === undefined ? undefined : (0,lacking/* credentialInWords */.ae)(first);
}

;// CONCATENATED MODULE: ./src/inspect/instructions.ts
/** Instructions as the Dockerfile has them: BuildKit writes the values of variables into the names of its steps. */

/** The layers of images with the Dockerfile's own words, where its line is known, and else without the values of build arguments. */
function withOwnWords(images, dockerfile, buildArgs) {
    const instructions = dockerfile === undefined ? [] : (0,src_dockerfile/* parseDockerfile */.Ai)(dockerfile).instructions;
    const texts = new Map(instructions.map(({ line, text }) => [line, text]));
    return images.map((image) => ({
        ...image,
        layers: image.layers.map((layer) => {
            if (layer.base)
                return layer;
            const own = layer.line === undefined ? undefined : texts.get(layer.line);
            const isSame = own?.split(' ', 1)[0]?.toUpperCase() === layer.instruction.split(' ', 1)[0]?.toUpperCase();
            if (own === undefined || !isSame)
                return { ...layer, instruction: withoutValues(layer.instruction, buildArgs) };
            return hasVariables(own) ? { ...layer, instruction: own } : layer;
        })
    }));
}
/** Whether BuildKit's words for an instruction may have values in them. Of a heredoc it shows a line. */
function hasVariables(instruction) {
    return instruction.includes('$') || instruction.includes('<<');
}
/** A shorter value is found in any instruction. */
const SHORTEST_VALUE = 6;
/** An instruction with the names of build arguments in the place of their values, where nobody knows the Dockerfile's words. */
function withoutValues(instruction, buildArgs) {
    const values = buildArgs
        .map((argument) => ({ name: argument.replace(/=.*$/s, ''), value: argument.replace(/^[^=]*=?/s, '') }))
        .filter(({ value }) => value.trim().length >= SHORTEST_VALUE)
        .toSorted((a, b) => b.value.length - a.value.length);
    return values.reduce((text, { name, value }) => text.replaceAll(value, () => `$${name}`), instruction);
}

// EXTERNAL MODULE: ./src/report/format/instruction.ts
var format_instruction = __webpack_require__(3020);
;// CONCATENATED MODULE: ./src/phases/refresh.ts
/**
 * `refresh-after`: a stage whose cached layers are too old is built again, with the tests that stand on it. How old they are
 * only the image tells that is made of them: BuildKit keeps in its history when each layer was made, also of those that
 * come from a cache. So the call is made as always and, where something is too old, once more without the cache of those
 * stages. What was made first is not looked at again.
 */














/** Builds it all and, where that used what is too old, all of it a second time. Never a third. */
async function runFresh(ports, options, { after, env }) {
    const first = await runBuild(ports, options);
    const { build } = options.base;
    if (after === undefined || first.failure !== undefined || build.fresh.noCache)
        return { ...first, refreshed: [] };
    const hindrance = whyUnknown(first, options, env);
    if (hindrance !== undefined) {
        return { ...first, refreshed: [], notes: [...first.notes, `refresh-after had no effect: ${hindrance}.`] };
    }
    const stale = await findStale(ports, first, after);
    if (stale.length === 0)
        return { ...first, refreshed: [] };
    const notes = stale.map((each) => refresh_explain(each, after, (0,builds_build/* allArguments */.o)(build)));
    for (const note of notes)
        ports.log.untrusted(note);
    ports.log.info('Tests and image are built again without what the cache has of this.');
    const stages = stale.map(({ stage }) => stage);
    const refreshed = stages.every(canBeFiltered) ? stages : 'all';
    const folder = external_node_path_default().join(options.exporting.folder, 'refreshed');
    await (0,promises_.mkdir)(folder);
    await options.beforeAgain?.();
    const fresh = refreshed === 'all'
        ? { ...build.fresh, noCache: true }
        : { ...build.fresh, noCacheFilters: [...build.fresh.noCacheFilters, ...refreshed] };
    const { broken } = first.progress;
    const second = await runBuild(ports, {
        ...options,
        base: { ...options.base, build: { ...build, fresh } },
        exporting: { ...options.exporting, folder },
        cacheFrom: broken === undefined ? options.cacheFrom : [],
        // It would build what the cache is not to be asked for.
        looksUp: false
    });
    const internals = [...first.progress.internals, ...second.progress.internals];
    return {
        ...second,
        refreshed,
        // What became of the caches that were read is told of the first call, where the second reads none.
        progress: broken === undefined ? second.progress : { ...second.progress, broken, internals },
        notes: [...new Set([...first.notes, ...notes, ...second.notes])]
    };
}
/** Why nobody knows how old a layer is, as a clause. */
function whyUnknown({ images, provenance }, { exporting, base }, env) {
    const isSet = (env[source_date_epoch/* SOURCE_DATE_EPOCH */.d] ?? '') !== '' || (0,src_dockerfile/* readArguments */.lR)(base.build.shape.buildArgs).has(source_date_epoch/* SOURCE_DATE_EPOCH */.d);
    if (isSet)
        return `${source_date_epoch/* SOURCE_DATE_EPOCH */.d} sets the times in the image`;
    if (images.length === 0)
        return 'no image was built, whose layers tell their age';
    if (exporting.classicTag !== undefined)
        return 'the classic image store exports no image to look at';
    if (provenance.every(({ layerSteps }) => layerSteps.size === 0)) {
        return 'the builder did not tell which step made which layer';
    }
    return undefined;
}
/** Stages that something too old is from, the ones upon which others are built first. */
async function findStale({ now, signal }, run, after) {
    const asked = now();
    const steps = new Map(run.progress.steps.map((step) => [step.vertex, step]));
    const named = new Map(run.progress.steps.map((step) => [step.name, step]));
    const found = new Map();
    const add = (step, stale) => {
        const stage = step.stage ?? '';
        const known = found.get(stage);
        const isBetter = known === undefined || (known.copied && !stale.copied);
        const isOlder = known?.copied === stale.copied && known.seconds < stale.seconds;
        if (isBetter || isOlder)
            found.set(stage, { stage, ...stale });
    };
    for (const { layout, metadata } of run.images) {
        const provenance = [metadata.provenance, ...run.provenance];
        const { images } = await (0,src_image/* readImages */.H)(layout, { signal }).catch((0,inspect/* readable */.HD)('the image cannot be read for refresh-after'));
        for (const { layers, config } of images) {
            const digests = layers.map(({ descriptor }) => descriptor.digest);
            const times = (0,src_image/* layerTimes */.eS)(config.history, layers.length);
            for (const [at, time] of times.entries()) {
                const chain = (0,buildkit_provenance/* chainKey */.BI)(digests.slice(0, at + 1));
                const vertex = provenance.map(({ layerSteps }) => layerSteps.get(chain)).find((each) => each !== undefined);
                // The layers of a base image are no step's, and no cache of a stage has them.
                const step = steps.get(vertex ?? '');
                const seconds = time === undefined || time < LEAST_TIME ? 0 : (asked - time) / 1000;
                if (step === undefined || seconds <= after)
                    continue;
                const { instruction } = step;
                add(step, { seconds, instruction, copied: false });
                for (const below of cachedBelow(step, named)) {
                    if (below.stage !== step.stage)
                        add(below, { seconds, instruction, copied: true });
                }
            }
        }
    }
    return [...found.values()].sort((a, b) => Number(b.copied) - Number(a.copied));
}
/** BuildKit was not there before 2018: what is older is a time that somebody has set. */
const LEAST_TIME = Date.UTC(2018);
/** Cached steps that one is made from, directly or not. */
function cachedBelow(step, named) {
    const below = new Set([step]);
    // A set is walked through to its end, and what is added on the way belongs to it.
    for (const { inputs = [] } of below) {
        for (const input of inputs) {
            const found = named.get(input);
            if (found !== undefined)
                below.add(found);
        }
    }
    return [...below].filter((each) => each !== step && each.state === 'cached' && (0,core_step/* isWork */.cD)(each));
}
/** A filter knows names alone, and only those of the build's own Dockerfile. */
function canBeFiltered(stage) {
    return refresh_isNamed(stage) && !(0,core_linked/* isLinkedStep */.w4)({ stage });
}
function refresh_isNamed(stage) {
    return stage !== '' && !/^stage-\d+$/.test(stage);
}
/** `stage deps: its oldest cached layer was 9 days old (RUN apt-get update), and refresh-after is 7 days.` */
function refresh_explain({ stage, seconds, instruction, copied }, after, buildArgs) {
    const shown = (0,format_instruction/* briefInstruction */.ZM)(withoutValues(instruction, buildArgs)).replace(/\s+/g, ' ');
    const brief = shown.length > MOST_CHARACTERS ? `${shown.slice(0, MOST_CHARACTERS)}…` : shown;
    const what = copied ? 'what is copied from it' : 'its oldest cached layer';
    const others = canBeFiltered(stage) ? '' : ', and all others with it,';
    const who = `${refresh_isNamed(stage) ? `Stage ${stage}` : 'A stage without a name'} was${others}`;
    return `${who} built again: ${what} was ${ageWords(seconds)} old (${brief}), and refresh-after is ${ageWords(after)}.`;
}
const MOST_CHARACTERS = 60;
function ageWords(seconds) {
    const hours = Math.floor(seconds / 3600);
    return hours < 48 ? (0,units/* count */.U9)(hours, 'hour') : (0,units/* count */.U9)(Math.floor(hours / 24), 'day');
}

// EXTERNAL MODULE: ./src/builds/checkout.ts
var checkout = __webpack_require__(8873);
;// CONCATENATED MODULE: ./src/test_reports/changes.ts

/** Tests beyond this number are not kept: a comparison of a part would be a wrong one. */
const MOST_RECORDED = 20_000;
/** Names of the newly failing and passing that are told. */
const MOST_NAMES = 50;
/** Text of a record; `undefined` where there are no tests, or too many. */
function writeTestRecord({ outcomes }) {
    if (outcomes.size === 0 || outcomes.size > MOST_RECORDED)
        return undefined;
    const namesOf = (wanted) => [...outcomes].flatMap(([id, outcome]) => (outcome === wanted ? [id] : [])).sort();
    return JSON.stringify({
        version: 1,
        passed: namesOf('passed'),
        failed: namesOf('failed'),
        skipped: namesOf('skipped')
    });
}
/** Reads a record back; `undefined` where the text is none. */
function parseTestRecord(text) {
    const json = (0,core_json/* parseJSON */.Ol)(text);
    if ((0,core_json/* dig */.rO)(json, 'version') !== 1)
        return undefined;
    const outcomes = new Map();
    for (const outcome of ['passed', 'failed', 'skipped']) {
        for (const id of (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, outcome)).slice(0, MOST_RECORDED)) {
            const name = (0,core_json/* asString */.oJ)(id);
            if (name !== undefined)
                outcomes.set(name, outcome);
        }
    }
    return { outcomes };
}
/** What is different from the baseline. A test that fails now and was not there before is newly failing too. */
function compareTests(now, before) {
    const newlyFailing = [];
    const newlyPassing = [];
    let added = 0;
    for (const [id, outcome] of now.outcomes) {
        const earlier = before.outcomes.get(id);
        if (earlier === undefined)
            added += 1;
        if (outcome === 'failed' && earlier !== 'failed')
            newlyFailing.push(id);
        if (outcome === 'passed' && earlier === 'failed')
            newlyPassing.push(id);
    }
    let disappeared = 0;
    for (const id of before.outcomes.keys())
        if (!now.outcomes.has(id))
            disappeared += 1;
    return {
        newlyFailing: newlyFailing.slice(0, MOST_NAMES),
        newlyPassing: newlyPassing.slice(0, MOST_NAMES),
        unnamed: Math.max(0, newlyFailing.length - MOST_NAMES) + Math.max(0, newlyPassing.length - MOST_NAMES),
        added,
        ...(now.complete ? { disappeared } : {})
    };
}

;// CONCATENATED MODULE: ./src/phases/tests.ts
/** What the tests themselves say: the reports that their stages have left, green or red. */






/** Begins to take out what the steps have left in their cache mounts. */
async function takeOutMounts(mounts, { run }, { earlier, roles }) {
    if (mounts === undefined)
        return;
    const { steps } = run.progress;
    const { reportWriters } = await Promise.all(/* import() | mounts */[__webpack_require__.e(560), __webpack_require__.e(845), __webpack_require__.e(728), __webpack_require__.e(273)]).then(__webpack_require__.bind(__webpack_require__, 4619));
    const marks = mounts.reportIDs.length > 0 ? await earlier.marks(steps) : () => undefined;
    mounts.save(steps, run.failure === undefined, reportWriters(steps, roles.onlyStage, marks));
}
/** What the stage of `test-report-target` has exported; `undefined` where there is none. */
async function readStageReports({ exports }, { redact, inputs }, occasion) {
    if (exports.length === 0)
        return undefined;
    const { readExported } = await Promise.all(/* import() | mounts */[__webpack_require__.e(560), __webpack_require__.e(845), __webpack_require__.e(728), __webpack_require__.e(273)]).then(__webpack_require__.bind(__webpack_require__, 4913));
    return readExported(exports, {
        folder: external_node_path_default().join(occasion.temporaryFolder, `stagegate-test-reports-${(0,external_node_crypto_.randomUUID)()}`),
        redact,
        exists: (0,checkout/* filesInRepository */.d)(inputs, occasion)
    });
}
/** What was found in cache mounts and in what a stage has exported. */
async function findTests(mounts, { reported }) {
    const mounted = await mounts?.reports();
    if (reported === undefined)
        return mounted;
    const { joinFindings } = await Promise.all(/* import() | mounts */[__webpack_require__.e(560), __webpack_require__.e(845), __webpack_require__.e(728), __webpack_require__.e(273)]).then(__webpack_require__.bind(__webpack_require__, 4913));
    return joinFindings(reported, mounted);
}
/** What the reports say, and how it differs from the baseline. */
async function readTests(mounts, built, { baseline }) {
    const { run } = built;
    const found = await findTests(mounts, built);
    if (found === undefined)
        return {};
    const { outcomes, complete, ...tests } = found;
    const isRed = run.failure !== undefined;
    const fetched = await Promise.race([
        baseline.catch(() => undefined),
        ...(isRed ? [(0,external_node_timers_promises_.setTimeout)(RED_RUN_SECONDS * 1000, undefined, { ref: false })] : [])
    ]);
    const stored = fetched?.baseline;
    const before = stored !== undefined && 'tests' in stored ? parseTestRecord(stored.tests ?? '') : undefined;
    // A run that was stopped does not know all of its tests.
    const changes = before === undefined ? {} : { changes: compareTests({ outcomes, complete: complete && !isRed }, before) };
    return { tests: { ...tests, ...changes } };
}
/** The outcome of every test as later runs look back at it; `undefined` where this run does not know them all. */
async function testRecord(mounts, built) {
    const found = await findTests(mounts, built);
    return found?.complete === true ? writeTestRecord(found) : undefined;
}

;// CONCATENATED MODULE: ./src/phases/gate.ts
/** The build: the tests and the image in one call, and the image read as soon as it is there. */















/**
 * Builds it all. A red build is a value, too: what it has built is worth keeping. Rejects with `Cancelled` where it is not
 * wanted any more.
 * @param cleanup ends what has to be there until the end of the run
 */
async function buildAndTest(ports, options, cleanup) {
    const { workflow, occasion, env, prepared, supplied, leftovers, folder, unwanted } = options;
    const { inputs, trustPlan, credentials } = workflow;
    const { plan, cache, builder } = prepared;
    const { trust } = trustPlan;
    const wishes = plan.base.build.image;
    const planned = (0,publish_plan/* planPublication */.WW)(trustPlan.publish, { tags: inputs.tags, image: wishes, folder });
    await prepareFiles(planned.files);
    const inspector = cleanup.use((0,inspect/* openInspector */.Oj)(ports, 
    // Where there is no image, nothing is worked out for its search.
    inputs.budget.leakCheck === 'off' || plan.gate.target === undefined
        ? {}
        : {
            sensitive: credentials.sensitive,
            ignoredKeys: inputs.leakIgnore,
            annotated: (0,publish_plan/* annotatedLater */.N$)(planned)
        }));
    const classicTag = builder.classicStore ? (0,temporary_tag/* nameTag */.o)() : undefined;
    if (classicTag !== undefined && plan.gate.target !== undefined) {
        await (0,temporary_tag/* removeStaleTags */.b)(ports);
        leftovers.addImage(classicTag);
        cleanup.defer(async () => {
            await ports.exec((0,buildkit_builder/* removeImageCommand */.re)(classicTag), { timeoutSeconds: 30 }).catch(() => undefined);
        });
    }
    const attestations = (0,publish_plan/* planAttestations */.Re)(wishes, {
        keeps: planned.pushes.length > 0 || (planned.loads.length > 0 && builder.driver === 'docker'),
        loads: planned.loads.length > 0,
        can: !builder.classicStore,
        isPrivate: occasion.isPrivate,
        noDefault: /^(?:1|t|true)$/i.test(env.BUILDX_NO_DEFAULT_ATTESTATIONS ?? ''),
        runUrl: occasion.runUrl === undefined ? '' : `${occasion.runUrl}/attempts/${occasion.runAttempt || '1'}`
    });
    const { indexAnnotations } = planned;
    const attributes = (0,publish_plan/* withMediaTypes */.MX)(planned.attributes, {
        ...{ ...builder, attestations, indexAnnotations, inFiles: (0,publish_plan/* leavesInFiles */.Bs)(planned) }
    });
    const publication = { ...planned, files: (0,publish_plan/* withSources */.Z6)(planned.files, attributes, wishes.annotations) };
    const classic = classicTag === undefined ? {} : { classicTag };
    const asked = {
        base: plan.base,
        plan: plan.gate,
        // Targets that wait for each other are built on one node.
        looksUp: builder.nodes.length === 1,
        cacheFrom: cache.cache.from,
        exporting: {
            folder,
            attributes,
            attestations,
            files: publication.files.filter(({ source }) => source === 'builder').map(publish_plan/* stagedOutput */.Yq),
            tags: inputs.tags,
            names: (0,publish_plan/* namesOf */.eZ)(publication),
            cacheTo: (0,cache_plan/* forImage */.hW)(cache.cache).to,
            ...classic
        },
        env: supplied.env,
        metadataFile: external_node_path_default().join(folder, 'metadata.json'),
        untrusted: trust.trusted ? undefined : trust.reason,
        builder,
        supplied: [...supplied.secretIDs.map((id) => `secret:${id}`), ...supplied.sshIDs.map((id) => `ssh:${id}`)],
        loadIgnored: (folder, source) => loadIgnored(folder, source && (0,core_source/* dockerfilePath */.Se)(source)),
        beforeAgain: () => prepareFiles(publication.files),
        onExporting: ({ layout }) => inspector.expect({ path: layout }),
        onExported: ({ layout }) => inspector.begin({ path: layout })
    };
    const building = { ...ports, exec: (0,src_ports/* endedBy */.mr)(unwanted, ports.exec) };
    const run = await runFresh(building, asked, { after: inputs.refreshAfter, env });
    if (unwanted.aborted)
        throw new src_ports/* Cancelled */.cJ();
    if (run.failure !== undefined)
        inspector[Symbol.dispose]();
    const reported = await readStageReports(run, workflow, occasion);
    const images = run.images.map(({ platform, layout, metadata }) => ({ platform, path: layout, metadata }));
    const content = openContent(ports, images.map((image) => image.path), indexAnnotations);
    return {
        ...{ learned: learnedFrom(run, prepared), run, asked, publication, inspector, images, content, ...classic },
        ...(reported === undefined ? {} : { reported })
    };
}
/** What is known once it is built, red or green. */
function learnedFrom({ gate, refreshed, progress, provenance, notes, failure }, { plan, cache: { cache } }) {
    const [first] = provenance;
    const values = { from: cache.from, to: (0,cache_plan/* forImage */.hW)(cache).to };
    const outcomes = readOutcomes(values, progress.internals, first?.layerSizes);
    // Where a finding is the failure, the lines are in the findings; any other failure has more to say than they.
    const lint = failure === undefined || failure.kind === 'dockerfile' ? plan.ownFindings(progress.findings) : [];
    return { gate, refreshed, steps: progress.steps, provenance, notes, lint, cache: { outcomes, imports: progress } };
}
/** The classic image store exports no layout: what it has is saved. */
async function saveClassic(ports, built, folder) {
    const { classicTag, images } = built;
    if (classicTag === undefined || images.length === 0)
        return built;
    const archive = external_node_path_default().join(folder, 'image.tar');
    const saved = await ports.exec({ file: 'docker', args: ['image', 'save', '--output', archive, classicTag] });
    if (saved.exitCode !== 0) {
        throw new stop/* Stop */.V({ kind: 'engine', message: `docker image save failed: ${saved.stderr.trim()}` });
    }
    const content = openContent(ports, [archive]);
    return { ...built, images: images.map((image) => ({ ...image, path: archive })), content };
}

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
var external_node_os_default = /*#__PURE__*/__webpack_require__.n(external_node_os_);
// EXTERNAL MODULE: ./src/core/own_words.ts
var own_words = __webpack_require__(9789);
// EXTERNAL MODULE: ./src/guard.ts
var guard = __webpack_require__(578);
// EXTERNAL MODULE: ./src/report/surfaces/json.ts
var json = __webpack_require__(6913);
// EXTERNAL MODULE: external "node:http"
var external_node_http_ = __webpack_require__(7067);
// EXTERNAL MODULE: ./src/serve/name.ts
var serve_name = __webpack_require__(4628);
;// CONCATENATED MODULE: ./src/serve/registry.ts
/**
 * A read-only registry on the loopback address, for as long as somebody looks at an image that has not left yet: docker,
 * skopeo and every scanner read from it the digests that will be published.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull
 */





/** The one tag; it stands for what the user's tags will stand for. */
const SERVED_TAG = 'inspected';
const MOST_CONNECTIONS = 256;
const IDLE_MILLISECONDS = 60_000;
/** Serves the image on a random port under a name that nobody can guess. */
async function serveImage(shelf) {
    const name = (0,serve_name/* servedName */.Z5)();
    const answer = answerFrom(shelf, name);
    const server = (0,external_node_http_.createServer)((request, response) => {
        answer(request, response).catch(() => response.destroy()); // a client that hung up, or a file that is gone
    });
    server.maxConnections = MOST_CONNECTIONS;
    server.setTimeout(IDLE_MILLISECONDS);
    // Docker asks with TLS first, and in plain HTTP only where the answer to that is HTTP.
    server.on('clientError', (_error, socket) => socket.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n'));
    server.listen({ host: '127.0.0.1', port: 0 });
    await (0,external_node_events_.once)(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    return {
        repository: `127.0.0.1:${port}/${name}`,
        [Symbol.asyncDispose]: async () => {
            const closed = (0,external_node_events_.once)(server, 'close');
            server.close();
            server.closeAllConnections();
            await closed;
        }
    };
}
function answerFrom({ root, documents, blobs }, name) {
    // Looked up, never made into a path: there is nothing to climb out of.
    const manifests = new Map([...documents, root].map((document) => [document.digest, document]));
    manifests.set(SERVED_TAG, root);
    const byDigest = new Map(blobs.map((blob) => [blob.digest, blob]));
    return async (request, response) => {
        response.setHeader('Docker-Distribution-API-Version', 'registry/2.0');
        if (request.method !== 'GET' && request.method !== 'HEAD') {
            response.setHeader('Allow', 'GET, HEAD');
            return refuse(response, 405, 'UNSUPPORTED', 'this registry is read-only');
        }
        const place = (request.url ?? '').split('?')[0] ?? '';
        if (place === '/v2/' || place === '/v2')
            return sendBytes(response, request, 'application/json', Buffer.from('{}'));
        const [, repository, kind, reference = ''] = /^\/v2\/([^/]+)\/(manifests|blobs|tags)\/([^/]+)$/.exec(place) ?? [];
        if (repository !== name)
            return refuse(response, 404, 'NAME_UNKNOWN', 'no such repository');
        if (kind === 'tags' && reference === 'list') {
            return sendBytes(response, request, 'application/json', Buffer.from(JSON.stringify({ name, tags: [SERVED_TAG] })));
        }
        const manifest = kind === 'manifests' ? manifests.get(reference) : undefined;
        if (manifest !== undefined) {
            response.setHeader('Docker-Content-Digest', manifest.digest);
            return sendBytes(response, request, manifest.mediaType, manifest.bytes);
        }
        const blob = kind === 'blobs' ? byDigest.get(reference) : undefined;
        if (blob !== undefined)
            return sendBlob(response, request, blob);
        return refuse(response, 404, kind === 'blobs' ? 'BLOB_UNKNOWN' : 'MANIFEST_UNKNOWN', 'no such content');
    };
}
function sendBytes(response, request, type, bytes) {
    response.writeHead(200, { 'Content-Type': type, 'Content-Length': bytes.length });
    response.end(request.method === 'HEAD' ? undefined : bytes);
}
async function sendBlob(response, request, blob) {
    const range = readRangeHeader(request.headers.range, blob.size);
    if (range === 'unsatisfiable') {
        response.setHeader('Content-Range', `bytes */${blob.size}`);
        return refuse(response, 416, 'RANGE_INVALID', 'the range is outside the blob');
    }
    const { start, end } = range ?? { start: 0, end: blob.size - 1 };
    const size = end - start + 1;
    response.writeHead(range === undefined ? 200 : 206, {
        'Content-Type': 'application/octet-stream',
        'Content-Length': size,
        'Docker-Content-Digest': blob.digest,
        'Accept-Ranges': 'bytes',
        ...(range === undefined ? {} : { 'Content-Range': `bytes ${start}-${end}/${blob.size}` })
    });
    if (request.method === 'HEAD' || size === 0) {
        response.end();
        return;
    }
    await (0,external_node_stream_promises_.pipeline)((0,src_image/* streamRange */.y1)({ path: blob.file.path, offset: blob.file.offset + start, size }), response);
}
/**
 * A `Range` header of one range; anything else is ignored, as the specification allows.
 * https://www.rfc-editor.org/rfc/rfc9110#name-range
 */
function readRangeHeader(header, size) {
    const [, from = '', to = ''] = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header ?? '') ?? [];
    if (from === '' && to === '')
        return undefined;
    if (from === '') {
        const length = Math.min(Number(to), size);
        return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 };
    }
    const start = Number(from);
    const end = to === '' ? size - 1 : Math.min(Number(to), size - 1);
    if (to !== '' && Number(to) < start)
        return undefined;
    return start >= size ? 'unsatisfiable' : { start, end };
}
function refuse(response, status, code, message) {
    response.writeHead(status, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify({ errors: [{ code, message }] }));
}

;// CONCATENATED MODULE: ./src/serve/shelf.ts
/** An inspected image as the parts that a registry, a layout or an archive is made of. */

/** The image whose manifest has this digest; `undefined` where the shelf lacks it or a part of it. */
function singleImage({ root, documents, blobs }, digest) {
    const manifest = [root, ...documents].find((document) => document.digest === digest);
    if (manifest === undefined)
        return undefined;
    const json = (0,core_json/* parseJSON */.Ol)(manifest.bytes.toString('utf8'));
    const find = (value) => blobs.find((blob) => blob.digest === (0,core_json/* dig */.rO)(value, 'digest'));
    const config = find((0,core_json/* dig */.rO)(json, 'config'));
    const layers = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'layers')).map((layer) => {
        const blob = find(layer);
        return blob === undefined ? undefined : { ...blob, mediaType: (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(layer, 'mediaType')) ?? '' };
    });
    const complete = layers.filter((layer) => layer !== undefined);
    return config === undefined || complete.length < layers.length ? undefined : { manifest, config, layers: complete };
}

// EXTERNAL MODULE: ./src/core/process_mark.ts
var process_mark = __webpack_require__(5316);
;// CONCATENATED MODULE: ./src/serve/forsaken.ts

/** Removes them from the engine that `call` asks; an image that has other names stays under these. */
async function removeForsakenImages(call) {
    const list = ['image', 'ls', '--digests', '--filter', 'reference=127.0.0.1:*/stagegate-*'];
    const { stdout } = await call([...list, '--format', '{{.Repository}}@{{.Digest}}']);
    for (const reference of (0,serve_name/* findForsaken */.nj)(stdout))
        await call(['image', 'rm', '--no-prune', reference]);
}

// EXTERNAL MODULE: ./src/smoke/plan.ts
var plan = __webpack_require__(1238);
;// CONCATENATED MODULE: ./src/smoke/forsaken.ts
/** What smoke tests have left in an engine whose run was killed and had no `post`: it goes with a later run on the machine. */



const CALL_SECONDS = 60;
/** Removes it. Trouble with that is nobody's: the next run tries it again. */
async function removeForsaken({ exec }) {
    const call = (args) => exec({ file: 'docker', args }, { timeoutSeconds: CALL_SECONDS });
    const list = async (...args) => (await call(args)).stdout.split('\n').filter(isForsaken);
    const labelled = ['--filter', `label=${plan/* SMOKE_LABEL */.xZ}`];
    try {
        // In this order: what is in use cannot be removed.
        for (const name of await list('container', 'ls', '--all', ...labelled, '--format', '{{.Names}}'))
            await call((0,plan/* planRemoveContainer */.bD)(name).args);
        for (const name of await list('network', 'ls', ...labelled, '--format', '{{.Name}}'))
            await call((0,plan/* planRemoveNetwork */.uu)(name).args);
        const loaded = ['--filter', `reference=${plan/* SMOKE_PREFIX */.$0}*:${plan/* LOADED_TAG */.To}`, '--format', '{{.Repository}}'];
        for (const name of await list('image', 'ls', ...loaded))
            await call((0,plan/* planRemoveImage */.Rj)((0,plan/* loadedName */.NZ)(name)).args);
        await removeForsakenImages(call);
    }
    catch {
        // There is no docker, or the run was cancelled.
    }
}
function isForsaken(name) {
    return (0,plan/* isSmokeName */.HT)(name) && (0,process_mark/* isOfEndedProcess */.B)(name.slice(plan/* SMOKE_PREFIX */.$0.length));
}

;// CONCATENATED MODULE: ./src/smoke/advise.ts
/** Why an image did not start or answer, for the reasons that are the usual ones. Pure. */


/** Sentences that say what to do, the likeliest first; none where nothing is known. */
function adviseSmoke(facts) {
    const { state, text } = facts;
    const exitCode = state?.running === false ? state.exitCode : undefined;
    const variable = missingVariable(text);
    const advice = [
        state?.outOfMemory === true
            ? `The kernel ended it: it took more than the ${plan/* SMOKE_MEMORY */.Y3} of memory that a smoke test gives.`
            : undefined,
        /exec format error/i.test(text)
            ? 'Its program is for another platform, or a script without a "#!" line.'
            : exitCode === 127 ||
                /executable file not found|no such file or directory(?:(?!no such file or directory).)*unknown|tini(?:(?!tini).)*no such file/i.test(text)
                ? 'What ENTRYPOINT or CMD names is not in the image, or its interpreter is not; a script with Windows line ends looks the same.'
                : exitCode === 126 || /tini(?:(?!tini).)*permission denied/i.test(text)
                    ? 'What ENTRYPOINT or CMD names is not executable: COPY --chmod=0755 sets the bit.'
                    : undefined,
        variable === undefined ? undefined : `It needs the variable ${variable}: give it a value in smoke-env.`,
        /read-only file ?system|EROFS/i.test(text) ? 'It writes where nothing may be written.' : undefined,
        /permission denied|EACCES/i.test(text) && exitCode !== 126
            ? 'It may not read or write a file: compare USER with the owner of what COPY brings.'
            : undefined,
        /getaddrinfo|name or service not known|could not translate host|temporary failure in name resolution|no such host/i.test(text)
            ? 'It looks for another service. In a smoke test the image is alone: let it start without that service, or run it with arguments (smoke: --version).'
            : undefined,
        ...(state?.running === true ? stillRunning(facts) : [])
    ];
    return [...new Set(advice.filter((sentence) => sentence !== undefined))].slice(0, 3);
}
function stillRunning({ probe, state, listeners, httpStatus }) {
    if (probe.kind === 'arguments')
        return ['It is still running: give arguments with which it ends, or use "healthy" or a URL.'];
    if (probe.kind === 'healthy') {
        const last = state?.health?.last;
        if (last === undefined)
            return ['Its HEALTHCHECK has not been asked once: raise smoke-timeout or lower its interval.'];
        return last.exitCode === 126 || last.exitCode === 127 || /not found/i.test(last.output)
            ? ['The program that HEALTHCHECK calls is not in the image.']
            : [];
    }
    if (httpStatus === 404)
        return [`Nothing is at ${probe.path}: correct the path in smoke.`];
    if (httpStatus === 401 || httpStatus === 403)
        return [`${probe.path} requires a login: use a path that needs none.`];
    if (httpStatus !== undefined || listeners === undefined)
        return [];
    const onPort = listeners.filter(({ port }) => port === probe.port);
    if (onPort.length > 0 && onPort.every(({ address }) => (0,core_host/* isLoopback */.U9)(address))) {
        return [
            `It listens on port ${probe.port} of localhost only, which nobody outside the container reaches: bind it to 0.0.0.0.`
        ];
    }
    if (onPort.length > 0)
        return [];
    const ports = [...new Set(listeners.map(({ port }) => port))].slice(0, 5);
    return ports.length === 0
        ? ['It listens on no port yet: raise smoke-timeout, or look into its log.']
        : [`It listens on port ${ports.join(', ')}, not on ${probe.port}.`];
}
const variablePatterns = [
    /KeyError: ['"]([A-Z][A-Z0-9_]{2,60})['"]/,
    /\b([A-Z][A-Z0-9_]{2,60})\b['"`]?(?: environment variable)? (?:is|was|must be|not|needs to be|has to be) ?(?:not |un)?(?:set|defined|specified|required|provided|missing)/,
    /(?:environment variable|env(?:ironment)? var|missing|required|set)s?:? ['"`$]?([A-Z][A-Z0-9]*_[A-Z0-9_]{1,60})\b/i
];
function missingVariable(text) {
    return variablePatterns
        .flatMap((pattern) => pattern.exec(text)?.[1] ?? [])
        .find((name) => name === name.toUpperCase());
}
/**
 * The listening sockets in `/proc/net/tcp` and `tcp6`, without docker's own name server.
 * https://docs.kernel.org/networking/proc_net_tcp.html
 */
function readSockets(text) {
    return text.split('\n').flatMap((line) => {
        const [, hex = '', port = ''] = /^\s*\d+: ([0-9A-F]{8}|[0-9A-F]{32}):([0-9A-F]{4}) [0-9A-F]+:0000 0A /.exec(line) ?? [];
        if (hex === '')
            return [];
        const address = hex.length === 8 ? dotted(hex) : sixOf(hex);
        return address === '127.0.0.11' ? [] : [{ address, port: parseInt(port, 16) }];
    });
}
/** Little-endian. */
function dotted(hex) {
    return [6, 4, 2, 0].map((at) => parseInt(hex.slice(at, at + 2), 16)).join('.');
}
/** As far as it matters: loopback, everything, IPv4 in IPv6. */
function sixOf(hex) {
    if (/^0+$/.test(hex))
        return '::';
    if (hex === '00000000000000000000000001000000')
        return '::1';
    return hex.startsWith('0000000000000000FFFF0000') ? dotted(hex.slice(24)) : hex;
}

;// CONCATENATED MODULE: ./src/smoke/probe.ts
/** One request to a container's port, as far as its status matters. */

const probe_SECONDS = 5;
/** Asks once. Redirects are not followed: that it answers is what is asked. A signal ends it without an answer. */
function askOnce({ port, path }, signal) {
    return new Promise((resolve) => {
        const asking = (0,external_node_http_.request)(
        // A connection of its own: one that was kept may be to a server that is gone.
        {
            ...{ host: '127.0.0.1', port, path, agent: false, headers: { 'User-Agent': 'stagegate-smoke' } },
            ...(signal === undefined ? {} : { signal })
        }, (response) => {
            resolve({ status: response.statusCode ?? 0 });
            response.destroy();
        });
        // From the start, not from the last byte: a server may send one header a second for ever.
        const timer = setTimeout(() => asking.destroy(new Error('late')), probe_SECONDS * 1000);
        asking.on('error', (error) => resolve({ problem: words(error) }));
        asking.on('close', () => {
            clearTimeout(timer);
            resolve({ problem: 'closed the connection' });
        });
        asking.end();
    });
}
function words(error) {
    if (error.message === 'late')
        return `gave no answer within ${probe_SECONDS} s`;
    if (error.code === 'ECONNREFUSED')
        return 'refused the connection';
    if (error.code === 'ECONNRESET')
        return 'closed the connection';
    return `gave no answer in HTTP (${error.code ?? error.message})`;
}

;// CONCATENATED MODULE: ./src/smoke/state.ts
/** A container's state as `docker container inspect` tells it. Pure. */

/** `undefined` where the text is not what docker prints. */
function readState(text) {
    const container = (0,core_json/* asArray */._j)((0,core_json/* parseJSON */.Ol)(text))[0];
    const state = (0,core_json/* asObject */.eB)((0,core_json/* dig */.rO)(container, 'State'));
    if (state === undefined)
        return undefined;
    const health = (0,core_json/* dig */.rO)(state, 'Health');
    const last = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(health, 'Log')).at(-1);
    const bindings = Object.values((0,core_json/* asObject */.eB)((0,core_json/* dig */.rO)(container, 'NetworkSettings', 'Ports')) ?? {}).flatMap((list) => (0,core_json/* asArray */._j)(list).flatMap((binding) => (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(binding, 'HostPort')) ?? []));
    const published = Number(bindings[0]);
    return {
        status: (0,core_json/* asString */.oJ)(state.Status) ?? '',
        running: state.Running === true,
        exitCode: (0,core_json/* asNumber */.i)(state.ExitCode) ?? -1,
        outOfMemory: state.OOMKilled === true,
        error: (0,core_json/* asString */.oJ)(state.Error) ?? '',
        ...(Number.isInteger(published) && published > 0 ? { published } : {}),
        ...(health === undefined || health === null
            ? {}
            : {
                health: {
                    status: (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(health, 'Status')) ?? '',
                    ...(last === undefined
                        ? {}
                        : {
                            last: {
                                exitCode: (0,core_json/* asNumber */.i)((0,core_json/* dig */.rO)(last, 'ExitCode')) ?? -1,
                                output: ((0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(last, 'Output')) ?? '').trim().slice(0, 1000)
                            }
                        })
                }
            })
    };
}

;// CONCATENATED MODULE: ./src/smoke/smoke.ts
var smoke_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
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
var smoke_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
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
 * Starts the inspected image before it leaves, and waits until it answers as it should. What is made for that in the
 * engine, a container and a network, goes again whatever happens; `post` is told of it before it exists.
 */








const LOG_LINES = 60;
const LINE_LENGTH = 500;
const smoke_CALL_SECONDS = 60;
const PULL_SECONDS = 600;
/** What is read of a container's own words at most: it may say more than a runner has memory for. */
const MOST_OUTPUT = 2 ** 20;
/** Up to Docker 24 the engine knows no interval of its own for the start: API 1.44. */
const START_INTERVAL_SINCE = 44;
/** What is wrong with a probe for this image; asked before anything starts. */
function checkProbe(probe, healthcheck) {
    const [first] = healthcheck;
    if (probe.kind !== 'healthy' || (first !== undefined && first !== 'NONE'))
        return undefined;
    return {
        problem: '"healthy" asks the HEALTHCHECK of the image, and the image has none',
        fix: 'Add a HEALTHCHECK to the Dockerfile, or write a URL ("http://:8080/healthz") or arguments ("--version").'
    };
}
/** Starts the image and waits for what the probe wants to see. Throws `Cancelled` only. */
async function smokeImage(ports, options) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { platform, probe, timeoutSeconds, variables, leftovers } = options;
        const name = (0,plan/* smokeName */.l2)();
        const call = caller(ports);
        const startedAt = ports.now();
        let since = startedAt;
        const secondsSince = () => (ports.now() - since) / 1000;
        const failed = (reason, said = '') => ({
            ...{ platform, seconds: secondsSince(), result: 'failed', reason, log: lastLines(said) },
            advice: adviseSmoke({ probe, text: said })
        });
        const version = await call((0,plan/* planVersion */.Uk)());
        const [, os, engine, minor] = /^(\w+)\/(\w+) 1\.(\d+)/.exec(version.stdout) ?? [];
        if (os === undefined || engine === undefined)
            return failed('no engine is there to start it', version.stderr);
        if (!platform.startsWith(`${os}/`)) {
            return { platform, seconds: 0, result: 'skipped', reason: `the engine runs ${os} only` };
        }
        leftovers.addSmoke(name);
        const cleanup = smoke_addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const image = await bring(ports, options, name, cleanup);
        if ('reason' in image)
            return failed(image.reason, image.said);
        cleanup.defer(async () => {
            await quietly(call((0,plan/* planRemoveContainer */.bD)(name)));
            await quietly(call((0,plan/* planRemoveNetwork */.uu)(name)));
        });
        const network = await call((0,plan/* planNetwork */.SU)(name));
        if (network.exitCode !== 0)
            return failed('the engine could not make a network for it', network.stderr);
        since = ports.now();
        const variablesFile = variables.length === 0 ? undefined : external_node_path_default().join(options.folder, `${name}.env`);
        if (variablesFile !== undefined) {
            const lines = variables.map((variable) => `${variable.name}=${variable.value}\n`);
            await (0,promises_.writeFile)(variablesFile, lines.join(''), { mode: 0o600 });
            cleanup.defer(() => (0,promises_.rm)(variablesFile, { force: true }));
        }
        const container = {
            ...{ name, image: image.reference, platform, probe },
            ...(variablesFile === undefined ? {} : { variablesFile }),
            ...(Number(minor) >= START_INTERVAL_SINCE ? { startSeconds: timeoutSeconds } : {})
        };
        const withInit = await call((0,plan/* planStart */.gC)(container));
        const lacksInit = withInit.exitCode !== 0 && withInit.stderr.includes('"docker-init": executable file not found');
        if (lacksInit)
            await call((0,plan/* planRemoveContainer */.bD)(name)); // it was made, and not started
        const started = lacksInit ? await call((0,plan/* planStart */.gC)({ ...container, bare: true })) : withInit;
        const end = started.exitCode === 0 ? await watch(ports, options, name) : { reason: 'the engine could not start it' };
        const seconds = secondsSince();
        if ('words' in end)
            return { platform, seconds, result: 'passed', words: end.words };
        const logs = await readBounded(ports, (0,plan/* planLogs */.p2)(name, LOG_LINES));
        const said = `${logs.exitCode === 0 ? `${logs.stdout}${logs.stderr}` : ''}${started.exitCode === 0 ? '' : started.stderr}`;
        const text = `${said}\n${end.state?.error ?? ''}`;
        if (!isNative(platform, engine) && /exec format error/i.test(text)) {
            return { platform, seconds, result: 'skipped', reason: `the engine is ${os}/${engine} and does not emulate it` };
        }
        const listeners = end.state?.running === true ? await listenersOf(ports, name) : undefined;
        return {
            ...{ platform, seconds, result: 'failed', reason: end.reason, log: lastLines(said) },
            ...(end.state === undefined || end.state.running ? {} : { exitCode: end.state.exitCode }),
            advice: adviseSmoke({
                ...{ probe, text },
                ...(end.state === undefined ? {} : { state: end.state }),
                ...(listeners === undefined ? {} : { listeners }),
                ...(end.httpStatus === undefined ? {} : { httpStatus: end.httpStatus })
            })
        };
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = smoke_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
/** Looks at the container until it has done what it should, or cannot any more. */
async function watch(ports, { probe, timeoutSeconds }, name) {
    const deadline = ports.now() + timeoutSeconds * 1000;
    let last = 'it never appeared';
    let httpStatus;
    for (let pause = 100;; pause = Math.min(pause * 1.5, 1000)) {
        const inspected = await caller(ports)((0,plan/* planInspect */.Iq)(name));
        const state = inspected.exitCode === 0 ? readState(inspected.stdout) : undefined;
        if (state === undefined)
            return { reason: 'the engine has lost it' };
        if (!state.running && state.status !== 'created') {
            if (probe.kind === 'arguments' && state.exitCode === 0)
                return { words: 'it ended with exit code 0' };
            return { reason: `it ended with exit code ${state.exitCode}`, state };
        }
        if (probe.kind === 'arguments')
            last = 'it did not end';
        else if (probe.kind === 'healthy') {
            if (state.health?.status === 'healthy')
                return { words: 'its HEALTHCHECK says that it is healthy' };
            const { exitCode, output } = state.health?.last ?? { exitCode: undefined, output: '' };
            last = exitCode === undefined ? 'its HEALTHCHECK said nothing' : `its HEALTHCHECK ended with ${exitCode}`;
            if (output !== '')
                last += ` and said: ${output.split('\n').at(-1) ?? ''}`;
        }
        else if (state.published !== undefined) {
            const answer = await askOnce({ port: state.published, path: probe.path }, ports.signal);
            if ('status' in answer)
                httpStatus = answer.status;
            else
                httpStatus = undefined;
            if (httpStatus !== undefined && httpStatus >= 200 && httpStatus < 400) {
                return { words: `port ${probe.port} answered ${probe.path} with ${httpStatus}` };
            }
            last = `port ${probe.port} ${'status' in answer ? `answered ${probe.path} with ${answer.status}` : answer.problem}`;
        }
        else
            last = `the engine does not publish port ${probe.port}`;
        if (ports.now() >= deadline) {
            return {
                reason: `${last} within ${timeoutSeconds} s`,
                state,
                ...(httpStatus === undefined ? {} : { httpStatus })
            };
        }
        await (0,external_node_timers_promises_.setTimeout)(Math.max(1, Math.min(pause, deadline - ports.now())));
    }
}
/** Brings the image into the engine: from the registry on loopback or, where it does not reach that, from an archive. */
async function bring(ports, { reference, platform, writeArchive, leftovers }, name, cleanup) {
    const call = caller(ports);
    const pulled = await ports.exec((0,plan/* planPull */.ho)(reference, platform), { timeoutSeconds: PULL_SECONDS });
    if (pulled.exitCode === 0)
        return { reference };
    ports.log.debug(`The engine does not pull from here: ${pulled.stderr.trim()}`);
    const tag = (0,plan/* loadedName */.NZ)(name);
    leftovers.addImage(tag);
    cleanup.defer(() => quietly(call((0,plan/* planRemoveImage */.Rj)(tag))));
    const loaded = await ports.exec((0,plan/* planLoad */.Oj)(await writeArchive(tag)), { timeoutSeconds: PULL_SECONDS });
    if (loaded.exitCode === 0)
        return { reference: tag };
    return { reason: 'the engine could not take the image', said: `${pulled.stderr}\n${loaded.stderr}` };
}
/** From the runner's own view of the container's network, or from inside it. */
async function listenersOf(ports, name) {
    const inside = await readBounded(ports, (0,plan/* planSockets */.Y5)(name));
    if (inside.exitCode === 0 || inside.stdout !== '')
        return readSockets(inside.stdout);
    const { stdout } = await caller(ports)({
        file: 'docker',
        args: ['container', 'inspect', '--format', '{{.State.Pid}}', name]
    });
    const pid = Number(stdout.trim());
    if (!Number.isInteger(pid) || pid < 2)
        return undefined;
    const files = await Promise.all(['tcp', 'tcp6'].map((file) => (0,promises_.readFile)(`/proc/${pid}/net/${file}`, 'latin1').catch(() => '')));
    return files.join('') === '' ? undefined : readSockets(files.join('\n'));
}
function caller({ exec }) {
    return (command) => exec(command, { timeoutSeconds: smoke_CALL_SECONDS });
}
/** A call whose output is the container's own: the program that writes it is ended once there is too much. */
async function readBounded({ exec }, command) {
    const enough = new AbortController();
    const reader = () => {
        const chunks = [];
        let room = MOST_OUTPUT;
        return {
            take: (chunk) => {
                chunks.push(chunk.subarray(0, room));
                room = Math.max(0, room - chunk.length);
                if (room === 0)
                    enough.abort();
            },
            text: () => Buffer.concat(chunks).toString()
        };
    };
    const [stdout, stderr] = [reader(), reader()];
    const result = await exec(command, {
        ...{ timeoutSeconds: smoke_CALL_SECONDS, signal: enough.signal, onStdout: stdout.take, onStderr: stderr.take }
    });
    const exitCode = enough.signal.aborted ? 0 : result.exitCode;
    return { ...result, exitCode, stdout: stdout.text(), stderr: stderr.text() };
}
/** A cancelled run removes nothing any more; its `post` does. */
async function quietly(call) {
    await call.catch((error) => {
        if (!(error instanceof src_ports/* Cancelled */.cJ))
            throw error;
    });
}
function isNative(platform, architecture) {
    return platform.split('/')[1] === architecture;
}
function lastLines(text) {
    return text
        .split(/\r?\n/)
        .map((line) => line.slice(0, LINE_LENGTH))
        .filter((line, index, all) => line.trim() !== '' || index < all.length - 1)
        .slice(-LOG_LINES);
}

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(1421);
// EXTERNAL MODULE: external "node:string_decoder"
var external_node_string_decoder_ = __webpack_require__(6193);
// EXTERNAL MODULE: ./src/adapters/exec.ts
var exec = __webpack_require__(7911);
// EXTERNAL MODULE: ./src/adapters/processes.ts
var processes = __webpack_require__(7877);
;// CONCATENATED MODULE: ./src/verify/command.ts
/**
 * Runs a `verify` command as a `run:` step with `shell: bash` is run: a script file, `bash -eo pipefail`, the workspace. It
 * leads a process group of its own, so that whatever it leaves behind ends with it; what has left the group is known by its
 * environment.
 * https://docs.github.com/actions/reference/workflows-and-actions/workflow-syntax#jobsjob_idstepsshell
 */









/** Lines that go to the job log, and characters of one: what is beyond is counted. */
const MOST_LINES = 20_000;
const command_LINE_LENGTH = 8_000;
const LAST_LINES = 60;
const GRACE_MILLISECONDS = 2_000;
/** As timeout(1) has it. */
const TIMED_OUT = 124;
/** Runs the command to its end. Throws `Cancelled` when the run is cancelled. */
async function runVerify(options) {
    const { script, env, cwd, folder, timeoutSeconds, signal } = options;
    if (signal.aborted)
        throw new src_ports/* Cancelled */.cJ();
    const file = external_node_path_default().join(folder, 'verify.sh');
    await (0,promises_.writeFile)(file, script.endsWith('\n') ? script : `${script}\n`, { mode: 0o700 });
    const output = readLines(options.onLine);
    const command = planShell(file, env.PATH ?? '');
    const child = (0,external_node_child_process_.spawn)(command.file, command.args, { env, cwd, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
    const group = child.pid;
    if (group !== undefined)
        options.onStart(group);
    let timedOut = false;
    const end = () => void (0,processes/* endGroup */.N4)(group);
    const timer = setTimeout(() => {
        timedOut = true;
        end();
    }, timeoutSeconds * 1000);
    signal.addEventListener('abort', end, { once: true });
    (0,exec/* releasePipes */.z0)(child); // a child of its own that still holds them must not keep us
    child.stdout.on('data', output.stdout);
    child.stderr.on('data', output.stderr);
    try {
        const exitCode = await new Promise((resolve, reject) => {
            child.once('error', reject);
            child.once('close', (code, ended) => resolve((0,exec/* exitCodeOf */.FO)(code, ended)));
        });
        await (0,processes/* endGroup */.N4)(group);
        await endStrays(env.STAGEGATE_OCI_LAYOUT);
        // What it says once it is ended is no verdict: a trap may well end with 0.
        return { exitCode: timedOut && exitCode === 0 ? TIMED_OUT : exitCode, timedOut, ...output.end() };
    }
    finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', end);
        child.stdout.destroy();
        child.stderr.destroy();
        await (0,promises_.rm)(file, { force: true });
        if (signal.aborted)
            throw new src_ports/* Cancelled */.cJ();
    }
}
/** The shell of a `run:` step with `shell: bash`; `sh` as a step has it that names none, where there is no bash. */
function planShell(file, searchPath) {
    const hasBash = searchPath.split((external_node_path_default()).delimiter).some((folder) => isProgram(external_node_path_default().join(folder, 'bash')));
    return hasBash
        ? { file: 'bash', args: ['--noprofile', '--norc', '-eo', 'pipefail', file] }
        : { file: 'sh', args: ['-e', file] };
}
/** Ends what a command has started and let go of, such as a daemon: the folder of its layout is the command's alone. */
async function endStrays(layout) {
    if (layout === undefined)
        return;
    const mark = `STAGEGATE_OCI_LAYOUT=${layout}\0`;
    const find = () => (0,processes/* findByEnvironment */.GM)((environment) => environment.includes(mark));
    const deadline = Date.now() + GRACE_MILLISECONDS;
    let left = await find();
    left.forEach((pid) => (0,processes/* send */.tN)(pid, 'SIGTERM'));
    while (left.length > 0 && Date.now() < deadline) {
        await (0,external_node_timers_promises_.setTimeout)(20);
        left = await find();
    }
    left.forEach((pid) => (0,processes/* send */.tN)(pid, 'SIGKILL'));
}
/** Two streams as lines; what is too long or too much is cut, and counted. */
function readLines(onLine) {
    const last = [];
    let shown = 0;
    let hidden = 0;
    const take = (line) => {
        const text = line.replace(/\r$/, '').slice(0, command_LINE_LENGTH);
        last.push(text);
        if (last.length > LAST_LINES)
            last.shift();
        shown += 1;
        if (shown > MOST_LINES)
            hidden += 1;
        else
            onLine(text);
    };
    const reader = () => {
        const decoder = new external_node_string_decoder_.StringDecoder('utf8');
        let rest = '';
        return {
            feed: (chunk) => {
                const lines = (rest + decoder.write(chunk)).split('\n');
                rest = (lines.pop() ?? '').slice(0, command_LINE_LENGTH);
                lines.forEach(take);
            },
            end: () => {
                if (rest !== '')
                    take(rest);
                rest = '';
            }
        };
    };
    const [stdout, stderr] = [reader(), reader()];
    return {
        stdout: stdout.feed,
        stderr: stderr.feed,
        end() {
            stdout.end();
            stderr.end();
            return { log: [...last], hidden };
        }
    };
}
function isProgram(file) {
    try {
        (0,external_node_fs_.accessSync)(file, external_node_fs_.constants.X_OK);
        return true;
    }
    catch {
        return false;
    }
}

;// CONCATENATED MODULE: ./src/verify/environment.ts
/** What a `verify` command finds in its environment: the image, and none of the run's secrets. Pure. */
/**
 * Whether a variable may hold what opens something: the runner's tokens and the addresses they are for, the inputs, the
 * saved state, an agent, and whatever is called a token, secret, password or key.
 */
function isSensitiveName(name) {
    return (/^(?:INPUT_|STATE_|ACTIONS_|SSH_)/i.test(name) ||
        /^(?:GITHUB_(?:ENV|PATH|OUTPUT|STATE|STEP_SUMMARY|ARTIFACTS)|DOCKER_AUTH_CONFIG|GPG_AGENT_INFO|BASH_ENV|ENV)$/i.test(name) ||
        // Short words stand alone, long ones also at the end of another: PGPASSWORD, npmToken.
        /(?:^|_)(?:PASS|KEYS?|PAT|AUTH|COOKIE|CREDS)(?:_|\d*$)/i.test(name) ||
        /(?:TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|CREDENTIAL|(?:API|ACCESS|PRIVATE|SIGNING|SSH|DEPLOY|AUTH)KEY)S?(?:_|\d*$)|_PWD$|SSHPASS$/i.test(name));
}
/**
 * @param env the environment of the step
 * @param named names in `verify-env`: these pass, whatever they are called
 * @param secret values that were handed to the build; a variable that holds one passes only if it is named
 */
function planEnvironment(env, named, secret, facts) {
    const kept = Object.entries(env).flatMap(([name, value]) => {
        if (value === undefined)
            return [];
        if (named.includes(name))
            return [[name, value]];
        if (isSensitiveName(name))
            return [];
        return secret.some((each) => each.length >= 6 && value.includes(each.trim())) ? [] : [[name, value]];
    });
    return {
        ...Object.fromEntries(kept),
        STAGEGATE_IMAGE: facts.image,
        STAGEGATE_OCI_LAYOUT: facts.layout,
        STAGEGATE_NAME: facts.name,
        STAGEGATE_PLATFORM: facts.platform,
        STAGEGATE_REPORT: facts.report,
        ...(facts.archive === undefined ? {} : { STAGEGATE_ARCHIVE: facts.archive })
    };
}
/** Whether a command, or a script of the workspace that it calls, wants the archive: it is made only then. */
function namesArchive(texts) {
    return texts.some((text) => text.includes('STAGEGATE_ARCHIVE'));
}
/** Paths in a command that may be scripts of the workspace. */
function calledFiles(command) {
    const words = command.split(/[\s;&|()<>"'`]+/);
    const files = words.filter((word) => /^[\w./@+-]{1,200}$/.test(word) && /[./]/.test(word) && !word.startsWith('/'));
    return [...new Set(files.filter((file) => !file.split('/').includes('..')))].slice(0, 50);
}

;// CONCATENATED MODULE: ./src/verify/verify.ts
/** The user's own verdict: `verify` run on each platform's inspected image, before anything leaves. */






/** Documented in docs/smoke-and-verify.md: a scanner that must load its database needs some, and none needs more. */
const VERIFY_SECONDS = 1800;
/** Runs the command for one platform. A non-zero exit code is a result. Throws `Cancelled` only. */
async function verifyImage(ports, options) {
    const { script, platform, image, workspace } = options;
    const startedAt = ports.now();
    const refName = platformFolder(platform);
    const folder = external_node_path_default().join(options.folder, 'verify', refName);
    await (0,promises_.mkdir)(folder, { recursive: true });
    const layout = external_node_path_default().join(folder, refName);
    await writeSingleLayout(layout, image, refName);
    const archive = external_node_path_default().join(folder, 'image.tar');
    const wantsArchive = namesArchive([script, ...(await textsOf(workspace, calledFiles(script)))]);
    if (wantsArchive)
        await writeArchive(archive, image, { refName, tag: `stagegate-verify:${refName}` });
    const { exitCode, timedOut, log, hidden } = await runVerify({
        ...{ script, folder, onStart: options.onStart, cwd: workspace, signal: ports.signal },
        timeoutSeconds: options.timeoutSeconds ?? VERIFY_SECONDS,
        env: planEnvironment(options.env, options.named, options.secret, {
            image: options.reference,
            ...{ layout, name: options.name, platform, report: options.report },
            ...(wantsArchive ? { archive } : {})
        }),
        onLine: ports.log.untrusted
    });
    if (hidden > 0)
        ports.log.info(`verify printed ${(0,units/* count */.U9)(hidden, 'more line')}, not shown here.`);
    return { platform, seconds: (ports.now() - startedAt) / 1000, exitCode, timedOut, log };
}
async function textsOf(workspace, files) {
    return Promise.all(files.map((file) => (0,promises_.readFile)(external_node_path_default().join(workspace, file), 'latin1').catch(() => '')));
}

;// CONCATENATED MODULE: ./src/phases/trial.ts
var trial_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
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
var trial_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
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
/** Between verdict and publish: the very image is started, and the user's own command looks at it. */















/** Whether anything of the kind is asked for. */
function wantsTrial({ trial }) {
    return trial.smoke !== undefined || trial.verify !== '';
}
/** Removes what runs that were killed have left in the engine, while this one builds; also where it then ends red. */
async function tidyEngine(ports, inputs) {
    if (wantsTrial(inputs))
        await removeForsaken(ports);
}
/** Smoke and verify at the same time; a failure where one of them says no. */
async function tryImages(ports, options) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { workflow, folder, built, inspected } = options;
        const { trial } = workflow.inputs;
        const { images } = inspected.inspection;
        const problem = findProbeProblem(trial.smoke, images);
        if (problem !== undefined)
            return { failure: { kind: 'input', problems: [problem] } };
        const runsVerify = trial.verify !== '' && !withholds(workflow);
        const content = await built.content();
        const registry = trial_addDisposableResource(env_1, await serveImage(content)
        // Both use one name in the engine: it goes when neither does any more.
        , true);
        // Both use one name in the engine: it goes when neither does any more.
        const engine = trial_addDisposableResource(env_1, new AsyncDisposableStack(), true);
        const place = await plainFolder(folder, options.leftovers, engine);
        const exec = guarded(ports, folder);
        const candidates = images.map(({ platformName, manifestDigest = '' }) => {
            const image = singleImage(content, manifestDigest);
            if (image === undefined)
                throw new stop/* Stop */.V({ kind: 'engine', message: `the image of ${platformName} has parts missing` });
            return { platform: platformName, image, reference: `${registry.repository}@${manifestDigest}` };
        });
        const report = external_node_path_default().join(folder, 'verify-report.json');
        await (0,promises_.writeFile)(report, JSON.stringify((0,json/* toJSON */.U2)((0,own_words/* redacted */.p)(await options.soFar(), workflow.redact))));
        if (trial.smoke !== undefined || runsVerify) {
            // An engine that is to have the image keeps all of it until then, and pulls and unpacks nothing again.
            const until = built.publication.loads.length === 0 ? engine : options.cleanup;
            for (const { reference } of candidates) {
                options.leftovers.addImage(reference);
                until.defer(() => removeImage(exec, reference));
            }
        }
        // A red one of them ends by itself, and so does the other: what both say is worth knowing. One that breaks ends the other.
        const trouble = new AbortController();
        const watched = { ...ports, exec, signal: AbortSignal.any([ports.signal, trouble.signal]) };
        const part = (wanted, act) => wanted
            ? each(candidates, act).catch((error) => {
                trouble.abort();
                throw error;
            })
            : Promise.resolve(undefined);
        const both = [
            part(trial.smoke !== undefined, (one) => smokeOne(watched, options, one)),
            part(runsVerify, (one) => verifyOne(watched, { ...options, folder: place }, one, report))
        ];
        await Promise.allSettled(both);
        const [smoke, verify] = await Promise.all(both);
        for (const result of smoke ?? []) {
            if (result.result === 'skipped')
                continue;
            ports.log.info(`smoke ${result.platform}: ${result.result === 'passed' ? result.words : result.reason}`);
        }
        return {
            notes: notesOn(options, runsVerify, smoke),
            ...(smoke === undefined ? {} : { smoke }),
            ...(verify === undefined ? {} : { verify }),
            ...failed(smoke, verify)
        };
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = trial_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
function findProbeProblem(probe, images) {
    if (probe === undefined)
        return undefined;
    const wrong = images.map(({ config }) => checkProbe(probe, config.healthcheck)).find((found) => found !== undefined);
    return wrong === undefined ? undefined : { input: 'smoke', ...wrong };
}
function notesOn({ workflow, env }, runsVerify, smoke = []) {
    const { trust } = workflow.trustPlan;
    const { verify, verifyEnv } = workflow.inputs.trial;
    // A secret that does not exist is an empty variable.
    const absent = runsVerify && trust.trusted ? verifyEnv.filter((name) => (env[name] ?? '') === '') : [];
    return [
        ...absent.map((name) => `verify ran without ${name}, which verify-env names: it has no value in the env: of this step.`),
        ...(verify === '' || runsVerify || trust.trusted
            ? []
            : [`verify did not run, because it would run code from outside the repository: ${trust.reason}.`]),
        ...smoke.flatMap((result) => result.result === 'skipped' ? [`No smoke test of ${result.platform}: ${result.reason}.`] : [])
    ];
}
function failed(smoke = [], verify = []) {
    const down = smoke.filter(({ result }) => result === 'failed');
    if (down.length > 0)
        return { failure: { kind: 'smoke', results: down } };
    if (smoke.length > 0 && smoke.every(({ result }) => result === 'skipped')) {
        const platforms = smoke.map(({ platform }) => platform).join(', ');
        return {
            failure: {
                kind: 'engine',
                message: `no smoke test could run: the engine runs none of ${platforms}`,
                fix: 'Run the job on a runner of one of these platforms, set up emulation (docker/setup-qemu-action), or remove smoke.'
            }
        };
    }
    const vetoes = verify.filter(({ exitCode }) => exitCode !== 0);
    return vetoes.length === 0 ? {} : { failure: { kind: 'verify', results: vetoes } };
}
/** The command is the workflow's and its scripts are the pull request's: with the repository's own rights it runs nothing. */
function withholds({ trustPlan: { trust } }) {
    return !trust.trusted && trust.withholds;
}
function smokeOne(ports, { workflow, folder, leftovers }, { platform, image, reference }) {
    const { smoke, smokeEnv, smokeTimeoutSeconds } = workflow.inputs.trial;
    const variables = withholds(workflow) ? [] : smokeEnv;
    if (smoke === undefined)
        throw new Error('no smoke');
    return smokeImage(ports, {
        ...{ probe: smoke, variables, timeoutSeconds: smokeTimeoutSeconds, platform, reference, folder, leftovers },
        writeArchive: async (tag) => {
            const file = external_node_path_default().join(folder, `${tag.replace(':', '-')}.tar`);
            await writeArchive(file, image, { refName: 'inspected', tag });
            return file;
        }
    });
}
function verifyOne(ports, { build, workflow, occasion, folder, leftovers, env }, { platform, image, reference }, report) {
    const { inputs, credentials, trustPlan } = workflow;
    const { verify, verifyEnv } = inputs.trial;
    const secret = credentials.sensitive.map(({ value }) => value.toString('utf8'));
    return verifyImage(ports, {
        ...{ script: verify, name: build.name, platform, image, reference, env, secret, folder, report },
        named: trustPlan.trust.trusted ? verifyEnv : [],
        workspace: occasion.workspace,
        onStart: (pid) => leftovers.addGroup({ pid, folder })
    });
}
/** A folder without the signs at which tools cut a path, which the runner's own may have: `/home/ci@corp`. */
async function plainFolder(folder, leftovers, cleanup) {
    if (!/[:@,]/.test(folder))
        return folder;
    const plain = await (0,promises_.mkdtemp)(external_node_path_default().join(external_node_os_default().tmpdir(), 'stagegate-'));
    leftovers.addFolder(plain);
    cleanup.defer(() => (0,promises_.rm)(plain, { recursive: true, force: true }));
    return plain;
}
/** The programs that it starts are known as the run's, by the guard and by `post`: none goes on where the run was killed. */
function guarded({ exec }, folder) {
    return (command, options) => exec(command, { ...options, env: { ...(0,guard/* guardedBy */.iP)(folder), ...options?.env } });
}
/** Where nobody has pulled it there is nothing to remove. A cancelled run removes nothing any more; its `post` does. */
async function removeImage(exec, reference) {
    await exec((0,plan/* planRemoveImage */.Rj)(reference), { timeoutSeconds: 60 }).catch((error) => {
        if (!(error instanceof src_ports/* Cancelled */.cJ))
            throw error;
    });
}
/** One after the other: memory and ports are for one. */
async function each(candidates, act) {
    const results = [];
    for (const candidate of candidates)
        results.push(await act(candidate));
    return results;
}

;// CONCATENATED MODULE: ./src/compare/twice.ts
/** Two builds of one image: in what they differ, down to the file. Pure; what it is for is told in docs/inputs.md. */


/** Files that are named. */
const MOST_NAMED = 20;
const byWeight = ['content', 'presence', 'attributes', 'time'];
/**
 * Compares the entries of two layers. Where neither count nor order says anything, it is the compression that differs.
 * @param time seconds since 1970: the newest a file of an own layer may have; absent where each has its own
 */
function compareLayerFiles(first, second, time) {
    const before = new Map(first.map((file) => [file.path, file]));
    const after = new Map(second.map((file) => [file.path, file]));
    const all = [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
        const differs = differenceOf(before.get(path), after.get(path));
        return differs === undefined ? [] : [{ path, differs }];
    });
    const files = byWeight.flatMap((kind) => all.filter(({ differs }) => differs === kind));
    const reordered = all.length === 0 && first.some(({ path }, at) => path !== second[at]?.path);
    const isOlder = ({ path, differs }) => differs === 'time' && after.get(path)?.modified === time && (before.get(path)?.modified ?? NaN) < (time ?? NaN);
    const madeBefore = all.length > 0 && all.every(isOlder);
    return { files: files.slice(0, MOST_NAMED), count: all.length, reordered, madeBefore };
}
function differenceOf(one, other) {
    if (one === undefined || other === undefined)
        return 'presence';
    if (one.type !== other.type || one.content !== other.content)
        return 'content';
    if (one.attributes !== other.attributes)
        return 'attributes';
    return Object.is(one.modified, other.modified) ? undefined : 'time';
}
/** The lowest place at which the layers of two images differ, with what stands there. */
function firstDifference(one, other) {
    const length = Math.max(one.layers.length, other.layers.length);
    for (let index = 0; index < length; index += 1) {
        const pair = [one.layers[index], other.layers[index]];
        if (pair[0]?.descriptor.digest !== pair[1]?.descriptor.digest)
            return { index, pair };
    }
    return undefined;
}
/** Members of two configs that differ, those of their inner `config` by name. */
function configDifference(one, other) {
    const [before, after] = [membersOf(one), membersOf(other)];
    const names = new Set([...Object.keys(before), ...Object.keys(after)]);
    return [...names].filter((name) => JSON.stringify(before[name]) !== JSON.stringify(after[name])).sort();
}
function membersOf(text) {
    const parsed = (0,core_json/* parseJSON */.Ol)(text);
    const { config, ...rest } = (0,src_image/* isObject */.Gv)(parsed) ? parsed : {};
    return (0,src_image/* isObject */.Gv)(config) ? { ...rest, ...config } : rest;
}

;// CONCATENATED MODULE: ./src/phases/twice.ts
/** `verify-reproducible`: before anything leaves, the image is built once more from nothing, and both have to be the same. */






/** Builds the image's own chain a second time, without tests and without any cache, and compares the manifests. */
async function buildTwice(ports, { workflow, built, inspected, folder }) {
    const place = external_node_path_default().join(folder, 'twice');
    await (0,promises_.mkdir)(place);
    const { asked } = built;
    const { build } = asked.base;
    const { reproducible: timed } = workflow.inputs;
    const start = ports.now();
    const run = await runBuild(ports, {
        ...asked,
        base: { ...asked.base, build: { ...build, fresh: { ...build.fresh, noCache: true, rerunTests: false } } },
        plan: { ...asked.plan, testTargets: [] },
        looksUp: false,
        cacheFrom: [],
        exporting: { ...asked.exporting, folder: place, files: [], cacheTo: [] },
        metadataFile: external_node_path_default().join(place, 'metadata.json'),
        // The files of the first build wait to be published, and its images are read already.
        beforeAgain: () => Promise.resolve(),
        onExporting: () => undefined,
        onExported: () => undefined
    });
    const seconds = (ports.now() - start) / 1000;
    if (run.failure !== undefined) {
        const which = 'It was the second build that failed, which verify-reproducible asks for.';
        return { failure: run.failure, notes: [...run.notes, which] };
    }
    try {
        const second = [];
        for (const { layout } of run.images) {
            second.push(...(await (0,src_image/* readImages */.H)(layout, { signal: ports.signal })).images);
        }
        const differences = [];
        for (const [at, image] of inspected.inspection.images.entries()) {
            const again = second.find(({ platformName }) => platformName === image.platformName);
            if (again === undefined)
                throw new src_image/* ImageError */.C8('unsupported', `it has no image of ${image.platformName}`);
            if (image.manifestDigest === again.manifestDigest)
                continue;
            const report = inspected.learned.images[at];
            differences.push(await twice_explain(ports, { first: image, second: again, report, timed }));
        }
        if (differences.length === 0) {
            ports.log.info(`The second build made the same image (${seconds.toFixed(1)} s).`);
            return { builtTwice: { seconds }, notes: run.notes };
        }
        return { failure: { kind: 'irreproducible', differences, timed }, notes: run.notes };
    }
    catch (error) {
        return (0,inspect/* readable */.HD)('the image of the second build cannot be read')(error);
    }
}
/** Where the two differ first. What is above that layer may only follow from it. */
async function twice_explain({ signal }, { first, second, report, timed }) {
    const digests = { first: first.manifestDigest ?? '', second: second.manifestDigest ?? '' };
    const known = { platform: first.platformName, ...digests };
    const found = firstDifference(first, second);
    if (found === undefined)
        return { ...known, config: configDifference(first.configText, second.configText) };
    const [before, after] = await Promise.all(found.pair.map((layer) => listOf(layer, signal)));
    const time = timed ? Date.parse(second.config.created ?? '') / 1000 : undefined;
    const { instruction = '', line, stage, base = false } = report?.layers[found.index] ?? {};
    return {
        ...known,
        config: [],
        layer: {
            ...{ index: found.index, instruction, base },
            ...(line === undefined ? {} : { line }),
            ...(stage === undefined ? {} : { stage }),
            ...compareLayerFiles(before ?? [], after ?? [], time)
        }
    };
}
/** Nothing of a layer that only one of the images has, or that is not in the layout. */
function listOf(layer, signal) {
    return layer?.blob === undefined ? Promise.resolve([]) : (0,src_image/* listLayer */.yP)(layer, signal);
}

;// CONCATENATED MODULE: ./src/advise/rule.ts
/** What a rule of advice is, and what rules share: what is looked at, and what is found. */


/** Every rule, what matters most first: the order of advice that costs no bytes. */
const RULES = [
    'CredentialInEnv',
    'RunsAsRoot',
    'TestStageInImage',
    'PipeHidesFailure',
    'HeredocWithoutErrexit',
    'PackageCacheInLayer',
    'AptListsInLayer',
    'FilesCopiedByChown',
    'FilesCopiedByChmod',
    'FilesCopiedBySetcap',
    'SetuidFiles',
    'WorldWritableFiles',
    'NetworkClientInImage',
    'BaseNotPinned',
    'ContextNotIgnored',
    'AddInsteadOfCopy'
];
/** Less than this is not worth a line of advice. */
const LEAST_BYTES = 100_000;
/** A line, where one is known. */
function at(line) {
    return line === undefined ? {} : { line };
}
/** Instructions of the target's own chain, the last one first. */
function ownInstructions({ subject: { target }, dockerfile }, keywords) {
    const chain = new Set((0,src_dockerfile/* chainOf */.dR)(dockerfile, target).map(({ index }) => index));
    return dockerfile.instructions
        .filter(({ keyword, stage }) => keywords.includes(keyword) && chain.has(stage))
        .reverse();
}
/** `one file`, `1,200 files`. */
function files(count) {
    return count === 1 ? 'one file' : `${(0,units/* grouped */.zD)(count)} files`;
}
/** With a capital letter, as a sentence begins. */
function capital(words) {
    return words.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

;// CONCATENATED MODULE: ./src/advise/configuration.ts
/** Advice on what a container of the image runs, and as whom. */



/** A password in the address of a variable's value: BuildKit goes by the names of variables. */
const credentialInEnv = ({ config }, examined) => {
    const told = new Set(examined.subject.lint.filter(({ rule }) => rule === 'SecretsUsedInArgOrEnv').map(({ line }) => line));
    return config.env.flatMap((variable) => {
        const { name, value = '' } = (0,pair/* splitPair */.T)(variable);
        // A value of asterisks is one that was replaced, or a placeholder.
        if (!/^[a-z][a-z0-9+.-]*:\/\/[^\s/@:]*:(?!\*+@)[^\s/@$]+@/i.test(value))
            return [];
        const line = ownInstructions(examined, ['ENV']).find(({ rest }) => new RegExp(`(?:^|\\s)${RegExp.escape(name)}(?:=|\\s)`).test(rest))?.line;
        if (line !== undefined && told.has(line))
            return [];
        return [
            {
                rule: 'CredentialInEnv',
                subject: name,
                message: `The variable \`${name}\` has a password in its address, for everyone who can pull the image`,
                fix: `Pass it when the container starts (\`docker run --env ${name}\`), or to one step with \`RUN --mount=type=secret,id=…,env=${name}\`.`,
                ...at(line)
            }
        ];
    });
};
/** Nobody said as whom the program runs, or root was meant. */
const runsAsRoot = ({ config, report }, examined) => {
    const user = config.user ?? '';
    if (!/^(?:|root|0+)(?::.*)?$/.test(user))
        return [];
    const said = ownInstructions(examined, ['USER'])[0];
    const stage = (0,src_dockerfile/* chainOf */.dR)(examined.dockerfile, examined.subject.target)[0];
    const isWindows = report.platform.startsWith('windows/');
    if (isWindows && user === '')
        return [];
    // What starts as root may give its rights away: an entry point with gosu does.
    const message = said !== undefined
        ? `The image starts as root: its last \`USER\` is \`${said.rest}\``
        : user === ''
            ? 'The image starts as root: no `USER` is set'
            : `The image starts as root: its base image sets \`USER ${user}\``;
    return [
        {
            rule: 'RunsAsRoot',
            subject: '',
            message,
            fix: isWindows
                ? 'End the stage with `USER ContainerUser`.'
                : 'End the stage with `USER 10001:10001`, or with a user that an earlier step made; it needs access to what the program reads and writes.',
            ...at(said?.line ?? stage?.line)
        }
    ];
};
/** Programs that fetch from anywhere, and that the image does not run. */
const clients = ({ report: { figures, layers }, config }) => {
    const run = [...(config.entrypoint ?? []), ...(config.cmd ?? []), ...(config.healthcheck ?? [])];
    // What a script runs is not known.
    if (run.some((command) => /\.(?:ba|z)?sh\b|entry-?point/i.test(command)))
        return [];
    const own = figures.clients.filter(({ base, name }) => !base && !runsProgram(run, name));
    const byLayer = Map.groupBy(own, ({ layer }) => layer);
    return [...byLayer].map(([index, programs]) => {
        const names = [...new Set(programs.map(({ name }) => name))];
        return {
            rule: 'NetworkClientInImage',
            subject: names.join(),
            message: `${names.map((name) => `\`${name}\``).join(', ')} ${names.length === 1 ? 'is' : 'are'} in the final image, at hand for whoever breaks in`,
            fix: `If your program runs without ${names.length === 1 ? 'it' : 'them'}, fetch in an earlier stage and copy the result, or use \`ADD --checksum=…\`.`,
            ...at(layers[index]?.line)
        };
    });
};
/** Whether a command line, in either form, runs a program: `curl`, `/usr/bin/curl`, `sh -c \"curl -f … || exit 1\"`. */
function runsProgram(commands, program) {
    const word = new RegExp(`(?:^|[\\s;&|(\`"'/=])${RegExp.escape(program)}(?=$|[\\s;&|)\`"'])`);
    return commands.some((command) => word.test(command));
}

;// CONCATENATED MODULE: ./src/advise/shell_text.ts
/** A shell script as far as it can be read without running it: its commands, without what only makes up their words. */
/** Substitutions in one another; one that is deeper reaches to the end. */
const MOST_DEPTH = 50;
/**
 * The script without comments, and with quoted text and what is substituted, `$(…)` or between backticks, as `_`: neither
 * begins a command whose failure counts by itself. https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html
 */
function plainScript(script) {
    let plain = '';
    let at = 0;
    while (at < script.length) {
        const sign = script[at] ?? '';
        const end = endOfWord(script, at);
        if (end > at) {
            plain += '_';
            at = end;
        }
        else if (sign === '\\') {
            plain += script[at + 1] === '\n' ? ' ' : '_';
            at += 2;
        }
        else if (sign === '#' && /(?:^|[\s;&|()])$/.test(script.slice(at - 1, at))) {
            const newline = script.indexOf('\n', at);
            at = newline === -1 ? script.length : newline;
        }
        else {
            plain += sign;
            at += 1;
        }
    }
    return plain;
}
/** Where what begins here ends, if it is quoted or substituted; else here. What is not closed reaches to the end. */
function endOfWord(script, at, depth = 0) {
    if (depth > MOST_DEPTH)
        return script.length;
    if (script[at] === "'")
        return after(script, "'", at + 1);
    if (script[at] === '"' || script[at] === '`')
        return endOfQuoted(script, at, depth);
    if (script.startsWith('${', at))
        return endOfNested(script, at + 2, '{}', depth);
    return /[$<>]\(/.test(script.slice(at, at + 2)) ? endOfNested(script, at + 2, '()', depth) : at;
}
function after(script, sign, from) {
    const found = script.indexOf(sign, from);
    return found === -1 ? script.length : found + 1;
}
function endOfQuoted(script, start, depth) {
    const quote = script[start];
    let at = start + 1;
    while (at < script.length && script[at] !== quote) {
        if (script[at] === '\\')
            at += 2;
        else if (quote === '"' && script[at] === '$')
            at = Math.max(at + 1, endOfWord(script, at, depth + 1));
        else
            at += 1;
    }
    return Math.min(script.length, at + 1);
}
function endOfNested(script, start, pair, depth) {
    let open = 1;
    let at = start;
    while (at < script.length && open > 0) {
        const end = endOfWord(script, at, depth + 1);
        if (end > at)
            at = end;
        else if (script[at] === '\\')
            at += 2;
        else {
            if (script[at] === pair[0])
                open += 1;
            else if (script[at] === pair[1])
                open -= 1;
            at += 1;
        }
    }
    return Math.min(script.length, at);
}
/** Words that begin a list, with the one that ends it. */
const ENDS = new Map([
    ['if', 'fi'],
    ['while', 'done'],
    ['until', 'done'],
    ['for', 'done'],
    ['select', 'done'],
    ['case', 'esac'],
    ['{', '}'],
    ['(', ')']
]);
const TOKENS = /;;&?|;&|&&|\|\||[\n;&|()]|[^\s;&|()]+/g;
/**
 * Whether a command of a script may fail and the script passes: another follows it, or another turn of a loop. What an `if`
 * or a `while` asks is meant to fail, and what ends with `|| exit` is looked at.
 */
function hidesFailure(script) {
    const outermost = openList(undefined);
    const lists = [outermost];
    let before = '';
    let isStart = true;
    for (const [token] of markFunctions(plainScript(script)).matchAll(TOKENS)) {
        const list = lists.at(-1) ?? outermost;
        if (list.until !== undefined && !(list.until === ')' && token === 'esac')) {
            if (token === list.until)
                Object.assign(list, { until: token === 'in' ? ')' : undefined });
            isStart = true;
        }
        else if (token === '\n' || token === ';' || token === '&') {
            if (isStart)
                continue // a line may end behind an operator
                ;
            [isStart, before] = [true, ''];
        }
        else if (token === '&&' || token === '||' || token === '|') {
            ;
            [isStart, before] = [true, token === '||' ? '||' : '&&'];
        }
        else if (/^;[;&]/.test(token)) {
            branch(list, ')');
            [isStart, before] = [true, ''];
        }
        else if (token === list.end && (isStart || token === ')')) {
            lists.pop();
            if (token === 'done' && list.isOpen)
                return true;
            note(lists.at(-1) ?? outermost, mayFail(list));
            isStart = false;
        }
        else if (isStart && (token === 'then' || token === 'do')) {
            list.isCondition = false;
        }
        else if (isStart && (token === 'elif' || token === 'else')) {
            branch(list);
            list.isCondition = token === 'elif';
        }
        else if (isStart && token !== '!') {
            if (before === '' && list.isOpen)
                return true;
            const end = ENDS.get(token);
            const isExit = token === 'exit' || token === 'return';
            list.leaves ||= isExit;
            if (end !== undefined)
                lists.push(openList(end, token, before));
            else if (token !== 'function')
                note(list, list.place !== '||' && !(isExit && before === '||'));
            isStart = end !== undefined || token === 'function';
            before = token === 'function' ? token : '';
        }
    }
    return false;
}
function openList(end, word = '', place = '') {
    return {
        ...{ end, place, isOpen: false, wasOpen: false, leaves: false },
        isCondition: ['if', 'while', 'until'].includes(word),
        until: word === 'case' ? 'in' : word === 'for' || word === 'select' ? 'do' : undefined
    };
}
/** Whether it may fail as a whole, and nothing has looked at that. */
function mayFail({ place, leaves, isOpen, wasOpen }) {
    return place === '||' ? !leaves : place !== 'function' && (isOpen || wasOpen);
}
function note(list, isOpen) {
    if (!list.isCondition)
        list.isOpen = isOpen;
}
/** Another branch begins, of which only one runs. */
function branch(list, until) {
    Object.assign(list, { wasOpen: list.wasOpen || list.isOpen, isOpen: false, until });
}
/** `name ()` and `function name` before a body as `function`. */
function markFunctions(plain) {
    return plain.replace(/(?<![\w-])(?:function[ \t]+[\w-]+(?:[ \t]*\([ \t]*\))?|[\w-]+[ \t]*\([ \t]*\))/g, 'function ');
}

;// CONCATENATED MODULE: ./src/advise/hidden_failures.ts
/** Advice on tests that pass although they failed. */


/**
 * Test steps whose failure nobody sees. `sh` goes by the last command of a pipe and of a heredoc's lines, so the gate
 * passes although the tests failed. https://docs.docker.com/build/building/best-practices/#using-pipes
 */
const hiddenFailures = ({ subject: { testTargets }, dockerfile }) => {
    const stages = new Set(testTargets.flatMap((test) => (0,src_dockerfile/* chainOf */.dR)(dockerfile, test).slice(0, 1)));
    return [...stages].flatMap(({ name, index, instructions }) => {
        const [, ...parents] = (0,src_dockerfile/* chainOf */.dR)(dockerfile, name ?? String(index));
        const inherited = parents.flatMap((parent) => parent.instructions.findLast(({ keyword }) => keyword === 'SHELL') ?? []);
        let shell = inherited[0] === undefined ? 'sh -c' : shellOf(inherited[0]);
        return instructions.flatMap((instruction) => {
            const { keyword, rest, line } = instruction;
            if (keyword === 'SHELL')
                shell = shellOf(instruction);
            // PowerShell and others have rules of their own.
            if (keyword !== 'RUN' || rest.startsWith('[') || !isShell(shell))
                return [];
            const { command, script, interpreter } = hidden_failures_readRun(instruction, shell);
            const found = [];
            if (script !== undefined && !/\s-\w*e|\berrexit\b/.test(`${interpreter} ${optionsSet(script)}`)) {
                if (hidesFailure(script)) {
                    found.push({
                        rule: 'HeredocWithoutErrexit',
                        subject: String(line),
                        message: 'A command of this heredoc may fail and the test passes: only the last one counts',
                        fix: 'Begin the heredoc with `set -e`.',
                        line
                    });
                }
            }
            const hides = (text, by) => hasPipe(text) && !`${by} ${optionsSet(text)}`.includes('pipefail');
            if (hides(command, shell) || (script !== undefined && hides(script, interpreter))) {
                found.push({
                    rule: 'PipeHidesFailure',
                    subject: String(line),
                    message: 'A test that ends in a pipe passes when the command before the pipe fails',
                    fix: pipeFix(shell),
                    line
                });
            }
            return found;
        });
    });
};
function hidden_failures_readRun({ rest, heredocs: [heredoc] }, shell) {
    if (heredoc === undefined)
        return { command: rest, interpreter: shell };
    const command = rest.replace(/(^|\s)\d*<<-?\s*(?:"[^"]*"|'[^']*'|[^\s<]+)/g, '$1').trim();
    const script = heredoc.content;
    if (command !== '') {
        // What a heredoc hands to another program is no command of the shell.
        return readsScript(command) ? { command, script, interpreter: command } : { command, interpreter: shell };
    }
    const first = script.trimStart().split('\n', 1)[0] ?? '';
    if (isOtherProgram(first))
        return { command, interpreter: first };
    return { command, script, interpreter: first.startsWith('#!') ? `${shell} ${first}` : shell };
}
/** `bash -e`, which reads its commands from its input; with a file or `-c` it has them from there. */
function readsScript(command) {
    if (!isShell(command))
        return false;
    const words = (command.split(/[;&|<>]/, 1)[0] ?? '')
        .replace(/^\s*(?:\S*\/)?env\s+/, '')
        .trim()
        .split(/\s+/)
        .slice(1);
    return words.every((word, at) => /^[-+]/.test(word) ? !/^-[a-z]*c/i.test(word) : /^[-+]\w*o$/i.test(words[at - 1] ?? ''));
}
/** What `set` says in a script. */
function optionsSet(script) {
    return (script.match(/(?:^|[\s;])set\s+[^\n;&|]*/g) ?? []).join(' ');
}
/** Which shells an image has is not known, but for the one that the Dockerfile names. */
function pipeFix(shell) {
    const bash = /^(\S*\bbash)(?:\s|$)/.exec(shell)?.[1];
    const line = `\`SHELL ["${bash ?? '/bin/bash'}", "-eo", "pipefail", "-c"]\``;
    return bash === undefined
        ? `Run the command without the pipe, or, if the image of the stage has bash, set the option with ${line}.`
        : `Set the option for this stage with ${line}, or run the command without the pipe.`;
}
function shellOf({ rest }) {
    return (0,src_dockerfile/* wordsOf */.Z9)(rest).join(' ');
}
function isShell(shell) {
    return /^(?:\S*\/)?(?:env\s+(?:\S*\/)?)?(?:ba|da|a|k|z|mk)?sh(?:\s|$)/.test(shell);
}
/** `#!/usr/bin/env python3`: not a shell. */
function isOtherProgram(first) {
    return first.startsWith('#!') && !/\b(?:ba|da|a|k|z)?sh\b/.test(first);
}
/** A `|` between two commands; `||` is none, and what only feeds a command hides nothing. */
function hasPipe(script) {
    const plain = plainScript(script)
        // The patterns of a `case`: `a|b)`. Without the bracket it is a pipe, which is passed over as a whole.
        .replace(/(^|[\s;])[\w*.?-]+(?:\s*\|\s*[\w*.?-]+)+(\s*\))?/g, (all, before, end) => end === undefined ? all : before);
    return plain
        .split(/\|\||&&|[;\n]/)
        .map((command) => command.replace(/^\s*(?:(?:if|elif|while|until|then|do|else|!)\s+)*/, ''))
        .some((command) => /\S\s*\|&?\s*\S/.test(command) && !/^(?:echo|printf|yes|cat)\b/.test(command));
}

;// CONCATENATED MODULE: ./src/advise/layers.ts
/** Advice on the files in an image's own layers. */



/** A test target is there to be passed, not to be shipped. */
const testStageInImage = ({ report }, { subject, dockerfile }) => {
    const final = (0,src_dockerfile/* chainOf */.dR)(dockerfile, subject.target)[0];
    const tests = subject.testTargets.map((test) => ({ name: test.toLowerCase(), stage: (0,src_dockerfile/* findStage */.U9)(dockerfile, test) }));
    // Where the tested stage is the image itself, it is meant to be in it.
    const shipped = tests.filter(({ name, stage }) => name !== subject.target.toLowerCase() && (stage === undefined || stage !== final));
    const isTest = (meant) => shipped.some(({ name, stage }) => name === meant.toLowerCase() || (stage !== undefined && stage === (0,src_dockerfile/* findStage */.U9)(dockerfile, meant)));
    const grouped = new Map();
    for (const layer of report.layers.filter(({ base }) => !base)) {
        const from = (0,core_step/* copiedFrom */.nR)(layer);
        const copied = from !== undefined && isTest(from);
        const name = copied ? from : (layer.stage ?? '');
        if (!copied && !isTest(name))
            continue;
        const key = copied ? `copy ${layer.line ?? layer.digest}` : name;
        const group = grouped.get(key) ?? { layers: [], copied, name };
        grouped.set(key, group);
        group.layers.push(layer);
    }
    return [...grouped].map(([key, { layers, copied, name }]) => ({
        rule: 'TestStageInImage',
        subject: key,
        message: copied
            ? `Files of the test stage \`${name}\` are copied into the image`
            : `The image is built on the test stage \`${name}\`: what the tests need ships with it`,
        fix: copied
            ? `Make them in a stage that \`${name}\` starts from, and copy them from there: nothing of the tests then ships.`
            : `Start from the stage below \`${name}\`: the gate makes sure that the tests pass.`,
        bytes: layers.reduce((sum, { size }) => sum + size, 0),
        ...at(layers.find(({ line }) => line !== undefined)?.line)
    }));
};
/** How each package manager is told to keep its cache out; the others get a cache mount. */
const WITHOUT_CACHE = {
    apk: 'use `apk add --no-cache`',
    pip: 'use `pip install --no-cache-dir`',
    dnf: 'end the same `RUN` with `dnf clean all`',
    yum: 'end the same `RUN` with `yum clean all`',
    zypper: 'end the same `RUN` with `zypper clean --all`',
    conda: 'end the same `RUN` with `conda clean --all --yes`',
    apt: 'end the same `RUN` with `apt-get clean`',
    npm: 'end the same `RUN` with `npm cache clean --force`',
    yarn: 'end the same `RUN` with `yarn cache clean`'
};
/** What a program that is run from its sources still reads: `mvn exec:java`, `go run`, `dotnet watch`. */
const OF_BUILDS = new Set(['maven', 'gradle', 'nuget', 'go', 'cargo']);
/** What package managers have downloaded, and keep. */
const packageCaches = ({ report: { figures, layers } }) => {
    return figures.packageCaches
        .filter(({ size }) => size >= LEAST_BYTES)
        .map(({ kind, path, size, layers: held }) => {
        const line = held.map((index) => layers[index]?.line).find((each) => each !== undefined);
        if (kind === 'apt-lists') {
            return {
                rule: 'AptListsInLayer',
                subject: path,
                message: `The package lists of apt (\`${path}\`) are in your layers`,
                fix: 'End the `RUN` that has `apt-get update` with `rm -rf /var/lib/apt/lists/*`.',
                bytes: size,
                ...at(line)
            };
        }
        const without = WITHOUT_CACHE[kind];
        const mount = `mount it instead: \`RUN --mount=type=cache,target=${path} …\``;
        const fix = OF_BUILDS.has(kind)
            ? `Build in an earlier stage, and copy what it makes. If the container itself builds nothing, ${mount}.`
            : `${capital(mount)}${without === undefined ? '' : `, or ${without}`}.`;
        return {
            rule: 'PackageCacheInLayer',
            subject: path,
            message: `The cache of ${kind} (\`${path}\`) is in your layers`,
            fix,
            bytes: size,
            ...at(line)
        };
    });
};
/** `chown -R` and `chmod -R` write every file again, into another layer. */
const copies = ({ report: { layers } }) => {
    return layers.flatMap((layer) => {
        const { base, line, digest, instruction } = layer;
        const { chown, chmod, attributes } = layer.copies;
        if (base)
            return [];
        const [copy] = /^(?:COPY|ADD)\b/i.exec(instruction) ?? [];
        const copied = (rule, command, sum) => sum.size < LEAST_BYTES
            ? []
            : [
                {
                    rule,
                    subject: String(line ?? digest),
                    message: `\`${copy ?? command}\` ships ${files(sum.files)} of the layers below a second time`,
                    fix: copy === undefined
                        ? `Write \`COPY --${command}=…\` where they come from, or ${command} them in the \`RUN\` that makes them.`
                        : `They differ in ${command === 'chown' ? 'owner' : 'mode'} alone: copy them once, with \`--${command}=…\`.`,
                    bytes: sum.size,
                    ...at(line)
                }
            ];
        if (attributes !== undefined && attributes.size > Math.max(chown.size, chmod.size)) {
            return attributes.size < LEAST_BYTES
                ? []
                : [
                    {
                        rule: 'FilesCopiedBySetcap',
                        subject: String(line ?? digest),
                        message: `Changed extended attributes (capabilities) ship ${files(attributes.files)} of the layers below a second time`,
                        fix: 'Run `setcap` in the `RUN` that makes the file, or in the stage that it is copied from.',
                        bytes: attributes.size,
                        ...at(line)
                    }
                ];
        }
        // A file whose owner and mode both changed is one copy.
        return chown.size >= chmod.size
            ? copied('FilesCopiedByChown', 'chown', chown)
            : copied('FilesCopiedByChmod', 'chmod', chmod);
    });
};
/** Files with more rights than most need. */
const modes = ({ report: { figures, layers, platform } }) => {
    if (platform.startsWith('windows/'))
        return []; // it has no such modes: they are the tar's
    const { worldWritable, setuid } = figures.modes;
    const lineOf = (facts) => at(facts.map(({ layer }) => layers[layer]?.line).find((line) => line !== undefined));
    return [
        ...(setuid.count === 0
            ? []
            : [
                {
                    rule: 'SetuidFiles',
                    subject: '',
                    message: `${capital(files(setuid.count))} of your layers ${setuid.count === 1 ? 'runs' : 'run'} with the rights of ${setuid.count === 1 ? 'its' : 'their'} owner or group: ${named(setuid.first, setuid.count)}`,
                    fix: `If nothing in the container needs ${setuid.count === 1 ? 'this' : 'these'}, take the bits away in the \`RUN\` that installs ${setuid.count === 1 ? 'it' : 'them'}: \`chmod ug-s ${setuid.first[0]?.path ?? '…'}\`.`,
                    ...lineOf(setuid.first)
                }
            ]),
        ...(worldWritable.count === 0
            ? []
            : [
                {
                    rule: 'WorldWritableFiles',
                    subject: '',
                    message: `Everyone may write to ${worldWritable.count === 1 ? 'one path' : `${worldWritable.count} paths`} of your layers: ${named(worldWritable.first, worldWritable.count)}`,
                    fix: `Give ${worldWritable.count === 1 ? 'it' : 'them'} to the user that writes there (\`COPY --chown=…\`), and copy with \`--chmod=u=rwX,go=rX\` or run \`chmod o-w\` in the \`RUN\` that makes ${worldWritable.count === 1 ? 'it' : 'them'}.`,
                    ...lineOf(worldWritable.first)
                }
            ])
    ];
};
/** The first few of a list, and how many more there are. */
function named(facts, count) {
    const shown = facts.slice(0, 3).map(({ path }) => `\`${path}\``);
    const more = count - shown.length;
    return `${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

;// CONCATENATED MODULE: ./src/advise/sources.ts
/** Advice on what a build is made from: images, the build context, what `ADD` fetches. */



/** Images named without a digest, by `FROM` and by `COPY --from`, in the stages that were built. */
const unpinned = ({ subject, dockerfile }) => {
    const { buildContexts, target, testTargets } = subject;
    const given = (0,src_dockerfile/* readArguments */.lR)(subject.buildArgs);
    const stages = (0,src_dockerfile/* stageNeeds */.Eu)(dockerfile, [...testTargets, target], given);
    const contexts = new Set(buildContexts.map((entry) => (0,pair/* splitPair */.T)(entry).name));
    const uses = [
        ...stages.map(({ from, line, index }) => ({ reference: from, line, before: index })),
        ...dockerfile.instructions
            .filter(({ keyword, stage }) => (keyword === 'COPY' || keyword === 'ADD') && stages.some(({ index }) => index === stage))
            .flatMap(({ flags, line, stage }) => flags.flatMap((flag) => flag.startsWith('--from=') ? [{ reference: flag.slice(7), line, before: stage + 1 }] : []))
    ];
    return uses.flatMap(({ reference: written, line, before }) => {
        const reference = (0,src_dockerfile/* valueOfText */.Uj)(written, dockerfile, given) ?? '';
        // A "$" that begins no variable is in no name of an image.
        if (/^(?:scratch)?$|\$|@sha(?:256|512):/.test(reference))
            return [];
        const known = { ...dockerfile, stages: dockerfile.stages.slice(0, before) };
        if ((0,src_dockerfile/* findStage */.U9)(known, reference) !== undefined || contexts.has((0,core_reference/* familiarName */.hG)(reference)))
            return [];
        const { isLocal, digest } = resolved(subject.steps, reference);
        // Nobody else has it: there is no digest that would find it.
        if (isLocal)
            return [];
        return [
            {
                rule: 'BaseNotPinned',
                subject: reference,
                message: `\`${reference}\` has no digest: two builds of one commit can differ`,
                fix: digest === undefined
                    ? `Pin it as \`${reference}@sha256:…\`; \`docker buildx imagetools inspect ${reference}\` shows the digest.`
                    : `Pin what this build used: \`${reference}@${digest}\`.`,
                line
            }
        ];
    });
};
/** The digest that the builder resolved a reference to: `FROM docker.io/library/python:3.12@sha256:…`. */
function resolved(steps, reference) {
    const full = (0,core_reference/* canonicalName */.Ew)(reference);
    // An image that is only copied from is no step: it is named among what the copying step is built from.
    const uses = steps.flatMap(({ name, instruction, inputs = [] }) => [instruction, name, ...inputs].flatMap((each) => {
        const [, used, digest] = /^(?:\[[^\]]*\] )?(?:FROM\s+|docker-image:\/\/)(?:--\S+ )*([^\s@]+)(?:@(sha256:[0-9a-f]{64}))?$/.exec(each) ??
            [];
        return used === full ? [digest] : [];
    }));
    const digest = uses.find((each) => each !== undefined);
    return { isLocal: uses.length > 0 && digest === undefined, ...(digest === undefined ? {} : { digest }) };
}
/** A build context from this size on deserves a .dockerignore. */
const BIG_CONTEXT_BYTES = 10_000_000;
/** A big build context, of which nothing is left out. */
const contextNotIgnored = ({ subject: { context } }) => {
    if (context === undefined || context.hasIgnoreFile || context.bytes < BIG_CONTEXT_BYTES)
        return [];
    return [
        {
            rule: 'ContextNotIgnored',
            subject: '',
            message: `${Math.round(context.bytes / 1e6)} MB of files were sent to the builder, and no \`.dockerignore\` leaves anything out`,
            fix: 'Add a `.dockerignore` with `.git`, `node_modules`, `.venv` and whatever else the build does not read.'
        }
    ];
};
/** What `ADD` does beyond `COPY`: it fetches addresses and repositories, and unpacks archives. */
const ADD_NEEDED = /^(?:[a-z][a-z0-9+.-]*:\/\/|git@|<<)|\$|[*?[]|\.(?:tar|tgz|tbz2?|txz|tlz|tzst|tar\.\w+|tb2)$/i;
/** `ADD` of what `COPY` copies as well. */
const addInsteadOfCopy = ({ subject, dockerfile }) => {
    const stages = (0,src_dockerfile/* stageNeeds */.Eu)(dockerfile, [...subject.testTargets, subject.target]);
    return dockerfile.instructions.flatMap(({ keyword, flags, rest, line, stage }) => {
        const sources = (0,src_dockerfile/* wordsOf */.Z9)(rest).slice(0, -1);
        const own = flags.some((flag) => /^--(?:checksum|keep-git-dir|unpack)/.test(flag));
        if (keyword !== 'ADD' || own || sources.length === 0 || !stages.some(({ index }) => index === stage))
            return [];
        if (sources.some((source) => ADD_NEEDED.test(source)))
            return [];
        return [
            {
                rule: 'AddInsteadOfCopy',
                subject: String(line),
                message: '`ADD` unpacks what happens to be an archive; `COPY` never does',
                fix: `Unless it is an archive to unpack, write \`${['COPY', ...flags, rest].join(' ')}\`.`,
                line
            }
        ];
    });
};

;// CONCATENATED MODULE: ./src/advise/advise.ts
/**
 * Advice on a Dockerfile and its image: what BuildKit's own checks cannot know, because it takes the image, or have no
 * rule for. Pure. It never fails a run; docs/advice.md explains each rule and how to ignore it.
 *
 * BuildKit's own rules are not told twice: SecretsUsedInArgOrEnv, JSONArgsRecommended (shell-form CMD) and
 * WorkdirRelativePath are its to find. https://docs.docker.com/reference/build-checks/
 */






const onImages = [credentialInEnv, runsAsRoot, testStageInImage];
/** What the base may have brought is nobody's to mend: these have to know which layers are the image's own. */
const onOwnLayers = [packageCaches, copies, modes, clients];
const onBuilds = [unpinned, hiddenFailures, contextNotIgnored, addInsteadOfCopy];
/** All advice, the most costly first. */
function advise(subject) {
    const examined = { subject, dockerfile: (0,src_dockerfile/* parseDockerfile */.Ai)(subject.dockerfile ?? '') };
    const ignored = (0,src_dockerfile/* ignoredRules */.ec)(checkOf(examined));
    if (ignored.has('all'))
        return [];
    const found = [
        ...subject.images.flatMap((image) => {
            const rules = image.report.baseUnknown === undefined ? [...onImages, ...onOwnLayers] : onImages;
            return rules.flatMap((rule) => rule(image, examined));
        }),
        ...onBuilds.flatMap((rule) => rule(examined))
    ];
    return distinct(found.filter(({ rule }) => !ignored.has(rule)))
        .toSorted((a, b) => costOf(b) - costOf(a) || RULES.indexOf(a.rule) - RULES.indexOf(b.rule))
        .map(({ rule, message, fix, line, bytes }) => ({
        rule,
        message,
        fix,
        ...(line === undefined ? {} : { line }),
        ...(bytes === undefined ? {} : { bytes })
    }));
}
/** A few bytes are no reason to stand at the top. */
function costOf({ bytes = 0 }) {
    return bytes < LEAST_BYTES ? 0 : bytes;
}
/** As BuildKit does, the build argument counts instead of the directive. */
function checkOf({ subject, dockerfile }) {
    return (0,src_dockerfile/* readArguments */.lR)(subject.buildArgs).get('BUILDKIT_DOCKERFILE_CHECK') ?? dockerfile.check;
}
/** One of each subject: the platform where it costs most speaks for all. */
function distinct(found) {
    const kept = new Map();
    for (const each of found) {
        const key = `${each.rule} ${each.subject}`;
        const before = kept.get(key);
        if (before === undefined || (each.bytes ?? 0) > (before.bytes ?? 0))
            kept.set(key, each);
    }
    return [...kept.values()];
}

;// CONCATENATED MODULE: ./src/advise/subject.ts
/** What advice is given on, gathered from a run: the only part of advising that touches files. */


/** Gathers it. */
function readSubject(run) {
    const { build, dockerfile, images, inspected, testTargets, steps, lint, contextBytes, look } = run;
    const { source, target } = build;
    const { buildArgs, buildContexts } = build.shape;
    const { context } = source;
    const file = (0,core_source/* dockerfilePath */.Se)(source);
    const ignoreFiles = context.kind === 'local' ? [`${file}.dockerignore`, external_node_path_default().join(context.path, '.dockerignore')] : [];
    return {
        images: images.flatMap((report, index) => {
            const config = inspected[index]?.config;
            return config === undefined ? [] : [{ report, config }];
        }),
        target,
        testTargets,
        steps,
        lint,
        buildArgs,
        buildContexts,
        ...(dockerfile === undefined ? {} : { dockerfile: dockerfile.toString('utf8') }),
        ...(context.kind === 'local'
            ? { context: { bytes: contextBytes, hasIgnoreFile: ignoreFiles.some((ignore) => look(ignore) === 'file') } }
            : {})
    };
}

// EXTERNAL MODULE: ./src/judge/index.ts + 9 modules
var judge = __webpack_require__(8067);
;// CONCATENATED MODULE: ./src/phases/verdict.ts
/** After the gate: what is in the image, and whether it may leave. */







/** Looks into what was built, and says what could be better. */
async function inspectImages({ build, dockerfile, prepared, look, built }) {
    const { steps, provenance, lint } = built.learned;
    const inspection = await built.inspector.conclude(built.images.map(({ path, metadata }) => ({ path, provenance: [metadata.provenance, ...provenance] })));
    const { analyses, told } = inspection;
    const hasTransferSize = !prepared.builder.classicStore;
    const images = analyses.map((analysis, at) => (0,inspect/* reportImage */.o7)(analysis, { steps, provenance, told: told[at], hasTransferSize }));
    const subject = readSubject({
        ...{ build, dockerfile, look, inspected: inspection.images, images, steps, lint },
        testTargets: prepared.plan.gate.testTargets,
        contextBytes: built.run.progress.contextBytes
    });
    const learned = {
        images: withOwnWords(images, subject.dockerfile, (0,builds_build/* allArguments */.o)(prepared.plan.base.build)),
        advice: advise(subject),
        notes: tellTolerated(analyses)
    };
    return { inspection, learned };
}
/** Strangers' keys that stop nothing, by reason. */
function tellTolerated(analyses) {
    const places = new Map();
    for (const { because, path } of analyses.flatMap(({ tolerated }) => tolerated)) {
        places.set(because, (places.get(because) ?? new Set()).add(path === '' ? 'its documents' : path));
    }
    return [...places].map(([because, paths]) => {
        const shown = [...paths].slice(0, 5).join(', ');
        const more = paths.size > 5 ? ` and ${paths.size - 5} more` : '';
        return `The image has a private key that is not counted as a leak, because ${because}: ${shown}${more}.`;
    });
}
/** Compares first: how much an image may grow is one of the rules. */
async function judgeImages({ log }, { workflow, occasion, inspected, baseline }) {
    const { inputs, redact } = workflow;
    const { images } = inspected.learned;
    const { analyses } = inspected.inspection;
    if (inputs.compareTo.kind === 'image')
        log.info(`Comparing with ${inputs.compareTo.reference}`);
    const fetched = await baseline;
    const comparison = fetched === undefined ? undefined : compareWith(fetched, takeSnapshots(analyses, images, redact));
    const judged = analyses.map((analysis, index) => ({ ...analysis, baseUnknown: images[index]?.baseUnknown }));
    return {
        verdict: (0,judge/* judge */.S4)(judged, inputs.budget, { comparison, mode: growthMode(occasion, fetched) }),
        notes: fetched?.notes ?? [],
        ...(comparison === undefined ? {} : { comparison }),
        ...sizesBefore(fetched)
    };
}
/** Why the image may not leave. A leak is told before a budget: it is the worse of the two. */
function findBreach(verdict, { analyses }) {
    const broken = verdict.filter(({ passed }) => !passed);
    if (broken.some(({ rule }) => rule === 'leak-check')) {
        return { kind: 'leak', findings: analyses.flatMap(({ leaks }) => leaks) };
    }
    return broken.length === 0 ? undefined : { kind: 'budget', broken };
}

;// CONCATENATED MODULE: ./src/phases/pass.ts
/** One image, from the gate to the moment in which it may leave: built beside its tests, looked into, judged and tried. */











/** 6 and 7. The gate, and the target beside it. What an earlier run has left comes meanwhile. Red, it ends the run. */
async function build(image, { unwanted, onRed, ...shared }) {
    const { ports, asking, cleanup } = shared;
    const { prepared, mounts, filling, learn, phase, titled, folder } = image;
    const options = { ...shared, ...image };
    const earlier = cleanup.use(fetchEarlier(ports, { ...options, readsReports: (mounts?.reportIDs ?? []).length > 0 }));
    if (filling !== undefined)
        await phase('cache mounts', () => filling);
    const { built, keeping } = await phase('gate', () => ports.log.group(titled('Gate and build'), async () => {
        const built = await buildAndTest(ports, { ...options, unwanted }, cleanup);
        const { failure, progress } = built.run;
        if (failure !== undefined)
            onRed();
        learn(built.learned);
        cleanup.defer(async () => learn(await earlier.lookBack(progress.steps)));
        // What a failing test has cached is worth most: its next run comes soon.
        await takeOutMounts(mounts, built, { earlier, roles: prepared.plan.roles });
        const keeping = planKeeping(asking, { ...options, built });
        if (failure !== undefined) {
            learn(await readTests(mounts, built, earlier));
            learn(await keepRed(ports, keeping, failure));
        }
        return { built: await saveClassic(ports, built, folder), keeping };
    }));
    cleanup.use(keeping.ahead);
    void keeping.imported(); // decides, later, whether there is anything new to write
    return { ...image, built, earlier, keeping };
}
/** 8 and 9. Looks inside, judges, and tries it. What may not leave ends the run. */
async function examine(image, { soFar, ...shared }) {
    const { ports, look, cleanup } = shared;
    const { build, workflow, dockerfile, prepared, mounts, built, earlier, keeping, learn, phase, titled } = image;
    const { log } = ports;
    const { inputs } = workflow;
    const options = { ...shared, ...image };
    // Publishing does not wait for them.
    let reading;
    const learnTests = () => (reading ??= readTests(mounts, built, earlier).then(learn));
    cleanup.defer(learnTests);
    const inspected = built.images.length === 0
        ? undefined
        : await phase('inspect', () => log.group(titled('Inspect the image'), () => inspectImages({ build, dockerfile, prepared, look, built })));
    if (inspected !== undefined) {
        learn(inspected.learned);
        const judged = await judgeImages(ports, { ...options, inspected, baseline: earlier.baseline });
        learn(judged);
        const breach = findBreach(judged.verdict, inspected.inspection);
        if (breach?.kind === 'budget')
            learn(await keepWhole(ports, { keeping, inspected }));
        if (breach !== undefined)
            throw new stop/* Stop */.V(breach);
        if (wantsTrial(inputs)) {
            await learnTests(); // the report that verify is given has them
            prepareCache({ ...keeping, searched: (0,inspect/* layersOf */.w)(inspected.inspection.analyses) }); // the builder has nothing else to do meanwhile
            learn({ publish: { published: false, reason: 'smoke and verify come first' } });
            const trial = { ...options, inspected, soFar };
            learn(await phase('smoke and verify', () => log.group(titled('Smoke and verify'), () => tryImages(ports, trial))));
        }
        if (inputs.verifyReproducible) {
            await learnTests(); // a second build writes to the mounts that they are taken out of
            const again = { ...options, inspected };
            learn(await phase('second build', () => log.group(titled('Build once more'), () => buildTwice(ports, again))));
        }
    }
    const untested = judgeUntested(built.run.gate, inputs.untested);
    if (untested !== undefined)
        throw new stop/* Stop */.V(untested);
    return { ...image, inspected };
}

// EXTERNAL MODULE: ./src/core/docker_config.ts
var docker_config = __webpack_require__(4500);
// EXTERNAL MODULE: ./src/buildkit/auto_builder.ts
var auto_builder = __webpack_require__(2913);
;// CONCATENATED MODULE: ./src/buildkit/insecure.ts
/**
 * Registries that the builder speaks to without TLS, or without a look at the certificate: whoever set the builder up has
 * said so, and what the builder may push to, this run may.
 */






/** Names and networks, as docker's `insecure-registries` has them; none where nobody has said anything. */
async function findInsecureRegistries(ports, env, { driver, name }) {
    if (driver === 'docker') {
        const { stdout } = await (0,buildkit_builder/* askDocker */.ad)(ports, ['info', '--format', '{{json .}}']);
        const { insecure, insecureNetworks } = (0,auto_builder/* readEngineRegistries */.O)(stdout);
        return [...insecure, ...insecureNetworks];
    }
    // buildx keeps the configuration that it has given to a builder; that of one made elsewhere nobody here can see.
    if (!/^[\w.-]+$/.test(name))
        return [];
    const file = external_node_path_default().join((0,docker_config/* buildxConfigFolder */.$)(env), 'instances', name);
    const instance = (0,core_json/* parseJSON */.Ol)(await (0,promises_.readFile)(file, 'utf8').catch(() => ''));
    return (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(instance, 'Nodes')).flatMap((node) => {
        const toml = Buffer.from((0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(node, 'Files', 'buildkitd.toml')) ?? '', 'base64').toString('utf8');
        return readInsecure(toml);
    });
}
/** Hosts with `http = true` or `insecure = true`: https://docs.docker.com/build/buildkit/toml-configuration/ */
function readInsecure(toml) {
    const sections = toml.split(/^(?=[ \t]*\[)/m);
    return sections.flatMap((section) => {
        const [, quoted, bare] = /^[ \t]*\[[ \t]*registry[ \t]*\.[ \t]*(?:["']([^"']+)["']|([\w-]+))[ \t]*\]/.exec(section) ?? [];
        const host = quoted ?? bare;
        return host !== undefined && /^[ \t]*(?:http|insecure)[ \t]*=[ \t]*true\b/m.test(section) ? [host] : [];
    });
}

// EXTERNAL MODULE: ./src/inputs/inputs.ts
var inputs_inputs = __webpack_require__(8028);
;// CONCATENATED MODULE: ./src/publish/metadata.ts
/** What was published, in the words of buildx's metadata file. Pure. */


/** Reads it from the environment as buildx does, which has the call in a mode of our own. */
function readProvenanceMode({ BUILDX_METADATA_PROVENANCE: value = '' }) {
    if (value === 'max')
        return 'max';
    return /^(?:disabled|0|f|false)$/i.test(value) ? 'disabled' : 'min';
}
/** The metadata of an image, as a bare build with the same outputs would have written it. */
function describeImage(built, { digest, descriptor, platform, configDigest, loadedID, names, byDigest = false }, mode) {
    const several = built.length > 1;
    const members = built.flatMap(({ platform: of, text }) => readMembers(text, mode)
        .filter(([key]) => !isAboutImage(key))
        .map(([key, value]) => [several && key === provenanceKey ? `${key}/${of}` : key, value]));
    const imageID = loadedID ?? configDigest ?? digest;
    return {
        digest,
        imageID,
        text: write([
            ...members,
            ...(configDigest === undefined ? [] : [['containerimage.config.digest', configDigest]]),
            ...(descriptor === undefined
                ? []
                : [['containerimage.descriptor', { ...metadata_describe(descriptor, digest), ...metadata_platformOf(platform) }]]),
            ['containerimage.digest', digest],
            ...(names.length === 0 ? [] : [['image.name', (byDigest ? names : names.map(fullName)).join(',')]])
        ])
    };
}
/** The metadata of files, which is the builder's own: of several, the last one's where they differ. */
function describeFiles(built, mode) {
    const members = new Map(built.flatMap(({ text }) => readMembers(text, mode)));
    const [digest, config] = ['containerimage.digest', 'containerimage.config.digest'].map((key) => members.get(key));
    return {
        text: write([...members]),
        ...(typeof digest === 'string' ? { digest, imageID: typeof config === 'string' ? config : digest } : {})
    };
}
/** What is told of a build whose image stays in the builder. */
function withoutImage({ text }) {
    return { text: write(readMembers(text, 'max').filter(([key]) => !isAboutImage(key))) };
}
const provenanceKey = 'buildx.build.provenance';
function isAboutImage(key) {
    return key.startsWith('containerimage.') || key === 'image.name';
}
function readMembers(text, mode) {
    return Object.entries((0,core_json/* asObject */.eB)((0,core_json/* parseJSON */.Ol)(text)) ?? {}).flatMap(([key, value]) => {
        if (!key.startsWith(provenanceKey) || mode === 'max')
            return [[key, value]];
        if (mode === 'disabled')
            return [];
        // What `mode=min` leaves out: https://github.com/docker/buildx/blob/master/build/provenance.go
        const kept = Object.entries((0,core_json/* asObject */.eB)(value) ?? {}).filter(([name]) => name !== 'buildConfig' && name !== 'metadata');
        return [[key, withoutSessions(Object.fromEntries(kept))]];
    });
}
/** A bake call names the session of each context among the arguments; a bare build does not. */
function withoutSessions(provenance) {
    const [invocation, parameters] = [
        (0,core_json/* asObject */.eB)(provenance.invocation),
        (0,core_json/* asObject */.eB)((0,core_json/* dig */.rO)(provenance, 'invocation', 'parameters'))
    ];
    const args = Object.entries((0,core_json/* asObject */.eB)(parameters?.args) ?? {}).filter(([name]) => !name.startsWith('local-sessionid:'));
    if (parameters?.args === undefined)
        return provenance;
    return { ...provenance, invocation: { ...invocation, parameters: { ...parameters, args: Object.fromEntries(args) } } };
}
/** Sorted, as Go writes a map. */
function write(members) {
    const sorted = members.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    return JSON.stringify(Object.fromEntries(sorted), undefined, 2);
}
/** Its members in Go's order. */
function metadata_describe({ mediaType, size, annotations }, digest) {
    return { mediaType, digest, size, ...(annotations === undefined ? {} : { annotations }) };
}
function metadata_platformOf(platform) {
    const [os, architecture, variant] = platform?.split('/') ?? [];
    if (architecture === undefined)
        return {};
    return { platform: { architecture, os, ...(variant === undefined ? {} : { variant }) } };
}
/** `docker.io/library/app:1` of `app:1`. */
function fullName(name) {
    const reading = (0,core_reference/* parseReference */.F2)(name);
    if (!reading.ok)
        return name;
    return `${(0,core_reference/* canonicalRepository */.JA)(reading.reference)}:${reading.reference.tag ?? 'latest'}`;
}

// EXTERNAL MODULE: ./src/buildkit/registry_causes.ts
var registry_causes = __webpack_require__(6255);
;// CONCATENATED MODULE: ./src/publish/load.ts
var load_addDisposableResource = (undefined && undefined.__addDisposableResource) || function (env, value, async) {
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
var load_disposeResources = (undefined && undefined.__disposeResources) || (function (SuppressedError) {
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
/** Into an engine: the inspected bytes, and proof that it has them. Nothing of how they came there stays. */









const pullSeconds = 600;
const callSeconds = 60;
/**
 * Loads it. The engine pulls it from a registry on loopback, and so takes nothing that it has; one that is elsewhere gets
 * an archive, and so does one that is to have it without a name. Resolves to the image's id, as `docker run` takes it.
 */
async function loadImage(ports, options) {
    const { content, images, loading } = options;
    const { context, names } = loading;
    const id = (names.length === 0 ? undefined : await pullImage(ports, options)) ?? (await loadArchive(ports, options));
    // An engine whose ids are digests of manifests has what it was asked for by digest.
    if (id === content.root.digest)
        return id;
    const differs = await load_findDifference(ports, { name: names[0] ?? id, context }, images);
    if (differs !== undefined)
        throw new stop/* Stop */.V({ kind: 'mismatch', cause: differs });
    return id;
}
/** `undefined` where the engine cannot reach this machine's loopback address. */
async function pullImage(ports, options) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        const { content, images, loading, folder, onTag, onUntag } = options;
        const call = load_caller(ports, loading.context, folder);
        const served = load_addDisposableResource(env_1, await serveImage(content), true);
        const reference = `${served.repository}@${content.root.digest}`;
        // Where the run ends here, `post` removes it. In another context there is nobody to do so.
        if (loading.context === undefined)
            onTag(reference);
        // Of runs that were killed while the engine pulled, and had no `post`. Trouble with it is nobody's.
        const tidying = removeForsakenImages(call).catch(() => undefined);
        try {
            for (const { platform } of images) {
                const only = content.root.part === 'index' && platform !== '' ? ['--platform', platform] : [];
                const pull = await call(['image', 'pull', '--quiet', ...only, reference], pullSeconds);
                if (pull.exitCode !== 0) {
                    ports.log.debug(`The engine did not pull from loopback: ${pull.stderr.trim()}`);
                    return undefined;
                }
            }
            const [inspected] = await Promise.all([
                call(['image', 'inspect', '--format', '{{.Id}}', reference]),
                ...loading.names.map((name) => tag(call, reference, name))
            ]);
            return inspected.stdout.trim();
        }
        finally {
            // The image stays under its own names, and goes where it has none yet.
            const removed = await unlessCancelled(call(['image', 'rm', '--no-prune', reference]));
            if (removed?.exitCode === 0)
                onUntag(reference);
            await tidying;
        }
    }
    catch (e_1) {
        env_1.error = e_1;
        env_1.hasError = true;
    }
    finally {
        const result_1 = load_disposeResources(env_1);
        if (result_1)
            await result_1;
    }
}
async function loadArchive(ports, options) {
    const { content, images, loading, folder } = options;
    const call = load_caller(ports, loading.context, folder);
    const [first] = images;
    const single = first === undefined ? undefined : singleImage(content, first.manifestDigest);
    if (first === undefined || single === undefined)
        throw new Error('no image to load');
    const file = external_node_path_default().join(folder, 'load.tar');
    const [name, ...more] = loading.names;
    await writeArchive(file, single, name === undefined ? undefined : archiveNames(name), content);
    const loaded = await call(['image', 'load', '--quiet', '--input', file], pullSeconds);
    if (loaded.exitCode !== 0)
        throw new stop/* Stop */.V({ kind: 'engine', message: `docker image load: ${loaded.stderr.trim()}` });
    for (const other of more)
        await tag(call, name ?? '', other);
    // Without a name it is there by one of its digests, which depends on the engine's image store.
    for (const known of name === undefined ? [content.root.digest, first.configDigest] : [name]) {
        const { exitCode, stdout } = await call(['image', 'inspect', '--format', '{{.Id}}', known]);
        if (exitCode === 0)
            return stdout.trim();
    }
    throw new stop/* Stop */.V({ kind: 'engine', message: `the engine does not have what it has loaded: ${loaded.stdout.trim()}` });
}
function load_caller({ exec }, context, folder) {
    return (args, timeoutSeconds = callSeconds) => exec({ file: 'docker', args: [...(context === undefined ? [] : ['--context', context]), ...args] }, { timeoutSeconds, ...(folder === undefined ? {} : { env: (0,guard/* guardedBy */.iP)(folder) }) });
}
async function tag(call, from, name) {
    const tagged = await call(['image', 'tag', from, name]);
    if (tagged.exitCode !== 0)
        throw new stop/* Stop */.V({ kind: 'engine', message: `docker image tag ${name}: ${tagged.stderr.trim()}` });
}
/** A cancelled run removes nothing any more; its `post` does. */
async function unlessCancelled(call) {
    return call.catch((error) => {
        if (!(error instanceof src_ports/* Cancelled */.cJ))
            throw error;
        return undefined;
    });
}
/** What an engine has under a name is what was inspected: the same manifest, or the same layers. */
async function load_findDifference(ports, { name, context }, images) {
    const call = load_caller(ports, context);
    const ask = async (...args) => {
        const { exitCode, stdout } = await call(['image', 'inspect', '--format', '{{json .}}', ...args, name]);
        return exitCode === 0 ? (0,core_json/* parseJSON */.Ol)(stdout) : undefined;
    };
    const holds = (answer, { manifestDigest, diffIDs }) => (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(answer, 'Descriptor', 'digest')) === manifestDigest ||
        (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(answer, 'RootFS', 'Layers')).join() === diffIDs.join();
    const answers = await Promise.all(images.map(({ platform }) => ask('--platform', platform)));
    if (answers.every((answer) => answer !== undefined)) {
        const other = images.find((image, index) => !holds(answers[index], image));
        return other === undefined ? undefined : `the engine has different layers under ${name} than were inspected`;
    }
    // Docker before 28.1 shows its own platform alone.
    const answer = await ask();
    return images.some((image) => holds(answer, image))
        ? undefined
        : `the engine has a different image under ${name} than was inspected`;
}

;// CONCATENATED MODULE: ./src/publish/publish.ts
/**
 * Publishing: what was inspected goes out, byte for byte. First into the engine, then blobs and manifests, then the tags, when
 * all else of all images is in the registries; files come last, and are written before anything leaves.
 */










/**
 * Publishes the images of a run together. Whatever fails is told with what had left by then, of the image that it is of; nothing
 * more of the others leaves.
 * @returns what became of each, in their order
 */
async function publish(ports, images) {
    const done = images.map(({ content, images: [first] }) => ({
        ...{
            tags: [],
            unknown: [],
            loaded: [],
            digest: content?.root.digest ?? first?.configDigest ?? '',
            how: [],
            notes: []
        }
    }));
    const add = (index, change) => {
        const before = done[index];
        if (before !== undefined)
            done[index] = change(before);
    };
    let at = 0;
    try {
        for (const [index, { publication, content }] of images.entries()) {
            at = index;
            for (const file of publication.files) {
                if (file.source === 'image')
                    await writeImage(file, content, ports.signal);
            }
        }
        for (const [index, options] of images.entries()) {
            at = index;
            for (const loading of options.publication.loads) {
                const imageID = await load(ports, options, loading);
                // The id of the engine that docker speaks to of its own accord comes first.
                const names = ({ loaded }) => [...new Set([...loaded, ...loading.names])];
                add(index, (before) => ({ imageID, ...before, how: ['load'], loaded: names(before) }));
            }
        }
        at = 0;
        for (const [index, pushed] of (await push(ports, images)).entries()) {
            add(index, (before) => ({
                ...before,
                ...pushed,
                how: [...pushed.how, ...before.how]
            }));
        }
        if (done.some(({ failure, cancelled }) => failure !== undefined || cancelled === true))
            return done;
        for (const [index, { publication }] of images.entries()) {
            at = index;
            for (const file of publication.files) {
                if (ports.signal.aborted)
                    throw new src_ports/* Cancelled */.cJ();
                await placeFile(file);
                add(index, (before) => ({ ...before, how: [...before.how, file.entry.text] }));
            }
        }
    }
    catch (error) {
        add(at, (before) => error instanceof src_ports/* Cancelled */.cJ ? { ...before, cancelled: true } : { ...before, failure: (0,of/* failureOf */.g)(error) });
    }
    return done;
}
async function load(ports, { content, images, folder, classicTag, onTag, onUntag }, loading) {
    if (content !== undefined)
        return loadImage(ports, { content, images, loading, folder, onTag, onUntag });
    for (const name of loading.names)
        await tagClassic(ports, classicTag ?? '', name);
    return images[0]?.configDigest ?? '';
}
/** Pushes what an engine's classic store has one after the other, and everything else at once. */
async function push(ports, images) {
    const done = images.map(() => ({ tags: [], unknown: [], how: [], notes: [] }));
    for (const [index, options] of images.entries()) {
        if (options.content !== undefined || options.publication.pushes.length === 0)
            continue;
        const pushed = await pushClassic(ports, options, options.classicTag ?? '');
        done[index] = pushed;
        if (pushed.failure !== undefined || pushed.cancelled === true)
            return done;
    }
    const whole = images.flatMap(({ content, ...options }, index) => content === undefined || options.publication.pushes.length === 0 ? [] : [{ ...options, index, content }]);
    const [first] = whole;
    if (first === undefined)
        return done;
    const plan = {
        env: first.env,
        images: whole.flatMap(({ content, publication, bases }) => publication.pushes.map(({ references, byDigest }) => ({ content, references, byDigest, mountFrom: bases }))),
        onRetry: ({ what, why }) => ports.log.info(`${what}: ${why}. It is tried again.`)
    };
    let outcome = await pushImages(ports, plan);
    if (outcome.problem?.kind === 'certificate') {
        const insecure = await first.findInsecure();
        if (insecure.length > 0)
            outcome = await pushImages(ports, { ...plan, insecure });
    }
    const { problem, retries, references } = outcome;
    const isOf = ({ content, publication }) => {
        const own = new Set(publication.pushes.flatMap((each) => each.references));
        return ({ reference, digest }) => own.has(reference) && digest === content.root.digest;
    };
    const failing = problem === undefined ? undefined : (whole[findNamed(whole, problem)] ?? first);
    for (const image of whole) {
        done[image.index] = readOutcome(references.filter(isOf(image)), {
            ...{ failed: problem !== undefined, retries: image === first ? retries : [] },
            ...(image === failing && problem !== undefined ? { problem } : {})
        });
    }
    return done;
}
/** Which image a problem is with: that of its very name, else one that goes to its repository; -1 for none. */
function findNamed(images, { reference }) {
    const find = (form) => images.findIndex(({ publication }) => publication.pushes.some(({ references }) => references.some((each) => form(each) === form(reference))));
    const named = find(core_reference/* canonicalName */.Ew);
    return named < 0 ? find(canonicalRepositoryOf) : named;
}
/**
 * @param failed something failed, be it of another image
 * @param problem of this one
 */
function readOutcome(references, { failed, retries, problem }) {
    const having = references.filter(({ state }) => state === 'pushed' || state === 'there');
    const tags = having.map(({ reference }) => reference);
    const unknown = references.filter(({ state }) => state === 'unknown').map(({ reference }) => reference);
    const cost = retries.reduce((sum, { milliseconds }) => sum + milliseconds, 0);
    const notes = [
        ...(retries.length === 0
            ? []
            : [
                `The registry had to be asked again ${retries.length === 1 ? 'once' : `${retries.length} times`}, which took ${(cost / 1000).toFixed(1)} s: ${retries.at(-1)?.why ?? ''}.`
            ]),
        ...(failed ? tagNotes(tags, unknown) : [])
    ];
    const how = failed && tags.length === 0 ? [] : ['push'];
    if (problem === undefined)
        return { tags, unknown, how, notes };
    if (problem.kind === 'cancelled')
        return { tags, unknown, how, notes, cancelled: true };
    return { tags, unknown, how, notes, failure: refusalOf(problem) };
}
/** What is known of the tags of a push that has failed. */
function tagNotes(tags, unknown) {
    return [
        ...(tags.length === 0 ? [] : [`These tags have the image, although publishing failed: ${tags.join(', ')}.`]),
        ...(unknown.length === 0
            ? []
            : [`Whether these tags have the image is not known, since the registry did not say: ${unknown.join(', ')}.`])
    ];
}
function refusalOf({ reference, message, fix }) {
    return { kind: 'registry', reference, message: `failed to push ${reference}: ${message}`, fix };
}
/** The classic image store pushes what it has: the very image that was saved and inspected, by its name. */
async function pushClassic(ports, { publication, images, folder }, from) {
    const tags = [];
    const ended = async (unknown) => {
        const digest = tags[0] === undefined ? undefined : await findRegistryDigest(ports, tags[0]).catch(() => undefined);
        return {
            ...{ tags, unknown, how: tags.length > 0 ? ['push'] : [], notes: tagNotes(tags, unknown) },
            ...(digest === undefined ? {} : { digest })
        };
    };
    for (const name of publication.pushes.flatMap(({ references }) => references)) {
        let begun = false;
        const onPush = () => void (begun = true);
        try {
            await pushOneClassic(ports, images, { from, name, folder, onPush });
        }
        catch (error) {
            // The engine says why it could not push; one whose push is cut off says nothing more.
            if (error instanceof src_ports/* Cancelled */.cJ)
                return { ...(await ended(begun ? [name] : [])), cancelled: true };
            return { ...(await ended([])), failure: (0,of/* failureOf */.g)(error) };
        }
        tags.push(name);
    }
    return { ...(await ended([])), notes: [] };
}
async function pushOneClassic(ports, images, { from, name, folder, onPush }) {
    await tagClassic(ports, from, name);
    const differs = await load_findDifference(ports, { name }, images);
    if (differs !== undefined)
        throw new stop/* Stop */.V({ kind: 'mismatch', cause: differs });
    const push = { file: 'docker', args: ['image', 'push', '--quiet', name] };
    onPush();
    const { exitCode, stderr } = await ports.exec(push, { env: (0,guard/* guardedBy */.iP)(folder) });
    if (exitCode === 0)
        return;
    const message = `failed to push ${name}: ${stderr.trim().split('\n').at(-1) ?? ''}`;
    const fix = (0,registry_causes/* registryFix */.X)(stderr);
    throw new stop/* Stop */.V({ kind: 'registry', reference: name, message, ...(fix === undefined ? {} : { fix }) });
}
/** Only the registry's manifest has a digest there, and the engine remembers it. */
async function findRegistryDigest({ exec }, name) {
    const { stdout } = await exec({
        file: 'docker',
        args: ['image', 'inspect', '--format', '{{json .RepoDigests}}', name]
    });
    const repository = canonicalRepositoryOf(name);
    // Docker leaves its own registry's name out, however the image was called.
    return (0,core_json/* asArray */._j)((0,core_json/* parseJSON */.Ol)(stdout))
        .flatMap((entry) => (0,core_json/* asString */.oJ)(entry) ?? [])
        .find((entry) => canonicalRepositoryOf(entry) === repository)
        ?.split('@')[1];
}
function canonicalRepositoryOf(text) {
    const reading = (0,core_reference/* parseReference */.F2)(text);
    return reading.ok ? (0,core_reference/* canonicalRepository */.JA)(reading.reference) : undefined;
}
async function tagClassic({ exec }, from, name) {
    const { exitCode, stderr } = await exec({ file: 'docker', args: ['image', 'tag', from, name] }, { timeoutSeconds: 60 });
    if (exitCode !== 0)
        throw new stop/* Stop */.V({ kind: 'engine', message: `docker image tag ${name}: ${stderr.trim()}` });
}

// EXTERNAL MODULE: ./src/report/model.ts
var model = __webpack_require__(6867);
;// CONCATENATED MODULE: ./src/publish/report.ts
/** What has left, as it is reported. Pure. */


/** What is told of an image. In a run that failed a name in an engine is none of its tags. */
function reportPublished(published, written, failed) {
    const { tags, loaded, how, digest } = published;
    const unknown = published.unknown.length === 0 ? {} : { unknown: published.unknown };
    if (how.length === 0) {
        return { published: false, reason: 'the image output neither pushes nor has a name', ...unknown };
    }
    const isPushed = how.includes('push');
    const isImage = isPushed || how.includes('load');
    const inFiles = archivesOf(written, digest).filter(({ output }) => how.includes(output));
    const archives = inFiles.filter((each) => each.digest !== digest);
    const known = inFiles.flatMap((each) => each.digest ?? []);
    return {
        published: true,
        tags: [...new Set([...tags, ...(failed && isPushed ? [] : loaded)])],
        digest: isImage || known.includes(digest) ? digest : (known.at(-1) ?? ''),
        how,
        ...(archives.length === 0 ? {} : { archives }),
        ...unknown
    };
}
/** The same in a run that has failed by now: what is on the runner alone is not published. */
function inFailedRun(publish) {
    const reason = 'the run failed';
    if (!publish.published)
        return { ...publish, reason };
    if ((0,model/* reachOf */.xw)(publish) === 'pushed')
        return publish;
    const { tags, how, unknown } = publish;
    return { published: false, reason, kept: { tags, how }, ...(unknown === undefined ? {} : { unknown }) };
}
/**
 * The builder makes a file by itself, in a form that may be another than that of the image that was inspected.
 * @param inspected digest of that image
 */
function archivesOf({ files, metadata }, inspected) {
    const built = files.filter(({ source }) => source === 'builder');
    return files.flatMap((file) => {
        const { entry, source } = file;
        if (entry.type !== 'oci' && entry.type !== 'docker')
            return [];
        if (source === 'image')
            return [{ output: entry.text, digest: inspected }];
        // Without an answer for each it is not known which is whose.
        const text = metadata.length === built.length ? (metadata[built.indexOf(file)]?.text ?? '') : '';
        const digest = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)((0,core_json/* parseJSON */.Ol)(text), 'containerimage.digest'));
        return [{ output: entry.text, ...(digest === undefined ? {} : { digest }) }];
    });
}

;// CONCATENATED MODULE: ./src/phases/release.ts
/** The end of a run whose images have passed: what leaves the runner, and what is kept for the runs to come. */















/**
 * Lets out what has passed: the images, if there are any to publish, the cache, and the figures as the next baseline.
 * @returns what became of each image, in their order
 */
async function release(ports, images) {
    const [published, ...kept] = await Promise.all([
        publishImages(ports, images).catch((error) => [{ failure: (0,of/* failureOf */.g)(error) }]),
        ...images.map((options) => Promise.all([release_settle(keepLayers(ports, options)), release_settle(keepResults(ports, options))]))
    ]);
    return kept.map(([written, results], index) => {
        const left = published[index] ?? {};
        const failure = left.failure ?? written.failure ?? results.failure;
        return {
            ...left,
            ...written,
            ...results,
            notes: [left, written, results].flatMap(({ notes = [] }) => notes),
            ...(failure === undefined ? {} : { failure })
        };
    });
}
/** Each comes to its end, whatever becomes of the others. */
function release_settle(part) {
    return part.catch((error) => ({ failure: (0,of/* failureOf */.g)(error) }));
}
/** Writes the layer cache. What the image has of it lies here, and may be in the registry already. */
async function keepLayers(ports, { keeping, inspected, built }) {
    const searched = (0,inspect/* layersOf */.w)(inspected?.inspection.analyses ?? []);
    // Whatever is wrong with the image is told where it is published.
    const content = inspected === undefined || built.classicTag !== undefined ? undefined : await built.content().catch(noContent);
    const mountFrom = [...built.publication.pushes.flatMap(({ references }) => references), ...basesOf(inspected)];
    const carrying = { ...keeping.carrying, layers: content?.blobs ?? [], mountFrom };
    return learnedOfCache(await keepCache(ports, { ...keeping, searched, carrying }));
}
function noContent() {
    return undefined;
}
/** References of the base images, as far as they are known. */
function basesOf(inspected) {
    return (inspected?.learned.images ?? []).flatMap(({ base }) => (base === undefined ? [] : [base]));
}
/** Keeps the image's figures and the record of the build for the runs to come. */
async function keepResults(ports, options) {
    const { workflow, built, inspected, earlier, mounts } = options;
    const { inputs, trustPlan, redact } = workflow;
    if (!trustPlan.trust.trusted || (inspected === undefined && !(0,inputs_inputs/* isGateOnly */.I)(inputs)))
        return {};
    const baseline = await earlier.baseline.catch(() => undefined);
    const asking = askReleases(ports, options, baseline);
    const { history } = await earlier.lookBack(built.learned.steps, 'waits');
    const snapshots = inspected === undefined ? [] : takeSnapshots(inspected.inspection.analyses, inspected.learned.images, redact);
    const record = history === undefined ? undefined : writeRecord(history.now);
    const tests = await testRecord(mounts, built);
    const releases = await asking;
    return {
        notes: await keepBaseline(ports, earlier.comparison, { snapshots, build: record, tests, releases, baseline }),
        ...(releases === undefined ? {} : { releases })
    };
}
/** What the releases weigh that lie where this image goes; without a push, what is known of them. Never throws. */
async function askReleases({ exec }, { env, built, inspected }, baseline) {
    const { releases: known } = sizesBefore(baseline);
    const references = built.publication.pushes.flatMap((push) => push.references);
    // An engine's classic store keeps no compressed form to hold them against.
    const platforms = (inspected?.learned.images ?? []).flatMap(({ platform, transferSize }) => transferSize === undefined ? [] : [platform]);
    if (references.length === 0 || platforms.length === 0)
        return known;
    return (await readReleases(exec, env, { references, platforms, known })) ?? known;
}
/** Publishes those that are to leave, together, and tells of each what has. */
async function publishImages(ports, images) {
    const planned = await Promise.all(images.map((options) => planLeaving(ports, options)));
    const published = await publish(ports, planned.flatMap(({ leaving }) => leaving ?? []));
    const failed = published.some(({ failure, cancelled }) => failure !== undefined || cancelled === true);
    const rest = published.values();
    return planned.map(({ leaving, tell }) => tell(leaving === undefined ? undefined : rest.next().value, failed));
}
async function planLeaving(ports, { workflow, env, prepared, built, inspected, folder, leftovers }) {
    const { publish: plan, trust } = workflow.trustPlan;
    const { publication, classicTag } = built;
    if (inspected === undefined) {
        const reason = (0,inputs_inputs/* isGateOnly */.I)(workflow.inputs) ? 'only the gate was asked for' : 'the target could not be built';
        return { tell: () => ({ publish: { published: false, reason } }) };
    }
    const content = classicTag === undefined ? await built.content() : undefined;
    const images = inspected.inspection.images.map(({ platformName, manifestDigest = '', configDigest, layers }) => ({
        ...{ platform: platformName, manifestDigest, configDigest, diffIDs: layers.map(({ diffID }) => diffID) }
    }));
    const left = { outputs: plan.outputs, content, images, mode: readProvenanceMode(env) };
    if (!(0,publish_plan/* leaves */.FQ)(plan)) {
        const withheld = (0,inputs_inputs/* wantsExport */.e)(workflow.inputs) && !trust.trusted;
        const reason = withheld ? trust.reason : 'push, load and outputs are not set';
        // What a push would have pushed.
        const digest = content?.root.digest ?? images[0]?.configDigest ?? '';
        const metadata = describeWhatLeft(built, { ...left, digest, names: [] });
        return { tell: () => ({ publish: { published: false, reason }, metadata }) };
    }
    return {
        leaving: {
            ...{ publication, images, env, folder },
            ...{ onTag: leftovers.addImage, onUntag: leftovers.dropImage },
            findInsecure: () => findInsecureRegistries(ports, env, prepared.builder),
            bases: basesOf(inspected),
            ...(content === undefined ? {} : { content }),
            ...(classicTag === undefined ? {} : { classicTag })
        },
        tell: (published, failed) => (published === undefined ? {} : tellPublished(published, built, { ...left, failed }))
    };
}
function tellPublished(published, built, { failed, ...left }) {
    const { digest, imageID, notes, cancelled = false } = published;
    const failure = cancelled ? { kind: 'cancelled' } : published.failure;
    const written = { files: built.publication.files, metadata: built.run.files };
    const publish = reportPublished(published, written, failed);
    return {
        notes,
        publish,
        metadata: describeWhatLeft(built, {
            ...{ ...left, digest, names: publish.published ? publish.tags : [] },
            ...(imageID === undefined ? {} : { loadedID: imageID })
        }),
        ...(failure === undefined ? {} : { failure })
    };
}
/** The outputs as a bare build would have them. */
function describeWhatLeft({ publication, images: exported, run }, { outputs, content, images, mode, digest, names, loadedID }) {
    const { pushes, loads, files } = publication;
    const archive = files.find(({ source }) => source === 'image');
    const built = exported.map(({ platform, metadata }) => ({ platform, text: metadata.text }));
    const isSent = pushes.length + loads.length > 0;
    const isImage = isSent || archive !== undefined || outputs.every(({ type }) => type === 'image');
    if (!isImage)
        return describeFiles(run.files.length > 0 ? run.files : built.map(withoutImage), mode);
    const [only, ...others] = images;
    const { mediaType, bytes, part } = content?.root ?? {};
    const isSingle = others.length === 0 && part !== 'index';
    const around = isSent || archive === undefined ? {} : annotationsIn(built);
    return describeImage(built, {
        ...{ digest, byDigest: pushes.some(({ byDigest }) => byDigest) },
        names: isSent ? names : (archive?.names ?? names),
        ...(mediaType === undefined || bytes === undefined
            ? {}
            : { descriptor: { mediaType, size: bytes.length, ...around } }),
        ...(only === undefined || !isSingle ? {} : { configDigest: only.configDigest, platform: only.platform }),
        ...(loadedID === undefined ? {} : { loadedID })
    }, mode);
}
/** What the builder says of the first of its exports, beside what it is. */
function annotationsIn([first]) {
    const annotations = (0,core_json/* dig */.rO)((0,core_json/* parseJSON */.Ol)(first?.text ?? ''), 'containerimage.descriptor', 'annotations');
    return annotations === undefined ? {} : { annotations };
}

// EXTERNAL MODULE: ./src/builds/from_inputs.ts
var from_inputs = __webpack_require__(4429);
// EXTERNAL MODULE: ./src/builds/shape.ts
var builds_shape = __webpack_require__(3144);
// EXTERNAL MODULE: ./src/credentials/arguments.ts
var credentials_arguments = __webpack_require__(218);
;// CONCATENATED MODULE: ./src/explain/own_words.ts
/** What BuildKit calls a step in the Dockerfile's own words: it writes the values of variables into its names. */




/**
 * Replaces texts that are the name or the instruction of a step; others are returned as they are.
 * @param now the record of these steps, in their order; absent where there is none
 */
function ownWords(steps, buildArgs, now) {
    const words = new Map();
    const places = now === undefined ? [] : (0,explain_record/* indexSteps */.C9)(now).places;
    steps.forEach((step, index) => {
        if (!(0,core_step/* isWork */.cD)(step))
            return; // the report names the image anyway
        const { name, instruction } = step;
        const written = (0,progress/* parseName */.$)(name)?.instruction ?? instruction;
        const head = name.slice(0, name.length - written.length);
        const place = places[index];
        const text = place === undefined ? undefined : now?.stages[place.stage]?.instructions[place.instruction]?.text;
        const own = text ?? withoutValues((0,core_step/* withoutLink */.Ho)(written), buildArgs);
        if (text !== undefined && !hasVariables(text))
            return;
        for (const link of ['', 'LINK ']) {
            words.set(`${link}${(0,core_step/* withoutLink */.Ho)(written)}`, `${link}${own}`);
            words.set(`${head}${link}${(0,core_step/* withoutLink */.Ho)(written)}`, `${head}${link}${own}`);
        }
    });
    return (text) => words.get(text) ?? text;
}

// EXTERNAL MODULE: ./src/findings.ts
var findings = __webpack_require__(1001);
;// CONCATENATED MODULE: ./src/report/assemble.ts




/**
 * The steps as the Dockerfile has them. BuildKit makes two of a `COPY --link`: the copying, and `LINK COPY --link …`, which
 * puts the result upon the layers below.
 */
function dockerfileSteps(steps) {
    const written = (step) => step.name.replace(/^(\[[^\]]*\] )LINK (?=(?:COPY|ADD)\s)/i, '$1');
    const links = new Map(steps.flatMap((step) => (written(step) === step.name ? [] : [[written(step), step]])));
    if (links.size === 0)
        return steps;
    const copied = new Set(steps.filter((step) => written(step) === step.name).map(({ name }) => name));
    return steps.flatMap((step) => {
        if (written(step) !== step.name) {
            if (copied.has(written(step)))
                return [];
            return [{ ...step, name: written(step), instruction: (0,core_step/* withoutLink */.Ho)(step.instruction) }];
        }
        const link = links.get(step.name);
        if (link === undefined)
            return [step];
        const failed = link.state === 'failed' && step.state !== 'failed';
        return [{ ...step, seconds: step.seconds + link.seconds, ...(failed ? { state: 'failed' } : {}) }];
    });
}
/** `[test 3/5]`: where a step stands in its stage; steps of one stage that run side by side keep their order. */
function positionOf({ name }) {
    return Number(/^\[[^\]]*?(?<!\d)(\d+)\/\d+\] /.exec(name)?.[1] ?? Infinity);
}
/** Steps with their lines in the build's own Dockerfile, as far as the builder told them. */
function locateSteps(steps, provenance) {
    return steps.map((step) => {
        if ((0,core_linked/* isLinkedStep */.w4)(step))
            return step;
        const line = provenance.map(({ lines }) => lines.get(step.vertex)).find((found) => found !== undefined);
        return line === undefined ? step : { ...step, line };
    });
}
/** Steps grouped by stage, in the order in which the stages first appear. */
function groupStages(steps, roles) {
    const nameOf = (step) => step.stage ?? roles.onlyStage ?? '';
    const written = dockerfileSteps(steps);
    const names = [...new Set(written.map(nameOf))];
    return names.map((name) => {
        const own = written.filter((step) => nameOf(step) === name && (0,core_step/* isWork */.cD)(step) && step.state !== 'waiting');
        const firstToRun = own
            .filter((step) => step.state !== 'cached')
            .sort((a, b) => positionOf(a) - positionOf(b) || (a.startedAt ?? 0) - (b.startedAt ?? 0))
            .at(0);
        return {
            name,
            role: roleOf(name, roles),
            steps: own.length,
            cached: own.filter((step) => step.state === 'cached').length,
            seconds: own.reduce((sum, step) => sum + step.seconds, 0),
            ...(firstToRun === undefined ? {} : { firstToRun })
        };
    });
}
function roleOf(name, { testTargets, target }) {
    if (testTargets.some((test) => (0,core_step/* sameStage */.tB)(name, test)))
        return 'test';
    return target !== undefined && (0,core_step/* sameStage */.tB)(name, target) ? 'target' : 'other';
}
/** What became of each planned cache reference, and of those that came up on the way. */
function assemble_readCache({ planned, outcomes, imports, rows }) {
    const nothing = (values, way) => values.map((value) => ({ reference: (0,cache_value/* cacheReference */.Kh)(value), way, result: 'not-run' }));
    const all = mergeOutcomes([...nothing(planned.from, 'read'), ...nothing(planned.to, 'write'), ...outcomes]);
    const told = (wanted) => all.flatMap(({ way, ...transfer }) => (way === wanted ? [transfer] : []));
    return {
        imports: told('read'),
        exports: told('write'),
        ...(rows.length === 0 ? {} : { plan: rows }),
        ...(imports.downloads.bytes === 0 ? {} : { downloads: imports.downloads }),
        ...(imports.broken === undefined ? {} : { broken: imports.broken })
    };
}

;// CONCATENATED MODULE: ./src/phases/report.ts
/** The end of every run, green or red: what it has learned becomes the Report. */














/** The findings as the Report. `startedAt` is in milliseconds since the epoch, `seconds` the wall-clock of the run. */
function makeReport({ occasion, builds, notes, phases }, ending, time) {
    const { trust } = occasion;
    const [[name, build] = [(0,from_inputs/* buildName */.AL)(undefined, occasion), findings/* nothingBuilt */.I_], ...more] = builds;
    const first = lookAt(name, build, occasion);
    const others = more.map((other) => lookAt(...other, occasion));
    const all = [first, ...others];
    const isOne = others.length === 0;
    const { inputs } = first;
    const { builder } = build;
    const failure = ending?.failure;
    const red = failure === undefined
        ? undefined
        : locateFailure(failure, (all.find((each) => each.name === ending?.image) ?? first).told.steps);
    // A run that is cancelled is so as a whole.
    const image = red?.kind === 'cancelled' ? undefined : ending?.image;
    const report = (each) => ({
        ...reportBuild(each.name, each.build, failure),
        ...(isOne ? {} : { own: each.told })
    });
    const [identity, ...identities] = all.flatMap((each) => each.identity ?? []);
    const value = {
        name: isOne || inputs === undefined ? name : (0,from_inputs/* groupName */.hv)(inputs, occasion),
        ...(identity === undefined || identities.length < others.length
            ? {}
            : { identity: (0,builds_identity/* jointIdentity */.x2)([identity, ...identities]) }),
        outcome: red === undefined ? { kind: 'green' } : { kind: 'red', failure: red, ...(image === undefined ? {} : { image }) },
        trusted: trust.trusted,
        ...(trust.trusted ? {} : { trustReason: trust.reason }),
        ...(isOne ? first.told : joined(first, others)),
        builds: [report(first), ...others.map(report)],
        startedAt: time.startedAt,
        seconds: { total: time.seconds, phases },
        notes: tellNotes([...notes, ...all.flatMap((each) => each.notes.map((text) => ({ text, build: each.name })))], all.length),
        builder: {
            name: builder?.name ?? '',
            driver: builder?.driver ?? '',
            buildx: builder?.buildx.text ?? '',
            ...(builder?.buildkit === undefined ? {} : { buildkit: builder.buildkit })
        }
    };
    return (0,own_words/* redacted */.p)(value, (text) => all.reduce((left, { words }) => words(left), text));
}
/** Each note once, below the names of the images that it is of: those of all images, and of an only one, need none. */
function tellNotes(notes, images) {
    return [...Map.groupBy(notes, ({ text }) => text)].map(([text, same]) => {
        const names = new Set(same.flatMap(({ build }) => build ?? []));
        const isOfAll = names.size === images || same.some(({ build }) => build === undefined);
        return isOfAll ? text : `${[...names].join(', ')}: ${text}`;
    });
}
function lookAt(name, build, occasion) {
    const { workflow, gate, tests, cacheMounts, lint, history } = build;
    const inputs = workflow?.inputs;
    const asked = inputs === undefined ? undefined : report_askedFor(inputs, name);
    const { stages, steps, cache, notes } = lookAtBuild(build, asked);
    return {
        ...{ name, build, inputs, notes, hasTests: inputs === undefined || inputs.testTargets.length > 0 },
        identity: asked === undefined ? undefined : (0,builds_identity/* identityOf */.cu)(asked, occasion),
        told: {
            ...{ gate, stages, cache },
            ...(tests === undefined ? {} : { tests }),
            steps: dockerfileSteps(steps),
            ...(cacheMounts === undefined ? {} : { cacheMounts }),
            lint: { findings: lint },
            source: sourceOf(inputs, asked, occasion)
        },
        words: ownWords(build.steps, inputs?.buildArgs ?? [], history?.now)
    };
}
/** What is of the run where it is of several images. */
function joined(first, others) {
    const looked = [first, ...others];
    const all = looked.map(({ told }) => told);
    const [tests, ...moreTests] = all.flatMap((each) => each.tests ?? []);
    const mounts = all.flatMap(({ cacheMounts = [] }) => cacheMounts);
    // A step that several images need may have run for one of them, and be there already for the others.
    const steps = Map.groupBy(all.flatMap((each) => each.steps), ({ vertex }) => vertex);
    return {
        source: first.told.source,
        gate: joinedGate(looked),
        ...(tests === undefined ? {} : { tests: joinedTests(tests, moreTests) }),
        stages: all.flatMap(({ stages }) => stages),
        steps: [...steps.values()].flatMap((same) => (0,core_step/* tellingMost */.tk)(same) ?? []),
        cache: {
            imports: all.flatMap(({ cache }) => cache.imports),
            exports: all.flatMap(({ cache }) => cache.exports)
        },
        ...(mounts.length === 0 ? {} : { cacheMounts: mounts }),
        lint: { findings: all.flatMap(({ lint }) => lint.findings) }
    };
}
/** Red as soon as one is. An image without a test stands in nobody's way; one whose tests nobody has seen does. */
function joinedGate(looked) {
    const targets = looked.flatMap(({ told }) => told.gate.targets);
    if (looked.some(({ told }) => told.gate.verdict === 'failed'))
        return { verdict: 'failed', targets };
    const skipped = looked.filter(({ told }) => told.gate.verdict === 'skipped');
    const open = skipped.find(({ hasTests }) => hasTests || skipped.length === looked.length);
    return open === undefined ? { verdict: 'passed', targets } : { ...open.told.gate, targets };
}
/** What changed against a baseline, and the folder, are of each image alone. */
function joinedTests(first, others) {
    return others.length === 0 ? first : { stages: [first, ...others].flatMap(({ stages }) => stages) };
}
/** One image, as far as the run came with it. */
function reportBuild(name, build, failure) {
    const { images, verdict, advice, comparison, trend, releases, smoke, verify, builtTwice, publish } = build;
    return {
        ...{ name, images, verdict, advice },
        publish: failure === undefined ? publish : inFailedRun(publish),
        ...(comparison === undefined ? {} : { comparison }),
        ...(trend === undefined ? {} : { trend }),
        ...(releases === undefined ? {} : { releases }),
        ...(smoke === undefined ? {} : { smoke }),
        ...(verify === undefined ? {} : { verify }),
        ...(builtTwice === undefined ? {} : { builtTwice })
    };
}
/** The build stage by stage, with what an earlier one tells about it. */
function lookAtBuild({ steps: told, provenance, cache: used, roles, refreshed, history }, asked) {
    const located = locateSteps(told, provenance);
    const cache = assemble_readCache(used);
    const unexplained = { steps: located, stages: groupStages(located, roles), cache, notes: [] };
    if (asked === undefined || history === undefined)
        return unexplained;
    try {
        const steps = locateByText(located, history);
        const stages = groupStages(steps, roles);
        const reasons = explainStages(stages, steps, history, {
            ...{ build: asked, cache, refreshed, onlyStage: roles.onlyStage }
        });
        return {
            steps,
            stages: stages.map((stage) => {
                const why = reasons.get(stage.name);
                return why === undefined ? stage : { ...stage, why };
            }),
            cache: withSaving(cache, steps, history),
            notes: []
        };
    }
    catch {
        // What is built is built: its report must not fail for want of an explanation.
        return { ...unexplained, notes: [UNEXPLAINED] };
    }
}
/** A failed step's line from the error text also belongs to the step itself. */
function locateFailure(failure, steps) {
    if (failure.kind !== 'test' && failure.kind !== 'build')
        return failure;
    const step = failure.step;
    if (step === undefined)
        return failure;
    const line = failure.line ?? steps.find(({ vertex }) => vertex === step.vertex)?.line;
    return line === undefined ? failure : { ...failure, line, step: { ...step, line } };
}
/** What a step builds that says nothing. */
const HERE = { context: { kind: 'local', path: '.' }, file: '' };
function sourceOf(inputs, asked, occasion) {
    const { serverUrl, repository, sha, runUrl, pullRequest } = occasion;
    const dockerfile = asked === undefined ? 'Dockerfile' : (0,core_source/* dockerfileName */.EJ)(asked.source);
    const inRepository = (0,checkout/* dockerfileInRepository */.a)(asked?.source ?? HERE, occasion);
    const commit = pullRequest?.headSha ?? sha;
    return {
        dockerfile,
        ...(inRepository === undefined ? {} : { dockerfileInRepository: inRepository }),
        ...(inputs === undefined || asked === undefined ? {} : howToBuild(inputs, asked)),
        ...(repository === '' ? {} : { serverUrl, repository }),
        ...(commit === '' ? {} : { sha: commit }),
        ...(runUrl === undefined ? {} : { runUrl })
    };
}
/** The build as the workflow writes it: with the names alone of arguments that it gives no value. */
function report_askedFor(inputs, name) {
    const { shape, ...build } = (0,from_inputs/* buildFromInputs */.c6)(inputs, name, {});
    return { ...build, shape: { ...shape, buildArgs: inputs.buildArgs } };
}
/** What of `bake-set` lets something leave: bake adds to a list what is set once more, so it would go on. */
const LETS_OUT = /^[^=]*\.(?:output|push|load|cache-to)\+?=/;
/** What a person runs to see the same. Linked targets, and a Dockerfile in a bake file, are known to bake alone. */
function howToBuild(inputs, asked) {
    const { bake, links } = inputs;
    if (bake === undefined || (links.targets.length === 0 && !bake.isInline)) {
        return { buildArguments: reproductionOf(inputs, asked) };
    }
    const set = bake.set.filter((entry) => !LETS_OUT.test(entry) && (0,credentials_arguments/* secretArguments */.t)([entry]).length === 0);
    return { bake: { files: bake.files, target: bake.target, set } };
}
function reproductionOf(inputs, { shape, ...build }) {
    // Who builds it anew sets the variable: buildx takes the value of a name alone from there.
    const buildArgs = shape.buildArgs.map((argument) => (0,credentials_arguments/* secretArguments */.t)([argument]).length === 0 ? argument : (0,explain_record/* argumentName */.JA)(argument));
    return (0,builds_shape/* reproduction */.N$)({ ...build, shape: { ...shape, buildArgs } }, {
        secrets: inputs.secrets.map(({ id }) => id),
        ssh: [...new Set([...(inputs.sshPrivateKey.trim() === '' ? [] : ['default']), ...inputs.ssh.map(({ id }) => id)])]
    });
}

;// CONCATENATED MODULE: ./src/phases/later.ts
/**
 * What a run needs from its build on: more than half of the program. It is loaded while docker is asked about its builder,
 * so that nobody waits for it; a step that is refused for an input loads it for its report alone.
 */








/***/ }),

/***/ 3049:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   U: () => (/* binding */ readTransferSizes),
/* harmony export */   c: () => (/* binding */ listTags)
/* harmony export */ });
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(6153);
/* harmony import */ var _image_index_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7728);
/* harmony import */ var _core_link_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(5039);
/* harmony import */ var _client_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1936);
/* harmony import */ var _manifest_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(506);
/**
 * What a registry tells of its images without sending them: which tags there are, and how much a pull of one transfers.
 * https://github.com/opencontainers/distribution-spec/blob/main/spec.md#listing-tags
 */





const TAGS_BYTES = 4 * 2 ** 20;
const MOST_PAGES = 10;
const CONFIG_BYTES = 4 * 2 ** 20;
/** All tags of a repository; `undefined` where the registry does not list them, or has more than are read. */
async function listTags(client, repository) {
    const tags = [];
    let at = 'tags/list?n=1000';
    for (let page = 0; at !== undefined; page += 1) {
        if (page === MOST_PAGES)
            return undefined;
        const answer = await client.ask(repository, { method: 'GET', at, actions: 'pull', limitBytes: TAGS_BYTES });
        if (answer.status !== 200)
            return undefined;
        const listed = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .dig */ .rO)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .parseJSON */ .Ol)(answer.bytes.toString()), 'tags');
        if (!Array.isArray(listed))
            return undefined;
        tags.push(...(0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asArray */ ._j)(listed).flatMap((tag) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)(tag) ?? []));
        const next = (0,_core_link_js__WEBPACK_IMPORTED_MODULE_4__/* .nextPage */ .Z)(String(answer.headers.link ?? ''));
        const url = next === undefined ? undefined : (0,_client_js__WEBPACK_IMPORTED_MODULE_1__/* .resolveLocation */ .K)(next, answer.url);
        at = url?.origin === answer.url.origin ? url : undefined;
    }
    return tags;
}
/** What a tag transfers on those of the platforms that it has; nothing where the registry does not tell. */
async function readTransferSizes(client, repository, tag, platforms) {
    const root = await readImage(client, repository, tag);
    if (root === undefined)
        return [];
    if (root.document.kind === 'manifest') {
        const platform = await platformOf(client, repository, root.document.config.digest);
        const named = platforms.find((name) => platform !== undefined && isSame(name, platform));
        return named === undefined ? [] : [{ platform: named, digest: root.digest, bytes: transferOf(root) }];
    }
    const { manifests } = root.document;
    const sizes = [];
    for (const platform of platforms) {
        const found = manifests.find((entry) => entry.platform !== undefined && isSame(platform, entry.platform));
        const image = found === undefined ? undefined : await readImage(client, repository, found.digest);
        if (image?.document.kind === 'manifest') {
            sizes.push({ platform, digest: image.digest, bytes: transferOf(image) });
        }
    }
    return sizes;
}
async function readImage(client, repository, reference) {
    const read = await (0,_manifest_js__WEBPACK_IMPORTED_MODULE_2__/* .readManifest */ .WI)(client, repository, reference);
    if ('answer' in read)
        return undefined;
    // What is asked for by its digest is only taken for what it is.
    if (reference.startsWith('sha256:') && read.digest !== reference)
        return undefined;
    try {
        const document = (0,_image_index_js__WEBPACK_IMPORTED_MODULE_0__/* .readDocument */ .u0)((0,_image_index_js__WEBPACK_IMPORTED_MODULE_0__/* .parseJSONObject */ .z1)(read.bytes, reference), reference);
        return { digest: read.digest, document, bytes: read.bytes.length };
    }
    catch (error) {
        if (error instanceof _image_index_js__WEBPACK_IMPORTED_MODULE_0__/* .ImageError */ .C8)
            return undefined;
        throw error;
    }
}
function transferOf({ document, bytes }) {
    if (document.kind !== 'manifest')
        return 0;
    return (0,_image_index_js__WEBPACK_IMPORTED_MODULE_0__/* .transferBytes */ .v7)(bytes + document.config.size, document.layers);
}
/** A manifest that stands alone names its platform in its config only. */
async function platformOf(client, repository, digest) {
    const at = `blobs/${digest}`;
    const answer = await client.ask(repository, { method: 'GET', at, actions: 'pull', limitBytes: CONFIG_BYTES });
    if (answer.status !== 200)
        return undefined;
    const config = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .parseJSON */ .Ol)(answer.bytes.toString());
    const [os, architecture] = [(0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .dig */ .rO)(config, 'os')), (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .dig */ .rO)(config, 'architecture'))];
    if (os === undefined || architecture === undefined)
        return undefined;
    return { os, architecture, variant: (0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_3__/* .dig */ .rO)(config, 'variant')), osVersion: undefined };
}
/** `linux/arm64` and `linux/arm64/v8` are one: https://github.com/containerd/platforms */
function isSame(name, platform) {
    const plain = (text) => text.replace(/\/arm64\/v8$/, '/arm64');
    return plain(name) === plain((0,_image_index_js__WEBPACK_IMPORTED_MODULE_0__/* .platformName */ .$r)(platform));
}


/***/ })

};

//# sourceMappingURL=707.index.js.map