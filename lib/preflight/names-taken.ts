import { isPoolMissing } from '../ceph';
import type {
  CephClientSpec,
  CephPoolSpec,
  CephSecretSpec,
  DomainSpec,
  Kind,
  RbdImageSpec,
  StoragePoolSpec,
} from '../model';
import { ownership as ofClient } from '../steps/ceph-client/ownership';
import { observeWanted } from '../steps/ceph-client/lookup';
import { ownership as ofPool } from '../steps/ceph-pool/ownership';
import { observe } from '../steps/ceph-pool/lookup';
import { refuseForeign as refuseForeignSecret } from '../steps/ceph-secret/ownership';
import { findSecret } from '../steps/ceph-secret/secret';
import { observeDomain } from '../steps/domain/observed-domain';
import { refuseForeign } from '../steps/domain/ownership';
import { ownership as ofImage } from '../steps/rbd-image/ownership';
import { findPool } from '../steps/storage-pool/lookup';
import { refuseForeign as refuseForeignPool } from '../steps/storage-pool/ownership';
import type { Tools } from '../steps/tools';
import type { Wanted } from './places';

/**
 * Objects that have a name that the stack wants, but do not belong to it, judged as at the start of an apply. Each
 * throws the refusal with which the apply would end.
 */
type Look = (spec: never, tools: Tools) => Promise<unknown>;

const LOOKS: { readonly [K in Kind]?: Look } = {
  'ceph-pool': async (spec: CephPoolSpec, tools) => ofPool.judge(spec, await observe(spec, tools)),
  'ceph-client': async (spec: CephClientSpec, tools) => ofClient.judge(spec, await observeWanted(spec, tools)),
  'ceph-secret': async (spec: CephSecretSpec, tools) => {
    const found = await findSecret(spec, tools);
    if (found) refuseForeignSecret(spec, found);
  },
  'rbd-image': image,
  'storage-pool': async (spec: StoragePoolSpec, tools) => {
    const found = await findPool(spec.host, spec.name, tools);
    if (found) refuseForeignPool(spec, found);
  },
  domain: async (spec: DomainSpec, tools) => {
    const found = await observeDomain(tools, spec.host, spec.name);
    if (found) refuseForeign(spec, found);
  },
};

async function image(spec: RbdImageSpec, tools: Tools): Promise<unknown> {
  try {
    const there = await tools.ceph(spec.cluster).image(spec);
    return ofImage.judge(spec, { image: there, leftovers: [], sourceChanged: false, usersBehind: [] });
  } catch (error) {
    // Its pool does not exist yet.
    if (isPoolMissing(error)) return undefined;
    throw error;
  }
}

/** Throws if an apply would refuse the existing object. */
export async function refuseTaken({ kind, spec }: Wanted, tools: Tools): Promise<void> {
  await LOOKS[kind]?.(spec as never, tools);
}
