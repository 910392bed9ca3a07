/** The browser to draw with; `CHROMIUM` names another one. */
export function findBrowser(): string | undefined

export function drawPages(
  pages: readonly { html: string; out: string; theme?: 'light' | 'dark'; width?: number }[]
): Promise<readonly { drawn: number; errors: readonly string[] }[]>
