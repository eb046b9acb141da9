#!/usr/bin/env bash
# On a machine with a GPU, from the sources and what pack.sh made: builds the robot with this machine's LibTorch, runs its tests and figures, then a search
# with the packed hyperagent. As root, on a machine that may be thrown away: it writes to /ha, /usr/include and /etc/ld.so.conf.d, after which nothing should
# be built there.
#
#   bash tests/bench/on_device/check.sh [FOLDER [build | figures | search]...]     FOLDER is .on_device unless given; all three, in this order, unless named
# Five to eight minutes in all, and never above build 3, figures 8, search 4. The last line says how many parts failed, and so does the status.
set -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit
folder=$(realpath "${1:-.on_device}")
shift
started=$(date +%s)
failed=0
say() { echo "== $(($(date +%s) - started)) s: $*"; }
try() { # LINES COMMAND...: the last lines of what it prints
  local lines=$1
  shift
  "$@" 2>&1 | tail -n "$lines" || { failed=$((failed + 1)) && echo "FAILED: $*"; }
}
wanted=${*:-build figures search}
out=/tmp/on_device

if [[ $wanted == *build* ]]; then
  say "the machine"
  nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
  lscpu | grep -E '^Model name|^CPU\(s\)'
  ls /dev/nvidia*
  ldconfig -p | grep -E 'libcuda\.so|ptxjit'
  say "build"
  prefix=${TORCH_PREFIX:-$(python3 -c 'import torch; print(torch.utils.cmake_prefix_path)')}
  try 4 timeout 60 cmake -S tests/bench/on_device -B $out -G Ninja -DPACKED="$folder" -DCMAKE_PREFIX_PATH="$prefix"
  try 4 timeout 120 ninja -C $out
  cat $out/bin/ha-robot-torch.so.folders
fi
if [[ $wanted == *figures* ]]; then
  say "tests"
  for name in learning device; do try 4 timeout 80 $out/bin/test_robot_$name; done
  say "figures"
  try 40 timeout 300 $out/bin/bench_robot_device "$folder"/rewards/{walk,blank,weak,found}.ptx
fi
if [[ $wanted == *search* ]]; then
  say "unpack"
  xz -dc "$folder/tree.tar.xz" | tar x -C /
  echo /ha/lib > /etc/ld.so.conf.d/zz-ha.conf
  ldconfig
  cp $out/bin/ha-robot-{trainer,judge,torch.so,torch.so.folders} /ha/bin/
  say "doctor"
  try 30 timeout 60 /ha/bin/hyperagent doctor
  say "search"
  rm -rf /tmp/search
  try 12 timeout 150 /ha/bin/hyperagent run --domain "${DOMAIN:-robot_reward:gpu}" --run /tmp/search --max-candidates "${CANDIDATES:-6}"
  try 20 /ha/bin/hyperagent show /tmp/search best
fi
say "done, $failed failed"
exit $failed
