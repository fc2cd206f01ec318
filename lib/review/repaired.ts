/** What an apply does to an object whose settings are the same. */
export const REPAIRED = {
  domain:
    'the VM is compared with the code, and changed where it differs, by a restart only if its `restartPolicy` is now',
  other: 'it is compared with the code, and changed where it differs',
};
