export const id = 445;
export const ids = [445];
export const modules = {

/***/ 877:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GM: () => (/* binding */ findByEnvironment),
/* harmony export */   Hk: () => (/* binding */ endProcesses),
/* harmony export */   N4: () => (/* binding */ endGroup),
/* harmony export */   uB: () => (/* binding */ isPid),
/* harmony export */   z_: () => (/* binding */ findProcesses)
/* harmony export */ });
/* unused harmony export send */
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(24);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(119);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_timers_promises__WEBPACK_IMPORTED_MODULE_2__);
/** Processes of this machine: found by their command line or environment, and ended. */



const GRACE_MS = 300;
const GROUP_GRACE_MS = 2_000;
/** Ends processes (negative: process groups) with SIGTERM, and with SIGKILL those that remain. */
async function endProcesses(pids) {
    pids.forEach((pid) => send(pid, 'SIGTERM'));
    const deadline = Date.now() + GRACE_MS;
    for (let pause = 1; Date.now() < deadline; pause = Math.min(10, 2 * pause)) {
        if ((await Promise.all(pids.map((pid) => isGone(Math.abs(pid))))).every(Boolean))
            return;
        await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_2__.setTimeout)(pause);
    }
    pids.forEach((pid) => send(pid, 'SIGKILL'));
}
/** Ends all that is left of a process group, which is nothing where every child was awaited. */
async function endGroup(group, graceMilliseconds = GROUP_GRACE_MS) {
    if (group === undefined || !send(-group, 'SIGTERM'))
        return;
    const deadline = Date.now() + graceMilliseconds;
    while (Date.now() < deadline) {
        if (!send(-group, 0))
            return;
        await (0,node_timers_promises__WEBPACK_IMPORTED_MODULE_2__.setTimeout)(20);
    }
    send(-group, 'SIGKILL');
}
/** Whether a signal could be delivered. */
function send(pid, signal) {
    try {
        return process.kill(pid, signal);
    }
    catch {
        return false; // ESRCH: it has ended; EPERM: it is somebody else's.
    }
}
/** A zombie counts as gone: in a container without an init process nobody collects it. */
async function isGone(pid) {
    if (!send(pid, 0))
        return true;
    const stat = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(`/proc/${pid}/stat`, 'latin1').catch(() => '');
    return /\) [ZX] /.test(stat);
}
/** Ids of those whose environment has it, which is what a program hands on to all it starts; none where the system does not show environments, as Linux alone does. */
async function findByEnvironment(has) {
    const pids = (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readdir)('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
    const found = pids.map(async (pid) => {
        const environment = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(`/proc/${pid}/environ`).catch(() => undefined);
        return environment !== undefined && has(environment) ? [pid] : [];
    });
    return (await Promise.all(found)).flat();
}
/** Processes other than this one whose command line holds `text`; none where it cannot be told. */
async function findProcesses(exec, text) {
    const listed = (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)('/proc/self/cmdline') ? await listProc() : await listPs(exec);
    return listed.flatMap(([pid, command]) => (pid !== process.pid && command.includes(text) ? [pid] : []));
}
async function listProc() {
    const pids = (await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readdir)('/proc')).map(Number).filter(isPid);
    return Promise.all(pids.map(async (pid) => [pid, await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')]));
}
async function listPs(exec) {
    const ps = { file: 'ps', args: ['-axww', '-o', 'pid=,command='] };
    const stdout = await exec(ps, { timeoutSeconds: 5 }).then((result) => result.stdout, () => '');
    return stdout.split('\n').map((line) => [parseInt(line, 10), line]);
}
/** Whether a value may be the id of a process that was started. */
function isPid(value) {
    return typeof value === 'number' && Number.isInteger(value) && value > 1;
}


/***/ }),

/***/ 500:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Pe: () => (/* binding */ dockerConfigFolder),
/* harmony export */   Wx: () => (/* binding */ homeFolder)
/* harmony export */ });
/* unused harmony export buildxConfigFolder */
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/** Where docker keeps what is the user's own: https://docs.docker.com/reference/cli/docker/#configuration-files */


/** The folder of docker's configuration, logins and plugins. An empty `DOCKER_CONFIG` is none, as it is to docker. */
function dockerConfigFolder(env) {
    const { DOCKER_CONFIG: named = '' } = env;
    return named === '' ? node_path__WEBPACK_IMPORTED_MODULE_1___default().join(homeFolder(env) ?? '/', '.docker') : node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(named);
}
/** The folder of buildx's own configuration: https://docs.docker.com/build/building/variables/#buildx_config */
function buildxConfigFolder(env) {
    const { BUILDX_CONFIG: named = '' } = env;
    return named === '' ? path.join(dockerConfigFolder(env), 'buildx') : path.resolve(named);
}
/**
 * The user's home, always absolute: `HOME` or, where that is unset, empty or relative, what the user database says.
 * `undefined` for a user whom it does not know, such as an arbitrary uid in a container.
 */
