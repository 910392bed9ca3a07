export const id = 577;
export const ids = [577];
export const modules = {

/***/ 9963:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Op: () => (/* binding */ look),
/* harmony export */   oW: () => (/* binding */ folders),
/* harmony export */   v$: () => (/* binding */ removeFolder)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/** The disk. What is asked of it before a run is asked in one step each, as an answer may be out of date at once. */



/** What a path is; links are followed. */
function look(place) {
    const found = (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.statSync)(place, { throwIfNoEntry: false });
    return found?.isDirectory() === true ? 'folder' : found?.isFile() === true ? 'file' : undefined;
}
const folders = {
    isEmpty: (folder) => {
        try {
            return (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.readdirSync)(folder).length === 0;
        }
        catch {
            return true; // that it cannot be read is told by isWritable, or by the build
        }
    },
    isWritable: (folder) => {
        try {
            (0,node_fs__WEBPACK_IMPORTED_MODULE_0__.accessSync)(folder, node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.W_OK | node_fs__WEBPACK_IMPORTED_MODULE_0__.constants.X_OK);
            return true;
        }
        catch {
            return false;
        }
    }
};
/** Removes a folder, also where whoever wrote into it has left folders that nobody may write to, as Go's module cache does. */
async function removeFolder(folder) {
    try {
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
    }
    catch {
        await open(folder);
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
    }
}
/** Gives its owner every right to a folder and to all in it; links are not followed. What is not ours stays as it is. */
async function open(folder) {
    const found = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.lstat)(folder).catch(() => undefined);
    if (found?.isDirectory() !== true)
        return;
    await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.chmod)(folder, 0o700).catch(() => undefined);
    for (const name of await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readdir)(folder).catch(() => []))
        await open(node_path__WEBPACK_IMPORTED_MODULE_2___default().join(folder, name));
}


/***/ }),

/***/ 7877:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   GM: () => (/* binding */ findByEnvironment),
/* harmony export */   Hk: () => (/* binding */ endProcesses),
/* harmony export */   N4: () => (/* binding */ endGroup),
/* harmony export */   tN: () => (/* binding */ send),
/* harmony export */   uB: () => (/* binding */ isPid),
/* harmony export */   z_: () => (/* binding */ findProcesses)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_timers_promises__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(8500);
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

/***/ 1259:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  ad: () => (/* binding */ askDocker),
  cg: () => (/* binding */ builderFlag),
  sF: () => (/* binding */ findLacks),
  IK: () => (/* binding */ inspectBuilder),
  yz: () => (/* binding */ isOfTheJob),
  tW: () => (/* binding */ isOlder),
  Vl: () => (/* binding */ knowsCall),
  ot: () => (/* binding */ parseVersion),
  TX: () => (/* binding */ removeBuilderCommand),
  re: () => (/* binding */ removeImageCommand)
});

// UNUSED EXPORTS: describeBuilder

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
var external_node_path_default = /*#__PURE__*/__webpack_require__.n(external_node_path_);
// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./src/core/docker_config.ts
var docker_config = __webpack_require__(4500);
// EXTERNAL MODULE: ./src/core/json.ts
var core_json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/ports.ts
var ports = __webpack_require__(6467);
// EXTERNAL MODULE: ./src/buildkit/causes.ts
var causes = __webpack_require__(874);
// EXTERNAL MODULE: ./src/failure/stop.ts
var failure_stop = __webpack_require__(8740);
// EXTERNAL MODULE: ./src/buildkit/nodes.ts
var buildkit_nodes = __webpack_require__(5713);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:net"
var external_node_net_ = __webpack_require__(7030);
var external_node_net_default = /*#__PURE__*/__webpack_require__.n(external_node_net_);
// EXTERNAL MODULE: external "node:tls"
var external_node_tls_ = __webpack_require__(1692);
var external_node_tls_default = /*#__PURE__*/__webpack_require__.n(external_node_tls_);
;// CONCATENATED MODULE: ./src/buildkit/reach.ts
/**
 * A look at the endpoint of a builder that buildx calls inactive: buildx waits 20 s and then says only "context deadline
 * exceeded". Speaks no more than the greeting of HTTP/2, which every BuildKit answers.
 * https://docs.docker.com/build/builders/drivers/remote/
 */



/** Milliseconds until an endpoint that says nothing counts as one that does not answer. */
const PATIENCE = 4000;
/** Connection preface and an empty SETTINGS frame: https://www.rfc-editor.org/rfc/rfc9113#section-3.4 */
const GREETING = Buffer.concat([
    Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
    Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0])
]);
/** Why nothing answers at `endpoint`; `undefined` if something does, or if it is of a kind that cannot be looked at. */
async function findUnreachable(endpoint, options = {}, patience = PATIENCE) {
    const target = parseEndpoint(endpoint);
    if (target === undefined)
        return undefined;
    const secure = secureOptions(options, target);
    if (typeof secure === 'string')
        return secure;
    return new Promise((resolve) => {
        const socket = secure === undefined ? external_node_net_default().connect(target) : external_node_tls_default().connect({ ...target, ...secure });
        const end = (reason) => {
            socket.destroy();
            resolve(reason);
        };
        socket.setTimeout(patience, () => end(`it did not answer within ${patience / 1000} s`));
        socket.once(secure === undefined ? 'connect' : 'secureConnect', () => socket.write(GREETING));
        socket.once('data', () => end(undefined));
        socket.once('error', (error) => end(reasonOf(error)));
        socket.once('close', () => end('it closed the connection: the other side is not BuildKit, or it requires a certificate'));
    });
}
function parseEndpoint(endpoint) {
    const socket = /^unix:\/\/(\/.*)$/.exec(endpoint)?.[1];
    if (socket !== undefined)
        return { path: socket };
    if (!endpoint.startsWith('tcp://') || !URL.canParse(endpoint))
        return undefined;
    const { hostname, port } = new URL(endpoint);
    return port === '' ? undefined : { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: Number(port) };
}
/** TLS as the remote driver does it, if its options say so; a sentence where one of its files cannot be read or used. */
function secureOptions(options, target) {
    const { cacert, cert, key, servername } = options;
    if (cacert === undefined && cert === undefined && key === undefined)
        return undefined;
    const host = 'host' in target && external_node_net_default().isIP(target.host) === 0 ? target.host : undefined;
    const name = servername ?? host;
    try {
        const secure = {
            ALPNProtocols: ['h2'],
            ...(cacert === undefined ? {} : { ca: (0,external_node_fs_.readFileSync)(cacert) }),
            ...(cert === undefined ? {} : { cert: (0,external_node_fs_.readFileSync)(cert) }),
            ...(key === undefined ? {} : { key: (0,external_node_fs_.readFileSync)(key) }),
            ...(name === undefined ? {} : { servername: name })
        };
        return findFlaw(secure, options) ?? secure;
    }
    catch (error) {
        return `a file of its certificates cannot be read: ${error instanceof Error ? error.message : String(error)}`;
    }
}
/** What keeps the certificate and the key of the options from being used; connecting with them would throw. */
function findFlaw({ cert, key }, options) {
    const isUsable = (part) => {
        try {
            external_node_tls_default().createSecureContext(part);
            return true;
        }
        catch {
            return false;
        }
    };
    if (!isUsable({ cert }))
        return `its driver option "cert" names ${options.cert}, which holds no certificate in PEM`;
    if (!isUsable({ key })) {
        return `its driver option "key" names ${options.key}, which holds no key in PEM for a certificate, or one with a passphrase`;
    }
    return isUsable({ cert, key }) ? undefined : 'its driver option "key" names another key than that of the certificate';
}
function reasonOf(error) {
    const { code = '' } = error;
    switch (code) {
        case 'ECONNREFUSED':
            return 'the connection was refused: nothing listens there';
        case 'ENOTFOUND':
        case 'EAI_AGAIN':
            return `its name has no address (${code})`;
        case 'ENOENT':
            return 'there is no such socket';
        case 'EACCES':
            return 'this user may not use the socket';
        case 'EHOSTUNREACH':
        case 'ENETUNREACH':
            return `there is no route to it (${code})`;
        default:
            // The names of TLS errors are Node's and OpenSSL's, and too many to list.
            return /certificate|tls|ssl|alert|altnames/i.test(`${code} ${error.message}`)
                ? `the certificate was refused: ${error.message}`
                : error.message;
    }
}

