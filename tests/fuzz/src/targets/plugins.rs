//! Output of monitoring plugins.

use up_core::Range;
use up_source::fuzzing::command;
use up_source::nagios::perfdata;

use super::texts;
use crate::grown::grown;
use crate::sound::sound;
use crate::{FuzzTarget, Grown};

pub(super) const TARGETS: &[FuzzTarget] = &[
    FuzzTarget {
        words: FIGURES,
        grown: LONG_FIGURES,
        ..FuzzTarget::new("perfdata", figures, || texts(PERFDATA))
    },
    FuzzTarget {
        words: &["@", "~", ":", "10", "-1.5", "1e9"],
        grown: &[grown("", "1", ""), grown("", "1:", "")],
        largest: 4 << 10,
        ..FuzzTarget::new("range", range, || {
            texts(&["10", "10:", "~:10", "10:20", "@-5:-1.5"])
        })
    },
    FuzzTarget {
        words: FIGURES,
        grown: &[
            grown("DISK OK|", "'a #'=1;2 ", ""),
            grown("OK\n", "line #\n", "|a=1"),
            grown("OK\n", "|", ""),
        ],
        ..FuzzTarget::new("command", output, || {
            texts(&[
                "0DISK OK|/=5GB;;;0;9\n/ is fine\n/var too|/var=3GB\n/srv=1GB",
                "1WARNING - 91 % | a=1",
                "2",
                "3UNKNOWN\x1b[31m\n",
            ])
        })
    },
];

const FIGURES: &[&str] = &[
    "=", ";", "'", "''", "U", " ", "|", "\n", "%", "1e5", "-0.5", "~:", "@", "E+11B", "e-06", ",",
    "\\'",
];

const PERFDATA: &[&str] = &[
    "time=0.012s;1;5;0;10 size=512B;;;0",
    "'disk usage'=90% 'it''s a=b'=1c",
    "load=1.5;@5:10;~:20;0;99 x=U y=1e5",
    "nonsense b=1 =3 'open=2",
    "offset=-7.22636468709e-05s;1e-3;2E+3;0;1,5 big=1.6E+11B 'it\\'s'=12EB v=1,234.5",
];

const LONG_FIGURES: &[Grown] = &[
    grown("", "a#=1;2;3 ", ""),
    grown("", "a ", ""),
    grown("", "a ", "=1"),
    grown("", "' ", ""),
    grown("", "'' ", ""),
    grown("", "''' ", ""),
    grown("'", "''", "'=1"),
    grown("a=1", ";", ""),
    grown("a=", "1", ""),
    grown("a=", "1,", ""),
    grown("a=", "123.", ""),
    grown("a=1e", "1", ""),
    grown("'", "\\'", "'=1"),
    grown("", "'\\' ", ""),
    grown("", "' \\'' ", ""),
];

fn figures(input: &[u8]) {
    let found = perfdata(&String::from_utf8_lossy(input));
    for perf in &found {
        assert!(perf.value.is_none_or(f64::is_finite), "{perf:?}");
        let _ = perf.detail();
    }
}

fn range(input: &[u8]) {
    let Some(range) = Range::parse(&String::from_utf8_lossy(input)) else {
        return;
    };
    let _ = range.alerts(1.0);
    assert_eq!(Range::parse(&range.to_string()), Some(range));
}

/// The first byte of the input is the exit status.
fn output(input: &[u8]) {
    if let Some((code, out)) = input.split_first() {
        let code = i32::from(*code) - i32::from(b'0');
        sound([command(code, out, b""), command(code, b"", out)]);
    }
}
