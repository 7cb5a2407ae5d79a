//! The `.rpm` of a package. rpm finds the libraries that it links.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;

use super::contents::{PackageKind, UP};
use super::stage::Stage;
use super::{LIMIT, Release};
use crate::command;
use crate::failure::TaskFailure;

/// What is done when the package of `up` comes and goes. The service is not enabled, because it needs
/// a configuration. Its user and its history stay.
const SCRIPTS: &str = "\
%post
if command -v systemd-sysusers >/dev/null; then systemd-sysusers up.conf || :; fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload || :; fi
%preun
if [ \"$1\" = 0 ] && command -v systemctl >/dev/null; then
    systemctl --no-reload disable --now up-system.service >/dev/null 2>&1 || :
fi
%postun
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload || :
    if [ \"$1\" != 0 ]; then systemctl try-restart up-system.service || :; fi
fi
";

/// Writes the package, and returns its path.
pub(crate) fn write(
    kind: &PackageKind,
    stage: &Stage,
    release: &Release,
) -> Result<PathBuf, TaskFailure> {
    let work = Stage::new(release.out.join(format!(".{}-rpm", kind.name)))?;
    work.write("up.spec", spec(kind, stage, release)?)?;
    let top = work.root().display().to_string();
    let payload = if release.is_small {
        "w9.gzdio"
    } else {
        "w1.gzdio"
    };
    let settings = [
        ("_topdir", top.as_str()),
        ("_rpmdir", &top),
        ("_rpmfilename", "package.rpm"),
        ("_buildhost", "localhost"),
        ("_binary_payload", payload),
        ("_build_id_links", "none"),
        ("__os_install_post", "%{nil}"),
        ("debug_package", "%{nil}"),
        ("use_source_date_epoch_as_buildtime", "1"),
        ("clamp_mtime_to_source_date_epoch", "1"),
    ];
    let mut build = Command::new("rpmbuild");
    build.args(["-bb", "--quiet"]);
    for (name, value) in settings {
        build.arg("--define").arg(format!("{name} {value}"));
    }
    build.env("SOURCE_DATE_EPOCH", &release.epoch);
    command::run(build.arg(work.path("up.spec")), LIMIT)?;
    let name = format!(
        "{}-{}-1.{}.rpm",
        kind.name,
        release.version,
        std::env::consts::ARCH
    );
    let path = release.out.join(name);
    std::fs::rename(work.path("package.rpm"), &path).map_err(TaskFailure::file(&path))?;
    work.remove()?;
    Ok(path)
}

/// The description of the package.
fn spec(kind: &PackageKind, stage: &Stage, release: &Release) -> Result<String, TaskFailure> {
    let PackageKind { name, summary, .. } = kind;
    let description = kind.description.join("\n");
    // rpm names a library of a system with 64 bits so.
    let recommends = kind.recommends.map_or_else(String::new, |(_, library)| {
        format!("Recommends: {library}()(64bit)\n")
    });
    let mut spec = format!(
        "Name: {name}\nVersion: {}\nRelease: 1\nSummary: {summary}\nLicense: MIT\nURL: \
         https://github.com/up-monitor/up\n{recommends}%description\n{description}\n%install\nmkdir -p \
         %{{buildroot}}\ncp -a {}/. %{{buildroot}}\n{}",
        release.version,
        stage.root().display(),
        // The folder of Debian, and the one of all others.
        "if [ -d %{buildroot}/usr/share/zsh/vendor-completions ]; then mv \
         %{buildroot}/usr/share/zsh/vendor-completions %{buildroot}/usr/share/zsh/site-functions; fi\n"
    );
    if name == &UP.name {
        spec.push_str(SCRIPTS);
    }
    spec.push_str("%files\n%defattr(-,root,root,-)\n");
    let _ = writeln!(spec, "%dir /usr/share/doc/{name}");
    if name == &UP.name {
        spec.push_str("%dir /etc/up\n%dir /usr/share/doc/up/examples\n%dir /usr/share/doc/up/examples/up-system.service.d\n");
    }
    for file in stage.files()? {
        let file = file.replace("/zsh/vendor-completions/", "/zsh/site-functions/");
        let _ = writeln!(spec, "/{file}");
    }
    Ok(spec)
}
