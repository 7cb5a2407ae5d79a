//! The mark in the lower right corner of the icon: Up itself has something to say, whatever the
//! sources are like. It is white, which no level is, and the two marks differ in shape.

use tiny_skia::{LineCap, LineJoin, PathBuilder, Pixmap, Stroke, Transform};

use super::super::look::IconMark;
use super::{PLATE, fill, paint, shapes};

/// The colour of a mark.
const WHITE: [u8; 3] = [0xff; 3];

/// Draws a mark over a drawn icon.
pub(super) fn draw(pixmap: &mut Pixmap, mark: IconMark) {
    let size = pixmap.width() as f32;
    let radius = (size * 0.2).max(3.25);
    let edge = (size / 20.0).max(1.0);
    // Part of the dark edge is beside the mark, too, where a light panel would swallow it.
    let middle = size - radius - edge / 2.0;
    let still = Transform::identity();
    // The dark edge separates the mark from the ring and from a number.
    let around = PathBuilder::from_circle(middle, middle, radius + edge);
    fill(pixmap, around, PLATE, still);
    match mark {
        IconMark::Muted => {
            fill(
                pixmap,
                PathBuilder::from_circle(middle, middle, radius),
                WHITE,
                still,
            );
            let reach = radius * 0.62;
            let slash = [
                (middle - reach, middle + reach),
                (middle + reach, middle - reach),
            ];
            stroke(pixmap, &slash, radius * 0.42);
        }
        IconMark::Config => {
            let (low, wide) = (middle + radius * 0.75, radius * 0.95);
            let top = middle - radius * 0.85;
            let corners = [
                (middle, top),
                (middle + wide, low),
                (middle - wide, low),
                (middle, top),
            ];
            fill(pixmap, shapes::through(corners), WHITE, still);
            let bar = [
                (middle, middle - radius * 0.3),
                (middle, middle + radius * 0.35),
            ];
            stroke(pixmap, &bar, radius * 0.32);
        }
    }
}

fn stroke(pixmap: &mut Pixmap, points: &[(f32, f32)], width: f32) {
    let stroke = Stroke {
        width,
        line_cap: LineCap::Butt,
        line_join: LineJoin::Round,
        ..Stroke::default()
    };
    if let Some(path) = shapes::through(points.iter().copied()) {
        let still = Transform::identity();
        pixmap.stroke_path(&path, &paint(PLATE), &stroke, still, None);
    }
}

#[cfg(test)]
mod tests {
    use super::super::{SIZES, contrast, rgba};
    use crate::tray::look::IconMark;

    #[test]
    fn a_mark_is_seen_in_every_size_and_tells_which_it_is() {
        for size in SIZES {
            for (name, look) in contrast::faces().into_iter().step_by(7) {
                let drawn = |mark| rgba(crate::tray::look::IconFace { mark, ..look }, size.into());
                let (plain, muted, config) = (
                    drawn(None),
                    drawn(Some(IconMark::Muted)),
                    drawn(Some(IconMark::Config)),
                );
                let differ = |a: &[u8], b: &[u8]| {
                    let pairs = a.as_chunks::<4>().0.iter().zip(b.as_chunks::<4>().0);
                    let apart = |(a, b): &(&[u8; 4], &[u8; 4])| {
                        (0..4).any(|part| a[part].abs_diff(b[part]) > 96)
                    };
                    pairs.filter(apart).count()
                };
                let least = usize::from(size) / 2;
                for (what, count) in [
                    ("muted", differ(&plain, &muted)),
                    ("config", differ(&plain, &config)),
                    ("which", differ(&muted, &config)),
                ] {
                    assert!(
                        count >= least,
                        "{what} on {name} at {size}: {count} pixels differ"
                    );
                }
            }
        }
    }
}