function homeFolder(env) {
    return [env.HOME, databaseHome()].find((folder) => folder !== undefined && node_path__WEBPACK_IMPORTED_MODULE_1___default().isAbsolute(folder));
}
function databaseHome() {
    try {
        return node_os__WEBPACK_IMPORTED_MODULE_0___default().userInfo().homedir;
    }
    catch {
        return undefined; // ERR_SYSTEM_ERROR: the uid has no entry
    }
}


/***/ }),

/***/ 153:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Ol: () => (/* binding */ parseJSON),
/* harmony export */   _j: () => (/* binding */ asArray),
/* harmony export */   eB: () => (/* binding */ asObject),
/* harmony export */   i: () => (/* binding */ asNumber),
/* harmony export */   oJ: () => (/* binding */ asString),
/* harmony export */   rO: () => (/* binding */ dig)
/* harmony export */ });
/* unused harmony exports asPositive, asSize, without */
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


/***/ }),

/***/ 740:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   V: () => (/* binding */ Stop)
/* harmony export */ });
/* unused harmony export stopOnProblems */
/** Ends a run early with a failure that has a place in the report. */
class Stop extends Error {
    name = 'Stop';
    failure;
    constructor(failure, options) {
        super(failure.kind, options);
        this.failure = failure;
    }
}
/** Ends a run because of problems with its inputs, if there are any. */
function stopOnProblems(problems) {
    if (problems.length > 0)
        throw new Stop({ kind: 'input', problems });
}


/***/ }),

/***/ 467:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Xh: () => (/* binding */ ProgramMissing),
/* harmony export */   cJ: () => (/* binding */ Cancelled)
/* harmony export */ });
/* unused harmony export endedBy */
/**
 * What the program needs from the world outside, as parameters. The entries (`start.ts`, `comment/main.ts`) pass the real ones from
 * `src/adapters/`; tests pass real ones too, bound to temporary folders and captured logs.
 */
/** The same; what still runs when the signal is aborted is ended. */
function endedBy(signal, exec) {
    return (command, options) => {
        const signals = [signal, options?.signal].filter((each) => each !== undefined);
        return exec(command, { ...options, signal: AbortSignal.any(signals) });
    };
}
/** The run was cancelled from outside. */
class Cancelled extends Error {
    name = 'Cancelled';
    constructor() {
        super('The run was cancelled.');
    }
}
/** A program the run needs is not on PATH. */
class ProgramMissing extends Error {
    name = 'ProgramMissing';
    program;
    constructor(program) {
        super(`The program "${program}" was not found on PATH.`);
        this.program = program;
    }
}


/***/ }),

/***/ 401:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  start: () => (/* binding */ start)
});

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(24);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: ./src/core/docker_config.ts
var docker_config = __webpack_require__(500);
// EXTERNAL MODULE: ./src/ports.ts
var ports = __webpack_require__(467);
;// CONCATENATED MODULE: ./src/adapters/environment.ts
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
        .split((external_node_path_default()).delimiter)
        .filter((folder) => external_node_path_default().isAbsolute(folder) && !isChecked(folder));
    const temporary = [set.RUNNER_TEMP].find((folder) => folder !== undefined && external_node_path_default().isAbsolute(folder));
    return {
        ...set,
        HOME: (0,docker_config/* homeFolder */.Wx)(set) ?? temporary ?? '/',
        PATH: (folders.length > 0 ? folders : defaultPath).join((external_node_path_default()).delimiter)
    };
}
/** Tells whether a path is in the checkout (`GITHUB_WORKSPACE`), symbolic links followed. */
function inCheckout({ GITHUB_WORKSPACE: workspace = '' }) {
    const checkout = workspace === '' ? '/' : followed(workspace);
    // Nothing is checked out into the root; and everything would be in it.
    if (checkout === external_node_path_default().parse(checkout).root)
        return () => false;
    return (place) => `${followed(place)}${(external_node_path_default()).sep}`.startsWith(`${checkout}${(external_node_path_default()).sep}`);
}
function followed(place) {
    try {
        return (0,external_node_fs_.realpathSync)(place);
    }
    catch {
        return external_node_path_default().resolve(place);
    }
}

;// CONCATENATED MODULE: ./src/adapters/buildx.ts
/**
 * `docker buildx` without the detour: the docker CLI starts each of its plugins to learn their names before it starts
 * the one that was asked for, which takes longer than many a cached build. The plugin is a program of its own, with the
 * same arguments, configuration and contexts.
 */





