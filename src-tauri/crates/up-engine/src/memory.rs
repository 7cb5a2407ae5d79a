//! A limit on this process's memory, for what no other bound covers. A process that keeps growing
//! ends itself with an explanation before the machine suffers. Whoever started it can start it
//! again.
//!
//! Only the process's own heap counts. Child processes are neither counted nor limited.

use std::path::Path;

use tokio::time::{Instant, sleep_until};

use crate::beat;

/// The environment variable that sets the limit, in MiB.
const VARIABLE: &str = "UP_MAX_MEMORY";

/// The largest default limit, in bytes.
const MOST: u64 = 4 << 30;
/// The smallest default limit, in bytes. It is enough for thousands of sources.
const LEAST: u64 = 256 << 20;

/// The limit in bytes: the one that the environment sets, or else half of the memory of the machine
/// or the control group, between `LEAST` and `MOST`. Returns an error, one line for a person, if
/// the variable is no number.
pub fn bound() -> Result<usize, String> {
    let bytes = match std::env::var(VARIABLE) {
        Err(_) => within(available()),
        Ok(text) => match text.trim().parse::<u64>() {
            Ok(mib @ 1..) => mib.saturating_mul(1 << 20),
            _ => {
                return Err(format!(
                    "{VARIABLE} is no number of MiB: write it like {VARIABLE}=512"
                ));
            }
        },
    };
    Ok(usize::try_from(bytes).unwrap_or(usize::MAX))
}

fn within(available: u64) -> u64 {
    (available / 2).clamp(LEAST, MOST)
}

/// Waits until almost all of the limit is allocated, and returns a line about it for a person. It
/// looks once at each beat; the allocator ends a process that grows faster than that.
pub async fn nearly_full(bound: usize, allocated: impl Fn() -> usize) -> String {
    loop {
        if allocated() > bound / 8 * 7 {
            return format!(
                "this takes almost as much memory as it may ({} MiB; {VARIABLE} is the bound): \
                 ended, to be started again",
                bound >> 20
            );
        }
        sleep_until(beat::next(Instant::now())).await;
    }
}

/// The memory of the machine or the control group in bytes, as far as the system tells.
#[cfg(target_os = "linux")]
fn available() -> u64 {
    let info = rustix::system::sysinfo();
    #[expect(clippy::useless_conversion, reason = "32-bit systems count in 32 bits")]
    let machine = u64::from(info.totalram).saturating_mul(info.mem_unit.max(1).into());
    let group = std::fs::read_to_string("/proc/self/cgroup").ok();
    let group = group.and_then(|text| {
        let path = text.lines().find_map(|line| line.strip_prefix("0::"))?;
        smallest(Path::new("/sys/fs/cgroup"), path)
    });
    group.map_or(machine, |group| group.min(machine))
}

#[cfg(not(target_os = "linux"))]
fn available() -> u64 {
    u64::MAX
}

/// The smallest limit among a control group and those above it.
#[cfg(target_os = "linux")]
fn smallest(root: &Path, group: &str) -> Option<u64> {
    let group = root.join(group.trim_start_matches('/'));
    let folders = group.ancestors().take_while(|at| at.starts_with(root));
    let bounds = folders.filter_map(|folder| {
        let text = std::fs::read_to_string(folder.join("memory.max")).ok()?;
        // "max" in a control group's file means no limit.
        text.trim().parse().ok()
    });
    bounds.min()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn half_of_what_there_is_within_bounds() {
        let check = |available, expected| assert_eq!(within(available), expected);
        check(u64::MAX, MOST);
        check(64 << 30, MOST);
        check(2 << 30, 1 << 30);
        check(64 << 20, LEAST);
        check(0, LEAST);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_smallest_control_group_counts() {
        let root = tempfile::tempdir().expect("a folder");
        let inner = root.path().join("user/up");
        std::fs::create_dir_all(&inner).expect("it is made");
        let check = |group: &str, expected| {
            assert_eq!(smallest(root.path(), group), expected, "{group}");
        };
        check("/user/up", None);
        std::fs::write(inner.join("memory.max"), "max\n").expect("it is written");
        check("/user/up", None);
        std::fs::write(root.path().join("user/memory.max"), "1000\n").expect("it is written");
        check("/user/up", Some(1_000));
        std::fs::write(inner.join("memory.max"), "2000\n").expect("it is written");
        check("/user/up", Some(1_000));
        check("/", None);
    }

    #[tokio::test]
    async fn it_is_said_before_the_bound_is_reached() {
        const BOUND: usize = 1 << 30;
        let said = async |allocated: usize| {
            let full = nearly_full(BOUND, || allocated);
            tokio::time::timeout(Duration::from_millis(20), full)
                .await
                .ok()
        };
        assert_eq!(said(BOUND / 2).await, None);
        assert_eq!(said(BOUND / 8 * 7).await, None);
        let said = said(BOUND / 10 * 9).await.expect("little is left");
        assert!(said.contains("1024 MiB"), "{said}");
    }
}
