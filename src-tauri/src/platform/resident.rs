//! Gives back the memory of the web engine's code when no panel needs it. This module knows the
//! process's list of mappings (`proc_pid_maps(5)`); nothing about windows enters it.

use std::ops::Range;

use rustix::mm::{Advice, madvise};

/// How the files of the web engine are named. The program is linked with them, so that they stay
/// mapped until it ends.
const ENGINE: [&str; 2] = ["libwebkit2gtk-", "libjavascriptcoregtk-"];

/// Takes the web engine's code out of this process's memory. The kernel brings back from the file
/// what is used again. Where the list of mappings cannot be read, the code stays.
pub(crate) fn release_engine_code() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    for range in maps.lines().filter_map(engine_code) {
        let start = std::ptr::with_exposed_provenance_mut(range.start);
        // SAFETY: the range is code that is mapped from a file, that nothing can have written to,
        // and that is never unmapped (see `ENGINE`). The next use of a page reads the file again.
        let released = unsafe { madvise(start, range.len(), Advice::LinuxDontNeed) };
        if released.is_err() {
            return;
        }
    }
}

/// The addresses of a line of the list of mappings, if it is code of the web engine that cannot be
/// written to.
fn engine_code(line: &str) -> Option<Range<usize>> {
    let mut fields = line.split_ascii_whitespace();
    let (addresses, rights) = (fields.next()?, fields.next()?);
    let path = fields.nth(3)?;
    let (_, name) = path.rsplit_once('/')?;
    if rights != "r-xp" || !ENGINE.iter().any(|engine| name.starts_with(engine)) {
        return None;
    }
    let (start, end) = addresses.split_once('-')?;
    let address = |text| usize::from_str_radix(text, 16).ok();
    Some(address(start)?..address(end)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(line: &str, expected: Option<(usize, usize)>) {
        let found = engine_code(line).map(|range| (range.start, range.end));
        assert_eq!(found, expected, "{line}");
    }

    #[test]
    fn only_code_of_the_web_engine_is_released() {
        let library = "08:01 1234   /usr/lib/x86_64-linux-gnu/libwebkit2gtk-4.1.so.0.19.9";
        check(
            &format!("7f1000-7f3000 r-xp 00100000 {library}"),
            Some((0x7f_1000, 0x7f_3000)),
        );
        check(
            "7f1000-7f2000 r-xp 00000000 08:01 99 /usr/lib/libjavascriptcoregtk-4.1.so.0",
            Some((0x7f_1000, 0x7f_2000)),
        );
        // Pages of data may differ from the file: dropping them would lose what was written.
        check(&format!("7f1000-7f3000 r--p 00100000 {library}"), None);
        check(&format!("7f1000-7f3000 rw-p 00100000 {library}"), None);
        check(&format!("7f1000-7f3000 rwxp 00100000 {library}"), None);
        check(
            "7f1000-7f3000 r-xp 00000000 08:01 7 /usr/lib/libc.so.6",
            None,
        );
        check("7f1000-7f3000 r-xp 00000000 08:01 7 /usr/bin/up-tray", None);
        check("7f1000-7f3000 r-xp 00000000 00:00 0 [vdso]", None);
        check("7f1000-7f3000 rw-p 00000000 00:00 0", None);
        check("spoilt r-xp 0 08:01 7 /usr/lib/libwebkit2gtk-4.1.so", None);
        check("", None);
    }
}
