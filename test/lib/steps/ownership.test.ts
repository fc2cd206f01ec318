import { type Mark, ownershipOf } from '../../../lib/steps/ownership/mark';
import { refuseOthers, takenBack } from '../../../lib/steps/ownership/refusal';

const owner = { project: 'shop', stack: 'prod', workspace: 'default' };
const other = { ...owner, stack: 'test' };
const mark = (more: Partial<Mark> = {}): Mark => ({ v: 1, owner, id: 'it', entryId: 'entry', ...more });
const words = { title: "thing 'x'", whereHeld: 'release it there', whereUnheld: 'choose another name' };

function refusal(found: Mark | undefined, adoption?: { readonly adopt: boolean; readonly keeps?: string }): string {
  try {
    refuseOthers({ ...words, mark: found, ownership: ownershipOf(found, { owner }, 'entry', 'it'), adoption });
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('An existing object', () => {
  test.each([
    ['ours', mark()],
    ['of another entry of the same owner', mark({ entryId: 'lost' })],
    ['released by us', mark({ entryId: '' })],
  ])('is taken without refusal when it is %s', (_, found) => expect(refusal(found)).toBe(''));

  test.each([{ adopt: false }, { adopt: true }])('is never taken when another owner holds it: %j', (adoption) => {
    expect(refusal(mark({ owner: other, entryId: 'theirs' }), adoption)).toBe(
      "thing 'x' belongs to project 'shop', stack 'test', workspace 'default'; release it there",
    );
  });

  test.each([
    ['without a mark', undefined, 'already exists and does not belong to this stack'],
    [
      'with the mark of what it was copied from',
      mark({ id: 'another' }),
      'already exists and does not belong to this stack',
    ],
    [
      'released by another owner',
      mark({ owner: other, entryId: '' }),
      "was released by project 'shop', stack 'test', workspace 'default'",
    ],
  ])('is taken only by adoption when it is %s', (_, found, whose) => {
    expect(refusal(found)).toBe(`thing 'x' ${whose}; choose another name`);
    expect(refusal(found, { adopt: false, keeps: ' with its data' })).toBe(
      `thing 'x' ${whose}; set 'adopt: true' to take it over with its data, or choose another name`,
    );
    expect(refusal(found, { adopt: true })).toBe('');
  });
});

test('only what another entry held is reported as taken back, with the id of that entry', () => {
  const lost = mark({ entryId: 'lost' });
  expect(takenBack("thing 'x'", { mark: lost, ownership: 'ours-other-entry' })).toEqual([
    {
      warn: "thing 'x' is taken back from the entry 'lost' of another or lost state of this stack; if that state still exists, destroy nothing with it",
    },
  ]);
  expect(takenBack("thing 'x'", { mark: lost, ownership: 'ours' })).toEqual([]);
});
