//! Entry points for the fuzz targets.

use futures_util::FutureExt as _;
use tokio::io::{join, sink};
use up_core::CheckResult;

use super::StartTls;
use crate::net::tls::certificate::{Certificate, MOST_NAMES};

/// Reads all that Up reads of a certificate.
pub fn certificate(der: &[u8]) {
    if let Some(certificate) = Certificate::read(der) {
        assert!(certificate.names.len() <= MOST_NAMES, "{certificate:?}");
        let _ = super::validity::judge(certificate.expires, 0, 14);
    }
}

/// A STARTTLS dialogue with a server that sends `sent` and then closes.
pub fn starttls(protocol: StartTls, sent: &[u8]) -> CheckResult {
    let mut stream = join(sent, sink());
    let agreed = protocol.start_over(&mut stream, None, "peer:25");
    match agreed.now_or_never() {
        Some(Ok(())) => CheckResult::up(),
        Some(Err(fault)) => fault.check_result(),
        None => unreachable!("what is in memory is never waited for"),
    }
}