;// CONCATENATED MODULE: ./src/buildkit/builder.ts
/** What docker tells about buildx and a builder: versions, driver, nodes. Nothing is started. */










/** `--progress=rawjson` and several outputs in one build came with it. */
const oldestBuildx = { major: 0, minor: 13 };
/** `--call` came with it; an older buildx goes without the pre-flight. */
const callSince = { major: 0, minor: 15 };
function knowsCall(builder) {
    return !isOlder(builder.buildx, callSince);
}
/** For `--builder`; `undefined` is buildx's current one, which `auto` begins with. */
function builderFlag(requested) {
    return requested === 'auto' ? undefined : requested;
}
/** Looks at buildx and at a builder (`auto`: the current one), without starting anything. */
async function inspectBuilder(ports, requested, env = {}) {
    const flag = builderFlag(requested);
    const [version, inspection] = await Promise.all([
        askDocker(ports, ['buildx', 'version']),
        askForBuilder(ports, flag, env)
    ]);
    if (version.exitCode !== 0) {
        throw new failure_stop/* Stop */.V({
            kind: 'engine',
            message: `docker has no buildx (${firstLine(version.stderr) || `exit code ${version.exitCode}`})`,
            fix: 'Install the docker-buildx plugin, or run docker/setup-buildx-action before this step.'
        });
    }
    const buildx = parseVersion(version.stdout);
    if (buildx === undefined || isOlder(buildx, oldestBuildx)) {
        throw new failure_stop/* Stop */.V({
            kind: 'engine',
            message: `buildx ${buildx?.text ?? firstLine(version.stdout)} is too old`,
            fix: `Use buildx ${oldestBuildx.major}.${oldestBuildx.minor} or newer; docker/setup-buildx-action installs one.`
        });
    }
    if (inspection.exitCode !== 0)
        throw new failure_stop/* Stop */.V(unusable(requested, inspection.stderr, env));
    const seen = (0,buildkit_nodes/* parseInspection */.Kn)(inspection.stdout);
    if (seen.error !== undefined)
        throw new failure_stop/* Stop */.V(unusable(requested, seen.error, env));
    const nodes = await Promise.all(seen.nodes.map((node) => explainNode(seen.driver, node)));
    const only = nodes.length === 1 ? nodes[0]?.error : undefined;
    if (only !== undefined && seen.driver === 'docker')
        throw new failure_stop/* Stop */.V(unusable(requested, only, env));
    return { ...describeBuilder({ ...seen, nodes }), buildx, created: false, ...(flag === undefined ? {} : { flag }) };
}
/** What an inspection says of a builder as a whole. */
function describeBuilder({ name, driver, nodes }) {
    const alive = nodes.filter((node) => !(0,buildkit_nodes/* isDead */.XU)(driver, node));
    const buildkit = alive.find((node) => node.buildkit !== undefined)?.buildkit;
    return {
        name,
        driver,
        nodes,
        classicStore: driver === 'docker' && !nodes.some(({ containerdStore }) => containerdStore),
        platforms: [...new Set(alive.flatMap(({ platforms }) => platforms))],
        ...(buildkit === undefined ? {} : { buildkit })
    };
}
/** The node with the reason why it does not answer, which buildx does not tell of one of the remote driver. */
async function explainNode(driver, node) {
    if (driver !== 'remote' || node.status === 'running' || node.error !== undefined)
        return node;
    const reason = await findUnreachable(node.endpoint, node.options);
    return reason === undefined ? { ...node, status: 'running' } : { ...node, error: reason };
}
/** Milliseconds after which buildx, which waits 20 s for a remote BuildKit, is no longer waited for alone. */
const SLOW = 1000;
/** Asks for a builder. Where none of its machines answers, that is found out sooner than by buildx. */
async function askForBuilder(ports, flag, env) {
    const stop = new AbortController();
    const asking = askDocker(ports, ['buildx', 'inspect', ...(flag === undefined ? [] : [flag])], stop.signal);
    asking.catch(() => undefined); // awaited below
    try {
        const quick = await Promise.race([asking, (0,external_node_timers_promises_.setTimeout)(SLOW, undefined, { signal: stop.signal })]);
        if (quick !== undefined)
            return quick;
        const listed = await readInstance(env, flag);
        const nodes = await Promise.all((listed?.nodes ?? []).map((node) => explainNode(listed?.driver ?? '', { ...node, status: '' })));
        const verdict = listed === undefined ? undefined : (0,buildkit_nodes/* judgeNodes */.dK)({ ...listed, nodes }, { platforms: [] });
        if (listed?.driver !== 'remote' || verdict?.failure === undefined)
            return await asking;
        throw new failure_stop/* Stop */.V(verdict.failure);
    }
    finally {
        stop.abort();
    }
}
/** A builder as buildx keeps it in a file of its own; `undefined` where there is none, or none that can be read. */
async function readInstance(env, flag) {
    const folder = (0,docker_config/* buildxConfigFolder */.$)(env);
    const read = async (...names) => (0,core_json/* parseJSON */.Ol)(await (0,promises_.readFile)(external_node_path_default().join(folder, ...names), 'utf8').catch(() => ''));
    const { BUILDX_BUILDER: current = '' } = env;
    const name = flag ?? (current === '' ? (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(await read('current'), 'Name')) : current);
    if (name === undefined || !/^[\w.-]+$/.test(name))
        return undefined;
    const json = await read('instances', name);
    const driver = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(json, 'Driver'));
    if (driver === undefined)
        return undefined;
    const nodes = (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)(json, 'Nodes')).map((node) => ({
        name: (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(node, 'Name')) ?? '',
        endpoint: (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(node, 'Endpoint')) ?? '',
        status: '',
        platforms: [],
        assigned: [],
        containerdStore: false,
        options: Object.fromEntries(Object.entries((0,core_json/* asObject */.eB)((0,core_json/* dig */.rO)(node, 'DriverOpts')) ?? {}).flatMap(([option, value]) => {
            const text = (0,core_json/* asString */.oJ)(value);
            return text === undefined ? [] : [[option, text]];
        }))
    }));
    return { name, driver, nodes };
}
/** What the builder lacks for the run; empty if it will do. */
function findLacks(builder, needs) {
    if (!builder.classicStore)
        return [];
    return [
        ...(needs.cacheExport ? [{ input: 'cache-to', what: 'writing a registry cache' }] : []),
        ...(needs.platforms.length > 1 ? [{ input: 'platforms', what: 'building several platforms' }] : []),
        ...needs.exports
    ];
}
function removeBuilderCommand(name) {
    return { file: 'docker', args: ['buildx', 'rm', '--force', name] };
}
function removeImageCommand(tag) {
    return { file: 'docker', args: ['image', 'rm', tag] };
}
/** Reads `github.com/docker/buildx v0.29.1 ...`. */
function parseVersion(text) {
    const match = /\bv?(\d+)\.(\d+)(?:\.\d+)?\S*/.exec(text.replace(/^\S+\s+/, ''));
    if (match === null)
        return undefined;
    return { major: Number(match[1]), minor: Number(match[2]), text: match[0] };
}
function isOlder(version, than) {
    return version.major < than.major || (version.major === than.major && version.minor < than.minor);
}
/** Asks docker something that it answers soon; stops the run where there is no docker. */
async function askDocker({ exec }, args, signal) {
    try {
        return await exec({ file: 'docker', args }, { timeoutSeconds: 30, ...(signal === undefined ? {} : { signal }) });
    }
    catch (error) {
        if (!(error instanceof ports/* ProgramMissing */.Xh))
            throw error;
        throw new failure_stop/* Stop */.V({
            kind: 'engine',
            message: 'there is no docker command on this runner',
            fix: 'Run the job on a runner with Docker (ubuntu-latest has it), or install the docker CLI with buildx.'
        });
    }
}
function unusable(requested, message, env) {
    const seen = firstLine(message).replace(/^ERROR: /, '');
    if (seen === '') {
        return {
            kind: 'engine',
            message: `the builder${requested === 'auto' ? '' : ` "${requested}"`} did not answer within 30 s`,
            fix: 'See what `docker buildx inspect` says in a step before this one.'
        };
    }
    if (/no builder|not found/.test(seen) && requested !== 'auto') {
        return {
            kind: 'input',
            problems: [
                {
                    input: 'builder',
                    problem: `there is no builder "${requested}"`,
                    fix: 'Create it in an earlier step (docker/setup-buildx-action), or leave builder empty.'
                }
            ]
        };
    }
    const absent = /^no builder "(.*)" found/.exec(seen)?.[1];
    const variable = ['BUILDX_BUILDER', 'DOCKER_CONTEXT'].find((name) => absent !== undefined && env[name] === absent);
    if (variable !== undefined) {
        return {
            kind: 'input',
            problems: [
                {
                    input: variable,
                    problem: `this variable of the step's environment names "${absent}", which is not there`,
                    fix: 'Create it in an earlier step, or take the variable out of env.'
                }
            ]
        };
    }
    return {
        kind: 'engine',
        message: `the builder cannot be used: ${seen}`,
        fix: (0,causes/* engineFix */.gY)(seen) ?? 'Check that the Docker engine is running and that this user may talk to it.'
    };
}
function firstLine(text) {
    return text.trim().split('\n')[0] ?? '';
}
/** Whether a builder ends with the job, so that nobody else finds what is left in it. */
function isOfTheJob({ created, driver }, freshMachine) {
    return created || (freshMachine && ['docker', 'docker-container'].includes(driver));
}


