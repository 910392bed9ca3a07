export const id = 414;
export const ids = [414];
export const modules = {

/***/ 5334:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

// ESM COMPAT FLAG
__webpack_require__.r(__webpack_exports__);

// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  ImageError: () => (/* reexport */ errors/* ImageError */.C),
  analyseImage: () => (/* reexport */ analyseImage),
  defaultLimits: () => (/* reexport */ image_limits/* defaultLimits */.M),
  fileIndex: () => (/* reexport */ tree/* fileIndex */.p),
  isDigest: () => (/* reexport */ digest/* isDigest */.Bc),
  mergedFiles: () => (/* reexport */ tree/* mergedFiles */.C),
  parseDigest: () => (/* reexport */ digest/* parseDigest */.m),
  planNeedles: () => (/* reexport */ leaks_needles/* planNeedles */.Q2),
  platformName: () => (/* reexport */ platformName),
  readImages: () => (/* reexport */ readImages),
  readStatement: () => (/* reexport */ readStatement),
  redactText: () => (/* reexport */ redactText),
  searchBlob: () => (/* reexport */ searchBlob),
  searchText: () => (/* reexport */ searchText),
  shortestLine: () => (/* reexport */ leaks_needles/* shortestLine */.hC),
  shortestSecret: () => (/* reexport */ leaks_needles/* shortestSecret */.bs)
});

// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
// EXTERNAL MODULE: ./src/image/entries.ts
var image_entries = __webpack_require__(7641);
// EXTERNAL MODULE: ./src/image/paths.ts
var image_paths = __webpack_require__(469);
;// CONCATENATED MODULE: ./src/image/facts.ts


