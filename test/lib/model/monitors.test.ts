import { parseMonitor } from '../../../lib/model';

describe('parseMonitor', () => {
  it.each([
    ['mon1', { host: 'mon1', port: undefined }],
    ['10.0.0.12:6789', { host: '10.0.0.12', port: 6789 }],
    ['[2001:db8::13]', { host: '2001:db8::13', port: undefined }],
    ['[2001:db8::13]:3300', { host: '2001:db8::13', port: 3300 }],
  ])('reads %s', (text, monitor) => {
    expect(parseMonitor(text)).toEqual(monitor);
  });

  it.each(['', 'mon1:0', 'mon1:65536', '2001:db8::13', '[]', 'a b'])('does not read %j', (text) => {
    expect(parseMonitor(text)).toBeUndefined();
  });
});
