import * as fc from 'fast-check';
import { fragmentFault } from '../../lib/model';
import { addFragments, dropFragments } from '../../lib/render/domain/fragments';
import { domainXml } from '../../lib/render/domain/domain-xml';
import { elementsOf, find, parseXml, renderXml } from '../../lib/render/xml';
import { DOMAIN } from '../helpers/domain-spec';
import { hostileText } from '../helpers/hostile';

const name = fc.oneof(fc.constantFrom('watchdog', 'x', 'a-b', 'x.y', '_z', 'ns:x', 'xml'), hostileText);
const attribute = fc
  .tuple(name, hostileText, fc.constantFrom('"', "'"))
  .map(([key, value, q]) => ` ${key}=${q}${value}${q}`);
const element = fc
  .tuple(
    name,
    fc.array(attribute, { maxLength: 3 }),
    fc.array(fc.oneof(hostileText, fc.constant('<y/>')), { maxLength: 3 }),
  )
  .map(([tag, attributes, content]) => `<${tag}${attributes.join('')}>${content.join('')}</${tag}>`);
/** Elements as people write them, with hostile text in every place, and text that is none. */
const fragment = fc.oneof({ weight: 5, arbitrary: element }, { weight: 1, arbitrary: hostileText });
const RUNS = 4000;

test('any text given as XML is refused, or adds exactly one element and changes nothing else', () => {
  const plain = renderXml(domainXml(DOMAIN, '{}'));
  const devices = (xml: string) => elementsOf(find(parseXml(xml), 'devices') ?? parseXml(xml));
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(fragment, (text) => {
      if (fragmentFault(text) !== undefined) {
        seen.refused++;
        return;
      }
      seen.taken++;
      const domain = addFragments(parseXml(plain), [{ fragment: text }]);
      const added = devices(renderXml(domain));
      expect(added.slice(0, -1)).toEqual(devices(plain));
      expect(added.at(-1)).toEqual(parseXml(text));
      dropFragments(domain, [{ fragment: text }]);
      expect(renderXml(domain)).toBe(plain);
    }),
    { numRuns: RUNS },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(RUNS / 50);
});
