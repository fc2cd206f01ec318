const CODES = { red: '31', yellow: '33' } as const;

/** Colour is for terminals, unless it is turned off (https://no-color.org). */
export function hasColour({ isTTY }: { readonly isTTY?: boolean }, env = process.env): boolean {
  return isTTY === true && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb';
}

/** A text for a stream, in colour if the stream shows it. */
export function painted(colour: keyof typeof CODES, text: string, stream: NodeJS.WriteStream): string {
  return hasColour(stream) ? `\u001b[${CODES[colour]}m${text}\u001b[0m` : text;
}
