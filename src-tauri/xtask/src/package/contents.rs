//! What the packages contain: the programs, and what a system needs to offer them to people.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::stage::Stage;
use super::{LIMIT, Release, licences};
use crate::command;
use crate::failure::TaskFailure;
use crate::rust::Programs;

/// One of the two packages.
#[derive(Debug)]
pub(crate) struct PackageKind {
    /// The name of the package and of its program.
    pub(crate) name: &'static str,
    /// The crate whose dependencies are compiled in.
    pub(crate) krate: &'static str,
    /// One line that says what it is.
    pub(crate) summary: &'static str,
    /// A paragraph, in lines of at most 79 characters.
    pub(crate) description: &'static [&'static str],
    /// The section of Debian.
    pub(crate) section: &'static str,
    /// A library that it loads where it is installed: its package in Debian, and its file name.
    pub(crate) recommends: Option<(&'static str, &'static str)>,
    /// Other packages that it works well with, for Debian.
    pub(crate) suggests: &'static str,
}

/// The command line.
pub(crate) const UP: PackageKind = PackageKind {
    name: "up",
    krate: "up-cli",
    summary: "status monitor for the command line and for servers",
    description: &[
        "Up checks web pages, status pages, SNMP, DNS, TLS, TCP, ping and monitoring",
        "plugins once and prints a tree of them, or watches them as a service and",
        "notifies people when something is really down. It knows when the network of",
        "this machine is gone, and raises no false alarm then.",
    ],
    section: "net",
    recommends: None,
    suggests: "monitoring-plugins, up-tray",
};

/// The desktop application.
pub(crate) const TRAY: PackageKind = PackageKind {
    name: "up-tray",
    krate: "up-tray",
    summary: "status monitor in the tray of the desktop",
    description: &[
        "Up checks the services that you depend on and answers one question: is it",
        "up? One coloured icon in the tray shows it, a notification tells you when",
        "something is really down, and a panel shows every source, the cause of each",
        "failure, and the history.",
    ],
    section: "net",
    // Places the panel beside the tray on Wayland.
    recommends: Some(("libgtk-layer-shell0", "libgtk-layer-shell.so.0")),
    suggests: "monitoring-plugins, up",
};

/// The identifier of the desktop application.
const ID: &str = "io.github.up-monitor.up";

/// The sizes of the icon that desktops ask for.
const ICON_SIZES: [u32; 10] = [16, 22, 24, 32, 48, 64, 96, 128, 256, 512];

/// The content of a file of the repository.
pub(crate) fn source(name: &str) -> Result<String, TaskFailure> {
    let path = crate::root().join(name);
    fs::read_to_string(&path).map_err(TaskFailure::file(path))
}

/// Puts the files of a package together.
pub(crate) fn stage(
    kind: &PackageKind,
    programs: &Programs,
    release: &Release,
) -> Result<Stage, TaskFailure> {
    let stage = Stage::new(release.out.join(format!(".{}", kind.name)))?;
    let doc = format!("usr/share/doc/{}", kind.name);
    let third = format!("{doc}/third-party-licences.txt");
    stage.write(&third, licences::third_party(kind)?)?;
    stage.gzip(&[third])?;
    if kind.name == UP.name {
        command_line(&stage, &programs.up)?;
    } else {
        desktop(&stage, &programs.tray, release)?;
    }
    Ok(stage)
}

