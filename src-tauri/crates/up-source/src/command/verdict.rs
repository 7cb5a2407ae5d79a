//! The result of a check by a plugin's exit status and output (Nagios plugin guidelines).

use up_core::{CauseCode, CheckResult, Detail, Status};

use super::child::{ChildEnd, FinishedChild};
use crate::nagios::perfdata;

/// The most bytes kept of the output after the first line.
const MAX_LONG: usize = 2_000;

/// The check result of a program that ended.
pub(super) fn result(ended: &FinishedChild) -> CheckResult {
    let out = String::from_utf8_lossy(&ended.out);
    let output = PluginOutput::read(&out);
    let first_error = String::from_utf8_lossy(&ended.err);
    let first_error = first_error.lines().find(|line| !line.trim().is_empty());
    let text = Some(output.text)
        .filter(|text| !text.is_empty())
        .or(first_error.map(str::trim));
    let why = |otherwise: String| text.map_or(otherwise, str::to_owned);
    let result = match ended.end {
        ChildEnd::Code(0) => CheckResult::up(),
        ChildEnd::Code(1) => {
            let half = Status::HALF;
            CheckResult::degraded(
                half,
                CauseCode::Exit,
                why("the command warns (exit status 1)".into()),
            )
        }
        ChildEnd::Code(2) => CheckResult::down(
            CauseCode::Exit,
            why("the command says critical (exit status 2)".into()),
        ),
        ChildEnd::Code(3) => CheckResult::unknown(
            CauseCode::Exit,
            why("the command cannot tell (exit status 3)".into()),
        ),
        ChildEnd::Code(code) => {
            let said = text.map(|text| format!(": {text}")).unwrap_or_default();
            let text = format!("exit status {code} means nothing in the plugin contract{said}");
            CheckResult::unknown(CauseCode::Exit, text)
        }
        ChildEnd::Signal(signal) => CheckResult::unknown(
            CauseCode::Exit,
            format!("the command was ended by signal {signal}"),
        ),
    };
    result.with_detail(detail(ended, &output, text))
}

fn detail(ended: &FinishedChild, output: &PluginOutput<'_>, text: Option<&str>) -> Detail {
    let mut detail = Detail::new();
    if let ChildEnd::Code(code) = ended.end {
        detail.put("exit", f64::from(code));
    }
    if let Some(text) = text {
        detail.put(
            "text",
            up_core::cause::one_line(text, up_core::Cause::MAX_TEXT),
        );
    }
    if !output.long.is_empty() {
        detail.put("output", bounded(&output.long));
    }
    let mut figures = Detail::new();
    for perf in perfdata(&output.perf) {
        figures.put(perf.label.clone(), perf.detail());
    }
    if !figures.is_empty() {
        detail.put("perfdata", figures);
    }
    detail
}

/// A plugin's output in its parts (Nagios plugin guidelines): `TEXT | PERFDATA` on the first line,
/// then lines of long text, then after another `|` more performance data, one line each.
struct PluginOutput<'a> {
    text: &'a str,
    long: String,
    perf: String,
}

impl<'a> PluginOutput<'a> {
    fn read(out: &'a str) -> Self {
        let (first, rest) = out.split_once('\n').unwrap_or((out, ""));
        let (text, perf) = first.split_once('|').unwrap_or((first, ""));
        let (long, more) = rest.split_once('|').unwrap_or((rest, ""));
        let perf = [perf, more].join(" ");
        Self {
            text: text.trim(),
            long: long.trim().to_owned(),
            perf,
        }
    }
}

/// The first lines of `long`, at most [`MAX_LONG`] bytes, without control characters.
fn bounded(long: &str) -> String {
    let lines = long.lines().map(|line| up_core::cause::one_line(line, 300));
    let mut kept = String::new();
    for line in lines {
        if kept.len() + line.len() > MAX_LONG {
            kept.push('…');
            break;
        }
        kept.extend([&line, "\n"]);
    }
    kept.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(code: i32, out: &str, status: Option<f64>, cause: Option<&str>) {
        let ended = FinishedChild {
            end: ChildEnd::Code(code),
            out: out.into(),
            err: Vec::new(),
        };
        let result = result(&ended);
        let said = result.cause.as_ref().map(|cause| &*cause.text);
        assert_eq!(
            (result.status.map(Status::value), said),
            (status, cause),
            "{code} {out:?}"
        );
    }

    #[test]
    fn the_exit_status_is_the_status() {
        check(0, "OK - fine | a=1", Some(1.0), None);
        check(1, "WARNING - 91 % | a=1", Some(0.5), Some("WARNING - 91 %"));
        check(2, "CRITICAL\nmore", Some(0.0), Some("CRITICAL"));
        check(
            2,
            "",
            Some(0.0),
            Some("the command says critical (exit status 2)"),
        );
        check(
            3,
            "UNKNOWN - no such disk",
            None,
            Some("UNKNOWN - no such disk"),
        );
        let odd = "exit status 127 means nothing in the plugin contract: sh: not found";
        check(127, "sh: not found", None, Some(odd));
    }

    #[test]
    fn long_output_and_figures_on_several_lines() {
        let out = "DISK OK|/=5GB;;;0;9\n/ is fine\n/var too|/var=3GB\n/srv=1GB";
        let output = PluginOutput::read(out);
        assert_eq!(
            (output.text, output.long.as_str()),
            ("DISK OK", "/ is fine\n/var too")
        );
        let labels: Vec<_> = perfdata(&output.perf)
            .into_iter()
            .map(|perf| perf.label)
            .collect();
        assert_eq!(labels, ["/", "/var", "/srv"]);
    }

    #[test]
    fn standard_error_speaks_when_standard_output_is_silent() {
        let ended = FinishedChild {
            end: ChildEnd::Code(2),
            out: Vec::new(),
            err: b"\nno route\nx".to_vec(),
        };
        assert_eq!(
            result(&ended).cause.map(|cause| cause.text).as_deref(),
            Some("no route")
        );
    }
}
