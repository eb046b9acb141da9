#!/usr/bin/env bash
# From a fresh Debian 12 machine to a first result: installs what is missing, builds what the main job needs, and lets a blank agent
# improve on the repair domain, offline, three minutes in all. Ends with its score on held-out tasks and the AST diff that got it there.
#   bash hyperagent/quickstart.sh [RUN_DIRECTORY]     SEARCH_SECONDS=60 and SEED=1 can be set in the environment
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
source hyperagent/packages.sh

started=$SECONDS
install_packages "${HYPERAGENT_BUILD_PACKAGES[@]}"
installed=$SECONDS
cmake -S . -B build -G Ninja -DHYPERAGENT_TESTS=OFF -DHYPERAGENT_ROBOT=OFF >build.log 2>&1 || { cat build.log >&2; exit 2; }
rm -f build.log
cmake --build build
built=$SECONDS
hyperagent=build/bin/hyperagent
echo "set-up: packages $((installed - started)) s, build $((built - installed)) s"

run=${1:-}
if [ -z "$run" ]; then
  number=1
  while [ -e "build/quickstart-$number" ]; do number=$((number + 1)); done
  run=build/quickstart-$number
fi
# The mutants of the shipped tasks and what the tests say of them are the same in every search: computed once, kept in the cache.
"$hyperagent" domain prepare repair
"$hyperagent" run --domain repair --seed "${SEED:-1}" --max-time "${SEARCH_SECONDS:-60}" --run "$run"
echo
echo "== what changed, from the blank agent to the best one (hyperagent diff $run blank best) =="
"$hyperagent" diff "$run" blank best
echo
echo "== score on held-out test tasks (hyperagent evaluate $run best --split test) =="
"$hyperagent" evaluate "$run" blank --split test
"$hyperagent" evaluate "$run" best --split test
echo
echo "next: $hyperagent explain $run best     the story of the best agent, step by step"
echo "      $hyperagent tree $run             every archived agent"
echo "      git clone $run/archive.git        the archive is a plain git repository"
