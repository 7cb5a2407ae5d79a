//! A history as comma-separated values: RFC 4180, with a header. Every sample is exported, however
//! many there are, and only some of them are held at a time.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::sync::Arc;

use up_engine::ExportError;
use up_history::{Point, Query, Store};

use crate::failure::CommandFailure;

/// The names of the columns of one path.
pub(super) const HEADER: &str = "date,status,duration,cause_code,cause\r\n";

/// Prints every sample of the query's span. A reader who closes the pipe has had enough.
pub(super) async fn export(
    stores: &[Arc<dyn Store>],
    query: &Query,
) -> Result<ExitCode, CommandFailure> {
    let mut out = BufWriter::new(io::stdout());
    let exported = async {
        out.write_all(HEADER.as_bytes())?;
        let fallback =
            up_engine::export_history(stores, query, |points| lines(&mut out, "", points)).await?;
        out.flush()?;
        Ok(fallback)
    };
    match exported.await {
        Ok(fallback) => {
            if let Some(fallback) = fallback {
                let _ = writeln!(io::stderr(), "{fallback}");
            }
        }
        Err(ExportError::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => {}
        Err(ExportError::Output(error)) => {
            return Err(CommandFailure::io("standard output")(error));
        }
        Err(ExportError::Store(error)) => return Err(error.into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// A line each, which begins with `start`; an unknown status is an empty field.
pub(super) fn lines(out: &mut impl Write, start: &str, points: &[Point]) -> io::Result<()> {
    for Point {
        date,
        status,
        duration,
        cause,
    } in points
    {
        let status = status.map(|status| status.to_string()).unwrap_or_default();
        let code = cause
            .as_ref()
            .and_then(|cause| cause.code)
            .map_or("", |code| code.code());
        let cause = cause.as_ref().map_or("", |cause| cause.text());
        write!(
            out,
            "{start}{date},{status},{duration},{code},{}\r\n",
            quoted(cause)
        )?;
    }
    Ok(())
}

/// A field in quotation marks where it needs them, and unable to be a spreadsheet's formula.
pub(super) fn quoted(field: &str) -> String {
    let guarded = if field.starts_with(['=', '+', '-', '@']) {
        format!("'{field}")
    } else {
        field.into()
    };
    if guarded.contains(['"', ',', '\r', '\n']) {
        format!("\"{}\"", guarded.replace('"', "\"\""))
    } else {
        guarded
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        let check = |field: &str, expected: &str| assert_eq!(quoted(field), expected);
        check("plain", "plain");
        check("a,b", "\"a,b\"");
        check("say \"up\"", "\"say \"\"up\"\"\"");
        check("=1+1", "'=1+1");
    }
}