/** Folders of every user's plugins, in the order of https://github.com/docker/cli/tree/master/cli-plugins/manager. */
const systemFolders = [
    '/usr/local/lib/docker/cli-plugins',
    '/usr/local/libexec/docker/cli-plugins',
    '/usr/lib/docker/cli-plugins',
    '/usr/libexec/docker/cli-plugins'
];
/**
 * Path of the buildx that the docker CLI would start; `undefined` where there is no CLI or where it has to find it itself.
 * What is in the checkout is passed over: it may be the code of a stranger.
 * @param env the environment that children get
 */
function findBuildx(env, systemWide = systemFolders) {
    const folders = (env.PATH ?? '').split((external_node_path_default()).delimiter).filter((folder) => external_node_path_default().isAbsolute(folder));
    if (!folders.some((folder) => isProgram(external_node_path_default().join(folder, 'docker'))))
        return undefined;
    const configFolder = (0,docker_config/* dockerConfigFolder */.Pe)(env);
    const isCheckedOut = inCheckout(env);
    return [...extraFolders(configFolder), external_node_path_default().join(configFolder, 'cli-plugins'), ...systemWide]
        .filter((folder) => external_node_path_default().isAbsolute(folder))
        .map((folder) => external_node_path_default().join(folder, 'docker-buildx'))
        .find((file) => isProgram(file) && !isCheckedOut(file));
}
/** Runs `docker buildx …` as that program. Where it cannot be started, the docker CLI says what is wrong with it. */
function startDirectly(exec, buildx) {
    if (buildx === undefined)
        return exec;
    return async (command, options) => {
        const [plugin, ...args] = command.args;
        if (command.file !== 'docker' || plugin !== 'buildx')
            return exec(command, options);
        try {
            return await exec({ file: buildx, args }, options);
        }
        catch (error) {
            if (error instanceof ports/* Cancelled */.cJ)
                throw error;
            return exec(command, options);
        }
    };
}
/** `cliPluginsExtraDirs` of the docker CLI's configuration. */
function extraFolders(configFolder) {
    try {
        const config = JSON.parse((0,external_node_fs_.readFileSync)(external_node_path_default().join(configFolder, 'config.json'), 'utf8'));
        const folders = config?.cliPluginsExtraDirs;
        return Array.isArray(folders) ? folders.filter((folder) => typeof folder === 'string') : [];
    }
    catch {
        return []; // no configuration, or one that docker itself will complain about
    }
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

// EXTERNAL MODULE: external "node:child_process"
var external_node_child_process_ = __webpack_require__(421);
// EXTERNAL MODULE: external "node:stream"
var external_node_stream_ = __webpack_require__(75);
// EXTERNAL MODULE: ./src/adapters/processes.ts
var processes = __webpack_require__(877);
;// CONCATENATED MODULE: ./src/adapters/exec.ts
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
            reject(new ports/* Cancelled */.cJ());
            return;
        }
        const child = (0,external_node_child_process_.spawn)(command.file, command.args, {
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
        if (options.input instanceof external_node_stream_.Readable)
            options.input.pipe(child.stdin);
        else
            child.stdin.end(options.input ?? '');
        child.once('error', (error) => {
            release();
            reject(error.code === 'ENOENT' ? new ports/* ProgramMissing */.Xh(command.file) : error);
        });
        child.once('close', (code, ended) => {
            release();
            const settle = () => {
                if (signal.aborted)
                    reject(new ports/* Cancelled */.cJ());
                else
                    resolve({ exitCode: exitCodeOf(code, ended), stdout: stdout.text(), stderr: stderr.text(), timedOut });
            };
            if (ending === undefined && code === 0)
                settle();
            else
                void (ending ?? (0,processes/* endGroup */.N4)(child.pid, graceMilliseconds)).then(settle);
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
    await (0,processes/* endGroup */.N4)(child.pid, graceMilliseconds);
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

// EXTERNAL MODULE: ./node_modules/@actions/core/lib/core.js + 11 modules
var lib_core = __webpack_require__(659);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(598);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(455);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(153);
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
    return core.getInput(name, { trimWhitespace: false });
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
                lib_core/* info */.pq(line);
            }
        },
        untrusted,
        notice: annotate(lib_core/* notice */.lm),
        warning: annotate(lib_core/* warning */.$e),
        error: annotate(lib_core/* error */.z3),
        debug(line) {
            if (!lib_core/* isDebug */._o())
                return;
            resume();
            lib_core/* debug */.Yz(breakMarks(line));
        },
        async group(title, body) {
            resume();
            lib_core/* startGroup */.Oh(breakMarks(title));
            try {
                return await body();
            }
            finally {
                resume();
                lib_core/* endGroup */.N4();
            }
        }
    };
    const runner = {
        mask(value) {
            resume();
            lib_core/* setSecret */.Pq(value);
        },
        saveState(name, value) {
            resume();
            lib_core/* saveState */.LZ(name, value);
        },
        setOutput(name, value) {
            resume();
            lib_core/* setOutput */.uH(name, value);
        },
        exportVariable(name, value) {
            resume();
            lib_core/* exportVariable */.dN(name, value);
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

// EXTERNAL MODULE: ./src/failure/stop.ts
var stop = __webpack_require__(740);
;// CONCATENATED MODULE: ./src/failure/disk.ts
/** The runner's disk: whether a run can begin on it, and what it means when it ends a run. */





/** Less is not worth beginning: a report, and the smallest of images. */
const LEAST_BYTES = 16_000_000;
const PROBE_BYTES = (/* unused pure expression or super */ null && (64 * 1024));
/** Stops a run whose temporary folder cannot hold what it makes: the image is written there before it is looked at. */
async function checkTemporaryFolder(folder) {
    let probe;
    try {
        probe = await mkdtemp(path.join(folder, 'stagegate-'));
        await writeFile(path.join(probe, 'probe'), Buffer.alloc(PROBE_BYTES, 1));
        const { bavail, bsize } = await statfs(probe);
        const left = bavail * bsize;
        if (left >= LEAST_BYTES)
            return;
        const message = `the temporary folder of the runner (RUNNER_TEMP, ${folder}) has ${bytes(left)} left`;
        throw new Stop({ kind: 'engine', message, fix: MAKE_ROOM });
    }
    catch (error) {
        if (error instanceof Stop)
            throw error;
        const why = reasonOf(error);
        if (why === undefined)
            throw error;
        const message = `the temporary folder of the runner (RUNNER_TEMP, ${folder}) cannot be used: ${why.what}`;
        throw new Stop({ kind: 'engine', message, fix: why.fix }, { cause: error });
    }
    finally {
        if (probe !== undefined)
            await rm(probe, { recursive: true, force: true }).catch(() => undefined);
    }
}
/** The failure that an error of the file system stands for, wherever in a run it came up. */
function diskFailure(error) {
    const why = reasonOf(error);
    // That a file is not there, or not ours to read, is a defect of ours wherever nobody saw it coming.
    if (why === undefined || !['ENOSPC', 'EDQUOT', 'EROFS'].includes((0,json/* asString */.oJ)((0,json/* dig */.rO)(error, 'code')) ?? ''))
        return undefined;
    const file = (0,json/* asString */.oJ)((0,json/* dig */.rO)(error, 'path'));
    const place = file === undefined ? '' : ` (${file})`;
    return { kind: 'engine', message: `the runner could not write a file${place}: ${why.what}`, fix: why.fix };
}
const MAKE_ROOM = 'Make room on its disk, or set RUNNER_TEMP to a folder on a larger one: an image takes twice its size there.';
function reasonOf(error) {
    switch ((0,json/* dig */.rO)(error, 'code')) {
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

;// CONCATENATED MODULE: ./src/failure/of.ts
/** What a thrown error means for a run. */



/** How many errors may lie in one another. */
const DEEPEST = 20;
/** The failure that whatever was thrown stands for. */
function failureOf(thrown) {
    const error = firstOf(thrown);
    if (error instanceof stop/* Stop */.V)
        return error.failure;
    if (error instanceof ports/* Cancelled */.cJ)
        return { kind: 'cancelled' };
    if (error instanceof ports/* ProgramMissing */.Xh) {
        return { kind: 'engine', message: error.message, fix: `Install ${error.program} on the runner.` };
    }
    const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
    return diskFailure(error) ?? { kind: 'internal', message };
}
/** The same in a few words. */
function of_reasonOf(thrown) {
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

;// CONCATENATED MODULE: ./src/start.ts
/** A start of the action, as the step or as its `post`, with all that it works with. */





/** Runs `body`; what it throws is what nobody else could tell. */
async function start(signal, body) {
    const env = readEnvironment(process.env);
    const childEnv = childEnvironment(env);
    const exec = startDirectly(createExec(childEnv, signal), findBuildx(childEnv));
    const { log, runner } = createRunner(env.GITHUB_STEP_SUMMARY);
    const ports = { log, runner, exec, signal, show: createShow(exec, log), now: () => Date.now() };
    try {
        await body(ports, env);
    }
    catch (error) {
        giveUp(error, ports);
    }
}
/** The files of the runner's own commands are on its disk, too. */
function giveUp(error, { log }) {
    const failure = failureOf(error);
    const message = 'message' in failure ? failure.message : failure.kind;
    const fix = 'fix' in failure && failure.fix !== undefined ? ` ${failure.fix}` : '';
    log.error(`Stagegate could not go on: ${message}.${fix}`, { title: 'Stagegate' });
    process.exitCode = 1;
}


/***/ })

};

//# sourceMappingURL=445.index.js.map