/***/ }),

/***/ 874:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   gY: () => (/* binding */ engineFix),
/* harmony export */   ls: () => (/* binding */ isEngineFault),
/* harmony export */   n4: () => (/* binding */ cacheFault),
/* harmony export */   oh: () => (/* binding */ bootFix)
/* harmony export */ });
/* unused harmony export builderLog */
/** What lies behind the words of a builder that failed, and what shows it. Texts of BuildKit 0.12 to 0.33. Pure. */
/**
 * BuildKit stumbles over its own cache, whatever is built: docker/buildx#1308, moby/buildkit#1491, #1937, #1956, #2288. It
 * passes by itself, most of the time.
 */
const cacheFault = /failed to get state for index|\blease (?:does not exist|"[^"]*": not found)|\bref \S+ locked\b(?:(?!\bref \S+ locked\b).)*: unavailable|invalid mutable ref|\bsnapshot \S+ does not exist|\blayer does not exist|content digest sha256:[0-9a-f]+: not found|failed to walk \/var\/lib\//;
/** The engine itself is not there, or does not take this client; the second form is that of Docker 29. */
const noEngine = /Cannot connect to the Docker daemon|(?:failed|trying) to connect to the docker API|is the docker daemon running|error during connect/i;
/** The disk, the engine or the builder, wherever such words stand: in a pull, in a step, in the reading of a file. */
function isEngineFault(message) {
    return (cacheFault.test(message) ||
        noEngine.test(message) ||
        /no space left on device|disk quota exceeded|input\/output error|too many open files|failed to (?:list workers|initialize builder)|snapshotter not loaded/i.test(message));
}
const causes = [
    {
        text: cacheFault,
        fix: () => 'BuildKit failed on its own cache, which usually passes by itself. Run the job again; if it comes back, set `no-cache: true` for one run, or recreate the builder.'
    },
    { text: /no space left on device|disk quota exceeded/i, fix: diskAdvice },
    {
        text: /snapshotter not loaded/i,
        fix: () => 'The engine has no snapshotter of that name. With the containerd image store, `storage-driver` in its `daemon.json` must be one: overlayfs, native, fuse-overlayfs.'
    },
    {
        text: /input\/output error/i,
        fix: () => 'The builder’s disk reports errors. Run the job on another machine, and look at the kernel’s log of this one.'
    },
    {
        text: /too many open files/i,
        fix: () => 'The builder has reached its limit of open files: raise it for its service (`LimitNOFILE`) or container, or run fewer builds at once.'
    },
    // A program in Go that crashed, as its client has it or as its own log.
    { text: /(?:^|[\s:])(?:panic|fatal error): |\bnil pointer dereference\b/, fix: crashAdvice },
    {
        text: /dial unix (?:(?!dial unix ).)*permission denied|permission denied while trying to connect to the Docker (?:daemon|API)/i,
        fix: () => "The runner's user may not use the engine's socket: add it to the group of the socket, usually docker."
    },
    {
        text: /client version \S+ is too (?:new|old)/i,
        fix: () => 'The docker client of this runner and the engine have no API version in common. Update the older of the two, or set `DOCKER_API_VERSION` in `env` to a version that both know.'
    },
    { text: noEngine, fix: engineAdvice },
    {
        text: /dial unix/i,
        fix: (builder) => (builder?.driver === 'remote' ? unreachableAdvice(builder) : engineAdvice())
    },
    {
        text: /no builder (?:(?!no builder ).)* found/i,
        fix: () => 'Create the builder in an earlier step of the same job.'
    },
    {
        text: /multi-node builds currently not supported/,
        fix: () => 'A file or folder with several platforms needs one node that builds them all. Push the image instead, name such a builder in the input builder, or build each platform in a step of its own.'
    },
    {
        text: /docker exporter does not currently support exporting manifest lists/,
        fix: () => 'Several platforms can be loaded only into an engine with the containerd image store. Leave load out, or load one platform.'
    },
    {
        text: /not supported for the docker driver/i,
        fix: () => 'Turn on the containerd image store of the engine, or run docker/setup-buildx-action before this step.'
    },
    {
        text: /\b(?:cannot|is forbidden: User)(?:(?!\b(?:cannot|is forbidden: User)).)* in API group|exceeded quota/,
        fix: () => 'Kubernetes refused it: the account of this runner must be allowed to create deployments, to watch pods and to open `pods/exec` in the builder’s namespace, and the namespace must have room for them.'
    },
    {
        text: /expected \d+ replicas? to be ready|timed out waiting for (?:(?!timed out waiting for ).)*\bpods?\b/i,
        fix: (builder) => `The cluster did not start the builder's pod in time. \`kubectl describe pods\` in its namespace says why${builder === undefined ? '' : ` (builder "${builder.name}")`}: no room, a limit, or an image that cannot be pulled.`
    },
    {
        // The words of Podman are those of "initializing source".
        text: /failed to resolve reference "\S*moby\/buildkit|initializing source \S*\/buildkit:|pulling image \S*moby\/buildkit|moby\/buildkit(?:(?!moby\/buildkit)\S)* (?:not found|failed)|Error response from daemon: (?:Get|Head) "https?:|Error response from daemon: (?:toomanyrequests|pull access denied)/i,
        fix: () => 'The image of BuildKit could not be pulled. Name a mirror in docker/setup-buildx-action ("driver-opts: image=…"), or log in to Docker Hub before this step.'
    },
    {
        text: /x509: |certificate (?:signed by|has expired|is not valid|verify failed)|bad certificate|tls: /i,
        fix: certificateAdvice
    },
    {
        text: /message larger than max/i,
        fix: () => 'One message of this build is larger than the builder accepts. Fewer and shorter build arguments, labels and annotations help, and a newer BuildKit; in a Dockerfile in which its checks find hundreds of things, so does `# check=skip=all` as the first line.'
    },
    { text: /signal: killed|exit code: 137|was killed|oom-?kill/i, fix: memoryAdvice },
    { text: /cannot allocate memory|out of memory|ResourceExhausted/i, fix: memoryAdvice },
    {
        text: /failed to copy to tar|io: read\/write on closed pipe/,
        fix: () => 'The engine did not accept the image, or no engine is running: `docker version` shows it. Leave load out, or start Docker.'
    },
    {
        text: /driver not connecting|failed to list workers|error while dialing|connection refused|no such host|i\/o timeout/i,
        fix: unreachableAdvice
    },
    {
        text: /frontend grpc server closed unexpectedly/,
        fix: () => 'The program that reads the Dockerfile (its `# syntax=` line names it) ended: it ran out of memory, or does not fit this builder. Use `# syntax=docker/dockerfile:1`, or leave the line out.'
    },
    {
        text: /error reading from server|transport is closing|Unavailable|EOF$|server closed|connection reset|closed network connection|received prior goaway|graceful_stop|RST_STREAM|no active sessions?\b/i,
        fix: deathAdvice
    },
    { text: /context deadline exceeded|waiting for connection/i, fix: unreachableAdvice },
    {
        text: /failed to initialize builder/i,
        fix: startAdvice
    },
    {
        text: /failed to mount (?:overlay|\/\S+: (?:no such device|invalid argument))/i,
        fix: () => 'The builder could not mount a layer: its snapshotter does not work on the file system or in the container it runs on. Give it a volume of its own on ext4 or xfs.'
    },
    {
        text: /\/\.docker\/|buildx\/activity|loading config file|^(?:ERROR: )?(?:mkdir|open|stat) \S*\/buildx\b\S*: (?:permission denied|read-only file system)/,
        fix: () => "Docker's own folder (`~/.docker`, or what `DOCKER_CONFIG` names) must be readable and writable for the runner's user, and its config.json be JSON. Where only buildx cannot write there, `BUILDX_CONFIG` names another folder for it."
    },
    {
        text: /(?:network bridge not found|failed to create (?:endpoint|shim|task)|failed to set up container networking|operation not permitted: unknown)/i,
        fix: () => "The engine could not start a container. Its log names the cause: `journalctl -u docker` (or the builder's container)."
    }
];
function engineAdvice() {
    return 'Start Docker before this step, or name another engine in `builder`.';
}
/** What to do about an engine, a builder or a machine that failed with these words; `undefined`: they are not known. */
function engineFix(message, builder) {
    return causes.find(({ text }) => text.test(message))?.fix(builder, message);
}
/** What to do about a builder that did not start with these words. */
function bootFix(message, builder) {
    return engineFix(message, builder) ?? startAdvice(builder);
}
function startAdvice(builder) {
    return `The builder could not be started. \`docker buildx inspect --bootstrap${builder === undefined ? '' : ` ${builder.name}`}\` in a step before this one shows why.`;
}
/** The command that shows why a builder ended, where the runner has one. */
function builderLog({ name, driver, nodes }) {
    const node = nodes?.[0]?.name ?? `${name}0`;
    switch (driver) {
        case 'docker-container':
            return `docker logs buildx_buildkit_${node}`;
        case 'kubernetes':
            return `kubectl logs --previous deployment/${name}`;
        case 'docker':
            return 'journalctl -u docker';
        default:
            return undefined;
    }
}
function crashAdvice(builder) {
    const log = builder === undefined ? undefined : builderLog(builder);
    const other = builder?.driver === 'docker'
        ? 'another version of Docker'
        : 'another version of BuildKit (`driver-opts: image=moby/buildkit:VERSION` of docker/setup-buildx-action)';
    const look = log === undefined ? '' : ` \`${log}\` may have more.`;
    return `The builder crashed, which is a fault of its own and not of the build. Run the job again; if it comes back, use ${other}.${look}`;
}
function deathAdvice(builder) {
    const usual = 'The connection to the builder broke in the middle of the build: most often because the builder ran out of memory.';
    if (builder === undefined)
        return `${usual} Look at its log, give it more memory, or let the build do less at once.`;
    const log = builderLog(builder);
    const look = builder.driver === 'docker-container'
        ? `\`${log ?? ''}\` and \`docker inspect --format '{{.State.OOMKilled}}' buildx_buildkit_${builder.nodes?.[0]?.name ?? `${builder.name}0`}\` in a step after this one (with \`if: always()\`) show why.`
        : log === undefined
            ? `The log of the BuildKit at ${endpointsOf(builder)} shows why.`
            : `\`${log}\` shows why.`;
    return `${usual} ${look} More memory helps, or steps that do less at once.`;
}
function memoryAdvice(builder) {
    const limit = builder?.driver === 'kubernetes'
        ? ' The pod has a limit of its own (`limits.memory` of the driver).'
        : builder?.driver === 'docker-container'
            ? ' The builder may have a limit of its own (`driver-opts: memory=…`).'
            : '';
    return `Memory ran out: a process was killed or could not start. Use a larger runner, or let the step do less at once.${limit}`;
}
function diskAdvice(builder, message) {
    const onRunner = /RUNNER_TEMP|error from receiver|failed to copy to tar|stagegate-/.test(message);
    const isElsewhere = builder !== undefined && builder.driver !== 'docker' && builder.driver !== 'docker-container';
    if (!onRunner && isElsewhere) {
        return `The disk of the builder at ${endpointsOf(builder)} is full. \`docker buildx prune\` frees its cache.`;
    }
    return 'The runner’s disk is full. Free some space before this step, or use a larger runner.';
}
function certificateAdvice(builder) {
    const where = builder?.driver === 'remote' ? ` The builder is reached at ${endpointsOf(builder)}.` : '';
    return `A certificate was refused: check the authority (\`cacert\`), the names in the certificate, and its expiry date.${where}`;
}
function unreachableAdvice(builder) {
    if (builder === undefined)
        return 'Check the address of the builder, and whether the runner may reach it.';
    return `Check whether the builder "${builder.name}" (driver ${builder.driver}, ${endpointsOf(builder)}) is up and may be reached from this runner, and its certificates if it needs any.`;
}
function endpointsOf({ nodes = [] }) {
    const endpoints = nodes.map(({ endpoint }) => endpoint).filter((endpoint) => endpoint !== '');
    return endpoints.length === 0 ? 'its address' : endpoints.join(', ');
}


