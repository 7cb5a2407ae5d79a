//! Faults: why a check failed, and whether the far side or this machine is to blame.

use std::io::{Error, ErrorKind};
use std::net::{Ipv4Addr, UdpSocket};

use up_core::{CauseCode, CheckResult};

/// Why a check has no good result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub(crate) struct Fault {
    /// The cause code.
    pub code: CauseCode,
    /// The cause text: one line for a person, without secrets.
    pub text: String,
}

impl Fault {
    /// A fault with that cause code and text.
    pub(crate) fn new(code: CauseCode, text: impl Into<String>) -> Self {
        Self {
            code,
            text: text.into(),
        }
    }

    /// The result of a check that ended with this fault: down, or unknown if the code blames this
    /// machine, because nothing was learnt about the far side.
    pub(crate) fn check_result(&self) -> CheckResult {
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

/// The fault for a system call that failed while connected or connecting to `peer` (`host:port`).
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
            format!("the connection to {peer} failed: {}", words(error)),
        ),
    };
    Fault::new(code, text)
}

/// True if `peer` is a literal IPv6 address. Where IPv6 is off, connecting to one fails with
/// `EADDRNOTAVAIL`, which otherwise means that no local port is left. Addresses of a name do not
/// come here, because only those with a route are tried.
fn is_ipv6(peer: &str) -> bool {
    peer.starts_with('[')
}

/// The fault for `error`, which says that this machine ran out of a resource. It says nothing about
/// the far side.
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

/// The fault if this machine has no socket left just now. For errors that hide the system's own
/// reason, as `getaddrinfo` does.
pub(crate) fn own_exhaustion() -> Option<Fault> {
    let own = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).err()?;
    is_exhaustion(&own).then(|| exhausted(&own))
}

/// True if `error` says that this machine ran out of a resource.
pub(crate) fn is_exhaustion(error: &Error) -> bool {
    error.kind() == ErrorKind::OutOfMemory
        || matches!(
            error.raw_os_error(),
            Some(system::TOO_MANY_FILES | system::TOO_MANY_FILES_IN_ALL | system::NO_BUFFERS)
        )
}

/// The system's text for `error`, without the `(os error N)` that `std` adds.
pub(crate) fn words(error: &Error) -> String {
    let text = error.to_string();
    match text.split_once(" (os error ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

/// Error numbers of Unix for which `std` has no `ErrorKind`.
#[cfg(unix)]
mod system {
    use rustix::io::Errno;

    pub(super) const TOO_MANY_FILES: i32 = Errno::MFILE.raw_os_error();
    pub(super) const TOO_MANY_FILES_IN_ALL: i32 = Errno::NFILE.raw_os_error();
    pub(super) const NO_BUFFERS: i32 = Errno::NOBUFS.raw_os_error();
}

/// Error numbers of Winsock for which `std` has no `ErrorKind`.
#[cfg(windows)]
mod system {
    pub(super) const TOO_MANY_FILES: i32 = 10_024;
    pub(super) const TOO_MANY_FILES_IN_ALL: i32 = 4;
    pub(super) const NO_BUFFERS: i32 = 10_055;
}
