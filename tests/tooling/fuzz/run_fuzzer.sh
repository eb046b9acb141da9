#!/usr/bin/env bash
# run_fuzzer.sh PROGRAM FOLDER SECONDS [libFuzzer arguments...]: fuzzes with the seeds beside this script for a bounded time.
#
# libFuzzer's own search for leaks goes through all memory whenever an execution keeps some, as the compiler's caches do: it is off, and the
# sanitizer looks once, at the end. What is new goes to FOLDER/corpus, which is emptied first, so that runs with the same -seed begin alike.
# A crash, a claim that does not hold, a hang or a leak makes this fail; the input lies in FOLDER then. `PROGRAM INPUT` repeats it; once
# fixed, it goes to seeds/.
set -euo pipefail
program=$1 folder=$2 seconds=$3
shift 3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
rm -rf "$folder/corpus"
mkdir -p "$folder/corpus"
status=0
"$program" -seed=1 -max_total_time="$seconds" -timeout=20 -rss_limit_mb=3072 -max_len=2048 -dict="$here/edits.dict" \
  -artifact_prefix="$folder/" -detect_leaks=0 -print_final_stats=1 "$@" "$folder/corpus" "$here/seeds" 2>"$folder/log" || status=$?
if [ $status -ne 0 ]; then
  tail -n 120 "$folder/log"
  echo "the input that did it is the latest of: $(find "$folder" -maxdepth 1 -name '*-*' -printf '%p ')"
  exit $status
fi
grep -E "cov:|^stat::" "$folder/log" | tail -n 8
