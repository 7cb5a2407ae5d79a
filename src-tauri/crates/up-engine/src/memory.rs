//! How much memory this process may have: the last line, for what no other bound has thought of. A
//! process that grows on is ended, and said why, before the machine suffers from it; whoever
//! started it can start it again.
//!
//! What is counted is the programs' own heap. Children are not: they neither count nor inherit it.

use std::path::Path;

use tokio::time::{Instant, sleep_until};

use crate::beat;

/// A bound of one's own, in MiB.
const VARIABLE: &str = "UP_MAX_MEMORY";

/// The bound, where the machine has enough.
const MOST: u64 = 4 << 30;
/// The bound, however little the machine has. Thousands of sources fit into it.
const LEAST: u64 = 256 << 20;

/// The bound in bytes: what the environment says, else half of what the machine or the control
/// group has, 4 GiB at the most. Fails on a variable that is no number, with a line for a person.
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

/// Ends when so much is allocated that little is left below the bound; says so, in a line for a
/// person. Looks at each beat; what needs more than that at one stroke is ended by the allocator.
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

/// What there is, in bytes, as far as the system says it.
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

/// The smallest bound of a control group and those above it.
#[cfg(target_os = "linux")]
fn smallest(root: &Path, group: &str) -> Option<u64> {
    let group = root.join(group.trim_start_matches('/'));
    let folders = group.ancestors().take_while(|at| at.starts_with(root));
    let bounds = folders.filter_map(|folder| {
        let text = std::fs::read_to_string(folder.join("memory.max")).ok()?;
        // "max" is no bound.
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