/***/ }),

/***/ 5713:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Kn: () => (/* binding */ parseInspection),
/* harmony export */   XU: () => (/* binding */ isDead),
/* harmony export */   dK: () => (/* binding */ judgeNodes)
/* harmony export */ });
/* unused harmony exports platformFamily, nodeFor */
/** Reads the text of `docker buildx inspect`. Text of buildx 0.13 to 0.37. */
function parseInspection(text) {
    const [head = '', ...rest] = text.split(/^Nodes:[ \t]*$/m);
    const blocks = rest.join('\n').split(/^(?=Name:[ \t])/m);
    const error = field(head, 'Error');
    return {
        name: field(head, 'Name') ?? '',
        driver: field(head, 'Driver') ?? '',
        nodes: blocks.filter((block) => /^Name:[ \t]/.test(block)).map(readNode),
        ...(error === undefined ? {} : { error })
    };
}
function readNode(text) {
    const buildkit = field(text, 'BuildKit version') ?? field(text, 'Buildkit');
    const error = field(text, 'Error');
    const platforms = (field(text, 'Platforms') ?? '').split(/,\s*/).filter((platform) => platform !== '');
    const options = [...(field(text, 'Driver Options') ?? '').matchAll(/([\w.-]+)="((?:[^"\\]|\\.)*)"/g)];
    return {
        name: field(text, 'Name') ?? '',
        endpoint: field(text, 'Endpoint') ?? '',
        status: field(text, 'Status') ?? '',
        platforms: platforms.map((platform) => platform.replace(/\*$/, '')),
        assigned: platforms.filter((platform) => platform.endsWith('*')).map((platform) => platform.slice(0, -1)),
        options: Object.fromEntries(options.map(([, name = '', value = '']) => [name, value])),
        // The worker of a containerd store carries containerd's labels; the classic store's is moby's own.
        containerdStore: /org\.mobyproject\.buildkit\.worker\.(?:containerd\.|snapshotter:)/.test(text),
        ...(buildkit === undefined || buildkit.startsWith('v0.0.0') ? {} : { buildkit }),
        ...(error === undefined ? {} : { error })
    };
}
function field(text, name) {
    const value = new RegExp(`^${name}:[ \\t]+(.*\\S)[ \\t]*$`, 'm').exec(text)?.[1];
    return value === undefined || value === '' ? undefined : value;
}
/** Whether a node does not answer. One of the remote driver that is not running cannot be started by anybody here. */
function isDead(driver, { error, status }) {
    return error !== undefined || (driver === 'remote' && status !== 'running');
}
const ARCHITECTURES = {
    x86_64: 'amd64',
    'x86-64': 'amd64',
    aarch64: 'arm64',
    i386: '386',
    armhf: 'arm',
    armel: 'arm'
};
/** `linux/arm64` of `arm64`, `linux/aarch64` and `linux/arm64/v8`: a node that builds one variant takes the others. */
function platformFamily(platform) {
    const [first = '', second] = platform.toLowerCase().split('/');
    const [os, architecture] = second === undefined || /^v\d/.test(second) ? ['linux', first] : [first === 'macos' ? 'darwin' : first, second];
    return `${os}/${ARCHITECTURES[architecture] ?? architecture}`;
}
/** The node that builds a platform, as buildx chooses: one that was given it by hand, else the first that can. */
function nodeFor(nodes, platform) {
    const family = platformFamily(platform);
    const has = (list) => list.some((one) => platformFamily(one) === family);
    return nodes.find(({ assigned }) => has(assigned)) ?? nodes.find(({ platforms }) => has(platforms));
}
/** Holds the platforms of a run against the nodes of its builder. */
function judgeNodes({ name, driver, nodes }, needs) {
    const dead = nodes.filter((node) => isDead(driver, node));
    const alive = nodes.filter((node) => !dead.includes(node));
    if (nodes.length > 0 && alive.length === 0)
        return { failure: unreachable(name, driver, dead), notes: [] };
    const notes = dead.map((node) => `${describe(node)} of the builder "${name}" does not answer: ${node.error ?? 'no reason is known'}.`);
    // What a node that has not been started can build is not known yet.
    const known = nodes.length > 0 && alive.every(({ platforms }) => platforms.length > 0);
    const homeless = needs.platforms.filter((platform) => nodeFor(alive, platform) === undefined);
    const orphan = homeless.find((platform) => nodeFor(dead, platform) !== undefined);
    if (orphan !== undefined) {
        const node = nodeFor(dead, orphan);
        return { failure: unreachable(name, driver, node === undefined ? dead : [node], orphan), notes };
    }
    if (!known || homeless.length === 0)
        return { notes };
    const problem = noNode(name, alive, homeless);
    if (needsTargetPlatform(needs.dockerfile))
        return { failure: { kind: 'input', problems: [problem] }, notes };
    return {
        notes: [...notes, `${problem.problem}. Only steps that run on the builder's own platform can run for it.`]
    };
}
/** Whether every `RUN` of this Dockerfile runs on the platform it builds for, so that it needs a node or QEMU. */
function needsTargetPlatform(dockerfile) {
    if (dockerfile === undefined || /BUILDPLATFORM|--platform|^#\s*syntax\s*=/im.test(dockerfile))
        return false;
    return /^[ \t]*RUN[ \t]/im.test(dockerfile);
}
function noNode(name, nodes, homeless) {
    const has = nodes.map((node) => `${node.name} has ${families(node.platforms).join(', ')}`).join('; ');
    return {
        input: 'platforms',
        problem: `no node of the builder "${name}" builds ${homeless.join(', ')} (${has})`,
        fix: 'Run docker/setup-qemu-action before the builder is made, or give the builder a node of this platform.'
    };
}
function families(platforms) {
    return [...new Set(platforms.map(platformFamily))];
}
function unreachable(name, driver, dead, platform) {
    const which = dead.map((node) => `${node.endpoint} (${node.error ?? 'it does not answer'})`).join(', ');
    const alone = platform === undefined ? '' : `, which builds ${platform},`;
    const what = platform === undefined
        ? `the builder "${name}" (driver ${driver}) cannot be reached at ${which}`
        : `the node ${dead[0]?.name ?? ''} of the builder "${name}" (driver ${driver})${alone} cannot be reached at ${which}`;
    return { kind: 'engine', message: what, fix: adviceFor(dead.map(({ error = '' }) => error).join('\n')) };
}
function adviceFor(reason) {
    if (/certificate|tls|alert|x509/i.test(reason)) {
        return 'Check the certificates of the builder: `cacert`, `cert`, `key` and `servername` among its driver options.';
    }
    if (/ENOTFOUND|EAI_AGAIN|no such host|no address/i.test(reason)) {
        return 'Check the name in the endpoint, and whether this runner can resolve it.';
    }
    return 'Check that the builder is up, and that this runner may reach its endpoint.';
}
function describe(node) {
    return `The node ${node.name} (${node.endpoint})`;
}


/***/ }),

