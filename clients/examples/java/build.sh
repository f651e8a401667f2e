#!/usr/bin/env bash
# Generates the classes of the protos and compiles the example, all in the folder OUT.
set -euo pipefail
out=${1:?usage: build.sh OUT}
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../../.." && pwd)
# It brings the google.rpc protos (googleapis-common-protos): Debian's classes of them know no ErrorInfo.
python=${PYTHON:-$root/.venv/bin/python}
mkdir -p "$out/source" "$out/classes" && out=$(cd "$out" && pwd)

google=$("$python" -c 'import google.rpc as at; print(at.__path__[0] + "/../..")')
cd "$root/protos"
protoc -I. -I"$google" --java_out="$out/source" --grpc-java_out="$out/source" \
    --plugin="protoc-gen-grpc-java=$(command -v grpc_java_plugin)" \
    veilgate/v1/*.proto google/rpc/status.proto google/rpc/error_details.proto
find "$out/source" -name '*.java' -print0 | xargs -0 \
    javac --release 17 -Xlint:all,-classfile -d "$out/classes" \
    -cp "$(bash "$here/class_path.sh")" "$here"/*.java

# Debian's Netty has no ALPN of its own. It takes OpenSSL's through this library, but only from a file of
# this very name; elsewhere, with a Netty that negotiates by itself, there is nothing to copy.
mkdir -p "$out/native"
for library in /usr/lib/*/jni/libnetty-tcnative.so; do
    [ ! -f "$library" ] || cp -L "$library" "$out/native/libnetty_tcnative.so"
done
