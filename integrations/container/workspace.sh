#!/bin/sh
# Leaves a profile in `.rolehop` of the folder that all steps of the pipeline share. Later steps name it by three variables.
set -eu

shared=${BITBUCKET_CLONE_DIR:-${CI_WORKSPACE:-${DRONE_WORKSPACE:-$PWD}}}
folder=$shared/.rolehop
(umask 077 && mkdir -p "$folder")
# Neither `git add` nor an artifact of all that is new takes the files along.
echo '*' >"$folder/.gitignore"

AWS_SHARED_CREDENTIALS_FILE=$folder/credentials
AWS_CONFIG_FILE=$folder/config
export AWS_SHARED_CREDENTIALS_FILE AWS_CONFIG_FILE
if [ -z "${ROLEHOP_AWS_PROFILE:-}${PLUGIN_AWS_PROFILE:-}" ]; then
  export ROLEHOP_AWS_PROFILE=rolehop
fi
# The folder is ours, and is removed as a whole.
export ROLEHOP_OVERWRITE_AWS_PROFILE=true ROLEHOP_CLEANUP=none
exec rolehop