/***/ 4500:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ buildxConfigFolder),
/* harmony export */   Pe: () => (/* binding */ dockerConfigFolder),
/* harmony export */   Wx: () => (/* binding */ homeFolder)
/* harmony export */ });
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(8161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
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
    return named === '' ? node_path__WEBPACK_IMPORTED_MODULE_1___default().join(dockerConfigFolder(env), 'buildx') : node_path__WEBPACK_IMPORTED_MODULE_1___default().resolve(named);
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


/***/ }),

/***/ 5316:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   B: () => (/* binding */ isOfEndedProcess),
/* harmony export */   t: () => (/* binding */ processMark)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(8161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
/**
 * The mark of this process on what it puts into an engine, so that a later run on the machine can tell whether anybody still
 * needs it: a run that is killed removes nothing.
 */


/** 16 hexadecimal digits: half of them for the machine, half for the process, which is this one unless told. */
function processMark(pid = process.pid) {
    return machine() + pid.toString(16).padStart(8, '0');
}
/** Whether a text begins with the mark of a process of this machine that has ended. Ids are used again: in doubt it has not. */
function isOfEndedProcess(text) {
    const [, of, pid = ''] = /^([0-9a-f]{8})([0-9a-f]{8})/.exec(text) ?? [];
    return of === machine() && !isAlive(Number.parseInt(pid, 16));
}
function machine() {
    return (0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.createHash)('sha256').update(node_os__WEBPACK_IMPORTED_MODULE_1___default().hostname()).digest('hex').slice(0, 8);
}
/** EPERM tells of a process of somebody else's. */
function isAlive(pid) {
    try {
        return process.kill(pid, 0);
    }
    catch (error) {
        return error instanceof Error && 'code' in error && error.code === 'EPERM';
    }
}


/***/ }),

