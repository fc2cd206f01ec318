#!/bin/sh
# Applies the plan that was reviewed for exactly this source, on any machine: out/reviewed-plan is what plan.sh left. A
# plan of any other source does not open, and Terraform refuses one whose state has changed since.
set -eu
: "${STACK:?the name of the stack}" "${PLAN_KEY:?the secret by which the plan was sealed}"
stack="cdktf.out/stacks/$STACK"
terraform="${TERRAFORM_BINARY_NAME:-terraform}"

git rev-parse 'HEAD^{tree}' > out/tree
node pipeline/seal.mjs open < out/reviewed-plan > out/reviewed-plan.tar
rm -rf "$stack" && mkdir -p "$stack"
tar -C "$stack" -xpf out/reviewed-plan.tar && rm out/reviewed-plan.tar
"$terraform" -chdir="$stack" init -input=false -lockfile=readonly
"$terraform" -chdir="$stack" apply -input=false -lock-timeout=5m plan
