const CODES = { red: '31', yellow: '33' } as const;

/** Colour is for a person at a terminal who has not asked for none (https://no-color.org). */
export function hasColour({ isTTY }: { readonly isTTY?: boolean }, env = process.env): boolean {
  return isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

/** A text for a stream, in colour where that shows it. */
export function painted(colour: keyof typeof CODES, text: string, stream: NodeJS.WriteStream): string {
  return hasColour(stream) ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
}
