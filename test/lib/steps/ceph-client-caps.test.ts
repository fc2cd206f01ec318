import { capsArguments, changeCaps, sameCaps } from '../../../lib/steps/ceph-client/caps';

test('removes what we set and no longer want, and keeps what others gave', () => {
  const observed = { mon: 'profile rbd', osd: 'profile rbd pool=a, profile rbd pool=theirs', mds: 'allow r' };
  const change = changeCaps(
    observed,
    { mon: 'profile rbd', osd: 'profile rbd pool=a' },
    { mon: 'profile rbd', osd: 'profile rbd pool=b' },
  );
  expect(change.next).toEqual({
    mon: 'profile rbd',
    osd: 'profile rbd pool=theirs, profile rbd pool=b',
    mds: 'allow r',
  });
  expect(change.added).toEqual(['osd profile rbd pool=b']);
  expect(change.removed).toEqual(['osd profile rbd pool=a']);
  expect(change.ours).toEqual({ mon: 'profile rbd', osd: 'profile rbd pool=b' });
});

test('a grant that existed before us is not ours, even if we want it too', () => {
  const { ours, added } = changeCaps({ mon: 'profile rbd' }, {}, { mon: 'profile rbd' });
  expect(added).toEqual([]);
  expect(ours).toEqual({});
});

test('a kill between the mark and the change leaves the same work to do', () => {
  const [observed, wanted] = [{ osd: 'profile rbd pool=a' }, { osd: 'profile rbd pool=b' }];
  const first = changeCaps(observed, observed, wanted);
  const notMade = changeCaps(observed, first.oursMeanwhile, wanted);
  const made = changeCaps(first.next, first.oursMeanwhile, wanted);
  expect(notMade.next).toEqual(first.next);
  expect(notMade.ours).toEqual(first.ours);
  expect(made.added).toEqual([]);
  expect(made.removed).toEqual([]);
  expect(made.ours).toEqual(first.ours);
});

test('grants in another order, or with other spaces, are equal', () => {
  expect(
    sameCaps({ osd: 'profile rbd pool=a,  profile rbd pool=b' }, { osd: 'profile rbd pool=b, profile rbd  pool=a' }),
  ).toBe(true);
  expect(sameCaps({ osd: 'profile rbd pool=a; allow r' }, { osd: 'profile rbd pool=a, allow r' })).toBe(true);
  expect(sameCaps({ osd: 'a' }, { mon: 'a' })).toBe(false);
});

test('a comma in quotes separates nothing', () => {
  const foreign = { mon: 'allow command "config-key get" with key="a,b", allow r' };
  expect(changeCaps(foreign, {}, { mon: 'profile rbd' }).next).toEqual({ mon: `${foreign.mon}, profile rbd` });
});

test('a daemon that is left without grants is not named', () => {
  const { next } = changeCaps(
    { mon: 'profile rbd', mgr: 'profile rbd' },
    { mgr: 'profile rbd' },
    { mon: 'profile rbd' },
  );
  expect(capsArguments(next)).toEqual(['mon', 'profile rbd']);
});

test('what others gave a daemon of which we want nothing stays exactly as written', () => {
  const mds = 'allow rw uid=1 gids=10,20, allow r uid=2 gids=30,20';
  const { next } = changeCaps({ mds, mon: 'profile rbd' }, {}, { mon: 'profile rbd', osd: 'profile rbd pool=a' });
  expect(next).toEqual({ mds, mon: 'profile rbd', osd: 'profile rbd pool=a' });
});