/** Below every home folder. */
const homeCaches = {
    '.cache/pip': 'pip',
    '.cache/uv': 'uv',
    '.cache/pypoetry': 'poetry',
    '.cache/pipenv': 'pipenv',
    '.npm': 'npm',
    '.cache/yarn': 'yarn',
    '.yarn/berry/cache': 'yarn',
    '.cache/pnpm': 'pnpm',
    '.local/share/pnpm/store': 'pnpm',
    '.bun/install/cache': 'bun',
    '.cargo/registry': 'cargo',
    '.cargo/git': 'cargo',
    '.cache/go-build': 'go',
    'go/pkg/mod': 'go',
    '.m2/repository': 'maven',
    '.gradle/caches': 'gradle',
    '.cache/composer': 'composer',
    '.composer/cache': 'composer',
    '.nuget/packages': 'nuget',
    '.cache/ccache': 'ccache',
    '.ccache': 'ccache'
};
const systemCaches = {
    '/var/cache/apt': 'apt',
    '/var/lib/apt/lists': 'apt-lists',
    '/var/cache/apk': 'apk',
    '/etc/apk/cache': 'apk',
    '/var/cache/dnf': 'dnf',
    '/var/cache/libdnf5': 'dnf',
    '/var/cache/yum': 'yum',
    '/var/cache/zypp': 'zypper',
    '/var/cache/pacman/pkg': 'pacman',
    '/usr/local/share/.cache/yarn': 'yarn',
    '/usr/local/share/.cache/pnpm': 'pnpm',
    '/usr/local/cargo/registry': 'cargo',
    '/usr/local/cargo/git': 'cargo',
    '/go/pkg/mod': 'go',
    '/usr/local/bundle/cache': 'bundler',
    '/opt/conda/pkgs': 'conda'
};
/** The caches of package managers in own layers, largest first. `homes` are folders to look below besides /root and /home/*. */
function packageCaches(tree, shown, homes) {
    const kinds = new Map();
    const note = (path, kind) => {
        const found = tree.paths.find(path);
        if (found !== 0)
            kinds.set(found, kind);
    };
    for (const [path, kind] of Object.entries(systemCaches))
        note(path, kind);
    for (const home of new Set(['/root', ...childrenOf(tree, '/home'), ...homes])) {
        for (const [path, kind] of Object.entries(homeCaches))
            note(`${home}/${path}`, kind);
    }
    const sums = sumBelow(tree, [...kinds.keys()], (entry) => !tree.isBase(tree.entries.layer[entry]), shown);
    return [...sums]
        .map(([path, sum]) => ({ kind: kinds.get(path) ?? '', path: tree.paths.format(path), ...sum }))
        .sort((a, b) => b.size - a.size);
}
/** What the final image shows at or below some paths. */
function testOnlyPaths(tree, shown, roots) {
    const found = roots.map((root) => tree.paths.find(root)).filter((path) => path !== 0);
    const sums = sumBelow(tree, found, (entry) => shown[entry] === 1, shown);
    return [...sums].map(([path, { size, files, layers }]) => ({ path: tree.paths.format(path), size, files, layers }));
}
/** Sums the files at or below each root, in one pass: a parent's number is smaller than its children's. Inner roots win. */
function sumBelow({ paths, entries }, roots, counts, shown) {
    const sums = new Map();
    if (roots.length === 0)
        return sums;
    const isRoot = new Set(roots);
    const rootOf = new Int32Array(paths.count());
    for (let path = image_paths/* rootPath */.wA; path < rootOf.length; path++) {
        rootOf[path] = isRoot.has(path) ? path : rootOf[paths.parent(path)];
    }
    for (let entry = 1; entry < entries.count; entry++) {
        const root = rootOf[entries.path[entry]];
        if (root === 0 || entries.type[entry] !== image_entries/* typeFile */.xF || !counts(entry))
            continue;
        const sum = sums.get(root) ?? { size: 0, live: 0, files: 0, layers: [] };
        sums.set(root, sum);
        const layer = entries.layer[entry];
        sum.size += entries.size[entry];
        if (shown[entry] === 1)
            sum.live += entries.size[entry];
        sum.files++;
        if (!sum.layers.includes(layer))
            sum.layers.push(layer);
    }
    for (const sum of sums.values())
        sum.layers.sort((a, b) => a - b);
    return sums;
}
function modeFacts({ paths, entries, overlay, isBase }, most) {
    const worldWritable = { count: 0, first: [] };
    const setuid = { count: 0, first: [] };
    for (let path = image_paths/* rootPath */.wA; path < paths.count(); path++) {
        const entry = overlay.live[path] ?? 0;
        if (entry <= 0)
            continue;
        const type = entries.type[entry];
        const mode = entries.mode[entry];
        const layer = entries.layer[entry];
        if (type === image_entries/* typeSymlink */.gv || isBase(layer))
            continue;
        const lists = [
            (mode & 0o002) !== 0 && !(type === image_entries/* typeDirectory */.EJ && (mode & 0o1000) !== 0) ? [worldWritable] : [],
            type === image_entries/* typeFile */.xF && (mode & 0o6000) !== 0 ? [setuid] : []
        ].flat();
        for (const list of lists) {
            list.count++;
            if (list.first.length < most)
                list.first.push({ path: paths.format(path), mode, layer });
        }
    }
    return { worldWritable, setuid };
}
const clientNames = ['curl', 'wget', 'ssh', 'scp'];
const programFolders = ['/usr/local/bin', '/usr/local/sbin', '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
/** Clients in the final image that an attacker would bring along otherwise. */
function clientPrograms({ paths, entries, overlay, isBase }) {
    return clientNames.flatMap((name) => programFolders.flatMap((folder) => {
        const path = `${folder}/${name}`;
        const entry = overlay.live[paths.find(path)] ?? 0;
        if (entry <= 0 || entries.type[entry] === image_entries/* typeDirectory */.EJ)
            return [];
        const layer = entries.layer[entry];
        return [{ name, path, layer, base: isBase(layer) }];
    }));
}
function childrenOf({ paths }, folder) {
    const parent = paths.find(folder);
    const children = [];
    if (parent === 0)
        return children;
    for (let path = image_paths/* rootPath */.wA; path < paths.count(); path++)
        if (paths.parent(path) === parent)
            children.push(paths.format(path));
    return children;
}

;// CONCATENATED MODULE: ./src/image/figures.ts


/** A directory is not listed where one directory in it has more than this share of its bytes: the inner one says more. */
const dominantShare = 0.9;
/** Weighs the overlaid image: two passes over entries and paths. `top` is the length of each list. */
function weigh(tree, top) {
    const { paths, entries, overlay, isBase } = tree;
    const count = paths.count();
    const shown = new Uint8Array(entries.count);
    const liveBytes = new Float64Array(count);
    const ownBytes = new Float64Array(count);
    const ownFiles = largest(top);
    const baseFiles = largest(top);
    for (let path = image_paths/* rootPath */.wA; path < count; path++) {
        const entry = overlay.live[path] ?? 0;
        const content = entry > 0 ? overlay.content[entry] : 0;
        // The second name of a file adds nothing.
        if (content === 0 || shown[content] === 1)
            continue;
        shown[content] = 1;
        const size = entries.size[content];
        const base = isBase(entries.layer[content]);
        liveBytes[path] = size;
        if (!base)
            ownBytes[path] = size;
        (base ? baseFiles : ownFiles).offer(path, size);
    }
    let size = 0;
    let live = 0;
    let own = 0;
    let base = 0;
    const directories = biggestDirectories(tree, liveBytes, ownBytes, top);
    // The two columns have served; at a million paths each is eight megabytes.
    const deadBytes = liveBytes.fill(0);
    const deadOwn = ownBytes.fill(0);
    for (let entry = 1; entry < entries.count; entry++) {
        if (entries.type[entry] !== image_entries/* typeFile */.xF)
            continue;
        const bytes = entries.size[entry];
        size += bytes;
        if (shown[entry] === 1) {
            live += bytes;
            continue;
        }
        const path = entries.path[entry];
        deadBytes[path] += bytes;
        if (isBase(entries.layer[entry]))
            base += bytes;
        else {
            own += bytes;
            deadOwn[path] += bytes;
        }
    }
    const fileOf = (path) => {
        const content = overlay.content[overlay.live[path]];
        const layer = entries.layer[content];
        return { path: paths.format(path), size: entries.size[content], layer, base: isBase(layer) };
    };
    return {
        size,
        live,
        shown,
        reclaimable: { own, base, paths: reclaimablePaths(tree, shown, deadBytes, deadOwn, top) },
        biggestFiles: { own: ownFiles.items().map(fileOf), base: baseFiles.items().map(fileOf) },
        biggestDirectories: directories
    };
}
function reclaimablePaths({ paths, entries, overlay }, shown, deadBytes, deadOwn, top) {
    const list = largest(top);
    for (let path = image_paths/* rootPath */.wA; path < deadBytes.length; path++)
        list.offer(path, deadBytes[path]);
    const copies = new Map(list.items().map((path) => [path, []]));
    for (let entry = 1; entry < entries.count; entry++) {
        if (entries.type[entry] !== image_entries/* typeFile */.xF)
            continue;
        const index = entries.layer[entry];
        copies.get(entries.path[entry])?.push({ index, size: entries.size[entry], live: shown[entry] === 1 });
    }
    return [...copies].map(([path, layers]) => ({
        path: paths.format(path),
        size: deadBytes[path],
        own: deadOwn[path],
        layers: layers.sort((a, b) => a.index - b.index),
        deleted: (overlay.live[path] ?? 0) === 0
    }));
}
/** Sums live bytes up the tree: a parent's number is smaller than its children's, so one pass downwards will do. */
function biggestDirectories({ paths, entries, overlay }, liveBytes, ownBytes, top) {
    const largestChild = new Float64Array(liveBytes.length);
    const largestOwnChild = new Float64Array(liveBytes.length);
    const all = largest(top);
    const own = largest(top);
    for (let path = liveBytes.length - 1; path > image_paths/* rootPath */.wA; path--) {
        const entry = overlay.live[path] ?? 0;
        if (entry === 0)
            continue;
        const parent = paths.parent(path);
        const bytes = liveBytes[path];
        const ownPart = ownBytes[path];
        liveBytes[parent] += bytes;
        ownBytes[parent] += ownPart;
        if (entry > 0 && entries.type[entry] !== image_entries/* typeDirectory */.EJ)
            continue;
        if (bytes > largestChild[parent])
            largestChild[parent] = bytes;
        if (ownPart > largestOwnChild[parent])
            largestOwnChild[parent] = ownPart;
        if (largestChild[path] <= bytes * dominantShare)
            all.offer(path, bytes);
        if (largestOwnChild[path] <= ownPart * dominantShare)
            own.offer(path, ownPart);
    }
    const directoryOf = (path) => ({
        path: paths.format(path),
        size: liveBytes[path],
        own: ownBytes[path]
    });
    return { own: own.items().map(directoryOf), all: all.items().map(directoryOf) };
}
/** The `top` items of greatest weight above 0, greatest first; of equal ones the earlier. */
function largest(top) {
    const kept = [];
    let least = 0;
    return {
        offer: (item, weight) => {
            if (weight <= least)
                return;
            let at = kept.length;
            while (at > 0 && kept[at - 1].weight < weight)
                at--;
            kept.splice(at, 0, { item, weight });
            if (kept.length > top)
                kept.pop();
            if (kept.length === top)
                least = kept[top - 1].weight;
        },
        items: () => kept.map(({ item }) => item)
    };
}

;// CONCATENATED MODULE: ./src/image/history.ts
/**
 * The instruction of each layer, bottom up: history lines that made a layer, in order. History is optional and may be shorter or wrong
 * (squashed, imported, Bazel, buildpacks); then nothing is guessed.
 * https://github.com/opencontainers/image-spec/blob/main/config.md#properties
 */
function layerInstructions(history, layers) {
    const lines = history.filter(({ emptyLayer }) => !emptyLayer);
    return Array.from({ length: layers }, (_, at) => (lines.length === layers ? madeBy(lines[at]) : undefined));
}
/** An imported image (`docker import`) says where it is from in the comment alone. */
function madeBy(line) {
    if (line?.createdBy !== undefined && line.createdBy !== '')
        return line.createdBy;
    return line?.comment;
}

// EXTERNAL MODULE: ./src/image/digest.ts
var digest = __webpack_require__(8033);
// EXTERNAL MODULE: ./src/image/errors.ts
var errors = __webpack_require__(2062);
// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: ./src/image/limits.ts
var image_limits = __webpack_require__(3209);
// EXTERNAL MODULE: ./src/image/tar/reader.ts + 1 modules
var tar_reader = __webpack_require__(3088);
;// CONCATENATED MODULE: ./src/image/files.ts
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






/** Reads a whole range; throws `limit` above `limit` bytes, and `missing-blob` if the file is shorter than the range. */
async function readRange(range, limit, what) {
    const env_1 = { stack: [], error: void 0, hasError: false };
    try {
        if (range.size > limit)
            throw new errors/* ImageError */.C('limit', `${what} has ${range.size} bytes, more than ${limit}`);
        const file = __addDisposableResource(env_1, await (0,promises_.open)(range.path), true);
        const bytes = Buffer.alloc(range.size);
        let filled = 0;
        while (filled < range.size) {
            const { bytesRead } = await file.read(bytes, filled, range.size - filled, range.offset + filled);
            if (bytesRead === 0)
                throw new errors/* ImageError */.C('missing-blob', `${what} ends after ${filled} of ${range.size} bytes`);
            filled += bytesRead;
        }
        return bytes;
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
/** Streams a range in pieces of a megabyte: larger reads are what makes inflating fast, see docs/analysis.md. */
function streamRange(range) {
    return (0,external_node_fs_.createReadStream)(range.path, {
        start: range.offset,
        end: range.offset + range.size - 1,
        highWaterMark: 2 ** 20
    });
}
/** The files of a folder. */
function folderFiles(folder) {
    return {
        find: async (name) => {
            const path = (0,external_node_path_.join)(folder, cleanName(name));
            const found = await (0,promises_.stat)(path).catch(() => undefined);
            // Anything else, a pipe say, could keep us waiting for ever.
            return found?.isFile() === true ? { path, offset: 0, size: found.size } : undefined;
        }
    };
}
/** The files inside a tar archive on disk, found in one pass that reads only its headers. */
async function archiveFiles(path, signal) {
    const env_2 = { stack: [], error: void 0, hasError: false };
    try {
        const files = new Map();
        const links = new Map();
        let last = '';
        const reader = (0,tar_reader/* tarReader */.R)({
            entry: (entry) => {
                const name = cleanName(entry.path.toString('utf8'));
                last = name;
                if (entry.type === 'file')
                    files.set(name, { path, offset: entry.dataOffset, size: entry.storedSize });
                // Before version 25 docker save wrote a layer that occurs twice as a symlink to the first.
                else if (entry.type === 'symlink')
                    links.set(name, cleanName(`${name}/../${entry.linkPath.toString('utf8')}`));
                else if (entry.type === 'hard-link')
                    links.set(name, cleanName(entry.linkPath.toString('utf8')));
            },
            content: () => undefined,
            entryEnd: () => undefined
        }, image_limits/* defaultLimits */.M);
        const file = __addDisposableResource(env_2, await (0,promises_.open)(path), true);
        const window = Buffer.alloc(64 * 1024);
        let offset = 0;
        try {
            for (;;) {
                signal?.throwIfAborted();
                const { bytesRead } = await file.read(window, 0, window.length, offset);
                if (bytesRead === 0)
                    break;
                reader.write(window.subarray(0, bytesRead));
                offset += bytesRead;
                const skippable = reader.skippable();
                if (skippable > 0)
                    reader.skip(skippable);
                offset += skippable;
            }
            const { size } = await file.stat();
            if (offset > size) {
                throw new errors/* ImageError */.C('corrupt-layer', `it ends inside "${last}", at byte ${size} of ${offset}`);
            }
            reader.end();
        }
        catch (caught) {
            if (!(caught instanceof errors/* ImageError */.C))
                throw caught;
            throw new errors/* ImageError */.C('not-an-image', `${path} is not a complete tar archive: ${(0,errors/* reasonOf */.A)(caught)}`, {
                cause: caught
            });
        }
        return { find: (name) => Promise.resolve(files.get(cleanName(name)) ?? followLinks(cleanName(name))) };
        function followLinks(name) {
            let target = links.get(name);
            for (let hops = 0; target !== undefined && hops < 40; hops++) {
                const found = files.get(target);
                if (found !== undefined)
                    return found;
                target = links.get(target);
            }
            return undefined;
        }
    }
    catch (e_2) {
        env_2.error = e_2;
        env_2.hasError = true;
    }
    finally {
        const result_2 = __disposeResources(env_2);
        if (result_2)
            await result_2;
    }
}
/** A name without `.`, `..`, doubled or leading slashes. It can't climb out of the folder or archive. */
function cleanName(name) {
    const parts = [];
    for (const part of name.split('/')) {
        if (part === '..')
            parts.pop();
        else if (part !== '' && part !== '.')
            parts.push(part);
    }
    return parts.join('/');
}

;// CONCATENATED MODULE: ./src/image/attestations.ts




const inToto = 'application/vnd.in-toto+json';
/** Whether a manifest is an attestation, in BuildKit's older form (an annotation) or its newer one (an artifact type). */
function isAttestation(descriptor, manifest) {
    return (descriptor.annotations['vnd.docker.reference.type'] === 'attestation-manifest' ||
        [descriptor.artifactType, manifest.artifactType].includes('application/vnd.docker.attestation.manifest.v1+json') ||
        (manifest.layers.length > 0 && manifest.layers.every((layer) => layer.mediaType === inToto)));
}
/** Names an attestation's statements. Throws `missing-blob` if one is not there. */
async function attestationOf(descriptor, manifest, files) {
    const reference = descriptor.annotations['vnd.docker.reference.digest'] ?? '';
    const statements = manifest.layers.map(async (layer) => {
        const blob = await files.find((0,digest/* blobName */.PF)(layer.digest));
        if (blob === undefined)
            throw new errors/* ImageError */.C('missing-blob', `attestation ${layer.digest} is not in the layout`);
        return { predicateType: layer.annotations['in-toto.io/predicate-type'] ?? '', descriptor: layer, blob };
    });
    return {
        digest: descriptor.digest,
        subject: (0,digest/* isDigest */.Bc)(reference) ? reference : manifest.subject?.digest,
        statements: await Promise.all(statements)
    };
}
/** The bytes of a statement, verified. Throws `wrong-digest`, and `limit` above `limit` bytes (an SBOM can be large). */
async function readStatement(statement, limit = 256 * 2 ** 20) {
    const { descriptor, blob } = statement;
    const what = `attestation ${descriptor.digest}`;
    const bytes = await readRange(blob, limit, what);
    (0,digest/* checkDigest */.H2)((0,digest/* hashFor */.Og)(descriptor.digest).update(bytes), descriptor.digest, what);
    return bytes;
}

// EXTERNAL MODULE: ./src/image/leaks/needles.ts + 1 modules
var leaks_needles = __webpack_require__(3016);
// EXTERNAL MODULE: ./src/image/leaks/stream.ts
var stream = __webpack_require__(7968);
;// CONCATENATED MODULE: ./src/image/leaks/findings.ts



/** Searches a text, a report before it is published say. Pure; an empty list is a clean text. */
function searchText(plan, text) {
    return groupHits((0,stream/* hitsIn */.M)(plan, text));
}
/** The text with every find replaced by `***`; a private key up to its END line. */
function redactText(plan, text) {
    const { search, needles } = (0,leaks_needles/* searchOf */.EP)(plan);
    const bytes = Buffer.from(text, 'utf8');
    const ranges = [];
    search.find(bytes, bytes.length, (pattern, start, end) => {
        const needle = needles[pattern];
        if (needle.kind === 'secret')
            ranges.push({ start, end });
        else {
            const keyEnd = endOfKey(bytes, end);
            if (keyEnd !== undefined)
                ranges.push({ start, end: keyEnd });
        }
    });
    if (ranges.length === 0)
        return text;
    ranges.sort((a, b) => a.start - b.start);
    const pieces = [];
    let at = 0;
    for (const { start, end } of ranges) {
        if (start > at || pieces.length === 0)
            pieces.push(bytes.toString('utf8', at, start), '***');
        at = Math.max(at, end);
    }
    return pieces.join('') + bytes.toString('utf8', at);
}
/** Findings in what is published with an image besides its layers: config, annotations, provenance and other attestations. */
async function searchDocuments(plan, image) {
    const findings = [];
    const search = (text, place) => {
        for (const leak of searchText(plan, text))
            findings.push({ ...leak, place });
    };
    for (const [field, text] of configTexts(image.config))
        search(text, { in: 'config', field: redactText(plan, field) });
    // Whatever has no name above is in the document all the same.
    const known = new Set(findings.map(identityOf));
    for (const leak of searchText(plan, image.configText)) {
        const named = leak.kind === 'secret' ? known.has(`secret ${leak.secretId}`) : known.has('private-key');
        if (!named)
            findings.push({ ...leak, place: { in: 'config', field: 'other' } });
    }
    const annotations = [image.annotations, ...image.layers.map(({ descriptor }) => descriptor.annotations)];
    for (const [name, text] of annotations.flatMap((some) => Object.entries(some))) {
        search(`${name}=${text}`, { in: 'annotation', name: redactText(plan, name) });
    }
    for (const statement of image.attestations.flatMap(({ statements }) => statements)) {
        const { digest } = statement.descriptor;
        search(await readStatement(statement), { in: 'attestation', digest, predicateType: statement.predicateType });
    }
    return findings;
}
/**
 * Groups hits at one place: each secret once, and each kind of key. A whole value tells more than a part of it, a raw one more than an
 * encoded one; what tells less is left out, and so is not counted.
 */
function groupHits(hits) {
    const groups = new Map();
    for (const hit of hits) {
        const identity = identityOfHit(hit);
        const key = hit.kind === 'secret' ? `secret ${hit.secretId}` : `key ${hit.format} ${hit.encrypted}`;
        const group = groups.get(key);
        const rank = group === undefined ? 1 : tellingRank(identity) - tellingRank(group);
        if (rank > 0)
            groups.set(key, { ...identity, count: 1 });
        else if (rank === 0 && group !== undefined)
            groups.set(key, { ...group, count: group.count + 1 });
    }
    return [...groups.values()];
}
const leastTelling = ['hex', 'json', 'url', 'base64url', 'base64', 'raw'];
function tellingRank(leak) {
    const whole = leak.kind === 'secret' && leak.extent === 'whole' ? leastTelling.length : 0;
    return whole + leastTelling.indexOf(leak.encoding);
}
/** A hit without its place. */
function identityOfHit(hit) {
    const { encoding } = hit;
    return hit.kind === 'secret'
        ? { kind: hit.kind, secretId: hit.secretId, encoding, extent: hit.extent }
        : { kind: hit.kind, format: hit.format, encrypted: hit.encrypted, encoding };
}
function identityOf(finding) {
    return finding.kind === 'secret' ? `secret ${finding.secretId}` : finding.kind;
}
/** Every text of a config that has a name people know, decoded from its JSON form. */
function configTexts(config) {
    const named = (name, texts) => texts.filter((text) => text !== undefined).map((text) => [name, text]);
    return [
        ...config.env.map((variable) => [`env ${variable.split('=', 1).join('')}`, variable]),
        ...Object.entries(config.labels).map(([name, text]) => [`label ${name}`, `${name}=${text}`]),
        ...config.history.flatMap((entry, at) => named(`history ${at}`, [entry.createdBy, entry.comment])),
        ...named('user', [config.user]),
        ...named('workingDir', [config.workingDir]),
        ...named('entrypoint', config.entrypoint),
        ...named('cmd', config.cmd),
        ...named('healthcheck', config.healthcheck),
        ...named('onBuild', config.onBuild),
        ...named('shell', config.shell),
        ...named('volumes', config.volumes)
    ];
}
/** Where an armoured key ends that begins before `from`; undefined where it has no END line and so is only mentioned. */
function endOfKey(bytes, from) {
    const end = bytes.indexOf('-----END ', from);
    const close = end === -1 ? -1 : bytes.indexOf('-----', end + 9);
    return close === -1 ? undefined : close + 5;
}

;// CONCATENATED MODULE: ./src/image/leaks/layers.ts

/** Findings in layers: the hits of each file together, with the layer and whether a container still sees the file. */
function layerFindings({ paths, overlay, scans }, layers, redact) {
    return scans.flatMap((scan, index) => {
        const { digest, createdBy } = layers[index];
        const places = new Map();
        for (const hit of scan.hits) {
            const key = `${placeOf(hit)} ${hit.path} ${hit.entry}`;
            const place = places.get(key);
            if (place === undefined)
                places.set(key, [hit]);
            else
                place.push(hit);
        }
        return [...places.values()].flatMap((hits) => {
            const { path, entry } = hits[0];
            const place = {
                in: placeOf(hits[0]),
                layer: { index, digest, createdBy },
                path: path === 0 ? '' : redact(paths.format(path)),
                live: entry !== 0 && overlay.live[path] === entry
            };
            return groupHits(hits.map(({ hit }) => hit)).map((leak) => ({ ...leak, place }));
        });
    });
}
function placeOf({ entry, path, inName }) {
    if (path === 0)
        return 'outside';
    return inName || entry === 0 ? 'name' : 'file';
}

// EXTERNAL MODULE: ./src/image/overlay.ts
var image_overlay = __webpack_require__(9497);
;// CONCATENATED MODULE: ./src/image/copies.ts


/** Compares each file of a layer with the one it replaced: same size and CRC-32 is the same content. None for no layer. */
function copiesOf({ paths, entries, overlay }, scan) {
    const all = { files: 0, size: 0 };
    const chown = { files: 0, size: 0 };
    const chmod = { files: 0, size: 0 };
    const list = largest(5);
    for (const entry of scan?.entries ?? []) {
        const below = overlay.replaced[entry];
        const before = overlay.content[below];
        const size = entries.size[entry];
        if (before === 0 || size === 0 || entries.type[entry] !== image_entries/* typeFile */.xF)
            continue;
        if (entries.size[before] !== size || entries.crc[before] !== entries.crc[entry])
            continue;
        add(all, size);
        if (entries.uid[entry] !== entries.uid[below] || entries.gid[entry] !== entries.gid[below])
            add(chown, size);
        if (entries.mode[entry] !== entries.mode[below])
            add(chmod, size);
        list.offer(entry, size);
    }
    const largestCopies = list
        .items()
        .map((entry) => ({ path: paths.format(entries.path[entry]), size: entries.size[entry] }));
    return { ...all, chown, chmod, paths: largestCopies };
}
function add(sum, size) {
    sum.files++;
    sum.size += size;
}

// EXTERNAL MODULE: external "node:buffer"
var external_node_buffer_ = __webpack_require__(4573);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(7975);
// EXTERNAL MODULE: ./src/image/tar/header.ts
var header = __webpack_require__(8068);
;// CONCATENATED MODULE: ./src/image/inflate.ts






/** Output of one inflating step. Larger pieces cost fewer trips through the thread pool, see docs/analysis.md. */
const chunkSize = 512 * 1024;
/** Finished pieces that may wait while the main thread works on one: inflating goes on in the thread pool meanwhile. */
const piecesAhead = 4;
/**
 * Reads a layer once: verifies the blob's digest, inflates, verifies the diffID, and hands each uncompressed piece to `sink`.
 * A piece is valid for good; nobody writes to it again. Takes gzip with several members and zstd with several frames.
 *
 * Throws `wrong-digest`, `wrong-size`, `corrupt-layer`, `limit`, and whatever `sink` throws.
 */
async function inflateLayer(layer, sink, limits, signal) {
    const { blob, descriptor, diffID } = layer;
    const what = `layer ${descriptor.digest}`;
    if (blob === undefined)
        throw new errors/* ImageError */.C('missing-blob', `${what} is not in the layout`);
    const blobHash = (0,digest/* hashFor */.Og)(descriptor.digest);
    const tarHash = (0,digest/* hashFor */.Og)(diffID);
    let tarSize = 0;
    const take = (piece) => {
        tarSize += piece.length;
        checkBomb(tarSize, blob.size, limits, what);
        tarHash.update(piece);
        sink(piece);
    };
    const magic = await readRange({ ...blob, size: Math.min(blob.size, 4) }, 4, what);
    const compression = compressionOf(magic);
    // Hashing follows each piece on its way in, so that the blob is read once.
    const pieces = blob.size === 0 ? [] : hashed(streamRange(blob), (piece) => blobHash.update(piece), signal);
    if (compression === 'none')
        for await (const piece of pieces)
            take(piece);
    else
        await inflate(pieces, compression, take, limits, what);
    if (layer.named)
        (0,digest/* checkDigest */.H2)(blobHash, descriptor.digest, `${what}: the blob`);
    (0,digest/* checkDigest */.H2)(tarHash, diffID, `${what}: the uncompressed tar`);
    return { compression, tarSize };
}
/** By magic bytes: RFC 1952 section 2.3.1, RFC 8878 sections 3.1.1 and 3.1.2. */
function compressionOf(magic) {
    if (magic[0] === 0x1f && magic[1] === 0x8b)
        return 'gzip';
    if (magic[0] === 0x28 && magic[1] === 0xb5 && magic[2] === 0x2f && magic[3] === 0xfd)
        return 'zstd';
    if ((magic[0] & 0xf0) === 0x50 && magic[1] === 0x2a && magic[2] === 0x4d && magic[3] === 0x18)
        return 'zstd';
    return 'none';
}
async function* hashed(source, update, signal) {
    for await (const piece of source) {
        signal?.throwIfAborted();
        if (!Buffer.isBuffer(piece))
            throw new TypeError('a file stream without encoding yields buffers');
        update(piece);
        yield piece;
    }
}
async function inflate(pieces, compression, take, limits, what) {
    let stream;
    try {
        for await (const piece of pieces) {
            let rest = piece;
            while (rest.length > 0) {
                stream ??= inflateStream(compression === 'gzip' ? gunzip() : unzstd(limits), take);
                const consumed = await stream.write(rest);
                if (consumed === rest.length)
                    break;
                // Node ends its stream where a zstd frame ends inside a write, and where a gzip member is followed by zeros.
                await stream.end();
                stream = undefined;
                rest = rest.subarray(consumed);
                if (compression === 'gzip') {
                    if (!(0,header/* isZero */.be)(rest, 0, rest.length))
                        throw new errors/* ImageError */.C('corrupt-layer', `${what}: bytes follow the gzip stream`);
                    break;
                }
            }
        }
        await stream?.end();
    }
    catch (caught) {
        if (!isZlibError(caught))
            throw caught;
        throw new errors/* ImageError */.C('corrupt-layer', `${what} does not inflate as ${compression}: ${(0,errors/* reasonOf */.A)(caught)}`, {
            cause: caught
        });
    }
    finally {
        stream?.destroy();
    }
}
function gunzip() {
    return (0,external_node_zlib_.createGunzip)({ chunkSize });
}
function unzstd(limits) {
    return (0,external_node_zlib_.createZstdDecompress)({ chunkSize, params: { [external_node_zlib_.constants.ZSTD_d_windowLogMax]: limits.zstdWindowLog } });
}
/**
 * One decompressor. Output is queued and taken after the callback that brought it, because node starts the next
 * inflating step only when that callback returns: so the thread pool inflates while this thread searches.
 */
function inflateStream(stream, take) {
    const queue = [];
    let scheduled = false;
    let failure;
    let ended = false;
    let wake = () => undefined;
    stream.on('data', (piece) => {
        queue.push(piece);
        if (queue.length >= piecesAhead)
            stream.pause();
        if (!scheduled) {
            scheduled = true;
            setImmediate(work);
        }
    });
    stream.on('end', () => {
        ended = true;
        wake();
    });
    stream.on('error', fail);
    return { write, end, destroy: () => void stream.destroy() };
    function work() {
        scheduled = false;
        const piece = queue.shift();
        if (piece === undefined || failure !== undefined)
            return;
        try {
            take(piece);
        }
        catch (error) {
            fail(error);
            return;
        }
        if (queue.length < piecesAhead && stream.isPaused())
            stream.resume();
        if (queue.length > 0) {
            scheduled = true;
            setImmediate(work);
        }
        else
            wake();
    }
    function fail(error) {
        failure ??= { error };
        stream.destroy();
        wake();
    }
    async function until(done) {
        while (failure === undefined && !done()) {
            await new Promise((resolve) => {
                wake = resolve;
            });
        }
        // Reported as it came, with its own type.
        if (failure !== undefined)
            throw failure.error;
    }
    async function write(piece) {
        const before = stream.bytesWritten;
        let written = false;
        stream.write(piece, () => {
            written = true;
            wake();
        });
        await until(() => written || ended);
        return stream.bytesWritten - before;
    }
    async function end() {
        if (!ended)
            stream.end();
        await until(() => ended && queue.length === 0);
    }
}
function checkBomb(tarSize, blobSize, limits, what) {
    if (tarSize > limits.layerBytes) {
        throw new errors/* ImageError */.C('limit', `${what} inflates to more than ${limits.layerBytes} bytes`);
    }
    if (tarSize > limits.ratioFrom && tarSize > blobSize * limits.ratio) {
        throw new errors/* ImageError */.C('limit', `${what} inflates to more than ${limits.ratio} times its size`);
    }
}
function isZlibError(caught) {
    return external_node_util_.types.isNativeError(caught) && 'code' in caught && /^(?:Z_|ZSTD_|ERR_)/.test(String(caught.code));
}

;// CONCATENATED MODULE: ./src/image/scan.ts








const whiteoutPrefix = Buffer.from('.wh.');
const aufsPrefix = Buffer.from('.wh..wh.');
const opaqueMarker = Buffer.from('.wh..wh..opq');
const slash = 0x2f;
/** Reads a layer once and lists what is in it. Throws what `inflateLayer` throws. */
async function scanLayer(layer, index, options) {
    const { paths, entries, limits, signal } = options;
    const hits = options.needles === undefined ? undefined : (0,stream/* hitStream */.U)(options.needles);
    const listed = intList();
    const whiteouts = [];
    const opaques = [];
    const spans = spanList(entries);
    const content = contentHash();
    let current;
    let currentEntry = 0;
    let crc = 0;
    let climbing = 0;
    let invalidNames = 0;
    let invalidWhiteouts = 0;
    let unknownTypes = 0;
    const reader = (0,tar_reader/* tarReader */.R)({
        entry: (entry) => {
            current = entry;
            crc = 0;
            currentEntry = 0;
            if (!(0,external_node_buffer_.isUtf8)(entry.path))
                invalidNames++;
            const climbsBefore = paths.climbs();
            const path = placeEntry(entry);
            if (paths.climbs() > climbsBefore)
                climbing++;
            if (hits === undefined)
                return;
            spans.add(entry, currentEntry, path);
            if (entry.pathJoined)
                hits.aside(entry.path, entry.headerOffset);
        },
        content: (bytes) => {
            crc = (0,external_node_zlib_.crc32)(bytes, crc);
        },
        entryEnd: () => {
            entries.crc[currentEntry] = crc;
            if (current !== undefined)
                content.add(current, crc);
        }
    }, limits);
    const { compression, tarSize } = await inflateLayer(layer, (piece) => {
        hits?.write(piece);
        reader.write(piece);
    }, limits, signal);
    reader.end();
    const found = hits?.end();
    const notes = [];
    if (climbing > 0)
        notes.push(`has ${count(climbing, 'name')} with "..": read as the engines do, which never leave the root`);
    if (invalidNames > 0)
        notes.push(`has ${count(invalidNames, 'name')} that are no UTF-8, shown with U+FFFD`);
    if (invalidWhiteouts > 0)
        notes.push(`has ${count(invalidWhiteouts, 'whiteout')} without a name, ignored`);
    if (unknownTypes > 0)
        notes.push(`has ${count(unknownTypes, 'entry', 'entries')} of a type that is no file, ignored`);
    if (reader.trailing() > 0)
        notes.push('has bytes after the end of its archive, which the engines do not extract');
    return {
        compression,
        tarSize,
        entries: listed.values(),
        whiteouts,
        opaques,
        contentDigest: content.digest(),
        hits: (found?.hits ?? []).map((hit) => ({ hit, ...spans.placeOf(hit.offset) })),
        droppedHits: found?.dropped ?? 0,
        notes
    };
    /** Lists an entry as what it is: a whiteout, or something at a path. Returns the path. */
    function placeEntry(entry) {
        const { path } = entry;
        let end = path.length;
        while (end > 0 && path[end - 1] === slash)
            end--;
        const start = path.lastIndexOf(slash, end - 1) + 1;
        if (!startsWith(path, whiteoutPrefix, start, end))
            return addFile(entry);
        const folder = paths.path(path.subarray(0, start));
        if (startsWith(path, aufsPrefix, start, end)) {
            // https://github.com/opencontainers/image-spec/blob/main/layer.md#opaque-whiteout; the rest of that prefix is AUFS's own.
            if (end - start === opaqueMarker.length && startsWith(path, opaqueMarker, start, end))
                opaques.push(folder);
            return folder;
        }
        const name = path.subarray(start + whiteoutPrefix.length, end);
        if (name.length === 0 || name.equals(Buffer.from('.')) || name.equals(Buffer.from('..'))) {
            invalidWhiteouts++;
            return folder;
        }
        const hidden = paths.child(folder, name, 0, name.length);
        whiteouts.push(hidden);
        return hidden;
    }
    function addFile(entry) {
        const path = paths.path(entry.path);
        if (entry.type === 'other')
            unknownTypes++;
        currentEntry = (0,image_entries/* addEntry */.An)(entries, { layer: index, path, link: linkOf(entry), tar: entry }, limits);
        if (entries.type[currentEntry] !== image_entries/* typeOther */.DV)
            listed.push(currentEntry);
        return path;
    }
    function linkOf(entry) {
        if (entry.type === 'hard-link')
            return paths.path(entry.linkPath);
        if (entry.type === 'symlink')
            return paths.text(entry.linkPath);
        return entry.type === 'character-device' || entry.type === 'block-device'
            ? (entry.deviceMajor << 20) | (entry.deviceMinor & 0xfffff)
            : 0;
    }
}
function spanList(entries) {
    let starts = new Float64Array(64);
    let headers = new Uint32Array(64);
    // An entry's number, or the path of a whiteout as a negative number.
    let owners = new Int32Array(64);
    let length = 0;
    let end = 0;
    return {
        add: (entry, number, path) => {
            if (length === starts.length) {
                starts = (0,image_paths/* resized */.tV)(starts, new Float64Array(length * 2));
                headers = (0,image_paths/* resized */.tV)(headers, new Uint32Array(length * 2));
                owners = (0,image_paths/* resized */.tV)(owners, new Int32Array(length * 2));
            }
            starts[length] = entry.headerOffset;
            headers[length] = entry.dataOffset - entry.headerOffset;
            owners[length++] = number === 0 ? -path : number;
            end = entry.dataOffset + entry.storedSize;
        },
        placeOf: (offset) => {
            if (length === 0 || offset < starts[0] || offset >= end)
                return { path: 0, entry: 0, inName: false };
            let low = 0;
            let high = length;
            while (low < high) {
                const middle = (low + high) >>> 1;
                if (starts[middle] <= offset)
                    low = middle + 1;
                else
                    high = middle;
            }
            const at = low - 1;
            const owner = owners[at];
            if (owner < 0)
                return { path: -owner, entry: 0, inName: true };
            return { path: entries.path[owner], entry: owner, inName: offset < starts[at] + headers[at] };
        }
    };
}
/** Collects what an engine would extract and hashes it in large pieces: one call per entry would cost more than the hashing. */
function contentHash() {
    const hash = (0,external_node_crypto_.createHash)('sha256');
    const buffer = Buffer.alloc(64 * 1024);
    let filled = 0;
    const text = (bytes) => {
        if (filled + 4 + bytes.length > buffer.length)
            flush();
        buffer.writeUInt32LE(bytes.length, filled);
        filled += 4;
        if (bytes.length > buffer.length - 4) {
            flush();
            hash.update(bytes);
        }
        else {
            buffer.set(bytes, filled);
            filled += bytes.length;
        }
    };
    const flush = () => {
        hash.update(buffer.subarray(0, filled));
        filled = 0;
    };
    return {
        add: (entry, crc) => {
            if (filled + 64 > buffer.length)
                flush();
            buffer.write(entry.type.padEnd(17), filled, 'latin1');
            filled += 17;
            for (const number of [entry.mode, entry.uid, entry.gid, entry.deviceMajor, entry.deviceMinor, crc]) {
                buffer.writeUInt32LE(number >>> 0, filled);
                filled += 4;
            }
            buffer.writeDoubleLE(entry.size, filled);
            filled += 8;
            text(entry.path);
            text(entry.linkPath);
            for (const attribute of entry.attributes)
                text(attribute);
        },
        digest: () => {
            flush();
            return `sha256:${hash.digest('hex')}`;
        }
    };
}
function intList() {
    let list = new Int32Array(64);
    let length = 0;
    return {
        push: (value) => {
            if (length === list.length) {
                const grown = new Int32Array(length * 2);
                grown.set(list);
                list = grown;
            }
            list[length++] = value;
        },
        values: () => list.subarray(0, length)
    };
}
function startsWith(bytes, prefix, start, end) {
    if (end - start < prefix.length)
        return false;
    for (let at = 0; at < prefix.length; at++)
        if (bytes[start + at] !== prefix[at])
            return false;
    return true;
}
function count(number, singular, plural = `${singular}s`) {
    return `${number} ${number === 1 ? singular : plural}`;
}

;// CONCATENATED MODULE: ./src/image/analysis.ts












/** Layers inflated side by side: more than the cores gain nothing, and each holds a few megabytes. */
const mostAtOnce = 4;
/**
 * Reads every layer of an image once, several side by side, and says what is in it. Verifies blobs and diffIDs on the way.
 * Throws `ImageError` where an image is not what it claims to be, and the signal's reason when aborted.
 */
async function analyseImage(image, options = {}) {
    const limits = { ...image_limits/* defaultLimits */.M, ...options.limits };
    const top = options.top ?? 20;
    const { needles } = options;
    const baseCount = countBase(image, options.baseDiffIDs ?? []);
    const isBase = (layer) => layer < baseCount;
    const paths = (0,image_paths/* pathTable */.Gf)();
    const entries = (0,image_entries/* entryTable */.Vy)();
    const redact = (text) => (needles === undefined ? text : redactText(needles, text));
    const omissions = [...(needles?.omissions ?? [])];
    if (options.baseDiffIDs !== undefined && options.baseDiffIDs.length > baseCount) {
        omissions.push(`the base image has ${options.baseDiffIDs.length} layers, of which only ${baseCount} are in this image`);
    }
    const scans = await inParallel(image.layers.length, options.signal, (at, signal) => {
        const layer = image.layers[at];
        if (layer.blob === undefined)
            return Promise.resolve(absentLayer);
        return scanLayer(layer, at, { paths, entries, limits, signal, needles: isBase(at) ? undefined : needles });
    });
    const overlay = (0,image_overlay/* overlayLayers */.B)(paths, entries, scans);
    const tree = { paths, entries, overlay, scans, isBase };
    const figures = weigh(tree, top);
    const instructions = layerInstructions(image.config.history, image.layers.length);
    const layers = image.layers.map(({ descriptor, diffID }, index) => {
        const scan = scans[index];
        const createdBy = instructions[index];
        return {
            index,
            digest: descriptor.digest,
            diffID,
            mediaType: descriptor.mediaType,
            compression: scan.compression,
            transferSize: descriptor.size,
            tarSize: scan.tarSize,
            entries: scan.entries.length,
            files: overlay.files[index],
            createdBy: createdBy === undefined ? undefined : redact(createdBy),
            base: isBase(index),
            empty: scan.entries.length + scan.whiteouts.length + scan.opaques.length === 0,
            contentDigest: scan.contentDigest,
            copies: copiesOf(tree, isBase(index) ? undefined : scan),
            ...layerFiles(tree, scan, figures.shown)
        };
    });
    for (const [index, { descriptor, blob }] of image.layers.entries()) {
        if (blob === undefined)
            omissions.push(`layer ${index} (${descriptor.digest}) is not in the layout and was not examined`);
        for (const note of [...scans[index].notes, ...overlay.notes[index]])
            omissions.push(`layer ${index} ${note}`);
        const { droppedHits } = scans[index];
        if (droppedHits > 0)
            omissions.push(`layer ${index} has ${droppedHits} more finds than are listed`);
    }
    const home = image.config.env.find((variable) => variable.startsWith('HOME='))?.slice(5);
    return {
        platform: image.platformName,
        manifestDigest: image.manifestDigest,
        configDigest: image.configDigest,
        size: figures.size,
        transferSize: transferSizeOf(image),
        layers,
        reclaimable: figures.reclaimable,
        efficiency: figures.size === 0 ? 1 : figures.live / figures.size,
        biggestFiles: figures.biggestFiles,
        biggestDirectories: figures.biggestDirectories,
        packageCaches: packageCaches(tree, figures.shown, home === undefined ? [] : [home]),
        modes: modeFacts(tree, 100),
        clients: clientPrograms(tree),
        testOnly: testOnlyPaths(tree, figures.shown, options.testOnlyPaths ?? []),
        leaks: needles === undefined ? [] : [...layerFindings(tree, layers, redact), ...(await searchDocuments(needles, image))],
        leakSearch: needles === undefined
            ? undefined
            : {
                layers: image.layers.flatMap(({ blob }, index) => (isBase(index) || blob === undefined ? [] : [index])),
                secretIds: needles.secretIds,
                bytes: scans.reduce((sum, scan, index) => sum + (isBase(index) ? 0 : scan.tarSize), 0)
            },
        omissions,
        tree
    };
}
const absentLayer = {
    compression: 'none',
    tarSize: 0,
    entries: new Int32Array(0),
    whiteouts: [],
    opaques: [],
    contentDigest: `sha256:${'0'.repeat(64)}`,
    hits: [],
    droppedHits: 0,
    notes: []
};
/** Base layers are those that both images have from the bottom on: a layer's diffID is its content's name. */
function countBase(image, baseDiffIDs) {
    const differs = image.layers.findIndex(({ diffID }, at) => diffID !== baseDiffIDs[at]);
    return differs === -1 ? image.layers.length : differs;
}
/** A registry keeps and sends a blob once, however often a manifest names it. */
function transferSizeOf(image) {
    const blobs = new Map(image.layers.map(({ descriptor }) => [descriptor.digest, descriptor.size]));
    return image.configSize + image.manifestSize + [...blobs.values()].reduce((sum, size) => sum + size, 0);
}
function layerFiles({ paths, entries }, scan, shown) {
    let size = 0;
    const list = largest(5);
    for (const entry of scan.entries) {
        if (entries.type[entry] !== image_entries/* typeFile */.xF)
            continue;
        size += entries.size[entry];
        list.offer(entry, entries.size[entry]);
    }
    const biggestFiles = list.items().map((entry) => ({
        path: paths.format(entries.path[entry]),
        size: entries.size[entry],
        live: shown[entry] === 1
    }));
    return { size, biggestFiles };
}
/** Runs `work` for 0 to `count` - 1, a few at a time. The first failure stops the others and is thrown. */
async function inParallel(count, signal, work) {
    const stop = new AbortController();
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const results = [];
    let next = 0;
    const runner = async () => {
        while (next < count && !either.aborted) {
            const at = next++;
            results[at] = await work(at, either);
        }
    };
    const runners = Array.from({ length: Math.min(count, mostAtOnce, (0,external_node_os_.availableParallelism)() + 1) }, runner);
    try {
        await Promise.all(runners);
    }
    catch (caught) {
        stop.abort(caught);
        await Promise.allSettled(runners);
        throw caught;
    }
    signal?.throwIfAborted();
    return results;
}

// EXTERNAL MODULE: ./src/image/json.ts
var image_json = __webpack_require__(739);
;// CONCATENATED MODULE: ./src/image/documents.ts



/** `os/architecture` or `os/architecture/variant`, as `--platform` takes it. */
function platformName(platform) {
    const variant = platform.variant === undefined ? '' : `/${platform.variant}`;
    return `${platform.os}/${platform.architecture}${variant}`;
}
/** Reads an index or a manifest; throws `corrupt-document` naming `what`. */
function readDocument(json, what) {
    if (Array.isArray(json.manifests)) {
        const manifests = json.manifests.map((item, at) => readDescriptor(item, `${what}: manifests[${at}]`));
        return { kind: 'index', manifests, annotations: (0,image_json/* stringMapOf */.pn)(json.annotations) };
    }
    if (!(0,image_json/* isObject */.Gv)(json.config)) {
        throw new errors/* ImageError */.C('corrupt-document', `${what} is neither an index (no manifests) nor a manifest (no config)`);
    }
    return {
        kind: 'manifest',
        mediaType: (0,image_json/* stringOf */.Je)(json.mediaType),
        artifactType: (0,image_json/* stringOf */.Je)(json.artifactType),
        config: readDescriptor(json.config, `${what}: config`),
        layers: (0,image_json/* asArray */._j)(json.layers, `${what}: layers`).map((item, at) => readDescriptor(item, `${what}: layers[${at}]`)),
        subject: json.subject === undefined ? undefined : readDescriptor(json.subject, `${what}: subject`),
        annotations: (0,image_json/* stringMapOf */.pn)(json.annotations)
    };
}
function readDescriptor(value, what) {
    const json = (0,image_json/* asObject */.eB)(value, what);
    const size = json.size;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
        throw new errors/* ImageError */.C('corrupt-document', `${what}: size is not a whole number of bytes`);
    }
    return {
        mediaType: (0,image_json/* stringOf */.Je)(json.mediaType) ?? '',
        digest: (0,digest/* parseDigest */.m)((0,image_json/* asString */.oJ)(json.digest, `${what}: digest`), what),
        size,
        annotations: (0,image_json/* stringMapOf */.pn)(json.annotations),
        platform: readPlatform(json.platform),
        artifactType: (0,image_json/* stringOf */.Je)(json.artifactType),
        urls: (0,image_json/* stringsOf */.iw)(json.urls)
    };
}
function readPlatform(value) {
    if (!(0,image_json/* isObject */.Gv)(value))
        return undefined;
    const os = (0,image_json/* stringOf */.Je)(value.os);
    const architecture = (0,image_json/* stringOf */.Je)(value.architecture);
    if (os === undefined || architecture === undefined)
        return undefined;
    return { os, architecture, variant: (0,image_json/* stringOf */.Je)(value.variant), osVersion: (0,image_json/* stringOf */.Je)(value['os.version']) };
}
/** Reads an image config; throws `corrupt-document` naming `what`. */
function readConfig(json, what) {
    const rootfs = (0,image_json/* asObject */.eB)(json.rootfs, `${what}: rootfs`);
    const config = (0,image_json/* isObject */.Gv)(json.config) ? json.config : {};
    const healthcheck = (0,image_json/* isObject */.Gv)(config.Healthcheck) ? config.Healthcheck : {};
    const keysOf = (value) => ((0,image_json/* isObject */.Gv)(value) ? Object.keys(value) : []);
    return {
        created: (0,image_json/* stringOf */.Je)(json.created),
        os: (0,image_json/* stringOf */.Je)(json.os) ?? 'unknown',
        architecture: (0,image_json/* stringOf */.Je)(json.architecture) ?? 'unknown',
        variant: (0,image_json/* stringOf */.Je)(json.variant),
        osVersion: (0,image_json/* stringOf */.Je)(json['os.version']),
        user: (0,image_json/* stringOf */.Je)(config.User),
        env: (0,image_json/* stringsOf */.iw)(config.Env),
        entrypoint: (0,image_json/* stringsOf */.iw)(config.Entrypoint),
        cmd: (0,image_json/* stringsOf */.iw)(config.Cmd),
        argsEscaped: config.ArgsEscaped === true,
        workingDir: (0,image_json/* stringOf */.Je)(config.WorkingDir),
        labels: (0,image_json/* stringMapOf */.pn)(config.Labels),
        exposedPorts: keysOf(config.ExposedPorts),
        volumes: keysOf(config.Volumes),
        healthcheck: (0,image_json/* stringsOf */.iw)(healthcheck.Test),
        shell: (0,image_json/* stringsOf */.iw)(config.Shell),
        onBuild: (0,image_json/* stringsOf */.iw)(config.OnBuild),
        stopSignal: (0,image_json/* stringOf */.Je)(config.StopSignal),
        history: (0,image_json/* asArray */._j)(json.history, `${what}: history`).map(readHistoryEntry),
        diffIDs: (0,image_json/* asArray */._j)(rootfs.diff_ids, `${what}: rootfs.diff_ids`).map((item, at) => (0,digest/* parseDigest */.m)((0,image_json/* asString */.oJ)(item, `${what}: diff_ids[${at}]`), `${what}: diff_ids[${at}]`))
    };
}
function readHistoryEntry(value) {
    const json = (0,image_json/* isObject */.Gv)(value) ? value : {};
    return {
        created: (0,image_json/* stringOf */.Je)(json.created),
        createdBy: (0,image_json/* stringOf */.Je)(json.created_by),
        comment: (0,image_json/* stringOf */.Je)(json.comment),
        emptyLayer: json.empty_layer === true
    };
}

;// CONCATENATED MODULE: ./src/image/docker-save.ts





const layerMediaType = 'application/vnd.docker.image.rootfs.diff.tar';
/**
 * Reads `docker save` as it was before version 25, and what imitates it (kaniko, go-containerregistry): a manifest.json that names
 * a config and one tar per layer. There is no manifest in the registry's sense, and no digest of a layer but its diffID.
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
async function readDockerSave(path, files, manifestFile, limits, name) {
    const json = (0,image_json/* parseJson */.qF)(await readRange(manifestFile, limits.documentBytes, 'manifest.json'), 'manifest.json');
    const entries = (0,image_json/* asArray */._j)(json, 'manifest.json').map((item, at) => {
        const entry = (0,image_json/* asObject */.eB)(item, `manifest.json[${at}]`);
        return {
            config: (0,image_json/* asString */.oJ)(entry.Config, `manifest.json[${at}].Config`),
            names: (0,image_json/* stringsOf */.iw)(entry.RepoTags),
            layers: (0,image_json/* asArray */._j)(entry.Layers, `manifest.json[${at}].Layers`).map((layer) => (0,image_json/* asString */.oJ)(layer, `manifest.json[${at}].Layers`))
        };
    });
    const chosen = entries.filter((entry) => name === undefined || entry.names.includes(name));
    if (name !== undefined && chosen.length === 0) {
        const names = entries.flatMap((entry) => entry.names).join(', ');
        throw new errors/* ImageError */.C('not-an-image', `${path} has no image named ${name}; it has: ${names === '' ? 'no names' : names}`);
    }
    const images = [];
    for (const entry of chosen) {
        const configFile = await files.find(entry.config);
        if (configFile === undefined)
            throw new errors/* ImageError */.C('missing-blob', `config ${entry.config} is not in the archive`);
        const bytes = await readRange(configFile, limits.documentBytes, entry.config);
        const configDigest = (0,digest/* sha256Of */.Bj)(bytes);
        checkName(entry.config, configDigest);
        const config = readConfig((0,image_json/* parseJsonObject */.dw)(bytes, entry.config), entry.config);
        if (config.diffIDs.length !== entry.layers.length) {
            throw new errors/* ImageError */.C('corrupt-document', `manifest.json names ${entry.layers.length} layers, ${entry.config} ${config.diffIDs.length} diffIDs`);
        }
        const layers = entry.layers.map(async (layer, at) => {
            const blob = await files.find(layer);
            if (blob === undefined)
                throw new errors/* ImageError */.C('missing-blob', `layer ${layer} is not in the archive`);
            const diffID = config.diffIDs[at];
            const descriptor = {
                mediaType: layerMediaType,
                digest: diffID,
                size: blob.size,
                annotations: {},
                platform: undefined,
                artifactType: undefined,
                urls: []
            };
            return { descriptor, diffID, blob, named: false };
        });
        images.push({
            platform: {
                os: config.os,
                architecture: config.architecture,
                variant: config.variant,
                osVersion: config.osVersion
            },
            platformName: platformName(config),
            manifestDigest: undefined,
            manifestSize: 0,
            mediaType: 'application/vnd.docker.distribution.manifest.v2+json',
            config,
            configDigest,
            configSize: bytes.length,
            configText: bytes.toString('utf8'),
            layers: await Promise.all(layers),
            annotations: {},
            names: entry.names,
            attestations: []
        });
    }
    return {
        format: 'docker-save',
        images,
        references: images.map((image) => ({
            name: image.names[0],
            digest: image.configDigest,
            mediaType: 'application/vnd.docker.container.image.v1+json'
        })),
        strayAttestations: [],
        others: []
    };
}
/** Docker names the config by its digest: hold it to that where the name is one. */
function checkName(name, digest) {
    const hex = /([a-f0-9]{64})(?:\.json)?$/.exec(name)?.[1];
    if (hex !== undefined && digest !== `sha256:${hex}`) {
        throw new errors/* ImageError */.C('wrong-digest', `config ${name} has digest ${digest}`);
    }
}

