# shellcheck shell=bash disable=SC2034,SC2094 # for those who source it; the lock file is only locked
# What the scripts share: system packages, the virtual environment, the locked requirements. Sourced, never run.
set -euo pipefail

project=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
python=$project/.venv/bin/python
cd "$project"
export LANG=${LANG:-C.UTF-8} PYTHONUTF8=1

run_packages=(libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-noto-cjk)
test_packages=(chromium nodejs poppler-utils postgresql libatomic1 libnss3-tools)

say() { printf '== %s\n' "$*" >&2; }
die() { printf '%s: %s\n' "${0##*/}" "$*" >&2; exit 1; }

# Debian and Ubuntu packages ------------------------------------------------------------------------------------------

has_package() { # has_package NAME: is it installed, or is what it brings here from elsewhere?
  case $1 in
    chromium) [ -n "$(find_chromium)" ] ;;
    nodejs) command -v node >/dev/null ;;
    poppler-utils) command -v pdftotext >/dev/null ;;
    libnss3-tools) command -v certutil >/dev/null ;;
    postgresql) [ -n "$(find_postgres)" ] ;;
    *) dpkg-query -W -f '${Status}\n' "$1" 2>/dev/null | grep -q '^install ok installed' ;;
  esac
}

find_chromium() { # the path of a Chromium, or nothing
  command -v "${GATE_TEST_CHROMIUM:-chromium}" || command -v google-chrome || true
}

find_postgres() { # the folder with initdb of the newest PostgreSQL server, or nothing
  local initdb
  # Debian keeps the server's programs off the PATH, a folder for each version
  initdb=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  [ -x "$initdb" ] || initdb=$(command -v initdb || true)
  [ -z "$initdb" ] || dirname "$initdb"
}

is_ubuntu() { grep -qx 'ID=ubuntu' /etc/os-release; }

need_packages() { # need_packages NAME...: install those that are missing, or say which command does
  local name missing=() apt
  if ! command -v dpkg-query >/dev/null; then
    say "not a Debian or Ubuntu machine: what these packages bring must be here already: $*"
    return
  fi
  for name; do
    # Ubuntu's chromium is a snap, which a script cannot count on: need_chromium brings another
    if [ "$name" = chromium ] && is_ubuntu; then continue; fi
    has_package "$name" || missing+=("$name")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
  if [ "$(id -u)" != 0 ]; then
    sudo -n true 2>/dev/null || die "these system packages are missing and only root may install them. Run:
  apt-get update && apt-get install --no-install-recommends ${missing[*]}"
    apt=(sudo -n "${apt[@]}")
  fi
  say "installing system packages: ${missing[*]}"
  "${apt[@]}" update </dev/null >&2
  "${apt[@]}" install --yes --no-install-recommends "${missing[@]}" </dev/null >"$(setup_log)" 2>&1 ||
    { tail -n 20 "$(setup_log)" >&2; die "apt-get could not install ${missing[*]}"; }
  rm -f "$(setup_log)"
}

setup_log() { printf '%s/gatekeeper-packages-%s.log' "${TMPDIR:-/tmp}" "$$"; }

# Python --------------------------------------------------------------------------------------------------------------

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

find_python() { # the path of the first Python of 3.11 or newer
  local name
  for name in python3 python3.14 python3.13 python3.12 python3.11; do
    if is_new_enough "$name"; then command -v "$name"; return; fi
  done
  die "Python 3.11 or newer is needed and was not found. Debian 12, Ubuntu 24.04 and later bring it: apt-get install python3 python3-venv"
}

need_venv() { # make .venv, or make it anew when its Python is gone or too old
  local base
  is_new_enough "$python" && "$python" -m pip --version >/dev/null 2>&1 && return
  base=$(find_python)
  "$base" -c 'import ensurepip, venv' 2>/dev/null || need_packages "$(venv_package "$base")"
  say "making .venv with $("$base" --version)"
  "$base" -m venv --clear .venv
}

venv_package() { # venv_package PYTHON: the package that lets this Python make environments
  if [ "$(readlink -f "$1")" = "$(readlink -f /usr/bin/python3)" ]; then echo python3-venv
  else "$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])'; fi
}

# .venv/locks lists the lock files that were installed last, with their SHA-256; a changed lock no longer fits its line.
# requirements-dev.txt holds all of requirements.txt, so installing it installs both.
need_requirements() { # need_requirements run|dev
  local lock=requirements.txt locks=(requirements.txt)
  if [ "$1" = dev ]; then lock=requirements-dev.txt; locks+=("$lock"); fi
  need_venv
  (
    flock 9 # two scripts at once install one after the other
    if sha256sum "${locks[@]}" | grep -vqxFf .venv/locks 2>/dev/null || [ ! -s .venv/locks ]; then
      say "installing $lock"
      "$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes -r "$lock" </dev/null >&2
      sha256sum "${locks[@]}" >.venv/locks
    fi
  ) 9<"$lock"
}

need_chromium() { # set GATE_TEST_CHROMIUM, where the tests look for their browser; needs the dev requirements
  GATE_TEST_CHROMIUM=$(find_chromium)
  if [ -z "$GATE_TEST_CHROMIUM" ]; then
    say "fetching Playwright's Chromium"
    .venv/bin/playwright install --with-deps chromium >&2
    GATE_TEST_CHROMIUM=$("$python" -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    print(playwright.chromium.executable_path)')
  fi
  export GATE_TEST_CHROMIUM
}

# PostgreSQL ----------------------------------------------------------------------------------------------------------

in_memory() { # a folder that never waits for a disk, where there is room for what tests write; else the temporary folder
  local room spare
  room=$(df --output=avail -k /dev/shm 2>/dev/null | tail -n 1)
  spare=$(sed -n 's/^MemAvailable: *\([0-9]*\) kB/\1/p' /proc/meminfo 2>/dev/null)
  if [ -w /dev/shm ] && [ "${room:-0}" -gt 3000000 ] && [ "${spare:-0}" -gt 6000000 ]; then echo /dev/shm
  else echo "${TMPDIR:-/tmp}"; fi
}

with_postgres() { # with_postgres --fast|--durable: a cluster until this script ends; its superuser URL is GATE_TEST_PG
  local folder=${TMPDIR:-/tmp}
  [ "$1" = --durable ] || folder=$(in_memory)
  postgres_dir=$(mktemp -d "$folder/gatekeeper-postgres.XXXXXX")
  trap 'scripts/postgres stop "$postgres_dir" 2>/dev/null || rm -rf "$postgres_dir"' EXIT
  GATE_TEST_PG=$(scripts/postgres start "$postgres_dir" "$@")
  export GATE_TEST_PG
}
