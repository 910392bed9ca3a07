import { createRequire as __WEBPACK_EXTERNAL_createRequire } from "module";
/******/ var __webpack_modules__ = ({

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

/***/ 770:
/***/ ((module, __unused_webpack_exports, __nccwpck_require__) => {

module.exports = __nccwpck_require__(218);


/***/ }),

/***/ 218:
/***/ ((__unused_webpack_module, exports, __nccwpck_require__) => {

var __webpack_unused_export__;


var net = __nccwpck_require__(9278);
var tls = __nccwpck_require__(4756);
var http = __nccwpck_require__(8611);
var https = __nccwpck_require__(5692);
var events = __nccwpck_require__(4434);
var assert = __nccwpck_require__(2613);
var util = __nccwpck_require__(9023);


exports.httpOverHttp = httpOverHttp;
exports.httpsOverHttp = httpsOverHttp;
exports.httpOverHttps = httpOverHttps;
exports.httpsOverHttps = httpsOverHttps;


function httpOverHttp(options) {
  var agent = new TunnelingAgent(options);
  agent.request = http.request;
  return agent;
}

function httpsOverHttp(options) {
  var agent = new TunnelingAgent(options);
  agent.request = http.request;
  agent.createSocket = createSecureSocket;
  agent.defaultPort = 443;
  return agent;
}

function httpOverHttps(options) {
  var agent = new TunnelingAgent(options);
  agent.request = https.request;
  return agent;
}

function httpsOverHttps(options) {
  var agent = new TunnelingAgent(options);
  agent.request = https.request;
  agent.createSocket = createSecureSocket;
  agent.defaultPort = 443;
  return agent;
}


function TunnelingAgent(options) {
  var self = this;
  self.options = options || {};
  self.proxyOptions = self.options.proxy || {};
  self.maxSockets = self.options.maxSockets || http.Agent.defaultMaxSockets;
  self.requests = [];
  self.sockets = [];

  self.on('free', function onFree(socket, host, port, localAddress) {
    var options = toOptions(host, port, localAddress);
    for (var i = 0, len = self.requests.length; i < len; ++i) {
      var pending = self.requests[i];
      if (pending.host === options.host && pending.port === options.port) {
        // Detect the request to connect same origin server,
        // reuse the connection.
        self.requests.splice(i, 1);
        pending.request.onSocket(socket);
        return;
      }
    }
    socket.destroy();
    self.removeSocket(socket);
  });
}
util.inherits(TunnelingAgent, events.EventEmitter);

TunnelingAgent.prototype.addRequest = function addRequest(req, host, port, localAddress) {
  var self = this;
  var options = mergeOptions({request: req}, self.options, toOptions(host, port, localAddress));

  if (self.sockets.length >= this.maxSockets) {
    // We are over limit so we'll add it to the queue.
    self.requests.push(options);
    return;
  }

  // If we are under maxSockets create a new one.
  self.createSocket(options, function(socket) {
    socket.on('free', onFree);
    socket.on('close', onCloseOrRemove);
    socket.on('agentRemove', onCloseOrRemove);
    req.onSocket(socket);

    function onFree() {
      self.emit('free', socket, options);
    }

    function onCloseOrRemove(err) {
      self.removeSocket(socket);
      socket.removeListener('free', onFree);
      socket.removeListener('close', onCloseOrRemove);
      socket.removeListener('agentRemove', onCloseOrRemove);
    }
  });
};

TunnelingAgent.prototype.createSocket = function createSocket(options, cb) {
  var self = this;
  var placeholder = {};
  self.sockets.push(placeholder);

  var connectOptions = mergeOptions({}, self.proxyOptions, {
    method: 'CONNECT',
    path: options.host + ':' + options.port,
    agent: false,
    headers: {
      host: options.host + ':' + options.port
    }
  });
  if (options.localAddress) {
    connectOptions.localAddress = options.localAddress;
  }
  if (connectOptions.proxyAuth) {
    connectOptions.headers = connectOptions.headers || {};
    connectOptions.headers['Proxy-Authorization'] = 'Basic ' +
        new Buffer(connectOptions.proxyAuth).toString('base64');
  }

  debug('making CONNECT request');
  var connectReq = self.request(connectOptions);
  connectReq.useChunkedEncodingByDefault = false; // for v0.6
  connectReq.once('response', onResponse); // for v0.6
  connectReq.once('upgrade', onUpgrade);   // for v0.6
  connectReq.once('connect', onConnect);   // for v0.7 or later
  connectReq.once('error', onError);
  connectReq.end();

  function onResponse(res) {
    // Very hacky. This is necessary to avoid http-parser leaks.
    res.upgrade = true;
  }

  function onUpgrade(res, socket, head) {
    // Hacky.
    process.nextTick(function() {
      onConnect(res, socket, head);
    });
  }

  function onConnect(res, socket, head) {
    connectReq.removeAllListeners();
    socket.removeAllListeners();

    if (res.statusCode !== 200) {
      debug('tunneling socket could not be established, statusCode=%d',
        res.statusCode);
      socket.destroy();
      var error = new Error('tunneling socket could not be established, ' +
        'statusCode=' + res.statusCode);
      error.code = 'ECONNRESET';
      options.request.emit('error', error);
      self.removeSocket(placeholder);
      return;
    }
    if (head.length > 0) {
      debug('got illegal response body from proxy');
      socket.destroy();
      var error = new Error('got illegal response body from proxy');
      error.code = 'ECONNRESET';
      options.request.emit('error', error);
      self.removeSocket(placeholder);
      return;
    }
    debug('tunneling connection has established');
    self.sockets[self.sockets.indexOf(placeholder)] = socket;
    return cb(socket);
  }

  function onError(cause) {
    connectReq.removeAllListeners();

    debug('tunneling socket could not be established, cause=%s\n',
          cause.message, cause.stack);
    var error = new Error('tunneling socket could not be established, ' +
                          'cause=' + cause.message);
    error.code = 'ECONNRESET';
    options.request.emit('error', error);
    self.removeSocket(placeholder);
  }
};

TunnelingAgent.prototype.removeSocket = function removeSocket(socket) {
  var pos = this.sockets.indexOf(socket)
  if (pos === -1) {
    return;
  }
  this.sockets.splice(pos, 1);

  var pending = this.requests.shift();
  if (pending) {
    // If we have pending requests and a socket gets closed a new one
    // needs to be created to take over in the pool for the one that closed.
    this.createSocket(pending, function(socket) {
      pending.request.onSocket(socket);
    });
  }
};

function createSecureSocket(options, cb) {
  var self = this;
  TunnelingAgent.prototype.createSocket.call(self, options, function(socket) {
    var hostHeader = options.request.getHeader('host');
    var tlsOptions = mergeOptions({}, self.options, {
      socket: socket,
      servername: hostHeader ? hostHeader.replace(/:.*$/, '') : options.host
    });

    // 0 is dummy port for v0.6
    var secureSocket = tls.connect(0, tlsOptions);
    self.sockets[self.sockets.indexOf(socket)] = secureSocket;
    cb(secureSocket);
  });
}


function toOptions(host, port, localAddress) {
  if (typeof host === 'string') { // since v0.10
    return {
      host: host,
      port: port,
      localAddress: localAddress
    };
  }
  return host; // for v0.11 or later
}

function mergeOptions(target) {
  for (var i = 1, len = arguments.length; i < len; ++i) {
    var overrides = arguments[i];
    if (typeof overrides === 'object') {
      var keys = Object.keys(overrides);
      for (var j = 0, keyLen = keys.length; j < keyLen; ++j) {
        var k = keys[j];
        if (overrides[k] !== undefined) {
          target[k] = overrides[k];
        }
      }
    }
  }
  return target;
}


var debug;
if (process.env.NODE_DEBUG && /\btunnel\b/.test(process.env.NODE_DEBUG)) {
  debug = function() {
    var args = Array.prototype.slice.call(arguments);
    if (typeof args[0] === 'string') {
      args[0] = 'TUNNEL: ' + args[0];
    } else {
      args.unshift('TUNNEL:');
    }
    console.error.apply(console, args);
  }
} else {
  debug = function() {};
}
__webpack_unused_export__ = debug; // for test


/***/ }),

/***/ 8226:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  Q: () => (/* binding */ readEnvironment)
});

// UNUSED EXPORTS: inCheckout

// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __nccwpck_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __nccwpck_require__(6760);
var external_node_path_default = /*#__PURE__*/__nccwpck_require__.n(external_node_path_);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __nccwpck_require__(8161);
var external_node_os_default = /*#__PURE__*/__nccwpck_require__.n(external_node_os_);
;// CONCATENATED MODULE: ./src/core/docker_config.ts
/** Where docker keeps what is the user's own: https://docs.docker.com/reference/cli/docker/#configuration-files */


/** The folder of docker's configuration, logins and plugins. An empty `DOCKER_CONFIG` is none, as it is to docker. */
function dockerConfigFolder(env) {
    const { DOCKER_CONFIG: named = '' } = env;
    return named === '' ? path.join(homeFolder(env) ?? '/', '.docker') : path.resolve(named);
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
    return [env.HOME, databaseHome()].find((folder) => folder !== undefined && external_node_path_default().isAbsolute(folder));
}
function databaseHome() {
    try {
        return external_node_os_default().userInfo().homedir;
    }
    catch {
        return undefined; // ERR_SYSTEM_ERROR: the uid has no entry
    }
}

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
        HOME: homeFolder(set) ?? temporary ?? '/',
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


/***/ }),

/***/ 5327:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  j: () => (/* binding */ createRunner),
  R: () => (/* binding */ readInput)
});

;// CONCATENATED MODULE: external "os"
const external_os_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("os");
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/utils.js
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */
/**
 * Sanitizes an input into a string so it can be passed into issueCommand safely
 * @param input input to sanitize into a string
 */
function toCommandValue(input) {
    if (input === null || input === undefined) {
        return '';
    }
    else if (typeof input === 'string' || input instanceof String) {
        return input;
    }
    return JSON.stringify(input);
}
/**
 *
 * @param annotationProperties
 * @returns The command properties to send with the actual annotation command
 * See IssueCommandProperties: https://github.com/actions/runner/blob/main/src/Runner.Worker/ActionCommandManager.cs#L646
 */
function toCommandProperties(annotationProperties) {
    if (!Object.keys(annotationProperties).length) {
        return {};
    }
    return {
        title: annotationProperties.title,
        file: annotationProperties.file,
        line: annotationProperties.startLine,
        endLine: annotationProperties.endLine,
        col: annotationProperties.startColumn,
        endColumn: annotationProperties.endColumn
    };
}
//# sourceMappingURL=utils.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/command.js


/**
 * Issues a command to the GitHub Actions runner
 *
 * @param command - The command name to issue
 * @param properties - Additional properties for the command (key-value pairs)
 * @param message - The message to include with the command
 * @remarks
 * This function outputs a specially formatted string to stdout that the Actions
 * runner interprets as a command. These commands can control workflow behavior,
 * set outputs, create annotations, mask values, and more.
 *
 * Command Format:
 *   ::name key=value,key=value::message
 *
 * @example
 * ```typescript
 * // Issue a warning annotation
 * issueCommand('warning', {}, 'This is a warning message');
 * // Output: ::warning::This is a warning message
 *
 * // Set an environment variable
 * issueCommand('set-env', { name: 'MY_VAR' }, 'some value');
 * // Output: ::set-env name=MY_VAR::some value
 *
 * // Add a secret mask
 * issueCommand('add-mask', {}, 'secretValue123');
 * // Output: ::add-mask::secretValue123
 * ```
 *
 * @internal
 * This is an internal utility function that powers the public API functions
 * such as setSecret, warning, error, and exportVariable.
 */
function command_issueCommand(command, properties, message) {
    const cmd = new Command(command, properties, message);
    process.stdout.write(cmd.toString() + external_os_namespaceObject.EOL);
}
function command_issue(name, message = '') {
    command_issueCommand(name, {}, message);
}
const CMD_STRING = '::';
class Command {
    constructor(command, properties, message) {
        if (!command) {
            command = 'missing.command';
        }
        this.command = command;
        this.properties = properties;
        this.message = message;
    }
    toString() {
        let cmdStr = CMD_STRING + this.command;
        if (this.properties && Object.keys(this.properties).length > 0) {
            cmdStr += ' ';
            let first = true;
            for (const key in this.properties) {
                if (this.properties.hasOwnProperty(key)) {
                    const val = this.properties[key];
                    if (val) {
                        if (first) {
                            first = false;
                        }
                        else {
                            cmdStr += ',';
                        }
                        cmdStr += `${key}=${escapeProperty(val)}`;
                    }
                }
            }
        }
        cmdStr += `${CMD_STRING}${escapeData(this.message)}`;
        return cmdStr;
    }
}
function escapeData(s) {
    return toCommandValue(s)
        .replace(/%/g, '%25')
        .replace(/\r/g, '%0D')
        .replace(/\n/g, '%0A');
}
function escapeProperty(s) {
    return toCommandValue(s)
        .replace(/%/g, '%25')
        .replace(/\r/g, '%0D')
        .replace(/\n/g, '%0A')
        .replace(/:/g, '%3A')
        .replace(/,/g, '%2C');
}
//# sourceMappingURL=command.js.map
;// CONCATENATED MODULE: external "crypto"
const external_crypto_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("crypto");
;// CONCATENATED MODULE: external "fs"
const external_fs_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("fs");
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/file-command.js
// For internal use, subject to change.
// We use any as a valid input type
/* eslint-disable @typescript-eslint/no-explicit-any */




function file_command_issueFileCommand(command, message) {
    const filePath = process.env[`GITHUB_${command}`];
    if (!filePath) {
        throw new Error(`Unable to find environment variable for file command ${command}`);
    }
    if (!external_fs_namespaceObject.existsSync(filePath)) {
        throw new Error(`Missing file at path: ${filePath}`);
    }
    external_fs_namespaceObject.appendFileSync(filePath, `${toCommandValue(message)}${external_os_namespaceObject.EOL}`, {
        encoding: 'utf8'
    });
}
function prepareKeyValueMessage(key, value) {
    const delimiter = `ghadelimiter_${external_crypto_namespaceObject.randomUUID()}`;
    const convertedValue = toCommandValue(value);
    // These should realistically never happen, but just in case someone finds a
    // way to exploit uuid generation let's not allow keys or values that contain
    // the delimiter.
    if (key.includes(delimiter)) {
        throw new Error(`Unexpected input: name should not contain the delimiter "${delimiter}"`);
    }
    if (convertedValue.includes(delimiter)) {
        throw new Error(`Unexpected input: value should not contain the delimiter "${delimiter}"`);
    }
    return `${key}<<${delimiter}${external_os_namespaceObject.EOL}${convertedValue}${external_os_namespaceObject.EOL}${delimiter}`;
}
//# sourceMappingURL=file-command.js.map
;// CONCATENATED MODULE: external "path"
const external_path_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("path");
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/oidc-utils.js
var __awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};



class oidc_utils_OidcClient {
    static createHttpClient(allowRetry = true, maxRetry = 10) {
        const requestOptions = {
            allowRetries: allowRetry,
            maxRetries: maxRetry
        };
        return new HttpClient('actions/oidc-client', [new BearerCredentialHandler(oidc_utils_OidcClient.getRequestToken())], requestOptions);
    }
    static getRequestToken() {
        const token = process.env['ACTIONS_ID_TOKEN_REQUEST_TOKEN'];
        if (!token) {
            throw new Error('Unable to get ACTIONS_ID_TOKEN_REQUEST_TOKEN env variable');
        }
        return token;
    }
    static getIDTokenUrl() {
        const runtimeUrl = process.env['ACTIONS_ID_TOKEN_REQUEST_URL'];
        if (!runtimeUrl) {
            throw new Error('Unable to get ACTIONS_ID_TOKEN_REQUEST_URL env variable');
        }
        return runtimeUrl;
    }
    static getCall(id_token_url) {
        return __awaiter(this, void 0, void 0, function* () {
            var _a;
            const httpclient = oidc_utils_OidcClient.createHttpClient();
            const res = yield httpclient
                .getJson(id_token_url)
                .catch(error => {
                throw new Error(`Failed to get ID Token. \n 
        Error Code : ${error.statusCode}\n 
        Error Message: ${error.message}`);
            });
            const id_token = (_a = res.result) === null || _a === void 0 ? void 0 : _a.value;
            if (!id_token) {
                throw new Error('Response json body do not have ID Token field');
            }
            return id_token;
        });
    }
    static getIDToken(audience) {
        return __awaiter(this, void 0, void 0, function* () {
            try {
                // New ID Token is requested from action service
                let id_token_url = oidc_utils_OidcClient.getIDTokenUrl();
                if (audience) {
                    const encodedAudience = encodeURIComponent(audience);
                    id_token_url = `${id_token_url}&audience=${encodedAudience}`;
                }
                debug(`ID token url is ${id_token_url}`);
                const id_token = yield oidc_utils_OidcClient.getCall(id_token_url);
                setSecret(id_token);
                return id_token;
            }
            catch (error) {
                throw new Error(`Error message: ${error.message}`);
            }
        });
    }
}
//# sourceMappingURL=oidc-utils.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/summary.js
var summary_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};


const { access, appendFile, writeFile } = external_fs_namespaceObject.promises;
const SUMMARY_ENV_VAR = 'GITHUB_STEP_SUMMARY';
const SUMMARY_DOCS_URL = 'https://docs.github.com/actions/using-workflows/workflow-commands-for-github-actions#adding-a-job-summary';
class Summary {
    constructor() {
        this._buffer = '';
    }
    /**
     * Finds the summary file path from the environment, rejects if env var is not found or file does not exist
     * Also checks r/w permissions.
     *
     * @returns step summary file path
     */
    filePath() {
        return summary_awaiter(this, void 0, void 0, function* () {
            if (this._filePath) {
                return this._filePath;
            }
            const pathFromEnv = process.env[SUMMARY_ENV_VAR];
            if (!pathFromEnv) {
                throw new Error(`Unable to find environment variable for $${SUMMARY_ENV_VAR}. Check if your runtime environment supports job summaries.`);
            }
            try {
                yield access(pathFromEnv, external_fs_namespaceObject.constants.R_OK | external_fs_namespaceObject.constants.W_OK);
            }
            catch (_a) {
                throw new Error(`Unable to access summary file: '${pathFromEnv}'. Check if the file has correct read/write permissions.`);
            }
            this._filePath = pathFromEnv;
            return this._filePath;
        });
    }
    /**
     * Wraps content in an HTML tag, adding any HTML attributes
     *
     * @param {string} tag HTML tag to wrap
     * @param {string | null} content content within the tag
     * @param {[attribute: string]: string} attrs key-value list of HTML attributes to add
     *
     * @returns {string} content wrapped in HTML element
     */
    wrap(tag, content, attrs = {}) {
        const htmlAttrs = Object.entries(attrs)
            .map(([key, value]) => ` ${key}="${value}"`)
            .join('');
        if (!content) {
            return `<${tag}${htmlAttrs}>`;
        }
        return `<${tag}${htmlAttrs}>${content}</${tag}>`;
    }
    /**
     * Writes text in the buffer to the summary buffer file and empties buffer. Will append by default.
     *
     * @param {SummaryWriteOptions} [options] (optional) options for write operation
     *
     * @returns {Promise<Summary>} summary instance
     */
    write(options) {
        return summary_awaiter(this, void 0, void 0, function* () {
            const overwrite = !!(options === null || options === void 0 ? void 0 : options.overwrite);
            const filePath = yield this.filePath();
            const writeFunc = overwrite ? writeFile : appendFile;
            yield writeFunc(filePath, this._buffer, { encoding: 'utf8' });
            return this.emptyBuffer();
        });
    }
    /**
     * Clears the summary buffer and wipes the summary file
     *
     * @returns {Summary} summary instance
     */
    clear() {
        return summary_awaiter(this, void 0, void 0, function* () {
            return this.emptyBuffer().write({ overwrite: true });
        });
    }
    /**
     * Returns the current summary buffer as a string
     *
     * @returns {string} string of summary buffer
     */
    stringify() {
        return this._buffer;
    }
    /**
     * If the summary buffer is empty
     *
     * @returns {boolen} true if the buffer is empty
     */
    isEmptyBuffer() {
        return this._buffer.length === 0;
    }
    /**
     * Resets the summary buffer without writing to summary file
     *
     * @returns {Summary} summary instance
     */
    emptyBuffer() {
        this._buffer = '';
        return this;
    }
    /**
     * Adds raw text to the summary buffer
     *
     * @param {string} text content to add
     * @param {boolean} [addEOL=false] (optional) append an EOL to the raw text (default: false)
     *
     * @returns {Summary} summary instance
     */
    addRaw(text, addEOL = false) {
        this._buffer += text;
        return addEOL ? this.addEOL() : this;
    }
    /**
     * Adds the operating system-specific end-of-line marker to the buffer
     *
     * @returns {Summary} summary instance
     */
    addEOL() {
        return this.addRaw(external_os_namespaceObject.EOL);
    }
    /**
     * Adds an HTML codeblock to the summary buffer
     *
     * @param {string} code content to render within fenced code block
     * @param {string} lang (optional) language to syntax highlight code
     *
     * @returns {Summary} summary instance
     */
    addCodeBlock(code, lang) {
        const attrs = Object.assign({}, (lang && { lang }));
        const element = this.wrap('pre', this.wrap('code', code), attrs);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML list to the summary buffer
     *
     * @param {string[]} items list of items to render
     * @param {boolean} [ordered=false] (optional) if the rendered list should be ordered or not (default: false)
     *
     * @returns {Summary} summary instance
     */
    addList(items, ordered = false) {
        const tag = ordered ? 'ol' : 'ul';
        const listItems = items.map(item => this.wrap('li', item)).join('');
        const element = this.wrap(tag, listItems);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML table to the summary buffer
     *
     * @param {SummaryTableCell[]} rows table rows
     *
     * @returns {Summary} summary instance
     */
    addTable(rows) {
        const tableBody = rows
            .map(row => {
            const cells = row
                .map(cell => {
                if (typeof cell === 'string') {
                    return this.wrap('td', cell);
                }
                const { header, data, colspan, rowspan } = cell;
                const tag = header ? 'th' : 'td';
                const attrs = Object.assign(Object.assign({}, (colspan && { colspan })), (rowspan && { rowspan }));
                return this.wrap(tag, data, attrs);
            })
                .join('');
            return this.wrap('tr', cells);
        })
            .join('');
        const element = this.wrap('table', tableBody);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds a collapsable HTML details element to the summary buffer
     *
     * @param {string} label text for the closed state
     * @param {string} content collapsable content
     *
     * @returns {Summary} summary instance
     */
    addDetails(label, content) {
        const element = this.wrap('details', this.wrap('summary', label) + content);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML image tag to the summary buffer
     *
     * @param {string} src path to the image you to embed
     * @param {string} alt text description of the image
     * @param {SummaryImageOptions} options (optional) addition image attributes
     *
     * @returns {Summary} summary instance
     */
    addImage(src, alt, options) {
        const { width, height } = options || {};
        const attrs = Object.assign(Object.assign({}, (width && { width })), (height && { height }));
        const element = this.wrap('img', null, Object.assign({ src, alt }, attrs));
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML section heading element
     *
     * @param {string} text heading text
     * @param {number | string} [level=1] (optional) the heading level, default: 1
     *
     * @returns {Summary} summary instance
     */
    addHeading(text, level) {
        const tag = `h${level}`;
        const allowedTag = ['h1', 'h2', 'h3', 'h4', 'h5', 'h6'].includes(tag)
            ? tag
            : 'h1';
        const element = this.wrap(allowedTag, text);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML thematic break (<hr>) to the summary buffer
     *
     * @returns {Summary} summary instance
     */
    addSeparator() {
        const element = this.wrap('hr', null);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML line break (<br>) to the summary buffer
     *
     * @returns {Summary} summary instance
     */
    addBreak() {
        const element = this.wrap('br', null);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML blockquote to the summary buffer
     *
     * @param {string} text quote text
     * @param {string} cite (optional) citation url
     *
     * @returns {Summary} summary instance
     */
    addQuote(text, cite) {
        const attrs = Object.assign({}, (cite && { cite }));
        const element = this.wrap('blockquote', text, attrs);
        return this.addRaw(element).addEOL();
    }
    /**
     * Adds an HTML anchor tag to the summary buffer
     *
     * @param {string} text link text/content
     * @param {string} href hyperlink
     *
     * @returns {Summary} summary instance
     */
    addLink(text, href) {
        const element = this.wrap('a', text, { href });
        return this.addRaw(element).addEOL();
    }
}
const _summary = new Summary();
/**
 * @deprecated use `core.summary`
 */
const markdownSummary = (/* unused pure expression or super */ null && (_summary));
const summary = (/* unused pure expression or super */ null && (_summary));
//# sourceMappingURL=summary.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/path-utils.js

/**
 * toPosixPath converts the given path to the posix form. On Windows, \\ will be
 * replaced with /.
 *
 * @param pth. Path to transform.
 * @return string Posix path.
 */
function toPosixPath(pth) {
    return pth.replace(/[\\]/g, '/');
}
/**
 * toWin32Path converts the given path to the win32 form. On Linux, / will be
 * replaced with \\.
 *
 * @param pth. Path to transform.
 * @return string Win32 path.
 */
function toWin32Path(pth) {
    return pth.replace(/[/]/g, '\\');
}
/**
 * toPlatformPath converts the given path to a platform-specific path. It does
 * this by replacing instances of / and \ with the platform-specific path
 * separator.
 *
 * @param pth The path to platformize.
 * @return string The platform-specific path.
 */
function toPlatformPath(pth) {
    return pth.replace(/[/\\]/g, path.sep);
}
//# sourceMappingURL=path-utils.js.map
;// CONCATENATED MODULE: external "string_decoder"
const external_string_decoder_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("string_decoder");
// EXTERNAL MODULE: external "events"
var external_events_ = __nccwpck_require__(4434);
;// CONCATENATED MODULE: external "child_process"
const external_child_process_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("child_process");
// EXTERNAL MODULE: external "assert"
var external_assert_ = __nccwpck_require__(2613);
;// CONCATENATED MODULE: ./node_modules/@actions/io/lib/io-util.js
var io_util_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};


const { chmod, copyFile, lstat, mkdir, open: io_util_open, readdir, rename, rm, rmdir, stat, symlink, unlink } = external_fs_namespaceObject.promises;
// export const {open} = 'fs'
const IS_WINDOWS = process.platform === 'win32';
/**
 * Custom implementation of readlink to ensure Windows junctions
 * maintain trailing backslash for backward compatibility with Node.js < 24
 *
 * In Node.js 20, Windows junctions (directory symlinks) always returned paths
 * with trailing backslashes. Node.js 24 removed this behavior, which breaks
 * code that relied on this format for path operations.
 *
 * This implementation restores the Node 20 behavior by adding a trailing
 * backslash to all junction results on Windows.
 */
function readlink(fsPath) {
    return io_util_awaiter(this, void 0, void 0, function* () {
        const result = yield fs.promises.readlink(fsPath);
        // On Windows, restore Node 20 behavior: add trailing backslash to all results
        // since junctions on Windows are always directory links
        if (IS_WINDOWS && !result.endsWith('\\')) {
            return `${result}\\`;
        }
        return result;
    });
}
// See https://github.com/nodejs/node/blob/d0153aee367422d0858105abec186da4dff0a0c5/deps/uv/include/uv/win.h#L691
const UV_FS_O_EXLOCK = 0x10000000;
const READONLY = external_fs_namespaceObject.constants.O_RDONLY;
function exists(fsPath) {
    return io_util_awaiter(this, void 0, void 0, function* () {
        try {
            yield stat(fsPath);
        }
        catch (err) {
            if (err.code === 'ENOENT') {
                return false;
            }
            throw err;
        }
        return true;
    });
}
function isDirectory(fsPath_1) {
    return io_util_awaiter(this, arguments, void 0, function* (fsPath, useStat = false) {
        const stats = useStat ? yield stat(fsPath) : yield lstat(fsPath);
        return stats.isDirectory();
    });
}
/**
 * On OSX/Linux, true if path starts with '/'. On Windows, true for paths like:
 * \, \hello, \\hello\share, C:, and C:\hello (and corresponding alternate separator cases).
 */
function isRooted(p) {
    p = normalizeSeparators(p);
    if (!p) {
        throw new Error('isRooted() parameter "p" cannot be empty');
    }
    if (IS_WINDOWS) {
        return (p.startsWith('\\') || /^[A-Z]:/i.test(p) // e.g. \ or \hello or \\hello
        ); // e.g. C: or C:\hello
    }
    return p.startsWith('/');
}
/**
 * Best effort attempt to determine whether a file exists and is executable.
 * @param filePath    file path to check
 * @param extensions  additional file extensions to try
 * @return if file exists and is executable, returns the file path. otherwise empty string.
 */
function tryGetExecutablePath(filePath, extensions) {
    return io_util_awaiter(this, void 0, void 0, function* () {
        let stats = undefined;
        try {
            // test file exists
            stats = yield stat(filePath);
        }
        catch (err) {
            if (err.code !== 'ENOENT') {
                // eslint-disable-next-line no-console
                console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
            }
        }
        if (stats && stats.isFile()) {
            if (IS_WINDOWS) {
                // on Windows, test for valid extension
                const upperExt = external_path_namespaceObject.extname(filePath).toUpperCase();
                if (extensions.some(validExt => validExt.toUpperCase() === upperExt)) {
                    return filePath;
                }
            }
            else {
                if (isUnixExecutable(stats)) {
                    return filePath;
                }
            }
        }
        // try each extension
        const originalFilePath = filePath;
        for (const extension of extensions) {
            filePath = originalFilePath + extension;
            stats = undefined;
            try {
                stats = yield stat(filePath);
            }
            catch (err) {
                if (err.code !== 'ENOENT') {
                    // eslint-disable-next-line no-console
                    console.log(`Unexpected error attempting to determine if executable file exists '${filePath}': ${err}`);
                }
            }
            if (stats && stats.isFile()) {
                if (IS_WINDOWS) {
                    // preserve the case of the actual file (since an extension was appended)
                    try {
                        const directory = external_path_namespaceObject.dirname(filePath);
                        const upperName = external_path_namespaceObject.basename(filePath).toUpperCase();
                        for (const actualName of yield readdir(directory)) {
                            if (upperName === actualName.toUpperCase()) {
                                filePath = external_path_namespaceObject.join(directory, actualName);
                                break;
                            }
                        }
                    }
                    catch (err) {
                        // eslint-disable-next-line no-console
                        console.log(`Unexpected error attempting to determine the actual case of the file '${filePath}': ${err}`);
                    }
                    return filePath;
                }
                else {
                    if (isUnixExecutable(stats)) {
                        return filePath;
                    }
                }
            }
        }
        return '';
    });
}
function normalizeSeparators(p) {
    p = p || '';
    if (IS_WINDOWS) {
        // convert slashes on Windows
        p = p.replace(/\//g, '\\');
        // remove redundant slashes
        return p.replace(/\\\\+/g, '\\');
    }
    // remove redundant slashes
    return p.replace(/\/\/+/g, '/');
}
// on Mac/Linux, test the execute bit
//     R   W  X  R  W X R W X
//   256 128 64 32 16 8 4 2 1
function isUnixExecutable(stats) {
    return ((stats.mode & 1) > 0 ||
        ((stats.mode & 8) > 0 &&
            process.getgid !== undefined &&
            stats.gid === process.getgid()) ||
        ((stats.mode & 64) > 0 &&
            process.getuid !== undefined &&
            stats.uid === process.getuid()));
}
// Get the path of cmd.exe in windows
function getCmdPath() {
    var _a;
    return (_a = process.env['COMSPEC']) !== null && _a !== void 0 ? _a : `cmd.exe`;
}
//# sourceMappingURL=io-util.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/io/lib/io.js
var io_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};



/**
 * Copies a file or folder.
 * Based off of shelljs - https://github.com/shelljs/shelljs/blob/9237f66c52e5daa40458f94f9565e18e8132f5a6/src/cp.js
 *
 * @param     source    source path
 * @param     dest      destination path
 * @param     options   optional. See CopyOptions.
 */
function cp(source_1, dest_1) {
    return io_awaiter(this, arguments, void 0, function* (source, dest, options = {}) {
        const { force, recursive, copySourceDirectory } = readCopyOptions(options);
        const destStat = (yield ioUtil.exists(dest)) ? yield ioUtil.stat(dest) : null;
        // Dest is an existing file, but not forcing
        if (destStat && destStat.isFile() && !force) {
            return;
        }
        // If dest is an existing directory, should copy inside.
        const newDest = destStat && destStat.isDirectory() && copySourceDirectory
            ? path.join(dest, path.basename(source))
            : dest;
        if (!(yield ioUtil.exists(source))) {
            throw new Error(`no such file or directory: ${source}`);
        }
        const sourceStat = yield ioUtil.stat(source);
        if (sourceStat.isDirectory()) {
            if (!recursive) {
                throw new Error(`Failed to copy. ${source} is a directory, but tried to copy without recursive flag.`);
            }
            else {
                yield cpDirRecursive(source, newDest, 0, force);
            }
        }
        else {
            if (path.relative(source, newDest) === '') {
                // a file cannot be copied to itself
                throw new Error(`'${newDest}' and '${source}' are the same file`);
            }
            yield io_copyFile(source, newDest, force);
        }
    });
}
/**
 * Moves a path.
 *
 * @param     source    source path
 * @param     dest      destination path
 * @param     options   optional. See MoveOptions.
 */
function mv(source_1, dest_1) {
    return io_awaiter(this, arguments, void 0, function* (source, dest, options = {}) {
        if (yield ioUtil.exists(dest)) {
            let destExists = true;
            if (yield ioUtil.isDirectory(dest)) {
                // If dest is directory copy src into dest
                dest = path.join(dest, path.basename(source));
                destExists = yield ioUtil.exists(dest);
            }
            if (destExists) {
                if (options.force == null || options.force) {
                    yield rmRF(dest);
                }
                else {
                    throw new Error('Destination already exists');
                }
            }
        }
        yield mkdirP(path.dirname(dest));
        yield ioUtil.rename(source, dest);
    });
}
/**
 * Remove a path recursively with force
 *
 * @param inputPath path to remove
 */
function rmRF(inputPath) {
    return io_awaiter(this, void 0, void 0, function* () {
        if (ioUtil.IS_WINDOWS) {
            // Check for invalid characters
            // https://docs.microsoft.com/en-us/windows/win32/fileio/naming-a-file
            if (/[*"<>|]/.test(inputPath)) {
                throw new Error('File path must not contain `*`, `"`, `<`, `>` or `|` on Windows');
            }
        }
        try {
            // note if path does not exist, error is silent
            yield ioUtil.rm(inputPath, {
                force: true,
                maxRetries: 3,
                recursive: true,
                retryDelay: 300
            });
        }
        catch (err) {
            throw new Error(`File was unable to be removed ${err}`);
        }
    });
}
/**
 * Make a directory.  Creates the full path with folders in between
 * Will throw if it fails
 *
 * @param   fsPath        path to create
 * @returns Promise<void>
 */
function mkdirP(fsPath) {
    return io_awaiter(this, void 0, void 0, function* () {
        ok(fsPath, 'a path argument must be provided');
        yield ioUtil.mkdir(fsPath, { recursive: true });
    });
}
/**
 * Returns path of a tool had the tool actually been invoked.  Resolves via paths.
 * If you check and the tool does not exist, it will throw.
 *
 * @param     tool              name of the tool
 * @param     check             whether to check if tool exists
 * @returns   Promise<string>   path to tool
 */
function which(tool, check) {
    return io_awaiter(this, void 0, void 0, function* () {
        if (!tool) {
            throw new Error("parameter 'tool' is required");
        }
        // recursive when check=true
        if (check) {
            const result = yield which(tool, false);
            if (!result) {
                if (IS_WINDOWS) {
                    throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also verify the file has a valid extension for an executable file.`);
                }
                else {
                    throw new Error(`Unable to locate executable file: ${tool}. Please verify either the file path exists or the file can be found within a directory specified by the PATH environment variable. Also check the file mode to verify the file is executable.`);
                }
            }
            return result;
        }
        const matches = yield findInPath(tool);
        if (matches && matches.length > 0) {
            return matches[0];
        }
        return '';
    });
}
/**
 * Returns a list of all occurrences of the given tool on the system path.
 *
 * @returns   Promise<string[]>  the paths of the tool
 */
function findInPath(tool) {
    return io_awaiter(this, void 0, void 0, function* () {
        if (!tool) {
            throw new Error("parameter 'tool' is required");
        }
        // build the list of extensions to try
        const extensions = [];
        if (IS_WINDOWS && process.env['PATHEXT']) {
            for (const extension of process.env['PATHEXT'].split(external_path_namespaceObject.delimiter)) {
                if (extension) {
                    extensions.push(extension);
                }
            }
        }
        // if it's rooted, return it if exists. otherwise return empty.
        if (isRooted(tool)) {
            const filePath = yield tryGetExecutablePath(tool, extensions);
            if (filePath) {
                return [filePath];
            }
            return [];
        }
        // if any path separators, return empty
        if (tool.includes(external_path_namespaceObject.sep)) {
            return [];
        }
        // build the list of directories
        //
        // Note, technically "where" checks the current directory on Windows. From a toolkit perspective,
        // it feels like we should not do this. Checking the current directory seems like more of a use
        // case of a shell, and the which() function exposed by the toolkit should strive for consistency
        // across platforms.
        const directories = [];
        if (process.env.PATH) {
            for (const p of process.env.PATH.split(external_path_namespaceObject.delimiter)) {
                if (p) {
                    directories.push(p);
                }
            }
        }
        // find all matches
        const matches = [];
        for (const directory of directories) {
            const filePath = yield tryGetExecutablePath(external_path_namespaceObject.join(directory, tool), extensions);
            if (filePath) {
                matches.push(filePath);
            }
        }
        return matches;
    });
}
function readCopyOptions(options) {
    const force = options.force == null ? true : options.force;
    const recursive = Boolean(options.recursive);
    const copySourceDirectory = options.copySourceDirectory == null
        ? true
        : Boolean(options.copySourceDirectory);
    return { force, recursive, copySourceDirectory };
}
function cpDirRecursive(sourceDir, destDir, currentDepth, force) {
    return io_awaiter(this, void 0, void 0, function* () {
        // Ensure there is not a run away recursive copy
        if (currentDepth >= 255)
            return;
        currentDepth++;
        yield mkdirP(destDir);
        const files = yield ioUtil.readdir(sourceDir);
        for (const fileName of files) {
            const srcFile = `${sourceDir}/${fileName}`;
            const destFile = `${destDir}/${fileName}`;
            const srcFileStat = yield ioUtil.lstat(srcFile);
            if (srcFileStat.isDirectory()) {
                // Recurse
                yield cpDirRecursive(srcFile, destFile, currentDepth, force);
            }
            else {
                yield io_copyFile(srcFile, destFile, force);
            }
        }
        // Change the mode for the newly created directory
        yield ioUtil.chmod(destDir, (yield ioUtil.stat(sourceDir)).mode);
    });
}
// Buffered file copy
function io_copyFile(srcFile, destFile, force) {
    return io_awaiter(this, void 0, void 0, function* () {
        if ((yield ioUtil.lstat(srcFile)).isSymbolicLink()) {
            // unlink/re-link it
            try {
                yield ioUtil.lstat(destFile);
                yield ioUtil.unlink(destFile);
            }
            catch (e) {
                // Try to override file permission
                if (e.code === 'EPERM') {
                    yield ioUtil.chmod(destFile, '0666');
                    yield ioUtil.unlink(destFile);
                }
                // other errors = it doesn't exist, no work to do
            }
            // Copy over symlink
            const symlinkFull = yield ioUtil.readlink(srcFile);
            yield ioUtil.symlink(symlinkFull, destFile, ioUtil.IS_WINDOWS ? 'junction' : null);
        }
        else if (!(yield ioUtil.exists(destFile)) || force) {
            yield ioUtil.copyFile(srcFile, destFile);
        }
    });
}
//# sourceMappingURL=io.js.map
;// CONCATENATED MODULE: external "timers"
const external_timers_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("timers");
;// CONCATENATED MODULE: ./node_modules/@actions/exec/lib/toolrunner.js
var toolrunner_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};







/* eslint-disable @typescript-eslint/unbound-method */
const toolrunner_IS_WINDOWS = process.platform === 'win32';
/*
 * Class for running command line tools. Handles quoting and arg parsing in a platform agnostic way.
 */
class ToolRunner extends external_events_.EventEmitter {
    constructor(toolPath, args, options) {
        super();
        if (!toolPath) {
            throw new Error("Parameter 'toolPath' cannot be null or empty.");
        }
        this.toolPath = toolPath;
        this.args = args || [];
        this.options = options || {};
    }
    _debug(message) {
        if (this.options.listeners && this.options.listeners.debug) {
            this.options.listeners.debug(message);
        }
    }
    _getCommandString(options, noPrefix) {
        const toolPath = this._getSpawnFileName();
        const args = this._getSpawnArgs(options);
        let cmd = noPrefix ? '' : '[command]'; // omit prefix when piped to a second tool
        if (toolrunner_IS_WINDOWS) {
            // Windows + cmd file
            if (this._isCmdFile()) {
                cmd += toolPath;
                for (const a of args) {
                    cmd += ` ${a}`;
                }
            }
            // Windows + verbatim
            else if (options.windowsVerbatimArguments) {
                cmd += `"${toolPath}"`;
                for (const a of args) {
                    cmd += ` ${a}`;
                }
            }
            // Windows (regular)
            else {
                cmd += this._windowsQuoteCmdArg(toolPath);
                for (const a of args) {
                    cmd += ` ${this._windowsQuoteCmdArg(a)}`;
                }
            }
        }
        else {
            // OSX/Linux - this can likely be improved with some form of quoting.
            // creating processes on Unix is fundamentally different than Windows.
            // on Unix, execvp() takes an arg array.
            cmd += toolPath;
            for (const a of args) {
                cmd += ` ${a}`;
            }
        }
        return cmd;
    }
    _processLineBuffer(data, strBuffer, onLine) {
        try {
            let s = strBuffer + data.toString();
            let n = s.indexOf(external_os_namespaceObject.EOL);
            while (n > -1) {
                const line = s.substring(0, n);
                onLine(line);
                // the rest of the string ...
                s = s.substring(n + external_os_namespaceObject.EOL.length);
                n = s.indexOf(external_os_namespaceObject.EOL);
            }
            return s;
        }
        catch (err) {
            // streaming lines to console is best effort.  Don't fail a build.
            this._debug(`error processing line. Failed with error ${err}`);
            return '';
        }
    }
    _getSpawnFileName() {
        if (toolrunner_IS_WINDOWS) {
            if (this._isCmdFile()) {
                return process.env['COMSPEC'] || 'cmd.exe';
            }
        }
        return this.toolPath;
    }
    _getSpawnArgs(options) {
        if (toolrunner_IS_WINDOWS) {
            if (this._isCmdFile()) {
                let argline = `/D /S /C "${this._windowsQuoteCmdArg(this.toolPath)}`;
                for (const a of this.args) {
                    argline += ' ';
                    argline += options.windowsVerbatimArguments
                        ? a
                        : this._windowsQuoteCmdArg(a);
                }
                argline += '"';
                return [argline];
            }
        }
        return this.args;
    }
    _endsWith(str, end) {
        return str.endsWith(end);
    }
    _isCmdFile() {
        const upperToolPath = this.toolPath.toUpperCase();
        return (this._endsWith(upperToolPath, '.CMD') ||
            this._endsWith(upperToolPath, '.BAT'));
    }
    _windowsQuoteCmdArg(arg) {
        // for .exe, apply the normal quoting rules that libuv applies
        if (!this._isCmdFile()) {
            return this._uvQuoteCmdArg(arg);
        }
        // otherwise apply quoting rules specific to the cmd.exe command line parser.
        // the libuv rules are generic and are not designed specifically for cmd.exe
        // command line parser.
        //
        // for a detailed description of the cmd.exe command line parser, refer to
        // http://stackoverflow.com/questions/4094699/how-does-the-windows-command-interpreter-cmd-exe-parse-scripts/7970912#7970912
        // need quotes for empty arg
        if (!arg) {
            return '""';
        }
        // determine whether the arg needs to be quoted
        const cmdSpecialChars = [
            ' ',
            '\t',
            '&',
            '(',
            ')',
            '[',
            ']',
            '{',
            '}',
            '^',
            '=',
            ';',
            '!',
            "'",
            '+',
            ',',
            '`',
            '~',
            '|',
            '<',
            '>',
            '"'
        ];
        let needsQuotes = false;
        for (const char of arg) {
            if (cmdSpecialChars.some(x => x === char)) {
                needsQuotes = true;
                break;
            }
        }
        // short-circuit if quotes not needed
        if (!needsQuotes) {
            return arg;
        }
        // the following quoting rules are very similar to the rules that by libuv applies.
        //
        // 1) wrap the string in quotes
        //
        // 2) double-up quotes - i.e. " => ""
        //
        //    this is different from the libuv quoting rules. libuv replaces " with \", which unfortunately
        //    doesn't work well with a cmd.exe command line.
        //
        //    note, replacing " with "" also works well if the arg is passed to a downstream .NET console app.
        //    for example, the command line:
        //          foo.exe "myarg:""my val"""
        //    is parsed by a .NET console app into an arg array:
        //          [ "myarg:\"my val\"" ]
        //    which is the same end result when applying libuv quoting rules. although the actual
        //    command line from libuv quoting rules would look like:
        //          foo.exe "myarg:\"my val\""
        //
        // 3) double-up slashes that precede a quote,
        //    e.g.  hello \world    => "hello \world"
        //          hello\"world    => "hello\\""world"
        //          hello\\"world   => "hello\\\\""world"
        //          hello world\    => "hello world\\"
        //
        //    technically this is not required for a cmd.exe command line, or the batch argument parser.
        //    the reasons for including this as a .cmd quoting rule are:
        //
        //    a) this is optimized for the scenario where the argument is passed from the .cmd file to an
        //       external program. many programs (e.g. .NET console apps) rely on the slash-doubling rule.
        //
        //    b) it's what we've been doing previously (by deferring to node default behavior) and we
        //       haven't heard any complaints about that aspect.
        //
        // note, a weakness of the quoting rules chosen here, is that % is not escaped. in fact, % cannot be
        // escaped when used on the command line directly - even though within a .cmd file % can be escaped
        // by using %%.
        //
        // the saving grace is, on the command line, %var% is left as-is if var is not defined. this contrasts
        // the line parsing rules within a .cmd file, where if var is not defined it is replaced with nothing.
        //
        // one option that was explored was replacing % with ^% - i.e. %var% => ^%var^%. this hack would
        // often work, since it is unlikely that var^ would exist, and the ^ character is removed when the
        // variable is used. the problem, however, is that ^ is not removed when %* is used to pass the args
        // to an external program.
        //
        // an unexplored potential solution for the % escaping problem, is to create a wrapper .cmd file.
        // % can be escaped within a .cmd file.
        let reverse = '"';
        let quoteHit = true;
        for (let i = arg.length; i > 0; i--) {
            // walk the string in reverse
            reverse += arg[i - 1];
            if (quoteHit && arg[i - 1] === '\\') {
                reverse += '\\'; // double the slash
            }
            else if (arg[i - 1] === '"') {
                quoteHit = true;
                reverse += '"'; // double the quote
            }
            else {
                quoteHit = false;
            }
        }
        reverse += '"';
        return reverse.split('').reverse().join('');
    }
    _uvQuoteCmdArg(arg) {
        // Tool runner wraps child_process.spawn() and needs to apply the same quoting as
        // Node in certain cases where the undocumented spawn option windowsVerbatimArguments
        // is used.
        //
        // Since this function is a port of quote_cmd_arg from Node 4.x (technically, lib UV,
        // see https://github.com/nodejs/node/blob/v4.x/deps/uv/src/win/process.c for details),
        // pasting copyright notice from Node within this function:
        //
        //      Copyright Joyent, Inc. and other Node contributors. All rights reserved.
        //
        //      Permission is hereby granted, free of charge, to any person obtaining a copy
        //      of this software and associated documentation files (the "Software"), to
        //      deal in the Software without restriction, including without limitation the
        //      rights to use, copy, modify, merge, publish, distribute, sublicense, and/or
        //      sell copies of the Software, and to permit persons to whom the Software is
        //      furnished to do so, subject to the following conditions:
        //
        //      The above copyright notice and this permission notice shall be included in
        //      all copies or substantial portions of the Software.
        //
        //      THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
        //      IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
        //      FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
        //      AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
        //      LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING
        //      FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS
        //      IN THE SOFTWARE.
        if (!arg) {
            // Need double quotation for empty argument
            return '""';
        }
        if (!arg.includes(' ') && !arg.includes('\t') && !arg.includes('"')) {
            // No quotation needed
            return arg;
        }
        if (!arg.includes('"') && !arg.includes('\\')) {
            // No embedded double quotes or backslashes, so I can just wrap
            // quote marks around the whole thing.
            return `"${arg}"`;
        }
        // Expected input/output:
        //   input : hello"world
        //   output: "hello\"world"
        //   input : hello""world
        //   output: "hello\"\"world"
        //   input : hello\world
        //   output: hello\world
        //   input : hello\\world
        //   output: hello\\world
        //   input : hello\"world
        //   output: "hello\\\"world"
        //   input : hello\\"world
        //   output: "hello\\\\\"world"
        //   input : hello world\
        //   output: "hello world\\" - note the comment in libuv actually reads "hello world\"
        //                             but it appears the comment is wrong, it should be "hello world\\"
        let reverse = '"';
        let quoteHit = true;
        for (let i = arg.length; i > 0; i--) {
            // walk the string in reverse
            reverse += arg[i - 1];
            if (quoteHit && arg[i - 1] === '\\') {
                reverse += '\\';
            }
            else if (arg[i - 1] === '"') {
                quoteHit = true;
                reverse += '\\';
            }
            else {
                quoteHit = false;
            }
        }
        reverse += '"';
        return reverse.split('').reverse().join('');
    }
    _cloneExecOptions(options) {
        options = options || {};
        const result = {
            cwd: options.cwd || process.cwd(),
            env: options.env || process.env,
            silent: options.silent || false,
            windowsVerbatimArguments: options.windowsVerbatimArguments || false,
            failOnStdErr: options.failOnStdErr || false,
            ignoreReturnCode: options.ignoreReturnCode || false,
            delay: options.delay || 10000
        };
        result.outStream = options.outStream || process.stdout;
        result.errStream = options.errStream || process.stderr;
        return result;
    }
    _getSpawnOptions(options, toolPath) {
        options = options || {};
        const result = {};
        result.cwd = options.cwd;
        result.env = options.env;
        result['windowsVerbatimArguments'] =
            options.windowsVerbatimArguments || this._isCmdFile();
        if (options.windowsVerbatimArguments) {
            result.argv0 = `"${toolPath}"`;
        }
        return result;
    }
    /**
     * Exec a tool.
     * Output will be streamed to the live console.
     * Returns promise with return code
     *
     * @param     tool     path to tool to exec
     * @param     options  optional exec options.  See ExecOptions
     * @returns   number
     */
    exec() {
        return toolrunner_awaiter(this, void 0, void 0, function* () {
            // root the tool path if it is unrooted and contains relative pathing
            if (!isRooted(this.toolPath) &&
                (this.toolPath.includes('/') ||
                    (toolrunner_IS_WINDOWS && this.toolPath.includes('\\')))) {
                // prefer options.cwd if it is specified, however options.cwd may also need to be rooted
                this.toolPath = external_path_namespaceObject.resolve(process.cwd(), this.options.cwd || process.cwd(), this.toolPath);
            }
            // if the tool is only a file name, then resolve it from the PATH
            // otherwise verify it exists (add extension on Windows if necessary)
            this.toolPath = yield which(this.toolPath, true);
            return new Promise((resolve, reject) => toolrunner_awaiter(this, void 0, void 0, function* () {
                this._debug(`exec tool: ${this.toolPath}`);
                this._debug('arguments:');
                for (const arg of this.args) {
                    this._debug(`   ${arg}`);
                }
                const optionsNonNull = this._cloneExecOptions(this.options);
                if (!optionsNonNull.silent && optionsNonNull.outStream) {
                    optionsNonNull.outStream.write(this._getCommandString(optionsNonNull) + external_os_namespaceObject.EOL);
                }
                const state = new ExecState(optionsNonNull, this.toolPath);
                state.on('debug', (message) => {
                    this._debug(message);
                });
                if (this.options.cwd && !(yield exists(this.options.cwd))) {
                    return reject(new Error(`The cwd: ${this.options.cwd} does not exist!`));
                }
                const fileName = this._getSpawnFileName();
                const cp = external_child_process_namespaceObject.spawn(fileName, this._getSpawnArgs(optionsNonNull), this._getSpawnOptions(this.options, fileName));
                let stdbuffer = '';
                if (cp.stdout) {
                    cp.stdout.on('data', (data) => {
                        if (this.options.listeners && this.options.listeners.stdout) {
                            this.options.listeners.stdout(data);
                        }
                        if (!optionsNonNull.silent && optionsNonNull.outStream) {
                            optionsNonNull.outStream.write(data);
                        }
                        stdbuffer = this._processLineBuffer(data, stdbuffer, (line) => {
                            if (this.options.listeners && this.options.listeners.stdline) {
                                this.options.listeners.stdline(line);
                            }
                        });
                    });
                }
                let errbuffer = '';
                if (cp.stderr) {
                    cp.stderr.on('data', (data) => {
                        state.processStderr = true;
                        if (this.options.listeners && this.options.listeners.stderr) {
                            this.options.listeners.stderr(data);
                        }
                        if (!optionsNonNull.silent &&
                            optionsNonNull.errStream &&
                            optionsNonNull.outStream) {
                            const s = optionsNonNull.failOnStdErr
                                ? optionsNonNull.errStream
                                : optionsNonNull.outStream;
                            s.write(data);
                        }
                        errbuffer = this._processLineBuffer(data, errbuffer, (line) => {
                            if (this.options.listeners && this.options.listeners.errline) {
                                this.options.listeners.errline(line);
                            }
                        });
                    });
                }
                cp.on('error', (err) => {
                    state.processError = err.message;
                    state.processExited = true;
                    state.processClosed = true;
                    state.CheckComplete();
                });
                cp.on('exit', (code) => {
                    state.processExitCode = code;
                    state.processExited = true;
                    this._debug(`Exit code ${code} received from tool '${this.toolPath}'`);
                    state.CheckComplete();
                });
                cp.on('close', (code) => {
                    state.processExitCode = code;
                    state.processExited = true;
                    state.processClosed = true;
                    this._debug(`STDIO streams have closed for tool '${this.toolPath}'`);
                    state.CheckComplete();
                });
                state.on('done', (error, exitCode) => {
                    if (stdbuffer.length > 0) {
                        this.emit('stdline', stdbuffer);
                    }
                    if (errbuffer.length > 0) {
                        this.emit('errline', errbuffer);
                    }
                    cp.removeAllListeners();
                    if (error) {
                        reject(error);
                    }
                    else {
                        resolve(exitCode);
                    }
                });
                if (this.options.input) {
                    if (!cp.stdin) {
                        throw new Error('child process missing stdin');
                    }
                    cp.stdin.end(this.options.input);
                }
            }));
        });
    }
}
/**
 * Convert an arg string to an array of args. Handles escaping
 *
 * @param    argString   string of arguments
 * @returns  string[]    array of arguments
 */
function argStringToArray(argString) {
    const args = [];
    let inQuotes = false;
    let escaped = false;
    let arg = '';
    function append(c) {
        // we only escape double quotes.
        if (escaped && c !== '"') {
            arg += '\\';
        }
        arg += c;
        escaped = false;
    }
    for (let i = 0; i < argString.length; i++) {
        const c = argString.charAt(i);
        if (c === '"') {
            if (!escaped) {
                inQuotes = !inQuotes;
            }
            else {
                append(c);
            }
            continue;
        }
        if (c === '\\' && escaped) {
            append(c);
            continue;
        }
        if (c === '\\' && inQuotes) {
            escaped = true;
            continue;
        }
        if (c === ' ' && !inQuotes) {
            if (arg.length > 0) {
                args.push(arg);
                arg = '';
            }
            continue;
        }
        append(c);
    }
    if (arg.length > 0) {
        args.push(arg.trim());
    }
    return args;
}
class ExecState extends external_events_.EventEmitter {
    constructor(options, toolPath) {
        super();
        this.processClosed = false; // tracks whether the process has exited and stdio is closed
        this.processError = '';
        this.processExitCode = 0;
        this.processExited = false; // tracks whether the process has exited
        this.processStderr = false; // tracks whether stderr was written to
        this.delay = 10000; // 10 seconds
        this.done = false;
        this.timeout = null;
        if (!toolPath) {
            throw new Error('toolPath must not be empty');
        }
        this.options = options;
        this.toolPath = toolPath;
        if (options.delay) {
            this.delay = options.delay;
        }
    }
    CheckComplete() {
        if (this.done) {
            return;
        }
        if (this.processClosed) {
            this._setResult();
        }
        else if (this.processExited) {
            this.timeout = (0,external_timers_namespaceObject.setTimeout)(ExecState.HandleTimeout, this.delay, this);
        }
    }
    _debug(message) {
        this.emit('debug', message);
    }
    _setResult() {
        // determine whether there is an error
        let error;
        if (this.processExited) {
            if (this.processError) {
                error = new Error(`There was an error when attempting to execute the process '${this.toolPath}'. This may indicate the process failed to start. Error: ${this.processError}`);
            }
            else if (this.processExitCode !== 0 && !this.options.ignoreReturnCode) {
                error = new Error(`The process '${this.toolPath}' failed with exit code ${this.processExitCode}`);
            }
            else if (this.processStderr && this.options.failOnStdErr) {
                error = new Error(`The process '${this.toolPath}' failed because one or more lines were written to the STDERR stream`);
            }
        }
        // clear the timeout
        if (this.timeout) {
            clearTimeout(this.timeout);
            this.timeout = null;
        }
        this.done = true;
        this.emit('done', error, this.processExitCode);
    }
    static HandleTimeout(state) {
        if (state.done) {
            return;
        }
        if (!state.processClosed && state.processExited) {
            const message = `The STDIO streams did not close within ${state.delay / 1000} seconds of the exit event from process '${state.toolPath}'. This may indicate a child process inherited the STDIO streams and has not yet exited.`;
            state._debug(message);
        }
        state._setResult();
    }
}
//# sourceMappingURL=toolrunner.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/exec/lib/exec.js
var exec_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};


/**
 * Exec a command.
 * Output will be streamed to the live console.
 * Returns promise with return code
 *
 * @param     commandLine        command to execute (can include additional args). Must be correctly escaped.
 * @param     args               optional arguments for tool. Escaping is handled by the lib.
 * @param     options            optional exec options.  See ExecOptions
 * @returns   Promise<number>    exit code
 */
function exec_exec(commandLine, args, options) {
    return exec_awaiter(this, void 0, void 0, function* () {
        const commandArgs = tr.argStringToArray(commandLine);
        if (commandArgs.length === 0) {
            throw new Error(`Parameter 'commandLine' cannot be null or empty.`);
        }
        // Path to tool to execute should be first arg
        const toolPath = commandArgs[0];
        args = commandArgs.slice(1).concat(args || []);
        const runner = new tr.ToolRunner(toolPath, args, options);
        return runner.exec();
    });
}
/**
 * Exec a command and get the output.
 * Output will be streamed to the live console.
 * Returns promise with the exit code and collected stdout and stderr
 *
 * @param     commandLine           command to execute (can include additional args). Must be correctly escaped.
 * @param     args                  optional arguments for tool. Escaping is handled by the lib.
 * @param     options               optional exec options.  See ExecOptions
 * @returns   Promise<ExecOutput>   exit code, stdout, and stderr
 */
function getExecOutput(commandLine, args, options) {
    return exec_awaiter(this, void 0, void 0, function* () {
        var _a, _b;
        let stdout = '';
        let stderr = '';
        //Using string decoder covers the case where a mult-byte character is split
        const stdoutDecoder = new StringDecoder('utf8');
        const stderrDecoder = new StringDecoder('utf8');
        const originalStdoutListener = (_a = options === null || options === void 0 ? void 0 : options.listeners) === null || _a === void 0 ? void 0 : _a.stdout;
        const originalStdErrListener = (_b = options === null || options === void 0 ? void 0 : options.listeners) === null || _b === void 0 ? void 0 : _b.stderr;
        const stdErrListener = (data) => {
            stderr += stderrDecoder.write(data);
            if (originalStdErrListener) {
                originalStdErrListener(data);
            }
        };
        const stdOutListener = (data) => {
            stdout += stdoutDecoder.write(data);
            if (originalStdoutListener) {
                originalStdoutListener(data);
            }
        };
        const listeners = Object.assign(Object.assign({}, options === null || options === void 0 ? void 0 : options.listeners), { stdout: stdOutListener, stderr: stdErrListener });
        const exitCode = yield exec_exec(commandLine, args, Object.assign(Object.assign({}, options), { listeners }));
        //flush any remaining characters
        stdout += stdoutDecoder.end();
        stderr += stderrDecoder.end();
        return {
            exitCode,
            stdout,
            stderr
        };
    });
}
//# sourceMappingURL=exec.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/platform.js
var platform_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};


const getWindowsInfo = () => platform_awaiter(void 0, void 0, void 0, function* () {
    const { stdout: version } = yield exec.getExecOutput('powershell -command "(Get-CimInstance -ClassName Win32_OperatingSystem).Version"', undefined, {
        silent: true
    });
    const { stdout: name } = yield exec.getExecOutput('powershell -command "(Get-CimInstance -ClassName Win32_OperatingSystem).Caption"', undefined, {
        silent: true
    });
    return {
        name: name.trim(),
        version: version.trim()
    };
});
const getMacOsInfo = () => platform_awaiter(void 0, void 0, void 0, function* () {
    var _a, _b, _c, _d;
    const { stdout } = yield exec.getExecOutput('sw_vers', undefined, {
        silent: true
    });
    const version = (_b = (_a = stdout.match(/ProductVersion:\s*(.+)/)) === null || _a === void 0 ? void 0 : _a[1]) !== null && _b !== void 0 ? _b : '';
    const name = (_d = (_c = stdout.match(/ProductName:\s*(.+)/)) === null || _c === void 0 ? void 0 : _c[1]) !== null && _d !== void 0 ? _d : '';
    return {
        name,
        version
    };
});
const getLinuxInfo = () => platform_awaiter(void 0, void 0, void 0, function* () {
    const { stdout } = yield exec.getExecOutput('lsb_release', ['-i', '-r', '-s'], {
        silent: true
    });
    const [name, version] = stdout.trim().split('\n');
    return {
        name,
        version
    };
});
const platform = external_os_namespaceObject.platform();
const arch = external_os_namespaceObject.arch();
const isWindows = platform === 'win32';
const isMacOS = platform === 'darwin';
const isLinux = platform === 'linux';
function getDetails() {
    return platform_awaiter(this, void 0, void 0, function* () {
        return Object.assign(Object.assign({}, (yield (isWindows
            ? getWindowsInfo()
            : isMacOS
                ? getMacOsInfo()
                : getLinuxInfo()))), { platform,
            arch,
            isWindows,
            isMacOS,
            isLinux });
    });
}
//# sourceMappingURL=platform.js.map
;// CONCATENATED MODULE: ./node_modules/@actions/core/lib/core.js
var core_awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};






/**
 * The code to exit an action
 */
var ExitCode;
(function (ExitCode) {
    /**
     * A code indicating that the action was successful
     */
    ExitCode[ExitCode["Success"] = 0] = "Success";
    /**
     * A code indicating that the action was a failure
     */
    ExitCode[ExitCode["Failure"] = 1] = "Failure";
})(ExitCode || (ExitCode = {}));
//-----------------------------------------------------------------------
// Variables
//-----------------------------------------------------------------------
/**
 * Sets env variable for this action and future actions in the job
 * @param name the name of the variable to set
 * @param val the value of the variable. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function exportVariable(name, val) {
    const convertedVal = toCommandValue(val);
    process.env[name] = convertedVal;
    const filePath = process.env['GITHUB_ENV'] || '';
    if (filePath) {
        return file_command_issueFileCommand('ENV', prepareKeyValueMessage(name, val));
    }
    command_issueCommand('set-env', { name }, convertedVal);
}
/**
 * Registers a secret which will get masked from logs
 *
 * @param secret - Value of the secret to be masked
 * @remarks
 * This function instructs the Actions runner to mask the specified value in any
 * logs produced during the workflow run. Once registered, the secret value will
 * be replaced with asterisks (***) whenever it appears in console output, logs,
 * or error messages.
 *
 * This is useful for protecting sensitive information such as:
 * - API keys
 * - Access tokens
 * - Authentication credentials
 * - URL parameters containing signatures (SAS tokens)
 *
 * Note that masking only affects future logs; any previous appearances of the
 * secret in logs before calling this function will remain unmasked.
 *
 * @example
 * ```typescript
 * // Register an API token as a secret
 * const apiToken = "abc123xyz456";
 * setSecret(apiToken);
 *
 * // Now any logs containing this value will show *** instead
 * console.log(`Using token: ${apiToken}`); // Outputs: "Using token: ***"
 * ```
 */
function core_setSecret(secret) {
    command_issueCommand('add-mask', {}, secret);
}
/**
 * Prepends inputPath to the PATH (for this action and future actions)
 * @param inputPath
 */
function addPath(inputPath) {
    const filePath = process.env['GITHUB_PATH'] || '';
    if (filePath) {
        issueFileCommand('PATH', inputPath);
    }
    else {
        issueCommand('add-path', {}, inputPath);
    }
    process.env['PATH'] = `${inputPath}${path.delimiter}${process.env['PATH']}`;
}
/**
 * Gets the value of an input.
 * Unless trimWhitespace is set to false in InputOptions, the value is also trimmed.
 * Returns an empty string if the value is not defined.
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   string
 */
function getInput(name, options) {
    const val = process.env[`INPUT_${name.replace(/ /g, '_').toUpperCase()}`] || '';
    if (options && options.required && !val) {
        throw new Error(`Input required and not supplied: ${name}`);
    }
    if (options && options.trimWhitespace === false) {
        return val;
    }
    return val.trim();
}
/**
 * Gets the values of an multiline input.  Each value is also trimmed.
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   string[]
 *
 */
function getMultilineInput(name, options) {
    const inputs = getInput(name, options)
        .split('\n')
        .filter(x => x !== '');
    if (options && options.trimWhitespace === false) {
        return inputs;
    }
    return inputs.map(input => input.trim());
}
/**
 * Gets the input value of the boolean type in the YAML 1.2 "core schema" specification.
 * Support boolean input list: `true | True | TRUE | false | False | FALSE` .
 * The return value is also in boolean type.
 * ref: https://yaml.org/spec/1.2/spec.html#id2804923
 *
 * @param     name     name of the input to get
 * @param     options  optional. See InputOptions.
 * @returns   boolean
 */
function getBooleanInput(name, options) {
    const trueValue = ['true', 'True', 'TRUE'];
    const falseValue = ['false', 'False', 'FALSE'];
    const val = getInput(name, options);
    if (trueValue.includes(val))
        return true;
    if (falseValue.includes(val))
        return false;
    throw new TypeError(`Input does not meet YAML 1.2 "Core Schema" specification: ${name}\n` +
        `Support boolean input list: \`true | True | TRUE | false | False | FALSE\``);
}
/**
 * Sets the value of an output.
 *
 * @param     name     name of the output to set
 * @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function setOutput(name, value) {
    const filePath = process.env['GITHUB_OUTPUT'] || '';
    if (filePath) {
        return file_command_issueFileCommand('OUTPUT', prepareKeyValueMessage(name, value));
    }
    process.stdout.write(external_os_namespaceObject.EOL);
    command_issueCommand('set-output', { name }, toCommandValue(value));
}
/**
 * Enables or disables the echoing of commands into stdout for the rest of the step.
 * Echoing is disabled by default if ACTIONS_STEP_DEBUG is not set.
 *
 */
function setCommandEcho(enabled) {
    issue('echo', enabled ? 'on' : 'off');
}
//-----------------------------------------------------------------------
// Results
//-----------------------------------------------------------------------
/**
 * Sets the action status to failed.
 * When the action exits it will be with an exit code of 1
 * @param message add error issue message
 */
function setFailed(message) {
    process.exitCode = ExitCode.Failure;
    error(message);
}
//-----------------------------------------------------------------------
// Logging Commands
//-----------------------------------------------------------------------
/**
 * Gets whether Actions Step Debug is on or not
 */
function isDebug() {
    return process.env['RUNNER_DEBUG'] === '1';
}
/**
 * Writes debug message to user log
 * @param message debug message
 */
function core_debug(message) {
    command_issueCommand('debug', {}, message);
}
/**
 * Adds an error issue
 * @param message error issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function error(message, properties = {}) {
    command_issueCommand('error', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Adds a warning issue
 * @param message warning issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function warning(message, properties = {}) {
    command_issueCommand('warning', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Adds a notice issue
 * @param message notice issue message. Errors will be converted to string via toString()
 * @param properties optional properties to add to the annotation.
 */
function notice(message, properties = {}) {
    command_issueCommand('notice', toCommandProperties(properties), message instanceof Error ? message.toString() : message);
}
/**
 * Writes info to log with console.log.
 * @param message info message
 */
function info(message) {
    process.stdout.write(message + external_os_namespaceObject.EOL);
}
/**
 * Begin an output group.
 *
 * Output until the next `groupEnd` will be foldable in this group
 *
 * @param name The name of the output group
 */
function startGroup(name) {
    command_issue('group', name);
}
/**
 * End an output group.
 */
function endGroup() {
    command_issue('endgroup');
}
/**
 * Wrap an asynchronous function call in a group.
 *
 * Returns the same type as the function itself.
 *
 * @param name The name of the group
 * @param fn The function to wrap in the group
 */
function group(name, fn) {
    return core_awaiter(this, void 0, void 0, function* () {
        startGroup(name);
        let result;
        try {
            result = yield fn();
        }
        finally {
            endGroup();
        }
        return result;
    });
}
//-----------------------------------------------------------------------
// Wrapper action state
//-----------------------------------------------------------------------
/**
 * Saves state for current action, the state can only be retrieved by this action's post job execution.
 *
 * @param     name     name of the state to store
 * @param     value    value to store. Non-string values will be converted to a string via JSON.stringify
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
function saveState(name, value) {
    const filePath = process.env['GITHUB_STATE'] || '';
    if (filePath) {
        return file_command_issueFileCommand('STATE', prepareKeyValueMessage(name, value));
    }
    command_issueCommand('save-state', { name }, toCommandValue(value));
}
/**
 * Gets the value of an state set by this action's main execution.
 *
 * @param     name     name of the state to get
 * @returns   string
 */
function getState(name) {
    return process.env[`STATE_${name}`] || '';
}
function getIDToken(aud) {
    return core_awaiter(this, void 0, void 0, function* () {
        return yield OidcClient.getIDToken(aud);
    });
}
/**
 * Summary exports
 */

/**
 * @deprecated use core.summary
 */

/**
 * Path exports
 */

/**
 * Platform utilities exports
 */

//# sourceMappingURL=core.js.map
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(7598);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __nccwpck_require__(1455);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __nccwpck_require__(6153);
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
    return getInput(name, { trimWhitespace: false });
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
                info(line);
            }
        },
        untrusted,
        notice: annotate(notice),
        warning: annotate(warning),
        error: annotate(error),
        debug(line) {
            if (!isDebug())
                return;
            resume();
            core_debug(breakMarks(line));
        },
        async group(title, body) {
            resume();
            startGroup(breakMarks(title));
            try {
                return await body();
            }
            finally {
                resume();
                endGroup();
            }
        }
    };
    const runner = {
        mask(value) {
            resume();
            core_setSecret(value);
        },
        saveState(name, value) {
            resume();
            saveState(name, value);
        },
        setOutput(name, value) {
            resume();
            setOutput(name, value);
        },
        exportVariable(name, value) {
            resume();
            exportVariable(name, value);
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

/***/ 9364:
/***/ ((module, __unused_webpack___webpack_exports__, __nccwpck_require__) => {

__nccwpck_require__.a(module, async (__webpack_handle_async_dependencies__, __webpack_async_result__) => { try {
/* harmony import */ var _adapters_environment_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(8226);
/* harmony import */ var _adapters_runner_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(5327);
/* harmony import */ var _occasion_context_js__WEBPACK_IMPORTED_MODULE_2__ = __nccwpck_require__(7880);
/* harmony import */ var _occasion_occasion_js__WEBPACK_IMPORTED_MODULE_3__ = __nccwpck_require__(5838);
/* harmony import */ var _github_fetch_js__WEBPACK_IMPORTED_MODULE_4__ = __nccwpck_require__(2535);
/* harmony import */ var _failure_of_js__WEBPACK_IMPORTED_MODULE_5__ = __nccwpck_require__(4925);
/* harmony import */ var _run_js__WEBPACK_IMPORTED_MODULE_6__ = __nccwpck_require__(4218);
/* harmony import */ var _tell_js__WEBPACK_IMPORTED_MODULE_7__ = __nccwpck_require__(5858);
/** The entry of the second action: real ports in, outputs, annotations and a short summary out. */








const env = (0,_adapters_environment_js__WEBPACK_IMPORTED_MODULE_0__/* .readEnvironment */ .Q)(process.env);
const cancelling = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => cancelling.abort());
const { log, runner } = (0,_adapters_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .createRunner */ .j)(env.GITHUB_STEP_SUMMARY);
try {
    const result = await (0,_run_js__WEBPACK_IMPORTED_MODULE_6__/* .comment */ .I)({ now: () => Date.now(), signal: cancelling.signal }, {
        occasion: (0,_occasion_occasion_js__WEBPACK_IMPORTED_MODULE_3__/* .readOccasion */ .y)(env),
        given: (0,_occasion_context_js__WEBPACK_IMPORTED_MODULE_2__/* .givenInputs */ .PC)(env),
        read: _adapters_runner_js__WEBPACK_IMPORTED_MODULE_1__/* .readInput */ .R,
        fetch: _github_fetch_js__WEBPACK_IMPORTED_MODULE_4__/* .fetchThroughProxy */ .G
    });
    if (!(await (0,_tell_js__WEBPACK_IMPORTED_MODULE_7__/* .tell */ .q)({ log, runner }, result)))
        process.exitCode = 1;
}
catch (error) {
    log.error(`Stagegate could not go on: ${(0,_failure_of_js__WEBPACK_IMPORTED_MODULE_5__/* .reasonOf */ .A)(error)}.`, { title: 'Stagegate could not hand on a report' });
    process.exitCode = 1;
}

__webpack_async_result__();
} catch(e) { __webpack_async_result__(e); } }, 1);

/***/ }),

/***/ 4218:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  I: () => (/* binding */ comment)
});

;// CONCATENATED MODULE: external "node:timers/promises"
const promises_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:timers/promises");
;// CONCATENATED MODULE: ./src/core/own_words.ts
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

// EXTERNAL MODULE: ./src/core/json.ts
var core_json = __nccwpck_require__(6153);
;// CONCATENATED MODULE: ./src/core/link.ts
/** The target of `rel="next"` in a Link header (RFC 8288), by which a server tells where a list goes on. */
function nextPage(link) {
    return link
        ?.split(',')
        .map((part) => /^\s*<([^>]*)>(.*)$/.exec(part))
        .find((match) => match?.[2] !== undefined && /;\s*rel="?next"?(?:\s|;|$)/.test(match[2]))?.[1];
}

// EXTERNAL MODULE: ./src/github/attempt.ts
var github_attempt = __nccwpck_require__(8678);
;// CONCATENATED MODULE: ./src/github/retry.ts
/** After a rate limit without a time in it, GitHub asks for a minute. */
const MINUTE = 60_000;
/** Both limits come as 429 or as 403; a 403 of another kind says nothing of a rest or of retrying. */
function isRateLimit(attempt) {
    if (attempt.kind === 'no-answer')
        return false;
    if (attempt.status === 429)
        return true;
    if (attempt.status !== 403)
        return false;
    const { header } = attempt;
    return (header('retry-after') !== undefined ||
        header('x-ratelimit-remaining') === '0' ||
        /\brate limit\b/i.test(attempt.text));
}
/** Milliseconds until the next attempt; `undefined` where another attempt would come to the same. */
function planWait(attempt, at) {
    const backoff = 1000 * 2 ** (at.attempt - 1);
    if (attempt.kind === 'no-answer')
        return attempt.isLasting ? undefined : backoff;
    const { status, header } = attempt;
    const limited = isRateLimit(attempt);
    if (!limited && status < 500)
        return undefined;
    const asked = readRetryAfter(header('retry-after'), at.now);
    if (asked !== undefined)
        return asked;
    if (!limited)
        return backoff;
    const reset = Number(header('x-ratelimit-reset'));
    if (header('x-ratelimit-remaining') === '0' && reset > 0)
        return Math.max(1000, reset * 1000 - at.now + 1000);
    return MINUTE;
}
/** Seconds or a date (RFC 9110, section 10.2.3). */
function readRetryAfter(value, now) {
    if (value === undefined)
        return undefined;
    if (/^\d{1,9}$/.test(value.trim()))
        return Number(value) * 1000;
    const date = Date.parse(value);
    return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

;// CONCATENATED MODULE: ./src/github/errors.ts
/** Why a call to the API failed, as a value, and in words for the summary. */


/** Reasons for a 403 that no permission changes. Said in words of our own. */
const REFUSALS = [
    [/\block(?:ed|ing)\b/i, 'the conversation is locked'],
    [/archived|read-only/i, 'the repository is archived'],
    [/\bSAML\b|\bSSO\b/i, "the token is not authorised for the organisation's single sign-on"],
    [/\bIP address\b|IP allow list/i, "the organisation's list of allowed IP addresses does not have this runner"],
    [/suspended|\bblocked\b/i, 'the account is suspended or blocked']
];
/** What an attempt without success comes to. `wait` says for how long the server wants to be left alone. */
function readError(attempt, of) {
    if (attempt.kind === 'no-answer')
        return { kind: 'unavailable', reason: attempt.reason };
    const { status } = attempt;
    const needs = of.permission === '' ? {} : { permission: of.permission };
    if (isRateLimit(attempt))
        return { kind: 'rate-limited', seconds: Math.ceil((of.wait ?? 0) / 1000) };
    if (status === 401)
        return { kind: 'forbidden', status, reason: 'the token is not valid, or no longer valid' };
    if (status === 403) {
        const message = messageOf(attempt.text);
        const refusal = REFUSALS.find(([pattern]) => pattern.test(message));
        return { kind: 'forbidden', status, ...(refusal === undefined ? needs : { reason: refusal[1] }) };
    }
    if (status === 404 || status === 410)
        return { kind: 'not-found', status, ...needs };
    if (status >= 400 && status < 500)
        return { kind: 'invalid', status, fields: fieldsOf(attempt.text) };
    return { kind: 'unavailable', reason: `the server answered ${status}` };
}
/** `what` did not happen, and what to do about it: one sentence or two, plain text. */
function explainApiError(error, what) {
    switch (error.kind) {
        case 'forbidden':
            if (error.reason !== undefined)
                return `${what}: ${error.reason} (${error.status}).`;
            return `${what}: the token may not do this (${error.status}).${remedy(error.permission)}`;
        case 'not-found':
            return `${what}: not found (${error.status}). GitHub also says so when the token may not do this.${remedy(error.permission)}`;
        case 'invalid': {
            const fields = error.fields.length === 0 ? '' : `: ${error.fields.join(', ')}`;
            return `${what}: the server did not accept the request (${error.status}${fields}).`;
        }
        case 'rate-limited':
            return `${what}: the rate limit is used up${error.seconds > 0 ? `, for another ${error.seconds} seconds` : ''}.`;
        case 'unavailable':
            return `${what}: ${error.reason}.`;
    }
}
function remedy(permission) {
    return permission === undefined ? '' : ` Add \`${permission}\` to the job's \`permissions\`.`;
}
function messageOf(text) {
    return (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)((0,core_json/* parseJSON */.Ol)(text), 'message')) ?? '';
}
/** What we send, as GitHub calls it, and its codes for what can be wrong with it. */
const FIELDS = ['body', 'data', 'sha', 'state', 'context', 'description', 'target_url'];
const CODES = ['missing', 'missing_field', 'invalid', 'already_exists', 'unprocessable', 'too_long', 'custom'];
/** `description invalid`: identifiers that we know, never GitHub's prose, which may quote what was sent. */
function fieldsOf(text) {
    return (0,core_json/* asArray */._j)((0,core_json/* dig */.rO)((0,core_json/* parseJSON */.Ol)(text), 'errors'))
        .map((entry) => [FIELDS.find(is(entry, 'field')), CODES.find(is(entry, 'code'))])
        .map((words) => words.filter((word) => word !== undefined).join(' '))
        .filter((field) => field !== '')
        .slice(0, 5);
}
function is(entry, key) {
    return (word) => (0,core_json/* dig */.rO)(entry, key) === word;
}

;// CONCATENATED MODULE: ./src/github/client.ts
/**
 * A small REST client for one repository on GitHub, GitHub Enterprise Server or what speaks their dialect (Gitea).
 * Answers and failures are values. It never throws, and nothing it returns holds the token or what a server wrote.
 */







/** How often one call is tried. */
const MOST_ATTEMPTS = 4;
/** A report is not worth a job that hangs. */
const PATIENCE = { answer: 15_000, lastAnswer: 5_000, all: 60_000 };
/** An issue has at most 2,500 comments. */
const MOST_PAGES = 50;
const MOST_REDIRECTS = 3;
const NO_ADDRESS = { kind: 'unavailable', reason: 'GITHUB_API_URL is not an address' };
/** A client for one repository. Reads nothing and opens nothing until it is asked. */
function createClient(options) {
    const { token, repository, redact, signal, now, patience = PATIENCE } = options;
    const sleep = options.sleep ?? ((milliseconds) => (0,promises_namespaceObject.setTimeout)(milliseconds, undefined, { signal }));
    const base = options.apiUrl.replace(/\/+$/, '');
    const prefix = `/repos/${repository.split('/').map(encodeURIComponent).join('/')}`;
    let waited = 0;
    /** Why the last attempt had no answer: who has used everything up by silence is not asked again. */
    let silence;
    /** Sends once, and follows where a renamed repository has gone, as long as that is on the same server. */
    const send = async (method, url, { body, milliseconds }) => {
        const ended = AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);
        let target = url;
        for (let hop = 0;; hop += 1) {
            const response = await options.fetch(target, {
                method,
                headers: {
                    accept: 'application/vnd.github+json',
                    authorization: `Bearer ${token}`,
                    'user-agent': 'stagegate',
                    'x-github-api-version': '2022-11-28',
                    ...(body === undefined ? {} : { 'content-type': 'application/json' })
                },
                redirect: 'manual',
                signal: ended,
                ...(body === undefined ? {} : { body })
            });
            const place = [301, 302, 307, 308].includes(response.status) ? response.headers.get('location') : null;
            const moved = place !== null && URL.canParse(place, target) ? new URL(place, target) : undefined;
            // The token goes to the server it was issued by and to no other.
            if (moved?.origin !== new URL(base).origin || hop === MOST_REDIRECTS)
                return response;
            await response.text();
            target = moved.href;
        }
    };
    const call = async (method, url, { permission, body }) => {
        if (!URL.canParse(url))
            return { ok: false, error: NO_ADDRESS };
        const text = body === undefined ? undefined : JSON.stringify(redacted(body, redact));
        for (let attempt = 1;; attempt += 1) {
            const left = patience.all - waited;
            if (left <= 0 && silence !== undefined)
                return { ok: false, error: silence };
            const milliseconds = Math.min(patience.answer, Math.max(left, patience.lastAnswer));
            const began = now();
            const outcome = await (0,github_attempt/* attemptOnce */.V)(() => send(method, url, { body: text, milliseconds }), milliseconds);
            waited += Math.max(0, now() - began);
            silence = outcome.kind === 'no-answer' ? { kind: 'unavailable', reason: outcome.reason } : undefined;
            if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300) {
                return { ok: true, value: { body: (0,core_json/* parseJSON */.Ol)(outcome.text), next: nextPage(outcome.header('link')) } };
            }
            if (signal.aborted)
                return { ok: false, error: { kind: 'unavailable', reason: 'the run was cancelled' } };
            const wait = planWait(outcome, { attempt, now: now() });
            const error = readError(outcome, { permission, wait });
            if (wait === undefined || attempt === MOST_ATTEMPTS || waited + wait > patience.all)
                return { ok: false, error };
            waited += wait;
            try {
                await sleep(wait, signal);
            }
            catch {
                return { ok: false, error: { kind: 'unavailable', reason: 'the run was cancelled' } };
            }
        }
    };
    const bodyOf = async (answer) => {
        const result = await answer;
        return result.ok ? { ok: true, value: result.value.body } : result;
    };
    return {
        repo: (method, path, options) => bodyOf(call(method, `${base}${prefix}${path}`, options)),
        root: (method, path, options) => bodyOf(call(method, `${base}${path}`, options)),
        async list(path, options) {
            if (!URL.canParse(base))
                return { ok: false, error: NO_ADDRESS };
            const first = new URL(`${base}${prefix}${path}`);
            first.searchParams.set('per_page', '100');
            let url = first;
            const items = [];
            for (let page = 0; url !== undefined && page < MOST_PAGES; page += 1) {
                const result = await call('GET', url.href, options);
                if (!result.ok)
                    return result;
                if (!Array.isArray(result.value.body)) {
                    return { ok: false, error: { kind: 'unavailable', reason: 'the response is not a list' } };
                }
                items.push(...result.value.body);
                url = following(first, result.value.next);
            }
            return { ok: true, value: items };
        },
        graphql(query) {
            const url = graphqlUrl(base);
            return url === undefined
                ? Promise.resolve({ ok: false, error: { kind: 'not-found', status: 404 } })
                : bodyOf(call('POST', url, { permission: '', body: { query } }));
        },
        redact,
        repository,
        // https://github.blog/engineering/platform-security/behind-githubs-new-authentication-token-formats/
        actsAsApp: token.startsWith('ghs_')
    };
}
/** Only the query of the link is used: behind a proxy a server may not know its own address. */
function following(first, next) {
    if (next === undefined || !URL.canParse(next, first.href))
        return undefined;
    const url = new URL(first);
    url.search = new URL(next, first.href).search;
    return url;
}
/** https://docs.github.com/graphql and, for a server of one's own, https://HOST/api/graphql. */
function graphqlUrl(base) {
    if (base.endsWith('/api/v3'))
        return base.replace(/v3$/, 'graphql');
    return /\/api\/v\d+$/.test(base) ? undefined : `${base}/graphql`;
}

;// CONCATENATED MODULE: ./src/github/identity.ts
/** Whose comments are ours: anyone can write our marker into a comment of their own. */

/** What workflows' own tokens write as, where nobody can be asked. */
const WORKFLOW_IDENTITIES = ['github-actions[bot]', 'gitea-actions', 'forgejo-actions'];
/** The `user` of a comment. */
function readAuthor(comment) {
    const login = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(comment, 'user', 'login'));
    if (login === undefined)
        return undefined;
    const app = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(comment, 'performed_via_github_app', 'slug'));
    return { login, isBot: (0,core_json/* dig */.rO)(comment, 'user', 'type') === 'Bot' || (app !== undefined && login === `${app}[bot]`) };
}
/**
 * The login that the token writes as; `undefined` where the server does not tell. A workflow's token has no user, and
 * `GET /user` is refused to it; GraphQL's `viewer` knows it.
 */
async function readOwnLogin(client) {
    const user = async () => {
        const result = await client.root('GET', '/user', { permission: '' });
        return result.ok ? (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(result.value, 'login')) : undefined;
    };
    const viewer = async () => {
        const result = await client.graphql('query { viewer { login } }');
        return result.ok ? (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(result.value, 'data', 'viewer', 'login')) : undefined;
    };
    return client.actsAsApp ? await viewer() : ((await user()) ?? (await viewer()));
}
/** Whether `author` is the one that writes as `login`; without a login, whether it is a bot. */
function identity_isOwn(author, login) {
    if (login === undefined)
        return author.isBot || WORKFLOW_IDENTITIES.includes(author.login);
    const own = login.toLowerCase();
    const theirs = author.login.toLowerCase();
    // GraphQL leaves the suffix out in places; a person may have the same name without it.
    return theirs === own || (author.isBot && theirs === `${own}[bot]`);
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __nccwpck_require__(7598);
;// CONCATENATED MODULE: ./src/github/marker.ts
/**
 * The hidden first line by which a comment is found again. It carries a hash of the report's name: a name of any
 * length and content makes a line of one length that ends where it should, and no two names make the same one.
 */

/** Everything before the run's number. */
function markerStart(name) {
    return `<!-- stagegate:report:${(0,external_node_crypto_.createHash)('sha256').update(name).digest('hex').slice(0, 32)}`;
}
/** Makes the marks. */
function markImage({ identity, commit }) {
    const mark = (text) => (0,external_node_crypto_.createHash)('sha256').update(text).digest('hex').slice(0, 12);
    return { identity: mark(identity), commit: mark(commit), shared: false };
}
/** The whole line. `sequence` orders runs, so that a slow old one does not overwrite a newer report. */
function markerLine(start, sequence, image) {
    const number = sequence === undefined && image === undefined ? '' : `:${sequence ?? 0}`;
    const about = image === undefined ? '' : `:${image.identity}:${image.commit}${image.shared ? ':shared' : ''}`;
    return `${start}${number}${about} -->\n`;
}
/** Length of the longest line there is. */
function markerLength(image) {
    const longest = image === undefined ? undefined : { ...image, shared: true };
    return markerLine(markerStart(''), Number.MAX_SAFE_INTEGER, longest).length;
}
/** A comment's body without its marker; `undefined` for a comment that does not begin with this marker. */
function readMarked(body, start) {
    if (!body.startsWith(start))
        return undefined;
    const rest = /^(?::(\d{1,16})(?::([0-9a-f]{12}):([0-9a-f]{12})(:shared)?)?)? -->\r?\n?/.exec(body.slice(start.length));
    if (rest === null)
        return undefined;
    const [line, sequence, identity, commit, shared] = rest;
    return {
        sequence: Number(sequence ?? 0),
        text: body.slice(start.length + line.length),
        ...(identity === undefined || commit === undefined
            ? {}
            : { image: { identity, commit, shared: shared !== undefined } })
    };
}

;// CONCATENATED MODULE: ./src/github/comment.ts
/** The report as a comment on a pull request: one per report name, kept up to date in its place. */




/** GitHub refuses longer bodies. It counts code points; this counts UTF-16 units, of which there are never fewer. */
const COMMENT_LIMIT = 65_536;
/** Closes a comment when another image came along that has the same name. */
const SHARED = '\n> [!WARNING]\n> Another image or workflow of this commit goes by the same name, and has no comment. Give each its own `report-name`.\n';
const PERMISSION = 'pull-requests: write';
/** Something else may answer with 200, such as a proxy's page. */
const NOT_THE_COMMENT = { kind: 'unavailable', reason: 'the response is not the comment' };
/** Duplicates that one run removes; there is never more than one unless something goes wrong again and again. */
const MOST_REMOVALS = 5;
/** Creates the comment, or edits the one that is there when there is something new. Never throws. */
async function upsertComment(request) {
    const { client, name, sequence } = request;
    // The marker is what redaction makes of it, before and after alike: a secret may be a word of ours.
    const start = client.redact(markerStart(name));
    const image = request.image === undefined ? undefined : markImage(request.image);
    const reserved = markerLength(image) + (image === undefined ? 0 : SHARED.length);
    const text = client.redact(request.render(COMMENT_LIMIT - reserved)).toWellFormed();
    const body = markerLine(start, sequence, image) + text;
    if (body.length > COMMENT_LIMIT) {
        return { kind: 'failed', message: `No comment was written: it would have ${body.length} characters.` };
    }
    const content = { body, text, again: true, ...(image === undefined ? {} : { image }) };
    const listed = await listMarked(request, start);
    if (!listed.ok)
        return failed(listed.error);
    const [oldest, ...duplicates] = await onlyOwn(client, listed.value);
    if (oldest === undefined)
        return await create(request, start, content);
    await remove(client, duplicates);
    return await refresh(request, oldest, start, content);
}
/** One sentence for the notes; `undefined` when all is well. */
function commentNote(outcome) {
    if (outcome.kind === 'failed' || outcome.kind === 'other-image')
        return outcome.message;
    return outcome.kind === 'superseded' ? 'The comment already shows a later run, so it was left as it is.' : undefined;
}
async function create(request, start, content) {
    const { client, pullRequest } = request;
    const created = await client.repo('POST', `/issues/${pullRequest}/comments`, {
        permission: PERMISSION,
        body: { body: content.body }
    });
    if (!created.ok)
        return failed(created.error);
    const own = readFound(created.value, start);
    if (own === undefined)
        return failed(NOT_THE_COMMENT);
    // Another job of the same name, or an attempt of ours whose answer got lost, may have created one meanwhile. Both
    // see both, and both keep the older.
    const listed = await listMarked(request, start);
    const same = listed.ok ? listed.value.filter(({ author }) => identity_isOwn(author, own.author.login)) : [];
    const [oldest = own, ...younger] = same;
    if (oldest.id >= own.id)
        return { kind: 'created', ...comment_placeOf(own) };
    await remove(client, younger);
    return await refresh(request, oldest, start, { ...content, again: false });
}
async function refresh(request, found, start, content) {
    const { client, sequence = 0 } = request;
    const { text, image, again } = content;
    if (isOfAnother(found, image))
        return await leaveToOther(request, found, start);
    if (found.sequence > sequence)
        return { kind: 'superseded', ...comment_placeOf(found) };
    const shared = found.image?.shared === true && image !== undefined;
    if (sameText(found.text, text) && (image === undefined || found.image?.commit === image.commit)) {
        return { kind: 'unchanged', ...comment_placeOf(found) };
    }
    const body = shared ? withShared(start, request.sequence, image) + text + SHARED : content.body;
    const updated = await client.repo('PATCH', `/issues/comments/${found.id}`, { permission: PERMISSION, body: { body } });
    if (updated.ok && readFound(updated.value, start)?.id !== found.id)
        return failed(NOT_THE_COMMENT);
    if (updated.ok)
        return { kind: 'updated', ...comment_placeOf(found) };
    // Somebody deleted it a moment ago.
    return updated.error.kind === 'not-found' && again
        ? await create(request, start, { ...content, again: false })
        : failed(updated.error);
}
/** The arguments of an image change with the commits: another one is told for sure by the same commit, or once it was. */
function isOfAnother({ image: found }, image) {
    if (found === undefined || image === undefined || found.identity === image.identity)
        return false;
    return found.shared || found.commit === image.commit;
}
/** The comment stays what it is, and says from now on that it tells of one image only. */
async function leaveToOther({ client, name }, found, start) {
    if (found.image?.shared === false) {
        const body = withShared(start, found.sequence, found.image) + found.text.trimEnd() + `\n${SHARED}`;
        await client.repo('PATCH', `/issues/comments/${found.id}`, { permission: PERMISSION, body: { body } });
    }
    const message = `The comment is about another image called "${client.redact(name)}", or from another workflow, so it was left as it is. Give each its own \`report-name\`.`;
    return { kind: 'other-image', ...comment_placeOf(found), message };
}
function withShared(start, sequence, image) {
    return markerLine(start, sequence, { ...image, shared: true });
}
/** All comments with our marker, oldest first; whoever wrote them. */
async function listMarked(request, start) {
    const { client, pullRequest } = request;
    const listed = await client.list(`/issues/${pullRequest}/comments`, { permission: PERMISSION });
    if (!listed.ok)
        return listed;
    const found = listed.value.map((comment) => readFound(comment, start)).filter((comment) => comment !== undefined);
    return { ok: true, value: found.toSorted((one, other) => one.id - other.id) };
}
/** Who we are is asked only when there is something to ask about. */
async function onlyOwn(client, found) {
    if (found.length === 0)
        return [];
    const login = await readOwnLogin(client);
    return found.filter(({ author }) => identity_isOwn(author, login));
}
async function remove(client, found) {
    for (const { id } of found.slice(0, MOST_REMOVALS)) {
        // What can't be removed now is seen again by the next run.
        await client.repo('DELETE', `/issues/comments/${id}`, { permission: PERMISSION });
    }
}
function readFound(comment, start) {
    const id = (0,core_json/* asNumber */.i)((0,core_json/* dig */.rO)(comment, 'id'));
    const author = readAuthor(comment);
    const marked = readMarked((0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(comment, 'body')) ?? '', start);
    if (id === undefined || author === undefined || marked === undefined)
        return undefined;
    const url = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(comment, 'html_url'));
    // A text of ours is compared without what was put below it.
    const text = marked.image?.shared === true ? marked.text.replaceAll('\r\n', '\n').replace(SHARED, '') : marked.text;
    return { id, author, ...marked, text, ...(url === undefined ? {} : { url }) };
}
function comment_placeOf({ id, url }) {
    return { id, ...(url === undefined ? {} : { url }) };
}
/** The web editor ends lines in CR LF, and servers drop white space at the end. */
function sameText(one, other) {
    const plain = (text) => text.replaceAll('\r\n', '\n').trimEnd();
    return plain(one) === plain(other);
}
function failed(error) {
    return { kind: 'failed', error, message: explainApiError(error, 'No comment was written') };
}

;// CONCATENATED MODULE: ./src/github/pull_request.ts
/** The pull request that a commit belongs to, where the event's payload does not tell. */

/** Open pull requests of this repository whose head is exactly there now. */
async function findPullRequests(client, search) {
    const [owner = ''] = search.headRepository.split('/');
    const query = new URLSearchParams({ state: 'open', head: `${owner}:${search.headBranch}` });
    const listed = await client.list(`/pulls?${query.toString()}`, { permission: 'pull-requests: read' });
    if (!listed.ok)
        return listed;
    const numbers = listed.value
        .filter((pull) => (0,core_json/* dig */.rO)(pull, 'head', 'sha') === search.headSha &&
        (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(pull, 'head', 'repo', 'full_name'))?.toLowerCase() === search.headRepository.toLowerCase())
        .map((pull) => (0,core_json/* asPositive */.o0)((0,core_json/* dig */.rO)(pull, 'number')))
        .filter((number) => number !== undefined);
    return { ok: true, value: numbers };
}

// EXTERNAL MODULE: ./src/occasion/place.ts
var occasion_place = __nccwpck_require__(7024);
;// CONCATENATED MODULE: ./src/github/status.ts
/** Commit statuses: the verdict beside a commit, for branch protection rules that want one of a given name. */




/** Longest description; GitHub answers 422 to a longer one. */
const DESCRIPTION_LIMIT = 140;
/** GitHub keeps this much of a name. */
const CONTEXT_LIMIT = 255;
/** Sets a status on a commit. Never throws. */
async function setCommitStatus(request) {
    const { client, sha, state, targetUrl } = request;
    // Redacted before it is cut: of a secret cut in two, the rest would no longer be recognised.
    const description = status_shortened(client.redact(oneLine(request.description)), DESCRIPTION_LIMIT);
    const context = client.redact(oneLine(request.context)).slice(0, CONTEXT_LIMIT).toWellFormed();
    if (!(0,occasion_place/* isCommit */.W)(sha))
        return failure({ kind: 'invalid', status: 422, fields: ['sha'] }, context);
    const mark = request.identity === undefined ? '' : markOf(request.identity);
    const other = mark === '' ? undefined : await findOther(client, { sha, context, mark });
    const shared = other === undefined ? undefined : sharedBy(context);
    // A required check that one leg has made red must not be made green by the next.
    if (shared !== undefined && state === 'success' && other !== 'success') {
        return { kind: 'left', message: `${shared} It still says that the other one failed.` };
    }
    const result = await client.repo('POST', `/statuses/${sha}`, {
        permission: 'statuses: write',
        body: { state, context, description, ...(isLink(targetUrl) ? { target_url: `${targetUrl}${mark}` } : {}) }
    });
    if (!result.ok)
        return failure(result.error, context);
    if (!isStatus(result.value, state)) {
        return failure({ kind: 'unavailable', reason: 'the response is not the status' }, context);
    }
    const url = (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(result.value, 'url'));
    return { kind: 'set', ...(url === undefined ? {} : { url }), ...(shared === undefined ? {} : { message: shared }) };
}
/** Something else may answer with 200: a proxy's page. Gitea has the state under another name, as `status`. */
function isStatus(answer, state) {
    return (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(answer, 'context')) !== undefined && [(0,core_json/* dig */.rO)(answer, 'state'), (0,core_json/* dig */.rO)(answer, 'status')].includes(state);
}
/** What a status is about, as a part of its link that leads to the same place. */
function markOf(identity) {
    return `#stagegate-${(0,external_node_crypto_.createHash)('sha256').update(identity).digest('hex').slice(0, 12)}`;
}
/** The state that another image or workflow has set under this name; `undefined` where none has, or nobody can say. */
async function findOther(client, { sha, context, mark }) {
    const listed = await client.repo('GET', `/commits/${sha}/statuses?per_page=100`, { permission: 'statuses: read' });
    // The newest comes first: https://docs.github.com/rest/commits/statuses#list-commit-statuses-for-a-reference
    const last = listed.ok ? (0,core_json/* asArray */._j)(listed.value).find((status) => (0,core_json/* dig */.rO)(status, 'context') === context) : undefined;
    const [theirs] = /#stagegate-[0-9a-f]{12}$/.exec((0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(last, 'target_url')) ?? '') ?? [];
    return theirs === undefined || theirs === mark ? undefined : (0,core_json/* asString */.oJ)((0,core_json/* dig */.rO)(last, 'state'));
}
function sharedBy(context) {
    return `The commit status "${context}" is that of another image or workflow of this commit, too. Give each its own \`commit-status\`.`;
}
/** At most `limit` characters; what is cut is cut behind a word and ends in an ellipsis. */
function status_shortened(text, limit) {
    if (text.length <= limit)
        return text;
    const room = text.slice(0, limit - 1);
    const space = text[limit - 1] === ' ' ? room.length : room.lastIndexOf(' ');
    // One word that fills most of the room, a digest say, is cut inside, but never inside a surrogate pair.
    const cut = space > limit / 2 ? room.slice(0, space) : room.replace(/[\ud800-\udbff]$/, '');
    return `${cut.replace(/[\s,;:.–—-]+$/, '')}…`;
}
function failure(error, context) {
    return { kind: 'failed', error, message: explainApiError(error, `The commit status "${context}" was not set`) };
}
function isLink(url) {
    return url !== undefined && /^https?:\/\//.test(url) && URL.canParse(url);
}
function oneLine(text) {
    return text
        .replace(/[\s\u0000-\u001f\u007f-\u009f]+/g, ' ')
        .trim()
        .toWellFormed();
}

// EXTERNAL MODULE: ./src/core/units.ts
var units = __nccwpck_require__(2184);
;// CONCATENATED MODULE: ./src/test_reports/model.ts
/** What the test reports of a run say: counts, and the tests that failed. Plain data. */
/** A bound of what is read of one run's reports; docs/test-reports.md names them. */
const MOST_BYTES = (/* unused pure expression or super */ null && (50 * 2 ** 20));
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
function model_testID({ suite, name }) {
    return suite === '' || name === suite ? name : `${suite} › ${name}`;
}

;// CONCATENATED MODULE: ./src/report/format/ladder.ts
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
const SUMMARY_LIMIT_BYTES = (/* unused pure expression or super */ null && (900 * 1024));
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
    return `Shortened to fit GitHub's limit: ${(0,units/* enumerated */.BD)(detail.leftOut)} are left out. The job log has everything.`;
}
/** The first `max` items and how many are left. */
function ladder_capped(items, max) {
    return { shown: items.slice(0, max), more: Math.max(0, items.length - max) };
}

;// CONCATENATED MODULE: ./src/core/linked.ts
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
function linked_linkedStage(target, stage) {
    return stage === undefined ? `${SCHEME}${target}` : `${SCHEME}${target}:${stage}`;
}
/** What `linkedStage` was made of; `undefined` for a stage of the build's own. */
function readLinkedStage(shown) {
    const [, target, stage] = /^target:([^:]+)(?::(.+))?$/.exec(shown) ?? [];
    return target === undefined ? undefined : { target, ...(stage === undefined ? {} : { stage }) };
}
/** Whether a step is one of a linked target: its line is in another Dockerfile than the build's own. */
function linked_isLinkedStep({ stage }) {
    return stage?.startsWith(SCHEME) === true;
}
/** Build arguments of a linked target, `NAME=VALUE`. */
function argumentsOf({ attributes }) {
    return Object.entries(asObject(attributes.args) ?? {}).flatMap(([name, value]) => typeof value === 'string' ? [`${name}=${value}`] : []);
}
/** The target with other build arguments. */
function withArguments(target, buildArgs) {
    const args = Object.fromEntries(splitPairs(buildArgs));
    return { ...target, attributes: { ...target.attributes, args } };
}

// EXTERNAL MODULE: ./src/report/format/markdown.ts
var markdown = __nccwpck_require__(99);
;// CONCATENATED MODULE: ./src/report/format/links.ts
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
function links_place(source, line) {
    const dockerfile = (0,markdown/* inline */.mG)(source.dockerfile);
    return line === undefined ? dockerfile : `${dockerfile}:${line}`;
}
/** The same of a step or layer; the stage of one of a linked target, whose Dockerfile is another. */
function links_placeOf(source, { stage, line }) {
    return stage !== undefined && isLinkedStep({ stage }) ? inline(stage) : links_place(source, line);
}
/** `[Dockerfile:24](…)`. */
function placeLink(source, line) {
    return (0,markdown/* link */.nf)((0,markdown/* text */.Qq)(links_place(source, line), 200), lineAddress(source, line));
}
/** `[24](…)`, for tables where the file is known from the heading; empty without a line. */
function lineLink(source, line) {
    return line === undefined ? '' : (0,markdown/* link */.nf)(String(line), lineAddress(source, line));
}
/** `[job log](…)`, or the words alone. */
function links_logLink(report, label = 'job log') {
    return (0,markdown/* link */.nf)(label, report.source.runUrl);
}

;// CONCATENATED MODULE: ./src/report/sections/tests.ts
/** What the tests themselves say: how many there were, which failed and where, and what is different from the baseline. */





/** Counts over all stages and platforms; `undefined` where no test is known. */
function testWords(report, stage) {
    const counts = countsOf(report, stage);
    return totalOf(counts) === 0 ? undefined : countWords(counts);
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
    const { shown } = ladder_capped(failing, Math.min(detail.rows, detail.collapsed ? MOST_SHOWN : MOST_BRIEF));
    const several = (report.tests?.stages ?? []).length > 1;
    const fresh = new Set(report.tests?.changes?.newlyFailing ?? []);
    const more = total - shown.length;
    return (0,markdown/* sections */.V0)([
        failsBesideGate(report)
            ? (0,markdown/* alert */.xE)('WARNING', [
                `${(0,markdown/* text */.Qq)((0,units/* count */.U9)(total, 'test'))} failed by the tests’ own report, and the stage passed all the same: its command ended with exit code 0.`
            ])
            : undefined,
        `### ${failing.length === 1 && total === 1 ? 'The failing test' : (0,markdown/* html */.qy)(`${(0,units/* count */.U9)(total, 'failing test')}`)}`,
        (0,markdown/* bullets */.e5)([
            ...shown.map(({ test, stage }) => failingItem(report, test, several ? stage : undefined, fresh.has(model_testID(test)))),
            ...(more > 0 ? [`and ${(0,units/* count */.U9)(more, 'more failing test')}`] : [])
        ])
    ]);
}
/** Failing tests that are listed, and in a report that is short of room. */
const MOST_SHOWN = 30;
const MOST_BRIEF = 8;
/** Lines of a message that are shown. */
const tests_MESSAGE_LINES = 10;
function failingItem(report, test, stage, isNew) {
    const { file, fileInRepository, line, message } = test;
    const shown = fileInRepository ?? file;
    const place = shown === undefined
        ? undefined
        : (0,markdown/* link */.nf)((0,markdown/* code */.aY)(line === undefined ? shown : `${shown}:${line}`, 200), fileInRepository === undefined ? undefined : fileAddress(report.source, fileInRepository, line));
    const of = stage === undefined
        ? undefined
        : [(0,markdown/* code */.aY)(stage.stage, 60), ...(stage.platform === undefined ? [] : [(0,markdown/* code */.aY)(stage.platform, 60)])].join(' ');
    const head = [`**${(0,markdown/* code */.aY)(model_testID(test), 200)}**`, place, of, isNew ? 'newly failing' : undefined]
        .filter((part) => part !== undefined)
        .join(' · ');
    const lines = message.split('\n').slice(0, tests_MESSAGE_LINES);
    return message.trim() === '' ? head : `${head}\n\n${(0,markdown/* block */.om)(lines, 'text', 300)}`;
}
/** What is different from the baseline, and what could not be read; `undefined` where there is nothing to tell. */
function renderTests(report, detail) {
    const { stages = [], changes } = report.tests ?? {};
    if (stages.length === 0)
        return undefined;
    const cached = stages.filter(({ cached, files }) => cached && files > 0);
    const { shown, more } = ladder_capped(stages.flatMap(({ omissions }) => omissions), detail.rows);
    const sentences = [
        ...(cached.length === 0
            ? []
            : [
                `${(0,units/* enumerated */.BD)(cached.map(stageWords))} came from the cache: the report is that of the run which tested these very files.`
            ]),
        ...changeSentences(changes),
        ...shown.map((omission) => (0,markdown/* text */.Qq)(omission, 500)),
        ...(more > 0 ? [`and ${(0,units/* count */.U9)(more, 'more sentence')} of what is left out`] : [])
    ];
    const passing = detail.collapsed ? renderNames('Passes again', changes?.newlyPassing ?? []) : undefined;
    if (sentences.length === 0 && passing === undefined)
        return undefined;
    return (0,markdown/* sections */.V0)(['### Tests', sentences.length === 0 ? undefined : (0,markdown/* bullets */.e5)(sentences), passing]);
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
        ...(parts.length === 0 ? [] : [`Against the baseline: ${(0,units/* enumerated */.BD)(parts)}.`]),
        ...(shrank
            ? [
                `**The test suite shrank**: ${(0,units/* count */.U9)(disappeared, 'test')} of the baseline ${disappeared === 1 ? 'is' : 'are'} not in this run.`
            ]
            : [])
    ];
}
function renderNames(title, names) {
    return names.length === 0
        ? undefined
        : (0,markdown/* details */.zH)((0,markdown/* html */.qy)(`${title}: ${(0,units/* count */.U9)(names.length, 'test')}`), (0,markdown/* bullets */.e5)(names.map((name) => (0,markdown/* code */.aY)(name, 200))));
}
function stageWords({ stage, platform }) {
    return platform === undefined ? (0,markdown/* code */.aY)(stage, 60) : `${(0,markdown/* code */.aY)(stage, 60)} ${(0,markdown/* code */.aY)(platform, 60)}`;
}
/** A failing test in plain text, for an annotation. */
function testSentence(test) {
    const said = test.message.trim();
    return { title: inline(testID(test)), message: said === '' ? 'The test failed and said nothing.' : said };
}

;// CONCATENATED MODULE: ./src/report/sections/advice.ts
/** Advice on the Dockerfile and the image, ours and BuildKit's, collapsed. Nothing fails because of it. */




/** The section; `undefined` where nobody has any. */
function renderAdvice(report, detail) {
    const { advice } = report;
    const { findings } = report.lint;
    const number = advice.length + findings.length;
    if (number === 0)
        return undefined;
    const title = `Advice: ${(0,units/* count */.U9)(number, 'finding')} (nothing fails because of ${number === 1 ? 'it' : 'them'})`;
    if (!detail.collapsed)
        return `${title}.`;
    const own = ladder_capped(advice, detail.rows);
    const theirs = ladder_capped(findings, detail.rows);
    const [example] = advice;
    return (0,markdown/* details */.zH)((0,markdown/* html */.qy)(title), (0,markdown/* sections */.V0)([
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
    return items.length === 0 ? undefined : (0,markdown/* bullets */.e5)([...items, ...(more > 0 ? [`and ${more} more`] : [])]);
}
/** `**41.2 MB** [Dockerfile:18](…) The cache of pip … Mount it …. `PackageCacheInLayer``. */
function adviceLine(report, item) {
    return [
        item.bytes === undefined || item.bytes <= 0 ? '' : `**${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(item.bytes))}**`,
        item.line === undefined ? '' : placeLink(report.source, item.line),
        (0,markdown/* text */.Qq)(`${ended(item.message)} ${item.fix}`, 700),
        (0,markdown/* code */.aY)(item.rule, 60)
    ]
        .filter((part) => part !== '')
        .join(' ');
}
function ended(message) {
    return /[.!?:]$/.test(message) ? message : `${message}.`;
}
function findingLine(report, finding) {
    const rule = (0,markdown/* link */.nf)((0,markdown/* code */.aY)(finding.rule, 80), ruleAddress(finding.url));
    return `${placeLink(report.source, finding.line)} ${(0,markdown/* text */.Qq)(finding.message, 500)} ${rule}`;
}
/** BuildKit names the page of each rule; a custom frontend could name any page. */
function ruleAddress(url) {
    return url !== undefined && /^https:\/\/docs\.docker\.com\/[\w./-]+$/.test(url) ? url : undefined;
}

;// CONCATENATED MODULE: ./src/core/step.ts
/**
 * Whether BuildKit's name of a stage is the one an input means. Stage names are case-insensitive (BuildKit shows them in
 * lower case), and an unnamed stage, meant by its index, is shown as `stage-2`.
 */
function step_sameStage(shown, meant) {
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
function step_isWork({ instruction }) {
    return !/^FROM\s/i.test(instruction);
}
const TELLING = (/* unused pure expression or super */ null && (['failed', 'ran', 'cached', 'cancelled', 'waiting']));
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

;// CONCATENATED MODULE: external "node:zlib"
const external_node_zlib_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:zlib");
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __nccwpck_require__(6760);
var external_node_path_default = /*#__PURE__*/__nccwpck_require__.n(external_node_path_);
;// CONCATENATED MODULE: ./src/core/csv.ts
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

;// CONCATENATED MODULE: ./src/core/pair.ts
/** `NAME=VALUE`, as build arguments, contexts, environments and the fields of CSV have it. */
/** Takes a pair apart at its first "=". A text without one is a name alone; what that means, each list says for itself. */
function pair_splitPair(text) {
    const at = text.indexOf('=');
    return at < 0 ? { name: text } : { name: text.slice(0, at), value: text.slice(at + 1) };
}
/** Names and values of some pairs; the value of a name alone is empty. */
function pair_splitPairs(texts) {
    return texts.map(pair_splitPair).map(({ name, value = '' }) => [name, value]);
}

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
function words_unquote(word) {
    return word.replace(/\\([^])|'([^']*)'|"((?:\\[^]|[^"\\])*)"/g, (_all, escaped, single, double) => escaped ?? single ?? (double ?? '').replace(/\\(["\\$`])/g, '$1'));
}
/** The words of `COPY` or `ADD`, in either form. */
function words_wordsOf(rest) {
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
function mounts_mountsOf({ flags }) {
    return flags.flatMap((flag) => {
        const value = /^--mount=(.*)$/s.exec(flag)?.[1];
        if (value === undefined)
            return [];
        const options = mountOptions(readFields(value));
        return [{ type: options.get('type')?.toLowerCase() ?? 'bind', options }];
    });
}
/** The mounts of a RUN, also of one below `ONBUILD`, as BuildKit shows it in the name of a step; none of another instruction. */
function mounts_mountsIn(instruction) {
    const [, rest = ''] = /^(?:ONBUILD\s+)?RUN\s+([^]*)$/i.exec(instruction) ?? [];
    return mounts_mountsOf(splitFlags(rest));
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
        const { name, value = '' } = pair_splitPair(field);
        const key = name.trim().toLowerCase();
        return [aliases.get(key) ?? key, value];
    }));
}

;// CONCATENATED MODULE: ./src/core/reference.ts
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
const reference_BEYOND_A_REFERENCE = 1_000;
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

;// CONCATENATED MODULE: ./src/dockerfile/variables.ts
/** Variables of `FROM`: they take the values of the `ARG`s above the first stage, which `build-args` can set. */



/** Reads `NAME=VALUE` entries; one without a value takes it from the environment, so it is not known here. */
function readArguments(entries) {
    return new Map(entries.flatMap((entry) => {
        const { name, value } = splitPair(entry);
        return value === undefined ? [] : [[name, value]];
    }));
}
/** The names that `ARG` declares, above all stages and in them. */
function declaredArguments({ instructions }) {
    return new Set(instructions
        .filter(({ keyword }) => keyword === 'ARG')
        .flatMap(({ rest }) => wordsOf(rest))
        .map((word) => splitPair(word).name));
}
/**
 * Tells whether a name, in whatever case, is one that a `FROM` can mean. It is the very text where all values are known;
 * where the builder alone knows one (TARGETARCH), that place fits anything.
 */
function variables_meaningOf(text, dockerfile, given) {
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
function variables_valueOfText(text, dockerfile, given) {
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
            const { name, value } = splitPair(word);
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
    const most = Math.max(text.length, BEYOND_A_REFERENCE);
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
function stages_stageNeeds(dockerfile, wanted, given = new Map()) {
    // A set that grows is gone through to its end.
    const needed = new Set([wanted].flat().flatMap((name) => targetStage(dockerfile, name) ?? []));
    for (const stage of needed) {
        for (const { stages } of stages_readStages(dockerfile, stage, given))
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
        ...stages_stepsOf(dockerfile, stage, given).flatMap((instruction) => readsOf(instruction))
    ];
}
/** Where a stage reads from, each with the stages that it can mean; without any it is an image. */
function stages_readStages(dockerfile, stage, given = new Map()) {
    return sourcesOf(dockerfile, stage, given).map((source) => ({
        source,
        stages: resolve(dockerfile, stage, source, given)
    }));
}
/** The instructions that run in a stage: what its parent's ONBUILD holds for it, and its own but for ONBUILD. */
function stages_stepsOf(dockerfile, stage, given = new Map()) {
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
            const id = credentials_credentialOf(mount);
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
function credentials_credentialOf({ type, options }) {
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
const WITHOUT_CONTENT = (/* unused pure expression or super */ null && (['cache', 'secret', 'ssh', 'tmpfs']));
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










;// CONCATENATED MODULE: external "node:string_decoder"
const external_node_string_decoder_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:string_decoder");
;// CONCATENATED MODULE: ./src/buildkit/progress.ts
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
    const decoder = new StringDecoder('utf8');
    const spread = [];
    /** Pieces of a line that has not ended: a status with hundreds of findings has the Dockerfile in each. */
    let rest = [];
    /** By what they say: each target of a call tells of the same. */
    const findings = new Map();
    let contextBytes = 0;
    const layers = new Map();
    /** A download hangs on the step it is for; the layers of a base image hang on its FROM. */
    const stepDownloads = () => [...layers.values()].filter(({ vertex }) => {
        const step = progress_parseName(vertexOf(vertex).name);
        return step !== undefined && isWork(step);
    });
    const readDownload = (json, digest) => {
        const known = layers.get(digest);
        const started = milliseconds(json.started) ?? known?.started;
        const ended = milliseconds(json.completed) ?? known?.ended;
        layers.set(digest, {
            vertex: asString(json.vertex) ?? '',
            bytes: Math.max(known?.bytes ?? 0, asNumber(json.current) ?? 0),
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
        const { stage, instruction } = progress_parseName(name) ?? { instruction: '' };
        return stage !== undefined && isHidden(stage) && !isWork({ instruction }) ? instruction : name;
    };
    const isLinked = (target) => targets.get(target)?.linked !== undefined;
    /** Whether something is told of linked targets alone, whose Dockerfiles are not the build's own. */
    const isTheirs = ({ told }) => told.size > 0 && [...told.keys()].every(isLinked);
    const readVertex = (json) => {
        const vertex = vertexOf(asString(json.digest) ?? '');
        const { target, name: given } = withoutTarget(asString(json.name) ?? vertex.name, targets);
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
        const error = asString(json.error);
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
        const step = progress_parseName(vertex.name);
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
        const vertex = vertexOf(asString(json.vertex) ?? '');
        const stream = asNumber(json.stream) ?? 1;
        const data = asString(json.data) ?? '';
        if (targets.size > 1) {
            const chunk = `${stream} ${asString(json.timestamp) ?? ''} ${data.length}`;
            if (vertex.heard.has(chunk))
                return;
            vertex.heard.add(chunk);
        }
        const pending = vertex.pending.get(stream) ?? { decoder: new StringDecoder('utf8'), text: '' };
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
        const status = text.startsWith('{') ? asObject(parseJSON(text)) : undefined;
        if (status === undefined) {
            plain.push(...text.split('\n').filter((line) => line.trim() !== ''));
            return;
        }
        for (const json of asArray(status.vertexes))
            readVertex(asObject(json) ?? {});
        for (const json of asArray(status.logs))
            readLog(asObject(json) ?? {});
        for (const json of asArray(status.warnings)) {
            const warning = asObject(json) ?? {};
            const finding = isTheirs(vertexOf(asString(warning.vertex) ?? '')) ? undefined : readFinding(warning);
            if (finding !== undefined)
                findings.set(JSON.stringify(finding), finding);
        }
        for (const json of asArray(status.statuses)) {
            const transfer = asObject(json) ?? {};
            if (transfer.id === 'transferring context:') {
                contextBytes = Math.max(contextBytes, asNumber(transfer.current) ?? 0);
            }
            const id = asString(transfer.id) ?? '';
            if (/^sha256:[0-9a-f]{64}$/.test(id))
                readDownload(transfer, id);
            const written = /^writing layer (sha256:[0-9a-f]{64})$/.exec(id)?.[1];
            if (written !== undefined)
                vertexOf(asString(transfer.vertex) ?? '').layers.add(written);
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
            const isStep = (vertex) => progress_parseName(vertex.name) !== undefined && !fetches.has(vertex);
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
                graph: new Map(named.flatMap(({ digest, name, inputs }) => (visible(progress_parseName(name) ?? {}) ? [[digest, inputs]] : [])))
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
    const said = Buffer.from(asString(warning.short) ?? '', 'base64').toString();
    const [, rule, text = ''] = /^([A-Z][A-Za-z]+): ([^]+)$/.exec(said) ?? [];
    const url = asString(warning.url);
    if (rule === undefined || url?.includes('/dockerfile/rule/') !== true)
        return undefined;
    const line = asNumber(dig(asArray(warning.range)[0], 'start', 'line'));
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
    return { bytes: downloads.reduce((sum, { bytes }) => sum + bytes, 0), seconds: progress_totalOf(spans) / 1000 };
}
/** Milliseconds that are in at least one of the spans: two targets of a call may tell of the same work. */
function progress_totalOf(spans) {
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
function progress_parseName(name) {
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
    const step = progress_parseName(plain);
    if (step === undefined || (platform === undefined && linked === undefined))
        return { target, name: plain };
    if (linked === undefined) {
        return { target, name: step.platform !== undefined ? plain : `[${platform ?? ''} ${plain.slice(1)}` };
    }
    const place = [step.platform ?? platform, linkedStage(linked.name, step.stage), step.position];
    return { target, name: `[${place.filter((part) => part !== undefined).join(' ')}] ${step.instruction}` };
}
function toStep(vertex) {
    const { platform, stage, instruction } = progress_parseName(vertex.name) ?? { instruction: vertex.name };
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
        if (progress_parseName(input.name) === undefined || input.name === vertex.name)
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
    return progress_totalOf(intervals) / 1000;
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

;// CONCATENATED MODULE: ./src/explain/record.ts
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
    const stages = dockerfile === undefined ? [] : record_readStages(redact(dockerfile));
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
        ...(files === undefined ? {} : { files: files.map((file) => ({ ...file, path: redact(file.path) })).sort(byPath) })
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
    const { instruction } = parseName(name) ?? {};
    if (instruction === undefined || isFrom(name))
        return name;
    const place = record_placeOf(stages, name);
    const text = place === undefined ? undefined : stages[place.stage]?.instructions[place.instruction]?.text;
    const head = name.slice(0, name.length - instruction.length);
    if (text !== undefined)
        return `${head}${instruction.startsWith('LINK ') ? 'LINK ' : ''}${text}`;
    return hasArguments ? `${head}${/^\w*/.exec(instruction)?.[0] ?? ''} … ${shortMark(instruction)}` : name;
}
/** An instruction as it is shown, of a step's name in a record. */
function instructionIn(name) {
    return (parseName(name)?.instruction ?? name).replace(/ … [0-9a-f]{4}$/, ' …');
}
/** Whether a step is the naming of an image that a stage starts from. */
function isFrom(name) {
    return /^FROM\s/.test(parseName(name)?.instruction ?? name);
}
/** `[base 1/4] FROM python:3.12@sha256:…`, or without brackets where several stages share it. */
function readImage(name) {
    const [, image, digest] = /^(?:\[[^\]]*\] )?FROM (?:--\S+ )*(\S+?)@(sha256:[0-9a-f]{64})$/.exec(name) ?? [];
    return image === undefined || digest === undefined ? undefined : { image, digest };
}
function record_readStages(text) {
    const { instructions, stages } = parseDockerfile(text);
    // `ARG NAME` in a stage takes its value from the `ARG NAME=VALUE` above all stages.
    const globals = new Map(instructions
        .filter(({ stage, keyword }) => stage === -1 && keyword === 'ARG')
        .flatMap(({ rest }) => wordsOf(rest))
        .filter((word) => word.includes('='))
        .map((word) => [argumentName(word), word]));
    const withDefaults = (instruction) => instruction.keyword === 'ARG'
        ? ['ARG', ...wordsOf(instruction.rest).map((word) => globals.get(word) ?? word)].join(' ')
        : textOf(instruction);
    const byStage = Map.groupBy(instructions, ({ stage }) => stage);
    return stages.map(({ index, name, from }) => ({
        from: from.slice(0, MOST_TEXT),
        instructions: (byStage.get(index) ?? [])
            .filter(({ keyword }) => keyword !== 'FROM')
            .map((instruction) => {
            const whole = withDefaults(instruction);
            return { text: whole.slice(0, MOST_TEXT), mark: record_markOf(instruction, whole), line: instruction.line };
        }),
        ...(name === undefined ? {} : { name: name.slice(0, MOST_TEXT) })
    }));
}
function textOf({ keyword, flags, rest }) {
    return [keyword, ...flags, rest].filter((part) => part !== '').join(' ');
}
/** To a shell each blank counts, and so does what a heredoc holds; to other instructions blanks mean nothing. */
function record_markOf({ keyword, rest, written }, whole) {
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
    return createHash('sha256').update(text).digest('hex').slice(0, 4);
}
function checksum(text) {
    return crc32(text).toString(16).padStart(8, '0');
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
    const places = record.steps.map(({ name }) => record_placeOf(record.stages, name));
    const counts = new Map();
    const texts = record.steps.map(({ name }, index) => {
        const { platform = '', instruction } = parseName(name) ?? { instruction: name };
        const place = places[index];
        const text = place === undefined ? undefined : record.stages[place.stage]?.instructions[place.instruction];
        return [platform, instruction, text?.mark ?? ''].join('\n');
    });
    const contents = record.steps.map(({ name }, index) => [parseName(name)?.stage ?? '', texts[index]].join('\n'));
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
function record_placeOf(stages, name) {
    const parsed = parseName(name);
    const stage = stages.findIndex(({ name: own }, index) => parsed?.stage === undefined
        ? stages.length === 1
        : sameStage(parsed.stage, own ?? '') || parsed.stage === `stage-${index}`);
    const [position = 0, total = 0] = parsed?.position.split('/').map(Number) ?? [];
    const layered = (stages[stage]?.instructions ?? []).flatMap(({ text }, index) => (LAYERED.test(text) ? [index] : []));
    const extra = total - layered.length;
    const instruction = extra === 0 || extra === 1 ? layered[position - extra - 1] : undefined;
    return instruction === undefined ? undefined : { stage, instruction };
}

;// CONCATENATED MODULE: ./src/report/format/instruction.ts
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
function instruction_briefInstruction(instruction) {
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

;// CONCATENATED MODULE: ./src/report/format/edit.ts
/** What was edited in an instruction, where the whole of it would hide that. */


/** Characters of one side that are shown. */
const edit_MOST_SHOWN = 60;
/**
 * The words between the common beginning and end of two instructions; `undefined` where all words are the same. What the
 * brief form leaves out counts where nothing else differs.
 */
function editOf(before, now) {
    const brief = wordsBetween(instruction_briefInstruction(before), instruction_briefInstruction(now));
    const edit = brief ?? wordsBetween(before, now);
    return edit === undefined || edit.was.slice(0, edit_MOST_SHOWN) !== edit.is.slice(0, edit_MOST_SHOWN) ? edit : narrowed(edit);
}
/** "`b`, was `a`", "`b` was added", "`a` was removed". */
function editWords({ was, is }) {
    if (was === '')
        return `${(0,markdown/* code */.aY)(is, edit_MOST_SHOWN)} was added`;
    return is === '' ? `${(0,markdown/* code */.aY)(was, edit_MOST_SHOWN)} was removed` : `${(0,markdown/* code */.aY)(is, edit_MOST_SHOWN)}, was ${(0,markdown/* code */.aY)(was, edit_MOST_SHOWN)}`;
}
/** Whether a reader who is shown the beginnings of both sees that they differ. */
function looksOther(before, now, shown) {
    const start = (instruction) => (0,markdown/* inline */.mG)(instruction_briefInstruction(instruction)).slice(0, shown);
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
    const from = Math.max(0, same - edit_MOST_SHOWN / 3);
    const cut = (text) => `…${text.slice(from).replace(/^[\udc00-\udfff]/, '')}`;
    return { was: cut(was), is: cut(is) };
}

;// CONCATENATED MODULE: ./src/report/sections/broken.ts
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
    const { shown, more } = ladder_capped(findingsOf(stages, report.steps), detail.rows);
    const since = report.cache.comparedWith;
    return (0,markdown/* sections */.V0)([
        `**What broke the cache**${since === undefined ? '' : ` since ${(0,markdown/* text */.Qq)(since, 120)}`}`,
        (0,markdown/* bullets */.e5)([
            ...shown.map((finding) => findingWords(report, finding)),
            ...(more > 0 ? [`and ${(0,units/* count */.U9)(more, 'more reason')}`] : [])
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
        .map((group) => ({ ...group, seconds: broken_secondsOf(group.stages, steps) }))
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
function broken_secondsOf(stages, steps) {
    const most = Math.max(0, ...stages.map(({ why }) => why.seconds));
    const own = stages.flatMap(({ firstToRun, why }) => firstToRun === undefined || why.step !== undefined ? [] : [firstToRun]);
    const together = ranBecauseOf(steps.filter(({ name, vertex }) => own.some((step) => step.name === name && step.vertex === vertex)), steps);
    return Math.max(most, together.reduce((sum, { seconds }) => sum + seconds, 0));
}
function findingWords(report, { stages, followers, seconds }) {
    const [first] = stages.length > 0 ? stages : followers;
    if (first === undefined)
        return '';
    const { cause, certainty, install } = first.why;
    const names = (0,units/* enumerated */.BD)(some((stages.length > 0 ? stages : followers).map((stage) => `**${stageCode(stage)}**`)));
    const subject = isAboutTheCache(cause) ? undefined : subjectOf(first);
    const lines = [...new Set(stages.map((stage) => subjectOf(stage)?.line))];
    const others = lines.slice(1).map((line) => lineLink(report.source, line));
    const isOne = stages.every((stage) => subjectOf(stage)?.instruction === subject?.instruction);
    const step = subject === undefined ? '' : isOne ? stepWords(report, subject, others) : linesOf(report, lines);
    return [
        `${names}${step === '' ? '' : ` at ${step}`}: ${causeWords(report, cause, certainty)}.`,
        costWords(seconds, stages.length > 0 ? followers : []),
        ...(install === undefined
            ? []
            : [
                `${stepWords(report, install)} (${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(install.seconds))}) would stay cached above it, behind a \`COPY\` of only the files that it reads.`
            ])
    ]
        .join(' ')
        .trim();
}
/** "`test` had to follow: 44.1 s of steps in all." */
function costWords(seconds, followers) {
    const follow = followers.length === 0
        ? ''
        : `${(0,units/* enumerated */.BD)(some(followers.map(stageCode)))} had to follow${seconds < LEAST_SECONDS ? '' : ': '}`;
    if (seconds < LEAST_SECONDS)
        return follow === '' ? '' : `${follow}.`;
    return `${follow}${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(seconds))} of steps${follow === '' ? '' : ' in all'}.`;
}
function some(names, most = 6) {
    return names.length <= most ? names : [...names.slice(0, most), `${names.length - most} more`];
}
function stageCode({ name }) {
    return name === '' ? '*(unnamed)*' : (0,markdown/* code */.aY)(name, 60);
}
/** The line, further lines with the same instruction, and the instruction. */
function stepWords(report, { instruction, line }, others = []) {
    const lines = [lineLink(report.source, line), ...others].filter((part) => part !== '');
    return [(0,units/* enumerated */.BD)(some(lines)), (0,markdown/* code */.aY)(instruction_briefInstruction(instruction), STEP_SHOWN)]
        .filter((part) => part !== '')
        .join(' ');
}
/** Lines of several instructions; the table of stages has each of them. */
function linesOf(report, lines) {
    return (0,units/* enumerated */.BD)(some(lines.map((line) => lineLink(report.source, line)).filter((link) => link !== '')));
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
            const names = (0,units/* enumerated */.BD)(some(cause.names.map((name) => (0,markdown/* code */.aY)(name, 60))));
            return cause.names.length === 1
                ? `${maybe}the build argument ${names} has another value`
                : `${maybe}the build arguments ${names} have other values`;
        }
        case 'input':
            return `${maybe}${inputWords(cause.names)}`;
        case 'files':
            return filesWords(cause.changed, cause.more);
        case 'no-cache-found': {
            const references = (0,units/* enumerated */.BD)(some(cause.references.map((reference) => (0,markdown/* code */.aY)(reference, 120)), 3));
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
        ? `the base image ${(0,markdown/* code */.aY)(image, 120)} has changed: ${(0,markdown/* code */.aY)(digest)} → ${(0,markdown/* code */.aY)(newDigest)}`
        : `the base image was ${(0,markdown/* code */.aY)(image, 120)}, now ${(0,markdown/* code */.aY)(newImage, 120)}`;
}
function splitDigest(reference) {
    const at = reference.lastIndexOf('@');
    return at === -1 ? [reference, ''] : [reference.slice(0, at), reference.slice(at + 1, at + 20)];
}
function aboveWords(report, { before, after, line }) {
    const now = after === undefined ? undefined : stepWords(report, { instruction: after, ...(line === undefined ? {} : { line }) });
    if (before !== undefined && after !== undefined && now !== undefined) {
        return looksOther(before, after, STEP_SHOWN)
            ? `above it, ${instructionCode(before)} became ${now}`
            : `in ${now} above it, ${detailWords(before, after)}`;
    }
    if (before !== undefined)
        return `${instructionCode(before)} above it is gone`;
    return now === undefined ? 'the instructions above it are in another order' : `${now} above it is new`;
}
function changeWords(before, after) {
    return looksOther(before, after, STEP_SHOWN)
        ? `the instruction was ${instructionCode(before)}`
        : `in the instruction, ${detailWords(before, after)}`;
}
/** What differs where the beginnings do not. A record has the text of an instruction without its heredocs. */
function detailWords(before, after) {
    const edit = editOf(before, after);
    if (edit !== undefined)
        return editWords(edit);
    if (after.length >= MOST_TEXT)
        return `what differs is not within the first ${(0,units/* grouped */.zD)(MOST_TEXT)} characters`;
    return after.includes('<<') ? 'only the text of a heredoc or blanks differ' : 'only blanks differ';
}
function instructionCode(instruction) {
    return (0,markdown/* code */.aY)(instruction_briefInstruction(instruction), 100);
}
function inputWords(names) {
    const values = names.filter((name) => name !== 'namespace').map((name) => (0,markdown/* code */.aY)(name));
    const words = [
        ...(values.length === 0
            ? []
            : [`${(0,units/* enumerated */.BD)(values)} ${values.length === 1 ? 'has another value' : 'have other values'}`]),
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
    const names = changed.slice(0, NAMED).map(({ path, how }) => `${(0,markdown/* pathCode */.N3)(path, 60)}${words[how]}`);
    const rest = changed.length - names.length + more;
    const all = (0,units/* enumerated */.BD)([...names, ...(rest > 0 ? [`${rest} more`] : [])]);
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
    const unknown = saved.unknownSteps === 0 ? '' : `, not counting ${(0,units/* count */.U9)(saved.unknownSteps, 'step')} of which no run is known`;
    const sum = `${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(saved.stepSeconds))} of steps came from it`;
    return `**Saved by the cache:** ${about(saved.seconds)}, an estimate: ${sum}, by the times they last took${unknown}.`;
}
/** An estimate is no measurement: whole seconds from ten on. */
function about(seconds) {
    return `about ${(0,markdown/* unbroken */.D_)(seconds < 9.95 || seconds > 59.5 ? (0,units/* duration */.p0)(seconds) : `${Math.round(seconds)} s`)}`;
}

;// CONCATENATED MODULE: ./src/report/sections/cache.ts


/** How many references are named; the others are counted. */
const cache_NAMED = 3;
/** One line of facts: where the cache was read from and written to; `undefined` when nothing of it worked. */
function renderCacheLine(report) {
    const { imports, exports, downloads, broken } = report.cache;
    // A cache that broke the build was of no use, however well its manifest could be read.
    const read = broken === undefined ? imports : imports.filter(({ result }) => result === 'missing');
    const names = [...new Set([...read, ...exports].map((transfer) => transfer.reference))];
    const lines = names.flatMap((name) => {
        const did = [...doneWith(read, name, 'read'), ...doneWith(exports, name, 'written')];
        return did.length === 0 ? [] : [`${(0,markdown/* code */.aY)(name, 300)} ${did.join(', ')}`];
    });
    if (lines.length === 0)
        return undefined;
    const more = lines.length - cache_NAMED;
    const moved = downloads === undefined
        ? ''
        : ` · ${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(downloads.bytes))} downloaded in ${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(downloads.seconds))}`;
    return `**Layer cache:** ${lines.slice(0, cache_NAMED).join(' · ')}${more > 0 ? ` · and ${more} more` : ''}${moved}`;
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
                : `not needed, ${(0,markdown/* code */.aY)(heldBy, 300)} holds everything`
        ];
    }
    if (transfer?.result !== 'ok')
        return [];
    const size = transfer.bytes === undefined ? '' : ` (${(0,markdown/* unbroken */.D_)(`${(0,units/* bytes */.ee)(transfer.bytes)} new`)})`;
    return [`${transfer.seconds === undefined ? verb : `${verb} in ${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(transfer.seconds))}`}${size}`];
}
/** One line of facts: which cache mounts came from an earlier run and which are kept for a later one. */
function renderMountsLine(report) {
    const mounts = report.cacheMounts ?? [];
    const words = ['restored', 'kept', 'saved', 'unchanged'].flatMap((state) => {
        const those = mounts.filter(({ before, after }) => before === state || after === state);
        if (those.length === 0)
            return [];
        const size = those.reduce((sum, mount) => sum + (mount.size ?? 0), 0);
        const amount = size === 0 ? '' : ` (${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size))})`;
        return [`${(0,markdown/* unbroken */.D_)(`${those.length} ${state}`)}${state === 'kept' ? ' by the builder' : ''}${amount}`];
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
    const lines = failures.slice(0, cache_NAMED).map(({ transfer, verb }) => {
        const reason = transfer.message === undefined ? '' : `: ${(0,markdown/* text */.Qq)(transfer.message, 300)}`;
        return `- ${(0,markdown/* code */.aY)(transfer.reference, 300)} could not be ${verb}${reason}`;
    });
    const more = failures.length - lines.length;
    const rest = more > 0 ? [`- and ${more} more`] : [];
    const again = broken === undefined
        ? []
        : [
            `- A part of it could not be read: ${(0,markdown/* text */.Qq)(broken.message, 300)}. The build was started again without it, after ${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(broken.seconds))}.`
        ];
    const messages = [...failures.map(({ transfer }) => transfer.message ?? ''), broken?.message ?? ''];
    return (0,markdown/* alert */.xE)('WARNING', [
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
    return table(columns, plan
        .slice(0, detail.rows)
        .map(({ reference, action, why }) => [
        reference === '' ? '–' : code(reference, 300),
        action === 'none' ? '' : action,
        text(why, 300)
    ]));
}

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
const limit_units = {
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
    const unit = Object.hasOwn(limit_units, name) ? limit_units[name] : undefined;
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
    return (0,units/* bytes */.ee)(limit).replace(/\.0 /, ' ');
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
        const percent = (0,units/* signedPercent */.wu)(share);
        const text = `${(0,units/* signedBytes */.Sq)(measured)}${percent === undefined ? '' : ` (${percent})`}`;
        const grew = (upTo) => measured <= 0 ? 'not larger than before' : `grew by ${upTo}${grownText(result)} of ${limitOfParts(limit)}`;
        const words = {
            title: 'Increase',
            measured: text,
            limit: limitOfParts(limit),
            excess,
            over: (0,units/* bytes */.ee)(excess),
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
    return `${(0,units/* bytes */.ee)(measured)}${limit.share === undefined || share === undefined ? '' : ` (${shareText(share)})`}`;
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
                measured: (0,units/* count */.U9)(measured, 'layer'),
                limit: (0,units/* count */.U9)(limit, 'layer'),
                excess,
                over: (0,units/* count */.U9)(excess, 'layer'),
                headline: `the image has ${(0,units/* count */.U9)(excess, 'layer')} more than its budget allows`,
                within: `${measured} of ${(0,units/* count */.U9)(limit, 'layer')}`,
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
                measured: `${(0,units/* bytes */.ee)(measured)} (${shareText(share)})`,
                limit: limitOfParts(limit),
                excess,
                over: (0,units/* bytes */.ee)(excess),
                headline: `${(0,units/* bytes */.ee)(excess)} too much of the image is reclaimable`,
                within: `${limit.bytes === undefined ? shareText(share) : `${(0,units/* bytes */.ee)(measured)} (${shareText(share)})`} of ${limitOfParts(limit)} reclaimable`,
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
                measured: (0,units/* bytes */.ee)(measured),
                limit: limitBytes(limit),
                excess,
                over: (0,units/* bytes */.ee)(excess),
                ...(limit === 0 ? {} : { proportion: proportionOf(measured, limit) }),
                headline: `the image is ${(0,units/* bytes */.ee)(excess)} over its budget of ${limitBytes(limit)}`,
                within: `${(0,units/* bytes */.ee)(measured)} of ${limitBytes(limit)}`,
                used: limit === 0 ? measured : measured / limit,
                leads: ['base', 'advice', 'largest-layers', 'largest-files']
            }
        };
    }
});
function proportionOf(measured, limit) {
    const times = measured / limit;
    return times >= 2 ? `${times.toFixed(1)} times the limit` : `${(0,units/* percent */.KN)(measured - limit, limit)} of the limit`;
}

;// CONCATENATED MODULE: ./src/judge/rules.ts
/** Every rule, in the order of the promise: leaks before budgets. A new one is a file like these and a line here. */





const rules_RULES = [leakCheck, maxSize, maxLayers, maxReclaimable, maxIncrease];

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
    for (const rule of rules_RULES) {
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

;// CONCATENATED MODULE: ./src/report/model.ts
/**
 * The one value that the summary, the annotations, the comment and the JSON are renderings of.
 * It holds numbers and plain strings; every renderer escapes for its own surface. Sizes are bytes, times are seconds.
 */

/** How far it got, by the farthest of its ways. */
function model_reachOf(publish) {
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
    if (model_reachOf(publish) === 'unknown')
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
        ...(build.own === undefined ? run : (0,core_json/* without */.FF)(run, 'tests', 'cacheMounts')),
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
    return ['pushed', 'unknown'].includes(model_reachOf(publish));
}
/** What failed is no image's. */
function viewOfRun({ builds, ...run }) {
    const reached = (...those) => builds.find(({ publish }) => those.includes(model_reachOf(publish)));
    const { publish } = reached('pushed') ?? reached('unknown') ?? reached('loaded', 'exported') ?? builds[0];
    return { ...run, images: [], verdict: [], advice: [], publish };
}

;// CONCATENATED MODULE: ./src/report/sections/published.ts
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
    const { shown, more } = capped(publish.tags, detail.rows);
    const tags = [...shown.map((tag) => code(tag, 200)), ...(more > 0 ? [`and ${count(more, 'more tag')}`] : [])];
    const title = reachWords[reachOf(publish)];
    return sections([
        `### ${title[0]?.toUpperCase() ?? ''}${title.slice(1)}`,
        tags.length === 0 ? undefined : bullets(tags),
        ...digestsOf(report.images, publish, detail)
    ]);
}
function digestsOf(images, { digest, how, archives = [] }, detail) {
    const ways = how.filter((way) => archives.every(({ output }) => output !== way));
    const isOfArchive = how.length > 0 && ways.length === 0;
    const others = archives.flatMap(({ output, digest: own }) => own === undefined ? [] : [`Digest ${code(own)} in ${code(output, 120)}.`]);
    return [
        digest === '' || isOfArchive ? undefined : publishedDigest(images, digest, wayWords(ways), detail),
        ...others.slice(0, detail.rows)
    ];
}
/** What was inspected is a platform's manifest; what a tag names may be an index around it. */
function publishedDigest(images, digest, ways, detail) {
    if (images.some((image) => image.manifestDigest === digest || image.configDigest === digest)) {
        return `Digest ${code(digest)}${ways}, the one that was inspected.`;
    }
    const inspected = images.flatMap(({ platform, manifestDigest }) => manifestDigest === undefined ? [] : [`${code(platform, 60)} ${code(manifestDigest)}`]);
    if (inspected.length === 0)
        return `Digest ${code(digest)}${ways}.`;
    return `Digest ${code(digest)}${ways}, an index of what was inspected:\n\n${bullets(inspected.slice(0, detail.rows))}`;
}
function wayWords(ways) {
    const words = ways.map((way) => (way === 'push' ? 'pushed' : way === 'load' ? 'loaded' : code(way, 120)));
    return words.length === 0 ? '' : ` (${enumerated(words.slice(0, 6))})`;
}
/** The digest alone, for where the tags are named already. */
function digestLine({ publish }) {
    return publish.published && publish.digest !== '' ? `Digest: ${(0,markdown/* code */.aY)(publish.digest)}` : undefined;
}

;// CONCATENATED MODULE: ./src/report/sections/increase.ts
/** Limits that did not stop the run: not judged and why, or exceeded where that only warns. */





/** The limits that were not judged, on each platform. */
function unjudged(report) {
    return report.verdict.flatMap((result) => {
        const told = tell(result);
        return told.kind === 'unjudged' ? [{ ...told, rule: result.rule, platform: result.platform }] : [];
    });
}
/** The limits that were exceeded in an event where that stops nothing. */
function warned(report) {
    return report.verdict.flatMap((result) => {
        const told = tell(result);
        return told.kind === 'warned' ? [{ ...told, rule: result.rule, platform: result.platform }] : [];
    });
}
/** Behind the words that nothing was compared: what that means for the budget. Empty where nothing was to be judged. */
function unjudgedWords(report) {
    const [first] = unjudged(report).filter(({ lacks }) => lacks === 'baseline');
    if (first === undefined)
        return '';
    const where = report.comparison?.kind === 'compared' ? ' there' : '';
    return ` ${(0,markdown/* code */.aY)(first.rule)} was not judged${where}. ${first.consequence}`;
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
            `**${(0,markdown/* code */.aY)(first.rule)} was not judged**${on(report, [first, ...others])}: ${(0,markdown/* text */.Qq)(increase_ended(first.reason), 400)} ${first.consequence}`
        ]);
    return (0,markdown/* alert */.xE)('WARNING', sentences);
}
/** Figures of own layers hold the base's, too, where the builder does not tell them apart. */
function renderBaseUnknown({ images }) {
    const those = images.filter(({ baseUnknown }) => baseUnknown !== undefined);
    const [first] = those;
    if (first === undefined)
        return undefined;
    const where = those.length === images.length ? '' : ` (${(0,units/* enumerated */.BD)(those.map(({ platform }) => (0,markdown/* code */.aY)(platform, 60)))})`;
    return `Base layers could not be told apart${where}: ${(0,markdown/* text */.Qq)(increase_ended(first.baseUnknown ?? ''), 300)} What is called yours below may be the base image’s.`;
}
/** Beyond the limit where that stops nothing: nothing to refuse any more, and yet the reader must know. */
function renderGrowth(report) {
    const those = warned(report);
    const [first] = those;
    if (first === undefined)
        return undefined;
    const several = report.images.length > 1;
    const sizes = those.map(({ words, platform }) => `**${words.measured}${several ? ` on ${(0,markdown/* code */.aY)(platform, 60)}` : ''}**`);
    return (0,markdown/* alert */.xE)('WARNING', [
        `**The image ${first.what}**: ${(0,units/* enumerated */.BD)(sizes)}, limit: ${first.words.limit}. ${(0,markdown/* text */.Qq)(warnReason(report, first), 400)}`
    ]);
}
function on(report, those) {
    return those.length === report.images.length
        ? ''
        : ` on ${(0,units/* enumerated */.BD)(those.map(({ platform }) => (0,markdown/* code */.aY)(platform, 60)))}`;
}
function warnReason(report, { why }) {
    const reach = model_reachOf(report.publish);
    return `${reach === 'nowhere' ? 'That stops nothing here' : `It was ${reachWords[reach]} all the same`}: ${why}.`;
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
            message: `${capital(increase_ended(reason))} ${plain(consequence)}`
        }))
    ];
}
function increase_ended(clause) {
    return `${clause.replace(/\.$/, '')}.`;
}
function capital(words) {
    return words.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

;// CONCATENATED MODULE: ./src/report/sections/difference.ts






/** Names in a sentence. */
const SENTENCES = 5;
/** The comparison, where there is one. */
function comparedIn(report) {
    return report.comparison?.kind === 'compared' ? report.comparison : undefined;
}
/** The difference on an image's platform. */
function difference_differenceOf(report, image) {
    return comparedIn(report)?.differences.find(({ platform }) => platform === image.platform);
}
/** `main @ 3f2c1a9`: heads a column. Plain text. */
function baselineTitle({ baseline }) {
    if (baseline.kind === 'commit')
        return `${baseline.branch} @ ${difference_short(baseline.sha)}`;
    const digest = baseline.digest?.replace(/^sha256:/, '').slice(0, 12);
    return digest === undefined ? difference_nameOf(baseline.reference) : `${difference_nameOf(baseline.reference)} @ ${digest}`;
}
/** `main`. Plain text. */
function baselineName({ baseline }) {
    return baseline.kind === 'commit' ? baseline.branch : difference_nameOf(baseline.reference);
}
/** A reference without its digest. */
function difference_nameOf(reference) {
    return reference.replace(/@.*$/s, '');
}
function difference_short(sha) {
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
    const base = `(${difference_short(relation.base)})`;
    if (relation.behind === undefined) {
        return `the newest stored report of that branch: the commit this change is based on ${base} has none, and how far apart they are is not known here (a deeper checkout, \`fetch-depth\`, may tell)`;
    }
    const before = `${(0,units/* count */.U9)(relation.behind, 'commit')} before the one this change is based on ${base}`;
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
function difference_changeWords(report) {
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
        return `${(0,units/* bytes */.ee)(-least)} smaller to ${(0,units/* bytes */.ee)(most)} larger than ${name}`;
    const [near, far] = most > 0 ? [(0,units/* bytes */.ee)(least), (0,units/* bytes */.ee)(most)] : [(0,units/* bytes */.ee)(-most), (0,units/* bytes */.ee)(-least)];
    const words = near === far ? far : least === 0 || most === 0 ? `up to ${far}` : `${near} to ${far}`;
    return `${words} ${most > 0 ? 'larger' : 'smaller'} than ${name}`;
}
/** Why nothing was compared, or which platforms were not; `undefined` where there is nothing to say. */
function renderNotCompared(report) {
    const { comparison } = report;
    if (comparison === undefined)
        return undefined;
    if (comparison.kind === 'none') {
        const reason = (0,markdown/* text */.Qq)(comparison.reason.replace(/\.$/, ''), 300);
        return difference_warned(report, `**Not compared with a baseline**: ${reason}.`);
    }
    const name = (0,markdown/* text */.Qq)(baselineName(comparison), 100);
    const named = (platforms) => {
        const { shown, more } = ladder_capped(platforms, SENTENCES);
        return (0,units/* enumerated */.BD)([...shown.map((each) => (0,markdown/* code */.aY)(each, 60)), ...(more > 0 ? [`${more} more`] : [])]);
    };
    const { added, removed } = comparison;
    const sentences = [
        ...(added.length === 0 ? [] : [`Not compared: ${named(added)}, which ${name} does not have.`]),
        ...(removed.length === 0 ? [] : [`No longer built: ${named(removed)}, which ${name} has.`])
    ];
    return sentences.length === 0 ? undefined : difference_warned(report, sentences.join(' '));
}
/** Where a limit depends on the comparison, that there was none must not be overlooked. */
function difference_warned(report, sentence) {
    const consequence = unjudgedWords(report);
    return consequence === '' ? sentence : (0,markdown/* alert */.xE)('WARNING', [`${sentence}${consequence}`]);
}
/** For the small print: which baseline was used, and how far behind it is. Plain text. */
function difference_baselineSentence(report) {
    const compared = comparedIn(report);
    return compared === undefined ? [] : [`Baseline: ${baselineTitle(compared)}, ${relationOf(compared)}.`];
}
/** `[31](…) COPY ./app /app`. A layer that is gone has no line in this Dockerfile. */
function changedLayer(report, change, max = 64) {
    const layer = change.kind === 'removed' ? change.before : change.layer;
    const words = layer.base ? historyInstruction(layer.instruction) : instruction_briefInstruction(layer.instruction);
    const line = change.kind === 'removed' ? '' : lineLink(report.source, layer.line);
    return [line, (0,markdown/* code */.aY)(words, max)].filter((part) => part !== '').join(' ');
}

;// CONCATENATED MODULE: ./src/report/sections/trial.ts


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
            : `**started** (${[...platforms(started, smoke.length), (0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(longest))].join(', ')})`,
        passed.length === 0 || passed.length < verify.length ? undefined : '**verified**'
    ];
    return parts.some((part) => part !== undefined) ? parts.filter((part) => part !== undefined).join(' · ') : undefined;
}
function platforms(some, all) {
    return all > 1 ? some.map(({ platform }) => (0,markdown/* code */.aY)(platform, 60)) : [];
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
    return (0,markdown/* sections */.V0)(results.map((result) => result.result !== 'failed'
        ? undefined
        : (0,markdown/* sections */.V0)([
            `${(0,markdown/* code */.aY)(result.platform, 60)}: ${(0,markdown/* text */.Qq)(result.reason, 500)} (${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(result.seconds))}).`,
            logOf(result.log, 'It printed nothing.'),
            result.advice.length === 0 ? undefined : (0,markdown/* bullets */.e5)(result.advice.map((sentence) => (0,markdown/* text */.Qq)(sentence)))
        ])));
}
function verifyStory(results) {
    return (0,markdown/* sections */.V0)(results.map(({ platform, exitCode, timedOut, seconds, log }) => (0,markdown/* sections */.V0)([
        `${(0,markdown/* code */.aY)(platform, 60)}: ${timedOut ? 'it was ended' : `exit code ${exitCode}`} after ${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(seconds))}.`,
        logOf(log, 'It printed nothing.')
    ])));
}
function logOf(log, nothing) {
    const lines = log.map(markdown/* visibleLine */.P8);
    if (lines.length === 0)
        return nothing;
    const before = lines.slice(0, -LAST_LINES);
    return (0,markdown/* sections */.V0)([
        (0,markdown/* block */.om)(lines.slice(-LAST_LINES)),
        before.length === 0 ? undefined : (0,markdown/* details */.zH)((0,markdown/* html */.qy)(`${(0,units/* count */.U9)(before.length, 'line')} before`), (0,markdown/* block */.om)(before))
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
        .map(inline)
        .join('\n');
}

;// CONCATENATED MODULE: ./src/report/sections/twice.ts






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
    return (0,markdown/* sections */.V0)(differences.map(({ platform, first, second, layer, config }) => (0,markdown/* sections */.V0)([
        `${(0,markdown/* code */.aY)(platform, 60)} was ${(0,markdown/* code */.aY)(first.slice(0, 19))} first, and ${(0,markdown/* code */.aY)(second.slice(0, 19))} when it was built again.`,
        ...(layer === undefined ? [configWords(config)] : layerStory(report, layer, detail))
    ])));
}
function configWords(config) {
    if (config.length === 0)
        return 'All layers and the config are the same: the manifests differ.';
    return `All layers are the same. The config differs in ${(0,units/* enumerated */.BD)(config.slice(0, 10).map((name) => (0,markdown/* code */.aY)(name, 60)))}.`;
}
function layerStory(report, layer, detail) {
    const { instruction, line, stage, base, files } = layer;
    const parts = [
        stage === undefined ? undefined : `**${(0,markdown/* code */.aY)(stage, 100)}**`,
        line === undefined ? undefined : `**${placeLink(report.source, line)}**`
    ].filter((part) => part !== undefined);
    const whose = parts.length === 0 ? `number ${layer.index + 1} from the bottom` : parts.join(' · ');
    const { shown } = ladder_capped(files, detail.rows);
    const more = layer.count - shown.length;
    return [
        base ? 'The first layer that differs is the base image’s.' : `The first layer that differs: ${whose}`,
        instruction === '' ? undefined : (0,markdown/* block */.om)(instructionLines(instruction), 'dockerfile', 400),
        copiedWords(report, layer),
        files.length === 0
            ? `${unlistedWords(layer)}.`
            : (0,markdown/* table */.tp)([
                { title: 'File', align: 'left' },
                { title: 'What differs', align: 'left' }
            ], shown.map(({ path, differs }) => [(0,markdown/* pathCode */.N3)(path), WORDS[differs]])),
        more > 0 && files.length > 0 ? `And ${(0,units/* count */.U9)(more, 'more file')}.` : undefined,
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
    const from = copiedFrom(layer);
    if (from === undefined)
        return undefined;
    const commands = steps.filter((step) => step_sameStage(step.stage, from) && /^RUN\b/i.test(step.instruction));
    if (commands.length === 0)
        return `It copies from ${(0,markdown/* code */.aY)(from, 100)}: look there first.`;
    const { shown, more } = ladder_capped(commands, COMMANDS);
    return (0,markdown/* sections */.V0)([
        `It copies from the stage ${(0,markdown/* code */.aY)(from, 100)}. Look at its commands first:`,
        [
            ...shown.map((step) => ['-', lineLink(source, step.line), (0,markdown/* code */.aY)(instruction_briefInstruction(step.instruction), 100)]
                .filter((part) => part !== '')
                .join(' ')),
            ...(more === 0 ? [] : [`- and ${(0,units/* count */.U9)(more, 'more command')}`])
        ].join('\n')
    ]);
}
/** For an annotation, in plain text. */
function twiceWords(report, { differences }) {
    return differences.map((difference) => `${difference.platform}: ${mismatchWords(report, difference)}`).join('\n');
}
function mismatchWords(report, { layer, config }) {
    if (layer === undefined)
        return `the layers are the same, and the config is not (${config.map(inline).join(', ')}).`;
    const where = layer.line === undefined ? '' : ` (${place(report.source, layer.line)})`;
    const named = layer.files.slice(0, 5).map(({ path, differs }) => `${inline(path)} (${WORDS[differs]})`);
    const what = named.length === 0 ? unlistedWords(layer) : named.join(', ');
    const why = layer.madeBefore ? ` ${MADE_BEFORE}` : '';
    return `the layer of ${shortened(inline(layer.instruction), 300)}${where} differs: ${what}.${why}`;
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
    const from = copiedFrom(layer);
    const stage = from === undefined ? 'its stage' : `the stage ${(0,markdown/* code */.aY)(from, 100)}`;
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

;// CONCATENATED MODULE: ./src/failure/failure.ts
/** A registry failure is a push or a pull; the message tells, and a pull has the line of its `FROM`. */
function isPush(failure) {
    return failure.line === undefined && /\bpush|\b(?:post|put|patch) request/i.test(failure.message);
}

;// CONCATENATED MODULE: ./src/report/sections/layers.ts






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
    const yours = `${(0,units/* bytes */.ee)(total(own))} in ${(0,units/* count */.U9)(own.length, 'layer')}`;
    if (image.baseUnknown !== undefined)
        return `${(0,units/* bytes */.ee)(total(own))} in ${(0,units/* count */.U9)(own.length, 'layer')}`;
    return base.length === 0 ? yours : `${yours}, on a base of ${(0,units/* bytes */.ee)(total(base))}`;
}
/** The layers of the image, or those of each platform. */
function renderLayers(report, detail) {
    const [first] = report.images;
    if (first === undefined || detail.layerTables === 0)
        return undefined;
    if (report.images.length === 1)
        return layersOfOne(report, first, detail);
    const { shown, more } = ladder_capped(report.images, detail.layerTables);
    return (0,markdown/* sections */.V0)([
        ...shown.map((image) => layersOfPlatform(report, image, detail)),
        more === 0 ? undefined : `And ${(0,units/* count */.U9)(more, 'more platform')}.`
    ]);
}
/** For the title of the section where it is folded; HTML. */
function layersSummary({ images }) {
    const [first] = images;
    return images.length === 1 && first !== undefined
        ? `Layers: ${(0,markdown/* html */.qy)(layersTitle(first))}`
        : `Layers of ${(0,markdown/* html */.qy)((0,units/* count */.U9)(images.length, 'platform'))}`;
}
/** The open table, and the complete one collapsed where rows were grouped. */
function layersOfOne(report, image, detail) {
    const rows = groupRows(image.layers);
    const grouped = rows.some((row) => row.layers.length > 1);
    const every = image.layers.map((layer, index) => ({ first: index + 1, layers: [layer] }));
    return (0,markdown/* sections */.V0)([
        layerTable(report, image, rows, detail),
        renderRemoved(report, image, detail),
        grouped && detail.collapsed
            ? (0,markdown/* details */.zH)(`All ${(0,markdown/* html */.qy)((0,units/* count */.U9)(image.layers.length, 'layer'))} and their digests`, fullTable(report, image, every, detail))
            : undefined
    ]);
}
/** The same, collapsed, for one platform of several. */
function layersOfPlatform(report, image, detail) {
    return (0,markdown/* details */.zH)(`${(0,markdown/* htmlCode */.h8)(image.platform)}: ${(0,markdown/* html */.qy)(layersTitle(image))}`, (0,markdown/* sections */.V0)([layerTable(report, image, groupRows(image.layers), detail), renderRemoved(report, image, detail)]));
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
            .filter((layer) => (0,units/* share */.uM)(layer.size, whole) >= LARGEST_SHARE)
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
    const { shown, more } = ladder_capped(rows, detail.rows);
    const difference = difference_differenceOf(report, image);
    const cells = shown.map((row) => {
        const size = total(row.layers);
        return [
            (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size)),
            ...(difference === undefined ? [] : [layerMark(difference, row.first - 1, row.layers.length)]),
            madeBy(report, image, row),
            shareCell(size, image.size),
            filesCell(row.layers.filter(({ base }) => !base)),
            stageCell(row),
            number(row)
        ];
    });
    const compared = difference !== undefined;
    const rest = more === 0 ? [] : [['', ...(compared ? [''] : []), `*and ${(0,units/* count */.U9)(more, 'more row')}*`]];
    return (0,markdown/* table */.tp)(columnsOf(compared), [...cells, ...rest]);
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
        .map(({ sign, number }) => `${sign === '~' ? '\\~' : sign}${(0,units/* grouped */.zD)(number)}`)
        .join('\u00a0');
}
function shareCell(size, whole) {
    const cells = (0,units/* bar */.M0)(size, whole, BAR_CELLS);
    const words = (0,markdown/* unbroken */.D_)((0,units/* percent */.KN)(size, whole));
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
        return (0,units/* count */.U9)(row.layers.length, 'smaller layer');
    const name = image.base === undefined ? 'the base image' : (0,markdown/* code */.aY)(image.base, 100);
    return `${name}, ${(0,units/* count */.U9)(row.layers.length, 'layer')}`;
}
function stageCell(row) {
    const [layer] = row.layers;
    if (layer === undefined)
        return '';
    if (layer.base)
        return '*base*';
    const stages = [...new Set(row.layers.map((each) => each.stage ?? ''))].filter((stage) => stage !== '');
    return stages.length > 2 ? '' : stages.map((stage) => (0,markdown/* code */.aY)(stage, 60)).join(', ');
}
/** What made a layer: `[31](…) COPY ./app /app`. */
function layerCode(report, layer, max = 64) {
    return [lineLink(report.source, layer.line), layers_instructionCode(layer, max)].filter((part) => part !== '').join(' ');
}
function layers_instructionCode(layer, max = 64) {
    return (0,markdown/* code */.aY)(layer.base ? historyInstruction(layer.instruction) : instruction_briefInstruction(layer.instruction), max);
}
function fullTable(report, image, rows, detail) {
    const transfer = image.layers.some((layer) => layer.transferSize !== undefined);
    const difference = difference_differenceOf(report, image);
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
    const { shown, more } = ladder_capped(rows, detail.rows);
    const cells = shown.flatMap((row) => row.layers.map((layer) => [
        number(row),
        (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(layer.size)),
        ...(difference === undefined ? [] : [layerMark(difference, row.first - 1, 1)]),
        ...(transfer ? [layer.transferSize === undefined ? '' : (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(layer.transferSize))] : []),
        (0,markdown/* code */.aY)(shortDigest(layer.digest)),
        layerCode(report, layer),
        filesCell([layer]),
        stageCell(row)
    ]));
    return (0,markdown/* sections */.V0)([(0,markdown/* table */.tp)(columns, cells), more === 0 ? undefined : (0,markdown/* text */.Qq)(`And ${(0,units/* count */.U9)(more, 'more layer')}.`)]);
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
        return layers_markOf(only);
    const size = changes.reduce((sum, change) => sum + change.size, 0);
    const of = (kind) => changes.filter((change) => change.kind === kind).length;
    const [added, changed] = [of('added'), of('changed')];
    if (added === 0 && changed === 0)
        return 'same';
    const parts = [
        ...(size === 0 ? [] : [(0,units/* signedBytes */.Sq)(size)]),
        ...(added === 0 ? [] : [`${added} new`]),
        ...(changed === 0 ? [] : [`${changed} changed`])
    ];
    return parts.map(markdown/* unbroken */.D_).join(', ');
}
function layers_markOf(change) {
    switch (change.kind) {
        case 'added':
            return '**new**';
        case 'removed':
            return 'gone';
        case 'reused':
            return change.moved ? 'moved' : change.recompressed ? 'recompressed' : 'same';
        case 'changed':
            if (change.size !== 0)
                return `**${(0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(change.size))}**`;
            return change.timestampsOnly ? (0,markdown/* unbroken */.D_)('only times') : 'changed';
    }
}
/** Layers that only the baseline has, below the table of those that are there. */
function renderRemoved(report, image, detail) {
    const removed = difference_differenceOf(report, image)?.layers.filter((change) => change.kind === 'removed') ?? [];
    if (removed.length === 0)
        return undefined;
    const compared = comparedIn(report);
    const { shown, more } = ladder_capped(removed.toSorted((a, b) => a.size - b.size), Math.min(detail.rows, GONE));
    const names = shown.map((change) => [change.size === 0 ? '' : (0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(change.size)), changedLayer(report, change, 64)]
        .filter((part) => part !== '')
        .join(' '));
    const name = compared === undefined ? 'the baseline' : (0,markdown/* text */.Qq)(baselineName(compared), 60);
    return `Gone (in ${name} only): ${[...names, ...(more > 0 ? [`${(0,units/* count */.U9)(more, 'more layer')}`] : [])].join(' · ')}`;
}

;// CONCATENATED MODULE: ./src/report/sections/contents.ts
/** What is in an image, collapsed: its biggest files, what it ships without any use, and what brought it in. */




/** What is smaller is not worth a row. */
const LEAST_BYTES = 1000;
/** Rows of each table. */
const ROWS = 10;
const SIZE = { title: 'Size', align: 'right' };
const MADE_BY = { title: 'Made by', align: 'left' };
/** What is in the image on each platform. */
function renderContents(report, detail) {
    return sections(report.images.slice(0, detail.layerTables).map((image) => contentsOf(report, image, detail)));
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
    const facts = `biggest files, ${own > 0 ? `${(0,units/* bytes */.ee)(own)} reclaimable` : 'nothing reclaimable'}`;
    const title = report.images.length > 1 ? `${(0,markdown/* htmlCode */.h8)(image.platform)}: ${(0,markdown/* html */.qy)(facts)}` : `Contents: ${(0,markdown/* html */.qy)(facts)}`;
    return (0,markdown/* details */.zH)(title, (0,markdown/* sections */.V0)(parts));
}
function part(title, body) {
    return body === undefined ? undefined : `**${title}**\n\n${body}`;
}
/** The largest files that a container sees, of own layers. */
function biggestFiles(report, image, detail, most = ROWS) {
    const own = image.figures.biggestFiles.own.filter(({ size }) => size >= LEAST_BYTES);
    if (own.length === 0)
        return undefined;
    return listed([SIZE, { title: 'File', align: 'left' }, MADE_BY], own, Math.min(detail.rows, most), ({ path, size, layer }) => [(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size)), (0,markdown/* pathCode */.N3)(path), contents_madeBy(report, image, layer)]);
}
function biggestDirectories(image, detail) {
    const own = image.figures.biggestDirectories.own.filter((directory) => directory.own >= LEAST_BYTES);
    if (own.length === 0)
        return undefined;
    const columns = [SIZE, { title: 'Directory', align: 'left' }];
    return listed(columns, own, Math.min(detail.rows, ROWS), (directory) => [
        (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(directory.own)),
        (0,markdown/* pathCode */.N3)(directory.path)
    ]);
}
/** What own layers hold without any use: each path with the layers that have a copy. */
function reclaimable(report, image, detail, most = ROWS) {
    const { own, base, paths } = image.figures.reclaimable;
    const inBase = base > 0 ? `The base image has ${(0,units/* bytes */.ee)(base)} more of it; only another base image changes that.` : undefined;
    const mine = paths.filter((path) => path.own >= LEAST_BYTES).sort((a, b) => b.own - a.own);
    if (mine.length === 0)
        return own === 0 ? inBase : (0,markdown/* sections */.V0)([`${(0,units/* bytes */.ee)(own)} in small pieces.`, inBase]);
    const columns = [
        SIZE,
        { title: 'Path', align: 'left' },
        { title: 'In layers', align: 'left' },
        { title: 'Made useless by', align: 'left' }
    ];
    const rows = listed(columns, mine, Math.min(detail.rows, most), (path) => [
        (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(path.own)),
        (0,markdown/* pathCode */.N3)(path.path),
        (0,markdown/* unbroken */.D_)(heldBy(path.layers)),
        path.deleted ? deletedBy(report, image, path.deletedBy) : replacedBy(report, image, path)
    ]);
    return (0,markdown/* sections */.V0)([rows, inBase]);
}
function deletedBy(report, image, layer) {
    const by = contents_madeBy(report, image, layer);
    return by === '' ? 'a later layer deletes it' : `${by} deletes it`;
}
/** What made the copy that is left, or the folder or link that is there instead. */
function replacedBy(report, image, { layers, replacedBy: other }) {
    const by = contents_madeBy(report, image, layers.findLast(({ live }) => live)?.index ?? other);
    return by === '' ? 'a later layer replaces it' : by;
}
/** `5, 6 and 7`, counted from 1 as in the layer table. */
function heldBy(layers) {
    const numbers = layers.map(({ index }) => String(index + 1));
    return numbers.length > 6 ? `${(0,units/* count */.U9)(numbers.length, 'layer')}` : (0,units/* enumerated */.BD)(numbers);
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
            (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size)),
            layerCode(report, layer),
            (0,units/* grouped */.zD)(files),
            changed.length === 0 ? 'nothing but times' : (0,units/* enumerated */.BD)(changed),
            largest === undefined ? '' : (0,markdown/* pathCode */.N3)(largest.path)
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
        (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size)),
        (0,units/* grouped */.zD)(copies),
        `${paths.map((path) => (0,markdown/* pathCode */.N3)(path)).join('<br>')}${copies > paths.length ? '<br>…' : ''}`,
        contents_madeBy(report, image, layer)
    ]);
    const words = `${(0,units/* bytes */.ee)(found.size)} in ${(0,units/* count */.U9)(found.files, 'file')} that a link, or one copy, would save.`;
    return (0,markdown/* sections */.V0)([words, rows]);
}
function packageCaches(report, image, detail) {
    const caches = image.figures.packageCaches.filter(({ size }) => size >= LEAST_BYTES);
    if (caches.length === 0)
        return undefined;
    const columns = [SIZE, { title: 'Path', align: 'left' }, { title: 'Of', align: 'left' }, MADE_BY];
    return listed(columns, caches, Math.min(detail.rows, ROWS), ({ size, live, path, kind, layers }) => [
        (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size)),
        `${(0,markdown/* pathCode */.N3)(path)}${live === 0 ? ' (deleted, but in the image)' : ''}`,
        (0,markdown/* code */.aY)(kind, 40),
        contents_madeBy(report, image, layers[0])
    ]);
}
/** What made a layer: the line and the instruction. */
function contents_madeBy(report, image, index) {
    const layer = index === undefined ? undefined : image.layers[index];
    return layer === undefined ? '' : layerCode(report, layer, 44);
}
function listed(columns, items, most, row) {
    const { shown, more } = ladder_capped(items, most);
    return (0,markdown/* sections */.V0)([(0,markdown/* table */.tp)(columns, shown.map(row)), more === 0 ? undefined : `And ${(0,units/* grouped */.zD)(more)} more.`]);
}

;// CONCATENATED MODULE: ./src/report/sections/remedy.ts
/** What to do about a failure: a sentence, and lines to paste. */

/** Characters of a line to paste: it is of no use when cut. */
const MOST_PASTED = 20_000;
/** A list of things to do, each with its lines to paste. */
function renderRemedies(list) {
    return (0,markdown/* bullets */.e5)(list.map(item));
}
function item({ sentence, lines }) {
    return lines === undefined ? (0,markdown/* text */.Qq)(sentence) : `${(0,markdown/* text */.Qq)(sentence)}\n\n${(0,markdown/* block */.om)(lines.text, lines.language, MOST_PASTED)}`;
}

;// CONCATENATED MODULE: ./src/report/sections/leaks.ts








const quoted = (value) => `"${(0,markdown/* shortened */.vI)((0,markdown/* inline */.mG)(value), 200)}"`;
const spanned = (value) => (0,markdown/* code */.aY)(value, 160);
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
        if (!row.found.some((before) => leaks_nameOf(before, quoted) === leaks_nameOf(finding, quoted)))
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
function leaks_nameOf(identity, quote) {
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
    return (0,markdown/* sections */.V0)([warning, renderLeaks(report, detail), '**What to do**', renderRemedies(leakRemedies(report))]);
}
/** Secrets in an image that was published all the same (`leak-check: warn`). */
function leakWarning(report) {
    const places = leakRows(report).length;
    if (places === 0)
        return undefined;
    const reach = model_reachOf(report.publish);
    const went = reach === 'nowhere' ? 'It would be published all the same' : `It was ${reachWords[reach]} all the same`;
    return (0,markdown/* alert */.xE)('WARNING', [
        `**${leaks_capital((0,units/* count */.U9)(places, 'place'))} of this image ${places === 1 ? 'holds' : 'hold'} a secret or a private key.** ${went}, because \`leak-check\` is \`warn\`.`
    ]);
}
/** The findings as a table: what, where, and what put it there. */
function renderLeaks(report, detail) {
    const { shown, more } = ladder_capped(leakRows(report), Math.min(detail.rows, 50));
    const columns = [
        { title: 'Found', align: 'left' },
        { title: 'In', align: 'left' },
        { title: 'Put there by', align: 'left' },
        ...(shown.some(({ platforms }) => platforms.length > 0) ? [{ title: 'Platform', align: 'left' }] : [])
    ];
    const rows = shown.map((row) => [
        leaks_capital((0,units/* enumerated */.BD)(row.found.map((identity) => leaks_nameOf(identity, spanned)))),
        whereOf(row.place, spanned),
        putThereBy(report, row),
        row.platforms.length === 0 ? '' : row.platforms.map((platform) => (0,markdown/* code */.aY)(platform, 60)).join(', ')
    ]);
    return (0,markdown/* sections */.V0)([(0,markdown/* table */.tp)(columns, rows), more === 0 ? undefined : `And ${(0,units/* count */.U9)(more, 'more place')}.`]);
}
function putThereBy(report, row) {
    const configured = configuredBy(row.place);
    if (configured !== undefined)
        return configured;
    if (row.place.in === 'attestation')
        return `${(0,markdown/* code */.aY)('build-args')}, most likely`;
    const instruction = instructionOf(row);
    const line = row.layer?.line;
    return [
        line === undefined ? '' : placeLink(report.source, line),
        instruction === undefined ? '' : (0,markdown/* code */.aY)(instruction, 100)
    ]
        .filter((part) => part !== '')
        .join(' ');
}
/** Instructions that make no layer: nobody tells their line. */
function configuredBy(place) {
    switch (place.in) {
        case 'env':
            return (0,markdown/* code */.aY)('ENV');
        case 'label':
            return `${(0,markdown/* code */.aY)('LABEL')}, or the input ${(0,markdown/* code */.aY)('labels')}`;
        case 'history':
            return `${(0,markdown/* code */.aY)('ARG')}, ${(0,markdown/* code */.aY)('RUN')} or another instruction`;
        case 'annotation':
            return `the input ${(0,markdown/* code */.aY)('annotations')}`;
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
        return instruction_briefInstruction(layer.instruction);
    return 'layer' in place && place.layer.createdBy !== undefined ? historyInstruction(place.layer.createdBy) : undefined;
}
/** One finding as a plain sentence, for annotations. */
function leakSentence(report, row) {
    const instruction = instructionOf(row);
    const by = instruction === undefined
        ? ''
        : `, put there by ${row.layer?.line === undefined ? '' : `${dockerfilePlace(report.source, row.layer.line)} `}${shortened(inline(instruction), 200)}`;
    const on = row.platforms.length === 0 ? '' : ` (${row.platforms.map(inline).join(', ')})`;
    return `${leaks_capital(enumerated(row.found.map((identity) => leaks_nameOf(identity, quoted))))}: in ${whereOf(row.place, quoted)}${by}${on}.`;
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
    const names = (0,units/* enumerated */.BD)(ids.slice(0, 6).map((id) => `\`${(0,markdown/* inline */.mG)(id).replaceAll('`', "'")}\``));
    const what = names === '' ? 'Replace the key' : `Rotate ${names}${ids.length > 6 ? ' and the others' : ''}`;
    const reach = model_reachOf(report.publish);
    const it = ids.length > 1 ? 'them' : 'it';
    if (reach === 'pushed' || reach === 'unknown') {
        const left = reach === 'pushed' ? 'was' : 'may have been';
        return { sentence: `${what} now: the image ${left} published with ${it}, and layers of it may have been pulled.` };
    }
    const cached = report.cache?.exports.find(({ result }) => result === 'ok');
    if (cached !== undefined) {
        return {
            sentence: `${what} now: this run wrote the layer cache ${(0,markdown/* code */.aY)(cached.reference, 200)}, which may hold ${it}.`
        };
    }
    const stayed = reach === 'nowhere' ? 'published nothing' : `only ${reachWords[reach].replace(/^\w+/, '$& the image')}`;
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
    const name = (0,markdown/* inline */.mG)(id).replaceAll('`', "'");
    const causes = [...new Set(own.map((row) => causeOf(report, row)))]
        .slice(0, 4)
        .map((cause, index) => (index === 0 ? cause : leaks_capital(cause)))
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
    const at = layer?.line === undefined ? 'the step' : `the step at \`${links_place(report.source, layer.line)}\``;
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
    return `${(0,units/* count */.U9)(places, 'place')} in the image ${places === 1 ? 'holds' : 'hold'} what must not be there. ${left}`;
}
function leaks_capital(words) {
    return words.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

;// CONCATENATED MODULE: ./src/report/sections/verdict.ts
/** The verdict in words: what was within its limits, what was searched for secrets, and what could not be. */





/** One line under the facts: the budget and the search for leaks; `undefined` where nothing was judged. */
function verdictLine(report) {
    const parts = [budgetFact(report), searchFact(report)].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join(' · ').replace(/^\*\*[a-z]/, (start) => start.toUpperCase());
}
function budgetFact(report) {
    const kept = report.verdict.filter((result) => tell(result).kind === 'kept');
    const limits = judgedLimits(kept);
    if (limits.length === 0)
        return undefined;
    const areSeveral = report.images.length > 1;
    // The nearest platform speaks for all.
    const parts = [...Map.groupBy(limits, ({ rule }) => rule).values()].flatMap((those) => those
        .toSorted((a, b) => b.used - a.used)
        .slice(0, 1)
        .map(({ within, nearest = `up to ${within}` }) => (0,markdown/* unbroken */.D_)(areSeveral ? nearest : within)));
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
    const places = leakRows(report).length;
    const gaps = images.flatMap(({ figures }) => figures.omissions).length;
    const what = places > 0 ? `**${(0,units/* count */.U9)(places, 'place')} with a secret or a key**` : foundNothing(report);
    const where = `in ${(0,units/* count */.U9)(ownLayers(report), 'own layer')}, config and provenance`;
    const values = new Set(searched.flatMap(({ secretIds }) => secretIds)).size;
    const how = values === 0 ? '' : ` (${(0,units/* count */.U9)(values, 'value')}, ${(0,units/* count */.U9)(ENCODINGS, 'encoding')})`;
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
function verdict_searchProof(report) {
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
        : `Searched for ${enumerated([...named, ...more])} (as they are, in base64 and base64url at all offsets, URL-, JSON- and XML-encoded, in hex, and line by line) and for private-key blocks`;
    return [
        `${values}: ${bytes(total)} of own layers with their file names, deleted files included, and the config (variables, labels, history), annotations and attestations. Base layers are not searched.`
    ];
}
/** What could not be examined, never passed over in silence. Values too short to search for are the user's to judge. */
function renderOmissions(report, detail) {
    const all = report.images.flatMap((image) => image.figures.omissions.map((omission) => ({ omission, platform: image.platform })));
    const grouped = [...Map.groupBy(all, ({ omission }) => omissionSentence(omission)).values()];
    if (grouped.length === 0)
        return undefined;
    const { shown, more } = ladder_capped(grouped, Math.min(detail.rows, 10));
    const items = shown.flatMap((on) => {
        const [first] = on;
        if (first === undefined)
            return [];
        const where = on.length === report.images.length ? '' : ` (${on.map(({ platform }) => platform).join(', ')})`;
        return (0,markdown/* text */.Qq)(`${omissionSentence(first.omission)}${where}.`, 400);
    });
    return (0,markdown/* alert */.xE)(all.every(({ omission }) => omission.kind === 'value') ? 'NOTE' : 'WARNING', [
        '**Not everything could be examined.**',
        (0,markdown/* bullets */.e5)([...items, ...(more > 0 ? [`and ${(0,units/* count */.U9)(more, 'more thing')}`] : [])])
    ]);
}
/** Layers count from 0 in an analysis and from 1 in every table. */
function omissionSentence(omission) {
    return omission.kind === 'layer' ? `Layer ${omission.layer + 1} ${omission.words}` : verdict_capital(omission.words);
}
/** The heaviest image: where there are several, it is the one worth looking at first. */
function heaviest(images) {
    return [...images].sort((a, b) => b.size - a.size)[0];
}
function verdict_capital(words) {
    return words.replace(/^[a-z]/, (letter) => letter.toUpperCase());
}

;// CONCATENATED MODULE: ./src/report/sections/why.ts






/** Rows in sight; the others are collapsed. */
const INSTRUCTIONS = 5;
const PATHS = 8;
const why_SENTENCES = 5;
/** Part of the largest change from which on another is worth as much attention, and from which on it is worth a row. */
const BOLD_SHARE = 0.1;
const ROW_SHARE = 0.01;
/** "Why it changed": by instruction and by path; `undefined` where nothing did. */
function renderWhy(report, detail) {
    const compared = comparedIn(report);
    if (compared === undefined || isSameImage(report))
        return undefined;
    // The platform that changed most stands open.
    const changed = report.images
        .flatMap((image) => {
        const difference = difference_differenceOf(report, image);
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
    return (0,markdown/* sections */.V0)([
        `### ${why}${several ? ` (${(0,markdown/* code */.aY)(first.image.platform, 60)})` : ''}`,
        ...storyOf(report, first.image, first.difference, detail),
        ...rest.map(({ image, difference }) => (0,markdown/* details */.zH)(`${(0,markdown/* htmlCode */.h8)(image.platform)}: ${(0,markdown/* html */.qy)(platformWords(difference))}`, (0,markdown/* sections */.V0)(storyOf(report, image, difference, { ...detail, collapsed: false })))),
        more === 0 ? undefined : `${(0,units/* count */.U9)(more, 'more platform')} changed.`
    ]);
}
function platformWords({ size }) {
    const percent = (0,units/* signedPercent */.wu)(size.share);
    if (size.change === 0)
        return 'the same size';
    return `${(0,units/* signedBytes */.Sq)(size.change)}${percent === undefined ? '' : ` (${percent})`}`;
}
function storyOf(report, image, difference, detail) {
    const instructions = instructionRows(report, image, difference);
    const paths = pathRows(report, difference);
    const openInstructions = ladder_capped(instructions, Math.min(detail.rows, INSTRUCTIONS));
    const openPaths = ladder_capped(paths, Math.min(detail.rows, PATHS));
    const shownPaths = new Set(difference.byPath.rows.slice(0, openPaths.shown.length).map(({ path }) => path));
    return [
        sameSizeSentence(report, difference),
        why_listed(INSTRUCTION_COLUMNS, openInstructions.shown, openInstructions.more, 'instruction'),
        why_listed(PATH_COLUMNS, openPaths.shown, openPaths.more, 'path'),
        remarks({ report, image, difference }, detail, shownPaths),
        detail.collapsed && (openInstructions.more > 0 || openPaths.more > 0)
            ? (0,markdown/* details */.zH)((0,markdown/* html */.qy)(`All ${(0,units/* enumerated */.BD)([
                ...(openInstructions.more > 0 ? [(0,units/* count */.U9)(instructions.length, 'instruction')] : []),
                ...(openPaths.more > 0 ? [(0,units/* count */.U9)(paths.length, 'path')] : [])
            ])}`), (0,markdown/* sections */.V0)([
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
    const { shown, more } = ladder_capped(rows, detail.rows);
    return why_listed(columns, shown, more, what);
}
function why_listed(columns, rows, more, what) {
    if (rows.length === 0)
        return undefined;
    const rest = more === 0 ? [] : [['', `*and ${(0,units/* count */.U9)(more, `more ${what}`)}*`]];
    return (0,markdown/* table */.tp)(columns, [...rows, ...rest]);
}
function instructionRows(report, image, difference) {
    const changeCell = changeCells(difference);
    const own = difference.byInstruction.map((change) => ({
        size: change.size,
        cells: [changeCell(change.size), changedLayer(report, change), instructionWords(change)]
    }));
    const base = difference.base === 0
        ? []
        : [
            {
                size: difference.base,
                cells: [changeCell(difference.base), ...why_baseWords(image, difference)]
            }
        ];
    return [...own, ...base].sort((a, b) => Math.abs(b.size) - Math.abs(a.size)).map(({ cells }) => cells);
}
/** Writes sizes of a difference. Bold is what makes up a good part of the change. */
function changeCells({ byInstruction, base }) {
    const largest = byInstruction.reduce((most, { size }) => Math.max(most, Math.abs(size)), Math.abs(base));
    return (size) => {
        const words = (0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(size));
        return Math.abs(size) >= largest * BOLD_SHARE ? `**${words}**` : words;
    };
}
function why_baseWords({ base }, { baseUnknown }) {
    if (baseUnknown)
        return ['the layers below your own', 'the base image is known of only one of the two'];
    return [base === undefined ? 'the base image' : `\`FROM\` ${(0,markdown/* code */.aY)(base, 100)}`, 'the base image has changed'];
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
            const [now, before] = [(0,units/* bytes */.ee)(change.layer.size), (0,units/* bytes */.ee)(change.before.size)];
            const sizes = now === before ? [] : [`${(0,markdown/* unbroken */.D_)(now)}, was ${(0,markdown/* unbroken */.D_)(before)}`];
            const words = [
                ...sizes,
                ...(change.edited ? [layerEdit(change.before.instruction, change.layer.instruction)] : [])
            ];
            return words.length === 0 ? 'changed' : words.join('; ');
        }
    }
}
function layerEdit(before, now) {
    const edit = editOf(before, now);
    return edit === undefined ? 'the line was edited' : editWords(edit);
}
function pathRows(report, difference) {
    const { byPath } = difference;
    const changeCell = changeCells(difference);
    const rows = byPath.rows.map((change) => [
        changeCell(change.size),
        [
            isGone(change) ? '' : lineLink(report.source, change.layer?.line),
            change.rest ? `the rest of ${(0,markdown/* pathCode */.N3)(change.path)}` : (0,markdown/* pathCode */.N3)(change.path)
        ]
            .filter((part) => part !== '')
            .join(' '),
        pathWords(change)
    ]);
    const { other, hidden } = byPath;
    const largest = Math.max(0, ...byPath.rows.map(({ size }) => Math.abs(size)));
    return [
        ...rows,
        ...(other.size === 0 ? [] : [[changeCell(other.size), `*${(0,units/* count */.U9)(other.files, 'other file')}*`]]),
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
        return `was ${(0,markdown/* pathCode */.N3)(change.from, 60)}${files}`;
    }
    const { added, changed, removed } = change.files;
    const all = added + changed + removed;
    if (change.kind === 'added')
        return change.directory ? `new, ${(0,units/* count */.U9)(all, 'file')}` : 'new';
    if (change.kind === 'removed')
        return change.directory ? `gone, ${(0,units/* count */.U9)(all, 'file')}` : 'gone';
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
        .map(({ number, word }, index) => `${index === 0 ? (0,units/* count */.U9)(number, 'file') : (0,units/* grouped */.zD)(number)} ${word}`)
        .join(', ');
}
/** `boto3 1.35.0, was 1.34.1`. Other versions may be there beside one that is gone. */
function packageWords({ name, from, to }) {
    const versions = (all) => {
        const { shown, more } = ladder_capped(all, why_SENTENCES);
        return (0,units/* enumerated */.BD)([...shown.map((version) => (0,markdown/* code */.aY)(version, 40)), ...(more > 0 ? [`${more} more`] : [])]);
    };
    const subject = `package ${(0,markdown/* code */.aY)(name, 60)}`;
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
            ...(moved === 0 ? [] : [`${(0,units/* count */.U9)(moved, 'layer')} in another order`]),
            ...(again === 0 ? [] : [`${(0,units/* count */.U9)(again, 'layer')} compressed anew`])
        ];
        return `All layers hold the same files${parts.length === 0 ? '' : `; ${(0,units/* enumerated */.BD)(parts)}`}.`;
    }
    const { shown, more } = ladder_capped(others.filter((change) => change.kind !== 'changed' || !change.timestampsOnly), why_SENTENCES);
    if (shown.length === 0)
        return undefined;
    const number = shown.length + more;
    const names = shown.map((change) => changedLayer(report, change, 44));
    const sizes = others.every(({ size }) => size === 0)
        ? 'No layer is larger or smaller.'
        : 'In all, the size is the same.';
    return `${sizes} ${(0,units/* count */.U9)(number, 'layer')} ${number === 1 ? 'is' : 'are'} not the same: ${(0,units/* enumerated */.BD)([...names, ...(more > 0 ? [`${more} more`] : [])])}.`;
}
/** What a table of sizes cannot say: counts, packages without a size, moves, times, and what was not compared. */
function remarks({ report, image, difference }, detail, shownPaths) {
    const { byPath } = difference;
    // One row has said it.
    const files = byPath.rows.length > 1 || byPath.files.moved > 0 ? fileWords(byPath.files) : '';
    const most = Math.min(detail.rows, why_SENTENCES);
    const packages = ladder_capped(byPath.packages.filter(({ path }) => !shownPaths.has(path)), most);
    const moves = ladder_capped(byPath.moves, most);
    const omissions = ladder_capped(difference.omissions, most);
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
        ...(moves.more > 0 ? [`${(0,units/* count */.U9)(moves.more, 'more move')}.`] : []),
        ...timesOnly(report, difference),
        ...omissions.shown.map((omission) => `Not compared in full: ${(0,markdown/* text */.Qq)(omission.replace(/\.$/, ''), 300)}.`),
        ...(omissions.more > 0 ? [`${(0,units/* count */.U9)(omissions.more, 'more thing')} could not be compared.`] : [])
    ];
    return items.length === 0 ? undefined : (0,markdown/* bullets */.e5)(items);
}
/** Growth of the base image, and how it is kept apart from the change that is looked at. */
function baseGrowth({ base }, { base: grown, baseBefore, baseUnknown, size }) {
    if (baseUnknown || grown <= 0 || grown * 2 < size.change)
        return [];
    const more = (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(grown));
    const apart = 'A new base in a change of its own keeps the two apart.';
    if (base !== undefined && baseBefore !== undefined && base !== baseBefore) {
        return [
            `The base image was ${(0,markdown/* code */.aY)(baseBefore, 100)}, now ${(0,markdown/* code */.aY)(base, 100)}: **${more}** more, not of your layers. ${apart}`
        ];
    }
    if (base !== undefined && base === baseBefore && !base.includes('@sha256:')) {
        return [
            `The base image ${(0,markdown/* code */.aY)(base, 100)} grew by **${more}**, not your layers. A tag may move at any time; pinned by its digest, the base changes only in a change of its own.`
        ];
    }
    // Whether the tag moved or another base was written is not known.
    const name = base === undefined ? 'The base image' : `The base image ${(0,markdown/* code */.aY)(base, 100)}`;
    return [`${name} has **${more}** more than the baseline's, not of your layers. ${apart}`];
}
function besideWords(change) {
    const size = change.size === undefined || change.size === 0 ? '' : ` (${(0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(change.size))})`;
    return `${packageWords(change).replace(/^package /, '')}${size}`;
}
/** Moves change no size; they are said so that nobody takes them for growth. */
function moveWords({ from, to, files, size }) {
    const folder = (path) => path.slice(0, path.lastIndexOf('/'));
    const verb = files === 1 && folder(from) === folder(to) ? 'Renamed' : 'Moved';
    const what = files === 1 ? '' : `${(0,units/* count */.U9)(files, 'file')}, `;
    return `${verb}: ${(0,markdown/* pathCode */.N3)(from, 60)} is now ${(0,markdown/* pathCode */.N3)(to, 60)} (${what}${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size))}, no change in size).`;
}
function timesOnly(report, { layers, timestampsOnly }) {
    if (timestampsOnly === 0)
        return [];
    const all = layers.filter((change) => change.kind === 'changed' && change.timestampsOnly && !change.base);
    const { shown, more } = ladder_capped(all, 3);
    const names = [...shown.map((change) => changedLayer(report, change, 44)), ...(more > 0 ? [`${more} more`] : [])];
    const [subject, it] = timestampsOnly === 1
        ? ['1 layer differs in nothing but timestamps, and yet it', 'it']
        : [`${(0,units/* grouped */.zD)(timestampsOnly)} layers differ in nothing but timestamps, and yet they`, 'them'];
    const verb = timestampsOnly === 1 ? 'is' : 'are';
    return [
        `${subject} ${verb} pulled again${names.length === 0 ? '' : `: ${(0,units/* enumerated */.BD)(names)}`}. \`SOURCE_DATE_EPOCH\` and \`rewrite-timestamp=true\` would keep ${it} the same.`
    ];
}

;// CONCATENATED MODULE: ./src/report/sections/budget.ts
/** The red report of an image over its budget: by how much, and what to shrink first. */












/** Rows of what to shrink. */
const FIRST = 5;
/** Part of the image below which a layer is not worth looking at. */
const WORTH = 0.005;
/** The parts of the story, below the heading. */
function budgetStory(report, broken, detail) {
    const image = report.images.find(({ platform }) => platform === broken[0]?.platform) ?? heaviest(report.images);
    const platform = report.images.length > 1 && image !== undefined ? ` (${(0,markdown/* code */.aY)(image.platform, 60)})` : '';
    return [
        introduction(report, broken),
        ruleTable(report, broken, detail),
        renderNotCompared(report),
        renderWhy(report, detail),
        wayOut(broken),
        image === undefined || broken.every(({ leads }) => leads.every((lead) => lead === 'growth'))
            ? undefined
            : (0,markdown/* sections */.V0)([`### What to shrink first${platform}`, ...shrink(report, image, broken, detail)])
    ];
}
/** Of growth, a reader wants to see both sizes. */
function introduction(report, broken) {
    const compared = comparedIn(report);
    const sizes = broken.flatMap((rule) => {
        const difference = compared?.differences.find(({ platform }) => platform === rule.platform);
        return leadsTo(rule, 'growth') && difference !== undefined ? [difference.size] : [];
    });
    const [size] = sizes;
    if (compared === undefined || size === undefined || broken.length > 1) {
        return 'The image was built, but not within its budget.';
    }
    const name = (0,markdown/* text */.Qq)(baselineTitle(compared), 100);
    return `The image was built, but it has grown too much: **${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size.now))}**, and ${name} has **${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size.before))}**.`;
}
/** What else can be done: growth can be wanted, and then the way out must be there. */
function wayOut(broken) {
    return (0,markdown/* sections */.V0)([...new Set(broken.map((limit) => limit.wayOut))]);
}
function leadsTo({ leads }, lead) {
    return leads.includes(lead);
}
function ruleTable(report, broken, detail) {
    const passed = judgedLimits(report.verdict).filter((limit) => limit.passed);
    const several = report.images.length > 1;
    const columns = [
        { title: 'Rule', align: 'left' },
        { title: 'Measured', align: 'right' },
        { title: 'Limit', align: 'right' },
        { title: 'Too much', align: 'left' },
        ...(several ? [{ title: 'Platform', align: 'left' }] : [])
    ];
    const { shown, more } = ladder_capped([...broken, ...passed], detail.rows);
    const rows = shown.map((rule) => {
        const strong = (words) => (rule.passed ? words : `**${words}**`);
        return [
            `${rule.title} (\`${rule.rule}\`)`,
            strong((0,markdown/* unbroken */.D_)(rule.measured)),
            (0,markdown/* unbroken */.D_)(rule.limit),
            rule.passed
                ? 'kept'
                : `${strong((0,markdown/* unbroken */.D_)(rule.over))}${rule.proportion === undefined ? '' : `, ${(0,markdown/* unbroken */.D_)(rule.proportion)}`}`,
            (0,markdown/* code */.aY)(rule.platform, 60)
        ];
    });
    return (0,markdown/* sections */.V0)([(0,markdown/* table */.tp)(columns, rows), more === 0 ? undefined : `And ${(0,units/* count */.U9)(more, 'more rule')}.`]);
}
/** What to look at first: the sections that the broken rules lead to. */
function shrink(report, image, broken, detail) {
    const leading = (lead) => broken.find((limit) => leadsTo(limit, lead) && limit.platform === image.platform);
    const base = leading('base');
    const costly = report.advice
        .filter(({ bytes: cost = 0, rule }) => leading('advice') === undefined
        ? leading('copies') !== undefined && rule.startsWith('FilesCopiedBy')
        : (0,units/* share */.uM)(cost, image.size) >= WORTH)
        .slice(0, FIRST);
    const led = (lead, section) => leading(lead) === undefined ? undefined : section();
    return [
        bulleted([
            ...(base === undefined ? [] : baseRemark(image, base)),
            ...costly.map((item) => adviceLine(report, item))
        ]),
        led('joinable', () => joinable(report, image)),
        led('reclaimable', () => titled('Bytes that no container sees', reclaimable(report, image, detail, FIRST))),
        led('largest-layers', () => titled('Your largest layers', largestLayers(report, image, detail))),
        led('largest-files', () => titled('Your largest files', biggestFiles(report, image, detail, FIRST))),
        detail.collapsed ? contentsOf(report, image, detail) : undefined
    ];
}
function bulleted(items) {
    return items.length === 0 ? undefined : (0,markdown/* bullets */.e5)(items);
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
    const name = image.base === undefined ? 'The base image' : `The base image ${(0,markdown/* code */.aY)(image.base, 100)}`;
    return [
        `${name} alone has **${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(base))}**: only a smaller one (\`-slim\`, distroless, \`scratch\`) helps.`
    ];
}
function largestLayers(report, image, detail) {
    const [largest, ...others] = ownBySize(image);
    const own = [
        ...(largest === undefined ? [] : [largest]),
        ...others.filter(({ size }) => (0,units/* share */.uM)(size, image.size) >= WORTH)
    ].slice(0, Math.min(detail.rows, FIRST));
    if (own.length === 0)
        return undefined;
    return (0,markdown/* table */.tp)([
        { title: 'Size', align: 'right' },
        { title: 'Made by', align: 'left' },
        { title: 'Share', align: 'right' }
    ], own.map((layer) => [
        (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(layer.size)),
        layerCode(report, layer),
        (0,markdown/* unbroken */.D_)((0,units/* percent */.KN)(layer.size, image.size))
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
        const lines = group.flatMap(({ line }) => (line === undefined ? [] : [lineLink(report.source, line)]));
        const where = lines.length === 0 ? '' : `Lines ${(0,units/* enumerated */.BD)(lines.slice(0, 12))}: `;
        return `${where}${group.length} \`${keywordOf(group[0])}\` steps in a row can be one, with one layer`;
    });
    return items.length === 0 ? undefined : titled('Layers that can be one', (0,markdown/* bullets */.e5)(items));
}
function keywordOf(layer) {
    return /^[A-Z]+/i.exec(layer?.instruction ?? '')?.[0].toUpperCase() ?? '';
}
/** `the image is 62.4 MB over its limit of 250 MB`. Plain text. */
function budgetHeadline(broken) {
    const names = new Set(broken.map(({ rule }) => rule));
    const [first] = broken.toSorted((a, b) => b.excess - a.excess);
    if (first === undefined || names.size > 1)
        return `the image breaks ${(0,units/* count */.U9)(names.size, 'limit')} of its budget`;
    return first.headline;
}
/** One broken rule as a plain sentence, and the line of the layer to look at first. */
function budgetSentence(report, rule) {
    const image = report.images.find(({ platform }) => platform === rule.platform);
    if (leadsTo(rule, 'growth'))
        return growthSentence(report, rule, image);
    const [largest, ...others] = image === undefined ? [] : ownBySize(image).slice(0, 3);
    const on = report.images.length > 1 ? ` (${inline(rule.platform)})` : '';
    const head = `${rule.title}${on}: ${rule.measured}, limit: ${rule.limit}, ${rule.over} over.`;
    if (largest === undefined)
        return { message: head };
    const layers = [largest, ...others].map((layer) => `${bytes(layer.size)} ${placeOf(report.source, layer)} ${shortened(inline(briefInstruction(layer.instruction)), 120)}`);
    return {
        message: [head, 'Your largest layers:', ...layers].join('\n'),
        layer: largest
    };
}
/** What grew is what to look at, not what is large. */
function growthSentence(report, rule, image) {
    const difference = image === undefined ? undefined : differenceOf(report, image);
    const on = report.images.length > 1 ? ` (${inline(rule.platform)})` : '';
    const head = `${rule.title}${on}: ${rule.measured}, limit: ${rule.limit}, ${rule.over} over.`;
    const grown = (difference?.byInstruction ?? []).flatMap((change) => change.kind === 'removed' || change.size <= 0 ? [] : [{ size: change.size, layer: change.layer }]);
    const below = difference?.baseUnknown === true ? 'the layers below your own' : 'the base image';
    const base = difference === undefined || difference.base <= 0 ? [] : [`${signedBytes(difference.base)} ${below}`];
    const layers = grown
        .slice(0, 3)
        .map(({ size, layer }) => `${signedBytes(size)} ${placeOf(report.source, layer)} ${shortened(inline(briefInstruction(layer.instruction)), 120)}`);
    const layer = grown[0]?.layer;
    const what = [...layers, ...base];
    return {
        message: what.length === 0 ? head : [head, 'What grew:', ...what].join('\n'),
        ...(layer === undefined ? {} : { layer })
    };
}

;// CONCATENATED MODULE: ./src/report/sections/headline.ts
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
function headline_stateOfRun(report) {
    const states = viewsOf(report).map(headline_stateOf);
    return STATES.find((state) => states.includes(state)) ?? 'neutral';
}
/** The state of an image, for the symbol beside its headline. */
function headline_stateOf(report) {
    if (report.bystander === true)
        return 'neutral';
    if (report.outcome.kind === 'red')
        return report.outcome.failure.kind === 'cancelled' ? 'neutral' : 'red';
    if (leaksOf(report).length > 0 || failsBesideGate(report) || isContradicted(report))
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
function headline_headline(report) {
    return viewsOf(report).map(headlineOf).join('; ');
}
/** As it heads a summary or a comment. */
function heading(report) {
    return headingWithin(report, 400);
}
/** Of at most so many characters. */
function headingWithin(report, max) {
    return `## ${SYMBOL[headline_stateOf(report)]} ${(0,markdown/* text */.Qq)(headlineOf(report), max)}`;
}
function leaksOf(report) {
    return report.images.flatMap(({ figures }) => figures.leaks);
}
function greenVerdict(report) {
    const leaks = leaksOf(report);
    const tested = testedVerdict(report);
    const verdict = leaks.length === 0 ? tested : `${leakHeadline(leaks)}; ${tested}`;
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
    if (failsBesideGate(report))
        return `tests failed (${testWords(report) ?? ''}), and the gate passed`;
    return isCachedPass(report) ? 'tests passed (cached)' : 'tests passed';
}
/** True when no test ran now: every test stage came from the cache. */
function isCachedPass(report) {
    const { targets } = report.gate;
    return targets.length > 0 && targets.every((target) => target.result === 'cached');
}
/** `201.3 MB, 14.1 MB smaller than main`. */
function weightOf(report) {
    const parts = [sizesOf(report), difference_changeWords(report)].filter((part) => part !== undefined);
    return parts.length === 0 ? undefined : parts.join(', ');
}
function sizesOf(report) {
    const [first] = report.images;
    if (first === undefined)
        return undefined;
    if (report.images.length === 1)
        return (0,units/* bytes */.ee)(first.size);
    if (report.images.length === 2) {
        return (0,units/* enumerated */.BD)(report.images.map((image) => `${(0,units/* bytes */.ee)(image.size)} (${image.platform})`));
    }
    const sizes = report.images.map((image) => image.size);
    return `${(0,units/* bytes */.ee)(Math.min(...sizes))} to ${(0,units/* bytes */.ee)(Math.max(...sizes))} on ${report.images.length} platforms`;
}
function redVerdict(report, failure) {
    const what = failureHeadline(report, failure);
    const { publish, othersLeft = false } = report;
    switch (model_reachOf(publish)) {
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
    const end = ends[model_reachOf(report.publish)];
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
                : `${(0,units/* count */.U9)(failure.problems.length, 'input')} are wrong`;
        case 'test':
            return testHeadline(report, failure.step.stage);
        case 'build':
            return failure.step?.stage === undefined ? 'the build failed' : `the build failed (${failure.step.stage})`;
        case 'dockerfile':
            return 'the Dockerfile has an error';
        case 'registry':
            return isPush(failure) ? 'the push failed' : 'an image could not be pulled';
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
            return leakHeadline(failure.findings);
        case 'budget':
            return budgetHeadline(judgedLimits(failure.broken));
        case 'smoke':
            return smokeHeadline(failure.results, report.smoke?.length ?? 1);
        case 'verify':
            return verifyHeadline(failure.results, report.verify?.length ?? 1);
        case 'irreproducible':
            return twiceHeadline(failure, report.images.length);
        case 'cancelled':
            return 'cancelled';
        case 'internal':
            return 'Stagegate itself failed';
    }
}
/** `the tests failed (unit: 142 passed, 2 failed)`. */
function testHeadline(report, stage) {
    const parts = [report.gate.targets.length > 1 ? stage : undefined, testWords(report)].filter((part) => part !== undefined);
    return parts.length === 0 ? 'the tests failed' : `the tests failed (${parts.join(': ')})`;
}

;// CONCATENATED MODULE: ./src/report/sections/stages.ts






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
    return (0,markdown/* html */.qy)(`Build: ${cached} of ${(0,units/* count */.U9)(steps, 'step')} from cache`);
}
/** The table of stages; `undefined` when there is none to show. */
function renderStages(report, detail) {
    if (report.stages.length === 0)
        return undefined;
    const { shown, more } = ladder_capped(report.stages, detail.rows);
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
        (0,markdown/* unbroken */.D_)(stage.seconds > 0 ? (0,units/* duration */.p0)(stage.seconds) : '–'),
        (0,markdown/* unbroken */.D_)(`${stage.cached} of ${stage.steps}`),
        stage.firstToRun === undefined ? '' : stepCode(report, stage.firstToRun)
    ]);
    return (0,markdown/* sections */.V0)([(0,markdown/* table */.tp)(columns, rows), more === 0 ? undefined : `And ${(0,units/* count */.U9)(more, 'more stage')}.`]);
}
function stageName(stage) {
    const name = stage.name === '' ? '*(unnamed)*' : (0,markdown/* code */.aY)(stage.name, 60);
    return stage.role === 'other' ? name : `**${name}**\u00a0${stage.role === 'test' ? 'gate' : 'image'}`;
}
function stageResult(report, stage) {
    const target = report.gate.targets.find((each) => each.stage === stage.name);
    const tests = testWords(report, stage.name);
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
    return [lineLink(report.source, step.line), (0,markdown/* code */.aY)(instruction_briefInstruction(step.instruction), max)]
        .filter((part) => part !== '')
        .join(' ');
}

;// CONCATENATED MODULE: ./src/report/sections/facts.ts
/** The run in one line. */










/** What the gate did, what left the runner, what it cost. */
function facts(report) {
    const { cached, steps } = cachedSteps(report);
    const parts = [
        gateFact(report),
        trialFact(report),
        twiceFact(report),
        publishFact(report),
        steps === 0 ? undefined : [`${cached} of ${steps} steps cached`, savedWords(report)].filter(Boolean).join(', '),
        (0,markdown/* unbroken */.D_)(`${(0,units/* duration */.p0)(report.seconds.total)} ${report.own === undefined ? 'in all' : 'for all images'}`)
    ];
    return parts.filter((part) => part !== undefined).join(' · ');
}
/** How many names stand in the line of facts. */
const facts_NAMED = 3;
function gateFact(report) {
    const { gate } = report;
    if (gate.verdict === 'skipped')
        return `**No gate**: ${(0,markdown/* text */.Qq)(gate.reason ?? 'no `test-target` is set', 200)}`;
    const names = gate.targets.slice(0, facts_NAMED).map((target) => (0,markdown/* code */.aY)(target.stage, 60));
    const more = gate.targets.length - names.length;
    const stages = (0,units/* enumerated */.BD)([...names, ...(more > 0 ? [`${more} more`] : [])]);
    const longest = Math.max(0, ...gate.targets.map((target) => target.seconds));
    const tests = testWords(report);
    const counted = tests === undefined ? '' : `: ${(0,markdown/* unbroken */.D_)(tests)}`;
    if (isCachedPass(report))
        return `**Gate passed** (${stages}, cached: nothing had to run)${counted}`;
    return `**Gate passed** (${stages}${longest > 0 ? `, ${(0,markdown/* unbroken */.D_)((0,units/* duration */.p0)(longest))}` : ''})${counted}`;
}
function publishFact(report) {
    const { publish } = report;
    if (!publish.published) {
        if (report.images.length === 0 || report.outcome.kind === 'red')
            return undefined;
        const reason = report.trusted && publish.reason !== '' ? ` (${(0,markdown/* text */.Qq)(publish.reason, 300)})` : '';
        return `**not published**${reason}`;
    }
    const [first] = publish.tags;
    const more = publish.tags.length - 1;
    const tags = first === undefined ? '' : ` ${(0,markdown/* code */.aY)(first, 120)}${more > 0 ? ` and ${more} more` : ''}`;
    return `**${reachWords[model_reachOf(publish)]}**${tags}`;
}

;// CONCATENATED MODULE: ./src/gate/lacking.ts

/**
 * The secrets and ssh ids that a step mounts and the build was not given, each once.
 * @param supplied `secret:ID`, `ssh:ID`
 */
function lackingOf({ instruction }, supplied) {
    const lacking = new Map();
    for (const mount of mountsIn(instruction)) {
        const id = credentialOf(mount) ?? '';
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

;// CONCATENATED MODULE: ./src/ssh/deploy_keys.ts
/** Secret with the program; one of the user's under this id takes its place. */
const GIT_SSH_ID = 'git_ssh';
/** A word of a comment that is an address: `git@github.com:acme/app.git`, `https://github.com/acme/app`, `github.com/acme/app`. */
const address = /^(?:[a-z][a-z0-9+.-]*:\/\/)?(?:[^@/:]+@)?((?:[a-z0-9-]+\.)+[a-z0-9-]+|localhost)(?::\d+(?=\/))?[:/]\/*([a-z0-9_.~-]+(?:\/[a-z0-9_.~-]+)+)\/*$/i;
const deploy_keys_LONGEST_ADDRESS = 500;
/** The repositories that a key names in its comment: host and path in lower case, without `.git`. */
function repositoriesOf({ comment }) {
    const words = comment.split(/\s+/).filter(({ length }) => length <= deploy_keys_LONGEST_ADDRESS);
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
    return mounts_mountsIn(instruction).some(({ type }) => type === 'ssh')
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
    const ids = mounts_mountsIn(instruction).flatMap((mount) => mount.type === 'secret' && credentials_credentialOf(mount) !== 'known_hosts' ? (credentials_credentialOf(mount) ?? []) : []);
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
    const step = { words, mounts: mounts_mountsIn(instruction), lacking };
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
        .every((mount) => lacking.some(({ credential, id }) => credential === type && id === credentials_credentialOf(mount)));
}
const MISSING = /no such file|can(?:no|')t open|does not exist|not found|ENOENT|unbound variable|not set|parameter null/i;
/** Whether a line says that the file or the variable of a secret is not there. One that a shell prints of a command says nothing. */
function isSaidMissing({ id }, { words, mounts }) {
    const names = mounts
        .filter((mount) => mount.type === 'secret' && credentials_credentialOf(mount) === id)
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
    const what = (0,units/* enumerated */.BD)(lacking.map(({ credential, id }) => credentialInWords({ credential, id: (0,markdown/* inline */.mG)(id) })));
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
    return credential === 'ssh' || id === GIT_SSH_ID;
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
    const push = isPush(failure);
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
    const reading = parseReference((0,markdown/* inline */.mG)(reference));
    return reading.ok ? (reading.reference.domain ?? dockerHub.name) : undefined;
}
function login(host) {
    const lines = [
        ...(host === undefined || host === dockerHub.name ? [] : [`    registry: ${host}`]),
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
            return twiceRemedies(failure);
        case 'leak':
            return leakRemedies(report);
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
    const words = remedies_wordsOf(step, 'message' in failure ? failure.message : '');
    return lackingRemedies(report, { instruction, words, lacking }, hintsFor(report, instruction, { exitCode, words }));
}
/** The end of a step's log, and the error. */
function remedies_wordsOf(step, message) {
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
    if (/^\d+$/.test(from) || report.steps.some(({ stage }) => step_sameStage(stage, from))) {
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
    const { target, stage = '' } = readLinkedStage(shown) ?? { target: own, stage: shown };
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

;// CONCATENATED MODULE: ./src/report/sections/failure.ts
/** The red report: what failed, where, its own last words, what to do. Nothing else competes for the eye. */














/** Lines of the log shown open. */
const LAST_WORDS = 20;
/** Lines of a message shown open. */
const failure_MESSAGE_LINES = 20;
/** Where a line of a message is broken. */
const MESSAGE_COLUMNS = 96;
/** The body of a red report, below its heading; `undefined` in a green one. */
function renderFailed(report, detail) {
    if (report.outcome.kind === 'green')
        return undefined;
    const { failure } = report.outcome;
    return (0,markdown/* sections */.V0)([
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
                    failure.reference === undefined ? '' : `**${(0,markdown/* code */.aY)(failure.reference)}**`,
                    failure.line === undefined ? '' : placeLink(report.source, failure.line)
                ]
                    .filter((part) => part !== '')
                    .join(' · '),
                message(failure.message)
            ];
        case 'leak':
            return [leakIntroduction(report), renderLeaks(report, detail)];
        case 'budget':
            return budgetStory(report, judgedLimits(failure.broken), detail);
        case 'engine':
        case 'internal':
        case 'unrecognised':
            return [message(failure.message)];
        case 'smoke':
            return [smokeStory(failure.results)];
        case 'verify':
            return [verifyStory(failure.results)];
        case 'irreproducible':
            return [twiceStory(report, failure, detail)];
        case 'mismatch':
            return ['What the tests saw and what would have left are not the same:', message(failure.cause)];
        case 'credential': {
            const what = failure.credential === 'ssh' ? 'an SSH key with the id' : 'the secret';
            const who = failure.linked === undefined
                ? placeLink(report.source, failure.line)
                : `The linked target ${(0,markdown/* code */.aY)(failure.linked, 100)}`;
            return [
                `${who} requires ${what} ${(0,markdown/* code */.aY)(failure.id, 100)}, and the workflow does not supply it. Nothing was built.`
            ];
        }
        case 'untested':
            return [
                `Not tested: ${(0,units/* enumerated */.BD)(failure.stages.map((stage) => (0,markdown/* code */.aY)(stage, 100)))} ${failure.stages.length === 1 ? 'needs' : 'need'} a secret or key that this run is not given. What could be built without it was built.`
            ];
        case 'input': {
            const { shown, more } = ladder_capped(failure.problems, detail.rows);
            return [
                `${report.steps.length === 0 ? 'Nothing was started. ' : ''}Correct these lines of the workflow:`,
                (0,markdown/* table */.tp)([
                    { title: 'Input', align: 'left' },
                    { title: 'What is wrong', align: 'left' },
                    { title: 'What to do', align: 'left' }
                ], shown.map((problem) => [
                    (0,markdown/* code */.aY)(problem.input, 60),
                    (0,markdown/* text */.Qq)(failure_capital(problem.problem), 500),
                    (0,markdown/* text */.Qq)(failure_capital(problem.fix), 500)
                ])),
                more === 0 ? undefined : `And ${(0,units/* count */.U9)(more, 'more problem')}.`
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
    return line === undefined ? undefined : `**${placeLink(report.source, line)}**`;
}
function stepStory(report, failure, step, end, words) {
    const { script, line = step.line } = failure;
    const stage = step.stage === undefined ? undefined : `**${(0,markdown/* code */.aY)(step.stage, 100)}**`;
    const place = line === undefined ? undefined : `**${placeLink(report.source, line)}**`;
    const platform = step.platform === undefined ? '' : ` on ${(0,markdown/* code */.aY)(step.platform, 60)}`;
    const head = [stage, place].filter((part) => part !== undefined).join(' · ');
    const after = step.seconds > 0 ? ` after ${(0,units/* duration */.p0)(step.seconds)}` : '';
    const tail = failure_logOf(step);
    return [
        `${head === '' ? 'The step' : head} ${end}${after}${platform}`,
        (0,markdown/* block */.om)(script === undefined ? instructionLines(step.instruction) : scriptLines(step, script), 'dockerfile', 400),
        tail.length === 0 ? undefined : (0,markdown/* block */.om)(tail.slice(-LAST_WORDS), 'text', 400),
        tail.length === 0 && words === undefined ? 'It printed nothing.' : undefined,
        words === undefined ? undefined : message(words)
    ];
}
/** An instruction and its heredocs, as the Dockerfile has them. */
function scriptLines({ instruction }, { lines, more }) {
    const rest = more > 0 ? [`… ${(0,units/* count */.U9)(more, 'more line')}`] : [];
    return [shownRun(instruction), ...lines, ...rest];
}
/** The log without the empty lines at its end. */
function failure_logOf(step) {
    const lines = step.logTail.map(markdown/* visibleLine */.P8);
    return lines.slice(0, lines.findLastIndex((line) => line.trim() !== '') + 1);
}
function message(words) {
    const lines = words
        .trim()
        .split(/\r?\n/)
        .flatMap((line) => wrapped((0,markdown/* shortened */.vI)((0,markdown/* visibleLine */.P8)(line), 2000)));
    const shown = lines.slice(0, failure_MESSAGE_LINES);
    const more = lines.length - shown.length;
    return (0,markdown/* block */.om)([...shown, ...(more > 0 ? [`… ${(0,units/* count */.U9)(more, 'more line')}`] : [])]);
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
    const list = remediesFor(report, failure);
    if (list.length === 0)
        return undefined;
    return (0,markdown/* sections */.V0)(['### What to do', renderRemedies(list)]);
}
/** What became of the other stages; only where that says something. */
function gateLine(report, failure) {
    const targets = report.gate.targets.filter((target) => target.result !== 'failed');
    const gates = (list) => list.slice(0, 12).map((target) => `${(0,markdown/* code */.aY)(target.stage, 60)} ${gateResult(target)}`);
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
        .map((stage) => `${(0,markdown/* code */.aY)(stage, 60)} stopped`);
    const beside = [...gates(targets), ...others.slice(0, 5)];
    return beside.length === 0 ? undefined : `Beside it: ${beside.join(' · ')}`;
}
function folded(report, failure, detail) {
    if (failure.kind !== 'test' && failure.kind !== 'build')
        return undefined;
    if (failure.step === undefined || !detail.collapsed)
        return undefined;
    const tail = failure_logOf(failure.step);
    if (tail.length <= LAST_WORDS)
        return undefined;
    const lines = tail.slice(-detail.logLines);
    return (0,markdown/* details */.zH)(`The last ${(0,markdown/* html */.qy)((0,units/* count */.U9)(lines.length, 'line'))} of this step`, (0,markdown/* sections */.V0)([(0,markdown/* block */.om)(lines, 'text', 1000), `All of it is in the ${links_logLink(report)}.`]));
}
function failure_capital(sentence) {
    return sentence.replace(/^[a-z](?=[a-z]* )/, (letter) => letter.toUpperCase());
}

;// CONCATENATED MODULE: ./src/report/sections/notes.ts
/** Degradations and advice of the run itself; nothing fails because of them. */


/** All of them, in the open. */
function renderNotes(report, detail) {
    const list = notes_listed(report, detail.rows, 1000);
    return list === undefined ? undefined : `### Notes\n\n${list}`;
}
/** The first few, folded where there is room for folds. */
function renderFewNotes(report, detail) {
    const list = notes_listed(report, Math.min(detail.rows, 5), 400);
    if (list === undefined)
        return undefined;
    return detail.collapsed ? (0,markdown/* details */.zH)((0,markdown/* html */.qy)(`Notes: ${report.notes.length}`), list) : list;
}
function notes_listed({ notes }, rows, characters) {
    if (notes.length === 0)
        return undefined;
    const { shown, more } = ladder_capped(notes, rows);
    return (0,markdown/* bullets */.e5)([...shown.map((note) => (0,markdown/* text */.Qq)(note, characters)), ...(more > 0 ? [`and ${more} more`] : [])]);
}

;// CONCATENATED MODULE: ./src/report/sections/proof.ts
/** The small print: what was proved, with what it was compared, and how it was measured. Only what this run did. */




/** Of the job summary. */
function smallPrint(report) {
    const line = [...proofs(report), ...baselineSentence(report), ...versions(report)].join(' ');
    const parts = [
        ...(line === '' ? [] : [text(line, 700)]),
        ...(report.source.runUrl === undefined ? [] : [logLink(report)])
    ];
    const how = [...searchProof(report), ...measures(report)];
    return sections([
        how.length === 0
            ? undefined
            : details('How it was measured and searched', bullets(how.map((each) => text(each, 1000)))),
        parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`
    ]);
}
/** Of a comment: the summary, which the run's page has, tells the rest. */
function shortPrint(report) {
    const words = [...proofs(report), ...(comparesSizes(report) ? difference_baselineSentence(report) : [])].join(' ');
    const parts = [...(words === '' ? [] : [(0,markdown/* text */.Qq)(words, 700)]), ...fullReport(report)];
    return parts.length === 0 ? undefined : `<sub>${parts.join(' · ')}</sub>`;
}
/** Of other failures the sizes are not the news. */
function comparesSizes({ outcome }) {
    return outcome.kind === 'green' || outcome.failure.kind === 'budget' || outcome.failure.kind === 'leak';
}
/** The run's page has the job summary. */
function fullReport(report) {
    return report.source.runUrl === undefined ? [] : [links_logLink(report, 'full report')];
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

;// CONCATENATED MODULE: ./src/report/sections/quiet.ts
/** The whole comment where there is no news: the same image, tested, and nothing to warn of. */







/** Whether there is none. */
function isQuiet(report) {
    return (report.outcome.kind === 'green' &&
        !isContradicted(report) &&
        report.gate.verdict === 'passed' &&
        isSameImage(report) &&
        !testsAreNews(report) &&
        comparedIn(report)?.differences.every(({ omissions }) => omissions.length === 0) === true &&
        report.images.every(({ figures }) => figures.leaks.length === 0 && figures.omissions.length === 0));
}
/** One line says it. */
function quietLine(report) {
    const compared = comparedIn(report);
    const [first] = report.images;
    // With its colon, which could make an emoji of the name's end.
    const name = (0,markdown/* text */.Qq)(`${compared === undefined ? 'the baseline' : baselineTitle(compared)}:`, 100);
    const what = report.images.length > 1 || first === undefined
        ? (0,units/* count */.U9)(report.images.length, 'platform')
        : `${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(first.size))} in ${(0,units/* count */.U9)(first.layers.length, 'layer')}`;
    return [
        `${SYMBOL[headline_stateOf(report)]} **${(0,markdown/* text */.Qq)(report.name, 100)}**: same image as ${name} ${what}`,
        facts(report),
        ...(report.relayed === undefined ? [] : ['an untrusted run’s own figures']),
        ...fullReport(report)
    ].join(' · ');
}

;// CONCATENATED MODULE: ./src/report/sections/overview.ts
/** Several images at a glance, above the first of them. */





/** A row for each image, what failed first; `undefined` for a run of one. */
function renderOverview(report) {
    // Where nothing was built, what failed is told once.
    if (viewsOf(report).length < 2)
        return undefined;
    const views = imageViewsOf(report);
    return (0,markdown/* sections */.V0)([
        `## ${SYMBOL[headline_stateOfRun(report)]} ${(0,markdown/* text */.Qq)(`${report.name}: ${overall(report, views)}`, 400)}`,
        (0,markdown/* table */.tp)([
            { title: 'Image', align: 'left' },
            { title: 'How it went', align: 'left' },
            { title: 'Published', align: 'left' }
        ], views.map((view) => [
            `${SYMBOL[headline_stateOf(view)]} **${(0,markdown/* text */.Qq)(view.name, 100)}**`,
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
    const reached = builds.map(({ publish }) => model_reachOf(publish));
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
    return outcome.kind === 'red' && !bystander ? failureHeadline(view, outcome.failure) : verdictOf(view);
}
function publishedAs({ publish }) {
    const reach = model_reachOf(publish);
    if (reach === 'nowhere')
        return '–';
    const way = reachWords[reach];
    const [first, ...more] = reachedNames(publish);
    if (first === undefined)
        return way === 'published' ? 'yes' : way;
    const names = `${(0,markdown/* code */.aY)(first, 120)}${more.length > 0 ? ` and ${more.length} more` : ''}`;
    return way === 'published' ? names : `${names}, ${way}`;
}

;// CONCATENATED MODULE: ./src/report/sections/section.ts
/** What a report is made of: a section is one function of the report, and a surface (summary, comment) is a list of them. */




/** Several images at a glance, sections of one after another, and what is said once. */
function composed(report, detail, { listOf, closing }) {
    const views = viewsOf(report);
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
function section_titled(heading, section) {
    return (report, detail) => {
        const body = section(report, detail);
        return body === undefined ? undefined : sections([heading, body]);
    };
}
/** A section folded away, where there is room for that at all. The title is raw HTML. */
function section_folded(title, section) {
    return ifRoom((report, detail) => {
        const body = section(report, detail);
        return body === undefined ? undefined : (0,markdown/* details */.zH)(typeof title === 'string' ? title : title(report), body);
    });
}
/** The sections where a condition holds. */
function section_where(condition, section) {
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
const leftOut = (_, detail) => leftOutSentence(detail);

;// CONCATENATED MODULE: ./src/report/sections/sizes.ts




/** The sizes; `undefined` where there is no image. */
function renderSizes(report, detail) {
    const [only] = report.images;
    if (only === undefined)
        return undefined;
    if (report.images.length > 1) {
        return comparedIn(report) === undefined ? sizesOfSeveral(report, detail) : platformsCompared(report, detail);
    }
    const difference = difference_differenceOf(report, only);
    if (difference === undefined)
        return sizesOfOne(only);
    return sizesCompared(report, only, difference, detail.collapsed ? percentOf(only.figures.efficiency) : undefined);
}
/** One figure a row, so that a comparison can stand beside it. */
function sizesOfOne(image) {
    const { reclaimable, efficiency } = image.figures;
    const base = reclaimable.base > 0 ? `in your layers; the base has ${(0,units/* bytes */.ee)(reclaimable.base)} more` : 'in your layers';
    const rows = [
        ['Size', `**${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(image.size))}**`, `${layerWords(image, false)}, ${layerWords(image, true)}`],
        ...(image.transferSize === undefined
            ? []
            : [['Transfer', (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(image.transferSize)), 'compressed, to a host that has none of it']]),
        ['Reclaimable', (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(reclaimable.own)), base],
        ['Efficiency', (0,markdown/* unbroken */.D_)(percentOf(efficiency)), 'of the size is what a container sees']
    ];
    const columns = [
        { title: (0,markdown/* code */.aY)(image.platform, 60), align: 'left' },
        { title: 'This build', align: 'right' },
        { title: '', align: 'left' }
    ];
    return (0,markdown/* table */.tp)(columns, rows);
}
function layerWords(image, base) {
    const own = image.layers.filter((layer) => layer.base === base);
    const size = own.reduce((sum, layer) => sum + layer.size, 0);
    if (image.baseUnknown !== undefined)
        return base ? 'base not known' : `${(0,units/* bytes */.ee)(size)} in ${(0,units/* count */.U9)(own.length, 'layer')}`;
    if (own.length === 0)
        return base ? 'no base image' : 'nothing of your own';
    return `${(0,units/* bytes */.ee)(size)} in ${(0,units/* count */.U9)(own.length, base ? 'base layer' : 'own layer')}`;
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
    const { shown, more } = ladder_capped(report.images, detail.rows);
    const rows = shown.map((image) => [
        (0,markdown/* code */.aY)(image.platform, 60),
        `**${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(image.size))}**`,
        ...(transfer ? [image.transferSize === undefined ? '' : (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(image.transferSize))] : []),
        layerFact(image, false),
        layerFact(image, true),
        (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(image.figures.reclaimable.own)),
        (0,markdown/* unbroken */.D_)(percentOf(image.figures.efficiency))
    ]);
    return (0,markdown/* sections */.V0)([(0,markdown/* table */.tp)(columns, rows), more === 0 ? undefined : `And ${(0,units/* count */.U9)(more, 'more platform')}.`]);
}
function layerFact(image, base) {
    const layers = image.layers.filter((layer) => layer.base === base);
    if (layers.length === 0)
        return '–';
    const size = layers.reduce((sum, layer) => sum + layer.size, 0);
    return (0,markdown/* unbroken */.D_)(`${(0,units/* bytes */.ee)(size)} in ${layers.length}`);
}
/** One figure a row: this build, the baseline, what lies between. `efficiency` stands alone, a baseline has none. */
function sizesCompared(report, image, difference, efficiency) {
    const compared = comparedIn(report);
    const columns = [
        { title: (0,markdown/* code */.aY)(image.platform, 60), align: 'left' },
        { title: 'This build', align: 'right' },
        // A phone shows the first columns.
        { title: 'Change', align: 'right' },
        { title: compared === undefined ? 'Baseline' : (0,markdown/* text */.Qq)(baselineTitle(compared), 60), align: 'right' }
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
        ...(efficiency === undefined ? [] : [['Efficiency', (0,markdown/* unbroken */.D_)(efficiency), '', '']]),
        [
            'Layers',
            (0,markdown/* unbroken */.D_)(`${(0,units/* grouped */.zD)(layerCount.now)} (${own} own)`),
            (0,markdown/* unbroken */.D_)((0,units/* signedCount */.c3)(layerCount.change)),
            (0,units/* grouped */.zD)(layerCount.before)
        ]
    ];
    return (0,markdown/* table */.tp)(columns, rows);
}
function pullRow(report, image, { pullCost }) {
    const compared = comparedIn(report);
    if (pullCost === undefined || compared === undefined)
        return [];
    const name = (0,markdown/* text */.Qq)(baselineName(compared), 60);
    return [[`Pull on a host that has ${name}`, sizeText(pullCost.bytes), newLayers(pullCost.layers, image), '']];
}
function newLayers(lacking, image) {
    const all = image.layers.length;
    if (lacking === 0)
        return 'no layer is new';
    return `${(0,units/* grouped */.zD)(lacking)} of ${(0,units/* count */.U9)(all, 'layer')} ${lacking === 1 ? 'is' : 'are'} new`;
}
function sizeText(size) {
    return (0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(size));
}
/** The number that the reader came for. */
function sizeChange({ change, share }) {
    const percent = (0,units/* signedPercent */.wu)(share);
    if (change === 0)
        return 'none';
    return `**${(0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(change))}**${percent === undefined ? '' : ` (${(0,markdown/* unbroken */.D_)(percent)})`}`;
}
function plainChange({ change }) {
    return (0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(change));
}
/** `74.2 MB (−5.8 MB)`. */
function withChange(now, change) {
    return change === undefined || change === 0 ? sizeText(now) : `${sizeText(now)} (${(0,markdown/* unbroken */.D_)((0,units/* signedBytes */.Sq)(change))})`;
}
/** One platform a row. What the changes are against stands below: the table is wide enough. */
function platformsCompared(report, detail) {
    const compared = comparedIn(report);
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
            ? [{ title: 'Pull', align: 'right' }, { title: (0,markdown/* unbroken */.D_)('New layers'), align: 'right' }]
            : []),
        ...(reclaimable ? [{ title: 'Reclaimable', align: 'right' }] : [])
    ];
    const { shown, more } = ladder_capped(report.images, detail.rows);
    const rows = shown.map((image) => {
        const difference = difference_differenceOf(report, image);
        const pull = difference?.pullCost;
        return [
            (0,markdown/* code */.aY)(image.platform, 60),
            `**${sizeText(image.size)}**`,
            difference === undefined ? 'not compared' : sizeChange(difference.size),
            ...(transfer
                ? [image.transferSize === undefined ? '' : withChange(image.transferSize, difference?.transferSize?.change)]
                : []),
            ...(pulled
                ? pull === undefined
                    ? ['–', '–']
                    : [sizeText(pull.bytes), (0,markdown/* unbroken */.D_)(`${(0,units/* grouped */.zD)(pull.layers)} of ${(0,units/* grouped */.zD)(image.layers.length)}`)]
                : []),
            ...(reclaimable ? [withChange(image.figures.reclaimable.own, difference?.reclaimable.change)] : [])
        ];
    });
    const against = compared === undefined
        ? undefined
        : `Changes are against ${(0,markdown/* text */.Qq)(baselineTitle(compared), 100)}${pulled ? '; pull: what a host that has it downloads' : ''}.`;
    return (0,markdown/* sections */.V0)([(0,markdown/* table */.tp)(columns, rows), more === 0 ? undefined : `And ${(0,units/* count */.U9)(more, 'more platform')}.`, against]);
}

;// CONCATENATED MODULE: ./src/report/sections/untrusted.ts
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
    return (0,markdown/* alert */.xE)('NOTE', [(0,markdown/* text */.Qq)(untrustedSentence(report), 800)]);
}
/** Whose word a handed-on report is, and how its run ended by GitHub's. Stands before everything that it could say. */
function renderRelayed(report) {
    if (report.relayed === undefined)
        return undefined;
    const whose = (0,markdown/* text */.Qq)(`The words and figures below are an untrusted run’s own: ${report.trustReason ?? 'unknown'}.`, 800);
    const end = (0,markdown/* link */.nf)(`the workflow run ${(0,markdown/* text */.Qq)(endOf(report.relayed), 100)}`, report.source.runUrl);
    return (0,markdown/* alert */.xE)(isContradicted(report) ? 'WARNING' : 'NOTE', [`${whose} GitHub says that ${end}.`]);
}

;// CONCATENATED MODULE: ./src/report/surfaces/comment.ts
/** The report in a pull request: the job summary with less. Quiet where nothing changed, short where something failed. */

























/** GitHub refuses comments of more than 65,536 characters. The rest is for the line by which the comment is found again. */
const COMMENT_LIMIT_CHARACTERS = 65_536 - 256;
const sizes = plain(renderSizes);
const comment_layers = section_folded(layersSummary, plain(renderLayers));
const build = section_folded(buildSummary, joined([renderStages, renderBroken, renderSaved, renderCacheLine, renderMountsLine, digestLine]));
const PASSED = [
    heading,
    renderRelayed,
    renderFailingTests,
    facts,
    verdictLine,
    renderLeakWarning,
    renderGrowth,
    renderUnjudged,
    renderBaseUnknown,
    renderUntrusted,
    renderOmissions,
    renderCacheTrouble,
    sizes,
    renderNotCompared,
    renderWhy,
    renderTests,
    comment_layers,
    build,
    ifRoom(renderAdvice)
];
const isAlone = (report) => !tellsComparison(report);
/** An image that was refused for what is in it: what failed and what to do, and then all else that is known of it. */
const REFUSED = [
    heading,
    renderRelayed,
    renderFailingTests,
    plain(renderFailed),
    facts,
    verdictLine,
    sizes,
    section_where(isAlone, renderNotCompared),
    section_where(isAlone, plain(renderWhy)),
    comment_layers,
    build,
    renderTests,
    renderUntrusted
];
/** What failed, where, its last words, what to do. */
const FAILED = [
    heading,
    renderRelayed,
    renderFailingTests,
    plain(renderFailed),
    renderTests,
    renderUntrusted
];
const CLOSING = [renderFewNotes, leftOut, shortPrint];
function comment_listOf(report) {
    if (report.bystander === true)
        return []; // its line at a glance says it all
    if (report.outcome.kind === 'green')
        return PASSED;
    return answersAll(report) ? REFUSED : FAILED;
}
/** The comment on a run as GitHub-flavoured Markdown of at most so many characters (as JavaScript counts). */
function renderComment(report, limitCharacters = COMMENT_LIMIT_CHARACTERS) {
    const views = viewsOf(report);
    if (views.every(isQuiet)) {
        const lines = `${views.map(quietLine).join('\n\n')}\n`;
        if (lines.length <= limitCharacters)
            return lines;
    }
    const comment = renderWithin((detail) => composed(report, detail, { listOf: comment_listOf, closing: CLOSING }), limitCharacters, {
        ladder: COMMENT_LADDER,
        lengthOf: (rendering) => rendering.length
    });
    return comment.length <= limitCharacters ? comment : bare(views[0]);
}
/** What is left when nothing else fits. */
function bare(report) {
    const link = report.source.runUrl === undefined ? undefined : links_logLink(report, 'Full report');
    return `${(0,markdown/* sections */.V0)([headingWithin(report, 60), link])}\n`;
}

;// CONCATENATED MODULE: ./src/core/byte_search.ts
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

;// CONCATENATED MODULE: external "node:buffer"
const external_node_buffer_namespaceObject = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:buffer");
;// CONCATENATED MODULE: ./src/core/secret_encodings.ts
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
    const text = secret_encodings_textOf(value);
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
        const text = secret_encodings_textOf(plain);
        if ((0,external_node_buffer_namespaceObject.isUtf8)(plain)) {
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
function secret_encodings_textOf(value) {
    const wide = fromUTF16(value);
    if (wide !== undefined)
        return wide;
    const bare = withoutMark(value);
    if ((0,external_node_buffer_namespaceObject.isUtf8)(bare))
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

;// CONCATENATED MODULE: ./src/core/base64_text.ts
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
    const text = (0,external_node_buffer_namespaceObject.isUtf8)(bytes) || isMarked ? secret_encodings_textOf(bytes) : undefined;
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
const xml_values_NAMED = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** A text without XML's own references, and those to characters by number. https://www.w3.org/TR/xml/#sec-references */
function unescapedXML(text) {
    return text.replace(/&(?:(amp|lt|gt|quot|apos)|#(\d{1,7})|#x([0-9a-f]{1,6}));/gi, (all, name, decimal, hex) => {
        if (typeof name === 'string')
            return xml_values_NAMED[name.toLowerCase()] ?? all;
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
            const inside = decodedBase64(own)?.text;
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
    if (text.length < SHORTEST_FORM || /[\0-\x08\ufffd]/.test(text))
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
    return value === written.trim() ? [value] : [...new Set([value, secret_parts_unescaped(value, written.trim()[0] ?? '')])];
}
function secret_parts_unescaped(text, quote) {
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
    const bytes = fromBase64(base64);
    return bytes === undefined ? undefined : secret_encodings_textOf(bytes);
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

;// CONCATENATED MODULE: ./src/core/secret_forms.ts
/**
 * What of a secret is looked for: the one list for everything that looks for secrets, in images, layer caches, cache mounts,
 * logs and reports. Each piece is then looked for in the encodings of secret_encodings.ts.
 */





/** Bytes from which on a value, a line of it or a part of it is looked for: what the runner masks. */
const SHORTEST_SECRET = SHORTEST_FORM;
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
    for (let depth = 0; value !== undefined && depth <= DEEPEST_BASE64; depth++) {
        if (depth > 0)
            add({ part: decodedWords('the value'), bytes: value, common: commonWord(value) !== undefined });
        addTexts(value);
        const decoded = decodedBase64(secret_encodings_textOf(value) ?? '');
        value = decoded === undefined ? undefined : bareValue(decoded.bytes);
    }
    return { pieces, ...(word === undefined ? {} : { unsearched: word }) };
    function addTexts(value) {
        const text = secret_encodings_textOf(value);
        if (text === undefined)
            return;
        const encoding = (0,external_node_buffer_namespaceObject.isUtf8)(value) || /[^\0-\xff]/.test(text) ? 'utf8' : 'latin1';
        for (const { part, text: own } of secretParts(text)) {
            add({ part, bytes: Buffer.from(own, encoding), common: false });
            const decoded = decodedBase64(own);
            // Of a text the parts know.
            if (decoded !== undefined && decoded.text === undefined) {
                add({ part: decodedWords(part), bytes: decoded.bytes, common: false });
            }
        }
        for (const line of maskedLines(text)) {
            add({ bytes: Buffer.from(line, encoding), common: !looksLikeToken(line) && !looksLikePassword(line) });
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
        return `it has ${(0,units/* count */.U9)(bytes.length, 'byte')}, fewer than ${SHORTEST_SECRET}`;
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
    const value = withoutMark(marked);
    const isBlank = (byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
    let start = 0;
    let end = value.length;
    while (start < end && isBlank(value[start]))
        start++;
    while (end > start && isBlank(value[end - 1]))
        end--;
    return value.subarray(start, end);
}

;// CONCATENATED MODULE: ./src/core/slices.ts
/** Long work of the processor in slices, so that signals and what else is under way need not wait for it. */

/** Milliseconds of work between two looks at the rest of the program. */
const SLICE = 20;
/** Does the work, and lets others work meanwhile. */
async function slices_inSlices(work) {
    for (let until = performance.now() + SLICE;;) {
        const { done, value } = work.next();
        if (done === true)
            return value;
        if (performance.now() < until)
            continue;
        await setImmediate();
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
    return inSlices(redactorSlices(secrets));
}
function* redactorSlices(secrets) {
    const all = yield* redactorOf(secrets);
    const unusual = secrets.filter(({ value }) => commonWord(bareValue(redact_bytesOf(value))) === undefined);
    return Object.assign((text) => all(text), {
        again: unusual.length === secrets.length ? all : yield* redactorOf(unusual)
    });
}
function* redactorOf(secrets) {
    const forms = yield* hiddenForms(secrets.map(({ value }) => redact_bytesOf(value)));
    if (forms.length === 0)
        return (text) => text;
    const search = yield* searchSlices(forms);
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
        if (bytes.length < SHORTEST_SECRET)
            return;
        const form = bytes.toString('latin1');
        seen.set(form, mayWrap || seen.get(form) === true);
    };
    const planned = [];
    for (const value of values) {
        yield;
        const pieces = secretForms(value).pieces.map(({ extent, bytes }) => ({ extent, bytes }));
        // A file ends with a line end, and so does what is printed of it.
        const [whole] = pieces;
        planned.push(whole === undefined || whole.bytes.length === value.length
            ? pieces
            : [{ extent: 'whole', bytes: value }, ...pieces]);
    }
    for (const { bytes } of planned.flat()) {
        yield;
        for (const form of rawForms(bytes))
            add(form);
    }
    for (const { extent, bytes } of planned.flatMap((pieces) => pieces.slice(0, MOST_ENCODED))) {
        yield;
        if (seen.size > MOST_FORMS || bytes.length > LONGEST_ENCODED)
            continue;
        const padded = bytes.toString('base64');
        const urlSafe = padded.replaceAll('+', '-').replaceAll('/', '_');
        const wrapping = encodingsOf(bytes)
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
            const { size, offsets } = pieceOffsets(form.length);
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
function redact_bytesOf(value) {
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

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __nccwpck_require__(1455);
;// CONCATENATED MODULE: ./src/report/surfaces/json.ts


/** Raised when a reader of the previous version would misread the new one. New members do not raise it. */
const REPORT_SCHEMA = 2;
/** The report as data for `JSON.stringify`. Holds what the Report holds: redact that, not this. */
function toJSON(report) {
    const { outcome, startedAt, builds } = report;
    const [first, ...others] = builds;
    return {
        schema: REPORT_SCHEMA,
        headline: headline(report),
        state: stateOfRun(report),
        ...without(report, 'relayed', 'startedAt'),
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
        ...(0,core_json/* without */.FF)(json, 'schema', 'headline', 'state', 'startedAt'),
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
    return without(step, 'logTail');
}

;// CONCATENATED MODULE: ./src/comment/read.ts
/** From the bytes of a file that a stranger may have written to a Report whose every string is hostile and every number one. */


/** A report of twenty platforms, each with as many layers as an engine allows, has half of this. */
const read_MOST_BYTES = 10_000_000;
/** A report is some ten levels deep. */
const DEEPEST = 32;
/** Values in one report; forty layers on twenty platforms, with their differences, make a quarter of this. */
const MOST_VALUES = 200_000;
/** Entries in one list. An engine allows 127 layers, and a build has some hundred steps on each platform. */
const MOST_ENTRIES = 5000;
/** Characters of a report's name: it heads a comment. */
const LONGEST_NAME = 100;
const FILE_FIX = 'Upload the file that the output `report` of the build names, unchanged, and give its path here.';
/** Reads the text of a report. Never throws on what is in it. */
function readReport(text, validate) {
    if (text.length > read_MOST_BYTES)
        return tooLarge();
    if (depthOf(text) > DEEPEST) {
        return {
            ok: false,
            problem: `its JSON is nested more than ${DEEPEST} levels deep, which no report is`,
            fix: FILE_FIX
        };
    }
    let document;
    try {
        document = JSON.parse(text);
    }
    catch {
        return { ok: false, problem: 'it is not JSON', fix: FILE_FIX };
    }
    const schema = (0,core_json/* dig */.rO)(document, 'schema');
    if (schema === undefined)
        return { ok: false, problem: 'it is JSON, but not a Stagegate report', fix: FILE_FIX };
    if (schema !== REPORT_SCHEMA) {
        return {
            ok: false,
            problem: `it is not in version ${REPORT_SCHEMA} of the format`,
            fix: 'Use the same version of Stagegate for the build and for the comment.'
        };
    }
    const strange = findStrange(document);
    if (strange !== undefined)
        return { ok: false, problem: strange, fix: FILE_FIX };
    const validation = validate(document);
    if (!validation.ok) {
        return {
            ok: false,
            problem: `it does not keep to docs/report.schema.json: ${validation.place} ${validation.rule}`,
            fix: 'Use the same version of Stagegate for the build and for the comment, and upload its report unchanged.'
        };
    }
    const { name, builds } = validation.value;
    const strangest = [name, ...builds.map((build) => build.name)].find((each) => each.trim() === '' || each.length > LONGEST_NAME);
    if (strangest !== undefined) {
        return {
            ok: false,
            problem: `its name has ${strangest.length} characters`,
            fix: `Give the build a \`report-name\` of 1 to ${LONGEST_NAME} characters.`
        };
    }
    return { ok: true, report: fromJSON(validation.value) };
}
/** Said without reading the file. */
function tooLarge() {
    return { ok: false, problem: `it is larger than ${read_MOST_BYTES / 1_000_000} MB, which no report is`, fix: FILE_FIX };
}
/** How deep the brackets of a JSON text go. Counted before it is parsed: a parser may have no limit, or a hard one. */
function depthOf(text) {
    let depth = 0;
    let deepest = 0;
    let inString = false;
    // No regular expression: one over a string of many megabytes runs out of stack.
    for (let at = 0; at < text.length; at += 1) {
        const sign = text[at];
        if (inString) {
            if (sign === '\\')
                at += 1;
            else if (sign === '"')
                inString = false;
        }
        else if (sign === '"')
            inString = true;
        else if (sign === '[' || sign === '{')
            deepest = Math.max(deepest, (depth += 1));
        else if (sign === ']' || sign === '}')
            depth -= 1;
    }
    return deepest;
}
/** What a schema does not look at: numbers that no count can be, and members that are no data to JavaScript. */
function findStrange(document) {
    const due = [document];
    let values = 0;
    while (due.length > 0) {
        const value = due.pop();
        values += 1;
        if (values > MOST_VALUES)
            return `it has more than ${MOST_VALUES} values, which no report has`;
        if (typeof value === 'number' && !(Math.abs(value) <= Number.MAX_SAFE_INTEGER)) {
            return 'it has a number that no size and no time can be';
        }
        if (Array.isArray(value)) {
            if (value.length > MOST_ENTRIES)
                return `it has a list of more than ${MOST_ENTRIES} entries, which no report has`;
            for (const entry of value)
                due.push(entry);
        }
        else if (typeof value === 'object' && value !== null) {
            if (Object.hasOwn(value, '__proto__'))
                return 'it has a member named `__proto__`';
            for (const entry of Object.values(value))
                due.push(entry);
        }
    }
    return undefined;
}

;// CONCATENATED MODULE: ./src/comment/files.ts
/** Finds the reports among what a download has left: files by their own path, and the JSON files of folders. */




/** Reports of one run. Each gets a comment of its own. */
const MOST_REPORTS = 20;
/** Entries looked at, and how far down: a download has a folder for each artifact. */
const files_MOST_ENTRIES = 1000;
const DEEPEST_FOLDER = 4;
/** Looks at each place. One that is not there is no problem: a run can end before its report. */
async function findFiles(places) {
    const files = [];
    const problems = [];
    for (const place of places) {
        // A folder is the workflow's own; a file that is a link may be the download's, and lead out of it.
        const found = await (0,promises_.stat)(place).catch(() => undefined);
        if (found?.isDirectory() === true)
            files.push(...(await filesIn(place)));
        else if ((await (0,promises_.lstat)(place).catch(() => undefined))?.isFile() === true)
            files.push(place);
    }
    const all = [...new Set(files)].toSorted();
    if (all.length > MOST_REPORTS) {
        problems.push({
            input: 'report',
            problem: `there are ${all.length} JSON files, of which the first ${MOST_REPORTS} are read`,
            fix: 'Name the files one per line, or upload the reports alone.'
        });
    }
    return { files: all.slice(0, MOST_REPORTS), problems };
}
/** Reads one file as far as a report can reach. */
async function readFileAsReport(file, validate) {
    const found = await (0,promises_.stat)(file).catch(() => undefined);
    if (found !== undefined && found.size > read_MOST_BYTES)
        return tooLarge();
    const text = await (0,promises_.readFile)(file, 'utf8').catch(() => undefined);
    if (text === undefined)
        return { ok: false, problem: 'it cannot be read', fix: 'Check its permissions.' };
    return readReport(text, validate);
}
/** A file's name for a message. An artifact's author chose it. */
function files_nameOf(file) {
    return `"${(0,markdown/* shortened */.vI)((0,markdown/* inline */.mG)(external_node_path_default().basename(file)), 100)}"`;
}
/** JSON files below a folder. A link is not followed: it could lead out of what was downloaded. */
async function filesIn(folder) {
    const files = [];
    let due = [{ folder, depth: 0 }];
    let looked = 0;
    while (due.length > 0 && looked < files_MOST_ENTRIES) {
        const [next, ...rest] = due;
        if (next === undefined)
            break;
        due = rest;
        const entries = await (0,promises_.readdir)(next.folder, { withFileTypes: true }).catch(() => []);
        for (const entry of entries.slice(0, files_MOST_ENTRIES - looked)) {
            const place = external_node_path_default().join(next.folder, entry.name);
            if (entry.isFile() && /\.json$/i.test(entry.name))
                files.push(place);
            else if (entry.isDirectory() && next.depth < DEEPEST_FOLDER)
                due.push({ folder: place, depth: next.depth + 1 });
        }
        looked += entries.length;
    }
    return files;
}

// EXTERNAL MODULE: ./node_modules/fastest-levenshtein/mod.js
var mod = __nccwpck_require__(1916);
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
        const reading = parseReference(entry);
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

;// CONCATENATED MODULE: ./src/inputs/unknown.ts

/**
 * Inputs the workflow set that action.yml does not declare. One that is nearly a known name is a problem: a mistyped
 * `test-target` would publish what was never tested. Anything else has no effect.
 */
function findUnknownInputs(given, declared) {
    const unknown = given.filter((name) => !declared.includes(name));
    // Of four letters two may differ, and nothing is meant: `call` is not a mistyped `pull`.
    const suggest = (name) => (name.length <= 4 ? '' : didYouMean(name, declared));
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

;// CONCATENATED MODULE: ./src/comment/inputs.ts


/** The inputs that comment/action.yml declares. A test holds the two against each other. */
const declaredInputs = ['report', 'github-token', 'commit-status'];
/** Parses the inputs, collecting what is wrong with them. `given` are the names that the workflow set. */
function parseInputs(read, given) {
    const problems = [...findUnknownInputs(given, declaredInputs).mistyped];
    const { text, lines, report } = createGrammar(read, problems);
    const inputs = { reports: lines('report'), githubToken: text('github-token'), commitStatus: text('commit-status') };
    if (inputs.reports.length === 0) {
        report('report', 'it is empty', 'Give the path that actions/download-artifact wrote the reports to.');
    }
    if (inputs.githubToken === '') {
        report('github-token', 'it is empty', 'Leave it out, or give a token with `pull-requests: write`.');
    }
    return { inputs, problems };
}

;// CONCATENATED MODULE: ./src/comment/origin.ts
/** Ends of a run in which nothing ran. */
const IDLE = new Map([
    ['action_required', 'the run waits for the approval of a maintainer'],
    ['skipped', 'the run was skipped']
]);
/** Reads where the reports come from. */
function readOrigin({ eventName, otherRun, place }) {
    if (otherRun === undefined) {
        return {
            kind: 'misused',
            problem: `this workflow was started by ${eventName === '' ? 'no event' : `"${eventName}"`}`,
            fix: 'Use this action in a workflow of its own with `on: workflow_run`; docs/forks.md has one.'
        };
    }
    const { event = '', conclusion, id: runID } = otherRun;
    if (event !== 'pull_request') {
        return { kind: 'nothing', reason: `the run was started by "${event}", not by "pull_request"` };
    }
    if (conclusion === undefined || !/^[a-z_]{1,40}$/.test(conclusion)) {
        return {
            kind: 'misused',
            problem: 'the run has not ended',
            fix: 'Write `types: [completed]` under `workflow_run`.'
        };
    }
    const idle = IDLE.get(conclusion);
    if (idle !== undefined)
        return { kind: 'nothing', reason: idle };
    const { search } = place;
    if (search === undefined || runID === undefined) {
        return { kind: 'nothing', reason: 'the repository that the pull request came from is gone' };
    }
    return { kind: 'origin', origin: { runID, conclusion, head: search } };
}
/** Whether the pull request comes from another repository. */
function isFork({ head }, { repository }) {
    return head.headRepository.toLowerCase() !== repository.toLowerCase();
}
/** Address of the run. */
function runUrlOf({ runID }, { serverUrl, repository }) {
    return `${serverUrl.replace(/\/+$/, '')}/${repository}/actions/runs/${runID}`;
}
/**
 * The report as far as a stranger may say it. Where it leads to, whom it comes from and how its run ended is GitHub's
 * word; that it published something is not believed, and commands that it would have people paste are not taken over.
 */
function handOn(report, origin, occasion, pullRequest) {
    const [first, ...others] = report.builds;
    const links = {
        ...{ serverUrl: occasion.serverUrl, repository: occasion.repository },
        ...{ sha: origin.head.headSha, runUrl: runUrlOf(origin, occasion) }
    };
    const build = (each) => untold(each, links);
    return {
        ...report,
        trusted: false,
        trustReason: isFork(origin, occasion)
            ? `pull request #${pullRequest} comes from the fork ${origin.head.headRepository}`
            : `pull request #${pullRequest} was built with a token that may not write`,
        relayed: { conclusion: origin.conclusion },
        builds: [build(first), ...others.map(build)],
        ...believed(report, links)
    };
}
function untold({ own, ...build }, links) {
    return {
        ...build,
        publish: { published: false, reason: 'an untrusted run publishes nothing' },
        ...(own === undefined ? {} : { own: { ...own, ...believed(own, links) } })
    };
}
/** Where findings and source lead to. */
function believed({ lint, source }, links) {
    const { dockerfile, dockerfileInRepository: inRepository } = source;
    return {
        lint: { findings: lint.findings.map(withoutAddress) },
        source: {
            dockerfile: isPlainPath(dockerfile) ? dockerfile : 'Dockerfile',
            ...(inRepository !== undefined && isPlainPath(inRepository) ? { dockerfileInRepository: inRepository } : {}),
            ...links
        }
    };
}
function withoutAddress({ rule, message, line }) {
    return { rule, message, ...(line === undefined ? {} : { line }) };
}
/** A path down from here that looks like one, and like no flag and no address. */
function isPlainPath(value) {
    return /^[\w.@+][\w.@+ /-]{0,199}$/.test(value) && !value.split('/').includes('..');
}

;// CONCATENATED MODULE: ./src/comment/run.ts












const NOTHING = { done: [], warnings: [], problems: [], comments: [] };
/** Hands on what the run left. Never throws on what is in a report. */
async function comment(ports, world) {
    const { occasion } = world;
    const { inputs, problems } = parseInputs(world.read, world.given);
    if (problems.length > 0)
        return { ...NOTHING, problems };
    const reading = readOrigin(occasion);
    if (reading.kind === 'misused') {
        const { problem, fix } = reading;
        return { ...NOTHING, problems: [{ input: 'on', problem, fix }] };
    }
    if (reading.kind === 'nothing')
        return { ...NOTHING, done: [`Nothing to do: ${reading.reason}.`] };
    const { origin } = reading;
    const client = createClient({
        ...ports,
        apiUrl: occasion.apiUrl,
        repository: occasion.repository,
        token: inputs.githubToken,
        redact: createRedactor([{ id: 'github-token', value: inputs.githubToken }]).again,
        fetch: world.fetch
    });
    const found = await findPullRequests(client, origin.head);
    if (!found.ok) {
        return { ...NOTHING, warnings: [explainApiError(found.error, 'The pull request could not be looked for')] };
    }
    const [pullRequest, ...others] = found.value;
    if (pullRequest === undefined)
        return { ...NOTHING, done: [nobody(origin)] };
    const read = await readReports(inputs.reports);
    const { own, reports } = run_split(read.reports, origin, occasion, pullRequest);
    const told = others.length > 0
        ? { ...NOTHING, done: [several(found.value)] }
        : await run_tell(client, { reports, origin, pullRequest });
    const parts = [
        { done: own, warnings: [] },
        told,
        read.reports.length + read.problems.length === 0 ? noReport(origin) : NOTHING,
        await run_judge(client, { inputs, origin, occasion, reports, broken: read.problems.length > 0, own })
    ];
    return {
        ...told,
        done: parts.flatMap(({ done }) => done),
        warnings: parts.flatMap(({ warnings }) => warnings),
        problems: read.problems
    };
}
/** A run that did not come as far as its report has told why by itself; one that succeeded should have left it. */
function noReport(origin) {
    if (origin.conclusion !== 'success') {
        return { done: [`The workflow run ${endOf(origin)} and left no report.`], warnings: [] };
    }
    return {
        done: [],
        warnings: [
            'The run left no report: there is no JSON file. Upload the file that the output `report` of the build names, and download it in this job.'
        ]
    };
}
function nobody({ head }) {
    return `Nothing to do: no open pull request has its head at ${head.headSha.slice(0, 7)} of ${head.headRepository} now. It was closed, or there are newer commits, whose own run reports.`;
}
/** Two pull requests can have one head, onto two branches, and the event does not tell which of them was built. */
function several(numbers) {
    return `No comment was written: the pull requests ${numbers.map((number) => `#${number}`).join(', ')} have the same head, and GitHub does not say which of them the run was for.`;
}
/** Reads every report, each name once. */
async function readReports(places) {
    const { files, problems: found } = await findFiles(places);
    const problems = [...found];
    const reports = new Map();
    if (files.length === 0)
        return { reports: [], problems };
    // A fifth of this program, and not needed where there is nothing to read.
    const { createValidator } = await Promise.all(/* import() | schema */[__nccwpck_require__.e(210), __nccwpck_require__.e(322)]).then(__nccwpck_require__.bind(__nccwpck_require__, 7985));
    const validate = createValidator();
    for (const file of files) {
        const reading = await readFileAsReport(file, validate);
        if (!reading.ok)
            problems.push({ input: 'report', problem: `${files_nameOf(file)}: ${reading.problem}`, fix: reading.fix });
        else if (reports.has(reading.report.name)) {
            problems.push({
                input: 'report',
                problem: `${files_nameOf(file)}: another report has the same name, ${run_quoted(reading.report.name)}`,
                fix: 'Give each build of the workflow a `report-name` of its own.'
            });
        }
        else
            reports.set(reading.report.name, reading.report);
    }
    return { reports: [...reports.values()], problems };
}
/** A run on a branch of this repository comments itself, unless its token may not: Dependabot's. */
function run_split(reports, origin, occasion, pullRequest) {
    const isOwn = ({ trusted }) => trusted && !isFork(origin, occasion);
    return {
        own: reports
            .filter(isOwn)
            .map(({ name }) => `${run_quoted(name)} was left alone: its run was trusted, and comments itself.`),
        reports: reports.filter((report) => !isOwn(report)).map((report) => handOn(report, origin, occasion, pullRequest))
    };
}
async function run_tell(client, { reports, origin, pullRequest }) {
    const done = [];
    const warnings = [];
    const comments = [];
    for (const report of reports) {
        const outcome = await upsertComment({
            client,
            pullRequest,
            name: report.name,
            ...(report.identity === undefined ? {} : { image: { identity: report.identity, commit: origin.head.headSha } }),
            render: (limit) => renderComment(report, limit),
            sequence: origin.runID
        });
        if (outcome.kind === 'failed' || outcome.kind === 'other-image') {
            warnings.push(`${run_quoted(report.name)}: ${outcome.message}`);
            continue;
        }
        done.push(`${run_quoted(report.name)}: ${DONE[outcome.kind]} on pull request #${pullRequest}.`);
        if (outcome.url !== undefined)
            comments.push(outcome.url);
    }
    return { done, warnings, problems: [], pullRequest, comments };
}
const DONE = {
    created: 'a comment was written',
    updated: 'the comment was updated',
    unchanged: 'the comment already says so',
    superseded: 'a comment of a later run is there already'
};
/** Sets the status that the run itself could not set. Green needs both: GitHub's word on the run, and the reports'. */
async function run_judge(client, judgement) {
    const { inputs, origin, occasion, reports, own } = judgement;
    if (inputs.commitStatus === '' || (reports.length === 0 && own.length > 0))
        return NOTHING;
    const status = statusOf(judgement);
    if (status === undefined)
        return { done: ['No commit status was set: there is no report.'], warnings: [] };
    const outcome = await setCommitStatus({
        client,
        sha: origin.head.headSha,
        context: inputs.commitStatus,
        targetUrl: runUrlOf(origin, occasion),
        ...status
    });
    if (outcome.kind === 'failed')
        return { done: [], warnings: [outcome.message] };
    return { done: [`The commit status "${(0,markdown/* inline */.mG)(inputs.commitStatus)}" was set to ${status.state}.`], warnings: [] };
}
/** Ends of a run that are a verdict; a cancelled one has none. */
const FAILURES = ['failure', 'timed_out', 'startup_failure'];
function statusOf({ origin, reports, broken }) {
    const [first] = reports;
    const red = reports.find(({ outcome }) => outcome.kind === 'red');
    if (red !== undefined)
        return { state: 'failure', description: headline_headline(red) };
    if (origin.conclusion !== 'success') {
        const failed = FAILURES.includes(origin.conclusion);
        if (first === undefined && !failed)
            return undefined;
        const description = first === undefined ? `the workflow run ${endOf(origin)}` : headline_headline(first);
        return { state: failed ? 'failure' : 'error', description };
    }
    if (broken)
        return { state: 'error', description: 'a report of the run could not be read' };
    if (first === undefined)
        return undefined;
    return {
        state: 'success',
        description: reports.length === 1 ? headline_headline(first) : `${reports.length} images passed, ${headline_headline(first)}, …`
    };
}
function run_quoted(name) {
    return `"${(0,markdown/* shortened */.vI)((0,markdown/* inline */.mG)(name), 100)}"`;
}


/***/ }),

/***/ 5858:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   q: () => (/* binding */ tell)
/* harmony export */ });
/* harmony import */ var _failure_of_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(4925);
/* harmony import */ var _report_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(99);
/** What the second action says at its end: log, annotations, outputs and a short summary. */


/**
 * Says all of it, whichever of the runner's files cannot be written.
 * @returns whether the step is green
 */
async function tell({ log, runner }, { done, warnings, problems, pullRequest, comments }) {
    for (const line of done)
        log.info(line);
    for (const warning of warnings)
        log.warning(warning, { title: 'Stagegate could not update the pull request' });
    const faults = problems.map(({ input, problem, fix }) => `${input}: ${problem}. ${fix}`);
    for (const fault of faults)
        log.error(fault, { title: 'Stagegate could not hand on a report' });
    let isSet = true;
    try {
        if (pullRequest !== undefined)
            runner.setOutput('pull-request', String(pullRequest));
        runner.setOutput('comments', comments.join('\n'));
    }
    catch (error) {
        isSet = false;
        const message = `The outputs could not be written, so the steps after this one do not get them: ${(0,_failure_of_js__WEBPACK_IMPORTED_MODULE_0__/* .reasonOf */ .A)(error)}.`;
        log.error(message, { title: 'Stagegate could not write its outputs' });
    }
    await runner.writeSummary((0,_report_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .sections */ .V0)(['### Reports handed on', (0,_report_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .bullets */ .e5)([...faults, ...warnings, ...done].map((line) => (0,_report_format_markdown_js__WEBPACK_IMPORTED_MODULE_1__/* .text */ .Qq)(line, 500)))]));
    return isSet && problems.length === 0;
}


/***/ }),

/***/ 6153:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   FF: () => (/* binding */ without),
/* harmony export */   Ol: () => (/* binding */ parseJSON),
/* harmony export */   _j: () => (/* binding */ asArray),
/* harmony export */   i: () => (/* binding */ asNumber),
/* harmony export */   o0: () => (/* binding */ asPositive),
/* harmony export */   oJ: () => (/* binding */ asString),
/* harmony export */   rO: () => (/* binding */ dig)
/* harmony export */ });
/* unused harmony exports asObject, asSize */
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

/***/ 2184:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
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

/***/ 4925:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  A: () => (/* binding */ of_reasonOf)
});

// UNUSED EXPORTS: failureOf

;// CONCATENATED MODULE: ./src/ports.ts
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

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __nccwpck_require__(1455);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __nccwpck_require__(6760);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __nccwpck_require__(6153);
;// CONCATENATED MODULE: ./src/failure/stop.ts
/** Ends a run early with a failure that has a place in the report. */
class stop_Stop extends Error {
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
        throw new stop_Stop({ kind: 'input', problems });
}

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
    if (error instanceof stop_Stop)
        return error.failure;
    if (error instanceof Cancelled)
        return { kind: 'cancelled' };
    if (error instanceof ProgramMissing) {
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


/***/ }),

/***/ 8678:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   V: () => (/* binding */ attemptOnce),
/* harmony export */   q: () => (/* binding */ ProxyTrouble)
/* harmony export */ });
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(6153);
/** One attempt at a call: what came back, before anybody judges it. */

/** Why the proxy on the way makes none, in words that may be shown. */
class ProxyTrouble extends Error {
    name = 'ProxyTrouble';
    /** Another attempt would come to the same. */
    isLasting;
    constructor(message, isLasting) {
        super(message);
        this.isLasting = isLasting;
    }
}
/**
 * Makes the attempt; never throws.
 * @param milliseconds after which `send` is given up by its signal
 */
async function attemptOnce(send, milliseconds) {
    try {
        const response = await send();
        const text = await response.text();
        return { kind: 'answer', status: response.status, header: (name) => response.headers.get(name) ?? undefined, text };
    }
    catch (error) {
        const isLasting = error instanceof ProxyTrouble && error.isLasting;
        return { kind: 'no-answer', reason: networkReason(error, milliseconds), isLasting };
    }
}
/** Words of our own: what the network layer says may quote the request. */
function networkReason(error, milliseconds) {
    if (error instanceof ProxyTrouble)
        return error.message;
    const name = (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(error, 'name');
    if (name === 'TimeoutError' || name === 'AbortError')
        return `no answer within ${Math.ceil(milliseconds / 1000)} seconds`;
    const code = [(0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(error, 'code'), (0,_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .dig */ .rO)(error, 'cause', 'code')]
        .map(_core_json_js__WEBPACK_IMPORTED_MODULE_0__/* .asString */ .oJ)
        .find((found) => found !== undefined && /^[A-Z0-9_]{2,40}$/.test(found));
    return code === undefined ? 'the connection failed' : `the connection failed (${code})`;
}


/***/ }),

/***/ 2535:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  G: () => (/* binding */ fetchThroughProxy)
});

// EXTERNAL MODULE: external "http"
var external_http_ = __nccwpck_require__(8611);
var external_http_namespaceObject = /*#__PURE__*/__nccwpck_require__.t(external_http_, 2);
// EXTERNAL MODULE: external "https"
var external_https_ = __nccwpck_require__(5692);
var external_https_namespaceObject = /*#__PURE__*/__nccwpck_require__.t(external_https_, 2);
;// CONCATENATED MODULE: ./node_modules/@actions/http-client/lib/proxy.js
function getProxyUrl(reqUrl) {
    const usingSsl = reqUrl.protocol === 'https:';
    if (checkBypass(reqUrl)) {
        return undefined;
    }
    const proxyVar = (() => {
        if (usingSsl) {
            return process.env['https_proxy'] || process.env['HTTPS_PROXY'];
        }
        else {
            return process.env['http_proxy'] || process.env['HTTP_PROXY'];
        }
    })();
    if (proxyVar) {
        try {
            return new DecodedURL(proxyVar);
        }
        catch (_a) {
            if (!proxyVar.startsWith('http://') && !proxyVar.startsWith('https://'))
                return new DecodedURL(`http://${proxyVar}`);
        }
    }
    else {
        return undefined;
    }
}
function checkBypass(reqUrl) {
    if (!reqUrl.hostname) {
        return false;
    }
    const reqHost = reqUrl.hostname;
    if (isLoopbackAddress(reqHost)) {
        return true;
    }
    const noProxy = process.env['no_proxy'] || process.env['NO_PROXY'] || '';
    if (!noProxy) {
        return false;
    }
    // Determine the request port
    let reqPort;
    if (reqUrl.port) {
        reqPort = Number(reqUrl.port);
    }
    else if (reqUrl.protocol === 'http:') {
        reqPort = 80;
    }
    else if (reqUrl.protocol === 'https:') {
        reqPort = 443;
    }
    // Format the request hostname and hostname with port
    const upperReqHosts = [reqUrl.hostname.toUpperCase()];
    if (typeof reqPort === 'number') {
        upperReqHosts.push(`${upperReqHosts[0]}:${reqPort}`);
    }
    // Compare request host against noproxy
    for (const upperNoProxyItem of noProxy
        .split(',')
        .map(x => x.trim().toUpperCase())
        .filter(x => x)) {
        if (upperNoProxyItem === '*' ||
            upperReqHosts.some(x => x === upperNoProxyItem ||
                x.endsWith(`.${upperNoProxyItem}`) ||
                (upperNoProxyItem.startsWith('.') &&
                    x.endsWith(`${upperNoProxyItem}`)))) {
            return true;
        }
    }
    return false;
}
function isLoopbackAddress(host) {
    const hostLower = host.toLowerCase();
    return (hostLower === 'localhost' ||
        hostLower.startsWith('127.') ||
        hostLower.startsWith('[::1]') ||
        hostLower.startsWith('[0:0:0:0:0:0:0:1]'));
}
class DecodedURL extends URL {
    constructor(url, base) {
        super(url, base);
        this._decodedUsername = decodeURIComponent(super.username);
        this._decodedPassword = decodeURIComponent(super.password);
    }
    get username() {
        return this._decodedUsername;
    }
    get password() {
        return this._decodedPassword;
    }
}
//# sourceMappingURL=proxy.js.map
// EXTERNAL MODULE: ./node_modules/tunnel/index.js
var tunnel = __nccwpck_require__(770);
;// CONCATENATED MODULE: ./script/lib/without-undici/index.js
/**
 * Stands in for undici (package.json, `overrides`). `@actions/http-client`, and with it `@actions/core`, imports it for
 * `getAgentDispatcher`, which neither we nor `@actions/cache` call; loading it took a third of the time to start.
 */
class ProxyAgent {
  constructor() {
    throw new Error('undici is left out of this bundle: see overrides in package.json')
  }
}

;// CONCATENATED MODULE: ./node_modules/@actions/http-client/lib/index.js
/* eslint-disable @typescript-eslint/no-explicit-any */
var __awaiter = (undefined && undefined.__awaiter) || function (thisArg, _arguments, P, generator) {
    function adopt(value) { return value instanceof P ? value : new P(function (resolve) { resolve(value); }); }
    return new (P || (P = Promise))(function (resolve, reject) {
        function fulfilled(value) { try { step(generator.next(value)); } catch (e) { reject(e); } }
        function rejected(value) { try { step(generator["throw"](value)); } catch (e) { reject(e); } }
        function step(result) { result.done ? resolve(result.value) : adopt(result.value).then(fulfilled, rejected); }
        step((generator = generator.apply(thisArg, _arguments || [])).next());
    });
};





var HttpCodes;
(function (HttpCodes) {
    HttpCodes[HttpCodes["OK"] = 200] = "OK";
    HttpCodes[HttpCodes["MultipleChoices"] = 300] = "MultipleChoices";
    HttpCodes[HttpCodes["MovedPermanently"] = 301] = "MovedPermanently";
    HttpCodes[HttpCodes["ResourceMoved"] = 302] = "ResourceMoved";
    HttpCodes[HttpCodes["SeeOther"] = 303] = "SeeOther";
    HttpCodes[HttpCodes["NotModified"] = 304] = "NotModified";
    HttpCodes[HttpCodes["UseProxy"] = 305] = "UseProxy";
    HttpCodes[HttpCodes["SwitchProxy"] = 306] = "SwitchProxy";
    HttpCodes[HttpCodes["TemporaryRedirect"] = 307] = "TemporaryRedirect";
    HttpCodes[HttpCodes["PermanentRedirect"] = 308] = "PermanentRedirect";
    HttpCodes[HttpCodes["BadRequest"] = 400] = "BadRequest";
    HttpCodes[HttpCodes["Unauthorized"] = 401] = "Unauthorized";
    HttpCodes[HttpCodes["PaymentRequired"] = 402] = "PaymentRequired";
    HttpCodes[HttpCodes["Forbidden"] = 403] = "Forbidden";
    HttpCodes[HttpCodes["NotFound"] = 404] = "NotFound";
    HttpCodes[HttpCodes["MethodNotAllowed"] = 405] = "MethodNotAllowed";
    HttpCodes[HttpCodes["NotAcceptable"] = 406] = "NotAcceptable";
    HttpCodes[HttpCodes["ProxyAuthenticationRequired"] = 407] = "ProxyAuthenticationRequired";
    HttpCodes[HttpCodes["RequestTimeout"] = 408] = "RequestTimeout";
    HttpCodes[HttpCodes["Conflict"] = 409] = "Conflict";
    HttpCodes[HttpCodes["Gone"] = 410] = "Gone";
    HttpCodes[HttpCodes["TooManyRequests"] = 429] = "TooManyRequests";
    HttpCodes[HttpCodes["InternalServerError"] = 500] = "InternalServerError";
    HttpCodes[HttpCodes["NotImplemented"] = 501] = "NotImplemented";
    HttpCodes[HttpCodes["BadGateway"] = 502] = "BadGateway";
    HttpCodes[HttpCodes["ServiceUnavailable"] = 503] = "ServiceUnavailable";
    HttpCodes[HttpCodes["GatewayTimeout"] = 504] = "GatewayTimeout";
})(HttpCodes || (HttpCodes = {}));
var Headers;
(function (Headers) {
    Headers["Accept"] = "accept";
    Headers["ContentType"] = "content-type";
})(Headers || (Headers = {}));
var MediaTypes;
(function (MediaTypes) {
    MediaTypes["ApplicationJson"] = "application/json";
})(MediaTypes || (MediaTypes = {}));
/**
 * Returns the proxy URL, depending upon the supplied url and proxy environment variables.
 * @param serverUrl  The server URL where the request will be sent. For example, https://api.github.com
 */
function lib_getProxyUrl(serverUrl) {
    const proxyUrl = pm.getProxyUrl(new URL(serverUrl));
    return proxyUrl ? proxyUrl.href : '';
}
const HttpRedirectCodes = [
    HttpCodes.MovedPermanently,
    HttpCodes.ResourceMoved,
    HttpCodes.SeeOther,
    HttpCodes.TemporaryRedirect,
    HttpCodes.PermanentRedirect
];
const HttpResponseRetryCodes = [
    HttpCodes.BadGateway,
    HttpCodes.ServiceUnavailable,
    HttpCodes.GatewayTimeout
];
const RetryableHttpVerbs = ['OPTIONS', 'GET', 'DELETE', 'HEAD'];
const ExponentialBackoffCeiling = 10;
const ExponentialBackoffTimeSlice = 5;
class HttpClientError extends Error {
    constructor(message, statusCode) {
        super(message);
        this.name = 'HttpClientError';
        this.statusCode = statusCode;
        Object.setPrototypeOf(this, HttpClientError.prototype);
    }
}
class HttpClientResponse {
    constructor(message) {
        this.message = message;
    }
    readBody() {
        return __awaiter(this, void 0, void 0, function* () {
            return new Promise((resolve) => __awaiter(this, void 0, void 0, function* () {
                let output = Buffer.alloc(0);
                this.message.on('data', (chunk) => {
                    output = Buffer.concat([output, chunk]);
                });
                this.message.on('end', () => {
                    resolve(output.toString());
                });
            }));
        });
    }
    readBodyBuffer() {
        return __awaiter(this, void 0, void 0, function* () {
            return new Promise((resolve) => __awaiter(this, void 0, void 0, function* () {
                const chunks = [];
                this.message.on('data', (chunk) => {
                    chunks.push(chunk);
                });
                this.message.on('end', () => {
                    resolve(Buffer.concat(chunks));
                });
            }));
        });
    }
}
function isHttps(requestUrl) {
    const parsedUrl = new URL(requestUrl);
    return parsedUrl.protocol === 'https:';
}
class HttpClient {
    constructor(userAgent, handlers, requestOptions) {
        this._ignoreSslError = false;
        this._allowRedirects = true;
        this._allowRedirectDowngrade = false;
        this._maxRedirects = 50;
        this._allowRetries = false;
        this._maxRetries = 1;
        this._keepAlive = false;
        this._disposed = false;
        this.userAgent = this._getUserAgentWithOrchestrationId(userAgent);
        this.handlers = handlers || [];
        this.requestOptions = requestOptions;
        if (requestOptions) {
            if (requestOptions.ignoreSslError != null) {
                this._ignoreSslError = requestOptions.ignoreSslError;
            }
            this._socketTimeout = requestOptions.socketTimeout;
            if (requestOptions.allowRedirects != null) {
                this._allowRedirects = requestOptions.allowRedirects;
            }
            if (requestOptions.allowRedirectDowngrade != null) {
                this._allowRedirectDowngrade = requestOptions.allowRedirectDowngrade;
            }
            if (requestOptions.maxRedirects != null) {
                this._maxRedirects = Math.max(requestOptions.maxRedirects, 0);
            }
            if (requestOptions.keepAlive != null) {
                this._keepAlive = requestOptions.keepAlive;
            }
            if (requestOptions.allowRetries != null) {
                this._allowRetries = requestOptions.allowRetries;
            }
            if (requestOptions.maxRetries != null) {
                this._maxRetries = requestOptions.maxRetries;
            }
        }
    }
    options(requestUrl, additionalHeaders) {
        return __awaiter(this, void 0, void 0, function* () {
            return this.request('OPTIONS', requestUrl, null, additionalHeaders || {});
        });
    }
    get(requestUrl, additionalHeaders) {
        return __awaiter(this, void 0, void 0, function* () {
            return this.request('GET', requestUrl, null, additionalHeaders || {});
        });
    }
    del(requestUrl, additionalHeaders) {
        return __awaiter(this, void 0, void 0, function* () {
            return this.request('DELETE', requestUrl, null, additionalHeaders || {});
        });
    }
    post(requestUrl, data, additionalHeaders) {
        return __awaiter(this, void 0, void 0, function* () {
            return this.request('POST', requestUrl, data, additionalHeaders || {});
        });
    }
    patch(requestUrl, data, additionalHeaders) {
        return __awaiter(this, void 0, void 0, function* () {
            return this.request('PATCH', requestUrl, data, additionalHeaders || {});
        });
    }
    put(requestUrl, data, additionalHeaders) {
        return __awaiter(this, void 0, void 0, function* () {
            return this.request('PUT', requestUrl, data, additionalHeaders || {});
        });
    }
    head(requestUrl, additionalHeaders) {
        return __awaiter(this, void 0, void 0, function* () {
            return this.request('HEAD', requestUrl, null, additionalHeaders || {});
        });
    }
    sendStream(verb, requestUrl, stream, additionalHeaders) {
        return __awaiter(this, void 0, void 0, function* () {
            return this.request(verb, requestUrl, stream, additionalHeaders);
        });
    }
    /**
     * Gets a typed object from an endpoint
     * Be aware that not found returns a null.  Other errors (4xx, 5xx) reject the promise
     */
    getJson(requestUrl_1) {
        return __awaiter(this, arguments, void 0, function* (requestUrl, additionalHeaders = {}) {
            additionalHeaders[Headers.Accept] = this._getExistingOrDefaultHeader(additionalHeaders, Headers.Accept, MediaTypes.ApplicationJson);
            const res = yield this.get(requestUrl, additionalHeaders);
            return this._processResponse(res, this.requestOptions);
        });
    }
    postJson(requestUrl_1, obj_1) {
        return __awaiter(this, arguments, void 0, function* (requestUrl, obj, additionalHeaders = {}) {
            const data = JSON.stringify(obj, null, 2);
            additionalHeaders[Headers.Accept] = this._getExistingOrDefaultHeader(additionalHeaders, Headers.Accept, MediaTypes.ApplicationJson);
            additionalHeaders[Headers.ContentType] =
                this._getExistingOrDefaultContentTypeHeader(additionalHeaders, MediaTypes.ApplicationJson);
            const res = yield this.post(requestUrl, data, additionalHeaders);
            return this._processResponse(res, this.requestOptions);
        });
    }
    putJson(requestUrl_1, obj_1) {
        return __awaiter(this, arguments, void 0, function* (requestUrl, obj, additionalHeaders = {}) {
            const data = JSON.stringify(obj, null, 2);
            additionalHeaders[Headers.Accept] = this._getExistingOrDefaultHeader(additionalHeaders, Headers.Accept, MediaTypes.ApplicationJson);
            additionalHeaders[Headers.ContentType] =
                this._getExistingOrDefaultContentTypeHeader(additionalHeaders, MediaTypes.ApplicationJson);
            const res = yield this.put(requestUrl, data, additionalHeaders);
            return this._processResponse(res, this.requestOptions);
        });
    }
    patchJson(requestUrl_1, obj_1) {
        return __awaiter(this, arguments, void 0, function* (requestUrl, obj, additionalHeaders = {}) {
            const data = JSON.stringify(obj, null, 2);
            additionalHeaders[Headers.Accept] = this._getExistingOrDefaultHeader(additionalHeaders, Headers.Accept, MediaTypes.ApplicationJson);
            additionalHeaders[Headers.ContentType] =
                this._getExistingOrDefaultContentTypeHeader(additionalHeaders, MediaTypes.ApplicationJson);
            const res = yield this.patch(requestUrl, data, additionalHeaders);
            return this._processResponse(res, this.requestOptions);
        });
    }
    /**
     * Makes a raw http request.
     * All other methods such as get, post, patch, and request ultimately call this.
     * Prefer get, del, post and patch
     */
    request(verb, requestUrl, data, headers) {
        return __awaiter(this, void 0, void 0, function* () {
            if (this._disposed) {
                throw new Error('Client has already been disposed.');
            }
            const parsedUrl = new URL(requestUrl);
            let info = this._prepareRequest(verb, parsedUrl, headers);
            // Only perform retries on reads since writes may not be idempotent.
            const maxTries = this._allowRetries && RetryableHttpVerbs.includes(verb)
                ? this._maxRetries + 1
                : 1;
            let numTries = 0;
            let response;
            do {
                response = yield this.requestRaw(info, data);
                // Check if it's an authentication challenge
                if (response &&
                    response.message &&
                    response.message.statusCode === HttpCodes.Unauthorized) {
                    let authenticationHandler;
                    for (const handler of this.handlers) {
                        if (handler.canHandleAuthentication(response)) {
                            authenticationHandler = handler;
                            break;
                        }
                    }
                    if (authenticationHandler) {
                        return authenticationHandler.handleAuthentication(this, info, data);
                    }
                    else {
                        // We have received an unauthorized response but have no handlers to handle it.
                        // Let the response return to the caller.
                        return response;
                    }
                }
                let redirectsRemaining = this._maxRedirects;
                while (response.message.statusCode &&
                    HttpRedirectCodes.includes(response.message.statusCode) &&
                    this._allowRedirects &&
                    redirectsRemaining > 0) {
                    const redirectUrl = response.message.headers['location'];
                    if (!redirectUrl) {
                        // if there's no location to redirect to, we won't
                        break;
                    }
                    const parsedRedirectUrl = new URL(redirectUrl);
                    if (parsedUrl.protocol === 'https:' &&
                        parsedUrl.protocol !== parsedRedirectUrl.protocol &&
                        !this._allowRedirectDowngrade) {
                        throw new Error('Redirect from HTTPS to HTTP protocol. This downgrade is not allowed for security reasons. If you want to allow this behavior, set the allowRedirectDowngrade option to true.');
                    }
                    // we need to finish reading the response before reassigning response
                    // which will leak the open socket.
                    yield response.readBody();
                    // strip authorization header if redirected to a different hostname
                    if (parsedRedirectUrl.hostname !== parsedUrl.hostname) {
                        for (const header in headers) {
                            // header names are case insensitive
                            if (header.toLowerCase() === 'authorization') {
                                delete headers[header];
                            }
                        }
                    }
                    // let's make the request with the new redirectUrl
                    info = this._prepareRequest(verb, parsedRedirectUrl, headers);
                    response = yield this.requestRaw(info, data);
                    redirectsRemaining--;
                }
                if (!response.message.statusCode ||
                    !HttpResponseRetryCodes.includes(response.message.statusCode)) {
                    // If not a retry code, return immediately instead of retrying
                    return response;
                }
                numTries += 1;
                if (numTries < maxTries) {
                    yield response.readBody();
                    yield this._performExponentialBackoff(numTries);
                }
            } while (numTries < maxTries);
            return response;
        });
    }
    /**
     * Needs to be called if keepAlive is set to true in request options.
     */
    dispose() {
        if (this._agent) {
            this._agent.destroy();
        }
        this._disposed = true;
    }
    /**
     * Raw request.
     * @param info
     * @param data
     */
    requestRaw(info, data) {
        return __awaiter(this, void 0, void 0, function* () {
            return new Promise((resolve, reject) => {
                function callbackForResult(err, res) {
                    if (err) {
                        reject(err);
                    }
                    else if (!res) {
                        // If `err` is not passed, then `res` must be passed.
                        reject(new Error('Unknown error'));
                    }
                    else {
                        resolve(res);
                    }
                }
                this.requestRawWithCallback(info, data, callbackForResult);
            });
        });
    }
    /**
     * Raw request with callback.
     * @param info
     * @param data
     * @param onResult
     */
    requestRawWithCallback(info, data, onResult) {
        if (typeof data === 'string') {
            if (!info.options.headers) {
                info.options.headers = {};
            }
            info.options.headers['Content-Length'] = Buffer.byteLength(data, 'utf8');
        }
        let callbackCalled = false;
        function handleResult(err, res) {
            if (!callbackCalled) {
                callbackCalled = true;
                onResult(err, res);
            }
        }
        const req = info.httpModule.request(info.options, (msg) => {
            const res = new HttpClientResponse(msg);
            handleResult(undefined, res);
        });
        let socket;
        req.on('socket', sock => {
            socket = sock;
        });
        // If we ever get disconnected, we want the socket to timeout eventually
        req.setTimeout(this._socketTimeout || 3 * 60000, () => {
            if (socket) {
                socket.end();
            }
            handleResult(new Error(`Request timeout: ${info.options.path}`));
        });
        req.on('error', function (err) {
            // err has statusCode property
            // res should have headers
            handleResult(err);
        });
        if (data && typeof data === 'string') {
            req.write(data, 'utf8');
        }
        if (data && typeof data !== 'string') {
            data.on('close', function () {
                req.end();
            });
            data.pipe(req);
        }
        else {
            req.end();
        }
    }
    /**
     * Gets an http agent. This function is useful when you need an http agent that handles
     * routing through a proxy server - depending upon the url and proxy environment variables.
     * @param serverUrl  The server URL where the request will be sent. For example, https://api.github.com
     */
    getAgent(serverUrl) {
        const parsedUrl = new URL(serverUrl);
        return this._getAgent(parsedUrl);
    }
    getAgentDispatcher(serverUrl) {
        const parsedUrl = new URL(serverUrl);
        const proxyUrl = getProxyUrl(parsedUrl);
        const useProxy = proxyUrl && proxyUrl.hostname;
        if (!useProxy) {
            return;
        }
        return this._getProxyAgentDispatcher(parsedUrl, proxyUrl);
    }
    _prepareRequest(method, requestUrl, headers) {
        const info = {};
        info.parsedUrl = requestUrl;
        const usingSsl = info.parsedUrl.protocol === 'https:';
        info.httpModule = usingSsl ? external_https_namespaceObject : external_http_namespaceObject;
        const defaultPort = usingSsl ? 443 : 80;
        info.options = {};
        info.options.host = info.parsedUrl.hostname;
        info.options.port = info.parsedUrl.port
            ? parseInt(info.parsedUrl.port)
            : defaultPort;
        info.options.path =
            (info.parsedUrl.pathname || '') + (info.parsedUrl.search || '');
        info.options.method = method;
        info.options.headers = this._mergeHeaders(headers);
        if (this.userAgent != null) {
            info.options.headers['user-agent'] = this.userAgent;
        }
        info.options.agent = this._getAgent(info.parsedUrl);
        // gives handlers an opportunity to participate
        if (this.handlers) {
            for (const handler of this.handlers) {
                handler.prepareRequest(info.options);
            }
        }
        return info;
    }
    _mergeHeaders(headers) {
        if (this.requestOptions && this.requestOptions.headers) {
            return Object.assign({}, lowercaseKeys(this.requestOptions.headers), lowercaseKeys(headers || {}));
        }
        return lowercaseKeys(headers || {});
    }
    /**
     * Gets an existing header value or returns a default.
     * Handles converting number header values to strings since HTTP headers must be strings.
     * Note: This returns string | string[] since some headers can have multiple values.
     * For headers that must always be a single string (like Content-Type), use the
     * specialized _getExistingOrDefaultContentTypeHeader method instead.
     */
    _getExistingOrDefaultHeader(additionalHeaders, header, _default) {
        let clientHeader;
        if (this.requestOptions && this.requestOptions.headers) {
            const headerValue = lowercaseKeys(this.requestOptions.headers)[header];
            if (headerValue) {
                clientHeader =
                    typeof headerValue === 'number' ? headerValue.toString() : headerValue;
            }
        }
        const additionalValue = additionalHeaders[header];
        if (additionalValue !== undefined) {
            return typeof additionalValue === 'number'
                ? additionalValue.toString()
                : additionalValue;
        }
        if (clientHeader !== undefined) {
            return clientHeader;
        }
        return _default;
    }
    /**
     * Specialized version of _getExistingOrDefaultHeader for Content-Type header.
     * Always returns a single string (not an array) since Content-Type should be a single value.
     * Converts arrays to comma-separated strings and numbers to strings to ensure type safety.
     * This was split from _getExistingOrDefaultHeader to provide stricter typing for callers
     * that assign the result to places expecting a string (e.g., additionalHeaders[Headers.ContentType]).
     */
    _getExistingOrDefaultContentTypeHeader(additionalHeaders, _default) {
        let clientHeader;
        if (this.requestOptions && this.requestOptions.headers) {
            const headerValue = lowercaseKeys(this.requestOptions.headers)[Headers.ContentType];
            if (headerValue) {
                if (typeof headerValue === 'number') {
                    clientHeader = String(headerValue);
                }
                else if (Array.isArray(headerValue)) {
                    clientHeader = headerValue.join(', ');
                }
                else {
                    clientHeader = headerValue;
                }
            }
        }
        const additionalValue = additionalHeaders[Headers.ContentType];
        // Return the first non-undefined value, converting numbers or arrays to strings if necessary
        if (additionalValue !== undefined) {
            if (typeof additionalValue === 'number') {
                return String(additionalValue);
            }
            else if (Array.isArray(additionalValue)) {
                return additionalValue.join(', ');
            }
            else {
                return additionalValue;
            }
        }
        if (clientHeader !== undefined) {
            return clientHeader;
        }
        return _default;
    }
    _getAgent(parsedUrl) {
        let agent;
        const proxyUrl = getProxyUrl(parsedUrl);
        const useProxy = proxyUrl && proxyUrl.hostname;
        if (this._keepAlive && useProxy) {
            agent = this._proxyAgent;
        }
        if (!useProxy) {
            agent = this._agent;
        }
        // if agent is already assigned use that agent.
        if (agent) {
            return agent;
        }
        const usingSsl = parsedUrl.protocol === 'https:';
        let maxSockets = 100;
        if (this.requestOptions) {
            maxSockets = this.requestOptions.maxSockets || external_http_.globalAgent.maxSockets;
        }
        // This is `useProxy` again, but we need to check `proxyURl` directly for TypeScripts's flow analysis.
        if (proxyUrl && proxyUrl.hostname) {
            const agentOptions = {
                maxSockets,
                keepAlive: this._keepAlive,
                proxy: Object.assign(Object.assign({}, ((proxyUrl.username || proxyUrl.password) && {
                    proxyAuth: `${proxyUrl.username}:${proxyUrl.password}`
                })), { host: proxyUrl.hostname, port: proxyUrl.port })
            };
            let tunnelAgent;
            const overHttps = proxyUrl.protocol === 'https:';
            if (usingSsl) {
                tunnelAgent = overHttps ? tunnel.httpsOverHttps : tunnel.httpsOverHttp;
            }
            else {
                tunnelAgent = overHttps ? tunnel.httpOverHttps : tunnel.httpOverHttp;
            }
            agent = tunnelAgent(agentOptions);
            this._proxyAgent = agent;
        }
        // if tunneling agent isn't assigned create a new agent
        if (!agent) {
            const options = { keepAlive: this._keepAlive, maxSockets };
            agent = usingSsl ? new external_https_.Agent(options) : new external_http_.Agent(options);
            this._agent = agent;
        }
        if (usingSsl && this._ignoreSslError) {
            // we don't want to set NODE_TLS_REJECT_UNAUTHORIZED=0 since that will affect request for entire process
            // http.RequestOptions doesn't expose a way to modify RequestOptions.agent.options
            // we have to cast it to any and change it directly
            agent.options = Object.assign(agent.options || {}, {
                rejectUnauthorized: false
            });
        }
        return agent;
    }
    _getProxyAgentDispatcher(parsedUrl, proxyUrl) {
        let proxyAgent;
        if (this._keepAlive) {
            proxyAgent = this._proxyAgentDispatcher;
        }
        // if agent is already assigned use that agent.
        if (proxyAgent) {
            return proxyAgent;
        }
        const usingSsl = parsedUrl.protocol === 'https:';
        proxyAgent = new ProxyAgent(Object.assign({ uri: proxyUrl.href, pipelining: !this._keepAlive ? 0 : 1 }, ((proxyUrl.username || proxyUrl.password) && {
            token: `Basic ${Buffer.from(`${proxyUrl.username}:${proxyUrl.password}`).toString('base64')}`
        })));
        this._proxyAgentDispatcher = proxyAgent;
        if (usingSsl && this._ignoreSslError) {
            // we don't want to set NODE_TLS_REJECT_UNAUTHORIZED=0 since that will affect request for entire process
            // http.RequestOptions doesn't expose a way to modify RequestOptions.agent.options
            // we have to cast it to any and change it directly
            proxyAgent.options = Object.assign(proxyAgent.options.requestTls || {}, {
                rejectUnauthorized: false
            });
        }
        return proxyAgent;
    }
    _getUserAgentWithOrchestrationId(userAgent) {
        const baseUserAgent = userAgent || 'actions/http-client';
        const orchId = process.env['ACTIONS_ORCHESTRATION_ID'];
        if (orchId) {
            // Sanitize the orchestration ID to ensure it contains only valid characters
            // Valid characters: 0-9, a-z, _, -, .
            const sanitizedId = orchId.replace(/[^a-z0-9_.-]/gi, '_');
            return `${baseUserAgent} actions_orchestration_id/${sanitizedId}`;
        }
        return baseUserAgent;
    }
    _performExponentialBackoff(retryNumber) {
        return __awaiter(this, void 0, void 0, function* () {
            retryNumber = Math.min(ExponentialBackoffCeiling, retryNumber);
            const ms = ExponentialBackoffTimeSlice * Math.pow(2, retryNumber);
            return new Promise(resolve => setTimeout(() => resolve(), ms));
        });
    }
    _processResponse(res, options) {
        return __awaiter(this, void 0, void 0, function* () {
            return new Promise((resolve, reject) => __awaiter(this, void 0, void 0, function* () {
                const statusCode = res.message.statusCode || 0;
                const response = {
                    statusCode,
                    result: null,
                    headers: {}
                };
                // not found leads to null obj returned
                if (statusCode === HttpCodes.NotFound) {
                    resolve(response);
                }
                // get the result from the body
                function dateTimeDeserializer(key, value) {
                    if (typeof value === 'string') {
                        const a = new Date(value);
                        if (!isNaN(a.valueOf())) {
                            return a;
                        }
                    }
                    return value;
                }
                let obj;
                let contents;
                try {
                    contents = yield res.readBody();
                    if (contents && contents.length > 0) {
                        if (options && options.deserializeDates) {
                            obj = JSON.parse(contents, dateTimeDeserializer);
                        }
                        else {
                            obj = JSON.parse(contents);
                        }
                        response.result = obj;
                    }
                    response.headers = res.message.headers;
                }
                catch (err) {
                    // Invalid resource (contents not json);  leaving result obj null
                }
                // note that 3xx redirects are handled by the http layer.
                if (statusCode > 299) {
                    let msg;
                    // if exception/error in body, attempt to get better error
                    if (obj && obj.message) {
                        msg = obj.message;
                    }
                    else if (contents && contents.length > 0) {
                        // it may be the case that the exception is in the body message as string
                        msg = contents;
                    }
                    else {
                        msg = `Failed request: (${statusCode})`;
                    }
                    const err = new HttpClientError(msg, statusCode);
                    err.result = response.result;
                    reject(err);
                }
                else {
                    resolve(response);
                }
            }));
        });
    }
}
const lowercaseKeys = (obj) => Object.keys(obj).reduce((c, k) => ((c[k.toLowerCase()] = obj[k]), c), {});
//# sourceMappingURL=index.js.map
// EXTERNAL MODULE: ./src/core/json.ts
var json = __nccwpck_require__(6153);
;// CONCATENATED MODULE: ./src/core/proxy.ts
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

// EXTERNAL MODULE: ./src/github/attempt.ts
var attempt = __nccwpck_require__(8678);
;// CONCATENATED MODULE: ./src/github/fetch.ts
/** The real `fetch`. Node's own does not look at `https_proxy`, and self-hosted runners live behind proxies. */





/** Goes through the proxy that `https_proxy`, `http_proxy` and `no_proxy` name for the address, and else directly. */
const fetchThroughProxy = async (url, init) => {
    const proxy = findProxy(new URL(url));
    if (proxy === undefined)
        return await fetch(url, init);
    const client = new HttpClient(undefined, undefined, { allowRedirects: false, allowRetries: false });
    // The toolkit's client knows no signal; disposing of its agents ends what is under way.
    const ended = Promise.withResolvers();
    const end = () => ended.reject(init.signal.reason);
    ended.promise.catch(() => undefined);
    init.signal.addEventListener('abort', end, { once: true });
    try {
        init.signal.throwIfAborted();
        const asked = client.request(init.method, url, init.body ?? '', { ...init.headers });
        const response = await Promise.race([asked, ended.promise]);
        const text = await Promise.race([response.readBody(), ended.promise]);
        const { statusCode = 0, headers } = response.message;
        return {
            status: statusCode,
            headers: { get: (name) => [headers[name.toLowerCase()]].flat()[0] ?? null },
            text: () => Promise.resolve(text)
        };
    }
    catch (error) {
        throw tunnelTrouble(error, proxy) ?? error;
    }
    finally {
        init.signal.removeEventListener('abort', end);
        client.dispose();
    }
};
/** The toolkit goes directly where it cannot read the address, and to this machine where it has no scheme. */
function findProxy(url) {
    const variables = url.protocol === 'https:' ? ['https_proxy', 'HTTPS_PROXY'] : ['http_proxy', 'HTTP_PROXY'];
    const variable = variables.find((name) => (process.env[name] ?? '') !== '');
    if (variable === undefined || checkBypass(url))
        return undefined;
    const text = process.env[variable] ?? '';
    const reading = readProxy(variable, text);
    if (!reading.ok)
        throw new attempt/* ProxyTrouble */.q(reading.problem, true);
    // 10.0.0.1:3128 is no URL, which the toolkit completes; proxy:3128 is one, whose scheme is "proxy".
    if (URL.canParse(text) && !/^https?:\/\//i.test(text)) {
        throw new attempt/* ProxyTrouble */.q(`${variable} does not begin with http:// or https://`, true);
    }
    return { variable, address: reading.proxy };
}
/** The toolkit's tunnel has one code, ECONNRESET, for all that a proxy does not do, and tells it apart in its message. */
function tunnelTrouble(error, proxy) {
    const message = (0,json/* asString */.oJ)((0,json/* dig */.rO)(error, 'message')) ?? '';
    const told = /^tunneling socket could not be established, (?:statusCode=(\d+)|cause=)/.exec(message);
    if (told === null)
        return undefined;
    const [, status] = told;
    if (status === undefined)
        return new attempt/* ProxyTrouble */.q(`the proxy in ${proxy.variable} cannot be reached`, false);
    const { problem, kind } = readProxyRefusal(proxy, Number(status));
    return new attempt/* ProxyTrouble */.q(problem, kind !== 'passing');
}


/***/ }),

/***/ 7880:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   PC: () => (/* binding */ givenInputs),
/* harmony export */   hp: () => (/* binding */ isOfItsRef),
/* harmony export */   m0: () => (/* binding */ queuedBranch),
/* harmony export */   yI: () => (/* binding */ readContext)
/* harmony export */ });
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(3024);
/* harmony import */ var node_fs__WEBPACK_IMPORTED_MODULE_0___default = /*#__PURE__*/__nccwpck_require__.n(node_fs__WEBPACK_IMPORTED_MODULE_0__);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(8161);
/* harmony import */ var node_os__WEBPACK_IMPORTED_MODULE_1___default = /*#__PURE__*/__nccwpck_require__.n(node_os__WEBPACK_IMPORTED_MODULE_1__);
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

/***/ 5838:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {


// EXPORTS
__nccwpck_require__.d(__webpack_exports__, {
  y: () => (/* binding */ readOccasion)
});

// UNUSED EXPORTS: occasionOf

// EXTERNAL MODULE: ./src/core/json.ts
var json = __nccwpck_require__(6153);
// EXTERNAL MODULE: ./src/occasion/context.ts
var occasion_context = __nccwpck_require__(7880);
// EXTERNAL MODULE: ./src/occasion/place.ts
var place = __nccwpck_require__(7024);
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


/***/ }),

/***/ 7024:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   $: () => (/* binding */ placeOf),
/* harmony export */   W: () => (/* binding */ isCommit)
/* harmony export */ });
/* harmony import */ var _core_json_js__WEBPACK_IMPORTED_MODULE_1__ = __nccwpck_require__(6153);
/* harmony import */ var _context_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(7880);
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

/***/ 99:
/***/ ((__unused_webpack_module, __webpack_exports__, __nccwpck_require__) => {

/* harmony export */ __nccwpck_require__.d(__webpack_exports__, {
/* harmony export */   D_: () => (/* binding */ unbroken),
/* harmony export */   N3: () => (/* binding */ pathCode),
/* harmony export */   P8: () => (/* binding */ visibleLine),
/* harmony export */   Qq: () => (/* binding */ text),
/* harmony export */   V0: () => (/* binding */ sections),
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
/* unused harmony exports shorten, mermaidLabel */
/* harmony import */ var _core_units_js__WEBPACK_IMPORTED_MODULE_0__ = __nccwpck_require__(2184);
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

/***/ 2613:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("assert");

/***/ }),

/***/ 4434:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("events");

/***/ }),

/***/ 8611:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("http");

/***/ }),

/***/ 5692:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("https");

/***/ }),

/***/ 9278:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("net");

/***/ }),

/***/ 7598:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:crypto");

/***/ }),

/***/ 3024:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs");

/***/ }),

/***/ 1455:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:fs/promises");

/***/ }),

/***/ 8161:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:os");

/***/ }),

/***/ 6760:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("node:path");

/***/ }),

/***/ 4756:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("tls");

/***/ }),

/***/ 9023:
/***/ ((module) => {

module.exports = __WEBPACK_EXTERNAL_createRequire(import.meta.url)("util");

/***/ })

/******/ });
/************************************************************************/
/******/ // The module cache
/******/ var __webpack_module_cache__ = {};
/******/ 
/******/ // The require function
/******/ function __nccwpck_require__(moduleId) {
/******/ 	// Check if module is in cache
/******/ 	var cachedModule = __webpack_module_cache__[moduleId];
/******/ 	if (cachedModule !== undefined) {
/******/ 		return cachedModule.exports;
/******/ 	}
/******/ 	// Create a new module (and put it into the cache)
/******/ 	var module = __webpack_module_cache__[moduleId] = {
/******/ 		// no module.id needed
/******/ 		// no module.loaded needed
/******/ 		exports: {}
/******/ 	};
/******/ 
/******/ 	// Execute the module function
/******/ 	var threw = true;
/******/ 	try {
/******/ 		__webpack_modules__[moduleId](module, module.exports, __nccwpck_require__);
/******/ 		threw = false;
/******/ 	} finally {
/******/ 		if(threw) delete __webpack_module_cache__[moduleId];
/******/ 	}
/******/ 
/******/ 	// Return the exports of the module
/******/ 	return module.exports;
/******/ }
/******/ 
/******/ // expose the modules object (__webpack_modules__)
/******/ __nccwpck_require__.m = __webpack_modules__;
/******/ 
/************************************************************************/
/******/ /* webpack/runtime/asset-relocator-loader */
/******/ if (typeof __nccwpck_require__ !== 'undefined') __nccwpck_require__.ab = decodeURIComponent(new URL('.', import.meta.url).pathname).slice(import.meta.url.match(/^file:\/\/\/\w:/) ? 1 : 0, -1) + "/";
/******/ 
/******/ /* webpack/runtime/async module */
/******/ (() => {
/******/ 	var webpackQueues = typeof Symbol === "function" ? Symbol("webpack queues") : "__webpack_queues__";
/******/ 	var webpackExports = typeof Symbol === "function" ? Symbol("webpack exports") : "__webpack_exports__";
/******/ 	var webpackError = typeof Symbol === "function" ? Symbol("webpack error") : "__webpack_error__";
/******/ 	var resolveQueue = (queue) => {
/******/ 		if(queue && queue.d < 1) {
/******/ 			queue.d = 1;
/******/ 			queue.forEach((fn) => (fn.r--));
/******/ 			queue.forEach((fn) => (fn.r-- ? fn.r++ : fn()));
/******/ 		}
/******/ 	}
/******/ 	var wrapDeps = (deps) => (deps.map((dep) => {
/******/ 		if(dep !== null && typeof dep === "object") {
/******/ 			if(dep[webpackQueues]) return dep;
/******/ 			if(dep.then) {
/******/ 				var queue = [];
/******/ 				queue.d = 0;
/******/ 				dep.then((r) => {
/******/ 					obj[webpackExports] = r;
/******/ 					resolveQueue(queue);
/******/ 				}, (e) => {
/******/ 					obj[webpackError] = e;
/******/ 					resolveQueue(queue);
/******/ 				});
/******/ 				var obj = {};
/******/ 				obj[webpackQueues] = (fn) => (fn(queue));
/******/ 				return obj;
/******/ 			}
/******/ 		}
/******/ 		var ret = {};
/******/ 		ret[webpackQueues] = x => {};
/******/ 		ret[webpackExports] = dep;
/******/ 		return ret;
/******/ 	}));
/******/ 	__nccwpck_require__.a = (module, body, hasAwait) => {
/******/ 		var queue;
/******/ 		hasAwait && ((queue = []).d = -1);
/******/ 		var depQueues = new Set();
/******/ 		var exports = module.exports;
/******/ 		var currentDeps;
/******/ 		var outerResolve;
/******/ 		var reject;
/******/ 		var promise = new Promise((resolve, rej) => {
/******/ 			reject = rej;
/******/ 			outerResolve = resolve;
/******/ 		});
/******/ 		promise[webpackExports] = exports;
/******/ 		promise[webpackQueues] = (fn) => (queue && fn(queue), depQueues.forEach(fn), promise["catch"](x => {}));
/******/ 		module.exports = promise;
/******/ 		body((deps) => {
/******/ 			currentDeps = wrapDeps(deps);
/******/ 			var fn;
/******/ 			var getResult = () => (currentDeps.map((d) => {
/******/ 				if(d[webpackError]) throw d[webpackError];
/******/ 				return d[webpackExports];
/******/ 			}))
/******/ 			var promise = new Promise((resolve) => {
/******/ 				fn = () => (resolve(getResult));
/******/ 				fn.r = 0;
/******/ 				var fnQueue = (q) => (q !== queue && !depQueues.has(q) && (depQueues.add(q), q && !q.d && (fn.r++, q.push(fn))));
/******/ 				currentDeps.map((dep) => (dep[webpackQueues](fnQueue)));
/******/ 			});
/******/ 			return fn.r ? promise : getResult();
/******/ 		}, (err) => ((err ? reject(promise[webpackError] = err) : outerResolve(exports)), resolveQueue(queue)));
/******/ 		queue && queue.d < 0 && (queue.d = 0);
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/compat get default export */
/******/ (() => {
/******/ 	// getDefaultExport function for compatibility with non-harmony modules
/******/ 	__nccwpck_require__.n = (module) => {
/******/ 		var getter = module && module.__esModule ?
/******/ 			() => (module['default']) :
/******/ 			() => (module);
/******/ 		__nccwpck_require__.d(getter, { a: getter });
/******/ 		return getter;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/create fake namespace object */
/******/ (() => {
/******/ 	var getProto = Object.getPrototypeOf ? (obj) => (Object.getPrototypeOf(obj)) : (obj) => (obj.__proto__);
/******/ 	var leafPrototypes;
/******/ 	// create a fake namespace object
/******/ 	// mode & 1: value is a module id, require it
/******/ 	// mode & 2: merge all properties of value into the ns
/******/ 	// mode & 4: return value when already ns object
/******/ 	// mode & 16: return value when it's Promise-like
/******/ 	// mode & 8|1: behave like require
/******/ 	__nccwpck_require__.t = function(value, mode) {
/******/ 		if(mode & 1) value = this(value);
/******/ 		if(mode & 8) return value;
/******/ 		if(typeof value === 'object' && value) {
/******/ 			if((mode & 4) && value.__esModule) return value;
/******/ 			if((mode & 16) && typeof value.then === 'function') return value;
/******/ 		}
/******/ 		var ns = Object.create(null);
/******/ 		__nccwpck_require__.r(ns);
/******/ 		var def = {};
/******/ 		leafPrototypes = leafPrototypes || [null, getProto({}), getProto([]), getProto(getProto)];
/******/ 		for(var current = mode & 2 && value; typeof current == 'object' && !~leafPrototypes.indexOf(current); current = getProto(current)) {
/******/ 			Object.getOwnPropertyNames(current).forEach((key) => (def[key] = () => (value[key])));
/******/ 		}
/******/ 		def['default'] = () => (value);
/******/ 		__nccwpck_require__.d(ns, def);
/******/ 		return ns;
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/define property getters */
/******/ (() => {
/******/ 	// define getter functions for harmony exports
/******/ 	__nccwpck_require__.d = (exports, definition) => {
/******/ 		for(var key in definition) {
/******/ 			if(__nccwpck_require__.o(definition, key) && !__nccwpck_require__.o(exports, key)) {
/******/ 				Object.defineProperty(exports, key, { enumerable: true, get: definition[key] });
/******/ 			}
/******/ 		}
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/ensure chunk */
/******/ (() => {
/******/ 	__nccwpck_require__.f = {};
/******/ 	// This file contains only the entry chunk.
/******/ 	// The chunk loading function for additional chunks
/******/ 	__nccwpck_require__.e = (chunkId) => {
/******/ 		return Promise.all(Object.keys(__nccwpck_require__.f).reduce((promises, key) => {
/******/ 			__nccwpck_require__.f[key](chunkId, promises);
/******/ 			return promises;
/******/ 		}, []));
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/get javascript chunk filename */
/******/ (() => {
/******/ 	// This function allow to reference async chunks
/******/ 	__nccwpck_require__.u = (chunkId) => {
/******/ 		// return url for filenames based on template
/******/ 		return "" + chunkId + ".index.js";
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/hasOwnProperty shorthand */
/******/ (() => {
/******/ 	__nccwpck_require__.o = (obj, prop) => (Object.prototype.hasOwnProperty.call(obj, prop))
/******/ })();
/******/ 
/******/ /* webpack/runtime/make namespace object */
/******/ (() => {
/******/ 	// define __esModule on exports
/******/ 	__nccwpck_require__.r = (exports) => {
/******/ 		if(typeof Symbol !== 'undefined' && Symbol.toStringTag) {
/******/ 			Object.defineProperty(exports, Symbol.toStringTag, { value: 'Module' });
/******/ 		}
/******/ 		Object.defineProperty(exports, '__esModule', { value: true });
/******/ 	};
/******/ })();
/******/ 
/******/ /* webpack/runtime/import chunk loading */
/******/ (() => {
/******/ 	// no baseURI
/******/ 	
/******/ 	// object to store loaded and loading chunks
/******/ 	// undefined = chunk not loaded, null = chunk preloaded/prefetched
/******/ 	// [resolve, Promise] = chunk loading, 0 = chunk loaded
/******/ 	var installedChunks = {
/******/ 		792: 0
/******/ 	};
/******/ 	
/******/ 	var installChunk = (data) => {
/******/ 		var {ids, modules, runtime} = data;
/******/ 		// add "modules" to the modules object,
/******/ 		// then flag all "ids" as loaded and fire callback
/******/ 		var moduleId, chunkId, i = 0;
/******/ 		for(moduleId in modules) {
/******/ 			if(__nccwpck_require__.o(modules, moduleId)) {
/******/ 				__nccwpck_require__.m[moduleId] = modules[moduleId];
/******/ 			}
/******/ 		}
/******/ 		if(runtime) runtime(__nccwpck_require__);
/******/ 		for(;i < ids.length; i++) {
/******/ 			chunkId = ids[i];
/******/ 			if(__nccwpck_require__.o(installedChunks, chunkId) && installedChunks[chunkId]) {
/******/ 				installedChunks[chunkId][0]();
/******/ 			}
/******/ 			installedChunks[ids[i]] = 0;
/******/ 		}
/******/ 	
/******/ 	}
/******/ 	
/******/ 	__nccwpck_require__.f.j = (chunkId, promises) => {
/******/ 			// import() chunk loading for javascript
/******/ 			var installedChunkData = __nccwpck_require__.o(installedChunks, chunkId) ? installedChunks[chunkId] : undefined;
/******/ 			if(installedChunkData !== 0) { // 0 means "already installed".
/******/ 	
/******/ 				// a Promise means "currently loading".
/******/ 				if(installedChunkData) {
/******/ 					promises.push(installedChunkData[1]);
/******/ 				} else {
/******/ 					if(true) { // all chunks have JS
/******/ 						// setup Promise in chunk cache
/******/ 						var promise = import("./" + __nccwpck_require__.u(chunkId)).then(installChunk, (e) => {
/******/ 							if(installedChunks[chunkId] !== 0) installedChunks[chunkId] = undefined;
/******/ 							throw e;
/******/ 						});
/******/ 						var promise = Promise.race([promise, new Promise((resolve) => (installedChunkData = installedChunks[chunkId] = [resolve]))])
/******/ 						promises.push(installedChunkData[1] = promise);
/******/ 					}
/******/ 				}
/******/ 			}
/******/ 	};
/******/ 	
/******/ 	// no prefetching
/******/ 	
/******/ 	// no preloaded
/******/ 	
/******/ 	// no external install chunk
/******/ 	
/******/ 	// no on chunks loaded
/******/ })();
/******/ 
/************************************************************************/
/******/ 
/******/ // startup
/******/ // Load entry module and return exports
/******/ // This entry module used 'module' so it can't be inlined
/******/ var __webpack_exports__ = __nccwpck_require__(9364);
/******/ __webpack_exports__ = await __webpack_exports__;
/******/ 

//# sourceMappingURL=index.js.map