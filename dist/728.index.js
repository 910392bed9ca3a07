export const id = 728;
export const ids = [728];
export const modules = {

/***/ 7728:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  C8: () => (/* reexport */ ImageError),
  lT: () => (/* reexport */ analyseImage),
  PF: () => (/* reexport */ blobName),
  H2: () => (/* reexport */ checkDigest),
  MK: () => (/* reexport */ defaultLimits),
  kf: () => (/* reexport */ folderFiles),
  Og: () => (/* reexport */ hashFor),
  UK: () => (/* reexport */ hitStream),
  H3: () => (/* reexport */ isAttestation),
  Bc: () => (/* reexport */ isDigest),
  pi: () => (/* reexport */ isIgnored),
  Gv: () => (/* reexport */ isObject),
  eS: () => (/* reexport */ layerTimes),
  yP: () => (/* reexport */ listLayer),
  CG: () => (/* reexport */ mergedFiles),
  z1: () => (/* reexport */ parseJSONObject),
  qG: () => (/* reexport */ pathsOfHits),
  planNeedles: () => (/* reexport */ planNeedles),
  $r: () => (/* reexport */ platformName),
  gm: () => (/* reexport */ readBlob),
  u0: () => (/* reexport */ readDocument),
  H: () => (/* reexport */ readImages),
  qX: () => (/* reexport */ readRange),
  fL: () => (/* reexport */ scanAhead),
  ax: () => (/* reexport */ searchBlob),
  searchText: () => (/* reexport */ searchText),
  Bj: () => (/* reexport */ sha256Of),
  y1: () => (/* reexport */ streamRange),
  Rp: () => (/* reexport */ tarReader),
  v7: () => (/* reexport */ transferBytes)
});

// UNUSED EXPORTS: fileIndex, parseDigest, readStatement, redactText

// EXTERNAL MODULE: external "node:fs/promises"
var promises_ = __webpack_require__(1455);
// EXTERNAL MODULE: external "node:fs"
var external_node_fs_ = __webpack_require__(3024);
// EXTERNAL MODULE: external "node:path"
var external_node_path_ = __webpack_require__(6760);
// EXTERNAL MODULE: external "node:timers/promises"
var external_node_timers_promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: external "node:util"
var external_node_util_ = __webpack_require__(7975);
;// CONCATENATED MODULE: ./src/image/errors.ts

/** Every failure this library throws on purpose. The message names the blob or the path, and what to do where that helps. */
class ImageError extends Error {
    code;
    constructor(code, message, options) {
        super(message, options);
        this.name = 'ImageError';
        this.code = code;
    }
}
/** The text of a caught value, for the middle of a message. */
function reasonOf(caught) {
    return external_node_util_.types.isNativeError(caught) ? caught.message : String(caught);
}

;// CONCATENATED MODULE: ./src/image/limits.ts
const GIBIBYTE = 2 ** 30;
const defaultLimits = {
    entries: 10_000_000,
    pathBytes: 65_535,
    headerBytes: 2 ** 20,
    layerBytes: 1024 * GIBIBYTE,
    ratio: 2000,
    ratioFrom: 8 * GIBIBYTE,
    zstdWindowLog: 27,
    documentBytes: 32 * 2 ** 20,
    manifests: 1000,
    indexDepth: 8
};

;// CONCATENATED MODULE: ./src/image/tar/header.ts

const BLOCK_SIZE = 512;
const SLASH = 0x2f;
const FLAG_SPARSE = 0x53; // 'S'
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
        if (isZero(block, start, start + BLOCK_SIZE))
            return undefined;
        throw new ImageError('corrupt-layer', 'a tar header has a wrong checksum');
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
        modified: readTime(block, start + 136, 12),
        deviceMajor: readNumber(block, start + 329, 8),
        deviceMinor: readNumber(block, start + 337, 8),
        sparse: flag === FLAG_SPARSE
            ? { realSize: readNumber(block, start + 483, 12), extended: block[start + 482] !== 0 }
            : undefined
    };
}
/** The type for a flag; undefined for flags that describe the next entry rather than being one. */
function typeOfFlag(flag, name) {
    switch (flag) {
        case 0x00: // v7 wrote directories as files whose name ends in a slash
            return name.at(-1) === SLASH ? 'directory' : 'file';
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
        case FLAG_SPARSE:
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
            throw new ImageError('corrupt-layer', 'a tar header has a number that is not octal');
        value = value * 8 + (byte - 0x30);
    }
    return value;
}
/** As `readNumber`, of octal text alone: other times are before 1970 or after the year 2242. */
function readTime(block, start, length) {
    let value = 0;
    for (let at = start; at < start + length; at++) {
        const byte = block[at];
        if (byte === 0x20 || byte === 0)
            continue;
        if (byte < 0x30 || byte > 0x37)
            return NaN;
        value = value * 8 + (byte - 0x30);
    }
    return value;
}
function readBase256(block, start, length) {
    if (block[start] >= 0xc0)
        throw new ImageError('corrupt-layer', 'a tar header has a negative number');
    let value = block[start] & 0x3f;
    for (let at = start + 1; at < start + length; at++)
        value = value * 256 + block[at];
    if (!Number.isSafeInteger(value))
        throw new ImageError('corrupt-layer', 'a tar header has a number beyond 2^53');
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
    return Buffer.concat([field(block, start + 345, 155), Buffer.of(SLASH), field(block, start, 100)]);
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
    for (let at = start + 156; at < start + BLOCK_SIZE; at++)
        sum += block[at];
    return sum;
}
/** Some old Unix tars summed signed characters. */
function signedChecksum(block, start) {
    let high = 0;
    for (let at = start; at < start + BLOCK_SIZE; at++)
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

;// CONCATENATED MODULE: ./src/image/tar/pax.ts

const SPACE = 0x20;
const EQUALS = 0x3d;
const NEWLINE = 0x0a;
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
        const lengthEnd = body.indexOf(SPACE, at);
        const length = lengthEnd === -1 ? NaN : decimal(body.toString('latin1', at, lengthEnd));
        const end = at + length;
        const keyEnd = body.indexOf(EQUALS, lengthEnd);
        if (!(end <= body.length) || keyEnd === -1 || keyEnd >= end || body[end - 1] !== NEWLINE) {
            throw new ImageError('corrupt-layer', 'a PAX header has a record whose length does not fit');
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
        case 'mtime':
            records.modified = Number(value.toString('latin1'));
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
        throw new ImageError('corrupt-layer', `a PAX header's ${key} is not a whole number below 2^53`);
    }
    return number;
}
function decimal(text) {
    return /^[0-9]{1,17}$/.test(text) ? Number(text) : NaN;
}

;// CONCATENATED MODULE: ./src/image/tar/reader.ts



