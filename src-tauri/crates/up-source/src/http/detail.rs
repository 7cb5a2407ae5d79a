//! The detail of a sample of an HTTP exchange: status, version, bytes, address, certificate and
//! timing of its last hop.

use up_core::Detail;

use super::address::shown;
use super::exchange::Hop;
use super::timing::HopTiming;

/// The detail of an exchange that ended at `hop`. Durations are in seconds, dates are Unix time.
pub(super) fn of(hop: &Hop, record: &HopTiming) -> Detail {
    let mut detail = Detail::new();
    if let Some(status) = hop.status {
        detail.put("status", u32::from(status.as_u16()));
    }
    if let Some(version) = hop.version {
        detail.put("version", format!("{version:?}"));
    }
    if record.answered.is_some() && !hop.unread {
        detail.put("bytes", hop.bytes as f64);
    }
    if let Some(remote) = hop.remote {
        detail.put("remote", remote.to_string());
    }
    if record.kept().is_some() {
        detail.put("kept_alive", true);
    }
    if hop.unclosed {
        detail.put("tls_closed", false);
    }
    if !hop.visited.is_empty() {
        detail.put("url", shown(&hop.url));
    }
    if let Some(certificate) = &record.tls.certificate {
        detail.put("certificate_expires", certificate.expires as f64);
        detail.put("certificate_issuer", certificate.issuer.as_str());
    }
    let parts = record.parts();
    if !parts.is_empty() {
        detail.put("timing", parts);
    }
    detail
}
