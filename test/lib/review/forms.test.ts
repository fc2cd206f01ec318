import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mermaid, parsePlan, type Plan, review, reviewJson, reviewMarkdown, reviewText } from '../../../lib/review';
import { FIELDS } from '../../../lib/review/effects-of-fields';
import { reviewPlans } from '../../../lib/cli/review-command';
import { MADE, type MadePlan, madePlan } from '../../helpers/made-plans';
import { commentPicture } from '../../helpers/comment-picture';
import { PLANS, planOf } from '../../helpers/plans';

const GOLDEN = join(__dirname, '../../fixtures/reviews');
const SHOWN = ['virsh-disk-out', 'virsh-grow', 'provider-memory', 'virsh-image-out-delete'];

const rendered = (name: string): { [suffix: string]: string } => {
  const reviews = [review(planOf(name))];
  return {
    txt: `${reviewText(reviews).join('\n')}\n`,
    md: reviewMarkdown(reviews),
    json: `${JSON.stringify(reviewJson(reviews), undefined, 2)}\n`,
    mmd: `${mermaid(reviews).join('\n')}\n`,
  };
};

test.each(SHOWN.flatMap((name) => ['txt', 'md', 'json', 'mmd'].map((suffix) => [name, suffix] as const)))(
  '%s is shown as in its golden file, in %s',
  (name, suffix) => {
    const file = join(GOLDEN, `${name}.${suffix}`);
    const text = rendered(name)[suffix] ?? '';
    if (process.env['CLC_GOLDEN'] === 'rewrite') writeFileSync(file, text);
    expect(text).toBe(readFileSync(file, 'utf8'));
  },
);

test.each(SHOWN)('docs/plans.md has the exact text of %s', (name) => {
  const docs = readFileSync(join(__dirname, '../../../docs/plans.md'), 'utf8');
  expect(docs).toContain(`\`\`\`text\n${rendered(name)['txt']}\`\`\``);
});

const SPECIAL: { readonly [name: string]: () => Plan } = {
  'no-op': () => planOf('virsh-nothing') as Plan,
  import: () => madePlan(MADE['an entry that is imported'] as MadePlan),
  move: () => madePlan(MADE['a VM that moves'] as MadePlan),
  address: () => madePlan(MADE["somebody else's resource that moves to another address"] as MadePlan),
  forget: () => planOf('virsh-forgotten') as Plan,
  drift: () => madePlan(MADE['changes made by hand'] as MadePlan),
  deposed: () => madePlan(MADE['a deposed resource of an unknown type'] as MadePlan),
  unknown: () => planOf('virsh-unknown') as Plan,
};

test.each(Object.keys(SPECIAL))('a plan with %s is shown as in its golden file', (name) => {
  const file = join(GOLDEN, `special-${name}.txt`);
  const text = `${reviewText([review((SPECIAL[name] as () => Plan)())]).join('\n')}\n`;
  if (process.env['CLC_GOLDEN'] === 'rewrite') writeFileSync(file, text);
  expect(text).toBe(readFileSync(file, 'utf8'));
});

test('the picture of a comment in the docs is drawn from its exact text', () => {
  const file = join(__dirname, '../../../docs/images/review-comment.svg');
  const picture = commentPicture(rendered('virsh-disk-out')['md'] ?? '');
  if (process.env['CLC_GOLDEN'] === 'rewrite') writeFileSync(file, picture);
  expect(readFileSync(file, 'utf8')).toBe(picture);
});

describe('What a reader sees', () => {
  const secret = { a: 'S3CRET' };
  const image = madePlan(MADE['a registry whose block is gone'] as never);
  const named = (name: string): Plan => JSON.parse(JSON.stringify(image).replaceAll('vms/a', name)) as Plan;

  test('contains no value that is not on the list, nor one that Terraform marks as sensitive', () => {
    const plan = planOf('virsh-memory');
    const spec = plan.resource_changes.find((one: { name: string }) => one.name === 'web1_spec');
    spec.change.after.triggers_replace = {
      ...spec.change.after.triggers_replace,
      xml: [secret],
      cloudInit: 'S3CRET',
      size: 'S3CRET',
    };
    spec.change.after_sensitive = { triggers_replace: { size: true } };
    const all = [review(plan)];
    const texts = [
      reviewText(all).join('\n'),
      reviewMarkdown(all),
      JSON.stringify(reviewJson(all)),
      mermaid(all).join('\n'),
    ];
    expect(texts.join('\n')).not.toContain('S3CRET');
    expect(texts[0]).toContain('xml: (hidden)');
    expect(texts[0]).toContain('size: (hidden)');
  });

  test('cannot be changed by a name: no markup, no mention, no extra row and no extra comment', () => {
    const text = reviewMarkdown([review(named('a|b`<b>@you --> ![x](http://y)\\u202e'))]);
    expect(text).not.toMatch(/<b>|@you|!\[x\]|http:\/\/|\u202e/);
    expect(text.match(/-->/g)).toHaveLength(1);
    expect(
      text
        .split('\n')
        .filter((line) => line.startsWith('| '))
        .map((line) => line.split(' | ').length),
    ).toEqual([3, 3, 3]);
  });

  test('is cut from the end when it is too long, never a loss, and says what was cut', () => {
    const change = image.resource_changes?.[0] as object;
    const many = Array.from({ length: 400 }, (_, n) => ({
      ...change,
      index: `vms/i${n}`,
      address: `terraform_data.ceph_images["vms/i${n}"]`,
    }));
    const lost = JSON.parse(
      JSON.stringify({ ...image, resource_changes: many }).replaceAll(
        'delete_because_no_resource_config',
        'delete_because_each_key',
      ),
    ) as Plan;
    const text = reviewMarkdown([review(lost)], 60_000);
    expect(text.length).toBeLessThanOrEqual(60_000);
    expect(text).toContain('**Cut to fit: the picture');
    for (const n of [0, 199, 399]) expect(text).toContain(`vms/i${n}`);
  });

  test('is the same for the same plan, in whatever order Terraform lists it', () => {
    const plan = planOf('virsh-destroy-all');
    const turned = { ...plan, resource_changes: [...plan.resource_changes].reverse() };
    expect(reviewMarkdown([review(turned)])).toBe(reviewMarkdown([review(plan)]));
  });

  test('includes what was changed outside of Terraform, but not the number of a running domain', () => {
    const drift = planOf('provider-memory').resource_drift;
    expect(review(planOf('provider-memory')).drift).toEqual([]);
    const more = [{ ...drift[0], change: { ...drift[0].change, after: null, actions: ['delete'] } }];
    expect(review({ ...planOf('provider-memory'), resource_drift: more }).drift).toEqual([
      `${drift[0].address} (was deleted)`,
    ]);
  });
});