fn command_line(stage: &Stage, program: &Path) -> Result<(), TaskFailure> {
    stage.program("usr/bin/up", program)?;
    let completions = [
        ("bash", "usr/share/bash-completion/completions/up"),
        ("zsh", "usr/share/zsh/vendor-completions/_up"),
        ("fish", "usr/share/fish/vendor_completions.d/up.fish"),
    ];
    for (shell, name) in completions {
        let mut up = Command::new(program);
        stage.write(name, command::read(up.args(["completions", shell]), LIMIT)?)?;
    }
    let pages = Path::new("usr/share/man/man1");
    stage.folder(pages)?;
    let pages = stage.root().join(pages);
    command::run(Command::new(program).arg("man").arg(&pages), LIMIT)?;
    let files = stage.files()?;
    let pages: Vec<_> = files
        .into_iter()
        .filter(|name| name.ends_with(".1"))
        .collect();
    for page in &pages {
        stage.readable(page)?;
    }
    stage.gzip(&pages)?;
    let units = "config/systemd";
    let copies = [
        (
            "usr/lib/systemd/system/up-system.service",
            format!("{units}/up-system.service"),
        ),
        (
            "usr/lib/systemd/user/up.service",
            format!("{units}/up.service"),
        ),
        (
            "usr/lib/sysusers.d/up.conf",
            format!("{units}/up.sysusers.conf"),
        ),
        (
            "usr/share/doc/up/examples/up-system.service.d/icmp.conf",
            format!("{units}/up-system.service.d/icmp.conf"),
        ),
        ("usr/share/doc/up/up.toml", "config/up.toml".to_owned()),
        (
            "usr/share/doc/up/REFERENCE.md",
            "config/REFERENCE.md".to_owned(),
        ),
    ];
    for (name, source) in copies {
        stage.copy(name, &source)?;
    }
    let examples = crate::root().join("config/examples");
    for entry in fs::read_dir(&examples).map_err(TaskFailure::file(&examples))? {
        let name = entry.map_err(TaskFailure::file(&examples))?.file_name();
        let name = name.to_string_lossy();
        let place = format!("usr/share/doc/up/examples/{name}");
        stage.copy(&place, &format!("config/examples/{name}"))?;
    }
    // For the configuration of the service.
    stage.folder(Path::new("etc/up"))
}

fn desktop(stage: &Stage, program: &Path, release: &Release) -> Result<(), TaskFailure> {
    stage.program("usr/bin/up-tray", program)?;
    let date = date(&release.epoch, "+%Y-%m-%d")?;
    let copies = [
        (
            format!("usr/share/applications/{ID}.desktop"),
            format!("{ID}.desktop"),
        ),
        (
            format!("usr/share/metainfo/{ID}.metainfo.xml"),
            format!("{ID}.metainfo.xml"),
        ),
        ("usr/share/man/man1/up-tray.1".into(), "up-tray.1".into()),
        (
            "usr/share/bash-completion/completions/up-tray".into(),
            "up-tray.bash".into(),
        ),
        (
            "usr/share/zsh/vendor-completions/_up-tray".into(),
            "up-tray.zsh".into(),
        ),
        (
            "usr/share/fish/vendor_completions.d/up-tray.fish".into(),
            "up-tray.fish".into(),
        ),
    ];
    for (name, from) in copies {
        let text = source(&format!("config/packaging/{from}"))?;
        let text = text
            .replace("@VERSION@", &release.version)
            .replace("@DATE@", &date);
        stage.write(&name, text)?;
    }
    stage.gzip(&["usr/share/man/man1/up-tray.1".to_owned()])?;
    let icons = "usr/share/icons/hicolor";
    stage.copy(&format!("{icons}/scalable/apps/{ID}.svg"), "icons/up.svg")?;
    for size in ICON_SIZES {
        let name = format!("{icons}/{size}x{size}/apps/{ID}.png");
        stage.write(&name, [])?;
        let size = size.to_string();
        let mut draw = command::program("rsvg-convert");
        draw.args(["-w", &size, "-h", &size, "icons/up.svg", "-o"]);
        command::run(draw.arg(stage.path(&name)), LIMIT)?;
    }
    Ok(())
}

/// The date of the release in this format of date(1).
pub(crate) fn date(epoch: &str, format: &str) -> Result<String, TaskFailure> {
    let mut date = Command::new("date");
    date.args(["--utc", &format!("--date=@{epoch}"), format]);
    let text = command::read(date.env("LC_ALL", "C"), LIMIT)?;
    Ok(text.trim().to_owned())
}