const FLAG_PAX = 0x78;
const FLAG_PAX_SOLARIS = 0x58;
const FLAG_PAX_GLOBAL = 0x67;
const FLAG_LONG_NAME = 0x4c;
const FLAG_LONG_LINK = 0x4b;
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
    const partial = Buffer.alloc(BLOCK_SIZE);
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
                const take = Math.min(BLOCK_SIZE - partialLength, chunk.length - at);
                if (take === BLOCK_SIZE) {
                    block(chunk, at, offset);
                }
                else {
                    chunk.copy(partial, partialLength, at, at + take);
                    partialLength += take;
                    if (partialLength === BLOCK_SIZE) {
                        partialLength = 0;
                        block(partial, 0, offset + take - BLOCK_SIZE);
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
        const header = located(blockOffset, () => readTarHeader(bytes, at));
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
            beginEntry(header, blockOffset + BLOCK_SIZE);
        });
    }
    function sparseMapBlock(bytes, at, blockOffset) {
        if (bytes[at + 504] !== 0 || pending === undefined)
            return;
        const header = pending;
        pending = undefined;
        beginEntry(header, blockOffset + BLOCK_SIZE);
    }
    function beginExtension(header, blockOffset) {
        if (header.size > limits.headerBytes) {
            throw new ImageError('limit', `tar at byte ${blockOffset}: an extended header of ${header.size} bytes, more than ${limits.headerBytes}`);
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
            if (extensionFlag === FLAG_PAX || extensionFlag === FLAG_PAX_SOLARIS)
                pax = { ...pax, ...readPaxRecords(body) };
            else if (extensionFlag === FLAG_LONG_NAME)
                longName = untilNul(body);
            else if (extensionFlag === FLAG_LONG_LINK)
                longLink = untilNul(body);
        });
        if (extensionFlag === FLAG_PAX_GLOBAL)
            fresh = longName === undefined && longLink === undefined && Object.keys(pax).length === 0;
        pad();
    }
    function beginEntry(header, dataOffset) {
        const path = pax.sparseName ?? pax.path ?? longName ?? header.name;
        const linkPath = pax.linkPath ?? longLink ?? header.linkName;
        if (path.length > limits.pathBytes || linkPath.length > limits.pathBytes) {
            const bytes = Math.max(path.length, linkPath.length);
            throw new ImageError('limit', `tar at byte ${entryStart}: a path of ${bytes} bytes, more than ${limits.pathBytes}`);
        }
        const type = typeOfFlag(header.flag, path) ?? 'other';
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
            modified: pax.modified ?? header.modified,
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
        const complete = state === 'padding' || (state === 'header' && isZero(partial, 0, partialLength));
        if (!complete || !fresh)
            throw corrupt(offset, `the archive ends inside ${state === 'header' ? 'a header' : `the ${state}`}`);
    }
}
function isExtension(flag) {
    return typeOfFlag(flag, none) === undefined;
}
function paddingOf(size) {
    return (BLOCK_SIZE - (size % BLOCK_SIZE)) % BLOCK_SIZE;
}
function untilNul(body) {
    const end = body.indexOf(0);
    return end === -1 ? body : body.subarray(0, end);
}
function corrupt(offset, reason) {
    return new ImageError('corrupt-layer', `tar at byte ${offset}: ${reason}`);
}
/** Runs a step and adds the place to what it throws. */
function located(offset, step) {
    try {
        return step();
    }
    catch (caught) {
        if (caught instanceof ImageError && caught.code === 'corrupt-layer' && !caught.message.startsWith('tar at')) {
            throw new ImageError('corrupt-layer', `tar at byte ${offset}: ${caught.message}`, { cause: caught });
        }
        throw caught;
    }
}

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
            throw new ImageError('limit', `${what} has ${range.size} bytes, more than ${limit}`);
        const file = __addDisposableResource(env_1, await (0,promises_.open)(range.path), true);
        const bytes = Buffer.alloc(range.size);
        let filled = 0;
        while (filled < range.size) {
            const { bytesRead } = await file.read(bytes, filled, range.size - filled, range.offset + filled);
            if (bytesRead === 0)
                throw new ImageError('missing-blob', `${what} ends after ${filled} of ${range.size} bytes`);
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
/** Bytes of one piece: larger reads are what makes inflating fast, see docs/analysis.md. */
const PIECE = 2 ** 20;
/** Streams a range. */
function streamRange(range) {
    return (0,external_node_fs_.createReadStream)(range.path, {
        start: range.offset,
        end: range.offset + range.size - 1,
        highWaterMark: PIECE
    });
}
/** Milliseconds between two looks at a file that does not grow, and how many of them there are one after the other. */
const LOOK_MILLISECONDS = 10;
const MOST_LOOKS = 6000;
/** Streams a file while it is written, to its last byte; throws `missing-blob` if that does not come. */
async function* streamGrowing({ path, later, size, isOver }, signal) {
    const env_2 = { stack: [], error: void 0, hasError: false };
    try {
        const file = __addDisposableResource(env_2, await (0,promises_.open)(path).catch(() => (0,promises_.open)(later)), true);
        let piece = Buffer.allocUnsafe(Math.min(PIECE, size));
        let looks = 0;
        for (let offset = 0; offset < size;) {
            const isLast = isOver?.() === true;
            const { bytesRead } = await file.read(piece, 0, Math.min(piece.length, size - offset), offset);
            offset += bytesRead;
            looks = bytesRead > 0 ? 0 : looks + 1;
            if (bytesRead > 0) {
                yield piece.subarray(0, bytesRead);
                piece = Buffer.allocUnsafe(piece.length); // a piece is its reader's for good
            }
            else if (isLast || looks > MOST_LOOKS) {
                throw new ImageError('missing-blob', `${path} ends after ${offset} of ${size} bytes`);
            }
            else
                await (0,external_node_timers_promises_.setTimeout)(LOOK_MILLISECONDS, undefined, signal === undefined ? {} : { signal });
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
    const env_3 = { stack: [], error: void 0, hasError: false };
    try {
        const files = new Map();
        const links = new Map();
        let last = '';
        const reader = tarReader({
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
        }, defaultLimits);
        const file = __addDisposableResource(env_3, await (0,promises_.open)(path), true);
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
                throw new ImageError('corrupt-layer', `it ends inside "${last}", at byte ${size} of ${offset}`);
            }
            reader.end();
        }
        catch (caught) {
            if (!(caught instanceof ImageError))
                throw caught;
            throw new ImageError('not-an-image', `${path} is not a complete tar archive: ${reasonOf(caught)}`, {
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
    catch (e_3) {
        env_3.error = e_3;
        env_3.hasError = true;
    }
    finally {
        const result_3 = __disposeResources(env_3);
        if (result_3)
            await result_3;
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

// EXTERNAL MODULE: external "node:zlib"
var external_node_zlib_ = __webpack_require__(8522);
;// CONCATENATED MODULE: ./src/image/paths.ts
const ROOT_PATH = 1;
const TEXT_PARENT = 0;
const paths_SLASH = 0x2f;
const DOT = 0x2e;
function pathTable() {
    let count = 2;
    let climbs = 0;
    let parents = new Int32Array(1024);
    let hashes = new Int32Array(1024);
    let nameStarts = new Uint32Array(1024);
    let nameLengths = new Uint16Array(1024);
    let names = Buffer.alloc(16 * 1024);
    let namesLength = 0;
    let slots = new Int32Array(2048); // open addressing; 0 is free
    // Archives list a folder's files one after the other: most paths share all but the last part with the one before.
    let lastFolder = new Uint8Array(0);
    let lastFolderPath = ROOT_PATH;
    return {
        count: () => count,
        child,
        path,
        climbs: () => climbs,
        text,
        find,
        parent: (at) => parents[at],
        name,
        nameBytes,
        format
    };
    function child(parent, bytes, start, end) {
        const hash = hashOf(parent, bytes, start, end);
        const slot = slotOf(hash, parent, bytes, start, end);
        return slots[slot] !== 0 ? slots[slot] : add(slot, hash, parent, bytes, start, end);
    }
    /** The slot of a child, or the free one where it belongs. */
    function slotOf(hash, parent, bytes, start, end) {
        const mask = slots.length - 1;
        let slot = hash & mask;
        for (let found = slots[slot]; found !== 0; found = slots[slot]) {
            if (hashes[found] === hash && parents[found] === parent && equals(found, bytes, start, end))
                return slot;
            slot = (slot + 1) & mask;
        }
        return slot;
    }
    function find(text) {
        let at = ROOT_PATH;
        for (const part of text.split('/')) {
            if (part === '')
                continue;
            const bytes = Buffer.from(part);
            at = slots[slotOf(hashOf(at, bytes, 0, bytes.length), at, bytes, 0, bytes.length)];
            if (at === 0)
                return 0;
        }
        return at;
    }
    function add(slot, hash, parent, bytes, start, end) {
        if (count === parents.length)
            growColumns();
        const length = end - start;
        if (namesLength + length > names.length)
            growNames(length);
        for (let at = start; at < end; at++)
            names[namesLength + at - start] = bytes[at];
        const added = count++;
        parents[added] = parent;
        hashes[added] = hash;
        nameStarts[added] = namesLength;
        nameLengths[added] = length;
        namesLength += length;
        slots[slot] = added;
        if (count * 2 > slots.length)
            growSlots();
        return added;
    }
    function path(bytes) {
        let folderEnd = bytes.length;
        while (folderEnd > 0 && bytes[folderEnd - 1] === paths_SLASH)
            folderEnd--;
        const nameEnd = folderEnd;
        while (folderEnd > 0 && bytes[folderEnd - 1] !== paths_SLASH)
            folderEnd--;
        const climbsBefore = climbs;
        const folder = isSame(lastFolder, bytes, folderEnd) ? lastFolderPath : walk(ROOT_PATH, bytes, 0, folderEnd);
        if (climbs === climbsBefore && (folder !== lastFolderPath || lastFolder.length !== folderEnd)) {
            lastFolder = Uint8Array.prototype.slice.call(bytes, 0, folderEnd);
            lastFolderPath = folder;
        }
        return walk(folder, bytes, folderEnd, nameEnd);
    }
    function walk(from, bytes, start, end) {
        let at = from;
        let partStart = start;
        for (let index = start; index <= end; index++) {
            if (index < end && bytes[index] !== paths_SLASH)
                continue;
            const length = index - partStart;
            if (length === 2 && bytes[partStart] === DOT && bytes[partStart + 1] === DOT) {
                climbs++;
                at = at === ROOT_PATH ? at : parents[at];
            }
            else if (length > 1 || (length === 1 && bytes[partStart] !== DOT))
                at = child(at, bytes, partStart, index);
            partStart = index + 1;
        }
        return at;
    }
    function text(bytes) {
        return child(TEXT_PARENT, bytes, 0, bytes.length);
    }
    function name(at) {
        return names.toString('utf8', nameStarts[at], nameStarts[at] + nameLengths[at]);
    }
    function nameBytes(at) {
        return names.subarray(nameStarts[at], nameStarts[at] + nameLengths[at]);
    }
    function format(at) {
        if (at === ROOT_PATH)
            return '/';
        const parts = [];
        for (let part = at; part > ROOT_PATH; part = parents[part])
            parts.push(name(part));
        return `/${parts.reverse().join('/')}`;
    }
    function equals(at, bytes, start, end) {
        if (nameLengths[at] !== end - start)
            return false;
        const from = nameStarts[at] - start;
        for (let index = start; index < end; index++)
            if (names[from + index] !== bytes[index])
                return false;
        return true;
    }
    function growColumns() {
        const capacity = parents.length * 2;
        parents = resized(parents, new Int32Array(capacity));
        hashes = resized(hashes, new Int32Array(capacity));
        nameStarts = resized(nameStarts, new Uint32Array(capacity));
        nameLengths = resized(nameLengths, new Uint16Array(capacity));
    }
    function growNames(length) {
        const grown = Buffer.alloc(Math.max(names.length * 2, namesLength + length));
        names.copy(grown, 0, 0, namesLength);
        names = grown;
    }
    function growSlots() {
        slots = new Int32Array(slots.length * 2);
        const mask = slots.length - 1;
        for (let at = 2; at < count; at++) {
            let slot = hashes[at] & mask;
            while (slots[slot] !== 0)
                slot = (slot + 1) & mask;
            slots[slot] = at;
        }
    }
}
/** A longer column with the same beginning. */
function resized(from, to) {
    to.set(from);
    return to;
}
/** FNV-1a with a final mix, so that the low bits, which choose the slot, depend on all of it. */
function hashOf(parent, bytes, start, end) {
    let hash = Math.imul(parent ^ 0x811c9dc5, 0x01000193);
    for (let at = start; at < end; at++)
        hash = Math.imul(hash ^ bytes[at], 0x01000193);
    hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
    return hash ^ (hash >>> 13);
}
function isSame(last, bytes, end) {
    if (last.length !== end)
        return false;
    for (let at = 0; at < end; at++)
        if (last[at] !== bytes[at])
            return false;
    return true;
}

;// CONCATENATED MODULE: ./src/image/entries.ts



const entryTypes = [
    'file',
    'hard-link',
    'symlink',
    'character-device',
    'block-device',
    'directory',
    'fifo',
    'other'
];
const TYPE_FILE = 0;
const TYPE_HARD_LINK = 1;
const TYPE_SYMLINK = 2;
const TYPE_DIRECTORY = 5;
const TYPE_OTHER = 7;
function entryTable() {
    const capacity = 1024;
    return {
        count: 1,
        layer: new Uint16Array(capacity),
        type: new Uint8Array(capacity),
        path: new Int32Array(capacity),
        size: new Float64Array(capacity),
        mode: new Uint16Array(capacity),
        uid: new Uint32Array(capacity),
        gid: new Uint32Array(capacity),
        crc: new Uint32Array(capacity),
        attributes: new Uint32Array(capacity),
        link: new Int32Array(capacity)
    };
}
/** Adds an entry and returns its number; throws `limit` beyond `limits.entries`. */
function addEntry(table, entry, limits) {
    if (table.count > limits.entries) {
        throw new ImageError('limit', `the image has more than ${limits.entries} tar entries`);
    }
    if (table.count === table.type.length)
        grow(table);
    const { tar } = entry;
    const added = table.count++;
    table.layer[added] = entry.layer;
    table.type[added] = entryTypes.indexOf(tar.type);
    table.path[added] = entry.path;
    table.size[added] = tar.size;
    table.mode[added] = tar.mode;
    table.uid[added] = tar.uid;
    table.gid[added] = tar.gid;
    table.attributes[added] = attributesMark(tar.attributes);
    table.link[added] = entry.link;
    return added;
}
/** Bottom up, and within a layer as in its archive: numbers of different layers alternate in an order that differs from run to run. */
function orderEntries({ layer }, a, b) {
    return layer[a] - layer[b] || a - b;
}
/** The order in which a builder writes attributes says nothing. */
function attributesMark(attributes) {
    if (attributes.length === 0)
        return 0;
    return (0,external_node_zlib_.crc32)(Buffer.concat(attributes.toSorted((a, b) => a.compare(b))));
}
function grow(table) {
    const capacity = table.type.length * 2;
    table.layer = resized(table.layer, new Uint16Array(capacity));
    table.type = resized(table.type, new Uint8Array(capacity));
    table.path = resized(table.path, new Int32Array(capacity));
    table.size = resized(table.size, new Float64Array(capacity));
    table.mode = resized(table.mode, new Uint16Array(capacity));
    table.uid = resized(table.uid, new Uint32Array(capacity));
    table.gid = resized(table.gid, new Uint32Array(capacity));
    table.crc = resized(table.crc, new Uint32Array(capacity));
    table.attributes = resized(table.attributes, new Uint32Array(capacity));
    table.link = resized(table.link, new Int32Array(capacity));
}

// EXTERNAL MODULE: external "node:buffer"
var external_node_buffer_ = __webpack_require__(4573);
// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
// EXTERNAL MODULE: external "node:os"
var external_node_os_ = __webpack_require__(8161);
;// CONCATENATED MODULE: ./src/image/digest.ts


const pattern = /^(?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128})$/;
/** Whether a text is a digest of an algorithm that the spec registers. */
function isDigest(text) {
    return pattern.test(text);
}
/** Parses a digest; throws `corrupt-document` naming `what` otherwise. */
function parseDigest(text, what) {
    if (isDigest(text))
        return text;
    throw new ImageError('corrupt-document', `${what}: "${text.slice(0, 100)}" is not a sha256 or sha512 digest`);
}
/** The two parts of a digest: where a layout keeps the blob. */
function splitDigest(digest) {
    return digest.startsWith('sha256:')
        ? { algorithm: 'sha256', hex: digest.slice(7) }
        : { algorithm: 'sha512', hex: digest.slice(7) };
}
/** A running hash of the algorithm that `expected` is written in. */
function hashFor(expected) {
    return (0,external_node_crypto_.createHash)(splitDigest(expected).algorithm);
}
/** The sha256 digest of some bytes. */
function sha256Of(bytes) {
    return `sha256:${(0,external_node_crypto_.createHash)('sha256').update(bytes).digest('hex')}`;
}
/** Throws `wrong-digest` unless the finished hash is the expected digest. */
function checkDigest(hash, expected, what) {
    const { algorithm, hex } = splitDigest(expected);
    const actual = hash.digest('hex');
    if (actual !== hex)
        throw new ImageError('wrong-digest', `${what} has digest ${algorithm}:${actual}, not ${expected}`);
}
/** Where a layout keeps a blob. The digest has been parsed, so the name can't climb out of the folder. */
function blobName(digest) {
    const { algorithm, hex } = splitDigest(digest);
    return `blobs/${algorithm}/${hex}`;
}

;// CONCATENATED MODULE: ./src/image/inflate.ts







/** Bytes that tell how a layer is compressed. */
const MAGIC = 4;
/** Output of one inflating step. Larger pieces cost fewer trips through the thread pool, see docs/analysis.md. */
const CHUNK_SIZE = 512 * 1024;
/** Finished pieces that may wait while the main thread works on one: inflating goes on in the thread pool meanwhile. */
const PIECES_AHEAD = 4;
/**
 * Reads a layer once: verifies the blob's digest, inflates, verifies the diffID or works it out, and hands each uncompressed
 * piece to `sink`.
 * A piece is valid for good; nobody writes to it again. Takes gzip with several members and zstd with several frames.
 *
 * Throws `wrong-digest`, `wrong-size`, `corrupt-layer`, `limit`, and whatever `sink` throws.
 */
async function inflateLayer(layer, sink, limits, signal) {
    const { blob, descriptor, diffID } = layer;
    const what = `layer ${descriptor.digest}`;
    if (blob === undefined)
        throw new ImageError('missing-blob', `${what} is not in the layout`);
    const blobHash = hashFor(descriptor.digest);
    const tarHash = diffID === undefined ? (0,external_node_crypto_.createHash)('sha256') : hashFor(diffID);
    let tarSize = 0;
    const take = (piece) => {
        tarSize += piece.length;
        checkBomb(tarSize, blob.size, limits, what);
        tarHash.update(piece);
        sink(piece);
    };
    const source = 'later' in blob ? streamGrowing(blob, signal) : blob.size === 0 ? [] : streamRange(blob);
    // Hashing follows each piece on its way in, so that the blob is read once.
    const { magic, pieces } = await peeked(hashed(source, (piece) => blobHash.update(piece), signal));
    const compression = compressionOf(magic);
    if (compression === 'none')
        for await (const piece of pieces)
            take(piece);
    else
        await inflate(pieces, compression, take, limits, what);
    if (layer.named)
        checkDigest(blobHash, descriptor.digest, `${what}: the blob`);
    if (diffID === undefined)
        return { compression, tarSize, diffID: `sha256:${tarHash.digest('hex')}` };
    checkDigest(tarHash, diffID, `${what}: the uncompressed tar`);
    return { compression, tarSize, diffID };
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
/** The first bytes of a stream, and the stream with them. */
async function peeked(source) {
    const pieces = [];
    let length = 0;
    while (length < MAGIC) {
        const next = await source.next();
        if (next.done === true)
            break;
        pieces.push(next.value);
        length += next.value.length;
    }
    const all = async function* () {
        try {
            yield* pieces.splice(0);
            yield* source;
        }
        finally {
            await source.return(undefined);
        }
    };
    return { magic: Buffer.concat(pieces).subarray(0, MAGIC), pieces: all() };
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
                    if (!isZero(rest, 0, rest.length))
                        throw new ImageError('corrupt-layer', `${what}: bytes follow the gzip stream`);
                    break;
                }
            }
        }
        await stream?.end();
    }
    catch (caught) {
        if (!isZlibError(caught))
            throw caught;
        throw new ImageError('corrupt-layer', `${what} does not inflate as ${compression}: ${reasonOf(caught)}`, {
            cause: caught
        });
    }
    finally {
        stream?.destroy();
    }
}
function gunzip() {
    return (0,external_node_zlib_.createGunzip)({ chunkSize: CHUNK_SIZE });
}
function unzstd(limits) {
    return (0,external_node_zlib_.createZstdDecompress)({
        chunkSize: CHUNK_SIZE,
        params: { [external_node_zlib_.constants.ZSTD_d_windowLogMax]: limits.zstdWindowLog }
    });
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
        if (queue.length >= PIECES_AHEAD)
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
        if (queue.length < PIECES_AHEAD && stream.isPaused())
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
        throw new ImageError('limit', `${what} inflates to more than ${limits.layerBytes} bytes`);
    }
    if (tarSize > limits.ratioFrom && tarSize > blobSize * limits.ratio) {
        throw new ImageError('limit', `${what} inflates to more than ${limits.ratio} times its size`);
    }
}
function isZlibError(caught) {
    return external_node_util_.types.isNativeError(caught) && 'code' in caught && /^(?:Z_|ZSTD_|ERR_)/.test(String(caught.code));
}

// EXTERNAL MODULE: ./src/core/byte_search.ts
var byte_search = __webpack_require__(2148);
;// CONCATENATED MODULE: ./src/image/leaks/der.ts
const DER_INTEGER = 0x02;
const DER_OCTETS = 0x04;
const DER_IDENTIFIER = 0x06;
const DER_SEQUENCE = 0x30;
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

;// CONCATENATED MODULE: ./src/image/leaks/private_key.ts


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
/** How a file of PuTTY's begins; a version follows. */
const PUTTY_MARK = 'PuTTY-User-Key-File-';
/** Longest armoured key looked at, in bytes: RSA with 16 384 bits takes 13 KB. */
const LONGEST_KEY_TEXT = 48 * 1024;
/**
 * Reads the armoured private key at the start of a text. Takes what files and JSON make of its line ends: CRLF, a literal `\n`,
 * blanks, quotes around each line. Undefined if the body is not complete, not base64 or not a key: a test's stub, documentation.
 */
function readPrivateKey(text) {
    if (text.startsWith(PUTTY_MARK))
        return readPuTTY(text);
    const begin = /^-----BEGIN ((?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?)-----/.exec(text);
    if (begin === null)
        return undefined;
    const label = begin[1] ?? '';
    const end = text.indexOf(`-----END ${label}-----`, begin[0].length);
    if (end === -1 || end > LONGEST_KEY_TEXT)
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
/** Every block of a text that can be read as a key, with its text. */
function keyBlocks(text) {
    return [...text.matchAll(/-----BEGIN (?:[A-Z]+ )?PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-/g)].flatMap(({ index }, at, marks) => {
        const block = text.slice(index, Math.min(marks[at + 1]?.index ?? text.length, index + LONGEST_KEY_TEXT));
        const key = readPrivateKey(block);
        return key === undefined ? [] : [{ text: block, key }];
    });
}
/** What stands for a key where it is to be named: sha256 of its decoded body, as `base64 -d | sha256sum` has it. */
function fingerprintOf({ body }) {
    return `sha256:${(0,external_node_crypto_.createHash)('sha256').update(body).digest('hex')}`;
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
    if (outer?.length !== 1 || outer[0]?.tag !== DER_SEQUENCE)
        return undefined;
    if (label === 'ENCRYPTED PRIVATE KEY') {
        const [algorithm, data, ...rest] = derElements(body, outer[0]) ?? [];
        if (algorithm?.tag !== DER_SEQUENCE || data?.tag !== DER_OCTETS || rest.length > 0 || data.end - data.start < 32)
            return undefined;
        return { encrypted: true, secretParts: [data] };
    }
    const secretParts = label === 'PRIVATE KEY' ? readPkcs8(body, outer[0]) : readTraditional(body, outer[0]);
    return secretParts === undefined ? undefined : { encrypted: false, secretParts };
}
/** PKCS#8, RFC 5208 and 5958: version, algorithm, and the key in an octet string. */
function readPkcs8(body, range) {
    const [version, algorithm, key] = derElements(body, range) ?? [];
    if (version?.tag !== DER_INTEGER || algorithm?.tag !== DER_SEQUENCE || key?.tag !== DER_OCTETS)
        return undefined;
    if (derElements(body, algorithm)?.[0]?.tag !== DER_IDENTIFIER)
        return undefined;
    const inner = derElements(body, key);
    if (inner?.length !== 1)
        return undefined;
    // Ed25519 and its kin hold one octet string, DSA and Diffie-Hellman one integer.
    if (inner[0]?.tag === DER_SEQUENCE)
        return readTraditional(body, inner[0]);
    return inner[0] !== undefined && inner[0].end - inner[0].start >= 16 ? [inner[0]] : undefined;
}
/** PKCS#1 (RFC 8017 A.1.2), SEC 1 (RFC 5915) and OpenSSL's DSA: told apart by what is inside. */
function readTraditional(body, range) {
    const elements = derElements(body, range);
    const [version, second] = elements ?? [];
    if (elements === undefined || version?.tag !== DER_INTEGER || version.end - version.start !== 1)
        return undefined;
    if (second?.tag === DER_OCTETS)
        return second.end - second.start >= 16 ? [second] : undefined;
    if (!elements.every(({ tag }) => tag === DER_INTEGER))
        return undefined;
    if (elements.length === 9)
        return elements.slice(3);
    return elements.length === 6 ? elements.slice(5) : undefined;
}
const OPENSSH_MAGIC = 'openssh-key-v1\0';
/** https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function readOpenSsh(body) {
    if (body.toString('latin1', 0, OPENSSH_MAGIC.length) !== OPENSSH_MAGIC)
        return undefined;
    const outer = sshStrings(body, OPENSSH_MAGIC.length, 3);
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
/** https://the.earth.li/~sgtatham/putty/0.83/htmldoc/AppendixC.html */
function readPuTTY(text) {
    const lines = text
        .slice(0, LONGEST_KEY_TEXT)
        .replace(/\\+[nr]/g, '\n')
        .split(/[\r\n]+/)
        .map((line) => line.trim().replace(/^["'`]+|["'`][\s+.,;\\]*$/g, ''));
    const valueOf = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const cipher = valueOf('Encryption');
    const count = Number(valueOf('Private-Lines'));
    if (!/^PuTTY-User-Key-File-[123]: /.test(lines[0] ?? '') || cipher === undefined || !(count > 0 && count < 1000))
        return undefined;
    const first = lines.findIndex((line) => line.startsWith('Private-Lines: ')) + 1;
    const base64 = lines.slice(first, first + count).join('');
    if (!/^[A-Za-z0-9+/]+={0,2}$/.test(base64))
        return undefined;
    const body = Buffer.from(base64, 'base64');
    const whole = { start: 0, end: body.length };
    if (body.length < 32)
        return undefined;
    if (cipher !== 'none')
        return { format: 'PuTTY', encrypted: true, body, secretParts: [whole] };
    const fields = sshStrings(body, 0, 8, true) ?? [];
    return fields.at(-1)?.end === body.length
        ? { format: 'PuTTY', encrypted: false, body, secretParts: fields }
        : undefined;
}

;// CONCATENATED MODULE: ./src/image/leaks/key_writing.ts
/** The text of a key from how it was written down: armour in base64, in hex or percent-encoded is armour all the same. */

/** What programs put at the end of a line, around it, and before the next. */
const lineBreak = /(?:\s|\\[nr]?|["'`]\s*[+,.;&]?\s*)+/y;
/** @param text from the mark on, latin1 */
function writtenOut(text, writing) {
    switch (writing.as) {
        case 'raw':
            return text;
        case 'base64':
            return fromBase64(text, writing.skew);
        case 'hex':
            return fromHex(text);
        case 'url':
            return fromURL(text);
    }
}
/** Decodes a base64 text whose first character is not on a border of four. The first byte is lost; it was the mark's first. */
function fromBase64(text, skew) {
    const run = joined(text, /^[A-Za-z0-9+/]+/);
    const decoded = Buffer.from('A'.repeat(Math.ceil((skew * 8) / 6)) + run, 'base64').toString('latin1');
    const putty = decoded.slice(0, 40).indexOf(PUTTY_MARK.slice(1));
    if (putty !== -1)
        return PUTTY_MARK.slice(0, 1) + decoded.slice(putty);
    const begin = decoded.slice(0, 40).indexOf('BEGIN ');
    return begin === -1 ? '' : `-----${decoded.slice(begin)}`;
}
function fromHex(text) {
    const run = joined(text, /^[0-9a-fA-F]+/);
    return Buffer.from(run, 'hex').toString('latin1');
}
function fromURL(text) {
    const run = /^[^\s"'<>&]+/.exec(text)?.[0] ?? '';
    const spaced = run.slice(0, 30).includes('BEGIN+') ? run.replaceAll('+', ' ') : run;
    return spaced.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}
/** The text up to where it stops to be of an alphabet, line ends taken out. */
function joined(text, alphabet) {
    let run = '';
    for (let at = 0; at < text.length;) {
        const part = alphabet.exec(text.slice(at, at + 4096))?.[0];
        if (part === undefined)
            return run;
        run += part;
        at += part.length;
        lineBreak.lastIndex = at;
        const gap = lineBreak.exec(text);
        if (gap?.index === at)
            at += gap[0].length;
    }
    return run;
}

// EXTERNAL MODULE: ./src/core/slices.ts
var slices = __webpack_require__(5940);
// EXTERNAL MODULE: ./src/core/secret_encodings.ts
var secret_encodings = __webpack_require__(9330);
;// CONCATENATED MODULE: ./src/core/hex_dump.ts
/**
 * Hex as people read it: a byte is two digits, and something stands between. As `xxd`, `hexdump -C` and `od -tx1` print it, as
 * `openssl` does (`aa:bb`), and as programs embed it (`0xaa, 0xbb`, `\xaa\xbb`, `%aa%bb`, `\u00aa\u00bb`).
 */
const styles = [
    { before: ' ', together: 1 },
    { before: ' ', together: 1, upper: true },
    { before: ' ', together: 2 },
    { before: ':', together: 1 },
    { before: ':', together: 1, upper: true },
    { before: '-', together: 1, upper: true },
    { before: '\\x', together: 1 },
    { before: ', 0x', together: 1 },
    { before: ',0x', together: 1 },
    { before: '%', together: 1 },
    { before: '%', together: 1, upper: true },
    { before: '\\u00', together: 1 }
];
/** Bytes that stand side by side in any dump of a value: `hexdump -C` leaves a gap after each eight. */
const LONGEST_RUN = 6;
const STEP = 3;
/** In so many bytes there is a run of eight, wherever the lines end. */
const ENOUGH = 16;
/**
 * Texts of which one stands in each dump of a value, and which stand hardly anywhere else. What has one is no find yet: see
 * `findDump`.
 */
function dumpMarks(value) {
    const run = Math.min(LONGEST_RUN, value.length >> 1);
    const last = Math.min(value.length, ENOUGH) - run;
    const step = value.length < ENOUGH ? 1 : STEP;
    const marks = new Set();
    for (let at = 0; at <= last; at += step) {
        const digits = Array.from(value.subarray(at, at + run), (byte) => byte.toString(16).padStart(2, '0'));
        for (const { before, together, upper = false } of styles) {
            for (let phase = 0; phase < together; phase++) {
                const text = digits.map((pair, index) => (index > 0 && (index + phase) % together === 0 ? before : '') + pair);
                marks.add(upper ? text.join('').toUpperCase() : text.join(''));
            }
        }
    }
    return [...marks].map((mark) => Buffer.from(mark, 'latin1'));
}
/** Characters that a byte takes at most, and those of a line around its bytes: an offset, a margin, the text beside them. */
const WIDEST_BYTE = 6;
const WIDEST_LINE = 128;
const FEWEST_IN_LINE = 8;
/** How far from a mark the dump of a value may reach. */
function dumpReach(value) {
    return value.length * WIDEST_BYTE + (Math.ceil(value.length / FEWEST_IN_LINE) + 2) * WIDEST_LINE;
}
/** Where in a text a dump of a value begins and ends, if there is one. */
function findDump(text, value) {
    const bare = text.replace(/[^\r\n]+/g, withoutColumns);
    // Nothing is taken off lines without columns, nor off the first one, which may begin in its middle.
    const first = /[\r\n]|$/.exec(text)?.index ?? 0;
    for (const candidate of new Set([bare, text.slice(0, first) + bare.slice(first), text])) {
        const pairs = [...candidate.replace(/0x|\\x|\\u00/gi, ({ length }) => ' '.repeat(length)).matchAll(/[0-9a-f]{2}/gi)];
        const at = Buffer.from(pairs.map(([pair]) => pair).join(''), 'hex').indexOf(value);
        const [start, end] = [pairs[at]?.index, pairs[at + value.length - 1]?.index];
        if (at >= 0 && start !== undefined && end !== undefined)
            return { start, end: end + 2 };
    }
    return undefined;
}
/** A line with blanks in the place of its offset and of the text beside its bytes. */
function withoutColumns(line) {
    const offset = /^\s*[0-9a-f]{4,16}(?::|(?= ))/i.exec(line)?.[0].length ?? 0;
    if (offset === 0)
        return line;
    const rest = line.slice(offset);
    // `xxd` ends its columns by two blanks; `hexdump -C` has two in the middle as well, and a `|` behind.
    const bytes = / [|>]/.test(rest)
        ? rest.slice(0, rest.search(/ [|>]/))
        : (/^ *(?:[0-9a-f]+ )*(?:[0-9a-f]+)?/i.exec(rest)?.[0] ?? '');
    return `${' '.repeat(offset)}${bytes.padEnd(rest.length)}`;
}

// EXTERNAL MODULE: ./src/core/secret_forms.ts
var secret_forms = __webpack_require__(3591);
;// CONCATENATED MODULE: ./src/image/leaks/needles.ts






/** Of a longer value a stretch of this many bytes from its middle is searched for, where it differs most from others of its kind. */
const LONGEST_PATTERN = 512;
/** Pieces of one value, and patterns of all, that are searched for in every encoding; of the others only the raw form is. */
const MOST_ENCODED = 64;
const MOST_ENCODED_PATTERNS = 60_000;
/** Pieces of one value that are searched for in dumps as well, the marks of all of them, and what of a longer piece is. */
const MOST_DUMPED = 16;
const MOST_DUMP_PATTERNS = 20_000;
const LONGEST_DUMPED = 64;
// The values stay behind this door, so that no log, error or report can print them by accident.
const searches = new WeakMap();
/**
 * Turns secrets into what to search for: each value, the secrets inside it and its telling lines, in every encoding. Of a private key
 * only the secret parts are telling: its public half and the bytes that all keys share may be anywhere. Values are never
 * shown again, only ids. Large secrets take seconds, in which other things go on.
 */
function planNeedles(secrets) {
    return (0,slices/* inSlices */.Z)(planInSlices(secrets));
}
function* planInSlices(secrets) {
    const patterns = [];
    const needles = [];
    const omissions = [];
    const seen = new Set();
    let partly = 0;
    let dumped = 0;
    const planned = [];
    for (const secret of secrets) {
        planned.push({ id: secret.id, pieces: piecesOf(secret, omissions) });
        yield;
    }
    for (const { id, pieces } of planned) {
        for (const piece of pieces)
            add(id, piece, 'raw', piece.bytes, false);
        yield;
    }
    for (const { id, pieces } of planned) {
        const encoded = evenly(pieces, MOST_ENCODED);
        if (encoded.length < pieces.length) {
            omissions.push({
                ...{ kind: 'value', secretId: id },
                words: `secret "${id}" has ${pieces.length} parts: all were searched for as they are, and ${encoded.length} of them encoded`
            });
        }
        for (const piece of encoded) {
            yield;
            if (patterns.length > MOST_ENCODED_PATTERNS)
                partly++;
            else
                for (const { encoding, bytes, mayWrap } of (0,secret_encodings/* encodingsOf */.a_)(piece.bytes))
                    add(id, piece, encoding, bytes, mayWrap);
        }
    }
    for (const { id, pieces } of planned) {
        for (const piece of evenly(pieces, MOST_DUMPED)) {
            yield;
            addDump(id, piece);
        }
    }
    if (partly > 0)
        omissions.push({
            kind: 'image',
            words: `the secrets have too many parts: ${partly} of them were searched for only as they are`
        });
    addKeyMarks();
    const plan = { secretIds: secrets.map(({ id }) => id), patterns: patterns.length, omissions };
    searches.set(plan, { search: yield* (0,byte_search/* searchSlices */.Ag)(patterns), needles });
    return plan;
    function add(secretId, piece, encoding, bytes, mayWrap) {
        const key = `${secretId} ${bytes.toString('latin1')}`;
        if (seen.has(key))
            return;
        seen.add(key);
        const { extent, part } = piece;
        patterns.push({ bytes, mayWrap });
        needles.push({ kind: 'secret', secretId, encoding, extent, ...(part === undefined ? {} : { part }) });
    }
    function addDump(secretId, { bytes, extent, part }) {
        if (dumped > MOST_DUMP_PATTERNS)
            return;
        const value = middleOf(bytes, LONGEST_DUMPED);
        const confirm = {
            reach: dumpReach(value),
            find: (around) => findDump(Buffer.from(around).toString('latin1'), value)
        };
        for (const mark of dumpMarks(value)) {
            patterns.push({ bytes: mark, mayWrap: false, confirm });
            needles.push({
                ...{ kind: 'secret', secretId, encoding: 'hex', extent: value === bytes ? extent : 'part' },
                ...(part === undefined ? {} : { part })
            });
            dumped++;
        }
    }
    function addKeyMarks() {
        const mark = (bytes, writing) => {
            patterns.push({ bytes: Buffer.from(bytes), mayWrap: writing.as === 'base64' || writing.as === 'hex' });
            needles.push({ kind: 'key-mark', writing });
        };
        const begins = [...privateKeyLabels.map((label) => `-----BEGIN ${label}-----`), PUTTY_MARK];
        for (const begin of begins) {
            const bytes = Buffer.from(begin);
            mark(begin, { as: 'raw' });
            for (const skew of [0, 1, 2])
                mark((0,secret_encodings/* base64At */.zE)(bytes, skew), { as: 'base64', skew });
            const hex = bytes.toString('hex');
            for (const form of [hex, hex.toUpperCase()])
                mark(form, { as: 'hex' });
            if (begin === PUTTY_MARK)
                continue; // nothing in it is escaped
            const full = (0,secret_encodings/* percentEncoded */.qE)(bytes, alphanumeric);
            for (const form of [
                begin.replaceAll(' ', '%20'),
                begin.replaceAll(' ', '+'),
                full,
                full.replaceAll('%2D', '%2d')
            ]) {
                mark(form, { as: 'url' });
            }
        }
    }
}
const alphanumeric = new Set(Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'));
/** The search that belongs to a plan. */
function searchOf(plan) {
    const found = searches.get(plan);
    if (found === undefined)
        throw new TypeError('a needle plan comes from planNeedles');
    return found;
}
/** What of a secret is searched for. */
function piecesOf(secret, omissions) {
    const value = typeof secret.value === 'string' ? Buffer.from(secret.value, 'utf8') : secret.value;
    const { pieces, unsearched } = (0,secret_forms/* secretForms */.eo)(value);
    const omit = (words) => omissions.push({ kind: 'value', secretId: secret.id, words });
    if (unsearched !== undefined)
        omit(`secret "${secret.id}" was not searched for: ${unsearched}`);
    if (pieces.length === 0)
        return [];
    const text = (0,secret_forms/* bareValue */.Gz)(value).toString('latin1');
    // A key may be in what the value is the base64 of.
    const parts = pieces.slice(1).map(({ bytes }) => bytes.toString('latin1'));
    const keys = [text, ...parts.filter((part) => part.includes('PRIVATE KEY-----'))].flatMap(keyBlocks);
    if (secret.kind === 'ssh-key' && readPrivateKey(text) === undefined) {
        omit(`key "${secret.id}" could not be read as a private key: only its whole text and its lines were searched for`);
    }
    // A line of a key may be all public.
    const own = new Set(keys.flatMap(({ text: block }) => linesOf(block)));
    const searched = pieces
        .filter(({ common, bytes }) => !common && !own.has(bytes.toString('latin1')))
        .map(({ extent, bytes, part }) => {
        if (bytes.length <= LONGEST_PATTERN)
            return { extent, bytes, ...(part === undefined ? {} : { part }) };
        return { extent: 'part', bytes: middleOf(bytes, LONGEST_PATTERN), ...(part === undefined ? {} : { part }) };
    });
    const secretNumbers = keys.flatMap(({ text: block, key }) => [
        ...keyLines(block, key).map((line) => Buffer.from(line)),
        ...key.secretParts
            .filter(({ start, end }) => end - start >= 16)
            .map(({ start, end }) => Buffer.from(key.body.subarray(start, Math.min(end, start + 48))))
    ]);
    const all = [...searched, ...secretNumbers.map((bytes) => ({ extent: 'part', bytes }))];
    return [...new Map(all.toReversed().map((piece) => [piece.bytes.toString('latin1'), piece])).values()].reverse();
}
function linesOf(block) {
    return block.split(/\r\n|\n|\r|\\n/).map((line) => line.trim());
}
/** The lines of an armoured key that hold at least twelve bytes of its secret parts. */
function keyLines(block, key) {
    const lines = [];
    let characters = 0;
    for (const line of linesOf(block)) {
        if (!/^[A-Za-z0-9+/]+={0,2}$/.test(line))
            continue;
        const start = (characters * 3) / 4;
        const end = ((characters + line.length) * 3) / 4;
        characters += line.length;
        const overlap = key.secretParts.reduce((sum, part) => sum + Math.max(0, Math.min(end, part.end) - Math.max(start, part.start)), 0);
        if (line.length >= 16 && overlap >= 12)
            lines.push(line);
    }
    return lines;
}
function middleOf(bytes, length) {
    return bytes.length <= length ? bytes : bytes.subarray((bytes.length - length) >> 1).subarray(0, length);
}
function evenly(items, most) {
    if (items.length <= most)
        return items;
    return Array.from({ length: most }, (_, at) => items[Math.floor((at * items.length) / most)]);
}

;// CONCATENATED MODULE: ./src/image/leaks/stream.ts




/** A file made of nothing but a secret must not fill the memory. */
const MOST_HITS = 10_000;
/** A key in hex takes twice as much, and line ends. */
const longestCapture = Math.ceil(LONGEST_KEY_TEXT * 2.1);
/** Looks for a plan's secrets, and for any private key that can be read, in a text that arrives in chunks. */
function hitStream(plan) {
    const { search, needles } = searchOf(plan);
    /** What a mark's first byte may lie behind the chunk with its last. */
    const longestMark = search.longest;
    const hits = [];
    let dropped = 0;
    let offset = 0; // behind the last chunk
    const recent = [];
    let recentLength = 0;
    let capture;
    const feed = (0,byte_search/* searchStream */.zh)(search, (pattern, start) => {
        const needle = needles[pattern];
        if (needle.kind === 'secret')
            add(secretHit(needle, start));
        else
            beginCapture(start, needle.writing);
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
        if (hits.length < MOST_HITS)
            hits.push(hit);
        else
            dropped++;
    }
    function beginCapture(start, writing) {
        endCapture(start);
        const pieces = [];
        let pieceStart = offset - recentLength;
        for (const piece of recent) {
            if (start < pieceStart + piece.length)
                pieces.push(piece.subarray(Math.max(0, start - pieceStart)));
            pieceStart += piece.length;
        }
        capture = { offset: start, writing, pieces, length: offset - start };
    }
    /** Reads the key if there is one. The text ends where the next mark begins, so no byte is read twice. */
    function endCapture(at) {
        if (capture === undefined)
            return;
        const { offset: start, writing, pieces } = capture;
        capture = undefined;
        const text = firstBytes(pieces, Math.min(at - start, longestCapture)).toString('latin1');
        const key = readPrivateKey(writtenOut(text, writing));
        if (key === undefined)
            return;
        const encoding = writing.as;
        const { format, encrypted } = key;
        add({ kind: 'private-key', format, encrypted, fingerprint: fingerprintOf(key), encoding, offset: start });
    }
}
/** The beginning of a text in pieces. Between two marks there may be a line, and behind it the rest of a large chunk. */
function firstBytes(pieces, length) {
    const taken = [];
    for (let at = 0, rest = length; rest > 0 && at < pieces.length; at++) {
        const piece = pieces[at].subarray(0, rest);
        taken.push(piece);
        rest -= piece.length;
    }
    return taken.length === 1 ? taken[0] : Buffer.concat(taken);
}
function secretHit({ kind, ...needle }, offset) {
    return { kind, ...needle, offset };
}
/** Hits in a text that is there as a whole. */
function hitsIn(plan, text) {
    const stream = hitStream(plan);
    stream.write(typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
    return stream.end().hits;
}

;// CONCATENATED MODULE: ./src/image/scan.ts









/** Layers inflated side by side: more than the cores gain nothing, and each holds a few megabytes. */
const SCANS_AT_ONCE = Math.min(4, (0,external_node_os_.availableParallelism)() + 1);
const whiteoutPrefix = Buffer.from('.wh.');
const aufsPrefix = Buffer.from('.wh..wh.');
const opaqueMarker = Buffer.from('.wh..wh..opq');
const scan_SLASH = 0x2f;
/** Reads a layer once and lists what is in it. Throws what `inflateLayer` throws. */
async function scanLayer(layer, index, options) {
    const { paths, entries, limits, signal } = options;
    const hits = options.needles === undefined ? undefined : hitStream(options.needles);
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
    const reader = tarReader({
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
    const { compression, tarSize, diffID } = await inflateLayer(layer, (piece) => {
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
        diffID,
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
        while (end > 0 && path[end - 1] === scan_SLASH)
            end--;
        const start = path.lastIndexOf(scan_SLASH, end - 1) + 1;
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
        currentEntry = addEntry(entries, { layer: index, path, link: linkOf(entry), tar: entry }, limits);
        if (entries.type[currentEntry] !== TYPE_OTHER)
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
                starts = resized(starts, new Float64Array(length * 2));
                headers = resized(headers, new Uint32Array(length * 2));
                owners = resized(owners, new Int32Array(length * 2));
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

;// CONCATENATED MODULE: ./src/image/turns.ts
/** Runs a few things at once, the others in their turn. */
function turns(most) {
    const waiting = [];
    let free = most;
    return async (work) => {
        if (free > 0)
            free -= 1;
        else
            await new Promise((resolve) => waiting.push(resolve));
        try {
            return await work();
        }
        finally {
            const next = waiting.shift();
            if (next === undefined)
                free += 1;
            else
                next();
        }
    };
}

;// CONCATENATED MODULE: ./src/image/ahead.ts






/** Complete blobs below this many bytes are scanned faster than they are told from documents. */
const SMALLEST = 16 * 1024;
/** Layers have 16 bits for their number. */
const MOST_LAYERS = 2 ** 16;
/** Opens the scans of one image. Aborted, they end. */
function scanAhead({ needles, signal, ...options }) {
    const limits = { ...defaultLimits, ...options.limits };
    const paths = pathTable();
    const entries = entryTable();
    const known = new Set();
    const telling = [];
    const begun = [];
    /** All is written, and the tables are the analysis's. */
    let isOver = false;
    const inTurn = turns(SCANS_AT_ONCE);
    const scan = (digest, blob) => {
        const layer = { blob, descriptor: { digest }, named: true };
        const number = begun.length;
        if (number >= MOST_LAYERS)
            return;
        const scanning = inTurn(() => scanLayer(layer, number, { paths, entries, limits, signal, needles }));
        begun.push({ digest, scan: scanning.catch(() => undefined) });
    };
    return {
        begin(digest, blob) {
            const isGrowing = 'later' in blob;
            if (isOver || known.has(digest) || (!isGrowing && blob.size < SMALLEST))
                return;
            known.add(digest);
            if (isGrowing) {
                scan(digest, { ...blob, isOver: () => isOver });
                return;
            }
            const told = isDocument(blob).then((is) => (is ? undefined : scan(digest, blob)));
            telling.push(told.catch(() => undefined));
        },
        async take(layers, wanted) {
            const isFirst = !isOver;
            isOver = true;
            await Promise.all(telling);
            const scans = await Promise.all(begun.map((each) => each.scan));
            const places = begun.map(({ digest }, number) => layers.findIndex((layer) => layer.descriptor.digest === digest && layer.diffID === scans[number]?.diffID));
            // What is in the tables cannot be taken out again.
            if (!isFirst || wanted !== needles || places.includes(-1))
                return undefined;
            for (let entry = 1; entry < entries.count; entry++)
                entries.layer[entry] = places[entries.layer[entry]];
            return {
                paths,
                entries,
                scans: new Map(scans.flatMap((each, number) => (each ? [[places[number], each]] : [])))
            };
        }
    };
}
/** Manifests, configs and statements are JSON objects; no archive begins like one. */
async function isDocument(blob) {
    const [first] = await readRange({ ...blob, size: 1 }, 1, 'a blob');
    return first === 0x7b;
}

;// CONCATENATED MODULE: ./src/image/json.ts

/** Parses bytes into a JSON object; throws `corrupt-document` naming `what` if they are anything else. */
function parseJSONObject(bytes, what) {
    return asObject(parseJSON(bytes, what), what);
}
/** Parses bytes as JSON; throws `corrupt-document` naming `what` if they are not. */
function parseJSON(bytes, what) {
    try {
        const parsed = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8'));
        return parsed;
    }
    catch (caught) {
        throw new ImageError('corrupt-document', `${what} is not JSON: ${reasonOf(caught)}`, { cause: caught });
    }
}
/** Narrows to an object; throws `corrupt-document` otherwise. */
function asObject(value, what) {
    if (isObject(value))
        return value;
    throw new ImageError('corrupt-document', `${what} is not a JSON object`);
}
/** Narrows to an array; absent and null count as empty, as Go writes them. Throws `corrupt-document` otherwise. */
function asArray(value, what) {
    if (value === undefined || value === null)
        return [];
    if (Array.isArray(value))
        return value;
    throw new ImageError('corrupt-document', `${what} is not a JSON array`);
}
/** Narrows to a string; throws `corrupt-document` otherwise. */
function asString(value, what) {
    if (typeof value === 'string')
        return value;
    throw new ImageError('corrupt-document', `${what} is not a string`);
}
/** A string, or undefined for anything else, for members that only inform. */
function stringOf(value) {
    return typeof value === 'string' ? value : undefined;
}
/** The strings of an array, or none. */
function stringsOf(value) {
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
/** The members of an object that are strings. */
function stringMapOf(value) {
    if (!isObject(value))
        return {};
    return Object.fromEntries(Object.entries(value).filter((pair) => typeof pair[1] === 'string'));
}
function isObject(value) {
    return typeof value === 'object' && value !== null && !Array.isArray(value);
}

;// CONCATENATED MODULE: ./src/image/documents.ts



/** `os/architecture` or `os/architecture/variant`, as `--platform` takes it. */
function platformName(platform) {
    const variant = platform.variant === undefined ? '' : `/${platform.variant}`;
    return `${platform.os}/${platform.architecture}${variant}`;
}
/**
 * Bytes that a pull transfers: those of the documents, manifest and config, and of each layer once, since a registry keeps
 * and sends a blob once, however often a manifest names it.
 */
function transferBytes(documents, layers) {
    const blobs = new Map(layers.map(({ digest, size }) => [digest, size]));
    return documents + [...blobs.values()].reduce((sum, size) => sum + size, 0);
}
/** Reads an index or a manifest; throws `corrupt-document` naming `what`. */
function readDocument(json, what) {
    if (Array.isArray(json.manifests)) {
        const manifests = json.manifests.map((item, at) => readDescriptor(item, `${what}: manifests[${at}]`));
        return { kind: 'index', manifests, annotations: stringMapOf(json.annotations) };
    }
    if (!isObject(json.config)) {
        throw new ImageError('corrupt-document', `${what} is neither an index (no manifests) nor a manifest (no config)`);
    }
    return {
        kind: 'manifest',
        mediaType: stringOf(json.mediaType),
        artifactType: stringOf(json.artifactType),
        config: readDescriptor(json.config, `${what}: config`),
        layers: asArray(json.layers, `${what}: layers`).map((item, at) => readDescriptor(item, `${what}: layers[${at}]`)),
        subject: json.subject === undefined ? undefined : readDescriptor(json.subject, `${what}: subject`),
        annotations: stringMapOf(json.annotations)
    };
}
function readDescriptor(value, what) {
    const json = asObject(value, what);
    const size = json.size;
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
        throw new ImageError('corrupt-document', `${what}: size is not a whole number of bytes`);
    }
    return {
        mediaType: stringOf(json.mediaType) ?? '',
        digest: parseDigest(asString(json.digest, `${what}: digest`), what),
        size,
        annotations: stringMapOf(json.annotations),
        platform: readPlatform(json.platform),
        artifactType: stringOf(json.artifactType),
        urls: stringsOf(json.urls)
    };
}
function readPlatform(value) {
    if (!isObject(value))
        return undefined;
    const os = stringOf(value.os);
    const architecture = stringOf(value.architecture);
    if (os === undefined || architecture === undefined)
        return undefined;
    return { os, architecture, variant: stringOf(value.variant), osVersion: stringOf(value['os.version']) };
}
/** Reads an image config; throws `corrupt-document` naming `what`. */
function readConfig(json, what) {
    const rootfs = asObject(json.rootfs, `${what}: rootfs`);
    const config = isObject(json.config) ? json.config : {};
    const healthcheck = isObject(config.Healthcheck) ? config.Healthcheck : {};
    const keysOf = (value) => (isObject(value) ? Object.keys(value) : []);
    return {
        created: stringOf(json.created),
        os: stringOf(json.os) ?? 'unknown',
        architecture: stringOf(json.architecture) ?? 'unknown',
        variant: stringOf(json.variant),
        osVersion: stringOf(json['os.version']),
        user: stringOf(config.User),
        env: stringsOf(config.Env),
        entrypoint: stringsOf(config.Entrypoint),
        cmd: stringsOf(config.Cmd),
        workingDir: stringOf(config.WorkingDir),
        labels: stringMapOf(config.Labels),
        volumes: keysOf(config.Volumes),
        healthcheck: stringsOf(healthcheck.Test),
        shell: stringsOf(config.Shell),
        onBuild: stringsOf(config.OnBuild),
        history: asArray(json.history, `${what}: history`).map(readHistoryEntry),
        diffIDs: asArray(rootfs.diff_ids, `${what}: rootfs.diff_ids`).map((item, at) => parseDigest(asString(item, `${what}: diff_ids[${at}]`), `${what}: diff_ids[${at}]`))
    };
}
function readHistoryEntry(value) {
    const json = isObject(value) ? value : {};
    return {
        created: stringOf(json.created),
        createdBy: stringOf(json.created_by),
        comment: stringOf(json.comment),
        emptyLayer: json.empty_layer === true
    };
}

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
        .sort((a, b) => b.size - a.size || (a.path < b.path ? -1 : 1));
}
/** Sums the files at or below each root, in one pass: a parent's number is smaller than its children's. Inner roots win. */
function sumBelow({ paths, entries }, roots, counts, shown) {
    const sums = new Map();
    if (roots.length === 0)
        return sums;
    const isRoot = new Set(roots);
    const rootOf = new Int32Array(paths.count());
    for (let path = ROOT_PATH; path < rootOf.length; path++) {
        rootOf[path] = isRoot.has(path) ? path : rootOf[paths.parent(path)];
    }
    for (let entry = 1; entry < entries.count; entry++) {
        const root = rootOf[entries.path[entry]];
        if (root === 0 || entries.type[entry] !== TYPE_FILE || !counts(entry))
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
    const worldWritable = [];
    const setuid = [];
    for (let path = ROOT_PATH; path < paths.count(); path++) {
        const entry = overlay.live[path] ?? 0;
        if (entry <= 0)
            continue;
        const type = entries.type[entry];
        const mode = entries.mode[entry];
        const layer = entries.layer[entry];
        // Whoever opens a pipe, a socket or a device decides by other means than the mode of a file.
        if (!(type === TYPE_FILE || type === TYPE_HARD_LINK || type === TYPE_DIRECTORY) || isBase(layer))
            continue;
        if ((mode & 0o002) !== 0 && !(type === TYPE_DIRECTORY && (mode & 0o1000) !== 0))
            worldWritable.push(entry);
        if (type === TYPE_FILE && (mode & 0o6000) !== 0)
            setuid.push(entry);
    }
    const counted = (found) => ({
        count: found.length,
        first: found
            .toSorted((a, b) => orderEntries(entries, a, b))
            .slice(0, most)
            .map((entry) => ({
            path: paths.format(entries.path[entry]),
            mode: entries.mode[entry],
            layer: entries.layer[entry]
        }))
    });
    return { worldWritable: counted(worldWritable), setuid: counted(setuid) };
}
const clientNames = ['curl', 'wget', 'ssh', 'scp'];
const programFolders = ['/usr/local/bin', '/usr/local/sbin', '/usr/bin', '/usr/sbin', '/bin', '/sbin'];
/** Clients in the final image that an attacker would bring along otherwise. */
function clientPrograms({ paths, entries, overlay, isBase }) {
    return clientNames.flatMap((name) => programFolders.flatMap((folder) => {
        const path = `${folder}/${name}`;
        const entry = overlay.live[paths.find(path)] ?? 0;
        if (entry <= 0 || entries.type[entry] === TYPE_DIRECTORY)
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
    for (let path = ROOT_PATH; path < paths.count(); path++)
        if (paths.parent(path) === parent)
            children.push(paths.format(path));
    return children;
}

;// CONCATENATED MODULE: ./src/image/overlay.ts


const IMPLIED_FOLDER = -1;
/** Links followed on one path before it counts as a loop, as in Linux. */
const MOST_LINKS = 40;
/**
 * Applies layers bottom up. Whiteouts of a layer act on the layers below only, wherever in the archive they stand; then its entries follow
 * in their order, as the engines extract them: through symlinks in a parent, a file in place of a folder with all that was in it.
 * https://github.com/opencontainers/image-spec/blob/main/layer.md#applying-changesets
 * Linear in the entries: what is live in a folder is a list, so hiding a tree costs what it took to make it.
 */
function overlayLayers(paths, entries, scans) {
    // Following a symlink can name new paths, so the columns may have to grow.
    let capacity = paths.count() + 1024;
    let live = new Int32Array(capacity);
    let first = new Int32Array(capacity);
    let next = new Int32Array(capacity);
    let previous = new Int32Array(capacity);
    let hidden = new Int32Array(capacity); // the lower layer's entry that a layer hid
    let hiddenIn = new Uint16Array(capacity); // by which layer, counted from 1
    const content = new Int32Array(entries.count);
    const replaced = new Int32Array(entries.count);
    live[ROOT_PATH] = IMPLIED_FOLDER;
    const files = [];
    const notes = [];
    for (const [layer, scan] of scans.entries())
        apply(scan, layer);
    return { live, content, replaced, files, notes };
    function apply(scan, layer) {
        const mark = layer + 1;
        let hiddenCount = 0;
        let dangling = 0;
        let lost = 0;
        const opened = new Set();
        for (const path of scan.opaques) {
            const folder = resolve(path);
            if (folder === 0 || opened.has(folder))
                continue;
            opened.add(folder);
            hideChildren(folder);
        }
        for (const path of scan.whiteouts) {
            const target = placeOf(path);
            if (target !== 0 && target !== ROOT_PATH)
                hide(target);
        }
        for (const entry of scan.entries) {
            const path = placeOf(entries.path[entry]);
            if (path === 0 || (path === ROOT_PATH && entries.type[entry] !== TYPE_DIRECTORY))
                lost++;
            else
                place(entry, path);
        }
        // Counted at the end, so that an archive that names a path twice counts it once.
        let added = 0;
        let changed = 0;
        for (const entry of scan.entries) {
            const path = entries.path[entry];
            if (live[path] !== entry || !isFile(entry))
                continue;
            if (hiddenIn[path] === mark)
                changed++;
            else
                added++;
        }
        files.push({ added, changed, removed: hiddenCount - changed });
        const clauses = [];
        if (dangling > 0)
            clauses.push(`has ${dangling} hard ${dangling === 1 ? 'link' : 'links'} to nothing, counted as empty`);
        if (lost > 0)
            clauses.push(`has ${lost} ${lost === 1 ? 'entry' : 'entries'} that no engine could place, left out`);
        notes.push(clauses);
        function place(entry, path) {
            entries.path[entry] = path;
            const type = entries.type[entry];
            if (type === TYPE_FILE)
                content[entry] = entry;
            if (type === TYPE_HARD_LINK) {
                const target = placeOf(entries.link[entry]);
                // A link to itself would take its own content away.
                if (target === path)
                    return;
                const shown = live[target];
                if (shown > 0)
                    content[entry] = content[shown];
                else
                    dangling++;
            }
            if (type === TYPE_DIRECTORY && isFolder(live[path])) {
                live[path] = entry;
                return;
            }
            hide(path);
            makeFolders(paths.parent(path));
            show(path, entry);
            if (type !== TYPE_DIRECTORY && hiddenIn[path] === mark)
                replaced[entry] = hidden[path];
        }
        function hide(path) {
            if (live[path] === 0)
                return;
            hideChildren(path);
            remember(path);
            live[path] = 0;
            unlink(path);
        }
        function hideChildren(folder) {
            // Without recursion: a path may be tens of thousands of folders deep.
            let at = first[folder];
            while (at !== 0) {
                while (first[at] !== 0)
                    at = first[at];
                const parent = paths.parent(at);
                remember(at);
                live[at] = 0;
                unlink(at);
                if (first[parent] !== 0)
                    at = first[parent];
                else
                    at = parent === folder ? 0 : parent;
            }
        }
        /** Notes that this layer hid a lower layer's file, so that bringing it back counts as a change. */
        function remember(path) {
            const entry = live[path];
            if (!isFile(entry) || entries.layer[entry] === layer || hiddenIn[path] === mark)
                return;
            hidden[path] = entry;
            hiddenIn[path] = mark;
            hiddenCount++;
        }
        /** Makes the folders above an entry that no entry of their own made, as the engines do. */
        function makeFolders(folder) {
            // The engines refuse a file as a folder. Here the later entry wins.
            for (let at = folder; !isFolder(live[at]); at = paths.parent(at))
                hide(at);
            for (let at = folder; !isFolder(live[at]); at = paths.parent(at))
                show(at, IMPLIED_FOLDER);
        }
    }
    function isFile(entry) {
        return entry > 0 && entries.type[entry] !== TYPE_DIRECTORY;
    }
    function isFolder(entry) {
        return entry === IMPLIED_FOLDER || (entry > 0 && entries.type[entry] === TYPE_DIRECTORY);
    }
    function show(path, entry) {
        ensure(path);
        const parent = paths.parent(path);
        const sibling = first[parent];
        live[path] = entry;
        next[path] = sibling;
        previous[path] = 0;
        if (sibling !== 0)
            previous[sibling] = path;
        first[parent] = path;
    }
    function unlink(path) {
        const before = previous[path];
        const after = next[path];
        if (before === 0)
            first[paths.parent(path)] = after;
        else
            next[before] = after;
        if (after !== 0)
            previous[after] = before;
    }
    /** Where an entry lands: its parent may be a symlink. 0 for a loop. */
    function placeOf(path) {
        ensure(path);
        const parent = paths.parent(path);
        // A live folder has only live folders above it, so no symlink is on the way.
        if (path === ROOT_PATH || isFolder(live[parent]))
            return path;
        const folder = resolve(parent);
        if (folder === 0)
            return 0;
        if (folder === parent)
            return path;
        const name = paths.nameBytes(path);
        const place = paths.child(folder, name, 0, name.length);
        ensure(place);
        return place;
    }
    /** The folder that a path leads to through symlinks; it need not exist. 0 for a loop. */
    function resolve(path) {
        ensure(path);
        const parts = [];
        for (let at = path; at !== ROOT_PATH; at = paths.parent(at))
            parts.push(at);
        let at = ROOT_PATH;
        let links = 0;
        while (parts.length > 0) {
            const part = parts.pop();
            const name = paths.nameBytes(part);
            const step = paths.child(at, name, 0, name.length);
            ensure(step);
            const entry = live[step];
            if (entry <= 0 || entries.type[entry] !== TYPE_SYMLINK) {
                at = step;
                continue;
            }
            if (++links > MOST_LINKS)
                return 0;
            const target = paths.nameBytes(entries.link[entry]);
            if (target[0] === 0x2f)
                at = ROOT_PATH;
            at = follow(at, target, parts);
        }
        return at;
    }
    /** Puts the parts of a link's text before the parts that are still to go. */
    function follow(from, target, parts) {
        let at = from;
        const names = Buffer.from(target).toString('latin1').split('/');
        const ahead = [];
        for (const name of names) {
            if (name === '' || name === '.')
                continue;
            if (name === '..') {
                if (ahead.length > 0)
                    ahead.pop();
                else if (at !== ROOT_PATH)
                    at = paths.parent(at);
            }
            else {
                const bytes = Buffer.from(name, 'latin1');
                ahead.push(paths.child(at, bytes, 0, bytes.length));
            }
        }
        parts.push(...ahead.reverse());
        return at;
    }
    function ensure(path) {
        if (path < capacity)
            return;
        capacity = Math.max(capacity * 2, path + 1);
        live = grown(live, capacity);
        first = grown(first, capacity);
        next = grown(next, capacity);
        previous = grown(previous, capacity);
        hidden = grown(hidden, capacity);
        hiddenIn = resized(hiddenIn, new Uint16Array(capacity));
    }
}
function grown(from, capacity) {
    return resized(from, new Int32Array(capacity));
}

;// CONCATENATED MODULE: ./src/image/tree.ts



/** The files that each own layer brings, layer by layer in the archive's order: what a baseline stores to be compared with later. */
function* fileIndex(tree) {
    for (const [layer, scan] of tree.scans.entries()) {
        if (tree.isBase(layer))
            continue;
        for (const entry of scan.entries)
            yield recordOf(tree, entry, tree.entries.path[entry]);
    }
}
/** What a container sees, in no particular order. Folders that no entry made have the engines' mode, 0755 of root. */
function* mergedFiles(tree) {
    const { live } = tree.overlay;
    for (let path = ROOT_PATH; path < tree.paths.count(); path++) {
        const entry = live[path] ?? 0;
        if (entry > 0)
            yield recordOf(tree, entry, path);
        else if (entry === IMPLIED_FOLDER) {
            const folder = { type: 'directory', size: 0, mode: 0o755, uid: 0, gid: 0 };
            yield { ...folder, path: tree.paths.format(path), link: undefined, crc: undefined, layer: -1 };
        }
    }
}
function recordOf({ paths, entries, overlay }, entry, path) {
    const type = entries.type[entry];
    const content = overlay.content[entry];
    const link = entries.link[entry];
    return {
        path: paths.format(path),
        type: entryTypes[type] ?? 'other',
        size: entries.size[content],
        mode: entries.mode[entry],
        uid: entries.uid[entry],
        gid: entries.gid[entry],
        link: type === TYPE_SYMLINK ? paths.name(link) : type === TYPE_HARD_LINK ? paths.format(link) : undefined,
        crc: type === TYPE_FILE || content > 0 ? hex(entries.crc[content]) : undefined,
        layer: entries.layer[entry]
    };
}
function hex(crc) {
    return crc.toString(16).padStart(8, '0');
}
/** The file whose content a container sees at a path, which has one. */
function contentAt({ overlay }, path) {
    return overlay.content[overlay.live[path]];
}
/**
 * Tells each file whose content a container sees, once, with the path it goes by: its own or, where that is gone, the first of its
 * hard links in the order of the alphabet.
 */
function eachShown({ paths, entries, overlay }, tell) {
    const { live, content } = overlay;
    const linked = new Map();
    for (let path = ROOT_PATH; path < paths.count(); path++) {
        const entry = live[path] ?? 0;
        const held = entry > 0 ? content[entry] : 0;
        if (held === 0)
            continue;
        if (held === entry) {
            tell(path, held);
            continue;
        }
        const other = linked.get(held);
        if (other === undefined || isBefore(paths, path, other))
            linked.set(held, path);
    }
    for (const [held, path] of linked)
        if (!hasOwnName(held))
            tell(path, held);
    function hasOwnName(file) {
        return live[entries.path[file]] === file;
    }
}
/** Whether a path comes before another in the order of the alphabet: their numbers say which was scanned first. */
function isBefore(paths, path, other) {
    return paths.format(path) < paths.format(other);
}

;// CONCATENATED MODULE: ./src/image/figures.ts



/** A directory is not listed where one directory in it has more than this share of its bytes: the inner one says more. */
const DOMINANT_SHARE = 0.9;
/** Weighs the overlaid image: two passes over entries and paths. `top` is the length of each list. */
function weigh(tree, top) {
    const { paths, entries, isBase } = tree;
    const count = paths.count();
    const shown = new Uint8Array(entries.count);
    const liveBytes = new Float64Array(count);
    const ownBytes = new Float64Array(count);
    const before = (a, b) => orderEntries(entries, contentAt(tree, a), contentAt(tree, b)) < 0;
    const ownFiles = largest(top, before);
    const baseFiles = largest(top, before);
    // The second name of a file adds nothing.
    eachShown(tree, (path, content) => {
        shown[content] = 1;
        const size = entries.size[content];
        const base = isBase(entries.layer[content]);
        liveBytes[path] = size;
        if (!base)
            ownBytes[path] = size;
        (base ? baseFiles : ownFiles).offer(path, size);
    });
    let size = 0;
    let live = 0;
    let own = 0;
    let base = 0;
    const directories = biggestDirectories(tree, liveBytes, ownBytes, top);
    // The two columns have served; at a million paths each is eight megabytes.
    const deadBytes = liveBytes.fill(0);
    const deadOwn = ownBytes.fill(0);
    for (let entry = 1; entry < entries.count; entry++) {
        if (entries.type[entry] !== TYPE_FILE)
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
        const content = contentAt(tree, path);
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
function reclaimablePaths({ paths, entries, overlay, scans }, shown, deadBytes, deadOwn, top) {
    const list = largest(top, (a, b) => isBefore(paths, a, b));
    for (let path = ROOT_PATH; path < deadBytes.length; path++)
        list.offer(path, deadBytes[path]);
    const copies = new Map(list.items().map((path) => [path, []]));
    const others = new Map(list.items().map((path) => [path, new Set()]));
    for (let entry = 1; entry < entries.count; entry++) {
        const [path, index] = [entries.path[entry], entries.layer[entry]];
        if (entries.type[entry] !== TYPE_FILE)
            others.get(path)?.add(index);
        else
            copies.get(path)?.push({ index, size: entries.size[entry], live: shown[entry] === 1 });
    }
    const hidden = scans.map(({ whiteouts, opaques }) => new Set([...whiteouts, ...opaques]));
    return [...copies].map(([path, layers]) => {
        layers.sort((a, b) => a.index - b.index);
        const deleted = (overlay.live[path] ?? 0) === 0;
        const replaced = !deleted && layers.every(({ live }) => !live);
        const from = (layers.at(-1)?.index ?? -1) + 1;
        const takesAway = (marks, layer) => layer >= from && (hides(marks, paths, path) || (replaced && others.get(path)?.has(layer) === true));
        const by = deleted || replaced ? hidden.findIndex(takesAway) : -1;
        return {
            path: paths.format(path),
            size: deadBytes[path],
            own: deadOwn[path],
            layers,
            deleted,
            ...(by === -1 ? {} : deleted ? { deletedBy: by } : { replacedBy: by })
        };
    });
}
/** Whether a layer marks the path, or a folder above it, as gone. */
function hides(marks, paths, path) {
    for (let at = path; at !== ROOT_PATH && at > 0; at = paths.parent(at))
        if (marks.has(at))
            return true;
    return false;
}
/** Sums live bytes up the tree: a parent's number is smaller than its children's, so one pass downwards will do. */
function biggestDirectories({ paths, entries, overlay }, liveBytes, ownBytes, top) {
    const largestChild = new Float64Array(liveBytes.length);
    const largestOwnChild = new Float64Array(liveBytes.length);
    const before = (a, b) => isBefore(paths, a, b);
    const all = largest(top, before);
    const own = largest(top, before);
    for (let path = liveBytes.length - 1; path > ROOT_PATH; path--) {
        const entry = overlay.live[path] ?? 0;
        if (entry === 0)
            continue;
        const parent = paths.parent(path);
        const bytes = liveBytes[path];
        const ownPart = ownBytes[path];
        liveBytes[parent] += bytes;
        ownBytes[parent] += ownPart;
        if (entry > 0 && entries.type[entry] !== TYPE_DIRECTORY)
            continue;
        if (bytes > largestChild[parent])
            largestChild[parent] = bytes;
        if (ownPart > largestOwnChild[parent])
            largestOwnChild[parent] = ownPart;
        if (largestChild[path] <= bytes * DOMINANT_SHARE)
            all.offer(path, bytes);
        if (largestOwnChild[path] <= ownPart * DOMINANT_SHARE)
            own.offer(path, ownPart);
    }
    const directoryOf = (path) => ({
        path: paths.format(path),
        size: liveBytes[path],
        own: ownBytes[path]
    });
    return { own: own.items().map(directoryOf), all: all.items().map(directoryOf) };
}
/**
 * The `top` items of greatest weight above 0, greatest first. Of equal ones that which is `before` the other, or the earlier:
 * paths are offered in an order that differs from run to run, since layers are scanned side by side.
 */
function largest(top, before = () => false) {
    const kept = [];
    let least = 0;
    return {
        offer: (item, weight) => {
            if (weight < least || weight <= 0)
                return;
            let at = kept.length;
            for (; at > 0; at--) {
                const other = kept[at - 1];
                if (other.weight > weight || (other.weight === weight && !before(item, other.item)))
                    break;
            }
            if (at === top)
                return;
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
    return layerLines(history, layers).map((line) => (line === undefined ? undefined : madeBy(line)));
}
/** When each layer was made, in milliseconds since the epoch, bottom up; by the same lines. */
function layerTimes(history, layers) {
    return layerLines(history, layers).map((line) => {
        const time = Date.parse(line?.created ?? '');
        return Number.isNaN(time) ? undefined : time;
    });
}
function layerLines(history, layers) {
    const lines = history.filter(({ emptyLayer }) => !emptyLayer);
    const own = lines.filter((line) => !isFiller(line));
    // A filler stands for a layer of the base that has no line. BuildKit puts them at the end, so the lines that are
    // there belong to the uppermost layers; with too few of them even for those, to none that can be told.
    const missing = layers - own.length;
    if (missing < 0 || (own.length === lines.length && missing > 0))
        return Array.from({ length: layers }, () => undefined);
    return Array.from({ length: layers }, (_, at) => (at < missing ? undefined : own[at - missing]));
}
/** An imported image (`docker import`) says where it is from in the comment alone. */
function madeBy(line) {
    if (line.createdBy !== undefined && line.createdBy !== '')
        return withoutArguments(line.createdBy);
    return line.comment;
}
/**
 * `RUN |2 A=one B=two words /bin/sh -c make`: the builder writes the values of build arguments before the command, unquoted, so that only
 * a shell tells where they end. They may be meant for nobody, and nothing is told of them.
 */
function withoutArguments(createdBy) {
    const [, head = '', rest] = /^((?:RUN )?)\|\d+ (.*)$/s.exec(createdBy) ?? [];
    if (rest === undefined)
        return createdBy;
    const shell = / (\/\S*sh(?: -\S+| pipefail)* -\w*c .*)$/s.exec(rest)?.[1];
    return `${head}${shell ?? '…'}`;
}
/**
 * A line that BuildKit adds where a base image has fewer lines than layers.
 * https://github.com/moby/buildkit/blob/master/exporter/containerimage/writer.go (`normalizeLayersAndHistory`)
 */
function isFiller({ comment }) {
    return comment === 'buildkit.exporter.image.v0';
}

;// CONCATENATED MODULE: ./src/image/attestations.ts




const IN_TOTO = 'application/vnd.in-toto+json';
/** Whether a manifest is an attestation, in BuildKit's older form (an annotation) or its newer one (an artifact type). */
function isAttestation(descriptor, manifest) {
    return (descriptor.annotations['vnd.docker.reference.type'] === 'attestation-manifest' ||
        [descriptor.artifactType, manifest.artifactType].includes('application/vnd.docker.attestation.manifest.v1+json') ||
        (manifest.layers.length > 0 && manifest.layers.every((layer) => layer.mediaType === IN_TOTO)));
}
/** Names an attestation's statements. Throws `missing-blob` if one is not there. */
async function attestationOf(descriptor, { manifest, text }, files) {
    const reference = descriptor.annotations['vnd.docker.reference.digest'] ?? '';
    const locate = async (layer) => {
        const blob = await files.find(blobName(layer.digest));
        if (blob === undefined)
            throw new ImageError('missing-blob', `attestation ${layer.digest} is not in the layout`);
        return { predicateType: layer.annotations['in-toto.io/predicate-type'] ?? '', descriptor: layer, blob };
    };
    return {
        digest: descriptor.digest,
        text,
        subject: isDigest(reference) ? reference : manifest.subject?.digest,
        statements: await Promise.all(manifest.layers.map(locate)),
        config: await locate(manifest.config)
    };
}
/** The bytes of a statement, verified. Throws `wrong-digest`, and `limit` above `limit` bytes (an SBOM can be large). */
async function readStatement(statement, limit = 256 * 2 ** 20) {
    const { descriptor, blob } = statement;
    const what = `attestation ${descriptor.digest}`;
    const bytes = await readRange(blob, limit, what);
    checkDigest(hashFor(descriptor.digest).update(bytes), descriptor.digest, what);
    return bytes;
}

// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/core/pair.ts
var pair = __webpack_require__(5735);
;// CONCATENATED MODULE: ./src/image/leaks/findings.ts





/** Searches a text, a report before it is published say. Pure; an empty list is a clean text. */
function searchText(plan, text) {
    return groupHits(hitsIn(plan, text));
}
/** The text with every find replaced by `***`; a private key up to its END line. */
function redactText(plan, text) {
    const { search, needles } = searchOf(plan);
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
    for (const { place, text } of configTexts(image.config, (name) => redactText(plan, name)))
        search(text, place);
    // Whatever has no name above is in the document all the same.
    searchDocument(image.configText, { in: 'config', member: 'other' });
    const searched = new Set();
    for (const { on, annotations } of image.annotated) {
        for (const [name, text] of Object.entries(annotations)) {
            const key = JSON.stringify([on, name, text]);
            if (searched.has(key))
                continue;
            searched.add(key);
            search(`${name}=${text}`, { in: 'annotation', name: redactText(plan, name), on });
        }
    }
    for (const { digest, text } of [...image.documents, ...image.attestations])
        searchDocument(text, { in: 'manifest', digest });
    for (const statement of image.attestations.flatMap(({ statements, config }) => [...statements, config])) {
        const { digest } = statement.descriptor;
        const place = { in: 'attestation', digest, predicateType: statement.predicateType };
        const bytes = await readStatement(statement);
        search(bytes, place);
        searchRest(decodedStrings(bytes), place);
    }
    return findings;
    function searchDocument(text, place) {
        searchRest(text, place);
        searchRest(decodedStrings(text), place);
    }
    /** A document as it is published: what was found in its members is not told again. */
    function searchRest(text, place) {
        const known = new Set(findings.map(identityOf));
        for (const leak of searchText(plan, text))
            if (!known.has(identityOf(leak)))
                findings.push({ ...leak, place });
    }
}
/** Larger documents, which are lists of packages, are searched as they are written alone. */
const LARGEST_DECODED = 32 * 2 ** 20;
/**
 * The names and strings of a JSON document, one a line, where they are written otherwise than they are: a value that is escaped
 * or encoded in a string with an `&` stands in the document in two encodings at once.
 */
function decodedStrings(document) {
    if (document.length > LARGEST_DECODED || !document.includes('\\'))
        return '';
    const strings = [];
    // Not by recursion: how deep it is, is up to whoever wrote it.
    const pending = [(0,json/* parseJSON */.Ol)(document.toString())];
    while (pending.length > 0) {
        const value = pending.pop();
        if (typeof value === 'string')
            strings.push(value);
        else if (typeof value === 'object' && value !== null) {
            for (const [name, member] of Object.entries(value)) {
                if (!Array.isArray(value))
                    strings.push(name);
                pending.push(member);
            }
        }
    }
    return strings.join('\n');
}
/**
 * Groups hits at one place: each secret once, and each kind of key. A whole value tells more than a part of it, a raw one more than an
 * encoded one; what tells less is left out, and so is not counted.
 */
function groupHits(hits) {
    const groups = new Map();
    for (const hit of hits) {
        const identity = identityOfHit(hit);
        const key = identityOf(identity);
        const group = groups.get(key);
        const rank = group === undefined ? 1 : tellingRank(identity) - tellingRank(group);
        if (rank > 0)
            groups.set(key, { ...identity, count: 1 });
        else if (rank === 0 && group !== undefined)
            groups.set(key, { ...group, count: group.count + 1 });
    }
    return [...groups.values()];
}
const leastTelling = [
    ...['hex', 'utf16', 'quoted', 'xml', 'json', 'url', 'base64url', 'base64', 'raw']
];
function tellingRank(leak) {
    const whole = leak.kind === 'secret' && leak.extent === 'whole' ? leastTelling.length : 0;
    return whole + leastTelling.indexOf(leak.encoding);
}
/** A hit without its place. */
function identityOfHit(hit) {
    if (hit.kind === 'private-key') {
        const { kind, format, encrypted, encoding, fingerprint } = hit;
        return { kind, format, encrypted, encoding, fingerprint };
    }
    const { kind, secretId, encoding, extent, part } = hit;
    return { kind, secretId, encoding, extent, ...(part === undefined ? {} : { part }) };
}
function identityOf(leak) {
    return leak.kind === 'secret' ? `secret ${leak.secretId}` : `key ${leak.fingerprint}`;
}
/** Every text of a config that has a name people know, decoded from its JSON form. */
function configTexts(config, redact) {
    const members = ['user', 'workingDir', 'entrypoint', 'cmd', 'healthcheck', 'onBuild', 'shell', 'volumes'];
    return [
        ...config.env.map((text) => ({
            place: { in: 'env', name: redact((0,pair/* splitPair */.T)(text).name) },
            text
        })),
        ...Object.entries(config.labels).map(([name, text]) => ({
            place: { in: 'label', name: redact(name) },
            text: `${name}=${text}`
        })),
        ...config.history.flatMap(({ createdBy, comment }, line) => [createdBy, comment]
            .filter((text) => text !== undefined)
            .map((text) => ({ place: { in: 'history', line }, text }))),
        ...members.flatMap((member) => [config[member] ?? []].flat().map((text) => ({ place: { in: 'config', member }, text })))
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

;// CONCATENATED MODULE: ./src/image/leaks/known_keys.ts
/**
 * Private keys that are published with some program, the same in every copy, and so nobody's secret. Each list was made from the package
 * that stands above it: sha256 of the decoded body of every key in it that can be read.
 */
/** Whose test key it is, or undefined. */
function knownKey(fingerprint) {
    return owners.get(fingerprint);
}
const known = {
    // libpython3.11-testsuite of Debian 12
    "CPython's test suite": [
        'f139e02d7543073fde805889d553a3847f057d1a8a915c46842bd227dfc39d1c',
        '85f11ff5a5107ed9de2610a3856f7d3ef66bf04ce3956a6a69ddcb5c20f6958c',
        'f022ad7b79455ba6902112002260e34128c63152305b29b3cdb4fc81f63d3e80',
        '8ffef375b96e952822d034e7c96bb81968859fbeff2ec81ebf547adb9e35dba1',
        'aa937c270bfefeacce13f7d21cb21f3fe7f54366416d962c38da8820abca2e9a',
        '83d4d09f6eb606261e76d552a3c978396ba256a70c458b15099a6a1d3da217b8',
        'cf1db3df60313e91a53c55e364963c6721561401df8b5b7209bf83576ddca0ff',
        '8547eb983f31a4007d9b636a2e8bee1d324d27d48eb3798dd1fa9efc5a013fc4',
        '47698284e7e71daff14ae45877645ca5d295ac8231e2d2ab11c41bd9e7d54c10',
        'a70f24304eba8198371c7417f048777d4b55febff003e2beb078e85682adb452',
        '30325068603a16a0d32a8da3c8a9aa8a4d83a76b72835788e76d5f6b529dc327',
        'fb7f6509e3ab7681d618d8a5fee0b0c3e4783b50bdaa671101f805879ee868ee'
    ],
    // libgnutls30 and gnutls-bin 3.7.9 of Debian 12: the library's own self-tests
    GnuTLS: [
        '87e288dc7dbc29a24241b596ec8c84f949d9f09f34fc0cf69242481fb2274770',
        'd245e52c341a76645e1b0e56c58dc964cd4f3ecaea64a9c6d6db9897d4948a8a',
        '0294b4406902e33bb02f89eaf4c691328790d7a9cd01b873d68edac994f310a1',
        '60c323abe4854b03743005874156ef6e0343bc9c05c09a2a43335cdda19342b3',
        '995b8d5b08ac126a74f39d812fc8cce270d026093d810f366de923bb0fe47f60',
        '09416ba3e0782523c56225fb168cd58cda7796e938db1b53f79b6abbaed2bbc7',
        '7e38af7715bbb425a6aa8060b7c0af60aeb81d39975c55e83edcb9eae7a5e9f8',
        '458022ddcb5598b39253bc027eb02c4f3dba00e2bdbaef239a35bc91c9bd4f3a',
        '09f1c1a4680df80b9e8e6e587d3a787de7402a919e366426ad807a1c0f8c98c1',
        '2859ff03b44c8f0e4f96604b8cced325ef4d01ca935422b2041d88d8809f8fa1',
        '6f0c3130a081db0cd783ea43ab6992680f37b16d789b39df5bf0e7437b04c6ff',
        'd609f09d5bc2b9038bff653e31ce4d594ea32f8647fe8414d094aacb69e9cd9b',
        'aafe40f40e5e2c77bd51c7293152896478f75a80d01e7ed820f6c97c616c70e5',
        '82bf1f671fb9c8a3258e558e139ac450d787bb128c202e895b16a519691b0afc'
    ],
    // public-encrypt 4.0.3 of npm
    'public-encrypt': [
        '77222a0b0e017e55fa9f8508688d71be2bf668cbe05537758d03526e9158b557',
        'e361a2024a7bc70e2f1636459c50eff40a9de2c9517c8f0d32ef5237e0fb4958',
        'c62207ebe638e9f1e772f4d8a5b9be93f5d72dbf2a5eeae3bbc7d88c6b2f0916',
        '6a21b415d20c902ab683c129503ededf1864cc18ea4c489c4bf8c5ad7d550b93',
        'f0a775ad2fd1cc81ca9b67ad167f98eee78a16cf9f0b3444489b6fc799b57493',
        '512a3bec8c48bc541a1d7f46c9713402e64f2f546771a519e2938843fbfb3134',
        '09ec38989a5fb269b4e640efde1351fe6dd491f0980ef6f52e720fb21990596d',
        '1b2957613e7545dd526c719ca890db74654d9c169a3345c3fbb41c8e689e0327',
        '1c645b09445bebb21135ea495852fca7ea343d887d57ccd48c1f89915271b3a3',
        'd6a8b6a2941f1bfe5293e53d5ad583fc757146ca4c414e419172804cdefc52f0'
    ],
    // twisted 26.4.0 of PyPI
    Twisted: [
        '31761af00a5f284021996f5edcf1b9602d91f3b6a0b6569179f2c7feb2243449',
        '1de5ac5cb37d8d365ecb782bdd4e7998658a7e32672b5d25ab8bb066ddff3997',
        '88f3145770d602b6e68ec7ac8bd547d6e0c86ff1a0115df8584cbb0176324f70',
        'a26741c999733d90c602dc4f52561a83efeef8d32fac824d6c639d9811ddcea0',
        '929bd67eaab582572fbdd79478c23ef6c347982d1b2780032a9051af3a6f1bbb',
        'ae3695311b4c04f6f92c9bada40af83047e1e752ecafbbcaf0b729587cbc7920',
        '88fe695fe42d8ecb69f56a6f0708ce7ec3996c76c866b7bb0eb76e684e5ef363',
        'f4e80f54f0be59960a1f72abce695551d1b2e08915cb556885c2cd914e874ab9',
        '47921b0a6df31713daab6ddd45f633f2bac2a283e44184933da930678032f13a',
        '51f172e9fcd409dbaa2a5b02a1fdc95251c4d264755f5441ddab4a3cd4b3147a',
        '0a2752b0357bf66fe9ddb7e93915078366b6108acd5a7ba334d717552b5221fd',
        '5d9b829e08e7ccef2309b9650da5c69055a310e07ac4e7c19cf2d20a4e3a8914',
        '568ff063f1396d19b4c14888f46d3341228209851f2e3e176adf93100ea18a41',
        '051848dd074db519a352c8c24a94ee4ba5141c23b3dfa4fda550ddbb98900456',
        '4cfba72f445e7d7d8e2c5e2e9e2ec9f181623f8877f79ce0dca563195a8f8e21',
        '61454321ddf8dc45d05987cc5ec1d883e1cdf2b0bab1365fe57ec3dd34448195'
    ],
    // node-gyp 9.4.1 of npm
    'node-gyp': [
        '4a3f40d38b4f6b7b1458d4b33b010c25ca538e184a16ea6cb04c44362a7182b6',
        'ccad2d4ce370fd79d4efdd4a00729aba9330e5a4979c116350d738969a473f05'
    ],
    // tornado 6.5.10 of PyPI
    Tornado: ['7029036295be093b969d7976868a4ac00e941046ad620097ebecd118d9d5e47e']
};
const owners = new Map(Object.entries(known).flatMap(([owner, digests]) => digests.map((digest) => [`sha256:${digest}`, owner])));

;// CONCATENATED MODULE: ./src/image/leaks/owners.ts
/**
 * Which package a file belongs to, by what package managers leave in an image. It is believed as it stands: whoever writes a
 * Dockerfile can forge it, and guards himself against accidents with the leak check.
 */



/** Most bytes of one database that are looked at. */
const LARGEST_DATABASE = 64 * 2 ** 20;
/** The package whose folder a file is in: npm's, a gem, a Go module, Go itself. The package's own description must be there. */
function packageOf(tree, path) {
    return foldersAround(path).find(({ described }) => described.every((file) => livePaths(tree).has(file)))?.owner;
}
/** The packages that a path names. An image can have paths of 64 kB, so each of its parts is looked at once. */
function foldersAround(path) {
    const parts = path.split('/');
    return [npmPackage(parts), gem(parts), goModule(path), goItself(path)].filter((one) => one !== undefined);
}
function npmPackage(parts) {
    const at = parts.findLastIndex((part, index) => part === 'node_modules' && index > 0 && index + 2 < parts.length);
    if (at < 0)
        return undefined;
    const end = /^@./.test(parts[at + 1] ?? '') && at + 3 < parts.length ? at + 3 : at + 2;
    return {
        owner: `the npm package ${parts.slice(at + 1, end).join('/')}`,
        described: [[...parts.slice(0, end), 'package.json'].join('/')]
    };
}
function gem(parts) {
    const at = parts.findLastIndex((part, index) => part === 'gems' && index > 0 && index + 2 < parts.length && /.-[0-9]/s.test(parts[index + 1] ?? ''));
    if (at < 0)
        return undefined;
    const name = parts[at + 1] ?? '';
    return {
        owner: `the gem ${name}`,
        described: [[...parts.slice(0, at), 'specifications', `${name}.gemspec`].join('/')]
    };
}
function goModule(path) {
    const folder = '/pkg/mod/';
    let start = path.indexOf(folder);
    while (start >= 0) {
        const at = path.indexOf('@', start + folder.length);
        if (at < 0)
            return undefined;
        const [version] = /^@v[^/]+(?=\/.)/s.exec(path.slice(at)) ?? [];
        if (version !== undefined && at > start + folder.length) {
            return { owner: `the Go module ${path.slice(start + folder.length, at)}${version}`, described: [] };
        }
        start = path.indexOf(folder, at);
    }
    return undefined;
}
function goItself(path) {
    const data = [...path.matchAll(/\btestdata\//g)].at(-1)?.index;
    const ofData = data === undefined ? -1 : path.slice(0, data).lastIndexOf('/src/');
    const tests = path.endsWith('_test.go') ? [...path.matchAll(/\/src(?=\/(?:crypto|net|cmd)\/.)/gs)] : [];
    const root = path.slice(0, Math.max(ofData, 0) || (tests.at(-1)?.index ?? 0));
    return root === '' ? undefined : { owner: 'Go', described: [`${root}/VERSION`, `${root}/bin/go`] };
}
const live = new WeakMap();
function livePaths(tree) {
    const known = live.get(tree);
    if (known !== undefined)
        return known;
    const paths = new Set([...mergedFiles(tree)].map(({ path }) => path));
    live.set(tree, paths);
    return paths;
}
const databases = [
    {
        // dpkg: https://man7.org/linux/man-pages/man1/dpkg-query.1.html
        matches: (path) => /^var\/lib\/dpkg\/info\/[^/]+\.list$/.test(path),
        *read(text, path, wanted) {
            const name = /([^/]+?)(?::[^/:]+)?\.list$/.exec(path)?.[1] ?? '';
            for (const line of text.split('\n'))
                yield* ownedBy(line, `the Debian package ${name}`, wanted);
        }
    },
    {
        // Distroless images have no lists, only checksums.
        matches: (path) => /^var\/lib\/dpkg\/(?:status\.d|info)\/[^/]+\.md5sums$/.test(path),
        *read(text, path, wanted) {
            const name = /([^/]+?)(?::[^/:]+)?\.md5sums$/.exec(path)?.[1] ?? '';
            for (const line of text.split('\n')) {
                yield* ownedBy(`/${line.replace(/^[0-9a-f]{32} +/, '').replace(/^\.?\//, '')}`, `the Debian package ${name}`, wanted);
            }
        }
    },
    {
        // apk: https://wiki.alpinelinux.org/wiki/Apk_spec
        matches: (path) => /^(?:usr\/)?lib\/apk\/db\/installed$/.test(path),
        *read(text, _path, wanted) {
            let name = '';
            let folder = '';
            for (const line of text.split('\n')) {
                if (line.startsWith('P:'))
                    name = line.slice(2);
                else if (line.startsWith('F:'))
                    folder = line.slice(2);
                else if (line.startsWith('R:'))
                    yield* ownedBy(`/${folder}/${line.slice(2)}`, `the Alpine package ${name}`, wanted);
            }
        }
    },
    {
        // Wheels: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
        matches: (path) => path.endsWith('.dist-info/RECORD'),
        *read(text, path, wanted) {
            const [, site = '', name = ''] = /^((?:.*\/)?)([^/]+)\.dist-info\/RECORD$/.exec(path) ?? [];
            for (const line of text.split('\n')) {
                const file = (line.startsWith('"') ? line.slice(1).split('"', 1).join('') : line.split(',', 1).join('')).trim();
                yield* ownedBy(`/${site}${file}`, `the Python package ${name}`, wanted);
            }
        }
    },
    {
        // rpm keeps folders and names of files apart, as texts that end with a zero.
        matches: (path) => /^(?:var\/lib|usr\/lib\/sysimage)\/rpm\/(?:rpmdb\.sqlite|Packages|Packages\.db)$/.test(path),
        *read(text, _path, wanted) {
            for (const path of wanted) {
                const cut = path.lastIndexOf('/') + 1;
                if (path.startsWith('/usr/local/') || path.startsWith('/home/'))
                    continue;
                if (text.includes(`\0${path.slice(cut)}\0`) && text.includes(`${path.slice(0, cut)}\0`))
                    yield [path, 'an rpm package'];
            }
        }
    }
];
function* ownedBy(path, owner, wanted) {
    // Where /lib is a link to /usr/lib, a list may have either.
    for (const form of [
        path,
        path.replace(/^\/usr(?=\/(?:s?bin|lib[^/]*)\/)/, ''),
        path.replace(/^(?=\/(?:s?bin|lib[^/]*)\/)/, '/usr')
    ]) {
        if (wanted.has(form))
            yield [form, owner];
    }
}
/** The packages that list some of the files, in any layer. */
async function packageOwners(image, wanted, { limits, signal }) {
    const owners = new Map();
    for (const layer of image.layers) {
        if (layer.blob === undefined)
            continue;
        let path = '';
        let database;
        let pieces = [];
        let size = 0;
        const reader = tarReader({
            entry(entry) {
                path = entry.path.toString('utf8').replace(/^(?:\.?\/)+/, '');
                database = entry.type === 'file' ? databases.find(({ matches }) => matches(path)) : undefined;
                pieces = [];
                size = 0;
            },
            content(bytes) {
                if (database === undefined || size > LARGEST_DATABASE)
                    return;
                pieces.push(Buffer.from(bytes));
                size += bytes.length;
            },
            entryEnd() {
                if (database === undefined)
                    return;
                const text = Buffer.concat(pieces).toString('latin1');
                for (const [file, owner] of database.read(text, path, wanted))
                    owners.set(file, owner);
                pieces = [];
            }
        }, limits);
        await inflateLayer(layer, (piece) => reader.write(piece), limits, signal);
        reader.end();
    }
    return owners;
}

;// CONCATENATED MODULE: ./src/image/leaks/tolerance.ts


/**
 * Divides findings into leaks and keys that are told of and no more. A secret of the run is always a leak, and so is a key of the run: both
 * are found as what they are.
 * @param ignored paths, `/folder/**`, and fingerprints
 */
async function tolerate(findings, options) {
    const { image, tree, ignored, limits, signal } = options;
    const injected = new Set(findings.flatMap((finding) => (finding.kind === 'secret' ? [tolerance_placeOf(finding)] : [])));
    const easy = (finding) => {
        if (finding.kind === 'secret' || injected.has(tolerance_placeOf(finding)))
            return undefined;
        const path = pathOf(finding);
        if (isIgnored(ignored, finding.fingerprint, path))
            return 'leak-ignore names it';
        const owner = knownKey(finding.fingerprint);
        if (owner !== undefined)
            return `it is a test key of ${owner}`;
        const from = path === '' ? undefined : packageOf(tree, path);
        return from === undefined ? undefined : `it came with ${from}`;
    };
    const judged = findings.map((finding) => ({ finding, because: easy(finding) }));
    const open = judged.flatMap(({ finding, because }) => {
        const isKey = finding.kind === 'private-key' && !injected.has(tolerance_placeOf(finding));
        return because === undefined && isKey && pathOf(finding) !== '' ? [pathOf(finding)] : [];
    });
    // Only now the databases of packages are read, which takes a second pass over the layers.
    const owners = open.length === 0 ? new Map() : await packageOwners(image, new Set(open), { limits, signal });
    const leaks = [];
    const tolerated = [];
    for (const { finding, because } of judged) {
        const owner = finding.kind === 'private-key' && !injected.has(tolerance_placeOf(finding)) ? owners.get(pathOf(finding)) : undefined;
        const reason = because ?? (owner === undefined ? undefined : `it came with ${owner}`);
        if (reason === undefined || finding.kind === 'secret')
            leaks.push(finding);
        else
            tolerated.push({ path: pathOf(finding), fingerprint: finding.fingerprint, because: reason });
    }
    return { leaks, tolerated };
}
function pathOf({ place }) {
    return place.in === 'file' ? place.path : '';
}
function tolerance_placeOf({ place }) {
    return JSON.stringify(place);
}
/** Whether `leak-ignore` names a key, by its fingerprint or by the path it is at. */
function isIgnored(ignored, fingerprint, path) {
    return ignored.some((entry) => entry === fingerprint ||
        (path !== '' && (entry === path || (entry.endsWith('/**') && path.startsWith(entry.slice(0, -2))))));
}

;// CONCATENATED MODULE: ./src/image/duplicates.ts


/** What is smaller is a licence, and not worth a thought. */
const LEAST_BYTES = 1000;
const MOST_PATHS = 4;
/** Groups what a container sees by size and CRC-32; hard links are one file. Contents of base layers alone do not count. */
function findDuplicates(tree, top) {
    const { paths, entries, isBase } = tree;
    const sizeAt = (path) => entries.size[contentAt(tree, path)];
    const layerOf = (path) => entries.layer[contentAt(tree, path)];
    const order = (a, b) => orderEntries(entries, contentAt(tree, a), contentAt(tree, b));
    const first = new Map();
    const groups = new Map();
    eachShown(tree, (path, held) => {
        const size = entries.size[held];
        if (size < LEAST_BYTES)
            return;
        // As many bits of the size as a number has beside the 32 of the CRC; the rest is compared below.
        const key = (size % 2 ** 20) * 2 ** 32 + (entries.crc[held] >>> 0);
        const earlier = first.get(key);
        if (earlier === undefined)
            first.set(key, path);
        else if (sizeAt(earlier) === size) {
            const group = groups.get(earlier);
            if (group === undefined)
                groups.set(earlier, [earlier, path]);
            else
                group.push(path);
        }
    });
    const contents = [...groups.values()].flatMap((group) => {
        const own = group.filter((path) => !isBase(layerOf(path)));
        const extra = own.length < group.length ? own.length : own.length - 1;
        const size = sizeAt(group[0]);
        return extra < 1 ? [] : [{ group: group.toSorted(order), size, extra }];
    });
    if (contents.length === 0)
        return undefined;
    return {
        size: contents.reduce((sum, { size, extra }) => sum + size * extra, 0),
        files: contents.reduce((sum, { extra }) => sum + extra, 0),
        contents: contents
            .sort((a, b) => b.size * b.extra - a.size * a.extra || order(a.group[0], b.group[0]))
            .slice(0, top)
            .map(({ group, size }) => ({
            size,
            copies: group.length,
            paths: group.slice(0, MOST_PATHS).map((path) => paths.format(path)),
            layer: layerOf(group.at(-1))
        }))
    };
}

;// CONCATENATED MODULE: ./src/image/copies.ts


/** Compares each file of a layer with the one it replaced: same size and CRC-32 is the same content. None for no layer. */
function copiesOf({ paths, entries, overlay }, scan) {
    const all = { files: 0, size: 0 };
    const chown = { files: 0, size: 0 };
    const chmod = { files: 0, size: 0 };
    const attributes = { files: 0, size: 0 };
    const list = largest(5);
    for (const entry of scan?.entries ?? []) {
        const below = overlay.replaced[entry];
        const before = overlay.content[below];
        const size = entries.size[entry];
        if (before === 0 || size === 0 || entries.type[entry] !== TYPE_FILE)
            continue;
        if (entries.size[before] !== size || entries.crc[before] !== entries.crc[entry])
            continue;
        add(all, size);
        if (entries.uid[entry] !== entries.uid[below] || entries.gid[entry] !== entries.gid[below])
            add(chown, size);
        if (entries.mode[entry] !== entries.mode[below])
            add(chmod, size);
        if (entries.attributes[entry] !== entries.attributes[below])
            add(attributes, size);
        list.offer(entry, size);
    }
    const largestCopies = list
        .items()
        .map((entry) => ({ path: paths.format(entries.path[entry]), size: entries.size[entry] }));
    return { ...all, chown, chmod, ...(attributes.files === 0 ? {} : { attributes }), paths: largestCopies };
}
function add(sum, size) {
    sum.files++;
    sum.size += size;
}

;// CONCATENATED MODULE: ./src/image/analysis.ts















/** Length of each list of largest things. */
const ROWS = 20;
/**
 * Reads every layer of an image once, several side by side, and says what is in it. Verifies blobs and diffIDs on the way.
 * Throws `ImageError` where an image is not what it claims to be, and the signal's reason when aborted.
 */
async function analyseImage(image, options = {}) {
    const limits = { ...defaultLimits, ...options.limits };
    const { needles } = options;
    // Where the base is told later, all layers are searched meanwhile, and what is in its own does not count.
    let baseCount = options.baseDiffIDs instanceof Promise ? 0 : countBase(image, options.baseDiffIDs ?? []);
    const isBase = (layer) => layer < baseCount;
    const { paths, entries, scans: known } = (await options.ahead?.take(image.layers, needles)) ?? nothingScanned();
    const redact = (text) => (needles === undefined ? text : redactText(needles, text));
    const omissions = [...(needles?.omissions ?? [])];
    const scanned = await inParallel(image.layers.length, options.signal, (at, signal) => {
        const layer = image.layers[at];
        const scan = known.get(at);
        if (scan !== undefined)
            return Promise.resolve(scan);
        if (layer.blob === undefined)
            return Promise.resolve(absentLayer);
        return scanLayer(layer, at, { paths, entries, limits, signal, needles: isBase(at) ? undefined : needles });
    });
    const baseDiffIDs = await options.baseDiffIDs;
    baseCount = countBase(image, baseDiffIDs ?? []);
    const scans = scanned.map((scan, at) => (isBase(at) ? { ...scan, hits: [], droppedHits: 0 } : scan));
    if (baseDiffIDs !== undefined && baseDiffIDs.length > baseCount) {
        omissions.push({
            kind: 'image',
            words: `the base image has ${baseDiffIDs.length} layers, of which only ${baseCount} are in this image`
        });
    }
    const overlay = overlayLayers(paths, entries, scans);
    const tree = { paths, entries, overlay, scans, isBase };
    const figures = weigh(tree, ROWS);
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
            size: sizeOf(tree, scan),
            entries: scan.entries.length,
            files: overlay.files[index],
            createdBy: createdBy === undefined ? undefined : redact(createdBy),
            base: isBase(index),
            empty: scan.entries.length + scan.whiteouts.length + scan.opaques.length === 0,
            contentDigest: scan.contentDigest,
            copies: copiesOf(tree, isBase(index) ? undefined : scan)
        };
    });
    for (const [index, { descriptor, blob }] of image.layers.entries()) {
        const omit = (words) => omissions.push({ kind: 'layer', layer: index, words });
        if (blob === undefined)
            omit(`(${descriptor.digest}) is not in the layout and was not examined`);
        for (const note of [...scans[index].notes, ...overlay.notes[index]])
            omit(note);
        const { droppedHits } = scans[index];
        if (droppedHits > 0)
            omit(`has ${droppedHits} more finds than are listed`);
    }
    const findings = needles === undefined ? [] : [...layerFindings(tree, layers, redact), ...(await searchDocuments(needles, image))];
    const { leaks, tolerated } = await tolerate(findings, {
        ...{ image, tree, limits, signal: options.signal },
        ignored: options.ignoredKeys ?? []
    });
    const home = image.config.env.find((variable) => variable.startsWith('HOME='))?.slice(5);
    return {
        platform: image.platformName,
        manifestDigest: image.manifestDigest,
        configDigest: image.configDigest,
        size: figures.size,
        transferSize: transferBytes(image.configSize + image.manifestSize, image.layers.map(({ descriptor }) => descriptor)),
        layers,
        reclaimable: figures.reclaimable,
        efficiency: figures.size === 0 ? 1 : figures.live / figures.size,
        biggestFiles: figures.biggestFiles,
        biggestDirectories: figures.biggestDirectories,
        packageCaches: packageCaches(tree, figures.shown, home === undefined ? [] : [home]),
        duplicates: findDuplicates(tree, ROWS),
        modes: modeFacts(tree, 100),
        clients: clientPrograms(tree),
        leaks,
        tolerated,
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
function nothingScanned() {
    return { paths: pathTable(), entries: entryTable(), scans: new Map() };
}
const noDigest = `sha256:${'0'.repeat(64)}`;
const absentLayer = {
    compression: 'none',
    tarSize: 0,
    diffID: noDigest,
    entries: new Int32Array(0),
    whiteouts: [],
    opaques: [],
    contentDigest: noDigest,
    hits: [],
    droppedHits: 0,
    notes: []
};
/** Base layers are those that both images have from the bottom on: a layer's diffID is its content's name. */
function countBase(image, baseDiffIDs) {
    const differs = image.layers.findIndex(({ diffID }, at) => diffID !== baseDiffIDs[at]);
    return differs === -1 ? image.layers.length : differs;
}
/** Bytes of the files of a layer. */
function sizeOf({ entries }, scan) {
    let size = 0;
    for (const entry of scan.entries) {
        if (entries.type[entry] === TYPE_FILE)
            size += entries.size[entry];
    }
    return size;
}
/** Runs `work` for 0 to `count` - 1, a few at a time. The first failure stops the others and is thrown. */
async function inParallel(count, signal, work) {
    const stop = new AbortController();
    const either = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
    const inTurn = turns(SCANS_AT_ONCE);
    const running = Array.from({ length: count }, (_, at) => inTurn(() => {
        either.throwIfAborted();
        return work(at, either);
    }));
    try {
        const results = await Promise.all(running);
        signal?.throwIfAborted();
        return results;
    }
    catch (caught) {
        stop.abort(caught);
        await Promise.allSettled(running);
        throw caught;
    }
}

;// CONCATENATED MODULE: ./src/image/docker_save.ts





const LAYER_MEDIA_TYPE = 'application/vnd.docker.image.rootfs.diff.tar';
/**
 * Reads `docker save` as it was before version 25, and what imitates it (kaniko, go-containerregistry): a manifest.json that names
 * a config and one tar per layer. There is no manifest in the registry's sense, and no digest of a layer but its diffID.
 * https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format
 */
async function readDockerSave(path, files, manifestFile, limits, name) {
    const json = parseJSON(await readRange(manifestFile, limits.documentBytes, 'manifest.json'), 'manifest.json');
    const entries = asArray(json, 'manifest.json').map((item, at) => {
        const entry = asObject(item, `manifest.json[${at}]`);
        return {
            config: asString(entry.Config, `manifest.json[${at}].Config`),
            names: stringsOf(entry.RepoTags),
            layers: asArray(entry.Layers, `manifest.json[${at}].Layers`).map((layer) => asString(layer, `manifest.json[${at}].Layers`))
        };
    });
    const chosen = entries.filter((entry) => name === undefined || entry.names.includes(name));
    if (name !== undefined && chosen.length === 0) {
        const names = entries.flatMap((entry) => entry.names).join(', ');
        throw new ImageError('not-an-image', `${path} has no image named ${name}; it has: ${names === '' ? 'no names' : names}`);
    }
    const images = [];
    for (const entry of chosen) {
        const configFile = await files.find(entry.config);
        if (configFile === undefined)
            throw new ImageError('missing-blob', `config ${entry.config} is not in the archive`);
        const bytes = await readRange(configFile, limits.documentBytes, entry.config);
        const configDigest = sha256Of(bytes);
        checkName(entry.config, configDigest);
        const config = readConfig(parseJSONObject(bytes, entry.config), entry.config);
        if (config.diffIDs.length !== entry.layers.length) {
            throw new ImageError('corrupt-document', `manifest.json names ${entry.layers.length} layers, ${entry.config} ${config.diffIDs.length} diffIDs`);
        }
        const layers = entry.layers.map(async (layer, at) => {
            const blob = await files.find(layer);
            if (blob === undefined)
                throw new ImageError('missing-blob', `layer ${layer} is not in the archive`);
            const diffID = config.diffIDs[at];
            const descriptor = {
                mediaType: LAYER_MEDIA_TYPE,
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
            annotated: [],
            documents: [],
            names: entry.names,
            attestations: []
        });
    }
    return {
        format: 'docker-save',
        images,
        strayAttestations: [],
        others: []
    };
}
/** Docker names the config by its digest: hold it to that where the name is one. */
function checkName(name, digest) {
    const hex = /([a-f0-9]{64})(?:\.json)?$/.exec(name)?.[1];
    if (hex !== undefined && digest !== `sha256:${hex}`) {
        throw new ImageError('wrong-digest', `config ${name} has digest ${digest}`);
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
    const limits = { ...defaultLimits, ...options.limits };
    const found = await (0,promises_.stat)(path).catch(() => undefined);
    if (found === undefined)
        throw new ImageError('not-an-image', `${path} does not exist`);
    if (!found.isDirectory() && !found.isFile()) {
        throw new ImageError('not-an-image', `${path} is neither a folder nor a file`);
    }
    const files = found.isDirectory() ? folderFiles(path) : await archiveFiles(path, options.signal);
    const index = await files.find('index.json');
    if (index !== undefined)
        return readLayout(path, files, index, limits, options);
    const manifest = await files.find('manifest.json');
    if (manifest !== undefined)
        return readDockerSave(path, files, manifest, limits, options.name);
    throw new ImageError('not-an-image', `${path} holds neither index.json (OCI layout) nor manifest.json (docker save)`);
}
async function readLayout(path, files, indexFile, limits, options) {
    const marker = await files.find('oci-layout');
    if (marker !== undefined) {
        const version = parseJSONObject(await readRange(marker, limits.documentBytes, 'oci-layout'), 'oci-layout').imageLayoutVersion;
        if (typeof version !== 'string' || !version.startsWith('1.')) {
            throw new ImageError('unsupported', `${path}: imageLayoutVersion ${JSON.stringify(version)} is not 1.x`);
        }
    }
    const index = readDocument(parseJSONObject(await readRange(indexFile, limits.documentBytes, 'index.json'), 'index.json'), 'index.json');
    if (index.kind !== 'index')
        throw new ImageError('corrupt-document', 'index.json is a manifest, not an index');
    const roots = index.manifests.filter((root) => options.name === undefined || namesOf(root).includes(options.name));
    if (options.name !== undefined && roots.length === 0) {
        const names = index.manifests.flatMap(namesOf).join(', ');
        throw new ImageError('not-an-image', `${path} has no image named ${options.name}; it has: ${names === '' ? 'no names' : names}`);
    }
    const images = new Map();
    const attestations = [];
    const others = new Map();
    let visited = 0;
    const whole = {
        annotated: [{ on: 'index', annotations: index.annotations }],
        documents: []
    };
    for (const root of roots)
        await descend(root, namesOf(root), whole, 0);
    return {
        format: 'oci-layout',
        images: [...images.values()].map((image) => ({
            ...image,
            attestations: attestations.filter((attestation) => attestation.subject === image.manifestDigest)
        })),
        strayAttestations: attestations.filter(({ subject }) => subject === undefined || !images.has(subject)),
        others: [...others.values()]
    };
    async function descend(descriptor, names, around, depth) {
        options.signal?.throwIfAborted();
        if (++visited > limits.manifests)
            throw new ImageError('limit', `${path}: more than ${limits.manifests} manifests`);
        // Digests make a true cycle impossible, yet index.json has none, and a chain can be made as long as one likes.
        if (depth > limits.indexDepth)
            throw new ImageError('limit', `${path}: indices nested deeper than ${limits.indexDepth}`);
        const known = images.get(descriptor.digest);
        if (known !== undefined) {
            images.set(descriptor.digest, {
                ...known,
                names: [...new Set([...known.names, ...names])],
                annotated: [...known.annotated, ...around.annotated, { on: 'descriptor', annotations: descriptor.annotations }],
                documents: [...known.documents, ...around.documents]
            });
            return;
        }
        const what = `manifest ${descriptor.digest}`;
        const bytes = await readBlob(files, descriptor, limits.documentBytes, what);
        const document = readDocument(parseJSONObject(bytes, what), what);
        const here = {
            annotated: [
                ...around.annotated,
                { on: 'descriptor', annotations: descriptor.annotations },
                { on: document.kind, annotations: document.annotations }
            ],
            documents: [...around.documents, { digest: descriptor.digest, text: bytes.toString('utf8') }]
        };
        if (document.kind === 'index') {
            for (const child of document.manifests)
                await descend(child, names, here, depth + 1);
        }
        else if (isAttestation(descriptor, document)) {
            if (attestations.some(({ digest }) => digest === descriptor.digest))
                return;
            attestations.push(await attestationOf(descriptor, { manifest: document, text: bytes.toString('utf8') }, files));
        }
        else if (!isImageConfig(document.config.mediaType)) {
            others.set(descriptor.digest, {
                digest: descriptor.digest,
                mediaType: document.artifactType ?? document.config.mediaType
            });
        }
        else {
            const image = await readImage(files, descriptor, document, limits);
            images.set(descriptor.digest, {
                ...image,
                names,
                annotated: [...here.annotated, ...image.annotated],
                documents: here.documents
            });
        }
    }
}
async function readImage(files, descriptor, manifest, limits) {
    const what = `config ${manifest.config.digest}`;
    const bytes = await readBlob(files, manifest.config, limits.documentBytes, what);
    const config = readConfig(parseJSONObject(bytes, what), what);
    if (config.diffIDs.length !== manifest.layers.length) {
        throw new ImageError('corrupt-document', `manifest ${descriptor.digest} has ${manifest.layers.length} layers, its config ${config.diffIDs.length} diffIDs`);
    }
    const platform = descriptor.platform ?? config;
    const layers = manifest.layers.map(async (layer, at) => {
        const blob = await files.find(blobName(layer.digest));
        if (blob === undefined && !isForeign(layer)) {
            throw new ImageError('missing-blob', `layer ${at} (${layer.digest}) is not in the layout`);
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
        annotated: [
            { on: 'descriptor', annotations: manifest.config.annotations },
            ...(manifest.subject === undefined
                ? []
                : [{ on: 'descriptor', annotations: manifest.subject.annotations }]),
            ...manifest.layers.map(({ annotations }) => ({ on: 'layer', annotations }))
        ],
        documents: [],
        names: [],
        attestations: []
    };
}
/** Reads and verifies a small blob. */
async function readBlob(files, descriptor, limit, what) {
    const blob = await files.find(blobName(descriptor.digest));
    if (blob === undefined)
        throw new ImageError('missing-blob', `${what} is not in the layout`);
    if (blob.size !== descriptor.size)
        throw wrongSize(what, blob.size, descriptor.size);
    const bytes = await readRange(blob, limit, what);
    checkDigest(hashFor(descriptor.digest).update(bytes), descriptor.digest, what);
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
    return new ImageError('wrong-size', `${what} has ${actual} bytes, its descriptor says ${expected}`);
}

;// CONCATENATED MODULE: ./src/image/leaks/blob.ts









/**
 * What is found in a layer's blob on disk, read to its end; for blobs that are no image's, such as a cache's. Private keys that everybody has
 * are left out: see known_keys.ts.
 */
async function searchBlob(path, size, needles) {
    const hits = hitStream(needles);
    for await (const piece of inflatedBlob(path, size))
        hits.write(piece);
    return hits.end().hits.filter((hit) => hit.kind === 'secret' || knownKey(hit.fingerprint) === undefined);
}
/**
 * The path of the entry in which each hit of a layer's blob lies, as the archive has it; `undefined` where it lies in none.
 * @param hits in the order of the stream
 */
async function pathsOfHits(path, size, hits) {
    const paths = hits.map(() => undefined);
    let next = 0;
    const reader = tarReader({
        entry: (entry) => {
            const end = entry.dataOffset + entry.storedSize;
            for (let hit = hits[next]; hit !== undefined && hit.offset < end; hit = hits[++next]) {
                if (hit.offset >= entry.headerOffset)
                    paths[next] = entry.path.toString();
            }
        },
        content: () => undefined,
        entryEnd: () => undefined
    }, defaultLimits);
    try {
        for await (const piece of inflatedBlob(path, size))
            reader.write(piece);
    }
    catch (error) {
        if (!(error instanceof ImageError))
            throw error; // no archive
    }
    return paths;
}
async function* inflatedBlob(path, size) {
    const magic = await readRange({ path, offset: 0, size: Math.min(size, 4) }, 4, path);
    const compression = compressionOf(magic);
    const source = (0,external_node_fs_.createReadStream)(path, { highWaterMark: 2 ** 20 });
    const pieces = compression === 'gzip'
        ? source.pipe((0,external_node_zlib_.createGunzip)({ chunkSize: 2 ** 19 }))
        : compression === 'zstd'
            ? source.pipe((0,external_node_zlib_.createZstdDecompress)({ chunkSize: 2 ** 19 }))
            : source;
    source.once('error', (error) => pieces.destroy(error));
    for await (const piece of pieces)
        yield piece;
}

;// CONCATENATED MODULE: ./src/image/layer_files.ts
/** One layer's archive, entry by entry with its times: what only a comparison of two of them needs, and an analysis does not keep. */




/** Lists a layer in its archive's order. Throws `ImageError` as `analyseImage` does. */
async function listLayer(layer, signal) {
    const files = [];
    let current;
    let size = 0;
    let crc = 0;
    const reader = tarReader({
        entry: (entry) => {
            if (files.length >= defaultLimits.entries)
                throw new Error('the layer has too many entries');
            crc = 0;
            size = entry.size;
            const { type, path, linkPath, mode, uid, gid, modified } = entry;
            const what = type === 'file' ? '' : `${linkPath.toString()} ${entry.deviceMajor} ${entry.deviceMinor}`;
            current = {
                path: `/${path
                    .toString()
                    .replace(/^(?:\.?\/)+/, '')
                    .replace(/(?<!\/)\/+$/, '')}`,
                ...{ type, modified, content: what },
                attributes: [mode, uid, gid, ...entry.attributes.map((each) => each.toString('latin1'))].join(' ')
            };
        },
        content: (bytes) => {
            crc = (0,external_node_zlib_.crc32)(bytes, crc);
        },
        entryEnd: () => {
            if (current === undefined)
                return;
            files.push(current.type === 'file' ? { ...current, content: `${size} ${crc}` } : current);
        }
    }, defaultLimits);
    await inflateLayer(layer, reader.write, defaultLimits, signal);
    reader.end();
    return files;
}

;// CONCATENATED MODULE: ./src/image/index.ts
/**
 * An OCI layout in, an analysis out. Knows nothing of GitHub, Docker or the environment.
 *
 *     const { images } = await readImages('./image')
 *     const needles = planNeedles([{ id: 'npm', value: token, kind: 'secret' }])
 *     const analysis = await analyseImage(images[0], { needles })
 */





















/***/ })

};

//# sourceMappingURL=728.index.js.map