;// CONCATENATED MODULE: ./src/image/layout.ts









/**
 * Opens an OCI layout (folder or tar) or a docker-save archive (folder or tar, old or new) and reads its manifests and configs.
 * Layers are only located. Documents are verified against their digests.
 * https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 *
 * Throws `ImageError`: `not-an-image`, `missing-blob`, `wrong-digest`, `wrong-size`, `corrupt-document`, `limit`.
 */
async function readImages(path, options = {}) {
    const limits = { ...image_limits/* defaultLimits */.M, ...options.limits };
    const found = await (0,promises_.stat)(path).catch(() => undefined);
    if (found === undefined)
        throw new errors/* ImageError */.C('not-an-image', `${path} does not exist`);
    if (!found.isDirectory() && !found.isFile()) {
        throw new errors/* ImageError */.C('not-an-image', `${path} is neither a folder nor a file`);
    }
    const files = found.isDirectory() ? folderFiles(path) : await archiveFiles(path, options.signal);
    const index = await files.find('index.json');
    if (index !== undefined)
        return readLayout(path, files, index, limits, options);
    const manifest = await files.find('manifest.json');
    if (manifest !== undefined)
        return readDockerSave(path, files, manifest, limits, options.name);
    throw new errors/* ImageError */.C('not-an-image', `${path} holds neither index.json (OCI layout) nor manifest.json (docker save)`);
}
async function readLayout(path, files, indexFile, limits, options) {
    const marker = await files.find('oci-layout');
    if (marker !== undefined) {
        const version = (0,image_json/* parseJsonObject */.dw)(await readRange(marker, limits.documentBytes, 'oci-layout'), 'oci-layout').imageLayoutVersion;
        if (typeof version !== 'string' || !version.startsWith('1.')) {
            throw new errors/* ImageError */.C('unsupported', `${path}: imageLayoutVersion ${JSON.stringify(version)} is not 1.x`);
        }
    }
    const index = readDocument((0,image_json/* parseJsonObject */.dw)(await readRange(indexFile, limits.documentBytes, 'index.json'), 'index.json'), 'index.json');
    if (index.kind !== 'index')
        throw new errors/* ImageError */.C('corrupt-document', 'index.json is a manifest, not an index');
    const roots = index.manifests.filter((root) => options.name === undefined || namesOf(root).includes(options.name));
    if (options.name !== undefined && roots.length === 0) {
        const names = index.manifests.flatMap(namesOf).join(', ');
        throw new errors/* ImageError */.C('not-an-image', `${path} has no image named ${options.name}; it has: ${names === '' ? 'no names' : names}`);
    }
    const images = new Map();
    const attestations = [];
    const others = new Map();
    let visited = 0;
    for (const root of roots)
        await descend(root, namesOf(root), index.annotations, 0);
    return {
        format: 'oci-layout',
        images: [...images.values()].map((image) => ({
            ...image,
            attestations: attestations.filter((attestation) => attestation.subject === image.manifestDigest)
        })),
        references: roots.map((root) => ({ name: namesOf(root)[0], digest: root.digest, mediaType: root.mediaType })),
        strayAttestations: attestations.filter(({ subject }) => subject === undefined || !images.has(subject)),
        others: [...others.values()]
    };
    async function descend(descriptor, names, annotations, depth) {
        options.signal?.throwIfAborted();
        if (++visited > limits.manifests)
            throw new errors/* ImageError */.C('limit', `${path}: more than ${limits.manifests} manifests`);
        // Digests make a true cycle impossible, yet index.json has none, and a chain can be made as long as one likes.
        if (depth > limits.indexDepth)
            throw new errors/* ImageError */.C('limit', `${path}: indices nested deeper than ${limits.indexDepth}`);
        const known = images.get(descriptor.digest);
        if (known !== undefined) {
            images.set(descriptor.digest, { ...known, names: [...new Set([...known.names, ...names])] });
            return;
        }
        const what = `manifest ${descriptor.digest}`;
        const json = (0,image_json/* parseJsonObject */.dw)(await readBlob(files, descriptor, limits.documentBytes, what), what);
        const document = readDocument(json, what);
        if (document.kind === 'index') {
            const around = { ...annotations, ...descriptor.annotations, ...document.annotations };
            for (const child of document.manifests)
                await descend(child, names, around, depth + 1);
        }
        else if (isAttestation(descriptor, document)) {
            if (attestations.some(({ digest }) => digest === descriptor.digest))
                return;
            attestations.push(await attestationOf(descriptor, document, files));
        }
        else if (!isImageConfig(document.config.mediaType)) {
            others.set(descriptor.digest, {
                digest: descriptor.digest,
                mediaType: document.artifactType ?? document.config.mediaType
            });
        }
        else {
            const image = await readImage(files, descriptor, document, limits);
            images.set(descriptor.digest, { ...image, names, annotations: { ...annotations, ...image.annotations } });
        }
    }
}
async function readImage(files, descriptor, manifest, limits) {
    const what = `config ${manifest.config.digest}`;
    const bytes = await readBlob(files, manifest.config, limits.documentBytes, what);
    const config = readConfig((0,image_json/* parseJsonObject */.dw)(bytes, what), what);
    if (config.diffIDs.length !== manifest.layers.length) {
        throw new errors/* ImageError */.C('corrupt-document', `manifest ${descriptor.digest} has ${manifest.layers.length} layers, its config ${config.diffIDs.length} diffIDs`);
    }
    const platform = descriptor.platform ?? config;
    const layers = manifest.layers.map(async (layer, at) => {
        const blob = await files.find((0,digest/* blobName */.PF)(layer.digest));
        if (blob === undefined && !isForeign(layer)) {
            throw new errors/* ImageError */.C('missing-blob', `layer ${at} (${layer.digest}) is not in the layout`);
        }
        if (blob !== undefined && blob.size !== layer.size)
            throw wrongSize(`layer ${at} (${layer.digest})`, blob.size, layer.size);
        return { descriptor: layer, diffID: config.diffIDs[at], blob, named: true };
    });
    return {
        platform: {
            os: platform.os,
            architecture: platform.architecture,
            variant: platform.variant,
            osVersion: platform.osVersion
        },
        platformName: platformName(platform),
        manifestDigest: descriptor.digest,
        manifestSize: descriptor.size,
        mediaType: manifest.mediaType ?? descriptor.mediaType,
        config,
        configDigest: manifest.config.digest,
        configSize: manifest.config.size,
        configText: bytes.toString('utf8'),
        layers: await Promise.all(layers),
        annotations: { ...descriptor.annotations, ...manifest.annotations },
        names: [],
        attestations: []
    };
}
/** Reads and verifies a small blob. */
async function readBlob(files, descriptor, limit, what) {
    const blob = await files.find((0,digest/* blobName */.PF)(descriptor.digest));
    if (blob === undefined)
        throw new errors/* ImageError */.C('missing-blob', `${what} is not in the layout`);
    if (blob.size !== descriptor.size)
        throw wrongSize(what, blob.size, descriptor.size);
    const bytes = await readRange(blob, limit, what);
    (0,digest/* checkDigest */.H2)((0,digest/* hashFor */.Og)(descriptor.digest).update(bytes), descriptor.digest, what);
    return bytes;
}
function namesOf(descriptor) {
    const { annotations } = descriptor;
    return [annotations['io.containerd.image.name'], annotations['org.opencontainers.image.ref.name']].filter((name) => name !== undefined);
}
function isImageConfig(mediaType) {
    return (mediaType === '' ||
        mediaType === 'application/vnd.oci.image.config.v1+json' ||
        mediaType === 'application/vnd.docker.container.image.v1+json');
}
function isForeign(layer) {
    return layer.urls.length > 0 || /foreign|nondistributable/.test(layer.mediaType);
}
function wrongSize(what, actual, expected) {
    return new errors/* ImageError */.C('wrong-size', `${what} has ${actual} bytes, its descriptor says ${expected}`);
}

