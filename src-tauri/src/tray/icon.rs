//! Draws a [`Look`] as pixels.
//!
//! Everything stands on a dark round plate, so that contrast does not depend on the panel behind:
//! the plate is what a light panel shows, the bright disc and ring on it what a dark one does.

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, Transform,
};
use up_core::Colour;

use super::face::{Glyph, Look};

/// The sizes that tray hosts ask for, in pixels.
#[cfg(any(test, target_os = "linux"))]
pub(crate) const SIZES: [u16; 6] = [16, 22, 24, 32, 48, 64];

/// The plate, and the glyph that is cut into the disc.
const PLATE: [u8; 3] = [0x17, 0x1a, 0x1f];
/// The part of the ring that is not filled.
const TRACK: [u8; 3] = [0x4a, 0x50, 0x59];

/// The middle of the drawing, which is a square of 16 units.
const MIDDLE: f32 = 8.0;
/// The ring's middle line and width.
const RING: (f32, f32) = (6.75, 1.5);
/// The disc's radius.
const DISC: f32 = 5.0;

/// A colour as red, green and blue.
pub(crate) const fn rgb(colour: Colour) -> [u8; 3] {
    match colour {
        Colour::Red => [0xff, 0x5a, 0x52],
        Colour::Yellow => [0xff, 0xc6, 0x2b],
        Colour::Green => [0x3d, 0xd1, 0x71],
        Colour::Grey => [0xaa, 0xb2, 0xbd],
    }
}

/// The pixels of a look, `size` × `size`, in rows from the top: red, green, blue, alpha, not
/// premultiplied. Empty when `size` is 0.
pub(crate) fn rgba(look: Look, size: u32) -> Vec<u8> {
    let Some(mut pixmap) = Pixmap::new(size, size) else {
        return Vec::new();
    };
    draw(&mut pixmap, look);
    pixmap
        .pixels()
        .iter()
        .flat_map(|pixel| {
            let pixel = pixel.demultiply();
            [pixel.red(), pixel.green(), pixel.blue(), pixel.alpha()]
        })
        .collect()
}

fn draw(pixmap: &mut Pixmap, look: Look) {
    let scale = pixmap.width() as f32 / 16.0;
    let at = Transform::from_scale(scale, scale);
    let bright = rgb(look.colour);
    let fill = |pixmap: &mut Pixmap, path: Option<Path>, colour| {
        if let Some(path) = path {
            pixmap.fill_path(&path, &paint(colour), FillRule::Winding, at, None);
        }
    };
    let line = |pixmap: &mut Pixmap, path: Option<Path>, colour, width, cap| {
        if let Some(path) = path {
            let stroke = Stroke {
                width,
                line_cap: cap,
                line_join: LineJoin::Round,
                ..Stroke::default()
            };
            pixmap.stroke_path(&path, &paint(colour), &stroke, at, None);
        }
    };
    fill(
        pixmap,
        PathBuilder::from_circle(MIDDLE, MIDDLE, MIDDLE - 0.05),
        PLATE,
    );
    let (radius, width) = RING;
    line(
        pixmap,
        PathBuilder::from_circle(MIDDLE, MIDDLE, radius),
        TRACK,
        width,
        LineCap::Butt,
    );
    line(
        pixmap,
        arc(radius, visible_share(look.filled)),
        bright,
        width,
        LineCap::Butt,
    );
    fill(
        pixmap,
        PathBuilder::from_circle(MIDDLE, MIDDLE, DISC),
        bright,
    );
    for (path, width) in strokes(look.glyph) {
        line(pixmap, path, PLATE, width, LineCap::Round);
    }
    for path in dots(look.glyph) {
        fill(pixmap, path, PLATE);
    }
}

fn paint([red, green, blue]: [u8; 3]) -> Paint<'static> {
    let mut paint = Paint {
        anti_alias: true,
        ..Paint::default()
    };
    paint.set_color(Color::from_rgba8(red, green, blue, 255));
    paint
}

/// The share of the ring to draw: a sliver more or less than true where the eye would otherwise
/// see a full or an empty ring that is neither.
fn visible_share(filled: u16) -> f32 {
    match filled {
        0 => 0.0,
        1000.. => 1.0,
        filled => (f32::from(filled) / 1000.0).clamp(0.06, 0.92),
    }
}

