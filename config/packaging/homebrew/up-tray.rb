# The desktop application on macOS, from the release's own image. `cargo xtask manifests` fills it in.
cask "up-tray" do
  version "@VERSION@"
  sha256 "@SHA256 Up_@VERSION@_aarch64.dmg@"

  url "https://github.com/up-monitor/up/releases/download/v#{version}/Up_#{version}_aarch64.dmg"
  name "Up"
  desc "Status monitor in the menu bar"
  homepage "https://github.com/up-monitor/up"

  depends_on arch: :arm64

  app "Up.app"

  uninstall quit: "io.github.up-monitor.up"
  zap trash: [
    "~/Library/Application Support/up",
    "~/Library/LaunchAgents/Up.plist",
  ]
end
