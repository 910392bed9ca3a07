#!/usr/bin/env bash
# What this service demands of its image. Stagegate runs it before the image leaves: docs/smoke-and-verify.md.
set -euo pipefail

docker image pull --quiet "$STAGEGATE_IMAGE" >/dev/null
trap 'docker image rm "$STAGEGATE_IMAGE" >/dev/null' EXIT
user=$(docker image inspect --format '{{.Config.User}}' "$STAGEGATE_IMAGE")

case ${user%%:*} in
  '' | root | 0)
    echo "The image for $STAGEGATE_PLATFORM runs as root: set USER in the stage production."
    exit 1
    ;;
esac
echo "$STAGEGATE_PLATFORM: runs as $user"
