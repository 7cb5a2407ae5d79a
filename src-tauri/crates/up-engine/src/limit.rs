//! Limits how many sources are checked at once, so that this process never runs out of file
//! descriptors. A lack on this machine must never look like an outage of a source.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// The largest number of checks at once that makes sense on one machine.
const MOST: usize = 1024;
/// File descriptors that are kept free for the history, connections to `MongoDB`, D-Bus and the
/// panel.
const RESERVE: u64 = 64;
/// How many file descriptors a check may use: an IPv6 and an IPv4 attempt, or a connection and a
/// lookup.
const EACH: u64 = 2;
/// The number of open files that Up asks the system for, as far as it allows.
const WANTED: u64 = MOST as u64 * EACH + RESERVE;

/// Raises the soft limit on open files as far as needed and allowed. Returns how many checks may
/// run at once.
pub fn probes_at_once() -> usize {
    let limit = getrlimit(Resource::Nofile);
    // `None` means that there is no limit.
    let hard = limit.maximum.unwrap_or(u64::MAX);
    let mut soft = limit.current.unwrap_or(u64::MAX);
    if soft < WANTED && soft < hard {
        let raised = WANTED.min(hard);
        let wanted = Rlimit {
            current: Some(raised),
            maximum: limit.maximum,
        };
        if setrlimit(Resource::Nofile, wanted).is_ok() {
            soft = raised;
        }
    }
    within(soft)
}

fn within(open_files: u64) -> usize {
    let probes = open_files.saturating_sub(RESERVE) / EACH;
    usize::try_from(probes).unwrap_or(MOST).clamp(4, MOST)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probes_fit_into_the_open_files() {
        let check = |open_files, expected| assert_eq!(within(open_files), expected);
        check(256, 96);
        check(1024, 480);
        check(u64::MAX, 1024);
        check(10, 4);
    }
}