;// CONCATENATED MODULE: ./src/image/leaks/blob.ts





/** What is found in a layer's blob on disk, read to its end; for blobs that are no image's, such as a cache's. */
async function searchBlob(path, size, needles) {
    const magic = await readRange({ path, offset: 0, size: Math.min(size, 4) }, 4, path);
    const compression = compressionOf(magic);
    const source = (0,external_node_fs_.createReadStream)(path, { highWaterMark: 2 ** 20 });
    const pieces = compression === 'gzip'
        ? source.pipe((0,external_node_zlib_.createGunzip)({ chunkSize: 2 ** 19 }))
        : compression === 'zstd'
            ? source.pipe((0,external_node_zlib_.createZstdDecompress)({ chunkSize: 2 ** 19 }))
            : source;
    source.once('error', (error) => pieces.destroy(error));
    const hits = (0,stream/* hitStream */.U)(needles);
    for await (const piece of pieces)
        hits.write(piece);
    return hits.end().hits;
}

// EXTERNAL MODULE: ./src/image/tree.ts
var tree = __webpack_require__(5841);
;// CONCATENATED MODULE: ./src/image/index.ts
/**
 * An OCI layout in, an analysis out. Knows nothing of GitHub, Docker or the environment.
 *
 *     const { images } = await readImages('./image')
 *     const needles = planNeedles([{ id: 'npm', value: token, kind: 'secret' }])
 *     const analysis = await analyseImage(images[0], { needles })
 */













