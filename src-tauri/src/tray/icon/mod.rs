//! Draws an [`IconFace`] as pixels in any size.
//!
//! Everything is drawn on a dark round plate, so that contrast does not depend on the panel behind
//! it. The plate stands out on a light panel, and the bright ring and disc on a dark one. A tray
//! host does not report its background, and the colours of panel and windows often differ.

mod digits;
mod mark;
mod shapes;

#[cfg(test)]
mod contrast;
#[cfg(test)]
mod ring;
#[cfg(test)]
mod sheet;

use tiny_skia::{
    Color, FillRule, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, Rect, Stroke, Transform,
};
use up_core::Colour;

use super::look::{Glyph, IconFace};

/// The sizes that tray hosts request, in pixels.
#[cfg(any(test, target_os = "linux"))]
pub(crate) const SIZES: [u16; 6] = [16, 22, 24, 32, 48, 64];

/// The colour of the plate, and of shapes that are cut out of the disc.
const PLATE: [u8; 3] = [0x17, 0x1a, 0x1f];
/// The colour of the part of the ring that is not filled.
const TRACK: [u8; 3] = [0x3c, 0x42, 0x4a];

/// A colour as red, green and blue.
pub(crate) const fn rgb(colour: Colour) -> [u8; 3] {
    match colour {
        Colour::Red => [0xff, 0x5a, 0x52],
        Colour::Yellow => [0xff, 0xc6, 0x2b],
        Colour::Green => [0x3d, 0xd1, 0x71],
        Colour::Grey => [0xaa, 0xb2, 0xbd],
    }
}

/// Below this size, glyphs and numbers are set pixel by pixel, as lines would blur.
const SMALLEST: u32 = 22;

/// The layout of the icon in one size: radii in pixels from the middle.
#[derive(Clone, Copy, Debug)]
struct IconLayout {
    /// The middle of the icon, from the left and from the top.
    middle: f32,
    /// The radius of the plate.
    plate: f32,
    /// The radius of the ring's middle line.
    ring: f32,
    /// The ring's width.
    width: f32,
    /// The radius of the space inside the ring.
    inside: f32,
}

impl IconLayout {
    fn of(size: u32) -> Self {
        let pixels = size as f32;
        let middle = pixels / 2.0;
        // The rim separates the ring from a light panel. It is wider than one pixel, or it would
        // blur.
        let rim = (pixels / 24.0).max(1.25);
        let width = pixels * 0.1;
        let ring = middle - rim - width / 2.0;
        // Small icons have no pixel to spare between the ring and the disc.
        let gap = if size < 32 { 0.0 } else { pixels / 32.0 };
        Self {
            middle,
            // The plate extends slightly over the edge, where a whole circle would leave
            // half-transparent pixels.
            plate: middle + 0.25,
            ring,
            width,
            inside: ring - width / 2.0 - gap,
        }
    }
}

