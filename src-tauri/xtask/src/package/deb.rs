//! The `.deb` of a package. dpkg-shlibdeps finds the packages of the libraries that it links.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::contents::{PackageKind, UP, date, source};
use super::stage::Stage;
use super::{LIMIT, Release};
use crate::command;
use crate::failure::TaskFailure;

/// Who is written to about the packages.
const MAINTAINER: &str = "The Up authors <up-monitor@users.noreply.github.com>";

/// Writes the package, and returns its path.
pub(crate) fn write(
    kind: &PackageKind,
    stage: &Stage,
    release: &Release,
) -> Result<PathBuf, TaskFailure> {
    let mut dpkg = Command::new("dpkg");
    let architecture = command::read(dpkg.arg("--print-architecture"), LIMIT)?;
    let architecture = architecture.trim();
    documentation(kind, stage, release)?;
    let depends = depends(kind, stage, release)?;
    let size = command::read(
        Command::new("du")
            .args(["--summarize", "--apparent-size", "--block-size=1024"])
            .arg(stage.root()),
        LIMIT,
    )?;
    let size = size.split_whitespace().next().unwrap_or_default();
    let sums = sums(stage)?;
    let control = control(kind, &release.version, architecture, &depends, size);
    stage.write("DEBIAN/control", control)?;
    stage.write("DEBIAN/md5sums", sums)?;
    if kind.name == UP.name {
        for script in ["postinst", "prerm", "postrm"] {
            let text = source(&format!("config/packaging/deb/up.{script}"))?;
            stage.script(&format!("DEBIAN/{script}"), &text)?;
        }
    }
    let name = format!("{}_{}_{architecture}.deb", kind.name, release.version);
    let path = release.out.join(name);
    let compression = if release.is_small {
        ["-Zxz", "-z6"]
    } else {
        ["-Zgzip", "-z1"]
    };
    let mut build = Command::new("dpkg-deb");
    build
        .args(["--root-owner-group", "--threads-max=1"])
        .args(compression)
        .arg("--build")
        .env("SOURCE_DATE_EPOCH", &release.epoch);
    command::run(build.arg(stage.root()).arg(&path), LIMIT)?;
    Ok(path)
}

/// Adds what the policy of Debian asks of every package.
fn documentation(kind: &PackageKind, stage: &Stage, release: &Release) -> Result<(), TaskFailure> {
    let (name, version) = (kind.name, &release.version);
    let doc = format!("usr/share/doc/{name}");
    let licence: String = source("LICENSE")?
        .lines()
        .skip_while(|line| !line.starts_with("Permission"))
        .map(|line| {
            if line.is_empty() {
                " .\n".to_owned()
            } else {
                format!(" {line}\n")
            }
        })
        .collect();
    let copyright = source("config/packaging/copyright")?;
    let copyright = copyright.replace("@LICENCE@\n", &licence);
    stage.write(&format!("{doc}/copyright"), copyright)?;
    // The copyright file has the licence already.
    let licence = stage.path(&format!("{doc}/LICENSE"));
    fs::remove_file(&licence).map_err(TaskFailure::file(licence))?;
    let overrides = source("config/packaging/up.lintian-overrides")?;
    let place = format!("usr/share/lintian/overrides/{name}");
    stage.write(&place, overrides.replace("@NAME@", name))?;
    let date = date(&release.epoch, "+%a, %d %b %Y %H:%M:%S +0000")?;
    let changes = format!(
        "{name} ({version}) stable; urgency=medium\n\n  * Release {version}.\n\n -- {MAINTAINER}  {date}\n"
    );
    let changelog = format!("{doc}/changelog");
    stage.write(&changelog, changes)?;
    stage.gzip(&[changelog])
}

/// The packages of the libraries that the program links.
fn depends(kind: &PackageKind, stage: &Stage, release: &Release) -> Result<String, TaskFailure> {
    let work = Stage::new(release.out.join(format!(".{}-shlibs", kind.name)))?;
    work.write(
        "debian/control",
        format!("Source: up\n\nPackage: {}\nArchitecture: any\n", kind.name),
    )?;
    let mut find = Command::new("dpkg-shlibdeps");
    find.arg("-O")
        .arg(stage.path(&format!("usr/bin/{}", kind.name)))
        .current_dir(work.root());
    let found = command::read(&mut find, LIMIT)?;
    work.remove()?;
    let depends = found
        .trim()
        .strip_prefix("shlibs:Depends=")
        .map(str::to_owned);
    depends.ok_or_else(|| TaskFailure::Missing(format!("dpkg-shlibdeps said: {found}")))
}

fn control(
    kind: &PackageKind,
    version: &str,
    architecture: &str,
    depends: &str,
    size: &str,
) -> String {
    let PackageKind {
        name,
        summary,
        section,
        recommends,
        suggests,
        ..
    } = kind;
    let description = kind.description.join("\n ");
    let recommends = recommends.map_or_else(String::new, |(package, _)| {
        format!("Recommends: {package}\n")
    });
    format!(
        "Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: \
         {MAINTAINER}\nInstalled-Size: {size}\nDepends: {depends}\n{recommends}Suggests: {suggests}\nSection: \
         {section}\nPriority: optional\nHomepage: https://github.com/up-monitor/up\nDescription: \
         {summary}\n {description}\n"
    )
}

/// The checksums by which `dpkg --verify` finds changed files.
fn sums(stage: &Stage) -> Result<String, TaskFailure> {
    let mut sum = Command::new("md5sum");
    let files = stage.files()?;
    command::read(sum.args(files).current_dir(stage.root()), LIMIT)
}
