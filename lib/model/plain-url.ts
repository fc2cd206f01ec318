/**
 * An address without what may be secret: user and password, query and fragment. What is shown, recorded or kept in a state
 * is this one; only the request itself is made with the whole.
 */
export function plainUrl(url: string): string {
  return url.replace(/[?#][^]*$/, '').replace(/^([a-z]+:\/\/)[^/]*@/i, '$1');
}
