/** The proxy that the environment names for an address, by curl's variables and rules; undefined if there is none. */
export function proxyFor(url: URL, env: NodeJS.ProcessEnv): URL | undefined {
  const scheme = url.protocol.replace(':', '');
  // HTTP_PROXY is ignored: a web server passes scripts the client's header "Proxy" under that name.
  const ofScheme = scheme === 'http' ? env['http_proxy'] : (env['https_proxy'] ?? env['HTTPS_PROXY']);
  const proxy = ofScheme ?? env['all_proxy'] ?? env['ALL_PROXY'];
  if (proxy === undefined || proxy === '' || isDirect(url, env['no_proxy'] ?? env['NO_PROXY'] ?? '')) return undefined;
  const text = proxy.includes('://') ? proxy : `http://${proxy}`;
  if (!URL.canParse(text)) throw new Error(`the proxy that the environment sets for ${scheme} is not a valid address`);
  const parsed = new URL(text);
  if (parsed.protocol === 'http:' || parsed.protocol === 'https:') return parsed;
  throw new Error(`the proxy '${parsed.protocol}//${parsed.host}' of the environment is neither http nor https`);
}

/** A name also matches everything below it; a port, if given, must be the same. */
function isDirect(url: URL, noProxy: string): boolean {
  const host = bare(url.hostname);
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return noProxy
    .split(/[\s,]+/)
    .filter((one) => one !== '')
    .some((one) => {
      if (one === '*') return true;
      const [, name = '', wantedPort] = /^(\[[^\]]*\]|[^:]*|.*:.*:.*)(?::(\d+))?$/.exec(one) ?? [];
      if (wantedPort !== undefined && wantedPort !== port) return false;
      const wanted = bare(name).replace(/^\*?\.+/, '');
      return wanted !== '' && (host === wanted || host.endsWith(`.${wanted}`));
    });
}

function bare(name: string): string {
  return name.toLowerCase().replace(/^\[|\]$/g, '');
}
