//! The signals that end `up watch`, or make it read its configuration again.

#[cfg(unix)]
pub(crate) use unix::Signals;
#[cfg(windows)]
pub(crate) use windows::Signals;

/// What a signal asks of `up watch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WatchSignal {
    /// Ends the watch.
    End,
    /// SIGHUP: read the configuration again, or the terminal was closed.
    #[cfg_attr(windows, expect(dead_code, reason = "Windows has no such signal"))]
    HangUp,
}

#[cfg(unix)]
mod unix {
    use std::io;

    use tokio::signal::unix::{Signal, SignalKind, signal};

    use super::WatchSignal;

    /// Receives signals. While this exists, none of them ends the process by itself.
    pub(crate) struct Signals {
        interrupt: Signal,
        terminate: Signal,
        hang_up: Signal,
    }

    impl Signals {
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: signal(SignalKind::interrupt())?,
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
            })
        }

        /// Waits for the next signal.
        pub(crate) async fn next(&mut self) -> WatchSignal {
            tokio::select! {
                _ = self.interrupt.recv() => WatchSignal::End,
                _ = self.terminate.recv() => WatchSignal::End,
                _ = self.hang_up.recv() => WatchSignal::HangUp,
            }
        }
    }
}

#[cfg(windows)]
mod windows {
    use std::io;

    use tokio::signal::windows::{
        CtrlC, CtrlClose, CtrlShutdown, ctrl_c, ctrl_close, ctrl_shutdown,
    };

    use super::WatchSignal;

    /// Receives the events of a console. While this exists, none of them ends the process by itself.
    pub(crate) struct Signals {
        interrupt: CtrlC,
        close: CtrlClose,
        shutdown: CtrlShutdown,
    }

    impl Signals {
        pub(crate) fn new() -> io::Result<Self> {
            Ok(Self {
                interrupt: ctrl_c()?,
                close: ctrl_close()?,
                shutdown: ctrl_shutdown()?,
            })
        }

        /// Waits for the next signal.
        pub(crate) async fn next(&mut self) -> WatchSignal {
            tokio::select! {
                _ = self.interrupt.recv() => WatchSignal::End,
                _ = self.close.recv() => WatchSignal::End,
                _ = self.shutdown.recv() => WatchSignal::End,
            }
        }
    }
}
