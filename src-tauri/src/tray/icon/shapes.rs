//! The glyphs in the middle of the icon, as paths around a middle at 0, 0.

use tiny_skia::{Path, PathBuilder};

use crate::tray::look::Glyph;

/// The radius of the circle that the glyphs are drawn into.
pub(super) const RADIUS: f32 = 5.0;

/// A polyline through these points.
pub(super) fn through(points: impl IntoIterator<Item = (f32, f32)>) -> Option<Path> {
    let mut points = points.into_iter();
    let (x, y) = points.next()?;
    let mut path = PathBuilder::new();
    path.move_to(x, y);
    for (x, y) in points {
        path.line_to(x, y);
    }
    path.finish()
}

/// The lines of a glyph, with their widths.
pub(super) fn strokes(glyph: Glyph) -> Vec<(Option<Path>, f32)> {
    const BOLD: f32 = 1.7;
    match glyph {
        Glyph::Up => vec![(through([(-2.5, 0.2), (-0.7, 2.0), (2.6, -2.1)]), BOLD)],
        Glyph::Down => vec![
            (through([(-2.2, -2.2), (2.2, 2.2)]), BOLD),
            (through([(2.2, -2.2), (-2.2, 2.2)]), BOLD),
        ],
        Glyph::Unknown => vec![(hook(), 1.6)],
        Glyph::Degraded | Glyph::Waiting | Glyph::Paused => Vec::new(),
        Glyph::Offline => vec![
            (PathBuilder::from_circle(0.0, 0.0, 2.8), 1.6),
            (through([(-4.0, 4.0), (4.0, -4.0)]), 1.6),
        ],
    }
}

/// The question mark without its dot.
fn hook() -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(-2.0, -1.6);
    path.cubic_to(-1.9, -2.9, -1.1, -3.5, 0.0, -3.5);
    path.cubic_to(1.2, -3.5, 2.1, -2.8, 2.1, -1.8);
    path.cubic_to(2.1, -0.3, 0.0, -0.4, 0.0, 1.0);
    path.finish()
}

/// The dots of a glyph.
pub(super) fn dots(glyph: Glyph) -> Vec<Option<Path>> {
    match glyph {
        Glyph::Unknown => vec![PathBuilder::from_circle(0.0, 3.4, 1.05)],
        Glyph::Waiting => [-3.0, 0.0, 3.0]
            .map(|x| PathBuilder::from_circle(x, 0.0, 1.15))
            .into(),
        _ => Vec::new(),
    }
}

/// The upright bars of a glyph: left, top, right, bottom. Their edges are rounded to whole pixels.
pub(super) fn bars(glyph: Glyph) -> &'static [[f32; 4]] {
    match glyph {
        Glyph::Degraded => &[[-3.6, -1.1, 3.6, 1.1]],
        Glyph::Paused => &[[-3.0, -3.3, -0.9, 3.3], [0.9, -3.3, 3.0, 3.3]],
        _ => &[],
    }
}

/// The pixels of a glyph for the smallest icons, where lines would blur.
pub(super) fn pixels(glyph: Glyph) -> Option<&'static str> {
    (glyph == Glyph::Down).then_some("##..##/.####./..##../..##../.####./##..##")
}
