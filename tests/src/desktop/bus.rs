//! A session bus for one test. It activates no services, so that only what the test started is
//! there.

use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Command;

use zbus::Connection;
use zbus::fdo::DBusProxy;

use crate::daemon::{Daemon, program};

/// A running `dbus-daemon`.
#[derive(Debug)]
pub(crate) struct Bus {
    _daemon: Daemon,
    address: String,
    connection: Connection,
}

impl Bus {
    /// Starts a bus in `dir` and connects to it.
    pub(crate) async fn start(dir: &Path) -> Self {
        let (socket, configuration) = (dir.join("bus"), dir.join("bus.conf"));
        let address = format!("unix:path={}", socket.display());
        std::fs::write(&configuration, described(&address)).expect("the bus's configuration");
        let mut command = Command::new(program("dbus-daemon", &[]));
        command
            .args(["--nofork", "--nopidfile", "--config-file"])
            .arg(configuration);
        let mut daemon = Daemon::spawn("dbus-daemon", &mut command, dir);
        daemon.wait_ready(|| UnixStream::connect(&socket).is_ok());
        let connection = join(&address).await;
        Self {
            _daemon: daemon,
            address,
            connection,
        }
    }

    /// The address of the bus.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// The connection of the test.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// True if somebody owns that name on the bus.
    pub(crate) async fn has(&self, name: &'static str) -> bool {
        let bus = DBusProxy::new(&self.connection)
            .await
            .expect("the bus itself");
        let name = name.try_into().expect("a bus name");
        bus.name_has_owner(name)
            .await
            .expect("an answer of the bus")
    }
}

/// Connects to the bus at that address.
pub(crate) async fn join(address: &str) -> Connection {
    let builder = zbus::connection::Builder::address(address).expect("the bus's address");
    builder
        .build()
        .await
        .expect("a connection to the private bus")
}

/// The configuration of the bus. It has no `<servicedir>`, so that nothing is activated. It admits
/// every user that can enter the folder of its socket.
fn described(address: &str) -> String {
    format!(
        r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>{address}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"#
    )
}
