//! Writes what the panel shows to files in the person's folder for downloads. The page names no file,
//! and no file is overwritten.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use tauri::{AppHandle, Manager};
use up_engine::{ExportError, export_csv, export_json};
use up_history::Query;
use up_wire::{ExportFormat, PanelResponse};

use crate::asking::{check_span, routes};
use crate::path::check_path;
use crate::state::up;

/// The largest picture, in bytes of Base64.
const MAX_PICTURE: usize = 24 << 20;
/// The longest text that the page may have written, in bytes.
const MAX_TEXT: usize = 24 << 20;
/// What a PNG file begins with (RFC 2083, section 3.1).
const PNG: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// The longest part of a file's name that is taken from a path, in characters.
const MAX_STEM: usize = 80;
/// How many files of one name there may be.
const MAX_SAME: usize = 1_000;
/// How long an export may take.
const EXPORT_TIMEOUT: Duration = Duration::from_mins(10);

/// Writes every sample of a span.
pub(crate) async fn export(
    app: &AppHandle,
    path: String,
    (from, to): (f64, f64),
    format: ExportFormat,
) -> Result<PanelResponse, String> {
    check_path(&path)?;
    let (from, to) = check_span(from, to)?;
    let stores = up(app).view.read(|known| routes(known).stores(&path));
    let query = Query {
        path,
        from,
        to,
        most: 0,
    };
    let stem = stem(&query.path, (from, to), &TimeZone::system());
    let (file, target) = create(&folder(app)?, &stem, ending(format))?;
    let mut out = BufWriter::new(file);
    let written = async {
        match format {
            ExportFormat::Csv => export_csv(&stores, &query, &mut out).await,
            ExportFormat::Json => export_json(&stores, &query, &mut out).await,
        }
    };
    let written = tokio::time::timeout(EXPORT_TIMEOUT, written).await;
    let written = written.unwrap_or_else(|_| {
        let minutes = EXPORT_TIMEOUT.as_secs() / 60;
        let late = format!("it took longer than {minutes} minutes");
        Err(ExportError::Output(io::Error::other(late)))
    });
    saved(
        &target,
        written.map(drop).map_err(|error| error.to_string()),
    )
}

/// Writes a picture.
pub(crate) fn picture(
    app: &AppHandle,
    path: &str,
    (from, to): (f64, f64),
    png: &str,
) -> Result<PanelResponse, String> {
    check_path(path)?;
    let span = check_span(from, to)?;
    let bytes = decode(png)?;
    let stem = stem(path, span, &TimeZone::system());
    let (mut file, target) = create(&folder(app)?, &stem, "png")?;
    let written = file.write_all(&bytes).map_err(|error| error.to_string());
    saved(&target, written)
}

/// Writes a text that the page made of what it shows.
pub(crate) fn shown(
    app: &AppHandle,
    path: &str,
    (from, to): (f64, f64),
    format: ExportFormat,
    text: &str,
) -> Result<PanelResponse, String> {
    check_path(path)?;
    let span = check_span(from, to)?;
    if text.len() > MAX_TEXT {
        return Err("What is shown is too long for a file.".into());
    }
    let stem = stem(path, span, &TimeZone::system());
    let (mut file, target) = create(&folder(app)?, &stem, ending(format))?;
    let written = file.write_all(text.as_bytes());
    saved(&target, written.map_err(|error| error.to_string()))
}

const fn ending(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Json => "json",
    }
}

/// What is half written is removed.
fn saved(target: &Path, written: Result<(), String>) -> Result<PanelResponse, String> {
    match written {
        Ok(()) => Ok(PanelResponse::Saved(target.display().to_string())),
        Err(error) => {
            let _ = std::fs::remove_file(target);
            Err(format!("{} cannot be written: {error}", target.display()))
        }
    }
}

fn decode(png: &str) -> Result<Vec<u8>, String> {
    if png.len() > MAX_PICTURE {
        return Err("The picture is too large.".into());
    }
    let bytes = STANDARD.decode(png).ok();
    bytes
        .filter(|bytes| bytes.starts_with(&PNG))
        .ok_or_else(|| "This is no PNG file.".into())
}

