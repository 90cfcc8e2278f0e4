#!/bin/sh
# The folder has the profile, the binary and nothing else.
set -eu

rm -rf "$FETCH_FOLDER"
