#!/usr/bin/env bash
# Installs the Python programs that compatibility is judged by, each into an environment of its own:
#
#   test/interop/install-peers.sh [NAME...]      default: every file of test/interop/peers
#
# They go to $ZODB_PEERS, or .peers in the project. An environment whose list of versions has not changed since it was
# made is left alone. Interpreters are those of pyenv or of the PATH; $PYTHON311, $PYTHON39, $PYTHON27 name others.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
target=${ZODB_PEERS:-$here/../../.peers}
mkdir -p "$target"
target=$(cd "$target" && pwd)
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_PYTHON_VERSION_WARNING=1 PIP_ROOT_USER_ACTION=ignore

version_of() {
  case $1 in
    zodb) echo 3.11 ;;
    zodb313) echo 3.13 ;;
    wendelin | zodbtools) echo 3.9 ;;
    py27 | zodbtools27) echo 2.7 ;;
  esac
}

interpreter() { # of a version: the variable, else pyenv's, else the PATH's
  local version=$1 variable=PYTHON${1/./} candidate
  for candidate in "${!variable:-}" "${PYENV_ROOT:-$HOME/.pyenv}/versions/$version".*/bin/python "$(command -v "python$version")"; do
    if [ -x "$candidate" ]; then
      echo "$candidate"
      return
    fi
  done
  echo "no Python $version found: install it, or name it in $variable" >&2
  return 1
}

# Python 2.7 has no venv: a virtualenv that still knows it makes the environment, from a Python 3 and beside the others.
make_environment() {
  local python=$1 folder=$2 version=$3
  if [ "$version" != 2.7 ]; then
    "$python" -m venv "$folder"
    return
  fi
  local maker=$folder.virtualenv
  "$(interpreter 3.9)" -m venv "$maker"
  "$maker/bin/pip" install -q virtualenv==20.15.1
  "$maker/bin/python" -m virtualenv -q --no-periodic-update -p "$python" "$folder"
  rm -rf "$maker"
}

# The versions in the list are complete, so pip need not (and, with its newer ideas of old packages, must not) choose any.
install_pinned() {
  local folder=$1 list=$2 python=$1/bin/python
  local separator='^# then'
  "$python" -m pip install -q --no-deps -r <(sed "/$separator/,\$d" "$list")
  if grep -q "$separator" "$list"; then
    "$python" -m pip install -q --no-deps --no-build-isolation -r <(sed "1,/$separator/d" "$list")
  fi
}

# zodbtools imports gdbm for one command that is not used here, and many Pythons are built without it.
without_gdbm() {
  local python=$1/bin/python module=$2
  "$python" -c "import $module" 2>/dev/null && return
  local folder
  folder=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  printf 'class error(EnvironmentError):\n    pass\n\n\ndef open(*_):\n    raise error("no gdbm in this Python")\n' >"$folder/$module.py"
}

install_peer() {
  local name=$1 folder=$target/$1 list=$here/peers/$1.txt version python
  version=$(version_of "$name")
  if [ -z "$version" ] || [ ! -e "$list" ]; then
    echo "no peer is called $name" >&2
    return 2
  fi
  if cmp -s "$list" "$folder/versions.txt"; then
    echo "$name: already there"
    return
  fi
  python=$(interpreter "$version")
  rm -rf "$folder"
  make_environment "$python" "$folder" "$version"
  install_pinned "$folder" "$list"
  case $name in
    zodbtools) without_gdbm "$folder" _gdbm ;;
    zodbtools27) without_gdbm "$folder" gdbm ;;
  esac
  cp "$list" "$folder/versions.txt"
  echo "$name: installed"
}

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  for list in "$here"/peers/*.txt; do names+=("$(basename "$list" .txt)"); done
fi

failed=0
declare -A running
for name in "${names[@]}"; do
  # A subshell of its own, because errexit does not reach into a function whose result is tested.
  (set -e; install_peer "$name") >"$target/$name.log" 2>&1 &
  running[$name]=$!
done
for name in "${names[@]}"; do
  if wait "${running[$name]}"; then
    tail -n 1 "$target/$name.log"
  else
    echo "$name: FAILED" && cat "$target/$name.log"
    failed=1
  fi
done
exit $failed