/***/ }),

/***/ 3016:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  Q2: () => (/* binding */ planNeedles),
  EP: () => (/* binding */ searchOf),
  hC: () => (/* binding */ shortestLine),
  bs: () => (/* binding */ shortestSecret)
});

// UNUSED EXPORTS: tellingLines

;// CONCATENATED MODULE: ./src/image/leaks/encodings.ts
/** Every form a value is searched in, each once: forms that equal an earlier one are left out. */
function encodingsOf(value) {
    const forms = [{ encoding: 'raw', bytes: value }];
    const seen = new Set([value.toString('latin1')]);
    const add = (encoding, text) => {
        const bytes = Buffer.from(text, 'utf8');
        const key = bytes.toString('latin1');
        if (seen.has(key))
            return;
        seen.add(key);
        forms.push({ encoding, bytes });
    };
    for (const skew of [0, 1, 2]) {
        const text = base64At(value, skew);
        add('base64', text);
        add('base64url', text.replaceAll('+', '-').replaceAll('/', '_'));
    }
    add('hex', value.toString('hex'));
    add('hex', value.toString('hex').toUpperCase());
    const text = value.toString('utf8');
    // Bytes that are no text have no URL or JSON form.
    if (Buffer.from(text, 'utf8').equals(value)) {
        for (const form of urlForms(text))
            add('url', form);
        for (const form of jsonForms(text))
            add('json', form);
    }
    return forms;
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
/** Percent-encoded as browsers, RFC 3986 and HTML forms do it, with upper- and lower-case hex digits. */
function urlForms(text) {
    const component = encodeURIComponent(text.toWellFormed());
    const strict = component.replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`);
    const form = strict.replaceAll('%20', '+');
    return [component, strict, form].flatMap((upper) => [
        upper,
        upper.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase())
    ]);
}
/** Inside a JSON string as JavaScript, Go (which escapes <, > and &), PHP (which escapes /) and ASCII-only writers do it. */
function jsonForms(text) {
    const plain = JSON.stringify(text).slice(1, -1);
    const escaped = (form, characters) => form.replace(characters, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
    const ascii = escaped(plain, /[\u007f-\uffff]/g);
    return [
        plain,
        escaped(plain, /[<>&\u2028\u2029]/g),
        plain.replaceAll('/', '\\/'),
        ascii,
        ascii.replaceAll('/', '\\/')
    ];
}

// EXTERNAL MODULE: ./src/image/leaks/private-key.ts + 1 modules
var private_key = __webpack_require__(2401);
// EXTERNAL MODULE: ./src/image/leaks/search.ts
var search = __webpack_require__(2276);
;// CONCATENATED MODULE: ./src/image/leaks/needles.ts



/** Bytes below which a secret is not searched for: shorter ones occur by chance, and slow the search down. */
const shortestSecret = 8;
/** Characters below which a line of a longer value is not searched for on its own. */
const shortestLine = 16;
/** Of a longer value a stretch of this many bytes from its middle is searched for, where it differs most from others of its kind. */
const longestPattern = 512;
/** Lines of one value that are searched for on their own. */
const mostLines = 64;
// The values stay behind this door, so that no log, error or report can print them by accident.
const searches = new WeakMap();
/**
 * Turns secrets into what to search for: each value raw, in base64 at the three offsets, base64url, URL-, JSON- and hex-encoded,
 * and the telling lines of a value with several. Of a private key only the secret parts are telling: its public half and
 * the bytes that all keys share may be anywhere. Values are never shown again, only ids.
 */
function planNeedles(secrets) {
    const patterns = [];
    const needles = [];
    const omissions = [];
    for (const secret of secrets) {
        const value = typeof secret.value === 'string' ? Buffer.from(secret.value, 'utf8') : secret.value;
        const trimmed = trim(value);
        const reason = unsearchable(trimmed);
        if (reason !== undefined) {
            omissions.push(`secret "${secret.id}" was not searched for: ${reason}`);
            continue;
        }
        const text = trimmed.toString('utf8');
        const key = (0,private_key/* readPrivateKey */.$k)(text);
        if (secret.kind === 'ssh-key' && key === undefined) {
            omissions.push(`key "${secret.id}" could not be read as a private key: only its whole text and its lines were searched for`);
        }
        if (trimmed.length <= longestPattern)
            add(secret.id, 'whole', trimmed);
        else
            add(secret.id, 'part', trimmed.subarray((trimmed.length - longestPattern) >> 1).subarray(0, longestPattern));
        const lines = key === undefined ? tellingLines(text) : keyLines(text, key);
        if (lines.length > mostLines) {
            omissions.push(`secret "${secret.id}" has ${lines.length} lines: ${mostLines} of them were searched for one by one`);
        }
        for (const line of evenly(lines, mostLines))
            add(secret.id, 'part', Buffer.from(line, 'utf8'));
        for (const { start, end } of key?.secretParts ?? []) {
            if (end - start >= 16)
                add(secret.id, 'part', Buffer.from(key.body.subarray(start, Math.min(end, start + 48))));
        }
    }
    addKeyMarks();
    const plan = { secretIds: secrets.map(({ id }) => id), patterns: patterns.length, omissions };
    searches.set(plan, { search: (0,search/* buildSearch */.n)(patterns), needles });
    return plan;
    function add(secretId, extent, value) {
        for (const { encoding, bytes } of encodingsOf(value)) {
            const mayWrap = encoding === 'base64' || encoding === 'base64url';
            patterns.push({ bytes, mayWrap });
            needles.push({ kind: 'secret', secretId, encoding, extent });
            // A line end in the part that finds the place would hide the match: a second place to start from.
            if (mayWrap && bytes.length >= 48) {
                patterns.push({ bytes: bytes.subarray(32), mayWrap });
                needles.push({ kind: 'secret', secretId, encoding, extent: 'part' });
            }
        }
    }
    function addKeyMarks() {
        for (const label of private_key/* privateKeyLabels */.eY) {
            const mark = Buffer.from(`-----BEGIN ${label}-----`);
            patterns.push({ bytes: mark, mayWrap: false });
            needles.push({ kind: 'key-mark', skew: undefined });
            for (const skew of [0, 1, 2]) {
                patterns.push({ bytes: Buffer.from(base64At(mark, skew)), mayWrap: false });
                needles.push({ kind: 'key-mark', skew });
            }
        }
    }
}
/** The search that belongs to a plan. */
function searchOf(plan) {
    const found = searches.get(plan);
    if (found === undefined)
        throw new TypeError('a needle plan comes from planNeedles');
    return found;
}
/** Why a value can't be searched for, or undefined. */
function unsearchable(value) {
    if (value.length < shortestSecret)
        return `it has ${value.length} bytes, fewer than ${shortestSecret}`;
    const distinct = new Set(value.subarray(0, longestPattern)).size;
    return distinct < 4 ? `it is made of ${distinct} different characters` : undefined;
}
/**
 * The lines of a value that are telling on their own: long enough, with a run of twelve letters and digits as tokens and keys have.
 * `registry=https://registry.example.com/` is a line of many secret files and no secret.
 */
function tellingLines(text) {
    const lines = text.split(/\r\n|\n|\r|\\n/).map((line) => line.trim());
    if (lines.length < 2)
        return [];
    return lines.filter((line) => line.length >= shortestLine &&
        !line.startsWith('-----') &&
        (line.match(/[A-Za-z0-9_+=]{12,}/g) ?? []).some((run) => /[0-9]/.test(run) && /[A-Za-z]/.test(run)));
}
/** The lines of an armoured key that hold at least twelve bytes of its secret parts. */
function keyLines(text, key) {
    const lines = [];
    let characters = 0;
    for (const line of text
        .slice(0, private_key/* longestKeyText */.DU)
        .split(/\r\n|\n|\r|\\n/)
        .map((part) => part.trim())) {
        if (!/^[A-Za-z0-9+/]+={0,2}$/.test(line))
            continue;
        const start = (characters * 3) / 4;
        const end = ((characters + line.length) * 3) / 4;
        characters += line.length;
        const overlap = key.secretParts.reduce((sum, part) => sum + Math.max(0, Math.min(end, part.end) - Math.max(start, part.start)), 0);
        if (line.length >= shortestLine && overlap >= 12)
            lines.push(line);
    }
    return lines;
}
function trim(value) {
    const isBlank = (byte) => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
    let start = 0;
    let end = value.length;
    while (start < end && isBlank(value[start]))
        start++;
    while (end > start && isBlank(value[end - 1]))
        end--;
    return value.subarray(start, end);
}
function evenly(items, most) {
    if (items.length <= most)
        return items;
    return Array.from({ length: most }, (_, at) => items[Math.floor((at * items.length) / most)]);
}


/***/ }),

