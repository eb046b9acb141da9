#!/usr/bin/env bash
# Installs what is missing, builds everything and runs all tests. Arguments go to ctest, e.g. `bash tests/run.sh -R sandbox`.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
source hyperagent/packages.sh
install_packages "${HYPERAGENT_BUILD_PACKAGES[@]}" "${HYPERAGENT_TEST_PACKAGES[@]}" "${HYPERAGENT_ROBOT_PACKAGES[@]}" "${HYPERAGENT_ROBOT_TEST_PACKAGES[@]}"
cmake -S . -B build -G Ninja -DHYPERAGENT_TESTS=ON -DHYPERAGENT_ROBOT=ON
cmake --build build
ctest --test-dir build --output-on-failure "$@"
