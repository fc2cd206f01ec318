#!/bin/sh
# Plans a stack and reviews the plan. Leaves in the folder out/: review.md, plan.json, tree (what was planned, as a hash
# of the whole source) and reviewed-plan, the sealed plan with all that its apply needs.
set -eu
: "${STACK:?the name of the stack}" "${PLAN_KEY:?a secret of the pipeline, by which the plan is sealed}"
stack="cdktf.out/stacks/$STACK"
terraform="${TERRAFORM_BINARY_NAME:-terraform}"
mkdir -p out

npx cdktf synth
"$terraform" -chdir="$stack" init -input=false
"$terraform" -chdir="$stack" plan -input=false -lock-timeout=5m -out=plan
"$terraform" -chdir="$stack" show -json plan > out/plan.json
npx cdktf-libvirt-ceph review --format markdown out/plan.json > out/review.md

git rev-parse 'HEAD^{tree}' > out/tree
# With tar the assets keep their modes. Providers are not taken along: the lock file names them.
tar -C "$stack" --exclude ./.terraform -cf - . | node pipeline/seal.mjs seal > out/reviewed-plan
