#!/usr/bin/env bash
# On a machine with a GPU, from the sources and what pack.sh made: builds the robot with this machine's LibTorch, runs its tests and figures, then a search
# with the packed hyperagent. As root, on a machine that may be thrown away: it writes to /ha, /usr/include and /etc/ld.so.conf.d.
#
#   bash tests/bench/on_device/check.sh [FOLDER [build | figures | search]...]     FOLDER is .on_device unless given; all three unless named
cd "$(dirname "${BASH_SOURCE[0]}")/../../.." || exit
folder=$(realpath "${1:-.on_device}")
shift
started=$(date +%s)
say() { echo "== $(($(date +%s) - started)) s: $*"; }
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
  cmake -S tests/bench/on_device -B $out -G Ninja -DPACKED="$folder" -DCMAKE_PREFIX_PATH="$prefix" > /tmp/cmake.log 2>&1 || tail -30 /tmp/cmake.log
  grep -E 'Torch' /tmp/cmake.log | tail -2
  ninja -C $out > /tmp/ninja.log 2>&1 || tail -30 /tmp/ninja.log
  grep -c warning: /tmp/ninja.log
  cat $out/bin/ha-robot-torch.so.folders
fi
if [[ $wanted == *figures* ]]; then
  say "tests"
  for name in learning device; do timeout 100 $out/bin/test_robot_$name 2>&1 | tail -4; done
  say "figures"
  timeout 330 $out/bin/bench_robot_device "$folder"/rewards/{walk,blank,weak,found}.ptx
fi
if [[ $wanted == *search* ]]; then
  say "unpack"
  xz -dc "$folder/root.tar.xz" | tar x -C /
  echo /ha/lib > /etc/ld.so.conf.d/zz-ha.conf
  ldconfig
  cp $out/bin/ha-robot-{trainer,judge,torch.so,torch.so.folders} /ha/bin/
  say "doctor"
  timeout 60 /ha/bin/hyperagent doctor | grep -vE '^ok +(python3|ha-|shipped)'
  say "search"
  rm -rf /tmp/search
  timeout 150 /ha/bin/hyperagent run --domain "${DOMAIN:-robot_reward:gpu}" --run /tmp/search --workers 2 --max-candidates "${CANDIDATES:-6}" 2>&1 | tail -12
  /ha/bin/hyperagent show /tmp/search best 2>&1 | grep -iE 'score|device' | head
fi
say "done"
