# The one list of what hyperagent needs from Debian 12, and how to install it. Sourced by quickstart.sh and tests/run.sh.

HYPERAGENT_BUILD_PACKAGES=(
  g++ cmake ninja-build pkg-config git python3
  llvm-19-dev libclang-19-dev libclang-cpp19-dev liblld-19-dev   # Clang LibTooling, code generation, linking
  libgit2-dev nlohmann-json3-dev libcli11-dev libseccomp-dev
  libcurl4-openssl-dev libtomlplusplus-dev                       # language models over HTTP, their configuration
)
HYPERAGENT_TEST_PACKAGES=(
  catch2
  clang-19 libclang-rt-19-dev   # the fuzzers of tests/tooling/fuzz
)
# The robot_reward domain (-DHYPERAGENT_ROBOT=ON): LibTorch, a fast BLAS for it (the default one is 14 times slower), MuJoCo for its tests.
HYPERAGENT_ROBOT_PACKAGES=(libtorch-dev libopenblas0-pthread)
HYPERAGENT_ROBOT_TEST_PACKAGES=(libmujoco-dev)

# install_packages NAME...: installs what is missing, as root or through sudo; otherwise prints the command to run and stops.
install_packages() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q '^install ok installed$' || missing+=("$package")
  done
  [ ${#missing[@]} -eq 0 ] && return 0
  if ! command -v apt-get >/dev/null; then
    echo "hyperagent needs these Debian packages or their like: ${missing[*]}" >&2
    return 2
  fi
  local as_root=()
  if [ "$(id -u)" -ne 0 ]; then
    if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
      as_root=(sudo)
    elif command -v sudo >/dev/null && [ -t 0 ]; then
      as_root=(sudo)
    else
      printf 'missing packages; as root, run:\n  apt-get update && apt-get install -y --no-install-recommends %s\nthen start this again\n' "${missing[*]}" >&2
      return 2
    fi
  fi
  echo "installing: ${missing[*]}"
  "${as_root[@]}" apt-get update -qq &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || {
    echo "cannot install ${missing[*]}: see apt's words above" >&2
    return 2
  }
}
