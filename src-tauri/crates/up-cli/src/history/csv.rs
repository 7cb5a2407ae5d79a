//! A history as comma-separated values.

use std::io::{self, BufWriter, Write};
use std::process::ExitCode;
use std::sync::Arc;

use up_engine::ExportError;
use up_history::{Query, Store};

use crate::failure::CommandFailure;

/// Prints every sample of the query's span. A reader who closes the pipe has had enough.
pub(super) async fn export(
    stores: &[Arc<dyn Store>],
    query: &Query,
) -> Result<ExitCode, CommandFailure> {
    let mut out = BufWriter::new(io::stdout());
    match up_engine::export_csv(stores, query, &mut out).await {
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