/***/ 2401:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  DU: () => (/* binding */ longestKeyText),
  eY: () => (/* binding */ privateKeyLabels),
  $k: () => (/* binding */ readPrivateKey)
});

;// CONCATENATED MODULE: ./src/image/leaks/der.ts
const derInteger = 0x02;
const derOctets = 0x04;
const derIdentifier = 0x06;
const derSequence = 0x30;
/**
 * The elements that fill a range exactly, or undefined if it is no DER. Keys need no lengths beyond 2^24.
 * https://www.itu.int/rec/T-REC-X.690, sections 8.1 and 10.1
 */
function derElements(bytes, range) {
    const elements = [];
    let at = range.start;
    while (at < range.end) {
        const element = derElement(bytes, at, range.end);
        if (element === undefined)
            return undefined;
        elements.push(element);
        at = element.end;
    }
    return elements;
}
function derElement(bytes, at, limit) {
    const tag = bytes[at];
    const first = bytes[at + 1];
    if (tag === undefined || first === undefined)
        return undefined;
    let start = at + 2;
    let length = first;
    if (first >= 0x80) {
        const count = first & 0x7f;
        if (count === 0 || count > 3)
            return undefined;
        length = 0;
        for (let index = 0; index < count; index++)
            length = length * 256 + (bytes[start + index] ?? 0);
        start += count;
    }
    return start + length <= limit ? { tag, start, end: start + length } : undefined;
}

;// CONCATENATED MODULE: ./src/image/leaks/private-key.ts

/** The labels a private key's armour can have, as they stand after `BEGIN `. */
const privateKeyLabels = [
    'PRIVATE KEY',
    'RSA PRIVATE KEY',
    'EC PRIVATE KEY',
    'DSA PRIVATE KEY',
    'OPENSSH PRIVATE KEY',
    'ENCRYPTED PRIVATE KEY',
    'PGP PRIVATE KEY BLOCK'
];
/** Longest armoured key looked at, in bytes: RSA with 16 384 bits takes 13 KB. */
const longestKeyText = 48 * 1024;
/**
 * Reads the armoured private key at the start of a text. Takes what files and JSON make of its line ends: CRLF, a literal `\n`,
 * blanks, quotes around each line. Undefined if the body is not complete, not base64 or not a key: a test's stub, documentation.
 */
function readPrivateKey(text) {
    const begin = /^-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?)-----/.exec(text);
    if (begin === null)
        return undefined;
    const label = begin[1] ?? '';
    const end = text.indexOf(`-----END ${label}-----`, begin[0].length);
    if (end === -1 || end > longestKeyText)
        return undefined;
    const inside = text.slice(begin[0].length, end);
    const lines = inside
        .replace(/\\+[nr]/g, '\n')
        .split(/[\r\n]+/)
        .map((line) => line.trim().replace(/^["'`]+|["'`][\s+.,;\\]*$/g, ''))
        .filter((line) => !/^[\s+.,;\\]*$/.test(line));
    const headers = lines.filter((line) => /^[A-Za-z-]+: /.test(line));
    const bodyLines = lines.filter((line) => !headers.includes(line) && !/^=[A-Za-z0-9+/]{4}$/.test(line));
    const base64 = bodyLines.join('').replace(/\s/g, '');
    if (base64.length < 40 || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
        return undefined;
    const body = Buffer.from(base64, 'base64');
    const read = readBody(label, body, headers);
    if (read === undefined)
        return undefined;
    return { format: label === 'PRIVATE KEY' ? 'PKCS8' : (label.split(' ')[0] ?? ''), body, ...read };
}
function readBody(label, body, headers) {
    const whole = { start: 0, end: body.length };
    if (label === 'OPENSSH PRIVATE KEY')
        return readOpenSsh(body);
    if (label === 'PGP PRIVATE KEY BLOCK')
        return readPgp(body);
    // RFC 1421's way to encrypt: nothing in the body can be read, but the header says a cipher and the length fits one.
    if (headers.some((header) => header.startsWith('DEK-Info: '))) {
        return body.length >= 48 && body.length % 8 === 0 ? { encrypted: true, secretParts: [whole] } : undefined;
    }
    const outer = derElements(body, whole);
    if (outer?.length !== 1 || outer[0]?.tag !== derSequence)
        return undefined;
    if (label === 'ENCRYPTED PRIVATE KEY') {
        const [algorithm, data, ...rest] = derElements(body, outer[0]) ?? [];
        if (algorithm?.tag !== derSequence || data?.tag !== derOctets || rest.length > 0 || data.end - data.start < 32)
            return undefined;
        return { encrypted: true, secretParts: [data] };
    }
    const secretParts = label === 'PRIVATE KEY' ? readPkcs8(body, outer[0]) : readTraditional(body, outer[0]);
    return secretParts === undefined ? undefined : { encrypted: false, secretParts };
}
/** PKCS#8, RFC 5208 and 5958: version, algorithm, and the key in an octet string. */
function readPkcs8(body, range) {
    const [version, algorithm, key] = derElements(body, range) ?? [];
    if (version?.tag !== derInteger || algorithm?.tag !== derSequence || key?.tag !== derOctets)
        return undefined;
    if (derElements(body, algorithm)?.[0]?.tag !== derIdentifier)
        return undefined;
    const inner = derElements(body, key);
    if (inner?.length !== 1)
        return undefined;
    // Ed25519 and its kin hold one octet string, DSA and Diffie-Hellman one integer.
    if (inner[0]?.tag === derSequence)
        return readTraditional(body, inner[0]);
    return inner[0] !== undefined && inner[0].end - inner[0].start >= 16 ? [inner[0]] : undefined;
}
/** PKCS#1 (RFC 8017 A.1.2), SEC 1 (RFC 5915) and OpenSSL's DSA: told apart by what is inside. */
function readTraditional(body, range) {
    const elements = derElements(body, range);
    const [version, second] = elements ?? [];
    if (elements === undefined || version?.tag !== derInteger || version.end - version.start !== 1)
        return undefined;
    if (second?.tag === derOctets)
        return second.end - second.start >= 16 ? [second] : undefined;
    if (!elements.every(({ tag }) => tag === derInteger))
        return undefined;
    if (elements.length === 9)
        return elements.slice(3);
    return elements.length === 6 ? elements.slice(5) : undefined;
}
const opensshMagic = 'openssh-key-v1\0';
/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function readOpenSsh(body) {
    if (body.toString('latin1', 0, opensshMagic.length) !== opensshMagic)
        return undefined;
    const outer = sshStrings(body, opensshMagic.length, 3);
    if (outer === undefined)
        return undefined;
    const [cipher, , options] = outer;
    const counted = options === undefined ? undefined : sshStrings(body, options.end + 4, 2);
    const secret = counted?.[1];
    if (cipher === undefined || secret === undefined || secret.end > body.length)
        return undefined;
    if (body.toString('latin1', cipher.start, cipher.end) !== 'none')
        return { encrypted: true, secretParts: [secret] };
    // Two equal numbers prove that the right passphrase was used; here they prove that this is a key.
    if (secret.end - secret.start < 16 || body.readUInt32BE(secret.start) !== body.readUInt32BE(secret.start + 4))
        return undefined;
    return { encrypted: false, secretParts: openSshSecrets(body, secret) };
}
/** Where the secret numbers of an unencrypted OpenSSH key lie, by the order in which each type writes them. */
function openSshSecrets(body, secret) {
    const type = sshStrings(body, secret.start + 8, 1)?.[0];
    const name = type === undefined ? '' : body.toString('latin1', type.start, type.end);
    const fields = type === undefined ? [] : sshStrings(body, type.end, 8, true);
    const at = (...indices) => indices.map((index) => fields?.[index]).filter((field) => field !== undefined);
    if (name === 'ssh-ed25519')
        return at(1).map(({ start }) => ({ start, end: start + 32 })); // the second half is public
    if (name === 'ssh-rsa')
        return at(2, 3, 4, 5);
    if (name.startsWith('ecdsa-sha2-'))
        return at(2);
    if (name === 'ssh-dss')
        return at(4);
    return [{ start: secret.start + 8, end: secret.end }];
}
/** RFC 4251 strings, one after the other: a length of four bytes, then the content. */
function sshStrings(body, start, count, fewer = false) {
    const ranges = [];
    let at = start;
    while (ranges.length < count) {
        if (at + 4 > body.length)
            return fewer ? ranges : undefined;
        const end = at + 4 + body.readUInt32BE(at);
        if (end > body.length)
            return fewer ? ranges : undefined;
        ranges.push({ start: at + 4, end });
        at = end;
    }
    return ranges;
}
/** RFC 9580 section 5.5.1.3: the first packet is a secret key, of a version that exists. */
function readPgp(body) {
    const first = body[0] ?? 0;
    const tag = (first & 0xc0) === 0xc0 ? first & 0x3f : (first & 0x3c) >> 2;
    if ((first & 0x80) === 0 || tag !== 5 || body.length < 64)
        return undefined;
    return { encrypted: false, secretParts: [{ start: 0, end: body.length }] };
}


/***/ }),

/***/ 2276:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   n: () => (/* binding */ buildSearch),
/* harmony export */   z: () => (/* binding */ searchStream)
/* harmony export */ });
const hashBits = 17;
/** Base64 is broken at 64 or 76 characters; YAML adds a margin to each line. */
const shortestWrap = 32;
/** No line end falls into a window twice. Wider ones skip no further in practice: the table fills up with what is in them. */
const widestWindow = shortestWrap;
const widestMargin = 16;
/**
 * All patterns at once, skipping: Wu and Manber's algorithm ("A fast algorithm for multi-pattern searching", 1994) with blocks
 * of three bytes. A window as long as the shortest pattern slides over the text; a table says for its last three bytes how far it
 * may jump without passing a match, so most bytes are never looked at. Figures are in docs/analysis.md. Patterns have at least 3 bytes.
 */
