/** The report as a comment on a pull request: one per report name, kept up to date in its place. */
import { asNumber, asString, dig } from '../core/json.js'
import type { Client } from './client.js'
import { explainApiError, type ApiError, type ApiResult } from './errors.js'
import { isOwn, readAuthor, readOwnLogin, type Author } from './identity.js'
import { markerLength, markerLine, markerStart, markImage, readMarked, type MarkedImage } from './marker.js'

export type CommentRequest = {
  readonly client: Client
  readonly pullRequest: number
  /** The report's name: each name has its own comment. */
  readonly name: string
  /** The report in at most `limit` characters; called once, never cut here. */
  readonly render: (limit: number) => string
  /** What the report is about: of two images of one name and commit the second does not take the first one's comment. */
  readonly image?: { readonly identity: string; readonly commit: string }
  /** Number of the run (`GITHUB_RUN_ID`). A comment of a later run is left alone. */
  readonly sequence?: number
}

export type CommentOutcome =
  | { readonly kind: 'created' | 'updated' | 'unchanged'; readonly id: number; readonly url?: string }
  /** A later run has already reported. */
  | { readonly kind: 'superseded'; readonly id: number; readonly url?: string }
  /** It is about another image that goes by the same name. */
  | { readonly kind: 'other-image'; readonly id: number; readonly url?: string; readonly message: string }
  | { readonly kind: 'failed'; readonly error?: ApiError; readonly message: string }

/** GitHub refuses longer bodies. It counts code points; this counts UTF-16 units, of which there are never fewer. */
export const COMMENT_LIMIT = 65_536

/** Closes a comment when another image came along that has the same name. */
const SHARED =
  '\n> [!WARNING]\n> Another image or workflow of this commit goes by the same name, and has no comment. Give each its own `report-name`.\n'

const PERMISSION = 'pull-requests: write'

/** Something else may answer with 200, such as a proxy's page. */
const NOT_THE_COMMENT: ApiError = { kind: 'unavailable', reason: 'the response is not the comment' }

/** Duplicates that one run removes; there is never more than one unless something goes wrong again and again. */
const MOST_REMOVALS = 5

/** A comment of ours, as found. */
type Found = {
  readonly id: number
  readonly url?: string
  readonly author: Author
  readonly sequence: number
  readonly image?: MarkedImage
  readonly text: string
}

/** Creates the comment, or edits the one that is there when there is something new. Never throws. */
export async function upsertComment(request: CommentRequest): Promise<CommentOutcome> {
  const { client, name, sequence } = request
  // The marker is what redaction makes of it, before and after alike: a secret may be a word of ours.
  const start = client.redact(markerStart(name))
  const image = request.image === undefined ? undefined : markImage(request.image)
  const reserved = markerLength(image) + (image === undefined ? 0 : SHARED.length)
  const text = client.redact(request.render(COMMENT_LIMIT - reserved)).toWellFormed()
  const body = markerLine(start, sequence, image) + text
  if (body.length > COMMENT_LIMIT) {
    return { kind: 'failed', message: `No comment was written: it would have ${body.length} characters.` }
  }
  const content: Body = { body, text, again: true, ...(image === undefined ? {} : { image }) }
  const listed = await listMarked(request, start)
  if (!listed.ok) return failed(listed.error)
  const [oldest, ...duplicates] = await onlyOwn(client, listed.value)
  if (oldest === undefined) return await create(request, start, content)
  await remove(client, duplicates)
  return await refresh(request, oldest, start, content)
}

/** One sentence for the notes; `undefined` when all is well. */
export function commentNote(outcome: CommentOutcome): string | undefined {
  if (outcome.kind === 'failed' || outcome.kind === 'other-image') return outcome.message
  return outcome.kind === 'superseded' ? 'The comment already shows a later run, so it was left as it is.' : undefined
}

/** `body` is `text` with its marker. `again`: when what was to be edited is gone, one more is created. */
type Body = { readonly body: string; readonly text: string; readonly image?: MarkedImage; readonly again: boolean }

async function create(request: CommentRequest, start: string, content: Body): Promise<CommentOutcome> {
  const { client, pullRequest } = request
  const created = await client.repo('POST', `/issues/${pullRequest}/comments`, {
    permission: PERMISSION,
    body: { body: content.body }
  })
  if (!created.ok) return failed(created.error)
  const own = readFound(created.value, start)
  if (own === undefined) return failed(NOT_THE_COMMENT)
  // Another job of the same name, or an attempt of ours whose answer got lost, may have created one meanwhile. Both
  // see both, and both keep the older.
  const listed = await listMarked(request, start)
  const same = listed.ok ? listed.value.filter(({ author }) => isOwn(author, own.author.login)) : []
  const [oldest = own, ...younger] = same
  if (oldest.id >= own.id) return { kind: 'created', ...placeOf(own) }
  await remove(client, younger)
  return await refresh(request, oldest, start, { ...content, again: false })
}

