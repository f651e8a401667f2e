#!/usr/bin/env bash
# Runs what build.sh compiled: run.sh OUT PROFILE_DIR DATASET PURPOSE [SUBJECT_FILE]
set -euo pipefail
out=${1:?usage: run.sh OUT PROFILE_DIR DATASET PURPOSE [SUBJECT_FILE]}
shift
exec "$out/example" "$@"
