//! What an exchange adds to a sample beside its status: HTTP facts, the certificate, the timing.

use up_core::Detail;

use super::address::shown;
use super::exchange::Hop;
use super::timing::HopTiming;

/// The detail of an exchange that ended at this hop.
pub(super) fn detail(hop: &Hop, record: &HopTiming) -> Detail {
    let mut detail = Detail::new();
    if let Some(status) = hop.status {
        detail.put("status", u32::from(status.as_u16()));
    }
    if let Some(version) = hop.version {
        detail.put("version", format!("{version:?}"));
    }
    if record.answered.is_some() {
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
    if !hop.before.is_empty() {
        detail.put("url", shown(&hop.url));
    }
    if let Some(certificate) = &record.certificate {
        detail.put("certificate_expires", certificate.expires as f64);
        detail.put("certificate_issuer", certificate.issuer.as_str());
    }
    let parts = record.parts();
    if !parts.is_empty() {
        detail.put("timing", parts);
    }
    detail
}
