//! `up watch` as a service: notifies a service manager such as systemd when the watch is ready, reloads,
//! stops and lives (`sd_notify`(3)). Without `$NOTIFY_SOCKET`, nobody is told, and no task runs.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use up_engine::{CurrentState, Engine, Pulse, TroubleKind, View};

use socket::NotifySocket;

/// The service manager that started this process, if there is one.
#[derive(Clone)]
pub(crate) struct ServiceManager {
    socket: Option<Arc<NotifySocket>>,
}

impl ServiceManager {
    /// The service manager that the environment names.
    pub(crate) fn of_environment() -> Self {
        let named = std::env::var_os("NOTIFY_SOCKET").filter(|name| !name.is_empty());
        let socket = named.and_then(|name| match NotifySocket::open(&name) {
            Ok(socket) => Some(Arc::new(socket)),
            Err(error) => {
                tracing::warn!(%error, ?name, "the service manager cannot be notified");
                None
            }
        });
        Self { socket }
    }

    /// Notifies the service manager once the engine has loaded its configuration and checks sources,
    /// of its status from then on, and of its life if the unit has a watchdog.
    pub(crate) fn follow(&self, engine: &Engine) {
        if self.socket.is_none() {
            return;
        }
        let (service, pulse, view) = (self.clone(), engine.pulse(), engine.view());
        tokio::spawn(async move { service.ready(&pulse, &view).await });
        if let Some(timeout) = watchdog_timeout() {
            let (service, pulse) = (self.clone(), engine.pulse());
            tokio::spawn(watchdog(
                timeout / 2,
                async move || pulse.beat().await,
                move || service.send("WATCHDOG=1\n"),
            ));
        }
    }

    async fn ready(&self, pulse: &Pulse, view: &View) {
        let mut news = view.news();
        // What the engine found while it started counts as a change.
        news.mark_changed();
        let mut shown = None;
        while news.changed().await.is_ok() {
            let Some(status) = view.read(status) else {
                continue;
            };
            if shown.is_none() {
                // The loop answers after it has taken up the plan.
                if !pulse.beat().await {
                    return;
                }
                self.send(&format!("READY=1\nSTATUS={status}\n"));
            } else if shown.as_ref() != Some(&status) {
                self.send(&format!("STATUS={status}\n"));
            }
            shown = Some(status);
        }
    }

    /// Notifies that a reload begins, and later that it has ended. Must be called before the reload
    /// is commanded.
    pub(crate) fn reloading(&self, mut pulse: Pulse) {
        if self.socket.is_none() {
            return;
        }
        let now = socket::monotonic_microseconds();
        self.send(&format!("RELOADING=1\nMONOTONIC_USEC={now}\n"));
        let (service, seen) = (self.clone(), pulse.reloads());
        tokio::spawn(async move {
            if pulse.reloaded_since(seen).await {
                service.send("READY=1\n");
            }
        });
    }

    /// Notifies that the watch ends.
    pub(crate) fn stopping(&self) {
        self.send("STOPPING=1\nSTATUS=Writes out what is buffered, and ends\n");
    }

    fn send(&self, message: &str) {
        if let Some(socket) = &self.socket
            && let Err(error) = socket.send(message)
        {
            // The watch goes on. If this lasts, the watchdog of the service manager decides.
            tracing::warn!(%error, "the service manager could not be notified");
        }
    }
}

/// Sends a sign of life at each interval in which the engine's loop answers. A stuck loop does not
/// answer, so that the service manager kills and restarts the service.
async fn watchdog(interval: Duration, beat: impl AsyncFn() -> bool, alive: impl Fn()) {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if !beat().await {
            return;
        }
        alive();
    }
}

/// The time without a sign of life after which the service manager takes this process for stuck;
/// `None` without a watchdog.
fn watchdog_timeout() -> Option<Duration> {
    let value = |name| std::env::var(name).ok();
    timeout(
        value("WATCHDOG_USEC").as_deref(),
        value("WATCHDOG_PID").as_deref(),
        std::process::id(),
    )
}

/// The timeout in these variables of `sd_watchdog_enabled`(3), if they are meant for this process.
fn timeout(microseconds: Option<&str>, process: Option<&str>, own: u32) -> Option<Duration> {
    let is_meant = process.is_none_or(|process| process.parse() == Ok(own));
    let microseconds = microseconds?.parse().ok()?;
    // Half of one microsecond would be no interval.
    (is_meant && microseconds > 1).then(|| Duration::from_micros(microseconds))
}

/// The status of the watch as a short sentence; `None` before a configuration is loaded.
fn status(state: &CurrentState) -> Option<String> {
    let plan = state.plan.as_ref()?;
    let (mut up, mut unknown) = (0, 0);
    for probe in &plan.probes {
        match state.world.state(probe.node).status() {
            None => unknown += 1,
            Some(status) if status == up_core::Status::UP => up += 1,
            Some(_) => {}
        }
    }
    let wrong = |trouble: &up_engine::Trouble| trouble.kind == TroubleKind::Config;
    let is_wrong = state.troubles.iter().any(wrong);
    Some(sentence(plan.probes.len(), up, unknown, is_wrong))
}

