# shellcheck shell=bash
# Finds the binary that the hooks start: fetched once for this user of the agent, and checked at every use.

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

URL=https://raw.githubusercontent.com/OWNER/rolehop/v0.4.0/dist/bin/linux-x64/rolehop
SHA256=d058aaa39db7c62751d336166f8b43a48e661fabe7044c9ba4745e48a4b3b98f

# The plugin's own two settings. The second spelling is the agent's, where the plugin was named by a URL that ends in `.git`.
setting() { # NAME DEFAULT
  local plain=BUILDKITE_PLUGIN_ROLEHOP_$1 git=BUILDKITE_PLUGIN_ROLEHOP_GIT_$1
  echo "${!plain:-${!git:-$2}}"
}

# Prints the path of the binary.
binary() {
  local folder url sha256 file
  url=$(setting BINARY_URL "$URL")
  sha256=$(setting BINARY_SHA256 "$SHA256")
  folder=${TMPDIR:-/tmp}/rolehop-bin-$(id -u)
  (umask 077 && mkdir -p "$folder") || return 1
  # What others could write is not run.
  if [[ ! -O $folder || -L $folder ]]; then
    echo "rolehop: $folder is not a folder of this user: remove it" >&2
    return 1
  fi
  file=$folder/$sha256
  if ! echo "$sha256  $file" | sha256sum -c >/dev/null 2>&1; then
    fetch_checked "$url" "$sha256" "$file.$$" || return 1
    mv -f "$file.$$" "$file" || return 1
  fi
  echo "$file"
}

# Starts it without the plugin's own two settings, which it does not know.
start() { # FILE [ARGUMENT ...]
  env -u BUILDKITE_PLUGIN_ROLEHOP_BINARY_URL -u BUILDKITE_PLUGIN_ROLEHOP_BINARY_SHA256 \
    -u BUILDKITE_PLUGIN_ROLEHOP_GIT_BINARY_URL -u BUILDKITE_PLUGIN_ROLEHOP_GIT_BINARY_SHA256 \
    "$@"
}