async function refresh(request: CommentRequest, found: Found, start: string, content: Body): Promise<CommentOutcome> {
  const { client, sequence = 0 } = request
  const { text, image, again } = content
  if (isOfAnother(found, image)) return await leaveToOther(request, found, start)
  if (found.sequence > sequence) return { kind: 'superseded', ...placeOf(found) }
  const shared = found.image?.shared === true && image !== undefined
  if (sameText(found.text, text) && (image === undefined || found.image?.commit === image.commit)) {
    return { kind: 'unchanged', ...placeOf(found) }
  }
  const body = shared ? withShared(start, request.sequence, image) + text + SHARED : content.body
  const updated = await client.repo('PATCH', `/issues/comments/${found.id}`, { permission: PERMISSION, body: { body } })
  if (updated.ok && readFound(updated.value, start)?.id !== found.id) return failed(NOT_THE_COMMENT)
  if (updated.ok) return { kind: 'updated', ...placeOf(found) }
  // Somebody deleted it a moment ago.
  return updated.error.kind === 'not-found' && again
    ? await create(request, start, { ...content, again: false })
    : failed(updated.error)
}

/** The arguments of an image change with the commits: another one is told for sure by the same commit, or once it was. */
function isOfAnother({ image: found }: Found, image: MarkedImage | undefined): boolean {
  if (found === undefined || image === undefined || found.identity === image.identity) return false
  return found.shared || found.commit === image.commit
}

/** The comment stays what it is, and says from now on that it tells of one image only. */
async function leaveToOther({ client, name }: CommentRequest, found: Found, start: string): Promise<CommentOutcome> {
  if (found.image?.shared === false) {
    const body = withShared(start, found.sequence, found.image) + found.text.trimEnd() + `\n${SHARED}`
    await client.repo('PATCH', `/issues/comments/${found.id}`, { permission: PERMISSION, body: { body } })
  }
  const message = `The comment is about another image called "${client.redact(name)}", or from another workflow, so it was left as it is. Give each its own \`report-name\`.`
  return { kind: 'other-image', ...placeOf(found), message }
}

function withShared(start: string, sequence: number | undefined, image: MarkedImage): string {
  return markerLine(start, sequence, { ...image, shared: true })
}

/** All comments with our marker, oldest first; whoever wrote them. */
async function listMarked(request: CommentRequest, start: string): Promise<ApiResult<readonly Found[]>> {
  const { client, pullRequest } = request
  const listed = await client.list(`/issues/${pullRequest}/comments`, { permission: PERMISSION })
  if (!listed.ok) return listed
  const found = listed.value.map((comment) => readFound(comment, start)).filter((comment) => comment !== undefined)
  return { ok: true, value: found.toSorted((one, other) => one.id - other.id) }
}

/** Who we are is asked only when there is something to ask about. */
async function onlyOwn(client: Client, found: readonly Found[]): Promise<readonly Found[]> {
  if (found.length === 0) return []
  const login = await readOwnLogin(client)
  return found.filter(({ author }) => isOwn(author, login))
}

async function remove(client: Client, found: readonly Found[]): Promise<void> {
  for (const { id } of found.slice(0, MOST_REMOVALS)) {
    // What can't be removed now is seen again by the next run.
    await client.repo('DELETE', `/issues/comments/${id}`, { permission: PERMISSION })
  }
}

function readFound(comment: unknown, start: string): Found | undefined {
  const id = asNumber(dig(comment, 'id'))
  const author = readAuthor(comment)
  const marked = readMarked(asString(dig(comment, 'body')) ?? '', start)
  if (id === undefined || author === undefined || marked === undefined) return undefined
  const url = asString(dig(comment, 'html_url'))
  // A text of ours is compared without what was put below it.
  const text = marked.image?.shared === true ? marked.text.replaceAll('\r\n', '\n').replace(SHARED, '') : marked.text
  return { id, author, ...marked, text, ...(url === undefined ? {} : { url }) }
}

function placeOf({ id, url }: Found): { readonly id: number; readonly url?: string } {
  return { id, ...(url === undefined ? {} : { url }) }
}

/** The web editor ends lines in CR LF, and servers drop white space at the end. */
function sameText(one: string, other: string): boolean {
  const plain = (text: string): string => text.replaceAll('\r\n', '\n').trimEnd()
  return plain(one) === plain(other)
}

function failed(error: ApiError): CommentOutcome {
  return { kind: 'failed', error, message: explainApiError(error, 'No comment was written') }
}