/***/ 8740:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   V: () => (/* binding */ Stop),
/* harmony export */   g: () => (/* binding */ stopOnProblems)
/* harmony export */ });
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

/***/ 578:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   iP: () => (/* binding */ guardedBy),
/* harmony export */   mC: () => (/* binding */ startGuard),
/* harmony export */   yA: () => (/* binding */ worksFor)
/* harmony export */ });
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1421);
/* harmony import */ var node_child_process__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_child_process__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _adapters_processes_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(7877);
/**
 * What removes the private folders of a run that was killed so hard that not even `post` comes: they hold secrets that the
 * environment cannot, and the image. A process of its own for each, which ends with the folder, or with the run and the
 * folder. With the folder ends what the run has started on its behalf: a push or a test of the image is not to go on alone.
 */


/** The longest a guard waits: a job's limit on hosted runners. */
const SIX_HOURS = 6 * 60 * 60;
/** What stands in the environment of a program that works for the run of a folder: one that is guarded, or a verify command. */
function marksOf(folder) {
    return [`STAGEGATE_FOLDER=${folder}`, `STAGEGATE_OCI_LAYOUT=${folder}/`];
}
/** A build that outlived the run for a moment may write once more, so the folder is removed twice. */
const WATCH = `
watched=$1 seconds=$2 folder=$3
end() {
  for environment in $(grep -lsF ${marksOf('$folder')
    .map((mark) => `-e "${mark}"`)
    .join(' ')} /proc/[0-9]*/environ); do
    process=\${environment#/proc/}
    kill -s "$1" "\${process%/environ}" 2>/dev/null
  done
}
while [ "$seconds" -gt 0 ] && [ -d "$folder" ]; do
  if ! kill -0 "$watched" 2>/dev/null; then
    end TERM
    rm -rf -- "$folder"
    sleep 1
    end KILL
    break
  fi
  sleep 1
  seconds=$((seconds - 1))
done
kill -0 "$watched" 2>/dev/null || rm -rf -- "$folder"
`;
/** The environment of a program that would outlive the run, by which it is known. Only Linux shows it. */
function guardedBy(folder) {
    return { STAGEGATE_FOLDER: folder };
}
/**
 * Whether an environment, as /proc shows it, is that of a program which works for the run of this folder, or was started by one. `post` is none: its state only mentions the folder.
 */
function worksFor(folder, environment) {
    return marksOf(folder).some((mark) => environment.includes(mark));
}
/**
 * Begins to guard.
 * @param environment of which only `PATH` and the runner's own mark reach the processes
 * @param watched the process whose end ends the folders: this one unless told
 */
function startGuard(environment, watched = process.pid) {
    const children = [];
    return {
        watch(folder) {
            const { PATH, RUNNER_TRACKING_ID } = environment;
            const args = ['-c', WATCH, 'stagegate-guard', String(watched), String(SIX_HOURS), folder];
            const child = (0,node_child_process__WEBPACK_IMPORTED_MODULE_0__.spawn)('sh', args, {
                cwd: '/',
                detached: true, // the signals of a terminal, and of a runner that cancels, are not meant for it
                stdio: 'ignore',
                env: {
                    ...(PATH === undefined ? {} : { PATH }),
                    ...(RUNNER_TRACKING_ID === undefined ? {} : { RUNNER_TRACKING_ID })
                }
            });
            child.once('error', () => undefined); // then `post` alone removes the folder
            child.unref();
            children.push(child);
        },
        async [Symbol.asyncDispose]() {
            const running = children.flatMap(({ pid, exitCode, signalCode }) => pid === undefined || exitCode !== null || signalCode !== null ? [] : [-pid]);
            await (0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_1__/* .endProcesses */ .Hk)(running);
        }
    };
}


/***/ }),

/***/ 1739:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   W: () => (/* binding */ keepLeftovers),
/* harmony export */   endLeftovers: () => (/* binding */ endLeftovers),
/* harmony export */   parseLeftovers: () => (/* binding */ parseLeftovers)
/* harmony export */ });
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var _adapters_disk_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(9963);
/* harmony import */ var _adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7877);
/* harmony import */ var _buildkit_builder_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(1259);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_8__ = __webpack_require__(6153);
/* harmony import */ var _guard_js__WEBPACK_IMPORTED_MODULE_5__ = __webpack_require__(578);
/* harmony import */ var _smoke_plan_js__WEBPACK_IMPORTED_MODULE_6__ = __webpack_require__(1238);
/* harmony import */ var _ssh_end_js__WEBPACK_IMPORTED_MODULE_7__ = __webpack_require__(467);
/** What a run must end or remove, remembered in the runner's state so that `post` can do it when the run could not. */









const REMOVE_SECONDS = 60;
const STATE_NAME = 'leftovers';
const PREFIX = 'stagegate-';
/**
 * Begins to collect.
 * @param watch guards a folder from now on, for a run that is killed and has no `post`
 */
