// Writes out/review.md as a comment of the pull request: the one that it wrote before is updated, known by its hidden
// marker. GitHub and Gitea: GITHUB_API_URL, GITHUB_REPOSITORY, GITHUB_TOKEN and PULL_REQUEST. GitLab: the variables of
// a merge request's pipeline, and GITLAB_TOKEN with the scope api.
import { readFileSync } from 'node:fs';

const env = process.env;
const body = readFileSync('out/review.md', 'utf8');
const marker = body.split('\n', 1)[0];
const forge =
  env.CI_API_V4_URL === undefined
    ? {
        headers: { authorization: `Bearer ${env.GITHUB_TOKEN}`, accept: 'application/vnd.github+json' },
        comments: `${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}/issues/${env.PULL_REQUEST}/comments`,
        one: (id) => `${env.GITHUB_API_URL}/repos/${env.GITHUB_REPOSITORY}/issues/comments/${id}`,
        update: 'PATCH',
      }
    : {
        headers: { 'private-token': env.GITLAB_TOKEN },
        comments: `${env.CI_API_V4_URL}/projects/${env.CI_PROJECT_ID}/merge_requests/${env.CI_MERGE_REQUEST_IID}/notes`,
        one: (id) => `${forge.comments}/${id}`,
        update: 'PUT',
      };

async function ask(url, method = 'GET', json = undefined) {
  const headers = { ...forge.headers, 'content-type': 'application/json' };
  const response = await fetch(url, { method, headers, body: json && JSON.stringify(json) });
  if (!response.ok) throw new Error(`${method} ${url} was answered with ${response.status}`);
  return response.json();
}

async function written() {
  for (let page = 1; ; page++) {
    const comments = await ask(`${forge.comments}?per_page=100&page=${page}`);
    const found = comments.find((one) => one.body?.startsWith(marker));
    if (found !== undefined || comments.length < 100) return found;
  }
}

const before = await written();
await (before === undefined
  ? ask(forge.comments, 'POST', { body })
  : ask(forge.one(before.id), forge.update, { body }));
