//! The table of targets. Each crate or source type has a file.

mod control;
mod http;
mod kept;
mod pages;
mod plugins;
mod snmp;
mod streams;
mod texts;

use crate::FuzzTarget;

/// All targets.
pub fn all() -> impl Iterator<Item = &'static FuzzTarget> + Clone + Send {
    GROUPS.iter().copied().flatten()
}

/// The target with that name.
pub fn find(name: &str) -> Option<&'static FuzzTarget> {
    all().find(|target| target.name == name)
}

const GROUPS: &[&[FuzzTarget]] = &[
    streams::TARGETS,
    snmp::TARGETS,
    plugins::TARGETS,
    http::TARGETS,
    pages::TARGETS,
    kept::TARGETS,
    texts::TARGETS,
    control::TARGETS,
];

/// Seeds that are texts.
fn texts(all: &[&str]) -> Vec<Vec<u8>> {
    all.iter().map(|text| text.as_bytes().to_vec()).collect()
}

/// A BER element for seeds: tag, length, contents.
fn ber(tag: u8, contents: &[u8]) -> Vec<u8> {
    let mut element = vec![tag];
    match contents.len() {
        length @ 0..0x80 => element.push(length as u8),
        length => element.extend([0x82, (length >> 8) as u8, length as u8]),
    }
    element.extend(contents);
    element
}