describe('A plan that OpenTofu printed a warning before', () => {
  const warning = '\nWarning: Unable to open CLI configuration file\n\nThe file at "/root/.tofurc" does not exist.\n';

  test('is judged as it is without the warning', () => {
    const plan = JSON.stringify(planOf('virsh-image-out-delete'));
    expect(review(parsePlan(warning + plan))).toEqual(review(parsePlan(plan)));
    expect(review(parsePlan(warning + JSON.stringify(JSON.parse(plan), undefined, 2)))).toEqual(
      review(parsePlan(plan)),
    );
  });
});

describe('A plan that cannot be judged fails', () => {
  test.each([
    ['', 'it is empty'],
    ['{"format_version": "1.2", "resource', 'it is cut off'],
    [`\nWarning: a setting\n\nIts text.\n{"format_version": "1.2", "resource`, 'it is cut off'],
    [`Warning: a setting\n{"format_version": "1.2", "errored": true, "resource_changes": []}`, 'ended with an error'],
    ['Warning: a setting\n{"a": 1}', 'it is not JSON'],
    ['{"format_version": "1.2"}\n{"format_version": "1.2"}', 'or more than one plan'],
    ['PK\u0003\u0004', 'terraform show -json PLAN'],
    ['{"format_version": "2.0"}', 'its format version is "2.0"'],
    ['{"format_version": "1.2", "errored": true, "resource_changes": []}', 'the plan ended with an error'],
    ['{"format_version": "1.0", "values": {}}', 'it is a state, not a plan'],
    ['{"a": 1}', 'it is not a Terraform plan'],
    ['{"format_version": "1.2", "resource_changes": [{}]}', 'are not as Terraform writes them'],
  ])('%j: %s', (text, message) => {
    expect(() => parsePlan(text)).toThrow(message);
  });
});

describe('The command', () => {
  const file = (name: string): string => join(PLANS, `${name}.json`);
  const code = (name: string, failOn?: string, allow?: string[]): number =>
    reviewPlans([file(name)], { failOn, allow }, false).exitCode;

  test('ends with 2 at or above the level it is told to fail on, and with 0 otherwise', () => {
    expect([code('virsh-image-out-delete'), code('virsh-image-out-delete', 'data-loss')]).toEqual([0, 2]);
    expect([code('virsh-first', 'data-loss'), code('virsh-image-out-trash', 'data-loss')]).toEqual([2, 0]);
    expect([code('virsh-stop', 'data-loss'), code('virsh-stop', 'outage')]).toEqual([0, 2]);
    expect([code('virsh-client-out', 'outage'), code('virsh-client-out', 'access')]).toEqual([0, 2]);
    expect([code('virsh-grow', 'access'), code('virsh-grow', 'change'), code('virsh-nothing', 'change')]).toEqual([
      0, 2, 0,
    ]);
  });

  test('lets a named object pass, and fails for a name that no object has', () => {
    expect(code('virsh-image-out-delete', 'data-loss', ['vms/scratch'])).toBe(0);
    expect(() => code('virsh-image-out-delete', 'data-loss', ['rbd-image'])).toThrow(
      "no object that changes is called 'rbd-image'",
    );
  });

  test('takes several plans, and says in one line that nothing changes', () => {
    const { text } = reviewPlans([file('virsh-nothing'), file('provider-nothing')], {}, false);
    expect(text.match(/^SAFE: nothing changes, stack 'prod'$/gm)).toHaveLength(2);
  });

  test.each([{ format: 'yaml' }, { failOn: 'loss' }, { maxLength: '10' }])('fails with %j', (options) => {
    expect(() => reviewPlans([file('virsh-nothing')], options, false)).toThrow('give ');
  });
});

test('the effects of fields in the code match docs/changes.md', () => {
  const sections = readFileSync(join(__dirname, '../../../docs/changes.md'), 'utf8').split(/^## /m).slice(1);
  const documented = new Map(
    sections.flatMap((section) =>
      [...section.matchAll(/^\| `(\w+)` +\| (.*?) *\|$/gm)].map(([, field, change]) => [
        `${section.split('\n', 1)[0]}.${field}`,
        change,
      ]),
    ),
  );
  const rows = Object.values(FIELDS).flatMap((fields) => Object.values(fields));
  const wrong = rows.filter(
    ({ row, effect }) =>
      row !== undefined &&
      !documented.get(row)?.startsWith(effect) &&
      !documented.get(row)?.startsWith('as the fields'),
  );
  expect(wrong).toEqual([]);
});
