#!/usr/bin/env bash
# Installs a build into a folder of its own, under a name with a space, and works with what is there: doctor, a new domain, a search.
#   tests/install.sh BUILD_FOLDER
set -euo pipefail
build=$1
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
chmod 755 "$folder"
cmake --install "$build" --prefix "$folder/a place" > /dev/null
program="$folder/a place/bin/hyperagent"
"$program" doctor > "$folder/doctor" || {
  cat "$folder/doctor"
  "$build/bin/hyperagent" doctor > /dev/null && exit 1
  echo "SKIPPED: hyperagent does not work here where it was built either"
  exit
}
grep -q "/a place/bin/ha-tool" "$folder/doctor"
"$program" domain new sizes "$folder/sizes" > /dev/null
"$program" run --domain "$folder/sizes" --run "$folder/run" --max-candidates 16 > "$folder/log" 2>&1 || {
  cat "$folder/log"
  exit 1
}
grep -q "16 candidates" "$folder/log"
"$program" show "$folder/run" best | grep "val"
echo "1 passed, 0 failed"
