# The command line on Linux, from the release's own tarball. `cargo xtask manifests` fills it in.
class Up < Formula
  desc "Status monitor that says whether everything is up, and why not"
  homepage "https://github.com/up-monitor/up"
  url "https://github.com/up-monitor/up/releases/download/v@VERSION@/up-@VERSION@-linux-x86_64.tar.gz"
  version "@VERSION@"
  sha256 "@SHA256 up-@VERSION@-linux-x86_64.tar.gz@"
  license "MIT"
  depends_on :linux

  def install
    bin.install "bin/up"
    share.install Dir["share/*"]
  end

  service do
    run [opt_bin/"up", "watch"]
    keep_alive true
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/up --version")
  end
end