function keepLeftovers(runner, watch = () => undefined) {
    let leftovers = { agents: [], folders: [], builders: [], images: [], smokes: [], groups: [] };
    const save = (changed) => {
        leftovers = changed;
        runner.saveState(STATE_NAME, JSON.stringify(leftovers));
    };
    return {
        addAgent: (agent) => save({ ...leftovers, agents: [...leftovers.agents, agent] }),
        addFolder(folder) {
            watch(folder);
            save({ ...leftovers, folders: [...leftovers.folders, folder] });
        },
        addBuilder: (name) => save({ ...leftovers, builders: [...leftovers.builders, name] }),
        dropBuilder: (name) => save({ ...leftovers, builders: leftovers.builders.filter((other) => other !== name) }),
        addImage: (tag) => save({ ...leftovers, images: [...leftovers.images, tag] }),
        dropImage: (tag) => save({ ...leftovers, images: leftovers.images.filter((other) => other !== tag) }),
        addSmoke: (name) => save({ ...leftovers, smokes: [...leftovers.smokes, name] }),
        addGroup: (group) => save({ ...leftovers, groups: [...leftovers.groups, group] })
    };
}
/** Reads saved leftovers back; anything that is not ours is dropped. */
function parseLeftovers(text) {
    const json = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .parseJSON */ .Ol)(text);
    const strings = (key) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .dig */ .rO)(json, key)).flatMap((value) => (0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .asString */ .oJ)(value) ?? []);
    return {
        agents: (0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .dig */ .rO)(json, 'agents')).flatMap((agent) => (0,_ssh_end_js__WEBPACK_IMPORTED_MODULE_7__/* .parseLeftover */ .H2)(JSON.stringify(agent)) ?? []),
        folders: strings('folders').filter((folder) => node_path__WEBPACK_IMPORTED_MODULE_1___default().isAbsolute(folder) && node_path__WEBPACK_IMPORTED_MODULE_1___default().basename(folder).startsWith(PREFIX)),
        builders: strings('builders').filter((name) => name.startsWith(PREFIX)),
        images: strings('images').filter((tag) => tag.startsWith(PREFIX) || (0,_smoke_plan_js__WEBPACK_IMPORTED_MODULE_6__/* .isSmokeImage */ .pd)(tag)),
        smokes: strings('smokes').filter(_smoke_plan_js__WEBPACK_IMPORTED_MODULE_6__/* .isSmokeName */ .HT),
        groups: (0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .asArray */ ._j)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .dig */ .rO)(json, 'groups')).flatMap((group) => {
            const [pid, folder] = [(0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .asNumber */ .i)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .dig */ .rO)(group, 'pid')), (0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .asString */ .oJ)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_8__/* .dig */ .rO)(group, 'folder')) ?? ''];
            const isOurs = node_path__WEBPACK_IMPORTED_MODULE_1___default().isAbsolute(folder) && folder.split((node_path__WEBPACK_IMPORTED_MODULE_1___default().sep)).some((part) => part.startsWith(PREFIX));
            return pid !== undefined && Number.isInteger(pid) && pid > 1 && isOurs ? [{ pid, folder }] : [];
        })
    };
}
/** Ends and removes them all; what is gone already is no error. One that cannot be removed does not keep the others. */
async function endLeftovers(ports, leftovers) {
    // First what uses the others: an image of a running container cannot be removed, nor a folder that is written to.
    const users = await Promise.allSettled([
        ...leftovers.groups.map((group) => endVerify(ports, group)),
        ...leftovers.smokes.map((name) => endSmoke(ports, name))
    ]);
    const results = await Promise.allSettled([
        ...leftovers.agents.map((agent) => (0,_ssh_end_js__WEBPACK_IMPORTED_MODULE_7__/* .endAgent */ .xj)(ports, agent)),
        ...leftovers.folders.map((folder) => endFolder(ports, folder)),
        ...leftovers.builders.map((name) => remove(ports, (0,_buildkit_builder_js__WEBPACK_IMPORTED_MODULE_4__/* .removeBuilderCommand */ .TX)(name), `the builder ${name}`)),
        ...leftovers.images.map((tag) => remove(ports, (0,_buildkit_builder_js__WEBPACK_IMPORTED_MODULE_4__/* .removeImageCommand */ .re)(tag), `the image ${tag}`))
    ]);
    return [...users, ...results].flatMap((result) => {
        if (result.status === 'fulfilled')
            return [];
        return [result.reason instanceof Error ? result.reason.message : String(result.reason)];
    });
}
/**
 * Removes a folder, after what works in it: a run that was killed did not end its builds, which hold secrets in their
 * environment, and its pushes. They are known by the folder's random name on their command line or in their environment.
 */
async function endFolder({ exec }, folder) {
    const [named, knowing] = await Promise.all([(0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .findProcesses */ .z_)(exec, `${folder}${(node_path__WEBPACK_IMPORTED_MODULE_1___default().sep)}`), findKnowing(folder)]);
    await (0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .endProcesses */ .Hk)([...new Set([...named, ...knowing])]);
    await (0,_adapters_disk_js__WEBPACK_IMPORTED_MODULE_2__/* .removeFolder */ .v$)(folder);
}
/** A verify command and what it started. Ids are used again: one of the group must have to do with the folder. */
async function endVerify({ exec }, { pid, folder }) {
    const named = await (0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .findProcesses */ .z_)(exec, folder);
    if (named.includes(pid) || (await groupKnows(pid, folder)))
        await (0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .endGroup */ .N4)(pid);
}
/** Whether a process of the group has the folder in its environment, as all have that a verify command starts. */
async function groupKnows(group, folder) {
    const groups = (await findKnowing(folder)).map(async (pid) => {
        const stat = await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_0__.readFile)(`/proc/${pid}/stat`, 'latin1').catch(() => '');
        // The name, in parentheses, can hold anything; state, parent and group follow the last one.
        return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]);
    });
    return (await Promise.all(groups)).includes(group);
}
/** Processes that work for the run of the folder; none where the system does not show environments. */
async function findKnowing(folder) {
    return (0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .findByEnvironment */ .GM)((environment) => (0,_guard_js__WEBPACK_IMPORTED_MODULE_5__/* .worksFor */ .yA)(folder, environment));
}
/** The container first: a network that is in use cannot be removed. */
async function endSmoke(ports, name) {
    try {
        await remove(ports, (0,_smoke_plan_js__WEBPACK_IMPORTED_MODULE_6__/* .planRemoveContainer */ .bD)(name), `the container ${name}`);
    }
    finally {
        await remove(ports, (0,_smoke_plan_js__WEBPACK_IMPORTED_MODULE_6__/* .planRemoveNetwork */ .uu)(name), `the network ${name}`);
    }
}
/** Has docker remove something; that it is not there is what was wanted. */
async function remove({ exec }, command, what) {
    const { exitCode, stderr, timedOut } = await exec(command, { timeoutSeconds: REMOVE_SECONDS });
    if (!timedOut && (exitCode === 0 || /no such |not found|no builder .* found/i.test(stderr)))
        return;
    const why = timedOut ? `docker did not answer within ${REMOVE_SECONDS} s` : stderr.trim();
    throw new Error(`${what} could not be removed: ${why}`);
}


/***/ }),

/***/ 6467:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   Xh: () => (/* binding */ ProgramMissing),
/* harmony export */   cJ: () => (/* binding */ Cancelled),
/* harmony export */   mr: () => (/* binding */ endedBy)
/* harmony export */ });
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

/***/ 4628:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   SM: () => (/* binding */ isServed),
/* harmony export */   Z5: () => (/* binding */ servedName),
/* harmony export */   nj: () => (/* binding */ findForsaken)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _core_process_mark_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5316);
/** The name under which an image is served on the loopback address: how it is made, and how it is known again. */


/** A name that nobody can guess, with the mark of this process. */
function servedName() {
    return `stagegate-${(0,_core_process_mark_js__WEBPACK_IMPORTED_MODULE_1__/* .processMark */ .t)()}${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(8).toString('hex')}`;
}
const servedReference = /^127\.0\.0\.1:\d{1,5}\/stagegate-([0-9a-f]{32})@sha256:[0-9a-f]{64}$/;
/** Whether a reference names an image that was served. */
function isServed(reference) {
    return servedReference.test(reference);
}
/** References of this kind that a process which has ended left in an engine; `listed` is one a line, as an engine lists them. */
function findForsaken(listed) {
    return listed.split('\n').flatMap((line) => {
        const [reference, mark] = servedReference.exec(line.trim()) ?? [];
        return reference !== undefined && (0,_core_process_mark_js__WEBPACK_IMPORTED_MODULE_1__/* .isOfEndedProcess */ .B)(mark ?? '') ? [reference] : [];
    });
}


/***/ }),

/***/ 1238:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   $0: () => (/* binding */ SMOKE_PREFIX),
/* harmony export */   HT: () => (/* binding */ isSmokeName),
/* harmony export */   Iq: () => (/* binding */ planInspect),
/* harmony export */   NZ: () => (/* binding */ loadedName),
/* harmony export */   Oj: () => (/* binding */ planLoad),
/* harmony export */   Rj: () => (/* binding */ planRemoveImage),
/* harmony export */   SU: () => (/* binding */ planNetwork),
/* harmony export */   To: () => (/* binding */ LOADED_TAG),
/* harmony export */   Uk: () => (/* binding */ planVersion),
/* harmony export */   Y3: () => (/* binding */ SMOKE_MEMORY),
/* harmony export */   Y5: () => (/* binding */ planSockets),
/* harmony export */   bD: () => (/* binding */ planRemoveContainer),
/* harmony export */   gC: () => (/* binding */ planStart),
/* harmony export */   ho: () => (/* binding */ planPull),
/* harmony export */   l2: () => (/* binding */ smokeName),
/* harmony export */   p2: () => (/* binding */ planLogs),
/* harmony export */   pd: () => (/* binding */ isSmokeImage),
/* harmony export */   uu: () => (/* binding */ planRemoveNetwork),
/* harmony export */   xZ: () => (/* binding */ SMOKE_LABEL)
/* harmony export */ });
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(7598);
/* harmony import */ var node_crypto__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_crypto__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var _core_process_mark_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(5316);
/* harmony import */ var _serve_name_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(4628);



