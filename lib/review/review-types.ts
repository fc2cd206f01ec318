import type { Finding, Verdict } from './verdicts';

/** One object of a plan. */
export interface Item {
  readonly verdict: Verdict;
  /** 'image', 'VM'; for a resource that is not ours, its type. */
  readonly what: string;
  /** 'vms/web1-root'; for a resource that is not ours, its address. */
  readonly name: string;
  /** The cluster or host, by its construct's path. */
  readonly place?: string;
  /** The resource of the plan that represents it. */
  readonly address: string;
  readonly findings: readonly Finding[];
  /** The values that may be shown, 'memory: 2 GiB -> 4 GiB'; other fields are named and masked. */
  readonly values: readonly string[];
  /** The command that restores it. */
  readonly restore?: string;
  /** The resources that were folded into it. */
  readonly resources: readonly string[];
}

/** An arrow in the picture: what uses what. */
export interface Node {
  readonly id: string;
  readonly what: 'host' | 'VM' | 'image' | 'pool';
  readonly name: string;
  readonly place?: string;
  /** What the plan does to it as a whole. */
  readonly change?: 'new' | 'leaves';
  readonly uses: readonly string[];
}

export interface Review {
  readonly verdict: Verdict;
  readonly stack: string;
  readonly workspace: string;
  readonly items: readonly Item[];
  /** Resources that no rule covers. */
  readonly notAnalysed: readonly string[];
  /** What was changed outside Terraform, by address. */
  readonly drift: readonly string[];
  /** The plan leaves out a part of the stack, as with -target. */
  readonly partial: boolean;
  /** Resources that change and only record settings. */
  readonly records: number;
  /** As Terraform counts. */
  readonly counts: { readonly add: number; readonly change: number; readonly destroy: number };
  readonly picture: readonly Node[];
}
