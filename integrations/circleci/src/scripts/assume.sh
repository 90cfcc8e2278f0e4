#!/usr/bin/env bash
# Fetches the binary and lets it write BASH_ENV.
set -eu

# Fetches URL to FILE, if its SHA-256 is the one that is expected; else nothing is left to run.
fetch_checked() { # URL SHA256 FILE
  rm -f "$3"
  if command -v curl >/dev/null; then
    curl --fail --silent --show-error --location --retry 3 --output "$3" --url "$1" || return 1
  else
    wget -q -O "$3" "$1" || return 1
  fi
  if ! echo "$2  $3" | sha256sum -c >/dev/null 2>&1; then
    rm -f "$3"
    echo "rolehop: the file at $1 has not the SHA-256 $2: take both from the same release" >&2
    return 1
  fi
  chmod 0755 "$3"
}

# A parameter that was left out leaves what the context says.
given() { # NAME VALUE
  if [ -n "$2" ]; then
    export "$1=$2"
  fi
}
given ROLEHOP_AWS_REGION "$PARAM_AWS_REGION"
given ROLEHOP_ROLE_TO_ASSUME "$PARAM_ROLE_TO_ASSUME"
given ROLEHOP_AUDIENCE "$PARAM_AUDIENCE"
given ROLEHOP_ROLE_SESSION_NAME "$PARAM_ROLE_SESSION_NAME"
given ROLEHOP_ROLE_DURATION_SECONDS "$PARAM_ROLE_DURATION_SECONDS"
given ROLEHOP_AWS_PROFILE "$PARAM_AWS_PROFILE"

# The last step of the job finds it here.
mkdir -p "$HOME/.rolehop"
fetch_checked "$PARAM_BINARY_URL" "$PARAM_BINARY_SHA256" "$HOME/.rolehop/rolehop"
"$HOME/.rolehop/rolehop"
