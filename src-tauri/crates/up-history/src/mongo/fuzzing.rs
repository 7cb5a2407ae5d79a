//! A way in for the fuzz targets.

use std::collections::BTreeMap;

use bson::raw::RawDocument;

use super::agents::contact;
use super::changes::change;
use super::fleet::FleetReport;
use super::{document, fleet, notes};
use crate::downsample::{Spans, Thinner, in_order};

/// Documents of a database, one after the other.
fn documents(mut bytes: &[u8]) -> impl Iterator<Item = &RawDocument> {
    std::iter::from_fn(move || {
        loop {
            let length = bytes
                .first_chunk()
                .map(|length| u32::from_le_bytes(*length))?;
            let (one, rest) = bytes.split_at_checked(length.max(4) as usize)?;
            bytes = rest;
            if let Ok(document) = RawDocument::from_bytes(one) {
                return Some(document);
            }
        }
    })
}

/// What a server answers about a fleet, as the report that is made of it.
pub fn fleet(bytes: &[u8]) -> FleetReport {
    let mut report = FleetReport {
        now: 1.8e9,
        ..FleetReport::default()
    };
    let mut latest = BTreeMap::new();
    for document in documents(bytes) {
        report.agents.extend(contact(document));
        if let Some(sample) = fleet::sample(document) {
            fleet::take(&mut latest, sample);
        }
        if let Some(change) = change(document) {
            assert!(
                change
                    .status
                    .is_none_or(|status| (0.0..=1.0).contains(&status))
            );
        }
    }
    report.latest = latest.into_values().collect();
    report
}

/// Documents of a database, one after the other, as samples and as notes.
pub fn document(bytes: &[u8]) {
    const MOST: usize = 8;
    let mut samples = Vec::new();
    for document in documents(bytes) {
        samples.extend(document::sample(document));
        let _ = notes::read(document);
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
