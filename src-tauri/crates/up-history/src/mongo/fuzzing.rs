//! A way in for the fuzz targets.

use bson::raw::RawDocument;

use super::document;
use crate::downsample::{Spans, Thinner, in_order};

/// Documents of a database, one after the other, as samples and as notes.
pub fn document(mut bytes: &[u8]) {
    const MOST: usize = 8;
    let mut samples = Vec::new();
    while let Some(length) = bytes
        .first_chunk()
        .map(|length| u32::from_le_bytes(*length))
    {
        let Some((one, rest)) = bytes.split_at_checked(length.max(4) as usize) else {
            break;
        };
        bytes = rest;
        if let Ok(document) = RawDocument::from_bytes(one) {
            samples.extend(document::sample(document));
            let _ = document::note(document);
        }
    }
    in_order(&mut samples);
    let mut thinner = Thinner::new(Spans::new(0.0, 3_600.0, MOST), MOST);
    for sample in samples {
        assert!(
            sample
                .status
                .is_none_or(|status| (0.0..=1.0).contains(&status)),
            "{sample:?}"
        );
        thinner.take(sample);
    }
    assert!(thinner.finish().len() <= MOST);
}
