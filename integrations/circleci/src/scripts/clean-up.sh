#!/usr/bin/env bash
# Undoes what the step before has written, where there was one.
set -eu

if [ -x "$HOME/.rolehop/rolehop" ]; then
  "$HOME/.rolehop/rolehop" post
  rm -rf "$HOME/.rolehop"
fi
