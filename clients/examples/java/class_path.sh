#!/usr/bin/env bash
# Prints the class path: the jars of Debian's packages, or those of the folder JAVA_LIBS.
set -euo pipefail
libs=${JAVA_LIBS:-/usr/share/java}
path=
for name in grpc-{api,context,core,netty,protobuf,protobuf-lite,stub} protobuf \
    guava gson perfmark-api geronimo-annotation-1.3-spec \
    netty-{buffer,codec,codec-http,codec-http2,codec-socks,common,handler,handler-proxy,resolver,transport} \
    netty-transport-native-unix-common netty-tcnative; do
    path+=${path:+:}$libs/$name.jar
done
echo "$path"
