/** The target of `rel="next"` in a Link header (RFC 8288), by which a server tells where a list goes on. */
export function nextPage(link: string | undefined): string | undefined {
  return link
    ?.split(',')
    .map((part) => /^\s*<([^>]*)>(.*)$/.exec(part))
    .find((match) => match?.[2] !== undefined && /;\s*rel="?next"?(?:\s|;|$)/.test(match[2]))?.[1]
}
