/** Name of the picture without its theme, and the golden file that it is drawn from. */
export function listPictures(): readonly { readonly name: string; readonly source: string; readonly width: number }[]

/** Names of pictures that are not there or not of today's golden file. */
export function findOutdated(): Promise<readonly string[]>
