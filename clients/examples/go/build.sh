#!/usr/bin/env bash
# Generates the modules of the protos and compiles the example, all in the folder OUT.
set -euo pipefail
out=${1:?usage: build.sh OUT}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
protos=$(cd "$here/../../../protos" && pwd)
mkdir -p "$out" && out=$(cd "$out" && pwd)
package=veilgate.example/client
mkdir -p "$out/src/$package"
cp "$here"/*.go "$here"/debian12/*.go "$out/src/$package/"

# The protos name no Go package, so that each client chooses its own.
cd "$protos"
names=()
for proto in veilgate/v1/*.proto; do
    names+=("--go_opt=M$proto=$package/wire" "--go-grpc_opt=M$proto=$package/wire")
done
protoc -I. --go_out="$out/src" --go-grpc_out="$out/src" "${names[@]}" veilgate/v1/*.proto

# Debian's Go packages are source trees for GOPATH; nothing is fetched.
cd "$out/src/$package"
GO111MODULE=off GOPATH="$out:${GO_LIBS:-/usr/share/gocode}" go build -o "$out/example" .
