import * as fc from 'fast-check';
import { domainXml } from '../../lib/render/domain/domain-xml';
import { renderSecret } from '../../lib/render/secret';
import { renderStoragePool } from '../../lib/render/storage-pool';
import { attributeAt, elementsOf, parseXml, renderXml, textAt, type XmlElement } from '../../lib/render/xml';
import { DOMAIN } from '../helpers/domain-spec';
import { hostileText } from '../helpers/hostile';

interface Place {
  readonly render: (text: string) => string;
  readonly found: (tree: XmlElement) => string | undefined;
}

const POOL = { name: 'p', uuid: DOMAIN.uuid, cephPool: 'c', monitors: ['10.0.0.1'], clientId: 'x', secretUsage: 'u' };
const SECRET = { uuid: DOMAIN.uuid, usage: 'u', private: true, description: 'd' };
const domain = (fields: object): string => renderXml(domainXml({ ...DOMAIN, ...fields }, '{}'));

// Also what synth refuses: no text becomes markup, whoever let it in.
const PLACES: { readonly [name: string]: Place } = {
  'the description of a VM': {
    render: (description) => domain({ description }),
    found: (tree) => textAt(tree, 'description'),
  },
  'the name of a VM': { render: (name) => domain({ name }), found: (tree) => textAt(tree, 'name') },
  'the mark of a VM': {
    render: (mark) => renderXml(domainXml(DOMAIN, mark)),
    found: (tree) => textAt(tree, 'metadata/mark:mark'),
  },
  'the console log of a VM': {
    render: (serialLogFile) => domain({ serialLogFile }),
    found: (tree) => attributeAt(tree, 'devices/serial/log', 'file'),
  },
  'the serial number of a disk': {
    render: (serial) => domain({ disks: { vda: { ...DOMAIN.disks['vda'], serial } } }),
    found: (tree) => textAt(tree, 'devices/disk/serial'),
  },
  'the image of a disk': {
    render: (image) => domain({ disks: { vda: { bus: 'virtio', image } } }),
    found: (tree) => attributeAt(tree, 'devices/disk/source', 'name'),
  },
  'the usage of a secret': {
    render: (usage) => renderSecret({ ...SECRET, usage }),
    found: (tree) => textAt(tree, 'usage/name'),
  },
  'the description of a secret': {
    render: (description) => renderSecret({ ...SECRET, description }),
    found: (tree) => textAt(tree, 'description'),
  },
  'the Ceph pool of a storage pool': {
    render: (cephPool) => renderStoragePool({ ...POOL, cephPool }),
    found: (tree) => textAt(tree, 'source/name'),
  },
};
const RUNS = 1200;

describe('A definition takes any text exactly into its XML, and gains no element', () => {
  it.each(Object.entries(PLACES))('%s', (_name, { render, found }) => {
    const shape = shapeOf(parseXml(render('plain')));
    let carried = 0;
    fc.assert(
      fc.property(hostileText, (text) => {
        const xml = rendered(render, text);
        if (xml === undefined) return;
        carried++;
        const tree = parseXml(xml);
        expect(shapeOf(tree)).toBe(shape);
        expect(found(tree) ?? '').toBe(text);
      }),
      { numRuns: RUNS },
    );
    expect(carried).toBeGreaterThan(RUNS / 4);
  });
});

/** Undefined where XML has no way to carry a character of it, which is an error. */
function rendered(render: (text: string) => string, text: string): string | undefined {
  try {
    return render(text);
  } catch (error) {
    expect(error).toBeInstanceOf(RangeError);
    return undefined;
  }
}

/** The names of all elements and attributes, in order. */
function shapeOf(tree: XmlElement): string {
  const attributes = Object.keys(tree.attributes).join(' ');
  return `${tree.name}(${attributes})[${elementsOf(tree).map(shapeOf).join()}]`;
}
