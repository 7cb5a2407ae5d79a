//! The `.tar.gz` of a package: `bin`, `lib` and `share` of a prefix, for any Linux.

use std::path::PathBuf;
use std::process::Command;

use super::contents::{PackageKind, source};
use super::stage::Stage;
use super::{LIMIT, Release};
use crate::command;
use crate::failure::TaskFailure;

/// Writes the tarball, and returns its path.
pub(crate) fn write(
    kind: &PackageKind,
    stage: &Stage,
    release: &Release,
) -> Result<PathBuf, TaskFailure> {
    let Release { version, epoch, .. } = release;
    let licence = format!("usr/share/doc/{}/LICENSE", kind.name);
    stage.write(&licence, source("LICENSE")?)?;
    let top = format!("{}-{version}-linux-{}", kind.name, std::env::consts::ARCH);
    let path = release.out.join(format!("{top}.tar.gz"));
    let level = if release.is_small { 9 } else { 1 };
    let mut tar = Command::new("tar");
    tar.args([
        "--create",
        "--sort=name",
        "--format=gnu",
        "--owner=0",
        "--group=0",
    ])
    .args(["--numeric-owner", &format!("--mtime=@{epoch}")])
    .arg(format!("--transform=s,^usr,{top},"))
    .arg(format!("--use-compress-program=gzip -n -{level}"))
    .arg("--file")
    .arg(&path)
    .arg("--directory")
    .arg(stage.root());
    command::run(tar.arg("usr"), LIMIT)?;
    Ok(path)
}
