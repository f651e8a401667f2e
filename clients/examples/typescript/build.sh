#!/usr/bin/env bash
# Generates the modules of the protos and compiles the example, all in the folder OUT.
set -euo pipefail
out=${1:?usage: build.sh OUT}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
# It brings protoc (grpcio-tools) and the google.rpc protos (googleapis-common-protos).
python=${PYTHON:-$root/.venv/bin/python}
mkdir -p "$out" && out=$(cd "$out" && pwd)
cp "$here"/*.ts "$here"/*.json "$out/"

modules=${VEILGATE_EXAMPLES_NODE_MODULES:-$here/node_modules}
if [ -d "$modules" ]; then
    ln -sfn "$modules" "$out/node_modules"
else
    (cd "$out" && npm ci --ignore-scripts --no-audit --no-fund)
fi

google=$("$python" -c 'import google.rpc as at; print(at.__path__[0] + "/../..")')
cd "$root/protos"
"$python" -m grpc_tools.protoc -I. -I"$google" \
    --plugin="protoc-gen-ts_proto=$out/node_modules/.bin/protoc-gen-ts_proto" --ts_proto_out="$out" \
    --ts_proto_opt=outputServices=grpc-js,env=node,esModuleInterop=true,importSuffix=.js \
    --ts_proto_opt=oneof=unions-value,forceLong=bigint \
    veilgate/v1/*.proto google/rpc/status.proto google/rpc/error_details.proto
cd "$out"
node_modules/.bin/tsc