/// An arc from the top, clockwise.
fn arc(radius: f32, share: f32) -> Option<Path> {
    if share <= 0.0 {
        return None;
    }
    if share >= 1.0 {
        return PathBuilder::from_circle(MIDDLE, MIDDLE, radius);
    }
    // Short chords are indistinguishable from the curve at 64 pixels.
    let steps = (share * 72.0).ceil().max(1.0);
    through((0..=(steps as u16)).map(|step| {
        let turn = share * f32::from(step) / steps * std::f32::consts::TAU;
        (MIDDLE + radius * turn.sin(), MIDDLE - radius * turn.cos())
    }))
}

/// A line through these points.
fn through(points: impl IntoIterator<Item = (f32, f32)>) -> Option<Path> {
    let mut points = points.into_iter();
    let (x, y) = points.next()?;
    let mut path = PathBuilder::new();
    path.move_to(x, y);
    for (x, y) in points {
        path.line_to(x, y);
    }
    path.finish()
}

/// What of a glyph is drawn as lines, with their widths.
fn strokes(glyph: Glyph) -> Vec<(Option<Path>, f32)> {
    const BOLD: f32 = 1.7;
    match glyph {
        Glyph::Up => vec![(through([(5.5, 8.3), (7.3, 10.1), (10.6, 6.0)]), BOLD)],
        Glyph::Degraded => vec![(through([(5.4, 8.0), (10.6, 8.0)]), BOLD + 0.3)],
        Glyph::Down => vec![
            (through([(5.9, 5.9), (10.1, 10.1)]), BOLD),
            (through([(10.1, 5.9), (5.9, 10.1)]), BOLD),
        ],
        Glyph::Unknown => vec![(hook(), 1.5)],
        Glyph::Waiting => Vec::new(),
        Glyph::Paused => vec![
            (through([(6.5, 6.0), (6.5, 10.0)]), BOLD),
            (through([(9.5, 6.0), (9.5, 10.0)]), BOLD),
        ],
        Glyph::Offline => vec![
            (PathBuilder::from_circle(MIDDLE, MIDDLE, 2.6), 1.3),
            (through([(4.9, 11.1), (11.1, 4.9)]), 1.3),
        ],
    }
}

/// The question mark without its dot.
fn hook() -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(6.2, 6.5);
    path.cubic_to(6.3, 5.3, 7.1, 4.8, 8.0, 4.8);
    path.cubic_to(9.1, 4.8, 9.9, 5.5, 9.9, 6.4);
    path.cubic_to(9.9, 7.7, 8.0, 7.7, 8.0, 9.0);
    path.finish()
}

