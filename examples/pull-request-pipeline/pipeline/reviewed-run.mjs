// GitHub: prints the run that has the reviewed plan of this source as its artifact, by the artifact's name.
const { GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN, ARTIFACT } = process.env;
const url = `${GITHUB_API_URL}/repos/${GITHUB_REPOSITORY}/actions/artifacts?name=${encodeURIComponent(ARTIFACT)}`;
const response = await fetch(url, { headers: { authorization: `Bearer ${GITHUB_TOKEN}` } });
if (!response.ok) throw new Error(`${url} was answered with ${response.status}`);
const { artifacts } = await response.json();
const found = artifacts.filter((one) => !one.expired).sort((a, b) => (a.created_at < b.created_at ? 1 : -1))[0];
if (found === undefined) {
  console.error(
    `no plan was reviewed for this source (${ARTIFACT}): update the pull request's branch before the merge`,
  );
  process.exit(1);
}
console.log(found.workflow_run.id);