function buildSearch(patterns) {
    const window = Math.min(widestWindow, ...patterns.map(({ bytes }) => bytes.length));
    if (window < 3)
        throw new RangeError('a pattern needs at least three bytes');
    const shifts = new Uint8Array(1 << hashBits).fill(window - 2);
    const buckets = new Map();
    for (const [index, { bytes }] of patterns.entries()) {
        for (let last = 2; last < window; last++) {
            const block = blockOf(bytes, last);
            shifts[block] = Math.min(shifts[block], window - 1 - last);
        }
        const block = blockOf(bytes, window - 1);
        const bucket = buckets.get(block);
        if (bucket === undefined)
            buckets.set(block, [index]);
        else
            bucket.push(index);
    }
    return { longest: patterns.reduce((longest, pattern) => Math.max(longest, longestMatch(pattern)), 0), find };
    function find(text, length, visit) {
        let last = window - 1;
        while (last < length) {
            const block = blockOf(text, last);
            const shift = shifts[block];
            if (shift === 0) {
                const start = last - window + 1;
                for (const index of buckets.get(block)) {
                    const end = matchEnd(patterns[index], text, start, length);
                    if (end !== undefined)
                        visit(index, start, end);
                }
                last++;
            }
            else {
                last += shift;
            }
        }
    }
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
/** Where a pattern that begins at `start` ends, or undefined if it isn't there. */
function matchEnd({ bytes, mayWrap }, text, start, length) {
    let at = start;
    let wraps = 0;
    for (let index = 0; index < bytes.length; index++, at++) {
        if (mayWrap && index > 0 && text[at] !== bytes[index] && wraps * shortestWrap <= bytes.length) {
            const next = afterLineEnd(text, at, length);
            if (next !== at)
                wraps++;
            at = next;
        }
        if (at >= length || text[at] !== bytes[index])
            return undefined;
    }
    return at;
}
/** Past a line end, written as itself or as a literal `\n`, and the next line's margin; the same place if there is none. */
function afterLineEnd(text, start, length) {
    let at = start;
    if (text[at] === 0x5c && text[at + 1] === 0x6e)
        at += 2;
    else {
        if (text[at] === 0x0d)
            at++;
        if (text[at] !== 0x0a)
            return start;
        at++;
    }
    const margin = Math.min(length, at + widestMargin);
    while (at < margin && (text[at] === 0x20 || text[at] === 0x09))
        at++;
    return at;
}
function longestMatch({ bytes, mayWrap }) {
    return mayWrap ? bytes.length + (Math.floor(bytes.length / shortestWrap) + 1) * (2 + widestMargin) : bytes.length;
}
/** The table's place for the three bytes that end at `last`: a multiplicative hash, because text uses few of the 2^24 triples. */
function blockOf(text, last) {
    return Math.imul(text[last - 2] | (text[last - 1] << 8) | (text[last] << 16), 0x9e3779b1) >>> (32 - hashBits);
}


/***/ }),

/***/ 7968:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M: () => (/* binding */ hitsIn),
/* harmony export */   U: () => (/* binding */ hitStream)
/* harmony export */ });
/* harmony import */ var _needles_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(3016);
/* harmony import */ var _private_key_js__WEBPACK_IMPORTED_MODULE_1__ = __webpack_require__(2401);
/* harmony import */ var _search_js__WEBPACK_IMPORTED_MODULE_2__ = __webpack_require__(2276);



/** A file made of nothing but a secret must not fill the memory. */
const mostHits = 10_000;
/** A key in base64 takes a third more. */
const longestCapture = Math.ceil(_private_key_js__WEBPACK_IMPORTED_MODULE_1__/* .longestKeyText */ .DU * 1.4);
/** No mark of a key, in base64 or not, is longer: what a mark's first byte may lie behind the chunk with its last. */
const longestMark = 64;
/** Looks for a plan's secrets, and for any private key that can be read, in a text that arrives in chunks. */
function hitStream(plan) {
    const { search, needles } = (0,_needles_js__WEBPACK_IMPORTED_MODULE_0__/* .searchOf */ .EP)(plan);
    const hits = [];
    let dropped = 0;
    let offset = 0; // behind the last chunk
    const recent = [];
    let recentLength = 0;
    let capture;
    const feed = (0,_search_js__WEBPACK_IMPORTED_MODULE_2__/* .searchStream */ .z)(search, (pattern, start) => {
        const needle = needles[pattern];
        if (needle.kind === 'secret')
            add(secretHit(needle, start));
        else
            beginCapture(start, needle.skew);
    });
    return { write, aside, end };
    function aside(text, at) {
        search.find(text, text.length, (pattern) => {
            const needle = needles[pattern];
            if (needle.kind === 'secret')
                add(secretHit(needle, at));
        });
    }
    function write(chunk) {
        offset += chunk.length;
        recent.push(chunk);
        recentLength += chunk.length;
        while (recent.length > 1 && recentLength - recent[0].length >= longestMark)
            recentLength -= recent.shift().length;
        if (capture !== undefined) {
            capture.pieces.push(chunk);
            capture.length += chunk.length;
        }
        feed(chunk);
        if (capture !== undefined && capture.length >= longestCapture)
            endCapture(offset);
    }
    function end() {
        endCapture(offset);
        return { hits: hits.toSorted((a, b) => a.offset - b.offset), dropped };
    }
    function add(hit) {
        if (hits.length < mostHits)
            hits.push(hit);
        else
            dropped++;
    }
    function beginCapture(start, skew) {
        endCapture(start);
        const pieces = [];
        let pieceStart = offset - recentLength;
        for (const piece of recent) {
            if (start < pieceStart + piece.length)
                pieces.push(piece.subarray(Math.max(0, start - pieceStart)));
            pieceStart += piece.length;
        }
        capture = { offset: start, skew, pieces, length: offset - start };
    }
    /** Reads the key if there is one. The text ends where the next mark begins, so no byte is read twice. */
    function endCapture(at) {
        if (capture === undefined)
            return;
        const { offset: start, skew, pieces } = capture;
        capture = undefined;
        const text = Buffer.concat(pieces).toString('latin1', 0, Math.min(at - start, longestCapture));
        const key = (0,_private_key_js__WEBPACK_IMPORTED_MODULE_1__/* .readPrivateKey */ .$k)(skew === undefined ? text : fromBase64(text, skew));
        if (key === undefined)
            return;
        const encoding = skew === undefined ? 'raw' : 'base64';
        add({ kind: 'private-key', format: key.format, encrypted: key.encrypted, encoding, offset: start });
    }
}
function secretHit({ secretId, encoding, extent }, offset) {
    return { kind: 'secret', secretId, encoding, extent, offset };
}
/** Hits in a text that is there as a whole. */
function hitsIn(plan, text) {
    const stream = hitStream(plan);
    stream.write(typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
    return stream.end().hits;
}
/** Decodes a base64 text whose first character is not on a border of four. The first byte is lost; it was a hyphen. */
function fromBase64(text, skew) {
    const run = /^(?:[A-Za-z0-9+/]|\s|\\n)*/.exec(text)?.[0].replace(/\s|\\n/g, '') ?? '';
    const decoded = Buffer.from('A'.repeat(Math.ceil((skew * 8) / 6)) + run, 'base64').toString('latin1');
    const begin = decoded.indexOf('BEGIN ');
    return begin === -1 ? '' : `-----${decoded.slice(begin)}`;
}


/***/ }),

/***/ 3209:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   M: () => (/* binding */ defaultLimits)
/* harmony export */ });
const gibibyte = 2 ** 30;
const defaultLimits = {
    entries: 10_000_000,
    pathBytes: 65_535,
    headerBytes: 2 ** 20,
    layerBytes: 1024 * gibibyte,
    ratio: 2000,
    ratioFrom: 8 * gibibyte,
    zstdWindowLog: 27,
    documentBytes: 32 * 2 ** 20,
    manifests: 1000,
    indexDepth: 8
};


/***/ }),

/***/ 8068:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   L6: () => (/* binding */ blockSize),
/* harmony export */   RO: () => (/* binding */ readTarHeader),
/* harmony export */   S3: () => (/* binding */ typeOfFlag),
/* harmony export */   be: () => (/* binding */ isZero)
/* harmony export */ });
/* unused harmony export readNumber */
/* harmony import */ var _errors_js__WEBPACK_IMPORTED_MODULE_0__ = __webpack_require__(2062);

const blockSize = 512;
const slash = 0x2f;
const flagSparse = 0x53; // 'S'
/**
 * Reads one header block: POSIX ustar, GNU and v7.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 * https://www.gnu.org/software/tar/manual/html_node/Standard.html
 *
 * Returns undefined for a block of zeros. Throws `corrupt-layer` for a wrong checksum or a number that cannot be.
 * Names are views on the block: copy what is to outlive it.
 */
function readTarHeader(block, start) {
    const stored = checksumField(block, start);
    const actual = checksum(block, start);
    if (stored === undefined || (stored !== actual && stored !== signedChecksum(block, start))) {
        if (isZero(block, start, start + blockSize))
            return undefined;
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ImageError */ .C('corrupt-layer', 'a tar header has a wrong checksum');
    }
    const flag = block[start + 156];
    // "ustar\0" is POSIX and has a name prefix; "ustar  " is GNU and keeps other things there.
    const joined = block[start + 345] !== 0 && block.toString('latin1', start + 257, start + 263) === 'ustar\0';
    return {
        flag,
        name: joined ? joinedName(block, start) : field(block, start, 100),
        joined,
        linkName: field(block, start + 157, 100),
        mode: readNumber(block, start + 100, 8) & 0o7777,
        uid: readNumber(block, start + 108, 8),
        gid: readNumber(block, start + 116, 8),
        size: readNumber(block, start + 124, 12),
        deviceMajor: readNumber(block, start + 329, 8),
        deviceMinor: readNumber(block, start + 337, 8),
        sparse: flag === flagSparse
            ? { realSize: readNumber(block, start + 483, 12), extended: block[start + 482] !== 0 }
            : undefined
    };
}
/** The type for a flag; undefined for flags that describe the next entry rather than being one. */
function typeOfFlag(flag, name) {
    switch (flag) {
        case 0x00: // v7 wrote directories as files whose name ends in a slash
            return name.at(-1) === slash ? 'directory' : 'file';
        case 0x30: // '0'
        case 0x37: // '7', contiguous
            return 'file';
        case 0x31:
            return 'hard-link';
        case 0x32:
            return 'symlink';
        case 0x33:
            return 'character-device';
        case 0x34:
            return 'block-device';
        case 0x35:
            return 'directory';
        case 0x36:
            return 'fifo';
        case flagSparse:
            return 'file';
        case 0x78: // 'x' PAX for the next entry
        case 0x67: // 'g' PAX for all that follow
        case 0x58: // 'X' Solaris' PAX
        case 0x4c: // 'L' GNU long name
        case 0x4b: // 'K' GNU long link name
            return undefined;
        default:
            return 'other';
    }
}
/**
 * A number field: octal text, or base 256 when the first byte's top bit is set.
 * Throws `corrupt-layer` for other text, a negative number or one beyond 2^53.
 */
