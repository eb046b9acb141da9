#!/usr/bin/env bash
# Packs what the checks of robot_reward on a GPU need (check.sh) beside the sources, for a machine that has a driver, a LibTorch with CUDA, g++, CMake and
# Ninja, but neither Debian 12 nor Clang: programs with their libraries, rewards compiled for a device, headers.
#
#   bash tests/bench/on_device/pack.sh [FOLDER]      after a build; FOLDER is .on_device unless given, 49 MB; takes three minutes
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../../.."
folder=${1:-.on_device}
rm -rf "$folder"
mkdir -p "$folder"/{include,rewards,tree/ha/bin,tree/ha/lib}
for name in blank weak walk; do build/bin/ha-tool --ptx build/share/hyperagent task/reward_$name.cpp > "$folder/rewards/$name.ptx"; done
build/bin/ha-tool --ptx build/share/hyperagent tests/bench/on_device/reward_found.cpp > "$folder/rewards/found.ptx"
cp -r /usr/include/nlohmann /usr/include/catch2 "$folder/include/"

programs="hyperagent ha-tool ha-box ha-runner ha-program-runner"
for name in $programs; do cp build/bin/$name "$folder/tree/ha/bin/"; done
strip "$folder"/tree/ha/bin/*
cp -r build/share "$folder/tree/ha/"
rm -rf "$folder"/tree/ha/share/hyperagent/{repair_tasks,programs.pch}
# Their libraries, less those that every machine has in a version as new.
for name in $programs; do ldd build/bin/$name | awk '/=> \//{print $3}'; done | sort -u |
  grep -vE '/lib(c|m|stdc\+\+|gcc_s|resolv|dl|pthread)\.so' | xargs cp -Lt "$folder/tree/ha/lib"
strip --strip-unneeded "$folder"/tree/ha/lib/* 2> /dev/null || true
# The headers that the precompiled ones stand for, and Clang's.
tar c -h -C / usr/include/c++/12 usr/include/x86_64-linux-gnu/c++/12 usr/lib/llvm-19/lib/clang/19/include usr/lib/gcc/x86_64-linux-gnu/12/{include,crtbegin.o} $(cd / && find usr/include/x86_64-linux-gnu/{bits,sys,gnu,asm} usr/include/{linux,asm-generic} usr/include/*.h -type f) |
  tar x -C "$folder/tree"
tar c -C "$folder/tree" . | xz -9e -T2 > "$folder/tree.tar.xz"
rm -rf "$folder/tree"
du -sh "$folder"
