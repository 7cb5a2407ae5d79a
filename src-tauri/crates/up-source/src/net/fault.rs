//! What a failed system call says: of the far side, or of this machine.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, UdpSocket};

use up_core::{CauseCode, CheckResult};

/// Why a question has no good answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Fault {
    /// The code.
    pub code: CauseCode,
    /// One line for a person, without secrets.
    pub text: String,
}

impl Fault {
    /// A fault with that code and those words.
    pub(crate) fn new(code: CauseCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// Down, except where it is this machine that failed: then nothing was learnt of the far side.
    pub(crate) fn answer(&self) -> CheckResult {
        match self.code {
            CauseCode::Resource
            | CauseCode::Permission
            | CauseCode::Secret
            | CauseCode::Word
            | CauseCode::Internal => CheckResult::unknown(self.code, &self.text),
            _ => CheckResult::down(self.code, &self.text),
        }
    }
}

/// What went wrong while talking to `peer` (`host:port`).
pub(crate) fn from_io(error: &Error, peer: &str) -> Fault {
    if is_exhaustion(error) || (error.kind() == ErrorKind::AddrNotAvailable && !is_ipv6(peer)) {
        return exhausted(error);
    }
    let (code, text) = match error.kind() {
        ErrorKind::ConnectionRefused => (
            CauseCode::Refused,
            format!("connection refused: nothing listens on {peer}"),
        ),
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe => {
            (CauseCode::Reset, format!("{peer} reset the connection"))
        }
        ErrorKind::HostUnreachable => (CauseCode::Unreachable, format!("no route to {peer}")),
        ErrorKind::NetworkUnreachable | ErrorKind::NetworkDown => (
            CauseCode::Unreachable,
            format!("the network of {peer} cannot be reached from here"),
        ),
        ErrorKind::AddrNotAvailable => (
            CauseCode::Unreachable,
            format!("this machine has no IPv6 address from which {peer} can be reached"),
        ),
        ErrorKind::TimedOut => (
            CauseCode::Timeout,
            format!("{peer} did not accept the connection: the system gave up"),
        ),
        ErrorKind::UnexpectedEof => (
            CauseCode::Reset,
            format!("{peer} closed the connection before an answer"),
        ),
        ErrorKind::PermissionDenied => (
            CauseCode::Permission,
            format!("this system does not permit a connection to {peer}: is it firewalled here?"),
        ),
        _ => (
            CauseCode::Unreachable,
            format!("cannot talk to {peer}: {}", words(error)),
        ),
    };
    Fault::new(code, text)
}

/// Where IPv6 is off, a literal IPv6 address fails with the error that elsewhere means that no local
/// port is left. (Of a name, only addresses with a route are tried.)
fn is_ipv6(peer: &str) -> bool {
    peer.starts_with('[')
}

/// This machine ran out of something: says nothing of the far side.
pub(crate) fn exhausted(error: &Error) -> Fault {
    let what = match error.raw_os_error() {
        Some(system::TOO_MANY_FILES | system::TOO_MANY_FILES_IN_ALL) => {
            "this machine has no file descriptor left for a connection; raise `ulimit -n`"
        }
        _ if error.kind() == ErrorKind::AddrNotAvailable => {
            "this machine has no free local port left for a connection"
        }
        _ => "this machine ran out of memory for a connection",
    };
    Fault::new(CauseCode::Resource, what)
}

/// Whether this machine is out of sockets just now: for errors that hide why they came about.
pub(crate) fn own_exhaustion() -> Option<Fault> {
    let own = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).err()?;
    is_exhaustion(&own).then(|| exhausted(&own))
}

/// True of errors that are this machine's own.
pub(crate) fn is_exhaustion(error: &Error) -> bool {
    error.kind() == ErrorKind::OutOfMemory
        || matches!(
            error.raw_os_error(),
            Some(system::TOO_MANY_FILES | system::TOO_MANY_FILES_IN_ALL | system::NO_BUFFERS)
        )
}

/// The system's words, without the `(os error N)` that std adds.
pub(crate) fn words(error: &Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

/// Error numbers that have no `ErrorKind` of their own.
#[cfg(unix)]
mod system {
    use rustix::io::Errno;

    pub(super) const TOO_MANY_FILES: i32 = Errno::MFILE.raw_os_error();
    pub(super) const TOO_MANY_FILES_IN_ALL: i32 = Errno::NFILE.raw_os_error();
    pub(super) const NO_BUFFERS: i32 = Errno::NOBUFS.raw_os_error();
}

/// Error numbers that have no `ErrorKind` of their own (Winsock's).
#[cfg(windows)]
mod system {
    pub(super) const TOO_MANY_FILES: i32 = 10_024;
    pub(super) const TOO_MANY_FILES_IN_ALL: i32 = 4;
    pub(super) const NO_BUFFERS: i32 = 10_055;
}
