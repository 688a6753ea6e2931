#!/usr/bin/env bash
# Installs the Debian packages that are named and missing, and says so.
set -euo pipefail
missing=()
for package in "$@"; do
    dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done
[ ${#missing[@]} -eq 0 ] && exit 0
echo "==> Debian packages: ${missing[*]}"
if ! command -v apt-get >/dev/null; then
    echo "error: this is not Debian; hint: install ${missing[*]} by other means" >&2
    exit 1
fi
sudo=()
if [ "$(id -u)" -ne 0 ]; then
    sudo=(sudo)
fi
log=$(mktemp)
if ! { "${sudo[@]}" apt-get update && "${sudo[@]}" env DEBIAN_FRONTEND=noninteractive \
    apt-get install -y --no-install-recommends "${missing[@]}"; } >"$log" 2>&1; then
    tail -20 "$log" >&2
    echo "error: the packages could not be installed; hint: the whole log is $log" >&2
    exit 1
fi
rm -f "$log"