fn sentence(all: usize, up: usize, unknown: usize, is_wrong: bool) -> String {
    let mut text = format!("Watching {all} sources: {up} up");
    if all == 1 {
        text = format!("Watching 1 source: {up} up");
    }
    let below = all.saturating_sub(up + unknown);
    for (count, word) in [(below, "below up"), (unknown, "unknown")] {
        if count > 0 {
            let _ = write!(text, ", {count} {word}");
        }
    }
    if is_wrong {
        text.push_str("; the configuration file has mistakes, and the last good one is in use");
    }
    text
}

#[cfg(target_os = "linux")]
mod socket {
    use std::ffi::OsStr;
    use std::io;
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::net::{SocketAddr, UnixDatagram};
    use std::time::Duration;

    /// How long a service manager may leave its queue full.
    const TIMEOUT: Duration = Duration::from_secs(1);

    /// The socket of the service manager.
    pub(super) struct NotifySocket {
        socket: UnixDatagram,
        address: SocketAddr,
    }

    impl NotifySocket {
        /// Opens the socket that `$NOTIFY_SOCKET` names: an absolute path, or with `@` in front a
        /// name in the abstract namespace.
        pub(super) fn open(name: &OsStr) -> io::Result<Self> {
            let address = match name.as_bytes() {
                [b'@', name @ ..] => SocketAddr::from_abstract_name(name)?,
                [b'/', ..] => SocketAddr::from_pathname(name)?,
                _ => return Err(io::ErrorKind::Unsupported.into()),
            };
            let socket = UnixDatagram::unbound()?;
            socket.set_write_timeout(Some(TIMEOUT))?;
            Ok(Self { socket, address })
        }

        pub(super) fn send(&self, message: &str) -> io::Result<()> {
            let sent = self
                .socket
                .send_to_addr(message.as_bytes(), &self.address)?;
            if sent < message.len() {
                return Err(io::ErrorKind::WriteZero.into());
            }
            Ok(())
        }
    }

    /// The time of the monotonic clock, in microseconds.
    pub(super) fn monotonic_microseconds() -> i64 {
        let now = rustix::time::clock_gettime(rustix::time::ClockId::Monotonic);
        now.tv_sec * 1_000_000 + now.tv_nsec / 1_000
    }
}

#[cfg(not(target_os = "linux"))]
mod socket {
    use std::convert::Infallible;
    use std::ffi::OsStr;
    use std::io;

    /// Only Linux has service managers that are notified.
    pub(super) struct NotifySocket(Infallible);

    impl NotifySocket {
        pub(super) fn open(_: &OsStr) -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) fn send(&self, _: &str) -> io::Result<()> {
            match self.0 {}
        }
    }

    pub(super) fn monotonic_microseconds() -> i64 {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[tokio::test]
    async fn a_stuck_loop_gives_no_sign_of_life() {
        let (beats, signs) = (Cell::new(0), Cell::new(0));
        let beat = async || {
            beats.set(beats.get() + 1);
            if beats.get() > 3 {
                std::future::pending::<()>().await;
            }
            true
        };
        let watch = watchdog(Duration::from_millis(1), beat, || {
            signs.set(signs.get() + 1);
        });
        let ended = tokio::time::timeout(Duration::from_millis(200), watch).await;
        assert!(ended.is_err(), "the watchdog waits for the loop");
        assert!(signs.get() <= 3, "no sign after the loop was stuck");
        assert_eq!(signs.get() + 1, beats.get(), "one sign for each answer");
    }

    #[tokio::test]
    async fn the_watchdog_ends_with_the_engine() {
        watchdog(
            Duration::from_millis(1),
            async || false,
            || panic!("no life"),
        )
        .await;
    }

    #[test]
    fn the_watchdog_is_meant_for_this_process() {
        let check = |microseconds, process, expected: Option<u64>| {
            let expected = expected.map(Duration::from_micros);
            assert_eq!(timeout(microseconds, process, 7), expected);
        };
        check(Some("30000000"), None, Some(30_000_000));
        check(Some("30000000"), Some("7"), Some(30_000_000));
        check(Some("30000000"), Some("8"), None);
        check(Some("30000000"), Some("x"), None);
        for none in [
            None,
            Some(""),
            Some("0"),
            Some("1"),
            Some("-5"),
            Some("30s"),
        ] {
            check(none, None, None);
        }
    }

    #[test]
    fn the_status_is_a_short_sentence() {
        let check = |counts: (usize, usize, usize), is_wrong, expected: &str| {
            let (all, up, unknown) = counts;
            assert_eq!(sentence(all, up, unknown, is_wrong), expected);
        };
        check((3, 3, 0), false, "Watching 3 sources: 3 up");
        check((1, 0, 0), false, "Watching 1 source: 0 up, 1 below up");
        check(
            (9, 5, 1),
            false,
            "Watching 9 sources: 5 up, 3 below up, 1 unknown",
        );
        check(
            (3, 3, 0),
            true,
            "Watching 3 sources: 3 up; the configuration file has mistakes, and the last good one is \
             in use",
        );
    }
}
