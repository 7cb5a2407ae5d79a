//! The span of time that the arguments of a command name.

use up_core::Timestamp;

use crate::args::SpanArgs;
use crate::failure::CommandFailure;
use crate::time;

/// From when to when. Without a default, the span begins with the first sample.
pub(crate) fn read(
    args: &SpanArgs,
    default: Option<&str>,
) -> Result<(Timestamp, Timestamp), CommandFailure> {
    let from = match args.since.as_deref().or(default) {
        Some(text) => when("since", text)?,
        None => 0.0,
    };
    let to = match args.until.as_deref() {
        Some(text) => when("until", text)?,
        None => up_engine::clock::now(),
    };
    if from >= to {
        return Err(CommandFailure::Usage(
            "--since must be before --until".into(),
        ));
    }
    Ok((from, to))
}

/// The time that an argument names.
pub(crate) fn when(name: &str, text: &str) -> Result<Timestamp, CommandFailure> {
    time::parse(text, up_engine::clock::now()).ok_or_else(|| {
        CommandFailure::Usage(format!(
            "--{name} {text:?} is not a time: write a duration before now (\"7d\"), a date \
             (2026-11-22) or a time (2026-11-22T09:30)"
        ))
    })
}
