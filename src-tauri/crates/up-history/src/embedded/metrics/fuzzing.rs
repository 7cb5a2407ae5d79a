//! Ways in for the fuzz targets.

use super::pack::{MOST, MetricPack, pack, unpack};
use super::span::MetricSpan;
use crate::packing::seal;

/// A pack as it is written: a metric that varies, and one that does not.
pub fn packed_metrics() -> Vec<u8> {
    let mut spans = MetricPack::new();
    for slot in 0..12 {
        for (id, value) in [(3, 0.25), (40, f64::from(slot) - 5.0)] {
            let span: &mut MetricSpan = spans.entry((id, slot)).or_default();
            span.take(value);
            span.take(value * 2.0);
        }
    }
    pack(&spans)
}

/// Unpacks an hour and a day. The checksum is made right first, so that what stands before it is reached.
pub fn unpack_metrics(bytes: &[u8]) {
    let end = bytes.len().saturating_sub(4);
    let sealed = seal(bytes[..end].to_vec());
    for slots in [12, 24] {
        let Some(spans) = unpack(&sealed, slots) else {
            continue;
        };
        assert!(spans.len() <= MOST, "{} spans", spans.len());
        for (key, span) in &spans {
            let is_ordered = span.min <= span.mean && span.mean <= span.max;
            assert!(is_ordered && span.count > 0, "{key:?}: {span:?}");
        }
    }
}