function readNumber(block, start, length) {
    const first = block[start];
    if (first >= 0x80)
        return readBase256(block, start, length);
    let value = 0;
    let at = start;
    const end = start + length;
    while (at < end && (block[at] === 0x20 || block[at] === 0))
        at++;
    for (; at < end; at++) {
        const byte = block[at];
        if (byte === 0x20 || byte === 0)
            break;
        if (byte < 0x30 || byte > 0x37)
            throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ImageError */ .C('corrupt-layer', 'a tar header has a number that is not octal');
        value = value * 8 + (byte - 0x30);
    }
    return value;
}
function readBase256(block, start, length) {
    if (block[start] >= 0xc0)
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ImageError */ .C('corrupt-layer', 'a tar header has a negative number');
    let value = block[start] & 0x3f;
    for (let at = start + 1; at < start + length; at++)
        value = value * 256 + block[at];
    if (!Number.isSafeInteger(value))
        throw new _errors_js__WEBPACK_IMPORTED_MODULE_0__/* .ImageError */ .C('corrupt-layer', 'a tar header has a number beyond 2^53');
    return value;
}
/** A text field, up to its first NUL. */
function field(block, start, length) {
    let end = start;
    while (end < start + length && block[end] !== 0)
        end++;
    return block.subarray(start, end);
}
function joinedName(block, start) {
    return Buffer.concat([field(block, start + 345, 155), Buffer.of(slash), field(block, start, 100)]);
}
function checksumField(block, start) {
    try {
        return readNumber(block, start + 148, 8);
    }
    catch {
        return undefined;
    }
}
/** The sum of the block's bytes with its own eight read as spaces. */
function checksum(block, start) {
    let sum = 8 * 0x20;
    for (let at = start; at < start + 148; at++)
        sum += block[at];
    for (let at = start + 156; at < start + blockSize; at++)
        sum += block[at];
    return sum;
}
/** Some old Unix tars summed signed characters. */
function signedChecksum(block, start) {
    let high = 0;
    for (let at = start; at < start + blockSize; at++)
        if (block[at] >= 0x80 && (at < start + 148 || at >= start + 156))
            high++;
    return checksum(block, start) - 256 * high;
}
function isZero(block, start, end) {
    for (let at = start; at < end; at++)
        if (block[at] !== 0)
            return false;
    return true;
}


/***/ }),

/***/ 3088:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  R: () => (/* binding */ tarReader)
});

// EXTERNAL MODULE: ./src/image/errors.ts
var errors = __webpack_require__(2062);
// EXTERNAL MODULE: ./src/image/tar/header.ts
var tar_header = __webpack_require__(8068);
;// CONCATENATED MODULE: ./src/image/tar/pax.ts

const space = 0x20;
const equals = 0x3d;
const newline = 0x0a;
/**
 * Reads the body of a PAX header: `length key=value\n`, again and again.
 * https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
 * Throws `corrupt-layer` where a record's length does not fit.
 */
function readPaxRecords(body) {
    const records = {};
    let at = 0;
    while (at < body.length) {
        // A few writers pad the body with NULs.
        if (body[at] === 0)
            break;
        const lengthEnd = body.indexOf(space, at);
        const length = lengthEnd === -1 ? NaN : decimal(body.toString('latin1', at, lengthEnd));
        const end = at + length;
        const keyEnd = body.indexOf(equals, lengthEnd);
        if (!(end <= body.length) || keyEnd === -1 || keyEnd >= end || body[end - 1] !== newline) {
            throw new errors/* ImageError */.C('corrupt-layer', 'a PAX header has a record whose length does not fit');
        }
        apply(records, body.toString('latin1', lengthEnd + 1, keyEnd), body.subarray(keyEnd + 1, end - 1), body.subarray(lengthEnd + 1, end));
        at = end;
    }
    return records;
}
function apply(records, key, value, record) {
    // An empty value takes a record of a global header back.
    switch (key) {
        case 'path':
            if (value.length > 0)
                records.path = Buffer.from(value);
            return;
        case 'linkpath':
            if (value.length > 0)
                records.linkPath = Buffer.from(value);
            return;
        case 'size':
            records.size = wholeNumber(value, key);
            return;
        case 'uid':
            records.uid = wholeNumber(value, key);
            return;
        case 'gid':
            records.gid = wholeNumber(value, key);
            return;
        // https://www.gnu.org/software/tar/manual/html_node/PAX-0.html: three versions of sparse files.
        case 'GNU.sparse.size':
        case 'GNU.sparse.realsize':
            records.sparseSize = wholeNumber(value, key);
            return;
        case 'GNU.sparse.name':
            records.sparseName = Buffer.from(value);
            return;
        default:
            if (key.startsWith('SCHILY.xattr.') || key.startsWith('LIBARCHIVE.xattr.')) {
                ;
                (records.attributes ??= []).push(Buffer.from(record));
            }
    }
}
function wholeNumber(value, key) {
    const number = decimal(value.toString('latin1'));
    if (!Number.isSafeInteger(number)) {
        throw new errors/* ImageError */.C('corrupt-layer', `a PAX header's ${key} is not a whole number below 2^53`);
    }
    return number;
}
function decimal(text) {
    return /^[0-9]{1,17}$/.test(text) ? Number(text) : NaN;
}

;// CONCATENATED MODULE: ./src/image/tar/reader.ts



const flagPax = 0x78;
const flagPaxSolaris = 0x58;
const flagPaxGlobal = 0x67;
const flagLongName = 0x4c;
const flagLongLink = 0x4b;
const none = Buffer.alloc(0);
const noAttributes = [];
/**
 * Reads a tar archive that arrives in chunks of any size. Linear in the bytes, and keeps nothing but the current header.
 * An archive may end without its blocks of zeros; it may not end inside an entry.
 */
function tarReader(visitor, limits) {
    let state = 'header';
    let offset = 0; // of the byte that `write` looks at, from the start of the archive
    let remaining = 0; // bytes left of the current extension, content or padding
    let padding = 0;
    let zeroBlocks = 0;
    let trailing = 0;
    let entryStart = 0;
    const partial = Buffer.alloc(tar_header/* blockSize */.L6);
    let partialLength = 0;
    let pending; // whose sparse map is being passed
    let extensionFlag = 0;
    let extension = none;
    let pax = {};
    let longName;
    let longLink;
    let fresh = true; // no extension block of the next entry has been seen
    return { write, end, skippable: () => (state === 'content' ? remaining : 0), skip, trailing: () => trailing };
    function write(chunk) {
        let at = 0;
        while (at < chunk.length) {
            const before = at;
            at = step(chunk, at);
            offset += at - before;
        }
    }
    function step(chunk, at) {
        switch (state) {
            case 'header':
            case 'sparse map': {
                const take = Math.min(tar_header/* blockSize */.L6 - partialLength, chunk.length - at);
                if (take === tar_header/* blockSize */.L6) {
                    block(chunk, at, offset);
                }
                else {
                    chunk.copy(partial, partialLength, at, at + take);
                    partialLength += take;
                    if (partialLength === tar_header/* blockSize */.L6) {
                        partialLength = 0;
                        block(partial, 0, offset + take - tar_header/* blockSize */.L6);
                    }
                }
                return at + take;
            }
            case 'extension': {
                const take = Math.min(remaining, chunk.length - at);
                chunk.copy(extension, extension.length - remaining, at, at + take);
                remaining -= take;
                if (remaining === 0)
                    endExtension();
                return at + take;
            }
            case 'content': {
                const take = Math.min(remaining, chunk.length - at);
                visitor.content(at === 0 && take === chunk.length ? chunk : chunk.subarray(at, at + take));
                remaining -= take;
                if (remaining === 0)
                    endContent();
                return at + take;
            }
            case 'padding': {
                const take = Math.min(remaining, chunk.length - at);
                remaining -= take;
                if (remaining === 0)
                    state = 'header';
                return at + take;
            }
            case 'end':
                for (let index = at; index < chunk.length; index++)
                    if (chunk[index] !== 0)
                        trailing++;
                return chunk.length;
        }
    }
    function block(bytes, at, blockOffset) {
        if (state === 'sparse map')
            return sparseMapBlock(bytes, at, blockOffset);
        const header = located(blockOffset, () => (0,tar_header/* readTarHeader */.RO)(bytes, at));
        if (header === undefined) {
            // Two blocks of zeros end the archive; GNU tar, Go and libarchive also take one at the end of the file.
            if (++zeroBlocks === 2)
                state = 'end';
            return;
        }
        if (zeroBlocks > 0)
            throw corrupt(blockOffset, 'an entry follows a block of zeros');
        if (fresh) {
            entryStart = blockOffset;
            fresh = false;
        }
        if (isExtension(header.flag))
            return beginExtension(header, blockOffset);
        if (header.sparse?.extended === true) {
            // Its map blocks may overwrite the block that the names are views on.
            pending = { ...header, name: Buffer.from(header.name) };
            state = 'sparse map';
            return;
        }
        located(blockOffset, () => {
            beginEntry(header, blockOffset + tar_header/* blockSize */.L6);
        });
    }
    function sparseMapBlock(bytes, at, blockOffset) {
        if (bytes[at + 504] !== 0 || pending === undefined)
            return;
        const header = pending;
        pending = undefined;
        beginEntry(header, blockOffset + tar_header/* blockSize */.L6);
    }
    function beginExtension(header, blockOffset) {
        if (header.size > limits.headerBytes) {
            throw new errors/* ImageError */.C('limit', `tar at byte ${blockOffset}: an extended header of ${header.size} bytes, more than ${limits.headerBytes}`);
        }
        extensionFlag = header.flag;
        extension = Buffer.alloc(header.size);
        remaining = header.size;
        padding = paddingOf(header.size);
        state = 'extension';
        if (remaining === 0)
            endExtension();
    }
    function endExtension() {
        const body = extension;
        located(offset, () => {
            // Docker, containerd and BuildKit pass over global headers, so the files they extract do not show them either.
            if (extensionFlag === flagPax || extensionFlag === flagPaxSolaris)
                pax = { ...pax, ...readPaxRecords(body) };
            else if (extensionFlag === flagLongName)
                longName = untilNul(body);
            else if (extensionFlag === flagLongLink)
                longLink = untilNul(body);
        });
        if (extensionFlag === flagPaxGlobal)
            fresh = longName === undefined && longLink === undefined && Object.keys(pax).length === 0;
        pad();
    }
    function beginEntry(header, dataOffset) {
        const path = pax.sparseName ?? pax.path ?? longName ?? header.name;
        const linkPath = pax.linkPath ?? longLink ?? header.linkName;
        if (path.length > limits.pathBytes || linkPath.length > limits.pathBytes) {
            const bytes = Math.max(path.length, linkPath.length);
            throw new errors/* ImageError */.C('limit', `tar at byte ${entryStart}: a path of ${bytes} bytes, more than ${limits.pathBytes}`);
        }
        const type = (0,tar_header/* typeOfFlag */.S3)(header.flag, path) ?? 'other';
        // Links, directories and devices have no content whatever their size field says, as in Go's archive/tar.
        const storedSize = type === 'file' || type === 'other' ? (pax.size ?? header.size) : 0;
        const size = type === 'file' ? (pax.sparseSize ?? header.sparse?.realSize ?? storedSize) : 0;
        visitor.entry({
            type,
            path,
            pathJoined: path === header.name && header.joined,
            linkPath: type === 'symlink' || type === 'hard-link' ? linkPath : none,
            mode: header.mode,
            uid: pax.uid ?? header.uid,
            gid: pax.gid ?? header.gid,
            size,
            storedSize,
            deviceMajor: header.deviceMajor,
            deviceMinor: header.deviceMinor,
            attributes: pax.attributes ?? noAttributes,
            headerOffset: entryStart,
            dataOffset
        });
        pax = {};
        longName = undefined;
        longLink = undefined;
        fresh = true;
        remaining = storedSize;
        padding = paddingOf(storedSize);
        state = 'content';
        if (remaining === 0)
            endContent();
    }
    function endContent() {
        visitor.entryEnd();
        pad();
    }
    function pad() {
        remaining = padding;
        state = padding === 0 ? 'header' : 'padding';
    }
    function skip(bytes) {
        if (state !== 'content' || bytes > remaining)
            throw new RangeError('only content can be skipped');
        offset += bytes;
        remaining -= bytes;
        if (remaining === 0)
            endContent();
    }
    function end() {
        if (state === 'end')
            return;
        // Missing padding and a few zeros are a writer's habit; half an entry is a loss.
        const complete = state === 'padding' || (state === 'header' && (0,tar_header/* isZero */.be)(partial, 0, partialLength));
        if (!complete || !fresh)
            throw corrupt(offset, `the archive ends inside ${state === 'header' ? 'a header' : `the ${state}`}`);
    }
}
function isExtension(flag) {
    return (0,tar_header/* typeOfFlag */.S3)(flag, none) === undefined;
}
function paddingOf(size) {
    return (tar_header/* blockSize */.L6 - (size % tar_header/* blockSize */.L6)) % tar_header/* blockSize */.L6;
}
function untilNul(body) {
    const end = body.indexOf(0);
    return end === -1 ? body : body.subarray(0, end);
}
function corrupt(offset, reason) {
    return new errors/* ImageError */.C('corrupt-layer', `tar at byte ${offset}: ${reason}`);
}
/** Runs a step and adds the place to what it throws. */
function located(offset, step) {
    try {
        return step();
    }
    catch (caught) {
        if (caught instanceof errors/* ImageError */.C && caught.code === 'corrupt-layer' && !caught.message.startsWith('tar at')) {
            throw new errors/* ImageError */.C('corrupt-layer', `tar at byte ${offset}: ${caught.message}`, { cause: caught });
        }
        throw caught;
    }
}


/***/ })

};

//# sourceMappingURL=414.index.js.map