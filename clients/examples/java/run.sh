#!/usr/bin/env bash
# Runs what build.sh compiled: run.sh OUT PROFILE_DIR DATASET PURPOSE [SUBJECT_FILE]
set -euo pipefail
out=${1:?usage: run.sh OUT PROFILE_DIR DATASET PURPOSE [SUBJECT_FILE]}
shift
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
exec java -Djava.library.path="$out/native" -cp "$out/classes:$(bash "$here/class_path.sh")" Example "$@"
