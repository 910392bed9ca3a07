/** The browser to draw with; `CHROMIUM` names another one. */
export function findBrowser(): string | undefined

export function drawPages(
  /** `scale`: device pixels for each, of the first page for all; 2 unless told. */
  pages: readonly { html: string; out: string; theme?: 'light' | 'dark'; width?: number; scale?: number }[]
): Promise<readonly { drawn: number; errors: readonly string[] }[]>
