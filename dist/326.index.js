export const id = 326;
export const ids = [326,759];
export const modules = {

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

/***/ 3743:
/***/ ((__unused_webpack_module, __webpack_exports__, __webpack_require__) => {


// EXPORTS
__webpack_require__.d(__webpack_exports__, {
  tellGitHub: () => (/* binding */ tellGitHub),
  wantsTelling: () => (/* binding */ wantsTelling)
});

// EXTERNAL MODULE: external "node:timers/promises"
var promises_ = __webpack_require__(8500);
// EXTERNAL MODULE: ./src/core/own_words.ts
var own_words = __webpack_require__(9789);
// EXTERNAL MODULE: ./src/core/json.ts
var json = __webpack_require__(6153);
// EXTERNAL MODULE: ./src/core/link.ts
var core_link = __webpack_require__(5039);
;// CONCATENATED MODULE: ./src/github/attempt.ts
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
    const name = (0,json/* dig */.rO)(error, 'name');
    if (name === 'TimeoutError' || name === 'AbortError')
        return `no answer within ${Math.ceil(milliseconds / 1000)} seconds`;
    const code = [(0,json/* dig */.rO)(error, 'code'), (0,json/* dig */.rO)(error, 'cause', 'code')]
        .map(json/* asString */.oJ)
        .find((found) => found !== undefined && /^[A-Z0-9_]{2,40}$/.test(found));
    return code === undefined ? 'the connection failed' : `the connection failed (${code})`;
}

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
    return (0,json/* asString */.oJ)((0,json/* dig */.rO)((0,json/* parseJSON */.Ol)(text), 'message')) ?? '';
}
/** What we send, as GitHub calls it, and its codes for what can be wrong with it. */
const FIELDS = ['body', 'data', 'sha', 'state', 'context', 'description', 'target_url'];
const CODES = ['missing', 'missing_field', 'invalid', 'already_exists', 'unprocessable', 'too_long', 'custom'];
/** `description invalid`: identifiers that we know, never GitHub's prose, which may quote what was sent. */
function fieldsOf(text) {
    return (0,json/* asArray */._j)((0,json/* dig */.rO)((0,json/* parseJSON */.Ol)(text), 'errors'))
        .map((entry) => [FIELDS.find(is(entry, 'field')), CODES.find(is(entry, 'code'))])
        .map((words) => words.filter((word) => word !== undefined).join(' '))
        .filter((field) => field !== '')
        .slice(0, 5);
}
function is(entry, key) {
    return (word) => (0,json/* dig */.rO)(entry, key) === word;
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
    const sleep = options.sleep ?? ((milliseconds) => (0,promises_.setTimeout)(milliseconds, undefined, { signal }));
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
        const text = body === undefined ? undefined : JSON.stringify((0,own_words/* redacted */.p)(body, redact));
        for (let attempt = 1;; attempt += 1) {
            const left = patience.all - waited;
            if (left <= 0 && silence !== undefined)
                return { ok: false, error: silence };
            const milliseconds = Math.min(patience.answer, Math.max(left, patience.lastAnswer));
            const began = now();
            const outcome = await attemptOnce(() => send(method, url, { body: text, milliseconds }), milliseconds);
            waited += Math.max(0, now() - began);
            silence = outcome.kind === 'no-answer' ? { kind: 'unavailable', reason: outcome.reason } : undefined;
            if (outcome.kind === 'answer' && outcome.status >= 200 && outcome.status < 300) {
                return { ok: true, value: { body: (0,json/* parseJSON */.Ol)(outcome.text), next: (0,core_link/* nextPage */.Z)(outcome.header('link')) } };
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
    const login = (0,json/* asString */.oJ)((0,json/* dig */.rO)(comment, 'user', 'login'));
    if (login === undefined)
        return undefined;
    const app = (0,json/* asString */.oJ)((0,json/* dig */.rO)(comment, 'performed_via_github_app', 'slug'));
    return { login, isBot: (0,json/* dig */.rO)(comment, 'user', 'type') === 'Bot' || (app !== undefined && login === `${app}[bot]`) };
}
/**
 * The login that the token writes as; `undefined` where the server does not tell. A workflow's token has no user, and
 * `GET /user` is refused to it; GraphQL's `viewer` knows it.
 */
async function readOwnLogin(client) {
    const user = async () => {
        const result = await client.root('GET', '/user', { permission: '' });
        return result.ok ? (0,json/* asString */.oJ)((0,json/* dig */.rO)(result.value, 'login')) : undefined;
    };
    const viewer = async () => {
        const result = await client.graphql('query { viewer { login } }');
        return result.ok ? (0,json/* asString */.oJ)((0,json/* dig */.rO)(result.value, 'data', 'viewer', 'login')) : undefined;
    };
    return client.actsAsApp ? await viewer() : ((await user()) ?? (await viewer()));
}
/** Whether `author` is the one that writes as `login`; without a login, whether it is a bot. */
function isOwn(author, login) {
    if (login === undefined)
        return author.isBot || WORKFLOW_IDENTITIES.includes(author.login);
    const own = login.toLowerCase();
    const theirs = author.login.toLowerCase();
    // GraphQL leaves the suffix out in places; a person may have the same name without it.
    return theirs === own || (author.isBot && theirs === `${own}[bot]`);
}

// EXTERNAL MODULE: external "node:crypto"
var external_node_crypto_ = __webpack_require__(7598);
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
    const same = listed.ok ? listed.value.filter(({ author }) => isOwn(author, own.author.login)) : [];
    const [oldest = own, ...younger] = same;
    if (oldest.id >= own.id)
        return { kind: 'created', ...placeOf(own) };
    await remove(client, younger);
    return await refresh(request, oldest, start, { ...content, again: false });
}
async function refresh(request, found, start, content) {
    const { client, sequence = 0 } = request;
    const { text, image, again } = content;
    if (isOfAnother(found, image))
        return await leaveToOther(request, found, start);
    if (found.sequence > sequence)
        return { kind: 'superseded', ...placeOf(found) };
    const shared = found.image?.shared === true && image !== undefined;
    if (sameText(found.text, text) && (image === undefined || found.image?.commit === image.commit)) {
        return { kind: 'unchanged', ...placeOf(found) };
    }
    const body = shared ? withShared(start, request.sequence, image) + text + SHARED : content.body;
    const updated = await client.repo('PATCH', `/issues/comments/${found.id}`, { permission: PERMISSION, body: { body } });
    if (updated.ok && readFound(updated.value, start)?.id !== found.id)
        return failed(NOT_THE_COMMENT);
    if (updated.ok)
        return { kind: 'updated', ...placeOf(found) };
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
    return { kind: 'other-image', ...placeOf(found), message };
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
    return found.filter(({ author }) => isOwn(author, login));
}
async function remove(client, found) {
    for (const { id } of found.slice(0, MOST_REMOVALS)) {
        // What can't be removed now is seen again by the next run.
        await client.repo('DELETE', `/issues/comments/${id}`, { permission: PERMISSION });
    }
}
function readFound(comment, start) {
    const id = (0,json/* asNumber */.i)((0,json/* dig */.rO)(comment, 'id'));
    const author = readAuthor(comment);
    const marked = readMarked((0,json/* asString */.oJ)((0,json/* dig */.rO)(comment, 'body')) ?? '', start);
    if (id === undefined || author === undefined || marked === undefined)
        return undefined;
    const url = (0,json/* asString */.oJ)((0,json/* dig */.rO)(comment, 'html_url'));
    // A text of ours is compared without what was put below it.
    const text = marked.image?.shared === true ? marked.text.replaceAll('\r\n', '\n').replace(SHARED, '') : marked.text;
    return { id, author, ...marked, text, ...(url === undefined ? {} : { url }) };
}
function placeOf({ id, url }) {
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

// EXTERNAL MODULE: ./node_modules/@actions/http-client/lib/index.js
var lib = __webpack_require__(2779);
// EXTERNAL MODULE: ./node_modules/@actions/http-client/lib/proxy.js
var proxy = __webpack_require__(9783);
// EXTERNAL MODULE: ./src/core/proxy.ts
var core_proxy = __webpack_require__(4819);
;// CONCATENATED MODULE: ./src/github/fetch.ts
/** The real `fetch`. Node's own does not look at `https_proxy`, and self-hosted runners live behind proxies. */





/** Goes through the proxy that `https_proxy`, `http_proxy` and `no_proxy` name for the address, and else directly. */
const fetchThroughProxy = async (url, init) => {
    const proxy = findProxy(new URL(url));
    if (proxy === undefined)
        return await fetch(url, init);
    const client = new lib/* HttpClient */.Qq(undefined, undefined, { allowRedirects: false, allowRetries: false });
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
    if (variable === undefined || (0,proxy/* checkBypass */.H)(url))
        return undefined;
    const text = process.env[variable] ?? '';
    const reading = (0,core_proxy/* readProxy */.nM)(variable, text);
    if (!reading.ok)
        throw new ProxyTrouble(reading.problem, true);
    // 10.0.0.1:3128 is no URL, which the toolkit completes; proxy:3128 is one, whose scheme is "proxy".
    if (URL.canParse(text) && !/^https?:\/\//i.test(text)) {
        throw new ProxyTrouble(`${variable} does not begin with http:// or https://`, true);
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
        return new ProxyTrouble(`the proxy in ${proxy.variable} cannot be reached`, false);
    const { problem, kind } = (0,core_proxy/* readProxyRefusal */.d_)(proxy, Number(status));
    return new ProxyTrouble(problem, kind !== 'passing');
}

// EXTERNAL MODULE: ./src/occasion/place.ts
var place = __webpack_require__(7024);
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
    const description = shortened(client.redact(oneLine(request.description)), DESCRIPTION_LIMIT);
    const context = client.redact(oneLine(request.context)).slice(0, CONTEXT_LIMIT).toWellFormed();
    if (!(0,place/* isCommit */.W)(sha))
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
    const url = (0,json/* asString */.oJ)((0,json/* dig */.rO)(result.value, 'url'));
    return { kind: 'set', ...(url === undefined ? {} : { url }), ...(shared === undefined ? {} : { message: shared }) };
}
/** Something else may answer with 200: a proxy's page. Gitea has the state under another name, as `status`. */
function isStatus(answer, state) {
    return (0,json/* asString */.oJ)((0,json/* dig */.rO)(answer, 'context')) !== undefined && [(0,json/* dig */.rO)(answer, 'state'), (0,json/* dig */.rO)(answer, 'status')].includes(state);
}
/** What a status is about, as a part of its link that leads to the same place. */
function markOf(identity) {
    return `#stagegate-${(0,external_node_crypto_.createHash)('sha256').update(identity).digest('hex').slice(0, 12)}`;
}
/** The state that another image or workflow has set under this name; `undefined` where none has, or nobody can say. */
async function findOther(client, { sha, context, mark }) {
    const listed = await client.repo('GET', `/commits/${sha}/statuses?per_page=100`, { permission: 'statuses: read' });
    // The newest comes first: https://docs.github.com/rest/commits/statuses#list-commit-statuses-for-a-reference
    const last = listed.ok ? (0,json/* asArray */._j)(listed.value).find((status) => (0,json/* dig */.rO)(status, 'context') === context) : undefined;
    const [theirs] = /#stagegate-[0-9a-f]{12}$/.exec((0,json/* asString */.oJ)((0,json/* dig */.rO)(last, 'target_url')) ?? '') ?? [];
    return theirs === undefined || theirs === mark ? undefined : (0,json/* asString */.oJ)((0,json/* dig */.rO)(last, 'state'));
}
function sharedBy(context) {
    return `The commit status "${context}" is that of another image or workflow of this commit, too. Give each its own \`commit-status\`.`;
}
/** At most `limit` characters; what is cut is cut behind a word and ends in an ellipsis. */
function shortened(text, limit) {
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

// EXTERNAL MODULE: ./src/report/sections/tests.ts
var tests = __webpack_require__(5614);
// EXTERNAL MODULE: ./src/report/sections/advice.ts
var advice = __webpack_require__(8667);
// EXTERNAL MODULE: ./src/report/sections/broken.ts
var broken = __webpack_require__(4822);
// EXTERNAL MODULE: ./src/report/sections/cache.ts
var cache = __webpack_require__(7301);
// EXTERNAL MODULE: ./src/report/sections/difference.ts
var difference = __webpack_require__(9580);
// EXTERNAL MODULE: ./src/report/sections/facts.ts
var facts = __webpack_require__(8580);
// EXTERNAL MODULE: ./src/report/sections/failure.ts
var sections_failure = __webpack_require__(9197);
// EXTERNAL MODULE: ./src/report/sections/headline.ts
var headline = __webpack_require__(8179);
// EXTERNAL MODULE: ./src/report/sections/increase.ts
var increase = __webpack_require__(8423);
// EXTERNAL MODULE: ./src/report/format/ladder.ts
var ladder = __webpack_require__(2054);
// EXTERNAL MODULE: ./src/report/sections/layers.ts
var sections_layers = __webpack_require__(6905);
// EXTERNAL MODULE: ./src/report/sections/leaks.ts
var leaks = __webpack_require__(3119);
// EXTERNAL MODULE: ./src/report/format/links.ts
var links = __webpack_require__(5641);
// EXTERNAL MODULE: ./src/report/format/markdown.ts
var markdown = __webpack_require__(99);
// EXTERNAL MODULE: ./src/report/model.ts
var model = __webpack_require__(6867);
// EXTERNAL MODULE: ./src/report/sections/notes.ts
var notes = __webpack_require__(5098);
// EXTERNAL MODULE: ./src/report/sections/proof.ts
var proof = __webpack_require__(2129);
// EXTERNAL MODULE: ./src/report/sections/published.ts
var published = __webpack_require__(3373);
// EXTERNAL MODULE: ./src/core/units.ts
var units = __webpack_require__(2184);
;// CONCATENATED MODULE: ./src/report/sections/quiet.ts
/** The whole comment where there is no news: the same image, tested, and nothing to warn of. */







/** Whether there is none. */
function isQuiet(report) {
    return (report.outcome.kind === 'green' &&
        !(0,headline/* isContradicted */.ZA)(report) &&
        report.gate.verdict === 'passed' &&
        (0,difference/* isSameImage */.m_)(report) &&
        !(0,tests/* testsAreNews */.N3)(report) &&
        (0,difference/* comparedIn */.ZN)(report)?.differences.every(({ omissions }) => omissions.length === 0) === true &&
        report.images.every(({ figures }) => figures.leaks.length === 0 && figures.omissions.length === 0));
}
/** One line says it. */
function quietLine(report) {
    const compared = (0,difference/* comparedIn */.ZN)(report);
    const [first] = report.images;
    // With its colon, which could make an emoji of the name's end.
    const name = (0,markdown/* text */.Qq)(`${compared === undefined ? 'the baseline' : (0,difference/* baselineTitle */.mi)(compared)}:`, 100);
    const what = report.images.length > 1 || first === undefined
        ? (0,units/* count */.U9)(report.images.length, 'platform')
        : `${(0,markdown/* unbroken */.D_)((0,units/* bytes */.ee)(first.size))} in ${(0,units/* count */.U9)(first.layers.length, 'layer')}`;
    return [
        `${headline/* SYMBOL */.PF[(0,headline/* stateOf */.L4)(report)]} **${(0,markdown/* text */.Qq)(report.name, 100)}**: same image as ${name} ${what}`,
        (0,facts/* facts */.I)(report),
        ...(report.relayed === undefined ? [] : ['an untrusted run’s own figures']),
        ...(0,proof/* fullReport */.uP)(report)
    ].join(' · ');
}

// EXTERNAL MODULE: ./src/report/sections/section.ts + 1 modules
var section = __webpack_require__(8485);
// EXTERNAL MODULE: ./src/report/sections/sizes.ts
var sizes = __webpack_require__(861);
// EXTERNAL MODULE: ./src/report/sections/stages.ts
var stages = __webpack_require__(3584);
// EXTERNAL MODULE: ./src/report/sections/untrusted.ts
var untrusted = __webpack_require__(1565);
// EXTERNAL MODULE: ./src/report/sections/verdict.ts
var verdict = __webpack_require__(4910);
// EXTERNAL MODULE: ./src/report/sections/why.ts
var why = __webpack_require__(6441);
;// CONCATENATED MODULE: ./src/report/surfaces/comment.ts
/** The report in a pull request: the job summary with less. Quiet where nothing changed, short where something failed. */

























/** GitHub refuses comments of more than 65,536 characters. The rest is for the line by which the comment is found again. */
const COMMENT_LIMIT_CHARACTERS = 65_536 - 256;
const comment_sizes = (0,section/* plain */.pj)(sizes/* renderSizes */.h);
const comment_layers = (0,section/* folded */.TM)(sections_layers/* layersSummary */.PZ, (0,section/* plain */.pj)(sections_layers/* renderLayers */.r2));
const build = (0,section/* folded */.TM)(stages/* buildSummary */.fR, (0,section/* joined */.oR)([stages/* renderStages */.QY, broken/* renderBroken */.Ib, broken/* renderSaved */._y, cache/* renderCacheLine */.bk, cache/* renderMountsLine */.R4, published/* digestLine */.lt]));
const PASSED = [
    headline/* heading */.R_,
    untrusted/* renderRelayed */.JT,
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
    comment_sizes,
    difference/* renderNotCompared */.pz,
    why/* renderWhy */.f,
    tests/* renderTests */.Cd,
    comment_layers,
    build,
    (0,section/* ifRoom */.J2)(advice/* renderAdvice */.x)
];
const isAlone = (report) => !(0,sections_failure/* tellsComparison */.cE)(report);
/** An image that was refused for what is in it: what failed and what to do, and then all else that is known of it. */
const REFUSED = [
    headline/* heading */.R_,
    untrusted/* renderRelayed */.JT,
    tests/* renderFailingTests */.e0,
    (0,section/* plain */.pj)(sections_failure/* renderFailed */.g9),
    facts/* facts */.I,
    verdict/* verdictLine */.MT,
    comment_sizes,
    (0,section/* where */._M)(isAlone, difference/* renderNotCompared */.pz),
    (0,section/* where */._M)(isAlone, (0,section/* plain */.pj)(why/* renderWhy */.f)),
    comment_layers,
    build,
    tests/* renderTests */.Cd,
    untrusted/* renderUntrusted */.zF
];
/** What failed, where, its last words, what to do. */
const FAILED = [
    headline/* heading */.R_,
    untrusted/* renderRelayed */.JT,
    tests/* renderFailingTests */.e0,
    (0,section/* plain */.pj)(sections_failure/* renderFailed */.g9),
    tests/* renderTests */.Cd,
    untrusted/* renderUntrusted */.zF
];
const CLOSING = [notes/* renderFewNotes */.y, section/* leftOut */.ig, proof/* shortPrint */._2];
function listOf(report) {
    if (report.bystander === true)
        return []; // its line at a glance says it all
    if (report.outcome.kind === 'green')
        return PASSED;
    return (0,sections_failure/* answersAll */.D)(report) ? REFUSED : FAILED;
}
/** The comment on a run as GitHub-flavoured Markdown of at most so many characters (as JavaScript counts). */
function renderComment(report, limitCharacters = COMMENT_LIMIT_CHARACTERS) {
    const views = (0,model/* viewsOf */.W6)(report);
    if (views.every(isQuiet)) {
        const lines = `${views.map(quietLine).join('\n\n')}\n`;
        if (lines.length <= limitCharacters)
            return lines;
    }
    const comment = (0,ladder/* renderWithin */.As)((detail) => (0,section/* composed */.p4)(report, detail, { listOf, closing: CLOSING }), limitCharacters, {
        ladder: ladder/* COMMENT_LADDER */.df,
        lengthOf: (rendering) => rendering.length
    });
    return comment.length <= limitCharacters ? comment : bare(views[0]);
}
/** What is left when nothing else fits. */
function bare(report) {
    const link = report.source.runUrl === undefined ? undefined : (0,links/* logLink */.P5)(report, 'Full report');
    return `${(0,markdown/* sections */.V0)([(0,headline/* headingWithin */.Wv)(report, 60), link])}\n`;
}

;// CONCATENATED MODULE: ./src/publish/tell.ts







/** Whether there is anybody to tell: a pull request to comment on, or a status that was asked for. */
function wantsTelling({ report, inputs, occasion }) {
    return wantsComment(report, inputs, occasion) || inputs.commitStatus !== '';
}
/** Writes the comment and the status. Returns sentences about what could not be written, and which permission is missing. */
async function tellGitHub(ports, telling) {
    const { report, inputs, occasion, redact } = telling;
    const { place, repository, apiUrl } = occasion;
    if (inputs.githubToken === '')
        return ['Neither comment nor status was written: github-token is empty.'];
    const client = createClient({
        ...ports,
        apiUrl,
        repository,
        redact,
        token: inputs.githubToken,
        fetch: fetchThroughProxy
    });
    const notes = [];
    // Two workflows that build the same image share neither comment nor status.
    const identity = report.identity === undefined ? undefined : `${report.identity} ${occasion.workflowFile}`;
    if (wantsComment(report, inputs, occasion) && place.pullRequest !== undefined) {
        const sequence = Number(occasion.runID);
        const outcome = await upsertComment({
            client,
            pullRequest: place.pullRequest,
            name: report.name,
            ...(identity === undefined ? {} : { image: { identity, commit: place.commit ?? '' } }),
            render: (limit) => renderComment(report, limit),
            ...(Number.isSafeInteger(sequence) && sequence > 0 ? { sequence } : {})
        });
        notes.push(commentNote(outcome));
    }
    if (inputs.commitStatus !== '' && report.trusted && place.commit !== undefined) {
        const { runUrl } = report.source;
        const outcome = await setCommitStatus({
            client,
            sha: place.commit,
            state: report.outcome.kind === 'green' ? 'success' : 'failure',
            context: inputs.commitStatus,
            // Plain text, and yet it must not turn around or hide anything.
            description: (0,markdown/* inline */.mG)((0,headline/* headline */.Pl)(report)),
            ...(runUrl === undefined ? {} : { targetUrl: runUrl }),
            ...(identity === undefined ? {} : { identity })
        });
        notes.push(outcome.message);
    }
    return notes.filter((note) => note !== undefined);
}
/** A fork's token cannot comment, so `auto` does not try; `true` does, and says why it failed. */
function wantsComment(report, { comment }, { pullRequest }) {
    if (pullRequest === undefined || comment === 'false')
        return false;
    return comment === 'true' || report.trusted;
}


/***/ }),

/***/ 7451:
/***/ ((__unused_webpack___webpack_module__, __webpack_exports__, __webpack_require__) => {

/* harmony export */ __webpack_require__.d(__webpack_exports__, {
/* harmony export */   k: () => (/* binding */ ProxyAgent)
/* harmony export */ });
/**
 * Stands in for undici (package.json, `overrides`). `@actions/http-client`, and with it `@actions/core`, imports it for
 * `getAgentDispatcher`, which neither we nor `@actions/cache` call; loading it took a third of the time to start.
 */
class ProxyAgent {
  constructor() {
    throw new Error('undici is left out of this bundle: see overrides in package.json')
  }
}


/***/ })

};

//# sourceMappingURL=326.index.js.map