//! How many sources may be asked at once, so that this process never runs out of file
//! descriptors: what we lack must never look like an outage of theirs.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// As many probes at once as make sense on one machine.
const MOST: usize = 1024;
/// Kept free for histories, sockets to `MongoDB`, D-Bus, the panel.
const RESERVE: u64 = 64;
/// A probe may hold two: an IPv6 and an IPv4 attempt, or a socket and a resolver's.
const EACH: u64 = 2;
/// What we ask the system for, where it lets us.
const WANTED: u64 = MOST as u64 * EACH + RESERVE;

/// Raises the soft limit on open files as far as needed and allowed, and says how many probes
/// may run at once.
pub fn probes_at_once() -> usize {
    let limit = getrlimit(Resource::Nofile);
    // No limit is reported as `None`.
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
