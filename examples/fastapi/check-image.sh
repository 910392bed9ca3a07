#!/usr/bin/env bash
# What this service demands of its image. Stagegate runs it before the image leaves: docs/smoke-and-verify.md.
set -euo pipefail

blob() { echo "$STAGEGATE_OCI_LAYOUT/blobs/${1/://}"; }
manifest=$(jq --raw-output '.manifests[0].digest' "$STAGEGATE_OCI_LAYOUT/index.json")
config=$(jq --raw-output '.config.digest' "$(blob "$manifest")")
user=$(jq --raw-output '.config.User // ""' "$(blob "$config")")

case ${user%%:*} in
  '' | root | 0)
    echo "The image for $STAGEGATE_PLATFORM runs as root: set USER in the stage production."
    exit 1
    ;;
esac
echo "$STAGEGATE_PLATFORM: runs as $user"
