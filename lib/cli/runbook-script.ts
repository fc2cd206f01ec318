import type { ClusterSpec, HostSpec, TransportSpec } from '../model';
import { comment } from '../steps/runbook-lines';

/** The few functions that the lines call, each with the reason for it; a script contains those that it uses. */
const FUNCTIONS: { readonly [name: string]: string } = {
  absent: `
# Ends the runbook if a line that it reads begins with the name, so that nothing existing is changed.
absent() {
  while read -r word _ || [ -n "$word" ]; do
    if [ "$word" = "$1" ]; then
      echo "'$1' already exists: it was not changed" >&2
      return 1
    fi
  done
}`,
  empty: `
# Ends the runbook if it reads anything, and shows that.
empty() {
  if grep . >&2; then
    echo 'remove this first: nothing was removed' >&2
    return 1
  fi
}`,
  ours: `
# Ends the runbook unless the mark that it reads contains all of the texts, so that nothing of anyone else is changed.
ours() {
  local mark text
  mark=$(cat)
  for text; do
    if [[ $mark != *"\${text:?}"* ]]; then
      echo "the object's mark does not contain '$text': it was not changed" >&2
      return 1
    fi
  done
}`,
  unused: `
# Waits until a command no longer prints the text: Ceph takes half a minute to drop a client that died.
unused() {
  local shown end=$((SECONDS + 40))
  until shown=$("\${@:2}") && [[ $shown != *"$1"* ]]; do
    if ((SECONDS >= end)); then
      echo "still in use: $shown" >&2
      return 1
    fi
    sleep 2
  done
}`,
  shut_down: `
# Shuts a VM down within so many seconds, asking again, as a guest ignores it while it boots; then switches it off.
shut_down() {
  local vm=$1 state i end=$((SECONDS + $2))
  shift 2
  for ((i = 0; ; i++)); do
    state=$("$@" domstate "$vm")
    if [ "$state" = 'shut off' ]; then return; fi
    if ((SECONDS >= end)); then "$@" destroy "$vm"; elif ((i % 10 == 0)); then "$@" shutdown "$vm" || true; fi
    sleep 1
  done
}`,
};

const FOLDER = `
# For temporary files; removed when the runbook ends.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT`;

/** What the reader should know before the first line. */
export interface Preface {
  readonly about: readonly string[];
  /** The objects as given: they say where the commands run. */
  readonly places: readonly object[];
}

/** The lines as a script that bash runs from the first to the last line, and that ends at the first failure. */
export function scriptOf({ about, places }: Preface, lines: readonly string[]): string[] {
  const text = lines.join('\n');
  const used = Object.keys(FUNCTIONS).filter((name) => new RegExp(`(^|\\| )${name}\\b`, 'm').test(text));
  return [
    '#!/usr/bin/env bash',
    ...[...about, ...placesText(places)].map(comment),
    'set -euo pipefail',
    'export LC_ALL=C',
    ...used.flatMap((name) => (FUNCTIONS[name] ?? '').split('\n')),
    ...(text.includes('$folder') || text.includes('${folder:?}') ? FOLDER.split('\n') : []),
    '',
    ...lines,
  ];
}

/** The places where the commands run, each once. */
function placesText(places: readonly object[]): string[] {
  const given = places as readonly { readonly cluster?: ClusterSpec; readonly host?: HostSpec }[];
  const clusters = given.flatMap(({ cluster }) =>
    cluster === undefined ? [] : [`'ceph' and 'rbd' run ${placeText(cluster.transport)}`],
  );
  const hosts = given.flatMap(({ host }) =>
    host === undefined ? [] : [`'virsh' runs here, and reaches libvirt by ${host.uri}`],
  );
  return [...new Set([...clusters, ...hosts])].map((text) => `- ${text}`);
}

function placeText(transport: TransportSpec): string {
  switch (transport.type) {
    case 'local':
      return 'here';
    case 'ssh':
      return `on ${transport.destination}, by ssh`;
    case 'command':
      return `by '${transport.prefix.join(' ')}'`;
  }
}
