import { clusterIdentity, monitorsIn, parseAddresses, parseMonitor, sameCluster } from '../../../lib/model';

describe('parseMonitor', () => {
  it.each([
    ['mon1', { host: 'mon1', port: undefined }],
    ['10.0.0.12:6789', { host: '10.0.0.12', port: 6789 }],
    ['[2001:db8::13]', { host: '2001:db8::13', port: undefined }],
    ['[2001:db8::13]:3300', { host: '2001:db8::13', port: 3300 }],
    ['v1:6789', { host: 'v1', port: 6789 }],
    ['[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]', { host: '10.0.0.1', port: 3300 }],
  ])('reads %s', (text, monitor) => {
    expect(parseMonitor(text)).toEqual(monitor);
  });

  it.each(['', 'mon1:0', 'mon1:65536', '2001:db8::13', '[]', 'mon1, mon2'])('rejects %j', (text) => {
    expect(parseMonitor(text)).toBeUndefined();
  });
});

describe('monitorsIn', () => {
  it.each([
    ['[v2:127.0.0.1:43300/0,v1:127.0.0.1:46789/0]', ['127.0.0.1:43300']],
    ['[v1:127.0.0.1:46789/0,v2:127.0.0.1:43300/0]', ['127.0.0.1:43300']],
    ['[v1:127.0.0.1:46789/0]', ['127.0.0.1:46789']],
    ['[v2:[2001:db8::1]:3300/0,v1:[2001:db8::1]:6789/0]', ['[2001:db8::1]:3300']],
    ['v2:127.0.0.1:43300', ['127.0.0.1:43300']],
    ['v2:mon1.example.org:3300', ['mon1.example.org:3300']],
    ['any:127.0.0.1:43300/0', ['127.0.0.1:43300']],
    ['127.0.0.1:46789/0', ['127.0.0.1:46789']],
    ['mon1.example.org.', ['mon1.example.org']],
    ['mon1.example.org.:6789', ['mon1.example.org:6789']],
    ['127.0.0.1:46789, 127.0.0.1:43300', ['127.0.0.1:46789', '127.0.0.1:43300']],
    ['10.0.0.1 ;10.0.0.2,', ['10.0.0.1', '10.0.0.2']],
    [
      '[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0] [v2:10.0.0.2:3300/0,v1:10.0.0.2:6789/0]',
      ['10.0.0.1:3300', '10.0.0.2:3300'],
    ],
    ['[v2:a:1/0, v1:a:2/0],[2001:db8::2]:6789,mon3', ['a:1', '[2001:db8::2]:6789', 'mon3']],
  ])('turns %s into the addresses %j for VMs', (text, monitors) => {
    expect(monitorsIn(text)).toEqual(monitors);
  });

  it.each([
    '',
    ' , ',
    '[v2:10.0.0.1:3300/0',
    'v2:10.0.0.1:3300/0]',
    '[v2:10.0.0.1:3300/0,10.0.0.1:6789]',
    '[v2:10.0.0.1:3300/0,v1:10.0.0.1:0/0]',
    '[10.0.0.1:3300]',
    'v2:10.0.0.1',
    'v3:10.0.0.1:3300',
    'mon1:99999',
    'mon1..',
    'mon1/0/0',
    'rados://mon1',
    'mon1, ]',
    'mon1 mon2',
    '<mon1>',
  ])('finds no monitor in %j', (text) => {
    expect(monitorsIn(text)).toBeUndefined();
  });
});

test('all addresses of a monitor belong together, in either protocol', () => {
  const addresses = parseAddresses('[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0],mon2');
  expect(addresses?.map((all) => all.map(({ host, port }) => `${host} ${port ?? '-'}`))).toEqual([
    ['10.0.0.1 3300', '10.0.0.1 6789'],
    ['mon2 -'],
  ]);
});

test('a cluster is the same in whatever order its monitors are listed', () => {
  const [one, other] = [{ monitors: ['b', 'a:6789'] }, { monitors: ['a:6789', 'b'] }];
  expect(sameCluster(one, other)).toBe(true);
  expect(clusterIdentity(one)).toBe(clusterIdentity(other));
  expect(sameCluster(one, { monitors: ['a', 'b'] })).toBe(false);
});
