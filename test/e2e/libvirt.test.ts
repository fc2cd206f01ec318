import { Children } from '../../lib/exec/children';
import { makeTools } from '../../lib/exec/make-tools';
import { libvirtContract } from '../contract/libvirt';
import { hostSpec, useLab } from '../helpers/lab';

const lab = useLab();

describe('libvirt behaves as the steps expect', () => {
  const tools = makeTools({ children: new Children(), holder: 'a test', say: () => undefined });
  afterAll(() => tools.close());
  libvirtContract(() => ({ tools, host: hostSpec(lab()), name: (text) => `contract-${text}` }));
});
