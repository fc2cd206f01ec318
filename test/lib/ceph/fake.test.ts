import { cephContract } from '../../contract/ceph';
import { FakeCeph } from '../../helpers/fake-ceph';

describe('The cluster in memory behaves as the steps expect of a cluster', () => {
  const fake = new FakeCeph();
  fake.sessions.set('client.admin', [{ client: 4100, address: '127.0.0.1:0/1' }]);
  const [ceph, other] = [fake.client(), fake.client()];
  cephContract(() => ({
    ceph,
    other,
    name: (text) => `contract-${text}`,
    allowDeletion: (allowed) => {
      fake.mayDeletePools = allowed;
      return Promise.resolve();
    },
  }));
});