/// The pixels of an icon of `size` × `size`, in rows from the top: red, green, blue, alpha, not
/// premultiplied. Empty when `size` is 0.
pub(crate) fn rgba(look: IconFace, size: u32) -> Vec<u8> {
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

fn draw(pixmap: &mut Pixmap, look: IconFace) {
    draw_state(pixmap, look);
    if let Some(mark) = look.mark {
        mark::draw(pixmap, mark);
    }
}

fn draw_state(pixmap: &mut Pixmap, look: IconFace) {
    let size = pixmap.width();
    let layout = IconLayout::of(size);
    let IconLayout { middle, ring, .. } = layout;
    let circle = |radius| PathBuilder::from_circle(middle, middle, radius);
    let bright = rgb(look.colour);
    let still = Transform::identity();
    fill(pixmap, circle(layout.plate), PLATE, still);
    line(
        pixmap,
        circle(ring),
        TRACK,
        layout.width,
        LineCap::Butt,
        still,
    );
    let share = visible_share(look.filled, ring);
    line(
        pixmap,
        arc(layout, share),
        bright,
        layout.width,
        LineCap::Butt,
        still,
    );
    let solid = matches!(look.glyph, Glyph::Up | Glyph::Down);
    if solid {
        fill(pixmap, circle(layout.inside), bright, still);
    }
    let ink = if solid { PLATE } else { bright };
    if look.down > 0 {
        digits::draw(pixmap, look.down, layout, ink);
        return;
    }
    if let Some(sign) = shapes::pixels(look.glyph).filter(|_| size < SMALLEST) {
        digits::set_signs(pixmap, &[sign], layout, ink);
        return;
    }
    let scale = layout.inside / shapes::RADIUS;
    let placed = Transform::from_row(scale, 0.0, 0.0, scale, middle, middle);
    for (path, width) in shapes::strokes(look.glyph) {
        line(pixmap, path, ink, width, LineCap::Round, placed);
    }
    for path in shapes::dots(look.glyph) {
        fill(pixmap, path, ink, placed);
    }
    for bar in shapes::bars(look.glyph) {
        let [left, top, right, bottom] = bar.map(|edge| middle + (edge * scale).round());
        let bar = Rect::from_ltrb(left, top, right, bottom);
        fill(pixmap, bar.map(PathBuilder::from_rect), ink, still);
    }
}

fn fill(pixmap: &mut Pixmap, path: Option<Path>, colour: [u8; 3], at: Transform) {
    if let Some(path) = path {
        pixmap.fill_path(&path, &paint(colour), FillRule::Winding, at, None);
    }
}

fn line(
    pixmap: &mut Pixmap,
    path: Option<Path>,
    colour: [u8; 3],
    width: f32,
    line_cap: LineCap,
    at: Transform,
) {
    if let Some(path) = path {
        let stroke = Stroke {
            width,
            line_cap,
            line_join: LineJoin::Round,
            ..Stroke::default()
        };
        pixmap.stroke_path(&path, &paint(colour), &stroke, at, None);
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

/// The share of a ring of this radius to draw. It is exact, except that a ring which is neither
/// full nor empty has nearly a pixel filled, and nearly a pixel not.
fn visible_share(filled: u16, radius: f32) -> f32 {
    let pixel = 0.85 / (radius * std::f32::consts::TAU);
    match filled {
        0 => 0.0,
        1000.. => 1.0,
        filled => (f32::from(filled) / 1000.0).clamp(pixel, 1.0 - pixel),
    }
}

/// An arc of the ring, clockwise from the top.
fn arc(IconLayout { middle, ring, .. }: IconLayout, share: f32) -> Option<Path> {
    if share <= 0.0 {
        return None;
    }
    if share >= 1.0 {
        return PathBuilder::from_circle(middle, middle, ring);
    }
    // Short chords are indistinguishable from the curve at 64 pixels.
    let steps = (share * 72.0).ceil().max(1.0);
    shapes::through((0..=(steps as u16)).map(|step| {
        let turn = share * f32::from(step) / steps * std::f32::consts::TAU;
        (middle + ring * turn.sin(), middle - ring * turn.cos())
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_not_premultiplied_and_corners_are_clear() {
        let look = IconFace {
            glyph: Glyph::Down,
            colour: Colour::Red,
            filled: 0,
            down: 0,
            mark: None,
        };
        for size in SIZES {
            let pixels = rgba(look, size.into());
            assert_eq!(pixels.len(), usize::from(size).pow(2) * 4);
            assert_eq!(pixels[3], 0, "the corner is clear at {size}");
        }
        assert_eq!(rgba(look, 0), [] as [u8; 0]);
        let pixels = rgba(look, 64);
        let left = ((32 * 64) + 16) * 4;
        assert_eq!(
            pixels[left..left + 4],
            [0xff, 0x5a, 0x52, 0xff],
            "the disc has its colour"
        );
    }
}
