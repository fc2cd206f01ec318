import { mermaidLabel } from './escape';
import { idOf } from './picture';
import type { Node, Review } from './review-types';
import type { Verdict } from './verdicts';

const STYLES: { readonly [V in Verdict]?: string } = {
  'DATA LOSS': 'fill:#f8d7da,stroke:#b02a37,color:#000',
  UNKNOWN: 'fill:#f8d7da,stroke:#b02a37,color:#000',
  RECOVERABLE: 'fill:#ffe5d0,stroke:#ca6510,color:#000',
  OUTAGE: 'fill:#fff3cd,stroke:#997404,color:#000',
  ACCESS: 'fill:#e2d9f3,stroke:#59359a,color:#000',
  ORPHAN: 'fill:#cfe2ff,stroke:#0a58ca,color:#000',
  CHANGE: 'fill:#d1e7dd,stroke:#146c43,color:#000',
};

/** Hosts with their VMs and what these use; changes are shown in colour and in words. */
export function mermaid(reviews: readonly Review[]): string[] {
  const verdicts = new Map<string, Verdict>();
  reviews.forEach(({ items }) =>
    items.forEach(({ what, name, place, verdict }) => verdicts.set(idOf(what, name, place), verdict)),
  );
  const nodes = [...new Map(reviews.flatMap((one) => one.picture).map((node) => [node.id, node])).values()];
  const ids = new Map(nodes.map(({ id }, index) => [id, `n${index}`]));
  const hosts = [
    ...new Set(nodes.flatMap(({ what, place }) => (what === 'VM' && place !== undefined ? [place] : []))),
  ].sort();
  const line = (node: Node): string => {
    const verdict = verdicts.get(node.id);
    const shown = verdict === undefined || verdict === 'SAFE' ? node.change : verdict;
    const label = mermaidLabel(`${node.what} ${node.name}`);
    return `  ${ids.get(node.id)}["${label}${shown === undefined ? '' : `<br>${shown}`}"]`;
  };
  return [
    'graph LR',
    ...hosts.flatMap((host, index) => [
      `  subgraph h${index}["host ${mermaidLabel(host)}"]`,
      ...nodes.filter(({ place, what }) => what === 'VM' && place === host).map((node) => `  ${line(node)}`),
      '  end',
    ]),
    ...nodes.filter(({ what }) => what !== 'VM').map(line),
    ...nodes.flatMap(({ id, what, uses }) =>
      uses.flatMap((used) => (ids.has(used) ? [`  ${ids.get(id)} -->|${useOf(what, used)}| ${ids.get(used)}`] : [])),
    ),
    ...nodes.flatMap(({ id }) => {
      const style = STYLES[verdicts.get(id) ?? 'SAFE'];
      return style === undefined ? [] : [`  style ${ids.get(id)} ${style}`];
    }),
  ];
}

/** What an arrow says: a VM's disk, a clone's parent, an image's pool. */
function useOf(what: Node['what'], used: string): string {
  if (what === 'VM') return 'disk';
  return used.startsWith('pool ') ? 'in' : 'clone of';
}