/** Names of what a smoke test makes in the engine; `post` removes nothing that is not called like this. */
const SMOKE_PREFIX = 'stagegate-smoke-';
/** The label of its container and network. */
const SMOKE_LABEL = 'stagegate=smoke';
/** The tag of an image that came in an archive, under the name of the smoke test. */
const LOADED_TAG = 'inspected';
/** Memory that a container may take: more than any service needs to start, less than a runner has. */
const SMOKE_MEMORY = '2g';
/** Processes that it may have: a fork bomb ends itself, a JVM does not. */
const PROCESSES = 4096;
function planPull(image, platform) {
    return docker('image', 'pull', '--quiet', '--platform', platform, image);
}
function planLoad(archive) {
    return docker('image', 'load', '--input', archive);
}
function planNetwork(name) {
    return docker('network', 'create', '--label', SMOKE_LABEL, name);
}
function planStart({ name, image, platform, probe, variablesFile, startSeconds, bare }) {
    return docker(...['container', 'run', '--detach', '--name', name, '--network', name, '--label', SMOKE_LABEL], ...(bare === true ? [] : ['--init']), 
    // Without a limit of their own for swap it would be as much again.
    ...['--memory', SMOKE_MEMORY, '--memory-swap', SMOKE_MEMORY, '--pids-limit', String(PROCESSES)], 
    // The engine keeps no more of the log than can be shown.
    ...['--log-driver', 'json-file', '--log-opt', 'max-size=1m', '--log-opt', 'max-file=1'], ...['--pull', 'never', '--platform', platform], ...(probe.kind === 'http' ? ['--publish', `127.0.0.1::${probe.port}`] : []), ...(probe.kind === 'healthy' ? [] : ['--no-healthcheck']), ...(probe.kind === 'healthy' && startSeconds !== undefined
        ? ['--health-start-period', `${startSeconds}s`, '--health-start-interval', '1s']
        : []), ...(variablesFile === undefined ? [] : ['--env-file', variablesFile]), image, ...(probe.kind === 'arguments' ? probe.args : []));
}
/** What the engine is, and what its API knows. */
function planVersion() {
    return docker('version', '--format', '{{.Server.Os}}/{{.Server.Arch}} {{.Server.APIVersion}}');
}
function planInspect(name) {
    return docker('container', 'inspect', name);
}
function planLogs(name, lines) {
    return docker('container', 'logs', '--tail', String(lines), name);
}
/** Listening sockets, where the image has a `cat`. */
function planSockets(name) {
    return docker('container', 'exec', name, 'cat', '/proc/net/tcp', '/proc/net/tcp6');
}
function planRemoveContainer(name) {
    return docker('container', 'rm', '--force', '--volumes', name);
}
function planRemoveNetwork(name) {
    return docker('network', 'rm', name);
}
function planRemoveImage(reference) {
    return docker('image', 'rm', reference);
}
/** A name that nobody has, with the mark of this process. */
function smokeName() {
    return `${SMOKE_PREFIX}${(0,_core_process_mark_js__WEBPACK_IMPORTED_MODULE_1__/* .processMark */ .t)()}${(0,node_crypto__WEBPACK_IMPORTED_MODULE_0__.randomBytes)(6).toString('hex')}`;
}
/** What the image of a smoke test is called that comes in an archive. */
function loadedName(name) {
    return `${name}:${LOADED_TAG}`;
}
/** Whether a name is one that a smoke test gives to its container and network. */
function isSmokeName(name) {
    return new RegExp(`^${SMOKE_PREFIX}[0-9a-f]{28}$`).test(name);
}
/** Whether a reference is one that a smoke test pulls or loads. */
function isSmokeImage(reference) {
    const [name = ''] = reference.split(':');
    return (0,_serve_name_js__WEBPACK_IMPORTED_MODULE_2__/* .isServed */ .SM)(reference) || (isSmokeName(name) && reference === loadedName(name));
}
function docker(...args) {
    return { file: 'docker', args };
}


/***/ }),

/***/ 467:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   H2: () => (/* binding */ parseLeftover),
/* harmony export */   kE: () => (/* binding */ FOLDER_PREFIX),
/* harmony export */   xj: () => (/* binding */ endAgent)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__webpack_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(1455);
/* harmony import */ var node_fs_promises__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__webpack_require__.n(node_fs_promises__WEBPACK_IMPORTED_MODULE_1__);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(6760);
/* harmony import */ var node_path__WEBPACK_IMPORTED_MODULE_2___default = /*#__PURE__*/__webpack_require__.n(node_path__WEBPACK_IMPORTED_MODULE_2__);
/* harmony import */ var _adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__ = __webpack_require__(7877);
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_4__ = __webpack_require__(6153);
/** Ends a private agent: at once by the run that started it, or later by `post` from what the run left in its state. */





/** Every folder of ours starts with this; nothing else is ever removed. */
const FOLDER_PREFIX = 'stagegate-ssh-';
/** Reads a leftover back from JSON; undefined when the text is not one of ours. */
function parseLeftover(text) {
    const { socketPath, agentPid, watcherPid, folder } = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .asObject */ .eB)((0,_core_json_js__WEBPACK_IMPORTED_MODULE_4__/* .parseJSON */ .Ol)(text)) ?? {};
    if (typeof socketPath !== 'string' || typeof folder !== 'string' || !(0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .isPid */ .uB)(agentPid) || !(0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .isPid */ .uB)(watcherPid))
        return undefined;
    if ((0,node_path__WEBPACK_IMPORTED_MODULE_2__.dirname)(socketPath) !== folder || !(0,node_path__WEBPACK_IMPORTED_MODULE_2__.basename)(folder).startsWith(FOLDER_PREFIX))
        return undefined;
    return { socketPath, agentPid, watcherPid, folder };
}
/**
 * Ends an agent, if it still runs. Pids are recycled, so only a process whose command line names the agent's socket is
 * touched, unless both are `certain` to be the agent's. Does nothing the second time.
 */
async function endAgent({ exec }, leftover, certain = false) {
    const { socketPath, agentPid, watcherPid, folder } = leftover;
    const isOurs = async (pid) => certain || (await readCommandLine(exec, pid)).includes(socketPath);
    const [agent, watcher] = await Promise.all([isOurs(agentPid), isOurs(watcherPid)]);
    try {
        // First, since the watcher removes it where this process is killed at any moment of this.
        await (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.rm)(folder, { recursive: true, force: true });
    }
    finally {
        await (0,_adapters_processes_js__WEBPACK_IMPORTED_MODULE_3__/* .endProcesses */ .Hk)([...(agent ? [agentPid] : []), ...(watcher ? [-watcherPid] : [])]);
    }
}
/** Empty where it cannot be told; then the process is left alone, and its watcher ends it. */
async function readCommandLine(exec, pid) {
    if ((0,node_fs__WEBPACK_IMPORTED_MODULE_0__.existsSync)('/proc/self/cmdline'))
        return (0,node_fs_promises__WEBPACK_IMPORTED_MODULE_1__.readFile)(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    const ps = { file: 'ps', args: ['-ww', '-o', 'command=', '-p', String(pid)] };
    return exec(ps, { timeoutSeconds: 5 }).then(({ stdout }) => stdout, () => '');
}


/***/ })

};

//# sourceMappingURL=577.index.js.map