/// What of a glyph is drawn as dots.
fn dots(glyph: Glyph) -> Vec<Option<Path>> {
    match glyph {
        Glyph::Unknown => vec![PathBuilder::from_circle(8.0, 11.1, 0.95)],
        Glyph::Waiting => [5.3, 8.0, 10.7]
            .map(|x| PathBuilder::from_circle(x, 8.0, 0.95))
            .into(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    const GLYPHS: [Glyph; 7] = [
        Glyph::Up,
        Glyph::Degraded,
        Glyph::Down,
        Glyph::Unknown,
        Glyph::Waiting,
        Glyph::Paused,
        Glyph::Offline,
    ];

    /// Relative luminance (WCAG 2.2).
    fn luminance(rgb: [u8; 3]) -> f64 {
        let [r, g, b] = rgb.map(|part| {
            let part = f64::from(part) / 255.0;
            if part <= 0.040_45 {
                part / 12.92
            } else {
                ((part + 0.055) / 1.055).powf(2.4)
            }
        });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(a: [u8; 3], b: [u8; 3]) -> f64 {
        let (a, b) = (luminance(a), luminance(b));
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    #[test]
    fn something_stands_out_on_every_panel() {
        for panel in [
            [255; 3], [0xf0; 3], [0xe0; 3], [0x35; 3], [0x2b; 3], [0x1a; 3], [0; 3],
        ] {
            for colour in [Colour::Red, Colour::Yellow, Colour::Green, Colour::Grey] {
                let bright = rgb(colour);
                let seen = contrast(bright, panel).max(contrast(PLATE, panel));
                assert!(seen >= 3.0, "{colour:?} on {panel:?}: {seen}");
                assert!(
                    contrast(bright, PLATE) >= 3.0,
                    "the glyph is cut into {colour:?}"
                );
                assert!(
                    contrast(bright, TRACK) >= 2.4,
                    "{colour:?} is told from the track"
                );
            }
        }
    }

    #[test]
    fn shapes_differ_without_their_colour() {
        for size in SIZES {
            let drawn: HashSet<Vec<u8>> = GLYPHS
                .into_iter()
                .map(|glyph| {
                    rgba(
                        Look {
                            glyph,
                            colour: Colour::Grey,
                            filled: 500,
                        },
                        size.into(),
                    )
                })
                .collect();
            assert_eq!(drawn.len(), GLYPHS.len(), "at {size} pixels");
        }
    }

    #[test]
    fn the_ring_tells_nearly_from_wholly() {
        let drawn = |filled| {
            rgba(
                Look {
                    glyph: Glyph::Up,
                    colour: Colour::Green,
                    filled,
                },
                16,
            )
        };
        assert_ne!(drawn(999), drawn(1000));
        assert_ne!(drawn(1), drawn(0));
        assert_ne!(drawn(250), drawn(750));
    }

    #[test]
    fn pixels_are_not_premultiplied_and_corners_are_clear() {
        let look = Look {
            glyph: Glyph::Down,
            colour: Colour::Red,
            filled: 0,
        };
        for size in SIZES {
            let pixels = rgba(look, size.into());
            assert_eq!(pixels.len(), usize::from(size).pow(2) * 4);
            assert_eq!(pixels[3], 0, "the corner is clear at {size}");
        }
        let pixels = rgba(look, 64);
        let left = ((32 * 64) + 13) * 4;
        assert_eq!(
            pixels[left..left + 4],
            [0xff, 0x5a, 0x52, 0xff],
            "the disc has its colour"
        );
    }

    /// With `UP_FACES=FILE.png`, also leaves a sheet of all faces to look at: every glyph and
    /// size on a dark and a light panel.
    #[test]
    fn every_face_can_be_drawn_on_one_sheet() {
        const COLOURS: [Colour; 7] = [
            Colour::Green,
            Colour::Yellow,
            Colour::Red,
            Colour::Grey,
            Colour::Grey,
            Colour::Grey,
            Colour::Grey,
        ];
        let width: u16 = SIZES.iter().map(|size| size + 12).sum();
        let sheet_of = |width: u16, height: u16| {
            Pixmap::new(width.into(), height.into()).expect("a sheet has a size")
        };
        let put = |on: &mut Pixmap, what: &Pixmap, x: u16, y: u16| {
            let (paint, at) = (tiny_skia::PixmapPaint::default(), Transform::identity());
            on.draw_pixmap(x.into(), y.into(), what.as_ref(), &paint, at, None);
        };
        let mut sheet = sheet_of(width * 2, 76 * 7);
        for (panel, grey) in [(0, 0x2b_u8), (1, 0xee)] {
            let mut around = sheet_of(width, 76 * 7);
            around.fill(Color::from_rgba8(grey, grey, grey, 255));
            let rows = GLYPHS
                .into_iter()
                .zip(COLOURS)
                .zip([1000, 667, 100, 0, 0, 0, 0]);
            for (row, ((glyph, colour), filled)) in (0..).zip(rows) {
                let mut x = 6;
                for size in SIZES {
                    let mut icon = sheet_of(size, size);
                    draw(
                        &mut icon,
                        Look {
                            glyph,
                            colour,
                            filled,
                        },
                    );
                    put(&mut around, &icon, x, 76 * row + (76 - size) / 2);
                    x += size + 12;
                }
            }
            put(&mut sheet, &around, panel * width, 0);
        }
        if let Some(file) = std::env::var_os("UP_FACES") {
            sheet.save_png(file).expect("the sheet can be written");
        }
    }
}
