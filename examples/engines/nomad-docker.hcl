# SPDX-License-Identifier: Apache-2.0
# Nomad's docker driver: the client may use the runtime that dockerd (docker-daemon.json) has under the name "berth". A
# task asks for it with: config { runtime = "berth" }
plugin "docker" {
  config {
    allow_runtimes = ["berth", "runc"]
  }
}