/// The folder for downloads; the person's own folder where the system has none.
fn folder(app: &AppHandle) -> Result<PathBuf, String> {
    let places = [app.path().download_dir(), app.path().home_dir()];
    let mut found = places.into_iter().flatten();
    found
        .find(|place| place.is_dir())
        .ok_or_else(|| "There is no folder for downloads.".into())
}

/// A name such as `up Root-Web 2026-11-22 to 2026-11-23`: what of a path any file system accepts, and
/// the days of a span.
fn stem(path: &str, (from, to): (f64, f64), zone: &TimeZone) -> String {
    let plain = |c: char| {
        if c.is_alphanumeric() || c == '.' {
            c
        } else {
            '-'
        }
    };
    let name: String = path.chars().skip(1).map(plain).take(MAX_STEM).collect();
    let day = |date: f64| {
        Timestamp::from_second(date as i64)
            .map(|at| at.to_zoned(zone.clone()).date().to_string())
            .unwrap_or_default()
    };
    let (first, last) = (day(from), day(to));
    if first == last {
        format!("up {name} {first}")
    } else {
        format!("up {name} {first} to {last}")
    }
}

/// Creates a file of this name, or of one with a number.
fn create(folder: &Path, stem: &str, ending: &str) -> Result<(File, PathBuf), String> {
    for number in 1..=MAX_SAME {
        let name = match number {
            1 => format!("{stem}.{ending}"),
            _ => format!("{stem} ({number}).{ending}"),
        };
        let target = folder.join(name);
        match up_files::private::new_file(&target) {
            Ok(file) => return Ok((file, target)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => {
                return Err(format!("{} cannot be written: {error}", target.display()));
            }
        }
    }
    Err(format!(
        "There are {MAX_SAME} files “{stem}” in {} already.",
        folder.display()
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_named_for_what_it_holds() {
        let check = |path: &str, to: f64, expected: &str| {
            let noon = 1_795_348_800.0;
            assert_eq!(stem(path, (noon, noon + to), &TimeZone::UTC), expected);
        };
        check("/Root/Web shop", 60.0, "up Root-Web-shop 2026-11-22");
        check("/R/../x", 86_400.0, "up R-..-x 2026-11-22 to 2026-11-23");
        check("/R/Ünï:*?", 60.0, "up R-Ünï--- 2026-11-22");
        let long = format!("/{}", "x".repeat(500));
        check(&long, 60.0, &format!("up {} 2026-11-22", "x".repeat(80)));
    }

    #[test]
    fn no_file_is_overwritten() {
        let folder = tempfile::tempdir().expect("a folder");
        let name = |(_, path): (File, PathBuf)| {
            let name = path.file_name().expect("a name");
            name.to_string_lossy().into_owned()
        };
        let made: Vec<String> = (0..3)
            .map(|_| name(create(folder.path(), "up a", "csv").expect("created")))
            .collect();
        assert_eq!(made, ["up a.csv", "up a (2).csv", "up a (3).csv"]);
        assert!(create(&folder.path().join("none"), "up a", "csv").is_err());
    }

    #[test]
    fn a_picture_is_a_png_file() {
        let check = |png: &str, good: bool| assert_eq!(decode(png).is_ok(), good, "{png}");
        check(&STANDARD.encode([&PNG[..], b"rest"].concat()), true);
        check(&STANDARD.encode(b"<svg/>"), false);
        check("no base64!", false);
        check(&"A".repeat(MAX_PICTURE + 4), false);
    }

    #[test]
    fn what_is_half_written_is_removed() {
        let folder = tempfile::tempdir().expect("a folder");
        let (_, target) = create(folder.path(), "up a", "csv").expect("created");
        let said = saved(&target, Err("no space".into()));
        assert!(said.is_err_and(|text| text.ends_with("no space")));
        assert!(!target.exists(), "it is gone");
    }
}
