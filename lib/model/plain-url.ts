/**
 * A URL without the parts that may be secret: user and password, query and fragment. Only this is shown, recorded or
 * stored in a state; only the request itself uses the whole URL.
 */
export function plainUrl(url: string): string {
  return url.replace(/[?#][^]*$/, '').replace(/^([a-z]+:\/\/)[^/]*@/i, '$1');
}
